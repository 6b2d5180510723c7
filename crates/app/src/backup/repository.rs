//! How backups lie: `blobs/ab/<hash>` for what files hold, `snapshots/<id>/` for each backup, with its manifest written last,
//! so that one that was cut off is never taken for a whole one, and `locks/` for who is at work.

use std::io::{BufRead, BufReader, Read};
use std::path::{Path, PathBuf};

use bytes::Bytes;
use flate2::read::GzDecoder;
use model::Millis;
use objects::{Digest, Key, LocalCopy, Objects, ObjectsError, S3Settings};
use serde::{Deserialize, Serialize};

use super::Fault;
use crate::error::Error;

/// The form of backups that this version makes and reads.
pub const FORM: u32 = 1;
/// After how long without a sign of life whoever holds a lock counts as gone.
const GONE_MS: i64 = 600_000;
/// The largest manifest.
const MOST_MANIFEST_BYTES: u64 = 1 << 20;
/// Snapshots that one place may have.
const MOST_SNAPSHOTS: usize = 100_000;

/// Where backups are.
#[derive(Debug, Clone)]
pub enum Place {
    /// A folder, on this machine or mounted.
    Folder(PathBuf),
    /// A bucket.
    Bucket(Box<S3Settings>),
}

/// What a backup holds.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Manifest {
    /// The form of the backup.
    pub form: u32,
    /// Which backup: the time and a few letters.
    pub id: String,
    /// When its database was read, in milliseconds since the epoch.
    pub made_at_ms: i64,
    /// The version of the program that made it.
    pub version: String,
    /// The engine that the database came from.
    pub engine: String,
    /// Tells the key file apart that goes with it, and which is not in it.
    pub key_id: Option<String>,
    /// BLAKE3 of the database's file, unpacked, in hex.
    pub database: String,
    /// Its size.
    pub database_bytes: u64,
    /// BLAKE3 of the list of files, unpacked, in hex.
    pub list: String,
    /// How many files it has.
    pub objects: u64,
    /// Their bytes.
    pub object_bytes: u64,
}

/// One file of a backup.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    /// Its key.
    pub key: Key,
    /// What it holds.
    pub digest: Digest,
}

impl Entry {
    pub(super) fn line(&self) -> String {
        let hash = hex::encode(self.digest.blake3);
        format!("{hash} {} {}\n", self.digest.size_bytes, self.key)
    }

    pub(super) fn read(line: &str) -> Option<Self> {
        let mut parts = line.splitn(3, ' ');
        let mut blake3 = [0; 32];
        hex::decode_to_slice(parts.next()?, &mut blake3).ok()?;
        let size_bytes = parts.next()?.parse().ok()?;
        let key = Key::parse(parts.next()?).ok()?;
        Some(Self {
            key,
            digest: Digest { blake3, size_bytes },
        })
    }
}

/// A place of backups.
#[derive(Debug)]
pub struct Repository {
    pub(super) objects: Objects,
}

/// Who is at work, for as long as it lives and says so.
#[derive(Debug)]
pub(super) struct Lock {
    key: Key,
}

impl Repository {
    /// Opens a place. A folder that is not there is made with `make`, and else refused. `data_dir` has room for what is on its way to a
    /// bucket.
    pub async fn open(place: &Place, data_dir: &Path, make: bool) -> Result<Self, Fault> {
        if let Place::Folder(folder) = place
            && !make
            && !folder.is_dir()
        {
            return Err(Fault::NoPlace(folder.clone()));
        }
        let objects = match place {
            Place::Folder(folder) => Objects::open_local(folder, &folder.join("tmp")).await,
            Place::Bucket(settings) => {
                let own = data_dir.join("backup");
                Objects::open_s3(settings, &own.join("cache"), &own.join("tmp")).await
            }
        };
        Ok(Self {
            objects: objects.map_err(Fault::Repository)?,
        })
    }

    pub(super) fn key(text: &str) -> Result<Key, Fault> {
        Key::parse(text).map_err(|error| Error::failed("a name in a place of backups", error).into())
    }

    pub(super) fn blob(digest: &Digest) -> Result<Key, Fault> {
        let hash = hex::encode(digest.blake3);
        Self::key(&format!("blobs/{}/{hash}", &hash[..2]))
    }

    /// Whether the bytes are here already.
    pub(super) async fn has(&self, digest: &Digest) -> Result<bool, Fault> {
        let size = self
            .objects
            .size(&Self::blob(digest)?)
            .await
            .map_err(Fault::Repository)?;
        Ok(size == Some(digest.size_bytes))
    }

