//! Routes of likes.

use axum::handler::Handler;
use http::Method;

use super::Policy::SignedIn;
use super::Route;
use crate::likes::{self, LikeBody, LikedVideoBody, LikedVideoPageBody};
use crate::web::Web;

/// A change of one like.
fn change<H, T>(
    method: Method,
    path: &'static str,
    name: &'static str,
    summary: &'static str,
    handler: H,
) -> Route
where
    H: Handler<T, Web>,
    T: 'static,
{
    Route::new(method, path, SignedIn, name, summary, handler)
        .gives::<LikeBody>(200)
        .refuses(&[400, 401, 404, 429])
}

pub(super) fn routes() -> Vec<Route> {
    vec![
        change(
            Method::POST,
            "/api/v1/likes/toggle/v/{id}",
            "toggle_video_like",
            "Like a video, or not any more",
            likes::toggle_video_like,
        ),
        change(
            Method::POST,
            "/api/v1/likes/toggle/c/{commentId}",
            "toggle_comment_like",
            "Like a comment, or not any more",
            likes::toggle_comment_like,
        ),
        change(
            Method::POST,
            "/api/v1/likes/toggle/t/{tweetId}",
            "toggle_tweet_like",
            "Like a tweet, or not any more",
            likes::toggle_tweet_like,
        ),
        change(
            Method::PUT,
            "/api/v1/likes/v/{id}",
            "like_video",
            "Like a video; the same again changes nothing",
            likes::like_video,
        ),
        change(
            Method::DELETE,
            "/api/v1/likes/v/{id}",
            "unlike_video",
            "Do not like a video; the same again changes nothing",
            likes::unlike_video,
        ),
        change(
            Method::PUT,
            "/api/v1/likes/c/{commentId}",
            "like_comment",
            "Like a comment; the same again changes nothing",
            likes::like_comment,
        ),
        change(
            Method::DELETE,
            "/api/v1/likes/c/{commentId}",
            "unlike_comment",
            "Do not like a comment; the same again changes nothing",
            likes::unlike_comment,
        ),
        change(
            Method::PUT,
            "/api/v1/likes/t/{tweetId}",
            "like_tweet",
            "Like a tweet; the same again changes nothing",
            likes::like_tweet,
        ),
        change(
            Method::DELETE,
            "/api/v1/likes/t/{tweetId}",
            "unlike_tweet",
            "Do not like a tweet; the same again changes nothing",
            likes::unlike_tweet,
        ),
        Route::new(
            Method::GET,
            "/api/v1/likes/videos",
            SignedIn,
            "list_liked_videos",
            "The videos that the caller likes and may still see, newest like first",
            likes::list_liked_videos,
        )
        .asks::<likes::LikedVideosQuery>()
        .gives::<LikedVideoPageBody<'static>>(200)
        .or_slice::<LikedVideoBody<'static>>()
        .refuses(&[400, 401, 503]),
    ]
}
