//! Routes of people: accounts, sessions, the profile, and what one stores.

use http::Method;

use super::Policy::{Anyone, Reader, SignedIn};
use super::Route;
use crate::answer::Nothing;
use crate::bodies::{ChannelBody, SessionBody, SignedInBody, UserBody};
use crate::limits::Class;
use crate::{storage, users};

#[expect(
    clippy::too_many_lines,
    reason = "a table: a row for each route, read from top to bottom"
)]
pub(super) fn routes() -> Vec<Route> {
    vec![
        Route::new(
            Method::POST,
            "/api/v1/users/register",
            Anyone,
            "register_user",
            "Register; JSON, or a form with pictures",
            users::register_user,
        )
        .also("/users/register")
        .costs(Class::Account)
        .takes::<users::RegisterRequest>()
        .takes_form::<users::RegisterForm>()
        .gives::<UserBody<'static>>(201)
        .refuses(&[400, 403, 409, 413, 415, 429]),
        Route::new(
            Method::POST,
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
        .refuses(&[400, 401, 403, 413, 415, 429]),
        Route::new(
            Method::POST,
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
            Method::POST,
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
            Method::POST,
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
            Method::GET,
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
            Method::PATCH,
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
            Method::PATCH,
            "/api/v1/users/avatar",
            SignedIn,
            "replace_avatar",
            "Replace the picture",
            users::replace_avatar,
        )
        .also("/api/v1/users/update-avatar")
        .also("/users/avatar")
        .also("/users/update-avatar")
        .takes_form::<users::AvatarForm>()
        .gives::<UserBody<'static>>(200)
        .refuses(&[400, 401, 403, 413, 415, 429]),
        Route::new(
            Method::PATCH,
            "/api/v1/users/cover-image",
            SignedIn,
            "replace_cover_image",
            "Replace the banner",
            users::replace_cover_image,
        )
        .also("/api/v1/users/update-cover-image")
        .also("/users/cover-image")
        .also("/users/update-cover-image")
        .takes_form::<users::CoverForm>()
        .gives::<UserBody<'static>>(200)
        .refuses(&[400, 401, 403, 413, 415, 429]),
        Route::new(
            Method::GET,
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
            Method::GET,
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
            Method::DELETE,
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
            Method::DELETE,
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
            Method::DELETE,
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
        .refuses(&[400, 401, 403, 409, 413, 415, 429]),
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
    ]
}
