//! Starting a process and ending it with all it has started.

use std::ffi::OsString;
use std::io;
use std::path::Path;
use std::process::Stdio;
use std::sync::{OnceLock, mpsc};

use rustix::process::{Pid, Signal};
use tokio::process::Child;
use tokio::runtime::Handle;
use tokio::sync::oneshot;

#[expect(clippy::disallowed_types, reason = "this module is the one right place")]
pub(super) type Command = tokio::process::Command;

struct SpawnOrder {
    command: Command,
    niceness: i32,
    runtime: Handle,
    reply: oneshot::Sender<io::Result<Child>>,
}

/// Starts a program from a thread that lives as long as this process.
///
/// The kernel sends the parent-death signal when the *thread* that started a child ends, and threads
/// of the async runtime come and go.
///
/// The program is as nice as `niceness` from its first instruction: starting it, for which the kernel maps some
/// hundred libraries, held requests up for milliseconds. The thread cannot become less nice again, so a smaller
/// number after a larger one has no effect.
pub(super) async fn spawn(mut command: Command, niceness: u8) -> io::Result<Child> {
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
                let mut nice_by = 0;
                for SpawnOrder {
                    mut command,
                    niceness,
                    runtime,
                    reply,
                } in inbox
                {
                    if niceness > nice_by {
                        // Where it may not be, the program is only less polite.
                        let _ = rustix::process::nice(niceness - nice_by);
                        nice_by = niceness;
                    }
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
        niceness: i32::from(niceness.min(19)),
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
pub(super) struct Group(Option<Pid>);

impl Group {
    pub(super) fn of(child: &Child) -> Self {
        Self(
            child
                .id()
                .and_then(|id| i32::try_from(id).ok())
                .and_then(Pid::from_raw),
        )
    }

    pub(super) fn kill(&mut self) {
        if let Some(pid) = self.0 {
            // The group exists once the helper has made it; the process itself always does.
            let _ = rustix::process::kill_process_group(pid, Signal::KILL);
            let _ = rustix::process::kill_process(pid, Signal::KILL);
        }
    }

    /// The child was waited for: its number may belong to another process from now on.
    pub(super) fn forget(&mut self) {
        self.0 = None;
    }
}

impl Drop for Group {
    fn drop(&mut self) {
        self.kill();
    }
}

/// Replaces this process by the same program with the same arguments and one more variable in its environment, for
/// what is read from there before `main` begins. Returns only on failure. Call it before there are threads.
pub fn restart_with(name: &str, value: &str) -> io::Error {
    use std::os::unix::process::CommandExt as _;

    let program = match std::env::current_exe() {
        Ok(program) => program,
        Err(error) => return error,
    };
    let mut words = std::env::args_os();
    #[expect(clippy::disallowed_types, reason = "this module is the one right place")]
    let mut command = std::process::Command::new(program);
    if let Some(called) = words.next() {
        command.arg0(called);
    }
    command.args(words).env(name, value).exec()
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
