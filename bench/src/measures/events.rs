//! Events to many who listen, and publishing to many who follow.

use std::collections::BTreeMap;
use std::path::Path;
use std::time::{Duration, Instant};

use rusqlite::{Connection, OpenFlags};
use serde_json::json;

use super::{Bench, tiny_clip, upload_and_wait};
use crate::api::Person;
use crate::error::{BenchError, Doing};
use crate::http::{Body, expect_ok};
use crate::listeners::{self, Listeners};
use crate::process::rss_of;
use crate::report::{Row, Section, Target, median, percentile};
use crate::seed::{self, Words, crowd};

/// People who have one video open.
const LISTENERS: usize = 5_000;
/// Events of each kind in a round.
const EVENTS: usize = 10;
/// How long the slowest event may take before the measure gives up.
const PATIENCE: Duration = Duration::from_secs(30);
/// Tables that grow when somebody uses a word for the first time.
const WORDS: [&str; 2] = ["search_terms", "search_typos"];
/// Publications of each channel in a round.
const PUBLICATIONS: usize = 20;

/// Both.
pub fn measure(bench: &Bench) -> Result<Section, BenchError> {
    let folder = bench.folder()?;
    let clip = tiny_clip(folder.path())?;
    let mut rows = listening(bench, folder.path(), &clip)?;
    let (published, followers) = publishing(bench, folder.path(), &clip)?;
    rows.extend(published);
    let how = format!(
        "{LISTENERS} connections on loopback, not signed in, each listening to the same video; client and server share \
         the cores. A comment or a like by somebody else: from the moment before the request is sent, through its \
         transaction, to the last byte of the event at the last listener; likes are told twice a second at most, \
         which is most of their time. {EVENTS} of each in a round, {} rounds; what is judged is the slowest of all. \
         Memory: resident memory of the server with them all, less that without, for each. Publishing: PATCH of a \
         private video to public, durable, by the owner of a channel with {} followers and by one with none, by \
         turns, {PUBLICATIONS} in a round, medians; rows are counted in all tables before and after, without those of \
         words that nobody used before and those that the engine keeps for the search index.",
        bench.rounds,
        crate::report::figure(followers as f64),
    );
    Ok(Section {
        name: "events".to_owned(),
        how,
        rows,
    })
}

fn ms(time: Duration) -> f64 {
    time.as_secs_f64() * 1e3
}

/// From a comment or a like to those who listen.
fn listening(bench: &Bench, folder: &Path, clip: &Path) -> Result<Vec<Row>, BenchError> {
    // The server takes the limit over, and keeps some files for itself.
    listeners::allow_open_files(LISTENERS as u64 + 1_000)?;
    let server = bench.launch.start(&folder.join("data-listening"))?;
    let mut owner = Person::join(server.address(), "owner")?;
    let video = upload_and_wait(&mut owner, clip, Duration::from_mins(2))?;
    let mut other = Person::join(server.address(), "other")?;
    super::settle(server.pid());
    let without = rss_of(server.pid());
    let path = format!("/api/v1/events?videos={video}");
    let began = Instant::now();
    let mut all = Listeners::connect(server.address(), &path, LISTENERS)?;
    let connecting = began.elapsed();
    all.settle(Duration::from_secs(1))?;
    let each = rss_of(server.pid()).saturating_sub(without) as f64 / LISTENERS as f64;

    let (mut comments, mut likes, mut halves) = (Vec::new(), Vec::new(), Vec::new());
    for event in 0..bench.rounds * EVENTS {
        let path = format!("/api/v1/comments/{video}");
        let body = json!({ "content": format!("Comment number {event}") });
        let reached = told(
            &mut all,
            &mut other,
            "event: comment.created",
            ("POST", &path, Some(&body)),
        )?;
        comments.push(ms(reached.last));
        halves.push(ms(reached.median));
        let path = format!("/api/v1/likes/toggle/v/{video}");
        let reached = told(&mut all, &mut other, "event: like.changed", ("POST", &path, None))?;
        likes.push(ms(reached.last));
    }
    let heavy = rss_of(server.pid()).saturating_sub(without) as f64 / LISTENERS as f64;
    drop(all);
    server.stop()?;
    Ok(vec![
        Row::alone(
            "comment → half of 5,000 listeners, median ms",
            median(&halves),
            Target::None,
        ),
        Row::alone(
            "comment → the last of 5,000 listeners, median ms",
            median(&comments),
            Target::None,
        ),
        Row::alone(
            "comment → the last of 5,000 listeners, worst ms",
            percentile(&comments, 100.0),
            Target::AtMost(1_000.0),
        ),
        Row::alone(
            "like → the last of 5,000 listeners, median ms",
            median(&likes),
            Target::None,
        ),
        Row::alone(
            "like → the last of 5,000 listeners, worst ms",
            percentile(&likes, 100.0),
            Target::AtMost(1_000.0),
        ),
        Row::alone("memory for each listener at rest, kB", each / 1e3, Target::None),
        Row::alone(
            "memory for each listener after the events, kB",
            heavy / 1e3,
            Target::None,
        ),
        Row::alone(
            "5,000 listeners connect one by one, ms",
            ms(connecting),
            Target::None,
        ),
    ])
}

