//! What a dashboard reads of the sums: one column over time, whole ranges, the videos of a channel beside each other.
//!
//! Each statement walks stretches of a primary key; the caller bounds them, and sends long ones to the slow readers.

use model::analytics::sketch::Sketch;
use model::analytics::{Counts, Dimension, Grain, Split, Subject};
use model::{Millis, UserId, VideoId};

use super::rollups::{COLUMNS, Stretch, counts, split};
use crate::{StoreError, Tx, Val, many, params};

/// Two columns of a bucket that are read together: a number, and what it is divided by or lessened by.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Pair {
    /// Views, and the owner's own.
    Views,
    /// Viewers, and views.
    Viewers,
    /// Watch time, and the owner's own.
    WatchTime,
    /// Likes, and comments.
    Likes,
    /// Comments, and likes.
    Comments,
    /// Followers gained, and lost.
    Subscribers,
    /// Sessions, and views.
    Sessions,
    /// How long starts took, and how many there were.
    Startup,
    /// How long data was waited for, and watch time.
    Stalled,
    /// Failures, and sessions.
    Errors,
}

impl Pair {
    const fn columns(self) -> &'static str {
        match self {
            Self::Views => "views, own_views",
            Self::Viewers => "viewers, views",
            Self::WatchTime => "watch_ms, own_watch_ms",
            Self::Likes => "likes, comments",
            Self::Comments => "comments, likes",
            Self::Subscribers => "subscribers_gained, subscribers_lost",
            Self::Sessions => "sessions, views",
            Self::Startup => "startup_ms, startups",
            Self::Stalled => "stall_ms, watch_ms",
            Self::Errors => "errors, sessions",
        }
    }
}

/// The statement of [`series`]; apart, so that a test can ask the engine for its plan.
pub fn series_statement(pair: Pair) -> String {
    format!(
        "SELECT at, {} FROM rollups WHERE subject_id = $1 AND grain = $2 AND at >= $3 AND at < $4 \
         ORDER BY at LIMIT $5",
        pair.columns()
    )
}

/// Two columns of a subject's buckets from one time to before another, oldest first, without empty ones.
pub async fn series(
    tx: &mut Tx,
    subject: Subject,
    grain: Grain,
    (from, to): (Millis, Millis),
    pair: Pair,
    limit: i64,
) -> Result<Vec<(Millis, i64, i64)>, StoreError> {
    tx.all(
        &series_statement(pair),
        &params![subject.0, grain.code(), from, to, limit],
        |row| Ok((row.millis(0)?, row.int(1)?, row.int(2)?)),
    )
    .await
}

/// What [`first`] asks; public for the test of its plan.
pub const FIRST: &str =
    "SELECT at FROM rollups WHERE subject_id = $1 AND grain = $2 AND at >= $3 ORDER BY at LIMIT 1";

/// When the first bucket of a subject begins that begins at this time or later.
pub async fn first(
    tx: &mut Tx,
    subject: Subject,
    grain: Grain,
    from: Millis,
) -> Result<Option<Millis>, StoreError> {
    tx.one(FIRST, &params![subject.0, grain.code(), from], |row| {
        row.millis(0)
    })
    .await
}

/// The statement of [`sum`]; apart, so that a test can ask the engine for its plan.
pub fn sum_statement() -> String {
    let sums: Vec<String> = COLUMNS
        .split(", ")
        .map(|column| format!("coalesce(sum({}), 0)", column.trim()))
        .collect();
    format!(
        "SELECT {} FROM rollups WHERE subject_id = $1 AND grain = $2 AND at >= $3 AND at < $4",
        sums.join(", ")
    )
}

/// The sums of a subject's buckets from one time to before another; of `viewers` too, which of more than one bucket
/// says nothing.
pub async fn sum(
    tx: &mut Tx,
    subject: Subject,
    grain: Grain,
    from: Millis,
    to: Millis,
) -> Result<Counts, StoreError> {
    let found = tx
        .one(
            &sum_statement(),
            &params![subject.0, grain.code(), from, to],
            |row| counts(row, 0),
        )
        .await?;
    Ok(found.unwrap_or_default())
}

/// What [`sketches`] asks; public for the test of its plan.
pub const SKETCHES: &str = "SELECT at, sketch FROM rollup_sketches WHERE subject_id = $1 AND grain = $2 \
     AND at >= $3 AND at < $4 ORDER BY at LIMIT $5";

