//! Routes of what happens: the stream of events, and notifications.

use http::Method;

use super::Policy::{Reader, SignedIn};
use super::Route;
use crate::notifications::{
    NotificationPageBody, NotificationsQuery, PreferencesBody, ReadNotificationsRequest, UnreadBody,
    UpdatePreferencesRequest,
};
use crate::{events, notifications};

pub(super) fn routes() -> Vec<Route> {
    const PREFERENCES: &str = "/api/v1/notifications/preferences";
    vec![
        Route::new(
            Method::GET,
            "/api/v1/events",
            Reader,
            "stream_events",
            "What happens, as server-sent events; without signing in, of the videos that are named",
            events::stream_events,
        )
        .asks::<events::EventsQuery>()
        .reads(&[(
            "Last-Event-ID",
            false,
            "The last event that was heard; what came after it is told first",
        )])
        .gives_plain(200)
        .refuses(&[400, 401, 429, 503]),
        Route::new(
            Method::GET,
            "/api/v1/notifications",
            SignedIn,
            "list_notifications",
            "What one is told, newest first, and how much of it is unread",
            notifications::list_notifications,
        )
        .asks::<NotificationsQuery>()
        .gives::<NotificationPageBody<'static>>(200)
        .refuses(&[400, 401]),
        Route::new(
            Method::POST,
            "/api/v1/notifications/read",
            SignedIn,
            "read_notifications",
            "Take notifications for read: all, those up to one, or some",
            notifications::read_notifications,
        )
        .takes::<ReadNotificationsRequest>()
        .gives::<UnreadBody>(200)
        .refuses(&[400, 401, 404, 413, 429]),
        Route::new(
            Method::GET,
            PREFERENCES,
            SignedIn,
            "get_notification_preferences",
            "Which kinds of notifications one wants",
            notifications::get_preferences,
        )
        .gives::<PreferencesBody>(200)
        .refuses(&[401]),
        Route::new(
            Method::PATCH,
            PREFERENCES,
            SignedIn,
            "update_notification_preferences",
            "Change which kinds of notifications one wants",
            notifications::update_preferences,
        )
        .takes::<UpdatePreferencesRequest>()
        .gives::<PreferencesBody>(200)
        .refuses(&[400, 401, 413, 415, 429]),
    ]
}
