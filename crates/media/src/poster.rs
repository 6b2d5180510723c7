//! The poster: a frame that stands for a video before it plays, or a waveform where there is only sound.
//!
//! Takes frames from different places in one ffmpeg call, weighs how much each shows, and keeps all that
//! differ, so that somebody can choose another: films start black, slides are flat, and a camera that
//! moves blurs.

use std::path::Path;

use thiserror::Error;
use tokio_util::sync::CancellationToken;

use crate::argv::{Argv, Invocation};
use crate::encode::upright_filters;
use crate::images::{Encoded, ImageError, Picture, Purpose, Sizes, fit_within, sizes};
use crate::probe::{Probe, VideoStream};
use crate::runner::{self, Limits, RunError, Tools};

/// Longest side of a candidate, pixels.
const LONGEST_SIDE: u32 = 1280;
/// The fewest candidates that are worth choosing among.
const FEWEST: usize = 5;
/// So many that show something are enough to leave the others out.
const FEWEST_WORTH: usize = 2;
/// A file this short is decoded as a whole where its keyframes are too few, milliseconds.
const SHORT_MS: u64 = 10_000;
/// Name of the frames of a file that is decoded as a whole.
const SPREAD_FILE: &str = "poster-spread.rgb";

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

/// A frame that could be the poster.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Candidate {
    /// Where in the video it was looked for, milliseconds; the frame itself is the keyframe before.
    pub at_ms: u64,
    /// The frame, within 1280 by 720.
    pub picture: Encoded,
}

/// What a video can show before it plays.
#[derive(Debug, Clone)]
pub struct Posters {
    /// Frames that differ, in the order of their places; at least one.
    pub candidates: Vec<Candidate>,
    /// Which of them shows most.
    pub best: usize,
    /// That one in both thumbnail sizes.
    pub poster: Sizes,
}

/// A decoded frame.
struct Frame {
    at_ms: u64,
    picture: Picture,
}

/// Takes candidates from a probed file and makes the poster of the best.
///
/// `folder` is an existing folder for frames, which are removed again. `tone_map` tells whether this ffmpeg
/// can turn HDR into standard range; see [`crate::runner::capabilities`].
pub async fn posters(
    tools: &Tools,
    probe: &Probe,
    input: &Path,
    folder: &Path,
    tone_map: bool,
    stop: &CancellationToken,
) -> Result<Posters, PosterError> {
    let video = probe.video.as_ref().ok_or(PosterError::NoFrame)?;
    let scene = Scene {
        probe,
        video,
        input,
        folder,
        size: fit_within(video.display_size(), (LONGEST_SIDE, LONGEST_SIDE)),
        tone_map,
    };
    let duration_ms = probe.duration_ms.unwrap_or(0);
    let places = places_ms(duration_ms);
    let (mut outcome, mut frames) = scene
        .frames(tools, &scene.seeking(&places), &places, stop)
        .await?;
    if frames.len() < FEWEST && (1..=SHORT_MS).contains(&duration_ms) && !stop.is_cancelled() {
        let (again, all) = scene
            .frames(tools, &scene.spread(&places, duration_ms), &places, stop)
            .await?;
        if all.len() > frames.len() {
            (outcome, frames) = (again, all);
        }
    }
    if frames.is_empty() && !stop.is_cancelled() {
        // Files that can't be sought in still have a first frame.
        (outcome, frames) = scene.frames(tools, &scene.seeking(&[0]), &[0], stop).await?;
    }
    if frames.is_empty() {
        return Err(match outcome {
            Ok(()) | Err(RunError::Failed { .. }) => PosterError::NoFrame,
            Err(error) => error.into(),
        });
    }
    let made = crate::background::spawn(move || weigh(frames)).await;
    made.map_err(std::io::Error::other)?
}

/// Makes the poster of a file with sound and no picture: its waveform, which is the only candidate.
///
/// `folder` is an existing folder for the picture, which is removed again.
pub async fn waveform(
    tools: &Tools,
    probe: &Probe,
    input: &Path,
    folder: &Path,
    stop: &CancellationToken,
) -> Result<Posters, PosterError> {
    let audio = probe.audio.as_ref().ok_or(PosterError::NoFrame)?;
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
        .output("rawvideo", folder, frame_name(0))
        .build();
    let outcome = runner::run(tools, &call, &Limits::short(), |_| (), stop).await;
    let folder = folder.to_owned();
    let made = crate::background::spawn(move || {
        let frames = read_frames(&folder, WAVEFORM, &[0]);
        if frames.is_empty() {
            None
        } else {
            Some(weigh(frames))
        }
    });
    match (made.await.map_err(std::io::Error::other)?, outcome) {
        (Some(made), _) => made,
        (None, Ok(_) | Err(RunError::Failed { .. })) => Err(PosterError::NoFrame),
        (None, Err(error)) => Err(error.into()),
    }
}

