//! A pgbouncer of a test's own, in transaction mode: each transaction may meet another server process.

use std::io;
use std::os::unix::fs::chown;
use std::os::unix::process::CommandExt;
use std::path::PathBuf;
use std::process::{Child, Stdio};

use crate::{free_port, listens, postgres};

#[expect(clippy::disallowed_types, reason = "tests run the real program")]
type Command = std::process::Command;

/// A pooler in front of the server on `server_port` of this machine. Ends when it is dropped.
#[derive(Debug)]
pub struct Pgbouncer {
    port: u16,
    folder: PathBuf,
    running: Child,
}

impl Pgbouncer {
    /// Starts one. `scripts/install-tools test` installs the program.
    pub fn before(server_port: u16) -> io::Result<Self> {
        let port = free_port();
        let folder = std::env::temp_dir().join(format!("pgbouncer-{}-{port}", std::process::id()));
        std::fs::create_dir(&folder)?;
        let settings = folder.join("pgbouncer.ini");
        // One that has fewer connections than its clients, and hands them on after each transaction.
        let text = format!(
            "[databases]\n* = host=127.0.0.1 port={server_port} user=postgres\n\
             [pgbouncer]\nlisten_addr = 127.0.0.1\nlisten_port = {port}\nunix_socket_dir =\nauth_type = any\n\
             pool_mode = transaction\ndefault_pool_size = 3\nmax_client_conn = 200\n"
        );
        std::fs::write(&settings, text)?;
        let mut command = Command::new("/usr/sbin/pgbouncer");
        if let Some((user, group)) = postgres::owner()? {
            // It refuses to be root, as the server does.
            chown(&folder, Some(user), Some(group))?;
            command.uid(user).gid(group);
        }
        let running = command
            .arg(&settings)
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()?;
        let pooler = Self {
            port,
            folder,
            running,
        };
        listens(port)?;
        Ok(pooler)
    }

    /// The address of a database behind it.
    pub fn url(&self, database: &str) -> String {
        format!("postgres://postgres@127.0.0.1:{}/{database}", self.port)
    }
}

impl Drop for Pgbouncer {
    fn drop(&mut self) {
        let _ = self.running.kill();
        let _ = self.running.wait();
        let _ = std::fs::remove_dir_all(&self.folder);
    }
}
