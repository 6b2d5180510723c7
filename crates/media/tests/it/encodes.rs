//! Pieces of renditions: where they are cut, where their keyframes are, what is the same in all.

use streamsphere_media::ladder::{
    Keyframes, LadderSettings, Made, Preset, VideoCodec, parse_codecs, parse_rungs,
};

use crate::kit::{asked, clip, folder, index, near};
use crate::ladder_kit::{Laddered, decoder_settings, frames, same_times, small};

/// Cuts already half a minute, into pieces of twelve seconds.
fn eager() -> LadderSettings {
    LadderSettings {
        chunk_s: 12,
        split_after_s: 24,
        ..small()
    }
}

/// Times of the frames of a source, from its start on.
fn source_times(path: &std::path::Path) -> Vec<f64> {
    let frames = frames(path);
    frames.iter().map(|frame| frame.at - frames[0].at).collect()
}

#[tokio::test]
async fn pieces_hold_every_frame_of_the_source_once_at_its_own_time() {
    let folder = folder();
    for (name, rate, words, pieces) in [
        (
            "ntsc.mp4",
            "30000/1001",
            "-c:v libx264 -preset ultrafast -bf 2 -g 70",
            3,
        ),
        (
            "film.mkv",
            "24000/1001",
            "-c:v libx264 -preset ultrafast -bf 3 -g 50",
            3,
        ),
        ("open.mov", "25", "-c:v mpeg4 -bf 2 -g 40", 3),
        (
            "vp9.webm",
            "30",
            "-c:v libvpx-vp9 -deadline realtime -cpu-used 8 -g 60 -auto-alt-ref 1",
            3,
        ),
        ("a.ts", "25", "-c:v mpeg2video -bf 2 -g 25", 2),
        ("a.avi", "25", "-c:v mpeg4 -g 50", 2),
        ("a.flv", "25", "-c:v flv -g 50", 2),
        ("a.ogv", "24", "-c:v libtheora -g 48", 2),
    ] {
        let source = clip(
            folder.path(),
            name,
            &format!("-f lavfi -i testsrc2=s=160x90:r={rate}:d=40 {words} -pix_fmt yuv420p"),
        );
        let made = Laddered::made_all(&source, &eager()).await;
        assert_eq!(made.names(), ["90p", "60p"], "{name}");
        assert!(
            made.pieces("60p").len() >= pieces,
            "{name}: {:?}",
            made.ladder.passes
        );
        let times = |rung| made.frames(rung).iter().map(|frame| frame.at).collect::<Vec<_>>();
        let all = source_times(&source);
        for rung in ["60p", "90p"] {
            let ours = times(rung);
            assert_eq!(ours.len(), all.len(), "{name} {rung}");
            for (one, other) in ours.iter().zip(&all) {
                // Half of the coarsest unit that these containers count in.
                assert!(near(*one, *other, 0.000_6), "{name} {rung}: {one} and {other}");
            }
        }
        // Whether cut at the same places or not, all rungs have the same keyframes.
        same_times(&made.keyframes("60p"), &made.keyframes("90p"), name);
        for (count, at) in made.keyframes("90p").iter().enumerate() {
            let grid = 2.0 * count as f64;
            assert!(
                (grid - 0.000_6..grid + 0.15).contains(at),
                "{name}: {at} for {grid}"
            );
        }
    }
}

#[tokio::test]
async fn all_pieces_of_a_rendition_have_the_same_decoder_settings_and_clock() {
    let folder = folder();
    let source = clip(
        folder.path(),
        "a.mkv",
        "-f lavfi -i testsrc2=s=160x120:r=30000/1001:d=26 -c:v mpeg4 -g 30",
    );
    let settings = LadderSettings {
        codecs: parse_codecs("hevc,vp9,av1").unwrap(),
        rungs: parse_rungs("80:100,120:300").unwrap(),
        // The fastest does without most of what makes the profile.
        preset: Preset::Veryfast,
        ..eager()
    };
    let made = Laddered::made(&source, &settings).await;
    let names = made.names();
    assert_eq!(names.len(), 8, "{names:?}");
    let first = made.keyframes("80p");
    for name in &names {
        let pieces = made.pieces(name);
        assert!(pieces.len() >= 2, "{name}");
        for (path, _) in &pieces {
            assert_eq!(decoder_settings(path), decoder_settings(&pieces[0].0), "{name}");
            assert_eq!(asked(path, "stream=time_base"), "1/30000", "{name}");
            let index = index(path);
            let keys = frames(path).iter().filter(|frame| frame.key).count();
            assert_eq!(
                index.fragments.len(),
                keys,
                "{name}: a fragment for each keyframe"
            );
        }
        same_times(&made.keyframes(name), &first, name);
    }
    let tag = |name: &str| asked(&made.piece(name), "stream=codec_tag_string");
    assert_eq!(
        [tag("120p"), tag("120p-hevc"), tag("120p-vp9"), tag("120p-av1")],
        ["avc1", "hvc1", "vp09", "av01"]
    );
    assert_eq!(asked(&made.piece("120p"), "stream=profile"), "High");
}

