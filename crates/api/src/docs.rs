//! `GET /api/docs`: a page that shows the OpenAPI document. It is three small files of our own and loads nothing from
//! elsewhere; what it shows it puts into the page as text, and its policy lets it run and fetch only what is served
//! here.

use axum::response::{IntoResponse, Response};
use http::header::{
    CACHE_CONTROL, CONTENT_SECURITY_POLICY, CONTENT_TYPE, ETAG, REFERRER_POLICY, X_CONTENT_TYPE_OPTIONS,
};
use http::{HeaderMap, HeaderValue, StatusCode};

use crate::gate::{fingerprint, is_known};

pub(crate) const PAGE: &str = "/api/docs";
pub(crate) const SCRIPT: &str = "/api/docs/page.js";
pub(crate) const STYLE: &str = "/api/docs/page.css";

const POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; \
                      img-src data:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

pub(crate) async fn serve_page(headers: HeaderMap) -> Response {
    file(
        &headers,
        include_str!("docs/page.html"),
        "text/html; charset=utf-8",
    )
}

pub(crate) async fn serve_script(headers: HeaderMap) -> Response {
    file(
        &headers,
        include_str!("docs/page.js"),
        "text/javascript; charset=utf-8",
    )
}

pub(crate) async fn serve_style(headers: HeaderMap) -> Response {
    file(&headers, include_str!("docs/page.css"), "text/css; charset=utf-8")
}

/// A file that changes only with the program.
pub(crate) fn file(asked: &HeaderMap, text: &'static str, content_type: &'static str) -> Response {
    let tag = format!("\"{:016x}\"", fingerprint(text.as_bytes()));
    let mut response = if is_known(asked, &tag) {
        StatusCode::NOT_MODIFIED.into_response()
    } else {
        text.into_response()
    };
    let headers = response.headers_mut();
    for (name, value) in [
        (CONTENT_TYPE, content_type),
        (CONTENT_SECURITY_POLICY, POLICY),
        (CACHE_CONTROL, "public, max-age=0, must-revalidate"),
        (REFERRER_POLICY, "no-referrer"),
        (X_CONTENT_TYPE_OPTIONS, "nosniff"),
    ] {
        headers.insert(name, HeaderValue::from_static(value));
    }
    if let Ok(tag) = HeaderValue::try_from(tag) {
        headers.insert(ETAG, tag);
    }
    response
}
