//! `/users/blocks`: whom the caller does not want to hear from.

use app::Actor;
use app::lists::Slice;
use app::playback::Playback;
use axum::Extension;
use axum::extract::State;
use axum::response::Response;
use model::{Millis, UserId};
use serde::Serialize;
use store::blocks::BlockRow;
use utoipa::ToSchema;

use crate::answer;
use crate::arrays::{self, ArrayQuery};
use crate::bodies::OwnerBody;
use crate::extract::{Id, Query};
use crate::problem::Problem;
use crate::web::Web;

/// Whether somebody is blocked.
#[derive(Debug, Serialize, ToSchema)]
pub struct BlockingBody {
    /// They are.
    pub blocked: bool,
}

/// Someone who is blocked.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct BlockBody<'a> {
    /// Who.
    pub user: OwnerBody<'a>,
    /// Since when.
    #[schema(value_type = String)]
    pub created_at: Millis,
}

impl<'a> BlockBody<'a> {
    fn of(row: &'a BlockRow, playback: &Playback) -> Self {
        Self {
            user: OwnerBody::beside(row.user_id, &row.user, playback),
            created_at: row.created_at,
        }
    }
}

pub(crate) async fn list_blocks(
    State(web): State<Web>,
    Extension(actor): Extension<Actor>,
    Query(query): Query<ArrayQuery>,
) -> Result<Response, Problem> {
    let request = query.into_request()?;
    let Slice { items, next_cursor } = web.app().blocks.list(&request, &actor).await?;
    let playback = &web.app().playback;
    let bodies = items.iter().map(|row| BlockBody::of(row, playback));
    arrays::answer(&request, bodies.collect(), next_cursor, "Blocks")
}

pub(crate) async fn add_block(
    State(web): State<Web>,
    Extension(actor): Extension<Actor>,
    Id(user): Id<UserId>,
) -> Result<Response, Problem> {
    web.app().blocks.add(user, &actor).await?;
    answer::ok(&BlockingBody { blocked: true }, "Blocked")
}

pub(crate) async fn remove_block(
    State(web): State<Web>,
    Extension(actor): Extension<Actor>,
    Id(user): Id<UserId>,
) -> Result<Response, Problem> {
    web.app().blocks.remove(user, &actor).await?;
    answer::ok(&BlockingBody { blocked: false }, "Not blocked")
}
