//! `/uploads`: the tus protocol, version 1.0.0, with creation, creation-with-upload, checksum, termination,
//! expiration and creation-defer-length.
//!
//! Headers are read and written here; what an upload is and becomes is `app::uploads`. Every answer under
//! these paths also passes [`finish`], which says what the protocol wants said in all of them.

use std::sync::Arc;
use std::time::{Duration, UNIX_EPOCH};

use app::Actor;
use app::uploads::{Checksum, Cut, Pieces, Request as Arriving};
use axum::Extension;
use axum::body::Body;
use axum::extract::{Request, State};
use axum::response::{IntoResponse, Response};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use http::header::{CACHE_CONTROL, CONTENT_TYPE, LOCATION};
use http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode};
use http_body_util::BodyExt;
use model::uploads::bytes as number;
use model::{Millis, UploadId};
use store::uploads::UploadRow;

use crate::extract::{Id, declared_length};
use crate::problem::Problem;
use crate::web::Web;

/// The version of the protocol.
const VERSION: HeaderValue = HeaderValue::from_static("1.0.0");
const EXTENSIONS: HeaderValue = HeaderValue::from_static(
    "creation,creation-with-upload,checksum,termination,expiration,creation-defer-length",
);
const ALGORITHMS: HeaderValue = HeaderValue::from_static("sha1,sha256");
/// The media type of bytes in this protocol.
const BYTES_TYPE: &str = "application/offset+octet-stream";
/// Where uploads are.
const COLLECTION: &str = "/api/v1/uploads";

static TUS_RESUMABLE: HeaderName = HeaderName::from_static("tus-resumable");
static TUS_VERSION: HeaderName = HeaderName::from_static("tus-version");
static TUS_EXTENSION: HeaderName = HeaderName::from_static("tus-extension");
static TUS_MAX_SIZE: HeaderName = HeaderName::from_static("tus-max-size");
static TUS_ALGORITHM: HeaderName = HeaderName::from_static("tus-checksum-algorithm");
static UPLOAD_OFFSET: HeaderName = HeaderName::from_static("upload-offset");
static UPLOAD_LENGTH: HeaderName = HeaderName::from_static("upload-length");
static UPLOAD_DEFER_LENGTH: HeaderName = HeaderName::from_static("upload-defer-length");
static UPLOAD_METADATA: HeaderName = HeaderName::from_static("upload-metadata");
static UPLOAD_CHECKSUM: HeaderName = HeaderName::from_static("upload-checksum");
static UPLOAD_CONCAT: HeaderName = HeaderName::from_static("upload-concat");
static UPLOAD_EXPIRES: HeaderName = HeaderName::from_static("upload-expires");
static METHOD_OVERRIDE: HeaderName = HeaderName::from_static("x-http-method-override");
static VIDEO_ID: HeaderName = HeaderName::from_static("streamsphere-video-id");
static DUPLICATE_OF: HeaderName = HeaderName::from_static("streamsphere-duplicate-of");

/// Headers that a front end of another origin may send.
pub(crate) fn request_headers() -> Vec<HeaderName> {
    vec![
        TUS_RESUMABLE.clone(),
        UPLOAD_OFFSET.clone(),
        UPLOAD_LENGTH.clone(),
        UPLOAD_DEFER_LENGTH.clone(),
        UPLOAD_METADATA.clone(),
        UPLOAD_CHECKSUM.clone(),
        METHOD_OVERRIDE.clone(),
        HeaderName::from_static("x-request-id"),
    ]
}

/// Headers that a front end of another origin may read.
pub(crate) fn answer_headers() -> Vec<HeaderName> {
    vec![
        LOCATION,
        TUS_RESUMABLE.clone(),
        TUS_VERSION.clone(),
        TUS_EXTENSION.clone(),
        TUS_MAX_SIZE.clone(),
        TUS_ALGORITHM.clone(),
        UPLOAD_OFFSET.clone(),
        UPLOAD_LENGTH.clone(),
        UPLOAD_DEFER_LENGTH.clone(),
        UPLOAD_METADATA.clone(),
        UPLOAD_EXPIRES.clone(),
        VIDEO_ID.clone(),
        DUPLICATE_OF.clone(),
    ]
}

/// Whether a path is one of uploads.
pub(crate) fn is_upload(path: &str) -> bool {
    path.strip_prefix(COLLECTION)
        .is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
}

