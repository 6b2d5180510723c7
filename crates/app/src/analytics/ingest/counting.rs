//! The counting thread: writes what waits into the journal, answers, counts; hands over sums when told to.
//!
//! The one thread that touches the journal and the counter. A second one presses the journal onto the disk.

use std::io;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Receiver, RecvTimeoutError};
use std::time::Duration;

use model::Clock;
use store::analytics::flush::Position;

use super::Figures;
use super::lane::{Bundle, Lane, NotWritten, Order, Waiting};
use crate::analytics::counter::Counter;
use crate::analytics::journal::{self, Journal, Syncer};
use crate::analytics::record::{Moment, Record};
use crate::analytics::snapshot;

/// How often the journal is pressed onto the disk while something is written.
const SYNC_EVERY: Duration = Duration::from_secs(1);
/// Rows' worth of sums that are taken together: a shard of them is written in one transaction.
const BUNDLE_ROWS: usize = 6_000;
/// When a segment cannot be begun, how long the one before goes on until that is tried again.
const ROTATE_AGAIN: Duration = Duration::from_secs(10);

/// Journal and counter, as they are after a start.
#[derive(Debug)]
pub(super) struct Counting {
    journal: Journal,
    counter: Counter,
    clock: Clock,
    /// What the clock's steady time is counted from.
    begun: Duration,
    /// The records' steady time then.
    base_ms: i64,
    /// What was taken at rotations and not handed over yet.
    bundles: Vec<Bundle>,
    /// When a segment that could not be begun is tried again.
    rotate_at: Duration,
    is_failing: bool,
    /// How large a segment grows.
    segment_bytes: u64,
    shared: Arc<Figures>,
}

/// Reads what the process before has left: the newest snapshot, and the journal behind it. `known` tells up to where
/// the store has the sums.
pub(super) fn recover(
    folder: &Path,
    known: &[(u8, Position)],
    clock: Clock,
    shared: Arc<Figures>,
) -> io::Result<Counting> {
    let furthest = known.iter().map(|(_, position)| *position).max();
    // Also makes the folder, and cuts off what was half written.
    let journal = Journal::open(folder, furthest.unwrap_or_default())?;
    let restored = snapshot::newest(folder)?.and_then(|(at, bytes)| {
        let counter = Counter::restore(&bytes, at, known);
        let counter = counter.inspect_err(|_| tracing::warn!("Cannot read the snapshot of the sessions"));
        Some((counter.ok()?, at))
    });
    let (mut counter, from) = restored.unwrap_or_else(|| (Counter::new(known), Position::default()));
    let (mut records, mut damaged) = (0_u64, 0_u64);
    let mut bundles = Vec::new();
    journal::read(folder, from, |behind, payload| match Record::decode(payload) {
        Ok(record) => {
            counter.count(&record, behind);
            bundles.extend(full_bundle(&mut counter));
            records += 1;
        }
        Err(_) => damaged += 1,
    })?;
    if damaged > 0 {
        tracing::warn!(
            records = damaged,
            "Left out records of the journal that cannot be read"
        );
    }
    if records > 0 {
        tracing::info!(
            records,
            sessions = counter.sessions(),
            "Counted what the journal has behind the snapshot"
        );
    }
    // The steady time of records goes on over the time in which no process ran, as far as the clock tells.
    let last = counter.last();
    let away_ms = if last == Moment::default() {
        0
    } else {
        clock.now().since(last.wall).max(0)
    };
    Ok(Counting {
        journal,
        counter,
        begun: clock.steady(),
        base_ms: last.steady_ms.saturating_add(away_ms),
        clock,
        bundles,
        rotate_at: Duration::ZERO,
        is_failing: false,
        segment_bytes: journal::SEGMENT_BYTES,
        shared,
    })
}

/// The sums that wait, once they are as many as should be written together: after a time in which the store took
/// nothing, or of a long journal, there are very many.
fn full_bundle(counter: &mut Counter) -> Option<Bundle> {
    (counter.sums() >= BUNDLE_ROWS).then(|| Bundle {
        parts: counter.take(),
        ..Bundle::default()
    })
}

/// Whoever waits learns that nobody counts any more, however the thread ends.
struct Ending {
    lane: Arc<Lane>,
    shared: Arc<Figures>,
}

