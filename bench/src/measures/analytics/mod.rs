//! Beacons by the tens of thousands, what they come to, and what the dashboard takes meanwhile.

mod crowd;
mod dashboard;

use std::path::Path;
use std::time::{Duration, Instant};

use rusqlite::{Connection, OpenFlags};

use self::crowd::{BEACONS, Crowd, STRETCH_MS};
use self::dashboard::{Numbers, Probe};
use super::{Bench, say, tiny_clip, upload_and_wait};
use crate::api::Person;
use crate::error::BenchError;
use crate::load::{Report, Stop};
use crate::measures::durable;
use crate::process::{cpu_of, rss_of};
use crate::report::{Row, Section, Target, median, percentile};
use crate::seed::{self, Words};
use crate::server::Server;

/// Videos of the busy channel.
const VIDEOS: i64 = 10_000;
/// Videos that are watched at once in the load.
const WATCHED: usize = 1_000;
/// Videos that are watched within a minute where memory is looked at.
const MANY: i64 = 100_000;
/// Requests a second there, so that all are told of within the minute.
const MANY_PER_SECOND: f64 = 2_000.0;
/// Beacons a second at which lag and reads are looked at.
const RATE: f64 = 50_000.0;
/// How long the server may take to have written what it took.
const PATIENCE: Duration = Duration::from_mins(2);
/// Clients of the control.
const CLIENTS: usize = 64;

/// All of it.
pub fn measure(bench: &Bench) -> Result<Section, BenchError> {
    let folder = bench.folder()?;
    let clip = tiny_clip(folder.path())?;
    let data = folder.path().join("data");
    let mut launch = bench.launch.clone();
    // A year of hours is read below.
    launch.env.push((
        "STREAMSPHERE_ANALYTICS_HOURS_KEEP_DAYS".to_owned(),
        "400".to_owned(),
    ));
    let server = launch.start(&data)?;
    let mut owner = Person::join(server.address(), "owner")?;
    let template = upload_and_wait(&mut owner, &clip, Duration::from_mins(2))?;
    let mut of_others = Vec::new();
    for number in 0..dashboard::PROBES {
        let mut other = Person::join(server.address(), &dashboard::channel(number))?;
        of_others.push(upload_and_wait(&mut other, &clip, Duration::from_mins(2))?);
    }
    server.stop()?;
    let database = seed::find_database(&data)?;
    seed::videos(&database, &template, VIDEOS, Words::Left)?;
    // Long enough for every stretch that is told; those of others are watched whole by one beacon.
    let connection = Connection::open(&database)?;
    connection.execute("UPDATE videos SET duration_ms = 600000", [])?;
    for id in &of_others {
        connection.execute("UPDATE videos SET duration_ms = 10000 WHERE id = unhex(?1)", [id])?;
    }
    drop(connection);
    let control = folder.path().join("control.db");
    std::fs::copy(&database, &control).map_err(|error| BenchError::Usage(error.to_string()))?;
    let watched: Vec<String> = seed::ids(&database, VIDEOS)?
        .into_iter()
        .filter(|id| !of_others.contains(id))
        .take(WATCHED)
        .collect();

    let server = launch.start(&data)?;
    let mut crowd = Crowd::new(server.address(), watched);
    let mut rows = taking_in(bench, &server, &database, &control, &mut crowd)?;
    rows.extend(beside(bench, &server, &mut crowd, &of_others)?);
    server.stop()?;
    let lived = dashboard::seed_a_year(&database, &template)?;
    say(&format!("{lived} rows of a channel's past"));
    let server = launch.start(&data)?;
    rows.extend(dashboard::read_a_year(&server, &template)?);
    server.stop()?;
    seed::videos(&database, &template, MANY, Words::Left)?;
    let server = launch.start(&data)?;
    rows.extend(many(&server, &database)?);
    server.stop()?;
    let how = format!(
        "Requests of {BEACONS} beacons each over {} keep-alive connections, five to a session, each session somebody \
         else's and a view; {WATCHED} videos of one channel in turn; 202 means that the beacons are in the journal. \
         What was watched is added up by the server and compared with what was sent: had one that was answered been lost, or one been \
         counted twice, there would be no result. The other is what counting views costs without it: {CLIENTS} threads \
         that take turns on one SQLite connection, one durable UPDATE for each event. Reads of the dashboard, and the \
         way from a beacon, sent at no time in particular, to the streams of {} other channels' dashboards, are looked at \
         beside {} beacons a second, twice in a round and three times as long, by turns with a server at rest. {MANY} \
         videos: each is told of once, within a minute. A year: {} hours of one video; a channel with {VIDEOS} \
         videos that are all watched every day of it. {}",
        crowd::CONNECTIONS,
        dashboard::PROBES,
        crate::report::figure(RATE),
        365 * 24,
        bench.rounds_text()
    );
    Ok(Section {
        name: "analytics".to_owned(),
        how,
        rows,
    })
}

