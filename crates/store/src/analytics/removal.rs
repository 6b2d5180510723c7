//! Removing the numbers of a video or a channel that is gone, in bites of a bounded number of rows.
//!
//! What a video was to its channel and to the site stays in their sums, and its place among the videos of its channel;
//! what a channel was to the site stays there.

use model::analytics::Subject;
use model::{ObjectId, UserId, VideoId};

use super::{bandwidth, marks, retention, rollups, sketches};
use crate::{StoreError, Tx, params};

/// What [`any_of_video`] asks; public for the test of its plan.
pub const ANY: &str = "SELECT 1 WHERE EXISTS (SELECT 1 FROM rollups WHERE subject_id = $1) \
     OR EXISTS (SELECT 1 FROM bandwidth WHERE video_id = $1) OR EXISTS (SELECT 1 FROM retention WHERE video_id = $1) \
     OR EXISTS (SELECT 1 FROM view_marks WHERE video_id = $1)";

/// Whether there are numbers of this video.
pub async fn any_of_video(tx: &mut Tx, video: VideoId) -> Result<bool, StoreError> {
    Ok(tx.one(ANY, &params![video], |row| row.int(0)).await?.is_some())
}

/// Removes up to `most` rows of each kind of the numbers of a video; tells whether some may be left.
pub async fn bite_of_video(tx: &mut Tx, video: VideoId, most: i64) -> Result<bool, StoreError> {
    let gone = rollups::remove_of(tx, video.into(), most).await?
        + sketches::remove_of(tx, video.into(), most).await?
        + retention::remove_of_video(tx, video, most).await?
        + marks::remove_of_video(tx, video, most).await?
        + bandwidth::remove_of_video(tx, video, most).await?;
    Ok(gone > 0)
}

/// Removes up to `most` rows of each kind of the numbers of a channel; tells whether some may be left.
pub async fn bite_of_user(tx: &mut Tx, user: UserId, most: i64) -> Result<bool, StoreError> {
    let gone =
        rollups::remove_of(tx, user.into(), most).await? + sketches::remove_of(tx, user.into(), most).await?;
    Ok(gone > 0)
}

/// The statement of [`strays`]: from one subject to the next along the primary key; public for the test of its plan.
pub const STRAYS: &str = "WITH RECURSIVE found (id, place) AS ( \
     SELECT (SELECT r.subject_id FROM rollups r WHERE r.subject_id > $1 ORDER BY r.subject_id LIMIT 1), 1 \
     UNION ALL SELECT (SELECT r.subject_id FROM rollups r WHERE r.subject_id > found.id ORDER BY r.subject_id LIMIT 1), \
     found.place + 1 FROM found WHERE found.id IS NOT NULL AND found.place < $2) \
     SELECT id, EXISTS (SELECT 1 FROM videos v WHERE v.id = found.id) \
     OR EXISTS (SELECT 1 FROM users u WHERE u.id = found.id) FROM found WHERE id IS NOT NULL";

/// Up to `limit` subjects behind `after` that there are sums of, and whether they are there themselves. The site is
/// before all of them.
pub async fn strays(tx: &mut Tx, after: ObjectId, limit: i64) -> Result<Vec<(ObjectId, bool)>, StoreError> {
    tx.all(STRAYS, &params![after, limit], |row| {
        Ok((row.id(0)?, row.bool(1)?))
    })
    .await
}

/// Removes up to `most` rows of each kind of what is left of a video or a channel; tells whether some may be left.
pub async fn bite_of_stray(tx: &mut Tx, stray: ObjectId, most: i64) -> Result<bool, StoreError> {
    let subject = Subject(stray);
    let gone = rollups::remove_of(tx, subject, most).await? + sketches::remove_of(tx, subject, most).await?;
    Ok(gone > 0 || bite_of_video(tx, VideoId(stray), most).await?)
}
