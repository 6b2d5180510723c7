//! Files that want to be read as something else, or never to end.

use std::ffi::OsString;
use std::path::{Path, PathBuf};

use streamsphere_media::probe::{MediaLimits, ProbeError, admit, probe};
use streamsphere_media::runner::{Limits, run, run_confined};
use streamsphere_media::sniff::Container;
use tokio_util::sync::CancellationToken;

use crate::kit::{bare_tools, clip, ffmpeg, folder, index, probed, sniffed, source, tools};
use crate::ladder_kit::{Laddered, small};

/// Texts that make a player open the file at `bait`.
fn references(bait: &Path) -> Vec<String> {
    let path = bait.display().to_string();
    let name = bait.file_name().unwrap().to_str().unwrap().to_owned();
    let spelled = [
        path.clone(),
        format!("file:{path}"),
        format!("file://{path}"),
        name,
        format!("subfile,,start,0,end,0,,:{path}"),
    ];
    let hls = |head: &str, uri: &str| format!("#EXTM3U\n{head}#EXTINF:5,\n{uri}\n#EXT-X-ENDLIST\n");
    let mut texts = Vec::new();
    for uri in &spelled {
        texts.push(hls("#EXT-X-TARGETDURATION:5\n", uri));
        texts.push(hls(
            &format!("#EXT-X-TARGETDURATION:5\n#EXT-X-MAP:URI=\"{uri}\"\n"),
            uri,
        ));
        texts.push(format!("#EXTM3U\n#EXT-X-STREAM-INF:BANDWIDTH=1\n{uri}\n"));
        texts.push(format!("ffconcat version 1.0\nfile '{uri}'\n"));
        texts.push(format!("file '{uri}'\n"));
        texts.push(format!(
            "<?xml version=\"1.0\"?><MPD xmlns=\"urn:mpeg:dash:schema:mpd:2011\" type=\"static\" \
             mediaPresentationDuration=\"PT5S\"><Period><AdaptationSet mimeType=\"video/mp4\"><Representation id=\"1\" \
             bandwidth=\"1\"><BaseURL>{uri}</BaseURL></Representation></AdaptationSet></Period></MPD>"
        ));
        texts.push(format!(
            "#EXTM3U\n#EXT-X-TARGETDURATION:5\n#EXTINF:5,\nconcat:{uri}|{uri}\n#EXT-X-ENDLIST\n"
        ));
    }
    for text in [
        "v=0\no=- 0 0 IN IP4 127.0.0.1\ns=x\nc=IN IP4 127.0.0.1\nt=0 0\nm=video 5004 RTP/AVP 96\na=rtpmap:96 H264/90000\n".to_owned(),
        format!("# VobSub index file, v7 (do not modify this line!)\nid: en, index: 0\ntimestamp: 00:00:00:000, filepos: 000000000\n{path}"),
        format!("[playlist]\nFile1={path}\nNumberOfEntries=1\n"),
        format!("<asx version=\"3.0\"><entry><ref href=\"{path}\"/></entry></asx>"),
        format!("[InternetShortcut]\nURL=file://{path}\n"),
        format!("AVISource(\"{path}\")\n"),
    ] {
        texts.push(text);
    }
    texts
}

fn bait(folder: &Path) -> PathBuf {
    clip(
        folder,
        "bait.ts",
        "-f lavfi -i testsrc2=s=64x64:r=25:d=1 -c:v mpeg2video",
    )
}

fn write(folder: &Path, name: &str, text: &str) -> PathBuf {
    let path = folder.join(name);
    std::fs::write(&path, text).unwrap();
    path
}

#[tokio::test]
async fn the_allow_list_alone_refuses_every_disguise() {
    let folder = folder();
    let texts = references(&bait(folder.path()));
    assert!(texts.len() >= 40, "{}", texts.len());
    for text in &texts {
        let path = write(folder.path(), "x.mp4", text);
        assert_eq!(sniffed(&path), None, "{text}");
        // Even if the sniff were fooled, the demuxer it names reads no references.
        for container in [Container::Mp4, Container::MpegTs] {
            let answer = probe(&bare_tools(), &path, container, &CancellationToken::new()).await;
            assert!(
                matches!(answer, Err(ProbeError::Unreadable { .. })),
                "{container:?}: {text}"
            );
        }
    }
}

#[tokio::test]
async fn the_sandbox_alone_keeps_the_bait_out_of_every_disguise() {
    let folder = folder();
    let texts = references(&bait(folder.path()));
    for text in &texts {
        let path = write(folder.path(), "x.mp4", text);
        let out = crate::kit::folder();
        let output = out.path().join("o.mp4");
        let words = [
            "-nostdin",
            "-v",
            "error",
            "-i",
            path.to_str().unwrap(),
            output.to_str().unwrap(),
        ];
        let words = words.map(OsString::from).to_vec();
        let tools = tools();
        let ended = run_confined(
            &tools,
            &tools.ffmpeg,
            words,
            &[path],
            Some(out.path()),
            &Limits::short(),
        )
        .await;
        assert_ne!(ended.unwrap().0, Some(0), "{text}");
        assert_eq!(
            std::fs::metadata(&output).map_or(0, |file| file.len()),
            0,
            "{text}"
        );
    }
}

