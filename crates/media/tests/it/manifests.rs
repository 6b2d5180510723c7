//! Manifests of real files: what schemas and players say about them, and that a playlist that grows ends
//! as the one that was promised.

use std::fs::File;
use std::path::{Path, PathBuf};

use streamsphere_media::dash;
use streamsphere_media::hls;
use streamsphere_media::mp4::{Part, SegmentIndex, codec_string, join, segment_index};
use streamsphere_media::probe::FrameRate;

use crate::join::{constant_rate, encode, part, x264};
use crate::kit::{clip, ffmpeg, folder, near, span};

const FRAGMENTED: &str = "-map_metadata -1 -fflags +bitexact -flags:v +bitexact -movflags \
     +delay_moov+default_base_moof+frag_discont+global_sidx";
const H264: &str = "-c:v libx264 -preset veryfast -bf 2 -g 600 -sc_threshold 0 -pix_fmt yuv420p";

/// A rendition on disk.
struct Rendition {
    name: &'static str,
    codec: String,
    index: SegmentIndex,
}

fn rendition(folder: &Path, name: &'static str) -> Rendition {
    let file = File::open(folder.join(format!("{name}.mp4"))).unwrap();
    Rendition {
        name,
        codec: codec_string(&file).unwrap().unwrap(),
        index: segment_index(&file).unwrap(),
    }
}

fn picture(folder: &Path, name: &'static str, size: &str, encoder: &str, keyframes: &str) -> Rendition {
    clip(
        folder,
        &format!("{name}.mp4"),
        &format!(
            "-f lavfi -i testsrc2=s={size}:r=30000/1001:d=13 {encoder} -force_key_frames {keyframes} \
             {FRAGMENTED}+frag_keyframe"
        ),
    );
    rendition(folder, name)
}

fn sound(folder: &Path) -> Rendition {
    clip(
        folder,
        "audio.mp4",
        &format!(
            "-f lavfi -i sine=f=440:r=48000:d=13 -ac 2 -c:a aac -bsf:a noise=drop=lt(pts\\,0) {FRAGMENTED} \
             -frag_duration 2000000"
        ),
    );
    rendition(folder, "audio")
}

const GRID: &str = "0,2,4,6,8,10,12";

fn dash_video<'a>(rendition: &'a Rendition, uri: &'a str, height: u32) -> dash::Video<'a> {
    dash::Video {
        id: rendition.name,
        uri,
        index: &rendition.index,
        codec: &rendition.codec,
        peak_bps: hls::bandwidth(&rendition.index).peak_bps,
        width: height * 16 / 9,
        height,
        frame_rate: Some(FrameRate {
            num: 30_000,
            den: 1001,
        }),
    }
}

fn dash_audio<'a>(rendition: &'a Rendition, language: Option<&'a str>) -> dash::Audio<'a> {
    dash::Audio {
        id: rendition.name,
        uri: "audio.mp4",
        index: &rendition.index,
        codec: &rendition.codec,
        peak_bps: hls::bandwidth(&rendition.index).peak_bps,
        language,
        channels: Some(2),
        sample_rate: Some(48_000),
    }
}

/// What `xmllint` has to say about a document; `None` where there is no such program outside of CI.
#[expect(clippy::disallowed_types, reason = "tests ask xmllint themselves")]
fn invalid(document: &Path, schema: &Path) -> Option<String> {
    let output = std::process::Command::new("xmllint")
        .args(["--noout", "--nonet", "--schema"])
        .args([schema, document])
        .output();
    match output {
        Ok(output) if output.status.success() => Some(String::new()),
        Ok(output) => Some(String::from_utf8_lossy(&output.stderr).into_owned()),
        Err(_) => {
            assert!(std::env::var_os("CI").is_none(), "CI needs xmllint");
            None
        }
    }
}

