//! Backups: everything that the site knows and keeps, in another place, as of one moment, and back again.
//!
//! [`repository`] is how it lies there, [`make`] brings it, [`restore`] takes it back, [`prune`] lets go of old ones,
//! [`schedule`] does it by itself. Media is kept by its hash, so a backup copies what no earlier one has; the database is a
//! SQLite file, whatever engine it came from, so either engine can take it.
//!
//! Keys are not in it: whoever has a backup is not everyone.

pub mod make;
pub mod prune;
pub mod repository;
pub mod restore;
pub mod schedule;

use objects::ObjectsError;
use store::StoreError;
use thiserror::Error;

pub use self::make::{Made, make};
pub use self::prune::prune;
pub use self::repository::{Manifest, Place, Repository};
pub use self::restore::{Restored, Target, restore, verify};

/// Why a backup was not made or not taken back.
#[derive(Debug, Error)]
#[expect(missing_docs, reason = "each message says what its variant is")]
pub enum Fault {
    #[error("the place of backups: {0}")]
    Repository(#[source] ObjectsError),
    #[error("media: {0}")]
    Media(#[source] ObjectsError),
    #[error("database: {0}")]
    Store(#[from] StoreError),
    #[error("{0}")]
    App(#[from] crate::Error),
    #[error("{0}")]
    Io(#[from] std::io::Error),
    #[error("{0} is at work in this place of backups; it is given up when it says nothing for ten minutes")]
    Locked(String),
    #[error("there is no backup {0} here")]
    NoSnapshot(String),
    #[error("there is no folder {0}")]
    NoPlace(std::path::PathBuf),
    #[error("there is no whole backup here")]
    Empty,
    #[error("the backup {id} is damaged: {what}")]
    Damaged { id: String, what: String },
    #[error("the backup {id} has form {form}, which this version does not know")]
    Newer { id: String, form: u32 },
    #[error("{0}")]
    NotEmpty(String),
}

impl Fault {
    pub(crate) fn damaged(id: &str, what: impl Into<String>) -> Self {
        Self::Damaged {
            id: id.to_owned(),
            what: what.into(),
        }
    }
}
