//! Copies all rows of one store into another, whichever engines they have, and proves that they are the same.
//!
//! Tables are copied one after the other in the order of their keys, a page in a transaction, so that a copy that was
//! cut off goes on behind the last row that arrived. What is derived from rows (the full-text index) is not copied but
//! made anew. Which tables there are is asked of the store that is a SQLite file: one of the two is.
//!
//! Nobody else may write into either store meanwhile, unless the source is read through a snapshot.

use std::fmt::Write as _;

use model::{CommentId, TweetId, UserId, VideoId};

use crate::{Row, Store, StoreError, Tx, Val, Value, comments, params, search, tweets};

/// Rows of one page.
const PAGE: i64 = 500;
/// Values of one inserting statement at most.
const VALUES: usize = 2_000;

/// Derived from other rows, and made anew: the index, its rows, and passages, which a background task reads again.
const DERIVED: &[&str] = &[
    "schema_migrations",
    "locks",
    "video_search_rows",
    "channel_search_rows",
    "comment_words_rows",
    "tweet_words_rows",
    "tweet_search_rows",
    "caption_tracks",
    "caption_passages",
    "caption_pending",
];
/// Of these others have references.
const FIRST: &[&str] = &["users", "videos"];
/// Have rows from the beginning, which give way to the copied ones.
const SEEDED: &[&str] = &["counters", "site_numbers", "instance"];

/// One table.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Table {
    /// Its name.
    pub name: String,
    columns: Vec<String>,
    /// Places of the key's columns among the columns, in the order of the key.
    key: Vec<usize>,
}

/// What a copy came to.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Copied {
    /// Rows of all tables.
    pub rows: u64,
    /// Tables.
    pub tables: usize,
}

/// What two stores differ in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Difference {
    /// Which table.
    pub table: String,
    /// In words.
    pub what: String,
}

/// The tables whose rows are copied, those that others refer to first. `file` reads a SQLite store.
pub async fn tables(file: &mut Tx) -> Result<Vec<Table>, StoreError> {
    let names = file
        .all(
            "SELECT name FROM pragma_table_list WHERE schema = 'main' AND type = 'table' \
             AND name NOT LIKE 'sqlite_%' ORDER BY name LIMIT 1000",
            &params![],
            |row| Ok(row.text(0)?.to_owned()),
        )
        .await?;
    let mut all = Vec::new();
    for name in names.into_iter().filter(|name| !DERIVED.contains(&name.as_str())) {
        let columns = file
            .all(
                "SELECT name, pk FROM pragma_table_info($1) ORDER BY cid LIMIT 1000",
                &params![&name],
                |row| Ok((row.text(0)?.to_owned(), row.int(1)?)),
            )
            .await?;
        let mut key: Vec<(i64, usize)> = columns
            .iter()
            .enumerate()
            .filter(|(_, (_, place))| *place > 0)
            .map(|(at, (_, place))| (*place, at))
            .collect();
        key.sort_unstable();
        all.push(Table {
            name,
            columns: columns.into_iter().map(|(column, _)| column).collect(),
            key: key.into_iter().map(|(_, at)| at).collect(),
        });
    }
    all.sort_by_key(|table| {
        FIRST
            .iter()
            .position(|first| *first == table.name)
            .unwrap_or(FIRST.len())
    });
    Ok(all)
}

impl Table {
    /// Selects rows in the order of the key, behind a row or from the beginning.
    fn page(&self, after: Option<&[Value]>) -> String {
        let keys: Vec<&str> = self.keys().collect();
        let mut text = format!("SELECT {} FROM {}", self.columns.join(", "), self.name);
        if after.is_some() {
            let marks: Vec<String> = (1..=keys.len()).map(|n| format!("${n}")).collect();
            // Writing to a string cannot fail.
            let _ = write!(text, " WHERE ({}) > ({})", keys.join(", "), marks.join(", "));
        }
        let limit = if after.is_some() { keys.len() + 1 } else { 1 };
        format!("{text} ORDER BY {} LIMIT ${limit}", keys.join(", "))
    }

    fn keys(&self) -> impl Iterator<Item = &str> {
        self.key
            .iter()
            .filter_map(|at| self.columns.get(*at))
            .map(String::as_str)
    }

    fn key_of(&self, row: &[Value]) -> Vec<Value> {
        self.key.iter().filter_map(|at| row.get(*at)).cloned().collect()
    }

