//! `/videos/{id}/captions/{lang}`: subtitle tracks.

use std::sync::Arc;

use app::captions::MAX_BYTES;
use app::videos::must_own;
use app::{Actor, Viewer};
use axum::Extension;
use axum::extract::{FromRequest, FromRequestParts, Path, Request, State};
use axum::response::Response;
use bytes::Bytes;
use http::request::Parts;
use http::{HeaderMap, StatusCode};
use model::VideoId;
use model::text::Fault;
use serde::Deserialize;
use utoipa::{IntoParams, ToSchema};

use crate::answer::{self, Nothing};
use crate::bodies::CaptionBody;
use crate::extract::{self, Form, FormText, Id, Query};
use crate::problem::Problem;
use crate::web::Web;

/// What a caption file may call itself; `text/plain` is what editors say of both notations.
const FILE_TYPES: [&str; 5] = [
    "text/vtt",
    "application/x-subrip",
    "application/srt",
    "text/srt",
    "text/plain",
];

/// What is said of a larger caption file.
const TOO_LARGE: (&str, &str) = ("captions_too_large", "A caption file has at most 2 MiB.");

/// The video and the language of the path. The language is checked by the use case.
#[derive(Debug)]
pub(crate) struct Track {
    id: VideoId,
    language: String,
}

impl<S: Send + Sync> FromRequestParts<S> for Track {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Problem> {
        let malformed = || Problem::bad_request("malformed_id", "This is not an id: ids are 24 hex digits.");
        let Path((id, language)) = Path::<(String, String)>::from_request_parts(parts, state)
            .await
            .map_err(|_| malformed())?;
        let id = id.parse().map_err(|_| malformed())?;
        Ok(Self { id, language })
    }
}

/// For a file that is sent as it is.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct PutCaptionsQuery {
    /// What a menu shows; the language's own name when absent.
    label: Option<String>,
}

/// A caption file in a form. It may also be sent as it is, as `text/vtt` or `application/x-subrip`.
#[derive(Debug, ToSchema)]
#[expect(dead_code, reason = "describes a form for the OpenAPI document")]
pub struct CaptionsForm {
    /// `WebVTT` or `SubRip`, at most 2 MiB.
    #[schema(value_type = String, format = Binary)]
    captions: Vec<u8>,
    /// What a menu shows; the language's own name when absent.
    label: Option<String>,
}

pub(crate) async fn list_captions(
    State(web): State<Web>,
    Extension(viewer): Extension<Viewer>,
    Id(id): Id<VideoId>,
) -> Result<Response, Problem> {
    let video = web.app().videos.find(id, &viewer).await?;
    let links = web.app().playback.links(&video, &viewer);
    let bodies: Vec<CaptionBody> = links.captions.into_iter().map(CaptionBody::from).collect();
    answer::ok(&bodies, "Captions")
}

pub(crate) async fn get_captions(
    State(web): State<Web>,
    Extension(viewer): Extension<Viewer>,
    track: Track,
) -> Result<Response, Problem> {
    let (video, track) = web
        .app()
        .videos
        .captions(track.id, &track.language, &viewer)
        .await?;
    let link = web.app().playback.caption_link(&video, &track, &viewer);
    answer::ok(&CaptionBody::from(link), "Captions")
}

pub(crate) async fn put_captions(
    State(web): State<Web>,
    Extension(actor): Extension<Actor>,
    track: Track,
    Query(query): Query<PutCaptionsQuery>,
    headers: HeaderMap,
    request: Request,
) -> Result<Response, Problem> {
    // Whoever may not change the video learns it before the file is sent.
    let seen = web.app().videos.find(track.id, &Some(actor)).await?;
    must_own(&seen, &actor)?;
    let mut label = query.label;
    let file = if extract::is_multipart(&headers) {
        let (file, named) = from_form(request).await?;
        label = named.or(label);
        file
    } else if extract::media_type(&headers).is_some_and(|kind| FILE_TYPES.contains(&kind.as_str())) {
        extract::read_all(request, MAX_BYTES).await?
    } else {
        return Err(Problem::new(
            StatusCode::UNSUPPORTED_MEDIA_TYPE,
            "not_captions",
            "Send WebVTT or SubRip, as text/vtt, application/x-subrip, or a form.",
        ));
    };
    let app = Arc::clone(&web.0.app);
    let put = web
        .finish(async move {
            app.videos
                .put_captions(track.id, &track.language, label.as_deref(), file, &actor)
                .await
        })
        .await?;
    let link = web
        .app()
        .playback
        .caption_link(&put.video, &put.track, &Some(actor));
    let body = CaptionBody::from(link);
    if put.is_new {
        answer::created(&body, "Captions added")
    } else {
        answer::ok(&body, "Captions replaced")
    }
}

async fn from_form(request: Request) -> Result<(Bytes, Option<String>), Problem> {
    let mut form = Form::from_request(request, &()).await?;
    let mut text = FormText::default();
    let (mut file, mut label) = (None, None);
    while let Some(mut field) = form.next().await? {
        match field.name().unwrap_or_default() {
            "captions" if file.is_some() => return Err(extract::repeated("captions")),
            "captions" => file = Some(extract::whole(&mut field, MAX_BYTES, TOO_LARGE).await?),
            "label" => label = Some(text.read(&mut field).await?),
            _ => text.skip(&mut field).await?,
        }
    }
    let file = file.ok_or_else(|| app::Error::field("captions", Fault::missing()))?;
    Ok((file, label))
}

pub(crate) async fn remove_captions(
    State(web): State<Web>,
    Extension(actor): Extension<Actor>,
    track: Track,
) -> Result<Response, Problem> {
    web.app()
        .videos
        .remove_captions(track.id, &track.language, &actor)
        .await?;
    answer::ok(&Nothing {}, "Captions removed")
}
