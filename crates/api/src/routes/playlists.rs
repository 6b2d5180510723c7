//! Routes of playlists. In place of the id of one, `watch-later` means the caller's own.

use http::Method;

use super::Policy::{Reader, SignedIn};
use super::Route;
use crate::answer::Nothing;
use crate::playlists::{
    self, CreatePlaylistRequest, MoveRequest, PlaylistBody, PlaylistQuery, UpdatePlaylistRequest,
};

const ONE: &str = "/api/v1/playlist/{playlistId}";
const REMOVE: &str = "/api/v1/playlist/remove/{videoId}/{playlistId}";

pub(super) fn routes() -> Vec<Route> {
    vec![
        Route::new(
            Method::POST,
            "/api/v1/playlist",
            SignedIn,
            "create_playlist",
            "Make a playlist",
            playlists::create_playlist,
        )
        .takes::<CreatePlaylistRequest>()
        .gives::<PlaylistBody<'static>>(201)
        .refuses(&[400, 401, 403, 413, 415, 422, 429]),
        Route::new(
            Method::GET,
            ONE,
            Reader,
            "get_playlist",
            "A playlist with its videos in order; watch-later is one's own",
            playlists::get_playlist,
        )
        .asks::<PlaylistQuery>()
        .gives::<PlaylistBody<'static>>(200)
        .refuses(&[400, 401, 404]),
        Route::new(
            Method::PATCH,
            ONE,
            SignedIn,
            "update_playlist",
            "Change name, description or visibility of a playlist",
            playlists::update_playlist,
        )
        .takes::<UpdatePlaylistRequest>()
        .gives::<PlaylistBody<'static>>(200)
        .refuses(&[400, 401, 403, 404, 413, 415, 429]),
        Route::new(
            Method::DELETE,
            ONE,
            SignedIn,
            "remove_playlist",
            "Remove a playlist; its videos stay",
            playlists::remove_playlist,
        )
        .gives::<Nothing>(200)
        .refuses(&[400, 401, 403, 404, 429]),
        Route::new(
            Method::GET,
            "/api/v1/playlist/user/{userId}",
            Reader,
            "list_playlists",
            "Playlists that somebody made, newest first; others see the public ones",
            playlists::list_playlists,
        )
        .gives_array::<PlaylistBody<'static>>()
        .refuses(&[400, 401, 404]),
        Route::new(
            Method::PATCH,
            "/api/v1/playlist/add/{videoId}/{playlistId}",
            SignedIn,
            "add_to_playlist",
            "Put a video into a playlist",
            playlists::add_to_playlist,
        )
        .gives::<PlaylistBody<'static>>(200)
        .refuses(&[400, 401, 403, 404, 422, 429]),
        Route::new(
            Method::PATCH,
            REMOVE,
            SignedIn,
            "remove_from_playlist",
            "Take a video out of a playlist",
            playlists::remove_from_playlist,
        )
        .gives::<PlaylistBody<'static>>(200)
        .refuses(&[400, 401, 403, 404, 429]),
        Route::new(
            Method::DELETE,
            REMOVE,
            SignedIn,
            "delete_from_playlist",
            "Take a video out of a playlist",
            playlists::remove_from_playlist,
        )
        .gives::<PlaylistBody<'static>>(200)
        .refuses(&[400, 401, 403, 404, 429]),
        Route::new(
            Method::PATCH,
            "/api/v1/playlist/{playlistId}/order",
            SignedIn,
            "move_in_playlist",
            "Put a video of a playlist in front of another, or behind it",
            playlists::move_in_playlist,
        )
        .takes::<MoveRequest>()
        .gives::<PlaylistBody<'static>>(200)
        .refuses(&[400, 401, 403, 404, 413, 415, 429]),
    ]
}
