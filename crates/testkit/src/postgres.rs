//! PostgreSQL servers of a test's own: a first one and those that follow it, which can be stopped, frozen, started
//! again and promoted.
//!
//! Only what the system's packages bring is run. Started as root, the server runs as the user `postgres`, since it
//! refuses to be root; its folder must then be one that this user reaches.

use std::fs::{DirBuilder, File};
use std::io;
use std::os::unix::fs::{DirBuilderExt, chown};
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Stdio};
use std::time::{Duration, Instant};

use rustix::process::{Pid, Signal, getuid, kill_process};
use tokio_postgres::{Client, NoTls};

use crate::free_port;

#[expect(clippy::disallowed_types, reason = "tests run the real server")]
type Command = std::process::Command;

/// How long a server may take to start, and to end when it is told to.
const PATIENCE: Duration = Duration::from_mins(1);
/// How often a port is taken by somebody else before it is used, until that is an error.
const PORTS: usize = 5;
/// For tests: nothing has to outlive the machine, only the server. What was acknowledged is written all the same, so
/// that a server that is killed loses none of it, and whoever follows is told at once.
const FOR_TESTS: &[&str] = &[
    "fsync=off",
    "full_page_writes=off",
    "shared_buffers=64MB",
    "max_wal_size=1GB",
];
/// For every server. A follower looks for the first server again several times a second.
const ALWAYS: &[&str] = &[
    "listen_addresses=127.0.0.1",
    "unix_socket_directories=",
    "max_connections=200",
    "wal_keep_size=256MB",
    "wal_retrieve_retry_interval=100ms",
];

/// How a server is stopped.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Stop {
    /// It ends its connections, and writes everything where it belongs.
    Fast,
    /// It drops everything, as in a crash, and recovers when it is started again.
    Immediate,
}

/// A server on loopback with a port and a folder of its own. Ends when it is dropped.
#[derive(Debug)]
pub struct Postgres {
    programs: PathBuf,
    folder: PathBuf,
    /// The user and group that the server runs as, where they are not ours.
    owner: Option<(u32, u32)>,
    settings: Vec<String>,
    port: u16,
    running: Option<Child>,
    frozen: bool,
}

impl Postgres {
    /// A new server for tests, in a temporary folder. `scripts/install-tools test` installs the programs.
    pub fn primary() -> io::Result<Self> {
        Self::primary_in(&std::env::temp_dir(), FOR_TESTS)
    }

    /// A new server with these settings (`name=value`), in a new folder in `parent`.
    pub fn primary_in(parent: &Path, settings: &[&str]) -> io::Result<Self> {
        let programs = programs()?;
        let mut server = Self::on_new_ground(programs, parent, settings)?;
        let data = server.data();
        server.run(
            "initdb",
            &[
                "-U",
                "postgres",
                "-A",
                "trust",
                "-E",
                "UTF8",
                "--locale=C.UTF-8",
                "-D",
            ],
            &data,
        )?;
        server.start_somewhere()?;
        Ok(server)
    }

    /// A new server that follows this one, from a copy of all that it has.
    pub fn follower(&self) -> io::Result<Self> {
        let parent = self.folder.parent().unwrap_or(Path::new("/tmp"));
        let settings: Vec<&str> = self.settings.iter().map(String::as_str).collect();
        let mut server = Self::on_new_ground(self.programs.clone(), parent, &settings)?;
        let data = server.data();
        let port = self.port.to_string();
        server.run(
            "pg_basebackup",
            &[
                "-h",
                "127.0.0.1",
                "-p",
                &port,
                "-U",
                "postgres",
                "-R",
                "-X",
                "stream",
                "-c",
                "fast",
                "-D",
            ],
            &data,
        )?;
        server.start_somewhere()?;
        Ok(server)
    }

    /// The address of a database on it; whether there is one is not asked.
    pub fn url(&self, database: &str) -> String {
        format!("postgres://postgres@127.0.0.1:{}/{database}", self.port)
    }

    /// Where it listens, on 127.0.0.1; the same after every start.
    pub fn port(&self) -> u16 {
        self.port
    }

    /// The id of its first process, while it runs.
    pub fn pid(&self) -> Option<u32> {
        self.running.as_ref().map(Child::id)
    }

