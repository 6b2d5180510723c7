//! What the slow, the broken and the hostile get.

use crate::kit::{impatient, pattern, site};
use streamsphere_delivery::Limits;

/// Puts a connection into hyper's hands, or leaves it on the fast path.
const WAYS: [Option<&str>; 2] = [None, Some("/")];

#[tokio::test]
async fn ambiguous_requests_are_refused_on_both_ways_and_the_connection_ends() {
    let site = site(Limits::default()).await;
    site.has_file("v.mp4", b"abc");
    for (text, status, code) in [
        (
            "POST /media/v.mp4 HTTP/1.1\r\nHost: s\r\nContent-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
            400,
            "bad_request",
        ),
        (
            "GET /media/v.mp4 HTTP/1.1\r\nHost: s\r\nContent-Length: 0\r\nContent-Length: 3\r\n\r\n",
            400,
            "bad_request",
        ),
        (
            "GET /media/v.mp4 HTTP/1.1\r\nHost: s\r\nRange: bytes=0-1\r\n ,3-4\r\n\r\n",
            400,
            "bad_request",
        ),
        ("GET /media/v.mp4 HTTP/1.1\nHost: s\n\n", 400, "bad_request"),
        ("GET /media/v.mp4 HTTP/1.1\r\n\r\n", 400, "bad_request"),
        (
            "GET /media/v.mp4 HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n",
            400,
            "bad_request",
        ),
        ("\x16\x03\x01\x02\x00\x01\x00\x01\r\n\r\n", 400, "bad_request"),
        ("X-REFUSED /503 HTTP/1.1\r\nHost: s\r\n\r\n", 400, "bad_request"),
        (
            "CONNECT other:443 HTTP/1.1\r\nHost: other:443\r\n\r\n",
            405,
            "method_not_allowed",
        ),
    ] {
        for way in WAYS {
            let mut client = site.client().await;
            if let Some(path) = way {
                client.asks("GET", path, "").await;
                assert_eq!(client.answer("GET").await.unwrap().status, 200);
            }
            // What follows must never be taken for a request.
            client
                .says(format!("{text}GET /media/v.mp4 HTTP/1.1\r\nHost: s\r\n\r\n"))
                .await;
            let answer = client.answer("GET").await.unwrap();
            assert_eq!(answer.status, status, "{text:?} {way:?}");
            assert!(answer.has_code(code), "{text:?} {way:?}");
            assert_eq!(answer.field("connection"), Some("close"));
            assert!(client.is_left_in_silence().await, "{text:?} {way:?}");
        }
    }
}

#[tokio::test]
async fn oversized_heads_are_refused_on_both_ways() {
    let site = site(Limits::default()).await;
    let long_target = format!("GET /media/{} HTTP/1.1\r\nHost: s\r\n\r\n", "a".repeat(9_000));
    let endless_target = format!("GET /media/{}", "a".repeat(9_000));
    let large = format!(
        "GET /media/v HTTP/1.1\r\nHost: s\r\nA: {}\r\n\r\n",
        "b".repeat(17_000)
    );
    let many = format!(
        "GET /media/v HTTP/1.1\r\nHost: s\r\n{}\r\n",
        "A: b\r\n".repeat(101)
    );
    for (text, status, code) in [
        (long_target, 414, "uri_too_long"),
        (endless_target, 414, "uri_too_long"),
        (large, 431, "headers_too_large"),
        (many, 431, "headers_too_large"),
    ] {
        for way in WAYS {
            let mut client = site.client().await;
            if let Some(path) = way {
                client.asks("GET", path, "").await;
                assert_eq!(client.answer("GET").await.unwrap().status, 200);
            }
            client.tries_to_say(&text).await;
            let answer = client.answer("GET").await.unwrap();
            assert!(
                answer.status == status && answer.has_code(code),
                "{} {way:?}",
                answer.status
            );
            assert!(client.is_left_in_silence().await);
        }
    }
}

#[tokio::test]
async fn a_refusal_waits_for_the_answers_before_it() {
    let site = site(Limits::default()).await;
    let mut client = site.client().await;
    client
        .says("GET /wait HTTP/1.1\r\nHost: s\r\n\r\nGET / HTTP/1.1\nHost: s\n\n")
        .await;
    site.waiting.acquire().await.unwrap().forget();
    site.go.add_permits(1);
    assert_eq!(client.answer("GET").await.unwrap().body, b"waited");
    assert_eq!(client.answer("GET").await.unwrap().status, 400);
    assert!(client.is_left_in_silence().await);
}

#[tokio::test]
async fn a_head_that_never_ends_is_answered_408_on_both_ways() {
    let site = site(impatient()).await;
    for way in WAYS {
        let mut client = site.client().await;
        if let Some(path) = way {
            client.asks("GET", path, "").await;
            assert_eq!(client.answer("GET").await.unwrap().status, 200);
        }
        client.says("GET /media/v.mp4 HTTP/1.1\r\nHo").await;
        let answer = client.answer("GET").await.unwrap();
        assert!(
            answer.status == 408 && answer.has_code("request_timeout"),
            "{way:?}"
        );
        assert!(client.is_left_in_silence().await);
    }
}

