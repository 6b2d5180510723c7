//! How often one caller may do what costs much, by class of route. Sign-in attempts are counted in
//! `app`, because they count failures and accounts.

use std::num::NonZeroU32;

use app::{Kind, Refusal};
use governor::clock::{Clock, DefaultClock};
use governor::{DefaultKeyedRateLimiter, Quota, RateLimiter};

use crate::problem::Problem;

/// What a route costs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Class {
    /// Reading and everything cheap: not counted.
    Free,
    /// What players tell: `app::analytics::ingest` counts it by session and address.
    Beacon,
    /// Making accounts and hashing passwords.
    Account,
    /// Changing things.
    Change,
    /// Reading much: searches, whole sitemaps and feeds.
    Search,
    /// Telling moderators of something: people have to read it.
    Report,
    /// Writing what others are shown at once: comments, tweets. Nobody writes as fast as they click.
    Post,
}

/// Keys are forgotten when they are at rest, and all are when there are this many.
const KEYS: usize = 100_000;

/// Counts by caller and class.
#[derive(Debug)]
pub struct Limiter {
    on: bool,
    clock: DefaultClock,
    account: DefaultKeyedRateLimiter<String>,
    change: DefaultKeyedRateLimiter<String>,
    post: DefaultKeyedRateLimiter<String>,
    report: DefaultKeyedRateLimiter<String>,
    search: DefaultKeyedRateLimiter<String>,
}

impl Limiter {
    /// A limiter that counts only when it is `on`.
    pub fn new(on: bool) -> Self {
        let quota = |per_minute: u32, burst: u32| {
            let one = NonZeroU32::MIN;
            Quota::per_minute(NonZeroU32::new(per_minute).unwrap_or(one))
                .allow_burst(NonZeroU32::new(burst).unwrap_or(one))
        };
        Self {
            on,
            clock: DefaultClock::default(),
            account: RateLimiter::keyed(quota(6, 30)),
            change: RateLimiter::keyed(quota(240, 120)),
            post: RateLimiter::keyed(quota(20, 20)),
            report: RateLimiter::keyed(quota(4, 20)),
            search: RateLimiter::keyed(quota(120, 60)),
        }
    }

    /// Counts one call of `class` by `caller` (a user or an address), or refuses it.
    pub fn count(&self, class: Class, caller: impl FnOnce() -> String) -> Result<(), Problem> {
        let limiter = match class {
            Class::Free | Class::Beacon => return Ok(()),
            _ if !self.on => return Ok(()),
            Class::Account => &self.account,
            Class::Change => &self.change,
            Class::Post => &self.post,
            Class::Report => &self.report,
            Class::Search => &self.search,
        };
        if limiter.len() > KEYS {
            limiter.retain_recent();
        }
        limiter.check_key(&caller()).map_err(|until| {
            let wait = until.wait_time_from(self.clock.now()).as_secs() + 1;
            Refusal::new(
                Kind::TooMany,
                "too_many_requests",
                "Too many requests. Slow down a little.",
            )
            .retry_after(u32::try_from(wait).unwrap_or(60))
            .into()
        })
    }
}
