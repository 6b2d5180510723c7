//! What is held against the file that was uploaded: frames, pictures, playlists, the file to keep, the poster.

use std::io::Write as _;

use serde_json::Value;

use crate::kit::clips::Clip;
use crate::kit::media_files::{decoded, tool};
use crate::kit::{self, Person};

/// How a clip is to come out.
pub(super) struct Expected {
    /// As shown by the file that was uploaded, pixels.
    pub(super) size: (u64, u64),
    /// As shown by what is played: even.
    pub(super) played: (u64, u64),
    /// Seconds, when it was made; nothing here is measured with our own means.
    pub(super) seconds: f64,
    /// Channels of the sound; none for a silent clip.
    pub(super) channels: Option<u64>,
    /// Whether colours stay as they are; high range becomes standard range.
    pub(super) same_colours: bool,
}

pub(super) const fn expected(size: (u64, u64), seconds: f64, channels: Option<u64>) -> Expected {
    Expected {
        size,
        played: size,
        seconds,
        channels,
        same_colours: true,
    }
}

const SIDE: usize = 48;

/// The picture at a time, squeezed to a small grey square, after whatever turning the player does.
#[track_caller]
fn picture(before: &[&str], input: &str, filter: &str) -> Vec<u8> {
    let filter = format!("{filter}scale={SIDE}:{SIDE}:flags=area,format=gray");
    let mut words = before.to_vec();
    words.extend_from_slice(&["-i", input, "-map", "0:v:0", "-vf", &filter]);
    words.extend_from_slice(&["-frames:v", "1", "-f", "rawvideo", "-"]);
    let pixels = tool("ffmpeg", &words);
    assert_eq!(pixels.len(), SIDE * SIDE, "{input}");
    pixels
}

/// Mean difference of two pictures, 0 to 255.
fn difference(one: &[u8], other: &[u8]) -> f64 {
    let sum: u64 = one
        .iter()
        .zip(other)
        .map(|(a, b)| u64::from(a.abs_diff(*b)))
        .sum();
    sum as f64 / one.len() as f64
}

/// Uploads the clip, waits until it is ready, and holds all that players get against what was uploaded.
pub(super) async fn plays(person: &Person<'_>, clip: &Clip, expected: &Expected) {
    let id = person.publishes(clip, &[("visibility", "public")]).await;
    let video = person
        .get(&format!("/api/v1/videos/{id}"))
        .await
        .is(200)
        .at("/data");
    let shown = |name: &str| video[name].as_u64().unwrap();
    assert_eq!((shown("width"), shown("height")), expected.size, "{video}");
    let duration = video["duration"].as_f64().unwrap();
    assert!((duration - expected.seconds).abs() < 0.1, "{video}");

    let source = clip.path.display().to_string();
    let (hls, progressive) = (
        video["hls"].as_str().unwrap(),
        video["videoFile"].as_str().unwrap(),
    );
    let source_track = decoded(&source, "v:0").unwrap();
    for url in [hls, progressive] {
        // All of it at once, as a player that stops at the first fault.
        tool("ffmpeg", &["-xerror", "-i", url, "-f", "null", "-"]);
        let seen = decoded(url, "v:0").unwrap();
        assert_eq!(seen.times.len(), source_track.times.len(), "{url}: {seen:?}");
        let lasts = seen.lasts();
        assert!((lasts - expected.seconds).abs() < 0.1, "{url}: {seen:?}");
        let heard = decoded(url, "a:0");
        assert_eq!(heard.is_some(), expected.channels.is_some(), "{url}");
        if let Some(heard) = heard {
            assert!((heard.lasts() - expected.seconds).abs() < 0.1, "{url}: {heard:?}");
            let apart = (heard.starts() - seen.starts()).abs();
            assert!(
                apart < 0.05,
                "{url}: the sound starts {apart} s off: {heard:?} {seen:?}"
            );
        }
        stream_facts(url, expected);
    }
    seeks(person, &source, hls, progressive, expected).await;
    playlists(person, hls, expected.seconds).await;
    progressive_file(person, progressive, clip).await;
    poster(person, &video).await;
}

/// Seeking shows the moment asked for, upright; another moment is another picture.
async fn seeks(person: &Person<'_>, source: &str, hls: &str, progressive: &str, expected: &Expected) {
    for share in [0.3, 0.6, 0.9] {
        let at = expected.seconds * share;
        let at_text = format!("{at:.3}");
        let in_file = picture(&["-ss", &at_text], progressive, "");
        // ffmpeg 5.1 complains after seeking in any playlist of MP4 segments, its own too. This is what a seek
        // comes to: the start of the file and the one segment that holds the moment, nothing before it.
        let segment = segment_at(person, hls, at).await;
        let path = segment.path().to_str().unwrap();
        let in_segment = picture(&["-copyts"], path, &format!("trim=start={at_text},"));
        if !expected.same_colours {
            continue;
        }
        let wanted = picture(&[], source, &format!("setpts=PTS-STARTPTS,trim=start={at_text},"));
        let start = picture(&[], source, "");
        let moved = difference(&start, &wanted);
        for sought in [&in_file, &in_segment] {
            let off = difference(sought, &wanted);
            assert!(
                off < 5.0 && moved > 2.0 * off,
                "at {at_text}: another picture, {off} from the one wanted, which is {moved} from the first"
            );
        }
    }
}

