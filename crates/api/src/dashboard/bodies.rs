//! Shapes of the dashboard.

use app::Viewer;
use app::dashboard::realtime::Realtime;
use app::dashboard::retention::Watched;
use app::dashboard::series::{Line, Series};
use app::dashboard::{Amount, Compared, Period, Stats};
use model::analytics::zones::Granularity;
use model::analytics::{Counts, Split};
use model::videos::Visibility;
use model::{Millis, VideoId};
use serde::Serialize;
use store::videos::VideoRow;
use utoipa::ToSchema;

use crate::bodies::VideoBody;
use crate::web::Web;

/// How a channel stands.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct StatsBody {
    /// All its videos, unpublished too.
    pub total_videos: i64,
    /// Counted views.
    pub total_views: i64,
    /// Followers.
    pub total_subscribers: i64,
    /// The same.
    pub subscriber_count: i64,
    /// Likes of its videos.
    pub total_likes: i64,
    /// Comments under its videos.
    pub total_comments: i64,
    /// Media time that was watched, seconds.
    pub total_watch_time: f64,
    /// The sums of a range; only where one is asked for.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub period: Option<PeriodBody>,
}

/// How a video stands, in the stream about one.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct VideoStatsBody {
    video: VideoId,
    total_views: i64,
    total_likes: i64,
    total_comments: i64,
    total_watch_time: f64,
}

impl StatsBody {
    /// Of a channel.
    pub fn of(stats: &Stats) -> Self {
        Self {
            total_videos: stats.videos,
            total_views: stats.views,
            total_subscribers: stats.subscribers,
            subscriber_count: stats.subscribers,
            total_likes: stats.likes,
            total_comments: stats.comments,
            total_watch_time: seconds(stats.watch_ms),
            period: None,
        }
    }
}

/// As it is told in the stream: of a channel, or of a video.
pub(super) fn stats_json(stats: &Stats) -> serde_json::Result<String> {
    match stats.focus.video {
        None => serde_json::to_string(&StatsBody::of(stats)),
        Some(video) => serde_json::to_string(&VideoStatsBody {
            video,
            total_views: stats.views,
            total_likes: stats.likes,
            total_comments: stats.comments,
            total_watch_time: seconds(stats.watch_ms),
        }),
    }
}

/// Seconds of milliseconds.
pub(super) fn seconds(ms: i64) -> f64 {
    ms as f64 / 1000.0
}

/// A part of a whole; 0 where there is no whole.
pub(super) fn share(part: i64, whole: i64) -> f64 {
    if whole > 0 {
        part as f64 / whole as f64
    } else {
        0.0
    }
}

/// All sums of some time.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct SumsBody {
    /// Counted views.
    pub views: i64,
    /// Views by the owner, in no other number.
    pub own_views: i64,
    /// Different viewers, estimated.
    pub viewers: i64,
    /// Media time that was watched, seconds.
    pub watch_time: f64,
    /// Media time that the owner watched, seconds.
    pub own_watch_time: f64,
    /// Likes, less those that were taken back.
    pub likes: i64,
    /// Comments.
    pub comments: i64,
    /// Followers gained.
    pub subscribers_gained: i64,
    /// Followers lost.
    pub subscribers_lost: i64,
    /// Followers gained, less those that were lost.
    pub subscribers: i64,
    /// Sessions that began.
    pub sessions: i64,
    /// How long starts took, seconds: a mean. Null where none was told.
    #[schema(value_type = Option<f64>)]
    pub startup: Amount,
    /// What part of the time people waited for data.
    #[schema(value_type = Option<f64>)]
    pub rebuffer_ratio: Amount,
    /// Failures to play.
    pub errors: i64,
}

impl SumsBody {
    /// Of these sums.
    pub fn of(counts: &Counts) -> Self {
        Self {
            views: counts.views,
            own_views: counts.own_views,
            viewers: counts.viewers,
            watch_time: seconds(counts.watch_ms),
            own_watch_time: seconds(counts.own_watch_ms),
            likes: counts.likes,
            comments: counts.comments,
            subscribers_gained: counts.subscribers_gained,
            subscribers_lost: counts.subscribers_lost,
            subscribers: counts.subscribers_gained.saturating_sub(counts.subscribers_lost),
            sessions: counts.sessions,
            startup: Amount::startup(counts.startup_ms, counts.startups),
            rebuffer_ratio: Amount::rebuffering(counts.stall_ms, counts.watch_ms),
            errors: counts.errors,
        }
    }
}

