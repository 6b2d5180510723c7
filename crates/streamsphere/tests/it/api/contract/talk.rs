//! Sections 4 to 6: comments, tweets, and likes of them.

use serde_json::json;

use super::{enveloped, gives, is_array, is_paged};
use crate::kit;
use crate::kit::rows::{add, row};

#[tokio::test(flavor = "multi_thread")]
async fn comments_are_written_listed_changed_and_removed() {
    let site = kit::site().await;
    let (asha, bela) = (site.person("asha").await, site.person("bela").await);
    let video = row(&site, &asha, "A video");
    add(&site, std::slice::from_ref(&video)).await;
    let all = format!("/api/v1/comments/{}", video.id);
    let first = gives(
        asha.post(&all, &json!({"content": "First sea"})).await,
        201,
        "comment",
    );
    bela.comments(&video.id.to_string(), "Second sea").await;
    let id = first["_id"].as_str().unwrap();
    for content in ["One", "Two"] {
        let reply = bela.post(&all, &json!({"content": content, "parent": id})).await;
        let reply = gives(reply, 201, "comment parent:id");
        assert_eq!(reply["parent"], id);
    }
    for person in [&asha, &bela, &site.anyone()] {
        for query in [
            "",
            "?query=sea",
            "?sortBy=createdAt&sortType=asc",
            "?sortBy=likesCount",
        ] {
            let path = format!("{all}{query}");
            is_paged(
                person,
                &path,
                &["comments"],
                &["totalComment", "totalComments"],
                "comment",
            )
            .await;
        }
        let replies = format!("/api/v1/comments/c/{id}/replies");
        is_paged(
            person,
            &replies,
            &["replies"],
            &["totalReplies"],
            "comment parent:id",
        )
        .await;
    }
    let top = enveloped(asha.get(&all).await, 200);
    assert_eq!(top["totalComments"], 2, "top level only");
    asha.get(&format!("{all}?sortBy=content")).await.is(400);

    for wrong in [
        json!({}),
        json!({"content": ""}),
        json!({"content": "  \n"}),
        json!({"content": "x".repeat(10_001)}),
    ] {
        asha.post(&all, &wrong).await.is(400);
        asha.patch(&format!("/api/v1/comments/c/{id}"), &wrong)
            .await
            .is(400);
    }
    let one = format!("/api/v1/comments/c/{id}");
    gives(
        asha.patch(&one, &json!({"content": "Otherwise"})).await,
        200,
        "comment editedAt:time",
    );
    bela.patch(&one, &json!({"content": "Mine"})).await.is(403);
    bela.delete(&one).await.is(403);
    let pin = format!("{one}/pin");
    gives(asha.post(&pin, &json!({})).await, 200, "comment");
    bela.post(&pin, &json!({})).await.is(403);
    gives(asha.delete(&pin).await, 200, "comment");
    assert_eq!(enveloped(asha.delete(&one).await, 200), json!({}));
    asha.delete(&one).await.is(404);
    // The owner of the video may remove what others say there.
    let others = bela.comments(&video.id.to_string(), "Of bela").await;
    assert_eq!(
        enveloped(asha.delete(&format!("/api/v1/comments/c/{others}")).await, 200),
        json!({})
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn tweets_are_written_listed_changed_and_removed() {
    let site = kit::site().await;
    let (asha, bela) = (site.person("asha").await, site.person("bela").await);
    let video = row(&site, &asha, "A video");
    add(&site, std::slice::from_ref(&video)).await;
    let tweets = "/api/v1/tweets";
    let plain = gives(
        asha.post(tweets, &json!({"content": "Hello sea"})).await,
        201,
        "tweet",
    );
    let about = json!({"content": "Look at this sea", "video": video.id.to_string(), "videoAt": 0.5});
    gives(asha.post(tweets, &about).await, 201, "tweet video:id videoAt:num");
    for person in [&asha, &bela, &site.anyone()] {
        for query in [
            String::new(),
            "?query=sea".to_owned(),
            format!("?userId={}", asha.id),
            format!("?videoId={}", video.id),
            "?sortBy=createdAt&sortType=asc".to_owned(),
            "?sortBy=likesCount".to_owned(),
        ] {
            is_paged(
                person,
                &format!("{tweets}{query}"),
                &["tweets"],
                &["totalTweets"],
                "tweet",
            )
            .await;
        }
        is_array(person, &format!("{tweets}/user/{}", asha.id), "tweet").await;
    }
    let one = format!("{tweets}/{}", plain["_id"].as_str().unwrap());
    for wrong in [
        json!({}),
        json!({"content": ""}),
        json!({"content": " "}),
        json!({"content": "x".repeat(501)}),
    ] {
        asha.post(tweets, &wrong).await.is(400);
        asha.patch(&one, &wrong).await.is(400);
    }
    gives(
        asha.patch(&one, &json!({"content": "Otherwise"})).await,
        200,
        "tweet",
    );
    bela.patch(&one, &json!({"content": "Mine"})).await.is(403);
    bela.delete(&one).await.is(403);
    assert_eq!(enveloped(asha.delete(&one).await, 200), json!({}));
    asha.delete(&one).await.is(404);
}

#[tokio::test(flavor = "multi_thread")]
async fn likes_say_the_same_under_both_names() {
    let site = kit::site().await;
    let (asha, bela) = (site.person("asha").await, site.person("bela").await);
    let rows = [row(&site, &asha, "One"), row(&site, &asha, "Two")];
    add(&site, &rows).await;
    let (video, other) = (rows[0].id.to_string(), rows[1].id.to_string());
    let comment = asha.comments(&video, "A comment").await;
    let tweet = asha.tweets("A tweet").await;
    for (kind, name, id) in [
        ("v", "video", &video),
        ("c", "comment", &comment),
        ("t", "tweet", &tweet),
    ] {
        let toggle = format!("/api/v1/likes/toggle/{kind}/{id}");
        for liked in [true, false] {
            let like = gives(
                bela.post(&toggle, &json!({})).await,
                200,
                &format!("like _id:id {name}:id"),
            );
            assert_eq!((&like["liked"], &like["isLiked"]), (&json!(liked), &json!(liked)));
            assert_eq!((&like[name], &like["likedBy"]), (&json!(id), &json!(bela.id)));
            assert_eq!(like["likesCount"], i32::from(liked));
        }
        let path = format!("/api/v1/likes/{kind}/{id}");
        for _ in 0..2 {
            let like = gives(bela.put(&path).await, 200, &format!("like {name}:id"));
            assert_eq!((&like["liked"], &like["likesCount"]), (&json!(true), &json!(1)));
        }
        for _ in 0..2 {
            let like = gives(bela.delete(&path).await, 200, &format!("like {name}:id"));
            assert_eq!((&like["liked"], &like["likesCount"]), (&json!(false), &json!(0)));
        }
    }
    bela.likes(&format!("v/{video}")).await;
    bela.likes(&format!("v/{other}")).await;
    let item = "_id:id video:seen_video likedBy:id createdAt:time";
    is_paged(
        &bela,
        "/api/v1/likes/videos",
        &["Videos", "videos"],
        &["totalVideos"],
        item,
    )
    .await;
    let list = enveloped(bela.get("/api/v1/likes/videos").await, 200);
    assert_eq!(list["docs"][0]["video"]["_id"], json!(other), "newest first");
}
