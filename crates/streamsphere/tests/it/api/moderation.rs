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

#[tokio::test(flavor = "multi_thread")]
async fn what_admins_change_of_others_is_written_down_and_what_they_change_of_their_own_is_not() {
    let site = kit::site().await;
    let admin = site.admin().await;
    let asha = site.person("asha").await;
    let videos = [rows::row(&site, &asha, "Hers"), rows::row(&site, &admin, "His")];
    rows::add(&site, &videos).await;
    let [hers, his] = videos.map(|video| video.id.to_string());
    let comment = asha.comments(&hers, "First").await;
    let list = json!({"name": "A list"});
    let list = asha
        .post("/api/v1/playlist", &list)
        .await
        .is(201)
        .text_at("/data/_id");
    let playlist = format!("/api/v1/playlist/{list}");
    let (video, own) = (format!("/api/v1/videos/{hers}"), format!("/api/v1/videos/{his}"));
    for path in [&video, &own] {
        let words = json!({"title": "Better", "description": ""});
        admin.patch(path, &words).await.is(200);
        let captions = admin.request(reqwest::Method::PUT, &format!("{path}/captions/en"));
        let file = "WEBVTT\n\n00:00.500 --> 00:01.500\nHello\n";
        kit::answer(captions.header("content-type", "text/vtt").body(file))
            .await
            .is(201);
        admin.delete(&format!("{path}/captions/en")).await.is(200);
    }
    let toggle = format!("/api/v1/videos/toggle/publish/{hers}");
    admin.patch(&toggle, &json!({})).await.is(200);
    admin.patch(&toggle, &json!({})).await.is(200);
    let pin = format!("/api/v1/comments/c/{comment}/pin");
    admin.post(&pin, &json!({})).await.is(200);
    admin.patch(&playlist, &json!({"name": "Another"})).await.is(200);
    for video in [&his, &hers] {
        admin
            .patch(&format!("/api/v1/playlist/add/{video}/{list}"), &json!({}))
            .await
            .is(200);
    }
    let order = json!({"videoId": hers, "before": his});
    admin.patch(&format!("{playlist}/order"), &order).await.is(200);
    admin
        .delete(&format!("/api/v1/playlist/remove/{his}/{list}"))
        .await
        .is(200);
    // What changes nothing, and what is refused, is no act.
    admin
        .delete(&format!("/api/v1/playlist/remove/{his}/{list}"))
        .await
        .is(200);
    admin.patch(&video, &json!({"title": ""})).await.is(400);
    asha.patch(&video, &json!({"title": "Mine again"})).await.is(200);

    let log = admin.walks(AUDIT, 4).await;
    let said: Vec<(&str, &str, &str)> = log
        .iter()
        .map(|row| {
            assert_eq!(row["act"], "content.edit");
            assert_eq!(row["actor"]["username"], "root");
            let text = |field: &str| row[field].as_str().unwrap();
            (text("kind"), text("target"), text("note"))
        })
        .collect();
    let notes = [
        format!("removed {his}"),
        format!("moved {hers}"),
        format!("added {hers}"),
        format!("added {his}"),
    ];
    let expected = [
        ("playlist", &list, notes[0].as_str()),
        ("playlist", &list, notes[1].as_str()),
        ("playlist", &list, notes[2].as_str()),
        ("playlist", &list, notes[3].as_str()),
        ("playlist", &list, "name"),
        ("comment", &comment, "pinned"),
        ("video", &hers, "visibility"),
        ("video", &hers, "visibility"),
        ("video", &hers, "captions en"),
        ("video", &hers, "captions en"),
        ("video", &hers, "title"),
    ];
    assert_eq!(said, expected.map(|(kind, id, note)| (kind, id.as_str(), note)));
}
