//! `/users`: registering, signing in and out, the profile, sessions, leaving.

use std::sync::Arc;

use app::accounts::{ProfileChange, Registration};
use app::sessions::{ACCESS_TTL_S, SignedIn};
use app::{Actor, Viewer};
use axum::Extension;
use axum::extract::rejection::PathRejection;
use axum::extract::{FromRequest, Path, Request, State};
use axum::response::Response;
use bytes::Bytes;
use http::header::{SET_COOKIE, USER_AGENT};
use http::{Extensions, HeaderMap, HeaderValue};
use model::SessionId;
use serde::Deserialize;
use utoipa::ToSchema;

use crate::answer::{self, Nothing};
use crate::bodies::{ChannelBody, SessionBody, SignedInBody, UserBody};
use crate::caller::{self, ACCESS_COOKIE, REFRESH_COOKIE};
use crate::extract::{self, Form, FormText, Id, Json, OptionalJson};
use crate::problem::Problem;
use crate::web::Web;

/// What registering takes; a form may add the files `avatar` and `coverImage`.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct RegisterRequest {
    /// 1 to 80 characters.
    full_name: Option<String>,
    /// Address.
    email: Option<String>,
    /// `[a-z0-9_.]{3,30}` after folding.
    username: Option<String>,
    /// 8 to 128 characters.
    password: Option<String>,
}

/// Registering by a form, which may add pictures.
#[derive(Debug, ToSchema)]
#[expect(dead_code, reason = "describes a form for the OpenAPI document")]
#[schema(rename_all = "camelCase")]
pub struct RegisterForm {
    /// 1 to 80 characters.
    full_name: String,
    /// Address.
    email: String,
    /// `[a-z0-9_.]{3,30}` after folding.
    username: String,
    /// 8 to 128 characters.
    password: String,
    /// JPEG, PNG or WebP of at most 10 MiB.
    #[schema(value_type = Option<String>, format = Binary)]
    avatar: Option<Vec<u8>>,
    /// JPEG, PNG or WebP of at most 10 MiB.
    #[schema(value_type = Option<String>, format = Binary)]
    cover_image: Option<Vec<u8>>,
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

/// What signing in takes.
#[derive(Debug, Deserialize, ToSchema)]
pub struct LoginRequest {
    /// Handle; or
    username: Option<String>,
    /// address.
    email: Option<String>,
    /// Secret.
    password: Option<String>,
}

/// What refreshing takes, where there is no cookie.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct RefreshRequest {
    /// The last refresh token.
    refresh_token: Option<String>,
}

/// What changing the password takes.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct ChangePasswordRequest {
    /// The present one.
    old_password: Option<String>,
    /// The new one.
    new_password: Option<String>,
}

/// Profile fields; absent ones stay.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct UpdateAccountRequest {
    /// 1 to 80 characters.
    full_name: Option<String>,
    /// Address.
    email: Option<String>,
    /// Up to 1,000 characters.
    bio: Option<String>,
    /// Whether nobody else is shown whom they follow.
    subscriptions_hidden: Option<bool>,
}

/// What leaving takes.
#[derive(Debug, Default, Deserialize, ToSchema)]
pub struct LeaveRequest {
    /// The present password.
    password: Option<String>,
}

/// Reads a registration from JSON or a form.
pub(crate) async fn registration(request: Request) -> Result<Registration, Problem> {
    if !extract::is_multipart(request.headers()) {
        let Json(body) = Json::<RegisterRequest>::from_request(request, &()).await?;
        return Ok(Registration {
            full_name: body.full_name,
            email: body.email,
            username: body.username,
            password: body.password,
            avatar: None,
            cover: None,
        });
    }
    let mut form = Form::from_request(request, &()).await?;
    let mut text = FormText::default();
    let mut out = Registration::default();
    while let Some(mut field) = form.next().await? {
        match field.name().unwrap_or_default() {
            "avatar" if out.avatar.is_some() => return Err(extract::repeated("avatar")),
            "coverImage" if out.cover.is_some() => return Err(extract::repeated("coverImage")),
            "avatar" => out.avatar = extract::picture(&mut field).await?,
            "coverImage" => out.cover = extract::picture(&mut field).await?,
            "fullName" => out.full_name = Some(text.read(&mut field).await?),
            "email" => out.email = Some(text.read(&mut field).await?),
            "username" => out.username = Some(text.read(&mut field).await?),
            "password" => out.password = Some(text.read(&mut field).await?),
            _ => text.skip(&mut field).await?,
        }
    }
    Ok(out)
}

