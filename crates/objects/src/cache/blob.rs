//! One blob in the cache: its sparse file, which of its blocks are there, and who is at them.

use std::fs::{self, File};
use std::os::unix::fs::FileExt as _;
use std::path::PathBuf;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Weak};

use bytes::{Bytes, BytesMut};
use futures_util::StreamExt as _;
use parking_lot::Mutex;
use rustix::fs::FallocateFlags;
use tokio::sync::Notify;

use super::{Shared, now_ms};
use crate::s3::Seen;
use crate::{Key, ObjectsError, blocking, staged};

/// What is fetched and kept as one.
const BLOCK_BYTES: u64 = 256 << 10;
/// Blocks that go together when room is needed; their state fits in a word.
const STRETCH_BLOCKS: u64 = 64;
const STRETCH_BYTES: u64 = STRETCH_BLOCKS * BLOCK_BYTES;
/// The least that one request to the bucket fetches, where so much is missing.
const LEAST_BLOCKS: u64 = 4;
/// The most that one request fetches.
const MOST_BLOCKS: u64 = 16;
/// The next stretch of a blob is asked for when a reader has no more than this before it.
const AHEAD_BYTES: u64 = 2 << 20;

/// A blob of the bucket, as far as this node's disk has it. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Cached(pub(super) Arc<Blob>);

/// Bytes that stay on the disk as long as this is kept.
#[derive(Debug)]
pub struct Held {
    blob: Arc<Blob>,
    places: Vec<u64>,
}

#[derive(Debug)]
pub(super) struct Blob {
    key: Key,
    seen: Seen,
    file: File,
    path: PathBuf,
    shared: Weak<Shared>,
    used_ms: AtomicU64,
    places: Mutex<Places>,
    /// Told whenever blocks came, will not come, or have gone.
    progress: Notify,
}

#[derive(Debug)]
struct Places {
    stretches: Box<[Stretch]>,
    /// Counted in the cache. One that is not lives as long as somebody has it open.
    attached: bool,
    /// Fetches that failed.
    failures: u64,
    /// The last of them.
    failure: Option<Failure>,
}

#[derive(Debug, Clone, Default)]
struct Stretch {
    /// A bit for each block that is there.
    present: u64,
    /// A bit for each block that is on its way.
    busy: u64,
    /// All of it is just given back; nothing is fetched into it meanwhile.
    going: bool,
    /// Readers who are at it.
    pins: u32,
    used_ms: u64,
}

/// Why blocks did not come, for all who wait for them.
#[derive(Debug, Clone)]
enum Failure {
    NoSpace,
    Changed,
    Unavailable(Arc<ObjectsError>),
}

/// Blocks that somebody has set out to fetch. What is left of them when this goes will not come.
struct Claim {
    blob: Arc<Blob>,
    left: std::ops::Range<u64>,
}

impl Cached {
    /// The blob's size.
    pub fn size_bytes(&self) -> u64 {
        self.0.seen.size_bytes
    }

    /// The file, as long as the blob. Bytes that nobody holds may read as zeros.
    pub fn file(&self) -> &File {
        &self.0.file
    }

    /// Takes hold of bytes from `at` on, which lies within the blob: how many of `most` are there, up to a
    /// bound; `None` when the first is not. They stay until [`Cached::release`] is called with the same
    /// `at`, as often as this.
    ///
    /// When there is no more left than a reader takes in a moment, what follows is fetched beside.
    pub fn hold(&self, at: u64, most: u64) -> Option<u64> {
        let mut places = self.0.places.lock();
        let (bytes, more) = self.0.hold(&mut places, at, most)?;
        let ahead = more.and_then(|(next, wanted)| self.0.claim(&mut places, next, wanted));
        drop(places);
        if let Some(run) = ahead {
            self.fill(run);
        }
        Some(bytes)
    }

    /// Lets go of what [`Cached::hold`] or [`Cached::fetch`] took at `at`.
    pub fn release(&self, at: u64) {
        self.0.release(at);
    }