/// Milliseconds that the whole site has watched, as the rows of its days say.
fn watched_ms(database: &Path) -> Result<i64, BenchError> {
    let connection = Connection::open_with_flags(database, OpenFlags::SQLITE_OPEN_READ_ONLY)?;
    Ok(connection.query_row(
        "SELECT coalesce(sum(watch_ms), 0) FROM rollups WHERE subject_id = zeroblob(12) AND grain = 2",
        [],
        |row| row.get(0),
    )?)
}

/// Waits until nothing more comes into the store, and makes sure that it is all that was answered, and none of it
/// twice: at the end of a run some requests are cut off, and may be counted or not. Tells how long it took.
fn is_counted(database: &Path, before_ms: i64, answered: u64, made: u64) -> Result<Duration, BenchError> {
    const QUIET: Duration = Duration::from_secs(3);
    let watching = |requests: u64| i64::try_from(requests * BEACONS as u64).unwrap_or(i64::MAX) * STRETCH_MS;
    let began = Instant::now();
    let (mut last, mut changed) = (-1, began);
    loop {
        let found = watched_ms(database)? - before_ms;
        if found != last {
            (last, changed) = (found, Instant::now());
        }
        if found > watching(made) || began.elapsed() > PATIENCE {
            return Err(BenchError::Usage(format!(
                "{answered} of {made} requests were answered, which is {} to {} ms of watching, and {found} ms were \
                 counted",
                watching(answered),
                watching(made)
            )));
        }
        if found >= watching(answered) && changed.elapsed() > QUIET {
            return Ok(changed - began);
        }
        std::thread::sleep(Duration::from_millis(20));
    }
}

fn beacons_per_second(report: &Report) -> f64 {
    report.per_second() * BEACONS as f64
}

/// How many beacons a second are taken, beside one durable change for each.
fn taking_in(
    bench: &Bench,
    server: &Server,
    database: &Path,
    control: &Path,
    crowd: &mut Crowd,
) -> Result<Vec<Row>, BenchError> {
    let run = bench.run * 3;
    let (mut rates, mut p50s, mut p99s) = (Vec::new(), Vec::new(), Vec::new());
    let (mut cpus, mut behind, mut raw) = (Vec::new(), Vec::new(), Vec::new());
    for _ in 0..bench.rounds {
        super::settle(server.pid());
        let (before_ms, cpu) = (watched_ms(database)?, cpu_of(server.pid()));
        let (report, sent) = crowd.tells(Stop::After(run), None)?;
        let used = cpu_of(server.pid()) - cpu;
        behind.push(is_counted(database, before_ms, report.requests, sent)?.as_secs_f64() * 1e3);
        rates.push(beacons_per_second(&report));
        p50s.push(report.latency.percentile(50.0).as_secs_f64() * 1e3);
        p99s.push(report.latency.percentile(99.0).as_secs_f64() * 1e3);
        cpus.push(used * 1e6 / (report.requests * BEACONS as u64).max(1) as f64);
        raw.push(one_change_each(control, crowd.videos(), bench.run)?);
    }
    Ok(vec![
        Row::alone(
            "beacons taken and counted, beacons/s",
            median(&rates),
            Target::AtLeast(RATE),
        ),
        Row::compared(
            "the same (other: one durable UPDATE for each event, raw SQLite)",
            median(&rates),
            median(&raw),
            Target::None,
        ),
        Row::alone(
            "processor time of the server for a beacon, µs",
            median(&cpus),
            Target::None,
        ),
        Row::alone(
            "a request with ten beacons, median ms",
            median(&p50s),
            Target::None,
        ),
        Row::alone("the same, p99 ms", median(&p99s), Target::None),
        Row::alone(
            "after the last answer, until all of it is in the rows, worst ms",
            percentile(&behind, 100.0),
            Target::None,
        ),
    ])
}

/// Events a second where each is one durable change.
fn one_change_each(database: &Path, videos: &[String], run: Duration) -> Result<f64, BenchError> {
    let figures = durable::on_one_connection(database, CLIENTS, run, |connection, _, number| {
        let transaction = connection.transaction()?;
        transaction
            .prepare_cached("UPDATE videos SET views = views + 1 WHERE id = unhex(?1)")?
            .execute([&videos[(number % videos.len() as u64) as usize]])?;
        Ok(transaction.commit()?)
    })?;
    Ok(figures.0)
}

