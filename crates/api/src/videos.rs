//! `/videos`: publishing, finding, changing, and what players need to know.

use std::sync::Arc;

use app::quotas::Reservation;
use app::uploads::tags_from_text;
use app::videos::intake::Taken;
use app::videos::list::{Page, Position, Request as ListRequest};
use app::videos::upload::{Details, Upload};
use app::videos::{Change, may_see, yes_or_no};
use app::{Actor, Viewer};
use axum::Extension;
use axum::extract::multipart::Field;
use axum::extract::{FromRequest, Request, State};
use axum::response::Response;
use bytes::Bytes;
use http::{HeaderMap, Uri};
use model::text::Fault;
use model::{UserId, VideoId};
use serde::Deserialize;
use serde_json::value::RawValue;
use store::videos::list::Sort;
use utoipa::{IntoParams, ToSchema};

use crate::answer::{self, Nothing};
use crate::bodies::{
    CaptionBody, ChapterBody, CursorPageBody, PlaybackBody, RenditionBody, StatusBody, StepBody,
    VideoPageBody,
};
use crate::extract::{self, Form, FormText, Id, Json, bad_form};
use crate::problem::Problem;
use crate::shown;
use crate::web::Web;

/// A new video; the fields may come in any order.
#[derive(Debug, ToSchema)]
#[expect(dead_code, reason = "describes a form for the OpenAPI document")]
#[schema(rename_all = "camelCase")]
pub struct PublishForm {
    /// The video.
    #[schema(value_type = String, format = Binary)]
    video_file: Vec<u8>,
    /// 1 to 200 characters.
    title: String,
    /// Up to 10,000 characters.
    description: Option<String>,
    /// Words with commas between, or a JSON array; may be repeated.
    tags: Option<String>,
    /// `public` (the default), `unlisted`, `private`.
    visibility: Option<String>,
    /// The older spelling: `false` is private.
    is_published: Option<bool>,
    /// Whether the original stays once the video is ready; absent: as the instance is set up.
    keep_original: Option<bool>,
    /// `true`: make a second video where one has a video of the same bytes.
    allow_duplicate: Option<bool>,
    /// JPEG, PNG or WebP of at most 10 MiB.
    #[schema(value_type = Option<String>, format = Binary)]
    thumbnail: Option<Vec<u8>>,
}

/// Another file for a video.
#[derive(Debug, ToSchema)]
#[expect(dead_code, reason = "describes a form for the OpenAPI document")]
#[schema(rename_all = "camelCase")]
pub struct ReplaceForm {
    /// The video.
    #[schema(value_type = String, format = Binary)]
    video_file: Vec<u8>,
}

/// What a list of videos may be asked for.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(rename_all = "camelCase")]
#[into_params(parameter_in = Query)]
pub struct ListQuery {
    /// Page number, from 1 to 1,000.
    page: Option<String>,
    /// How many, 1 to 100; 10 when absent.
    limit: Option<String>,
    /// Words in title, description or tags.
    query: Option<String>,
    /// `createdAt`, `views`, `duration`, `title`, `likesCount`.
    sort_by: Option<String>,
    /// `asc` or `desc`.
    sort_type: Option<String>,
    /// Only this channel's; one's own include what is not public.
    user_id: Option<String>,
    /// Only with this tag.
    tag: Option<String>,
    /// In place of `page`: empty for the start, then what `nextCursor` said.
    cursor: Option<String>,
}

/// What may be changed; absent fields stay. A form may add the file `thumbnail`.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct UpdateVideoRequest {
    /// 1 to 200 characters.
    title: Option<String>,
    /// Up to 10,000 characters.
    description: Option<String>,
    /// At most 30 of at most 40 characters.
    #[schema(value_type = Option<Vec<String>>)]
    tags: Option<Tags>,
    /// `public`, `unlisted`, `private`.
    visibility: Option<String>,
    /// Whether the original stays once the video is ready. `false` drops one that was kept; what is dropped
    /// does not come back.
    keep_original: Option<bool>,
}

