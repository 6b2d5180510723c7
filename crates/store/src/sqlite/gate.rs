//! When the committer sets out: after the first member of a group, and, while many write, not much
//! before the last one that is likely to come.

use std::time::{Duration, Instant};

use parking_lot::{Condvar, Mutex};

/// The longest that a group is held open for members that may come.
const MOST_PATIENCE: Duration = Duration::from_millis(1);

/// Where members announce themselves and the committer waits.
#[derive(Debug, Default)]
pub(super) struct Gate {
    state: Mutex<State>,
    changed: Condvar,
}

#[derive(Debug, Default)]
struct State {
    /// Members of the present group that wait for its commit.
    arrived: usize,
    /// How many the committer waits for.
    wanted: usize,
    closed: bool,
}

impl Gate {
    /// A member was released.
    pub(super) fn arrive(&self) {
        let mut state = self.state.lock();
        state.arrived += 1;
        if state.arrived == 1 || state.arrived == state.wanted {
            self.changed.notify_one();
        }
    }

    /// The group has ended.
    pub(super) fn clear(&self) {
        self.state.lock().arrived = 0;
    }

    /// No more members will come.
    pub(super) fn close(&self) {
        self.state.lock().closed = true;
        self.changed.notify_one();
    }

    /// Waits until a group should be committed; false when there will be no more.
    pub(super) fn wait_for_group(&self, pace: &Pace) -> bool {
        let mut state = self.state.lock();
        while state.arrived == 0 {
            if state.closed {
                return false;
            }
            self.changed.wait(&mut state);
        }
        let until = Instant::now() + pace.patience();
        state.wanted = pace.expected;
        while (1..state.wanted).contains(&state.arrived) && !state.closed {
            if self.changed.wait_until(&mut state, until).timed_out() {
                break;
            }
        }
        state.wanted = 0;
        true
    }
}

/// What the last commits teach about the next.
///
/// Clients that write again as soon as they are answered arrive one by one. Setting out with the
/// first of them would alternate between a group of one and a group of all the others, and so do
/// half of the work with a sync each. Waiting for as many as there were lately, for a part of the
/// time that a sync takes, costs a lone writer nothing: then one is all that is expected.
#[derive(Debug, Default)]
pub(super) struct Pace {
    expected: usize,
    /// How long a commit takes, smoothed.
    sync: Duration,
}

impl Pace {
    /// A group of `members` was committed in `took`, when `queued` writers were already waiting.
    pub(super) fn learn(&mut self, members: usize, queued: usize, took: Duration) {
        self.expected = members + queued;
        self.sync = (self.sync * 7 + took) / 8;
    }

    fn patience(&self) -> Duration {
        self.sync.min(MOST_PATIENCE)
    }
}
