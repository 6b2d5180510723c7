//! What people watched, how far, and when: one row for each video of each person.
//!
//! What counts as watched to the end, and which claims are believed, is `model::history`.

use std::fmt::Write;

use model::{Millis, UserId, VideoId};

use crate::places::Start;
use crate::{Row, StoreError, Tx, Val, many, params};

/// One video that somebody watched.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Watched {
    /// Which.
    pub video: VideoId,
    /// When last.
    pub at: Millis,
    /// How far, in milliseconds from its beginning.
    pub position_ms: i64,
}

fn map(row: &Row<'_>) -> Result<Watched, StoreError> {
    Ok(Watched {
        video: row.id(0)?,
        at: row.millis(1)?,
        position_ms: row.int(2)?,
    })
}

/// What is known of somebody's watching of a video.
pub async fn find(tx: &mut Tx, user: UserId, video: VideoId) -> Result<Option<Watched>, StoreError> {
    tx.one(
        "SELECT video_id, watched_at, position_ms FROM history WHERE user_id = $1 AND video_id = $2",
        &params![user, video],
        map,
    )
    .await
}

/// Notes how far somebody has watched a video. Does nothing where one of the two is gone.
pub async fn save(tx: &mut Tx, user: UserId, watched: &Watched) -> Result<(), StoreError> {
    tx.exec(
        "INSERT INTO history (user_id, video_id, position_ms, watched_at) SELECT u.id, v.id, $1, $2 \
         FROM users u CROSS JOIN videos v WHERE u.id = $3 AND v.id = $4 \
         ON CONFLICT (user_id, video_id) DO UPDATE SET position_ms = excluded.position_ms, \
         watched_at = excluded.watched_at",
        &params![watched.position_ms, watched.at, user, watched.video],
    )
    .await?;
    Ok(())
}

/// What [`list`] asks; public for the test of its plan.
pub const LIST: &str = "SELECT video_id, watched_at, position_ms FROM history WHERE user_id = $1 \
     AND (watched_at, video_id) < ($2, $3) ORDER BY watched_at DESC, video_id DESC LIMIT $4 OFFSET $5";

/// What somebody watched, newest first.
pub async fn list(tx: &mut Tx, user: UserId, start: Start, limit: i64) -> Result<Vec<Watched>, StoreError> {
    let params = params![user, start.after.at, start.after.id, limit, start.offset];
    tx.all(LIST, &params, map).await
}

/// How far somebody has watched those of these videos that they did; at most a hundred.
pub async fn positions(
    tx: &mut Tx,
    user: UserId,
    videos: &[VideoId],
) -> Result<Vec<(VideoId, i64)>, StoreError> {
    if videos.is_empty() {
        return Ok(Vec::new());
    }
    let mut text = "SELECT video_id, position_ms FROM history WHERE video_id IN (".to_owned();
    let mut params = Vec::new();
    many::any_of(&mut text, &mut params, videos.iter().map(|id| Val::from(*id)));
    params.push(Val::from(user));
    // Writing into a string cannot fail.
    let _ = write!(text, ") AND user_id = ${}", params.len());
    tx.all(&text, &params, |row| Ok((row.id(0)?, row.int(1)?))).await
}

/// Forgets that somebody watched a video; tells whether they had.
pub async fn remove(tx: &mut Tx, user: UserId, video: VideoId) -> Result<bool, StoreError> {
    let removed = tx
        .exec(
            "DELETE FROM history WHERE user_id = $1 AND video_id = $2",
            &params![user, video],
        )
        .await?;
    Ok(removed == 1)
}

/// Forgets up to `limit` videos that somebody watched, up to a time; tells how many.
pub async fn remove_until(tx: &mut Tx, user: UserId, until: Millis, limit: i64) -> Result<i64, StoreError> {
    let removed = tx
        .exec(
            "DELETE FROM history WHERE user_id = $1 AND video_id IN (SELECT video_id FROM history \
             WHERE user_id = $1 AND watched_at <= $2 ORDER BY watched_at LIMIT $3)",
            &params![user, until, limit],
        )
        .await?;
    Ok(i64::try_from(removed).unwrap_or(i64::MAX))
}

/// Forgets up to `limit` people who watched a video; tells how many.
pub async fn remove_of_video(tx: &mut Tx, video: VideoId, limit: i64) -> Result<i64, StoreError> {
    let removed = tx
        .exec(
            "DELETE FROM history WHERE video_id = $1 AND user_id IN \
             (SELECT user_id FROM history WHERE video_id = $1 LIMIT $2)",
            &params![video, limit],
        )
        .await?;
    Ok(i64::try_from(removed).unwrap_or(i64::MAX))
}

/// Whether anybody watched a video.
pub async fn any_of_video(tx: &mut Tx, video: VideoId) -> Result<bool, StoreError> {
    let found = tx
        .one(
            "SELECT 1 FROM history WHERE video_id = $1 LIMIT 1",
            &params![video],
            |row| row.int(0),
        )
        .await?;
    Ok(found.is_some())
}
