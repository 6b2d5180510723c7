//! The multivariant playlist: every quality, sound and caption of a video.

use std::fmt::Write as _;

use super::{Bandwidth, quotable};
use crate::probe::FrameRate;

/// Average bit rate up to which a quality is a good one to start with. Apple's authoring specification
/// asks for a first variant of about 2 Mbit/s, which starts fast on a usual line without looking poor.
const START_BPS: u64 = 2_000_000;

/// One picture quality in a master playlist.
#[derive(Debug, Clone, PartialEq)]
pub struct Variant {
    /// Relative URI of its media playlist, such as `video.m3u8`.
    pub uri: String,
    /// Width as shown, pixels.
    pub width: u32,
    /// Height as shown, pixels.
    pub height: u32,
    /// Frames per second, if known.
    pub frame_rate: Option<FrameRate>,
    /// Codec of the picture, from [`crate::mp4::codec_string`].
    pub codec: String,
    /// Bandwidth of the picture alone.
    pub bandwidth: Bandwidth,
}

/// The sound that all variants share.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Audio {
    /// Relative URI of its media playlist, such as `audio.m3u8`.
    pub uri: String,
    /// What a menu shows; quotes and line breaks are dropped.
    pub name: String,
    /// BCP 47 language, if known.
    pub language: Option<String>,
    /// Channels, if known.
    pub channels: Option<u32>,
    /// Codec of the sound, from [`crate::mp4::codec_string`].
    pub codec: String,
    /// Bandwidth of the sound alone.
    pub bandwidth: Bandwidth,
}

/// Captions in one language.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Subtitles {
    /// Relative URI of their media playlist, from [`super::subtitle_playlist`].
    pub uri: String,
    /// What a menu shows, unlike any other's; quotes and line breaks are dropped.
    pub name: String,
    /// BCP 47 language, if known.
    pub language: Option<String>,
    /// Whether a player may show them unasked, because the viewer's language is theirs.
    pub autoselect: bool,
}

/// The keyframes of one picture quality, for scrubbing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct IFrames {
    /// Relative URI of their playlist, from [`super::i_frame_playlist`].
    pub uri: String,
    /// Width as shown, pixels.
    pub width: u32,
    /// Height as shown, pixels.
    pub height: u32,
    /// Codec of the picture, from [`crate::mp4::codec_string`].
    pub codec: String,
    /// From [`super::i_frame_bandwidth`].
    pub bandwidth: Bandwidth,
}

/// All there is to choose from.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Master {
    /// Picture qualities in any order. Empty for sound alone.
    pub variants: Vec<Variant>,
    /// Sound tracks; the first is the default. Empty for silent video.
    pub audio: Vec<Audio>,
    /// Captions, none of them shown unasked by default.
    pub subtitles: Vec<Subtitles>,
    /// Keyframe lists; one or two small ones are enough.
    pub i_frames: Vec<IFrames>,
}

/// Writes the master playlist.
///
/// Players start with the first variant until they know better. That is the best H.264 one of no more than
/// [`START_BPS`] on average, else the cheapest; the others follow, cheapest first. Everything is standard
/// range: sources of high range are tone-mapped.
pub fn master_playlist(master: &Master) -> String {
    let mut text = String::from("#EXTM3U\n#EXT-X-VERSION:7\n#EXT-X-INDEPENDENT-SEGMENTS\n");
    for (position, audio) in master.audio.iter().enumerate() {
        write_audio(&mut text, audio, position == 0);
    }
    for subtitles in &master.subtitles {
        write_subtitles(&mut text, subtitles, &master.subtitles);
    }
    if master.variants.is_empty() {
        write_sound_alone(&mut text, master);
    }
    for variant in in_order(&master.variants) {
        write_variant(&mut text, master, variant);
    }
    for i_frames in &master.i_frames {
        write_i_frames(&mut text, i_frames);
    }
    text
}

/// The variant to start with, then the others, cheapest first.
fn in_order(variants: &[Variant]) -> Vec<&Variant> {
    let mut sorted: Vec<_> = variants.iter().collect();
    sorted.sort_by_key(|variant| variant.bandwidth.average_bps);
    let everywhere = |variant: &Variant| variant.codec.starts_with("avc");
    let start = sorted
        .iter()
        .rposition(|variant| everywhere(variant) && variant.bandwidth.average_bps <= START_BPS)
        .or_else(|| sorted.iter().position(|variant| everywhere(variant)));
    if let Some(start) = start.and_then(|start| sorted.get_mut(..=start)) {
        start.rotate_right(1);
    }
    sorted
}

