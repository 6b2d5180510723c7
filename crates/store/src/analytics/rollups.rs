//! Sums of watching in buckets of time: of videos, channels and the site, whole and told apart.
//!
//! Reads walk one stretch of a primary key. Which buckets make up a range is for the caller to say.

use std::fmt::Write;

use model::analytics::{Counts, Dimension, Grain, Slice, Split, Subject};
use model::{Millis, UserId, VideoId};

use crate::{Row, StoreError, Tx, Val, params};

/// Columns of [`Counts`], in the order of its fields.
pub(super) const COLUMNS: &str = "views, own_views, viewers, watch_ms, own_watch_ms, likes, comments, subscribers_gained, \
     subscribers_lost, sessions, startups, startup_ms, stalls, stall_ms, errors";

pub(super) fn counts(row: &Row<'_>, first: usize) -> Result<Counts, StoreError> {
    Ok(Counts {
        views: row.int(first)?,
        own_views: row.int(first + 1)?,
        viewers: row.int(first + 2)?,
        watch_ms: row.int(first + 3)?,
        own_watch_ms: row.int(first + 4)?,
        likes: row.int(first + 5)?,
        comments: row.int(first + 6)?,
        subscribers_gained: row.int(first + 7)?,
        subscribers_lost: row.int(first + 8)?,
        sessions: row.int(first + 9)?,
        startups: row.int(first + 10)?,
        startup_ms: row.int(first + 11)?,
        stalls: row.int(first + 12)?,
        stall_ms: row.int(first + 13)?,
        errors: row.int(first + 14)?,
    })
}

pub(super) fn split(row: &Row<'_>, first: usize) -> Result<Split, StoreError> {
    Ok(Split {
        views: row.int(first)?,
        watch_ms: row.int(first + 1)?,
        startups: row.int(first + 2)?,
        startup_ms: row.int(first + 3)?,
        stalls: row.int(first + 4)?,
        stall_ms: row.int(first + 5)?,
        errors: row.int(first + 6)?,
    })
}

/// Adds to the sums of a subject in the bucket that began at `at`.
pub async fn add(
    tx: &mut Tx,
    subject: Subject,
    grain: Grain,
    at: Millis,
    more: &Counts,
) -> Result<(), StoreError> {
    tx.exec(
        "INSERT INTO rollups (subject_id, grain, at, views, own_views, viewers, watch_ms, own_watch_ms, likes, \
         comments, subscribers_gained, subscribers_lost, sessions, startups, startup_ms, stalls, stall_ms, errors) \
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18) \
         ON CONFLICT (subject_id, grain, at) DO UPDATE SET views = rollups.views + excluded.views, \
         own_views = rollups.own_views + excluded.own_views, viewers = rollups.viewers + excluded.viewers, \
         watch_ms = rollups.watch_ms + excluded.watch_ms, \
         own_watch_ms = rollups.own_watch_ms + excluded.own_watch_ms, likes = rollups.likes + excluded.likes, \
         comments = rollups.comments + excluded.comments, \
         subscribers_gained = rollups.subscribers_gained + excluded.subscribers_gained, \
         subscribers_lost = rollups.subscribers_lost + excluded.subscribers_lost, \
         sessions = rollups.sessions + excluded.sessions, startups = rollups.startups + excluded.startups, \
         startup_ms = rollups.startup_ms + excluded.startup_ms, stalls = rollups.stalls + excluded.stalls, \
         stall_ms = rollups.stall_ms + excluded.stall_ms, errors = rollups.errors + excluded.errors",
        &params![
            subject.0,
            grain.code(),
            at,
            more.views,
            more.own_views,
            more.viewers,
            more.watch_ms,
            more.own_watch_ms,
            more.likes,
            more.comments,
            more.subscribers_gained,
            more.subscribers_lost,
            more.sessions,
            more.startups,
            more.startup_ms,
            more.stalls,
            more.stall_ms,
            more.errors
        ],
    )
    .await?;
    Ok(())
}

/// Adds to what is told apart of a subject, in the hour or day that began at `at`.
pub async fn add_split(
    tx: &mut Tx,
    subject: Subject,
    grain: Grain,
    at: Millis,
    slice: &Slice,
    more: &Split,
) -> Result<(), StoreError> {
    let value = slice.name();
    tx.exec(
        "INSERT INTO rollup_splits (subject_id, grain, dimension, at, value, views, watch_ms, startups, startup_ms, \
         stalls, stall_ms, errors) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12) \
         ON CONFLICT (subject_id, grain, dimension, at, value) DO UPDATE SET \
         views = rollup_splits.views + excluded.views, watch_ms = rollup_splits.watch_ms + excluded.watch_ms, \
         startups = rollup_splits.startups + excluded.startups, \
         startup_ms = rollup_splits.startup_ms + excluded.startup_ms, \
         stalls = rollup_splits.stalls + excluded.stalls, stall_ms = rollup_splits.stall_ms + excluded.stall_ms, \
         errors = rollup_splits.errors + excluded.errors",
        &params![
            subject.0,
            grain.code(),
            slice.dimension().code(),
            at,
            &*value,
            more.views,
            more.watch_ms,
            more.startups,
            more.startup_ms,
            more.stalls,
            more.stall_ms,
            more.errors
        ],
    )
    .await?;
    Ok(())
}

