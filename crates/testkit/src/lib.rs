//! What tests of several crates share: databases of their own on a PostgreSQL that runs for the tests, servers of
//! their own ([`nats`], [`postgres`], [`pgbouncer`]), and databases to come from ([`mongodb`]).
//!
//! `scripts/with-postgres COMMAND` starts one and says where in `STREAMSPHERE_TEST_POSTGRES`; tests that need it fail
//! without it. Tests that run on either engine take SQLite, unless `STREAMSPHERE_TEST_ENGINE` is `postgres`.

#![expect(
    clippy::expect_used,
    clippy::panic,
    reason = "in a test a panic is the report"
)]

pub mod mongodb;
pub mod nats;
pub mod pgbouncer;
pub mod postgres;

use std::io;
use std::net::{TcpListener, TcpStream};
use std::path::Path;
use std::time::{Duration, Instant};

use tokio_postgres::NoTls;

/// The variable with the address of the server: `postgres://postgres@127.0.0.1:5432/postgres`.
pub const VARIABLE: &str = "STREAMSPHERE_TEST_POSTGRES";

/// A port of this machine that nobody listens on.
///
/// # Panics
/// When the system gives none.
pub fn free_port() -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    listener.local_addr().expect("an address").port()
}

/// Waits until somebody listens on a port of this machine.
pub(crate) fn listens(port: u16) -> io::Result<()> {
    let until = Instant::now() + Duration::from_secs(30);
    loop {
        match TcpStream::connect(("127.0.0.1", port)) {
            Ok(_) => return Ok(()),
            Err(error) if Instant::now() > until => return Err(error),
            Err(_) => std::thread::sleep(Duration::from_millis(10)),
        }
    }
}

/// Whether tests that run on either engine are to run on PostgreSQL.
pub fn on_postgres() -> bool {
    std::env::var("STREAMSPHERE_TEST_ENGINE").is_ok_and(|engine| engine == "postgres")
}

/// Where the server for tests is; without one the test fails.
///
/// # Panics
/// When no server was started.
pub fn needed_server() -> String {
    let url = std::env::var(VARIABLE).ok().filter(|url| !url.is_empty());
    url.unwrap_or_else(|| panic!("run this test with scripts/with-postgres, which sets {VARIABLE}"))
}

/// The address of a new, empty database on the server at `url`.
///
/// # Panics
/// When the server does not make one.
pub async fn fresh_database(url: &str) -> String {
    let (client, connection) = tokio_postgres::connect(url, NoTls).await.expect("a server");
    tokio::spawn(connection);
    let row = client
        .query_one("SELECT 't_' || replace(gen_random_uuid()::text, '-', '')", &[])
        .await
        .expect("a name");
    let name: String = row.get(0);
    client
        .batch_execute(&format!(
            "CREATE DATABASE {name} TEMPLATE template0 ENCODING 'UTF8'"
        ))
        .await
        .expect("a database");
    let (base, _) = url.rsplit_once('/').expect("an address with a database");
    format!("{base}/{name}")
}

/// The address of the database that goes with `folder`: a new one at the first call, the same afterwards. `None` where
/// tests run on SQLite.
///
/// # Panics
/// When the server does not make one, or the folder cannot be written.
pub async fn database_of(folder: &Path) -> Option<String> {
    if !on_postgres() {
        return None;
    }
    let note = folder.join("database.url");
    if let Ok(url) = std::fs::read_to_string(&note) {
        return Some(url);
    }
    let url = fresh_database(&needed_server()).await;
    std::fs::write(&note, &url).expect("a folder that can be written");
    Some(url)
}
