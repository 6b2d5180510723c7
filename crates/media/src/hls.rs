//! HLS text: playlists written from segment indexes.
//!
//! Pure. Every URI is relative and every segment a byte range of a rendition's one file, so nothing is
//! packaged on the way to the viewer. Who may fetch what is decided by those who serve the text.

use std::fmt::Write as _;

use crate::mp4::SegmentIndex;
use crate::probe::FrameRate;

/// Segments are at least this long, if there are places to start that allow it.
const SEGMENT_MS: u64 = 4_000;

/// One or more fragments that are fetched together.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Segment {
    /// First byte.
    pub offset: u64,
    /// Number of bytes.
    pub size: u64,
    /// Duration in units of the index's timescale.
    pub duration: u64,
}

/// Joins fragments to segments of about four seconds, each starting where a player can start.
pub fn segments(index: &SegmentIndex) -> Vec<Segment> {
    let enough = SEGMENT_MS.saturating_mul(u64::from(index.timescale)) / 1000;
    let mut segments: Vec<Segment> = Vec::new();
    for fragment in &index.fragments {
        match segments.last_mut() {
            // Half a fragment short of the aim is near enough.
            Some(open) if open.duration + fragment.duration / 2 < enough || !fragment.starts_with_sap => {
                open.size = (fragment.offset + fragment.size).saturating_sub(open.offset);
                open.duration += fragment.duration;
            }
            _ => segments.push(Segment {
                offset: fragment.offset,
                size: fragment.size,
                duration: fragment.duration,
            }),
        }
    }
    segments
}

/// Bits per second: the highest of any segment, and over all.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Bandwidth {
    /// Of the most expensive segment.
    pub peak_bps: u64,
    /// Over the whole duration.
    pub average_bps: u64,
}

/// Bandwidth of a rendition.
pub fn bandwidth(index: &SegmentIndex) -> Bandwidth {
    let rate = |bytes: u64, duration: u64| {
        let bits = u128::from(bytes) * 8 * u128::from(index.timescale);
        u64::try_from(bits.div_ceil(u128::from(duration.max(1)))).unwrap_or(u64::MAX)
    };
    let segments = segments(index);
    let longest = segments.iter().map(|segment| segment.duration).max().unwrap_or(0);
    // A short last segment would show a peak that no player ever feels.
    let peak = segments
        .iter()
        .filter(|segment| segment.duration * 2 >= longest)
        .map(|segment| rate(segment.size, segment.duration))
        .max();
    let average_bps = rate(index.media_bytes(), index.duration());
    Bandwidth {
        peak_bps: peak.unwrap_or(0).max(average_bps),
        average_bps,
    }
}

/// Writes the playlist of one rendition, whose bytes are at the relative `uri`.
pub fn media_playlist(uri: &str, index: &SegmentIndex) -> String {
    let segments = segments(index);
    let timescale = f64::from(index.timescale.max(1));
    let seconds = |duration: u64| duration as f64 / timescale;
    // RFC 8216, 4.3.3.1: no segment's duration, rounded to the nearest integer, exceeds the target.
    let target = segments
        .iter()
        .map(|segment| seconds(segment.duration).round() as u64)
        .max();
    let mut text = String::with_capacity(256 + segments.len() * 64);
    text.push_str("#EXTM3U\n#EXT-X-VERSION:7\n#EXT-X-INDEPENDENT-SEGMENTS\n#EXT-X-PLAYLIST-TYPE:VOD\n");
    let _ = writeln!(text, "#EXT-X-TARGETDURATION:{}", target.unwrap_or(1).max(1));
    text.push_str("#EXT-X-MEDIA-SEQUENCE:0\n");
    let init = index.init;
    let _ = writeln!(
        text,
        "#EXT-X-MAP:URI=\"{uri}\",BYTERANGE=\"{}@{}\"",
        init.size, init.offset
    );
    for segment in &segments {
        let _ = writeln!(
            text,
            "#EXTINF:{:.6},\n#EXT-X-BYTERANGE:{}@{}\n{uri}",
            seconds(segment.duration),
            segment.size,
            segment.offset
        );
    }
    text.push_str("#EXT-X-ENDLIST\n");
    text
}

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

