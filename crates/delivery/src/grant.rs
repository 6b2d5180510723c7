//! What the caller tells delivery: who may have which file, and how it is to be labelled.
//!
//! Owns the contract only. Sessions, tokens and visibility are behind the [`Gate`].

use crate::files::OpenFile;
use crate::tally::Tally;
use bytes::Bytes;
use http::{HeaderName, HeaderValue, Method, Response, request};
use std::{
    borrow::Cow,
    future::Future,
    net::{IpAddr, SocketAddr},
    sync::Arc,
};

/// The TCP peer of a request; put in the extensions of every request, on both paths.
///
/// This is the socket's other end, so a reverse proxy when there is one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Peer(pub SocketAddr);

/// Who may embed the bytes: the value of `Cross-Origin-Resource-Policy`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum ResourcePolicy {
    /// Only pages of this very origin.
    #[default]
    SameOrigin,
    /// Pages of the same site.
    SameSite,
    /// Any page: public media, which front ends on other origins play.
    CrossOrigin,
}

impl ResourcePolicy {
    /// The word as it stands in the header.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::SameOrigin => "same-origin",
            Self::SameSite => "same-site",
            Self::CrossOrigin => "cross-origin",
        }
    }
}

/// A file the viewer may have, with the words that go with it.
#[derive(Debug, Clone)]
pub struct FileGrant {
    /// The open file; its length is the length of the representation.
    pub file: Arc<OpenFile>,
    /// `Content-Type`, from our own parse of the bytes and never from the uploader.
    pub content_type: HeaderValue,
    /// Strong entity tag with its quotes, for instance `"5f3a"`. Text that is not a strong tag is left out of
    /// the answer, and every conditional on it fails.
    pub etag: String,
    /// Last change, milliseconds since 1970 UTC; cut to seconds on the wire.
    pub last_modified_ms: Option<i64>,
    /// `Cache-Control`.
    pub cache_control: Cow<'static, str>,
    /// `Content-Disposition`, complete and already encoded by RFC 6266.
    pub content_disposition: Option<String>,
    /// `Cross-Origin-Resource-Policy`.
    pub resource_policy: ResourcePolicy,
    /// Where the bytes that go out are counted.
    pub tally: Option<Arc<Tally>>,
    /// Further fields such as those of CORS; they follow the ones above and must not repeat them.
    pub extra: Vec<(HeaderName, HeaderValue)>,
}

impl FileGrant {
    /// A grant that is private in every respect: `private, no-store` and same-origin. Public media opens up by
    /// setting the fields.
    pub fn new(file: Arc<OpenFile>, content_type: HeaderValue, etag: impl Into<String>) -> Self {
        Self {
            file,
            content_type,
            etag: etag.into(),
            last_modified_ms: None,
            cache_control: Cow::Borrowed("private, no-store"),
            content_disposition: None,
            resource_policy: ResourcePolicy::default(),
            tally: None,
            extra: Vec::new(),
        }
    }
}

/// What becomes of a media request.
#[derive(Debug)]
pub enum Decision {
    /// The viewer may have this file; ranges and conditionals are handled here.
    File(FileGrant),
    /// A small complete answer: manifest text, a redirect, or an error envelope. Sent as it is, except that the
    /// length is set here and hop-by-hop fields are dropped.
    Inline(Response<Bytes>),
}

/// The caller's authority over media.
pub trait Gate: Send + Sync + 'static {
    /// Whether this is a request for media, to be asked of [`decide`](Self::decide). Must be cheap: it runs on
    /// each request before anything else. `path` is raw, percent-encoding included, without the query.
    /// `false` hands the connection to the service.
    fn claims(&self, method: &Method, path: &str) -> bool;

    /// Authorises and resolves. The peer is in the extensions as [`Peer`].
    fn decide(&self, request: request::Parts) -> impl Future<Output = Decision> + Send;

    /// Wall clock in milliseconds since 1970 UTC, for the `Date` field.
    fn now_ms(&self) -> i64;

    /// Whether a request is a health probe, which gets an answer through a few reserved slots even when every
    /// connection slot is taken.
    fn is_probe(&self, _path: &str) -> bool {
        false
    }

    /// Whether the peer stands for many people, so that the cap per address does not hold for it. The default
    /// knows loopback only; name the trusted proxies here.
    fn is_shared_peer(&self, peer: IpAddr) -> bool {
        peer.to_canonical().is_loopback()
    }
}
