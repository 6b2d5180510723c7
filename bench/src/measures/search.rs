//! Searches over many videos, beside a page of the newest.

use std::time::{Duration, Instant};

use model::UserId;
use rusqlite::Connection;
use serde_json::Value;

use super::Bench;
use crate::api::Person;
use crate::corpus::{self, Dice, WORDS, word};
use crate::error::{BenchError, Doing};
use crate::http::{Body, expect_ok};
use crate::load::{self, Histogram, Plan, Stop};
use crate::postgres::Database;
use crate::report::{Row, Section, Target, median};
use crate::seed;
use crate::server::Server;

/// Different searches of each kind.
const QUERIES: u64 = 300;
/// What a search may take at most, ms.
const MOST_MS: f64 = 50.0;

/// A kind of search.
struct Kind {
    name: &'static str,
    paths: Vec<String>,
    times: Vec<Histogram>,
    /// Of how many of its searches nothing comes, in percent.
    without: f64,
}

/// Searches of all kinds by turns, and pages of the newest.
pub fn measure(bench: &Bench) -> Result<Section, BenchError> {
    on(bench, None)
}

/// The same on PostgreSQL.
pub fn measure_on_postgres(bench: &Bench) -> Result<Section, BenchError> {
    on(bench, Some(&Database::start(&bench.scratch)?))
}

fn on(bench: &Bench, postgres: Option<&Database>) -> Result<Section, BenchError> {
    let folder = bench.folder()?;
    let data = folder.path().join("data");
    let server = bench.launch.start(&data)?;
    Person::join(server.address(), "owner")?;
    server.stop()?;
    let database = seed::find_database(&data)?;
    let owner = owner(&database)?;
    let count = bench.search_videos.max(1_000);
    let began = Instant::now();
    corpus::fill(&database, owner, count as u64)?;
    super::say(&format!("{count} videos in {:.0?}", began.elapsed()));
    let (name, engine, launch) = match postgres {
        Some(postgres) => (
            "search-on-postgres",
            "On PostgreSQL beside the server. ",
            postgres.takes(&bench.launch, &data, "site")?,
        ),
        None => ("search", "", bench.launch.clone()),
    };
    let server = launch.start(&data)?;
    let reader = Person::sign_in(server.address(), "owner")?;
    super::settle(server.pid());

    let mut kinds = kinds();
    for kind in &mut kinds {
        kind.without = without(&server, &kind.paths)?;
    }
    let newest = vec!["/api/v1/videos?limit=20".to_owned()];
    let mut of_newest = Vec::new();
    for _ in 0..bench.rounds {
        for kind in &mut kinds {
            kind.times.push(read(&server, &reader, &kind.paths)?);
        }
        of_newest.push(read(&server, &reader, &newest)?);
    }
    server.stop()?;
    let mut rows = Vec::new();
    for kind in &kinds {
        rows.push(Row::beside(
            format!("search for {}, p99 ms (other: the 20 newest)", kind.name),
            percentile(&kind.times, 99.0),
            percentile(&of_newest, 99.0),
            Target::AtMost(MOST_MS),
        ));
        rows.push(Row::beside(
            format!("the same, median ms ({:.0} % find nothing)", kind.without),
            percentile(&kind.times, 50.0),
            percentile(&of_newest, 50.0),
            Target::None,
        ));
    }
    let how = format!(
        "{engine}{count} videos with 5 words in the title, 2 tags and 12 words of description, of {WORDS} words by Zipf's law; \
         one in ten is watched. GET /search?type=videos&limit=20 over HTTP, one at a time, {QUERIES} different searches \
         of each kind, beside GET /videos?limit=20, signed in so that no finished answer is kept. Kinds by turns, {} \
         rounds, medians.",
        bench.rounds,
        count = crate::report::figure(count as f64),
        WORDS = crate::report::figure(WORDS as f64),
    );
    Ok(Section {
        name: name.to_owned(),
        how,
        rows,
    })
}

fn owner(database: &std::path::Path) -> Result<UserId, BenchError> {
    let id: String = Connection::open(database)?.query_row(
        "SELECT lower(hex(id)) FROM users WHERE username = 'owner'",
        [],
        |row| row.get(0),
    )?;
    id.parse()
        .map_err(|_| BenchError::Usage(format!("{id} is not an id")))
}

fn kinds() -> Vec<Kind> {
    let mut dice = Dice(4_711);
    let mut kind = |name, query: &mut dyn FnMut(u64, &mut Dice) -> String| Kind {
        name,
        paths: (0..QUERIES)
            .map(|n| {
                let words = query(n, &mut dice).replace(' ', "%20");
                format!("/api/v1/search?type=videos&limit=20&q={words}")
            })
            .collect(),
        times: Vec::new(),
        without: 0.0,
    };
    vec![
        kind("rare words", &mut |n, _| word(WORDS / 2 + n * 31)),
        kind("common words", &mut |n, _| word(n % 20)),
        kind("the beginning of a word", &mut |n, _| {
            word(n * 97 % WORDS).chars().take(4).collect()
        }),
        kind("two common words", &mut |n, _| {
            format!("{} {}", word(n % 7), word(n % 11 + 7))
        }),
        kind("a common and a rare word", &mut |n, _| {
            format!("{} {}", word(n % 7), word(20_000 + n))
        }),
        kind("mistyped words", &mut |n, dice| {
            corpus::mistyped(n * 97 % WORDS, dice)
        }),
    ]
}

/// Of how many percent of these searches nothing comes.
fn without(server: &Server, paths: &[String]) -> Result<f64, BenchError> {
    let mut http = server.client(Duration::from_mins(1));
    let mut without = 0;
    for path in paths {
        let answer = http.call("GET", path, &[], Body::Empty).doing("search")?;
        let data = expect_ok(path, answer)?.json()["data"].take();
        let Some(items) = data["items"].as_array().or_else(|| data["videos"].as_array()) else {
            return Err(BenchError::Shape {
                call: path.clone(),
                what: format!(
                    "no list in {}",
                    Value::Object(data.as_object().cloned().unwrap_or_default())
                ),
            });
        };
        without += u64::from(items.is_empty());
    }
    Ok(without as f64 * 100.0 / paths.len() as f64)
}

fn read(server: &Server, reader: &Person, paths: &[String]) -> Result<Histogram, BenchError> {
    let address = server.address();
    let token = reader.http.token().unwrap_or_default();
    let plan = Plan {
        target: address,
        connections: 1,
        threads: 1,
        stop: Stop::Requests(QUERIES),
    };
    let report = load::run(&plan, |_, sequence, out| {
        let path = &paths[sequence as usize % paths.len()];
        out.extend_from_slice(
            format!("GET {path} HTTP/1.1\r\nHost: {address}\r\nAuthorization: Bearer {token}\r\n\r\n")
                .as_bytes(),
        );
    })?
    .only(200)?;
    Ok(report.latency)
}

/// The median over the rounds, ms.
fn percentile(rounds: &[Histogram], percent: f64) -> f64 {
    let all: Vec<f64> = rounds
        .iter()
        .map(|round| round.percentile(percent).as_secs_f64() * 1e3)
        .collect();
    median(&all)
}
