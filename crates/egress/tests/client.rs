//! The client against receivers that behave badly. All of them are on this machine, so what is permitted is named.
#![expect(clippy::unwrap_used, reason = "in a test a panic is the report")]

use std::collections::HashMap;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use bytes::Bytes;
use http::HeaderMap;
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use streamsphere_egress::{Allowed, Client, Fault, Settings};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio_rustls::TlsAcceptor;

fn client(allowed: &[&str]) -> Client {
    Client::new(Settings {
        allowed: Allowed::parse(allowed.iter().copied()).unwrap(),
        plain: true,
        ..Settings::default()
    })
}

async fn send(client: &Client, url: &str) -> Result<streamsphere_egress::Answer, Fault> {
    let target = client.target(url)?;
    client
        .post(&target, HeaderMap::new(), Bytes::from_static(b"{}"))
        .await
}

/// A receiver; counts those who connect.
async fn receiver<F, A>(answer: A) -> (u16, Arc<AtomicUsize>)
where
    F: Future<Output = ()> + Send + 'static,
    A: Fn(TcpStream) -> F + Send + 'static,
{
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    let seen = Arc::new(AtomicUsize::new(0));
    let count = Arc::clone(&seen);
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            count.fetch_add(1, Ordering::SeqCst);
            tokio::spawn(answer(stream));
        }
    });
    (port, seen)
}

async fn head(stream: &mut TcpStream) -> String {
    let mut read = Vec::new();
    while !read.ends_with(b"{}") {
        let byte = stream.read_u8().await.unwrap();
        read.push(byte);
    }
    String::from_utf8(read).unwrap()
}

#[tokio::test]
async fn a_request_arrives_whole_and_its_answer_is_heard() {
    let (port, seen) = receiver(|mut stream| async move {
        let head = head(&mut stream).await;
        let well = head.starts_with("POST /in?a=b HTTP/1.1\r\n") && head.contains("content-length: 2\r\n");
        let status = if well { "204 Fine" } else { "400 Bad" };
        let answer = format!("HTTP/1.1 {status}\r\nretry-after: 7\r\n\r\n");
        stream.write_all(answer.as_bytes()).await.unwrap();
    })
    .await;
    let answer = send(
        &client(&["127.0.0.1"]),
        &format!("http://127.0.0.1:{port}/in?a=b"),
    )
    .await
    .unwrap();
    assert_eq!((answer.status, answer.retry_after_s), (204, Some(7)));
    assert_eq!(seen.load(Ordering::SeqCst), 1);
}

#[tokio::test]
async fn a_name_that_leads_to_this_machine_is_not_connected_to() {
    let (port, seen) = receiver(|_| async {}).await;
    let of = |addresses: &[&str]| addresses.iter().map(|one| one.parse().unwrap()).collect();
    let client = Client::new(Settings {
        plain: true,
        names: HashMap::from([
            ("inside.example".to_owned(), of(&["127.0.0.1"])),
            ("mapped.example".to_owned(), of(&["::ffff:127.0.0.1"])),
            ("both.example".to_owned(), of(&["8.8.8.8", "127.0.0.1"])),
            ("nowhere.example".to_owned(), of(&[])),
        ]),
        ..Settings::default()
    });
    for host in [
        "inside.example",
        "mapped.example",
        "both.example",
        "INSIDE.example",
        "localhost",
    ] {
        let fault = send(&client, &format!("http://{host}:{port}/"))
            .await
            .unwrap_err();
        assert!(matches!(fault, Fault::Forbidden), "{host}: {fault}");
    }
    let fault = send(&client, "http://nowhere.example/").await.unwrap_err();
    assert!(matches!(fault, Fault::Unresolved), "{fault}");
    for host in ["127.0.0.1", "[::1]", "[::ffff:127.0.0.1]"] {
        let fault = send(&client, &format!("http://{host}:{port}/"))
            .await
            .unwrap_err();
        assert!(matches!(fault, Fault::Target(_)), "{host}: {fault}");
    }
    assert_eq!(seen.load(Ordering::SeqCst), 0);
}

#[tokio::test]
async fn a_redirect_is_an_answer_and_not_followed() {
    let (inner, inner_seen) = receiver(|_| async {}).await;
    let (port, _) = receiver(move |mut stream| async move {
        head(&mut stream).await;
        let answer =
            format!("HTTP/1.1 307 There\r\nlocation: http://127.0.0.1:{inner}/\r\ncontent-length: 0\r\n\r\n");
        stream.write_all(answer.as_bytes()).await.unwrap();
    })
    .await;
    let answer = send(&client(&["127.0.0.1"]), &format!("http://127.0.0.1:{port}/"))
        .await
        .unwrap();
    assert_eq!(answer.status, 307);
    assert_eq!(inner_seen.load(Ordering::SeqCst), 0);
}

#[tokio::test]
async fn an_endless_body_is_read_to_its_bound_and_no_further() {
    let (port, _) = receiver(|mut stream| async move {
        head(&mut stream).await;
        stream.write_all(b"HTTP/1.1 200 Fine\r\n\r\n").await.unwrap();
        // Ends when the other side does.
        while stream.write_all(&[b'x'; 4096]).await.is_ok() {}
    })
    .await;
    let answer = send(&client(&["127.0.0.1"]), &format!("http://127.0.0.1:{port}/"))
        .await
        .unwrap();
    assert_eq!(answer.status, 200);
}