/// The sketches of a subject's buckets from one time to before another, oldest first. Damaged ones are left out.
pub async fn sketches(
    tx: &mut Tx,
    subject: Subject,
    grain: Grain,
    (from, to): (Millis, Millis),
    limit: i64,
) -> Result<Vec<(Millis, Option<Sketch>)>, StoreError> {
    tx.all(
        SKETCHES,
        &params![subject.0, grain.code(), from, to, limit],
        |row| Ok((row.millis(0)?, Sketch::from_bytes(row.blob(1)?).ok())),
    )
    .await
}

/// What [`forgotten_viewers`] asks first; public for the test of its plan.
pub const FIRST_VIEWERS: &str = "SELECT at FROM rollups WHERE subject_id = $1 AND grain = 1 AND at >= $2 AND at < $3 \
     AND viewers > 0 ORDER BY at LIMIT 1";
/// What it asks then.
pub const FIRST_SKETCH: &str = "SELECT at FROM rollup_sketches WHERE subject_id = $1 AND grain = 1 AND at >= $2 \
     AND at < $3 ORDER BY at LIMIT 1";

/// Until when the hours from one time to before another have viewers of whom no more than the number is kept; `None`:
/// they are all known. Sketches of hours are forgotten sooner than the hours, the oldest first.
pub async fn forgotten_viewers(
    tx: &mut Tx,
    subject: Subject,
    from: Millis,
    to: Millis,
) -> Result<Option<Millis>, StoreError> {
    let between = params![subject.0, from, to];
    let Some(first) = tx.one(FIRST_VIEWERS, &between, |row| row.millis(0)).await? else {
        return Ok(None);
    };
    let kept = tx.one(FIRST_SKETCH, &between, |row| row.millis(0)).await?;
    Ok(match kept {
        Some(kept) if kept <= first => None,
        kept => Some(kept.unwrap_or(to)),
    })
}

/// What [`split_sums`] asks; public for the test of its plan.
pub const SPLIT_SUMS: &str = "SELECT value, sum(views), sum(watch_ms), sum(startups), sum(startup_ms), sum(stalls), \
     sum(stall_ms), sum(errors) FROM rollup_splits WHERE subject_id = $1 AND grain = 2 AND dimension = $2 \
     AND at >= $3 AND at < $4 GROUP BY value ORDER BY CASE WHEN $5 = 0 THEN sum(views) ELSE sum(watch_ms) END DESC, \
     value LIMIT $6";

/// What is told apart of a subject in the days from one to before another: most views first, or the longest watch
/// time.
pub async fn split_sums(
    tx: &mut Tx,
    subject: Subject,
    dimension: Dimension,
    (from, to): (Millis, Millis),
    by_views: bool,
    limit: i64,
) -> Result<Vec<(String, Split)>, StoreError> {
    tx.all(
        SPLIT_SUMS,
        &params![subject.0, dimension.code(), from, to, i64::from(!by_views), limit],
        |row| Ok((row.text(0)?.to_owned(), split(row, 1)?)),
    )
    .await
}

/// What is kept of a video among those of its channel.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct OfVideo {
    /// Counted views.
    pub views: i64,
    /// Media time that was watched, in milliseconds.
    pub watch_ms: i64,
    /// Likes, less those that were taken back.
    pub likes: i64,
    /// Comments.
    pub comments: i64,
    /// Followers that were gained from the video.
    pub subscribers_gained: i64,
}

impl std::ops::AddAssign for OfVideo {
    fn add_assign(&mut self, more: Self) {
        self.views = self.views.saturating_add(more.views);
        self.watch_ms = self.watch_ms.saturating_add(more.watch_ms);
        self.likes = self.likes.saturating_add(more.likes);
        self.comments = self.comments.saturating_add(more.comments);
        self.subscribers_gained = self.subscribers_gained.saturating_add(more.subscribers_gained);
    }
}

fn of_video(row: &crate::Row<'_>, first: usize) -> Result<OfVideo, StoreError> {
    Ok(OfVideo {
        views: row.int(first)?,
        watch_ms: row.int(first + 1)?,
        likes: row.int(first + 2)?,
        comments: row.int(first + 3)?,
        subscribers_gained: row.int(first + 4)?,
    })
}

/// What [`videos_of`] asks; public for the test of its plan.
pub const VIDEOS_OF: &str = "SELECT video_id, sum(views), sum(watch_ms), sum(likes), sum(comments), \
     sum(subscribers_gained) FROM channel_videos WHERE channel_id = $1 AND grain = $2 AND at >= $3 AND at < $4 \
     GROUP BY video_id LIMIT $5";

