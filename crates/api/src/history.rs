//! What people watched: the list of it.

use std::sync::Arc;

use app::Actor;
use app::lists::Slice;
use axum::Extension;
use axum::extract::State;
use axum::response::Response;
use model::{Millis, VideoId};
use serde::Serialize;
use utoipa::ToSchema;

use crate::answer::{self, Nothing};
use crate::arrays::{self, ArrayQuery};
use crate::bodies::VideoBody;
use crate::extract::{Id, Query};
use crate::problem::Problem;
use crate::shown;
use crate::web::Web;

/// A video that one watched.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct WatchedBody<'a> {
    /// The video.
    #[serde(flatten)]
    pub video: VideoBody<'a>,
    /// When one watched it last.
    #[schema(value_type = String)]
    pub watched_at: Millis,
}

pub(crate) async fn list_history(
    State(web): State<Web>,
    Extension(actor): Extension<Actor>,
    Query(query): Query<ArrayQuery>,
) -> Result<Response, Problem> {
    let request = query.into_request()?;
    let Slice { items, next_cursor } = web.app().history.list(&request, &actor).await?;
    let videos = items.iter().map(|seen| &seen.video);
    let videos = shown::videos(&web, videos, &Some(actor)).await?;
    let bodies = videos.into_iter().zip(&items).map(|(video, seen)| WatchedBody {
        video,
        watched_at: seen.watched_at,
    });
    arrays::answer(&request, bodies.collect(), next_cursor, "Watch history")
}

pub(crate) async fn remove_history(
    State(web): State<Web>,
    Extension(actor): Extension<Actor>,
) -> Result<Response, Problem> {
    let app = Arc::clone(&web.0.app);
    web.finish(async move { app.history.forget_all(&actor).await })
        .await?;
    answer::ok(&Nothing {}, "Watch history removed")
}

pub(crate) async fn remove_watched(
    State(web): State<Web>,
    Extension(actor): Extension<Actor>,
    Id(id): Id<VideoId>,
) -> Result<Response, Problem> {
    web.app().history.forget(id, &actor).await?;
    answer::ok(&Nothing {}, "Removed from the watch history")
}
