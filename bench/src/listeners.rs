//! Many people who listen to events at once: connections with a request that is never answered to its end, all read
//! by one thread. Loopback only.

use std::io::Write;
use std::net::{SocketAddr, TcpStream};
use std::time::{Duration, Instant};

use rustix::event::epoll;
use rustix::net::RecvFlags;

use crate::error::{BenchError, Doing};

/// The longest text that is looked for.
const MOST_SOUGHT: usize = 64;

/// Somebody who listens.
#[derive(Debug)]
struct Listener {
    socket: TcpStream,
    /// The end of what came, which may be the beginning of what is looked for.
    rest: Vec<u8>,
    seen: u64,
}

/// All of them.
#[derive(Debug)]
pub struct Listeners {
    poll: std::os::fd::OwnedFd,
    all: Vec<Listener>,
}

/// When something reached how many.
#[derive(Debug, Clone, Copy)]
pub struct Reached {
    /// Half of them.
    pub median: Duration,
    /// The last.
    pub last: Duration,
}

impl Listeners {
    /// Connects `count` listeners to `path`, one after the other, and waits until each is answered.
    pub fn connect(target: SocketAddr, path: &str, count: usize) -> Result<Self, BenchError> {
        if !target.ip().is_loopback() {
            return Err(BenchError::Usage("only loopback addresses are called".to_owned()));
        }
        let poll = epoll::create(epoll::CreateFlags::CLOEXEC).doing("create an epoll object")?;
        let mut listeners = Self {
            poll,
            all: Vec::with_capacity(count),
        };
        let request = format!("GET {path} HTTP/1.1\r\nHost: {target}\r\nAccept: text/event-stream\r\n\r\n");
        for number in 0..count {
            let mut socket = TcpStream::connect_timeout(&target, Duration::from_secs(10)).doing("connect")?;
            socket.write_all(request.as_bytes()).doing("send a request")?;
            epoll::add(
                &listeners.poll,
                &socket,
                epoll::EventData::new_u64(number as u64),
                epoll::EventFlags::IN,
            )
            .doing("watch a connection")?;
            listeners.all.push(Listener {
                socket,
                rest: Vec::new(),
                seen: 0,
            });
        }
        // Said at the beginning of each stream, once it is open.
        listeners.wait_for("retry: 3000", Instant::now(), Duration::from_mins(1))?;
        Ok(listeners)
    }

    /// How many listen.
    pub fn count(&self) -> usize {
        self.all.len()
    }

    /// Forgets what was seen, and what comes within `quiet`.
    pub fn settle(&mut self, quiet: Duration) -> Result<(), BenchError> {
        let until = Instant::now() + quiet;
        while Instant::now() < until {
            self.read("\0", until.saturating_duration_since(Instant::now()), |_| {})?;
        }
        Ok(())
    }

    /// Reads until each has been told `sought`; the times since `since`. Not all of them within `patience` is an
    /// error.
    pub fn wait_for(
        &mut self,
        sought: &str,
        since: Instant,
        patience: Duration,
    ) -> Result<Reached, BenchError> {
        for listener in &mut self.all {
            listener.seen = 0;
            listener.rest.clear();
        }
        let count = self.all.len();
        let mut times = Vec::with_capacity(count);
        while times.len() < count {
            let left = patience.saturating_sub(since.elapsed());
            if left.is_zero() {
                return Err(BenchError::Usage(format!(
                    "{} of {count} listeners were not told `{sought}` within {patience:?}",
                    count - times.len()
                )));
            }
            self.read(sought, left, |listener| {
                listener.seen += 1;
                if listener.seen == 1 {
                    times.push(since.elapsed());
                }
            })?;
        }
        Ok(Reached {
            median: times.get(count / 2).copied().unwrap_or_default(),
            last: times.last().copied().unwrap_or_default(),
        })
    }

