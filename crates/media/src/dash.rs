//! DASH text (ISO/IEC 23009-1): a manifest of the on-demand profile, written from segment indexes.
//!
//! Pure. Every representation is one file that carries its own segment index, and every URI is relative.
//! A rendition without a `sidx` can't be addressed in this profile and is left out.

use std::fmt::Write as _;

use crate::mp4::{ByteRange, SegmentIndex};
use crate::probe::FrameRate;

/// Time that a player buffers so that a representation's `bandwidth`, its highest, is enough from then on.
const MIN_BUFFER: &str = "PT4S";
/// Starts of fragments that differ by less are the same: a tick of either timescale.
const ALIGNED_MS: u64 = 2;

/// One picture quality.
#[derive(Debug, Clone)]
pub struct Video<'a> {
    /// Unlike any other in the manifest; letters, digits and hyphens.
    pub id: &'a str,
    /// Relative URI of its file.
    pub uri: &'a str,
    /// Its fragments.
    pub index: &'a SegmentIndex,
    /// From [`crate::mp4::codec_string`].
    pub codec: &'a str,
    /// Highest bit rate, bits per second; [`crate::hls::bandwidth`].
    pub peak_bps: u64,
    /// Pixels; they are square.
    pub width: u32,
    /// Pixels.
    pub height: u32,
    /// Frames per second, if known.
    pub frame_rate: Option<FrameRate>,
}

/// One sound track.
#[derive(Debug, Clone)]
pub struct Audio<'a> {
    /// Unlike any other in the manifest; letters, digits and hyphens.
    pub id: &'a str,
    /// Relative URI of its file.
    pub uri: &'a str,
    /// Its fragments.
    pub index: &'a SegmentIndex,
    /// From [`crate::mp4::codec_string`].
    pub codec: &'a str,
    /// Highest bit rate, bits per second.
    pub peak_bps: u64,
    /// BCP 47 language, if known.
    pub language: Option<&'a str>,
    /// Channels, if known.
    pub channels: Option<u32>,
    /// Samples per second, if known.
    pub sample_rate: Option<u32>,
}

/// Captions in one language: a WebVTT file.
#[derive(Debug, Clone)]
pub struct Text<'a> {
    /// Unlike any other in the manifest; letters, digits and hyphens.
    pub id: &'a str,
    /// Relative URI of the file.
    pub uri: &'a str,
    /// BCP 47 language, if known.
    pub language: Option<&'a str>,
    /// What a menu shows.
    pub name: &'a str,
}

/// All there is to choose from.
#[derive(Debug, Clone, Default)]
pub struct Manifest<'a> {
    /// Of the whole, milliseconds.
    pub duration_ms: u64,
    /// Picture qualities, in any order.
    pub video: Vec<Video<'a>>,
    /// Sound tracks; the first is the main one.
    pub audio: Vec<Audio<'a>>,
    /// Captions.
    pub text: Vec<Text<'a>>,
}

/// Writes the manifest.
///
/// There is one set of pictures for each codec, with H.264 first, which every player decodes; players
/// that know how may switch between the sets.
pub fn manifest(manifest: &Manifest<'_>) -> String {
    let mut out = Xml::default();
    let duration = seconds(manifest.duration_ms);
    out.text.push_str("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n");
    out.open(
        "MPD",
        &[
            ("xmlns", "urn:mpeg:dash:schema:mpd:2011"),
            ("profiles", "urn:mpeg:dash:profile:isoff-on-demand:2011"),
            ("type", "static"),
            ("mediaPresentationDuration", &duration),
            ("minBufferTime", MIN_BUFFER),
        ],
    );
    out.open("Period", &[("id", "0"), ("start", "PT0S")]);
    let sets = by_codec(&manifest.video);
    for (position, set) in sets.iter().enumerate() {
        write_video(&mut out, position, set, sets.len());
    }
    let mut next = sets.len();
    for (position, audio) in manifest.audio.iter().enumerate() {
        if write_audio(&mut out, next, audio, position == 0) {
            next += 1;
        }
    }
    for text in &manifest.text {
        write_text(&mut out, next, text);
        next += 1;
    }
    out.close("Period");
    out.close("MPD");
    out.text
}

/// Pictures that a decoder can go on with from one to the other, H.264 first, cheapest first within a set.
fn by_codec<'a, 'b>(video: &'b [Video<'a>]) -> Vec<Vec<&'b Video<'a>>> {
    let family = |codec: &'b str| codec.split('.').next().unwrap_or(codec);
    let mut sets: Vec<Vec<&Video<'_>>> = Vec::new();
    for one in video.iter().filter(|one| one.index.sidx.is_some()) {
        let same = sets.iter_mut().find(|set| {
            set.first()
                .is_some_and(|other| family(other.codec) == family(one.codec))
        });
        match same {
            Some(set) => set.push(one),
            None => sets.push(vec![one]),
        }
    }
    sets.sort_by_key(|set| !set.iter().all(|one| one.codec.starts_with("avc")));
    for set in &mut sets {
        set.sort_by_key(|one| one.peak_bps);
    }
    sets
}