/// All there is to choose from.
#[derive(Debug, Clone, PartialEq)]
pub struct Master {
    /// Picture qualities; a player starts with the first.
    pub variants: Vec<Variant>,
    /// Sound tracks; the first is the default. Empty for silent video.
    pub audio: Vec<Audio>,
}

/// Writes the master playlist.
pub fn master_playlist(master: &Master) -> String {
    let mut text = String::from("#EXTM3U\n#EXT-X-VERSION:7\n#EXT-X-INDEPENDENT-SEGMENTS\n");
    for (position, audio) in master.audio.iter().enumerate() {
        let default = if position == 0 { "YES" } else { "NO" };
        let _ = write!(
            text,
            "#EXT-X-MEDIA:TYPE=AUDIO,GROUP-ID=\"audio\",NAME=\"{}\",DEFAULT={default},AUTOSELECT=YES",
            quotable(&audio.name)
        );
        if let Some(language) = &audio.language {
            let _ = write!(text, ",LANGUAGE=\"{}\"", quotable(language));
        }
        if let Some(channels) = audio.channels {
            let _ = write!(text, ",CHANNELS=\"{channels}\"");
        }
        let _ = writeln!(text, ",URI=\"{}\"", quotable(&audio.uri));
    }
    // A variant is announced with the dearest sound it can be played with.
    let sound = |of: fn(&Bandwidth) -> u64| {
        master
            .audio
            .iter()
            .map(|audio| of(&audio.bandwidth))
            .max()
            .unwrap_or(0)
    };
    let (peak, average) = (
        sound(|bandwidth| bandwidth.peak_bps),
        sound(|bandwidth| bandwidth.average_bps),
    );
    for variant in &master.variants {
        let mut codecs = vec![variant.codec.as_str()];
        for audio in &master.audio {
            if !codecs.contains(&audio.codec.as_str()) {
                codecs.push(&audio.codec);
            }
        }
        let _ = write!(
            text,
            "#EXT-X-STREAM-INF:BANDWIDTH={},AVERAGE-BANDWIDTH={},CODECS=\"{}\",RESOLUTION={}x{}",
            variant.bandwidth.peak_bps.saturating_add(peak),
            variant.bandwidth.average_bps.saturating_add(average),
            codecs.join(","),
            variant.width,
            variant.height
        );
        if let Some(rate) = variant.frame_rate {
            let _ = write!(text, ",FRAME-RATE={:.3}", rate.fps());
        }
        if !master.audio.is_empty() {
            text.push_str(",AUDIO=\"audio\"");
        }
        let _ = writeln!(text, "\n{}", quotable(&variant.uri));
    }
    text
}

