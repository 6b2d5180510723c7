//! An HTTP/1.1 load client that costs little, because it shares the cores with the server it measures.
//!
//! One thread drives all connections by epoll; small requests are sent whole, bodies are thrown away
//! inside the kernel (`recv` with `MSG_TRUNC`). Each connection has one request under way at a time.
//! Understands responses with `Content-Length` (and those without a body) only. Loopback only.

mod connection;
mod histogram;

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::{Duration, Instant};

use rustix::event::epoll;

use crate::error::{BenchError, Doing};
use connection::{Connection, Progress};
pub use histogram::Histogram;

/// Bodies are dropped in pieces of at most this many bytes; with `MSG_TRUNC` the kernel never writes
/// to the buffer, so it costs no memory either.
const SCRATCH_BYTES: usize = 4 << 20;

/// When a run ends.
#[derive(Debug, Clone, Copy)]
pub enum Stop {
    /// After this long; requests under way are finished, not counted.
    After(Duration),
    /// After this many requests.
    Requests(u64),
}

/// What to run.
#[derive(Debug, Clone, Copy)]
pub struct Plan {
    /// Where to; must be a loopback address.
    pub target: SocketAddr,
    /// Keep-alive connections.
    pub connections: usize,
    /// Client threads; 1 is enough for most.
    pub threads: usize,
    /// When to end.
    pub stop: Stop,
}

/// What came of it.
#[derive(Debug, Clone, Default)]
pub struct Report {
    /// Responses received whole.
    pub requests: u64,
    /// Body bytes received, with those of responses that were under way at the end.
    pub body_bytes: u64,
    /// Responses by status.
    pub statuses: BTreeMap<u16, u64>,
    /// Connections that the server closed or that failed and were opened again.
    pub reconnects: u64,
    /// Time from the first request to the last response.
    pub wall: Duration,
    /// Time from the first byte sent to the last received, per request.
    pub latency: Histogram,
}

impl Report {
    /// Responses per second.
    pub fn per_second(&self) -> f64 {
        self.requests as f64 / self.wall.as_secs_f64().max(1e-9)
    }

    /// Body megabytes (10^6) per second.
    pub fn megabytes_per_second(&self) -> f64 {
        self.body_bytes as f64 / 1e6 / self.wall.as_secs_f64().max(1e-9)
    }

    /// Refuses a report with any other status than `expected`, or with none at all: a fast stream of
    /// errors is not a measure.
    pub fn only(self, expected: u16) -> Result<Self, BenchError> {
        let right = self.statuses.get(&expected).copied().unwrap_or(0);
        if right == self.requests && right > 0 {
            return Ok(self);
        }
        Err(BenchError::Usage(format!(
            "expected only status {expected}, got {:?}",
            self.statuses
        )))
    }

    fn add(&mut self, other: &Self) {
        self.requests += other.requests;
        self.body_bytes += other.body_bytes;
        self.reconnects += other.reconnects;
        for (status, count) in &other.statuses {
            *self.statuses.entry(*status).or_default() += count;
        }
        self.latency.add(&other.latency);
    }
}

struct Shared<'a, F> {
    plan: &'a Plan,
    make: &'a F,
    start: Instant,
    tickets: AtomicU64,
    failed: AtomicBool,
}

/// Runs the plan. `make` writes the raw bytes of a request: it is given the number of the connection,
/// the number of the request in the whole run, and an empty buffer.
pub fn run<F>(plan: &Plan, make: F) -> Result<Report, BenchError>
where
    F: Fn(usize, u64, &mut Vec<u8>) + Sync,
{
    if !plan.target.ip().is_loopback() {
        return Err(BenchError::Usage(format!(
            "load goes to loopback addresses only, not {}",
            plan.target
        )));
    }
    if plan.connections == 0 || plan.threads == 0 || plan.connections > 20_000 {
        return Err(BenchError::Usage(
            "1 to 20,000 connections and at least one thread".to_owned(),
        ));
    }
    let shared = Shared {
        plan,
        make: &make,
        start: Instant::now(),
        tickets: AtomicU64::new(0),
        failed: AtomicBool::new(false),
    };
    let outcomes = std::thread::scope(|scope| {
        let workers: Vec<_> = (0..plan.threads)
            .map(|thread| {
                let shared = &shared;
                scope.spawn(move || {
                    let outcome = worker(shared, thread);
                    if outcome.is_err() {
                        shared.failed.store(true, Ordering::Relaxed);
                    }
                    outcome
                })
            })
            .collect();
        workers
            .into_iter()
            .map(std::thread::ScopedJoinHandle::join)
            .collect::<Vec<_>>()
    });
    let mut report = Report::default();
    for outcome in outcomes {
        let part = outcome.map_err(|_| BenchError::Usage("a load thread panicked".to_owned()))??;
        report.add(&part);
    }
    report.wall = match plan.stop {
        Stop::After(duration) => duration,
        Stop::Requests(_) => shared.start.elapsed(),
    };
    Ok(report)
}

