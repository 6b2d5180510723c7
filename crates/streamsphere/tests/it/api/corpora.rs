//! Texts that have broken other programs, in every field that takes text: what is taken is data and comes back as it
//! was sent, what is not is refused with 400, and nothing of it is ever markup, a pattern, or part of a statement.

use reqwest::Method;
use serde_json::{Value, json};
use store::videos::VideoRow;

use crate::kit::rows::{add, row};
use crate::kit::{self, Answer, Person, Site};

/// Markup and script, for pages, attributes, addresses, XML and templates.
const MARKUP: &[&str] = &[
    "<script>alert(1)</script>",
    "<img src=x onerror=alert(1)>",
    "\"><svg onload=alert(1)>",
    "'><b onmouseover='alert(1)'>x",
    "</title><script>alert(1)</script>",
    "</textarea><script>alert(1)</script>",
    "javascript:alert(1)",
    "data:text/html,<script>alert(1)</script>",
    "<a href=\"javascript:alert(1)\">x</a>",
    "<iframe srcdoc=\"<script>alert(1)</script>\"></iframe>",
    "&lt;script&gt;alert(1)&lt;/script&gt;",
    "&#60;script&#62;",
    "]]><script>alert(1)</script><![CDATA[",
    "<!--<script>alert(1)//-->",
    "<?xml version=\"1.0\"?><!DOCTYPE a [<!ENTITY b SYSTEM \"file:///etc/passwd\">]>",
    "&b;",
    "{{7*7}} ${7*7} #{7*7} <%= 7*7 %>",
    "` onload=alert(1) `",
];

/// Statements, patterns, and the words of full-text search.
const SYNTAX: &[&str] = &[
    "'; DROP TABLE videos; --",
    "' OR '1'='1",
    "\" OR \"\"=\"",
    "1; SELECT pg_sleep(9)",
    "') UNION SELECT password_hash FROM users --",
    "$1 $2 ?1 :name @name",
    "% _ \\% \\_ ^ [a-z] .* (",
    "\\",
    "\\' \\\" \\\\",
    "NEAR(a b, 5) AND NOT c OR d*",
    "title:secret ^start {a b}: c",
    "\"unbalanced",
    "((((((((((",
    "*",
    "a* AND",
    "-",
    "+a -b",
    "{\"$ne\":null}",
    "[object Object]",
    "__proto__",
    "constructor.prototype",
    "../../etc/passwd",
    "C:\\Windows\\win.ini",
    "%00%0d%0aSet-Cookie:%20a=b",
    "null",
    "undefined",
    "NaN",
    "true",
    "-0",
    "1e309",
    "9223372036854775808",
];

/// Letters of all kinds. Each is in Unicode NFC already, which is the form that texts are kept in.
const LETTERS: &[&str] = &[
    "Ünïcödé",
    "日本語のタイトル",
    "العربية من اليمين",
    "עברית",
    "हिन्दी",
    "👩‍👩‍👧‍👦 🏳️‍🌈 👍🏽 🇩🇪",
    "𝕳𝖊𝖑𝖑𝖔",
    "a\u{200b}b\u{200d}c\u{2060}d",
    "a\u{00ad}b",
    "İstanbul ıI ß ẞ ﬁ",
    "\u{fdfa}",
    "a\u{20dd}",
    "�",
    "\u{10ffff}",
];

/// What reads as something else, or is no text: refused.
const REFUSED: &[&str] = &[
    "a\u{0}b",
    "a\u{7}b",
    "a\u{1b}[31mb",
    "a\u{7f}b",
    "a\u{85}b",
    "a\u{202e}gpj.exe",
    "a\u{2066}b\u{2069}",
    "a\u{feff}b",
];

fn taken() -> impl Iterator<Item = &'static str> {
    [MARKUP, SYNTAX, LETTERS].into_iter().flatten().copied()
}

/// A call that takes text in one field of its body, and where its answer has it.
struct Field {
    method: Method,
    path: String,
    name: &'static str,
    /// What else it needs.
    beside: Value,
    /// The most characters.
    most: usize,
}