/// Whether all start their fragments at the same times.
fn aligned(indexes: &[&SegmentIndex]) -> bool {
    let Some((first, others)) = indexes.split_first() else {
        return true;
    };
    let millis = |index: &SegmentIndex| {
        let timescale = u128::from(index.timescale.max(1));
        let starts = index.starts().zip(&index.fragments);
        let starts = starts.filter(|(_, fragment)| fragment.starts_with_sap);
        starts
            .map(|(start, _)| u64::try_from(u128::from(start) * 1000 / timescale).unwrap_or(u64::MAX))
            .collect::<Vec<_>>()
    };
    let expected = millis(first);
    others.iter().all(|other| {
        let found = millis(other);
        found.len() == expected.len()
            && found
                .iter()
                .zip(&expected)
                .all(|(one, two)| one.abs_diff(*two) <= ALIGNED_MS)
    })
}

/// Whether what the file's `sidx` calls a subsegment always begins with a keyframe. ffmpeg lists every
/// fragment and says of all that they do; [`crate::mp4::join`] lists from keyframe to keyframe.
fn starts_with_sap(index: &SegmentIndex) -> bool {
    let starts = index.fragments.iter().filter(|one| one.starts_with_sap).count();
    let first_starts = index.fragments.first().is_some_and(|one| one.starts_with_sap);
    if starts == index.fragments.len() {
        return true;
    }
    // What a sidx of that many references takes.
    let expected = 40 + 12 * starts as u64;
    first_starts && index.sidx.is_some_and(|sidx| sidx.size == expected)
}

