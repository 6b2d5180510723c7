//! `POST /api/v1/users/register`.

use reqwest::Method;
use serde_json::{Value, json};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::task::JoinSet;

use super::{fields, picture};
use crate::kit::{self, PASSWORD, Site};

const REGISTER: &str = "/api/v1/users/register";

fn asha() -> Value {
    json!({"username": "asha", "email": "asha@example.com", "fullName": "Asha Rao", "password": PASSWORD})
}

fn asha_with(field: &str, value: &Value) -> Value {
    let mut body = asha();
    body[field] = value.clone();
    body
}

#[tokio::test(flavor = "multi_thread")]
async fn someone_who_registers_gets_exactly_the_fields_of_a_user() {
    let site = kit::site().await;
    let body = json!({
        "username": " Asha ", "email": "Asha@Example.COM", "fullName": "  Asha Rao ", "password": PASSWORD,
    });
    let user = site.anyone().post(REGISTER, &body).await.is(201).at("/data");
    assert_eq!(
        fields(&user),
        [
            "_id",
            "avatar",
            "bio",
            "coverImage",
            "createdAt",
            "email",
            "fullName",
            "role",
            "subscriptionsHidden",
            "updatedAt",
            "username",
            "watchHistory"
        ]
    );
    assert_eq!(user["username"], "asha", "folded");
    assert_eq!(user["email"], "asha@example.com", "folded");
    assert_eq!(user["fullName"], "Asha Rao", "trimmed");
    assert_eq!(user["role"], "user");
    assert_eq!(user["bio"], "");
    assert_eq!(user["coverImage"], "");
    assert_eq!(user["watchHistory"], json!([]));
    assert!(
        user["avatar"].as_str().unwrap().starts_with(&site.url),
        "an absolute address"
    );
    assert!(user["createdAt"].as_str().unwrap().ends_with('Z'));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_form_with_pictures_registers_too() {
    let site = kit::site().await;
    for (username, avatar, cover) in [
        ("png", "avatar.png", "cover.jpg"),
        ("jpeg", "avatar.jpg", "cover.webp"),
        ("webp", "avatar.webp", "cover.png"),
    ] {
        let part =
            |clip: kit::clips::Clip| reqwest::multipart::Part::bytes(clip.bytes()).file_name(clip.name);
        let form = reqwest::multipart::Form::new()
            .part("coverImage", part(picture(cover, "1600x500")))
            .text("username", username)
            .text("email", format!("{username}@example.com"))
            .part("avatar", part(picture(avatar, "600x400")))
            .text("fullName", "Full Name")
            .text("password", PASSWORD)
            .text("role", "admin");
        let user = kit::answer(site.request(Method::POST, REGISTER).multipart(form))
            .await
            .is(201)
            .at("/data");
        assert_eq!(user["role"], "user");
        for field in ["avatar", "coverImage"] {
            let url = user[field].as_str().unwrap();
            let shown = site.anyone().get(url).await.is(200);
            assert_eq!(shown.header("content-type"), "image/jpeg", "{username}");
        }
        site.sign_in(username).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_field_that_is_missing_or_wrong_is_blamed_by_name() {
    let site = kit::site().await;
    let long = |n: usize| json!("x".repeat(n));
    for (field, value, code) in [
        ("username", json!(null), "missing"),
        ("username", json!("   "), "missing"),
        ("username", json!("ab"), "malformed"),
        ("username", long(31), "malformed"),
        ("username", json!("a b c"), "malformed"),
        ("username", json!("../etc"), "malformed"),
        ("username", json!("naïve"), "malformed"),
        ("email", json!(null), "missing"),
        ("email", json!(""), "missing"),
        ("email", json!("nobody"), "malformed"),
        ("email", json!("a@b"), "malformed"),
        (
            "email",
            json!(format!("a@{}.example", "x".repeat(64))),
            "malformed",
        ),
        ("email", json!("a@b.example\r\nBcc: c@d.example"), "malformed"),
        ("fullName", json!(null), "missing"),
        ("fullName", json!(" "), "missing"),
        ("fullName", long(81), "too_long"),
        ("fullName", json!("a\u{202e}b"), "control_character"),
        ("fullName", json!("a\u{0}b"), "control_character"),
        ("password", json!(null), "missing"),
        ("password", json!(""), "missing"),
        ("password", json!("otter-8"), "too_short"),
        ("password", long(129), "too_long"),
        ("password", json!("password1"), "too_common"),
        ("password", json!("12345678"), "too_common"),
        ("password", json!("QWERTYUIOP"), "too_common"),
    ] {
        let answer = site.anyone().post(REGISTER, &asha_with(field, &value)).await;
        answer.is(400).blames(field, code);
        let mut absent = asha();
        absent.as_object_mut().unwrap().remove(field);
        site.anyone()
            .post(REGISTER, &absent)
            .await
            .is(400)
            .blames(field, "missing");
    }
    let answer = site.anyone().post(REGISTER, &json!({})).await.is(400);
    assert_eq!(
        answer.at("/errors").as_array().unwrap().len(),
        4,
        "all are told at once"
    );
    site.anyone().post(REGISTER, &asha()).await.is(201);
}

#[tokio::test(flavor = "multi_thread")]
async fn values_of_another_type_are_refused_wherever_they_stand() {
    let site = kit::site().await;
    for field in ["username", "email", "fullName", "password"] {
        for value in [
            json!({"$ne": null}),
            json!(["asha"]),
            json!(7),
            json!(true),
            json!({"toString": "asha"}),
        ] {
            site.anyone()
                .post(REGISTER, &asha_with(field, &value))
                .await
                .refuses(400, "wrong_type");
            let mut login = json!({"username": "asha", "email": "asha@example.com", "password": PASSWORD});
            if login.get(field).is_some() {
                login[field] = value;
                site.anyone()
                    .post("/api/v1/users/login", &login)
                    .await
                    .refuses(400, "wrong_type");
            }
        }
    }
    for body in [
        json!(["Asha", "asha@example.com", "asha", PASSWORD]),
        json!("asha"),
        json!(1),
        json!(null),
    ] {
        site.anyone()
            .post(REGISTER, &body)
            .await
            .refuses(400, "wrong_type");
    }
    site.anyone().get("/api/v1/users/c/asha").await.is(404);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_name_or_address_belongs_to_one_person() {
    let site = kit::site().await;
    site.anyone().post(REGISTER, &asha()).await.is(201);
    for username in ["asha", "ASHA", " Asha "] {
        let body = json!({
            "username": username, "email": "other@example.com", "fullName": "Other", "password": PASSWORD,
        });
        let answer = site.anyone().post(REGISTER, &body).await;
        answer.refuses(409, "username_taken").blames("username", "taken");
    }
    for email in ["asha@example.com", "ASHA@example.COM"] {
        let body = json!({"username": "other", "email": email, "fullName": "Other", "password": PASSWORD});
        let answer = site.anyone().post(REGISTER, &body).await;
        answer.refuses(409, "email_taken").blames("email", "taken");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn of_twenty_who_want_a_name_at_once_one_gets_it() {
    let site = kit::site().await;
    for same in ["username", "email"] {
        let mut racing = JoinSet::new();
        for n in 0..20 {
            let mut body = json!({
                "username": format!("{same}_{n}"), "email": format!("{same}-{n}@example.com"),
                "fullName": "Racer", "password": PASSWORD,
            });
            body[same] = json!(if same == "email" {
                "one@example.com"
            } else {
                "the_one"
            });
            racing.spawn(kit::answer(site.request(Method::POST, REGISTER).json(&body)));
        }
        let answers = racing.join_all().await;
        let won = answers.iter().filter(|answer| answer.status == 201).count();
        let lost = answers.into_iter().filter(|answer| answer.status != 201);
        assert_eq!(won, 1, "{same}");
        for answer in lost {
            answer.is(409).blames(same, "taken");
        }
    }
    let folders = std::fs::read_dir(site.objects().join("users")).unwrap().count();
    assert_eq!(folders, 2, "whoever lost left no picture behind");
}

#[tokio::test(flavor = "multi_thread")]
async fn fields_that_nobody_asked_for_do_nothing() {
    let site = kit::site().await;
    let mut body = asha();
    for (field, value) in [
        ("role", json!("admin")),
        ("_id", json!("000000000000000000000001")),
        ("id", json!("000000000000000000000001")),
        ("views", json!(1_000_000)),
        ("isAdmin", json!(true)),
        ("avatar", json!("https://evil.example/x.png")),
        ("createdAt", json!("1999-01-01T00:00:00.000Z")),
        ("password_hash", json!("$2b$04$x")),
        ("__proto__", json!({"role": "admin"})),
        ("refreshToken", json!("x")),
    ] {
        body[field] = value;
    }
    let user = site.anyone().post(REGISTER, &body).await.is(201).at("/data");
    assert_eq!(user["role"], "user");
    assert_ne!(user["_id"], "000000000000000000000001");
    assert!(!user["createdAt"].as_str().unwrap().starts_with("1999"));
    assert!(user["avatar"].as_str().unwrap().starts_with(&site.url));
    let asha = site.sign_in("asha").await;
    let changed = asha
        .patch(
            "/api/v1/users/update-account",
            &json!({"bio": "hello", "role": "admin", "views": 5}),
        )
        .await
        .is(200);
    assert_eq!(changed.at("/data/role"), "user");
    asha.get("/api/v1/users/current-user")
        .await
        .is(200)
        .at("/data/role")
        .as_str()
        .map(|role| assert_eq!(role, "user"))
        .unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_closed_site_registers_nobody() {
    let site = kit::with("registration", "closed").start().await;
    let answer = site.anyone().post(REGISTER, &asha()).await;
    answer.refuses(403, "registration_closed");
    site.admin().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn bodies_that_cannot_be_read_say_why() {
    let site = kit::site().await;
    let post = |kind: &'static str, body: Vec<u8>| {
        kit::answer(
            site.request(Method::POST, REGISTER)
                .header("content-type", kind)
                .body(body),
        )
    };
    let text = asha().to_string().into_bytes();
    for kind in [
        "text/plain",
        "application/x-www-form-urlencoded",
        "application/octet-stream",
        "",
    ] {
        post(kind, text.clone()).await.refuses(415, "not_json");
    }
    kit::answer(site.request(Method::POST, REGISTER).body(text.clone()))
        .await
        .refuses(415, "not_json");
    for malformed in [
        &b""[..],
        b"{",
        b"{\"username\":\"asha\"",
        b"not json",
        b"{\"username\":\"\xff\xfe\"}",
        b"{\"a\":1}{\"b\":2}",
    ] {
        post("application/json", malformed.to_vec())
            .await
            .refuses(400, "invalid_json");
    }
    let deep = format!("{{\"x\":{}{}}}", "[".repeat(40), "]".repeat(40));
    post("application/json", deep.into_bytes())
        .await
        .refuses(400, "json_too_deep");
    let twice = br#"{"username":"asha","username":"ben"}"#;
    post("application/json", twice.to_vec()).await.is(400);
    for (kind, body) in [
        ("multipart/form-data", &b"--x--"[..]),
        ("multipart/form-data; boundary=", b"----"),
        (
            "multipart/form-data; boundary=x",
            b"--x\r\nContent-Disposition: form-data; name=\"username\"\r\n\r\nash",
        ),
    ] {
        post(kind, body.to_vec()).await.is(400);
    }
    post("application/json; charset=utf-8", text).await.is(201);
}

/// Sends bytes as they are and reads the answer's status line.
async fn raw(site: &Site, bytes: &[u8]) -> String {
    let mut stream = TcpStream::connect(site.server.address).await.unwrap();
    stream.write_all(bytes).await.unwrap();
    let mut head = vec![0; 4096];
    let n = stream.read(&mut head).await.unwrap();
    String::from_utf8_lossy(&head[..n])
        .lines()
        .next()
        .unwrap_or_default()
        .to_owned()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_body_beyond_64_kib_is_refused_announced_or_not() {
    let site = kit::site().await;
    let body = asha_with("bio", &json!("x".repeat(64 * 1024)));
    let answer = site.anyone().post(REGISTER, &body).await;
    answer.refuses(413, "body_too_large");

    let head = format!(
        "POST {REGISTER} HTTP/1.1\r\nHost: {}\r\nContent-Type: application/json\r\n",
        site.server.address
    );
    let announced = format!("{head}Content-Length: 10000000000\r\n\r\n");
    let status = raw(&site, announced.as_bytes()).await;
    assert!(status.contains(" 413 "), "before a byte of it is sent: {status}");

    let mut chunked = format!("{head}Transfer-Encoding: chunked\r\n\r\n").into_bytes();
    for _ in 0..5 {
        chunked.extend_from_slice(b"4000\r\n");
        chunked.extend(std::iter::repeat_n(b' ', 0x4000));
        chunked.extend_from_slice(b"\r\n");
    }
    let status = raw(&site, &chunked).await;
    assert!(status.contains(" 413 "), "without an end: {status}");

    let mut just_fits = asha();
    let room = 64 * 1024 - just_fits.to_string().len() - r#","extra":"""#.len();
    just_fits["extra"] = json!("x".repeat(room));
    assert_eq!(just_fits.to_string().len(), 64 * 1024);
    site.anyone().post(REGISTER, &just_fits).await.is(201);
}
