//! Taking a backup back, into a site that has nothing yet: the database is checked first and put in its place last, so that
//! no server ever starts on half of it. What was cut off goes on where it was.

use std::fs::File;
use std::io::{BufReader, Read, Write};
use std::path::{Path, PathBuf};

use flate2::read::GzDecoder;
use model::{Clock, Millis};
use objects::{Digest, Objects};
use store::{Address, Settings, Store, copy};

use super::Fault;
use super::repository::{Entry, Manifest, Repository};
use crate::error::Error;
use crate::few::Few;
use crate::hashes::{self, AT_ONCE};

/// Lies in the data folder while a backup is being taken back: a server does not start then.
pub const MARKER: &str = "restoring";

/// How often a sign of life is given.
const BEAT_MS: i64 = 60_000;

/// Where a backup goes.
#[derive(Debug)]
pub struct Target {
    /// The data folder.
    pub data_dir: PathBuf,
    /// Where the SQLite file is to be; `None`: on [`Target::postgres`].
    pub database: PathBuf,
    /// The PostgreSQL that takes the rows.
    pub postgres: Option<Address>,
    /// Where media goes.
    pub objects: Objects,
}

/// What came back.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Restored {
    /// Files that are there now.
    pub objects: u64,
    /// Of these, how many an earlier, unfinished call had brought.
    pub known: u64,
    /// Their bytes.
    pub object_bytes: u64,
    /// Files that could not be brought, and why.
    pub damaged: Vec<String>,
}

/// Takes a backup back. `told` hears how far it is.
pub async fn restore(
    repository: &Repository,
    manifest: &Manifest,
    target: &Target,
    now: Millis,
    mut told: impl FnMut(&Restored),
) -> Result<Restored, Fault> {
    let marker = target.data_dir.join(MARKER);
    match std::fs::read_to_string(&marker) {
        Ok(id) if id.trim() != manifest.id => {
            let what = format!(
                "the backup {} is being taken back into this folder; finish that, or empty the folder",
                id.trim()
            );
            return Err(Fault::NotEmpty(what));
        }
        Ok(_) => {}
        Err(_) => {
            must_be_empty(target).await?;
            let mut file = File::create(&marker)?;
            writeln!(file, "{}", manifest.id)?;
            file.sync_all()?;
        }
    }
    let lock = repository.lock(false, "restore", now).await?;
    let beat = async |at: Millis| repository.beat(&lock, at).await;
    let restored = run(repository, manifest, target, beat, &mut told).await;
    let unlocked = repository.unlock(lock).await;
    let restored = restored?;
    unlocked?;
    // With files that are lost, the site works but for them: whoever restores is told which.
    std::fs::remove_file(&marker)?;
    Ok(restored)
}

async fn must_be_empty(target: &Target) -> Result<(), Fault> {
    if target.postgres.is_none() && target.database.exists() {
        let what = format!("there is a database at {} already", target.database.display());
        return Err(Fault::NotEmpty(what));
    }
    if !hashes::page(&target.objects, None).await?.is_empty() {
        return Err(Fault::NotEmpty(
            "there is media already where it is to go".to_owned(),
        ));
    }
    Ok(())
}

async fn run(
    repository: &Repository,
    manifest: &Manifest,
    target: &Target,
    beat: impl AsyncFn(Millis) -> Result<(), Fault>,
    told: &mut impl FnMut(&Restored),
) -> Result<Restored, Fault> {
    let folder = target.objects.stage_dir().await?;
    let file = folder.path().join("database.sqlite");
    unpack(repository, manifest, &file).await?;
    let restored = media(repository, manifest, &target.objects, beat, told).await?;
    place(target, &file).await?;
    Ok(restored)
}

/// Unpacks the database, and makes sure that it is the one that was written.
async fn unpack(repository: &Repository, manifest: &Manifest, to: &Path) -> Result<(), Fault> {
    let packed = repository.part(&manifest.id, "database.sqlite.gz").await?;
    let (from, to, id) = (packed.path().to_owned(), to.to_owned(), manifest.id.clone());
    // One byte more than was written is enough to see that it is not that.
    let most = manifest.database_bytes.saturating_add(1);
    let hash = tokio::task::spawn_blocking(move || {
        let mut source = GzDecoder::new(BufReader::new(File::open(&from)?)).take(most);
        let mut out = File::create(&to)?;
        let mut hasher = blake3::Hasher::new();
        let mut piece = vec![0; 1 << 20];
        loop {
            let read = source.read(&mut piece);
            let read = read.map_err(|_| Fault::damaged(&id, "its database cannot be unpacked"))?;
            if read == 0 {
                break;
            }
            hasher.update(&piece[..read]);
            out.write_all(&piece[..read])?;
        }
        out.sync_all()?;
        Ok::<_, Fault>(hasher.finalize().to_hex().to_string())
    })
    .await
    .map_err(|gone| Error::failed("unpack the database", gone))??;
    drop(packed);
    if hash == manifest.database {
        Ok(())
    } else {
        Err(Fault::damaged(
            &manifest.id,
            "its database is not the one that was written",
        ))
    }
}

