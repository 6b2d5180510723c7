//! Likes from many people at once, durable and counted, against one transaction for each of them.

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use model::likes::Target as Liked;
use model::{CommentId, Ids, Millis, UserId, VideoId};
use rusqlite::{Connection, OptionalExtension, params};
use store::{Store, StoreError, likes};

use super::durable::{self, Figures, Turns};
use super::{Bench, tiny_clip, upload_and_wait};
use crate::api::Person;
use crate::error::{BenchError, Doing};
use crate::load::{self, Plan, Stop};
use crate::report::{Row, Section, Target};
use crate::seed::{self, crowd};
use crate::server::Server;

const CLIENTS: usize = 64;
/// Videos that are liked, and as many comments.
const TARGETS: i64 = 1_000;
/// A number without a factor in common with that of the targets, so that each client comes to all of them.
const STRIDE: u64 = 617;
/// Fits every like that is made here.
const NOW: Millis = Millis(1_800_000_000_000);

/// Toggles of likes by 64 people, on a thousand videos and a thousand comments, against the same change through the
/// store as one transaction after the other, and against a bare loop over SQLite.
pub fn measure(bench: &Bench) -> Result<Section, BenchError> {
    let folder = bench.folder()?;
    let data = folder.path().join("data");
    let clip = tiny_clip(folder.path())?;
    let server = bench.launch.start(&data)?;
    let mut owner = Person::join(server.address(), "owner")?;
    let template = upload_and_wait(&mut owner, &clip, Duration::from_mins(2))?;
    for client in 0..CLIENTS {
        Person::join(server.address(), &format!("person{client}"))?;
    }
    server.stop()?;
    let database = seed::find_database(&data)?;
    seed::videos(&database, &template, TARGETS, seed::Words::Indexed)?;
    crowd::comments(&database, &template, TARGETS)?;
    let things = Things::read(&database)?;
    let (inside, control) = (folder.path().join("inside.db"), folder.path().join("control.db"));
    for copy in [&inside, &control] {
        std::fs::copy(&database, copy).doing("copy the database")?;
    }

    let server = bench.launch.start(&data)?;
    let tokens = (0..CLIENTS)
        .map(|client| Person::sign_in(server.address(), &format!("person{client}")))
        .map(|person| Ok(person?.http.token().unwrap_or_default().to_owned()))
        .collect::<Result<Vec<_>, BenchError>>()?;
    let (mut http, mut grouped) = (Figures::default(), Figures::default());
    let (mut alone, mut raw) = (Figures::default(), Figures::default());
    for _ in 0..bench.rounds {
        http.add(over_http(&server, &things, &tokens, bench.run)?);
        alone.add(through_the_store(&inside, &things, 1, bench.run)?);
        grouped.add(through_the_store(&inside, &things, CLIENTS, bench.run)?);
        raw.add(on_one_connection(&control, &things, bench.run)?);
    }
    server.stop()?;
    let likes = exact(&database)?;
    for copy in [&inside, &control] {
        exact(copy)?;
    }

    let (http, grouped) = (http.medians(), grouped.medians());
    let (alone, raw) = (alone.medians(), raw.medians());
    let rows = vec![
        Row::compared(
            "a like or its end through the store, durable, changes/s (other: one transaction each)",
            grouped.0,
            alone.0,
            Target::AtLeast(10.0),
        ),
        Row::compared("the same, p99 ms", grouped.1, alone.1, Target::None),
        Row::compared(
            "POST /likes/toggle, durable, changes/s (other: the same change through the store, one transaction each)",
            http.0,
            alone.0,
            Target::AtLeast(10.0),
        ),
        Row::compared("the same, p99 ms", http.1, alone.1, Target::None),
        Row::compared(
            "POST /likes/toggle, durable, changes/s (other: raw SQLite, one transaction each)",
            http.0,
            raw.0,
            Target::None,
        ),
        Row::compared("the same, p99 ms", http.1, raw.1, Target::None),
        Row::alone(
            "things whose count of likes is not their number of likes",
            0.0,
            Target::AtMost(0.0),
        ),
    ];
    let how = format!(
        "{CLIENTS} people, each signed in and with one connection, like and unlike {TARGETS} videos of one channel \
         and {TARGETS} comments in turn; each answer means on disk, and changes the like, the count of the thing and, \
         of a video, that of its channel. Through the store: {CLIENTS} tasks that make the same change as the server \
         does, without HTTP, sign-in or checks; one transaction each: one task that makes one after the other, so \
         that each has an fsync of its own. Raw SQLite: {CLIENTS} threads that take turns on one connection to a copy \
         of the database, the same statements, synchronous=FULL. Afterwards the likes of every thing were counted \
         in all three databases ({likes} in that of the server): had one count been wrong, there would be no result. \
         {}",
        bench.rounds_text()
    );
    Ok(Section {
        name: "likes".to_owned(),
        how,
        rows,
    })
}