/// The segment of the picture that holds a moment, behind the start of its file.
async fn segment_at(person: &Person<'_>, master_url: &str, at: f64) -> tempfile::NamedTempFile {
    // The largest rendition, as the players below choose.
    let master = text(person, master_url).await;
    let best = master
        .lines()
        .zip(master.lines().skip(1))
        .filter(|(stream, _)| stream.starts_with("#EXT-X-STREAM-INF:"))
        .max_by_key(|(stream, _)| {
            let size = stream.split("RESOLUTION=").nth(1).unwrap();
            size.split('x').next().unwrap().parse::<u32>().unwrap()
        })
        .map(|(_, uri)| uri)
        .unwrap();
    let url = beside(master_url, best);
    let playlist = text(person, &url).await;
    let (mut ends, mut ranges) = (0.0, Vec::new());
    for line in playlist.lines() {
        if let Some(map) = line.strip_prefix("#EXT-X-MAP:") {
            let (_, range) = map.split_once("BYTERANGE=\"").unwrap();
            ranges.push(byte_range(range.trim_end_matches('"')));
        } else if let Some(duration) = line.strip_prefix("#EXTINF:") {
            ends += duration.trim_end_matches(',').parse::<f64>().unwrap();
        } else if let Some(range) = line.strip_prefix("#EXT-X-BYTERANGE:")
            && ends > at
        {
            ranges.push(byte_range(range));
            break;
        }
    }
    assert_eq!(ranges.len(), 2, "{at} in {playlist}");
    let media = playlist
        .lines()
        .find(|line| line.contains(".mp4?v=") && !line.starts_with('#'));
    let media = beside(&url, media.unwrap());
    let mut file = tempfile::NamedTempFile::with_suffix(".mp4").unwrap();
    for (start, end) in ranges {
        let request = person.request(reqwest::Method::GET, &media);
        let part = kit::answer(request.header("range", format!("bytes={start}-{}", end - 1))).await;
        file.write_all(&part.is(206).bytes).unwrap();
    }
    file
}

/// Size, pixel shape and channels, as a player finds them.
#[track_caller]
fn stream_facts(url: &str, expected: &Expected) {
    let entries = "stream=codec_type,codec_name,pix_fmt,width,height,channels,sample_aspect_ratio:stream_side_data=rotation";
    let said: Value =
        serde_json::from_slice(&tool("ffprobe", &["-show_entries", entries, "-of", "json", url])).unwrap();
    let streams = said["streams"].as_array().unwrap();
    let of_kind = |kind: &str| streams.iter().find(|stream| stream["codec_type"] == kind);
    let picture = of_kind("video").unwrap();
    assert_eq!(picture["codec_name"], "h264", "{url}");
    assert_eq!(picture["pix_fmt"], "yuv420p", "{url}");
    let rotation = picture["side_data_list"][0]["rotation"].as_i64().unwrap_or(0);
    let coded = (
        picture["width"].as_u64().unwrap(),
        picture["height"].as_u64().unwrap(),
    );
    let size = if rotation % 180 == 0 {
        coded
    } else {
        (coded.1, coded.0)
    };
    assert_eq!(size, expected.played, "{url}: {picture}");
    assert!(
        matches!(
            picture["sample_aspect_ratio"].as_str(),
            None | Some("1:1" | "0:1" | "N/A")
        ),
        "{url}: {picture}"
    );
    if let Some(channels) = expected.channels {
        let sound = of_kind("audio").unwrap();
        assert_eq!(sound["codec_name"], "aac", "{url}");
        assert_eq!(sound["channels"], channels, "{url}");
    }
}

/// The text at an address.
async fn text(person: &Person<'_>, url: &str) -> String {
    let answer = person.get(url).await.is(200);
    assert_eq!(answer.header("content-type"), "application/vnd.apple.mpegurl");
    String::from_utf8(answer.bytes).unwrap()
}

/// An address relative to another.
fn beside(url: &str, name: &str) -> String {
    format!("{}/{name}", url.rsplit_once('/').unwrap().0)
}

/// `N@O` as offset and end.
fn byte_range(text: &str) -> (usize, usize) {
    let (size, offset) = text.split_once('@').unwrap();
    let (size, offset): (usize, usize) = (size.parse().unwrap(), offset.parse().unwrap());
    assert!(size > 0);
    (offset, offset + size)
}

