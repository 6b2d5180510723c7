//! Comments that wait for approval, as rows, with what channels ask for.
//!
//! What waits stands in a table of its own and is counted, listed and found nowhere else. Who waits, and who decides,
//! is `app::held`.

use model::held::{Approval, Mode, Reason, Settings};
use model::{CommentId, Millis, UserId, VideoId};

use crate::comments::CommentRow;
use crate::places::Place;
use crate::videos::Owner;
use crate::{Row, StoreError, Tx, params};

/// A comment that waits, or another text for one that is shown.
#[derive(Debug, Clone)]
pub struct HeldRow {
    /// As it would be shown.
    pub comment: CommentRow,
    /// The owner of the video.
    pub channel_id: UserId,
    /// Of a reply, the comment in the thread that it answers.
    pub answers: Option<CommentId>,
    /// Why it waits.
    pub reason: Reason,
    /// It is another text for the comment of this id.
    pub is_edit: bool,
}

/// A comment, or another text for one, about to wait.
#[derive(Debug)]
pub struct New<'a> {
    /// Which.
    pub id: CommentId,
    /// Under which video.
    pub video_id: VideoId,
    /// The owner of the video.
    pub channel_id: UserId,
    /// Whose.
    pub owner_id: UserId,
    /// The comment at the top of its thread.
    pub parent_id: Option<CommentId>,
    /// The comment in the thread that it answers.
    pub answers: Option<CommentId>,
    /// Checked.
    pub content: &'a str,
    /// Why it waits.
    pub reason: Reason,
    /// It is another text for the comment of this id.
    pub is_edit: bool,
    /// The time of writing.
    pub now: Millis,
}

macro_rules! columns {
    () => {
        "h.id, h.video_id, h.owner_id, h.parent_id, h.content, h.created_at, h.channel_id, h.answers_id, \
         h.reason, h.is_edit, u.username, u.full_name, u.avatar_rev, u.subscribers_count"
    };
}

/// A walk along the index of one column.
macro_rules! newest {
    ($column:literal) => {
        concat!(
            "SELECT ",
            columns!(),
            " FROM (SELECT h.id AS id, h.created_at AS created_at FROM held_comments h WHERE h.",
            $column,
            " = $1 AND (h.created_at, h.id) < ($2, $3) ORDER BY h.created_at DESC, h.id DESC LIMIT $4) p \
             JOIN held_comments h ON h.id = p.id JOIN users u ON u.id = h.owner_id \
             ORDER BY p.created_at DESC, p.id DESC"
        )
    };
}

/// What waits on a channel; public for the test of its plan, as the two below.
pub const OF_CHANNEL: &str = newest!("channel_id");
/// What waits under a video.
pub const OF_VIDEO: &str = newest!("video_id");
/// What somebody wrote that waits.
pub const OF_AUTHOR: &str = newest!("owner_id");

/// Whose.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Scope {
    /// Waiting on this channel.
    Channel(UserId),
    /// Waiting under this video.
    Video(VideoId),
    /// Written by this person.
    Author(UserId),
}

fn map(row: &Row<'_>) -> Result<HeldRow, StoreError> {
    let created_at = row.millis(5)?;
    let is_edit = row.bool(9)?;
    Ok(HeldRow {
        comment: CommentRow {
            id: row.id(0)?,
            video_id: row.id(1)?,
            owner_id: row.id(2)?,
            parent_id: row.opt_id(3)?,
            content: row.text(4)?.to_owned(),
            likes_count: 0,
            replies_count: 0,
            pinned: false,
            edited_at: is_edit.then_some(created_at),
            created_at,
            updated_at: created_at,
            owner: Owner {
                username: row.text(10)?.to_owned(),
                full_name: row.text(11)?.to_owned(),
                avatar_rev: row.text(12)?.to_owned(),
                subscribers_count: row.int(13)?,
            },
            is_liked: false,
            held: true,
        },
        channel_id: row.id(6)?,
        answers: row.opt_id(7)?,
        reason: Reason::from_code(row.int(8)?),
        is_edit,
    })
}

/// Has a comment wait, in place of what waited under its id.
pub async fn save(tx: &mut Tx, new: &New<'_>) -> Result<(), StoreError> {
    tx.exec(
        "INSERT INTO held_comments (id, video_id, channel_id, owner_id, parent_id, answers_id, content, reason, \
         is_edit, created_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10) ON CONFLICT (id) DO UPDATE SET \
         content = excluded.content, reason = excluded.reason, created_at = excluded.created_at",
        &params![
            new.id,
            new.video_id,
            new.channel_id,
            new.owner_id,
            new.parent_id,
            new.answers,
            new.content,
            new.reason.code(),
            new.is_edit,
            new.now
        ],
    )
    .await?;
    Ok(())
}

/// What waits under this id.
pub async fn find(tx: &mut Tx, id: CommentId) -> Result<Option<HeldRow>, StoreError> {
    let sql = concat!(
        "SELECT ",
        columns!(),
        " FROM held_comments h JOIN users u ON u.id = h.owner_id WHERE h.id = $1"
    );
    tx.one(sql, &params![id], map).await
}

/// Takes what waits under this id away; tells whether there was anything.
pub async fn remove(tx: &mut Tx, id: CommentId) -> Result<bool, StoreError> {
    let gone = tx
        .exec("DELETE FROM held_comments WHERE id = $1", &params![id])
        .await?;
    Ok(gone == 1)
}

/// Writes another text of what waits under this id.
pub async fn save_content(
    tx: &mut Tx,
    id: CommentId,
    content: &str,
    reason: Reason,
) -> Result<(), StoreError> {
    tx.exec(
        "UPDATE held_comments SET content = $1, reason = $2 WHERE id = $3",
        &params![content, reason.code(), id],
    )
    .await?;
    Ok(())
}