#[tokio::test]
async fn encoded_rungs_follow_the_keyframes_of_a_copied_top() {
    let folder = folder();
    // Keyframes at odd places: scene changes and a group of 100 frames at most.
    let source = clip(
        folder.path(),
        "cuts.mp4",
        "-f lavfi -i testsrc2=s=320x180:r=30000/1001:d=40 -c:v libx264 -preset ultrafast -bf 2 -pix_fmt yuv420p \
         -x264-params keyint=100:scenecut=0 -force_key_frames 2.5,6.1,7.93,13.37,20.0,31.41",
    );
    let settings = eager();
    let mut made = Laddered::planned(&source, &settings).await;
    assert_eq!(made.ladder.video[0].how, Made::Copy);
    let copy = made.remuxes().await;
    let index = index(&copy);
    let mut at = 0;
    let mut starts = Vec::new();
    for fragment in &index.fragments {
        starts.push(at * 1000 / u64::from(index.timescale));
        at += fragment.duration;
    }
    assert!(made.ladder.align_to_copy(starts.clone()), "{starts:?}");
    made.cuts(&settings).await;
    made.encodes().await;
    assert!(matches!(&made.ladder.keyframes, Keyframes::At(times) if *times == starts));
    assert!(
        made.pieces("90p").len() >= 3 || made.pieces("60p").len() >= 3,
        "{:?}",
        made.ladder.passes
    );
    let copied = frames(&copy);
    let begins = |ms: &u64| {
        let at = *ms as f64 / 1000.0;
        copied.iter().find(|frame| frame.at >= at - 0.001).unwrap().at
    };
    let expected: Vec<_> = starts.iter().map(begins).collect();
    let all: Vec<_> = copied.iter().map(|frame| frame.at).collect();
    for rung in ["90p", "60p"] {
        same_times(&made.keyframes(rung), &expected, rung);
        let times: Vec<_> = made.frames(rung).iter().map(|frame| frame.at).collect();
        same_times(&times, &all, rung);
    }
}

#[tokio::test]
async fn frames_of_a_variable_rate_keep_their_times() {
    let folder = folder();
    let source = clip(
        folder.path(),
        "vfr.mp4",
        "-f lavfi -i testsrc2=s=160x90:r=30:d=30 \
         -vf settb=1/90000,setpts=PTS+mod(N\\,7)*211+N*37+gt(N\\,200)*60000 -fps_mode passthrough \
         -enc_time_base 1:90000 -video_track_timescale 90000 -c:v libx264 -preset ultrafast -bf 2 -pix_fmt yuv420p",
    );
    let made = Laddered::made_all(&source, &eager()).await;
    let source = source_times(&source);
    let steps: std::collections::BTreeSet<_> = source
        .windows(2)
        .map(|pair| ((pair[1] - pair[0]) * 90_000.0).round() as u32)
        .collect();
    assert!(steps.len() > 2, "the source is variable: {steps:?}");
    for rung in ["90p", "60p"] {
        let times: Vec<_> = made.frames(rung).iter().map(|frame| frame.at).collect();
        same_times(&times, &source, rung);
    }
    same_times(&made.keyframes("60p"), &made.keyframes("90p"), "keyframes");
}

#[tokio::test]
async fn the_whole_default_ladder_and_every_codec_fit_into_the_limits() {
    let folder = folder();
    let source = clip(
        folder.path(),
        "hd.mkv",
        "-f lavfi -i testsrc2=s=1920x1080:r=30:d=1 -c:v mpeg4 -q:v 3 -g 30",
    );
    let settings = LadderSettings {
        codecs: vec![VideoCodec::Hevc, VideoCodec::Vp9, VideoCodec::Av1],
        ..LadderSettings::default()
    };
    let made = Laddered::made(&source, &settings).await;
    assert_eq!(made.names().len(), 20);
    for name in made.names() {
        assert_eq!(made.frames(&name).len(), 30, "{name}");
    }
}

#[tokio::test]
async fn a_gap_of_hours_between_frames_makes_no_frames_and_no_empty_pieces() {
    let folder = folder();
    let source = clip(
        folder.path(),
        "gap.mkv",
        "-f lavfi -i testsrc2=s=160x90:r=30:d=2 -vf settb=1/1000,setpts=PTS+gt(N\\,30)*20000000 \
         -fps_mode passthrough -enc_time_base 1:1000 -c:v libx264 -preset ultrafast -bf 0 -g 15 -pix_fmt yuv420p",
    );
    let made = Laddered::made_all(&source, &eager()).await;
    assert!(
        made.ladder.duration_ms > 19_000_000,
        "{}",
        made.ladder.duration_ms
    );
    for rung in ["90p", "60p"] {
        let frames = made.frames(rung);
        assert_eq!(frames.len(), 60, "{rung}");
        assert!(frames[59].at > 20_000.0);
    }
    assert!(made.pieces("90p").len() < 4 && made.pieces("60p").len() < 4);
    same_times(&made.keyframes("60p"), &made.keyframes("90p"), "keyframes");
}

#[tokio::test]
async fn a_picture_that_ends_before_the_sound_has_no_empty_piece() {
    let folder = folder();
    let source = clip(
        folder.path(),
        "slides.mp4",
        "-f lavfi -i testsrc2=s=160x90:r=30:d=9 -f lavfi -i sine=r=48000:d=70 -c:v mpeg4 -c:a aac",
    );
    let made = Laddered::made(&source, &eager()).await;
    for rung in ["90p", "60p"] {
        assert_eq!(
            (made.pieces(rung).len(), made.frames(rung).len()),
            (1, 270),
            "{rung}"
        );
    }
    assert!(near(crate::kit::span(&made.sound(), "a").1, 70.0, 0.06));
}
