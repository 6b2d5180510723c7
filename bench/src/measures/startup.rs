//! From exec to the first healthy answer, and the memory of an idle server.

use std::time::Duration;

use super::Bench;
use crate::error::BenchError;
use crate::process::rss_of;
use crate::report::{Row, Section, Target, median, percentile};

const STARTS: usize = 20;

/// Starts on a data folder that exists already, after one that makes it.
pub fn measure(bench: &Bench) -> Result<Section, BenchError> {
    let folder = bench.folder()?;
    let data = folder.path().join("data");
    let first = bench.launch.start(&data)?;
    let fresh = first.startup.as_secs_f64() * 1e3;
    first.stop()?;
    let (mut starts, mut memory, mut stops) = (Vec::new(), Vec::new(), Vec::new());
    for _ in 0..STARTS {
        let server = bench.launch.start(&data)?;
        starts.push(server.startup.as_secs_f64() * 1e3);
        // What is resident once it has come to rest.
        std::thread::sleep(Duration::from_millis(500));
        memory.push(rss_of(server.pid()) as f64 / f64::from(1 << 20));
        stops.push(server.stop()?.as_secs_f64() * 1e3);
    }
    let rows = vec![
        Row::alone("first start, with migrations, ms", fresh, Target::AtMost(1000.0)),
        Row::alone(
            "exec → 200 of /healthz, median ms",
            median(&starts),
            Target::AtMost(300.0),
        ),
        Row::alone(
            "exec → 200 of /healthz, worst ms",
            percentile(&starts, 100.0),
            Target::AtMost(2000.0),
        ),
        Row::alone("idle resident memory, MiB", median(&memory), Target::AtMost(40.0)),
        Row::alone("SIGTERM → end, median ms", median(&stops), Target::AtMost(1000.0)),
    ];
    let how = format!(
        "{STARTS} starts of the release binary on an existing data folder, after one on an empty one."
    );
    Ok(Section {
        name: "startup".to_owned(),
        how,
        rows,
    })
}
