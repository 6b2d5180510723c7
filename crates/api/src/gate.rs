//! Media requests: who may, which file, which headers. One decision for both ways of sending.

use std::borrow::Cow;
use std::net::IpAddr;

use app::playback::{Caching, Media, Target};
use bytes::Bytes;
use delivery::{Decision, FileGrant, Gate, ResourcePolicy};
use http::header::{
    ACCESS_CONTROL_ALLOW_CREDENTIALS, ACCESS_CONTROL_ALLOW_ORIGIN, ACCESS_CONTROL_EXPOSE_HEADERS,
    CACHE_CONTROL, CONTENT_TYPE, ETAG, IF_NONE_MATCH, ORIGIN, VARY,
};
use http::request::Parts;
use http::{HeaderMap, HeaderName, HeaderValue, Method, Response, StatusCode};

use crate::caller;
use crate::exports;
use crate::problem::Problem;
use crate::web::{Facing, Web};

/// Whether a path is one of media.
pub fn is_media(path: &str) -> bool {
    path.starts_with("/media/")
        || (path.starts_with("/api/v1/videos/") && path.ends_with("/stream"))
        || exports::export_of(path).is_some()
}

impl Gate for Web {
    fn claims(&self, method: &Method, path: &str) -> bool {
        (*method == Method::GET || *method == Method::HEAD) && is_media(path)
    }

    async fn decide(&self, request: Parts) -> Decision {
        match self.answer(&request).await {
            Ok(decision) => decision,
            Err(problem) => Decision::Inline(problem.into_bytes()),
        }
    }

    fn now_ms(&self) -> i64 {
        self.0.app.core.clock.now().0
    }

    fn is_probe(&self, path: &str) -> bool {
        matches!(path, "/healthz" | "/readyz")
    }

    fn is_shared_peer(&self, peer: IpAddr) -> bool {
        let peer = peer.to_canonical();
        peer.is_loopback() || self.0.facing.trusted_proxies.contains(&peer)
    }
}

impl Web {
    async fn answer(&self, request: &Parts) -> Result<Decision, Problem> {
        caller::refuse_foreign_host(&request.uri, &request.headers, &self.0.facing)?;
        if let Some(id) = exports::export_of(request.uri.path()) {
            return exports::grant(self, id, &request.headers).await.map(|mut grant| {
                grant.extra = cors(Caching::Private, &request.headers, &self.0.facing);
                Decision::File(grant)
            });
        }
        let target = match Target::parse(request.uri.path(), request.uri.query()) {
            Some(target) => target,
            None if request.uri.path().starts_with("/api/") => {
                return Err(Problem::bad_request(
                    "malformed_id",
                    "This is not an id: ids are 24 hex digits.",
                ));
            }
            None => return Err(not_found()),
        };
        let media = self
            .0
            .app
            .playback
            .open(&target, async || {
                let viewer = caller::viewer(self, &request.headers).await?;
                if viewer.is_none() && self.0.app.core.settings.require_sign_in {
                    return Err(app::Error::unauthenticated());
                }
                Ok(viewer)
            })
            .await?;
        match media {
            Media::File {
                key,
                content_type,
                tag,
                caching,
            } => {
                let extra = cors(caching, &request.headers, &self.0.facing);
                // Who has it already is told so from here.
                if !is_known(&request.headers, &format!("\"{tag}\""))
                    && let Some(mut response) = self
                        .elsewhere(&request.method, &key, &content_type, caching)
                        .await?
                {
                    response.headers_mut().extend(extra);
                    return Ok(Decision::Inline(response));
                }
                let file = self.open_blob(&key).await?.ok_or_else(not_found)?;
                let content_type = HeaderValue::try_from(content_type).map_err(|_| Problem::internal())?;
                let mut grant = FileGrant::new(file, content_type, format!("\"{tag}\""));
                grant.cache_control = Cow::Borrowed(cache_control(caching));
                grant.resource_policy = resource_policy(caching);
                grant.tally = match &target {
                    Target::Video { id, .. } | Target::Stream { id } => Some(self.0.tallies.of(*id)),
                    Target::User { .. } => None,
                };
                grant.extra = extra;
                Ok(Decision::File(grant))
            }
            Media::Text {
                body,
                content_type,
                caching,
            } => Ok(Decision::Inline(text(
                &request.headers,
                body,
                content_type,
                caching,
                &self.0.facing,
            ))),
        }
    }
}

