//! Webhooks: addresses that the owner of a channel has told what happens there.
//!
//! Here is what owners do with them. What happened is noted by whoever makes the fact ([`note`]), made into deliveries
//! by [`facts`], and sent by [`sender`].

mod facts;
pub mod sender;
#[cfg(test)]
mod tests;

use std::sync::Arc;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use egress::{Client, TargetFault};
use model::text::Fault;
use model::webhooks::{Event, Events, MOST, State, URL_CHARS};
use model::{DeliveryId, Millis, ObjectId, UserId, WebhookId};
use store::places::Place;
use store::webhooks::{self as rows, DeliveryRow, WebhookRow};
use store::{StoreError, Tx};

use crate::core::Core;
use crate::error::{Error, Fields, Kind};
use crate::keys::{self, Keys};
use crate::lists::{Request, Slice};
use crate::sessions::Actor;

/// Wakes the sender.
pub(crate) const TOPIC: &str = "webhooks";
/// Name of the list of deliveries, in its cursors.
const LIST: &str = "deliveries";
/// Deliveries of one webhook that wait at once. What comes beyond that is kept, but not sent by itself.
const MOST_WAITING: i64 = 1_000;

/// Adding, changing and looking at webhooks.
pub struct Webhooks {
    core: Arc<Core>,
    egress: Arc<Client>,
    key: [u8; 32],
}

impl std::fmt::Debug for Webhooks {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        // Not the key, of which all secrets are made.
        f.debug_struct("Webhooks").finish_non_exhaustive()
    }
}

/// What a webhook is made of, or what of it is to change.
#[derive(Debug, Default)]
pub struct Draft {
    /// Where to.
    pub url: Option<String>,
    /// Names of events.
    pub events: Option<Vec<String>>,
    /// Whether it is told anything.
    pub active: Option<bool>,
}

/// Notes that something happened on a channel, for its webhooks, in the transaction of the fact. Costs one look along
/// an index where it has none.
pub(crate) async fn note(
    tx: &mut Tx,
    owner: UserId,
    event: Event,
    subject: ObjectId,
    now: Millis,
) -> Result<(), StoreError> {
    rows::note(tx, owner, event, subject, now).await
}

/// The secret of a webhook: made of the server's key, so that it stands nowhere.
fn secret(key: &[u8; 32], id: WebhookId, rev: i64) -> [u8; 32] {
    keys::mac(key, &[id.as_bytes(), &rev.to_be_bytes()])
}

/// A secret in the form that libraries for Standard Webhooks take.
fn secret_text(secret: &[u8; 32]) -> String {
    format!("whsec_{}", STANDARD.encode(secret))
}

/// What stands in `webhook-signature`.
fn signature(secret: &[u8; 32], id: DeliveryId, timestamp_s: i64, body: &str) -> String {
    let (id, timestamp) = (id.to_string(), timestamp_s.to_string());
    let parts = [id.as_bytes(), b".", timestamp.as_bytes(), b".", body.as_bytes()];
    format!("v1,{}", STANDARD.encode(keys::mac(secret, &parts)))
}

fn no_webhook() -> Error {
    Error::refused(Kind::NotFound, "webhook_not_found", "Webhook not found")
}

fn no_delivery() -> Error {
    Error::refused(Kind::NotFound, "delivery_not_found", "Delivery not found")
}

fn url(egress: &Client, text: &str) -> Result<String, Fault> {
    let text = text.trim();
    if text.is_empty() {
        return Err(Fault::missing());
    }
    if text.len() > URL_CHARS {
        return Err(Fault::too_long(URL_CHARS));
    }
    match egress.target(text) {
        Ok(_) => Ok(text.to_owned()),
        Err(fault) => {
            let code = match fault {
                TargetFault::Malformed => "malformed",
                TargetFault::Scheme => "not_https",
                TargetFault::Extra => "not_plain",
                TargetFault::Forbidden => "forbidden_address",
            };
            Err(Fault::new(code, format!("The address: {fault}.")))
        }
    }
}

/// Their own webhook; those of others are not there.
async fn own(tx: &mut Tx, id: WebhookId, actor: &Actor) -> Result<WebhookRow, Error> {
    let row = rows::find(tx, id).await?;
    row.filter(|row| row.owner_id == actor.user_id)
        .ok_or_else(no_webhook)
}

impl Webhooks {
    pub(crate) fn new(core: Arc<Core>, egress: Arc<Client>, keys: &Keys) -> Self {
        let key = keys.webhooks;
        Self { core, egress, key }
    }

    /// Adds a webhook; answers it with its secret.
    pub async fn add(&self, draft: Draft, actor: &Actor) -> Result<(WebhookRow, String), Error> {
        let mut fields = Fields::default();
        let url = fields.require("url", draft.url.as_deref(), |text| url(&self.egress, text));
        let named = draft.events.ok_or_else(Fault::missing);
        let events = fields.check("events", named.and_then(|named| Events::parse(&named)));
        let (Some(url), Some(events)) = (url, events) else {
            return Err(fields.into_error());
        };
        let now = self.core.clock.now();
        let mut tx = self.core.store.write().await?;
        if rows::list(&mut tx, actor.user_id, MOST).await?.len() as i64 >= MOST {
            let message = format!("A channel has at most {MOST} webhooks.");
            return Err(Error::refused(Kind::Unprocessable, "too_many_webhooks", message));
        }
        let row = WebhookRow {
            id: self.core.ids.next(now),
            owner_id: actor.user_id,
            url,
            events,
            active: draft.active.unwrap_or(true),
            secret_rev: 0,
            failing_since: None,
            ended: None,
            created_at: now,
            updated_at: now,
        };
        rows::add(&mut tx, &row).await?;
        tx.commit().await?;
        let secret = self.secret_of(&row);
        Ok((row, secret))
    }

