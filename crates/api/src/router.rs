//! From the table of routes to a router: guards by policy, envelopes for what no route answers, CORS,
//! request ids, and panics that become a plain 500.

use std::borrow::Cow;
use std::net::IpAddr;
use std::sync::LazyLock;
use std::time::{Duration, Instant};

use app::Viewer;
use axum::Router;
use axum::body::Body;
use axum::extract::{DefaultBodyLimit, Request, State};
use axum::middleware::{self, Next};
use axum::response::{IntoResponse, Response};
use http::header::{
    ACCEPT_RANGES, ALLOW, AUTHORIZATION, CONTENT_LENGTH, CONTENT_RANGE, CONTENT_TYPE, ETAG, HeaderName,
    IF_MATCH, IF_NONE_MATCH, RANGE, RETRY_AFTER, X_CONTENT_TYPE_OPTIONS,
};
use http::{HeaderValue, Method, StatusCode};
use metrics::Counter;
use store::Store;
use tower_http::catch_panic::CatchPanicLayer;
use tower_http::cors::{AllowCredentials, AllowOrigin, CorsLayer};

use crate::again;
use crate::caller;
use crate::heads;
use crate::limits::Class;
use crate::problem::Problem;
use crate::routes::{Policy, Route, routes};
use crate::uploads;
use crate::web::{Facing, Web};
use crate::webapp;

static REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");

/// Requests by class of status. Looked up once: finding a counter by its labels costs more than counting.
static REQUESTS: LazyLock<[Counter; 4]> = LazyLock::new(|| {
    ["2xx", "3xx", "4xx", "5xx"]
        .map(|class| metrics::counter!("streamsphere_http_requests_total", "status" => class))
});

#[derive(Clone)]
struct Guard {
    web: Web,
    policy: Policy,
    class: Class,
    may_lag: bool,
}

/// Lists that may be some moments old for whoever is not signed in, and so has changed nothing in them.
const MAY_LAG: &[&str] = &[
    "/api/v1/videos",
    "/api/v1/videos/{id}/related",
    "/api/v1/search",
    "/api/v1/trending",
    "/api/v1/tweets",
    "/api/v1/comments/{id}",
    "/api/v1/users/c/{username}",
    "/api/v1/feeds/channel/{username}",
    "/feeds/channel/{username}",
    "/sitemap.xml",
    "/sitemap-videos.xml",
];

/// The table of routes, each behind its guard, as far as their paths are `wanted`.
fn guarded(web: &Web, wanted: impl Fn(&str) -> bool) -> Router<Web> {
    let mut router: Router<Web> = Router::new();
    for Route {
        paths,
        policy,
        class,
        handler,
        ..
    } in routes()
    {
        let guard = Guard {
            web: web.clone(),
            policy,
            class,
            may_lag: paths.iter().any(|path| MAY_LAG.contains(path)),
        };
        for path in paths.into_iter().filter(|path| wanted(path)) {
            let guarded = handler
                .clone()
                .route_layer(middleware::from_fn_with_state(guard.clone(), stand_guard));
            router = router.route(path, guarded);
        }
    }
    router
}

/// The router over `web`. Media that arrives here goes through the same gate as on the fast path.
pub fn router(web: Web) -> Router {
    guarded(&web, |_| true)
        .route("/media/{*path}", axum::routing::get(serve_media))
        .route("/api/v1/videos/{id}/stream", axum::routing::get(serve_media))
        .fallback(unknown_route)
        .layer(DefaultBodyLimit::disable())
        .layer(tower::util::option_layer(cors(&web)))
        .layer(CatchPanicLayer::custom(|_| {
            metrics::counter!("streamsphere_panics_total").increment(1);
            Problem::internal().into_response()
        }))
        .layer(middleware::from_fn_with_state(web.clone(), envelop))
        .with_state(web)
}

/// What a node answers that does background work alone: how it is.
pub fn worker_router(web: Web) -> Router {
    guarded(&web, |path| OF_WORKERS.contains(&path))
        .fallback(async || no_such_route())
        .layer(middleware::from_fn_with_state(web.clone(), envelop))
        .with_state(web)
}

/// Paths that every node answers.
const OF_WORKERS: &[&str] = &["/healthz", "/readyz", "/metrics", "/api/v1/healthcheck"];

