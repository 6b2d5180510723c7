//! Listed videos in the order of their upload, for machines that read them all in large pages.

use model::{Millis, VideoId};

use crate::{StoreError, Tx, params};

/// A place in that order.
pub type Place = (Millis, VideoId);

fn after_or_start(after: Option<Place>) -> (Millis, [u8; 12]) {
    after.map_or((Millis(i64::MIN), [0; 12]), |(at, id)| (at, *id.as_bytes()))
}

/// The place of the last video of a page of `size` that begins behind `after`; `None` when the page is not full.
/// Reads the index only.
pub async fn page_end(tx: &mut Tx, after: Option<Place>, size: i64) -> Result<Option<Place>, StoreError> {
    let (at, id) = after_or_start(after);
    tx.one(PAGE_END, &params![at, &id, size - 1], |row| {
        Ok((row.millis(0)?, row.id(1)?))
    })
    .await
}

/// Ids and times of the last change.
pub async fn page(
    tx: &mut Tx,
    after: Option<Place>,
    size: i64,
) -> Result<Vec<(VideoId, Millis)>, StoreError> {
    let (at, id) = after_or_start(after);
    tx.all(PAGE, &params![at, &id, size], |row| {
        Ok((row.id(0)?, row.millis(1)?))
    })
    .await
}

/// The statement of [`page_end`].
pub const PAGE_END: &str = "SELECT created_at, id FROM videos WHERE listed = 1 AND (created_at, id) > ($1, $2) \
     ORDER BY created_at, id LIMIT 1 OFFSET $3";
/// The statement of [`page`].
pub const PAGE: &str = "SELECT id, updated_at FROM videos WHERE listed = 1 AND (created_at, id) > ($1, $2) \
     ORDER BY created_at, id LIMIT $3";
