//! Every call of sections 2 to 8 of the contract, with what it takes; both spellings where there are two.

use super::NO_SUCH_ID;

/// One call.
pub(super) struct Row {
    pub(super) method: &'static str,
    /// Ids of the contract stand in braces.
    pub(super) path: &'static str,
    /// Nobody may call it without signing in.
    pub(super) signed_in: bool,
    /// A JSON body that is good but for what it is about; empty: it takes none, or a form.
    pub(super) body: &'static str,
    /// What is answered about things that are not there.
    pub(super) unknown: u16,
}

const fn reads(path: &'static str, unknown: u16) -> Row {
    Row {
        method: "GET",
        path,
        signed_in: false,
        body: "",
        unknown,
    }
}

const fn own(path: &'static str) -> Row {
    Row {
        method: "GET",
        path,
        signed_in: true,
        body: "",
        unknown: 200,
    }
}

const fn changes(method: &'static str, path: &'static str, body: &'static str, unknown: u16) -> Row {
    Row {
        method,
        path,
        signed_in: true,
        body,
        unknown,
    }
}

const fn open(method: &'static str, path: &'static str, body: &'static str, unknown: u16) -> Row {
    Row {
        method,
        path,
        signed_in: false,
        body,
        unknown,
    }
}

const REGISTER: &str = r#"{"fullName":"Chandra","email":"chandra@example.com","username":"chandra","password":"tangled-otter-84"}"#;
const LOGIN: &str = r#"{"email":"nobody@example.com","username":"nobody","password":"tangled-otter-84"}"#;
const PASSWORDS: &str = r#"{"oldPassword":"not-the-old-one","newPassword":"another-otter-85"}"#;
const ACCOUNT: &str = r#"{"fullName":"Asha","email":"asha@example.com","bio":"Hello"}"#;
const VIDEO: &str = r#"{"title":"A title","description":"Words","tags":["a"],"visibility":"public"}"#;
const WATCHING: &str = r#"{"sessionId":"a","from":0,"to":1,"position":1,"event":"progress"}"#;
const CONTENT: &str = r#"{"content":"Hello"}"#;
const TWEET: &str = r#"{"content":"Hello","video":"0123456789abcdef01234567","videoAt":1}"#;
const PLAYLIST: &str = r#"{"name":"A list","description":"Words","visibility":"public"}"#;
const ORDER: &str = r#"{"videoId":"0123456789abcdef01234567","before":"0123456789abcdef01234568"}"#;

