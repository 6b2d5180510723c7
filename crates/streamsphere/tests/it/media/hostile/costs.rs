//! Files that want to cost more than they are worth, and damaged ones that could make a server stumble.

use super::{VIDEOS, ends, uploads};
use crate::kit::clips::{self, Clip, made};
use crate::kit::{self, Person, Site};

#[tokio::test(flavor = "multi_thread")]
#[expect(clippy::too_many_lines, reason = "most of it is a table")]
async fn files_that_would_cost_too_much_are_refused() {
    let site = kit::site().await;
    let mallory = site.person("mallory").await;
    let source = ["-f", "lavfi", "-i"];
    let gap = made(
        "gap.mp4",
        &[
            &source[..],
            &[
                "testsrc2=size=320x180:rate=25:duration=0.12",
                "-vf",
                "setpts=N*6000/TB",
                "-fps_mode",
                "vfr",
            ],
            &["-c:v", "libx264", "-pix_fmt", "yuv420p"],
        ]
        .concat(),
    );
    let huge = made(
        "huge.mp4",
        &[
            &source[..],
            &[
                "color=size=8400x1000:rate=1:duration=1",
                "-c:v",
                "libx264",
                "-preset",
                "ultrafast",
            ],
        ]
        .concat(),
    );
    let pixels = made(
        "pixels.mp4",
        &[
            &source[..],
            &[
                "color=size=8000x5000:rate=1:duration=1",
                "-c:v",
                "libx264",
                "-preset",
                "ultrafast",
            ],
        ]
        .concat(),
    );
    let mut tracks = vec![
        "-f",
        "lavfi",
        "-i",
        "testsrc2=size=64x64:rate=5:duration=1",
        "-f",
        "lavfi",
        "-i",
    ];
    tracks.extend(["sine=duration=1", "-map", "0:v"]);
    for _ in 0..40 {
        tracks.extend(["-map", "1:a"]);
    }
    tracks.extend(["-c:v", "libx264", "-c:a", "aac"]);
    let tracks = made("tracks.mkv", &tracks);
    let fast = made(
        "fast.mp4",
        &[
            &source[..],
            &[
                "testsrc2=size=64x64:rate=400:duration=1",
                "-c:v",
                "libx264",
                "-preset",
                "ultrafast",
            ],
        ]
        .concat(),
    );
    let long = made(
        "long.mp4",
        &[
            &source[..],
            &[
                "color=size=16x16:rate=1:duration=46800",
                "-c:v",
                "libx264",
                "-preset",
                "ultrafast",
                "-g",
                "5000",
            ],
        ]
        .concat(),
    );
    for Clip { name, path } in [gap, huge, pixels, tracks, fast, long] {
        let answer = uploads(&mallory, &name, &std::fs::read(path).unwrap()).await;
        assert!([415, 422].contains(&answer.status), "{name}: {}", answer.json);
        assert!(!answer.text_at("/message").is_empty());
    }
    let mine = mallory
        .get(&format!("{VIDEOS}?userId={}", mallory.id))
        .await
        .is(200);
    assert_eq!(mine.at("/data/totalDocs"), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn headers_that_lie_about_sizes_cost_nothing() {
    let site = kit::site().await;
    let mallory = site.person("mallory").await;
    let whole = clips::small().bytes();
    let place = |kind: &[u8]| {
        whole
            .windows(kind.len())
            .position(|window| window == kind)
            .unwrap()
    };
    let changed = |at: usize, bytes: &[u8]| {
        let mut changed = whole.clone();
        changed[at..at + bytes.len()].copy_from_slice(bytes);
        changed
    };
    let (moov, stsz, stts, avc1) = (
        place(b"moov"),
        place(b"stsz"),
        place(b"stts"),
        place(b"avc1\0\0\0\0"),
    );
    let mut nested = Vec::new();
    for depth in (0..20_000_u32).rev() {
        nested.extend_from_slice(&((20_000 - (19_999 - depth)) * 8).to_be_bytes());
        nested.extend_from_slice(b"moov");
    }
    let empty_boxes = b"\0\0\0\x08free".repeat(200_000);
    let ftyp = &whole[..32];
    for (name, bytes) in [
        ("a picture of 65535 by 65535", changed(avc1 + 28, &[0xff; 4])),
        ("four billion sample sizes", changed(stsz + 12, &[0xff; 4])),
        ("four billion sample times", changed(stts + 8, &[0xff; 4])),
        (
            "one time for four billion samples",
            changed(stts + 12, &[0xff; 4]),
        ),
        ("an index of four gigabytes", changed(moov - 4, &[0xff; 4])),
        ("an index of no bytes", changed(moov - 4, &[0, 0, 0, 4])),
        ("boxes within boxes", [ftyp, &nested].concat()),
        ("empty boxes without end", [ftyp, &empty_boxes].concat()),
        (
            "empty boxes in front",
            [ftyp, &empty_boxes, &whole[32..]].concat(),
        ),
    ] {
        let answer = uploads(&mallory, "clip.mp4", &bytes).await;
        assert!(
            [201, 415, 422].contains(&answer.status),
            "{name}: {}",
            answer.json
        );
        if answer.status == 201 {
            let status = ends(&mallory, &answer.text_at("/data/_id")).await;
            assert!(
                ["ready", "rejected", "failed"].contains(&status.as_str()),
                "{name}: {status}"
            );
        }
    }
    is_well(&site, &mallory).await;
}

/// Healthy, and able to take a sound video.
async fn is_well(site: &Site, person: &Person<'_>) {
    site.anyone().get("/healthz").await.is(200);
    site.anyone().get("/api/v1/healthcheck").await.is(200);
    person.publishes(&clips::small(), &[("title", "Sound")]).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn noise_in_a_video_never_makes_the_server_stumble() {
    let site = kit::site().await;
    let mallory = site.person("mallory").await;
    let whole = clips::small().bytes();
    let index_at = whole.windows(4).position(|kind| kind == b"moov").unwrap();
    let mut seed = 7_u64;
    let mut next = move |below: usize| {
        seed = seed
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        usize::try_from(seed >> 33).unwrap() % below
    };
    let mut taken = Vec::new();
    for round in 0..20 {
        let mut bytes = whole.clone();
        // Half of the rounds in the index alone, where a bit means most.
        let from = if round % 2 == 0 { index_at } else { 0 };
        for _ in 0..(1 << (round / 3)) {
            let at = from + next(bytes.len() - from);
            bytes[at] ^= 1 << next(8);
        }
        let answer = uploads(&mallory, "noise.mp4", &bytes).await;
        assert!(
            [201, 415, 422].contains(&answer.status),
            "round {round}: {}",
            answer.json
        );
        if answer.status == 201 {
            taken.push((round, answer.text_at("/data/_id")));
        }
    }
    for (round, id) in &taken {
        let status = ends(&mallory, id).await;
        assert!(
            ["ready", "rejected", "failed"].contains(&status.as_str()),
            "round {round}: {status}"
        );
        for path in [
            format!("{VIDEOS}/{id}"),
            format!("{VIDEOS}/{id}/playback"),
            format!("{VIDEOS}/{id}/stream"),
            format!("/media/{id}/master.m3u8"),
            format!("/media/{id}/180p.mp4"),
        ] {
            let answer = site.anyone().get(&path).await;
            assert!(answer.status < 500, "round {round}: {} at {path}", answer.status);
            assert_eq!(
                answer.status == 200,
                status == "ready",
                "round {round}: {} at {path}",
                answer.status
            );
        }
    }
    is_well(&site, &mallory).await;
}
