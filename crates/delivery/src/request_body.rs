//! Request bodies with a deadline on silence.
//!
//! A handler that waits for bytes which never come holds memory and a transaction's worth of trouble. Only
//! waiting counts: a handler that works for minutes without reading is not cut, nor is an event stream.

use crate::deadline::Deadline;
use bytes::Bytes;
use http_body::{Body, Frame, SizeHint};
use hyper::body::Incoming;
use std::{
    pin::Pin,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    task::{Context, Poll},
    time::Duration,
};

/// Why a request body ended early.
#[derive(Debug, thiserror::Error)]
pub enum BodyError {
    /// Nothing arrived for the bound of silence. The answer is 408, and the connection ends with it.
    #[error("the request body stalled")]
    Stalled,
    /// The client left, or broke its framing.
    #[error("the request body could not be read")]
    Broken(#[from] hyper::Error),
}

/// The body of a request as the service gets it.
#[derive(Debug)]
pub struct RequestBody {
    inner: Incoming,
    silence: Duration,
    deadline: Option<Deadline>,
    waiting: bool,
    unread: Arc<AtomicBool>,
}

impl RequestBody {
    /// Bounds the silence in `inner` to `silence`.
    pub(crate) fn new(inner: Incoming, silence: Duration) -> Self {
        Self {
            unread: Arc::new(AtomicBool::new(!inner.is_end_stream())),
            inner,
            silence,
            deadline: None,
            waiting: false,
        }
    }

    /// Whether something of the body has not been read; tells so also after the body was dropped.
    pub(crate) fn unread(&self) -> Arc<AtomicBool> {
        Arc::clone(&self.unread)
    }
}

impl Body for RequestBody {
    type Data = Bytes;
    type Error = BodyError;

    fn poll_frame(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, BodyError>>> {
        let this = self.get_mut();
        if let Poll::Ready(frame) = Pin::new(&mut this.inner).poll_frame(cx) {
            this.waiting = false;
            if frame.is_none() || this.inner.is_end_stream() {
                this.unread.store(false, Ordering::Release);
            }
            return Poll::Ready(frame.map(|frame| frame.map_err(BodyError::from)));
        }
        let deadline = match &mut this.deadline {
            Some(deadline) => {
                if !this.waiting {
                    deadline.set(this.silence);
                }
                deadline
            }
            none => none.insert(Deadline::after(this.silence)),
        };
        this.waiting = true;
        deadline.poll(cx).map(|()| Some(Err(BodyError::Stalled)))
    }

    fn is_end_stream(&self) -> bool {
        self.inner.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.inner.size_hint()
    }
}
