//! Whom somebody does not want to hear from, as rows.
//!
//! What a block keeps people from is said where they do it: `app::comments`, `app::tweets`.

use model::{Millis, UserId};

use crate::places::Start;
use crate::videos::Owner;
use crate::{StoreError, Tx, params};

/// Someone who is blocked.
#[derive(Debug, Clone)]
pub struct BlockRow {
    /// Who.
    pub user_id: UserId,
    /// Since when.
    pub created_at: Millis,
    /// As shown beside it.
    pub user: Owner,
}

/// Adds a block; tells whether it was not there before.
pub async fn add(tx: &mut Tx, by: UserId, blocked: UserId, now: Millis) -> Result<bool, StoreError> {
    let added = tx
        .exec(
            "INSERT INTO blocks (blocker_id, blocked_id, created_at) VALUES ($1, $2, $3) \
             ON CONFLICT (blocker_id, blocked_id) DO NOTHING",
            &params![by, blocked, now],
        )
        .await?;
    Ok(added == 1)
}

/// Removes a block, whether or not it is there.
pub async fn remove(tx: &mut Tx, by: UserId, blocked: UserId) -> Result<(), StoreError> {
    tx.exec(
        "DELETE FROM blocks WHERE blocker_id = $1 AND blocked_id = $2",
        &params![by, blocked],
    )
    .await?;
    Ok(())
}

/// Whether the one has blocked the other.
pub async fn exists(tx: &mut Tx, by: UserId, blocked: UserId) -> Result<bool, StoreError> {
    let found = tx
        .one(
            "SELECT 1 FROM blocks WHERE blocker_id = $1 AND blocked_id = $2",
            &params![by, blocked],
            |row| row.int(0),
        )
        .await?;
    Ok(found.is_some())
}

/// How many somebody has blocked; counts no further than `most`.
pub async fn count(tx: &mut Tx, by: UserId, most: i64) -> Result<i64, StoreError> {
    let count = tx
        .one(
            "SELECT count(*) FROM (SELECT 1 FROM blocks WHERE blocker_id = $1 LIMIT $2) AS found",
            &params![by, most],
            |row| row.int(0),
        )
        .await?;
    Ok(count.unwrap_or(0))
}

/// What [`list`] asks; public for the test of its plan.
pub const LIST: &str = "SELECT p.user_id, p.created_at, u.username, u.full_name, u.avatar_rev, u.subscribers_count \
     FROM (SELECT b.blocked_id AS user_id, b.created_at AS created_at FROM blocks b \
     WHERE b.blocker_id = $1 AND (b.created_at, b.blocked_id) < ($2, $3) \
     ORDER BY b.created_at DESC, b.blocked_id DESC LIMIT $4 OFFSET $5) p \
     JOIN users u ON u.id = p.user_id ORDER BY p.created_at DESC, p.user_id DESC";

/// Whom somebody has blocked, the last first.
pub async fn list(tx: &mut Tx, by: UserId, start: Start, limit: i64) -> Result<Vec<BlockRow>, StoreError> {
    let params = params![by, start.after.at, start.after.id, limit, start.offset];
    tx.all(LIST, &params, |row| {
        Ok(BlockRow {
            user_id: row.id(0)?,
            created_at: row.millis(1)?,
            user: Owner {
                username: row.text(2)?.to_owned(),
                full_name: row.text(3)?.to_owned(),
                avatar_rev: row.text(4)?.to_owned(),
                subscribers_count: row.int(5)?,
            },
        })
    })
    .await
}

/// Removes up to `limit` blocks that somebody is on either side of; answers how many.
pub(crate) async fn remove_some_of(tx: &mut Tx, user: UserId, limit: i64) -> Result<u64, StoreError> {
    let theirs = tx
        .exec(
            "DELETE FROM blocks WHERE blocker_id = $1 AND blocked_id IN \
             (SELECT blocked_id FROM blocks WHERE blocker_id = $1 LIMIT $2)",
            &params![user, limit],
        )
        .await?;
    let others = tx
        .exec(
            "DELETE FROM blocks WHERE blocked_id = $1 AND blocker_id IN \
             (SELECT blocker_id FROM blocks WHERE blocked_id = $1 LIMIT $2)",
            &params![user, limit],
        )
        .await?;
    Ok(theirs + others)
}
