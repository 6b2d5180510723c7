//! What can be taken as it is: the picture into a rung, the sound into the audio rendition.

use super::{Rung, timed};
use crate::probe::{AudioStream, Probe, VideoStream};
use crate::sniff::Container;

/// Most a copied picture may have of its rung's ceiling.
const MOST_OVER_CEILING: u64 = 2;
/// Most a copied sound track may have, bits per second.
const MOST_SOUND_BITS: u64 = 256_000;
/// Highest frame rate of a copied rung; a little over 60 for what measures itself badly.
const MOST_COPY_FPS: f64 = 61.0;

/// Whether every browser plays this file as it is, by byte range.
pub fn browser_ready(probe: &Probe) -> bool {
    probe.container == Container::Mp4
        && probe.video.as_ref().is_some_and(plays_everywhere)
        && probe.audio.as_ref().is_none_or(sounds_everywhere)
}

/// H.264 in the profiles and the pixel format that hardware decoders know.
fn plays_everywhere(video: &VideoStream) -> bool {
    let profile = video.profile.as_deref();
    video.codec == "h264"
        && matches!(
            profile,
            Some("Baseline" | "Constrained Baseline" | "Main" | "High")
        )
        && matches!(video.pixel_format.as_deref(), Some("yuv420p" | "yuvj420p"))
        && video.bit_depth == 8
        && video.level.is_some_and(|level| level <= 52)
        && !video.interlaced
        && video.hdr.is_none()
}

fn sounds_everywhere(audio: &AudioStream) -> bool {
    audio.codec == "aac"
        && matches!(audio.profile.as_deref(), Some("LC" | "HE-AAC" | "HE-AACv2"))
        && (1..=6).contains(&audio.channels)
}

/// Whether the picture can be remuxed without being encoded again.
pub(super) fn copyable(video: &VideoStream, container: Container) -> bool {
    timed(container) && plays_everywhere(video) && !video.starts_hidden
}

/// Whether a copyable picture is good as the top rung, beside encoded ones: of its size, not much
/// heavier, and upright with square pixels, because players do not turn a picture when they switch.
pub(super) fn fits(probe: &Probe, video: &VideoStream, top: &Rung) -> bool {
    let (width, height) = video.display_size();
    // An odd row or column is what an encode of the same size would lose.
    let same_size = width.abs_diff(top.width) <= 1 && height.abs_diff(top.height) <= 1;
    let square = video.pixel_aspect.0 == video.pixel_aspect.1;
    let ceiling = u64::from(top.kbps) * 1000 * MOST_OVER_CEILING;
    let light = picture_bits(probe).is_some_and(|bits| bits <= ceiling);
    let slow = video.frame_rate.is_none_or(|rate| rate.fps() <= MOST_COPY_FPS);
    same_size && square && video.rotation == 0 && light && slow
}

/// Bits per second of the picture: everything less the sound.
fn picture_bits(probe: &Probe) -> Option<u64> {
    let by_size = probe
        .duration_ms
        .filter(|ms| *ms > 0)
        .map(|ms| u128::from(probe.size_bytes) * 8000 / u128::from(ms))
        .and_then(|bits| u64::try_from(bits).ok());
    let all = probe.bitrate.or(by_size)?;
    let sound = probe.audio.as_ref().and_then(|audio| audio.bitrate).unwrap_or(0);
    Some(all.saturating_sub(sound))
}

/// Whether a sound track can be the audio rendition as it is. A file that does not tell the bit rate
/// is taken at its word: AAC-LC of two channels is rarely more.
pub(super) fn sound_fits(audio: &AudioStream) -> bool {
    audio.codec == "aac"
        && audio.profile.as_deref() == Some("LC")
        && (1..=2).contains(&audio.channels)
        && audio.bitrate.is_none_or(|bits| bits <= MOST_SOUND_BITS)
}
