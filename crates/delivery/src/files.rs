//! Open files: opened once, shared by all who read them, and read without ever blocking an async worker.
//!
//! Owns descriptors and the knowledge of what is in the page cache. Which path belongs to whom is the caller's.
//! Files under a path are taken to be immutable: whoever replaces or deletes one calls [`FileCache::forget`].

use crate::source::{Held, Source};
use parking_lot::RwLock;
use rustix::{
    fs::{Advice, FileType, Mode, OFlags},
    io::{Errno, ReadWriteFlags},
};
use std::{
    collections::HashMap,
    io::{self, IoSliceMut},
    num::NonZeroU64,
    ops::Range,
    os::fd::{AsFd, BorrowedFd, OwnedFd},
    path::{Path, PathBuf},
    sync::{
        Arc, LazyLock,
        atomic::{AtomicU32, Ordering},
    },
};
use tokio::{
    sync::{Semaphore, SemaphorePermit},
    time::Instant,
};

/// After so many ticks, 5 minutes, an unused file is closed when the next one is opened.
const IDLE_TICKS: u32 = 1172;
/// Reads that may wait for the disk at once. The threads are shared with the rest of the process, so a crowd of
/// cold readers must not take them all.
const COLD_READS: usize = 32;
/// Unit of what is remembered about the page cache.
const BLOCK_BYTES: u64 = 1024 * 1024;
/// Most blocks remembered per file, in 16 KiB; longer files share the places.
const MAX_BLOCKS: u64 = 4096;
/// Pages are looked at this far apart. Read-ahead brings them in by runs of at least this size.
const PROBE_STRIDE_BYTES: u64 = 128 * 1024;
/// How long a look at the page cache is believed, in ticks.
const WARM_FOR: u32 = 8;
/// Length of a tick, and how many bits of a place count them.
const TICK_MS: u128 = 256;
const TICK_BITS: u32 = 20;
/// `f_type` of file systems that live in memory.
const TMPFS: u64 = 0x0102_1994;
const RAMFS: u64 = 0x8584_58f6;

static COLD: Semaphore = Semaphore::const_new(COLD_READS);
/// Reference for coarse ages in milliseconds.
static EPOCH: LazyLock<Instant> = LazyLock::new(Instant::now);

/// A regular file, open for reading.
#[derive(Debug)]
pub struct OpenFile {
    file: OwnedFd,
    len: u64,
    modified_ms: i64,
    /// Lives in memory, so that no read ever waits for a disk.
    in_memory: bool,
    /// When a block was last seen in the page cache. Direct-mapped: the lower bits are the tick of the look, the
    /// upper ones tell blocks that share a place apart. A wrong guess costs a wait for the disk, nothing else.
    warm: Box<[AtomicU32]>,
    /// Brings what is not in the file yet; `None` where all is.
    source: Option<Arc<dyn Source>>,
}

impl OpenFile {
    /// Opens a regular file. Symbolic links are not followed in the last component; a link or anything else that
    /// is not a regular file is `InvalidInput`. May wait for the disk.
    pub fn open(path: &Path) -> io::Result<Self> {
        // Without NONBLOCK, opening a pipe would wait for its writer.
        let flags = OFlags::RDONLY | OFlags::CLOEXEC | OFlags::NOFOLLOW | OFlags::NONBLOCK | OFlags::NOCTTY;
        let file = rustix::fs::open(path, flags, Mode::empty()).map_err(|errno| match errno {
            Errno::LOOP => io::Error::new(io::ErrorKind::InvalidInput, "a symbolic link is not served"),
            other => other.into(),
        })?;
        Self::from_fd(file)
    }

