//! The ffmpeg calls that make a [`Ladder`]: one per chunk of a pass, and one that copies.
//!
//! Pure. Renditions are fragmented MP4 with one track each; the index over their fragments is read by
//! [`crate::mp4`].
//!
//! Why the calls are as they are:
//!
//! * One decode feeds all rungs of a pass; each is scaled from the next larger one, and what concerns
//!   every frame (deinterlacing, the frame rate's cap, square pixels, standard range) is done once, at
//!   the size of the largest.
//! * Frames keep their own times, in ticks of [`Ladder::timescale`]: a fixed rate would fill a gap in the
//!   timestamps with copies, and a time base of a frame would move frames of a variable rate.
//! * A chunk is cut [`SHIFT_US`] before its boundary. That is less than half a tick, so it is gone in the
//!   output, and a frame whose source counts in other units can't fall on the wrong side.
//! * `delay_moov` lets the muxer write an edit list that takes the reordering delay off the video;
//!   `frag_discont` keeps the start of each track on the common clock, so two files that are played
//!   together stay in step; priming packets before time zero are dropped, because a fragment's time
//!   can't be negative; `global_sidx` puts one index in front for DASH.

use std::path::{Path, PathBuf};

use crate::argv::{Argv, Invocation};
use crate::ladder::{Audio, Chunk, Ladder};
use crate::probe::{AudioStream, Probe};
use crate::runner::Limits;
use crate::sniff::Container;

mod codecs;
mod filters;
mod limits;

pub(crate) use filters::upright_filters;

/// File name of a joined file.
pub const PROGRESSIVE_FILE: &str = "progressive.mp4";

/// A chunk is cut so much before its boundary, microseconds; under half a tick of 90 kHz.
const SHIFT_US: u64 = 5;
/// How much longer than a chunk reading goes on, microseconds.
const READING_ROOM_US: u64 = 1_000_000;
/// Shortest fragment of a copy, microseconds; a little under the keyframe grid.
const COPY_FRAGMENT_US: u32 = 1_900_000;
/// Length of the fragments of a sound track, microseconds.
const SOUND_FRAGMENT_US: u32 = 2_000_000;
/// A fragment is cut here even without a keyframe, so that memory stays bounded.
const FRAGMENT_BYTES: u32 = 64 << 20;
/// Longest output, seconds; bounds an encode of a file that is longer than it says.
const LONGEST_S: u64 = 12 * 3600 + 60;

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
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Output {
    /// What it is.
    pub kind: OutputKind,
    /// Its server-made name: the rendition's name and `.mp4`.
    pub file: String,
}

impl Output {
    fn new(kind: OutputKind, rendition: &str) -> Self {
        Self {
            kind,
            file: format!("{rendition}.mp4"),
        }
    }