pub(crate) async fn register_user(State(web): State<Web>, request: Request) -> Result<Response, Problem> {
    let user = web.app().accounts.register(registration(request).await?).await?;
    answer::created(&UserBody::own(&user, &web.app().playback), "Registered")
}

pub(crate) async fn sign_in(
    State(web): State<Web>,
    headers: HeaderMap,
    extensions: Extensions,
    Json(body): Json<LoginRequest>,
) -> Result<Response, Problem> {
    let mut fields = app::Fields::default();
    // Forms of old send both fields, one of them empty.
    let given = |text: &Option<String>| text.clone().filter(|text| !text.trim().is_empty());
    let (username, email) = (given(&body.username), given(&body.email));
    if username.is_none() && email.is_none() {
        fields.blame("username", model::text::Fault::missing());
    }
    let password = body.password.filter(|password| !password.is_empty());
    if password.is_none() {
        fields.blame("password", model::text::Fault::missing());
    }
    fields.done()?;
    let address = caller::address_key(caller::address(&extensions, &headers, &web.0.facing));
    let device = headers
        .get(USER_AGENT)
        .and_then(|value| value.to_str().ok())
        .unwrap_or("unknown");
    let signed_in = web
        .app()
        .sessions
        .sign_in(
            username.as_deref(),
            email.as_deref(),
            password.unwrap_or_default(),
            device,
            &address,
        )
        .await?;
    with_tokens(&web, &signed_in, false, "Signed in")
}

fn with_tokens(
    web: &Web,
    signed_in: &SignedIn,
    refreshed: bool,
    message: &'static str,
) -> Result<Response, Problem> {
    let body = SignedInBody {
        user: UserBody::own(&signed_in.user, &web.app().playback),
        access_token: &signed_in.access_token,
        refresh_token: &signed_in.refresh_token,
        new_refresh_token: refreshed.then_some(signed_in.refresh_token.as_str()),
    };
    let mut response = answer::ok(&body, message)?;
    set_cookie(
        web,
        &mut response,
        ACCESS_COOKIE,
        &signed_in.access_token,
        ACCESS_TTL_S,
    )?;
    set_cookie(
        web,
        &mut response,
        REFRESH_COOKIE,
        &signed_in.refresh_token,
        30 * 24 * 3600,
    )?;
    Ok(response)
}

fn set_cookie(
    web: &Web,
    response: &mut Response,
    name: &str,
    value: &str,
    max_age_s: i64,
) -> Result<(), Problem> {
    let secure = if web.0.facing.secure() { "; Secure" } else { "" };
    let cookie = format!("{name}={value}; HttpOnly; Path=/; SameSite=Lax; Max-Age={max_age_s}{secure}");
    let cookie = HeaderValue::from_str(&cookie).map_err(|_| Problem::internal())?;
    response.headers_mut().append(SET_COOKIE, cookie);
    Ok(())
}

fn clear_cookies(web: &Web, response: &mut Response) -> Result<(), Problem> {
    set_cookie(web, response, ACCESS_COOKIE, "", 0)?;
    set_cookie(web, response, REFRESH_COOKIE, "", 0)
}

pub(crate) async fn sign_out(
    State(web): State<Web>,
    Extension(actor): Extension<Actor>,
) -> Result<Response, Problem> {
    web.app().sessions.sign_out(&actor).await?;
    let mut response = answer::ok(&Nothing {}, "Signed out")?;
    clear_cookies(&web, &mut response)?;
    Ok(response)
}

pub(crate) async fn refresh_session(
    State(web): State<Web>,
    headers: HeaderMap,
    OptionalJson(body): OptionalJson<RefreshRequest>,
) -> Result<Response, Problem> {
    let token = body
        .refresh_token
        .as_deref()
        .or_else(|| caller::cookie(&headers, REFRESH_COOKIE));
    let token = token.ok_or_else(app::Error::unauthenticated)?;
    let signed_in = web.app().sessions.refresh(token).await?;
    with_tokens(&web, &signed_in, true, "Refreshed")
}

pub(crate) async fn change_password(
    State(web): State<Web>,
    Extension(actor): Extension<Actor>,
    Json(body): Json<ChangePasswordRequest>,
) -> Result<Response, Problem> {
    web.app()
        .accounts
        .change_password(&actor, body.old_password, body.new_password)
        .await?;
    answer::ok(&Nothing {}, "Password changed")
}

pub(crate) async fn current_user(
    State(web): State<Web>,
    Extension(actor): Extension<Actor>,
) -> Result<Response, Problem> {
    let user = web.app().accounts.current(&actor).await?;
    answer::ok(&UserBody::own(&user, &web.app().playback), "Current user")
}

