//! How often someone may fail to sign in: ten times in a quarter of an hour for an account, thirty
//! for an address (security.md A2). Nobody is locked out for longer than that.

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use model::Clock;
use moka::sync::Cache;

use crate::error::{Error, Kind, Refusal};

const WINDOW_MS: i64 = 15 * 60 * 1000;
const PER_ACCOUNT: u32 = 10;
const PER_ADDRESS: u32 = 30;
/// Keys remembered at the most; the least used are forgotten first.
const KEYS: u64 = 100_000;

struct Window {
    began_ms: i64,
    count: AtomicU32,
}

/// Counts failed attempts; an attempt counts from its start, so that many at once count too.
pub(crate) struct Attempts {
    clock: Clock,
    on: bool,
    windows: Cache<String, Arc<Window>>,
}

impl Attempts {
    pub(crate) fn new(clock: Clock, on: bool) -> Self {
        let windows = Cache::builder()
            .max_capacity(KEYS)
            .time_to_live(Duration::from_millis(WINDOW_MS.unsigned_abs()))
            .build();
        Self { clock, on, windows }
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
            let window = self.window(key);
            if window.count.fetch_add(1, Ordering::Relaxed) >= most {
                let left_ms = WINDOW_MS - (self.clock.now().0 - window.began_ms);
                let seconds = u32::try_from(left_ms / 1000).unwrap_or(0).max(1);
                let message = "Too many failed attempts. Try again later.";
                return Err(Refusal::new(Kind::TooMany, "too_many_attempts", message)
                    .retry_after(seconds)
                    .into());
            }
        }
        Ok(())
    }

    /// The attempt was not a failure after all.
    pub(crate) fn succeeded(&self, account: Option<&str>, address: &str) {
        if self.on {
            if let Some(account) = account {
                self.windows.invalidate(&format!("a:{account}"));
            }
            let window = self.window(format!("i:{address}"));
            let _ = window
                .count
                .fetch_update(Ordering::Relaxed, Ordering::Relaxed, |n| n.checked_sub(1));
        }
    }
}
