//! `/api/v1/admin/registrations`: a site on which admins let people in.

use serde_json::{Value, json};

use super::{AUDIT, NO_SUCH_ID, acts};
use crate::kit::{self, PASSWORD, Person, Site};

const WAITING: &str = "/api/v1/admin/registrations";

async fn registers(site: &Site, name: &str) -> String {
    let body = json!({
        "username": name, "email": format!("{name}@example.com"), "fullName": name, "password": PASSWORD,
        "awaitingApproval": false, "disabled": false,
    });
    let made = site
        .anyone()
        .post("/api/v1/users/register", &body)
        .await
        .is(201)
        .at("/data");
    assert_eq!(made["awaitingApproval"], true);
    made["_id"].as_str().unwrap().to_owned()
}

async fn signs_in(site: &Site, name: &str, password: &str) -> kit::Answer {
    let body = json!({"username": name, "password": password});
    site.anyone().post("/api/v1/users/login", &body).await
}

async fn names(admin: &Person<'_>) -> Vec<String> {
    let waiting = admin.walks(WAITING, 2).await;
    let name = |account: &Value| account["username"].as_str().unwrap().to_owned();
    waiting.iter().map(name).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn where_admins_let_people_in_nobody_signs_in_before() {
    let site = kit::with("registration", "approval").start().await;
    let admin = site.admin().await;
    let mut ids = Vec::new();
    for name in ["asha", "bela", "chen"] {
        ids.push(registers(&site, name).await);
    }
    assert_eq!(names(&admin).await, ["asha", "bela", "chen"], "the longest first");
    signs_in(&site, "asha", PASSWORD)
        .await
        .refuses(403, "awaiting_approval");
    signs_in(&site, "asha", "wrong-otter-84")
        .await
        .refuses(401, "invalid_credentials");
    site.anyone().get("/api/v1/users/c/asha").await.is(404);
    let taken = json!({
        "username": "asha", "email": "other@example.com", "fullName": "Other", "password": PASSWORD,
    });
    site.anyone()
        .post("/api/v1/users/register", &taken)
        .await
        .refuses(409, "username_taken");

    let let_in = admin
        .post(&format!("{WAITING}/{}/approve", ids[0]), &json!({}))
        .await
        .is(200)
        .at("/data");
    assert_eq!(let_in["disabled"], false);
    assert!(let_in.get("awaitingApproval").is_none());
    let asha = site.sign_in("asha").await;
    asha.get("/api/v1/users/current-user").await.is(200);
    site.anyone().get("/api/v1/users/c/asha").await.is(200);
    asha.get(WAITING).await.refuses(404, "route_not_found");

    admin.delete(&format!("{WAITING}/{}", ids[1])).await.is(200);
    signs_in(&site, "bela", PASSWORD)
        .await
        .refuses(401, "invalid_credentials");
    assert_eq!(names(&admin).await, ["chen"]);
    kit::until("who was turned away is gone", async || {
        site.count("SELECT count(*) FROM users WHERE username = 'bela'")
            .await
            == 0
    })
    .await;
    registers(&site, "bela").await;

    let on = json!({"disabled": false});
    let path = format!("/api/v1/admin/users/{}", ids[2]);
    admin.patch(&path, &on).await.is(200);
    site.sign_in("chen").await;
    assert_eq!(names(&admin).await, ["bela"]);
    for id in [ids[0].as_str(), &ids[1], NO_SUCH_ID] {
        admin
            .post(&format!("{WAITING}/{id}/approve"), &json!({}))
            .await
            .refuses(404, "registration_not_found");
        admin
            .delete(&format!("{WAITING}/{id}"))
            .await
            .refuses(404, "registration_not_found");
    }
    let log = admin.walks(AUDIT, 10).await;
    assert_eq!(
        acts(&log),
        ["user.enable", "registration.refuse", "registration.approve"]
    );
    site.counts_right().await;
}
