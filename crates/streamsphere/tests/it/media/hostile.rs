//! Files that want to be read as something else, names that want to be arguments, and files that want
//! to cost more than they are worth. All of them through the front door.

use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use reqwest::Method;

use crate::kit::clips::{self, Clip, made};
use crate::kit::wire;
use crate::kit::{self, Answer, Person, Site};

const VIDEOS: &str = "/api/v1/videos";

/// Text that nobody but its owner may ever see.
const CANARY: &str = "canary-7f3a9c51-nobody-may-see-this";

async fn uploads(person: &Person<'_>, file_name: &str, bytes: &[u8]) -> Answer {
    let form = wire::form(&[
        wire::text("title", "A clip"),
        wire::text("allowDuplicate", "true"),
        wire::file("videoFile", file_name, bytes),
    ]);
    let request = person
        .request(Method::POST, VIDEOS)
        .header("content-type", wire::form_type());
    kit::answer(request.body(form)).await
}

/// All files below a folder.
fn files(folder: &Path) -> Vec<PathBuf> {
    let Ok(entries) = std::fs::read_dir(folder) else {
        return Vec::new();
    };
    entries
        .flat_map(|entry| {
            let path = entry.unwrap().path();
            if path.is_dir() { files(&path) } else { vec![path] }
        })
        .collect()
}

fn holds(bytes: &[u8], needle: &[u8]) -> bool {
    bytes.windows(needle.len()).any(|window| window == needle)
}

/// Waits until a video is not being processed any more; answers its status.
async fn ends(person: &Person<'_>, id: &str) -> String {
    let path = format!("{VIDEOS}/{id}");
    // A damaged file may be copied, then encoded, before it is given up.
    let deadline = Instant::now() + Duration::from_secs(90);
    loop {
        let status = person.get(&path).await.is(200).text_at("/data/status");
        if status != "processing" {
            return status;
        }
        assert!(Instant::now() < deadline, "{id} is still being processed");
        tokio::time::sleep(Duration::from_millis(30)).await;
    }
}

/// Every byte that anyone is served of a video.
async fn served(person: &Person<'_>, id: &str) -> Vec<u8> {
    let mut all = Vec::new();
    for path in [
        format!("{VIDEOS}/{id}"),
        format!("{VIDEOS}/{id}/status"),
        format!("{VIDEOS}/{id}/playback"),
        format!("{VIDEOS}/{id}/stream"),
        format!("/media/{id}/source.mp4"),
        format!("/media/{id}/source.mov"),
        format!("/media/{id}/source.mkv"),
        format!("/media/{id}/progressive.mp4"),
        format!("/media/{id}/180p.mp4"),
        format!("/media/{id}/audio.mp4"),
        format!("/media/{id}/180p.m3u8"),
        format!("/media/{id}/master.m3u8"),
    ] {
        all.extend(person.get(&path).await.bytes);
    }
    let video = person.get(&format!("{VIDEOS}/{id}")).await;
    if let Some(thumbnail) = video.json["data"]["thumbnail"].as_str() {
        all.extend(person.get(thumbnail).await.bytes);
    }
    all
}

/// The beginnings of files that are let in, to be followed by something else.
fn disguises() -> Vec<(&'static str, Vec<u8>)> {
    let boxed = |kind: &[u8; 4], content: &[u8]| {
        let mut bytes = u32::try_from(content.len() + 8).unwrap().to_be_bytes().to_vec();
        bytes.extend_from_slice(kind);
        bytes.extend_from_slice(content);
        bytes
    };
    let ftyp = boxed(b"ftyp", b"isom\0\0\x02\0isomiso2mp41");
    let mut packets = vec![0xff_u8; 188 * 4];
    packets.iter_mut().step_by(188).for_each(|byte| *byte = 0x47);
    vec![
        ("nothing", Vec::new()),
        ("an MP4 head", ftyp.clone()),
        (
            "an MP4 head and free space",
            [ftyp.clone(), boxed(b"free", &[0; 64])].concat(),
        ),
        ("an open mdat", [ftyp, b"\0\0\0\0mdat".to_vec()].concat()),
        ("a QuickTime head", boxed(b"wide", b"")),
        ("a WebM head", b"\x1a\x45\xdf\xa3\x87\x42\x82\x84webm".to_vec()),
        ("an AVI head", b"RIFF\xff\xff\0\0AVI ".to_vec()),
        ("a Flash head", b"FLV\x01\x05\0\0\0\x09\0\0\0\0".to_vec()),
        ("an Ogg head", b"OggS\0\x02".to_vec()),
        ("transport packets", packets),
        ("a byte order mark", b"\xef\xbb\xbf".to_vec()),
    ]
}

