//! What can go wrong in the store, in the words of its callers.
//!
//! Engine errors are sorted here, once. Callers tell "try later" from "no space" from "taken"; all
//! else stays opaque and belongs into a log.

use std::error::Error;
use std::sync::Arc;

use rusqlite::ErrorCode;
use rusqlite::ffi;

/// Why the store did not do what was asked. Cheap to clone: a failed group commit tells it to many.
#[derive(Debug, Clone, thiserror::Error)]
pub enum StoreError {
    /// Too many writers are waiting, or another process held the write lock for too long. Nothing was
    /// changed; the same request may succeed later.
    #[error("the store is busy")]
    Busy,
    /// The disk is full. Nothing was changed.
    #[error("no space is left for the store")]
    NoSpace,
    /// Another row already has this value.
    #[error("{constraint} must be unique")]
    Conflict {
        /// The columns, as in `users.username`, several separated by `", "`; or, for an index over
        /// an expression, `index 'name'`.
        constraint: String,
    },
    /// A rule of the schema other than uniqueness was broken: a reference, a check, a missing value.
    #[error("the schema does not allow this: {what}")]
    Violation {
        /// The engine's words for the rule.
        what: String,
    },
    /// The statement ran longer than its bound, or waited that long for its turn.
    #[error("the statement took too long")]
    Timeout,
    /// A statement of this transaction failed before, so that the rest of it does not count.
    #[error("the transaction had already failed")]
    Aborted,
    /// A transaction for reading was asked to change something.
    #[error("a reading transaction changes nothing")]
    ReadOnly,
    /// A slow read found more rows than one answer may hold.
    #[error("the answer has more than {limit} rows")]
    TooLarge {
        /// The most rows that one answer may hold.
        limit: usize,
    },
    /// A column does not hold what the code expects of it.
    #[error("column {column} does not hold {expected}")]
    Row {
        /// The column's place, from 0.
        column: usize,
        /// What was expected.
        expected: &'static str,
    },
    /// The file is damaged or is no store.
    #[error("the store is damaged: {what}")]
    Corrupt {
        /// The engine's words for the damage.
        what: String,
    },
    /// The database server is away. What was not acknowledged may have been done or not.
    #[error("the database server is away: {what}")]
    Unavailable {
        /// What the last attempt to reach it came to.
        what: String,
    },
    /// The store was closed.
    #[error("the store is closed")]
    Closed,
    /// A newer release of this program has written the schema.
    #[error(
        "the store has schema version {found}, and this release knows versions up to {known}: \
         start the newer release, or restore a backup made before it ran"
    )]
    NewerSchema {
        /// The version in the store.
        found: u32,
        /// The newest version that this release knows.
        known: u32,
    },
    /// A migration that was applied is not the one that this release holds.
    #[error("migration {version:04}_{name} is not the one that was applied to this store")]
    ChangedMigration {
        /// Its number.
        version: u32,
        /// Its name in this release, or in the store where this release has none.
        name: String,
    },
    /// The schema is older than this release, and migrating was switched off.
    #[error("{count} migrations are pending, the first is {first}; start once without no-migrate")]
    PendingMigrations {
        /// How many.
        count: usize,
        /// The first of them, as `0003_jobs`.
        first: String,
    },
    /// The engine in this build is not one to trust data to.
    #[error("the database engine does not do: {what}")]
    Unsupported {
        /// What is wrong with it.
        what: String,
    },
    /// Anything else: a bug, or broken hardware.
    #[error("the database engine failed")]
    Engine(#[source] Arc<dyn Error + Send + Sync>),
}

impl StoreError {
    /// An error of which callers need to know nothing.
    pub(crate) fn opaque(cause: impl Error + Send + Sync + 'static) -> Self {
        Self::Engine(Arc::new(cause))
    }

    /// Whether this is a conflict on `constraint`, such as `users.username`.
    pub fn is_conflict_on(&self, constraint: &str) -> bool {
        matches!(self, Self::Conflict { constraint: found } if found == constraint)
    }
}

impl From<rusqlite::Error> for StoreError {
    fn from(error: rusqlite::Error) -> Self {
        let rusqlite::Error::SqliteFailure(code, message) = &error else {
            return Self::opaque(error);
        };
        let words = || message.clone().unwrap_or_else(|| code.to_string());
        match (code.code, code.extended_code) {
            (
                _,
                ffi::SQLITE_CONSTRAINT_UNIQUE
                | ffi::SQLITE_CONSTRAINT_PRIMARYKEY
                | ffi::SQLITE_CONSTRAINT_ROWID,
            ) => {
                let words = words();
                let constraint = words
                    .split_once(": ")
                    .map_or(words.as_str(), |(_, columns)| columns);
                Self::Conflict {
                    constraint: constraint.to_owned(),
                }
            }
            (ErrorCode::ConstraintViolation, _) => Self::Violation { what: words() },
            (ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked, _) => Self::Busy,
            // The shared-memory file beside the WAL cannot grow: the engine's only report of a full
            // disk that does not come as SQLITE_FULL.
            (ErrorCode::DiskFull, _) | (_, ffi::SQLITE_IOERR_SHMSIZE) => Self::NoSpace,
            (ErrorCode::OperationInterrupted, _) => Self::Timeout,
            (ErrorCode::ReadOnly, _) => Self::ReadOnly,
            (ErrorCode::DatabaseCorrupt | ErrorCode::NotADatabase, _) => Self::Corrupt { what: words() },
            _ => Self::opaque(error),
        }
    }
}
