//! A plain blocking HTTP/1.1 client for one call at a time: JSON, multipart, whole bodies.
//!
//! It makes the word "acknowledged" exact: [`Client::call`] returns only when the status line and the
//! full body have arrived. Loopback only, plain HTTP only.

use std::fmt;
use std::io::{self, Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::time::Duration;

use serde_json::Value;

use crate::error::BenchError;

/// Larger answers are cut off with an error: nothing measured here is larger than a test clip.
const MOST_BODY_BYTES: usize = 256 << 20;
const MOST_HEAD_BYTES: usize = 64 << 10;

/// A response received whole.
#[derive(Debug, Clone)]
pub struct Answer {
    /// HTTP status.
    pub status: u16,
    /// Header names in lower case, with their values.
    pub headers: Vec<(String, String)>,
    /// The whole body.
    pub body: Vec<u8>,
}

impl Answer {
    /// The first header of this lower-case name.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers
            .iter()
            .find(|(key, _)| key == name)
            .map(|(_, value)| value.as_str())
    }

    /// Whether the status is 2xx.
    pub fn ok(&self) -> bool {
        (200..300).contains(&self.status)
    }

    /// The body as JSON; null when it is not.
    pub fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap_or(Value::Null)
    }

    /// The beginning of the body, for messages.
    pub fn excerpt(&self) -> String {
        String::from_utf8_lossy(&self.body[..self.body.len().min(300)]).into_owned()
    }
}

/// A keep-alive connection to one server, opened when first needed.
#[derive(Debug)]
pub struct Client {
    target: SocketAddr,
    timeout: Duration,
    stream: Option<TcpStream>,
    bearer: Option<String>,
}

/// The body of a request.
pub enum Body<'a> {
    /// None.
    Empty,
    /// JSON.
    Json(&'a Value),
    /// Bytes with their content type.
    Bytes(&'a str, &'a [u8]),
    /// `content type`, then parts that are sent one after the other, the last of them a reader with
    /// its length; for bodies that should not be in memory.
    Stream {
        /// Content type.
        content_type: &'a str,
        /// Sent first.
        before: &'a [u8],
        /// Sent then.
        reader: &'a mut dyn Read,
        /// Exact length of the reader in bytes.
        length: u64,
        /// Sent last.
        after: &'a [u8],
    },
}

impl Client {
    /// A client of the server at `target`; each read and write may take `timeout`.
    pub fn new(target: SocketAddr, timeout: Duration) -> Self {
        Self {
            target,
            timeout,
            stream: None,
            bearer: None,
        }
    }

    /// Sends `Authorization: Bearer` from now on.
    pub fn sign(&mut self, token: impl Into<String>) {
        self.bearer = Some(token.into());
    }

    /// The token that is sent.
    pub fn token(&self) -> Option<&str> {
        self.bearer.as_deref()
    }

    /// One call. An error means that no complete answer came: the effect is unknown.
    pub fn call(
        &mut self,
        method: &str,
        path: &str,
        headers: &[(&str, &str)],
        body: Body<'_>,
    ) -> Result<Answer, io::Error> {
        let outcome = self.attempt(method, path, headers, body);
        let keep = match &outcome {
            Ok(answer) => !answer
                .header("connection")
                .is_some_and(|value| value.eq_ignore_ascii_case("close")),
            Err(_) => false,
        };
        if !keep {
            self.stream = None;
        }
        outcome
    }

