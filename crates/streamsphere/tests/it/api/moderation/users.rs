//! `/api/v1/admin/users`: roles, switching off, quotas.

use serde_json::{Value, json};

use super::NO_SUCH_ID;
use crate::kit::rows::{add, row};
use crate::kit::{self, PASSWORD};

const USERS: &str = "/api/v1/admin/users";

fn names(list: &[Value]) -> Vec<&str> {
    list.iter()
        .map(|item| item["username"].as_str().unwrap())
        .collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn an_admin_finds_accounts_by_the_beginning_of_their_names() {
    let site = kit::site().await;
    let admin = site.admin().await;
    for name in ["asha", "asha.b", "asha_c", "ashab", "bela"] {
        site.person(name).await;
    }
    let all = admin.walks(USERS, 2).await;
    assert_eq!(
        names(&all),
        ["asha", "asha.b", "asha_c", "ashab", "bela", "root"],
        "in the order of names, each once"
    );
    assert_eq!(all[0]["email"], "asha@example.com");
    assert_eq!(
        (&all[0]["role"], &all[5]["role"]),
        (&json!("user"), &json!("admin"))
    );
    assert_eq!(
        (&all[0]["disabled"], &all[0]["quota"]),
        (&json!(false), &Value::Null)
    );
    let found = admin.walks(&format!("{USERS}?query=asha"), 1).await;
    assert_eq!(names(&found), ["asha", "asha.b", "asha_c", "ashab"]);
    let found = admin.walks(&format!("{USERS}?query=BEL"), 10).await;
    assert_eq!(names(&found), ["bela"]);
    for nobody in ["zz", "%25", "a%20b", "_"] {
        let found = admin.get(&format!("{USERS}?query={nobody}")).await.is(200);
        assert_eq!(found.at("/data/items"), json!([]), "{nobody}");
    }
    for bad in ["x", "QVNIQQ", "!"] {
        admin
            .get(&format!("{USERS}?cursor={bad}"))
            .await
            .refuses(400, "bad_cursor");
    }
    let mo = site.moderator("moe", &admin).await;
    mo.get(USERS).await.refuses(404, "route_not_found");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_role_holds_from_the_moment_in_which_it_is_given_or_taken() {
    let site = kit::site().await;
    let admin = site.admin().await;
    let mo = site.person("moe").await;
    mo.get("/api/v1/admin/reports").await.is(404);
    let made = admin
        .changes_account(&mo, &json!({"role": "moderator"}))
        .await
        .is(200);
    assert_eq!(made.at("/data/role"), "moderator");
    mo.get("/api/v1/admin/reports").await.is(200);
    assert_eq!(
        mo.get("/api/v1/users/current-user").await.at("/data/role"),
        "moderator"
    );
    mo.get("/api/v1/admin/jobs").await.is(404);
    let own = json!({"role": "admin"});
    mo.changes_account(&mo, &own)
        .await
        .refuses(404, "route_not_found");
    admin.changes_account(&mo, &json!({"role": "user"})).await.is(200);
    mo.get("/api/v1/admin/reports").await.is(404);

    for (change, code) in [
        (json!({}), "nothing_to_change"),
        (json!({"role": "root"}), "invalid_fields"),
        (json!({"role": 7}), "wrong_type"),
        (json!({"disabled": "yes"}), "wrong_type"),
        (json!({"quota": -1}), "invalid_fields"),
    ] {
        admin.changes_account(&mo, &change).await.refuses(400, code);
    }
    let change = json!({"role": "moderator"});
    let nobody = format!("{USERS}/{NO_SUCH_ID}");
    admin.patch(&nobody, &change).await.refuses(404, "user_not_found");
    admin
        .patch(&format!("{USERS}/x"), &change)
        .await
        .refuses(400, "malformed_id");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_last_admin_stays_one() {
    let site = kit::site().await;
    let admin = site.admin().await;
    let asha = site.person("asha").await;
    for change in [
        json!({"role": "user"}),
        json!({"role": "moderator"}),
        json!({"disabled": true}),
    ] {
        admin
            .changes_account(&admin, &change)
            .await
            .refuses(409, "last_admin");
    }
    admin
        .changes_account(&asha, &json!({"role": "admin"}))
        .await
        .is(200);
    admin
        .changes_account(&asha, &json!({"disabled": true}))
        .await
        .is(200);
    let leaves = json!({"role": "user"});
    admin
        .changes_account(&admin, &leaves)
        .await
        .refuses(409, "last_admin");
    admin
        .changes_account(&asha, &json!({"disabled": false}))
        .await
        .is(200);
    admin.changes_account(&admin, &leaves).await.is(200);
    admin.get(USERS).await.is(404);
    let asha = site.sign_in("asha").await;
    asha.changes_account(&asha, &leaves)
        .await
        .refuses(409, "last_admin");
    let goes = asha.request(reqwest::Method::DELETE, "/api/v1/users/me");
    kit::answer(goes.json(&json!({"password": PASSWORD})))
        .await
        .refuses(409, "last_admin");
}

#[tokio::test(flavor = "multi_thread")]
async fn who_is_switched_off_is_signed_out_at_once_and_what_they_made_stays() {
    let site = kit::site().await;
    let admin = site.admin().await;
    let asha = site.person("asha").await;
    let video = row(&site, &asha, "A clip");
    add(&site, std::slice::from_ref(&video)).await;
    let off = admin
        .changes_account(&asha, &json!({"disabled": true}))
        .await
        .is(200);
    assert_eq!(off.at("/data/disabled"), true);
    assert!(off.at("/data/disabledAt").is_string());
    asha.get("/api/v1/users/current-user").await.is(401);
    let refresh = json!({"refreshToken": asha.refresh_token});
    site.anyone()
        .post("/api/v1/users/refresh-token", &refresh)
        .await
        .is(401);
    let login = json!({"username": "asha", "password": PASSWORD});
    site.anyone()
        .post("/api/v1/users/login", &login)
        .await
        .refuses(401, "invalid_credentials");
    let anyone = site.anyone();
    anyone.get(&format!("/api/v1/videos/{}", video.id)).await.is(200);
    let list = anyone.get("/api/v1/videos").await.is(200);
    assert_eq!(list.at("/data/totalDocs"), 1);

    admin
        .changes_account(&asha, &json!({"disabled": false}))
        .await
        .is(200);
    asha.get("/api/v1/users/current-user").await.is(401);
    let asha = site.sign_in("asha").await;
    asha.get("/api/v1/users/current-user").await.is(200);
    site.counts_right().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_quota_is_a_number_none_or_what_holds_for_everyone() {
    let site = kit::with("user_quota_bytes", "7000").start().await;
    let admin = site.admin().await;
    let asha = site.person("asha").await;
    for (said, holds) in [
        (json!(1000), json!(1000)),
        (json!(0), Value::Null),
        (Value::Null, json!(7000)),
    ] {
        let change = json!({"quota": said});
        let changed = admin.changes_account(&asha, &change).await.is(200);
        assert_eq!(changed.at("/data/quota"), said);
        let storage = asha.get("/api/v1/users/storage").await.is(200);
        assert_eq!(storage.at("/data/quotaBytes"), holds);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn another_role_is_given_only_by_an_admin_who_says_their_password_anew() {
    let site = kit::site().await;
    let admin = site.admin().await;
    let asha = site.person("asha").await;
    let path = format!("{USERS}/{}", asha.id);
    for (password, code) in [
        (Value::Null, "password_required"),
        (json!(""), "password_required"),
        (json!("tangled-otter-85"), "wrong_password"),
    ] {
        let change = json!({"role": "admin", "disabled": true, "password": password});
        admin.patch(&path, &change).await.refuses(403, code);
    }
    let change = json!({"role": "admin", "password": 7});
    admin.patch(&path, &change).await.refuses(400, "wrong_type");
    let users = admin.walks(USERS, 10).await;
    assert_eq!(
        (&users[0]["role"], &users[0]["disabled"]),
        (&json!("user"), &json!(false)),
        "all or nothing"
    );
    asha.get("/api/v1/users/current-user").await.is(200);
    // Nothing else asks for it, and neither does the role that somebody has.
    let change = json!({"role": "user", "quota": 7000});
    admin.patch(&path, &change).await.is(200);
    asha.patch(&path, &json!({"role": "admin"}))
        .await
        .refuses(404, "route_not_found");
    let change = json!({"role": "admin", "password": PASSWORD});
    let made = admin.patch(&path, &change).await.is(200);
    assert_eq!(made.at("/data/role"), "admin");
    let log = admin.walks("/api/v1/admin/audit", 10).await;
    let acts: Vec<&str> = log.iter().map(|row| row["act"].as_str().unwrap()).collect();
    assert_eq!(acts, ["user.set_role", "user.set_quota"]);
    assert!(!json!(log).to_string().contains(PASSWORD));
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_finds_the_session_of_an_admin_open_cannot_go_on_guessing_the_password() {
    let site = kit::with("rate_limits", "on").start().await;
    let admin = site.admin().await;
    let asha = site.person("asha").await;
    let path = format!("{USERS}/{}", asha.id);
    for n in 0..30 {
        let guess = json!({"role": "admin", "password": format!("tangled-otter-{n}x")});
        admin.patch(&path, &guess).await.refuses(403, "wrong_password");
    }
    let right = json!({"role": "admin", "password": PASSWORD});
    let refused = admin.patch(&path, &right).await;
    assert!(refused.header("retry-after").parse::<u32>().unwrap() > 0);
    refused.refuses(429, "too_many_attempts");
    // What asks for no password goes on.
    admin.patch(&path, &json!({"quota": 7000})).await.is(200);
}
