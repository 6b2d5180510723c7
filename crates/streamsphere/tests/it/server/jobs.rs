//! Background work and what becomes of it when servers, workers and clocks do what they should not.

use std::path::Path;
use std::sync::Arc;

use app::jobs::watch::{Watch, take_over_silent};
use app::jobs::{Workers, remove_objects};
use model::jobs::{JobState, Lane};
use model::{Clock, JobId, Millis};
use serde_json::Value;
use store::jobs::{self as rows, JobRow};
use streamsphere::server::{self, Access, Opened};
use streamsphere::settings::Chosen;
use tempfile::TempDir;

use crate::kit::program::{Ended, Program, patiently, processes, run, serve};
use crate::kit::{self, clips, program};

/// The ffmpegs below this server.
fn ffmpegs(server: &Program) -> Vec<u32> {
    let mut found = server.children();
    found.retain(|(_, words)| words.starts_with("/usr/bin/ffmpeg"));
    found.into_iter().map(|(pid, _)| pid).collect()
}

/// Whether this process is gone, or is another one that got its number.
fn is_gone(pid: u32, data: &Path) -> bool {
    let words = std::fs::read(format!("/proc/{pid}/cmdline")).unwrap_or_default();
    !String::from_utf8_lossy(&words).contains(&data.display().to_string())
}

#[tokio::test]
async fn a_server_that_is_killed_takes_every_ffmpeg_along() {
    let folder = tempfile::tempdir().unwrap();
    let server = serve(folder.path(), &["--encode-jobs", "2"]);
    for name in ["asha", "bela"] {
        let token = server.person(name).await;
        server.uploads(&token, &clips::slow()).await;
    }
    let mut below = Vec::new();
    patiently("two encodes run", || {
        below = ffmpegs(&server);
        below.len() >= 2
    });
    assert!(below.iter().all(|pid| !is_gone(*pid, folder.path())));
    server.crashes();
    patiently("they are gone", || {
        below.iter().all(|pid| is_gone(*pid, folder.path()))
    });
    let left: Vec<_> = processes()
        .into_iter()
        .filter(|(_, _, words)| words.contains(&folder.path().display().to_string()))
        .collect();
    assert!(left.is_empty(), "{left:?}");
}

/// Runs a command about jobs beside the server.
fn jobs(data: &Path, words: &[&str]) -> Ended {
    let shown = data.display().to_string();
    run(&[&["jobs"], words, &["--data-dir", &shown]].concat())
}

#[tokio::test]
async fn jobs_are_steered_by_commands_beside_a_running_server() {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path();
    let server = serve(data, &[]);
    let token = server.person("asha").await;
    let video = server.uploads(&token, &clips::slow()).await;
    patiently("an encode runs", || !ffmpegs(&server).is_empty());
    let mut line = String::new();
    patiently("it is listed", || {
        let listed = jobs(data, &["list", "--state", "running", "--user", "asha"]).succeeds();
        listed
            .lines()
            .find(|line| line.contains(" encode "))
            .unwrap_or_default()
            .clone_into(&mut line);
        !line.is_empty()
    });
    assert!(line.contains(&format!("video={video}")), "{line}");
    let id = line.split(' ').next().unwrap();
    assert!(
        jobs(data, &["priority", id, "urgent"])
            .succeeds()
            .contains("urgent")
    );
    assert!(jobs(data, &["list"]).succeeds().contains(" urgent "));

    jobs(data, &["cancel", id]).succeeds();
    patiently("the server has noticed", || ffmpegs(&server).is_empty());
    let status = format!("/api/v1/videos/{video}/status");
    kit::until("the video says why", async || {
        let shown = server.get(&status, &token).await.is(200);
        shown.at("/data/status") == "failed" && shown.at("/data/statusReason") == "Processing was cancelled."
    })
    .await;
    assert!(jobs(data, &["cancel", id]).complains().contains("ended"));
    let listed = jobs(data, &["list", "--state", "cancelled"]).succeeds();
    assert!(listed.contains(id), "{listed}");

    jobs(data, &["retry", id]).succeeds();
    patiently("an encode runs again", || !ffmpegs(&server).is_empty());
    // What another process changed is believed for at most half a second longer.
    kit::until("the video is processed again", async || {
        server.get(&status, &token).await.is(200).at("/data/status") == "processing"
    })
    .await;

    let missing = "0123456789abcdef01234567";
    for words in [["retry", missing], ["cancel", missing]] {
        assert!(jobs(data, &words).complains().contains("Job not found"));
    }
    assert!(jobs(data, &["retry", "x"]).complains().contains("24 hex digits"));
    assert!(
        jobs(data, &["list", "--user", "nobody"])
            .complains()
            .contains("no user")
    );
    server.stops();
}

/// A site without workers, on a clock that the test moves.
struct Quiet {
    opened: Opened,
    clock: Clock,
    _folder: TempDir,
}

