//! `/api/v1/comments/held` and `/comment-settings`: which comments wait, who knows of them, and who lets them through.

mod decisions;
mod edits;

use serde_json::{Value, json};

use crate::kit::rows::{self, add, row};
use crate::kit::{self, Person, Site};

const HELD: &str = "/api/v1/comments/held";
const MINE: &str = "/api/v1/comments/held/mine";
const SETTINGS: &str = "/api/v1/users/comment-settings";

/// A public video of this owner, made without a file.
async fn video(site: &Site, owner: &Person<'_>) -> String {
    let row = row(site, owner, "A clip");
    add(site, std::slice::from_ref(&row)).await;
    row.id.to_string()
}

fn one(comment: &str) -> String {
    format!("/api/v1/comments/c/{comment}")
}

fn approval(comment: &str) -> String {
    format!("/api/v1/comments/{comment}/approve")
}

fn mode_of(video: &str) -> String {
    format!("/api/v1/videos/{video}/comment-settings")
}

async fn asks_for(owner: &Person<'_>, settings: Value) {
    owner.patch(SETTINGS, &settings).await.is(200);
}

/// Writes a comment; tells its id and whether it waits.
async fn says(person: &Person<'_>, video: &str, content: &str) -> (String, bool) {
    let path = format!("/api/v1/comments/{video}");
    let written = person.post(&path, &json!({"content": content})).await.is(201);
    let waits = written.json["data"].get("isHeld") == Some(&json!(true));
    (written.text_at("/data/_id"), waits)
}

/// The texts of a list, in its order.
async fn texts(person: &Person<'_>, path: &str) -> Vec<String> {
    let found = person.get(path).await.is(200).at("/data/items");
    let items = found.as_array().unwrap().iter();
    items
        .map(|item| item["content"].as_str().unwrap().to_owned())
        .collect()
}

async fn shown(person: &Person<'_>, video: &str) -> Vec<String> {
    texts(person, &format!("/api/v1/comments/{video}?cursor=")).await
}

async fn count_on(person: &Person<'_>, video: &str) -> Value {
    let video = person.get(&format!("/api/v1/videos/{video}")).await;
    video.is(200).at("/data/commentsCount")
}

