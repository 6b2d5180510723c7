//! The journal: what was answered "accepted", in the order in which it came, until it is in the store.
//!
//! Files of about 64 MiB, `journal-000001` and on. What [`Journal::commit`] has written survives the end of the
//! process, however it ends; [`Syncer::sync`], called about every second by a thread of its own, makes it survive the
//! loss of power. What the payloads mean is `record`'s; what may be forgotten is decided by whoever keeps the sums.

use std::fs::{self, File, OpenOptions};
use std::io::{self, BufReader, Read, Seek, SeekFrom};
use std::os::unix::fs::FileExt;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use store::analytics::flush::Position;

use super::codec::crc32;

/// How large a segment grows before the next is begun, in bytes.
pub const SEGMENT_BYTES: u64 = 64 << 20;
/// The longest payload, in bytes.
pub const MAX_PAYLOAD: usize = 256 * 1024;

/// What each segment begins with.
const MAGIC: &[u8; 8] = b"SSJRNL01";
/// Length and checksum before each payload.
const FRAME: u64 = 8;
/// What the files' names begin with.
const NAME: &str = "journal-";

/// The journal, open for writing. One thread writes.
#[derive(Debug)]
pub struct Journal {
    folder: PathBuf,
    file: Arc<File>,
    end: Position,
    /// Frames that are not written yet.
    waiting: Vec<u8>,
    syncer: Syncer,
}

/// Presses what was written onto the disk, from another thread.
#[derive(Debug, Clone)]
pub struct Syncer(Arc<Mutex<Arc<File>>>);

impl Syncer {
    /// Returns once everything that was written before the call would survive the loss of power. After a failure the
    /// kernel may have forgotten what it could not write: it is lost if power is lost before it is in the store.
    pub fn sync(&self) -> io::Result<()> {
        // Segments before this one were synced when they were full.
        let file = Arc::clone(&self.0.lock().unwrap_or_else(PoisonError::into_inner));
        file.sync_data()
    }

    fn point_at(&self, file: &Arc<File>) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = Arc::clone(file);
    }
}

fn path(folder: &Path, segment: u64) -> PathBuf {
    folder.join(format!("{NAME}{segment:06}"))
}

/// The segments that are there, oldest first.
pub fn segments(folder: &Path) -> io::Result<Vec<u64>> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder)? {
        let name = entry?.file_name();
        let number = name.to_str().and_then(|name| name.strip_prefix(NAME));
        if let Some(Ok(number)) = number.map(str::parse) {
            found.push(number);
        }
    }
    found.sort_unstable();
    Ok(found)
}

/// Where the journal ends that lies in a folder, without opening it; `None`: there is none. Of a journal that is being
/// written it is a place that it has passed.
pub fn end_of(folder: &Path) -> io::Result<Option<Position>> {
    if !folder.exists() {
        return Ok(None);
    }
    let Some(segment) = segments(folder)?.pop() else {
        return Ok(None);
    };
    let place = fs::metadata(path(folder, segment))?.len();
    Ok(Some(Position { segment, place }))
}

/// Where a segment's frames begin.
pub fn beginning(segment: u64) -> Position {
    Position {
        segment,
        place: MAGIC.len() as u64,
    }
}

impl Journal {
    /// Opens the journal in a folder, makes both where there are none, and cuts off what was being written when the
    /// process before ended.
    ///
    /// `known` is the furthest place up to which the store has its sums. After a loss of power, or where somebody
    /// removed files, the journal can be shorter than that; then it goes on in a later segment, since what is written
    /// at places that the store has would never be counted.
    pub fn open(folder: &Path, known: Position) -> io::Result<Self> {
        fs::create_dir_all(folder)?;
        let last = segments(folder)?.last().copied();
        let (file, end) = match last {
            None => (begin(folder, 1)?, beginning(1)),
            Some(segment) => reopen(folder, segment)?,
        };
        let (file, end) = if end < known {
            let segment = known.segment.max(end.segment) + 1;
            (begin(folder, segment)?, beginning(segment))
        } else {
            (file, end)
        };
        let file = Arc::new(file);
        Ok(Self {
            folder: folder.to_owned(),
            syncer: Syncer(Arc::new(Mutex::new(Arc::clone(&file)))),
            file,
            end,
            waiting: Vec::new(),
        })
    }

