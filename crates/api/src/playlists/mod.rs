//! `/playlist`: ordered lists of videos. How a long one is written, [`whole`].

mod whole;

use app::lists::{Position, Request, Slice};
use app::playlists::{Move, SHOWN, Shown, Which, Words};
use app::{Actor, Viewer};
use axum::Extension;
use axum::extract::State;
use axum::response::Response;
use model::videos::Visibility;
use model::{Millis, PlaylistId, UserId, VideoId};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use crate::answer::{self, Nothing};
use crate::arrays::{self, ArrayQuery};
use crate::bodies::{OwnerBody, VideoBody};
use crate::extract::{Id, Ids, Json, Query};
use crate::problem::Problem;
use crate::shown;
use crate::videos::number;
use crate::web::Web;

/// What making a playlist takes.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct CreatePlaylistRequest {
    /// 1 to 150 characters.
    name: Option<String>,
    /// Up to 5,000 characters.
    description: Option<String>,
    /// `public` (the default), `unlisted`, `private`.
    visibility: Option<String>,
}

/// What may be changed; absent fields stay.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct UpdatePlaylistRequest {
    /// 1 to 150 characters.
    name: Option<String>,
    /// Up to 5,000 characters.
    description: Option<String>,
    /// `public`, `unlisted`, `private`.
    visibility: Option<String>,
}

/// Where a video is put: in front of another, or behind it.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct MoveRequest {
    /// Which.
    #[schema(value_type = String)]
    video_id: Option<String>,
    /// In front of this one, or
    before: Option<String>,
    /// behind this one.
    after: Option<String>,
}

/// Which videos of a playlist; all of them when nothing is said.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(rename_all = "camelCase")]
#[into_params(parameter_in = Query)]
pub struct PlaylistQuery {
    /// Page number, from 1 to 1,000.
    page: Option<String>,
    /// How many videos, 1 to 100.
    limit: Option<String>,
    /// In place of `page`: empty for the start, then what `nextCursor` said.
    cursor: Option<String>,
}

/// A playlist.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct PlaylistBody<'a> {
    /// 24 hex digits.
    #[serde(rename = "_id")]
    #[schema(value_type = String)]
    pub id: PlaylistId,
    /// One line.
    pub name: &'a str,
    /// Several lines.
    pub description: &'a str,
    /// `public`, `unlisted`, `private`.
    #[schema(value_type = String, example = "public")]
    pub visibility: Visibility,
    /// Whose.
    pub owner: OwnerBody<'a>,
    /// In order, those that the caller may see. In a list of playlists the first four; after a change the first
    /// hundred.
    pub videos: Vec<VideoBody<'a>>,
    /// How many the caller may see.
    pub total_videos: i64,
    /// Views of all of them.
    pub total_views: i64,
    /// Length of all of them, seconds.
    pub total_duration: f64,
    /// The totals are at least that; left out when they are exact. Only in lists, of playlists with more than 200
    /// videos.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub total_is_estimate: Option<bool>,
    /// Address of the poster of the first that the caller may see.
    pub thumbnail: Option<String>,
    /// When it was made.
    #[schema(value_type = String)]
    pub created_at: Millis,
    /// When it or its order last changed.
    #[schema(value_type = String)]
    pub updated_at: Millis,
    /// Where its further videos begin; null at the end, and in lists of playlists.
    pub next_cursor: Option<&'a str>,
}

impl<'a> PlaylistBody<'a> {
    fn new(web: &Web, shown: &'a Shown, videos: Vec<VideoBody<'a>>, viewer: &Viewer) -> Self {
        let (row, playback) = (&shown.row, &web.app().playback);
        let thumbnail = match &shown.first {
            Some(first) => playback.links(first, viewer).thumbnail,
            None => videos.first().and_then(|first| first.thumbnail.clone()),
        };
        Self {
            id: row.id,
            name: &row.name,
            description: &row.description,
            visibility: row.visibility,
            owner: OwnerBody::beside(row.owner_id, &row.owner, playback),
            videos,
            total_videos: shown.totals.videos,
            total_views: shown.totals.views,
            total_duration: shown.totals.duration_ms as f64 / 1000.0,
            total_is_estimate: shown.totals_are_estimates.then_some(true),
            thumbnail,
            created_at: row.created_at,
            updated_at: row.updated_at,
            next_cursor: None,
        }
    }
}

/// One playlist with what was read of it.
async fn single<'a>(web: &Web, shown: &'a Shown, viewer: &Viewer) -> Result<PlaylistBody<'a>, Problem> {
    let videos = shown::videos(web, &shown.videos, viewer).await?;
    Ok(PlaylistBody {
        next_cursor: shown.next_cursor.as_deref(),
        ..PlaylistBody::new(web, shown, videos, viewer)
    })
}

