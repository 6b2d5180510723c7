//! What goes when a comment, a video or a person goes; and numbers under many hands.

use reqwest::Method;
use serde_json::json;

use super::{count_on, one, path, video};
use crate::kit::{self, PASSWORD, Person};

/// Writes many comments at once, by the store's own ways.
async fn fill(author: &Person<'_>, video: &str, parent: Option<&str>, many: usize) {
    let core = &author.site.server.app.core;
    let mut tx = core.store.write().await.unwrap();
    for n in 0..many {
        let now = author.site.clock.now();
        let new = store::comments::New {
            id: core.ids.next(now),
            video_id: video.parse().unwrap(),
            owner_id: author.id.parse().unwrap(),
            parent_id: parent.map(|parent| parent.parse().unwrap()),
            content: &format!("number {n}"),
            now,
            shown_at: now,
        };
        store::comments::add(&mut tx, &new).await.unwrap();
    }
    tx.commit().await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_removal_goes_on_where_the_server_stopped() {
    let site = kit::site().await;
    let (asha, bela) = (site.person("asha").await, site.person("bela").await);
    let (gone, stays) = (video(&site, &asha).await, video(&site, &bela).await);
    fill(&bela, &gone, None, 2_000).await;
    fill(&asha, &stays, None, 1_000).await;
    let kept = bela.comments(&stays, "stays").await;
    asha.likes(&format!("c/{kept}")).await;
    asha.delete(&format!("/api/v1/videos/{gone}")).await.is(200);
    let leave = asha.request(Method::DELETE, "/api/v1/users/me");
    kit::answer(leave.json(&json!({"password": PASSWORD})))
        .await
        .is(200);
    let folder = site.stop().await;

    let site = kit::Setup::default().start_in(folder).await;
    kit::until("all of it is gone", async || {
        site.count("SELECT count(*) FROM comments").await == 1
            && site.count("SELECT count(*) FROM users").await == 1
    })
    .await;
    site.does_all_jobs().await;
    assert_eq!(site.count("SELECT count(*) FROM likes").await, 0);
    assert_eq!(site.count("SELECT count(*) FROM comment_words_rows").await, 1);
    let left = site.anyone().get(&path(&stays)).await.is(200).at("/data");
    assert_eq!(
        (&left["totalDocs"], &left["docs"][0]["likesCount"]),
        (&json!(1), &json!(0))
    );
    site.counts_right().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_long_thread_goes_with_its_top_though_not_in_one_bite() {
    let site = kit::site().await;
    let (asha, bela) = (site.person("asha").await, site.person("bela").await);
    let video = video(&site, &asha).await;
    let top = asha.comments(&video, "top").await;
    let other = bela.comments(&video, "another thread").await;
    bela.replies(&video, &other, "stays").await;
    let reply = bela.replies(&video, &top, "liked").await;
    asha.likes(&format!("c/{reply}")).await;
    fill(&bela, &video, Some(&top), 700).await;
    assert_eq!(count_on(&bela, &video).await, 704);

    asha.delete(&one(&top)).await.is(200);
    // It is gone at once, and so are its replies for everyone who asks.
    bela.get(&format!("{}/replies", one(&top)))
        .await
        .refuses(404, "comment_not_found");
    bela.patch(&one(&reply), &json!({"content": "x"})).await.is(404);
    bela.put(&format!("/api/v1/likes/c/{reply}")).await.is(404);
    bela.post(&path(&video), &json!({"content": "x", "parent": top}))
        .await
        .refuses(404, "comment_not_found");
    kit::until("the thread is gone", async || count_on(&bela, &video).await == 2).await;
    kit::until("the job has ended", async || {
        site.count("SELECT count(*) FROM jobs WHERE kind = 'remove_conversation' AND state < 2")
            .await
            == 0
    })
    .await;
    assert_eq!(site.count("SELECT count(*) FROM comments").await, 2);
    assert_eq!(site.count("SELECT count(*) FROM likes").await, 0);
    site.counts_right().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_video_takes_its_comments_and_their_likes_along() {
    let site = kit::site().await;
    let (asha, bela) = (site.person("asha").await, site.person("bela").await);
    let (video, other) = (video(&site, &asha).await, video(&site, &asha).await);
    let id = bela.comments(&video, "x").await;
    bela.comments(&other, "stays").await;
    asha.likes(&format!("c/{id}")).await;
    bela.likes(&format!("v/{video}")).await;
    bela.likes(&format!("v/{other}")).await;
    let about = json!({"content": "look", "video": video});
    let tweet = bela.post("/api/v1/tweets", &about).await.is(201).at("/data");
    assert_eq!(tweet["video"], json!(video));
    asha.delete(&format!("/api/v1/videos/{video}")).await.is(200);
    bela.get(&path(&video)).await.refuses(404, "video_not_found");
    bela.delete(&one(&id)).await.refuses(404, "comment_not_found");
    let tweets = bela.get("/api/v1/tweets").await.is(200);
    assert_eq!(tweets.at("/data/docs/0/video"), json!(null), "at once");
    kit::until("nothing of it is left", async || {
        site.count("SELECT count(*) FROM comments").await == 1
            && site.count("SELECT count(*) FROM likes").await == 1
            && site
                .count("SELECT count(*) FROM tweets WHERE video_id IS NOT NULL")
                .await
                == 0
    })
    .await;
    assert_eq!(
        site.count("SELECT count(*) FROM tweets").await,
        1,
        "what was said stays said"
    );
    site.counts_right().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn who_leaves_takes_along_what_they_said_and_liked() {
    let site = kit::site().await;
    let (asha, bela) = (site.person("asha").await, site.person("bela").await);
    let (hers, theirs) = (video(&site, &bela).await, video(&site, &asha).await);
    let kept = asha.comments(&theirs, "kept").await;
    let thread = bela.comments(&theirs, "a thread").await;
    asha.replies(&theirs, &thread, "goes with it").await;
    bela.replies(&theirs, &kept, "a reply").await;
    asha.comments(&hers, "goes with the video").await;
    let (tweet, stays) = (bela.tweets("hers").await, asha.tweets("stays").await);
    for what in [
        format!("v/{theirs}"),
        format!("v/{hers}"),
        format!("c/{kept}"),
        format!("c/{thread}"),
        format!("t/{tweet}"),
        format!("t/{stays}"),
    ] {
        asha.likes(&what).await;
        bela.likes(&what).await;
    }
    let leave = bela.request(Method::DELETE, "/api/v1/users/me");
    kit::answer(leave.json(&json!({"password": PASSWORD})))
        .await
        .is(200);
    kit::until("she is gone", async || {
        site.count("SELECT count(*) FROM users").await == 1
    })
    .await;
    site.does_all_jobs().await;
    let comments = asha.get(&path(&theirs)).await.is(200).at("/data");
    assert_eq!(comments["totalDocs"], 1);
    let kept = &comments["docs"][0];
    assert_eq!(
        (&kept["likesCount"], &kept["repliesCount"], &kept["isLiked"]),
        (&json!(1), &json!(0), &json!(true))
    );
    let video = asha
        .get(&format!("/api/v1/videos/{theirs}"))
        .await
        .is(200)
        .at("/data");
    assert_eq!(
        (&video["likesCount"], &video["commentsCount"]),
        (&json!(1), &json!(1))
    );
    let tweets = asha.get("/api/v1/tweets").await.is(200).at("/data");
    assert_eq!(tweets["totalTweets"], 1);
    assert_eq!(tweets["docs"][0]["likesCount"], 1);
    assert_eq!(site.count("SELECT count(*) FROM likes").await, 3);
    site.counts_right().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn many_who_write_and_remove_at_once_leave_the_counters_right() {
    let site = kit::site().await;
    let asha = site.person("asha").await;
    let video = video(&site, &asha).await;
    let top = asha.comments(&video, "top").await;
    let mut writers = tokio::task::JoinSet::new();
    for n in 0..64 {
        let write = |body| asha.request(Method::POST, &path(&video)).json(&body);
        let reply = write(json!({"content": "reply", "parent": top}));
        let comment = write(json!({"content": "comment"}));
        let remove = asha.request(Method::DELETE, &one("{id}"));
        let removes = move |id: &str| {
            let (client, request) = remove.try_clone().unwrap().build_split();
            let mut request = request.unwrap();
            let path = one(id);
            request.url_mut().set_path(&path);
            kit::answer(reqwest::RequestBuilder::from_parts(client, request))
        };
        writers.spawn(async move {
            let reply = kit::answer(reply).await.is(201).text_at("/data/_id");
            let comment = kit::answer(comment).await.is(201).text_at("/data/_id");
            if n % 2 == 0 {
                removes(&reply).await.is(200);
            }
            if n % 4 == 0 {
                removes(&comment).await.is(200);
                removes(&comment).await.is(404);
            }
        });
    }
    writers.join_all().await;
    assert_eq!(count_on(&asha, &video).await, 1 + 32 + 48);
    let page = asha
        .get(&format!("{}?sortType=asc", path(&video)))
        .await
        .is(200)
        .at("/data");
    assert_eq!(page["totalComments"], 49);
    assert_eq!(page["docs"][0]["repliesCount"], 32);
    site.counts_right().await;
}
