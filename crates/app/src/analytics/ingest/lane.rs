//! What waits for the counting thread: records, a bounded number of them, and orders.

use std::collections::VecDeque;
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};

use model::analytics::beacon::Beacon;
use model::analytics::sketch::Sketch;
use store::analytics::flush::{Part, Position};
use tokio::sync::oneshot;

use crate::analytics::counter::SketchKey;
use crate::analytics::record::Record;

/// Records that may wait.
const MOST_RECORDS: usize = 20_000;
/// Bytes of memory that they may take.
const MOST_BYTES: usize = 32 << 20;
/// Records that are written with one call of the system.
const BATCH: usize = 4_096;

/// Why a record was not written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum NotWritten {
    /// More waits than is taken, or nobody counts any more.
    Busy,
    /// The disk is full.
    NoSpace,
}

/// A record whose sender waits until it is written.
#[derive(Debug)]
pub(super) struct Waiting {
    pub(super) record: Record,
    pub(super) answer: oneshot::Sender<Result<(), NotWritten>>,
}

/// Sums that were taken from the counter at one moment. They are written in the order in which they were taken.
#[derive(Debug, Default)]
pub(super) struct Bundle {
    pub(super) parts: Vec<Part>,
    pub(super) sketches: Vec<(SketchKey, Sketch)>,
    /// The sessions as they were then, to be written behind all that.
    pub(super) snapshot: Option<(Position, Vec<u8>)>,
}

impl Bundle {
    /// How many rows' worth it is, as `Counter::waiting` counts them.
    pub(super) fn rows(&self) -> usize {
        let parts = self.parts.iter();
        let rows = parts.map(|part| part.watched.len() + part.claims.len() + part.seen.len());
        rows.sum::<usize>() + self.sketches.len()
    }
}

/// What the counting thread is told to do between records.
#[derive(Debug)]
pub(super) enum Order {
    /// Hand over what is to be written.
    Take {
        /// The different viewers too.
        sketches: bool,
        /// A snapshot too, for a clean end.
        snapshot: bool,
        answer: oneshot::Sender<Vec<Bundle>>,
    },
    /// Remove the segments before this one.
    Forget(u64),
}

/// What waits.
#[derive(Debug, Default)]
pub(super) struct Lane {
    state: Mutex<State>,
    ready: Condvar,
}

#[derive(Debug, Default)]
struct State {
    records: VecDeque<Waiting>,
    bytes: usize,
    /// Records that have come, and that have been handed out.
    came: u64,
    went: u64,
    /// Orders, and how many records had come before each.
    orders: VecDeque<(u64, Order)>,
    is_closed: bool,
}

fn bytes_of(record: &Record) -> usize {
    let host = record.origin.host.as_ref().map_or(0, String::len);
    size_of::<Waiting>() + record.beacons.len() * size_of::<Beacon>() + host
}

