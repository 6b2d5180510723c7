//! Probing: what a file holds, and whether it may enter.
//!
//! [`probe`] asks a sandboxed ffprobe; [`admit`] is the pure rule on its answer. What is made of an
//! admitted file is decided in [`crate::plan`].

use std::path::Path;

use serde::{Deserialize, Serialize};
use thiserror::Error;
use tokio_util::sync::CancellationToken;

use crate::argv::{Argv, Invocation};
use crate::runner::{self, Limits, RunError, Tools};
use crate::sniff::Container;

mod answer;

/// A number of frames per second as a fraction.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct FrameRate {
    /// Frames.
    pub num: u32,
    /// In so many seconds; never 0.
    pub den: u32,
}

impl FrameRate {
    /// Frames per second.
    pub fn fps(self) -> f64 {
        f64::from(self.num) / f64::from(self.den.max(1))
    }
}

/// Brightness curves beyond standard range.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Hdr {
    /// SMPTE ST 2084, as in HDR10 and Dolby Vision.
    Pq,
    /// Hybrid log-gamma, as phones record.
    Hlg,
}

/// The video track that people see.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct VideoStream {
    /// Stream index in the file.
    pub index: u32,
    /// ffmpeg's codec name, such as `h264`.
    pub codec: String,
    /// Codec profile in ffmpeg's words, such as `High`.
    pub profile: Option<String>,
    /// Codec level as the codec counts (`41` is 4.1 in H.264).
    pub level: Option<i32>,
    /// Coded width in pixels, before rotation.
    pub width: u32,
    /// Coded height in pixels, before rotation.
    pub height: u32,
    /// Clockwise turn for display, in degrees: 0, 90, 180 or 270.
    pub rotation: u16,
    /// Width of a pixel over its height.
    pub pixel_aspect: (u32, u32),
    /// ffmpeg's pixel format, such as `yuv420p`.
    pub pixel_format: Option<String>,
    /// Bits per colour component.
    pub bit_depth: u8,
    /// Average frame rate; `None` when the file does not tell.
    pub frame_rate: Option<FrameRate>,
    /// Number of frames, where the container tells.
    pub frames: Option<u64>,
    /// Its own duration, where the container tells; the sound may go on longer.
    pub duration_ms: Option<u64>,
    /// Set for video beyond standard range.
    pub hdr: Option<Hdr>,
    /// Whether fields are interlaced.
    pub interlaced: bool,
    /// The track starts with frames that are not shown (a cut recording), or not with a keyframe; it
    /// can't be copied without showing too much or too little.
    pub starts_hidden: bool,
}

impl VideoStream {
    /// Width and height as shown: square pixels, turned upright.
    pub fn display_size(&self) -> (u32, u32) {
        let (num, den) = self.pixel_aspect;
        let stretched = u64::from(self.width) * u64::from(num.max(1)) / u64::from(den.max(1));
        let width = u32::try_from(stretched).unwrap_or(u32::MAX).max(1);
        if matches!(self.rotation, 90 | 270) {
            (self.height, width)
        } else {
            (width, self.height)
        }
    }
}

/// The audio track that people hear.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AudioStream {
    /// Stream index in the file.
    pub index: u32,
    /// ffmpeg's codec name, such as `aac`.
    pub codec: String,
    /// Codec profile, such as `LC`.
    pub profile: Option<String>,
    /// Channels.
    pub channels: u32,
    /// Samples per second.
    pub sample_rate: u32,
    /// Bits per second, where the file tells.
    pub bitrate: Option<u64>,
}

/// What a file holds.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Probe {
    /// The sniffed container.
    pub container: Container,
    /// Duration; `None` when nothing tells it.
    pub duration_ms: Option<u64>,
    /// File size.
    pub size_bytes: u64,
    /// Bits per second over all streams.
    pub bitrate: Option<u64>,
    /// The first video track that is no attached picture.
    pub video: Option<VideoStream>,
    /// The first audio track.
    pub audio: Option<AudioStream>,
    /// Streams of any kind.
    pub streams: u32,
    /// Streams that are neither `video` nor `audio`: subtitles, data, more languages, pictures.
    pub other_streams: u32,
}

/// Why a file could not be probed.
#[derive(Debug, Error)]
pub enum ProbeError {
    /// It is not what its first bytes say, is damaged, or uses a codec that is not allowed.
    #[error("the file can't be read as video")]
    Unreadable {
        /// For the log; never for users.
        detail: String,
    },
    /// Probing itself failed; trying again may help.
    #[error(transparent)]
    Run(RunError),
}

impl From<RunError> for ProbeError {
    fn from(error: RunError) -> Self {
        if error.is_transient() {
            return Self::Run(error);
        }
        let detail = match error {
            RunError::Failed { stderr_tail, .. } => stderr_tail,
            other => other.to_string(),
        };
        Self::Unreadable { detail }
    }
}

