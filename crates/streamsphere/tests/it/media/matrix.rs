//! The matrix: what people upload, in every container and shape, and what has to come out of it.
//!
//! Each test uploads several sources to one server, which prepares them side by side, and holds every
//! rendition of each against its source by [`checks`]. How the sources are made is in [`sources`].

mod checks;
mod sources;
mod stage;

use std::time::{Duration, Instant};

use self::sources::{
    AAC, H264, HEVC, OPUS, SCENE, UNEVEN, VP8, VP9, high_range, high_range_by_curve_alone, sound_alone,
    turned,
};
use self::stage::Stage;
use crate::kit::clips::Clip;
use crate::kit::media_files::aside;
use crate::kit::{self, Person, Setup};

/// A rung: its name, width and height.
type Rung = (&'static str, u64, u64);

/// The ladder of a 640x360 clip.
const WIDE: &[Rung] = &[("360p", 640, 360), ("240p", 426, 240)];
/// The ladder of a 360x640 clip.
const TALL: &[Rung] = &[("360p", 360, 640), ("240p", 240, 426)];

/// A source and how it is to come out.
#[derive(Debug, Clone)]
struct Case {
    clip: Clip,
    /// The largest first.
    rungs: &'static [Rung],
    /// The largest is the source's own picture.
    copied: bool,
    /// Channels of the sound; none for a silent clip.
    channels: Option<u64>,
    lost: Lost,
    /// At the beginning there is only picture or only sound. Known limit: hls.js skips that, and says so.
    hole: bool,
}

/// What a source has that its renditions have not.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Lost {
    Nothing,
    /// High range: the colours of renditions differ.
    HighRange,
    /// Lines of two moments in each frame.
    Interlacing,
    /// More frames than renditions may have.
    Frames,
}

/// A source of which everything is encoded, with sound of one channel.
fn encoded(clip: Clip) -> Case {
    Case {
        clip,
        rungs: WIDE,
        copied: false,
        channels: Some(1),
        lost: Lost::Nothing,
        hole: false,
    }
}

/// A source whose picture is taken as it is.
fn copied(clip: Clip) -> Case {
    Case {
        copied: true,
        ..encoded(clip)
    }
}

impl Case {
    fn rungs(self, rungs: &'static [Rung]) -> Self {
        Self { rungs, ..self }
    }

    fn channels(self, channels: u64) -> Self {
        Self {
            channels: Some(channels),
            ..self
        }
    }

    fn silent(self) -> Self {
        Self {
            channels: None,
            ..self
        }
    }

    fn hole(self) -> Self {
        Self { hole: true, ..self }
    }

    fn loses(self, lost: Lost) -> Self {
        Self { lost, ..self }
    }
}

/// Uploads everything to a server of these settings and looks at each video as soon as it is ready.
/// Answers the videos' ids.
async fn come_out_right(setup: Setup, cases: fn() -> Vec<Case>) -> (kit::Site, Vec<String>) {
    let cases = aside(cases).await;
    let site = setup
        .with("encode_jobs", "2")
        .with("encode_threads", "1")
        .start()
        .await;
    let asha = site.person("asha").await;
    let mut ids = Vec::new();
    for case in &cases {
        ids.push(asha.uploads(&case.clip, &[]).await.is(201).text_at("/data/_id"));
    }
    for (case, id) in cases.iter().zip(&ids) {
        ready(&asha, case, id).await;
        checks::check(&asha, case, id).await;
    }
    if let Some(stage) = Stage::open().await {
        for (case, id) in cases.iter().zip(&ids) {
            stage.plays(&asha, case, id).await;
        }
    }
    (site, ids)
}