/// The kinds of what somebody is told, newest first.
async fn told(person: &Person<'_>) -> Vec<String> {
    let found = person
        .get("/api/v1/notifications")
        .await
        .is(200)
        .at("/data/items");
    let items = found.as_array().unwrap().iter();
    items
        .map(|item| item["kind"].as_str().unwrap().to_owned())
        .collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_comment_that_waits_is_there_for_its_author_and_for_those_who_decide_only() {
    let site = kit::site().await;
    let root = site.admin().await;
    let (asha, bela, chen) = (
        site.person("asha").await,
        site.person("bela").await,
        site.person("chen").await,
    );
    let judge = site.moderator("judge", &root).await;
    let video = video(&site, &asha).await;
    asks_for(&asha, json!({"approval": "all"})).await;
    let (id, waits) = says(&bela, &video, "Zebra").await;
    assert!(waits, "its author is told");
    let (own, waits) = says(&asha, &video, "Welcome").await;
    assert!(!waits, "the owner's own never wait");

    for person in [&site.anyone(), &asha, &bela, &chen, &judge, &root] {
        assert_eq!(shown(person, &video).await, ["Welcome"]);
        assert_eq!(count_on(person, &video).await, 1);
        let found = person.get(&format!("/api/v1/comments/{video}?query=zebra")).await;
        assert_eq!(found.is(200).at("/data/totalDocs"), 0);
        for path in [one(&id), format!("{}/replies", one(&id))] {
            person.get(&path).await.refuses(404, "comment_not_found");
        }
    }
    for person in [&asha, &bela, &chen, &judge, &root] {
        person
            .put(&format!("/api/v1/likes/c/{id}"))
            .await
            .refuses(404, "comment_not_found");
        let answer = json!({"content": "So", "parent": id});
        person
            .post(&format!("/api/v1/comments/{video}"), &answer)
            .await
            .refuses(404, "comment_not_found");
        person
            .post(&format!("{}/pin", one(&id)), &json!({}))
            .await
            .refuses(404, "comment_not_found");
        person.complains_of("comment", &id).await.is(404);
    }
    for (method, body) in [
        ("approve", json!({})),
        ("delete", Value::Null),
        ("patch", json!({"content": "x"})),
    ] {
        let answer = match method {
            "approve" => chen.post(&approval(&id), &body).await,
            "delete" => chen.delete(&one(&id)).await,
            _ => chen.patch(&one(&id), &body).await,
        };
        answer.refuses(404, "comment_not_found");
    }
    bela.post(&approval(&id), &json!({}))
        .await
        .refuses(403, "not_the_owner");
    asha.patch(&one(&id), &json!({"content": "Other words"}))
        .await
        .refuses(403, "not_the_author");

    let here = format!("{HELD}?videoId={video}");
    assert_eq!(texts(&asha, HELD).await, ["Zebra"]);
    for person in [&asha, &judge, &root] {
        let item = person.get(&here).await.is(200).at("/data/items/0");
        assert_eq!(
            (
                &item["_id"],
                &item["isHeld"],
                &item["heldReason"],
                &item["isEdit"]
            ),
            (&json!(id), &json!(true), &json!("all"), &json!(false))
        );
        assert_eq!(item["owner"]["username"], "bela");
    }
    for person in [&bela, &chen] {
        assert_eq!(texts(person, HELD).await, [""; 0]);
        person.get(&here).await.refuses(404, "video_not_found");
    }
    let mine = bela.get(MINE).await.is(200).at("/data/items/0");
    assert_eq!((&mine["_id"], &mine["isHeld"]), (&json!(id), &json!(true)));
    assert!(mine.get("heldReason").is_none(), "the author is not told why");
    assert_eq!(texts(&asha, MINE).await, [""; 0]);
    let listed = site.anyone().get(&format!("/api/v1/comments/{video}")).await;
    let listed = listed.is(200).at("/data/docs/0");
    assert_eq!(listed["_id"], json!(own));
    assert!(listed.get("isHeld").is_none(), "only there");
    site.counts_right().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_channel_asks_for_is_kept_and_what_is_no_setting_is_refused() {
    let site = kit::site().await;
    let (asha, bela) = (site.person("asha").await, site.person("bela").await);
    let nothing = json!({"approval": "none", "blockedWords": []});
    assert_eq!(asha.get(SETTINGS).await.is(200).at("/data"), nothing);
    let words = json!({"blockedWords": [" Bad  ", "bád", "worse still"], "approval": null});
    let kept = asha.patch(SETTINGS, &words).await.is(200).at("/data");
    assert_eq!(
        kept,
        json!({"approval": "none", "blockedWords": ["Bad", "worse still"]}),
        "each once"
    );
    asks_for(&asha, json!({"approval": "links"})).await;
    let kept = asha.get(SETTINGS).await.is(200).at("/data");
    assert_eq!(
        kept,
        json!({"approval": "links", "blockedWords": ["Bad", "worse still"]})
    );
    assert_eq!(bela.get(SETTINGS).await.is(200).at("/data"), nothing, "one's own");

    for (body, field, code) in [
        (json!({"approval": "some"}), "approval", "unknown"),
        (json!({"blockedWords": ["?"]}), "blockedWords", "malformed"),
        (json!({"blockedWords": [" "]}), "blockedWords", "missing"),
        (
            json!({"blockedWords": ["x".repeat(101)]}),
            "blockedWords",
            "too_long",
        ),
        (
            json!({"blockedWords": vec!["x"; 501]}),
            "blockedWords",
            "too_many",
        ),
    ] {
        asha.patch(SETTINGS, &body)
            .await
            .refuses(400, "invalid_fields")
            .blames(field, code);
    }
    asha.patch(SETTINGS, &json!({}))
        .await
        .refuses(400, "nothing_to_change");
    asha.patch(SETTINGS, &json!({"blockedWords": "bad"}))
        .await
        .refuses(400, "wrong_type");
    assert_eq!(asha.get(SETTINGS).await.is(200).at("/data"), kept);

    let longest: Vec<String> = (100..600)
        .map(|n| format!("{}{n}", "\u{5b57}".repeat(97)))
        .collect();
    let kept = asha
        .patch(SETTINGS, &json!({"blockedWords": longest}))
        .await
        .is(200);
    assert_eq!(kept.at("/data/blockedWords"), json!(longest), "in any script");

    let video = video(&site, &asha).await;
    let path = mode_of(&video);
    assert_eq!(
        bela.get(&path).await.is(200).at("/data"),
        json!({"commentsMode": "on"})
    );
    bela.patch(&path, &json!({"commentsMode": "off"}))
        .await
        .refuses(403, "not_the_owner");
    for (mode, code) in [(json!("closed"), "unknown"), (Value::Null, "missing")] {
        asha.patch(&path, &json!({"commentsMode": mode}))
            .await
            .refuses(400, "invalid_fields")
            .blames("commentsMode", code);
    }
    let (before, _) = says(&bela, &video, "Before").await;
    asha.patch(&path, &json!({"commentsMode": "off"})).await.is(200);
    for person in [&bela, &asha] {
        person
            .post(&format!("/api/v1/comments/{video}"), &json!({"content": "After"}))
            .await
            .refuses(403, "comments_off");
    }
    assert_eq!(
        shown(&site.anyone(), &video).await,
        ["Before"],
        "what was said stays"
    );
    bela.patch(&one(&before), &json!({"content": "Changed"}))
        .await
        .is(200);
    asha.patch(&path, &json!({"commentsMode": "held"})).await.is(200);
    assert!(says(&bela, &video, "After").await.1);
    assert_eq!(
        site.anyone().get(&path).await.is(200).at("/data/commentsMode"),
        "held"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn what_waits_is_what_the_channel_asks_for() {
    let site = kit::site().await;
    let (asha, bela, chen) = (
        site.person("asha").await,
        site.person("bela").await,
        site.person("chen").await,
    );
    let here = video(&site, &asha).await;
    let elsewhere = video(&site, &chen).await;
    asks_for(&asha, json!({"blockedWords": ["buy now", "Crème"]})).await;
    for (text, waits) in [
        ("Please BUY\nnow!", true),
        ("creme", true),
        ("ｃｒｅｍｅ brûlée", true),
        ("buy it now", false),
        ("cremes", false),
        ("see example.com", false),
    ] {
        assert_eq!(says(&bela, &here, text).await.1, waits, "{text}");
        assert!(!says(&asha, &here, text).await.1, "the owner says: {text}");
        assert!(
            !says(&bela, &elsewhere, text).await.1,
            "on another channel: {text}"
        );
    }
    asks_for(&asha, json!({"approval": "links"})).await;
    assert!(says(&bela, &here, "see example.com").await.1);
    assert!(!says(&bela, &here, "no link").await.1);
    assert!(says(&bela, &here, "buy now").await.1, "words are blocked besides");

    asks_for(&asha, json!({"approval": "first"})).await;
    let (first, waits) = says(&bela, &here, "Hello").await;
    assert!(waits);
    assert!(says(&bela, &here, "Hello again").await.1, "until one is approved");
    asha.post(&approval(&first), &json!({})).await.is(200);
    assert!(!says(&bela, &here, "And again").await.1);
    assert!(says(&bela, &here, "creme").await.1, "but for blocked words");
    assert!(says(&chen, &here, "Me too").await.1, "everyone by themselves");
    asha.patch(&mode_of(&here), &json!({"commentsMode": "held"}))
        .await
        .is(200);
    assert!(says(&bela, &here, "Under this video all wait").await.1);
    site.counts_right().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_waits_is_listed_newest_first_by_walks_along_an_index() {
    let site = kit::site().await;
    let (asha, bela) = (site.person("asha").await, site.person("bela").await);
    let (one, two) = (video(&site, &asha).await, video(&site, &asha).await);
    asks_for(&asha, json!({"approval": "all"})).await;
    for n in 0..7 {
        says(&bela, if n % 2 == 0 { &one } else { &two }, &format!("{n}")).await;
    }
    let contents = |items: Vec<Value>| -> Vec<String> {
        let items = items.iter();
        items
            .map(|item| item["content"].as_str().unwrap().to_owned())
            .collect()
    };
    let all = ["6", "5", "4", "3", "2", "1", "0"];
    assert_eq!(contents(asha.walks(HELD, 3).await), all);
    assert_eq!(contents(bela.walks(MINE, 2).await), all);
    let there = format!("{HELD}?videoId={two}");
    assert_eq!(contents(asha.walks(&there, 2).await), ["5", "3", "1"]);
    asha.get(&format!("{HELD}?videoId=x"))
        .await
        .refuses(400, "invalid_fields")
        .blames("videoId", "malformed");
    asha.get(&format!("{HELD}?cursor=x"))
        .await
        .refuses(400, "bad_cursor");
    for list in [
        store::held::OF_CHANNEL,
        store::held::OF_VIDEO,
        store::held::OF_AUTHOR,
    ] {
        rows::never_scans(&site, list).await;
    }
}
