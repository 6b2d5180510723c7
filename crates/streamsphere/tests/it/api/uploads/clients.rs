//! Uploads by the clients that people use, through a proxy that cuts their connections at random places.

use std::path::Path;
use std::process::Stdio;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

use super::resume::{Dice, padded};
use super::source_of;
use crate::kit::{self, tools};

/// How much a client sends in one request.
const CHUNK: usize = 512 * 1024;
const CUTS: usize = 12;

/// A proxy between clients and a server that ends connections in the middle of what clients send.
struct Scissors {
    address: std::net::SocketAddr,
    cuts: Arc<AtomicUsize>,
    passed: Arc<AtomicUsize>,
}

impl Scissors {
    async fn before(server: std::net::SocketAddr, seed: u64) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let (cuts, passed) = (Arc::new(AtomicUsize::new(0)), Arc::new(AtomicUsize::new(0)));
        let (done, all) = (Arc::clone(&cuts), Arc::clone(&passed));
        tokio::spawn(async move {
            let mut dice = Dice(seed);
            while let Ok((client, _)) = listener.accept().await {
                // Somewhere in the first request or the second, politely or not.
                let after = (done.load(Ordering::Relaxed) < CUTS).then(|| dice.below(CHUNK * 3 / 2));
                let politely = dice.below(2) == 0;
                let (done, all) = (Arc::clone(&done), Arc::clone(&all));
                tokio::spawn(async move {
                    let Ok(upstream) = TcpStream::connect(server).await else {
                        return;
                    };
                    if carry(client, upstream, after, politely, &all).await {
                        done.fetch_add(1, Ordering::Relaxed);
                    }
                });
            }
        });
        Self {
            address,
            cuts,
            passed,
        }
    }
}

/// Carries bytes both ways; tells whether it cut the connection, which it does after so many bytes of the
/// client.
async fn carry(
    mut client: TcpStream,
    mut upstream: TcpStream,
    mut after: Option<usize>,
    politely: bool,
    all: &AtomicUsize,
) -> bool {
    let (mut up, mut down) = (vec![0; 16 * 1024], vec![0; 16 * 1024]);
    loop {
        tokio::select! {
            read = client.read(&mut up) => {
                let Ok(read @ 1..) = read else { return false };
                let passed = after.map_or(read, |left| left.min(read));
                if upstream.write_all(&up[..passed]).await.is_err() {
                    return false;
                }
                all.fetch_add(passed, Ordering::Relaxed);
                if let Some(left) = &mut after {
                    *left -= passed;
                    if *left == 0 {
                        if !politely {
                            let _ = client.set_zero_linger();
                            let _ = upstream.set_zero_linger();
                        }
                        return true;
                    }
                }
            }
            read = upstream.read(&mut down) => {
                let Ok(read @ 1..) = read else { return false };
                if client.write_all(&down[..read]).await.is_err() {
                    return false;
                }
            }
        }
    }
}

/// Lets a client upload through the scissors, and compares what arrived.
#[expect(clippy::disallowed_types, reason = "tests run the real program")]
async fn uploads_through_scissors(program: &Path, words: &[&str], seed: u64) {
    let site = kit::site().await;
    let asha = site.person("asha").await;
    let scissors = Scissors::before(site.server.address, seed).await;
    let clip = padded(6 << 20);
    let file = site.folder.path().join("clip.mp4");
    std::fs::write(&file, &clip).unwrap();
    let output = tokio::process::Command::new(program)
        .args(words)
        .arg(&file)
        .arg(format!("http://{}/api/v1/uploads", scissors.address))
        .arg(asha.token.as_ref().unwrap())
        .arg(CHUNK.to_string())
        .env("NODE_PATH", tools::folder().join("node/node_modules"))
        .stdin(Stdio::null())
        .kill_on_drop(true)
        .output();
    let output = tokio::time::timeout(Duration::from_mins(2), output)
        .await
        .expect("the client hangs")
        .unwrap();
    let said = String::from_utf8_lossy(&output.stdout).into_owned();
    assert!(
        output.status.success(),
        "{said}{}",
        String::from_utf8_lossy(&output.stderr)
    );
    let cuts = scissors.cuts.load(Ordering::Relaxed);
    assert!(cuts >= CUTS / 2, "only {cuts} cuts");
    let own = asha
        .get(&format!("/api/v1/videos?userId={}", asha.id))
        .await
        .is(200);
    assert_eq!(own.at("/data/totalDocs"), 1);
    let video = own.text_at("/data/docs/0/_id");
    asha.waits_until(&video, "ready").await;
    assert!(
        source_of(&site, &video).await == clip,
        "what arrived is what was sent"
    );
    // A cut costs no more than the request that it cut.
    let passed = scissors.passed.load(Ordering::Relaxed);
    let most = clip.len() + (cuts + 1) * (CHUNK + 4096);
    let complaints = String::from_utf8_lossy(&output.stderr);
    assert!(passed < most, "{passed} with {cuts} cuts: {complaints}");
}

fn script(name: &str) -> String {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/it/api/uploads");
    folder.join(name).display().to_string()
}

#[tokio::test(flavor = "multi_thread")]
async fn tus_js_client_uploads_through_cut_connections() {
    if !tools::is_there(&tools::folder().join("node/node_modules/tus-js-client")) {
        return;
    }
    for seed in [11, 12, 13] {
        uploads_through_scissors(Path::new("node"), &[&script("upload.cjs")], seed).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn tuspy_uploads_through_cut_connections() {
    let python = tools::folder().join("python/bin/python");
    if !tools::is_there(&python) {
        return;
    }
    for seed in [21, 22, 23] {
        uploads_through_scissors(&python, &[&script("upload.py")], seed).await;
    }
}
