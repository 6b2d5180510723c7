//! Why a source cannot be read.

use std::path::PathBuf;

use thiserror::Error;

/// A source cannot be read. Nothing was taken from it.
#[derive(Debug, Error)]
#[expect(missing_docs, reason = "each message says what its variant is")]
pub enum ImportError {
    #[error("{path}: {source}")]
    Io { path: PathBuf, source: std::io::Error },
    #[error("{0}: neither a folder of mongodump nor an archive of it")]
    NotADump(PathBuf),
    #[error("{0} holds no collection `users`, `videos` or another that could be taken")]
    Nothing(String),
    #[error("{place} holds several databases ({names}): name one with --database")]
    Several { place: String, names: String },
    #[error("{file}: damaged behind {documents} documents: {what}")]
    Damaged {
        file: String,
        documents: u64,
        what: &'static str,
    },
    #[error("the archive is damaged: {0}")]
    Archive(String),
    #[error("the source is larger than the {0} bytes that there is room for")]
    TooLarge(u64),
    #[error("{0}")]
    Address(&'static str),
    #[error("no MongoDB server answers: {0}")]
    Unreachable(String),
    #[error("the MongoDB server says: {0}")]
    Server(String),
    #[error("the MongoDB server does not speak as expected: {0}")]
    Protocol(&'static str),
    #[error("the MongoDB server took too long")]
    Timeout,
}

impl ImportError {
    /// What the system says of a file.
    pub(crate) fn io(path: impl Into<PathBuf>) -> impl FnOnce(std::io::Error) -> Self {
        let path = path.into();
        move |source| Self::Io { path, source }
    }
}
