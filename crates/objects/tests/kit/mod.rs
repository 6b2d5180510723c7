//! A real server that speaks S3, one for each test program, and a relay before it that counts and breaks.

#![allow(dead_code, reason = "each test program uses its part")]

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::{Shutdown, SocketAddr, TcpListener, TcpStream};
use std::path::Path;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, OnceLock};

use objects::{Key, Objects, S3Keys, S3Settings};
use tempfile::{TempDir, tempdir};

/// The address of the server, which lives as long as this program.
#[expect(
    clippy::disallowed_types,
    reason = "the tests start a server of somebody else"
)]
pub fn server() -> SocketAddr {
    use std::process::{Child, Command, Stdio};

    static SERVER: OnceLock<(SocketAddr, Mutex<Child>)> = OnceLock::new();
    let (address, _) = SERVER.get_or_init(|| {
        let moto = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../.tools/moto/bin/moto_server");
        assert!(
            moto.exists(),
            "{} is missing: scripts/install-tools test",
            moto.display()
        );
        // The pipe closes when this program ends, however it does; then the shell ends the server.
        let mut shell = Command::new("sh")
            .arg("-c")
            .arg(r#""$0" -H 127.0.0.1 -p 0 & server=$!; cat >/dev/null; kill "$server""#)
            .arg(moto)
            .stdin(Stdio::piped())
            .stdout(Stdio::null())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let mut said = BufReader::new(shell.stderr.take().unwrap()).lines();
        let address = said
            .by_ref()
            .map(Result::unwrap)
            .find_map(|line| Some(line.split_once("Running on http://")?.1.trim().to_owned()))
            .unwrap();
        // What it says later must go somewhere, or it would wait.
        std::thread::spawn(move || said.for_each(drop));
        (address.parse().unwrap(), Mutex::new(shell))
    });
    *address
}

/// A plain HTTP request without any key; the head of the answer and its body.
pub fn plain(method: &str, url: &str) -> (String, Vec<u8>) {
    let rest = url.strip_prefix("http://").unwrap();
    let (host, path) = rest.split_once('/').unwrap();
    let mut stream = TcpStream::connect(host).unwrap();
    let request = format!(
        "{method} /{path} HTTP/1.1\r\nhost: {host}\r\nconnection: close\r\ncontent-length: 0\r\n\r\n"
    );
    stream.write_all(request.as_bytes()).unwrap();
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer).unwrap();
    let end = answer.windows(4).position(|bytes| bytes == b"\r\n\r\n").unwrap();
    let body = answer.split_off(end + 4);
    (String::from_utf8(answer).unwrap(), body)
}

/// A new bucket; its name.
pub fn bucket() -> String {
    static NUMBER: AtomicUsize = AtomicUsize::new(0);
    let name = format!("clips-{}", NUMBER.fetch_add(1, Ordering::Relaxed));
    let (head, _) = plain("PUT", &format!("http://{}/{name}", server()));
    assert!(head.starts_with("HTTP/1.1 200"), "{head}");
    name
}

/// How blobs are kept in `place` (`bucket` or `bucket/prefix`), through the server at `address`.
pub fn settings(address: SocketAddr, place: &str) -> S3Settings {
    S3Settings {
        place: format!("s3://{place}?endpoint=http://{address}").parse().unwrap(),
        keys: S3Keys {
            access_key_id: "tester".to_owned(),
            secret_access_key: "hush".to_owned(),
            session_token: None,
        },
        cache_bytes: 64 << 20,
    }
}

/// Opens what `settings` say, with this node's own folder.
pub async fn node(settings: &S3Settings) -> (TempDir, Objects) {
    let folder = tempdir().unwrap();
    let objects = open(settings, folder.path()).await;
    (folder, objects)
}

pub async fn open(settings: &S3Settings, folder: &Path) -> Objects {
    Objects::open_s3(settings, &folder.join("cache"), &folder.join("tmp"))
        .await
        .unwrap()
}

/// A bucket of its own below a prefix, and a node that uses it.
pub async fn s3() -> (TempDir, Objects) {
    node(&settings(server(), &format!("{}/media/a", bucket()))).await
}

/// A folder, and the blobs in it.
pub async fn local() -> (TempDir, Objects) {
    let folder = tempdir().unwrap();
    let objects = Objects::open_local(&folder.path().join("objects"), &folder.path().join("tmp"))
        .await
        .unwrap();
    (folder, objects)
}

pub fn key(text: &str) -> Key {
    Key::parse(text).unwrap()
}

/// Bytes of which no two stretches are alike for long.
pub fn numbers(count: usize) -> Vec<u8> {
    (0..count)
        .map(|n| (n.wrapping_mul(2_654_435_761) >> 13) as u8)
        .collect()
}

/// What the relay does with requests.
pub const PASS: u64 = 0;
/// It answers 503.
pub const BUSY: u64 = 1;
/// It ends connections.
pub const CUT: u64 = 2;

/// Stands before the server, remembers what is asked, and can be told to break.
pub struct Relay {
    pub address: SocketAddr,
    mode: Arc<AtomicU64>,
    heads: Arc<Mutex<Vec<String>>>,
}

impl Relay {
    pub fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let (mode, heads) = (Arc::new(AtomicU64::new(PASS)), Arc::<Mutex<Vec<_>>>::default());
        let (shared, seen, to) = (Arc::clone(&mode), Arc::clone(&heads), server());
        std::thread::spawn(move || {
            for stream in listener.incoming() {
                let (mode, heads) = (Arc::clone(&shared), Arc::clone(&seen));
                std::thread::spawn(move || relay(stream.unwrap(), to, &mode, &heads));
            }
        });
        Self { address, mode, heads }
    }

    pub fn set(&self, mode: u64) {
        self.mode.store(mode, Ordering::SeqCst);
    }

    /// The heads of requests that begin like this, so far.
    pub fn heads(&self, beginning: &str) -> Vec<String> {
        let heads = self.heads.lock().unwrap();
        heads
            .iter()
            .filter(|head| head.starts_with(beginning))
            .cloned()
            .collect()
    }
}

fn relay(mut from: TcpStream, to: SocketAddr, mode: &AtomicU64, heads: &Mutex<Vec<String>>) {
    let mut head = Vec::new();
    let mut byte = [0];
    while !head.ends_with(b"\r\n\r\n") {
        match from.read(&mut byte) {
            Ok(1) => head.push(byte[0]),
            _ => return,
        }
    }
    heads
        .lock()
        .unwrap()
        .push(String::from_utf8_lossy(&head).to_ascii_lowercase());
    match mode.load(Ordering::SeqCst) {
        PASS => {}
        BUSY => {
            let answer = "HTTP/1.1 503 Service Unavailable\r\ncontent-length: 0\r\nconnection: close\r\n\r\n";
            let _ = from.write_all(answer.as_bytes());
            return;
        }
        _ => return,
    }
    let mut server = TcpStream::connect(to).unwrap();
    if server.write_all(&head).is_err() {
        return;
    }
    let (mut up, mut down) = (from.try_clone().unwrap(), server.try_clone().unwrap());
    std::thread::spawn(move || {
        let _ = std::io::copy(&mut up, &mut server);
    });
    let _ = std::io::copy(&mut down, &mut from);
    let _ = from.shutdown(Shutdown::Both);
}
