//! Programs started for a measure, and what they use: processor time and memory from `/proc`.

use std::ffi::OsStr;
use std::io;
use std::path::Path;
#[expect(
    clippy::disallowed_types,
    reason = "the harness starts the programs that it compares"
)]
use std::process::Command;
use std::process::{Child, Stdio};
use std::time::{Duration, Instant};

use rustix::process::{Pid, Signal};
use rustix::thread::{CpuSet, sched_getaffinity, sched_setaffinity};

use crate::error::{BenchError, Doing};

/// How a program is started.
#[derive(Debug)]
pub struct Start<'a> {
    /// Name or path.
    pub program: &'a OsStr,
    /// Arguments.
    pub args: Vec<String>,
    /// Environment added to ours.
    pub env: Vec<(String, String)>,
    /// Where its output and errors go; nowhere when absent.
    pub log: Option<&'a Path>,
}

/// A running program; killed and waited for when dropped.
#[derive(Debug)]
pub struct Running {
    child: Child,
    name: String,
}

impl Start<'_> {
    #[expect(
        clippy::disallowed_types,
        reason = "the harness starts the programs that it compares"
    )]
    fn command(&self) -> Result<Command, BenchError> {
        let mut command = Command::new(self.program);
        command
            .args(&self.args)
            .envs(self.env.iter().map(|(key, value)| (key, value)))
            .stdin(Stdio::null());
        if let Some(log) = self.log {
            let file = std::fs::File::options()
                .append(true)
                .create(true)
                .open(log)
                .doing("open a log file")?;
            command
                .stdout(file.try_clone().doing("share a log file")?)
                .stderr(file);
        } else {
            command.stdout(Stdio::null()).stderr(Stdio::null());
        }
        Ok(command)
    }

    fn name(&self) -> String {
        self.program.to_string_lossy().into_owned()
    }

    /// Starts it.
    pub fn spawn(&self) -> Result<Running, BenchError> {
        let child = self.command()?.spawn().doing(&format!("start {}", self.name()))?;
        Ok(Running {
            child,
            name: self.name(),
        })
    }

    /// Runs it to its end; an exit code other than 0 is an error with what it printed.
    pub fn finish(&self) -> Result<Vec<u8>, BenchError> {
        let mut command = self.command()?;
        let output = command
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .output()
            .doing(&format!("run {}", self.name()))?;
        if output.status.success() {
            return Ok(output.stdout);
        }
        let said = String::from_utf8_lossy(&output.stderr);
        let tail: String = said
            .chars()
            .rev()
            .take(600)
            .collect::<Vec<_>>()
            .into_iter()
            .rev()
            .collect();
        Err(BenchError::Program {
            program: self.name(),
            what: format!("{}: {tail}", output.status),
        })
    }
}

/// Runs a program to its end and returns what it printed.
pub fn run(program: &str, args: &[&str]) -> Result<Vec<u8>, BenchError> {
    let args = args.iter().map(|arg| (*arg).to_owned()).collect();
    Start {
        program: OsStr::new(program),
        args,
        env: Vec::new(),
        log: None,
    }
    .finish()
}

impl Running {
    /// Process id.
    pub fn pid(&self) -> u32 {
        self.child.id()
    }

    /// Its name or path.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Waits for it to end by itself; its exit code. Ended by a signal, or after `patience`, it has none.
    pub fn wait(mut self, patience: Duration) -> Result<Option<i32>, BenchError> {
        let start = Instant::now();
        while start.elapsed() < patience {
            if let Some(status) = self.child.try_wait().doing("wait for a program")? {
                return Ok(status.code());
            }
            std::thread::sleep(Duration::from_millis(5));
        }
        self.kill()?;
        Ok(None)
    }

    /// An error when the program has already ended.
    pub fn must_run(&mut self) -> Result<(), BenchError> {
        match self.child.try_wait().doing("look at a program")? {
            None => Ok(()),
            Some(status) => Err(BenchError::Program {
                program: self.name.clone(),
                what: format!("ended early: {status}"),
            }),
        }
    }

    fn signal(&self, signal: Signal) -> Result<(), BenchError> {
        let Some(pid) = i32::try_from(self.child.id()).ok().and_then(Pid::from_raw) else {
            return Ok(());
        };
        match rustix::process::kill_process(pid, signal) {
            Ok(()) | Err(rustix::io::Errno::SRCH) => Ok(()),
            Err(error) => Err(BenchError::io(format!("signal {}", self.name), error)),
        }
    }

    /// SIGTERM, then SIGKILL after `patience`. Returns how long it took to end.
    pub fn stop(mut self, patience: Duration) -> Result<Duration, BenchError> {
        let start = Instant::now();
        self.signal(Signal::TERM)?;
        while start.elapsed() < patience {
            if self.child.try_wait().doing("wait for a program")?.is_some() {
                return Ok(start.elapsed());
            }
            std::thread::sleep(Duration::from_millis(5));
        }
        self.kill()?;
        Ok(start.elapsed())
    }

    /// SIGKILL, and waits for the end.
    pub fn kill(mut self) -> Result<(), BenchError> {
        self.end().doing("kill a program")
    }