/// The same by a form, which may add a picture.
#[derive(Debug, ToSchema)]
#[expect(dead_code, reason = "describes a form for the OpenAPI document")]
#[schema(rename_all = "camelCase")]
pub struct UpdateVideoForm {
    /// 1 to 200 characters.
    title: Option<String>,
    /// Up to 10,000 characters.
    description: Option<String>,
    /// Words with commas between, or a JSON array; may be repeated.
    tags: Option<String>,
    /// `public`, `unlisted`, `private`.
    visibility: Option<String>,
    /// Whether the original stays once the video is ready.
    keep_original: Option<bool>,
    /// JPEG, PNG or WebP of at most 10 MiB.
    #[schema(value_type = Option<String>, format = Binary)]
    thumbnail: Option<Vec<u8>>,
}

/// Tags as an array, or as text with commas.
#[derive(Debug, Deserialize)]
#[serde(untagged)]
pub(crate) enum Tags {
    List(Vec<String>),
    Text(String),
}

impl Tags {
    fn into_list(self) -> Vec<String> {
        match self {
            Self::List(list) => list,
            Self::Text(text) => tags_from_text(&text),
        }
    }
}

impl ListQuery {
    fn into_request(self) -> Result<ListRequest, Problem> {
        let mut fields = app::Fields::default();
        let limit = fields
            .check("limit", number(self.limit.as_deref(), 10, 1, 100))
            .unwrap_or(10);
        let page = fields
            .check("page", number(self.page.as_deref(), 1, 1, i64::MAX / 1000))
            .unwrap_or(1);
        let sort = match self.sort_by.as_deref() {
            None | Some("createdAt" | "") => Sort::Created,
            Some("views") => Sort::Views,
            Some("duration") => Sort::Duration,
            Some("title") => Sort::Title,
            Some("likesCount") => Sort::Likes,
            Some(_) => {
                let message = "Sort by createdAt, views, duration, title or likesCount.";
                fields.blame("sortBy", Fault::new("unknown", message));
                Sort::Created
            }
        };
        let descending = match self.sort_type.as_deref() {
            None | Some("desc" | "") => true,
            Some("asc") => false,
            Some(_) => {
                fields.blame("sortType", Fault::new("unknown", "The order is asc or desc."));
                true
            }
        };
        let user = match self.user_id.as_deref() {
            None | Some("") => None,
            Some(text) => fields.check(
                "userId",
                text.parse::<UserId>()
                    .map_err(|_| Fault::new("malformed", "Ids are 24 hex digits.")),
            ),
        };
        if self
            .query
            .as_ref()
            .is_some_and(|query| query.chars().count() > 200)
        {
            fields.blame("query", Fault::too_long(200));
        }
        fields.done()?;
        Ok(ListRequest {
            query: self.query.filter(|query| !query.trim().is_empty()),
            user,
            tag: self.tag.filter(|tag| !tag.trim().is_empty()),
            sort,
            descending,
            position: match self.cursor {
                Some(cursor) => Position::Cursor(cursor),
                None => Position::Page(page),
            },
            limit,
        })
    }
}

pub(crate) fn number(text: Option<&str>, default: i64, least: i64, most: i64) -> Result<i64, Fault> {
    match text {
        None | Some("") => Ok(default),
        Some(text) => text
            .parse()
            .ok()
            .filter(|n| (least..=most).contains(n))
            .ok_or_else(|| Fault::new("out_of_range", format!("A whole number from {least} to {most}."))),
    }
}

pub(crate) async fn list_videos(
    State(web): State<Web>,
    Extension(viewer): Extension<Viewer>,
    uri: Uri,
) -> Result<Response, Problem> {
    // What is shown to no one in particular has no links that expire. Where one must sign in to watch,
    // nobody is no one in particular.
    let stamp = if viewer.is_none() && !web.app().core.settings.require_sign_in {
        Some(web.app().videos.stamp()?)
    } else {
        None
    };
    let asked = uri.query().unwrap_or_default();
    if let Some(kept) = stamp.and_then(|stamp| web.0.lists.find(stamp, asked)) {
        return Ok(answer::ok_text(kept));
    }
    let request = extract::query::<ListQuery>(&uri)?.into_request()?;
    let found = web.app().videos.list(&request, &viewer).await?;
    let text = list_to_text(&web, &request, &found, &viewer).await?;
    // Totals of searches and tags may be some seconds old, and must not last longer than that.
    if let Some(stamp) = stamp
        && request.query.is_none()
        && request.tag.is_none()
    {
        web.0.lists.keep(stamp, asked.to_owned(), text.clone());
    }
    Ok(answer::ok_text(text))
}

