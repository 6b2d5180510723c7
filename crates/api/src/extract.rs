//! Reading requests: ids, queries, JSON of bounded size, multipart whose files are streamed.

use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::task::{Context, Poll, ready};

use axum::body::{Body, HttpBody};
use axum::extract::multipart::{Field, MultipartRejection};
use axum::extract::{FromRequest, FromRequestParts, Multipart, Path, Request};
use bytes::{Bytes, BytesMut};
use http::header::{CONTENT_LENGTH, CONTENT_TYPE};
use http::request::Parts;
use http::{HeaderMap, StatusCode, Uri};
use http_body::Frame;
use http_body_util::BodyExt;
use serde::de::DeserializeOwned;

use crate::problem::Problem;

/// Largest JSON body, where nothing larger is allowed.
const JSON_BYTES: usize = 64 * 1024;
/// All text parts of a form together.
const FORM_TEXT_BYTES: usize = 1024 * 1024;
/// Parts of a form.
const FORM_PARTS: usize = 20;

/// An id from the path: malformed is 400.
#[derive(Debug, Clone, Copy)]
pub struct Id<T>(pub T);

impl<S: Send + Sync, T: std::str::FromStr + Send> FromRequestParts<S> for Id<T> {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Problem> {
        let Path(text) = Path::<String>::from_request_parts(parts, state)
            .await
            .map_err(|_| malformed_id())?;
        text.parse().map(Self).map_err(|_| malformed_id())
    }
}

/// Two ids, or other words with a fixed form, from the path: malformed is 400.
#[derive(Debug, Clone, Copy)]
pub struct Ids<A, B>(pub A, pub B);

impl<S, A, B> FromRequestParts<S> for Ids<A, B>
where
    S: Send + Sync,
    A: std::str::FromStr + Send,
    B: std::str::FromStr + Send,
{
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Problem> {
        let Path((a, b)) = Path::<(String, String)>::from_request_parts(parts, state)
            .await
            .map_err(|_| malformed_id())?;
        match (a.parse(), b.parse()) {
            (Ok(a), Ok(b)) => Ok(Self(a, b)),
            _ => Err(malformed_id()),
        }
    }
}

fn malformed_id() -> Problem {
    Problem::bad_request("malformed_id", "This is not an id: ids are 24 hex digits.")
}

/// The query string.
#[derive(Debug)]
pub struct Query<T>(pub T);

impl<S: Send + Sync, T: DeserializeOwned> FromRequestParts<S> for Query<T> {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Problem> {
        query(&parts.uri).map(Self)
    }
}

/// The query string: one of the wrong form is 400.
pub fn query<T: DeserializeOwned>(uri: &Uri) -> Result<T, Problem> {
    axum::extract::Query::<T>::try_from_uri(uri)
        .map(|query| query.0)
        .map_err(|_| Problem::bad_request("invalid_query", "A parameter of the query has the wrong form."))
}

/// A JSON body of at most `MOST` bytes, 64 KiB unless its type says otherwise.
#[derive(Debug)]
pub struct Json<T, const MOST: usize = JSON_BYTES>(pub T);

impl<S: Send + Sync, T: DeserializeOwned, const MOST: usize> FromRequest<S> for Json<T, MOST> {
    type Rejection = Problem;

    async fn from_request(request: Request, _state: &S) -> Result<Self, Problem> {
        if !is_json(request.headers()) {
            return Err(Problem::new(
                StatusCode::UNSUPPORTED_MEDIA_TYPE,
                "not_json",
                "Send JSON, with Content-Type: application/json.",
            ));
        }
        let bytes = read_all(request, MOST).await?;
        parse_json(&bytes).map(Self)
    }
}

/// Like [`Json`], but a request without a body reads as the default.
#[derive(Debug)]
pub struct OptionalJson<T>(pub T);

impl<S: Send + Sync, T: DeserializeOwned + Default> FromRequest<S> for OptionalJson<T> {
    type Rejection = Problem;

    async fn from_request(request: Request, _state: &S) -> Result<Self, Problem> {
        let json = is_json(request.headers());
        let bytes = read_all(request, JSON_BYTES).await?;
        if bytes.is_empty() || !json {
            return Ok(Self(T::default()));
        }
        parse_json(&bytes).map(Self)
    }
}

/// Whether the body says that it is JSON.
pub fn is_json(headers: &HeaderMap) -> bool {
    media_type(headers).is_some_and(|kind| kind == "application/json" || kind.ends_with("+json"))
}

/// Whether the body says that it is a multipart form.
pub fn is_multipart(headers: &HeaderMap) -> bool {
    media_type(headers).is_some_and(|kind| kind == "multipart/form-data")
}

