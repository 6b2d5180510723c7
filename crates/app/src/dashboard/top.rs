//! What of a channel is watched most: its videos, and where viewers come from and what they watch on.
//!
//! Sums of days that are over change no more, so those of all videos of a channel over such a range are kept for a
//! while; what is added since is read each time.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use model::analytics::zones::Range;
use model::analytics::{Counts, DAY_MS, Dimension, Grain, HOUR_MS, Split};
use model::text::Fault;
use model::{Millis, UserId, VideoId};
use moka::future::Cache;
use store::analytics::reads::{self, OfVideo};
use store::analytics::rollups::{Metric, Stretch};
use store::users;
use store::videos::VideoRow;

use super::range::{self, Asked};
use super::{Dashboard, SLOW_READ_MS};
use crate::core::Core;
use crate::error::Error;
use crate::sessions::Actor;
use crate::subscriptions::by_id;

/// Videos of a channel that are put in order; those with the fewest views are left out beyond that.
const MOST_VIDEOS: i64 = 50_000;
/// How long after its end a day may still change: what was accepted just before is written after it.
const SETTLING_MS: i64 = 6 * HOUR_MS;
/// Sums of videos that are kept for all channels together.
const KEPT_SUMS: u64 = 500_000;
/// Videos that are looked up beyond those that are shown: some may have been removed.
const SPARE: usize = 50;
/// The longest range that is told apart.
const LONGEST_APART_MS: i64 = 400 * DAY_MS;
/// Values that are read of what is told apart.
const MOST_VALUES: i64 = 100;

/// Which sums.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
struct Key {
    channel: UserId,
    from: Millis,
    to: Millis,
}

type Sums = Vec<(VideoId, OfVideo)>;

/// Sums of ranges that are over.
#[derive(Debug)]
pub(super) struct Settled(Cache<Key, Arc<Sums>>);

impl Default for Settled {
    fn default() -> Self {
        Self(
            Cache::builder()
                .max_capacity(KEPT_SUMS)
                .weigher(|_, sums: &Arc<Sums>| u32::try_from(sums.len() + 1).unwrap_or(u32::MAX))
                .time_to_idle(Duration::from_mins(10))
                .time_to_live(Duration::from_hours(1))
                .build(),
        )
    }
}

/// A video among those of its channel.
#[derive(Debug)]
pub struct Ranked {
    /// The video.
    pub video: VideoRow,
    /// Its sums.
    pub of: OfVideo,
}

/// The videos of a channel with the most of something.
#[derive(Debug)]
pub struct Top {
    /// What they are in order of.
    pub metric: Metric,
    /// When the range begins, a day of UTC; the epoch where it is all time.
    pub from: Millis,
    /// When it ends.
    pub to: Millis,
    /// The sums of all videos.
    pub total: OfVideo,
    /// Those with the most.
    pub videos: Vec<Ranked>,
}

/// A range told apart.
#[derive(Debug)]
pub struct Apart {
    /// By what.
    pub dimension: Dimension,
    /// When the range begins, a day of UTC.
    pub from: Millis,
    /// When it ends.
    pub to: Millis,
    /// The whole: also what is not known.
    pub total: Counts,
    /// The parts, the largest first.
    pub parts: Vec<(String, Split)>,
}

/// The metric of this name.
pub fn metric(name: &str) -> Result<Metric, Fault> {
    match name {
        "views" => Ok(Metric::Views),
        "watchTime" => Ok(Metric::WatchTime),
        "likes" => Ok(Metric::Likes),
        "comments" => Ok(Metric::Comments),
        "subscribersGained" => Ok(Metric::SubscribersGained),
        _ => {
            let message = "One of views, watchTime, likes, comments, subscribersGained.";
            Err(Fault::new("unknown", message))
        }
    }
}

/// The name of a metric.
pub const fn metric_name(metric: Metric) -> &'static str {
    match metric {
        Metric::Views => "views",
        Metric::WatchTime => "watchTime",
        Metric::Likes => "likes",
        Metric::Comments => "comments",
        Metric::SubscribersGained => "subscribersGained",
    }
}

/// The number that a metric is about.
pub const fn value(metric: Metric, of: &OfVideo) -> i64 {
    match metric {
        Metric::Views => of.views,
        Metric::WatchTime => of.watch_ms,
        Metric::Likes => of.likes,
        Metric::Comments => of.comments,
        Metric::SubscribersGained => of.subscribers_gained,
    }
}

