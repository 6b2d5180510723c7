//! Kills in the middle of processing: the server, its ffmpegs, and both put to sleep. Videos that need
//! encoding in pieces are under way all the time, and whatever ends what, each becomes ready, once, with
//! nothing left behind and no finished piece made again.
//!
//! A few rounds run in every test run. For many: `KILL_ROUNDS=200 KILL_SEED=7 cargo test -p streamsphere
//! --test it kills`.

use std::collections::BTreeMap;
use std::path::Path;
use std::time::{Duration, Instant};

use app::jobs::watch::LEASE;
use rustix::process::{Pid, Signal, kill_process};
use tempfile::TempDir;

use crate::kit::clips::{self, Clip};
use crate::kit::dice::Dice;
use crate::kit::program::{Program, patiently, processes, run, serve};
use rows::Snapshot;

mod aftermath;
mod rows;

/// Chunks, joins and finishing all happen with these, in clips of half a minute.
const WORDS: &[&str] = &[
    "--split-after-seconds",
    "24",
    "--chunk-seconds",
    "12",
    "--encode-jobs",
    "2",
    "--encode-threads",
    "1",
];
/// Videos that are kept under way.
const AT_ONCE: usize = 3;
/// After so many rounds a video has to be ready, so that no job is hit without end.
const ROUNDS_OF_A_VIDEO: usize = 3;

/// What happens in a round.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Act {
    /// SIGKILL to the server, and again while it takes up what was left.
    KillServerTwice,
    /// SIGKILL to the server.
    KillServer,
    /// SIGKILL to an ffmpeg.
    KillFfmpeg,
    /// SIGTERM to an ffmpeg, which it catches: it ends in good order, too early.
    EndFfmpeg,
    /// An ffmpeg sleeps while the rest goes on, and wakes.
    StopFfmpeg,
    /// An ffmpeg sleeps when the server is killed.
    StopFfmpegThenKillServer,
    /// The server sleeps and wakes; its ffmpegs go on meanwhile.
    StopServer,
}

const DECK: [Act; 8] = [
    Act::KillServer,
    Act::KillServerTwice,
    Act::KillFfmpeg,
    Act::EndFfmpeg,
    Act::StopFfmpeg,
    Act::StopFfmpegThenKillServer,
    Act::StopServer,
    Act::KillServer,
];

/// MPEG-4 in Matroska: two renditions in pieces, and sound to encode.
fn film() -> Clip {
    clips::made(
        "kills-film.mkv",
        &[
            "-f",
            "lavfi",
            "-i",
            "testsrc2=size=640x360:rate=24:duration=36",
            "-f",
            "lavfi",
            "-i",
            "sine=frequency=220:duration=36",
            "-c:v",
            "mpeg4",
            "-q:v",
            "6",
            "-g",
            "48",
            "-c:a",
            "libmp3lame",
        ],
    )
}

/// MPEG-4 in AVI, where decoding cannot start in the middle, without sound.
fn silent() -> Clip {
    clips::made(
        "kills-silent.avi",
        &[
            "-f",
            "lavfi",
            "-i",
            "testsrc2=size=640x360:rate=15:duration=26",
            "-c:v",
            "mpeg4",
            "-q:v",
            "6",
        ],
    )
}

/// H.264 and AAC in MP4: copied at once, with a lower rendition to encode at the copy's keyframes.
fn copied() -> Clip {
    clips::made(
        "kills-copied.mp4",
        &[
            "-f",
            "lavfi",
            "-i",
            "testsrc2=size=640x360:rate=24:duration=30",
            "-f",
            "lavfi",
            "-i",
            "sine=frequency=330:duration=30",
            "-c:v",
            "libx264",
            "-preset",
            "ultrafast",
            "-b:v",
            "600k",
            "-maxrate",
            "700k",
            "-bufsize",
            "700k",
            "-pix_fmt",
            "yuv420p",
            "-g",
            "48",
            "-c:a",
            "aac",
        ],
    )
}

/// A video as its owner knows it.
struct Uploaded {
    id: String,
    /// Frames of its picture: as many must be in every rendition.
    frames: u64,
    round: usize,
    ready: bool,
}

/// One server over all its lives.
struct Site {
    folder: TempDir,
    server: Option<Program>,
    token: String,
    /// What all lives said.
    log: String,
    videos: Vec<Uploaded>,
    /// What was there at the last kill.
    before: Snapshot,
    /// How often each job was seen running when the server was killed.
    hit: BTreeMap<String, i64>,
    /// How often an ffmpeg was ended.
    ended: usize,
}

