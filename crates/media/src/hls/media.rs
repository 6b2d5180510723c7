//! Playlists of one rendition: all of it, what there is so far, its keyframes alone, its captions.

use std::fmt::Write as _;

use super::{Bandwidth, Segment, grouped, quotable, rate, segments_at};
use crate::mp4::SegmentIndex;

/// Seconds, for `EXTINF`.
fn seconds(index: &SegmentIndex, duration: u64) -> f64 {
    duration as f64 / f64::from(index.timescale.max(1))
}

/// The lines that all media playlists begin with. No segment's duration, rounded to the nearest integer,
/// exceeds the target (RFC 8216bis, 4.4.3.1).
fn head(version: u32, kind: &str, longest_s: f64) -> String {
    format!(
        "#EXTM3U\n#EXT-X-VERSION:{version}\n#EXT-X-INDEPENDENT-SEGMENTS\n#EXT-X-PLAYLIST-TYPE:{kind}\n\
         #EXT-X-TARGETDURATION:{}\n#EXT-X-MEDIA-SEQUENCE:0\n",
        (longest_s.round() as u64).max(1)
    )
}

fn write_map(text: &mut String, uri: &str, index: &SegmentIndex) {
    let init = index.init;
    // Writing to a string can't fail.
    let _ = writeln!(
        text,
        "#EXT-X-MAP:URI=\"{uri}\",BYTERANGE=\"{}@{}\"",
        init.size, init.offset
    );
}

fn write_segment(text: &mut String, uri: &str, index: &SegmentIndex, segment: &Segment) {
    let _ = writeln!(
        text,
        "#EXTINF:{:.6},\n#EXT-X-BYTERANGE:{}@{}\n{uri}",
        seconds(index, segment.duration),
        segment.size,
        segment.offset
    );
}

/// Writes the playlist of one rendition, whose bytes are at the relative `uri`.
pub fn media_playlist(uri: &str, index: &SegmentIndex) -> String {
    media_playlist_at(uri, index, &[])
}

/// Like [`media_playlist`], with a new segment also at these times, milliseconds, ascending; see
/// [`segments_at`].
pub fn media_playlist_at(uri: &str, index: &SegmentIndex, breaks_ms: &[u64]) -> String {
    let uri = quotable(uri);
    let segments = segments_at(index, breaks_ms);
    let longest = segments.iter().map(|segment| segment.duration).max().unwrap_or(0);
    let mut text = head(7, "VOD", seconds(index, longest));
    text.reserve(segments.len() * 64);
    write_map(&mut text, &uri, index);
    for segment in &segments {
        write_segment(&mut text, &uri, index, segment);
    }
    text.push_str("#EXT-X-ENDLIST\n");
    text
}

/// One part of a rendition that isn't joined yet: its relative URI, its index, and where its time zero
/// lies in the whole, milliseconds (0 if it was moved there already).
pub type GrowingPart<'a> = (&'a str, &'a SegmentIndex, u64);

