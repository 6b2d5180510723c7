//! What takes up the room: a person's videos with the bytes of each and of what was made of it.

use model::{Millis, VideoId};
use store::videos::list::{self, Query, Scope, Sort, SortKey, Start};
use store::{quotas, videos};

use crate::App;
use crate::error::{Error, Kind};
use crate::quotas::Usage;
use crate::sessions::Actor;

/// One video's share.
#[derive(Debug)]
pub struct Share {
    /// Which.
    pub id: VideoId,
    /// Its title.
    pub title: String,
    /// All of it, in bytes.
    pub bytes: i64,
    /// The original, in bytes; 0 when it is not kept.
    pub original_bytes: i64,
    /// What was made of it, by name, in bytes.
    pub renditions: Vec<(String, u64)>,
}

/// What one person stores: the sums, and a page of videos, the newest first.
#[derive(Debug)]
pub struct Storage {
    /// The sums and their bounds.
    pub usage: Usage,
    /// The page.
    pub shares: Vec<Share>,
    /// Where the next page begins; `None` at the end.
    pub next: Option<String>,
}

/// What the caller stores, from `cursor` on (empty: from the start), at most `limit` videos.
pub async fn own(app: &App, cursor: &str, limit: i64, actor: &Actor) -> Result<Storage, Error> {
    let mut tx = app.core.store.read();
    let usage = app.quotas.usage(&mut tx, actor.user_id).await?;
    let start = if cursor.is_empty() {
        Start::Offset(0)
    } else {
        let (at, id) = place(cursor).ok_or_else(bad_cursor)?;
        Start::After(SortKey::Int(at.0), id)
    };
    let query = Query {
        scope: Scope::AllOf(actor.user_id),
        tag: None,
        words: None,
        sort: Sort::Created,
        descending: true,
        start,
        // One more than is shown tells whether there is a next page.
        limit: limit + 1,
    };
    let mut page = list::list(&mut tx, &query).await?;
    let more = page.len() > usize::try_from(limit).unwrap_or(0);
    if more {
        page.pop();
    }
    let next = page
        .last()
        .filter(|_| more)
        .map(|last| format!("{}-{}", last.created_at.0, last.id));
    let mut shares = Vec::with_capacity(page.len());
    for video in page {
        shares.push(share(&mut tx, video).await?);
    }
    Ok(Storage { usage, shares, next })
}

async fn share(tx: &mut store::Tx, video: videos::VideoRow) -> Result<Share, Error> {
    let mut renditions = quotas::renditions_of(tx, video.id).await?;
    if video.progressive_bytes > 0 {
        let bytes = u64::try_from(video.progressive_bytes).unwrap_or(0);
        renditions.push(("progressive".to_owned(), bytes));
    }
    Ok(Share {
        id: video.id,
        bytes: video.stored_bytes,
        original_bytes: video.source_key.as_ref().map_or(0, |_| video.source_bytes),
        title: video.title,
        renditions,
    })
}

/// A place in the list, as cursors write it.
fn place(cursor: &str) -> Option<(Millis, VideoId)> {
    let (at, id) = cursor.split_once('-')?;
    Some((Millis(at.parse().ok()?), id.parse().ok()?))
}

fn bad_cursor() -> Error {
    Error::refused(
        Kind::Invalid,
        "bad_cursor",
        "This cursor was not made here. Begin again without one.",
    )
}
