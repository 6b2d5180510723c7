//! After a restart: do the database and the files agree?

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use rusqlite::{Connection, OpenFlags};

use super::model::{Video, Violation};
use crate::error::{BenchError, Doing};
use crate::seed::find_database;

fn open(data: &Path) -> Result<Connection, BenchError> {
    let connection = Connection::open_with_flags(find_database(data)?, OpenFlags::SQLITE_OPEN_READ_ONLY)?;
    connection.busy_timeout(Duration::from_secs(10))?;
    Ok(connection)
}

fn texts(connection: &Connection, sql: &str) -> Result<Vec<String>, BenchError> {
    let mut statement = connection.prepare(sql)?;
    let values = statement
        .query_map([], |row| row.get(0))?
        .collect::<Result<Vec<String>, _>>()?;
    Ok(values)
}

/// `integrity_check` and `foreign_key_check` of a stopped server's database, and counts that must
/// equal the facts they count.
pub fn database(data: &Path) -> Result<Vec<Violation>, BenchError> {
    let connection = open(data)?;
    let mut found = Vec::new();
    let integrity = texts(&connection, "SELECT integrity_check FROM pragma_integrity_check")?;
    if integrity != ["ok"] {
        found.push(Violation::Broken(format!(
            "integrity_check: {}",
            integrity.join("; ")
        )));
    }
    let dangling = texts(
        &connection,
        "SELECT \"table\" || ' row ' || coalesce(rowid, '?') || ' → ' || parent FROM pragma_foreign_key_check",
    )?;
    if !dangling.is_empty() {
        found.push(Violation::Broken(format!(
            "foreign_key_check: {}",
            dangling.join("; ")
        )));
    }
    for (what, sql) in [
        (
            "videos.listed counter",
            "SELECT name FROM counters WHERE name = 'videos.listed' \
             AND value <> (SELECT count(*) FROM videos WHERE listed = 1)",
        ),
        (
            "videos_count of",
            "SELECT username FROM users \
             WHERE videos_count <> (SELECT count(*) FROM videos WHERE owner_id = users.id)",
        ),
        (
            "listed_videos_count of",
            "SELECT username FROM users WHERE listed_videos_count <> \
             (SELECT count(*) FROM videos WHERE owner_id = users.id AND listed = 1)",
        ),
    ] {
        let wrong = texts(&connection, sql)?;
        if !wrong.is_empty() {
            found.push(Violation::Broken(format!(
                "{what} {} does not equal the facts",
                wrong.join(", ")
            )));
        }
    }
    Ok(found)
}

/// Every key in the rows has its file of the right length, every file is named by a row, every stored
/// original has the bytes that were uploaded, no temporary file is left. Waits up to `patience`
/// for clean-up jobs to finish.
pub fn files(data: &Path, videos: &[Video], patience: Duration) -> Result<Vec<Violation>, BenchError> {
    let began = Instant::now();
    loop {
        // What waits for viewers to move on is tidied now: here nobody watches.
        if let Err(error) = bring_sweeps_forward(data)
            && began.elapsed() > patience
        {
            return Err(error);
        }
        // Files come and go under our hands while jobs run; only what stays wrong counts.
        let found = files_now(data, videos);
        match found {
            Ok(found) if found.is_empty() => return Ok(found),
            outcome if began.elapsed() > patience => return outcome,
            _ => std::thread::sleep(Duration::from_millis(200)),
        }
    }
}

/// Makes tidying that is put off due at once.
fn bring_sweeps_forward(data: &Path) -> Result<(), BenchError> {
    let connection = Connection::open_with_flags(
        find_database(data)?,
        OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX,
    )?;
    connection.busy_timeout(Duration::from_secs(5))?;
    // The harness is tried on a stand-in that has no background work.
    if !has_table(&connection, "jobs")? {
        return Ok(());
    }
    connection.execute(
        "UPDATE jobs SET run_at = 0, due = 1 \
         WHERE state = 0 AND run_at > 0 AND kind IN ('sweep_video', 'remove_objects')",
        [],
    )?;
    Ok(())
}

fn has_table(connection: &Connection, name: &str) -> Result<bool, BenchError> {
    let found = connection.query_row(
        "SELECT count(*) FROM sqlite_master WHERE type = 'table' AND name = ?1",
        [name],
        |row| row.get::<_, i64>(0),
    )?;
    Ok(found > 0)
}