impl Drop for Ending {
    fn drop(&mut self) {
        self.shared.is_counting.store(false, Ordering::Release);
        self.lane.abandon();
    }
}

impl Counting {
    /// What presses the journal onto the disk.
    pub(super) fn syncer(&self) -> Syncer {
        self.journal.syncer()
    }

    /// Works until the lane is closed and empty.
    pub(super) fn run(mut self, lane: Arc<Lane>, written: &AtomicBool) {
        let ending = Ending {
            lane,
            shared: Arc::clone(&self.shared),
        };
        self.publish();
        while let Some((records, orders)) = ending.lane.next() {
            if !records.is_empty() {
                self.write(records, written);
            }
            for order in orders {
                self.obey(order);
            }
            if self.journal.end().place >= self.segment_bytes && self.clock.steady() >= self.rotate_at {
                self.rotate();
            }
            self.publish();
        }
    }

    fn now(&self) -> Moment {
        let passed = self.clock.steady().saturating_sub(self.begun).as_millis();
        Moment {
            wall: self.clock.now(),
            steady_ms: self
                .base_ms
                .saturating_add(i64::try_from(passed).unwrap_or(i64::MAX)),
        }
    }

    fn write(&mut self, waiting: Vec<Waiting>, written: &AtomicBool) {
        let now = self.now();
        let mut payload = Vec::new();
        let mut taken = Vec::with_capacity(waiting.len());
        for mut waiting in waiting {
            waiting.record.at = now;
            payload.clear();
            waiting.record.encode(&mut payload);
            match self.journal.add(&payload) {
                Some(behind) => taken.push((waiting, behind)),
                // A hundred beacons are far below the longest payload.
                None => answer(waiting, Err(NotWritten::Busy)),
            }
        }
        match self.journal.commit() {
            Ok(_) => {
                written.store(true, Ordering::Release);
                if std::mem::take(&mut self.is_failing) {
                    tracing::info!("The journal can be written again");
                }
                for (waiting, behind) in taken {
                    let Waiting { record, answer } = waiting;
                    // Nobody listening is no fault: it is written.
                    let _ = answer.send(Ok(()));
                    self.counter.count(&record, behind);
                    self.bundles.extend(full_bundle(&mut self.counter));
                }
            }
            Err(error) => {
                if !std::mem::replace(&mut self.is_failing, true) {
                    tracing::error!(error = %error, "The journal of the analytics cannot be written; beacons are refused");
                }
                let reason = match error.kind() {
                    io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => NotWritten::NoSpace,
                    _ => NotWritten::Busy,
                };
                for (waiting, _) in taken {
                    answer(waiting, Err(reason));
                }
            }
        }
    }

    fn obey(&mut self, order: Order) {
        match order {
            Order::Take {
                sketches,
                snapshot,
                answer,
            } => {
                if snapshot && let Err(error) = self.journal.syncer().sync() {
                    tracing::warn!(error = %error, "The journal of the analytics cannot be synced");
                }
                let snapshot = snapshot.then(|| (self.journal.end(), self.counter.snapshot()));
                self.bundles.push(Bundle {
                    parts: self.counter.take(),
                    sketches: if sketches {
                        self.counter.take_sketches()
                    } else {
                        Vec::new()
                    },
                    snapshot,
                });
                // Whoever asked has gone: what was taken stays here for the next.
                if let Err(bundles) = answer.send(std::mem::take(&mut self.bundles)) {
                    self.bundles = bundles;
                }
            }
            Order::Forget(segment) => {
                if let Err(error) = self.journal.remove_before(segment) {
                    tracing::warn!(error = %error, "Cannot remove old segments of the journal");
                }
            }
        }
    }

    /// Begins the next segment, and takes at this one moment all that must be written before the older ones may go.
    fn rotate(&mut self) {
        match self.journal.rotate() {
            Ok(at) => {
                // An older snapshot that still waits would be replaced by this one at once.
                self.bundles.iter_mut().for_each(|bundle| bundle.snapshot = None);
                self.bundles.push(Bundle {
                    parts: self.counter.take(),
                    sketches: self.counter.take_sketches(),
                    snapshot: Some((at, self.counter.snapshot())),
                });
            }
            Err(error) => {
                self.rotate_at = self.clock.steady() + ROTATE_AGAIN;
                tracing::warn!(error = %error, "Cannot begin the next segment of the journal; this one goes on");
            }
        }
    }

