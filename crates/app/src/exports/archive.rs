//! An archive on its way to the disk: packed, written through the staging of `objects`, never larger in memory than
//! a few buffers, and stopped before the disk has less free than it is to keep.

use bytes::Bytes;
use objects::Staged;
use serde::Serialize;

use super::zip::{Zip, ZipError};
use crate::error::Error;
use crate::jobs::{JobError, Running};

/// Bytes packed between two looks at whether to stop.
const CHUNK_BYTES: usize = 64 * 1024;
/// Bytes that gather before they are written.
const GATHER_BYTES: usize = 256 * 1024;
/// Bytes written between two looks at the disk.
const LOOK_EVERY_BYTES: u64 = 16 << 20;

impl From<ZipError> for JobError {
    fn from(error: ZipError) -> Self {
        Error::failed("archive", error).into()
    }
}

/// An archive that is being written for a job.
pub(super) struct Archive<'a> {
    running: &'a Running,
    zip: Zip,
    staged: Staged,
    unlooked: u64,
}

impl<'a> Archive<'a> {
    pub(super) async fn begin(running: &'a Running) -> Result<Self, JobError> {
        let core = &running.app.core;
        core.room_for(0)?;
        Ok(Self {
            running,
            zip: Zip::new(core.clock.now()),
            staged: core.objects.stage().await?,
            unlooked: 0,
        })
    }

    /// A whole file.
    pub(super) async fn file(&mut self, name: &str, bytes: &[u8]) -> Result<(), JobError> {
        self.zip.begin(name)?;
        self.push(bytes).await?;
        self.end().await
    }

    /// A file with one JSON value.
    pub(super) async fn json<T: Serialize>(&mut self, name: &str, value: &T) -> Result<(), JobError> {
        let mut text = written(value)?;
        text.push(b'\n');
        self.file(name, &text).await
    }

    /// Begins a file with a JSON array; the answer is what puts items into it.
    pub(super) fn array(&mut self, name: &str) -> Result<Items, JobError> {
        self.zip.begin(name)?;
        Ok(Items { any: false })
    }

    /// Puts an item into the array that was begun.
    pub(super) async fn item<T: Serialize>(&mut self, items: &mut Items, value: &T) -> Result<(), JobError> {
        let begins: &[u8] = if items.any { b",\n" } else { b"[\n" };
        items.any = true;
        self.push(begins).await?;
        self.push(&written(value)?).await
    }

    /// Ends the array that was begun.
    pub(super) async fn end_array(&mut self, items: Items) -> Result<(), JobError> {
        let ends: &[u8] = if items.any { b"\n]\n" } else { b"[]\n" };
        self.push(ends).await?;
        self.end().await
    }

    /// Ends the archive. It vanishes unless the file is committed.
    pub(super) async fn finish(mut self) -> Result<Staged, JobError> {
        self.zip.finish()?;
        self.write().await?;
        Ok(self.staged)
    }

    async fn end(&mut self) -> Result<(), JobError> {
        self.zip.end()?;
        self.write_if_much().await
    }

    async fn push(&mut self, bytes: &[u8]) -> Result<(), JobError> {
        for chunk in bytes.chunks(CHUNK_BYTES) {
            if self.running.stop.is_cancelled() {
                return Err(JobError::Stopped);
            }
            self.zip.push(chunk)?;
            self.write_if_much().await?;
            if chunk.len() == CHUNK_BYTES {
                // Packing takes a millisecond or two of a thread that others wait for.
                tokio::task::yield_now().await;
            }
        }
        Ok(())
    }

    async fn write_if_much(&mut self) -> Result<(), JobError> {
        if self.zip.gathered() < GATHER_BYTES {
            return Ok(());
        }
        self.write().await
    }

    async fn write(&mut self) -> Result<(), JobError> {
        let bytes = Bytes::from(self.zip.take());
        self.unlooked += bytes.len() as u64;
        self.staged.write(bytes).await?;
        if self.unlooked >= LOOK_EVERY_BYTES {
            self.unlooked = 0;
            self.running.app.core.room_for(0)?;
        }
        self.running.alive();
        Ok(())
    }
}

/// An array that is being written.
#[derive(Debug)]
pub(super) struct Items {
    any: bool,
}

fn written<T: Serialize>(value: &T) -> Result<Vec<u8>, JobError> {
    serde_json::to_vec_pretty(value).map_err(|error| Error::failed("export", error).into())
}
