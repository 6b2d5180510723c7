//! A NATS server of a test's own.

use std::path::{Path, PathBuf};
use std::process::{Child, Stdio};

use crate::{free_port, listens};

#[expect(clippy::disallowed_types, reason = "tests run the real server")]
type Command = std::process::Command;

/// A server with `JetStream`, on a port and folder of its own. Ends with the test.
#[derive(Debug)]
pub struct Nats {
    port: u16,
    folder: PathBuf,
    running: Option<Child>,
}

impl Nats {
    /// Starts one.
    ///
    /// # Panics
    /// When it does not start; `scripts/install-tools test` installs it.
    pub fn start() -> Self {
        let port = free_port();
        let folder = std::env::temp_dir().join(format!("nats-{}-{port}", std::process::id()));
        let mut server = Self {
            port,
            folder,
            running: None,
        };
        server.again();
        server
    }

    /// Where it is; `prefix` tells sites apart.
    pub fn url(&self, prefix: &str) -> String {
        format!("nats://127.0.0.1:{}/{prefix}", self.port)
    }

    /// Kills it.
    pub fn kill(&mut self) {
        if let Some(mut running) = self.running.take() {
            let _ = running.kill();
            let _ = running.wait();
        }
    }

    /// Loses what it had. It must not run.
    pub fn forget(&self) {
        let _ = std::fs::remove_dir_all(&self.folder);
    }

    fn kept(&self) -> PathBuf {
        self.folder.with_extension("kept")
    }

    /// Keeps what it has, for [`Self::put_back`]. It must not run.
    ///
    /// # Panics
    /// When it cannot be copied.
    pub fn keep(&self) {
        copy_folder(&self.folder, &self.kept()).expect("a copy");
    }

    /// Loses what it was told since that was kept. It must not run.
    ///
    /// # Panics
    /// When it cannot be copied.
    pub fn put_back(&self) {
        self.forget();
        copy_folder(&self.kept(), &self.folder).expect("a copy");
    }

    /// Starts it again, with what it had.
    ///
    /// # Panics
    /// When it does not start.
    pub fn again(&mut self) {
        self.kill();
        let running = Command::new("nats-server")
            .args(["-js", "-a", "127.0.0.1", "-p", &self.port.to_string(), "-sd"])
            .arg(&self.folder)
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .expect("nats-server; scripts/install-tools test installs it");
        self.running = Some(running);
        listens(self.port).expect("a server that listens");
    }
}

fn copy_folder(from: &Path, to: &Path) -> std::io::Result<()> {
    std::fs::create_dir_all(to)?;
    for entry in std::fs::read_dir(from)? {
        let entry = entry?;
        let there = to.join(entry.file_name());
        if entry.file_type()?.is_dir() {
            copy_folder(&entry.path(), &there)?;
        } else {
            std::fs::copy(entry.path(), there)?;
        }
    }
    Ok(())
}

impl Drop for Nats {
    fn drop(&mut self) {
        self.kill();
        let _ = std::fs::remove_dir_all(&self.folder);
        let _ = std::fs::remove_dir_all(self.kept());
    }
}
