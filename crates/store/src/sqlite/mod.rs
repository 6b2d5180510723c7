//! The SQLite engine: one file, many readers, one writer.
//!
//! Owns connections and threads. `writer` is the group commit, `readers` the short reads, `slow` the
//! long ones, `checkpoint` keeps the WAL short.

mod checkpoint;
pub(crate) mod connection;
mod gate;
pub(crate) mod image;
pub(crate) mod readers;
pub(crate) mod slow;
pub(crate) mod statement;
pub(crate) mod writer;

use std::sync::Arc;
use std::time::{Duration, Instant};

use self::readers::Readers;
use self::slow::{End, SlowReader, SlowReaders};
use self::writer::{WriteTx, Writers};
use crate::{EngineFacts, Migration, Settings, StoreError, migrate};

/// One open SQLite store; cheap to clone.
#[derive(Debug, Clone)]
pub(crate) struct Engine(Arc<Parts>);

#[derive(Debug)]
struct Parts {
    readers: Readers,
    slow: SlowReaders,
    writers: Writers,
    facts: EngineFacts,
    file: std::path::PathBuf,
}

impl Engine {
    pub(crate) async fn open(
        settings: Settings,
        migrations: &'static [Migration],
    ) -> Result<Self, StoreError> {
        tokio::task::spawn_blocking(move || Self::open_blocking(&settings, migrations))
            .await
            .map_err(StoreError::opaque)?
    }

    fn open_blocking(settings: &Settings, migrations: &[Migration]) -> Result<Self, StoreError> {
        connection::assert_engine()?;
        if syncs_are_sabotaged() {
            tracing::warn!("SABOTAGE: nothing is synced to the disk, a power cut will lose data");
        }
        // Several that turn a new file to WAL at once are told that it is busy, without being made to
        // wait. Each step may be done again.
        let patience = Instant::now() + connection::OPENING;
        let facts = loop {
            match prepare(settings, migrations) {
                Err(StoreError::Busy) if Instant::now() < patience => {
                    std::thread::sleep(Duration::from_millis(5));
                }
                other => break other?,
            }
        };
        Ok(Self(Arc::new(Parts {
            readers: Readers::new(settings.file.clone()),
            slow: SlowReaders::start(&settings.file, settings.slow_queue)?,
            writers: Writers::start(settings)?,
            facts,
            file: settings.file.clone(),
        })))
    }

    pub(crate) fn readers(&self) -> Readers {
        self.0.readers.clone()
    }

    pub(crate) fn slow_reader(&self, end: End) -> SlowReader {
        self.0.slow.reader(end)
    }

    pub(crate) async fn write(&self) -> Result<WriteTx, StoreError> {
        self.0.writers.begin().await
    }

    /// Where the file is.
    pub(crate) fn file(&self) -> &std::path::Path {
        &self.0.file
    }

    pub(crate) fn facts(&self) -> &EngineFacts {
        &self.0.facts
    }

    pub(crate) async fn close(&self) -> Result<(), StoreError> {
        self.0.readers.close();
        self.0.writers.close().await
    }
}

/// Makes the file if need be and brings its schema up to date.
fn prepare(settings: &Settings, migrations: &[Migration]) -> Result<EngineFacts, StoreError> {
    connection::create(&settings.file)?;
    let mut migrator = connection::open(&settings.file, connection::Role::Migrator)?;
    if settings.migrate {
        migrate::run(&mut migrator, migrations, settings.clock.now())?;
    } else {
        migrate::refuse_pending(&mut migrator, migrations)?;
    }
    facts(&migrator)
}

fn facts(conn: &rusqlite::Connection) -> Result<EngineFacts, StoreError> {
    let synchronous = conn.pragma_query_value(None, "synchronous", |row| row.get::<_, i64>(0))?;
    Ok(EngineFacts {
        engine: "sqlite",
        version: rusqlite::version().to_owned(),
        synchronous: match synchronous {
            0 => "off",
            1 => "normal",
            2 => "full",
            _ => "extra",
        },
        journal_mode: conn.pragma_query_value(None, "journal_mode", |row| row.get(0))?,
    })
}

/// Whether this build was made to lose data, and told to, so that the power-cut tests have something
/// that they must catch.
fn syncs_are_sabotaged() -> bool {
    is_sabotaged("no-sync")
}

/// Whether this build was made to commit each transaction by itself, and told to, so that the group
/// commit can be measured against the same server without it.
fn groups_are_sabotaged() -> bool {
    is_sabotaged("no-groups")
}

#[cfg(feature = "sabotage")]
fn is_sabotaged(how: &str) -> bool {
    std::env::var("STREAMSPHERE_SABOTAGE").is_ok_and(|told| told == how)
}

/// Only a build with the feature `sabotage` can be told anything.
#[cfg(not(feature = "sabotage"))]
const fn is_sabotaged(_how: &str) -> bool {
    false
}
