//! What people watched: what players tell, and the list of it.

use std::sync::Arc;

use app::lists::Slice;
use app::{Actor, Viewer};
use axum::Extension;
use axum::extract::State;
use axum::response::Response;
use model::history::Claim;
use model::{Millis, VideoId};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::answer::{self, Nothing};
use crate::arrays::{self, ArrayQuery};
use crate::bodies::VideoBody;
use crate::extract::{Id, Json, Query};
use crate::problem::Problem;
use crate::shown;
use crate::web::Web;

/// What a player tells while it plays. Seconds; fields that are not named here may come along.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct WatchingRequest {
    /// Which player: the same while a page is open.
    #[expect(dead_code, reason = "its type is checked; views are counted by it later")]
    session_id: Option<String>,
    /// Where the stretch began that was played.
    from: Option<f64>,
    /// Where it ended.
    to: Option<f64>,
    /// Where the player is now; absent: where the stretch ended.
    position: Option<f64>,
    /// What happened, such as `progress`, `pause`; `end`: the video was watched to its end.
    event: Option<String>,
}

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

pub(crate) async fn note_watching(
    State(web): State<Web>,
    Extension(viewer): Extension<Viewer>,
    Id(id): Id<VideoId>,
    Json(body): Json<WatchingRequest>,
) -> Result<Response, Problem> {
    let claim = Claim {
        from: body.from,
        to: body.to,
        position: body.position,
        ended: matches!(body.event.as_deref(), Some("end" | "ended")),
    };
    web.app().history.note(id, &claim, &viewer).await?;
    answer::accepted("Noted")
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
