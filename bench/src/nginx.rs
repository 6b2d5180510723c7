//! nginx as the measure of delivery: two workers, sendfile, everything off that costs.

use std::ffi::OsStr;
use std::net::SocketAddr;
use std::path::Path;
use std::time::{Duration, Instant};

use tempfile::TempDir;

use crate::error::{BenchError, Doing};
use crate::process::{Running, Start, children_of, cpu_of, free_port};

/// A running nginx that serves one folder.
#[derive(Debug)]
pub struct Nginx {
    running: Running,
    address: SocketAddr,
    // Holds the configuration and the log for as long as nginx runs.
    _folder: TempDir,
}

fn configuration(folder: &Path, root: &Path, port: u16) -> String {
    let (folder, root) = (folder.display(), root.display());
    format!(
        "user root;\n\
         worker_processes 2;\n\
         daemon off;\n\
         pid {folder}/nginx.pid;\n\
         error_log {folder}/error.log warn;\n\
         events {{ worker_connections 4096; }}\n\
         http {{\n\
         \x20 access_log off;\n\
         \x20 sendfile on;\n\
         \x20 tcp_nopush on;\n\
         \x20 keepalive_requests 100000000;\n\
         \x20 keepalive_timeout 600s;\n\
         \x20 open_file_cache max=64 inactive=600s;\n\
         \x20 default_type video/mp4;\n\
         \x20 client_body_temp_path {folder}/body;\n\
         \x20 proxy_temp_path {folder}/proxy;\n\
         \x20 fastcgi_temp_path {folder}/fastcgi;\n\
         \x20 uwsgi_temp_path {folder}/uwsgi;\n\
         \x20 scgi_temp_path {folder}/scgi;\n\
         \x20 server {{ listen 127.0.0.1:{port} backlog=4096; root {root}; }}\n\
         }}\n"
    )
}

impl Nginx {
    /// Starts nginx for the files in `root` and waits until it listens.
    pub fn start(root: &Path) -> Result<Self, BenchError> {
        let folder = tempfile::tempdir().doing("make a folder for nginx")?;
        let port = free_port()?;
        let file = folder.path().join("nginx.conf");
        std::fs::write(&file, configuration(folder.path(), root, port)).doing("write nginx.conf")?;
        let args = vec![
            "-p".to_owned(),
            folder.path().to_string_lossy().into_owned(),
            "-c".to_owned(),
            file.to_string_lossy().into_owned(),
        ];
        let log = folder.path().join("out.log");
        let start = Start {
            program: OsStr::new("nginx"),
            args,
            env: Vec::new(),
            log: Some(&log),
        };
        let mut running = start.spawn()?;
        let address = SocketAddr::from(([127, 0, 0, 1], port));
        let began = Instant::now();
        while std::net::TcpStream::connect(address).is_err() || children_of(running.pid()).len() < 2 {
            running.must_run()?;
            if began.elapsed() > Duration::from_secs(10) {
                return Err(BenchError::Program {
                    program: "nginx".to_owned(),
                    what: "does not listen".to_owned(),
                });
            }
            std::thread::sleep(Duration::from_millis(10));
        }
        Ok(Self {
            running,
            address,
            _folder: folder,
        })
    }

    /// Where it listens.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Processor seconds of the master and its workers so far.
    pub fn cpu(&self) -> f64 {
        let pid = self.running.pid();
        cpu_of(pid) + children_of(pid).into_iter().map(cpu_of).sum::<f64>()
    }

    /// Ends it.
    pub fn stop(self) -> Result<(), BenchError> {
        self.running.stop(Duration::from_secs(5)).map(|_| ())
    }
}