fn field(method: Method, path: &str, name: &'static str, beside: Value, most: usize) -> Field {
    Field {
        method,
        path: path.to_owned(),
        name,
        beside,
        most,
    }
}

/// Every field that keeps text which others are shown.
fn fields(video: &VideoRow) -> Vec<Field> {
    let one = format!("/api/v1/videos/{}", video.id);
    let comments = format!("/api/v1/comments/{}", video.id);
    let account = "/api/v1/users/update-account";
    vec![
        field(Method::PATCH, &one, "title", json!({}), 200),
        field(Method::PATCH, &one, "description", json!({}), 10_000),
        field(Method::POST, &comments, "content", json!({}), 10_000),
        field(Method::POST, "/api/v1/tweets", "content", json!({}), 500),
        field(Method::POST, "/api/v1/playlist", "name", json!({}), 150),
        field(
            Method::POST,
            "/api/v1/playlist",
            "description",
            json!({"name": "A list"}),
            5_000,
        ),
        field(Method::PATCH, account, "fullName", json!({}), 80),
        field(Method::PATCH, account, "bio", json!({}), 1_000),
    ]
}

async fn sends(person: &Person<'_>, field: &Field, value: Value) -> Answer {
    let mut body = field.beside.clone();
    body[field.name] = value;
    let request = person.request(field.method.clone(), &field.path).json(&body);
    kit::answer(request).await
}

async fn one_video(site: &Site, owner: &Person<'_>) -> VideoRow {
    let video = row(site, owner, "A video");
    add(site, std::slice::from_ref(&video)).await;
    video
}

