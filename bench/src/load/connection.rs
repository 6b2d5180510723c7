//! One keep-alive connection: sends a request, reads the head, drops the body.

use std::io::{self, Write};
use std::net::{SocketAddr, TcpStream};
use std::time::{Duration, Instant};

use rustix::net::RecvFlags;

use crate::error::{BenchError, Doing};

/// Enough for most heads; what of the body comes with it is copied, so it is kept small.
const HEAD_BYTES: usize = 2048;
/// No server sends a longer head than this in a measure.
const MOST_HEAD_BYTES: usize = 64 << 10;

/// A response that was received whole.
#[derive(Debug, Clone, Copy)]
pub(super) struct Done {
    pub(super) status: u16,
    pub(super) took: Duration,
}

/// What a readable socket led to.
#[derive(Debug, Clone, Copy)]
pub(super) enum Progress {
    Waiting,
    Done(Done),
    Closed,
}

#[derive(Debug)]
enum State {
    /// The head, as far as it has come.
    Head(Vec<u8>),
    /// The body: status, bytes to come.
    Body(u16, u64),
}

#[derive(Debug)]
pub(super) struct Connection {
    socket: TcpStream,
    number: usize,
    request: Vec<u8>,
    state: State,
    started: Instant,
    received: u64,
}

fn connect(target: SocketAddr) -> Result<TcpStream, BenchError> {
    let socket = TcpStream::connect_timeout(&target, Duration::from_secs(10)).doing("connect")?;
    socket.set_nodelay(true).doing("set TCP_NODELAY")?;
    socket
        .set_write_timeout(Some(Duration::from_secs(10)))
        .doing("set a write timeout")?;
    Ok(socket)
}

impl Connection {
    pub(super) fn open(target: SocketAddr, number: usize) -> Result<Self, BenchError> {
        Ok(Self {
            socket: connect(target)?,
            number,
            request: Vec::with_capacity(512),
            state: State::Head(Vec::with_capacity(HEAD_BYTES)),
            started: Instant::now(),
            received: 0,
        })
    }

    pub(super) fn socket(&self) -> &TcpStream {
        &self.socket
    }

    pub(super) fn number(&self) -> usize {
        self.number
    }

    /// Body bytes received since this was last asked.
    pub(super) fn take_received(&mut self) -> u64 {
        std::mem::take(&mut self.received)
    }

    pub(super) fn reopen(&mut self, target: SocketAddr) -> Result<(), BenchError> {
        self.socket = connect(target)?;
        self.state = State::Head(Vec::with_capacity(HEAD_BYTES));
        Ok(())
    }

    /// Sends the request that `write` makes. The socket blocks on writing: requests are small, and a
    /// server that does not read them is not one to measure.
    pub(super) fn send(&mut self, write: impl FnOnce(&mut Vec<u8>)) -> Result<(), BenchError> {
        self.request.clear();
        write(&mut self.request);
        self.resend()
    }

    pub(super) fn resend(&mut self) -> Result<(), BenchError> {
        self.started = Instant::now();
        match self.socket.write_all(&self.request) {
            // A connection that the server has just closed shows itself on the next read.
            Err(error)
                if matches!(
                    error.kind(),
                    io::ErrorKind::BrokenPipe | io::ErrorKind::ConnectionReset
                ) =>
            {
                Ok(())
            }
            outcome => outcome.doing("send a request"),
        }
    }

    /// Reads what is there.
    pub(super) fn receive(&mut self, scratch: &mut [u8]) -> Result<Progress, BenchError> {
        loop {
            let (status, left) = match &mut self.state {
                State::Head(head) => {
                    let before = head.len();
                    head.resize(before + HEAD_BYTES, 0);
                    let got = rustix::net::recv(&self.socket, &mut head[before..], RecvFlags::DONTWAIT);
                    let got = match outcome(got)? {
                        Got::Bytes(got) => got,
                        Got::Nothing => {
                            head.truncate(before);
                            return Ok(Progress::Waiting);
                        }
                        Got::End => return Ok(Progress::Closed),
                    };
                    head.truncate(before + got);
                    let Some(parsed) = parse(head)? else {
                        if head.len() > MOST_HEAD_BYTES {
                            return Err(wrong("a head without an end"));
                        }
                        continue;
                    };
                    let with_head = (head.len() - parsed.length) as u64;
                    let Some(left) = parsed.body_bytes.checked_sub(with_head) else {
                        return Err(wrong("more bytes than were announced"));
                    };
                    self.received += with_head;
                    (parsed.status, left)
                }
                State::Body(status, left) => {
                    let most = scratch.len().min(usize::try_from(*left).unwrap_or(usize::MAX));
                    let flags = RecvFlags::DONTWAIT | RecvFlags::TRUNC;
                    match outcome(rustix::net::recv(&self.socket, &mut scratch[..most], flags))? {
                        Got::Bytes(got) => {
                            self.received += got as u64;
                            (*status, *left - got as u64)
                        }
                        Got::Nothing => return Ok(Progress::Waiting),
                        Got::End => return Ok(Progress::Closed),
                    }
                }
            };
            if left == 0 {
                if let State::Head(head) = &mut self.state {
                    head.clear();
                } else {
                    self.state = State::Head(Vec::with_capacity(HEAD_BYTES));
                }
                return Ok(Progress::Done(Done {
                    status,
                    took: self.started.elapsed(),
                }));
            }
            self.state = State::Body(status, left);
        }
    }
}

enum Got {
    Bytes(usize),
    Nothing,
    End,
}

fn outcome(received: Result<(usize, usize), rustix::io::Errno>) -> Result<Got, BenchError> {
    use rustix::io::Errno;
    match received {
        Ok((_, 0)) | Err(Errno::CONNRESET) => Ok(Got::End),
        Ok((_, got)) => Ok(Got::Bytes(got)),
        Err(Errno::AGAIN | Errno::INTR) => Ok(Got::Nothing),
        Err(error) => Err(BenchError::io("receive a response", error)),
    }
}

fn wrong(what: &str) -> BenchError {
    BenchError::Shape {
        call: "load".to_owned(),
        what: what.to_owned(),
    }
}

struct Head {
    status: u16,
    length: usize,
    body_bytes: u64,
}

fn parse(bytes: &[u8]) -> Result<Option<Head>, BenchError> {
    let mut headers = [httparse::EMPTY_HEADER; 64];
    let mut response = httparse::Response::new(&mut headers);
    let head_bytes = match response.parse(bytes).map_err(|error| wrong(&error.to_string()))? {
        httparse::Status::Complete(length) => length,
        httparse::Status::Partial => return Ok(None),
    };
    let status = response.code.unwrap_or(0);
    let mut length = None;
    for header in response.headers.iter() {
        if header.name.eq_ignore_ascii_case("content-length") {
            length = std::str::from_utf8(header.value)
                .ok()
                .and_then(|value| value.trim().parse().ok());
        }
    }
    let body_bytes = match length {
        _ if status == 204 || status == 304 => 0,
        Some(length) => length,
        None => return Err(wrong("a response without Content-Length")),
    };
    Ok(Some(Head {
        status,
        length: head_bytes,
        body_bytes,
    }))
}
