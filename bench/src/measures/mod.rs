//! The measures, one file each. Every comparison alternates between ours and the other within a round
//! and reports medians over the rounds.

pub mod analytics;
pub mod api;
pub mod bucket;
pub mod busy;
pub mod delivery;
mod durable;
pub mod events;
pub mod hls;
pub mod ladder;
pub mod likes;
pub mod lists;
pub mod nodes;
pub mod search;
pub mod startup;
pub mod tus;
pub mod upload;
pub mod writes;

use std::path::{Path, PathBuf};
use std::time::Duration;

use tempfile::TempDir;

use crate::error::{BenchError, Doing};
use crate::server::Launch;

/// What all measures share.
#[derive(Debug, Clone)]
pub struct Bench {
    /// How the server is started.
    pub launch: Launch,
    /// The server without group commit, where there is a build for it.
    pub ungrouped: Option<Launch>,
    /// Where data folders and files are made; the disk that is measured.
    pub scratch: PathBuf,
    /// Rounds of each comparison.
    pub rounds: usize,
    /// How long one load run takes.
    pub run: Duration,
    /// The most rows of measures of lists.
    pub most_videos: i64,
    /// Only lists with one of these in their name; all where there are none.
    pub only: Vec<String>,
    /// The videos of the search measure.
    pub search_videos: i64,
}

impl Bench {
    /// A folder of its own on the measured disk, removed when dropped.
    pub fn folder(&self) -> Result<TempDir, BenchError> {
        std::fs::create_dir_all(&self.scratch).doing("create the scratch folder")?;
        tempfile::Builder::new()
            .prefix("streamsphere-bench-")
            .tempdir_in(&self.scratch)
            .doing("create a folder for the measure")
    }

    /// How the figures are to be read.
    pub fn rounds_text(&self) -> String {
        format!(
            "{} alternated rounds of {} s, medians.",
            self.rounds,
            self.run.as_secs()
        )
    }
}

/// What a machine is, for the head of the results.
pub fn machine() -> String {
    let cpu = std::fs::read_to_string("/proc/cpuinfo").unwrap_or_default();
    let model = cpu
        .lines()
        .find_map(|line| line.strip_prefix("model name")?.split_once(':'))
        .map_or("", |(_, m)| m);
    let kernel = std::fs::read_to_string("/proc/sys/kernel/osrelease").unwrap_or_default();
    let cores = std::thread::available_parallelism().map_or(1, std::num::NonZero::get);
    format!(
        "On {cores} cores ({}), Linux {}. Client and server share the cores; all traffic is loopback.",
        model.trim(),
        kernel.trim()
    )
}

/// What `dd` writes beside an upload: a file of the very bytes that are uploaded, since some disks write
/// zeros, or bytes that repeat, faster than others.
pub(crate) struct Copied {
    from: PathBuf,
    to: PathBuf,
    bytes: u64,
}

impl Copied {
    /// Writes the bytes of `reader` to a file in `folder`; they stay in the page cache.
    pub(crate) fn prepare(folder: &Path, reader: &mut dyn std::io::Read) -> Result<Self, BenchError> {
        let (from, to) = (folder.join("same-bytes"), folder.join("dd"));
        let mut file = std::fs::File::create(&from).doing("create a file")?;
        let bytes = std::io::copy(reader, &mut file).doing("write a file")?;
        file.sync_all().doing("sync a file")?;
        Ok(Self { from, to, bytes })
    }

    /// Megabytes per second of `dd` with `conv=fsync`.
    pub(crate) fn megabytes_per_second(&self) -> Result<f64, BenchError> {
        let began = std::time::Instant::now();
        crate::process::run(
            "dd",
            &[
                &format!("if={}", self.from.display()),
                &format!("of={}", self.to.display()),
                "bs=1M",
                "conv=fsync",
                "status=none",
            ],
        )?;
        let took = began.elapsed();
        std::fs::remove_file(&self.to).doing("remove a file")?;
        Ok(self.bytes as f64 / 1e6 / took.as_secs_f64())
    }
}

/// Tells whoever started the measure how far it is.
#[expect(clippy::print_stderr, reason = "it is for whoever waits for the result")]
pub(crate) fn say(what: &str) {
    eprintln!("  {what}");
}

/// Waits until a process has come to rest: until it used hardly any processor time within a while. One that does
/// not come to rest within a minute is measured as it is.
pub(crate) fn settle(pid: u32) {
    const WHILE: Duration = Duration::from_millis(400);
    let began = std::time::Instant::now();
    while began.elapsed() < Duration::from_mins(1) {
        let before = crate::process::cpu_of(pid);
        std::thread::sleep(WHILE);
        if crate::process::cpu_of(pid) - before <= 0.02 {
            return;
        }
    }
}

/// A short clip for whatever needs a video and does not measure it.
pub fn tiny_clip(folder: &Path) -> Result<PathBuf, BenchError> {
    let path = folder.join("tiny.mp4");
    let clip = crate::media::Clip {
        seconds: 1,
        size: (320, 180),
        variant: 1,
        video_bits_per_second: None,
    };
    crate::media::make(&path, clip)?;
    Ok(path)
}

/// Uploads the file at `path` as a new person's video and waits until it is ready.
pub fn upload_and_wait(
    person: &mut crate::api::Person,
    path: &Path,
    patience: Duration,
) -> Result<String, BenchError> {
    let mut file = std::fs::File::open(path).doing("open a clip")?;
    let length = file.metadata().doing("measure a clip")?.len();
    let id = person.uploads("A test clip", &mut file, length)?;
    person.waits_until_ready(&id, patience)?;
    Ok(id)
}
