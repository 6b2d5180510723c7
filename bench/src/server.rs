//! The server under measure: its release binary, started with a data folder and ended by signals.

use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use crate::error::BenchError;
use crate::http::{Body, Client};
use crate::process::{Running, Start, free_port};

/// How long a start may take before it counts as failed.
const START_LIMIT: Duration = Duration::from_mins(1);

/// Where the server's binary is and how it is started.
#[derive(Debug, Clone)]
pub struct Launch {
    /// The binary.
    pub binary: PathBuf,
    /// Environment beside the address, the data folder and the switched-off rate limits.
    pub env: Vec<(String, String)>,
    /// Where the server's log goes; nowhere when absent.
    pub log: Option<PathBuf>,
}

/// A running server.
#[derive(Debug)]
pub struct Server {
    running: Running,
    address: SocketAddr,
    /// From exec to the first 200 of `/healthz`.
    pub startup: Duration,
}

impl Launch {
    /// The release binary of this workspace.
    pub fn release() -> Self {
        let root = Path::new(env!("CARGO_MANIFEST_DIR"))
            .parent()
            .unwrap_or(Path::new("."));
        let target = std::env::var_os("CARGO_TARGET_DIR").map_or_else(|| root.join("target"), PathBuf::from);
        Self {
            binary: target.join("release/streamsphere"),
            env: Vec::new(),
            log: None,
        }
    }

    /// Starts the server on `data`, which it makes when there is none, and waits until it is healthy.
    pub fn start(&self, data: &Path) -> Result<Server, BenchError> {
        if !self.binary.exists() {
            return Err(BenchError::Usage(format!(
                "{} is not there: cargo build --release -p streamsphere",
                self.binary.display()
            )));
        }
        let address = SocketAddr::from(([127, 0, 0, 1], free_port()?));
        let mut env = vec![
            ("STREAMSPHERE_LISTEN".to_owned(), address.to_string()),
            ("STREAMSPHERE_PUBLIC_URL".to_owned(), format!("http://{address}")),
            (
                "STREAMSPHERE_DATA_DIR".to_owned(),
                data.to_string_lossy().into_owned(),
            ),
            ("STREAMSPHERE_RATE_LIMITS".to_owned(), "off".to_owned()),
        ];
        env.extend(self.env.iter().cloned());
        let args = vec!["serve".to_owned()];
        let start = Start {
            program: self.binary.as_os_str(),
            args,
            env,
            log: self.log.as_deref(),
        };
        let began = Instant::now();
        let mut running = start.spawn()?;
        let mut client = Client::new(address, Duration::from_secs(5));
        loop {
            if client
                .call("GET", "/healthz", &[], Body::Empty)
                .is_ok_and(|answer| answer.status == 200)
            {
                return Ok(Server {
                    running,
                    address,
                    startup: began.elapsed(),
                });
            }
            running.must_run()?;
            if began.elapsed() > START_LIMIT {
                return Err(BenchError::Program {
                    program: "streamsphere".to_owned(),
                    what: format!("not healthy after {} s", START_LIMIT.as_secs()),
                });
            }
            std::thread::sleep(Duration::from_millis(1));
        }
    }
}

impl Server {
    /// Where it listens.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Process id.
    pub fn pid(&self) -> u32 {
        self.running.pid()
    }

    /// A client of this server that waits at most `timeout` for each read.
    pub fn client(&self, timeout: Duration) -> Client {
        Client::new(self.address, timeout)
    }

    /// SIGTERM, and SIGKILL after ten seconds; how long it took.
    pub fn stop(self) -> Result<Duration, BenchError> {
        self.running.stop(Duration::from_secs(10))
    }

    /// SIGKILL.
    pub fn kill(self) -> Result<(), BenchError> {
        self.running.kill()
    }

    /// An error when it has ended by itself.
    pub fn must_run(&mut self) -> Result<(), BenchError> {
        self.running.must_run()
    }
}
