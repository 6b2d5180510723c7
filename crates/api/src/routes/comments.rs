//! Routes of what is said under videos.

use http::Method;

use super::Policy::{Reader, SignedIn};
use super::Route;
use crate::answer::Nothing;
use crate::comments::{self, CommentBody, CommentPageBody, ReplyPageBody};
use crate::limits::Class;

pub(super) fn routes() -> Vec<Route> {
    vec![
        Route::new(
            Method::GET,
            "/api/v1/comments/{id}",
            Reader,
            "list_comments",
            "Comments at the top of a video's threads, the pinned one first",
            comments::list_comments,
        )
        .asks::<comments::CommentsQuery>()
        .gives::<CommentPageBody<'static>>(200)
        .or_slice::<CommentBody<'static>>()
        .refuses(&[400, 401, 404, 503]),
        Route::new(
            Method::POST,
            "/api/v1/comments/{id}",
            SignedIn,
            "add_comment",
            "Write a comment under a video, or answer one",
            comments::add_comment,
        )
        .costs(Class::Post)
        .takes::<comments::AddCommentRequest>()
        .gives::<CommentBody<'static>>(201)
        .refuses(&[400, 401, 403, 404, 413, 415, 429]),
        Route::new(
            Method::GET,
            "/api/v1/comments/c/{commentId}",
            Reader,
            "get_comment",
            "One comment or reply, for a link that leads to it",
            comments::get_comment,
        )
        .gives::<CommentBody<'static>>(200)
        .refuses(&[400, 401, 404]),
        Route::new(
            Method::PATCH,
            "/api/v1/comments/c/{commentId}",
            SignedIn,
            "update_comment",
            "Write another text; its author only",
            comments::update_comment,
        )
        .takes::<comments::UpdateCommentRequest>()
        .gives::<CommentBody<'static>>(200)
        .refuses(&[400, 401, 403, 404, 413, 415, 429]),
        Route::new(
            Method::DELETE,
            "/api/v1/comments/c/{commentId}",
            SignedIn,
            "remove_comment",
            "Remove a comment and the thread below it; its author, or the owner of the video",
            comments::remove_comment,
        )
        .gives::<Nothing>(200)
        .refuses(&[400, 401, 403, 404, 429]),
        Route::new(
            Method::GET,
            "/api/v1/comments/c/{commentId}/replies",
            Reader,
            "list_replies",
            "The thread below a comment, oldest first",
            comments::list_replies,
        )
        .asks::<comments::RepliesQuery>()
        .gives::<ReplyPageBody<'static>>(200)
        .or_slice::<CommentBody<'static>>()
        .refuses(&[400, 401, 404, 503]),
        Route::new(
            Method::POST,
            "/api/v1/comments/c/{commentId}/pin",
            SignedIn,
            "pin_comment",
            "Show a comment before all others of the video, in place of the one that was; the video's owner",
            comments::pin_comment,
        )
        .gives::<CommentBody<'static>>(200)
        .refuses(&[400, 401, 403, 404, 429]),
        Route::new(
            Method::DELETE,
            "/api/v1/comments/c/{commentId}/pin",
            SignedIn,
            "unpin_comment",
            "Show a comment in its turn again; the video's owner",
            comments::unpin_comment,
        )
        .gives::<CommentBody<'static>>(200)
        .refuses(&[400, 401, 403, 404, 429]),
    ]
}
