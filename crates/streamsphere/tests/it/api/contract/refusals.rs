//! What calls refuse, over all rows: no sign-in, ids of the wrong form, things that are not there, bodies of the
//! wrong type or too large, methods that an address does not know.

use reqwest::Method;
use serde_json::{Value, json};

use super::rows::{ROWS, Row, STREAMS};
use super::{NO_SUCH_ID, shapes::assert_shape};
use crate::kit::{self, Answer, Person, Site};

/// A body just above what is read: 64 KiB.
const TOO_LARGE: usize = 64 * 1024 + 1;

async fn asks(person: &Person<'_>, row: &Row, path: &str, body: &str) -> Answer {
    let mut request = person.request(row.method.parse().unwrap(), path);
    if !body.is_empty() {
        request = request
            .header("content-type", "application/json")
            .body(body.to_owned());
    }
    kit::answer(request).await
}

/// A refusal in the envelope, with all its fields and no others.
fn assert_refused(answer: &Answer, status: u16, what: &str) {
    assert_eq!(answer.status, status, "{what}: {}", answer.json);
    if what.starts_with("HEAD") {
        return;
    }
    assert_eq!(answer.header("content-type"), "application/json", "{what}");
    assert_shape(
        &answer.json,
        "statusCode:int data:any message:text success:flag code:text errors:list",
        what,
    );
    assert_eq!(answer.json["statusCode"], json!(status), "{what}");
    assert_eq!(answer.json["data"], Value::Null, "{what}");
    assert_eq!(answer.json["success"], false, "{what}");
    for error in answer.json["errors"].as_array().unwrap() {
        assert_shape(error, "field:text code:text message:text", what);
    }
}

