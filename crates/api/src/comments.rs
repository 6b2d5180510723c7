//! `/comments`: what is said under videos.

use app::pages::{Paged, Position};
use app::playback::Playback;
use app::{Actor, Fields, Viewer};
use axum::Extension;
use axum::extract::State;
use axum::response::Response;
use model::{CommentId, Millis, VideoId};
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;
use store::comments::CommentRow;
use utoipa::{IntoParams, ToSchema};

use crate::answer::{self, Nothing};
use crate::bodies::OwnerBody;
use crate::extract::{Id, Json, Query};
use crate::pages::{self, CursorBody, PageBody, Params};
use crate::problem::Problem;
use crate::web::Web;

/// What the comments of a video may be asked for.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(rename_all = "camelCase")]
#[into_params(parameter_in = Query)]
pub struct CommentsQuery {
    /// Page number, from 1 to 1,000.
    page: Option<String>,
    /// How many, 1 to 100; 10 when absent.
    limit: Option<String>,
    /// Words in the text; replies are not searched.
    query: Option<String>,
    /// `createdAt`, `likesCount`.
    sort_by: Option<String>,
    /// `asc` or `desc`.
    sort_type: Option<String>,
    /// In place of `page`: empty for the start, then what `nextCursor` said.
    cursor: Option<String>,
}

/// What a thread may be asked for.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(rename_all = "camelCase")]
#[into_params(parameter_in = Query)]
pub struct RepliesQuery {
    /// Page number, from 1 to 1,000.
    page: Option<String>,
    /// How many, 1 to 100; 10 when absent.
    limit: Option<String>,
    /// `asc` (the default: oldest first) or `desc`.
    sort_type: Option<String>,
    /// In place of `page`: empty for the start, then what `nextCursor` said.
    cursor: Option<String>,
}

/// A new comment.
#[derive(Debug, Deserialize, ToSchema)]
pub struct AddCommentRequest {
    /// 1 to 10,000 characters.
    content: Option<String>,
    /// The comment that it answers. An answer to a reply stands in the same thread.
    parent: Option<String>,
}

/// Another text.
#[derive(Debug, Deserialize, ToSchema)]
pub struct UpdateCommentRequest {
    /// 1 to 10,000 characters.
    content: Option<String>,
}

/// A comment.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct CommentBody<'a> {
    /// 24 hex digits.
    #[serde(rename = "_id")]
    #[schema(value_type = String)]
    pub id: CommentId,
    /// As it was typed: text, never markup.
    pub content: &'a str,
    /// Under which video.
    #[schema(value_type = String)]
    pub video: VideoId,
    /// Whose.
    pub owner: OwnerBody<'a>,
    /// The comment at the top of its thread; null: this one is at the top.
    #[schema(value_type = Option<String>)]
    pub parent: Option<CommentId>,
    /// Likes.
    pub likes_count: i64,
    /// Whether the caller likes it.
    pub is_liked: bool,
    /// Comments in the thread below it.
    pub replies_count: i64,
    /// Shown before all others of its video.
    pub is_pinned: bool,
    /// It waits for approval; left out where it does not.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub is_held: Option<bool>,
    /// When its text last changed.
    #[schema(value_type = Option<String>)]
    pub edited_at: Option<Millis>,
    /// When it was written.
    #[schema(value_type = String)]
    pub created_at: Millis,
    /// When a shown field last changed.
    #[schema(value_type = String)]
    pub updated_at: Millis,
}

impl<'a> CommentBody<'a> {
    pub(crate) fn new(row: &'a CommentRow, playback: &Playback) -> Self {
        Self {
            id: row.id,
            content: &row.content,
            video: row.video_id,
            owner: OwnerBody::beside(row.owner_id, &row.owner, playback),
            parent: row.parent_id,
            likes_count: row.likes_count,
            is_liked: row.is_liked,
            replies_count: row.replies_count,
            is_pinned: row.pinned,
            is_held: row.held.then_some(true),
            edited_at: row.edited_at,
            created_at: row.created_at,
            updated_at: row.updated_at,
        }
    }
}

/// A page of comments, by number.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct CommentPageBody<'a> {
    /// The page.
    #[serde(flatten)]
    pub page: PageBody<'a>,
    /// The same as `docs`.
    #[schema(value_type = Vec<CommentBody>)]
    pub comments: &'a RawValue,
    /// The same as `totalDocs`, as the original spells it.
    pub total_comment: i64,
    /// The same.
    pub total_comments: i64,
}

/// A page of a thread, by number.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct ReplyPageBody<'a> {
    /// The page.
    #[serde(flatten)]
    pub page: PageBody<'a>,
    /// The same as `docs`.
    #[schema(value_type = Vec<CommentBody>)]
    pub replies: &'a RawValue,
    /// The same as `totalDocs`.
    pub total_replies: i64,
}

fn bodies<'a>(found: &'a Paged<CommentRow>, playback: &Playback) -> Vec<CommentBody<'a>> {
    let rows = found.rows.iter();
    rows.map(|row| CommentBody::new(row, playback)).collect()
}