async fn serve_media(State(web): State<Web>, request: Request) -> Response {
    let (parts, _) = request.into_parts();
    let decision = delivery::Gate::decide(&web, parts.clone()).await;
    delivery::respond(&parts, decision).await.map(Body::new)
}

/// What no route answers may be a file or a page of the web app.
async fn unknown_route(State(web): State<Web>, request: Request) -> Response {
    let (method, path, headers) = (request.method(), request.uri().path(), request.headers());
    if webapp::is_asked_for(&web, method, path, headers) {
        // A sign-in that has ended is nobody's: the app renews it.
        let viewer = caller::viewer(&web, headers).await.unwrap_or_default();
        if let Some(response) = heads::answer(&web, path, &viewer).await {
            return response;
        }
    }
    webapp::answer(&web, method, path, headers).unwrap_or_else(|| no_such_route().into_response())
}

fn no_such_route() -> Problem {
    Problem::new(StatusCode::NOT_FOUND, "route_not_found", "There is nothing here.")
}

/// An admin, or, where nobody else comes from there, whoever is on this machine.
fn is_operator(viewer: &Viewer, address: Option<IpAddr>, facing: &Facing) -> bool {
    let admin = viewer.is_some_and(|actor| actor.is_admin());
    admin || (facing.is_local_only() && address.is_some_and(|address| address.is_loopback()))
}

/// Refuses by policy, and tells the handler who calls.
async fn stand_guard(
    State(guard): State<Guard>,
    mut request: Request,
    next: Next,
) -> Result<Response, Problem> {
    let Guard {
        web,
        policy,
        class,
        may_lag,
    } = guard;
    let facing = &web.0.facing;
    caller::refuse_forged(request.method(), request.headers(), facing)?;
    let viewer: Viewer = match policy {
        Policy::Anyone => None,
        Policy::Reader | Policy::SignedIn | Policy::Operator | Policy::Moderator | Policy::Admin => {
            caller::viewer(&web, request.headers()).await?
        }
    };
    let address = caller::address(request.extensions(), request.headers(), facing);
    match (policy, viewer) {
        (Policy::SignedIn, None) => {
            let stale = caller::credential(request.headers()).is_some();
            return Err(if stale {
                app::Refusal::new(
                    app::Kind::Unauthenticated,
                    "invalid_token",
                    "The sign-in is not valid any more. Sign in again.",
                )
                .into()
            } else {
                app::Error::unauthenticated().into()
            });
        }
        (Policy::Reader, None) if web.0.app.core.settings.require_sign_in => {
            return Err(app::Error::unauthenticated().into());
        }
        (Policy::Moderator, viewer) if !viewer.is_some_and(|actor| actor.moderates()) => {
            return Err(no_such_route());
        }
        (Policy::Admin, viewer) if !viewer.is_some_and(|actor| actor.is_admin()) => {
            return Err(no_such_route());
        }
        (Policy::Operator, viewer) if !is_operator(&viewer, address, facing) => {
            return Err(no_such_route());
        }
        _ => {}
    }
    web.0.limiter.count(class, || match viewer {
        Some(actor) => actor.user_id.to_string(),
        None => caller::address_key(address),
    })?;
    if let Some(actor) = viewer {
        request.extensions_mut().insert(actor);
    }
    request.extensions_mut().insert(viewer);
    if may_lag && viewer.is_none() && request.method() == Method::GET {
        return Ok(Store::lagging(next.run(request)).await);
    }
    Ok(again::run(&web.0.app.core.store, request, next).await)
}

