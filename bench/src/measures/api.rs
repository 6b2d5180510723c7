//! Reads of the API: one video, against axum with nothing in it; the newest videos, against their
//! number.

use std::net::SocketAddr;
use std::time::Duration;

use super::{Bench, tiny_clip, upload_and_wait};
use crate::api::Person;
use crate::bare_axum::Bare;
use crate::error::{BenchError, Doing};
use crate::http::Body;
use crate::load::{self, Plan, Report, Stop};
use crate::process::cpu_of;
use crate::report::{Row, Section, Target, median};
use crate::seed;

const CONNECTIONS: usize = 64;

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
            Target::AtLeast(0.5),
        ),
        Row::compared(
            "GET /videos/{id} signed in, CPU µs/request",
            our.1,
            their.1,
            Target::AtMost(2.0),
        ),
        Row::compared(
            "GET /videos/{id} signed in, p99 ms",
            our.2,
            their.2,
            Target::AtMost(2.0),
        ),
    ];
    rows.extend(lists(bench, &data, &id)?);
    let how = format!(
        "{CONNECTIONS} keep-alive connections. A signed-in read of one video ({body} bytes) against axum that \
         answers a constant of the same size; the ten newest videos among more and more, against the smallest \
         number. {}",
        bench.rounds_text()
    );
    Ok(Section {
        name: "api".to_owned(),
        how,
        rows,
    })
}

/// The newest videos among 10,000, 100,000 and 1,000,000.
fn lists(bench: &Bench, data: &std::path::Path, template: &str) -> Result<Vec<Row>, BenchError> {
    let mut rows = Vec::new();
    let mut smallest = None;
    for total in [10_000, 100_000, 1_000_000] {
        if total > bench.most_videos {
            break;
        }
        seed::videos(&seed::find_database(data)?, template, total)?;
        let server = bench.launch.start(data)?;
        let mut figures = Vec::new();
        for _ in 0..bench.rounds {
            figures.push(figure(
                server.address(),
                server.pid(),
                "/api/v1/videos?limit=10",
                None,
                bench.run,
            )?);
        }
        server.stop()?;
        let (per_second, _, p99) = medians(&figures);
        let first = *smallest.get_or_insert(per_second);
        let name = crate::report::figure(total as f64);
        rows.push(Row::compared(
            format!("GET /videos?limit=10 of {name}, requests/s (other: of 10,000)"),
            per_second,
            first,
            Target::AtLeast(0.8),
        ));
        rows.push(Row::alone(
            format!("GET /videos?limit=10 of {name}, p99 ms"),
            p99,
            Target::AtMost(50.0),
        ));
    }
    Ok(rows)
}
