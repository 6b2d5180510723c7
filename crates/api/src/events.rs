//! `GET /events`: what happens, as a stream of server-sent events (WHATWG HTML, section 9.2).
//!
//! Who hears what is decided in `app::events`; here it gets its form. A stream waits for its connection: what comes
//! while a slow client takes nothing is kept for it up to a bound, and beyond that the client is told to look again
//! (`resync`), as is one that comes back with a `Last-Event-ID` of too long ago.

use std::convert::Infallible;
use std::pin::Pin;
use std::task::{Context, Poll};

use app::events::{Heard, MOST_TOPICS, Told, Wish};
use app::{Error, Viewer};
use axum::Extension;
use axum::body::Body;
use axum::extract::{Request, State};
use axum::response::Response;
use bytes::Bytes;
use http::header::{CACHE_CONTROL, CONTENT_TYPE};
use http::{HeaderName, HeaderValue};
use http_body::Frame;
use model::VideoId;
use model::text::Fault;
use serde::Deserialize;
use utoipa::IntoParams;

use crate::caller;
use crate::extract;
use crate::problem::Problem;
use crate::web::Web;

/// How long a browser waits before it comes back, in milliseconds; and that the stream has begun.
const BEGINNING: Bytes = Bytes::from_static(b"retry: 3000\n\n");
pub(crate) const COMMENT: Bytes = Bytes::from_static(b":\n\n");
/// Something was missed: look again.
const RESYNC: Bytes = Bytes::from_static(b"event: resync\ndata: {}\n\n");

/// What to listen to.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct EventsQuery {
    /// Videos that the caller has open, with commas between: 20 at most. Needed by whoever is not signed in.
    videos: Option<String>,
}

/// The body of the answer; has no end of its own.
struct Stream<P> {
    next: P,
    has_begun: bool,
}

impl<P> http_body::Body for Stream<P>
where
    P: FnMut(&mut Context<'_>) -> Poll<Option<Bytes>> + Unpin,
{
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
        let next = (self.next)(context);
        next.map(|bytes| bytes.map(|bytes| Ok(Frame::data(bytes))))
    }
}

/// What is heard as it stands on the wire.
fn wire(heard: &Heard) -> Bytes {
    match heard {
        Heard::Event(told) => told.wire(|told: &Told| {
            format!(
                "id: {}\nevent: {}\ndata: {}\n\n",
                told.id, told.kind, told.payload
            )
            .into()
        }),
        Heard::Absent(video) => format!(
            "event: {}\ndata: {{\"video\":\"{video}\"}}\n\n",
            app::events::kinds::VIDEO_REMOVED
        )
        .into(),
        Heard::Missed => RESYNC,
        Heard::Beat => COMMENT,
    }
}

/// The videos named in a query.
fn videos(text: Option<&str>) -> Result<Vec<VideoId>, Error> {
    let named = text.unwrap_or_default().split(',').map(str::trim);
    named
        .filter(|id| !id.is_empty())
        // One more than may be named, so that whoever decides can tell.
        .take(MOST_TOPICS + 1)
        .map(|id| {
            id.parse().map_err(|_| {
                let message = "Ids of videos, with commas between.";
                Error::field("videos", Fault::new("malformed", message))
            })
        })
        .collect()
}

pub(crate) async fn stream_events(
    State(web): State<Web>,
    Extension(viewer): Extension<Viewer>,
    request: Request,
) -> Result<Response, Problem> {
    let query: EventsQuery = extract::query(request.uri())?;
    let (headers, facing) = (request.headers(), &web.0.facing);
    let last = headers
        .get("last-event-id")
        .map(|last| last.to_str().unwrap_or_default().to_owned());
    let wish = Wish {
        videos: videos(query.videos.as_deref())?,
        last_event_id: last,
        address: caller::address_key(caller::address(request.extensions(), headers, facing)),
    };
    let mut feed = web.app().events.listen(&viewer, wish).await?;
    Ok(respond(move |context: &mut Context<'_>| {
        feed.poll_next(context)
            .map(|heard| heard.map(|heard| wire(&heard)))
    }))
}

/// An answer that is a stream of events: `next` gives one after the other, as they stand on the wire.
pub(crate) fn respond<P>(next: P) -> Response
where
    P: FnMut(&mut Context<'_>) -> Poll<Option<Bytes>> + Send + Unpin + 'static,
{
    let mut response = Response::new(Body::new(Stream {
        next,
        has_begun: false,
    }));
    let fields = response.headers_mut();
    fields.insert(CONTENT_TYPE, HeaderValue::from_static("text/event-stream"));
    fields.insert(CACHE_CONTROL, HeaderValue::from_static("private, no-store"));
    // A reverse proxy must not collect what is meant for now.
    fields.insert(
        HeaderName::from_static("x-accel-buffering"),
        HeaderValue::from_static("no"),
    );
    response
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn videos_are_named_with_commas_between() {
        let id = "0123456789abcdef01234567";
        assert_eq!(videos(None).unwrap(), []);
        assert_eq!(videos(Some("")).unwrap(), []);
        assert_eq!(videos(Some(&format!(" {id} ,,{id}"))).unwrap().len(), 2);
        assert!(videos(Some("x")).is_err());
        let many = vec![id; 10_000].join(",");
        assert_eq!(videos(Some(&many)).unwrap().len(), MOST_TOPICS + 1);
    }
}
