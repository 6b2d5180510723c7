//! `/likes`: liking videos, comments and tweets, and `isLiked` wherever videos are shown.

use app::likes::{Standing, Wish};
use app::pages::Position;
use app::{Actor, Fields, Viewer};
use axum::Extension;
use axum::extract::State;
use axum::response::Response;
use model::likes::{Kind, Target};
use model::{CommentId, LikeId, Millis, TweetId, UserId, VideoId};
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;
use utoipa::{IntoParams, ToSchema};

use crate::answer;
use crate::bodies::VideoBody;
use crate::extract::{Id, Query};
use crate::pages::{self, CursorBody, PageBody, Params};
use crate::problem::Problem;
use crate::shown;
use crate::web::Web;

/// What the list of liked videos may be asked for.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct LikedVideosQuery {
    /// Page number, from 1 to 1,000.
    page: Option<String>,
    /// How many, 1 to 100; 10 when absent.
    limit: Option<String>,
    /// In place of `page`: empty for the start, then what `nextCursor` said.
    cursor: Option<String>,
}

/// How a like stands.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct LikeBody {
    /// The like that is there, or that just went; null where there was none.
    #[serde(rename = "_id")]
    #[schema(value_type = Option<String>)]
    pub id: Option<LikeId>,
    /// What is liked, when it is a video.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>)]
    pub video: Option<VideoId>,
    /// What is liked, when it is a comment.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>)]
    pub comment: Option<CommentId>,
    /// What is liked, when it is a tweet.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>)]
    pub tweet: Option<TweetId>,
    /// By whom.
    #[schema(value_type = String)]
    pub liked_by: UserId,
    /// It is there.
    pub liked: bool,
    /// The same.
    pub is_liked: bool,
    /// Likes of the thing.
    pub likes_count: i64,
}

impl LikeBody {
    fn new(target: Target, standing: &Standing, actor: &Actor) -> Self {
        let (video, comment, tweet) = match target {
            Target::Video(id) => (Some(id), None, None),
            Target::Comment(id) => (None, Some(id), None),
            Target::Tweet(id) => (None, None, Some(id)),
        };
        Self {
            id: standing.id,
            video,
            comment,
            tweet,
            liked_by: actor.user_id,
            liked: standing.liked,
            is_liked: standing.liked,
            likes_count: standing.likes_count,
        }
    }
}

/// A video that the caller likes.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct LikedVideoBody<'a> {
    /// Which like.
    #[serde(rename = "_id")]
    #[schema(value_type = String)]
    pub id: LikeId,
    /// The video.
    pub video: VideoBody<'a>,
    /// By whom.
    #[schema(value_type = String)]
    pub liked_by: UserId,
    /// When.
    #[schema(value_type = String)]
    pub created_at: Millis,
}

/// A page of liked videos, by number.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct LikedVideoPageBody<'a> {
    /// The page.
    #[serde(flatten)]
    pub page: PageBody<'a>,
    /// The same as `docs`.
    #[schema(value_type = Vec<LikedVideoBody>)]
    pub videos: &'a RawValue,
    /// The same, as the original spells it.
    #[serde(rename = "Videos")]
    #[schema(value_type = Vec<LikedVideoBody>)]
    pub videos_as_spelt: &'a RawValue,
    /// The same as `totalDocs`.
    pub total_videos: i64,
}

async fn set(web: &Web, target: Target, wish: Wish, actor: &Actor) -> Result<Response, Problem> {
    let standing = web.app().likes.set(target, wish, actor).await?;
    let message = if standing.liked { "Liked" } else { "Not liked" };
    answer::ok(&LikeBody::new(target, &standing, actor), message)
}

pub(crate) async fn toggle_video_like(
    State(web): State<Web>,
    Extension(actor): Extension<Actor>,
    Id(id): Id<VideoId>,
) -> Result<Response, Problem> {
    set(&web, Target::Video(id), Wish::Toggled, &actor).await
}

pub(crate) async fn toggle_comment_like(
    State(web): State<Web>,
    Extension(actor): Extension<Actor>,
    Id(id): Id<CommentId>,
) -> Result<Response, Problem> {
    set(&web, Target::Comment(id), Wish::Toggled, &actor).await
}

