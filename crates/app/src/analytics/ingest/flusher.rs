//! The flusher: each second takes what was counted and writes it into the store, as often as that has to be tried.
//!
//! The store has one writer, which others wait for: what is written at once is bounded, and much is written in
//! several transactions.

use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::{Duration, Instant};

use model::VideoId;
use model::analytics::sketch::Sketch;
use store::StoreError;
use store::analytics::flush::{self, Applied, Part};
use store::analytics::sketches;
use tokio::sync::oneshot;
use tokio::time::MissedTickBehavior;
use tokio_util::sync::CancellationToken;

use super::Figures;
use super::lane::{Bundle, Lane, Order};
use crate::analytics::counter::SketchKey;
use crate::analytics::live::Changed;
use crate::analytics::salts::Salts;
use crate::analytics::snapshot;
use crate::core::Core;
use crate::playback::Playback;

/// How often sums are written.
const EVERY: Duration = Duration::from_secs(1);
/// Of how many times sums are written, the different viewers are written once.
const SKETCHES_EVERY: u64 = 5;
/// About how many rows one transaction changes: some tens of milliseconds.
const BITE_ROWS: usize = 6_000;
/// Sketches that one transaction merges.
const BITE_SKETCHES: usize = 150;
/// What is waited after a failure; longer after each, up to the second.
const PATIENCE: (Duration, Duration) = (Duration::from_millis(100), Duration::from_secs(5));
/// How long the end of the server waits for the store. What is not written then is in the journal.
const END_WITHIN: Duration = Duration::from_secs(10);

/// Writes sums.
#[derive(Debug)]
pub(super) struct Flusher {
    pub(super) core: Arc<Core>,
    /// How the store calls the journal.
    pub(super) node: String,
    pub(super) playback: Arc<Playback>,
    pub(super) salts: Arc<Salts>,
    pub(super) lane: Arc<Lane>,
    pub(super) shared: Arc<Figures>,
    pub(super) folder: PathBuf,
}

/// Notes that nobody writes any more, however that came.
struct Ending(Arc<Figures>);

impl Drop for Ending {
    fn drop(&mut self) {
        self.0.is_flushing.store(false, Ordering::Release);
    }
}

/// The server ends before the store has taken everything.
struct Unfinished;

/// Where the patience of a write ends.
#[derive(Clone, Copy)]
enum Until<'a> {
    /// At the end of the server.
    Stopped(&'a CancellationToken),
    /// At a moment.
    Moment(tokio::time::Instant),
}

impl Flusher {
    /// Works until `stop`, and then writes what is left.
    pub(super) async fn run(self, stop: CancellationToken) {
        let _ending = Ending(Arc::clone(&self.shared));
        let mut ticks = tokio::time::interval(EVERY);
        ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
        let mut round: u64 = 0;
        loop {
            tokio::select! {
                () = stop.cancelled() => break,
                _ = ticks.tick() => {}
            }
            round += 1;
            let sketches = round.is_multiple_of(SKETCHES_EVERY);
            let bundles = self.take(sketches, false).await;
            if self.write(bundles, Until::Stopped(&stop)).await.is_err() {
                // What comes later must not be written before it. The journal has all of it.
                return;
            }
            if let Err(error) = self.salts.tidy().await {
                tracing::warn!(error = %error, "Cannot delete an old salt");
            }
        }
        let bundles = self.take(true, true).await;
        let end = Until::Moment(tokio::time::Instant::now() + END_WITHIN);
        if self.write(bundles, end).await.is_err() {
            tracing::warn!("The store did not take the last sums; they are counted at the next start");
        }
    }

    async fn take(&self, sketches: bool, snapshot: bool) -> Vec<Bundle> {
        let (answer, bundles) = oneshot::channel();
        self.lane.order(Order::Take {
            sketches,
            snapshot,
            answer,
        });
        // Nothing comes when nobody counts any more.
        bundles.await.unwrap_or_default()
    }

    async fn write(&self, bundles: Vec<Bundle>, until: Until<'_>) -> Result<(), Unfinished> {
        for bundle in bundles {
            let began = Instant::now();
            let is_empty = bundle.parts.is_empty() && bundle.sketches.is_empty();
            for parts in bites(&bundle.parts) {
                self.write_parts(parts, until).await?;
            }
            for sketches in bundle.sketches.chunks(BITE_SKETCHES) {
                let mut patience = PATIENCE.0;
                while let Err(error) = self.merge(sketches).await {
                    self.wait(&error, until, &mut patience).await?;
                }
                self.took();
            }
            if !is_empty {
                self.shared.flushes.fetch_add(1, Ordering::Relaxed);
                let took = u64::try_from(began.elapsed().as_micros()).unwrap_or(u64::MAX);
                self.shared.flush_us.fetch_add(took, Ordering::Relaxed);
            }
            if let Some((at, bytes)) = bundle.snapshot {
                let folder = self.folder.clone();
                let written = tokio::task::spawn_blocking(move || snapshot::write(&folder, at, &bytes)).await;
                match written {
                    Ok(Ok(())) => self.lane.order(Order::Forget(at.segment)),
                    // The older one, and the segments behind it, are still there.
                    Ok(Err(error)) => {
                        tracing::warn!(error = %error, "Cannot write a snapshot of the sessions");
                    }
                    Err(error) => tracing::error!(error = %error, "Writing a snapshot broke off"),
                }
            }
        }
        Ok(())
    }

