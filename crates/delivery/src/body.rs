//! Files through user space: for TLS, HTTP/2, and whatever connection hyper has taken over.
//!
//! Reads what the page cache has right where it is polled and goes to a blocking thread for the rest. A response
//! holds one buffer while it reads and one while it is being sent, not more.

use crate::{
    envelope,
    files::{self, OpenFile},
    grant::Decision,
    meters::METERS,
    plan::{self, Payload},
    tally::Tally,
};
use bytes::Bytes;
use http::{HeaderValue, Response, header, request};
use http_body::{Frame, SizeHint};
use parking_lot::Mutex;
use std::{
    future::Future,
    io,
    ops::Range,
    pin::Pin,
    sync::Arc,
    task::{Context, Poll, ready},
};

/// Bytes read at once. Measured: 64 KiB costs a third of the throughput, 1 MiB gains nothing.
const READ_BYTES: usize = 256 * 1024;
/// Buffers kept for later, 8 MiB in all.
const SPARE_BUFFERS: usize = 32;

/// Buffers that were filled before. Fresh memory of this size would be cleared twice for each read, by the
/// kernel and by us.
static SPARE: Mutex<Vec<Vec<u8>>> = Mutex::new(Vec::new());

/// Memory that returns to [`SPARE`].
struct Buffer {
    memory: Vec<u8>,
    filled: usize,
}

impl Buffer {
    fn take() -> Self {
        let spare = SPARE.lock().pop();
        Self {
            memory: spare.unwrap_or_else(|| vec![0; READ_BYTES]),
            filled: 0,
        }
    }
}

impl AsRef<[u8]> for Buffer {
    fn as_ref(&self) -> &[u8] {
        self.memory.get(..self.filled).unwrap_or_default()
    }
}

impl Drop for Buffer {
    fn drop(&mut self) {
        let mut spare = SPARE.lock();
        if spare.len() < SPARE_BUFFERS {
            spare.push(std::mem::take(&mut self.memory));
        }
    }
}

/// A read that waits for the disk on another thread.
type Cold = Pin<Box<dyn Future<Output = io::Result<Buffer>> + Send>>;

/// A range of a file as a response body.
pub struct FileBody {
    file: Arc<OpenFile>,
    range: Range<u64>,
    cold: Option<Cold>,
    tally: Option<Arc<Tally>>,
}

impl FileBody {
    /// The bytes of `range`, which must lie within the file.
    pub fn new(file: Arc<OpenFile>, range: Range<u64>) -> Self {
        Self {
            file,
            range,
            cold: None,
            tally: None,
        }
    }

    /// The same, counted where the caller wants to know of it.
    #[must_use]
    pub fn counted(mut self, tally: Option<Arc<Tally>>) -> Self {
        if let Some(tally) = &tally {
            tally.add_answer();
        }
        self.tally = tally;
        self
    }

    fn left(&self) -> u64 {
        self.range.end.saturating_sub(self.range.start)
    }

    fn frame(&mut self, buffer: Buffer) -> Frame<Bytes> {
        self.range.start += buffer.filled as u64;
        METERS.user_space_bytes.increment(buffer.filled as u64);
        if let Some(tally) = &self.tally {
            tally.add_bytes(buffer.filled as u64);
        }
        Frame::data(Bytes::from_owner(buffer))
    }
}

impl std::fmt::Debug for FileBody {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("FileBody")
            .field("range", &self.range)
            .finish_non_exhaustive()
    }
}