impl Site {
    async fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let server = serve(folder.path(), WORDS);
        let token = server.person("asha").await;
        Self {
            folder,
            server: Some(server),
            token,
            log: String::new(),
            videos: Vec::new(),
            before: Snapshot::default(),
            hit: BTreeMap::new(),
            ended: 0,
        }
    }

    fn data(&self) -> &Path {
        self.folder.path()
    }

    fn server(&self) -> &Program {
        self.server.as_ref().unwrap()
    }

    async fn uploads(&mut self, clip: &Clip, frames: u64, round: usize) {
        let id = self.server().uploads(&self.token, clip).await;
        self.videos.push(Uploaded {
            id,
            frames,
            round,
            ready: false,
        });
    }

    /// Keeps some videos under way.
    async fn tops_up(&mut self, round: usize, dice: &mut Dice) {
        for at in 0..self.videos.len() {
            if !self.videos[at].ready {
                let path = format!("/api/v1/videos/{}", self.videos[at].id);
                let video = self.server().get(&path, &self.token).await.is(200);
                let status = video.text_at("/data/status");
                assert!(
                    ["processing", "ready"].contains(&status.as_str()),
                    "{}",
                    video.json
                );
                self.videos[at].ready = status == "ready";
            }
        }
        while self.videos.iter().filter(|video| !video.ready).count() < AT_ONCE {
            match dice.below(3) {
                0 => self.uploads(&film(), 36 * 24, round).await,
                1 => self.uploads(&silent(), 26 * 15, round).await,
                _ => self.uploads(&copied(), 30 * 24, round).await,
            }
        }
    }

    /// Waits until all videos of rounds up to `round` are ready.
    async fn prepares(&mut self, round: usize) {
        for at in 0..self.videos.len() {
            if self.videos[at].round <= round && !self.videos[at].ready {
                let id = self.videos[at].id.clone();
                self.server().prepares(&self.token, &id).await;
                self.videos[at].ready = true;
            }
        }
    }

    /// Kills the server, sees that its programs went with it, and compares with what was there before.
    async fn crashes(&mut self) {
        let server = self.server.take().unwrap();
        self.log.push_str(&server.crashes());
        left_alone(self.data());
        let found = Snapshot::of_dead(self.data()).await;
        found.still_has(&self.before);
        assert!(found.running.len() <= 4, "two lanes of two workers: {found:?}");
        for job in &found.running {
            *self.hit.entry(job.clone()).or_default() += 1;
        }
        self.before = found;
    }

    async fn restarts(&mut self) {
        self.server = Some(serve(self.data(), WORDS));
        self.token = self.server().signs_in("asha").await;
    }

    /// An ffmpeg that works for this server; waits for one. Where a quick machine has finished everything before
    /// anything could be done to it, there is new work.
    async fn ffmpeg(&mut self, round: usize, dice: &mut Dice) -> Pid {
        let deadline = Instant::now() + Duration::from_mins(1);
        loop {
            let found = ffmpegs(self.server());
            if !found.is_empty() {
                return Pid::from_raw(i32::try_from(found[dice.below(found.len())]).unwrap()).unwrap();
            }
            // Those that are ready are made up for, so what is waited for is work that there is.
            self.tops_up(round, dice).await;
            let states: Vec<_> = self.videos.iter().map(|video| (&video.id, video.ready)).collect();
            assert!(
                Instant::now() < deadline,
                "no ffmpeg runs, and of the videos these are ready: {states:?}"
            );
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    }

    async fn goes_through(&mut self, act: Act, round: usize, dice: &mut Dice) {
        match act {
            Act::KillServer => {
                self.crashes().await;
                self.restarts().await;
            }
            Act::KillServerTwice => {
                self.crashes().await;
                self.restarts().await;
                moment(dice, 400).await;
                self.crashes().await;
                self.restarts().await;
            }
            // What has ended meanwhile is not there to be signalled; that is a round without effect.
            Act::KillFfmpeg => {
                self.ended += usize::from(kill_process(self.ffmpeg(round, dice).await, Signal::KILL).is_ok());
            }
            Act::EndFfmpeg => {
                self.ended += usize::from(kill_process(self.ffmpeg(round, dice).await, Signal::TERM).is_ok());
            }
            Act::StopFfmpeg => {
                let ffmpeg = self.ffmpeg(round, dice).await;
                let _ = kill_process(ffmpeg, Signal::STOP);
                moment(dice, 2000).await;
                let _ = kill_process(ffmpeg, Signal::CONT);
            }
            Act::StopFfmpegThenKillServer => {
                let _ = kill_process(self.ffmpeg(round, dice).await, Signal::STOP);
                moment(dice, 1000).await;
                self.crashes().await;
                self.restarts().await;
            }
            Act::StopServer => {
                self.server().signal(Signal::STOP);
                moment(dice, 2000).await;
                self.server().signal(Signal::CONT);
            }
        }
    }

    /// Waits for the end of everything, and looks at all that is left.
    async fn ends_well(mut self) {
        self.prepares(usize::MAX).await;
        self.log.push_str(&self.server.take().unwrap().stops());
        left_alone(self.data());
        let found = Snapshot::of_dead(self.data()).await;
        found.still_has(&self.before);
        aftermath::each_was_published_once(&self.log, &self.videos);
        aftermath::no_job_was_doubled(self.data(), &self.videos, &self.hit, self.ended).await;

        // The files of the way to the end stay a while for whoever watches; the sweep is brought forward.
        rows::makes_sweeps_due(self.data()).await;
        let server = serve(self.data(), WORDS);
        rows::waits_for_all_jobs(self.data()).await;
        server.stops();
        left_alone(self.data());
        aftermath::files_are_those_of_rows(self.data()).await;
        for video in &self.videos {
            aftermath::plays_to_the_end(self.data(), video).await;
        }
        let shown = self.data().display().to_string();
        run(&["doctor", "--data-dir", &shown]).succeeds();
    }
}

