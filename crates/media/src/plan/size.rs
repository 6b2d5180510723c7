//! Picture sizes: never larger than the source, even, and with its shape.

use super::{LONGEST_SIDE, SHORT_SIDE};
use crate::probe::VideoStream;

/// The size of an encode: the shown size, at most 1080 on the short side.
pub(super) fn encoded(video: &VideoStream) -> (u32, u32) {
    let (width, height) = video.display_size();
    let (short, long) = (width.min(height), width.max(height));
    let by_short = f64::from(SHORT_SIDE) / f64::from(short.max(1));
    let by_long = f64::from(LONGEST_SIDE) / f64::from(long.max(1));
    let scale = by_short.min(by_long).min(1.0);
    (even(f64::from(width) * scale), even(f64::from(height) * scale))
}

/// The nearest even number that is at least 2; 4:2:0 has one colour sample for two pixels. An odd
/// source loses a row rather than gaining one.
fn even(length: f64) -> u32 {
    let whole = length.round().max(2.0) as u32;
    whole - whole % 2
}
