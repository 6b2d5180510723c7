//! Sources of every kind become something that streams.

use std::path::Path;

use streamsphere_media::images::Sizes;
use streamsphere_media::ladder::browser_ready;
use streamsphere_media::mp4::SegmentIndex;
use streamsphere_media::poster::posters;
use streamsphere_media::probe::{MediaLimits, admit};
use tokio_util::sync::CancellationToken;

use crate::kit::{self, H264_AAC, asked, clip, folder, index, near, plays, probed, source, span, tools};
use crate::ladder_kit::{Laddered, small};

#[tokio::test]
async fn a_phone_recording_is_copied_turned_and_in_step() {
    let folder = folder();
    let upright = clip(
        folder.path(),
        "up.mp4",
        &format!("{} {H264_AAC}", source("320x180", 30, 9)),
    );
    let turned = clip(
        folder.path(),
        "turned.mp4",
        &format!("-i {} -c copy -metadata:s:v rotate=90", upright.display()),
    );
    let made = Laddered::planned(&turned, &small()).await;
    let remux = made.ladder.remux.as_ref().unwrap();
    assert_eq!((remux.width, remux.height), (180, 320));
    assert!(browser_ready(&made.probe));
    let picture = made.remuxes().await;
    let joined = made.joined(&picture).await;
    for path in [&picture, &made.sound(), &joined] {
        plays(path);
    }
    // Both tracks keep their place on the clock that they share.
    let (video, audio) = (span(&picture, "v"), span(&made.sound(), "a"));
    assert!(
        near(video.0, 0.0, 0.001) && near(audio.0, 0.0, 0.025),
        "{video:?} {audio:?}"
    );
    assert!(
        near(video.1, 9.0, 0.05) && near(audio.1, 9.0, 0.05),
        "{video:?} {audio:?}"
    );
    let both = (span(&joined, "v"), span(&joined, "a"));
    assert!(
        near(both.0.0, 0.0, 0.001) && near(both.1.0, 0.0, 0.025),
        "{both:?}"
    );
    for path in [picture, joined] {
        let kept = probed(&path).await.unwrap().video.unwrap().rotation;
        assert_eq!(
            kept,
            made.probe.video.as_ref().unwrap().rotation,
            "{}",
            path.display()
        );
        assert_ne!(kept, 0);
    }
}

#[tokio::test]
async fn sound_that_starts_late_stays_late() {
    let folder = folder();
    let clip = clip(
        folder.path(),
        "late.mp4",
        &format!(
            "-f lavfi -i testsrc2=s=160x90:r=30:d=6 -itsoffset 1.5 -f lavfi -i sine=r=48000:d=4 {H264_AAC}"
        ),
    );
    let copied = Laddered::planned(&clip, &small()).await;
    let encoded = Laddered::made_all(&clip, &small()).await;
    for (made, picture) in [
        (&copied, copied.remuxes().await),
        (&encoded, encoded.piece("90p")),
    ] {
        let joined = made.joined(&picture).await;
        for (path, kind, starts) in [
            (&picture, "v", 0.0),
            (&made.sound(), "a", 1.5),
            (&joined, "a", 1.5),
            (&joined, "v", 0.0),
        ] {
            let (first, _) = span(path, kind);
            assert!(
                near(first, starts, 0.03),
                "{} {kind} starts at {first}",
                path.display()
            );
        }
    }
}

#[tokio::test]
async fn the_playlists_are_read_to_the_end_by_a_real_player() {
    let folder = folder();
    let clip = clip(
        folder.path(),
        "a.mp4",
        &format!("{} {H264_AAC}", source("320x180", 30, 13)),
    );
    let made = Laddered::planned(&clip, &small()).await;
    let picture = made.remuxes().await;
    let master = made.master(&picture);
    plays(&master);
    let (first, end) = span(&master, "v");
    assert!(near(end - first, 13.0, 0.05), "{first} to {end}");
    for path in [picture, made.sound()] {
        let duration = index(&path).duration_ms();
        assert!(duration.abs_diff(13_000) < 50, "{duration}");
    }
}

