//! Who follows which channel, as rows, with the counters of both sides kept in the same transaction.
//!
//! Who may follow whom, and who is shown it, is `app::subscriptions`; what followers are shown, [`crate::feed`].

use model::{Millis, SubscriptionId, UserId, VideoId};

use crate::analytics::facts;
use crate::places::Start;
use crate::videos::Owner;
use crate::{Dialect, Row, StoreError, Tx, Val, many, params, users};

/// A channel that is followed, or someone who follows it, whichever was asked for.
#[derive(Debug, Clone)]
pub struct SubscriptionRow {
    /// Of the subscription.
    pub id: SubscriptionId,
    /// Who: the other side of it.
    pub user_id: UserId,
    /// When it began.
    pub created_at: Millis,
    /// As shown beside it.
    pub user: Owner,
}

fn map(row: &Row<'_>) -> Result<SubscriptionRow, StoreError> {
    Ok(SubscriptionRow {
        id: row.id(0)?,
        user_id: row.id(1)?,
        created_at: row.millis(2)?,
        user: Owner {
            username: row.text(3)?.to_owned(),
            full_name: row.text(4)?.to_owned(),
            avatar_rev: row.text(5)?.to_owned(),
            subscribers_count: row.int(6)?,
        },
    })
}

/// Adds a subscription; tells whether it was not there before.
pub async fn add(
    tx: &mut Tx,
    id: SubscriptionId,
    subscriber: UserId,
    channel: UserId,
    now: Millis,
) -> Result<bool, StoreError> {
    let added = tx
        .exec(
            "INSERT INTO subscriptions (subscriber_id, channel_id, id, created_at, hidden, pushes) \
             VALUES ($1, $2, $3, $4, \
             coalesce((SELECT u.subscriptions_hidden FROM users u WHERE u.id = $1), 0), \
             (SELECT count(*) FROM (SELECT 1 FROM push_subscriptions p WHERE p.user_id = $1 LIMIT 1) AS found)) \
             ON CONFLICT (subscriber_id, channel_id) DO NOTHING",
            &params![subscriber, channel, id, now],
        )
        .await?
        == 1;
    if added {
        count(tx, subscriber, channel, 1).await?;
        facts::note(tx, channel, None, facts::Kind::SubscribersGained, now, 1)?;
    }
    Ok(added)
}

/// Removes a subscription; tells whether it was there. `lost_at`: when the channel lost a follower by it; `None`
/// where it is the channel that goes.
pub async fn remove(
    tx: &mut Tx,
    subscriber: UserId,
    channel: UserId,
    lost_at: Option<Millis>,
) -> Result<bool, StoreError> {
    let removed = tx
        .exec(
            "DELETE FROM subscriptions WHERE subscriber_id = $1 AND channel_id = $2",
            &params![subscriber, channel],
        )
        .await?
        == 1;
    if removed {
        count(tx, subscriber, channel, -1).await?;
        if let Some(at) = lost_at {
            facts::note(tx, channel, None, facts::Kind::SubscribersLost, at, 1)?;
        }
    }
    Ok(removed)
}

async fn count(tx: &mut Tx, subscriber: UserId, channel: UserId, by: i64) -> Result<(), StoreError> {
    users::count_subscriptions(tx, subscriber, by).await?;
    users::count_subscribers(tx, channel, by).await
}

/// Says anew of up to `most` subscriptions of somebody, to channels behind `after`, whether they are shown among the
/// followers there; answers the last channel, behind which there may be more.
pub async fn save_hidden(
    tx: &mut Tx,
    subscriber: UserId,
    after: UserId,
    most: i64,
) -> Result<Option<UserId>, StoreError> {
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
        "UPDATE subscriptions SET hidden = u.subscriptions_hidden FROM users u WHERE u.id = $1 \
         AND subscriber_id = $1 AND channel_id > $2 AND channel_id <= $3 AND hidden <> u.subscriptions_hidden",
        &params![subscriber, after, last],
    )
    .await?;
    Ok((channels.len() as i64 >= most).then_some(*last))
}