    async fn read(&self, tx: &mut Tx, after: Option<&[Value]>) -> Result<Vec<Vec<Value>>, StoreError> {
        let mut params: Vec<Val<'_>> = after.unwrap_or_default().iter().map(Value::as_val).collect();
        params.push(Val::Int(PAGE));
        let columns = self.columns.len();
        let map = |row: &Row<'_>| (0..columns).map(|column| row.any(column)).collect();
        tx.all(&self.page(after), &params, map).await
    }

    async fn write(&self, tx: &mut Tx, rows: &[Vec<Value>]) -> Result<(), StoreError> {
        let columns = self.columns.len();
        for some in rows.chunks((VALUES / columns.max(1)).max(1)) {
            let tuples: Vec<String> = (0..some.len())
                .map(|row| {
                    let marks: Vec<String> =
                        (1..=columns).map(|n| format!("${}", row * columns + n)).collect();
                    format!("({})", marks.join(", "))
                })
                .collect();
            let text = format!(
                "INSERT INTO {} ({}) VALUES {}",
                self.name,
                self.columns.join(", "),
                tuples.join(", ")
            );
            let params: Vec<Val<'_>> = some.iter().flatten().map(Value::as_val).collect();
            tx.exec(&text, &params).await?;
        }
        Ok(())
    }

    /// The key of the last row that is there.
    async fn last(&self, tx: &mut Tx) -> Result<Option<Vec<Value>>, StoreError> {
        let order: Vec<String> = self.keys().map(|key| format!("{key} DESC")).collect();
        let text = format!(
            "SELECT {} FROM {} ORDER BY {} LIMIT 1",
            self.keys().collect::<Vec<_>>().join(", "),
            self.name,
            order.join(", ")
        );
        let keys = self.key.len();
        tx.one(&text, &params![], |row| {
            (0..keys).map(|column| row.any(column)).collect()
        })
        .await
    }
}

/// Under this a copy that has begun is noted in the target's instance facts: before all others, since a copy goes on
/// behind the last that is there.
const BEGUN: &str = " copy";

/// Copies every row of `from` into `to`, which is empty or has what an earlier, unfinished call brought there. `told`
/// hears of each table and how many rows of it have arrived.
pub async fn copy(
    from: &mut Tx,
    to: &Store,
    tables: &[Table],
    mut told: impl FnMut(&str, u64),
) -> Result<Copied, StoreError> {
    begin(to, tables).await?;
    let mut copied = Copied::default();
    for table in tables {
        let mut after = table.last(&mut to.read()).await?;
        let mut arrived = 0;
        loop {
            let rows = table.read(from, after.as_deref()).await?;
            let Some(last) = rows.last() else { break };
            after = Some(table.key_of(last));
            let mut tx = to.write().await?;
            table.write(&mut tx, &rows).await?;
            tx.commit().await?;
            arrived += rows.len() as u64;
            told(&table.name, arrived);
        }
        copied.rows += arrived;
        copied.tables += 1;
    }
    let counted = counted(from).await?;
    index(to, &counted, &mut told).await?;
    if to.runs_side_by_side() {
        weigh(to).await?;
    }
    let mut tx = to.write().await?;
    tx.exec("DELETE FROM instance WHERE key = $1", &params![BEGUN])
        .await?;
    tx.commit().await?;
    Ok(copied)
}

/// Has PostgreSQL look at what arrived. It would do so by itself some minutes later, and until then plan as if every table
/// were nearly empty.
async fn weigh(to: &Store) -> Result<(), StoreError> {
    let names: Vec<String> = to
        .read()
        .all(
            "SELECT quote_ident(tablename) FROM pg_tables WHERE schemaname = current_schema()",
            &params![],
            |row| row.text(0).map(str::to_owned),
        )
        .await?;
    for name in names {
        let mut tx = to.write().await?;
        tx.exec(&format!("ANALYZE {name}"), &params![]).await?;
        tx.commit().await?;
    }
    Ok(())
}

/// Refuses a target that holds something else, and makes room for rows that a new store has from the beginning.
async fn begin(to: &Store, tables: &[Table]) -> Result<(), StoreError> {
    let mut tx = to.write().await?;
    let begun = crate::counters::fact(&mut tx, BEGUN).await?.is_some();
    if begun {
        return Ok(());
    }
    for table in tables
        .iter()
        .filter(|table| !SEEDED.contains(&table.name.as_str()))
    {
        if table.last(&mut tx).await?.is_some() {
            return Err(StoreError::Unsupported {
                what: format!("copying into a store that has rows in {}", table.name),
            });
        }
    }
    for seeded in SEEDED {
        tx.exec(&format!("DELETE FROM {seeded}"), &params![]).await?;
    }
    crate::counters::save_fact(&mut tx, BEGUN, "1").await?;
    tx.commit().await
}