#[tokio::test(flavor = "multi_thread")]
async fn whatever_text_is_taken_comes_back_as_it_was_sent() {
    let site = kit::site().await;
    let asha = site.person("asha").await;
    let video = one_video(&site, &asha).await;
    for field in fields(&video) {
        for text in taken().filter(|text| text.chars().count() <= field.most) {
            let what = format!("{} {} {text:?}", field.path, field.name);
            let answer = sends(&asha, &field, json!(text)).await;
            assert!([200, 201].contains(&answer.status), "{what}: {}", answer.json);
            assert_eq!(answer.json["data"][field.name], text, "{what}");
        }
    }
    // Lists show the same, and all else is as it was.
    let comments = format!("/api/v1/comments/{}", video.id);
    let shown = asha.walks(&comments, 50).await;
    let shown: Vec<&str> = shown
        .iter()
        .map(|item| item["content"].as_str().unwrap())
        .collect();
    for text in taken() {
        assert!(shown.contains(&text), "{text}");
    }
    site.counts_right().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn tags_are_taken_as_words_or_refused() {
    let site = kit::site().await;
    let asha = site.person("asha").await;
    let video = one_video(&site, &asha).await;
    let one = format!("/api/v1/videos/{}", video.id);
    for text in taken().chain(REFUSED.iter().copied()) {
        for tags in [json!([text]), json!(text)] {
            let answer = asha.patch(&one, &json!({"tags": tags})).await;
            assert!([200, 400].contains(&answer.status), "{text:?}: {}", answer.json);
            for tag in answer.json["data"]["tags"].as_array().into_iter().flatten() {
                let tag = tag.as_str().unwrap();
                assert!(
                    tag.chars().count() <= 40 && !tag.contains(|c: char| c.is_control()),
                    "{tag:?}"
                );
                let path =
                    reqwest::Url::parse_with_params(&format!("{}/api/v1/videos", site.url), [("tag", tag)])
                        .unwrap();
                asha.get(path.as_str()).await.is(200);
            }
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_no_text_or_too_long_is_refused() {
    let site = kit::site().await;
    let asha = site.person("asha").await;
    let video = one_video(&site, &asha).await;
    for field in fields(&video) {
        let what = format!("{} {}", field.path, field.name);
        for text in REFUSED {
            let refused = sends(&asha, &field, json!(text)).await;
            assert_eq!(refused.status, 400, "{what} {text:?}: {}", refused.json);
            refused
                .refuses(400, "invalid_fields")
                .blames(field.name, "control_character");
        }
        for text in [
            "x".repeat(field.most + 1),
            "é".repeat(field.most + 1),
            "x ".repeat(30_000),
        ] {
            let refused = sends(&asha, &field, json!(text)).await;
            assert_eq!(
                refused.status,
                400,
                "{what}, {} bytes: {}",
                text.len(),
                refused.json
            );
            refused
                .refuses(400, "invalid_fields")
                .blames(field.name, "too_long");
        }
        // One letter with very many marks is not taken for one letter.
        let marks = format!("a{}", "\u{301}".repeat(20_000));
        let answer = sends(&asha, &field, json!(marks)).await;
        if marks.len() > field.most * 32 {
            answer
                .refuses(400, "invalid_fields")
                .blames(field.name, "too_long");
        }
        let most = sends(&asha, &field, json!("x".repeat(field.most))).await;
        assert!([200, 201].contains(&most.status), "{what}: {}", most.json);
        for wrong in [
            json!({"$ne": null}),
            json!({"$gt": ""}),
            json!({"$regex": ".*"}),
            json!(["a"]),
            json!(7),
            json!(false),
        ] {
            let refused = sends(&asha, &field, wrong.clone()).await;
            assert_eq!(refused.status, 400, "{what} {wrong}: {}", refused.json);
        }
        // Half of a pair of surrogates is no character, and bytes that are no UTF-8 are no JSON.
        for body in [
            format!("{{\"{}\":\"\\ud800\"}}", field.name).into_bytes(),
            [format!("{{\"{}\":\"", field.name).as_bytes(), b"\xff\xfe\"}"].concat(),
        ] {
            let request = asha
                .request(field.method.clone(), &field.path)
                .header("content-type", "application/json")
                .body(body);
            kit::answer(request).await.is(400);
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn whatever_is_searched_for_is_words() {
    let site = kit::site().await;
    let asha = site.person("asha").await;
    let video = row(&site, &asha, RARE);
    add(&site, std::slice::from_ref(&video)).await;
    asha.comments(&video.id.to_string(), RARE).await;
    asha.tweets(RARE).await;
    let long = "a ".repeat(150);
    let mut texts: Vec<&str> = taken().chain(REFUSED.iter().copied()).collect();
    texts.extend([long.as_str(), " ", ""]);
    for text in &texts {
        for kind in ["", "videos", "channels", "tweets", "captions"] {
            let found = asha.asks("/api/v1/search", &[("q", text), ("type", kind)]).await;
            assert!(
                [200, 400].contains(&found.status),
                "{kind} {text:?}: {}",
                found.json
            );
        }
        let comments = format!("/api/v1/comments/{}", video.id);
        for path in ["/api/v1/videos", "/api/v1/tweets", &comments] {
            let found = asha.asks(path, &[("query", text)]).await;
            assert!(
                [200, 400].contains(&found.status),
                "{path} {text:?}: {}",
                found.json
            );
            // A pattern that everything matches would show itself.
            if found.status == 200 && text.contains(char::is_alphanumeric) {
                assert_eq!(found.at("/data/totalDocs"), 0, "{path} {text:?}");
            }
        }
    }
    for (name, paths) in [
        ("cursor", ["/api/v1/videos", "/api/v1/tweets", "/api/v1/trending"]),
        ("sortBy", ["/api/v1/videos", "/api/v1/tweets", "/api/v1/videos"]),
    ] {
        for path in paths {
            for text in texts.iter().filter(|text| !text.is_empty()) {
                let refused = asha.asks(path, &[(name, text)]).await;
                assert_eq!(refused.status, 400, "{path} {name} {text:?}: {}", refused.json);
            }
        }
    }
}

/// A word that is like none of the texts.
const RARE: &str = "Zyzzyva";

/// As HTML and XML write it between tags and inside quotes; both ways to write an apostrophe are the same.
fn escaped(text: &str) -> String {
    text.replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('>', "&gt;")
        .replace('"', "&quot;")
        .replace('\'', "&#39;")
}

fn page_of(answer: Answer) -> String {
    String::from_utf8(answer.is(200).bytes)
        .unwrap()
        .replace("&apos;", "&#39;")
}

#[tokio::test(flavor = "multi_thread")]
async fn pages_feeds_and_embeddings_show_text_as_text() {
    let site = kit::site().await;
    let asha = site.person("asha").await;
    let video = one_video(&site, &asha).await;
    let one = format!("/api/v1/videos/{}", video.id);
    for text in taken().filter(|text| text.chars().count() <= 70) {
        let words = json!({"title": format!("T {text}"), "description": format!("D {text}")});
        asha.patch(&one, &words).await.is(200);
        let names = json!({"fullName": format!("N {text}"), "bio": format!("B {text}")});
        asha.patch("/api/v1/users/update-account", &names).await.is(200);
        let safe = escaped(text);

        // What was read of a video is believed for half a second, the name of its channel included.
        let path = format!("/watch/{}", video.id);
        let mut watch = String::new();
        kit::until("the page shows the new words", async || {
            watch = page_of(site.anyone().get(&path).await);
            ["T", "D", "N"]
                .iter()
                .all(|begin| watch.contains(&format!("{begin} {safe}")))
        })
        .await;
        let feed = page_of(site.anyone().get("/feeds/channel/asha.xml").await);
        for begin in ["T", "D", "N", "B"] {
            assert!(feed.contains(&format!("{begin} {safe}")), "{text}: {feed}");
        }
        let embed = page_of(site.anyone().get(&format!("/embed/{}", video.id)).await);
        assert!(embed.contains(&format!("T {safe}")), "{text}: {embed}");
        let url = format!("{}/watch/{}", site.url, video.id);
        let oembed = site.anyone().asks("/oembed", &[("url", &url)]).await.is(200);
        assert_eq!(oembed.at("/title"), format!("T {text}"));
        assert_eq!(oembed.at("/author_name"), format!("N {text}"));
        let html = oembed.text_at("/html").replace("&apos;", "&#39;");
        assert!(html.contains(&format!("T {safe}")), "{text}: {html}");
        if safe != text {
            let raw = format!(" {text}");
            for page in [&watch, &feed, &embed, &html] {
                assert!(!page.contains(&raw), "{text}: {page}");
            }
        }
    }
    let sitemap = page_of(site.anyone().get("/sitemap-videos.xml").await);
    assert!(
        sitemap.contains(&format!("/watch/{}</loc>", video.id)),
        "{sitemap}"
    );
    assert!(!sitemap.contains("T "), "a sitemap has addresses only: {sitemap}");
}

#[tokio::test(flavor = "multi_thread")]
async fn names_and_addresses_of_accounts_are_of_their_forms_or_refused() {
    let site = kit::site().await;
    for text in taken().chain(REFUSED.iter().copied()) {
        for name in ["username", "email"] {
            let mut body = json!({"username": "someone", "email": "someone@example.com", "fullName": "S", "password": kit::PASSWORD});
            body[name] = json!(text);
            let answer = site.anyone().post("/api/v1/users/register", &body).await;
            // Few of them are names; those that are, are so by the rule of names.
            if answer.status == 201 {
                let kept = answer.text_at(&format!("/data/{name}"));
                let is_name = kept
                    .bytes()
                    .all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b"_.".contains(&b));
                assert!(name == "username" && is_name, "{text:?} became {kept:?}");
            } else {
                assert!([400, 409].contains(&answer.status), "{text:?}: {}", answer.json);
            }
        }
        let words = json!({"username": text, "password": text});
        let refused = site.anyone().post("/api/v1/users/login", &words).await;
        assert!(
            [400, 401, 429].contains(&refused.status),
            "{text:?}: {}",
            refused.json
        );
        let mut channel = reqwest::Url::parse(&format!("{}/api/v1/users/c/x", site.url)).unwrap();
        channel.path_segments_mut().unwrap().pop().push(text);
        let found = site.anyone().get(channel.as_str()).await;
        assert!(
            [200, 400, 404].contains(&found.status),
            "{text:?}: {}",
            found.status
        );
    }
}
