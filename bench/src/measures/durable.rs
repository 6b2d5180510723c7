//! Rates of durable changes, for measures that compare ways of making them: by tasks through the store, by threads
//! that share one raw connection, by clients over HTTP.

use std::future::Future;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use parking_lot::Mutex;
use rusqlite::Connection;
use store::{Settings, Store, StoreError};

use crate::error::{BenchError, Doing};
use crate::load::{Histogram, Report};
use crate::report::median;

/// Rates and p99s of the rounds.
#[derive(Debug, Default)]
pub(super) struct Figures {
    per_second: Vec<f64>,
    p99_ms: Vec<f64>,
}

impl Figures {
    /// Adds a round: changes per second and p99 in ms.
    pub(super) fn add(&mut self, (per_second, p99_ms): (f64, f64)) {
        self.per_second.push(per_second);
        self.p99_ms.push(p99_ms);
    }

    /// The medians of both.
    pub(super) fn medians(&self) -> (f64, f64) {
        (median(&self.per_second), median(&self.p99_ms))
    }
}

/// Changes per second and p99 in ms of a load run.
pub(super) fn of_report(report: &Report) -> (f64, f64) {
    (report.per_second(), ms(report.latency.percentile(99.0)))
}

fn ms(time: Duration) -> f64 {
    time.as_secs_f64() * 1e3
}

/// How tasks share the store.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Turns {
    /// Their changes share groups.
    Together,
    /// Each waits for its turn, and its change has a group to itself.
    OneByOne,
}

/// Changes per second and p99 in ms of `tasks` that go on changing something through the store of `database`, without
/// HTTP. `change` is given the store, the number of its task and how many changes that task has made.
pub(super) fn through_the_store<F, Fut>(
    database: &Path,
    tasks: usize,
    run: Duration,
    turns: Turns,
    change: F,
) -> Result<(f64, f64), BenchError>
where
    F: Fn(Store, usize, u64) -> Fut + Clone + Send + 'static,
    Fut: Future<Output = Result<(), StoreError>> + Send + 'static,
{
    let settings = Settings::sqlite(database);
    let runtime = tokio::runtime::Runtime::new().doing("start a runtime")?;
    runtime.block_on(async {
        let store = Store::open(&settings).await?;
        let turn = Arc::new(tokio::sync::Mutex::new(()));
        let start = Instant::now();
        let mut running = tokio::task::JoinSet::new();
        for task in 0..tasks {
            let (store, turn, change) = (store.clone(), Arc::clone(&turn), change.clone());
            running.spawn(async move {
                let mut own = Histogram::default();
                let mut done = 0_u64;
                while start.elapsed() < run {
                    let began = Instant::now();
                    // Held over the commit, so that no other change gets into the group.
                    let turn = match turns {
                        Turns::Together => None,
                        Turns::OneByOne => Some(turn.lock().await),
                    };
                    change(store.clone(), task, done).await?;
                    drop(turn);
                    own.record(began.elapsed());
                    done += 1;
                }
                Ok::<_, StoreError>((done, own))
            });
        }
        let (mut done, mut latency) = (0, Histogram::default());
        while let Some(task) = running.join_next().await {
            let (own_done, own) =
                task.map_err(|error| BenchError::Usage(format!("a task failed: {error}")))??;
            done += own_done;
            latency.add(&own);
        }
        let per_second = done as f64 / start.elapsed().as_secs_f64();
        store.close().await?;
        Ok::<_, BenchError>((per_second, ms(latency.percentile(99.0))))
    })
}

/// Changes per second and p99 in ms of `threads` that take turns on one connection to `database`, with
/// `synchronous=FULL`: one fsync for each transaction that `change` makes. It is given the connection, the number of
/// its thread and that of the change.
pub(super) fn on_one_connection<F>(
    database: &Path,
    threads: usize,
    run: Duration,
    change: F,
) -> Result<(f64, f64), BenchError>
where
    F: Fn(&mut Connection, usize, u64) -> Result<(), BenchError> + Sync,
{
    let connection = Connection::open(database)?;
    connection.pragma_update(None, "journal_mode", "wal")?;
    connection.pragma_update(None, "synchronous", "full")?;
    connection.set_prepared_statement_cache_capacity(16);
    let connection = Mutex::new(connection);
    let (done, start) = (AtomicU64::new(0), Instant::now());
    let latency = Mutex::new(Histogram::default());
    std::thread::scope(|scope| {
        let threads: Vec<_> = (0..threads)
            .map(|thread| {
                let (connection, done, latency, change) = (&connection, &done, &latency, &change);
                scope.spawn(move || -> Result<(), BenchError> {
                    let mut own = Histogram::default();
                    while start.elapsed() < run {
                        let began = Instant::now();
                        let number = done.fetch_add(1, Ordering::Relaxed);
                        let mut connection = connection.lock();
                        change(&mut connection, thread, number)?;
                        parking_lot::MutexGuard::unlock_fair(connection);
                        own.record(began.elapsed());
                    }
                    latency.lock().add(&own);
                    Ok(())
                })
            })
            .collect();
        threads.into_iter().try_for_each(|thread| {
            thread
                .join()
                .map_err(|_| BenchError::Usage("a thread panicked".to_owned()))?
        })
    })?;
    let per_second = done.load(Ordering::Relaxed) as f64 / start.elapsed().as_secs_f64();
    let p99 = ms(latency.lock().percentile(99.0));
    Ok((per_second, p99))
}
