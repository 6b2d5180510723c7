//! Other texts of what is shown, and of what waits.

use serde_json::json;

use super::{HELD, MINE, approval, asks_for, count_on, one, says, shown, texts, told, video};
use crate::kit::{self, listener::Listener};

#[tokio::test(flavor = "multi_thread")]
async fn another_text_is_looked_at_again_and_the_approved_one_stays_meanwhile() {
    let site = kit::site().await;
    let (asha, bela) = (site.person("asha").await, site.person("bela").await);
    let video = video(&site, &asha).await;
    asks_for(&asha, json!({"blockedWords": ["spam"]})).await;
    let (id, waits) = says(&bela, &video, "Nice").await;
    assert!(!waits);
    asha.likes(&format!("c/{id}")).await;
    asha.replies(&video, &id, "Thanks").await;

    let changed = bela
        .patch(&one(&id), &json!({"content": "Nice spam"}))
        .await
        .is(200);
    assert_eq!(changed.at("/data/isHeld"), true);
    assert_eq!(changed.at("/data/content"), "Nice spam");
    assert_eq!(shown(&site.anyone(), &video).await, ["Nice"]);
    let item = asha.get(HELD).await.is(200).at("/data/items/0");
    assert_eq!(
        (
            &item["_id"],
            &item["content"],
            &item["isEdit"],
            &item["heldReason"]
        ),
        (&json!(id), &json!("Nice spam"), &json!(true), &json!("words"))
    );
    assert_eq!(told(&asha).await[..1], ["commentHeld"]);
    bela.patch(&one(&id), &json!({"content": "Better spam"}))
        .await
        .is(200);
    assert_eq!(texts(&bela, MINE).await, ["Better spam"], "the last one");

    let mut watcher = Listener::watching(&asha, &[&video]).await;
    let approved = asha.post(&approval(&id), &json!({})).await.is(200).at("/data");
    assert_eq!(approved["content"], "Better spam");
    assert!(approved["editedAt"].is_string());
    assert_eq!(
        (&approved["likesCount"], &approved["repliesCount"]),
        (&json!(1), &json!(1)),
        "with all that hangs on it"
    );
    let event = watcher.waits_for("comment.updated").await.data;
    assert_eq!(event["comment"], json!(id));
    assert_eq!(shown(&site.anyone(), &video).await, ["Better spam"]);
    assert_eq!(count_on(&site.anyone(), &video).await, 2);
    site.counts_right().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn another_text_that_waits_is_taken_back_replaced_refused_or_goes_with_its_comment() {
    let site = kit::site().await;
    let (asha, bela) = (site.person("asha").await, site.person("bela").await);
    let video = video(&site, &asha).await;
    asks_for(&asha, json!({"blockedWords": ["spam"]})).await;
    let (id, _) = says(&bela, &video, "Nice").await;
    let tries = async |content: &str| {
        let answer = bela.patch(&one(&id), &json!({"content": content})).await;
        answer.is(200).json["data"].get("isHeld").is_some()
    };
    assert!(tries("spam").await);
    assert!(!tries("Nice").await, "as it is shown");
    assert_eq!(texts(&bela, MINE).await, [""; 0]);
    assert!(tries("spam").await);
    assert!(!tries("Nicer").await);
    assert_eq!(texts(&bela, MINE).await, [""; 0]);
    assert_eq!(shown(&site.anyone(), &video).await, ["Nicer"]);
    assert!(tries("spam").await);
    let refused = asha.post(&format!("{HELD}/remove"), &json!({"ids": [id]})).await;
    assert_eq!(refused.is(200).at("/data/results/0/done"), true);
    assert_eq!(texts(&bela, MINE).await, [""; 0]);
    assert_eq!(
        shown(&site.anyone(), &video).await,
        ["Nicer"],
        "the comment stays"
    );
    assert!(tries("spam").await);
    bela.delete(&one(&id)).await.is(200);
    assert_eq!(texts(&bela, MINE).await, [""; 0]);
    asha.post(&approval(&id), &json!({}))
        .await
        .refuses(404, "comment_not_found");
    site.counts_right().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn another_text_of_what_waits_waits_too() {
    let site = kit::site().await;
    let (asha, bela) = (site.person("asha").await, site.person("bela").await);
    let video = video(&site, &asha).await;
    asks_for(&asha, json!({"blockedWords": ["spam"]})).await;
    let (id, waits) = says(&bela, &video, "spam").await;
    assert!(waits);
    let changed = bela
        .patch(&one(&id), &json!({"content": "Nothing"}))
        .await
        .is(200);
    assert_eq!(changed.at("/data/isHeld"), true);
    bela.patch(&one(&id), &json!({"content": " "}))
        .await
        .refuses(400, "invalid_fields")
        .blames("content", "missing");
    assert_eq!(shown(&site.anyone(), &video).await, [""; 0]);
    assert_eq!(texts(&asha, HELD).await, ["Nothing"]);
    asha.post(&approval(&id), &json!({})).await.is(200);
    assert_eq!(shown(&site.anyone(), &video).await, ["Nothing"]);
    let (other, _) = says(&bela, &video, "spam").await;
    asha.delete(&one(&other)).await.is(200);
    bela.delete(&one(&other)).await.refuses(404, "comment_not_found");
    site.counts_right().await;
}
