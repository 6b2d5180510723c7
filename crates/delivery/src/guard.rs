//! The stream that hyper sees.
//!
//! Follows the requests on an HTTP/1 connection and lets a head through only when it is complete and passes the
//! same check as on the fast path; hyper on its own takes bare line feeds and a length beside chunks. Owns the
//! deadlines of head, idleness and stalled writes. HTTP/2 passes unchanged, except for stalled writes.
//!
//! A refused head is replaced by a small request of our own under a method no client can send; the bridge knows
//! it and answers with the refusal. That way the answer keeps its turn behind earlier requests on the connection.

use crate::{
    bridge::Activity,
    deadline::Deadline,
    framing::BodyScan,
    head::{Fault, REFUSED_METHOD, Search},
    meters::METERS,
    send::{LINGER, LINGER_BYTES},
    server::Limits,
};
use bytes::{Buf, BytesMut};
use std::{
    io::{self, IoSlice},
    pin::Pin,
    sync::Arc,
    task::{Context, Poll, ready},
    time::Duration,
};
use tokio::{
    io::{AsyncRead, AsyncWrite, ReadBuf},
    net::TcpStream,
};

/// Room made for reading a head.
const READ_BYTES: usize = 2048;

/// What the guard expects from the client.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Expects {
    /// A head, or its rest.
    Head,
    /// The rest of a body.
    Body(BodyScan),
    /// Nothing: the last request was let through, or was ours.
    Silence,
    /// Nothing, and hyper is told that the client is done: a body broke its framing.
    End,
    /// Anything: this is HTTP/2.
    Anything,
}

/// What the reading deadline stands for at present.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Watch {
    Nothing,
    Idle,
    Head,
}

/// A socket with manners.
#[derive(Debug)]
pub(crate) struct Guard {
    stream: TcpStream,
    activity: Arc<Activity>,
    /// Read and not yet given to hyper.
    pending: BytesMut,
    /// How many bytes of `pending` are checked.
    checked: usize,
    expects: Expects,
    search: Search,
    head_span: Duration,
    idle_span: Duration,
    stall_span: Duration,
    watch: Watch,
    reading: Option<Deadline>,
    stalled: Option<Deadline>,
    is_stalled: bool,
    lingering: Option<(Deadline, usize)>,
}

impl Guard {
    /// Guards a connection that begins with `buffered`.
    pub(crate) fn new(
        stream: TcpStream,
        buffered: BytesMut,
        http2: bool,
        limits: &Limits,
        activity: Arc<Activity>,
    ) -> Self {
        Self {
            stream,
            activity,
            checked: if http2 { buffered.len() } else { 0 },
            pending: buffered,
            expects: if http2 { Expects::Anything } else { Expects::Head },
            search: Search::default(),
            head_span: limits.head(),
            idle_span: limits.keep_alive(),
            stall_span: limits.write_stall(),
            watch: Watch::Nothing,
            reading: None,
            stalled: None,
            is_stalled: false,
            lingering: None,
        }
    }

    /// Checks as much of `pending` as can be checked.
    fn check(&mut self) {
        match &mut self.expects {
            Expects::Head => match self.search.examine(&self.pending) {
                Ok(None) => {}
                Ok(Some(head)) => {
                    self.checked = head.len;
                    let scan = BodyScan::from(head.framing);
                    self.expects = if scan.is_over() {
                        Expects::Head
                    } else {
                        Expects::Body(scan)
                    };
                }
                Err(fault) => self.refuse(fault),
            },
            Expects::Body(scan) => match scan.advance(&self.pending) {
                Ok(used) => {
                    self.checked = used;
                    if scan.is_over() {
                        self.expects = Expects::Head;
                    }
                }
                Err(broken) => {
                    self.checked = broken.good;
                    self.expects = Expects::End;
                }
            },
            Expects::Silence | Expects::End | Expects::Anything => {}
        }
    }

    /// Replaces what the client sent by a request of ours.
    fn refuse(&mut self, fault: Fault) {
        let status = fault.words().0.as_u16();
        let ours =
            format!("{REFUSED_METHOD} /{status} HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n\r\n");
        self.pending = BytesMut::from(ours.as_bytes());
        self.checked = self.pending.len();
        self.expects = Expects::Silence;
    }

    /// Gives checked bytes away; `true` when there were any.
    fn give(&mut self, buf: &mut ReadBuf<'_>) -> bool {
        let count = self.checked.min(buf.remaining());
        if count == 0 {
            return false;
        }
        buf.put_slice(&self.pending[..count]);
        self.pending.advance(count);
        self.checked -= count;
        if self.pending.is_empty() {
            // An idle connection keeps no buffer.
            self.pending = BytesMut::new();
        }
        true
    }

    /// The deadline for what is waited for: the rest of a head, or any request at all. While a request is being
    /// answered hyper reads too, only to notice a client that leaves; then there is none.
    fn poll_patience(&mut self, cx: &mut Context<'_>) -> Poll<Watch> {
        let (watch, span) = if !self.pending.is_empty() {
            (Watch::Head, self.head_span)
        } else if self.activity.is_idle() {
            (Watch::Idle, self.idle_span)
        } else {
            (Watch::Nothing, Duration::MAX)
        };
        if watch == Watch::Nothing {
            self.watch = watch;
            return Poll::Pending;
        }
        let deadline = match &mut self.reading {
            Some(deadline) => {
                if self.watch != watch {
                    deadline.set(span);
                }
                deadline
            }
            none => none.insert(Deadline::after(span)),
        };
        self.watch = watch;
        ready!(deadline.poll(cx));
        METERS.timed_out.increment(1);
        Poll::Ready(watch)
    }

