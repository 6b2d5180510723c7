//! Approving and removing what waits: one, many, and many at once.

use reqwest::Method;
use serde_json::{Value, json};
use tokio::task::JoinSet;

use super::{HELD, MINE, approval, asks_for, count_on, mode_of, one, says, shown, texts, told, video};
use crate::kit::listener::{Listener, rings};
use crate::kit::{self, Person, Site};

/// Decides about several; answers what became of each: its code, empty where it was done.
async fn decides(person: &Person<'_>, decision: &str, ids: &[&str]) -> Vec<String> {
    let answer = person
        .post(&format!("{HELD}/{decision}"), &json!({"ids": ids}))
        .await;
    let results = answer.is(200).at("/data/results");
    let results = results.as_array().unwrap().iter().zip(ids);
    results
        .map(|(result, id)| {
            assert_eq!(result["_id"], json!(id), "in their order");
            assert_eq!(result["done"], json!(result["code"].is_null()));
            result["code"].as_str().unwrap_or_default().to_owned()
        })
        .collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_approved_is_published_then_and_stands_where_it_was_written() {
    let site = kit::site().await;
    let (asha, bela, chen) = (
        site.person("asha").await,
        site.person("bela").await,
        site.person("chen").await,
    );
    let video = video(&site, &asha).await;
    let (top, _) = says(&chen, &video, "A question").await;
    asha.post("/api/v1/notifications/read", &json!({})).await.is(200);
    asha.patch(&mode_of(&video), &json!({"commentsMode": "held"}))
        .await
        .is(200);
    let mut watcher = Listener::watching(&chen, &[&video]).await;
    let (first, _) = says(&bela, &video, "Aardvark").await;
    let reply = bela.replies(&video, &top, "An answer").await;
    asha.comments(&video, "Later").await;
    rings(&site);
    let heard = watcher.hears_until("test.bell").await;
    let created: Vec<&Value> = heard.iter().map(|event| &event.data["owner"]).collect();
    assert_eq!(created, [&json!(asha.id)], "of what waits nobody hears");
    assert_eq!(told(&chen).await, [""; 0], "nor are they told");
    assert_eq!(told(&asha).await[..1], ["commentHeld"], "once, until it is read");
    assert_eq!(
        told(&asha)
            .await
            .iter()
            .filter(|kind| *kind == "commentHeld")
            .count(),
        1
    );

    let row = asha.post(&approval(&first), &json!({})).await.is(200).at("/data");
    assert!(row.get("isHeld").is_none());
    assert_eq!(row["editedAt"], Value::Null);
    let again = asha.post(&approval(&first), &json!({})).await.is(200).at("/data");
    assert_eq!(again, row, "once is enough");
    let event = watcher.waits_for("comment.created").await.data;
    assert_eq!(
        (&event["comment"], &event["owner"]),
        (&json!(first), &json!(bela.id))
    );
    assert_eq!(
        shown(&site.anyone(), &video).await,
        ["Later", "Aardvark", "A question"],
        "by the time when it was written"
    );
    kit::until("it is found", async || {
        let found = chen
            .get(&format!("/api/v1/comments/{video}?query=aardvark"))
            .await;
        found.is(200).at("/data/totalDocs") == json!(1)
    })
    .await;
    chen.likes(&format!("c/{first}")).await;
    assert_eq!(told(&asha).await[..2], ["comment", "commentHeld"]);

    asha.post(&approval(&reply), &json!({})).await.is(200);
    assert_eq!(told(&chen).await, ["reply"]);
    assert_eq!(count_on(&site.anyone(), &video).await, 4);
    assert_eq!(texts(&asha, HELD).await, [""; 0]);
    assert_eq!(texts(&bela, MINE).await, [""; 0]);
    site.counts_right().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_owner_is_told_again_after_reading_and_not_at_all_if_they_do_not_want_it() {
    let site = kit::site().await;
    let (asha, bela) = (site.person("asha").await, site.person("bela").await);
    let (one, two) = (video(&site, &asha).await, video(&site, &asha).await);
    asks_for(&asha, json!({"approval": "all"})).await;
    for (video, times) in [(&one, 1), (&one, 1), (&two, 2), (&two, 2)] {
        says(&bela, video, "Hello").await;
        assert_eq!(
            told(&asha).await,
            vec!["commentHeld"; times],
            "one for each video"
        );
    }
    let item = asha
        .get("/api/v1/notifications")
        .await
        .is(200)
        .at("/data/items/0");
    assert_eq!(
        (&item["video"]["_id"], &item["comment"], &item["actor"]),
        (&json!(two), &Value::Null, &Value::Null)
    );
    let id = item["_id"].as_str().unwrap();
    asha.post("/api/v1/notifications/read", &json!({"ids": [id]}))
        .await
        .is(200);
    says(&bela, &two, "Hello").await;
    assert_eq!(told(&asha).await.len(), 3, "that one was read");
    asha.patch(
        "/api/v1/notifications/preferences",
        &json!({"commentHeld": false}),
    )
    .await
    .is(200);
    asha.post("/api/v1/notifications/read", &json!({})).await.is(200);
    says(&bela, &two, "Hello").await;
    assert_eq!(told(&asha).await.len(), 3);
}

#[tokio::test(flavor = "multi_thread")]
async fn many_are_decided_at_once_and_each_is_told_of() {
    let site = kit::site().await;
    let root = site.admin().await;
    let (asha, bela, chen) = (
        site.person("asha").await,
        site.person("bela").await,
        site.person("chen").await,
    );
    let (here, there) = (video(&site, &asha).await, video(&site, &chen).await);
    for owner in [&asha, &chen] {
        asks_for(owner, json!({"approval": "all"})).await;
    }
    let mut ids = Vec::new();
    for n in 0..4 {
        ids.push(says(&bela, &here, &format!("{n}")).await.0);
    }
    let (foreign, _) = says(&bela, &there, "There").await;
    let nothing = "0123456789abcdef01234567";
    let some = [ids[0].as_str(), &foreign, nothing, &ids[1], &ids[0]];
    let gone = "comment_not_found";
    assert_eq!(decides(&asha, "approve", &some).await, ["", gone, gone, "", ""]);
    assert_eq!(
        decides(&bela, "approve", &[&foreign]).await,
        ["not_the_owner"],
        "nobody approves their own"
    );
    assert_eq!(decides(&asha, "remove", &[&ids[0], &ids[2]]).await, [gone, ""]);
    assert_eq!(decides(&bela, "remove", &[&ids[3]]).await, [""], "its author may");
    let judge = site.moderator("judge", &root).await;
    assert_eq!(decides(&judge, "approve", &[&foreign]).await, [""]);
    assert_eq!(shown(&site.anyone(), &here).await, ["1", "0"]);
    assert_eq!(shown(&site.anyone(), &there).await, ["There"]);
    assert_eq!(texts(&asha, HELD).await, [""; 0]);

    let path = format!("{HELD}/approve");
    for (ids, code) in [
        (json!([]), "out_of_range"),
        (json!(vec![nothing; 101]), "out_of_range"),
        (json!(["x"]), "malformed"),
    ] {
        asha.post(&path, &json!({"ids": ids}))
            .await
            .refuses(400, "invalid_fields")
            .blames("ids", code);
    }
    asha.post(&path, &json!({"ids": [7]}))
        .await
        .refuses(400, "wrong_type");
    decides(&asha, "approve", &[nothing; 100]).await;
    site.counts_right().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn two_hundred_who_approve_edit_and_remove_at_once_leave_every_number_right() {
    let site = kit::site().await;
    let (asha, bela) = (site.person("asha").await, site.person("bela").await);
    let video = video(&site, &asha).await;
    let top = asha.comments(&video, "Top").await;
    asks_for(&asha, json!({"approval": "all"})).await;
    let mut ids = Vec::new();
    for n in 0..20 {
        ids.push(if n % 2 == 0 {
            says(&bela, &video, &format!("{n}")).await.0
        } else {
            bela.replies(&video, &top, &format!("{n}")).await
        });
    }
    let mut clients = JoinSet::new();
    for n in 0..200 {
        let id = &ids[n % ids.len()];
        let request = match n / ids.len() {
            0 | 3 | 6 => asha.request(Method::POST, &approval(id)).json(&json!({})),
            1 | 7 => bela
                .request(Method::PATCH, &one(id))
                .json(&json!({"content": format!("Other {n}")})),
            4 if n % 3 == 0 => bela.request(Method::DELETE, &one(id)),
            8 if n % 3 == 1 => asha.request(Method::DELETE, &one(id)),
            _ => asha
                .request(Method::POST, &format!("{HELD}/approve"))
                .json(&json!({"ids": [id]})),
        };
        clients.spawn(kit::answer(request));
    }
    while let Some(answer) = clients.join_next().await {
        let answer = answer.unwrap();
        assert!([200, 404].contains(&answer.status), "{}", answer.status);
    }
    site.counts_right().await;
    let listed = shown(&site.anyone(), &video).await.len();
    let replies = site.anyone().get(&format!("{}/replies", one(&top))).await;
    let replies = replies.is(200).at("/data/totalDocs").as_u64().unwrap();
    assert_eq!(
        count_on(&site.anyone(), &video).await,
        json!(listed as u64 + replies)
    );
    let doubled = "SELECT count(*) FROM held_comments h JOIN comments c ON c.id = h.id WHERE h.is_edit = 0";
    assert_eq!(site.count(doubled).await, 0, "nothing is in both places");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_the_blocked_said_and_what_answers_nothing_is_not_approved() {
    let site = kit::site().await;
    let root = site.admin().await;
    let (asha, bela, chen) = (
        site.person("asha").await,
        site.person("bela").await,
        site.person("chen").await,
    );
    let video = video(&site, &asha).await;
    let (top, _) = says(&chen, &video, "Top").await;
    asks_for(&asha, json!({"approval": "all"})).await;
    let (id, _) = says(&bela, &video, "Hello").await;
    let reply = bela.replies(&video, &top, "An answer").await;

    let path = format!("/api/v1/users/blocks/{}", bela.id);
    asha.put(&path).await.is(200);
    asha.post(&approval(&id), &json!({}))
        .await
        .refuses(409, "author_blocked");
    asha.delete(&path).await.is(200);
    chen.put(&path).await.is(200);
    asha.post(&approval(&reply), &json!({}))
        .await
        .refuses(409, "author_blocked");
    chen.delete(&path).await.is(200);
    root.takes_down("comment", &top, "Because").await.is(200);
    asha.post(&approval(&reply), &json!({}))
        .await
        .refuses(409, "thread_gone");
    assert_eq!(decides(&asha, "approve", &[&reply]).await, ["thread_gone"]);
    root.restores("comment", &top).await.is(200);

    root.takes_down("video", &video, "Because").await.is(200);
    bela.get(&format!("/api/v1/comments/{video}")).await.is(404);
    bela.patch(&one(&id), &json!({"content": "x"}))
        .await
        .refuses(404, "comment_not_found");
    assert_eq!(texts(&bela, MINE).await.len(), 2, "their own words they know");
    asha.post(&approval(&id), &json!({})).await.is(200);
    assert_eq!(told(&chen).await, [""; 0]);
    site.counts_right().await;
    root.restores("video", &video).await.is(200);
    assert_eq!(shown(&site.anyone(), &video).await, ["Hello", "Top"]);

    chen.delete(&one(&top)).await.is(200);
    assert_eq!(
        texts(&bela, MINE).await,
        [""; 0],
        "what answers it goes with the thread"
    );
    asha.post(&approval(&reply), &json!({}))
        .await
        .refuses(404, "comment_not_found");
    site.counts_right().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_waits_goes_with_its_video_and_with_its_author() {
    let site = kit::site().await;
    let (asha, bela, chen) = (
        site.person("asha").await,
        site.person("bela").await,
        site.person("chen").await,
    );
    let (one, two) = (video(&site, &asha).await, video(&site, &asha).await);
    asks_for(&asha, json!({"approval": "first"})).await;
    for video in [&one, &two] {
        says(&bela, video, "Hello").await;
        says(&chen, video, "Hello").await;
    }
    let (known, _) = says(&chen, &two, "Known").await;
    asha.post(&approval(&known), &json!({})).await.is(200);
    asha.delete(&format!("/api/v1/videos/{one}")).await.is(200);
    gone(&site, "what waited under it", "held_comments", 2).await;
    leaves(&bela).await;
    gone(&site, "what they wrote", "held_comments", 1).await;
    leaves(&asha).await;
    for table in ["held_comments", "comment_settings", "approved_authors"] {
        gone(&site, "what hung on the channel", table, 0).await;
    }
}

async fn leaves(person: &Person<'_>) {
    let request = person.request(Method::DELETE, "/api/v1/users/me");
    kit::answer(request.json(&json!({"password": kit::PASSWORD})))
        .await
        .is(200);
}

/// Waits until a table has only so many rows.
async fn gone(site: &Site, what: &str, table: &str, left: i64) {
    let sql = format!("SELECT count(*) FROM {table}");
    kit::until(&format!("{what} is gone"), async || {
        site.count(&sql).await == left
    })
    .await;
}