    /// Stops it and waits for its end. One that is not running stays so.
    pub fn stop(&mut self, how: Stop) -> io::Result<()> {
        self.thaw()?;
        let Some(mut running) = self.running.take() else {
            return Ok(());
        };
        let signal = match how {
            Stop::Fast => Signal::INT,
            Stop::Immediate => Signal::QUIT,
        };
        send(running.id(), signal)?;
        let until = Instant::now() + PATIENCE;
        while running.try_wait()?.is_none() {
            if Instant::now() > until {
                running.kill()?;
                running.wait()?;
                return Err(self.says("it does not stop"));
            }
            pause();
        }
        Ok(())
    }

    /// Starts it again, where it was and with what it had. One that runs goes on.
    pub fn start(&mut self) -> io::Result<()> {
        if self.running.is_some() {
            return Ok(());
        }
        let log = File::options().append(true).create(true).open(self.log())?;
        let mut command = self.command("postgres");
        command
            .arg("-D")
            .arg(self.data())
            .args(["-p", &self.port.to_string()]);
        for setting in ALWAYS
            .iter()
            .copied()
            .chain(self.settings.iter().map(String::as_str))
        {
            command.args(["-c", setting]);
        }
        let mut running = command
            .stdin(Stdio::null())
            .stdout(log.try_clone()?)
            .stderr(log)
            .spawn()?;
        let until = Instant::now() + PATIENCE;
        while !self.is_ready(running.id()) {
            if let Some(status) = running.try_wait()? {
                return Err(self.says(&format!("it ends at once: {status}")));
            }
            if Instant::now() > until {
                running.kill()?;
                running.wait()?;
                return Err(self.says("it takes no connections"));
            }
            pause();
        }
        self.running = Some(running);
        Ok(())
    }

    /// Lets all of its processes stand still: connections stay, and nobody answers.
    pub fn freeze(&mut self) -> io::Result<()> {
        self.frozen = true;
        self.signal_all(Signal::STOP)
    }

    /// Lets them go on.
    pub fn thaw(&mut self) -> io::Result<()> {
        if std::mem::take(&mut self.frozen) {
            self.signal_all(Signal::CONT)?;
        }
        Ok(())
    }

    /// Lets a follower follow no more, and take what is written.
    pub async fn promote(&self) -> Result<(), tokio_postgres::Error> {
        self.run_sql("postgres", "SELECT pg_promote(TRUE, 60)").await
    }

    /// Runs statements in a database on it, as its superuser.
    pub async fn run_sql(&self, database: &str, sql: &str) -> Result<(), tokio_postgres::Error> {
        let client = self.connect(database).await?;
        client.batch_execute(sql).await
    }

    /// A connection to a database on it, as its superuser.
    pub async fn connect(&self, database: &str) -> Result<Client, tokio_postgres::Error> {
        let (client, connection) = tokio_postgres::connect(&self.url(database), NoTls).await?;
        tokio::spawn(connection);
        Ok(client)
    }

    /// Has it speak TLS from now on to whoever wants to; answers the file with who vouches for it.
    ///
    /// # Panics
    /// When the server does not take the certificate.
    pub async fn speaks_tls(&self) -> io::Result<PathBuf> {
        let data = self.data();
        crate::certify(&data, self.owner)?;
        self.run_sql("postgres", "ALTER SYSTEM SET ssl = on")
            .await
            .map_err(io::Error::other)?;
        self.run_sql("postgres", "SELECT pg_reload_conf()")
            .await
            .map_err(io::Error::other)?;
        Ok(data.join("ca.crt"))
    }

    fn on_new_ground(programs: PathBuf, parent: &Path, settings: &[&str]) -> io::Result<Self> {
        let owner = owner()?;
        let port = free_port();
        let folder = parent.join(format!("postgres-{}-{port}", std::process::id()));
        DirBuilder::new().mode(0o700).create(&folder)?;
        if let Some((user, group)) = owner {
            chown(&folder, Some(user), Some(group))?;
        }
        Ok(Self {
            programs,
            folder,
            owner,
            settings: settings.iter().map(|setting| (*setting).to_owned()).collect(),
            port,
            running: None,
            frozen: false,
        })
    }

    /// Starts it for the first time: on another port, where somebody else has taken this one meanwhile.
    fn start_somewhere(&mut self) -> io::Result<()> {
        for _ in 1..PORTS {
            match self.start() {
                Err(error) if error.to_string().contains("could not bind") => self.port = free_port(),
                done => return done,
            }
        }
        self.start()
    }

