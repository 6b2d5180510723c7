//! What people do, many times over: rows of comments, followers, likes and all the other lists, straight into the
//! SQLite file of a stopped server. Unlike [`super::videos`] this knows the server's schema.
//!
//! Triggers and secondary indexes of the tables that are filled are taken away first and put back at the end, which is
//! how a million rows take seconds. Search words of what is seeded here are therefore not indexed.
//!
//! What stands together in a list does not stand together in the tables: people do not like videos in the order in
//! which they were uploaded. Numbers are multiplied by a prime, and what is left modulo the number of rows, a power of
//! ten, is a place of its own for each.

use std::path::Path;

use rusqlite::{Connection, params};

use super::Words;
use crate::error::BenchError;

/// Channels among the people that bring out videos and tweets, at most.
const CHANNELS: i64 = 10_000;
/// Notifications that the server keeps for one user.
const NOTIFICATIONS: i64 = 1_000;
/// The most videos that a playlist has.
const ENTRIES: i64 = model::playlists::MOST_ENTRIES;
/// Tables that are filled here.
const TABLES: [&str; 11] = [
    "users",
    "videos",
    "comments",
    "tweets",
    "likes",
    "subscriptions",
    "channel_posts",
    "playlists",
    "playlist_entries",
    "history",
    "notifications",
];

/// An id of row `n.i`, from the second `?1` on; `kind`, two hex digits, tells the tables apart.
fn id(kind: &str) -> String {
    format!("unhex(printf('%08x{kind}%014x', ?1, n.i))")
}

/// Rows 1 to `?2`.
const ROWS: &str = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < ?2) ";

/// A file that is being filled.
struct Bulk {
    connection: Connection,
    put_back: Vec<String>,
    /// Seconds since the epoch: a while ago, so that row `i` can be `i` seconds later.
    begin: i64,
}

impl Bulk {
    /// `rows` are about to come, the last of them before `template` was made.
    fn open(database: &Path, template: &str, rows: i64) -> Result<Self, BenchError> {
        let connection = Connection::open(database)?;
        // The file is a copy that can be made again, and nobody else has it open.
        connection.pragma_update(None, "journal_mode", "off")?;
        connection.pragma_update(None, "synchronous", "off")?;
        connection.pragma_update(None, "foreign_keys", "off")?;
        connection.pragma_update(None, "cache_size", -400_000)?;
        connection.pragma_update(None, "threads", 2)?;
        let made = i64::from_str_radix(template.get(..8).unwrap_or_default(), 16)
            .map_err(|_| BenchError::Usage(format!("{template} is not an id")))?;
        let mut put_back = Vec::new();
        let mut take_away = Vec::new();
        {
            let mut statement = connection.prepare(
                "SELECT type, name, sql FROM sqlite_master WHERE tbl_name = ?1 AND type IN ('index', 'trigger') \
                 AND sql IS NOT NULL",
            )?;
            for table in TABLES {
                let mut found = statement.query([table])?;
                while let Some(row) = found.next()? {
                    let (kind, name): (String, String) = (row.get(0)?, row.get(1)?);
                    take_away.push(format!("DROP {kind} \"{name}\""));
                    put_back.push(row.get(2)?);
                }
            }
        }
        for sql in &take_away {
            connection.execute_batch(sql)?;
        }
        Ok(Self {
            connection,
            put_back,
            begin: made - rows - 3_600,
        })
    }

    /// Puts indexes and triggers back.
    fn finish(&mut self) -> Result<(), BenchError> {
        for sql in self.put_back.drain(..) {
            self.connection.execute_batch(&sql)?;
        }
        Ok(())
    }

    /// Gives the engine its log back. It is told nothing of how many rows there are: the server does not do that either.
    fn close(self) -> Result<(), BenchError> {
        self.connection.pragma_update(None, "journal_mode", "wal")?;
        Ok(())
    }

