//! The numbers of one's own channel: their shapes, and the calls that ask for them.
//!
//! What they are and whose they may be is `app::dashboard`. Times are seconds, parts are 0 to 1, changes percent.

pub(crate) mod bodies;
pub(crate) mod export;
pub(crate) mod live;
pub(crate) mod top;

use app::dashboard::range::Asked;
use app::dashboard::series::Metric;
use app::lists::Position;
use app::videos::list::Request;
use app::{Actor, Error, Fields};
use axum::Extension;
use axum::extract::State;
use axum::response::Response;
use model::VideoId;
use model::text::Fault;
use serde::Deserialize;
use store::videos::list::Sort;
use utoipa::IntoParams;

use crate::answer;
use crate::arrays::{self, ArrayQuery};
use crate::extract::{Id, Query};
use crate::problem::Problem;
use crate::shown;
use crate::web::Web;
use bodies::{DashboardVideoBody, PeriodBody, RealtimeBody, RetentionBody, SeriesBody, StatsBody};

/// A range of days.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct RangeQuery {
    /// When it begins: ISO 8601, a day, or milliseconds since 1970.
    from: Option<String>,
    /// When it ends, which is not part of it; now when absent.
    to: Option<String>,
    /// The IANA name of the time zone of its days, such as `Europe/Berlin`; UTC when absent.
    tz: Option<String>,
}

/// What to show over time.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(rename_all = "camelCase")]
#[into_params(parameter_in = Query)]
pub struct SeriesQuery {
    /// `views` (when absent), `ownViews`, `viewers`, `watchTime`, `ownWatchTime`, `likes`, `comments`,
    /// `subscribersGained`, `subscribersLost`, `subscribers`, `sessions`, `startup`, `rebufferRatio`, `errors`.
    metric: Option<String>,
    /// When it begins: ISO 8601, a day, or milliseconds since 1970; 28 days before the end when absent, or an hour by
    /// the minute.
    from: Option<String>,
    /// When it ends, which is not part of it; now when absent.
    to: Option<String>,
    /// `minute` (48 hours at most), `hour` (400 days) or `day` (10 years; when absent).
    granularity: Option<String>,
    /// The IANA name of the time zone of days, such as `Europe/Berlin`; UTC when absent.
    tz: Option<String>,
    /// One video, in place of the whole channel.
    video_id: Option<String>,
    /// `previous`: also as many buckets before.
    compare: Option<String>,
}

/// One video, or the whole channel.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(rename_all = "camelCase")]
#[into_params(parameter_in = Query)]
pub struct FocusQuery {
    /// One video, in place of the whole channel.
    video_id: Option<String>,
}

impl RangeQuery {
    fn asked(&self) -> Asked<'_> {
        Asked {
            from: self.from.as_deref(),
            to: self.to.as_deref(),
            granularity: None,
            zone: self.tz.as_deref(),
        }
    }
}

/// The video of a parameter, where there is one.
fn video(text: Option<&str>) -> Result<Option<VideoId>, Error> {
    let Some(text) = text.filter(|text| !text.is_empty()) else {
        return Ok(None);
    };
    let id = text.parse().map_err(|_| {
        let message = "This is not an id: ids are 24 hex digits.";
        Error::field("videoId", Fault::new("malformed", message))
    })?;
    Ok(Some(id))
}

fn flag(text: Option<&str>, word: &str, message: &str) -> Result<bool, Fault> {
    match text {
        None | Some("") => Ok(false),
        Some(text) if text == word => Ok(true),
        Some(_) => Err(Fault::new("unknown", message)),
    }
}

pub(crate) async fn get_dashboard_stats(
    State(web): State<Web>,
    Extension(actor): Extension<Actor>,
    Query(query): Query<RangeQuery>,
) -> Result<Response, Problem> {
    let dashboard = &web.app().dashboard;
    let mut body = StatsBody::of(&dashboard.stats(&actor).await?);
    if query.from.is_some() || query.to.is_some() {
        let compared = dashboard.compare(&query.asked(), &actor).await?;
        body.period = Some(PeriodBody::of(&compared));
    }
    answer::ok(&body, "Channel stats")
}

pub(crate) async fn list_dashboard_videos(
    State(web): State<Web>,
    Extension(actor): Extension<Actor>,
    Query(query): Query<ArrayQuery>,
) -> Result<Response, Problem> {
    let request = query.into_request()?;
    let viewer = Some(actor);
    let asked = Request {
        query: None,
        user: Some(actor.user_id),
        tag: None,
        sort: Sort::Created,
        descending: true,
        position: match &request.position {
            Position::Page(page) => Position::Page(*page),
            Position::Cursor(cursor) => Position::Cursor(cursor.clone()),
        },
        limit: request.limit,
    };
    let page = web.app().videos.list(&asked, &viewer).await?;
    let ids: Vec<VideoId> = page.videos.iter().map(|video| video.id).collect();
    let watched = web.app().dashboard.watch_ms(&ids, &actor).await?;
    let videos = shown::videos(&web, &page.videos, &viewer).await?;
    let bodies = videos.into_iter().map(|video| DashboardVideoBody {
        watch_time: watched.get(&video.id).copied().unwrap_or(0) as f64 / 1000.0,
        video,
    });
    arrays::answer(&request, bodies.collect(), page.next_cursor, "Channel videos")
}

pub(crate) async fn get_dashboard_series(
    State(web): State<Web>,
    Extension(actor): Extension<Actor>,
    Query(query): Query<SeriesQuery>,
) -> Result<Response, Problem> {
    let mut fields = Fields::default();
    let name = query.metric.as_deref().filter(|name| !name.is_empty());
    let metric = fields.check("metric", Metric::from_name(name.unwrap_or("views")));
    let compare = flag(query.compare.as_deref(), "previous", "previous, or nothing.");
    let compare = fields.check("compare", compare);
    fields.done()?;
    let asked = Asked {
        from: query.from.as_deref(),
        to: query.to.as_deref(),
        granularity: query.granularity.as_deref(),
        zone: query.tz.as_deref(),
    };
    let series = web
        .app()
        .dashboard
        .series(
            metric.unwrap_or(Metric::Views),
            &asked,
            video(query.video_id.as_deref())?,
            compare.unwrap_or(false),
            &actor,
        )
        .await?;
    answer::ok(&SeriesBody::of(&series), "Time series")
}

pub(crate) async fn get_retention(
    State(web): State<Web>,
    Extension(actor): Extension<Actor>,
    Id(id): Id<VideoId>,
    Query(query): Query<RangeQuery>,
) -> Result<Response, Problem> {
    let watched = web.app().dashboard.retention(id, &query.asked(), &actor).await?;
    answer::ok(&RetentionBody::of(&watched), "Audience retention")
}

pub(crate) async fn get_realtime(
    State(web): State<Web>,
    Extension(actor): Extension<Actor>,
    Query(query): Query<FocusQuery>,
) -> Result<Response, Problem> {
    let focus = video(query.video_id.as_deref())?;
    let realtime = web.app().dashboard.realtime(focus, &actor).await?;
    answer::ok(&RealtimeBody::of(&realtime, &web, &Some(actor)), "Realtime")
}