impl Dashboard {
    /// The videos of the actor's channel with the most of something in a range of days, at most `limit`.
    pub async fn top(
        &self,
        metric: Metric,
        asked: &Asked<'_>,
        limit: usize,
        actor: &Actor,
    ) -> Result<Top, Error> {
        let channel = actor.user_id;
        let (from, to, sums) = self.videos_over(channel, asked).await?;
        let mut total = OfVideo::default();
        for (_, of) in &sums {
            total += *of;
        }
        let mut order: Vec<(VideoId, OfVideo)> =
            sums.into_iter().filter(|(_, of)| value(metric, of) > 0).collect();
        let wanted = limit + SPARE;
        let key = |(id, of): &(VideoId, OfVideo)| (-value(metric, of), *id);
        if order.len() > wanted {
            order.select_nth_unstable_by_key(wanted, key);
            order.truncate(wanted);
        }
        order.sort_unstable_by_key(key);
        let ids: Vec<VideoId> = order.iter().map(|(id, _)| *id).collect();
        let mut rows = by_id(&mut self.core.store.read(), &ids).await?;
        let videos = order.into_iter().filter_map(|(id, of)| {
            let video = rows.remove(&id).filter(|video| video.owner_id == channel)?;
            Some(Ranked { video, of })
        });
        Ok(Top {
            metric,
            from,
            to,
            total,
            videos: videos.take(limit).collect(),
        })
    }

    /// A range of days of the actor's channel, or of a video of theirs, told apart.
    pub async fn apart(
        &self,
        dimension: Dimension,
        by_views: bool,
        asked: &Asked<'_>,
        video: Option<VideoId>,
        limit: usize,
        actor: &Actor,
    ) -> Result<Apart, Error> {
        let range = days(asked, self.core.clock.now())?;
        let (from, to) = (range.from(), range.to());
        if to.since(from) > LONGEST_APART_MS {
            let message = "Told apart, a range has at most 400 days.";
            return Err(Error::field("from", Fault::new("too_long", message)));
        }
        let subject = self.focus(video, actor).await?.subject();
        let mut tx = self.core.store.slow_read(SLOW_READ_MS);
        let total = reads::sum(&mut tx, subject, Grain::Day, from, to).await?;
        let limit = i64::try_from(limit).unwrap_or(MOST_VALUES).min(MOST_VALUES);
        let parts = reads::split_sums(&mut tx, subject, dimension, (from, to), by_views, limit).await?;
        Ok(Apart {
            dimension,
            from,
            to,
            total,
            parts,
        })
    }

    /// The sums of all videos of a channel in a range of days: when it begins and ends, and the sums.
    pub(super) async fn videos_over(
        &self,
        channel: UserId,
        asked: &Asked<'_>,
    ) -> Result<(Millis, Millis, Sums), Error> {
        let now = self.core.clock.now();
        let (from, to) = if let Some(whole) = self.whole_time(channel, asked, now).await? {
            whole
        } else {
            let range = days(asked, now)?;
            (range.from(), range.to())
        };
        if from == Millis(0) && to > now {
            let mut tx = self.core.store.slow_read(SLOW_READ_MS);
            let sums = reads::videos_in(&mut tx, channel, Grain::Ever, Millis(0), MOST_VIDEOS).await?;
            return Ok((from, to, sums));
        }
        let settled = Grain::Day.start(now.plus_ms(-SETTLING_MS)).max(from).min(to);
        let mut sums: HashMap<VideoId, OfVideo> = HashMap::new();
        if from < settled {
            let over = self.settled(channel, from, settled).await?;
            sums.extend(over.iter().copied());
        }
        let end = to.min(Grain::Day.start(now).plus_ms(DAY_MS));
        let mut day = settled;
        let mut tx = self.core.store.slow_read(SLOW_READ_MS);
        while day < end {
            for (id, of) in reads::videos_in(&mut tx, channel, Grain::Day, day, MOST_VIDEOS).await? {
                *sums.entry(id).or_default() += of;
            }
            day = day.plus_ms(DAY_MS);
        }
        Ok((from, to, sums.into_iter().collect()))
    }

