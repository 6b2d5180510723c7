//! `/api/v1/admin/takedowns`: what is hidden, from whom, and that it comes back as it was.

use model::videos::Visibility;
use serde_json::{Value, json};
use store::videos::VideoRow;

use super::NO_SUCH_ID;
use crate::kit::conversation::ids;
use crate::kit::rows::{add, row};
use crate::kit::{self, Person, Site, clips};

const DOWN: &str = "taken_down";

/// A public video with a tag, made without a file.
async fn video(site: &Site, owner: &Person<'_>, title: &str) -> String {
    let row = VideoRow {
        tags: vec!["kites".to_owned()],
        ..row(site, owner, title)
    };
    add(site, std::slice::from_ref(&row)).await;
    row.id.to_string()
}

/// What a reader finds at these addresses, in which nothing may change by itself.
async fn looks(reader: &Person<'_>, paths: &[String]) -> Vec<Value> {
    let mut seen = Vec::new();
    for path in paths {
        let answer = reader.get(path).await;
        seen.push(json!([answer.status, answer.json["data"]]));
    }
    seen
}

/// Of two videos of their owner, this one was taken down.
async fn is_its_owners_and_cannot_be_published(asha: &Person<'_>, bela: &Person<'_>, id: &str) {
    let one = format!("/api/v1/videos/{id}");
    let own = asha.get(&one).await.is(200).at("/data");
    assert_eq!(
        (&own["takenDown"], &own["statusReason"]),
        (&json!(true), &json!("Not a kite"))
    );
    assert_eq!(own["visibility"], "public");
    let mine = asha
        .get(&format!("/api/v1/videos?userId={}", asha.id))
        .await
        .is(200);
    assert_eq!(mine.at("/data/totalDocs"), 2);
    for change in [
        json!({"visibility": "private"}),
        json!({"visibility": "unlisted"}),
    ] {
        asha.patch(&one, &change).await.refuses(403, DOWN);
    }
    let toggle = format!("/api/v1/videos/toggle/publish/{id}");
    asha.patch(&toggle, &json!({})).await.refuses(403, DOWN);
    bela.patch(&toggle, &json!({}))
        .await
        .refuses(404, "video_not_found");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_video_is_hidden_from_all_but_its_owner_and_moderators_and_comes_back_as_it_was() {
    let site = kit::site().await;
    let admin = site.admin().await;
    let mo = site.moderator("moe", &admin).await;
    let (asha, bela) = (site.person("asha").await, site.person("bela").await);
    bela.put(&format!("/api/v1/subscriptions/c/{}", asha.id))
        .await
        .is(200);
    let (kept, id) = (
        video(&site, &asha, "A kite").await,
        video(&site, &asha, "Another kite").await,
    );
    let comment = bela.comments(&id, "Nice").await;
    bela.likes(&format!("v/{id}")).await;
    let words = json!({"name": "A list"});
    let list = bela
        .post("/api/v1/playlist", &words)
        .await
        .is(201)
        .text_at("/data/_id");
    for video in [&kept, &id] {
        bela.patch(&format!("/api/v1/playlist/add/{video}/{list}"), &json!({}))
            .await
            .is(200);
    }
    let about = json!({"content": "See this", "video": id});
    bela.post("/api/v1/tweets", &about).await.is(201);
    let one = format!("/api/v1/videos/{id}");
    let paths: Vec<String> = [
        one.as_str(),
        "/api/v1/videos",
        "/api/v1/videos?cursor=",
        "/api/v1/videos?tag=kites",
        "/api/v1/videos?query=another",
        "/api/v1/search?q=another",
        "/api/v1/feed/subscriptions",
        "/api/v1/likes/videos",
        "/api/v1/tweets",
        "/api/v1/users/c/asha",
        &format!("/api/v1/videos?userId={}", asha.id),
        &format!("/api/v1/videos/{kept}/related"),
        &format!("/api/v1/playlist/{list}"),
        &format!("/api/v1/comments/{id}"),
        &format!("/api/v1/comments/c/{comment}/replies"),
    ]
    .map(ToOwned::to_owned)
    .to_vec();
    let before = looks(&bela, &paths).await;
    assert!(before.iter().all(|seen| seen[0] == 200), "{before:#?}");

    let down = mo
        .takes_down("video", &id, "Not a kite")
        .await
        .is(200)
        .at("/data");
    assert_eq!(
        (&down["takenDown"], &down["reason"]),
        (&json!(true), &json!("Not a kite"))
    );
    for reader in [&site.anyone(), &bela] {
        reader.get(&one).await.refuses(404, "video_not_found");
        for path in &paths[1..] {
            let seen = reader.get(path).await;
            let text = seen.json.to_string();
            // Whoever found a word may be told which one they looked for.
            assert!(
                !text.contains("Another kite") && !text.contains(&id),
                "{path}: {text}"
            );
        }
    }
    let total = bela.get("/api/v1/videos").await.at("/data/totalDocs");
    assert_eq!(total, 1);
    assert_eq!(bela.get("/api/v1/users/c/asha").await.at("/data/videosCount"), 1);
    bela.get(&format!("/api/v1/comments/{id}")).await.is(404);
    bela.put(&format!("/api/v1/likes/v/{id}")).await.is(404);
    let content = json!({"content": "Still here?"});
    bela.post(&format!("/api/v1/comments/{id}"), &content)
        .await
        .is(404);

    mo.get(&one).await.is(200);
    admin.get(&one).await.is(200);
    is_its_owners_and_cannot_be_published(&asha, &bela, &id).await;
    site.counts_right().await;

    mo.restores("video", &id).await.is(200);
    assert_eq!(looks(&bela, &paths).await, before);
    assert!(asha.get(&one).await.at("/data").get("takenDown").is_none());
    site.counts_right().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn bytes_of_a_video_that_is_taken_down_go_to_its_owner_and_moderators_only() {
    let site = kit::site().await;
    let admin = site.admin().await;
    let mo = site.moderator("moe", &admin).await;
    let (asha, bela) = (site.person("asha").await, site.person("bela").await);
    let id = asha.publishes(&clips::small(), &[]).await;
    let one = format!("/api/v1/videos/{id}");
    let plain = [
        format!("/media/{id}/master.m3u8"),
        format!("/media/{id}/180p.mp4"),
        format!("{one}/stream"),
    ];
    let anyone = site.anyone();
    for path in &plain {
        anyone.get(path).await.is(200);
    }
    mo.takes_down("video", &id, "Stolen").await.is(200);
    for path in &plain {
        anyone.get(path).await.is(404);
        bela.get(path).await.is(404);
        asha.get(path).await.is(200);
        mo.get(path).await.is(200);
    }
    for who in [&asha, &mo] {
        let link = who.get(&one).await.is(200).text_at("/data/hls");
        assert!(link.contains("/media/~"), "a link of their own: {link}");
        anyone.get(&link).await.is(200);
    }
    let of_moderator = mo.get(&one).await.text_at("/data/hls");
    admin.changes_account(&mo, &json!({"role": "user"})).await.is(200);
    anyone.get(&of_moderator).await.is(404);
    mo.get(&one).await.is(404);
    admin.restores("video", &id).await.is(200);
    for path in &plain {
        anyone.get(path).await.is(200);
    }

    let unlisted = json!({"visibility": "unlisted"});
    asha.patch(&one, &unlisted).await.is(200);
    let link = bela.get(&one).await.is(200).text_at("/data/hls");
    anyone.get(&link).await.is(200);
    admin.takes_down("video", &id, "Stolen").await.is(200);
    anyone.get(&link).await.is(404);
    bela.get(&one).await.is(404);
    let of_owner = asha.get(&one).await.is(200).text_at("/data/hls");
    anyone.get(&of_owner).await.is(200);
    asha.post("/api/v1/users/logout", &json!({})).await.is(200);
    anyone.get(&of_owner).await.is(404);
    admin.restores("video", &id).await.is(200);
    let link = bela.get(&one).await.is(200).text_at("/data/hls");
    anyone.get(&link).await.is(200);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_comment_goes_with_its_thread_and_comes_back_with_it() {
    let site = kit::site().await;
    let admin = site.admin().await;
    let (asha, bela) = (site.person("asha").await, site.person("bela").await);
    let id = video(&site, &asha, "A kite").await;
    let first = bela.comments(&id, "A first word").await;
    let second = bela.comments(&id, "A second word").await;
    let reply = asha.replies(&id, &first, "An answer").await;
    let other = asha.replies(&id, &first, "Another answer").await;
    asha.post(&format!("/api/v1/comments/c/{first}/pin"), &json!({}))
        .await
        .is(200);
    bela.likes(&format!("c/{reply}")).await;
    let paths = [
        format!("/api/v1/videos/{id}"),
        format!("/api/v1/comments/{id}"),
        format!("/api/v1/comments/{id}?cursor="),
        format!("/api/v1/comments/{id}?query=word"),
        format!("/api/v1/comments/{id}?sortBy=likesCount"),
        format!("/api/v1/comments/c/{first}/replies"),
    ];
    let before = looks(&bela, &paths).await;
    let count = async || {
        let video = bela.get(&paths[0]).await.is(200);
        (
            video.at("/data/commentsCount"),
            bela.get(&paths[1]).await.at("/data/totalDocs"),
        )
    };
    assert_eq!(count().await, (json!(4), json!(2)));

    admin.takes_down("comment", &reply, "Rude").await.is(200);
    assert_eq!(count().await, (json!(3), json!(2)));
    let thread = bela.get(&paths[5]).await.is(200).at("/data/docs");
    assert_eq!(ids(&thread), [other.as_str()]);
    site.counts_right().await;
    admin.takes_down("comment", &first, "Ruder").await.is(200);
    assert_eq!(count().await, (json!(1), json!(1)));
    for path in &paths[1..5] {
        let page = bela.get(path).await.is(200);
        let items = page.json["data"]
            .get("docs")
            .unwrap_or(&page.json["data"]["items"]);
        assert_eq!(ids(items), [second.as_str()], "{path}");
    }
    bela.get(&paths[5]).await.is(404);
    let told = bela.get("/api/v1/notifications").await.is(200);
    assert_eq!(ids(&told.at("/data/items")), [""; 0], "nor is it read elsewhere");
    site.counts_right().await;
    for comment in [&first, &reply, &other] {
        let one = format!("/api/v1/comments/c/{comment}");
        for who in [&asha, &bela] {
            who.delete(&one).await.refuses(404, "comment_not_found");
            who.patch(&one, &json!({"content": "x"})).await.is(404);
            who.put(&format!("/api/v1/likes/c/{comment}")).await.is(404);
        }
    }
    let answer = json!({"content": "Hello?", "parent": other});
    bela.post(&format!("/api/v1/comments/{id}"), &answer)
        .await
        .is(404);

    admin.restores("comment", &first).await.is(200);
    assert_eq!(count().await, (json!(3), json!(2)));
    admin.restores("comment", &reply).await.is(200);
    assert_eq!(looks(&bela, &paths).await, before);
    site.counts_right().await;

    // The other way round: the answer comes back into a thread that is still hidden.
    admin.takes_down("comment", &reply, "Rude").await.is(200);
    admin.takes_down("comment", &first, "Ruder").await.is(200);
    admin.restores("comment", &reply).await.is(200);
    assert_eq!(count().await, (json!(1), json!(1)));
    site.counts_right().await;
    admin.restores("comment", &first).await.is(200);
    assert_eq!(looks(&bela, &paths).await, before);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_comment_that_is_taken_down_goes_with_its_video() {
    let site = kit::site().await;
    let admin = site.admin().await;
    let (asha, bela) = (site.person("asha").await, site.person("bela").await);
    let id = video(&site, &asha, "A kite").await;
    let comment = bela.comments(&id, "The only word").await;
    admin.takes_down("comment", &comment, "Rude").await.is(200);
    asha.delete(&format!("/api/v1/videos/{id}")).await.is(200);
    kit::until("nothing of it is left", async || {
        site.count("SELECT (SELECT count(*) FROM takedowns) + (SELECT count(*) FROM comments)")
            .await
            == 0
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_taken_down_goes_for_good_with_whoever_made_it() {
    let site = kit::site().await;
    let admin = site.admin().await;
    let (asha, bela) = (site.person("asha").await, site.person("bela").await);
    let id = video(&site, &asha, "A kite").await;
    let top = bela.comments(&id, "First").await;
    asha.replies(&id, &top, "An answer").await;
    let under = asha.comments(&id, "Mine").await;
    let reply = bela.replies(&id, &under, "Yours").await;
    let tweet = bela.tweets("Listen").await;
    let own = video(&site, &bela, "Of a kite").await;
    let words = json!({"name": "A list"});
    let list = bela
        .post("/api/v1/playlist", &words)
        .await
        .is(201)
        .text_at("/data/_id");
    for (kind, thing) in [
        ("comment", &top),
        ("comment", &reply),
        ("tweet", &tweet),
        ("video", &own),
        ("playlist", &list),
    ] {
        admin.takes_down(kind, thing, "No").await.is(200);
    }
    site.counts_right().await;
    let gone = bela.request(reqwest::Method::DELETE, "/api/v1/users/me");
    kit::answer(gone.json(&json!({"password": kit::PASSWORD})))
        .await
        .is(200);
    kit::until("all of it is gone", async || {
        site.count(
            "SELECT (SELECT count(*) FROM takedowns) + (SELECT count(*) FROM users WHERE username = 'bela')",
        )
        .await
            == 0
    })
    .await;
    site.counts_right().await;
    let left = asha.get(&format!("/api/v1/comments/{id}")).await.is(200);
    assert_eq!(ids(&left.at("/data/docs")), [under.as_str()]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_tweet_leaves_every_list_and_comes_back_in_its_place() {
    let site = kit::site().await;
    let admin = site.admin().await;
    let (asha, bela) = (site.person("asha").await, site.person("bela").await);
    bela.put(&format!("/api/v1/subscriptions/c/{}", asha.id))
        .await
        .is(200);
    let mut tweets = Vec::new();
    for n in 0..3 {
        tweets.push(asha.tweets(&format!("Windy {n}")).await);
    }
    bela.likes(&format!("t/{}", tweets[1])).await;
    let paths: Vec<String> = [
        "/api/v1/tweets",
        "/api/v1/tweets?cursor=",
        "/api/v1/tweets?query=windy",
        "/api/v1/tweets?sortBy=likesCount",
        "/api/v1/search?q=windy&type=tweets",
        "/api/v1/feed/subscriptions",
        &format!("/api/v1/tweets?userId={}", asha.id),
        &format!("/api/v1/tweets/user/{}", asha.id),
    ]
    .map(ToOwned::to_owned)
    .to_vec();
    let before = looks(&bela, &paths).await;
    admin.takes_down("tweet", &tweets[1], "Hot air").await.is(200);
    for path in &paths {
        let text = bela.get(path).await.is(200).json.to_string();
        assert!(!text.contains(&tweets[1]), "{path}: {text}");
        assert!(
            text.contains(&tweets[0]) && text.contains(&tweets[2]),
            "{path}: {text}"
        );
    }
    assert_eq!(bela.get(&paths[0]).await.at("/data/totalDocs"), 2);
    let one = format!("/api/v1/tweets/{}", tweets[1]);
    asha.delete(&one).await.refuses(404, "tweet_not_found");
    asha.patch(&one, &json!({"content": "x"})).await.is(404);
    bela.put(&format!("/api/v1/likes/t/{}", tweets[1])).await.is(404);
    site.counts_right().await;
    admin.restores("tweet", &tweets[1]).await.is(200);
    assert_eq!(looks(&bela, &paths).await, before);
    site.counts_right().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_playlist_is_there_for_nobody_until_it_comes_back() {
    let site = kit::site().await;
    let admin = site.admin().await;
    let asha = site.person("asha").await;
    let words = json!({"name": "Kites"});
    let list = asha
        .post("/api/v1/playlist", &words)
        .await
        .is(201)
        .text_at("/data/_id");
    let id = video(&site, &asha, "A kite").await;
    asha.patch(&format!("/api/v1/playlist/add/{id}/{list}"), &json!({}))
        .await
        .is(200);
    let paths = [
        format!("/api/v1/playlist/{list}"),
        format!("/api/v1/playlist/user/{}", asha.id),
    ];
    let before = looks(&asha, &paths).await;
    admin.takes_down("playlist", &list, "Bad name").await.is(200);
    for who in [&site.anyone(), &asha, &admin] {
        who.get(&paths[0]).await.refuses(404, "playlist_not_found");
        assert_eq!(who.get(&paths[1]).await.is(200).at("/data"), json!([]));
    }
    asha.delete(&paths[0]).await.is(404);
    admin.restores("playlist", &list).await.is(200);
    assert_eq!(looks(&asha, &paths).await, before);
    // "Watch later" is its owner's alone.
    admin
        .takes_down("playlist", &asha.id, "No")
        .await
        .refuses(404, "playlist_not_found");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_takedown_has_a_reason_and_somebody_who_may() {
    let site = kit::site().await;
    let admin = site.admin().await;
    let mo = site.moderator("moe", &admin).await;
    let asha = site.person("asha").await;
    let tweet = asha.tweets("Look").await;
    let id = video(&site, &asha, "A kite").await;
    asha.takes_down("tweet", &tweet, "Mine")
        .await
        .refuses(404, "route_not_found");
    asha.restores("tweet", &tweet)
        .await
        .refuses(404, "route_not_found");
    mo.takes_down("tweet", &tweet, " ")
        .await
        .is(400)
        .blames("reason", "missing");
    mo.takes_down("tweet", &tweet, &"x".repeat(501))
        .await
        .is(400)
        .blames("reason", "too_long");
    for kind in ["user", "report", "sentence"] {
        mo.takes_down(kind, &asha.id, "No")
            .await
            .refuses(400, "malformed_id");
    }
    for (kind, code) in [
        ("video", "video_not_found"),
        ("comment", "comment_not_found"),
        ("tweet", "tweet_not_found"),
        ("playlist", "playlist_not_found"),
    ] {
        mo.takes_down(kind, NO_SUCH_ID, "No").await.refuses(404, code);
        mo.restores(kind, NO_SUCH_ID).await.refuses(404, code);
    }
    assert_eq!(site.count("SELECT count(*) FROM takedowns").await, 0);
    let first = mo.takes_down("video", &id, "Dull").await.is(200).at("/data");
    let again = admin
        .takes_down("video", &id, "Very dull")
        .await
        .is(200)
        .at("/data");
    assert_eq!(again["takenDownAt"], first["takenDownAt"]);
    let own = asha.get(&format!("/api/v1/videos/{id}")).await.is(200);
    assert_eq!(own.at("/data/statusReason"), "Very dull");
    let back = mo.restores("video", &id).await.is(200).at("/data");
    assert_eq!(
        (&back["takenDown"], &back["reason"]),
        (&json!(false), &Value::Null)
    );
    assert_eq!(mo.restores("video", &id).await.is(200).at("/data"), back);

    // A private video stays as private as it was; judging it does not open it to moderators.
    let private = VideoRow {
        visibility: Visibility::Private,
        ..row(&site, &asha, "Mine")
    };
    add(&site, std::slice::from_ref(&private)).await;
    let one = format!("/api/v1/videos/{}", private.id);
    mo.get(&one).await.is(404);
    mo.takes_down("video", &private.id.to_string(), "No")
        .await
        .is(200);
    mo.get(&one).await.is(404);
    asha.get(&one).await.is(200);
}