    /// The people there are, with a number each from 0 on, as table `people`.
    fn number_people(&self) -> Result<i64, BenchError> {
        self.connection.execute_batch(
            "CREATE TEMP TABLE IF NOT EXISTS people (number INTEGER PRIMARY KEY, id BLOB NOT NULL); \
             DELETE FROM people; \
             INSERT INTO people (number, id) SELECT row_number() OVER (ORDER BY id) - 1, id FROM users \
             WHERE username LIKE 'crowd%' OR username LIKE 'person%'",
        )?;
        Ok(self
            .connection
            .query_row("SELECT max(count(*), 1) FROM people", [], |row| row.get(0))?)
    }

    /// People who have nothing; copies of whoever is there, with names of their own.
    fn people(&self, count: i64) -> Result<(), BenchError> {
        self.connection.execute(
            &format!(
                "{ROWS} INSERT INTO users (id, username, email, full_name, password_hash, avatar_rev, created_at, \
                 updated_at) SELECT {}, printf('crowd%07d', n.i), printf('crowd%07d@example.org', n.i), \
                 printf('Crowd Number %d', n.i), '', t.avatar_rev, ?1 * 1000, ?1 * 1000 \
                 FROM n CROSS JOIN (SELECT avatar_rev FROM users LIMIT 1) t",
                id("0a")
            ),
            params![self.begin, count],
        )?;
        Ok(())
    }

    /// The first `count` people follow `channel`, one a second.
    fn followers(&self, channel: &[u8], count: i64) -> Result<(), BenchError> {
        self.connection.execute(
            &format!(
                "{ROWS} INSERT INTO subscriptions (subscriber_id, channel_id, id, created_at) \
                 SELECT p.id, ?3, {}, (?1 + n.i * 7919 % ?2) * 1000 FROM n CROSS JOIN people p ON p.number = n.i - 1",
                id("0b")
            ),
            params![self.begin, count, channel],
        )?;
        self.connection.execute(
            "UPDATE users SET subscriptions_count = 1 WHERE id IN (SELECT subscriber_id FROM subscriptions)",
            [],
        )?;
        self.connection.execute(
            "UPDATE users SET subscribers_count = ?2 WHERE id = ?1",
            params![channel, count],
        )?;
        Ok(())
    }

    /// Comments on `video`, by the people in turn, or by the owner where there are none.
    fn comments(&self, video: &str, count: i64) -> Result<(), BenchError> {
        let people = self.number_people()?;
        self.connection.execute(
            &format!(
                "{ROWS} INSERT INTO comments (id, video_id, owner_id, content, created_at, updated_at) \
                 SELECT {}, v.id, coalesce(p.id, v.owner_id), printf('Comment number %d, and what there is to say', n.i), \
                 (?1 + n.i) * 1000, (?1 + n.i) * 1000 FROM n CROSS JOIN videos v \
                 LEFT JOIN people p ON p.number = n.i * 7919 % ?3 WHERE v.id = unhex(?4)",
                id("0c")
            ),
            params![self.begin, count, people, video],
        )?;
        self.connection.execute(
            "UPDATE videos SET comments_count = ?2, threads_count = ?2 WHERE id = unhex(?1)",
            params![video, count],
        )?;
        self.connection.execute(
            "UPDATE users SET received_comments_count = ?2 \
             WHERE id = (SELECT owner_id FROM videos WHERE id = unhex(?1))",
            params![video, count],
        )?;
        Ok(())
    }
}

/// `count` comments on the video `template`, by the people there are.
pub fn comments(database: &Path, template: &str, count: i64) -> Result<(), BenchError> {
    let mut bulk = Bulk::open(database, template, count)?;
    bulk.comments(template, count)?;
    bulk.finish()?;
    bulk.close()
}

/// `count` people who follow the owner of the video `template`.
pub fn followers(database: &Path, template: &str, count: i64) -> Result<(), BenchError> {
    let mut bulk = Bulk::open(database, template, count)?;
    bulk.people(count)?;
    bulk.number_people()?;
    let channel = owner(&bulk.connection, template)?;
    bulk.followers(&channel, count)?;
    bulk.finish()?;
    bulk.close()
}