/// The sums of a channel's videos over a stretch of days, months or all time, in no order.
pub async fn videos_of(
    tx: &mut Tx,
    channel: UserId,
    stretch: Stretch,
    limit: i64,
) -> Result<Vec<(VideoId, OfVideo)>, StoreError> {
    tx.all(
        VIDEOS_OF,
        &params![channel, stretch.grain.code(), stretch.from, stretch.to, limit],
        |row| Ok((row.id(0)?, of_video(row, 1)?)),
    )
    .await
}

/// What [`videos_in`] asks; public for the test of its plan.
pub const VIDEOS_IN: &str = "SELECT video_id, views, watch_ms, likes, comments, subscribers_gained \
     FROM channel_videos WHERE channel_id = $1 AND grain = $2 AND at = $3 ORDER BY video_id LIMIT $4";

/// What is kept of a channel's videos in one bucket, in the order of their ids.
pub async fn videos_in(
    tx: &mut Tx,
    channel: UserId,
    grain: Grain,
    at: Millis,
    limit: i64,
) -> Result<Vec<(VideoId, OfVideo)>, StoreError> {
    tx.all(VIDEOS_IN, &params![channel, grain.code(), at, limit], |row| {
        Ok((row.id(0)?, of_video(row, 1)?))
    })
    .await
}

/// What [`busiest`] asks; public for the test of its plan.
pub const BUSIEST: &str = "SELECT video_id FROM channel_videos WHERE channel_id = $1 AND grain = 2 AND at = $2 \
     ORDER BY watch_ms DESC, video_id LIMIT $3";

/// The videos of a channel that were watched longest on a day.
pub async fn busiest(
    tx: &mut Tx,
    channel: UserId,
    day: Millis,
    limit: i64,
) -> Result<Vec<VideoId>, StoreError> {
    tx.all(BUSIEST, &params![channel, day, limit], |row| row.id(0))
        .await
}

/// What [`page`] asks; public for the test of its plan.
pub const PAGE: &str = "SELECT at, video_id, views, watch_ms, likes, comments, subscribers_gained \
     FROM channel_videos WHERE channel_id = $1 AND grain = 2 AND (at, video_id) > ($2, $3) AND at < $4 \
     ORDER BY at, video_id LIMIT $5";

/// What is kept of a channel's videos by day, in the order of days and ids, behind a place and before a day.
pub async fn page(
    tx: &mut Tx,
    channel: UserId,
    (day, video): (Millis, Option<VideoId>),
    to: Millis,
    limit: i64,
) -> Result<Vec<(Millis, VideoId, OfVideo)>, StoreError> {
    // No id is made of zeros alone.
    let behind = video.map_or([0; 12], |video| *video.as_bytes());
    tx.all(PAGE, &params![channel, day, &behind, to, limit], |row| {
        Ok((row.millis(0)?, row.id(1)?, of_video(row, 2)?))
    })
    .await
}

/// The statement of [`of_ids`] for one video; for the test of its plan.
pub fn of_ids_statement() -> String {
    ids_statement(&[VideoId(model::ObjectId([0; 12]))]).0
}

fn ids_statement(ids: &[VideoId]) -> (String, Vec<Val<'static>>) {
    let mut text =
        "SELECT video_id, views, watch_ms, likes, comments, subscribers_gained FROM channel_videos \
         WHERE channel_id = $1 AND grain = 4 AND at = 0 AND video_id IN ("
            .to_owned();
    let mut params = vec![Val::Null];
    many::any_of(&mut text, &mut params, ids.iter().map(|id| Val::from(*id)));
    text.push(')');
    (text, params)
}

/// What is kept of these videos of a channel in all, in no order; at most some hundred.
pub async fn of_ids(
    tx: &mut Tx,
    channel: UserId,
    ids: &[VideoId],
) -> Result<Vec<(VideoId, OfVideo)>, StoreError> {
    if ids.is_empty() {
        return Ok(Vec::new());
    }
    let (text, mut params) = ids_statement(ids);
    params[0] = channel.into();
    tx.all(&text, &params, |row| Ok((row.id(0)?, of_video(row, 1)?)))
        .await
}

/// The sums of a video in one bucket of those of its channel.
pub async fn of_video_in(
    tx: &mut Tx,
    channel: UserId,
    grain: Grain,
    at: Millis,
    video: VideoId,
) -> Result<OfVideo, StoreError> {
    let found = tx
        .one(
            "SELECT views, watch_ms, likes, comments, subscribers_gained FROM channel_videos \
             WHERE channel_id = $1 AND grain = $2 AND at = $3 AND video_id = $4",
            &params![channel, grain.code(), at, video],
            |row| of_video(row, 0),
        )
        .await?;
    Ok(found.unwrap_or_default())
}
