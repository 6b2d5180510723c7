//! Unfinished things: files that are being uploaded, folders that programs write into.
//!
//! An upload passes through two buffers: one is filled from the network while the other is hashed and
//! written on a blocking thread. A client that is faster than the disk waits; memory stays at two
//! buffers. Written ranges are handed to the disk early, so that the sync at the end is short.

use std::fs::{DirBuilder, File, OpenOptions};
use std::io::{self, Write};
use std::os::unix::fs::{DirBuilderExt, FileExt, OpenOptionsExt};
use std::path::{Path, PathBuf};

use bytes::Bytes;
use tokio::task::JoinHandle;

use crate::{ObjectsError, blocking, local, sync};

/// How much is hashed and written at once.
const BUFFER_BYTES: usize = 512 << 10;
/// How much is written between two nudges to the disk.
const NUDGE_BYTES: u64 = 8 << 20;

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
    buffer: Vec<u8>,
    pen: Pen,
}

/// The writer, with an empty buffer.
type Taken = (Box<Writer>, Vec<u8>);

/// Who has the writer at the moment.
#[derive(Debug)]
enum Pen {
    Here(Box<Writer>),
    Writing(JoinHandle<Result<Taken, ObjectsError>>),
    Broken,
}

/// The file and what is known about its bytes.
#[derive(Debug)]
struct Writer {
    file: File,
    hasher: blake3::Hasher,
    written: u64,
    nudged: u64,
}

impl Writer {
    fn write(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.hasher.update(bytes);
        self.file.write_all(bytes)?;
        self.written += bytes.len() as u64;
        let fresh = self.written - self.nudged;
        if fresh >= NUDGE_BYTES {
            sync::begin(&self.file, self.nudged, fresh);
            self.nudged = self.written;
        }
        Ok(())
    }
}

impl Staged {
    pub(crate) fn create(path: PathBuf) -> Result<Self, ObjectsError> {
        let file = OpenOptions::new()
            .read(true)
            .write(true)
            .create_new(true)
            .mode(0o600)
            .open(&path)?;
        let writer = Writer {
            file,
            hasher: blake3::Hasher::new(),
            written: 0,
            nudged: 0,
        };
        Ok(Self {
            path: Some(path.clone()),
            shown: path,
            buffer: Vec::new(),
            pen: Pen::Here(Box::new(writer)),
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
    pub async fn write(&mut self, mut piece: Bytes) -> Result<(), ObjectsError> {
        while !piece.is_empty() {
            if self.buffer.len() == BUFFER_BYTES {
                self.send().await?;
            }
            let taken = piece.split_to(piece.len().min(BUFFER_BYTES - self.buffer.len()));
            self.buffer.extend_from_slice(&taken);
        }
        if self.buffer.len() == BUFFER_BYTES {
            self.send().await?;
        }
        Ok(())
    }

    /// Writes out what is buffered; tells what the file holds. Nothing is synced yet.
    pub async fn finish(&mut self) -> Result<Digest, ObjectsError> {
        if !self.buffer.is_empty() {
            self.send().await?;
        }
        let writer = self.writer().await?;
        let digest = Digest {
            blake3: *writer.hasher.finalize().as_bytes(),
            size_bytes: writer.written,
        };
        self.pen = Pen::Here(writer);
        Ok(digest)
    }

    /// The first `most` bytes, or as many as were written out; all of them after [`Staged::finish`].
    pub async fn head(&self, most: usize) -> Result<Bytes, ObjectsError> {
        let path = self.shown.clone();
        blocking(move || {
            let mut head = vec![0; most];
            let file = File::open(path)?;
            let mut read = 0;
            while read < most {
                match file.read_at(&mut head[read..], read as u64)? {
                    0 => break,
                    more => read += more,
                }
            }
            head.truncate(read);
            Ok(head.into())
        })
        .await
    }

    /// Hands the full buffer to a blocking thread, once the one before it is done.
    async fn send(&mut self) -> Result<(), ObjectsError> {
        let (mut writer, spare) = self.pen().await?;
        let full = std::mem::replace(&mut self.buffer, spare);
        self.pen = Pen::Writing(tokio::task::spawn_blocking(move || {
            writer.write(&full)?;
            let mut spare = full;
            spare.clear();
            Ok((writer, spare))
        }));
        Ok(())
    }

    async fn writer(&mut self) -> Result<Box<Writer>, ObjectsError> {
        Ok(self.pen().await?.0)
    }

    /// Takes the writer, with an empty buffer, as soon as it is free. Until it is put back, the file
    /// counts as broken; a future that is dropped while it waits has taken nothing.
    async fn pen(&mut self) -> Result<Taken, ObjectsError> {
        if let Pen::Writing(writing) = &mut self.pen {
            let written = writing.await.map_err(io::Error::from);
            self.pen = Pen::Broken;
            return written?;
        }
        match std::mem::replace(&mut self.pen, Pen::Broken) {
            Pen::Here(writer) => Ok((writer, Vec::new())),
            Pen::Writing(_) | Pen::Broken => Err(ObjectsError::Broken),
        }
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

/// Removes something without keeping an async worker: the blocks of a large file take a while.
fn dispose(path: PathBuf) {
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
