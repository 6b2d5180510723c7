//! Names in the bucket, page by page, and their removal in batches.

use futures_util::{StreamExt as _, TryStreamExt as _};
use object_store::ObjectStore;
use object_store::list::{PaginatedListOptions, PaginatedListStore};

use super::Remote;
use super::errors::failed;
use crate::{Key, ObjectsError};

/// The most names that one request brings, and one removes.
const PAGE: usize = 1_000;

impl Remote {
    /// Keys below `prefix` behind `after`, at most `limit`, in the order of their bytes, as S3 lists them.
    pub(crate) async fn list(
        &self,
        prefix: &Key,
        after: Option<&Key>,
        limit: usize,
    ) -> Result<Vec<Key>, ObjectsError> {
        let folder = format!("{}/", self.name(prefix));
        let mut listed = Vec::new();
        let mut page_token = None;
        while listed.len() < limit {
            let options = PaginatedListOptions {
                offset: after.map(|after| self.name(after).to_string()),
                max_keys: Some((limit - listed.len()).clamp(1, PAGE)),
                page_token,
                ..PaginatedListOptions::default()
            };
            let page = self.client.list_paginated(Some(&folder), options).await;
            let page = page.map_err(failed)?;
            let keys = page.result.objects.iter();
            listed.extend(keys.filter_map(|object| self.key(object.location.as_ref())));
            page_token = page.page_token;
            if page_token.is_none() {
                break;
            }
        }
        listed.truncate(limit);
        Ok(listed)
    }

    pub(crate) async fn list_folders(&self, prefix: &Key) -> Result<Vec<String>, ObjectsError> {
        let listed = self.client.list_with_delimiter(Some(&self.name(prefix))).await;
        let folders = listed.map_err(failed)?.common_prefixes;
        let mut names: Vec<String> = folders
            .iter()
            .filter_map(|folder| folder.as_ref().rsplit('/').next())
            // What has no key was not put there by us.
            .filter(|name| Key::parse(name).is_ok())
            .map(str::to_owned)
            .collect();
        names.sort_unstable();
        Ok(names)
    }

    pub(crate) async fn remove_prefix(&self, prefix: &Key) -> Result<(), ObjectsError> {
        self.remove(prefix).await?;
        let below = self.client.list(Some(&self.name(prefix)));
        let names = below.map_ok(|object| object.location).boxed();
        let mut removing = self.client.delete_stream(names);
        while let Some(removed) = removing.next().await {
            match removed {
                // Somebody else was faster.
                Ok(_) | Err(object_store::Error::NotFound { .. }) => {}
                Err(error) => return Err(failed(error)),
            }
        }
        Ok(())
    }
}
