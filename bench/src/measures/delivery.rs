//! Byte ranges of one large video, against nginx with the same file.

use std::net::SocketAddr;
use std::path::Path;
use std::time::Duration;

use super::{Bench, tiny_clip};
use crate::api::{Person, path_of};
use crate::error::{BenchError, Doing};
use crate::http::Body;
use crate::load::{self, Plan, Stop};
use crate::media::Padded;
use crate::nginx::Nginx;
use crate::process::cpu_of_tree;
use crate::report::{Row, Section, Target, geometric_mean, median};
use crate::rng::Rng;

pub(super) const SIZES: [(u64, &str); 3] = [(64 << 10, "64 KiB"), (1 << 20, "1 MiB"), (4 << 20, "4 MiB")];
pub(super) const CONNECTIONS: [usize; 2] = [32, 256];
/// 256 answers of 4 MiB are a GiB on its way before the first is complete.
const SHORTEST: Duration = Duration::from_secs(3);
pub(super) const FILE_BYTES: u64 = 256 << 20;

/// One cell of one side.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Figure {
    megabytes_per_second: f64,
    cpu_seconds_per_gigabyte: f64,
}

/// What is asked for ranges.
pub(super) struct Side<'a> {
    pub(super) address: SocketAddr,
    pub(super) path: String,
    pub(super) length: u64,
    pub(super) cpu: &'a (dyn Fn() -> f64 + Sync),
}

impl Side<'_> {
    pub(super) fn measure(&self, size: u64, connections: usize, run: Duration) -> Result<Figure, BenchError> {
        let host = self.address.to_string();
        let before = (self.cpu)();
        let plan = Plan {
            target: self.address,
            connections,
            threads: 1,
            stop: Stop::After(run),
        };
        let report = load::run(&plan, |connection, sequence, out| {
            // Aligned offsets all over the file, different for every connection and request.
            let slots = (self.length - size) / 4096;
            let mut rng = Rng::new(sequence ^ ((connection as u64) << 40));
            let from = rng.below(slots + 1) * 4096;
            let to = from + size - 1;
            out.extend_from_slice(
                format!(
                    "GET {} HTTP/1.1\r\nHost: {host}\r\nRange: bytes={from}-{to}\r\n\r\n",
                    self.path
                )
                .as_bytes(),
            );
        })?
        .only(206)?;
        let used = (self.cpu)() - before;
        Ok(Figure {
            megabytes_per_second: report.megabytes_per_second(),
            cpu_seconds_per_gigabyte: used / (report.body_bytes as f64 / 1e9),
        })
    }
}

pub(super) fn long_enough(bench: &Bench) -> Bench {
    Bench {
        run: bench.run.max(SHORTEST),
        ..bench.clone()
    }
}

/// nginx alone, on a random file: shows what the machine and the client can do.
pub fn nginx_alone(bench: &Bench) -> Result<Section, BenchError> {
    let bench = &long_enough(bench);
    let folder = bench.folder()?;
    let mut bytes = vec![0; FILE_BYTES as usize];
    Rng::new(9).fill(&mut bytes);
    std::fs::write(folder.path().join("file.mp4"), bytes).doing("write the file")?;
    let nginx = Nginx::start(folder.path())?;
    let cpu = || nginx.cpu();
    let side = Side {
        address: nginx.address(),
        path: "/file.mp4".to_owned(),
        length: FILE_BYTES,
        cpu: &cpu,
    };
    let mut rows = Vec::new();
    for connections in CONNECTIONS {
        for (size, name) in SIZES {
            let mut figures = Vec::new();
            for _ in 0..bench.rounds {
                figures.push(side.measure(size, connections, bench.run)?);
            }
            let (speed, cost) = medians(&figures);
            rows.push(Row::alone(
                format!("nginx {name} × {connections}, MB/s"),
                speed,
                Target::None,
            ));
            rows.push(Row::alone(
                format!("nginx {name} × {connections}, CPU s/GB"),
                cost,
                Target::None,
            ));
        }
    }
    nginx.stop()?;
    let how = format!(
        "nginx by itself, byte ranges of a 256 MiB file in the page cache. {}",
        bench.rounds_text()
    );
    Ok(Section {
        name: "nginx alone".to_owned(),
        how,
        rows,
    })
}

pub(super) fn medians(figures: &[Figure]) -> (f64, f64) {
    let speeds: Vec<f64> = figures.iter().map(|figure| figure.megabytes_per_second).collect();
    let costs: Vec<f64> = figures
        .iter()
        .map(|figure| figure.cpu_seconds_per_gigabyte)
        .collect();
    (median(&speeds), median(&costs))
}

