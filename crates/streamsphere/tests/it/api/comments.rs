//! `/api/v1/comments`: who reads and writes them, in which order they come, and what goes with them.

mod lists;
mod removal;

use model::videos::Visibility;
use serde_json::{Value, json};
use store::videos::VideoRow;

use crate::kit::rows::{add, row};
use crate::kit::{self, Person, Site};

const NO_SUCH_ID: &str = "0123456789abcdef01234567";

/// A public video of this owner, made without a file.
async fn video(site: &Site, owner: &Person<'_>) -> String {
    let row = row(site, owner, "A clip");
    add(site, std::slice::from_ref(&row)).await;
    row.id.to_string()
}

fn path(video: &str) -> String {
    format!("/api/v1/comments/{video}")
}

fn one(comment: &str) -> String {
    format!("/api/v1/comments/c/{comment}")
}

fn contents(list: &[Value]) -> Vec<&str> {
    list.iter()
        .map(|item| item["content"].as_str().unwrap())
        .collect()
}

async fn count_on(person: &Person<'_>, video: &str) -> Value {
    let video = person.get(&format!("/api/v1/videos/{video}")).await;
    video.is(200).at("/data/commentsCount")
}

#[tokio::test(flavor = "multi_thread")]
async fn a_comment_is_written_read_changed_and_removed() {
    let site = kit::site().await;
    let (asha, bela) = (site.person("asha").await, site.person("bela").await);
    let video = video(&site, &asha).await;
    let body = json!({"content": "  First!\n", "owner": asha.id, "likesCount": 99, "isPinned": true});
    let written = bela.post(&path(&video), &body).await.is(201).at("/data");
    let id = written["_id"].as_str().unwrap().to_owned();
    let mut fields: Vec<&String> = written.as_object().unwrap().keys().collect();
    fields.sort_unstable();
    assert_eq!(
        fields,
        [
            "_id",
            "content",
            "createdAt",
            "editedAt",
            "isLiked",
            "isPinned",
            "likesCount",
            "owner",
            "parent",
            "repliesCount",
            "updatedAt",
            "video"
        ]
    );
    assert_eq!(written["content"], "First!");
    assert_eq!(written["video"], json!(video));
    assert_eq!(written["owner"]["_id"], json!(bela.id), "whatever the body says");
    assert_eq!(written["owner"]["username"], "bela");
    assert_eq!(written["likesCount"], 0);
    assert_eq!(written["isPinned"], false);
    assert_eq!(
        (&written["parent"], &written["editedAt"]),
        (&Value::Null, &Value::Null)
    );
    assert_eq!(written["createdAt"], written["updatedAt"]);

    let page = site.anyone().get(&path(&video)).await.is(200).at("/data");
    assert_eq!(page["docs"], json!([written]));
    assert_eq!(
        (&page["docs"], &page["totalDocs"]),
        (&page["comments"], &json!(1))
    );
    assert_eq!(
        (&page["totalComment"], &page["totalComments"]),
        (&json!(1), &json!(1))
    );
    assert_eq!(count_on(&site.anyone(), &video).await, 1);

    asha.patch(&one(&id), &json!({"content": "Mine"}))
        .await
        .refuses(403, "not_the_author");
    let changed = bela
        .patch(&one(&id), &json!({"content": "Second"}))
        .await
        .is(200)
        .at("/data");
    assert_eq!(changed["content"], "Second");
    assert_eq!(changed["editedAt"], changed["updatedAt"]);
    assert!(changed["editedAt"].is_string());
    assert_eq!(changed["createdAt"], written["createdAt"]);
    let again = bela
        .patch(&one(&id), &json!({"content": "Second "}))
        .await
        .is(200)
        .at("/data");
    assert_eq!(again, changed, "nothing was changed");
    let listed = site.anyone().get(&path(&video)).await.is(200).at("/data/docs/0");
    assert_eq!(listed, changed);
    let alone = site.anyone().get(&one(&id)).await.is(200).at("/data");
    assert_eq!(alone, changed, "a link leads to it as well");

    let chen = site.person("chen").await;
    chen.delete(&one(&id)).await.refuses(403, "not_the_author");
    bela.delete(&one(&id)).await.is(200);
    bela.delete(&one(&id)).await.refuses(404, "comment_not_found");
    bela.get(&one(&id)).await.refuses(404, "comment_not_found");
    let another = bela.comments(&video, "Once more").await;
    asha.delete(&one(&another)).await.is(200);
    assert_eq!(count_on(&site.anyone(), &video).await, 0);
    let page = site.anyone().get(&path(&video)).await.is(200).at("/data");
    assert_eq!((&page["docs"], &page["totalDocs"]), (&json!([]), &json!(0)));
    site.counts_right().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn text_is_kept_as_it_was_typed_and_does_nothing() {
    let site = kit::site().await;
    let asha = site.person("asha").await;
    let video = video(&site, &asha).await;
    for text in [
        "<script>alert(1)</script>",
        "<img src=x onerror=alert(1)>",
        "'; DROP TABLE comments; --",
        "\" OR 1=1 --",
        "{\"$ne\": null}",
        "${7*7} {{7*7}} %s %00",
        "../../etc/passwd",
        "two\nlines\tand a tab",
        "👩‍👩‍👧‍👦 مرحبا नमस्ते",
    ] {
        let written = asha.post(&path(&video), &json!({"content": text})).await.is(201);
        assert_eq!(written.text_at("/data/content"), text);
        let read = site.anyone().get(&path(&video)).await.is(200);
        assert_eq!(read.text_at("/data/docs/0/content"), text);
        assert_eq!(read.header("content-type"), "application/json");
        let query = reqwest::Url::parse_with_params("http://x", [("query", text)]).unwrap();
        let query = query.query().unwrap();
        site.anyone()
            .get(&format!("{}?{query}", path(&video)))
            .await
            .is(200);
    }
    assert_eq!(count_on(&asha, &video).await, 9);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_no_comment_is_refused() {
    let site = kit::site().await;
    let asha = site.person("asha").await;
    let video = video(&site, &asha).await;
    let id = asha.comments(&video, "x").await;
    for (body, code) in [
        (json!({}), "missing"),
        (json!({"content": " \n\t "}), "missing"),
        (json!({"content": null}), "missing"),
        (json!({"content": "x".repeat(10_001)}), "too_long"),
        (json!({"content": "a\u{0}b"}), "control_character"),
        (json!({"content": "a\u{202e}b"}), "control_character"),
    ] {
        for answer in [
            asha.post(&path(&video), &body).await,
            asha.patch(&one(&id), &body).await,
        ] {
            answer.refuses(400, "invalid_fields").blames("content", code);
        }
    }
    for body in [
        json!({"content": {"$ne": null}}),
        json!({"content": 5}),
        json!(["x"]),
        json!({"content": "x", "parent": 7}),
    ] {
        asha.post(&path(&video), &body).await.refuses(400, "wrong_type");
    }
    asha.post(&path(&video), &json!({"content": "x", "parent": "nonsense"}))
        .await
        .refuses(400, "invalid_fields")
        .blames("parent", "malformed");
    asha.post(&path(&video), &json!({"content": "x", "parent": NO_SUCH_ID}))
        .await
        .refuses(404, "comment_not_found");
    asha.post(&path("nonsense"), &json!({"content": "x"}))
        .await
        .refuses(400, "malformed_id");
    asha.post(&path(NO_SUCH_ID), &json!({"content": "x"}))
        .await
        .refuses(404, "video_not_found");
    site.anyone()
        .post(&path(&video), &json!({"content": "x"}))
        .await
        .refuses(401, "unauthenticated");
    let longest = "é".repeat(10_000);
    asha.post(&path(&video), &json!({"content": longest}))
        .await
        .is(201);
    assert_eq!(count_on(&asha, &video).await, 2, "nothing else was written");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_answer_to_a_reply_stands_in_the_same_thread() {
    let site = kit::site().await;
    let (asha, bela) = (site.person("asha").await, site.person("bela").await);
    let video = video(&site, &asha).await;
    let top = asha.comments(&video, "top").await;
    let first = bela.replies(&video, &top, "one").await;
    let second = asha
        .post(&path(&video), &json!({"content": "two", "parent": first}))
        .await
        .is(201)
        .at("/data");
    assert_eq!(second["parent"], json!(top), "one level deep");
    for n in 3..=7 {
        bela.replies(&video, &top, &format!("{n}")).await;
    }
    let page = bela.get(&path(&video)).await.is(200).at("/data");
    assert_eq!(page["totalDocs"], 1, "replies are not at the top");
    assert_eq!(page["docs"][0]["repliesCount"], 7);
    assert_eq!(count_on(&bela, &video).await, 8, "but are comments");

    let thread = format!("{}/replies", one(&top));
    let replies = bela.get(&thread).await.is(200).at("/data");
    assert_eq!(
        contents(replies["replies"].as_array().unwrap()),
        ["one", "two", "3", "4", "5", "6", "7"]
    );
    assert_eq!(
        (&replies["docs"], &replies["totalReplies"]),
        (&replies["replies"], &json!(7))
    );
    let walked = bela.walks(&thread, 3).await;
    assert_eq!(contents(&walked), ["one", "two", "3", "4", "5", "6", "7"]);
    let latest = bela.walks(&format!("{thread}?sortType=desc"), 2).await;
    assert_eq!(contents(&latest), ["7", "6", "5", "4", "3", "two", "one"]);
    assert_eq!(bela.turns_pages(&thread, 2).await, walked);

    let elsewhere = self::video(&site, &asha).await;
    asha.post(&path(&elsewhere), &json!({"content": "x", "parent": top}))
        .await
        .refuses(404, "comment_not_found");
    bela.delete(&one(&first)).await.is(200);
    let top = asha.get(&path(&video)).await.is(200).at("/data/docs/0");
    assert_eq!(top["repliesCount"], 6);
    assert_eq!(count_on(&bela, &video).await, 7);
    site.counts_right().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn comments_are_there_for_exactly_those_who_may_see_the_video() {
    let site = kit::site().await;
    let (asha, bela, root) = (
        site.person("asha").await,
        site.person("bela").await,
        site.admin().await,
    );
    let everyone = site.anyone();
    for (visibility, watchable, open) in [
        (Visibility::Public, true, true),
        (Visibility::Unlisted, true, true),
        (Visibility::Private, true, false),
        (Visibility::Public, false, false),
    ] {
        let row = VideoRow {
            visibility,
            watchable,
            ..row(&site, &asha, "A clip")
        };
        add(&site, std::slice::from_ref(&row)).await;
        let video = row.id.to_string();
        let id = asha.comments(&video, "from the owner").await;
        let reply = root.replies(&video, &id, "from an admin").await;
        let read = |status: u16| if open { 200 } else { status };
        for (person, may) in [(&everyone, open), (&bela, open), (&asha, true), (&root, true)] {
            let status = if may { 200 } else { 404 };
            person.get(&path(&video)).await.is(status);
            person.get(&format!("{}?cursor=", path(&video))).await.is(status);
            person
                .get(&format!("{}?query=owner", path(&video)))
                .await
                .is(status);
            person.get(&format!("{}/replies", one(&id))).await.is(status);
            person.get(&one(&id)).await.is(status);
            person.get(&one(&reply)).await.is(status);
        }
        let text = json!({"content": "changed"});
        let status = if open { 201 } else { 404 };
        bela.post(&path(&video), &text).await.is(status);
        bela.put(&format!("/api/v1/likes/c/{id}")).await.is(read(404));
        let refused = if open { 403 } else { 404 };
        bela.patch(&one(&id), &text).await.is(refused);
        bela.delete(&one(&id)).await.is(refused);
        bela.post(&format!("{}/pin", one(&id)), &json!({}))
            .await
            .is(refused);
        bela.delete(&format!("{}/pin", one(&id))).await.is(refused);
        root.patch(&one(&id), &text).await.refuses(403, "not_the_author");
        root.patch(&one(&reply), &text).await.is(200);
        root.delete(&one(&id)).await.is(200);
    }
    site.counts_right().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn who_could_read_comments_cannot_once_the_video_is_private() {
    let site = kit::site().await;
    let (asha, bela) = (site.person("asha").await, site.person("bela").await);
    let video = video(&site, &asha).await;
    let id = bela.comments(&video, "secret words").await;
    asha.patch(
        &format!("/api/v1/videos/{video}"),
        &json!({"visibility": "private"}),
    )
    .await
    .is(200);
    for path in [path(&video), format!("{}?query=secret", path(&video))] {
        bela.get(&path).await.refuses(404, "video_not_found");
    }
    let hidden = bela.get(&format!("{}/replies", one(&id))).await;
    let absent = bela.get(&format!("{}/replies", one(NO_SUCH_ID))).await;
    assert_eq!((hidden.status, &hidden.bytes), (404, &absent.bytes));
    bela.patch(&one(&id), &json!({"content": "x"}))
        .await
        .refuses(404, "comment_not_found");
    bela.delete(&one(&id)).await.refuses(404, "comment_not_found");
    assert_eq!(
        contents(
            asha.get(&path(&video))
                .await
                .is(200)
                .at("/data/docs")
                .as_array()
                .unwrap()
        ),
        ["secret words"]
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn nobody_writes_comments_without_end() {
    let site = kit::with("rate_limits", "on").start().await;
    let asha = site.person("asha").await;
    let video = video(&site, &asha).await;
    let mut refused = None;
    for n in 0..60 {
        let answer = asha
            .post(&path(&video), &json!({"content": format!("{n}")}))
            .await;
        if answer.status != 201 {
            refused = Some((n, answer));
            break;
        }
    }
    let (n, answer) = refused.expect("there is a limit");
    assert!(n >= 20, "people who talk fast are not held up: {n}");
    answer.refuses(429, "too_many_requests");
    asha.get(&path(&video)).await.is(200);
    asha.put(&format!("/api/v1/likes/v/{video}")).await.is(200);
}
