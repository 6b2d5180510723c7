//! Routes of exports.

use http::Method;

use super::Policy::SignedIn;
use super::Route;
use crate::answer::Nothing;
use crate::exports::{self, ExportBody};

pub(super) fn routes() -> Vec<Route> {
    vec![
        Route::new(
            Method::POST,
            "/api/v1/users/export",
            SignedIn,
            "request_export",
            "Ask for everything of one's own in one file; 200 with the one under way where there is one",
            exports::request_export,
        )
        .also("/users/export")
        .gives::<ExportBody>(200)
        .gives::<ExportBody>(202)
        .refuses(&[401, 403, 429, 507]),
        Route::new(
            Method::GET,
            "/api/v1/users/export",
            SignedIn,
            "list_exports",
            "One's exports of the last weeks, newest first",
            exports::list_exports,
        )
        .also("/users/export")
        .gives_list::<ExportBody>(200)
        .refuses(&[401]),
        Route::new(
            Method::DELETE,
            "/api/v1/users/export/{exportId}",
            SignedIn,
            "remove_export",
            "End the making of an export, or remove its file",
            exports::remove_export,
        )
        .also("/users/export/{exportId}")
        .gives::<Nothing>(200)
        .refuses(&[400, 401, 403, 404, 429]),
        Route::new(
            Method::GET,
            "/api/v1/users/export/{exportId}/file",
            SignedIn,
            "get_export_file",
            "The file, a ZIP archive; by ranges too",
            exports::get_export_file,
        )
        .also("/users/export/{exportId}/file")
        .tells(&[("Content-Disposition", "A file name with the day it was asked for")])
        .gives_plain(200)
        .gives_plain(206)
        .gives_plain(304)
        .refuses(&[400, 401, 404, 409, 410, 412, 416]),
    ]
}
