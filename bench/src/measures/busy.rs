//! What the API's readers notice while two encodes run.

use std::net::SocketAddr;
use std::time::{Duration, Instant};

use super::{Bench, ladder, tiny_clip, upload_and_wait};
use crate::api::Person;
use crate::error::{BenchError, Doing};
use crate::http::{Body, Client};
use crate::process::children_of;
use crate::report::{Row, Section, Target, median, percentile};
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
    let (mut idle, mut busy) = (Figures::default(), Figures::default());
    for round in 0..bench.rounds {
        idle.add(&read(server.address(), &path, &token, bench.run)?);
        let mut works = Vec::new();
        for name in ["One", "Another"] {
            let mut file = std::fs::File::open(&clip).doing("open a clip")?;
            let length = file.metadata().doing("measure a clip")?.len();
            works.push(person.uploads(&format!("{name} {round}"), &mut file, length)?);
        }
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
    ];
    let how = format!(
        "{READERS} readers on keep-alive connections, each {} ms of pause between an answer and the next request. The \
         encodes are whole ladders of 1080p, two jobs at a time, niced as by default. {}",
        PAUSE.as_millis(),
        bench.rounds_text()
    );
    Ok(Section {
        name: "busy".to_owned(),
        how,
        rows,
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
    wait(|| children_of(server.pid()).len() >= 2, "no two encodes run")
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
