//! Incoming files: uploads that grow over several requests, and go on after a restart of the server.
//!
//! They lie in a folder of their own, which no start empties. How long one is *for good* is said by
//! whoever keeps the count ([`Incoming::sync`] answers it): what a file has beyond that, because a crash
//! came in between, is cut off when writing goes on.

use std::fs::{self, File, OpenOptions};
use std::io::{self, ErrorKind, Read, Seek, SeekFrom};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use bytes::Bytes;

use crate::far::Far;
use crate::pen::Pen;
use crate::{Backend, Digest, Key, Objects, ObjectsError, blocking, local, sync};

/// How much is read at once to hash a file again.
const READ_BYTES: usize = 1 << 20;

/// The hash of the first bytes of a file, to go on from. Kept in memory between requests; when it is
/// lost, [`Objects::digest_incoming`] reads the file instead.
#[derive(Debug, Clone)]
pub struct Hashed {
    hasher: blake3::Hasher,
    bytes: u64,
}

/// An incoming file that is being appended to. One at a time: that is its owner's to see to.
#[derive(Debug)]
pub struct Incoming {
    path: PathBuf,
    pen: Pen,
    received_bytes: u64,
    /// Where the bucket keeps what is told, beside the node's own disk.
    far: Option<Far>,
}

impl Incoming {
    fn open(path: PathBuf, at: u64, known: Option<Hashed>) -> Result<Self, ObjectsError> {
        let opened = OpenOptions::new()
            .read(true)
            .write(true)
            .create(at == 0)
            .mode(0o600)
            .open(&path);
        let mut file = match opened {
            Err(error) if error.kind() == ErrorKind::NotFound => return Err(ObjectsError::Lost),
            other => other?,
        };
        let there = file.metadata()?.len();
        if there < at {
            return Err(ObjectsError::Lost);
        }
        if there > at {
            file.set_len(at)?;
        }
        if at == 0
            && let Some(folder) = path.parent()
        {
            // The name has to last before anyone is told that bytes do.
            sync::folder(folder)?;
        }
        file.seek(SeekFrom::Start(at))?;
        let hasher = match known {
            Some(earlier) if earlier.bytes == at => Some(earlier.hasher),
            _ if at == 0 => Some(blake3::Hasher::new()),
            _ => None,
        };
        Ok(Self {
            path,
            pen: Pen::new(file, at, hasher),
            received_bytes: at,
            far: None,
        })
    }

    /// Bytes taken so far, from the file's beginning; some may not be on the disk yet.
    pub fn received_bytes(&self) -> u64 {
        self.received_bytes
    }

    /// Appends a piece. Waits while the disk is behind.
    pub async fn write(&mut self, piece: Bytes) -> Result<(), ObjectsError> {
        let bytes = piece.len() as u64;
        self.pen.write(piece).await?;
        self.received_bytes += bytes;
        Ok(())
    }

    /// Returns once everything taken so far would survive a power cut; where blobs are in a bucket, also the
    /// loss of this node. Answers the hash up to here, where the bytes before were seen.
    pub async fn sync(&mut self) -> Result<Option<Hashed>, ObjectsError> {
        let (bytes, hasher) = match &mut self.far {
            None => self.pen.sync().await?,
            Some(far) => {
                let known = self.pen.flush().await?;
                far.push(&self.path, known.0).await?;
                known
            }
        };
        Ok(hasher.map(|hasher| Hashed { hasher, bytes }))
    }

    /// Takes back everything behind the first `bytes`.
    pub async fn cut_back(mut self, bytes: u64) -> Result<(), ObjectsError> {
        // Whatever is still being written must have been before the file is cut.
        let _ = self.pen.flush().await;
        let path = self.path;
        blocking(move || Ok(OpenOptions::new().write(true).open(path)?.set_len(bytes)?)).await
    }
}

impl Hashed {
    /// What a file of exactly these bytes holds.
    pub fn digest(&self) -> Digest {
        Digest {
            blake3: *self.hasher.finalize().as_bytes(),
            size_bytes: self.bytes,
        }
    }
}

impl Objects {
    /// Opens the incoming file `name` to append at `at` bytes; made when `at` is 0. What lies behind `at`
    /// is cut off. [`ObjectsError::Lost`] when the file is not there or shorter than that. `hashed` is
    /// what [`Incoming::sync`] answered last, if that is still remembered.
    pub async fn append_incoming(
        &self,
        name: &Key,
        at: u64,
        hashed: Option<Hashed>,
    ) -> Result<Incoming, ObjectsError> {
        let path = self.incoming_path(name);
        let far = match &self.0 {
            Backend::Local(_) => None,
            Backend::S3(s3) => Some(Far::open(s3, name, &path, at).await?),
        };
        let incoming = blocking(move || Incoming::open(path, at, hashed)).await?;
        Ok(Incoming { far, ..incoming })
    }

    /// Takes over the first `bytes` of an incoming file that lies at `path`, where it was without a bucket, so that any node
    /// with this one goes on behind them. What is there of it from an earlier time gives way. Nobody may write it meanwhile.
    /// [`ObjectsError::Lost`] when the file is not there or shorter.
    pub async fn adopt_incoming(&self, name: &Key, path: &Path, bytes: u64) -> Result<(), ObjectsError> {
        let Backend::S3(s3) = &self.0 else { return Ok(()) };
        let file = path.to_owned();
        let there = blocking(move || match fs::metadata(file) {
            Ok(metadata) => Ok(metadata.len()),
            Err(error) if error.kind() == ErrorKind::NotFound => Err(ObjectsError::Lost),
            Err(error) => Err(error.into()),
        })
        .await?;
        if there < bytes {
            return Err(ObjectsError::Lost);
        }
        s3.adopt(name, path, bytes).await
    }