/// The sums of a range, beside those of the one before it.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct PeriodBody {
    /// Of which zone its days are.
    pub time_zone: String,
    /// When it begins.
    #[schema(value_type = String)]
    pub from: Millis,
    /// When it ends, which is not part of it.
    #[schema(value_type = String)]
    pub to: Millis,
    /// The sums.
    #[serde(flatten)]
    pub sums: SumsBody,
    /// As many days before it; null where there are none.
    pub previous: Option<PreviousBody>,
    /// What has changed between the two.
    pub change: ChangeBody,
}

/// The sums of the range before.
#[derive(Debug, Serialize, ToSchema)]
pub struct PreviousBody {
    /// When it begins.
    #[schema(value_type = String)]
    pub from: Millis,
    /// When it ends.
    #[schema(value_type = String)]
    pub to: Millis,
    /// The sums.
    #[serde(flatten)]
    pub sums: SumsBody,
}

/// By how many percent numbers have changed; null where there was nothing before.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct ChangeBody {
    /// Counted views.
    pub views: Option<f64>,
    /// Different viewers.
    pub viewers: Option<f64>,
    /// Watch time.
    pub watch_time: Option<f64>,
    /// Likes.
    pub likes: Option<f64>,
    /// Comments.
    pub comments: Option<f64>,
    /// Followers gained.
    pub subscribers_gained: Option<f64>,
    /// Followers lost.
    pub subscribers_lost: Option<f64>,
}

impl PeriodBody {
    /// Of a range and the one before it.
    pub fn of(compared: &Compared) -> Self {
        let Period { from, to, counts } = &compared.period;
        let before = compared.previous.as_ref().map(|period| period.counts);
        let change = |number: fn(&Counts) -> i64| {
            let before = Amount::Whole(number(before.as_ref()?));
            Amount::Whole(number(counts)).change_from(before)
        };
        Self {
            time_zone: compared.zone.clone(),
            from: *from,
            to: *to,
            sums: SumsBody::of(counts),
            change: ChangeBody {
                views: change(|counts| counts.views),
                viewers: change(|counts| counts.viewers),
                watch_time: change(|counts| counts.watch_ms),
                likes: change(|counts| counts.likes),
                comments: change(|counts| counts.comments),
                subscribers_gained: change(|counts| counts.subscribers_gained),
                subscribers_lost: change(|counts| counts.subscribers_lost),
            },
            previous: compared.previous.as_ref().map(|period| PreviousBody {
                from: period.from,
                to: period.to,
                sums: SumsBody::of(&period.counts),
            }),
        }
    }
}

/// A video of one's own.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct DashboardVideoBody<'a> {
    /// The video.
    #[serde(flatten)]
    pub video: VideoBody<'a>,
    /// Media time that was watched, seconds.
    pub watch_time: f64,
}

/// A bucket.
#[derive(Debug, Serialize, ToSchema)]
pub struct PointBody {
    /// When it begins.
    #[schema(value_type = String)]
    pub at: Millis,
    /// The day in the time zone, of buckets that are days.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(example = "2026-10-25")]
    pub date: Option<String>,
    /// The number; null where there is nothing that it could be the mean of.
    #[schema(value_type = Option<f64>)]
    pub value: Amount,
}

/// As many buckets before.
#[derive(Debug, Serialize, ToSchema)]
pub struct PreviousLineBody {
    /// When they begin.
    #[schema(value_type = String)]
    pub from: Millis,
    /// When they end.
    #[schema(value_type = String)]
    pub to: Millis,
    /// Of all of them.
    #[schema(value_type = Option<f64>)]
    pub total: Amount,
    /// Each of them.
    pub points: Vec<PointBody>,
}

/// One number over time.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct SeriesBody {
    /// Which.
    pub metric: &'static str,
    /// `minute`, `hour` or `day`.
    pub granularity: &'static str,
    /// Of which zone days are: UTC also where the hours of another one are not kept any more.
    pub time_zone: String,
    /// When the first bucket begins.
    #[schema(value_type = String)]
    pub from: Millis,
    /// When the last bucket ends.
    #[schema(value_type = String)]
    pub to: Millis,
    /// Buckets before this time are not kept, and 0 here; left out where all are.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>)]
    pub kept_from: Option<Millis>,
    /// Of all buckets: their sum, the mean, or different viewers, who are no sum.
    #[schema(value_type = Option<f64>)]
    pub total: Amount,
    /// All buckets, without gaps.
    pub points: Vec<PointBody>,
    /// As many buckets before; only where it is asked for.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub previous: Option<PreviousLineBody>,
    /// By how many percent the total has changed; null where there was nothing before. Only where it is asked for.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<f64>)]
    pub change: Option<Amount>,
}