async fn changed(web: &Web, shown: &Shown, actor: Actor, message: &'static str) -> Result<Response, Problem> {
    answer::ok(&single(web, shown, &Some(actor)).await?, message)
}

pub(crate) async fn create_playlist(
    State(web): State<Web>,
    Extension(actor): Extension<Actor>,
    Json(body): Json<CreatePlaylistRequest>,
) -> Result<Response, Problem> {
    let words = Words {
        name: body.name,
        description: body.description,
        visibility: body.visibility,
    };
    let shown = web.app().playlists.create(words, &actor).await?;
    answer::created(&single(&web, &shown, &Some(actor)).await?, "Playlist made")
}

pub(crate) async fn get_playlist(
    State(web): State<Web>,
    Extension(viewer): Extension<Viewer>,
    Id(which): Id<Which>,
    Query(query): Query<PlaylistQuery>,
) -> Result<Response, Problem> {
    let everything = query.page.is_none() && query.limit.is_none() && query.cursor.is_none();
    let request = query.into_request()?;
    let shown = web.app().playlists.open(which, &request, &viewer).await?;
    match shown.next {
        Some(next) if everything => whole::answer(&web, &shown, next, viewer).await,
        _ => answer::ok(&single(&web, &shown, &viewer).await?, "Playlist"),
    }
}

impl PlaylistQuery {
    fn into_request(self) -> Result<Request, Problem> {
        let mut fields = app::Fields::default();
        let limit = fields.check("limit", number(self.limit.as_deref(), SHOWN, 1, SHOWN));
        let page = fields.check("page", number(self.page.as_deref(), 1, 1, i64::MAX / 1000));
        fields.done()?;
        Ok(Request {
            position: match self.cursor {
                Some(cursor) => Position::Cursor(cursor),
                None => Position::Page(page.unwrap_or(1)),
            },
            limit: limit.unwrap_or(SHOWN),
        })
    }
}

pub(crate) async fn update_playlist(
    State(web): State<Web>,
    Extension(actor): Extension<Actor>,
    Id(which): Id<Which>,
    Json(body): Json<UpdatePlaylistRequest>,
) -> Result<Response, Problem> {
    let words = Words {
        name: body.name,
        description: body.description,
        visibility: body.visibility,
    };
    let shown = web.app().playlists.update(which, words, &actor).await?;
    changed(&web, &shown, actor, "Playlist updated").await
}

pub(crate) async fn remove_playlist(
    State(web): State<Web>,
    Extension(actor): Extension<Actor>,
    Id(which): Id<Which>,
) -> Result<Response, Problem> {
    web.app().playlists.remove(which, &actor).await?;
    answer::ok(&Nothing {}, "Playlist removed")
}

pub(crate) async fn list_playlists(
    State(web): State<Web>,
    Extension(viewer): Extension<Viewer>,
    Id(owner): Id<UserId>,
    Query(query): Query<ArrayQuery>,
) -> Result<Response, Problem> {
    let request = query.into_request()?;
    let Slice { items, next_cursor } = web.app().playlists.list(owner, &request, &viewer).await?;
    let all = items.iter().flat_map(|shown| &shown.videos);
    let mut all = shown::videos(&web, all, &viewer).await?.into_iter();
    let bodies = items.iter().map(|shown| {
        // As many as each has, in their order.
        let videos = all.by_ref().take(shown.videos.len()).collect();
        PlaylistBody::new(&web, shown, videos, &viewer)
    });
    arrays::answer(&request, bodies.collect(), next_cursor, "Playlists")
}

pub(crate) async fn add_to_playlist(
    State(web): State<Web>,
    Extension(actor): Extension<Actor>,
    Ids(video, which): Ids<VideoId, Which>,
) -> Result<Response, Problem> {
    let shown = web.app().playlists.add_video(which, video, &actor).await?;
    changed(&web, &shown, actor, "Video is in the playlist").await
}

pub(crate) async fn remove_from_playlist(
    State(web): State<Web>,
    Extension(actor): Extension<Actor>,
    Ids(video, which): Ids<VideoId, Which>,
) -> Result<Response, Problem> {
    let shown = web.app().playlists.remove_video(which, video, &actor).await?;
    changed(&web, &shown, actor, "Video is not in the playlist").await
}

pub(crate) async fn move_in_playlist(
    State(web): State<Web>,
    Extension(actor): Extension<Actor>,
    Id(which): Id<Which>,
    Json(body): Json<MoveRequest>,
) -> Result<Response, Problem> {
    let to = Move {
        video: body.video_id,
        before: body.before,
        after: body.after,
    };
    let shown = web.app().playlists.move_video(which, &to, &actor).await?;
    changed(&web, &shown, actor, "Order changed").await
}
