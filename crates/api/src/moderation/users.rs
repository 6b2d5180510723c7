//! `/admin/users`: accounts as admins see and change them.

use app::Actor;
use app::lists::Slice;
use app::moderation::users::{AccountChange, Quota};
use app::playback::Playback;
use app::queue::By;
use axum::Extension;
use axum::extract::State;
use axum::response::Response;
use model::{Millis, UserId};
use serde::{Deserialize, Deserializer, Serialize};
use store::users::Account;
use utoipa::{IntoParams, ToSchema};

use crate::answer::{self, Nothing};
use crate::arrays::{self, CursorQuery};
use crate::bodies::UserBody;
use crate::extract::{Id, Json, Query};
use crate::problem::Problem;
use crate::web::Web;

/// Which accounts.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(rename_all = "camelCase")]
#[into_params(parameter_in = Query)]
pub struct UsersQuery {
    /// What their names begin with.
    query: Option<String>,
    /// How many, 1 to 100; 50 when absent.
    limit: Option<String>,
    /// Absent or empty for the start, then what `nextCursor` said.
    cursor: Option<String>,
}

/// What to change about an account; absent fields stay.
#[derive(Debug, Deserialize, ToSchema)]
pub struct UpdateUserRequest {
    /// `user`, `moderator` or `admin`.
    role: Option<String>,
    /// Whether the account is switched off.
    disabled: Option<bool>,
    /// The most bytes that they may store; 0: no bound, null: what holds for everyone.
    #[serde(default, deserialize_with = "said")]
    #[schema(value_type = Option<i64>)]
    quota: Option<SaidQuota>,
    /// The admin's own password; needed for another role, and for nothing else.
    password: Option<String>,
}

/// A quota as it was sent.
#[derive(Debug)]
struct SaidQuota(Quota);

/// Tells null, which says something, from a field that is not there.
fn said<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<SaidQuota>, D::Error> {
    let bytes = Option::<i64>::deserialize(deserializer)?;
    Ok(Some(SaidQuota(bytes.map_or(Quota::Default, Quota::Bytes))))
}

/// An account.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct AccountBody<'a> {
    /// The user, as they see themselves.
    #[serde(flatten)]
    pub user: UserBody<'a>,
    /// Whether it is switched off.
    pub disabled: bool,
    /// Since when.
    #[schema(value_type = Option<String>)]
    pub disabled_at: Option<Millis>,
    /// Bytes of all videos, with what was made of them.
    pub used_bytes: i64,
    /// The most that may be; 0: no bound, null: what holds for everyone.
    pub quota: Option<i64>,
    /// All their videos.
    pub videos_count: i64,
}

impl<'a> AccountBody<'a> {
    fn of(account: &'a Account, playback: &Playback) -> Self {
        Self {
            user: UserBody::own(&account.user, playback),
            disabled: account.user.disabled_at.is_some(),
            disabled_at: account.user.disabled_at,
            used_bytes: account.stored_bytes,
            quota: account.quota_bytes,
            videos_count: account.user.videos_count,
        }
    }
}

pub(crate) async fn list_users(
    State(web): State<Web>,
    Extension(actor): Extension<Actor>,
    Query(query): Query<UsersQuery>,
) -> Result<Response, Problem> {
    let request = CursorQuery::new(query.limit, query.cursor).into_request()?;
    let moderation = &web.app().moderation;
    let Slice { items, next_cursor } = moderation
        .accounts(query.query.as_deref(), &request, &actor)
        .await?;
    let playback = &web.app().playback;
    let bodies = items.iter().map(|account| AccountBody::of(account, playback));
    arrays::answer(&request, bodies.collect(), next_cursor, "Users")
}

pub(crate) async fn list_registrations(
    State(web): State<Web>,
    Extension(actor): Extension<Actor>,
    Query(query): Query<CursorQuery>,
) -> Result<Response, Problem> {
    let request = query.into_request()?;
    let Slice { items, next_cursor } = web.app().moderation.registrations(&request, &actor).await?;
    let playback = &web.app().playback;
    let bodies = items.iter().map(|account| AccountBody::of(account, playback));
    arrays::answer(&request, bodies.collect(), next_cursor, "Registrations")
}

pub(crate) async fn approve_registration(
    State(web): State<Web>,
    Extension(actor): Extension<Actor>,
    Id(id): Id<UserId>,
) -> Result<Response, Problem> {
    let account = web.app().moderation.approve_registration(id, &actor).await?;
    answer::ok(&AccountBody::of(&account, &web.app().playback), "Approved")
}

pub(crate) async fn refuse_registration(
    State(web): State<Web>,
    Extension(actor): Extension<Actor>,
    Id(id): Id<UserId>,
) -> Result<Response, Problem> {
    web.app().moderation.refuse_registration(id, &actor).await?;
    answer::ok(&Nothing {}, "Refused")
}

pub(crate) async fn update_user(
    State(web): State<Web>,
    Extension(actor): Extension<Actor>,
    Id(id): Id<UserId>,
    Json(body): Json<UpdateUserRequest>,
) -> Result<Response, Problem> {
    let change = AccountChange {
        role: body.role,
        disabled: body.disabled,
        quota: body.quota.map(|SaidQuota(quota)| quota),
        password: body.password,
    };
    let moderation = &web.app().moderation;
    let changed = moderation.change_account(id, change, By::Actor(&actor)).await?;
    answer::ok(
        &AccountBody::of(&changed.account, &web.app().playback),
        "User updated",
    )
}
