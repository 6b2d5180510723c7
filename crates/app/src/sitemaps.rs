//! All listed videos for machines that read them in large pages: where each page begins, and what is on it.

use std::sync::Arc;
use std::time::Duration;

use model::{Millis, VideoId};
use moka::future::Cache;
use store::sitemaps::{self as rows, Place};

use crate::core::Core;
use crate::error::Error;

/// Videos on a page.
pub const PAGE: i64 = 10_000;
/// The most pages: ten million videos, the oldest first.
const PAGES: usize = 1_000;
/// How long where pages begin is believed: pages are in the order of upload, so only the last one grows.
const BELIEF: Duration = Duration::from_mins(10);
/// How long one page may take.
const SLOW_READ_MS: u64 = 5_000;

/// Where they begin and what is on them.
pub struct Sitemaps {
    core: Arc<Core>,
    starts: Cache<(), Arc<Vec<Option<Place>>>>,
}

impl std::fmt::Debug for Sitemaps {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Sitemaps").finish_non_exhaustive()
    }
}

impl Sitemaps {
    pub(crate) fn new(core: Arc<Core>) -> Self {
        let starts = Cache::builder().max_capacity(1).time_to_live(BELIEF).build();
        Self { core, starts }
    }

    /// Behind which video each page begins; the first begins at the start.
    pub async fn starts(&self) -> Result<Arc<Vec<Option<Place>>>, Error> {
        if let Some(known) = self.starts.get(&()).await {
            return Ok(known);
        }
        let mut tx = self.core.store.slow_read(SLOW_READ_MS);
        let mut starts = vec![None];
        let mut last = None;
        while starts.len() < PAGES {
            match rows::page_end(&mut tx, last, PAGE).await? {
                None => break,
                end => {
                    starts.push(end);
                    last = end;
                }
            }
        }
        let starts = Arc::new(starts);
        self.starts.insert((), Arc::clone(&starts)).await;
        Ok(starts)
    }

    /// The page that begins behind this video: ids, and when each last changed.
    pub async fn page(&self, after: Option<Place>) -> Result<Vec<(VideoId, Millis)>, Error> {
        let mut tx = self.core.store.slow_read(SLOW_READ_MS);
        Ok(rows::page(&mut tx, after, PAGE).await?)
    }
}