    /// Takes a descriptor that was opened elsewhere, for instance beneath a folder handle.
    pub fn from_fd(file: OwnedFd) -> io::Result<Self> {
        let stat = rustix::fs::fstat(&file)?;
        if FileType::from_raw_mode(stat.st_mode) != FileType::RegularFile {
            return Err(io::Error::new(
                io::ErrorKind::InvalidInput,
                "only regular files are served",
            ));
        }
        let system = rustix::fs::fstatfs(&file)?.f_type as u64;
        let len = u64::try_from(stat.st_size).unwrap_or(0);
        let in_memory = system == TMPFS || system == RAMFS;
        let blocks = if in_memory {
            0
        } else {
            len.div_ceil(BLOCK_BYTES).min(MAX_BLOCKS)
        };
        Ok(Self {
            len,
            modified_ms: stat
                .st_mtime
                .saturating_mul(1000)
                .saturating_add(stat.st_mtime_nsec as i64 / 1_000_000),
            in_memory,
            file,
            warm: (0..blocks).map(|_| AtomicU32::new(0)).collect(),
            source: None,
        })
    }

    /// The same file, of which `source` brings the bytes while they are sent. Its length is that of the whole.
    #[must_use]
    pub fn filled_by(mut self, source: Arc<dyn Source>) -> Self {
        self.source = Some(source);
        self
    }

    /// Takes hold of some of the `most` bytes from `at` on, and waits where none are there yet.
    pub(crate) async fn hold(&self, at: u64, most: u64) -> io::Result<Held> {
        match &self.source {
            None => Ok(Held::all(at, most)),
            Some(source) => Held::soon(source, at, most).await,
        }
    }

    /// As [`hold`](Self::hold), for those who cannot wait; `None` where they would have to.
    pub(crate) fn hold_now(&self, at: u64, most: u64) -> Option<Held> {
        match &self.source {
            None => Some(Held::all(at, most)),
            Some(source) => Held::now(source, at, most),
        }
    }

    /// Waits until the first bytes of a range can be sent at once, which the source may refuse. A file that
    /// has its bytes is always ready.
    pub(crate) async fn is_ready(&self, range: &Range<u64>) -> bool {
        let Some(source) = self.source.as_ref().filter(|_| !range.is_empty()) else {
            return true;
        };
        let held = Held::soon(source, range.start, range.end - range.start).await;
        held.inspect_err(|error| tracing::warn!(error = %error, "Bytes of a file did not come: {error}"))
            .is_ok()
    }

    /// Length in bytes when it was opened.
    pub fn len_bytes(&self) -> u64 {
        self.len
    }

    /// Time of the last change when it was opened, milliseconds since 1970 UTC.
    pub fn modified_ms(&self) -> i64 {
        self.modified_ms
    }

    /// Reads into `buf` what the page cache has; `None` when the disk would have to be waited for.
    pub(crate) fn read_now(&self, buf: &mut [u8], at: u64) -> io::Result<Option<usize>> {
        let flags = if self.in_memory {
            ReadWriteFlags::empty()
        } else {
            ReadWriteFlags::NOWAIT
        };
        loop {
            return match rustix::io::preadv2(&self.file, &mut [IoSliceMut::new(buf)], at, flags) {
                Ok(0) if !buf.is_empty() => Err(shrunk()),
                Ok(read) => Ok(Some(read)),
                Err(Errno::INTR) => continue,
                // Some file systems cannot tell; they are treated as cold.
                Err(Errno::AGAIN | Errno::OPNOTSUPP) => Ok(None),
                Err(other) => Err(other.into()),
            };
        }
    }

    /// Reads into `buf`, waiting for the disk. For blocking threads.
    pub(crate) fn read_blocking(&self, buf: &mut [u8], at: u64) -> io::Result<usize> {
        loop {
            return match rustix::io::pread(&self.file, &mut *buf, at) {
                Ok(0) if !buf.is_empty() => Err(shrunk()),
                Ok(read) => Ok(read),
                Err(Errno::INTR) => continue,
                Err(other) => Err(other.into()),
            };
        }
    }

