//! A receiver of what the server sends to others: keeps every request, and answers as it is told.

use std::collections::HashMap;
use std::sync::{Arc, Mutex};

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;

use super::until;

/// A request as it arrived.
#[derive(Debug, Clone)]
pub struct Received {
    pub path: String,
    /// Names in lower case.
    pub headers: HashMap<String, String>,
    pub body: Vec<u8>,
}

impl Received {
    pub fn json(&self) -> serde_json::Value {
        serde_json::from_slice(&self.body).unwrap()
    }
}

#[derive(Default)]
struct State {
    received: Vec<Received>,
    /// Status codes by the beginning of a path; 0 is no answer at all. 204 where nothing is said.
    statuses: Vec<(&'static str, u16)>,
    /// Beginnings of paths that are answered when they are let go.
    held: Vec<(&'static str, watch::Sender<()>)>,
}

/// Listens on a port of its own as long as it lives.
pub struct Receiver {
    pub url: String,
    state: Arc<Mutex<State>>,
    listening: tokio::task::JoinHandle<()>,
}

impl Drop for Receiver {
    fn drop(&mut self) {
        self.listening.abort();
    }
}

pub async fn receiver() -> Receiver {
    receiver_at("127.0.0.1").await
}

/// Another host than [`receiver`], at an address of this machine.
pub async fn receiver_at(address: &str) -> Receiver {
    let listener = TcpListener::bind((address, 0)).await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let state = Arc::new(Mutex::new(State::default()));
    let shared = Arc::clone(&state);
    let listening = tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            tokio::spawn(serve(stream, Arc::clone(&shared)));
        }
    });
    Receiver {
        url,
        state,
        listening,
    }
}

async fn serve(mut stream: TcpStream, state: Arc<Mutex<State>>) {
    let Some(received) = read(&mut stream).await else {
        return;
    };
    let (status, held) = {
        let mut state = state.lock().unwrap();
        let said = state.statuses.iter().rev();
        let status = said
            .filter(|(path, _)| received.path.starts_with(path))
            .map(|(_, status)| *status)
            .next();
        let mut held = state.held.iter();
        let held = held.find(|(path, _)| received.path.starts_with(path));
        let held = held.map(|(_, gate)| gate.subscribe());
        state.received.push(received);
        (status.unwrap_or(204), held)
    };
    if let Some(mut held) = held {
        // Until the sender of this is gone.
        while held.changed().await.is_ok() {}
    }
    if status == 0 {
        // Until the other side gives up.
        let _ = stream.read_u8().await;
        return;
    }
    let answer = format!("HTTP/1.1 {status} So\r\ncontent-length: 0\r\nconnection: close\r\n\r\n");
    let _ = stream.write_all(answer.as_bytes()).await;
}

async fn read(stream: &mut TcpStream) -> Option<Received> {
    let mut bytes = Vec::new();
    loop {
        let mut piece = [0; 4096];
        let size = stream.read(&mut piece).await.ok()?;
        if size == 0 {
            return None;
        }
        bytes.extend_from_slice(&piece[..size]);
        let Some(end) = bytes.windows(4).position(|four| four == b"\r\n\r\n") else {
            continue;
        };
        let head = std::str::from_utf8(&bytes[..end]).ok()?.to_owned();
        let mut lines = head.split("\r\n");
        let path = lines.next()?.split(' ').nth(1)?.to_owned();
        let headers: HashMap<String, String> = lines
            .filter_map(|line| line.split_once(": "))
            .map(|(name, value)| (name.to_lowercase(), value.to_owned()))
            .collect();
        let length: usize = headers.get("content-length")?.parse().ok()?;
        if bytes.len() >= end + 4 + length {
            let body = bytes[end + 4..].to_vec();
            return Some(Received { path, headers, body });
        }
    }
}

impl Receiver {
    /// From now on, what comes to paths that begin like this is answered with this status; with nothing at all where
    /// it is 0.
    pub fn answers(&self, path: &'static str, status: u16) {
        self.state.lock().unwrap().statuses.push((path, status));
    }

    /// From now on, what comes to paths that begin like this is answered when they are let go.
    pub fn holds(&self, path: &'static str) {
        self.state
            .lock()
            .unwrap()
            .held
            .push((path, watch::Sender::new(())));
    }

    /// Answers what was held, with the status that was said when it came.
    pub fn lets_go(&self, path: &'static str) {
        self.state.lock().unwrap().held.retain(|(held, _)| *held != path);
    }

    /// What came to paths that begin like this.
    pub fn received(&self, path: &str) -> Vec<Received> {
        let state = self.state.lock().unwrap();
        let here = state.received.iter().filter(|one| one.path.starts_with(path));
        here.cloned().collect()
    }

    /// Waits until so many requests came to paths that begin like this.
    pub async fn waits_for(&self, path: &str, count: usize) -> Vec<Received> {
        until(&format!("{count} requests to {path}"), async || {
            self.received(path).len() >= count
        })
        .await;
        self.received(path)
    }
}
