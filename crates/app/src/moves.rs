//! Media from where it is to another place, while the site is at work: each file is read back there and compared, and what
//! has arrived is written down, so that a move that was cut off goes on, and one that is repeated copies only what is new.

use std::collections::HashMap;
use std::fs::{File, OpenOptions};
use std::io::{BufRead, BufReader, Write};
use std::path::Path;

use objects::{Digest, Key, Objects, ObjectsError};
use store::object_hashes::HashRow;
use store::uploads as rows;
use thiserror::Error;

use crate::core::Core;
use crate::error::Error;
use crate::few::Few;
use crate::hashes::{self, AT_ONCE, PIECE_BYTES};

/// Everything that is kept, and the archives that people take with them.
const FOLDERS: [&str; 3] = ["exports", "users", "videos"];
/// Uploads that are read at once.
const PAGE: i64 = 200;
/// How often a file is sent that does not arrive as it was.
const TRIES: u32 = 3;

/// Why media was not moved. What has arrived stays, and the next move goes on.
#[derive(Debug, Error)]
#[expect(missing_docs, reason = "each message says what its variant is")]
pub enum Fault {
    #[error("media: {0}")]
    Source(#[source] ObjectsError),
    #[error("the place that media goes to: {0}")]
    Target(#[source] ObjectsError),
    #[error("{0}")]
    App(#[from] Error),
    #[error("{0}")]
    Io(#[from] std::io::Error),
    #[error("there is no media here any more, and there was: is its disk there?")]
    Nothing,
    #[error("{0} does not arrive as it was, again and again")]
    NotTheSame(Key),
    #[error(
        "there is something already where media is to go ({0}), and it did not come from here: name another prefix"
    )]
    NotEmpty(Key),
}

/// What a move came to.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Moved {
    /// Files that are there now.
    pub files: u64,
    /// Of these, how many were copied by this move.
    pub copied: u64,
    /// Their bytes.
    pub copied_bytes: u64,
    /// Files that were removed there, for they are gone here.
    pub removed: u64,
}

/// What has arrived, as it was written down.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Arrived {
    digest: Digest,
    from_tag: String,
    to_tag: String,
}

/// What has arrived, by key. Some two hundred bytes of memory for each file.
#[derive(Debug)]
struct Ledger {
    file: File,
    arrived: HashMap<String, Arrived>,
}

impl Ledger {
    fn open(path: &Path) -> std::io::Result<Self> {
        let mut arrived = HashMap::new();
        if let Ok(file) = File::open(path) {
            for line in BufReader::new(file).lines() {
                // The last line may be half a line.
                let line = line?;
                let parts: Vec<&str> = line.split('\t').collect();
                match parts.as_slice() {
                    [key, "gone"] => {
                        arrived.remove(*key);
                    }
                    [key, hash, size, from_tag, to_tag, "."] => {
                        let mut blake3 = [0; 32];
                        if let (Ok(()), Ok(size_bytes)) =
                            (hex::decode_to_slice(hash, &mut blake3), size.parse())
                        {
                            let digest = Digest { blake3, size_bytes };
                            let (from_tag, to_tag) = ((*from_tag).to_owned(), (*to_tag).to_owned());
                            arrived.insert(
                                (*key).to_owned(),
                                Arrived {
                                    digest,
                                    from_tag,
                                    to_tag,
                                },
                            );
                        }
                    }
                    _ => {}
                }
            }
        }
        let mut file = OpenOptions::new().create(true).append(true).open(path)?;
        // Behind half a line a new one begins.
        file.write_all(b"\n")?;
        Ok(Self { file, arrived })
    }

    fn add(&mut self, key: &Key, arrived: Arrived) -> std::io::Result<()> {
        let hash = hex::encode(arrived.digest.blake3);
        let line = format!(
            "{key}\t{hash}\t{}\t{}\t{}\t.\n",
            arrived.digest.size_bytes, arrived.from_tag, arrived.to_tag
        );
        self.arrived.insert(key.as_str().to_owned(), arrived);
        self.file.write_all(line.as_bytes())
    }

    fn remove(&mut self, key: &str) -> std::io::Result<()> {
        self.arrived.remove(key);
        self.file.write_all(format!("{key}\tgone\n").as_bytes())
    }
}

/// Moves media to `to`. `ledger`: the file that says what has arrived there. `told` hears how far it is. With `last`
/// nobody writes meanwhile, and what is known of the files is from then on said of those in the other place.
pub async fn objects(
    core: &Core,
    to: &Objects,
    ledger: &Path,
    last: bool,
    mut told: impl FnMut(&Moved),
) -> Result<Moved, Fault> {
    let mut ledger = Ledger::open(ledger)?;
    if ledger.arrived.is_empty() {
        let there = hashes::page_of(to, &FOLDERS, None).await.map_err(Fault::Target)?;
        if let Some(key) = there.into_iter().next() {
            return Err(Fault::NotEmpty(key));
        }
    }
    let mut moved = Moved::default();
    let mut gone: std::collections::HashSet<String> = ledger.arrived.keys().cloned().collect();
    let mut after = None;
    loop {
        let keys = hashes::page_of(&core.objects, &FOLDERS, after.as_ref())
            .await
            .map_err(Fault::Source)?;
        let Some(last_key) = keys.last() else { break };
        after = Some(last_key.clone());
        let mut working = Few::new(AT_ONCE, "move a file");
        let mut rows = Vec::new();
        for key in keys {
            gone.remove(key.as_str());
            let before = ledger.arrived.get(key.as_str()).cloned();
            let (from, to) = (core.objects.clone(), to.clone());
            let ended = working
                .begin(async move { one(&from, &to, key, before).await })
                .await?;
            if let Some(ended) = ended {
                settle(core, ended?, &mut ledger, &mut moved, &mut rows)?;
            }
        }
        while let Some(ended) = working.end().await? {
            settle(core, ended?, &mut ledger, &mut moved, &mut rows)?;
        }
        ledger.file.sync_data()?;
        if last {
            hashes::keep(core, &rows).await?;
        }
        told(&moved);
    }
    if moved.files == 0 && !gone.is_empty() {
        return Err(Fault::Nothing);
    }
    // What went away here since it was brought there.
    for key in gone {
        let key = Key::parse(&key).map_err(|error| Error::failed("object key", error))?;
        to.remove(&key).await.map_err(Fault::Target)?;
        ledger.remove(key.as_str())?;
        moved.removed += 1;
    }
    ledger.file.sync_data()?;
    Ok(moved)
}