/// Adds to the sums of a video among those of its channel, in the day, the month or all time that began at `at`.
pub async fn add_to_channel(
    tx: &mut Tx,
    channel: UserId,
    grain: Grain,
    at: Millis,
    video: VideoId,
    more: &Counts,
) -> Result<(), StoreError> {
    tx.exec(
        "INSERT INTO channel_videos (channel_id, grain, at, video_id, views, watch_ms, likes, comments, \
         subscribers_gained) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9) \
         ON CONFLICT (channel_id, grain, at, video_id) DO UPDATE SET \
         views = channel_videos.views + excluded.views, watch_ms = channel_videos.watch_ms + excluded.watch_ms, \
         likes = channel_videos.likes + excluded.likes, comments = channel_videos.comments + excluded.comments, \
         subscribers_gained = channel_videos.subscribers_gained + excluded.subscribers_gained",
        &params![
            channel,
            grain.code(),
            at,
            video,
            more.views,
            more.watch_ms,
            more.likes,
            more.comments,
            more.subscribers_gained
        ],
    )
    .await?;
    Ok(())
}

/// The sums of a subject in one bucket; zeros where there are none.
pub async fn find(tx: &mut Tx, subject: Subject, grain: Grain, at: Millis) -> Result<Counts, StoreError> {
    let text = format!("SELECT {COLUMNS} FROM rollups WHERE subject_id = $1 AND grain = $2 AND at = $3");
    let found = tx
        .one(&text, &params![subject.0, grain.code(), at], |row| counts(row, 0))
        .await?;
    Ok(found.unwrap_or_default())
}

/// The statement of [`list`]; apart, so that a test can ask the engine for its plan.
pub fn list_statement() -> String {
    format!(
        "SELECT at, {COLUMNS} FROM rollups WHERE subject_id = $1 AND grain = $2 AND at >= $3 AND at < $4 \
         ORDER BY at LIMIT $5"
    )
}

/// The buckets of a subject from one time to before another, oldest first, without those in which nothing happened.
pub async fn list(
    tx: &mut Tx,
    subject: Subject,
    grain: Grain,
    from: Millis,
    to: Millis,
    limit: i64,
) -> Result<Vec<(Millis, Counts)>, StoreError> {
    tx.all(
        &list_statement(),
        &params![subject.0, grain.code(), from, to, limit],
        |row| Ok((row.millis(0)?, counts(row, 1)?)),
    )
    .await
}

/// What [`list_splits`] asks; public for the test of its plan.
pub const LIST_SPLITS: &str = "SELECT value, sum(views), sum(watch_ms), sum(startups), sum(startup_ms), sum(stalls), \
     sum(stall_ms), sum(errors) FROM rollup_splits WHERE subject_id = $1 AND grain = $2 AND dimension = $3 \
     AND at >= $4 AND at < $5 GROUP BY value ORDER BY sum(watch_ms) DESC, value LIMIT $6";

/// What is told apart of a subject in the buckets from one time to before another, what was watched longest first.
/// What was not known is in none of them.
pub async fn list_splits(
    tx: &mut Tx,
    subject: Subject,
    grain: Grain,
    dimension: Dimension,
    (from, to): (Millis, Millis),
    limit: i64,
) -> Result<Vec<(String, Split)>, StoreError> {
    tx.all(
        LIST_SPLITS,
        &params![subject.0, grain.code(), dimension.code(), from, to, limit],
        |row| Ok((row.text(0)?.to_owned(), split(row, 1)?)),
    )
    .await
}

/// By what the videos of a channel are put in order.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Metric {
    /// Counted views.
    Views,
    /// Media time that was watched.
    WatchTime,
    /// Likes, less those that were taken back.
    Likes,
    /// Comments.
    Comments,
    /// Followers that were gained from the video.
    SubscribersGained,
}

impl Metric {
    const fn column(self) -> &'static str {
        match self {
            Self::Views => "views",
            Self::WatchTime => "watch_ms",
            Self::Likes => "likes",
            Self::Comments => "comments",
            Self::SubscribersGained => "subscribers_gained",
        }
    }
}

