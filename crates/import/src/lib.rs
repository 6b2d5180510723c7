//! Databases of others, read: what a StreamSphere or chai-backend on MongoDB has, as plain rows.
//!
//! Owns where the documents come from (a folder of mongodump, an archive of it, a running server) and how fields that
//! vary are read ([`rows`]). Knows nothing of our own tables: which rows are taken, and what becomes of them, is
//! `app::imports`.
//!
//! Whatever the source is, it becomes a folder of BSON files first and is looked through once before anything is
//! taken from it: a dump that is cut off is refused as a whole.

mod archive;
mod documents;
mod error;
mod fields;
mod folder;
pub mod rows;
mod source;
mod spool;
mod wire;

pub use documents::{Documents, MOST_DOCUMENT_BYTES};
pub use error::ImportError;
pub use source::{Collection, Origin, Source};
