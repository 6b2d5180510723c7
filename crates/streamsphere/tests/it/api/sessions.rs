//! Sign-ins, tokens and their ends.

mod csrf;
mod forged;
mod refresh;

use model::{Clock, Millis};
use reqwest::Method;
use serde_json::{Value, json};

use crate::kit::{self, Answer, PASSWORD, Person, Site};

const LOGIN: &str = "/api/v1/users/login";
const LOGOUT: &str = "/api/v1/users/logout";
const REFRESH: &str = "/api/v1/users/refresh-token";
const SESSIONS: &str = "/api/v1/users/sessions";
const ME: &str = "/api/v1/users/current-user";
const MINUTE_MS: i64 = 60_000;
const DAY_MS: i64 = 24 * 60 * MINUTE_MS;

/// A clock that stands at a moment in 2026 until the test moves it.
fn clock() -> Clock {
    Clock::manual(Millis(1_780_000_000_000))
}

/// The values of the cookies that an answer sets, and what is said about them.
fn cookies(answer: &Answer) -> Vec<String> {
    let all = answer.headers.get_all("set-cookie").iter();
    all.map(|cookie| cookie.to_str().unwrap().to_owned()).collect()
}

async fn refresh(site: &Site, token: &str) -> Answer {
    site.anyone().post(REFRESH, &json!({"refreshToken": token})).await
}

async fn is_signed_in(person: &Person<'_>) -> bool {
    let answer = person.get(ME).await;
    if answer.status != 200 {
        let refused = answer.refuses(401, "invalid_token");
        assert_eq!(
            refused.header("www-authenticate"),
            "Bearer error=\"invalid_token\""
        );
        return false;
    }
    true
}