/// Does something in the name of `person` and waits until everybody is told.
fn told(
    all: &mut Listeners,
    person: &mut Person,
    sought: &str,
    (method, path, body): (&str, &str, Option<&serde_json::Value>),
) -> Result<listeners::Reached, BenchError> {
    all.settle(Duration::from_millis(20))?;
    std::thread::scope(|scope| {
        let began = Instant::now();
        // The answer is waited for beside, as it comes in the middle of the events.
        let asking = scope.spawn(move || {
            let body = body.map_or(Body::Empty, Body::Json);
            let answer = person.http.call(method, path, &[], body).doing("do something")?;
            expect_ok(path, answer)
        });
        let reached = all.wait_for(sought, began, PATIENCE);
        asking
            .join()
            .map_err(|_| BenchError::Usage("a thread panicked".to_owned()))??;
        reached
    })
}

/// One who publishes.
struct Publisher {
    person: Person,
    /// Private videos that were never public.
    videos: Vec<String>,
    took_ms: Vec<f64>,
}

impl Publisher {
    /// Publishes the next.
    fn publish(&mut self) -> Result<(), BenchError> {
        let Some(video) = self.videos.pop() else {
            return Err(BenchError::Usage("too few videos were seeded".to_owned()));
        };
        let path = format!("/api/v1/videos/{video}");
        let body = json!({ "visibility": "public" });
        let began = Instant::now();
        let answer = self
            .person
            .http
            .call("PATCH", &path, &[], Body::Json(&body))
            .doing("publish")?;
        self.took_ms.push(ms(began.elapsed()));
        expect_ok(&path, answer)?;
        Ok(())
    }
}

