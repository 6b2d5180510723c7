//! The accept loop: connections in, within caps; connections out, gracefully.
//!
//! Owns who gets a place and when the server is done. What happens on a connection is in `connection` (the fast
//! path), `guard` and `bridge` (what hyper serves).

use crate::{
    bridge::{Activity, Bridge},
    connection::{Connection, Outcome, Shared},
    envelope,
    grant::{Gate, Peer},
    guard::Guard,
    head::{Fault, MAX_FIELDS, MAX_HEAD_BYTES},
    meters::METERS,
    request_body::RequestBody,
    slots::{Full, Slot, Slots},
};
use bytes::{Bytes, BytesMut};
use http::{Request, Response};
use http_body::Body;
use hyper::server::conn::{http1, http2};
use hyper_util::rt::{TokioExecutor, TokioIo, TokioTimer};
use rustix::{io::Errno, net::SendFlags};
use std::{
    convert::Infallible,
    io,
    net::SocketAddr,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};
use tokio::{
    net::{TcpListener, TcpStream},
    task::JoinSet,
};
use tokio_util::sync::CancellationToken;
use tower_service::Service;

/// Connections beyond the cap that are heard out, so that a probe among them is answered and the others get a
/// proper refusal. Their descriptors come out of the reserve the caller leaves below `RLIMIT_NOFILE`.
const OVER_CAP: usize = 64;
/// How long such a connection has for its head.
const OVER_CAP_PATIENCE: Duration = Duration::from_secs(2);
/// Connections that the kernel keeps until they are accepted; it cuts this to `net.core.somaxconn`. One that finds
/// no place is not refused: the client asks again after a second, which is what a crowd sees as a slow server.
const BACKLOG: i32 = 4096;
/// Wait after an accept that failed for want of descriptors or memory, doubled up to the bound.
const BACKOFF: Duration = Duration::from_millis(5);
const MAX_BACKOFF: Duration = Duration::from_millis(200);
/// Memory of hyper for one HTTP/1 connection, each way.
const HTTP1_BUFFER_BYTES: usize = 128 * 1024;
/// Memory of hyper for one HTTP/2 stream's answer.
const HTTP2_SEND_BUFFER_BYTES: usize = 64 * 1024;
/// What an HTTP/2 client may send before it is read: one stream, and all of them.
const HTTP2_STREAM_WINDOW_BYTES: u32 = 256 * 1024;
const HTTP2_CONNECTION_WINDOW_BYTES: u32 = 1024 * 1024;

/// What a client may take of the server. All of them have defaults.
#[derive(Debug, Clone)]
pub struct Limits {
    /// Connections open at once. Keep it below `RLIMIT_NOFILE` − 256. Default 4,096.
    pub max_connections: usize,
    /// Connections from one address (IPv6: one /64), unless the gate says that many people share it. Default 256.
    pub max_connections_per_ip: usize,
    /// A new connection's time to its first byte. Default 10 s.
    pub first_byte_ms: u64,
    /// A head's time from its first byte to its last. Default 10 s.
    pub head_ms: u64,
    /// How long an idle connection is kept. Default 60 s.
    pub keep_alive_ms: u64,
    /// Longest silence within a request body that is being waited for. Default 30 s.
    pub body_idle_ms: u64,
    /// Longest time without a client taking a byte of its answer. Default 60 s.
    pub write_stall_ms: u64,
    /// How long requests under way may go on after shutdown. Default 10 s.
    pub drain_ms: u64,
    /// Streams open at once on one HTTP/2 connection. Default 128.
    pub http2_streams: u32,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            max_connections: 4_096,
            max_connections_per_ip: 256,
            first_byte_ms: 10_000,
            head_ms: 10_000,
            keep_alive_ms: 60_000,
            body_idle_ms: 30_000,
            write_stall_ms: 60_000,
            drain_ms: 10_000,
            http2_streams: 128,
        }
    }
}

impl Limits {
    pub(crate) fn first_byte(&self) -> Duration {
        Duration::from_millis(self.first_byte_ms)
    }

    pub(crate) fn head(&self) -> Duration {
        Duration::from_millis(self.head_ms)
    }

    pub(crate) fn keep_alive(&self) -> Duration {
        Duration::from_millis(self.keep_alive_ms)
    }

    pub(crate) fn write_stall(&self) -> Duration {
        Duration::from_millis(self.write_stall_ms)
    }
}

/// How the connections ended that were open at shutdown.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct DrainReport {
    /// Finished in time.
    pub finished: usize,
    /// Cut when the time was over.
    pub cut: usize,
}

