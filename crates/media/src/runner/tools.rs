//! The programs: where they are, what they can do, and what holds them.

use std::path::PathBuf;
use std::process::Output;
use std::time::Duration;

use thiserror::Error;

use super::process::{Command, spawn};
use super::{Limits, RunError, request};
use crate::exec::Request;
use crate::sandbox::SandboxStatus;

/// How long a program may take to tell about itself.
const ANSWER: Duration = Duration::from_secs(10);

/// The programs and how to start them.
#[derive(Debug, Clone)]
pub struct Tools {
    /// Absolute path of ffmpeg.
    pub ffmpeg: PathBuf,
    /// Absolute path of ffprobe.
    pub ffprobe: PathBuf,
    /// Absolute path of the program that carries the sandbox helper (the server itself). `None` runs
    /// the programs bare.
    pub sandbox: Option<PathBuf>,
    /// Start nothing when a layer of the sandbox is missing.
    pub require_sandbox: bool,
    /// Niceness added to the programs, 0 to 19, so that watching goes before processing.
    pub nice: u8,
}

impl Tools {
    /// Finds ffmpeg and ffprobe on `PATH`, with the sandbox helper in `sandbox`.
    pub fn find(sandbox: Option<PathBuf>) -> Result<Self, ToolMissing> {
        Ok(Self {
            ffmpeg: find_on_path("ffmpeg")?,
            ffprobe: find_on_path("ffprobe")?,
            sandbox,
            require_sandbox: false,
            nice: 5,
        })
    }
}

/// A program that is neither given nor on `PATH`.
#[derive(Debug, Error)]
#[error("{name} is not on PATH")]
pub struct ToolMissing {
    /// Its name.
    pub name: &'static str,
}

fn find_on_path(name: &'static str) -> Result<PathBuf, ToolMissing> {
    let path = std::env::var_os("PATH").unwrap_or_default();
    std::env::split_paths(&path)
        .filter(|folder| folder.is_absolute())
        .map(|folder| folder.join(name))
        .find(|file| file.is_file())
        .ok_or(ToolMissing { name })
}

/// Which optional parts this ffmpeg has.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Capabilities {
    /// The filters that turn HDR into what every screen shows.
    pub tone_map: bool,
}

/// Asks ffmpeg for its filters.
pub async fn capabilities(tools: &Tools) -> Result<Capabilities, RunError> {
    let mut command = Command::new(&tools.ffmpeg);
    command
        .args(["-hide_banner", "-v", "error", "-filters"])
        .process_group(0);
    let output = answer(command).await?;
    let text = String::from_utf8_lossy(&output.stdout);
    let has = |name: &str| {
        text.lines()
            .any(|line| line.split_whitespace().nth(1) == Some(name))
    };
    Ok(Capabilities {
        tone_map: has("zscale") && has("tonemap"),
    })
}

/// Asks the helper which layers hold on this machine; for the startup log and readiness.
pub async fn probe_status(tools: &Tools) -> Result<SandboxStatus, RunError> {
    let Some(helper) = &tools.sandbox else {
        return Ok(SandboxStatus::off());
    };
    let request = Request {
        report: true,
        ..request(tools, helper, &[], None, Vec::new(), &Limits::short())
    };
    let mut command = Command::new(helper);
    command.args(request.to_args());
    let output = answer(command).await?;
    serde_json::from_slice(&output.stdout).map_err(|_| RunError::Sandbox {
        stderr_tail: String::from_utf8_lossy(&output.stderr).into_owned(),
    })
}

/// What a program answers that is asked about itself.
async fn answer(command: Command) -> Result<Output, RunError> {
    let child = spawn(command, 0).await.map_err(RunError::Spawn)?;
    tokio::time::timeout(ANSWER, child.wait_with_output())
        .await
        .map_err(|_| RunError::TimedOut { after: ANSWER })?
        .map_err(RunError::Read)
}
