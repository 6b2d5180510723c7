//! The measures, one file each. Every comparison alternates between ours and the other within a round
//! and reports medians over the rounds.

pub mod api;
pub mod delivery;
pub mod hls;
pub mod startup;
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
    /// The most rows of the list measure.
    pub most_videos: i64,
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