/// Who likes, and what.
struct Things {
    people: Arc<[UserId]>,
    targets: Arc<[Liked]>,
}

impl Things {
    fn read(database: &Path) -> Result<Self, BenchError> {
        let connection = Connection::open(database)?;
        let ids = |sql: &str| -> Result<Vec<String>, BenchError> {
            let mut statement = connection.prepare(sql)?;
            let ids = statement.query_map([], |row| row.get(0))?;
            Ok(ids.collect::<Result<_, _>>()?)
        };
        let people = ids("SELECT lower(hex(id)) FROM users WHERE username LIKE 'person%' ORDER BY id")?;
        let videos = ids("SELECT lower(hex(id)) FROM videos ORDER BY id")?;
        let comments = ids("SELECT lower(hex(id)) FROM comments ORDER BY id")?;
        // A video and a comment by turns.
        let targets = videos.iter().zip(&comments).flat_map(|(video, comment)| {
            let video = video.parse::<VideoId>().ok().map(Liked::Video);
            let comment = comment.parse::<CommentId>().ok().map(Liked::Comment);
            video.into_iter().chain(comment)
        });
        Ok(Self {
            people: people.iter().filter_map(|id| id.parse().ok()).collect(),
            targets: targets.collect(),
        })
    }

    fn target(&self, number: u64) -> Liked {
        target(&self.targets, number)
    }
}

/// Spreads what comes one after the other.
fn target(targets: &[Liked], number: u64) -> Liked {
    targets[(number.wrapping_mul(STRIDE) % targets.len() as u64) as usize]
}

/// Changes per second and p99 in ms of people who press the button.
fn over_http(
    server: &Server,
    things: &Things,
    tokens: &[String],
    run: Duration,
) -> Result<(f64, f64), BenchError> {
    let address = server.address();
    let plan = Plan {
        target: address,
        connections: tokens.len(),
        threads: 1,
        stop: Stop::After(run),
    };
    let report = load::run(&plan, |connection, sequence, out| {
        let (kind, id) = match things.target(sequence) {
            Liked::Video(id) => ('v', id.to_string()),
            Liked::Comment(id) => ('c', id.to_string()),
            Liked::Tweet(id) => ('t', id.to_string()),
        };
        out.extend_from_slice(
            format!(
                "POST /api/v1/likes/toggle/{kind}/{id} HTTP/1.1\r\nHost: {address}\r\n\
                 Authorization: Bearer {}\r\nContent-Length: 0\r\n\r\n",
                tokens[connection]
            )
            .as_bytes(),
        );
    })?
    .only(200)?;
    Ok(durable::of_report(&report))
}

/// The same of so many tasks without HTTP; one alone has a transaction and an fsync for each change.
fn through_the_store(
    database: &Path,
    things: &Things,
    tasks: usize,
    run: Duration,
) -> Result<(f64, f64), BenchError> {
    let (people, targets) = (Arc::clone(&things.people), Arc::clone(&things.targets));
    let ids = Ids::random();
    durable::through_the_store(
        database,
        tasks,
        run,
        Turns::Together,
        move |store, task, number| {
            // One person's task comes back to a thing when it has been to all, and ends the like.
            let target = target(&targets, number + task as u64 * 31);
            toggle(store, ids.clone(), people[task], target)
        },
    )
}

