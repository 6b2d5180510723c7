//! What handlers share: the use cases, and how this instance faces the network.

use std::net::IpAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use app::App;
use delivery::FileCache;
use metrics_exporter_prometheus::PrometheusHandle;

use crate::limits::Limiter;

/// How this instance faces the network.
#[derive(Debug, Clone)]
pub struct Facing {
    /// The public URL is https, so cookies are for TLS only.
    pub secure: bool,
    /// Host names that requests may name, besides loopback names and plain addresses.
    pub hosts: Vec<String>,
    /// Origins of front ends elsewhere that may use cookies and read answers.
    pub cors_origins: Vec<String>,
    /// Reverse proxies whose forwarding headers are believed.
    pub trusted_proxies: Vec<IpAddr>,
    /// Limits by class of route; off for load tests.
    pub rate_limits: bool,
}

/// State of the router.
#[derive(Debug, Clone)]
pub struct Web(pub(crate) Arc<Inner>);

pub(crate) struct Inner {
    pub(crate) app: Arc<App>,
    pub(crate) facing: Facing,
    pub(crate) files: FileCache,
    pub(crate) limiter: Limiter,
    pub(crate) metrics: Option<PrometheusHandle>,
    pub(crate) sandboxed: AtomicBool,
}

impl std::fmt::Debug for Inner {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Web")
            .field("facing", &self.facing)
            .finish_non_exhaustive()
    }
}

impl Web {
    /// The state over these use cases.
    pub fn new(app: Arc<App>, facing: Facing, metrics: Option<PrometheusHandle>) -> Self {
        let limiter = Limiter::new(facing.rate_limits);
        Self(Arc::new(Inner {
            app,
            facing,
            files: FileCache::new(512),
            limiter,
            metrics,
            sandboxed: AtomicBool::new(false),
        }))
    }

    /// Notes whether programs run in the full sandbox, for readiness.
    pub fn set_sandboxed(&self, sandboxed: bool) {
        self.0.sandboxed.store(sandboxed, Ordering::Relaxed);
    }

    /// The use cases.
    pub fn app(&self) -> &App {
        &self.0.app
    }
}
