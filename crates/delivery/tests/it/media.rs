//! What viewers get.

use crate::kit::{self, ETAG, pattern, site};
use std::sync::atomic::Ordering;
use streamsphere_delivery::Limits;

/// Both ways to the same file: `sendfile` and user space.
const WAYS: [&str; 2] = ["/media/", "/slow-path/"];

#[tokio::test]
async fn the_range_corpus_is_answered_alike_on_both_ways() {
    let site = site(Limits::default()).await;
    let content = pattern(100_000);
    site.has_file("v.mp4", &content);
    site.has_file("empty", b"");
    let cases: &[(&str, &str, u16, std::ops::Range<usize>)] = &[
        ("v.mp4", "", 200, 0..100_000),
        ("v.mp4", "Range: bytes=0-0\r\n", 206, 0..1),
        ("v.mp4", "Range: bytes=0-99999\r\n", 206, 0..100_000),
        ("v.mp4", "Range: bytes=500-70000\r\n", 206, 500..70_001),
        ("v.mp4", "Range: bytes=99999-\r\n", 206, 99_999..100_000),
        ("v.mp4", "Range: bytes=-10\r\n", 206, 99_990..100_000),
        ("v.mp4", "Range: bytes=-1000000\r\n", 206, 0..100_000),
        (
            "v.mp4",
            "Range: bytes=4096-99999999999999999999999999\r\n",
            206,
            4_096..100_000,
        ),
        ("v.mp4", "range:bytes=1-2\r\n", 206, 1..3),
        ("v.mp4", "Range: bytes=100000-\r\n", 416, 0..0),
        ("v.mp4", "Range: bytes=-0\r\n", 416, 0..0),
        ("v.mp4", "Range: bytes=0-1,2-3\r\n", 416, 0..0),
        ("v.mp4", "Range: bytes=99999999999999999999999999-\r\n", 416, 0..0),
        ("v.mp4", "Range: bytes=2-1\r\n", 200, 0..100_000),
        ("v.mp4", "Range: lines=1-2\r\n", 200, 0..100_000),
        ("v.mp4", "Range: bytes\r\n", 200, 0..100_000),
        ("v.mp4", "Range: bytes=1-2\r\nIf-Range: \"v1\"\r\n", 206, 1..3),
        (
            "v.mp4",
            "Range: bytes=1-2\r\nIf-Range: \"v0\"\r\n",
            200,
            0..100_000,
        ),
        (
            "v.mp4",
            "Range: bytes=1-2\r\nIf-Range: Sun, 06 Nov 1994 08:49:37 GMT\r\n",
            206,
            1..3,
        ),
        ("v.mp4", "If-None-Match: \"v1\"\r\n", 304, 0..0),
        ("v.mp4", "If-Match: \"v0\"\r\n", 412, 0..0),
        (
            "v.mp4",
            "If-Modified-Since: Sun, 06 Nov 1994 08:49:37 GMT\r\n",
            304,
            0..0,
        ),
        (
            "v.mp4",
            "Expect: 100-continue\r\nContent-Length: 0\r\n",
            200,
            0..100_000,
        ),
        ("empty", "", 200, 0..0),
        ("empty", "Range: bytes=0-\r\n", 416, 0..0),
        ("missing", "", 404, 0..0),
    ];
    let mut clients = [site.client().await, site.client().await];
    for (name, fields, status, range) in cases {
        for (way, client) in WAYS.iter().zip(&mut clients) {
            let case = format!("{way}{name} {fields}");
            client.asks("GET", &format!("{way}{name}"), fields).await;
            let answer = client.answer("GET").await.expect(&case);
            assert_eq!(answer.status, *status, "{case}");
            assert!(answer.field("date").is_some(), "{case}");
            match status {
                200 | 206 => {
                    let whole = if *name == "empty" { &[][..] } else { &content };
                    assert!(answer.body == whole[range.clone()], "{case}: other bytes");
                    assert_eq!(answer.field("etag"), Some(ETAG), "{case}");
                    assert_eq!(answer.field("accept-ranges"), Some("bytes"), "{case}");
                    assert_eq!(answer.field("x-content-type-options"), Some("nosniff"), "{case}");
                }
                304 => assert_eq!(
                    (answer.field("etag"), answer.field("content-length")),
                    (Some(ETAG), None)
                ),
                416 => {
                    let len = if *name == "empty" { 0 } else { content.len() };
                    assert_eq!(
                        answer.field("content-range"),
                        Some(format!("bytes */{len}").as_str())
                    );
                    assert!(answer.has_code("range_not_satisfiable"), "{case}");
                }
                412 => assert!(answer.has_code("precondition_failed"), "{case}"),
                _ => assert!(answer.has_code("not_found"), "{case}"),
            }
            let place = format!(
                "bytes {}-{}/{}",
                range.start,
                range.end.saturating_sub(1),
                content.len()
            );
            if *status == 206 {
                assert_eq!(answer.field("content-range"), Some(place.as_str()), "{case}");
            }
        }
    }
}

#[tokio::test]
async fn a_large_file_arrives_whole_on_both_ways() {
    let site = site(Limits::default()).await;
    let content = pattern(5 * 1024 * 1024 + 13);
    site.has_file("v.mp4", &content);
    for way in WAYS {
        let answer = site.get(&format!("{way}v.mp4"), "").await;
        assert!(answer.body == content, "{way}");
    }
}

