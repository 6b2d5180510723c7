//! How often someone may fail to sign in: ten times in a quarter of an hour for an account, thirty
//! for an address (security.md A2). Nobody is locked out for longer than that.
//!
//! Nodes tell each other of attempts, so that several do not allow several times as many. What is not heard, because
//! the bus is away or the node started since, is not counted there.

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use bus::Bus;
use model::Clock;
use moka::sync::Cache;
use serde::{Deserialize, Serialize};
use tokio_util::sync::CancellationToken;

use crate::core::hear;
use crate::error::{Error, Kind, Refusal};

const WINDOW_MS: i64 = 15 * 60 * 1000;
const PER_ACCOUNT: u32 = 10;
const PER_ADDRESS: u32 = 30;
/// Keys remembered at the most; the least used are forgotten first.
const KEYS: u64 = 100_000;
/// The longest key that is taken from another node, in bytes; names and addresses are shorter.
const KEY_BYTES: usize = 512;
/// Under which nodes tell each other.
const TOPIC: &str = "attempts";

/// What happened to the count of a key at another node.
#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
enum Said {
    Begun(String),
    /// The attempt did not fail after all.
    Taken(String),
    /// No attempt counts any more.
    Cleared(String),
}

struct Window {
    began_ms: i64,
    count: AtomicU32,
}

/// Counts failed attempts; an attempt counts from its start, so that many at once count too.
pub(crate) struct Attempts {
    clock: Clock,
    bus: Bus,
    on: bool,
    windows: Cache<String, Arc<Window>>,
}

impl Attempts {
    pub(crate) fn new(clock: Clock, bus: Bus, on: bool) -> Self {
        let windows = Cache::builder()
            .max_capacity(KEYS)
            .time_to_live(Duration::from_millis(WINDOW_MS.unsigned_abs()))
            .build();
        Self {
            clock,
            bus,
            on,
            windows,
        }
    }

    fn window(&self, key: String) -> Arc<Window> {
        let now = self.clock.now().0;
        let window = self.windows.get_with(key.clone(), || {
            Arc::new(Window {
                began_ms: now,
                count: AtomicU32::new(0),
            })
        });
        if now - window.began_ms < WINDOW_MS {
            return window;
        }
        let fresh = Arc::new(Window {
            began_ms: now,
            count: AtomicU32::new(0),
        });
        self.windows.insert(key, Arc::clone(&fresh));
        fresh
    }

    /// Counts an attempt, or refuses it. The address comes first: one that has used up its own attempts
    /// must not go on to use up those of accounts. `account` is a well-formed name, so keys stay short.
    pub(crate) fn begin(&self, account: Option<&str>, address: &str) -> Result<(), Error> {
        if !self.on {
            return Ok(());
        }
        let address = Some((format!("i:{address}"), PER_ADDRESS));
        let account = account.map(|account| (format!("a:{account}"), PER_ACCOUNT));
        for (key, most) in [address, account].into_iter().flatten() {
            let window = self.window(key.clone());
            if window.count.fetch_add(1, Ordering::Relaxed) >= most {
                let left_ms = WINDOW_MS - (self.clock.now().0 - window.began_ms);
                let seconds = u32::try_from(left_ms / 1000).unwrap_or(0).max(1);
                let message = "Too many failed attempts. Try again later.";
                return Err(Refusal::new(Kind::TooMany, "too_many_attempts", message)
                    .retry_after(seconds)
                    .into());
            }
            self.say(&Said::Begun(key));
        }
        Ok(())
    }

    /// The attempt was not a failure after all.
    pub(crate) fn succeeded(&self, account: Option<&str>, address: &str) {
        if self.on {
            let cleared = account.map(|account| Said::Cleared(format!("a:{account}")));
            for said in cleared.into_iter().chain([Said::Taken(format!("i:{address}"))]) {
                self.apply(&said);
                self.say(&said);
            }
        }
    }

    fn apply(&self, said: &Said) {
        match said {
            Said::Begun(key) => {
                self.window(key.clone()).count.fetch_add(1, Ordering::Relaxed);
            }
            Said::Taken(key) => {
                let window = self.window(key.clone());
                let _ = window
                    .count
                    .fetch_update(Ordering::Relaxed, Ordering::Relaxed, |n| n.checked_sub(1));
            }
            Said::Cleared(key) => self.windows.invalidate(key),
        }
    }

    fn say(&self, said: &Said) {
        if self.bus.has_other_nodes()
            && let Ok(text) = serde_json::to_vec(said)
        {
            self.bus.signal(TOPIC, text.into());
        }
    }

    /// Counts what other nodes tell, until `stop`.
    pub(crate) async fn hear(&self, stop: CancellationToken) {
        hear(&self.bus, TOPIC, &stop, |text| {
            if self.on
                && let Ok(said) = serde_json::from_slice(text)
                && let Said::Begun(key) | Said::Taken(key) | Said::Cleared(key) = &said
                && key.len() <= KEY_BYTES
            {
                self.apply(&said);
            }
        })
        .await;
    }
}