fn owner(connection: &Connection, video: &str) -> Result<Vec<u8>, BenchError> {
    Ok(connection.query_row(
        "SELECT owner_id FROM videos WHERE id = unhex(?1)",
        [video],
        |row| row.get(0),
    )?)
}

/// Brings every list to `rows` rows: videos (half of them of the owner of `template`, half of ten thousand channels),
/// tweets likewise, comments on `template`, followers of its owner; entries of playlists as long as they may be, of
/// which `reader` has one, whose id this answers; and of `reader` the videos liked and the history. `reader` follows
/// `follows` of the channels and has as many notifications as are kept.
pub fn everything(
    database: &Path,
    template: &str,
    reader: &str,
    rows: i64,
    follows: i64,
) -> Result<String, BenchError> {
    let mut bulk = Bulk::open(database, template, rows)?;
    super::videos_on(&bulk.connection, template, rows, Words::Left)?;
    bulk.people(rows)?;
    bulk.number_people()?;
    let owner = owner(&bulk.connection, template)?;
    let reader: Vec<u8> =
        bulk.connection
            .query_row("SELECT id FROM users WHERE username = ?1", [reader], |row| {
                row.get(0)
            })?;
    bulk.posts(template, &owner, rows)?;
    bulk.followers(&owner, rows)?;
    bulk.comments(template, rows)?;
    bulk.connection.execute(
        "UPDATE comments SET likes_count = created_at / 1000 * 7919 % 1000",
        [],
    )?;
    bulk.kept_by(&reader, rows)?;
    bulk.told_to(&reader, template, follows)?;
    bulk.finish()?;
    bulk.count(&reader, follows)?;
    let playlist = bulk.connection.query_row(
        "SELECT lower(hex(id)) FROM playlists WHERE owner_id = ?1 AND name = 'A long list'",
        [&reader],
        |row| row.get(0),
    )?;
    bulk.close()?;
    Ok(playlist)
}

impl Bulk {
    /// Shares the videos out, adds tweets, and lists both as what channels brought out.
    fn posts(&self, template: &str, owner: &[u8], rows: i64) -> Result<(), BenchError> {
        let channels = CHANNELS.min(rows);
        self.connection.execute(
            "UPDATE videos SET owner_id = p.id FROM people p \
             WHERE videos.created_at / 1000 % 2 = 1 AND p.number = videos.created_at / 2000 % ?1 \
             AND videos.id <> unhex(?2)",
            params![channels, template],
        )?;
        self.connection.execute(
            &format!(
                "{ROWS} INSERT INTO tweets (id, owner_id, content, likes_count, created_at, updated_at) \
                 SELECT {}, CASE n.i % 2 WHEN 0 THEN ?3 ELSE p.id END, printf('Tweet number %d', n.i), \
                 n.i * 7919 % 1000, (?1 + n.i) * 1000, (?1 + n.i) * 1000 \
                 FROM n CROSS JOIN people p ON p.number = n.i / 2 % ?4",
                id("0d")
            ),
            params![self.begin, rows, owner, channels],
        )?;
        self.connection
            .execute("UPDATE counters SET value = ?1 WHERE name = 'tweets'", [rows])?;
        self.connection.execute_batch(
            "DELETE FROM channel_posts; \
             INSERT INTO channel_posts (id, channel_id, kind, published_at) SELECT id, owner_id, kind, at FROM \
             (SELECT id, owner_id, 0 AS kind, coalesce(published_at, created_at) AS at FROM videos WHERE listed = 1 \
             UNION ALL SELECT id, owner_id, 1, created_at FROM tweets) ORDER BY id; \
             DELETE FROM channel_heads; \
             INSERT INTO channel_heads (channel_id, newest_at) SELECT channel_id, max(published_at) \
             FROM channel_posts GROUP BY channel_id",
        )?;
        Ok(())
    }

