//! The fast path: one plain HTTP/1 connection, as long as it asks for media and nothing else.
//!
//! Reads heads itself, asks the gate, and sends. The first request that is not a plain GET or HEAD for media
//! ends its work: the connection, with the bytes read so far, goes to hyper and stays there.

use crate::{
    body::may_have_length,
    deadline::Deadline,
    envelope,
    fields::{Fields, Value},
    grant::{Decision, FileGrant, Gate, Peer},
    head::{self, Fault, Framing, HTTP2_PREFACE, Head, Search},
    meters::METERS,
    plan::{self, Conditions, Payload},
    reply::{self, Persistence},
    send::{self, Sender},
    server::Limits,
    tally::Count,
};
use bytes::{Bytes, BytesMut};
use http::{Method, Response, header};
use std::{
    future::{Future, poll_fn},
    io,
    pin::Pin,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    task::Poll,
    time::Duration,
};
use tokio::net::TcpStream;
use tokio_util::sync::{CancellationToken, WaitForCancellationFutureOwned};

/// Room made for reading; most heads fit.
const READ_BYTES: usize = 2048;

/// What all connections share.
#[derive(Debug)]
pub(crate) struct Shared<G> {
    pub(crate) gate: Arc<G>,
    pub(crate) limits: Limits,
    /// Cancelled after `draining` is set.
    pub(crate) shutdown: CancellationToken,
    /// Whether the server is shutting down; the token would tell, under a lock.
    pub(crate) draining: AtomicBool,
}

impl<G> Shared<G> {
    fn is_draining(&self) -> bool {
        self.draining.load(Ordering::Acquire)
    }
}

/// How the fast path ended.
pub(crate) enum Outcome {
    /// The connection is over.
    Over,
    /// hyper goes on; `buffered` was read and not yet used, and begins with a complete head.
    Handoff {
        stream: TcpStream,
        buffered: BytesMut,
        http2: bool,
    },
}

/// How waiting for bytes ended.
enum Filled {
    Some,
    /// End of stream, an error, or shutdown: nothing more to do.
    Over,
    TooSlow,
}

/// A request that is in the buffer.
enum Next {
    Media(Head),
    Other { http2: bool },
    Fault(Fault),
    Over,
}

pub(crate) struct Connection<'s, G> {
    shared: &'s Shared<G>,
    stream: TcpStream,
    peer: Peer,
    buffer: BytesMut,
    search: Search,
    deadline: Deadline,
    shutdown: Pin<Box<WaitForCancellationFutureOwned>>,
    /// Whether `shutdown` will wake the task.
    registered: bool,
    sender: Sender,
    out: Vec<u8>,
    served: bool,
}

impl<'s, G: Gate> Connection<'s, G> {
    pub(crate) fn new(shared: &'s Shared<G>, stream: TcpStream, peer: Peer) -> Self {
        Self {
            shared,
            stream,
            peer,
            buffer: BytesMut::new(),
            search: Search::default(),
            deadline: Deadline::after(shared.limits.first_byte()),
            shutdown: Box::pin(shared.shutdown.clone().cancelled_owned()),
            registered: false,
            sender: Sender::new(shared.limits.write_stall()),
            out: Vec::new(),
            served: false,
        }
    }

    /// Serves until the connection ends or is no longer ours.
    pub(crate) async fn run(mut self) -> Outcome {
        loop {
            let head = match self.next().await {
                Next::Media(head) => head,
                Next::Other { http2 } => {
                    return Outcome::Handoff {
                        stream: self.stream,
                        buffered: self.buffer,
                        http2,
                    };
                }
                Next::Fault(fault) => {
                    self.refuse(fault).await;
                    return Outcome::Over;
                }
                Next::Over => return Outcome::Over,
            };
            match self.serve(&head).await {
                Ok(Persistence::Ends) => {
                    send::linger(&self.stream).await;
                    return Outcome::Over;
                }
                Ok(_) => self.served = true,
                Err(err) => {
                    if !send::is_departure(&err) {
                        tracing::warn!(error = %err, "Sending a file failed: {err}");
                    }
                    return Outcome::Over;
                }
            }
        }
    }

    /// Waits for the next complete head and says whose it is.
    async fn next(&mut self) -> Next {
        if self.served {
            self.deadline.set(self.shared.limits.keep_alive());
        }
        let mut begun = false;
        loop {
            if !self.buffer.is_empty() {
                if self.buffer.starts_with(HTTP2_PREFACE) {
                    return Next::Other { http2: true };
                }
                if !HTTP2_PREFACE.starts_with(&self.buffer) {
                    match self.search.examine(&self.buffer) {
                        Ok(Some(head)) => return self.judge(head),
                        Ok(None) => {}
                        Err(fault) => return Next::Fault(fault),
                    }
                }
                if !begun {
                    begun = true;
                    self.deadline.set(self.shared.limits.head());
                }
            }
            match self.fill(!begun).await {
                Filled::Some => {}
                // Whoever never said a word gets none either.
                Filled::TooSlow if begun => return Next::Fault(Fault::TooSlow),
                Filled::Over | Filled::TooSlow => return Next::Over,
            }
        }
    }

    /// Media, or somebody else's.
    fn judge(&self, head: Head) -> Next {
        let plain = head.framing == Framing::Length(0) && matches!(head.method, Method::GET | Method::HEAD);
        let claimed = plain
            && std::str::from_utf8(head.raw_target(&self.buffer))
                .ok()
                .and_then(head::path_of)
                .is_some_and(|path| self.shared.gate.claims(&head.method, path));
        if claimed {
            Next::Media(head)
        } else {
            Next::Other { http2: false }
        }
    }

