//! Numbers over time: one of them by bucket, or the sums of a whole range.

use model::analytics::sketch::Sketch;
use model::analytics::zones::{Granularity, Range};
use model::analytics::{Counts, DAY_MS, Grain, HOUR_MS, Subject};
use model::text::Fault;
use model::{Millis, VideoId};
use store::Tx;
use store::analytics::reads::{self, Pair};
use store::analytics::rollups;

use super::range::{self, Asked, Beside};
use super::{Amount, Dashboard, Period, SLOW_READ_MS};
use crate::error::Error;
use crate::sessions::Actor;

/// Buckets of a range that are read at once, on the thread that asks.
const QUICK: usize = 800;
/// Sketches that are read at once.
const SKETCHES: i64 = 64;
/// Minutes are looked for no longer ago than this; they are kept for two days.
const MINUTES_KEPT_MS: i64 = 72 * HOUR_MS;

/// What is shown over time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Metric {
    /// Counted views.
    Views,
    /// Views by the owner.
    OwnViews,
    /// Different viewers.
    Viewers,
    /// Media time that was watched, in seconds.
    WatchTime,
    /// Media time that the owner watched, in seconds.
    OwnWatchTime,
    /// Likes, less those that were taken back.
    Likes,
    /// Comments.
    Comments,
    /// Followers gained.
    SubscribersGained,
    /// Followers lost.
    SubscribersLost,
    /// Followers gained, less those that were lost.
    Subscribers,
    /// Sessions that began.
    Sessions,
    /// How long starts took, in seconds: a mean.
    Startup,
    /// What part of the time people waited for data.
    RebufferRatio,
    /// Failures to play.
    Errors,
}

impl Metric {
    const NAMES: [(&'static str, Self); 14] = [
        ("views", Self::Views),
        ("ownViews", Self::OwnViews),
        ("viewers", Self::Viewers),
        ("watchTime", Self::WatchTime),
        ("ownWatchTime", Self::OwnWatchTime),
        ("likes", Self::Likes),
        ("comments", Self::Comments),
        ("subscribersGained", Self::SubscribersGained),
        ("subscribersLost", Self::SubscribersLost),
        ("subscribers", Self::Subscribers),
        ("sessions", Self::Sessions),
        ("startup", Self::Startup),
        ("rebufferRatio", Self::RebufferRatio),
        ("errors", Self::Errors),
    ];

    /// The metric of this name.
    pub fn from_name(name: &str) -> Result<Self, Fault> {
        let found = Self::NAMES.iter().find(|(known, _)| *known == name);
        found.map(|(_, metric)| *metric).ok_or_else(|| {
            let names: Vec<&str> = Self::NAMES.iter().map(|(name, _)| *name).collect();
            Fault::new("unknown", format!("One of {}.", names.join(", ")))
        })
    }

    /// Its name.
    pub fn name(self) -> &'static str {
        let found = Self::NAMES.iter().find(|(_, metric)| *metric == self);
        found.map_or("", |(name, _)| name)
    }

    const fn pair(self) -> Pair {
        match self {
            Self::Views | Self::OwnViews => Pair::Views,
            Self::Viewers => Pair::Viewers,
            Self::WatchTime | Self::OwnWatchTime => Pair::WatchTime,
            Self::Likes => Pair::Likes,
            Self::Comments => Pair::Comments,
            Self::SubscribersGained | Self::SubscribersLost | Self::Subscribers => Pair::Subscribers,
            Self::Sessions => Pair::Sessions,
            Self::Startup => Pair::Startup,
            Self::RebufferRatio => Pair::Stalled,
            Self::Errors => Pair::Errors,
        }
    }

    fn amount(self, (first, second): (i64, i64)) -> Amount {
        match self {
            Self::Views
            | Self::Viewers
            | Self::Likes
            | Self::Comments
            | Self::SubscribersGained
            | Self::Sessions
            | Self::Errors => Amount::Whole(first),
            Self::OwnViews | Self::SubscribersLost => Amount::Whole(second),
            Self::Subscribers => Amount::Whole(first.saturating_sub(second)),
            Self::WatchTime => Amount::seconds(first),
            Self::OwnWatchTime => Amount::seconds(second),
            Self::Startup => Amount::startup(first, second),
            Self::RebufferRatio => Amount::rebuffering(first, second),
        }
    }
}

/// One metric over a range.
#[derive(Debug, Clone)]
pub struct Line {
    /// The range.
    pub range: Range,
    /// The number of each of its buckets.
    pub points: Vec<Amount>,
    /// Of all of it: a sum, or the mean, or different viewers.
    pub total: Amount,
}

/// One metric over a range, beside the range before it.
#[derive(Debug)]
pub struct Series {
    /// What is shown.
    pub metric: Metric,
    /// The range.
    pub line: Line,
    /// From when on its buckets are kept; `None`: from its beginning.
    pub kept_from: Option<Millis>,
    /// As many buckets before it, where it is asked for.
    pub previous: Option<Line>,
}