/// Probes the file at the absolute `path`, whose first bytes were sniffed as `container`.
///
/// A file that does not tell its duration (a browser recording) is read through once, which is bounded
/// like everything else.
pub async fn probe(
    tools: &Tools,
    path: &Path,
    container: Container,
    stop: &CancellationToken,
) -> Result<Probe, ProbeError> {
    let answered = runner::run(
        tools,
        &probe_call(path, container),
        &Limits::short(),
        |_| (),
        stop,
    )
    .await?;
    let mut probe = answer::read(&answered.stdout, container)?;
    let video = probe.video.as_ref().map(|video| video.index);
    let track = video.or_else(|| probe.audio.as_ref().map(|audio| audio.index));
    if probe.duration_ms.is_none()
        && let Some(track) = track
    {
        let scan = scan_call(path, container, track);
        let scanned = runner::run(tools, &scan, &Limits::short(), |_| (), stop).await?;
        probe.duration_ms = Some(scanned.progress.out_time_ms).filter(|ms| *ms > 0);
    }
    Ok(probe)
}

/// The ffprobe call: only the named fields, so that the answer stays small whatever tags the file has.
fn probe_call(path: &Path, container: Container) -> Invocation {
    const FIELDS: &str = "format=duration,bit_rate,size,nb_streams:\
        stream=index,codec_name,codec_type,profile,level,width,height,sample_aspect_ratio,pix_fmt,\
        field_order,color_transfer,avg_frame_rate,r_frame_rate,bits_per_raw_sample,channels,sample_rate,\
        bit_rate,duration,nb_frames:stream_disposition=attached_pic:stream_tags=:\
        stream_side_data=side_data_type,rotation:packet=stream_index,pts_time,flags";
    Argv::ffprobe()
        .opt("-show_entries", FIELDS)
        // The first packets tell whether the track starts with something hidden.
        .opt("-read_intervals", "%+#24")
        .untrusted_input(path, container)
        .build()
}

/// Reads all packets of one track, decodes none, and writes nothing: progress ends at the duration.
fn scan_call(path: &Path, container: Container, stream: u32) -> Invocation {
    Argv::ffmpeg()
        .untrusted_input(path, container)
        .value("-map", format_args!("0:{stream}"))
        .opt("-c", "copy")
        .null_output()
        .build()
}

/// What may enter.
#[derive(Debug, Clone, PartialEq)]
pub struct MediaLimits {
    /// Longest duration.
    pub duration_ms: u64,
    /// Longest side, pixels.
    pub side: u32,
    /// Most pixels of a frame.
    pub pixels: u64,
    /// Highest frame rate, frames per second.
    pub fps: f64,
    /// Lowest frame rate: below it, a short file stands for hours of frames.
    pub min_fps: f64,
    /// Most streams.
    pub streams: u32,
    /// Whether a file with sound and no picture may enter.
    pub audio_only: bool,
}

impl Default for MediaLimits {
    fn default() -> Self {
        Self {
            duration_ms: 12 * 3600 * 1000,
            side: 8192,
            pixels: crate::argv::MAX_PIXELS,
            fps: 120.0,
            min_fps: 0.2,
            streams: crate::argv::MAX_STREAMS,
            audio_only: false,
        }
    }
}

/// Why a readable file may not enter: a code for programs, a sentence for people.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error("{sentence}")]
pub struct Rejection {
    /// Stable word, such as `too_long`.
    pub code: &'static str,
    /// What to tell the person who uploaded it.
    pub sentence: String,
}

fn reject(code: &'static str, sentence: impl Into<String>) -> Result<(), Rejection> {
    Err(Rejection {
        code,
        sentence: sentence.into(),
    })
}

/// Decides whether a probed file may enter.
pub fn admit(probe: &Probe, limits: &MediaLimits) -> Result<(), Rejection> {
    let sound_alone = probe.video.is_none() && probe.audio.is_some() && limits.audio_only;
    if probe.video.is_none() && !sound_alone {
        return reject("no_video_stream", "The file has no video stream.");
    }
    let Some(duration_ms) = probe.duration_ms.filter(|ms| *ms > 0) else {
        return reject("no_duration", "The video has no playable duration.");
    };
    if duration_ms > limits.duration_ms {
        let hours = limits.duration_ms / 3_600_000;
        return reject("too_long", format!("The video is longer than {hours} hours."));
    }
    if probe.streams > limits.streams {
        return reject(
            "too_many_streams",
            format!("The file has more than {} streams.", limits.streams),
        );
    }
    match &probe.video {
        Some(video) => admit_picture(video, duration_ms, limits),
        None => Ok(()),
    }
}

