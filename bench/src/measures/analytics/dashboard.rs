//! What the dashboard answers, how fast, and how soon it hears.

use std::collections::BTreeMap;
use std::io::{Read, Write};
use std::net::TcpStream;
use std::path::Path;
use std::time::{Duration, Instant};

use rusqlite::{Connection, params};
use serde_json::json;

use crate::api::Person;
use crate::error::{BenchError, Doing};
use crate::http::{Body, Client, expect_ok};
use crate::report::{Row, Target, median, percentile};
use crate::server::Server;

/// One hour and one day, in milliseconds.
const HOUR_MS: i64 = 3_600_000;
const DAY_MS: i64 = 24 * HOUR_MS;
/// Between an answer and the next request of somebody who looks at a dashboard.
const PAUSE: Duration = Duration::from_millis(5);
/// Reads of each kind over a year.
const READS: usize = 200;
/// How many look at dashboards.
pub(super) const PROBES: usize = 8;
/// Parts of a second that follow each other by this are spread evenly over it.
const GOLDEN: f64 = 0.618_034;
/// How long a beacon may take to the dashboard before the measure gives up.
const PATIENCE: Duration = Duration::from_secs(30);

fn now_ms() -> i64 {
    model::Clock::system().now().0
}

/// Times by what was read, in milliseconds.
#[derive(Debug, Default)]
pub(super) struct Numbers(BTreeMap<&'static str, Vec<f64>>);

/// Of each kind its name, and its figures beside the same of another: medians over runs, so that what disturbs one run
/// of one side does not decide.
pub(super) fn beside(runs: &[Numbers], others: &[Numbers]) -> Vec<(String, f64, f64)> {
    let figure = |runs: &[Numbers], name: &str, percent: f64| {
        let figures = runs.iter().filter_map(|run| run.0.get(name));
        let figures: Vec<f64> = figures.map(|times| percentile(times, percent)).collect();
        median(&figures)
    };
    let mut all = Vec::new();
    for name in runs.iter().take(1).flat_map(|run| run.0.keys()) {
        for (what, percent) in [("median", 50.0), ("p99", 99.0)] {
            all.push((
                format!("{name} beside the load (other: at rest), {what} ms"),
                figure(runs, name, percent),
                figure(others, name, percent),
            ));
        }
    }
    all
}

/// Reads what a dashboard shows, again and again for a time.
pub(super) fn read_for(server: &Server, run: Duration) -> Result<Numbers, BenchError> {
    let mut owner = Person::sign_in(server.address(), "owner")?;
    let day = now_ms() / DAY_MS * DAY_MS;
    let pages = [
        ("GET /dashboard/stats", "/api/v1/dashboard/stats".to_owned()),
        (
            "GET /dashboard/timeseries",
            format!(
                "/api/v1/dashboard/timeseries?metric=views&granularity=day&from={}&to={}",
                day - 27 * DAY_MS,
                day + DAY_MS
            ),
        ),
        (
            "GET /dashboard/top",
            format!(
                "/api/v1/dashboard/top?metric=views&from={}&to={}",
                day - 27 * DAY_MS,
                day + DAY_MS
            ),
        ),
        ("GET /dashboard/realtime", "/api/v1/dashboard/realtime".to_owned()),
    ];
    let mut numbers = Numbers::default();
    let began = Instant::now();
    while began.elapsed() < run {
        for (name, path) in &pages {
            let asked = Instant::now();
            owner.get(path)?;
            numbers
                .0
                .entry(name)
                .or_default()
                .push(asked.elapsed().as_secs_f64() * 1e3);
            std::thread::sleep(PAUSE);
        }
    }
    Ok(numbers)
}

/// Whose channel the probe of this number looks at.
pub(super) fn channel(number: usize) -> String {
    format!("other{number}")
}

/// Somebody who watches one video again and again as somebody new, at no time in particular, and looks at its channel's
/// dashboard.
#[derive(Debug)]
pub(super) struct Probe {
    number: usize,
    stream: TcpStream,
    http: Client,
    path: String,
    come: Vec<u8>,
    views: u64,
}

impl Probe {
    /// The probe of this number, whose channel has this video and no other.
    pub(super) fn new(server: &Server, number: usize, video: &str) -> Result<Self, BenchError> {
        let other = Person::sign_in(server.address(), &channel(number))?;
        let target = server.address();
        let mut stream = TcpStream::connect(target).doing("connect")?;
        stream
            .set_read_timeout(Some(PATIENCE))
            .doing("set a time limit")?;
        let request = format!(
            "GET /api/v1/dashboard/live HTTP/1.1\r\nHost: {target}\r\nAccept: text/event-stream\r\n\
             Authorization: Bearer {}\r\n\r\n",
            other.http.token().unwrap_or_default()
        );
        stream.write_all(request.as_bytes()).doing("ask for the stream")?;
        let mut probe = Self {
            number,
            stream,
            http: server.client(PATIENCE),
            path: format!("/api/v1/videos/{video}/views"),
            come: Vec::new(),
            views: 0,
        };
        probe.hears(0)?;
        Ok(probe)
    }

    /// Waits until the dashboard shows so many views.
    fn hears(&mut self, views: u64) -> Result<(), BenchError> {
        let sought = format!("\"totalViews\":{views},");
        loop {
            if self
                .come
                .windows(sought.len())
                .any(|window| window == sought.as_bytes())
            {
                self.come.clear();
                return Ok(());
            }
            let mut some = [0; 16 * 1024];
            let count = self.stream.read(&mut some).doing("hear from the dashboard")?;
            if count == 0 {
                return Err(BenchError::Usage("the dashboard's stream ended".to_owned()));
            }
            self.come.extend_from_slice(&some[..count]);
        }
    }

    /// From a beacon to the dashboard, as often as fits into a time, in milliseconds.
    pub(super) fn watch_for(&mut self, run: Duration) -> Result<Vec<f64>, BenchError> {
        let (began, mut times) = (Instant::now(), Vec::new());
        while began.elapsed() < run {
            let views = self.views + 1;
            // Whoever goes on as soon as sums are written always waits for as long as it takes until the next are.
            std::thread::sleep(Duration::from_secs_f64(
                (self.number as f64 / PROBES as f64 + views as f64 * GOLDEN).fract(),
            ));
            let agent = format!("Mozilla/5.0 (X11; Linux x86_64; rv:{views}.0) Probe/{views}");
            let body = json!({
                "sessionId": format!("session-of-the-probe-{views}"),
                "beacons": [{"seq": 1, "from": 0, "to": 9.5}],
            });
            let told = Instant::now();
            let answer = self
                .http
                .call("POST", &self.path, &[("User-Agent", &agent)], Body::Json(&body))
                .doing("send a beacon")?;
            expect_ok(&self.path, answer)?;
            self.hears(views)?;
            self.views = views;
            times.push(told.elapsed().as_secs_f64() * 1e3);
        }
        Ok(times)
    }
}

/// Gives a channel a past: a year of hours of one of its videos, and days, months and all time of all of them, each
/// watched every day. Answers how many rows that is.
pub(super) fn seed_a_year(database: &Path, template: &str) -> Result<i64, BenchError> {
    let connection = Connection::open(database)?;
    let channel: Vec<u8> = connection.query_row(
        "SELECT owner_id FROM videos WHERE id = unhex(?1)",
        [template],
        |row| row.get(0),
    )?;
    let now = now_ms();
    let (hour, day) = (now / HOUR_MS * HOUR_MS, now / DAY_MS * DAY_MS);
    let mut rows = connection.execute(
        "WITH RECURSIVE n(i) AS (VALUES (1) UNION ALL SELECT i + 1 FROM n WHERE i < 8760) \
         INSERT INTO rollups (subject_id, grain, at, views, own_views, viewers, watch_ms, own_watch_ms, likes, comments, \
         subscribers_gained, subscribers_lost, sessions, startups, startup_ms, stalls, stall_ms, errors) \
         SELECT unhex(?1), 1, ?2 - i * 3600000, 1 + i % 17, 0, 1 + i % 13, 60000 * (i % 17), 0, i % 3, i % 2, 0, 0, \
         1 + i % 19, 1, 300, 0, 0, 0 FROM n WHERE true ON CONFLICT DO NOTHING",
        params![template, hour],
    )?;
    for (grain, buckets, at) in [
        (2, 365, "?2 - n.i * 86400000"),
        (
            3,
            12,
            "unixepoch(date(?2 / 1000, 'unixepoch', 'start of month', '-' || n.i || ' months')) * 1000",
        ),
        (4, 1, "?2 * 0"),
    ] {
        rows += connection.execute(
            &format!(
                "WITH RECURSIVE n(i) AS (VALUES (1) UNION ALL SELECT i + 1 FROM n WHERE i < {buckets}) \
                 INSERT INTO channel_videos (channel_id, grain, at, video_id, views, watch_ms, likes, comments, \
                 subscribers_gained) SELECT ?1, {grain}, {at}, v.id, 1 + abs(random() % 1000), 60000, 1, 1, 0 \
                 FROM n CROSS JOIN videos v WHERE v.owner_id = ?1 ORDER BY 3, 4 ON CONFLICT DO NOTHING"
            ),
            params![channel, day],
        )?;
    }
    Ok(i64::try_from(rows).unwrap_or(i64::MAX))
}

/// Reads of a long past.
pub(super) fn read_a_year(server: &Server, video: &str) -> Result<Vec<Row>, BenchError> {
    let mut owner = Person::sign_in(server.address(), "owner")?;
    super::super::settle(server.pid());
    let hour = now_ms() / HOUR_MS * HOUR_MS;
    let day = now_ms() / DAY_MS * DAY_MS;
    let top = |days: i64| {
        format!(
            "/api/v1/dashboard/top?metric=views&limit=20&from={}&to={}",
            day - days * DAY_MS,
            day + DAY_MS
        )
    };
    let pages = [
        (
            "a year of hours of one video",
            format!(
                "/api/v1/dashboard/timeseries?metric=views&granularity=hour&videoId={video}&from={}&to={}",
                hour - 8_759 * HOUR_MS,
                hour + HOUR_MS
            ),
        ),
        ("top 20 of 10,000 videos, 28 days", top(27)),
        ("top 20 of 10,000 videos, a year", top(364)),
        (
            "top 20 of 10,000 videos, all time",
            "/api/v1/dashboard/top?metric=views&limit=20&from=0".to_owned(),
        ),
    ];
    let mut rows = Vec::new();
    for (name, path) in pages {
        let mut times = Vec::new();
        for _ in 0..READS {
            let asked = Instant::now();
            owner.get(&path)?;
            times.push(asked.elapsed().as_secs_f64() * 1e3);
        }
        rows.push(Row::alone(
            format!("{name}, the first, ms"),
            times[0],
            Target::None,
        ));
        rows.push(Row::alone(
            format!("{name}, median ms"),
            median(&times),
            Target::None,
        ));
        rows.push(Row::alone(
            format!("{name}, p99 ms"),
            percentile(&times, 99.0),
            Target::AtMost(20.0),
        ));
    }
    Ok(rows)
}
