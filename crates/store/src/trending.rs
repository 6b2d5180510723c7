//! What is being watched these days, as rows: one for each listed video, in the order of their heat.
//!
//! How heat is worked out is [`model::trending`]. Rows come and go with a video's being listed, in the same
//! transaction. Whoever changes counters need not know of this: a trigger notes the video, and a background task
//! brings its heat up to date.

use model::trending::{points, warmed};
use model::{Millis, VideoId};

use crate::videos::VideoRow;
use crate::{StoreError, Tx, params, videos};

/// Begins at the time of publication; what it was watched before it was listed does not count.
pub(crate) async fn add(tx: &mut Tx, video: &VideoRow, published_at: Millis) -> Result<(), StoreError> {
    let so_far = points(video.views, video.likes_count, video.comments_count);
    tx.exec(
        "INSERT INTO trending (video_id, rank_at, points) VALUES ($1, $2, $3) ON CONFLICT (video_id) DO NOTHING",
        &params![video.id, published_at, so_far],
    )
    .await?;
    Ok(())
}

pub(crate) async fn remove(tx: &mut Tx, id: VideoId) -> Result<(), StoreError> {
    tx.exec("DELETE FROM trending WHERE video_id = $1", &params![id])
        .await?;
    Ok(())
}

/// Videos whose counters have changed since their heat was brought up to date.
pub async fn pending(tx: &mut Tx, limit: i64) -> Result<Vec<VideoId>, StoreError> {
    tx.all(
        "SELECT video_id FROM trending_pending ORDER BY video_id LIMIT $1",
        &params![limit],
        |row| row.id(0),
    )
    .await
}

/// Brings the heat of such a video up to date. Points are counted once: what is taken back and given again is not
/// counted again.
pub async fn refresh(tx: &mut Tx, id: VideoId, now: Millis) -> Result<(), StoreError> {
    tx.exec("DELETE FROM trending_pending WHERE video_id = $1", &params![id])
        .await?;
    let found = tx
        .one(
            "SELECT t.rank_at, t.points, v.views, v.likes_count, v.comments_count \
             FROM trending t JOIN videos v ON v.id = t.video_id WHERE t.video_id = $1",
            &params![id],
            |row| {
                let present = points(row.int(2)?, row.int(3)?, row.int(4)?);
                Ok((row.millis(0)?, row.int(1)?, present))
            },
        )
        .await?;
    let Some((rank_at, known, present)) = found else {
        return Ok(());
    };
    let at = if known < 0 { rank_at } else { now };
    let gained = present - known.max(0);
    if gained > 0 {
        tx.exec(
            "UPDATE trending SET rank_at = $1, points = $2 WHERE video_id = $3",
            &params![warmed(rank_at, gained, at), present, id],
        )
        .await?;
    }
    Ok(())
}

/// One page, hottest first: places and videos.
pub async fn list(
    tx: &mut Tx,
    after: Option<(Millis, VideoId)>,
    limit: i64,
) -> Result<Vec<(Millis, VideoRow)>, StoreError> {
    let (at, id) = after.map_or((Millis(i64::MAX), [0xff; 12]), |(at, id)| (at, *id.as_bytes()));
    let mut sql = statement();
    if tx.is_postgres() {
        // There the words are no hint to the planner, and have no condition.
        sql = sql.replace("CROSS JOIN", "JOIN");
    }
    tx.all(&sql, &params![at, &id, limit], |row| {
        Ok((row.millis(RANK)?, videos::map(row)?))
    })
    .await
}

/// Where the rank stands behind the columns of a video.
const RANK: usize = videos::COLUMNS_COUNT;

/// The statement of [`list`]; apart, so that a test can ask the engine for its plan.
pub fn statement() -> String {
    format!(
        "SELECT {}, p.rank_at FROM (SELECT t.rank_at, t.video_id FROM trending t \
         WHERE (t.rank_at, t.video_id) < ($1, $2) ORDER BY t.rank_at DESC, t.video_id DESC LIMIT $3) p \
         CROSS JOIN videos v ON v.id = p.video_id CROSS JOIN users u ON u.id = v.owner_id WHERE v.listed = 1 \
         ORDER BY p.rank_at DESC, p.video_id DESC",
        videos::COLUMNS
    )
}
