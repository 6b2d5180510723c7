//! `/api/v1/tweets`: who writes them, what they are about, and how they are found.

use model::videos::Visibility;
use serde_json::{Value, json};
use store::videos::VideoRow;

use crate::kit::conversation::ids;
use crate::kit::rows::{add, row};
use crate::kit::{self, Person, Site};

const TWEETS: &str = "/api/v1/tweets";
const NO_SUCH_ID: &str = "0123456789abcdef01234567";

/// Which of the numbered tweets a filter finds.
type Which = fn(usize) -> bool;

fn one(tweet: &str) -> String {
    format!("{TWEETS}/{tweet}")
}

/// A video of two seconds.
async fn video(site: &Site, owner: &Person<'_>, visibility: Visibility) -> String {
    let row = VideoRow {
        visibility,
        duration_ms: 2_000,
        ..row(site, owner, "A clip")
    };
    add(site, std::slice::from_ref(&row)).await;
    row.id.to_string()
}

async fn posts(site: &Site) -> i64 {
    site.count("SELECT count(*) FROM channel_posts WHERE kind = 1")
        .await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_tweet_is_written_read_changed_and_removed() {
    let site = kit::site().await;
    let (asha, bela, root) = (
        site.person("asha").await,
        site.person("bela").await,
        site.admin().await,
    );
    let body = json!({"content": " Hello ", "owner": bela.id, "likesCount": 5});
    let written = asha.post(TWEETS, &body).await.is(201).at("/data");
    let mut fields: Vec<&String> = written.as_object().unwrap().keys().collect();
    fields.sort_unstable();
    assert_eq!(
        fields,
        [
            "_id",
            "content",
            "createdAt",
            "isLiked",
            "likesCount",
            "owner",
            "updatedAt",
            "video",
            "videoAt"
        ]
    );
    assert_eq!(
        (&written["content"], &written["likesCount"]),
        (&json!("Hello"), &json!(0))
    );
    assert_eq!(written["owner"]["_id"], json!(asha.id));
    assert_eq!(
        (&written["video"], &written["videoAt"]),
        (&Value::Null, &Value::Null)
    );
    let id = written["_id"].as_str().unwrap().to_owned();
    assert_eq!(posts(&site).await, 1, "her followers find it");

    let page = site.anyone().get(TWEETS).await.is(200).at("/data");
    assert_eq!(
        (&page["docs"], &page["tweets"]),
        (&json!([written]), &json!([written]))
    );
    assert_eq!((&page["totalDocs"], &page["totalTweets"]), (&json!(1), &json!(1)));
    let hers = format!("{TWEETS}/user/{}", asha.id);
    assert_eq!(
        site.anyone().get(&hers).await.is(200).at("/data"),
        json!([written]),
        "a bare array"
    );

    let text = json!({"content": "Changed"});
    bela.patch(&one(&id), &text).await.refuses(403, "not_the_author");
    root.patch(&one(&id), &text).await.refuses(403, "not_the_author");
    let changed = asha.patch(&one(&id), &text).await.is(200).at("/data");
    assert_eq!(changed["content"], "Changed");
    assert_eq!(
        site.anyone().get(TWEETS).await.is(200).at("/data/docs"),
        json!([changed])
    );
    bela.delete(&one(&id)).await.refuses(403, "not_the_author");
    asha.delete(&one(&id)).await.is(200);
    asha.delete(&one(&id)).await.refuses(404, "tweet_not_found");
    asha.patch(&one(&id), &text).await.refuses(404, "tweet_not_found");
    let second = asha.tweets("Second").await;
    root.delete(&one(&second)).await.is(200);
    assert_eq!(posts(&site).await, 0);
    assert_eq!(site.anyone().get(TWEETS).await.is(200).at("/data/totalTweets"), 0);
    site.counts_right().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_no_tweet_is_refused() {
    let site = kit::site().await;
    let asha = site.person("asha").await;
    let video = video(&site, &asha, Visibility::Public).await;
    for (body, field, code) in [
        (json!({}), "content", "missing"),
        (json!({"content": "\u{a0} \n"}), "content", "missing"),
        (json!({"content": "x".repeat(501)}), "content", "too_long"),
        (json!({"content": "a\u{7}b"}), "content", "control_character"),
        (json!({"content": "x", "video": "nonsense"}), "video", "malformed"),
        (json!({"content": "x", "videoAt": 1}), "videoAt", "no_video"),
        (
            json!({"content": "x", "video": video, "videoAt": -0.1}),
            "videoAt",
            "out_of_range",
        ),
        (
            json!({"content": "x", "video": video, "videoAt": 2.5}),
            "videoAt",
            "out_of_range",
        ),
    ] {
        asha.post(TWEETS, &body)
            .await
            .refuses(400, "invalid_fields")
            .blames(field, code);
    }
    for body in [
        json!({"content": ["x"]}),
        json!({"content": "x", "video": {"$gt": ""}}),
        json!({"content": "x", "video": video, "videoAt": "1"}),
    ] {
        asha.post(TWEETS, &body).await.refuses(400, "wrong_type");
    }
    asha.post(TWEETS, &json!({"content": "x", "video": NO_SUCH_ID}))
        .await
        .refuses(404, "video_not_found");
    site.anyone().post(TWEETS, &json!({"content": "x"})).await.is(401);
    let longest = asha
        .post(TWEETS, &json!({"content": "ß".repeat(500)}))
        .await
        .is(201);
    let script = "<script>alert('x')</script>";
    let kept = asha
        .patch(&one(&longest.text_at("/data/_id")), &json!({"content": script}))
        .await;
    assert_eq!(kept.is(200).text_at("/data/content"), script);
    assert_eq!(asha.get(TWEETS).await.is(200).at("/data/totalTweets"), 1);
    asha.get(&format!("{TWEETS}/user/{NO_SUCH_ID}"))
        .await
        .refuses(404, "user_not_found");
    asha.get(&format!("{TWEETS}/user/nonsense"))
        .await
        .refuses(400, "malformed_id");
    for field in ["userId", "videoId"] {
        asha.get(&format!("{TWEETS}?{field}=nonsense"))
            .await
            .refuses(400, "invalid_fields")
            .blames(field, "malformed");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_tweet_points_at_a_place_in_a_video_for_those_who_may_see_it() {
    let site = kit::site().await;
    let (asha, bela) = (site.person("asha").await, site.person("bela").await);
    let open = video(&site, &asha, Visibility::Public).await;
    let closed = video(&site, &asha, Visibility::Private).await;
    let say = |video: &str, at: Value| json!({"content": "look", "video": video, "videoAt": at});
    let written = bela
        .post(TWEETS, &say(&open, json!(1.5)))
        .await
        .is(201)
        .at("/data");
    assert_eq!(
        (&written["video"], &written["videoAt"]),
        (&json!(open), &json!(1.5))
    );
    let whole = bela
        .post(TWEETS, &say(&open, Value::Null))
        .await
        .is(201)
        .at("/data");
    assert_eq!((&whole["video"], &whole["videoAt"]), (&json!(open), &Value::Null));

    let hidden = bela.post(TWEETS, &say(&closed, json!(1))).await;
    let absent = bela.post(TWEETS, &say(NO_SUCH_ID, json!(1))).await;
    assert_eq!((hidden.status, &hidden.bytes), (404, &absent.bytes));
    // Even a place outside of it says nothing of its length.
    let hidden = bela.post(TWEETS, &say(&closed, json!(9_999))).await;
    assert_eq!((hidden.status, &hidden.bytes), (404, &absent.bytes));

    let secret = asha
        .post(TWEETS, &say(&closed, json!(0.25)))
        .await
        .is(201)
        .at("/data");
    assert_eq!(secret["video"], json!(closed), "she may see it");
    let secret = secret["_id"].as_str().unwrap().to_owned();
    let shown = async |person: &Person<'_>, path: &str| {
        let list = person.get(path).await.is(200).at("/data");
        let list = list.as_array().unwrap().clone();
        list.into_iter().find(|tweet| tweet["_id"] == json!(secret))
    };
    let hers = format!("{TWEETS}/user/{}", asha.id);
    let tweet = shown(&asha, &hers).await.unwrap();
    assert_eq!(
        (&tweet["video"], &tweet["videoAt"]),
        (&json!(closed), &json!(0.25))
    );
    for person in [&bela, &site.anyone()] {
        let tweet = shown(person, &hers).await.unwrap();
        assert_eq!((&tweet["video"], &tweet["videoAt"]), (&Value::Null, &Value::Null));
        let about = format!("{TWEETS}?videoId={closed}");
        let unknown = person
            .get(&format!("{TWEETS}?videoId={NO_SUCH_ID}"))
            .await
            .is(200);
        assert_eq!(
            person.get(&about).await.is(200).bytes,
            unknown.bytes,
            "no tell-tale"
        );
        let both = format!("{about}&userId={}", asha.id);
        assert_eq!(person.get(&both).await.is(200).bytes, unknown.bytes);
        let searched = format!("{TWEETS}?query=i{closed}");
        assert_eq!(person.get(&searched).await.is(200).at("/data/docs"), json!([]));
    }
    assert_eq!(
        asha.get(&format!("{TWEETS}?videoId={closed}"))
            .await
            .is(200)
            .at("/data/totalTweets"),
        1
    );

    asha.patch(
        &format!("/api/v1/videos/{open}"),
        &json!({"visibility": "private"}),
    )
    .await
    .is(200);
    for path in [TWEETS, &format!("{TWEETS}?userId={}", bela.id)] {
        let docs = bela.get(path).await.is(200).at("/data/docs");
        for tweet in docs.as_array().unwrap() {
            assert_eq!(
                tweet["video"],
                Value::Null,
                "not even where one once pointed at it: {path}"
            );
        }
    }
    let id = written["_id"].as_str().unwrap();
    let changed = bela
        .patch(&one(id), &json!({"content": "still mine"}))
        .await
        .is(200)
        .at("/data");
    assert_eq!(
        (&changed["video"], &changed["videoAt"]),
        (&Value::Null, &Value::Null)
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn pages_and_cursors_walk_every_list_to_its_end() {
    let site = kit::site().await;
    let (asha, bela) = (site.person("asha").await, site.person("bela").await);
    let video = video(&site, &asha, Visibility::Public).await;
    let mut written: Vec<(String, usize, usize)> = Vec::new();
    for n in 0..21 {
        let author = if n % 3 == 0 { &bela } else { &asha };
        let body = if n % 2 == 0 {
            json!({"content": format!("otter {n}"), "video": video})
        } else {
            json!({"content": format!("badger {n}")})
        };
        let id = author.post(TWEETS, &body).await.is(201).text_at("/data/_id");
        for person in [&asha, &bela].into_iter().take(n * 5 % 3) {
            person.likes(&format!("t/{id}")).await;
        }
        written.push((id, n, n * 5 % 3));
    }
    let filters: [(String, Which); 6] = [
        (String::new(), |_| true),
        (format!("userId={}", bela.id), |n| n % 3 == 0),
        (format!("videoId={video}"), |n| n % 2 == 0),
        (format!("videoId={video}&userId={}", bela.id), |n| n % 6 == 0),
        ("query=badg".to_owned(), |n| n % 2 == 1),
        (format!("query=otter&userId={}", asha.id), |n| {
            n % 2 == 0 && n % 3 != 0
        }),
    ];
    for (filter, which) in filters {
        for (sort, by_likes) in [("createdAt", false), ("likesCount", true)] {
            for direction in ["asc", "desc"] {
                let mut expected: Vec<_> = written.iter().filter(|(_, n, _)| which(*n)).collect();
                expected.sort_by_key(|(_, n, likes)| (if by_likes { *likes } else { 0 }, *n));
                if direction == "desc" {
                    expected.reverse();
                }
                let expected: Vec<String> = expected.into_iter().map(|(id, _, _)| id.clone()).collect();
                let list = format!("{TWEETS}?{filter}&sortBy={sort}&sortType={direction}");
                for limit in [1, 4, 100] {
                    let walked = asha.walks(&list, limit).await;
                    assert_eq!(ids(&json!(walked)), expected, "{list} by {limit}");
                    let liked = |item: &Value| item["isLiked"] == (item["likesCount"] != 0);
                    assert!(walked.iter().all(liked), "{list}");
                    assert_eq!(asha.turns_pages(&list, limit).await, walked);
                }
            }
        }
    }
    let hers = format!("{TWEETS}/user/{}", bela.id);
    let array = asha
        .get(&format!("{hers}?limit=3&page=2"))
        .await
        .is(200)
        .at("/data");
    assert_eq!(ids(&array), [9, 6, 3].map(|n| written[n].0.clone()));
    assert_eq!(asha.walks(&hers, 2).await.len(), 7);
    site.counts_right().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn likes_of_a_removed_tweet_go_with_it_however_many() {
    let site = kit::site().await;
    let asha = site.person("asha").await;
    let (first, second) = (asha.tweets("first").await, asha.tweets("second").await);
    asha.likes(&format!("t/{second}")).await;
    let target = model::likes::Target::Tweet(first.parse().unwrap());
    let mut tx = site.server.app.core.store.write().await.unwrap();
    let core = &site.server.app.core;
    for _ in 0..500 {
        let now = site.clock.now();
        tx.exec(
            "INSERT INTO likes (user_id, kind, target_id, id, created_at) VALUES ($1, 2, $2, $3, $4)",
            &store::params![
                core.ids.next::<model::UserId>(now),
                target.id(),
                core.ids.next::<model::LikeId>(now),
                now
            ],
        )
        .await
        .unwrap();
    }
    store::likes::count(&mut tx, target, 500).await.unwrap();
    tx.commit().await.unwrap();
    asha.delete(&one(&first)).await.is(200);
    asha.put(&format!("/api/v1/likes/t/{first}"))
        .await
        .refuses(404, "tweet_not_found");
    kit::until("only the other's like is left", async || {
        site.count("SELECT count(*) FROM likes").await == 1
    })
    .await;
    site.counts_right().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_unlisted_video_is_not_found_through_what_others_say_about_it() {
    let site = kit::site().await;
    let (asha, bela, chen, admin) = (
        site.person("asha").await,
        site.person("bela").await,
        site.person("chen").await,
        site.admin().await,
    );
    let video = video(&site, &asha, Visibility::Unlisted).await;
    chen.put(&format!("/api/v1/subscriptions/c/{}", bela.id))
        .await
        .is(200);
    let body = json!({"content": "See this", "video": video, "videoAt": 1});
    let written = bela.post(TWEETS, &body).await.is(201);
    assert_eq!(written.at("/data/video"), json!(video), "its author has the link");
    let lists = [
        (TWEETS.to_owned(), "/data/docs/0"),
        (format!("{TWEETS}?cursor="), "/data/items/0"),
        (format!("{TWEETS}/user/{}", bela.id), "/data/0"),
        (format!("{TWEETS}?query=see"), "/data/docs/0"),
    ];
    for (path, first) in &lists {
        for finds in [&bela, &asha, &admin] {
            let tweet = finds.get(path).await.is(200).at(first);
            assert_eq!(tweet["video"], json!(video), "{path} by {}", finds.name);
        }
        for stranger in [&chen, &site.anyone()] {
            let list = stranger.get(path).await.is(200);
            let tweet = list.at(first);
            assert_eq!((&tweet["video"], &tweet["videoAt"]), (&Value::Null, &Value::Null));
            assert!(!list.json.to_string().contains(&video), "{path}");
        }
    }
    let feed = chen.get("/api/v1/feed/subscriptions").await.is(200);
    assert_eq!(feed.json["data"].to_string().matches("See this").count(), 1);
    assert!(!feed.json.to_string().contains(&video));
    // Its owner may hand it out.
    let own = json!({"content": "Mine", "video": video});
    asha.post(TWEETS, &own).await.is(201);
    let handed = chen.get(TWEETS).await.is(200);
    assert_eq!(handed.at("/data/docs/0/video"), json!(video));
    // Who names the video knows of it, and is shown what is said about it.
    let about = chen.get(&format!("{TWEETS}?videoId={video}")).await.is(200);
    assert_eq!(about.at("/data/docs/0/video"), json!(video));
    let public = json!({"visibility": "public"});
    asha.patch(&format!("/api/v1/videos/{video}"), &public)
        .await
        .is(200);
    let tweet = chen.get(TWEETS).await.is(200);
    assert_eq!(tweet.at("/data/docs/0/video"), json!(video));
}