/// A key in a row: what it is, the video, the length that is noted (if it is).
struct Named {
    what: &'static str,
    video: String,
    bytes: Option<u64>,
}

fn named_keys(connection: &Connection) -> Result<BTreeMap<String, Named>, BenchError> {
    let mut keys = BTreeMap::new();
    for (what, sql) in [
        (
            "rendition",
            "SELECT object_key, lower(hex(video_id)), size_bytes FROM renditions",
        ),
        (
            "part",
            "SELECT object_key, lower(hex(video_id)), size_bytes FROM parts",
        ),
        (
            "progressive file",
            "SELECT progressive_key, lower(hex(id)), progressive_bytes FROM videos WHERE progressive_key IS NOT NULL",
        ),
        (
            "original",
            "SELECT source_key, lower(hex(id)), source_bytes FROM videos WHERE source_key IS NOT NULL",
        ),
    ] {
        if what == "part" && !has_table(connection, "parts")? {
            continue;
        }
        let mut statement = connection.prepare(sql)?;
        let mut rows = statement.query([])?;
        while let Some(row) = rows.next()? {
            let bytes: i64 = row.get(2)?;
            let named = Named {
                what,
                video: row.get(1)?,
                bytes: u64::try_from(bytes).ok().filter(|bytes| *bytes > 0),
            };
            keys.insert(row.get(0)?, named);
        }
    }
    Ok(keys)
}

fn files_now(data: &Path, videos: &[Video]) -> Result<Vec<Violation>, BenchError> {
    let objects = data.join("objects");
    let connection = open(data)?;
    let mut found = Vec::new();
    let keys = named_keys(&connection)?;
    let uploaded: BTreeMap<&str, &Video> = videos.iter().map(|video| (video.id.as_str(), video)).collect();
    for (key, named) in &keys {
        let path = objects.join(key);
        let Ok(metadata) = std::fs::metadata(&path) else {
            found.push(Violation::Lost(format!(
                "{} {key} of video {}: no file",
                named.what, named.video
            )));
            continue;
        };
        if named.bytes.is_some_and(|bytes| bytes != metadata.len()) {
            found.push(Violation::Lost(format!(
                "{} {key}: {} bytes on disk, {:?} noted",
                named.what,
                metadata.len(),
                named.bytes
            )));
        } else if named.what == "original"
            && let Some(video) = uploaded.get(named.video.as_str())
            && *blake3::hash(&std::fs::read(&path).doing("read an original")?).as_bytes() != video.hash
        {
            found.push(Violation::Lost(format!(
                "original {key}: not the bytes that were uploaded"
            )));
        }
    }
    let rows = Rows::read(&connection)?;
    for file in walk(data)? {
        let Ok(inside) = file.strip_prefix(data) else {
            continue;
        };
        let parts: Vec<String> = inside
            .iter()
            .map(|part| part.to_string_lossy().into_owned())
            .collect();
        let parts: Vec<&str> = parts.iter().map(String::as_str).collect();
        if parts.iter().any(|part| temporary(part)) {
            found.push(Violation::Broken(format!(
                "temporary file left: {}",
                inside.display()
            )));
        } else if let ["objects", key @ ..] = &parts[..]
            && !rows.name(key, &keys)
        {
            found.push(Violation::Broken(format!(
                "file without a row: {}",
                inside.display()
            )));
        }
    }
    Ok(found)
}

/// Who may have files, and the names of their pictures and captions.
struct Rows {
    /// Ids of videos and users.
    ids: BTreeSet<String>,
    /// How their file names begin: `<what>-<revision>`.
    pictures: BTreeSet<String>,
}

impl Rows {
    fn read(connection: &Connection) -> Result<Self, BenchError> {
        let all = |statements: &[&str]| -> Result<BTreeSet<String>, BenchError> {
            let mut values = BTreeSet::new();
            for sql in statements {
                values.extend(texts(connection, sql)?);
            }
            Ok(values)
        };
        let mut pictures = all(&[
            "SELECT 'poster-' || thumbnail_rev FROM videos WHERE thumbnail_rev IS NOT NULL",
            "SELECT 'avatar-' || avatar_rev FROM users",
            "SELECT 'cover-' || cover_rev FROM users WHERE cover_rev IS NOT NULL",
        ])?;
        // The harness is tried on a stand-in that has none of these.
        if has_table(connection, "poster_candidates")? {
            pictures.extend(all(&[
                "SELECT 'candidate-' || rev FROM poster_candidates",
                "SELECT 'storyboard-' || storyboard_rev FROM videos WHERE storyboard_rev IS NOT NULL",
                "SELECT 'captions-' || (track.value ->> 'language') || '-' || (track.value ->> 'rev') \
                 FROM videos, json_each(videos.captions) AS track",
            ])?);
        }
        Ok(Self {
            ids: all(&[
                "SELECT lower(hex(id)) FROM videos",
                "SELECT lower(hex(id)) FROM users",
            ])?,
            pictures,
        })
    }

