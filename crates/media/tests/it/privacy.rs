//! Where a video was taken does not reach the public.

use std::fs::{File, OpenOptions};
use std::path::{Path, PathBuf};

use streamsphere_media::mp4::{Mp4Error, Scrub, scrub_location};

use crate::kit::{H264_AAC, asked, clip, folder, holds, plays, source};
use crate::ladder_kit::{Laddered, small};

/// Coordinates as phones write them.
const PLACE: &str = "+27.1751+078.0421/";

fn open(path: &Path) -> File {
    OpenOptions::new().read(true).write(true).open(path).unwrap()
}

fn scrubbed(path: &Path) -> Scrub {
    scrub_location(&open(path)).unwrap()
}

#[test]
fn an_android_location_is_gone_and_the_file_plays_as_before() {
    let folder = folder();
    let words = format!(
        "{} {H264_AAC} -metadata location={PLACE}",
        source("160x90", 25, 2)
    );
    for (name, extra) in [
        ("a.mp4", ""),
        ("front.mp4", " -movflags +faststart"),
        ("a.mov", ""),
    ] {
        let path = clip(folder.path(), name, &format!("{words}{extra}"));
        // MP4 has a box of numbers, QuickTime one of text.
        let place = if name == "a.mov" {
            PLACE.as_bytes()
        } else {
            b"loci"
        };
        assert!(holds(&path, place), "{name}: the fixture has a location");
        let before = std::fs::read(&path).unwrap();
        let report = scrubbed(&path);
        assert!(report.changed && report.is_clean(), "{name} {report:?}");
        assert_eq!(report.faststart, name == "front.mp4");
        assert!(!holds(&path, place), "{name}");
        assert_eq!(std::fs::metadata(&path).unwrap().len(), before.len() as u64);
        plays(&path);
        assert!(!asked(&path, "format_tags").contains("27.1751"));
        assert!(!scrubbed(&path).changed, "a second time changes nothing");
    }
}

#[test]
fn an_apple_location_key_is_gone() {
    let folder = folder();
    let path = clip(
        folder.path(),
        "apple.mov",
        &format!(
            "{} {H264_AAC} -movflags use_metadata_tags -metadata com.apple.quicktime.location.ISO6709={PLACE} \
             -metadata com.apple.quicktime.software=17.0",
            source("160x90", 25, 2)
        ),
    );
    assert!(holds(&path, PLACE.as_bytes()));
    assert!(scrubbed(&path).changed);
    assert!(!holds(&path, PLACE.as_bytes()));
    plays(&path);
    assert!(
        asked(&path, "format_tags").contains("17.0"),
        "the harmless neighbour stays"
    );
}

#[test]
fn what_follows_the_media_and_what_is_unknown_is_seen() {
    let folder = folder();
    let path = clip(
        folder.path(),
        "a.mp4",
        &format!("{} {H264_AAC}", source("160x90", 25, 1)),
    );
    let plain = std::fs::read(&path).unwrap();
    let with = |kind: &[u8; 4], content: &[u8]| {
        let mut bytes = plain.clone();
        bytes.extend((content.len() as u32 + 8).to_be_bytes());
        bytes.extend(kind);
        bytes.extend(content);
        std::fs::write(&path, bytes).unwrap();
        scrubbed(&path)
    };
    let xmp = b"\xbe\x7a\xcf\xcb\x97\xa9\x42\xe8\x9c\x71\x99\x94\x91\xe3\xaf\xac<exif:GPSLatitude>27</>";
    assert!(with(b"uuid", xmp).changed);
    assert!(!holds(&path, b"GPSLatitude"));
    assert!(
        with(b"free", b"freeGPS 27.1751").changed,
        "dash cameras hide positions in filler"
    );
    assert!(!holds(&path, b"27.1751"));
    assert!(
        !with(b"inst", b"27.1751").is_clean(),
        "an unknown box is not for the public"
    );
    plays(&path);
}

#[test]
fn a_data_track_keeps_the_original_from_the_public() {
    let folder = folder();
    let subtitles = folder.path().join("a.srt");
    std::fs::write(&subtitles, "1\n00:00:00,100 --> 00:00:00,900\nhere\n").unwrap();
    let path = clip(
        folder.path(),
        "a.mp4",
        &format!(
            "-i {} {} {H264_AAC} -c:s mov_text",
            subtitles.display(),
            source("160x90", 25, 1)
        ),
    );
    assert!(!scrubbed(&path).is_clean());
}

#[tokio::test]
async fn what_a_source_tells_about_its_maker_is_in_none_of_the_files() {
    let folder = folder();
    let path = clip(
        folder.path(),
        "a.mp4",
        &format!(
            "{} {H264_AAC} -movflags use_metadata_tags -metadata location={PLACE} -metadata title=secretword \
             -metadata comment=secretword -metadata:s:v handler_name=secretword -metadata:s:a title=secretword",
            source("160x90", 25, 3)
        ),
    );
    let traces = [PLACE.as_bytes(), b"27.1751", b"secretword", b"loci", b"Lavf"];
    assert!(holds(&path, b"secretword") && holds(&path, b"27.1751"));
    let made = Laddered::planned(&path, &small()).await;
    made.encodes().await;
    let encoded = made.piece("60p");
    let mut files = vec![(made.sound(), "sound"), (encoded.clone(), "encoded")];
    let copy = made.remuxes().await;
    files.extend([(copy.clone(), "copied"), (made.sound(), "sound beside the copy")]);
    let check = |(file, what): &(PathBuf, &str)| {
        for trace in traces {
            assert!(!holds(file, trace), "{what}: {}", String::from_utf8_lossy(trace));
        }
    };
    files.iter().for_each(check);
    for picture in [copy, encoded] {
        check(&(made.joined(&picture).await, "joined"));
    }
}

#[test]
fn what_is_no_mp4_is_an_error_and_stays_untouched() {
    let folder = folder();
    let path = folder.path().join("x");
    for bytes in [
        b"".as_slice(),
        b"short",
        b"\0\0\0\x08free",
        b"\0\0\xff\xffmoov",
        b"\0\0\0\x03moov\0\0",
    ] {
        std::fs::write(&path, bytes).unwrap();
        let refused = scrub_location(&open(&path));
        assert!(
            matches!(refused, Err(Mp4Error::Damaged(_) | Mp4Error::Missing(_))),
            "{bytes:?}"
        );
        assert_eq!(std::fs::read(&path).unwrap(), bytes);
    }
}
