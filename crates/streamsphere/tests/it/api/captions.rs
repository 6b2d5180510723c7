//! `/api/v1/videos/{id}/captions/{lang}`: what is taken, what becomes of it, and who gets it.

use std::fmt::Write as _;

use reqwest::Method;
use serde_json::{Value, json};

use crate::kit::{self, Answer, Person, Site, clips};

const HELLO: &str = "WEBVTT\n\n00:00.500 --> 00:01.500\nHello <b>you</b>\n";

fn path(id: &str, language: &str) -> String {
    format!("/api/v1/videos/{id}/captions/{language}")
}

async fn sends(person: &Person<'_>, to: &str, content_type: &str, file: impl Into<Vec<u8>>) -> Answer {
    let request = person.request(Method::PUT, to);
    kit::answer(request.header("content-type", content_type).body(file.into())).await
}

async fn fills_in(person: &Person<'_>, to: &str, form: reqwest::multipart::Form) -> Answer {
    kit::answer(person.request(Method::PUT, to).multipart(form)).await
}

fn file(text: &str) -> reqwest::multipart::Part {
    reqwest::multipart::Part::bytes(text.as_bytes().to_vec()).file_name("captions.srt")
}

/// Caption files that lie beside a video.
fn stored(site: &Site, id: &str) -> Vec<String> {
    let folder = site.objects().join("videos").join(id);
    let names = std::fs::read_dir(folder).unwrap();
    let names = names.map(|entry| entry.unwrap().file_name().into_string().unwrap());
    names.filter(|name| name.starts_with("captions-")).collect()
}

async fn languages(person: &Person<'_>, id: &str) -> Vec<(String, String)> {
    let mut both = Vec::new();
    for path in [
        format!("/api/v1/videos/{id}"),
        format!("/api/v1/videos/{id}/playback"),
    ] {
        let tracks = person.get(&path).await.is(200).at("/data/captions");
        let text = |track: &Value, name: &str| track[name].as_str().unwrap().to_owned();
        let tracks = tracks.as_array().unwrap().iter();
        both.push(
            tracks
                .map(|track| (text(track, "language"), text(track, "label")))
                .collect::<Vec<_>>(),
        );
    }
    assert_eq!(both[0], both[1], "a video and its playback tell the same");
    both.remove(0)
}