    /// Takes hold as [`Cached::hold`] does, and fetches what is missing: at least one byte. Others who wait
    /// for the same do so together, and leaving early takes nothing from them.
    pub async fn fetch(&self, at: u64, most: u64) -> Result<u64, ObjectsError> {
        let before = self.0.places.lock().failures;
        loop {
            let mut progress = std::pin::pin!(self.0.progress.notified());
            // From here on nothing is missed.
            progress.as_mut().enable();
            {
                let mut places = self.0.places.lock();
                if let Some((bytes, _)) = self.0.hold(&mut places, at, most) {
                    return Ok(bytes);
                }
                if !places.is_busy(at / BLOCK_BYTES) {
                    if places.failures != before {
                        return Err(places.failure());
                    }
                    let run = self.0.claim(&mut places, at / BLOCK_BYTES, blocks_of(at, most));
                    drop(places);
                    if let Some(run) = run {
                        self.fill(run);
                    }
                }
            }
            progress.await;
        }
    }

    /// Takes hold of all bytes of these ranges, which is meant for a few at a time; those behind the end
    /// are left out.
    pub async fn fetch_all(
        &self,
        ranges: impl IntoIterator<Item = std::ops::Range<u64>>,
    ) -> Result<Held, ObjectsError> {
        let mut held = Held {
            blob: Arc::clone(&self.0),
            places: Vec::new(),
        };
        for range in ranges {
            let (mut at, end) = (range.start, range.end.min(self.size_bytes()));
            while at < end {
                let bytes = self.fetch(at, end - at).await?;
                held.places.push(at);
                at += bytes;
            }
        }
        Ok(held)
    }

    /// Fetches beside, to the end, whoever waits.
    fn fill(&self, run: std::ops::Range<u64>) {
        let claim = Claim {
            blob: Arc::clone(&self.0),
            left: run,
        };
        tokio::spawn(claim.fill());
    }
}

impl Drop for Held {
    fn drop(&mut self) {
        for at in &self.places {
            self.blob.release(*at);
        }
    }
}

/// How many blocks one request fetches for a reader who wants `most` bytes from `at` on.
fn blocks_of(at: u64, most: u64) -> u64 {
    let end = at.saturating_add(most).div_ceil(BLOCK_BYTES);
    (end - at / BLOCK_BYTES).clamp(LEAST_BLOCKS, MOST_BLOCKS)
}

impl Blob {
    pub(super) fn create(shared: &Arc<Shared>, key: Key, seen: Seen) -> Result<Self, ObjectsError> {
        let path = shared.node.cache_name();
        let file = staged::create(&path)?;
        file.set_len(seen.size_bytes)?;
        let stretches = seen.size_bytes.div_ceil(STRETCH_BYTES);
        let stretches = usize::try_from(stretches).map_err(std::io::Error::other)?;
        Ok(Self {
            key,
            seen,
            file,
            path,
            shared: Arc::downgrade(shared),
            used_ms: AtomicU64::new(now_ms()),
            places: Mutex::new(Places {
                stretches: vec![Stretch::default(); stretches].into(),
                attached: true,
                failures: 0,
                failure: None,
            }),
            progress: Notify::new(),
        })
    }

    pub(super) fn key(&self) -> &Key {
        &self.key
    }

    pub(super) fn used_ms(&self) -> u64 {
        self.used_ms.load(Ordering::Relaxed)
    }

    fn blocks(&self) -> u64 {
        self.seen.size_bytes.div_ceil(BLOCK_BYTES)
    }

    /// As [`Cached::hold`]; answers also which block comes next and how many, when it is time to fetch them.
    fn hold(&self, places: &mut Places, at: u64, most: u64) -> Option<(u64, Option<(u64, u64)>)> {
        let block = at / BLOCK_BYTES;
        let stretch = places.stretch(block)?;
        let run = u64::from((stretch.present >> (block % STRETCH_BLOCKS)).trailing_ones());
        if run == 0 {
            return None;
        }
        let now = now_ms();
        stretch.pins += 1;
        stretch.used_ms = now;
        self.used_ms.store(now, Ordering::Relaxed);
        let there = ((block + run) * BLOCK_BYTES).min(self.seen.size_bytes) - at;
        let goes_on = there < most && there <= AHEAD_BYTES && block + run < self.blocks();
        let ahead = goes_on.then(|| (block + run, blocks_of(at + there, most - there)));
        Some((there.min(most), ahead))
    }

