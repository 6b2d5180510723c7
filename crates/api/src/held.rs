//! `/comments/held`, `/comment-settings`: comments that wait for approval, and what channels and videos ask for.

use app::held::{Decided, Decision};
use app::{Actor, Viewer};
use axum::Extension;
use axum::extract::State;
use axum::response::Response;
use model::held::{MOST_AT_ONCE, Mode, Settings};
use model::text::Fault;
use model::{CommentId, VideoId};
use serde::{Deserialize, Serialize};
use store::held::HeldRow;
use utoipa::{IntoParams, ToSchema};

use crate::answer;
use crate::arrays::{self, CursorQuery};
use crate::comments::CommentBody;
use crate::extract::{Id, Json, Query};
use crate::problem::Problem;
use crate::web::Web;

/// Largest body of settings: the longest list of blocked words in any script, where a client may write each
/// character as an escape of six bytes.
const SETTINGS_BYTES: usize = 512 * 1024;

/// Which of what waits.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(rename_all = "camelCase")]
#[into_params(parameter_in = Query)]
pub struct HeldQuery {
    /// Only under this video; for moderators any video, otherwise one's own.
    video_id: Option<String>,
    /// How many, 1 to 100; 50 when absent.
    limit: Option<String>,
    /// Absent or empty for the start, then what `nextCursor` said.
    cursor: Option<String>,
}

/// A comment that waits.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct HeldCommentBody<'a> {
    /// The comment, with `isHeld`.
    #[serde(flatten)]
    pub comment: CommentBody<'a>,
    /// It is another text for the comment of this id, which is shown with its old text meanwhile.
    pub is_edit: bool,
}

/// A comment that waits, for whoever decides about it.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct WaitingCommentBody<'a> {
    /// The comment.
    #[serde(flatten)]
    pub held: HeldCommentBody<'a>,
    /// Why: `video`, `all`, `first`, `links` or `words`. Its author is not told.
    pub held_reason: &'static str,
}

/// Which comments.
#[derive(Debug, Deserialize, ToSchema)]
pub struct DecideRequest {
    /// Up to 100.
    ids: Option<Vec<String>>,
}

/// What became of one of them.
#[derive(Debug, Serialize, ToSchema)]
pub struct DecidedBody {
    /// 24 hex digits.
    #[serde(rename = "_id")]
    #[schema(value_type = String)]
    pub id: CommentId,
    /// It was done.
    pub done: bool,
    /// Why it was not: the code that a call for this one alone would be refused with.
    pub code: Option<&'static str>,
}

/// What became of them, in the order in which they were sent.
#[derive(Debug, Serialize, ToSchema)]
pub struct DecisionsBody {
    /// One for each.
    pub results: Vec<DecidedBody>,
}

/// What one's channel asks for.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct CommentSettingsBody {
    /// Which comments wait: `none`, `links`, `first` or `all`.
    pub approval: &'static str,
    /// Words and phrases that have a comment wait.
    pub blocked_words: Vec<String>,
}

impl From<Settings> for CommentSettingsBody {
    fn from(settings: Settings) -> Self {
        Self {
            approval: settings.approval.name(),
            blocked_words: settings.blocked,
        }
    }
}

/// What one's channel asks for from now on; what is absent stays.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct UpdateCommentSettingsRequest {
    /// `none`, `links` (those with links wait), `first` (until one of that author was approved) or `all`.
    approval: Option<String>,
    /// Up to 500 words and phrases of up to 100 characters, in place of those before.
    blocked_words: Option<Vec<String>>,
}

/// Whether comments under a video are taken.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct CommentsModeBody {
    /// `on`, `held` (all wait) or `off`.
    pub comments_mode: &'static str,
}

impl From<Mode> for CommentsModeBody {
    fn from(mode: Mode) -> Self {
        Self {
            comments_mode: mode.name(),
        }
    }
}

/// Whether comments under a video are taken from now on.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct UpdateCommentsModeRequest {
    /// `on`, `held` or `off`.
    comments_mode: Option<String>,
}

fn body<'a>(row: &'a HeldRow, web: &Web) -> HeldCommentBody<'a> {
    HeldCommentBody {
        comment: CommentBody::new(&row.comment, &web.app().playback),
        is_edit: row.is_edit,
    }
}