pub(crate) async fn update_account(
    State(web): State<Web>,
    Extension(actor): Extension<Actor>,
    Json(body): Json<UpdateAccountRequest>,
) -> Result<Response, Problem> {
    let change = ProfileChange {
        full_name: body.full_name,
        email: body.email,
        bio: body.bio,
        subscriptions_hidden: body.subscriptions_hidden,
    };
    let user = web.app().accounts.update(&actor, change).await?;
    answer::ok(&UserBody::own(&user, &web.app().playback), "Account updated")
}

async fn one_picture(mut form: Form, name: &'static str) -> Result<Bytes, Problem> {
    let mut text = FormText::default();
    let mut found = None;
    while let Some(mut field) = form.next().await? {
        if field.name() == Some(name) {
            if found.is_some() {
                return Err(extract::repeated(name));
            }
            found = extract::picture(&mut field).await?;
        } else {
            text.skip(&mut field).await?;
        }
    }
    found.ok_or_else(|| app::Error::field(name, model::text::Fault::missing()).into())
}

pub(crate) async fn replace_avatar(
    State(web): State<Web>,
    Extension(actor): Extension<Actor>,
    form: Form,
) -> Result<Response, Problem> {
    let (bytes, app) = (one_picture(form, "avatar").await?, Arc::clone(&web.0.app));
    let user = web
        .finish(async move { app.accounts.set_avatar(&actor, bytes).await })
        .await?;
    answer::ok(&UserBody::own(&user, &web.app().playback), "Avatar replaced")
}

pub(crate) async fn replace_cover_image(
    State(web): State<Web>,
    Extension(actor): Extension<Actor>,
    form: Form,
) -> Result<Response, Problem> {
    let (bytes, app) = (one_picture(form, "coverImage").await?, Arc::clone(&web.0.app));
    let user = web
        .finish(async move { app.accounts.set_cover(&actor, bytes).await })
        .await?;
    answer::ok(&UserBody::own(&user, &web.app().playback), "Cover image replaced")
}

pub(crate) async fn get_channel(
    State(web): State<Web>,
    Extension(viewer): Extension<Viewer>,
    username: Result<Path<String>, PathRejection>,
) -> Result<Response, Problem> {
    // Bytes that are no text are nobody's name.
    let Path(username) = username.map_err(|_| app::Error::no_user())?;
    let channel = web.app().accounts.channel(&username, &viewer).await?;
    let user = &channel.user;
    let body = ChannelBody {
        user: UserBody::public(user, &web.app().playback),
        subscribers_count: user.subscribers_count,
        channels_subscribed_to_count: user.subscriptions_count,
        channel_subscribed_to_count: user.subscriptions_count,
        videos_count: user.listed_videos_count,
        total_views: user.views_count,
        is_subscribed: channel.is_subscribed,
    };
    answer::ok(&body, "Channel")
}

pub(crate) async fn list_sessions(
    State(web): State<Web>,
    Extension(actor): Extension<Actor>,
) -> Result<Response, Problem> {
    let sessions = web.app().sessions.list(&actor).await?;
    let bodies: Vec<SessionBody<'_>> = sessions
        .iter()
        .map(|view| SessionBody {
            id: view.session.id,
            device: &view.session.device,
            current: view.current,
            created_at: view.session.created_at,
            last_used_at: view.session.last_used_at,
            expires_at: view.session.expires_at,
        })
        .collect();
    answer::ok(&bodies, "Sessions")
}

pub(crate) async fn revoke_session(
    State(web): State<Web>,
    Extension(actor): Extension<Actor>,
    Id(id): Id<SessionId>,
) -> Result<Response, Problem> {
    web.app().sessions.revoke(&actor, id).await?;
    answer::ok(&Nothing {}, "Session ended")
}

pub(crate) async fn revoke_other_sessions(
    State(web): State<Web>,
    Extension(actor): Extension<Actor>,
) -> Result<Response, Problem> {
    web.app().sessions.revoke_all(&actor, true).await?;
    answer::ok(&Nothing {}, "All other sessions ended")
}

pub(crate) async fn leave(
    State(web): State<Web>,
    Extension(actor): Extension<Actor>,
    Json(body): Json<LeaveRequest>,
) -> Result<Response, Problem> {
    web.app().accounts.leave(&actor, body.password).await?;
    let mut response = answer::ok(&Nothing {}, "Account removed")?;
    clear_cookies(&web, &mut response)?;
    Ok(response)
}