    /// What presses it onto the disk.
    pub fn syncer(&self) -> Syncer {
        self.syncer.clone()
    }

    /// The end of what is written.
    pub fn end(&self) -> Position {
        self.end
    }

    /// Adds a payload to what the next [`Journal::commit`] writes; tells the place behind it. `None` where the
    /// payload is empty or longer than [`MAX_PAYLOAD`].
    pub fn add(&mut self, payload: &[u8]) -> Option<Position> {
        let length = u32::try_from(payload.len()).ok()?;
        if payload.is_empty() || payload.len() > MAX_PAYLOAD {
            return None;
        }
        self.waiting.extend_from_slice(&length.to_le_bytes());
        self.waiting.extend_from_slice(&crc32(payload).to_le_bytes());
        self.waiting.extend_from_slice(payload);
        Some(Position {
            segment: self.end.segment,
            place: self.end.place + self.waiting.len() as u64,
        })
    }

    /// Writes what was added, with one call of the system. When it fails, nothing of it was added, and the places
    /// told by [`Journal::add`] since the last call mean nothing.
    pub fn commit(&mut self) -> io::Result<Position> {
        let waiting = std::mem::take(&mut self.waiting);
        let written = self.file.write_all_at(&waiting, self.end.place);
        if let Err(error) = written {
            // A part may stand there. What is written next covers its beginning; this removes the rest of it.
            if let Err(second) = self.file.set_len(self.end.place) {
                tracing::warn!(error = %second, "Cannot cut off what was written of the journal in part");
            }
            return Err(error);
        }
        self.end.place += waiting.len() as u64;
        self.waiting = waiting;
        self.waiting.clear();
        // One large request does not hold its memory for ever.
        self.waiting.shrink_to(1 << 20);
        Ok(self.end)
    }

    /// Writes to another file from here on, such as one that takes nothing, and hands out the one before.
    #[cfg(test)]
    pub(super) fn swap_file(&mut self, file: Arc<File>) -> Arc<File> {
        std::mem::replace(&mut self.file, file)
    }

    /// Whether the next segment should be begun.
    pub fn is_full(&self) -> bool {
        self.end.place >= SEGMENT_BYTES
    }

    /// Begins the next segment, and tells where. What was written before is on the disk then. Nothing may wait to
    /// be written.
    pub fn rotate(&mut self) -> io::Result<Position> {
        debug_assert!(self.waiting.is_empty(), "places were told of a segment that ends");
        self.file.sync_data()?;
        let segment = self.end.segment + 1;
        let file = Arc::new(begin(&self.folder, segment)?);
        self.syncer.point_at(&file);
        self.file = file;
        self.end = beginning(segment);
        Ok(self.end)
    }

    /// Removes the segments before one; what is in them is in the store, or in a snapshot.
    pub fn remove_before(&self, segment: u64) -> io::Result<()> {
        for old in segments(&self.folder)? {
            if old < segment && old < self.end.segment {
                fs::remove_file(path(&self.folder, old))?;
            }
        }
        Ok(())
    }
}

/// Makes a segment, so that its name survives the loss of power.
fn begin(folder: &Path, segment: u64) -> io::Result<File> {
    let file = OpenOptions::new()
        .read(true)
        .write(true)
        .create(true)
        .truncate(true)
        .open(path(folder, segment))?;
    file.write_all_at(MAGIC, 0)?;
    file.sync_all()?;
    File::open(folder)?.sync_all()?;
    Ok(file)
}

/// The last segment, cut to what is whole of it.
fn reopen(folder: &Path, segment: u64) -> io::Result<(File, Position)> {
    let file = OpenOptions::new()
        .read(true)
        .write(true)
        .open(path(folder, segment))?;
    let found = file.metadata()?.len();
    let Some(place) = read_segment(&file, beginning(segment), &mut |_, _| {})? else {
        // Its first bytes did not arrive: nothing was written to it.
        drop(file);
        return Ok((begin(folder, segment)?, beginning(segment)));
    };
    if place < found {
        tracing::warn!(
            journal.segment = segment,
            journal.cut_bytes = found - place,
            "Cut off the unfinished end of the journal"
        );
        file.set_len(place)?;
        file.sync_data()?;
    }
    Ok((file, Position { segment, place }))
}

