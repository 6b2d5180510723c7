//! `/admin/stats`: what the whole site comes to, for admins; the same for Prometheus is in [`crate::health`].

use app::Actor;
use app::site::{Day, Files, Lately, Stats};
use axum::Extension;
use axum::extract::State;
use axum::response::Response;
use model::analytics::days;
use model::{UserId, VideoId};
use serde::{Deserialize, Serialize};
use store::analytics::bandwidth::Sent;
use store::videos::VideoRow;
use utoipa::{IntoParams, ToSchema};

use crate::answer;
use crate::extract::Query;
use crate::problem::Problem;
use crate::web::Web;

/// Which days.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct StatsQuery {
    /// The first day (UTC), `YYYY-MM-DD`; 28 days before `to` when absent.
    from: Option<String>,
    /// The day after the last, at most 92 days later; tomorrow when absent.
    to: Option<String>,
}

/// What was sent to viewers.
#[derive(Debug, Serialize, ToSchema)]
pub struct SentBody {
    /// Bytes of media files.
    bytes: i64,
    /// Answers that these were part of.
    requests: i64,
}

impl From<Sent> for SentBody {
    fn from(sent: Sent) -> Self {
        Self {
            bytes: sent.bytes,
            requests: sent.requests,
        }
    }
}

/// Files of a kind.
#[derive(Debug, Serialize, ToSchema)]
pub struct FilesBody {
    /// Their bytes.
    bytes: i64,
    /// How many.
    files: i64,
}

impl From<Files> for FilesBody {
    fn from(files: Files) -> Self {
        Self {
            bytes: files.bytes,
            files: files.files,
        }
    }
}

/// What is stored.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct SiteStorageBody {
    /// Originals that are kept.
    originals: FilesBody,
    /// Subtitle tracks.
    captions: FilesBody,
    /// Bytes of what was made of originals.
    renditions_bytes: i64,
    /// All of that. Pictures are not counted: there are few of them, and small.
    total_bytes: i64,
    /// Bytes that are free on the disk of the media.
    disk_free_bytes: u64,
    /// Bytes of that disk.
    disk_total_bytes: u64,
}

/// How many there are, and what was watched in all.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct SiteTotalsBody {
    /// Accounts.
    users: i64,
    /// Videos, whoever may see them.
    videos: i64,
    /// Comments.
    comments: i64,
    /// Views.
    views: i64,
    /// Media time that was watched, in seconds.
    watch_time: i64,
}

/// What was sent of late.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct SentLatelyBody {
    /// Today (UTC).
    today: SentBody,
    /// The last 7 days, with today.
    last7_days: SentBody,
    /// The last 28 days, with today.
    last28_days: SentBody,
}

/// How many were here of late.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct PeopleLatelyBody {
    /// Today (UTC).
    today: i64,
    /// The last 7 days, with today.
    last7_days: i64,
    /// The last 28 days, with today.
    last28_days: i64,
}

impl From<Lately<i64>> for PeopleLatelyBody {
    fn from(lately: Lately<i64>) -> Self {
        Self {
            today: lately.day,
            last7_days: lately.week,
            last28_days: lately.month,
        }
    }
}

/// Who was here; a minute old at most.
#[derive(Debug, Serialize, ToSchema)]
pub struct ActiveBody {
    /// Different viewers, within about 1 %. Who is not signed in is another one on the next day.
    viewers: PeopleLatelyBody,
    /// People who were signed in and used it.
    users: PeopleLatelyBody,
}

/// Encodes: pieces of renditions.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct EncodesBody {
    /// Those that wait now.
    queued: i64,
    /// Those that run now.
    running: i64,
    /// Those that went well in the range.
    done: i64,
    /// Those that were given up in it.
    failed: i64,
    /// How long one took that went well, in seconds; null where none did.
    mean_seconds: Option<f64>,
    /// Seconds of media that were encoded in a second; null where none were.
    speed: Option<f64>,
}

/// A day of the range.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct SiteDayBody {
    /// Which, `YYYY-MM-DD`, of UTC.
    #[schema(example = "2026-01-31")]
    day: String,
    /// What was sent.
    sent: SentBody,
    /// Views.
    views: i64,
    /// Media time that was watched, in seconds.
    watch_time: i64,
    /// Different viewers.
    viewers: i64,
    /// Likes, less those that were taken back.
    likes: i64,
    /// Comments, less those that were removed.
    comments: i64,
    /// Accounts that were made.
    new_users: i64,
    /// Videos that were uploaded.
    new_videos: i64,
    /// Encodes that went well.
    encodes_done: i64,
    /// Encodes that were given up.
    encodes_failed: i64,
}

