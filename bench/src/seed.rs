//! Many videos at once: rows copied from one that the server made, straight into the SQLite file of a
//! stopped server.
//!
//! All columns are taken over as they are (found with `PRAGMA table_info`), except what has to differ:
//! the id, the title, the times, and every column that is unique. Search words and counters follow. The
//! copies share the first one's files; deleting one of them would take the bytes of all.
//! What people do with them is in [`crowd`].

pub mod crowd;

use std::io::Read;
use std::path::{Path, PathBuf};

use rusqlite::{Connection, params};

use crate::error::{BenchError, Doing};

/// Rows per transaction.
const BATCH: i64 = 20_000;

/// The SQLite file of a data folder: the largest file at most two levels deep that begins as one.
pub fn find_database(data: &Path) -> Result<PathBuf, BenchError> {
    let mut found: Option<(u64, PathBuf)> = None;
    let mut folders = vec![(data.to_owned(), 0)];
    while let Some((folder, depth)) = folders.pop() {
        for entry in std::fs::read_dir(&folder).doing("look for the database")? {
            let entry = entry.doing("look for the database")?;
            let kind = entry.file_type().doing("look for the database")?;
            if kind.is_dir() && depth < 1 {
                folders.push((entry.path(), depth + 1));
            } else if kind.is_file() && begins_as_sqlite(&entry.path()) {
                let length = entry.metadata().doing("look for the database")?.len();
                if found.as_ref().is_none_or(|(largest, _)| length > *largest) {
                    found = Some((length, entry.path()));
                }
            }
        }
    }
    found
        .map(|(_, path)| path)
        .ok_or_else(|| BenchError::Usage(format!("no SQLite database in {}", data.display())))
}

fn begins_as_sqlite(path: &Path) -> bool {
    let mut head = [0; 16];
    std::fs::File::open(path)
        .and_then(|mut file| file.read_exact(&mut head))
        .is_ok()
        && &head == b"SQLite format 3\0"
}

/// The id of a row as SQL sees it: 12 bytes, or 24 hex digits, as the schema has it.
fn id_expression(connection: &Connection, template: &str) -> Result<(String, String), BenchError> {
    for (condition, made) in [
        ("t.id = unhex(?1)", "unhex(printf('%08x%016x', ?2, n.i))"),
        ("t.id = lower(?1)", "printf('%08x%016x', ?2, n.i)"),
    ] {
        let count: i64 = connection.query_row(
            &format!("SELECT count(*) FROM videos AS t WHERE {condition}"),
            [template],
            |row| row.get(0),
        )?;
        if count == 1 {
            return Ok((condition.to_owned(), made.to_owned()));
        }
    }
    Err(BenchError::Usage(format!(
        "no row of table videos has the id {template}"
    )))
}

fn columns(connection: &Connection) -> Result<Vec<String>, BenchError> {
    // table_xinfo tells generated columns (hidden 2 and 3), which cannot be inserted.
    let mut statement =
        connection.prepare("SELECT name FROM pragma_table_xinfo('videos') WHERE hidden = 0")?;
    let names = statement
        .query_map([], |row| row.get(0))?
        .collect::<Result<Vec<String>, _>>()?;
    Ok(names)
}

fn unique_columns(connection: &Connection) -> Result<Vec<String>, BenchError> {
    let mut statement = connection.prepare(
        "SELECT DISTINCT info.name FROM pragma_index_list('videos') AS list \
         JOIN pragma_index_info(list.name) AS info \
         WHERE list.\"unique\" = 1 AND info.name IS NOT NULL \
           AND (SELECT count(*) FROM pragma_index_info(list.name)) = 1",
    )?;
    let names = statement
        .query_map([], |row| row.get(0))?
        .collect::<Result<Vec<String>, _>>()?;
    Ok(names)
}

/// Whether copies can be searched for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Words {
    /// Their words are in the index.
    Indexed,
    /// They are not, which is much faster.
    Left,
}

