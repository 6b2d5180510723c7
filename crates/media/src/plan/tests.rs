use super::*;
use crate::probe::{FrameRate, Hdr};

fn clip(width: u32, height: u32) -> Probe {
    Probe {
        container: Container::Mp4,
        duration_ms: Some(60_000),
        size_bytes: 1_000_000,
        bitrate: None,
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
            bitrate: None,
        }),
        streams: 2,
        other_streams: 0,
    }
}

fn planned(change: impl FnOnce(&mut Probe, &mut VideoStream), options: &Options) -> Plan {
    let mut probe = clip(1920, 1080);
    let mut video = probe.video.take().unwrap();
    change(&mut probe, &mut video);
    probe.video = Some(video);
    plan(&probe, Path::new("/in/src"), Path::new("/out"), options).unwrap()
}

fn words(step: &Step) -> Vec<&str> {
    step.invocation
        .args()
        .iter()
        .map(|word| word.to_str().unwrap())
        .collect()
}

fn after<'a>(words: &[&'a str], name: &str) -> &'a str {
    words[words.iter().position(|word| *word == name).unwrap() + 1]
}

#[test]
fn a_browser_ready_source_is_copied_in_one_call() {
    let plan = planned(|_, _| (), &Options::default());
    assert_eq!((plan.kind, plan.steps.len()), (Kind::Copy, 1));
    let files: Vec<_> = plan.steps[0].outputs.iter().map(|output| output.file).collect();
    assert_eq!(files, [VIDEO_FILE, AUDIO_FILE]);
    assert!(!words(&plan.steps[0]).contains(&"libx264"));
    assert!(browser_ready(&clip(1280, 720)));
}

#[test]
fn a_source_that_can_not_be_shown_gets_a_progressive_file_too() {
    let plan = planned(
        |_, _| (),
        &Options {
            progressive: true,
            ..Options::default()
        },
    );
    assert_eq!(plan.steps[1].outputs[0].kind, OutputKind::Progressive);
    assert_eq!(
        plan.steps[1].invocation.reads(),
        [Path::new("/out/video.mp4"), Path::new("/out/audio.mp4")]
    );
}

#[test]
fn what_not_every_browser_decodes_is_encoded() {
    let kind = |change: fn(&mut VideoStream)| planned(|_, video| change(video), &Options::default()).kind;
    assert_eq!(kind(|video| video.codec = "hevc".into()), Kind::Encode);
    assert_eq!(
        kind(|video| video.profile = Some("High 4:2:2".into())),
        Kind::Encode
    );
    assert_eq!(
        kind(|video| video.pixel_format = Some("yuv422p".into())),
        Kind::Encode
    );
    assert_eq!(kind(|video| video.interlaced = true), Kind::Encode);
    assert_eq!(kind(|video| video.starts_hidden = true), Kind::Encode);
    assert_eq!(kind(|video| video.level = Some(62)), Kind::Encode);
}

#[test]
fn foreign_audio_is_encoded_beside_a_copied_picture() {
    let plan = planned(
        |probe, _| probe.audio.as_mut().unwrap().codec = "opus".into(),
        &Options::default(),
    );
    let words = words(&plan.steps[0]);
    assert_eq!((after(&words, "-c:v"), after(&words, "-c:a")), ("copy", "aac"));
}

#[test]
fn an_encode_never_enlarges_and_stays_even() {
    let size = |width, height, rotation| {
        let plan = planned(
            |_, video| {
                (video.width, video.height, video.rotation) = (width, height, rotation);
                video.codec = "vp9".into();
            },
            &Options::default(),
        );
        (plan.width, plan.height)
    };
    assert_eq!(size(640, 360, 0), (640, 360));
    assert_eq!(size(641, 361, 0), (640, 360));
    assert_eq!(size(3840, 2160, 0), (1920, 1080));
    assert_eq!(size(3840, 2160, 90), (1080, 1920));
    assert_eq!(size(8192, 1080, 0), (2560, 338));
    assert_eq!(size(1, 1, 0), (2, 2));
}

#[test]
fn an_encode_has_keyframes_on_a_grid_and_no_fixed_rate() {
    let plan = planned(|_, video| video.codec = "vp9".into(), &Options::default());
    let words = words(&plan.steps[0]);
    assert_eq!(after(&words, "-force_key_frames"), "expr:gte(t,n_forced*2)");
    assert_eq!(
        (after(&words, "-fps_mode"), after(&words, "-fpsmax")),
        ("vfr", "60")
    );
    assert!(!words.contains(&"-r"), "a fixed rate fills gaps with copies");
    assert_eq!(plan.steps.len(), 2, "and a progressive file");
}

#[test]
fn hdr_is_mapped_where_the_filters_exist() {
    let chain = |tone_map| {
        let options = Options {
            tone_map,
            ..Options::default()
        };
        let plan = planned(|_, video| video.hdr = Some(Hdr::Hlg), &options);
        after(&words(&plan.steps[0]), "-vf").to_owned()
    };
    assert!(chain(true).contains("tonemap"));
    assert!(!chain(false).contains("zscale"));
}

#[test]
fn every_output_is_stripped_and_server_named() {
    for codec in ["h264", "hevc"] {
        let plan = planned(
            |_, video| video.codec = codec.into(),
            &Options {
                progressive: true,
                ..Options::default()
            },
        );
        for step in &plan.steps {
            let words = words(step);
            let count = |name: &str| words.iter().filter(|word| **word == name).count();
            assert_eq!(count("-map_metadata"), step.outputs.len());
            assert_eq!(count("-map_chapters"), step.outputs.len());
            for output in &step.outputs {
                assert!(words.contains(&format!("file:/out/{}", output.file).as_str()));
            }
            assert_eq!(step.invocation.writes(), Some(Path::new("/out")));
        }
    }
}

#[test]
fn a_silent_source_has_no_audio_rendition() {
    let plan = planned(
        |probe, _| probe.audio = None,
        &Options {
            progressive: true,
            ..Options::default()
        },
    );
    assert!(!plan.has_audio);
    assert_eq!(plan.steps[0].outputs.len(), 1);
    assert!(!words(&plan.steps[1]).contains(&"1:a:0"));
}

#[test]
fn no_video_means_no_plan() {
    let mut probe = clip(1, 1);
    probe.video = None;
    assert_eq!(
        plan(&probe, Path::new("/in"), Path::new("/out"), &Options::default()),
        None
    );
}
