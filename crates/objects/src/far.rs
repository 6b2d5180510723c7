//! Incoming files beyond the node that takes them in: what was told to be kept must not hang on one disk, and
//! the next bytes may come to another node.
//!
//! Whole pieces go up as parts of one multipart upload. What is left behind the last whole piece goes, with the
//! list of the parts, into a small blob that is named by where the file ends: `incoming/{name}/at-{bytes}`. It
//! is there before anyone is told of those bytes, so whoever keeps the count names the state that holds, and a
//! node that comes in between finds everything it needs to go on. The file on the node's own disk may have
//! holes; they are filled when the upload is complete.

use std::fs::{self, File, OpenOptions};
use std::io::ErrorKind;
use std::ops::Range;
use std::os::unix::fs::{FileExt as _, MetadataExt as _, OpenOptionsExt as _};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use bytes::Bytes;

use crate::s3::{MOST_PIECES, PIECE_BYTES, S3};
use crate::{Key, ObjectsError, blocking};

/// What a state begins with.
const HEAD: &str = "streamsphere incoming 1";
/// Above this the server does not copy in one go.
const MOST_COPIED_BYTES: u64 = 5_000_000_000;
/// The most states and other blobs of one incoming file; a handful is usual.
const MOST_BLOBS: usize = 10_000;

/// What a node remembers of an incoming file, so that it need not ask the bucket each time.
#[derive(Debug, Clone, Default)]
pub(crate) struct Trail {
    /// Up to here all is in the bucket.
    at: u64,
    /// Where the last push began: what came before was counted for sure.
    counted: u64,
    /// The multipart upload, once there is a whole piece.
    id: Option<String>,
    /// Its parts, in order, each of [`PIECE_BYTES`].
    parts: Vec<String>,
    /// What the node's own file has.
    have: Vec<Range<u64>>,
    /// When the file was complete here, and the bucket has it whole: its time of change then.
    settled: Option<(i64, i64)>,
}

/// An incoming file of which the bucket keeps what is told.
#[derive(Debug)]
pub(crate) struct Far {
    s3: Arc<S3>,
    name: Key,
    trail: Trail,
}

impl Trail {
    /// Where the bytes begin that are in no part yet.
    fn tail_at(&self) -> u64 {
        self.parts.len() as u64 * PIECE_BYTES
    }

    fn to_bytes(&self, rest: &[u8]) -> Bytes {
        let mut text = format!("{HEAD}\n{}\n", self.id.as_deref().unwrap_or_default());
        for part in &self.parts {
            text.push_str(part);
            text.push('\n');
        }
        text.push('\n');
        let mut bytes = text.into_bytes();
        bytes.extend_from_slice(rest);
        bytes.into()
    }

    /// The state at `at`, and the bytes behind its parts; `None` when it is none.
    fn from_bytes(at: u64, bytes: &Bytes) -> Option<(Self, Bytes)> {
        let mut from = 0;
        let mut line = || {
            let rest = bytes.get(from..)?;
            let end = rest.iter().position(|byte| *byte == b'\n')?;
            from += end + 1;
            std::str::from_utf8(&rest[..end]).ok().map(str::to_owned)
        };
        (line()? == HEAD).then_some(())?;
        let id = line().filter(|id| !id.is_empty());
        let mut parts = Vec::new();
        loop {
            let part = line()?;
            if part.is_empty() {
                break;
            }
            parts.push(part);
        }
        let trail = Self {
            at,
            counted: at,
            id,
            parts,
            ..Self::default()
        };
        let rest = bytes.slice(from..);
        let is_whole = trail.tail_at().checked_add(rest.len() as u64) == Some(at);
        (is_whole && (trail.id.is_some() || trail.parts.is_empty())).then_some((trail, rest))
    }

    /// Notes that the node's file has these bytes.
    fn add(&mut self, range: Range<u64>) {
        if range.is_empty() {
            return;
        }
        self.have.push(range);
        self.have.sort_unstable_by_key(|range| range.start);
        let mut merged: Vec<Range<u64>> = Vec::with_capacity(self.have.len());
        for range in self.have.drain(..) {
            match merged.last_mut() {
                Some(last) if range.start <= last.end => last.end = last.end.max(range.end),
                _ => merged.push(range),
            }
        }
        self.have = merged;
    }

    /// Forgets what the file has behind `end`.
    fn clip(&mut self, end: u64) {
        for range in &mut self.have {
            range.end = range.end.min(end);
        }
        self.have.retain(|range| range.start < range.end);
    }

