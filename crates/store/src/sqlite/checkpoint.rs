//! The checkpointer: a thread that keeps the WAL short without stopping the writer for long.
//!
//! Most pages are moved into the main file beside the writer. The rest, those written meanwhile, are
//! moved while the checkpointer holds the writer: then all of the WAL is in the main file, and the
//! next transaction starts the WAL anew. Without this pause a busy writer's WAL would grow for ever.

use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};

use rusqlite::Connection;
use tokio::sync::Mutex;

use super::connection::{self, Role};
use super::writer::Writer;
use crate::StoreError;

/// How long the WAL grows before it is moved, in pages of 4 KiB: 8 MiB.
const PAGES: u32 = 2_048;
/// What is left of a WAL that had to grow longer, for example beside a slow read, in bytes.
pub(super) const WAL_BYTES_KEPT: i64 = 32 << 20;

/// Asks the thread to work. It ends with its owner.
#[derive(Debug)]
pub(super) struct Checkpointer {
    ask: SyncSender<()>,
    wal_pages: Arc<AtomicU32>,
    /// The length at which to ask, in pages.
    next: AtomicU32,
}

impl Checkpointer {
    pub(super) fn start(
        file: &Path,
        writer: Arc<Mutex<Writer>>,
        wal_pages: Arc<AtomicU32>,
    ) -> Result<Self, StoreError> {
        // One place: a request that finds another waiting has nothing to add.
        let (ask, asked) = sync_channel(1);
        let conn = connection::open(file, Role::Checkpointer)?;
        std::thread::Builder::new()
            .name("store-checkpointer".into())
            .spawn(move || serve(&conn, &writer, &asked))
            .map_err(StoreError::opaque)?;
        Ok(Self {
            ask,
            wal_pages,
            next: AtomicU32::new(PAGES),
        })
    }

    /// Sets the thread to work if the WAL has grown long. A slow read can keep the WAL from starting
    /// anew; until it ends, each attempt waits for as much again.
    pub(super) fn look(&self) {
        let pages = self.wal_pages.load(Ordering::Relaxed);
        if pages < PAGES {
            self.next.store(PAGES, Ordering::Relaxed);
        } else if pages >= self.next.load(Ordering::Relaxed) {
            self.next.store(pages.saturating_add(PAGES), Ordering::Relaxed);
            let _ = self.ask.try_send(());
        }
    }
}

fn serve(conn: &Connection, writer: &Mutex<Writer>, asked: &Receiver<()>) {
    while asked.recv().is_ok() {
        if let Err(error) = shorten(conn, writer) {
            tracing::warn!(error = %error, "The WAL could not be moved into the main file: {error}");
        }
    }
}

fn shorten(conn: &Connection, writer: &Mutex<Writer>) -> Result<(), StoreError> {
    if checkpoint(conn)? < i64::from(PAGES) {
        return Ok(());
    }
    let mut writer = writer.blocking_lock();
    let ended = writer.commit_group();
    let done = checkpoint(conn);
    drop(writer);
    if let Some(ended) = ended {
        ended.tell();
    }
    done.map(|_| ())
}

/// Moves what no reader or writer is in the way of; tells how many pages the WAL has.
fn checkpoint(conn: &Connection) -> Result<i64, StoreError> {
    Ok(conn
        .prepare_cached("PRAGMA wal_checkpoint(PASSIVE)")?
        .query_row([], |row| row.get(1))?)
}