#[tokio::test(flavor = "multi_thread")]
async fn captions_are_added_in_several_languages_replaced_and_removed() {
    let site = kit::site().await;
    let asha = site.person("asha").await;
    let id = asha.publishes(&clips::small(), &[]).await;
    assert_eq!(languages(&asha, &id).await, []);

    let added = sends(&asha, &path(&id, "pt-BR"), "text/vtt", HELLO).await.is(201);
    assert_eq!(added.text_at("/data/language"), "pt-br");
    assert_eq!(added.text_at("/data/label"), "Português (BR)");
    let first = added.text_at("/data/url");
    let subrip = "1\r\n00:00:00,500 --> 00:00:01,500\r\nHallo\r\n";
    sends(
        &asha,
        &path(&id, "de"),
        "application/x-subrip; charset=utf-8",
        subrip,
    )
    .await
    .is(201);
    let form = reqwest::multipart::Form::new()
        .part("captions", file(subrip))
        .text("label", "English (for cats)");
    fills_in(&asha, &path(&id, "en"), form).await.is(201);
    assert_eq!(
        languages(&site.anyone(), &id).await,
        [
            ("de", "Deutsch"),
            ("en", "English (for cats)"),
            ("pt-br", "Português (BR)")
        ]
        .map(|(tag, label)| (tag.to_owned(), label.to_owned()))
    );

    let to = format!("{}?label=Brasil", path(&id, "pt-br"));
    let replaced = sends(&asha, &to, "text/plain", HELLO.replace("Hello", "Oi"))
        .await
        .is(200);
    let second = replaced.text_at("/data/url");
    assert_ne!(first, second, "what caches hold stays true");
    site.anyone().get(&first).await.refuses(404, "media_not_found");
    let got = site.anyone().get(&second).await.is(200);
    assert_eq!(
        String::from_utf8(got.bytes).unwrap(),
        "WEBVTT\nX-TIMESTAMP-MAP=MPEGTS:0,LOCAL:00:00:00.000\n\n00:00:00.500 --> 00:00:01.500\nOi <b>you</b>\n"
    );
    let shown = site.anyone().get(&path(&id, "pt-br")).await.is(200);
    assert_eq!(shown.at("/data"), replaced.at("/data"));
    assert_eq!(shown.text_at("/data/label"), "Brasil");
    assert_eq!(stored(&site, &id).len(), 3, "the old file is gone");

    asha.delete(&path(&id, "de")).await.is(200);
    asha.delete(&path(&id, "de"))
        .await
        .refuses(404, "captions_not_found");
    asha.get(&path(&id, "de"))
        .await
        .refuses(404, "captions_not_found");
    assert_eq!(languages(&asha, &id).await.len(), 2);
    assert_eq!(stored(&site, &id).len(), 2);
    asha.delete(&format!("/api/v1/videos/{id}")).await.is(200);
    site.anyone().get(&second).await.refuses(404, "media_not_found");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_caption_file_is_labelled_as_text_that_does_nothing() {
    let site = kit::site().await;
    let asha = site.person("asha").await;
    let id = asha.publishes(&clips::small(), &[]).await;
    let added = sends(&asha, &path(&id, "en"), "text/vtt", HELLO).await.is(201);
    let got = site.anyone().get(&added.text_at("/data/url")).await.is(200);
    for (field, value) in [
        ("content-type", "text/vtt"),
        ("x-content-type-options", "nosniff"),
        ("content-security-policy", "sandbox; default-src 'none'"),
        ("cache-control", "public, max-age=31536000, immutable"),
        ("access-control-allow-origin", "*"),
    ] {
        assert_eq!(got.header(field), value, "{field}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn captions_of_a_private_video_are_private() {
    let site = kit::site().await;
    let asha = site.person("asha").await;
    let ben = site.person("ben").await;
    let id = asha
        .publishes(&clips::small(), &[("visibility", "private")])
        .await;
    let added = sends(&asha, &path(&id, "en"), "text/vtt", HELLO).await.is(201);
    let signed = added.text_at("/data/url");
    assert!(signed.contains("/media/~"), "{signed}");
    let got = site.anyone().get(&signed).await.is(200);
    assert_eq!(got.header("cache-control"), "private, no-store");
    let plain = format!("{}/media/{id}/{}", site.url, signed.rsplit('/').next().unwrap());
    for person in [&site.anyone(), &ben] {
        person.get(&plain).await.refuses(404, "media_not_found");
        person.get(&path(&id, "en")).await.refuses(404, "video_not_found");
    }
    asha.get(&plain).await.is(200);
    sends(&ben, &path(&id, "en"), "text/vtt", HELLO)
        .await
        .refuses(404, "video_not_found");
    // A change of visibility ends the links that were given out.
    asha.patch(
        &format!("/api/v1/videos/{id}"),
        &json!({"visibility": "unlisted"}),
    )
    .await
    .is(200);
    site.anyone().get(&signed).await.refuses(404, "media_not_found");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_no_caption_file_is_refused_with_its_line_and_leaves_nothing() {
    let site = kit::site().await;
    let asha = site.person("asha").await;
    let id = asha.publishes(&clips::small(), &[]).await;
    let to = path(&id, "en");
    for (file, code, line) in [
        ("", "no_cues", ""),
        ("hello", "no_cues", ""),
        (
            "WEBVTT\n\n00:02.000 --> 00:03.000\na\n\n00:01.000 --> 00:04.000\nb",
            "time_order",
            "Line 6: ",
        ),
        (
            "WEBVTT\n\n00:02.000 --> 00:01.000\na",
            "ends_before_start",
            "Line 3: ",
        ),
        ("1\n00:00:01,000 -> 00:00:02,000\na", "time_missing", "Line 1: "),
        ("1\n00:00:01 --> 00:00:02\na", "time_malformed", "Line 2: "),
    ] {
        let answer = sends(&asha, &to, "text/vtt", file)
            .await
            .refuses(422, "bad_captions");
        let answer = answer.blames("captions", code);
        assert!(answer.text_at("/message").starts_with(line), "{}", answer.json);
    }
    let cues = "00:01.000 --> 00:02.000\na\n\n".repeat(20_001);
    sends(&asha, &to, "text/vtt", cues)
        .await
        .refuses(422, "bad_captions")
        .blames("captions", "too_many_cues");
    let large = format!("{HELLO}\nNOTE {}", "a".repeat(2 << 20));
    sends(&asha, &to, "text/vtt", large.clone())
        .await
        .refuses(413, "body_too_large");
    let form = reqwest::multipart::Form::new().part("captions", file(&large));
    fills_in(&asha, &to, form)
        .await
        .refuses(413, "captions_too_large");
    sends(&asha, &to, "text/vtt", clips::small().bytes())
        .await
        .refuses(415, "not_captions");
    for other in ["text/html", "application/json", "image/svg+xml", "video/mp4"] {
        sends(&asha, &to, other, HELLO).await.refuses(415, "not_captions");
    }
    let form = reqwest::multipart::Form::new().text("label", "English");
    fills_in(&asha, &to, form)
        .await
        .refuses(400, "invalid_fields")
        .blames("captions", "missing");
    for bad in ["e", "en_US", "english%20language", "..%2f..%2fx", "en.vtt"] {
        for method in [Method::GET, Method::PUT, Method::DELETE] {
            let request = asha
                .request(method, &path(&id, bad))
                .header("content-type", "text/vtt");
            kit::answer(request.body(HELLO))
                .await
                .refuses(400, "invalid_fields")
                .blames("language", "malformed");
        }
    }
    let long = format!("{to}?label={}", "x".repeat(61));
    sends(&asha, &long, "text/vtt", HELLO)
        .await
        .refuses(400, "invalid_fields")
        .blames("label", "too_long");
    assert_eq!(languages(&asha, &id).await, []);
    assert_eq!(stored(&site, &id), [""; 0]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_video_has_captions_in_at_most_fifty_languages() {
    let site = kit::site().await;
    let asha = site.person("asha").await;
    let id = asha.publishes(&clips::small(), &[]).await;
    for number in 0..50 {
        let to = path(&id, &format!("en-x-{number}"));
        sends(&asha, &to, "text/vtt", HELLO).await.is(201);
    }
    sends(&asha, &path(&id, "de"), "text/vtt", HELLO)
        .await
        .refuses(422, "too_many_captions");
    assert_eq!(stored(&site, &id).len(), 50, "nothing is left of the refused one");
    sends(&asha, &path(&id, "en-x-7"), "text/vtt", HELLO)
        .await
        .is(200);
}

#[tokio::test(flavor = "multi_thread")]
async fn captions_count_against_their_owners_quota() {
    let site = kit::site().await;
    let asha = site.person("asha").await;
    let id = asha.publishes(&clips::small(), &[]).await;
    let used = async || {
        let storage = asha.get("/api/v1/users/storage").await.is(200);
        storage.at("/data/usedBytes").as_u64().unwrap()
    };
    let before = used().await;
    sends(&asha, &path(&id, "en"), "text/vtt", HELLO).await.is(201);
    let on_disk = |site: &Site| -> u64 {
        let folder = site.objects().join("videos").join(&id);
        let sizes = stored(site, &id);
        let sizes = sizes
            .iter()
            .map(|name| folder.join(name).metadata().unwrap().len());
        sizes.sum()
    };
    assert_eq!(used().await, before + on_disk(&site));
    let longer = HELLO.replace("Hello", "Hello and good morning to");
    sends(&asha, &path(&id, "en"), "text/vtt", longer).await.is(200);
    assert_eq!(used().await, before + on_disk(&site));
    asha.delete(&path(&id, "en")).await.is(200);
    assert_eq!(used().await, before);

    let full = kit::with("user_quota_bytes", "1000000").start().await;
    let ben = full.person("ben").await;
    let id = ben.publishes(&clips::small(), &[]).await;
    let mut cues = "WEBVTT\n".to_owned();
    for second in 0..10_000 {
        let time = format!("{:02}:{:02}:{:02}", second / 3600, second / 60 % 60, second % 60);
        writeln!(cues, "\n{time}.000 --> {time}.500\n{}", "x".repeat(80)).unwrap();
    }
    sends(&ben, &path(&id, "en"), "text/vtt", cues)
        .await
        .refuses(413, "quota_exceeded");
    assert_eq!(stored(&full, &id), [""; 0]);
}

#[tokio::test(flavor = "multi_thread")]
async fn chapters_are_those_that_the_description_names() {
    let site = kit::site().await;
    let asha = site.person("asha").await;
    let clip = clips::made(
        "chaptered.mp4",
        &[
            "-f",
            "lavfi",
            "-i",
            "testsrc2=size=160x90:rate=5:duration=9",
            "-pix_fmt",
            "yuv420p",
        ],
    );
    let description = "About bread\n0:00 Intro\n0:02 – Dough & <b>water</b>\n0:05 Oven";
    let id = asha.publishes(&clip, &[("description", description)]).await;
    let playback = format!("/api/v1/videos/{id}/playback");
    let got = site.anyone().get(&playback).await.is(200);
    assert_eq!(
        got.at("/data/chapters"),
        json!([
            {"title": "Intro", "start": 0.0, "end": 2.0},
            {"title": "Dough & <b>water</b>", "start": 2.0, "end": 5.0},
            {"title": "Oven", "start": 5.0, "end": 9.0},
        ])
    );
    let file = got.text_at("/data/chaptersFile");
    let text = site.anyone().get(&file).await.is(200);
    assert_eq!(text.header("content-type"), "text/vtt");
    assert_eq!(text.header("cache-control"), "public, max-age=0, must-revalidate");
    assert!(
        String::from_utf8(text.bytes)
            .unwrap()
            .contains("00:00:02.000 --> 00:00:05.000\nDough &amp; &lt;b&gt;water&lt;/b&gt;\n")
    );
    let change = json!({"description": "0:00 Intro\n0:02 Dough"});
    asha.patch(&format!("/api/v1/videos/{id}"), &change).await.is(200);
    let got = site.anyone().get(&playback).await.is(200);
    assert_eq!(
        (got.at("/data/chapters"), got.at("/data/chaptersFile")),
        (json!([]), Value::Null)
    );
    site.anyone().get(&file).await.refuses(404, "media_not_found");
}
