//! What holds for every source: its renditions decode to the end, each frame at its time and with its
//! picture, sound in step, and players may switch between them wherever a segment begins.

use std::path::Path;

use serde_json::Value;
use tempfile::TempDir;

use super::Case;
use crate::kit::Person;
use crate::kit::media_files::{self, Pictures, Track, aside, decoded, packets, pictures, tool};

/// Most that a rendition's duration may be off, seconds.
const DURATION_S: f64 = 0.050;
/// Most that sound and picture may move against each other, seconds.
const DRIFT_S: f64 = 0.040;
/// Most that a frame's time may be off: half of it is the milliseconds that some containers count in.
const TIME_S: f64 = 0.002;
/// Most that pictures may differ by scaling and encoding, 0 to 255.
const PICTURE: f64 = 6.0;

/// A rendition that was fetched.
struct Rendition {
    name: String,
    /// Where its file is.
    path: String,
    /// Its HLS playlist.
    playlist: String,
}

/// Where a player can come to a rung from another, seconds.
struct Shown {
    keyframes: Vec<f64>,
    segments: Vec<f64>,
}

/// Holds all that players get of a video that is ready against the clip that was uploaded.
pub async fn check(person: &Person<'_>, case: &Case, id: &str) {
    let playback = person
        .get(&format!("/api/v1/videos/{id}/playback"))
        .await
        .is(200)
        .at("/data");
    ladder(case, &playback);
    let hls = playback["hls"].as_str().unwrap().to_owned();
    let dash = playback["dash"].as_str().unwrap().to_owned();
    let folder = tempfile::tempdir().unwrap();
    let mut fetched = Vec::new();
    for rendition in playback["renditions"].as_array().unwrap() {
        let name = rendition["name"].as_str().unwrap().to_owned();
        fetched.push(fetch(person, &hls, name, &folder).await);
    }
    let case = case.clone();
    aside(move || {
        let source = Source::read(&case);
        let (sound, video): (Vec<_>, Vec<_>) = fetched.iter().partition(|one| one.name == "audio");
        let heard = sound.first().map(|one| sounds(&case, &source, one));
        let mut shown = Vec::new();
        for one in video {
            shown.push(shows(&case, &source, one, heard.as_ref()));
        }
        aligned(&case, &shown);
        for url in [&hls, &dash] {
            tool("ffmpeg", &["-xerror", "-i", url, "-f", "null", "-"]);
        }
        drop(folder);
    })
    .await;
}

/// The rungs that were expected, and sound where there is some.
fn ladder(case: &Case, playback: &Value) {
    let renditions = playback["renditions"].as_array().unwrap();
    let mut made: Vec<(String, u64, u64)> = renditions
        .iter()
        .map(|one| {
            let number = |name: &str| one[name].as_u64().unwrap();
            (
                one["name"].as_str().unwrap().to_owned(),
                number("width"),
                number("height"),
            )
        })
        .collect();
    made.sort();
    let mut wanted: Vec<(String, u64, u64)> = case
        .rungs
        .iter()
        .map(|(name, width, height)| ((*name).to_owned(), *width, *height))
        .collect();
    wanted.extend(case.channels.map(|_| ("audio".to_owned(), 0, 0)));
    wanted.sort();
    assert_eq!(made, wanted, "{}", case.clip.name);
}

/// Fetches a rendition's file and its playlist.
async fn fetch(person: &Person<'_>, hls: &str, name: String, folder: &TempDir) -> Rendition {
    let base = hls.rsplit_once('/').unwrap().0;
    let bytes = person.get(&format!("{base}/{name}.mp4")).await.is(200).bytes;
    let path = folder.path().join(format!("{name}.mp4"));
    std::fs::write(&path, bytes).unwrap();
    let playlist = person.get(&format!("{base}/{name}.m3u8")).await.is(200).bytes;
    Rendition {
        path: shown_path(&path),
        playlist: String::from_utf8(playlist).unwrap(),
        name,
    }
}

fn shown_path(path: &Path) -> String {
    path.to_str().unwrap().to_owned()
}

/// The clip as it was uploaded.
struct Source {
    picture: Option<(Track, Pictures)>,
    sound: Option<Track>,
    /// Bytes of its packets of picture.
    sizes: Vec<u64>,
}