/// Around everything: the host, the request's id, the log line, and JSON for answers that have no body.
async fn envelop(State(web): State<Web>, request: Request, next: Next) -> Response {
    let started = Instant::now();
    let id = request
        .headers()
        .get(&REQUEST_ID)
        .filter(|id| {
            id.len() <= 64
                && id
                    .as_bytes()
                    .iter()
                    .all(|b| b.is_ascii_alphanumeric() || *b == b'-')
        })
        .cloned()
        .or_else(|| HeaderValue::try_from(format!("{:016x}", rand::random::<u64>())).ok());
    let method = request.method().clone();
    let uri = request.uri().clone();
    let is_upload = uploads::is_upload(uri.path());
    let host = caller::refuse_foreign_host(request.uri(), request.headers(), &web.0.facing);
    let mut response = match host {
        Err(problem) => problem.into_response(),
        Ok(()) if method == Method::TRACE || method == Method::CONNECT => not_allowed(Some(
            HeaderValue::from_static("GET, HEAD, POST, PUT, PATCH, DELETE"),
        )),
        Ok(()) => next.run(request).await,
    };
    if response.status() == StatusCode::METHOD_NOT_ALLOWED && !response.headers().contains_key(CONTENT_TYPE) {
        response = not_allowed(response.headers().get(ALLOW).cloned());
    }
    if is_upload {
        uploads::finish(&method, &mut response, &web);
    }
    response
        .headers_mut()
        .entry(X_CONTENT_TYPE_OPTIONS)
        .or_insert(HeaderValue::from_static("nosniff"));
    let status = response.status();
    let duration_ms = started.elapsed().as_secs_f64() * 1000.0;
    REQUESTS[class_of(status)].increment(1);
    if let Some(id) = id {
        let shown = id.to_str().unwrap_or_default();
        let path = &*shown_path(uri.path());
        if status.is_server_error() {
            tracing::warn!(request.id = shown, %method, path, status = status.as_u16(), duration_ms, "{method} {path} → {status}");
        } else {
            tracing::debug!(request.id = shown, %method, path, status = status.as_u16(), duration_ms, "{method} {path} → {status}");
        }
        response.headers_mut().insert(REQUEST_ID.clone(), id);
    }
    response
}

/// What the log may say of an address. Never the query: people paste secrets into addresses. Nor the signed
/// part of a media link, which opens the video to whoever reads it.
fn shown_path(path: &str) -> Cow<'_, str> {
    match path.strip_prefix("/media/~") {
        Some(signed) => format!("/media/~/{}", signed.split_once('/').map_or("", |(_, file)| file)).into(),
        None => path.into(),
    }
}

/// Which of [`REQUESTS`] counts this status.
fn class_of(status: StatusCode) -> usize {
    match status.as_u16() {
        200..=299 => 0,
        300..=399 => 1,
        400..=499 => 2,
        _ => 3,
    }
}

/// Without `allow`, axum names the methods of the route, which it does once all layers are done.
fn not_allowed(allow: Option<HeaderValue>) -> Response {
    let problem = Problem::new(
        StatusCode::METHOD_NOT_ALLOWED,
        "method_not_allowed",
        "This cannot be done with this address.",
    );
    let mut response = problem.into_response();
    if let Some(allow) = allow {
        response.headers_mut().insert(ALLOW, allow);
    }
    response
}

fn cors(web: &Web) -> Option<CorsLayer> {
    let origins: Vec<HeaderValue> = web
        .0
        .facing
        .cors_origins
        .iter()
        .filter_map(|origin| HeaderValue::try_from(origin).ok())
        .collect();
    if origins.is_empty() {
        return None;
    }
    let listed = origins.clone();
    let allowed = [
        AUTHORIZATION,
        CONTENT_TYPE,
        RANGE,
        IF_MATCH,
        IF_NONE_MATCH,
        HeaderName::from_static("x-requested-with"),
        HeaderName::from_static("last-event-id"),
    ];
    let exposed = [
        HeaderName::from_static("x-request-id"),
        RETRY_AFTER,
        CONTENT_LENGTH,
        CONTENT_RANGE,
        ETAG,
        ACCEPT_RANGES,
    ];
    let layer = CorsLayer::new()
        .allow_origin(AllowOrigin::list(origins))
        // Only beside a listed origin: public media names every origin, and those two never stand together.
        .allow_credentials(AllowCredentials::predicate(move |origin, _| {
            listed.contains(origin)
        }))
        .allow_methods([
            Method::GET,
            Method::HEAD,
            Method::POST,
            Method::PUT,
            Method::PATCH,
            Method::DELETE,
        ])
        .allow_headers([&allowed[..], &uploads::request_headers()].concat())
        // Those of media as well: what is said here replaces what the gate says.
        .expose_headers([&exposed[..], &uploads::answer_headers()].concat())
        .max_age(Duration::from_mins(10));
    Some(layer)
}
