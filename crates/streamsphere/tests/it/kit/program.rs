//! The real program as a child process: started with words, heard on its pipes, told to stop by signals.
//!
//! What is about use cases starts a server inside the test (`kit::site`); this is for what only a process
//! has: exit codes, signals, what it prints, what it leaves behind when it is killed.

use std::io::Read;
use std::os::unix::process::ExitStatusExt as _;
use std::path::{Path, PathBuf};
use std::process::{Child, ExitStatus, Stdio};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use reqwest::{Client, Method, RequestBuilder};
use rustix::process::{Pid, Signal, kill_process};
use serde_json::{Value, json};

use super::clips::Clip;
use super::{Answer, PASSWORD, answer, program};

#[expect(clippy::disallowed_types, reason = "tests run the real program")]
type Command = std::process::Command;

/// How a command ended and what it said.
#[derive(Debug)]
pub struct Ended {
    pub status: ExitStatus,
    pub stdout: String,
    pub stderr: String,
}

impl Ended {
    /// Asserts that it ended well; answers what it said.
    #[track_caller]
    pub fn succeeds(self) -> String {
        assert!(self.status.success(), "{self:?}");
        self.stdout
    }

    /// Asserts that it ended with code 1; answers its complaint, which is one line.
    #[track_caller]
    pub fn complains(self) -> String {
        assert_eq!(self.status.code(), Some(1), "{self:?}");
        let complaint = self.stderr.lines().last().unwrap_or_default().to_owned();
        assert!(complaint.starts_with("streamsphere: "), "{self:?}");
        complaint
    }
}

/// The program with these words, in an environment without settings.
fn command(words: &[&str]) -> Command {
    let mut command = Command::new(program());
    command.args(words);
    for (name, _) in std::env::vars_os() {
        if name.to_string_lossy().starts_with("STREAMSPHERE_") {
            command.env_remove(name);
        }
    }
    command
}

/// Runs a command to its end.
pub fn run(words: &[&str]) -> Ended {
    run_with(words, &[], Path::new("/"), "")
}

/// Runs a command to its end, with these environment variables, in this folder, with this on its input.
pub fn run_with(words: &[&str], environment: &[(&str, &str)], folder: &Path, input: &str) -> Ended {
    use std::io::Write as _;

    let mut command = command(words);
    command.envs(environment.iter().copied()).current_dir(folder);
    let mut child = command
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    // One that does not read its input has closed it; that is its right.
    let _ = child.stdin.take().unwrap().write_all(input.as_bytes());
    let stdout = heard(child.stdout.take().unwrap());
    let stderr = heard(child.stderr.take().unwrap());
    let status = ended(&mut child, "the command");
    Ended {
        status,
        stdout: stdout.all(),
        stderr: stderr.all(),
    }
}

/// What comes out of a pipe, read on a thread so that the program never waits for us.
#[derive(Debug, Clone)]
struct Heard(Arc<Mutex<(Vec<u8>, bool)>>);

fn heard(mut pipe: impl Read + Send + 'static) -> Heard {
    let heard = Heard(Arc::default());
    let kept = heard.clone();
    std::thread::spawn(move || {
        let mut chunk = [0; 8192];
        loop {
            let count = pipe.read(&mut chunk).unwrap_or(0);
            let mut kept = kept.0.lock().unwrap();
            kept.0.extend_from_slice(&chunk[..count]);
            if count == 0 {
                kept.1 = true;
                return;
            }
        }
    });
    heard
}

impl Heard {
    fn so_far(&self) -> String {
        String::from_utf8_lossy(&self.0.lock().unwrap().0).into_owned()
    }

    /// Everything, once the pipe is closed.
    fn all(&self) -> String {
        patiently("the pipe is closed", || self.0.lock().unwrap().1);
        self.so_far()
    }
}

/// Waits for a condition on this thread, for at most a minute.
pub fn patiently(what: &str, mut done: impl FnMut() -> bool) {
    let deadline = Instant::now() + Duration::from_mins(1);
    while !done() {
        assert!(Instant::now() < deadline, "waited in vain until {what}");
        std::thread::sleep(Duration::from_millis(10));
    }
}

fn ended(child: &mut Child, what: &str) -> ExitStatus {
    let mut status = None;
    patiently(&format!("{what} has ended"), || {
        status = child.try_wait().unwrap();
        status.is_some()
    });
    status.unwrap()
}

/// `streamsphere serve`, running.
pub struct Program {
    child: Child,
    stdout: Heard,
    stderr: Heard,
    pub url: String,
    pub data: PathBuf,
    client: Client,
}

/// Starts a server on this data folder, with further words, and waits until it says that it listens.
pub fn serve(data: &Path, words: &[&str]) -> Program {
    let shown = data.display().to_string();
    let mut all = vec!["serve", "--listen", "127.0.0.1:0", "--data-dir", &shown];
    // Other tests keep the machine busy at the same time; encodes have to get on beside them.
    all.extend(["--encode-nice", "5"]);
    all.extend_from_slice(&["--rate-limits", "off", "--disk-reserve-bytes", "0"]);
    // A word that is said twice is refused; the caller's goes first.
    for pair in words.chunks(2) {
        if let Some(at) = all.iter().position(|word| *word == pair[0]) {
            all.drain(at..at + 2);
        }
    }
    all.extend_from_slice(words);
    let mut child = command(&all)
        .current_dir("/")
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let stdout = heard(child.stdout.take().unwrap());
    let stderr = heard(child.stderr.take().unwrap());
    let mut url = None;
    patiently("the server listens", || {
        let said = stdout.so_far();
        url = said
            .lines()
            .next()
            .filter(|_| said.contains('\n'))
            .and_then(|line| line.split_once(" listens on "))
            .map(|(_, url)| url.to_owned());
        if url.is_none()
            && let Some(status) = child.try_wait().unwrap()
        {
            panic!("it ended with {status}: {}", stderr.all());
        }
        url.is_some()
    });
    Program {
        child,
        stdout,
        stderr,
        url: url.unwrap(),
        data: data.to_owned(),
        client: super::client().build().unwrap(),
    }
}

