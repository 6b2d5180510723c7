//! A fresh store for each test, with one small table of shelves and what stands on them.

use std::path::Path;

use store::{Address, Migration, Settings, Store, StoreError, Tx, params};
use tempfile::TempDir;

pub const SCHEMA: &[Migration] = &[Migration {
    version: 1,
    name: "shelves",
    sql: "CREATE TABLE shelves (id INTEGER NOT NULL PRIMARY KEY, title TEXT NOT NULL UNIQUE, \
              books INTEGER NOT NULL CHECK (books >= 0)) STRICT;
          CREATE TABLE loans (shelf INTEGER NOT NULL REFERENCES shelves (id) \
              DEFERRABLE INITIALLY DEFERRED) STRICT;
          CREATE TABLE values_of_all_kinds (i INTEGER, r REAL, t TEXT, b BLOB) STRICT;",
    postgres:
        "CREATE TABLE shelves (id BIGINT NOT NULL PRIMARY KEY, title TEXT COLLATE \"C\" NOT NULL UNIQUE, \
              books BIGINT NOT NULL CHECK (books >= 0));
          CREATE TABLE loans (shelf BIGINT NOT NULL REFERENCES shelves (id) \
              DEFERRABLE INITIALLY DEFERRED);
          CREATE TABLE values_of_all_kinds (i BIGINT, r DOUBLE PRECISION, t TEXT, b BYTEA);",
}];

pub struct Library {
    pub store: Store,
    pub settings: Settings,
    _folder: TempDir,
}

impl Library {
    pub async fn fresh() -> Self {
        Self::fresh_with(|_| {}).await
    }

    pub async fn fresh_with(change: impl FnOnce(&mut Settings)) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let mut settings = settings_in(folder.path(), "library.db").await;
        change(&mut settings);
        let store = Store::open_with_migrations(&settings, SCHEMA).await.unwrap();
        Self {
            store,
            settings,
            _folder: folder,
        }
    }

    /// A second store on the same file, as after a restart: what it sees was in the file.
    pub async fn seen_by_another(&self) -> Store {
        Store::open_with_migrations(&self.settings, SCHEMA).await.unwrap()
    }

    pub async fn adds_shelf(&self, id: i64, title: &str) -> Result<(), StoreError> {
        let mut tx = self.store.write().await?;
        add_shelf(&mut tx, id, title).await?;
        tx.commit().await
    }

    pub async fn titles(&self) -> Vec<String> {
        titles(&mut self.store.read()).await
    }
}

/// The engine that tests run on: SQLite in the folder, or the PostgreSQL that was started for them.
pub async fn settings_in(folder: &Path, file: &str) -> Settings {
    match testkit::database_of(folder).await {
        Some(url) => Settings::postgres(Address::parse(&url).unwrap()),
        None => Settings::sqlite(folder.join(file)),
    }
}

pub async fn add_shelf(tx: &mut Tx, id: i64, title: &str) -> Result<u64, StoreError> {
    tx.exec(
        "INSERT INTO shelves (id, title, books) VALUES ($1, $2, 0)",
        &params![id, title],
    )
    .await
}

pub async fn titles(tx: &mut Tx) -> Vec<String> {
    tx.all("SELECT title FROM shelves ORDER BY id", &params![], |row| {
        Ok(row.text(0)?.to_owned())
    })
    .await
    .unwrap()
}

/// Uniform enough numbers that are the same in every run.
pub struct Dice(pub u64);

impl Dice {
    pub fn below(&mut self, end: u64) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0 % end
    }
}
