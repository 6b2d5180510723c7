//! Manifests: HLS and DASH text made from the rows of a video at the moment they are asked for. Every
//! address in them is relative, so that a signed one is inherited.

use std::sync::Arc;

use media::dash;
use media::hls;
use media::mp4::SegmentIndex;
use media::probe::FrameRate;
use model::videos::Streaming;
use store::encodings::{self, PartRow};
use store::renditions::{Kind as Carries, RenditionRow};
use store::videos::VideoRow;

use super::{Entry, version_of};
use crate::core::Core;
use crate::error::Error;
use crate::jobs::encoding::Encoding;

/// What a file name asks for, where it needs more than the renditions that are there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Asked<'a> {
    /// The list of all there is to choose from.
    Master,
    /// The playlist of one rendition.
    Playlist(&'a str),
    /// The playlist of the keyframes of one rendition.
    Keyframes(&'a str),
    /// The playlist of one subtitle track.
    Captions(&'a str),
    /// The DASH manifest.
    Dash,
    /// One piece of a rendition that is being made.
    Part(&'a str, i64),
}

impl<'a> Asked<'a> {
    /// Reads a file name; `None` when it names nothing of this module.
    pub(super) fn parse(file: &'a str) -> Option<Self> {
        let (stem, extension) = file.split_once('.')?;
        match extension {
            "mpd" => (stem == "manifest").then_some(Self::Dash),
            "m3u8" if stem == "master" => Some(Self::Master),
            "m3u8" => Some(if let Some(name) = stem.strip_suffix("-iframes") {
                Self::Keyframes(name)
            } else if let Some(language) = stem.strip_prefix("captions-") {
                Self::Captions(language)
            } else {
                Self::Playlist(stem)
            }),
            "mp4" => {
                let (name, number) = stem.rsplit_once("-part-")?;
                Some(Self::Part(name, number.parse().ok()?))
            }
            _ => None,
        }
    }
}

/// The beginning of a video whose rest is being encoded.
pub(super) struct Growing {
    name: String,
    width: u32,
    height: u32,
    frame_rate: Option<FrameRate>,
    parts: Vec<(PartRow, SegmentIndex)>,
}

impl Growing {
    /// The pieces of the lowest rendition that follow each other from the start, if there are any.
    pub(super) async fn read(core: &Core, video: &VideoRow) -> Result<Option<Self>, Error> {
        let mut tx = core.store.read();
        let Some(encoding) = Encoding::find(&mut tx, video.id, video.media_gen).await? else {
            return Ok(None);
        };
        let Some(lowest) = encoding.lowest() else {
            return Ok(None);
        };
        let rows = encodings::parts_of(&mut tx, video.id, video.media_gen, &lowest.name).await?;
        let mut parts = Vec::new();
        for (number, row) in (0..).zip(rows) {
            // What follows a hole has to wait until it is closed.
            if row.chunk != number {
                break;
            }
            let index = SegmentIndex::from_bytes(&row.segments)
                .map_err(|error| Error::failed("segment index", error))?;
            parts.push((row, index));
        }
        Ok((!parts.is_empty()).then(|| Self {
            name: lowest.name.clone(),
            width: lowest.width,
            height: lowest.height,
            frame_rate: lowest.frame_rate,
            parts,
        }))
    }

    fn playlist(&self) -> String {
        let uris: Vec<String> = self
            .parts
            .iter()
            .map(|(row, _)| {
                let version = version_of(&row.object_key);
                format!("{}-part-{}.mp4?v={version}", row.name, row.chunk)
            })
            .collect();
        // Pieces of the lowest rendition are moved to their place when they are made.
        let parts: Vec<hls::GrowingPart<'_>> = uris
            .iter()
            .zip(&self.parts)
            .map(|(uri, (_, index))| (uri.as_str(), index, 0))
            .collect();
        hls::growing_playlist(&parts, false)
    }

    fn variant(&self) -> Option<hls::Variant> {
        let (row, _) = self.parts.first()?;
        let of_part = self.parts.iter().map(|(_, index)| hls::bandwidth(index));
        let peak_bps = of_part.clone().map(|bandwidth| bandwidth.peak_bps).max()?;
        let average_bps = of_part.map(|bandwidth| bandwidth.average_bps).max()?;
        Some(hls::Variant {
            uri: format!("{}.m3u8", self.name),
            width: self.width,
            height: self.height,
            frame_rate: self.frame_rate,
            codec: row.codecs.clone(),
            bandwidth: hls::Bandwidth {
                peak_bps,
                average_bps,
            },
        })
    }
}

/// The text that was asked for and its media type; `None` when there is no such thing (yet).
pub(super) fn text(
    entry: &Entry,
    growing: Option<&Arc<Growing>>,
    asked: &Asked<'_>,
) -> Option<(String, &'static str)> {
    const HLS: &str = "application/vnd.apple.mpegurl";
    match asked {
        Asked::Master => master(entry, growing).map(|text| (text, HLS)),
        Asked::Playlist(name) => match find(entry, name) {
            Some((row, index)) => Some((hls::media_playlist(&uri_of(row), index), HLS)),
            None => growing
                .filter(|growing| growing.name == *name)
                .map(|growing| (growing.playlist(), HLS)),
        },
        Asked::Keyframes(name) => {
            let (row, index) = find(entry, name)?;
            Some((hls::i_frame_playlist(&uri_of(row), index)?, HLS))
        }
        Asked::Captions(language) => {
            let track = entry
                .video
                .captions
                .iter()
                .find(|track| track.language == *language)?;
            let uri = format!("captions-{}-{}.vtt", track.language, track.rev);
            let duration_ms = u64::try_from(entry.video.duration_ms).unwrap_or(0);
            Some((hls::subtitle_playlist(&uri, duration_ms), HLS))
        }
        Asked::Dash => dash_manifest(entry).map(|text| (text, "application/dash+xml")),
        Asked::Part(..) => None,
    }
}

/// Whether the pieces of an unfinished rendition matter for the answer.
pub(super) fn needs_growing(entry: &Entry, asked: &Asked<'_>) -> bool {
    entry.video.streaming == Streaming::Growing && matches!(asked, Asked::Master | Asked::Playlist(_))
}

fn find<'a>(entry: &'a Entry, name: &str) -> Option<&'a (RenditionRow, SegmentIndex)> {
    entry.renditions.iter().find(|(row, _)| row.name == name)
}

/// Relative address of a rendition's file; it changes when the file does.
fn uri_of(row: &RenditionRow) -> String {
    format!("{}.mp4?v={}", row.name, version_of(&row.object_key))
}

fn of_kind(entry: &Entry, kind: Carries) -> impl Iterator<Item = &(RenditionRow, SegmentIndex)> {
    entry.renditions.iter().filter(move |(row, _)| row.kind == kind)
}

fn frame_rate(row: &RenditionRow) -> Option<FrameRate> {
    u32::try_from(row.frame_rate_milli)
        .ok()
        .filter(|milli| *milli > 0)
        .map(|num| FrameRate { num, den: 1000 })
}

fn pixels(length: i64) -> u32 {
    u32::try_from(length).unwrap_or(0)
}

fn master(entry: &Entry, growing: Option<&Arc<Growing>>) -> Option<String> {
    let mut variants: Vec<hls::Variant> = of_kind(entry, Carries::Video)
        .map(|(row, index)| hls::Variant {
            uri: format!("{}.m3u8", row.name),
            width: pixels(row.width),
            height: pixels(row.height),
            frame_rate: frame_rate(row),
            codec: row.codecs.clone(),
            bandwidth: hls::bandwidth(index),
        })
        .collect();
    if variants.is_empty() {
        variants.extend(growing.and_then(|growing| growing.variant()));
    }
    let audio: Vec<hls::Audio> = of_kind(entry, Carries::Audio)
        .map(|(row, index)| hls::Audio {
            uri: format!("{}.m3u8", row.name),
            name: "Audio".to_owned(),
            language: None,
            channels: None,
            codec: row.codecs.clone(),
            bandwidth: hls::bandwidth(index),
        })
        .collect();
    if entry.video.streaming == Streaming::None || (variants.is_empty() && audio.is_empty()) {
        return None;
    }
    let subtitles = entry
        .video
        .captions
        .iter()
        .map(|track| hls::Subtitles {
            uri: format!("captions-{}.m3u8", track.language),
            name: track.label.clone(),
            language: Some(track.language.clone()),
            autoselect: true,
        })
        .collect();
    // One small list is enough for pictures while scrubbing.
    let i_frames = of_kind(entry, Carries::Video)
        .filter(|(row, _)| row.codecs.starts_with("avc"))
        .min_by_key(|(row, _)| row.width * row.height)
        .and_then(|(row, index)| {
            Some(hls::IFrames {
                uri: format!("{}-iframes.m3u8", row.name),
                width: pixels(row.width),
                height: pixels(row.height),
                codec: row.codecs.clone(),
                bandwidth: hls::i_frame_bandwidth(index)?,
            })
        })
        .into_iter()
        .collect();
    Some(hls::master_playlist(&hls::Master {
        variants,
        audio,
        subtitles,
        i_frames,
    }))
}

/// Needs whole renditions: its addresses are those of files with an index in front.
fn dash_manifest(entry: &Entry) -> Option<String> {
    let uris: Vec<String> = entry.renditions.iter().map(|(row, _)| uri_of(row)).collect();
    let mut manifest = dash::Manifest {
        duration_ms: u64::try_from(entry.video.duration_ms).unwrap_or(0),
        ..dash::Manifest::default()
    };
    for ((row, index), uri) in entry.renditions.iter().zip(&uris) {
        let peak_bps = hls::bandwidth(index).peak_bps;
        match row.kind {
            Carries::Video => manifest.video.push(dash::Video {
                id: &row.name,
                uri,
                index,
                codec: &row.codecs,
                peak_bps,
                width: pixels(row.width),
                height: pixels(row.height),
                frame_rate: frame_rate(row),
            }),
            Carries::Audio => manifest.audio.push(dash::Audio {
                id: &row.name,
                uri,
                index,
                codec: &row.codecs,
                peak_bps,
                language: None,
                channels: None,
                sample_rate: None,
            }),
        }
    }
    let tracks: Vec<(String, String)> = entry
        .video
        .captions
        .iter()
        .map(|track| {
            (
                format!("captions-{}", track.language),
                format!("captions-{}-{}.vtt", track.language, track.rev),
            )
        })
        .collect();
    for (track, (id, uri)) in entry.video.captions.iter().zip(&tracks) {
        manifest.text.push(dash::Text {
            id,
            uri,
            language: Some(&track.language),
            name: &track.label,
        });
    }
    let playable = entry.video.streaming == Streaming::Whole
        && manifest
            .video
            .iter()
            .map(|video| video.index)
            .chain(manifest.audio.iter().map(|audio| audio.index))
            .any(|index| index.sidx.is_some());
    playable.then(|| dash::manifest(&manifest))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_name_says_what_is_asked_for() {
        assert_eq!(Asked::parse("master.m3u8"), Some(Asked::Master));
        assert_eq!(Asked::parse("720p.m3u8"), Some(Asked::Playlist("720p")));
        assert_eq!(Asked::parse("240p-iframes.m3u8"), Some(Asked::Keyframes("240p")));
        assert_eq!(
            Asked::parse("captions-pt-br.m3u8"),
            Some(Asked::Captions("pt-br"))
        );
        assert_eq!(Asked::parse("manifest.mpd"), Some(Asked::Dash));
        assert_eq!(Asked::parse("240p-part-3.mp4"), Some(Asked::Part("240p", 3)));
        for other in ["720p.mp4", "other.mpd", "poster-1-480.jpg", "240p-part-x.mp4"] {
            assert_eq!(Asked::parse(other), None, "{other}");
        }
    }
}
