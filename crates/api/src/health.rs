//! For whoever watches the server: is it up, can it work, what does it count.

use std::fmt::Write as _;
use std::sync::atomic::Ordering;

use app::site::Site;
use axum::extract::State;
use axum::response::{IntoResponse, Response};
use http::header::{CACHE_CONTROL, CONTENT_TYPE};
use http::{HeaderValue, StatusCode};
use model::VideoId;
use serde::Serialize;
use utoipa::ToSchema;

use crate::answer;
use crate::problem::Problem;
use crate::web::Web;

/// That the server answers.
#[derive(Debug, Serialize, ToSchema)]
pub struct HealthBody {
    /// `OK`.
    #[schema(example = "OK")]
    status: &'static str,
}

/// What the server can do now.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[expect(
    clippy::struct_excessive_bools,
    reason = "a list of what is fine, for people to read"
)]
pub struct ReadyBody {
    /// All of the below is fine.
    ready: bool,
    /// The database answers.
    database: bool,
    /// There is room for uploads.
    disk: bool,
    /// What players tell is taken.
    analytics: bool,
    /// Uploads are read in the full sandbox.
    sandbox: bool,
    /// Jobs that wait.
    jobs_queued: i64,
    /// Jobs that run.
    jobs_running: i64,
}

pub(crate) async fn healthcheck() -> Result<Response, Problem> {
    answer::ok(&HealthBody { status: "OK" }, "Healthy")
}

