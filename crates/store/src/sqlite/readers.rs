//! Short reads: a small array of connections, used in place by whoever asks.

use std::cell::Cell;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

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
}

/// On a cache line of its own, so that two threads' locks do not slow each other down.
#[derive(Debug, Default)]
#[repr(align(128))]
struct Slot(Mutex<Option<Connection>>);

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
        }))
    }

    /// Runs `work` on a connection that nobody else uses meanwhile.
    pub(crate) fn with<T>(
        &self,
        work: impl FnOnce(&Connection) -> Result<T, StoreError>,
    ) -> Result<T, StoreError> {
        let mut slot = self.free_slot();
        let conn = match &mut *slot {
            Some(conn) => conn,
            empty => empty.insert(connection::open(&self.0.file, Role::Reader)?),
        };
        work(conn)
    }

    /// Closes the connections; the next read opens its own again.
    pub(super) fn close(&self) {
        for slot in &self.0.slots {
            *slot.0.lock() = None;
        }
    }

    fn free_slot(&self) -> MutexGuard<'_, Option<Connection>> {
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