    /// Sees to it that `len` bytes from `at` are in the page cache, so that `sendfile` will hardly ever wait for
    /// the disk: `sendfile` has no flag against waiting, and one that waits stops every connection of its worker.
    /// What is warm costs a table look-up; what is cold is read once on a blocking thread, and the block after it
    /// is asked for meanwhile.
    pub(crate) async fn make_warm(self: &Arc<Self>, at: u64, len: u64) -> io::Result<()> {
        if self.in_memory || len == 0 {
            return Ok(());
        }
        let mut from = at;
        let end = at + len;
        while from < end {
            let block = from / BLOCK_BYTES;
            let until = end.min((block + 1) * BLOCK_BYTES);
            let memory = self.memory_of(block);
            let fresh = memory.is_some_and(|(place, now)| {
                let known = place.load(Ordering::Relaxed);
                known >> TICK_BITS == now >> TICK_BITS && now.wrapping_sub(known) <= WARM_FOR
            });
            if !fresh {
                // A look at the whole block, not at the part of it that is wanted now: what is remembered must
                // hold for whoever comes next.
                let start = block * BLOCK_BYTES;
                let whole_end = self.len.min(start + BLOCK_BYTES);
                if self.is_resident(start, whole_end)? {
                    if let Some((place, now)) = memory {
                        place.store(now, Ordering::Relaxed);
                    }
                } else if !self.is_resident(from, until)? {
                    self.fetch(from, until).await?;
                }
            }
            from = until;
        }
        Ok(())
    }

    /// Where the last look at a block is remembered, and what a look now is remembered as.
    fn memory_of(&self, block: u64) -> Option<(&AtomicU32, u32)> {
        let places = self.warm.len() as u64;
        let place = self.warm.get(usize::try_from(block.checked_rem(places)?).ok()?)?;
        // Never the 0 of a place without memory.
        let tick = tick() + WARM_FOR + 1;
        let tag = (block / places) as u32;
        Some((place, (tag << TICK_BITS) | (tick & ((1 << TICK_BITS) - 1))))
    }

    /// Whether the page cache has the bytes, judged by samples.
    fn is_resident(&self, from: u64, end: u64) -> io::Result<bool> {
        let mut byte = [0_u8];
        let mut at = from;
        while at < end {
            if self.read_now(&mut byte, at)?.is_none() {
                return Ok(false);
            }
            at += PROBE_STRIDE_BYTES;
        }
        Ok(end <= from || self.read_now(&mut byte, end - 1)?.is_some())
    }

    /// Reads the bytes on a blocking thread and drops them: afterwards the page cache has them.
    async fn fetch(self: &Arc<Self>, from: u64, end: u64) -> io::Result<()> {
        let file = Arc::clone(self);
        blocking(move || {
            // Only a hint; a system that does not take it reads a little later.
            let _ = rustix::fs::fadvise(
                &file.file,
                from,
                NonZeroU64::new(end - from + BLOCK_BYTES),
                Advice::WillNeed,
            );
            let mut scratch = vec![0_u8; 64 * 1024];
            let mut at = from;
            while at < end {
                let want = scratch.len().min(usize::try_from(end - at).unwrap_or(usize::MAX));
                at += file.read_blocking(&mut scratch[..want], at)? as u64;
            }
            Ok(())
        })
        .await
    }
}

impl AsFd for OpenFile {
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.file.as_fd()
    }
}

/// Runs a read that may wait for the disk, a bounded number of them at once.
pub(crate) async fn blocking<T: Send + 'static>(
    work: impl FnOnce() -> io::Result<T> + Send + 'static,
) -> io::Result<T> {
    let permit = COLD.acquire().await.map_err(io::Error::other)?;
    on_thread(permit, work).await
}

async fn on_thread<T: Send + 'static>(
    permit: SemaphorePermit<'static>,
    work: impl FnOnce() -> io::Result<T> + Send + 'static,
) -> io::Result<T> {
    tokio::task::spawn_blocking(move || {
        let _permit = permit;
        work()
    })
    .await
    .map_err(io::Error::other)?
}