    fn secret_of(&self, row: &WebhookRow) -> String {
        secret_text(&secret(&self.key, row.id, row.secret_rev))
    }

    /// The actor's webhooks, the oldest first.
    pub async fn list(&self, actor: &Actor) -> Result<Vec<WebhookRow>, Error> {
        Ok(rows::list(&mut self.core.store.read(), actor.user_id, MOST).await?)
    }

    /// Changes a webhook. Switched on again, it is as new: what it missed stays missed.
    pub async fn update(&self, id: WebhookId, draft: Draft, actor: &Actor) -> Result<WebhookRow, Error> {
        let mut fields = Fields::default();
        let url = fields.optional("url", draft.url.as_deref(), |text| url(&self.egress, text));
        let events = draft
            .events
            .and_then(|named| fields.check("events", Events::parse(&named)));
        fields.done()?;
        let mut tx = self.core.store.write().await?;
        let before = own(&mut tx, id, actor).await?;
        let mut after = WebhookRow {
            url: url.unwrap_or_else(|| before.url.clone()),
            events: events.unwrap_or(before.events),
            active: draft.active.unwrap_or(before.active),
            ..before.clone()
        };
        if after.active && (!before.active || after.url != before.url) {
            (after.failing_since, after.ended) = (None, None);
        }
        if after == before {
            return Ok(before);
        }
        after.updated_at = self.core.clock.now();
        rows::save(&mut tx, &after).await?;
        if !after.active {
            rows::give_up(&mut tx, id, MOST_WAITING * 2).await?;
        }
        tx.commit().await?;
        Ok(after)
    }

    /// Removes a webhook, and what waits for it.
    pub async fn remove(&self, id: WebhookId, actor: &Actor) -> Result<(), Error> {
        let mut tx = self.core.store.write().await?;
        own(&mut tx, id, actor).await?;
        rows::remove(&mut tx, id).await?;
        Ok(tx.commit().await?)
    }

    /// Gives a webhook another secret, which is answered; the old one signs nothing from now on.
    pub async fn rotate(&self, id: WebhookId, actor: &Actor) -> Result<(WebhookRow, String), Error> {
        let mut tx = self.core.store.write().await?;
        let mut row = own(&mut tx, id, actor).await?;
        row.secret_rev += 1;
        row.updated_at = self.core.clock.now();
        rows::save(&mut tx, &row).await?;
        tx.commit().await?;
        let secret = self.secret_of(&row);
        Ok((row, secret))
    }

    /// Sends something to a webhook that says only that it is a test.
    pub async fn test(&self, id: WebhookId, actor: &Actor) -> Result<DeliveryRow, Error> {
        let now = self.core.clock.now();
        let mut tx = self.core.store.write().await?;
        let webhook = own(&mut tx, id, actor).await?;
        must_be_active(&webhook)?;
        let delivery =
            facts::delivery(&self.core, &mut tx, id, Event::Test, facts::test(id, now)?, now).await?;
        tx.commit().await?;
        self.core.bus.wake(TOPIC);
        Ok(delivery)
    }

    /// What was sent to a webhook, the newest first.
    pub async fn deliveries(
        &self,
        id: WebhookId,
        request: &Request,
        actor: &Actor,
    ) -> Result<Slice<DeliveryRow>, Error> {
        let ask = request.ask(LIST, Place::TOP)?;
        let mut tx = self.core.store.read();
        own(&mut tx, id, actor).await?;
        let found = rows::list_deliveries(&mut tx, id, ask.start, ask.rows).await?;
        request.cut(LIST, found, |row| Place::new(row.created_at, row.id.0))
    }

    /// Sends something once more, with the id that it had.
    pub async fn retry(
        &self,
        id: WebhookId,
        delivery: DeliveryId,
        actor: &Actor,
    ) -> Result<DeliveryRow, Error> {
        let mut tx = self.core.store.write().await?;
        let webhook = own(&mut tx, id, actor).await?;
        let mut row = rows::find_delivery(&mut tx, id, delivery)
            .await?
            .ok_or_else(no_delivery)?;
        must_be_active(&webhook)?;
        if row.next_at.is_none() && rows::waiting(&mut tx, id, MOST_WAITING).await? >= MOST_WAITING {
            let message = "Too much waits for this webhook already.";
            return Err(Error::refused(Kind::Conflict, "too_many_waiting", message));
        }
        row.state = State::Pending;
        row.next_at = Some(self.core.clock.now());
        rows::save_delivery(&mut tx, &row, self.core.clock.now()).await?;
        tx.commit().await?;
        self.core.bus.wake(TOPIC);
        Ok(row)
    }
}

fn must_be_active(webhook: &WebhookRow) -> Result<(), Error> {
    if webhook.active {
        return Ok(());
    }
    let message = "This webhook is switched off.";
    Err(Error::refused(Kind::Conflict, "webhook_inactive", message))
}
