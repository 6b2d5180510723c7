//! `/admin/setup`: the first admin.

use std::sync::Arc;

use axum::extract::{FromRequest, Request, State};
use axum::response::Response;
use serde::Deserialize;
use utoipa::ToSchema;

use crate::answer;
use crate::bodies::UserBody;
use crate::extract::Json;
use crate::problem::Problem;
use crate::web::Web;

/// The printed code and whom to make admin.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct SetupRequest {
    /// Printed by the server at its start.
    code: Option<String>,
    /// 1 to 80 characters.
    full_name: Option<String>,
    /// Address.
    email: Option<String>,
    /// `[a-z0-9_.]{3,30}` after folding.
    username: Option<String>,
    /// 8 to 128 characters.
    password: Option<String>,
}

pub(crate) async fn claim_setup(State(web): State<Web>, request: Request) -> Result<Response, Problem> {
    let Json(body) = Json::<SetupRequest>::from_request(request, &()).await?;
    let form = app::accounts::Registration {
        full_name: body.full_name,
        email: body.email,
        username: body.username,
        password: body.password,
        avatar: None,
        cover: None,
    };
    let code = body.code.unwrap_or_default();
    let app = Arc::clone(&web.0.app);
    let user = web
        .finish(async move { app.setup.claim(&app.accounts, &code, form).await })
        .await?;
    answer::created(
        &UserBody::own(&user, &web.app().playback),
        "The first admin is made",
    )
}
