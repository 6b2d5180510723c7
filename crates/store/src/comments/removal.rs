//! Removing comments with all that hangs on them, in bites of a bounded number of rows.
//!
//! A bite may end anywhere between two rows: a comment goes after its likes and replies, so it leads the next
//! bite to what is left of them, and the counters of whatever stays are right after every bite. `now` is when they are
//! counted off.

use model::likes::Target as Liked;
use model::moderation::{Kind, Target};
use model::{CommentId, Millis, UserId, VideoId};

use super::{count, take_down};
use crate::{Row, StoreError, Tx, held, likes, params, takedowns};

/// What must be known of a comment to remove it.
#[derive(Debug, Clone, Copy)]
struct Doomed {
    id: CommentId,
    video_id: VideoId,
    parent_id: Option<CommentId>,
    taken_down: bool,
}

fn doomed(row: &Row<'_>) -> Result<Doomed, StoreError> {
    Ok(Doomed {
        id: row.id(0)?,
        video_id: row.id(1)?,
        parent_id: row.opt_id(2)?,
        taken_down: row.bool(3)?,
    })
}

/// Removes one comment at once, whatever hangs on it, and up to `most` rows of that. Tells whether something is
/// left for [`bite_of_thread`]: then it must be called until nothing is.
pub async fn remove(tx: &mut Tx, id: CommentId, most: i64, now: Millis) -> Result<bool, StoreError> {
    let sql = "SELECT id, video_id, parent_id, taken_down_at IS NOT NULL FROM comments WHERE id = $1";
    let Some(comment) = tx.one(sql, &params![id], doomed).await? else {
        return Ok(false);
    };
    remove_row(tx, &comment, now).await?;
    bite_of_thread(tx, id, most, now).await
}

/// Removes up to `most` likes and replies of a comment that is gone. Tells whether some may be left.
pub async fn bite_of_thread(tx: &mut Tx, id: CommentId, most: i64, now: Millis) -> Result<bool, StoreError> {
    let mut left = most;
    left -= likes::remove_of_target(tx, Liked::Comment(id), left).await?;
    Ok(left <= 0 || !remove_replies(tx, id, &mut left, now).await?)
}

/// Removes up to `most` rows of the comments under a video that is gone. Tells whether some may be left.
pub async fn bite_of_video(tx: &mut Tx, video: VideoId, most: i64, now: Millis) -> Result<bool, StoreError> {
    let sql = "SELECT id, video_id, parent_id, taken_down_at IS NOT NULL FROM comments WHERE video_id = $1 ORDER BY id LIMIT $2";
    let found = tx.all(sql, &params![video, most], doomed).await?;
    let mut left = most;
    for comment in &found {
        if !remove_with_likes(tx, comment, &mut left, now).await? {
            return Ok(true);
        }
    }
    Ok(left <= 0)
}

/// Removes up to `most` rows of somebody's comments, with the threads below them. Tells whether some may be left.
pub async fn bite_of_owner(tx: &mut Tx, owner: UserId, most: i64, now: Millis) -> Result<bool, StoreError> {
    let sql = "SELECT id, video_id, parent_id, taken_down_at IS NOT NULL FROM comments WHERE owner_id = $1 ORDER BY id LIMIT $2";
    let found = tx.all(sql, &params![owner, most], doomed).await?;
    let mut left = most;
    for comment in &found {
        let at_top = comment.parent_id.is_none();
        if at_top && !remove_replies(tx, comment.id, &mut left, now).await? {
            return Ok(true);
        }
        if !remove_with_likes(tx, comment, &mut left, now).await? {
            return Ok(true);
        }
    }
    Ok(left <= 0)
}

/// Removes the replies of a thread, those that wait too; tells whether all are gone.
async fn remove_replies(tx: &mut Tx, id: CommentId, left: &mut i64, now: Millis) -> Result<bool, StoreError> {
    *left -= held::remove_of_thread(tx, id, (*left).max(0)).await?;
    // As many as were allowed went: more may wait, even where no reply is shown.
    if *left <= 0 {
        return Ok(false);
    }
    let sql = "SELECT id, video_id, parent_id, taken_down_at IS NOT NULL FROM comments WHERE parent_id = $1 \
               ORDER BY created_at, id LIMIT $2";
    let most = *left + 1;
    let found = tx.all(sql, &params![id, most], doomed).await?;
    for reply in &found {
        if !remove_with_likes(tx, reply, left, now).await? {
            return Ok(false);
        }
    }
    Ok((found.len() as i64) < most)
}

/// Removes a comment and its likes; where there are more of those than `left`, only that many of them, and
/// answers `false`.
async fn remove_with_likes(
    tx: &mut Tx,
    comment: &Doomed,
    left: &mut i64,
    now: Millis,
) -> Result<bool, StoreError> {
    if *left <= 0 {
        return Ok(false);
    }
    let target = Liked::Comment(comment.id);
    let gone = likes::remove_of_target(tx, target, *left).await?;
    *left -= gone;
    if *left <= 0 {
        likes::count(tx, target, -gone).await?;
        return Ok(false);
    }
    remove_row(tx, comment, now).await?;
    *left -= 1;
    Ok(true)
}

/// Removes the row and its words, and counts it off. A row that was removed on the way, with its thread, is not
/// counted again.
async fn remove_row(tx: &mut Tx, comment: &Doomed, now: Millis) -> Result<(), StoreError> {
    if comment.taken_down {
        // Counted again, with its thread, so that all of it can be counted off like any other.
        take_down(tx, comment.id, None, now).await?;
        takedowns::remove(tx, Target::new(Kind::Comment, comment.id.0)).await?;
    }
    let gone = tx
        .exec("DELETE FROM comments WHERE id = $1", &params![comment.id])
        .await?;
    if gone == 0 {
        return Ok(());
    }
    // Another text of it may wait.
    held::remove(tx, comment.id).await?;
    if comment.parent_id.is_none() {
        tx.exec(
            "DELETE FROM comment_words_rows WHERE comment_id = $1",
            &params![comment.id],
        )
        .await?;
    }
    count(tx, comment.video_id, comment.parent_id, -1, now).await
}
