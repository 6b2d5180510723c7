//! One large upload, against `dd` with fsync on the same disk; and what it costs in memory.

use std::time::{Duration, Instant};

use super::{Bench, Copied, tiny_clip};
use crate::api::Person;
use crate::error::{BenchError, Doing};
use crate::http::Body;
use crate::media::Padded;
use crate::process::{peak_rss_of, reset_peak_rss, rss_of};
use crate::report::{Row, Section, Target, median};

const BYTES: u64 = 1 << 30;

fn megabytes_per_second(took: Duration) -> f64 {
    BYTES as f64 / 1e6 / took.as_secs_f64()
}

/// Uploads of 1 GiB and `dd` of as much, in turn.
pub fn measure(bench: &Bench) -> Result<Section, BenchError> {
    let folder = bench.folder()?;
    let clip = tiny_clip(folder.path())?;
    let copied = Copied::prepare(folder.path(), &mut Padded::new(&clip, BYTES)?)?;
    let server = bench.launch.start(&folder.path().join("data"))?;
    let mut person = Person::join(server.address(), "uploader")?;
    let (mut ours, mut theirs, mut growth) = (Vec::new(), Vec::new(), Vec::new());
    for round in 0..bench.rounds {
        let mut bytes = Padded::new(&clip, BYTES)?;
        let length = bytes.len();
        reset_peak_rss(server.pid())?;
        let before = rss_of(server.pid());
        let began = Instant::now();
        let id = person.uploads(&format!("Large {round}"), &mut bytes, length)?;
        ours.push(megabytes_per_second(began.elapsed()));
        growth.push(peak_rss_of(server.pid()).saturating_sub(before) as f64 / 1e6);
        // Processing must not run beside dd, and the disk must not fill up.
        person.waits_until_ready(&id, Duration::from_mins(2))?;
        let gone = person
            .http
            .call("DELETE", &format!("/api/v1/videos/{id}"), &[], Body::Empty)
            .doing("delete")?;
        crate::http::expect_ok("delete", gone)?;
        theirs.push(copied.megabytes_per_second()?);
    }
    server.stop()?;
    let rows = vec![
        Row::compared(
            "1 GiB multipart upload until 201, MB/s",
            median(&ours),
            median(&theirs),
            Target::AtLeast(0.7),
        ),
        Row::alone(
            "resident memory above the state before it, largest, MB",
            growth.iter().copied().fold(f64::NAN, f64::max),
            Target::AtMost(32.0),
        ),
    ];
    let how = format!(
        "POST /videos with a valid MP4 of 1 GiB over loopback, until the answer (on disk, hashed, probed); the \
         other is dd with conv=fsync of the same bytes, from a file in the page cache to the same disk. {} alternated rounds, medians.",
        bench.rounds
    );
    Ok(Section {
        name: "upload".to_owned(),
        how,
        rows,
    })
}
