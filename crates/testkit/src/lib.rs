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

/// Makes `server.crt` and `server.key` for 127.0.0.1 in a folder, and `ca.crt` of who vouches for them; as this user and
/// group.
#[expect(clippy::disallowed_types, reason = "tests run the real program")]
pub(crate) fn certify(folder: &Path, owner: Option<(u32, u32)>) -> io::Result<()> {
    use std::os::unix::process::CommandExt as _;

    let openssl = |words: &str| -> io::Result<()> {
        let mut command = std::process::Command::new("openssl");
        if let Some((user, group)) = owner {
            command.uid(user).gid(group);
        }
        let done = command.current_dir(folder).args(words.split(' ')).output()?;
        if done.status.success() {
            return Ok(());
        }
        Err(io::Error::other(
            String::from_utf8_lossy(&done.stderr).into_owned(),
        ))
    };
    openssl("req -x509 -newkey rsa:2048 -nodes -days 2 -subj /CN=tests -keyout ca.key -out ca.crt")?;
    openssl(
        "req -x509 -newkey rsa:2048 -nodes -days 2 -subj /CN=server -CA ca.crt -CAkey ca.key \
         -addext subjectAltName=IP:127.0.0.1 -addext basicConstraints=critical,CA:FALSE \
         -keyout server.key -out server.crt",
    )
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
    drop_left_databases(&client).await;
    let row = client
        .query_one("SELECT replace(gen_random_uuid()::text, '-', '')", &[])
        .await
        .expect("a name");
    let name = format!("t_{}_{}", std::process::id(), row.get::<_, String>(0));
    client
        .batch_execute(&format!(
            "CREATE DATABASE {name} TEMPLATE template0 ENCODING 'UTF8'"
        ))
        .await
        .expect("a database");
    let (base, _) = url.rsplit_once('/').expect("an address with a database");
    format!("{base}/{name}")
}

/// Drops the databases of tests whose process has ended, once there are some: each takes about 20 MB of the disk, and a
/// thousand tests take theirs one after the other.
async fn drop_left_databases(client: &tokio_postgres::Client) {
    // Each drop writes a checkpoint, of which those after the first have nothing to do.
    const AT_ONCE: usize = 16;
    let rows = client
        .query(
            "SELECT datname::text FROM pg_database WHERE datname LIKE 't\\_%'",
            &[],
        )
        .await
        .expect("the names of databases");
    let left: Vec<String> = rows
        .iter()
        .map(|row| row.get::<_, String>(0))
        .filter(|name| {
            let process = name.split('_').nth(1).unwrap_or_default();
            !Path::new("/proc").join(process).exists()
        })
        .collect();
    if left.len() < AT_ONCE {
        return;
    }
    for name in left {
        // Another test may be dropping the same ones.
        let _ = client
            .batch_execute(&format!("DROP DATABASE IF EXISTS {name} WITH (FORCE)"))
            .await;
    }
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
