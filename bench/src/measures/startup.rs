//! From exec to the first healthy answer, and the memory of an idle server.

use std::time::Duration;

use super::Bench;
use crate::error::BenchError;
use crate::process::rss_of;
use crate::report::{Row, Section, Target, median, percentile};

/// Starts per round.
const STARTS: usize = 4;

/// Starts on a data folder that exists already, after one that makes it.
pub fn measure(bench: &Bench) -> Result<Section, BenchError> {
    let folder = bench.folder()?;
    let data = folder.path().join("data");
    let first = bench.launch.start(&data)?;
    let fresh = first.startup.as_secs_f64() * 1e3;
    first.stop()?;
    let (mut starts, mut memory, mut stops) = (Vec::new(), Vec::new(), Vec::new());
    let count = bench.rounds * STARTS;
    for _ in 0..count {
        let server = bench.launch.start(&data)?;
        starts.push(server.startup.as_secs_f64() * 1e3);
        // What is resident once it has come to rest.
        std::thread::sleep(Duration::from_millis(500));
        memory.push(rss_of(server.pid()) as f64 / 1e6);
        stops.push(server.stop()?.as_secs_f64() * 1e3);
    }
    let rows = vec![
        Row::alone("first start, with migrations, ms", fresh, Target::None),
        Row::alone(
            "exec → 200 of /healthz, median ms",
            median(&starts),
            Target::AtMost(100.0),
        ),
        Row::alone(
            "exec → 200 of /healthz, worst ms",
            percentile(&starts, 100.0),
            Target::None,
        ),
        Row::alone("idle resident memory, MB", median(&memory), Target::AtMost(40.0)),
        Row::alone("SIGTERM → end, median ms", median(&stops), Target::None),
    ];
    let how = format!(
        "{count} starts of the release binary on an existing data folder, after one on an empty one."
    );
    Ok(Section {
        name: "startup".to_owned(),
        how,
        rows,
    })
}