    /// All videos are liked by `reader` and in their history; they fill playlists, the first of which is theirs.
    fn kept_by(&self, reader: &[u8], rows: i64) -> Result<(), BenchError> {
        self.connection.execute(
            "INSERT INTO likes (user_id, kind, target_id, id, created_at) \
             SELECT ?1, 0, id, id, (?2 + created_at / 1000 * 7919 % ?3) * 1000 FROM videos ORDER BY id",
            params![reader, self.begin, rows],
        )?;
        self.connection.execute("UPDATE videos SET likes_count = 1", [])?;
        self.connection.execute(
            "INSERT INTO history (user_id, video_id, position_ms, watched_at) \
             SELECT ?1, id, 500, (?2 + created_at / 1000 * 7919 % ?3) * 1000 FROM videos ORDER BY id",
            params![reader, self.begin, rows],
        )?;
        let lists = (rows / ENTRIES).max(1);
        self.connection.execute(
            &format!(
                "{ROWS} INSERT INTO playlists (id, owner_id, name, visibility, entries_count, created_at, updated_at) \
                 SELECT {}, CASE n.i WHEN 1 THEN ?3 ELSE p.id END, 'A long list', 0, ?4, ?1 * 1000, ?1 * 1000 \
                 FROM n CROSS JOIN people p ON p.number = n.i - 1",
                id("0e")
            ),
            params![self.begin, lists, reader, ENTRIES.min(rows)],
        )?;
        self.connection.execute(
            &format!(
                "INSERT INTO playlist_entries (playlist_id, video_id, position, added_at) \
                 SELECT {}, n.id, n.place * 1000, ?1 * 1000 FROM \
                 (SELECT id, created_at / 1000 * 7919 % ?4 AS place, created_at / 1000 * 7919 % ?4 / ?3 + 1 AS i \
                 FROM videos) n WHERE n.i <= ?2",
                id("0e")
            ),
            params![self.begin, lists, ENTRIES, rows],
        )?;
        Ok(())
    }

    /// `reader` follows channels, and was told of comments.
    fn told_to(&self, reader: &[u8], template: &str, follows: i64) -> Result<(), BenchError> {
        // What the channels brought out before is not told, so the reader follows them from the start.
        self.connection.execute(
            &format!(
                "{ROWS} INSERT INTO subscriptions (subscriber_id, channel_id, id, created_at) \
                 SELECT ?3, p.id, {}, (?1 - 86400) * 1000 + n.i FROM n CROSS JOIN people p ON p.number = n.i - 1",
                id("0f")
            ),
            params![self.begin, follows, reader],
        )?;
        self.connection.execute(
            &format!(
                "{ROWS} INSERT INTO notifications (id, user_id, kind, video_id, comment_id, actor_id, created_at) \
                 SELECT {}, ?3, 2, unhex(?4), {}, p.id, (?1 + n.i) * 1000 \
                 FROM n CROSS JOIN people p ON p.number = n.i - 1",
                id("10"),
                id("0c")
            ),
            params![self.begin, NOTIFICATIONS, reader, template],
        )?;
        Ok(())
    }

