//! Routes of moderation: reports for everyone who is signed in, the rest for moderators and admins.

use http::Method;

use super::Policy::{Admin, Moderator, SignedIn};
use super::Route;
use crate::answer::Nothing;
use crate::limits::Class;
use crate::moderation::{
    self, AuditBody, HandledReportBody, ReportBody, ReportRequest, ReportsQuery, TakedownBody,
    TakedownRequest, UpdateReportRequest,
    users::{self, AccountBody, UpdateUserRequest, UsersQuery},
};
use crate::settings::{self, SettingBody};
use crate::stats::{self, SiteStatsBody, StatsQuery};

pub(super) fn routes() -> Vec<Route> {
    let mut all = reports_and_takedowns();
    all.extend(accounts_and_audit());
    all
}

fn reports_and_takedowns() -> Vec<Route> {
    vec![
        Route::new(
            Method::POST,
            "/api/v1/reports",
            SignedIn,
            "add_report",
            "Tell moderators that something is wrong; the same thing again is answered with what was said first",
            moderation::add_report,
        )
        .costs(Class::Report)
        .takes::<ReportRequest>()
        .gives::<ReportBody<'static>>(201)
        .gives::<ReportBody<'static>>(200)
        .refuses(&[400, 401, 404, 413, 415, 429]),
        Route::new(
            Method::GET,
            "/api/v1/admin/reports",
            Moderator,
            "list_reports",
            "What people report, newest first",
            moderation::list_reports,
        )
        .gives_slice::<HandledReportBody<'static>>()
        .asks::<ReportsQuery>()
        .refuses(&[400, 404]),
        Route::new(
            Method::PATCH,
            "/api/v1/admin/reports/{reportId}",
            Moderator,
            "update_report",
            "Close a report or open it again, and write a note to it",
            moderation::update_report,
        )
        .takes::<UpdateReportRequest>()
        .gives::<HandledReportBody<'static>>(200)
        .refuses(&[400, 404, 413, 415, 429]),
        Route::new(
            Method::PUT,
            "/api/v1/admin/takedowns/{kind}/{targetId}",
            Moderator,
            "save_takedown",
            "Hide a video, comment, tweet or playlist, or give another reason",
            moderation::save_takedown,
        )
        .takes::<TakedownRequest>()
        .gives::<TakedownBody<'static>>(200)
        .refuses(&[400, 404, 413, 415, 429]),
        Route::new(
            Method::DELETE,
            "/api/v1/admin/takedowns/{kind}/{targetId}",
            Moderator,
            "remove_takedown",
            "Bring back what was taken down, as it was",
            moderation::remove_takedown,
        )
        .gives::<TakedownBody<'static>>(200)
        .refuses(&[400, 404, 429]),
    ]
}

fn accounts_and_audit() -> Vec<Route> {
    vec![
        Route::new(
            Method::GET,
            "/api/v1/admin/stats",
            Admin,
            "get_site_stats",
            "The whole site in numbers: storage, what is sent, encodes, people, by day",
            stats::get_site_stats,
        )
        .asks::<StatsQuery>()
        .gives::<SiteStatsBody<'static>>(200)
        .refuses(&[400, 404]),
        Route::new(
            Method::GET,
            "/api/v1/admin/users",
            Admin,
            "list_users",
            "Accounts in the order of their names",
            users::list_users,
        )
        .gives_slice::<AccountBody<'static>>()
        .asks::<UsersQuery>()
        .refuses(&[400, 404]),
        Route::new(
            Method::PATCH,
            "/api/v1/admin/users/{userId}",
            Admin,
            "update_user",
            "Give a role, switch an account off or on, set a quota",
            users::update_user,
        )
        .takes::<UpdateUserRequest>()
        .gives::<AccountBody<'static>>(200)
        .refuses(&[400, 404, 409, 413, 415, 429]),
        Route::new(
            Method::GET,
            "/api/v1/admin/registrations",
            Admin,
            "list_registrations",
            "Accounts that wait to be let in, those that wait longest first",
            users::list_registrations,
        )
        .gives_slice::<AccountBody<'static>>()
        .refuses(&[400, 404]),
        Route::new(
            Method::POST,
            "/api/v1/admin/registrations/{userId}/approve",
            Admin,
            "approve_registration",
            "Let somebody in",
            users::approve_registration,
        )
        .gives::<AccountBody<'static>>(200)
        .refuses(&[400, 404, 429]),
        Route::new(
            Method::DELETE,
            "/api/v1/admin/registrations/{userId}",
            Admin,
            "refuse_registration",
            "Turn somebody away; the account is removed",
            users::refuse_registration,
        )
        .gives::<Nothing>(200)
        .refuses(&[400, 404, 429]),
        Route::new(
            Method::GET,
            "/api/v1/admin/settings",
            Admin,
            "list_settings",
            "Which settings hold, and what set them",
            settings::list_settings,
        )
        .gives_list::<SettingBody>(200)
        .refuses(&[404]),
        Route::new(
            Method::GET,
            "/api/v1/admin/audit",
            Admin,
            "list_audit",
            "What moderators and admins did, newest first",
            moderation::list_audit,
        )
        .gives_slice::<AuditBody<'static>>()
        .refuses(&[400, 404]),
    ]
}