    fn poll_head(&mut self, cx: &mut Context<'_>, buf: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        loop {
            self.check();
            if self.give(buf) {
                self.watch = Watch::Nothing;
                return Poll::Ready(Ok(()));
            }
            if self.pending.capacity() == self.pending.len() {
                self.pending.reserve(READ_BYTES);
            }
            match tokio_util::io::poll_read_buf(Pin::new(&mut self.stream), cx, &mut self.pending) {
                Poll::Ready(Ok(0)) => {
                    self.expects = Expects::End;
                    return Poll::Ready(Ok(()));
                }
                Poll::Ready(Ok(_)) => {}
                Poll::Ready(Err(err)) => return Poll::Ready(Err(err)),
                Poll::Pending => match ready!(self.poll_patience(cx)) {
                    Watch::Head => self.refuse(Fault::TooSlow),
                    Watch::Idle | Watch::Nothing => {
                        self.expects = Expects::End;
                        return Poll::Ready(Ok(()));
                    }
                },
            }
        }
    }

    /// Reads body bytes straight into hyper's memory and takes back what belongs to the next request.
    fn poll_body(
        &mut self,
        mut scan: BodyScan,
        cx: &mut Context<'_>,
        buf: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let before = buf.filled().len();
        ready!(Pin::new(&mut self.stream).poll_read(cx, buf))?;
        let fresh = buf.filled().get(before..).unwrap_or_default();
        let (used, expects) = match scan.advance(fresh) {
            Ok(used) if scan.is_over() => (used, Expects::Head),
            Ok(used) => (used, Expects::Body(scan)),
            Err(broken) => (broken.good, Expects::End),
        };
        self.expects = expects;
        if used < fresh.len() {
            self.pending.extend_from_slice(&fresh[used..]);
            buf.set_filled(before + used);
        }
        Poll::Ready(Ok(()))
    }

    /// Cuts the connection when the client has not taken a byte for the bound.
    fn poll_stalled<T>(&mut self, cx: &mut Context<'_>, written: Poll<io::Result<T>>) -> Poll<io::Result<T>> {
        if written.is_ready() {
            self.is_stalled = false;
            return written;
        }
        let deadline = match &mut self.stalled {
            Some(deadline) => {
                if !self.is_stalled {
                    deadline.set(self.stall_span);
                }
                deadline
            }
            none => none.insert(Deadline::after(self.stall_span)),
        };
        self.is_stalled = true;
        ready!(deadline.poll(cx));
        METERS.timed_out.increment(1);
        Poll::Ready(Err(io::ErrorKind::TimedOut.into()))
    }

    /// Whether the client may still be sending, so that closing would reset the connection under its answer.
    fn is_interrupted(&self) -> bool {
        matches!(self.expects, Expects::Body(_) | Expects::Silence | Expects::End) || !self.pending.is_empty()
    }
}

impl AsyncRead for Guard {
    fn poll_read(self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        let this = self.get_mut();
        if buf.remaining() == 0 || this.give(buf) {
            return Poll::Ready(Ok(()));
        }
        match this.expects {
            Expects::Anything => Pin::new(&mut this.stream).poll_read(cx, buf),
            Expects::Head => this.poll_head(cx, buf),
            Expects::Body(scan) if this.pending.is_empty() => this.poll_body(scan, cx, buf),
            Expects::Body(_) => {
                this.check();
                // Nothing checked means that the framing broke on the first byte: end of stream.
                this.give(buf);
                Poll::Ready(Ok(()))
            }
            Expects::Silence => Poll::Pending,
            Expects::End => Poll::Ready(Ok(())),
        }
    }
}

impl AsyncWrite for Guard {
    fn poll_write(self: Pin<&mut Self>, cx: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        let this = self.get_mut();
        let written = Pin::new(&mut this.stream).poll_write(cx, bytes);
        this.poll_stalled(cx, written)
    }

    fn poll_write_vectored(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        slices: &[IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        let this = self.get_mut();
        let written = Pin::new(&mut this.stream).poll_write_vectored(cx, slices);
        this.poll_stalled(cx, written)
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }

    fn poll_flush(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.get_mut().stream).poll_flush(cx)
    }

    fn poll_shutdown(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        let this = self.get_mut();
        if this.lingering.is_none() {
            ready!(Pin::new(&mut this.stream).poll_shutdown(cx))?;
            if !this.is_interrupted() {
                return Poll::Ready(Ok(()));
            }
        }
        let (deadline, left) = this
            .lingering
            .get_or_insert_with(|| (Deadline::after(LINGER), LINGER_BYTES));
        let mut scratch = [0_u8; 2048];
        loop {
            let mut buf = ReadBuf::new(&mut scratch);
            match Pin::new(&mut this.stream).poll_read(cx, &mut buf) {
                Poll::Ready(Ok(())) if !buf.filled().is_empty() && *left > 0 => {
                    *left = left.saturating_sub(buf.filled().len());
                }
                Poll::Ready(_) => return Poll::Ready(Ok(())),
                Poll::Pending => return deadline.poll(cx).map(Ok),
            }
        }
    }
}
