//! `/api/v1/reports` and `/api/v1/admin`: who looks after the site, and what comes of it.

mod registrations;
mod reports;
mod takedowns;
mod users;

use serde_json::{Value, json};

use crate::kit::{self, rows};

const AUDIT: &str = "/api/v1/admin/audit";
const NO_SUCH_ID: &str = "0123456789abcdef01234567";

fn acts(log: &[Value]) -> Vec<&str> {
    log.iter().map(|row| row["act"].as_str().unwrap()).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn every_act_is_written_down_with_who_did_what_to_what() {
    let site = kit::site().await;
    let admin = site.admin().await;
    let mo = site.moderator("moe", &admin).await;
    let asha = site.person("asha").await;
    let (tweet, other) = (asha.tweets("Buy now").await, asha.tweets("And this").await);
    let report = mo
        .complains_of("tweet", &tweet)
        .await
        .is(201)
        .text_at("/data/_id");
    mo.takes_down("tweet", &tweet, "Advertising").await.is(200);
    mo.takes_down("tweet", &tweet, "Advertising").await.is(200);
    let closed = json!({"state": "closed", "note": "Right"});
    let path = format!("/api/v1/admin/reports/{report}");
    mo.patch(&path, &closed).await.is(200);
    mo.patch(&path, &closed).await.is(200);
    mo.restores("tweet", &tweet).await.is(200);
    mo.restores("tweet", &tweet).await.is(200);
    admin.delete(&format!("/api/v1/tweets/{other}")).await.is(200);
    asha.delete(&format!("/api/v1/tweets/{tweet}")).await.is(200);
    let off = json!({"disabled": true, "quota": 5000});
    admin.changes_account(&asha, &off).await.is(200);

    let log = admin.walks(AUDIT, 3).await;
    assert_eq!(
        acts(&log),
        [
            "user.set_quota",
            "user.disable",
            "content.remove",
            "content.restore",
            "report.close",
            "content.take_down",
            "user.set_role",
        ],
        "each once, the newest first; what one does to one's own is no act"
    );
    let down = &log[5];
    assert_eq!(down["actor"], json!({"_id": mo.id, "username": "moe"}));
    assert_eq!((&down["kind"], &down["target"]), (&json!("tweet"), &json!(tweet)));
    assert_eq!(down["note"], "Advertising");
    assert!(down["createdAt"].is_string());
    assert_eq!(log[0]["note"], "5000");
    assert_eq!(log[4]["target"], json!(report));
    assert_eq!(log[6]["note"], "user → moderator");
    mo.get(AUDIT).await.is(404);
    let elsewhere = admin.get("/api/v1/admin/reports?limit=1&cursor=").await.is(200);
    assert_eq!(elsewhere.at("/data/items"), json!([]), "it is closed");
    admin
        .get(&format!("{AUDIT}?cursor=nonsense"))
        .await
        .refuses(400, "bad_cursor");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_moderators_read_is_found_through_indexes() {
    let site = kit::site().await;
    for statement in [
        store::reports::statement(false),
        store::reports::statement(true),
        store::audit::STATEMENT.to_owned(),
        store::users::accounts_statement().to_owned(),
        store::users::awaiting_statement().to_owned(),
        store::users::ANY_OTHER_ADMIN.to_owned(),
    ] {
        rows::never_scans(&site, &statement).await;
    }
}
