//! The filters of a pass: once on the way in, then from each rung to the next smaller one.

use std::fmt::Write as _;

use super::{Seconds, Window};
use crate::ladder::{MOST_FPS, Rung};
use crate::probe::{Hdr, VideoStream};

/// A source with so much more than the highest rate, frames per second, loses frames.
const RATE_SLACK: f64 = 0.5;

/// The label of the picture for the rung at that place, with its brackets.
pub(super) fn label(place: usize) -> String {
    format!("[v{place}]")
}

/// The graph of a pass over that window of the source: rungs go from the largest to the smallest.
pub(super) fn graph(video: &VideoStream, rungs: &[&Rung], window: Window, tone_map: bool) -> String {
    let mut graph = format!("[0:{}]", video.index);
    // Writing to a string can't fail, here and below.
    let start = Seconds(window.start);
    let _ = match (window.start, window.end.map(Seconds)) {
        (0, None) => Ok(()),
        (0, Some(end)) => write!(graph, "trim=end={end},"),
        (_, None) => write!(graph, "trim=start={start},setpts=PTS-{start}/TB,"),
        (_, Some(end)) => write!(graph, "trim=start={start}:end={end},setpts=PTS-{start}/TB,"),
    };
    if video
        .frame_rate
        .is_none_or(|rate| rate.fps() > f64::from(MOST_FPS) + RATE_SLACK)
    {
        // At most one frame in each sixtieth of a second; the small summand is for rounded times.
        let cell = |time: &str| format!("floor({time}*{MOST_FPS}+0.01)");
        let _ = write!(
            graph,
            "select='if(isnan(prev_selected_t),1,gt({},{}))',",
            cell("t"),
            cell("prev_selected_t")
        );
    }
    let mut before: Option<&Rung> = None;
    for (place, rung) in rungs.iter().enumerate() {
        match before {
            None => graph.push_str(&upright_filters(
                video,
                (rung.width, rung.height),
                tone_map,
                "yuv420p",
            )),
            Some(larger) => {
                let _ = write!(
                    graph,
                    "[c{place}]scale={}:{}:flags={},setsar=1",
                    rung.width,
                    rung.height,
                    kernel(larger.width, rung.width)
                );
            }
        }
        let next = place + 1;
        if next < rungs.len() {
            let _ = write!(graph, ",split{}[c{next}];", label(place));
        } else {
            graph.push_str(&label(place));
        }
        before = Some(rung);
    }
    graph
}

/// Whether a picture of that size becomes so much smaller that averaging whole areas is as good as a finer
/// kernel, and what the decoder left out can't be seen.
pub(super) fn much_smaller(from: u32, to: u32) -> bool {
    from >= to.saturating_mul(2)
}

fn kernel(from: u32, to: u32) -> &'static str {
    if much_smaller(from, to) { "area" } else { "bicubic" }
}

/// The filters that make a picture of that size: square pixels, standard range, in a pixel format.
/// Turning it upright is what ffmpeg does in front of them.
pub(crate) fn upright_filters(
    video: &VideoStream,
    (width, height): (u32, u32),
    tone_map: bool,
    pixel_format: &'static str,
) -> String {
    let mut chain = Vec::new();
    if video.interlaced {
        chain.push("yadif=deint=interlaced".to_owned());
    }
    // The coded size, whichever way it is turned.
    let (from, to) = (video.width.max(video.height), width.max(height));
    chain.push(format!("scale={width}:{height}:flags={}", kernel(from, to)));
    if let (Some(hdr), true) = (video.hdr, tone_map) {
        let curve = match hdr {
            Hdr::Pq => "smpte2084",
            Hdr::Hlg => "arib-std-b67",
        };
        chain.push(format!(
            "zscale=tin={curve}:pin=bt2020:min=bt2020nc:rin=tv:t=linear:npl=100"
        ));
        chain.push("format=gbrpf32le,zscale=p=bt709,tonemap=tonemap=hable:desat=0".to_owned());
        chain.push("zscale=t=bt709:m=bt709:r=tv".to_owned());
    }
    chain.push(format!("setsar=1,format={pixel_format}"));
    chain.join(",")
}
