//! BSON documents that stand one behind the other in a file, as mongodump writes them.

use std::fs::File;
use std::io::{BufReader, ErrorKind, Read};
use std::path::{Path, PathBuf};

use flate2::read::MultiGzDecoder;

use crate::ImportError;

/// The largest document that MongoDB writes: 16 MiB, and 16 KiB for what it adds itself.
pub const MOST_DOCUMENT_BYTES: usize = (16 << 20) + (16 << 10);
/// The smallest: its length and its end.
pub(crate) const LEAST_DOCUMENT_BYTES: usize = 5;
/// What is read from the disk at once.
const BUFFER_BYTES: usize = 256 << 10;

/// The documents of one file, in its order. Reads in place: short reads of a file of this machine.
pub struct Documents {
    path: PathBuf,
    reader: Box<dyn Read + Send>,
    read: u64,
    buffer: Vec<u8>,
}

impl std::fmt::Debug for Documents {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Documents")
            .field("path", &self.path)
            .field("read", &self.read)
            .finish_non_exhaustive()
    }
}

/// Opens a file, and unpacks it where it is packed with gzip.
pub(crate) fn open(path: &Path) -> Result<Box<dyn Read + Send>, ImportError> {
    let mut file = BufReader::with_capacity(BUFFER_BYTES, File::open(path).map_err(ImportError::io(path))?);
    let is_packed = std::io::BufRead::fill_buf(&mut file)
        .map_err(ImportError::io(path))?
        .starts_with(&[0x1f, 0x8b]);
    Ok(if is_packed {
        Box::new(BufReader::with_capacity(BUFFER_BYTES, MultiGzDecoder::new(file)))
    } else {
        Box::new(file)
    })
}

/// Fills `buffer` as far as the reader goes.
pub(crate) fn fill(reader: &mut dyn Read, buffer: &mut [u8]) -> std::io::Result<usize> {
    let mut filled = 0;
    while filled < buffer.len() {
        match reader.read(&mut buffer[filled..]) {
            Ok(0) => break,
            Ok(read) => filled += read,
            Err(error) if error.kind() == ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
    Ok(filled)
}

/// The length that stands at the beginning of a document, where one can have it.
pub(crate) fn length(head: [u8; 4]) -> Option<usize> {
    usize::try_from(i32::from_le_bytes(head))
        .ok()
        .filter(|bytes| (LEAST_DOCUMENT_BYTES..=MOST_DOCUMENT_BYTES).contains(bytes))
}

impl Documents {
    pub(crate) fn open(path: &Path) -> Result<Self, ImportError> {
        Ok(Self {
            path: path.to_owned(),
            reader: open(path)?,
            read: 0,
            buffer: Vec::new(),
        })
    }

    /// The next document, or `None` behind the last. Its bytes begin with its length and end with a zero; whether what
    /// is between is BSON shows when it is read.
    pub fn next_document(&mut self) -> Result<Option<&[u8]>, ImportError> {
        let mut head = [0; 4];
        match self.fill(&mut head)? {
            0 => return Ok(None),
            4 => {}
            _ => return Err(self.damaged("it ends within a document")),
        }
        let Some(bytes) = length(head) else {
            return Err(self.damaged("what follows is no document"));
        };
        let mut buffer = std::mem::take(&mut self.buffer);
        buffer.clear();
        buffer.extend_from_slice(&head);
        // Grown by what is there, not by what is claimed.
        let mut rest = (&mut self.reader).take(bytes as u64 - 4);
        let read = rest
            .read_to_end(&mut buffer)
            .map_err(|error| self.failed(error))?;
        self.buffer = buffer;
        if read != bytes - 4 {
            return Err(self.damaged("it ends within a document"));
        }
        if self.buffer.last() != Some(&0) {
            return Err(self.damaged("a document has no end"));
        }
        self.read += 1;
        Ok(Some(&self.buffer))
    }

    fn fill(&mut self, buffer: &mut [u8]) -> Result<usize, ImportError> {
        fill(&mut self.reader, buffer).map_err(|error| self.failed(error))
    }

    fn failed(&self, error: std::io::Error) -> ImportError {
        // A packed file that is cut off, or is none behind its beginning.
        if matches!(
            error.kind(),
            ErrorKind::UnexpectedEof | ErrorKind::InvalidInput | ErrorKind::InvalidData
        ) {
            return self.damaged("it cannot be unpacked");
        }
        ImportError::Io {
            path: self.path.clone(),
            source: error,
        }
    }

    fn damaged(&self, what: &'static str) -> ImportError {
        ImportError::Damaged {
            file: self.path.display().to_string(),
            documents: self.read,
            what,
        }
    }
}
