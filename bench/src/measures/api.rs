//! Reads of the API: one video and the newest of many, against axum with nothing in it; the newest of
//! many, against the newest of fewer.

use std::net::SocketAddr;
use std::path::Path;
use std::time::Duration;

use super::{Bench, tiny_clip, upload_and_wait};
use crate::api::Person;
use crate::bare_axum::Bare;
use crate::error::{BenchError, Doing};
use crate::http::{Body, expect_ok};
use crate::load::{self, Plan, Report, Stop};
use crate::process::{self, cpu_of};
use crate::report::{Row, Section, Target, median};
use crate::seed::{self, Words};
use crate::server::Server;

const CONNECTIONS: usize = 64;
const LIST: &str = "/api/v1/videos?limit=10";
/// The number of videos at which the list is compared with bare axum.
const BESIDE_BARE: i64 = 100_000;

struct Figure {
    per_second: f64,
    cpu_microseconds: f64,
    p99_ms: f64,
}

fn gets(address: SocketAddr, path: &str, token: Option<&str>, run: Duration) -> Result<Report, BenchError> {
    let bearer = token
        .map(|token| format!("Authorization: Bearer {token}\r\n"))
        .unwrap_or_default();
    let request = format!("GET {path} HTTP/1.1\r\nHost: {address}\r\n{bearer}\r\n");
    let plan = Plan {
        target: address,
        connections: CONNECTIONS,
        threads: 1,
        stop: Stop::After(run),
    };
    load::run(&plan, |_, _, out| out.extend_from_slice(request.as_bytes()))?.only(200)
}

fn figure(
    address: SocketAddr,
    pid: u32,
    path: &str,
    token: Option<&str>,
    run: Duration,
) -> Result<Figure, BenchError> {
    let before = cpu_of(pid);
    let report = gets(address, path, token, run)?;
    Ok(Figure {
        per_second: report.per_second(),
        cpu_microseconds: (cpu_of(pid) - before) * 1e6 / report.requests as f64,
        p99_ms: report.latency.percentile(99.0).as_secs_f64() * 1e3,
    })
}

fn medians(figures: &[Figure]) -> (f64, f64, f64) {
    let of = |pick: fn(&Figure) -> f64| median(&figures.iter().map(pick).collect::<Vec<_>>());
    (of(|f| f.per_second), of(|f| f.cpu_microseconds), of(|f| f.p99_ms))
}

/// Both measures.
pub fn measure(bench: &Bench) -> Result<Section, BenchError> {
    let folder = bench.folder()?;
    let data = folder.path().join("data");
    let clip = tiny_clip(folder.path())?;
    let server = bench.launch.start(&data)?;
    let mut person = Person::join(server.address(), "reader")?;
    let id = upload_and_wait(&mut person, &clip, Duration::from_mins(2))?;
    let path = format!("/api/v1/videos/{id}");
    let body = person
        .http
        .call("GET", &path, &[], Body::Empty)
        .doing("read a video")?
        .body
        .len();
    let token = person.http.token().unwrap_or_default().to_owned();
    let bare = Bare::start(body)?;
    let (mut ours, mut theirs) = (Vec::new(), Vec::new());
    for _ in 0..bench.rounds {
        ours.push(figure(
            server.address(),
            server.pid(),
            &path,
            Some(&token),
            bench.run,
        )?);
        theirs.push(figure(bare.address(), bare.pid(), "/", None, bench.run)?);
    }
    drop(bare);
    server.stop()?;
    let (our, their) = (medians(&ours), medians(&theirs));
    let mut rows = vec![
        Row::compared(
            "GET /videos/{id} signed in, requests/s",
            our.0,
            their.0,
            Target::AtLeast(0.4),
        ),
        Row::compared(
            "GET /videos/{id} signed in, CPU µs/request",
            our.1,
            their.1,
            Target::None,
        ),
        Row::compared("GET /videos/{id} signed in, p99 ms", our.2, their.2, Target::None),
    ];
    let (lists, list_bytes) = lists(bench, folder.path(), &id)?;
    rows.extend(lists);
    let how = format!(
        "{CONNECTIONS} keep-alive connections. A signed-in read of one video ({body} bytes), and the ten newest \
         of 100,000 videos ({list_bytes} bytes), each against axum that answers a constant of the same size; \
         the ten newest of 1,000,000 against the ten newest of 10,000. {}",
        bench.rounds_text()
    );
    Ok(Section {
        name: "api".to_owned(),
        how,
        rows,
    })
}

/// The newest videos of a server with many.
struct Many {
    total: i64,
    server: Server,
    figures: Vec<Figure>,
}

impl Many {
    /// A server on a copy of `folder/data`, brought to `total` videos.
    fn start(bench: &Bench, folder: &Path, template: &str, total: i64) -> Result<Self, BenchError> {
        let data = folder.join(format!("data-{total}"));
        let from = folder.join("data");
        process::run("cp", &["-a", &from.to_string_lossy(), &data.to_string_lossy()])?;
        seed::videos(&seed::find_database(&data)?, template, total, Words::Indexed)?;
        Ok(Self {
            total,
            server: bench.launch.start(&data)?,
            figures: Vec::new(),
        })
    }
}

/// The newest videos among 10,000, 100,000 and 1,000,000, all in turn and bare axum with them; and the
/// length of the answer.
fn lists(bench: &Bench, folder: &Path, template: &str) -> Result<(Vec<Row>, usize), BenchError> {
    let mut many = Vec::new();
    for total in [10_000, BESIDE_BARE, 1_000_000] {
        if total <= bench.most_videos {
            many.push(Many::start(bench, folder, template, total)?);
        }
    }
    let mut body = 0;
    for many in &many {
        let mut client = many.server.client(Duration::from_mins(1));
        let answer = client.call("GET", LIST, &[], Body::Empty).doing("read a list")?;
        body = expect_ok(LIST, answer)?.body.len();
    }
    let bare = Bare::start(body)?;
    let mut theirs = Vec::new();
    for _ in 0..bench.rounds {
        for many in &mut many {
            let server = &many.server;
            many.figures
                .push(figure(server.address(), server.pid(), LIST, None, bench.run)?);
        }
        theirs.push(figure(bare.address(), bare.pid(), "/", None, bench.run)?);
    }
    let bare = medians(&theirs);
    let mut rows = Vec::new();
    let mut fewest = None;
    for many in many {
        many.server.stop()?;
        let (per_second, _, p99_ms) = medians(&many.figures);
        let fewest = *fewest.get_or_insert(per_second);
        let name = format!(
            "GET /videos?limit=10 of {}",
            crate::report::figure(many.total as f64)
        );
        rows.push(match many.total {
            BESIDE_BARE => Row::compared(
                format!("{name}, requests/s (other: bare axum)"),
                per_second,
                bare.0,
                Target::AtLeast(0.25),
            ),
            _ => Row::compared(
                format!("{name}, requests/s (other: of 10,000)"),
                per_second,
                fewest,
                Target::AtLeast(0.8),
            ),
        });
        rows.push(Row::alone(format!("{name}, p99 ms"), p99_ms, Target::None));
    }
    Ok((rows, body))
}
