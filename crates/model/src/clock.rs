//! Wall-clock time: [`Millis`] as a value, [`Clock`] as its source.
//!
//! Leases and deadlines go by [`Clock::steady`], which does not jump when somebody sets the machine's clock.

use std::fmt;
use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::{Arc, LazyLock};
use std::time::{Duration, Instant};

use jiff::Timestamp;
use jiff::fmt::temporal::DateTimePrinter;
use serde::{Serialize, Serializer};

/// Milliseconds since 1970-01-01T00:00:00Z; the form in which the store keeps every time.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Millis(pub i64);

/// ISO 8601 with exactly three decimals, as `api-v1` asks.
static WIRE_FORMAT: DateTimePrinter = DateTimePrinter::new().precision(Some(3));

impl Millis {
    /// This time moved by `delta_ms` (negative: into the past), held at the ends of the range.
    #[must_use]
    pub fn plus_ms(self, delta_ms: i64) -> Self {
        Self(self.0.saturating_add(delta_ms))
    }

    /// How many milliseconds lie between `earlier` and this time; negative when it is later.
    pub fn since(self, earlier: Self) -> i64 {
        self.0.saturating_sub(earlier.0)
    }

    /// Whole seconds since the epoch, as JWT claims and HTTP dates count.
    pub fn as_seconds(self) -> i64 {
        self.0.div_euclid(1000)
    }
}

impl fmt::Display for Millis {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let at = Timestamp::from_millisecond(self.0).map_err(|_| fmt::Error)?;
        f.write_str(&WIRE_FORMAT.timestamp_to_string(&at))
    }
}

impl Serialize for Millis {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

/// Where the present time comes from: the machine, or a test that moves it by hand.
#[derive(Debug, Clone, Default)]
pub struct Clock(Source);

#[derive(Debug, Clone, Default)]
enum Source {
    #[default]
    System,
    Manual(Arc<Hands>),
}

/// Where a manual clock stands.
#[derive(Debug)]
struct Hands {
    /// Milliseconds since the epoch.
    wall: AtomicI64,
    /// Milliseconds since the clock was made.
    steady: AtomicI64,
}

/// What the steady time of the machine's clock counts from.
static BEGINNING: LazyLock<Instant> = LazyLock::new(Instant::now);

impl Clock {
    /// The machine's clock.
    pub fn system() -> Self {
        Self(Source::System)
    }

    /// A clock that stands still at `start` until [`Clock::advance`] moves it.
    pub fn manual(start: Millis) -> Self {
        Self(Source::Manual(Arc::new(Hands {
            wall: AtomicI64::new(start.0),
            steady: AtomicI64::new(0),
        })))
    }

    /// The present time.
    #[expect(
        clippy::disallowed_methods,
        reason = "this is the one place that asks the machine"
    )]
    pub fn now(&self) -> Millis {
        match &self.0 {
            Source::System => {
                let since = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH);
                Millis(since.map_or(0, |d| i64::try_from(d.as_millis()).unwrap_or(i64::MAX)))
            }
            Source::Manual(hands) => Millis(hands.wall.load(Ordering::SeqCst)),
        }
    }

    /// Time since some moment in this process's past. It only grows, whatever becomes of the present time; two
    /// processes cannot compare theirs.
    pub fn steady(&self) -> Duration {
        match &self.0 {
            Source::System => BEGINNING.elapsed(),
            Source::Manual(hands) => {
                Duration::from_millis(hands.steady.load(Ordering::SeqCst).unsigned_abs())
            }
        }
    }

    /// Lets `delta_ms` pass on a manual clock, in both of its times; the machine's clock is left alone.
    pub fn advance(&self, delta_ms: i64) {
        if let Source::Manual(hands) = &self.0 {
            hands.wall.fetch_add(delta_ms, Ordering::SeqCst);
            hands.steady.fetch_add(delta_ms.max(0), Ordering::SeqCst);
        }
    }

    /// Sets a manual clock forward or back by `delta_ms`, as somebody sets the machine's: no time passes.
    pub fn jump(&self, delta_ms: i64) {
        if let Source::Manual(hands) = &self.0 {
            hands.wall.fetch_add(delta_ms, Ordering::SeqCst);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_time_is_written_with_three_decimals_and_z() {
        assert_eq!(Millis(0).to_string(), "1970-01-01T00:00:00.000Z");
        assert_eq!(Millis(1_700_000_000_120).to_string(), "2023-11-14T22:13:20.120Z");
    }

    #[test]
    fn a_manual_clock_moves_only_when_told() {
        let clock = Clock::manual(Millis(5));
        assert_eq!(clock.now(), Millis(5));
        clock.advance(10);
        assert_eq!(clock.now(), Millis(15));
    }

    #[test]
    fn steady_time_passes_and_does_not_jump() {
        let clock = Clock::manual(Millis(1_000));
        let begun = clock.steady();
        clock.jump(-3_600_000);
        assert_eq!((clock.now(), clock.steady()), (Millis(-3_599_000), begun));
        clock.advance(2_000);
        assert_eq!(clock.steady(), begun + Duration::from_secs(2));
        let system = Clock::system();
        let earlier = system.steady();
        assert!(system.steady() >= earlier);
    }
}
