//! Durable small writes from many clients, against one fsync per write.

use std::path::Path;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use parking_lot::Mutex;
use rusqlite::{Connection, params};

use super::{Bench, tiny_clip, upload_and_wait};
use crate::api::Person;
use crate::crash;
use crate::error::{BenchError, Doing};
use crate::load::{self, Histogram, Plan, Stop};
use crate::process;
use crate::report::{Row, Section, Target, median};
use crate::seed;
use crate::server::{Launch, Server};

const CLIENTS: usize = 64;

/// `PATCH` of titles by 64 clients, each on a video of its own, against 64 threads that change the same
/// rows of a copy of the same database, one transaction with `synchronous=FULL` each; and, where there is
/// a build for it, against the same server when it gives each change a transaction of its own.
pub fn measure(bench: &Bench) -> Result<Section, BenchError> {
    let folder = bench.folder()?;
    let data = folder.path().join("data");
    let clip = tiny_clip(folder.path())?;
    let server = bench.launch.start(&data)?;
    let mut person = Person::join(server.address(), "writer")?;
    let template = upload_and_wait(&mut person, &clip, Duration::from_mins(2))?;
    server.stop()?;
    let database = seed::find_database(&data)?;
    seed::videos(&database, &template, CLIENTS as i64)?;
    let ids = seed::ids(&database, CLIENTS as i64)?;
    let copy = folder.path().join("control.db");
    std::fs::copy(&database, &copy).doing("copy the database")?;

    let ungrouped = match &bench.ungrouped {
        None => None,
        Some(launch) => {
            if !crash::can_be_sabotaged(&launch.binary) {
                return Err(BenchError::Usage(format!(
                    "{} was built without the feature `sabotage`: it would group like the other",
                    launch.binary.display()
                )));
            }
            let beside = folder.path().join("data-ungrouped");
            process::run("cp", &["-a", &data.to_string_lossy(), &beside.to_string_lossy()])?;
            Some(Patched::start(launch, &beside)?)
        }
    };
    let ours = Patched::start(&bench.launch, &data)?;
    let (mut grouped, mut raw, mut alone) = (Figures::default(), Figures::default(), Figures::default());
    for _ in 0..bench.rounds {
        grouped.add(ours.patches(&ids, bench.run)?);
        raw.add(control(&copy, &ids, bench.run)?);
        if let Some(ungrouped) = &ungrouped {
            alone.add(ungrouped.patches(&ids, bench.run)?);
        }
    }
    ours.server.stop()?;
    let (per_second, p99) = grouped.medians();
    let mut rows = vec![
        Row::compared(
            "PATCH /videos/{id}, durable, writes/s",
            per_second,
            raw.medians().0,
            Target::AtLeast(10.0),
        ),
        Row::compared("PATCH /videos/{id}, p99 ms", p99, raw.medians().1, Target::None),
    ];
    let mut how = format!(
        "{CLIENTS} clients change titles over HTTP, signed in; each answer means on disk. The other is the \
         control, not another server: raw SQLite without HTTP, sign-in or checks, {CLIENTS} threads that take \
         turns on one connection to a copy of the same database, and one transaction with synchronous=FULL, \
         so one fsync, for each change, on the same disk. It shows what the disk allows without group \
         commit. {}",
        bench.rounds_text()
    );
    if let Some(ungrouped) = ungrouped {
        ungrouped.server.stop()?;
        let (alone, alone_p99) = alone.medians();
        rows.push(Row::compared(
            "the same, writes/s (other: this server without groups)",
            per_second,
            alone,
            Target::None,
        ));
        rows.push(Row::compared(
            "the same, p99 ms (other: this server without groups)",
            p99,
            alone_p99,
            Target::None,
        ));
        how.push_str(
            " Without groups: the same server, asked by the same clients for the same, built so that it \
             gives each change a transaction and an fsync of its own.",
        );
    }
    Ok(Section {
        name: "writes".to_owned(),
        how,
        rows,
    })
}

/// Rates and p99s of the rounds.
#[derive(Default)]
struct Figures {
    per_second: Vec<f64>,
    p99_ms: Vec<f64>,
}

impl Figures {
    fn add(&mut self, (per_second, p99_ms): (f64, f64)) {
        self.per_second.push(per_second);
        self.p99_ms.push(p99_ms);
    }

    fn medians(&self) -> (f64, f64) {
        (median(&self.per_second), median(&self.p99_ms))
    }
}

/// A server whose videos are changed.
struct Patched {
    server: Server,
    token: String,
}

impl Patched {
    fn start(launch: &Launch, data: &Path) -> Result<Self, BenchError> {
        let server = launch.start(data)?;
        let person = Person::sign_in(server.address(), "writer")?;
        let token = person.http.token().unwrap_or_default().to_owned();
        Ok(Self { server, token })
    }

    /// Writes per second and p99 in ms.
    fn patches(&self, ids: &[String], run: Duration) -> Result<(f64, f64), BenchError> {
        let (address, token) = (self.server.address(), &self.token);
        let plan = Plan {
            target: address,
            connections: CLIENTS,
            threads: 1,
            stop: Stop::After(run),
        };
        let report = load::run(&plan, |connection, sequence, out| {
            let body = format!("{{\"title\":\"Title number {sequence}\"}}");
            out.extend_from_slice(
                format!(
                    "PATCH /api/v1/videos/{} HTTP/1.1\r\nHost: {address}\r\nAuthorization: Bearer {token}\r\n\
                     Content-Type: application/json\r\nContent-Length: {}\r\n\r\n{body}",
                    ids[connection % ids.len()],
                    body.len()
                )
                .as_bytes(),
            );
        })?
        .only(200)?;
        Ok((
            report.per_second(),
            report.latency.percentile(99.0).as_secs_f64() * 1e3,
        ))
    }
}

/// Writes per second and p99 in ms of one transaction per change.
fn control(database: &Path, ids: &[String], run: Duration) -> Result<(f64, f64), BenchError> {
    let connection = Connection::open(database)?;
    connection.pragma_update(None, "journal_mode", "wal")?;
    connection.pragma_update(None, "synchronous", "full")?;
    connection.set_prepared_statement_cache_capacity(16);
    let blob: bool = connection.query_row("SELECT typeof(id) = 'blob' FROM videos", [], |row| row.get(0))?;
    let connection = Mutex::new(connection);
    let (done, start) = (AtomicU64::new(0), Instant::now());
    let sql = if blob {
        "UPDATE videos SET title = ?1, updated_at = updated_at + 1 WHERE id = unhex(?2)"
    } else {
        "UPDATE videos SET title = ?1, updated_at = updated_at + 1 WHERE id = ?2"
    };
    let latency = Mutex::new(Histogram::default());
    std::thread::scope(|scope| {
        let threads: Vec<_> = ids
            .iter()
            .map(|id| {
                let (connection, done, latency) = (&connection, &done, &latency);
                scope.spawn(move || -> Result<(), BenchError> {
                    let mut own = Histogram::default();
                    while start.elapsed() < run {
                        let began = Instant::now();
                        let number = done.fetch_add(1, Ordering::Relaxed);
                        let connection = connection.lock();
                        let changed = connection
                            .prepare_cached(sql)?
                            .execute(params![format!("Title number {number}"), id])?;
                        parking_lot::MutexGuard::unlock_fair(connection);
                        if changed != 1 {
                            return Err(BenchError::Usage(format!("video {id} is not in the copy")));
                        }
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
    let p99 = latency.lock().percentile(99.0).as_secs_f64() * 1e3;
    Ok((per_second, p99))
}
