//! The runner: the one place that starts programs.
//!
//! Starts an [`Invocation`] in a session and process group of its own, inside the sandbox, follows its
//! progress, and ends it with SIGKILL to the group on a limit, on a stop signal or when the caller
//! loses interest. It always waits for the end. What a program wrote to its standard error is kept for
//! the log and is never shown to users.

use std::ffi::OsString;
use std::io;
use std::path::{Path, PathBuf};
use std::time::Duration;

use rustix::process::Signal;
use thiserror::Error;
use tokio::io::{AsyncRead, AsyncReadExt as _};
use tokio::process::Child;
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

use crate::argv::{Invocation, Program};
use crate::exec::{REFUSED_CODE, Request};
use crate::sandbox::Confinement;

mod limits;
mod process;
mod progress;
mod tools;

pub use limits::Limits;
pub(crate) use process::become_program;
pub use process::restart_with;
use process::{Command, Group, spawn};
pub use progress::Progress;
use progress::ProgressLines;
pub use tools::{Capabilities, ToolMissing, Tools, capabilities, probe_status};

/// Bytes of standard error kept for the log.
const STDERR_TAIL_BYTES: usize = 4096;
/// Exit code of an ffmpeg that caught a signal and ended in good order before its time. Nothing in a file leads
/// to it.
const SIGNALLED_CODE: i32 = 255;
/// Most bytes a program may answer with on its standard output.
const STDOUT_BYTES: usize = 4 << 20;

/// A run that ended well.
#[derive(Debug, Clone)]
pub struct Finished {
    /// What ffprobe answered; empty for ffmpeg.
    pub stdout: Vec<u8>,
    /// The last progress of ffmpeg.
    pub progress: Progress,
    /// How long it took.
    pub wall: Duration,
    /// The end of its standard error, for the log only.
    pub stderr_tail: String,
}