/// Holds a manifest against our subset of the schema, and against the standard's where a copy is at hand.
fn is_valid(folder: &Path, text: &str) {
    let document = folder.join("checked.mpd");
    std::fs::write(&document, text).unwrap();
    let own = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/it/dash-subset.xsd");
    let given = std::env::var_os("DASH_MPD_XSD").map(PathBuf::from);
    for schema in [Some(own), given].into_iter().flatten() {
        if let Some(said) = invalid(&document, &schema) {
            assert!(said.is_empty(), "{said}\n{text}");
        }
    }
}

#[test]
fn a_dash_manifest_of_a_ladder_is_valid_and_says_where_everything_is() {
    let folder = folder();
    let low = picture(folder.path(), "180p", "320x180", H264, GRID);
    let high = picture(folder.path(), "360p", "640x360", H264, GRID);
    let vp9 = picture(
        folder.path(),
        "360p-vp9",
        "640x360",
        "-c:v libvpx-vp9 -deadline realtime -cpu-used 8 -b:v 400k -g 600",
        GRID,
    );
    let audio = sound(folder.path());
    let text = dash::manifest(&dash::Manifest {
        duration_ms: 13_013,
        video: vec![
            dash_video(&vp9, "360p-vp9.mp4?v=1&k=\"2\"", 360),
            dash_video(&high, "360p.mp4", 360),
            dash_video(&low, "180p.mp4", 180),
        ],
        audio: vec![dash_audio(&audio, Some("no such language"))],
        text: vec![dash::Text {
            id: "captions-hi",
            uri: "captions/hi.vtt",
            language: Some("hi-Deva"),
            name: "हिन्दी <CC> & \"more\"",
        }],
    });
    is_valid(folder.path(), &text);
    let position = |needle: &str| text.find(needle).unwrap_or_else(|| panic!("{needle} in {text}"));
    assert!(
        position("avc1.") < position("vp09."),
        "what every player decodes comes first"
    );
    assert!(position("\"180p\"") < position("\"360p\""));
    let sidx = high.index.sidx.unwrap();
    position(&format!("indexRange=\"{}-{}\"", sidx.offset, sidx.end() - 1));
    position(&format!(
        "<Initialization range=\"0-{}\"/>",
        high.index.init.end() - 1
    ));
    for needle in [
        "mediaPresentationDuration=\"PT13.013S\"",
        "frameRate=\"30000/1001\"",
        "sar=\"1:1\"",
        "subsegmentAlignment=\"true\"",
        "lang=\"hi-Deva\"",
        "audioSamplingRate=\"48000\"",
        "audio_channel_configuration:2011\" value=\"2\"",
        "<BaseURL>360p-vp9.mp4?v=1&amp;k=&quot;2&quot;</BaseURL>",
    ] {
        position(needle);
    }
    assert!(
        !text.contains("no such language"),
        "a language that is none is left out"
    );
}

#[test]
fn a_manifest_of_sound_alone_or_of_nothing_is_valid_too() {
    let folder = folder();
    let audio = sound(folder.path());
    for audio in [vec![dash_audio(&audio, None)], Vec::new()] {
        let text = dash::manifest(&dash::Manifest {
            duration_ms: 13_000,
            audio,
            ..dash::Manifest::default()
        });
        is_valid(folder.path(), &text);
        let broken = folder.path().join("broken.mpd");
        std::fs::write(&broken, text.replace("minBufferTime", "minimalBuffer")).unwrap();
        let own = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/it/dash-subset.xsd");
        assert!(
            invalid(&broken, &own).is_none_or(|said| said.contains("minimalBuffer")),
            "the check bites"
        );
    }
}