/// Serves until `shutdown`, then drains: no new connections, idle ones end at once, requests under way have
/// [`Limits::drain_ms`].
///
/// Media claimed by the gate goes out on the fast path; every other request reaches a clone of `service`, with
/// [`Peer`] in its extensions. Connection upgrades are not offered.
pub async fn serve<G, S, B>(
    listener: TcpListener,
    gate: Arc<G>,
    service: S,
    limits: Limits,
    shutdown: CancellationToken,
) -> DrainReport
where
    G: Gate,
    S: Service<Request<RequestBody>, Response = Response<B>, Error = Infallible>
        + Clone
        + Send
        + Sync
        + 'static,
    S::Future: Send + 'static,
    B: Body<Data = Bytes> + Send + 'static,
    B::Error: Into<Box<dyn std::error::Error + Send + Sync>>,
{
    // Listening a second time only changes the length of the queue, which was chosen where the port was taken.
    if let Err(errno) = rustix::net::listen(&listener, BACKLOG) {
        tracing::warn!(error = %errno, "The queue of new connections stays as it is: {errno}");
    }
    let slots = Slots::new(limits.max_connections, limits.max_connections_per_ip);
    let over_cap = Slots::new(OVER_CAP, OVER_CAP);
    let drain = Duration::from_millis(limits.drain_ms);
    let shared = Arc::new(Shared {
        gate,
        limits,
        shutdown: CancellationToken::new(),
        draining: AtomicBool::new(false),
    });
    let mut tasks = JoinSet::new();
    let mut backoff = BACKOFF;
    loop {
        let accepted = tokio::select! {
            biased;
            () = shutdown.cancelled() => break,
            Some(ended) = tasks.join_next(), if !tasks.is_empty() => {
                note(ended);
                continue;
            }
            accepted = listener.accept() => accepted,
        };
        let (stream, address) = match accepted {
            Ok(accepted) => accepted,
            Err(err) => {
                if is_shortage(&err) {
                    tracing::warn!(error = %err, "No connection can be accepted at present: {err}");
                    tokio::time::sleep(backoff).await;
                    backoff = (backoff * 2).min(MAX_BACKOFF);
                }
                continue;
            }
        };
        backoff = BACKOFF;
        METERS.accepted.increment(1);
        let is_crowd = shared.gate.is_shared_peer(address.ip());
        let (slot, welcome) = match slots.take(address.ip(), is_crowd) {
            Ok(slot) => (slot, true),
            Err(full) => {
                METERS.refused.increment(1);
                // An address over its share gets no second chance: the few places are for probes.
                let heard = if full == Full::Server {
                    over_cap.take(address.ip(), true).ok()
                } else {
                    None
                };
                let Some(slot) = heard else {
                    turn_away(&stream);
                    continue;
                };
                (slot, false)
            }
        };
        let attended = attend(Arc::clone(&shared), service.clone(), stream, address, welcome);
        tasks.spawn(async move {
            let _slot: Slot = slot;
            attended.await;
        });
    }

    drop(listener);
    shared.draining.store(true, Ordering::Release);
    shared.shutdown.cancel();
    let open = tasks.len();
    let finishing = async {
        while let Some(ended) = tasks.join_next().await {
            note(ended);
        }
    };
    let cut = match tokio::time::timeout(drain, finishing).await {
        Ok(()) => 0,
        Err(_) => tasks.len(),
    };
    tasks.shutdown().await;
    DrainReport {
        finished: open - cut,
        cut,
    }
}

/// Counts a task that panicked.
fn note(ended: Result<(), tokio::task::JoinError>) {
    if ended.is_err_and(|err| err.is_panic()) {
        METERS.panicked.increment(1);
        tracing::error!("A connection ended by a panic");
    }
}

/// Whether accepting failed for want of something that comes back, rather than because of one client.
fn is_shortage(err: &io::Error) -> bool {
    [Errno::MFILE, Errno::NFILE, Errno::NOBUFS, Errno::NOMEM]
        .iter()
        .any(|errno| err.raw_os_error() == Some(errno.raw_os_error()))
}

/// Refuses without listening. What the socket does not take at once is lost.
fn turn_away(stream: &TcpStream) {
    let (status, code, message) = Fault::Crowded.words();
    let body = envelope::text(status, code, message);
    let head = format!(
        "HTTP/1.1 503 Service Unavailable\r\ncontent-type: application/json\r\ncontent-length: {}\r\n\
         cache-control: no-store\r\nretry-after: 2\r\nconnection: close\r\n\r\n",
        body.len()
    );
    let _ = rustix::net::send(stream, &[head.as_bytes(), &body].concat(), SendFlags::NOSIGNAL);
    let _ = rustix::net::shutdown(stream, rustix::net::Shutdown::Write);
}

