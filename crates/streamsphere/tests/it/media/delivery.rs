//! Media over HTTP: ranges, validators, headers and paths, on each of the ways that bytes can take.
//!
//! A connection that only ever asked for media is served by `sendfile`; one whose first request was
//! something else, or that speaks HTTP/2, is served through user space. All must answer alike.

use std::path::{Path, PathBuf};

use http_body_util::{BodyExt, Empty};
use hyper::body::Bytes;
use hyper::client::conn::http2::SendRequest;
use hyper_util::rt::{TokioExecutor, TokioIo};

use crate::kit::clips;
use crate::kit::wire::Wire;
use crate::kit::{self, Site};

/// A way that requests can take.
enum Way {
    Plain(Wire),
    Http2(SendRequest<Empty<Bytes>>, String),
}

/// What came back, whichever way.
#[derive(Debug)]
struct Got {
    status: u16,
    fields: Vec<(String, String)>,
    body: Vec<u8>,
}

/// The fields that are compared.
const FIELDS: [&str; 15] = [
    "accept-ranges",
    "access-control-allow-credentials",
    "access-control-allow-origin",
    "access-control-expose-headers",
    "allow",
    "cache-control",
    "content-length",
    "content-range",
    "content-security-policy",
    "content-type",
    "cross-origin-resource-policy",
    "etag",
    "set-cookie",
    "vary",
    "x-content-type-options",
];

impl Got {
    fn field(&self, name: &str) -> &str {
        assert!(FIELDS.contains(&name));
        self.fields
            .iter()
            .find(|(known, _)| known == name)
            .map_or("", |(_, value)| value)
    }
}

const NAMES: [&str; 3] = ["sendfile", "user space", "HTTP/2"];

/// A new connection for each way.
async fn ways(site: &Site) -> Vec<(&'static str, Way)> {
    let fast = Wire::to(site).await;
    let mut slow = Wire::to(site).await;
    slow.asks("GET", "/api/v1/healthcheck", "").await;
    assert_eq!(slow.answer("GET").await.status, 200);
    let stream = tokio::net::TcpStream::connect(site.server.address).await.unwrap();
    let (sender, connection) =
        hyper::client::conn::http2::handshake(TokioExecutor::new(), TokioIo::new(stream))
            .await
            .unwrap();
    tokio::spawn(connection);
    let ways = [
        Way::Plain(fast),
        Way::Plain(slow),
        Way::Http2(sender, site.url.clone()),
    ];
    NAMES.into_iter().zip(ways).collect()
}

impl Way {
    async fn asks(&mut self, method: &str, path: &str, fields: &[(&str, &str)]) -> Got {
        match self {
            Self::Plain(wire) => {
                let lines: String = fields
                    .iter()
                    .map(|(name, value)| format!("{name}: {value}\r\n"))
                    .collect();
                wire.asks(method, path, &lines).await;
                let reply = wire.answer(method).await;
                Got {
                    status: reply.status,
                    fields: FIELDS
                        .iter()
                        .map(|name| ((*name).to_owned(), reply.fields(name)))
                        .collect(),
                    body: reply.body,
                }
            }
            Self::Http2(sender, url) => {
                let mut request = hyper::Request::builder()
                    .method(method)
                    .uri(format!("{url}{path}"));
                for (name, value) in fields {
                    request = request.header(*name, *value);
                }
                sender.ready().await.unwrap();
                let answer = sender
                    .send_request(request.body(Empty::new()).unwrap())
                    .await
                    .unwrap();
                let (parts, body) = answer.into_parts();
                let text = |name: &str| {
                    let values: Vec<&str> = parts
                        .headers
                        .get_all(name)
                        .iter()
                        .map(|value| value.to_str().unwrap())
                        .collect();
                    values.join(", ")
                };
                Got {
                    status: parts.status.as_u16(),
                    fields: FIELDS
                        .iter()
                        .map(|name| ((*name).to_owned(), text(name)))
                        .collect(),
                    body: body.collect().await.unwrap().to_bytes().to_vec(),
                }
            }
        }
    }
}