    /// What the file lacks of its first `bytes`.
    fn missing(&self, bytes: u64) -> Vec<Range<u64>> {
        let (mut missing, mut at) = (Vec::new(), 0);
        for range in &self.have {
            if at < range.start {
                missing.push(at..range.start);
            }
            at = at.max(range.end);
        }
        if at < bytes {
            missing.push(at..bytes);
        }
        missing
    }
}

/// The folder of an incoming file in the bucket.
fn folder(name: &Key) -> Result<Key, ObjectsError> {
    let folder = Key::parse(&format!("incoming/{name}"));
    folder.map_err(|error| ObjectsError::Io(std::io::Error::other(error)))
}

fn below(name: &Key, last: &str) -> Result<Key, ObjectsError> {
    let key = folder(name)?.join(last);
    key.map_err(|error| ObjectsError::Io(std::io::Error::other(error)))
}

/// The blob that says how a file goes on behind its first `at` bytes.
fn state(name: &Key, at: u64) -> Result<Key, ObjectsError> {
    below(name, &format!("at-{at}"))
}

/// The file once it is complete.
fn whole(name: &Key) -> Result<Key, ObjectsError> {
    below(name, "whole")
}

/// Where each state stands that is in the bucket.
async fn states(s3: &S3, name: &Key) -> Result<Vec<(u64, Key)>, ObjectsError> {
    let listed = s3.remote.list(&folder(name)?, None, MOST_BLOBS).await?;
    let at = |key: &Key| key.as_str().rsplit_once("/at-")?.1.parse().ok();
    Ok(listed
        .into_iter()
        .filter_map(|key| Some((at(&key)?, key)))
        .collect())
}

impl Far {
    /// Goes on behind the first `at` bytes. Afterwards the file at `path` is as long as that, and has the bytes
    /// behind the last whole piece. [`ObjectsError::Lost`] when the bucket does not have that many.
    pub(crate) async fn open(s3: &Arc<S3>, name: &Key, path: &Path, at: u64) -> Result<Self, ObjectsError> {
        let mut known = s3.trails.get(name).unwrap_or_default();
        // What is not on the disk any more, for whatever reason, is not counted on.
        let file = path.to_owned();
        let there = blocking(move || match fs::metadata(file) {
            Ok(metadata) => Ok(metadata.len()),
            Err(error) if error.kind() == ErrorKind::NotFound => Ok(0),
            Err(error) => Err(error.into()),
        });
        known.clip(there.await?);
        let trail = if known.at == at && known.missing(at).iter().all(|gap| gap.end <= known.tail_at()) {
            known
        } else if at == 0 {
            Trail::default()
        } else {
            Self::fetch(s3, name, path, at, known).await?
        };
        if at > 0 {
            let path = path.to_owned();
            blocking(move || {
                let file = writable(&path)?;
                if file.metadata()?.len() < at {
                    file.set_len(at)?;
                }
                Ok(())
            })
            .await?;
        }
        let name = name.clone();
        Ok(Self {
            s3: Arc::clone(s3),
            name,
            trail,
        })
    }

    async fn fetch(
        s3: &S3,
        name: &Key,
        path: &Path,
        at: u64,
        mut known: Trail,
    ) -> Result<Trail, ObjectsError> {
        let found = s3.remote.get(&state(name, at)?, 0..u64::MAX).await?;
        let (mut trail, rest) = found
            .and_then(|bytes| Trail::from_bytes(at, &bytes))
            .ok_or(ObjectsError::Lost)?;
        // What was pushed and never counted may have come again, with other bytes.
        known.clip(known.counted.min(at));
        trail.have = known.have;
        let (from, path) = (trail.tail_at(), path.to_owned());
        blocking(move || {
            let file = writable(&path)?;
            file.set_len(at)?;
            Ok(file.write_all_at(&rest, from)?)
        })
        .await?;
        trail.add(from..at);
        for (other, key) in states(s3, name).await? {
            if other != at {
                s3.remote.remove(&key).await?;
            }
        }
        Ok(trail)
    }