async fn list_to_text(
    web: &Web,
    request: &ListRequest,
    found: &Page,
    viewer: &Viewer,
) -> Result<Bytes, Problem> {
    let bodies = shown::videos(web, &found.videos, viewer).await?;
    match request.position {
        Position::Cursor(_) => {
            let body = CursorPageBody {
                items: &bodies,
                next_cursor: found.next_cursor.as_deref(),
            };
            answer::ok_to_text(&body, "Videos")
        }
        Position::Page(page) => {
            let docs = serde_json::value::to_raw_value(&bodies).map_err(|error| {
                tracing::error!(error = %error, "Could not write a list");
                Problem::internal()
            })?;
            answer::ok_to_text(
                &numbered(&docs, bodies.len(), found, page, request.limit),
                "Videos",
            )
        }
    }
}

fn numbered<'a>(
    docs: &'a RawValue,
    on_page: usize,
    found: &Page,
    page: i64,
    limit: i64,
) -> VideoPageBody<'a> {
    let total_pages = found.total.div_euclid(limit) + i64::from(found.total % limit > 0);
    let full = i64::try_from(on_page).unwrap_or(0) == limit;
    let has_next = page < total_pages || (found.total_is_estimate && full);
    VideoPageBody {
        docs,
        videos: docs,
        total_docs: found.total,
        total_videos: found.total,
        total_is_estimate: found.total_is_estimate.then_some(true),
        limit,
        page,
        total_pages: total_pages.max(1),
        paging_counter: (page - 1) * limit + 1,
        has_prev_page: page > 1,
        has_next_page: has_next,
        prev_page: (page > 1).then(|| page - 1),
        next_page: has_next.then_some(page + 1),
    }
}

pub(crate) async fn publish_video(
    State(web): State<Web>,
    Extension(actor): Extension<Actor>,
    request: Request,
) -> Result<Response, Problem> {
    let videos = &web.app().videos;
    let mut reservation = Some(
        videos
            .expect_upload(extract::declared_length(request.headers()), &actor)
            .await?,
    );
    let mut form = Form::from_request(request, &()).await?;
    let mut text = FormText::default();
    let mut details = Details::default();
    let mut upload: Option<Upload> = None;
    while let Some(mut field) = form.next().await? {
        match field.name().unwrap_or_default() {
            "videoFile" => {
                let room = reservation.take().ok_or_else(|| extract::repeated("videoFile"))?;
                upload = Some(take_file(videos, &mut field, room).await?);
            }
            "thumbnail" if details.thumbnail.is_some() => return Err(extract::repeated("thumbnail")),
            "thumbnail" => details.thumbnail = extract::picture(&mut field).await?,
            "title" => details.title = Some(text.read(&mut field).await?),
            "description" => details.description = Some(text.read(&mut field).await?),
            "tags" | "tags[]" => details.tags.extend(tags_from_text(&text.read(&mut field).await?)),
            "visibility" => details.visibility = Some(text.read(&mut field).await?),
            "keepOriginal" => details.keep_original = Some(text.read(&mut field).await?),
            "allowDuplicate" => details.allow_duplicate = text.read(&mut field).await?.trim() == "true",
            "isPublished" => details.is_published = Some(text.read(&mut field).await?.trim() != "false"),
            _ => text.skip(&mut field).await?,
        }
    }
    let upload = upload.ok_or_else(|| app::Error::field("videoFile", Fault::missing()))?;
    let app = Arc::clone(&web.0.app);
    let taken = web
        .finish(async move { app.videos.publish(upload, details, &actor).await })
        .await?;
    let video = taken.video();
    let mut body = shown::video(&web, video, &Some(actor)).await?;
    if matches!(taken, Taken::Known(_)) {
        body.duplicate_of = Some(video.id);
        return answer::ok(&body, "You uploaded this already");
    }
    answer::created(&body, "Video published")
}

