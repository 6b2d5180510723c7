//! Between hyper and the caller's service.
//!
//! Owns what hyper does not do: the peer in the request, the deadline on silent bodies, the answers to refused
//! heads, and the knowledge of whether a connection is idle or its client stopped reading.

use crate::{
    grant::Peer,
    head::{Fault, MAX_FIELDS, MAX_TARGET_BYTES, REFUSED_METHOD},
    reply,
    request_body::RequestBody,
};
use bytes::Bytes;
use http::{HeaderValue, Request, Response, header};
use http_body::{Body, Frame, SizeHint};
use hyper::body::Incoming;
use parking_lot::Mutex;
use std::{
    convert::Infallible,
    future::Future,
    pin::Pin,
    sync::{
        Arc,
        atomic::{AtomicU64, AtomicUsize, Ordering},
    },
    task::{Context, Poll},
    time::Duration,
};
use tokio::time::Instant;
use tower_service::Service;

/// What is going on on a connection that hyper serves.
#[derive(Debug)]
pub(crate) struct Activity {
    began: Instant,
    in_flight: AtomicUsize,
    /// Milliseconds since `began` of the last beginning or end of a request.
    changed_ms: AtomicU64,
    /// Of each response under way: when its last piece was taken, or 0 while it waits for its own source.
    answers: Mutex<Vec<Arc<AtomicU64>>>,
}

impl Activity {
    pub(crate) fn new() -> Self {
        Self {
            began: Instant::now(),
            in_flight: AtomicUsize::new(0),
            changed_ms: AtomicU64::new(0),
            answers: Mutex::new(Vec::new()),
        }
    }

    fn now_ms(&self) -> u64 {
        // Never 0, which has a meaning of its own.
        u64::try_from(self.began.elapsed().as_millis())
            .unwrap_or(u64::MAX)
            .saturating_add(1)
    }

    /// Whether no request is being answered.
    pub(crate) fn is_idle(&self) -> bool {
        self.in_flight.load(Ordering::Acquire) == 0
    }

    /// Whether no request has been answered for `span`.
    pub(crate) fn is_idle_for(&self, span: Duration) -> bool {
        self.is_idle() && self.is_past(self.changed_ms.load(Ordering::Acquire), span)
    }

    /// Whether the client has left the rest of some answer untouched for `span`. HTTP/2 has its own flow control,
    /// so the socket does not tell.
    pub(crate) fn is_stalled_for(&self, span: Duration) -> bool {
        self.answers.lock().iter().any(|taken| {
            let taken = taken.load(Ordering::Acquire);
            taken != 0 && self.is_past(taken, span)
        })
    }

    fn is_past(&self, since_ms: u64, span: Duration) -> bool {
        u128::from(self.now_ms().saturating_sub(since_ms)) > span.as_millis()
    }
}

/// A request body of this length comes with its head or right behind it.
const SHORT_BODY_BYTES: u64 = 4096;

/// Counts one request, from its head to the last byte of its answer.
#[derive(Debug)]
struct Flight(Arc<Activity>);

impl Flight {
    fn begin(activity: &Arc<Activity>) -> Self {
        activity.in_flight.fetch_add(1, Ordering::AcqRel);
        Self(Arc::clone(activity))
    }
}

impl Drop for Flight {
    fn drop(&mut self) {
        self.0.changed_ms.store(self.0.now_ms(), Ordering::Release);
        self.0.in_flight.fetch_sub(1, Ordering::AcqRel);
    }
}

/// The caller's service as hyper calls it.
#[derive(Debug, Clone)]
pub(crate) struct Bridge<S> {
    pub(crate) service: S,
    pub(crate) peer: Peer,
    pub(crate) activity: Arc<Activity>,
    pub(crate) body_silence: Duration,
    pub(crate) http2: bool,
}

impl<S> Bridge<S> {
    /// Why the request does not reach the service, if so.
    fn fault(&self, request: &Request<Incoming>) -> Option<Fault> {
        if self.http2 {
            let target = request.uri();
            let length = target.path_and_query().map_or(0, |path| path.as_str().len());
            if length > MAX_TARGET_BYTES {
                return Some(Fault::TargetTooLong);
            }
            return (request.headers().len() > MAX_FIELDS).then_some(Fault::HeadTooLarge);
        }
        // Only the guard can have written this method: it refuses it from clients.
        (request.method().as_str() == REFUSED_METHOD).then(|| {
            let status = request
                .uri()
                .path()
                .trim_start_matches('/')
                .parse()
                .unwrap_or(400);
            Fault::of_status(status)
        })
    }
}

