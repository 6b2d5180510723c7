//! What holds for every source: its renditions decode to the end, each frame at its time and with its
//! picture, sound in step, and players may switch between them wherever a segment begins.

use std::path::{Path, PathBuf};

use serde_json::Value;
use tempfile::TempDir;

use super::{Case, Lost};
use crate::kit::Person;
use crate::kit::clips::Clip;
use crate::kit::media_files::{self, Pictures, Track, aside, decoded, packets, pictures, tool};

/// Most that a rendition's duration may be off, seconds.
const DURATION_S: f64 = 0.050;
/// Most that sound and picture may move against each other, seconds.
const DRIFT_S: f64 = 0.040;
/// Most that a frame's time may be off: half of it is the milliseconds that some containers count in.
const TIME_S: f64 = 0.002;
/// Longest way between keyframes of what is encoded, seconds: two, or what a copied picture's own make of them.
const LONGEST_GROUP_S: f64 = 4.1;
/// Longest segment, seconds.
const LONGEST_SEGMENT_S: f64 = 6.1;
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
    /// It is the source's own picture.
    taken: bool,
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
    let manifest = person.get(&dash).await.is(200).bytes;
    let case = case.clone();
    aside(move || {
        let source = Source::read(&case);
        let (sound, video): (Vec<_>, Vec<_>) = fetched.iter().partition(|one| one.name == "audio");
        let heard = sound.first().map(|one| sounds(&case, &source, one));
        assert_eq!(heard.is_some(), case.channels.is_some(), "{}", case.clip.name);
        let mut shown = Vec::new();
        for one in video {
            shown.push(shows(&case, &source, one, heard.as_ref()));
        }
        aligned(&case, &shown);
        valid(&case.clip.name, &manifest, &folder);
        for url in [&hls, &dash] {
            tool("ffmpeg", &["-xerror", "-i", url, "-f", "null", "-"]);
        }
        drop(folder);
    })
    .await;
}