/// Coarse time.
fn tick() -> u32 {
    (EPOCH.elapsed().as_millis() / TICK_MS) as u32
}

/// A file became shorter than it was: what was promised cannot be sent.
pub(crate) fn shrunk() -> io::Error {
    io::Error::new(
        io::ErrorKind::UnexpectedEof,
        "the file is shorter than when it was opened",
    )
}

/// Files kept open, a bounded number of them; the least recently used is closed first.
#[derive(Debug)]
pub struct FileCache {
    capacity: usize,
    known: RwLock<Known>,
}

#[derive(Debug, Default)]
struct Known {
    files: HashMap<PathBuf, Cached>,
    /// Changes with each forgetting, so that an opening under way does not bring back what was forgotten.
    forgettings: u64,
}

#[derive(Debug)]
struct Cached {
    file: Arc<OpenFile>,
    /// Tick of the last use.
    used: AtomicU32,
}

impl FileCache {
    /// A cache of at most `capacity` open files. Each takes a descriptor, so stay well below `RLIMIT_NOFILE`.
    pub fn new(capacity: usize) -> Self {
        Self {
            capacity: capacity.max(1),
            known: RwLock::default(),
        }
    }

    /// The open file under `path`, opened on a blocking thread when it is not open yet. Errors are those of
    /// [`OpenFile::open`] and are not remembered.
    pub async fn open(&self, path: &Path) -> io::Result<Arc<OpenFile>> {
        if let Some(file) = self.find(path) {
            return Ok(file);
        }
        let permit = COLD.acquire().await.map_err(io::Error::other)?;
        // Among the crowd that waits for a new video, the first have opened it by now.
        if let Some(file) = self.find(path) {
            return Ok(file);
        }
        let before = self.known.read().forgettings;
        let wanted = path.to_path_buf();
        let opened = Arc::new(on_thread(permit, move || OpenFile::open(&wanted)).await?);
        self.remember(path, &opened, before);
        Ok(opened)
    }

    /// The same for a file that `open` opens, whatever `path` names. Several may be opened for one path at
    /// once; the last stays.
    pub async fn open_with<E>(
        &self,
        path: &Path,
        open: impl AsyncFnOnce() -> Result<OpenFile, E>,
    ) -> Result<Arc<OpenFile>, E> {
        if let Some(file) = self.find(path) {
            return Ok(file);
        }
        let before = self.known.read().forgettings;
        let opened = Arc::new(open().await?);
        self.remember(path, &opened, before);
        Ok(opened)
    }

    fn find(&self, path: &Path) -> Option<Arc<OpenFile>> {
        let known = self.known.read();
        let cached = known.files.get(path)?;
        let now = tick();
        // Only a change is written: the line is shared by all workers.
        if cached.used.load(Ordering::Relaxed) != now {
            cached.used.store(now, Ordering::Relaxed);
        }
        Some(Arc::clone(&cached.file))
    }

    /// Keeps a file, unless something was forgotten since `before`, and closes what is unused.
    fn remember(&self, path: &Path, file: &Arc<OpenFile>, before: u64) {
        let mut known = self.known.write();
        if known.forgettings != before {
            return;
        }
        let now = tick();
        // Opening a file costs far more than looking at all entries does.
        known
            .files
            .retain(|_, cached| now.wrapping_sub(cached.used.load(Ordering::Relaxed)) < IDLE_TICKS);
        while known.files.len() >= self.capacity {
            let age = |cached: &Cached| now.wrapping_sub(cached.used.load(Ordering::Relaxed));
            let oldest = known.files.iter().max_by_key(|(_, cached)| age(cached));
            let Some(oldest) = oldest.map(|(path, _)| path.clone()) else {
                break;
            };
            known.files.remove(&oldest);
        }
        let cached = Cached {
            file: Arc::clone(file),
            used: AtomicU32::new(now),
        };
        known.files.insert(path.to_path_buf(), cached);
    }