#[test]
fn a_manifest_promises_alignment_and_places_to_start_only_where_they_are() {
    let folder = folder();
    let grid = picture(folder.path(), "180p", "320x180", H264, GRID);
    let other = picture(folder.path(), "360p", "640x360", H264, "0,3,6,9,12");
    // ffmpeg's own index says of every fragment that a player can start there.
    let cut = picture(
        folder.path(),
        "90p",
        "160x90",
        &format!("{H264} -frag_size 20000"),
        GRID,
    );
    let text_of = |renditions: &[(&Rendition, u32)]| {
        let text = dash::manifest(&dash::Manifest {
            duration_ms: 13_000,
            video: renditions
                .iter()
                .map(|(rendition, height)| dash_video(rendition, "video.mp4", *height))
                .collect(),
            ..dash::Manifest::default()
        });
        is_valid(folder.path(), &text);
        text
    };
    assert!(text_of(&[(&grid, 180)]).contains("subsegmentStartsWithSAP=\"1\""));
    assert!(text_of(&[(&grid, 180), (&other, 360)]).contains("subsegmentAlignment=\"false\""));
    assert!(cut.index.fragments.iter().any(|one| !one.starts_with_sap));
    assert!(!text_of(&[(&cut, 90)]).contains("subsegmentStartsWithSAP"));
    let repaired = join(
        &[Part {
            path: folder.path().join("90p.mp4"),
            start_ms: 0,
        }],
        &folder.path().join("repaired.mp4"),
    )
    .unwrap();
    let repaired = Rendition {
        name: "repaired",
        index: repaired,
        codec: cut.codec.clone(),
    };
    let text = text_of(&[(&grid, 180), (&repaired, 90)]);
    assert!(text.contains("subsegmentStartsWithSAP=\"1\"") && text.contains("subsegmentAlignment=\"true\""));
}

#[test]
fn ffmpeg_plays_the_dash_manifest() {
    let folder = folder();
    let video = picture(folder.path(), "180p", "320x180", H264, GRID);
    let audio = sound(folder.path());
    let text = dash::manifest(&dash::Manifest {
        duration_ms: 13_000,
        video: vec![dash_video(&video, "180p.mp4", 180)],
        audio: vec![dash_audio(&audio, Some("en"))],
        ..dash::Manifest::default()
    });
    let path = folder.path().join("manifest.mpd");
    std::fs::write(&path, text).unwrap();
    let (fine, said) = ffmpeg(["-xerror", "-i", path.to_str().unwrap(), "-f", "null", "-"]);
    assert!(fine && said.is_empty(), "{said}");
    let (first, end) = span(&path, "v");
    assert!(near(first, 0.0, 0.01) && near(end, 13.0, 0.1), "{first} {end}");
}

/// The lines of a playlist that say how long its segments last.
fn durations(playlist: &str) -> Vec<&str> {
    playlist
        .lines()
        .filter(|line| line.starts_with("#EXTINF"))
        .collect()
}

#[test]
fn a_playlist_that_grows_ends_as_the_one_of_the_joined_file() {
    let folder = folder();
    let path = |name: &str| folder.path().join(name);
    let source = constant_rate(folder.path(), "30000/1001", 27);
    let starts = [0, 12, 20];
    let mut parts = Vec::new();
    for (position, start) in starts.iter().enumerate() {
        let name = format!("{position}.mp4");
        encode(
            &source,
            &path(&name),
            *start,
            starts.get(position + 1).copied(),
            x264(30_000),
        );
        let index = segment_index(&File::open(path(&name)).unwrap()).unwrap();
        parts.push((name, index, u64::from(*start) * 1000));
    }
    let to_join: Vec<_> = parts
        .iter()
        .map(|(name, _, start)| part(&path(name), *start))
        .collect();
    let joined = join(&to_join, &path("joined.mp4")).unwrap();
    let promised = hls::media_playlist("joined.mp4", &joined);
    assert_eq!(durations(&promised).len(), 7);

    let listed: Vec<_> = parts
        .iter()
        .map(|(name, index, start)| (name.as_str(), index, *start))
        .collect();
    for so_far in 1..=parts.len() {
        let text = hls::growing_playlist(&listed[..so_far], so_far == parts.len());
        let known = durations(&text);
        assert_eq!(
            known,
            durations(&promised)[..known.len()],
            "what is listed stays as it is"
        );
        assert!(text.contains("#EXT-X-PLAYLIST-TYPE:EVENT") && text.contains("#EXT-X-START:TIME-OFFSET=0"));
        assert!(text.contains("#EXT-X-MEDIA-SEQUENCE:0\n"));
        assert_eq!(
            text.matches("#EXT-X-MAP").count(),
            so_far,
            "each part has its own"
        );
        assert_eq!(
            text.matches("#EXT-X-DISCONTINUITY").count(),
            so_far - 1,
            "their clocks start anew"
        );
        assert_eq!(text.ends_with("#EXT-X-ENDLIST\n"), so_far == parts.len());
    }

    // The same with parts that were moved to their places: one clock, no discontinuity.
    let mut moved = Vec::new();
    for (name, _, start) in &parts {
        let there = format!("moved-{name}");
        let index = join(&[part(&path(name), *start)], &path(&there)).unwrap();
        moved.push((there, index));
    }
    let listed: Vec<_> = moved
        .iter()
        .map(|(name, index)| (name.as_str(), index, 0))
        .collect();
    let text = hls::growing_playlist(&listed, true);
    assert_eq!(durations(&text), durations(&promised));
    assert!(!text.contains("DISCONTINUITY"));
    std::fs::write(path("moved.m3u8"), text).unwrap();
    let (fine, said) = ffmpeg([
        "-xerror",
        "-i",
        path("moved.m3u8").to_str().unwrap(),
        "-f",
        "null",
        "-",
    ]);
    assert!(fine && said.is_empty(), "{said}");
    let (first, end) = span(&path("moved.m3u8"), "v");
    assert!(near(first, 0.0, 0.01) && near(end, 27.0, 0.05), "{first} {end}");
}