fn by_cursor(items: &[CommentBody<'_>], found: &Paged<CommentRow>) -> Result<Response, Problem> {
    let body = CursorBody {
        items,
        next_cursor: found.next_cursor.as_deref(),
    };
    answer::ok(&body, "Comments")
}

pub(crate) async fn list_comments(
    State(web): State<Web>,
    Extension(viewer): Extension<Viewer>,
    Id(video): Id<VideoId>,
    Query(query): Query<CommentsQuery>,
) -> Result<Response, Problem> {
    let mut fields = Fields::default();
    let params = Params {
        page: query.page.as_deref(),
        limit: query.limit.as_deref(),
        sort_by: query.sort_by.as_deref(),
        sort_type: query.sort_type.as_deref(),
        cursor: query.cursor.as_deref(),
    };
    let asked = params.check(&mut fields, 10, true);
    let words = pages::words(&mut fields, query.query.as_deref());
    fields.done()?;
    let found = web.app().comments.list(video, words, &asked, &viewer).await?;
    let items = bodies(&found, &web.app().playback);
    let Position::Page(page) = asked.position else {
        return by_cursor(&items, &found);
    };
    let docs = pages::raw(&items)?;
    let body = CommentPageBody {
        page: PageBody::new(&docs, &found, page, asked.limit),
        comments: &docs,
        total_comment: found.total,
        total_comments: found.total,
    };
    answer::ok(&body, "Comments")
}

pub(crate) async fn get_comment(
    State(web): State<Web>,
    Extension(viewer): Extension<Viewer>,
    Id(id): Id<CommentId>,
) -> Result<Response, Problem> {
    let row = web.app().comments.find(id, &viewer).await?;
    answer::ok(&CommentBody::new(&row, &web.app().playback), "Comment")
}

pub(crate) async fn list_replies(
    State(web): State<Web>,
    Extension(viewer): Extension<Viewer>,
    Id(id): Id<CommentId>,
    Query(query): Query<RepliesQuery>,
) -> Result<Response, Problem> {
    let mut fields = Fields::default();
    let params = Params {
        page: query.page.as_deref(),
        limit: query.limit.as_deref(),
        sort_type: query.sort_type.as_deref(),
        cursor: query.cursor.as_deref(),
        ..Params::default()
    };
    let asked = params.check(&mut fields, 10, false);
    fields.done()?;
    let found = web.app().comments.replies(id, &asked, &viewer).await?;
    let items = bodies(&found, &web.app().playback);
    let Position::Page(page) = asked.position else {
        return by_cursor(&items, &found);
    };
    let docs = pages::raw(&items)?;
    let body = ReplyPageBody {
        page: PageBody::new(&docs, &found, page, asked.limit),
        replies: &docs,
        total_replies: found.total,
    };
    answer::ok(&body, "Replies")
}

pub(crate) async fn add_comment(
    State(web): State<Web>,
    Extension(actor): Extension<Actor>,
    Id(video): Id<VideoId>,
    Json(body): Json<AddCommentRequest>,
) -> Result<Response, Problem> {
    let parent = body.parent.as_deref().filter(|parent| !parent.is_empty());
    let comments = &web.app().comments;
    let row = comments
        .add(video, body.content.as_deref(), parent, &actor)
        .await?;
    let message = if row.held {
        "Comment waits for approval"
    } else {
        "Comment added"
    };
    answer::created(&CommentBody::new(&row, &web.app().playback), message)
}

pub(crate) async fn update_comment(
    State(web): State<Web>,
    Extension(actor): Extension<Actor>,
    Id(id): Id<CommentId>,
    Json(body): Json<UpdateCommentRequest>,
) -> Result<Response, Problem> {
    let row = web
        .app()
        .comments
        .update(id, body.content.as_deref(), &actor)
        .await?;
    answer::ok(&CommentBody::new(&row, &web.app().playback), "Comment updated")
}

pub(crate) async fn remove_comment(
    State(web): State<Web>,
    Extension(actor): Extension<Actor>,
    Id(id): Id<CommentId>,
) -> Result<Response, Problem> {
    web.app().comments.remove(id, &actor).await?;
    answer::ok(&Nothing {}, "Comment removed")
}

pub(crate) async fn pin_comment(
    State(web): State<Web>,
    Extension(actor): Extension<Actor>,
    Id(id): Id<CommentId>,
) -> Result<Response, Problem> {
    let row = web.app().comments.pin(id, true, &actor).await?;
    answer::ok(&CommentBody::new(&row, &web.app().playback), "Comment pinned")
}

pub(crate) async fn unpin_comment(
    State(web): State<Web>,
    Extension(actor): Extension<Actor>,
    Id(id): Id<CommentId>,
) -> Result<Response, Problem> {
    let row = web.app().comments.pin(id, false, &actor).await?;
    answer::ok(
        &CommentBody::new(&row, &web.app().playback),
        "Comment no longer pinned",
    )
}
