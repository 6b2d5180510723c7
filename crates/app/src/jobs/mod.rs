//! Background work: the kinds of jobs and what each is given. Who runs them is [`workers`]; how jobs of dead
//! workers are found, [`watch`]; what people may do with jobs, [`crate::queue`].
//!
//! Two lanes: quick jobs (a copy, a removal) never wait behind encodes. A job holds a lease that a
//! heartbeat prolongs; when the lease is lost, the work stops and whatever it would publish is refused
//! by its fencing number. Every kind has a file of its own and may run twice.

mod chore;
pub mod drop_original;
pub mod encode_part;
pub(crate) mod encoding;
pub mod export_account;
pub mod finish_video;
pub mod hide_follows;
pub mod join_parts;
#[cfg(test)]
pub(crate) mod kit;
pub mod mark_follows;
mod patience;
pub mod process_video;
pub mod remove_analytics;
pub mod remove_conversation;
pub mod remove_library;
pub mod remove_notifications;
pub mod remove_objects;
pub mod remove_user;
mod source;
pub mod sweep_video;
pub mod watch;
mod workers;

use std::borrow::Cow;
use std::fmt::Display;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use model::jobs::{Lane, Urgency};
use model::{JobId, Millis, ObjectId, UserId};
use serde::Serialize;
use serde::de::DeserializeOwned;
use store::Tx;
use store::jobs::{self as rows, JobRow};
use store::videos::VideoRow;
use tokio_util::sync::CancellationToken;

use crate::App;
use crate::core::Core;
use crate::error::{Error, Kind};

pub(crate) use process_video::prepares;
pub(crate) use source::drop_waiting;

pub use workers::Workers;

/// What workers listen to on the bus.
pub const TOPIC: &str = "jobs";
/// Where the priorities of quick jobs begin, and those of encodes; of one user's jobs, smaller runs earlier.
const QUICK: i64 = 10;
const ENCODE: i64 = 100;

/// What a kind of job needs to be put into the queue.
pub trait Payload: Serialize + DeserializeOwned {
    /// Its name in the table.
    const KIND: &'static str;
    /// What it has unless the job says otherwise; of one user's jobs, smaller runs earlier.
    const PRIORITY: i64;
    /// Which workers run it.
    const LANE: Lane = if Self::PRIORITY < ENCODE {
        Lane::Quick
    } else {
        Lane::Encode
    };
}

/// A job about to be enqueued.
#[derive(Debug)]
pub struct NewJob {
    id: JobId,
    kind: &'static str,
    payload: String,
    subject: Option<ObjectId>,
    user: Option<UserId>,
    lane: Lane,
    urgency: Option<Urgency>,
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
        lane: P::LANE,
        urgency: None,
        priority: P::PRIORITY,
        run_at: now,
        now,
    })
}

/// A job about a video, for its owner, to run at once.
fn about<P: Payload>(core: &Core, payload: &P, video: &VideoRow, now: Millis) -> Result<NewJob, Error> {
    new(core, payload, Some(video.id.0), Some(video.owner_id), now)
}

/// Puts a job about a video into the queue, in the transaction that makes it necessary.
async fn enqueue_about<P: Payload>(
    core: &Core,
    tx: &mut Tx,
    payload: &P,
    video: &VideoRow,
    now: Millis,
) -> Result<(), Error> {
    let job = about(core, payload, video, now)?;
    Ok(rows::enqueue(tx, &job.as_row()).await?)
}

impl NewJob {
    /// The same with another place among the jobs of its user: smaller runs earlier.
    #[must_use]
    pub fn priority(mut self, priority: i64) -> Self {
        self.priority = priority;
        self
    }

    /// The same, not to run before `at`.
    #[must_use]
    pub fn run_at(mut self, at: Millis) -> Self {
        self.run_at = at;
        self
    }

    /// The same with an urgency of its own; otherwise it takes that of the newest job about the same thing.
    #[must_use]
    pub fn urgency(mut self, urgency: Urgency) -> Self {
        self.urgency = Some(urgency);
        self
    }

    /// Which job it will be.
    pub fn id(&self) -> JobId {
        self.id
    }