/// Videos and channels whose words are counted.
struct CountedWords {
    videos: Vec<VideoId>,
    channels: Vec<UserId>,
}

async fn counted(from: &mut Tx) -> Result<CountedWords, StoreError> {
    Ok(CountedWords {
        videos: from
            .all(
                "SELECT video_id FROM video_search_rows WHERE counted = 1 ORDER BY video_id",
                &params![],
                |row| row.id(0),
            )
            .await?,
        channels: from
            .all(
                "SELECT user_id FROM channel_search_rows WHERE counted = 1 ORDER BY user_id",
                &params![],
                |row| row.id(0),
            )
            .await?,
    })
}

/// Makes the full-text index of what was copied.
async fn index(
    to: &Store,
    counted: &CountedWords,
    told: &mut impl FnMut(&str, u64),
) -> Result<(), StoreError> {
    let mut done = 0;
    for (name, sql) in [
        (
            "words of videos",
            "SELECT id FROM videos WHERE id > $1 AND NOT EXISTS (SELECT 1 FROM video_search_rows r WHERE r.video_id = videos.id) ORDER BY id LIMIT $2",
        ),
        (
            "words of comments",
            "SELECT id FROM comments WHERE id > $1 AND parent_id IS NULL AND NOT EXISTS (SELECT 1 FROM comment_words_rows r WHERE r.comment_id = comments.id) ORDER BY id LIMIT $2",
        ),
        (
            "words of tweets",
            "SELECT id FROM tweets WHERE id > $1 AND NOT EXISTS (SELECT 1 FROM tweet_words_rows r WHERE r.tweet_id = tweets.id) ORDER BY id LIMIT $2",
        ),
        (
            "words of channels",
            "SELECT id FROM users WHERE id > $1 ORDER BY id LIMIT $2",
        ),
    ] {
        let mut after = vec![0_u8; 12];
        loop {
            let page: Vec<model::ObjectId> = to
                .read()
                .all(sql, &params![after.as_slice(), PAGE], |row| row.id(0))
                .await?;
            let Some(last) = page.last() else { break };
            after = last.0.to_vec();
            let mut tx = to.write().await?;
            for id in &page {
                match name {
                    "words of videos" => {
                        let video = VideoId(*id);
                        let counted = counted.videos.binary_search(&video).is_ok();
                        search::videos::add_copied(&mut tx, video, counted).await?;
                    }
                    "words of comments" => comments::add_words(&mut tx, CommentId(*id)).await?,
                    "words of tweets" => tweets::add_words(&mut tx, TweetId(*id)).await?,
                    _ => {
                        let user = UserId(*id);
                        let counted = counted.channels.binary_search(&user).is_ok();
                        search::channels::add_copied(&mut tx, user, counted).await?;
                    }
                }
            }
            tx.commit().await?;
            done += page.len() as u64;
            told(name, done);
        }
        done = 0;
    }
    // What is said in videos is read from the files again.
    let mut tx = to.write().await?;
    tx.exec(
        "INSERT INTO caption_pending (video_id) SELECT id FROM videos WHERE captions <> '[]' \
         ON CONFLICT (video_id) DO NOTHING",
        &params![],
    )
    .await?;
    tx.commit().await
}

/// Reads both stores through side by side and tells what differs, at most `most` differences.
pub async fn compare(
    one: &mut Tx,
    other: &mut Tx,
    tables: &[Table],
    most: usize,
    mut told: impl FnMut(&str, u64),
) -> Result<(u64, Vec<Difference>), StoreError> {
    let (mut rows, mut found) = (0, Vec::new());
    for table in tables {
        let mut after: Option<Vec<Value>> = None;
        let mut seen = 0;
        loop {
            let ours = table.read(one, after.as_deref()).await?;
            let theirs = table.read(other, after.as_deref()).await?;
            for (at, row) in ours.iter().enumerate() {
                let same = theirs.get(at) == Some(row);
                if !same && found.len() < most {
                    let what = format!("the row with the key {:?} is not the same", table.key_of(row));
                    found.push(Difference {
                        table: table.name.clone(),
                        what,
                    });
                }
            }
            if theirs.len() != ours.len() && found.len() < most {
                found.push(Difference {
                    table: table.name.clone(),
                    what: format!("{} rows here and {} there", ours.len(), theirs.len()),
                });
            }
            seen += ours.len() as u64;
            told(&table.name, seen);
            match ours.last() {
                Some(last) if ours.len() as i64 == PAGE => after = Some(table.key_of(last)),
                _ => break,
            }
        }
        rows += seen;
    }
    Ok((rows, found))
}