/// What every answer under these paths says, whoever made it: also refusals by the guard, and answers to
/// the questions that browsers ask before they send.
pub(crate) fn finish(method: &Method, response: &mut Response, web: &Web) {
    let asked = *method == Method::OPTIONS && response.status().is_success();
    if asked {
        *response.status_mut() = StatusCode::NO_CONTENT;
    }
    let version_refused = response.status() == StatusCode::PRECONDITION_FAILED;
    let headers = response.headers_mut();
    headers.insert(TUS_RESUMABLE.clone(), VERSION);
    if asked || version_refused {
        headers.insert(TUS_VERSION.clone(), VERSION);
    }
    if asked {
        let most = web.app().uploads.most_bytes();
        headers.insert(TUS_EXTENSION.clone(), EXTENSIONS);
        headers.insert(TUS_MAX_SIZE.clone(), HeaderValue::from(most));
        headers.insert(TUS_ALGORITHM.clone(), ALGORITHMS);
    }
    headers
        .entry(CACHE_CONTROL)
        .or_insert(HeaderValue::from_static("no-store"));
}

/// A header that may stand once. Several are nobody's to choose from.
fn text<'h>(headers: &'h HeaderMap, name: &HeaderName) -> Result<Option<&'h str>, Problem> {
    let mut values = headers.get_all(name).iter();
    let Some(first) = values.next() else {
        return Ok(None);
    };
    let text = first.to_str().ok().filter(|_| values.next().is_none());
    text.map(Some).ok_or_else(|| bad_header(name))
}

fn bad_header(name: &HeaderName) -> Problem {
    Problem::bad_request("bad_header", format!("The header {name} is malformed."))
}

/// A number of bytes.
fn size(headers: &HeaderMap, name: &HeaderName) -> Result<Option<u64>, Problem> {
    text(headers, name)?
        .map(|text| number(text).map_err(|_| bad_header(name)))
        .transpose()
}

fn must_be_spoken(headers: &HeaderMap) -> Result<(), Problem> {
    if headers.get_all(&TUS_RESUMABLE).iter().eq([&VERSION]) {
        return Ok(());
    }
    let message = "This speaks version 1.0.0 of the tus protocol. Say so in the header Tus-Resumable.";
    Err(Problem::new(
        StatusCode::PRECONDITION_FAILED,
        "unknown_protocol_version",
        message,
    ))
}

fn must_be_bytes(headers: &HeaderMap) -> Result<(), Problem> {
    let kind = headers.get(CONTENT_TYPE).and_then(|value| value.to_str().ok());
    if kind.is_some_and(|kind| kind.trim().eq_ignore_ascii_case(BYTES_TYPE)) {
        return Ok(());
    }
    Err(Problem::new(
        StatusCode::UNSUPPORTED_MEDIA_TYPE,
        "not_offset_octet_stream",
        format!("Bytes are sent with Content-Type: {BYTES_TYPE}."),
    ))
}

/// `Upload-Checksum: <algorithm> <base64>`.
fn checksum(headers: &HeaderMap) -> Result<Option<Checksum>, Problem> {
    let Some(text) = text(headers, &UPLOAD_CHECKSUM)? else {
        return Ok(None);
    };
    let bad = || bad_header(&UPLOAD_CHECKSUM);
    let (algorithm, sum) = text.split_once(' ').ok_or_else(bad)?;
    let sum = STANDARD.decode(sum).map_err(|_| bad())?;
    match algorithm {
        "sha1" => sum.try_into().map(Checksum::Sha1).map_err(|_| bad()).map(Some),
        "sha256" => sum.try_into().map(Checksum::Sha256).map_err(|_| bad()).map(Some),
        _ => Err(Problem::bad_request(
            "unknown_checksum",
            "Checksums are sha1 or sha256.",
        )),
    }
}

/// The length that a creation declares; `None` when it is to be declared later.
fn creation_length(headers: &HeaderMap) -> Result<Option<u64>, Problem> {
    let deferred = match text(headers, &UPLOAD_DEFER_LENGTH)? {
        None => false,
        Some("1") => true,
        Some(_) => return Err(bad_header(&UPLOAD_DEFER_LENGTH)),
    };
    match (size(headers, &UPLOAD_LENGTH)?, deferred) {
        (Some(length), false) => Ok(Some(length)),
        (None, true) => Ok(None),
        _ => Err(Problem::bad_request(
            "length_or_defer_length",
            "Say either Upload-Length or Upload-Defer-Length: 1.",
        )),
    }
}

