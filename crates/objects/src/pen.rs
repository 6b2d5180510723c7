//! The pen: what writes a file from a stream, through two buffers.
//!
//! One buffer is filled from the network while the other is hashed and written on a blocking thread. A
//! client that is faster than the disk waits; memory stays at two buffers. Written ranges are handed to
//! the disk early, so that the sync at the end is short.

use std::fs::File;
use std::io::{self, Write};

use bytes::Bytes;
use tokio::task::JoinHandle;

use crate::{ObjectsError, blocking, sync};

/// How much is hashed and written at once.
const BUFFER_BYTES: usize = 512 << 10;
/// How much is written between two nudges to the disk.
const NUDGE_BYTES: u64 = 1 << 20;

/// Writes a file from where it is now, in order.
#[derive(Debug)]
pub(crate) struct Pen {
    buffer: Vec<u8>,
    ink: Ink,
}

/// The writer, with an empty buffer.
type Taken = (Box<Writer>, Vec<u8>);

/// Who has the writer at the moment.
#[derive(Debug)]
enum Ink {
    Here(Box<Writer>),
    Writing(JoinHandle<Result<Taken, ObjectsError>>),
    Broken,
}

/// The file and what is known about its bytes.
#[derive(Debug)]
struct Writer {
    file: File,
    /// Of all bytes from the file's beginning; `None` where those before were not read.
    hasher: Option<blake3::Hasher>,
    /// Bytes in the file.
    written: u64,
    nudged: u64,
}

impl Writer {
    fn write(&mut self, bytes: &[u8]) -> io::Result<()> {
        if let Some(hasher) = &mut self.hasher {
            hasher.update(bytes);
        }
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

impl Pen {
    /// A pen over a file that stands at `written`, its end. `hasher` has seen all that is in it.
    pub(crate) fn new(file: File, written: u64, hasher: Option<blake3::Hasher>) -> Self {
        let writer = Writer {
            file,
            hasher,
            written,
            nudged: written,
        };
        Self {
            buffer: Vec::new(),
            ink: Ink::Here(Box::new(writer)),
        }
    }

    /// Appends a piece. Waits while the disk is behind.
    ///
    /// When the future is dropped while it waits, the piece may have been taken in part.
    pub(crate) async fn write(&mut self, mut piece: Bytes) -> Result<(), ObjectsError> {
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

    /// Writes out what is buffered. Answers how long the file is, and the hash so far. Nothing is synced.
    pub(crate) async fn flush(&mut self) -> Result<(u64, Option<blake3::Hasher>), ObjectsError> {
        if !self.buffer.is_empty() {
            self.send().await?;
        }
        let (writer, spare) = self.take().await?;
        let known = (writer.written, writer.hasher.clone());
        self.buffer = spare;
        self.ink = Ink::Here(writer);
        Ok(known)
    }

    /// As [`Pen::flush`], and returns once all of it would survive a power cut.
    pub(crate) async fn sync(&mut self) -> Result<(u64, Option<blake3::Hasher>), ObjectsError> {
        let known = self.flush().await?;
        let (writer, _) = self.take().await?;
        let writer = blocking(move || {
            sync::file(&writer.file)?;
            Ok(writer)
        })
        .await?;
        self.ink = Ink::Here(writer);
        Ok(known)
    }

    /// Hands the full buffer to a blocking thread, once the one before it is done.
    async fn send(&mut self) -> Result<(), ObjectsError> {
        let (mut writer, spare) = self.take().await?;
        let full = std::mem::replace(&mut self.buffer, spare);
        self.ink = Ink::Writing(tokio::task::spawn_blocking(move || {
            writer.write(&full)?;
            let mut spare = full;
            spare.clear();
            Ok((writer, spare))
        }));
        Ok(())
    }

    /// Takes the writer, with an empty buffer, as soon as it is free. Until it is put back, the file
    /// counts as broken; a future that is dropped while it waits has taken nothing.
    async fn take(&mut self) -> Result<Taken, ObjectsError> {
        if let Ink::Writing(writing) = &mut self.ink {
            let written = writing.await.map_err(io::Error::from);
            self.ink = Ink::Broken;
            return written?;
        }
        match std::mem::replace(&mut self.ink, Ink::Broken) {
            Ink::Here(writer) => Ok((writer, Vec::new())),
            Ink::Writing(_) | Ink::Broken => Err(ObjectsError::Broken),
        }
    }
}
