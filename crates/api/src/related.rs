//! `/videos/{id}/related`: what to watch next.

use app::Viewer;
use app::related::MOST;
use axum::Extension;
use axum::extract::State;
use axum::response::Response;
use model::VideoId;
use serde::Deserialize;
use utoipa::IntoParams;

use crate::answer;
use crate::bodies::VideoBody;
use crate::extract::{Id, Query};
use crate::problem::Problem;
use crate::search::limit;
use crate::web::Web;

/// How many.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct RelatedQuery {
    /// 1 to 20; 20 when absent.
    limit: Option<String>,
}

pub(crate) async fn list_related(
    State(web): State<Web>,
    Extension(viewer): Extension<Viewer>,
    Id(id): Id<VideoId>,
    Query(query): Query<RelatedQuery>,
) -> Result<Response, Problem> {
    let limit =
        limit(query.limit.as_deref(), MOST, MOST).map_err(|fault| app::Error::field("limit", fault))?;
    let video = web.app().videos.find(id, &viewer).await?;
    let found = web.app().related.of(&video, limit).await?;
    let bodies: Vec<VideoBody<'_>> = found
        .iter()
        .map(|video| VideoBody::listed(video, &web.app().playback, &viewer))
        .collect();
    answer::ok(&bodies, "Related videos")
}
