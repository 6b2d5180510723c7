//! A site with files of its own, and clients that speak bytes.

#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "a test helper fails its test"
)]

use crate::far;
use bytes::Bytes;
use http::{HeaderValue, Method, Request, Response, StatusCode, request};
use http_body_util::BodyExt;
use std::{
    convert::Infallible,
    net::SocketAddr,
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicUsize, Ordering},
    },
    time::Duration,
};
use streamsphere_delivery::{
    Body, Decision, DrainReport, FileCache, FileGrant, Gate, Limits, Peer, RequestBody, refusal, respond,
    serve,
};
use tempfile::TempDir;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream},
    sync::Semaphore,
    task::JoinHandle,
};
use tokio_util::sync::CancellationToken;

/// Longer than anything here takes; a test that reaches it fails instead of hanging.
pub const PATIENCE: Duration = Duration::from_secs(20);
pub const ETAG: &str = "\"v1\"";

/// `/media/…` goes by the fast path, `/slow-path/…` serves the same through hyper, `/echo` returns a body,
/// `/wait` answers when told to, `/healthz` is the probe.
pub struct Gatekeeper {
    files: FileCache,
    dir: TempDir,
    crowded: AtomicBool,
    pub decided: AtomicUsize,
}

impl Gatekeeper {
    async fn file(&self, parts: &request::Parts) -> Decision {
        self.decided.fetch_add(1, Ordering::Relaxed);
        assert!(
            parts.extensions.get::<Peer>().is_some(),
            "every request knows its peer"
        );
        let name = parts.uri.path().rsplit('/').next().unwrap_or_default();
        if name == "text" {
            return Decision::Inline(Response::new(Bytes::from_static(b"#EXTM3U\n")));
        }
        let path = self.dir.path().join(name);
        let opened = if name.starts_with("far-") || name.starts_with("lost-") {
            self.files.open_with(&path, async || far::open(name, &path)).await
        } else {
            self.files.open(&path).await
        };
        match opened {
            Ok(file) => {
                let mut grant = FileGrant::new(file, HeaderValue::from_static("video/mp4"), ETAG);
                grant.last_modified_ms = Some(784_111_777_000);
                Decision::File(grant)
            }
            Err(_) => Decision::Inline(refusal(StatusCode::NOT_FOUND, "not_found", "No such file.")),
        }
    }
}

impl Gate for Gatekeeper {
    fn claims(&self, _method: &Method, path: &str) -> bool {
        path.starts_with("/media/")
    }

    async fn decide(&self, request: request::Parts) -> Decision {
        self.file(&request).await
    }

    fn now_ms(&self) -> i64 {
        784_111_800_000
    }

    fn is_probe(&self, path: &str) -> bool {
        path == "/healthz"
    }

    fn is_shared_peer(&self, _peer: std::net::IpAddr) -> bool {
        !self.crowded.load(Ordering::Relaxed)
    }
}

pub struct Site {
    pub address: SocketAddr,
    pub gate: Arc<Gatekeeper>,
    /// Lets requests to `/wait` go on.
    pub go: Arc<Semaphore>,
    /// Tells how many requests to `/wait` have arrived.
    pub waiting: Arc<Semaphore>,
    pub shutdown: CancellationToken,
    pub served: JoinHandle<DrainReport>,
}

pub async fn site(limits: Limits) -> Site {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let gate = Arc::new(Gatekeeper {
        files: FileCache::new(16),
        dir: tempfile::tempdir().unwrap(),
        crowded: AtomicBool::new(false),
        decided: AtomicUsize::new(0),
    });
    let (go, waiting) = (Arc::new(Semaphore::new(0)), Arc::new(Semaphore::new(0)));
    let shutdown = CancellationToken::new();
    let service = {
        let (gate, go, waiting) = (Arc::clone(&gate), Arc::clone(&go), Arc::clone(&waiting));
        tower::service_fn(move |request: Request<RequestBody>| {
            let (gate, go, waiting) = (Arc::clone(&gate), Arc::clone(&go), Arc::clone(&waiting));
            async move { Ok::<_, Infallible>(answer(&gate, &go, &waiting, request).await) }
        })
    };
    let served = tokio::spawn(serve(
        listener,
        Arc::clone(&gate),
        service,
        limits,
        shutdown.clone(),
    ));
    Site {
        address,
        gate,
        go,
        waiting,
        shutdown,
        served,
    }
}

async fn answer(
    gate: &Gatekeeper,
    go: &Semaphore,
    waiting: &Semaphore,
    request: Request<RequestBody>,
) -> Response<Body> {
    let (parts, body) = request.into_parts();
    let path = parts.uri.path();
    let inline = |text: Bytes| Decision::Inline(Response::new(text));
    let decision = if path.starts_with("/slow-path/") {
        gate.file(&parts).await
    } else if path == "/echo" {
        match body.collect().await {
            Ok(body) => inline(body.to_bytes()),
            Err(err) => {
                let response = refusal(StatusCode::REQUEST_TIMEOUT, "body", "The body did not come.");
                assert!(!err.to_string().is_empty());
                Decision::Inline(response)
            }
        }
    } else if path == "/wait" {
        waiting.add_permits(1);
        go.acquire().await.unwrap().forget();
        inline(Bytes::from_static(b"waited"))
    } else if path == "/healthz" || path == "/" {
        inline(Bytes::from_static(b"ok"))
    } else {
        Decision::Inline(refusal(StatusCode::NOT_FOUND, "not_found", "No such page."))
    };
    respond(&parts, decision).await
}