    /// Reads once. `idle` says that no request has begun, so that shutdown may end the wait.
    async fn fill(&mut self, idle: bool) -> Filled {
        if self.buffer.capacity() == self.buffer.len() {
            self.buffer.reserve(READ_BYTES);
        }
        poll_fn(|cx| {
            // A read that does not fill the buffer clears the readiness, which saves asking the system once more.
            match tokio_util::io::poll_read_buf(Pin::new(&mut self.stream), cx, &mut self.buffer) {
                Poll::Ready(Ok(0) | Err(_)) => return Poll::Ready(Filled::Over),
                Poll::Ready(Ok(_)) => return Poll::Ready(Filled::Some),
                Poll::Pending => {}
            }
            if !self.registered {
                // Once is enough: the waker of a task does not change, and asking again takes a shared lock.
                self.registered = true;
                let _ = self.shutdown.as_mut().poll(cx);
            }
            if idle && self.shared.is_draining() {
                return Poll::Ready(Filled::Over);
            }
            self.deadline.poll(cx).map(|()| {
                METERS.timed_out.increment(1);
                Filled::TooSlow
            })
        })
        .await
    }

    /// Answers one media request.
    async fn serve(&mut self, head: &Head) -> io::Result<Persistence> {
        let bytes = self.buffer.split_to(head.len).freeze();
        let method = head.method.clone();
        let parts = head
            .target(&bytes)
            .ok_or(Fault::Malformed)
            .and_then(|uri| head.request(&bytes, uri, self.peer));
        let parts = match parts {
            Ok(parts) => parts,
            Err(fault) => {
                self.refuse(fault).await;
                return Err(io::ErrorKind::ConnectionAborted.into());
            }
        };
        // The decision takes the request; what the plan needs of it stays here.
        let conditions = Conditions::of(&parts.headers);
        let decision = self.shared.gate.decide(parts).await;
        let persistence = if !head.keep_alive || self.shared.is_draining() {
            Persistence::Ends
        } else if head.old {
            Persistence::GoesSaid
        } else {
            Persistence::Goes
        };
        match decision {
            Decision::File(grant) => self.send_file(&method, &conditions, &grant, persistence).await?,
            Decision::Inline(response) => self.send_text(&method, response, persistence).await?,
        }
        Ok(persistence)
    }

    async fn send_file(
        &mut self,
        method: &Method,
        conditions: &Conditions,
        grant: &FileGrant,
        persistence: Persistence,
    ) -> io::Result<()> {
        let (status, payload) = plan::plan_into(&mut self.out, method, conditions, grant);
        if let Payload::File(range) = &payload
            && !grant.file.is_ready(range).await
        {
            self.out.clear();
            let mut response = envelope::unavailable();
            response.headers_mut().extend(grant.extra.iter().cloned());
            return self.send_text(method, response, persistence).await;
        }
        METERS.answered(status);
        self.end_head(persistence);
        match payload {
            Payload::None | Payload::Announced(_) => self.sender.send(&self.stream, &self.out, false).await,
            Payload::Text(text) => {
                self.out.extend_from_slice(&text);
                self.sender.send(&self.stream, &self.out, false).await
            }
            Payload::File(range) => {
                let more = !range.is_empty();
                self.sender.send(&self.stream, &self.out, more).await?;
                let count = Count::begin(grant.tally.as_ref());
                self.sender
                    .send_file(&self.stream, &grant.file, range, count)
                    .await
            }
        }
    }

    async fn send_text(
        &mut self,
        method: &Method,
        response: Response<Bytes>,
        persistence: Persistence,
    ) -> io::Result<()> {
        let (parts, text) = response.into_parts();
        METERS.answered(parts.status);
        self.out.status(parts.status);
        for (name, value) in &parts.headers {
            if !reply::is_of_the_connection(name) {
                self.out.add(name, Value::Checked(value));
            }
        }
        let has_length = may_have_length(parts.status);
        if has_length {
            self.out
                .add(&header::CONTENT_LENGTH, Value::Number(text.len() as u64));
        }
        self.end_head(persistence);
        let has_body = has_length && method != Method::HEAD;
        self.sender
            .send(&self.stream, &self.out, has_body && !text.is_empty())
            .await?;
        if has_body {
            self.sender.send(&self.stream, &text, false).await?;
            METERS.user_space_bytes.increment(text.len() as u64);
        }
        Ok(())
    }

    fn end_head(&mut self, persistence: Persistence) {
        reply::end(&mut self.out, self.shared.gate.now_ms(), persistence);
    }

    /// Says why and ends the connection.
    async fn refuse(&mut self, fault: Fault) {
        let response = reply::refused(fault);
        if self
            .send_text(&Method::GET, response, Persistence::Ends)
            .await
            .is_ok()
        {
            send::linger(&self.stream).await;
        }
    }

    /// For a connection beyond the cap: the next head decides. A probe goes on (to hyper), all else is refused.
    pub(crate) async fn run_over_cap(mut self, patience: Duration) -> Outcome {
        self.deadline.set(patience);
        if self.next_within_patience().await == Some(true) {
            return Outcome::Handoff {
                stream: self.stream,
                buffered: self.buffer,
                http2: false,
            };
        }
        self.refuse(Fault::Crowded).await;
        Outcome::Over
    }

    /// Whether the first head is that of a probe; `None` when there is none.
    async fn next_within_patience(&mut self) -> Option<bool> {
        loop {
            match self.fill(true).await {
                Filled::Some => {}
                Filled::Over | Filled::TooSlow => return None,
            }
            if let Some(head) = self.search.examine(&self.buffer).ok()? {
                let path = std::str::from_utf8(head.raw_target(&self.buffer))
                    .ok()
                    .and_then(head::path_of)?;
                return Some(head.framing == Framing::Length(0) && self.shared.gate.is_probe(path));
            }
        }
    }
}
