//! How long a run may take, with signs of life and without, and after it was told to stop. Nothing here waits:
//! whoever supervises asks every second.

use std::time::Duration;

use model::jobs::Lane;

use crate::App;

/// What one heartbeat counts at most: when the whole process was asleep, its runs were too.
const LONGEST_BEAT: Duration = Duration::from_secs(5);
/// How long a run may go on after it was told to stop.
const GRACE: Duration = Duration::from_secs(30);
/// A run that is silent for longer hangs, not counting what files of its size may take.
const SILENCE: Duration = Duration::from_mins(10);
/// The longest that a run of a lane takes, whatever signs it gives.
const LONGEST_QUICK: Duration = Duration::from_hours(12);
const LONGEST_ENCODE: Duration = Duration::from_hours(48);

/// How long a run may take.
#[derive(Debug, Clone, Copy)]
pub(super) struct Bounds {
    /// Without a sign of life.
    pub(super) silence: Duration,
    /// With them.
    pub(super) total: Duration,
    /// After it was told to stop.
    pub(super) grace: Duration,
}

impl Bounds {
    pub(super) fn of(app: &App, lane: Lane) -> Self {
        // Files are synced, and rewritten with their index in front, in silence; 20 MB in a second is a slow disk.
        let rewriting_s = app.core.settings.max_upload_bytes / 20_000_000;
        Self {
            silence: SILENCE + Duration::from_secs(rewriting_s),
            total: match lane {
                Lane::Quick => LONGEST_QUICK,
                Lane::Encode => LONGEST_ENCODE,
            },
            grace: GRACE,
        }
    }
}

/// Why a run was told to stop, when not by the end of the server.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Stopped {
    /// Somebody else has the job, or nobody wants it.
    LeaseLost,
    /// It gave no sign of life.
    Silent,
    /// It took too long.
    TooLong,
}

/// What the steady clock says about a run.
#[derive(Debug)]
pub(super) struct Patience {
    bounds: Bounds,
    signs: u64,
    looked_at: Duration,
    silent: Duration,
    taken: Duration,
    stopping: Duration,
}

/// What to do with a run that goes on.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Verdict {
    Fine,
    Stop(Stopped),
    Cut,
}

impl Patience {
    pub(super) fn new(bounds: Bounds, now: Duration) -> Self {
        Self {
            bounds,
            signs: 0,
            looked_at: now,
            silent: Duration::ZERO,
            taken: Duration::ZERO,
            stopping: Duration::ZERO,
        }
    }

    pub(super) fn look(&mut self, signs: u64, is_stopping: bool, now: Duration) -> Verdict {
        let passed = now.saturating_sub(self.looked_at).min(LONGEST_BEAT);
        self.looked_at = now;
        self.taken += passed;
        self.silent = if signs == self.signs {
            self.silent + passed
        } else {
            Duration::ZERO
        };
        self.signs = signs;
        if is_stopping {
            self.stopping += passed;
            return if self.stopping >= self.bounds.grace {
                Verdict::Cut
            } else {
                Verdict::Fine
            };
        }
        if self.silent >= self.bounds.silence {
            Verdict::Stop(Stopped::Silent)
        } else if self.taken >= self.bounds.total {
            Verdict::Stop(Stopped::TooLong)
        } else {
            Verdict::Fine
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECOND: Duration = Duration::from_secs(1);

    fn bounds() -> Bounds {
        Bounds {
            silence: 60 * SECOND,
            total: 600 * SECOND,
            grace: 30 * SECOND,
        }
    }

    /// Looks every second from `from` on, `count` times, at a run whose signs are `signs(second)`; answers the
    /// first verdict that is not fine, and when it fell.
    fn looks(
        patience: &mut Patience,
        seconds: std::ops::Range<u32>,
        stopping: bool,
        signs: impl Fn(u32) -> u64,
    ) -> Option<(u32, Verdict)> {
        seconds
            .map(|second| (second, patience.look(signs(second), stopping, second * SECOND)))
            .find(|(_, verdict)| *verdict != Verdict::Fine)
    }

    #[test]
    fn a_run_that_gives_no_sign_is_told_to_stop_and_cut_off_when_it_does_not() {
        let mut patience = Patience::new(bounds(), Duration::ZERO);
        let told = looks(&mut patience, 1..1000, false, |_| 0);
        assert_eq!(told, Some((60, Verdict::Stop(Stopped::Silent))));
        let cut = looks(&mut patience, 61..1000, true, |_| 0);
        assert_eq!(cut, Some((90, Verdict::Cut)));
    }

    #[test]
    fn a_run_that_gives_signs_may_go_on_but_not_for_ever() {
        let mut patience = Patience::new(bounds(), Duration::ZERO);
        let told = looks(&mut patience, 1..10_000, false, |second| u64::from(second / 50));
        assert_eq!(told, Some((600, Verdict::Stop(Stopped::TooLong))));
    }

    #[test]
    fn a_process_that_slept_does_not_hold_that_against_its_runs() {
        let mut patience = Patience::new(bounds(), Duration::ZERO);
        assert_eq!(looks(&mut patience, 1..50, false, |_| 0), None);
        assert_eq!(patience.look(0, false, Duration::from_hours(9)), Verdict::Fine);
    }
}
