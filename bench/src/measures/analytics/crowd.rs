//! People who watch, as players tell it.

use std::fmt::Write as _;
use std::net::SocketAddr;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use crate::error::BenchError;
use crate::load::{self, Plan, Report, Stop};

/// Connections that requests come over.
pub(super) const CONNECTIONS: usize = 64;
/// Beacons of a request.
pub(super) const BEACONS: usize = 10;
/// Requests of a session: all that one may have watched when it begins.
const REQUESTS: u64 = 5;
/// What a beacon says was watched.
pub(super) const STRETCH_MS: i64 = 600;

/// People, and what they watch.
#[derive(Debug)]
pub(super) struct Crowd {
    target: SocketAddr,
    videos: Vec<String>,
    /// Requests that were made.
    made: u64,
}

impl Crowd {
    pub(super) fn new(target: SocketAddr, videos: Vec<String>) -> Self {
        Self {
            target,
            videos,
            made: 0,
        }
    }

    /// What they watch.
    pub(super) fn videos(&self) -> &[String] {
        &self.videos
    }

    /// Tells what is watched until `stop`; not more than so many requests a second, where that is said. Answers what
    /// came of it, and how many requests were answered in all, those that were under way at the end with them.
    pub(super) fn tells(&mut self, stop: Stop, per_second: Option<f64>) -> Result<(Report, u64), BenchError> {
        let plan = Plan {
            target: self.target,
            connections: CONNECTIONS,
            threads: 1,
            stop,
        };
        let (first, began) = (self.made, Instant::now());
        let made = AtomicU64::new(0);
        // Requests of a session that was cut off by the end of a run before belong to nobody now.
        let first = first.next_multiple_of(REQUESTS);
        let report = load::run(&plan, |_, ticket, out| {
            if let Some(per_second) = per_second {
                let due = Duration::from_secs_f64(ticket as f64 / per_second);
                std::thread::sleep(due.saturating_sub(began.elapsed()));
            }
            made.fetch_max(ticket + 1, Ordering::Relaxed);
            self.request(first + ticket, matches!(stop, Stop::Requests(_)), out);
        })?
        .only(202)?;
        let made = made.load(Ordering::Relaxed);
        self.made = first + made;
        Ok((report, made))
    }

    /// One request; `is_alone`: of a session of its own.
    fn request(&self, number: u64, is_alone: bool, out: &mut Vec<u8>) {
        let (session, nth) = if is_alone {
            (number + (1 << 40), 0)
        } else {
            (number / REQUESTS, number % REQUESTS)
        };
        let video = &self.videos[(session % self.videos.len() as u64) as usize];
        let mut body =
            format!("{{\"sessionId\":\"session-of-{session:016x}\",\"source\":\"home\",\"beacons\":[");
        for beacon in 0..BEACONS as u64 {
            let seq = nth * BEACONS as u64 + beacon;
            let from = seq as f64 * STRETCH_MS as f64 / 1e3;
            let to = (seq + 1) as f64 * STRETCH_MS as f64 / 1e3;
            let comma = if beacon == 0 { "" } else { "," };
            // Writing to a string cannot fail.
            let _ = write!(
                body,
                "{comma}{{\"event\":\"progress\",\"from\":{from:.3},\"to\":{to:.3},\"position\":{to:.3},\"seq\":{seq},\
                 \"rendition\":\"720p\"}}"
            );
        }
        body.push_str("]}");
        let head = format!(
            "POST /api/v1/videos/{video}/views HTTP/1.1\r\nHost: {}\r\nUser-Agent: Mozilla/5.0 (X11; Linux x86_64; \
             rv:{session}.0) Firefox/128.0\r\nContent-Type: application/json\r\nContent-Length: {}\r\n\r\n",
            self.target,
            body.len()
        );
        out.extend_from_slice(head.as_bytes());
        out.extend_from_slice(body.as_bytes());
    }
}
