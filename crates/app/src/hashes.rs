//! What files hold: each is read through once, its hash is kept, and from then on a file that holds something else is
//! noticed.
//!
//! A hash says what a file held when it was first read through, by a backup or by `doctor --verify`; originals that stay as
//! they came are also compared with what arrived. A file that was written anew (its tag is another) is taken as it is now.

use std::collections::HashMap;

use media::sniff::Container;
use model::Millis;
use objects::{Digest, Key, Look, Objects, ObjectsError};
use store::object_hashes::{self as rows, HashRow};

use crate::core::{Core, decided};
use crate::doctor::Finding;
use crate::error::Error;
use crate::few::Few;

/// Where everything lies that is kept: pictures of people, and all of videos. What comes in and is not whole yet is
/// elsewhere.
pub const FOLDERS: [&str; 2] = ["users", "videos"];
/// Keys that are looked at together.
pub(crate) const PAGE: usize = 200;
/// Files that are read at once.
pub(crate) const AT_ONCE: usize = 4;
/// What is read of a file at once.
pub(crate) const PIECE_BYTES: u64 = 2 << 20;

/// Reads a file through; `None`: it is gone.
pub async fn digest(objects: &Objects, key: &Key, size_bytes: u64) -> Result<Option<Digest>, ObjectsError> {
    let mut hasher = blake3::Hasher::new();
    let mut read = 0;
    while read < size_bytes {
        let Some(piece) = objects
            .get(key, read..(read + PIECE_BYTES).min(size_bytes))
            .await?
        else {
            return Ok(None);
        };
        if piece.is_empty() {
            break;
        }
        read += piece.len() as u64;
        hasher.update(&piece);
    }
    Ok(Some(Digest {
        blake3: *hasher.finalize().as_bytes(),
        size_bytes: read,
    }))
}

/// The next keys in the order of their bytes over all folders, behind `after`; empty at the end.
pub(crate) async fn page(objects: &Objects, after: Option<&Key>) -> Result<Vec<Key>, ObjectsError> {
    page_of(objects, &FOLDERS, after).await
}

/// The same over these folders, which are in the order of their names.
pub(crate) async fn page_of(
    objects: &Objects,
    folders: &[&str],
    after: Option<&Key>,
) -> Result<Vec<Key>, ObjectsError> {
    for folder in folders {
        let begun = after.filter(|after| after.as_str().starts_with(*folder));
        if after.is_some_and(|after| after.as_str() >= *folder && begun.is_none()) {
            continue;
        }
        let Ok(prefix) = Key::parse(folder) else { continue };
        let keys = objects.list(&prefix, begun, PAGE).await?;
        if !keys.is_empty() {
            return Ok(keys);
        }
    }
    Ok(Vec::new())
}

/// What is known of these keys.
pub(crate) async fn known(core: &Core, keys: &[Key]) -> Result<HashMap<String, HashRow>, Error> {
    let names: Vec<String> = keys.iter().map(|key| key.as_str().to_owned()).collect();
    let rows = rows::of(&mut core.store.read(), &names).await?;
    Ok(rows.into_iter().map(|row| (row.key.clone(), row)).collect())
}

/// Keeps what was read.
pub(crate) async fn keep(core: &Core, rows: &[HashRow]) -> Result<(), Error> {
    if rows.is_empty() {
        return Ok(());
    }
    decided(|| async {
        let mut tx = core.store.write().await?;
        for row in rows {
            rows::save(&mut tx, row).await?;
        }
        Ok(tx.commit().await?)
    })
    .await
}

pub(crate) fn row(key: &Key, look: &Look, digest: &Digest, now: Millis) -> HashRow {
    HashRow {
        key: key.as_str().to_owned(),
        size_bytes: digest.size_bytes,
        tag: look.tag.clone(),
        blake3: digest.blake3.to_vec(),
        checked_at: now,
    }
}

/// What a look at all files came to.
#[derive(Debug, Default)]
pub struct Verified {
    /// Files that were read through.
    pub files: u64,
    /// Their bytes.
    pub bytes: u64,
    /// Of these, how many were read for the first time, so that there was nothing to compare with.
    pub first: u64,
    /// What is wrong.
    pub findings: Vec<Finding>,
}