async fn media(
    repository: &Repository,
    manifest: &Manifest,
    to: &Objects,
    beat: impl AsyncFn(Millis) -> Result<(), Fault>,
    told: &mut impl FnMut(&Restored),
) -> Result<Restored, Fault> {
    let clock = Clock::system();
    let mut beaten = clock.now();
    let mut entries = repository.entries(manifest).await?;
    let mut restored = Restored::default();
    let mut working = Few::new(AT_ONCE, "bring a file back");
    while let Some(entry) = entries.next_entry()? {
        let now = clock.now();
        if now.0 - beaten.0 >= BEAT_MS {
            beaten = now;
            beat(now).await?;
        }
        let (place, to) = (repository.objects.clone(), to.clone());
        let ended = working.begin(async move {
            let came = one(&Repository { objects: place }, &entry, &to).await;
            (entry, came)
        });
        if let Some((entry, came)) = ended.await? {
            settle(&entry, came?, &mut restored);
            told(&restored);
        }
    }
    while let Some((entry, came)) = working.end().await? {
        settle(&entry, came?, &mut restored);
        told(&restored);
    }
    Ok(restored)
}

enum Came {
    Known,
    Copied,
    Damaged(String),
}

async fn one(repository: &Repository, entry: &Entry, to: &Objects) -> Result<Came, Fault> {
    if to.size(&entry.key).await? == Some(entry.digest.size_bytes) && is_same(to, entry).await? {
        return Ok(Came::Known);
    }
    match repository.give(&entry.digest, to).await? {
        Ok(staged) => {
            to.commit(staged, &entry.key).await?;
            Ok(Came::Copied)
        }
        Err(why) => Ok(Came::Damaged(why)),
    }
}

async fn is_same(objects: &Objects, entry: &Entry) -> Result<bool, Fault> {
    let is: Option<Digest> = hashes::digest(objects, &entry.key, entry.digest.size_bytes).await?;
    Ok(is == Some(entry.digest))
}

fn settle(entry: &Entry, came: Came, restored: &mut Restored) {
    match came {
        Came::Damaged(why) => restored.damaged.push(format!("{}: {why}", entry.key)),
        came => {
            restored.objects += 1;
            restored.object_bytes += entry.digest.size_bytes;
            restored.known += u64::from(matches!(came, Came::Known));
        }
    }
}

/// Puts the database where the server looks for it.
async fn place(target: &Target, file: &Path) -> Result<(), Fault> {
    // Brought to the form of this version, and looked through, before anybody relies on it.
    let from = Store::open(&Settings::sqlite(file)).await?;
    let wrong = store::doctor::integrity(&mut from.slow_read(600_000)).await?;
    if let Some(wrong) = wrong.first() {
        return Err(Fault::damaged("chosen", format!("its database: {wrong}")));
    }
    let Some(address) = &target.postgres else {
        from.close().await?;
        if let Some(folder) = target.database.parent() {
            std::fs::create_dir_all(folder)?;
            std::fs::copy(file, target.database.with_extension("part"))?;
            let part = File::open(target.database.with_extension("part"))?;
            part.sync_all()?;
            std::fs::rename(target.database.with_extension("part"), &target.database)?;
            File::open(folder)?.sync_all()?;
        }
        return Ok(());
    };
    let to = Store::open(&Settings::postgres(address.clone())).await?;
    let tables = copy::tables(&mut from.read()).await?;
    copy::copy(&mut from.read(), &to, &tables, |_, _| {}).await?;
    to.close().await?;
    from.close().await?;
    Ok(())
}

/// Reads a whole backup through: its database, and every file. Answers what is wrong.
pub async fn verify(
    repository: &Repository,
    manifest: &Manifest,
    scratch: &Objects,
    mut told: impl FnMut(u64),
) -> Result<Vec<String>, Fault> {
    let folder = scratch.stage_dir().await?;
    let mut wrong = Vec::new();
    match unpack(repository, manifest, &folder.path().join("database.sqlite")).await {
        Ok(()) => {}
        Err(fault @ Fault::Damaged { .. }) => wrong.push(fault.to_string()),
        Err(fault) => return Err(fault),
    }
    let mut entries = match repository.entries(manifest).await {
        Ok(entries) => entries,
        Err(fault @ Fault::Damaged { .. }) => {
            wrong.push(fault.to_string());
            return Ok(wrong);
        }
        Err(fault) => return Err(fault),
    };
    let mut read = 0;
    while let Some(entry) = entries.next_entry()? {
        let blob = Repository::blob(&entry.digest)?;
        let is = hashes::digest(&repository.objects, &blob, entry.digest.size_bytes)
            .await
            .map_err(Fault::Repository)?;
        match is {
            Some(is) if is == entry.digest => {}
            Some(_) => wrong.push(format!("{}: it does not hold what was written", entry.key)),
            None => wrong.push(format!("{}: it is missing", entry.key)),
        }
        read += 1;
        told(read);
    }
    Ok(wrong)
}
