//! Background work: the states of a job, how jobs are ordered, when a failed one is tried again, and how
//! long one will take.
//!
//! What each kind of job does lies in `app::jobs`; how rows are leased, in `store::jobs`.

use serde::{Deserialize, Serialize};

/// Where a job is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
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
    /// All of them.
    pub const ALL: [Self; 5] = [
        Self::Queued,
        Self::Running,
        Self::Done,
        Self::Dead,
        Self::Cancelled,
    ];

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

    /// Its name on the wire.
    pub fn name(self) -> &'static str {
        match self {
            Self::Queued => "queued",
            Self::Running => "running",
            Self::Done => "done",
            Self::Dead => "dead",
            Self::Cancelled => "cancelled",
        }
    }

    /// The state of this wire name.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|state| state.name() == name)
    }

    /// Whether the job is still to be done.
    pub fn is_live(self) -> bool {
        matches!(self, Self::Queued | Self::Running)
    }
}

/// Which workers a job waits for. Each lane has its own, so that a copy of a second never waits behind an
/// encode of an hour.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Lane {
    /// Copies, removals: what takes seconds.
    Quick,
    /// What keeps processors busy.
    Encode,
}

impl Lane {
    /// All of them.
    pub const ALL: [Self; 2] = [Self::Quick, Self::Encode];

    /// The number the store keeps.
    pub fn code(self) -> i64 {
        match self {
            Self::Quick => 0,
            Self::Encode => 1,
        }
    }

    /// The lane behind a stored number; an unknown number is the lane with the longer breath.
    pub fn from_code(code: i64) -> Self {
        match code {
            0 => Self::Quick,
            _ => Self::Encode,
        }
    }

    /// Its name in metrics and lists.
    pub fn name(self) -> &'static str {
        match self {
            Self::Quick => "quick",
            Self::Encode => "encode",
        }
    }
}

/// What an admin has said about a job. Goes before fairness between users.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Urgency {
    /// Before everybody's.
    Urgent,
    /// In turn.
    #[default]
    Normal,
    /// When nothing else of its lane waits.
    Low,
}

impl Urgency {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::Urgent, Self::Normal, Self::Low];

    /// The number the store keeps.
    pub fn code(self) -> i64 {
        match self {
            Self::Urgent => 0,
            Self::Normal => 1,
            Self::Low => 2,
        }
    }

    /// The urgency behind a stored number; an unknown number is normal.
    pub fn from_code(code: i64) -> Self {
        match code {
            0 => Self::Urgent,
            2 => Self::Low,
            _ => Self::Normal,
        }
    }

    /// Its name on the wire.
    pub fn name(self) -> &'static str {
        match self {
            Self::Urgent => "urgent",
            Self::Normal => "normal",
            Self::Low => "low",
        }
    }

    /// The urgency of this wire name.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|urgency| urgency.name() == name)
    }
}

/// How often a job is started at most before it is given up.
pub const MAX_ATTEMPTS: i64 = 3;

/// How long to wait before attempt number `attempt + 1`: about 2 s, 8 s, 32 s, … at most ten minutes. `dice`
/// is any random number: it takes up to a quarter away, so that jobs that failed together do not come back
/// together.
pub fn backoff_ms(attempt: i64, dice: u32) -> i64 {
    let doublings = u32::try_from(attempt.clamp(1, 8) - 1).unwrap_or(0);
    let longest = 2_000_i64
        .saturating_mul(4_i64.saturating_pow(doublings))
        .min(600_000);
    longest - longest / 4 * i64::from(dice % 1024) / 1024
}

/// Before this share of the work is done, and before [`ETA_AFTER_MS`], an estimate would be a guess.
const ETA_AFTER: f64 = 0.03;
const ETA_AFTER_MS: u64 = 2_000;
/// An estimate longer than this says no more than "long": 30 days, in seconds.
const ETA_MOST_S: f64 = 30.0 * 24.0 * 3600.0;

/// How many seconds are left of a run that has done `progress` (0 to 1) of its work in `elapsed_ms`, were it to
/// go on at the same pace. Nothing until 3 % are done or two seconds are over, and nothing from nothing.
pub fn eta_seconds(progress: f64, elapsed_ms: u64) -> Option<u32> {
    if !(progress > 0.0 && progress <= 1.0) || (progress < ETA_AFTER && elapsed_ms < ETA_AFTER_MS) {
        return None;
    }
    let left_s = elapsed_ms as f64 / 1000.0 * (1.0 - progress) / progress;
    (left_s <= ETA_MOST_S).then(|| left_s.round() as u32)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn waiting_grows_and_is_bounded() {
        let longest = |attempt| backoff_ms(attempt, 0);
        assert_eq!([1, 2, 3, 100].map(longest), [2_000, 8_000, 32_000, 600_000]);
        assert_eq!(longest(-5), 2_000);
    }

    #[test]
    fn jobs_that_failed_together_do_not_come_back_together() {
        let waits: Vec<i64> = (0..1024).map(|dice| backoff_ms(2, dice)).collect();
        assert!(waits.iter().all(|wait| (6_000..=8_000).contains(wait)));
        assert!(waits.iter().min() < Some(&6_100), "the quarter is used");
        assert_eq!(backoff_ms(2, u32::MAX), backoff_ms(2, 1023));
    }

    #[test]
    fn an_estimate_is_what_the_present_pace_would_take() {
        assert_eq!(eta_seconds(0.5, 10_000), Some(10));
        assert_eq!(eta_seconds(0.25, 10_000), Some(30));
        assert_eq!(eta_seconds(0.99, 99_000), Some(1));
        assert_eq!(eta_seconds(1.0, 5_000), Some(0));
        assert_eq!(eta_seconds(0.001, 10_000), Some(9_990), "slow, but measured");
    }

    #[test]
    fn nothing_is_said_before_there_is_something_to_go_by() {
        assert_eq!(eta_seconds(0.0, 60_000), None);
        assert_eq!(eta_seconds(0.029, 1_999), None);
        assert_eq!(eta_seconds(0.03, 300), Some(10), "enough is done");
        assert_eq!(eta_seconds(0.01, 2_000), Some(198), "enough time is over");
    }

    #[test]
    fn nonsense_is_no_estimate() {
        for progress in [f64::NAN, -1.0, 1.5, f64::INFINITY] {
            assert_eq!(eta_seconds(progress, 10_000), None, "{progress}");
        }
        assert_eq!(
            eta_seconds(f64::MIN_POSITIVE, u64::MAX),
            None,
            "longer than anyone waits"
        );
    }

    #[test]
    fn what_the_store_keeps_reads_back_the_same() {
        for state in JobState::ALL {
            assert_eq!(JobState::from_code(state.code()), state);
            assert_eq!(JobState::from_name(state.name()), Some(state));
        }
        for urgency in Urgency::ALL {
            assert_eq!(Urgency::from_code(urgency.code()), urgency);
            assert_eq!(Urgency::from_name(urgency.name()), Some(urgency));
        }
        for lane in Lane::ALL {
            assert_eq!(Lane::from_code(lane.code()), lane);
        }
        assert_eq!(JobState::from_code(99), JobState::Dead);
        assert_eq!(Urgency::from_code(99), Urgency::Normal);
    }
}
