use super::*;
use crate::probe::Hdr;

fn clip(width: u32, height: u32) -> Probe {
    Probe {
        container: Container::Mp4,
        duration_ms: Some(60_000),
        size_bytes: 15_000_000,
        bitrate: Some(2_000_000),
        video: Some(VideoStream {
            index: 0,
            codec: "h264".into(),
            profile: Some("High".into()),
            level: Some(40),
            width,
            height,
            rotation: 0,
            pixel_aspect: (1, 1),
            pixel_format: Some("yuv420p".into()),
            bit_depth: 8,
            frame_rate: Some(FrameRate { num: 30, den: 1 }),
            frames: Some(1800),
            duration_ms: None,
            hdr: None,
            interlaced: false,
            starts_hidden: false,
        }),
        audio: Some(AudioStream {
            index: 1,
            codec: "aac".into(),
            profile: Some("LC".into()),
            channels: 2,
            sample_rate: 48_000,
            bitrate: Some(128_000),
        }),
        streams: 2,
        other_streams: 0,
    }
}

fn changed(mut probe: Probe, change: impl FnOnce(&mut Probe, &mut VideoStream)) -> Probe {
    let mut video = probe.video.take().unwrap();
    change(&mut probe, &mut video);
    probe.video = Some(video);
    probe
}

fn planned(probe: &Probe) -> Ladder {
    plan(probe, &LadderSettings::default()).unwrap()
}

/// Names and sizes of the H.264 rungs of a source of that size, which is encoded.
fn rungs(width: u32, height: u32) -> Vec<(String, u32, u32)> {
    let probe = changed(clip(width, height), |_, video| video.codec = "vp9".into());
    let sized = |rung: Rung| (rung.name, rung.width, rung.height);
    planned(&probe).video.into_iter().map(sized).collect()
}

fn names(width: u32, height: u32) -> String {
    let names: Vec<_> = rungs(width, height).into_iter().map(|(name, ..)| name).collect();
    names.join(" ")
}

fn rung(name: &str, width: u32, height: u32) -> (String, u32, u32) {
    (name.to_owned(), width, height)
}

#[test]
fn the_ladder_goes_from_the_source_down_and_never_up() {
    assert_eq!(names(3840, 2160), "1080p 720p 480p 360p 240p");
    assert_eq!(names(1920, 1080), "1080p 720p 480p 360p 240p");
    assert_eq!(names(1280, 720), "720p 480p 360p 240p");
    assert_eq!(names(426, 240), "240p");
    for (width, height) in [
        (1, 1),
        (64, 8192),
        (8192, 64),
        (641, 361),
        (2560, 1440),
        (720, 576),
    ] {
        for (name, w, h) in rungs(width, height) {
            assert!(
                w <= width.max(2) && h <= height.max(2),
                "{width}x{height}: {name} {w}x{h}"
            );
            assert!(w % 2 == 0 && h % 2 == 0, "{width}x{height}: {name} {w}x{h}");
        }
    }
}

#[test]
fn a_portrait_is_named_by_its_short_side() {
    assert_eq!(
        rungs(1080, 1920)[..2],
        [rung("1080p", 1080, 1920), rung("720p", 720, 1280)]
    );
    let turned = changed(clip(1920, 1080), |_, video| video.rotation = 270);
    assert_eq!(
        (planned(&turned).video[0].width, planned(&turned).video[0].height),
        (1080, 1920)
    );
}

#[test]
fn a_wide_film_is_named_by_the_frame_it_fits_in() {
    assert_eq!(
        rungs(1920, 800)[..2],
        [rung("1080p", 1920, 800), rung("720p", 1280, 534)]
    );
    assert_eq!(rungs(1440, 1080)[0], rung("1080p", 1440, 1080));
    assert_eq!(rungs(8192, 1080)[0], rung("1080p", 1920, 254));
}

#[test]
fn a_source_between_rungs_keeps_its_size() {
    assert_eq!(
        rungs(1066, 600)[..2],
        [rung("600p", 1066, 600), rung("480p", 852, 480)]
    );
    // Near a rung it takes that one's name.
    assert_eq!(
        rungs(960, 540)[..2],
        [rung("480p", 960, 540), rung("360p", 640, 360)]
    );
    assert_eq!(rungs(1244, 700)[0], rung("720p", 1244, 700));
    assert_eq!(rungs(1920, 1088)[0], rung("1080p", 1920, 1088));
    // Above the limit it is scaled to it.
    assert_eq!(rungs(1920, 1200)[0], rung("1080p", 1728, 1080));
}

