//! Background work: the kinds of jobs, and the workers that lease and run them.
//!
//! Two lanes: quick jobs (a copy, a removal) never wait behind encodes. A job holds a lease that a
//! heartbeat prolongs; when the lease is lost, the work stops and whatever it would publish is refused
//! by its fencing number. Every kind has a file of its own and may run twice.

pub mod encode_part;
pub(crate) mod encoding;
pub mod finish_video;
pub mod join_parts;
pub mod process_video;
pub mod remove_objects;
pub mod remove_user;
mod source;
pub mod sweep_video;

use std::fmt::Display;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use model::jobs::{JobState, MAX_ATTEMPTS, backoff_ms};
use model::{JobId, Millis, ObjectId, UserId, VideoId};
use serde::Serialize;
use serde::de::DeserializeOwned;
use store::jobs::{self as rows, JobRow};
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;

use crate::App;
use crate::core::Core;
use crate::error::Error;
use crate::videos::processing;

pub(crate) use process_video::prepares;

/// What workers listen to on the bus.
pub const TOPIC: &str = "jobs";
/// Priorities of the two lanes; smaller runs earlier.
const QUICK: i64 = 10;
const ENCODE: i64 = 100;
/// How long a worker may be silent before its job is taken from it.
const LEASE_MS: i64 = 30_000;
/// How often it says that it is there.
const HEARTBEAT: Duration = Duration::from_secs(1);
/// Without a wake-up, how long a worker sleeps at the most: a lost message costs this much.
const NAP: Duration = Duration::from_secs(2);
/// A job may be found without its worker this often before that counts as its own failure.
const FREE_RECOVERIES: i64 = 3;
/// Quick jobs that run at once.
const QUICK_WORKERS: usize = 2;

/// What a kind of job needs to be put into the queue.
pub trait Payload: Serialize + DeserializeOwned {
    /// Its name in the table.
    const KIND: &'static str;
    /// Its lane.
    const PRIORITY: i64;
}

/// A job about to be enqueued.
#[derive(Debug)]
pub struct NewJob {
    id: JobId,
    kind: &'static str,
    payload: String,
    subject: Option<ObjectId>,
    user: Option<UserId>,
    priority: i64,
    run_at: Millis,
    now: Millis,
}

/// A job with this payload, about `subject`, for `user`, to run at once.
pub fn new<P: Payload>(
    core: &Core,
    payload: &P,
    subject: Option<ObjectId>,
    user: Option<UserId>,
    now: Millis,
) -> Result<NewJob, Error> {
    let payload = serde_json::to_string(payload).map_err(|error| Error::failed("job payload", error))?;
    Ok(NewJob {
        id: core.ids.next(now),
        kind: P::KIND,
        payload,
        subject,
        user,
        priority: P::PRIORITY,
        run_at: now,
        now,
    })
}

impl NewJob {
    /// The form in which the store takes it.
    pub fn as_row(&self) -> rows::New<'_> {
        rows::New {
            id: self.id,
            kind: self.kind,
            payload: &self.payload,
            subject_id: self.subject,
            user_id: self.user,
            priority: self.priority,
            run_at: self.run_at,
            now: self.now,
        }
    }
}

/// How a run of a job ended, when not well.
#[derive(Debug)]
pub enum JobError {
    /// Another run may go better.
    Retry(String),
    /// No other run will.
    GiveUp(String),
    /// Someone else has the job now, or nobody wants it any more.
    LeaseLost,
    /// The server is shutting down; the job goes back as it was.
    Stopped,
}

impl JobError {
    fn retry(context: &str, error: impl Display) -> Self {
        Self::Retry(format!("{context}: {error}"))
    }
}

impl From<Error> for JobError {
    fn from(error: Error) -> Self {
        let mut text = error.to_string();
        let mut source = std::error::Error::source(&error);
        while let Some(cause) = source {
            text = format!("{text}: {cause}");
            source = cause.source();
        }
        Self::Retry(text)
    }
}

impl From<store::StoreError> for JobError {
    fn from(error: store::StoreError) -> Self {
        Error::from(error).into()
    }
}

impl From<objects::ObjectsError> for JobError {
    fn from(error: objects::ObjectsError) -> Self {
        Error::from(error).into()
    }
}

/// What a running job is given.
#[derive(Debug)]
pub struct Running {
    /// The use cases it may call.
    pub app: Arc<App>,
    /// Its row, with the fencing number of this lease.
    pub job: JobRow,
    /// Cancelled when the lease is lost or the server stops.
    pub stop: CancellationToken,
    /// Per mille of the work that is done.
    progress: Arc<AtomicU64>,
}

impl Running {
    fn payload<P: Payload>(&self) -> Result<P, JobError> {
        serde_json::from_str(&self.job.payload)
            .map_err(|error| JobError::GiveUp(format!("unreadable payload: {error}")))
    }

    /// Notes how much of the work is done, 0 to 1.
    pub fn progress(&self, done: f64) {
        self.progress
            .store((done.clamp(0.0, 1.0) * 1000.0) as u64, Ordering::Relaxed);
    }

