//! The ffmpeg plan: which calls make a source streamable, and what each one leaves behind.
//!
//! Pure. Decides between copying and encoding, the picture size and the bit rates, and writes the
//! argument lists. Renditions are fragmented MP4 with one track each: `video.mp4` and `audio.mp4`. The
//! index over their fragments is read by [`crate::mp4`]. `progressive.mp4` joins both for players
//! without adaptive streaming and for downloads.
//!
//! Why the muxer flags are as they are: `delay_moov` lets the muxer write an edit list that takes the
//! reordering delay off the video; `frag_discont` keeps the start of each track on the common clock,
//! so two files that are played together stay in step; priming packets before time zero are dropped,
//! because a fragment's time can't be negative; `global_sidx` puts one index in front for DASH.

use std::path::{Path, PathBuf};

use crate::argv::{Argv, Invocation};
use crate::ladder::sounds_everywhere;
use crate::probe::{AudioStream, Probe, VideoStream};
use crate::runner::Limits;
use crate::sniff::Container;

mod size;

pub(crate) use crate::encode::upright_filters;
use crate::ladder::copyable;
pub use crate::ladder::{browser_ready, fit_within};

/// File name of the video rendition.
pub const VIDEO_FILE: &str = "video.mp4";
/// File name of the audio rendition.
pub const AUDIO_FILE: &str = "audio.mp4";
/// File name of the joined file.
pub const PROGRESSIVE_FILE: &str = "progressive.mp4";

/// Time between keyframes of an encode, seconds; every rendition has them at the same times.
pub const KEYFRAME_S: u32 = 2;
/// Shortest fragment, microseconds; a little under the keyframe grid, which rounding must not skip.
const FRAGMENT_US: u32 = 1_900_000;
/// A fragment is cut here even without a keyframe, so that memory stays bounded.
const FRAGMENT_BYTES: u32 = 64 << 20;
/// Longest side of an encode.
const LONGEST_SIDE: u32 = 2560;
/// Shorter side of an encode.
const SHORT_SIDE: u32 = 1080;

/// How the picture gets into `video.mp4`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// As it is: seconds, whatever the length.
    Copy,
    /// Decoded and encoded again.
    Encode,
}

/// What a file that a step leaves behind is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum OutputKind {
    /// Fragmented, video only.
    Video,
    /// Fragmented, audio only.
    Audio,
    /// Both, index first.
    Progressive,
}

/// One file that a step leaves in the output folder.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Output {
    /// What it is.
    pub kind: OutputKind,
    /// Its server-made name.
    pub file: &'static str,
}

/// One program start and what it leaves behind.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Step {
    /// What to run.
    pub invocation: Invocation,
    /// What it may take.
    pub limits: Limits,
    /// What is there afterwards.
    pub outputs: Vec<Output>,
}

/// Steps in order. After the first one the video can be streamed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Plan {
    /// Whether the picture is copied or encoded.
    pub kind: Kind,
    /// Size of the picture in the outputs, as shown.
    pub width: u32,
    /// Size of the picture in the outputs, as shown.
    pub height: u32,
    /// Whether there is an `audio.mp4`.
    pub has_audio: bool,
    /// The calls to make, in order.
    pub steps: Vec<Step>,
}

/// What the caller decides about a plan.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Options {
    /// Also make `progressive.mp4`: the source itself can't be shown (its container, or location data
    /// in it), or something is encoded.
    pub progressive: bool,
    /// Encode even what could be copied, for instance because the copy's fragments came out too long.
    pub always_encode: bool,
    /// Threads of the decoder and the encoder, each.
    pub threads: u32,
    /// Whether this ffmpeg can turn HDR into standard range; see [`crate::runner::capabilities`].
    pub tone_map: bool,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            progressive: false,
            always_encode: false,
            threads: 2,
            tone_map: false,
        }
    }
}

/// Makes the plan for a source at the absolute path `input`, with outputs in the existing folder
/// `folder`. `None` when the source has no video.
pub fn plan(probe: &Probe, input: &Path, folder: &Path, options: &Options) -> Option<Plan> {
    let video = probe.video.as_ref()?;
    let kind = if copyable(video, probe.container) && !options.always_encode {
        Kind::Copy
    } else {
        Kind::Encode
    };
    let limits = Limits::long(probe.duration_ms.unwrap_or(0), probe.size_bytes, options.threads);
    let (width, height) = match kind {
        Kind::Copy => video.display_size(),
        Kind::Encode => size::encoded(video),
    };
    let mut argv = Argv::ffmpeg().value("-threads", options.threads.max(1));
    argv = argv.untrusted_input(input, probe.container);
    argv = match kind {
        Kind::Copy => copy_video(argv, video),
        Kind::Encode => encode_video(argv, video, (width, height), options),
    };
    argv = fragmented(argv, Some("+frag_keyframe")).output("mp4", folder, VIDEO_FILE);
    let mut outputs = vec![Output {
        kind: OutputKind::Video,
        file: VIDEO_FILE,
    }];
    if let Some(audio) = audible(probe) {
        argv = if sounds_everywhere(audio) {
            copy_audio(argv, audio, probe.container)
        } else {
            encode_audio(argv, audio)
        };
        argv = fragmented(argv, None).output("mp4", folder, AUDIO_FILE);
        outputs.push(Output {
            kind: OutputKind::Audio,
            file: AUDIO_FILE,
        });
    }
    let has_audio = outputs.len() > 1;
    let mut steps = vec![Step {
        invocation: argv.build(),
        limits: limits.clone(),
        outputs,
    }];
    if options.progressive || kind == Kind::Encode {
        let outputs = vec![Output {
            kind: OutputKind::Progressive,
            file: PROGRESSIVE_FILE,
        }];
        steps.push(Step {
            invocation: join(folder, has_audio),
            limits,
            outputs,
        });
    }
    Some(Plan {
        kind,
        width,
        height,
        has_audio,
        steps,
    })
}