    fn publish(&self) {
        let bundles: usize = self.bundles.iter().map(Bundle::rows).sum();
        let waiting = self.counter.waiting() + bundles;
        let end = self.journal.end();
        self.shared.waiting.store(waiting, Ordering::Relaxed);
        self.shared
            .sessions
            .store(self.counter.sessions(), Ordering::Relaxed);
        self.shared.segment.store(end.segment, Ordering::Relaxed);
        self.shared.segment_bytes.store(end.place, Ordering::Relaxed);
    }
}

fn answer(waiting: Waiting, answer: Result<(), NotWritten>) {
    // Nobody listening is no fault.
    let _ = waiting.answer.send(answer);
}

/// Presses the journal onto the disk each second in which something was written, until the other end of `stop` goes.
pub(super) fn keep_synced(syncer: &Syncer, written: &AtomicBool, stop: &Receiver<()>) {
    let mut is_failing = false;
    loop {
        let is_last = !matches!(stop.recv_timeout(SYNC_EVERY), Err(RecvTimeoutError::Timeout));
        if written.swap(false, Ordering::AcqRel) {
            match syncer.sync() {
                Ok(()) => is_failing = false,
                Err(error) => {
                    written.store(true, Ordering::Release);
                    if !std::mem::replace(&mut is_failing, true) {
                        tracing::error!(error = %error, "The journal of the analytics cannot be synced; a loss of power would cost what is in it");
                    }
                }
            }
        }
        if is_last {
            return;
        }
    }
}

#[cfg(test)]
mod tests {
    use model::analytics::beacon::{Beacon, Span};
    use model::analytics::device::Device;
    use model::analytics::source::Origin;
    use model::analytics::{SessionKey, ViewerKey};
    use model::{Millis, ObjectId, UserId, VideoId};
    use tokio::sync::oneshot;

    use super::*;

    /// A tenth of a second that a session watched.
    fn record(session: u8, piece: u32) -> Record {
        Record {
            at: Moment::default(),
            video: VideoId(ObjectId([session % 3; 12])),
            channel: UserId(ObjectId([session % 3 + 7; 12])),
            duration_ms: 4_000,
            session: SessionKey(session.into()),
            viewer: ViewerKey(u64::from(session).wrapping_mul(0x9e37_79b9_7f4a_7c15)),
            before: None,
            is_own: false,
            is_private: false,
            origin: Origin::default(),
            device: Device::Unknown,
            country: None,
            beacons: vec![Beacon {
                seq: Some(piece),
                span: Span::new(piece * 100, piece * 100 + 100),
                ..Beacon::default()
            }],
        }
    }

    fn watched_ms(bundles: &[Bundle]) -> i64 {
        let parts = bundles.iter().flat_map(|bundle| &bundle.parts);
        parts
            .flat_map(|part| &part.watched)
            .map(|watched| watched.counts.watch_ms)
            .sum()
    }

    async fn take(lane: &Lane, snapshot: bool) -> Vec<Bundle> {
        let (answer, bundles) = oneshot::channel();
        lane.order(Order::Take {
            sketches: true,
            snapshot,
            answer,
        });
        bundles.await.unwrap()
    }

    /// Runs the counting thread over a folder while `work` is done.
    async fn counting<T>(folder: &Path, known: &[(u8, Position)], work: impl AsyncFnOnce(&Lane) -> T) -> T {
        let clock = Clock::manual(Millis(1_709_294_400_000));
        let shared = Arc::new(Figures::default());
        let mut counting = recover(folder, known, clock, Arc::clone(&shared)).unwrap();
        counting.segment_bytes = 2_000;
        let lane = Arc::new(Lane::default());
        let thread = {
            let lane = Arc::clone(&lane);
            std::thread::spawn(move || counting.run(lane, &AtomicBool::new(false)))
        };
        let done = work(&lane).await;
        lane.close();
        thread.join().unwrap();
        assert_eq!(
            lane.send(record(0, 0)).await,
            Err(NotWritten::Busy),
            "nobody counts any more"
        );
        done
    }

