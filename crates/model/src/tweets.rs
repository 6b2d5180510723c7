//! Tweets: what their text looks like, and the place in a video that one points at.

use crate::text::{self, Fault};

/// The longest tweet, in characters as people see them.
pub const MAX_CONTENT: usize = 500;

/// The text of a tweet: several lines, trimmed, 1 to 500 characters.
pub fn content(raw: &str) -> Result<String, Fault> {
    text::paragraphs(raw, 1, MAX_CONTENT)
}

/// A place `at_s` seconds into a video of `duration_ms`, in milliseconds.
pub fn place(at_s: f64, duration_ms: i64) -> Result<i64, Fault> {
    // Not a number and the infinities fail the comparison too.
    let inside = at_s >= 0.0 && at_s * 1000.0 <= duration_ms as f64;
    inside
        .then(|| (at_s * 1000.0).round() as i64)
        .ok_or_else(|| Fault::new("out_of_range", "A place in the video, in seconds from its start."))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_place_lies_in_the_video() {
        assert_eq!(place(0.0, 2_000), Ok(0));
        assert_eq!(place(1.2345, 2_000), Ok(1_235));
        assert_eq!(place(2.0, 2_000), Ok(2_000), "its end");
        for outside in [-0.001, 2.001, f64::NAN, f64::INFINITY, f64::NEG_INFINITY] {
            assert!(place(outside, 2_000).is_err(), "{outside}");
        }
    }
}