/// Reads what was written from a place on, in order: each payload, and the place behind it. A segment's damaged end is
/// left out, and the next one goes on. Tells the place behind the last one.
pub fn read(folder: &Path, from: Position, mut take: impl FnMut(Position, &[u8])) -> io::Result<Position> {
    let mut end = from;
    for segment in segments(folder)? {
        if segment < from.segment {
            continue;
        }
        let start = if segment == from.segment {
            from.max(beginning(segment))
        } else {
            beginning(segment)
        };
        let file = File::open(path(folder, segment))?;
        end = Position {
            segment,
            place: read_segment(&file, start, &mut take)?.unwrap_or(start.place),
        };
        let left = file.metadata()?.len().saturating_sub(end.place);
        if left > 0 {
            tracing::warn!(
                journal.segment = segment,
                journal.left_bytes = left,
                "Left out a damaged part of the journal"
            );
        }
    }
    Ok(end)
}

/// Reads a segment from a place on until its end or damage; tells where that is. `None`: it does not even begin.
fn read_segment(
    file: &File,
    from: Position,
    take: &mut impl FnMut(Position, &[u8]),
) -> io::Result<Option<u64>> {
    let mut magic = [0; MAGIC.len()];
    match file.read_exact_at(&mut magic, 0) {
        Ok(()) if &magic == MAGIC => {}
        Ok(()) => return Ok(None),
        Err(error) if error.kind() == io::ErrorKind::UnexpectedEof => return Ok(None),
        Err(error) => return Err(error),
    }
    let mut reader = BufReader::with_capacity(1 << 18, file);
    reader.seek(SeekFrom::Start(from.place))?;
    let mut place = from.place;
    let mut payload = Vec::new();
    while let Some(length) = read_frame(&mut reader, &mut payload)? {
        place += FRAME + length;
        let behind = Position {
            segment: from.segment,
            place,
        };
        take(behind, &payload);
    }
    Ok(Some(place))
}

/// Reads one frame; `None` where no whole one follows. Tells the length of the payload.
fn read_frame(reader: &mut impl Read, payload: &mut Vec<u8>) -> io::Result<Option<u64>> {
    let mut head = [0; FRAME as usize];
    if !read_whole(reader, &mut head)? {
        return Ok(None);
    }
    let [a, b, c, d, crc @ ..] = head;
    let length = u32::from_le_bytes([a, b, c, d]);
    // Zeros are what a file holds whose size reached the disk before its bytes did.
    if length == 0 || length as usize > MAX_PAYLOAD {
        return Ok(None);
    }
    payload.resize(length as usize, 0);
    let is_whole = read_whole(reader, payload)? && crc32(payload) == u32::from_le_bytes(crc);
    Ok(is_whole.then_some(u64::from(length)))
}

