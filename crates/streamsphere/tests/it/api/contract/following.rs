//! Sections 6 and 7: subscriptions, the feed, playlists.

use serde_json::json;

use super::{assert_items, enveloped, gives, has_cursors, is_array, is_bounded};
use crate::kit;
use crate::kit::rows::{add, row};

#[tokio::test(flavor = "multi_thread")]
async fn subscriptions_say_the_same_under_both_names() {
    let site = kit::site().await;
    let (asha, bela) = (site.person("asha").await, site.person("bela").await);
    let chandra = site.person("chandra").await;
    add(&site, &[row(&site, &asha, "One")]).await;
    let channel = format!("/api/v1/subscriptions/c/{}", asha.id);
    for subscribed in [true, false] {
        let standing = gives(bela.post(&channel, &json!({})).await, 200, "standing");
        assert_eq!(standing["subscribed"], subscribed);
        assert_eq!(standing["isSubscribed"], subscribed);
        assert_eq!(standing["subscribersCount"], i32::from(subscribed));
    }
    for _ in 0..2 {
        let standing = gives(bela.put(&channel).await, 200, "standing");
        assert_eq!(
            (&standing["subscribed"], &standing["subscribersCount"]),
            (&json!(true), &json!(1))
        );
    }
    gives(chandra.put(&channel).await, 200, "standing");
    gives(
        bela.put(&format!("/api/v1/subscriptions/c/{}", chandra.id)).await,
        200,
        "standing",
    );
    for call in ["POST", "PUT"] {
        let own = asha.request(call.parse().unwrap(), &channel);
        kit::answer(own).await.is(400);
    }
    let of_bela = format!("/api/v1/subscriptions/u/{}", bela.id);
    for person in [&asha, &bela, &site.anyone()] {
        is_array(person, &channel, "_id:id subscriber:owner createdAt:time").await;
        let all = enveloped(person.get(&of_bela).await, 200);
        assert_items(
            &all,
            "_id:id channel:owner latestVideo:any createdAt:time",
            "followed",
        );
    }
    is_array(
        &chandra,
        &of_bela,
        "_id:id channel:owner latestVideo:seen_video? createdAt:time",
    )
    .await;
    is_array(
        &site.anyone(),
        &of_bela,
        "_id:id channel:owner latestVideo:video? createdAt:time",
    )
    .await;
    let hides = json!({"subscriptionsHidden": true});
    bela.patch("/api/v1/users/update-account", &hides).await.is(200);
    for person in [&asha, &site.anyone()] {
        person.get(&of_bela).await.is(403);
    }
    bela.get(&of_bela).await.is(200);
    for _ in 0..2 {
        let standing = gives(bela.delete(&channel).await, 200, "standing");
        assert_eq!(
            (&standing["subscribed"], &standing["subscribersCount"]),
            (&json!(false), &json!(1))
        );
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_feed_is_a_cursor_list_of_videos_and_tweets() {
    let site = kit::site().await;
    let (asha, bela) = (site.person("asha").await, site.person("bela").await);
    bela.put(&format!("/api/v1/subscriptions/c/{}", asha.id))
        .await
        .is(200);
    let feed = "/api/v1/feed/subscriptions";
    assert_eq!(
        enveloped(bela.get(feed).await, 200),
        json!({"items": [], "nextCursor": null})
    );
    add(&site, &[row(&site, &asha, "One")]).await;
    has_cursors(&bela, feed, "", "type:text video:seen_video").await;
    asha.tweets("Hello").await;
    has_cursors(&bela, feed, "", "type:text tweet:tweet").await;
    is_bounded(&bela, feed, 100).await;
    let kinds = enveloped(bela.get(feed).await, 200);
    let kinds: Vec<_> = kinds["items"]
        .as_array()
        .unwrap()
        .iter()
        .map(|item| &item["type"])
        .collect();
    assert_eq!(kinds, ["tweet", "video"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn playlists_are_made_filled_ordered_and_removed() {
    let site = kit::site().await;
    let (asha, bela, anyone) = (
        site.person("asha").await,
        site.person("bela").await,
        site.anyone(),
    );
    let rows = [row(&site, &asha, "One"), row(&site, &asha, "Two")];
    add(&site, &rows).await;
    let all = "/api/v1/playlist";
    let words = json!({"name": "A list", "description": "Words", "visibility": "public"});
    let made = gives(asha.post(all, &words).await, 201, "playlist");
    gives(asha.post(all, &json!({"name": "Another"})).await, 201, "playlist");
    let id = made["_id"].as_str().unwrap().to_owned();
    let one = format!("{all}/{id}");
    for row in &rows {
        let add = format!("{all}/add/{}/{id}", row.id);
        bela.patch(&add, &json!({})).await.is(403);
        let first = gives(
            asha.patch(&add, &json!({})).await,
            200,
            "playlist videos:[own_video]",
        );
        let again = gives(
            asha.patch(&add, &json!({})).await,
            200,
            "playlist videos:[own_video]",
        );
        assert_eq!(first["videos"], again["videos"], "already there");
    }
    gives(asha.get(&one).await, 200, "playlist videos:[own_video]");
    gives(bela.get(&one).await, 200, "playlist videos:[seen_video]");
    let shown = gives(anyone.get(&one).await, 200, "playlist videos:[video]");
    assert_eq!(
        (&shown["totalVideos"], &shown["totalDuration"]),
        (&json!(2), &json!(2.0))
    );
    is_array(&anyone, &format!("{all}/user/{}", asha.id), "playlist").await;

    let order = format!("{one}/order");
    let moved = json!({"videoId": rows[1].id.to_string(), "before": rows[0].id.to_string()});
    let moved_list = gives(
        asha.patch(&order, &moved).await,
        200,
        "playlist videos:[own_video]",
    );
    assert_eq!(moved_list["videos"][0]["title"], "Two");
    let back = json!({"videoId": rows[1].id.to_string(), "after": rows[0].id.to_string()});
    gives(
        asha.patch(&order, &back).await,
        200,
        "playlist videos:[own_video]",
    );
    bela.patch(&order, &back).await.is(403);
    asha.patch(&order, &json!({})).await.is(400);

    gives(
        asha.patch(&one, &json!({"name": "Renamed"})).await,
        200,
        "playlist",
    );
    bela.patch(&one, &json!({"name": "Mine"})).await.is(403);
    for wrong in [json!({}), json!({"name": " "}), json!({"visibility": "secret"})] {
        asha.patch(&one, &wrong).await.is(400);
        asha.post(all, &wrong).await.is(400);
    }
    for (row, call) in rows.iter().zip(["PATCH", "DELETE"]) {
        let path = format!("{all}/remove/{}/{id}", row.id);
        kit::answer(bela.request(call.parse().unwrap(), &path))
            .await
            .is(403);
        let removed = kit::answer(asha.request(call.parse().unwrap(), &path)).await;
        gives(removed, 200, "playlist");
    }
    bela.delete(&one).await.is(403);
    assert_eq!(enveloped(asha.delete(&one).await, 200), json!({}));
    asha.delete(&one).await.is(404);
}

#[tokio::test(flavor = "multi_thread")]
async fn everyone_has_a_list_of_what_to_watch_later() {
    let site = kit::site().await;
    let (asha, bela) = (site.person("asha").await, site.person("bela").await);
    let video = row(&site, &asha, "One");
    add(&site, std::slice::from_ref(&video)).await;
    let later = "/api/v1/playlist/watch-later";
    for person in [&asha, &bela] {
        let list = gives(person.get(later).await, 200, "playlist");
        assert_eq!(list["owner"]["_id"], json!(person.id));
    }
    let add = format!("/api/v1/playlist/add/{}/watch-later", video.id);
    gives(
        bela.patch(&add, &json!({})).await,
        200,
        "playlist videos:[seen_video]",
    );
    gives(bela.get(later).await, 200, "playlist videos:[seen_video]");
    assert!(site.anyone().get(later).await.status >= 400, "nobody's");
}
