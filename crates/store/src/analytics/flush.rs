//! Writes what the counting of beacons came to: one transaction for the sums and for how far the journal is in them.
//!
//! Sums come in shards, by channel. A shard's sums are added only if its position moves on by them, so a batch that
//! is written again, because nobody knows what became of the first time, changes nothing.

use std::collections::BTreeMap;

use model::analytics::{Counts, Grain, Slice, Split, Subject, ViewerKey};
use model::{Millis, UserId, VideoId};

use crate::analytics::retention::{self, Retention};
use crate::analytics::{marks, rollups};
use crate::{StoreError, Tx, params};

/// A place in a node's journal: everything before it has been read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Position {
    /// Which segment.
    pub segment: u64,
    /// Bytes from its beginning.
    pub place: u64,
}

/// What was watched of a video in one minute.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Watched {
    /// Which video.
    pub video: VideoId,
    /// Whose.
    pub channel: UserId,
    /// When the minute began.
    pub minute: Millis,
    /// How much. No views: those are decided here.
    pub counts: Counts,
    /// The same told apart.
    pub splits: Vec<(Slice, Split)>,
}

/// A session that has watched enough for a view, which counts unless the viewer gave one a short while ago.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Claim {
    /// Which video.
    pub video: VideoId,
    /// Whose.
    pub channel: UserId,
    /// Who.
    pub viewer: ViewerKey,
    /// How they were called until the salt of the day changed, while that can matter.
    pub before: Option<ViewerKey>,
    /// It is the owner's own.
    pub is_own: bool,
    /// When enough was watched.
    pub at: Millis,
    /// What the view is told apart by.
    pub slices: Vec<Slice>,
}

/// Sessions of a video that began on one day, and what else they saw.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Seen {
    /// Which video.
    pub video: VideoId,
    /// When the day began.
    pub day: Millis,
    /// How many sessions, and what they saw.
    pub retention: Retention,
}

/// The sums of one shard.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Part {
    /// Which shard.
    pub shard: u8,
    /// Up to where the journal is in the sums, once these are added.
    pub until: Position,
    /// What was watched, by video and minute.
    pub watched: Vec<Watched>,
    /// Sessions that may be views.
    pub claims: Vec<Claim>,
    /// What parts of videos were seen.
    pub seen: Vec<Seen>,
}

/// What changed for people to see.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Applied {
    /// Videos that were given views, their channels, and how many.
    pub views: Vec<(VideoId, UserId, i64)>,
}

/// Up to where a node's journal is in the sums of each shard; shards that are not named begin at its beginning.
pub async fn positions(tx: &mut Tx, node: &str) -> Result<Vec<(u8, Position)>, StoreError> {
    tx.all(
        "SELECT shard, segment, place FROM analytics_position WHERE node = $1 ORDER BY shard LIMIT 256",
        &params![node],
        |row| {
            let position = Position {
                segment: row.size(1)?,
                place: row.size(2)?,
            };
            Ok((row.int(0)? as u8, position))
        },
    )
    .await
}

/// The same of all nodes.
pub async fn positions_of_all(tx: &mut Tx) -> Result<Vec<(String, u8, Position)>, StoreError> {
    tx.all(
        "SELECT node, shard, segment, place FROM analytics_position ORDER BY node, shard LIMIT 4096",
        &params![],
        |row| {
            let position = Position {
                segment: row.size(2)?,
                place: row.size(3)?,
            };
            Ok((row.text(0)?.to_owned(), row.int(1)? as u8, position))
        },
    )
    .await
}

/// Adds the sums of some shards of a node. What was added before is left out.
pub async fn apply(tx: &mut Tx, node: &str, parts: &[Part]) -> Result<Applied, StoreError> {
    let mut sums = Sums::default();
    for part in parts {
        if advance(tx, node, part).await? {
            for watched in &part.watched {
                sums.watched(watched);
            }
            for claim in &part.claims {
                if marks::claim(tx, claim.video, claim.viewer, claim.before, claim.at).await? {
                    sums.view(claim);
                }
            }
            for seen in &part.seen {
                retention::add(tx, seen.video, seen.day, &seen.retention).await?;
            }
        }
    }
    sums.write(tx).await
}

/// Adds views that were counted elsewhere, at one time: to the video, its channel, and every sum.
pub async fn carry_over(
    tx: &mut Tx,
    video: VideoId,
    channel: UserId,
    at: Millis,
    views: i64,
) -> Result<(), StoreError> {
    let mut sums = Sums::default();
    let counts = Counts {
        views,
        ..Counts::default()
    };
    sums.add(video, channel, at, &counts);
    sums.views.insert((video, channel), views);
    sums.write(tx).await?;
    Ok(())
}

/// Moves a shard's position on; tells whether it was behind.
async fn advance(tx: &mut Tx, node: &str, part: &Part) -> Result<bool, StoreError> {
    let changed = tx
        .exec(
            "INSERT INTO analytics_position (node, shard, segment, place) VALUES ($1, $2, $3, $4) \
             ON CONFLICT (node, shard) DO UPDATE SET segment = excluded.segment, place = excluded.place \
             WHERE (analytics_position.segment, analytics_position.place) < (excluded.segment, excluded.place)",
            &params![node, u32::from(part.shard), part.until.segment, part.until.place],
        )
        .await?;
    Ok(changed == 1)
}

/// Sums by the rows that they go to, in the order of the rows.
#[derive(Debug, Default)]
struct Sums {
    whole: BTreeMap<(Subject, Grain, Millis), Counts>,
    apart: BTreeMap<(Subject, Grain, Millis, Slice), Split>,
    of_channels: BTreeMap<(UserId, Grain, Millis, VideoId), Counts>,
    views: BTreeMap<(VideoId, UserId), i64>,
}

