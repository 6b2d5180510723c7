//! Metadata: what the site knows, as rows in SQLite or PostgreSQL, behind one seam.
//!
//! Owns connections, transactions, group commit, migrations, the lock on the data folder, and one
//! file of queries for each feature. Rules about who may do what live in `app`; media bytes live in
//! `objects`.
//!
//! [`Store::read`] runs short indexed statements in place, [`Store::slow_read`] what may scan, and
//! [`Store::write`] a transaction whose [`Tx::commit`] returns once it would survive a power cut.

use std::time::{Duration, Instant};

use postgres::replica;
use sqlite::slow::End;

mod error;
pub mod lock;
mod many;
pub mod migrate;
mod postgres;
mod row;
mod settings;
mod sqlite;
mod tx;
mod val;

pub use error::StoreError;
pub use lock::{DataLock, LockError};
pub use migrate::Migration;
pub use postgres::address::{Address, BadAddress};
pub use row::Row;
pub use settings::{Postgres, Settings};
pub(crate) use tx::Dialect;
pub use tx::{Key, Tx};
pub use val::{Val, Value};

/// What runs behind the store, for the summary at start.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EngineFacts {
    /// `sqlite` or `postgres`.
    pub engine: &'static str,
    /// The engine's version.
    pub version: String,
    /// How hard a commit is pressed onto the disk: `off`, `normal`, `full` or `extra`; of a PostgreSQL its
    /// `synchronous_commit`.
    pub synchronous: &'static str,
    /// How the engine survives a crash: `wal`.
    pub journal_mode: String,
}

/// The metadata of one instance. Cheap to clone; all clones are one store.
#[derive(Debug, Clone)]
pub struct Store(Engine);

