//! What is expected, by route, caller and state of the video. Written by hand from the contract.

/// A row each for nobody, someone else, the owner, an admin; a column each for a video that is public,
/// unlisted, private, and public but not watchable yet.
pub(super) type Cells = [[u16; 4]; 4];

/// What a caller is answered: of the table's rows and columns, and of the two more that follow from them. Those are
/// moderators, who are someone else but for what [`MODERATORS`] says, and a public video that was taken down, which is
/// as a private one but for moderators, and for what [`TAKEN_DOWN`] says.
pub(super) fn expected(method: &str, path: &str, cells: &Cells, actor: usize, state: usize) -> u16 {
    let said = |list: &[(&str, &str, u16)]| {
        list.iter()
            .find(|(m, p, _)| (*m, *p) == (method, path))
            .map(|(_, _, status)| *status)
    };
    // What is down is to them as what is unlisted.
    let seen_as = if state == TAKEN { 1 } else { state };
    match (actor, state) {
        (MODERATOR, _) if AS_OWNERS.contains(&(method, path)) && cells[1][seen_as] != 404 => {
            cells[2][seen_as]
        }
        (MODERATOR, TAKEN) => said(MODERATORS).unwrap_or_else(|| {
            // They may see it, and find it by its address alone: in no list, as what is unlisted. Its bytes come
            // to whoever is signed in and may see it.
            cells[1][usize::from(!path.starts_with("/media/"))]
        }),
        (MODERATOR, _) => said(MODERATORS).unwrap_or(cells[1][state]),
        (_, TAKEN) if cells[actor][2] < 400 => said(TAKEN_DOWN).unwrap_or(cells[actor][2]),
        (_, TAKEN) => cells[actor][2],
        _ => cells[actor][state],
    }
}

/// The row below those of the table.
pub(super) const MODERATOR: usize = 4;
/// The column behind those of the table.
pub(super) const TAKEN: usize = 4;

/// What moderators may do that others do not know of.
const MODERATORS: &[(&str, &str, u16)] = &[
    ("GET", "/api/v1/admin/reports", 200),
    // Nothing is said of why.
    ("PUT", "/api/v1/admin/takedowns/{kind}/{targetId}", 400),
    ("DELETE", "/api/v1/admin/takedowns/{kind}/{targetId}", 200),
];

/// What moderators may do as owners may, about videos that they see.
const AS_OWNERS: &[(&str, &str)] = &[("POST", "/api/v1/comments/{commentId}/approve")];

/// What those who may do everything about a video may not while it is down.
const TAKEN_DOWN: &[(&str, &str, u16)] = &[("PATCH", "/api/v1/videos/toggle/publish/{id}", 403)];

/// The same whatever becomes of videos: nobody, someone else, the owner, an admin.
const fn by([nobody, other, owner, admin]: [u16; 4]) -> Cells {
    [[nobody; 4], [other; 4], [owner; 4], [admin; 4]]
}