    #[tokio::test]
    async fn segments_are_begun_and_forgotten_and_what_the_store_has_is_not_counted_again() {
        let folder = tempfile::tempdir().unwrap();
        let folder = folder.path();
        let bundles = counting(folder, &[], async |lane| {
            for piece in 0..30 {
                for session in 0..9 {
                    lane.send(record(session, piece)).await.unwrap();
                }
            }
            let bundles = take(lane, false).await;
            assert!(journal::segments(folder).unwrap().len() > 3);
            let (at, snapshot) = bundles.iter().find_map(|bundle| bundle.snapshot.clone()).unwrap();
            snapshot::write(folder, at, &snapshot).unwrap();
            lane.order(Order::Forget(at.segment));
            // Orders are carried out in turn.
            assert_eq!(watched_ms(&take(lane, false).await), 0);
            assert_eq!(journal::segments(folder).unwrap(), [at.segment]);
            bundles
        })
        .await;
        assert_eq!(watched_ms(&bundles), 9 * 3_000);
        let snapshots = bundles.iter().filter(|bundle| bundle.snapshot.is_some());
        assert_eq!(snapshots.count(), 1, "only the newest is kept");
        let mut known: Vec<(u8, Position)> = Vec::new();
        for part in bundles.iter().flat_map(|bundle| &bundle.parts) {
            match known.iter_mut().find(|(shard, _)| *shard == part.shard) {
                Some((_, until)) => {
                    assert!(*until < part.until, "bundles are in the order of the journal");
                    *until = part.until;
                }
                None => known.push((part.shard, part.until)),
            }
        }

        // A start after the store took everything: sessions go on, and what comes again is known.
        let again = counting(folder, &known, async |lane| {
            lane.send(record(4, 29)).await.unwrap();
            lane.send(record(4, 30)).await.unwrap();
            take(lane, true).await
        })
        .await;
        assert_eq!(watched_ms(&again), 100);
        let opened: u32 = again
            .iter()
            .flat_map(|bundle| &bundle.parts)
            .flat_map(|part| &part.seen)
            .map(|seen| seen.retention.sessions)
            .sum();
        assert_eq!(opened, 0);
    }

    #[tokio::test]
    async fn what_the_store_did_not_take_is_counted_by_the_next_start() {
        let folder = tempfile::tempdir().unwrap();
        let lost = counting(folder.path(), &[], async |lane| {
            for piece in 0..10 {
                lane.send(record(1, piece)).await.unwrap();
            }
            take(lane, false).await
        })
        .await;
        let found = counting(folder.path(), &[], async |lane| take(lane, false).await).await;
        assert_eq!((watched_ms(&lost), watched_ms(&found)), (1_000, 1_000));
    }

    #[test]
    fn what_a_full_disk_does_not_take_is_refused_and_not_counted() {
        let folder = tempfile::tempdir().unwrap();
        let recovered = || {
            let clock = Clock::manual(Millis(1_709_294_400_000));
            recover(folder.path(), &[], clock, Arc::new(Figures::default())).unwrap()
        };
        let written = AtomicBool::new(false);
        let tells = |counting: &mut Counting, piece: u32| {
            let (answer, mut answered) = oneshot::channel();
            let record = record(1, piece);
            counting.write(vec![Waiting { record, answer }], &written);
            answered.try_recv().unwrap()
        };
        let mut counting = recovered();
        assert_eq!(tells(&mut counting, 0), Ok(()));
        let full = std::fs::OpenOptions::new().write(true).open("/dev/full");
        let journal = counting.journal.swap_file(Arc::new(full.unwrap()));
        written.store(false, Ordering::Relaxed);
        for _ in 0..2 {
            assert_eq!(tells(&mut counting, 1), Err(NotWritten::NoSpace));
        }
        assert!(!written.load(Ordering::Relaxed), "there is nothing to sync");
        counting.journal.swap_file(journal);
        assert_eq!(tells(&mut counting, 2), Ok(()));
        let watch_ms = |counting: &mut Counting| -> i64 {
            let parts = counting.counter.take();
            let watched = parts.iter().flat_map(|part| &part.watched);
            watched.map(|watched| watched.counts.watch_ms).sum()
        };
        assert_eq!(watch_ms(&mut counting), 200);
        drop(counting);
        assert_eq!(watch_ms(&mut recovered()), 200, "the next start finds the same");
    }
}
