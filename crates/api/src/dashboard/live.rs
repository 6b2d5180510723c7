//! `GET /dashboard/live`: the dashboard as a stream of server-sent events, the whole state first and then what
//! changes of it.

use std::task::Context;

use app::dashboard::live::Shown;
use app::{Actor, Viewer};
use axum::Extension;
use axum::extract::State;
use axum::response::Response;
use bytes::Bytes;

use super::FocusQuery;
use super::bodies::{RealtimeBody, stats_json};
use crate::events::{self, COMMENT};
use crate::extract::Query;
use crate::problem::Problem;
use crate::web::Web;

/// What is shown as it stands on the wire.
fn wire(shown: &Shown, web: &Web, viewer: &Viewer) -> Bytes {
    match shown {
        Shown::Stats(part) => part.wire(|stats| event("stats", stats_json(stats))),
        Shown::Realtime(part) => part.wire(|realtime| {
            let body = RealtimeBody::of(realtime, web, viewer);
            event("realtime", serde_json::to_string(&body))
        }),
        Shown::Beat => COMMENT,
    }
}

fn event(kind: &str, json: serde_json::Result<String>) -> Bytes {
    match json {
        Ok(json) => format!("event: {kind}\ndata: {json}\n\n").into(),
        Err(error) => {
            tracing::error!(error = %error, kind, "Could not write an event");
            COMMENT
        }
    }
}

pub(crate) async fn stream_dashboard(
    State(web): State<Web>,
    Extension(actor): Extension<Actor>,
    Query(query): Query<FocusQuery>,
) -> Result<Response, Problem> {
    let focus = super::video(query.video_id.as_deref())?;
    let mut watching = web.app().dashboard.watch(focus, &actor).await?;
    let viewer = Some(actor);
    Ok(events::respond(move |context: &mut Context<'_>| {
        let shown = watching.poll_next(context);
        shown.map(|shown| shown.map(|shown| wire(&shown, &web, &viewer)))
    }))
}
