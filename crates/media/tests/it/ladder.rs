//! Sources of every kind come out right: their picture, their sound, their clock.

use streamsphere_media::ladder::{COPY_NAME, LadderSettings, Made};
use streamsphere_media::probe::{MediaLimits, admit};

use crate::kit::{H264_AAC, asked, clip, folder, near, plays, probed, source, span};
use crate::ladder_kit::{Laddered, frames, pixel, small};

/// Width, height and pixel shape of a rung.
fn shape(made: &Laddered, rung: &str) -> String {
    asked(&made.piece(rung), "stream=width,height,sample_aspect_ratio")
}

#[tokio::test]
async fn every_container_becomes_a_ladder_in_step() {
    let folder = folder();
    for (name, codecs) in [
        (
            "a.mp4",
            "-c:v libx264 -preset ultrafast -bf 2 -pix_fmt yuv420p -c:a aac",
        ),
        ("a.mov", "-c:v prores_ks -c:a pcm_s16le"),
        (
            "a.mkv",
            "-c:v libx265 -x265-params log-level=none -preset ultrafast -pix_fmt yuv420p10le -c:a ac3",
        ),
        (
            "a.webm",
            "-c:v libvpx-vp9 -deadline realtime -cpu-used 8 -c:a libopus",
        ),
        ("a.avi", "-c:v mpeg4 -c:a libmp3lame"),
        (
            "a.ts",
            "-c:v libx264 -preset ultrafast -bf 2 -pix_fmt yuv420p -c:a aac",
        ),
        (
            "a.flv",
            "-c:v libx264 -preset ultrafast -pix_fmt yuv420p -c:a aac",
        ),
        ("a.ogv", "-c:v libtheora -c:a libvorbis"),
    ] {
        let clip = clip(
            folder.path(),
            name,
            &format!("{} {codecs}", source("320x180", 25, 5)),
        );
        let made = Laddered::made_all(&clip, &small()).await;
        assert_eq!(made.names(), ["180p", "90p", "60p"], "{name}");
        let before = (span(&clip, "v"), span(&clip, "a"));
        let sound = span(&made.sound(), "a");
        for rung in made.names() {
            let picture = span(&made.piece(&rung), "v");
            assert!(
                near(picture.1 - picture.0, 5.0, 0.05),
                "{name} {rung}: {picture:?}"
            );
            let (apart, was) = (picture.0 - sound.0, before.0.0 - before.1.0);
            assert!(near(apart, was, 0.04), "{name} {rung}: {apart} apart, was {was}");
        }
        assert!(near(sound.1 - sound.0, 5.0, 0.1), "{name}: {sound:?}");
    }
}

#[tokio::test]
async fn a_turned_recording_is_shown_upright() {
    let folder = folder();
    // Red in the top left corner, blue in the bottom right one.
    let flat = clip(
        folder.path(),
        "flat.mp4",
        "-f lavfi -i color=gray:s=320x180:r=25:d=2 -vf drawbox=0:0:80:60:red:fill,drawbox=240:120:80:60:blue:fill \
         -c:v libx264 -preset ultrafast -pix_fmt yuv420p",
    );
    // By ffmpeg's tag, which turns the other way round: where the red corner is shown.
    for (degrees, size, red, blue) in [
        (90, (180, 320), (20, 300), (150, 20)),
        (180, (320, 180), (290, 160), (20, 10)),
        (270, (180, 320), (150, 20), (20, 300)),
    ] {
        let turned = clip(
            folder.path(),
            &format!("{degrees}.mp4"),
            &format!("-i {} -c copy -metadata:s:v rotate={degrees}", flat.display()),
        );
        let made = Laddered::made(&turned, &small()).await;
        let top = &made.ladder.video[0];
        assert_eq!(
            (top.width, top.height, top.how),
            (size.0, size.1, Made::Encode),
            "{degrees}"
        );
        assert_eq!(shape(&made, "180p"), format!("{},{},1:1", size.0, size.1));
        assert_eq!(
            probed(&made.piece("180p")).await.unwrap().video.unwrap().rotation,
            0
        );
        // What people see of the source, as ffmpeg shows it.
        let reference = |(x, y)| pixel(&turned, 1.0, x, y);
        for (place, main) in [(red, 0), (blue, 2)] {
            let ours = pixel(&made.piece("180p"), 1.0, place.0, place.1);
            let theirs = reference(place);
            for (one, other) in ours.iter().zip(theirs) {
                assert!(
                    one.abs_diff(other) < 12,
                    "{degrees} {place:?}: {ours:?} {theirs:?}"
                );
            }
            let brightest = (0..3).max_by_key(|colour| ours[*colour]).unwrap();
            let seen = ours.iter().max().unwrap() - ours.iter().min().unwrap();
            assert!(brightest == main && seen > 100, "{degrees} {place:?}: {ours:?}");
        }
    }
}

