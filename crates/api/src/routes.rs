//! The table of routes: path, policy, class, handler and description of each in one place (those of what is
//! shown beside the picture in [`extras`]). A route cannot be registered without a policy, and the OpenAPI
//! document is made from the same rows.

use axum::handler::Handler;
use axum::routing::MethodRouter;
use http::Method;
use utoipa::openapi::path::Parameter;
use utoipa::openapi::{RefOr, Schema};
use utoipa::{IntoParams, ToSchema};

use crate::answer::Nothing;
use crate::bodies::{
    ChannelBody, CursorPageBody, PlaybackBody, SessionBody, SignedInBody, StatusBody, UserBody, VideoBody,
    VideoPageBody,
};
use crate::health::{HealthBody, ReadyBody};
use crate::limits::Class;
use crate::web::Web;
use crate::{health, jobs, openapi, setup, storage, uploads, users, videos, watch};

mod comments;
mod extras;
mod history;
mod likes;
mod notifications;
mod playlists;
mod slices;
mod subscriptions;
mod tweets;

/// Who may call a route. What a caller may see or change of a thing is the use case's affair.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Policy {
    /// Everyone, also when the instance requires signing in.
    Anyone,
    /// Everyone, unless the instance requires signing in.
    Reader,
    /// Whoever is signed in.
    SignedIn,
    /// Callers on this machine, and admins; for others the route does not exist.
    Operator,
    /// Admins; for others the route does not exist.
    Admin,
}

/// A schema and those it refers to.
pub(crate) struct Shape {
    pub(crate) name: String,
    pub(crate) schema: RefOr<Schema>,
    pub(crate) others: Vec<(String, RefOr<Schema>)>,
    pub(crate) array: bool,
}

/// One route.
pub struct Route {
    /// The method.
    pub method: Method,
    /// The path, and others under which the same is found.
    pub paths: Vec<&'static str>,
    /// Who may call it.
    pub policy: Policy,
    /// What it costs.
    pub class: Class,
    /// Its name: `<verb>_<resource>`, the OpenAPI operation id.
    pub name: &'static str,
    /// A line about it.
    pub summary: &'static str,
    pub(crate) handler: MethodRouter<Web>,
    pub(crate) body: Option<(&'static str, Shape)>,
    pub(crate) parameters: Vec<Parameter>,
    /// Headers of the request: name, whether it must be there, what it says.
    pub(crate) headers: &'static [(&'static str, bool, &'static str)],
    /// Headers of a good answer: name, what it says.
    pub(crate) tells: &'static [(&'static str, &'static str)],
    pub(crate) answers: Vec<(u16, Option<Shape>)>,
    pub(crate) refusals: &'static [u16],
    pub(crate) enveloped: bool,
}

impl std::fmt::Debug for Route {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} {:?} {:?}", self.method, self.paths, self.policy)
    }
}

fn shape<T: ToSchema>() -> Shape {
    let mut others = Vec::new();
    T::schemas(&mut others);
    Shape {
        name: T::name().into_owned(),
        schema: T::schema(),
        others,
        array: false,
    }
}

impl Route {
    fn new<H, T>(
        method: Method,
        path: &'static str,
        policy: Policy,
        name: &'static str,
        summary: &'static str,
        handler: H,
    ) -> Self
    where
        H: Handler<T, Web>,
        T: 'static,
    {
        let filter = axum::routing::MethodFilter::try_from(method.clone());
        let class = if method.is_safe() {
            Class::Free
        } else {
            Class::Change
        };
        let handler = match filter {
            Ok(filter) => axum::routing::on(filter, handler),
            Err(_) => MethodRouter::new(),
        };
        Self {
            method,
            paths: vec![path],
            policy,
            class,
            name,
            summary,
            handler,
            body: None,
            parameters: Vec::new(),
            headers: &[],
            tells: &[],
            answers: Vec::new(),
            refusals: &[],
            enveloped: true,
        }
    }

    fn also(mut self, path: &'static str) -> Self {
        self.paths.push(path);
        self
    }

    fn costs(mut self, class: Class) -> Self {
        self.class = class;
        self
    }

    fn takes<T: ToSchema>(mut self) -> Self {
        self.body = Some(("application/json", shape::<T>()));
        self
    }

    fn takes_form<T: ToSchema>(mut self) -> Self {
        self.body = Some(("multipart/form-data", shape::<T>()));
        self
    }

