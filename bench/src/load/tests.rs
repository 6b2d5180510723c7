use std::io::{Read, Write};
use std::net::{SocketAddr, TcpListener};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use super::{Plan, Stop, run};

/// A server that answers every request with `body_bytes` bytes, cut into many writes, and closes each
/// connection after `per_connection` answers. Returns its address and the count of requests seen.
fn server(body_bytes: usize, per_connection: usize) -> (SocketAddr, Arc<AtomicU64>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    let seen = Arc::new(AtomicU64::new(0));
    let counter = Arc::clone(&seen);
    std::thread::spawn(move || {
        for stream in listener.incoming() {
            let (mut stream, counter) = (stream.unwrap(), Arc::clone(&counter));
            std::thread::spawn(move || {
                let mut buffer = [0; 1024];
                for _ in 0..per_connection {
                    if !matches!(stream.read(&mut buffer), Ok(1..)) {
                        return;
                    }
                    counter.fetch_add(1, Ordering::Relaxed);
                    let head = format!("HTTP/1.1 200 OK\r\nContent-Length: {body_bytes}\r\n\r\n");
                    let answer = [head.as_bytes(), &vec![b'x'; body_bytes]].concat();
                    for piece in answer.chunks(7_000) {
                        stream.write_all(piece).unwrap();
                    }
                }
            });
        }
    });
    (address, seen)
}

#[test]
fn a_counted_run_makes_exactly_that_many_requests_and_counts_every_body_byte() {
    for body_bytes in [0, 1, 3_000, 100_000] {
        let (target, seen) = server(body_bytes, usize::MAX);
        let plan = Plan {
            target,
            connections: 4,
            threads: 2,
            stop: Stop::Requests(50),
        };
        let report = run(&plan, |_, _, out| {
            out.extend_from_slice(b"GET / HTTP/1.1\r\n\r\n");
        })
        .unwrap();
        assert_eq!(report.requests, 50);
        assert_eq!(report.body_bytes, 50 * body_bytes as u64);
        assert_eq!(report.statuses.get(&200), Some(&50));
        assert_eq!(seen.load(Ordering::Relaxed), 50);
    }
}

#[test]
fn a_connection_that_the_server_closes_is_opened_again() {
    let (target, _) = server(10, 5);
    let plan = Plan {
        target,
        connections: 2,
        threads: 1,
        stop: Stop::Requests(40),
    };
    let report = run(&plan, |_, _, out| {
        out.extend_from_slice(b"GET / HTTP/1.1\r\n\r\n");
    })
    .unwrap();
    assert_eq!(report.requests, 40);
    assert!(report.reconnects >= 6);
}

#[test]
fn load_never_leaves_this_machine() {
    let plan = Plan {
        target: SocketAddr::from(([192, 0, 2, 1], 80)),
        connections: 1,
        threads: 1,
        stop: Stop::Requests(1),
    };
    assert!(run(&plan, |_, _, _| {}).is_err());
}