/// Someone new for each row that ends sessions.
async fn someone<'a>(site: &'a Site, name: &str) -> Person<'a> {
    site.sign_in(name).await
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_for_those_who_are_signed_in_is_401_for_others() {
    let site = kit::site().await;
    for row in ROWS {
        let what = format!("{} {}", row.method, row.path);
        let answer = asks(&site.anyone(), row, &row.about_nothing(), row.body).await;
        if row.signed_in {
            assert_refused(&answer, 401, &what);
            assert!(answer.header("www-authenticate").starts_with("Bearer"), "{what}");
            let forged = kit::answer(
                site.request(row.method.parse().unwrap(), &row.about_nothing())
                    .bearer_auth("a.forged.token"),
            )
            .await;
            assert_refused(&forged, 401, &what);
        } else if !row.path.contains("/login") && !row.path.contains("/refresh-token") {
            assert_ne!(answer.status, 401, "{what}: reading needs no sign-in");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_not_there_is_answered_as_the_contract_says() {
    let site = kit::site().await;
    let asha = site.person("asha").await;
    for row in ROWS {
        let what = format!("{} {}", row.method, row.path);
        let ends_session = row.path.ends_with("/logout");
        let answer = if ends_session {
            asks(&someone(&site, "asha").await, row, row.path, row.body).await
        } else {
            asks(&asha, row, &row.about_nothing(), row.body).await
        };
        if row.unknown < 400 {
            assert_eq!(answer.status, row.unknown, "{what}: {}", answer.json);
        } else {
            assert_refused(&answer, row.unknown, &what);
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_id_of_the_wrong_form_is_400() {
    let site = kit::site().await;
    let asha = site.person("asha").await;
    for row in ROWS {
        for id in row.ids() {
            for malformed in [
                "me",
                "0123456789abcdef0123456",
                "0123456789abcdef012345678",
                "0123456789abcdef0123456z",
                "%24ne",
            ] {
                let path = fill_rest(&row.path.replace(id, malformed));
                let what = format!("{} {path}", row.method);
                let answer = asks(&asha, row, &path, row.body).await;
                assert_refused(&answer, 400, &what);
            }
        }
    }
}

/// What is still in braces becomes something well-formed.
fn fill_rest(path: &str) -> String {
    let parts = path.split('/').map(|part| match part {
        "{lang}" => "en",
        part if part.starts_with('{') => NO_SUCH_ID,
        part => part,
    });
    parts.collect::<Vec<_>>().join("/")
}

#[tokio::test(flavor = "multi_thread")]
async fn a_field_of_the_wrong_type_is_400_wherever_it_stands() {
    let site = kit::site().await;
    let asha = site.person("asha").await;
    for row in ROWS.iter().filter(|row| !row.body.is_empty()) {
        let good: Value = serde_json::from_str(row.body).unwrap();
        for name in good.as_object().unwrap().keys() {
            for wrong in [
                json!({"$ne": null}),
                json!({"$gt": ""}),
                json!([{"$ne": null}]),
                json!(true),
            ] {
                let mut body = good.clone();
                body[name] = wrong;
                let what = format!("{} {} {body}", row.method, row.path);
                let answer = asks(&asha, row, &row.about_nothing(), &body.to_string()).await;
                assert_refused(&answer, 400, &what);
            }
        }
        for body in ["[]", "\"text\"", "7", "null", "{", "{\"a\":}", "\u{feff}{}"] {
            let what = format!("{} {} {body}", row.method, row.path);
            let answer = asks(&asha, row, &row.about_nothing(), body).await;
            assert_refused(&answer, 400, &what);
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn json_of_more_than_64_kib_is_413() {
    let site = kit::site().await;
    let asha = site.person("asha").await;
    for row in ROWS.iter().filter(|row| !row.body.is_empty()) {
        let mut body: Value = serde_json::from_str(row.body).unwrap();
        body["filler"] = json!("");
        let short = TOO_LARGE - body.to_string().len();
        body["filler"] = json!("x".repeat(short));
        let body = body.to_string();
        assert_eq!(body.len(), TOO_LARGE);
        let what = format!("{} {}", row.method, row.path);
        let answer = asks(&asha, row, &row.about_nothing(), &body).await;
        assert_refused(&answer, 413, &what);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_method_that_a_row_does_not_have_is_405_with_those_that_it_has() {
    let site = kit::site().await;
    let asha = site.person("asha").await;
    for row in ROWS {
        let what = format!("{} {}", row.method, row.path);
        let answer =
            kit::answer(asha.request(Method::from_bytes(b"PURGE").unwrap(), &row.about_nothing())).await;
        assert_refused(&answer, 405, &what);
        let allowed: Vec<&str> = answer.header("allow").split(',').map(str::trim).collect();
        assert!(allowed.contains(&row.method), "{what}: {allowed:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn fields_that_are_not_asked_for_are_passed_over_and_never_act() {
    let site = kit::site().await;
    let (asha, bela) = (site.person("asha").await, site.person("bela").await);
    let more = json!({
        "_id": NO_SUCH_ID, "owner": bela.id, "views": 1_000_000, "role": "admin", "likesCount": 9, "isVerified": true,
        "createdAt": "2001-01-01T00:00:00.000Z", "__proto__": {"a": 1}, "totalViews": 3, "likedBy": bela.id,
    });
    let with_more = |mut body: Value| {
        for (name, value) in more.as_object().unwrap() {
            body[name] = value.clone();
        }
        body
    };
    let acted = |made: &Value| {
        let text = made.to_string();
        assert!(
            !text.contains(NO_SUCH_ID) && !text.contains(&bela.id) && !text.contains("2001-01-01"),
            "{made}"
        );
        for name in ["views", "likesCount", "totalViews"] {
            assert!(made.get(name).is_none_or(|value| value == 0), "{made}");
        }
    };
    let registered = with_more(json!({
        "username": "chandra", "email": "chandra@example.com", "fullName": "Chandra", "password": kit::PASSWORD,
    }));
    let chandra = site
        .anyone()
        .post("/api/v1/users/register", &registered)
        .await
        .is(201);
    acted(&chandra.at("/data"));
    assert_eq!(chandra.at("/data/role"), "user");
    let account = asha
        .patch(
            "/api/v1/users/update-account",
            &with_more(json!({"bio": "Hello"})),
        )
        .await
        .is(200);
    acted(&account.at("/data"));
    assert_eq!(account.at("/data/role"), "user");
    for (path, body) in [
        ("/api/v1/tweets", json!({"content": "Hello"})),
        ("/api/v1/playlist", json!({"name": "A list"})),
    ] {
        acted(&asha.post(path, &with_more(body)).await.is(201).at("/data"));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn streams_refuse_before_they_begin() {
    let site = kit::site().await;
    for path in STREAMS {
        let answer = site
            .anyone()
            .get(&format!("{path}?videoId=nonsense&videos=nonsense"))
            .await;
        assert!((400..=401).contains(&answer.status), "{path}: {}", answer.status);
        assert_refused(&answer, answer.status, path);
    }
}