    fn asks<T: IntoParams>(mut self) -> Self {
        self.parameters = T::into_params(|| Some(utoipa::openapi::path::ParameterIn::Query));
        self
    }

    /// Bytes of an upload over several requests.
    fn takes_bytes(mut self) -> Self {
        let shape = Shape {
            name: "UploadBytes".to_owned(),
            schema: utoipa::openapi::ObjectBuilder::new()
                .schema_type(utoipa::openapi::schema::Type::String)
                .format(Some(utoipa::openapi::SchemaFormat::KnownFormat(
                    utoipa::openapi::KnownFormat::Binary,
                )))
                .into(),
            others: Vec::new(),
            array: false,
        };
        self.body = Some(("application/offset+octet-stream", shape));
        self
    }

    fn reads(mut self, headers: &'static [(&'static str, bool, &'static str)]) -> Self {
        self.headers = headers;
        self
    }

    fn tells(mut self, headers: &'static [(&'static str, &'static str)]) -> Self {
        self.tells = headers;
        self
    }

    fn gives<T: ToSchema>(mut self, status: u16) -> Self {
        self.answers.push((status, Some(shape::<T>())));
        self
    }

    fn gives_list<T: ToSchema>(mut self, status: u16) -> Self {
        self.answers.push((
            status,
            Some(Shape {
                array: true,
                ..shape::<T>()
            }),
        ));
        self
    }

    fn gives_plain(mut self, status: u16) -> Self {
        self.answers.push((status, None));
        self.enveloped = false;
        self
    }

    fn bare(mut self) -> Self {
        self.enveloped = false;
        self
    }

    fn refuses(mut self, statuses: &'static [u16]) -> Self {
        self.refusals = statuses;
        self
    }
}

/// A picture in a form.
#[derive(Debug, ToSchema)]
#[expect(dead_code, reason = "describes a form for the OpenAPI document")]
pub struct AvatarForm {
    /// JPEG, PNG or WebP of at most 10 MiB.
    #[schema(value_type = String, format = Binary)]
    avatar: Vec<u8>,
}

/// A picture in a form.
#[derive(Debug, ToSchema)]
#[expect(dead_code, reason = "describes a form for the OpenAPI document")]
#[schema(rename_all = "camelCase")]
pub struct CoverForm {
    /// JPEG, PNG or WebP of at most 10 MiB.
    #[schema(value_type = String, format = Binary)]
    cover_image: Vec<u8>,
}

/// A new video; the fields may come in any order.
#[derive(Debug, ToSchema)]
#[expect(dead_code, reason = "describes a form for the OpenAPI document")]
#[schema(rename_all = "camelCase")]
pub struct PublishForm {
    /// The video.
    #[schema(value_type = String, format = Binary)]
    video_file: Vec<u8>,
    /// 1 to 200 characters.
    title: String,
    /// Up to 10,000 characters.
    description: Option<String>,
    /// Words with commas between, or a JSON array; may be repeated.
    tags: Option<String>,
    /// `public` (the default), `unlisted`, `private`.
    visibility: Option<String>,
    /// The older spelling: `false` is private.
    is_published: Option<bool>,
    /// Whether the original stays once the video is ready; absent: as the instance is set up.
    keep_original: Option<bool>,
    /// `true`: make a second video where one has a video of the same bytes.
    allow_duplicate: Option<bool>,
    /// JPEG, PNG or WebP of at most 10 MiB.
    #[schema(value_type = Option<String>, format = Binary)]
    thumbnail: Option<Vec<u8>>,
}

/// Another file for a video.
#[derive(Debug, ToSchema)]
#[expect(dead_code, reason = "describes a form for the OpenAPI document")]
#[schema(rename_all = "camelCase")]
pub struct ReplaceForm {
    /// The video.
    #[schema(value_type = String, format = Binary)]
    video_file: Vec<u8>,
}

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