/// The control: with neither layer, a playlist named like a video hands over someone else's file.
#[test]
fn without_both_layers_the_bait_is_taken() {
    let folder = folder();
    let texts = references(&bait(folder.path()));
    let taken = texts.iter().filter(|text| {
        let path = write(folder.path(), "x.mp4", text);
        let output = folder.path().join("o.mp4");
        let _ = std::fs::remove_file(&output);
        let _ = ffmpeg(["-i", path.to_str().unwrap(), output.to_str().unwrap()]);
        std::fs::metadata(&output).is_ok_and(|file| file.len() > 1000)
    });
    assert!(taken.count() >= 1, "the bait works");
}

#[tokio::test]
async fn a_gap_between_two_frames_does_not_make_half_a_million() {
    let folder = folder();
    let bomb = clip(
        folder.path(),
        "gap.mp4",
        "-f lavfi -i testsrc2=s=320x180:r=25:d=0.12 -vf setpts=N*6000/TB -fps_mode vfr -c:v libx264 -pix_fmt yuv444p",
    );
    let mut made = Laddered::planned(&bomb, &small()).await;
    assert_eq!(
        admit(&made.probe, &MediaLimits::default()).unwrap_err().code,
        "too_few_frames"
    );
    // Were it let in, it would still cost next to nothing.
    made.cuts(&small()).await;
    let (mut bytes, mut fragments) = (0, 0);
    let steps = made.parts().await;
    for step in &steps {
        let limits = Limits {
            cpu_s: 20,
            ..Limits::short()
        };
        run(
            &tools(),
            &step.invocation,
            &limits,
            |_| (),
            &CancellationToken::new(),
        )
        .await
        .unwrap();
        for path in step.output_paths(step.invocation.writes().unwrap()) {
            bytes += std::fs::metadata(&path).unwrap().len();
            fragments += index(&path).fragments.len();
        }
    }
    assert_eq!(made.names(), ["180p", "90p", "60p"]);
    assert!(bytes < 200_000, "{bytes} bytes");
    assert!(
        fragments <= 3 * made.names().len() && steps.len() <= 6,
        "{fragments} fragments of {} calls",
        steps.len()
    );
}

#[tokio::test]
async fn too_many_pixels_or_streams_do_not_get_past_the_probe() {
    let folder = folder();
    let huge = clip(
        folder.path(),
        "huge.mp4",
        "-f lavfi -i color=s=8000x5000:r=1:d=1 -c:v libx264 -preset ultrafast -pix_fmt yuv420p",
    );
    let fate = probed(&huge)
        .await
        .map(|probe| admit(&probe, &MediaLimits::default()).is_err());
    assert!(
        matches!(fate, Ok(true) | Err(ProbeError::Unreadable { .. })),
        "{fate:?}"
    );
    let many = format!(
        "{} {} -c:v mpeg4 -c:a aac",
        source("64x64", 5, 1),
        "-map 1:a ".repeat(40)
    );
    let many = clip(folder.path(), "many.mkv", &many);
    let fate = probed(&many)
        .await
        .map(|probe| admit(&probe, &MediaLimits::default()).is_err());
    assert!(
        matches!(fate, Ok(true) | Err(ProbeError::Unreadable { .. })),
        "{fate:?}"
    );
}

#[tokio::test]
async fn a_decoder_that_is_not_on_the_list_is_not_run() {
    let folder = folder();
    for codec in ["magicyuv", "ffv1", "utvideo"] {
        let clip = clip(
            folder.path(),
            &format!("{codec}.mkv"),
            &format!("-f lavfi -i testsrc2=s=64x64:d=1 -pix_fmt yuv420p -c:v {codec}"),
        );
        let fate = probed(&clip).await;
        assert!(
            matches!(fate, Err(ProbeError::Unreadable { .. })),
            "{codec} {fate:?}"
        );
    }
}

#[tokio::test]
async fn noise_in_a_real_file_ends_in_an_answer() {
    let folder = folder();
    let sound = clip(
        folder.path(),
        "a.mp4",
        &format!("{} -c:v mpeg4 -c:a aac", source("64x64", 10, 1)),
    );
    let whole = std::fs::read(&sound).unwrap();
    let mut seed = 11_u64;
    for round in 0..12 {
        let mut bytes = whole.clone();
        for _ in 0..(1 << round) {
            seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
            let at = 32 + (seed >> 33) as usize % (bytes.len() - 32);
            bytes[at] = (seed >> 24) as u8;
        }
        std::fs::write(&sound, bytes).unwrap();
        match probed(&sound).await {
            Ok(_) | Err(ProbeError::Unreadable { .. }) => {}
            Err(ProbeError::Run(error)) => panic!("{error}"),
        }
    }
}
