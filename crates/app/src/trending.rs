//! What is being watched these days: the list, and keeping its heat up to date.
//!
//! How heat is worked out is [`model::trending`]; the order is the same for everyone.

use std::sync::Arc;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use model::{Millis, VideoId};
use store::trending as rows;
use store::videos::VideoRow;

use crate::core::Core;
use crate::error::{Error, Kind};

/// Videos whose heat is brought up to date in one transaction.
const BATCH: i64 = 200;

/// A page, hottest first.
#[derive(Debug)]
pub struct Page {
    /// The videos.
    pub videos: Vec<VideoRow>,
    /// Where the next page begins.
    pub next_cursor: Option<String>,
}

/// The list.
#[derive(Debug)]
pub struct Trending {
    core: Arc<Core>,
}

impl Trending {
    pub(crate) fn new(core: Arc<Core>) -> Self {
        Self { core }
    }

    /// At most `limit` videos behind `cursor` (empty or absent: from the start).
    pub async fn page(&self, cursor: Option<&str>, limit: i64) -> Result<Page, Error> {
        let after = cursor
            .filter(|cursor| !cursor.is_empty())
            .map(read_cursor)
            .transpose()?;
        let mut found = rows::list(&mut self.core.store.read(), after, limit + 1).await?;
        let wanted = usize::try_from(limit).unwrap_or(0);
        let more = found.len() > wanted;
        found.truncate(wanted);
        let next_cursor = found
            .last()
            .filter(|_| more)
            .map(|(at, video)| URL_SAFE_NO_PAD.encode(format!("hot {} {}", at.0, video.id)));
        Ok(Page {
            videos: found.into_iter().map(|(_, video)| video).collect(),
            next_cursor,
        })
    }
}

fn read_cursor(text: &str) -> Result<(Millis, VideoId), Error> {
    let read = || {
        let bytes = URL_SAFE_NO_PAD.decode(text).ok()?;
        let text = String::from_utf8(bytes).ok()?;
        let (at, id) = text.strip_prefix("hot ")?.split_once(' ')?;
        Some((Millis(at.parse().ok()?), id.parse().ok()?))
    };
    read().ok_or_else(|| {
        Error::refused(
            Kind::Invalid,
            "bad_cursor",
            "This cursor does not belong to this list.",
        )
    })
}

/// Brings the heat of some videos up to date whose counters have changed. Tells whether there may be more.
pub(crate) async fn refresh(core: &Core) -> Result<bool, Error> {
    let pending = rows::pending(&mut core.store.read(), BATCH).await?;
    if pending.is_empty() {
        return Ok(false);
    }
    let now = core.clock.now();
    let mut tx = core.store.write().await?;
    for id in &pending {
        rows::refresh(&mut tx, *id, now).await?;
    }
    tx.commit().await?;
    Ok(i64::try_from(pending.len()).is_ok_and(|n| n == BATCH))
}
