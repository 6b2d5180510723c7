//! Comments as rows: adding, changing and finding them, with every counter and search word that follows kept in
//! the same transaction. Lists are in [`list`], removing in [`removal`].
//!
//! Threads are one level deep: what answers a reply stands in the same thread. Who may read, write and remove is
//! `app::comments`.

pub mod list;
pub mod removal;

use model::{CommentId, Millis, UserId, VideoId};

use crate::analytics::facts;
use crate::videos::Owner;
use crate::{Row, StoreError, Tx, likes, params};

/// One comment with what is shown of its author, as one reader sees it.
#[derive(Debug, Clone)]
pub struct CommentRow {
    /// Which.
    pub id: CommentId,
    /// Under which video.
    pub video_id: VideoId,
    /// Whose.
    pub owner_id: UserId,
    /// The comment at the top of its thread; `None`: this one is at the top.
    pub parent_id: Option<CommentId>,
    /// As it was typed.
    pub content: String,
    /// Likes.
    pub likes_count: i64,
    /// Comments in the thread below it.
    pub replies_count: i64,
    /// Shown before all others of its video.
    pub pinned: bool,
    /// When its text last changed.
    pub edited_at: Option<Millis>,
    /// When it was written.
    pub created_at: Millis,
    /// When a shown field last changed.
    pub updated_at: Millis,
    /// The author as shown beside it.
    pub owner: Owner,
    /// Whether the reader likes it.
    pub is_liked: bool,
    /// It waits for approval ([`crate::held`]); what is read here never does.
    pub held: bool,
}

const COLUMNS: &str = "c.id, c.video_id, c.owner_id, c.parent_id, c.content, c.likes_count, c.replies_count, \
     c.pinned, c.edited_at, c.created_at, c.updated_at, u.username, u.full_name, u.avatar_rev, \
     u.subscribers_count, l.user_id IS NOT NULL";

fn map(row: &Row<'_>) -> Result<CommentRow, StoreError> {
    Ok(CommentRow {
        id: row.id(0)?,
        video_id: row.id(1)?,
        owner_id: row.id(2)?,
        parent_id: row.opt_id(3)?,
        content: row.text(4)?.to_owned(),
        likes_count: row.int(5)?,
        replies_count: row.int(6)?,
        pinned: row.bool(7)?,
        edited_at: row.opt_millis(8)?,
        created_at: row.millis(9)?,
        updated_at: row.millis(10)?,
        owner: Owner {
            username: row.text(11)?.to_owned(),
            full_name: row.text(12)?.to_owned(),
            avatar_rev: row.text(13)?.to_owned(),
            subscribers_count: row.int(14)?,
        },
        is_liked: row.bool(15)?,
        held: false,
    })
}

/// The comment of this id, as `reader` sees it; `None` also where it was taken down.
pub async fn find(
    tx: &mut Tx,
    id: CommentId,
    reader: Option<UserId>,
) -> Result<Option<CommentRow>, StoreError> {
    use std::sync::LazyLock;
    static SQL: LazyLock<String> = LazyLock::new(|| {
        format!(
            "SELECT {COLUMNS} FROM comments c JOIN users u ON u.id = c.owner_id \
             LEFT JOIN likes l ON l.user_id = $1 AND l.kind = 1 AND l.target_id = c.id WHERE c.id = $2 \
             AND c.taken_down_at IS NULL"
        )
    });
    tx.one(&SQL, &params![reader, id], map).await
}

/// Where a comment stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Place {
    /// Under which video.
    pub video_id: VideoId,
    /// The comment at the top of its thread; `None`: this one is at the top.
    pub parent_id: Option<CommentId>,
}

/// Where the comment of this id stands; `None` also where it was taken down.
pub async fn place(tx: &mut Tx, id: CommentId) -> Result<Option<Place>, StoreError> {
    tx.one(
        "SELECT video_id, parent_id FROM comments WHERE id = $1 AND taken_down_at IS NULL",
        &params![id],
        |row| {
            Ok(Place {
                video_id: row.id(0)?,
                parent_id: row.opt_id(1)?,
            })
        },
    )
    .await
}

