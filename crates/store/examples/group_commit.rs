//! How many durable writes a second: grouped, against one transaction and one sync each.
//!
//! `cargo run --release -p streamsphere-store --example group_commit -- [folder] [seconds] [tasks…]`

#![expect(clippy::print_stdout, reason = "it reports to whoever started it")]

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, Instant};

use store::{Migration, Settings, Store, StoreError, params};

const SCHEMA: &[Migration] = &[Migration {
    version: 1,
    name: "counters",
    sql: "CREATE TABLE counters (id INTEGER NOT NULL PRIMARY KEY, value INTEGER NOT NULL) STRICT;
          WITH RECURSIVE n (i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM n WHERE i < 9999)
          INSERT INTO counters SELECT i, 0 FROM n;",
    // Measures the embedded engine.
    postgres: "",
}];
const UPDATE: &str = "UPDATE counters SET value = value + $1 WHERE id = $2";

type Failure = Box<dyn std::error::Error + Send + Sync>;

#[tokio::main]
async fn main() -> Result<(), Failure> {
    let mut args = std::env::args().skip(1);
    let folder = args.next().map_or_else(std::env::temp_dir, PathBuf::from);
    let length = Duration::from_secs(args.next().map_or(Ok(3), |text| text.parse())?);
    let mut tasks = args.map(|text| text.parse()).collect::<Result<Vec<usize>, _>>()?;
    if tasks.is_empty() {
        tasks = vec![1, 4, 64, 256];
    }
    println!("sync of 4 KiB: {:.0} us", sync_us(&folder)?);
    for tasks in tasks {
        let alone = run(&folder, tasks, length, true).await?;
        let grouped = run(&folder, tasks, length, false).await?;
        println!(
            "{tasks:4} tasks  alone {alone}  grouped {grouped}  ratio {:.1}",
            grouped.rate / alone.rate
        );
    }
    Ok(())
}

struct Figures {
    rate: f64,
    median_ms: f64,
    p99_ms: f64,
}

impl std::fmt::Display for Figures {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(
            f,
            "{:6.0}/s p50 {:.2} p99 {:.2} ms",
            self.rate, self.median_ms, self.p99_ms
        )
    }
}

async fn run(folder: &Path, tasks: usize, length: Duration, alone: bool) -> Result<Figures, Failure> {
    let file = folder.join(format!("group-commit-{}.db", std::process::id()));
    let store = Store::open_with_migrations(&Settings::sqlite(&file), SCHEMA).await?;
    let turn = Arc::new(tokio::sync::Mutex::new(()));
    let began = Instant::now();
    let mut running = tokio::task::JoinSet::new();
    for task in 0..tasks {
        let (store, turn) = (store.clone(), Arc::clone(&turn));
        running.spawn(async move {
            let mut took = Vec::new();
            let mut row = task;
            while began.elapsed() < length {
                row = (row * 31 + 17) % 10_000;
                let started = Instant::now();
                // Holding the turn over the commit keeps every group at one member.
                let turn = if alone { Some(turn.lock().await) } else { None };
                let mut tx = store.write().await?;
                tx.exec(UPDATE, &params![1, row as i64]).await?;
                tx.commit().await?;
                drop(turn);
                took.push(started.elapsed());
            }
            Ok::<_, StoreError>(took)
        });
    }
    let mut took = Vec::new();
    while let Some(one) = running.join_next().await {
        took.extend(one??);
    }
    let seconds = began.elapsed().as_secs_f64();
    let sum = store
        .read()
        .one("SELECT sum(value) FROM counters", &params![], |row| row.size(0))
        .await?;
    assert_eq!(
        sum,
        Some(took.len() as u64),
        "every acknowledged write is there once"
    );
    store.close().await?;
    for end in ["db", "db-wal", "db-shm"] {
        let _ = std::fs::remove_file(file.with_extension(end));
    }
    took.sort_unstable();
    let at = |share: f64| {
        let index = (took.len() as f64 * share) as usize;
        took.get(index.min(took.len().saturating_sub(1)))
            .map_or(0.0, |time| time.as_secs_f64() * 1000.0)
    };
    Ok(Figures {
        rate: took.len() as f64 / seconds,
        median_ms: at(0.5),
        p99_ms: at(0.99),
    })
}

/// What the disk takes for one small durable write, as the median of 200.
fn sync_us(folder: &Path) -> std::io::Result<f64> {
    use std::os::unix::fs::FileExt;
    let path = folder.join(format!("sync-{}", std::process::id()));
    let file = std::fs::File::create(&path)?;
    let mut took = Vec::new();
    for block in 0..200 {
        file.write_all_at(&[7; 4096], block % 50 * 4096)?;
        let began = Instant::now();
        file.sync_data()?;
        took.push(began.elapsed());
    }
    std::fs::remove_file(path)?;
    took.sort_unstable();
    Ok(took[took.len() / 2].as_secs_f64() * 1e6)
}
