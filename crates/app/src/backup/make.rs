//! Making a backup while the site is at work: media, then the database as of one moment, then what media came meanwhile. So
//! every file that a row of that moment names is there.

use std::fs::File;
use std::io::{BufRead, BufReader, BufWriter, Write};
use std::path::Path;

use flate2::Compression;
use flate2::write::GzEncoder;
use model::{Millis, ObjectId};
use objects::{Digest, Key, Look, Objects};
use store::counters;
use store::object_hashes::HashRow;

use super::Fault;
use super::repository::{Entry, FORM, Lock, Manifest, Repository};
use crate::core::Core;
use crate::error::Error;
use crate::few::Few;
use crate::hashes::{self, AT_ONCE};
use crate::keys;

/// How often a sign of life is given.
const BEAT_MS: i64 = 60_000;

/// What a backup came to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Made {
    /// What it holds.
    pub manifest: Manifest,
    /// Files whose bytes no earlier backup had.
    pub copied: u64,
    /// Their bytes.
    pub copied_bytes: u64,
}

/// How far a backup is.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Progress {
    /// Files that were looked at.
    pub objects: u64,
    /// Of these, how many were copied.
    pub copied: u64,
    /// Their bytes.
    pub copied_bytes: u64,
}

/// Makes a backup. `told` hears how far it is.
pub async fn make(
    core: &Core,
    repository: &Repository,
    mut told: impl FnMut(&Progress) + Send,
) -> Result<Made, Fault> {
    let lock = repository.lock(false, "backup", core.clock.now()).await?;
    let made = run(core, repository, &lock, &mut told).await;
    // Whatever came of it: who is not at work any more holds nobody up.
    let unlocked = repository.unlock(lock).await;
    let made = made?;
    unlocked?;
    Ok(made)
}

async fn run(
    core: &Core,
    repository: &Repository,
    lock: &Lock,
    told: &mut (impl FnMut(&Progress) + Send),
) -> Result<Made, Fault> {
    let folder = repository.objects.stage_dir().await.map_err(Fault::Repository)?;
    let mut pass = Pass {
        core,
        repository,
        lock,
        beaten: core.clock.now(),
        progress: Progress::default(),
    };
    let before = folder.path().join("before");
    let mut first = Lines::create(&before)?;
    pass.walk(told, |entry| first.write(entry)).await?;
    first.finish()?;

    let made_at = core.clock.now();
    let id = name(made_at, core.ids.next(made_at));
    let database = folder.path().join("database.sqlite");
    pass.beat().await?;
    core.store.copy_into(&database, |_, _| {}).await?;
    pass.beat().await?;
    let packed = folder.path().join("database.sqlite.gz");
    let (hash, database_bytes) = pack(&database, &packed).await?;

    // What came since, in the order of keys, and what was there before and is gone by now: rows of that moment may name
    // it.
    pass.progress.objects = 0;
    let list = folder.path().join("objects.gz");
    let mut out = Lines::create(&list)?;
    let mut earlier = Earlier::open(&before)?;
    pass.walk(told, |entry| {
        earlier.before(&entry.key, &mut out)?;
        out.write(entry)
    })
    .await?;
    earlier.rest(&mut out)?;
    let written = out.finish()?;

    let part = |name: &str| Repository::key(&format!("snapshots/{id}/{name}"));
    let objects = &repository.objects;
    objects
        .commit_file(&packed, &part("database.sqlite.gz")?)
        .await
        .map_err(Fault::Repository)?;
    objects
        .commit_file(&list, &part("objects.gz")?)
        .await
        .map_err(Fault::Repository)?;
    let manifest = Manifest {
        form: FORM,
        id: id.clone(),
        made_at_ms: made_at.0,
        version: env!("CARGO_PKG_VERSION").to_owned(),
        engine: core.store.engine_facts().engine.to_owned(),
        key_id: counters::fact(&mut core.store.read(), keys::FACT).await?,
        database: hash,
        database_bytes,
        list: written.hash,
        objects: written.objects,
        object_bytes: written.object_bytes,
    };
    let text =
        serde_json::to_vec_pretty(&manifest).map_err(|error| Error::failed("write a manifest", error))?;
    objects
        .put(&part("manifest.json")?, text.into())
        .await
        .map_err(Fault::Repository)?;
    Ok(Made {
        manifest,
        copied: pass.progress.copied,
        copied_bytes: pass.progress.copied_bytes,
    })
}

