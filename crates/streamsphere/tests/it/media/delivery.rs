//! Media over HTTP: ranges, validators, headers and paths, on each of the ways that bytes can take.
//!
//! A connection that only ever asked for media is served by `sendfile`; one whose first request was
//! something else, or that speaks HTTP/2, is served through user space. All must answer alike.

mod labels;
mod paths;

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
                let lines: Vec<String> = fields
                    .iter()
                    .map(|(name, value)| format!("{name}: {value}\r\n"))
                    .collect();
                wire.asks(method, path, &lines.concat()).await;
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
        (format!("/media/{id}/180p.mp4"), "180p.mp4"),
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
            format!("/media/{id}/180p.mp4"),
            format!("/media/{id}/audio.mp4"),
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
