//! Webhooks as rows: the addresses of a channel, what happened there, and what each of them was sent.
//!
//! What happens is noted by [`note`] in the transaction of the fact, one row at most and none where the channel has
//! no webhook; `app::webhooks` makes deliveries of it a moment later. When a webhook is due is kept in its own row
//! ([`settle_due`]), so that the sender finds work by webhooks, not by deliveries.

use model::webhooks::{Ended, Event, Events, State};
use model::{DeliveryId, Millis, ObjectId, UserId, WebhookId};

use crate::places::Start;
use crate::{Row, StoreError, Tx, params};

/// An address that is told what happens on a channel.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WebhookRow {
    /// Which.
    pub id: WebhookId,
    /// Whose channel.
    pub owner_id: UserId,
    /// Where to.
    pub url: String,
    /// What it is told.
    pub events: Events,
    /// Whether it is told anything.
    pub active: bool,
    /// Which secret it has.
    pub secret_rev: i64,
    /// Since when nothing has arrived, while that is so.
    pub failing_since: Option<Millis>,
    /// Why the server switched it off, where it did.
    pub ended: Option<Ended>,
    /// When.
    pub created_at: Millis,
    /// Last changed by its owner.
    pub updated_at: Millis,
}

/// Something that happened on a channel.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct FactRow {
    /// Its place in the order of facts.
    pub seq: i64,
    /// On whose channel.
    pub owner_id: UserId,
    /// What; `None` for what a later release has written.
    pub event: Option<Event>,
    /// The video, comment, tweet or channel.
    pub subject_id: ObjectId,
    /// When.
    pub created_at: Millis,
}

/// Something that is sent to a webhook.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DeliveryRow {
    /// Which; the receiver is told it.
    pub id: DeliveryId,
    /// Where to.
    pub webhook_id: WebhookId,
    /// What happened.
    pub event: Event,
    /// What is sent, to the byte.
    pub body: String,
    /// How it stands.
    pub state: State,
    /// How often it was tried.
    pub attempts: i64,
    /// When it is tried next.
    pub next_at: Option<Millis>,
    /// What was answered last.
    pub response_status: Option<i64>,
    /// How long that took, in milliseconds.
    pub duration_ms: Option<i64>,
    /// What went wrong last, in a word.
    pub fault: Option<String>,
    /// When.
    pub created_at: Millis,
}

const COLUMNS: &str =
    "id, owner_id, url, events, active, secret_rev, failing_since, ended, created_at, updated_at";

fn map(row: &Row<'_>) -> Result<WebhookRow, StoreError> {
    Ok(WebhookRow {
        id: row.id(0)?,
        owner_id: row.id(1)?,
        url: row.text(2)?.to_owned(),
        events: Events::from_code(row.int(3)?),
        active: row.bool(4)?,
        secret_rev: row.int(5)?,
        failing_since: row.opt_millis(6)?,
        ended: row.opt_int(7)?.map(Ended::from_code),
        created_at: row.millis(8)?,
        updated_at: row.millis(9)?,
    })
}

/// Notes that something happened, where the channel has a webhook that is on. In the transaction of the fact.
pub async fn note(
    tx: &mut Tx,
    owner: UserId,
    event: Event,
    subject: ObjectId,
    now: Millis,
) -> Result<(), StoreError> {
    tx.exec(
        "INSERT INTO webhook_facts (owner_id, event, subject_id, created_at) SELECT $1, $2, $3, $4 \
         WHERE EXISTS (SELECT 1 FROM webhooks w WHERE w.owner_id = $1 AND w.active = 1)",
        &params![owner, event.code(), subject, now],
    )
    .await?;
    Ok(())
}

/// The oldest facts.
pub async fn facts(tx: &mut Tx, limit: i64) -> Result<Vec<FactRow>, StoreError> {
    tx.all(
        "SELECT seq, owner_id, event, subject_id, created_at FROM webhook_facts ORDER BY seq LIMIT $1",
        &params![limit],
        |row| {
            Ok(FactRow {
                seq: row.int(0)?,
                owner_id: row.id(1)?,
                event: Event::from_code(row.int(2)?),
                subject_id: row.id(3)?,
                created_at: row.millis(4)?,
            })
        },
    )
    .await
}

/// Forgets a fact: deliveries were made of it.
pub async fn remove_fact(tx: &mut Tx, seq: i64) -> Result<(), StoreError> {
    tx.exec("DELETE FROM webhook_facts WHERE seq = $1", &params![seq])
        .await?;
    Ok(())
}

/// Adds a webhook.
pub async fn add(tx: &mut Tx, row: &WebhookRow) -> Result<(), StoreError> {
    tx.exec(
        "INSERT INTO webhooks (id, owner_id, url, events, active, secret_rev, created_at, updated_at) \
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8)",
        &params![
            row.id,
            row.owner_id,
            &row.url,
            row.events.code(),
            row.active,
            row.secret_rev,
            row.created_at,
            row.updated_at
        ],
    )
    .await?;
    Ok(())
}