    /// Returns once the bucket has the first `bytes` of the file.
    pub(crate) async fn push(&mut self, path: &Path, bytes: u64) -> Result<(), ObjectsError> {
        let before = self.trail.at;
        if bytes.div_ceil(PIECE_BYTES) > MOST_PIECES {
            return Err(ObjectsError::TooLarge { asked_bytes: bytes });
        }
        let file = open(path).await?;
        let mut trail = self.trail.clone();
        let key = whole(&self.name)?;
        let (first, end) = (trail.parts.len() as u64, bytes / PIECE_BYTES);
        if first < end {
            let id = match &trail.id {
                Some(id) => id.clone(),
                None => self.s3.remote.begin(&key).await?,
            };
            trail.id = Some(id.clone());
            // A push that fails here goes on with the same upload.
            self.trail.id = Some(id.clone());
            let added = self.s3.remote.add_pieces(&key, &id, &file, first..end).await?;
            trail.parts.extend(added);
        }
        let from = trail.tail_at();
        let rest = read(&file, from..bytes).await?;
        let key = state(&self.name, bytes)?;
        self.s3.remote.put(&key, trail.to_bytes(&rest)).await?;
        trail.add(before..bytes);
        (trail.at, trail.settled) = (bytes, None);
        let older = std::mem::replace(&mut trail.counted, before);
        self.s3.trails.insert(self.name.clone(), trail.clone());
        self.trail = trail;
        // The one before this may be what is counted, if this is not; the one before that is not any more.
        if older != before && older > 0 {
            self.s3.remote.remove(&state(&self.name, older)?).await?;
        }
        Ok(())
    }

    /// Makes the file complete at `path`, with all of its `bytes`, and lets the bucket put its parts together.
    async fn gather(mut self, path: &Path, bytes: u64) -> Result<(), ObjectsError> {
        let file = open(path).await?;
        if let Some(id) = &self.trail.id {
            let key = whole(&self.name)?;
            let seen = self.s3.remote.look(&key).await?;
            let seen = if let Some(seen) = seen.filter(|seen| seen.size_bytes == bytes) {
                seen
            } else {
                let mut parts = self.trail.parts.clone();
                let from = self.trail.tail_at();
                if from < bytes {
                    let last = read(&file, from..bytes).await?;
                    let number = parts.len() as u64;
                    parts.push(self.s3.remote.add(&key, id, number, last).await?);
                }
                self.s3.remote.complete(&key, id, parts).await?;
                let seen = self.s3.remote.look(&key).await?;
                seen.filter(|seen| seen.size_bytes == bytes)
                    .ok_or(ObjectsError::Lost)?
            };
            for gap in self.trail.missing(bytes) {
                self.s3.remote.fill(&key, &seen, gap.clone(), &file).await?;
                self.trail.add(gap);
            }
            self.trail.settled = Some(changed(&file)?);
        }
        if !self.trail.missing(bytes).is_empty() {
            return Err(ObjectsError::Lost);
        }
        self.s3.trails.insert(self.name, self.trail);
        Ok(())
    }
}

impl S3 {
    /// See [`Objects::adopt_incoming`](crate::Objects::adopt_incoming).
    pub(crate) async fn adopt(
        self: &Arc<Self>,
        name: &Key,
        path: &Path,
        bytes: u64,
    ) -> Result<(), ObjectsError> {
        match self.incoming_size(name).await? {
            Some(there) if there == bytes => return Ok(()),
            Some(_) => self.remove_incoming(name).await?,
            None => {}
        }
        if bytes == 0 {
            return Ok(());
        }
        let mut far = Far {
            s3: Arc::clone(self),
            name: name.clone(),
            trail: Trail::default(),
        };
        far.push(path, bytes).await
    }

    /// See [`Objects::gather_incoming`](crate::Objects::gather_incoming).
    pub(crate) async fn gather(
        self: &Arc<Self>,
        name: &Key,
        path: &Path,
        bytes: u64,
    ) -> Result<(), ObjectsError> {
        Far::open(self, name, path, bytes)
            .await?
            .gather(path, bytes)
            .await
    }

    /// Makes the complete incoming file the blob `key`: on the server, where the file at `path` is still what
    /// was put together there.
    pub(crate) async fn commit_incoming(
        self: &Arc<Self>,
        name: &Key,
        path: &Path,
        key: &Key,
    ) -> Result<(), ObjectsError> {
        let settled = self
            .trails
            .get(name)
            .and_then(|trail| Some((trail.settled?, trail.at)));
        let now = match settled {
            Some(_) => Some(changed(&*open(path).await?)?),
            None => None,
        };
        match settled {
            Some((then, bytes)) if Some(then) == now && bytes <= MOST_COPIED_BYTES => {
                self.remote.copy(&whole(name)?, key).await?;
            }
            _ => self.remote.upload(path, key).await?,
        }
        self.forget(key).await;
        Ok(())
    }

