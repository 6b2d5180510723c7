//! What only one node does at a time: tidying, sending to others, adding up. Whichever holds the lock in the store does
//! it; when it goes away another takes over within some seconds, and at once when it leaves in order.
//!
//! A node that cannot say that it lives stops by itself before others count it as gone. Work that was under way then is
//! done twice at worst, and all of it may be.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use model::Clock;
use store::locks::{self, Standing};
use tokio_util::sync::CancellationToken;

use crate::core::Core;
use crate::error::Error;

/// The one lock.
const NAME: &str = "schedules";
/// How often the holder gives a sign of life and the others look.
const ROUND: Duration = Duration::from_millis(1_500);
/// After how long without a sign of life the holder counts as gone.
const GONE: Duration = Duration::from_secs(8);
/// For how long a sign of life is good for the holder itself: less, so that two never both hold it.
const GOOD: Duration = Duration::from_secs(5);
/// Wakes those who wait for the lock.
const TOPIC: &str = "schedules";

/// Whether it is this node's turn.
#[derive(Debug)]
pub struct Turns {
    /// Until when, in milliseconds of the steady clock; `u64::MAX`: for ever, 0: not.
    until: AtomicU64,
    /// What this node is called in the store.
    name: String,
    /// The machine's, whatever time it is on the site.
    clock: Clock,
}

impl Turns {
    /// `alone`: there is no other node, and it is always this one's turn.
    pub(crate) fn new(core: &Core, alone: bool, clock: Clock) -> Self {
        let name: model::ObjectId = core.ids.next(core.clock.now());
        Self {
            until: AtomicU64::new(if alone { u64::MAX } else { 0 }),
            name: name.to_string(),
            clock,
        }
    }

    /// Whether it is this node's turn now.
    pub fn is_ours(&self) -> bool {
        self.steady_ms() < self.until.load(Ordering::Acquire)
    }

    fn is_alone(&self) -> bool {
        self.until.load(Ordering::Acquire) == u64::MAX
    }

    /// Holds the lock or waits for it, until `stop`; then gives it back.
    pub async fn run(&self, core: Arc<Core>, stop: CancellationToken) {
        if self.is_alone() {
            return;
        }
        let mut watch = Watch::default();
        loop {
            let woken = core.bus.woken(TOPIC);
            if let Err(error) = self.round(&core, &mut watch).await {
                tracing::warn!(error = %error, "Could not say or find out whose turn it is");
            }
            tokio::select! {
                () = stop.cancelled() => break,
                () = woken => {}
                () = tokio::time::sleep(ROUND) => {}
            }
        }
        if self.is_ours() {
            self.until.store(0, Ordering::Release);
            if let Err(error) = self.give_back(&core).await {
                tracing::warn!(error = %error, "Could not give the turn back; another node takes it in a while");
            }
            core.bus.wake(TOPIC);
        }
    }

    async fn round(&self, core: &Core, watch: &mut Watch) -> Result<(), Error> {
        // Good from before it was asked: what takes long is no longer good when it is answered.
        let asked = self.steady_ms();
        let good = asked + GOOD.as_millis() as u64;
        if self.until.load(Ordering::Acquire) != 0 {
            let mut tx = core.store.write().await?;
            let ours = locks::beat(&mut tx, NAME, &self.name).await?;
            tx.commit().await?;
            self.until.store(if ours { good } else { 0 }, Ordering::Release);
            return Ok(());
        }
        let standing = locks::find(&mut core.store.read(), NAME).await?;
        if !watch.is_free(&standing, Duration::from_millis(asked)) {
            return Ok(());
        }
        let mut tx = core.store.write().await?;
        let taken = locks::take(&mut tx, NAME, &standing, &self.name).await?;
        tx.commit().await?;
        if taken {
            self.until.store(good, Ordering::Release);
            tracing::info!("This node tidies, sends and adds up from now on");
        }
        Ok(())
    }

    fn steady_ms(&self) -> u64 {
        u64::try_from(self.clock.steady().as_millis()).unwrap_or(u64::MAX - 1)
    }