pub(crate) async fn healthz() -> Response {
    let headers = [
        (CONTENT_TYPE, HeaderValue::from_static("application/json")),
        (CACHE_CONTROL, HeaderValue::from_static("no-store")),
    ];
    (headers, r#"{"status":"OK"}"#).into_response()
}

pub(crate) async fn readyz(State(web): State<Web>) -> Response {
    let core = &web.app().core;
    let depth = store::jobs::list::depth(&mut core.store.read()).await;
    let (database, (jobs_queued, jobs_running)) = match depth {
        Ok(depth) => (true, depth),
        Err(error) => {
            tracing::error!(error = %error, "The database does not answer");
            (false, (0, 0))
        }
    };
    let disk = core.room_for(0).is_ok();
    let analytics = web.app().ingest.is_counting();
    let ready = database && disk && analytics && !web.0.leaving.load(Ordering::Relaxed);
    let body = ReadyBody {
        ready,
        database,
        disk,
        analytics,
        sandbox: web.0.sandboxed.load(Ordering::Relaxed),
        jobs_queued,
        jobs_running,
    };
    let status = if ready {
        StatusCode::OK
    } else {
        StatusCode::SERVICE_UNAVAILABLE
    };
    (
        status,
        [(CACHE_CONTROL, HeaderValue::from_static("no-store"))],
        axum::Json(body),
    )
        .into_response()
}

pub(crate) async fn render_metrics(State(web): State<Web>) -> Response {
    let core = &web.app().core;
    if let Ok((queued, running)) = store::jobs::list::depth(&mut core.store.read()).await {
        metrics::gauge!("streamsphere_jobs_queued").set(queued as f64);
        metrics::gauge!("streamsphere_jobs_running").set(running as f64);
    }
    if let Ok(depths) = web.app().queue.depths().await {
        let now = core.clock.now();
        for depth in depths {
            let lane = depth.lane.name();
            let counts = [
                ("ready", depth.ready),
                ("later", depth.later),
                ("running", depth.running),
            ];
            for (state, count) in counts {
                metrics::gauge!("streamsphere_queue_jobs", "lane" => lane, "state" => state)
                    .set(count as f64);
            }
            let waited_ms = depth.oldest.map_or(0, |since| now.since(since).max(0));
            metrics::gauge!("streamsphere_queue_oldest_seconds", "lane" => lane)
                .set(waited_ms as f64 / 1000.0);
        }
    }
    let figures = web.app().ingest.figures();
    for (name, count) in [
        ("accepted", &figures.accepted),
        ("refused", &figures.refused),
        ("bot", &figures.of_bots),
    ] {
        metrics::counter!("streamsphere_beacons_total", "outcome" => name)
            .absolute(count.load(Ordering::Relaxed));
    }
    metrics::gauge!("streamsphere_watching_sessions").set(figures.sessions.load(Ordering::Relaxed) as f64);
    metrics::gauge!("streamsphere_analytics_rows_waiting")
        .set(figures.waiting.load(Ordering::Relaxed) as f64);
    metrics::gauge!("streamsphere_analytics_segment_bytes")
        .set(figures.segment_bytes.load(Ordering::Relaxed) as f64);
    metrics::counter!("streamsphere_analytics_flushes_total")
        .absolute(figures.flushes.load(Ordering::Relaxed));
    metrics::gauge!("streamsphere_analytics_flush_seconds_total")
        .set(figures.flush_us.load(Ordering::Relaxed) as f64 / 1e6);
    if let Ok((free, total)) = core.objects.free_bytes() {
        metrics::gauge!("streamsphere_disk_free_bytes").set(free as f64);
        metrics::gauge!("streamsphere_disk_total_bytes").set(total as f64);
    }
    if let Err(error) = site_metrics(&web.app().site).await {
        tracing::warn!(error = %error, "Some metrics are as they were");
    }
    let mut text = web
        .0
        .metrics
        .as_ref()
        .map(metrics_exporter_prometheus::PrometheusHandle::render)
        .unwrap_or_default();
    if !text.is_empty()
        && let Ok(top) = web.app().site.top_sent_today().await
    {
        write_top(&mut text, &top);
    }
    let headers = [(
        CONTENT_TYPE,
        HeaderValue::from_static("text/plain; version=0.0.4"),
    )];
    (headers, text).into_response()
}

/// The numbers of the whole site, as they are now.
async fn site_metrics(site: &Site) -> Result<(), app::Error> {
    let count = |value: i64| u64::try_from(value).unwrap_or(0);
    let storage = site.storage().await?;
    for (kind, bytes) in [
        ("originals", storage.originals.bytes),
        ("renditions", storage.renditions_bytes),
        ("captions", storage.captions.bytes),
    ] {
        metrics::gauge!("streamsphere_storage_bytes", "kind" => kind).set(bytes as f64);
    }
    let totals = site.totals().await?;
    metrics::gauge!("streamsphere_users").set(totals.users as f64);
    metrics::gauge!("streamsphere_videos").set(totals.videos as f64);
    metrics::gauge!("streamsphere_comments").set(totals.comments as f64);
    metrics::counter!("streamsphere_views_total").absolute(count(totals.views));
    metrics::counter!("streamsphere_watch_seconds_total").absolute(count(totals.watch_ms / 1000));
    let sent = site.sent_ever().await?;
    metrics::counter!("streamsphere_media_sent_bytes_total").absolute(count(sent.bytes));
    metrics::counter!("streamsphere_media_requests_total").absolute(count(sent.requests));
    let encodes = site.encodes_ever().await?;
    metrics::gauge!("streamsphere_encodes_waiting").set(encodes.queued as f64);
    metrics::gauge!("streamsphere_encodes_running").set(encodes.running as f64);
    metrics::counter!("streamsphere_encodes_total", "result" => "done").absolute(count(encodes.done));
    metrics::counter!("streamsphere_encodes_total", "result" => "failed").absolute(count(encodes.failed));
    metrics::counter!("streamsphere_encode_seconds_total").absolute(count(encodes.took_ms / 1000));
    metrics::counter!("streamsphere_encoded_media_seconds_total").absolute(count(encodes.media_ms / 1000));
    let live = site.live().await?;
    metrics::gauge!("streamsphere_viewers").set(live.viewers as f64);
    metrics::gauge!("streamsphere_event_listeners").set(live.listeners as f64);
    let people = site.people().await?;
    for (days, viewers, users) in [
        ("1", people.viewers.day, people.users.day),
        ("7", people.viewers.week, people.users.week),
        ("28", people.viewers.month, people.users.month),
    ] {
        metrics::gauge!("streamsphere_active_viewers", "days" => days).set(viewers as f64);
        metrics::gauge!("streamsphere_active_users", "days" => days).set(users as f64);
    }
    Ok(())
}

/// The videos that most is sent of today. Written here, since a recorder would remember every video that ever was one.
fn write_top(text: &mut String, top: &[(VideoId, i64)]) {
    if !top.is_empty() {
        text.push_str("# TYPE streamsphere_video_sent_bytes_today gauge\n");
    }
    for (video, bytes) in top {
        // Writing into a string cannot fail.
        let _ = writeln!(
            text,
            "streamsphere_video_sent_bytes_today{{video=\"{video}\"}} {bytes}"
        );
    }
}