    /// The form in which the store takes it.
    pub fn as_row(&self) -> rows::New<'_> {
        rows::New {
            id: self.id,
            kind: self.kind,
            payload: &self.payload,
            subject_id: self.subject,
            user_id: self.user,
            lane: self.lane,
            urgency: self.urgency,
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
    /// The database or the bucket is away: another run may go better, later.
    Away(String),
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
        if matches!(&error, Error::Refused(refusal) if refusal.kind == Kind::Unavailable) {
            return Self::Away(text);
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

/// Why a run is not repeated, or not at once: a sentence for everyone, and the same for whoever runs the site.
#[derive(Debug)]
struct Failure {
    sentence: &'static str,
    detail: String,
}

impl Failure {
    fn of(sentence: &'static str, detail: impl Into<String>) -> Self {
        Self {
            sentence,
            detail: detail.into(),
        }
    }

    fn worker_gone() -> Self {
        let sentence = "The server that worked on it went away.";
        Self::of(sentence, sentence)
    }
}

/// What a run says of itself while it runs.
#[derive(Debug, Default)]
struct Pulse {
    per_mille: AtomicU64,
    step: Mutex<Cow<'static, str>>,
    /// Moves with every sign of life.
    signs: AtomicU64,
}

impl Pulse {
    fn sign(&self) {
        self.signs.fetch_add(1, Ordering::Relaxed);
    }

    fn step(&self) -> Cow<'static, str> {
        // A word is whole whatever happened while it was locked.
        self.step.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

/// What a running job is given.
#[derive(Debug)]
pub struct Running {
    /// The use cases it may call.
    pub app: Arc<App>,
    /// Its row, with the fencing number of this lease.
    pub job: JobRow,
    /// Cancelled when the lease is lost, the job is not wanted any more or hangs, or the server stops. Whoever goes
    /// on for half a minute after that is cut off.
    pub stop: CancellationToken,
    pulse: Arc<Pulse>,
}

impl Running {
    fn payload<P: Payload>(&self) -> Result<P, JobError> {
        serde_json::from_str(&self.job.payload)
            .map_err(|error| JobError::GiveUp(format!("unreadable payload: {error}")))
    }

    /// Notes how much of the work is done, 0 to 1. Also a sign of life.
    pub fn progress(&self, done: f64) {
        self.pulse
            .per_mille
            .store((done.clamp(0.0, 1.0) * 1000.0) as u64, Ordering::Relaxed);
        self.pulse.sign();
    }

    /// Notes what is being done, in a word or two for people. Also a sign of life.
    pub fn step(&self, step: impl Into<Cow<'static, str>>) {
        *self.pulse.step.lock().unwrap_or_else(PoisonError::into_inner) = step.into();
        self.pulse.sign();
    }

    /// Says that the work goes on where there is no progress to tell of. A run that is silent for long is taken
    /// for hung (see [`workers`]).
    pub fn alive(&self) {
        self.pulse.sign();
    }

    fn now(&self) -> Millis {
        self.app.core.clock.now()
    }
}

/// What has been promised and needs nobody's file: it is tried until it succeeds.
pub(crate) fn never_given_up(kind: &str) -> bool {
    matches!(
        kind,
        remove_objects::KIND
            | remove_user::KIND
            | remove_conversation::KIND
            | remove_library::KIND
            | remove_analytics::KIND
            | hide_follows::KIND
            | mark_follows::KIND
            | remove_notifications::KIND
    )
}

async fn dispatch(running: &Running) -> Result<(), JobError> {
    match running.job.kind.as_str() {
        process_video::KIND => process_video::run(running).await,
        encode_part::KIND => encode_part::run(running).await,
        join_parts::KIND => join_parts::run(running).await,
        finish_video::KIND => finish_video::run(running).await,
        drop_original::KIND => drop_original::run(running).await,
        export_account::KIND => export_account::run(running).await,
        sweep_video::KIND => sweep_video::run(running).await,
        remove_conversation::KIND => remove_conversation::run(running).await,
        remove_notifications::KIND => remove_notifications::run(running).await,
        remove_library::KIND => remove_library::run(running).await,
        remove_analytics::KIND => remove_analytics::run(running).await,
        hide_follows::KIND => hide_follows::run(running).await,
        mark_follows::KIND => mark_follows::run(running).await,
        remove_objects::KIND => remove_objects::run(running).await,
        remove_user::KIND => remove_user::run(running).await,
        other => Err(JobError::GiveUp(format!("no such kind of job: {other}"))),
    }
}