    fn attempt(
        &mut self,
        method: &str,
        path: &str,
        headers: &[(&str, &str)],
        body: Body<'_>,
    ) -> Result<Answer, io::Error> {
        if !self.target.ip().is_loopback() {
            return Err(io::Error::other("only loopback addresses are called"));
        }
        let bearer = self.bearer.clone();
        let target = self.target;
        let stream = self.stream()?;
        let mut head = format!("{method} {path} HTTP/1.1\r\nHost: {target}\r\n");
        if let Some(token) = bearer {
            line(&mut head, format_args!("Authorization: Bearer {token}\r\n"));
        }
        for (name, value) in headers {
            line(&mut head, format_args!("{name}: {value}\r\n"));
        }
        match body {
            Body::Empty => {
                if method != "GET" && method != "HEAD" {
                    head.push_str("Content-Length: 0\r\n");
                }
                head.push_str("\r\n");
                stream.write_all(head.as_bytes())?;
            }
            Body::Json(value) => {
                let bytes = value.to_string();
                line(
                    &mut head,
                    format_args!(
                        "Content-Type: application/json\r\nContent-Length: {}\r\n\r\n",
                        bytes.len()
                    ),
                );
                stream.write_all(&[head.as_bytes(), bytes.as_bytes()].concat())?;
            }
            Body::Bytes(content_type, bytes) => {
                line(
                    &mut head,
                    format_args!(
                        "Content-Type: {content_type}\r\nContent-Length: {}\r\n\r\n",
                        bytes.len()
                    ),
                );
                stream.write_all(head.as_bytes())?;
                stream.write_all(bytes)?;
            }
            Body::Stream {
                content_type,
                before,
                reader,
                length,
                after,
            } => {
                let whole = before.len() as u64 + length + after.len() as u64;
                line(
                    &mut head,
                    format_args!("Content-Type: {content_type}\r\nContent-Length: {whole}\r\n\r\n"),
                );
                stream.write_all(&[head.as_bytes(), before].concat())?;
                send_exactly(reader, length, stream)?;
                stream.write_all(after)?;
            }
        }
        read_answer(stream, method == "HEAD")
    }

    fn stream(&mut self) -> Result<&mut TcpStream, io::Error> {
        if self.stream.as_ref().is_some_and(stale) {
            self.stream = None;
        }
        match &mut self.stream {
            Some(stream) => Ok(stream),
            empty => {
                let stream = TcpStream::connect_timeout(&self.target, self.timeout)?;
                stream.set_nodelay(true)?;
                stream.set_read_timeout(Some(self.timeout))?;
                stream.set_write_timeout(Some(self.timeout))?;
                Ok(empty.insert(stream))
            }
        }
    }
}

/// Appends formatted text; writing to a string does not fail.
fn line(text: &mut String, formatted: fmt::Arguments<'_>) {
    let _ = fmt::write(text, formatted);
}

/// Whether an idle connection was closed by the server, or says something nobody asked for.
fn stale(stream: &TcpStream) -> bool {
    use rustix::net::RecvFlags;
    let mut byte = [0];
    let looked = rustix::net::recv(stream, &mut byte[..], RecvFlags::PEEK | RecvFlags::DONTWAIT);
    !matches!(looked, Err(rustix::io::Errno::AGAIN))
}

