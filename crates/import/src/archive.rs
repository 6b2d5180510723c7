//! Archives of `mongodump --archive`: the documents of all collections in one stream, in turns.
//!
//! The stream is a number, a document about the archive, one about each collection, and then blocks: a document that
//! names a collection, documents of it, and a mark. The last block of a collection has none, and says what the sum
//! (CRC-64 of ECMA-182) of all its documents is.

use std::collections::{BTreeMap, BTreeSet};
use std::io::Read;
use std::path::{Path, PathBuf};

use bson::raw::RawDocument;

use crate::documents::{fill, length, open};
use crate::folder::{OWN, choose};
use crate::spool::Spool;
use crate::{Collection, ImportError};

/// How an archive begins.
const MAGIC: [u8; 4] = 0x8199_e26d_u32.to_le_bytes();
/// What stands behind the documents of a block.
const MARK: [u8; 4] = [0xff; 4];
/// Collections that an archive may have, ours and others.
const MOST_COLLECTIONS: usize = 100_000;

/// Writes the collections of one database into `spool`.
pub(crate) fn unpack(
    path: &Path,
    database: Option<&str>,
    spool: &Path,
    most_bytes: u64,
) -> Result<BTreeMap<Collection, PathBuf>, ImportError> {
    let mut archive = Archive {
        reader: open(path)?,
        path,
        buffer: Vec::new(),
    };
    let mut magic = [0; 4];
    if archive.fill(&mut magic)? != 4 || magic != MAGIC {
        return Err(ImportError::NotADump(path.to_owned()));
    }
    // About the archive and each collection; nothing of it is needed.
    if !archive.document()? {
        return Err(damaged("it has no beginning"));
    }
    while archive.document()? {}
    let mut out = Spool::new(spool, most_bytes);
    let mut known: BTreeMap<(String, String), Crc> = BTreeMap::new();
    let mut whole = BTreeSet::new();
    while let Some(block) = archive.block()? {
        let key = (block.database, block.collection);
        if whole.contains(&key) {
            return Err(damaged("a collection goes on behind its end"));
        }
        if known.len() >= MOST_COLLECTIONS {
            return Err(damaged("it has too many collections"));
        }
        let taken = Collection::from_name(&key.1).filter(|_| !OWN.contains(&key.0.as_str()));
        let sum = known.entry(key.clone()).or_default();
        while archive.document()? {
            if block.sum.is_some() {
                return Err(damaged("a document stands behind the end of its collection"));
            }
            sum.add(&archive.buffer);
            if let Some(collection) = taken {
                out.write(&key.0, collection, &archive.buffer)?;
            }
        }
        if let Some(said) = block.sum {
            if said != sum.value() {
                return Err(damaged("the sum of a collection is wrong"));
            }
            whole.insert(key);
        }
    }
    if let Some((database, collection)) = known.keys().find(|key| !whole.contains(*key)) {
        return Err(ImportError::Archive(format!(
            "it ends before the collection {database}.{collection} does"
        )));
    }
    choose(out.finish()?, database, &path.display().to_string())
}

struct Archive<'a> {
    reader: Box<dyn Read + Send>,
    path: &'a Path,
    buffer: Vec<u8>,
}

struct Block {
    database: String,
    collection: String,
    /// The collection ends here, and this is its sum.
    sum: Option<u64>,
}

impl Archive<'_> {
    fn fill(&mut self, buffer: &mut [u8]) -> Result<usize, ImportError> {
        fill(&mut self.reader, buffer).map_err(|error| self.failed(error))
    }

    fn failed(&self, error: std::io::Error) -> ImportError {
        if matches!(
            error.kind(),
            std::io::ErrorKind::UnexpectedEof
                | std::io::ErrorKind::InvalidInput
                | std::io::ErrorKind::InvalidData
        ) {
            return damaged("it cannot be unpacked");
        }
        ImportError::io(self.path)(error)
    }

    /// Reads the next document into the buffer; tells whether there was one before the mark.
    fn document(&mut self) -> Result<bool, ImportError> {
        let mut head = [0; 4];
        if self.fill(&mut head)? != 4 {
            return Err(damaged("it is cut off"));
        }
        if head == MARK {
            return Ok(false);
        }
        self.rest(head)?;
        Ok(true)
    }

    fn rest(&mut self, head: [u8; 4]) -> Result<(), ImportError> {
        let bytes = length(head).ok_or_else(|| damaged("what follows is no document"))?;
        self.buffer.clear();
        self.buffer.extend_from_slice(&head);
        let mut rest = (&mut self.reader).take(bytes as u64 - 4);
        let read = rest.read_to_end(&mut self.buffer);
        let read = read.map_err(|error| self.failed(error))?;
        if read != bytes - 4 || self.buffer.last() != Some(&0) {
            return Err(damaged("it is cut off"));
        }
        Ok(())
    }

    /// The beginning of the next block; `None` at the end of the archive.
    fn block(&mut self) -> Result<Option<Block>, ImportError> {
        let mut head = [0; 4];
        match self.fill(&mut head)? {
            0 => return Ok(None),
            4 => self.rest(head)?,
            _ => return Err(damaged("it is cut off")),
        }
        let unreadable = |_| damaged("a block does not say whose it is");
        let document =
            RawDocument::from_bytes(&self.buffer).map_err(|_| damaged("a block has no beginning"))?;
        let ends = document.get_bool("EOF").unwrap_or(false);
        Ok(Some(Block {
            database: document.get_str("db").map_err(unreadable)?.to_owned(),
            collection: document.get_str("collection").map_err(unreadable)?.to_owned(),
            sum: ends.then(|| document.get_i64("CRC").unwrap_or(0).cast_unsigned()),
        }))
    }
}

fn damaged(what: &str) -> ImportError {
    ImportError::Archive(what.to_owned())
}

/// CRC-64 as in ECMA-182, reflected, as Go's `hash/crc64` has it.
#[derive(Debug, Clone, Copy, Default)]
struct Crc(u64);

const TABLE: [u64; 256] = {
    let mut table = [0; 256];
    let mut at = 0;
    while at < 256 {
        let mut value = at as u64;
        let mut bit = 0;
        while bit < 8 {
            value = if value & 1 == 1 {
                (value >> 1) ^ 0xc96c_5795_d787_0f42
            } else {
                value >> 1
            };
            bit += 1;
        }
        table[at] = value;
        at += 1;
    }
    table
};

impl Crc {
    fn add(&mut self, bytes: &[u8]) {
        let mut value = !self.0;
        for byte in bytes {
            value = TABLE[usize::from((value as u8) ^ byte)] ^ (value >> 8);
        }
        self.0 = !value;
    }

    fn value(self) -> u64 {
        self.0
    }
}

#[cfg(test)]
mod tests {
    use super::Crc;

    #[test]
    fn the_sum_is_that_of_the_standard() {
        let mut crc = Crc::default();
        crc.add(b"1234");
        crc.add(b"56789");
        assert_eq!(crc.value(), 0x995d_c9bb_df19_39fa);
    }
}