fn not_found() -> Problem {
    Problem::new(StatusCode::NOT_FOUND, "media_not_found", "Not found")
}

fn cache_control(caching: Caching) -> &'static str {
    match caching {
        Caching::Immutable => "public, max-age=31536000, immutable",
        Caching::Revalidate => "public, max-age=0, must-revalidate",
        Caching::Private => "private, no-store",
    }
}

fn resource_policy(caching: Caching) -> ResourcePolicy {
    match caching {
        Caching::Private => ResourcePolicy::SameSite,
        Caching::Immutable | Caching::Revalidate => ResourcePolicy::CrossOrigin,
    }
}

/// Players on other origins read public media; what is private only pages of listed origins may read.
fn cors(caching: Caching, headers: &HeaderMap, facing: &Facing) -> Vec<(HeaderName, HeaderValue)> {
    let expose = HeaderValue::from_static("Content-Length, Content-Range, ETag, Accept-Ranges");
    if caching != Caching::Private {
        return vec![
            (ACCESS_CONTROL_ALLOW_ORIGIN, HeaderValue::from_static("*")),
            (ACCESS_CONTROL_EXPOSE_HEADERS, expose),
        ];
    }
    let listed = headers.get(ORIGIN).filter(|origin| {
        facing
            .cors_origins
            .iter()
            .any(|listed| listed.as_bytes() == origin.as_bytes())
    });
    match listed {
        None => Vec::new(),
        Some(origin) => vec![
            (ACCESS_CONTROL_ALLOW_ORIGIN, origin.clone()),
            (ACCESS_CONTROL_ALLOW_CREDENTIALS, HeaderValue::from_static("true")),
            (ACCESS_CONTROL_EXPOSE_HEADERS, expose),
            (VARY, HeaderValue::from_static("Origin")),
        ],
    }
}

fn text(
    asked: &HeaderMap,
    body: String,
    content_type: &'static str,
    caching: Caching,
    facing: &Facing,
) -> Response<Bytes> {
    let tag = format!("\"{:016x}\"", fingerprint(body.as_bytes()));
    let known = is_known(asked, &tag);
    let mut response = Response::new(if known { Bytes::new() } else { Bytes::from(body) });
    if known {
        *response.status_mut() = StatusCode::NOT_MODIFIED;
    }
    let headers = response.headers_mut();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static(content_type));
    headers.insert(CACHE_CONTROL, HeaderValue::from_static(cache_control(caching)));
    headers.insert("x-content-type-options", HeaderValue::from_static("nosniff"));
    headers.insert(
        "content-security-policy",
        HeaderValue::from_static("sandbox; default-src 'none'"),
    );
    headers.insert(
        "cross-origin-resource-policy",
        HeaderValue::from_static(resource_policy(caching).as_str()),
    );
    if let Ok(tag) = HeaderValue::try_from(tag) {
        headers.insert(ETAG, tag);
    }
    for (name, value) in cors(caching, asked, facing) {
        headers.append(name, value);
    }
    response
}

/// Whether the client says that it has the version of this tag (with its quotes).
pub(crate) fn is_known(asked: &HeaderMap, tag: &str) -> bool {
    asked
        .get_all(IF_NONE_MATCH)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|tags| tags.split(','))
        .map(str::trim)
        .any(|known| known == "*" || known.trim_start_matches("W/") == tag)
}

/// FNV-1a, 64 bits: playlists and feeds are short, ours, and only compared with themselves.
pub(crate) fn fingerprint(bytes: &[u8]) -> u64 {
    bytes.iter().fold(0xcbf2_9ce4_8422_2325, |hash, byte| {
        (hash ^ u64::from(*byte)).wrapping_mul(0x0000_0100_0000_01b3)
    })
}
