//! Startup and shutdown, told in order.

use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use api::settings::SettingBody;
use api::{Facing, Web};
use app::analytics::geoip::{Geoip, GeoipError};
use app::jobs::Workers;
use app::keys::{KeyError, Keys};
use app::{App, Core};
use bus::{Bus, BusError};
use delivery::{DrainReport, Limits};
use media::runner::{self, RunError, ToolMissing, Tools};
use metrics_exporter_prometheus::{PrometheusBuilder, PrometheusHandle};
use model::{Clock, Ids};
use objects::{Objects, ObjectsError};
use store::{DataLock, LockError, Store, StoreError};
use thiserror::Error;
use tokio::net::TcpListener;
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

use crate::settings::{Role, Settings};

/// Descriptors kept for files and the database when the number of connections is chosen.
const RESERVED_FILES: u64 = 256;

/// Further ones where media is in a bucket: what is known of its blobs keeps files open.
const BUCKET_FILES: u64 = 1_024;

/// Why the server does not start.
#[derive(Debug, Error)]
#[expect(missing_docs, reason = "each message says what its variant is")]
pub enum StartError {
    #[error("data folder {path}: {source}")]
    DataDir { path: PathBuf, source: std::io::Error },
    #[error(transparent)]
    Lock(#[from] LockError),
    #[error(transparent)]
    Key(#[from] KeyError),
    #[error("database: {0}")]
    Store(#[from] StoreError),
    #[error("media folder: {0}")]
    Objects(#[from] ObjectsError),
    #[error(transparent)]
    Tool(#[from] ToolMissing),
    #[error("sandbox: {0}")]
    Sandbox(#[from] RunError),
    #[error("this machine cannot give the full sandbox that `require_sandbox` asks for: {0}")]
    SandboxIncomplete(String),
    #[error("cannot listen on {address}: {source}")]
    Listen {
        address: SocketAddr,
        source: std::io::Error,
    },
    #[error("setting `bus_url`: {0}")]
    Bus(#[from] BusError),
    #[error(
        "the key file {0} is not the one that this site was set up with: all nodes share one, and without it nobody \
         stays signed in; copy it here, or name it with `key_file`"
    )]
    OtherKey(PathBuf),
    #[error(
        "a backup is being taken back into {0} and is not all there: run `streamsphere restore` again, which goes on where it \
         was, or empty the folder"
    )]
    Restoring(PathBuf),
    #[error("setting `geoip_file`: {0}")]
    Geoip(#[from] GeoipError),
    #[error("analytics: {0}")]
    Analytics(String),
    #[error(transparent)]
    App(#[from] app::Error),
}

/// What opening the data folder gives: everything but the network.
#[derive(Debug)]
pub struct Opened {
    /// The use cases.
    pub app: Arc<App>,
    lock: Option<DataLock>,
}

/// How the data folder is opened.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Access {
    /// As the one server of this folder.
    Alone,
    /// Beside a server that may be running: for short commands.
    Beside,
}

/// Opens the data folder and makes the use cases over it. `sandbox` is the program that confines ffmpeg:
/// this very binary, which the caller names because a test's binary is another one.
pub async fn open(
    settings: &Settings,
    access: Access,
    sandbox: Option<PathBuf>,
    clock: Clock,
) -> Result<Opened, StartError> {
    let folder = &settings.data_dir;
    make_folder(folder).map_err(|source| StartError::DataDir {
        path: folder.clone(),
        source,
    })?;
    let lock = match access {
        Access::Alone => Some(DataLock::acquire(folder)?),
        Access::Beside => None,
    };
    if folder.join(app::backup::restore::MARKER).exists() {
        return Err(StartError::Restoring(folder.clone()));
    }
    let keys = Keys::load(&settings.key_file)?;
    let store = Store::open(&store::Settings {
        // A command beside a running server must not change the schema under it.
        migrate: access == Access::Alone || (settings.postgres.is_none() && !settings.database.exists()),
        ..settings.store()
    })
    .await?;
    if settings.postgres.is_some() && !keys.is_of(&store).await? {
        return Err(StartError::OtherKey(settings.key_file.clone()));
    }
    let bus = match &settings.bus {
        // A short command beside a running server is noticed by what it writes.
        Some(url) if access == Access::Alone => Bus::nats(url).await?,
        _ => Bus::in_process(),
    };
    let objects = open_objects(settings).await?;
    if access == Access::Alone {
        objects.sweep_staging().await?;
    }
    let mut tools = Tools::find(sandbox)?;
    tools.require_sandbox = settings.require_sandbox;
    tools.nice = settings.encode_nice;
    if settings.require_sandbox {
        let status = runner::probe_status(&tools).await?;
        if !status.is_enforced() {
            return Err(StartError::SandboxIncomplete(format!("{status:?}")));
        }
    }
    let cores = std::thread::available_parallelism().map_or(1, std::num::NonZero::get);
    let encode_jobs = if settings.encode_jobs == 0 {
        (cores / 2).max(1)
    } else {
        settings.encode_jobs
    };
    let encode_threads = if settings.encode_threads == 0 {
        (cores / encode_jobs).max(1)
    } else {
        settings.encode_threads
    };
    let core = Core {
        store,
        objects,
        bus,
        live: app::analytics::live::Live::default(),
        tools,
        clock,
        ids: Ids::random(),
        settings: app::Settings {
            public_url: settings
                .public_url
                .clone()
                .unwrap_or_else(|| format!("http://{}", settings.listen)),
            require_sign_in: settings.require_sign_in,
            registration: settings.registration,
            max_upload_bytes: settings.max_upload_bytes,
            disk_reserve_bytes: settings.disk_reserve_bytes,
            upload_expire_hours: settings.upload_expire_hours,
            user_quota_bytes: settings.user_quota_bytes,
            user_daily_bytes: settings.user_daily_bytes,
            export_keep_days: settings.export_keep_days,
            analytics_minutes_keep_hours: settings.analytics_minutes_keep_hours,
            analytics_hours_keep_days: settings.analytics_hours_keep_days,
            analytics_days_keep_days: settings.analytics_days_keep_days,
            encode_jobs,
            encode_threads,
            ladder: settings.ladder.clone(),
            keep_originals: settings.keep_originals,
            audio_only: settings.audio_only,
            rate_limits: settings.rate_limits,
            respect_privacy_signals: settings.analytics_respect_privacy_signals,
            egress: settings.egress.clone(),
            push_contact: settings.push_contact.clone(),
            key_file: settings.key_file.clone(),
        },
    };
    let app = Arc::new(App::new(core, &keys)?);
    Ok(Opened { app, lock })
}

/// Opens where media is: a folder, or a bucket with its cache in the data folder.
pub async fn open_objects(settings: &Settings) -> Result<Objects, StartError> {
    let staging = settings.data_dir.join("tmp");
    Ok(match &settings.s3 {
        Some(s3) => Objects::open_s3(s3, &settings.objects, &staging).await?,
        None => Objects::open_local(&settings.objects, &staging).await?,
    })
}

/// Makes the folder and those above it that are missing, so that a power cut leaves none of them out:
/// a name is only on the disk once the folder that holds it was synced.
fn make_folder(folder: &Path) -> std::io::Result<()> {
    let missing: Vec<&Path> = folder
        .ancestors()
        .take_while(|above| !above.as_os_str().is_empty() && !above.exists())
        .collect();
    std::fs::create_dir_all(folder)?;
    for made in missing {
        let above = made.parent().filter(|above| !above.as_os_str().is_empty());
        std::fs::File::open(above.unwrap_or(Path::new(".")))?.sync_all()?;
    }
    Ok(())
}

/// A server that runs.
#[derive(Debug)]
pub struct Server {
    /// The use cases, for whoever started it.
    pub app: Arc<App>,
    /// Where it listens.
    pub address: SocketAddr,
    /// Code for the first admin, while there is none.
    pub setup_code: Option<String>,
    shutdown: CancellationToken,
    accepting: JoinHandle<DrainReport>,
    sweeping: JoinHandle<()>,
    tallying: JoinHandle<()>,
    web: Web,
    workers: Option<Workers>,
    drain_delay: Duration,
    _lock: Option<DataLock>,
}

/// Starts the server. `sandbox` as in [`open`]; `clock` is the machine's but in tests.
pub async fn start(
    mut settings: Settings,
    sandbox: Option<PathBuf>,
    clock: Clock,
) -> Result<Server, StartError> {
    // Listening comes first: a port that is taken should not cost a look through the data folder, and a
    // port that the system chooses must be known before addresses are made.
    let listener = TcpListener::bind(settings.listen)
        .await
        .map_err(|source| StartError::Listen {
            address: settings.listen,
            source,
        })?;
    let address = listener.local_addr().map_err(|source| StartError::Listen {
        address: settings.listen,
        source,
    })?;
    settings.listen = address;
    let geoip = settings.geoip_file.as_deref().map(Geoip::open).transpose()?;
    let opened = open(&settings, Access::Alone, sandbox, clock).await?;
    let app = opened.app;
    let setup_code = app.setup.new_code().await?;
    let limits = limits(&settings);
    announce(&settings, &app, &limits);
    let facing = Facing {
        public_url: app.core.settings.public_url.clone(),
        hosts: host_of(&app.core.settings.public_url).into_iter().collect(),
        cors_origins: settings.cors_origins.clone(),
        trusted_proxies: settings.trusted_proxies.clone(),
        rate_limits: settings.rate_limits,
        web_app: settings.web_app,
        media_redirect: settings.media_redirect.clone(),
    };
    let web = Web::new(Arc::clone(&app), facing, overview(&settings), metrics_recorder());
    // Workers start before the first request, so that what a crash left behind is taken up at once.
    let alone = !app.core.store.runs_side_by_side();
    let workers = match settings.role {
        Role::Web => None,
        Role::All | Role::Worker => Some(Workers::start(&app, alone).await?),
    };
    // What the process before has accepted is counted before more is taken.
    let folder = settings.data_dir.join("analytics");
    app.ingest
        .start(&folder, geoip)
        .await
        .map_err(|error| unusable(&folder, &error))?;
    let shutdown = web.closing();
    tokio::spawn(announce_sandbox(web.clone()));
    let background = background(Arc::clone(&app), alone, backup_plan(&settings), shutdown.clone());
    let sweeping = tokio::spawn(background);
    let tallying = tokio::spawn(api::tallies::run(web.clone(), shutdown.clone()));
    let service = match settings.role {
        Role::All | Role::Web => api::router(web.clone()),
        Role::Worker => api::worker_router(web.clone()),
    };
    let accepting = tokio::spawn(delivery::serve(
        listener,
        Arc::new(web.clone()),
        service,
        limits,
        shutdown.clone(),
    ));
    Ok(Server {
        app,
        address,
        setup_code,
        shutdown,
        accepting,
        sweeping,
        tallying,
        web,
        workers,
        drain_delay: Duration::from_secs(settings.drain_delay_seconds),
        _lock: opened.lock,
    })
}

/// What goes on beside requests and jobs, until `stop`.
async fn background(
    app: Arc<App>,
    alone: bool,
    plan: Option<app::backup::schedule::Plan>,
    stop: CancellationToken,
) {
    // Tasks of their own: events are told while the others work.
    let events = tokio::spawn(Arc::clone(&app.events).run(stop.clone()));
    let turns = {
        let (app, stop) = (Arc::clone(&app), stop.clone());
        tokio::spawn(async move { app.turns.run(Arc::clone(&app.core), stop).await })
    };
    let changed = tokio::spawn(Arc::clone(&app.core).hear_changed(stop.clone()));
    let attempts = tokio::spawn(Arc::clone(&app.sessions).hear_attempts(stop.clone()));
    let sweep = tokio::spawn(app::sweep::run(Arc::clone(&app), alone, stop.clone()));
    let uploads = tokio::spawn(app::uploads::sweep::run(Arc::clone(&app), stop.clone()));
    let push = tokio::spawn(app::push::sender::run(Arc::clone(&app), stop.clone()));
    let webhooks = tokio::spawn(app::webhooks::sender::run(Arc::clone(&app), stop.clone()));
    let facts = tokio::spawn(app::analytics::facts::run(Arc::clone(&app), stop.clone()));
    let backups = {
        let (app, stop) = (Arc::clone(&app), stop.clone());
        tokio::spawn(async move {
            if let Some(plan) = plan {
                app::backup::schedule::run(app, plan, stop).await;
            }
        })
    };
    let upkeep = tokio::spawn(app::search::upkeep::run(app, stop));
    tokio::join!(
        told("turns", turns),
        told("changed", changed),
        told("attempts", attempts),
        told("events", events),
        told("sweep", sweep),
        told("uploads", uploads),
        told("push", push),
        told("webhooks", webhooks),
        told("facts", facts),
        told("backups", backups),
        told("search", upkeep)
    );
}

/// What is to be backed up by itself.
fn backup_plan(settings: &Settings) -> Option<app::backup::schedule::Plan> {
    let place = settings
        .backup
        .place
        .clone()
        .filter(|_| settings.backup.every_hours > 0)?;
    Some(app::backup::schedule::Plan {
        place,
        every_hours: settings.backup.every_hours,
        keep: settings.backup.keep,
        data_dir: settings.data_dir.clone(),
    })
}

/// The settings as admins read them.
fn overview(settings: &Settings) -> Vec<SettingBody> {
    let all = settings.held.iter().map(|held| SettingBody {
        section: held.setting.section,
        name: held.setting.name,
        // Where nothing was said, nothing is given away.
        value: Some(held.value.clone()).filter(|value| !held.setting.secret || value.is_empty()),
        source: held.source,
        default: held.setting.default,
        about: held.setting.help,
    });
    all.collect()
}

/// Names the cause, which whoever starts the server has to see.
fn unusable(folder: &Path, error: &app::Error) -> StartError {
    let cause = std::error::Error::source(error).map_or_else(|| error.to_string(), ToString::to_string);
    StartError::Analytics(format!("{}: {cause}", folder.display()))
}

/// Waits for a task that ends with the server, and says so at once when it ends badly.
async fn told(task: &'static str, running: JoinHandle<()>) {
    if running.await.is_err() {
        tracing::error!(task, "The background task {task} ended badly");
    }
}

impl Server {
    /// Stops: requests under way finish within the drain time, jobs go back to the queue, the database is
    /// closed last.
    pub async fn stop(self) -> Option<DrainReport> {
        // What stands in front of this node sends nothing more while everything still works.
        self.web.not_ready();
        tokio::time::sleep(self.drain_delay).await;
        self.shutdown.cancel();
        let workers = async {
            if let Some(workers) = self.workers {
                workers.stop().await;
            }
        };
        // Jobs are stopped while requests drain: both may take seconds.
        let (drained, ()) = tokio::join!(self.accepting, workers);
        if self.sweeping.await.is_err() {
            tracing::warn!("The sweeper ended badly");
        }
        // Requests are done: what they brought is counted and written.
        self.app.ingest.stop().await;
        if self.tallying.await.is_err() {
            tracing::warn!("Counting what is sent ended badly");
        }
        // The last answers are over: what they sent has to be written down before the store closes.
        api::tallies::write(&self.web).await;
        // Workers stop before the store closes: a job in flight still has to record its end.
        if let Err(error) = self.app.core.store.close().await {
            tracing::error!(error = %error, "Closing the database failed; it recovers at the next start");
        }
        drained.ok()
    }
}

/// One recorder for the process; a second server in it (in tests) shares it.
fn metrics_recorder() -> Option<PrometheusHandle> {
    static HANDLE: std::sync::OnceLock<Option<PrometheusHandle>> = std::sync::OnceLock::new();
    HANDLE
        .get_or_init(|| {
            PrometheusBuilder::new()
                .install_recorder()
                .inspect_err(|error| tracing::warn!(error = %error, "No metrics"))
                .ok()
        })
        .clone()
}

fn limits(settings: &Settings) -> Limits {
    let open_files = rustix::process::getrlimit(rustix::process::Resource::Nofile)
        .current
        .unwrap_or(65_536);
    let bucket = settings.s3.as_ref().map_or(0, |_| BUCKET_FILES);
    let room = usize::try_from(open_files.saturating_sub(RESERVED_FILES + bucket))
        .unwrap_or(4_096)
        .clamp(16, 65_536);
    let max_connections = if settings.max_connections == 0 {
        room
    } else {
        settings.max_connections.min(room)
    };
    Limits {
        max_connections,
        drain_ms: Duration::from_secs(settings.drain_seconds)
            .as_millis()
            .try_into()
            .unwrap_or(u64::MAX),
        ..Limits::default()
    }
}

fn host_of(url: &str) -> Option<String> {
    let authority = url.split_once("://")?.1.split('/').next()?;
    let host = match authority.rsplit_once(':') {
        Some((host, port)) if port.bytes().all(|b| b.is_ascii_digit()) => host,
        _ => authority,
    };
    Some(host.to_owned())
}

/// What faces whom, in one line: the first thing to look at when something is open that should not be.
fn announce(settings: &Settings, app: &App, limits: &Limits) {
    let facts = app.core.store.engine_facts();
    let public_url = &app.core.settings.public_url;
    tracing::info!(
        listen = %settings.listen,
        loopback_only = settings.listen.ip().is_loopback(),
        public_url,
        tls = "none here; put a reverse proxy in front for https",
        cors_origins = ?settings.cors_origins,
        trusted_proxies = ?settings.trusted_proxies,
        require_sign_in = settings.require_sign_in,
        registration = ?settings.registration,
        rate_limits = settings.rate_limits,
        max_connections = limits.max_connections,
        database = facts.engine,
        database_version = facts.version,
        synchronous = facts.synchronous,
        "Exposure: listening on {}, addresses begin with {public_url}",
        settings.listen
    );
    if !settings.listen.ip().is_loopback() && public_url.starts_with("http://") {
        tracing::warn!(
            "Reachable from other machines without TLS: passwords and cookies can be read on the way"
        );
    }
    if !settings.rate_limits {
        tracing::warn!("Rate limits are off: anyone may try as many passwords as they like");
    }
}

/// Tries the sandbox out and says how it is; beside the start, because it takes as long as all the rest.
async fn announce_sandbox(web: Web) {
    match runner::probe_status(&web.app().core.tools).await {
        Ok(status) => {
            web.set_sandboxed(status.is_enforced());
            if status.is_enforced() {
                tracing::info!(?status, "Uploads are read in the full sandbox");
            } else {
                tracing::warn!(
                    ?status,
                    "Uploads are read in less than the full sandbox on this machine"
                );
            }
        }
        Err(error) => tracing::error!(error = %error, "The sandbox does not start: uploads will fail"),
    }
}