/// Brings table `videos` to `total` rows. Row `i` is one second older than the row before it, and its
/// id is made of that time and `i`. Returns how many were added.
pub fn videos(database: &Path, template: &str, total: i64, words: Words) -> Result<i64, BenchError> {
    let connection = Connection::open(database)?;
    connection.pragma_update(None, "synchronous", "off")?;
    let added = videos_on(&connection, template, total, words)?;
    connection.execute_batch("PRAGMA wal_checkpoint(TRUNCATE)")?;
    Ok(added)
}

/// The same on an open connection.
fn videos_on(connection: &Connection, template: &str, total: i64, words: Words) -> Result<i64, BenchError> {
    let (found, made_id) = id_expression(connection, template)?;
    let unique = unique_columns(connection)?;
    let have: i64 = connection.query_row("SELECT count(*) FROM videos", [], |row| row.get(0))?;
    let mut names = Vec::new();
    let mut values = Vec::new();
    for column in columns(connection)? {
        let quoted = format!("t.\"{column}\"");
        values.push(match column.as_str() {
            "id" => made_id.clone(),
            "title" => "printf('Video number %d', n.i)".to_owned(),
            "created_at" | "updated_at" | "published_at" | "ready_at" => format!("{quoted} - n.i * 1000"),
            name if unique.iter().any(|unique| unique == name) => format!(
                "CASE typeof({quoted}) WHEN 'text' THEN {quoted} || '-' || n.i \
                 WHEN 'integer' THEN {quoted} + n.i WHEN 'blob' THEN unhex(printf('%08x%016x', ?2, n.i)) \
                 ELSE {quoted} END"
            ),
            _ => quoted,
        });
        names.push(format!("\"{column}\""));
    }
    let sql = format!(
        "WITH RECURSIVE n(i) AS (SELECT ?3 UNION ALL SELECT i + 1 FROM n WHERE i < ?4) \
         INSERT INTO videos ({}) SELECT {} FROM n CROSS JOIN videos AS t \
         WHERE {found}",
        names.join(", "),
        values.join(", "),
    );
    // Seconds before the ids that the server makes today, so that ids and times sort alike enough.
    let made = i64::from_str_radix(template.get(..8).unwrap_or_default(), 16)
        .map_err(|_| BenchError::Usage(format!("{template} is not an id")))?;
    let base = made - (1 << 24);
    let mut at = have;
    while at < total {
        let last = (at + BATCH).min(total) - 1;
        connection.execute(&sql, params![template, base, at, last])?;
        at = last + 1;
    }
    follow(connection, words)?;
    Ok((total - have).max(0))
}

/// Brings what is counted and searched in step with the rows, where the schema has it.
fn follow(connection: &Connection, words: Words) -> Result<(), BenchError> {
    let has = |table: &str, column: &str| -> Result<bool, rusqlite::Error> {
        let sql = "SELECT count(*) > 0 FROM pragma_table_xinfo(?1) WHERE name = ?2";
        connection.query_row(sql, [table, column], |row| row.get(0))
    };
    if words == Words::Indexed && has("video_search_rows", "tier")? && has("video_search", "title")? {
        // Those that are listed pass for counted, or else the server would count the words of a million while it is
        // measured.
        connection.execute_batch(
            "BEGIN; \
             INSERT OR IGNORE INTO video_search_rows (video_id, counted) SELECT id, listed FROM videos; \
             UPDATE video_search_rows SET tier = (SELECT v.listed FROM videos v WHERE v.id = video_id) \
             WHERE tier = 0; \
             COMMIT",
        )?;
    }
    if has("counters", "name")? && has("videos", "listed")? {
        connection.execute(
            "UPDATE counters SET value = (SELECT count(*) FROM videos WHERE listed = 1) \
             WHERE name = 'videos.listed'",
            [],
        )?;
    }
    for (column, condition) in [("videos_count", ""), ("listed_videos_count", "AND v.listed = 1")] {
        if has("users", column)? {
            connection.execute(
                &format!(
                    "UPDATE users SET {column} = \
                     (SELECT count(*) FROM videos AS v WHERE v.owner_id = users.id {condition})"
                ),
                [],
            )?;
        }
    }
    Ok(())
}