    /// Reads what is there, or comes within `wait`; `found` is called for each listener that is told `sought`.
    fn read(
        &mut self,
        sought: &str,
        wait: Duration,
        mut found: impl FnMut(&mut Listener),
    ) -> Result<(), BenchError> {
        debug_assert!(sought.len() <= MOST_SOUGHT, "what is looked for is short");
        let mut ready: Vec<epoll::Event> = Vec::with_capacity(1_024);
        let wait = wait.min(Duration::from_millis(50));
        let tick = rustix::event::Timespec {
            tv_sec: 0,
            tv_nsec: i64::from(wait.subsec_nanos()),
        };
        match epoll::wait(
            &self.poll,
            rustix::buffer::spare_capacity(&mut ready),
            Some(&tick),
        ) {
            Ok(_) | Err(rustix::io::Errno::INTR) => {}
            Err(error) => return Err(BenchError::io("wait for events", error)),
        }
        let mut buffer = [0; 4_096];
        for event in &ready {
            let number = event.data.u64() as usize;
            let Some(listener) = self.all.get_mut(number) else {
                continue;
            };
            let got = match rustix::net::recv(&listener.socket, &mut buffer[..], RecvFlags::DONTWAIT) {
                Ok((0, _)) => {
                    return Err(BenchError::Usage(format!("listener {number} was let go")));
                }
                Ok((got, _)) => got,
                Err(rustix::io::Errno::AGAIN | rustix::io::Errno::INTR) => continue,
                Err(error) => return Err(BenchError::io("receive events", error)),
            };
            listener.rest.extend_from_slice(&buffer[..got]);
            let is_told = listener
                .rest
                .windows(sought.len())
                .any(|window| window == sought.as_bytes());
            let kept = if is_told { 0 } else { sought.len() - 1 };
            let gone = listener.rest.len().saturating_sub(kept);
            listener.rest.drain(..gone);
            if is_told {
                found(listener);
            }
        }
        Ok(())
    }
}

/// Lets this process, and those it starts, have `files` open at once.
pub fn allow_open_files(files: u64) -> Result<(), BenchError> {
    use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
    let now = getrlimit(Resource::Nofile);
    if now.current.is_none_or(|current| current >= files) {
        return Ok(());
    }
    if now.maximum.is_some_and(|most| most < files) {
        return Err(BenchError::Usage(format!(
            "{files} files must be open at once, and the hard limit is {:?}",
            now.maximum
        )));
    }
    let raised = Rlimit {
        current: Some(files),
        maximum: now.maximum,
    };
    setrlimit(Resource::Nofile, raised).doing("raise the limit of open files")
}

#[cfg(test)]
mod tests {
    use std::io::Read;
    use std::net::TcpListener;

    use super::*;

    #[test]
    fn all_are_waited_for_also_when_an_event_comes_in_pieces() {
        let server = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = server.local_addr().unwrap();
        let answering = std::thread::spawn(move || {
            let mut streams: Vec<_> = (0..3)
                .map(|_| {
                    let (mut stream, _) = server.accept().unwrap();
                    let mut head = [0; 512];
                    assert!(stream.read(&mut head).unwrap() > 0);
                    stream.set_nodelay(true).unwrap();
                    stream
                        .write_all(b"HTTP/1.1 200 OK\r\n\r\nretry: 3000\n\n")
                        .unwrap();
                    stream
                })
                .collect();
            let mut go = [0];
            streams[0].read_exact(&mut go).unwrap();
            for piece in [&b"event: comment.cr"[..], b"eated\ndata: {}\n\n"] {
                for stream in &mut streams {
                    stream.write_all(piece).unwrap();
                }
            }
            streams
        });
        let mut listeners = Listeners::connect(address, "/events", 3).unwrap();
        let since = Instant::now();
        (&listeners.all[0].socket).write_all(b"!").unwrap();
        let reached = listeners
            .wait_for("event: comment.created", since, Duration::from_secs(20))
            .unwrap();
        assert!(reached.median <= reached.last && listeners.count() == 3);
        let _open = answering.join().unwrap();
        let none = listeners.wait_for("event: like.changed", Instant::now(), Duration::from_millis(60));
        assert!(none.is_err(), "nobody was told that");
    }
}