    /// The backups that are whole, the oldest first.
    pub async fn list(&self) -> Result<Vec<Manifest>, Fault> {
        let mut found = Vec::new();
        for id in self.ids().await? {
            match self.manifest(&id).await {
                Ok(manifest) => found.push(manifest),
                Err(Fault::NoSnapshot(_)) => {}
                Err(fault) => return Err(fault),
            }
        }
        Ok(found)
    }

    /// All that was begun, whole or not, the oldest first.
    pub(super) async fn ids(&self) -> Result<Vec<String>, Fault> {
        let mut ids = self
            .objects
            .list_folders(&Self::key("snapshots")?)
            .await
            .map_err(Fault::Repository)?;
        ids.truncate(MOST_SNAPSHOTS);
        ids.sort_unstable();
        Ok(ids)
    }

    /// One backup, which is whole.
    pub async fn manifest(&self, id: &str) -> Result<Manifest, Fault> {
        let missing = || Fault::NoSnapshot(id.to_owned());
        let key = Key::parse(&format!("snapshots/{id}/manifest.json")).map_err(|_| missing())?;
        let text = self
            .objects
            .get(&key, 0..MOST_MANIFEST_BYTES)
            .await
            .map_err(Fault::Repository)?
            .ok_or_else(missing)?;
        let manifest: Manifest = serde_json::from_slice(&text)
            .map_err(|error| Fault::damaged(id, format!("its manifest: {error}")))?;
        if manifest.form != FORM {
            return Err(Fault::Newer {
                id: id.to_owned(),
                form: manifest.form,
            });
        }
        Ok(manifest)
    }

    /// The named backup, or the newest.
    pub async fn choose(&self, id: Option<&str>) -> Result<Manifest, Fault> {
        if let Some(id) = id {
            return self.manifest(id).await;
        }
        for id in self.ids().await?.into_iter().rev() {
            match self.manifest(&id).await {
                Err(Fault::NoSnapshot(_)) => {}
                other => return other,
            }
        }
        Err(Fault::Empty)
    }

    /// A file of a backup, on this machine.
    pub(super) async fn part(&self, id: &str, name: &str) -> Result<LocalCopy, Fault> {
        let key = Self::key(&format!("snapshots/{id}/{name}"))?;
        self.objects
            .materialize(&key)
            .await
            .map_err(Fault::Repository)?
            .ok_or_else(|| Fault::damaged(id, format!("{name} is missing")))
    }

    /// The list of a backup's files, of which it is known that it is whole.
    pub(super) async fn entries(&self, manifest: &Manifest) -> Result<Entries, Fault> {
        let file = self.part(&manifest.id, "objects.gz").await?;
        let path = file.path().to_owned();
        let (id, expected) = (manifest.id.clone(), manifest.list.clone());
        tokio::task::spawn_blocking(move || {
            let mut hasher = blake3::Hasher::new();
            let mut unpacked = GzDecoder::new(BufReader::new(std::fs::File::open(&path)?));
            let mut piece = vec![0; 64 << 10];
            loop {
                let read = unpacked.read(&mut piece);
                match read.map_err(|_| Fault::damaged(&id, "its list of files cannot be unpacked"))? {
                    0 => break,
                    read => hasher.update(&piece[..read]),
                };
            }
            if hasher.finalize().to_hex().as_str() != expected {
                return Err(Fault::damaged(
                    &id,
                    "its list of files is not the one that was written",
                ));
            }
            Ok(Entries {
                lines: BufReader::new(GzDecoder::new(BufReader::new(std::fs::File::open(&path)?))),
                id,
                _file: file,
            })
        })
        .await
        .map_err(|gone| Error::failed("read a list", gone))?
    }