    /// The rendition's name: the file's without its extension.
    pub fn rendition(&self) -> &str {
        self.file.strip_suffix(".mp4").unwrap_or(&self.file)
    }
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

impl Step {
    /// The paths its outputs end up at.
    pub fn output_paths<'a>(&'a self, folder: &'a Path) -> impl Iterator<Item = PathBuf> + 'a {
        self.outputs.iter().map(|output| folder.join(&output.file))
    }
}

/// Copies the picture to the file of [`Ladder::remux`]'s name, and makes the audio rendition beside it.
/// `None` when the ladder has no remux.
///
/// `input` is the absolute path of the source, `folder` an existing absolute one for the outputs.
pub fn remux(ladder: &Ladder, probe: &Probe, input: &Path, folder: &Path, threads: u32) -> Option<Step> {
    let remux = ladder.remux.as_ref()?;
    let video = probe.video.as_ref()?;
    let picture = Output::new(OutputKind::Video, &remux.name);
    let argv = opened(Argv::ffmpeg(), probe, input, threads)
        .value("-map", format_args!("0:{}", video.index))
        .opt("-c:v", "copy")
        .opt("-copypriorss", "0");
    let argv = fragmented(argv, "+frag_keyframe")
        .value("-min_frag_duration", COPY_FRAGMENT_US)
        .value("-frag_size", FRAGMENT_BYTES)
        .output("mp4", folder, &picture.file);
    let mut outputs = vec![picture];
    let argv = match heard(ladder, probe) {
        Some(track) => {
            let (argv, output) = sound(argv, track, probe.container, folder);
            outputs.push(output);
            argv
        }
        None => argv,
    };
    Some(Step {
        invocation: argv.build(),
        limits: limits::copy(ladder, probe),
        outputs,
    })
}

/// Makes the audio rendition alone. `None` when the ladder has none.
pub fn audio(ladder: &Ladder, probe: &Probe, input: &Path, folder: &Path, threads: u32) -> Option<Step> {
    let argv = opened(Argv::ffmpeg(), probe, input, threads);
    let (argv, output) = sound(argv, heard(ladder, probe)?, probe.container, folder);
    Some(Step {
        invocation: argv.build(),
        limits: limits::copy(ladder, probe),
        outputs: vec![output],
    })
}

/// Encodes one chunk of one pass: every rung of it to a file of its name. `None` when there is no such
/// pass or chunk.
///
/// `threads` is for the decoder and for each encoder. `tone_map` tells whether this ffmpeg can turn HDR
/// into standard range; see [`crate::runner::capabilities`].
#[expect(
    clippy::too_many_arguments,
    reason = "what a call depends on, by name at the one caller"
)]
pub fn part(
    ladder: &Ladder,
    probe: &Probe,
    input: &Path,
    folder: &Path,
    pass: usize,
    chunk: usize,
    threads: u32,
    tone_map: bool,
) -> Option<Step> {
    let video = probe.video.as_ref()?;
    let rungs = ladder.rungs_of(pass);
    let chunk = *ladder.passes.get(pass)?.chunks.get(chunk)?;
    let threads = threads.max(1);
    let window = Window::of(chunk, ladder.cutting.seekable);
    let mut argv = Argv::ffmpeg().value("-filter_complex_threads", threads);
    argv = timed_input(argv, window);
    let largest = rungs.first()?;
    let sides = (video.width.max(video.height), largest.width.max(largest.height));
    if filters::much_smaller(sides.0, sides.1) {
        // Pictures that few others depend on need not be smooth before they shrink. No error adds up.
        argv = argv.opt("-skip_loop_filter", "bidir");
    }
    argv = opened(argv, probe, input, threads);
    argv = argv.value("-filter_complex", filters::graph(video, &rungs, window, tone_map));
    let mut outputs = Vec::new();
    for (place, rung) in rungs.iter().enumerate() {
        let output = Output::new(OutputKind::Video, &rung.name);
        argv = argv.value("-map", filters::label(place));
        argv = codecs::encoder(argv, ladder, rung, chunk, threads);
        argv = clean(argv)
            .value("-movflags", format_args!("{FRAGMENTED}+frag_keyframe"))
            .value("-video_track_timescale", ladder.timescale)
            .value("-frag_size", FRAGMENT_BYTES)
            .value("-t", LONGEST_S)
            .output("mp4", folder, &output.file);
        outputs.push(output);
    }
    Some(Step {
        invocation: argv.build(),
        limits: limits::part(ladder, probe, &rungs, chunk),
        outputs,
    })
}

/// Joins a video and an audio rendition, given by absolute paths, into one file with its index in front.
pub fn progressive(video: &Path, audio: Option<&Path>, folder: &Path) -> Step {
    // With the timestamps as they are, a track that starts late stays late.
    let mut argv = Argv::ffmpeg().flag("-copyts").own_mp4_input(video);
    if let Some(audio) = audio {
        argv = argv.own_mp4_input(audio);
    }
    argv = argv.opt("-map", "0:v:0");
    if audio.is_some() {
        argv = argv.opt("-map", "1:a:0");
    }
    let invocation = clean(argv.opt("-c", "copy"))
        .opt("-movflags", "+faststart")
        .output("mp4", folder, PROGRESSIVE_FILE)
        .build();
    Step {
        invocation,
        limits: limits::joining(),
        outputs: vec![Output::new(OutputKind::Progressive, "progressive")],
    }
}

