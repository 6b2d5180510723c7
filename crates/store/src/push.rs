//! Browsers that are told of notifications while no page is open, as rows.
//!
//! When they are told what is `app::push`. A browser goes with the sign-in that it was made with
//! ([`crate::sessions`] sees to that).
//!
//! Whether a follower has a browser is marked at the subscription, so that telling those of a channel reads them and
//! nobody else. A mark is set as long as there is a browser; one that is set without is taken away by whoever comes
//! across it ([`clear_marks`]), so that a sign-in ends without a look at all that somebody follows.

use model::{Millis, PushId, SessionId, UserId};

use crate::{Row, StoreError, Tx, params};

/// A browser of somebody.
#[derive(Clone, PartialEq, Eq)]
pub struct PushRow {
    /// Which.
    pub id: PushId,
    /// Whose.
    pub user_id: UserId,
    /// With which sign-in it was made.
    pub session_id: SessionId,
    /// The address at its push service. Whoever knows it can bother the browser: not for logs.
    pub endpoint: String,
    /// Its public key, a point of P-256 without compression.
    pub p256dh: Vec<u8>,
    /// The secret that it shares with us.
    pub auth: Vec<u8>,
    /// When.
    pub created_at: Millis,
}

impl std::fmt::Debug for PushRow {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        // Neither the address nor the keys: who has them can bother the browser.
        f.debug_struct("PushRow")
            .field("id", &self.id)
            .field("user_id", &self.user_id)
            .finish_non_exhaustive()
    }
}

const SELECT: &str = "SELECT p.id, p.user_id, p.session_id, p.endpoint, p.p256dh, p.auth, p.created_at \
     FROM push_subscriptions p";

fn map(row: &Row<'_>) -> Result<PushRow, StoreError> {
    Ok(PushRow {
        id: row.id(0)?,
        user_id: row.id(1)?,
        session_id: row.id(2)?,
        endpoint: row.text(3)?.to_owned(),
        p256dh: row.blob(4)?.to_vec(),
        auth: row.blob(5)?.to_vec(),
        created_at: row.millis(6)?,
    })
}

/// Adds a browser. One of this user that is there already keeps its id and has these keys from now on; what was another
/// user's is theirs no more, and its id names nothing any more.
pub async fn add(tx: &mut Tx, row: &PushRow) -> Result<(), StoreError> {
    tx.exec(
        "DELETE FROM push_subscriptions WHERE endpoint = $1 AND user_id <> $2",
        &params![&row.endpoint, row.user_id],
    )
    .await?;
    tx.exec(
        "INSERT INTO push_subscriptions (id, user_id, session_id, endpoint, p256dh, auth, created_at) \
         VALUES ($1, $2, $3, $4, $5, $6, $7) ON CONFLICT (endpoint) DO UPDATE SET session_id = excluded.session_id, \
         p256dh = excluded.p256dh, auth = excluded.auth, created_at = excluded.created_at",
        &params![
            row.id,
            row.user_id,
            row.session_id,
            &row.endpoint,
            &row.p256dh,
            &row.auth,
            row.created_at
        ],
    )
    .await?;
    Ok(())
}

/// Whether somebody has a browser, whatever has become of its sign-in.
pub async fn exists(tx: &mut Tx, user: UserId) -> Result<bool, StoreError> {
    let found = tx
        .one(
            "SELECT 1 FROM push_subscriptions WHERE user_id = $1 LIMIT 1",
            &params![user],
            |row| row.int(0),
        )
        .await?;
    Ok(found.is_some())
}

/// The browser of this endpoint.
pub async fn find(tx: &mut Tx, endpoint: &str) -> Result<Option<PushRow>, StoreError> {
    let text = format!("{SELECT} WHERE p.endpoint = $1");
    tx.one(&text, &params![endpoint], map).await
}

/// The browsers of somebody, the oldest first.
pub async fn list(tx: &mut Tx, user: UserId, limit: i64) -> Result<Vec<PushRow>, StoreError> {
    let text = format!("{SELECT} WHERE p.user_id = $1 ORDER BY p.created_at, p.id LIMIT $2");
    tx.all(&text, &params![user, limit], map).await
}