/// Whether the one follows the other.
pub async fn exists(tx: &mut Tx, subscriber: UserId, channel: UserId) -> Result<bool, StoreError> {
    let found = tx
        .one(
            "SELECT 1 FROM subscriptions WHERE subscriber_id = $1 AND channel_id = $2",
            &params![subscriber, channel],
            |row| row.int(0),
        )
        .await?;
    Ok(found.is_some())
}

/// Whether somebody follows a channel, and how many do, now; nothing and 0 where there is no such channel.
pub async fn standing(tx: &mut Tx, subscriber: UserId, channel: UserId) -> Result<(bool, i64), StoreError> {
    let found = tx
        .one(
            "SELECT s.channel_id IS NOT NULL, u.subscribers_count FROM users u LEFT JOIN subscriptions s \
             ON s.subscriber_id = $1 AND s.channel_id = u.id WHERE u.id = $2",
            &params![subscriber, channel],
            |row| Ok((row.bool(0)?, row.int(1)?)),
        )
        .await?;
    Ok(found.unwrap_or((false, 0)))
}

/// How many follow a channel, now; 0 where there is no such channel.
pub async fn subscribers_count(tx: &mut Tx, channel: UserId) -> Result<i64, StoreError> {
    let count = tx
        .one(
            "SELECT subscribers_count FROM users WHERE id = $1",
            &params![channel],
            |row| row.int(0),
        )
        .await?;
    Ok(count.unwrap_or(0))
}

/// How many channels someone follows; 0 where there is no such user.
pub async fn subscriptions_count(tx: &mut Tx, subscriber: UserId) -> Result<i64, StoreError> {
    let count = tx
        .one(
            "SELECT subscriptions_count FROM users WHERE id = $1",
            &params![subscriber],
            |row| row.int(0),
        )
        .await?;
    Ok(count.unwrap_or(0))
}

/// What [`subscribers`] asks for everyone: those who are shown, and the reader's own, which is at most one; public for
/// the test of its plan. Who has hidden themselves a moment ago may stand in the index still ([`save_hidden`]).
pub fn shown_subscribers() -> String {
    shown_subscribers_in(Dialect::Sqlite)
}

fn shown_subscribers_in(dialect: Dialect) -> String {
    let shown = "SELECT s.id AS id, s.subscriber_id AS user_id, s.created_at AS created_at FROM subscriptions s \
         WHERE s.channel_id = $1 AND s.hidden = 0 AND (s.created_at, s.id) < ($2, $3)";
    // PostgreSQL sorts all followers of the channel where it is not told that a page of each part is enough, and looks
    // for the reader's own along everybody whom they follow where it may begin at a time. Parameters are numbered in the
    // order in which they come.
    let (shown, own_time, reader, limit, offset) = match dialect {
        Dialect::Sqlite => (shown.to_owned(), "o.created_at", "$4", "$5", "$6"),
        Dialect::Postgres => (
            format!("SELECT * FROM ({shown} ORDER BY s.created_at DESC, s.id DESC LIMIT $4 + $5) AS page"),
            "o.created_at + 0",
            "$6",
            "$4",
            "$5",
        ),
    };
    format!(
        "SELECT p.id, p.user_id, p.created_at, u.username, u.full_name, u.avatar_rev, u.subscribers_count FROM \
         ({shown} UNION ALL SELECT o.id, o.subscriber_id, o.created_at FROM subscriptions o \
         WHERE o.subscriber_id = {reader} AND o.channel_id = $1 AND o.hidden = 1 AND ({own_time}, o.id) < ($2, $3) \
         ORDER BY created_at DESC, id DESC LIMIT {limit} OFFSET {offset}) p \
         JOIN users u ON u.id = p.user_id WHERE u.subscriptions_hidden = 0 OR u.id = {reader} \
         ORDER BY p.created_at DESC, p.id DESC"
    )
}

/// What [`subscribers`] asks for those who see all; public for the test of its plan.
pub const SUBSCRIBERS: &str = "SELECT p.id, p.user_id, p.created_at, u.username, u.full_name, u.avatar_rev, \
     u.subscribers_count FROM \
     (SELECT s.id AS id, s.subscriber_id AS user_id, s.created_at AS created_at FROM subscriptions s \
     WHERE s.channel_id = $1 AND (s.created_at, s.id) < ($2, $3) ORDER BY s.created_at DESC, s.id DESC \
     LIMIT $4 OFFSET $5) p JOIN users u ON u.id = p.user_id ORDER BY p.created_at DESC, p.id DESC";