/// Texts that make a player open `bait`.
fn references(bait: &Path) -> Vec<String> {
    let path = bait.display().to_string();
    let hls = |uri: &str| format!("#EXTM3U\n#EXT-X-TARGETDURATION:5\n#EXTINF:5,\n{uri}\n#EXT-X-ENDLIST\n");
    let mut texts: Vec<String> = [
        path.clone(),
        format!("file:{path}"),
        format!("file://{path}"),
        format!("FILE:{path}"),
        format!("concat:{path}|{path}"),
        format!("concatf:{path}"),
        format!("subfile,,start,0,end,0,,:{path}"),
        format!("cache:{path}"),
        format!("async:{path}"),
        format!("crypto:{path}"),
        format!("../../../../../../../..{path}"),
        "/proc/self/environ".to_owned(),
        "data:video/mp4;base64,AAAAIGZ0eXA=".to_owned(),
        "http://127.0.0.1:1/x.ts".to_owned(),
        "pipe:0".to_owned(),
    ]
    .iter()
    .map(|uri| hls(uri))
    .collect();
    texts.extend([
        format!("#EXTM3U\n#EXT-X-MAP:URI=\"{path}\"\n#EXT-X-TARGETDURATION:5\n#EXTINF:5,\n{path}\n#EXT-X-ENDLIST\n"),
        format!("#EXTM3U\n#EXT-X-TARGETDURATION:5\n#EXT-X-KEY:METHOD=AES-128,URI=\"{path}\"\n#EXTINF:5,\n{path}\n"),
        format!("#EXTM3U\n#EXT-X-STREAM-INF:BANDWIDTH=1\n{path}\n"),
        format!("ffconcat version 1.0\nfile '{path}'\n"),
        format!("ffconcat version 1.0\nfile {path}\nduration 5\ninpoint 0\n"),
        format!("file '{path}'\n"),
        format!(
            "<?xml version=\"1.0\"?><MPD xmlns=\"urn:mpeg:dash:schema:mpd:2011\" type=\"static\" \
             mediaPresentationDuration=\"PT5S\"><Period><AdaptationSet mimeType=\"video/mp4\"><Representation id=\"1\" \
             bandwidth=\"1\"><BaseURL>{path}</BaseURL></Representation></AdaptationSet></Period></MPD>"
        ),
        "v=0\no=- 0 0 IN IP4 127.0.0.1\ns=x\nc=IN IP4 127.0.0.1\nt=0 0\nm=video 5004 RTP/AVP 96\na=rtpmap:96 H264/90000\n"
            .to_owned(),
        format!("# VobSub index file, v7 (do not modify this line!)\nid: en, index: 0\ntimestamp: 00:00:00:000, filepos: 0\n{path}"),
        format!("[playlist]\nFile1={path}\nNumberOfEntries=1\n"),
        format!("<asx version=\"3.0\"><entry><ref href=\"{path}\"/></entry></asx>"),
        format!("<svg xmlns:xlink='http://www.w3.org/1999/xlink'><image xlink:href='file://{path}'/></svg>"),
        format!("<!DOCTYPE x [<!ENTITY e SYSTEM \"file://{path}\">]><x>&e;</x>"),
        format!("AVISource(\"{path}\")\n"),
        format!("rtsptextrtsp://127.0.0.1{path}\n"),
        format!("{{\"ImageDescription\":\"{path}\"}}"),
    ]);
    texts
}

