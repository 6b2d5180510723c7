//! The one mapping from what use cases refuse to what HTTP says: status, envelope, headers.

use app::{Error, Kind, Refusal};
use axum::response::{IntoResponse, Response};
use http::header::{CONTENT_TYPE, RETRY_AFTER, WWW_AUTHENTICATE, X_CONTENT_TYPE_OPTIONS};
use http::{HeaderValue, StatusCode};
use serde::Serialize;

/// An answer that is not a success.
#[derive(Debug)]
pub struct Problem {
    status: StatusCode,
    refusal: Refusal,
}

/// The error envelope of `api-v1`.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct ErrorBody {
    /// The HTTP status again.
    #[serde(rename = "statusCode")]
    #[schema(example = 404)]
    status_code: u16,
    /// Always null.
    #[schema(value_type = Option<Object>)]
    data: Option<()>,
    /// A sentence for people.
    #[schema(example = "Video not found")]
    message: String,
    /// Always false.
    #[schema(example = false)]
    success: bool,
    /// For programs.
    #[schema(example = "video_not_found")]
    code: String,
    /// Which fields are wrong, and why.
    errors: Vec<FieldErrorBody>,
}

/// One wrong field.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct FieldErrorBody {
    /// Its name in the request.
    #[schema(example = "title")]
    field: String,
    /// For programs.
    #[schema(example = "too_long")]
    code: String,
    /// For people.
    #[schema(example = "At most 200 characters.")]
    message: String,
}

impl Problem {
    /// A problem with this status, code and sentence.
    pub fn new(
        status: StatusCode,
        code: &'static str,
        message: impl Into<std::borrow::Cow<'static, str>>,
    ) -> Self {
        Self {
            status,
            refusal: Refusal::new(Kind::Invalid, code, message),
        }
    }

    /// The request cannot be understood.
    pub fn bad_request(code: &'static str, message: impl Into<std::borrow::Cow<'static, str>>) -> Self {
        Self::new(StatusCode::BAD_REQUEST, code, message)
    }

    /// Something here is broken.
    pub fn internal() -> Self {
        Self::new(
            StatusCode::INTERNAL_SERVER_ERROR,
            "internal",
            "Something went wrong on the server.",
        )
    }

    /// The status.
    pub fn status(&self) -> StatusCode {
        self.status
    }

    fn body(&self) -> ErrorBody {
        let errors = self.refusal.fields.iter().map(|(field, fault)| FieldErrorBody {
            field: (*field).to_owned(),
            code: fault.code.to_owned(),
            message: fault.message.clone(),
        });
        ErrorBody {
            status_code: self.status.as_u16(),
            data: None,
            message: self.refusal.message.clone().into_owned(),
            success: false,
            code: self.refusal.code.to_owned(),
            errors: errors.collect(),
        }
    }

    /// The answer as bytes, for the path that does not go through axum.
    pub fn into_bytes(self) -> http::Response<bytes::Bytes> {
        let body = serde_json::to_vec(&self.body()).unwrap_or_default();
        let mut response = http::Response::new(bytes::Bytes::from(body));
        *response.status_mut() = self.status;
        let headers = response.headers_mut();
        headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
        headers.insert(http::header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
        headers.insert(X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
        if self.status == StatusCode::UNAUTHORIZED {
            let challenge = if self.refusal.code == "unauthenticated" {
                HeaderValue::from_static("Bearer")
            } else {
                HeaderValue::from_static("Bearer error=\"invalid_token\"")
            };
            headers.insert(WWW_AUTHENTICATE, challenge);
        }
        if let Some(seconds) = self.refusal.retry_after_s {
            headers.insert(RETRY_AFTER, HeaderValue::from(seconds));
        }
        response
    }
}

impl From<Error> for Problem {
    fn from(error: Error) -> Self {
        match error {
            Error::Refused(refusal) => Self {
                status: status_of(refusal.kind),
                refusal,
            },
            Error::Failed { context, source } => {
                let mut causes = source.to_string();
                let mut next = source.source();
                while let Some(cause) = next {
                    causes = format!("{causes}: {cause}");
                    next = cause.source();
                }
                tracing::error!(error = causes, "Failed: {context}");
                metrics::counter!("streamsphere_internal_errors_total").increment(1);
                Self::internal()
            }
        }
    }
}

impl From<Refusal> for Problem {
    fn from(refusal: Refusal) -> Self {
        Error::from(refusal).into()
    }
}

fn status_of(kind: Kind) -> StatusCode {
    match kind {
        Kind::Invalid => StatusCode::BAD_REQUEST,
        Kind::Unauthenticated => StatusCode::UNAUTHORIZED,
        Kind::Forbidden => StatusCode::FORBIDDEN,
        Kind::NotFound => StatusCode::NOT_FOUND,
        Kind::Conflict => StatusCode::CONFLICT,
        Kind::Gone => StatusCode::GONE,
        Kind::Locked => StatusCode::LOCKED,
        // Of the tus protocol; no other has a name for it.
        Kind::ChecksumMismatch => StatusCode::from_u16(460).unwrap_or(StatusCode::BAD_REQUEST),
        Kind::TooLarge => StatusCode::PAYLOAD_TOO_LARGE,
        Kind::Unsupported => StatusCode::UNSUPPORTED_MEDIA_TYPE,
        Kind::Unprocessable => StatusCode::UNPROCESSABLE_ENTITY,
        Kind::TooMany => StatusCode::TOO_MANY_REQUESTS,
        Kind::Unavailable => StatusCode::SERVICE_UNAVAILABLE,
        Kind::NoSpace => StatusCode::INSUFFICIENT_STORAGE,
    }
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        self.into_bytes().map(axum::body::Body::from)
    }
}