#[tokio::test]
async fn odd_sizes_and_every_shape_get_even_square_pixels() {
    let folder = folder();
    for (name, size, filter, top, shown) in [
        ("portrait.mp4", "180x320", "null", "180p", "180,320,1:1"),
        ("odd.webm", "241x135", "null", "135p", "240,134,1:1"),
        ("academy.mkv", "240x180", "null", "180p", "240,180,1:1"),
        ("dvd.mkv", "180x144", "setsar=64/45", "144p", "256,144,1:1"),
        ("narrow.mkv", "320x90", "setsar=1/2", "90p", "160,90,1:1"),
        ("tiny.mkv", "48x32", "null", "32p", "48,32,1:1"),
    ] {
        let codec = if name.ends_with("webm") {
            "-c:v libvpx -deadline realtime -cpu-used 8"
        } else {
            "-c:v libx264 -preset ultrafast -pix_fmt yuv420p"
        };
        let clip = clip(
            folder.path(),
            name,
            &format!("-f lavfi -i testsrc2=s={size}:r=25:d=1 -vf {filter} {codec}"),
        );
        let made = Laddered::made_all(&clip, &small()).await;
        assert_eq!(made.names()[0], top, "{name}");
        assert_eq!(shape(&made, top), shown, "{name}");
        let planned = &made.ladder.video[0];
        assert!(
            shown.starts_with(&format!("{},{},", planned.width, planned.height)),
            "{name}"
        );
    }
}

#[tokio::test]
async fn interlaced_fields_become_whole_frames() {
    let folder = folder();
    let clip = clip(
        folder.path(),
        "tv.ts",
        "-f lavfi -i testsrc2=s=320x180:r=50:d=3 -vf tinterlace=interleave_top,fieldorder=tff -r 25 -c:v mpeg2video \
         -flags +ildct+ilme -b:v 3M",
    );
    let made = Laddered::made(&clip, &small()).await;
    assert!(made.probe.video.as_ref().unwrap().interlaced);
    assert_eq!(asked(&made.piece("180p"), "stream=field_order"), "progressive");
    assert!(near(frames(&made.piece("180p")).len() as f64, 75.0, 1.5));
}

#[tokio::test]
async fn high_frame_rates_are_kept_up_to_sixty_and_thinned_out_evenly_above() {
    let folder = folder();
    for (rate, expected) in [(50, 50), (60, 60), (120, 60), (100, 50)] {
        let clip = clip(
            folder.path(),
            &format!("{rate}.mp4"),
            &format!(
                "-f lavfi -i testsrc2=s=160x90:r={rate}:d=4 -c:v libx264 -preset ultrafast -pix_fmt yuv420p"
            ),
        );
        let made = Laddered::made_all(&clip, &small()).await;
        let frames = frames(&made.piece("90p"));
        // Of a hundred in a second, sixty slots take at most sixty.
        if rate == 100 {
            assert!((200..=240).contains(&frames.len()), "{}", frames.len());
            continue;
        }
        assert_eq!(frames.len(), 4 * expected, "{rate}");
        for pair in frames.windows(2) {
            assert!(
                near(pair[1].at - pair[0].at, 1.0 / expected as f64, 0.000_1),
                "{rate}: {pair:?}"
            );
        }
    }
}