impl Lane {
    fn locked(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Lets a record wait, and then waits for what becomes of it.
    pub(super) async fn send(&self, record: Record) -> Result<(), NotWritten> {
        let (answer, answered) = oneshot::channel();
        {
            let mut state = self.locked();
            if state.is_closed || state.records.len() >= MOST_RECORDS || state.bytes >= MOST_BYTES {
                return Err(NotWritten::Busy);
            }
            state.bytes += bytes_of(&record);
            state.came += 1;
            state.records.push_back(Waiting { record, answer });
        }
        self.ready.notify_one();
        answered.await.unwrap_or(Err(NotWritten::Busy))
    }

    /// Gives an order; it is carried out behind the records that wait, and not much later: however many come then, what
    /// was counted is written.
    pub(super) fn order(&self, order: Order) {
        let mut state = self.locked();
        // Whoever waits for an answer learns by the dropped order that nobody counts.
        if !state.is_closed {
            let before = state.came;
            state.orders.push_back((before, order));
            self.ready.notify_one();
        }
    }

    /// Waits for something to do; `None` at the end.
    pub(super) fn next(&self) -> Option<(Vec<Waiting>, Vec<Order>)> {
        let mut state = self.locked();
        while state.records.is_empty() && state.orders.is_empty() {
            if state.is_closed {
                return None;
            }
            state = self.ready.wait(state).unwrap_or_else(PoisonError::into_inner);
        }
        let count = state.records.len().min(BATCH);
        let records: Vec<Waiting> = state.records.drain(..count).collect();
        let taken: usize = records.iter().map(|waiting| bytes_of(&waiting.record)).sum();
        state.bytes = state.bytes.saturating_sub(taken);
        state.went += count as u64;
        let went = state.went;
        let due = state.orders.iter().take_while(|(before, _)| *before <= went);
        let due = due.count();
        let orders = state.orders.drain(..due).map(|(_, order)| order).collect();
        Some((records, orders))
    }

    /// Takes nothing any more; what waits is still handed out.
    pub(super) fn close(&self) {
        self.locked().is_closed = true;
        self.ready.notify_all();
    }

    /// The same, and forgets what waits: nobody is there to count it.
    pub(super) fn abandon(&self) {
        let mut state = self.locked();
        *state = State {
            is_closed: true,
            ..State::default()
        };
        drop(state);
        self.ready.notify_all();
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;
    use std::time::Duration;

    use model::analytics::device::Device;
    use model::analytics::source::Origin;
    use model::analytics::{SessionKey, ViewerKey};
    use model::{ObjectId, UserId, VideoId};

    use super::*;
    use crate::analytics::record::Moment;

    fn record(session: u128) -> Record {
        Record {
            at: Moment::default(),
            video: VideoId(ObjectId([1; 12])),
            channel: UserId(ObjectId([2; 12])),
            duration_ms: 0,
            session: SessionKey(session),
            viewer: ViewerKey(0),
            before: None,
            is_own: false,
            is_private: false,
            origin: Origin::default(),
            device: Device::Unknown,
            country: None,
            beacons: Vec::new(),
        }
    }

    /// Lets a record wait and goes away, as clients do; tells what it was answered until then.
    async fn leaves(lane: &Lane, session: u128) -> Option<Result<(), NotWritten>> {
        tokio::time::timeout(Duration::ZERO, lane.send(record(session)))
            .await
            .ok()
    }

    #[tokio::test]
    async fn no_more_waits_than_is_bounded_and_what_waits_is_handed_out_in_order() {
        let lane = Lane::default();
        for session in 0..MOST_RECORDS as u128 {
            assert_eq!(leaves(&lane, session).await, None);
        }
        assert_eq!(leaves(&lane, 0).await, Some(Err(NotWritten::Busy)));
        lane.order(Order::Forget(1));
        let (first, orders) = lane.next().unwrap();
        assert!(
            first.len() == BATCH && orders.is_empty(),
            "orders come behind what waits"
        );
        let later = MOST_RECORDS..MOST_RECORDS + BATCH;
        for session in later.clone() {
            assert_eq!(leaves(&lane, session as u128).await, None, "there is room again");
        }
        lane.close();
        let mut sessions: Vec<u128> = first.iter().map(|waiting| waiting.record.session.0).collect();
        let mut carried_out = Vec::new();
        while let Some((records, orders)) = lane.next() {
            sessions.extend(records.iter().map(|waiting| waiting.record.session.0));
            carried_out.extend(orders.iter().map(|_| sessions.len()));
        }
        assert!(sessions.into_iter().eq(0..later.end as u128));
        let [behind] = carried_out[..] else {
            panic!("carried out {} times", carried_out.len());
        };
        assert!(
            (MOST_RECORDS..later.end).contains(&behind),
            "behind what waited, and not behind all that came later"
        );
    }

    #[tokio::test]
    async fn whoever_waits_learns_that_nobody_counts_any_more() {
        let lane = Arc::new(Lane::default());
        let waits = {
            let lane = Arc::clone(&lane);
            tokio::spawn(async move { lane.send(record(1)).await })
        };
        while lane.locked().records.is_empty() {
            tokio::task::yield_now().await;
        }
        lane.abandon();
        assert_eq!(waits.await.unwrap(), Err(NotWritten::Busy));
        assert!(lane.next().is_none());
        assert_eq!(lane.send(record(2)).await, Err(NotWritten::Busy));
    }
}