    async fn give_back(&self, core: &Core) -> Result<(), Error> {
        let mut tx = core.store.write().await?;
        locks::release(&mut tx, NAME, &self.name).await?;
        Ok(tx.commit().await?)
    }
}

/// What was last seen of the lock.
#[derive(Debug, Default)]
struct Watch {
    seen: Standing,
    since: Option<Duration>,
}

impl Watch {
    /// Whether it may be taken at the steady time `now`: nobody has it, or whoever does has not moved for long.
    fn is_free(&mut self, standing: &Standing, now: Duration) -> bool {
        if standing.holder.is_empty() {
            return true;
        }
        if *standing != self.seen {
            self.seen = standing.clone();
            self.since = Some(now);
        }
        self.since.is_some_and(|since| now.saturating_sub(since) >= GONE)
    }
}

#[cfg(test)]
mod tests {
    use model::Millis;

    use super::*;
    use crate::jobs::kit;

    /// Two nodes over one store; the clock is theirs and the test's.
    async fn two_nodes(folder: &std::path::Path, clock: &Clock) -> (Arc<Core>, [Turns; 2]) {
        let app = kit::app(folder, clock.clone()).await;
        let core = Arc::clone(&app.core);
        let turns = [
            Turns::new(&core, false, clock.clone()),
            Turns::new(&core, false, clock.clone()),
        ];
        (core, turns)
    }

    #[tokio::test]
    async fn a_node_that_goes_away_without_a_word_is_followed_by_another_and_never_are_there_two() {
        let folder = tempfile::tempdir().unwrap();
        let clock = Clock::manual(Millis(1_700_000_000_000));
        let (core, [one, other]) = two_nodes(folder.path(), &clock).await;
        let (mut of_one, mut of_other) = (Watch::default(), Watch::default());
        one.round(&core, &mut of_one).await.unwrap();
        other.round(&core, &mut of_other).await.unwrap();
        assert!(one.is_ours() && !other.is_ours());

        // As long as it gives signs of life, it stays so.
        for _ in 0..10 {
            clock.advance(1_500);
            one.round(&core, &mut of_one).await.unwrap();
            other.round(&core, &mut of_other).await.unwrap();
            assert!(one.is_ours() && !other.is_ours());
        }

        // It stops by itself before another counts it as gone, which takes less than ten seconds.
        let mut waited_ms = 0;
        while !other.is_ours() {
            clock.advance(500);
            waited_ms += 500;
            other.round(&core, &mut of_other).await.unwrap();
            assert!(!(one.is_ours() && other.is_ours()), "after {waited_ms} ms");
            assert!(waited_ms < 10_000);
        }
        // Back again, it finds that its turn is over.
        one.round(&core, &mut of_one).await.unwrap();
        assert!(!one.is_ours() && other.is_ours());
    }

    #[tokio::test]
    async fn a_node_that_leaves_in_order_is_followed_at_once() {
        let folder = tempfile::tempdir().unwrap();
        let clock = Clock::manual(Millis(1_700_000_000_000));
        let (core, [one, other]) = two_nodes(folder.path(), &clock).await;
        let (mut of_one, mut of_other) = (Watch::default(), Watch::default());
        one.round(&core, &mut of_one).await.unwrap();
        other.round(&core, &mut of_other).await.unwrap();
        one.give_back(&core).await.unwrap();
        other.round(&core, &mut of_other).await.unwrap();
        assert!(other.is_ours());
    }

    fn held(beats: i64) -> Standing {
        Standing {
            holder: "somebody".to_owned(),
            fence: 1,
            beats,
        }
    }

    #[test]
    fn a_holder_is_gone_when_it_has_not_moved_for_long_by_the_watchers_clock() {
        let mut watch = Watch::default();
        let at = Duration::from_secs;
        assert!(watch.is_free(&Standing::default(), at(0)), "nobody has it");
        assert!(!watch.is_free(&held(1), at(100)));
        assert!(!watch.is_free(&held(1), at(107)));
        assert!(!watch.is_free(&held(2), at(109)), "it moved");
        assert!(!watch.is_free(&held(2), at(116)));
        assert!(watch.is_free(&held(2), at(117)));
    }
}