/// Streams the file of a form to the disk.
async fn take_file(
    videos: &app::videos::Videos,
    field: &mut Field<'_>,
    room: Reservation,
) -> Result<Upload, Problem> {
    let name = field.file_name().unwrap_or_default().to_owned();
    let mut upload = videos.begin_upload(&name, room).await?;
    while let Some(piece) = field.chunk().await.map_err(|_| bad_form())? {
        upload.write(piece).await?;
    }
    Ok(upload)
}

pub(crate) async fn replace_file(
    State(web): State<Web>,
    Extension(actor): Extension<Actor>,
    Id(id): Id<VideoId>,
    request: Request,
) -> Result<Response, Problem> {
    let videos = &web.app().videos;
    videos.expect_replacement(id, &actor).await?;
    let mut reservation = Some(
        videos
            .expect_upload(extract::declared_length(request.headers()), &actor)
            .await?,
    );
    let mut form = Form::from_request(request, &()).await?;
    let mut text = FormText::default();
    let mut upload: Option<Upload> = None;
    while let Some(mut field) = form.next().await? {
        if field.name() == Some("videoFile") {
            let room = reservation.take().ok_or_else(|| extract::repeated("videoFile"))?;
            upload = Some(take_file(videos, &mut field, room).await?);
        } else {
            text.skip(&mut field).await?;
        }
    }
    let upload = upload.ok_or_else(|| app::Error::field("videoFile", Fault::missing()))?;
    let app = Arc::clone(&web.0.app);
    let taken = web
        .finish(async move { app.videos.replace_file(id, upload, &actor).await })
        .await?;
    let video = taken.video();
    let mut body = shown::video(&web, video, &Some(actor)).await?;
    if matches!(taken, Taken::Known(_)) {
        body.duplicate_of = Some(video.id);
        return answer::ok(&body, "This video has that file already");
    }
    answer::ok(
        &body,
        "The new file is being prepared; the present one plays until then",
    )
}

pub(crate) async fn get_video(
    State(web): State<Web>,
    Extension(viewer): Extension<Viewer>,
    Id(id): Id<VideoId>,
) -> Result<Response, Problem> {
    let video = web.app().videos.find(id, &viewer).await?;
    answer::ok(&shown::video(&web, &video, &viewer).await?, "Video")
}

pub(crate) async fn update_video(
    State(web): State<Web>,
    Extension(actor): Extension<Actor>,
    Id(id): Id<VideoId>,
    headers: HeaderMap,
    request: Request,
) -> Result<Response, Problem> {
    let mut change = Change::default();
    if extract::is_multipart(&headers) {
        // Whoever may not change the video learns it before the picture is sent.
        let seen = web.app().videos.find(id, &Some(actor)).await?;
        app::videos::must_own(&seen, &actor)?;
        let mut form = Form::from_request(request, &()).await?;
        let mut text = FormText::default();
        while let Some(mut field) = form.next().await? {
            match field.name().unwrap_or_default() {
                "thumbnail" => change.thumbnail = extract::picture(&mut field).await?,
                "title" => change.title = Some(text.read(&mut field).await?),
                "description" => change.description = Some(text.read(&mut field).await?),
                "tags" | "tags[]" => {
                    let tags = tags_from_text(&text.read(&mut field).await?);
                    change.tags.get_or_insert_default().extend(tags);
                }
                "visibility" => change.visibility = Some(text.read(&mut field).await?),
                "keepOriginal" => {
                    let said = yes_or_no(&text.read(&mut field).await?);
                    change.keep_original =
                        Some(said.map_err(|fault| app::Error::field("keepOriginal", fault))?);
                }
                _ => text.skip(&mut field).await?,
            }
        }
    } else {
        let Json(body) = Json::<UpdateVideoRequest>::from_request(request, &()).await?;
        change.title = body.title;
        change.description = body.description;
        change.tags = body.tags.map(Tags::into_list);
        change.visibility = body.visibility;
        change.keep_original = body.keep_original;
    }
    let app = Arc::clone(&web.0.app);
    let video = web
        .finish(async move { app.videos.update(id, change, &actor).await })
        .await?;
    answer::ok(&shown::video(&web, &video, &Some(actor)).await?, "Video updated")
}