/// Sorts by time, to the millisecond, and says it to people.
fn name(at: Millis, id: ObjectId) -> String {
    let time: String = at
        .to_string()
        .chars()
        .filter(char::is_ascii_digit)
        .take(17)
        .collect();
    let id = id.to_string();
    format!("{time}-{}", &id[id.len().saturating_sub(6)..])
}

/// A walk over all media.
struct Pass<'a> {
    core: &'a Core,
    repository: &'a Repository,
    lock: &'a Lock,
    beaten: Millis,
    progress: Progress,
}

impl Pass<'_> {
    async fn beat(&mut self) -> Result<(), Fault> {
        let now = self.core.clock.now();
        if now.0 - self.beaten.0 >= BEAT_MS {
            self.beaten = now;
            self.repository.beat(self.lock, now).await?;
        }
        Ok(())
    }

    /// Sees to it that the bytes of every file are in the repository; `each` hears of them in the order of keys.
    async fn walk(
        &mut self,
        told: &mut (impl FnMut(&Progress) + Send),
        mut each: impl FnMut(&Entry) -> Result<(), Fault> + Send,
    ) -> Result<(), Fault> {
        let mut after = None;
        loop {
            let keys = hashes::page(&self.core.objects, after.as_ref())
                .await
                .map_err(Fault::Media)?;
            let Some(last) = keys.last() else { return Ok(()) };
            after = Some(last.clone());
            for (key, digest) in self.page(&keys).await? {
                self.progress.objects += 1;
                each(&Entry { key, digest })?;
            }
            self.beat().await?;
            told(&self.progress);
        }
    }

    async fn page(&mut self, keys: &[Key]) -> Result<Vec<(Key, Digest)>, Fault> {
        let known = hashes::known(self.core, keys).await?;
        let mut page = Page {
            found: vec![None; keys.len()],
            fresh: Vec::new(),
        };
        let mut working = Few::new(AT_ONCE, "copy a file");
        for (number, key) in keys.iter().enumerate() {
            let before = known.get(key.as_str()).cloned();
            let (media, place, key) = (
                self.core.objects.clone(),
                Repository {
                    objects: self.repository.objects.clone(),
                },
                key.clone(),
            );
            let ended = working.begin(async move { (number, one(&media, &place, &key, before).await) });
            if let Some((number, work)) = ended.await? {
                self.settle(keys, number, work?, &mut page);
            }
        }
        while let Some((number, work)) = working.end().await? {
            self.settle(keys, number, work?, &mut page);
        }
        hashes::keep(self.core, &page.fresh).await?;
        Ok(keys
            .iter()
            .cloned()
            .zip(page.found)
            .filter_map(|(key, digest)| Some((key, digest?)))
            .collect())
    }

    fn settle(&mut self, keys: &[Key], number: usize, work: Option<Work>, page: &mut Page) {
        let Some(Work { digest, copied, look }) = work else {
            return;
        };
        if let (Some(look), Some(key)) = (look, keys.get(number)) {
            page.fresh
                .push(hashes::row(key, &look, &digest, self.core.clock.now()));
        }
        if copied {
            self.progress.copied += 1;
            self.progress.copied_bytes += digest.size_bytes;
        }
        if let Some(place) = page.found.get_mut(number) {
            *place = Some(digest);
        }
    }
}

/// What is known of the files of a page.
struct Page {
    /// By their number; `None`: it is gone.
    found: Vec<Option<Digest>>,
    /// What is to be remembered.
    fresh: Vec<HashRow>,
}

/// Sees to it that the bytes of one file are in the repository. `None`: it is gone.
async fn one(
    media: &Objects,
    place: &Repository,
    key: &Key,
    before: Option<HashRow>,
) -> Result<Option<Work>, Fault> {
    let Some(look) = media.look(key).await.map_err(Fault::Media)? else {
        return Ok(None);
    };
    if let Some(row) = before
        && row.tag == look.tag
        && row.size_bytes == look.size_bytes
        && let Ok(blake3) = <[u8; 32]>::try_from(row.blake3.as_slice())
    {
        let size_bytes = row.size_bytes;
        let digest = Digest { blake3, size_bytes };
        if place.has(&digest).await? {
            return Ok(Some(Work {
                digest,
                copied: false,
                look: None,
            }));
        }
    }
    let taken = place.take(media, key).await?;
    Ok(taken.map(|(digest, copied)| Work {
        digest,
        copied,
        look: Some(look),
    }))
}

