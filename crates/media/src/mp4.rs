//! MP4 boxes: a bounded reader of our own.
//!
//! Owns the index over the fragments of files that our own ffmpeg wrote ([`segment_index`]), the codec
//! names for manifests ([`codec_string`]), making one file of a rendition's parts ([`join`]) and one of a
//! picture and its sound ([`mux`]), and taking location data out of uploads ([`scrub_location`]).
//! Reads headers only; media is at most copied. Every count is checked against the bytes that are left before
//! anything is allocated, every sum is checked, depth is fixed by the code's own shape, and the number
//! of boxes is bounded, so that a hostile file costs little and can't end the process.

use std::fs::File;
use std::io;
use std::os::unix::fs::FileExt as _;

use thiserror::Error;

mod codecs;
mod index;
mod join;
mod moof;
mod mux;
mod scrub;
mod track;

pub use codecs::codec_string;
pub use index::{ByteRange, Fragment, SegmentIndex, segment_index};
pub use join::{Part, join};
pub use mux::{Mux, Piece, Source, mux};
pub use scrub::{Scrub, scrub_location};

/// Most boxes looked at in one file, by kind of work: an upload's metadata.
const MAX_BOXES: u32 = 20_000;
/// Largest `moov` that is read into memory.
const MAX_MOOV_BYTES: u64 = 64 << 20;
/// Largest `moof` that is read into memory.
const MAX_MOOF_BYTES: u64 = 16 << 20;