fn points(line: &Line) -> Vec<PointBody> {
    let days = line.range.granularity == Granularity::Day;
    let starts = line.range.starts().iter();
    let points = starts.zip(&line.points).map(|(at, value)| PointBody {
        at: *at,
        date: days.then(|| line.range.zone.date(*at)),
        value: *value,
    });
    points.collect()
}

impl SeriesBody {
    /// Of what was read.
    pub fn of(series: &Series) -> Self {
        let line = &series.line;
        let previous = series.previous.as_ref();
        Self {
            metric: series.metric.name(),
            granularity: line.range.granularity.name(),
            time_zone: line.range.zone.name().to_owned(),
            from: line.range.from(),
            to: line.range.to(),
            kept_from: series.kept_from,
            total: line.total,
            points: points(line),
            change: previous.map(|before| {
                let change = line.total.change_from(before.total);
                change.map_or(Amount::Unknown, Amount::Real)
            }),
            previous: previous.map(|before| PreviousLineBody {
                from: before.range.from(),
                to: before.range.to(),
                total: before.total,
                points: points(before),
            }),
        }
    }
}

/// A part of a video.
#[derive(Debug, Serialize, ToSchema)]
pub struct RetentionPointBody {
    /// Where it begins, 0 to 1.
    pub position: f64,
    /// What part of the sessions saw it, 0 to 1.
    pub watching: f64,
}

/// What is told apart by rendition.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct RenditionQualityBody {
    /// Its name.
    pub name: String,
    /// Media time that was watched, seconds.
    pub watch_time: f64,
    /// What part of the watch time that is, 0 to 1.
    pub share: f64,
    /// How long starts took, seconds: a mean.
    #[schema(value_type = Option<f64>)]
    pub startup: Amount,
    /// What part of the time people waited for data.
    #[schema(value_type = Option<f64>)]
    pub rebuffer_ratio: Amount,
    /// Failures to play.
    pub errors: i64,
}

impl RenditionQualityBody {
    fn of((name, split): &(String, Split), watch_ms: i64) -> Self {
        Self {
            name: name.clone(),
            watch_time: seconds(split.watch_ms),
            share: share(split.watch_ms, watch_ms),
            startup: Amount::startup(split.startup_ms, split.startups),
            rebuffer_ratio: Amount::rebuffering(split.stall_ms, split.watch_ms),
            errors: split.errors,
        }
    }
}

/// How well a video plays.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct QualityBody {
    /// How long starts took, seconds: a mean.
    #[schema(value_type = Option<f64>)]
    pub startup: Amount,
    /// What part of the time people waited for data.
    #[schema(value_type = Option<f64>)]
    pub rebuffer_ratio: Amount,
    /// How often they waited.
    pub stalls: i64,
    /// Failures to play.
    pub errors: i64,
    /// The same by rendition, what was watched longest first.
    pub renditions: Vec<RenditionQualityBody>,
}

/// How far people watch a video.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct RetentionBody {
    /// The video.
    #[schema(value_type = String)]
    pub video: VideoId,
    /// When the range begins, a day of UTC.
    #[schema(value_type = String)]
    pub from: Millis,
    /// When it ends.
    #[schema(value_type = String)]
    pub to: Millis,
    /// Always UTC.
    pub time_zone: &'static str,
    /// Sessions that began in the range.
    pub sessions: u32,
    /// How much of the video a session saw in the mean, 0 to 100.
    #[schema(value_type = Option<f64>)]
    pub average_percentage_viewed: Amount,
    /// How long a session watched in the mean, seconds; what was watched again counts again.
    #[schema(value_type = Option<f64>)]
    pub average_view_duration: Amount,
    /// A hundred parts of the video.
    pub points: Vec<RetentionPointBody>,
    /// How well it plays.
    pub quality: QualityBody,
}