    async fn write_parts(&self, parts: &[Part], until: Until<'_>) -> Result<(), Unfinished> {
        let mut patience = PATIENCE.0;
        let mut is_again = false;
        let applied = loop {
            match self.apply(parts).await {
                Ok(applied) => break applied,
                Err(error) => self.wait(&error, until, &mut patience).await?,
            }
            is_again = true;
        };
        self.took();
        let watched = parts.iter().flat_map(|part| &part.watched);
        let claimed = parts.iter().flat_map(|part| &part.claims);
        let mut changed = Changed::of(
            watched
                .map(|watched| (watched.video, watched.channel))
                .chain(claimed.map(|claim| (claim.video, claim.channel))),
        );
        let mut viewed: Vec<VideoId> = applied.views.iter().map(|(video, ..)| *video).collect();
        if is_again {
            // The first try may have been the one that counted.
            viewed.extend(
                parts
                    .iter()
                    .flat_map(|part| &part.claims)
                    .map(|claim| claim.video),
            );
        }
        viewed.sort_unstable();
        viewed.dedup();
        changed.viewed = viewed;
        for video in &changed.viewed {
            self.playback.forget(*video);
        }
        self.core.tell_changed(changed);
        Ok(())
    }

    async fn apply(&self, parts: &[Part]) -> Result<Applied, StoreError> {
        let mut tx = self.core.store.write().await?;
        let applied = flush::apply(&mut tx, &self.node, parts).await?;
        tx.commit().await?;
        Ok(applied)
    }

    async fn merge(&self, bite: &[(SketchKey, Sketch)]) -> Result<(), StoreError> {
        let mut tx = self.core.store.write().await?;
        for ((subject, grain, at), viewers) in bite {
            sketches::add(&mut tx, *subject, *grain, *at, viewers).await?;
        }
        tx.commit().await
    }

    /// Notes that the store has taken something.
    fn took(&self) {
        if self.shared.is_store_failing.swap(false, Ordering::Relaxed) {
            tracing::info!("The store takes the sums of the analytics again");
        }
    }

    /// Waits before a write is tried again, longer each time. All that is written here may be written twice.
    async fn wait(
        &self,
        error: &StoreError,
        until: Until<'_>,
        patience: &mut Duration,
    ) -> Result<(), Unfinished> {
        if !self.shared.is_store_failing.swap(true, Ordering::Relaxed) {
            tracing::warn!(error = %error, "The store does not take the sums of the analytics; they wait");
        }
        let is_over = match until {
            Until::Stopped(stop) => tokio::select! {
                () = stop.cancelled() => true,
                () = tokio::time::sleep(*patience) => false,
            },
            Until::Moment(end) => {
                tokio::time::sleep(*patience).await;
                tokio::time::Instant::now() >= end
            }
        };
        *patience = (*patience * 2).min(PATIENCE.1);
        if is_over { Err(Unfinished) } else { Ok(()) }
    }
}

/// About how many rows a part changes.
fn rows(part: &Part) -> usize {
    let splits: usize = part.watched.iter().map(|watched| watched.splits.len()).sum();
    // Video, channel and site, each by minute, hour and day; in all; and beside the channel's other videos.
    part.watched.len() * 10 + splits * 4 + part.claims.len() * 12 + part.seen.len() * 2
}

/// All shards together where they are little; else as many as one transaction should change.
fn bites(parts: &[Part]) -> Vec<&[Part]> {
    let mut bites = Vec::new();
    let (mut start, mut sum) = (0, 0);
    for (at, part) in parts.iter().enumerate() {
        let rows = rows(part);
        if at > start && sum + rows > BITE_ROWS {
            bites.push(&parts[start..at]);
            (start, sum) = (at, 0);
        }
        sum += rows;
    }
    if start < parts.len() {
        bites.push(&parts[start..]);
    }
    bites
}

#[cfg(test)]
mod tests {
    use model::analytics::Counts;
    use model::{Millis, ObjectId, UserId, VideoId};
    use store::analytics::flush::Watched;

    use super::*;

    fn part(shard: u8, videos: usize) -> Part {
        let watched = Watched {
            video: VideoId(ObjectId([1; 12])),
            channel: UserId(ObjectId([2; 12])),
            minute: Millis(0),
            counts: Counts::default(),
            splits: Vec::new(),
        };
        Part {
            shard,
            watched: vec![watched; videos],
            ..Part::default()
        }
    }

    #[test]
    fn little_is_written_at_once_and_much_in_bites_that_leave_nothing_out() {
        let shards = |parts: &[Part]| -> Vec<Vec<u8>> {
            let bites = bites(parts).into_iter();
            bites
                .map(|bite| bite.iter().map(|part| part.shard).collect())
                .collect()
        };
        assert!(shards(&[]).is_empty());
        assert_eq!(shards(&[part(0, 1), part(3, 5), part(9, 2)]), [[0, 3, 9]]);
        let much = [
            part(0, 10_000),
            part(1, 250),
            part(2, 250),
            part(3, 250),
            part(4, 1),
        ];
        assert_eq!(shards(&much), [vec![0], vec![1, 2], vec![3, 4]]);
    }
}
