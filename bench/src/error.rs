//! The one error of this crate: what went wrong while measuring, told so that a person can act on it.

use std::io;

/// Why a measure or a check could not be carried out. A *missed target* or a *lost write* is a
/// result, not an error.
#[derive(Debug, thiserror::Error)]
pub enum BenchError {
    /// The operating system refused something.
    #[error("{doing}: {source}")]
    Io {
        /// What was being done.
        doing: String,
        /// What the system said.
        source: io::Error,
    },
    /// The database file could not be read or written.
    #[error("database: {0}")]
    Sqlite(#[from] rusqlite::Error),
    /// The store refused a change.
    #[error("store: {0}")]
    Store(#[from] store::StoreError),
    /// The server answered something that the contract does not allow here.
    #[error("{call}: unexpected answer {status}: {body}")]
    Answer {
        /// Method and path.
        call: String,
        /// HTTP status.
        status: u16,
        /// The beginning of the body.
        body: String,
    },
    /// A body was not the JSON that was expected.
    #[error("{call}: {what}")]
    Shape {
        /// Method and path.
        call: String,
        /// What was missing or wrong.
        what: String,
    },
    /// A program that is needed is not here, or it ended early.
    #[error("{program}: {what}")]
    Program {
        /// The program's name.
        program: String,
        /// What happened.
        what: String,
    },
    /// The measure was asked for something that it does not do.
    #[error("{0}")]
    Usage(String),
}

impl BenchError {
    /// An I/O failure with what was being done.
    pub fn io(doing: impl Into<String>, source: impl Into<io::Error>) -> Self {
        Self::Io {
            doing: doing.into(),
            source: source.into(),
        }
    }
}

/// Adds what was being done to an I/O error.
pub trait Doing<T> {
    /// Wraps the error with `doing`.
    fn doing(self, doing: &str) -> Result<T, BenchError>;
}

impl<T, E: Into<io::Error>> Doing<T> for Result<T, E> {
    fn doing(self, doing: &str) -> Result<T, BenchError> {
        self.map_err(|source| BenchError::io(doing, source))
    }
}
