//! Short reads: a small array of connections, used in place by whoever asks.

use std::cell::Cell;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};

use parking_lot::{Mutex, MutexGuard};
use rusqlite::Connection;

use super::connection::{self, Role};
use crate::StoreError;

/// The readers of one store; cheap to clone.
#[derive(Debug, Clone)]
pub(crate) struct Readers(Arc<Pool>);

#[derive(Debug)]
struct Pool {
    file: PathBuf,
    /// A connection is opened when its slot is used for the first time.
    slots: Box<[Slot]>,
    /// Grows when a connection finds that somebody has committed.
    stamp: AtomicU64,
}

/// On a cache line of its own, so that two threads' locks do not slow each other down.
#[derive(Debug, Default)]
#[repr(align(128))]
struct Slot(Mutex<Option<Reader>>);

#[derive(Debug)]
struct Reader {
    conn: Connection,
    /// The engine's own mark of the state that this connection last saw; means nothing to another.
    seen: Option<i64>,
}

/// Each thread starts looking at a slot of its own, which is free unless there are more threads than
/// slots.
fn home() -> usize {
    static THREADS: AtomicUsize = AtomicUsize::new(0);
    thread_local!(static HOME: Cell<Option<usize>> = const { Cell::new(None) });
    HOME.get().unwrap_or_else(|| {
        let home = THREADS.fetch_add(1, Ordering::Relaxed);
        HOME.set(Some(home));
        home
    })
}

impl Readers {
    pub(super) fn new(file: PathBuf) -> Self {
        let count = std::thread::available_parallelism().map_or(4, |n| n.get() + 2);
        Self(Arc::new(Pool {
            file,
            slots: (0..count).map(|_| Slot::default()).collect(),
            stamp: AtomicU64::new(0),
        }))
    }

    /// Runs `work` on a connection that nobody else uses meanwhile.
    pub(crate) fn with<T>(
        &self,
        work: impl FnOnce(&Connection) -> Result<T, StoreError>,
    ) -> Result<T, StoreError> {
        self.with_reader(|reader| work(&reader.conn))
    }

    /// See [`Store::stamp`](crate::Store::stamp).
    ///
    /// Each connection notices by itself whether somebody else has committed (readers never do), and
    /// raises the one number that all share. A connection that notices late raises it once more than
    /// need be, which costs a reading and never a stale answer.
    pub(crate) fn stamp(&self) -> Result<u64, StoreError> {
        self.with_reader(|reader| {
            let present = reader
                .conn
                .prepare_cached("PRAGMA data_version")?
                .query_row([], |row| row.get(0))?;
            if reader.seen.replace(present) != Some(present) {
                self.0.stamp.fetch_add(1, Ordering::SeqCst);
            }
            Ok(self.0.stamp.load(Ordering::SeqCst))
        })
    }

    fn with_reader<T>(
        &self,
        work: impl FnOnce(&mut Reader) -> Result<T, StoreError>,
    ) -> Result<T, StoreError> {
        let mut slot = self.free_slot();
        let reader = match &mut *slot {
            Some(reader) => reader,
            empty => empty.insert(Reader {
                conn: connection::open(&self.0.file, Role::Reader)?,
                seen: None,
            }),
        };
        work(reader)
    }

    /// Closes the connections; the next read opens its own again.
    pub(super) fn close(&self) {
        for slot in &self.0.slots {
            *slot.0.lock() = None;
        }
    }

    fn free_slot(&self) -> MutexGuard<'_, Option<Reader>> {
        let slots = &self.0.slots;
        let home = home() % slots.len();
        let (later, first) = slots.split_at(home);
        first
            .iter()
            .chain(later)
            .find_map(|slot| slot.0.try_lock())
            // Statements here take microseconds: waiting for one is cheaper than anything else.
            .unwrap_or_else(|| slots[home].0.lock())
    }
}