#[tokio::test]
async fn an_answer_counts_from_its_head_on_whatever_becomes_of_its_body() {
    let heads = [
        // Nothing of what is promised comes, ...
        ("HTTP/1.1 202 Fine\r\ncontent-length: 10\r\n\r\n", 202),
        // ... it begins and does not go on, ...
        (
            "HTTP/1.1 200 Fine\r\ntransfer-encoding: chunked\r\n\r\n1\r\nx\r\n",
            200,
        ),
        // ... or its end is nobody's to tell.
        ("HTTP/1.1 500 Not fine\r\nretry-after: 3\r\n\r\nx", 500),
    ];
    for (text, status) in heads {
        let (port, _) = receiver(move |mut stream| async move {
            head(&mut stream).await;
            stream.write_all(text.as_bytes()).await.unwrap();
            // Until the other side has enough.
            let _ = stream.read_u8().await;
        })
        .await;
        let client = Client::new(Settings {
            allowed: Allowed::parse(["127.0.0.1"]).unwrap(),
            plain: true,
            whole: Duration::from_millis(500),
            ..Settings::default()
        });
        let answer = send(&client, &format!("http://127.0.0.1:{port}/")).await.unwrap();
        assert_eq!(answer.status, status, "{text}");
    }
}

#[tokio::test]
async fn an_endless_head_and_what_is_no_http_are_no_answers() {
    let (port, _) = receiver(|mut stream| async move {
        head(&mut stream).await;
        let _ = stream.write_all(b"HTTP/1.1 200 Fine\r\nx: ").await;
        while stream.write_all(&[b'x'; 4096]).await.is_ok() {}
    })
    .await;
    let fault = send(&client(&["127.0.0.1"]), &format!("http://127.0.0.1:{port}/"))
        .await
        .unwrap_err();
    assert!(matches!(fault, Fault::Protocol(_)), "{fault}");
    let (port, _) = receiver(|mut stream| async move {
        let _ = stream.write_all(b"220 mail.example\r\n").await;
    })
    .await;
    let fault = send(&client(&["127.0.0.1"]), &format!("http://127.0.0.1:{port}/"))
        .await
        .unwrap_err();
    assert!(matches!(fault, Fault::Protocol(_)), "{fault}");
    let fault = send(&client(&["127.0.0.1"]), &format!("https://127.0.0.1:{port}/"))
        .await
        .unwrap_err();
    assert!(matches!(fault, Fault::Tls(_) | Fault::NoRoots), "{fault}");
}

#[tokio::test]
async fn a_receiver_that_says_nothing_is_given_up() {
    let (port, seen) = receiver(|stream| async move {
        let _kept = stream;
        std::future::pending::<()>().await;
    })
    .await;
    let client = Client::new(Settings {
        allowed: Allowed::parse(["127.0.0.1"]).unwrap(),
        plain: true,
        whole: Duration::from_millis(300),
        ..Settings::default()
    });
    let fault = send(&client, &format!("http://127.0.0.1:{port}/"))
        .await
        .unwrap_err();
    assert!(matches!(fault, Fault::Timeout), "{fault}");
    assert_eq!(seen.load(Ordering::SeqCst), 1);
}

/// A receiver that proves to be `hooks.example`, to those who believe the authority of these tests.
async fn secure_receiver() -> u16 {
    let folder = tls_folder();
    let certificate = CertificateDer::from_pem_file(folder.join("server.pem")).unwrap();
    let key = PrivateKeyDer::from_pem_file(folder.join("server.key")).unwrap();
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let config = rustls::ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(vec![certificate], key)
        .unwrap();
    let acceptor = TlsAcceptor::from(Arc::new(config));
    let (port, _) = receiver(move |stream| {
        let acceptor = acceptor.clone();
        async move {
            let Ok(mut stream) = acceptor.accept(stream).await else {
                return;
            };
            let mut read = [0; 1024];
            let size = stream.read(&mut read).await.unwrap();
            assert!(read[..size].starts_with(b"POST / HTTP/1.1\r\n"));
            let answer = b"HTTP/1.1 202 Fine\r\ncontent-length: 0\r\n\r\n";
            stream.write_all(answer).await.unwrap();
            stream.shutdown().await.unwrap();
        }
    })
    .await;
    port
}

fn tls_folder() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/tls")
}

#[tokio::test]
async fn a_receiver_proves_who_it_is_or_hears_nothing() {
    let port = secure_receiver().await;
    let here = || vec!["127.0.0.1".parse().unwrap()];
    let client = |roots: Option<PathBuf>| {
        Client::new(Settings {
            allowed: Allowed::parse(["127.0.0.1"]).unwrap(),
            roots,
            names: HashMap::from([
                ("hooks.example".to_owned(), here()),
                ("other.example".to_owned(), here()),
            ]),
            ..Settings::default()
        })
    };
    let believes = client(Some(tls_folder().join("ca.pem")));
    let answer = send(&believes, &format!("https://hooks.example:{port}/"))
        .await
        .unwrap();
    assert_eq!(answer.status, 202);
    for host in ["other.example", "127.0.0.1"] {
        let fault = send(&believes, &format!("https://{host}:{port}/"))
            .await
            .unwrap_err();
        assert!(matches!(fault, Fault::Tls(_)), "{host}: {fault}");
    }
    let fault = send(&client(None), &format!("https://hooks.example:{port}/"))
        .await
        .unwrap_err();
    assert!(matches!(fault, Fault::Tls(_) | Fault::NoRoots), "{fault}");
    let nobody = client(Some(tls_folder().join("nothing.pem")));
    let fault = send(&nobody, &format!("https://hooks.example:{port}/"))
        .await
        .unwrap_err();
    assert!(matches!(fault, Fault::NoRoots), "{fault}");
    let plain = send(&believes, &format!("http://hooks.example:{port}/"))
        .await
        .unwrap_err();
    assert!(matches!(plain, Fault::Target(_)), "{plain}");
}
