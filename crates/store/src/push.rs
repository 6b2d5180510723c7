//! Browsers that are told of notifications while no page is open, as rows.
//!
//! When they are told what is `app::push`.

use model::{Millis, PushId, UserId};

use crate::{Row, StoreError, Tx, params};

/// A browser of somebody.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PushRow {
    /// Which.
    pub id: PushId,
    /// Whose.
    pub user_id: UserId,
    /// The address at its push service. Whoever knows it can bother the browser: not for logs.
    pub endpoint: String,
    /// Its public key, a point of P-256 without compression.
    pub p256dh: Vec<u8>,
    /// The secret that it shares with us.
    pub auth: Vec<u8>,
    /// When.
    pub created_at: Millis,
}

const SELECT: &str = "SELECT id, user_id, endpoint, p256dh, auth, created_at FROM push_subscriptions";

fn map(row: &Row<'_>) -> Result<PushRow, StoreError> {
    Ok(PushRow {
        id: row.id(0)?,
        user_id: row.id(1)?,
        endpoint: row.text(2)?.to_owned(),
        p256dh: row.blob(3)?.to_vec(),
        auth: row.blob(4)?.to_vec(),
        created_at: row.millis(5)?,
    })
}

/// Adds a browser. One that is there already has these keys, and is this user's, from now on.
pub async fn add(tx: &mut Tx, row: &PushRow) -> Result<(), StoreError> {
    tx.exec(
        "INSERT INTO push_subscriptions (id, user_id, endpoint, p256dh, auth, created_at) \
         VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT (endpoint) DO UPDATE SET user_id = excluded.user_id, \
         p256dh = excluded.p256dh, auth = excluded.auth, created_at = excluded.created_at",
        &params![
            row.id,
            row.user_id,
            &row.endpoint,
            &row.p256dh,
            &row.auth,
            row.created_at
        ],
    )
    .await?;
    Ok(())
}

/// The browser of this endpoint.
pub async fn find(tx: &mut Tx, endpoint: &str) -> Result<Option<PushRow>, StoreError> {
    let text = format!("{SELECT} WHERE endpoint = $1");
    tx.one(&text, &params![endpoint], map).await
}

/// The browsers of somebody, the oldest first.
pub async fn list(tx: &mut Tx, user: UserId, limit: i64) -> Result<Vec<PushRow>, StoreError> {
    let text = format!("{SELECT} WHERE user_id = $1 ORDER BY created_at, id LIMIT $2");
    tx.all(&text, &params![user, limit], map).await
}

/// What [`followers`] asks; public for the test of its plan. A step along the people with browsers, and one look for
/// each of them: what it costs is bounded, however many follow the channel.
pub const FOLLOWERS: &str = "SELECT p.user_id, EXISTS (SELECT 1 FROM subscriptions s WHERE s.subscriber_id = p.user_id \
     AND s.channel_id = $1) FROM (SELECT DISTINCT user_id FROM push_subscriptions WHERE user_id > $2 \
     ORDER BY user_id LIMIT $3) p";

/// The next people with browsers, in the order of their ids from behind `after` on, and whether each of them follows
/// the channel.
pub async fn followers(
    tx: &mut Tx,
    channel: UserId,
    after: UserId,
    limit: i64,
) -> Result<Vec<(UserId, bool)>, StoreError> {
    let mut people: Vec<(UserId, bool)> = tx
        .all(FOLLOWERS, &params![channel, after, limit], |row| {
            Ok((row.id(0)?, row.bool(1)?))
        })
        .await?;
    people.sort_unstable_by_key(|(user, _)| *user);
    Ok(people)
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