impl Source {
    fn read(case: &Case) -> Self {
        let path = shown_path(&case.clip.path);
        let picture = decoded(&path, "v:0").map(|track| (track, pictures(&path)));
        if let Some((track, pictures)) = &picture {
            assert_eq!(track.times.len(), pictures.count(), "{path}");
            let moved = pictures.difference(0, pictures, pictures.count() / 2);
            assert!(moved > 2.0 * PICTURE, "{path} hardly moves: {moved}");
        }
        let sizes = if picture.is_some() {
            raw_sizes(&path)
        } else {
            Vec::new()
        };
        Self {
            picture,
            sound: decoded(&path, "a:0"),
            sizes,
        }
    }
}

/// Sizes of the packets of picture; some containers do not tell when each is shown.
fn raw_sizes(path: &str) -> Vec<u64> {
    let words = [
        "-select_streams",
        "v:0",
        "-show_entries",
        "packet=size",
        "-of",
        "csv=p=0",
        path,
    ];
    let said = String::from_utf8(tool("ffprobe", &words)).unwrap();
    said.lines()
        .filter_map(|line| line.trim_matches(',').parse().ok())
        .collect()
}

fn near(one: f64, other: f64, most: f64) -> bool {
    (one - other).abs() <= most
}

/// The sound decodes to the end, lasts as long as the source's and has the channels that were expected.
fn sounds(case: &Case, source: &Source, rendition: &Rendition) -> Track {
    let (name, path) = (&case.clip.name, &rendition.path);
    tool("ffmpeg", &["-xerror", "-i", path, "-f", "null", "-"]);
    let streams = media_files::streams(path);
    assert_eq!(streams.len(), 1, "{name}");
    assert_eq!(streams[0]["codec_name"], "aac", "{name}");
    assert_eq!(streams[0]["channels"].as_u64(), case.channels, "{name}");
    let (wanted, made) = (source.sound.as_ref().unwrap(), packets(path, "a:0").unwrap());
    assert!(
        near(made.lasts(), wanted.lasts(), DURATION_S),
        "{name}: sound lasts {} instead of {} s",
        made.lasts(),
        wanted.lasts()
    );
    let gaps = made.times.windows(2).map(|pair| pair[1] - pair[0]);
    let longest = gaps.fold(0.0, f64::max);
    assert!(longest < 0.1, "{name}: a hole of {longest} s in the sound");
    let listed: f64 = durations(&rendition.playlist).iter().sum();
    assert!(
        near(listed, made.lasts(), DURATION_S),
        "{name}: {}",
        rendition.playlist
    );
    made
}

/// One rung decodes to the end and shows what the source shows when the source shows it.
fn shows(case: &Case, source: &Source, rendition: &Rendition, heard: Option<&Track>) -> Shown {
    let label = format!("{} {}", case.clip.name, rendition.name);
    let (wanted, original) = source.picture.as_ref().unwrap();
    let made = packets(&rendition.path, "v:0").unwrap();
    let seen = pictures(&rendition.path);
    assert_eq!(seen.count(), made.times.len(), "{label}: every frame is shown");
    facts(case, rendition, &label);
    assert!(
        near(made.lasts(), wanted.lasts(), DURATION_S),
        "{label}: lasts {} instead of {} s",
        made.lasts(),
        wanted.lasts()
    );
    if let (Some(heard), Some(sound)) = (heard, &source.sound) {
        let apart =
            |picture: &Track, sound: &Track| [sound.starts() - picture.starts(), sound.ends - picture.ends];
        for (now, before) in apart(&made, heard).into_iter().zip(apart(wanted, sound)) {
            assert!(
                near(now, before, DRIFT_S),
                "{label}: sound is {now} instead of {before} s off"
            );
        }
    }
    frames(case, (wanted, original), (&made, &seen), &label);
    let top = case
        .rungs
        .first()
        .is_some_and(|(name, ..)| *name == rendition.name);
    let taken = made.sizes == source.sizes;
    assert_eq!(
        taken,
        case.copied && top,
        "{label}: whether it is the source's own picture"
    );
    let segments = segments(rendition, &made, &label);
    Shown {
        keyframes: made.keyframes,
        segments,
    }
}

