//! Blobs: media and pictures under keys that the server makes, in a local folder (S3 joins behind the
//! same contract).
//!
//! Owns how bytes get onto the disk so that they stay there: written beside, synced, renamed, the
//! folders synced. What a key means, and who may read it, is decided in `app`; how bytes travel to a
//! viewer, in `delivery`.
//!
//! A blob is there whole or not at all, and once [`Objects::commit`] has returned it survives a power
//! cut. Blobs are not changed in place: whoever has one open keeps reading the one they opened.

mod error;
pub mod incoming;
mod key;
mod local;
mod pen;
mod staged;
mod sync;

use std::ops::Range;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use bytes::Bytes;

pub use error::ObjectsError;
pub use incoming::{Hashed, Incoming};
pub use key::{BadKey, Key};
pub use staged::{Digest, Staged, StagedDir};

use self::local::Local;

/// The most bytes that [`Objects::get`] reads at once; larger blobs are read in ranges.
pub const MOST_READ_BYTES: u64 = 64 << 20;

/// Where blobs are kept. Cheap to clone; all clones are one place.
#[derive(Debug, Clone)]
pub struct Objects(Backend);

#[derive(Debug, Clone)]
enum Backend {
    Local(Arc<Local>),
}

impl Objects {
    /// Blobs in the folder `root`, with unfinished ones in `staging` and incoming files in the folder
    /// `uploads` beside that. All are made if they are not there; they lie on one file system, or this is
    /// refused.
    pub async fn open_local(root: &Path, staging: &Path) -> Result<Self, ObjectsError> {
        let (root, staging) = (root.to_owned(), staging.to_owned());
        let local = blocking(move || Local::open(root, staging)).await?;
        Ok(Self(Backend::Local(Arc::new(local))))
    }

    /// A new empty file to stream into. It vanishes unless it is committed.
    pub async fn stage(&self) -> Result<Staged, ObjectsError> {
        let Backend::Local(local) = &self.0;
        let path = local.staging_name();
        blocking(move || Staged::create(path)).await
    }

    fn local(&self) -> Arc<Local> {
        let Backend::Local(local) = &self.0;
        Arc::clone(local)
    }

    /// A name in the staging folder that nobody else uses.
    fn staging_name(&self) -> PathBuf {
        self.local().staging_name()
    }

    /// The first `most` bytes of a file that is being made: of a staged one after
    /// [`Staged::finish`], of an incoming one after [`Incoming::sync`].
    pub async fn head(&self, path: &Path, most: usize) -> Result<Bytes, ObjectsError> {
        let path = path.to_owned();
        blocking(move || Ok(incoming::head(&path, most)?)).await
    }

    /// The folder for unfinished things, on the file system of the blobs where they are local.
    pub fn staging_dir(&self) -> &Path {
        let Backend::Local(local) = &self.0;
        local.staging()
    }

    /// A new empty folder, for programs to write into. It vanishes when it is dropped, with what was
    /// not committed out of it.
    pub async fn stage_dir(&self) -> Result<StagedDir, ObjectsError> {
        let Backend::Local(local) = &self.0;
        let path = local.staging_name();
        blocking(move || StagedDir::create(path)).await
    }

    /// Makes a staged file the blob `key`, in place of one that may be there. Returns once it would
    /// survive a power cut. Bytes that were not yet [finished](Staged::finish) are.
    pub async fn commit(&self, mut staged: Staged, key: &Key) -> Result<(), ObjectsError> {
        staged.finish().await?;
        self.commit_file(staged.path(), key).await?;
        staged.was_moved();
        Ok(())
    }

    /// Moves the file `path`, which lies inside a [`StagedDir`], to be the blob `key`, as
    /// [`Objects::commit`] does.
    pub async fn commit_file(&self, path: &Path, key: &Key) -> Result<(), ObjectsError> {
        let Backend::Local(local) = &self.0;
        let (local, path, key) = (Arc::clone(local), path.to_owned(), key.clone());
        blocking(move || local.commit(&path, &key)).await
    }

    /// Writes a small blob in one go.
    pub async fn put(&self, key: &Key, bytes: Bytes) -> Result<(), ObjectsError> {
        let mut staged = self.stage().await?;
        staged.write(bytes).await?;
        self.commit(staged, key).await
    }

    /// The file behind `key`, where blobs are files. It need not exist.
    pub fn local_path(&self, key: &Key) -> Option<PathBuf> {
        let Backend::Local(local) = &self.0;
        Some(local.path(key))
    }

    /// Reads `range` of the blob. `None` when there is no such blob; a range past the end is cut, not
    /// refused, but one of more than [`MOST_READ_BYTES`] is.
    pub async fn get(&self, key: &Key, range: Range<u64>) -> Result<Option<Bytes>, ObjectsError> {
        let Backend::Local(local) = &self.0;
        let (local, key) = (Arc::clone(local), key.clone());
        blocking(move || local.get(&key, range)).await
    }

    /// The blob's size in bytes; `None` when there is no such blob.
    pub async fn size(&self, key: &Key) -> Result<Option<u64>, ObjectsError> {
        let Backend::Local(local) = &self.0;
        let (local, key) = (Arc::clone(local), key.clone());
        blocking(move || local.size(&key)).await
    }

    /// Keys below `prefix`, ordered by their bytes, beginning behind `after`; at most `limit`.
    pub async fn list(
        &self,
        prefix: &Key,
        after: Option<&Key>,
        limit: usize,
    ) -> Result<Vec<Key>, ObjectsError> {
        let Backend::Local(local) = &self.0;
        let (local, prefix, after) = (Arc::clone(local), prefix.clone(), after.cloned());
        blocking(move || local.list(&prefix, after.as_ref(), limit)).await
    }

    /// The names directly below `prefix` that have blobs below them, in order. As many as there are.
    pub async fn list_folders(&self, prefix: &Key) -> Result<Vec<String>, ObjectsError> {
        let Backend::Local(local) = &self.0;
        let (local, prefix) = (Arc::clone(local), prefix.clone());
        blocking(move || local.list_folders(&prefix)).await
    }

    /// Removes the blob for good. That there is none is no error.
    pub async fn remove(&self, key: &Key) -> Result<(), ObjectsError> {
        let Backend::Local(local) = &self.0;
        let (local, key) = (Arc::clone(local), key.clone());
        blocking(move || local.remove(&key)).await
    }

    /// Removes the blob `prefix` and all below it for good. That there are none is no error.
    pub async fn remove_prefix(&self, prefix: &Key) -> Result<(), ObjectsError> {
        let Backend::Local(local) = &self.0;
        let (local, prefix) = (Arc::clone(local), prefix.clone());
        blocking(move || local.remove_prefix(&prefix)).await
    }

    /// Removes what an earlier process left in the staging folder; tells how many things that were.
    /// What this process stages is left alone.
    pub async fn sweep_staging(&self) -> Result<usize, ObjectsError> {
        let Backend::Local(local) = &self.0;
        let local = Arc::clone(local);
        blocking(move || local.sweep_staging()).await
    }

    /// Bytes that are free for us, and bytes that there are in all, where blobs are local.
    pub fn free_bytes(&self) -> Result<(u64, u64), ObjectsError> {
        let Backend::Local(local) = &self.0;
        local.free_bytes()
    }
}

/// Runs what waits for the disk where waiting is allowed.
async fn blocking<T: Send + 'static>(
    work: impl FnOnce() -> Result<T, ObjectsError> + Send + 'static,
) -> Result<T, ObjectsError> {
    tokio::task::spawn_blocking(work)
        .await
        .map_err(std::io::Error::from)?
}
