//! Section 2: accounts, sessions, profiles, and what people watched.

use reqwest::Method;
use reqwest::multipart::{Form, Part};
use serde_json::json;

use super::{enveloped, gives, is_array};
use crate::kit::rows::{add, row};
use crate::kit::{self, PASSWORD, Person, clips};

/// Values of `Set-Cookie`.
fn cookies(answer: &kit::Answer) -> Vec<String> {
    let all = answer.headers.get_all("set-cookie").iter();
    all.map(|value| value.to_str().unwrap().to_owned()).collect()
}

fn picture() -> Part {
    let words = ["-f", "lavfi", "-i", "color=red:size=64x64", "-frames:v", "1"];
    Part::bytes(clips::made("red.png", &words).bytes()).file_name("face.png")
}

async fn sends(person: &Person<'_>, path: &str, form: Form) -> kit::Answer {
    kit::answer(person.request(Method::PATCH, path).multipart(form)).await
}

#[tokio::test(flavor = "multi_thread")]
async fn registering_takes_json_or_a_form_and_gives_the_user() {
    let site = kit::site().await;
    let anyone = site.anyone();
    let words =
        json!({"fullName": "Asha", "email": "Asha@Example.com", "username": " ASHA ", "password": PASSWORD});
    let asha = gives(anyone.post("/api/v1/users/register", &words).await, 201, "self");
    assert_eq!(asha["username"], "asha", "trimmed and lower-cased");
    let taken = anyone.post("/api/v1/users/register", &words).await;
    assert_eq!(taken.status, 409);

    let form = Form::new()
        .text("fullName", "Bela")
        .text("email", "bela@example.com")
        .text("username", "bela")
        .text("password", PASSWORD)
        .part("avatar", picture())
        .part("coverImage", picture());
    let sent = site
        .request(Method::POST, "/api/v1/users/register")
        .multipart(form);
    gives(kit::answer(sent).await, 201, "self coverImage:url");

    for (name, value) in [
        ("username", json!("a b")),
        ("email", json!("nowhere")),
        ("password", json!("12345678")),
        ("fullName", json!("x".repeat(81))),
        ("fullName", json!(" ")),
    ] {
        let mut wrong = words.clone();
        wrong["username"] = json!("someone");
        wrong["email"] = json!("someone@example.com");
        wrong[name] = value;
        let refused = anyone.post("/api/v1/users/register", &wrong).await.is(400);
        assert_eq!(refused.at("/errors/0/field"), name);
    }
    for name in ["fullName", "email", "username", "password"] {
        let mut wanting = words.clone();
        wanting.as_object_mut().unwrap().remove(name);
        let refused = anyone.post("/api/v1/users/register", &wanting).await.is(400);
        assert_eq!(refused.at("/errors/0/field"), name);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn signing_in_refreshing_and_signing_out_give_tokens_and_cookies() {
    let site = kit::site().await;
    site.person("asha").await;
    let anyone = site.anyone();
    for who in [json!({"username": "Asha"}), json!({"email": "asha@example.com"})] {
        let mut words = who.clone();
        words["password"] = json!(PASSWORD);
        let answer = anyone.post("/api/v1/users/login", &words).await;
        let set = cookies(&answer);
        for name in ["accessToken=", "refreshToken="] {
            let cookie = set.iter().find(|cookie| cookie.starts_with(name)).unwrap();
            for attribute in ["HttpOnly", "Path=/", "SameSite=Lax"] {
                assert!(cookie.contains(attribute), "{cookie}");
            }
            assert!(!cookie.contains("Secure"), "not https: {cookie}");
        }
        gives(answer, 200, "tokens");
        words["password"] = json!("not-the-password");
        let wrong = anyone.post("/api/v1/users/login", &words).await.is(401);
        let nobody = json!({"username": "nobody", "password": PASSWORD});
        let unknown = anyone.post("/api/v1/users/login", &nobody).await.is(401);
        assert_eq!(wrong.json, unknown.json, "alike");
    }

    let asha = site.sign_in("asha").await;
    let words = json!({"refreshToken": asha.refresh_token});
    let answer = anyone.post("/api/v1/users/refresh-token", &words).await;
    assert_eq!(cookies(&answer).len(), 2);
    let pair = gives(answer, 200, "tokens newRefreshToken:text");
    assert_eq!(
        pair["newRefreshToken"], pair["refreshToken"],
        "the same in both spellings"
    );
    let cookie = format!("refreshToken={}", pair["refreshToken"].as_str().unwrap());
    let by_cookie = site
        .request(Method::POST, "/api/v1/users/refresh-token")
        .header("cookie", cookie)
        // As a browser says it of our own page.
        .header("origin", &site.url);
    gives(kit::answer(by_cookie).await, 200, "tokens newRefreshToken:text");
    anyone.post("/api/v1/users/refresh-token", &words).await.is(401);
    anyone
        .post("/api/v1/users/refresh-token", &json!({}))
        .await
        .is(401);
    asha.get("/api/v1/users/current-user").await.is(401);

    let asha = site.sign_in("asha").await;
    let token = asha.token.clone().unwrap();
    let by_cookie = site
        .request(Method::GET, "/api/v1/users/current-user")
        .header("cookie", format!("accessToken={token}"));
    gives(kit::answer(by_cookie).await, 200, "self");
    let out = asha.post("/api/v1/users/logout", &json!({})).await;
    assert!(cookies(&out).iter().all(|cookie| cookie.contains("Max-Age=0")));
    assert_eq!(enveloped(out, 200), json!({}));
    asha.get("/api/v1/users/current-user").await.is(401);
}

#[tokio::test(flavor = "multi_thread")]
async fn profiles_are_read_and_changed_under_all_their_names() {
    let site = kit::site().await;
    let (asha, bela) = (site.person("asha").await, site.person("bela").await);
    for path in ["current-user", "curent-user"] {
        gives(asha.get(&format!("/api/v1/users/{path}")).await, 200, "self");
    }
    let account = "/api/v1/users/update-account";
    for words in [
        json!({"fullName": "Asha R"}),
        json!({"bio": "Hello"}),
        json!({"email": "a@example.com"}),
    ] {
        gives(asha.patch(account, &words).await, 200, "self");
    }
    asha.patch(account, &json!({})).await.is(400);
    asha.patch(account, &json!({"email": "bela@example.com"}))
        .await
        .is(409);
    for (path, name) in [
        ("avatar", "avatar"),
        ("update-avatar", "avatar"),
        ("cover-image", "coverImage"),
        ("update-cover-image", "coverImage"),
    ] {
        let path = format!("/api/v1/users/{path}");
        let user = gives(
            sends(&asha, &path, Form::new().part(name, picture())).await,
            200,
            "self",
        );
        assert!(
            user[name].as_str().is_some_and(|url| url.starts_with("http")),
            "{path}"
        );
        sends(&asha, &path, Form::new().text("other", "words"))
            .await
            .is(400);
        let no_picture = Part::bytes(b"no picture".to_vec()).file_name("a.png");
        sends(&asha, &path, Form::new().part(name, no_picture))
            .await
            .is(415);
        let large = Part::bytes(vec![0; 10 * 1024 * 1024 + 1]).file_name("a.png");
        sends(&asha, &path, Form::new().part(name, large)).await.is(413);
    }
    for person in [&asha, &bela, &site.anyone()] {
        let channel = gives(person.get("/api/v1/users/c/AshA").await, 200, "channel");
        assert_eq!(
            channel["channelSubscribedToCount"],
            channel["channelsSubscribedToCount"]
        );
    }
    site.anyone().get("/api/v1/users/c/nobody").await.is(404);

    let sessions = enveloped(asha.get("/api/v1/users/sessions").await, 200);
    super::assert_items(&sessions, "session", "sessions");
    let other = site.sign_in("asha").await;
    let all = enveloped(other.get("/api/v1/users/sessions").await, 200);
    let first = all
        .as_array()
        .unwrap()
        .iter()
        .find(|one| one["current"] == false)
        .unwrap();
    let path = format!("/api/v1/users/sessions/{}", first["_id"].as_str().unwrap());
    assert_eq!(enveloped(other.delete(&path).await, 200), json!({}));
    other.delete(&path).await.is(404);
    assert_eq!(
        enveloped(other.delete("/api/v1/users/sessions").await, 200),
        json!({})
    );

    let change = "/api/v1/users/change-password";
    let weak = json!({"oldPassword": PASSWORD, "newPassword": "password"});
    other.post(change, &weak).await.is(400);
    let wrong = json!({"oldPassword": "not-the-old-one", "newPassword": "another-otter-85"});
    other.post(change, &wrong).await.is(400);
    let right = json!({"oldPassword": PASSWORD, "newPassword": "another-otter-85"});
    assert_eq!(enveloped(other.post(change, &right).await, 200), json!({}));
    let leaves = bela
        .request(Method::DELETE, "/api/v1/users/me")
        .json(&json!({"password": PASSWORD}));
    assert_eq!(enveloped(kit::answer(leaves).await, 200), json!({}));
}

#[tokio::test(flavor = "multi_thread")]
async fn the_watch_history_is_an_array_under_both_names() {
    let site = kit::site().await;
    let (asha, bela) = (site.person("asha").await, site.person("bela").await);
    let rows = [row(&site, &bela, "One"), row(&site, &bela, "Two")];
    add(&site, &rows).await;
    for video in &rows {
        let path = format!("/api/v1/videos/{}/views", video.id);
        let what = json!({"sessionId": "a", "from": 0, "to": 0.5, "position": 0.5, "event": "progress"});
        for person in [&asha, &site.anyone()] {
            assert_eq!(enveloped(person.post(&path, &what).await, 202), json!({}));
        }
    }
    for path in ["/api/v1/users/history", "/api/v1/users/watch-history"] {
        is_array(&asha, path, "seen_video watchedAt:time").await;
    }
    let one = format!("/api/v1/users/history/{}", rows[0].id);
    assert_eq!(enveloped(asha.delete(&one).await, 200), json!({}));
    assert_eq!(
        enveloped(asha.delete("/api/v1/users/history").await, 200),
        json!({})
    );
    let left = enveloped(asha.get("/api/v1/users/history").await, 200);
    assert_eq!(left, json!([]));
    // What cannot be of this video is understood, and not believed.
    let path = format!("/api/v1/videos/{}/views", rows[0].id);
    asha.post(&path, &json!({"position": -1})).await.is(422);
}
