//! The profile, the channel page, the password, and leaving.

use reqwest::Method;
use serde_json::json;

use super::fields;
use crate::kit::{self, PASSWORD, clips};

const ACCOUNT: &str = "/api/v1/users/update-account";
const PASSWORDS: &str = "/api/v1/users/change-password";

#[tokio::test(flavor = "multi_thread")]
async fn someone_changes_what_they_send_and_the_rest_stays() {
    let site = kit::site().await;
    let asha = site.person("asha").await;
    let changed = asha
        .patch(
            ACCOUNT,
            &json!({"fullName": " Asha R. ", "bio": "Line one\nline two"}),
        )
        .await
        .is(200)
        .at("/data");
    assert_eq!(changed["fullName"], "Asha R.");
    assert_eq!(changed["bio"], "Line one\nline two");
    assert_eq!(changed["email"], "asha@example.com");
    let changed = asha
        .patch(ACCOUNT, &json!({"email": "Rao@Example.com"}))
        .await
        .is(200);
    assert_eq!(changed.at("/data/email"), "rao@example.com");
    assert_eq!(changed.at("/data/fullName"), "Asha R.");
    let cleared = asha.patch(ACCOUNT, &json!({"bio": ""})).await.is(200);
    assert_eq!(cleared.at("/data/bio"), "");
    let again = asha.get("/api/v1/users/current-user").await.is(200);
    assert_eq!(again.at("/data"), cleared.at("/data"));
    let login = json!({"email": "rao@example.com", "password": PASSWORD});
    site.anyone().post("/api/v1/users/login", &login).await.is(200);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_change_that_breaks_a_rule_changes_nothing() {
    let site = kit::site().await;
    let asha = site.person("asha").await;
    site.person("ben").await;
    let before = asha.get("/api/v1/users/current-user").await.at("/data");
    for (body, field, code) in [
        (json!({"fullName": " ", "bio": "x"}), "fullName", "missing"),
        (json!({"fullName": "x".repeat(81)}), "fullName", "too_long"),
        (json!({"email": "nobody"}), "email", "malformed"),
        (json!({"bio": "x".repeat(1001)}), "bio", "too_long"),
        (json!({"bio": "a\u{202e}b"}), "bio", "control_character"),
    ] {
        asha.patch(ACCOUNT, &body).await.is(400).blames(field, code);
    }
    asha.patch(ACCOUNT, &json!({"email": "BEN@example.com", "fullName": "X"}))
        .await
        .refuses(409, "email_taken")
        .blames("email", "taken");
    asha.patch(ACCOUNT, &json!({}))
        .await
        .refuses(400, "nothing_to_change");
    asha.patch(ACCOUNT, &json!({"username": "other"}))
        .await
        .refuses(400, "nothing_to_change");
    asha.patch(ACCOUNT, &json!({"email": {"$ne": null}}))
        .await
        .refuses(400, "wrong_type");
    site.anyone()
        .patch(ACCOUNT, &json!({"bio": "x"}))
        .await
        .refuses(401, "unauthenticated");
    assert_eq!(asha.get("/api/v1/users/current-user").await.at("/data"), before);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_channel_shows_what_everyone_may_know_and_no_more() {
    let site = kit::site().await;
    let asha = site.person("asha").await;
    let ben = site.person("ben").await;
    asha.publishes(&clips::small(), &[]).await;
    asha.publishes(&clips::small(), &[("visibility", "private")])
        .await;
    asha.publishes(&clips::small(), &[("visibility", "unlisted")])
        .await;
    for person in [&site.anyone(), &ben, &asha] {
        for path in ["/api/v1/users/c/asha", "/users/c/ASHA", "/api/v1/users/c/%41sha"] {
            let channel = person.get(path).await.is(200).at("/data");
            assert_eq!(
                fields(&channel),
                [
                    "_id",
                    "avatar",
                    "bio",
                    "channelSubscribedToCount",
                    "channelsSubscribedToCount",
                    "coverImage",
                    "createdAt",
                    "fullName",
                    "isSubscribed",
                    "subscribersCount",
                    "totalViews",
                    "updatedAt",
                    "username",
                    "videosCount"
                ]
            );
            assert_eq!(channel["_id"], json!(asha.id));
            assert_eq!(channel["username"], "asha");
            assert_eq!(channel["videosCount"], 1, "only what lists show");
            assert_eq!(channel["isSubscribed"], false);
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_channel_that_nobody_has_is_not_found() {
    let site = kit::site().await;
    site.person("asha").await;
    for name in [
        "ben",
        "as",
        "asha%20x",
        "asha%00",
        "%25",
        "_",
        "asha%27--",
        "a%2Fb",
        "%F0%9F%A6%A6",
    ] {
        let answer = site.anyone().get(&format!("/api/v1/users/c/{name}")).await;
        assert_eq!(answer.status, 404, "{name}: {}", answer.json);
        answer.refuses(404, "user_not_found");
    }
    let no_text = site.anyone().get("/api/v1/users/c/%ff%fe").await;
    no_text.refuses(404, "user_not_found");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_new_password_ends_the_other_sessions_and_the_old_password() {
    let site = kit::site().await;
    let laptop = site.person("asha").await;
    let phone = site.sign_in("asha").await;
    let new = "quiet-harbour-3915";
    laptop
        .post(PASSWORDS, &json!({"oldPassword": PASSWORD, "newPassword": new}))
        .await
        .is(200);
    laptop.get("/api/v1/users/current-user").await.is(200);
    phone
        .get("/api/v1/users/current-user")
        .await
        .refuses(401, "invalid_token");
    let refresh = json!({"refreshToken": phone.refresh_token});
    site.anyone()
        .post("/api/v1/users/refresh-token", &refresh)
        .await
        .refuses(401, "invalid_refresh_token");
    let login = |password: &str| json!({"username": "asha", "password": password});
    site.anyone()
        .post("/api/v1/users/login", &login(PASSWORD))
        .await
        .refuses(401, "invalid_credentials");
    site.anyone()
        .post("/api/v1/users/login", &login(new))
        .await
        .is(200);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_weak_new_or_wrong_old_password_changes_nothing() {
    let site = kit::site().await;
    let asha = site.person("asha").await;
    let phone = site.sign_in("asha").await;
    for (old, new, field, code) in [
        (
            json!("wrong-otter-85"),
            json!("quiet-harbour-3915"),
            "oldPassword",
            "wrong",
        ),
        (json!(""), json!("quiet-harbour-3915"), "oldPassword", "missing"),
        (json!(null), json!("quiet-harbour-3915"), "oldPassword", "missing"),
        (json!(PASSWORD), json!("short"), "newPassword", "too_short"),
        (json!(PASSWORD), json!("x".repeat(129)), "newPassword", "too_long"),
        (json!(PASSWORD), json!("iloveyou"), "newPassword", "too_common"),
        (json!(PASSWORD), json!(null), "newPassword", "missing"),
    ] {
        asha.post(PASSWORDS, &json!({"oldPassword": old, "newPassword": new}))
            .await
            .is(400)
            .blames(field, code);
    }
    phone.get("/api/v1/users/current-user").await.is(200);
    site.sign_in("asha").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn someone_who_leaves_takes_everything_with_them() {
    let site = kit::site().await;
    let asha = site.person("asha").await;
    let phone = site.sign_in("asha").await;
    let ben = site.person("ben").await;
    let mine = asha.publishes(&clips::small(), &[]).await;
    let hidden = asha
        .publishes(&clips::small(), &[("visibility", "private")])
        .await;
    let theirs = ben.publishes(&clips::small(), &[]).await;
    let avatar = asha
        .get("/api/v1/users/current-user")
        .await
        .text_at("/data/avatar");
    site.anyone().get(&avatar).await.is(200);
    site.anyone()
        .get(&format!("/media/{mine}/master.m3u8"))
        .await
        .is(200);

    let leave = |body| kit::answer(asha.request(Method::DELETE, "/api/v1/users/me").json(&body));
    leave(json!({})).await.is(400).blames("password", "missing");
    leave(json!({"password": "wrong-otter-85"}))
        .await
        .refuses(403, "wrong_password");
    asha.get("/api/v1/users/current-user").await.is(200);
    let left = leave(json!({"password": PASSWORD})).await.is(200);
    assert_eq!(left.at("/data"), json!({}));
    for cookie in left.headers.get_all("set-cookie") {
        assert!(cookie.to_str().unwrap().contains("Max-Age=0"));
    }

    for person in [&asha, &phone] {
        person
            .get("/api/v1/users/current-user")
            .await
            .refuses(401, "invalid_token");
        let refresh = json!({"refreshToken": person.refresh_token});
        let answer = site.anyone().post("/api/v1/users/refresh-token", &refresh).await;
        answer.refuses(401, "invalid_refresh_token");
    }
    let login = json!({"username": "asha", "password": PASSWORD});
    site.anyone()
        .post("/api/v1/users/login", &login)
        .await
        .refuses(401, "invalid_credentials");
    site.anyone()
        .get("/api/v1/users/c/asha")
        .await
        .refuses(404, "user_not_found");

    let objects = site.objects();
    let folders = [
        objects.join("videos").join(&mine),
        objects.join("videos").join(&hidden),
        objects.join("users").join(&asha.id),
    ];
    kit::until("the bytes are gone", async || {
        folders.iter().all(|folder| !folder.exists())
    })
    .await;
    site.anyone()
        .get(&format!("/api/v1/videos/{mine}"))
        .await
        .refuses(404, "video_not_found");
    site.anyone()
        .get(&format!("/media/{mine}/master.m3u8"))
        .await
        .is(404);
    site.anyone().get(&avatar).await.is(404);
    let listed = site.anyone().get("/api/v1/videos").await.is(200);
    assert_eq!(listed.at("/data/totalVideos"), 1);
    assert_eq!(listed.text_at("/data/docs/0/_id"), theirs, "others' things stay");
    assert!(objects.join("videos").join(&theirs).exists());

    let again = site.person("asha").await;
    assert_ne!(again.id, asha.id, "the name is free, and means someone else");
    asha.get("/api/v1/users/current-user")
        .await
        .refuses(401, "invalid_token");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_routes_of_old_are_found_at_the_root_too() {
    let site = kit::site().await;
    let body = json!({"username": "asha", "email": "a@example.com", "fullName": "A", "password": PASSWORD});
    let anyone = site.anyone();
    anyone.post("/users/register", &body).await.is(201);
    let login = json!({"username": "asha", "password": PASSWORD});
    anyone.post("/users/login", &login).await.is(200);
    let asha = site.sign_in("asha").await;
    for path in [
        "/users/current-user",
        "/users/curent-user",
        "/api/v1/users/curent-user",
    ] {
        assert_eq!(
            asha.get(path).await.is(200).text_at("/data/username"),
            "asha",
            "{path}"
        );
        anyone.get(path).await.refuses(401, "unauthenticated");
    }
    asha.patch("/users/update-account", &json!({"bio": "hello"}))
        .await
        .is(200);
    asha.get("/users/c/asha").await.is(200);
    assert_eq!(
        asha.get("/users/sessions")
            .await
            .is(200)
            .at("/data")
            .as_array()
            .unwrap()
            .len(),
        2
    );
    let refresh = json!({"refreshToken": asha.refresh_token});
    anyone.post("/users/refresh-token", &refresh).await.is(200);
    asha.post("/users/change-password", &json!({})).await.is(400);
    asha.delete("/users/sessions").await.is(200);
    asha.post("/users/logout", &json!({})).await.is(200);
    asha.get("/users/current-user").await.is(401);
}
