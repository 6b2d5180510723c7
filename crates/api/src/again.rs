//! Requests that are answered again from the beginning, because others changed what the first answer was decided by.
//!
//! Only with a database that lets transactions run side by side, and only requests that change something and whose body
//! is small enough to be kept: what is uploaded has its own ways of going on.

use axum::body::{Body, Bytes};
use axum::extract::Request;
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use http::Method;
use http::header::CONTENT_TYPE;
use http_body::Body as _;
use store::Store;

use crate::extract::read_all;

/// The largest body that is kept.
const MOST_BYTES: usize = 256 * 1024;
/// How often a request is answered at most.
const TRIES: usize = 6;

/// Runs the handler, and again while it is overtaken.
pub(crate) async fn run(store: &Store, request: Request, next: Next) -> Response {
    let changes = !matches!(*request.method(), Method::GET | Method::HEAD | Method::OPTIONS);
    if !changes || !store.runs_side_by_side() || !is_kept(&request) {
        return next.run(request).await;
    }
    let (parts, body) = request.into_parts();
    let whole = Request::from_parts(parts.clone(), body);
    let kept = match read_all(whole, MOST_BYTES).await {
        Ok(kept) => kept,
        Err(problem) => return problem.into_response(),
    };
    let mut tries = 1;
    loop {
        let request = Request::from_parts(parts.clone(), body_of(&kept));
        // Once overtaken, the request goes alone among those of this process.
        let (response, overtaken) = Store::attempt(tries > 1, next.clone().run(request)).await;
        if !overtaken || !response.status().is_server_error() || tries == TRIES {
            return response;
        }
        tries += 1;
    }
}

fn body_of(kept: &Bytes) -> Body {
    if kept.is_empty() {
        Body::empty()
    } else {
        Body::from(kept.clone())
    }
}

/// Whether the body may be kept: there is none, or a short one that says its length and is no upload.
fn is_kept(request: &Request) -> bool {
    let length = request.body().size_hint().exact();
    let media = request
        .headers()
        .get(CONTENT_TYPE)
        .and_then(|value| value.to_str().ok());
    let is_upload = media.is_some_and(|media| {
        media.starts_with("multipart/") || media.starts_with("application/offset+octet-stream")
    });
    length.is_some_and(|length| length <= MOST_BYTES as u64) && !is_upload
}
