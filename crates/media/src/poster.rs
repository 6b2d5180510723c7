//! The poster: a frame that stands for a video before it plays, or a waveform where there is only sound.
//!
//! Takes a few keyframes from different places in one ffmpeg call and keeps the one that shows most:
//! films start black, and slides are flat.

use std::path::Path;

use thiserror::Error;
use tokio_util::sync::CancellationToken;

use crate::argv::{Argv, Invocation};
use crate::images::{ImageError, Picture, Purpose, Sizes, sizes};
use crate::plan::{fit_within, upright_filters};
use crate::probe::{Probe, VideoStream};
use crate::runner::{self, Limits, RunError, Tools};

/// Names of the candidate frames in the work folder.
const CANDIDATES: [&str; 3] = ["poster-0.rgb", "poster-1.rgb", "poster-2.rgb"];
/// Places of the candidates, in percent of the duration.
const PLACES: [u64; 3] = [10, 30, 55];
/// Longest side of a candidate, pixels.
const LONGEST_SIDE: u32 = 1280;

/// Size of a waveform, pixels.
const WAVEFORM: (u32, u32) = (1280, 720);
/// A waveform shows no more than this, seconds: all of a long recording would take minutes to decode.
const WAVEFORM_S: u64 = 600;

/// Why there is no poster.
#[derive(Debug, Error)]
pub enum PosterError {
    /// Nothing in the file could be decoded to a frame.
    #[error("no frame can be shown")]
    NoFrame,
    /// The frames could not be fetched.
    #[error(transparent)]
    Run(#[from] RunError),
    /// A candidate could not be read.
    #[error("a candidate can't be read")]
    Io(#[from] std::io::Error),
    /// The chosen frame could not be written as a picture.
    #[error(transparent)]
    Image(#[from] ImageError),
}

/// Makes the poster of a probed file in both thumbnail sizes.
///
/// `folder` is an existing folder for candidates, which are removed again. `tone_map` is as in
/// [`crate::plan::Options`].
pub async fn poster(
    tools: &Tools,
    probe: &Probe,
    input: &Path,
    folder: &Path,
    tone_map: bool,
    stop: &CancellationToken,
) -> Result<Sizes, PosterError> {
    let video = probe.video.as_ref().ok_or(PosterError::NoFrame)?;
    let size = fit_within(video.display_size(), (LONGEST_SIDE, LONGEST_SIDE));
    let duration_ms = probe.duration_ms.unwrap_or(0);
    let several = PLACES.map(|percent| duration_ms / 100 * percent);
    let mut outcome = Err(RunError::Cancelled);
    let mut best = None;
    // The second try, for files that can't be sought in, is the very first frame.
    for places in [several.as_slice(), &[0]] {
        let call = frames_call(probe, video, input, folder, places, size, tone_map);
        outcome = runner::run(tools, &call, &Limits::short(), |_| (), stop).await;
        if stop.is_cancelled() {
            break;
        }
        let folder = folder.to_owned();
        let chosen = tokio::task::spawn_blocking(move || choose(&folder, size)).await;
        best = chosen.map_err(std::io::Error::other)?;
        if best.is_some() {
            break;
        }
    }
    let Some(best) = best else {
        return Err(match outcome {
            Ok(_) | Err(RunError::Failed { .. }) => PosterError::NoFrame,
            Err(error) => error.into(),
        });
    };
    let made = tokio::task::spawn_blocking(move || sizes(&best, Purpose::Thumbnail)).await;
    Ok(made.map_err(std::io::Error::other)??)
}

/// Makes the poster of a file with sound and no picture: its waveform, in both thumbnail sizes.
///
/// `folder` is an existing folder for the picture, which is removed again.
pub async fn waveform(
    tools: &Tools,
    probe: &Probe,
    input: &Path,
    folder: &Path,
    stop: &CancellationToken,
) -> Result<Sizes, PosterError> {
    let audio = probe.audio.as_ref().ok_or(PosterError::NoFrame)?;
    let [name, ..] = CANDIDATES;
    let (width, height) = WAVEFORM;
    let graph = format!(
        "[0:{}]aformat=channel_layouts=mono,showwavespic=s={width}x{height}:colors=0x7fb4ff,format=rgb24",
        audio.index
    );
    let call = Argv::ffmpeg()
        .opt("-threads", "1")
        .value("-t", WAVEFORM_S)
        .untrusted_input(input, probe.container)
        .value("-filter_complex", graph)
        .opt("-frames:v", "1")
        .opt("-c:v", "rawvideo")
        .opt("-pix_fmt", "rgb24")
        .output("rawvideo", folder, name)
        .build();
    let outcome = runner::run(tools, &call, &Limits::short(), |_| (), stop).await;
    let folder = folder.to_owned();
    let made = tokio::task::spawn_blocking(move || {
        let picture = choose(&folder, WAVEFORM);
        picture.map(|picture| sizes(&picture, Purpose::Thumbnail))
    });
    match (made.await.map_err(std::io::Error::other)?, outcome) {
        (Some(made), _) => Ok(made?),
        (None, Ok(_) | Err(RunError::Failed { .. })) => Err(PosterError::NoFrame),
        (None, Err(error)) => Err(error.into()),
    }
}

/// One call with one input and one output per place, each seeking to the keyframe before it.
fn frames_call(
    probe: &Probe,
    video: &VideoStream,
    input: &Path,
    folder: &Path,
    places_ms: &[u64],
    size: (u32, u32),
    tone_map: bool,
) -> Invocation {
    let mut argv = Argv::ffmpeg();
    for place_ms in places_ms {
        argv = argv.opt("-threads", "1");
        if *place_ms > 0 {
            // Decoding only keyframes from there costs one frame, wherever it lies.
            argv = argv
                .opt("-skip_frame", "nokey")
                .flag("-noaccurate_seek")
                .value("-ss", format_args!("{place_ms}ms"));
        }
        argv = argv.untrusted_input(input, probe.container);
    }
    for (position, name) in (0..places_ms.len()).zip(CANDIDATES) {
        argv = argv
            .value("-map", format_args!("{position}:{}", video.index))
            .value("-vf", upright_filters(video, size, tone_map, "rgb24"))
            .opt("-frames:v", "1")
            .opt("-c:v", "rawvideo")
            .opt("-pix_fmt", "rgb24")
            .output("rawvideo", folder, name);
    }
    argv.build()
}

/// Reads and removes the candidates; the one that shows most.
fn choose(folder: &Path, (width, height): (u32, u32)) -> Option<Picture> {
    let mut best: Option<(f64, Picture)> = None;
    for name in CANDIDATES {
        let path = folder.join(name);
        let bytes = std::fs::read(&path).ok();
        let _ = std::fs::remove_file(&path);
        let Some(picture) = bytes.and_then(|bytes| Picture::from_rgb(width, height, bytes)) else {
            continue;
        };
        let score = score(picture.brightness());
        if best.as_ref().is_none_or(|(other, _)| score > *other) {
            best = Some((score, picture));
        }
    }
    best.map(|(_, picture)| picture)
}

/// How much a frame shows: contrast counts, and very dark or very bright costs.
fn score((mean, spread): (f64, f64)) -> f64 {
    let off = (32.0 - mean).max(mean - 224.0).max(0.0);
    spread.min(64.0) - off
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_picture_beats_black_white_and_flat() {
        let scene = score((110.0, 50.0));
        for dull in [(0.0, 0.0), (255.0, 0.0), (128.0, 2.0), (5.0, 8.0)] {
            assert!(scene > score(dull));
        }
    }
}