#[test]
fn a_tiny_source_has_one_rung_of_its_own_size() {
    assert_eq!(rungs(160, 90), [rung("90p", 160, 90)]);
    assert_eq!(rungs(321, 181), [rung("181p", 320, 180)]);
    assert_eq!(rungs(1, 1), [rung("1p", 2, 2)]);
}

#[test]
fn anamorphic_pixels_become_square() {
    let dvd = changed(clip(720, 576), |_, video| {
        (video.pixel_aspect, video.codec) = ((64, 45), "mpeg2video".into());
    });
    let top = planned(&dvd).video.remove(0);
    assert_eq!((top.name.as_str(), top.width, top.height), ("576p", 1024, 576));
}

#[test]
fn bit_rates_follow_size_and_frame_rate() {
    let kbps = |width, height, num| {
        let probe = changed(clip(width, height), |_, video| {
            video.codec = "vp9".into();
            video.frame_rate = Some(FrameRate { num, den: 1 });
        });
        planned(&probe).video[0].kbps
    };
    assert_eq!(kbps(1280, 720, 30), 3000);
    assert_eq!(kbps(1280, 720, 50), 4500);
    assert_eq!(kbps(1920, 1080, 60), 9000);
    let between = kbps(1066, 600, 30);
    assert!((1400..3000).contains(&between), "{between}");
}

#[test]
fn a_frame_rate_above_sixty_is_capped() {
    let fast = changed(clip(1280, 720), |_, video| {
        video.frame_rate = Some(FrameRate { num: 120, den: 1 });
    });
    let ladder = planned(&fast);
    assert!(
        ladder
            .video
            .iter()
            .all(|rung| rung.frame_rate == Some(FrameRate { num: 60, den: 1 }))
    );
    assert_eq!(ladder.video[0].how, Made::Encode);
}

#[test]
fn further_codecs_are_sets_and_passes_of_their_own() {
    let settings = LadderSettings {
        codecs: parse_codecs("vp9, av1").unwrap(),
        max_height: 480,
        ..LadderSettings::default()
    };
    let ladder = plan(&clip(1920, 1080), &settings).unwrap();
    let names: Vec<_> = ladder.video.iter().map(|rung| rung.name.as_str()).collect();
    assert_eq!(
        names,
        [
            "480p", "360p", "240p", "480p-vp9", "360p-vp9", "240p-vp9", "480p-av1", "360p-av1", "240p-av1"
        ]
    );
    let passes: Vec<_> = ladder.passes.iter().map(|pass| pass.rungs.join(" ")).collect();
    assert_eq!(
        passes,
        [
            "240p",
            "480p 360p",
            "480p-vp9 360p-vp9 240p-vp9",
            "480p-av1 360p-av1 240p-av1"
        ]
    );
}

#[test]
fn what_fits_the_top_rung_is_copied_into_it() {
    let ladder = planned(&clip(1280, 720));
    assert_eq!(ladder.video[0].how, Made::Copy);
    let remux = ladder.remux.clone().unwrap();
    assert_eq!((remux.name.as_str(), remux.keep), ("720p", true));
    assert!(
        ladder
            .passes
            .iter()
            .all(|pass| !pass.rungs.contains(&"720p".to_owned()))
    );
    assert!(ladder.audio.unwrap().copy);
}

#[test]
fn what_can_be_copied_but_does_not_fit_is_remuxed_for_the_meantime() {
    let remuxed = |probe: Probe| {
        let ladder = planned(&probe);
        assert!(ladder.video.iter().all(|rung| rung.how == Made::Encode));
        let remux = ladder.remux.unwrap();
        assert_eq!((remux.name.as_str(), remux.keep), (COPY_NAME, false));
        (remux.width, remux.height)
    };
    // Larger than the ladder, too heavy, turned, not square, too fast.
    assert_eq!(remuxed(clip(3840, 2160)), (3840, 2160));
    remuxed(changed(clip(1280, 720), |probe, _| {
        probe.bitrate = Some(20_000_000);
    }));
    assert_eq!(
        remuxed(changed(clip(1280, 720), |_, video| video.rotation = 90)),
        (720, 1280)
    );
    remuxed(changed(clip(1280, 720), |_, video| video.pixel_aspect = (4, 3)));
    remuxed(changed(clip(1280, 720), |_, video| {
        video.frame_rate = Some(FrameRate { num: 100, den: 1 });
    }));
}