/// Buckets of one grain that follow each other: days, months, or all time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Stretch {
    /// How long each is.
    pub grain: Grain,
    /// When the first began.
    pub from: Millis,
    /// When the first began that is not part of it.
    pub to: Millis,
}

/// The statement of [`top`] for this many stretches; apart, so that a test can ask the engine for its plan.
pub fn top_statement(metric: Metric, stretches: usize) -> String {
    let mut text =
        "SELECT video_id, sum(views), sum(watch_ms), sum(likes), sum(comments), sum(subscribers_gained) FROM ("
            .to_owned();
    for number in 0..stretches {
        let union = if number == 0 { "" } else { " UNION ALL " };
        let first = number * 3 + 2;
        // Writing into a string cannot fail.
        let _ = write!(
            text,
            "{union}SELECT video_id, views, watch_ms, likes, comments, subscribers_gained FROM channel_videos \
             WHERE channel_id = $1 AND grain = ${first} AND at >= ${} AND at < ${}",
            first + 1,
            first + 2
        );
    }
    let column = metric.column();
    let _ = write!(
        text,
        ") AS parts GROUP BY video_id ORDER BY sum({column}) DESC, video_id LIMIT ${}",
        stretches * 3 + 2
    );
    text
}

/// The videos of a channel with the most of something in some stretches that do not overlap; at most four.
pub async fn top(
    tx: &mut Tx,
    channel: UserId,
    metric: Metric,
    stretches: &[Stretch],
    limit: i64,
) -> Result<Vec<(VideoId, Counts)>, StoreError> {
    let stretches = &stretches[..stretches.len().min(4)];
    if stretches.is_empty() {
        return Ok(Vec::new());
    }
    let mut params: Vec<Val<'_>> = vec![channel.into()];
    for stretch in stretches {
        params.extend(params![stretch.grain.code(), stretch.from, stretch.to]);
    }
    params.push(limit.into());
    tx.all(&top_statement(metric, stretches.len()), &params, |row| {
        let counts = Counts {
            views: row.int(1)?,
            watch_ms: row.int(2)?,
            likes: row.int(3)?,
            comments: row.int(4)?,
            subscribers_gained: row.int(5)?,
            ..Counts::default()
        };
        Ok((row.id(0)?, counts))
    })
    .await
}

/// Forgets minutes or hours that began before a time, at most `limit` of each kind of row; tells how many.
pub async fn sweep(tx: &mut Tx, grain: Grain, before: Millis, limit: i64) -> Result<u64, StoreError> {
    let whole = tx
        .exec(
            "DELETE FROM rollups WHERE (subject_id, grain, at) IN (SELECT subject_id, grain, at FROM rollups \
             WHERE grain < 2 AND grain = $1 AND at < $2 ORDER BY at LIMIT $3)",
            &params![grain.code(), before, limit],
        )
        .await?;
    Ok(whole + sweep_splits(tx, grain, before, limit).await?)
}

/// Forgets what is told apart of hours that began before a time, at most `limit` rows; tells how many.
pub async fn sweep_splits(tx: &mut Tx, grain: Grain, before: Millis, limit: i64) -> Result<u64, StoreError> {
    tx.exec(
        "DELETE FROM rollup_splits WHERE (subject_id, grain, dimension, at, value) IN \
         (SELECT subject_id, grain, dimension, at, value FROM rollup_splits \
         WHERE grain < 2 AND grain = $1 AND at < $2 ORDER BY at LIMIT $3)",
        &params![grain.code(), before, limit],
    )
    .await
}

/// Forgets all sums of a video, or of a channel with its list of videos; at most `limit` rows of each kind. Tells
/// how many.
pub async fn remove_of(tx: &mut Tx, subject: Subject, limit: i64) -> Result<u64, StoreError> {
    let mut gone = 0;
    for text in [
        "DELETE FROM rollups WHERE (subject_id, grain, at) IN \
         (SELECT subject_id, grain, at FROM rollups WHERE subject_id = $1 LIMIT $2)",
        "DELETE FROM rollup_splits WHERE (subject_id, grain, dimension, at, value) IN \
         (SELECT subject_id, grain, dimension, at, value FROM rollup_splits WHERE subject_id = $1 LIMIT $2)",
        "DELETE FROM channel_videos WHERE (channel_id, grain, at, video_id) IN \
         (SELECT channel_id, grain, at, video_id FROM channel_videos WHERE channel_id = $1 LIMIT $2)",
    ] {
        gone += tx.exec(text, &params![subject.0, limit]).await?;
    }
    Ok(gone)
}
