//! Real players read to the end.
//!
//! The player is ffmpeg over HTTP. What it decodes is compared with what it decodes from the file that was
//! uploaded: as many frames, the same pictures at the same times, sound in step. The server has threads of its
//! own here: these tests wait for programs that wait for it.

mod checks;

use std::time::Duration;

use self::checks::{Expected, expected, plays};
use crate::kit;
use crate::kit::clips::{self, Clip, made};
use crate::kit::media_files::tool;

/// Words that make a test picture of this size and rate, and a tone beside it.
fn scene(size: &str, rate: u32, seconds: u32) -> Vec<String> {
    let picture = format!("testsrc2=size={size}:rate={rate}:duration={seconds}");
    let sound = format!("sine=frequency=440:duration={seconds}");
    ["-f", "lavfi", "-i", &picture, "-f", "lavfi", "-i", &sound]
        .map(str::to_owned)
        .to_vec()
}

/// Makes a clip of a scene with these further words.
fn clip(name: &str, scene: &[String], words: &[&str]) -> Clip {
    let mut all: Vec<&str> = scene.iter().map(String::as_str).collect();
    all.extend_from_slice(words);
    made(name, &all)
}

/// H.264 as cameras make it: B frames and a keyframe every second.
const H264: [&str; 8] = [
    "-c:v", "libx264", "-preset", "veryfast", "-pix_fmt", "yuv420p", "-g", "25",
];