/// Deadlines short enough to wait for.
pub fn impatient() -> Limits {
    Limits {
        first_byte_ms: 300,
        head_ms: 300,
        keep_alive_ms: 300,
        body_idle_ms: 300,
        write_stall_ms: 300,
        drain_ms: 10_000,
        ..Limits::default()
    }
}

/// Bytes in which every position differs from its neighbours and from other 4 KiB pages.
pub fn pattern(len: usize) -> Vec<u8> {
    (0..len)
        .map(|at| (at.wrapping_mul(31) ^ (at >> 12).wrapping_mul(17)) as u8)
        .collect()
}

impl Site {
    pub fn has_file(&self, name: &str, content: &[u8]) {
        std::fs::write(self.gate.dir.path().join(name), content).unwrap();
    }

    /// Holds the cap per address from now on.
    pub fn counts_addresses(&self) {
        self.gate.crowded.store(true, Ordering::Relaxed);
    }

    pub async fn client(&self) -> Client {
        Client {
            stream: TcpStream::connect(self.address).await.unwrap(),
            buffer: Vec::new(),
        }
    }

    /// One request on a connection of its own.
    pub async fn get(&self, path: &str, fields: &str) -> Answer {
        let mut client = self.client().await;
        client.asks("GET", path, fields).await;
        client.answer("GET").await.expect("an answer")
    }
}

pub struct Client {
    pub stream: TcpStream,
    buffer: Vec<u8>,
}

#[derive(Debug)]
pub struct Answer {
    pub status: u16,
    head: String,
    pub body: Vec<u8>,
}

impl Answer {
    pub fn field(&self, name: &str) -> Option<&str> {
        self.head.lines().skip(1).find_map(|line| {
            let (known, value) = line.split_once(':')?;
            known.eq_ignore_ascii_case(name).then(|| value.trim())
        })
    }

    /// The code of the error envelope.
    pub fn has_code(&self, code: &str) -> bool {
        let body = String::from_utf8_lossy(&self.body);
        self.field("content-type") == Some("application/json")
            && body.starts_with(&format!(r#"{{"statusCode":{},"#, self.status))
            && body.contains(&format!(r#""code":"{code}""#))
    }
}

impl Client {
    pub async fn says(&mut self, bytes: impl AsRef<[u8]>) {
        self.stream.write_all(bytes.as_ref()).await.unwrap();
    }

    /// Like [`says`](Self::says), for a server that may have hung up by now.
    pub async fn tries_to_say(&mut self, bytes: impl AsRef<[u8]>) {
        let _ = self.stream.write_all(bytes.as_ref()).await;
    }

    pub async fn asks(&mut self, method: &str, path: &str, fields: &str) {
        self.says(format!("{method} {path} HTTP/1.1\r\nHost: site\r\n{fields}\r\n"))
            .await;
    }

    async fn more(&mut self) -> bool {
        let mut chunk = vec![0; 64 * 1024];
        let read = tokio::time::timeout(PATIENCE, self.stream.read(&mut chunk))
            .await
            .expect("the server is silent");
        match read {
            Ok(0) | Err(_) => false,
            Ok(read) => {
                self.buffer.extend_from_slice(&chunk[..read]);
                true
            }
        }
    }

    /// The next answer; `None` when the connection ends instead.
    pub async fn answer(&mut self, method: &str) -> Option<Answer> {
        let end = loop {
            if let Some(at) = self.buffer.windows(4).position(|window| window == b"\r\n\r\n") {
                break at + 4;
            }
            if !self.more().await {
                assert!(
                    self.buffer.is_empty(),
                    "half a head: {:?}",
                    String::from_utf8_lossy(&self.buffer)
                );
                return None;
            }
        };
        let head = String::from_utf8(self.buffer.drain(..end).collect()).unwrap();
        let status = head.split(' ').nth(1).unwrap().parse().unwrap();
        let mut answer = Answer {
            status,
            head,
            body: Vec::new(),
        };
        if method != "HEAD" && status != 304 {
            let length = answer
                .field("content-length")
                .expect("every body has a length")
                .parse()
                .unwrap();
            while self.buffer.len() < length {
                assert!(self.more().await, "the body ended early");
            }
            answer.body = self.buffer.drain(..length).collect();
        }
        Some(answer)
    }

    /// Waits until the server ends the connection and says whether it did so without another byte.
    pub async fn is_left_in_silence(&mut self) -> bool {
        while self.more().await {}
        self.buffer.is_empty()
    }
}