impl Program {
    pub fn process(&self) -> u32 {
        self.child.id()
    }

    pub fn signal(&self, signal: Signal) {
        let pid = Pid::from_raw(i32::try_from(self.child.id()).unwrap()).unwrap();
        kill_process(pid, signal).unwrap();
    }

    /// Where it listens.
    pub fn address(&self) -> &str {
        self.url.strip_prefix("http://").unwrap()
    }

    /// What it has printed so far.
    pub fn said(&self) -> String {
        self.stdout.so_far()
    }

    /// The code for the first admin, when it was printed.
    pub fn setup_code(&self) -> Option<String> {
        let said = self.said();
        let mut lines = said.lines().skip_while(|line| !line.contains("no admin yet"));
        lines.next()?;
        lines.next().map(|line| line.trim().to_owned())
    }

    /// Waits for the end; answers how it was and all that was said.
    pub fn ends(mut self) -> Ended {
        let status = ended(&mut self.child, "the server");
        Ended {
            status,
            stdout: self.stdout.all(),
            stderr: self.stderr.all(),
        }
    }

    /// Asks it to stop, and asserts that it ends well; answers its log.
    #[track_caller]
    pub fn stops(self) -> String {
        self.signal(Signal::TERM);
        let ended = self.ends();
        assert_eq!(ended.status.code(), Some(0), "{ended:?}");
        ended.stderr
    }

    /// Kills it as a crash would; answers its log.
    pub fn crashes(self) -> String {
        self.signal(Signal::KILL);
        let ended = self.ends();
        assert_eq!(ended.status.signal(), Some(Signal::KILL.as_raw()));
        ended.stderr
    }

    /// Whether a connection is taken.
    pub fn is_reachable(&self) -> bool {
        std::net::TcpStream::connect(self.address()).is_ok()
    }

    /// Lines of command lines of the processes that this server has started and that still run.
    pub fn children(&self) -> Vec<(u32, String)> {
        let me = self.process().to_string();
        processes()
            .into_iter()
            .filter(|(_, parent, _)| *parent == me)
            .map(|(pid, _, words)| (pid, words))
            .collect()
    }

    pub fn request(&self, method: Method, path: &str) -> RequestBuilder {
        self.client.request(method, format!("{}{path}", self.url))
    }

    pub async fn get(&self, path: &str, token: &str) -> Answer {
        answer(self.request(Method::GET, path).bearer_auth(token)).await
    }

    pub async fn post(&self, path: &str, body: &Value) -> Answer {
        answer(self.request(Method::POST, path).json(body)).await
    }

    /// Registers and signs in someone; answers the access token.
    pub async fn person(&self, name: &str) -> String {
        let body = json!({
            "username": name, "email": format!("{name}@example.com"), "fullName": name, "password": PASSWORD,
        });
        self.post("/api/v1/users/register", &body).await.is(201);
        self.signs_in(name).await
    }

    /// Signs someone in who is registered; answers the access token.
    pub async fn signs_in(&self, name: &str) -> String {
        let body = json!({"username": name, "password": PASSWORD});
        let answer = self.post("/api/v1/users/login", &body).await.is(200);
        answer.text_at("/data/accessToken")
    }

    /// Uploads a clip; answers the video's id.
    pub async fn uploads(&self, token: &str, clip: &Clip) -> String {
        let part = reqwest::multipart::Part::bytes(clip.bytes()).file_name(clip.name.clone());
        let form = reqwest::multipart::Form::new()
            .text("title", "A clip")
            .text("allowDuplicate", "true")
            .part("videoFile", part);
        let request = self.request(Method::POST, "/api/v1/videos").bearer_auth(token);
        answer(request.multipart(form)).await.is(201).text_at("/data/_id")
    }

    /// Waits until a video is ready; answers it.
    pub async fn prepares(&self, token: &str, id: &str) -> Value {
        let deadline = Instant::now() + Duration::from_secs(90);
        loop {
            let video = self
                .get(&format!("/api/v1/videos/{id}"), token)
                .await
                .is(200)
                .at("/data");
            match video["status"].as_str() {
                Some("ready") => return video,
                Some("processing") if Instant::now() < deadline => {}
                _ => panic!("not ready: {video}"),
            }
            tokio::time::sleep(Duration::from_millis(30)).await;
        }
    }
}

impl Drop for Program {
    fn drop(&mut self) {
        // Its ffmpegs die with it. One that has ended is only reaped.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Every process that is no zombie: its id, its parent's, and its words.
pub fn processes() -> Vec<(u32, String, String)> {
    let entries = std::fs::read_dir("/proc").unwrap().flatten();
    entries
        .filter_map(|entry| {
            let pid: u32 = entry.file_name().to_str()?.parse().ok()?;
            let status = std::fs::read_to_string(entry.path().join("status")).ok()?;
            let field = |name: &str| {
                let line = status.lines().find_map(|line| line.strip_prefix(name))?;
                Some(line.trim().to_owned())
            };
            if field("State:")?.starts_with('Z') {
                return None;
            }
            let words = std::fs::read(entry.path().join("cmdline")).ok()?;
            let words = String::from_utf8_lossy(&words).replace('\0', " ");
            Some((pid, field("PPid:")?, words))
        })
        .collect()
}
