//! Sessions as rows: one for each sign-in, with the generation of its refresh token.
//!
//! How tokens are made from a row, and what reuse means, is `app::sessions`.

use model::{Millis, SessionId, UserId};

use crate::{Row, StoreError, Tx, params, push};

/// One sign-in.
#[derive(Debug, Clone)]
pub struct SessionRow {
    /// Which.
    pub id: SessionId,
    /// Whose.
    pub user_id: UserId,
    /// Random bytes that went into its refresh tokens.
    pub seed: Vec<u8>,
    /// How often the refresh token was rotated.
    pub generation: i64,
    /// When it was last rotated.
    pub rotated_at: Millis,
    /// When its owner was last seen refreshing it.
    pub last_used_at: Millis,
    /// When it ends at the latest.
    pub expires_at: Millis,
    /// When it was ended, if it was.
    pub ended_at: Option<Millis>,
    /// What the sign-in was made with, as its owner would recognise it.
    pub device: String,
    /// When it began.
    pub created_at: Millis,
}

const SELECT: &str = "SELECT id, user_id, seed, generation, rotated_at, last_used_at, expires_at, ended_at, \
     device, created_at FROM sessions WHERE id = $1";
const SELECT_LIVE_OF: &str = "SELECT id, user_id, seed, generation, rotated_at, last_used_at, expires_at, \
     ended_at, device, created_at FROM sessions WHERE user_id = $1 AND ended_at IS NULL AND expires_at > $2 \
     ORDER BY created_at DESC, id DESC LIMIT 200";

fn map(row: &Row<'_>) -> Result<SessionRow, StoreError> {
    Ok(SessionRow {
        id: row.id(0)?,
        user_id: row.id(1)?,
        seed: row.blob(2)?.to_vec(),
        generation: row.int(3)?,
        rotated_at: row.millis(4)?,
        last_used_at: row.millis(5)?,
        expires_at: row.millis(6)?,
        ended_at: row.opt_millis(7)?,
        device: row.text(8)?.to_owned(),
        created_at: row.millis(9)?,
    })
}

/// The session of this id, ended or not.
pub async fn find(tx: &mut Tx, id: SessionId) -> Result<Option<SessionRow>, StoreError> {
    tx.one(SELECT, &params![id], map).await
}

/// What a request must know about the session it carries.
#[derive(Debug, Clone, Copy)]
pub struct Standing {
    /// Whose session it is.
    pub user_id: UserId,
    /// What they may do now.
    pub role: model::users::Role,
    /// Neither ended nor expired, and its owner's account is on.
    pub live: bool,
}

/// How a session stands at `now`; absent when it never was, or its user is gone.
pub async fn standing(tx: &mut Tx, id: SessionId, now: Millis) -> Result<Option<Standing>, StoreError> {
    tx.one(
        "SELECT u.id, u.role, u.disabled_at, s.ended_at, s.expires_at FROM sessions s \
         JOIN users u ON u.id = s.user_id WHERE s.id = $1",
        &params![id],
        |row| {
            Ok(Standing {
                user_id: row.id(0)?,
                role: model::users::Role::from_code(row.int(1)?),
                live: row.opt_int(2)?.is_none() && row.opt_int(3)?.is_none() && row.millis(4)? > now,
            })
        },
    )
    .await
}

/// Sessions of a user that still live, newest first; at most 200.
pub async fn list_live(tx: &mut Tx, user: UserId, now: Millis) -> Result<Vec<SessionRow>, StoreError> {
    tx.all(SELECT_LIVE_OF, &params![user, now], map).await
}

/// Adds a session.
pub async fn add(tx: &mut Tx, session: &SessionRow) -> Result<(), StoreError> {
    tx.exec(
        "INSERT INTO sessions (id, user_id, seed, generation, rotated_at, last_used_at, expires_at, device, \
         created_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)",
        &params![
            session.id,
            session.user_id,
            &session.seed,
            session.generation,
            session.rotated_at,
            session.last_used_at,
            session.expires_at,
            &session.device,
            session.created_at
        ],
    )
    .await?;
    Ok(())
}

/// Moves the session to its next generation, if it still is at `generation` and lives.
pub async fn rotate(tx: &mut Tx, id: SessionId, generation: i64, now: Millis) -> Result<bool, StoreError> {
    let changed = tx
        .exec(
            "UPDATE sessions SET generation = generation + 1, rotated_at = $1, last_used_at = $1 \
             WHERE id = $2 AND generation = $3 AND ended_at IS NULL",
            &params![now, id, generation],
        )
        .await?;
    Ok(changed == 1)
}

/// Ends one live session, and removes the browsers that were told of notifications with it; tells whether it was live.
pub async fn end(tx: &mut Tx, id: SessionId, reason: &str, now: Millis) -> Result<bool, StoreError> {
    let changed = tx
        .exec(
            "UPDATE sessions SET ended_at = $1, ended_reason = $2 WHERE id = $3 AND ended_at IS NULL",
            &params![now, reason, id],
        )
        .await?;
    push::remove_of_session(tx, id).await?;
    Ok(changed == 1)
}

/// Ends all live sessions of a user but `keep`, and removes their browsers as [`end`] does; answers those it ended.
pub async fn end_all(
    tx: &mut Tx,
    user: UserId,
    keep: Option<SessionId>,
    reason: &str,
    now: Millis,
) -> Result<Vec<SessionId>, StoreError> {
    let keep = keep.map_or([0; 12], |id| *id.as_bytes());
    push::remove_of_sessions(tx, user, &keep).await?;
    tx.all(
        "UPDATE sessions SET ended_at = $1, ended_reason = $2 \
         WHERE user_id = $3 AND ended_at IS NULL AND id <> $4 RETURNING id",
        &params![now, reason, user, &keep],
        |row| row.id(0),
    )
    .await
}

/// Removes sessions that expired before `before`, and the browsers that were told with them; at most `limit` at once.
/// Tells how many.
pub async fn sweep(tx: &mut Tx, before: Millis, limit: i64) -> Result<u64, StoreError> {
    tx.exec(
        "DELETE FROM push_subscriptions WHERE session_id IN \
         (SELECT id FROM sessions WHERE expires_at < $1 ORDER BY expires_at LIMIT $2)",
        &params![before, limit],
    )
    .await?;
    tx.exec(
        "DELETE FROM sessions WHERE id IN \
         (SELECT id FROM sessions WHERE expires_at < $1 ORDER BY expires_at LIMIT $2)",
        &params![before, limit],
    )
    .await
}

/// Sessions that were ended lately, and users that were switched off; public for the test of their plans.
pub const ENDED_SINCE: [&str; 2] = [
    "SELECT id FROM sessions WHERE ended_at >= $1 LIMIT $2",
    "SELECT id FROM users WHERE disabled_at >= $1 LIMIT $2",
];

/// Sessions that were ended since `since`, and users that were switched off since then; at most `limit` of each.
pub async fn ended_since(
    tx: &mut Tx,
    since: Millis,
    limit: i64,
) -> Result<(Vec<SessionId>, Vec<UserId>), StoreError> {
    let [sessions, users] = ENDED_SINCE;
    let params = params![since, limit];
    Ok((
        tx.all(sessions, &params, |row| row.id(0)).await?,
        tx.all(users, &params, |row| row.id(0)).await?,
    ))
}