impl<S, B> hyper::service::Service<Request<Incoming>> for Bridge<S>
where
    S: Service<Request<RequestBody>, Response = Response<B>, Error = Infallible> + Clone + Send + 'static,
    S::Future: Send + 'static,
    B: Body<Data = Bytes> + Send + 'static,
{
    type Response = Response<Answer<B>>;
    type Error = Infallible;
    type Future = Pin<Box<dyn Future<Output = Result<Self::Response, Infallible>> + Send>>;

    fn call(&self, request: Request<Incoming>) -> Self::Future {
        let flight = Flight::begin(&self.activity);
        if let Some(fault) = self.fault(&request) {
            let mut response = reply::refused(fault);
            if !self.http2 {
                response
                    .headers_mut()
                    .insert(header::CONNECTION, HeaderValue::from_static("close"));
            }
            let response = response.map(|text| Answer::new(Source::Text(Some(text)), flight, self.http2));
            return Box::pin(async move { Ok(response) });
        }
        let silence = self.body_silence;
        let mut request = request.map(|body| RequestBody::new(body, silence));
        // hyper reads on over a short rest and keeps the connection, but closes it over a long one.
        let long = request
            .body()
            .size_hint()
            .exact()
            .is_none_or(|bytes| bytes > SHORT_BODY_BYTES);
        let unread = (!self.http2 && long).then(|| request.body().unread());
        request.extensions_mut().insert(self.peer);
        let mut service = self.service.clone();
        let watched = self.http2;
        Box::pin(async move {
            std::future::poll_fn(|cx| service.poll_ready(cx)).await?;
            let mut response = service.call(request).await?;
            // A client that is not told sends its next request into the closing connection and gets no answer.
            if unread.is_some_and(|unread| unread.load(Ordering::Acquire)) {
                response
                    .headers_mut()
                    .insert(header::CONNECTION, HeaderValue::from_static("close"));
            }
            Ok(response.map(|body| Answer::new(Source::Service(Box::pin(body)), flight, watched)))
        })
    }
}

/// Where the bytes of an answer come from.
enum Source<B> {
    Service(Pin<Box<B>>),
    Text(Option<Bytes>),
}

/// The body of an answer, watched until it is gone.
pub(crate) struct Answer<B> {
    source: Source<B>,
    taken: Option<Arc<AtomicU64>>,
    flight: Flight,
}

impl<B> Answer<B> {
    fn new(source: Source<B>, flight: Flight, watched: bool) -> Self {
        let taken = watched.then(|| {
            let taken = Arc::new(AtomicU64::new(flight.0.now_ms()));
            flight.0.answers.lock().push(Arc::clone(&taken));
            taken
        });
        Self {
            source,
            taken,
            flight,
        }
    }
}

impl<B> Drop for Answer<B> {
    fn drop(&mut self) {
        if let Some(taken) = &self.taken {
            self.flight
                .0
                .answers
                .lock()
                .retain(|other| !Arc::ptr_eq(taken, other));
        }
    }
}

impl<B: Body<Data = Bytes>> Body for Answer<B> {
    type Data = Bytes;
    type Error = B::Error;

    fn poll_frame(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, B::Error>>> {
        let this = self.get_mut();
        let frame = match &mut this.source {
            Source::Service(body) => body.as_mut().poll_frame(cx),
            Source::Text(text) => Poll::Ready(text.take().map(|text| Ok(Frame::data(text)))),
        };
        if let Some(taken) = &this.taken {
            taken.store(
                if frame.is_pending() {
                    0
                } else {
                    this.flight.0.now_ms()
                },
                Ordering::Release,
            );
        }
        frame
    }

    fn is_end_stream(&self) -> bool {
        match &self.source {
            Source::Service(body) => body.is_end_stream(),
            Source::Text(text) => text.is_none(),
        }
    }

    fn size_hint(&self) -> SizeHint {
        match &self.source {
            Source::Service(body) => body.size_hint(),
            Source::Text(text) => SizeHint::with_exact(text.as_ref().map_or(0, Bytes::len) as u64),
        }
    }
}