/// One webhook.
pub async fn find(tx: &mut Tx, id: WebhookId) -> Result<Option<WebhookRow>, StoreError> {
    let text = select("FROM webhooks WHERE id = $1");
    tx.one(&text, &params![id], map).await
}

/// The webhooks of a channel, the oldest first.
pub async fn list(tx: &mut Tx, owner: UserId, limit: i64) -> Result<Vec<WebhookRow>, StoreError> {
    let text = select("FROM webhooks WHERE owner_id = $1 ORDER BY created_at, id LIMIT $2");
    tx.all(&text, &params![owner, limit], map).await
}

fn select(rest: &str) -> String {
    format!("SELECT {COLUMNS} {rest}")
}

/// Writes what its owner or the sender changed of a webhook.
pub async fn save(tx: &mut Tx, row: &WebhookRow) -> Result<(), StoreError> {
    tx.exec(
        "UPDATE webhooks SET url = $1, events = $2, active = $3, secret_rev = $4, failing_since = $5, ended = $6, \
         updated_at = $7 WHERE id = $8",
        &params![
            &row.url,
            row.events.code(),
            row.active,
            row.secret_rev,
            row.failing_since,
            row.ended.map(Ended::code),
            row.updated_at,
            row.id
        ],
    )
    .await?;
    Ok(())
}

/// Removes a webhook; its deliveries are found by nobody any more and go when they are old.
pub async fn remove(tx: &mut Tx, id: WebhookId) -> Result<(), StoreError> {
    tx.exec("DELETE FROM webhooks WHERE id = $1", &params![id])
        .await?;
    Ok(())
}

/// Removes everything of somebody who leaves, some rows at a time; tells whether something may be left.
pub async fn bite_of_user(tx: &mut Tx, user: UserId, limit: i64) -> Result<bool, StoreError> {
    let Some(first) = list(tx, user, 1).await?.pop() else {
        return Ok(false);
    };
    let gone = tx
        .exec(
            "DELETE FROM webhook_deliveries WHERE id IN (SELECT id FROM webhook_deliveries \
             WHERE webhook_id = $1 LIMIT $2)",
            &params![first.id, limit],
        )
        .await?;
    if gone == 0 {
        remove(tx, first.id).await?;
    }
    Ok(true)
}

/// Adds a delivery that is due at its `next_at`.
pub async fn add_delivery(tx: &mut Tx, row: &DeliveryRow) -> Result<(), StoreError> {
    tx.exec(
        "INSERT INTO webhook_deliveries (id, webhook_id, event, body, state, attempts, next_at, created_at, fault) \
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)",
        &params![
            row.id,
            row.webhook_id,
            row.event.code(),
            &row.body,
            row.state.code(),
            row.attempts,
            row.next_at,
            row.created_at,
            row.fault.as_deref()
        ],
    )
    .await?;
    // What waits already is due sooner, or is on its turn: something new does not move it.
    tx.exec(
        "UPDATE webhooks SET due_at = $1 WHERE id = $2 AND $1 IS NOT NULL AND (due_at IS NULL OR due_at > $1)",
        &params![row.next_at, row.webhook_id],
    )
    .await?;
    Ok(())
}

/// Writes how a delivery stands.
pub async fn save_delivery(tx: &mut Tx, row: &DeliveryRow, now: Millis) -> Result<(), StoreError> {
    tx.exec(
        "UPDATE webhook_deliveries SET state = $1, attempts = $2, next_at = $3, response_status = $4, \
         duration_ms = $5, fault = $6 WHERE id = $7",
        &params![
            row.state.code(),
            row.attempts,
            row.next_at,
            row.response_status,
            row.duration_ms,
            row.fault.as_deref(),
            row.id
        ],
    )
    .await?;
    settle_due(tx, row.webhook_id, now).await
}

/// Writes into the row of a webhook when its next delivery is due, `now` at the earliest: after its turn a webhook with
/// much that is overdue stands behind all the others that are due. All that changes deliveries here does it, but for
/// what removes them.
pub async fn settle_due(tx: &mut Tx, id: WebhookId, now: Millis) -> Result<(), StoreError> {
    tx.exec(
        "UPDATE webhooks SET due_at = (SELECT CASE WHEN min(d.next_at) < $1 THEN $1 ELSE min(d.next_at) END \
         FROM webhook_deliveries d WHERE d.webhook_id = $2 AND d.next_at IS NOT NULL) WHERE id = $2",
        &params![now, id],
    )
    .await?;
    Ok(())
}

/// What [`due`] asks; public for the test of its plan.
pub const DUE: &str = "SELECT due_at, id, owner_id, url FROM webhooks WHERE due_at <= $1 \
     AND (due_at, id) > ($2, $3) ORDER BY due_at, id LIMIT $4";