    fn end(&mut self) -> Result<(), io::Error> {
        self.child.kill()?;
        self.child.wait().map(|_| ())
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        // Nothing can be done about a failure here, and an ended child is fine.
        let _ = self.end();
    }
}

/// Kills a process that a program of ours left behind; one that is gone already is fine.
pub fn kill(pid: u32) -> Result<(), BenchError> {
    let Some(pid) = i32::try_from(pid).ok().and_then(Pid::from_raw) else {
        return Ok(());
    };
    match rustix::process::kill_process(pid, Signal::KILL) {
        Ok(()) | Err(rustix::io::Errno::SRCH) => Ok(()),
        Err(error) => Err(BenchError::io("kill a left process", error)),
    }
}

/// User and system time of a process since its start, in seconds, without its children. Zero when
/// there is no such process.
pub fn cpu_of(pid: u32) -> f64 {
    let Ok(stat) = std::fs::read_to_string(format!("/proc/{pid}/stat")) else {
        return 0.0;
    };
    // The name in parentheses may hold anything; fields are counted after it.
    let Some((_, fields)) = stat.rsplit_once(')') else {
        return 0.0;
    };
    let ticks = |index| {
        fields
            .split_whitespace()
            .nth(index)
            .and_then(|field| field.parse::<u64>().ok())
    };
    let used = ticks(11).unwrap_or(0) + ticks(12).unwrap_or(0);
    used as f64 / rustix::param::clock_ticks_per_second() as f64
}

/// The same, with all living descendants: what a server with worker processes used.
pub fn cpu_of_tree(pid: u32) -> f64 {
    cpu_of(pid) + children_of(pid).into_iter().map(cpu_of_tree).sum::<f64>()
}

/// Living children of a process, started by any of its threads.
pub fn children_of(pid: u32) -> Vec<u32> {
    let Ok(tasks) = std::fs::read_dir(format!("/proc/{pid}/task")) else {
        return Vec::new();
    };
    tasks
        .flatten()
        .filter_map(|task| std::fs::read_to_string(task.path().join("children")).ok())
        .flat_map(|children| {
            children
                .split_whitespace()
                .filter_map(|pid| pid.parse().ok())
                .collect::<Vec<_>>()
        })
        .collect()
}

/// The command line of a process; empty when it is gone.
pub fn words_of(pid: u32) -> Vec<String> {
    std::fs::read(format!("/proc/{pid}/cmdline"))
        .unwrap_or_default()
        .split(|byte| *byte == 0)
        .map(|word| String::from_utf8_lossy(word).into_owned())
        .collect()
}

fn status_bytes(pid: u32, field: &str) -> u64 {
    let status = std::fs::read_to_string(format!("/proc/{pid}/status")).unwrap_or_default();
    status
        .lines()
        .find_map(|line| {
            line.strip_prefix(field)?
                .strip_prefix(':')?
                .split_whitespace()
                .next()?
                .parse()
                .ok()
        })
        .map_or(0, |kibibytes: u64| kibibytes * 1024)
}

/// Resident memory of a process in bytes.
pub fn rss_of(pid: u32) -> u64 {
    status_bytes(pid, "VmRSS")
}

/// Resident memory of a process and all its living descendants in bytes; what they share counts for each.
pub fn rss_of_tree(pid: u32) -> u64 {
    rss_of(pid) + children_of(pid).into_iter().map(rss_of_tree).sum::<u64>()
}

/// The most resident memory a process ever had (or had since [`reset_peak_rss`]), in bytes.
pub fn peak_rss_of(pid: u32) -> u64 {
    status_bytes(pid, "VmHWM")
}

/// Lets the peak start anew from what is resident now.
pub fn reset_peak_rss(pid: u32) -> Result<(), BenchError> {
    std::fs::write(format!("/proc/{pid}/clear_refs"), "5").doing("reset the peak of resident memory")
}

/// Runs `work` with this thread, and every process and thread that it starts, on one core: the first has number 0.
pub fn on_core<T>(core: usize, work: impl FnOnce() -> T) -> Result<T, BenchError> {
    let before = sched_getaffinity(None).doing("ask for the cores of a thread")?;
    let mut only = CpuSet::new();
    only.set(core);
    sched_setaffinity(None, &only).doing("pin a thread to a core")?;
    let done = work();
    sched_setaffinity(None, &before).doing("give a thread its cores back")?;
    Ok(done)
}

/// Has a process, its children and all that they start run on these cores only.
pub fn pin(pid: u32, cores: &[usize]) -> Result<(), BenchError> {
    let mut only = CpuSet::new();
    for core in cores {
        only.set(*core);
    }
    // A parent first, so that a child that it starts meanwhile is there already or has it from its parent.
    if let Some(process) = i32::try_from(pid).ok().and_then(Pid::from_raw) {
        match sched_setaffinity(Some(process), &only) {
            Ok(()) | Err(rustix::io::Errno::SRCH) => {}
            Err(error) => return Err(BenchError::io("pin a process to a core", error)),
        }
    }
    children_of(pid)
        .into_iter()
        .try_for_each(|child| pin(child, cores))
}

/// A TCP port on loopback that was free a moment ago.
pub fn free_port() -> Result<u16, BenchError> {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").doing("find a free port")?;
    Ok(listener.local_addr().doing("find a free port")?.port())
}
