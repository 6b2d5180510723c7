//! Blobs as files below one folder. All of this waits for the disk and runs on blocking threads.

use std::fs::{self, DirBuilder, File};
use std::hash::{BuildHasher, RandomState};
use std::io::{self, ErrorKind};
use std::ops::Range;
use std::os::unix::fs::{DirBuilderExt, FileExt, MetadataExt};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};

use bytes::Bytes;

use crate::{Key, MOST_READ_BYTES, ObjectsError, sync};

#[derive(Debug)]
pub(crate) struct Local {
    root: PathBuf,
    staging: PathBuf,
    /// Beside the staging folder; a start leaves it alone.
    incoming: PathBuf,
    /// Begins the names of what this process stages, which no sweep touches.
    ours: String,
    staged: AtomicU64,
}

impl Local {
    pub(crate) fn open(root: PathBuf, staging: PathBuf) -> Result<Self, ObjectsError> {
        if sync::is_sabotaged() {
            tracing::warn!("SABOTAGE: blobs are not synced to the disk, a power cut will lose them");
        }
        let incoming = staging.with_file_name("uploads");
        for folder in [&root, &staging, &incoming] {
            DirBuilder::new().recursive(true).mode(0o700).create(folder)?;
            if let Some(parent) = folder.parent().filter(|parent| !parent.as_os_str().is_empty()) {
                sync::folder(parent)?;
            }
        }
        for folder in [&staging, &incoming] {
            if fs::metadata(&root)?.dev() != fs::metadata(folder)?.dev() {
                return Err(ObjectsError::TwoFileSystems);
            }
        }
        let ours = format!("{:016x}", RandomState::new().hash_one(std::process::id()));
        Ok(Self {
            root,
            staging,
            incoming,
            ours,
            staged: AtomicU64::new(0),
        })
    }

    pub(crate) fn staging(&self) -> &Path {
        &self.staging
    }

    pub(crate) fn incoming(&self) -> &Path {
        &self.incoming
    }

    /// A name in the staging folder that nobody else uses.
    pub(crate) fn staging_name(&self) -> PathBuf {
        let number = self.staged.fetch_add(1, Ordering::Relaxed);
        self.staging.join(format!("{}-{number}", self.ours))
    }

    /// A name for a file in the folder of blobs, where that is a cache: it has no key.
    pub(crate) fn cache_name(&self) -> PathBuf {
        let number = self.staged.fetch_add(1, Ordering::Relaxed);
        self.root.join(format!("{}-{number}", self.ours))
    }

    pub(crate) fn path(&self, key: &Key) -> PathBuf {
        self.root.join(key.as_str())
    }

    pub(crate) fn commit(&self, from: &Path, key: &Key) -> Result<(), ObjectsError> {
        let to = self.path(key);
        sync::file(&File::open(from)?)?;
        let folder = to.parent().unwrap_or(&self.root);
        DirBuilder::new().recursive(true).mode(0o700).create(folder)?;
        fs::rename(from, &to)?;
        // All folders up to the root, whoever made them: one that another call has only just made may
        // not be on the disk yet. A folder that is there already costs next to nothing.
        self.sync_up(folder)
    }

    /// Syncs the folder and those above it, up to the root.
    fn sync_up(&self, folder: &Path) -> Result<(), ObjectsError> {
        for folder in folder
            .ancestors()
            .take_while(|above| above.starts_with(&self.root))
        {
            sync::folder(folder)?;
        }
        Ok(())
    }

    pub(crate) fn get(&self, key: &Key, range: Range<u64>) -> Result<Option<Bytes>, ObjectsError> {
        let Some(file) = found(File::open(self.path(key)))? else {
            return Ok(None);
        };
        let metadata = file.metadata()?;
        if !metadata.is_file() {
            return Ok(None);
        }
        let bytes = range.end.min(metadata.len()).saturating_sub(range.start);
        if bytes > MOST_READ_BYTES {
            return Err(ObjectsError::TooLarge { asked_bytes: bytes });
        }
        let mut buffer = vec![0; bytes as usize];
        file.read_exact_at(&mut buffer, range.start)?;
        Ok(Some(buffer.into()))
    }

    pub(crate) fn size(&self, key: &Key) -> Result<Option<u64>, ObjectsError> {
        let metadata = found(fs::metadata(self.path(key)))?;
        Ok(metadata
            .filter(fs::Metadata::is_file)
            .map(|metadata| metadata.len()))
    }

    pub(crate) fn look(&self, key: &Key) -> Result<Option<crate::Look>, ObjectsError> {
        use std::os::unix::fs::MetadataExt as _;

        let metadata = found(fs::metadata(self.path(key)))?.filter(fs::Metadata::is_file);
        Ok(metadata.map(|metadata| crate::Look {
            size_bytes: metadata.len(),
            // A blob is never written in place: another one has another number, or came at another time.
            tag: format!(
                "{}.{:09}-{}",
                metadata.mtime(),
                metadata.mtime_nsec(),
                metadata.ino()
            ),
        }))
    }