/// A comment about to be added.
#[derive(Debug)]
pub struct New<'a> {
    /// Which.
    pub id: CommentId,
    /// Under which video.
    pub video_id: VideoId,
    /// Whose.
    pub owner_id: UserId,
    /// A comment at the top of a thread of the same video, which is there.
    pub parent_id: Option<CommentId>,
    /// Checked.
    pub content: &'a str,
    /// The time of writing.
    pub now: Millis,
    /// The time at which it is shown and counts: later, where it waited for approval.
    pub shown_at: Millis,
}

/// Adds a comment, with its counters and search words.
pub async fn add(tx: &mut Tx, new: &New<'_>) -> Result<(), StoreError> {
    tx.exec(
        "INSERT INTO comments (id, video_id, owner_id, parent_id, content, created_at, updated_at) \
         VALUES ($1, $2, $3, $4, $5, $6, $6)",
        &params![
            new.id,
            new.video_id,
            new.owner_id,
            new.parent_id,
            new.content,
            new.now
        ],
    )
    .await?;
    count(tx, new.video_id, new.parent_id, 1, new.shown_at).await?;
    if new.parent_id.is_none() {
        add_words(tx, new.id).await?;
    }
    Ok(())
}

/// Whether any comment is under this video, shown or not.
pub async fn any_under(tx: &mut Tx, video: VideoId) -> Result<bool, StoreError> {
    let found = tx
        .one(
            "SELECT 1 FROM comments WHERE video_id = $1 LIMIT 1",
            &params![video],
            |row| row.int(0),
        )
        .await?;
    Ok(found.is_some())
}

/// Counts `by` comments under a video, in a thread or at the top.
async fn count(
    tx: &mut Tx,
    video: VideoId,
    parent: Option<CommentId>,
    by: i64,
    now: Millis,
) -> Result<(), StoreError> {
    let Some(parent) = parent else {
        return count_under(tx, video, by, by, now).await;
    };
    let hidden = tx
        .one(
            "UPDATE comments SET replies_count = replies_count + $1 WHERE id = $2 \
             RETURNING taken_down_at IS NOT NULL",
            &params![by, parent],
            |row| row.bool(0),
        )
        .await?;
    // A thread whose top was taken down is counted at its top only.
    if hidden == Some(true) {
        return Ok(());
    }
    count_under(tx, video, by, 0, now).await
}

/// Counts `by` comments under a video, of which `at_top` are at the top of a thread.
async fn count_under(
    tx: &mut Tx,
    video: VideoId,
    by: i64,
    at_top: i64,
    now: Millis,
) -> Result<(), StoreError> {
    let channel: Option<UserId> = tx
        .one(
            "UPDATE videos SET comments_count = comments_count + $1, threads_count = threads_count + $2 \
             WHERE id = $3 RETURNING owner_id",
            &params![by, at_top, video],
            |row| row.id(0),
        )
        .await?;
    // What hangs under a video that is gone is not counted any more.
    if let Some(channel) = channel {
        likes::receive(tx, channel, 0, by).await?;
        facts::note(tx, channel, Some(video), facts::Kind::Comments, now, by)?;
    }
    Ok(())
}

