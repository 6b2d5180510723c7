//! What the API's readers notice while two encodes run, and while somebody uploads files that are not what
//! they seem.

use std::net::SocketAddr;
use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use super::{Bench, ladder, tiny_clip, upload_and_wait};
use crate::api::{self, Person};
use crate::error::{BenchError, Doing};
use crate::http::{Body, Client};
use crate::process::{self, children_of};
use crate::report::{Row, Section, Target, median, percentile};
use crate::rng::Rng;
use crate::server::Server;

/// Readers at once, each asking again a moment after it was answered.
const READERS: usize = 4;
const PAUSE: Duration = Duration::from_millis(5);
const PATIENCE: Duration = Duration::from_mins(10);

/// The same server at rest, then with two encodes, in each round.
pub fn measure(bench: &Bench) -> Result<Section, BenchError> {
    let folder = bench.folder()?;
    let clip = folder.path().join("clip.mkv");
    ladder::make_clip(&clip)?;
    let tiny = tiny_clip(folder.path())?;
    let mut launch = bench.launch.clone();
    launch
        .env
        .push(("STREAMSPHERE_ENCODE_JOBS".to_owned(), "2".to_owned()));
    let server = launch.start(&folder.path().join("data"))?;
    let mut person = Person::join(server.address(), "reader")?;
    let id = upload_and_wait(&mut person, &tiny, Duration::from_mins(2))?;
    let path = format!("/api/v1/videos/{id}");
    let token = person.http.token().unwrap_or_default().to_owned();
    let (mut idle, mut begun, mut busy) = (Figures::default(), Figures::default(), Figures::default());
    for round in 0..bench.rounds {
        idle.add(&read(server.address(), &path, &token, bench.run)?);
        let mut works = Vec::new();
        for name in ["One", "Another"] {
            let mut file = std::fs::File::open(&clip).doing("open a clip")?;
            let length = file.metadata().doing("measure a clip")?.len();
            works.push(person.uploads(&format!("{name} {round}"), &mut file, length)?);
        }
        begun.add(&read(server.address(), &path, &token, bench.run)?);
        wait_for_encodes(&server)?;
        busy.add(&read(server.address(), &path, &token, bench.run)?);
        if children_of(server.pid()).is_empty() {
            return Err(BenchError::Shape {
                call: path,
                what: "the encodes ended before the readers did".to_owned(),
            });
        }
        for work in works {
            let gone = person
                .http
                .call("DELETE", &format!("/api/v1/videos/{work}"), &[], Body::Empty)
                .doing("delete")?;
            crate::http::expect_ok("delete", gone)?;
        }
        wait_for_rest(&server)?;
    }
    let files = hostile(folder.path(), &tiny)?;
    let mut attacked = Figures::default();
    for _ in 0..bench.rounds {
        attacked.add(&beside_uploads(&server, &path, &token, &files, bench.run)?);
        wait_for_rest(&server)?;
    }
    server.stop()?;
    let rows = vec![
        Row::compared(
            "GET /videos/{id} signed in, p99 ms, two encodes (other: at rest)",
            median(&busy.p99_ms),
            median(&idle.p99_ms),
            Target::AtMost(3.0),
        ),
        Row::compared(
            "GET /videos/{id} signed in, median ms, two encodes (other: at rest)",
            median(&busy.median_ms),
            median(&idle.median_ms),
            Target::None,
        ),
        Row::compared(
            "GET /videos/{id} signed in, p99 ms, right after two uploads (other: at rest)",
            median(&begun.p99_ms),
            median(&idle.p99_ms),
            Target::None,
        ),
        Row::compared(
            "GET /videos/{id} signed in, p99 ms, hostile uploads (other: at rest)",
            median(&attacked.p99_ms),
            median(&idle.p99_ms),
            Target::None,
        ),
    ];
    let how = format!(
        "{READERS} readers on keep-alive connections, each {} ms of pause between an answer and the next request. The \
         encodes are whole ladders of 1080p, two jobs at a time, niced as by default; right after the uploads, the files are looked \
         at as well (programs start, posters are chosen), and the first encodes begin. Hostile uploads: two people who \
         send {} files over and over, as fast as they are refused: truncated, noisy, playlists in disguise, hours between \
         two frames, forty tracks. {}",
        PAUSE.as_millis(),
        files.len(),
        bench.rounds_text()
    );
    Ok(Section {
        name: "busy".to_owned(),
        how,
        rows,
    })
}

