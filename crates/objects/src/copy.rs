//! Blobs as files, for programs that read nothing else.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use moka::future::Cache;

use crate::s3::S3;
use crate::{Key, ObjectsError, staged};

/// How long a copy is kept that several jobs may ask for, after the last of them.
const KEPT_FOR: Duration = Duration::from_mins(2);
/// How many of these are kept.
const KEPT: u64 = 4;

/// A blob as a file, not to be written to. Where it is a copy, it vanishes when nobody needs it any more.
#[derive(Debug)]
pub struct LocalCopy(Place);

#[derive(Debug)]
enum Place {
    Blob(PathBuf),
    Copy(Arc<CopyFile>),
}

/// A copy; removed when this is dropped.
#[derive(Debug)]
pub(crate) struct CopyFile(PathBuf);

impl LocalCopy {
    /// The blob's own file.
    pub(crate) fn of_blob(path: PathBuf) -> Self {
        Self(Place::Blob(path))
    }

    /// Where it is.
    pub fn path(&self) -> &Path {
        match &self.0 {
            Place::Blob(path) => path,
            Place::Copy(copy) => &copy.0,
        }
    }
}

impl Drop for CopyFile {
    fn drop(&mut self) {
        staged::dispose(std::mem::take(&mut self.0));
    }
}

/// Copies that several jobs ask for one after another, or at once.
#[derive(Debug)]
pub(crate) struct Copies(Cache<Key, Option<Arc<CopyFile>>>);

impl Copies {
    pub(crate) fn new() -> Self {
        Self(
            Cache::builder()
                .max_capacity(KEPT)
                .time_to_idle(KEPT_FOR)
                .support_invalidation_closures()
                .build(),
        )
    }

    /// Lets go of the copy of a blob that was replaced or removed.
    pub(crate) async fn forget(&self, key: &Key) {
        self.0.invalidate(key).await;
    }

    /// The same for all below `prefix`, and itself.
    pub(crate) fn forget_under(&self, prefix: &Key) {
        let (prefix, below) = (prefix.clone(), format!("{prefix}/"));
        // Refused only where closures are not supported.
        let _ = self
            .0
            .invalidate_entries_if(move |key, _| *key == prefix || key.as_str().starts_with(&below));
    }
}

impl S3 {
    /// A copy for one user; `None` when there is no such blob.
    pub(crate) async fn copy(&self, key: &Key) -> Result<Option<LocalCopy>, ObjectsError> {
        let copied = self.copy_file(key).await?;
        Ok(copied.map(|copy| LocalCopy(Place::Copy(Arc::new(copy)))))
    }

    /// A copy that others who ask soon share.
    pub(crate) async fn shared_copy(&self, key: &Key) -> Result<Option<LocalCopy>, ObjectsError> {
        let copied = self
            .copies
            .0
            .try_get_with_by_ref(key, async { Ok(self.copy_file(key).await?.map(Arc::new)) })
            .await
            .map_err(shared)?;
        if copied.is_none() {
            self.copies.forget(key).await;
        }
        // What is not asked for any more goes on somebody's occasion only.
        let cache = self.copies.0.clone();
        tokio::spawn(async move {
            tokio::time::sleep(KEPT_FOR + Duration::from_secs(1)).await;
            cache.run_pending_tasks().await;
        });
        Ok(copied.map(|copy| LocalCopy(Place::Copy(copy))))
    }

    async fn copy_file(&self, key: &Key) -> Result<Option<CopyFile>, ObjectsError> {
        let Some(seen) = self.remote.look(key).await? else {
            return Ok(None);
        };
        let (free, _) = self.node.free_bytes()?;
        if free < seen.size_bytes {
            return Err(ObjectsError::NoSpace);
        }
        let copy = CopyFile(self.node.staging_name());
        self.remote.download(key, &seen, &copy.0).await?;
        Ok(Some(copy))
    }
}

/// The error that all who waited for the same copy get.
fn shared(error: Arc<ObjectsError>) -> ObjectsError {
    match &*error {
        ObjectsError::NoSpace => ObjectsError::NoSpace,
        ObjectsError::Changed => ObjectsError::Changed,
        _ => ObjectsError::Unavailable(Box::new(error)),
    }
}