/// Takes a comment, and with it the thread below it, out of all lists and counts (`Some`: when), or brings it
/// back to where it was; `None`: it is gone. Tells where it stands, and whether that changed anything.
pub(crate) async fn take_down(
    tx: &mut Tx,
    id: CommentId,
    at: Option<Millis>,
    now: Millis,
) -> Result<Option<(Place, bool)>, StoreError> {
    let sql =
        "SELECT video_id, parent_id, replies_count, taken_down_at IS NOT NULL FROM comments WHERE id = $1";
    let found: Option<(Place, i64, bool)> = tx
        .one(sql, &params![id], |row| {
            let place = Place {
                video_id: row.id(0)?,
                parent_id: row.opt_id(1)?,
            };
            Ok((place, row.int(2)?, row.bool(3)?))
        })
        .await?;
    let Some((place, replies, taken_down)) = found else {
        return Ok(None);
    };
    if taken_down == at.is_some() {
        return Ok(Some((place, false)));
    }
    tx.exec(
        "UPDATE comments SET taken_down_at = $1 WHERE id = $2",
        &params![at, id],
    )
    .await?;
    let step = if at.is_some() { -1 } else { 1 };
    match place.parent_id {
        Some(parent) => count(tx, place.video_id, Some(parent), step, now).await?,
        None => count_under(tx, place.video_id, step * (1 + replies), step, now).await?,
    }
    Ok(Some((place, true)))
}

/// Writes another text.
pub async fn save_content(tx: &mut Tx, id: CommentId, content: &str, now: Millis) -> Result<(), StoreError> {
    tx.exec(
        "UPDATE comments SET content = $1, edited_at = $2, updated_at = $2 WHERE id = $3",
        &params![content, now, id],
    )
    .await?;
    // Replies have no row in the table of search words; for them this does nothing.
    index(tx, id).await
}

/// What [`pinned`] asks; public for the test of its plan.
pub const PINNED: &str =
    "SELECT id FROM comments WHERE video_id = $1 AND pinned = 1 AND taken_down_at IS NULL LIMIT 1";

/// What [`pin`] changes first; public for the test of its plan.
pub const UNPIN: &str = "UPDATE comments SET pinned = 0 WHERE video_id = $1 AND pinned = 1";

/// The comment that is shown before all others of this video.
pub async fn pinned(tx: &mut Tx, video: VideoId) -> Result<Option<CommentId>, StoreError> {
    tx.one(PINNED, &params![video], |row| row.id(0)).await
}

/// Shows this comment before all others of its video (`Some`), in place of one that was, or none.
pub async fn pin(tx: &mut Tx, video: VideoId, id: Option<CommentId>) -> Result<(), StoreError> {
    tx.exec(UNPIN, &params![video]).await?;
    if let Some(id) = id {
        tx.exec(
            "UPDATE comments SET pinned = 1 WHERE id = $1 AND video_id = $2",
            &params![id, video],
        )
        .await?;
    }
    Ok(())
}

/// How many comments of a video are at the top: the length of the list that is shown.
pub async fn threads_of(tx: &mut Tx, video: VideoId) -> Result<i64, StoreError> {
    let count = tx
        .one(
            "SELECT threads_count FROM videos WHERE id = $1",
            &params![video],
            |row| row.int(0),
        )
        .await?;
    Ok(count.unwrap_or(0))
}

/// Adds a comment at the top to the index.
pub(crate) async fn add_words(tx: &mut Tx, id: CommentId) -> Result<(), StoreError> {
    tx.exec(
        "INSERT INTO comment_words_rows (comment_id) VALUES ($1)",
        &params![id],
    )
    .await?;
    index(tx, id).await
}

/// Has the index say what the row says.
async fn index(tx: &mut Tx, id: CommentId) -> Result<(), StoreError> {
    if tx.is_postgres() {
        crate::search::words::save_comment(tx, id).await
    } else {
        tx.put_off(SAVE_SEARCH, *id.as_bytes())
    }
}

/// Puts the words of a comment into the full-text index in place of what was there. For [`Tx::put_off`]; a
/// comment that is gone by then has no words.
const SAVE_SEARCH: &str = "INSERT OR REPLACE INTO comment_words (rowid, video, content) \
     SELECT d.doc, 'i' || lower(hex(c.video_id)), c.content \
     FROM comment_words_rows d JOIN comments c ON c.id = d.comment_id WHERE d.comment_id = $1";