    fn now(&self) -> Millis {
        self.app.core.clock.now()
    }
}

/// The workers of this process.
#[derive(Debug)]
pub struct Workers {
    tasks: JoinSet<()>,
    stop: CancellationToken,
}

impl Workers {
    /// Starts the workers. `alone`: no other process works on this store, so that leases left over from
    /// before are nobody's.
    pub async fn start(app: &Arc<App>, alone: bool) -> Result<Self, Error> {
        recover(app, alone).await?;
        let stop = CancellationToken::new();
        let mut tasks = JoinSet::new();
        let name: ObjectId = app.core.ids.next(app.core.clock.now());
        for number in 0..QUICK_WORKERS {
            tasks.spawn(work(
                Arc::clone(app),
                format!("{name}/quick-{number}"),
                (0, ENCODE - 1),
                stop.clone(),
            ));
        }
        for number in 0..app.core.settings.encode_jobs.max(1) {
            tasks.spawn(work(
                Arc::clone(app),
                format!("{name}/encode-{number}"),
                (ENCODE, 1_000),
                stop.clone(),
            ));
        }
        tasks.spawn(watch_leases(Arc::clone(app), stop.clone()));
        Ok(Self { tasks, stop })
    }

    /// Stops the workers and waits until each has recorded the end of what it was doing.
    pub async fn stop(mut self) {
        self.stop.cancel();
        while self.tasks.join_next().await.is_some() {}
    }
}

/// Puts back jobs whose worker went away. The first few times that is not held against the job: servers
/// are killed for many reasons. After that it is, so that a job which kills its worker comes to an end.
async fn recover(app: &App, alone: bool) -> Result<(), Error> {
    let now = app.core.clock.now();
    let mut tx = app.core.store.write().await?;
    let lost = rows::lost(&mut tx, now, alone).await?;
    for job in &lost {
        let error = "The worker went away.";
        if job.recoveries < FREE_RECOVERIES || never_given_up(&job.kind) {
            rows::put_back(&mut tx, job, now).await?;
        } else if job.attempts < MAX_ATTEMPTS {
            rows::retry_at(&mut tx, job, error, now.plus_ms(backoff_ms(job.attempts)), now).await?;
        } else if rows::end(&mut tx, job, JobState::Dead, Some(error), now).await? {
            process_video::failed(&mut tx, job, now).await?;
        }
        rows::count_recovery(&mut tx, job.id).await?;
    }
    tx.commit().await?;
    if !lost.is_empty() {
        let jobs = lost.len();
        tracing::warn!(jobs, "Put back {jobs} jobs whose worker went away");
        app.core.bus.wake(TOPIC);
    }
    Ok(())
}

async fn watch_leases(app: Arc<App>, stop: CancellationToken) {
    loop {
        tokio::select! {
            () = stop.cancelled() => return,
            () = tokio::time::sleep(Duration::from_secs(5)) => {}
        }
        if let Err(error) = recover(&app, false).await {
            tracing::error!(error = %error, "Could not look for lost jobs");
        }
    }
}

async fn work(app: Arc<App>, name: String, lane: (i64, i64), stop: CancellationToken) {
    while !stop.is_cancelled() {
        // Listening begins before the look into the table: what is enqueued in between wakes us.
        let woken = app.core.bus.woken(TOPIC);
        match claim(&app, &name, lane).await {
            Ok(Some(job)) => run(&app, job, &stop).await,
            Ok(None) => {
                tokio::select! {
                    () = stop.cancelled() => return,
                    () = woken => {}
                    () = tokio::time::sleep(NAP) => {}
                }
            }
            Err(error) => {
                tracing::error!(error = %error, "Could not lease a job");
                tokio::select! {
                    () = stop.cancelled() => return,
                    () = tokio::time::sleep(NAP) => {}
                }
            }
        }
    }
}

async fn claim(app: &App, name: &str, lane: (i64, i64)) -> Result<Option<JobRow>, Error> {
    let now = app.core.clock.now();
    // A look that takes no lock: idle workers must not stand in the way of writers.
    if !rows::any_due(&mut app.core.store.read(), lane, now).await? {
        return Ok(None);
    }
    let mut tx = app.core.store.write().await?;
    let job = rows::claim(&mut tx, name, lane, now, now.plus_ms(LEASE_MS)).await?;
    tx.commit().await?;
    Ok(job)
}

