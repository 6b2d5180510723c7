//! Routes of the instance itself: its health, its first admin, and what it offers.

use http::Method;

use super::Policy::{Anyone, Operator};
use super::Route;
use crate::bodies::UserBody;
use crate::health::{HealthBody, ReadyBody};
use crate::limits::Class;
use crate::{docs, health, openapi, setup};

pub(super) fn routes() -> Vec<Route> {
    vec![
        Route::new(
            Method::GET,
            "/healthz",
            Anyone,
            "healthz",
            "Whether the server answers",
            health::healthz,
        )
        .gives::<HealthBody>(200)
        .bare(),
        Route::new(
            Method::GET,
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
            Method::GET,
            "/metrics",
            Operator,
            "metrics",
            "Counters for Prometheus",
            health::render_metrics,
        )
        .gives_plain(200)
        .refuses(&[404]),
        Route::new(
            Method::GET,
            "/api/v1/healthcheck",
            Anyone,
            "healthcheck",
            "Whether the server answers, in the envelope",
            health::healthcheck,
        )
        .gives::<HealthBody>(200),
        Route::new(
            Method::GET,
            "/api/v1/openapi.json",
            Anyone,
            "openapi",
            "This document",
            openapi::serve_document,
        )
        .gives_plain(200),
        Route::new(
            Method::GET,
            docs::PAGE,
            Anyone,
            "docs_page",
            "This document as a page to read",
            docs::serve_page,
        )
        .gives_plain(200)
        .gives_plain(304),
        Route::new(
            Method::GET,
            docs::SCRIPT,
            Anyone,
            "docs_script",
            "What makes that page of this document",
            docs::serve_script,
        )
        .gives_plain(200)
        .gives_plain(304),
        Route::new(
            Method::GET,
            docs::STYLE,
            Anyone,
            "docs_style",
            "How that page looks",
            docs::serve_style,
        )
        .gives_plain(200)
        .gives_plain(304),
        Route::new(
            Method::POST,
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
    ]
}