impl Dashboard {
    /// One metric of the actor's channel, or of a video of theirs, over time.
    pub async fn series(
        &self,
        metric: Metric,
        asked: &Asked<'_>,
        video: Option<VideoId>,
        compare: bool,
        actor: &Actor,
    ) -> Result<Series, Error> {
        let now = self.core.clock.now();
        let range = range::read(asked, now)?;
        let subject = self.focus(video, actor).await?.subject();
        let quick = range.len() <= QUICK && metric != Metric::Viewers && range.zone.is_utc();
        let mut tx = if quick {
            self.core.store.read()
        } else {
            self.core.store.slow_read(SLOW_READ_MS)
        };
        let viewers = metric == Metric::Viewers;
        let Beside {
            range,
            kept_from,
            before,
        } = if compare {
            range::beside(&mut tx, subject, range, viewers).await?
        } else {
            let (range, kept_from) = range::kept(&mut tx, subject, range, viewers).await?;
            Beside {
                range,
                kept_from,
                before: None,
            }
        };
        let previous = match before {
            Some(before) => Some(line(&mut tx, subject, metric, before, now).await?),
            None => None,
        };
        Ok(Series {
            metric,
            line: line(&mut tx, subject, metric, range, now).await?,
            kept_from,
            previous,
        })
    }
}

/// How many rows of a grain a range may have.
fn rows(range: &Range, grain: Grain) -> i64 {
    let length = match grain {
        Grain::Minute => 60_000,
        Grain::Hour => HOUR_MS,
        _ => DAY_MS,
    };
    range.to().since(range.from()) / length + 2
}

async fn line(
    tx: &mut Tx,
    subject: Subject,
    metric: Metric,
    range: Range,
    now: Millis,
) -> Result<Line, Error> {
    let grain = range::grain(&range);
    if metric == Metric::Viewers && range.granularity == Granularity::Day && !range.zone.is_utc() {
        let (points, total) = viewers_by_zone(tx, subject, &range).await?;
        let points = points.into_iter().map(Amount::Whole).collect();
        let total = Amount::Whole(total);
        return Ok(Line { range, points, total });
    }
    let pair = metric.pair();
    let limit = rows(&range, grain);
    let found = reads::series(tx, subject, grain, (range.from(), range.to()), pair, limit).await?;
    let mut sums = vec![(0_i64, 0_i64); range.len()];
    for (at, first, second) in found {
        if let Some(sum) = range.place(at).and_then(|place| sums.get_mut(place)) {
            sum.0 = sum.0.saturating_add(first);
            sum.1 = sum.1.saturating_add(second);
        }
    }
    for (edge, next_hour) in parted_hours(&range, now) {
        let behind = reads::series(tx, subject, Grain::Minute, (edge, next_hour), pair, 60).await?;
        let moved = behind.iter().fold((0, 0), |sum: (i64, i64), (_, first, second)| {
            (sum.0 + first, sum.1 + second)
        });
        move_over(&mut sums, &range, edge, |sum, sign| {
            sum.0 += sign * moved.0;
            sum.1 += sign * moved.1;
        });
    }
    let total = if metric == Metric::Viewers {
        Amount::Whole(union(tx, subject, range.from(), range.to()).await?)
    } else {
        let add =
            |sum: (i64, i64), more: &(i64, i64)| (sum.0.saturating_add(more.0), sum.1.saturating_add(more.1));
        metric.amount(sums.iter().fold((0, 0), add))
    };
    let points = sums.into_iter().map(|sum| metric.amount(sum)).collect();
    Ok(Line { range, points, total })
}

/// Where a day ends in the middle of an hour that was not long ago, and where that hour ends: the minutes between are
/// known, and of the next day. Of longer ago an hour is of the day in which it begins.
fn parted_hours(range: &Range, now: Millis) -> Vec<(Millis, Millis)> {
    let since = now.plus_ms(-MINUTES_KEPT_MS);
    range
        .edges_within_hours()
        .filter(|edge| *edge >= since && *edge <= now)
        .map(|edge| (edge, Grain::Hour.start(edge).plus_ms(HOUR_MS)))
        .collect()
}

/// Moves what lies behind an edge from the bucket before it to the one after it.
fn move_over<T>(sums: &mut [T], range: &Range, edge: Millis, mut change: impl FnMut(&mut T, i64)) {
    if let Some(sum) = range
        .place(edge.plus_ms(-1))
        .and_then(|place| sums.get_mut(place))
    {
        change(sum, -1);
    }
    if let Some(sum) = range.place(edge).and_then(|place| sums.get_mut(place)) {
        change(sum, 1);
    }
}