pub(crate) async fn list_held_comments(
    State(web): State<Web>,
    Extension(actor): Extension<Actor>,
    Query(query): Query<HeldQuery>,
) -> Result<Response, Problem> {
    let mut fields = app::Fields::default();
    let video = query.video_id.as_deref().filter(|text| !text.is_empty());
    let video = fields.optional("videoId", video, |text| {
        text.parse::<VideoId>()
            .map_err(|_| Fault::new("malformed", "Ids are 24 hex digits."))
    });
    fields.done()?;
    let request = CursorQuery::new(query.limit, query.cursor).into_request()?;
    let found = web.app().held.list(video, &request, &actor).await?;
    let items = found.items.iter().map(|row| WaitingCommentBody {
        held: body(row, &web),
        held_reason: row.reason.name(),
    });
    arrays::answer(&request, items.collect(), found.next_cursor, "Held comments")
}

pub(crate) async fn list_own_held_comments(
    State(web): State<Web>,
    Extension(actor): Extension<Actor>,
    Query(query): Query<CursorQuery>,
) -> Result<Response, Problem> {
    let request = query.into_request()?;
    let found = web.app().held.list_own(&request, &actor).await?;
    let items = found.items.iter().map(|row| body(row, &web));
    arrays::answer(&request, items.collect(), found.next_cursor, "Held comments")
}

pub(crate) async fn approve_comment(
    State(web): State<Web>,
    Extension(actor): Extension<Actor>,
    Id(id): Id<CommentId>,
) -> Result<Response, Problem> {
    let row = web.app().held.approve(id, &actor).await?;
    answer::ok(&CommentBody::new(&row, &web.app().playback), "Comment approved")
}

async fn decide(
    web: &Web,
    actor: &Actor,
    body: DecideRequest,
    decision: Decision,
) -> Result<Response, Problem> {
    let ids = body.ids.unwrap_or_default();
    let mut fields = app::Fields::default();
    // More are refused without being looked at.
    let known: Vec<CommentId> = ids
        .iter()
        .take(MOST_AT_ONCE + 1)
        .filter_map(|text| {
            let id = text.parse();
            fields.check(
                "ids",
                id.map_err(|_| Fault::new("malformed", "Ids are 24 hex digits.")),
            )
        })
        .collect();
    fields.done()?;
    let decided = web.app().held.decide(&known, decision, actor).await?;
    let results = decided
        .into_iter()
        .map(|Decided { id, refused }| DecidedBody {
            id,
            done: refused.is_none(),
            code: refused,
        })
        .collect();
    answer::ok(&DecisionsBody { results }, "Done")
}

pub(crate) async fn approve_held_comments(
    State(web): State<Web>,
    Extension(actor): Extension<Actor>,
    Json(body): Json<DecideRequest>,
) -> Result<Response, Problem> {
    decide(&web, &actor, body, Decision::Approve).await
}

pub(crate) async fn remove_held_comments(
    State(web): State<Web>,
    Extension(actor): Extension<Actor>,
    Json(body): Json<DecideRequest>,
) -> Result<Response, Problem> {
    decide(&web, &actor, body, Decision::Remove).await
}

pub(crate) async fn get_comment_settings(
    State(web): State<Web>,
    Extension(actor): Extension<Actor>,
) -> Result<Response, Problem> {
    let settings = web.app().held.settings(&actor).await?;
    answer::ok(&CommentSettingsBody::from(settings), "Comment settings")
}

pub(crate) async fn update_comment_settings(
    State(web): State<Web>,
    Extension(actor): Extension<Actor>,
    Json(body): Json<UpdateCommentSettingsRequest, SETTINGS_BYTES>,
) -> Result<Response, Problem> {
    let settings = web
        .app()
        .held
        .update_settings(body.approval.as_deref(), body.blocked_words.as_deref(), &actor)
        .await?;
    answer::ok(&CommentSettingsBody::from(settings), "Comment settings changed")
}

pub(crate) async fn get_comments_mode(
    State(web): State<Web>,
    Extension(viewer): Extension<Viewer>,
    Id(id): Id<VideoId>,
) -> Result<Response, Problem> {
    let mode = web.app().held.mode(id, &viewer).await?;
    answer::ok(&CommentsModeBody::from(mode), "Comment settings")
}

pub(crate) async fn update_comments_mode(
    State(web): State<Web>,
    Extension(actor): Extension<Actor>,
    Id(id): Id<VideoId>,
    Json(body): Json<UpdateCommentsModeRequest>,
) -> Result<Response, Problem> {
    let mode = web
        .app()
        .held
        .update_mode(id, body.comments_mode.as_deref(), &actor)
        .await?;
    answer::ok(&CommentsModeBody::from(mode), "Comment settings changed")
}
