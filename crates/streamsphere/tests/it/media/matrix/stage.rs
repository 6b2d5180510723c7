//! Players on a page of another site, in a real browser: hls.js plays HLS and Shaka Player plays DASH. Each
//! changes the quality up and down while it plays, and comes to the end.

use std::path::{Path, PathBuf};

use serde_json::{Value, json};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};

use super::Case;
use crate::kit::Person;
use crate::kit::clips::Clip;
use crate::media::browser::{Browser, browser};

/// Most that a player's duration may be off from the longer track of what was uploaded, seconds. Sound that was
/// encoded begins with a frame of its own, and a picture may begin late.
const DURATION_S: f64 = 0.1;
/// What hls.js tells without anything being wrong: that the machine was too busy to go on in time, and that it
/// gave up a request because it was told to change the quality at once.
const HARMLESS: [&str; 2] = ["passing bufferStalledError", "passing aborted"];
/// What hls.js tells where one of picture and sound begins later than the other, in front of which it waits.
const HOLE: [&str; 2] = ["passing bufferNudgeOnStall", "passing bufferSeekOverHole"];

/// A page with players, in a browser.
pub struct Stage {
    browser: Browser,
    site: tokio::task::JoinHandle<()>,
}

impl Drop for Stage {
    fn drop(&mut self) {
        self.site.abort();
    }
}

/// Where `scripts/install-tools test` puts the players.
fn scripts() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../.tools/players/node_modules")
}

impl Stage {
    /// Opens the page; `None` where the players are not installed, which is an error on a machine that only
    /// tests.
    pub async fn open() -> Option<Self> {
        let read = |name: &str| std::fs::read(scripts().join(name)).ok();
        let players = read("hls.js/dist/hls.min.js").zip(read("shaka-player/dist/shaka-player.dash.js"));
        let must = std::env::var("CI").is_ok_and(|ci| ci == "true");
        assert!(
            players.is_some() || !must,
            "{} is missing: scripts/install-tools test",
            scripts().display()
        );
        let (hls, shaka) = players?;
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}/", listener.local_addr().unwrap());
        let site = tokio::spawn(async move {
            while let Ok((caller, _)) = listener.accept().await {
                // A caller who goes away takes nobody along.
                let _ = answers(caller, &hls, &shaka).await;
            }
        });
        let stage = Self {
            browser: browser().await,
            site,
        };
        stage
            .browser
            .command("/timeouts", &json!({"script": 150_000}))
            .await;
        stage.browser.opens(&url).await;
        Some(stage)
    }

    /// Plays a video that is ready with both players.
    pub async fn plays(&self, person: &Person<'_>, case: &Case, id: &str) {
        let playback = person
            .get(&format!("/api/v1/videos/{id}/playback"))
            .await
            .is(200)
            .at("/data");
        let video = person.get(&format!("/api/v1/videos/{id}")).await.is(200);
        let due = video.at("/data/duration").as_f64().unwrap();
        for player in ["hls", "dash"] {
            let label = format!("{} by {player}", case.clip.name);
            let url = playback[player].as_str().unwrap();
            let size = |rung: Option<&super::Rung>| rung.map(|(_, width, height)| json!([width, height]));
            let (low, high) = (size(case.rungs.last()), size(case.rungs.first()));
            let played = self
                .browser
                .awaits(&format!(
                    "const done = arguments[0]; performs('{player}', '{url}', {}, {}) \
                     .then(done, (error) => done({{failed: String(error)}}))",
                    low.unwrap(),
                    high.unwrap()
                ))
                .await;
            // What took long, for whoever reads a failure.
            eprintln!("{label}: {played}");
            assert!(played["failed"].is_null(), "{label}: {played}");
            let mut sizes: Vec<Value> = played["sizes"].as_array().unwrap().clone();
            sizes.sort_by_key(|size| std::cmp::Reverse(size[1].as_u64()));
            let wanted: Vec<Value> = case.rungs.iter().filter_map(|rung| size(Some(rung))).collect();
            assert_eq!(sizes, wanted, "{label}");
            let errors = played["errors"].as_array().unwrap().iter();
            let harmless = |error: &&Value| {
                let text = error.as_str().unwrap();
                let hole = case.hole && HOLE.iter().any(|known| text.starts_with(known));
                hole || HARMLESS.iter().any(|known| text.starts_with(known))
            };
            let errors: Vec<&Value> = errors.filter(|error| !harmless(error)).collect();
            assert!(errors.is_empty(), "{label}: {errors:?}");
            assert_eq!(played["corrupted"], 0, "{label}");
            let duration = played["duration"].as_f64().unwrap();
            // hls.js counts from the first frame of the picture, and all holes here are shorter than that.
            let skipped = case.hole && duration < due && due - duration < 1.6;
            assert!(
                skipped || (duration - due).abs() < DURATION_S,
                "{label}: {duration} instead of {due} s"
            );
        }
        self.browser.is_content().await;
    }
}

impl Stage {
    /// Plays the sound of a video that is ready and has no picture, with both players.
    pub async fn plays_sound(&self, person: &Person<'_>, clip: &Clip, id: &str) {
        let playback = person
            .get(&format!("/api/v1/videos/{id}/playback"))
            .await
            .is(200)
            .at("/data");
        for player in ["hls", "dash"] {
            let url = playback[player].as_str().unwrap();
            let played = self
                .browser
                .awaits(&format!(
                    "const done = arguments[0]; sounds('{player}', '{url}') \
                     .then(done, (error) => done({{failed: String(error)}}))"
                ))
                .await;
            assert!(played["failed"].is_null(), "{} by {player}: {played}", clip.name);
            assert_eq!(played["errors"], json!([]), "{} by {player}", clip.name);
        }
        self.browser.is_content().await;
    }
}

/// Answers one request: for a player, or else with the page.
async fn answers(mut caller: TcpStream, hls: &[u8], shaka: &[u8]) -> std::io::Result<()> {
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") && head.len() < 16_384 {
        if caller.read_buf(&mut head).await? == 0 {
            return Ok(());
        }
    }
    let (kind, body) = if head.starts_with(b"GET /hls.js ") {
        ("text/javascript", hls)
    } else if head.starts_with(b"GET /shaka.js ") {
        ("text/javascript", shaka)
    } else {
        ("text/html", include_bytes!("stage.html").as_slice())
    };
    let head = format!(
        "HTTP/1.1 200 OK\r\ncontent-type: {kind}\r\ncontent-length: {}\r\nconnection: close\r\n\r\n",
        body.len()
    );
    caller.write_all(head.as_bytes()).await?;
    caller.write_all(body).await?;
    caller.shutdown().await
}