fn send_exactly(reader: &mut dyn Read, length: u64, stream: &mut TcpStream) -> Result<(), io::Error> {
    let mut buffer = vec![0; 1 << 20];
    let mut left = length;
    while left > 0 {
        let most = buffer.len().min(usize::try_from(left).unwrap_or(usize::MAX));
        let got = reader.read(&mut buffer[..most])?;
        if got == 0 {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        stream.write_all(&buffer[..got])?;
        left -= got as u64;
    }
    Ok(())
}

fn read_answer(stream: &mut TcpStream, head_only: bool) -> Result<Answer, io::Error> {
    let mut bytes = Vec::with_capacity(8 << 10);
    let (mut answer, head_bytes, framing) = loop {
        fill(stream, &mut bytes)?;
        if let Some(parsed) = parse_head(&bytes)? {
            if parsed.0.status == 100 {
                bytes.drain(..parsed.1);
                continue;
            }
            break parsed;
        }
        if bytes.len() > MOST_HEAD_BYTES {
            return Err(io::Error::other("the head has no end"));
        }
    };
    let mut rest = bytes.split_off(head_bytes);
    if head_only || answer.status == 204 || answer.status == 304 {
        return Ok(answer);
    }
    answer.body = match framing {
        Framing::Length(length) if length > MOST_BODY_BYTES => {
            return Err(io::Error::other("the body is too large for this client"));
        }
        Framing::Length(length) => {
            let missing = length.saturating_sub(rest.len());
            let start = rest.len();
            rest.resize(start + missing, 0);
            stream.read_exact(&mut rest[start..])?;
            rest.truncate(length);
            rest
        }
        Framing::Chunked => read_chunks(stream, rest)?,
        Framing::UntilClose => {
            stream.take(MOST_BODY_BYTES as u64).read_to_end(&mut rest)?;
            rest
        }
    };
    Ok(answer)
}

/// Reads what there is; the end of the stream is an error here.
fn fill(stream: &mut TcpStream, bytes: &mut Vec<u8>) -> Result<(), io::Error> {
    let mut buffer = [0; 16 << 10];
    match stream.read(&mut buffer)? {
        0 => Err(io::ErrorKind::UnexpectedEof.into()),
        got => {
            bytes.extend_from_slice(&buffer[..got]);
            Ok(())
        }
    }
}

enum Framing {
    Length(usize),
    Chunked,
    UntilClose,
}

fn parse_head(bytes: &[u8]) -> Result<Option<(Answer, usize, Framing)>, io::Error> {
    let mut headers = [httparse::EMPTY_HEADER; 100];
    let mut response = httparse::Response::new(&mut headers);
    let head_bytes = match response.parse(bytes).map_err(io::Error::other)? {
        httparse::Status::Complete(length) => length,
        httparse::Status::Partial => return Ok(None),
    };
    let headers: Vec<(String, String)> = response
        .headers
        .iter()
        .map(|header| {
            (
                header.name.to_ascii_lowercase(),
                String::from_utf8_lossy(header.value).into_owned(),
            )
        })
        .collect();
    let answer = Answer {
        status: response.code.unwrap_or(0),
        headers,
        body: Vec::new(),
    };
    let framing = if answer
        .header("transfer-encoding")
        .is_some_and(|value| value.contains("chunked"))
    {
        Framing::Chunked
    } else {
        match answer.header("content-length") {
            Some(length) => Framing::Length(length.trim().parse().map_err(io::Error::other)?),
            None => Framing::UntilClose,
        }
    };
    Ok(Some((answer, head_bytes, framing)))
}

fn read_chunks(stream: &mut TcpStream, mut bytes: Vec<u8>) -> Result<Vec<u8>, io::Error> {
    let mut body = Vec::new();
    loop {
        let (start, size) = loop {
            match httparse::parse_chunk_size(&bytes).map_err(|_| io::Error::other("a bad chunk"))? {
                httparse::Status::Complete((start, size)) => break (start, size as usize),
                httparse::Status::Partial => fill(stream, &mut bytes)?,
            }
        };
        if body.len() + size > MOST_BODY_BYTES {
            return Err(io::Error::other("the body is too large for this client"));
        }
        // The chunk and the line end after it; trailers are not used by anything measured here.
        while bytes.len() < start + size + 2 {
            fill(stream, &mut bytes)?;
        }
        body.extend_from_slice(&bytes[start..start + size]);
        bytes.drain(..start + size + 2);
        if size == 0 {
            return Ok(body);
        }
    }
}

/// The parts of a multipart body before and after its one file.
#[derive(Debug)]
pub struct Multipart {
    /// Sent before the file's bytes.
    pub before: Vec<u8>,
    /// Sent after them.
    pub after: Vec<u8>,
}

/// The content type that goes with [`Multipart`].
pub const MULTIPART: &str = "multipart/form-data; boundary=streamsphere-bench-7f3a91c2";

impl Multipart {
    /// Text fields, then the file part `name`, whose bytes the caller sends between the two halves.
    pub fn new(fields: &[(&str, &str)], name: &str, filename: &str, content_type: &str) -> Self {
        let boundary = "streamsphere-bench-7f3a91c2";
        let mut before = String::new();
        for (field, value) in fields {
            line(
                &mut before,
                format_args!(
                    "--{boundary}\r\nContent-Disposition: form-data; name=\"{field}\"\r\n\r\n{value}\r\n"
                ),
            );
        }
        line(
            &mut before,
            format_args!(
                "--{boundary}\r\nContent-Disposition: form-data; name=\"{name}\"; filename=\"{filename}\"\r\n\
             Content-Type: {content_type}\r\n\r\n"
            ),
        );
        Self {
            before: before.into_bytes(),
            after: format!("\r\n--{boundary}--\r\n").into_bytes(),
        }
    }
}

/// Turns an answer that is not 2xx into an error that tells what came.
pub fn expect_ok(call: &str, answer: Answer) -> Result<Answer, BenchError> {
    if answer.ok() {
        return Ok(answer);
    }
    Err(BenchError::Answer {
        call: call.to_owned(),
        status: answer.status,
        body: answer.excerpt(),
    })
}
