//! The lock on the data folder: one process at a time.
//!
//! SQLite would let two servers share the file, but neither the folder of objects nor job leases nor
//! counters in memory are made for that. The lock is the kernel's and ends with the process, however
//! that ends.

use std::fs::{File, OpenOptions};
use std::io::{Read, Seek, Write};
use std::path::{Path, PathBuf};

use rustix::fs::{FlockOperation, flock};

/// Why the data folder could not be locked.
#[derive(Debug, thiserror::Error)]
pub enum LockError {
    /// Another process has it.
    #[error("data folder {} is in use by another streamsphere (process {process})", folder.display())]
    InUse {
        /// The folder.
        folder: PathBuf,
        /// The process's number, or `unknown` in the moment before it is written.
        process: String,
    },
    /// The lock file could not be made or locked.
    #[error("data folder {} could not be locked", folder.display())]
    Io {
        /// The folder.
        folder: PathBuf,
        /// What the system says.
        #[source]
        source: std::io::Error,
    },
}

/// Held for as long as this process uses the data folder.
#[derive(Debug)]
pub struct DataLock {
    _file: File,
}

impl DataLock {
    /// Locks the folder, which exists, or names the process that has it. Does not wait.
    pub fn acquire(folder: &Path) -> Result<Self, LockError> {
        let failed = |source| LockError::Io {
            folder: folder.to_owned(),
            source,
        };
        let path = folder.join("streamsphere.lock");
        let mut file = OpenOptions::new()
            .read(true)
            .write(true)
            .create(true)
            .truncate(false)
            .open(path)
            .map_err(failed)?;
        match flock(&file, FlockOperation::NonBlockingLockExclusive) {
            Ok(()) => {}
            Err(rustix::io::Errno::WOULDBLOCK) => {
                return Err(LockError::InUse {
                    folder: folder.to_owned(),
                    process: holder(&mut file),
                });
            }
            Err(error) => return Err(failed(error.into())),
        }
        file.set_len(0).map_err(failed)?;
        file.rewind().map_err(failed)?;
        writeln!(file, "{}", std::process::id()).map_err(failed)?;
        Ok(Self { _file: file })
    }
}

/// The process number in the file. What else may stand there is not repeated.
fn holder(file: &mut File) -> String {
    let mut text = String::new();
    let read = file.take(20).read_to_string(&mut text);
    match text.trim().parse::<u32>() {
        Ok(process) if read.is_ok() => process.to_string(),
        _ => "unknown".to_owned(),
    }
}
