//! Who a viewer is without saying so: keyed hashes of accounts, and of addresses with what the browser calls itself.
//!
//! Accounts are hashed with a key of the key file, so that somebody who is signed in stays one viewer over midnight.
//! Everybody else is hashed with a random salt that is another one every day (UTC). The salt of the day before is kept
//! until six hours after midnight, for views that must not count again; then it is deleted, and nobody can find out
//! any more whose the keys of that day were.

use std::fmt::Write as _;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, PoisonError, RwLock};

use model::analytics::rule::VIEW_AGAIN_MS;
use model::analytics::{DAY_MS, SessionKey, ViewerKey};
use model::{Millis, UserId, VideoId};
use store::counters;

use crate::core::Core;
use crate::error::Error;
use crate::keys::{Keys, mac};

/// Where the store has the salts: the days since 1970 and 64 hex digits of each.
const FACT: &str = "analytics.salts";
/// What players call their sessions is believed to be of one viewer from this many bytes on; some send a constant.
const OWN_NAME_BYTES: usize = 8;

/// How a viewer is called.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Called {
    /// Now.
    pub key: ViewerKey,
    /// Until midnight, while that can matter.
    pub before: Option<ViewerKey>,
}

/// The salt of one day.
#[derive(Clone, Copy, PartialEq, Eq)]
struct Salt {
    /// Days since 1970.
    day: i64,
    bytes: [u8; 32],
}

/// The salts that there are.
#[derive(Clone, Copy, PartialEq, Eq)]
struct Known {
    today: Salt,
    yesterday: Option<Salt>,
}

/// Makes keys of viewers and sessions.
pub struct Salts {
    core: Arc<Core>,
    viewers: [u8; 32],
    sessions: [u8; 32],
    known: RwLock<Option<Known>>,
    /// Whether the store has others.
    is_unsaved: AtomicBool,
}

impl std::fmt::Debug for Salts {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Salts").finish_non_exhaustive()
    }
}

impl Known {
    /// Whether these are the salts to have at this time: one of today, and an older one only while it is needed.
    fn is_fit(&self, now: Millis) -> bool {
        let (day, ms) = day_of(now);
        // A clock that was set back a little does not make another day of the same one.
        self.today.day == day + 1
            || (self.today.day == day && (self.yesterday.is_none() || ms < VIEW_AGAIN_MS))
    }

    /// The salts to have from now on, of those that there were.
    fn renewed(found: &[Salt], now: Millis, fresh: [u8; 32]) -> Self {
        let (day, ms) = day_of(now);
        let newest = found
            .iter()
            .filter(|salt| (day..=day + 1).contains(&salt.day))
            .max_by_key(|salt| salt.day);
        let today = newest.copied().unwrap_or(Salt { day, bytes: fresh });
        let before = found.iter().find(|salt| salt.day == today.day - 1);
        let yesterday = before.filter(|_| today.day > day || ms < VIEW_AGAIN_MS);
        Self {
            today,
            yesterday: yesterday.copied(),
        }
    }
}

/// The day since 1970, and how much of it has passed.
fn day_of(at: Millis) -> (i64, i64) {
    (at.0.div_euclid(DAY_MS), at.0.rem_euclid(DAY_MS))
}

fn parse(text: &str) -> Vec<Salt> {
    let salt = |text: &str| {
        let (day, digits) = text.split_once(':')?;
        let mut bytes = [0; 32];
        hex::decode_to_slice(digits, &mut bytes).ok()?;
        Some(Salt {
            day: day.parse().ok()?,
            bytes,
        })
    };
    text.split(' ').filter_map(salt).collect()
}

fn write(known: &Known) -> String {
    let mut text = String::new();
    for salt in [Some(known.today), known.yesterday].into_iter().flatten() {
        // Writing into a string cannot fail.
        let _ = write!(text, "{}:{} ", salt.day, hex::encode(salt.bytes));
    }
    text.truncate(text.trim_end().len());
    text
}

fn half(hash: [u8; 32]) -> u128 {
    let [mut low, _] = [[0; 16]; 2];
    low.copy_from_slice(&hash[..16]);
    u128::from_le_bytes(low)
}

impl Salts {
    pub(crate) fn new(core: Arc<Core>, keys: &Keys) -> Self {
        Self {
            core,
            viewers: mac(&keys.analytics, &[b"viewers"]),
            sessions: mac(&keys.analytics, &[b"sessions"]),
            known: RwLock::new(None),
            is_unsaved: AtomicBool::new(false),
        }
    }

    /// How somebody who is signed in is called.
    pub fn of_user(&self, user: UserId) -> Called {
        let hash = half(mac(&self.viewers, &[user.as_bytes()]));
        Called {
            key: ViewerKey(hash as u64),
            before: None,
        }
    }

    /// How somebody is called who is not signed in. `address` is whatever stands for where they are.
    pub fn of_anyone(&self, address: &str, user_agent: &str) -> Called {
        let known = self.known();
        let key = |salt: Salt| {
            let hash = mac(&salt.bytes, &[address.as_bytes(), b"\0", user_agent.as_bytes()]);
            ViewerKey(half(hash) as u64)
        };
        Called {
            key: key(known.today),
            before: known.yesterday.map(key),
        }
    }