/// A body of `{}` is not enough, but whoever is signed in gets as far as being told so.
const NEEDS_BODY: Cells = by([401, 400, 400, 400]);
/// JSON where a form is taken.
const NEEDS_FORM: Cells = by([401, 415, 415, 415]);
const SIGNED_IN: Cells = by([401, 200, 200, 200]);
const ANYONE: Cells = by([200; 4]);
/// Reading one video.
const READ: Cells = [[200, 200, 404, 404], [200, 200, 404, 404], [200; 4], [200; 4]];
/// Changing one video: 403 only where everyone can find it by themselves.
const CHANGE: Cells = [[401; 4], [403, 404, 404, 404], [200; 4], [200; 4]];
/// Trying again: none of them has failed.
const RETRY: Cells = [[401; 4], [403, 404, 404, 404], [409; 4], [409; 4]];
/// Changing one video by a file, where JSON is sent.
const CHANGE_BY_FILE: Cells = [[401; 4], [403, 404, 404, 404], [415; 4], [415; 4]];
/// Choosing nothing.
const CHOOSE: Cells = [[401; 4], [403, 404, 404, 404], [400; 4], [400; 4]];
/// Ending what is being done: there is something only where the video is not ready.
const CANCEL: Cells = [
    [401; 4],
    [403, 404, 404, 404],
    [409, 409, 409, 200],
    [409, 409, 409, 200],
];
/// For admins; nobody else knows that there is such a thing.
const ADMIN: Cells = by([404, 404, 404, 200]);
/// A job that is not there, for whoever is signed in.
const NO_JOB: Cells = by([401, 404, 404, 404]);
/// JSON where a form is taken, for those who may send one.
const REPLACE: Cells = [[401; 4], [403, 404, 404, 404], [415; 4], [415; 4]];
/// Changing something public of the owner's that is no video.
const OWNERS: Cells = by([401, 403, 200, 200]);
/// Telling nothing of watching a video.
const NOTE: Cells = [[400, 400, 404, 404], [400, 400, 404, 404], [400; 4], [400; 4]];
/// Beginning something that is made in the background.
const BEGIN: Cells = by([401, 202, 202, 202]);
/// Following the owner.
const FOLLOW: Cells = by([401, 200, 400, 200]);
/// Bytes, by their plain address.
const BYTES: Cells = [[200, 404, 404, 404], [200, 404, 404, 404], [200; 4], [200; 4]];

/// Writing under one video, where nothing is said.
const SAY: Cells = [[401; 4], [400, 400, 404, 404], [400; 4], [400; 4]];
/// Changing the owner's comment without saying how: nobody but its author gets as far as being told so.
const SAY_OTHERWISE: Cells = [[401; 4], [403, 403, 404, 404], [400; 4], [403, 403, 403, 403]];
/// Removing or pinning the owner's comment.
const TIDY: Cells = [[401; 4], [403, 403, 404, 404], [200; 4], [200; 4]];
/// Liking a video, or a comment under it.
const LIKE: Cells = [[401; 4], [200, 200, 404, 404], [200; 4], [200; 4]];

