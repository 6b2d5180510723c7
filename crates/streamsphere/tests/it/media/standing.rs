//! Pictures that stand still for long, as screens do: stretches of a file without a single frame.

use crate::kit;
use crate::kit::clips::{Clip, made};
use crate::kit::media_files::aside;

/// A minute of sound, with frames only where `shown` says.
fn standing(name: &str, shown: &str) -> Clip {
    let filter = format!("select='{shown}'");
    let words = [
        "-f",
        "lavfi",
        "-i",
        "testsrc2=size=640x360:rate=10:duration=60",
        "-f",
        "lavfi",
        "-i",
        "sine=frequency=440:duration=60",
        "-vf",
        &filter,
        "-fps_mode",
        "vfr",
        "-c:v",
        "mpeg4",
        "-g",
        "10",
        "-force_key_frames",
        "28",
        "-c:a",
        "aac",
    ];
    made(name, &words)
}

/// How many frames a player decodes from it.
#[expect(clippy::disallowed_types, reason = "tests run the real program")]
fn frames(what: &str) -> usize {
    let output = std::process::Command::new("ffprobe")
        .args([
            "-v",
            "error",
            "-count_frames",
            "-select_streams",
            "v:0",
            "-of",
            "csv=p=0",
        ])
        .args(["-show_entries", "stream=nb_read_frames", what])
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success() && said.trim().is_empty(), "{said}");
    let counted = String::from_utf8_lossy(&output.stdout);
    counted.lines().next().unwrap().trim().parse().unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_picture_that_stands_still_is_no_reason_to_refuse_a_video() {
    let site = kit::site().await;
    let asha = site.person("asha").await;
    for (name, shown) in [
        ("still-in-the-middle.mkv", "lt(t,11.9)+gte(t,28)"),
        ("still-at-the-end.mkv", "lt(t,17)"),
        ("still-from-the-start.mkv", "eq(n,0)+gte(t,41)"),
    ] {
        let clip = aside(move || standing(name, shown)).await;
        let id = asha.publishes(&clip, &[]).await;
        let playback = asha.get(&format!("/api/v1/videos/{id}/playback")).await.is(200);
        let renditions = playback.at("/data/renditions");
        let pictures: Vec<String> = renditions
            .as_array()
            .unwrap()
            .iter()
            .filter(|one| one["width"] != 0)
            .map(|one| one["name"].as_str().unwrap().to_owned())
            .collect();
        assert_eq!(pictures.len(), 2, "{name}: {renditions}");
        let wanted = clip.path.display().to_string();
        for picture in pictures {
            let url = format!("{}/media/{id}/{picture}.mp4", site.url);
            let source = wanted.clone();
            let (ours, all) = aside(move || (frames(&url), frames(&source))).await;
            assert_eq!(ours, all, "{name} {picture}");
        }
    }
}
