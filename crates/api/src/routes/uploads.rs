//! Routes of uploads that go on over several requests: the tus protocol, version 1.0.0.

use http::Method;

use super::Policy::{Anyone, SignedIn};
use super::Route;
use crate::limits::Class;
use crate::uploads;

/// Headers of the tus protocol, with the words of the OpenAPI document.
mod tus {
    pub(super) type Read = (&'static str, bool, &'static str);
    pub(super) type Told = (&'static str, &'static str);
    const VERSION: Read = ("Tus-Resumable", true, "1.0.0");
    const CHECKSUM: Read = (
        "Upload-Checksum",
        false,
        "sha1 or sha256, a space, the sum of the body in base64",
    );
    const OFFSET: Told = ("Upload-Offset", "Bytes that are on the disk for good");
    const EXPIRES: Told = (
        "Upload-Expires",
        "When the upload is given up unless more bytes come",
    );
    const VIDEO: Told = (
        "Streamsphere-Video-Id",
        "The video it has become, once it is finished",
    );
    const DUPLICATE: Told = (
        "Streamsphere-Duplicate-Of",
        "The earlier video of the same bytes, where there is one",
    );

    pub(super) const VERSION_ONLY: &[Read] = &[VERSION];
    pub(super) const CREATE: &[Read] = &[
        VERSION,
        ("Upload-Length", false, "Bytes of the whole file"),
        ("Upload-Defer-Length", false, "1: the length is declared later"),
        (
            "Upload-Metadata",
            false,
            "filename, title, description, visibility, tags, allowDuplicate, replaces: key, a space, base64; commas between",
        ),
        CHECKSUM,
    ];
    pub(super) const CREATED: &[Told] = &[
        ("Location", "Where the upload is"),
        OFFSET,
        EXPIRES,
        VIDEO,
        DUPLICATE,
    ];
    pub(super) const APPEND: &[Read] = &[
        VERSION,
        ("Upload-Offset", true, "Where the bytes belong"),
        (
            "Upload-Length",
            false,
            "Bytes of the whole file, where that was left open",
        ),
        CHECKSUM,
    ];
    pub(super) const APPENDED: &[Told] = &[OFFSET, EXPIRES, VIDEO, DUPLICATE];
    pub(super) const OVERRIDE: &[Read] = &[
        VERSION,
        (
            "X-HTTP-Method-Override",
            true,
            "PATCH, DELETE or HEAD, whose headers are sent as well",
        ),
    ];
    pub(super) const FOUND: &[Told] = &[
        OFFSET,
        ("Upload-Length", "Bytes of the whole file, once known"),
        ("Upload-Defer-Length", "1 while the length is not known"),
        ("Upload-Metadata", "As it was sent"),
        EXPIRES,
        VIDEO,
        DUPLICATE,
    ];
    pub(super) const DESCRIBED: &[Told] = &[
        ("Tus-Version", "1.0.0"),
        ("Tus-Extension", "What is offered beyond the core"),
        ("Tus-Max-Size", "Bytes of the largest file taken"),
        ("Tus-Checksum-Algorithm", "sha1,sha256"),
    ];
}

const ALL: &str = "/api/v1/uploads";
const ONE: &str = "/api/v1/uploads/{id}";

pub(super) fn routes() -> Vec<Route> {
    vec![
        Route::new(
            Method::OPTIONS,
            ALL,
            Anyone,
            "describe_uploads",
            "What of the tus protocol is offered",
            uploads::describe_uploads,
        )
        .tells(tus::DESCRIBED)
        .gives_plain(204),
        Route::new(
            Method::POST,
            ALL,
            SignedIn,
            "create_upload",
            "Begin an upload, with or without its first bytes",
            uploads::create_upload,
        )
        .reads(tus::CREATE)
        .takes_bytes()
        .tells(tus::CREATED)
        .gives_plain(201)
        .refuses(&[400, 401, 403, 404, 412, 413, 415, 422, 429, 460, 503, 507]),
        Route::new(
            Method::OPTIONS,
            ONE,
            Anyone,
            "describe_upload",
            "What of the tus protocol is offered",
            uploads::describe_uploads,
        )
        .tells(tus::DESCRIBED)
        .gives_plain(204),
        Route::new(
            Method::HEAD,
            ONE,
            SignedIn,
            "find_upload",
            "How far an upload is",
            uploads::find_upload,
        )
        .reads(tus::VERSION_ONLY)
        .tells(tus::FOUND)
        .gives_plain(200)
        .refuses(&[400, 401, 404, 410, 412, 415, 422, 423]),
        Route::new(
            Method::PATCH,
            ONE,
            SignedIn,
            "append_upload",
            "Add bytes to an upload; the last make it a video",
            uploads::append_upload,
        )
        // Clients of the protocol give up on 429: very many are slowed down instead.
        .costs(Class::Free)
        .reads(tus::APPEND)
        .takes_bytes()
        .tells(tus::APPENDED)
        .gives_plain(204)
        .refuses(&[
            400, 401, 403, 404, 409, 410, 412, 413, 415, 422, 423, 460, 503, 507,
        ]),
        Route::new(
            Method::DELETE,
            ONE,
            SignedIn,
            "remove_upload",
            "Give an upload up",
            uploads::remove_upload,
        )
        .reads(tus::VERSION_ONLY)
        .gives_plain(204)
        .refuses(&[400, 401, 403, 404, 410, 412, 423, 429]),
        Route::new(
            Method::POST,
            ONE,
            SignedIn,
            "override_upload",
            "PATCH, DELETE or HEAD for clients that cannot send them",
            uploads::override_upload,
        )
        .costs(Class::Free)
        .reads(tus::OVERRIDE)
        .tells(tus::FOUND)
        .gives_plain(200)
        .gives_plain(204)
        .refuses(&[
            400, 401, 403, 404, 409, 410, 412, 413, 415, 422, 423, 460, 503, 507,
        ]),
    ]
}
