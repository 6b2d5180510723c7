//! `/push`: browsers that are told of notifications while no page is open.

use app::Actor;
use app::push::Draft;
use axum::Extension;
use axum::extract::State;
use axum::response::Response;
use model::{Millis, PushId};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::answer::{self, Nothing};
use crate::extract::{Id, Json};
use crate::problem::Problem;
use crate::web::Web;

/// Whether and with what browsers subscribe.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct PushKeyBody<'a> {
    /// Whether this server pushes at all.
    #[schema(example = true)]
    enabled: bool,
    /// For `applicationServerKey` of `pushManager.subscribe`; null where nothing is pushed.
    #[schema(
        example = "BP4z9KsN6nGRTbVYI_c7VJSPQTBtkgcy27mlmlMoZIIgDll6e3vCYLocInmYWAmS6TlzAC8wEqKK6PBru3jl7A8"
    )]
    public_key: Option<&'a str>,
}

/// A browser's `PushSubscription`, as its `toJSON` says it; what else is in there is ignored.
#[derive(Debug, Deserialize, ToSchema)]
pub struct PushSubscriptionRequest {
    /// The address at the push service.
    #[schema(example = "https://push.example/send/abc")]
    endpoint: Option<String>,
    /// What messages are sealed with.
    keys: Option<PushKeysRequest>,
}

/// What messages are sealed with, base64.
#[derive(Debug, Default, Deserialize, ToSchema)]
pub struct PushKeysRequest {
    /// The browser's public key.
    #[schema(
        example = "BCVxsr7N_eNgVRqvHtD0zTZsEc6-VV-JvLexhqUzORcxaOzi6-AYWXvTBHm4bjyPjs7Vd8pZGH6SRpkNtoIAiw4"
    )]
    p256dh: Option<String>,
    /// Its secret.
    #[schema(example = "BTBZMqHH6r4Tts7J_aSIgg")]
    auth: Option<String>,
}

/// A browser that is told of notifications.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct PushSubscriptionBody {
    /// 24 hex digits; for removing it.
    #[serde(rename = "_id")]
    #[schema(value_type = String)]
    id: PushId,
    /// When it was last subscribed.
    #[schema(value_type = String)]
    created_at: Millis,
}

pub(crate) async fn get_push_key(State(web): State<Web>) -> Result<Response, Problem> {
    let public_key = web.app().push.key();
    let body = PushKeyBody {
        enabled: public_key.is_some(),
        public_key,
    };
    answer::ok(&body, "The key for push messages")
}

pub(crate) async fn add_push_subscription(
    State(web): State<Web>,
    Extension(actor): Extension<Actor>,
    Json(body): Json<PushSubscriptionRequest>,
) -> Result<Response, Problem> {
    let keys = body.keys.unwrap_or_default();
    let draft = Draft {
        endpoint: body.endpoint,
        p256dh: keys.p256dh,
        auth: keys.auth,
    };
    let row = web.app().push.add(draft, &actor).await?;
    let body = PushSubscriptionBody {
        id: row.id,
        created_at: row.created_at,
    };
    answer::created(&body, "Subscribed")
}

pub(crate) async fn remove_push_subscription(
    State(web): State<Web>,
    Extension(actor): Extension<Actor>,
    Id(id): Id<PushId>,
) -> Result<Response, Problem> {
    web.app().push.remove(id, &actor).await?;
    answer::ok(&Nothing {}, "Not subscribed any more")
}