/// Why a run did not end well.
#[derive(Debug, Error)]
pub enum RunError {
    /// The program (or the helper) could not be started.
    #[error("the program can't be started")]
    Spawn(#[source] io::Error),
    /// Its output could not be read.
    #[error("the program's output can't be read")]
    Read(#[source] io::Error),
    /// The helper refused: a required layer is missing, or the program is not there.
    #[error("the sandbox refused to start the program")]
    Sandbox {
        /// For the log.
        stderr_tail: String,
    },
    /// It ran past its wall-clock limit and was killed.
    #[error("stopped after {} s", .after.as_secs())]
    TimedOut {
        /// The limit.
        after: Duration,
    },
    /// It made no progress for too long and was killed.
    #[error("no progress for {} s", .after.as_secs())]
    Stalled {
        /// The limit.
        after: Duration,
    },
    /// The kernel killed it: its processor time was used up, or the machine's memory.
    #[error("the processor time or the memory is used up")]
    Killed,
    /// It wrote a file larger than allowed.
    #[error("an output grew too large")]
    TooLarge,
    /// It said more than allowed.
    #[error("the program said too much")]
    TooTalkative,
    /// The caller asked to stop.
    #[error("stopped on request")]
    Cancelled,
    /// It ended with an error, mostly because of what is in the file.
    #[error("the program ended with {}", .code.map_or_else(|| "a signal".to_owned(), |code| format!("code {code}")))]
    Failed {
        /// Exit code; `None` when a signal ended it, whether or not it caught that.
        code: Option<i32>,
        /// For the log; never for users.
        stderr_tail: String,
    },
}

impl RunError {
    /// Whether trying again may help: nothing in the file caused it.
    pub fn is_transient(&self) -> bool {
        matches!(
            self,
            Self::Spawn(_) | Self::Read(_) | Self::Sandbox { .. } | Self::Cancelled
        )
    }
}

/// Runs a program to its end.
///
/// `on_progress` is called about twice a second with ffmpeg's progress. Dropping the future kills the
/// program too.
pub async fn run(
    tools: &Tools,
    invocation: &Invocation,
    limits: &Limits,
    mut on_progress: impl FnMut(Progress) + Send,
    stop: &CancellationToken,
) -> Result<Finished, RunError> {
    if stop.is_cancelled() {
        return Err(RunError::Cancelled);
    }
    let started = Instant::now();
    let mut child = spawn(command(tools, invocation, limits), tools.nice)
        .await
        .map_err(RunError::Spawn)?;
    let mut group = Group::of(&child);
    let outcome = follow(
        &mut child,
        invocation.program(),
        limits,
        started,
        &mut on_progress,
        stop,
    )
    .await;
    if outcome.is_err() {
        group.kill();
    }
    let status = child.wait().await.map_err(RunError::Read);
    group.forget();
    let said = outcome?;
    judge(status?, said, started.elapsed())
}

/// What a program said until it closed its outputs.
struct Said {
    stdout: Vec<u8>,
    progress: Progress,
    stderr_tail: Vec<u8>,
}

async fn follow(
    child: &mut Child,
    program: Program,
    limits: &Limits,
    started: Instant,
    on_progress: &mut (impl FnMut(Progress) + Send),
    stop: &CancellationToken,
) -> Result<Said, RunError> {
    let mut said = Said {
        stdout: Vec::new(),
        progress: Progress::default(),
        stderr_tail: Vec::new(),
    };
    let (mut stdout, mut stderr) = (child.stdout.take(), child.stderr.take());
    let (mut out_chunk, mut err_chunk) = (vec![0; 16 * 1024], vec![0; 4 * 1024]);
    let mut lines = ProgressLines::default();
    let mut last_sign = Instant::now();
    while stdout.is_some() || stderr.is_some() {
        let stalls_at = match program {
            Program::Ffmpeg => last_sign + limits.stall,
            Program::Ffprobe => started + limits.wall,
        };
        tokio::select! {
            biased;
            () = stop.cancelled() => return Err(RunError::Cancelled),
            () = tokio::time::sleep_until(started + limits.wall) => {
                return Err(RunError::TimedOut { after: limits.wall });
            }
            () = tokio::time::sleep_until(stalls_at) => return Err(RunError::Stalled { after: limits.stall }),
            read = read_some(&mut stdout, &mut out_chunk) => {
                let bytes = read.map_err(RunError::Read)?;
                match program {
                    Program::Ffmpeg => lines.feed(bytes, |progress| {
                        // Bytes count as a sign too: media time stands still in a long still picture.
                        if progress.out_time_ms != said.progress.out_time_ms
                            || progress.total_bytes != said.progress.total_bytes
                        {
                            last_sign = Instant::now();
                        }
                        said.progress = progress;
                        on_progress(progress);
                    }),
                    Program::Ffprobe => said.stdout.extend_from_slice(bytes),
                }
                if said.stdout.len() > STDOUT_BYTES {
                    return Err(RunError::TooTalkative);
                }
            }
            read = read_some(&mut stderr, &mut err_chunk) => {
                let bytes = read.map_err(RunError::Read)?;
                said.stderr_tail.extend_from_slice(bytes);
                let surplus = said.stderr_tail.len().saturating_sub(STDERR_TAIL_BYTES);
                said.stderr_tail.drain(..surplus);
            }
        }
    }
    // Outputs are closed; the end itself is still bounded.
    tokio::select! {
        biased;
        waited = child.wait() => waited.map(|_| said).map_err(RunError::Read),
        () = stop.cancelled() => Err(RunError::Cancelled),
        () = tokio::time::sleep_until(started + limits.wall) => Err(RunError::TimedOut { after: limits.wall }),
    }
}

/// Reads what is there; closes the pipe at its end. Pending for ever once closed.
async fn read_some<'a>(
    pipe: &mut Option<impl AsyncRead + Unpin>,
    chunk: &'a mut [u8],
) -> io::Result<&'a [u8]> {
    let Some(open) = pipe else {
        return std::future::pending().await;
    };
    let count = open.read(chunk).await?;
    if count == 0 {
        *pipe = None;
    }
    Ok(chunk.get(..count).unwrap_or_default())
}

