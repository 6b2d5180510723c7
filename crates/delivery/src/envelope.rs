//! Error bodies: the one envelope of the HTTP API, made here for what never reaches the service.

use bytes::Bytes;
use http::{HeaderValue, Response, StatusCode, header};

/// A complete error answer in the envelope of the API.
///
/// `code` and `message` are our own fixed words, so they need no escaping.
pub fn refusal(status: StatusCode, code: &'static str, message: &'static str) -> Response<Bytes> {
    let mut response = Response::new(text(status, code, message));
    *response.status_mut() = status;
    let fields = response.headers_mut();
    fields.insert(header::CONTENT_TYPE, JSON);
    fields.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    fields.insert(
        header::X_CONTENT_TYPE_OPTIONS,
        HeaderValue::from_static("nosniff"),
    );
    response
}

/// The answer when the bytes of a file cannot be had just now.
pub(crate) fn unavailable() -> Response<Bytes> {
    let mut response = refusal(
        StatusCode::SERVICE_UNAVAILABLE,
        "storage_unavailable",
        "The file cannot be read at the moment. Try again shortly.",
    );
    let fields = response.headers_mut();
    fields.insert(header::RETRY_AFTER, HeaderValue::from_static("5"));
    response
}

/// `application/json`.
pub(crate) const JSON: HeaderValue = HeaderValue::from_static("application/json");

/// The body text of [`refusal`].
pub(crate) fn text(status: StatusCode, code: &str, message: &str) -> Bytes {
    let status = status.as_u16();
    Bytes::from(format!(
        r#"{{"statusCode":{status},"data":null,"message":"{message}","success":false,"code":"{code}","errors":[]}}"#
    ))
}
