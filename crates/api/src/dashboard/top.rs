//! `GET /dashboard/top`: the videos with the most of something, or a range told apart.

use app::dashboard::Amount;
use app::dashboard::range::Asked;
use app::dashboard::top::{self, Apart, Top};
use app::{Actor, Fields, Viewer};
use axum::Extension;
use axum::extract::State;
use axum::response::Response;
use model::Millis;
use model::analytics::Dimension;
use model::text::Fault;
use serde::{Deserialize, Serialize};
use store::analytics::rollups::Metric;
use utoipa::{IntoParams, ToSchema};

use super::bodies::{GlanceBody, seconds, share};
use crate::answer;
use crate::extract::Query;
use crate::problem::Problem;
use crate::videos::number;
use crate::web::Web;

/// What to put in order.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(rename_all = "camelCase")]
#[into_params(parameter_in = Query)]
pub struct TopQuery {
    /// `views` (when absent), `watchTime`; of videos also `likes`, `comments`, `subscribersGained`.
    metric: Option<String>,
    /// When the range begins: ISO 8601, a day, or milliseconds since 1970; 28 days before the end when absent.
    from: Option<String>,
    /// When it ends, which is not part of it; now when absent.
    to: Option<String>,
    /// How many, 1 to 100; 20 when absent.
    limit: Option<String>,
    /// `video` (when absent), `source`, `host`, `device`, `country` or `rendition`.
    #[serde(alias = "dimension")]
    by: Option<String>,
    /// One video, in place of the whole channel, where a range is told apart.
    video_id: Option<String>,
}

/// One of those with the most.
#[derive(Debug, Default, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct TopItemBody {
    /// The video, where videos are in order.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub video: Option<GlanceBody>,
    /// Which source, host, device, country or rendition, where a range is told apart.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// What it is in order of; watch time in seconds.
    pub value: f64,
    /// What part of the total that is, 0 to 1.
    pub share: f64,
    /// Counted views.
    pub views: i64,
    /// Media time that was watched, seconds.
    pub watch_time: f64,
    /// Likes, less those that were taken back; of videos.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub likes: Option<i64>,
    /// Comments; of videos.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub comments: Option<i64>,
    /// Followers gained; of videos.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub subscribers_gained: Option<i64>,
    /// How long starts took, seconds: a mean. Not of videos.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<f64>)]
    pub startup: Option<Amount>,
    /// What part of the time people waited for data. Not of videos.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<f64>)]
    pub rebuffer_ratio: Option<Amount>,
    /// Failures to play. Not of videos.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub errors: Option<i64>,
}

/// Those with the most.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct TopBody {
    /// `video`, or what a range is told apart by.
    pub by: &'static str,
    /// What they are in order of.
    pub metric: &'static str,
    /// When the range begins, a day of UTC; 1970 where it is all time.
    #[schema(value_type = String)]
    pub from: Millis,
    /// When it ends.
    #[schema(value_type = String)]
    pub to: Millis,
    /// Always UTC.
    pub time_zone: &'static str,
    /// Of all, also of those that are not shown or not known.
    pub total: f64,
    /// Those with the most, the largest first.
    pub items: Vec<TopItemBody>,
}

/// A number of a metric as it is shown.
fn shown(metric: Metric, value: i64) -> f64 {
    if metric == Metric::WatchTime {
        seconds(value)
    } else {
        value as f64
    }
}

impl TopBody {
    fn videos(top: &Top, web: &Web, viewer: &Viewer) -> Self {
        let total = top::value(top.metric, &top.total);
        let items = top.videos.iter().map(|ranked| {
            let value = top::value(top.metric, &ranked.of);
            TopItemBody {
                video: Some(GlanceBody::of(&ranked.video, web, viewer)),
                value: shown(top.metric, value),
                share: share(value, total),
                views: ranked.of.views,
                watch_time: seconds(ranked.of.watch_ms),
                likes: Some(ranked.of.likes),
                comments: Some(ranked.of.comments),
                subscribers_gained: Some(ranked.of.subscribers_gained),
                ..TopItemBody::default()
            }
        });
        Self {
            by: "video",
            metric: top::metric_name(top.metric),
            from: top.from,
            to: top.to,
            time_zone: "UTC",
            total: shown(top.metric, total),
            items: items.collect(),
        }
    }

    fn parts(apart: &Apart, metric: Metric) -> Self {
        let by_views = metric == Metric::Views;
        let pick = |views: i64, watch_ms: i64| if by_views { views } else { watch_ms };
        let total = pick(apart.total.views, apart.total.watch_ms);
        let items = apart.parts.iter().map(|(name, split)| {
            let value = pick(split.views, split.watch_ms);
            TopItemBody {
                name: Some(name.clone()),
                value: shown(metric, value),
                share: share(value, total),
                views: split.views,
                watch_time: seconds(split.watch_ms),
                startup: Some(Amount::startup(split.startup_ms, split.startups)),
                rebuffer_ratio: Some(Amount::rebuffering(split.stall_ms, split.watch_ms)),
                errors: Some(split.errors),
                ..TopItemBody::default()
            }
        });
        Self {
            by: apart.dimension.name(),
            metric: top::metric_name(metric),
            from: apart.from,
            to: apart.to,
            time_zone: "UTC",
            total: shown(metric, total),
            items: items.collect(),
        }
    }
}

/// What a range is told apart by; `None`: by videos.
fn dimension(name: Option<&str>) -> Result<Option<Dimension>, Fault> {
    match name {
        None | Some("" | "video") => Ok(None),
        Some(name) => Dimension::from_name(name).map(Some).ok_or_else(|| {
            let message = "One of video, source, host, device, country, rendition.";
            Fault::new("unknown", message)
        }),
    }
}

pub(crate) async fn get_dashboard_top(
    State(web): State<Web>,
    Extension(actor): Extension<Actor>,
    Query(query): Query<TopQuery>,
) -> Result<Response, Problem> {
    let mut fields = Fields::default();
    let name = query.metric.as_deref().filter(|name| !name.is_empty());
    let metric = fields.check("metric", top::metric(name.unwrap_or("views")));
    let by = fields.check("by", dimension(query.by.as_deref())).flatten();
    let limit = fields.check("limit", number(query.limit.as_deref(), 20, 1, 100));
    if by.is_some() && metric.is_some_and(|metric| !matches!(metric, Metric::Views | Metric::WatchTime)) {
        let message = "Told apart there are views and watchTime.";
        fields.blame("metric", Fault::new("not_kept", message));
    }
    let video = super::video(query.video_id.as_deref())?;
    if by.is_none() && video.is_some() {
        let message = "One video has no order; say what to tell apart (by).";
        fields.blame("videoId", Fault::new("not_applicable", message));
    }
    fields.done()?;
    let metric = metric.unwrap_or(Metric::Views);
    let limit = limit.and_then(|limit| usize::try_from(limit).ok()).unwrap_or(20);
    let asked = Asked {
        from: query.from.as_deref(),
        to: query.to.as_deref(),
        ..Asked::default()
    };
    let dashboard = &web.app().dashboard;
    let body = match by {
        None => TopBody::videos(
            &dashboard.top(metric, &asked, limit, &actor).await?,
            &web,
            &Some(actor),
        ),
        Some(dimension) => {
            let by_views = metric == Metric::Views;
            let apart = dashboard
                .apart(dimension, by_views, &asked, video, limit, &actor)
                .await?;
            TopBody::parts(&apart, metric)
        }
    };
    answer::ok(&body, "Top of the channel")
}