    /// Takes a lock; `alone`: nobody else may be at work, else nobody who has to be alone. Whoever says nothing for ten
    /// minutes is gone; the clocks of machines that share a place must not be further apart than that.
    pub(super) async fn lock(&self, alone: bool, what: &str, now: Millis) -> Result<Lock, Fault> {
        let kind = if alone { "alone" } else { "shared" };
        let lock = Lock {
            key: Self::key(&format!("locks/{kind}-{what}-{:016x}", rand::random::<u64>()))?,
        };
        // First one's own, then a look at others': of two who do so at once, at least one sees the other.
        self.beat(&lock, now).await?;
        let others = self
            .objects
            .list(&Self::key("locks")?, None, 1_000)
            .await
            .map_err(Fault::Repository)?;
        for other in others.into_iter().filter(|other| *other != lock.key) {
            let text = self.objects.get(&other, 0..64).await.map_err(Fault::Repository)?;
            let said = text.and_then(|text| std::str::from_utf8(&text).ok()?.trim().parse::<i64>().ok());
            let lives = said.is_some_and(|said| now.0 - said < GONE_MS);
            if !lives {
                self.objects.remove(&other).await.map_err(Fault::Repository)?;
            } else if alone || other.as_str().starts_with("locks/alone-") {
                self.unlock(lock).await?;
                let who = other.as_str().split('-').nth(1).unwrap_or("somebody").to_owned();
                return Err(Fault::Locked(who));
            }
        }
        Ok(lock)
    }

    /// Says that whoever holds the lock lives.
    pub(super) async fn beat(&self, lock: &Lock, now: Millis) -> Result<(), Fault> {
        let said = Bytes::from(now.0.to_string());
        self.objects.put(&lock.key, said).await.map_err(Fault::Repository)
    }

    pub(super) async fn unlock(&self, lock: Lock) -> Result<(), Fault> {
        self.objects.remove(&lock.key).await.map_err(Fault::Repository)
    }

    /// Brings bytes of an object here, if they are not here already. Answers what the object holds, and whether it was
    /// copied; `None`: it is gone.
    pub(super) async fn take(&self, from: &Objects, key: &Key) -> Result<Option<(Digest, bool)>, Fault> {
        let Some(size) = from.size(key).await.map_err(Fault::Media)? else {
            return Ok(None);
        };
        let mut staged = self.objects.stage().await.map_err(Fault::Repository)?;
        let mut read = 0;
        while read < size {
            let until = (read + crate::hashes::PIECE_BYTES).min(size);
            let Some(piece) = from.get(key, read..until).await.map_err(Fault::Media)? else {
                return Ok(None);
            };
            if piece.is_empty() {
                break;
            }
            read += piece.len() as u64;
            staged.write(piece).await.map_err(Fault::Repository)?;
        }
        let digest = staged.finish().await.map_err(Fault::Repository)?;
        if self.has(&digest).await? {
            return Ok(Some((digest, false)));
        }
        let blob = Self::blob(&digest)?;
        self.objects
            .commit(staged, &blob)
            .await
            .map_err(Fault::Repository)?;
        Ok(Some((digest, true)))
    }

    /// Reads a blob into a staged file of `to`; the fault says what is wrong with it.
    pub(super) async fn give(
        &self,
        digest: &Digest,
        to: &Objects,
    ) -> Result<Result<objects::Staged, String>, Fault> {
        let blob = Self::blob(digest)?;
        let mut staged = to.stage().await.map_err(Fault::Media)?;
        let mut read = 0;
        while read < digest.size_bytes {
            let until = (read + crate::hashes::PIECE_BYTES).min(digest.size_bytes);
            let piece = self
                .objects
                .get(&blob, read..until)
                .await
                .map_err(Fault::Repository)?;
            match piece {
                None => return Ok(Err("it is missing".to_owned())),
                Some(piece) if piece.is_empty() => return Ok(Err("it is too short".to_owned())),
                Some(piece) => {
                    read += piece.len() as u64;
                    staged.write(piece).await.map_err(Fault::Media)?;
                }
            }
        }
        let is = staged.finish().await.map_err(Fault::Media)?;
        Ok(if is == *digest {
            Ok(staged)
        } else {
            Err("it does not hold what was written".to_owned())
        })
    }
}

/// The files of a backup, in the order of their keys.
pub(super) struct Entries {
    lines: BufReader<GzDecoder<BufReader<std::fs::File>>>,
    id: String,
    _file: LocalCopy,
}

impl Entries {
    /// The next one. Reads in place: a short read of a file of this machine.
    pub(super) fn next_entry(&mut self) -> Result<Option<Entry>, Fault> {
        let mut line = String::new();
        if (&mut self.lines).take(1_024).read_line(&mut line)? == 0 {
            return Ok(None);
        }
        let entry = Entry::read(line.trim_end_matches('\n'));
        entry
            .map(Some)
            .ok_or_else(|| Fault::damaged(&self.id, "a line of its list of files cannot be read"))
    }
}

impl From<ObjectsError> for Fault {
    fn from(error: ObjectsError) -> Self {
        Self::Media(error)
    }
}
