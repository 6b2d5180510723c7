//! How many point reads a second, alone and beside a writer that never rests.
//!
//! `cargo run --release -p streamsphere-store --example point_reads -- [folder] [seconds]`

#![expect(clippy::print_stdout, reason = "it reports to whoever started it")]

use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use store::{Migration, Settings, Store, StoreError, params};

const ROWS: i64 = 50_000;
const SCHEMA: &[Migration] = &[Migration {
    version: 1,
    name: "videos",
    sql: "CREATE TABLE users (id INTEGER NOT NULL PRIMARY KEY, name TEXT NOT NULL) STRICT;
          CREATE TABLE videos (id INTEGER NOT NULL PRIMARY KEY, owner INTEGER NOT NULL, \
              title TEXT NOT NULL, views INTEGER NOT NULL) STRICT;
          WITH RECURSIVE n (i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM n WHERE i < 49999)
          INSERT INTO videos SELECT i, i % 1000, printf('%0300d', i), 0 FROM n;
          INSERT INTO users SELECT id, printf('user %d', id) FROM videos WHERE id < 1000;",
    // Measures the embedded engine.
    postgres: "",
}];

type Failure = Box<dyn std::error::Error + Send + Sync>;

#[tokio::main]
async fn main() -> Result<(), Failure> {
    let mut args = std::env::args().skip(1);
    let folder = args.next().map_or_else(std::env::temp_dir, PathBuf::from);
    let length = Duration::from_secs(args.next().map_or(Ok(3), |text| text.parse())?);
    let file = folder.join(format!("point-reads-{}.db", std::process::id()));
    let store = Store::open_with_migrations(&Settings::sqlite(&file), SCHEMA).await?;
    for busy in [false, true] {
        let stop = Arc::new(AtomicBool::new(!busy));
        let writing = tokio::spawn(write(store.clone(), Arc::clone(&stop)));
        let began = Instant::now();
        let mut running = tokio::task::JoinSet::new();
        for task in 0..64 {
            running.spawn(read(store.clone(), task * 777, began, length));
        }
        let mut took = Vec::new();
        while let Some(one) = running.join_next().await {
            took.extend(one??);
        }
        stop.store(true, Ordering::Relaxed);
        let writes = writing.await??;
        took.sort_unstable();
        let rate = took.len() as f64 / length.as_secs_f64();
        let p99 = took.get(took.len() * 99 / 100).map_or(0, Duration::as_micros);
        println!(
            "{rate:.0} reads/s, p99 {p99} us, beside {writes} writes; {}",
            memory()?
        );
    }
    store.close().await?;
    for end in ["db", "db-wal", "db-shm"] {
        let _ = std::fs::remove_file(file.with_extension(end));
    }
    Ok(())
}

async fn read(
    store: Store,
    mut id: i64,
    began: Instant,
    length: Duration,
) -> Result<Vec<Duration>, StoreError> {
    const SQL: &str = "SELECT v.title, v.views, u.name FROM videos v JOIN users u ON u.id = v.owner \
                       WHERE v.id = $1";
    let mut took = Vec::new();
    while began.elapsed() < length {
        id = (id * 31 + 17) % ROWS;
        let started = Instant::now();
        let row = store
            .read()
            .one(SQL, &params![id], |row| {
                Ok((row.text(0)?.len(), row.text(2)?.len()))
            })
            .await?;
        assert!(row.is_some());
        took.push(started.elapsed());
        tokio::task::yield_now().await;
    }
    Ok(took)
}

async fn write(store: Store, stop: Arc<AtomicBool>) -> Result<u64, StoreError> {
    let mut writes = 0;
    while !stop.load(Ordering::Relaxed) {
        let mut tx = store.write().await?;
        let id = (writes * 97) as i64 % ROWS;
        tx.exec(
            "UPDATE videos SET views = views + $1 WHERE id = $2",
            &params![1, id],
        )
        .await?;
        tx.commit().await?;
        writes += 1;
    }
    Ok(writes)
}

fn memory() -> std::io::Result<String> {
    let status = std::fs::read_to_string("/proc/self/status")?;
    let line = status
        .lines()
        .find(|line| line.starts_with("VmRSS"))
        .unwrap_or("VmRSS unknown");
    Ok(line.split_whitespace().collect::<Vec<_>>().join(" "))
}