/// What waits, newest first, behind a place, at most `limit`.
pub async fn list(tx: &mut Tx, scope: Scope, after: Place, limit: i64) -> Result<Vec<HeldRow>, StoreError> {
    let (sql, of) = match scope {
        Scope::Channel(id) => (OF_CHANNEL, id.0),
        Scope::Video(id) => (OF_VIDEO, id.0),
        Scope::Author(id) => (OF_AUTHOR, id.0),
    };
    tx.all(sql, &params![of, after.at, after.id, limit], map).await
}

/// What a channel asks for.
pub async fn settings(tx: &mut Tx, channel: UserId) -> Result<Settings, StoreError> {
    let found = tx
        .one(
            "SELECT approval, blocked_words FROM comment_settings WHERE channel_id = $1",
            &params![channel],
            |row| {
                Ok(Settings {
                    approval: Approval::from_code(row.int(0)?),
                    blocked: row.text(1)?.lines().map(str::to_owned).collect(),
                })
            },
        )
        .await?;
    Ok(found.unwrap_or_default())
}

/// Notes what a channel asks for.
pub async fn save_settings(tx: &mut Tx, channel: UserId, settings: &Settings) -> Result<(), StoreError> {
    tx.exec(
        "INSERT INTO comment_settings (channel_id, approval, blocked_words) VALUES ($1, $2, $3) \
         ON CONFLICT (channel_id) DO UPDATE SET approval = excluded.approval, blocked_words = excluded.blocked_words",
        &params![channel, settings.approval.code(), settings.blocked.join("\n")],
    )
    .await?;
    Ok(())
}

/// Whether comments under this video are taken; of one that is gone, as if it had nothing set.
pub async fn mode(tx: &mut Tx, video: VideoId) -> Result<Mode, StoreError> {
    let found = tx
        .one(
            "SELECT comments_mode FROM videos WHERE id = $1",
            &params![video],
            |row| row.int(0),
        )
        .await?;
    Ok(found.map_or(Mode::On, Mode::from_code))
}

/// Notes whether comments under this video are taken.
pub async fn save_mode(tx: &mut Tx, video: VideoId, mode: Mode) -> Result<(), StoreError> {
    tx.exec(
        "UPDATE videos SET comments_mode = $1 WHERE id = $2",
        &params![mode.code(), video],
    )
    .await?;
    Ok(())
}

/// Whether a channel has approved a comment of this person.
pub async fn is_known(tx: &mut Tx, channel: UserId, author: UserId) -> Result<bool, StoreError> {
    let sql = "SELECT 1 FROM approved_authors WHERE channel_id = $1 AND author_id = $2";
    let found = tx.one(sql, &params![channel, author], |row| row.int(0)).await?;
    Ok(found.is_some())
}

/// Notes that a channel has approved a comment of this person.
pub async fn know(tx: &mut Tx, channel: UserId, author: UserId) -> Result<(), StoreError> {
    tx.exec(
        "INSERT INTO approved_authors (channel_id, author_id) VALUES ($1, $2) \
         ON CONFLICT (channel_id, author_id) DO NOTHING",
        &params![channel, author],
    )
    .await?;
    Ok(())
}

/// Whether anything waits under this video.
pub(crate) async fn any_under(tx: &mut Tx, video: VideoId) -> Result<bool, StoreError> {
    let sql = "SELECT 1 FROM held_comments WHERE video_id = $1 LIMIT 1";
    Ok(tx.one(sql, &params![video], |row| row.int(0)).await?.is_some())
}

/// Removes up to `most` of what waits under a video that is gone; answers how many.
pub(crate) async fn remove_of_video(tx: &mut Tx, video: VideoId, most: i64) -> Result<i64, StoreError> {
    let gone = tx
        .exec(
            "DELETE FROM held_comments WHERE id IN \
             (SELECT id FROM held_comments WHERE video_id = $1 LIMIT $2)",
            &params![video, most],
        )
        .await?;
    Ok(gone as i64)
}

/// Removes up to `most` of what waits in a thread that is gone; answers how many.
pub(crate) async fn remove_of_thread(tx: &mut Tx, top: CommentId, most: i64) -> Result<i64, StoreError> {
    let gone = tx
        .exec(
            "DELETE FROM held_comments WHERE id IN \
             (SELECT id FROM held_comments WHERE parent_id = $1 LIMIT $2)",
            &params![top, most],
        )
        .await?;
    Ok(gone as i64)
}

/// Removes up to `most` of each of what somebody wrote that waits, whom they know and who knows them, and what they
/// ask for. Answers how many went.
pub(crate) async fn remove_of_user(tx: &mut Tx, user: UserId, most: i64) -> Result<i64, StoreError> {
    let mut gone = 0;
    for sql in [
        "DELETE FROM held_comments WHERE id IN (SELECT id FROM held_comments WHERE owner_id = $1 LIMIT $2)",
        "DELETE FROM approved_authors WHERE channel_id = $1 AND author_id IN \
         (SELECT author_id FROM approved_authors WHERE channel_id = $1 LIMIT $2)",
        "DELETE FROM approved_authors WHERE author_id = $1 AND channel_id IN \
         (SELECT channel_id FROM approved_authors WHERE author_id = $1 LIMIT $2)",
    ] {
        gone += tx.exec(sql, &params![user, most]).await?;
    }
    let sql = "DELETE FROM comment_settings WHERE channel_id = $1";
    tx.exec(sql, &params![user]).await?;
    Ok(gone as i64)
}
