//! Files that want to be read as something else, and to have another file read with them.

use std::path::Path;

use super::{VIDEOS, ends, uploads};
use crate::kit::{self, Person, clips};

/// Text that nobody but its owner may ever see.
const CANARY: &str = "canary-7f3a9c51-nobody-may-see-this";

fn holds(bytes: &[u8], needle: &[u8]) -> bool {
    bytes.windows(needle.len()).any(|window| window == needle)
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
    let before = kit::files(&site.objects());

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
    assert_eq!(kit::files(&site.objects()), before, "nothing was made");
    kit::until("nothing is left of the attempts", async || {
        kit::files(&site.data().join("tmp")).is_empty()
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
