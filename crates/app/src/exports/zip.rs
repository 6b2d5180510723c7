//! A ZIP archive that is written from its beginning to its end and never looked back into: sizes and checksums
//! follow each file, the list of all files stands last. Only what writes is here; nothing is ever unpacked.
//!
//! Layout: APPNOTE 6.3 of PKWARE, with Zip64 where a number does not fit without it.

use flate2::{Compress, Compression, Crc, FlushCompress, Status};
use model::Millis;

/// What makes room for a 64-bit number elsewhere.
const BEYOND_32: u32 = u32::MAX;
/// The same of 16 bits.
const BEYOND_16: u16 = u16::MAX;
/// Sizes follow the bytes; names are UTF-8.
const FLAGS: u16 = (1 << 3) | (1 << 11);
/// Deflate.
const METHOD: u16 = 8;
const VERSION: u16 = 20;
const VERSION_ZIP64: u16 = 45;
/// Made by something that knows Unix permissions.
const MADE_BY_UNIX: u16 = 3 << 8;
/// A plain file that its owner may read and write.
const UNIX_FILE: u32 = 0o100_600 << 16;

/// Something could not be packed; it can only be a mistake of ours.
#[derive(Debug, thiserror::Error)]
pub(crate) enum ZipError {
    /// The compressor would not take more.
    #[error("the compressor does not go on")]
    Stuck(#[from] flate2::CompressError),
    /// A file was written to, or ended, before one was begun, or begun before the last was ended.
    #[error("files of an archive are written one after the other")]
    OutOfOrder,
}

/// An archive that is being written. Bytes gather in a buffer until they are [taken](Self::take).
#[derive(Debug)]
pub(crate) struct Zip {
    out: Vec<u8>,
    /// Bytes that were taken before.
    taken: u64,
    directory: Vec<u8>,
    entries: u64,
    stamp: u32,
    open: Option<Open>,
}

/// The file that is being written.
#[derive(Debug)]
struct Open {
    name: String,
    offset: u64,
    crc: Crc,
    deflate: Compress,
}

impl Zip {
    /// An archive whose files are dated `now`.
    pub(crate) fn new(now: Millis) -> Self {
        Self {
            out: Vec::new(),
            taken: 0,
            directory: Vec::new(),
            entries: 0,
            stamp: dos_time(now),
            open: None,
        }
    }

    /// Begins a file; `name` may have folders in it, with slashes.
    pub(crate) fn begin(&mut self, name: &str) -> Result<(), ZipError> {
        if self.open.is_some() {
            return Err(ZipError::OutOfOrder);
        }
        let offset = self.taken + self.out.len() as u64;
        put32(&mut self.out, 0x0403_4b50);
        put16(&mut self.out, VERSION);
        put16(&mut self.out, FLAGS);
        put16(&mut self.out, METHOD);
        put32(&mut self.out, self.stamp);
        // Checksum and sizes: not known yet.
        self.out.extend_from_slice(&[0; 12]);
        put16(&mut self.out, name.len() as u16);
        put16(&mut self.out, 0);
        self.out.extend_from_slice(name.as_bytes());
        self.open = Some(Open {
            name: name.to_owned(),
            offset,
            crc: Crc::new(),
            deflate: Compress::new(Compression::default(), false),
        });
        Ok(())
    }

    /// Adds bytes to the file that was begun.
    pub(crate) fn push(&mut self, bytes: &[u8]) -> Result<(), ZipError> {
        let open = self.open.as_mut().ok_or(ZipError::OutOfOrder)?;
        open.crc.update(bytes);
        let mut rest = bytes;
        while !rest.is_empty() {
            self.out.reserve(rest.len().max(1024));
            let before = open.deflate.total_in();
            open.deflate
                .compress_vec(rest, &mut self.out, FlushCompress::None)?;
            let eaten = (open.deflate.total_in() - before) as usize;
            rest = rest.get(eaten..).unwrap_or_default();
        }
        Ok(())
    }

