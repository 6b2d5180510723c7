//! `/webhooks`: addresses that are told what happens on the caller's channel, and what was sent to them.

use app::Actor;
use app::lists::Slice;
use app::webhooks::Draft;
use axum::Extension;
use axum::extract::State;
use axum::response::Response;
use model::{DeliveryId, Millis, WebhookId};
use serde::{Deserialize, Serialize};
use store::webhooks::{DeliveryRow, WebhookRow};
use utoipa::ToSchema;

use crate::answer::{self, Nothing};
use crate::arrays::{CursorQuery, SliceBody};
use crate::extract::{Id, Ids, Json, Query};
use crate::problem::Problem;
use crate::web::Web;

/// What a webhook is made of, or what of it changes; what is absent then stays.
#[derive(Debug, Deserialize, ToSchema)]
pub struct WebhookRequest {
    /// Where to: an https address, 2,000 characters at most. Required for a new one.
    #[schema(example = "https://hooks.example/streamsphere")]
    url: Option<String>,
    /// What it is told: `video.published`, `video.ready`, `video.failed`, `video.removed`, `comment.created`,
    /// `tweet.created`, `subscriber.added`. Required for a new one.
    #[schema(example = json!(["video.published", "comment.created"]))]
    events: Option<Vec<String>>,
    /// Whether it is told anything.
    #[schema(example = true)]
    active: Option<bool>,
}

impl From<WebhookRequest> for Draft {
    fn from(request: WebhookRequest) -> Self {
        Self {
            url: request.url,
            events: request.events,
            active: request.active,
        }
    }
}

/// A webhook.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct WebhookBody<'a> {
    /// 24 hex digits.
    #[serde(rename = "_id")]
    #[schema(value_type = String)]
    id: WebhookId,
    /// Where to.
    #[schema(example = "https://hooks.example/streamsphere")]
    url: &'a str,
    /// What it is told.
    #[schema(value_type = Vec<String>, example = json!(["video.published", "comment.created"]))]
    events: Vec<&'static str>,
    /// Whether it is told anything.
    #[schema(example = true)]
    active: bool,
    /// Why the server switched it off: `gone` (it answered 410), `failing` (nothing arrived for three days).
    #[schema(example = json!(null))]
    ended: Option<&'static str>,
    /// Since when nothing has arrived there; null while all is well.
    #[schema(value_type = Option<String>, example = json!(null))]
    failing_since: Option<Millis>,
    /// When.
    #[schema(value_type = String)]
    created_at: Millis,
    /// When it last changed.
    #[schema(value_type = String)]
    updated_at: Millis,
}

impl<'a> From<&'a WebhookRow> for WebhookBody<'a> {
    fn from(row: &'a WebhookRow) -> Self {
        Self {
            id: row.id,
            url: &row.url,
            events: row.events.names(),
            active: row.active,
            ended: row.ended.map(model::webhooks::Ended::name),
            failing_since: row.failing_since,
            created_at: row.created_at,
            updated_at: row.updated_at,
        }
    }
}

/// A webhook with its secret, which is told this once.
#[derive(Debug, Serialize, ToSchema)]
pub struct WebhookSecretBody<'a> {
    #[serde(flatten)]
    webhook: WebhookBody<'a>,
    /// What deliveries are signed with.
    #[schema(example = "whsec_C2FVsBQIhrscChlQIMV+b5sSYspob7oD")]
    secret: String,
}

/// Something that is sent to a webhook.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct DeliveryBody<'a> {
    /// 24 hex digits; `webhook-id` of what is sent.
    #[serde(rename = "_id")]
    #[schema(value_type = String)]
    id: DeliveryId,
    /// What happened; `webhook.test` of a test.
    #[schema(example = "video.published")]
    event: &'static str,
    /// `pending`, `delivered`, or `dead`: given up.
    #[schema(example = "delivered")]
    status: &'static str,
    /// How often it was tried.
    attempts: i64,
    /// The status that was answered last.
    #[schema(example = 204)]
    response_status: Option<i64>,
    /// How long that took, in milliseconds.
    #[schema(example = 80)]
    duration_ms: Option<i64>,
    /// What went wrong last.
    #[schema(example = json!(null))]
    fault: Option<&'a str>,
    /// When it is tried next.
    #[schema(value_type = Option<String>, example = json!(null))]
    next_attempt_at: Option<Millis>,
    /// When.
    #[schema(value_type = String)]
    created_at: Millis,
}