#[tokio::test]
async fn ten_bits_and_high_dynamic_range_become_eight_bits_of_standard_range() {
    let folder = folder();
    let colours =
        "-f lavfi -i color=gray:s=320x180:r=25:d=1 -vf drawbox=0:0:160:180:white:fill,format=yuv420p10le";
    let encoder = "-c:v libx265 -preset ultrafast -x265-params log-level=none";
    let hdr = |curve| {
        format!(
            "{colours} {encoder}:colorprim=bt2020:transfer={curve}:colormatrix=bt2020nc -color_primaries bt2020 \
             -color_trc {curve} -colorspace bt2020nc"
        )
    };
    for (name, words, tagged) in [
        ("ten.mkv", format!("{colours} {encoder}"), false),
        ("pq.mp4", hdr("smpte2084"), true),
        ("hlg.mp4", hdr("arib-std-b67"), true),
    ] {
        let clip = clip(folder.path(), name, &words);
        let made = Laddered::made(&clip, &small()).await;
        let video = made.probe.video.as_ref().unwrap();
        assert_eq!((video.bit_depth, video.hdr.is_some()), (10, tagged), "{name}");
        for rung in ["180p", "90p"] {
            let path = made.piece(rung);
            assert_eq!(asked(&path, "stream=pix_fmt"), "yuv420p", "{name}");
            if tagged {
                assert_eq!(
                    asked(&path, "stream=color_space,color_transfer,color_primaries"),
                    "bt709,bt709,bt709",
                    "{name} {rung}"
                );
            }
        }
        let (bright, grey) = (
            pixel(&made.piece("180p"), 0.0, 60, 90),
            pixel(&made.piece("180p"), 0.0, 260, 90),
        );
        // White is white, and grey is neither black nor white; both have no colour.
        assert!(bright.iter().all(|value| *value > 180), "{name}: {bright:?}");
        assert!(
            grey.iter().all(|value| (15..240).contains(value)),
            "{name}: {grey:?}"
        );
        assert!(bright[0] > grey[0], "{name}: {bright:?} {grey:?}");
        for shade in [bright, grey] {
            assert!(
                shade.iter().max().unwrap() - shade.iter().min().unwrap() < 8,
                "{name}: {shade:?}"
            );
        }
    }
}

#[tokio::test]
async fn sound_comes_out_as_one_or_two_channels_of_aac() {
    let folder = folder();
    for (name, words, copied, channels) in [
        ("mono.mp4", "-ac 1 -c:a aac", true, "1"),
        ("stereo.mkv", "-ac 2 -c:a libopus", false, "2"),
        ("surround.mkv", "-ac 6 -c:a ac3", false, "2"),
        ("surround.mp4", "-ac 6 -c:a aac", false, "2"),
        (
            "heavy.mp4",
            "-ac 2 -c:a aac -b:a 400k -cutoff 20000 -aac_coder fast -af volume=0.8",
            true,
            "2",
        ),
    ] {
        let video = "-c:v libx264 -preset ultrafast -pix_fmt yuv420p";
        let clip = clip(
            folder.path(),
            name,
            &format!("{} {video} {words}", source("160x90", 25, 3)),
        );
        let made = Laddered::made_all(&clip, &small()).await;
        let bits = made.probe.audio.as_ref().unwrap().bitrate;
        let light = bits.is_none_or(|bits| bits <= 256_000);
        assert_eq!(
            made.ladder.audio.as_ref().unwrap().copy,
            copied && light,
            "{name}: {bits:?}"
        );
        assert_eq!(
            asked(&made.sound(), "stream=codec_name,channels"),
            format!("aac,{channels}"),
            "{name}"
        );
        assert!(near(span(&made.sound(), "a").1, 3.0, 0.06), "{name}");
    }
}

