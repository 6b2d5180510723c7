//! `/videos/{id}/thumbnails`: the frames that an owner can choose the poster from.

use std::sync::Arc;

use app::Actor;
use axum::Extension;
use axum::extract::State;
use axum::response::Response;
use model::VideoId;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::answer;
use crate::extract::{Id, Json};
use crate::problem::Problem;
use crate::shown;
use crate::web::Web;

/// A frame of the video that could be its poster.
#[derive(Debug, Serialize, ToSchema)]
pub struct ThumbnailBody {
    /// To choose it by.
    pub id: String,
    /// Address of the picture, for a few minutes and the owner only.
    pub url: String,
    /// Where in the video it is, seconds.
    pub at: f64,
    /// Whether the poster was made of it.
    pub chosen: bool,
}

/// Which frame is to be the poster.
#[derive(Debug, Deserialize, ToSchema)]
pub struct ChooseThumbnailRequest {
    /// As the list says.
    candidate: Option<String>,
}

pub(crate) async fn list_thumbnails(
    State(web): State<Web>,
    Extension(actor): Extension<Actor>,
    Id(id): Id<VideoId>,
) -> Result<Response, Problem> {
    let candidates = web.app().videos.thumbnails(id, &actor).await?;
    let bodies: Vec<ThumbnailBody> = candidates
        .into_iter()
        .map(|candidate| ThumbnailBody {
            id: candidate.id,
            url: candidate.url,
            at: candidate.at_ms as f64 / 1000.0,
            chosen: candidate.chosen,
        })
        .collect();
    answer::ok(&bodies, "Thumbnails")
}

pub(crate) async fn choose_thumbnail(
    State(web): State<Web>,
    Extension(actor): Extension<Actor>,
    Id(id): Id<VideoId>,
    Json(body): Json<ChooseThumbnailRequest>,
) -> Result<Response, Problem> {
    let app = Arc::clone(&web.0.app);
    let video = web
        .finish(async move {
            app.videos
                .choose_thumbnail(id, body.candidate.as_deref(), &actor)
                .await
        })
        .await?;
    answer::ok(
        &shown::video(&web, &video, &Some(actor)).await?,
        "Thumbnail chosen",
    )
}
