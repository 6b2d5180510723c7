//! Kills while players tell what they play: what was answered 202 is counted, and everything is counted once.
//!
//! Players send a beacon again until it is answered, as players do; each has its number in its session, so in the end
//! everything was answered, some of it twice, and the sums have to come out exactly.
//!
//! For many rounds: `BEACON_ROUNDS=100 BEACON_SEED=7 cargo test -p streamsphere --test it beacons`.

use std::io::Write;
use std::path::Path;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use model::VideoId;
use model::analytics::{Counts, Grain, Subject};
use reqwest::Client;
use serde_json::json;
use store::Store;
use store::analytics::{retention, rollups};

use crate::kit::clips;
use crate::kit::dice::Dice;
use crate::kit::program::{self, Program, serve};

/// Players at once.
const PLAYERS: usize = 6;
/// Beacons that a session sends: the whole video, in pieces.
const PIECES: usize = 20;
/// How long each piece is, in milliseconds.
const PIECE_MS: usize = 100;

fn number(name: &str, default: usize) -> usize {
    std::env::var(name)
        .ok()
        .map_or(default, |text| text.parse().unwrap())
}

/// What the players know in common.
struct Common {
    client: Client,
    video: String,
    /// Where the server is, while it runs.
    url: Mutex<String>,
    ends: AtomicBool,
    /// Sessions that were played to their end.
    sessions: AtomicUsize,
    /// Beacons that were answered.
    answered: AtomicUsize,
}

/// Plays the video again and again, each time as somebody else.
async fn plays(common: Arc<Common>, player: usize) {
    for n in 0.. {
        if common.ends.load(Ordering::Relaxed) {
            return;
        }
        let session = format!("session-of-player-{player}-{n}");
        for piece in 0..PIECES {
            let second = |piece: usize| (piece * PIECE_MS) as f64 / 1000.0;
            let beacon = json!({"seq": piece, "from": second(piece), "to": second(piece + 1)});
            let what = json!({"sessionId": session, "beacons": [beacon]});
            loop {
                let url = common.url.lock().unwrap().clone();
                let sent = common
                    .client
                    .post(format!("{url}/api/v1/videos/{}/views", common.video))
                    .header("user-agent", format!("player {player} {n}"))
                    .json(&what)
                    .send()
                    .await;
                match sent.map(|answer| answer.status().as_u16()) {
                    Ok(202) => break,
                    Ok(503) | Err(_) => tokio::time::sleep(Duration::from_millis(10)).await,
                    Ok(other) => panic!("answered {other}"),
                }
            }
            common.answered.fetch_add(1, Ordering::Relaxed);
        }
        common.sessions.fetch_add(1, Ordering::Relaxed);
    }
}

/// Leaves half a record behind what a killed server has written, as a loss of power does.
fn tear(data: &Path) {
    let mut segments: Vec<_> = std::fs::read_dir(data.join("analytics"))
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| {
            path.file_name()
                .unwrap()
                .to_str()
                .unwrap()
                .starts_with("journal-")
        })
        .collect();
    segments.sort();
    let mut file = std::fs::OpenOptions::new()
        .append(true)
        .open(segments.last().unwrap())
        .unwrap();
    file.write_all(&[90, 0, 0, 0, 1, 2, 3, 4, 5, 6, 7]).unwrap();
}

async fn sums(store: &Store, subject: Subject, grain: Grain) -> Counts {
    let mut tx = store.read();
    let rows = rollups::list(
        &mut tx,
        subject,
        grain,
        model::Millis(0),
        model::Millis(i64::MAX),
        10_000,
    )
    .await
    .unwrap();
    let mut all = Counts::default();
    for (_, counts) in rows {
        all += counts;
    }
    all
}

fn is_at(program: &Program, common: &Common) {
    common.url.lock().unwrap().clone_from(&program.url);
}

