//! The sandbox helper: the server's own program, started again as `__sandbox-exec`.
//!
//! It makes a session of its own, ties its life to its parent's, puts the sandbox on itself and then
//! *becomes* the media program. The binary must call [`exec_main`] before it makes a thread or a
//! runtime: restrictions hold per thread, and allocation is only safe while there is one.

use std::ffi::{OsStr, OsString};
use std::io::Write as _;
use std::path::PathBuf;

use rustix::process::{Pid, Signal};

use crate::sandbox::{self, Confinement, SandboxStatus};

/// First argument by which the binary knows that it is the helper.
pub const EXEC_WORD: &str = "__sandbox-exec";

/// Exit code of the helper when it could not confine or start the program.
pub const REFUSED_CODE: i32 = 113;

/// What the helper was asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Request {
    pub(crate) confinement: Confinement,
    pub(crate) args: Vec<OsString>,
    /// Process that must still be the parent.
    pub(crate) parent: Option<i32>,
    /// Refuse to go on when a layer is missing.
    pub(crate) require: bool,
    /// Only say what holds; start nothing.
    pub(crate) report: bool,
    /// Scheduling niceness, 0 to 19; more where the parent has more.
    pub(crate) nice: i32,
}

impl Request {
    /// The helper's command line, [`EXEC_WORD`] first.
    pub(crate) fn to_args(&self) -> Vec<OsString> {
        let mut words: Vec<OsString> = vec![EXEC_WORD.into()];
        let mut pair = |name: &str, value: &OsStr| words.extend([name.into(), value.to_owned()]);
        let limits = &self.confinement;
        for (name, value) in [
            ("--cpu-s", limits.cpu_s),
            ("--file-bytes", limits.file_bytes),
            ("--memory-bytes", limits.memory_bytes),
            ("--open-files", limits.open_files),
        ] {
            pair(name, value.to_string().as_ref());
        }
        if let Some(parent) = self.parent {
            pair("--parent", parent.to_string().as_ref());
        }
        if self.nice > 0 {
            pair("--nice", self.nice.to_string().as_ref());
        }
        for path in &limits.reads {
            pair("--read", path.as_os_str());
        }
        if let Some(folder) = &limits.writes {
            pair("--write", folder.as_os_str());
        }
        words.extend(self.require.then(|| "--require".into()));
        words.extend(self.report.then(|| "--report".into()));
        words.push("--".into());
        words.push(limits.program.clone().into_os_string());
        words.extend(self.args.iter().cloned());
        words
    }

    /// Reads the words after [`EXEC_WORD`]. `None` when they are not as [`Request::to_args`] writes.
    pub(crate) fn parse(mut words: impl Iterator<Item = OsString>) -> Option<Self> {
        let mut request = Self {
            confinement: Confinement {
                program: PathBuf::new(),
                reads: Vec::new(),
                writes: None,
                cpu_s: 60,
                file_bytes: 0,
                memory_bytes: 4 << 30,
                open_files: 64,
            },
            args: Vec::new(),
            parent: None,
            require: false,
            report: false,
            nice: 0,
        };
        loop {
            let word = words.next()?;
            match word.to_str()? {
                "--" => break,
                "--cpu-s" => request.confinement.cpu_s = number(&mut words)?,
                "--file-bytes" => request.confinement.file_bytes = number(&mut words)?,
                "--memory-bytes" => request.confinement.memory_bytes = number(&mut words)?,
                "--open-files" => request.confinement.open_files = number(&mut words)?,
                "--parent" => request.parent = Some(number(&mut words)?),
                "--nice" => request.nice = number(&mut words)?,
                "--read" => request.confinement.reads.push(words.next()?.into()),
                "--write" => request.confinement.writes = Some(words.next()?.into()),
                "--require" => request.require = true,
                "--report" => request.report = true,
                _ => return None,
            }
        }
        request.confinement.program = words.next()?.into();
        request.args = words.collect();
        Some(request)
    }
}

fn number<T: std::str::FromStr>(words: &mut impl Iterator<Item = OsString>) -> Option<T> {
    words.next()?.to_str()?.parse().ok()
}

/// Runs the helper with the arguments after [`EXEC_WORD`]. On success it does not return: the process
/// has become the media program. What it returns is the exit code to leave with.
pub fn exec_main(args: impl Iterator<Item = OsString>) -> i32 {
    let Some(request) = Request::parse(args) else {
        return refuse("the arguments are not understood");
    };
    // Fails only for a process that already leads a group, which is then its own just as well.
    let _ = rustix::process::setsid();
    if rustix::process::set_parent_process_death_signal(Some(Signal::KILL)).is_err() {
        return refuse("the parent-death signal can't be set");
    }
    let parent = rustix::process::getppid().map(Pid::as_raw_pid);
    if request.parent.is_some() && request.parent != parent {
        return refuse("the parent is gone");
    }
    if request.nice > 0 {
        let nice = request.nice.min(19);
        let already = rustix::process::getpriority_process(None).unwrap_or(0);
        let _ = rustix::process::nice((nice - already).max(0));
        // Where sessions share the processor as groups (sched(7), autogroup), niceness counts only inside
        // one, and this process has just left ours: its group has to be as nice. Elsewhere there is no
        // such file.
        let _ = std::fs::write("/proc/self/autogroup", nice.to_string());
    }
    let status = sandbox::confine(&request.confinement);
    if request.report {
        return report(&status);
    }
    if request.require && !status.is_enforced() {
        return refuse("a required layer is missing on this machine");
    }
    let cause = crate::runner::become_program(&request.confinement.program, &request.args);
    refuse(&format!("the program can't be started: {cause}"))
}

fn report(status: &SandboxStatus) -> i32 {
    let Ok(text) = serde_json::to_string(status) else {
        return REFUSED_CODE;
    };
    match writeln!(std::io::stdout(), "{text}") {
        Ok(()) => 0,
        Err(_) => REFUSED_CODE,
    }
}

fn refuse(why: &str) -> i32 {
    let _ = writeln!(std::io::stderr(), "sandbox: {why}");
    REFUSED_CODE
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_request_survives_the_command_line() {
        let request = Request {
            confinement: Confinement {
                program: "/usr/bin/ffmpeg".into(),
                reads: vec!["/data/--write".into(), "/data/b".into()],
                writes: Some("/data/out".into()),
                cpu_s: 61,
                file_bytes: 1 << 40,
                memory_bytes: 4 << 30,
                open_files: 64,
            },
            args: vec!["-i".into(), "--".into(), "--require".into()],
            parent: Some(17),
            require: true,
            report: false,
            nice: 5,
        };
        let words = request.to_args();
        assert_eq!(words[0], EXEC_WORD);
        assert_eq!(Request::parse(words.into_iter().skip(1)), Some(request));
    }

    #[test]
    fn an_unknown_word_is_refused() {
        let words = ["--cpu-s", "1", "--shell", "--", "/bin/sh"].map(OsString::from);
        assert_eq!(Request::parse(words.into_iter()), None);
    }
}