#[test]
fn what_not_every_browser_decodes_is_not_copied() {
    let remux = |change: fn(&mut Probe, &mut VideoStream)| planned(&changed(clip(1280, 720), change)).remux;
    assert_eq!(remux(|_, video| video.codec = "hevc".into()), None);
    assert_eq!(remux(|_, video| video.profile = Some("High 4:2:2".into())), None);
    assert_eq!(
        remux(|_, video| video.pixel_format = Some("yuv422p".into())),
        None
    );
    assert_eq!(remux(|_, video| video.interlaced = true), None);
    assert_eq!(remux(|_, video| video.starts_hidden = true), None);
    assert_eq!(remux(|_, video| video.level = Some(62)), None);
    assert_eq!(remux(|_, video| video.hdr = Some(Hdr::Hlg)), None);
    assert_eq!(remux(|probe, _| probe.container = Container::Avi), None);
}

#[test]
fn a_source_is_playable_as_it_is_only_where_every_browser_plays_it() {
    let plays = |change: fn(&mut Probe, &mut VideoStream)| browser_ready(&changed(clip(1280, 720), change));
    assert!(plays(|_, _| ()));
    assert!(plays(|_, video| video.rotation = 90), "players turn it");
    assert!(plays(|probe, _| probe.audio = None));
    for container in Container::ALL {
        let mut probe = clip(1280, 720);
        probe.container = container;
        assert_eq!(
            browser_ready(&probe),
            container == Container::Mp4,
            "{container:?}"
        );
    }
    assert!(!plays(|_, video| video.codec = "hevc".into()));
    assert!(!plays(|_, video| video.profile = Some("High 4:2:2".into())));
    assert!(!plays(|_, video| video.profile = None));
    assert!(!plays(|_, video| video.pixel_format = Some("yuv422p".into())));
    assert!(!plays(|_, video| video.bit_depth = 10));
    assert!(!plays(|_, video| video.interlaced = true));
    assert!(!plays(|_, video| video.level = Some(62)));
    assert!(!plays(|_, video| video.hdr = Some(Hdr::Pq)));
    assert!(!plays(
        |probe, _| probe.audio.as_mut().unwrap().codec = "opus".into()
    ));
    assert!(!plays(|probe, _| probe.audio.as_mut().unwrap().profile = None));
    let mut sound = clip(1, 1);
    sound.video = None;
    assert!(!browser_ready(&sound));
}

#[test]
fn sound_is_copied_only_as_plain_aac() {
    let sound = |change: fn(&mut AudioStream)| {
        let mut probe = clip(1280, 720);
        change(probe.audio.as_mut().unwrap());
        planned(&probe).audio.unwrap()
    };
    assert!(sound(|_| ()).copy);
    assert!(!sound(|audio| audio.codec = "opus".into()).copy);
    assert!(!sound(|audio| audio.profile = Some("HE-AAC".into())).copy);
    assert!(!sound(|audio| audio.bitrate = Some(320_000)).copy);
    let surround = sound(|audio| (audio.channels, audio.sample_rate) = (6, 96_000));
    assert_eq!(
        (surround.copy, surround.channels, surround.sample_rate),
        (false, 2, 48_000)
    );
    let mono = sound(|audio| (audio.channels, audio.codec) = (1, "mp3".into()));
    assert_eq!((mono.channels, mono.kbps), (1, 96));
}

#[test]
fn sound_alone_has_a_ladder_without_video_and_nothing_has_none() {
    let mut probe = clip(1, 1);
    probe.video = None;
    let ladder = planned(&probe);
    assert!(ladder.video.is_empty() && ladder.passes.is_empty() && ladder.audio.is_some());
    probe.audio.as_mut().unwrap().channels = 0;
    assert_eq!(plan(&probe, &LadderSettings::default()), None);
}

#[test]
fn a_copy_with_good_fragments_sets_the_keyframes_of_all() {
    let mut ladder = planned(&clip(1280, 720));
    let starts: Vec<u64> = (0..15).map(|count| count * 4171).collect();
    assert!(ladder.align_to_copy(starts.clone()));
    assert_eq!(ladder.keyframes, Keyframes::At(starts));
    ladder.cut(&[]);
    // The first chunk ends right before the keyframe next to twelve seconds.
    assert_eq!(ladder.passes[0].chunks[0].end_ms, Some(3 * 4171 - 2));
}

