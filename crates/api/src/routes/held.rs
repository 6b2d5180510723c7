//! Routes of comments that wait for approval, and of what channels and videos ask for.

use http::Method;

use super::Policy::{Reader, SignedIn};
use super::Route;
use crate::arrays::CursorQuery;
use crate::comments::CommentBody;
use crate::held::{self, HeldCommentBody, WaitingCommentBody};

pub(super) fn routes() -> Vec<Route> {
    let mut all = waiting();
    all.extend(settings());
    all
}

fn waiting() -> Vec<Route> {
    vec![
        Route::new(
            Method::GET,
            "/api/v1/comments/held",
            SignedIn,
            "list_held_comments",
            "Comments that wait on one's channel, newest first; under any one video for moderators",
            held::list_held_comments,
        )
        .gives_slice::<WaitingCommentBody<'static>>()
        .asks::<held::HeldQuery>()
        .refuses(&[400, 401, 404]),
        Route::new(
            Method::GET,
            "/api/v1/comments/held/mine",
            SignedIn,
            "list_own_held_comments",
            "What one wrote that waits, newest first",
            held::list_own_held_comments,
        )
        .asks::<CursorQuery>()
        .gives_slice::<HeldCommentBody<'static>>()
        .refuses(&[400, 401]),
        Route::new(
            Method::POST,
            "/api/v1/comments/held/approve",
            SignedIn,
            "approve_held_comments",
            "Show up to 100 comments that wait; tells of each what became of it",
            held::approve_held_comments,
        )
        .takes::<held::DecideRequest>()
        .gives::<held::DecisionsBody>(200)
        .refuses(&[400, 401, 413, 415, 429]),
        Route::new(
            Method::POST,
            "/api/v1/comments/held/remove",
            SignedIn,
            "remove_held_comments",
            "Remove up to 100 comments that wait; tells of each what became of it",
            held::remove_held_comments,
        )
        .takes::<held::DecideRequest>()
        .gives::<held::DecisionsBody>(200)
        .refuses(&[400, 401, 413, 415, 429]),
        Route::new(
            Method::POST,
            "/api/v1/comments/{commentId}/approve",
            SignedIn,
            "approve_comment",
            "Show a comment that waits, in its place; the owner of the video, moderators",
            held::approve_comment,
        )
        .gives::<CommentBody<'static>>(200)
        .refuses(&[400, 401, 403, 404, 409, 429]),
    ]
}

fn settings() -> Vec<Route> {
    vec![
        Route::new(
            Method::GET,
            "/api/v1/users/comment-settings",
            SignedIn,
            "get_comment_settings",
            "Which comments wait on one's channel",
            held::get_comment_settings,
        )
        .also("/users/comment-settings")
        .gives::<held::CommentSettingsBody>(200)
        .refuses(&[401]),
        Route::new(
            Method::PATCH,
            "/api/v1/users/comment-settings",
            SignedIn,
            "update_comment_settings",
            "Say which comments wait on one's channel",
            held::update_comment_settings,
        )
        .also("/users/comment-settings")
        .takes::<held::UpdateCommentSettingsRequest>()
        .gives::<held::CommentSettingsBody>(200)
        .refuses(&[400, 401, 413, 415, 429]),
        Route::new(
            Method::GET,
            "/api/v1/videos/{id}/comment-settings",
            Reader,
            "get_comments_mode",
            "Whether comments under a video are taken",
            held::get_comments_mode,
        )
        .gives::<held::CommentsModeBody>(200)
        .refuses(&[400, 401, 404]),
        Route::new(
            Method::PATCH,
            "/api/v1/videos/{id}/comment-settings",
            SignedIn,
            "update_comments_mode",
            "Take comments under a video, have them wait, or take none; its owner only",
            held::update_comments_mode,
        )
        .takes::<held::UpdateCommentsModeRequest>()
        .gives::<held::CommentsModeBody>(200)
        .refuses(&[400, 401, 403, 404, 413, 415, 429]),
    ]
}