/// Without what would end a quoted value or a line.
fn quotable(text: &str) -> String {
    text.chars()
        .filter(|letter| *letter != '"' && !letter.is_control())
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::mp4::{ByteRange, Fragment};

    fn index(fragments: &[(u64, bool)]) -> SegmentIndex {
        let mut offset = 1000;
        let fragments = fragments
            .iter()
            .map(|(duration, starts_with_sap)| {
                let fragment = Fragment {
                    offset,
                    size: 500,
                    duration: *duration,
                    starts_with_sap: *starts_with_sap,
                    keyframe_bytes: 100,
                };
                offset += 500;
                fragment
            })
            .collect();
        SegmentIndex {
            init: ByteRange { offset: 0, size: 800 },
            sidx: None,
            timescale: 1000,
            start: 0,
            earliest_presentation: 0,
            fragments,
        }
    }

    #[test]
    fn a_playlist_addresses_byte_ranges_and_ends() {
        let playlist = media_playlist("video.mp4", &index(&[(2000, true), (2000, true), (2000, true)]));
        assert_eq!(
            playlist,
            "#EXTM3U\n#EXT-X-VERSION:7\n#EXT-X-INDEPENDENT-SEGMENTS\n#EXT-X-PLAYLIST-TYPE:VOD\n\
             #EXT-X-TARGETDURATION:4\n#EXT-X-MEDIA-SEQUENCE:0\n\
             #EXT-X-MAP:URI=\"video.mp4\",BYTERANGE=\"800@0\"\n\
             #EXTINF:4.000000,\n#EXT-X-BYTERANGE:1000@1000\nvideo.mp4\n\
             #EXTINF:2.000000,\n#EXT-X-BYTERANGE:500@2000\nvideo.mp4\n#EXT-X-ENDLIST\n"
        );
    }

    #[test]
    fn a_segment_starts_only_where_a_player_can() {
        let lengths = |fragments: &[(u64, bool)]| {
            segments(&index(fragments))
                .iter()
                .map(|segment| segment.duration)
                .collect::<Vec<_>>()
        };
        assert_eq!(
            lengths(&[(5000, true), (5000, false), (5000, true)]),
            [10_000, 5000]
        );
        assert_eq!(lengths(&[(1900, true), (1900, true), (1900, true)]), [3800, 1900]);
        assert_eq!(lengths(&[(10_000, true), (10_000, true)]), [10_000, 10_000]);
        assert_eq!(lengths(&[]), [0_u64; 0]);
    }

    #[test]
    fn the_target_is_the_longest_segment_to_the_nearest_second() {
        let target = |duration| {
            let playlist = media_playlist("v.mp4", &index(&[(duration, true)]));
            playlist
                .lines()
                .find_map(|line| line.strip_prefix("#EXT-X-TARGETDURATION:"))
                .unwrap()
                .to_owned()
        };
        assert_eq!(target(4499), "4");
        assert_eq!(target(4500), "5");
        assert_eq!(target(100), "1");
    }

    fn variant() -> Variant {
        Variant {
            uri: "video.m3u8".into(),
            width: 1280,
            height: 720,
            frame_rate: Some(FrameRate {
                num: 30000,
                den: 1001,
            }),
            codec: "avc1.64001f".into(),
            bandwidth: Bandwidth {
                peak_bps: 2_000_000,
                average_bps: 1_500_000,
            },
        }
    }

    #[test]
    fn a_master_counts_the_sound_into_its_variants() {
        let audio = Audio {
            uri: "audio.m3u8".into(),
            name: "Main \"mix\"\n".into(),
            language: None,
            channels: Some(2),
            codec: "mp4a.40.2".into(),
            bandwidth: Bandwidth {
                peak_bps: 130_000,
                average_bps: 128_000,
            },
        };
        let text = master_playlist(&Master {
            variants: vec![variant()],
            audio: vec![audio],
        });
        assert_eq!(
            text,
            "#EXTM3U\n#EXT-X-VERSION:7\n#EXT-X-INDEPENDENT-SEGMENTS\n\
             #EXT-X-MEDIA:TYPE=AUDIO,GROUP-ID=\"audio\",NAME=\"Main mix\",DEFAULT=YES,AUTOSELECT=YES,\
             CHANNELS=\"2\",URI=\"audio.m3u8\"\n\
             #EXT-X-STREAM-INF:BANDWIDTH=2130000,AVERAGE-BANDWIDTH=1628000,\
             CODECS=\"avc1.64001f,mp4a.40.2\",RESOLUTION=1280x720,FRAME-RATE=29.970,AUDIO=\"audio\"\n\
             video.m3u8\n"
        );
    }

    #[test]
    fn a_silent_master_names_the_picture_only() {
        let text = master_playlist(&Master {
            variants: vec![variant()],
            audio: Vec::new(),
        });
        assert!(text.contains("CODECS=\"avc1.64001f\","));
        assert!(!text.contains("AUDIO"));
    }

    #[test]
    fn a_short_tail_does_not_set_the_peak() {
        let mut index = index(&[(4000, true), (4000, true), (10, true)]);
        index.fragments[0].size = 1_000_000;
        let bandwidth = bandwidth(&index);
        assert_eq!(bandwidth.peak_bps, 2_000_000);
        assert!(bandwidth.average_bps < bandwidth.peak_bps);
    }
}