#[tokio::test(flavor = "multi_thread")]
async fn players_read_a_turned_phone_video() {
    let site = kit::site().await;
    let asha = site.person("asha").await;
    plays(&asha, &clips::phone(), &expected((360, 640), 3.0, Some(1))).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn players_read_a_screen_recording_in_webm() {
    let site = kit::site().await;
    let asha = site.person("asha").await;
    plays(&asha, &clips::screen(), &expected((640, 360), 3.0, Some(1))).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn players_read_hevc_in_mkv() {
    let site = kit::site().await;
    let asha = site.person("asha").await;
    plays(&asha, &clips::hevc(), &expected((640, 360), 3.0, Some(1))).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn players_read_a_silent_mp4() {
    let site = kit::site().await;
    let asha = site.person("asha").await;
    let silent = clip(
        "silent.mp4",
        &scene("320x180", 25, 7),
        &[&H264[..], &["-map", "0:v"]].concat(),
    );
    plays(&asha, &silent, &expected((320, 180), 7.0, None)).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn players_read_a_transport_stream() {
    let site = kit::site().await;
    let asha = site.person("asha").await;
    let broadcast = clip(
        "broadcast.ts",
        &scene("320x180", 25, 10),
        &[&H264[..], &["-c:a", "aac", "-ac", "2"]].concat(),
    );
    plays(&asha, &broadcast, &expected((320, 180), 10.0, Some(2))).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn players_read_a_mov_with_its_index_at_the_end() {
    let site = kit::site().await;
    let asha = site.person("asha").await;
    let camera = clip(
        "camera.mov",
        &scene("320x180", 30, 9),
        &[&H264[..], &["-c:a", "aac"]].concat(),
    );
    let bytes = camera.bytes();
    let place = |name: &[u8]| bytes.windows(4).rposition(|four| four == name).unwrap();
    assert!(place(b"moov") > place(b"mdat"));
    plays(&asha, &camera, &expected((320, 180), 9.0, Some(1))).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn players_read_an_old_avi() {
    let site = kit::site().await;
    let asha = site.person("asha").await;
    let old = clip(
        "old.avi",
        &scene("320x240", 25, 10),
        &["-c:v", "mpeg4", "-q:v", "4", "-c:a", "libmp3lame"],
    );
    plays(&asha, &old, &expected((320, 240), 10.0, Some(1))).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn players_read_surround_sound_mixed_down() {
    let site = kit::site().await;
    let asha = site.person("asha").await;
    let scene = scene("320x180", 25, 3);
    let aac = ["-c:a", "aac", "-ac", "6"];
    let six = clip("surround-aac.mkv", &scene, &[&H264[..], &aac].concat());
    plays(&asha, &six, &expected((320, 180), 3.0, Some(2))).await;
    let ac3 = ["-c:a", "ac3", "-ac", "6"];
    let mixed = clip("surround.mkv", &scene, &[&H264[..], &ac3].concat());
    plays(&asha, &mixed, &expected((320, 180), 3.0, Some(2))).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn players_read_a_picture_of_odd_size() {
    let site = kit::site().await;
    let asha = site.person("asha").await;
    // H.264 in 4:2:0 cannot have such a size; VP9 can. Only the scene without halved colours takes it as it is.
    let whole = scene("321x181", 25, 3)
        .iter()
        .map(|word| word.replace("testsrc2", "testsrc"))
        .collect::<Vec<_>>();
    let vp9 = [
        "-c:v",
        "libvpx-vp9",
        "-pix_fmt",
        "yuv420p",
        "-deadline",
        "realtime",
        "-cpu-used",
        "8",
    ];
    let odd = clip("odd.webm", &whole, &[&vp9[..], &["-c:a", "libopus"]].concat());
    let probed = tool(
        "ffprobe",
        &[
            "-select_streams",
            "v",
            "-show_entries",
            "stream=width,height",
            "-of",
            "csv=p=0",
            odd.path.to_str().unwrap(),
        ],
    );
    assert_eq!(String::from_utf8(probed).unwrap().trim(), "321,181");
    let even = Expected {
        played: (320, 180),
        ..expected((321, 181), 3.0, Some(1))
    };
    plays(&asha, &odd, &even).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn players_read_high_range_in_standard_range() {
    let site = kit::site().await;
    let asha = site.person("asha").await;
    let bright = clip(
        "bright.mkv",
        &scene("320x180", 25, 3),
        &[
            "-c:v",
            "libx265",
            "-preset",
            "ultrafast",
            "-pix_fmt",
            "yuv420p10le",
            "-x265-params",
            "log-level=error:colorprim=bt2020:transfer=smpte2084:colormatrix=bt2020nc",
            "-color_primaries",
            "bt2020",
            "-color_trc",
            "smpte2084",
            "-colorspace",
            "bt2020nc",
            "-c:a",
            "aac",
        ],
    );
    let high = Expected {
        same_colours: false,
        ..expected((320, 180), 3.0, Some(1))
    };
    plays(&asha, &bright, &high).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn players_read_a_private_video_by_its_signed_link_until_it_is_hidden() {
    let site = kit::site().await;
    let asha = site.person("asha").await;
    let id = asha
        .publishes(&clips::small(), &[("visibility", "unlisted")])
        .await;
    let path = format!("/api/v1/videos/{id}");
    let video = asha.get(&path).await.is(200).at("/data");
    for name in ["hls", "videoFile"] {
        let url = video[name].as_str().unwrap();
        assert!(url.contains("/media/~"), "{url}");
        tool("ffmpeg", &["-xerror", "-i", url, "-f", "null", "-"]);
    }
    let hidden = serde_json::json!({"visibility": "private"});
    let hidden = asha.patch(&path, &hidden).await.is(200).at("/data");
    for name in ["hls", "videoFile"] {
        site.anyone().get(video[name].as_str().unwrap()).await.is(404);
        let url = hidden[name].as_str().unwrap();
        tool("ffmpeg", &["-xerror", "-i", url, "-f", "null", "-"]);
    }
    // Signing out closes the owner's links, too.
    asha.post("/api/v1/users/logout", &serde_json::json!({}))
        .await
        .is(200);
    tokio::time::timeout(
        Duration::from_secs(30),
        kit::until("the links are closed", async || {
            site.anyone().get(hidden["hls"].as_str().unwrap()).await.status == 404
        }),
    )
    .await
    .unwrap();
}