/// The source behind the launch profile.
fn opened(argv: Argv, probe: &Probe, input: &Path, threads: u32) -> Argv {
    argv.value("-threads", threads.max(1))
        .untrusted_input(input, probe.container)
}

/// Where reading starts and ends, as options of the input. The end has room: it counts from the first
/// frame that is shown, which is a little after the start; the exact end is the filters' work.
fn timed_input(argv: Argv, window: Window) -> Argv {
    let argv = match window.seek {
        0 => argv,
        seek => argv.value("-ss", Seconds(seek)),
    };
    match window.end {
        Some(end) => argv.value("-t", Seconds(end + READING_ROOM_US)),
        None => argv,
    }
}

/// A chunk as one call sees it, in microseconds. Its boundaries are [`SHIFT_US`] early.
#[derive(Debug, Clone, Copy)]
struct Window {
    /// Where reading starts.
    seek: u64,
    /// Where the chunk starts, after that: 0 unless decoding has to start over.
    start: u64,
    /// Where it ends, after the start of reading.
    end: Option<u64>,
}

impl Window {
    fn of(chunk: Chunk, seekable: bool) -> Self {
        let early = |ms: u64| (ms * 1000).saturating_sub(SHIFT_US);
        let start = early(chunk.start_ms);
        let (seek, start) = if seekable { (start, 0) } else { (0, start) };
        Self {
            seek,
            start,
            end: chunk.end_ms.map(|end| early(end).saturating_sub(seek)),
        }
    }
}

/// Microseconds, written as seconds.
struct Seconds(u64);

impl std::fmt::Display for Seconds {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(out, "{}.{:06}", self.0 / 1_000_000, self.0 % 1_000_000)
    }
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
        .opt("-max_muxing_queue_size", "4096")
}

/// What every rendition's muxer is told.
const FRAGMENTED: &str = "+delay_moov+default_base_moof+frag_discont+global_sidx";

fn fragmented(argv: Argv, more: &'static str) -> Argv {
    clean(argv).value("-movflags", format_args!("{FRAGMENTED}{more}"))
}

/// The audio rendition and the track it is made from; `None` where there is none.
fn heard<'a>(ladder: &'a Ladder, probe: &'a Probe) -> Option<(&'a Audio, &'a AudioStream)> {
    ladder.audio.as_ref().zip(probe.audio.as_ref())
}

/// Adds the output of the audio rendition.
fn sound(
    argv: Argv,
    (audio, track): (&Audio, &AudioStream),
    container: Container,
    folder: &Path,
) -> (Argv, Output) {
    let argv = argv.value("-map", format_args!("0:{}", track.index));
    let argv = if audio.copy {
        let argv = argv.opt("-c:a", "copy").opt("-copypriorss", "0");
        // Transport streams repeat the decoder's settings in every packet; MP4 has them once, in front.
        if container == Container::MpegTs {
            argv.opt("-bsf:a", "aac_adtstoasc")
        } else {
            argv
        }
    } else {
        argv.opt("-c:a", "aac")
            .value("-b:a", audio.kbps * 1000)
            .value("-ac", audio.channels)
            .value("-ar", audio.sample_rate)
            // Holes in the track become silence, so that sound stays with the picture.
            .opt("-af", "aresample=async=1")
            .opt("-bsf:a", "noise=drop=lt(pts\\,0)")
            .value("-t", LONGEST_S)
    };
    let output = Output::new(OutputKind::Audio, &audio.name);
    let argv = fragmented(argv, "")
        .value("-frag_duration", SOUND_FRAGMENT_US)
        .output("mp4", folder, &output.file);
    (argv, output)
}

#[cfg(test)]
mod tests;
