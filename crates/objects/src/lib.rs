//! Blobs: media and pictures under keys that the server makes, in a local folder or in S3, behind one
//! contract.
//!
//! Owns how bytes get onto the disk so that they stay there: written beside, synced, renamed, the
//! folders synced. What a key means, and who may read it, is decided in `app`; how bytes travel to a
//! viewer, in `delivery`.
//!
//! A blob is there whole or not at all, and once [`Objects::commit`] has returned it survives a power
//! cut. Blobs are not changed in place: whoever has one open keeps reading the one they opened.

mod cache;
mod copy;
mod error;
mod far;
pub mod incoming;
mod key;
mod local;
mod pen;
mod s3;
mod staged;
mod sync;

use std::ops::Range;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;

pub use cache::{Cached, Held};
pub use copy::LocalCopy;
pub use error::ObjectsError;
pub use incoming::{Hashed, Incoming};
pub use key::{BadKey, Key};
pub use s3::{BadS3Place, S3Keys, S3Place, S3Settings, Style};
pub use staged::{Digest, Staged, StagedDir};

use self::local::Local;
use self::s3::S3;

/// The most bytes that [`Objects::get`] reads at once; larger blobs are read in ranges.
pub const MOST_READ_BYTES: u64 = 64 << 20;

/// What is known of a blob without reading it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Look {
    /// Its size.
    pub size_bytes: u64,
    /// Tells this writing of it from others under the same key.
    pub tag: String,
}

/// Where blobs are kept. Cheap to clone; all clones are one place.
#[derive(Debug, Clone)]
pub struct Objects(Backend);

#[derive(Debug, Clone)]
enum Backend {
    Local(Arc<Local>),
    S3(Arc<S3>),
}

impl Objects {
    /// Whether blobs are in a bucket.
    pub fn has_bucket(&self) -> bool {
        matches!(self.0, Backend::S3(_))
    }

    /// Blobs in the folder `root`, with unfinished ones in `staging` and incoming files in the folder
    /// `uploads` beside that. All are made if they are not there; they lie on one file system, or this is
    /// refused.
    pub async fn open_local(root: &Path, staging: &Path) -> Result<Self, ObjectsError> {
        let (root, staging) = (root.to_owned(), staging.to_owned());
        let local = blocking(move || Local::open(root, staging)).await?;
        Ok(Self(Backend::Local(Arc::new(local))))
    }

    /// Blobs in a bucket. Unfinished ones and incoming files lie on this node's disk, in `staging` and beside
    /// it, and what is sent again in the folder `cache`. Refused when the bucket does not answer to the keys.
    pub async fn open_s3(settings: &S3Settings, cache: &Path, staging: &Path) -> Result<Self, ObjectsError> {
        let (settings, cache, staging) = (settings.clone(), cache.to_owned(), staging.to_owned());
        let s3 = blocking(move || S3::open(&settings, &cache, &staging)).await?;
        s3.remote.check().await?;
        Ok(Self(Backend::S3(Arc::new(s3))))
    }

    /// The part that is on this node's disk.
    fn node(&self) -> &Arc<Local> {
        match &self.0 {
            Backend::Local(local) => local,
            Backend::S3(s3) => &s3.node,
        }
    }

    /// A new empty file to stream into. It vanishes unless it is committed.
    pub async fn stage(&self) -> Result<Staged, ObjectsError> {
        let path = self.node().staging_name();
        blocking(move || Staged::create(path)).await
    }

    /// The first `most` bytes of a file that is being made: of a staged one after
    /// [`Staged::finish`], of an incoming one after [`Incoming::sync`].
    pub async fn head(&self, path: &Path, most: usize) -> Result<Bytes, ObjectsError> {
        let path = path.to_owned();
        blocking(move || Ok(incoming::head(&path, most)?)).await
    }

    /// The folder for unfinished things, on the file system of the blobs where they are local.
    pub fn staging_dir(&self) -> &Path {
        self.node().staging()
    }

    /// A new empty folder, for programs to write into. It vanishes when it is dropped, with what was
    /// not committed out of it.
    pub async fn stage_dir(&self) -> Result<StagedDir, ObjectsError> {
        let path = self.node().staging_name();
        blocking(move || StagedDir::create(path)).await
    }