    /// Brings the counters of people in step with all that.
    fn count(&self, reader: &[u8], follows: i64) -> Result<(), BenchError> {
        self.connection.execute(
            "UPDATE users SET subscriptions_count = ?2 WHERE id = ?1",
            params![reader, follows],
        )?;
        self.connection.execute(
            "UPDATE users SET subscribers_count = 1 WHERE id IN \
             (SELECT channel_id FROM subscriptions WHERE subscriber_id = ?1)",
            [reader],
        )?;
        self.connection.execute(
            "UPDATE users SET \
             videos_count = (SELECT count(*) FROM videos v WHERE v.owner_id = users.id), \
             listed_videos_count = (SELECT count(*) FROM videos v WHERE v.owner_id = users.id AND v.listed = 1), \
             tweets_count = (SELECT count(*) FROM tweets t WHERE t.owner_id = users.id), \
             received_likes_count = (SELECT coalesce(sum(v.likes_count), 0) FROM videos v WHERE v.owner_id = users.id) \
             WHERE id IN (SELECT DISTINCT channel_id FROM channel_posts)",
            [],
        )?;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use model::users::Role;
    use model::{Ids, Millis, UserId, VideoId};
    use store::{Settings, Store, library, users};

    use super::*;

    const NOW: Millis = Millis(1_760_000_000_000);
    const ROWS: i64 = 12_000;

    /// A database of this release with two people and a video.
    async fn found_town(settings: &Settings) -> VideoId {
        let store = Store::open(settings).await.unwrap();
        let ids = Ids::seeded(1);
        let mut tx = store.write().await.unwrap();
        let mut people: Vec<UserId> = Vec::new();
        for name in ["owner", "reader"] {
            let id = ids.next(NOW);
            let new = users::New {
                id,
                username: name,
                email: name,
                full_name: name,
                password_hash: "",
                role: Role::User,
                avatar_rev: "",
                cover_rev: None,
                now: NOW,
            };
            users::add(&mut tx, &new).await.unwrap();
            people.push(id);
        }
        let template: VideoId = ids.next(NOW);
        tx.exec(
            "INSERT INTO videos (id, owner_id, title, visibility, status, watchable, listed, created_at, updated_at, \
             published_at) VALUES ($1, $2, 'A clip', 0, 1, 1, 1, $3, $3, $3)",
            &store::params![template, people[0], NOW],
        )
        .await
        .unwrap();
        tx.commit().await.unwrap();
        store.close().await.unwrap();
        template
    }

    async fn wrong_counters(settings: &Settings) -> Vec<String> {
        let store = Store::open(settings).await.unwrap();
        let wrong = library::wrong_counters(&mut store.slow_read(60_000)).await;
        store.close().await.unwrap();
        wrong.unwrap()
    }

    #[tokio::test]
    async fn every_list_is_as_long_as_was_asked_for_and_counted() {
        let folder = tempfile::tempdir().unwrap();
        let first = Settings::sqlite(folder.path().join("first.db"));
        let template = found_town(&first).await.to_string();
        // A copy that no connection of the store is left on.
        let settings = Settings::sqlite(folder.path().join("second.db"));
        std::fs::copy(&first.file, &settings.file).unwrap();
        let playlist = everything(&settings.file, &template, "reader", ROWS, 500).unwrap();
        assert_eq!(wrong_counters(&settings).await, Vec::<String>::new());

        let connection = Connection::open(&settings.file).unwrap();
        let one = |sql: &str| connection.query_row(sql, [], |row| row.get::<_, i64>(0)).unwrap();
        for table in ["videos", "tweets", "comments", "likes", "history"] {
            assert_eq!(one(&format!("SELECT count(*) FROM {table}")), ROWS, "{table}");
        }
        assert_eq!(one("SELECT count(*) FROM channel_posts"), 2 * ROWS);
        assert_eq!(one("SELECT count(*) FROM subscriptions"), ROWS + 500);
        assert_eq!(
            one(&format!(
                "SELECT count(*) FROM playlist_entries WHERE playlist_id = unhex('{playlist}')"
            )),
            ENTRIES
        );
        assert_eq!(
            one("SELECT count(*) FROM notifications n JOIN comments c ON c.id = n.comment_id"),
            NOTIFICATIONS
        );
        let channels = one("SELECT count(DISTINCT owner_id) FROM videos");
        assert!(channels > 3_000, "{channels} channels have videos");
        let indexes = one("SELECT count(*) FROM sqlite_master WHERE name = 'comments_top_likes_idx'");
        assert_eq!(indexes, 1, "indexes are put back");
    }
}
