//! Marks: who gave a video a view, so that nobody gives it two within some hours.
//!
//! Decided here, in the transaction that counts the view: whoever reads the journal again, and every other node,
//! comes to the same answer.

use model::analytics::ViewerKey;
use model::analytics::rule::VIEW_AGAIN_MS;
use model::{Millis, VideoId};

use crate::{StoreError, Tx, Val, params};

/// The bits of a key as the store keeps them; as a number they mean nothing.
fn bits(viewer: ViewerKey) -> Val<'static> {
    Val::Int(viewer.0 as i64)
}

/// Notes that a viewer gave a video a view at a time, unless they gave one in the hours before it; tells whether
/// they may. `before` is how they were called until the salt of the day changed.
pub async fn claim(
    tx: &mut Tx,
    video: VideoId,
    viewer: ViewerKey,
    before: Option<ViewerKey>,
    at: Millis,
) -> Result<bool, StoreError> {
    let since = at.plus_ms(-VIEW_AGAIN_MS);
    if let Some(before) = before {
        let found = tx
            .one(
                "SELECT 1 FROM view_marks WHERE video_id = $1 AND viewer = $2 AND counted_at > $3",
                &[video.into(), bits(before), since.into()],
                |row| row.int(0),
            )
            .await?;
        if found.is_some() {
            return Ok(false);
        }
    }
    let changed = tx
        .exec(
            "INSERT INTO view_marks (video_id, viewer, counted_at) VALUES ($1, $2, $3) \
             ON CONFLICT (video_id, viewer) DO UPDATE SET counted_at = excluded.counted_at \
             WHERE view_marks.counted_at <= $4",
            &[video.into(), bits(viewer), at.into(), since.into()],
        )
        .await?;
    Ok(changed == 1)
}

/// Forgets marks that hold nobody back any more at `now`, at most `limit`; tells how many. Those of a clock that
/// stood too far ahead go too.
pub async fn sweep(tx: &mut Tx, now: Millis, limit: i64) -> Result<u64, StoreError> {
    let old = tx
        .exec(
            "DELETE FROM view_marks WHERE (video_id, viewer) IN (SELECT video_id, viewer FROM view_marks \
             WHERE counted_at <= $1 ORDER BY counted_at LIMIT $2)",
            &params![now.plus_ms(-VIEW_AGAIN_MS), limit],
        )
        .await?;
    let ahead = tx
        .exec(
            "DELETE FROM view_marks WHERE (video_id, viewer) IN (SELECT video_id, viewer FROM view_marks \
             WHERE counted_at > $1 ORDER BY counted_at LIMIT $2)",
            &params![now.plus_ms(VIEW_AGAIN_MS), limit],
        )
        .await?;
    Ok(old + ahead)
}

/// Forgets who gave a video views, at most `limit` of them; tells how many.
pub async fn remove_of_video(tx: &mut Tx, video: VideoId, limit: i64) -> Result<u64, StoreError> {
    tx.exec(
        "DELETE FROM view_marks WHERE video_id = $1 AND viewer IN \
         (SELECT viewer FROM view_marks WHERE video_id = $1 LIMIT $2)",
        &params![video, limit],
    )
    .await
}