impl RetentionBody {
    /// Of what was read.
    pub fn of(watched: &Watched) -> Self {
        let (retention, counts) = (&watched.retention, &watched.counts);
        let parts = retention.counts.len();
        let seen: u64 = retention.counts.iter().map(|count| u64::from(*count)).sum();
        let sessions = i64::from(retention.sessions);
        let points = retention
            .counts
            .iter()
            .enumerate()
            .map(|(part, count)| RetentionPointBody {
                position: part as f64 / parts as f64,
                watching: share(i64::from(*count), sessions),
            });
        Self {
            video: watched.video.id,
            from: watched.from,
            to: watched.to,
            time_zone: "UTC",
            sessions: retention.sessions,
            average_percentage_viewed: Amount::ratio(seen as f64 * 100.0 / parts as f64, sessions),
            average_view_duration: Amount::ratio(seconds(counts.watch_ms), counts.sessions),
            points: points.collect(),
            quality: QualityBody {
                startup: Amount::startup(counts.startup_ms, counts.startups),
                rebuffer_ratio: Amount::rebuffering(counts.stall_ms, counts.watch_ms),
                stalls: counts.stalls,
                errors: counts.errors,
                renditions: watched
                    .renditions
                    .iter()
                    .map(|rendition| RenditionQualityBody::of(rendition, counts.watch_ms))
                    .collect(),
            },
        }
    }
}

/// A video as it is shown beside numbers.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct GlanceBody {
    /// 24 hex digits.
    #[serde(rename = "_id")]
    #[schema(value_type = String)]
    pub id: VideoId,
    /// One line.
    pub title: String,
    /// Address of the poster.
    pub thumbnail: Option<String>,
    /// `public`, `unlisted`, `private`.
    #[schema(value_type = String, example = "public")]
    pub visibility: Visibility,
    /// Seconds.
    pub duration: f64,
    /// When it was uploaded.
    #[schema(value_type = String)]
    pub created_at: Millis,
    /// When it was first listed.
    #[schema(value_type = Option<String>)]
    pub published_at: Option<Millis>,
}

impl GlanceBody {
    /// As its owner sees it.
    pub fn of(video: &VideoRow, web: &Web, viewer: &Viewer) -> Self {
        Self {
            id: video.id,
            title: video.title.clone(),
            thumbnail: VideoBody::listed(video, &web.app().playback, viewer).thumbnail,
            visibility: video.visibility,
            duration: seconds(video.duration_ms),
            created_at: video.created_at,
            published_at: video.published_at,
        }
    }
}

/// A minute.
#[derive(Debug, Serialize, ToSchema)]
pub struct MinuteBody {
    /// When it began.
    #[schema(value_type = String)]
    pub at: Millis,
    /// Counted views.
    pub views: i64,
    /// Sessions that were alive.
    pub viewers: i64,
}

/// A video in the last hour.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct BusyBody {
    /// The video.
    pub video: GlanceBody,
    /// Views of the last 60 minutes.
    pub views: i64,
    /// Sessions that are alive.
    pub viewers_now: i64,
}

/// The last hour.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct RealtimeBody {
    /// Sessions that are alive: of this minute or the one before it, whichever had more.
    pub viewers_now: i64,
    /// Views of the last 60 minutes.
    pub views_last60_minutes: i64,
    /// Views of the last 48 hours.
    pub views_last48_hours: i64,
    /// The last 60 minutes, the oldest first; the last of them is not over.
    pub minutes: Vec<MinuteBody>,
    /// The videos that are watched most at this moment; none where one video is asked about.
    pub videos: Vec<BusyBody>,
}

impl RealtimeBody {
    /// Of what was read.
    pub fn of(realtime: &Realtime, web: &Web, viewer: &Viewer) -> Self {
        let minutes = realtime.minutes.iter().map(|minute| MinuteBody {
            at: minute.at,
            views: minute.views,
            viewers: minute.viewers,
        });
        let videos = realtime.videos.iter().map(|busy| BusyBody {
            video: GlanceBody::of(&busy.video, web, viewer),
            views: busy.views,
            viewers_now: busy.viewers_now,
        });
        Self {
            viewers_now: realtime.viewers_now,
            views_last60_minutes: realtime.views_60_minutes(),
            views_last48_hours: realtime.views_48_hours,
            minutes: minutes.collect(),
            videos: videos.collect(),
        }
    }
}