/// The first `limit` ids of table `videos` in the order of the table, as 24 hex digits.
pub fn ids(database: &Path, limit: i64) -> Result<Vec<String>, BenchError> {
    let connection = Connection::open(database)?;
    let mut statement = connection
        .prepare("SELECT CASE typeof(id) WHEN 'blob' THEN lower(hex(id)) ELSE id END FROM videos LIMIT ?1")?;
    let ids = statement
        .query_map([limit], |row| row.get(0))?
        .collect::<Result<Vec<String>, _>>()?;
    Ok(ids)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn database(id_type: &str, id: &str) -> (tempfile::TempDir, PathBuf) {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("any-name.db");
        let connection = Connection::open(&path).unwrap();
        connection
            .execute_batch(&format!(
                "CREATE TABLE videos (id {id_type} PRIMARY KEY, owner TEXT, title TEXT, slug TEXT UNIQUE, \
                 created_at INTEGER, shout TEXT GENERATED ALWAYS AS (upper(title))) WITHOUT ROWID;
                 CREATE TABLE counters (name TEXT PRIMARY KEY, value INTEGER) WITHOUT ROWID;
                 INSERT INTO videos (id, owner, title, slug, created_at) VALUES ({id}, 'asha', 'first', 's', 5000000)"
            ))
            .unwrap();
        (folder, path)
    }

    #[test]
    fn rows_are_copied_with_new_ids_titles_times_and_unique_columns() {
        for (id_type, id) in [
            ("BLOB", "x'65a0000000000000000000ff'"),
            ("TEXT", "'65a0000000000000000000ff'"),
        ] {
            let (folder, path) = database(id_type, id);
            assert_eq!(find_database(folder.path()).unwrap(), path);
            assert_eq!(
                videos(&path, "65a0000000000000000000ff", 45_000, Words::Indexed).unwrap(),
                44_999
            );
            assert_eq!(
                videos(&path, "65a0000000000000000000ff", 45_000, Words::Indexed).unwrap(),
                0,
                "seeding again adds none"
            );
            let connection = Connection::open(&path).unwrap();
            let counts: (i64, i64, i64, i64) = connection
                .query_row(
                    "SELECT count(DISTINCT id), count(DISTINCT slug), count(DISTINCT created_at), \
                     sum(owner = 'asha') FROM videos",
                    [],
                    |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?, row.get(3)?)),
                )
                .unwrap();
            assert_eq!(counts, (45_000, 45_000, 45_000, 45_000));
            assert!(ids(&path, 10).unwrap().iter().all(|id| id.len() == 24));
        }
    }

    #[test]
    fn the_server_s_own_schema_takes_copies_with_their_search_words_and_counters() {
        let migrations = Path::new(env!("CARGO_MANIFEST_DIR")).join("../crates/store/migrations/sqlite");
        let mut files: Vec<_> = std::fs::read_dir(migrations)
            .unwrap()
            .map(|entry| entry.unwrap().path())
            .collect();
        files.sort();
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("s.db");
        let connection = Connection::open(&path).unwrap();
        for file in files {
            connection
                .execute_batch(&std::fs::read_to_string(file).unwrap())
                .unwrap();
        }
        connection
            .execute_batch(
                "INSERT INTO users (id, username, email, full_name, password_hash, avatar_rev, created_at, updated_at) \
                 VALUES (x'65a000000000000000000001', 'asha', 'a@example.org', 'Asha', '', '', 1, 1); \
                 INSERT INTO videos (id, owner_id, title, visibility, status, listed, created_at, updated_at) \
                 VALUES (x'65a0000000000000000000ff', x'65a000000000000000000001', 'first', 0, 1, 1, 9, 9)",
            )
            .unwrap();
        videos(&path, "65a0000000000000000000ff", 500, Words::Indexed).unwrap();
        let one = |sql: &str| connection.query_row(sql, [], |row| row.get::<_, i64>(0)).unwrap();
        assert_eq!(
            one("SELECT value FROM counters WHERE name = 'videos.listed'"),
            500
        );
        assert_eq!(one("SELECT videos_count + listed_videos_count FROM users"), 1_000);
        assert_eq!(
            one("SELECT count(*) FROM video_search WHERE video_search MATCH 'title : 499'"),
            1
        );
    }
}