pub(crate) fn media_type(headers: &HeaderMap) -> Option<String> {
    let value = headers.get(CONTENT_TYPE)?.to_str().ok()?;
    Some(
        value
            .split(';')
            .next()
            .unwrap_or_default()
            .trim()
            .to_ascii_lowercase(),
    )
}

/// The length that the client declares, if it does.
pub fn declared_length(headers: &HeaderMap) -> Option<u64> {
    headers.get(CONTENT_LENGTH)?.to_str().ok()?.parse().ok()
}

fn too_large(limit: usize) -> Problem {
    let message = format!("The body is larger than {limit} bytes.");
    Problem::new(StatusCode::PAYLOAD_TOO_LARGE, "body_too_large", message)
}

fn cut_off() -> Problem {
    Problem::bad_request("body_cut_off", "The body ended early or came too slowly.")
}

pub(crate) async fn read_all(request: Request, limit: usize) -> Result<Bytes, Problem> {
    if declared_length(request.headers()).is_some_and(|declared| declared > limit as u64) {
        return Err(too_large(limit));
    }
    let mut body = request.into_body();
    let mut all = BytesMut::new();
    while let Some(frame) = body.frame().await {
        let frame = frame.map_err(|_| cut_off())?;
        let Ok(data) = frame.into_data() else { continue };
        if all.len() + data.len() > limit {
            return Err(too_large(limit));
        }
        all.extend_from_slice(&data);
    }
    Ok(all.freeze())
}

/// Bodies are flat; nesting beyond this is not looked at.
const JSON_DEPTH: usize = 32;

pub(crate) fn parse_json<T: DeserializeOwned>(bytes: &[u8]) -> Result<T, Problem> {
    if depth(bytes) > JSON_DEPTH {
        return Err(Problem::bad_request(
            "json_too_deep",
            "The JSON is nested too deeply.",
        ));
    }
    // A list of values would be read as the fields in their order.
    if bytes.trim_ascii_start().starts_with(b"[") {
        return Err(Problem::bad_request("wrong_type", "The body is a JSON object."));
    }
    serde_json::from_slice(bytes).map_err(|error| match error.classify() {
        serde_json::error::Category::Data => {
            Problem::bad_request("wrong_type", format!("A field has the wrong type: {error}"))
        }
        _ => Problem::bad_request("invalid_json", "The body is not valid JSON."),
    })
}

fn depth(bytes: &[u8]) -> usize {
    let (mut depth, mut deepest, mut quoted, mut escaped) = (0_usize, 0, false, false);
    for byte in bytes {
        match byte {
            _ if escaped => escaped = false,
            b'\\' if quoted => escaped = true,
            b'"' => quoted = !quoted,
            b'{' | b'[' if !quoted => {
                depth += 1;
                deepest = deepest.max(depth);
            }
            b'}' | b']' if !quoted => depth = depth.saturating_sub(1),
            _ => {}
        }
    }
    deepest
}

/// What may come between two parts: boundaries and the heads of parts.
const FORM_GAP_BYTES: u64 = 256 * 1024;

/// A body that ends with an error once more comes than is left of the allowance. The parser keeps all that
/// it reads while it looks for the next part, so that much is all it may read.
struct Metered {
    inner: Body,
    allowance_bytes: Arc<AtomicU64>,
}

impl HttpBody for Metered {
    type Data = Bytes;
    type Error = axum::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, axum::Error>>> {
        let frame = ready!(Pin::new(&mut self.inner).poll_frame(context));
        if let Some(Ok(frame)) = &frame
            && let Some(data) = frame.data_ref()
        {
            let size = data.len() as u64;
            let left = self.allowance_bytes.load(Ordering::Relaxed);
            if left < size {
                return Poll::Ready(Some(Err(axum::Error::new(
                    "nothing but filler where a part should begin",
                ))));
            }
            if left != u64::MAX {
                self.allowance_bytes.store(left - size, Ordering::Relaxed);
            }
        }
        Poll::Ready(frame)
    }
}

/// A multipart form, read part by part in whatever order they come.
pub struct Form {
    inner: Multipart,
    parts: usize,
    allowance_bytes: Arc<AtomicU64>,
}

impl std::fmt::Debug for Form {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Form")
            .field("parts", &self.parts)
            .finish_non_exhaustive()
    }
}

impl<S: Send + Sync> FromRequest<S> for Form {
    type Rejection = Problem;