/// What [`channels`] asks; public for the test of its plan.
pub const CHANNELS: &str = "SELECT p.id, p.user_id, p.created_at, u.username, u.full_name, u.avatar_rev, \
     u.subscribers_count FROM \
     (SELECT s.id AS id, s.channel_id AS user_id, s.created_at AS created_at FROM subscriptions s \
     WHERE s.subscriber_id = $1 AND (s.created_at, s.id) < ($2, $3) ORDER BY s.created_at DESC, s.id DESC \
     LIMIT $4 OFFSET $5) p JOIN users u ON u.id = p.user_id ORDER BY p.created_at DESC, p.id DESC";

/// Who is shown followers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reader {
    /// Those who show whom they follow, and themselves where they are somebody.
    Of(Option<UserId>),
    /// All.
    Admin,
}

/// Who follows a channel, newest first, as far as this reader is shown it.
pub async fn subscribers(
    tx: &mut Tx,
    channel: UserId,
    reader: Reader,
    start: Start,
    limit: i64,
) -> Result<Vec<SubscriptionRow>, StoreError> {
    let Reader::Of(reader) = reader else {
        return list(tx, SUBSCRIBERS, channel, start, limit).await;
    };
    let (at, id) = (start.after.at, start.after.id);
    let dialect = tx.dialect();
    let params = match dialect {
        Dialect::Sqlite => params![channel, at, id, reader, limit, start.offset],
        Dialect::Postgres => params![channel, at, id, limit, start.offset, reader],
    };
    tx.all(&shown_subscribers_in(dialect), &params, map).await
}

/// Which channels someone follows, newest first.
pub async fn channels(
    tx: &mut Tx,
    subscriber: UserId,
    start: Start,
    limit: i64,
) -> Result<Vec<SubscriptionRow>, StoreError> {
    list(tx, CHANNELS, subscriber, start, limit).await
}

async fn list(
    tx: &mut Tx,
    sql: &str,
    of: UserId,
    start: Start,
    limit: i64,
) -> Result<Vec<SubscriptionRow>, StoreError> {
    let params = params![of, start.after.at, start.after.id, limit, start.offset];
    tx.all(sql, &params, map).await
}

/// The newest listed video of each of these channels, where it has one. At most a hundred channels.
pub async fn latest_videos(tx: &mut Tx, channels: &[UserId]) -> Result<Vec<(UserId, VideoId)>, StoreError> {
    if channels.is_empty() {
        return Ok(Vec::new());
    }
    let (text, params) = latest_statement(channels);
    tx.all(&text, &params, |row| Ok((row.id(0)?, row.id(1)?))).await
}

/// What [`latest_videos`] asks; public for the test of its plan.
pub fn latest_statement(channels: &[UserId]) -> (String, Vec<Val<'static>>) {
    let mut text = "SELECT u.id, v.id FROM users u JOIN videos v ON v.id = \
         (SELECT n.id FROM videos n WHERE n.owner_id = u.id AND n.listed = 1 \
         ORDER BY n.created_at DESC, n.id DESC LIMIT 1) WHERE u.id IN ("
        .to_owned();
    let mut params = Vec::new();
    many::any_of(&mut text, &mut params, channels.iter().map(|id| Val::from(*id)));
    text.push(')');
    (text, params)
}

/// Up to `limit` subscriptions that someone is on either side of; for their removal.
pub async fn some_of(tx: &mut Tx, user: UserId, limit: i64) -> Result<Vec<(UserId, UserId)>, StoreError> {
    let pair = |row: &Row<'_>| Ok((row.id(0)?, row.id(1)?));
    let mut found = tx
        .all(
            "SELECT subscriber_id, channel_id FROM subscriptions WHERE subscriber_id = $1 LIMIT $2",
            &params![user, limit],
            pair,
        )
        .await?;
    let left = limit - i64::try_from(found.len()).unwrap_or(limit);
    found.extend(
        tx.all(
            "SELECT subscriber_id, channel_id FROM subscriptions WHERE channel_id = $1 LIMIT $2",
            &params![user, left],
            pair,
        )
        .await?,
    );
    Ok(found)
}
