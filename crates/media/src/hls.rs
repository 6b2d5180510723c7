//! HLS text (RFC 8216bis): playlists written from segment indexes.
//!
//! Pure. Every URI is relative and every segment a byte range of a rendition's one file, so nothing is
//! packaged on the way to the viewer. Here is how fragments become segments and what they cost;
//! `media` writes the playlist of one rendition, `master` the list of all there is to choose from. Who
//! may fetch what is decided by those who serve the text.

use crate::mp4::SegmentIndex;

mod master;
mod media;

pub use master::{Audio, IFrames, Master, Subtitles, Variant, master_playlist};
pub use media::{
    GrowingPart, growing_playlist, i_frame_bandwidth, i_frame_playlist, media_playlist, media_playlist_at,
    subtitle_playlist,
};

/// Distance of the marks that segments start nearest to.
const SEGMENT_MS: u64 = 4_000;

/// One or more fragments that are fetched together.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Segment {
    /// First byte.
    pub offset: u64,
    /// Number of bytes.
    pub size: u64,
    /// Duration in units of the index's timescale.
    pub duration: u64,
}

/// Joins fragments to segments of about four seconds, each starting where a player can start.
///
/// See [`segments_at`].
pub fn segments(index: &SegmentIndex) -> Vec<Segment> {
    segments_at(index, &[])
}

/// Like [`segments`], with a new segment also at these times, milliseconds, ascending.
///
/// A segment starts at the fragment that is nearest to a whole multiple of four seconds. That depends on
/// nothing but the fragments beside it: renditions whose fragments are aligned get aligned segments, and
/// so do the parts of a rendition and the file that they are joined to.
pub fn segments_at(index: &SegmentIndex, breaks_ms: &[u64]) -> Vec<Segment> {
    grouped(index, index.earliest_presentation, breaks_ms)
}

/// Segments of a file whose first frame is shown at `first`, in units of its timescale.
fn grouped(index: &SegmentIndex, first: u64, breaks_ms: &[u64]) -> Vec<Segment> {
    let timescale = u128::from(index.timescale.max(1));
    // Twice the middle between this place to start and the next one, in marks.
    let mark = |start: u128, end: u128| (start + end) * 1000 / (2 * u128::from(SEGMENT_MS) * timescale);
    let millis = |ticks: u128| ticks * 1000 / timescale;
    let mut breaks = breaks_ms.iter().copied().map(u128::from).peekable();
    let mut segments: Vec<Segment> = Vec::new();
    let mut start = u128::from(first);
    let mut last_mark = None;
    for (position, fragment) in index.fragments.iter().enumerate() {
        let mut end = start + u128::from(fragment.duration);
        if fragment.starts_with_sap {
            // Fragments that can't be started at belong to the one before.
            let more = index.fragments.iter().skip(position + 1);
            end += more
                .take_while(|next| !next.starts_with_sap)
                .map(|next| u128::from(next.duration))
                .sum::<u128>();
        }
        // Boundaries in milliseconds are rounded; half of one is not a fragment.
        let asked = breaks.next_if(|at| millis(start) + 1 >= *at).is_some();
        let this_mark = mark(start, end);
        let due = fragment.starts_with_sap && (asked || last_mark.is_none_or(|last| last < this_mark));
        if fragment.starts_with_sap {
            last_mark = Some(this_mark);
        }
        match segments.last_mut() {
            Some(open) if !due => {
                open.size = fragment
                    .offset
                    .saturating_add(fragment.size)
                    .saturating_sub(open.offset);
                open.duration = open.duration.saturating_add(fragment.duration);
            }
            _ => segments.push(Segment {
                offset: fragment.offset,
                size: fragment.size,
                duration: fragment.duration,
            }),
        }
        start += u128::from(fragment.duration);
    }
    segments
}

/// Bits per second: the highest of any segment, and over all.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Bandwidth {
    /// Of the most expensive segment.
    pub peak_bps: u64,
    /// Over the whole duration.
    pub average_bps: u64,
}

/// Bits per second of so many bytes in so many ticks.
fn rate(index: &SegmentIndex, bytes: u64, duration: u64) -> u64 {
    let bits = u128::from(bytes) * 8 * u128::from(index.timescale);
    u64::try_from(bits.div_ceil(u128::from(duration.max(1)))).unwrap_or(u64::MAX)
}

/// Bandwidth of a rendition.
pub fn bandwidth(index: &SegmentIndex) -> Bandwidth {
    let segments = segments(index);
    let longest = segments.iter().map(|segment| segment.duration).max().unwrap_or(0);
    // A short last segment would show a peak that no player ever feels.
    let peak = segments
        .iter()
        .filter(|segment| segment.duration.saturating_mul(2) >= longest)
        .map(|segment| rate(index, segment.size, segment.duration))
        .max();
    let average_bps = rate(index, index.media_bytes(), index.duration());
    Bandwidth {
        peak_bps: peak.unwrap_or(0).max(average_bps),
        average_bps,
    }
}

/// Without what would end a quoted value or a line.
fn quotable(text: &str) -> String {
    text.chars()
        .filter(|letter| *letter != '"' && !letter.is_control())
        .collect()
}

#[cfg(test)]
mod tests;
