//! What can go wrong with blobs, in the words of their users.

use std::io;

use thiserror::Error;

/// Why a blob could not be written, read or removed.
#[derive(Debug, Error)]
pub enum ObjectsError {
    /// The disk, or our share of it, is full.
    #[error("no space is left for blobs")]
    NoSpace,
    /// More was asked for at once than is read at once.
    #[error("{asked_bytes} bytes are more than is read at once")]
    TooLarge {
        /// What was asked for.
        asked_bytes: u64,
    },
    /// Blobs and unfinished blobs lie on two file systems, between which nothing can be renamed.
    #[error("the folders for blobs and for unfinished blobs are on different file systems")]
    TwoFileSystems,
    /// An earlier write to this staged file failed, so that it can not become a blob.
    #[error("an earlier write had failed")]
    Broken,
    /// An incoming file is not there any more, or lacks bytes that it had.
    #[error("an incoming file has lost its bytes")]
    Lost,
    /// The server of the bucket does not answer, or cannot just now, after several tries.
    #[error("the bucket cannot be reached: {0}")]
    Unavailable(#[source] Box<dyn std::error::Error + Send + Sync>),
    /// The server of the bucket does not let us.
    #[error("the bucket does not open to these keys: {0}")]
    Forbidden(#[source] Box<dyn std::error::Error + Send + Sync>),
    /// The blob was replaced or removed while it was read.
    #[error("the blob has changed meanwhile")]
    Changed,
    /// Anything else that the system has against it.
    #[error("blobs could not be reached")]
    Io(#[source] io::Error),
}

impl From<io::Error> for ObjectsError {
    fn from(error: io::Error) -> Self {
        match error.kind() {
            io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => Self::NoSpace,
            io::ErrorKind::CrossesDevices => Self::TwoFileSystems,
            _ => Self::Io(error),
        }
    }
}

impl From<rustix::io::Errno> for ObjectsError {
    fn from(error: rustix::io::Errno) -> Self {
        io::Error::from(error).into()
    }
}