/// One connection from beginning to end.
async fn attend<G, S, B>(
    shared: Arc<Shared<G>>,
    service: S,
    stream: TcpStream,
    address: SocketAddr,
    welcome: bool,
) where
    G: Gate,
    S: Service<Request<RequestBody>, Response = Response<B>, Error = Infallible> + Clone + Send + 'static,
    S::Future: Send + 'static,
    B: Body<Data = Bytes> + Send + 'static,
    B::Error: Into<Box<dyn std::error::Error + Send + Sync>>,
{
    // Fails on a client that is already gone, which the first read tells as well.
    let _ = stream.set_nodelay(true);
    let peer = Peer(address);
    let connection = Connection::new(&shared, stream, peer);
    let outcome = if welcome {
        connection.run().await
    } else {
        connection.run_over_cap(OVER_CAP_PATIENCE).await
    };
    let Outcome::Handoff {
        stream,
        buffered,
        http2,
    } = outcome
    else {
        return;
    };
    let handed = Handed {
        shared: &shared,
        service,
        stream,
        buffered,
        peer,
        keep_alive: welcome,
    };
    // hyper's connections are large; a boxed one leaves the tasks of the fast path small.
    if http2 {
        Box::pin(handed.http2()).await;
    } else {
        Box::pin(handed.http1()).await;
    }
}

/// A connection in hyper's hands.
struct Handed<'s, G, S> {
    shared: &'s Shared<G>,
    service: S,
    stream: TcpStream,
    buffered: BytesMut,
    peer: Peer,
    keep_alive: bool,
}

impl<G, S, B> Handed<'_, G, S>
where
    G: Gate,
    S: Service<Request<RequestBody>, Response = Response<B>, Error = Infallible> + Clone + Send + 'static,
    S::Future: Send + 'static,
    B: Body<Data = Bytes> + Send + 'static,
    B::Error: Into<Box<dyn std::error::Error + Send + Sync>>,
{
    fn begin(self, http2: bool) -> (Arc<Activity>, TokioIo<Guard>, Bridge<S>) {
        let limits = &self.shared.limits;
        let activity = Arc::new(Activity::new());
        let guard = Guard::new(self.stream, self.buffered, http2, limits, Arc::clone(&activity));
        let bridge = Bridge {
            service: self.service,
            peer: self.peer,
            activity: Arc::clone(&activity),
            body_silence: Duration::from_millis(limits.body_idle_ms),
            http2,
        };
        (activity, TokioIo::new(guard), bridge)
    }

    async fn http1(self) {
        let shared = self.shared;
        let mut builder = http1::Builder::new();
        builder
            .timer(TokioTimer::new())
            // The guard times heads and lets only whole ones through, so for hyper this bounds idleness; it is a
            // second fence behind the guard's.
            .header_read_timeout(shared.limits.keep_alive() + 2 * shared.limits.head())
            .max_buf_size(HTTP1_BUFFER_BYTES)
            .max_headers(MAX_FIELDS)
            .keep_alive(self.keep_alive);
        let (_activity, io, bridge) = self.begin(false);
        let mut connection = std::pin::pin!(builder.serve_connection(io, bridge));
        let result = tokio::select! {
            result = connection.as_mut() => result,
            () = shared.shutdown.cancelled() => {
                connection.as_mut().graceful_shutdown();
                connection.await
            }
        };
        if let Err(err) = result {
            tracing::debug!(error = %err, "A connection ended early: {err}");
        }
    }

    async fn http2(self) {
        let shared = self.shared;
        let (idle, stall) = (shared.limits.keep_alive(), shared.limits.write_stall());
        let mut builder = http2::Builder::new(TokioExecutor::new());
        builder
            .timer(TokioTimer::new())
            .max_concurrent_streams(shared.limits.http2_streams)
            .max_header_list_size(MAX_HEAD_BYTES as u32)
            .max_send_buf_size(HTTP2_SEND_BUFFER_BYTES)
            .initial_stream_window_size(HTTP2_STREAM_WINDOW_BYTES)
            .initial_connection_window_size(HTTP2_CONNECTION_WINDOW_BYTES)
            .keep_alive_interval(Duration::from_secs(20))
            .keep_alive_timeout(Duration::from_secs(20));
        let (activity, io, bridge) = self.begin(true);
        let mut connection = std::pin::pin!(builder.serve_connection(io, bridge));
        let mut rounds = tokio::time::interval((idle.min(stall) / 4).max(Duration::from_millis(10)));
        let mut ending = false;
        loop {
            tokio::select! {
                result = connection.as_mut() => {
                    if let Err(err) = result {
                        tracing::debug!(error = %err, "A connection ended early: {err}");
                    }
                    return;
                }
                () = shared.shutdown.cancelled(), if !ending => {
                    ending = true;
                    connection.as_mut().graceful_shutdown();
                }
                _ = rounds.tick() => {
                    let idle_now = activity.is_idle_for(idle);
                    // A connection that was told to end and has nothing to do has had a round for goodbye.
                    if activity.is_stalled_for(stall) || (idle_now && ending) {
                        METERS.timed_out.increment(1);
                        return;
                    }
                    if idle_now {
                        ending = true;
                        connection.as_mut().graceful_shutdown();
                    }
                }
            }
        }
    }
}