/// Files that are not what they seem, or cost more than they are worth.
fn hostile(folder: &Path, tiny: &Path) -> Result<Vec<Vec<u8>>, BenchError> {
    let whole = std::fs::read(tiny).doing("read a clip")?;
    let mut files = vec![whole[..whole.len() / 2].to_vec(), whole[..200].to_vec()];
    let mut dice = Rng::new(7);
    for noisy in [8, 64, 512] {
        let mut bytes = whole.clone();
        for _ in 0..noisy {
            let mut place = [0; 8];
            dice.fill(&mut place);
            let at = 40 + u64::from_le_bytes(place) as usize % (bytes.len() - 40);
            bytes[at] ^= 0x5a;
        }
        files.push(bytes);
    }
    let playlist = "#EXTM3U\n#EXT-X-TARGETDURATION:5\n#EXTINF:5,\nfile:///etc/hostname\n#EXT-X-ENDLIST\n";
    files.push(playlist.as_bytes().to_vec());
    files.push([&whole[..32], playlist.as_bytes()].concat());
    for (name, words) in [
        (
            "gap.mp4",
            "-f lavfi -i testsrc2=s=320x180:r=25:d=0.12 -vf setpts=N*6000/TB -fps_mode vfr -c:v libx264",
        ),
        (
            "tracks.mkv",
            "-f lavfi -i testsrc2=s=64x64:r=5:d=1 -f lavfi -i sine=d=1 -map 0:v MAPS -c:v libx264 -c:a aac",
        ),
    ] {
        let path = folder.join(name);
        let words = words.replace("MAPS", &"-map 1:a ".repeat(40));
        let path_text = path.to_string_lossy().into_owned();
        let mut args = vec!["-nostdin", "-v", "error", "-y"];
        args.extend(words.split_whitespace());
        args.push(&path_text);
        process::run("ffmpeg", &args)?;
        files.push(std::fs::read(&path).doing("read a clip")?);
    }
    Ok(files)
}

/// Reads while two people upload these files in turn.
fn beside_uploads(
    server: &Server,
    path: &str,
    token: &str,
    files: &[Vec<u8>],
    run: Duration,
) -> Result<Vec<f64>, BenchError> {
    let stop = AtomicBool::new(false);
    std::thread::scope(|scope| {
        for _ in 0..2 {
            let stop = &stop;
            scope.spawn(move || {
                let mut client = Client::new(server.address(), Duration::from_mins(1));
                client.sign(token.to_owned());
                for bytes in files.iter().cycle() {
                    if stop.load(Ordering::Relaxed) {
                        return;
                    }
                    // Refused is what these are for; a connection that was cut is made anew.
                    let _ = api::upload(&mut client, "Harmless", &mut bytes.as_slice(), bytes.len() as u64);
                }
            });
        }
        let took = read(server.address(), path, token, run);
        stop.store(true, Ordering::Relaxed);
        took
    })
}

#[derive(Default)]
struct Figures {
    median_ms: Vec<f64>,
    p99_ms: Vec<f64>,
}

impl Figures {
    fn add(&mut self, took_ms: &[f64]) {
        self.median_ms.push(median(took_ms));
        self.p99_ms.push(percentile(took_ms, 99.0));
    }
}

/// Milliseconds of every read.
fn read(address: SocketAddr, path: &str, token: &str, run: Duration) -> Result<Vec<f64>, BenchError> {
    let readers: Vec<_> = (0..READERS)
        .map(|_| {
            let (path, token) = (path.to_owned(), token.to_owned());
            std::thread::spawn(move || {
                let mut client = Client::new(address, Duration::from_mins(1));
                client.sign(token);
                let mut took = Vec::new();
                let began = Instant::now();
                while began.elapsed() < run {
                    let asked = Instant::now();
                    let answer = client
                        .call("GET", &path, &[], Body::Empty)
                        .doing("read a video")?;
                    crate::http::expect_ok(&path, answer)?;
                    took.push(asked.elapsed().as_secs_f64() * 1e3);
                    std::thread::sleep(PAUSE);
                }
                Ok::<_, BenchError>(took)
            })
        })
        .collect();
    let mut all = Vec::new();
    for reader in readers {
        let took = reader
            .join()
            .map_err(|_| BenchError::Usage("a reader failed".to_owned()))?;
        all.extend(took?);
    }
    Ok(all)
}

fn wait_for_encodes(server: &Server) -> Result<(), BenchError> {
    let encodes = || {
        children_of(server.pid())
            .into_iter()
            .filter(|child| {
                process::words_of(*child)
                    .iter()
                    .any(|word| word == "-force_key_frames")
            })
            .count()
    };
    wait(|| encodes() >= 2, "no two encodes run")
}

fn wait_for_rest(server: &Server) -> Result<(), BenchError> {
    wait(
        || children_of(server.pid()).is_empty(),
        "the encodes of deleted videos go on",
    )
}

fn wait(condition: impl Fn() -> bool, what: &str) -> Result<(), BenchError> {
    let began = Instant::now();
    while !condition() {
        if began.elapsed() > PATIENCE {
            return Err(BenchError::Usage(what.to_owned()));
        }
        std::thread::sleep(Duration::from_millis(20));
    }
    Ok(())
}
