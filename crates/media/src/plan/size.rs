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

/// The largest size of the same shape that fits in a box, never enlarged, at least one pixel.
pub fn fit_within((width, height): (u32, u32), (box_width, box_height): (u32, u32)) -> (u32, u32) {
    let by_width = f64::from(box_width) / f64::from(width.max(1));
    let by_height = f64::from(box_height) / f64::from(height.max(1));
    let scale = by_width.min(by_height).min(1.0);
    let scaled = |side: u32| ((f64::from(side) * scale).round() as u32).max(1);
    (scaled(width), scaled(height))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fitting_keeps_the_shape_and_never_enlarges() {
        assert_eq!(fit_within((1920, 1080), (1280, 1280)), (1280, 720));
        assert_eq!(fit_within((320, 240), (1280, 1280)), (320, 240));
        assert_eq!(fit_within((10_000, 1), (100, 100)), (100, 1));
    }
}
