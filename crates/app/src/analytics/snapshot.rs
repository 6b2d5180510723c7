//! Snapshots on the disk: what the counter goes on from after a restart, so that few segments of the journal are
//! kept and read.
//!
//! Files `snapshot-000001` beside the journal, named after the segment in which they were taken. When one may be
//! written is said in `counter`.

use std::fs::{self, File};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use store::analytics::flush::Position;

use super::codec::crc32;

const MAGIC: &[u8; 8] = b"SSSNAP01";
/// Magic, segment, place, checksum of the rest.
const HEAD: usize = 8 + 8 + 8 + 4;
const NAME: &str = "snapshot-";

fn path(folder: &Path, segment: u64) -> PathBuf {
    folder.join(format!("{NAME}{segment:06}"))
}

/// The segments that there are snapshots of, newest first.
fn list(folder: &Path) -> io::Result<Vec<u64>> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder)? {
        let name = entry?.file_name();
        let number = name.to_str().and_then(|name| name.strip_prefix(NAME));
        if let Some(Ok(number)) = number.map(str::parse) {
            found.push(number);
        }
    }
    found.sort_unstable_by(|one: &u64, other| other.cmp(one));
    Ok(found)
}

/// Writes a snapshot that was taken at a place of the journal, and removes the older ones once it is on the disk.
pub fn write(folder: &Path, at: Position, snapshot: &[u8]) -> io::Result<()> {
    let unfinished = folder.join("snapshot.unfinished");
    let mut file = File::create(&unfinished)?;
    file.write_all(MAGIC)?;
    file.write_all(&at.segment.to_le_bytes())?;
    file.write_all(&at.place.to_le_bytes())?;
    file.write_all(&crc32(snapshot).to_le_bytes())?;
    file.write_all(snapshot)?;
    file.sync_all()?;
    fs::rename(&unfinished, path(folder, at.segment))?;
    File::open(folder)?.sync_all()?;
    for old in list(folder)? {
        if old < at.segment {
            fs::remove_file(path(folder, old))?;
        }
    }
    Ok(())
}

/// The newest whole snapshot, and the place of the journal at which it was taken.
pub fn newest(folder: &Path) -> io::Result<Option<(Position, Vec<u8>)>> {
    for segment in list(folder)? {
        if let Some(found) = parse(&fs::read(path(folder, segment))?) {
            return Ok(Some(found));
        }
        tracing::warn!(
            journal.segment = segment,
            "Left out a damaged snapshot of the sessions"
        );
    }
    Ok(None)
}

fn parse(bytes: &[u8]) -> Option<(Position, Vec<u8>)> {
    let (head, snapshot) = bytes.split_at_checked(HEAD)?;
    let number =
        |at: usize| -> Option<u64> { Some(u64::from_le_bytes(head.get(at..at + 8)?.try_into().ok()?)) };
    let crc = u32::from_le_bytes(head.get(24..28)?.try_into().ok()?);
    if !head.starts_with(MAGIC) || crc != crc32(snapshot) {
        return None;
    }
    let at = Position {
        segment: number(8)?,
        place: number(16)?,
    };
    Some((at, snapshot.to_vec()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(segment: u64) -> Position {
        Position { segment, place: 77 }
    }

    #[test]
    fn the_newest_snapshot_is_found_and_the_older_ones_are_gone() {
        let folder = tempfile::tempdir().unwrap();
        assert_eq!(newest(folder.path()).unwrap(), None);
        write(folder.path(), at(1), b"one").unwrap();
        write(folder.path(), at(12), b"two").unwrap();
        assert_eq!(newest(folder.path()).unwrap(), Some((at(12), b"two".to_vec())));
        write(folder.path(), at(12), b"three").unwrap();
        assert_eq!(newest(folder.path()).unwrap(), Some((at(12), b"three".to_vec())));
        assert_eq!(list(folder.path()).unwrap(), [12]);
    }

    #[test]
    fn a_damaged_snapshot_is_not_believed_and_the_one_before_is() {
        let folder = tempfile::tempdir().unwrap();
        write(folder.path(), at(3), b"whole").unwrap();
        let whole = fs::read(path(folder.path(), 3)).unwrap();
        for length in 0..whole.len() {
            fs::write(path(folder.path(), 4), &whole[..length]).unwrap();
            assert_eq!(newest(folder.path()).unwrap(), Some((at(3), b"whole".to_vec())));
        }
        let mut changed = whole;
        changed[HEAD] ^= 1;
        fs::write(path(folder.path(), 4), &changed).unwrap();
        assert_eq!(newest(folder.path()).unwrap().map(|(at, _)| at), Some(at(3)));
    }
}