    fn release(&self, at: u64) {
        let mut places = self.places.lock();
        if let Some(stretch) = places.stretch(at / BLOCK_BYTES) {
            stretch.pins = stretch.pins.saturating_sub(1);
        }
    }

    /// Sets out to fetch the block and those behind it, up to one that is there or on its way.
    fn claim(&self, places: &mut Places, first: u64, most: u64) -> Option<std::ops::Range<u64>> {
        let mut end = first;
        while end < self.blocks().min(first + most) {
            let bit = 1 << (end % STRETCH_BLOCKS);
            match places.stretch(end) {
                Some(stretch) if !stretch.going && (stretch.present | stretch.busy) & bit == 0 => {
                    stretch.busy |= bit;
                }
                _ => break,
            }
            end += 1;
        }
        if end == first {
            return None;
        }
        if places.attached
            && let Some(shared) = self.shared.upgrade()
        {
            shared
                .bytes
                .fetch_add((end - first) * BLOCK_BYTES, Ordering::Relaxed);
        }
        Some(first..end)
    }

    /// Leaves the cache. Who has it open reads on, and fetches what they need.
    pub(super) fn detach(&self) {
        let mut places = self.places.lock();
        if std::mem::replace(&mut places.attached, false) {
            self.uncount(places.count());
            drop(places);
            self.unlink();
        }
    }

    fn uncount(&self, blocks: u64) {
        if let Some(shared) = self.shared.upgrade() {
            shared.bytes.fetch_sub(blocks * BLOCK_BYTES, Ordering::Relaxed);
        }
    }

    fn unlink(&self) {
        if let Err(error) = fs::remove_file(&self.path)
            && error.kind() != std::io::ErrorKind::NotFound
        {
            tracing::warn!(error = %error, "A file of the cache stays: {error}");
        }
    }

    /// Stretches that could go, and when they were used last.
    pub(super) fn idle(&self) -> impl Iterator<Item = (u64, usize)> {
        let places = self.places.lock();
        let idle: Vec<_> = places
            .stretches
            .iter()
            .enumerate()
            .filter(|(_, stretch)| stretch.is_idle())
            .map(|(number, stretch)| (stretch.used_ms, number))
            .collect();
        idle.into_iter()
    }

    /// Gives the room of a stretch back, unless somebody is at it. For blocking threads.
    pub(super) fn evict(&self, number: usize) -> Result<(), ObjectsError> {
        {
            let mut places = self.places.lock();
            let attached = places.attached;
            match places.stretches.get_mut(number) {
                Some(stretch) if attached && stretch.is_idle() => {
                    let blocks = stretch.present.count_ones();
                    (stretch.present, stretch.going) = (0, true);
                    self.uncount(u64::from(blocks));
                }
                _ => return Ok(()),
            }
        }
        let how = FallocateFlags::PUNCH_HOLE | FallocateFlags::KEEP_SIZE;
        let punched = rustix::fs::fallocate(&self.file, how, number as u64 * STRETCH_BYTES, STRETCH_BYTES);
        let mut places = self.places.lock();
        if let Some(stretch) = places.stretches.get_mut(number) {
            stretch.going = false;
        }
        drop(places);
        self.progress.notify_waiters();
        Ok(punched?)
    }
}

impl Drop for Blob {
    fn drop(&mut self) {
        self.detach();
    }
}

impl Places {
    fn stretch(&mut self, block: u64) -> Option<&mut Stretch> {
        let number = usize::try_from(block / STRETCH_BLOCKS).ok()?;
        self.stretches.get_mut(number)
    }

    fn is_busy(&mut self, block: u64) -> bool {
        let bit = 1 << (block % STRETCH_BLOCKS);
        self.stretch(block)
            .is_some_and(|stretch| stretch.going || stretch.busy & bit != 0)
    }