    /// Ends the file that was begun.
    pub(crate) fn end(&mut self) -> Result<(), ZipError> {
        let mut open = self.open.take().ok_or(ZipError::OutOfOrder)?;
        loop {
            self.out.reserve(1024);
            let status = open
                .deflate
                .compress_vec(&[], &mut self.out, FlushCompress::Finish)?;
            if status == Status::StreamEnd {
                break;
            }
        }
        let entry = Entry {
            name: &open.name,
            offset: open.offset,
            crc: open.crc.sum(),
            packed: open.deflate.total_out(),
            size: open.deflate.total_in(),
        };
        entry.descriptor(&mut self.out);
        entry.record(&mut self.directory, self.stamp);
        self.entries += 1;
        Ok(())
    }

    /// How many bytes have gathered.
    pub(crate) fn gathered(&self) -> usize {
        self.out.len()
    }

    /// Takes what has gathered.
    pub(crate) fn take(&mut self) -> Vec<u8> {
        self.taken += self.out.len() as u64;
        std::mem::take(&mut self.out)
    }

    /// Writes the list of all files, and that it is all.
    pub(crate) fn finish(&mut self) -> Result<(), ZipError> {
        if self.open.is_some() {
            return Err(ZipError::OutOfOrder);
        }
        let offset = self.taken + self.out.len() as u64;
        let size = self.directory.len() as u64;
        self.out.append(&mut self.directory);
        let fits = self.entries < u64::from(BEYOND_16)
            && offset < u64::from(BEYOND_32)
            && size < u64::from(BEYOND_32);
        if !fits {
            let at = self.taken + self.out.len() as u64;
            put32(&mut self.out, 0x0606_4b50);
            put64(&mut self.out, 44);
            put16(&mut self.out, MADE_BY_UNIX | VERSION_ZIP64);
            put16(&mut self.out, VERSION_ZIP64);
            put32(&mut self.out, 0);
            put32(&mut self.out, 0);
            put64(&mut self.out, self.entries);
            put64(&mut self.out, self.entries);
            put64(&mut self.out, size);
            put64(&mut self.out, offset);
            put32(&mut self.out, 0x0706_4b50);
            put32(&mut self.out, 0);
            put64(&mut self.out, at);
            put32(&mut self.out, 1);
        }
        put32(&mut self.out, 0x0605_4b50);
        put32(&mut self.out, 0);
        let entries = u16::try_from(self.entries).unwrap_or(BEYOND_16);
        put16(&mut self.out, entries);
        put16(&mut self.out, entries);
        put32(&mut self.out, u32::try_from(size).unwrap_or(BEYOND_32));
        put32(&mut self.out, u32::try_from(offset).unwrap_or(BEYOND_32));
        put16(&mut self.out, 0);
        Ok(())
    }
}

/// A file that was written.
#[derive(Debug, Clone, Copy)]
struct Entry<'a> {
    name: &'a str,
    offset: u64,
    crc: u32,
    packed: u64,
    size: u64,
}

impl Entry<'_> {
    /// What follows the bytes.
    fn descriptor(&self, out: &mut Vec<u8>) {
        put32(out, 0x0807_4b50);
        put32(out, self.crc);
        if let (Ok(packed), Ok(size)) = (u32::try_from(self.packed), u32::try_from(self.size)) {
            put32(out, packed);
            put32(out, size);
        } else {
            put64(out, self.packed);
            put64(out, self.size);
        }
    }

    /// What stands in the list of all files.
    fn record(&self, out: &mut Vec<u8>, stamp: u32) {
        let mut extra = Vec::new();
        let mut short = |value: u64| {
            if value < u64::from(BEYOND_32) {
                return value as u32;
            }
            put64(&mut extra, value);
            BEYOND_32
        };
        // In this order, as far as they do not fit.
        let (size, packed, offset) = (short(self.size), short(self.packed), short(self.offset));
        let version = if extra.is_empty() { VERSION } else { VERSION_ZIP64 };
        put32(out, 0x0201_4b50);
        put16(out, MADE_BY_UNIX | version);
        put16(out, version);
        put16(out, FLAGS);
        put16(out, METHOD);
        put32(out, stamp);
        put32(out, self.crc);
        put32(out, packed);
        put32(out, size);
        put16(out, self.name.len() as u16);
        let has_extra = !extra.is_empty();
        put16(out, if has_extra { extra.len() as u16 + 4 } else { 0 });
        put16(out, 0);
        put16(out, 0);
        put16(out, 0);
        put32(out, UNIX_FILE);
        put32(out, offset);
        out.extend_from_slice(self.name.as_bytes());
        if has_extra {
            put16(out, 1);
            put16(out, extra.len() as u16);
            out.extend_from_slice(&extra);
        }
    }
}

