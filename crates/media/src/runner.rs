//! The runner: the one file that starts programs.
//!
//! Starts an [`Invocation`] in a session and process group of its own, inside the sandbox, follows its
//! progress, and ends it with SIGKILL to the group on a limit, on a stop signal or when the caller
//! loses interest. It always waits for the end. What a program wrote to its standard error is kept for
//! the log and is never shown to users.

use std::ffi::OsString;
use std::io;
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::sync::{OnceLock, mpsc};
use std::time::Duration;

use rustix::process::{Pid, Signal};
use thiserror::Error;
use tokio::io::{AsyncRead, AsyncReadExt as _};
use tokio::process::Child;
use tokio::runtime::Handle;
use tokio::sync::oneshot;
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

use crate::argv::{Invocation, Program};
use crate::exec::{REFUSED_CODE, Request};
use crate::sandbox::{Confinement, SandboxStatus};

mod progress;

pub use progress::Progress;
use progress::ProgressLines;

#[expect(clippy::disallowed_types, reason = "this module is the one right place")]
type Command = tokio::process::Command;

/// Bytes of standard error kept for the log.
const STDERR_TAIL_BYTES: usize = 4096;
/// Exit code of an ffmpeg that caught a signal and ended in good order before its time. Nothing in a file leads
/// to it.
const SIGNALLED_CODE: i32 = 255;
/// Most bytes a program may answer with on its standard output.
const STDOUT_BYTES: usize = 4 << 20;

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

/// How much one run may take.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Limits {
    /// Wall-clock time until the program is killed.
    pub wall: Duration,
    /// Longest time without a sign of progress; ffmpeg only.
    pub stall: Duration,
    /// Processor time over all threads, seconds.
    pub cpu_s: u64,
    /// Largest file it may write, bytes.
    pub file_bytes: u64,
    /// Address space, bytes.
    pub memory_bytes: u64,
}

impl Limits {
    /// Limits of a short look at a file: probing, posters.
    pub const fn short() -> Self {
        Self {
            wall: Duration::from_mins(1),
            stall: Duration::from_mins(1),
            cpu_s: 60,
            file_bytes: 64 << 20,
            memory_bytes: 4 << 30,
        }
    }

    /// Limits of turning a source of this duration and size into renditions on `threads` threads:
    /// 20 times the duration per thread and at least a minute of processor time, files of at most
    /// three times the source and 200 MB.
    pub fn long(duration_ms: u64, source_bytes: u64, threads: u32) -> Self {
        let seconds = duration_ms.div_ceil(1000);
        let cpu_s = seconds
            .saturating_mul(20)
            .max(60)
            .saturating_mul(u64::from(threads.max(1)));
        // Files are rewritten at the end (index first), during which there is no progress to report.
        let rewrite_s = source_bytes / 20_000_000;
        Self {
            wall: Duration::from_secs(seconds.saturating_mul(30).max(120) + rewrite_s),
            stall: Duration::from_secs(120 + rewrite_s),
            cpu_s,
            file_bytes: source_bytes.saturating_mul(3).saturating_add(200_000_000),
            memory_bytes: 4 << 30,
        }
    }
}

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
    let mut child = spawn(command(tools, invocation, limits))
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
    let child = spawn(command).await.map_err(RunError::Spawn)?;
    let waited = tokio::time::timeout(Duration::from_secs(10), child.wait_with_output()).await;
    let output = waited
        .map_err(|_| RunError::TimedOut {
            after: Duration::from_secs(10),
        })?
        .map_err(RunError::Read)?;
    serde_json::from_slice(&output.stdout).map_err(|_| RunError::Sandbox {
        stderr_tail: String::from_utf8_lossy(&output.stderr).into_owned(),
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
    let child = spawn(command).await.map_err(RunError::Spawn)?;
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

struct SpawnOrder {
    command: Command,
    runtime: Handle,
    reply: oneshot::Sender<io::Result<Child>>,
}

/// Starts a program from a thread that lives as long as this process.
///
/// The kernel sends the parent-death signal when the *thread* that started a child ends, and threads
/// of the async runtime come and go.
async fn spawn(mut command: Command) -> io::Result<Child> {
    static SPAWNER: OnceLock<mpsc::Sender<SpawnOrder>> = OnceLock::new();

    command
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .env_clear()
        .env("PATH", "/usr/bin:/bin")
        .env("LC_ALL", "C")
        .env("AV_LOG_FORCE_NOCOLOR", "1")
        .current_dir("/")
        .kill_on_drop(true);
    let spawner = if let Some(spawner) = SPAWNER.get() {
        spawner
    } else {
        let (orders, inbox) = mpsc::channel::<SpawnOrder>();
        std::thread::Builder::new()
            .name("media-spawner".into())
            .spawn(move || {
                for SpawnOrder {
                    mut command,
                    runtime,
                    reply,
                } in inbox
                {
                    let _in_runtime = runtime.enter();
                    let _ = reply.send(command.spawn());
                }
            })?;
        // A second thread started by a race ends with its unused sender.
        SPAWNER.get_or_init(|| orders)
    };
    let (reply, answer) = oneshot::channel();
    let order = SpawnOrder {
        command,
        runtime: Handle::current(),
        reply,
    };
    spawner
        .send(order)
        .map_err(|_| io::Error::other("the spawning thread is gone"))?;
    answer
        .await
        .map_err(|_| io::Error::other("the spawning thread gave no answer"))?
}

/// The process group of a child that is not yet waited for, killed when it goes out of scope.
struct Group(Option<Pid>);

impl Group {
    fn of(child: &Child) -> Self {
        Self(
            child
                .id()
                .and_then(|id| i32::try_from(id).ok())
                .and_then(Pid::from_raw),
        )
    }

    fn kill(&mut self) {
        if let Some(pid) = self.0 {
            // The group exists once the helper has made it; the process itself always does.
            let _ = rustix::process::kill_process_group(pid, Signal::KILL);
            let _ = rustix::process::kill_process(pid, Signal::KILL);
        }
    }

    /// The child was waited for: its number may belong to another process from now on.
    fn forget(&mut self) {
        self.0 = None;
    }
}

impl Drop for Group {
    fn drop(&mut self) {
        self.kill();
    }
}

/// Replaces this process by `program`, without environment but a fixed one. Returns only on failure.
pub(crate) fn become_program(program: &Path, args: &[OsString]) -> io::Error {
    use std::os::unix::process::CommandExt as _;

    #[expect(clippy::disallowed_types, reason = "this module is the one right place")]
    let mut command = std::process::Command::new(program);
    command
        .args(args)
        .env_clear()
        .env("PATH", "/usr/bin:/bin")
        .env("LC_ALL", "C")
        .exec()
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
    let child = spawn(command).await.map_err(RunError::Spawn)?;
    let waited = tokio::time::timeout(Duration::from_secs(10), child.wait_with_output()).await;
    let output = waited
        .map_err(|_| RunError::TimedOut {
            after: Duration::from_secs(10),
        })?
        .map_err(RunError::Read)?;
    let text = String::from_utf8_lossy(&output.stdout);
    let has = |name: &str| {
        text.lines()
            .any(|line| line.split_whitespace().nth(1) == Some(name))
    };
    Ok(Capabilities {
        tone_map: has("zscale") && has("tonemap"),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn long_limits_follow_duration_and_size() {
        let limits = Limits::long(1000, 10, 1);
        assert_eq!((limits.cpu_s, limits.file_bytes), (60, 200_000_030));
        assert_eq!(Limits::long(60_000, 10, 2).cpu_s, 2400);
    }
}