pub(crate) async fn remove_video(
    State(web): State<Web>,
    Extension(actor): Extension<Actor>,
    Id(id): Id<VideoId>,
) -> Result<Response, Problem> {
    web.app().videos.remove(id, &actor).await?;
    answer::ok(&Nothing {}, "Video removed")
}

pub(crate) async fn toggle_publish(
    State(web): State<Web>,
    Extension(actor): Extension<Actor>,
    Id(id): Id<VideoId>,
) -> Result<Response, Problem> {
    let video = web.app().videos.toggle_publish(id, &actor).await?;
    answer::ok(
        &shown::video(&web, &video, &Some(actor)).await?,
        "Visibility changed",
    )
}

pub(crate) async fn get_playback(
    State(web): State<Web>,
    Extension(viewer): Extension<Viewer>,
    Id(id): Id<VideoId>,
) -> Result<Response, Problem> {
    let video = web.app().videos.find(id, &viewer).await?;
    let links = web.app().playback.links(&video, &viewer);
    let renditions = web.app().playback.renditions(&video).await?;
    let extras = web.app().playback.extra_links(&video, &viewer, &renditions);
    let body = PlaybackBody {
        hls: links.hls.as_deref(),
        dash: links.dash.as_deref(),
        video_file: links.video_file.as_deref(),
        renditions: renditions
            .iter()
            .zip(&extras.downloads)
            .map(|(row, download)| RenditionBody {
                name: &row.name,
                width: row.width,
                height: row.height,
                bitrate: row.bitrate,
                codecs: &row.codecs,
                size: row.size_bytes,
                download,
            })
            .collect(),
        captions: links.captions.into_iter().map(CaptionBody::from).collect(),
        storyboard: links.storyboard.as_deref(),
        chapters: extras
            .chapters
            .into_iter()
            .map(|chapter| ChapterBody {
                title: chapter.title,
                start: chapter.start_ms as f64 / 1000.0,
                end: chapter.end_ms as f64 / 1000.0,
            })
            .collect(),
        chapters_file: extras.chapters_file.as_deref(),
        original: extras.original.as_deref(),
        expires_at: links.expires_at,
    };
    answer::ok(&body, "Playback")
}

pub(crate) async fn get_status(
    State(web): State<Web>,
    Extension(viewer): Extension<Viewer>,
    Id(id): Id<VideoId>,
) -> Result<Response, Problem> {
    let processing = web.app().videos.processing(id, &viewer).await?;
    let video = &processing.video;
    let theirs = viewer.is_some_and(|actor| actor.is_admin() || actor.user_id == video.owner_id);
    let job = processing.job.as_ref().filter(|_| theirs);
    let body = StatusBody {
        status: video.status,
        status_reason: video.status_reason.as_deref(),
        progress: if video.status == model::videos::Status::Ready {
            1.0
        } else {
            processing.progress.max(video.progress)
        },
        watchable: video.watchable,
        eta_seconds: processing.eta_ms.map(|ms| ms as f64 / 1000.0),
        is_waiting: processing.is_waiting,
        steps: processing
            .steps
            .iter()
            .map(|step| StepBody {
                name: &step.name,
                state: step.state,
                progress: step.progress,
            })
            .collect(),
        step: job.map(|job| job.kind.as_str()),
        attempts: job.map(|job| job.attempts),
    };
    debug_assert!(may_see(video, &viewer), "the use case has checked");
    answer::ok(&body, "Status")
}

pub(crate) async fn retry_video(
    State(web): State<Web>,
    Extension(actor): Extension<Actor>,
    Id(id): Id<VideoId>,
) -> Result<Response, Problem> {
    let video = web.app().videos.retry(id, &actor).await?;
    answer::ok(
        &shown::video(&web, &video, &Some(actor)).await?,
        "Processing again",
    )
}