    /// Whether some row knows of the file with this key.
    fn name(&self, key: &[&str], keys: &BTreeMap<String, Named>) -> bool {
        if keys.contains_key(&key.join("/")) {
            return true;
        }
        match key {
            ["videos" | "users", id, picture] => {
                // What follows the revision is a size, a number or the end of the name.
                let begins = |known: &String| {
                    picture
                        .strip_prefix(known.as_str())
                        .is_some_and(|rest| rest.starts_with(['-', '.']))
                };
                self.ids.contains(*id) && self.pictures.iter().any(begins)
            }
            _ => false,
        }
    }
}

/// Whether a file or folder name says that it is not meant to stay.
fn temporary(name: &str) -> bool {
    let marked = |ending: &str| name.len() > ending.len() && name.ends_with(ending);
    matches!(name, "tmp" | "temp" | "incoming" | "work")
        || name.starts_with(".tmp")
        || [".tmp", ".temp", ".part", ".partial"]
            .iter()
            .any(|ending| marked(ending))
}

/// All files beneath a folder; what disappears while looking is not there.
fn walk(folder: &Path) -> Result<Vec<PathBuf>, BenchError> {
    let mut files = Vec::new();
    let mut folders = vec![folder.to_owned()];
    while let Some(folder) = folders.pop() {
        let Ok(entries) = std::fs::read_dir(&folder) else {
            continue;
        };
        for entry in entries {
            let entry = entry.doing("read the data folder")?;
            match entry.file_type() {
                Ok(kind) if kind.is_dir() => folders.push(entry.path()),
                Ok(_) => files.push(entry.path()),
                Err(_) => {}
            }
        }
    }
    Ok(files)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_missing_file_a_file_without_a_row_and_a_temporary_file_are_found() {
        let folder = tempfile::tempdir().unwrap();
        let connection = Connection::open(folder.path().join("any.db")).unwrap();
        connection
            .execute_batch(
                "CREATE TABLE videos (id BLOB, source_key TEXT, source_bytes INTEGER, progressive_key TEXT, \
                 progressive_bytes INTEGER, thumbnail_rev TEXT); \
                 CREATE TABLE users (id BLOB, avatar_rev TEXT, cover_rev TEXT); \
                 CREATE TABLE renditions (video_id BLOB, object_key TEXT, size_bytes INTEGER); \
                 INSERT INTO videos VALUES (x'65a0000000000000000000ff', 'videos/a', 3, NULL, 0, 'r1')",
            )
            .unwrap();
        let write = |path: &str, bytes: &str| {
            let path = folder.path().join(path);
            std::fs::create_dir_all(path.parent().unwrap()).unwrap();
            std::fs::write(path, bytes).unwrap();
        };
        write("objects/videos/65a0000000000000000000ff/poster-r1-320.jpg", "abc");
        assert!(matches!(
            &files_now(folder.path(), &[]).unwrap()[..],
            [Violation::Lost(_)]
        ));
        write("objects/videos/a", "abcd");
        write("objects/videos/65a0000000000000000000aa/source", "x");
        write("objects/videos/65a0000000000000000000ff/poster-r0-320.jpg", "x");
        write("objects/tmp/x", "x");
        let found = files_now(folder.path(), &[]).unwrap();
        assert_eq!(
            found
                .iter()
                .filter(|found| matches!(found, Violation::Lost(_)))
                .count(),
            1,
            "{found:?}"
        );
        for without in ["65a0000000000000000000aa", "65a0000000000000000000ff/poster-r0"] {
            let told = format!("without a row: objects/videos/{without}");
            assert!(
                found.iter().any(|found| found.to_string().contains(&told)),
                "{found:?}"
            );
        }
        assert!(
            found
                .iter()
                .any(|found| found.to_string().contains("temporary file left: objects/tmp/x"))
        );
    }
}
