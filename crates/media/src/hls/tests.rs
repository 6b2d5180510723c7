use super::*;
use crate::mp4::{ByteRange, Fragment};
use crate::probe::FrameRate;

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
        ..Master::default()
    });
    assert_eq!(
        text,
        "#EXTM3U\n#EXT-X-VERSION:7\n#EXT-X-INDEPENDENT-SEGMENTS\n\
         #EXT-X-MEDIA:TYPE=AUDIO,GROUP-ID=\"audio\",NAME=\"Main mix\",DEFAULT=YES,AUTOSELECT=YES,\
         CHANNELS=\"2\",URI=\"audio.m3u8\"\n\
         #EXT-X-STREAM-INF:BANDWIDTH=2130000,AVERAGE-BANDWIDTH=1628000,\
         CODECS=\"avc1.64001f,mp4a.40.2\",RESOLUTION=1280x720,FRAME-RATE=29.970,VIDEO-RANGE=SDR,\
         AUDIO=\"audio\",CLOSED-CAPTIONS=NONE\n\
         video.m3u8\n"
    );
}

#[test]
fn a_silent_master_names_the_picture_only() {
    let text = master_playlist(&Master {
        variants: vec![variant()],
        ..Master::default()
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

#[test]
fn a_whole_master_offers_captions_and_keyframes_and_starts_in_the_middle() {
    let at = |name: &str, codec: &str, average_bps| Variant {
        uri: format!("{name}.m3u8"),
        codec: codec.into(),
        bandwidth: Bandwidth {
            peak_bps: average_bps * 2,
            average_bps,
        },
        ..variant()
    };
    let master = Master {
        variants: vec![
            at("1080p", "avc1.640028", 5_000_000),
            at("480p", "avc1.64001e", 1_200_000),
            at("480p-av1", "av01.0.04M.08", 700_000),
            at("240p", "avc1.640015", 300_000),
        ],
        subtitles: vec![
            Subtitles {
                uri: "captions/hi.m3u8".into(),
                name: "हिन्दी".into(),
                language: Some("hi".into()),
                autoselect: true,
            },
            Subtitles {
                uri: "captions/x.m3u8".into(),
                name: "Commentary".into(),
                language: None,
                autoselect: false,
            },
        ],
        i_frames: vec![IFrames {
            uri: "240p-iframes.m3u8".into(),
            width: 426,
            height: 240,
            codec: "avc1.640015".into(),
            bandwidth: Bandwidth {
                peak_bps: 90_000,
                average_bps: 60_000,
            },
        }],
        ..Master::default()
    };
    let text = master_playlist(&master);
    let uris: Vec<_> = text.lines().filter(|line| !line.starts_with('#')).collect();
    assert_eq!(uris, ["480p.m3u8", "240p.m3u8", "480p-av1.m3u8", "1080p.m3u8"]);
    for line in [
        "#EXT-X-MEDIA:TYPE=SUBTITLES,GROUP-ID=\"subtitles\",NAME=\"हिन्दी\",DEFAULT=NO,AUTOSELECT=YES,FORCED=NO,\
         LANGUAGE=\"hi\",URI=\"captions/hi.m3u8\"\n",
        "NAME=\"Commentary\",DEFAULT=NO,AUTOSELECT=NO,FORCED=NO,URI=\"captions/x.m3u8\"\n",
        "#EXT-X-I-FRAME-STREAM-INF:BANDWIDTH=90000,AVERAGE-BANDWIDTH=60000,CODECS=\"avc1.640015\",\
         RESOLUTION=426x240,VIDEO-RANGE=SDR,URI=\"240p-iframes.m3u8\"\n",
    ] {
        assert!(text.contains(line), "{line} in {text}");
    }
    assert_eq!(
        text.matches(",SUBTITLES=\"subtitles\",CLOSED-CAPTIONS=NONE\n")
            .count(),
        4
    );
}

#[test]
fn a_master_of_expensive_qualities_starts_with_the_cheapest() {
    let mut dear = variant();
    dear.bandwidth.average_bps = 6_000_000;
    let mut dearer = dear.clone();
    dearer.uri = "dearer.m3u8".into();
    dearer.bandwidth.average_bps = 9_000_000;
    let text = master_playlist(&Master {
        variants: vec![dearer, dear],
        ..Master::default()
    });
    assert!(text.find("video.m3u8").unwrap() < text.find("dearer.m3u8").unwrap());
}

#[test]
fn sound_alone_is_a_variant_of_its_own() {
    let text = master_playlist(&Master {
        audio: vec![Audio {
            uri: "audio.m3u8".into(),
            name: "Main".into(),
            language: None,
            channels: Some(2),
            codec: "mp4a.40.2".into(),
            bandwidth: Bandwidth {
                peak_bps: 130_000,
                average_bps: 128_000,
            },
        }],
        ..Master::default()
    });
    assert!(text.ends_with(
        "#EXT-X-STREAM-INF:BANDWIDTH=130000,AVERAGE-BANDWIDTH=128000,CODECS=\"mp4a.40.2\",AUDIO=\"audio\",\
         CLOSED-CAPTIONS=NONE\naudio.m3u8\n"
    ));
}

#[test]
fn captions_are_one_segment_as_long_as_the_video() {
    assert_eq!(
        subtitle_playlist("hi.vtt", 61_500),
        "#EXTM3U\n#EXT-X-VERSION:7\n#EXT-X-PLAYLIST-TYPE:VOD\n#EXT-X-TARGETDURATION:62\n\
         #EXT-X-MEDIA-SEQUENCE:0\n#EXTINF:61.500,\nhi.vtt\n#EXT-X-ENDLIST\n"
    );
}

#[test]
fn an_old_index_has_no_keyframe_list() {
    let mut index = index(&[(2000, true), (2000, true)]);
    assert!(i_frame_playlist("v.mp4", &index).is_some());
    index.fragments[0].keyframe_bytes = 0;
    assert_eq!(i_frame_playlist("v.mp4", &index), None);
    assert_eq!(i_frame_bandwidth(&index), None);
}

#[test]
fn segments_break_where_they_are_told_to() {
    let index = index(&[
        (2000, true),
        (2000, true),
        (2000, true),
        (2000, true),
        (2000, true),
    ]);
    let lengths = |breaks: &[u64]| {
        segments_at(&index, breaks)
            .iter()
            .map(|segment| segment.duration)
            .collect::<Vec<_>>()
    };
    assert_eq!(lengths(&[]), [4000, 4000, 2000]);
    assert_eq!(lengths(&[6000]), [4000, 2000, 2000, 2000]);
    assert_eq!(lengths(&[0, 2000, 9999]), [2000, 2000, 4000, 2000]);
}

/// Whatever the fragments are: parts that are cut at the fragment nearest to a multiple of four seconds
/// have the segments that the joined file has.
#[test]
fn parts_have_the_segments_of_the_whole_at_any_fragment_lengths() {
    let mut seed = 11_u64;
    let mut next = move |below: u64| {
        seed = seed
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        (seed >> 33) % below
    };
    for _ in 0..500 {
        let fragments: Vec<_> = (0..60).map(|_| (1900 + next(4000), true)).collect();
        let whole = index(&fragments);
        let starts: Vec<_> = whole.starts().collect();
        let mut cuts = vec![0];
        for wanted in [12_000, 60_000, 120_000] {
            let nearest = (0..starts.len()).min_by_key(|at| starts[*at].abs_diff(wanted));
            cuts.extend(nearest);
        }
        let mut parts = Vec::new();
        for (position, from) in cuts.iter().enumerate() {
            let to = cuts.get(position + 1).copied().unwrap_or(fragments.len());
            parts.push((index(&fragments[*from..to]), starts[*from]));
        }
        let listed: Vec<_> = parts
            .iter()
            .map(|(index, start)| ("v.mp4", index, *start))
            .collect();
        let durations = |text: &str| {
            let lines = text.lines().filter(|line| line.starts_with("#EXTINF"));
            lines.map(str::to_owned).collect::<Vec<_>>()
        };
        assert_eq!(
            durations(&growing_playlist(&listed, true)),
            durations(&media_playlist("v.mp4", &whole))
        );
    }
}
