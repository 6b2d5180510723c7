//! Forgetting days that nobody wants to keep: subject by subject, since most keep them for ever and no index stands by
//! for it. Minutes and hours have one, and go by `sweep` in their own files.

use model::{Millis, ObjectId};

use crate::{StoreError, Tx, params};

/// Up to `limit` subjects behind `after` that have sums: along the primary key, one step for each.
const SUBJECTS: &str = "WITH RECURSIVE found (id, place) AS ( \
     SELECT (SELECT r.subject_id FROM rollups r WHERE r.subject_id > $1 ORDER BY r.subject_id LIMIT 1), 1 \
     UNION ALL SELECT (SELECT r.subject_id FROM rollups r WHERE r.subject_id > found.id ORDER BY r.subject_id LIMIT 1), \
     found.place + 1 FROM found WHERE found.id IS NOT NULL AND found.place < $2) \
     SELECT id FROM found WHERE id IS NOT NULL";

/// Up to `limit` subjects behind `after` that there are sums of.
pub async fn subjects(tx: &mut Tx, after: ObjectId, limit: i64) -> Result<Vec<ObjectId>, StoreError> {
    tx.all(SUBJECTS, &params![after, limit], |row| row.id(0)).await
}

/// Forgets days of a subject that began before a time, at most `limit` rows of each kind; tells how many.
pub async fn sweep_days(
    tx: &mut Tx,
    subject: ObjectId,
    before: Millis,
    limit: i64,
) -> Result<u64, StoreError> {
    let mut gone = 0;
    for text in [
        "DELETE FROM rollups WHERE (subject_id, grain, at) IN (SELECT subject_id, grain, at FROM rollups \
         WHERE subject_id = $1 AND grain = 2 AND at < $2 LIMIT $3)",
        "DELETE FROM rollup_splits WHERE (subject_id, grain, dimension, at, value) IN \
         (SELECT subject_id, grain, dimension, at, value FROM rollup_splits \
         WHERE subject_id = $1 AND grain = 2 AND at < $2 LIMIT $3)",
        "DELETE FROM rollup_sketches WHERE (subject_id, grain, at) IN (SELECT subject_id, grain, at \
         FROM rollup_sketches WHERE subject_id = $1 AND grain = 2 AND at < $2 LIMIT $3)",
        "DELETE FROM retention WHERE (video_id, day) IN (SELECT video_id, day FROM retention \
         WHERE video_id = $1 AND day < $2 LIMIT $3)",
        "DELETE FROM channel_videos WHERE (channel_id, grain, at, video_id) IN \
         (SELECT channel_id, grain, at, video_id FROM channel_videos \
         WHERE channel_id = $1 AND grain = 2 AND at < $2 LIMIT $3)",
    ] {
        gone += tx.exec(text, &params![subject, before, limit]).await?;
    }
    Ok(gone)
}
