//! What must hold when all is over: published once, no job twice, no file too many, every frame there.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use serde_json::Value;

use super::Uploaded;
use super::rows::{all, open};
use crate::kit;

/// Over all lives of the server, a video was said to be ready once at most, and never failed. (A kill may
/// fall between the change and the line that tells of it.)
pub fn each_was_published_once(log: &str, videos: &[Uploaded]) {
    let messages: Vec<String> = log
        .lines()
        .filter_map(|line| serde_json::from_str::<Value>(line).ok())
        .filter_map(|line| Some(line["message"].as_str()?.to_owned()))
        .collect();
    assert!(!messages.is_empty(), "the log is not read");
    for video in videos {
        let ready = format!("Video {} is ready", video.id);
        let said = messages.iter().filter(|message| **message == ready).count();
        assert!(said <= 1, "{ready}: said {said} times");
    }
    for message in &messages {
        assert!(!message.contains("failed for good"), "{message}");
        assert!(!message.starts_with("Rejected"), "{message}");
    }
}

/// One job for each piece of work, done, and no start of it but those that a kill explains.
pub async fn no_job_was_doubled(data: &Path, videos: &[Uploaded], hit: &BTreeMap<String, i64>, ended: usize) {
    let store = open(&data.join("streamsphere.db")).await;
    let jobs = all(
        &store,
        "SELECT kind || ' ' || payload, state, lower(hex(id)), attempts, recoveries FROM jobs \
         WHERE kind IN ('process_video', 'encode_part', 'join_parts', 'finish_video')",
        |row| {
            let name = row.text(0)?.to_owned();
            Ok((
                name,
                row.int(1)?,
                row.text(2)?.to_owned(),
                row.int(3)?,
                row.int(4)?,
            ))
        },
    );
    let jobs = jobs.await;
    let mut again = 0;
    let mut seen = BTreeSet::new();
    for (name, state, id, attempts, recoveries) in &jobs {
        assert_eq!(*state, 2, "{name} is not done");
        assert!(seen.insert(name.as_str()), "two jobs: {name}");
        let kills = hit.get(id).copied().unwrap_or(0);
        assert_eq!(*recoveries, kills, "{name} was taken over without need");
        again += attempts - 1;
    }
    assert!(
        again <= i64::try_from(ended).unwrap(),
        "{again} starts too many: {jobs:?}"
    );
    for kind in ["process_video", "finish_video"] {
        let count = jobs.iter().filter(|(name, ..)| name.starts_with(kind)).count();
        assert_eq!(count, videos.len(), "{kind}");
    }
    store.close().await.unwrap();
}

