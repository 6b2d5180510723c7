//! `POST /api/v1/admin/setup`: the first admin.

use model::{Clock, Millis};
use reqwest::Method;
use serde_json::{Value, json};
use tokio::task::JoinSet;

use crate::kit::{self, PASSWORD};

const SETUP: &str = "/api/v1/admin/setup";

fn claim(code: &str, username: &str) -> Value {
    json!({
        "code": code, "username": username, "email": format!("{username}@example.com"),
        "fullName": username, "password": PASSWORD,
    })
}

#[tokio::test(flavor = "multi_thread")]
async fn the_printed_code_makes_the_first_admin_and_only_once() {
    let site = kit::site().await;
    let code = site.server.setup_code.clone().unwrap();
    assert!(code.len() >= 22, "128 bits");
    let made = site.anyone().post(SETUP, &claim(&code, "asha")).await.is(201);
    assert_eq!(made.at("/data/role"), "admin");
    assert_eq!(made.at("/data/email"), "asha@example.com");
    let asha = site.sign_in("asha").await;
    assert_eq!(
        asha.get("/api/v1/users/current-user").await.at("/data/role"),
        "admin"
    );
    let again = site
        .anyone()
        .post(SETUP, &claim(&code, "ben"))
        .await
        .refuses(404, "not_found");
    let guess = site
        .anyone()
        .post(SETUP, &claim("guess", "ben"))
        .await
        .refuses(404, "not_found");
    assert_eq!(again.bytes, guess.bytes);
    site.anyone().get("/api/v1/users/c/ben").await.is(404);
}

#[tokio::test(flavor = "multi_thread")]
async fn without_the_code_nobody_becomes_admin() {
    let site = kit::site().await;
    let code = site.server.setup_code.clone().unwrap();
    for wrong in [
        "",
        "guess",
        &code[1..],
        &format!("{code}A"),
        &code.to_uppercase(),
        &"x".repeat(10_000),
    ] {
        site.anyone()
            .post(SETUP, &claim(wrong, "asha"))
            .await
            .refuses(403, "wrong_setup_code");
    }
    let mut without = claim("", "asha");
    without.as_object_mut().unwrap().remove("code");
    site.anyone()
        .post(SETUP, &without)
        .await
        .refuses(403, "wrong_setup_code");
    let mut typed = claim("", "asha");
    typed["code"] = json!({"$ne": null});
    site.anyone().post(SETUP, &typed).await.refuses(400, "wrong_type");
    site.anyone().get("/api/v1/users/c/asha").await.is(404);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_claim_with_a_wrong_field_leaves_the_code_for_a_better_one() {
    let site = kit::site().await;
    site.person("ben").await;
    let code = site.server.setup_code.clone().unwrap();
    let mut weak = claim(&code, "asha");
    weak["password"] = json!("password");
    site.anyone()
        .post(SETUP, &weak)
        .await
        .is(400)
        .blames("password", "too_common");
    site.anyone()
        .post(SETUP, &claim(&code, "x"))
        .await
        .is(400)
        .blames("username", "malformed");
    site.anyone()
        .post(SETUP, &claim(&code, "ben"))
        .await
        .refuses(409, "username_taken");
    site.anyone().post(SETUP, &claim(&code, "asha")).await.is(201);
}

#[tokio::test(flavor = "multi_thread")]
async fn two_claims_at_once_make_one_admin() {
    let site = kit::site().await;
    let code = site.server.setup_code.clone().unwrap();
    let mut racing = JoinSet::new();
    for n in 0..8 {
        let body = claim(&code, &format!("racer{n}"));
        racing.spawn(kit::answer(site.request(Method::POST, SETUP).json(&body)));
    }
    let statuses: Vec<u16> = racing
        .join_all()
        .await
        .iter()
        .map(|answer| answer.status)
        .collect();
    assert_eq!(
        statuses.iter().filter(|status| **status == 201).count(),
        1,
        "{statuses:?}"
    );
    assert!(
        statuses.iter().all(|status| matches!(status, 201 | 403 | 404)),
        "{statuses:?}"
    );
    let store = &site.server.app.core.store;
    let users = store::users::walk(&mut store.read(), None, 100).await.unwrap();
    assert_eq!(users.len(), 1, "the others were not even made as users");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_code_works_for_a_day_and_until_the_next_start() {
    let clock = Clock::manual(Millis(1_780_000_000_000));
    let site = kit::with_clock(clock.clone()).start().await;
    let first = site.server.setup_code.clone().unwrap();
    let folder = site.stop().await;
    let site = kit::with_clock(clock).start_in(folder).await;
    let second = site.server.setup_code.clone().unwrap();
    assert_ne!(first, second);
    site.anyone()
        .post(SETUP, &claim(&first, "asha"))
        .await
        .refuses(403, "wrong_setup_code");
    site.clock.advance(24 * 3_600_000);
    site.anyone()
        .post(SETUP, &claim(&second, "asha"))
        .await
        .refuses(403, "wrong_setup_code");
    let folder = site.stop().await;
    let site = kit::Setup::default().start_in(folder).await;
    site.admin().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn no_code_is_printed_where_there_is_an_admin() {
    let site = kit::site().await;
    site.admin().await;
    let folder = site.stop().await;
    let site = kit::Setup::default().start_in(folder).await;
    assert_eq!(site.server.setup_code, None);
    let answer = site.anyone().post(SETUP, &claim("", "asha")).await;
    answer.refuses(404, "not_found");
    site.sign_in("root").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn admins_read_which_settings_hold_and_nobody_else_does() {
    let site = kit::with("user_quota_bytes", "5000000").start().await;
    let (asha, root) = (site.person("asha").await, site.admin().await);
    asha.get("/api/v1/admin/settings").await.is(404);
    let all = root.get("/api/v1/admin/settings").await.is(200).at("/data");
    let of = |name: &str| {
        let found = all.as_array().unwrap().iter().find(|one| one["name"] == name);
        found.unwrap().clone()
    };
    let quota = of("user_quota_bytes");
    assert_eq!(
        (&quota["value"], &quota["source"], &quota["default"]),
        (&json!("5000000"), &json!("flag"), &json!("0"))
    );
    assert_eq!(of("registration")["source"], "default");
    assert_eq!(of("data_dir")["section"], "server");
    assert!(!of("max_height")["about"].as_str().unwrap().is_empty());
}
