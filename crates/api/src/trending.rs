//! `/trending`: what is being watched these days.

use app::Viewer;
use axum::Extension;
use axum::extract::State;
use axum::response::Response;
use serde::Deserialize;
use utoipa::IntoParams;

use crate::answer;
use crate::bodies::{CursorPageBody, VideoBody};
use crate::extract::Query;
use crate::problem::Problem;
use crate::search::limit;
use crate::web::Web;

/// Which part of the list.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct TrendingQuery {
    /// How many, 1 to 100; 20 when absent.
    limit: Option<String>,
    /// Empty for the start, then what `nextCursor` said.
    cursor: Option<String>,
}

pub(crate) async fn list_trending(
    State(web): State<Web>,
    Extension(viewer): Extension<Viewer>,
    Query(query): Query<TrendingQuery>,
) -> Result<Response, Problem> {
    let limit = limit(query.limit.as_deref(), 20, 100).map_err(|fault| app::Error::field("limit", fault))?;
    let page = web
        .app()
        .trending
        .page(query.cursor.as_deref(), i64::try_from(limit).unwrap_or(1))
        .await?;
    let items: Vec<VideoBody<'_>> = page
        .videos
        .iter()
        .map(|video| VideoBody::listed(video, &web.app().playback, &viewer))
        .collect();
    let body = CursorPageBody {
        items: &items,
        next_cursor: page.next_cursor.as_deref(),
    };
    answer::ok(&body, "Trending videos")
}