/// Uploads that go on over several requests: the tus protocol, version 1.0.0.
#[expect(
    clippy::too_many_lines,
    reason = "a table: a row for each route, read from top to bottom"
)]
fn upload_routes() -> Vec<Route> {
    use Policy::{Anyone, SignedIn};
    const ALL: &str = "/api/v1/uploads";
    const ONE: &str = "/api/v1/uploads/{id}";
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
        Route::new(
            Method::GET,
            "/api/v1/users/storage",
            SignedIn,
            "get_storage",
            "What one stores, by video, and how much more one may",
            storage::get_storage,
        )
        .also("/users/storage")
        .asks::<storage::StorageQuery>()
        .gives::<storage::StorageBody<'static>>(200)
        .refuses(&[400, 401]),
        Route::new(
            Method::PUT,
            "/api/v1/videos/{id}/file",
            SignedIn,
            "replace_file",
            "Make a video of another file; address, likes and views stay",
            videos::replace_file,
        )
        .takes_form::<ReplaceForm>()
        .gives::<VideoBody<'static>>(200)
        .refuses(&[400, 401, 403, 404, 413, 415, 422, 429, 507]),
    ]
}

/// All routes but media, which the delivery path serves (see [`crate::gate`]).
#[expect(
    clippy::too_many_lines,
    reason = "a table: a row for each route, read from top to bottom"
)]
pub fn routes() -> Vec<Route> {
    use Policy::{Admin, Anyone, Operator, Reader, SignedIn};
    let (get, post, patch, delete) = (Method::GET, Method::POST, Method::PATCH, Method::DELETE);
    let mut all = upload_routes();
    all.extend(extras::routes());
    all.extend(subscriptions::routes());
    all.extend(playlists::routes());
    all.extend(history::routes());
    all.extend(comments::routes());
    all.extend(tweets::routes());
    all.extend(likes::routes());
    all.extend(notifications::routes());
    all.extend(vec![
        Route::new(
            get.clone(),
            "/healthz",
            Anyone,
            "healthz",
            "Whether the server answers",
            health::healthz,
        )
        .gives::<HealthBody>(200)
        .bare(),
        Route::new(
            get.clone(),
            "/readyz",
            Anyone,
            "readyz",
            "Whether the server can work",
            health::readyz,
        )
        .gives::<ReadyBody>(200)
        .gives::<ReadyBody>(503)
        .bare(),
        Route::new(
            get.clone(),
            "/metrics",
            Operator,
            "metrics",
            "Counters for Prometheus",
            health::render_metrics,
        )
        .gives_plain(200)
        .refuses(&[404]),
        Route::new(
            get.clone(),
            "/watch/{id}",
            Reader,
            "watch_page",
            "A page that plays the video",
            watch::watch_page,
        )
        .gives_plain(200)
        .refuses(&[401, 404]),
        Route::new(
            get.clone(),
            "/api/v1/healthcheck",
            Anyone,
            "healthcheck",
            "Whether the server answers, in the envelope",
            health::healthcheck,
        )
        .gives::<HealthBody>(200),
        Route::new(
            get.clone(),
            "/api/v1/openapi.json",
            Anyone,
            "openapi",
            "This document",
            openapi::serve_document,
        )
        .gives_plain(200),
        Route::new(
            post.clone(),
            "/api/v1/admin/setup",
            Anyone,
            "claim_setup",
            "Make the first admin with the code that the server printed",
            setup::claim_setup,
        )
        .costs(Class::Account)
        .takes::<setup::SetupRequest>()
        .gives::<UserBody<'static>>(201)
        .refuses(&[400, 403, 404, 409, 413, 415, 429]),
        Route::new(
            post.clone(),
            "/api/v1/users/register",
            Anyone,
            "register_user",
            "Register; JSON, or a form with pictures",
            users::register_user,
        )
        .also("/users/register")
        .costs(Class::Account)
        .takes::<users::RegisterRequest>()
        .gives::<UserBody<'static>>(201)
        .refuses(&[400, 403, 409, 413, 415, 429]),
        Route::new(
            post.clone(),
            "/api/v1/users/login",
            Anyone,
            "sign_in",
            "Sign in",
            users::sign_in,
        )
        .also("/users/login")
        .costs(Class::Free)
        .takes::<users::LoginRequest>()
        .gives::<SignedInBody<'static>>(200)
        .refuses(&[400, 401, 413, 415, 429]),
        Route::new(
            post.clone(),
            "/api/v1/users/logout",
            SignedIn,
            "sign_out",
            "End this session",
            users::sign_out,
        )
        .also("/users/logout")
        .gives::<Nothing>(200)
        .refuses(&[401, 403]),
        Route::new(
            post.clone(),
            "/api/v1/users/refresh-token",
            Anyone,
            "refresh_session",
            "A new pair of tokens",
            users::refresh_session,
        )
        .also("/users/refresh-token")
        .takes::<users::RefreshRequest>()
        .gives::<SignedInBody<'static>>(200)
        .refuses(&[400, 401, 403, 413, 429]),
        Route::new(
            post.clone(),
            "/api/v1/users/change-password",
            SignedIn,
            "change_password",
            "Change the password; other sessions end",
            users::change_password,
        )
        .also("/users/change-password")
        .costs(Class::Account)
        .takes::<users::ChangePasswordRequest>()
        .gives::<Nothing>(200)
        .refuses(&[400, 401, 403, 413, 415, 429]),
        Route::new(
            get.clone(),
            "/api/v1/users/current-user",
            SignedIn,
            "current_user",
            "Who is signed in",
            users::current_user,
        )
        .also("/api/v1/users/curent-user")
        .also("/users/current-user")
        .also("/users/curent-user")
        .gives::<UserBody<'static>>(200)
        .refuses(&[401]),
        Route::new(
            patch.clone(),
            "/api/v1/users/update-account",
            SignedIn,
            "update_account",
            "Change the profile",
            users::update_account,
        )
        .also("/users/update-account")
        .takes::<users::UpdateAccountRequest>()
        .gives::<UserBody<'static>>(200)
        .refuses(&[400, 401, 403, 409, 413, 415, 429]),
        Route::new(
            patch.clone(),
            "/api/v1/users/avatar",
            SignedIn,
            "replace_avatar",
            "Replace the picture",
            users::replace_avatar,
        )
        .also("/api/v1/users/update-avatar")
        .also("/users/avatar")
        .also("/users/update-avatar")
        .takes_form::<AvatarForm>()
        .gives::<UserBody<'static>>(200)
        .refuses(&[400, 401, 403, 413, 415, 429]),
        Route::new(
            patch.clone(),
            "/api/v1/users/cover-image",
            SignedIn,
            "replace_cover_image",
            "Replace the banner",
            users::replace_cover_image,
        )
        .also("/api/v1/users/update-cover-image")
        .also("/users/cover-image")
        .also("/users/update-cover-image")
        .takes_form::<CoverForm>()
        .gives::<UserBody<'static>>(200)
        .refuses(&[400, 401, 403, 413, 415, 429]),
        Route::new(
            get.clone(),
            "/api/v1/users/c/{username}",
            Reader,
            "get_channel",
            "A channel's page",
            users::get_channel,
        )
        .also("/users/c/{username}")
        .gives::<ChannelBody<'static>>(200)
        .refuses(&[401, 404]),
        Route::new(
            get.clone(),
            "/api/v1/users/sessions",
            SignedIn,
            "list_sessions",
            "One's sign-ins",
            users::list_sessions,
        )
        .also("/users/sessions")
        .gives_list::<SessionBody<'static>>(200)
        .refuses(&[401]),
        Route::new(
            delete.clone(),
            "/api/v1/users/sessions",
            SignedIn,
            "revoke_other_sessions",
            "End all sessions but this one",
            users::revoke_other_sessions,
        )
        .also("/users/sessions")
        .gives::<Nothing>(200)
        .refuses(&[401, 403]),
        Route::new(
            delete.clone(),
            "/api/v1/users/sessions/{id}",
            SignedIn,
            "revoke_session",
            "End one session",
            users::revoke_session,
        )
        .also("/users/sessions/{id}")
        .gives::<Nothing>(200)
        .refuses(&[400, 401, 403, 404]),
        Route::new(
            delete.clone(),
            "/api/v1/users/me",
            SignedIn,
            "leave",
            "Remove one's account",
            users::leave,
        )
        .also("/users/me")
        .costs(Class::Account)
        .takes::<users::LeaveRequest>()
        .gives::<Nothing>(200)
        .refuses(&[400, 401, 403, 413, 415, 429]),
        Route::new(
            get.clone(),
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
            post.clone(),
            "/api/v1/videos",
            SignedIn,
            "publish_video",
            "Upload a video; the fields may come in any order",
            videos::publish_video,
        )
        .takes_form::<PublishForm>()
        .gives::<VideoBody<'static>>(201)
        // The same bytes were uploaded before: that video.
        .gives::<VideoBody<'static>>(200)
        .refuses(&[400, 401, 403, 413, 415, 422, 429, 507]),
        Route::new(
            get.clone(),
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
            patch.clone(),
            "/api/v1/videos/{id}",
            SignedIn,
            "update_video",
            "Change a video; JSON, or a form with a thumbnail",
            videos::update_video,
        )
        .takes::<videos::UpdateVideoRequest>()
        .gives::<VideoBody<'static>>(200)
        .refuses(&[400, 401, 403, 404, 413, 415, 429]),
        Route::new(
            delete.clone(),
            "/api/v1/videos/{id}",
            SignedIn,
            "remove_video",
            "Remove a video with all that hangs on it",
            videos::remove_video,
        )
        .gives::<Nothing>(200)
        .refuses(&[400, 401, 403, 404, 429]),
        Route::new(
            patch.clone(),
            "/api/v1/videos/toggle/publish/{id}",
            SignedIn,
            "toggle_publish",
            "Private becomes public, anything else private",
            videos::toggle_publish,
        )
        .gives::<VideoBody<'static>>(200)
        .refuses(&[400, 401, 403, 404, 429]),
        Route::new(
            get.clone(),
            "/api/v1/videos/{id}/playback",
            Reader,
            "get_playback",
            "What a player needs",
            videos::get_playback,
        )
        .gives::<PlaybackBody<'static>>(200)
        .refuses(&[400, 401, 404]),
        Route::new(
            get.clone(),
            "/api/v1/videos/{id}/status",
            Reader,
            "get_status",
            "How far processing is",
            videos::get_status,
        )
        .gives::<StatusBody<'static>>(200)
        .refuses(&[400, 401, 404]),
        Route::new(
            post.clone(),
            "/api/v1/videos/{id}/retry",
            SignedIn,
            "retry_video",
            "Process again after a failure",
            videos::retry_video,
        )
        .gives::<VideoBody<'static>>(200)
        .refuses(&[400, 401, 403, 404, 409, 429]),
        // Background work.
        Route::new(
            get.clone(),
            "/api/v1/jobs",
            SignedIn,
            "list_jobs",
            "One's own background work, newest first",
            jobs::list_jobs,
        )
        .asks::<jobs::JobsQuery>()
        .gives::<jobs::JobPageBody<'static>>(200)
        .refuses(&[400, 401]),
        Route::new(
            get.clone(),
            "/api/v1/jobs/{id}",
            SignedIn,
            "get_job",
            "One job",
            jobs::get_job,
        )
        .gives::<jobs::JobBody<'static>>(200)
        .refuses(&[400, 401, 404]),
        Route::new(
            post.clone(),
            "/api/v1/jobs/{id}/cancel",
            SignedIn,
            "cancel_job",
            "End a job, and with it all work on the same video",
            jobs::cancel_job,
        )
        .gives::<jobs::JobBody<'static>>(200)
        .refuses(&[400, 401, 403, 404, 409, 429]),
        Route::new(
            post.clone(),
            "/api/v1/jobs/{id}/retry",
            SignedIn,
            "retry_job",
            "Try a job again that failed or was cancelled; answers the job that does so",
            jobs::retry_job,
        )
        .gives::<jobs::JobBody<'static>>(200)
        .refuses(&[400, 401, 403, 404, 409, 429]),
        Route::new(
            post,
            "/api/v1/videos/{id}/cancel",
            SignedIn,
            "cancel_video",
            "End all work on a video; it can be tried again",
            jobs::cancel_video,
        )
        .gives::<VideoBody<'static>>(200)
        .refuses(&[400, 401, 403, 404, 409, 429]),
        Route::new(
            get.clone(),
            "/api/v1/admin/jobs",
            Admin,
            "list_all_jobs",
            "Everyone's background work, newest first",
            jobs::list_all_jobs,
        )
        .asks::<jobs::AllJobsQuery>()
        .gives::<jobs::JobPageBody<'static>>(200)
        .refuses(&[400, 404]),
        Route::new(
            patch,
            "/api/v1/admin/jobs/{id}",
            Admin,
            "update_job",
            "Say how urgent a job is, and all work on the same video",
            jobs::update_job,
        )
        .takes::<jobs::UpdateJobRequest>()
        .gives::<jobs::JobBody<'static>>(200)
        .refuses(&[400, 403, 404, 409, 413, 415, 429]),
    ]);
    all
}