/// The browsers of somebody that may be told at `now`, the oldest first: their sign-in has not ended, nor been idle since
/// before `idle_since`, and the account is on.
pub async fn live(
    tx: &mut Tx,
    user: UserId,
    now: Millis,
    idle_since: Millis,
    limit: i64,
) -> Result<Vec<PushRow>, StoreError> {
    let text = format!(
        "{SELECT} JOIN sessions s ON s.id = p.session_id JOIN users u ON u.id = p.user_id WHERE p.user_id = $1 \
         AND s.ended_at IS NULL AND s.expires_at > $2 AND s.last_used_at > $3 AND u.disabled_at IS NULL \
         ORDER BY p.created_at, p.id LIMIT $4"
    );
    tx.all(&text, &params![user, now, idle_since, limit], map).await
}

/// What [`followers`] asks; public for the test of its plan. A step along the marked followers of the one channel.
pub const FOLLOWERS: &str = "SELECT s.subscriber_id FROM subscriptions s WHERE s.channel_id = $1 AND s.pushes = 1 \
     AND s.subscriber_id > $2 ORDER BY s.subscriber_id LIMIT $3";

/// The next followers of a channel that have a browser, or had one a while ago, in the order of their ids from behind
/// `after` on.
pub async fn followers(
    tx: &mut Tx,
    channel: UserId,
    after: UserId,
    limit: i64,
) -> Result<Vec<UserId>, StoreError> {
    let params = params![channel, after, limit];
    tx.all(FOLLOWERS, &params, |row| row.id(0)).await
}

/// Marks up to `most` subscriptions of somebody, to channels behind `after`, if they have a browser now; answers the
/// last channel, behind which there may be more.
pub async fn save_marks(
    tx: &mut Tx,
    subscriber: UserId,
    after: UserId,
    most: i64,
) -> Result<Option<UserId>, StoreError> {
    if !exists(tx, subscriber).await? {
        return Ok(None);
    }
    let channels: Vec<UserId> = tx
        .all(
            "SELECT channel_id FROM subscriptions WHERE subscriber_id = $1 AND channel_id > $2 \
             ORDER BY channel_id LIMIT $3",
            &params![subscriber, after, most],
            |row| row.id(0),
        )
        .await?;
    let Some(last) = channels.last() else {
        return Ok(None);
    };
    tx.exec(
        "UPDATE subscriptions SET pushes = 1 WHERE subscriber_id = $1 AND channel_id > $2 AND channel_id <= $3 \
         AND pushes = 0",
        &params![subscriber, after, last],
    )
    .await?;
    Ok((channels.len() as i64 >= most).then_some(*last))
}

/// Takes the marks of a channel from these followers where they have no browser. As many as [`followers`] answers.
pub async fn clear_marks(tx: &mut Tx, channel: UserId, subscribers: &[UserId]) -> Result<(), StoreError> {
    for subscriber in subscribers {
        tx.exec(
            "UPDATE subscriptions SET pushes = 0 WHERE subscriber_id = $1 AND channel_id = $2 \
             AND NOT EXISTS (SELECT 1 FROM push_subscriptions p WHERE p.user_id = $1)",
            &params![*subscriber, channel],
        )
        .await?;
    }
    Ok(())
}

/// Removes the browsers of a sign-in that has ended.
pub(crate) async fn remove_of_session(tx: &mut Tx, session: SessionId) -> Result<(), StoreError> {
    tx.exec(
        "DELETE FROM push_subscriptions WHERE session_id = $1",
        &params![session],
    )
    .await?;
    Ok(())
}

/// Removes the browsers of all sign-ins of somebody but `keep`.
pub(crate) async fn remove_of_sessions(tx: &mut Tx, user: UserId, keep: &[u8; 12]) -> Result<(), StoreError> {
    tx.exec(
        "DELETE FROM push_subscriptions WHERE user_id = $1 AND session_id <> $2",
        &params![user, keep],
    )
    .await?;
    Ok(())
}

/// Removes a browser of this user; tells whether there was one.
pub async fn remove(tx: &mut Tx, user: UserId, id: PushId) -> Result<bool, StoreError> {
    let gone = tx
        .exec(
            "DELETE FROM push_subscriptions WHERE id = $1 AND user_id = $2",
            &params![id, user],
        )
        .await?;
    Ok(gone > 0)
}

/// Removes all browsers of somebody who leaves; they are few.
pub async fn remove_of(tx: &mut Tx, user: UserId) -> Result<(), StoreError> {
    tx.exec(
        "DELETE FROM push_subscriptions WHERE user_id = $1",
        &params![user],
    )
    .await?;
    Ok(())
}