/// Waits until a video is ready, however busy the machine is with the others.
async fn ready(person: &Person<'_>, case: &Case, id: &str) {
    let deadline = Instant::now() + Duration::from_mins(3);
    let path = format!("/api/v1/videos/{id}");
    loop {
        let video = person.get(&path).await.is(200).at("/data");
        match video["status"].as_str() {
            Some("ready") => return,
            Some("processing") if Instant::now() < deadline => {}
            _ => panic!("{}: {video}", case.clip.name),
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn pictures_that_fit_are_copied_out_of_every_container_and_encoded_smaller() {
    come_out_right(Setup::default(), || {
        vec![
            copied(SCENE.made("camera.mp4", &format!("{H264} {AAC}"))),
            copied(SCENE.made("camera.mov", &format!("{H264} -c:a pcm_s16le"))),
            copied(SCENE.made("surround.mkv", &format!("{H264} -c:a ac3 -ac 6"))).channels(2),
            copied(SCENE.made("recording.ts", &format!("{H264} {AAC} -ac 2"))).channels(2),
            copied(SCENE.made("stream.flv", &format!("{H264} {AAC}"))),
            copied(SCENE.made("silent.mov", &format!("{H264} -map 0:v"))).silent(),
        ]
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn pictures_of_every_other_codec_are_encoded() {
    come_out_right(Setup::default(), || {
        vec![
            encoded(SCENE.made("vp8.webm", &format!("{VP8} -c:a libvorbis"))),
            encoded(SCENE.made("vp9.webm", &format!("{VP9} {OPUS}"))),
            encoded(SCENE.made("av1.webm", &format!("-c:v libsvtav1 -preset 12 {OPUS}"))),
            encoded(SCENE.made("old.avi", "-c:v mpeg4 -q:v 3 -c:a libmp3lame")),
            encoded(SCENE.made("free.ogv", "-c:v libtheora -q:v 7 -c:a libvorbis")),
            encoded(SCENE.made("phone.mp4", &format!("{HEVC} {AAC} -ac 2"))).channels(2),
        ]
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn pictures_of_every_shape_are_encoded_upright_and_never_larger() {
    come_out_right(Setup::default(), || {
        let h264 = format!("{H264} {AAC}");
        let four_to_three = &[("480p", 640, 480), ("360p", 480, 360), ("240p", 320, 240)];
        let wide_pixels = SCENE
            .size("360x288")
            .made("dvd.mp4", &format!("-vf setsar=16/15 {h264}"));
        // Only the pattern with unhalved colours can be as odd.
        let odd = "-filter_complex [0:v]scale=641x361,setsar=1[v] -map [v] -map 1:a";
        vec![
            copied(SCENE.size("360x640").made("portrait.mp4", &h264)).rungs(TALL),
            encoded(turned(90)).rungs(TALL),
            encoded(turned(180)),
            encoded(turned(270)).rungs(TALL),
            encoded(
                SCENE
                    .size("642x362")
                    .made("odd.webm", &format!("{odd} {VP9} {OPUS}")),
            ),
            copied(SCENE.size("640x480").made("television.mp4", &h264)).rungs(four_to_three),
            encoded(wide_pixels).rungs(&[("288p", 384, 288), ("240p", 320, 240)]),
            copied(SCENE.size("128x96").made("tiny.mp4", &h264)).rungs(&[("96p", 128, 96)]),
        ]
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn pictures_at_every_pace_are_encoded_frame_by_frame_up_to_sixty_a_second() {
    come_out_right(Setup::default(), || {
        let fields =
            "-vf tinterlace=interleave_top,fieldorder=tff -c:v mpeg2video -b:v 4M -flags +ildct+ilme -g 12";
        vec![
            encoded(
                SCENE
                    .rate("50")
                    .made("broadcast.ts", &format!("{fields} -c:a mp2")),
            )
            .loses(Lost::Interlacing),
            encoded(
                SCENE
                    .rate("30")
                    .made("screen.webm", &format!("{UNEVEN} {VP8} {OPUS}")),
            ),
            copied(
                SCENE
                    .rate("30")
                    .made("uneven.mp4", &format!("{UNEVEN} {H264} {AAC}")),
            ),
            copied(
                SCENE
                    .rate("50")
                    .made("smooth.mp4", &format!("{H264} -crf 30 {AAC}")),
            ),
            encoded(SCENE.rate("60").made("game.webm", &format!("{VP9} {OPUS}"))),
            encoded(
                SCENE
                    .rate("120")
                    .made("slow-motion.mp4", &format!("{H264} {AAC}")),
            )
            .loses(Lost::Frames),
            encoded(
                SCENE
                    .rate("30000/1001")
                    .made("ntsc.mkv", &format!("{HEVC} {AAC}")),
            ),
        ]
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn deep_and_bright_pictures_are_encoded_for_every_screen() {
    come_out_right(Setup::default(), || {
        let deep = "-c:v libx264 -preset veryfast -pix_fmt yuv420p10le -g 25";
        vec![
            encoded(SCENE.made("deep.mkv", &format!("{deep} {AAC}"))),
            encoded(high_range("bright.mkv", "smpte2084", AAC)).loses(Lost::HighRange),
            encoded(high_range("bright.mp4", "arib-std-b67", AAC)).loses(Lost::HighRange),
            encoded(high_range_by_curve_alone("curve.mkv")).loses(Lost::HighRange),
        ]
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn sound_that_starts_late_stays_in_step_with_a_copied_or_encoded_picture() {
    come_out_right(Setup::default(), || {
        let late = SCENE.before(["", "-itsoffset 1.5"]);
        let picture_late = SCENE.before(["-itsoffset 0.72", ""]);
        vec![
            copied(late.made("late.mp4", &format!("{H264} {AAC}"))).hole(),
            encoded(late.made("late.webm", &format!("{VP8} {OPUS}"))).hole(),
            copied(picture_late.made("early.mp4", &format!("{H264} -fps_mode passthrough {AAC}"))).hole(),
            encoded(picture_late.made("early.mkv", &format!("{VP8} {OPUS}"))).hole(),
        ]
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn pictures_that_fit_badly_are_encoded_beside_the_copy_of_the_meantime() {
    come_out_right(Setup::default(), || {
        let long = "-c:v libx264 -preset veryfast -pix_fmt yuv420p -g 999 -keyint_min 999 -sc_threshold 0";
        vec![
            encoded(
                SCENE
                    .seconds(13)
                    .made("long-groups.mp4", &format!("{long} {AAC}")),
            ),
            encoded(SCENE.made(
                "heavy.mp4",
                &format!("{H264} -b:v 4M -minrate 4M -maxrate 4M -bufsize 4M -x264-params nal-hrd=cbr {AAC}"),
            )),
        ]
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_lowest_rung_is_encoded_in_two_pieces_and_joined_without_a_seam() {
    come_out_right(Setup::default(), || {
        let scene = SCENE.rate("15").seconds(26);
        vec![
            encoded(scene.made("talk.webm", &format!("{VP8} {OPUS}"))),
            copied(scene.made("talk.mp4", &format!("{H264} -g 41 {AAC}"))),
        ]
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_long_video_is_encoded_in_pieces_throughout_and_joined_without_a_seam() {
    let setup = kit::with("split_after_seconds", "24").with("chunk_seconds", "12");
    let (site, ids) = come_out_right(setup, || {
        let scene = SCENE.seconds(36);
        let ntsc = scene.rate("24000/1001");
        vec![
            encoded(ntsc.made("film.mkv", &format!("{HEVC} {AAC}"))),
            copied(
                scene
                    .rate("15")
                    .made("lecture.mp4", &format!("{H264} -g 41 {AAC}")),
            ),
        ]
    })
    .await;
    // Pieces stay for a while for those who play them: three and what was joined of them.
    for (id, (in_pieces, whole)) in ids
        .iter()
        .zip([(vec!["360p", "240p"], vec![]), (vec!["240p"], vec!["360p"])])
    {
        for (names, files) in [(in_pieces, 4), (whole, 1)] {
            for name in names {
                assert_eq!(kept(&site, id, name), files, "{name}");
            }
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn sound_alone_is_played_where_the_site_takes_it() {
    let site = kit::with("audio_only", "true").start().await;
    let asha = site.person("asha").await;
    let stage = Stage::open().await;
    for (name, words) in [
        ("song.m4a", "-c:a aac -ac 2"),
        ("song.ogg", "-c:a libvorbis"),
        ("song.mka", "-c:a flac"),
    ] {
        let clip = aside(move || sound_alone(name, words)).await;
        let id = asha.publishes(&clip, &[]).await;
        checks::check_sound(&asha, &clip, &id).await;
        if let Some(stage) = &stage {
            stage.plays_sound(&asha, &clip, &id).await;
        }
    }
}

/// How many files of that rendition a video's folder holds.
fn kept(site: &kit::Site, id: &str, name: &str) -> usize {
    let mut folders = vec![site.objects().join("videos").join(id)];
    let mut count = 0;
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else if path.ends_with(format!("{name}.mp4")) {
                count += 1;
            }
        }
    }
    count
}