impl Quiet {
    async fn opens() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let values = [
            ("data_dir", folder.path().join("data").display().to_string()),
            ("disk_reserve_bytes", "0".to_owned()),
        ];
        let settings = Chosen::with(&values).settings().unwrap();
        let clock = Clock::manual(Millis(1_800_000_000_000));
        let opened = server::open(&settings, Access::Alone, Some(program()), clock.clone())
            .await
            .unwrap();
        Self {
            opened,
            clock,
            _folder: folder,
        }
    }

    /// Puts a removal into the queue.
    async fn enqueues(&self) -> JobId {
        let core = &self.opened.app.core;
        let payload = remove_objects::Payload::below("videos/nothing".to_owned());
        let job = app::jobs::new(core, &payload, None, None, self.clock.now()).unwrap();
        let mut tx = core.store.write().await.unwrap();
        rows::enqueue(&mut tx, &job.as_row()).await.unwrap();
        tx.commit().await.unwrap();
        job.id()
    }

    /// A worker elsewhere takes the next job.
    async fn claims(&self) -> Option<JobRow> {
        let mut tx = self.opened.app.core.store.write().await.unwrap();
        let mut cursor = rows::Cursor::default();
        let job = rows::claim(&mut tx, "elsewhere", Lane::Quick, &mut cursor, self.clock.now())
            .await
            .unwrap();
        tx.commit().await.unwrap();
        job
    }

    /// That worker says that it is there; answers whether the job is still its own.
    async fn beats(&self, job: &JobRow) -> bool {
        let mut tx = self.opened.app.core.store.write().await.unwrap();
        let report = rows::Report {
            step: "at work",
            progress: 0.5,
            eta_s: None,
        };
        let ours = rows::report(&mut tx, job, report, self.clock.now())
            .await
            .unwrap();
        tx.commit().await.unwrap();
        ours
    }

    async fn looks(&self, watch: &mut Watch) -> usize {
        take_over_silent(&self.opened.app, watch).await.unwrap()
    }

    async fn finds(&self, id: JobId) -> JobRow {
        let mut tx = self.opened.app.core.store.read();
        rows::list::find(&mut tx, id).await.unwrap().unwrap()
    }
}

#[tokio::test]
async fn the_job_of_a_silent_worker_goes_to_another_within_its_lease() {
    let site = Quiet::opens().await;
    let id = site.enqueues().await;
    let late = site.claims().await.unwrap();
    let mut watch = Watch::default();
    let mut seconds = 0;
    assert_eq!(site.looks(&mut watch).await, 0);
    while site.looks(&mut watch).await == 0 {
        site.clock.advance(2_000);
        seconds += 2;
        assert!(seconds <= 32, "a lease is half a minute");
    }
    assert!(seconds >= 28, "a pause of {seconds} s is no death");
    assert!(!site.beats(&late).await, "what comes late changes nothing");
    let row = site.finds(id).await;
    assert_eq!(
        (row.state, row.attempts, row.recoveries),
        (JobState::Queued, 0, 1)
    );

    let workers = Workers::start(&site.opened.app, false).await.unwrap();
    kit::until("another worker has done it", async || {
        site.finds(id).await.state == JobState::Done
    })
    .await;
    workers.stop().await;
    assert!(site.finds(id).await.fence > late.fence);
}

#[tokio::test]
async fn neither_a_worker_that_beats_nor_a_clock_that_jumps_loses_a_job() {
    let site = Quiet::opens().await;
    site.enqueues().await;
    let job = site.claims().await.unwrap();
    let mut watch = Watch::default();
    let hour = 3_600_000;
    for jump in [0, hour, -hour, 10 * 365 * 24 * hour, -10 * 365 * 24 * hour].repeat(8) {
        site.clock.jump(jump);
        site.clock.advance(2_000);
        assert!(site.beats(&job).await);
        assert_eq!(site.looks(&mut watch).await, 0);
        assert!(site.claims().await.is_none(), "nobody gets it twice");
    }
}

#[tokio::test]
async fn a_job_that_loses_its_worker_again_and_again_comes_back_each_time_it_is_promised() {
    let site = Quiet::opens().await;
    let id = site.enqueues().await;
    for lost in 1..=12 {
        let job = site.claims().await.unwrap();
        assert_eq!(job.id, id);
        let mut watch = Watch::default();
        site.looks(&mut watch).await;
        for _ in 0..6 {
            site.clock.advance(5_000);
            site.looks(&mut watch).await;
        }
        assert_eq!(site.finds(id).await.recoveries, lost);
    }
    let app = Arc::clone(&site.opened.app);
    let workers = Workers::start(&app, true).await.unwrap();
    kit::until("it is done", async || {
        site.finds(id).await.state == JobState::Done
    })
    .await;
    workers.stop().await;
}

/// The value of the sample with these words.
fn sample(text: &str, words: &str) -> f64 {
    let line = text
        .lines()
        .find(|line| line.starts_with(words))
        .unwrap_or_else(|| panic!("no {words} in {text}"));
    line.rsplit(' ').next().unwrap().parse().unwrap()
}

#[tokio::test]
async fn metrics_tell_what_waits_in_which_lane_and_for_how_long() {
    let clock = Clock::manual(Millis(1_800_000_000_000));
    let site = kit::with_clock(clock).with("encode_jobs", "1").start().await;
    let asha = site.person("asha").await;
    let mut videos = Vec::new();
    for _ in 0..2 {
        videos.push(
            asha.uploads(&clips::slow(), &[])
                .await
                .is(201)
                .text_at("/data/_id"),
        );
    }
    let read = async || {
        let metrics = site.anyone().get("/metrics").await.is(200);
        String::from_utf8(metrics.bytes).unwrap()
    };
    let one = |text: &str, state: &str| {
        let name = format!("streamsphere_queue_jobs{{lane=\"encode\",state=\"{state}\"}}");
        sample(text, &name)
    };
    kit::until("one runs and one waits", async || {
        let text = read().await;
        one(&text, "running") >= 1.0 && one(&text, "ready") >= 1.0
    })
    .await;
    site.clock.advance(90_000);
    let text = read().await;
    let waited = sample(&text, "streamsphere_queue_oldest_seconds{lane=\"encode\"}");
    assert!((90.0..100.0).contains(&waited), "{waited}");
    assert!(one(&text, "later").abs() < f64::EPSILON);
    let ready = site.anyone().get("/readyz").await.is(200);
    assert_eq!(ready.at("/ready"), Value::Bool(true));
    for video in videos {
        asha.post(&format!("/api/v1/videos/{video}/cancel"), &serde_json::json!({}))
            .await
            .is(200);
    }
}