/// The rows. `{lang}` and `{username}` are words, not ids.
pub(super) const ROWS: &[Row] = &[
    // 2. Users
    open("POST", "/api/v1/users/register", REGISTER, 201),
    open("POST", "/api/v1/users/login", LOGIN, 401),
    open(
        "POST",
        "/api/v1/users/refresh-token",
        r#"{"refreshToken":"forged"}"#,
        401,
    ),
    changes("POST", "/api/v1/users/logout", "", 200),
    changes("POST", "/api/v1/users/change-password", PASSWORDS, 400),
    own("/api/v1/users/current-user"),
    own("/api/v1/users/curent-user"),
    changes("PATCH", "/api/v1/users/update-account", ACCOUNT, 200),
    changes("PATCH", "/api/v1/users/avatar", "", 415),
    changes("PATCH", "/api/v1/users/update-avatar", "", 415),
    changes("PATCH", "/api/v1/users/cover-image", "", 415),
    changes("PATCH", "/api/v1/users/update-cover-image", "", 415),
    reads("/api/v1/users/c/{username}", 404),
    own("/api/v1/users/history"),
    own("/api/v1/users/watch-history"),
    changes("DELETE", "/api/v1/users/history", "", 200),
    // What was never watched is as gone as what was.
    changes("DELETE", "/api/v1/users/history/{videoId}", "", 200),
    own("/api/v1/users/sessions"),
    changes("DELETE", "/api/v1/users/sessions", "", 200),
    changes("DELETE", "/api/v1/users/sessions/{id}", "", 404),
    changes(
        "DELETE",
        "/api/v1/users/me",
        r#"{"password":"not-the-password"}"#,
        403,
    ),
    // 3. Videos
    reads("/api/v1/videos", 200),
    changes("POST", "/api/v1/videos", "", 415),
    reads("/api/v1/videos/{id}", 404),
    reads("/api/v1/videos/v/{id}", 404),
    changes("PATCH", "/api/v1/videos/{id}", VIDEO, 404),
    changes("DELETE", "/api/v1/videos/{id}", "", 404),
    changes("PATCH", "/api/v1/videos/toggle/publish/{id}", "", 404),
    reads("/api/v1/videos/{id}/stream", 404),
    reads("/api/v1/videos/{id}/playback", 404),
    open("POST", "/api/v1/videos/{id}/views", WATCHING, 404),
    reads("/api/v1/videos/{id}/status", 404),
    changes("POST", "/api/v1/videos/{id}/retry", "", 404),
    reads("/api/v1/videos/{id}/captions/{lang}", 404),
    changes("PUT", "/api/v1/videos/{id}/captions/{lang}", "", 404),
    changes("DELETE", "/api/v1/videos/{id}/captions/{lang}", "", 404),
    reads("/api/v1/videos/{id}/related", 404),
    // Who speaks no tus is told so first.
    changes("POST", "/api/v1/uploads", "", 412),
    changes("HEAD", "/api/v1/uploads/{id}", "", 412),
    changes("PATCH", "/api/v1/uploads/{id}", "", 412),
    changes("DELETE", "/api/v1/uploads/{id}", "", 412),
    open("OPTIONS", "/api/v1/uploads", "", 204),
    // 4. Comments
    reads("/api/v1/comments/{videoId}", 404),
    changes("POST", "/api/v1/comments/{videoId}", CONTENT, 404),
    changes("PATCH", "/api/v1/comments/c/{id}", CONTENT, 404),
    changes("DELETE", "/api/v1/comments/c/{id}", "", 404),
    reads("/api/v1/comments/c/{id}/replies", 404),
    changes("POST", "/api/v1/comments/c/{id}/pin", "", 404),
    changes("DELETE", "/api/v1/comments/c/{id}/pin", "", 404),
    // 5. Tweets
    changes("POST", "/api/v1/tweets", TWEET, 404),
    reads("/api/v1/tweets", 200),
    reads("/api/v1/tweets/user/{userId}", 404),
    changes("PATCH", "/api/v1/tweets/{id}", CONTENT, 404),
    changes("DELETE", "/api/v1/tweets/{id}", "", 404),
    // 6. Likes, subscriptions
    changes("POST", "/api/v1/likes/toggle/v/{videoId}", "", 404),
    changes("POST", "/api/v1/likes/toggle/c/{commentId}", "", 404),
    changes("POST", "/api/v1/likes/toggle/t/{tweetId}", "", 404),
    changes("PUT", "/api/v1/likes/v/{videoId}", "", 404),
    changes("DELETE", "/api/v1/likes/v/{videoId}", "", 404),
    changes("PUT", "/api/v1/likes/c/{commentId}", "", 404),
    changes("DELETE", "/api/v1/likes/c/{commentId}", "", 404),
    changes("PUT", "/api/v1/likes/t/{tweetId}", "", 404),
    changes("DELETE", "/api/v1/likes/t/{tweetId}", "", 404),
    own("/api/v1/likes/videos"),
    changes("POST", "/api/v1/subscriptions/c/{channelId}", "", 404),
    changes("PUT", "/api/v1/subscriptions/c/{channelId}", "", 404),
    changes("DELETE", "/api/v1/subscriptions/c/{channelId}", "", 404),
    reads("/api/v1/subscriptions/c/{channelId}", 404),
    reads("/api/v1/subscriptions/u/{subscriberId}", 404),
    own("/api/v1/feed/subscriptions"),
    // 7. Playlists
    changes("POST", "/api/v1/playlist", PLAYLIST, 201),
    reads("/api/v1/playlist/{id}", 404),
    changes("PATCH", "/api/v1/playlist/{id}", PLAYLIST, 404),
    changes("DELETE", "/api/v1/playlist/{id}", "", 404),
    reads("/api/v1/playlist/user/{userId}", 404),
    changes("PATCH", "/api/v1/playlist/add/{videoId}/{playlistId}", "", 404),
    changes("PATCH", "/api/v1/playlist/remove/{videoId}/{playlistId}", "", 404),
    changes(
        "DELETE",
        "/api/v1/playlist/remove/{videoId}/{playlistId}",
        "",
        404,
    ),
    changes("PATCH", "/api/v1/playlist/{id}/order", ORDER, 404),
    // 8. The dashboard and the rest
    own("/api/v1/dashboard/stats"),
    own("/api/v1/dashboard/videos"),
    own("/api/v1/dashboard/timeseries"),
    own("/api/v1/dashboard/top"),
    Row {
        method: "GET",
        path: "/api/v1/dashboard/videos/{id}/retention",
        signed_in: true,
        body: "",
        unknown: 404,
    },
    own("/api/v1/dashboard/realtime"),
    own("/api/v1/notifications"),
    changes(
        "POST",
        "/api/v1/notifications/read",
        r#"{"upTo":"0123456789abcdef01234567"}"#,
        404,
    ),
    reads("/api/v1/search", 400),
    reads("/api/v1/trending", 200),
    own("/api/v1/jobs"),
    reads("/api/v1/openapi.json", 200),
    reads("/api/v1/oembed", 400),
    reads("/api/v1/feeds/channel/{username}", 404),
    reads("/api/v1/healthcheck", 200),
];

/// Streams: their answers have no end, so other tests read them.
pub(super) const STREAMS: [&str; 2] = ["/api/v1/events", "/api/v1/dashboard/live"];

impl Row {
    /// The ids of the path, as they stand there.
    pub(super) fn ids(&self) -> Vec<&'static str> {
        self.path
            .split('/')
            .filter(|part| part.starts_with('{') && !["{username}", "{lang}"].contains(part))
            .collect()
    }

    /// The path about nothing that there is.
    pub(super) fn about_nothing(&self) -> String {
        let filled = self.path.replace("{username}", "nobody").replace("{lang}", "en");
        self.ids()
            .iter()
            .fold(filled, |path, id| path.replace(id, NO_SUCH_ID))
    }
}
