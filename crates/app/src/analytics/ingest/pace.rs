//! How often one session, and one address, may tell something.
//!
//! Tables of a fixed size, by hash: whatever is sent, no more memory is used. Who shares a place with others shares
//! their pace; the paces leave room for that.

use std::sync::atomic::{AtomicI64, Ordering};

/// A pace of requests.
#[derive(Debug)]
pub(super) struct Pace {
    /// When each place is at rest again, in milliseconds of the steady clock.
    places: Vec<AtomicI64>,
    /// What one request takes.
    cost_ms: i64,
    /// How far ahead of the time somebody may be.
    burst_ms: i64,
}

impl Pace {
    /// `per_minute` requests go on for ever; `burst` may come at once.
    pub(super) fn new(places: usize, per_minute: i64, burst: i64) -> Self {
        let cost_ms = (60_000 / per_minute.max(1)).max(1);
        Self {
            places: (0..places.max(1)).map(|_| AtomicI64::new(0)).collect(),
            cost_ms,
            burst_ms: burst * cost_ms,
        }
    }

    /// Counts one request, or tells in how many milliseconds it may come.
    pub(super) fn count(&self, hash: u64, now_ms: i64) -> Result<(), i64> {
        let Some(place) = self.places.get((hash % self.places.len() as u64) as usize) else {
            return Ok(());
        };
        let counted = place.fetch_update(Ordering::Relaxed, Ordering::Relaxed, |rest_ms| {
            let rest_ms = rest_ms.max(now_ms) + self.cost_ms;
            (rest_ms - now_ms <= self.burst_ms).then_some(rest_ms)
        });
        counted
            .map(|_| ())
            .map_err(|rest_ms| rest_ms + self.cost_ms - now_ms - self.burst_ms)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_burst_passes_and_then_one_at_a_time() {
        let pace = Pace::new(16, 60, 5);
        assert!((0..5).all(|_| pace.count(3, 10_000).is_ok()));
        assert_eq!(pace.count(3, 10_000), Err(1_000));
        assert_eq!(pace.count(3, 10_400), Err(600));
        assert_eq!(pace.count(4, 10_400), Ok(()), "somebody else");
        assert_eq!(pace.count(3, 11_000), Ok(()));
        assert_eq!(pace.count(3, 11_000), Err(1_000));
        assert!((0..5).all(|_| pace.count(3, 100_000).is_ok()), "at rest again");
    }
}
