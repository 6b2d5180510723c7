//! What handlers share: the use cases, and how this instance faces the network.

use std::net::IpAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use app::App;
use delivery::FileCache;
use metrics_exporter_prometheus::PrometheusHandle;
use tokio_util::sync::CancellationToken;

use crate::files::MediaRedirect;
use crate::kept::Kept;
use crate::limits::Limiter;
use crate::problem::Problem;
use crate::settings::SettingBody;
use crate::tallies::Tallies;

/// How this instance faces the network.
#[derive(Debug, Clone)]
pub struct Facing {
    /// What addresses begin with; its scheme decides whether cookies are for TLS only.
    pub public_url: String,
    /// Host names that requests may name, besides loopback names and plain addresses.
    pub hosts: Vec<String>,
    /// Origins of front ends elsewhere that may use cookies and read answers.
    pub cors_origins: Vec<String>,
    /// Reverse proxies whose forwarding headers are believed.
    pub trusted_proxies: Vec<IpAddr>,
    /// Limits by class of route; off for load tests.
    pub rate_limits: bool,
    /// Whether the web app is served beside the API.
    pub web_app: bool,
    /// Where people get the bytes of videos.
    pub media_redirect: MediaRedirect,
}

/// State of the router.
#[derive(Debug, Clone)]
pub struct Web(pub(crate) Arc<Inner>);

pub(crate) struct Inner {
    pub(crate) app: Arc<App>,
    pub(crate) facing: Facing,
    /// What the instance was told when it was started, for admins to read.
    pub(crate) settings: Vec<SettingBody>,
    pub(crate) files: FileCache,
    pub(crate) limiter: Limiter,
    /// Lists as everyone sees them.
    pub(crate) lists: Kept,
    /// The server is about to stop.
    pub(crate) leaving: AtomicBool,
    /// What is being sent of videos.
    pub(crate) tallies: Tallies,
    pub(crate) metrics: Option<PrometheusHandle>,
    pub(crate) sandboxed: AtomicBool,
    pub(crate) closing: CancellationToken,
}

impl std::fmt::Debug for Inner {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Web")
            .field("facing", &self.facing)
            .finish_non_exhaustive()
    }
}

impl Facing {
    /// Cookies are for TLS only.
    pub(crate) fn secure(&self) -> bool {
        self.public_url.starts_with("https://")
    }

    /// The public address without a path, as browsers name it in `Origin`.
    pub(crate) fn origin(&self) -> &str {
        let scheme = self.public_url.find("://").map_or(0, |at| at + 3);
        let end = self.public_url[scheme..]
            .find('/')
            .map_or(self.public_url.len(), |at| scheme + at);
        &self.public_url[..end]
    }

    /// Only programs on this machine reach the server: whoever comes from loopback is at home here. Behind a
    /// reverse proxy everybody comes from there.
    pub(crate) fn is_local_only(&self) -> bool {
        let host = self.public_url.split_once("://").map_or("", |(_, rest)| rest);
        ["127.0.0.1", "localhost", "[::1]"].iter().any(|name| {
            host.strip_prefix(name)
                .is_some_and(|rest| rest.is_empty() || rest.starts_with([':', '/']))
        })
    }
}

impl Web {
    /// The state over these use cases. `settings`: those that hold; what gives access to something is left out of them.
    pub fn new(
        app: Arc<App>,
        facing: Facing,
        settings: Vec<SettingBody>,
        metrics: Option<PrometheusHandle>,
    ) -> Self {
        let limiter = Limiter::new(facing.rate_limits);
        Self(Arc::new(Inner {
            app,
            facing,
            settings: settings.into_iter().map(SettingBody::without_secrets).collect(),
            files: FileCache::new(512),
            limiter,
            lists: Kept::default(),
            leaving: AtomicBool::new(false),
            tallies: Tallies::default(),
            metrics,
            sandboxed: AtomicBool::new(false),
            closing: CancellationToken::new(),
        }))
    }

    /// Notes whether programs run in the full sandbox, for readiness.
    pub fn set_sandboxed(&self, sandboxed: bool) {
        self.0.sandboxed.store(sandboxed, Ordering::Relaxed);
    }

    /// Has `/readyz` say that this node takes no more requests soon.
    pub fn not_ready(&self) {
        self.0.leaving.store(true, Ordering::Relaxed);
    }

    /// Cancel this when the server stops: answers without an end of their own end then.
    pub fn closing(&self) -> CancellationToken {
        self.0.closing.clone()
    }

    /// Does work that leaves files to its end, even when the client goes away in the middle: what it has
    /// begun it must finish or clean up.
    pub(crate) async fn finish<T: Send + 'static>(
        &self,
        work: impl Future<Output = Result<T, app::Error>> + Send + 'static,
    ) -> Result<T, Problem> {
        match tokio::spawn(work).await {
            Ok(done) => Ok(done?),
            Err(broken) => Err(app::Error::failed("unfinished work", broken).into()),
        }
    }

    /// The use cases.
    pub fn app(&self) -> &App {
        &self.0.app
    }
}
