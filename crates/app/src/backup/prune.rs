//! Letting go of old backups, and of bytes that no backup needs any more.

use std::collections::HashSet;

use model::Millis;
use objects::Key;

use super::Fault;
use super::repository::Repository;

/// Names that are asked for at once.
const PAGE: usize = 1_000;

/// What was let go of.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Pruned {
    /// Backups, unfinished ones included.
    pub snapshots: u64,
    /// Bytes of media and how many files they were, that no other backup needs.
    pub blobs: u64,
}

/// Keeps the `keep` newest whole backups. Refused while anybody else is at work in the place. Holds some fifty bytes of
/// memory for each file of the backups that stay.
pub async fn prune(repository: &Repository, keep: usize, now: Millis) -> Result<Pruned, Fault> {
    let lock = repository.lock(true, "prune", now).await?;
    let pruned = run(repository, keep.max(1)).await;
    let unlocked = repository.unlock(lock).await;
    let pruned = pruned?;
    unlocked?;
    Ok(pruned)
}

async fn run(repository: &Repository, keep: usize) -> Result<Pruned, Fault> {
    let whole = repository.list().await?;
    let kept = &whole[whole.len().saturating_sub(keep)..];
    let mut pruned = Pruned::default();
    for id in repository.ids().await? {
        if kept.iter().any(|manifest| manifest.id == id) {
            continue;
        }
        // The manifest first: what is left of one that was cut off here is not taken for a whole one.
        let manifest = Repository::key(&format!("snapshots/{id}/manifest.json"))?;
        repository
            .objects
            .remove(&manifest)
            .await
            .map_err(Fault::Repository)?;
        let folder = Repository::key(&format!("snapshots/{id}"))?;
        repository
            .objects
            .remove_prefix(&folder)
            .await
            .map_err(Fault::Repository)?;
        pruned.snapshots += 1;
    }
    let mut needed: HashSet<[u8; 32]> = HashSet::new();
    for manifest in kept {
        let mut entries = repository.entries(manifest).await?;
        while let Some(entry) = entries.next_entry()? {
            needed.insert(entry.digest.blake3);
        }
    }
    let blobs = Repository::key("blobs")?;
    let mut after: Option<Key> = None;
    loop {
        let page = repository
            .objects
            .list(&blobs, after.as_ref(), PAGE)
            .await
            .map_err(Fault::Repository)?;
        let Some(last) = page.last() else {
            return Ok(pruned);
        };
        after = Some(last.clone());
        for key in page {
            let mut hash = [0; 32];
            let name = key.as_str().rsplit('/').next().unwrap_or_default();
            // What is called otherwise is none of ours.
            if hex::decode_to_slice(name, &mut hash).is_ok() && !needed.contains(&hash) {
                repository.objects.remove(&key).await.map_err(Fault::Repository)?;
                pruned.blobs += 1;
            }
        }
    }
}
