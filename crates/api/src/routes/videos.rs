//! Routes of videos: publishing, finding, changing, playing, and another file for one.

use http::Method;

use super::Policy::{Anyone, Reader, SignedIn};
use super::Route;
use crate::answer::Nothing;
use crate::bodies::{CursorPageBody, PlaybackBody, StatusBody, VideoBody, VideoPageBody};
use crate::{jobs, videos, watch};

#[expect(
    clippy::too_many_lines,
    reason = "a table: a row for each route, read from top to bottom"
)]
pub(super) fn routes() -> Vec<Route> {
    vec![
        Route::new(
            Method::GET,
            "/api/v1/videos",
            Reader,
            "list_videos",
            "Find videos",
            videos::list_videos,
        )
        .asks::<videos::ListQuery>()
        .gives::<VideoPageBody<'static>>(200)
        .gives::<CursorPageBody<'static>>(200)
        .refuses(&[400, 401]),
        Route::new(
            Method::POST,
            "/api/v1/videos",
            SignedIn,
            "publish_video",
            "Upload a video; the fields may come in any order",
            videos::publish_video,
        )
        .takes_form::<videos::PublishForm>()
        .gives::<VideoBody<'static>>(201)
        // The same bytes were uploaded before: that video.
        .gives::<VideoBody<'static>>(200)
        .refuses(&[400, 401, 403, 413, 415, 422, 429, 507]),
        Route::new(
            Method::GET,
            "/api/v1/videos/{id}",
            Reader,
            "get_video",
            "One video",
            videos::get_video,
        )
        .also("/api/v1/videos/v/{id}")
        .gives::<VideoBody<'static>>(200)
        .refuses(&[400, 401, 404]),
        Route::new(
            Method::PATCH,
            "/api/v1/videos/{id}",
            SignedIn,
            "update_video",
            "Change a video; JSON, or a form with a thumbnail",
            videos::update_video,
        )
        .takes::<videos::UpdateVideoRequest>()
        .takes_form::<videos::UpdateVideoForm>()
        .gives::<VideoBody<'static>>(200)
        .refuses(&[400, 401, 403, 404, 413, 415, 429]),
        Route::new(
            Method::DELETE,
            "/api/v1/videos/{id}",
            SignedIn,
            "remove_video",
            "Remove a video with all that hangs on it",
            videos::remove_video,
        )
        .gives::<Nothing>(200)
        .refuses(&[400, 401, 403, 404, 429]),
        Route::new(
            Method::PATCH,
            "/api/v1/videos/toggle/publish/{id}",
            SignedIn,
            "toggle_publish",
            "Private becomes public, anything else private",
            videos::toggle_publish,
        )
        .gives::<VideoBody<'static>>(200)
        .refuses(&[400, 401, 403, 404, 429]),
        Route::new(
            Method::GET,
            "/api/v1/videos/{id}/playback",
            Reader,
            "get_playback",
            "What a player needs",
            videos::get_playback,
        )
        .gives::<PlaybackBody<'static>>(200)
        .refuses(&[400, 401, 404]),
        Route::new(
            Method::GET,
            "/api/v1/videos/{id}/status",
            Reader,
            "get_status",
            "How far processing is",
            videos::get_status,
        )
        .gives::<StatusBody<'static>>(200)
        .refuses(&[400, 401, 404]),
        Route::new(
            Method::POST,
            "/api/v1/videos/{id}/retry",
            SignedIn,
            "retry_video",
            "Process again after a failure",
            videos::retry_video,
        )
        .gives::<VideoBody<'static>>(200)
        .refuses(&[400, 401, 403, 404, 409, 429]),
        Route::new(
            Method::POST,
            "/api/v1/videos/{id}/cancel",
            SignedIn,
            "cancel_video",
            "End all work on a video; it can be tried again",
            jobs::cancel_video,
        )
        .gives::<VideoBody<'static>>(200)
        .refuses(&[400, 401, 403, 404, 409, 429]),
        Route::new(
            Method::PUT,
            "/api/v1/videos/{id}/file",
            SignedIn,
            "replace_file",
            "Make a video of another file; address, likes and views stay",
            videos::replace_file,
        )
        .takes_form::<videos::ReplaceForm>()
        .gives::<VideoBody<'static>>(200)
        .refuses(&[400, 401, 403, 404, 413, 415, 422, 429, 507]),
        Route::new(
            Method::GET,
            "/watch/{id}",
            Reader,
            "watch_page",
            "A page that plays the video",
            watch::watch_page,
        )
        .gives_plain(200)
        .refuses(&[401, 404]),
        Route::new(
            Method::GET,
            watch::SCRIPT,
            Anyone,
            "watch_script",
            "How that page and `/embed/{id}` tell what is played",
            watch::serve_script,
        )
        .gives_plain(200)
        .gives_plain(304),
    ]
}
