//! Pages of every list, of a million rows and of ten thousand: they must cost the same.

use std::path::Path;
use std::time::Duration;

use serde_json::Value;

use super::{Bench, tiny_clip, upload_and_wait};
use crate::api::Person;
use crate::error::{BenchError, Doing};
use crate::http::{Body, expect_ok};
use crate::load::{self, Histogram, Plan, Stop};
use crate::postgres::Database;
use crate::process;
use crate::report::{Row, Section, Target, median};
use crate::seed::{self, crowd};
use crate::server::Server;

/// Rows of each list.
const FEW: i64 = 10_000;
/// The most rows of each list that are moved to PostgreSQL: a million would take half an hour to arrive.
const MOST_MOVED: i64 = 100_000;
/// Channels that the reader follows.
const FOLLOWS: i64 = 5_000;
/// Rows of a page.
const PAGE: usize = 20;
/// Pages of a list that are read by turns: the first, and what follows by cursor.
const PAGES: usize = 40;
/// Rows that are passed over from one of these pages to the next, beside those on it.
const STEP: usize = 80;
/// Requests of one list and server in a row, and how often that is repeated within a round.
const REQUESTS: u64 = 100;
const TURNS: usize = 4;

/// All lists, of both sizes by turns.
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
    let clip = tiny_clip(folder.path())?;
    let server = bench.launch.start(&data)?;
    let mut owner = Person::join(server.address(), "owner")?;
    let template = upload_and_wait(&mut owner, &clip, Duration::from_mins(2))?;
    Person::join(server.address(), "reader")?;
    server.stop()?;
    let most = if postgres.is_some() { MOST_MOVED } else { i64::MAX };
    let many_rows = bench.most_videos.clamp(FEW, most);
    let mut few = World::start(bench, postgres, folder.path(), &template, FEW)?;
    let mut many = World::start(bench, postgres, folder.path(), &template, many_rows)?;

    let mut rows = Vec::new();
    let wanted =
        |list: &List| bench.only.is_empty() || bench.only.iter().any(|word| list.name.contains(word));
    for list in few.lists(&template).into_iter().filter(wanted) {
        // A sign-in lasts ten minutes, and all lists may take longer.
        few.sign_in()?;
        many.sign_in()?;
        let small = few.pages(&list)?;
        let large = many.pages(&many.list(&template, list.name))?;
        // Of what was never read before, the disk would be measured.
        few.read(&small)?;
        many.read(&large)?;
        let (mut of_few, mut of_many) = (Times::default(), Times::default());
        for _ in 0..bench.rounds {
            let (mut own_few, mut own_many) = (Histogram::default(), Histogram::default());
            for _ in 0..TURNS {
                own_few.add(&few.read(&small)?);
                own_many.add(&many.read(&large)?);
            }
            of_few.add(&own_few);
            of_many.add(&own_many);
        }
        rows.push(Row::compared(
            format!("{}, p99 ms", list.name),
            median(&of_many.p99_ms),
            median(&of_few.p99_ms),
            Target::AtMost(1.2),
        ));
        rows.push(Row::compared(
            "the same, median ms",
            median(&of_many.median_ms),
            median(&of_few.median_ms),
            Target::None,
        ));
    }
    few.server.stop()?;
    many.server.stop()?;
    let (name, engine) = match postgres {
        Some(_) => ("lists-on-postgres", "On PostgreSQL beside the servers. "),
        None => ("lists", ""),
    };
    let how = format!(
        "{engine}Two servers whose lists have {many} rows each (ours) and {few} rows (other): videos, tweets, comments on one \
         video, followers of one channel, entries of playlists; and of one reader the videos liked and the history. In \
         both, the reader has a playlist as long as one may be (5,000 videos), follows {FOLLOWS} channels and has 1,000 notifications beside what those channels brought out. Pages \
         of {PAGE}, signed in, so that no finished answer is kept; by cursor: the first page and {PAGES} places as far \
         as {depth} rows into the list, by turns; by number: pages 1 to {PAGES}, with the total. Each page was read before. One request at a time; \
         {turns} of one server and then of the other, {TURNS} times in a round; {rounds} rounds, medians of their \
         p99s and medians.",
        many = crate::report::figure(many_rows as f64),
        few = crate::report::figure(FEW as f64),
        depth = crate::report::figure((PAGES * (PAGE + STEP)) as f64),
        turns = REQUESTS,
        rounds = bench.rounds,
    );
    Ok(Section {
        name: name.to_owned(),
        how,
        rows,
    })
}