/// Ours against nginx.
pub fn against_nginx(bench: &Bench) -> Result<Section, BenchError> {
    let bench = &long_enough(bench);
    let folder = bench.folder()?;
    let public = folder.path().join("public");
    std::fs::create_dir_all(&public).doing("create a folder")?;
    // A small clip padded to the size: served as it was uploaded, because browsers play it.
    let mut source = Padded::new(&tiny_clip(folder.path())?, FILE_BYTES)?;
    let server = bench.launch.start(&folder.path().join("data"))?;
    let mut person = Person::join(server.address(), "viewer")?;
    let id = person.uploads("A large clip", &mut source, FILE_BYTES)?;
    person.waits_until_ready(&id, Duration::from_mins(5))?;
    let (path, length) = progressive(&mut person, &id, &public.join("file.mp4"))?;
    let nginx = Nginx::start(&public)?;
    let pid = server.pid();
    let (our_cpu, their_cpu) = (|| cpu_of_tree(pid), || nginx.cpu());
    let ours = Side {
        address: server.address(),
        path,
        length,
        cpu: &our_cpu,
    };
    let theirs = Side {
        address: nginx.address(),
        path: "/file.mp4".to_owned(),
        length,
        cpu: &their_cpu,
    };
    let rows = compared(bench, &ours, &theirs, Target::AtMost(0.95), Target::AtLeast(1.0))?;
    nginx.stop()?;
    server.stop()?;
    let how = format!(
        "Byte ranges of one public video of {} MiB in the page cache, keep-alive connections, against nginx \
         1.22 (2 workers, sendfile, tcp_nopush, open_file_cache, no log) with the same bytes. {}",
        length >> 20,
        bench.rounds_text()
    );
    Ok(Section {
        name: "delivery".to_owned(),
        how,
        rows,
    })
}

/// Both sides in every cell of sizes and connections, in turns. `cost` is the target of each cell's CPU, `mean` that of
/// all cells' speed together.
pub(super) fn compared(
    bench: &Bench,
    ours: &Side<'_>,
    theirs: &Side<'_>,
    cost: Target,
    mean: Target,
) -> Result<Vec<Row>, BenchError> {
    let (mut rows, mut ratios) = (Vec::new(), Vec::new());
    for connections in CONNECTIONS {
        for (size, name) in SIZES {
            let (mut our_figures, mut their_figures) = (Vec::new(), Vec::new());
            for _ in 0..bench.rounds {
                our_figures.push(ours.measure(size, connections, bench.run)?);
                their_figures.push(theirs.measure(size, connections, bench.run)?);
            }
            let ((our_speed, our_cost), (their_speed, their_cost)) =
                (medians(&our_figures), medians(&their_figures));
            let cell = format!("{name} × {connections}");
            rows.push(Row::compared(
                format!("{cell}, MB/s"),
                our_speed,
                their_speed,
                Target::AtLeast(0.9),
            ));
            rows.push(Row::compared(
                format!("{cell}, CPU s/GB"),
                our_cost,
                their_cost,
                cost,
            ));
            ratios.push(our_speed / their_speed);
        }
    }
    rows.push(Row::ratio(
        "all cells, MB/s, geometric mean",
        geometric_mean(&ratios),
        mean,
    ));
    Ok(rows)
}

/// The path and length of the video's progressive file; its bytes are copied for the other side.
pub(super) fn progressive(person: &mut Person, id: &str, copy: &Path) -> Result<(String, u64), BenchError> {
    let data = person.get(&format!("/api/v1/videos/{id}"))?;
    let path = data["videoFile"].as_str().map_or_else(
        || format!("/api/v1/videos/{id}/stream"),
        |url| path_of(url).to_owned(),
    );
    let mut at = 0;
    let mut file = std::fs::File::create(copy).doing("create a copy")?;
    loop {
        let range = format!("bytes={at}-{}", at + (32 << 20) - 1);
        let answer = person
            .http
            .call("GET", &path, &[("Range", &range)], Body::Empty)
            .doing("read the video")?;
        let whole = answer
            .header("content-range")
            .and_then(|value| value.rsplit('/').next()?.parse::<u64>().ok());
        let (206, Some(whole)) = (answer.status, whole) else {
            return Err(BenchError::Answer {
                call: path,
                status: answer.status,
                body: answer.excerpt(),
            });
        };
        std::io::Write::write_all(&mut file, &answer.body).doing("write a copy")?;
        at += answer.body.len() as u64;
        if at >= whole {
            return if whole == FILE_BYTES {
                Ok((path, whole))
            } else {
                Err(BenchError::Usage(format!(
                    "{path} has {whole} bytes and not the {FILE_BYTES} of the measure"
                )))
            };
        }
    }
}