pub(super) const ROUTES: &[(&str, &str, Cells)] = &[
    ("GET", "/healthz", ANYONE),
    ("GET", "/readyz", ANYONE),
    ("GET", "/metrics", by([404, 404, 404, 200])),
    ("GET", "/watch/{id}", READ),
    ("GET", "/api/v1/healthcheck", ANYONE),
    ("GET", "/api/v1/openapi.json", ANYONE),
    ("GET", "/api/docs", ANYONE),
    ("GET", "/api/docs/page.js", ANYONE),
    ("GET", "/watch/player.js", ANYONE),
    ("GET", "/api/docs/page.css", ANYONE),
    ("POST", "/api/v1/admin/setup", by([404; 4])),
    ("POST", "/api/v1/users/register", by([400; 4])),
    ("POST", "/users/register", by([400; 4])),
    ("POST", "/api/v1/users/login", by([400; 4])),
    ("POST", "/users/login", by([400; 4])),
    ("POST", "/api/v1/users/logout", SIGNED_IN),
    ("POST", "/users/logout", SIGNED_IN),
    ("POST", "/api/v1/users/refresh-token", by([401; 4])),
    ("POST", "/users/refresh-token", by([401; 4])),
    ("POST", "/api/v1/users/change-password", NEEDS_BODY),
    ("POST", "/users/change-password", NEEDS_BODY),
    ("GET", "/api/v1/users/current-user", SIGNED_IN),
    ("GET", "/api/v1/users/curent-user", SIGNED_IN),
    ("GET", "/users/current-user", SIGNED_IN),
    ("GET", "/users/curent-user", SIGNED_IN),
    ("PATCH", "/api/v1/users/update-account", NEEDS_BODY),
    ("PATCH", "/users/update-account", NEEDS_BODY),
    ("PATCH", "/api/v1/users/avatar", NEEDS_FORM),
    ("PATCH", "/api/v1/users/update-avatar", NEEDS_FORM),
    ("PATCH", "/users/avatar", NEEDS_FORM),
    ("PATCH", "/users/update-avatar", NEEDS_FORM),
    ("PATCH", "/api/v1/users/cover-image", NEEDS_FORM),
    ("PATCH", "/api/v1/users/update-cover-image", NEEDS_FORM),
    ("PATCH", "/users/cover-image", NEEDS_FORM),
    ("PATCH", "/users/update-cover-image", NEEDS_FORM),
    ("GET", "/api/v1/users/c/{username}", ANYONE),
    ("GET", "/users/c/{username}", ANYONE),
    ("GET", "/api/v1/users/sessions", SIGNED_IN),
    ("GET", "/users/sessions", SIGNED_IN),
    ("DELETE", "/api/v1/users/sessions", SIGNED_IN),
    ("DELETE", "/users/sessions", SIGNED_IN),
    ("DELETE", "/api/v1/users/sessions/{id}", by([401, 404, 404, 404])),
    ("DELETE", "/users/sessions/{id}", by([401, 404, 404, 404])),
    ("DELETE", "/api/v1/users/me", NEEDS_BODY),
    ("DELETE", "/users/me", NEEDS_BODY),
    // Everything of one's own in one file; one that is not there is nobody's.
    ("POST", "/api/v1/users/export", BEGIN),
    ("POST", "/users/export", BEGIN),
    ("GET", "/api/v1/users/export", SIGNED_IN),
    ("GET", "/users/export", SIGNED_IN),
    ("DELETE", "/api/v1/users/export/{exportId}", NO_JOB),
    ("DELETE", "/users/export/{exportId}", NO_JOB),
    ("GET", "/api/v1/users/export/{exportId}/file", NO_JOB),
    ("GET", "/users/export/{exportId}/file", NO_JOB),
    ("GET", "/api/v1/videos", ANYONE),
    ("POST", "/api/v1/videos", NEEDS_FORM),
    ("GET", "/api/v1/videos/{id}", READ),
    ("GET", "/api/v1/videos/v/{id}", READ),
    ("PATCH", "/api/v1/videos/{id}", CHANGE),
    ("DELETE", "/api/v1/videos/{id}", CHANGE),
    ("PATCH", "/api/v1/videos/toggle/publish/{id}", CHANGE),
    ("GET", "/api/v1/videos/{id}/playback", READ),
    ("GET", "/api/v1/videos/{id}/status", READ),
    ("POST", "/api/v1/videos/{id}/retry", RETRY),
    ("GET", "/api/v1/videos/{id}/captions", READ),
    ("GET", "/api/v1/videos/{id}/captions/{lang}", READ),
    ("PUT", "/api/v1/videos/{id}/captions/{lang}", CHANGE_BY_FILE),
    ("DELETE", "/api/v1/videos/{id}/captions/{lang}", CHANGE),
    ("GET", "/api/v1/videos/{id}/thumbnails", CHANGE),
    ("PUT", "/api/v1/videos/{id}/thumbnail", CHOOSE),
    ("GET", "/api/v1/videos/{id}/download", READ),
    // Background work.
    ("POST", "/api/v1/videos/{id}/cancel", CANCEL),
    ("GET", "/api/v1/jobs", SIGNED_IN),
    ("GET", "/api/v1/jobs/{id}", NO_JOB),
    ("POST", "/api/v1/jobs/{id}/cancel", NO_JOB),
    ("POST", "/api/v1/jobs/{id}/retry", NO_JOB),
    ("GET", "/api/v1/admin/jobs", ADMIN),
    // `{}` is no change, and only an admin is told so.
    ("PATCH", "/api/v1/admin/jobs/{id}", by([404, 404, 404, 400])),
    // Moderation; what a moderator may do is in `moderation`. `{}` says nothing, and that report is not there.
    ("POST", "/api/v1/reports", NEEDS_BODY),
    ("GET", "/api/v1/admin/reports", ADMIN),
    ("PATCH", "/api/v1/admin/reports/{reportId}", by([404; 4])),
    (
        "PUT",
        "/api/v1/admin/takedowns/{kind}/{targetId}",
        by([404, 404, 404, 400]),
    ),
    ("DELETE", "/api/v1/admin/takedowns/{kind}/{targetId}", ADMIN),
    ("GET", "/api/v1/admin/users", ADMIN),
    ("PATCH", "/api/v1/admin/users/{userId}", by([404, 404, 404, 400])),
    ("GET", "/api/v1/admin/stats", ADMIN),
    ("GET", "/api/v1/admin/settings", ADMIN),
    ("GET", "/api/v1/admin/audit", ADMIN),
    // Nobody waits.
    ("GET", "/api/v1/admin/registrations", ADMIN),
    (
        "POST",
        "/api/v1/admin/registrations/{userId}/approve",
        by([404; 4]),
    ),
    ("DELETE", "/api/v1/admin/registrations/{userId}", by([404; 4])),
    // Nobody hears anything without saying of what.
    ("GET", "/api/v1/events", SIGNED_IN),
    ("GET", "/api/v1/notifications", SIGNED_IN),
    // `{}` is all of them.
    ("POST", "/api/v1/notifications/read", SIGNED_IN),
    ("GET", "/api/v1/notifications/preferences", SIGNED_IN),
    ("PATCH", "/api/v1/notifications/preferences", NEEDS_BODY),
    // A webhook that is not there.
    ("GET", "/api/v1/webhooks", SIGNED_IN),
    ("POST", "/api/v1/webhooks", NEEDS_BODY),
    ("PATCH", "/api/v1/webhooks/{webhookId}", NO_JOB),
    ("DELETE", "/api/v1/webhooks/{webhookId}", NO_JOB),
    ("POST", "/api/v1/webhooks/{webhookId}/secret", NO_JOB),
    ("POST", "/api/v1/webhooks/{webhookId}/test", NO_JOB),
    ("GET", "/api/v1/webhooks/{webhookId}/deliveries", NO_JOB),
    (
        "POST",
        "/api/v1/webhooks/{webhookId}/deliveries/{deliveryId}/retry",
        NO_JOB,
    ),
    // Nothing is pushed here.
    ("GET", "/api/v1/push/key", SIGNED_IN),
    ("POST", "/api/v1/push/subscriptions", NO_JOB),
    ("DELETE", "/api/v1/push/subscriptions/{pushId}", NO_JOB),
    // Whoever speaks no tus is told so before anything is looked for.
    ("OPTIONS", "/api/v1/uploads", by([204; 4])),
    ("POST", "/api/v1/uploads", by([401, 412, 412, 412])),
    ("OPTIONS", "/api/v1/uploads/{id}", by([204; 4])),
    ("HEAD", "/api/v1/uploads/{id}", by([401, 412, 412, 412])),
    ("PATCH", "/api/v1/uploads/{id}", by([401, 412, 412, 412])),
    ("DELETE", "/api/v1/uploads/{id}", by([401, 412, 412, 412])),
    ("POST", "/api/v1/uploads/{id}", by([401, 400, 400, 400])),
    ("GET", "/api/v1/users/storage", SIGNED_IN),
    ("GET", "/users/storage", SIGNED_IN),
    ("PUT", "/api/v1/videos/{id}/file", REPLACE),
    // Finding things.
    ("GET", "/api/v1/search", ANYONE),
    ("GET", "/api/v1/trending", ANYONE),
    ("GET", "/api/v1/videos/{id}/related", READ),
    ("GET", "/api/v1/feeds/channel/{username}", ANYONE),
    ("GET", "/feeds/channel/{username}", ANYONE),
    ("GET", "/api/v1/oembed", ANYONE),
    ("GET", "/oembed", ANYONE),
    ("GET", "/embed/{id}", READ),
    ("GET", "/sitemap.xml", ANYONE),
    ("GET", "/sitemap-videos.xml", ANYONE),
    ("GET", "/robots.txt", ANYONE),
    // Not hearing from the owner; nobody blocks themselves.
    ("GET", "/api/v1/users/blocks", SIGNED_IN),
    ("GET", "/users/blocks", SIGNED_IN),
    ("PUT", "/api/v1/users/blocks/{userId}", FOLLOW),
    ("PUT", "/users/blocks/{userId}", FOLLOW),
    ("DELETE", "/api/v1/users/blocks/{userId}", SIGNED_IN),
    ("DELETE", "/users/blocks/{userId}", SIGNED_IN),
    // Following the owner; nobody follows themselves.
    ("POST", "/api/v1/subscriptions/c/{channelId}", FOLLOW),
    ("PUT", "/api/v1/subscriptions/c/{channelId}", FOLLOW),
    ("DELETE", "/api/v1/subscriptions/c/{channelId}", FOLLOW),
    ("GET", "/api/v1/subscriptions/c/{channelId}", ANYONE),
    ("GET", "/api/v1/subscriptions/u/{subscriberId}", ANYONE),
    ("GET", "/api/v1/feed/subscriptions", SIGNED_IN),
    // A public playlist of the owner; `{}` is no change of it.
    ("POST", "/api/v1/playlist", NEEDS_BODY),
    ("GET", "/api/v1/playlist/{playlistId}", ANYONE),
    ("PATCH", "/api/v1/playlist/{playlistId}", by([401, 403, 400, 400])),
    ("DELETE", "/api/v1/playlist/{playlistId}", OWNERS),
    ("GET", "/api/v1/playlist/user/{userId}", ANYONE),
    ("PATCH", "/api/v1/playlist/add/{videoId}/{playlistId}", OWNERS),
    ("PATCH", "/api/v1/playlist/remove/{videoId}/{playlistId}", OWNERS),
    ("DELETE", "/api/v1/playlist/remove/{videoId}/{playlistId}", OWNERS),
    (
        "PATCH",
        "/api/v1/playlist/{playlistId}/order",
        by([401, 403, 400, 400]),
    ),
    // What is sent says of no place.
    ("POST", "/api/v1/videos/{id}/views", NOTE),
    ("GET", "/api/v1/users/history", SIGNED_IN),
    ("GET", "/api/v1/users/watch-history", SIGNED_IN),
    ("GET", "/users/history", SIGNED_IN),
    ("GET", "/users/watch-history", SIGNED_IN),
    ("DELETE", "/api/v1/users/history", SIGNED_IN),
    ("DELETE", "/api/v1/users/watch-history", SIGNED_IN),
    ("DELETE", "/users/history", SIGNED_IN),
    ("DELETE", "/users/watch-history", SIGNED_IN),
    ("DELETE", "/api/v1/users/history/{videoId}", SIGNED_IN),
    ("DELETE", "/api/v1/users/watch-history/{videoId}", SIGNED_IN),
    ("DELETE", "/users/history/{videoId}", SIGNED_IN),
    ("DELETE", "/users/watch-history/{videoId}", SIGNED_IN),
    // Numbers are for the owner alone, whoever else may see the video.
    ("GET", "/api/v1/dashboard/stats", SIGNED_IN),
    ("GET", "/api/v1/dashboard/videos", SIGNED_IN),
    ("GET", "/api/v1/dashboard/timeseries", SIGNED_IN),
    ("GET", "/api/v1/dashboard/top", SIGNED_IN),
    (
        "GET",
        "/api/v1/dashboard/videos/{id}/retention",
        [[401; 4], [403, 403, 404, 404], [200; 4], [403; 4]],
    ),
    ("GET", "/api/v1/dashboard/realtime", SIGNED_IN),
    ("GET", "/api/v1/dashboard/export", SIGNED_IN),
    ("GET", "/api/v1/dashboard/live", SIGNED_IN),
    // Comments, tweets, likes.
    // The owner's comment is shown already. `{}` names none, and says nothing of settings.
    ("GET", "/api/v1/comments/held", SIGNED_IN),
    ("GET", "/api/v1/comments/held/mine", SIGNED_IN),
    ("POST", "/api/v1/comments/held/approve", NEEDS_BODY),
    ("POST", "/api/v1/comments/held/remove", NEEDS_BODY),
    ("POST", "/api/v1/comments/{commentId}/approve", TIDY),
    ("GET", "/api/v1/users/comment-settings", SIGNED_IN),
    ("PATCH", "/api/v1/users/comment-settings", NEEDS_BODY),
    ("GET", "/users/comment-settings", SIGNED_IN),
    ("PATCH", "/users/comment-settings", NEEDS_BODY),
    ("GET", "/api/v1/videos/{id}/comment-settings", READ),
    ("PATCH", "/api/v1/videos/{id}/comment-settings", CHOOSE),
    ("GET", "/api/v1/comments/{id}", READ),
    ("POST", "/api/v1/comments/{id}", SAY),
    ("GET", "/api/v1/comments/c/{commentId}", READ),
    ("GET", "/api/v1/comments/c/{commentId}/replies", READ),
    ("PATCH", "/api/v1/comments/c/{commentId}", SAY_OTHERWISE),
    ("DELETE", "/api/v1/comments/c/{commentId}", TIDY),
    ("POST", "/api/v1/comments/c/{commentId}/pin", TIDY),
    ("DELETE", "/api/v1/comments/c/{commentId}/pin", TIDY),
    ("GET", "/api/v1/tweets", ANYONE),
    ("POST", "/api/v1/tweets", NEEDS_BODY),
    ("GET", "/api/v1/tweets/user/{userId}", ANYONE),
    ("PATCH", "/api/v1/tweets/{tweetId}", by([401, 403, 400, 403])),
    ("DELETE", "/api/v1/tweets/{tweetId}", by([401, 403, 200, 200])),
    ("POST", "/api/v1/likes/toggle/v/{id}", LIKE),
    ("POST", "/api/v1/likes/toggle/c/{commentId}", LIKE),
    ("POST", "/api/v1/likes/toggle/t/{tweetId}", SIGNED_IN),
    ("PUT", "/api/v1/likes/v/{id}", LIKE),
    ("DELETE", "/api/v1/likes/v/{id}", LIKE),
    ("PUT", "/api/v1/likes/c/{commentId}", LIKE),
    ("DELETE", "/api/v1/likes/c/{commentId}", LIKE),
    ("PUT", "/api/v1/likes/t/{tweetId}", SIGNED_IN),
    ("DELETE", "/api/v1/likes/t/{tweetId}", SIGNED_IN),
    ("GET", "/api/v1/likes/videos", SIGNED_IN),
];

/// Paths of bytes, without a signed part; `source.mp4` is one that may be sent as it is.
pub(super) const MEDIA: &[(&str, Cells)] = &[
    ("/media/{id}/master.m3u8", BYTES),
    ("/media/{id}/180p.m3u8", BYTES),
    ("/media/{id}/180p.mp4", BYTES),
    ("/media/{id}/audio.m3u8", BYTES),
    ("/media/{id}/audio.mp4", BYTES),
    ("/media/{id}/source.mp4", BYTES),
    ("/media/{id}/{poster}.jpg", BYTES),
    ("/media/{id}/{captions}", BYTES),
    ("/media/{id}/chapters.vtt", BYTES),
    ("/media/{id}/storyboard-{storyboard}.vtt", BYTES),
    ("/media/{id}/storyboard-{storyboard}-0.jpg", BYTES),
    ("/api/v1/videos/{id}/stream", READ),
];

/// Nothing is there, for nobody.
pub(super) const NOTHING: Cells = by([404; 4]);