    async fn from_request(request: Request, state: &S) -> Result<Self, Problem> {
        if !is_multipart(request.headers()) {
            return Err(Problem::new(
                StatusCode::UNSUPPORTED_MEDIA_TYPE,
                "not_multipart",
                "Send a form, with Content-Type: multipart/form-data.",
            ));
        }
        // RFC 2046 section 5.1.1: a boundary has at most 70 characters.
        let boundary = request
            .headers()
            .get(CONTENT_TYPE)
            .and_then(|value| value.to_str().ok())
            .and_then(|value| value.split_once("boundary="))
            .map(|(_, rest)| {
                rest.split(';')
                    .next()
                    .unwrap_or_default()
                    .trim()
                    .trim_matches('"')
                    .len()
            });
        if !boundary.is_some_and(|length| (1..=70).contains(&length)) {
            return Err(Problem::bad_request(
                "bad_boundary",
                "The form has no usable boundary.",
            ));
        }
        let allowance_bytes = Arc::new(AtomicU64::new(0));
        let metered = Arc::clone(&allowance_bytes);
        let request = request.map(|inner| {
            Body::new(Metered {
                inner,
                allowance_bytes: metered,
            })
        });
        let inner = Multipart::from_request(request, state)
            .await
            .map_err(|_: MultipartRejection| Problem::bad_request("bad_form", "The form cannot be read."))?;
        Ok(Self {
            inner,
            parts: 0,
            allowance_bytes,
        })
    }
}

impl Form {
    /// The next part; `None` at the end.
    pub async fn next(&mut self) -> Result<Option<Field<'_>>, Problem> {
        self.allowance_bytes.store(FORM_GAP_BYTES, Ordering::Relaxed);
        let field = self.inner.next_field().await.map_err(|_| bad_form())?;
        // What a part may hold is for whoever reads it to say.
        self.allowance_bytes.store(u64::MAX, Ordering::Relaxed);
        if field.is_some() {
            if self.parts == FORM_PARTS {
                return Err(Problem::new(
                    StatusCode::PAYLOAD_TOO_LARGE,
                    "too_many_parts",
                    format!("A form has at most {FORM_PARTS} parts."),
                ));
            }
            self.parts += 1;
        }
        Ok(field)
    }
}

/// Counts the text of a form as it is read.
#[derive(Debug, Default)]
pub struct FormText(usize);

impl FormText {
    /// Passes over a part that nobody asked for, whatever is in it; it counts as text does.
    pub async fn skip(&mut self, field: &mut Field<'_>) -> Result<(), Problem> {
        while let Some(piece) = field.chunk().await.map_err(|_| bad_form())? {
            self.count(piece.len())?;
        }
        Ok(())
    }

    fn count(&mut self, bytes: usize) -> Result<(), Problem> {
        self.0 += bytes;
        if self.0 > FORM_TEXT_BYTES {
            return Err(too_large(FORM_TEXT_BYTES));
        }
        Ok(())
    }

    /// The whole of a text part.
    pub async fn read(&mut self, field: &mut Field<'_>) -> Result<String, Problem> {
        let mut text = Vec::new();
        while let Some(piece) = field.chunk().await.map_err(|_| bad_form())? {
            self.count(piece.len())?;
            text.extend_from_slice(&piece);
        }
        String::from_utf8(text).map_err(|_| Problem::bad_request("not_utf8", "Text in forms is UTF-8."))
    }
}

/// The whole of a file part that is kept in memory: a picture. An empty one counts as not sent.
pub async fn picture(field: &mut Field<'_>) -> Result<Option<Bytes>, Problem> {
    let too_large = ("picture_too_large", "Pictures have at most 10 MiB.");
    let bytes = whole(field, app::pictures::MAX_PICTURE_BYTES, too_large).await?;
    Ok((!bytes.is_empty()).then_some(bytes))
}

/// The whole of a file part of at most `most` bytes. A larger one is refused with that code and sentence.
pub async fn whole(
    field: &mut Field<'_>,
    most: usize,
    (code, sentence): (&'static str, &'static str),
) -> Result<Bytes, Problem> {
    let mut bytes = BytesMut::new();
    while let Some(piece) = field.chunk().await.map_err(|_| bad_form())? {
        if bytes.len() + piece.len() > most {
            return Err(Problem::new(StatusCode::PAYLOAD_TOO_LARGE, code, sentence));
        }
        bytes.extend_from_slice(&piece);
    }
    Ok(bytes.freeze())
}

/// The form is malformed, or its end never came.
pub fn bad_form() -> Problem {
    Problem::bad_request("bad_form", "The form is malformed or ended early.")
}

/// Fields may stand once.
pub fn repeated(name: &str) -> Problem {
    Problem::bad_request("repeated_part", format!("The form has more than one {name}."))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn brackets_inside_text_do_not_nest() {
        assert_eq!(depth(br#"{"a":"[[[[\"{{"}"#), 1);
        assert_eq!(depth(b"[[[]]]"), 3);
    }
}