/// The audio track, unless it is an empty shell.
fn audible(probe: &Probe) -> Option<&AudioStream> {
    probe
        .audio
        .as_ref()
        .filter(|audio| audio.channels > 0 && audio.sample_rate > 0)
}

/// Joins both renditions into one file with its index in front.
fn join(folder: &Path, has_audio: bool) -> Invocation {
    // With the timestamps as they are, a track that starts late stays late.
    let mut argv = Argv::ffmpeg()
        .flag("-copyts")
        .own_mp4_input(&folder.join(VIDEO_FILE));
    if has_audio {
        argv = argv.own_mp4_input(&folder.join(AUDIO_FILE));
    }
    argv = argv.opt("-map", "0:v:0");
    if has_audio {
        argv = argv.opt("-map", "1:a:0");
    }
    clean(argv.opt("-c", "copy"))
        .opt("-movflags", "+faststart")
        .output("mp4", folder, PROGRESSIVE_FILE)
        .build()
}

/// Leaves behind whatever a file knows about its maker: tags, chapters, encoder names.
fn clean(argv: Argv) -> Argv {
    argv.opt("-map_metadata", "-1")
        .opt("-map_chapters", "-1")
        .flag("-sn")
        .flag("-dn")
        .opt("-fflags", "+bitexact")
        .opt("-flags:v", "+bitexact")
        .opt("-flags:a", "+bitexact")
}

fn fragmented(argv: Argv, at_keyframes: Option<&'static str>) -> Argv {
    let flags = "+delay_moov+default_base_moof+frag_discont+global_sidx";
    let argv = clean(argv)
        .value(
            "-movflags",
            format_args!("{flags}{}", at_keyframes.unwrap_or_default()),
        )
        .opt("-max_muxing_queue_size", "4096");
    if at_keyframes.is_some() {
        argv.value("-min_frag_duration", FRAGMENT_US)
            .value("-frag_size", FRAGMENT_BYTES)
    } else {
        argv.value("-frag_duration", KEYFRAME_S * 1_000_000)
    }
}

fn copy_video(argv: Argv, video: &VideoStream) -> Argv {
    argv.value("-map", format_args!("0:{}", video.index))
        .opt("-c:v", "copy")
        .opt("-copypriorss", "0")
}

fn copy_audio(argv: Argv, audio: &AudioStream, container: Container) -> Argv {
    let argv = argv
        .value("-map", format_args!("0:{}", audio.index))
        .opt("-c:a", "copy")
        .opt("-copypriorss", "0");
    // Transport streams repeat the decoder's settings in every packet; MP4 has them once, in front.
    if container == Container::MpegTs {
        argv.opt("-bsf:a", "aac_adtstoasc")
    } else {
        argv
    }
}

fn encode_audio(argv: Argv, audio: &AudioStream) -> Argv {
    let channels = audio.channels.min(2);
    let rate = if matches!(audio.sample_rate, 44_100 | 48_000) {
        audio.sample_rate
    } else {
        48_000
    };
    argv.value("-map", format_args!("0:{}", audio.index))
        .opt("-c:a", "aac")
        .value("-b:a", if channels == 1 { 96_000 } else { 128_000 })
        .value("-ac", channels)
        .value("-ar", rate)
        // Holes in the track become silence, so that sound stays with the picture.
        .opt("-af", "aresample=async=1")
        .opt("-bsf:a", "noise=drop=lt(pts\\,0)")
}

/// Rate factors and ceilings by the pixels of a frame: kilobits per second at 30 frames.
fn ceiling_kbps((width, height): (u32, u32), video: &VideoStream) -> u32 {
    let pixels = u64::from(width) * u64::from(height);
    let kbps = match pixels {
        0..=110_000 => 400,
        110_001..=240_000 => 900,
        240_001..=420_000 => 1500,
        420_001..=1_000_000 => 3500,
        1_000_001..=2_300_000 => 6000,
        _ => 9000,
    };
    let fast = video.frame_rate.is_some_and(|rate| rate.fps() > 40.0);
    if fast { kbps * 3 / 2 } else { kbps }
}

fn encode_video(argv: Argv, video: &VideoStream, size: (u32, u32), options: &Options) -> Argv {
    let kbps = ceiling_kbps(size, video);
    argv.value("-map", format_args!("0:{}", video.index))
        .value("-vf", upright_filters(video, size, options.tone_map, "yuv420p"))
        // Frames keep their times: a fixed rate would fill a gap in the timestamps with copies.
        .opt("-fps_mode", "vfr")
        .opt("-fpsmax", "60")
        .opt("-c:v", "libx264")
        .opt("-preset", "veryfast")
        .opt("-profile:v", "high")
        .opt("-crf", "23")
        .value("-maxrate", format_args!("{kbps}k"))
        .value("-bufsize", format_args!("{}k", kbps * 2))
        .value(
            "-force_key_frames",
            format_args!("expr:gte(t,n_forced*{KEYFRAME_S})"),
        )
        .opt("-sc_threshold", "0")
        .opt("-g", "600")
        .value("-threads", options.threads.max(1))
        // Bounds an encode of a file that is longer than it says.
        .value("-t", 12 * 3600 + 60)
}

/// The paths a plan's outputs end up at.
pub fn output_paths<'a>(plan: &'a Plan, folder: &'a Path) -> impl Iterator<Item = PathBuf> + 'a {
    plan.steps
        .iter()
        .flat_map(|step| &step.outputs)
        .map(|output| folder.join(output.file))
}

#[cfg(test)]
mod tests;
