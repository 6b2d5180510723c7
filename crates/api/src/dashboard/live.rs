//! `GET /dashboard/live`: the dashboard as a stream of server-sent events, the whole state first and then what
//! changes of it.

use std::convert::Infallible;
use std::pin::Pin;
use std::task::{Context, Poll};

use app::dashboard::live::{Shown, Watching};
use app::{Actor, Viewer};
use axum::Extension;
use axum::body::Body;
use axum::extract::State;
use axum::response::Response;
use bytes::Bytes;
use http_body::Frame;

use super::FocusQuery;
use super::bodies::{RealtimeBody, stats_json};
use crate::events::{self, BEGINNING, COMMENT};
use crate::extract::Query;
use crate::problem::Problem;
use crate::web::Web;

/// The body of the answer; has no end of its own.
struct Stream {
    watching: Watching,
    web: Web,
    viewer: Viewer,
    has_begun: bool,
}

impl http_body::Body for Stream {
    type Data = Bytes;
    type Error = Infallible;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Infallible>>> {
        if !self.has_begun {
            self.has_begun = true;
            return Poll::Ready(Some(Ok(Frame::data(BEGINNING))));
        }
        let shown = self.watching.poll_next(context);
        shown.map(|shown| shown.map(|shown| Ok(Frame::data(self.wire(&shown)))))
    }
}

impl Stream {
    /// What is shown as it stands on the wire.
    fn wire(&self, shown: &Shown) -> Bytes {
        match shown {
            Shown::Stats(part) => part.wire(|stats| event("stats", stats_json(stats))),
            Shown::Realtime(part) => part.wire(|realtime| {
                let body = RealtimeBody::of(realtime, &self.web, &self.viewer);
                event("realtime", serde_json::to_string(&body))
            }),
            Shown::Beat => COMMENT,
        }
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
    let watching = web.app().dashboard.watch(focus, &actor).await?;
    Ok(events::respond(Body::new(Stream {
        watching,
        web,
        viewer: Some(actor),
        has_begun: false,
    })))
}
