//! Durable small writes from many clients, against one fsync per write.

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use model::VideoId;
use rusqlite::{Connection, params};
use store::{Store, StoreError, videos};

use super::durable::{self, Figures, Turns};
use super::{Bench, tiny_clip, upload_and_wait};
use crate::api::Person;
use crate::crash;
use crate::error::{BenchError, Doing};
use crate::load::{self, Plan, Stop};
use crate::process;
use crate::report::{Row, Section, Target};
use crate::seed::{self, Words};
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
    seed::videos(&database, &template, CLIENTS as i64, Words::Indexed)?;
    let ids = seed::ids(&database, CLIENTS as i64)?;
    let copy = folder.path().join("control.db");
    std::fs::copy(&database, &copy).doing("copy the database")?;
    let inside = folder.path().join("inside.db");
    std::fs::copy(&database, &inside).doing("copy the database")?;

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
    let (mut groups, mut singles) = (Figures::default(), Figures::default());
    for _ in 0..bench.rounds {
        groups.add(through_the_store(&inside, &ids, bench.run, Turns::Together)?);
        singles.add(through_the_store(&inside, &ids, bench.run, Turns::OneByOne)?);
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
            "a new title through the store, durable, writes/s (other: one transaction each)",
            groups.medians().0,
            singles.medians().0,
            Target::AtLeast(10.0),
        ),
        Row::compared(
            "the same, p99 ms",
            groups.medians().1,
            singles.medians().1,
            Target::None,
        ),
        Row::compared(
            "PATCH /videos/{id}, durable, writes/s",
            per_second,
            raw.medians().0,
            Target::AtLeast(10.0),
        ),
        Row::compared("PATCH /videos/{id}, p99 ms", p99, raw.medians().1, Target::None),
    ];
    let mut how = format!(
        "Through the store: {CLIENTS} tasks that each read a video and save it with another title, search words \
         and all, as the server does; against the same with one transaction and one fsync for each change. Over \
         HTTP: {CLIENTS} clients change titles, signed in; each answer means on disk. The other is the \
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
        Ok(durable::of_report(&report))
    }
}

/// Writes per second and p99 in ms of changes made as the server makes them, without HTTP.
fn through_the_store(
    database: &Path,
    ids: &[String],
    run: Duration,
    turns: Turns,
) -> Result<(f64, f64), BenchError> {
    let ids: Arc<[VideoId]> = ids.iter().filter_map(|id| id.parse().ok()).collect();
    let tasks = ids.len();
    durable::through_the_store(database, tasks, run, turns, move |store, task, number| {
        change(store, ids[task], number)
    })
}

async fn change(store: Store, id: VideoId, number: u64) -> Result<(), StoreError> {
    let mut tx = store.write().await?;
    if let Some(before) = videos::find(&mut tx, id).await? {
        let mut after = before.clone();
        after.title = format!("Title number {number}");
        videos::save(&mut tx, &before, after).await?;
    }
    tx.commit().await
}

/// Writes per second and p99 in ms of one transaction per change.
fn control(database: &Path, ids: &[String], run: Duration) -> Result<(f64, f64), BenchError> {
    let blob: bool =
        Connection::open(database)?
            .query_row("SELECT typeof(id) = 'blob' FROM videos", [], |row| row.get(0))?;
    let sql = if blob {
        "UPDATE videos SET title = ?1, updated_at = updated_at + 1 WHERE id = unhex(?2)"
    } else {
        "UPDATE videos SET title = ?1, updated_at = updated_at + 1 WHERE id = ?2"
    };
    durable::on_one_connection(database, ids.len(), run, |connection, thread, number| {
        let id = &ids[thread];
        let changed = connection
            .prepare_cached(sql)?
            .execute(params![format!("Title number {number}"), id])?;
        if changed == 1 {
            return Ok(());
        }
        Err(BenchError::Usage(format!("video {id} is not in the copy")))
    })
}