fn put16(out: &mut Vec<u8>, value: u16) {
    out.extend_from_slice(&value.to_le_bytes());
}

fn put32(out: &mut Vec<u8>, value: u32) {
    out.extend_from_slice(&value.to_le_bytes());
}

fn put64(out: &mut Vec<u8>, value: u64) {
    out.extend_from_slice(&value.to_le_bytes());
}

/// Date and time as the format has them, in two halves: from 1980 on, in steps of two seconds.
fn dos_time(at: Millis) -> u32 {
    let text = at.to_string();
    let part = |range: std::ops::Range<usize>| text.get(range).and_then(|digits| digits.parse::<u32>().ok());
    let parts = (
        part(0..4),
        part(5..7),
        part(8..10),
        part(11..13),
        part(14..16),
        part(17..19),
    );
    let (Some(year), Some(month), Some(day), Some(hour), Some(minute), Some(second)) = parts else {
        return (1 << 21) | (1 << 16);
    };
    if !(1980..2108).contains(&year) {
        return (1 << 21) | (1 << 16);
    }
    let date = ((year - 1980) << 9) | (month << 5) | day;
    (date << 16) | (hour << 11) | (minute << 5) | (second / 2)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_are_written_one_after_the_other() {
        let mut zip = Zip::new(Millis(0));
        assert!(matches!(zip.push(b"x"), Err(ZipError::OutOfOrder)));
        zip.begin("a").unwrap();
        assert!(matches!(zip.begin("b"), Err(ZipError::OutOfOrder)));
        assert!(matches!(zip.finish(), Err(ZipError::OutOfOrder)));
        zip.end().unwrap();
        assert!(matches!(zip.end(), Err(ZipError::OutOfOrder)));
        zip.finish().unwrap();
        let bytes = zip.take();
        assert!(bytes.starts_with(b"PK\x03\x04"));
        assert_eq!(&bytes[bytes.len() - 22..][..4], b"PK\x05\x06");
    }

    #[test]
    fn a_time_is_what_archives_take_for_it() {
        // 2023-11-14 22:13:20.
        let stamp = dos_time(Millis(1_700_000_000_000));
        assert_eq!(stamp >> 16, (43 * 16 + 11) * 32 + 14);
        assert_eq!(stamp & 0xffff, (22 * 64 + 13) * 32 + 10);
        assert_eq!(dos_time(Millis(0)), (1 << 21) | (1 << 16), "none is older");
    }

    #[test]
    fn what_does_not_fit_stands_in_the_longer_form() {
        let mut entry = Entry {
            name: "a",
            offset: 7,
            crc: 1,
            packed: 5,
            size: 6,
        };
        let (mut short, mut long) = (Vec::new(), Vec::new());
        entry.record(&mut short, 0);
        entry.size = 5 << 30;
        entry.offset = 6 << 30;
        entry.record(&mut long, 0);
        assert_eq!(long.len(), short.len() + 4 + 16);
        let extra = &long[short.len()..];
        assert_eq!(extra[..4], [1, 0, 16, 0]);
        assert_eq!(extra[4..12], (5_u64 << 30).to_le_bytes());
        assert_eq!(extra[12..], (6_u64 << 30).to_le_bytes());
        let mut told = Vec::new();
        entry.descriptor(&mut told);
        assert_eq!(told.len(), 24);
    }
}