/// A request body as uploads take it.
struct BodyPieces(Body);

impl Pieces for BodyPieces {
    async fn next(&mut self) -> Result<Option<Bytes>, Cut> {
        while let Some(frame) = self.0.frame().await {
            // What is no data is a trailer, and none was announced.
            if let Ok(data) = frame.map_err(|_| Cut)?.into_data() {
                return Ok(Some(data));
            }
        }
        Ok(None)
    }
}

/// What is known of an upload, as headers.
fn tell(headers: &mut HeaderMap, row: &UploadRow) {
    headers.insert(UPLOAD_OFFSET.clone(), HeaderValue::from(row.offset_bytes));
    match row.became {
        None => {
            headers.insert(UPLOAD_EXPIRES.clone(), date(row.expires_at));
        }
        Some(became) => {
            let id = HeaderValue::try_from(became.video_id.to_string());
            let id = id.unwrap_or(HeaderValue::from_static(""));
            if became.duplicate {
                headers.insert(DUPLICATE_OF.clone(), id.clone());
            }
            headers.insert(VIDEO_ID.clone(), id);
        }
    }
}

/// As RFC 9110 writes dates.
fn date(at: Millis) -> HeaderValue {
    // The form goes from 1970 to 9999.
    let ms = u64::try_from(at.0.clamp(0, 253_402_300_799_000)).unwrap_or(0);
    let text = httpdate::fmt_http_date(UNIX_EPOCH + Duration::from_millis(ms));
    HeaderValue::try_from(text).unwrap_or(HeaderValue::from_static(""))
}

/// Hands bytes on, in a task of their own: what has arrived is kept also when the client is gone.
async fn take_bytes(
    web: &Web,
    id: UploadId,
    request: Arriving,
    body: Body,
    actor: Actor,
) -> Result<UploadRow, Problem> {
    let app = Arc::clone(&web.0.app);
    let mut body = BodyPieces(body);
    web.finish(async move { app.uploads.append(id, request, &mut body, &actor).await })
        .await
}

pub(crate) async fn describe_uploads() -> StatusCode {
    StatusCode::NO_CONTENT
}

pub(crate) async fn create_upload(
    State(web): State<Web>,
    Extension(actor): Extension<Actor>,
    request: Request,
) -> Result<Response, Problem> {
    let headers = request.headers();
    if let Some(method) = overridden(headers)? {
        let message = format!("{method} is for one upload, not for all of them.");
        return Err(Problem::bad_request("wrong_override", message));
    }
    must_be_spoken(headers)?;
    if headers.contains_key(&UPLOAD_CONCAT) {
        return Err(Problem::bad_request(
            "no_concatenation",
            "Uploads cannot be put together here.",
        ));
    }
    let length = creation_length(headers)?;
    let metadata = text(headers, &UPLOAD_METADATA)?.unwrap_or_default().to_owned();
    let content = content_length(&request);
    let brings_bytes = content != Some(0);
    if brings_bytes {
        must_be_bytes(headers)?;
    }
    if let (Some(length), Some(content)) = (length, content)
        && content > length
    {
        return Err(Problem::new(
            StatusCode::PAYLOAD_TOO_LARGE,
            "beyond_length",
            "The body is longer than the upload.",
        ));
    }
    let checksum = checksum(headers)?;
    let mut row = web.app().uploads.create(length, &metadata, &actor).await?;
    let location = location(&web, row.id);
    if brings_bytes || length == Some(0) {
        let bytes = Arriving {
            offset_bytes: 0,
            content_bytes: content,
            length_bytes: None,
            checksum,
        };
        row = take_bytes(&web, row.id, bytes, request.into_body(), actor).await?;
    }
    let mut response = StatusCode::CREATED.into_response();
    response.headers_mut().insert(LOCATION, location);
    tell(response.headers_mut(), &row);
    Ok(response)
}

