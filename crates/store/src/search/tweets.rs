//! The index of tweets by content. Triggers on `tweets` keep it.

use model::{Millis, ObjectId, UserId, VideoId};

use crate::videos::Owner;
use crate::{StoreError, Tx, params};

/// Candidates: the newest that have the words.
const NEWEST: i64 = 300;

/// A tweet that has the words.
#[derive(Debug, Clone)]
pub struct Candidate {
    /// Which.
    pub id: ObjectId,
    /// Whose.
    pub owner_id: UserId,
    /// The owner as shown beside it.
    pub owner: Owner,
    /// What it says.
    pub content: String,
    /// The video it is about, where everyone may find that.
    pub video_id: Option<VideoId>,
    /// The place in that video, milliseconds.
    pub video_at_ms: Option<i64>,
    /// Likes.
    pub likes_count: i64,
    /// When it was posted.
    pub created_at: Millis,
    /// When it was last changed.
    pub updated_at: Millis,
}

/// The tweets to weigh.
pub async fn candidates(tx: &mut Tx, expression: &str) -> Result<Vec<Candidate>, StoreError> {
    let (sql, expression) = if tx.is_postgres() {
        (OF_ROWS, super::words::question(expression))
    } else {
        (STATEMENT, expression.to_owned())
    };
    tx.all(sql, &params![expression, NEWEST], |row| {
        let video_id: Option<VideoId> = row.opt_id(8)?;
        Ok(Candidate {
            id: row.id(0)?,
            owner_id: row.id(1)?,
            owner: Owner {
                username: row.text(2)?.to_owned(),
                full_name: row.text(3)?.to_owned(),
                avatar_rev: row.text(4)?.to_owned(),
                subscribers_count: row.int(5)?,
            },
            content: row.text(6)?.to_owned(),
            video_at_ms: row.opt_int(7)?.filter(|_| video_id.is_some()),
            video_id,
            likes_count: row.int(9)?,
            created_at: row.millis(10)?,
            updated_at: row.millis(11)?,
        })
    })
    .await
}

/// [`STATEMENT`] for PostgreSQL, where one index has the words for this and for the lists.
const OF_ROWS: &str = "SELECT t.id, t.owner_id, u.username, u.full_name, u.avatar_rev, u.subscribers_count, \
     t.content, t.video_at_ms, (SELECT v.id FROM videos v WHERE v.id = t.video_id AND v.listed = 1), \
     t.likes_count, t.created_at, t.updated_at \
     FROM (SELECT tweet_id FROM tweet_words_rows WHERE words @@ CAST($1 AS tsquery) ORDER BY doc DESC LIMIT $2) f \
     JOIN tweets t ON t.id = f.tweet_id JOIN users u ON u.id = t.owner_id \
     WHERE u.disabled_at IS NULL AND t.taken_down_at IS NULL";

/// The statement of [`candidates`].
pub const STATEMENT: &str = "SELECT t.id, t.owner_id, u.username, u.full_name, u.avatar_rev, u.subscribers_count, \
     t.content, t.video_at_ms, (SELECT v.id FROM videos v WHERE v.id = t.video_id AND v.listed = 1), \
     t.likes_count, t.created_at, t.updated_at \
     FROM (SELECT rowid AS doc FROM tweet_search WHERE tweet_search MATCH $1 ORDER BY rowid DESC LIMIT $2) f \
     CROSS JOIN tweet_search_rows d ON d.doc = f.doc CROSS JOIN tweets t ON t.id = d.tweet_id \
     CROSS JOIN users u ON u.id = t.owner_id WHERE u.disabled_at IS NULL AND t.taken_down_at IS NULL";
