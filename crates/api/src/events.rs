//! `GET /events`: what happens, as a stream of server-sent events (WHATWG HTML, section 9.2).
//!
//! A stream tells its listener what concerns them while their session lives, and ends within a second of its
//! end. Nothing waits for a slow listener: one that is too far behind is told to look again (`resync`) and is
//! let go. Events of the past are not kept: who comes back with `Last-Event-ID` is told to look again as well.

use std::collections::HashMap;
use std::convert::Infallible;
use std::pin::Pin;
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll};
use std::time::Duration;

use app::events::{Feed, Heard};
use app::{Actor, Kind, Refusal};
use axum::Extension;
use axum::body::Body;
use axum::extract::State;
use axum::response::Response;
use bytes::Bytes;
use http::header::{CACHE_CONTROL, CONTENT_TYPE};
use http::{HeaderMap, HeaderName, HeaderValue};
use http_body::Frame;
use model::UserId;
use tokio::sync::mpsc;
use tokio::sync::mpsc::error::TrySendError;

use crate::problem::Problem;
use crate::web::Web;

/// Streams that one user has open at once.
const STREAMS_PER_USER: usize = 5;
/// Pieces that may wait for a listener.
const MOST_WAITING: usize = 64;
/// How often it is asked whether the session still lives.
const LOOK: Duration = Duration::from_millis(500);
/// How many looks lie between two comments that keep the connection open: 15 seconds.
const LOOKS_PER_COMMENT: u32 = 30;
/// How long a listener that is let go has for the last word.
const LAST_WORD: Duration = Duration::from_secs(5);
/// How long a browser waits before it comes back, in milliseconds; and that the stream has begun.
const BEGINNING: &[u8] = b"retry: 3000\n\n";
const COMMENT: &[u8] = b":\n\n";
/// Something was missed: look again.
const RESYNC: &[u8] = b"event: resync\ndata: {}\n\n";

/// How many streams everybody has open.
#[derive(Debug, Default)]
pub(crate) struct Streams(Mutex<HashMap<UserId, usize>>);

/// One stream's place among those of its user.
#[derive(Debug)]
struct Place {
    streams: Arc<Streams>,
    user: UserId,
}

impl Streams {
    fn enter(self: &Arc<Self>, user: UserId) -> Result<Place, Refusal> {
        let mut open = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let count = open.entry(user).or_default();
        if *count >= STREAMS_PER_USER {
            let message = "You have too many streams of events open. Close one first.";
            return Err(Refusal::new(Kind::TooMany, "too_many_streams", message).retry_after(15));
        }
        *count += 1;
        Ok(Place {
            streams: Arc::clone(self),
            user,
        })
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        let mut open = self.streams.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(count) = open.get_mut(&self.user) {
            *count -= 1;
            if *count == 0 {
                open.remove(&self.user);
            }
        }
    }
}

/// The body of the answer; ends when whoever writes into it lets go.
struct Pieces {
    waiting: mpsc::Receiver<Bytes>,
    _place: Place,
}

impl http_body::Body for Pieces {
    type Data = Bytes;
    type Error = Infallible;

    fn poll_frame(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Infallible>>> {
        let piece = self.get_mut().waiting.poll_recv(context);
        piece.map(|piece| piece.map(|bytes| Ok(Frame::data(bytes))))
    }
}

pub(crate) async fn stream_events(
    State(web): State<Web>,
    Extension(actor): Extension<Actor>,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let place = web.0.streams.enter(actor.user_id)?;
    let feed = web.app().events.listen(actor);
    let (pieces, waiting) = mpsc::channel(MOST_WAITING);
    // There is room: nothing was sent yet.
    let _ = pieces.try_send(Bytes::from_static(BEGINNING));
    if headers.contains_key("last-event-id") {
        let _ = pieces.try_send(Bytes::from_static(RESYNC));
    }
    tokio::spawn(tell(web, actor, feed, pieces));
    let body = Body::new(Pieces {
        waiting,
        _place: place,
    });
    let mut response = Response::new(body);
    let fields = response.headers_mut();
    fields.insert(CONTENT_TYPE, HeaderValue::from_static("text/event-stream"));
    fields.insert(CACHE_CONTROL, HeaderValue::from_static("private, no-store"));
    // A reverse proxy must not collect what is meant for now.
    fields.insert(
        HeaderName::from_static("x-accel-buffering"),
        HeaderValue::from_static("no"),
    );
    Ok(response)
}

/// Tells one listener what there is, until they go, their session ends, or the server does.
async fn tell(web: Web, actor: Actor, mut feed: Feed, pieces: mpsc::Sender<Bytes>) {
    let mut looks = tokio::time::interval(LOOK);
    let mut looked: u32 = 0;
    loop {
        let piece = tokio::select! {
            () = pieces.closed() => return,
            // A stream has no end of its own that the server could wait for.
            () = web.0.closing.cancelled() => return,
            heard = feed.next() => match heard {
                Heard::Event(event) => {
                    let text = format!("id: {}\nevent: {}\ndata: {}\n\n", event.id, event.kind, event.payload);
                    Bytes::from(text)
                }
                Heard::Missed => Bytes::from_static(RESYNC),
                Heard::Over => return,
            },
            _ = looks.tick() => {
                match web.app().sessions.holder(actor.session_id).await {
                    Ok(Some(holder)) if holder == actor => {}
                    // Also when the store does not answer: what cannot be checked is not shown.
                    _ => return,
                }
                looked += 1;
                if !looked.is_multiple_of(LOOKS_PER_COMMENT) {
                    continue;
                }
                Bytes::from_static(COMMENT)
            }
        };
        match pieces.try_send(piece) {
            Ok(()) => {}
            Err(TrySendError::Closed(_)) => return,
            Err(TrySendError::Full(_)) => {
                let last_word = pieces.send(Bytes::from_static(RESYNC));
                // Whoever does not read that either has gone.
                let _ = tokio::time::timeout(LAST_WORD, last_word).await;
                return;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use model::ObjectId;

    use super::*;

    #[test]
    fn a_user_has_five_places_and_gets_one_back_for_each_that_ends() {
        let streams = Arc::new(Streams::default());
        let (one, other) = (UserId(ObjectId([1; 12])), UserId(ObjectId([2; 12])));
        let mut places: Vec<Place> = (0..5).map(|_| streams.enter(one).unwrap()).collect();
        assert_eq!(streams.enter(one).unwrap_err().code, "too_many_streams");
        let _elsewhere = streams.enter(other).unwrap();
        places.pop();
        let again = streams.enter(one).unwrap();
        assert!(streams.enter(one).is_err());
        drop(places);
        drop(again);
        assert_eq!(
            streams.0.lock().unwrap().len(),
            1,
            "nothing is kept of who is gone"
        );
    }
}