/// The ffmpegs that work for a server.
fn ffmpegs(server: &Program) -> Vec<u32> {
    let children = server.children().into_iter();
    children
        .filter(|(_, words)| words.starts_with("/usr/bin/ffmpeg "))
        .map(|(pid, _)| pid)
        .collect()
}

/// Lets the work go on for a moment of chance: what is tried here is that no moment is a wrong one.
async fn moment(dice: &mut Dice, longest_ms: usize) {
    let ms = u64::try_from(dice.below(longest_ms)).unwrap();
    tokio::time::sleep(Duration::from_millis(ms)).await;
}

/// Waits until nothing works on this folder any more.
fn left_alone(data: &Path) {
    let data = data.display().to_string();
    patiently("nothing works on the folder", || {
        !processes().iter().any(|(_, _, words)| words.contains(&data))
    });
}

fn number(name: &str, default: u64) -> u64 {
    let said = std::env::var(name).ok();
    said.map_or(default, |said| said.parse().unwrap())
}

#[tokio::test(flavor = "multi_thread")]
async fn whatever_is_killed_while_videos_are_encoded_each_becomes_ready_once() {
    let (rounds, seed) = (number("KILL_ROUNDS", 8), number("KILL_SEED", 1));
    let rounds = usize::try_from(rounds).unwrap();
    let mut dice = Dice::new(seed);
    let mut site = Site::new().await;
    let mut deck = Vec::new();
    for round in 0..rounds {
        if let Some(before) = round.checked_sub(ROUNDS_OF_A_VIDEO) {
            site.prepares(before).await;
        }
        site.tops_up(round, &mut dice).await;
        if deck.is_empty() {
            deck = DECK.to_vec();
            dice.shuffle(&mut deck);
        }
        let act = deck.pop().unwrap();
        moment(&mut dice, 2500).await;
        println!("round {round} of seed {seed}: {act:?}");
        site.goes_through(act, round, &mut dice).await;
    }
    println!(
        "{rounds} rounds, {} videos, {} jobs found without their worker, {} ffmpegs ended",
        site.videos.len(),
        site.hit.values().sum::<i64>(),
        site.ended
    );
    site.ends_well().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_that_sleeps_longer_than_a_lease_goes_on_and_doubles_nothing() {
    let mut site = Site::new().await;
    site.uploads(&film(), 36 * 24, 0).await;
    site.uploads(&copied(), 30 * 24, 0).await;
    patiently("two encodes run", || ffmpegs(site.server()).len() >= 2);
    site.server().signal(Signal::STOP);
    // There is nothing to wait for but the time itself.
    tokio::time::sleep(LEASE + Duration::from_secs(2)).await;
    site.server().signal(Signal::CONT);
    site.ends_well().await;
}
