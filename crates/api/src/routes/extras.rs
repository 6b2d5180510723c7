//! Routes of what is shown beside the picture: downloads, captions, posters.

use http::Method;

use super::Policy::{Reader, SignedIn};
use super::Route;
use crate::answer::Nothing;
use crate::bodies::{CaptionBody, VideoBody};
use crate::{captions, downloads, thumbnails};

pub(super) fn routes() -> Vec<Route> {
    vec![
        Route::new(
            Method::GET,
            "/api/v1/videos/{id}/download",
            Reader,
            "download_video",
            "A rendition as a file to keep, with picture and sound, or the original for its owner; by ranges too",
            downloads::download_video,
        )
        .asks::<downloads::DownloadQuery>()
        .tells(&[("Content-Disposition", "A file name made of the title")])
        .gives_plain(200)
        .gives_plain(206)
        .gives_plain(304)
        .refuses(&[400, 401, 404, 412, 416]),
        Route::new(
            Method::GET,
            "/api/v1/videos/{id}/captions",
            Reader,
            "list_captions",
            "All subtitle tracks",
            captions::list_captions,
        )
        .gives_list::<CaptionBody>(200)
        .refuses(&[400, 401, 404]),
        Route::new(
            Method::GET,
            "/api/v1/videos/{id}/captions/{lang}",
            Reader,
            "get_captions",
            "The subtitle track of a language",
            captions::get_captions,
        )
        .gives::<CaptionBody>(200)
        .refuses(&[400, 401, 404]),
        Route::new(
            Method::PUT,
            "/api/v1/videos/{id}/captions/{lang}",
            SignedIn,
            "put_captions",
            "Add or replace a subtitle track; a form, or the file as it is",
            captions::put_captions,
        )
        .asks::<captions::PutCaptionsQuery>()
        .takes_form::<captions::CaptionsForm>()
        .takes_text("text/vtt")
        .takes_text("application/x-subrip")
        .gives::<CaptionBody>(200)
        .gives::<CaptionBody>(201)
        .refuses(&[400, 401, 403, 404, 413, 415, 422, 429, 507]),
        Route::new(
            Method::DELETE,
            "/api/v1/videos/{id}/captions/{lang}",
            SignedIn,
            "remove_captions",
            "Remove a subtitle track",
            captions::remove_captions,
        )
        .gives::<Nothing>(200)
        .refuses(&[400, 401, 403, 404, 429]),
        Route::new(
            Method::GET,
            "/api/v1/videos/{id}/thumbnails",
            SignedIn,
            "list_thumbnails",
            "Frames that the owner can choose the thumbnail from",
            thumbnails::list_thumbnails,
        )
        .gives_list::<thumbnails::ThumbnailBody>(200)
        .refuses(&[400, 401, 403, 404]),
        Route::new(
            Method::PUT,
            "/api/v1/videos/{id}/thumbnail",
            SignedIn,
            "choose_thumbnail",
            "Choose one of them",
            thumbnails::choose_thumbnail,
        )
        .takes::<thumbnails::ChooseThumbnailRequest>()
        .gives::<VideoBody<'static>>(200)
        .refuses(&[400, 401, 403, 404, 413, 415, 429]),
    ]
}