/// What the rounds gave.
#[derive(Default)]
struct Times {
    p99_ms: Vec<f64>,
    median_ms: Vec<f64>,
}

impl Times {
    fn add(&mut self, round: &Histogram) {
        let ms = |percent| round.percentile(percent).as_secs_f64() * 1e3;
        self.p99_ms.push(ms(99.0));
        self.median_ms.push(ms(50.0));
    }
}

/// One list, as it is asked for.
struct List {
    name: &'static str,
    /// Path and query, without the place.
    path: String,
    by: By,
}

/// How places in a list are told.
#[derive(Clone, Copy, PartialEq, Eq)]
enum By {
    Cursor,
    Number,
}

/// A server whose lists have so many rows.
struct World {
    server: Server,
    reader: Person,
    owner_id: String,
    reader_id: String,
    playlist: String,
}

impl World {
    /// A server on a copy of `folder/data`, with lists of `rows`.
    fn start(
        bench: &Bench,
        postgres: Option<&Database>,
        folder: &Path,
        template: &str,
        rows: i64,
    ) -> Result<Self, BenchError> {
        let data = folder.join(format!("data-{rows}"));
        let from = folder.join("data");
        process::run("cp", &["-a", &from.to_string_lossy(), &data.to_string_lossy()])?;
        let began = std::time::Instant::now();
        let database = seed::find_database(&data)?;
        let playlist = crowd::everything(&database, template, "reader", rows, FOLLOWS)?;
        super::say(&format!("{rows} rows of everything in {:.0?}", began.elapsed()));
        let launch = match postgres {
            Some(postgres) => postgres.takes(&bench.launch, &data, &format!("rows{rows}"))?,
            None => bench.launch.clone(),
        };
        let server = launch.start(&data)?;
        let mut reader = Person::sign_in(server.address(), "reader")?;
        let id_at = |value: &Value, pointer: &str| {
            value
                .pointer(pointer)
                .and_then(Value::as_str)
                .unwrap_or_default()
                .to_owned()
        };
        let me = reader.get("/api/v1/users/current-user")?;
        let video = reader.get(&format!("/api/v1/videos/{template}"))?;
        super::settle(server.pid());
        Ok(Self {
            reader_id: id_at(&me, "/_id"),
            owner_id: id_at(&video, "/owner/_id"),
            server,
            reader,
            playlist,
        })
    }

    /// Signs the reader in anew.
    fn sign_in(&mut self) -> Result<(), BenchError> {
        self.reader = Person::sign_in(self.server.address(), "reader")?;
        super::settle(self.server.pid());
        Ok(())
    }

