//! The success envelope: `{"statusCode":200,"data":…,"message":"…","success":true}`.

use axum::response::{IntoResponse, Response};
use bytes::Bytes;
use http::header::{CACHE_CONTROL, CONTENT_TYPE};
use http::{HeaderValue, StatusCode};
use serde::Serialize;

use crate::problem::Problem;

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Envelope<'a, T> {
    status_code: u16,
    data: &'a T,
    message: &'static str,
    success: bool,
}

/// `{}`, where there is nothing to say.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct Nothing {}

/// 200 with `data`.
pub fn ok<T: Serialize>(data: &T, message: &'static str) -> Result<Response, Problem> {
    with_status(StatusCode::OK, data, message)
}

/// 201 with `data`.
pub fn created<T: Serialize>(data: &T, message: &'static str) -> Result<Response, Problem> {
    with_status(StatusCode::CREATED, data, message)
}

/// 202: it was heard.
pub fn accepted(message: &'static str) -> Result<Response, Problem> {
    with_status(StatusCode::ACCEPTED, &Nothing {}, message)
}

/// 202 with `data`: it was begun.
pub fn begun<T: Serialize>(data: &T, message: &'static str) -> Result<Response, Problem> {
    with_status(StatusCode::ACCEPTED, data, message)
}

fn with_status<T: Serialize>(
    status: StatusCode,
    data: &T,
    message: &'static str,
) -> Result<Response, Problem> {
    Ok(send(status, text(status, data, message)?))
}

/// The text of a 200 with `data`, for [`ok_text`] to send, now and again.
pub fn ok_to_text<T: Serialize>(data: &T, message: &'static str) -> Result<Bytes, Problem> {
    text(StatusCode::OK, data, message)
}

/// 200 with a text that [`ok_to_text`] made.
pub fn ok_text(text: Bytes) -> Response {
    send(StatusCode::OK, text)
}

fn text<T: Serialize>(status: StatusCode, data: &T, message: &'static str) -> Result<Bytes, Problem> {
    let envelope = Envelope {
        status_code: status.as_u16(),
        data,
        message,
        success: true,
    };
    let mut body = Vec::with_capacity(1024);
    serde_json::to_writer(&mut body, &envelope).map_err(|error| {
        tracing::error!(error = %error, "Could not write an answer");
        Problem::internal()
    })?;
    Ok(body.into())
}

/// 200 with a body that is written piece by piece.
pub fn ok_pieces(body: axum::body::Body) -> Response {
    send(StatusCode::OK, body)
}

fn send(status: StatusCode, body: impl Into<axum::body::Body>) -> Response {
    let headers = [
        (CONTENT_TYPE, HeaderValue::from_static("application/json")),
        (CACHE_CONTROL, HeaderValue::from_static("private, no-store")),
    ];
    (status, headers, body.into()).into_response()
}