fn admit_picture(video: &VideoStream, duration_ms: u64, limits: &MediaLimits) -> Result<(), Rejection> {
    if video.width == 0 || video.height == 0 {
        return reject("no_picture_size", "The video has no picture size.");
    }
    let (width, height) = video.display_size();
    let longest = video.width.max(video.height).max(width).max(height);
    if longest > limits.side {
        return reject(
            "too_large",
            format!("The picture is larger than {} pixels on a side.", limits.side),
        );
    }
    let pixels = u64::from(video.width) * u64::from(video.height);
    let shown = u64::from(width) * u64::from(height);
    if pixels.max(shown) > limits.pixels {
        return reject("too_many_pixels", "The picture has too many pixels.");
    }
    if video.frame_rate.is_some_and(|rate| rate.fps() > limits.fps + 0.5) {
        return reject(
            "too_many_frames",
            format!("The video has more than {} frames per second.", limits.fps),
        );
    }
    let counted = video
        .frames
        .map(|frames| frames as f64 * 1000.0 / duration_ms as f64);
    let average = video.frame_rate.map(FrameRate::fps).filter(|fps| *fps > 0.0);
    if counted.or(average).is_some_and(|fps| fps < limits.min_fps) {
        return reject("too_few_frames", "The video has long gaps between its frames.");
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    pub(crate) fn clip() -> Probe {
        Probe {
            container: Container::Mp4,
            duration_ms: Some(60_000),
            size_bytes: 1_000_000,
            bitrate: Some(1_000_000),
            video: Some(VideoStream {
                index: 0,
                codec: "h264".into(),
                profile: Some("High".into()),
                level: Some(31),
                width: 1280,
                height: 720,
                rotation: 0,
                pixel_aspect: (1, 1),
                pixel_format: Some("yuv420p".into()),
                bit_depth: 8,
                frame_rate: Some(FrameRate { num: 30, den: 1 }),
                frames: Some(1800),
                duration_ms: None,
                hdr: None,
                interlaced: false,
                starts_hidden: false,
            }),
            audio: None,
            streams: 1,
            other_streams: 0,
        }
    }

    fn code(change: impl FnOnce(&mut Probe, &mut VideoStream)) -> Result<(), &'static str> {
        let mut probe = clip();
        let mut video = probe.video.take().unwrap();
        change(&mut probe, &mut video);
        probe.video = Some(video);
        admit(&probe, &MediaLimits::default()).map_err(|rejection| rejection.code)
    }

    #[test]
    fn an_ordinary_clip_may_enter() {
        assert_eq!(code(|_, _| ()), Ok(()));
    }

    #[test]
    fn what_is_too_much_is_refused_with_its_reason() {
        assert_eq!(
            code(|probe, _| probe.duration_ms = Some(12 * 3_600_000 + 1)),
            Err("too_long")
        );
        assert_eq!(code(|probe, _| probe.duration_ms = None), Err("no_duration"));
        assert_eq!(code(|_, video| video.width = 8193), Err("too_large"));
        assert_eq!(
            code(|_, video| (video.width, video.height) = (8192, 8192)),
            Err("too_many_pixels")
        );
        assert_eq!(
            code(|_, video| video.pixel_aspect = (60_000, 1)),
            Err("too_large")
        );
        assert_eq!(code(|probe, _| probe.streams = 33), Err("too_many_streams"));
        assert_eq!(
            code(|_, video| video.frame_rate = Some(FrameRate { num: 240, den: 1 })),
            Err("too_many_frames")
        );
        assert_eq!(code(|_, video| video.frames = Some(3)), Err("too_few_frames"));
        let mut silent_film = clip();
        silent_film.video = None;
        assert_eq!(
            admit(&silent_film, &MediaLimits::default()).unwrap_err().code,
            "no_video_stream"
        );
    }

    #[test]
    fn sound_alone_may_enter_where_the_limits_say_so() {
        let mut sound = clip();
        sound.video = None;
        sound.audio = Some(AudioStream {
            index: 0,
            codec: "flac".into(),
            profile: None,
            channels: 2,
            sample_rate: 48_000,
            bitrate: None,
        });
        let limits = MediaLimits {
            audio_only: true,
            ..MediaLimits::default()
        };
        assert_eq!(admit(&sound, &limits), Ok(()));
        assert_eq!(
            admit(&sound, &MediaLimits::default()).unwrap_err().code,
            "no_video_stream"
        );
        sound.audio = None;
        assert_eq!(admit(&sound, &limits).unwrap_err().code, "no_video_stream");
    }

    #[test]
    fn a_turned_or_stretched_picture_has_the_size_people_see() {
        let mut video = clip().video.unwrap();
        video.rotation = 90;
        assert_eq!(video.display_size(), (720, 1280));
        video.rotation = 0;
        (video.width, video.pixel_aspect) = (720, (64, 45));
        assert_eq!(video.display_size(), (1024, 720));
    }
}
