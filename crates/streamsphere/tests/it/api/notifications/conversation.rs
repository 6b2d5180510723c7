//! What people are told of comments, replies, likes and tweets, in the list and while they listen.

use model::likes::Target;
use model::{LikeId, UserId};
use serde_json::{Value, json};

use super::{LIST, follows, kinds, told, unread};
use crate::kit::listener::{Listener, rings};
use crate::kit::{self, Site, clips};

#[tokio::test(flavor = "multi_thread")]
async fn the_owner_is_told_of_comments_and_the_author_of_replies_each_once() {
    let site = kit::site().await;
    let (asha, bela, chen) = (
        site.person("asha").await,
        site.person("bela").await,
        site.person("chen").await,
    );
    let video = asha.publishes(&clips::small(), &[]).await;
    asha.post(super::READ, &json!({})).await.is(200);
    let mut listener = Listener::on(&asha).await;

    let long = "ü".repeat(300);
    let comment = bela.comments(&video, &long).await;
    let event = listener.waits_for("notification.created").await.data;
    assert_eq!(
        (&event["kind"], &event["comment"], &event["actor"]),
        (&json!("comment"), &json!(comment), &json!(bela.id))
    );
    let item = asha.get(LIST).await.is(200).at("/data/items/0");
    assert_eq!(
        (&item["kind"], &item["actor"]["username"], &item["video"]["_id"]),
        (&json!("comment"), &json!("bela"), &json!(video))
    );
    assert_eq!(
        item["comment"],
        json!({"_id": comment, "content": "ü".repeat(200)})
    );

    // The owner answers: only the author of the comment is told. Somebody answers that: the owner, of a reply.
    let reply = asha.replies(&video, &comment, "Thank you").await;
    assert_eq!(kinds(&bela).await, ["reply"]);
    let answer = chen.replies(&video, &reply, "Me too").await;
    assert_eq!(kinds(&asha).await[..2], ["reply", "comment"]);
    assert_eq!(kinds(&bela).await, ["reply"]);
    // Somebody answers the comment: its author is told of a reply, the owner of a comment.
    chen.replies(&video, &comment, "Hello").await;
    assert_eq!(kinds(&asha).await[..3], ["comment", "reply", "comment"]);
    assert_eq!(kinds(&bela).await, ["reply", "reply"]);
    assert_eq!(told(&chen).await, (vec![], 0), "nobody is told what they did");

    let before = unread(&asha).await;
    chen.delete(&format!("/api/v1/comments/c/{answer}")).await.is(200);
    assert_eq!(unread(&asha).await, before - 1, "what is gone is not told");
    bela.delete(&format!("/api/v1/comments/c/{comment}"))
        .await
        .is(200);
    assert_eq!(told(&bela).await, (vec![], 0), "with its thread");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_reply_under_a_video_that_is_hidden_now_is_not_told() {
    let site = kit::site().await;
    let (asha, bela) = (site.person("asha").await, site.person("bela").await);
    let video = asha.publishes(&clips::small(), &[]).await;
    let comment = bela.comments(&video, "First").await;
    asha.replies(&video, &comment, "Second").await;
    assert_eq!(unread(&bela).await, 1);
    let path = format!("/api/v1/videos/{video}");
    asha.patch(&path, &json!({"visibility": "private"})).await.is(200);
    assert_eq!(told(&bela).await, (vec![], 0));
    assert!(
        kinds(&asha).await.contains(&"comment".to_owned()),
        "its owner sees it"
    );
    asha.patch(&path, &json!({"visibility": "unlisted"}))
        .await
        .is(200);
    assert_eq!(kinds(&bela).await, ["reply"]);
}

/// People like a video, by the store's own ways.
async fn liked_by(site: &Site, video: &str, people: i64) {
    let core = &site.server.app.core;
    let now = core.clock.now();
    let target = Target::Video(video.parse().unwrap());
    let mut tx = core.store.write().await.unwrap();
    for _ in 0..people {
        let (user, id): (UserId, LikeId) = (core.ids.next(now), core.ids.next(now));
        tx.exec(
            "INSERT INTO likes (user_id, kind, target_id, id, created_at) VALUES ($1, 0, $2, $3, $4)",
            &store::params![user, target.id(), id, now],
        )
        .await
        .unwrap();
    }
    store::likes::count(&mut tx, target, people).await.unwrap();
    tx.commit().await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_milestone_of_likes_is_told_once() {
    let site = kit::site().await;
    let (asha, bela) = (site.person("asha").await, site.person("bela").await);
    let video = asha.publishes(&clips::small(), &[]).await;
    let liked = format!("v/{video}");
    let milestones = async || {
        let items = asha.get(LIST).await.is(200).at("/data/items");
        let items = items.as_array().unwrap().iter();
        items
            .filter(|item| item["kind"] == "likeMilestone")
            .map(|item| (item["likesCount"].as_i64().unwrap(), item["video"]["_id"].clone()))
            .collect::<Vec<(i64, Value)>>()
    };
    liked_by(&site, &video, 8).await;
    bela.likes(&liked).await;
    assert_eq!(milestones().await, [], "nine are no milestone");
    let mut listener = Listener::on(&asha).await;
    asha.likes(&liked).await;
    assert_eq!(milestones().await, [(10, json!(video))]);
    let event = listener.waits_for("notification.created").await.data;
    assert_eq!(
        (&event["kind"], &event["likesCount"]),
        (&json!("likeMilestone"), &json!(10))
    );
    let path = format!("/api/v1/likes/{liked}");
    bela.delete(&path).await.is(200);
    bela.likes(&liked).await;
    assert_eq!(milestones().await.len(), 1, "ten once more are no news");
    liked_by(&site, &video, 89).await;
    bela.delete(&path).await.is(200);
    liked_by(&site, &video, 1).await;
    bela.likes(&liked).await;
    assert_eq!(milestones().await, [(100, json!(video)), (10, json!(video))]);
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_watches_a_video_hears_of_its_comments_likes_and_tweets() {
    let site = kit::site().await;
    let (asha, bela, chen) = (
        site.person("asha").await,
        site.person("bela").await,
        site.person("chen").await,
    );
    follows(&site, &chen, &bela).await;
    let (video, other) = (
        asha.publishes(&clips::small(), &[]).await,
        asha.publishes(&clips::small(), &[]).await,
    );
    let nobody = site.anyone();
    let mut watching = Listener::watching(&nobody, &[&video]).await;
    let mut chens = Listener::on(&chen).await;
    bela.comments(&other, "Elsewhere").await;
    let comment = bela.comments(&video, "Here").await;
    let heard = watching.waits_for("comment.created").await;
    assert_eq!(
        heard.data,
        json!({"video": video, "comment": comment, "owner": bela.id}),
        "and none of its words"
    );
    let path = format!("/api/v1/comments/c/{comment}");
    bela.patch(&path, &json!({"content": "There"})).await.is(200);
    assert_eq!(
        watching.waits_for("comment.updated").await.data["comment"],
        json!(comment)
    );
    bela.delete(&path).await.is(200);
    assert_eq!(
        watching.waits_for("comment.removed").await.data["comment"],
        json!(comment)
    );
    bela.likes(&format!("v/{video}")).await;
    let likes = watching.waits_for("like.changed").await.data;
    assert_eq!(likes, json!({"video": video, "likesCount": 1}));
    let body = json!({"content": "See this", "video": video});
    let tweet = bela
        .post("/api/v1/tweets", &body)
        .await
        .is(201)
        .text_at("/data/_id");
    let expected = json!({"tweet": tweet, "owner": bela.id, "video": video});
    assert_eq!(watching.waits_for("tweet.created").await.data, expected);

    let event = chens.waits_for("notification.created").await.data;
    assert_eq!(
        (&event["kind"], &event["tweet"], &event["actor"]),
        (&json!("newTweet"), &json!(tweet), &json!(bela.id))
    );
    let item = chen.get(LIST).await.is(200).at("/data/items/0");
    assert_eq!(
        (&item["_id"], &item["tweet"]["content"]),
        (&json!(tweet), &json!("See this"))
    );
    bela.delete(&format!("/api/v1/tweets/{tweet}")).await.is(200);
    assert_eq!(told(&chen).await, (vec![], 0));

    // What was said of a video that is hidden now is not told to those who come back.
    let last = heard.id.unwrap().parse::<u64>().unwrap() - 1;
    asha.patch(
        &format!("/api/v1/videos/{video}"),
        &json!({"visibility": "private"}),
    )
    .await
    .is(200);
    let query = format!("?videos={video}");
    let mut back = Listener::back(&nobody, &query, &last.to_string()).await;
    rings(&site);
    let heard = back.hears_until("test.bell").await;
    let kinds: Vec<_> = heard.iter().map(|told| told.kind.as_str()).collect();
    assert_eq!(kinds, ["video.removed"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn following_a_channel_is_told_on_all_devices_and_how_many_follow_it_to_its_owner() {
    let site = kit::site().await;
    let (asha, bela) = (site.person("asha").await, site.person("bela").await);
    let (mut ashas, mut belas) = (Listener::on(&asha).await, Listener::on(&bela).await);
    let path = format!("/api/v1/subscriptions/c/{}", asha.id);
    for (subscribed, count) in [(true, 1), (false, 0)] {
        if subscribed {
            bela.put(&path).await.is(200);
            // There already: no news.
            bela.put(&path).await.is(200);
        } else {
            bela.delete(&path).await.is(200);
        }
        let told = belas.waits_for("subscription.changed").await.data;
        assert_eq!(told, json!({"channel": asha.id, "isSubscribed": subscribed}));
        let told = ashas.waits_for("subscribers.changed").await.data;
        assert_eq!(told, json!({"channel": asha.id, "subscribersCount": count}));
    }
    // From the moment on at which one follows, and no longer.
    asha.tweets("Before").await;
    bela.put(&path).await.is(200);
    let tweet = asha.tweets("Now").await;
    let heard = belas.waits_for("notification.created").await.data;
    assert_eq!(heard["tweet"], json!(tweet));
    assert_eq!(told(&bela).await.0, [("newTweet".to_owned(), tweet)]);
    bela.delete(&path).await.is(200);
    assert_eq!(told(&bela).await, (vec![], 0));
    asha.tweets("After").await;
    rings(&site);
    let heard = belas.hears_until("test.bell").await;
    assert!(
        heard.iter().all(|told| told.kind != "notification.created"),
        "{heard:?}"
    );
}