/// Writes the playlist of the parts that there are, in order and without a gap, as one that grows.
///
/// Segments are those that the joined file will have: the same boundaries, durations and media sequence
/// numbers, so a player that loads the final playlist goes on where it is. Only the very last segment of
/// a source with a variable frame rate may last some milliseconds longer as soon as the next part says
/// when its first frame is shown. `ended`: no more parts come.
///
/// A part whose own clock starts at zero is announced as a discontinuity; one that [`crate::mp4::join`]
/// has moved to its place in the whole is not.
pub fn growing_playlist(parts: &[GrowingPart<'_>], ended: bool) -> String {
    let mut body = String::new();
    // May not change while the list grows: with keyframes every two seconds, no segment is longer.
    let mut longest = 6.0_f64;
    for (position, (uri, index, start_ms)) in parts.iter().enumerate() {
        let uri = quotable(uri);
        let first = shown_at(index, *start_ms);
        let mut whole = (*index).clone();
        if let Some((_, next, next_start_ms)) = parts.get(position + 1) {
            // The last frame of a part is shown until the first one of the next.
            let until = u128::from(shown_at(next, *next_start_ms)) * u128::from(index.timescale)
                / u128::from(next.timescale.max(1));
            let before = whole.fragments.iter().rev().skip(1);
            let before = before.fold(first, |sum, fragment| sum.saturating_add(fragment.duration));
            let lasts = u64::try_from(until).unwrap_or(u64::MAX).checked_sub(before);
            if let (Some(last), Some(lasts @ 1..)) = (whole.fragments.last_mut(), lasts) {
                last.duration = lasts;
            }
        }
        if position > 0 && *start_ms > 0 {
            body.push_str("#EXT-X-DISCONTINUITY\n");
        }
        write_map(&mut body, &uri, &whole);
        for segment in grouped(&whole, first, &[]) {
            longest = longest.max(seconds(&whole, segment.duration));
            write_segment(&mut body, &uri, &whole, &segment);
        }
    }
    let mut text = head(7, "EVENT", longest);
    // A player would begin near the end of a list that grows.
    text.push_str("#EXT-X-START:TIME-OFFSET=0\n");
    text.push_str(&body);
    if ended {
        text.push_str("#EXT-X-ENDLIST\n");
    }
    text
}

/// When a part's first frame is shown in the whole, in units of its timescale.
fn shown_at(index: &SegmentIndex, start_ms: u64) -> u64 {
    let start = (u128::from(start_ms) * u128::from(index.timescale) + 500) / 1000;
    let start = u64::try_from(start).unwrap_or(u64::MAX);
    index.earliest_presentation.saturating_add(start)
}

/// One keyframe of a rendition with the time until the next one.
fn i_frames(index: &SegmentIndex) -> Vec<Segment> {
    let mut frames: Vec<Segment> = Vec::new();
    for fragment in &index.fragments {
        match frames.last_mut() {
            Some(shown) if !fragment.starts_with_sap || fragment.keyframe_bytes == 0 => {
                shown.duration = shown.duration.saturating_add(fragment.duration);
            }
            _ => frames.push(Segment {
                offset: fragment.offset,
                size: u64::from(fragment.keyframe_bytes),
                duration: fragment.duration,
            }),
        }
    }
    if frames.iter().any(|frame| frame.size == 0) {
        frames.clear();
    }
    frames
}

/// Writes the playlist of a rendition's keyframes alone, for pictures while scrubbing. `None` when the
/// index was stored before keyframes were measured.
pub fn i_frame_playlist(uri: &str, index: &SegmentIndex) -> Option<String> {
    let uri = quotable(uri);
    let frames = i_frames(index);
    let longest = frames.iter().map(|frame| frame.duration).max()?;
    let mut text = head(7, "VOD", seconds(index, longest));
    text.push_str("#EXT-X-I-FRAMES-ONLY\n");
    text.reserve(frames.len() * 64);
    write_map(&mut text, &uri, index);
    for frame in &frames {
        write_segment(&mut text, &uri, index, frame);
    }
    text.push_str("#EXT-X-ENDLIST\n");
    Some(text)
}

/// Bandwidth of a rendition's keyframes when each is shown as long as it would be while playing.
pub fn i_frame_bandwidth(index: &SegmentIndex) -> Option<Bandwidth> {
    let frames = i_frames(index);
    let longest = frames.iter().map(|frame| frame.duration).max()?;
    let bytes = frames
        .iter()
        .fold(0, |sum: u64, frame| sum.saturating_add(frame.size));
    let average_bps = rate(index, bytes, index.duration());
    // As with segments, a short last one doesn't count.
    let peak = frames
        .iter()
        .filter(|frame| frame.duration.saturating_mul(2) >= longest)
        .map(|frame| rate(index, frame.size, frame.duration))
        .max();
    Some(Bandwidth {
        peak_bps: peak.unwrap_or(0).max(average_bps),
        average_bps,
    })
}

/// Writes the playlist of one WebVTT file, whose cue times are those of the video.
pub fn subtitle_playlist(uri: &str, duration_ms: u64) -> String {
    let seconds = duration_ms.max(1) as f64 / 1000.0;
    format!(
        "#EXTM3U\n#EXT-X-VERSION:7\n#EXT-X-PLAYLIST-TYPE:VOD\n#EXT-X-TARGETDURATION:{}\n\
         #EXT-X-MEDIA-SEQUENCE:0\n#EXTINF:{seconds:.3},\n{}\n#EXT-X-ENDLIST\n",
        (seconds.round() as u64).max(1),
        quotable(uri)
    )
}
