//! Unfinished things that one request makes: files that are being written, folders that programs
//! write into. What several requests write together is in [`crate::incoming`].

use std::fs::{DirBuilder, File, OpenOptions};
use std::io;
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::path::{Path, PathBuf};

use bytes::Bytes;

use crate::pen::Pen;
use crate::{ObjectsError, local};

/// What a finished file holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Digest {
    /// BLAKE3 of all of it.
    pub blake3: [u8; 32],
    /// Its size.
    pub size_bytes: u64,
}

/// A file that is being written. Dropped before [`Objects::commit`](crate::Objects::commit), it
/// vanishes.
#[derive(Debug)]
pub struct Staged {
    path: Option<PathBuf>,
    shown: PathBuf,
    pen: Pen,
}

impl Staged {
    pub(crate) fn create(path: PathBuf) -> Result<Self, ObjectsError> {
        let file = create(&path)?;
        Ok(Self {
            path: Some(path.clone()),
            shown: path,
            pen: Pen::new(file, 0, Some(blake3::Hasher::new())),
        })
    }

    /// Where the file is, to look into before it is committed. Holds all bytes after
    /// [`Staged::finish`].
    pub fn path(&self) -> &Path {
        &self.shown
    }

    /// Appends a piece. Waits while the disk is behind.
    ///
    /// When the future is dropped while it waits, the piece may have been taken in part.
    pub async fn write(&mut self, piece: Bytes) -> Result<(), ObjectsError> {
        self.pen.write(piece).await
    }

    /// Writes out what is buffered; tells what the file holds. Nothing is synced yet.
    pub async fn finish(&mut self) -> Result<Digest, ObjectsError> {
        let (size_bytes, hasher) = self.pen.flush().await?;
        let hasher = hasher.ok_or(ObjectsError::Broken)?;
        Ok(Digest {
            blake3: *hasher.finalize().as_bytes(),
            size_bytes,
        })
    }

    /// The file has another name now, and is no longer ours to remove.
    pub(crate) fn was_moved(&mut self) {
        self.path = None;
    }
}

impl Drop for Staged {
    fn drop(&mut self) {
        if let Some(path) = self.path.take() {
            dispose(path);
        }
    }
}

/// A folder that vanishes when it is dropped.
#[derive(Debug)]
pub struct StagedDir(PathBuf);

impl StagedDir {
    pub(crate) fn create(path: PathBuf) -> Result<Self, ObjectsError> {
        DirBuilder::new().mode(0o700).create(&path)?;
        Ok(Self(path))
    }

    /// Where it is.
    pub fn path(&self) -> &Path {
        &self.0
    }
}

impl Drop for StagedDir {
    fn drop(&mut self) {
        dispose(std::mem::take(&mut self.0));
    }
}

/// A new file, for its owner only.
pub(crate) fn create(path: &Path) -> io::Result<File> {
    OpenOptions::new()
        .read(true)
        .write(true)
        .create_new(true)
        .mode(0o600)
        .open(path)
}

/// Removes something without keeping an async worker: the blocks of a large file take a while.
pub(crate) fn dispose(path: PathBuf) {
    let work = move || {
        if let Err(error) = local::remove_whatever(&path) {
            tracing::warn!(error = %error, "Something unfinished could not be removed: {error}");
        }
    };
    match tokio::runtime::Handle::try_current() {
        Ok(runtime) => drop(runtime.spawn_blocking(work)),
        Err(_) => work(),
    }
}