fn write_video(out: &mut Xml, id: usize, set: &[&Video<'_>], sets: usize) {
    let indexes: Vec<_> = set.iter().map(|one| one.index).collect();
    let sap = indexes.iter().all(|index| starts_with_sap(index));
    let number = id.to_string();
    let largest = |of: fn(&Video<'_>) -> u32| set.iter().map(|one| of(one)).max().unwrap_or(0).to_string();
    let (width, height) = (largest(|one| one.width), largest(|one| one.height));
    let mut attributes = vec![
        ("id", number.as_str()),
        ("contentType", "video"),
        ("mimeType", "video/mp4"),
        ("maxWidth", &width),
        ("maxHeight", &height),
        ("segmentAlignment", "true"),
        (
            "subsegmentAlignment",
            if aligned(&indexes) { "true" } else { "false" },
        ),
    ];
    if sap {
        attributes.push(("subsegmentStartsWithSAP", "1"));
        attributes.push(("startWithSAP", "1"));
    }
    out.open("AdaptationSet", &attributes);
    if sets > 1 {
        let others: Vec<_> = (0..sets)
            .filter(|other| *other != id)
            .map(|other| other.to_string())
            .collect();
        out.empty(
            "SupplementalProperty",
            &[
                ("schemeIdUri", "urn:mpeg:dash:adaptation-set-switching:2016"),
                ("value", &others.join(",")),
            ],
        );
    }
    write_role(out, "main");
    for one in set {
        let (width, height) = (one.width.to_string(), one.height.to_string());
        let bandwidth = bandwidth(one.peak_bps);
        let rate = one.frame_rate.and_then(frame_rate);
        let mut attributes = vec![
            ("id", one.id),
            ("bandwidth", bandwidth.as_str()),
            ("codecs", one.codec),
            ("width", &width),
            ("height", &height),
            ("sar", "1:1"),
        ];
        if let Some(rate) = &rate {
            attributes.push(("frameRate", rate));
        }
        out.open("Representation", &attributes);
        write_file(out, one.uri, one.index);
        out.close("Representation");
    }
    out.close("AdaptationSet");
}

/// `false` when there is nothing to address it by.
fn write_audio(out: &mut Xml, id: usize, audio: &Audio<'_>, is_main: bool) -> bool {
    if audio.index.sidx.is_none() {
        return false;
    }
    let number = id.to_string();
    let mut attributes = vec![
        ("id", number.as_str()),
        ("contentType", "audio"),
        ("mimeType", "audio/mp4"),
    ];
    let language = audio.language.filter(|language| is_language(language));
    if let Some(language) = language {
        attributes.push(("lang", language));
    }
    attributes.extend([
        ("segmentAlignment", "true"),
        ("subsegmentAlignment", "true"),
        ("subsegmentStartsWithSAP", "1"),
        ("startWithSAP", "1"),
    ]);
    out.open("AdaptationSet", &attributes);
    write_role(out, if is_main { "main" } else { "alternate" });
    let bandwidth = bandwidth(audio.peak_bps);
    let rate = audio.sample_rate.map(|rate| rate.to_string());
    let mut attributes = vec![
        ("id", audio.id),
        ("bandwidth", bandwidth.as_str()),
        ("codecs", audio.codec),
    ];
    if let Some(rate) = &rate {
        attributes.push(("audioSamplingRate", rate));
    }
    out.open("Representation", &attributes);
    if let Some(channels) = audio.channels {
        out.empty(
            "AudioChannelConfiguration",
            &[
                (
                    "schemeIdUri",
                    "urn:mpeg:dash:23003:3:audio_channel_configuration:2011",
                ),
                ("value", &channels.to_string()),
            ],
        );
    }
    write_file(out, audio.uri, audio.index);
    out.close("Representation");
    out.close("AdaptationSet");
    true
}

fn write_text(out: &mut Xml, id: usize, text: &Text<'_>) {
    let number = id.to_string();
    let mut attributes = vec![
        ("id", number.as_str()),
        ("contentType", "text"),
        ("mimeType", "text/vtt"),
    ];
    let language = text.language.filter(|language| is_language(language));
    if let Some(language) = language {
        attributes.push(("lang", language));
    }
    out.open("AdaptationSet", &attributes);
    out.leaf("Label", text.name);
    write_role(out, "subtitle");
    // A few hundred bits per second are what captions take.
    out.open("Representation", &[("id", text.id), ("bandwidth", "256")]);
    out.leaf("BaseURL", text.uri);
    out.close("Representation");
    out.close("AdaptationSet");
}

fn write_role(out: &mut Xml, role: &str) {
    out.empty(
        "Role",
        &[("schemeIdUri", "urn:mpeg:dash:role:2011"), ("value", role)],
    );
}

/// Where a representation's bytes are.
fn write_file(out: &mut Xml, uri: &str, index: &SegmentIndex) {
    out.leaf("BaseURL", uri);
    let sidx = index.sidx.unwrap_or(ByteRange { offset: 0, size: 0 });
    let timescale = index.timescale.to_string();
    out.open(
        "SegmentBase",
        &[
            ("timescale", &timescale),
            ("indexRange", &range(sidx)),
            ("indexRangeExact", "true"),
        ],
    );
    out.empty("Initialization", &[("range", &range(index.init))]);
    out.close("SegmentBase");
}

/// First and last byte, as in an HTTP request.
fn range(range: ByteRange) -> String {
    format!("{}-{}", range.offset, range.end().saturating_sub(1))
}

fn seconds(millis: u64) -> String {
    format!("PT{}.{:03}S", millis / 1000, millis % 1000)
}

/// The schema has 32 bits for it.
fn bandwidth(bps: u64) -> String {
    u32::try_from(bps).unwrap_or(u32::MAX).max(1).to_string()
}

/// A fraction, or a whole number where it is one.
fn frame_rate(rate: FrameRate) -> Option<String> {
    if rate.num == 0 || rate.den == 0 {
        return None;
    }
    Some(if rate.num.is_multiple_of(rate.den) {
        (rate.num / rate.den).to_string()
    } else {
        format!("{}/{}", rate.num, rate.den)
    })
}

/// Whether the schema takes it for a language.
fn is_language(text: &str) -> bool {
    text.split('-').enumerate().all(|(position, part)| {
        (1..=8).contains(&part.len())
            && part
                .bytes()
                .all(|byte| byte.is_ascii_alphabetic() || (position > 0 && byte.is_ascii_digit()))
    })
}

/// Elements with their depth as indentation.
#[derive(Default)]
struct Xml {
    text: String,
    depth: usize,
}

impl Xml {
    fn tag(&mut self, name: &str, attributes: &[(&str, &str)], end: &str) {
        self.indent();
        // Writing to a string can't fail.
        let _ = write!(self.text, "<{name}");
        for (key, value) in attributes {
            let _ = write!(self.text, " {key}=\"{}\"", escaped(value));
        }
        self.text.push_str(end);
    }

    fn open(&mut self, name: &str, attributes: &[(&str, &str)]) {
        self.tag(name, attributes, ">\n");
        self.depth += 1;
    }

    fn empty(&mut self, name: &str, attributes: &[(&str, &str)]) {
        self.tag(name, attributes, "/>\n");
    }

    fn leaf(&mut self, name: &str, content: &str) {
        self.tag(name, &[], ">");
        let _ = writeln!(self.text, "{}</{name}>", escaped(content));
    }

    fn close(&mut self, name: &str) {
        self.depth = self.depth.saturating_sub(1);
        self.indent();
        let _ = writeln!(self.text, "</{name}>");
    }

    fn indent(&mut self) {
        self.text.extend(std::iter::repeat_n("  ", self.depth));
    }
}

/// Text as content or as a value in double quotes; what XML can't carry is dropped.
fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for letter in text.chars() {
        match letter {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\u{fffe}' | '\u{ffff}' => {}
            control if control.is_control() => {}
            other => out.push(other),
        }
    }
    out
}
