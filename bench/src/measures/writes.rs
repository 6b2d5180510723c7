//! Durable small writes from many clients, against one fsync per write.

use std::path::Path;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use parking_lot::Mutex;
use rusqlite::{Connection, params};

use super::{Bench, tiny_clip, upload_and_wait};
use crate::api::Person;
use crate::error::{BenchError, Doing};
use crate::load::{self, Histogram, Plan, Stop};
use crate::report::{Row, Section, Target, median};
use crate::seed;

const CLIENTS: usize = 64;

/// `PATCH` of titles by 64 clients, each on a video of its own, against 64 threads that change the same
/// rows of a copy of the same database, one transaction with `synchronous=FULL` each.
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

    let server = bench.launch.start(&data)?;
    let person = Person::sign_in(server.address(), "writer")?;
    let token = person.http.token().unwrap_or_default();
    let (mut ours, mut our_p99, mut theirs, mut their_p99) = (Vec::new(), Vec::new(), Vec::new(), Vec::new());
    for _ in 0..bench.rounds {
        let plan = Plan {
            target: server.address(),
            connections: CLIENTS,
            threads: 1,
            stop: Stop::After(bench.run),
        };
        let report = load::run(&plan, |connection, sequence, out| {
            let body = format!("{{\"title\":\"Title number {sequence}\"}}");
            out.extend_from_slice(
                format!(
                    "PATCH /api/v1/videos/{} HTTP/1.1\r\nHost: {}\r\nAuthorization: Bearer {token}\r\n\
                     Content-Type: application/json\r\nContent-Length: {}\r\n\r\n{body}",
                    ids[connection % ids.len()],
                    server.address(),
                    body.len()
                )
                .as_bytes(),
            );
        })?
        .only(200)?;
        ours.push(report.per_second());
        our_p99.push(report.latency.percentile(99.0).as_secs_f64() * 1e3);
        let control = control(&copy, &ids, bench.run)?;
        theirs.push(control.0);
        their_p99.push(control.1);
    }
    server.stop()?;
    let rows = vec![
        Row::compared(
            "PATCH /videos/{id}, durable, writes/s",
            median(&ours),
            median(&theirs),
            Target::AtLeast(10.0),
        ),
        Row::compared(
            "PATCH /videos/{id}, p99 ms",
            median(&our_p99),
            median(&their_p99),
            Target::None,
        ),
    ];
    let how = format!(
        "{CLIENTS} clients change titles over HTTP, signed in; each answer means on disk. The other is the \
         control, not another server: raw SQLite without HTTP, sign-in or checks, {CLIENTS} threads that take \
         turns on one connection to a copy of the same database, and one transaction with synchronous=FULL, \
         so one fsync, for each change, on the same disk. It shows what the disk allows without group \
         commit. {}",
        bench.rounds_text()
    );
    Ok(Section {
        name: "writes".to_owned(),
        how,
        rows,
    })
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
