//! Routes of webhooks.

use http::Method;

use super::Policy::SignedIn;
use super::Route;
use crate::answer::Nothing;
use crate::arrays::{CursorQuery, SliceBody};
use crate::webhooks::{self, DeliveryBody, WebhookBody, WebhookRequest, WebhookSecretBody};

const ALL: &str = "/api/v1/webhooks";
const ONE: &str = "/api/v1/webhooks/{webhookId}";

pub(super) fn routes() -> Vec<Route> {
    vec![
        Route::new(
            Method::GET,
            ALL,
            SignedIn,
            "list_webhooks",
            "One's webhooks, the oldest first; 10 at most",
            webhooks::list_webhooks,
        )
        .gives_list::<WebhookBody<'static>>(200)
        .refuses(&[401]),
        Route::new(
            Method::POST,
            ALL,
            SignedIn,
            "add_webhook",
            "Have an address told what happens on one's channel; answers the secret, this once",
            webhooks::add_webhook,
        )
        .takes::<WebhookRequest>()
        .gives::<WebhookSecretBody<'static>>(201)
        .refuses(&[400, 401, 413, 415, 422, 429]),
        Route::new(
            Method::PATCH,
            ONE,
            SignedIn,
            "update_webhook",
            "Change a webhook, or switch it off and on",
            webhooks::update_webhook,
        )
        .takes::<WebhookRequest>()
        .gives::<WebhookBody<'static>>(200)
        .refuses(&[400, 401, 404, 413, 415, 429]),
        Route::new(
            Method::DELETE,
            ONE,
            SignedIn,
            "remove_webhook",
            "Remove a webhook, and what waits for it",
            webhooks::remove_webhook,
        )
        .gives::<Nothing>(200)
        .refuses(&[400, 401, 404, 429]),
        Route::new(
            Method::POST,
            "/api/v1/webhooks/{webhookId}/secret",
            SignedIn,
            "rotate_webhook_secret",
            "Give a webhook another secret; answers it, this once",
            webhooks::rotate_webhook_secret,
        )
        .gives::<WebhookSecretBody<'static>>(200)
        .refuses(&[400, 401, 404, 429]),
        Route::new(
            Method::POST,
            "/api/v1/webhooks/{webhookId}/test",
            SignedIn,
            "test_webhook",
            "Send a test",
            webhooks::test_webhook,
        )
        .gives::<DeliveryBody<'static>>(201)
        .refuses(&[400, 401, 404, 409, 429]),
        Route::new(
            Method::GET,
            "/api/v1/webhooks/{webhookId}/deliveries",
            SignedIn,
            "list_webhook_deliveries",
            "What was sent in the last 30 days, newest first",
            webhooks::list_webhook_deliveries,
        )
        .asks::<CursorQuery>()
        .gives::<SliceBody<DeliveryBody<'static>>>(200)
        .refuses(&[400, 401, 404]),
        Route::new(
            Method::POST,
            "/api/v1/webhooks/{webhookId}/deliveries/{deliveryId}/retry",
            SignedIn,
            "retry_webhook_delivery",
            "Send something once more",
            webhooks::retry_webhook_delivery,
        )
        .gives::<DeliveryBody<'static>>(200)
        .refuses(&[400, 401, 404, 409, 429]),
    ]
}