/// Fills a buffer; `false` where the file ends before.
fn read_whole(reader: &mut impl Read, buffer: &mut [u8]) -> io::Result<bool> {
    match reader.read_exact(buffer) {
        Ok(()) => Ok(true),
        Err(error) if error.kind() == io::ErrorKind::UnexpectedEof => Ok(false),
        Err(error) => Err(error),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn all(folder: &Path, from: Position) -> Vec<(Position, Vec<u8>)> {
        let mut found = Vec::new();
        read(folder, from, |behind, payload| {
            found.push((behind, payload.to_vec()));
        })
        .unwrap();
        found
    }

    fn written(journal: &mut Journal, payloads: &[&[u8]]) -> Vec<Position> {
        let places = payloads
            .iter()
            .map(|payload| journal.add(payload).unwrap())
            .collect::<Vec<_>>();
        assert_eq!(Some(&journal.commit().unwrap()), places.last());
        places
    }

    #[test]
    fn what_was_written_is_read_in_its_order_from_any_place() {
        let folder = tempfile::tempdir().unwrap();
        let mut journal = Journal::open(folder.path(), Position::default()).unwrap();
        let places = written(&mut journal, &[b"one", b"two"]);
        journal.rotate().unwrap();
        let later = written(&mut journal, &[b"three"]);
        let found = all(folder.path(), Position::default());
        let texts: Vec<&[u8]> = found.iter().map(|(_, payload)| payload.as_slice()).collect();
        assert_eq!(texts, [b"one".as_slice(), b"two", b"three"]);
        assert_eq!(found[0].0, places[0]);
        assert_eq!(all(folder.path(), places[0]).len(), 2);
        assert_eq!(all(folder.path(), places[1]).len(), 1);
        assert!(all(folder.path(), later[0]).is_empty());
        journal.syncer().sync().unwrap();
    }

    #[test]
    fn what_was_not_committed_is_not_there() {
        let folder = tempfile::tempdir().unwrap();
        let mut journal = Journal::open(folder.path(), Position::default()).unwrap();
        written(&mut journal, &[b"one"]);
        journal.add(b"two").unwrap();
        drop(journal);
        assert_eq!(all(folder.path(), Position::default()).len(), 1);
    }

    #[test]
    fn an_end_that_was_torn_off_is_cut_wherever_it_tore() {
        let folder = tempfile::tempdir().unwrap();
        let file = path(folder.path(), 1);
        let mut journal = Journal::open(folder.path(), Position::default()).unwrap();
        let places = written(&mut journal, &[b"the first", b"the second"]);
        drop(journal);
        let whole = fs::read(&file).unwrap();
        for length in 0..whole.len() {
            fs::write(&file, &whole[..length]).unwrap();
            let mut journal = Journal::open(folder.path(), Position::default()).unwrap();
            let left = places.iter().filter(|place| place.place <= length as u64).count();
            assert_eq!(
                all(folder.path(), Position::default()).len(),
                left,
                "{length} bytes"
            );
            written(&mut journal, &[b"more"]);
            let found = all(folder.path(), Position::default());
            assert_eq!(found.len(), left + 1);
            assert_eq!(found[left].1, b"more");
        }
    }

    #[test]
    fn what_was_changed_on_the_disk_is_not_believed() {
        let folder = tempfile::tempdir().unwrap();
        let file = path(folder.path(), 1);
        let mut journal = Journal::open(folder.path(), Position::default()).unwrap();
        written(&mut journal, &[b"one", b"two"]);
        let mut bytes = fs::read(&file).unwrap();
        let last = bytes.len() - 1;
        bytes[last] ^= 1;
        bytes.extend_from_slice(&[0; 100]);
        fs::write(&file, &bytes).unwrap();
        assert_eq!(all(folder.path(), Position::default()).len(), 1);
        let journal = Journal::open(folder.path(), Position::default()).unwrap();
        assert_eq!(fs::metadata(&file).unwrap().len(), journal.end().place);
    }

    #[test]
    fn segments_that_are_in_the_store_go_and_the_last_one_stays() {
        let folder = tempfile::tempdir().unwrap();
        let mut journal = Journal::open(folder.path(), Position::default()).unwrap();
        for _ in 0..3 {
            journal.rotate().unwrap();
        }
        fs::write(folder.path().join("journal-x"), b"").unwrap();
        journal.remove_before(3).unwrap();
        assert_eq!(segments(folder.path()).unwrap(), [3, 4]);
        journal.remove_before(99).unwrap();
        assert_eq!(segments(folder.path()).unwrap(), [4]);
    }

    #[test]
    fn a_journal_that_lost_what_the_store_has_goes_on_behind_it() {
        let folder = tempfile::tempdir().unwrap();
        let mut journal = Journal::open(folder.path(), Position::default()).unwrap();
        let places = written(&mut journal, &[b"one", b"two"]);
        drop(journal);
        let known = Position {
            segment: 1,
            place: places[1].place + 1,
        };
        let mut journal = Journal::open(folder.path(), known).unwrap();
        assert!(written(&mut journal, &[b"three"])[0] > known);
        assert_eq!(all(folder.path(), Position::default()).len(), 3);
        let gone = Position {
            segment: 70,
            place: 8,
        };
        let empty = tempfile::tempdir().unwrap();
        assert!(Journal::open(empty.path(), gone).unwrap().end() > gone);
        let fits = Journal::open(folder.path(), journal.end()).unwrap();
        assert_eq!(fits.end(), journal.end(), "what is whole is gone on with");
    }

    #[test]
    fn a_payload_that_is_too_long_is_refused() {
        let folder = tempfile::tempdir().unwrap();
        let mut journal = Journal::open(folder.path(), Position::default()).unwrap();
        assert_eq!(journal.add(&vec![0; MAX_PAYLOAD + 1]), None);
        assert_eq!(journal.add(&[]), None);
        let longest = vec![7; MAX_PAYLOAD];
        written(&mut journal, &[&longest]);
        assert_eq!(all(folder.path(), Position::default())[0].1, longest);
    }
}