async fn toggle(store: Store, ids: Ids, user: UserId, target: Liked) -> Result<(), StoreError> {
    let mut tx = store.write().await?;
    let step = if likes::add(&mut tx, user, target, ids.next(NOW), NOW).await? {
        1
    } else {
        likes::remove(&mut tx, user, target).await?;
        -1
    };
    likes::count(&mut tx, target, step).await?;
    tx.commit().await
}

/// The same of threads that take turns on one raw connection.
fn on_one_connection(database: &Path, things: &Things, run: Duration) -> Result<(f64, f64), BenchError> {
    let ids = Ids::random();
    durable::on_one_connection(database, CLIENTS, run, |connection, thread, number| {
        let user = things.people[thread].0.0;
        let (kind, id) = match things.target(number) {
            Liked::Video(id) => (0, id.0.0),
            Liked::Comment(id) => (1, id.0.0),
            Liked::Tweet(id) => (2, id.0.0),
        };
        let transaction = connection.transaction()?;
        let removed = transaction
            .prepare_cached("DELETE FROM likes WHERE user_id = ?1 AND kind = ?2 AND target_id = ?3")?
            .execute(params![user, kind, id])?;
        if removed == 0 {
            let like: model::LikeId = ids.next(NOW);
            transaction
                .prepare_cached(
                    "INSERT INTO likes (user_id, kind, target_id, id, created_at) VALUES (?1, ?2, ?3, ?4, ?5)",
                )?
                .execute(params![user, kind, id, like.0.0, NOW.0])?;
        }
        let step = if removed == 0 { 1 } else { -1 };
        if kind == 0 {
            let owner: Option<[u8; 12]> = transaction
                .prepare_cached(
                    "UPDATE videos SET likes_count = likes_count + ?1 WHERE id = ?2 RETURNING owner_id",
                )?
                .query_row(params![step, id], |row| row.get(0))
                .optional()?;
            transaction
                .prepare_cached(
                    "UPDATE users SET received_likes_count = received_likes_count + ?1 WHERE id = ?2",
                )?
                .execute(params![step, owner])?;
        } else {
            transaction
                .prepare_cached("UPDATE comments SET likes_count = likes_count + ?1 WHERE id = ?2")?
                .execute(params![step, id])?;
        }
        transaction.commit()?;
        Ok(())
    })
}

/// How many likes there are, when each thing's count is that of its likes and each channel's the sum of its
/// videos'; anything else is an error.
fn exact(database: &Path) -> Result<i64, BenchError> {
    let connection = Connection::open(database)?;
    let one = |sql: &str| connection.query_row(sql, [], |row| row.get::<_, i64>(0));
    let wrong = one("SELECT (SELECT count(*) FROM videos v WHERE v.likes_count <> \
         (SELECT count(*) FROM likes l WHERE l.kind = 0 AND l.target_id = v.id)) \
         + (SELECT count(*) FROM comments c WHERE c.likes_count <> \
         (SELECT count(*) FROM likes l WHERE l.kind = 1 AND l.target_id = c.id)) \
         + (SELECT count(*) FROM users u WHERE u.received_likes_count <> \
         (SELECT coalesce(sum(v.likes_count), 0) FROM videos v WHERE v.owner_id = u.id))")?;
    let (likes, counted) = (
        one("SELECT count(*) FROM likes")?,
        one("SELECT (SELECT sum(likes_count) FROM videos) + (SELECT sum(likes_count) FROM comments)")?,
    );
    if wrong == 0 && likes == counted && likes > 0 {
        return Ok(likes);
    }
    Err(BenchError::Usage(format!(
        "{wrong} counts of likes are wrong; {likes} likes are there, and {counted} are counted"
    )))
}