/// What is read in some time, how late the probes hear, and what comes of something else meanwhile.
fn looking<T>(
    server: &Server,
    probes: &mut [Probe],
    run: Duration,
    meanwhile: impl FnOnce() -> Result<T, BenchError>,
) -> Result<((Numbers, Vec<f64>), T), BenchError> {
    let panicked = |_| BenchError::Usage("a thread panicked".to_owned());
    std::thread::scope(|scope| {
        let reading = scope.spawn(|| dashboard::read_for(server, run));
        let probing = probes.iter_mut();
        let probing: Vec<_> = probing
            .map(|probe| scope.spawn(move || probe.watch_for(run)))
            .collect();
        let load = meanwhile()?;
        let mut lags = Vec::new();
        for one in probing {
            lags.extend(one.join().map_err(panicked)??);
        }
        Ok(((reading.join().map_err(panicked)??, lags), load))
    })
}

/// The dashboard beside the load, and without.
fn beside(
    bench: &Bench,
    server: &Server,
    crowd: &mut Crowd,
    of_others: &[String],
) -> Result<Vec<Row>, BenchError> {
    let run = bench.run * 3;
    let (mut idle, mut busy) = (Vec::new(), Vec::new());
    let (mut rates, mut lags, mut idle_lags) = (Vec::new(), Vec::new(), Vec::new());
    let probes = of_others.iter().enumerate();
    let mut probes: Vec<Probe> = probes
        .map(|(number, video)| Probe::new(server, number, video))
        .collect::<Result<_, _>>()?;
    for _ in 0..bench.rounds * 2 {
        super::settle(server.pid());
        let (read, told) = looking(server, &mut probes, run, || Ok(()))?.0;
        idle.push(read);
        idle_lags.extend(told);
        let ((read, told), load) = looking(server, &mut probes, run, || {
            Ok(crowd.tells(Stop::After(run), Some(RATE / BEACONS as f64))?.0)
        })?;
        rates.push(beacons_per_second(&load));
        busy.push(read);
        lags.extend(told);
    }
    let mut rows = vec![Row::alone(
        "beacons/s while the dashboard is looked at",
        median(&rates),
        Target::AtLeast(RATE * 0.98),
    )];
    for (name, busy_ms, idle_ms) in dashboard::beside(&busy, &idle) {
        let at_most = if name.ends_with("p99 ms") {
            Target::AtMost(2.0)
        } else {
            Target::None
        };
        rows.push(Row::compared(name, busy_ms, idle_ms, at_most));
    }
    rows.push(Row::beside(
        "beacon → dashboard of its channel, median ms (other: at rest)",
        median(&lags),
        median(&idle_lags),
        Target::None,
    ));
    rows.push(Row::beside(
        "the same, p99 ms",
        percentile(&lags, 99.0),
        percentile(&idle_lags, 99.0),
        Target::AtMost(2_000.0),
    ));
    Ok(rows)
}

/// A hundred thousand videos, each watched within the same minute.
fn many(server: &Server, database: &Path) -> Result<Vec<Row>, BenchError> {
    let ids = seed::ids(database, MANY)?;
    super::settle(server.pid());
    let (rest, before_ms) = (rss_of(server.pid()), watched_ms(database)?);
    let count = ids.len() as u64;
    let mut crowd = Crowd::new(server.address(), ids);
    let done = std::sync::atomic::AtomicBool::new(false);
    let (told, peak) = std::thread::scope(|scope| {
        let looking = scope.spawn(|| {
            let mut peak = 0;
            while !done.load(std::sync::atomic::Ordering::Relaxed) {
                peak = peak.max(rss_of(server.pid()));
                std::thread::sleep(Duration::from_millis(50));
            }
            peak
        });
        let told = crowd
            .tells(Stop::Requests(count), Some(MANY_PER_SECOND))
            .and_then(|(report, sent)| {
                let behind = is_counted(database, before_ms, report.requests, sent)?;
                Ok((report, behind))
            });
        done.store(true, std::sync::atomic::Ordering::Relaxed);
        (told, looking.join().unwrap_or(0))
    });
    let (report, behind) = told?;
    super::settle(server.pid());
    let after = rss_of(server.pid());
    let mb = |bytes: u64| bytes as f64 / 1e6;
    Ok(vec![
        Row::alone(
            "100,000 videos watched: until all are told of, s",
            report.wall.as_secs_f64(),
            Target::AtMost(60.0),
        ),
        Row::alone(
            "and until all of it is in the rows, s",
            behind.as_secs_f64(),
            Target::None,
        ),
        Row::alone(
            "memory above that at rest, worst MB",
            mb(peak.saturating_sub(rest)),
            Target::AtMost(512.0),
        ),
        Row::alone(
            "the same, kB for each video",
            mb(peak.saturating_sub(rest)) * 1e3 / count as f64,
            Target::None,
        ),
        Row::alone(
            "memory above that at rest, afterwards, MB",
            mb(after.saturating_sub(rest)),
            Target::None,
        ),
    ])
}