#[tokio::test]
async fn a_large_file_arrives_whole_over_http2() {
    let site = site(Limits::default()).await;
    let content = pattern(5 * 1024 * 1024 + 13);
    site.has_file("v.mp4", &content);
    let stream = tokio::net::TcpStream::connect(site.address).await.unwrap();
    let io = hyper_util::rt::TokioIo::new(stream);
    let executor = hyper_util::rt::TokioExecutor::new();
    let (mut sender, connection) = hyper::client::conn::http2::handshake(executor, io).await.unwrap();
    tokio::spawn(connection);
    for (fields, status, range) in [
        (None, 200, 0..content.len()),
        (Some("bytes=9-1000008"), 206, 9..1_000_009),
    ] {
        let mut request = http::Request::get("http://site/slow-path/v.mp4");
        if let Some(range) = fields {
            request = request.header("range", range);
        }
        let request = request
            .body(http_body_util::Empty::<bytes::Bytes>::new())
            .unwrap();
        let response = sender.send_request(request).await.unwrap();
        assert_eq!(response.status().as_u16(), status);
        let body = http_body_util::BodyExt::collect(response.into_body())
            .await
            .unwrap()
            .to_bytes();
        assert!(body == content[range], "other bytes");
    }
}

#[tokio::test]
async fn head_says_what_get_would_and_sends_no_body() {
    let site = site(Limits::default()).await;
    site.has_file("v.mp4", &pattern(5_000));
    for way in WAYS {
        let mut client = site.client().await;
        client
            .asks("HEAD", &format!("{way}v.mp4"), "Range: bytes=0-1\r\n")
            .await;
        let answer = client.answer("HEAD").await.unwrap();
        assert_eq!(
            (answer.status, answer.field("content-length")),
            (200, Some("5000")),
            "{way}"
        );
        client.asks("HEAD", &format!("{way}text"), "").await;
        let answer = client.answer("HEAD").await.unwrap();
        assert_eq!(
            (answer.status, answer.field("content-length")),
            (200, Some("8")),
            "{way}"
        );
        // Nothing of a body stands before the next answer.
        client.asks("GET", &format!("{way}text"), "").await;
        assert_eq!(client.answer("GET").await.unwrap().body, b"#EXTM3U\n", "{way}");
    }
}

#[tokio::test]
async fn pipelined_requests_are_answered_in_order_across_both_ways() {
    let site = site(Limits::default()).await;
    let content = pattern(300_000);
    site.has_file("v.mp4", &content);
    let mut client = site.client().await;
    let media = |at| format!("GET /media/v.mp4 HTTP/1.1\r\nHost: s\r\nRange: bytes={at}-200000\r\n\r\n");
    let mut text: String = (0..5).map(media).collect();
    text += "POST /echo HTTP/1.1\r\nHost: s\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n";
    text += "POST /echo HTTP/1.1\r\nHost: s\r\nContent-Length: 2\r\n\r\nde";
    text += "GET /media/v.mp4 HTTP/1.1\r\nHost: s\r\nRange: bytes=7-9\r\nConnection: close\r\n\r\n";
    client.says(text).await;
    for at in 0..5 {
        assert!(
            client.answer("GET").await.unwrap().body == content[at..200_001],
            "answer {at}"
        );
    }
    assert_eq!(client.answer("POST").await.unwrap().body, b"abc");
    assert_eq!(client.answer("POST").await.unwrap().body, b"de");
    let last = client.answer("GET").await.unwrap();
    assert_eq!(
        last.status, 404,
        "hyper has the connection, and the service of this test serves no media"
    );
    assert!(client.is_left_in_silence().await);
}

#[tokio::test]
async fn persistence_is_what_the_client_asked_for() {
    let site = site(Limits::default()).await;
    site.has_file("v.mp4", b"abc");
    let mut client = site.client().await;
    client.says("GET /media/v.mp4 HTTP/1.0\r\n\r\n").await;
    assert_eq!(
        client.answer("GET").await.unwrap().field("connection"),
        Some("close")
    );
    assert!(client.is_left_in_silence().await);

    let mut client = site.client().await;
    for _ in 0..2 {
        client
            .says("GET /media/v.mp4 HTTP/1.0\r\nConnection: keep-alive\r\n\r\n")
            .await;
        let answer = client.answer("GET").await.unwrap();
        assert_eq!(
            (answer.body.as_slice(), answer.field("connection")),
            (&b"abc"[..], Some("keep-alive"))
        );
    }
    client.asks("GET", "/media/v.mp4", "Connection: close\r\n").await;
    assert_eq!(
        client.answer("GET").await.unwrap().field("connection"),
        Some("close")
    );
    assert!(client.is_left_in_silence().await);
}

#[tokio::test]
async fn a_target_in_absolute_form_is_media_too() {
    let site = site(Limits::default()).await;
    site.has_file("v.mp4", b"abc");
    let answer = site.get("http://site/media/v.mp4?t=1", "").await;
    assert_eq!(answer.body, b"abc");
    assert_eq!(
        answer.field("date"),
        Some("Sun, 06 Nov 1994 08:50:00 GMT"),
        "the gate's clock: the fast path"
    );
}

#[tokio::test]
async fn a_viewer_who_leaves_midway_disturbs_nobody() {
    let site = site(kit::impatient()).await;
    site.has_file("v.mp4", &pattern(20_000_000));
    for way in WAYS {
        for _ in 0..4 {
            let mut client = site.client().await;
            client.asks("GET", &format!("{way}v.mp4"), "").await;
            let mut some = [0; 1000];
            tokio::io::AsyncReadExt::read_exact(&mut client.stream, &mut some)
                .await
                .unwrap();
        }
        let answer = site.get(&format!("{way}v.mp4"), "Range: bytes=0-9\r\n").await;
        assert_eq!(answer.body, pattern(10));
    }
    assert!(site.gate.decided.load(Ordering::Relaxed) >= 10);
}
