//! Likes, comments and followers that come and go: on their way into the sums of their videos, channels and the site.
//!
//! The transaction of a fact appends what it changes to `fact_deltas`, once for all transactions that become durable
//! together; [`drain`] adds that up and removes it, in one transaction, so each change is in the sums exactly once.
//! Who may do what is not decided here, nor when the draining is done (`app::analytics::facts`).

use std::collections::{BTreeMap, BTreeSet};

use model::analytics::{Counts, Grain, Subject};
use model::{Millis, ObjectId, UserId, VideoId};

use crate::analytics::rollups;
use crate::{Key, StoreError, Tx, params, site};

/// What came or went.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Kind {
    /// Likes of a video; taken back: negative.
    Likes,
    /// Comments under a video; removed or taken down: negative.
    Comments,
    /// Followers that a channel gained.
    SubscribersGained,
    /// Followers that a channel lost, a positive number.
    SubscribersLost,
}

impl Kind {
    const ALL: [Self; 4] = [
        Self::Likes,
        Self::Comments,
        Self::SubscribersGained,
        Self::SubscribersLost,
    ];

    const fn code(self) -> i64 {
        match self {
            Self::Likes => 0,
            Self::Comments => 1,
            Self::SubscribersGained => 2,
            Self::SubscribersLost => 3,
        }
    }

    fn counts(self, change: i64) -> Counts {
        let mut counts = Counts::default();
        match self {
            Self::Likes => counts.likes = change,
            Self::Comments => counts.comments = change,
            Self::SubscribersGained => counts.subscribers_gained = change,
            Self::SubscribersLost => counts.subscribers_lost = change,
        }
        counts
    }
}

/// In place of a video where there is none.
const NO_VIDEO: ObjectId = ObjectId([0; 12]);

const NOTE: &str =
    "INSERT INTO fact_deltas (change, channel_id, video_id, at, kind) VALUES ($1, $2, $3, $4, $5)";

/// Notes that something of a channel changed at a time, under a video or not.
pub fn note(
    tx: &mut Tx,
    channel: UserId,
    video: Option<VideoId>,
    kind: Kind,
    at: Millis,
    change: i64,
) -> Result<(), StoreError> {
    let video = video.map_or(NO_VIDEO, |video| video.0);
    let ids = [channel.0.0, video.0];
    let numbers = [Grain::Minute.start(at).0, kind.code()];
    tx.add_later_to(NOTE, Key::Rows(ids, numbers), change)
}

/// What [`drain`] reads; public for the test of its plan.
pub const OLDEST: &str =
    "SELECT id, channel_id, video_id, at, kind, change FROM fact_deltas ORDER BY id LIMIT $1";

/// Whether nothing waits to be added up.
pub async fn is_empty(tx: &mut Tx) -> Result<bool, StoreError> {
    let found = tx
        .one(
            "SELECT id FROM fact_deltas ORDER BY id LIMIT 1",
            &params![],
            |row| row.int(0),
        )
        .await?;
    Ok(found.is_none())
}

/// Whether more than so many wait.
pub async fn are_more_than(tx: &mut Tx, count: i64) -> Result<bool, StoreError> {
    let found = tx
        .one(
            "SELECT id FROM fact_deltas ORDER BY id LIMIT 1 OFFSET $1",
            &params![count],
            |row| row.int(0),
        )
        .await?;
    Ok(found.is_some())
}

/// What [`drain`] has added up.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Drained {
    /// Videos whose sums changed, each with its channel.
    pub videos: Vec<(VideoId, UserId)>,
    /// Channels whose sums changed, in order.
    pub channels: Vec<UserId>,
    /// There may be more.
    pub more: bool,
}

struct Delta {
    id: i64,
    channel: UserId,
    video: Option<VideoId>,
    at: Millis,
    counts: Counts,
}