/// In the middle of stretches of the same length: more for a longer video.
fn places_ms(duration_ms: u64) -> Vec<u64> {
    let count: u64 = match duration_ms {
        0..300_000 => 5,
        300_000..3_600_000 => 7,
        _ => 9,
    };
    (0..count)
        .map(|n| duration_ms * (2 * n + 1) / (2 * count))
        .collect()
}

struct Scene<'a> {
    probe: &'a Probe,
    video: &'a VideoStream,
    input: &'a Path,
    folder: &'a Path,
    size: (u32, u32),
    tone_map: bool,
}

impl Scene<'_> {
    fn filters(&self) -> String {
        upright_filters(self.video, self.size, self.tone_map, "rgb24")
    }

    /// One call with one input and one output per place, each seeking to the keyframe before it.
    fn seeking(&self, places_ms: &[u64]) -> Invocation {
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
            argv = argv.untrusted_input(self.input, self.probe.container);
        }
        for number in 0..places_ms.len() {
            argv = argv
                .value("-map", format_args!("{number}:{}", self.video.index))
                .value("-vf", self.filters())
                .opt("-frames:v", "1")
                .opt("-c:v", "rawvideo")
                .opt("-pix_fmt", "rgb24")
                .output("rawvideo", self.folder, frame_name(number));
        }
        argv.build()
    }

    /// One call that decodes all of a short file and keeps a frame for each place.
    fn spread(&self, places_ms: &[u64], duration_ms: u64) -> Invocation {
        let count = places_ms.len();
        let pick = format!("fps=fps={}/{duration_ms}:round=up", count * 1000);
        Argv::ffmpeg()
            .opt("-threads", "1")
            .untrusted_input(self.input, self.probe.container)
            .value("-map", format_args!("0:{}", self.video.index))
            .value("-vf", format_args!("{pick},{}", self.filters()))
            .opt("-fps_mode", "passthrough")
            .value("-frames:v", count)
            .opt("-c:v", "rawvideo")
            .opt("-pix_fmt", "rgb24")
            .output("rawvideo", self.folder, SPREAD_FILE)
            .build()
    }

    /// Runs a call and reads what it left of the frames at these places. A call that fails half way has
    /// left some.
    async fn frames(
        &self,
        tools: &Tools,
        call: &Invocation,
        places_ms: &[u64],
        stop: &CancellationToken,
    ) -> Result<(Result<(), RunError>, Vec<Frame>), PosterError> {
        let outcome = runner::run(tools, call, &Limits::short(), |_| (), stop)
            .await
            .map(|_| ());
        let (folder, size, places) = (self.folder.to_owned(), self.size, places_ms.to_vec());
        let frames = crate::background::spawn(move || read_frames(&folder, size, &places)).await;
        Ok((outcome, frames.map_err(std::io::Error::other)?))
    }
}

fn frame_name(number: usize) -> String {
    format!("poster-{number}.rgb")
}

/// Reads and removes the frames of a call; those that look like the one before are left out.
fn read_frames(folder: &Path, (width, height): (u32, u32), places_ms: &[u64]) -> Vec<Frame> {
    let frame_bytes = width as usize * height as usize * 3;
    let take = |name: &str| {
        let path = folder.join(name);
        let bytes = std::fs::read(&path).unwrap_or_default();
        let _ = std::fs::remove_file(&path);
        bytes
    };
    let spread = take(SPREAD_FILE);
    let mut spread = spread.chunks_exact(frame_bytes.max(1));
    let mut frames: Vec<Frame> = Vec::new();
    for (number, at_ms) in places_ms.iter().enumerate() {
        let alone = take(&frame_name(number));
        let bytes = if alone.is_empty() {
            spread.next().unwrap_or_default().to_vec()
        } else {
            alone
        };
        let Some(picture) = Picture::from_rgb(width, height, bytes) else {
            continue;
        };
        if !frames.iter().any(|other| other.picture.looks_like(&picture)) {
            let at_ms = *at_ms;
            frames.push(Frame { at_ms, picture });
        }
    }
    frames
}

/// Leaves out what is black, white, empty or blurred, unless that is nearly all there is.
fn without_dull(frames: Vec<Frame>) -> Vec<Frame> {
    let (worth, dull): (Vec<Frame>, Vec<Frame>) = frames
        .into_iter()
        .partition(|frame| !is_dull(frame.picture.brightness(), frame.picture.sharpness()));
    if worth.len() >= FEWEST_WORTH {
        return worth;
    }
    let mut all: Vec<Frame> = worth.into_iter().chain(dull).collect();
    all.sort_by_key(|frame| frame.at_ms);
    all
}

fn is_dull((mean, spread): (f64, f64), sharpness: f64) -> bool {
    !(16.0..=240.0).contains(&mean) || spread < 6.0 || sharpness < 5.0
}

