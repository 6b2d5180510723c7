//! Metadata: what the site knows, as rows in SQLite (PostgreSQL joins behind the same seam).
//!
//! Owns connections, transactions, group commit, migrations, the lock on the data folder, and one
//! file of queries for each feature. Rules about who may do what live in `app`; media bytes live in
//! `objects`.
//!
//! [`Store::read`] runs short indexed statements in place, [`Store::slow_read`] what may scan, and
//! [`Store::write`] a transaction whose [`Tx::commit`] returns once it would survive a power cut.

use std::time::{Duration, Instant};

use sqlite::slow::End;

mod error;
pub mod lock;
mod many;
pub mod migrate;
mod row;
mod settings;
mod sqlite;
mod tx;
mod val;

pub use error::StoreError;
pub use lock::{DataLock, LockError};
pub use migrate::Migration;
pub use row::Row;
pub use settings::Settings;
pub use tx::{Key, Tx};
pub use val::Val;

/// What runs behind the store, for the summary at start.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EngineFacts {
    /// `sqlite`.
    pub engine: &'static str,
    /// The engine's version.
    pub version: String,
    /// How hard a commit is pressed onto the disk: `off`, `normal`, `full` or `extra`.
    pub synchronous: &'static str,
    /// How the engine survives a crash: `wal`.
    pub journal_mode: String,
}

/// The metadata of one instance. Cheap to clone; all clones are one store.
#[derive(Debug, Clone)]
pub struct Store(sqlite::Engine);

impl Store {
    /// Opens the store, makes it where there is none, and brings its schema up to date.
    pub async fn open(settings: &Settings) -> Result<Self, StoreError> {
        Self::open_with_migrations(settings, migrate::ALL).await
    }

    /// [`Store::open`] with a schema of the caller's; for tests.
    pub async fn open_with_migrations(
        settings: &Settings,
        migrations: &'static [Migration],
    ) -> Result<Self, StoreError> {
        sqlite::Engine::open(settings.clone(), migrations).await.map(Self)
    }

    /// A handle for reading. Each statement runs at once on the calling thread and sees everything
    /// that was committed before it; two statements may see two states. Keep to statements that an
    /// index answers; what may scan belongs into [`Store::slow_read`].
    #[must_use]
    pub fn read(&self) -> Tx {
        Tx::reading(self.0.readers())
    }

    /// A handle for reading whose statements run on threads of their own, so that a scan delays
    /// nobody, and end with [`StoreError::Timeout`] `timeout_ms` after they were sent. Too many at
    /// once are [`StoreError::Busy`].
    #[must_use]
    pub fn slow_read(&self, timeout_ms: u64) -> Tx {
        let end = End::After(Duration::from_millis(timeout_ms));
        Tx::slow(self.0.slow_reader(end))
    }

    /// The same, for an answer that takes several statements: whatever is not done at `end`, waiting for a thread
    /// included, is [`StoreError::Timeout`].
    #[must_use]
    pub fn slow_read_until(&self, end: Instant) -> Tx {
        Tx::slow(self.0.slow_reader(End::At(end)))
    }

    /// Dates what is read next: while this answers the same number, nobody has committed anything, in
    /// this process or another, and what was read after the first of these calls still holds. Costs
    /// about as much as the shortest statement. Numbers grow, and mean nothing to another store.
    pub fn stamp(&self) -> Result<u64, StoreError> {
        self.0.readers().stamp()
    }

    /// Begins a transaction for writing. One runs at a time, in the order of asking, so nothing slow
    /// belongs inside; too many waiting, or waiting too long, is [`StoreError::Busy`]. Dropped
    /// without [`Tx::commit`], it leaves nothing behind.
    ///
    /// It sees changes of transactions that were committed a moment ago and are still on their way
    /// to the disk. If they do not arrive there, neither does it.
    pub async fn write(&self) -> Result<Tx, StoreError> {
        self.0.write().await.map(Tx::writing)
    }

    /// What runs behind this store.
    pub fn engine_facts(&self) -> &EngineFacts {
        self.0.facts()
    }

    /// Ends the store: waits for what is being written, moves it into the main file, and answers all
    /// later calls of [`Store::write`] with [`StoreError::Closed`].
    pub async fn close(&self) -> Result<(), StoreError> {
        self.0.close().await
    }
}

// ---- One file of queries for each feature, below this line. ----
pub mod analytics;
pub mod audit;
pub mod blocks;
pub mod channel_posts;
pub mod comments;
pub mod conversation;
pub mod counters;
pub mod doctor;
pub mod encodings;
pub mod exports;
pub mod feed;
pub mod held;
pub mod history;
pub mod jobs;
pub mod keyset;
pub mod library;
pub mod likes;
pub mod notifications;
pub mod places;
pub mod playlists;
pub mod posters;
pub mod push;
pub mod quotas;
pub mod related;
pub mod renditions;
pub mod replacements;
pub mod reports;
pub mod search;
pub mod sessions;
pub mod site;
pub mod sitemaps;
pub mod subjects;
pub mod subscriptions;
pub mod takedowns;
pub mod trending;
pub mod tweets;
pub mod uploads;
pub mod users;
pub mod videos;
pub mod webhooks;