pub(crate) async fn toggle_tweet_like(
    State(web): State<Web>,
    Extension(actor): Extension<Actor>,
    Id(id): Id<TweetId>,
) -> Result<Response, Problem> {
    set(&web, Target::Tweet(id), Wish::Toggled, &actor).await
}

pub(crate) async fn like_video(
    State(web): State<Web>,
    Extension(actor): Extension<Actor>,
    Id(id): Id<VideoId>,
) -> Result<Response, Problem> {
    set(&web, Target::Video(id), Wish::Liked, &actor).await
}

pub(crate) async fn like_comment(
    State(web): State<Web>,
    Extension(actor): Extension<Actor>,
    Id(id): Id<CommentId>,
) -> Result<Response, Problem> {
    set(&web, Target::Comment(id), Wish::Liked, &actor).await
}

pub(crate) async fn like_tweet(
    State(web): State<Web>,
    Extension(actor): Extension<Actor>,
    Id(id): Id<TweetId>,
) -> Result<Response, Problem> {
    set(&web, Target::Tweet(id), Wish::Liked, &actor).await
}

pub(crate) async fn unlike_video(
    State(web): State<Web>,
    Extension(actor): Extension<Actor>,
    Id(id): Id<VideoId>,
) -> Result<Response, Problem> {
    set(&web, Target::Video(id), Wish::NotLiked, &actor).await
}

pub(crate) async fn unlike_comment(
    State(web): State<Web>,
    Extension(actor): Extension<Actor>,
    Id(id): Id<CommentId>,
) -> Result<Response, Problem> {
    set(&web, Target::Comment(id), Wish::NotLiked, &actor).await
}

pub(crate) async fn unlike_tweet(
    State(web): State<Web>,
    Extension(actor): Extension<Actor>,
    Id(id): Id<TweetId>,
) -> Result<Response, Problem> {
    set(&web, Target::Tweet(id), Wish::NotLiked, &actor).await
}

pub(crate) async fn list_liked_videos(
    State(web): State<Web>,
    Extension(actor): Extension<Actor>,
    Query(query): Query<LikedVideosQuery>,
) -> Result<Response, Problem> {
    let mut fields = Fields::default();
    let params = Params {
        page: query.page.as_deref(),
        limit: query.limit.as_deref(),
        cursor: query.cursor.as_deref(),
        ..Params::default()
    };
    let asked = params.check(&mut fields, 10, true);
    fields.done()?;
    let found = web.app().likes.videos(&asked, &actor).await?;
    let rows = found.rows.iter().map(|like| &like.video);
    let videos = shown::videos(&web, rows, &Some(actor)).await?;
    let items: Vec<_> = found
        .rows
        .iter()
        .zip(videos)
        .map(|(like, video)| LikedVideoBody {
            id: like.id,
            video,
            liked_by: actor.user_id,
            created_at: like.created_at,
        })
        .collect();
    let Position::Page(page) = asked.position else {
        let body = CursorBody {
            items: &items,
            next_cursor: found.next_cursor.as_deref(),
        };
        return answer::ok(&body, "Liked videos");
    };
    let docs = pages::raw(&items)?;
    let body = LikedVideoPageBody {
        page: PageBody::new(&docs, &found, page, asked.limit),
        videos: &docs,
        videos_as_spelt: &docs,
        total_videos: found.total,
    };
    answer::ok(&body, "Liked videos")
}

/// Says of each video of a page whether the caller likes it; one query for them all.
pub(crate) async fn mark(web: &Web, viewer: &Viewer, bodies: &mut [VideoBody<'_>]) -> Result<(), Problem> {
    if viewer.is_none() {
        return Ok(());
    }
    let ids: Vec<_> = bodies.iter().map(|body| body.id.0).collect();
    let liked = web.app().likes.liked(Kind::Video, &ids, viewer).await?;
    for body in bodies {
        body.is_liked = liked.contains(&body.id.0);
    }
    Ok(())
}

/// Says of a video on its own whether the caller likes it, and what is newer than the row it was made of, which
/// may have been believed for half a second.
pub(crate) async fn mark_single(web: &Web, viewer: &Viewer, body: &mut VideoBody<'_>) -> Result<(), Problem> {
    if let Some(fresh) = web.app().likes.fresh(body.id, viewer).await? {
        body.likes_count = fresh.likes_count;
        body.comments_count = fresh.comments_count;
        body.is_liked = fresh.is_liked;
    }
    Ok(())
}
