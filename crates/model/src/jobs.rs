//! Background work: the states of a job and when a failed one is tried again.
//!
//! What each kind of job does lies in `app::jobs`; how rows are leased, in `store::jobs`.

use serde::Serialize;

/// Where a job is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum JobState {
    /// Waits for its time and a free worker.
    Queued,
    /// A worker holds its lease.
    Running,
    /// Ended well.
    Done,
    /// Ended badly, for good; `last_error` says why.
    Dead,
    /// Ended by its owner before it was done.
    Cancelled,
}

impl JobState {
    /// The number the store keeps.
    pub fn code(self) -> i64 {
        match self {
            Self::Queued => 0,
            Self::Running => 1,
            Self::Done => 2,
            Self::Dead => 3,
            Self::Cancelled => 4,
        }
    }

    /// The state behind a stored number; an unknown number reads as dead.
    pub fn from_code(code: i64) -> Self {
        match code {
            0 => Self::Queued,
            1 => Self::Running,
            2 => Self::Done,
            4 => Self::Cancelled,
            _ => Self::Dead,
        }
    }
}

/// How often a job is started at most before it is given up.
pub const MAX_ATTEMPTS: i64 = 3;

/// How long to wait before attempt number `attempt + 1`: 2 s, 8 s, 32 s, … at most ten minutes.
pub fn backoff_ms(attempt: i64) -> i64 {
    let doublings = u32::try_from(attempt.clamp(1, 8) - 1).unwrap_or(0);
    2_000_i64
        .saturating_mul(4_i64.saturating_pow(doublings))
        .min(600_000)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn waiting_grows_and_is_bounded() {
        assert_eq!([1, 2, 3, 100].map(backoff_ms), [2_000, 8_000, 32_000, 600_000]);
    }
}