/// The one file of this name below the folder of a video.
fn on_disk(site: &Site, id: &str, name: &str) -> Vec<u8> {
    fn find(folder: &Path, name: &str) -> Option<PathBuf> {
        std::fs::read_dir(folder).unwrap().find_map(|entry| {
            let path = entry.unwrap().path();
            if path.is_dir() {
                find(&path, name)
            } else {
                path.ends_with(name).then_some(path)
            }
        })
    }
    let path = find(&site.objects().join("videos").join(id), name).unwrap();
    std::fs::read(path).unwrap()
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Want {
    Whole,
    /// From the first to the last byte, both sent.
    Part(usize, usize),
    Unsatisfiable,
}
use Want::{Part, Unsatisfiable, Whole};

/// What RFC 9110 makes of these fields for a file of `len` bytes, written down by hand.
fn ranges(len: usize) -> Vec<(String, Want)> {
    let last = len - 1;
    let mut table: Vec<(String, Want)> = [
        ("bytes=0-0", Part(0, 0)),
        ("bytes=0-1", Part(0, 1)),
        ("bytes=0-1023", Part(0, 1023)),
        ("bytes=1-1", Part(1, 1)),
        ("bytes=100-4195", Part(100, 4195)),
        ("bytes=0-", Part(0, last)),
        ("bytes=1-", Part(1, last)),
        ("bytes=-1", Part(last, last)),
        ("bytes=-500", Part(len - 500, last)),
        ("bytes=-99999999", Part(0, last)),
        ("bytes=0-99999999", Part(0, last)),
        ("bytes=0-18446744073709551615", Part(0, last)),
        ("bytes=0-99999999999999999999999999", Part(0, last)),
        ("bytes=-99999999999999999999999999", Part(0, last)),
        ("BYTES=2-3", Part(2, 3)),
        ("Bytes=2-3", Part(2, 3)),
        ("bytes= 2-3", Part(2, 3)),
        ("bytes=2-3 ", Part(2, 3)),
        ("bytes=,2-3", Part(2, 3)),
        ("bytes=2-3,", Part(2, 3)),
        ("bytes=0002-0003", Part(2, 3)),
        ("bytes=-0", Unsatisfiable),
        ("bytes=99999999-", Unsatisfiable),
        ("bytes=99999998-99999999", Unsatisfiable),
        ("bytes=18446744073709551615-", Unsatisfiable),
        ("bytes=99999999999999999999999999-", Unsatisfiable),
        ("bytes=0-0,2-3", Unsatisfiable),
        ("bytes=0-0, -1", Unsatisfiable),
        ("bytes=0-,0-,0-,0-,0-,0-,0-,0-", Unsatisfiable),
        ("bytes=1-2,1-2", Unsatisfiable),
        ("bytes=5-2", Whole),
        ("bytes=5-2,0-1", Whole),
        ("bytes=0-1,5-2", Whole),
        ("bytes=", Whole),
        ("bytes=,", Whole),
        ("bytes=-", Whole),
        ("bytes=--1", Whole),
        ("bytes=-1-", Whole),
        ("bytes=a-b", Whole),
        ("bytes=1-b", Whole),
        ("bytes=1", Whole),
        ("bytes=1 - 2", Whole),
        ("bytes=+1-2", Whole),
        ("bytes=0x1-0x2", Whole),
        ("bytes=1.5-2", Whole),
        ("bytes=1-2;3-4", Whole),
        ("bytes 1-2", Whole),
        ("bytes:1-2", Whole),
        ("items=0-1", Whole),
        ("seconds=0-1", Whole),
        ("none", Whole),
        ("0-1", Whole),
        ("", Whole),
    ]
    .into_iter()
    .map(|(field, want)| (field.to_owned(), want))
    .collect();
    table.extend([
        (format!("bytes={last}-"), Part(last, last)),
        (format!("bytes={last}-{len}"), Part(last, last)),
        (format!("bytes=0-{last}"), Part(0, last)),
        (format!("bytes=0-{len}"), Part(0, last)),
        (format!("bytes=-{len}"), Part(0, last)),
        (format!("bytes={len}-"), Unsatisfiable),
        (format!("bytes={len}-{len}"), Unsatisfiable),
        (format!("bytes={}", vec!["0-0"; 500].join(",")), Unsatisfiable),
    ]);
    table
}

#[tokio::test(flavor = "multi_thread")]
async fn ranges_are_answered_alike_on_every_way_and_with_the_bytes_of_the_file() {
    let site = kit::site().await;
    let asha = site.person("asha").await;
    let id = asha.publishes(&clips::small(), &[]).await;
    for (path, file) in [
        (format!("/api/v1/videos/{id}/stream"), "source.mp4"),
        (format!("/media/{id}/video.mp4"), "video.mp4"),
    ] {
        let bytes = on_disk(&site, &id, file);
        let len = bytes.len();
        let table = ranges(len);
        assert!(table.len() >= 60);
        for (name, mut way) in ways(&site).await {
            for (range, want) in &table {
                let got = way.asks("GET", &path, &[("range", range)]).await;
                let what = format!("{range:?} of {len}, {path}, {name}");
                let status = match want {
                    Whole => 200,
                    Part(..) => 206,
                    Unsatisfiable => 416,
                };
                assert_eq!(got.status, status, "{what}");
                match *want {
                    Whole => {
                        assert!(got.body == bytes, "{what}");
                        assert_eq!(got.field("content-range"), "", "{what}");
                    }
                    Part(first, last) => {
                        assert!(got.body == bytes[first..=last], "{what}");
                        assert_eq!(
                            got.field("content-range"),
                            format!("bytes {first}-{last}/{len}"),
                            "{what}"
                        );
                    }
                    Unsatisfiable => {
                        assert_eq!(got.field("content-range"), format!("bytes */{len}"), "{what}");
                        assert_eq!(got.field("content-type"), "application/json", "{what}");
                    }
                }
                assert_eq!(got.field("content-length"), got.body.len().to_string(), "{what}");
                assert_eq!(got.field("accept-ranges"), "bytes", "{what}");
                assert_eq!(got.field("x-content-type-options"), "nosniff", "{what}");
            }
            // Two fields are no range, and HEAD knows none.
            let twice = [("range", "bytes=0-1"), ("range", "bytes=2-3")];
            let got = way.asks("GET", &path, &twice).await;
            assert_eq!((got.status, got.body.len()), (200, len), "{name}");
            for fields in [
                vec![],
                vec![("range", "bytes=0-1")],
                vec![("range", "bytes=99999999-")],
            ] {
                let got = way.asks("HEAD", &path, &fields).await;
                assert_eq!((got.status, got.body.len()), (200, 0), "{name}");
                assert_eq!(got.field("content-length"), len.to_string(), "{name}");
            }
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn conditions_are_judged_alike_on_every_way() {
    let site = kit::site().await;
    let asha = site.person("asha").await;
    let id = asha.publishes(&clips::small(), &[]).await;
    for (name, mut way) in ways(&site).await {
        for path in [
            format!("/api/v1/videos/{id}/stream"),
            format!("/media/{id}/video.mp4"),
            format!("/media/{id}/audio.mp4?v=1"),
        ] {
            let whole = way.asks("GET", &path, &[]).await;
            assert_eq!(whole.status, 200);
            let (len, tag) = (whole.body.len(), whole.field("etag").to_owned());
            assert!(tag.starts_with('"') && tag.ends_with('"'), "strong: {tag}");
            let (weak, list) = (format!("W/{tag}"), format!("\"other\", {tag}"));
            let part = ("range", "bytes=10-19");
            let long_ago = "Sun, 06 Nov 1994 08:49:37 GMT";
            for (fields, status) in [
                (vec![("if-none-match", tag.as_str())], 304),
                (vec![("if-none-match", &weak)], 304),
                (vec![("if-none-match", &list)], 304),
                (vec![("if-none-match", "*")], 304),
                (vec![("if-none-match", "\"other\"")], 200),
                (vec![("if-none-match", "other")], 200),
                (vec![("if-none-match", &tag), part], 304),
                (vec![("if-none-match", "\"other\""), part], 206),
                (vec![("if-range", &tag), part], 206),
                (vec![("if-range", &weak), part], 200),
                (vec![("if-range", "\"other\""), part], 200),
                (vec![("if-range", long_ago), part], 200),
                (vec![("if-range", "nonsense"), part], 200),
                (vec![("if-range", &tag)], 200),
                (vec![("if-range", "\"other\""), ("range", "bytes=99999999-")], 200),
                (vec![("if-range", &tag), ("range", "bytes=99999999-")], 416),
                (vec![("if-match", &tag)], 200),
                (vec![("if-match", &list), part], 206),
                (vec![("if-match", "*")], 200),
                (vec![("if-match", "\"other\"")], 412),
                (vec![("if-match", &weak)], 412),
                (vec![("if-match", "\"other\""), ("if-none-match", &tag)], 412),
                (vec![("if-match", &tag), ("if-none-match", &tag)], 304),
            ] {
                let got = way.asks("GET", &path, &fields).await;
                let what = format!("{fields:?} {path} {name}");
                assert_eq!(got.status, status, "{what}");
                let body = match status {
                    200 => len,
                    206 => 10,
                    304 => 0,
                    _ => got.body.len(),
                };
                assert_eq!(got.body.len(), body, "{what}");
                if status < 400 {
                    assert_eq!(got.field("etag"), tag, "{what}");
                    assert_eq!(got.field("cache-control"), whole.field("cache-control"), "{what}");
                }
                let head = way.asks("HEAD", &path, &fields).await;
                let without_range = match status {
                    206 | 416 => 200,
                    other => other,
                };
                assert_eq!(head.status, without_range, "HEAD {what}");
            }
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn public_media_is_labelled_for_caches_players_and_browsers() {
    let site = kit::site().await;
    let asha = site.person("asha").await;
    let id = asha.publishes(&clips::small(), &[]).await;
    let video = site.anyone().get(&format!("/api/v1/videos/{id}")).await.is(200);
    let local = |url: &str| url.strip_prefix(&site.url).unwrap().to_owned();
    let forever = "public, max-age=31536000, immutable";
    let ask_again = "public, max-age=0, must-revalidate";
    let (file, thumbnail) = (
        local(&video.text_at("/data/videoFile")),
        local(&video.text_at("/data/thumbnail")),
    );
    let playlist = "application/vnd.apple.mpegurl";
    for (name, mut way) in ways(&site).await {
        let media = way.asks("GET", &format!("/media/{id}/video.m3u8"), &[]).await;
        let text = String::from_utf8(media.body).unwrap();
        let at = text.find("video.mp4?v=").unwrap();
        let versioned = text[at..].split(['"', '\n']).next().unwrap();
        for (path, content_type, caching) in [
            (format!("/media/{id}/{versioned}"), "video/mp4", forever),
            (file.clone(), "video/mp4", forever),
            (thumbnail.clone(), "image/jpeg", forever),
            (format!("/media/{id}/video.mp4"), "video/mp4", ask_again),
            (format!("/media/{id}/audio.mp4"), "audio/mp4", ask_again),
            (format!("/api/v1/videos/{id}/stream"), "video/mp4", ask_again),
            (format!("/media/{id}/master.m3u8"), playlist, ask_again),
            (format!("/media/{id}/video.m3u8"), playlist, ask_again),
            (format!("/media/{id}/audio.m3u8"), playlist, ask_again),
        ] {
            for method in ["GET", "HEAD"] {
                let got = way
                    .asks(method, &path, &[("origin", "https://player.example")])
                    .await;
                let what = format!("{method} {path} {name}");
                assert_eq!(got.status, 200, "{what}");
                assert_eq!(got.field("content-type"), content_type, "{what}");
                assert_eq!(got.field("cache-control"), caching, "{what}");
                assert_eq!(got.field("x-content-type-options"), "nosniff", "{what}");
                assert_eq!(
                    got.field("content-security-policy"),
                    "sandbox; default-src 'none'",
                    "{what}"
                );
                assert_eq!(
                    got.field("cross-origin-resource-policy"),
                    "cross-origin",
                    "{what}"
                );
                assert_eq!(got.field("access-control-allow-origin"), "*", "{what}");
                assert!(
                    got.field("access-control-expose-headers")
                        .contains("Content-Range"),
                    "{what}"
                );
                assert_eq!(got.field("set-cookie"), "", "{what}");
                assert!(got.field("etag").starts_with('"'), "{what}");
                assert_eq!(method == "HEAD", got.body.is_empty(), "{what}");
            }
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn playlists_are_kept_until_they_change() {
    let site = kit::site().await;
    let asha = site.person("asha").await;
    let id = asha.publishes(&clips::small(), &[]).await;
    for (name, mut way) in ways(&site).await {
        for file in ["master.m3u8", "video.m3u8", "audio.m3u8"] {
            let path = format!("/media/{id}/{file}");
            let got = way.asks("GET", &path, &[]).await;
            assert!(got.body.starts_with(b"#EXTM3U\n"), "{name}");
            let tag = got.field("etag").to_owned();
            let list = format!("\"x\", W/{tag}");
            for known in [tag.as_str(), &list, "*"] {
                let same = way.asks("GET", &path, &[("if-none-match", known)]).await;
                assert_eq!((same.status, same.body.len()), (304, 0), "{known} {name}");
                assert_eq!(same.field("etag"), tag);
            }
            let other = way.asks("GET", &path, &[("if-none-match", "\"x\"")]).await;
            assert_eq!((other.status, &other.body), (200, &got.body), "{name}");
            // A range of a text that is made now is not worth having.
            let whole = way.asks("GET", &path, &[("range", "bytes=0-3")]).await;
            assert_eq!((whole.status, &whole.body), (200, &got.body), "{name}");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn private_media_is_kept_by_nobody_and_read_by_no_other_page() {
    let site = kit::site().await;
    let asha = site.person("asha").await;
    let id = asha
        .publishes(&clips::small(), &[("visibility", "private")])
        .await;
    let video = asha.get(&format!("/api/v1/videos/{id}")).await.is(200);
    let signed = video
        .text_at("/data/hls")
        .strip_prefix(&site.url)
        .unwrap()
        .to_owned();
    let base = signed.strip_suffix("/master.m3u8").unwrap().to_owned();
    assert!(base.starts_with("/media/~"), "{base}");
    let bearer = format!("Bearer {}", asha.token.as_deref().unwrap());
    for (name, mut way) in ways(&site).await {
        for file in [
            "master.m3u8",
            "video.m3u8",
            "video.mp4",
            "video.mp4?v=1",
            "audio.mp4",
            "source.mp4?v=0",
        ] {
            for method in ["GET", "HEAD"] {
                let opened = way
                    .asks(
                        method,
                        &format!("{base}/{file}"),
                        &[("origin", "https://evil.example")],
                    )
                    .await;
                let own = format!("/media/{id}/{file}");
                let mine = way.asks(method, &own, &[("authorization", &bearer)]).await;
                for got in [opened, mine] {
                    let what = format!("{method} {file} {name}");
                    assert_eq!(got.status, 200, "{what}");
                    assert_eq!(got.field("cache-control"), "private, no-store", "{what}");
                    assert_eq!(got.field("cross-origin-resource-policy"), "same-site", "{what}");
                    assert_eq!(got.field("access-control-allow-origin"), "", "{what}");
                    assert_eq!(got.field("x-content-type-options"), "nosniff", "{what}");
                }
                let strange = way.asks(method, &own, &[]).await;
                assert_eq!(strange.status, 404, "{method} {file} {name}");
                assert_eq!(strange.field("cache-control"), "no-store");
            }
        }
        let stream = format!("/api/v1/videos/{id}/stream");
        let got = way.asks("GET", &stream, &[("authorization", &bearer)]).await;
        assert_eq!(
            (got.status, got.field("cache-control")),
            (200, "private, no-store")
        );
        assert_eq!(way.asks("GET", &stream, &[]).await.status, 404);

        // A signed part that was touched, and one on another video, open nothing.
        let token = base.split('/').nth(2).unwrap();
        let touched = format!("{}x", &token[..token.len() - 1]);
        for bad in [
            &touched,
            "~",
            "~~",
            &token[..20],
            &format!("{token}{token}"),
            "~%2e%2e",
        ] {
            let path = format!("/media/{bad}/{id}/video.mp4");
            let status = way.asks("GET", &path, &[]).await.status;
            // The last digit carries bits that are not used: the same token in other words.
            assert!(
                status == 404 || bad == touched.as_str() && status == 200,
                "{path} {name}"
            );
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn no_path_leads_out_of_a_video() {
    let site = kit::site().await;
    let asha = site.person("asha").await;
    let id = asha.publishes(&clips::small(), &[]).await;
    let hidden = asha
        .publishes(&clips::small(), &[("visibility", "private")])
        .await;
    let key = std::fs::read(site.data().join("secret.key")).unwrap();
    let passwd = std::fs::read("/etc/passwd").unwrap();
    let mut paths = Vec::new();
    for base in [
        format!("/media/{id}"),
        "/media".to_owned(),
        format!("/media/~x/{id}"),
    ] {
        for up in [
            "..",
            "%2e%2e",
            "%2E%2e",
            ".%2e",
            "..%2f..",
            "..%5c..",
            "..\\..",
            "%252e%252e",
            "....",
            "..;",
            ".",
            "%c0%ae%c0%ae",
        ] {
            for target in [
                "secret.key",
                "data.sqlite",
                "etc/passwd",
                &format!("{hidden}/source.mp4"),
                &format!("{hidden}/video.mp4"),
            ] {
                for depth in [1, 2, 6] {
                    paths.push(format!("{base}/{}/{target}", vec![up; depth].join("/")));
                }
            }
        }
        for file in [
            "",
            "/",
            "//etc/passwd",
            "/etc/passwd",
            "video.mp4/",
            "video.mp4/..",
            "video.mp4%00",
            "video.mp4%00.jpg",
            "%00",
            "video%2emp4",
            "VIDEO.MP4",
            "video.MP4",
            "video.mp4.mp4",
            ".mp4",
            "video.",
            "video",
            "source.key",
            "source.mkv",
            "source.",
            "poster-.jpg",
            "poster-0-1280.jpg",
            "*",
            "file:///etc/passwd",
            "http://127.0.0.1/",
            "\\etc\\passwd",
            "%5cetc%5cpasswd",
            "%2fetc%2fpasswd",
            "con.mp4",
            "nul.m3u8",
            "master.m3u8%0d%0aX:y",
        ] {
            paths.push(format!("{base}/{file}"));
        }
        paths.push(format!("{base}/{}.mp4", "a".repeat(5000)));
    }
    for user in [format!("/media/users/{}", asha.id), "/media/users".to_owned()] {
        for file in [
            "../../secret.key",
            "%2e%2e/avatar.jpg",
            "..",
            "x.jpg",
            "avatar-.jpg",
            "%00.jpg",
            "/etc/passwd.jpg",
            "..jpg",
        ] {
            paths.push(format!("{user}/{file}"));
        }
    }
    paths.push("/api/v1/videos/../../secret.key/stream".to_owned());
    paths.push(format!("/api/v1/videos/{id}/../{hidden}/stream"));
    paths.push(format!("/api/v1/videos/{id}%2f..%2f{hidden}/stream"));
    for name in ["sendfile", "user space"] {
        for path in &paths {
            let mut wire = Wire::to(&site).await;
            if name != "sendfile" {
                wire.asks("GET", "/api/v1/healthcheck", "").await;
                assert_eq!(wire.answer("GET").await.status, 200);
            }
            wire.asks("GET", path, "").await;
            let reply = wire.answer("GET").await;
            assert!(
                [400, 404].contains(&reply.status),
                "{} for {path}, {name}",
                reply.status
            );
            assert_eq!(reply.field("content-type"), "application/json", "{path}");
            for secret in [&key, &passwd] {
                assert!(
                    !reply
                        .body
                        .windows(secret.len())
                        .any(|part| part == secret.as_slice()),
                    "{path}"
                );
            }
        }
    }
    // Bytes that no address may hold end the connection with a refusal.
    for raw in [
        "/media/\0",
        "/media/x\0y",
        "/media/a b",
        "/media/\x7f",
        "/media/\u{e9}/video.mp4",
    ] {
        let mut wire = Wire::to(&site).await;
        wire.asks("GET", raw, "").await;
        let reply = wire.answer("GET").await;
        assert!([400, 404].contains(&reply.status), "{} for {raw:?}", reply.status);
    }
    // An absolute address names the same thing, and only on a host of ours.
    for (target, status) in [
        (format!("{}/media/{id}/video.mp4", site.url), 200),
        (format!("http://evil.example/media/{id}/video.mp4"), 421),
    ] {
        let mut wire = Wire::to(&site).await;
        wire.asks("GET", &target, "").await;
        assert_eq!(wire.answer("GET").await.status, status, "{target}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn ids_that_are_none_and_methods_that_change_are_refused() {
    let site = kit::site().await;
    let asha = site.person("asha").await;
    let id = asha.publishes(&clips::small(), &[]).await;
    let unknown = "0123456789abcdef01234567";
    let long = "a".repeat(25);
    for (name, mut way) in ways(&site).await {
        for bad in [
            "x",
            "1",
            &id[1..],
            &long,
            "zzzzzzzzzzzzzzzzzzzzzzzz",
            "%00",
            "-1",
            "null",
        ] {
            let got = way
                .asks("GET", &format!("/api/v1/videos/{bad}/stream"), &[])
                .await;
            assert_eq!(got.status, 400, "{bad} {name}");
            let got = way.asks("GET", &format!("/media/{bad}/video.mp4"), &[]).await;
            assert!([400, 404].contains(&got.status), "{bad} {name}");
        }
        for path in [
            format!("/api/v1/videos/{unknown}/stream"),
            format!("/media/{unknown}/video.mp4"),
            format!("/media/{unknown}/master.m3u8"),
            format!("/media/users/{unknown}/avatar-x-512.jpg"),
        ] {
            assert_eq!(way.asks("GET", &path, &[]).await.status, 404, "{path} {name}");
            assert_eq!(way.asks("HEAD", &path, &[]).await.status, 404, "{path} {name}");
        }
    }
    for path in [
        format!("/media/{id}/video.mp4"),
        format!("/media/{id}/master.m3u8"),
        format!("/api/v1/videos/{id}/stream"),
        "/media/nothing".to_owned(),
    ] {
        for method in ["POST", "PUT", "PATCH", "DELETE"] {
            for (name, mut way) in ways(&site).await {
                let got = way.asks(method, &path, &[("content-length", "0")]).await;
                assert_eq!(got.status, 405, "{method} {path} {name}");
                assert!(
                    got.field("allow").contains("GET"),
                    "{method} {path} {name}: {}",
                    got.field("allow")
                );
            }
        }
    }
    let bytes = on_disk(&site, &id, "video.mp4");
    let still = site.anyone().get(&format!("/media/{id}/video.mp4")).await.is(200);
    assert!(still.bytes == bytes);
}

#[tokio::test(flavor = "multi_thread")]
async fn pages_of_listed_origins_may_read_private_media_with_their_cookies() {
    let site = kit::with("cors_origins", "https://front.example").start().await;
    let asha = site.person("asha").await;
    let private = asha
        .publishes(&clips::small(), &[("visibility", "private")])
        .await;
    let public = asha.publishes(&clips::small(), &[]).await;
    let cookie = format!("accessToken={}", asha.token.as_deref().unwrap());
    let listed = "https://front.example";
    for (name, mut way) in ways(&site).await {
        for origin in [
            listed,
            "https://front.example.evil",
            "http://front.example",
            "null",
        ] {
            let fields = [("origin", origin), ("cookie", cookie.as_str())];
            for file in ["video.mp4", "master.m3u8"] {
                let what = format!("{file} {origin} {name}");
                let got = way
                    .asks("GET", &format!("/media/{private}/{file}"), &fields)
                    .await;
                let allowed = if origin == listed {
                    (listed, "true")
                } else {
                    ("", "")
                };
                assert_eq!(got.status, 200, "{what}");
                let (said, credentials) = (
                    got.field("access-control-allow-origin"),
                    got.field("access-control-allow-credentials"),
                );
                assert_eq!((said, credentials), allowed, "{what}");
                if origin == listed {
                    assert!(
                        got.field("access-control-expose-headers")
                            .contains("Content-Range")
                            || got
                                .field("access-control-expose-headers")
                                .contains("content-range"),
                        "{what}"
                    );
                    assert!(got.field("vary").to_lowercase().contains("origin"), "{what}");
                }

                let got = way
                    .asks("GET", &format!("/media/{public}/{file}"), &[("origin", origin)])
                    .await;
                assert_eq!(got.status, 200, "{what}");
                let (said, credentials) = (
                    got.field("access-control-allow-origin"),
                    got.field("access-control-allow-credentials"),
                );
                assert!(
                    (said, credentials) == ("*", "") || (said == listed && origin == listed),
                    "{said} {credentials}: {what}"
                );
            }
        }
    }
}
