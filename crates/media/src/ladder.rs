//! The ladder: which renditions a source gets, which are copied, and in which order they are made.
//!
//! Pure. [`plan`] turns what a probe found and the settings into a [`Ladder`], which is stored as JSON so
//! that every worker and every restart makes the same files. What to run for each piece is written in
//! [`crate::encode`]; how the pieces become one file is [`crate::mp4`]'s part.
//!
//! **Numbers.** A rung's number is the short side of the 16:9 (or 9:16) frame that its picture fits in.
//! For everything between portrait and 16:9 that is the picture's short side: 1080x1920 is "1080p", and
//! so is 1440x1080. A wider picture counts by its long side, as a film of 1920x800 does ("1080p"), which
//! keeps bit rates and decoders' limits meaningful for any shape.
//!
//! **Which rungs.** None is larger than the source. The top rung has the source's own (even) size when
//! the settings allow it: under the name of a rung that lies near (5 % above to 15 % below the source's
//! number), otherwise under a name of its own ("600p"). Below it come all rungs of the settings that are
//! at least 15 % smaller. A source smaller than the smallest rung gets one rung of its own size.
//!
//! **Order.** The lowest rung is a pass of its own, so that something adaptive is there early; all other
//! rungs of H.264 share one decode; each further codec is one more pass.

use serde::{Deserialize, Serialize};

use crate::probe::{AudioStream, FrameRate, Probe, VideoStream};
use crate::sniff::Container;

mod chunks;
mod copying;
mod settings;
mod sizes;

pub use chunks::{Chunk, Cutting, MOST_BETWEEN_KEYFRAMES_MS, Pass, Place, seeks_well};
pub(crate) use chunks::{FIRST_CHUNK_MS, MARGIN_MS};
pub use copying::browser_ready;
pub use settings::{
    LadderSettings, LadderSettingsError, Preset, RungSetting, VideoCodec, parse_codecs, parse_rungs,
};

/// Seconds between keyframes on the fixed grid; every encoded rendition has them at the same times.
pub const KEYFRAME_S: u32 = 2;
/// Highest frame rate of an encode, frames per second.
pub const MOST_FPS: u32 = 60;
/// Name of a copied picture that is only served until the ladder is complete. Originals have files of the name
/// "source": this must be another.
pub const COPY_NAME: &str = "copy";
/// Name of the audio rendition.
pub const AUDIO_NAME: &str = "audio";

/// How the picture of a rung is made.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Made {
    /// The source's own picture, as it is.
    Copy,
    /// Decoded, scaled and encoded.
    Encode,
}

/// One video rendition.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Rung {
    /// "720p", or "720p-av1" for the sets beside H.264; a file name without its extension.
    pub name: String,
    /// The codec.
    pub codec: VideoCodec,
    /// Width as shown, pixels.
    pub width: u32,
    /// Height as shown, pixels.
    pub height: u32,
    /// Average frame rate, at most [`MOST_FPS`]; `None` when the source does not tell.
    pub frame_rate: Option<FrameRate>,
    /// Ceiling of the bit rate, kilobits per second.
    pub kbps: u32,
    /// Whether it is copied or encoded.
    pub how: Made,
}

/// The audio rendition, which all video renditions share.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Audio {
    /// [`AUDIO_NAME`].
    pub name: String,
    /// Whether the source's track is taken as it is.
    pub copy: bool,
    /// Channels of the rendition: 1 or 2.
    pub channels: u32,
    /// Samples per second of the rendition.
    pub sample_rate: u32,
    /// Bit rate of an encode, kilobits per second; of a copy, what the source tells or 128.
    pub kbps: u32,
}

/// Where the keyframes of encoded renditions are.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Keyframes {
    /// At every multiple of so many seconds: the first frame at or after it.
    Grid {
        /// Distance, seconds.
        seconds: u32,
    },
    /// At these times of the source, milliseconds, rising: where the copied rendition's fragments start.
    At(Vec<u64>),
}

/// A copy of the source's picture that is published at once.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Remux {
    /// The rung's name when it is kept, else [`COPY_NAME`].
    pub name: String,
    /// Width as shown, pixels.
    pub width: u32,
    /// Height as shown, pixels.
    pub height: u32,
    /// Whether it is a rung of the ladder. Otherwise it is dropped when the ladder is complete.
    pub keep: bool,
}

/// Everything that is to be made of one source.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Ladder {
    /// Video renditions: H.264 first, the largest first. Empty for a source without a picture.
    #[serde(default)]
    pub video: Vec<Rung>,
    /// The audio rendition; `None` for a silent source.
    #[serde(default)]
    pub audio: Option<Audio>,
    /// Where encoded renditions have their keyframes.
    #[serde(default = "Ladder::grid")]
    pub keyframes: Keyframes,
    /// What is encoded, in order of priority.
    #[serde(default)]
    pub passes: Vec<Pass>,
    /// The copy that is published at once; `None` when the picture can't be copied.
    #[serde(default)]
    pub remux: Option<Remux>,
    /// The source's duration, milliseconds; 0 when unknown.
    #[serde(default)]
    pub duration_ms: u64,
    /// Ticks per second of every encoded video track, in all rungs and all chunks.
    #[serde(default = "Ladder::default_timescale")]
    pub timescale: u32,
    /// Trade of encoding time for size.
    #[serde(default)]
    pub preset: Preset,
    /// How passes are cut into chunks.
    #[serde(default)]
    pub cutting: Cutting,
}

