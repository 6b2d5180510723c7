//! Quotas: how much one person may store, and upload in a day. Refused before the bytes come.
//!
//! What counts is what a person's videos take up with all that was made of them, what their open uploads
//! have reserved, and what requests under way have. Renditions that are made later are not foreseen: they may
//! carry somebody over their quota, after which nothing more is taken.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use model::{Millis, UserId};
use store::Tx;
use store::quotas::{self as rows, UsageRow};
use tokio::sync::MutexGuard;

use crate::core::Core;
use crate::error::{Error, Kind};

const DAY_MS: i64 = 24 * 3_600_000;

/// Judges what may be stored. One at a time, so that two requests do not both take the same room.
#[derive(Debug)]
pub struct Quotas {
    core: Arc<Core>,
    turn: tokio::sync::Mutex<()>,
    passing: Passing,
}

/// Bytes that requests under way may bring, by person. They live no longer than the requests, so not in
/// the store.
type Passing = Arc<Mutex<HashMap<UserId, u64>>>;

/// What one person stores and may store.
#[derive(Debug, Clone)]
pub struct Usage {
    /// Who.
    pub row: UsageRow,
    /// Bytes reserved by open uploads and requests under way.
    pub reserved_bytes: u64,
    /// The most they may store; `None`: no bound.
    pub quota_bytes: Option<u64>,
    /// Bytes of uploads taken today (UTC).
    pub day_bytes: u64,
    /// The most that may be taken in a day; `None`: no bound.
    pub daily_bytes: Option<u64>,
}

/// Room that a request under way has. Given back when it is dropped.
#[derive(Debug)]
pub struct Reservation {
    quotas: Arc<Quotas>,
    user: UserId,
    bytes: u64,
}

/// Days since the epoch, UTC.
fn day_of(now: Millis) -> i64 {
    now.0.div_euclid(DAY_MS)
}

/// 0 in settings and rows stands for no bound.
fn bound(bytes: u64) -> Option<u64> {
    (bytes > 0).then_some(bytes)
}

impl Usage {
    /// Refuses `extra_bytes` more.
    pub fn admit(&self, extra_bytes: u64) -> Result<(), Error> {
        let room = |most: Option<u64>, taken: u64| {
            most.map(|most| most.saturating_sub(taken.saturating_add(self.reserved_bytes)))
        };
        let stored = room(self.quota_bytes, self.row.stored_bytes);
        if let Some(left) = stored.filter(|left| extra_bytes > *left) {
            return Err(exceeded(format!(
                "Your quota leaves room for {}; this needs {}. Remove videos to make more.",
                size(left),
                size(extra_bytes)
            )));
        }
        let today = room(self.daily_bytes, self.day_bytes);
        if let Some(left) = today.filter(|left| extra_bytes > *left) {
            return Err(exceeded(format!(
                "You may upload {} more today (UTC); this needs {}.",
                size(left),
                size(extra_bytes)
            )));
        }
        Ok(())
    }
}

fn exceeded(message: String) -> Error {
    Error::refused(Kind::TooLarge, "quota_exceeded", message)
}

/// A number of bytes for people.
pub fn size(bytes: u64) -> String {
    let amount = bytes as f64;
    match bytes {
        0..1_000 => format!("{bytes} bytes"),
        1_000..1_000_000 => format!("{:.1} kB", amount / 1e3),
        1_000_000..1_000_000_000 => format!("{:.1} MB", amount / 1e6),
        _ => format!("{:.2} GB", amount / 1e9),
    }
}

impl Quotas {
    pub(crate) fn new(core: Arc<Core>) -> Self {
        Self {
            core,
            turn: tokio::sync::Mutex::new(()),
            passing: Passing::default(),
        }
    }

    /// Held from the look at what is left to the row or reservation that takes it.
    pub(crate) async fn turn(&self) -> MutexGuard<'_, ()> {
        self.turn.lock().await
    }

    /// What this person stores and may store.
    pub async fn usage(&self, tx: &mut Tx, user: UserId) -> Result<Usage, Error> {
        let row = rows::usage(tx, user).await?.ok_or_else(Error::no_user)?;
        Ok(self.judge(row))
    }

    /// A row in the light of this instance's settings.
    pub fn judge(&self, row: UsageRow) -> Usage {
        let settings = &self.core.settings;
        let passing = self.passing.lock().unwrap_or_else(PoisonError::into_inner);
        let under_way = passing.get(&row.user_id).copied().unwrap_or(0);
        let today = day_of(self.core.clock.now());
        Usage {
            reserved_bytes: row.reserved_bytes.saturating_add(under_way),
            quota_bytes: bound(row.quota_bytes.unwrap_or(settings.user_quota_bytes)),
            day_bytes: if row.day == today { row.day_bytes } else { 0 },
            daily_bytes: bound(settings.user_daily_bytes),
            row,
        }
    }

    /// Room for a request that may bring `bytes`, or a refusal.
    pub async fn reserve(self: &Arc<Self>, user: UserId, bytes: u64) -> Result<Reservation, Error> {
        let mut reservation = Reservation {
            quotas: Arc::clone(self),
            user,
            bytes: 0,
        };
        reservation.grow_to(bytes).await?;
        Ok(reservation)
    }

    /// Counts an upload that is taken, in the transaction that takes it.
    pub(crate) async fn count_day(&self, tx: &mut Tx, user: UserId, bytes: i64) -> Result<(), Error> {
        let today = day_of(self.core.clock.now());
        Ok(rows::count_day(tx, user, today, bytes).await?)
    }

    fn pass(&self, user: UserId, more: u64, less: u64) {
        let mut passing = self.passing.lock().unwrap_or_else(PoisonError::into_inner);
        let bytes = passing.entry(user).or_default();
        *bytes = bytes.saturating_add(more).saturating_sub(less);
        if *bytes == 0 {
            passing.remove(&user);
        }
    }
}

impl Reservation {
    /// Takes room for `bytes` in all, or refuses and keeps what it has.
    pub async fn grow_to(&mut self, bytes: u64) -> Result<(), Error> {
        let extra = bytes.saturating_sub(self.bytes);
        if extra == 0 {
            return Ok(());
        }
        let _turn = self.quotas.turn().await;
        let usage = self
            .quotas
            .usage(&mut self.quotas.core.store.read(), self.user)
            .await?;
        usage.admit(extra)?;
        self.quotas.pass(self.user, extra, 0);
        self.bytes = bytes;
        Ok(())
    }
}

impl Drop for Reservation {
    fn drop(&mut self) {
        self.quotas.pass(self.user, 0, self.bytes);
    }
}

#[cfg(test)]
mod tests {
    use super::size;

    #[test]
    fn sizes_are_written_for_people() {
        assert_eq!(size(999), "999 bytes");
        assert_eq!(size(12_340), "12.3 kB");
        assert_eq!(size(5_000_000), "5.0 MB");
        assert_eq!(size(21_474_836_480), "21.47 GB");
    }
}