    /// Closes the file under `path` once its present readers are done; the next opening sees what is there then.
    pub fn forget(&self, path: &Path) {
        let mut known = self.known.write();
        known.forgettings += 1;
        known.files.remove(path);
    }

    /// [`forget`](Self::forget) for all files under `dir`, at any depth. Looks at every cached path.
    pub fn forget_under(&self, dir: &Path) {
        let mut known = self.known.write();
        known.forgettings += 1;
        known.files.retain(|path, _| !path.starts_with(dir));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::os::unix::fs::symlink;

    #[tokio::test]
    async fn a_file_is_opened_once_and_forgotten_on_request() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("videos/1/v.mp4");
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(&path, b"old").unwrap();
        let cache = FileCache::new(8);
        let first = cache.open(&path).await.unwrap();
        assert!(Arc::ptr_eq(&first, &cache.open(&path).await.unwrap()));

        std::fs::remove_file(&path).unwrap();
        std::fs::write(&path, b"newer").unwrap();
        assert_eq!(
            cache.open(&path).await.unwrap().len_bytes(),
            3,
            "not told, so still the old one"
        );
        cache.forget(&path);
        assert_eq!(cache.open(&path).await.unwrap().len_bytes(), 5);

        std::fs::remove_file(&path).unwrap();
        cache.forget_under(dir.path());
        assert_eq!(
            cache.open(&path).await.unwrap_err().kind(),
            io::ErrorKind::NotFound
        );
    }

    #[tokio::test]
    async fn the_least_recently_used_file_is_closed_first() {
        let dir = tempfile::tempdir().unwrap();
        let cache = FileCache::new(2);
        let [a, b, c] = ["a", "b", "c"].map(|name| dir.path().join(name));
        for path in [&a, &b, &c] {
            std::fs::write(path, b"x").unwrap();
        }
        let first = cache.open(&a).await.unwrap();
        cache.open(&b).await.unwrap();
        // Ticks are coarse, so the age is set by hand.
        cache.known.read().files[&b].used.fetch_sub(1, Ordering::Relaxed);
        cache.open(&c).await.unwrap();
        assert_eq!(cache.known.read().files.len(), 2);
        assert!(
            Arc::ptr_eq(&first, &cache.open(&a).await.unwrap()),
            "a was used later than b"
        );
    }

    #[tokio::test]
    async fn only_regular_files_are_opened() {
        let dir = tempfile::tempdir().unwrap();
        std::fs::write(dir.path().join("secret"), b"x").unwrap();
        symlink(dir.path().join("secret"), dir.path().join("link")).unwrap();
        rustix::fs::mkfifoat(
            rustix::fs::CWD,
            dir.path().join("pipe"),
            Mode::from_raw_mode(0o600),
        )
        .unwrap();
        let cache = FileCache::new(8);
        for name in ["link", "pipe", "."] {
            let err = cache.open(&dir.path().join(name)).await.unwrap_err();
            assert_eq!(err.kind(), io::ErrorKind::InvalidInput, "{name}");
        }
    }

    #[tokio::test]
    async fn cold_and_warm_bytes_are_made_warm() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("f");
        let len = 3 * BLOCK_BYTES + 17;
        std::fs::write(&path, vec![7_u8; len as usize]).unwrap();
        let file = Arc::new(OpenFile::open(&path).unwrap());
        rustix::fs::fsync(&file.file).unwrap();
        // Best effort: where the pages do not leave, the warm way is tested twice.
        let _ = rustix::fs::fadvise(&file.file, 0, None, Advice::DontNeed);
        file.make_warm(5, len - 5).await.unwrap();
        file.make_warm(0, len).await.unwrap();
        if !file.in_memory {
            assert!(file.is_resident(5, len).unwrap());
        }
    }
}
