//! Picture sizes and bit rates: never larger than the source, even, and with its shape.

use super::settings::{LadderSettings, RungSetting, VideoCodec};
use super::{MOST_FPS, Made, Rung};
use crate::probe::{FrameRate, VideoStream};

/// A source this much (percent) below a rung's number still carries its name.
const NEAR_BELOW: u32 = 95;
/// A source this much (percent) above a rung's number still carries its name.
const NEAR_ABOVE: u32 = 115;
/// A source this much (percent) above the largest rung is not scaled down for it: 1088 lines are 1080.
const PADDING: u32 = 102;
/// Frames per second above which the bit rate is half as much again.
const FAST_FPS: f64 = 40.0;
/// SVT-AV1 takes no picture with a shorter side.
const AV1_LEAST_SIDE: u32 = 64;

/// A picture's number: the short side of the 16:9 or 9:16 frame that it fits in.
pub(super) fn number((width, height): (u32, u32)) -> u32 {
    let (short, long) = (width.min(height), width.max(height));
    short.max((long.saturating_mul(9) + 8) / 16)
}

/// All rungs of a picture: H.264 first, the largest first.
pub(super) fn rungs(video: &VideoStream, settings: &LadderSettings) -> Vec<Rung> {
    let size = video.display_size();
    let frame_rate = video.frame_rate.map(capped);
    let fast = frame_rate.is_some_and(|rate| rate.fps() > FAST_FPS);
    let codecs = [VideoCodec::H264].into_iter().chain(
        settings
            .codecs
            .iter()
            .copied()
            .filter(|codec| *codec != VideoCodec::H264),
    );
    let steps = steps(size, settings);
    let mut rungs = Vec::new();
    for codec in codecs {
        for step in &steps {
            let (width, height) = step.size;
            if codec == VideoCodec::Av1 && width.min(height) < AV1_LEAST_SIDE {
                continue;
            }
            let suffix = match codec {
                VideoCodec::H264 => String::new(),
                other => format!("-{other}"),
            };
            let kbps = u64::from(step.kbps) * u64::from(codec.percent()) / 100;
            let kbps = if fast { kbps * 3 / 2 } else { kbps };
            rungs.push(Rung {
                name: format!("{}p{suffix}", step.number),
                codec,
                width,
                height,
                frame_rate,
                kbps: u32::try_from(kbps).unwrap_or(u32::MAX),
                how: Made::Encode,
            });
        }
    }
    rungs
}

struct Step {
    number: u32,
    size: (u32, u32),
    kbps: u32,
}

/// The steps of a picture, the largest first; never empty.
fn steps(size: (u32, u32), settings: &LadderSettings) -> Vec<Step> {
    let own = number(size);
    let allowed: Vec<_> = settings
        .rungs
        .iter()
        .copied()
        .filter(|rung| rung.height <= settings.max_height)
        .collect();
    let limit = allowed.last().map_or(settings.max_height, |rung| rung.height);
    let top = if own * 100 > limit * PADDING {
        // Larger than the ladder goes.
        Step {
            number: limit,
            size: scaled(size, limit, own),
            kbps: kbps_of(limit, &settings.rungs),
        }
    } else {
        let near = allowed
            .iter()
            .filter(|rung| own * 100 >= rung.height * NEAR_BELOW && own * 100 <= rung.height * NEAR_ABOVE)
            .min_by_key(|rung| rung.height.abs_diff(own));
        Step {
            number: near.map_or(own, |rung| rung.height),
            size: (even(size.0), even(size.1)),
            kbps: kbps_of(own, &settings.rungs),
        }
    };
    let lower = allowed
        .iter()
        .rev()
        .filter(|rung| {
            rung.height < top.number && rung.height * NEAR_ABOVE <= own.min(limit * PADDING / 100) * 100
        })
        .map(|rung| Step {
            number: rung.height,
            size: scaled(size, rung.height, own),
            kbps: rung.kbps,
        });
    let mut steps: Vec<_> = lower.collect();
    steps.insert(0, top);
    steps
}

/// The ceiling for a picture with that number: between two rungs by area, outside by the nearest.
fn kbps_of(number: u32, rungs: &[RungSetting]) -> u32 {
    let below = rungs.iter().rev().find(|rung| rung.height <= number);
    let above = rungs.iter().find(|rung| rung.height >= number);
    match (below, above) {
        (Some(low), Some(high)) if low.height < high.height => {
            let area = |side: u32| u64::from(side) * u64::from(side);
            let part = area(number) - area(low.height);
            let whole = area(high.height) - area(low.height);
            let more = u64::from(high.kbps.saturating_sub(low.kbps)) * part / whole.max(1);
            low.kbps.saturating_add(u32::try_from(more).unwrap_or(u32::MAX))
        }
        (Some(near), _) | (None, Some(near)) => near.kbps,
        (None, None) => 1000,
    }
}

/// The size of a picture of number `own` at number `wanted`.
fn scaled((width, height): (u32, u32), wanted: u32, own: u32) -> (u32, u32) {
    let side = |side: u32| {
        let exact = f64::from(side) * f64::from(wanted) / f64::from(own.max(1));
        // The nearest even number.
        (((exact / 2.0).round() as u32) * 2).max(2).min(even(side))
    };
    (side(width), side(height))
}

/// An even number that is at least 2; 4:2:0 has one colour sample for two pixels. An odd source loses a
/// row rather than gaining one.
pub(super) fn even(length: u32) -> u32 {
    length.max(2) & !1
}

/// A frame rate as encodes have it.
fn capped(rate: FrameRate) -> FrameRate {
    if rate.fps() > f64::from(MOST_FPS) {
        FrameRate {
            num: MOST_FPS,
            den: 1,
        }
    } else {
        rate
    }
}