#[tokio::test]
async fn a_silent_film_and_sound_alone_have_the_half_that_there_is() {
    let folder = folder();
    let silent = clip(
        folder.path(),
        "silent.mp4",
        "-f lavfi -i testsrc2=s=160x90:r=30:d=3 -c:v libx264 -preset ultrafast -pix_fmt yuv420p",
    );
    let made = Laddered::made_all(&silent, &small()).await;
    assert!(made.ladder.audio.is_none() && !made.sound().exists());
    for (name, codec) in [
        ("song.mp4", "aac"),
        ("song.ogv", "libvorbis"),
        ("song.mkv", "flac"),
    ] {
        let sound = clip(
            folder.path(),
            name,
            &format!("-f lavfi -i sine=r=48000:d=4 -c:a {codec}"),
        );
        let probe = probed(&sound).await.unwrap();
        let limits = MediaLimits {
            audio_only: true,
            ..MediaLimits::default()
        };
        assert_eq!(admit(&probe, &limits), Ok(()), "{name}");
        let made = Laddered::made(&sound, &small()).await;
        assert!(made.ladder.video.is_empty() && made.ladder.passes.is_empty());
        assert!(near(span(&made.sound(), "a").1, 4.0, 0.06), "{name}");
    }
}

#[tokio::test]
async fn sound_that_starts_late_or_ends_early_keeps_its_place() {
    let folder = folder();
    for (name, codecs) in [
        ("copied.mp4", H264_AAC),
        (
            "encoded.mkv",
            "-c:v libx264 -preset ultrafast -pix_fmt yuv420p -c:a libopus",
        ),
    ] {
        let clip = clip(
            folder.path(),
            name,
            &format!(
                "-f lavfi -i testsrc2=s=160x90:r=30:d=6 -itsoffset 1.5 -f lavfi -i sine=r=48000:d=3 {codecs}"
            ),
        );
        let made = Laddered::made_all(&clip, &small()).await;
        let (first, end) = span(&made.sound(), "a");
        assert!(
            near(first, 1.5, 0.04) && near(end, 4.5, 0.06),
            "{name}: {first} to {end}"
        );
        let (first, end) = span(&made.piece("90p"), "v");
        assert!(
            near(first, 0.0, 0.001) && near(end, 6.0, 0.04),
            "{name}: {first} to {end}"
        );
    }
}

#[tokio::test]
async fn a_copy_and_the_sound_are_made_in_one_call_and_joined_for_old_players() {
    let folder = folder();
    let clip = clip(
        folder.path(),
        "a.mp4",
        &format!("{} {H264_AAC}", source("320x180", 30, 7)),
    );
    let made = Laddered::planned(&clip, &small()).await;
    assert_eq!(made.ladder.remux.as_ref().map(|remux| remux.keep), Some(true));
    let picture = made.remuxes().await;
    assert!(picture.ends_with("180p.mp4"));
    assert_eq!(frames(&picture).len(), 210);
    let joined = made.joined(&picture).await;
    plays(&joined);
    assert!(near(span(&joined, "v").1, 7.0, 0.05) && near(span(&joined, "a").1, 7.0, 0.05));
}

#[tokio::test]
async fn a_source_above_the_ladder_is_remuxed_only_until_it_is_complete() {
    let folder = folder();
    let clip = clip(
        folder.path(),
        "uhd.mp4",
        &format!("{} {H264_AAC}", source("640x360", 30, 3)),
    );
    let settings = LadderSettings {
        max_height: 180,
        ..small()
    };
    let made = Laddered::planned(&clip, &settings).await;
    let remux = made.ladder.remux.clone().unwrap();
    assert_eq!(
        (remux.name.as_str(), remux.keep, remux.height),
        (COPY_NAME, false, 360)
    );
    assert!(made.remuxes().await.ends_with("copy.mp4"));
    assert_eq!(made.names(), ["180p", "90p", "60p"]);
}
