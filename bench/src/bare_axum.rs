//! axum with nothing in it: the most that the same libraries can do with a body of the same size.

use std::net::SocketAddr;
use std::time::{Duration, Instant};

use axum::Router;
use axum::http::header::CONTENT_TYPE;
use axum::routing::get;

use crate::error::{BenchError, Doing};
use crate::process::{Running, Start, free_port};

/// Serves a JSON text of `body_bytes` bytes at every path, until killed.
pub fn serve(listen: SocketAddr, body_bytes: usize) -> Result<(), BenchError> {
    let body: &'static str =
        Box::leak(format!("\"{}\"", "x".repeat(body_bytes.saturating_sub(2))).into_boxed_str());
    let runtime = tokio::runtime::Runtime::new().doing("start a runtime")?;
    runtime.block_on(async move {
        let answer = move || async move { ([(CONTENT_TYPE, "application/json")], body) };
        let router = Router::new().route("/", get(answer)).fallback(answer);
        let listener = tokio::net::TcpListener::bind(listen).await.doing("listen")?;
        axum::serve(listener, router).await.doing("serve")
    })
}

/// A bare server in a process of its own.
#[derive(Debug)]
pub struct Bare {
    running: Running,
    address: SocketAddr,
}

impl Bare {
    /// Starts this program again as `bare-axum`.
    pub fn start(body_bytes: usize) -> Result<Self, BenchError> {
        let address = SocketAddr::from(([127, 0, 0, 1], free_port()?));
        let binary = std::env::current_exe().doing("find this program")?;
        let args = [
            "bare-axum",
            "--body-bytes",
            &body_bytes.to_string(),
            "--listen",
            &address.to_string(),
        ]
        .map(str::to_owned)
        .to_vec();
        let mut running = Start {
            program: binary.as_os_str(),
            args,
            env: Vec::new(),
            log: None,
        }
        .spawn()?;
        let began = Instant::now();
        while std::net::TcpStream::connect(address).is_err() {
            running.must_run()?;
            if began.elapsed() > Duration::from_secs(10) {
                return Err(BenchError::Program {
                    program: "bare-axum".to_owned(),
                    what: "does not listen".to_owned(),
                });
            }
            std::thread::sleep(Duration::from_millis(5));
        }
        Ok(Self { running, address })
    }

    /// Where it listens.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Process id.
    pub fn pid(&self) -> u32 {
        self.running.pid()
    }
}