/// Different viewers of each day of a zone, and of all of them.
async fn viewers_by_zone(tx: &mut Tx, subject: Subject, range: &Range) -> Result<(Vec<i64>, i64), Error> {
    let mut points = vec![0; range.len()];
    let (mut all, mut day, mut place) = (Sketch::default(), Sketch::default(), 0);
    let mut from = range.from();
    loop {
        let found = reads::sketches(tx, subject, Grain::Hour, (from, range.to()), SKETCHES).await?;
        for (at, sketch) in &found {
            let Some(here) = range.place(*at) else { continue };
            if here != place {
                points[place] = estimate(&day);
                (day, place) = (Sketch::default(), here);
            }
            if let Some(sketch) = sketch {
                day.merge(sketch);
                all.merge(sketch);
            }
        }
        match found.last() {
            Some((last, _)) if found.len() as i64 == SKETCHES => from = last.plus_ms(1),
            _ => break,
        }
    }
    points[place] = estimate(&day);
    Ok((points, estimate(&all)))
}

fn estimate(sketch: &Sketch) -> i64 {
    i64::try_from(sketch.estimate()).unwrap_or(i64::MAX)
}

/// Different viewers from one time to before another: of whole days of UTC, and of the hours at both ends. Where those
/// of hours are forgotten, of the days that hold them, but not more than the hours add up to.
pub(super) async fn union(tx: &mut Tx, subject: Subject, from: Millis, to: Millis) -> Result<i64, Error> {
    let up = |at: Millis, length: i64| Millis(at.0.div_euclid(length).saturating_mul(length));
    let (first, last) = (up(from, HOUR_MS), up(to.plus_ms(HOUR_MS - 1), HOUR_MS));
    let (day, end) = (up(first.plus_ms(DAY_MS - 1), DAY_MS), up(last, DAY_MS));
    let stretches = if day < end {
        vec![
            (Grain::Hour, first, day),
            (Grain::Day, day, end),
            (Grain::Hour, end, last),
        ]
    } else {
        vec![(Grain::Hour, first, last)]
    };
    let (mut known, mut wide, mut most) = (Sketch::default(), Sketch::default(), 0_i64);
    for (grain, from, to) in stretches {
        let is_forgotten =
            grain == Grain::Hour && reads::forgotten_viewers(tx, subject, from, to).await?.is_some();
        if is_forgotten {
            most = most.saturating_add(reads::sum(tx, subject, Grain::Hour, from, to).await?.viewers);
            let days = (up(from, DAY_MS), up(to.plus_ms(DAY_MS - 1), DAY_MS));
            merge(tx, subject, Grain::Day, days, &mut wide).await?;
        } else {
            merge(tx, subject, grain, (from, to), &mut known).await?;
        }
    }
    let most = most.saturating_add(estimate(&known));
    wide.merge(&known);
    Ok(estimate(&wide).min(most))
}

/// Adds the viewers of buckets from one time to before another.
async fn merge(
    tx: &mut Tx,
    subject: Subject,
    grain: Grain,
    (mut from, to): (Millis, Millis),
    all: &mut Sketch,
) -> Result<(), Error> {
    while from < to {
        let found = reads::sketches(tx, subject, grain, (from, to), SKETCHES).await?;
        found
            .iter()
            .filter_map(|(_, sketch)| sketch.as_ref())
            .for_each(|sketch| all.merge(sketch));
        match found.last() {
            Some((last, _)) if found.len() as i64 == SKETCHES => from = last.plus_ms(1),
            _ => break,
        }
    }
    Ok(())
}

/// All sums of each bucket of a range.
pub(super) async fn counts(
    tx: &mut Tx,
    subject: Subject,
    range: &Range,
    now: Millis,
) -> Result<Vec<Counts>, Error> {
    let grain = range::grain(range);
    let mut sums = vec![Counts::default(); range.len()];
    let found = rollups::list(tx, subject, grain, range.from(), range.to(), rows(range, grain)).await?;
    for (at, counts) in &found {
        if let Some(sum) = range.place(*at).and_then(|place| sums.get_mut(place)) {
            *sum += *counts;
        }
    }
    for (edge, next_hour) in parted_hours(range, now) {
        let moved = reads::sum(tx, subject, Grain::Minute, edge, next_hour).await?;
        move_over(&mut sums, range, edge, |sum, sign| {
            if sign > 0 {
                *sum += moved;
            } else {
                *sum -= moved;
            }
        });
    }
    if range.granularity == Granularity::Day && !range.zone.is_utc() {
        let (viewers, _) = viewers_by_zone(tx, subject, range).await?;
        for (sum, viewers) in sums.iter_mut().zip(viewers) {
            sum.viewers = viewers;
        }
    }
    Ok(sums)
}

/// The sums of a range.
pub(super) async fn period(
    tx: &mut Tx,
    subject: Subject,
    range: &Range,
    now: Millis,
) -> Result<Period, Error> {
    let mut sum = Counts::default();
    for bucket in counts(tx, subject, range, now).await? {
        sum += bucket;
    }
    sum.viewers = union(tx, subject, range.from(), range.to()).await?;
    Ok(Period {
        from: range.from(),
        to: range.to(),
        counts: sum,
    })
}