#[test]
fn a_copy_with_bad_fragments_is_encoded_after_all() {
    for starts in [
        vec![],
        vec![0, 12_000, 24_000],
        vec![0, 5000],
        vec![0, 5000, 5000],
        vec![2000, 4000],
    ] {
        let mut ladder = planned(&clip(1280, 720));
        assert!(!ladder.align_to_copy(starts));
        assert_eq!(ladder.video[0].how, Made::Encode);
        assert_eq!(ladder.keyframes, Keyframes::Grid { seconds: 2 });
        assert_eq!(ladder.passes[1].rungs[0], "720p");
        assert_eq!(
            ladder.remux.unwrap().name,
            COPY_NAME,
            "still good for the meantime"
        );
    }
}

/// Where the pieces of a rendition meet, milliseconds.
fn boundaries(ladder: &Ladder, name: &str) -> Vec<u64> {
    let pieces: Vec<Chunk> = ladder.pieces_of(name).iter().map(|place| place.stretch).collect();
    for pair in pieces.windows(2) {
        assert_eq!(pair[0].end_ms, Some(pair[1].start_ms), "no gap");
    }
    assert_eq!((pieces[0].start_ms, pieces.last().unwrap().end_ms), (0, None));
    pieces.iter().filter_map(|chunk| chunk.end_ms).collect()
}

/// Each pass as its renditions and where it ends, milliseconds.
fn passes(ladder: &Ladder) -> Vec<(String, Option<u64>)> {
    let ends = |pass: &Pass| pass.chunks.last().unwrap().end_ms;
    ladder
        .passes
        .iter()
        .map(|pass| (pass.rungs.join(" "), ends(pass)))
        .collect()
}

fn encoded(duration_ms: u64) -> Ladder {
    planned(&changed(clip(1920, 1080), |probe, video| {
        video.codec = "hevc".into();
        probe.duration_ms = Some(duration_ms);
    }))
}

#[test]
fn a_short_video_has_its_lowest_rung_early_and_only_its_first_half_is_decoded_twice() {
    let mut ladder = encoded(60_000);
    ladder.cut(&[0, 10_000, 20_000, 30_000]);
    let (others, all) = ("1080p 720p 480p 360p", "1080p 720p 480p 360p 240p");
    let expected = [("240p", Some(20_000)), (others, Some(20_000)), (all, None)];
    assert_eq!(
        passes(&ladder),
        expected.map(|(names, end)| (names.to_owned(), end))
    );
    assert_eq!(boundaries(&ladder, "240p"), [12_000, 20_000]);
    assert_eq!(boundaries(&ladder, "720p"), [20_000]);
    // Where the half comes soon, nothing comes sooner.
    let mut shorter = encoded(36_000);
    shorter.cut(&[0, 14_000]);
    assert_eq!(boundaries(&shorter, "240p"), [16_000]);
    assert_eq!(boundaries(&shorter, "1080p"), [16_000]);
    // Without a keyframe near the middle there may be no frame at all before it.
    for keyframes in [&[0][..], &[]] {
        let mut ladder = encoded(200_000);
        ladder.cut(keyframes);
        assert_eq!(boundaries(&ladder, "240p"), [12_000]);
        assert_eq!(boundaries(&ladder, "720p"), [0; 0]);
    }
    let mut shortest = encoded(19_000);
    shortest.cut(&[0, 2000, 4000, 8000]);
    assert_eq!(boundaries(&shortest, "240p"), [0; 0]);
    assert_eq!(shortest.passes.len(), 2);
}

#[test]
fn a_long_video_is_cut_on_the_grid_near_keyframes() {
    let mut ladder = encoded(400_000);
    let keyframes: Vec<u64> = (0..200).map(|count| count * 2002).collect();
    ladder.cut(&keyframes);
    let places = [60_000, 120_000, 180_000, 240_000, 300_000, 360_000];
    assert_eq!(boundaries(&ladder, "1080p"), places);
    assert_eq!(boundaries(&ladder, "240p")[..3], [12_000, 60_000, 120_000]);
    assert_eq!(passes(&ladder)[0], ("240p".to_owned(), Some(240_000)));
    // From a keyframe a little before a place, decoding starts where the chunk does.
    ladder = encoded(400_000);
    ladder.cut(&[0, 53_000, 110_000, 170_000, 239_999]);
    assert_eq!(boundaries(&ladder, "1080p"), [56_000, 112_000, 172_000, 240_000]);
}

