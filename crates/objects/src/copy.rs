//! Blobs as files, for programs that read nothing else.

use std::path::{Path, PathBuf};

use crate::staged;

/// A blob as a file, not to be written to. Where it is a copy, it vanishes when this is dropped.
#[derive(Debug)]
pub struct LocalCopy {
    path: PathBuf,
    is_copy: bool,
}

impl LocalCopy {
    /// The blob's own file.
    pub(crate) fn of_blob(path: PathBuf) -> Self {
        Self { path, is_copy: false }
    }

    /// A copy that will be, or will be in part, at this path.
    pub(crate) fn to_be(path: PathBuf) -> Self {
        Self { path, is_copy: true }
    }

    /// Where it is.
    pub fn path(&self) -> &Path {
        &self.path
    }
}

impl Drop for LocalCopy {
    fn drop(&mut self) {
        if self.is_copy {
            staged::dispose(std::mem::take(&mut self.path));
        }
    }
}