    /// Blocks that are there or on their way.
    fn count(&self) -> u64 {
        let each = |stretch: &Stretch| u64::from((stretch.present | stretch.busy).count_ones());
        self.stretches.iter().map(each).sum()
    }

    fn failure(&self) -> ObjectsError {
        match &self.failure {
            Some(Failure::NoSpace) => ObjectsError::NoSpace,
            Some(Failure::Unavailable(error)) => ObjectsError::Unavailable(Box::new(Arc::clone(error))),
            Some(Failure::Changed) | None => ObjectsError::Changed,
        }
    }
}

impl Stretch {
    fn is_idle(&self) -> bool {
        self.present != 0 && self.busy == 0 && self.pins == 0 && !self.going
    }
}

impl Claim {
    async fn fill(mut self) {
        let Err(error) = self.fetch().await else { return };
        tracing::warn!(
            key = %self.blob.key, error = %error,
            "Could not fetch a part of {}: {error}", self.blob.key
        );
        let failure = match error {
            ObjectsError::NoSpace => Failure::NoSpace,
            ObjectsError::Changed => Failure::Changed,
            other => Failure::Unavailable(Arc::new(other)),
        };
        if matches!(failure, Failure::Changed)
            && let Some(shared) = self.blob.shared.upgrade()
        {
            // The next one to ask looks anew.
            shared.forget(&self.blob.key);
        }
        let mut places = self.blob.places.lock();
        places.failures += 1;
        places.failure = Some(failure);
    }

    async fn fetch(&mut self) -> Result<(), ObjectsError> {
        let blob = Arc::clone(&self.blob);
        // Nobody waits any more when the cache is gone.
        let Some(shared) = blob.shared.upgrade() else {
            return Ok(());
        };
        let _turn = shared.fills.acquire().await.map_err(std::io::Error::other)?;
        let room = Arc::clone(&shared);
        blocking(move || {
            room.make_room();
            Ok(())
        })
        .await?;
        let end = (self.left.end * BLOCK_BYTES).min(blob.seen.size_bytes);
        let range = self.left.start * BLOCK_BYTES..end;
        let mut stream = shared
            .remote
            .stream(&blob.key, blob.seen.tag.clone(), range)
            .await?;
        let mut block = BytesMut::with_capacity(BLOCK_BYTES as usize);
        while let Some(piece) = stream.next().await {
            let mut piece: Bytes = piece?;
            while !piece.is_empty() && !self.left.is_empty() {
                let from = self.left.start * BLOCK_BYTES;
                let whole = BLOCK_BYTES.min(end - from) as usize;
                let taken = piece.split_to(piece.len().min(whole - block.len()));
                block.extend_from_slice(&taken);
                if block.len() == whole {
                    let bytes = block.split().freeze();
                    let to = Arc::clone(&blob);
                    blocking(move || Ok(to.file.write_all_at(&bytes, from)?)).await?;
                    self.arrived();
                }
            }
        }
        if self.left.is_empty() {
            Ok(())
        } else {
            Err(ObjectsError::Changed)
        }
    }

    /// The next block is there.
    fn arrived(&mut self) {
        let block = self.left.start;
        {
            let mut places = self.blob.places.lock();
            let bit = 1 << (block % STRETCH_BLOCKS);
            if let Some(stretch) = places.stretch(block) {
                stretch.busy &= !bit;
                stretch.present |= bit;
                stretch.used_ms = now_ms();
            }
        }
        self.left.start += 1;
        self.blob.progress.notify_waiters();
    }
}

impl Drop for Claim {
    fn drop(&mut self) {
        let mut places = self.blob.places.lock();
        for block in self.left.clone() {
            if let Some(stretch) = places.stretch(block) {
                stretch.busy &= !(1 << (block % STRETCH_BLOCKS));
            }
        }
        if places.attached {
            self.blob.uncount(self.left.end.saturating_sub(self.left.start));
        }
        drop(places);
        self.blob.progress.notify_waiters();
    }
}
