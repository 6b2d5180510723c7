//! What this node's disk keeps of a bucket, to send it again: a bounded number of bytes, those asked for last.
//!
//! A blob has one sparse file here, of its whole length, of which the blocks are filled that somebody asked
//! for. A block that is missing is fetched once, whoever waits for it, with some of those behind it. When
//! there is no room, what was not used for the longest time goes, in stretches of blocks. Nothing is
//! believed of what an earlier process left here: it may not have reached the disk.

mod blob;

use std::collections::HashMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, LazyLock};
use std::time::Instant;

use parking_lot::Mutex;
use tokio::sync::Semaphore;

use self::blob::Blob;
pub use self::blob::{Cached, Held};
use crate::local::Local;
use crate::s3::Remote;
use crate::{Key, ObjectsError, blocking};

/// Requests to the bucket at once that fill the cache.
const FILLS: usize = 64;
/// The most blobs that are known at once; each keeps a file open.
const MOST_BLOBS: usize = 512;
/// Locks of those who look at a blob for the first time.
const OPENINGS: usize = 16;

/// Reference for times of use.
static EPOCH: LazyLock<Instant> = LazyLock::new(Instant::now);

/// Coarse time, milliseconds.
fn now_ms() -> u64 {
    u64::try_from(EPOCH.elapsed().as_millis()).unwrap_or(u64::MAX)
}

#[derive(Debug)]
pub(crate) struct Cache(Arc<Shared>);

/// What all blobs share.
#[derive(Debug)]
struct Shared {
    remote: Arc<Remote>,
    node: Arc<Local>,
    most_bytes: u64,
    /// Bytes of blocks that are there or on their way.
    bytes: AtomicU64,
    blobs: Mutex<HashMap<Key, Arc<Blob>>>,
    opening: [tokio::sync::Mutex<()>; OPENINGS],
    fills: Semaphore,
    evicting: Mutex<()>,
}

impl Cache {
    pub(crate) fn new(remote: Arc<Remote>, node: Arc<Local>, most_bytes: u64) -> Self {
        Self(Arc::new(Shared {
            remote,
            node,
            most_bytes,
            bytes: AtomicU64::new(0),
            blobs: Mutex::default(),
            opening: Default::default(),
            fills: Semaphore::new(FILLS),
            evicting: Mutex::new(()),
        }))
    }

    /// The blob, as far as the disk has it; `None` when there is none in the bucket.
    pub(crate) async fn open(&self, key: &Key) -> Result<Option<Cached>, ObjectsError> {
        if let Some(blob) = self.0.find(key) {
            return Ok(Some(Cached(blob)));
        }
        // Among the crowd that waits for a new video, one asks the bucket.
        let place = key.as_str().bytes().map(usize::from).sum::<usize>() % OPENINGS;
        let turn = self.0.opening.get(place);
        let _turn = match turn {
            Some(turn) => Some(turn.lock().await),
            None => None,
        };
        if let Some(blob) = self.0.find(key) {
            return Ok(Some(Cached(blob)));
        }
        let Some(seen) = self.0.remote.look(key).await? else {
            return Ok(None);
        };
        let (shared, key) = (Arc::clone(&self.0), key.clone());
        let blob = blocking(move || {
            let blob = Arc::new(Blob::create(&shared, key.clone(), seen)?);
            shared.remember(key, &blob);
            Ok(blob)
        })
        .await?;
        Ok(Some(Cached(blob)))
    }

    /// Lets go of a blob that was removed or replaced. Who has it open reads on.
    pub(crate) fn forget(&self, key: &Key) {
        self.0.forget(key);
    }

    /// The same for all below `prefix`, and itself.
    pub(crate) fn forget_under(&self, prefix: &Key) {
        let below = format!("{prefix}/");
        let mut gone = Vec::new();
        self.0.blobs.lock().retain(|key, blob| {
            let goes = key == prefix || key.as_str().starts_with(&below);
            if goes {
                gone.push(Arc::clone(blob));
            }
            !goes
        });
        for blob in gone {
            blob.detach();
        }
    }

    /// Bytes that the disk has, or is about to have.
    pub(crate) fn bytes(&self) -> u64 {
        self.0.bytes.load(Ordering::Relaxed)
    }
}

impl Shared {
    fn find(&self, key: &Key) -> Option<Arc<Blob>> {
        self.blobs.lock().get(key).cloned()
    }

    fn remember(&self, key: Key, blob: &Arc<Blob>) {
        let mut gone = Vec::new();
        {
            let mut blobs = self.blobs.lock();
            if blobs.len() >= MOST_BLOBS {
                // Those that nobody has open; many at once, for looking at all of them costs.
                let mut idle: Vec<(u64, Key)> = blobs
                    .iter()
                    .filter(|(_, blob)| Arc::strong_count(blob) == 1)
                    .map(|(key, blob)| (blob.used_ms(), key.clone()))
                    .collect();
                idle.sort_unstable();
                for (_, key) in idle.into_iter().take(MOST_BLOBS / 16) {
                    gone.extend(blobs.remove(&key));
                }
            }
            gone.extend(blobs.insert(key, Arc::clone(blob)));
        }
        for blob in gone {
            blob.detach();
        }
    }

    fn forget(&self, key: &Key) {
        let gone = self.blobs.lock().remove(key);
        if let Some(blob) = gone {
            blob.detach();
        }
    }

    /// Lets stretches go that were not used for the longest time, until all fits. For blocking threads.
    fn make_room(&self) {
        if self.bytes.load(Ordering::Relaxed) <= self.most_bytes {
            return;
        }
        let _turn = self.evicting.lock();
        // A little more than is needed, for looking at all stretches costs.
        let enough = self.most_bytes - self.most_bytes / 16;
        let blobs: Vec<Arc<Blob>> = self.blobs.lock().values().cloned().collect();
        let mut stretches: Vec<(u64, usize, usize)> = Vec::new();
        for (place, blob) in blobs.iter().enumerate() {
            stretches.extend(blob.idle().map(|(used_ms, stretch)| (used_ms, place, stretch)));
        }
        stretches.sort_unstable();
        for (_, place, stretch) in stretches {
            if self.bytes.load(Ordering::Relaxed) <= enough {
                break;
            }
            let Some(blob) = blobs.get(place) else { continue };
            if let Err(error) = blob.evict(stretch) {
                tracing::warn!(error = %error, "A blob leaves the cache as a whole: {error}");
                self.forget(blob.key());
            }
        }
    }
}