/// Size, colours and frame rate, as a player finds them.
fn facts(case: &Case, rendition: &Rendition, label: &str) {
    let streams = media_files::streams(&rendition.path);
    let [picture] = &streams[..] else {
        panic!("{label}: {streams:?}")
    };
    let (_, width, height) = case
        .rungs
        .iter()
        .find(|(name, ..)| *name == rendition.name)
        .unwrap();
    let size = (picture["width"].as_u64(), picture["height"].as_u64());
    assert_eq!(size, (Some(*width), Some(*height)), "{label}");
    assert!(width % 2 == 0 && height % 2 == 0, "{label}");
    assert_eq!(picture["codec_name"], "h264", "{label}");
    assert_eq!(picture["pix_fmt"], "yuv420p", "{label}");
    assert!(
        matches!(
            picture["sample_aspect_ratio"].as_str(),
            None | Some("1:1" | "N/A")
        ),
        "{label}: {picture}"
    );
    assert!(
        picture["side_data_list"].is_null(),
        "{label}: upright by itself: {picture}"
    );
    assert!(
        matches!(
            picture["field_order"].as_str(),
            None | Some("progressive" | "unknown")
        ),
        "{label}: {picture}"
    );
    if case.high_range {
        for name in ["color_space", "color_transfer", "color_primaries"] {
            assert_eq!(picture[name], "bt709", "{label}: {name}");
        }
    }
}

/// As many frames as the source has, at the same times and with the same pictures; of more than sixty a
/// second, as many of them as fit.
fn frames(case: &Case, source: (&Track, &Pictures), made: (&Track, &Pictures), label: &str) {
    let (wanted, original) = source;
    let (track, seen) = made;
    let own = |track: &Track, number: usize| track.times[number] - track.starts();
    if case.thinned {
        let rate = track.times.len() as f64 / track.lasts();
        assert!((59.0..60.5).contains(&rate), "{label}: {rate} frames a second");
    } else {
        assert_eq!(track.times.len(), wanted.times.len(), "{label}: frames");
    }
    for number in 0..track.times.len() {
        let at = own(track, number);
        let same = if case.thinned {
            let later = wanted
                .times
                .partition_point(|time| time - wanted.starts() < at - TIME_S);
            later.min(wanted.times.len() - 1)
        } else {
            number
        };
        let due = own(wanted, same);
        assert!(
            near(at, due, TIME_S),
            "{label}: frame {number} at {at} instead of {due} s"
        );
        if !case.high_range {
            let off = seen.difference(number, original, same);
            assert!(
                off < PICTURE,
                "{label}: frame {number} at {at} s is another picture: {off}"
            );
        }
    }
}

/// The lengths of a playlist's segments, seconds.
fn durations(playlist: &str) -> Vec<f64> {
    let lines = playlist.lines().filter_map(|line| line.strip_prefix("#EXTINF:"));
    lines
        .map(|text| text.trim_end_matches(',').parse().unwrap())
        .collect()
}

/// When the segments of a rendition begin, by its playlist, seconds.
fn boundaries(playlist: &str, starts: f64) -> Vec<f64> {
    let lengths = durations(playlist);
    let sums = lengths.iter().scan(starts, |at, length| {
        let begins = *at;
        *at += length;
        Some(begins)
    });
    sums.collect()
}

/// Every segment begins with a keyframe; answers when.
fn segments(rendition: &Rendition, made: &Track, label: &str) -> Vec<f64> {
    let playlist = &rendition.playlist;
    assert!(playlist.ends_with("#EXT-X-ENDLIST\n"), "{label}: {playlist}");
    let begins = boundaries(playlist, made.starts());
    assert!(!begins.is_empty(), "{label}: {playlist}");
    for at in &begins {
        assert!(
            made.keyframes.iter().any(|keyframe| near(*at, *keyframe, TIME_S)),
            "{label}: a segment begins at {at} s, keyframes are at {:?}",
            made.keyframes
        );
    }
    let listed: f64 = durations(playlist).iter().sum();
    assert!(
        near(listed, made.lasts(), DURATION_S),
        "{label}: {listed} in {playlist}"
    );
    begins
}

/// Keyframes of all rungs are shown at the same times, and their segments begin at the same ones of them.
fn aligned(case: &Case, shown: &[Shown]) {
    let name = &case.clip.name;
    let Some(first) = shown.first() else { return };
    // Every clip is longer than the longest way between keyframes; aligned ones are more than the first.
    assert!(first.keyframes.len() > 1, "{name}: {:?}", first.keyframes);
    let alike = |some: &[f64], others: &[f64]| {
        some.len() == others.len()
            && some
                .iter()
                .zip(others)
                .all(|(one, other)| near(*one, *other, TIME_S))
    };
    for other in shown {
        assert!(
            alike(&first.keyframes, &other.keyframes),
            "{name}: keyframes at {:?} and {:?}",
            first.keyframes,
            other.keyframes
        );
        assert!(
            alike(&first.segments, &other.segments),
            "{name}: segments at {:?} and {:?}",
            first.segments,
            other.segments
        );
    }
}