impl<F> Shared<'_, F> {
    /// The number of the next request, or `None` when there is none.
    fn ticket(&self) -> Option<u64> {
        let ticket = self.tickets.fetch_add(1, Ordering::Relaxed);
        match self.plan.stop {
            Stop::Requests(count) if ticket >= count => None,
            _ => Some(ticket),
        }
    }

    /// Whether the time is over.
    fn over(&self) -> bool {
        let late = match self.plan.stop {
            Stop::After(duration) => self.start.elapsed() >= duration,
            Stop::Requests(_) => false,
        };
        late || self.failed.load(Ordering::Relaxed)
    }
}

fn worker<F>(shared: &Shared<'_, F>, thread: usize) -> Result<Report, BenchError>
where
    F: Fn(usize, u64, &mut Vec<u8>) + Sync,
{
    let poll = epoll::create(epoll::CreateFlags::CLOEXEC).doing("create an epoll object")?;
    let mut report = Report::default();
    let mut scratch = vec![0; SCRATCH_BYTES];
    let mut connections: Vec<Option<Connection>> = Vec::new();
    let mut alive = 0;
    for number in (thread..shared.plan.connections).step_by(shared.plan.threads) {
        let mut connection = Connection::open(shared.plan.target, number)?;
        epoll::add(
            &poll,
            connection.socket(),
            epoll::EventData::new_u64(connections.len() as u64),
            epoll::EventFlags::IN,
        )
        .doing("watch a connection")?;
        let Some(ticket) = shared.ticket() else { break };
        connection.send(|out| (shared.make)(number, ticket, out))?;
        connections.push(Some(connection));
        alive += 1;
    }
    let mut ready: Vec<epoll::Event> = Vec::with_capacity(256);
    let tick = rustix::event::Timespec {
        tv_sec: 0,
        tv_nsec: 50_000_000,
    };
    while alive > 0 && !shared.over() {
        ready.clear();
        match epoll::wait(&poll, rustix::buffer::spare_capacity(&mut ready), Some(&tick)) {
            Ok(_) | Err(rustix::io::Errno::INTR) => {}
            Err(error) => return Err(BenchError::io("wait for connections", error)),
        }
        for event in &ready {
            let index = event.data.u64() as usize;
            let Some(connection) = connections.get_mut(index).and_then(Option::as_mut) else {
                continue;
            };
            let progress = connection.receive(&mut scratch)?;
            report.body_bytes += connection.take_received();
            let done = match progress {
                Progress::Waiting => continue,
                Progress::Done(done) => done,
                Progress::Closed => {
                    report.reconnects += 1;
                    if report.reconnects > 100 + 10 * shared.plan.connections as u64 {
                        return Err(BenchError::Usage(
                            "the server keeps closing connections".to_owned(),
                        ));
                    }
                    connection.reopen(shared.plan.target)?;
                    epoll::add(
                        &poll,
                        connection.socket(),
                        epoll::EventData::new_u64(index as u64),
                        epoll::EventFlags::IN,
                    )
                    .doing("watch a connection")?;
                    connection.resend()?;
                    continue;
                }
            };
            if shared.over() {
                break;
            }
            report.requests += 1;
            *report.statuses.entry(done.status).or_default() += 1;
            report.latency.record(done.took);
            if let Some(ticket) = shared.ticket() {
                let number = connection.number();
                connection.send(|out| (shared.make)(number, ticket, out))?;
            } else {
                connections[index] = None;
                alive -= 1;
            }
        }
    }
    Ok(report)
}

#[cfg(test)]
mod tests;
