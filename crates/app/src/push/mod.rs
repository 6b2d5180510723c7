//! Web Push: what notifications tell, told to browsers while no page is open.
//!
//! Here is what people do with their browsers; [`sealing`] makes a message, [`sender`] hears of notifications and
//! sends them. Off, unless the operator has named a contact.

pub mod sealing;
pub mod sender;

use std::sync::Arc;

use base64::Engine;
use base64::engine::general_purpose::{STANDARD_NO_PAD, URL_SAFE_NO_PAD};
use egress::Client;
use model::PushId;
use model::text::Fault;
use store::push::{self as rows, PushRow};
use store::sessions;

use self::sealing::Vapid;
use crate::core::Core;
use crate::error::{Error, Fields, Kind};
use crate::jobs::{self, mark_follows};
use crate::keys;
use crate::sessions::Actor;

/// Browsers of one person; the oldest goes when there is one more.
pub const MOST_BROWSERS: usize = 20;
/// The longest address at a push service.
const ENDPOINT_CHARS: usize = 2_000;

/// Browsers that are told of notifications.
#[derive(Debug)]
pub struct Push {
    core: Arc<Core>,
    egress: Arc<Client>,
    /// `None`: nothing is pushed here.
    vapid: Option<Vapid>,
}

/// A browser's subscription as its `PushSubscription` says it.
#[derive(Debug, Default)]
pub struct Draft {
    /// The address at the push service.
    pub endpoint: Option<String>,
    /// The browser's public key, base64.
    pub p256dh: Option<String>,
    /// Its secret, base64.
    pub auth: Option<String>,
}

fn off() -> Error {
    let message = "This server sends no push messages.";
    Error::refused(Kind::NotFound, "push_disabled", message)
}

fn bytes(text: &str) -> Result<Vec<u8>, Fault> {
    let bare = text.trim_end_matches('=');
    // Browsers say it in the one alphabet, some libraries in the other.
    let read = URL_SAFE_NO_PAD
        .decode(bare)
        .or_else(|_| STANDARD_NO_PAD.decode(bare));
    read.map_err(|_| Fault::new("malformed", "This is no base64."))
}

impl Push {
    pub(crate) fn new(core: Arc<Core>, egress: Arc<Client>, keys: &keys::Keys) -> Result<Self, Error> {
        let contact = core.settings.push_contact.as_deref();
        let vapid = contact.map(|contact| Vapid::new(&keys.push, contact)).transpose();
        let vapid = vapid.map_err(|error| Error::failed("push key", error))?;
        Ok(Self { core, egress, vapid })
    }

    /// The key that browsers are subscribed with; `None` where nothing is pushed.
    pub fn key(&self) -> Option<&str> {
        self.vapid.as_ref().map(Vapid::public)
    }

    /// Adds a browser, or gives one that is there its new keys. It is told as long as the present sign-in lives.
    pub async fn add(&self, draft: Draft, actor: &Actor) -> Result<PushRow, Error> {
        if self.vapid.is_none() {
            return Err(off());
        }
        let mut fields = Fields::default();
        let endpoint = fields.require("endpoint", draft.endpoint.as_deref(), |text| {
            if text.len() > ENDPOINT_CHARS {
                return Err(Fault::too_long(ENDPOINT_CHARS));
            }
            let target = self.egress.target(text);
            target.map_err(|fault| Fault::new("malformed", format!("The address: {fault}.")))?;
            Ok(text.to_owned())
        });
        let p256dh = fields.require("keys.p256dh", draft.p256dh.as_deref(), bytes);
        let auth = fields.require("keys.auth", draft.auth.as_deref(), bytes);
        if let (Some(p256dh), Some(auth)) = (&p256dh, &auth)
            && sealing::Keys::new(p256dh, auth).is_err()
        {
            let message = "A point of P-256 without compression, and a secret of 16 bytes.";
            fields.blame("keys", Fault::new("malformed", message));
        }
        let (Some(endpoint), Some(p256dh), Some(auth)) = (endpoint, p256dh, auth) else {
            return Err(fields.into_error());
        };
        fields.done()?;
        let now = self.core.clock.now();
        let row = PushRow {
            id: self.core.ids.next(now),
            user_id: actor.user_id,
            session_id: actor.session_id,
            endpoint,
            p256dh,
            auth,
            created_at: now,
        };
        let mut tx = self.core.store.write().await?;
        // What is added with a sign-in that has just ended would outlive it.
        sessions::standing(&mut tx, actor.session_id, now)
            .await?
            .filter(|standing| standing.live)
            .ok_or_else(Error::unauthenticated)?;
        let is_first = !rows::exists(&mut tx, actor.user_id).await?;
        rows::add(&mut tx, &row).await?;
        let later = is_first && mark_follows::begin(&self.core, &mut tx, actor.user_id).await?;
        let all = rows::list(&mut tx, actor.user_id, MOST_BROWSERS as i64 + 1).await?;
        for old in all.iter().take(all.len().saturating_sub(MOST_BROWSERS)) {
            rows::remove(&mut tx, actor.user_id, old.id).await?;
        }
        let row = rows::find(&mut tx, &row.endpoint).await?;
        tx.commit().await?;
        if later {
            self.core.bus.wake(jobs::TOPIC);
        }
        row.ok_or_else(no_browser)
    }

    /// Removes a browser of the actor's.
    pub async fn remove(&self, id: PushId, actor: &Actor) -> Result<(), Error> {
        let mut tx = self.core.store.write().await?;
        if !rows::remove(&mut tx, actor.user_id, id).await? {
            return Err(no_browser());
        }
        Ok(tx.commit().await?)
    }
}

fn no_browser() -> Error {
    let message = "Push subscription not found";
    Error::refused(Kind::NotFound, "push_subscription_not_found", message)
}