impl http_body::Body for FileBody {
    type Data = Bytes;
    type Error = io::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, io::Error>>> {
        if self.left() == 0 {
            return Poll::Ready(None);
        }
        if self.cold.is_none() {
            let (at, left) = (self.range.start, self.left());
            let held = self.file.hold_now(at, left);
            let mut buffer = Buffer::take();
            if let Some(held) = &held {
                match self.file.read_now(&mut buffer.memory[..wanted(held.bytes)], at) {
                    Ok(Some(read)) => {
                        buffer.filled = read;
                        return Poll::Ready(Some(Ok(self.frame(buffer))));
                    }
                    Ok(None) => {}
                    Err(err) => return Poll::Ready(Some(Err(err))),
                }
            }
            let file = Arc::clone(&self.file);
            self.cold = Some(Box::pin(async move {
                let held = match held {
                    Some(held) => held,
                    None => file.hold(at, left).await?,
                };
                files::blocking(move || {
                    let want = wanted(held.bytes);
                    buffer.filled = file.read_blocking(&mut buffer.memory[..want], at)?;
                    drop(held);
                    Ok(buffer)
                })
                .await
            }));
        }
        let Some(cold) = &mut self.cold else {
            return Poll::Pending;
        };
        let read = ready!(cold.as_mut().poll(cx));
        self.cold = None;
        Poll::Ready(Some(read.map(|buffer| self.frame(buffer))))
    }

    fn is_end_stream(&self) -> bool {
        self.left() == 0
    }

    fn size_hint(&self) -> SizeHint {
        SizeHint::with_exact(self.left())
    }
}

/// How many bytes are read at once of so many.
fn wanted(bytes: u64) -> usize {
    READ_BYTES.min(usize::try_from(bytes).unwrap_or(READ_BYTES))
}

/// The body of a delivered response.
#[derive(Debug)]
pub enum Body {
    /// Nothing.
    Empty,
    /// A short text; `None` once it was sent.
    Text(Option<Bytes>),
    /// Bytes of a file.
    File(FileBody),
}

impl http_body::Body for Body {
    type Data = Bytes;
    type Error = io::Error;

    fn poll_frame(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, io::Error>>> {
        match self.get_mut() {
            Self::Empty => Poll::Ready(None),
            Self::Text(text) => Poll::Ready(text.take().map(|text| Ok(Frame::data(text)))),
            Self::File(file) => Pin::new(file).poll_frame(cx),
        }
    }

    fn is_end_stream(&self) -> bool {
        match self {
            Self::Empty => true,
            Self::Text(text) => text.as_ref().is_none_or(Bytes::is_empty),
            Self::File(file) => file.is_end_stream(),
        }
    }

    fn size_hint(&self) -> SizeHint {
        match self {
            Self::Empty => SizeHint::with_exact(0),
            Self::Text(text) => SizeHint::with_exact(text.as_ref().map_or(0, Bytes::len) as u64),
            Self::File(file) => file.size_hint(),
        }
    }
}

/// The answer to a media request that came by way of the service, decided just as on the fast path. Waits for the
/// first bytes where they come from elsewhere.
pub async fn respond(parts: &request::Parts, decision: Decision) -> Response<Body> {
    match decision {
        Decision::Inline(response) => {
            let head_only = parts.method == http::Method::HEAD;
            let length = response.body().len();
            let mut response = response.map(|text| {
                if head_only {
                    Body::Empty
                } else {
                    Body::Text(Some(text))
                }
            });
            if may_have_length(response.status()) {
                response
                    .headers_mut()
                    .insert(header::CONTENT_LENGTH, HeaderValue::from(length));
            }
            response
        }
        Decision::File(grant) => {
            let plan = plan::plan(&parts.method, &parts.headers, &grant);
            if let Payload::File(range) = &plan.payload
                && !grant.file.is_ready(range).await
            {
                return envelope::unavailable().map(|text| Body::Text(Some(text)));
            }
            let body = match plan.payload {
                Payload::None | Payload::Announced(_) => Body::Empty,
                Payload::Text(text) => Body::Text(Some(text)),
                Payload::File(range) => Body::File(FileBody::new(grant.file, range).counted(grant.tally)),
            };
            let mut response = Response::new(body);
            *response.status_mut() = plan.status;
            let fields = response.headers_mut();
            fields.reserve(plan.fields.len());
            for (name, value) in plan.fields {
                fields.append(name, value);
            }
            response
        }
    }
}

/// Whether an answer of this status is followed by bytes whose number is to be announced.
pub(crate) fn may_have_length(status: http::StatusCode) -> bool {
    !status.is_informational()
        && status != http::StatusCode::NO_CONTENT
        && status != http::StatusCode::NOT_MODIFIED
}