#[tokio::test]
async fn silent_and_idle_connections_end_without_a_word() {
    let site = site(impatient()).await;
    site.has_file("v.mp4", b"abc");
    let mut silent = site.client().await;
    assert!(silent.is_left_in_silence().await);
    for path in ["/media/v.mp4", "/"] {
        let mut idle = site.client().await;
        idle.asks("GET", path, "").await;
        assert_eq!(idle.answer("GET").await.unwrap().status, 200);
        assert!(idle.is_left_in_silence().await, "{path}");
    }
    let mut preface = site.client().await;
    preface
        .says("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\0\0\0\x04\0\0\0\0\0")
        .await;
    // Settings and a goodbye may come, but then it ends.
    preface.is_left_in_silence().await;
}

#[tokio::test]
async fn a_handler_may_take_longer_than_any_deadline() {
    let site = site(impatient()).await;
    let mut client = site.client().await;
    client.asks("GET", "/wait", "").await;
    site.waiting.acquire().await.unwrap().forget();
    // Three other connections live and die of idleness meanwhile, one after the other.
    for _ in 0..3 {
        assert!(site.client().await.is_left_in_silence().await);
    }
    site.go.add_permits(1);
    assert_eq!(client.answer("GET").await.unwrap().body, b"waited");
}

#[tokio::test]
async fn a_body_that_stops_coming_is_given_up() {
    let site = site(impatient()).await;
    for start in [
        "Content-Length: 10\r\n\r\nabc",
        "Transfer-Encoding: chunked\r\n\r\n5\r\nabc",
    ] {
        let mut client = site.client().await;
        client
            .says(format!("POST /echo HTTP/1.1\r\nHost: s\r\n{start}"))
            .await;
        let answer = client.answer("POST").await.unwrap();
        assert_eq!(answer.status, 408);
        assert!(client.is_left_in_silence().await);
    }
}

#[tokio::test]
async fn a_body_with_broken_chunks_reaches_nobody_as_a_request() {
    let site = site(Limits::default()).await;
    for chunks in [
        "3\r\nabcX0\r\n\r\n",
        "3 \r\nabc\r\n0\r\n\r\n",
        "3\nabc\r\n0\r\n\r\n",
        "zz\r\n",
    ] {
        let mut client = site.client().await;
        let head = "POST /echo HTTP/1.1\r\nHost: s\r\nTransfer-Encoding: chunked\r\n\r\n";
        client
            .says(format!("{head}{chunks}GET / HTTP/1.1\r\nHost: s\r\n\r\n"))
            .await;
        if let Some(answer) = client.answer("POST").await {
            assert_eq!(
                answer.status, 408,
                "the echo of this test says so of any broken body"
            );
        }
        assert!(client.is_left_in_silence().await, "{chunks:?}");
    }
}

#[tokio::test]
async fn a_viewer_who_stops_reading_is_cut() {
    let site = site(impatient()).await;
    // More than any socket buffer takes.
    site.has_file("v.mp4", &pattern(64 * 1024 * 1024));
    for path in ["/media/v.mp4", "/slow-path/v.mp4"] {
        let mut client = site.client().await;
        client.asks("GET", path, "").await;
        // The server hangs up on its own: it does not react to anything that is done here.
        client.stream.readable().await.unwrap();
        let mut others = 0;
        while others < 3 {
            assert!(site.client().await.is_left_in_silence().await);
            others += 1;
        }
        let mut received = 0;
        let mut chunk = vec![0; 1 << 20];
        loop {
            match tokio::io::AsyncReadExt::read(&mut client.stream, &mut chunk).await {
                Ok(0) | Err(_) => break,
                Ok(read) => received += read,
            }
        }
        assert!(received < 64 * 1024 * 1024, "{path}: all of it arrived");
    }
}

#[tokio::test]
async fn beyond_the_cap_a_refusal_comes_at_once_and_probes_are_still_answered() {
    let site = site(Limits {
        max_connections: 2,
        ..Limits::default()
    })
    .await;
    site.has_file("v.mp4", b"abc");
    let mut held = [site.client().await, site.client().await];
    for client in &mut held {
        client.asks("GET", "/media/v.mp4", "").await;
        assert_eq!(client.answer("GET").await.unwrap().status, 200);
    }
    let refused = site.get("/media/v.mp4", "").await;
    assert!(refused.status == 503 && refused.has_code("too_many_connections"));
    assert!(refused.field("retry-after").is_some());
    let mut probe = site.client().await;
    probe.asks("GET", "/healthz", "").await;
    assert_eq!(probe.answer("GET").await.unwrap().status, 200);
    assert!(probe.is_left_in_silence().await, "a reserved place is not kept");

    drop(held);
    // The places come back as soon as the server has noticed.
    while site.get("/media/v.mp4", "").await.status != 200 {}
}

#[tokio::test]
async fn one_address_gets_its_share_only() {
    let site = site(Limits {
        max_connections_per_ip: 1,
        ..Limits::default()
    })
    .await;
    site.counts_addresses();
    let mut first = site.client().await;
    first.asks("GET", "/", "").await;
    assert_eq!(first.answer("GET").await.unwrap().status, 200);
    let mut second = site.client().await;
    assert_eq!(
        second.answer("GET").await.unwrap().status,
        503,
        "unasked, and at once"
    );
}