#[tokio::test]
async fn the_index_points_at_whole_fragments_and_survives_storing() {
    let folder = folder();
    let clip = clip(
        folder.path(),
        "a.mp4",
        &format!("{} {H264_AAC}", source("320x180", 30, 9)),
    );
    let made = Laddered::planned(&clip, &small()).await;
    let work = kit::folder();
    for path in [made.remuxes().await, made.sound()] {
        let name = path.display();
        let index = index(&path);
        let bytes = std::fs::read(&path).unwrap();
        assert_eq!(&bytes[4..8], b"ftyp");
        let kind = |offset: u64| &bytes[offset as usize + 4..offset as usize + 8];
        assert_eq!(kind(index.sidx.unwrap().offset), b"sidx");
        assert_eq!(
            index.sidx.unwrap().offset,
            index.init.end(),
            "{name}: the index follows the header"
        );
        for fragment in &index.fragments {
            assert_eq!(kind(fragment.offset), b"moof");
            assert!(fragment.starts_with_sap, "{name}");
            // What the header and one fragment hold is a playable piece.
            let mut piece = bytes[..index.init.size as usize].to_vec();
            piece.extend(&bytes[fragment.offset as usize..(fragment.offset + fragment.size) as usize]);
            let path = work.path().join("piece.mp4");
            std::fs::write(&path, piece).unwrap();
            plays(&path);
        }
        let stored = index.to_bytes();
        assert!(stored.len() < 40 + index.fragments.len() * 12);
        assert_eq!(SegmentIndex::from_bytes(&stored).unwrap(), index);
        let rest = index
            .fragments
            .windows(2)
            .all(|pair| pair[0].offset + pair[0].size == pair[1].offset);
        assert!(rest, "{name}: fragments lie back to back");
    }
}

#[tokio::test]
async fn webm_becomes_h264_and_aac() {
    let folder = folder();
    let codecs = "-c:v libvpx-vp9 -deadline realtime -cpu-used 8 -c:a libopus";
    let clip = clip(
        folder.path(),
        "a.webm",
        &format!("{} {codecs}", source("321x181", 25, 5)),
    );
    let made = Laddered::planned(&clip, &small()).await;
    assert!(made.ladder.remux.is_none(), "not every browser decodes it");
    let top = &made.ladder.video[0];
    assert_eq!((top.name.as_str(), top.width, top.height), ("180p", 320, 180));
    let picture = made.picture().await;
    let joined = made.joined(&picture).await;
    for path in [&picture, &made.sound(), &joined, &made.master(&picture)] {
        plays(path);
    }
    assert_eq!(asked(&joined, "stream=codec_name"), "h264\naac");
    assert!(browser_ready(&probed(&joined).await.unwrap()));
    let (video, audio) = (span(&picture, "v"), span(&made.sound(), "a"));
    // Both begin at once; the lead-in of Opus, which is not heard, comes before.
    assert!(
        near(video.0, 0.0, 0.025) && near(audio.0, 0.0, 0.025) && near(video.0, audio.0, 0.01),
        "{video:?} {audio:?}"
    );
    // Keyframes stand on the two-second grid, so fragments can be switched between renditions.
    for rung in made.names() {
        let index = index(&made.piece(&rung));
        let lengths: Vec<_> = index.fragments.iter().map(|fragment| fragment.duration).collect();
        let grid = u64::from(index.timescale) * 2;
        assert_eq!(lengths[..2], [grid, grid], "{rung}");
    }
}

#[tokio::test]
async fn a_browser_recording_without_a_duration_gets_one() {
    let folder = folder();
    let codecs = "-c:v libvpx -deadline realtime -cpu-used 8 -an -live 1";
    let clip = clip(
        folder.path(),
        "live.webm",
        &format!("{} {codecs} -f webm", source("160x90", 20, 4)),
    );
    let probe = probed(&clip).await.unwrap();
    assert!(
        probe.duration_ms.is_some_and(|ms| ms.abs_diff(4000) <= 100),
        "{:?}",
        probe.duration_ms
    );
    assert_eq!(admit(&probe, &MediaLimits::default()), Ok(()));
}