/// Plans the ladder of a probed source. `None` when it has no picture and no sound.
///
/// Passes are whole at first; [`Ladder::cut`] cuts them.
pub fn plan(probe: &Probe, settings: &LadderSettings) -> Option<Ladder> {
    let audio = audible(probe).map(audio);
    let duration_ms = probe.duration_ms.unwrap_or(0);
    let picture_ms = match probe.video.as_ref().and_then(|video| video.duration_ms) {
        Some(own) if duration_ms > 0 => own.min(duration_ms),
        Some(own) => own,
        None => duration_ms,
    };
    let mut ladder = Ladder {
        video: Vec::new(),
        audio,
        keyframes: Ladder::grid(),
        passes: Vec::new(),
        remux: None,
        duration_ms,
        timescale: Ladder::default_timescale(),
        preset: settings.preset,
        cutting: Cutting::of(probe.container, settings, picture_ms),
    };
    if let Some(video) = &probe.video {
        ladder.timescale = timescale(video);
        ladder.video = sizes::rungs(video, settings);
        ladder.decide_copy(probe, video);
        ladder.arrange();
    }
    (!ladder.video.is_empty() || ladder.audio.is_some()).then_some(ladder)
}

impl Ladder {
    fn grid() -> Keyframes {
        Keyframes::Grid { seconds: KEYFRAME_S }
    }

    /// Divides exactly by 1000, 600, 24, 25, 30, 50 and 60.
    const fn default_timescale() -> u32 {
        90_000
    }

    /// The rung of that name.
    pub fn rung(&self, name: &str) -> Option<&Rung> {
        self.video.iter().find(|rung| rung.name == name)
    }

    /// The rungs that pass number `pass` makes, largest first.
    pub fn rungs_of(&self, pass: usize) -> Vec<&Rung> {
        let names = self.passes.get(pass).map_or(&[][..], |pass| &pass.rungs);
        let mut rungs: Vec<_> = names.iter().filter_map(|name| self.rung(name)).collect();
        rungs.sort_by_key(|rung| std::cmp::Reverse(u64::from(rung.width) * u64::from(rung.height)));
        rungs
    }

    /// Makes the top rung a copy where the source fits it, and plans the remux.
    fn decide_copy(&mut self, probe: &Probe, video: &VideoStream) {
        if !copying::copyable(video, probe.container) {
            return;
        }
        let (width, height) = video.display_size();
        let mut remux = Remux {
            name: COPY_NAME.to_owned(),
            width,
            height,
            keep: false,
        };
        if let Some(top) = self.video.first_mut()
            && copying::fits(probe, video, top)
        {
            top.how = Made::Copy;
            (top.width, top.height) = (width, height);
            remux.name.clone_from(&top.name);
            remux.keep = true;
        }
        self.remux = Some(remux);
    }

    /// Encodes the copied rung too: its copy turned out badly. Where the source can be copied at all,
    /// the copy is still good for watching until the ladder is complete, under [`COPY_NAME`].
    pub fn encode_all(&mut self) {
        for rung in &mut self.video {
            if rung.how == Made::Copy {
                rung.how = Made::Encode;
                (rung.width, rung.height) = (sizes::even(rung.width), sizes::even(rung.height));
            }
        }
        if let Some(remux) = &mut self.remux {
            COPY_NAME.clone_into(&mut remux.name);
            remux.keep = false;
        }
        self.keyframes = Self::grid();
        self.arrange();
    }
}

/// Ticks per second in which the source's frame times are exact, whatever its own were: the numerator of
/// an NTSC rate, else 90 kHz. All of them divide by 1000.
fn timescale(video: &VideoStream) -> u32 {
    match video.frame_rate {
        Some(FrameRate { num, den: 1001 }) if matches!(num, 24_000 | 30_000 | 48_000 | 60_000) => num,
        Some(FrameRate {
            num: 120_000,
            den: 1001,
        }) => 60_000,
        _ => Ladder::default_timescale(),
    }
}

/// The audio track, unless it is an empty shell.
fn audible(probe: &Probe) -> Option<&AudioStream> {
    probe
        .audio
        .as_ref()
        .filter(|audio| audio.channels > 0 && audio.sample_rate > 0)
}

fn audio(track: &AudioStream) -> Audio {
    let copy = copying::sound_fits(track);
    let channels = track.channels.min(2);
    let told = track
        .bitrate
        .and_then(|bits| u32::try_from(bits.div_ceil(1000)).ok());
    let kbps = match (copy, channels) {
        (true, _) => told.unwrap_or(128),
        (false, 1) => 96,
        (false, _) => 128,
    };
    let kept = copy || matches!(track.sample_rate, 44_100 | 48_000);
    Audio {
        name: AUDIO_NAME.to_owned(),
        copy,
        channels,
        sample_rate: if kept { track.sample_rate } else { 48_000 },
        kbps,
    }
}

/// Whether timestamps are good enough for a copy; AVI and Ogg lack them.
const fn timed(container: Container) -> bool {
    !matches!(container, Container::Avi | Container::Ogg)
}

#[cfg(test)]
mod tests;