    /// Every list there is. They are the same for both servers but for ids of what was seeded.
    fn lists(&self, template: &str) -> Vec<List> {
        let (owner, reader, playlist) = (&self.owner_id, &self.reader_id, &self.playlist);
        let cursor = |name, path: String| List {
            name,
            path,
            by: By::Cursor,
        };
        let number = |name, path: String| List {
            name,
            path,
            by: By::Number,
        };
        vec![
            cursor("GET /videos, newest", "videos?".to_owned()),
            number("GET /videos, newest, by page number", "videos?".to_owned()),
            cursor("GET /videos of one channel", format!("videos?userId={owner}")),
            cursor("GET /comments/{video}, newest", format!("comments/{template}?")),
            number(
                "GET /comments/{video}, newest, by page number",
                format!("comments/{template}?"),
            ),
            cursor(
                "GET /comments/{video}, most liked",
                format!("comments/{template}?sortBy=likesCount&sortType=desc"),
            ),
            cursor(
                "GET /subscriptions/c/{channel}, followers",
                format!("subscriptions/c/{owner}?"),
            ),
            cursor(
                "GET /subscriptions/u/{user}, channels",
                format!("subscriptions/u/{reader}?"),
            ),
            cursor("GET /feed/subscriptions", "feed/subscriptions?".to_owned()),
            cursor("GET /notifications", "notifications?".to_owned()),
            cursor("GET /tweets, newest", "tweets?".to_owned()),
            number("GET /tweets, newest, by page number", "tweets?".to_owned()),
            cursor("GET /tweets/user/{user}", format!("tweets/user/{owner}?")),
            cursor("GET /likes/videos", "likes/videos?".to_owned()),
            number("GET /likes/videos, by page number", "likes/videos?".to_owned()),
            cursor("GET /users/history", "users/history?".to_owned()),
            cursor("GET /playlist/{playlist}", format!("playlist/{playlist}?")),
        ]
    }

    fn list(&self, template: &str, name: &str) -> List {
        let mut lists = self.lists(template);
        let at = lists.iter().position(|list| list.name == name).unwrap_or(0);
        lists.swap_remove(at)
    }

    /// The pages of a list that are read by turns; that each is full is made sure of.
    fn pages(&mut self, list: &List) -> Result<Vec<String>, BenchError> {
        let page = |place: &str, limit: usize| format!("/api/v1/{}&limit={limit}&{place}", list.path);
        if list.by == By::Number {
            let pages: Vec<_> = (1..=PAGES)
                .map(|number| page(&format!("page={number}"), PAGE))
                .collect();
            for path in [&pages[0], &pages[PAGES - 1]] {
                self.full(path, PAGE)?;
            }
            return Ok(pages);
        }
        let mut pages = vec![page("cursor=", PAGE)];
        let mut cursor = self.full(&pages[0], PAGE)?;
        while pages.len() <= PAGES
            && let Some(place) = cursor
        {
            pages.push(page(&format!("cursor={place}"), PAGE));
            cursor = self.full(&page(&format!("cursor={place}"), PAGE + STEP), PAGE + STEP)?;
        }
        if pages.len() <= PAGES {
            return Err(BenchError::Shape {
                call: list.name.to_owned(),
                what: format!("the list ends after {} pages", pages.len()),
            });
        }
        Ok(pages)
    }

    /// The next cursor of a page, which must have `rows` rows; none where there are no cursors.
    fn full(&mut self, path: &str, rows: usize) -> Result<Option<String>, BenchError> {
        let answer = self
            .reader
            .http
            .call("GET", path, &[], Body::Empty)
            .doing("read a list")?;
        let data = expect_ok(path, answer)?.json()["data"].take();
        let found = ["items", "docs", "videos", "entries"]
            .iter()
            .find_map(|name| data[name].as_array())
            .map_or(0, Vec::len);
        if found != rows {
            return Err(BenchError::Shape {
                call: path.to_owned(),
                what: format!("{found} rows where there should be {rows}"),
            });
        }
        Ok(data["nextCursor"].as_str().map(str::to_owned))
    }

    /// Reads pages by turns.
    fn read(&self, pages: &[String]) -> Result<Histogram, BenchError> {
        let address = self.server.address();
        let token = self.reader.http.token().unwrap_or_default();
        let plan = Plan {
            target: address,
            connections: 1,
            threads: 1,
            stop: Stop::Requests(REQUESTS),
        };
        let report = load::run(&plan, |_, sequence, out| {
            let path = &pages[sequence as usize % pages.len()];
            out.extend_from_slice(
                format!("GET {path} HTTP/1.1\r\nHost: {address}\r\nAuthorization: Bearer {token}\r\n\r\n")
                    .as_bytes(),
            );
        })?
        .only(200)?;
        Ok(report.latency)
    }
}