#[tokio::test]
async fn matroska_transport_stream_avi_flv_and_ogg_enter_too() {
    let folder = folder();
    for (name, codecs, copied) in [
        (
            "hevc.mkv",
            "-c:v libx265 -x265-params log-level=none -preset ultrafast -pix_fmt yuv420p -c:a ac3",
            false,
        ),
        (
            "h264.mkv",
            "-c:v libx264 -preset veryfast -bf 3 -pix_fmt yuv420p -c:a libopus",
            true,
        ),
        (
            "a.ts",
            "-c:v libx264 -preset veryfast -bf 3 -pix_fmt yuv420p -c:a aac",
            true,
        ),
        ("old.ts", "-c:v mpeg2video -c:a mp2", false),
        ("a.avi", "-c:v mpeg4 -c:a libmp3lame", false),
        (
            "a.flv",
            "-c:v libx264 -preset veryfast -bf 3 -pix_fmt yuv420p -c:a aac",
            true,
        ),
        ("a.ogv", "-c:v libtheora -c:a libvorbis", false),
        ("a.mov", "-c:v prores_ks -c:a pcm_s16le", false),
    ] {
        let clip = clip(
            folder.path(),
            name,
            &format!("{} {codecs}", source("160x90", 25, 3)),
        );
        let made = Laddered::planned(&clip, &small()).await;
        assert_eq!(made.ladder.remux.is_some(), copied, "{name}");
        let picture = made.picture().await;
        let joined = made.joined(&picture).await;
        for path in [&picture, &made.sound(), &joined, &made.master(&picture)] {
            plays(path);
        }
        let (video, audio) = (span(&picture, "v"), span(&made.sound(), "a"));
        assert!(near(video.1, 3.0, 0.15), "{name}: {video:?}");
        let before = (span(&clip, "v").0, span(&clip, "a").0);
        assert!(
            near(video.0 - audio.0, before.0 - before.1, 0.05),
            "{name}: {video:?} {audio:?} {before:?}"
        );
    }
}

#[tokio::test]
async fn silent_video_has_one_rendition_and_sound_alone_is_no_video() {
    let folder = folder();
    let silent = clip(
        folder.path(),
        "silent.mp4",
        "-f lavfi -i testsrc2=s=160x90:r=30:d=3 -c:v libx264 -preset ultrafast -pix_fmt yuv420p",
    );
    let made = Laddered::planned(&silent, &small()).await;
    let picture = made.remuxes().await;
    assert!(!made.sound().exists());
    plays(&made.master(&picture));
    plays(&made.joined(&picture).await);
    let sound = clip(folder.path(), "sound.mp4", "-f lavfi -i sine=d=2 -c:a aac");
    let rejection = admit(&probed(&sound).await.unwrap(), &MediaLimits::default()).unwrap_err();
    assert_eq!(rejection.code, "no_video_stream");
}

#[tokio::test]
async fn a_cover_picture_and_subtitles_do_not_get_in_the_way() {
    let folder = folder();
    let art = clip(
        folder.path(),
        "art.png",
        "-f lavfi -i testsrc2=s=64x64 -frames:v 1",
    );
    let subtitles = folder.path().join("a.srt");
    std::fs::write(&subtitles, "1\n00:00:00,500 --> 00:00:01,500\nhello\n").unwrap();
    let clip = clip(
        folder.path(),
        "rich.mp4",
        &format!(
            "-i {} {} -i {} -map 0 -map 1 -map 2 -map 3 -c:v:0 png -c:v:1 libx264 -preset ultrafast -pix_fmt:v:1 \
             yuv420p -c:a aac -c:s mov_text -disposition:v:0 attached_pic",
            art.display(),
            source("160x90", 25, 3),
            subtitles.display()
        ),
    );
    let made = Laddered::planned(&clip, &small()).await;
    assert_eq!((made.probe.streams, made.probe.other_streams), (4, 2));
    assert_eq!(made.ladder.remux.as_ref().map(|remux| remux.width), Some(160));
    let picture = made.remuxes().await;
    assert_eq!(
        asked(&made.joined(&picture).await, "stream=codec_name"),
        "h264\naac"
    );
}