    /// Sees to it that all `bytes` of a complete incoming file are on this node's disk, to be looked at and
    /// committed; other nodes may have taken some of them in. [`ObjectsError::Lost`] when some are nowhere.
    pub async fn gather_incoming(&self, name: &Key, bytes: u64) -> Result<(), ObjectsError> {
        let path = self.incoming_path(name);
        match &self.0 {
            Backend::Local(_) => match self.incoming_size(name).await? {
                Some(there) if there == bytes => Ok(()),
                _ => Err(ObjectsError::Lost),
            },
            Backend::S3(s3) => s3.gather(name, &path, bytes).await,
        }
    }

    /// Where the incoming file `name` is; it need not be there.
    pub fn incoming_path(&self, name: &Key) -> PathBuf {
        self.node().incoming().join(name.as_str())
    }

    /// The size of the incoming file `name` in bytes, as far as it is kept for good where blobs are in a bucket;
    /// `None` when it is not there.
    pub async fn incoming_size(&self, name: &Key) -> Result<Option<u64>, ObjectsError> {
        if let Backend::S3(s3) = &self.0 {
            return s3.incoming_size(name).await;
        }
        let path = self.incoming_path(name);
        blocking(move || match fs::metadata(path) {
            Ok(metadata) => Ok(Some(metadata.len())),
            Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
            Err(error) => Err(error.into()),
        })
        .await
    }

    /// Reads an incoming file from its beginning to its end and answers what it holds.
    pub async fn digest_incoming(&self, name: &Key) -> Result<Digest, ObjectsError> {
        let path = self.incoming_path(name);
        blocking(move || {
            let mut file = File::open(path)?;
            let mut hasher = blake3::Hasher::new();
            let mut buffer = vec![0; READ_BYTES];
            let mut size_bytes = 0;
            loop {
                match file.read(&mut buffer) {
                    Ok(0) => break,
                    Ok(read) => {
                        hasher.update(&buffer[..read]);
                        size_bytes += read as u64;
                    }
                    Err(error) if error.kind() == ErrorKind::Interrupted => {}
                    Err(error) => return Err(error.into()),
                }
            }
            Ok(Digest {
                blake3: *hasher.finalize().as_bytes(),
                size_bytes,
            })
        })
        .await
    }

    /// Makes the incoming file the blob `key`, and leaves it where it is too: a crash before it is known
    /// what became of it must not lose it. Returns once the blob would survive a power cut.
    pub async fn commit_incoming(&self, name: &Key, key: &Key) -> Result<(), ObjectsError> {
        let from = self.incoming_path(name);
        let local = match &self.0 {
            Backend::Local(local) => Arc::clone(local),
            Backend::S3(s3) => return s3.commit_incoming(name, &from, key).await,
        };
        let (staged, key) = (local.staging_name(), key.clone());
        blocking(move || {
            if fs::hard_link(&from, &staged).is_err() {
                // Some file systems know no second name for a file.
                fs::copy(&from, &staged)?;
            }
            local.commit(&staged, &key).inspect_err(|_| {
                let _ = fs::remove_file(&staged);
            })
        })
        .await
    }

    /// Removes the incoming file `name`. That there is none is no error.
    pub async fn remove_incoming(&self, name: &Key) -> Result<(), ObjectsError> {
        let path = self.incoming_path(name);
        blocking(move || Ok(local::remove_whatever(&path)?)).await?;
        match &self.0 {
            Backend::Local(_) => Ok(()),
            Backend::S3(s3) => s3.remove_incoming(name).await,
        }
    }

    /// The names of all incoming files that a bucket has, whichever node took them in; none where there is no
    /// bucket.
    pub async fn list_incoming_of_all(&self) -> Result<Vec<String>, ObjectsError> {
        match &self.0 {
            Backend::Local(_) => Ok(Vec::new()),
            Backend::S3(s3) => s3.list_incoming().await,
        }
    }

    /// The names of all incoming files on this node's disk, with their sizes in bytes. As many as there are.
    pub async fn list_incoming(&self) -> Result<Vec<(String, u64)>, ObjectsError> {
        let folder = self.node().incoming().to_owned();
        blocking(move || {
            let mut listed = Vec::new();
            for entry in fs::read_dir(folder)? {
                let entry = entry?;
                let size_bytes = match entry.metadata() {
                    Ok(metadata) => metadata.len(),
                    // Gone since it was listed.
                    Err(error) if error.kind() == ErrorKind::NotFound => continue,
                    Err(error) => return Err(error.into()),
                };
                if let Ok(name) = entry.file_name().into_string() {
                    listed.push((name, size_bytes));
                }
            }
            Ok(listed)
        })
        .await
    }
}

/// The first `most` bytes of a file, or as many as it has.
pub(crate) fn head(path: &Path, most: usize) -> io::Result<Bytes> {
    let mut head = Vec::new();
    File::open(path)?.take(most as u64).read_to_end(&mut head)?;
    Ok(head.into())
}