/// Every file belongs to a row, every row has its file, and what rows say about sizes is true.
pub async fn files_are_those_of_rows(data: &Path) {
    let store = open(&data.join("streamsphere.db")).await;
    let parts = all(&store, "SELECT object_key FROM parts", |row| {
        Ok(row.text(0)?.to_owned())
    });
    assert_eq!(parts.await, [""; 0], "pieces of whole renditions are forgotten");
    let keys = all(
        &store,
        "SELECT video_id, object_key FROM (SELECT lower(hex(video_id)) AS video_id, object_key FROM renditions \
         UNION SELECT lower(hex(id)), source_key FROM videos WHERE source_key IS NOT NULL \
         UNION SELECT lower(hex(id)), progressive_key FROM videos WHERE progressive_key IS NOT NULL)",
        |row| Ok((row.text(0)?.to_owned(), row.text(1)?.to_owned())),
    );
    let keys = keys.await;
    let videos = all(
        &store,
        "SELECT lower(hex(id)), coalesce(thumbnail_rev, '-'), coalesce(storyboard_rev, '-'), stored_bytes FROM videos",
        |row| {
            let pictures = [row.text(1)?.to_owned(), row.text(2)?.to_owned()];
            Ok((row.text(0)?.to_owned(), pictures, row.int(3)?))
        },
    );
    let videos = videos.await;
    let sets = all(
        &store,
        "SELECT lower(hex(video_id)), rev, places FROM poster_candidates",
        |row| {
            let places: Vec<u64> = serde_json::from_str(row.text(2)?).unwrap();
            Ok((row.text(0)?.to_owned(), row.text(1)?.to_owned(), places.len()))
        },
    );
    let sets = sets.await;
    let objects = data.join("objects");
    let mut named: BTreeSet<PathBuf> = keys.iter().map(|(_, key)| objects.join(key)).collect();
    // Pictures carry the name that is in the row in their own.
    let in_folder = |id: &str, file: String| objects.join("videos").join(id).join(file);
    for (id, [poster, storyboard], _) in &videos {
        named.extend([1280, 480].map(|width| in_folder(id, format!("poster-{poster}-{width}.jpg"))));
        // The films of these tests fill one sheet.
        named.insert(in_folder(id, format!("storyboard-{storyboard}-0.jpg")));
        assert!(sets.iter().any(|(video, ..)| video == id), "no frames of {id}");
    }
    for (id, set, count) in &sets {
        assert!(*count > 0);
        named.extend((0..*count).map(|number| in_folder(id, format!("candidate-{set}-{number}.jpg"))));
    }
    for path in &named {
        assert!(path.exists(), "{} is missing", path.display());
    }
    for path in kit::files(&objects.join("videos")) {
        assert!(named.contains(&path), "{} belongs to no row", path.display());
    }
    for (id, _, stored) in &videos {
        let on_disk: u64 = keys
            .iter()
            .filter(|(video, _)| video == id)
            .map(|(_, key)| std::fs::metadata(objects.join(key)).unwrap().len())
            .sum();
        assert_eq!(u64::try_from(*stored).unwrap(), on_disk, "bytes of video {id}");
    }
    let left = kit::files(&data.join("tmp"));
    assert!(left.is_empty(), "half done: {left:?}");
    store.close().await.unwrap();
}

/// Each rendition of a video is there once and has every frame of its source, without a complaint of the decoder.
pub async fn plays_to_the_end(data: &Path, video: &Uploaded) {
    let store = open(&data.join("streamsphere.db")).await;
    let renditions = all(
        &store,
        "SELECT lower(hex(video_id)), name, object_key FROM renditions ORDER BY name",
        |row| {
            Ok([
                row.text(0)?.to_owned(),
                row.text(1)?.to_owned(),
                row.text(2)?.to_owned(),
            ])
        },
    );
    let renditions = renditions.await;
    let progressive = all(
        &store,
        "SELECT lower(hex(id)), 'progressive', coalesce(progressive_key, source_key) FROM videos",
        |row| {
            Ok([
                row.text(0)?.to_owned(),
                row.text(1)?.to_owned(),
                row.text(2)?.to_owned(),
            ])
        },
    );
    let all_files = renditions
        .iter()
        .chain(&progressive.await)
        .cloned()
        .collect::<Vec<_>>();
    store.close().await.unwrap();
    let mine: Vec<_> = all_files.iter().filter(|[id, ..]| *id == video.id).collect();
    let names: Vec<&str> = mine.iter().map(|[_, name, _]| name.as_str()).collect();
    assert!(
        names.contains(&"240p") && names.contains(&"360p"),
        "{}: {names:?}",
        video.id
    );
    for [_, name, key] in mine {
        let path = data.join("objects").join(key);
        assert!(decodes(&path), "{name} of {} is damaged", video.id);
        if name != "audio" {
            assert_eq!(frames(&path), video.frames, "frames of {name} of {}", video.id);
        }
    }
}

#[expect(clippy::disallowed_types, reason = "tests run the real program")]
fn decodes(path: &Path) -> bool {
    let output = std::process::Command::new("ffmpeg")
        .args(["-nostdin", "-v", "error", "-xerror", "-i"])
        .arg(path)
        .args(["-f", "null", "-"])
        .output()
        .unwrap();
    output.status.success() && output.stderr.is_empty()
}

#[expect(clippy::disallowed_types, reason = "tests run the real program")]
fn frames(path: &Path) -> u64 {
    let output = std::process::Command::new("ffprobe")
        .args(["-v", "error", "-select_streams", "v:0", "-count_packets"])
        .args(["-show_entries", "stream=nb_read_packets", "-of", "csv=p=0"])
        .arg(path)
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&output.stdout).into_owned();
    said.trim().trim_end_matches(',').parse().unwrap()
}