    /// Makes a staged file the blob `key`, in place of one that may be there. Returns once it would
    /// survive a power cut. Bytes that were not yet [finished](Staged::finish) are.
    pub async fn commit(&self, mut staged: Staged, key: &Key) -> Result<(), ObjectsError> {
        staged.finish().await?;
        self.commit_file(staged.path(), key).await?;
        if matches!(self.0, Backend::Local(_)) {
            staged.was_moved();
        }
        Ok(())
    }

    /// Moves the file `path`, which lies inside a [`StagedDir`], to be the blob `key`, as
    /// [`Objects::commit`] does. Where blobs are not local the file stays, until its folder is dropped.
    pub async fn commit_file(&self, path: &Path, key: &Key) -> Result<(), ObjectsError> {
        match &self.0 {
            Backend::Local(local) => {
                let (local, path, key) = (Arc::clone(local), path.to_owned(), key.clone());
                blocking(move || local.commit(&path, &key)).await
            }
            Backend::S3(s3) => {
                s3.remote.upload(path, key).await?;
                s3.forget(key).await;
                Ok(())
            }
        }
    }

    /// Writes a small blob in one go.
    pub async fn put(&self, key: &Key, bytes: Bytes) -> Result<(), ObjectsError> {
        match &self.0 {
            Backend::Local(_) => {
                let mut staged = self.stage().await?;
                staged.write(bytes).await?;
                self.commit(staged, key).await
            }
            Backend::S3(s3) => {
                s3.remote.put(key, bytes).await?;
                s3.forget(key).await;
                Ok(())
            }
        }
    }

    /// The file behind `key`, where blobs are files; `None` where they are not. It need not exist.
    pub fn local_path(&self, key: &Key) -> Option<PathBuf> {
        match &self.0 {
            Backend::Local(local) => Some(local.path(key)),
            Backend::S3(_) => None,
        }
    }

    /// The blob as a file, for programs that read files: the blob itself where it is one, and else a copy that
    /// vanishes with what is answered. `None` when there is no such blob.
    pub async fn materialize(&self, key: &Key) -> Result<Option<LocalCopy>, ObjectsError> {
        match &self.0 {
            Backend::Local(local) => {
                let there = self.size(key).await?;
                Ok(there.map(|_| LocalCopy::of_blob(local.path(key))))
            }
            Backend::S3(s3) => s3.copy(key).await,
        }
    }

    /// As [`Objects::materialize`], for a blob that is asked for again and again in a short time: a copy is made
    /// once, and kept for a few minutes.
    pub async fn materialize_for_many(&self, key: &Key) -> Result<Option<LocalCopy>, ObjectsError> {
        match &self.0 {
            Backend::Local(_) => self.materialize(key).await,
            Backend::S3(s3) => s3.shared_copy(key).await,
        }
    }

    /// The blob as far as this node's disk has it, for sending; `None` when there is no such blob, or where
    /// blobs are files of their own: see [`Objects::local_path`].
    pub async fn cached(&self, key: &Key) -> Result<Option<Cached>, ObjectsError> {
        match &self.0 {
            Backend::Local(_) => Ok(None),
            Backend::S3(s3) => s3.cache.open(key).await,
        }
    }

    /// Lets this node's disk go of what it has of the blob `prefix` and all below: another node has removed
    /// them. Bytes that are being read stay that long.
    pub fn forget_cached(&self, prefix: &Key) {
        if let Backend::S3(s3) = &self.0 {
            s3.forget_under(prefix);
        }
    }

    /// Bytes that the cache of this node has; 0 where there is none.
    pub fn cached_bytes(&self) -> u64 {
        match &self.0 {
            Backend::Local(_) => 0,
            Backend::S3(s3) => s3.cache.bytes(),
        }
    }

    /// An address that opens the blob, and nothing else, to whoever has it, for as long as `lasts`. It says
    /// that the blob is of `content_type`. `None` where blobs are files.
    pub async fn presigned_url(
        &self,
        key: &Key,
        lasts: Duration,
        content_type: &str,
    ) -> Result<Option<String>, ObjectsError> {
        match &self.0 {
            Backend::Local(_) => Ok(None),
            Backend::S3(s3) => s3.remote.presigned(key, lasts, content_type).await.map(Some),
        }
    }

