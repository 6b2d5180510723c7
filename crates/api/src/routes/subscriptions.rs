//! Routes of following channels, and of what they bring out.

use http::Method;

use super::Policy::{Reader, SignedIn};
use super::Route;
use crate::subscriptions::{self, FeedItemBody, StandingBody, SubscriberBody, SubscriptionBody};

const CHANNEL: &str = "/api/v1/subscriptions/c/{channelId}";

pub(super) fn routes() -> Vec<Route> {
    vec![
        Route::new(
            Method::POST,
            CHANNEL,
            SignedIn,
            "toggle_subscription",
            "Follow a channel, or stop following it",
            subscriptions::toggle_subscription,
        )
        .gives::<StandingBody>(200)
        .refuses(&[400, 401, 403, 404, 422, 429]),
        Route::new(
            Method::PUT,
            CHANNEL,
            SignedIn,
            "add_subscription",
            "Follow a channel",
            subscriptions::add_subscription,
        )
        .gives::<StandingBody>(200)
        .refuses(&[400, 401, 403, 404, 422, 429]),
        Route::new(
            Method::DELETE,
            CHANNEL,
            SignedIn,
            "remove_subscription",
            "Stop following a channel",
            subscriptions::remove_subscription,
        )
        .gives::<StandingBody>(200)
        .refuses(&[400, 401, 403, 404, 429]),
        Route::new(
            Method::GET,
            CHANNEL,
            Reader,
            "list_subscribers",
            "Who follows a channel, newest first",
            subscriptions::list_subscribers,
        )
        .gives_array::<SubscriberBody<'static>>()
        .refuses(&[400, 401, 404]),
        Route::new(
            Method::GET,
            "/api/v1/subscriptions/u/{subscriberId}",
            Reader,
            "list_subscriptions",
            "Which channels somebody follows, newest first, with the latest video of each",
            subscriptions::list_subscriptions,
        )
        .gives_array::<SubscriptionBody<'static>>()
        .refuses(&[400, 401, 403, 404]),
        Route::new(
            Method::GET,
            "/api/v1/feed/subscriptions",
            SignedIn,
            "get_subscription_feed",
            "What the channels that one follows brought out, newest first",
            subscriptions::get_subscription_feed,
        )
        .gives_slice::<FeedItemBody<'static>>()
        .refuses(&[400, 401]),
    ]
}