/// What came of one file.
struct Work {
    digest: Digest,
    copied: bool,
    /// What is to be remembered with the hash, where it was read.
    look: Option<Look>,
}

/// Lines that are packed as they are written.
struct Lines {
    out: GzEncoder<BufWriter<File>>,
    hasher: blake3::Hasher,
    objects: u64,
    object_bytes: u64,
}

struct Written {
    hash: String,
    objects: u64,
    object_bytes: u64,
}

impl Lines {
    fn create(path: &Path) -> Result<Self, Fault> {
        let file = BufWriter::new(File::create_new(path)?);
        Ok(Self {
            out: GzEncoder::new(file, Compression::fast()),
            hasher: blake3::Hasher::new(),
            objects: 0,
            object_bytes: 0,
        })
    }

    /// Writes in place: a short write into the cache of this machine.
    fn write(&mut self, entry: &Entry) -> Result<(), Fault> {
        let line = entry.line();
        self.hasher.update(line.as_bytes());
        self.out.write_all(line.as_bytes())?;
        self.objects += 1;
        self.object_bytes += entry.digest.size_bytes;
        Ok(())
    }

    fn finish(self) -> Result<Written, Fault> {
        self.out
            .finish()?
            .into_inner()
            .map_err(std::io::IntoInnerError::into_error)?;
        Ok(Written {
            hash: self.hasher.finalize().to_hex().to_string(),
            objects: self.objects,
            object_bytes: self.object_bytes,
        })
    }
}

/// The lines of the first walk, read beside the second.
struct Earlier {
    lines: std::io::Lines<BufReader<flate2::read::GzDecoder<BufReader<File>>>>,
    next: Option<Entry>,
}

impl Earlier {
    fn open(path: &Path) -> Result<Self, Fault> {
        let file = BufReader::new(File::open(path)?);
        let mut earlier = Self {
            lines: BufReader::new(flate2::read::GzDecoder::new(file)).lines(),
            next: None,
        };
        earlier.step()?;
        Ok(earlier)
    }

    fn step(&mut self) -> Result<(), Fault> {
        self.next = match self.lines.next() {
            None => None,
            Some(line) => Entry::read(&line?),
        };
        Ok(())
    }

    /// Writes those that come before `key`, and passes over that one.
    fn before(&mut self, key: &Key, out: &mut Lines) -> Result<(), Fault> {
        while let Some(entry) = self.next.take() {
            if entry.key > *key {
                self.next = Some(entry);
                return Ok(());
            }
            if entry.key < *key {
                out.write(&entry)?;
            }
            self.step()?;
        }
        Ok(())
    }

    fn rest(&mut self, out: &mut Lines) -> Result<(), Fault> {
        while let Some(entry) = self.next.take() {
            out.write(&entry)?;
            self.step()?;
        }
        Ok(())
    }
}

/// Packs a file; answers the hash and the size of what it held.
async fn pack(from: &Path, to: &Path) -> Result<(String, u64), Fault> {
    let (from, to) = (from.to_owned(), to.to_owned());
    tokio::task::spawn_blocking(move || {
        let mut hasher = blake3::Hasher::new();
        let mut source = BufReader::with_capacity(1 << 20, File::open(&from)?);
        let mut out = GzEncoder::new(BufWriter::new(File::create_new(&to)?), Compression::fast());
        let mut bytes = 0;
        loop {
            let piece = source.fill_buf()?;
            if piece.is_empty() {
                break;
            }
            hasher.update(piece);
            out.write_all(piece)?;
            let read = piece.len();
            bytes += read as u64;
            source.consume(read);
        }
        out.finish()?
            .into_inner()
            .map_err(std::io::IntoInnerError::into_error)?;
        std::fs::remove_file(&from)?;
        Ok((hasher.finalize().to_hex().to_string(), bytes))
    })
    .await
    .map_err(|gone| Error::failed("pack the database", gone))?
}