/// The playlists against RFC 8216 and against the bytes they point into.
async fn playlists(person: &Person<'_>, master_url: &str, seconds: f64) {
    let master = text(person, master_url).await;
    assert!(master.starts_with("#EXTM3U\n"), "{master}");
    let mut names: Vec<String> = master
        .lines()
        .filter(|line| !line.starts_with('#'))
        .map(str::to_owned)
        .collect();
    names.extend(
        master
            .lines()
            .filter_map(|line| Some(line.split_once("URI=\"")?.1.split_once('"')?.0.to_owned())),
    );
    assert!(!names.is_empty(), "{master}");
    for name in names {
        let url = beside(master_url, &name);
        let playlist = text(person, &url).await;
        assert!(playlist.starts_with("#EXTM3U\n"), "{playlist}");
        assert!(playlist.ends_with("#EXT-X-ENDLIST\n"), "{playlist}");
        let value = |tag: &str| {
            playlist
                .lines()
                .filter_map(|line| line.strip_prefix(tag).map(str::to_owned))
                .collect::<Vec<_>>()
        };
        let target: f64 = value("#EXT-X-TARGETDURATION:")[0].parse().unwrap();
        let durations: Vec<f64> = value("#EXTINF:")
            .iter()
            .map(|text| text.trim_end_matches(',').parse().unwrap())
            .collect();
        assert!(
            durations.iter().all(|one| *one > 0.0 && one.round() <= target),
            "{playlist}"
        );
        let sum: f64 = durations.iter().sum();
        assert!((sum - seconds).abs() < 0.1, "{sum} s in {playlist}");

        let map = value("#EXT-X-MAP:");
        let (uri, range) = map[0].split_once(",BYTERANGE=").unwrap();
        let file = uri.trim_start_matches("URI=").trim_matches('"');
        let media = beside(&url, file);
        let whole = person.get(&media).await.is(200).bytes;
        let init = byte_range(range.trim_matches('"'));
        assert_eq!(init.0, 0, "{playlist}");
        assert_eq!(&whole[4..8], b"ftyp");
        let ranges: Vec<_> = value("#EXT-X-BYTERANGE:")
            .iter()
            .map(|text| byte_range(text))
            .collect();
        assert_eq!(ranges.len(), durations.len());
        assert!(ranges[0].0 >= init.1, "{playlist}");
        let mut end = ranges[0].0;
        for range in &ranges {
            if playlist.contains("#EXT-X-I-FRAMES-ONLY") {
                assert!(range.0 >= end, "keyframes follow each other: {playlist}");
            } else {
                assert_eq!(range.0, end, "segments lie side by side: {playlist}");
            }
            end = range.1;
        }
        assert!(end <= whole.len(), "{end} of {} in {playlist}", whole.len());
        // What lies between the start and the first segment, and after the last, are indexes.
        let after = if playlist.contains("#EXT-X-I-FRAMES-ONLY") {
            &[][..]
        } else {
            &whole[end..]
        };
        for index in [&whole[init.1..ranges[0].0], after] {
            assert!(index.is_empty() || [b"sidx", b"mfra"].contains(&index[4..8].try_into().unwrap()));
        }
        let request = person
            .request(reqwest::Method::GET, &media)
            .header("range", format!("bytes={}-{}", ranges[0].0, ranges[0].1 - 1));
        let part = kit::answer(request).await.is(206);
        assert!(part.bytes == whole[ranges[0].0..ranges[0].1]);
    }
}

/// A file that was made here starts to play before all of it has arrived. One that browsers play as it was
/// uploaded is sent as it was.
async fn progressive_file(person: &Person<'_>, url: &str, clip: &Clip) {
    let answer = person.get(url).await.is(200);
    assert_eq!(answer.header("content-type"), "video/mp4");
    let bytes = answer.bytes;
    if url.contains("/source.") {
        assert_eq!(bytes.len(), clip.bytes().len());
        return;
    }
    let mut boxes = Vec::new();
    let mut at = 0;
    while at + 8 <= bytes.len() {
        let size = u32::from_be_bytes(bytes[at..at + 4].try_into().unwrap()) as usize;
        boxes.push(String::from_utf8_lossy(&bytes[at + 4..at + 8]).into_owned());
        if size < 8 {
            break;
        }
        at += size;
    }
    let place = |name: &str| boxes.iter().position(|found| found == name);
    assert!(place("moov").unwrap() < place("mdat").unwrap(), "{boxes:?}");
}

/// A JPEG of the video's shape that is not black.
async fn poster(person: &Person<'_>, video: &Value) {
    let url = video["thumbnail"].as_str().unwrap();
    let answer = person.get(url).await.is(200);
    assert_eq!(answer.header("content-type"), "image/jpeg");
    assert_eq!(&answer.bytes[..3], b"\xff\xd8\xff");
    let words = [
        "-show_entries",
        "stream=codec_name,width,height",
        "-of",
        "json",
        url,
    ];
    let said: Value = serde_json::from_slice(&tool("ffprobe", &words)).unwrap();
    let picture_facts = &said["streams"][0];
    assert_eq!(picture_facts["codec_name"], "mjpeg");
    let shape = |facts: &Value| facts["width"].as_f64().unwrap() / facts["height"].as_f64().unwrap();
    assert!(
        (shape(picture_facts) / shape(video) - 1.0).abs() < 0.02,
        "{picture_facts} {video}"
    );
    let pixels = picture(&[], url, "");
    let mean = pixels.iter().map(|pixel| u64::from(*pixel)).sum::<u64>() / pixels.len() as u64;
    assert!((24..232).contains(&mean), "black or white: {mean}");
}
