//! Where a source can be cut: its keyframes near wanted places.
//!
//! One ffprobe call that seeks to each place and reads a single packet, so that it costs about the same
//! for an hour as for a minute.

use std::path::Path;

use serde::Deserialize;
use tokio_util::sync::CancellationToken;

use crate::argv::{Argv, Invocation};
use crate::ladder::{FIRST_CHUNK_MS, seeks_well};
use crate::probe::{Probe, ProbeError};
use crate::runner::{self, Limits, Tools};

/// Most places looked at.
const MOST_PLACES: u64 = 720;

/// The keyframe at or before every `every_s` seconds of a source, milliseconds on the output's clock,
/// rising. Empty for a source that can't be sought in.
pub async fn source_keyframes(
    tools: &Tools,
    probe: &Probe,
    path: &Path,
    every_s: u32,
    stop: &CancellationToken,
) -> Result<Vec<u64>, ProbeError> {
    let Some(call) = call(probe, path, every_s) else {
        return Ok(Vec::new());
    };
    let answered = runner::run(tools, &call, &Limits::short(), |_| (), stop).await?;
    Ok(read(&answered.stdout))
}

fn call(probe: &Probe, path: &Path, every_s: u32) -> Option<Invocation> {
    let video = probe.video.as_ref()?;
    let duration_s = probe.duration_ms? / 1000;
    let every_s = u64::from(every_s.max(4)).max(duration_s.div_ceil(MOST_PLACES));
    if !seeks_well(probe.container) || duration_s <= FIRST_CHUNK_MS / 1000 {
        return None;
    }
    let mut places = vec![FIRST_CHUNK_MS / 1000];
    places.extend(
        (1..)
            .map(|count| count * every_s)
            .take_while(|at| *at < duration_s),
    );
    places.sort_unstable();
    let intervals: Vec<_> = places.iter().map(|at| format!("{at}%+#1")).collect();
    let call = Argv::ffprobe()
        .value("-select_streams", video.index)
        .opt("-show_entries", "packet=pts_time,flags:format=start_time")
        .value("-read_intervals", intervals.join(","))
        .untrusted_input(path, probe.container)
        .build();
    Some(call)
}

#[derive(Deserialize)]
struct Answer {
    #[serde(default)]
    packets: Vec<Packet>,
    #[serde(default)]
    format: Format,
}

#[derive(Deserialize)]
struct Packet {
    pts_time: Option<String>,
    #[serde(default)]
    flags: String,
}

#[derive(Deserialize, Default)]
struct Format {
    start_time: Option<String>,
}

/// The answer's keyframes; none from an answer that makes no sense, which only costs the cutting.
fn read(json: &[u8]) -> Vec<u64> {
    let Ok(answer) = serde_json::from_slice::<Answer>(json) else {
        return Vec::new();
    };
    let seconds = |text: Option<&String>| text?.parse::<f64>().ok().filter(|at| at.is_finite());
    let zero = seconds(answer.format.start_time.as_ref()).unwrap_or(0.0);
    let mut times: Vec<u64> = answer
        .packets
        .iter()
        .filter(|packet| packet.flags.contains('K'))
        .filter_map(|packet| seconds(packet.pts_time.as_ref()))
        .map(|at| ((at - zero) * 1000.0).clamp(0.0, 1e12).round() as u64)
        .collect();
    times.sort_unstable();
    times.dedup();
    times
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_count_from_the_start_of_the_file_and_only_keyframes_count() {
        let json = br#"{"packets":[{"pts_time":"13.4","flags":"K_"},{"pts_time":"13.4","flags":"K_"},
            {"pts_time":"61.0","flags":"__"},{"pts_time":"1.4","flags":"K_"},{"flags":"K_"}],
            "format":{"start_time":"1.4"}}"#;
        assert_eq!(read(json), [0, 12_000]);
        assert_eq!(read(b"no json"), [0; 0]);
    }
}
