//! Turns: who may touch an upload's bytes at the moment, and the hash so far.
//!
//! A client whose connection broke comes back before we have noticed. So whoever comes later is let in: the
//! one before keeps what it has received and leaves.

use std::collections::HashMap;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use model::UploadId;
use objects::Hashed;
use tokio::sync::{Notify, OwnedMutexGuard};

use crate::error::{Error, Kind, Refusal};

/// How long a request waits for the one before it to leave.
const PATIENCE: Duration = Duration::from_secs(2);
/// How many uploads are remembered before those that nobody is at are forgotten. What is lost with them is
/// the hash so far, which is then read from the file.
const REMEMBERED: usize = 1024;

/// The uploads that are being worked on, or were a moment ago.
#[derive(Debug, Default)]
pub(super) struct Live(Mutex<HashMap<UploadId, Arc<One>>>);

#[derive(Debug, Default)]
struct One {
    turn: Arc<tokio::sync::Mutex<Option<Hashed>>>,
    waiting: AtomicUsize,
    arrived: Notify,
}

/// A request's turn at an upload; the next one comes when it is dropped.
#[derive(Debug)]
pub(super) struct Turn {
    one: Arc<One>,
    hashed: OwnedMutexGuard<Option<Hashed>>,
}

/// Counts a request among the waiting while it is.
struct Waiting<'a>(&'a AtomicUsize);

impl Drop for Waiting<'_> {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::AcqRel);
    }
}

impl Live {
    fn one(&self, id: UploadId) -> Arc<One> {
        let mut all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if all.len() >= REMEMBERED {
            all.retain(|_, one| Arc::strong_count(one) > 1);
        }
        Arc::clone(all.entry(id).or_default())
    }

    /// Takes a turn. Whoever has it is asked to leave; one that does not in time is [`Kind::Locked`].
    pub(super) async fn take(&self, id: UploadId) -> Result<Turn, Error> {
        let one = self.one(id);
        one.waiting.fetch_add(1, Ordering::AcqRel);
        let waiting = Waiting(&one.waiting);
        one.arrived.notify_waiters();
        let taken = tokio::time::timeout(PATIENCE, Arc::clone(&one.turn).lock_owned()).await;
        drop(waiting);
        let Ok(hashed) = taken else {
            let message = "Another request is at this upload. Try again in a moment.";
            return Err(Refusal::new(Kind::Locked, "upload_locked", message)
                .retry_after(1)
                .into());
        };
        Ok(Turn { one, hashed })
    }

    /// Takes a turn if nobody has it.
    pub(super) fn try_take(&self, id: UploadId) -> Option<Turn> {
        let one = self.one(id);
        let hashed = Arc::clone(&one.turn).try_lock_owned().ok()?;
        Some(Turn { one, hashed })
    }

    /// Forgets an upload that is gone.
    pub(super) fn forget(&self, id: UploadId) {
        let mut all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        // Whoever waits at it still finds each other.
        if all.get(&id).is_some_and(|one| Arc::strong_count(one) <= 2) {
            all.remove(&id);
        }
    }
}

impl Turn {
    /// Ready when someone else waits for the turn.
    pub(super) async fn awaited(&self) {
        loop {
            let arrived = self.one.arrived.notified();
            if self.one.waiting.load(Ordering::Acquire) > 0 {
                return;
            }
            arrived.await;
        }
    }

    /// The hash of the bytes so far, where it is remembered.
    pub(super) fn hashed(&mut self) -> &mut Option<Hashed> {
        &mut self.hashed
    }
}
