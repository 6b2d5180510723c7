//! What happens, told to those whom it concerns while they listen.
//!
//! An event is a hint to look, not the fact itself: whoever misses one is told so ([`Heard::Missed`]) and
//! looks again. What becomes of events on the wire is `api::events`.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use bus::{Audience, Event, Events as Subscription, Missed};
use serde::Serialize;

use crate::core::Core;
use crate::sessions::Actor;

/// Tells and listens.
#[derive(Debug)]
pub struct Events {
    core: Arc<Core>,
    last_id: AtomicU64,
}

impl Events {
    pub(crate) fn new(core: Arc<Core>) -> Self {
        Self {
            core,
            last_id: AtomicU64::new(0),
        }
    }

    /// Tells `audience` that something happened.
    pub(crate) fn tell<P: Serialize>(&self, kind: &'static str, audience: Audience, payload: &P) {
        let payload = match serde_json::to_string(payload) {
            Ok(payload) => payload,
            Err(error) => {
                tracing::error!(error = %error, kind, "Could not write an event");
                return;
            }
        };
        self.core.bus.publish(Event {
            id: self.next_id(),
            kind,
            audience,
            payload: payload.into(),
        });
    }

    /// Microseconds since the epoch, and one more than the last wherever that would not grow.
    fn next_id(&self) -> u64 {
        let now = u64::try_from(self.core.clock.now().0)
            .unwrap_or(0)
            .saturating_mul(1000);
        let step = |last: u64| Some(now.max(last.saturating_add(1)));
        let last = self
            .last_id
            .fetch_update(Ordering::Relaxed, Ordering::Relaxed, step)
            .unwrap_or_default();
        now.max(last.saturating_add(1))
    }

    /// What `actor` may hear, from now on.
    pub fn listen(&self, actor: Actor) -> Feed {
        Feed {
            events: self.core.bus.subscribe(),
            actor,
        }
    }
}

/// One listener's events.
#[derive(Debug)]
pub struct Feed {
    events: Subscription,
    actor: Actor,
}

/// What a listener hears.
#[derive(Debug)]
pub enum Heard {
    /// Something that concerns them.
    Event(Event),
    /// They were too slow, and some passed them by.
    Missed,
    /// Nothing will come any more.
    Over,
}

impl Feed {
    /// The next event for this listener. Dropping the future loses none.
    pub async fn next(&mut self) -> Heard {
        loop {
            match self.events.next().await {
                Ok(event) if self.concerns(event.audience) => return Heard::Event(event),
                Ok(_) => {}
                Err(Missed::Events(_)) => return Heard::Missed,
                Err(Missed::Closed) => return Heard::Over,
            }
        }
    }

    fn concerns(&self, audience: Audience) -> bool {
        match audience {
            Audience::Everyone => true,
            Audience::User(user) => user == self.actor.user_id,
            Audience::Admins => self.actor.is_admin(),
        }
    }
}