impl SiteDayBody {
    fn of((number, day): &(i64, Day)) -> Self {
        Self {
            day: days::text(*number),
            sent: day.sent.into(),
            views: day.views,
            watch_time: day.watch_ms / 1000,
            viewers: day.viewers,
            likes: day.likes,
            comments: day.comments,
            new_users: day.new_users,
            new_videos: day.new_videos,
            encodes_done: day.encodes_done,
            encodes_failed: day.encodes_failed,
        }
    }
}

/// A video on top of something.
#[derive(Debug, Serialize, ToSchema)]
pub struct TopVideoBody<'a> {
    /// 24 hex digits.
    #[serde(rename = "_id")]
    #[schema(value_type = String)]
    id: VideoId,
    /// Its title.
    title: &'a str,
    /// Whose: 24 hex digits.
    #[schema(value_type = String)]
    owner: UserId,
    /// Views ever.
    views: i64,
    /// What was sent of it in the range; only where that is the order.
    #[serde(skip_serializing_if = "Option::is_none")]
    sent: Option<SentBody>,
}

impl<'a> TopVideoBody<'a> {
    fn of(video: &'a VideoRow, sent: Option<Sent>) -> Self {
        Self {
            id: video.id,
            title: &video.title,
            owner: video.owner_id,
            views: video.views,
            sent: sent.map(SentBody::from),
        }
    }
}

/// What there is at this moment.
#[derive(Debug, Serialize, ToSchema)]
pub struct LiveBody {
    /// Sessions that watch.
    viewers: i64,
    /// Streams of events that are open.
    listeners: i64,
}

/// What the whole site comes to.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct SiteStatsBody<'a> {
    /// The first day of the range.
    #[schema(example = "2026-01-04")]
    from: String,
    /// The day after its last.
    #[schema(example = "2026-02-01")]
    to: String,
    /// How many there are.
    totals: SiteTotalsBody,
    /// What is stored.
    storage: SiteStorageBody,
    /// What was sent of late.
    bandwidth: SentLatelyBody,
    /// Videos that most was sent of in the range, at most ten.
    top_by_bandwidth: Vec<TopVideoBody<'a>>,
    /// Public videos with the most views ever, at most ten.
    top_by_views: Vec<TopVideoBody<'a>>,
    /// Encodes.
    encodes: EncodesBody,
    /// Who was here.
    active: ActiveBody,
    /// What there is at this moment.
    live: LiveBody,
    /// Each day of the range, oldest first.
    days: Vec<SiteDayBody>,
}

impl<'a> SiteStatsBody<'a> {
    fn of(stats: &'a Stats, (disk_free_bytes, disk_total_bytes): (u64, u64)) -> Self {
        let encodes = &stats.encodes;
        let per = |sum: i64, by: i64| (by > 0).then(|| sum as f64 / by as f64);
        Self {
            from: days::text(stats.from),
            to: days::text(stats.to),
            totals: SiteTotalsBody {
                users: stats.totals.users,
                videos: stats.totals.videos,
                comments: stats.totals.comments,
                views: stats.totals.views,
                watch_time: stats.totals.watch_ms / 1000,
            },
            storage: SiteStorageBody {
                originals: stats.storage.originals.into(),
                captions: stats.storage.captions.into(),
                renditions_bytes: stats.storage.renditions_bytes,
                total_bytes: stats.storage.total_bytes,
                disk_free_bytes,
                disk_total_bytes,
            },
            bandwidth: SentLatelyBody {
                today: stats.sent.day.into(),
                last7_days: stats.sent.week.into(),
                last28_days: stats.sent.month.into(),
            },
            top_by_bandwidth: stats
                .top_sent
                .iter()
                .map(|(video, sent)| TopVideoBody::of(video, Some(*sent)))
                .collect(),
            top_by_views: stats
                .top_viewed
                .iter()
                .map(|video| TopVideoBody::of(video, None))
                .collect(),
            encodes: EncodesBody {
                queued: encodes.queued,
                running: encodes.running,
                done: encodes.done,
                failed: encodes.failed,
                mean_seconds: per(encodes.took_ms, encodes.done).map(|ms| ms / 1000.0),
                speed: per(encodes.media_ms, encodes.took_ms),
            },
            active: ActiveBody {
                viewers: stats.people.viewers.into(),
                users: stats.people.users.into(),
            },
            live: LiveBody {
                viewers: stats.live.viewers,
                listeners: stats.live.listeners,
            },
            days: stats.days.iter().map(SiteDayBody::of).collect(),
        }
    }
}

pub(crate) async fn get_site_stats(
    State(web): State<Web>,
    Extension(actor): Extension<Actor>,
    Query(query): Query<StatsQuery>,
) -> Result<Response, Problem> {
    let app = web.app();
    let (from, to) = (query.from.as_deref(), query.to.as_deref());
    let stats = app.site.stats(from, to, &actor).await?;
    let disk = app.core.objects.free_bytes().map_err(app::Error::from)?;
    answer::ok(&SiteStatsBody::of(&stats, disk), "The site in numbers")
}