#[tokio::test(flavor = "multi_thread")]
async fn no_disguise_makes_the_server_open_another_file() {
    let site = kit::site().await;
    let (asha, mallory) = (site.person("asha").await, site.person("mallory").await);
    // Someone's private video, and a text beside it; both are readable by the server.
    let private = asha
        .publishes(&clips::small(), &[("visibility", "private")])
        .await;
    let folder = site.objects().join("videos").join(&private);
    let bait = folder.join("source.mp4");
    let text = folder.join("canary.ts");
    std::fs::write(&text, CANARY.repeat(50)).unwrap();
    let before = files(&site.objects());

    let (texts, heads) = (references(&bait), disguises());
    assert!(texts.len() >= 30 && bait.exists());
    let mut refused = 0;
    for (number, reference) in texts.iter().enumerate() {
        let canary = reference.replace(&bait.display().to_string(), &text.display().to_string());
        for (kind, head) in heads.iter().enumerate() {
            // Every text bare, and each in a few of the disguises; every disguise with many texts.
            if kind != 0 && (number + kind) % 4 != 0 {
                continue;
            }
            for reference in [reference, &canary] {
                let bytes = [head.1.as_slice(), reference.as_bytes()].concat();
                let answer = uploads(&mallory, "clip.mp4", &bytes).await;
                assert!(
                    [415, 422].contains(&answer.status),
                    "{} for {} with {reference}",
                    answer.status,
                    head.0
                );
                assert!(!holds(&answer.bytes, CANARY.as_bytes()));
                let said = String::from_utf8_lossy(&answer.bytes);
                assert!(!said.contains(&private) && !said.contains("ffprobe"), "{said}");
                refused += 1;
            }
        }
    }
    assert!(refused >= 150, "{refused}");
    let mine = mallory
        .get(&format!("{VIDEOS}?userId={}", mallory.id))
        .await
        .is(200);
    assert_eq!(mine.at("/data/totalDocs"), 0);
    assert_eq!(files(&site.objects()), before, "nothing was made");
    kit::until("nothing is left of the attempts", async || {
        files(&site.data().join("tmp")).is_empty()
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_reference_inside_a_real_video_is_not_followed() {
    let site = kit::site().await;
    let (asha, mallory) = (site.person("asha").await, site.person("mallory").await);
    let private = asha
        .publishes(&clips::small(), &[("visibility", "private")])
        .await;
    let bait = site.objects().join("videos").join(&private).join("canary.ts");
    std::fs::write(&bait, CANARY.repeat(50)).unwrap();
    let path = bait.display().to_string();

    let whole = clips::small().bytes();
    let mut outside = whole.clone();
    // The tracks say that their media lies in another file.
    let found: Vec<usize> = (0..outside.len() - 8)
        .filter(|at| &outside[*at..*at + 8] == b"url \0\0\0\x01")
        .collect();
    assert!(!found.is_empty());
    for at in found {
        outside[at..at + 8].copy_from_slice(b"alis\0\0\0\0");
    }
    let mut with_text = whole.clone();
    with_text.extend_from_slice(&[0, 0, 0, 0]);
    with_text.extend_from_slice(b"mdat");
    with_text.extend_from_slice(format!("#EXTM3U\n#EXTINF:1,\n{path}\n").as_bytes());
    let mut in_front = format!("#EXTM3U\n#EXTINF:1,\n{path}\n").into_bytes();
    in_front.extend_from_slice(&whole);
    let quicktime_reference = {
        let alias = [b"url \0\0\0\0".as_slice(), path.as_bytes()].concat();
        let boxed = |kind: &[u8; 4], content: &[u8]| {
            [
                u32::try_from(content.len() + 8).unwrap().to_be_bytes().as_slice(),
                kind,
                content,
            ]
            .concat()
        };
        boxed(b"moov", &boxed(b"rmra", &boxed(b"rmda", &boxed(b"rdrf", &alias))))
    };
    for (name, bytes) in [
        ("tracks elsewhere", outside),
        ("a playlist behind", with_text),
        ("a playlist in front", in_front),
        ("a reference movie", quicktime_reference),
    ] {
        let answer = uploads(&mallory, "clip.mp4", &bytes).await;
        assert!(
            [201, 415, 422].contains(&answer.status),
            "{name}: {}",
            answer.json
        );
        if answer.status == 201 {
            let id = answer.text_at("/data/_id");
            let status = ends(&mallory, &id).await;
            assert!(
                ["ready", "rejected"].contains(&status.as_str()),
                "{name}: {status}"
            );
            for person in [&mallory, &site.anyone()] {
                assert!(!holds(&served(person, &id).await, CANARY.as_bytes()), "{name}");
            }
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_file_is_called_is_only_ever_shown() {
    let site = kit::site().await;
    let mallory = site.person("mallory").await;
    let bytes = clips::small().bytes();
    let long = format!("{}.mp4", "n".repeat(300));
    let marker = site.folder.path().join("marker");
    let run = format!("$(touch {})", marker.display());
    let mut ids = Vec::new();
    for name in [
        "-i",
        "-i /etc/passwd",
        "--help",
        "-filter_complex",
        "$(id)",
        &run,
        "`id`",
        "; id",
        "| id",
        "../../x",
        "../../../../../../tmp/x.mp4",
        "/etc/passwd",
        "..",
        ".",
        "",
        "a%03d.mp4",
        "%s%n%p",
        "concat:a|b",
        "file:/etc/passwd",
        "http://127.0.0.1/x.mp4",
        "a\tb.mp4",
        "CON",
        "x.mp4;.php",
        "x.php",
        "<script>alert(1)</script>.mp4",
        "\u{202e}4pm.exe",
        "名前.mp4",
        &long,
    ] {
        let answer = uploads(&mallory, name, &bytes).await;
        // Without a name, the part may count as none of a file; it is not taken for anything else.
        if name.is_empty() && answer.status == 400 {
            continue;
        }
        assert_eq!(answer.status, 201, "{name:?}: {}", answer.json);
        ids.push((name, answer.text_at("/data/_id")));
    }
    // A line break ends the line of the name; an empty line begins the content early.
    for name in [
        "a\nb.mp4",
        "a\r\nX-Injected: 1\r\n\r\nb.mp4",
        "a\0b.mp4",
        "a\"b.mp4",
        "a\\\"b.mp4",
    ] {
        let answer = uploads(&mallory, name, &bytes).await;
        assert!(
            [201, 400, 415].contains(&answer.status),
            "{name:?}: {}",
            answer.json
        );
        if answer.status == 201 {
            ids.push((name, answer.text_at("/data/_id")));
        }
    }
    for (name, id) in &ids {
        let row = store::videos::find(&mut site.server.app.core.store.read(), id.parse().unwrap())
            .await
            .unwrap()
            .unwrap();
        assert!(row.source_name.chars().count() <= 255, "{name:?}");
        assert!(!row.source_name.chars().any(char::is_control), "{name:?}");
        assert_eq!(
            row.source_key.as_deref(),
            Some(format!("videos/{id}/source.mp4").as_str())
        );
        let status = ends(&mallory, id).await;
        assert_eq!(status, "ready", "{name:?}");
    }
    assert!(!marker.exists(), "nothing was run");
    let ours = |byte: u8| byte.is_ascii_alphanumeric() || b"-_.".contains(&byte);
    for file in files(&site.objects()) {
        let name = file.file_name().unwrap().to_str().unwrap().to_owned();
        assert!(name.bytes().all(ours), "{name}");
    }
}

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