/// What became of uploads that are not whole yet.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Uploads {
    /// How many go on in the other place.
    pub brought: u64,
    /// How many begin anew: their bytes are not in this folder, for another node has them or another bucket, or are more
    /// than one upload into a bucket may have.
    pub left: u64,
}

/// Uploads that are not whole yet to `to`, so that they go on there. Nobody may take any in meanwhile.
pub async fn uploads(core: &Core, to: &Objects) -> Result<Uploads, Fault> {
    let (mut found, mut after) = (Uploads::default(), None);
    loop {
        let rows = rows::walk(&mut core.store.read(), after, PAGE)
            .await
            .map_err(Error::from)?;
        let Some(last) = rows.last() else { return Ok(found) };
        after = Some(last.id);
        for row in rows
            .iter()
            .filter(|row| row.became.is_none() && row.offset_bytes > 0)
        {
            let name = crate::uploads::file_of(row.id)?;
            let path = core.objects.incoming_path(&name);
            // Of one in a bucket the file here may have holes.
            let brought = if core.objects.has_bucket() {
                Err(ObjectsError::Lost)
            } else {
                to.adopt_incoming(&name, &path, row.offset_bytes).await
            };
            match brought {
                Ok(()) => found.brought += 1,
                Err(ObjectsError::Lost | ObjectsError::TooLarge { .. }) => found.left += 1,
                Err(error) => return Err(Fault::Target(error)),
            }
        }
    }
}

fn settle(
    core: &Core,
    ended: Option<(Key, Arrived, bool)>,
    ledger: &mut Ledger,
    moved: &mut Moved,
    rows: &mut Vec<HashRow>,
) -> Result<(), Fault> {
    let Some((key, arrived, copied)) = ended else {
        return Ok(());
    };
    moved.files += 1;
    rows.push(HashRow {
        key: key.as_str().to_owned(),
        size_bytes: arrived.digest.size_bytes,
        tag: arrived.to_tag.clone(),
        blake3: arrived.digest.blake3.to_vec(),
        checked_at: core.clock.now(),
    });
    if copied {
        moved.copied += 1;
        moved.copied_bytes += arrived.digest.size_bytes;
        ledger.add(&key, arrived)?;
    }
    Ok(())
}

/// Sees to it that a file is there as it is here. `None`: it is gone.
async fn one(
    from: &Objects,
    to: &Objects,
    key: Key,
    before: Option<Arrived>,
) -> Result<Option<(Key, Arrived, bool)>, Fault> {
    let Some(look) = from.look(&key).await.map_err(Fault::Source)? else {
        return Ok(None);
    };
    if let Some(before) = before
        && before.from_tag == look.tag
        && before.digest.size_bytes == look.size_bytes
    {
        let there = to.look(&key).await.map_err(Fault::Target)?;
        if there.is_some_and(|there| there.tag == before.to_tag && there.size_bytes == look.size_bytes) {
            return Ok(Some((key, before, false)));
        }
    }
    for _ in 0..TRIES {
        let mut staged = to.stage().await.map_err(Fault::Target)?;
        let mut read = 0;
        while read < look.size_bytes {
            let until = (read + PIECE_BYTES).min(look.size_bytes);
            match from.get(&key, read..until).await.map_err(Fault::Source)? {
                None => return Ok(None),
                Some(piece) if piece.is_empty() => break,
                Some(piece) => {
                    read += piece.len() as u64;
                    staged.write(piece).await.map_err(Fault::Target)?;
                }
            }
        }
        let digest = staged.finish().await.map_err(Fault::Target)?;
        to.commit(staged, &key).await.map_err(Fault::Target)?;
        let there = to.look(&key).await.map_err(Fault::Target)?;
        let is = hashes::digest(to, &key, digest.size_bytes)
            .await
            .map_err(Fault::Target)?;
        if let Some(there) = there
            && is == Some(digest)
            && digest.size_bytes == look.size_bytes
        {
            let arrived = Arrived {
                digest,
                from_tag: look.tag,
                to_tag: there.tag,
            };
            return Ok(Some((key, arrived, true)));
        }
        // It may have been written anew while it was read.
        if from.look(&key).await.map_err(Fault::Source)?.as_ref() != Some(&look) {
            return Ok(None);
        }
    }
    Err(Fault::NotTheSame(key))
}