fn write_audio(text: &mut String, audio: &Audio, is_default: bool) {
    let default = if is_default { "YES" } else { "NO" };
    // Writing to a string can't fail.
    let _ = write!(
        text,
        "#EXT-X-MEDIA:TYPE=AUDIO,GROUP-ID=\"audio\",NAME=\"{}\",DEFAULT={default},AUTOSELECT=YES",
        quotable(&audio.name)
    );
    write_language(text, audio.language.as_deref());
    if let Some(channels) = audio.channels {
        let _ = write!(text, ",CHANNELS=\"{channels}\"");
    }
    let _ = writeln!(text, ",URI=\"{}\"", quotable(&audio.uri));
}

fn write_subtitles(text: &mut String, subtitles: &Subtitles, all: &[Subtitles]) {
    let name = quotable(&subtitles.name);
    // Names in a group are all different (RFC 8216 4.3.4.1.1); languages are.
    let is_twice = all.iter().filter(|other| quotable(&other.name) == name).count() > 1;
    let name = match &subtitles.language {
        Some(language) if is_twice => format!("{name} ({})", quotable(language)),
        _ => name.clone(),
    };
    let autoselect = if subtitles.autoselect { "YES" } else { "NO" };
    let _ = write!(
        text,
        "#EXT-X-MEDIA:TYPE=SUBTITLES,GROUP-ID=\"subtitles\",NAME=\"{name}\",DEFAULT=NO,AUTOSELECT={autoselect},FORCED=NO"
    );
    write_language(text, subtitles.language.as_deref());
    let _ = writeln!(text, ",URI=\"{}\"", quotable(&subtitles.uri));
}

fn write_language(text: &mut String, language: Option<&str>) {
    if let Some(language) = language {
        let _ = write!(text, ",LANGUAGE=\"{}\"", quotable(language));
    }
}

/// Names of all codecs that playing needs, each once.
fn codecs<'a>(picture: Option<&'a str>, master: &'a Master) -> String {
    let mut names: Vec<&str> = picture.into_iter().collect();
    for audio in &master.audio {
        if !names.contains(&audio.codec.as_str()) {
            names.push(&audio.codec);
        }
    }
    quotable(&names.join(","))
}

/// A variant is announced with the dearest sound that it can be played with.
fn with_sound(picture: Bandwidth, master: &Master) -> Bandwidth {
    let sound = |of: fn(&Bandwidth) -> u64| {
        let all = master.audio.iter().map(|audio| of(&audio.bandwidth));
        all.max().unwrap_or(0)
    };
    Bandwidth {
        peak_bps: picture.peak_bps.saturating_add(sound(|one| one.peak_bps)),
        average_bps: picture.average_bps.saturating_add(sound(|one| one.average_bps)),
    }
}

/// The end of a variant's attributes, and its URI.
fn write_groups(text: &mut String, master: &Master, uri: &str) {
    if !master.audio.is_empty() {
        text.push_str(",AUDIO=\"audio\"");
    }
    if !master.subtitles.is_empty() {
        text.push_str(",SUBTITLES=\"subtitles\"");
    }
    let _ = writeln!(text, ",CLOSED-CAPTIONS=NONE\n{}", quotable(uri));
}

fn write_variant(text: &mut String, master: &Master, variant: &Variant) {
    let bandwidth = with_sound(variant.bandwidth, master);
    let _ = write!(
        text,
        "#EXT-X-STREAM-INF:BANDWIDTH={},AVERAGE-BANDWIDTH={},CODECS=\"{}\",RESOLUTION={}x{}",
        bandwidth.peak_bps,
        bandwidth.average_bps,
        codecs(Some(&variant.codec), master),
        variant.width,
        variant.height
    );
    if let Some(rate) = variant.frame_rate {
        let _ = write!(text, ",FRAME-RATE={:.3}", rate.fps());
    }
    text.push_str(",VIDEO-RANGE=SDR");
    write_groups(text, master, &variant.uri);
}

/// Without a picture the first sound is the variant.
fn write_sound_alone(text: &mut String, master: &Master) {
    let Some(first) = master.audio.first() else {
        return;
    };
    let bandwidth = with_sound(Bandwidth::default(), master);
    let _ = write!(
        text,
        "#EXT-X-STREAM-INF:BANDWIDTH={},AVERAGE-BANDWIDTH={},CODECS=\"{}\"",
        bandwidth.peak_bps,
        bandwidth.average_bps,
        codecs(None, master)
    );
    write_groups(text, master, &first.uri);
}

fn write_i_frames(text: &mut String, i_frames: &IFrames) {
    let _ = writeln!(
        text,
        "#EXT-X-I-FRAME-STREAM-INF:BANDWIDTH={},AVERAGE-BANDWIDTH={},CODECS=\"{}\",RESOLUTION={}x{},\
         VIDEO-RANGE=SDR,URI=\"{}\"",
        i_frames.bandwidth.peak_bps,
        i_frames.bandwidth.average_bps,
        quotable(&i_frames.codec),
        i_frames.width,
        i_frames.height,
        quotable(&i_frames.uri)
    );
}