#[tokio::test]
async fn a_recording_cut_between_keyframes_is_encoded() {
    let folder = folder();
    let whole = clip(
        folder.path(),
        "whole.mp4",
        &format!("{} {H264_AAC}", source("160x90", 30, 8)),
    );
    let cut = clip(
        folder.path(),
        "cut.mp4",
        &format!("-ss 3 -i {} -c copy", whole.display()),
    );
    let made = Laddered::planned(&cut, &small()).await;
    assert!(made.probe.video.as_ref().unwrap().starts_hidden);
    assert!(made.ladder.remux.is_none());
    let (first, end) = span(&made.picture().await, "v");
    assert!(near(first, 0.0, 0.04) && near(end, 5.0, 0.1), "{first} to {end}");
}

/// The poster of a clip; its candidates leave no files behind.
async fn poster_of(clip: &Path) -> Sizes {
    let (probe, work) = (probed(clip).await.unwrap(), folder());
    let stop = CancellationToken::new();
    let made = posters(&tools(), &probe, clip, work.path(), false, &stop)
        .await
        .unwrap();
    assert_eq!(std::fs::read_dir(work.path()).unwrap().count(), 0);
    made.poster
}

#[tokio::test]
async fn a_poster_shows_something_even_when_the_film_starts_black() {
    let folder = folder();
    let clip = clip(
        folder.path(),
        "dark.mp4",
        "-f lavfi -i color=black:s=640x360:r=25:d=3 -f lavfi -i testsrc2=s=640x360:r=25:d=7 \
         -filter_complex [0][1]concat -c:v libx264 -preset ultrafast -pix_fmt yuv420p -g 25",
    );
    let made = poster_of(&clip).await;
    assert_eq!((made.large.width, made.large.height), (640, 360));
    assert_eq!((made.small.width, made.small.height), (480, 270));
    let shown = streamsphere_media::images::decode(&made.large.jpeg).unwrap();
    let (mean, spread) = shown.brightness();
    assert!(mean > 40.0 && spread > 20.0, "{mean} {spread}");
}

#[tokio::test]
async fn a_poster_is_upright_and_exists_for_the_shortest_clip() {
    let folder = folder();
    let flat = clip(
        folder.path(),
        "flat.mp4",
        "-f lavfi -i testsrc2=s=320x180:r=25:d=0.2 -c:v libx264 -preset ultrafast -pix_fmt yuv420p",
    );
    let turned = clip(
        folder.path(),
        "t.mp4",
        &format!("-i {} -c copy -metadata:s:v rotate=90", flat.display()),
    );
    let made = poster_of(&turned).await;
    assert_eq!((made.large.width, made.large.height), (180, 320));
}

#[tokio::test]
async fn the_oracle_reads_the_same_fragments() {
    use mp4_atom::{Any, ReadFrom as _};

    let folder = folder();
    let clip = clip(
        folder.path(),
        "a.mp4",
        &format!("{} {H264_AAC}", source("160x90", 30, 7)),
    );
    let made = Laddered::planned(&clip, &small()).await;
    for path in [made.remuxes().await, made.sound()] {
        let name = path.display();
        let index = index(&path);
        let bytes = std::fs::read(&path).unwrap();
        let mut cursor = std::io::Cursor::new(bytes.as_slice());
        let mut durations = Vec::new();
        let mut references = Vec::new();
        while let Ok(found) = Any::read_from(&mut cursor) {
            match found {
                Any::Moof(moof) => {
                    let traf = &moof.traf[0];
                    let default = traf.tfhd.default_sample_duration.unwrap_or(0);
                    let samples = traf.trun.iter().flat_map(|trun| &trun.samples);
                    durations.push(
                        samples
                            .map(|entry| u64::from(entry.duration.unwrap_or(default)))
                            .sum::<u64>(),
                    );
                }
                Any::Sidx(sidx) => references.extend(
                    sidx.references
                        .iter()
                        .map(|one| (u64::from(one.referenced_size), u64::from(one.subsegment_duration))),
                ),
                _ => {}
            }
        }
        let ours: Vec<_> = index.fragments.iter().map(|fragment| fragment.duration).collect();
        assert_eq!(ours, durations, "{name}");
        let sizes: Vec<_> = index.fragments.iter().map(|fragment| fragment.size).collect();
        let theirs: Vec<_> = references.iter().map(|(size, _)| *size).collect();
        assert_eq!(sizes, theirs, "{name}");
    }
}
