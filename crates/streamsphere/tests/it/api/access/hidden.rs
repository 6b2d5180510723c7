//! What is not there and what is not for the caller look the same, to the byte.

use reqwest::Method;
use reqwest::header::HeaderMap;
use serde_json::json;

use super::table::{MEDIA, MODERATOR, ROUTES, TAKEN, expected};
use super::{NO_SUCH_ID, Scene};
use crate::kit::{self, Answer};

/// Headers but for those that differ from request to request.
fn lasting(headers: &HeaderMap) -> HeaderMap {
    let mut headers = headers.clone();
    for passing in ["date", "x-request-id"] {
        headers.remove(passing);
    }
    headers
}

#[track_caller]
fn assert_same(hidden: &Answer, absent: &Answer, what: &str) {
    assert_eq!(hidden.status, absent.status, "{what}");
    let text = |answer: &Answer| String::from_utf8_lossy(&answer.bytes).into_owned();
    assert_eq!(text(hidden), text(absent), "{what}");
    assert_eq!(lasting(&hidden.headers), lasting(&absent.headers), "{what}");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_hidden_looks_like_what_is_not_there() {
    let site = kit::site().await;
    let scene = Scene::on(&site).await;
    let paths = ROUTES
        .iter()
        .chain(&[("GET", "/media/{id}/nothing.mp4", super::table::NOTHING)]);
    let routes = paths
        .filter(|(_, path, _)| {
            path.contains("{commentId}") || path.contains("{id}") && !path.contains("/sessions/")
        })
        .map(|(method, path, cells)| (method.parse::<Method>().unwrap(), *path, cells));
    let media = MEDIA.iter().map(|(path, cells)| (Method::GET, *path, cells));
    for (method, path, cells) in routes.chain(media) {
        for actor in [0, 1, MODERATOR] {
            for state in [1, 2, 3, TAKEN] {
                if expected(method.as_str(), path, cells, actor, state) != 404 {
                    continue;
                }
                let hidden = scene.asks(actor, &method, path, state).await;
                // The same poster's name, of another video.
                let path = scene
                    .fill(path, state)
                    .await
                    .replace(&scene.videos[state], NO_SUCH_ID)
                    .replace(&scene.comments[state], NO_SUCH_ID);
                let absent = scene.asks(actor, &method, &path, state).await;
                assert_eq!(hidden.status, 404);
                assert_same(&hidden, &absent, &format!("{method} {path} by {actor}, {state}"));
            }
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_bad_credential_or_a_bad_link_tells_nothing_either() {
    let site = kit::site().await;
    let scene = Scene::on(&site).await;
    for path in [
        "/api/v1/videos/{id}",
        "/api/v1/videos/{id}/stream",
        "/api/v1/videos/{id}/playback",
        "/media/{id}/master.m3u8",
        "/media/{id}/source.mp4",
        "/media/~AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA/{id}/master.m3u8",
        "/media/~x/{id}/180p.mp4",
    ] {
        let ask = async |id: &str, name: &'static str, value: &'static str| {
            let request = site
                .request(Method::GET, &path.replace("{id}", id))
                .header(name, value);
            kit::answer(request).await
        };
        for (name, value) in [
            ("authorization", "Bearer nonsense"),
            ("authorization", "Basic nonsense"),
            ("cookie", "accessToken=nonsense"),
            ("range", "bytes=0-1"),
            ("range", "bytes=99999999-"),
            ("if-none-match", "*"),
            ("if-match", "\"x\""),
        ] {
            let hidden = ask(&scene.videos[2], name, value).await;
            assert!(matches!(hidden.status, 401 | 404), "{path} {name}: {value}");
            let absent = ask(NO_SUCH_ID, name, value).await;
            assert_same(&hidden, &absent, &format!("{path} with {name}: {value}"));
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_change_that_would_be_refused_anyway_tells_nothing_about_a_hidden_video() {
    let site = kit::site().await;
    let scene = Scene::on(&site).await;
    let other = &scene.people[1];
    for body in [
        json!({}),
        json!({"title": ""}),
        json!({"title": "x".repeat(201)}),
        json!({"visibility": "secret"}),
        json!({"title": {"$ne": null}}),
        json!(["x"]),
    ] {
        let hidden = other
            .patch(&format!("/api/v1/videos/{}", scene.videos[2]), &body)
            .await;
        let absent = other.patch(&format!("/api/v1/videos/{NO_SUCH_ID}"), &body).await;
        assert_same(&hidden, &absent, &body.to_string());
    }
    let send = async |id: &str| {
        let part = reqwest::multipart::Part::bytes(b"no picture".to_vec()).file_name("x.png");
        let form = reqwest::multipart::Form::new().part("thumbnail", part);
        let request = other.request(Method::PATCH, &format!("/api/v1/videos/{id}"));
        kit::answer(request.multipart(form)).await
    };
    let hidden = send(&scene.videos[2]).await.is(404);
    assert_same(&hidden, &send(NO_SUCH_ID).await, "a form");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_id_that_is_none_is_told_apart_but_says_nothing() {
    let site = kit::site().await;
    let asha = site.person("asha").await;
    for id in [
        "x",
        "123",
        "0123456789abcdef0123456",
        "0123456789abcdef012345678",
        "0123456789abcdef0123456g",
        "%00",
        "$ne",
    ] {
        for path in [
            "/api/v1/videos/{id}",
            "/api/v1/videos/v/{id}",
            "/api/v1/videos/{id}/playback",
            "/api/v1/videos/{id}/status",
            "/api/v1/videos/{id}/stream",
        ] {
            let answer = asha.get(&path.replace("{id}", id)).await;
            assert_eq!(answer.status, 400, "{path} {id}: {}", answer.json);
            answer.refuses(400, "malformed_id");
        }
        asha.get(&format!("/media/{id}/master.m3u8"))
            .await
            .refuses(404, "media_not_found");
        asha.get(&format!("/watch/{id}")).await.is(404);
    }
}
