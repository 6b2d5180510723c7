//! A client that says bytes: for requests that no well-behaved client sends, and for forms built by hand.

use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use super::Site;

/// How long a server that owes an answer may be silent.
const PATIENCE: Duration = Duration::from_secs(30);

/// A connection that speaks HTTP/1.1 by the byte.
pub struct Wire {
    stream: TcpStream,
    buffer: Vec<u8>,
}

/// What came back.
#[derive(Debug)]
pub struct Reply {
    pub status: u16,
    head: String,
    pub body: Vec<u8>,
}

impl Reply {
    /// A header as text; empty when absent.
    pub fn field(&self, name: &str) -> &str {
        self.head
            .lines()
            .skip(1)
            .filter_map(|line| line.split_once(':'))
            .find(|(known, _)| known.eq_ignore_ascii_case(name))
            .map_or("", |(_, value)| value.trim())
    }

    /// All values of a header that may stand several times, with commas between.
    pub fn fields(&self, name: &str) -> String {
        let values: Vec<&str> = self
            .head
            .lines()
            .skip(1)
            .filter_map(|line| line.split_once(':'))
            .filter(|(known, _)| known.eq_ignore_ascii_case(name))
            .map(|(_, value)| value.trim())
            .collect();
        values.join(", ")
    }

    /// The body as text.
    pub fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }
}

impl Wire {
    /// A new connection to the site.
    pub async fn to(site: &Site) -> Self {
        Self {
            stream: TcpStream::connect(site.server.address).await.unwrap(),
            buffer: Vec::new(),
        }
    }

    pub async fn says(&mut self, bytes: impl AsRef<[u8]>) {
        self.stream.write_all(bytes.as_ref()).await.unwrap();
    }

    /// Sends as much as the server takes; one that has made up its mind may have closed.
    pub async fn tries_to_say(&mut self, bytes: impl AsRef<[u8]>) {
        let _ = self.stream.write_all(bytes.as_ref()).await;
    }

    /// Says that nothing more will be said; answers can still be heard.
    pub async fn ends_politely(&mut self) {
        self.stream.shutdown().await.unwrap();
    }

    /// Ends the connection at once, as a cable that is pulled does: what was sent and not taken is lost.
    pub fn breaks(self) {
        let _ = self.stream.set_zero_linger();
    }

    /// Sends a head; each of `fields` ends with `\r\n`.
    pub async fn asks(&mut self, method: &str, target: &str, fields: &str) {
        self.says(format!(
            "{method} {target} HTTP/1.1\r\nHost: 127.0.0.1\r\n{fields}\r\n"
        ))
        .await;
    }

    async fn more(&mut self) -> bool {
        let mut chunk = vec![0; 64 * 1024];
        let read = tokio::time::timeout(PATIENCE, self.stream.read(&mut chunk))
            .await
            .expect("the server is silent");
        match read {
            Ok(0) | Err(_) => false,
            Ok(read) => {
                self.buffer.extend_from_slice(&chunk[..read]);
                true
            }
        }
    }

    /// The next answer, to a request of this method.
    pub async fn answer(&mut self, method: &str) -> Reply {
        let end = loop {
            if let Some(at) = self.buffer.windows(4).position(|window| window == b"\r\n\r\n") {
                break at + 4;
            }
            assert!(self.more().await, "the connection ended without an answer");
        };
        let head = String::from_utf8(self.buffer.drain(..end).collect()).unwrap();
        let status = head.split(' ').nth(1).unwrap().parse().unwrap();
        let mut reply = Reply {
            status,
            head,
            body: Vec::new(),
        };
        if method != "HEAD" && status != 304 && status != 204 {
            let length: usize = reply.field("content-length").parse().unwrap();
            while self.buffer.len() < length {
                assert!(self.more().await, "the body ended early");
            }
            reply.body = self.buffer.drain(..length).collect();
        }
        reply
    }
}

/// What stands between the parts of [`form`].
pub const BOUNDARY: &str = "between-the-parts";

/// The media type of [`form`].
pub fn form_type() -> String {
    format!("multipart/form-data; boundary={BOUNDARY}")
}

/// A text part of a form.
pub fn text(name: &str, value: &str) -> Vec<u8> {
    format!("--{BOUNDARY}\r\nContent-Disposition: form-data; name=\"{name}\"\r\n\r\n{value}\r\n").into_bytes()
}

/// A file part of a form; `file_name` is put between the quotes as it is.
pub fn file(name: &str, file_name: &str, content: &[u8]) -> Vec<u8> {
    let mut part = file_begins(name, file_name);
    part.extend_from_slice(content);
    part.extend_from_slice(b"\r\n");
    part
}

/// A file part up to its content.
pub fn file_begins(name: &str, file_name: &str) -> Vec<u8> {
    format!(
        "--{BOUNDARY}\r\nContent-Disposition: form-data; name=\"{name}\"; filename=\"{file_name}\"\r\n\
         Content-Type: application/octet-stream\r\n\r\n"
    )
    .into_bytes()
}

/// A whole form of these parts.
pub fn form(parts: &[Vec<u8>]) -> Vec<u8> {
    let mut form = parts.concat();
    form.extend_from_slice(format!("--{BOUNDARY}--\r\n").as_bytes());
    form
}