#[test]
fn renditions_with_aligned_fragments_have_aligned_segments() {
    let folder = folder();
    let low = picture(folder.path(), "180p", "320x180", H264, "0,2.1,3.3,6.9,8.1,11.2");
    let high = picture(folder.path(), "360p", "640x360", H264, "0,2.1,3.3,6.9,8.1,11.2");
    let (low, high) = (
        hls::media_playlist("180p.mp4", &low.index),
        hls::media_playlist("360p.mp4", &high.index),
    );
    assert_eq!(durations(&low), durations(&high));
    assert_eq!(durations(&low).len(), 4, "{low}");
}

/// Type and time of all frames that can be decoded, damage at the end or not.
#[expect(clippy::disallowed_types, reason = "tests ask ffprobe themselves")]
fn frames(path: &Path) -> String {
    let output = std::process::Command::new("ffprobe")
        .args([
            "-v",
            "quiet",
            "-show_entries",
            "frame=pts,pict_type",
            "-of",
            "csv=p=0",
        ])
        .arg(path)
        .output()
        .unwrap();
    String::from_utf8_lossy(&output.stdout).into_owned()
}

#[test]
fn a_keyframe_list_addresses_one_whole_picture_each() {
    let folder = folder();
    let video = picture(folder.path(), "180p", "320x180", H264, GRID);
    let text = hls::i_frame_playlist("180p.mp4", &video.index).unwrap();
    assert!(text.contains("#EXT-X-I-FRAMES-ONLY\n") && text.contains("#EXT-X-MAP:URI=\"180p.mp4\""));
    assert_eq!(durations(&text).len(), 7);
    let bytes = std::fs::read(folder.path().join("180p.mp4")).unwrap();
    let ranges = text
        .lines()
        .filter_map(|line| line.strip_prefix("#EXT-X-BYTERANGE:"));
    for (range, start) in ranges.zip(video.index.starts()) {
        let (size, offset) = range.split_once('@').unwrap();
        let (size, offset): (usize, usize) = (size.parse().unwrap(), offset.parse().unwrap());
        let mut alone = bytes[..video.index.init.size as usize].to_vec();
        alone.extend(&bytes[offset..offset + size]);
        let path = folder.path().join("one.mp4");
        std::fs::write(&path, &alone).unwrap();
        assert_eq!(frames(&path).trim().trim_end_matches(','), format!("{start},I"));
        std::fs::write(&path, &alone[..alone.len() - 1]).unwrap();
        assert!(
            !frames(&path).contains(&format!("{start},I")),
            "not a byte more than is needed"
        );
    }
    let bandwidth = hls::i_frame_bandwidth(&video.index).unwrap();
    assert!(bandwidth.average_bps < hls::bandwidth(&video.index).average_bps);
}