/// The length of the body; a body without a declared length has one that is not known. HTTP/2 needs neither a
/// length nor a transfer coding.
fn content_length(request: &Request) -> Option<u64> {
    use http_body::Body as _;

    let headers = request.headers();
    let goes_on = request.version() == http::Version::HTTP_2
        && !headers.contains_key(http::header::CONTENT_LENGTH)
        && !request.body().is_end_stream();
    if goes_on || headers.contains_key(http::header::TRANSFER_ENCODING) {
        None
    } else {
        Some(declared_length(headers).unwrap_or(0))
    }
}

/// Without scheme and host: what stands between us and the client may know us by other names.
fn location(web: &Web, id: UploadId) -> HeaderValue {
    let facing = &web.0.facing;
    let below = facing
        .public_url
        .strip_prefix(facing.origin())
        .unwrap_or_default();
    HeaderValue::try_from(format!("{below}{COLLECTION}/{id}")).unwrap_or(HeaderValue::from_static(COLLECTION))
}

pub(crate) async fn find_upload(
    State(web): State<Web>,
    Extension(actor): Extension<Actor>,
    Id(id): Id<UploadId>,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    must_be_spoken(&headers)?;
    let app = Arc::clone(&web.0.app);
    let row = web
        .finish(async move { app.uploads.find(id, &actor).await })
        .await?;
    let mut response = StatusCode::OK.into_response();
    let told = response.headers_mut();
    tell(told, &row);
    match row.length_bytes {
        Some(length) => told.insert(UPLOAD_LENGTH.clone(), HeaderValue::from(length)),
        None => told.insert(UPLOAD_DEFER_LENGTH.clone(), HeaderValue::from_static("1")),
    };
    if !row.metadata.is_empty()
        && let Ok(metadata) = HeaderValue::try_from(row.metadata)
    {
        told.insert(UPLOAD_METADATA.clone(), metadata);
    }
    told.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    Ok(response)
}

pub(crate) async fn append_upload(
    State(web): State<Web>,
    Extension(actor): Extension<Actor>,
    Id(id): Id<UploadId>,
    request: Request,
) -> Result<Response, Problem> {
    let headers = request.headers();
    must_be_spoken(headers)?;
    must_be_bytes(headers)?;
    let offset_bytes = size(headers, &UPLOAD_OFFSET)?.ok_or_else(|| bad_header(&UPLOAD_OFFSET))?;
    let bytes = Arriving {
        offset_bytes,
        content_bytes: content_length(&request),
        length_bytes: size(headers, &UPLOAD_LENGTH)?,
        checksum: checksum(headers)?,
    };
    let row = take_bytes(&web, id, bytes, request.into_body(), actor).await?;
    let mut response = StatusCode::NO_CONTENT.into_response();
    tell(response.headers_mut(), &row);
    Ok(response)
}

pub(crate) async fn remove_upload(
    State(web): State<Web>,
    Extension(actor): Extension<Actor>,
    Id(id): Id<UploadId>,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    must_be_spoken(&headers)?;
    let app = Arc::clone(&web.0.app);
    web.finish(async move { app.uploads.remove(id, &actor).await })
        .await?;
    Ok(StatusCode::NO_CONTENT.into_response())
}

/// The method that a POST stands for, where a client or what is between could not send it.
fn overridden(headers: &HeaderMap) -> Result<Option<Method>, Problem> {
    match text(headers, &METHOD_OVERRIDE)? {
        None => Ok(None),
        Some("PATCH") => Ok(Some(Method::PATCH)),
        Some("DELETE") => Ok(Some(Method::DELETE)),
        Some("HEAD") => Ok(Some(Method::HEAD)),
        Some(_) => Err(Problem::bad_request(
            "wrong_override",
            "A POST may stand for PATCH, DELETE or HEAD.",
        )),
    }
}

/// A POST that stands for another method. Policy, protection against forged requests and cost of the route
/// are at least those of the methods it stands for.
pub(crate) async fn override_upload(
    state: State<Web>,
    actor: Extension<Actor>,
    id: Id<UploadId>,
    request: Request,
) -> Result<Response, Problem> {
    let headers = request.headers().clone();
    match overridden(&headers)? {
        Some(method) if method == Method::PATCH => append_upload(state, actor, id, request).await,
        Some(method) if method == Method::DELETE => remove_upload(state, actor, id, headers).await,
        Some(_) => find_upload(state, actor, id, headers).await,
        None => Err(Problem::bad_request(
            "wrong_override",
            "Say in X-HTTP-Method-Override what this POST stands for: PATCH, DELETE or HEAD.",
        )),
    }
}