/// A webhook that something is due for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DueRow {
    /// Since when.
    pub due_at: Millis,
    /// Which.
    pub id: WebhookId,
    /// Whose.
    pub owner_id: UserId,
    /// Where to.
    pub url: String,
}

/// Webhooks that something is due for, the longest waiting first, from behind `after` on.
pub async fn due(
    tx: &mut Tx,
    now: Millis,
    after: Option<(Millis, WebhookId)>,
    limit: i64,
) -> Result<Vec<DueRow>, StoreError> {
    let (at, id) = after.unwrap_or((Millis(i64::MIN), WebhookId(ObjectId([0; 12]))));
    tx.all(DUE, &params![now, at, id, limit], |row| {
        Ok(DueRow {
            due_at: row.millis(0)?,
            id: row.id(1)?,
            owner_id: row.id(2)?,
            url: row.text(3)?.to_owned(),
        })
    })
    .await
}

const DELIVERY: &str = "SELECT id, webhook_id, event, body, state, attempts, next_at, response_status, duration_ms, \
     fault, created_at FROM webhook_deliveries";

fn map_delivery(row: &Row<'_>) -> Result<DeliveryRow, StoreError> {
    Ok(DeliveryRow {
        id: row.id(0)?,
        webhook_id: row.id(1)?,
        // One of a later release can only be told of as something unknown, and that is a test.
        event: Event::from_code(row.int(2)?).unwrap_or(Event::Test),
        body: row.text(3)?.to_owned(),
        state: State::from_code(row.int(4)?),
        attempts: row.int(5)?,
        next_at: row.opt_millis(6)?,
        response_status: row.opt_int(7)?,
        duration_ms: row.opt_int(8)?,
        fault: row.opt_text(9)?.map(str::to_owned),
        created_at: row.millis(10)?,
    })
}

/// The delivery of a webhook that is due first.
pub async fn next_delivery(
    tx: &mut Tx,
    webhook: WebhookId,
    now: Millis,
) -> Result<Option<DeliveryRow>, StoreError> {
    let text = format!(
        "{DELIVERY} WHERE webhook_id = $1 AND next_at IS NOT NULL AND next_at <= $2 ORDER BY next_at, id LIMIT 1"
    );
    tx.one(&text, &params![webhook, now], map_delivery).await
}

/// One delivery of a webhook.
pub async fn find_delivery(
    tx: &mut Tx,
    webhook: WebhookId,
    id: DeliveryId,
) -> Result<Option<DeliveryRow>, StoreError> {
    let text = format!("{DELIVERY} WHERE id = $1 AND webhook_id = $2");
    tx.one(&text, &params![id, webhook], map_delivery).await
}

/// What [`list_deliveries`] asks, without its columns; public for the test of its plan.
pub const LIST_DELIVERIES: &str = " WHERE webhook_id = $1 AND (created_at, id) < ($2, $3) \
     ORDER BY created_at DESC, id DESC LIMIT $4";

/// What was sent to a webhook, the newest first.
pub async fn list_deliveries(
    tx: &mut Tx,
    webhook: WebhookId,
    start: Start,
    limit: i64,
) -> Result<Vec<DeliveryRow>, StoreError> {
    let text = format!("{DELIVERY}{LIST_DELIVERIES}");
    let params = params![webhook, start.after.at, start.after.id, limit];
    tx.all(&text, &params, map_delivery).await
}

/// Gives up what still waits for a webhook that is off, up to `limit` of it; answers how much that was.
pub async fn give_up(tx: &mut Tx, webhook: WebhookId, limit: i64) -> Result<u64, StoreError> {
    let given_up = tx
        .exec(
            "UPDATE webhook_deliveries SET state = $1, next_at = NULL, fault = coalesce(fault, 'switched off') \
             WHERE id IN (SELECT id FROM webhook_deliveries WHERE webhook_id = $2 AND next_at IS NOT NULL LIMIT $3)",
            &params![State::Dead.code(), webhook, limit],
        )
        .await?;
    // Nothing may be left, or as much again.
    settle_due(tx, webhook, Millis(0)).await?;
    Ok(given_up)
}

/// How many deliveries wait for a webhook; counts no further than `most`.
pub async fn waiting(tx: &mut Tx, webhook: WebhookId, most: i64) -> Result<i64, StoreError> {
    let count = tx
        .one(
            "SELECT count(*) FROM (SELECT 1 FROM webhook_deliveries WHERE webhook_id = $1 \
             AND next_at IS NOT NULL LIMIT $2) AS found",
            &params![webhook, most],
            |row| row.int(0),
        )
        .await?;
    Ok(count.unwrap_or(0))
}

/// Removes up to `limit` deliveries that were made before `before`; answers how many.
pub async fn sweep(tx: &mut Tx, before: Millis, limit: i64) -> Result<u64, StoreError> {
    tx.exec(
        "DELETE FROM webhook_deliveries WHERE id IN (SELECT id FROM webhook_deliveries WHERE created_at < $1 \
         LIMIT $2)",
        &params![before, limit],
    )
    .await
}