#[test]
fn a_source_with_few_keyframes_or_without_an_index_is_not_cut_into_chunks() {
    let mut ladder = encoded(400_000);
    ladder.cut(&[0]);
    assert_eq!(boundaries(&ladder, "1080p"), [0; 0]);
    let mut avi = planned(&changed(clip(1280, 720), |probe, _| {
        (probe.container, probe.duration_ms) = (Container::Avi, Some(400_000));
    }));
    avi.cut(&(0..200).map(|count| count * 2000).collect::<Vec<_>>());
    assert_eq!(
        boundaries(&avi, "240p"),
        [12_000],
        "its first seconds are watchable early"
    );
    assert_eq!(boundaries(&avi, "720p"), [0; 0]);
}

#[test]
fn a_further_codec_or_a_lone_rung_is_made_apart() {
    let mut ladder = planned(&clip(426, 240));
    ladder.cut(&[0]);
    assert!(ladder.passes.len() <= 1);
    let settings = LadderSettings {
        codecs: vec![VideoCodec::Hevc],
        ..LadderSettings::default()
    };
    let probe = changed(clip(640, 360), |probe, video| {
        video.codec = "vp9".into();
        probe.duration_ms = Some(60_000);
    });
    let mut ladder = plan(&probe, &settings).unwrap();
    ladder.cut(&[0, 27_000]);
    let names: Vec<String> = passes(&ladder).into_iter().map(|(names, _)| names).collect();
    assert_eq!(names[..3], ["240p", "360p", "360p 240p"]);
    assert!(names[3].contains("hevc"), "{names:?}");
}

#[test]
fn a_picture_that_ends_before_the_sound_is_not_cut_where_it_has_no_frames() {
    let mut ladder = planned(&changed(clip(1920, 1080), |probe, video| {
        video.codec = "hevc".into();
        (probe.duration_ms, video.duration_ms) = (Some(900_000), Some(15_000));
    }));
    ladder.cut(&[0, 10_000, 14_000]);
    assert!(ladder.passes.iter().all(|pass| pass.chunks == [Chunk::WHOLE]));
}

#[test]
fn a_ladder_survives_storing_and_an_old_one_stays_readable() {
    let mut ladder = planned(&clip(1280, 720));
    assert!(ladder.align_to_copy((0..10).map(|count| count * 6000).collect()));
    ladder.cut(&[]);
    let json = serde_json::to_string(&ladder).unwrap();
    assert_eq!(serde_json::from_str::<Ladder>(&json).unwrap(), ladder);
    let first = r#"{"video":[{"name":"720p","codec":"h264","width":1280,"height":720,"frame_rate":null,
        "kbps":3000,"how":"encode"}],"audio":null,"keyframes":{"grid":{"seconds":2}},
        "passes":[{"rungs":["720p"],"chunks":[{"start_ms":0,"end_ms":null}]}],"remux":null,"duration_ms":5000}"#;
    let read: Ladder = serde_json::from_str(first).unwrap();
    assert_eq!(
        (read.timescale, read.preset, read.rungs_of(0).len()),
        (90_000, Preset::Veryfast, 1)
    );
}

#[test]
fn settings_are_read_and_checked() {
    let rungs = parse_rungs("360:800, 240:400").unwrap();
    assert_eq!(
        rungs.iter().map(ToString::to_string).collect::<Vec<_>>(),
        ["240:400", "360:800"]
    );
    assert_eq!(parse_rungs("720"), Err(LadderSettingsError::Rung("720".into())));
    assert_eq!("slow".parse(), Ok(Preset::Slow));
    assert!("placebo".parse::<Preset>().is_err());
    assert_eq!(parse_codecs(""), Ok(vec![]));
    assert!(parse_codecs("divx").is_err());
    let check = |change: fn(&mut LadderSettings)| {
        let mut settings = LadderSettings::default();
        change(&mut settings);
        settings.check()
    };
    assert_eq!(check(|_| ()), Ok(()));
    assert_eq!(
        check(|settings| settings.rungs.clear()),
        Err(LadderSettingsError::NoRungs)
    );
    assert_eq!(
        check(|settings| settings.rungs.reverse()),
        Err(LadderSettingsError::Order)
    );
    assert!(check(|settings| settings.codecs = vec![VideoCodec::Av1, VideoCodec::Av1]).is_err());
    assert!(check(|settings| settings.chunk_s = 5).is_err());
    assert!(check(|settings| settings.max_height = 100_000).is_err());
}