#[derive(Debug, Clone)]
enum Engine {
    Sqlite(sqlite::Engine),
    Postgres(postgres::Engine),
}

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
        Ok(Self(if settings.postgres.is_some() {
            Engine::Postgres(postgres::Engine::open(settings.clone(), migrations).await?)
        } else {
            Engine::Sqlite(sqlite::Engine::open(settings.clone(), migrations).await?)
        }))
    }

    /// A handle for reading. Each statement sees everything that was committed before it; two statements may see two
    /// states. On SQLite it runs at once on the calling thread. Keep to statements that an index answers; what may
    /// scan belongs into [`Store::slow_read`].
    #[must_use]
    pub fn read(&self) -> Tx {
        match &self.0 {
            Engine::Sqlite(engine) => Tx::reading(engine.readers()),
            Engine::Postgres(engine) => Tx::reading_postgres(engine.reader(replica::may_lag())),
        }
    }

    /// A handle for reading whose statements run on threads or connections of their own, so that a scan delays
    /// nobody, and end with [`StoreError::Timeout`] `timeout_ms` after they were sent. Too many at
    /// once are [`StoreError::Busy`].
    #[must_use]
    pub fn slow_read(&self, timeout_ms: u64) -> Tx {
        self.slow(End::After(Duration::from_millis(timeout_ms)))
    }

    /// The same, for an answer that takes several statements: whatever is not done at `end`, waiting for a thread
    /// included, is [`StoreError::Timeout`].
    #[must_use]
    pub fn slow_read_until(&self, end: Instant) -> Tx {
        self.slow(End::At(end))
    }

    fn slow(&self, end: End) -> Tx {
        match &self.0 {
            Engine::Sqlite(engine) => Tx::slow(engine.slow_reader(end)),
            Engine::Postgres(engine) => Tx::slow_postgres(engine.slow_reader(end, replica::may_lag())),
        }
    }

    /// A handle for reading that sees one state of everything, however long it is used, and holds up nobody. Only
    /// PostgreSQL has it; a file is copied in other ways.
    pub async fn snapshot(&self) -> Result<Tx, StoreError> {
        match &self.0 {
            Engine::Sqlite(_) => Err(StoreError::Unsupported {
                what: "a snapshot of a file that is in use".to_owned(),
            }),
            Engine::Postgres(engine) => engine.snapshot().await.map(Tx::snapshot_of_postgres),
        }
    }

    /// Writes everything, as of one moment, into the new SQLite file `to`, whichever engine this is; nobody is held up.
    /// `told` hears how far it is: of which table or the file, and how many of its rows or hundredths.
    pub async fn copy_into(
        &self,
        to: &std::path::Path,
        mut told: impl FnMut(&str, u64) + Send + 'static,
    ) -> Result<(), StoreError> {
        match &self.0 {
            Engine::Sqlite(engine) => {
                let (from, to) = (engine.file().to_owned(), to.to_owned());
                tokio::task::spawn_blocking(move || {
                    sqlite::image::copy(&from, &to, |pages, left| {
                        let done = i64::from(pages - left) * 100 / i64::from(pages.max(1));
                        told("the file", done.unsigned_abs());
                    })
                })
                .await
                .map_err(StoreError::opaque)?
            }
            Engine::Postgres(_) => {
                let target = Self::open(&Settings::sqlite(to)).await?;
                let tables = copy::tables(&mut target.read()).await?;
                let mut from = self.snapshot().await?;
                copy::copy(&mut from, &target, &tables, told).await?;
                target.close().await
            }
        }
    }

    /// Lets what `work` reads lag behind by up to two seconds, where there are read replicas to answer it. Never for
    /// what decides who may see something, nor for anybody who may have just changed what they read.
    pub async fn lagging<T>(work: impl Future<Output = T>) -> T {
        replica::lagging(work).await
    }

    /// Does `work`. Also tells whether a transaction in it ended with [`StoreError::Busy`] only because others had
    /// changed what it was decided by, so that the same work may be done again; with `alone`, no other transaction of
    /// this process runs beside those in it, which is how work that lost once gets through. On SQLite nobody is ever
    /// overtaken.
    pub async fn attempt<T>(alone: bool, work: impl Future<Output = T>) -> (T, bool) {
        postgres::again::attempt(alone, work).await
    }

    /// Dates what is read next: while this answers the same number, nobody has committed anything, in
    /// this process or another, and what was read after the first of these calls still holds. Costs
    /// about as much as the shortest statement. Numbers grow, and mean nothing to another store.
    ///
    /// With PostgreSQL the number changes four times a second at least; what other nodes have committed may go
    /// unnoticed for that long.
    pub fn stamp(&self) -> Result<u64, StoreError> {
        match &self.0 {
            Engine::Sqlite(engine) => engine.readers().stamp(),
            Engine::Postgres(engine) => Ok(engine.stamp()),
        }
    }

    /// Begins a transaction for writing, with nothing slow inside: on SQLite one runs at a time, in the order of
    /// asking; on PostgreSQL each has a connection. Too many waiting, or waiting too long, is [`StoreError::Busy`].
    /// Dropped without [`Tx::commit`], it leaves nothing behind.
    ///
    /// On SQLite it sees changes of transactions that were committed a moment ago and are still on their way
    /// to the disk. If they do not arrive there, neither does it. On PostgreSQL it sees one state of everything, and
    /// may end with [`StoreError::Busy`] where another transaction has changed the same meanwhile.
    pub async fn write(&self) -> Result<Tx, StoreError> {
        match &self.0 {
            Engine::Sqlite(engine) => engine.write().await.map(Tx::writing),
            Engine::Postgres(engine) => engine.write().await.map(Tx::writing_postgres),
        }
    }

    /// [`Store::write`] for statements that each see what was committed before them: those that lock what they take and
    /// pass by what others have locked, as claims of jobs do, and those that add to a count which others add to at the
    /// same moment, as likes do. Nothing may be decided by a row that was read before and is not locked.
    pub async fn write_passing_by(&self) -> Result<Tx, StoreError> {
        match &self.0 {
            Engine::Sqlite(engine) => engine.write().await.map(Tx::writing),
            Engine::Postgres(engine) => {
                let tx = engine.write().await?;
                Ok(Tx::writing_postgres(tx.passing_by()))
            }
        }
    }

    /// Whether transactions run side by side, so that one may be overtaken by another.
    pub fn runs_side_by_side(&self) -> bool {
        matches!(self.0, Engine::Postgres(_))
    }

    /// What runs behind this store.
    pub fn engine_facts(&self) -> &EngineFacts {
        match &self.0 {
            Engine::Sqlite(engine) => engine.facts(),
            Engine::Postgres(engine) => engine.facts(),
        }
    }

    /// Ends the store: waits for what is being written, moves it into the main file, and answers all
    /// later calls of [`Store::write`] with [`StoreError::Closed`].
    pub async fn close(&self) -> Result<(), StoreError> {
        match &self.0 {
            Engine::Sqlite(engine) => engine.close().await,
            Engine::Postgres(engine) => {
                engine.close();
                Ok(())
            }
        }
    }
}

// ---- One file of queries for each feature, below this line. ----
pub mod analytics;
pub mod audit;
pub mod blocks;
pub mod channel_posts;
pub mod comments;
pub mod conversation;
pub mod copy;
pub mod counters;
pub mod doctor;
pub mod encodings;
pub mod exports;
pub mod feed;
pub mod held;
pub mod history;
pub mod imports;
pub mod jobs;
pub mod keyset;
pub mod library;
pub mod likes;
pub mod locks;
pub mod notifications;
pub mod object_hashes;
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