    /// Up to where the bucket has the incoming file; `None` when it has nothing of it.
    pub(crate) async fn incoming_size(&self, name: &Key) -> Result<Option<u64>, ObjectsError> {
        Ok(states(self, name).await?.into_iter().map(|(at, _)| at).max())
    }

    /// Removes what the bucket has of the incoming file.
    pub(crate) async fn remove_incoming(&self, name: &Key) -> Result<(), ObjectsError> {
        let id = match self.trails.get(name) {
            Some(trail) => trail.id,
            None => match states(self, name).await?.into_iter().max() {
                None => None,
                Some((at, key)) => {
                    let found = self.remote.get(&key, 0..u64::MAX).await?;
                    let trail = found.and_then(|bytes| Trail::from_bytes(at, &bytes));
                    trail.and_then(|(trail, _)| trail.id)
                }
            },
        };
        if let Some(id) = &id {
            self.remote.give_up(&whole(name)?, id).await;
        }
        self.trails.invalidate(name);
        self.remote.remove_prefix(&folder(name)?).await
    }

    /// Names of incoming files in the bucket, whichever node took them in.
    pub(crate) async fn list_incoming(&self) -> Result<Vec<String>, ObjectsError> {
        let all = Key::parse("incoming").map_err(|error| ObjectsError::Io(std::io::Error::other(error)))?;
        self.remote.list_folders(&all).await
    }
}

/// The incoming file, made when it is not there.
fn writable(path: &Path) -> std::io::Result<File> {
    OpenOptions::new()
        .read(true)
        .write(true)
        .create(true)
        .truncate(false)
        .mode(0o600)
        .open(path)
}

async fn open(path: &Path) -> Result<Arc<File>, ObjectsError> {
    let path: PathBuf = path.to_owned();
    blocking(
        move || match OpenOptions::new().read(true).write(true).open(path) {
            Ok(file) => Ok(Arc::new(file)),
            Err(error) if error.kind() == ErrorKind::NotFound => Err(ObjectsError::Lost),
            Err(error) => Err(error.into()),
        },
    )
    .await
}

/// Bytes of at most one piece.
async fn read(file: &Arc<File>, range: Range<u64>) -> Result<Bytes, ObjectsError> {
    let file = Arc::clone(file);
    blocking(move || {
        let mut bytes = vec![0; usize::try_from(range.end - range.start).map_err(std::io::Error::other)?];
        file.read_exact_at(&mut bytes, range.start)?;
        Ok(bytes.into())
    })
    .await
}

/// When the file was changed last.
fn changed(file: &File) -> Result<(i64, i64), ObjectsError> {
    let metadata = file.metadata()?;
    Ok((metadata.mtime(), metadata.mtime_nsec()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_state_is_read_as_it_was_written_and_nothing_else_is_one() {
        let mut trail = Trail {
            at: 2 * PIECE_BYTES + 5,
            id: Some("an-id".to_owned()),
            parts: vec!["\"a\"".to_owned(), "\"b\"".to_owned()],
            ..Trail::default()
        };
        let (read, rest) = Trail::from_bytes(trail.at, &trail.to_bytes(b"a\n\n b")).unwrap();
        assert_eq!(
            (&read.id, &read.parts, &rest[..]),
            (&trail.id, &trail.parts, &b"a\n\n b"[..])
        );
        assert!(Trail::from_bytes(trail.at + 1, &trail.to_bytes(b"a\n\n b")).is_none());
        assert!(Trail::from_bytes(trail.at, &trail.to_bytes(b"")).is_none());
        trail.id = None;
        assert!(Trail::from_bytes(trail.at, &trail.to_bytes(b"a\n\n b")).is_none());
        for text in [
            "",
            "streamsphere incoming 1",
            "streamsphere incoming 1\n\n",
            "x\n\n\n",
        ] {
            assert!(Trail::from_bytes(0, &Bytes::from(text)).is_none(), "{text:?}");
        }
    }

    #[test]
    fn what_a_file_lacks_is_known() {
        let mut trail = Trail::default();
        assert_eq!(trail.missing(9).as_slice(), std::slice::from_ref(&(0..9)));
        for range in [5..7, 2..3, 3..5, 8..9] {
            trail.add(range);
        }
        assert_eq!(trail.have, [2..7, 8..9]);
        assert_eq!(trail.missing(12), [0..2, 7..8, 9..12]);
        trail.clip(6);
        assert_eq!(trail.missing(6).as_slice(), std::slice::from_ref(&(0..2)));
    }
}
