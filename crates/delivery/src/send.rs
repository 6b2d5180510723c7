//! Bytes onto a plain socket: small ones from memory, media straight from the page cache.
//!
//! Owns readiness and the deadline on a client that stops reading. Decides nothing.

use crate::{
    deadline::Deadline,
    files::{self, OpenFile},
    meters::METERS,
    tally::Count,
};
use rustix::{io::Errno, net::SendFlags};
use std::{future::poll_fn, io, ops::Range, sync::Arc, task::Poll, time::Duration};
use tokio::{io::Interest, net::TcpStream};

/// Bytes per `sendfile` call. Large enough that the call itself does not count, small enough that a fast client
/// does not hold a worker for long.
const SENDFILE_BYTES: u64 = 1024 * 1024;
/// Bytes after which a connection that never had to wait lets others run.
const TURN_BYTES: u64 = 2 * 1024 * 1024;

/// The sending half of a connection.
#[derive(Debug)]
pub(crate) struct Sender {
    stall: Duration,
    deadline: Option<Deadline>,
    /// Bytes since the last time others could run.
    turn: u64,
}

impl Sender {
    /// A sender that gives up when `stall` passes without progress.
    pub(crate) fn new(stall: Duration) -> Self {
        Self {
            stall,
            deadline: None,
            turn: 0,
        }
    }

    /// Sends `bytes`; `more` says that a body follows at once, so that head and body share segments.
    pub(crate) async fn send(&mut self, stream: &TcpStream, mut bytes: &[u8], more: bool) -> io::Result<()> {
        let flags = if more {
            SendFlags::NOSIGNAL | SendFlags::MORE
        } else {
            SendFlags::NOSIGNAL
        };
        while !bytes.is_empty() {
            let sent = stream.try_io(Interest::WRITABLE, || {
                Ok(rustix::net::send(stream, bytes, flags)?)
            });
            match sent {
                Ok(sent) => bytes = bytes.get(sent..).unwrap_or_default(),
                Err(err) => self.retry(stream, err).await?,
            }
        }
        Ok(())
    }

    /// Sends `range` of `file`, and counts what went out.
    pub(crate) async fn send_file(
        &mut self,
        stream: &TcpStream,
        file: &Arc<OpenFile>,
        mut range: Range<u64>,
        mut count: Count<'_>,
    ) -> io::Result<()> {
        while range.start < range.end {
            let held = file.hold(range.start, range.end - range.start).await?;
            let step = held.bytes.min(SENDFILE_BYTES);
            file.make_warm(range.start, step).await?;
            let mut sent = 0;
            let outcome = stream.try_io(Interest::WRITABLE, || {
                let mut offset = range.start;
                sent = rustix::fs::sendfile(stream, file, Some(&mut offset), step as usize)? as u64;
                match sent {
                    0 => Err(files::shrunk()),
                    // The socket is full, or it would have taken all. Saying so here saves the call that would
                    // only learn it, because the readiness is cleared at once.
                    short if short < step => Err(io::ErrorKind::WouldBlock.into()),
                    _ => Ok(()),
                }
            });
            // A client that is slow to read keeps nothing from being given back.
            drop(held);
            range.start += sent;
            self.turn += sent;
            METERS.sendfile_bytes.increment(sent);
            count.add(sent);
            if let Err(err) = outcome
                && range.start < range.end
            {
                self.retry(stream, err).await?;
            }
            if self.turn >= TURN_BYTES {
                self.turn = 0;
                tokio::task::yield_now().await;
            }
        }
        Ok(())
    }

    /// Waits when the socket was full; any other error is final.
    async fn retry(&mut self, stream: &TcpStream, err: io::Error) -> io::Result<()> {
        match err.kind() {
            io::ErrorKind::WouldBlock => self.writable(stream).await,
            io::ErrorKind::Interrupted => Ok(()),
            _ => Err(err),
        }
    }

    async fn writable(&mut self, stream: &TcpStream) -> io::Result<()> {
        self.turn = 0;
        let deadline = match &mut self.deadline {
            Some(deadline) => {
                deadline.set(self.stall);
                deadline
            }
            none => none.insert(Deadline::after(self.stall)),
        };
        poll_fn(|cx| {
            if let Poll::Ready(ready) = stream.poll_write_ready(cx) {
                return Poll::Ready(ready);
            }
            deadline.poll(cx).map(|()| {
                METERS.timed_out.increment(1);
                Err(io::ErrorKind::TimedOut.into())
            })
        })
        .await
    }
}

/// Ends a connection whose client may still be sending: closing with unread bytes would reset it, and the reset
/// can overtake the answer. Reads and drops what comes for a moment.
pub(crate) async fn linger(stream: &TcpStream) {
    if rustix::net::shutdown(stream, rustix::net::Shutdown::Write).is_err() {
        return;
    }
    let drain = async {
        let mut left = LINGER_BYTES;
        while left > 0 && stream.readable().await.is_ok() {
            // Not held across the wait, where it would count for every idle connection.
            let mut scratch = [0_u8; 2048];
            match stream.try_read(&mut scratch) {
                Ok(0) => return,
                Ok(read) => left = left.saturating_sub(read),
                Err(err) if err.kind() == io::ErrorKind::WouldBlock => {}
                Err(_) => return,
            }
        }
    };
    let _ = tokio::time::timeout(LINGER, drain).await;
}

/// How long a client is listened to after the last answer.
pub(crate) const LINGER: Duration = Duration::from_secs(1);
/// How much is read and dropped meanwhile.
pub(crate) const LINGER_BYTES: usize = 256 * 1024;

/// Whether the error only says that the client went away, which is no news.
pub(crate) fn is_departure(err: &io::Error) -> bool {
    matches!(
        err.kind(),
        io::ErrorKind::BrokenPipe
            | io::ErrorKind::ConnectionReset
            | io::ErrorKind::ConnectionAborted
            | io::ErrorKind::NotConnected
            | io::ErrorKind::TimedOut
    ) || err.raw_os_error() == Some(Errno::HOSTUNREACH.raw_os_error())
}