async fn run(app: &Arc<App>, job: JobRow, stop: &CancellationToken) {
    let started = Instant::now();
    let running = Running {
        app: Arc::clone(app),
        job: job.clone(),
        stop: stop.child_token(),
        progress: Arc::new(AtomicU64::new(0)),
    };
    let heartbeat = tokio::spawn(beat(
        Arc::clone(app),
        job.clone(),
        running.stop.clone(),
        Arc::clone(&running.progress),
    ));
    // In a task of its own: a panic ends the job's run and not its worker.
    let outcome = tokio::spawn(async move { dispatch(&running).await }).await;
    heartbeat.abort();
    let outcome =
        outcome.unwrap_or_else(|error| Err(JobError::Retry(format!("the job's run broke: {error}"))));
    let duration_ms = u64::try_from(started.elapsed().as_millis()).unwrap_or(u64::MAX);
    let recorded = match outcome {
        Ok(()) => {
            tracing::info!(job.id = %job.id, job.kind, duration_ms, "Finished job {} ({})", job.id, job.kind);
            end(app, &job, JobState::Done, None).await
        }
        Err(JobError::LeaseLost) => {
            tracing::info!(job.id = %job.id, job.kind, "Job {} is not ours any more", job.id);
            Ok(())
        }
        Err(JobError::Stopped) => put_back(app, &job).await,
        Err(JobError::Retry(error)) if job.attempts < MAX_ATTEMPTS || never_given_up(&job.kind) => {
            tracing::warn!(job.id = %job.id, job.kind, error, "Job {} failed and will be tried again", job.id);
            retry(app, &job, &error).await
        }
        Err(JobError::Retry(error) | JobError::GiveUp(error)) => {
            tracing::error!(job.id = %job.id, job.kind, error, "Job {} failed for good", job.id);
            given_up(app, &job, &error).await
        }
    };
    if let Err(error) = recorded {
        // The lease runs out and the job is found again.
        tracing::error!(job.id = %job.id, error = %error, "Could not record how job {} ended", job.id);
    }
}

/// What has been promised and needs nobody's file: it is tried until it succeeds.
fn never_given_up(kind: &str) -> bool {
    matches!(kind, remove_objects::KIND | remove_user::KIND)
}

async fn dispatch(running: &Running) -> Result<(), JobError> {
    match running.job.kind.as_str() {
        process_video::KIND => process_video::run(running).await,
        encode_part::KIND => encode_part::run(running).await,
        join_parts::KIND => join_parts::run(running).await,
        finish_video::KIND => finish_video::run(running).await,
        sweep_video::KIND => sweep_video::run(running).await,
        remove_objects::KIND => remove_objects::run(running).await,
        remove_user::KIND => remove_user::run(running).await,
        other => Err(JobError::GiveUp(format!("no such kind of job: {other}"))),
    }
}

/// Prolongs the lease and writes down the progress, until the lease is gone.
async fn beat(app: Arc<App>, job: JobRow, stop: CancellationToken, progress: Arc<AtomicU64>) {
    let mut written = 0;
    let mut beats: u32 = 0;
    loop {
        tokio::time::sleep(HEARTBEAT).await;
        beats += 1;
        let done = progress.load(Ordering::Relaxed);
        // A second without news is not worth a write; the lease is, every few.
        if done == written && !beats.is_multiple_of(5) {
            continue;
        }
        match report(&app, &job, done).await {
            Ok(true) => written = done,
            Ok(false) => {
                stop.cancel();
                return;
            }
            Err(error) => tracing::warn!(job.id = %job.id, error = %error, "Missed a heartbeat"),
        }
    }
}

async fn report(app: &App, job: &JobRow, per_mille: u64) -> Result<bool, Error> {
    let now = app.core.clock.now();
    let done = per_mille as f64 / 1000.0;
    let mut tx = app.core.store.write().await?;
    let ours = rows::report(&mut tx, job, &job.kind, done, now.plus_ms(LEASE_MS), now).await?;
    if let (true, Some(subject)) = (ours && prepares(&job.kind), job.subject_id) {
        processing::note(&mut tx, VideoId(subject)).await?;
    }
    tx.commit().await?;
    Ok(ours)
}

async fn end(app: &App, job: &JobRow, state: JobState, error: Option<&str>) -> Result<(), Error> {
    let mut tx = app.core.store.write().await?;
    rows::end(&mut tx, job, state, error, app.core.clock.now()).await?;
    tx.commit().await?;
    Ok(())
}

async fn retry(app: &App, job: &JobRow, error: &str) -> Result<(), Error> {
    let now = app.core.clock.now();
    let mut tx = app.core.store.write().await?;
    rows::retry_at(&mut tx, job, error, now.plus_ms(backoff_ms(job.attempts)), now).await?;
    tx.commit().await?;
    Ok(())
}

/// Shutting down is not the job's fault: it goes back as if it had not been started.
async fn put_back(app: &App, job: &JobRow) -> Result<(), Error> {
    let now = app.core.clock.now();
    let mut tx = app.core.store.write().await?;
    rows::put_back(&mut tx, job, now).await?;
    tx.commit().await?;
    Ok(())
}

async fn given_up(app: &App, job: &JobRow, error: &str) -> Result<(), Error> {
    let now = app.core.clock.now();
    let mut tx = app.core.store.write().await?;
    if rows::end(&mut tx, job, JobState::Dead, Some(error), now).await? {
        process_video::failed(&mut tx, job, now).await?;
    }
    tx.commit().await?;
    if let Some(subject) = job.subject_id {
        app.playback.forget(VideoId(subject));
    }
    Ok(())
}
