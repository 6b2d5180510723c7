//! Changes that another site makes a browser send: cookies come along by themselves (security.md G4).

use reqwest::Method;
use serde_json::json;

use super::{LOGOUT, ME, REFRESH, is_signed_in};
use crate::kit::{self, Answer, Person};

type Headers = &'static [(&'static str, &'static str)];

const FORGED: &[Headers] = &[
    &[("origin", "https://evil.example")],
    &[("origin", "null")],
    &[("origin", "http://127.0.0.1:1")],
    &[("sec-fetch-site", "cross-site")],
    &[("sec-fetch-site", "same-site")],
    &[
        ("sec-fetch-site", "cross-site"),
        ("origin", "https://evil.example"),
    ],
    &[
        ("sec-fetch-site", "same-origin"),
        ("origin", "https://evil.example"),
    ],
    &[
        ("origin", "https://evil.example"),
        ("x-requested-with", "XMLHttpRequest"),
    ],
    &[],
];

fn with_cookies(
    person: &Person<'_>,
    method: Method,
    path: &str,
    headers: Headers,
) -> reqwest::RequestBuilder {
    let cookie = format!(
        "accessToken={}; refreshToken={}",
        person.token.clone().unwrap(),
        person.refresh_token
    );
    headers.iter().fold(
        person.site.request(method, path).header("cookie", cookie),
        |request, (name, value)| request.header(*name, *value),
    )
}

async fn changes_name(person: &Person<'_>, name: &str, headers: Headers) -> Answer {
    let request = with_cookies(person, Method::PATCH, "/api/v1/users/update-account", headers);
    kit::answer(request.json(&json!({"fullName": name}))).await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_page_of_another_site_changes_nothing() {
    let site = kit::site().await;
    let asha = site.person("asha").await;
    let before = asha.get(ME).await.at("/data");
    for headers in FORGED {
        changes_name(&asha, "Evil", headers)
            .await
            .refuses(403, "cross_site");
        for (method, path) in [
            (Method::POST, LOGOUT),
            (Method::POST, REFRESH),
            (Method::DELETE, "/api/v1/users/sessions"),
            (Method::DELETE, "/api/v1/users/me"),
        ] {
            let request = with_cookies(&asha, method, path, headers);
            kit::answer(request.json(&json!({"password": kit::PASSWORD})))
                .await
                .refuses(403, "cross_site");
        }
        // A form needs no preflight: this is its only guard.
        let form = reqwest::multipart::Form::new().text("title", "Evil").part(
            "videoFile",
            reqwest::multipart::Part::bytes(kit::clips::small().bytes()).file_name("x.mp4"),
        );
        let request = with_cookies(&asha, Method::POST, "/api/v1/videos", headers);
        let answer = kit::answer(request.multipart(form))
            .await
            .refuses(403, "cross_site");
        assert_eq!(
            answer.header("connection"),
            "close",
            "nobody reads the rest of it"
        );
    }
    assert_eq!(asha.get(ME).await.at("/data"), before);
    let own = asha.get(&format!("/api/v1/videos?userId={}", asha.id)).await;
    assert_eq!(own.at("/data/totalVideos"), 0);
    assert!(is_signed_in(&asha).await);
    super::refresh(&site, &asha.refresh_token).await.is(200);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_method_cannot_be_smuggled_in_a_header() {
    let site = kit::site().await;
    let asha = site.person("asha").await;
    for name in ["x-http-method-override", "x-method-override", "x-http-method"] {
        let request = asha
            .request(Method::POST, "/api/v1/users/me")
            .header(name, "DELETE");
        kit::answer(request.json(&json!({"password": kit::PASSWORD})))
            .await
            .refuses(405, "method_not_allowed");
    }
    assert!(is_signed_in(&asha).await);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_page_of_ours_and_a_program_with_a_bearer_token_change_things() {
    let site = kit::with("cors_origins", "https://front.example").start().await;
    let asha = site.person("asha").await;
    for (name, headers) in [
        ("One", &[("sec-fetch-site", "same-origin")][..]),
        ("Two", &[("sec-fetch-site", "none")]),
        ("Three", &[("x-requested-with", "fetch")]),
        (
            "Four",
            &[
                ("origin", "https://front.example"),
                ("sec-fetch-site", "cross-site"),
            ],
        ),
    ] {
        let changed = changes_name(&asha, name, headers).await.is(200);
        assert_eq!(changed.at("/data/fullName"), name);
    }
    let own: &'static str = Box::leak(site.url.clone().into_boxed_str());
    let headers: Headers = Box::leak(Box::new([("origin", own)]));
    changes_name(&asha, "Five", headers).await.is(200);
    for headers in FORGED {
        let request = with_cookies(&asha, Method::PATCH, "/api/v1/users/update-account", headers)
            .bearer_auth(asha.token.as_ref().unwrap());
        kit::answer(request.json(&json!({"fullName": "Six"})))
            .await
            .is(200);
    }
    let reading = with_cookies(&asha, Method::GET, ME, &[("sec-fetch-site", "cross-site")]);
    let answer = kit::answer(reading.header("origin", "https://evil.example"))
        .await
        .is(200);
    assert_eq!(
        answer.header("access-control-allow-origin"),
        "",
        "read, but not by that page"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn only_a_listed_origin_may_read_with_cookies() {
    let site = kit::with("cors_origins", "https://front.example").start().await;
    let from = |origin: &'static str| {
        kit::answer(
            site.request(Method::GET, "/api/v1/videos")
                .header("origin", origin),
        )
    };
    let listed = from("https://front.example").await.is(200);
    assert_eq!(
        listed.header("access-control-allow-origin"),
        "https://front.example"
    );
    assert_eq!(listed.header("access-control-allow-credentials"), "true");
    for foreign in [
        "https://evil.example",
        "null",
        "http://front.example",
        "https://front.example.evil.example",
        "https://front.example:8443",
    ] {
        let answer = from(foreign).await.is(200);
        assert_eq!(answer.header("access-control-allow-origin"), "", "{foreign}");
    }
}
