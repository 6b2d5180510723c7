//! Bringing a file here: asked for piece by piece, from where an earlier answer ended, along a few redirects, each of
//! which is judged as the first address was.

use std::time::Duration;

use bytes::Bytes;
use http::header::{
    ACCEPT, ACCEPT_ENCODING, CONTENT_RANGE, ETAG, HeaderName, IF_RANGE, LAST_MODIFIED, LOCATION, RANGE,
};
use http::{HeaderMap, HeaderValue, Method, StatusCode};
use http_body_util::BodyExt;
use hyper::body::{Body, Incoming};
use hyper::client::conn::http1;
use hyper_util::rt::TokioIo;
use tokio::sync::OwnedSemaphorePermit;
use tokio::task::JoinHandle;
use tokio::time::timeout;

use crate::client::{Client, Fault, MOST_BYTES, request};
use crate::target::Target;

/// Redirects that are followed.
const MOST_HOPS: usize = 5;
/// How long the next piece may take.
const PIECE: Duration = Duration::from_secs(30);

/// From where on a file is wanted.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct From {
    /// Bytes that are here already.
    pub offset_bytes: u64,
    /// What told the file apart when they came (`ETag` or `Last-Modified`): where it is another one by now, it comes from
    /// its beginning. Without it that is also so.
    pub validator: Option<String>,
}

/// A file on its way.
#[derive(Debug)]
pub struct Download {
    /// Where its first piece belongs: what was asked for, or 0.
    pub offset_bytes: u64,
    /// How many bytes are to come, where the sender said so.
    pub length_bytes: Option<u64>,
    /// What tells this file from others that were there before.
    pub validator: Option<String>,
    body: Incoming,
    connection: JoinHandle<()>,
    _turns: [OwnedSemaphorePermit; 2],
}

/// What came of asking for a file.
#[derive(Debug)]
pub enum Fetched {
    /// It comes.
    File(Box<Download>),
    /// The other side answers otherwise: a status code such as 404.
    Refused(u16),
}

impl Client {
    /// Asks for the file at `url`. The time to the head of the answer is bounded as with other requests, at every
    /// redirect anew; how much of it is read is up to the caller.
    pub async fn fetch(&self, url: &str, from: &From) -> Result<Fetched, Fault> {
        let mut target = self.target(url)?;
        for _ in 0..=MOST_HOPS {
            let turns = self.turns(&target).await?;
            let answer = timeout(self.whole(), self.ask(&target, from))
                .await
                .map_err(|_| Fault::Timeout)??;
            let Answered {
                head,
                body,
                connection,
            } = answer;
            if head.status.is_redirection()
                && let Some(location) = text(&head.headers, &LOCATION)
            {
                connection.abort();
                target = self.target(&target.beside(&location)?)?;
                continue;
            }
            let offset_bytes = match head.status {
                StatusCode::OK => 0,
                StatusCode::PARTIAL_CONTENT if begins_at(&head.headers) == Some(from.offset_bytes) => {
                    from.offset_bytes
                }
                status => {
                    connection.abort();
                    return Ok(Fetched::Refused(status.as_u16()));
                }
            };
            let validator = text(&head.headers, &ETAG)
                // A weak one does not tell bytes apart.
                .filter(|tag| !tag.starts_with("W/"))
                .or_else(|| text(&head.headers, &LAST_MODIFIED));
            return Ok(Fetched::File(Box::new(Download {
                offset_bytes,
                length_bytes: body.size_hint().exact(),
                validator,
                body,
                connection,
                _turns: turns,
            })));
        }
        Err(Fault::TooManyRedirects)
    }

    async fn ask(&self, target: &Target, from: &From) -> Result<Answered, Fault> {
        let mut headers = HeaderMap::new();
        headers.insert(ACCEPT, HeaderValue::from_static("*/*"));
        // The bytes themselves, so that places in them mean the same each time.
        headers.insert(ACCEPT_ENCODING, HeaderValue::from_static("identity"));
        if from.offset_bytes > 0
            && let Some(validator) = &from.validator
            && let Ok(validator) = HeaderValue::from_str(validator)
            && let Ok(range) = HeaderValue::from_str(&format!("bytes={}-", from.offset_bytes))
        {
            headers.insert(RANGE, range);
            headers.insert(IF_RANGE, validator);
        }
        let request = request(Method::GET, target, headers, Bytes::new())?;
        let stream = self.open(target).await?;
        let (mut sender, connection) = http1::Builder::new()
            .max_buf_size(MOST_BYTES)
            .handshake(TokioIo::new(stream))
            .await
            .map_err(Fault::Protocol)?;
        let connection = Connection(Some(tokio::spawn(async move {
            // How it ends shows in the body.
            let _ = connection.await;
        })));
        let response = sender.send_request(request).await.map_err(Fault::Protocol)?;
        let (head, body) = response.into_parts();
        let connection = connection.keep().ok_or(Fault::Unreachable)?;
        Ok(Answered {
            head,
            body,
            connection,
        })
    }
}

struct Answered {
    head: http::response::Parts,
    body: Incoming,
    connection: JoinHandle<()>,
}

/// A connection that ends with whoever waits for its answer.
struct Connection(Option<JoinHandle<()>>);

impl Connection {
    fn keep(mut self) -> Option<JoinHandle<()>> {
        self.0.take()
    }
}

impl Drop for Connection {
    fn drop(&mut self) {
        if let Some(task) = self.0.take() {
            task.abort();
        }
    }
}

impl Download {
    /// The next piece, or `None` at the end of a whole file. A file that is cut off, or whose next piece does not come
    /// in time, is a fault: what came so far is good.
    pub async fn next(&mut self) -> Result<Option<Bytes>, Fault> {
        loop {
            let frame = timeout(PIECE, self.body.frame())
                .await
                .map_err(|_| Fault::Timeout)?;
            match frame {
                None => return Ok(None),
                Some(Err(error)) => return Err(Fault::Protocol(error)),
                Some(Ok(frame)) => {
                    if let Ok(piece) = frame.into_data()
                        && !piece.is_empty()
                    {
                        return Ok(Some(piece));
                    }
                }
            }
        }
    }
}

impl Drop for Download {
    fn drop(&mut self) {
        self.connection.abort();
    }
}

fn text(headers: &HeaderMap, name: &HeaderName) -> Option<String> {
    Some(headers.get(name)?.to_str().ok()?.to_owned())
}

/// Where the part that comes begins (RFC 9110, section 14.4).
fn begins_at(headers: &HeaderMap) -> Option<u64> {
    let range = headers.get(CONTENT_RANGE)?.to_str().ok()?;
    range.strip_prefix("bytes ")?.split('-').next()?.parse().ok()
}