#[tokio::test(flavor = "multi_thread")]
async fn people_sign_in_by_name_or_address_in_whatever_case() {
    let site = kit::site().await;
    let asha = site.person("asha").await;
    for who in [
        json!({"username": "asha"}),
        json!({"username": " ASHA "}),
        json!({"email": "asha@example.com"}),
        json!({"email": " Asha@Example.com "}),
        json!({"username": "asha", "email": "asha@example.com"}),
        json!({"username": "", "email": "asha@example.com"}),
        json!({"username": null, "email": "asha@example.com", "remember": true}),
    ] {
        let mut body = who.clone();
        body["password"] = json!(PASSWORD);
        let answer = site.anyone().post(LOGIN, &body).await;
        assert_eq!(answer.status, 200, "{who}: {}", answer.json);
        let data = answer.at("/data");
        let mut names: Vec<&String> = data.as_object().unwrap().keys().collect();
        names.sort();
        assert_eq!(names, ["accessToken", "refreshToken", "user"]);
        assert_eq!(data["user"]["_id"], json!(asha.id));
        assert_eq!(
            data["user"]["email"], "asha@example.com",
            "it is themselves who ask"
        );
        assert!(!answer.json.to_string().contains("argon2"), "no hash");
        assert_eq!(answer.header("cache-control"), "private, no-store");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn both_tokens_come_as_cookies_that_scripts_cannot_read() {
    let site = kit::site().await;
    let login = json!({"username": "asha", "password": PASSWORD});
    site.person("asha").await;
    let answer = site.anyone().post(LOGIN, &login).await.is(200);
    let (access, refresh) = (
        answer.text_at("/data/accessToken"),
        answer.text_at("/data/refreshToken"),
    );
    assert_eq!(
        cookies(&answer),
        [
            format!("accessToken={access}; HttpOnly; Path=/; SameSite=Lax; Max-Age=600"),
            format!("refreshToken={refresh}; HttpOnly; Path=/; SameSite=Lax; Max-Age=2592000"),
        ]
    );
    let cookie = format!("theme=dark; accessToken={access}");
    let me = kit::answer(site.request(Method::GET, ME).header("cookie", cookie))
        .await
        .is(200);
    assert_eq!(me.at("/data/username"), "asha");

    let asha = site.sign_in("asha").await;
    let out = asha.post(LOGOUT, &json!({})).await.is(200);
    assert_eq!(
        cookies(&out),
        [
            "accessToken=; HttpOnly; Path=/; SameSite=Lax; Max-Age=0",
            "refreshToken=; HttpOnly; Path=/; SameSite=Lax; Max-Age=0",
        ]
    );

    let site = kit::with("public_url", "https://videos.example").start().await;
    site.person("asha").await;
    let answer = site.anyone().post(LOGIN, &login).await.is(200);
    for cookie in cookies(&answer) {
        assert!(cookie.ends_with("; Secure"), "{cookie}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_wrong_name_and_a_wrong_password_are_answered_alike() {
    let site = kit::site().await;
    site.person("asha").await;
    let mut bodies = Vec::new();
    for who in [
        json!({"username": "asha", "password": "wrong-otter-85"}),
        json!({"username": "nobody", "password": PASSWORD}),
        json!({"username": "%", "password": PASSWORD}),
        json!({"username": "asha' OR 1=1 --", "password": PASSWORD}),
        json!({"email": "asha@example.com", "password": PASSWORD.to_uppercase()}),
        json!({"email": "nobody@example.com", "password": PASSWORD}),
        json!({"email": "no address", "password": format!("{PASSWORD} ")}),
        json!({"username": "asha", "password": "x".repeat(10_000)}),
    ] {
        let answer = site
            .anyone()
            .post(LOGIN, &who)
            .await
            .refuses(401, "invalid_credentials");
        assert!(!answer.header("www-authenticate").is_empty());
        assert!(cookies(&answer).is_empty());
        bodies.push(answer.bytes);
    }
    bodies.dedup();
    assert_eq!(bodies.len(), 1, "the same to the byte");
    for (body, field) in [
        (json!({"password": PASSWORD}), "username"),
        (
            json!({"username": " ", "email": "", "password": PASSWORD}),
            "username",
        ),
        (json!({"username": "asha"}), "password"),
        (json!({"username": "asha", "password": ""}), "password"),
    ] {
        site.anyone()
            .post(LOGIN, &body)
            .await
            .is(400)
            .blames(field, "missing");
    }
}

async fn fails_to_sign_in(site: &Site, who: Value) -> Answer {
    let mut body = who;
    body["password"] = json!("wrong-otter-85");
    site.anyone().post(LOGIN, &body).await
}

#[tokio::test(flavor = "multi_thread")]
async fn after_ten_failures_an_account_rests_for_a_quarter_of_an_hour() {
    let site = kit::with_clock(clock()).with("rate_limits", "on").start().await;
    site.person("asha").await;
    site.person("ben").await;
    for name in [
        "asha",
        "ASHA",
        " asha ",
        "ａｓｈａ",
        "asha",
        "asha",
        "asha",
        "asha",
        "asha",
        "asha",
    ] {
        let answer = fails_to_sign_in(&site, json!({"username": name})).await;
        answer.refuses(401, "invalid_credentials");
    }
    for name in ["asha", "Asha", "ａsha", "ＡＳＨＡ"] {
        let answer = fails_to_sign_in(&site, json!({"username": name})).await;
        let answer = answer.refuses(429, "too_many_attempts");
        assert_eq!(
            answer.header("retry-after"),
            "900",
            "however the name is written: {name}"
        );
    }
    let right = json!({"username": "asha", "password": PASSWORD});
    site.anyone().post(LOGIN, &right).await.is(429);
    site.sign_in("ben").await;
    site.clock.advance(15 * MINUTE_MS);
    site.sign_in("asha").await;
    for _ in 0..9 {
        fails_to_sign_in(&site, json!({"username": "asha"})).await.is(401);
    }
    site.sign_in("asha").await;
    fails_to_sign_in(&site, json!({"username": "asha"})).await.is(401);
}

#[tokio::test(flavor = "multi_thread")]
async fn after_thirty_failures_an_address_rests_whoever_it_claims_to_be() {
    let site = kit::with_clock(clock()).with("rate_limits", "on").start().await;
    for n in 0..30 {
        let body = json!({"username": format!("nobody{n}"), "password": PASSWORD});
        let request = site
            .request(Method::POST, LOGIN)
            .header("x-forwarded-for", format!("203.0.113.{n}"))
            .header("user-agent", format!("browser {n}"))
            .json(&body);
        kit::answer(request).await.is(401);
    }
    let body = json!({"username": "somebody", "password": PASSWORD});
    let request = site
        .request(Method::POST, LOGIN)
        .header("x-forwarded-for", "198.51.100.1")
        .json(&body);
    let answer = kit::answer(request).await.refuses(429, "too_many_attempts");
    assert_eq!(answer.header("retry-after"), "900");
}

#[tokio::test(flavor = "multi_thread")]
async fn signing_out_ends_this_session_at_the_next_request() {
    let site = kit::site().await;
    let laptop = site.person("asha").await;
    let phone = site.sign_in("asha").await;
    assert!(is_signed_in(&laptop).await, "and remembered as such");
    let out = laptop.post(LOGOUT, &json!({})).await.is(200);
    assert_eq!(out.at("/data"), json!({}));
    assert!(!is_signed_in(&laptop).await);
    refresh(&site, &laptop.refresh_token)
        .await
        .refuses(401, "invalid_refresh_token");
    laptop
        .post(LOGOUT, &json!({}))
        .await
        .refuses(401, "invalid_token");
    assert!(is_signed_in(&phone).await);
}

#[tokio::test(flavor = "multi_thread")]
async fn sessions_are_listed_and_ended_by_their_owner_only() {
    let site = kit::site().await;
    let laptop = site.person("asha").await;
    let login = json!({"username": "asha", "password": PASSWORD});
    let request = site
        .request(Method::POST, LOGIN)
        .header("user-agent", "Phone\t1.0 <script>")
        .json(&login);
    let answer = kit::answer(request).await.is(200);
    let phone = Person {
        token: Some(answer.text_at("/data/accessToken")),
        refresh_token: answer.text_at("/data/refreshToken"),
        ..site.anyone()
    };
    let ben = site.person("ben").await;

    let listed = laptop.get(SESSIONS).await.is(200).at("/data");
    let listed = listed.as_array().unwrap();
    assert_eq!(listed.len(), 2);
    let mut names: Vec<&String> = listed[0].as_object().unwrap().keys().collect();
    names.sort();
    assert_eq!(
        names,
        ["_id", "createdAt", "current", "device", "expiresAt", "lastUsedAt"]
    );
    let current = |session: &&Value| session["current"] == true;
    assert_eq!(listed.iter().filter(current).count(), 1);
    let other = listed.iter().find(|session| !current(session)).unwrap();
    assert_eq!(
        other["device"], "Phone1.0 <script>",
        "text, without control characters"
    );
    let other = other["_id"].as_str().unwrap();

    let path = format!("{SESSIONS}/{other}");
    let foreign = ben.delete(&path).await.refuses(404, "session_not_found");
    let absent = ben.delete(&format!("{SESSIONS}/0123456789abcdef01234567")).await;
    assert_eq!(foreign.bytes, absent.refuses(404, "session_not_found").bytes);
    ben.delete(&format!("{SESSIONS}/xyz"))
        .await
        .refuses(400, "malformed_id");
    assert!(is_signed_in(&phone).await);

    laptop.delete(&path).await.is(200);
    assert!(!is_signed_in(&phone).await, "its access token is dead at once");
    refresh(&site, &phone.refresh_token)
        .await
        .refuses(401, "invalid_refresh_token");
    laptop.delete(&path).await.refuses(404, "session_not_found");
    assert!(is_signed_in(&laptop).await);

    let (tablet, tv) = (site.sign_in("asha").await, site.sign_in("asha").await);
    tablet.delete(SESSIONS).await.is(200);
    for ended in [&laptop, &tv] {
        assert!(!is_signed_in(ended).await);
    }
    assert!(is_signed_in(&tablet).await);
    assert!(is_signed_in(&ben).await);
    assert_eq!(
        tablet.get(SESSIONS).await.at("/data").as_array().unwrap().len(),
        1
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_session_survives_a_restart_of_the_server() {
    let site = kit::site().await;
    let asha = site.person("asha").await;
    let (token, refresh_token) = (asha.token.clone(), asha.refresh_token.clone());
    let folder = site.stop().await;
    let site = kit::Setup::default().start_in(folder).await;
    let asha = Person {
        token,
        refresh_token,
        ..site.anyone()
    };
    assert!(is_signed_in(&asha).await);
    refresh(&site, &asha.refresh_token).await.is(200);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_imported_bcrypt_hash_works_once_and_becomes_argon2id() {
    let site = kit::site().await;
    site.person("asha").await;
    let old_password = "what-it-was-before-2019";
    let stored = async || {
        let store = &site.server.app.core.store;
        let user = store::users::find_by_username(&mut store.read(), "asha").await;
        user.unwrap().unwrap()
    };
    let user = stored().await;
    let imported = bcrypt::hash(old_password, 5).unwrap();
    let mut tx = site.server.app.core.store.write().await.unwrap();
    let saved = store::users::save_password(&mut tx, user.id, &user.password_hash, &imported).await;
    assert!(saved.unwrap());
    tx.commit().await.unwrap();

    let login = |password: &str| json!({"username": "asha", "password": password});
    let wrong = site.anyone().post(LOGIN, &login(PASSWORD)).await;
    wrong.refuses(401, "invalid_credentials");
    assert_eq!(
        stored().await.password_hash,
        imported,
        "a wrong password changes nothing"
    );
    for _ in 0..2 {
        site.anyone().post(LOGIN, &login(old_password)).await.is(200);
        let hash = stored().await.password_hash;
        assert!(hash.starts_with("$argon2id$v=19$m=19456,t=2,p=1$"), "{hash}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_account_that_was_switched_off_is_like_one_that_never_was() {
    let site = kit::site().await;
    let asha = site.person("asha").await;
    let store = &site.server.app.core.store;
    let mut tx = store.write().await.unwrap();
    let id = asha.id.parse().unwrap();
    store::users::save_disabled(&mut tx, id, Some(site.clock.now()))
        .await
        .unwrap();
    tx.commit().await.unwrap();
    kit::until("the token is dead", async || asha.get(ME).await.status == 401).await;
    refresh(&site, &asha.refresh_token)
        .await
        .refuses(401, "invalid_refresh_token");
    let off = site
        .anyone()
        .post(LOGIN, &json!({"username": "asha", "password": PASSWORD}))
        .await;
    let none = site
        .anyone()
        .post(LOGIN, &json!({"username": "nobody", "password": PASSWORD}))
        .await;
    assert_eq!(off.refuses(401, "invalid_credentials").bytes, none.bytes);
    site.anyone()
        .get("/api/v1/users/c/asha")
        .await
        .refuses(404, "user_not_found");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_request_for_another_host_is_not_answered() {
    let site = kit::with("public_url", "https://videos.example").start().await;
    let asha = site.person("asha").await;
    let asking = |host: &str, path: &str| kit::answer(asha.request(Method::GET, path).header("host", host));
    for path in [ME, "/healthz", "/api/v1/videos", "/media/x/y.mp4", "/nothing"] {
        for foreign in [
            "evil.example",
            "videos.example.evil.example",
            "localhost.evil.example:8000",
            "xvideos.example",
        ] {
            asking(foreign, path).await.refuses(421, "unknown_host");
        }
    }
    for ours in [
        "videos.example",
        "VIDEOS.example:443",
        "localhost:8000",
        "127.0.0.1",
        "[::1]:8000",
    ] {
        asking(ours, ME).await.is(200);
    }
}