    /// What a session of a video is called that its player calls `name`. The owner's own is another one, whoever goes on
    /// with it on the same page.
    pub fn session(&self, video: VideoId, name: &str, viewer: Called, is_own: bool) -> SessionKey {
        let viewer = viewer.before.unwrap_or(viewer.key).0.to_le_bytes();
        let viewer: &[u8] = if name.len() < OWN_NAME_BYTES { &viewer } else { &[] };
        SessionKey(half(mac(
            &self.sessions,
            &[video.as_bytes(), viewer, &[u8::from(is_own)], name.as_bytes()],
        )))
    }

    /// Looks what the store has, at the start, and leaves it with the salts of the day.
    pub(super) async fn load(&self) -> Result<(), Error> {
        // Nodes of a new site that start at once all bring some, and go by those of one.
        crate::core::decided(|| self.save()).await
    }

    /// Writes new salts down and deletes what has had its time. Costs nothing where there is nothing to do.
    pub(super) async fn tidy(&self) -> Result<(), Error> {
        self.known();
        if self.is_unsaved.load(Ordering::Acquire) {
            self.save().await?;
        }
        Ok(())
    }

    async fn save(&self) -> Result<(), Error> {
        let mut tx = self.core.store.write().await?;
        let text = counters::fact(&mut tx, FACT).await?.unwrap_or_default();
        // Another node may have been first, so what the store has goes before what is random here.
        let found = parse(&text);
        let now = self.core.clock.now();
        let fresh = self.present().filter(|known| known.today.day == day_of(now).0);
        let fresh = fresh.map_or_else(rand::random, |known| known.today.bytes);
        let known = Known::renewed(&found, now, fresh);
        counters::save_fact(&mut tx, FACT, &write(&known)).await?;
        tx.commit().await?;
        *self.known.write().unwrap_or_else(PoisonError::into_inner) = Some(known);
        self.is_unsaved.store(false, Ordering::Release);
        Ok(())
    }

    fn present(&self) -> Option<Known> {
        *self.known.read().unwrap_or_else(PoisonError::into_inner)
    }

    /// The salts of this moment. New ones are made here, so that nobody who plays waits for the store; [`Self::tidy`]
    /// writes them down within about a second.
    fn known(&self) -> Known {
        let now = self.core.clock.now();
        if let Some(known) = self.present().filter(|known| known.is_fit(now)) {
            return known;
        }
        let mut place = self.known.write().unwrap_or_else(PoisonError::into_inner);
        let found: Vec<Salt> = place
            .iter()
            .flat_map(|known| [Some(known.today), known.yesterday])
            .flatten()
            .collect();
        let known = Known::renewed(&found, now, rand::random());
        *place = Some(known);
        self.is_unsaved.store(true, Ordering::Release);
        known
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const MIDNIGHT: Millis = Millis(19_783 * DAY_MS);

    fn at(hours: i64) -> Millis {
        MIDNIGHT.plus_ms(hours * 3_600_000)
    }

    fn days(known: &Known) -> (i64, Option<i64>) {
        (known.today.day, known.yesterday.map(|salt| salt.day))
    }

    #[test]
    fn salts_are_of_the_day_and_those_before_go_in_the_morning() {
        let first = Known::renewed(&[], at(-1), [1; 32]);
        assert_eq!(days(&first), (19_782, None));
        assert!(first.is_fit(at(-1)) && !first.is_fit(at(1)));
        let second = Known::renewed(&parse(&write(&first)), at(1), [2; 32]);
        assert_eq!(days(&second), (19_783, Some(19_782)));
        assert!(second.yesterday == Some(first.today), "the same bytes");
        assert!(second.is_fit(at(5)) && !second.is_fit(at(6)));
        let third = Known::renewed(&parse(&write(&second)), at(6), [3; 32]);
        assert!(third.today == second.today && third.yesterday.is_none());
        assert!(third.is_fit(at(23)));
        let later = Known::renewed(&parse(&write(&third)), at(72), [4; 32]);
        assert_eq!(days(&later), (19_786, None));
    }

    #[test]
    fn a_clock_that_is_set_back_makes_no_day_twice_and_one_far_ahead_is_not_followed() {
        let known = Known::renewed(&[], at(1), [1; 32]);
        assert!(known.is_fit(at(-1)));
        assert!(!known.is_fit(at(-48)));
        assert_eq!(
            days(&Known::renewed(&[known.today], at(-48), [2; 32])),
            (19_781, None)
        );
    }

    #[test]
    fn salts_survive_the_store_and_what_is_none_is_left_out() {
        let known = Known::renewed(
            &[Salt {
                day: 19_782,
                bytes: [7; 32],
            }],
            at(1),
            [9; 32],
        );
        assert!(parse(&write(&known)) == [known.today, known.yesterday.unwrap()]);
        assert!(parse("x:1 5:zz 7").is_empty());
    }
}