/// Why a file could not be read as MP4.
#[derive(Debug, Error)]
pub enum Mp4Error {
    /// Reading or writing failed.
    #[error("the file can't be read or written")]
    Io(#[from] io::Error),
    /// A box contradicts itself, its parent or the end of the file.
    #[error("damaged: {0}")]
    Damaged(&'static str),
    /// More than is looked at: boxes, tracks, bytes.
    #[error("over budget: {0}")]
    OverBudget(&'static str),
    /// A needed box is missing.
    #[error("no {0} box")]
    Missing(&'static str),
    /// Files that don't belong together in one: other decoder settings, other units, overlapping times.
    #[error("the files don't fit together: {0}")]
    Mismatch(&'static str),
}

/// A box's four-letter name.
type FourCc = [u8; 4];

/// How many more boxes may be looked at.
struct Budget(u32);

impl Budget {
    fn take(&mut self) -> Result<(), Mp4Error> {
        self.0 = self.0.checked_sub(1).ok_or(Mp4Error::OverBudget("boxes"))?;
        Ok(())
    }
}

/// A box at the top of a file.
#[derive(Debug, Clone, Copy)]
struct TopBox {
    kind: FourCc,
    /// First byte of the header.
    start: u64,
    /// First byte of the content.
    content: u64,
    /// First byte after the box.
    end: u64,
}

/// Reads the header of the top-level box at `start`; `None` at the end of the file.
fn top_box(file: &File, start: u64, file_len: u64) -> Result<Option<TopBox>, Mp4Error> {
    let left = file_len.saturating_sub(start);
    if left == 0 {
        return Ok(None);
    }
    if left < 8 {
        return Err(Mp4Error::Damaged("bytes after the last box"));
    }
    let mut header = [0; 16];
    let available = usize::try_from(left.min(16)).unwrap_or(16);
    let readable = header.get_mut(..available).ok_or(Mp4Error::Damaged("header"))?;
    file.read_exact_at(readable, start)?;
    let mut reader = Reader::new(&header);
    let short = reader.u32()?;
    let kind = reader.four_cc()?;
    let (size, header_len) = match short {
        0 => (left, 8),
        1 if left >= 16 => (reader.u64()?, 16),
        _ => (u64::from(short), 8),
    };
    if size < header_len || size > left {
        return Err(Mp4Error::Damaged("box size"));
    }
    Ok(Some(TopBox {
        kind,
        start,
        content: start + header_len,
        end: start + size,
    }))
}

/// Reads the content of a box into memory, if it is no larger than `most`.
fn content(file: &File, found: TopBox, most: u64) -> Result<Vec<u8>, Mp4Error> {
    let len = found.end - found.content;
    if len > most {
        return Err(Mp4Error::OverBudget("box bytes"));
    }
    let mut bytes = vec![0; usize::try_from(len).map_err(|_| Mp4Error::OverBudget("box bytes"))?];
    file.read_exact_at(&mut bytes, found.content)?;
    Ok(bytes)
}

/// Reads numbers off the front of a slice.
#[derive(Clone, Copy)]
struct Reader<'a> {
    left: &'a [u8],
}

impl<'a> Reader<'a> {
    fn new(left: &'a [u8]) -> Self {
        Self { left }
    }

    fn take(&mut self, count: usize) -> Result<&'a [u8], Mp4Error> {
        let (taken, left) = self
            .left
            .split_at_checked(count)
            .ok_or(Mp4Error::Damaged("cut off"))?;
        self.left = left;
        Ok(taken)
    }

    fn array<const N: usize>(&mut self) -> Result<[u8; N], Mp4Error> {
        self.take(N)?.try_into().map_err(|_| Mp4Error::Damaged("cut off"))
    }

    fn u8(&mut self) -> Result<u8, Mp4Error> {
        Ok(u8::from_be_bytes(self.array()?))
    }

    fn u16(&mut self) -> Result<u16, Mp4Error> {
        Ok(u16::from_be_bytes(self.array()?))
    }

    fn u32(&mut self) -> Result<u32, Mp4Error> {
        Ok(u32::from_be_bytes(self.array()?))
    }

    fn u64(&mut self) -> Result<u64, Mp4Error> {
        Ok(u64::from_be_bytes(self.array()?))
    }

    fn four_cc(&mut self) -> Result<FourCc, Mp4Error> {
        self.array()
    }

    /// Version and flags of a full box.
    fn version_and_flags(&mut self) -> Result<(u8, u32), Mp4Error> {
        let word = self.u32()?;
        Ok(((word >> 24) as u8, word & 0x00ff_ffff))
    }
}

/// A box inside memory.
#[derive(Clone, Copy)]
struct InnerBox<'a> {
    kind: FourCc,
    /// Where its header starts, counted from the start of the outermost content.
    start: usize,
    header_len: usize,
    content: &'a [u8],
}

impl InnerBox<'_> {
    /// Where its content starts, counted like `start`.
    fn content_start(&self) -> usize {
        self.start + self.header_len
    }
}

/// Walks the boxes that lie side by side in `bytes`, which start at `offset` in the outermost content.
///
/// Fewer than eight bytes at the end are padding, which `QuickTime` writes.
fn boxes<'a>(
    bytes: &'a [u8],
    offset: usize,
    budget: &mut Budget,
    mut each: impl FnMut(InnerBox<'a>, &mut Budget) -> Result<(), Mp4Error>,
) -> Result<(), Mp4Error> {
    let mut reader = Reader::new(bytes);
    while reader.left.len() >= 8 {
        budget.take()?;
        let start = offset + (bytes.len() - reader.left.len());
        let size = reader.u32()?;
        let kind = reader.four_cc()?;
        let (size, header_len) = match size {
            1 => (reader.u64()?, 16),
            _ => (u64::from(size), 8),
        };
        let content_len = size
            .checked_sub(header_len as u64)
            .and_then(|len| usize::try_from(len).ok())
            .ok_or(Mp4Error::Damaged("box size"))?;
        let content = reader.take(content_len)?;
        each(
            InnerBox {
                kind,
                start,
                header_len,
                content,
            },
            budget,
        )?;
    }
    Ok(())
}

/// The content of the first box of that kind.
fn child<'a>(bytes: &'a [u8], kind: FourCc, budget: &mut Budget) -> Result<Option<&'a [u8]>, Mp4Error> {
    let mut found = None;
    boxes(bytes, 0, budget, |inner, _| {
        if inner.kind == kind && found.is_none() {
            found = Some(inner.content);
        }
        Ok(())
    })?;
    Ok(found)
}

/// The content of the box at the end of a path of kinds.
fn descend<'a>(
    mut bytes: &'a [u8],
    path: &[FourCc],
    budget: &mut Budget,
) -> Result<Option<&'a [u8]>, Mp4Error> {
    for kind in path {
        match child(bytes, *kind, budget)? {
            Some(content) => bytes = content,
            None => return Ok(None),
        }
    }
    Ok(Some(bytes))
}

#[cfg(test)]
mod tests;