/// Adds up to `limit` noted changes, the oldest first, to the sums and forgets them. What changed of a video or a
/// channel that is gone meanwhile is added to what is still there: its channel, the site.
pub async fn drain(tx: &mut Tx, limit: i64) -> Result<Drained, StoreError> {
    let deltas = tx
        .all(OLDEST, &params![limit], |row| {
            let code = row.int(4)?;
            let kind = Kind::ALL.into_iter().find(|kind| kind.code() == code);
            let change = row.int(5)?;
            let video: VideoId = row.id(2)?;
            Ok(Delta {
                id: row.int(0)?,
                channel: row.id(1)?,
                video: (video.0 != NO_VIDEO).then_some(video),
                at: row.millis(3)?,
                counts: kind.map_or_else(Counts::default, |kind| kind.counts(change)),
            })
        })
        .await?;
    let Some(last) = deltas.last() else {
        return Ok(Drained::default());
    };
    let until = last.id;
    let more = deltas.len() as i64 >= limit;
    let mut sums = Sums::default();
    let mut changed: BTreeMap<VideoId, UserId> = BTreeMap::new();
    let mut channels: BTreeMap<UserId, bool> = BTreeMap::new();
    let mut gone: BTreeSet<VideoId> = BTreeSet::new();
    let mut comments = 0;
    for delta in deltas {
        let channel = if let Some(there) = channels.get(&delta.channel) {
            *there
        } else {
            let there = exists(tx, "SELECT 1 FROM users WHERE id = $1", delta.channel.0).await?;
            channels.insert(delta.channel, there);
            there
        };
        let mut video = delta.video;
        if let Some(id) = video.filter(|id| !changed.contains_key(id)) {
            if !gone.contains(&id) && exists(tx, "SELECT 1 FROM videos WHERE id = $1", id.0).await? {
                changed.insert(id, delta.channel);
            } else {
                gone.insert(id);
                video = None;
            }
        }
        comments += delta.counts.comments;
        sums.add(&delta, video, channel);
    }
    sums.write(tx).await?;
    site::add(tx, site::Metric::Comments, site::NOW, comments)?;
    tx.exec("DELETE FROM fact_deltas WHERE id <= $1", &params![until])
        .await?;
    Ok(Drained {
        videos: changed.into_iter().collect(),
        channels: channels.into_keys().collect(),
        more,
    })
}

async fn exists(tx: &mut Tx, sql: &str, id: ObjectId) -> Result<bool, StoreError> {
    Ok(tx.one(sql, &params![id], |row| row.int(0)).await?.is_some())
}

/// Sums by the rows that they go to, in the order of the rows.
#[derive(Default)]
struct Sums {
    whole: BTreeMap<(Subject, Grain, Millis), Counts>,
    of_channels: BTreeMap<(UserId, Grain, Millis, VideoId), Counts>,
}

impl Sums {
    /// Adds one change; to the rows of its video and its channel only where those are there still. Among the videos of
    /// a channel one that is gone keeps its place.
    fn add(&mut self, delta: &Delta, video: Option<VideoId>, channel_is_there: bool) {
        let mut subjects = vec![Subject::SITE];
        subjects.extend(video.map(Subject::from));
        if channel_is_there {
            subjects.push(delta.channel.into());
        }
        for subject in subjects {
            for grain in [Grain::Minute, Grain::Hour, Grain::Day, Grain::Ever] {
                // All time of a video stands beside the other videos of its channel.
                if grain == Grain::Ever && video.map(Subject::from) == Some(subject) {
                    continue;
                }
                let key = (subject, grain, grain.start(delta.at));
                *self.whole.entry(key).or_default() += delta.counts;
            }
        }
        if let (Some(video), true) = (delta.video, channel_is_there) {
            for grain in [Grain::Day, Grain::Month, Grain::Ever] {
                let key = (delta.channel, grain, grain.start(delta.at), video);
                *self.of_channels.entry(key).or_default() += delta.counts;
            }
        }
    }

    async fn write(self, tx: &mut Tx) -> Result<(), StoreError> {
        for ((subject, grain, at), counts) in self.whole {
            if !counts.is_zero() {
                rollups::add(tx, subject, grain, at, &counts).await?;
            }
        }
        for ((channel, grain, at, video), counts) in self.of_channels {
            if !counts.is_zero() {
                rollups::add_to_channel(tx, channel, grain, at, video, &counts).await?;
            }
        }
        Ok(())
    }
}