    fn data(&self) -> PathBuf {
        self.folder.join("data")
    }

    fn log(&self) -> PathBuf {
        self.folder.join("log")
    }

    fn command(&self, program: &str) -> Command {
        let mut command = Command::new(self.programs.join(program));
        command.current_dir(&self.folder);
        if let Some((user, group)) = self.owner {
            command.uid(user).gid(group);
        }
        command
    }

    fn run(&self, program: &str, words: &[&str], last: &Path) -> io::Result<()> {
        let done = self.command(program).args(words).arg(last).output()?;
        if done.status.success() {
            return Ok(());
        }
        let said = String::from_utf8_lossy(&done.stderr).into_owned();
        Err(io::Error::other(format!("{program}: {}: {said}", done.status)))
    }

    /// Whether the server notes of itself, as the process with this id, that it takes connections.
    fn is_ready(&self, pid: u32) -> bool {
        let note = std::fs::read_to_string(self.data().join("postmaster.pid")).unwrap_or_default();
        let mut lines = note.lines();
        let same = lines.next() == Some(pid.to_string().as_str());
        same && lines.nth(6).is_some_and(|status| status.trim() == "ready")
    }

    /// The error, with the end of what the server wrote down.
    fn says(&self, what: &str) -> io::Error {
        let log = std::fs::read_to_string(self.log()).unwrap_or_default();
        let lines: Vec<&str> = log.lines().rev().take(10).collect();
        let lines: Vec<&str> = lines.into_iter().rev().collect();
        io::Error::other(format!("PostgreSQL: {what}\n{}", lines.join("\n")))
    }

    /// The first process, so that it starts no others, and then all it has started.
    fn signal_all(&self, signal: Signal) -> io::Result<()> {
        let Some(first) = self.pid() else {
            return Ok(());
        };
        send(first, signal)?;
        let children = std::fs::read_to_string(format!("/proc/{first}/task/{first}/children"))?;
        for child in children.split_whitespace().filter_map(|pid| pid.parse().ok()) {
            send(child, signal)?;
        }
        Ok(())
    }
}

impl Drop for Postgres {
    fn drop(&mut self) {
        let _ = self.stop(Stop::Immediate);
        let _ = std::fs::remove_dir_all(&self.folder);
    }
}

/// Where the newest release's programs are.
fn programs() -> io::Result<PathBuf> {
    let releases = std::fs::read_dir("/usr/lib/postgresql")
        .into_iter()
        .flatten()
        .flatten();
    releases
        .map(|release| release.path().join("bin"))
        .filter(|programs| programs.join("initdb").exists())
        .max_by_key(|programs| {
            let release = programs.parent().and_then(Path::file_name);
            release.and_then(|name| name.to_str()?.parse::<u32>().ok())
        })
        .ok_or_else(|| {
            io::Error::new(
                io::ErrorKind::NotFound,
                "no PostgreSQL is installed; scripts/install-tools test does it",
            )
        })
}

/// The user and group that what refuses to be root runs as, where that is not us.
pub(crate) fn owner() -> io::Result<Option<(u32, u32)>> {
    if getuid().is_root() {
        user("postgres").map(Some)
    } else {
        Ok(None)
    }
}

/// The numbers of a user of this machine and of its group.
fn user(name: &str) -> io::Result<(u32, u32)> {
    let all = std::fs::read_to_string("/etc/passwd")?;
    all.lines()
        .find_map(|line| {
            let mut fields = line.split(':');
            (fields.next()? == name).then_some(())?;
            Some((fields.nth(1)?.parse().ok()?, fields.next()?.parse().ok()?))
        })
        .ok_or_else(|| io::Error::other(format!("there is no user {name}")))
}

/// One that is gone already is fine.
fn send(pid: u32, signal: Signal) -> io::Result<()> {
    let Some(pid) = i32::try_from(pid).ok().and_then(Pid::from_raw) else {
        return Ok(());
    };
    match kill_process(pid, signal) {
        Ok(()) | Err(rustix::io::Errno::SRCH) => Ok(()),
        Err(error) => Err(error.into()),
    }
}

/// Between two looks at something that takes its time.
fn pause() {
    std::thread::sleep(Duration::from_millis(10));
}