    /// Reads `range` of the blob. `None` when there is no such blob; a range past the end is cut, not
    /// refused, but one of more than [`MOST_READ_BYTES`] is.
    pub async fn get(&self, key: &Key, range: Range<u64>) -> Result<Option<Bytes>, ObjectsError> {
        match &self.0 {
            Backend::Local(local) => {
                let (local, key) = (Arc::clone(local), key.clone());
                blocking(move || local.get(&key, range)).await
            }
            Backend::S3(s3) => s3.remote.get(key, range).await,
        }
    }

    /// The blob's size in bytes; `None` when there is no such blob.
    pub async fn size(&self, key: &Key) -> Result<Option<u64>, ObjectsError> {
        match &self.0 {
            Backend::Local(local) => {
                let (local, key) = (Arc::clone(local), key.clone());
                blocking(move || local.size(&key)).await
            }
            Backend::S3(s3) => Ok(s3.remote.look(key).await?.map(|seen| seen.size_bytes)),
        }
    }

    /// What is known of the blob without reading it; `None` when there is no such blob.
    pub async fn look(&self, key: &Key) -> Result<Option<Look>, ObjectsError> {
        match &self.0 {
            Backend::Local(local) => {
                let (local, key) = (Arc::clone(local), key.clone());
                blocking(move || local.look(&key)).await
            }
            Backend::S3(s3) => {
                let seen = s3.remote.look(key).await?;
                Ok(seen.map(|seen| Look {
                    size_bytes: seen.size_bytes,
                    tag: seen.tag.unwrap_or_default(),
                }))
            }
        }
    }

    /// Keys below `prefix`, ordered by their bytes, beginning behind `after`; at most `limit`.
    pub async fn list(
        &self,
        prefix: &Key,
        after: Option<&Key>,
        limit: usize,
    ) -> Result<Vec<Key>, ObjectsError> {
        match &self.0 {
            Backend::Local(local) => {
                let (local, prefix, after) = (Arc::clone(local), prefix.clone(), after.cloned());
                blocking(move || local.list(&prefix, after.as_ref(), limit)).await
            }
            Backend::S3(s3) => s3.remote.list(prefix, after, limit).await,
        }
    }

    /// The names directly below `prefix` that have blobs below them, in order. As many as there are.
    pub async fn list_folders(&self, prefix: &Key) -> Result<Vec<String>, ObjectsError> {
        match &self.0 {
            Backend::Local(local) => {
                let (local, prefix) = (Arc::clone(local), prefix.clone());
                blocking(move || local.list_folders(&prefix)).await
            }
            Backend::S3(s3) => s3.remote.list_folders(prefix).await,
        }
    }

    /// Removes the blob for good. That there is none is no error.
    pub async fn remove(&self, key: &Key) -> Result<(), ObjectsError> {
        match &self.0 {
            Backend::Local(local) => {
                let (local, key) = (Arc::clone(local), key.clone());
                blocking(move || local.remove(&key)).await
            }
            Backend::S3(s3) => {
                s3.remote.remove(key).await?;
                s3.forget(key).await;
                Ok(())
            }
        }
    }

    /// Removes the blob `prefix` and all below it for good. That there are none is no error.
    pub async fn remove_prefix(&self, prefix: &Key) -> Result<(), ObjectsError> {
        match &self.0 {
            Backend::Local(local) => {
                let (local, prefix) = (Arc::clone(local), prefix.clone());
                blocking(move || local.remove_prefix(&prefix)).await
            }
            Backend::S3(s3) => {
                s3.remote.remove_prefix(prefix).await?;
                s3.forget_under(prefix);
                Ok(())
            }
        }
    }

    /// Removes what an earlier process left in the staging folder and in the cache; tells how many things
    /// that were. What this process stages is left alone.
    pub async fn sweep_staging(&self) -> Result<usize, ObjectsError> {
        let (node, is_cache) = (Arc::clone(self.node()), matches!(self.0, Backend::S3(_)));
        blocking(move || {
            let kept = if is_cache { node.sweep_cache()? } else { 0 };
            Ok(node.sweep_staging()? + kept)
        })
        .await
    }

    /// Bytes that are free for us, and bytes that there are in all, on this node's disk: where blobs are, or
    /// unfinished ones and copies of them.
    pub fn free_bytes(&self) -> Result<(u64, u64), ObjectsError> {
        self.node().free_bytes()
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