/// Publishing to many followers, beside publishing to none; and how many followers.
fn publishing(bench: &Bench, folder: &Path, clip: &Path) -> Result<(Vec<Row>, i64), BenchError> {
    const NAMES: [&str; 2] = ["famous", "unknown"];
    let followers = bench.most_videos;
    let data = folder.join("data-publishing");
    let server = bench.launch.start(&data)?;
    let mut templates = Vec::new();
    for name in NAMES {
        let mut person = Person::join(server.address(), name)?;
        let video = upload_and_wait(&mut person, clip, Duration::from_mins(2))?;
        templates.push(video);
    }
    server.stop()?;
    let database = seed::find_database(&data)?;
    let each = bench.rounds * PUBLICATIONS + 2;
    hide(&database)?;
    for (done, template) in (1_i64..).zip(&templates) {
        seed::videos(&database, template, 2 + done * each as i64, Words::Indexed)?;
    }
    crowd::followers(&database, &templates[0], followers)?;
    let server = bench.launch.start(&data)?;
    let mut publishers = Vec::new();
    for name in NAMES {
        publishers.push(Publisher {
            person: Person::sign_in(server.address(), name)?,
            videos: private_videos(&database, name)?,
            took_ms: Vec::new(),
        });
    }
    super::settle(server.pid());
    let mut written = Vec::new();
    for publisher in &mut publishers {
        // The first is not like the others: files and pages are cold.
        publisher.publish()?;
        super::settle(server.pid());
        let before = count_rows(&database)?;
        publisher.publish()?;
        super::settle(server.pid());
        written.push(added(&before, &count_rows(&database)?));
        publisher.took_ms.clear();
    }
    for _ in 0..bench.rounds * PUBLICATIONS {
        for publisher in &mut publishers {
            publisher.publish()?;
        }
    }
    server.stop()?;
    let (famous, unknown) = (&publishers[0].took_ms, &publishers[1].took_ms);
    let rows = vec![
        Row::compared(
            "publishing to all followers, median ms (other: a channel without any)",
            median(famous),
            median(unknown),
            Target::AtMost(1.5),
        ),
        Row::compared(
            "the same, p99 ms",
            percentile(famous, 99.0),
            percentile(unknown, 99.0),
            Target::None,
        ),
        Row::compared(
            "the same, rows added",
            written[0],
            written[1],
            Target::AtMost(1.5),
        ),
    ];
    Ok((rows, followers))
}

/// Makes all videos private, as if they had never been anything else.
fn hide(database: &Path) -> Result<(), BenchError> {
    Connection::open(database)?.execute_batch(
        "UPDATE videos SET visibility = 2, listed = 0, published_at = NULL; \
         UPDATE video_search_rows SET tier = 0, counted = 0; \
         UPDATE users SET listed_videos_count = 0; \
         UPDATE counters SET value = 0 WHERE name = 'videos.listed'; \
         DELETE FROM search_terms; \
         DELETE FROM trending; \
         DELETE FROM channel_posts; DELETE FROM channel_heads",
    )?;
    Ok(())
}

fn private_videos(database: &Path, owner: &str) -> Result<Vec<String>, BenchError> {
    let connection = Connection::open_with_flags(database, OpenFlags::SQLITE_OPEN_READ_ONLY)?;
    let mut statement = connection.prepare(
        "SELECT lower(hex(v.id)) FROM videos v JOIN users u ON u.id = v.owner_id \
         WHERE u.username = ?1 AND v.listed = 0 ORDER BY v.id",
    )?;
    let ids = statement.query_map([owner], |row| row.get(0))?;
    Ok(ids.collect::<Result<_, _>>()?)
}

/// Rows of each table, but those in which the engine keeps its index of words.
fn count_rows(database: &Path) -> Result<BTreeMap<String, i64>, BenchError> {
    let connection = Connection::open_with_flags(database, OpenFlags::SQLITE_OPEN_READ_ONLY)?;
    let mut statement = connection.prepare(
        "SELECT name FROM pragma_table_list WHERE schema = 'main' AND type = 'table' AND name NOT LIKE 'sqlite_%'",
    )?;
    let names = statement
        .query_map([], |row| row.get(0))?
        .collect::<Result<Vec<String>, _>>()?;
    let mut rows = BTreeMap::new();
    for name in names {
        let sql = format!("SELECT count(*) FROM \"{name}\"");
        let count = connection.query_row(&sql, [], |row| row.get(0))?;
        rows.insert(name, count);
    }
    Ok(rows)
}

/// What is in `after` and was not in `before`, beside words that were never used before.
fn added(before: &BTreeMap<String, i64>, after: &BTreeMap<String, i64>) -> f64 {
    let (mut all, mut said) = (0, Vec::new());
    for (name, count) in after {
        let more = count - before.get(name).copied().unwrap_or(0);
        if more != 0 {
            said.push(format!("{name} {more:+}"));
        }
        if !WORDS.contains(&name.as_str()) {
            all += more;
        }
    }
    super::say(&format!("publishing added {}", said.join(", ")));
    all as f64
}