    /// All time, where the range begins before the channel did and is not over: of that there are sums.
    async fn whole_time(
        &self,
        channel: UserId,
        asked: &Asked<'_>,
        now: Millis,
    ) -> Result<Option<(Millis, Millis)>, Error> {
        let zone = model::analytics::zones::Zone::utc();
        let Some(Ok(from)) = asked.from.map(|text| zone.read(text)) else {
            return Ok(None);
        };
        let until = match asked.to.filter(|text| !text.is_empty()) {
            Some(text) => zone.read(text).map_err(|fault| Error::field("to", fault))?,
            None => now.plus_ms(1),
        };
        if until <= now {
            return Ok(None);
        }
        let user = users::find(&mut self.core.store.read(), channel).await?;
        let begun = user.is_some_and(|user| from <= user.created_at);
        let end = Grain::Day.start(now).plus_ms(DAY_MS);
        Ok(begun.then_some((Millis(0), end)))
    }

    async fn settled(&self, channel: UserId, from: Millis, to: Millis) -> Result<Arc<Sums>, Error> {
        let key = Key { channel, from, to };
        let core = Arc::clone(&self.core);
        let found = self.settled.0.try_get_with(key, add_up(core, key)).await;
        // Whoever waited for the same is told the same.
        found.map_err(|error| match &*error {
            Error::Refused(refusal) => Error::Refused(refusal.clone()),
            Error::Failed { context, source } => Error::failed(context, source.to_string()),
        })
    }
}

async fn add_up(core: Arc<Core>, Key { channel, from, to }: Key) -> Result<Arc<Sums>, Error> {
    let mut sums: HashMap<VideoId, OfVideo> = HashMap::new();
    for stretch in stretches(from, to) {
        let mut tx = core.store.slow_read(SLOW_READ_MS);
        for (id, of) in reads::videos_of(&mut tx, channel, stretch, MOST_VIDEOS).await? {
            *sums.entry(id).or_default() += of;
        }
    }
    Ok(Arc::new(sums.into_iter().collect()))
}

/// Days of UTC that hold the range that is asked for.
fn days(asked: &Asked<'_>, now: Millis) -> Result<Range, Error> {
    let asked = Asked {
        granularity: None,
        ..*asked
    };
    Ok(range::read(&asked, now)?.in_utc_days())
}

/// Some days as whole months where there are any, and the days before and behind them.
fn stretches(from: Millis, to: Millis) -> Vec<Stretch> {
    let next_month = |at: Millis| {
        let start = Grain::Month.start(at);
        if start == at {
            at
        } else {
            // No month has more days than that, and none two beginnings in them.
            Grain::Month.start(start.plus_ms(32 * DAY_MS))
        }
    };
    let (first, last) = (next_month(from), Grain::Month.start(to));
    let of = |grain, from, to| Stretch { grain, from, to };
    let parts = if first < last {
        vec![
            of(Grain::Day, from, first),
            of(Grain::Month, first, last),
            of(Grain::Day, last, to),
        ]
    } else {
        vec![of(Grain::Day, from, to)]
    };
    parts.into_iter().filter(|part| part.from < part.to).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whole_months_are_read_as_such_and_no_day_twice() {
        let day = |text: &str| model::analytics::zones::Zone::utc().read(text).unwrap();
        let of = |from: &str, to: &str| -> Vec<(Grain, String, String)> {
            let parts = stretches(day(from), day(to));
            let text = |at: Millis| at.to_string()[..10].to_owned();
            parts
                .iter()
                .map(|part| (part.grain, text(part.from), text(part.to)))
                .collect()
        };
        let part = |grain, from: &str, to: &str| (grain, from.to_owned(), to.to_owned());
        assert_eq!(
            of("2026-01-10", "2026-02-20"),
            [part(Grain::Day, "2026-01-10", "2026-02-20")]
        );
        assert_eq!(
            of("2026-01-10", "2026-03-02"),
            [
                part(Grain::Day, "2026-01-10", "2026-02-01"),
                part(Grain::Month, "2026-02-01", "2026-03-01"),
                part(Grain::Day, "2026-03-01", "2026-03-02"),
            ]
        );
        assert_eq!(
            of("2026-01-01", "2027-01-01"),
            [part(Grain::Month, "2026-01-01", "2027-01-01")]
        );
    }
}