/// Holds what players get of a file without a picture against it: one rendition, all of its beeps at their
/// times, valid manifests, and a poster.
pub async fn check_sound(person: &Person<'_>, clip: &Clip, id: &str) {
    let video = person.get(&format!("/api/v1/videos/{id}")).await.is(200);
    let poster = person.get(&video.text_at("/data/thumbnail")).await.is(200);
    assert!(
        poster.header("content-type").starts_with("image/"),
        "{}",
        clip.name
    );
    let playback = person
        .get(&format!("/api/v1/videos/{id}/playback"))
        .await
        .is(200)
        .at("/data");
    let names: Vec<&str> = playback["renditions"]
        .as_array()
        .unwrap()
        .iter()
        .filter_map(|one| one["name"].as_str())
        .collect();
    assert_eq!(names, ["audio"], "{}", clip.name);
    let hls = playback["hls"].as_str().unwrap().to_owned();
    let dash = playback["dash"].as_str().unwrap().to_owned();
    let file = playback["videoFile"].as_str().unwrap().to_owned();
    let download = format!("/api/v1/videos/{id}/download");
    let answer = person.get(&download).await.is(200);
    assert_eq!(answer.header("content-type"), "audio/mp4", "{}", clip.name);
    let folder = tempfile::tempdir().unwrap();
    let rendition = fetch(person, &hls, "audio".to_owned(), &folder).await;
    let manifest = person.get(&dash).await.is(200).bytes;
    let (clip, site) = (clip.clone(), person.site.url.clone());
    aside(move || {
        let path = shown_path(&clip.path);
        let whole = |url: &str| {
            if url.starts_with("http") {
                url.to_owned()
            } else {
                format!("{site}{url}")
            }
        };
        let wanted = media_files::beeps(&path);
        assert_eq!(wanted.len(), 6, "{path}: {wanted:?}");
        for played in [
            rendition.path.clone(),
            whole(&hls),
            whole(&dash),
            whole(&file),
            whole(&download),
        ] {
            tool("ffmpeg", &["-xerror", "-i", &played, "-f", "null", "-"]);
            let heard = media_files::beeps(&played);
            let alike = heard.len() == wanted.len()
                && heard
                    .iter()
                    .zip(&wanted)
                    .all(|(one, other)| near(*one, *other, DRIFT_S));
            assert!(alike, "{played}: beeps at {heard:?} instead of {wanted:?}");
        }
        let (made, source) = (packets(&rendition.path, "a:0"), decoded(&path, "a:0"));
        let (made, source) = (made.unwrap().lasts(), source.unwrap().lasts());
        assert!(
            near(made, source, DURATION_S),
            "{path}: {made} instead of {source} s"
        );
        valid(&clip.name, &manifest, &folder);
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
    /// When beeps begin.
    beeps: Vec<f64>,
    /// Bytes of its packets of picture.
    sizes: Vec<u64>,
}

impl Source {
    fn read(case: &Case) -> Self {
        let path = shown_path(&case.clip.path);
        let picture = decoded(&path, "v:0").map(|track| (track, pictures(&path)));
        if let Some((track, pictures)) = &picture {
            assert_eq!(track.times.len(), pictures.count(), "{path}");
            // A picture that is not the right one can't pass for it.
            let moved = (1..pictures.count()).map(|number| pictures.difference(number, pictures, number - 1));
            let least = moved.fold(f64::INFINITY, f64::min);
            assert!(
                least > 2.0 * PICTURE || case.lost == Lost::HighRange,
                "{path} hardly moves: {least}"
            );
        }
        let sound = decoded(&path, "a:0");
        let sizes = if picture.is_some() {
            raw_sizes(&path)
        } else {
            Vec::new()
        };
        Self {
            picture,
            beeps: sound
                .as_ref()
                .map(|_| media_files::beeps(&path))
                .unwrap_or_default(),
            sound,
            sizes,
        }
    }
}

/// Sizes of the packets of picture, as MP4 has them; some containers do not tell when each is shown.
fn raw_sizes(path: &str) -> Vec<u64> {
    let folder = tempfile::tempdir().unwrap();
    let mut path = path.to_owned();
    if Path::new(&path)
        .extension()
        .is_some_and(|extension| extension == "ts")
    {
        // Transport streams have other bytes between the same slices.
        let same = shown_path(&folder.path().join("same.mp4"));
        tool("ffmpeg", &["-i", &path, "-map", "0:v:0", "-c", "copy", &same]);
        path = same;
    }
    let words = [
        "-select_streams",
        "v:0",
        "-show_entries",
        "packet=size",
        "-of",
        "csv=p=0",
        &path,
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
fn sounds(case: &Case, source: &Source, rendition: &Rendition) -> (Track, Vec<f64>) {
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
    (made, media_files::beeps(path))
}

/// One rung decodes to the end and shows what the source shows when the source shows it.
fn shows(case: &Case, source: &Source, rendition: &Rendition, heard: Option<&(Track, Vec<f64>)>) -> Shown {
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
    if let (Some((heard, beeps)), Some(sound)) = (heard, &source.sound) {
        let apart =
            |picture: &Track, sound: &Track| [sound.starts() - picture.starts(), sound.ends - picture.ends];
        for (now, before) in apart(&made, heard).into_iter().zip(apart(wanted, sound)) {
            assert!(
                near(now, before, DRIFT_S),
                "{label}: sound is {now} instead of {before} s off"
            );
        }
        in_step(source, (&made, &seen), beeps, &label);
    }
    if case.lost == Lost::HighRange {
        standard_range(&seen, &label);
    }
    frames(case, (wanted, original), (&made, &seen), &label);
    if case.lost == Lost::Interlacing {
        let both = media_files::pictures_of_all_lines(&shown_path(&case.clip.path));
        let combed = (0..seen.count()).filter(|number| seen.difference(*number, &both, *number) < PICTURE);
        assert!(combed.count() < seen.count() / 4, "{label}: two moments at once");
    }
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
        taken,
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
    if case.lost == Lost::HighRange {
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
    if case.lost == Lost::Frames {
        let rate = track.times.len() as f64 / track.lasts();
        assert!((59.0..60.5).contains(&rate), "{label}: {rate} frames a second");
    } else {
        assert_eq!(track.times.len(), wanted.times.len(), "{label}: frames");
    }
    for number in 0..track.times.len() {
        let at = own(track, number);
        let same = if case.lost == Lost::Frames {
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
        if case.lost == Lost::HighRange {
            let numbers = (seen.number(number), original.number(same));
            assert_eq!(
                numbers.0, numbers.1,
                "{label}: frame {number} at {at} s is another"
            );
        } else {
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

/// Segments of all rungs begin at the same times, each with a keyframe ([`segments`]), and keyframes of all that
/// was encoded are shown at the same times too. A picture that was taken as it is has a keyframe at each of these
/// times, and may have more of them in between.
fn aligned(case: &Case, shown: &[Shown]) {
    let name = &case.clip.name;
    let Some(first) = shown.first() else { return };
    // Every clip is longer than the longest way between keyframes; aligned ones are more than the first.
    assert!(first.segments.len() > 1, "{name}: {:?}", first.segments);
    let has = |times: &[f64], at: f64| times.iter().any(|time| near(*time, at, TIME_S));
    let alike = |some: &[f64], others: &[f64]| {
        some.len() == others.len() && some.iter().all(|time| has(others, *time))
    };
    for other in shown {
        assert!(
            alike(&first.segments, &other.segments),
            "{name}: segments at {:?} and {:?}",
            first.segments,
            other.segments
        );
    }
    let (taken, encoded): (Vec<&Shown>, Vec<&Shown>) = shown.iter().partition(|one| one.taken);
    let Some(grid) = encoded.first().map(|one| &one.keyframes) else {
        return;
    };
    for other in encoded {
        assert!(
            alike(grid, &other.keyframes),
            "{name}: keyframes at {grid:?} and {:?}",
            other.keyframes
        );
    }
    for other in taken {
        assert!(
            grid.iter().all(|at| has(&other.keyframes, *at)),
            "{name}: keyframes at {grid:?} and {:?}",
            other.keyframes
        );
    }
    let longest = |times: &[f64]| times.windows(2).map(|pair| pair[1] - pair[0]).fold(0.0, f64::max);
    assert!(longest(grid) < LONGEST_GROUP_S, "{name}: {grid:?}");
    assert!(
        longest(&first.segments) < LONGEST_SEGMENT_S,
        "{name}: {:?}",
        first.segments
    );
}

/// The DASH manifest is valid by the schema: the part of it that we use, and all of it where a copy is at hand.
#[expect(clippy::disallowed_types, reason = "tests ask xmllint themselves")]
fn valid(name: &str, manifest: &[u8], folder: &TempDir) {
    let document = folder.path().join("manifest.mpd");
    std::fs::write(&document, manifest).unwrap();
    let own = Path::new(env!("CARGO_MANIFEST_DIR")).join("../media/tests/it/dash-subset.xsd");
    let given = std::env::var_os("DASH_MPD_XSD").map(PathBuf::from);
    for schema in [Some(own), given].into_iter().flatten() {
        let output = std::process::Command::new("xmllint")
            .args(["--noout", "--nonet", "--schema"])
            .args([&schema, &document])
            .output()
            .unwrap();
        assert!(
            output.status.success(),
            "{name}: {}",
            String::from_utf8_lossy(&output.stderr)
        );
    }
}

/// Flashes and beeps of the clip are all there, each at its time, and as far from each other as they were.
fn in_step(source: &Source, made: (&Track, &Pictures), heard: &[f64], label: &str) {
    let (wanted, original) = source.picture.as_ref().unwrap();
    let (before, now) = (original.flashes(wanted), made.1.flashes(made.0));
    let seconds = wanted.lasts().floor() as usize;
    assert!(before.len() >= seconds && seconds > 1, "{label}: {before:?}");
    assert_eq!(now.len(), before.len(), "{label}: flashes at {now:?}");
    assert!(source.beeps.len() >= seconds, "{label}: {:?}", source.beeps);
    assert_eq!(heard.len(), source.beeps.len(), "{label}: beeps at {heard:?}");
    // Times of all that happens, from the first flash on: the last of them are at the end of the clip.
    let times = |flashes: &[f64], beeps: &[f64]| -> Vec<f64> {
        let all = flashes.iter().chain(beeps);
        all.map(|time| time - flashes[0]).collect()
    };
    for (after, due) in times(&now, heard).into_iter().zip(times(&before, &source.beeps)) {
        assert!(
            near(after, due, DRIFT_S),
            "{label}: flashes at {now:?} and beeps at {heard:?} instead of {before:?} and {:?}",
            source.beeps
        );
    }
}

/// High range came out in standard range: not much darker or brighter than the scene in standard range, whose
/// mean is 119, white near to white, and black black.
fn standard_range(seen: &Pictures, label: &str) {
    let (mean, darkest, brightest) = seen.brightness();
    assert!((80.0..150.0).contains(&mean), "{label}: {mean} bright");
    assert!(brightest > 170.0, "{label}: white is {brightest}");
    assert!(darkest < 24.0, "{label}: black is {darkest}");
}
