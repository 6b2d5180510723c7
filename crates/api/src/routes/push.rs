//! Routes of Web Push.

use http::Method;

use super::Policy::SignedIn;
use super::Route;
use crate::answer::Nothing;
use crate::push::{self, PushKeyBody, PushSubscriptionBody, PushSubscriptionRequest};

pub(super) fn routes() -> Vec<Route> {
    vec![
        Route::new(
            Method::GET,
            "/api/v1/push/key",
            SignedIn,
            "get_push_key",
            "Whether notifications are pushed to browsers, and the key to subscribe with",
            push::get_push_key,
        )
        .gives::<PushKeyBody<'static>>(200)
        .refuses(&[401]),
        Route::new(
            Method::POST,
            "/api/v1/push/subscriptions",
            SignedIn,
            "add_push_subscription",
            "Have a browser told of one's notifications; of 21 the oldest goes",
            push::add_push_subscription,
        )
        .takes::<PushSubscriptionRequest>()
        .gives::<PushSubscriptionBody>(201)
        .refuses(&[400, 401, 404, 413, 415, 429]),
        Route::new(
            Method::DELETE,
            "/api/v1/push/subscriptions/{pushId}",
            SignedIn,
            "remove_push_subscription",
            "Tell a browser nothing any more",
            push::remove_push_subscription,
        )
        .gives::<Nothing>(200)
        .refuses(&[400, 401, 404, 429]),
    ]
}