fn weigh(frames: Vec<Frame>) -> Result<Posters, PosterError> {
    let frames = without_dull(frames);
    let mut best = (0, f64::MIN);
    let mut candidates = Vec::with_capacity(frames.len());
    let mut poster = None;
    for (number, frame) in frames.iter().enumerate() {
        let made = sizes(&frame.picture, Purpose::Thumbnail)?;
        candidates.push(Candidate {
            at_ms: frame.at_ms,
            picture: made.large.clone(),
        });
        let score = score(frame.picture.brightness(), frame.picture.sharpness());
        if score > best.1 {
            best = (number, score);
            poster = Some(made);
        }
    }
    Ok(Posters {
        candidates,
        best: best.0,
        poster: poster.ok_or(PosterError::NoFrame)?,
    })
}

/// How much a frame shows: contrast and edges count, and very dark or very bright costs.
fn score((mean, spread): (f64, f64), sharpness: f64) -> f64 {
    let off = (32.0 - mean).max(mean - 224.0).max(0.0);
    spread.min(64.0) + 1.5 * sharpness.min(24.0) - 2.0 * off
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A picture from a function of its place.
    fn picture(value: impl Fn(u32, u32) -> u8) -> Picture {
        let (width, height) = (640, 360);
        let bytes = (0..width * height)
            .flat_map(|at| [value(at % width, at / width); 3])
            .collect();
        Picture::from_rgb(width, height, bytes).unwrap()
    }

    fn weight(picture: &Picture) -> f64 {
        score(picture.brightness(), picture.sharpness())
    }

    /// Squares of 24 pixels, their edges softened over `blur` pixels on both sides.
    fn squares(blur: u32) -> Picture {
        picture(|x, y| {
            let bright = |x: u32, y: u32| (x / 24 + y / 24).is_multiple_of(2);
            let (mut sum, mut count) = (0, 0);
            for dx in 0..=blur * 2 {
                sum += if bright((x + dx).saturating_sub(blur), y) {
                    200
                } else {
                    60
                };
                count += 1;
            }
            u8::try_from(sum / count).unwrap()
        })
    }

    #[test]
    fn a_scene_beats_black_white_and_flat() {
        let scene = weight(&squares(0));
        let nearly_black = picture(|x, y| ((x ^ y) % 16) as u8);
        let nearly_white = picture(|x, y| 240 + ((x ^ y) % 16) as u8);
        let slope = picture(|x, _| (100 + x / 20) as u8);
        for (what, dull) in [
            ("black", picture(|_, _| 0)),
            ("white", picture(|_, _| 255)),
            ("flat", picture(|_, _| 128)),
            ("nearly black", nearly_black),
            ("nearly white", nearly_white),
            ("a wall", slope),
        ] {
            assert!(scene > weight(&dull) + 20.0, "{what}: {scene} {}", weight(&dull));
        }
    }

    #[test]
    fn a_sharp_picture_beats_the_same_out_of_focus() {
        let (sharp, soft, blurred) = (squares(0), squares(4), squares(10));
        assert!(sharp.sharpness() > 15.0, "{}", sharp.sharpness());
        assert!(weight(&sharp) > weight(&soft) && weight(&soft) > weight(&blurred));
    }

    #[test]
    fn black_and_blurred_frames_are_no_choice_where_there_are_others() {
        let frame = |at_ms, picture| Frame { at_ms, picture };
        let left = |frames: Vec<Frame>| -> Vec<u64> {
            without_dull(frames).iter().map(|frame| frame.at_ms).collect()
        };
        // Light and dark, and no edge anywhere.
        let blurred = picture(|x, y| {
            let wave = |at: u32| (f64::from(at) / 60.0).sin();
            (128.0 + 80.0 * wave(x) * wave(y)) as u8
        });
        let frames = vec![
            frame(1, picture(|_, _| 0)),
            frame(2, squares(0)),
            frame(3, blurred),
            frame(4, squares(1)),
            frame(5, picture(|_, _| 255)),
        ];
        assert_eq!(left(frames), [2, 4]);
        let frames = vec![frame(1, picture(|_, _| 0)), frame(2, squares(0))];
        assert_eq!(left(frames), [1, 2]);
    }

    #[test]
    fn places_are_spread_over_the_video_and_more_for_a_longer_one() {
        assert_eq!(places_ms(10_000), [1_000, 3_000, 5_000, 7_000, 9_000]);
        assert_eq!(places_ms(300_000).len(), 7);
        assert_eq!(places_ms(7_200_000).len(), 9);
        assert_eq!(places_ms(0), [0; 5]);
    }

    #[test]
    fn frames_that_show_the_same_count_once() {
        let folder = std::env::temp_dir().join(format!("poster-test-{}", std::process::id()));
        std::fs::create_dir_all(&folder).unwrap();
        for (number, value) in [10_u8, 10, 11, 200].into_iter().enumerate() {
            std::fs::write(folder.join(frame_name(number)), vec![value; 16 * 16 * 3]).unwrap();
        }
        let frames = read_frames(&folder, (16, 16), &[1, 2, 3, 4]);
        let left = std::fs::read_dir(&folder).unwrap().count();
        std::fs::remove_dir_all(&folder).unwrap();
        let places: Vec<u64> = frames.iter().map(|frame| frame.at_ms).collect();
        assert_eq!((places.as_slice(), left), ([1, 3, 4].as_slice(), 0));
    }
}