fn judge(status: std::process::ExitStatus, said: Said, wall: Duration) -> Result<Finished, RunError> {
    use std::os::unix::process::ExitStatusExt as _;

    let stderr_tail = String::from_utf8_lossy(&said.stderr_tail).trim().to_owned();
    if status.success() {
        return Ok(Finished {
            stdout: said.stdout,
            progress: said.progress,
            wall,
            stderr_tail,
        });
    }
    let signal = status.signal();
    if signal == Some(Signal::KILL.as_raw()) {
        return Err(RunError::Killed);
    }
    // A program that ignores the signal sees the error of the write instead.
    if signal == Some(Signal::XFSZ.as_raw()) || stderr_tail.contains("File too large") {
        return Err(RunError::TooLarge);
    }
    if status.code() == Some(REFUSED_CODE) && stderr_tail.starts_with("sandbox: ") {
        return Err(RunError::Sandbox { stderr_tail });
    }
    Err(RunError::Failed {
        code: status.code().filter(|code| *code != SIGNALLED_CODE),
        stderr_tail,
    })
}

/// Runs any program under the helper; what the sandbox's own tests look through.
///
/// Not for media: those calls are made by the plans.
#[doc(hidden)]
pub async fn run_confined(
    tools: &Tools,
    program: &Path,
    args: Vec<OsString>,
    reads: &[PathBuf],
    writes: Option<&Path>,
    limits: &Limits,
) -> Result<(Option<i32>, Vec<u8>, Vec<u8>), RunError> {
    let Some(helper) = &tools.sandbox else {
        return Err(RunError::Sandbox {
            stderr_tail: "no helper".into(),
        });
    };
    let request = request(tools, program, reads, writes, args, limits);
    let mut command = Command::new(helper);
    command.args(request.to_args());
    let child = spawn(command, tools.nice).await.map_err(RunError::Spawn)?;
    let mut group = Group::of(&child);
    let waited = tokio::time::timeout(limits.wall, child.wait_with_output()).await;
    if waited.is_ok() {
        group.forget();
    }
    let output = waited
        .map_err(|_| RunError::TimedOut { after: limits.wall })?
        .map_err(RunError::Read)?;
    Ok((output.status.code(), output.stdout, output.stderr))
}

fn request(
    tools: &Tools,
    program: &Path,
    reads: &[PathBuf],
    writes: Option<&Path>,
    args: Vec<OsString>,
    limits: &Limits,
) -> Request {
    Request {
        confinement: Confinement {
            program: program.to_owned(),
            reads: reads.to_vec(),
            writes: writes.map(Path::to_owned),
            cpu_s: limits.cpu_s,
            file_bytes: limits.file_bytes,
            memory_bytes: limits.memory_bytes,
            open_files: 64,
        },
        args,
        parent: i32::try_from(std::process::id()).ok(),
        require: tools.require_sandbox,
        report: false,
        nice: i32::from(tools.nice),
    }
}

fn command(tools: &Tools, invocation: &Invocation, limits: &Limits) -> Command {
    let program = match invocation.program() {
        Program::Ffmpeg => &tools.ffmpeg,
        Program::Ffprobe => &tools.ffprobe,
    };
    let args = invocation.args().to_vec();
    if let Some(helper) = &tools.sandbox {
        let request = request(
            tools,
            program,
            invocation.reads(),
            invocation.writes(),
            args,
            limits,
        );
        let mut command = Command::new(helper);
        command.args(request.to_args());
        command
    } else {
        let mut command = Command::new(program);
        command.args(args).process_group(0);
        command
    }
}