/// Reads every file through and compares it with what it held. `told` hears how far it is.
pub async fn verify(core: &Core, mut told: impl FnMut(&Verified)) -> Result<Verified, Error> {
    let mut verified = Verified::default();
    let mut after = None;
    loop {
        let keys = page(&core.objects, after.as_ref()).await?;
        let Some(last) = keys.last() else { break };
        after = Some(last.clone());
        let known = known(core, &keys).await?;
        let mut reading = Few::new(AT_ONCE, "read a file");
        let mut fresh = Vec::new();
        for key in keys {
            let objects = core.objects.clone();
            let ended = reading.begin(async move {
                let Some(look) = objects.look(&key).await? else {
                    return Ok(None);
                };
                let digest = digest(&objects, &key, look.size_bytes).await?;
                Ok::<_, ObjectsError>(digest.map(|digest| (key, look, digest)))
            });
            if let Some(ended) = ended.await? {
                settle(core, ended?, &known, &mut verified, &mut fresh);
            }
        }
        while let Some(ended) = reading.end().await? {
            settle(core, ended?, &known, &mut verified, &mut fresh);
        }
        keep(core, &fresh).await?;
        told(&verified);
    }
    compare_originals(core, &mut verified).await?;
    forget_gone(core).await?;
    Ok(verified)
}

fn settle(
    core: &Core,
    read: Option<(Key, Look, Digest)>,
    known: &HashMap<String, HashRow>,
    verified: &mut Verified,
    fresh: &mut Vec<HashRow>,
) {
    let Some((key, look, digest)) = read else { return };
    verified.files += 1;
    verified.bytes += digest.size_bytes;
    match known.get(key.as_str()) {
        Some(before) if before.tag == look.tag => {
            if before.blake3 != digest.blake3 || before.size_bytes != digest.size_bytes {
                verified.findings.push(Finding {
                    text: format!("the file {key} does not hold what it held"),
                    repaired: false,
                });
                return;
            }
        }
        Some(_) => {}
        None => verified.first += 1,
    }
    fresh.push(row(&key, &look, &digest, core.clock.now()));
}

/// Originals have a hash of their own, from when they arrived. MP4 and QuickTime files may have had places in them blanked
/// since (`media::mp4::scrub`), whether or not they can be sent to viewers: what those hold is not what arrived.
async fn compare_originals(core: &Core, verified: &mut Verified) -> Result<(), Error> {
    let mut after = None;
    loop {
        let mut tx = core.store.slow_read(600_000);
        let page = store::doctor::videos_after(&mut tx, after, 200).await?;
        let Some(last) = page.last() else { return Ok(()) };
        after = Some(*last);
        for id in page {
            let Some(video) = store::videos::find(&mut tx, id).await? else {
                continue;
            };
            let blanked = [Container::Mp4, Container::Mov]
                .iter()
                .any(|container| container.content_type() == video.source_type);
            let (Some(key), Some(hash), false) = (video.source_key, video.source_hash, blanked) else {
                continue;
            };
            let held = rows::of(&mut tx, std::slice::from_ref(&key)).await?;
            if held.first().is_some_and(|held| held.blake3 != hash) {
                verified.findings.push(Finding {
                    text: format!("video {id}: the file {key} does not hold what arrived"),
                    repaired: false,
                });
            }
        }
    }
}

/// Lets go of what is known of files that are gone.
async fn forget_gone(core: &Core) -> Result<(), Error> {
    let mut after = String::new();
    loop {
        let page = rows::walk(&mut core.store.slow_read(600_000), &after, 200).await?;
        let Some(last) = page.last() else { return Ok(()) };
        after.clone_from(&last.key);
        let mut gone = Vec::new();
        for row in page {
            let key = Key::parse(&row.key).map_err(|error| Error::failed("object key", error))?;
            if core.objects.size(&key).await?.is_none() {
                gone.push(row.key);
            }
        }
        if gone.is_empty() {
            continue;
        }
        decided(|| async {
            let mut tx = core.store.write().await?;
            for key in &gone {
                rows::remove(&mut tx, key).await?;
            }
            Ok(tx.commit().await?)
        })
        .await?;
    }
}
