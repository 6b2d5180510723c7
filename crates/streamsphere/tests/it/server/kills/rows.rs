//! What the rows of a server say, read beside it or from what a dead one left.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::time::{Duration, Instant};

use store::{Row, Store, StoreError, params};

use crate::kit::conversation::UNFINISHED;

/// Opens a database that may be in use.
pub async fn open(database: &Path) -> Store {
    let settings = store::Settings {
        migrate: false,
        ..store::Settings::sqlite(database)
    };
    Store::open(&settings).await.unwrap()
}

/// All rows of an answer.
pub async fn all<T: Send + 'static>(
    store: &Store,
    sql: &str,
    map: impl FnMut(&Row<'_>) -> Result<T, StoreError> + Send + 'static,
) -> Vec<T> {
    store.read().all(sql, &params![], map).await.unwrap()
}

/// What was there at a moment.
#[derive(Debug, Default)]
pub struct Snapshot {
    /// Files of finished pieces and of whole renditions, by what they are. The name of a file tells which
    /// run of which job made it.
    made: BTreeMap<String, String>,
    /// Jobs that were done, with the number of their last run.
    done: BTreeMap<String, i64>,
    /// Jobs that were running.
    pub running: BTreeSet<String>,
}

impl Snapshot {
    /// Reads a copy of what a dead server left, so that the next one finds it as it was.
    pub async fn of_dead(data: &Path) -> Self {
        let folder = tempfile::tempdir().unwrap();
        for name in ["streamsphere.db", "streamsphere.db-wal"] {
            if data.join(name).exists() {
                std::fs::copy(data.join(name), folder.path().join(name)).unwrap();
            }
        }
        let store = open(&folder.path().join("streamsphere.db")).await;
        let made = all(
            &store,
            "SELECT lower(hex(video_id)) || ' ' || name, object_key FROM renditions UNION ALL \
             SELECT lower(hex(video_id)) || ' ' || name || ' ' || chunk, object_key FROM parts",
            |row| Ok((row.text(0)?.to_owned(), row.text(1)?.to_owned())),
        );
        let made = made.await.into_iter().collect();
        let done = all(
            &store,
            "SELECT lower(hex(id)), fence FROM jobs WHERE state = 2",
            |row| Ok((row.text(0)?.to_owned(), row.int(1)?)),
        );
        let done = done.await.into_iter().collect();
        let running = all(&store, "SELECT lower(hex(id)) FROM jobs WHERE state = 1", |row| {
            Ok(row.text(0)?.to_owned())
        });
        let running = running.await.into_iter().collect();
        store.close().await.unwrap();
        Self { made, done, running }
    }

    /// Asserts that nothing which was finished before was touched again: a kill costs at most what was being
    /// worked on.
    pub fn still_has(&self, before: &Self) {
        for (what, key) in &before.made {
            // A piece is forgotten once it is part of a whole rendition.
            let whole = what.splitn(3, ' ').take(2).collect::<Vec<_>>().join(" ");
            match self.made.get(what) {
                Some(now) => assert_eq!(now, key, "{what} was made again"),
                None => assert!(what != &whole && self.made.contains_key(&whole), "{what} is gone"),
            }
        }
        for (job, run) in &before.done {
            assert_eq!(self.done.get(job), Some(run), "job {job} was done and ran again");
        }
    }
}

/// Lets what is to be tidied later be tidied at the next start. The server must not be running.
pub async fn makes_sweeps_due(data: &Path) {
    let store = open(&data.join("streamsphere.db")).await;
    let mut tx = store.write().await.unwrap();
    let due =
        "UPDATE jobs SET run_at = 0, due = 1 WHERE state = 0 AND kind IN ('sweep_video', 'remove_objects')";
    assert!(
        tx.exec(due, &params![]).await.unwrap() > 0,
        "there is something to tidy"
    );
    tx.commit().await.unwrap();
    store.close().await.unwrap();
}

/// Waits until no job is to be done any more, but for those that were put off on purpose.
pub async fn waits_for_all_jobs(data: &Path) {
    let store = open(&data.join("streamsphere.db")).await;
    let deadline = Instant::now() + Duration::from_mins(1);
    loop {
        let sql = format!("SELECT kind FROM jobs WHERE {UNFINISHED}");
        let left = all(&store, &sql, |row| Ok(row.text(0)?.to_owned())).await;
        if left.is_empty() {
            break;
        }
        assert!(Instant::now() < deadline, "still to be done: {left:?}");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    store.close().await.unwrap();
}
