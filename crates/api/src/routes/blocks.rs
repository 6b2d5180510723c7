//! Routes of blocks.

use http::Method;

use super::Policy::SignedIn;
use super::Route;
use crate::blocks::{self, BlockBody, BlockingBody};

pub(super) fn routes() -> Vec<Route> {
    vec![
        Route::new(
            Method::GET,
            "/api/v1/users/blocks",
            SignedIn,
            "list_blocks",
            "Whom one has blocked, the last first",
            blocks::list_blocks,
        )
        .also("/users/blocks")
        .gives_array::<BlockBody<'static>>()
        .refuses(&[400, 401]),
        Route::new(
            Method::PUT,
            "/api/v1/users/blocks/{userId}",
            SignedIn,
            "add_block",
            "Keep somebody from commenting on one's videos, answering one's comments, tweeting about one's videos",
            blocks::add_block,
        )
        .also("/users/blocks/{userId}")
        .gives::<BlockingBody>(200)
        .refuses(&[400, 401, 404, 422, 429]),
        Route::new(
            Method::DELETE,
            "/api/v1/users/blocks/{userId}",
            SignedIn,
            "remove_block",
            "Hear from somebody again",
            blocks::remove_block,
        )
        .also("/users/blocks/{userId}")
        .gives::<BlockingBody>(200)
        .refuses(&[400, 401, 429]),
    ]
}
