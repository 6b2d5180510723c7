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