impl<'a> From<&'a DeliveryRow> for DeliveryBody<'a> {
    fn from(row: &'a DeliveryRow) -> Self {
        Self {
            id: row.id,
            event: row.event.name(),
            status: row.state.name(),
            attempts: row.attempts,
            response_status: row.response_status,
            duration_ms: row.duration_ms,
            fault: row.fault.as_deref(),
            next_attempt_at: row.next_at,
            created_at: row.created_at,
        }
    }
}

fn with_secret((row, secret): &(WebhookRow, String)) -> WebhookSecretBody<'_> {
    WebhookSecretBody {
        webhook: row.into(),
        secret: secret.clone(),
    }
}

pub(crate) async fn list_webhooks(
    State(web): State<Web>,
    Extension(actor): Extension<Actor>,
) -> Result<Response, Problem> {
    let rows = web.app().webhooks.list(&actor).await?;
    let bodies: Vec<WebhookBody<'_>> = rows.iter().map(WebhookBody::from).collect();
    answer::ok(&bodies, "Webhooks")
}

pub(crate) async fn add_webhook(
    State(web): State<Web>,
    Extension(actor): Extension<Actor>,
    Json(body): Json<WebhookRequest>,
) -> Result<Response, Problem> {
    let added = web.app().webhooks.add(body.into(), &actor).await?;
    answer::created(&with_secret(&added), "Webhook added")
}

pub(crate) async fn update_webhook(
    State(web): State<Web>,
    Extension(actor): Extension<Actor>,
    Id(id): Id<WebhookId>,
    Json(body): Json<WebhookRequest>,
) -> Result<Response, Problem> {
    let row = web.app().webhooks.update(id, body.into(), &actor).await?;
    answer::ok(&WebhookBody::from(&row), "Webhook changed")
}

pub(crate) async fn remove_webhook(
    State(web): State<Web>,
    Extension(actor): Extension<Actor>,
    Id(id): Id<WebhookId>,
) -> Result<Response, Problem> {
    web.app().webhooks.remove(id, &actor).await?;
    answer::ok(&Nothing {}, "Webhook removed")
}

pub(crate) async fn rotate_webhook_secret(
    State(web): State<Web>,
    Extension(actor): Extension<Actor>,
    Id(id): Id<WebhookId>,
) -> Result<Response, Problem> {
    let rotated = web.app().webhooks.rotate(id, &actor).await?;
    answer::ok(&with_secret(&rotated), "The secret is another now")
}

pub(crate) async fn test_webhook(
    State(web): State<Web>,
    Extension(actor): Extension<Actor>,
    Id(id): Id<WebhookId>,
) -> Result<Response, Problem> {
    let row = web.app().webhooks.test(id, &actor).await?;
    answer::created(&DeliveryBody::from(&row), "A test is on its way")
}

pub(crate) async fn list_webhook_deliveries(
    State(web): State<Web>,
    Extension(actor): Extension<Actor>,
    Id(id): Id<WebhookId>,
    Query(query): Query<CursorQuery>,
) -> Result<Response, Problem> {
    let request = query.into_request()?;
    let Slice { items, next_cursor } = web.app().webhooks.deliveries(id, &request, &actor).await?;
    let items: Vec<DeliveryBody<'_>> = items.iter().map(DeliveryBody::from).collect();
    answer::ok(&SliceBody { items, next_cursor }, "Deliveries")
}

pub(crate) async fn retry_webhook_delivery(
    State(web): State<Web>,
    Extension(actor): Extension<Actor>,
    Ids(id, delivery): Ids<WebhookId, DeliveryId>,
) -> Result<Response, Problem> {
    let row = web.app().webhooks.retry(id, delivery, &actor).await?;
    answer::ok(&DeliveryBody::from(&row), "It is sent once more")
}