#[tokio::test(flavor = "multi_thread")]
async fn whatever_was_answered_is_counted_once_though_the_server_is_killed_again_and_again() {
    let (rounds, seed) = (number("BEACON_ROUNDS", 5), number("BEACON_SEED", 1));
    let mut dice = Dice::new(seed as u64);
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().join("data");
    let mut server = serve(&data, &[]);
    let token = server.person("asha").await;
    let video = server.uploads(&token, &clips::small()).await;
    server.prepares(&token, &video).await;
    let common = Arc::new(Common {
        client: crate::kit::client().build().unwrap(),
        video: video.clone(),
        url: Mutex::new(server.url.clone()),
        ends: AtomicBool::new(false),
        sessions: AtomicUsize::new(0),
        answered: AtomicUsize::new(0),
    });
    let players: Vec<_> = (0..PLAYERS)
        .map(|player| tokio::spawn(plays(Arc::clone(&common), player)))
        .collect();
    for _ in 0..rounds {
        // Until some more was answered, and then a moment of chance in the second between two flushes.
        let before = common.answered.load(Ordering::Relaxed);
        program::patiently("players are answered", || {
            common.answered.load(Ordering::Relaxed) > before + 3 * PIECES
        });
        let moment = Instant::now() + Duration::from_millis(dice.below(1_300) as u64);
        program::patiently("the moment has come", || Instant::now() >= moment);
        server.crashes();
        if dice.below(2) == 0 {
            tear(&data);
        }
        server = serve(&data, &[]);
        is_at(&server, &common);
    }
    common.ends.store(true, Ordering::Relaxed);
    for player in players {
        player.await.unwrap();
    }
    // The last is a kill as well: what it leaves is counted by the next start.
    server.crashes();
    let last = serve(&data, &[]);
    last.stops();

    let store = Store::open(&store::Settings::sqlite(data.join("streamsphere.db")))
        .await
        .unwrap();
    let sessions = common.sessions.load(Ordering::Relaxed);
    assert!(sessions > rounds, "{sessions} sessions");
    let id: VideoId = video.parse().unwrap();
    let expected = (
        sessions as i64,
        (sessions * PIECES * PIECE_MS) as i64,
        sessions as i64,
    );
    for grain in [Grain::Minute, Grain::Hour, Grain::Day] {
        for subject in [Subject::from(id), Subject::SITE] {
            let counts = sums(&store, subject, grain).await;
            let found = (counts.sessions, counts.watch_ms, counts.views);
            assert_eq!(found, expected, "{subject:?} by {grain:?}, seed {seed}");
        }
    }
    let row = store::videos::find(&mut store.read(), id).await.unwrap().unwrap();
    assert_eq!(row.views, sessions as i64);
    let all = (model::Millis(0), model::Millis(i64::MAX));
    let days = retention::sum(&mut store.read(), id, all.0, all.1, 10)
        .await
        .unwrap();
    let saw_the_middle = days.counts[50];
    assert_eq!(saw_the_middle as usize, sessions);
    store.close().await.unwrap();
}

#[test]
fn a_file_that_tells_no_countries_ends_the_start_and_is_named() {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().join("data").display().to_string();
    let file = folder.path().join("countries.mmdb");
    std::fs::write(&file, "not a database").unwrap();
    for (path, fault) in [
        (file, "is not a MaxMind DB file"),
        (folder.path().join("absent.mmdb"), "cannot be read"),
    ] {
        let path = path.display().to_string();
        let words = [
            "serve",
            "--listen",
            "127.0.0.1:0",
            "--data-dir",
            &data,
            "--geoip-file",
            &path,
        ];
        let said = program::run(&words).complains();
        for expected in ["geoip_file", path.as_str(), fault] {
            assert!(said.contains(expected), "no {expected} in {said}");
        }
    }
}

#[test]
fn a_folder_for_the_journal_that_is_none_ends_the_start_and_is_named() {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().join("data");
    std::fs::create_dir(&data).unwrap();
    std::fs::write(data.join("analytics"), "a file").unwrap();
    let shown = data.display().to_string();
    let said = program::run(&["serve", "--listen", "127.0.0.1:0", "--data-dir", &shown]).complains();
    assert!(said.contains(&format!("{shown}/analytics")), "{said}");
}