impl Sums {
    fn watched(&mut self, watched: &Watched) {
        self.add(watched.video, watched.channel, watched.minute, &watched.counts);
        for (slice, split) in &watched.splits {
            self.add_split(watched.video, watched.channel, watched.minute, slice, *split);
        }
    }

    fn view(&mut self, claim: &Claim) {
        let (views, own_views) = if claim.is_own { (0, 1) } else { (1, 0) };
        let counts = Counts {
            views,
            own_views,
            ..Counts::default()
        };
        self.add(claim.video, claim.channel, claim.at, &counts);
        if claim.is_own {
            return;
        }
        for slice in &claim.slices {
            self.add_split(claim.video, claim.channel, claim.at, slice, Split::from(counts));
        }
        *self.views.entry((claim.video, claim.channel)).or_default() += 1;
    }

    fn add(&mut self, video: VideoId, channel: UserId, at: Millis, counts: &Counts) {
        for subject in [video.into(), channel.into(), Subject::SITE] {
            for grain in [Grain::Minute, Grain::Hour, Grain::Day, Grain::Ever] {
                // All time of a video stands beside the other videos of its channel.
                if grain == Grain::Ever && subject == Subject::from(video) {
                    continue;
                }
                let mut counts = *counts;
                if grain != Grain::Minute {
                    // Of longer times this is an estimate, which does not add up.
                    counts.viewers = 0;
                }
                *self.whole.entry((subject, grain, grain.start(at))).or_default() += counts;
            }
        }
        for grain in [Grain::Day, Grain::Month, Grain::Ever] {
            let key = (channel, grain, grain.start(at), video);
            *self.of_channels.entry(key).or_default() += *counts;
        }
    }

    fn add_split(&mut self, video: VideoId, channel: UserId, at: Millis, slice: &Slice, split: Split) {
        for subject in [video.into(), channel.into(), Subject::SITE] {
            for grain in [Grain::Hour, Grain::Day] {
                let key = (subject, grain, grain.start(at), slice.clone());
                *self.apart.entry(key).or_default() += split;
            }
        }
    }

    async fn write(self, tx: &mut Tx) -> Result<Applied, StoreError> {
        for ((subject, grain, at), counts) in &self.whole {
            rollups::add(tx, *subject, *grain, *at, counts).await?;
        }
        for ((subject, grain, at, slice), split) in &self.apart {
            rollups::add_split(tx, *subject, *grain, *at, slice, split).await?;
        }
        for ((channel, grain, at, video), counts) in &self.of_channels {
            rollups::add_to_channel(tx, *channel, *grain, *at, *video, counts).await?;
        }
        let mut applied = Applied::default();
        for ((video, channel), views) in self.views {
            tx.exec(
                "UPDATE videos SET views = views + $1 WHERE id = $2",
                &params![views, video],
            )
            .await?;
            tx.exec(
                "UPDATE users SET views_count = views_count + $1 WHERE id = $2",
                &params![views, channel],
            )
            .await?;
            applied.views.push((video, channel, views));
        }
        Ok(applied)
    }
}

#[cfg(test)]
mod tests {
    use model::ObjectId;

    use super::*;

    const VIDEO: VideoId = VideoId(ObjectId([1; 12]));
    const CHANNEL: UserId = UserId(ObjectId([2; 12]));
    /// 2024-03-01T00:00:30.000Z.
    const AT: Millis = Millis(1_709_251_230_000);

    fn claim(is_own: bool) -> Claim {
        Claim {
            video: VIDEO,
            channel: CHANNEL,
            viewer: ViewerKey(1),
            before: None,
            is_own,
            at: AT,
            slices: vec![Slice::Country(*b"IN")],
        }
    }

    #[test]
    fn a_view_goes_to_the_video_its_channel_and_the_site() {
        let mut sums = Sums::default();
        sums.view(&claim(false));
        for subject in [VIDEO.into(), CHANNEL.into(), Subject::SITE] {
            for grain in [Grain::Minute, Grain::Hour, Grain::Day] {
                let found = sums.whole[&(subject, grain, grain.start(AT))];
                assert_eq!((found.views, found.own_views), (1, 0), "{subject:?} {grain:?}");
            }
        }
        assert_eq!(sums.apart.len(), 6, "three subjects, hours and days");
        assert_eq!(sums.of_channels.len(), 3, "day, month, all time");
        assert_eq!(sums.views[&(VIDEO, CHANNEL)], 1);
    }

    #[test]
    fn the_owners_own_view_is_told_apart_and_not_shown() {
        let mut sums = Sums::default();
        sums.view(&claim(true));
        assert!(
            sums.whole
                .values()
                .all(|sum| (sum.views, sum.own_views) == (0, 1))
        );
        assert!(sums.apart.is_empty() && sums.views.is_empty());
    }

    #[test]
    fn viewers_add_up_in_minutes_only() {
        let mut sums = Sums::default();
        sums.watched(&Watched {
            video: VIDEO,
            channel: CHANNEL,
            minute: AT,
            counts: Counts {
                viewers: 2,
                watch_ms: 5,
                ..Counts::default()
            },
            splits: Vec::new(),
        });
        for ((_, grain, _), sum) in &sums.whole {
            let expected = if *grain == Grain::Minute { 2 } else { 0 };
            assert_eq!((sum.viewers, sum.watch_ms), (expected, 5));
        }
    }
}