    pub(crate) fn list(
        &self,
        prefix: &Key,
        after: Option<&Key>,
        limit: usize,
    ) -> Result<Vec<Key>, ObjectsError> {
        let mut listed = Vec::new();
        let mut listing = Listing {
            after: after.map(Key::as_str),
            limit,
            listed: &mut listed,
        };
        listing.walk(&self.path(prefix), prefix)?;
        Ok(listed)
    }

    pub(crate) fn list_folders(&self, prefix: &Key) -> Result<Vec<String>, ObjectsError> {
        let mut folders: Vec<String> = entries(&self.path(prefix))?
            .into_iter()
            .filter_map(|name| name.strip_suffix('/').map(str::to_owned))
            .collect();
        folders.sort_unstable();
        Ok(folders)
    }

    pub(crate) fn remove(&self, key: &Key) -> Result<(), ObjectsError> {
        let path = self.path(key);
        if found(fs::remove_file(&path))?.is_some()
            && let Some(folder) = path.parent()
        {
            sync::folder(folder)?;
        }
        Ok(())
    }

    /// Moves everything out of sight at once; what a crash leaves of it is swept at the next start.
    pub(crate) fn remove_prefix(&self, prefix: &Key) -> Result<(), ObjectsError> {
        let path = self.path(prefix);
        let gone = self.staging_name();
        if found(fs::rename(&path, &gone))?.is_none() {
            return Ok(());
        }
        if let Some(folder) = path.parent() {
            sync::folder(folder)?;
        }
        remove_whatever(&gone)?;
        Ok(())
    }

    pub(crate) fn sweep_staging(&self) -> Result<usize, ObjectsError> {
        self.sweep(&self.staging)
    }

    /// Removes what an earlier process kept in a cache.
    pub(crate) fn sweep_cache(&self) -> Result<usize, ObjectsError> {
        self.sweep(&self.root)
    }

    fn sweep(&self, folder: &Path) -> Result<usize, ObjectsError> {
        let mut swept = 0;
        for entry in fs::read_dir(folder)? {
            let entry = entry?;
            if entry.file_name().to_string_lossy().starts_with(&self.ours) {
                continue;
            }
            match remove_whatever(&entry.path()) {
                Ok(()) => swept += 1,
                Err(error) => {
                    tracing::warn!(error = %error, "A leftover stays: {error}");
                }
            }
        }
        Ok(swept)
    }

    pub(crate) fn free_bytes(&self) -> Result<(u64, u64), ObjectsError> {
        let stat = rustix::fs::statvfs(&self.root)?;
        let bytes = |blocks: u64| blocks.saturating_mul(stat.f_frsize);
        Ok((bytes(stat.f_bavail), bytes(stat.f_blocks)))
    }
}

/// Walks folders in the order of the keys' bytes.
struct Listing<'a> {
    after: Option<&'a str>,
    limit: usize,
    listed: &'a mut Vec<Key>,
}

impl Listing<'_> {
    fn walk(&mut self, path: &Path, below: &Key) -> Result<(), ObjectsError> {
        let mut names = entries(path)?;
        // With their slash, folders sort among files as their keys do: `a-b`, `a/b`, `ab`.
        names.sort_unstable();
        for name in names {
            if self.listed.len() >= self.limit {
                break;
            }
            // What has no key was not put here by us.
            let Ok(key) = below.join(name.trim_end_matches('/')) else {
                continue;
            };
            if name.ends_with('/') {
                // Nothing in this folder comes later than the folder's name with its slash passed by.
                let passed = self.after.is_some_and(|after| {
                    let folder = format!("{key}/");
                    *folder < *after && !after.starts_with(&folder)
                });
                if !passed {
                    self.walk(&path.join(&name), &key)?;
                }
            } else if self.after.is_none_or(|after| key.as_str() > after) {
                self.listed.push(key);
            }
        }
        Ok(())
    }
}

/// The names in a folder, those of folders with a slash at their end; none where there is no folder.
fn entries(path: &Path) -> Result<Vec<String>, ObjectsError> {
    let reading = match fs::read_dir(path) {
        Err(error) if error.kind() == ErrorKind::NotADirectory => None,
        other => found(other)?,
    };
    let mut names = Vec::new();
    for entry in reading.into_iter().flatten() {
        let entry = entry?;
        let Ok(mut name) = entry.file_name().into_string() else {
            continue;
        };
        if entry.file_type()?.is_dir() {
            name.push('/');
        }
        names.push(name);
    }
    Ok(names)
}

/// Absence as a value.
fn found<T>(result: io::Result<T>) -> io::Result<Option<T>> {
    match result {
        Ok(value) => Ok(Some(value)),
        Err(error) if matches!(error.kind(), ErrorKind::NotFound | ErrorKind::NotADirectory) => Ok(None),
        Err(error) => Err(error),
    }
}

/// Removes a file, or a folder with all in it. That there is none is no error.
pub(crate) fn remove_whatever(path: &Path) -> io::Result<()> {
    let Some(metadata) = found(fs::symlink_metadata(path))? else {
        return Ok(());
    };
    let removed = if metadata.is_dir() {
        fs::remove_dir_all(path)
    } else {
        fs::remove_file(path)
    };
    found(removed).map(|_| ())
}
