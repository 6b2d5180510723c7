//! Routes of what people watched.

use http::Method;

use super::Policy::{Reader, SignedIn};
use super::Route;
use crate::answer::Nothing;
use crate::history::{self, WatchedBody};
use crate::limits::Class;
use crate::views::{self, WatchingRequest};

pub(super) fn routes() -> Vec<Route> {
    vec![
        Route::new(
            Method::POST,
            "/api/v1/videos/{id}/views",
            Reader,
            "note_watching",
            "What a player tells of watching a video: numbers are made of it, and for those who are signed in, where to go on",
            views::note_watching,
        )
        .takes::<WatchingRequest>()
        .takes_json_as_text::<WatchingRequest>()
        .costs(Class::Beacon)
        .gives::<Nothing>(202)
        .refuses(&[400, 401, 403, 404, 413, 415, 422, 429, 503, 507]),
        Route::new(
            Method::GET,
            "/api/v1/users/history",
            SignedIn,
            "list_history",
            "What one watched, each video once, newest first",
            history::list_history,
        )
        .also("/api/v1/users/watch-history")
        .also("/users/history")
        .also("/users/watch-history")
        .gives_array::<WatchedBody<'static>>()
        .refuses(&[400, 401]),
        Route::new(
            Method::DELETE,
            "/api/v1/users/history",
            SignedIn,
            "remove_history",
            "Forget everything that one watched",
            history::remove_history,
        )
        .also("/api/v1/users/watch-history")
        .also("/users/history")
        .also("/users/watch-history")
        .gives::<Nothing>(200)
        .refuses(&[401, 403, 429]),
        Route::new(
            Method::DELETE,
            "/api/v1/users/history/{videoId}",
            SignedIn,
            "remove_watched",
            "Forget that one watched a video",
            history::remove_watched,
        )
        .also("/api/v1/users/watch-history/{videoId}")
        .also("/users/history/{videoId}")
        .also("/users/watch-history/{videoId}")
        .gives::<Nothing>(200)
        .refuses(&[400, 401, 403, 429]),
    ]
}
