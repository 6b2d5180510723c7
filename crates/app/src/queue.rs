//! What people may do with background work: look at it, cancel it, have it tried again, say what is urgent.
//!
//! Everyone may see and end their own jobs, whoever runs the site all of them. How jobs are run is
//! [`crate::jobs`]; in which order, `store::jobs`.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use bus::Audience;
use model::jobs::{JobState, Lane, Urgency};
use model::videos::Status;
use model::{JobId, Millis, UserId, VideoId};
use serde::Serialize;
use store::Tx;
use store::jobs::{self as rows, JobRow, list};
use store::replacements;
use store::videos::{self, VideoRow};
use tokio_util::sync::CancellationToken;

use crate::core::Core;
use crate::error::{Error, Kind};
use crate::events;
use crate::jobs::{TOPIC, drop_waiting, never_given_up};
use crate::moderation;
use crate::playback::Playback;
use crate::sessions::Actor;
use crate::videos::{must_own, process_again};

/// What is said of work that somebody ended.
pub const CANCELLED: &str = "Processing was cancelled.";
/// How many of a user's own jobs are counted in front of one; of a job further back no place is told.
const MOST_AHEAD: i64 = 200;
/// Jobs about one thing that are read at once.
const BATCH: i64 = 200;

/// Who asks.
#[derive(Debug, Clone, Copy)]
pub enum By<'a> {
    /// Someone who is signed in.
    Actor(&'a Actor),
    /// Whoever has the machine.
    Operator,
}

impl By<'_> {
    /// Whether they run the site.
    pub fn runs_the_site(self) -> bool {
        match self {
            Self::Actor(actor) => actor.is_admin(),
            Self::Operator => true,
        }
    }
}

/// A job and its place in the queue.
#[derive(Debug)]
pub struct Queued {
    /// The job.
    pub job: JobRow,
    /// Its place in the order of starts, at the worst; of jobs that wait and do not stand too far back.
    pub position: Option<i64>,
}

/// One page of jobs.
#[derive(Debug)]
pub struct Page {
    /// Newest first.
    pub jobs: Vec<Queued>,
    /// Where the next page begins, if there is one.
    pub next: Option<JobId>,
}

/// What an event about a job says.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Told<'a> {
    pub(crate) job: JobId,
    pub(crate) video: Option<VideoId>,
    pub(crate) kind: &'a str,
    pub(crate) state: JobState,
    pub(crate) progress: f64,
    pub(crate) step: &'a str,
    #[serde(rename = "etaSeconds")]
    pub(crate) eta_s: Option<u32>,
}

impl<'a> Told<'a> {
    pub(crate) fn of(job: &'a JobRow, state: JobState) -> Self {
        Self {
            job: job.id,
            video: job.subject_id.map(VideoId),
            kind: &job.kind,
            state,
            progress: job.progress,
            step: &job.step,
            eta_s: None,
        }
    }
}

/// Runs of this process, and how to end each.
#[derive(Debug, Default)]
struct Runs(Mutex<HashMap<JobId, (i64, CancellationToken)>>);

impl Runs {
    fn locked(&self) -> std::sync::MutexGuard<'_, HashMap<JobId, (i64, CancellationToken)>> {
        // A map of handles is whole whatever happened while it was locked.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// That a run is known; forgotten when this is dropped.
#[derive(Debug)]
pub(crate) struct Known<'q> {
    runs: &'q Runs,
    id: JobId,
    fence: i64,
}

impl Drop for Known<'_> {
    fn drop(&mut self) {
        let mut runs = self.runs.locked();
        if runs.get(&self.id).is_some_and(|(fence, _)| *fence == self.fence) {
            runs.remove(&self.id);
        }
    }
}

/// The queue as people see it.
#[derive(Debug)]
pub struct Queue {
    core: Arc<Core>,
    playback: Arc<Playback>,
    runs: Runs,
}

impl Queue {
    pub(crate) fn new(core: Arc<Core>, playback: Arc<Playback>) -> Self {
        Self {
            core,
            playback,
            runs: Runs::default(),
        }
    }

    /// Jobs, newest first; of `user`, or of everyone for whoever runs the site. Older than `before`, `limit` at most.
    pub async fn list(
        &self,
        by: By<'_>,
        user: Option<UserId>,
        state: Option<JobState>,
        before: Option<JobId>,
        limit: i64,
    ) -> Result<Page, Error> {
        let user = match by {
            By::Actor(actor) if !actor.is_admin() => Some(actor.user_id),
            _ => user,
        };
        let mut tx = self.core.store.read();
        let mut jobs = list::list(&mut tx, user, state, before, limit + 1).await?;
        let more = i64::try_from(jobs.len()).is_ok_and(|found| found > limit);
        if more {
            jobs.pop();
        }
        let next = jobs.last().filter(|_| more).map(|job| job.id);
        let mut places = Places::default();
        let mut page = Vec::with_capacity(jobs.len());
        for job in jobs {
            let position = places.of(&mut tx, &job).await?;
            page.push(Queued { job, position });
        }
        Ok(Page { jobs: page, next })
    }

    /// One job.
    pub async fn find(&self, by: By<'_>, id: JobId) -> Result<Queued, Error> {
        let mut tx = self.core.store.read();
        let job = theirs(&mut tx, by, id).await?;
        let position = Places::default().of(&mut tx, &job).await?;
        Ok(Queued { job, position })
    }

    /// Ends a job, and with it all work on the same video, which can be tried again later.
    pub async fn cancel(&self, by: By<'_>, id: JobId) -> Result<Queued, Error> {
        let now = self.core.clock.now();
        let mut tx = self.core.store.write().await?;
        let job = theirs(&mut tx, by, id).await?;
        if !job.state.is_live() {
            let message = "This job has ended already.";
            return Err(Error::refused(Kind::Conflict, "job_ended", message));
        }
        if never_given_up(&job.kind) {
            let message = "What was removed cannot be brought back by cancelling.";
            return Err(Error::refused(Kind::Conflict, "not_cancellable", message));
        }
        let video = match job.subject_id {
            Some(subject) => videos::find(&mut tx, VideoId(subject)).await?,
            None => None,
        };
        let ended = if let Some(video) = &video {
            cancel_work_on(&self.core, &mut tx, video, now).await?
        } else {
            rows::cancel(&mut tx, job.id, CANCELLED, now).await?;
            vec![job]
        };
        tx.commit().await?;
        self.ended(&ended, video.as_ref().map(|video| video.id));
        self.tell_changed(video.as_ref()).await?;
        self.find(by, id).await
    }

    /// Ends all work on a video.
    pub async fn cancel_video(&self, actor: &Actor, id: VideoId) -> Result<VideoRow, Error> {
        let now = self.core.clock.now();
        let mut tx = self.core.store.write().await?;
        let video = videos::find(&mut tx, id).await?.ok_or_else(Error::no_video)?;
        must_own(&video, actor)?;
        let ended = cancel_work_on(&self.core, &mut tx, &video, now).await?;
        if ended.is_empty() && video.status != Status::Processing {
            let message = "Nothing is being done to this video.";
            return Err(Error::refused(Kind::Conflict, "not_processing", message));
        }
        let after = videos::find(&mut tx, id).await?.ok_or_else(Error::no_video)?;
        moderation::note_video_edit(&self.core, &mut tx, actor, &video, "processing").await?;
        tx.commit().await?;
        self.ended(&ended, Some(id));
        events::videos::changed(&self.core, &video, &after);
        Ok(after)
    }

    /// Has a job that ended badly tried again. Answers the job that does so: of a video whose processing failed,
    /// a new one.
    pub async fn retry(&self, by: By<'_>, id: JobId) -> Result<Queued, Error> {
        let now = self.core.clock.now();
        let mut tx = self.core.store.write().await?;
        let mut job = theirs(&mut tx, by, id).await?;
        if !matches!(job.state, JobState::Dead | JobState::Cancelled) {
            let message = "Only a job that failed or was cancelled can be tried again.";
            return Err(Error::refused(Kind::Conflict, "job_not_failed", message));
        }
        let video = match job.subject_id {
            Some(subject) => videos::find(&mut tx, VideoId(subject)).await?,
            None => None,
        };
        match &video {
            // Processing begins with a look at what there is already.
            Some(video) if video.status == Status::Failed => {
                process_again(&self.core, &mut tx, video).await?;
                if let Some(newest) = list::latest_about(&mut tx, video.id.0).await? {
                    job = newest;
                }
            }
            _ => {
                rows::revive(&mut tx, job.id, now).await?;
            }
        }
        tx.commit().await?;
        if let Some(video) = &video {
            self.playback.forget(video.id);
        }
        self.tell_changed(video.as_ref()).await?;
        self.core.bus.wake(TOPIC);
        self.find(By::Operator, job.id).await
    }

    /// Says how urgent a job is, and all other work on the same thing. For whoever runs the site; for others there
    /// is no such job.
    pub async fn prioritise(&self, by: By<'_>, id: JobId, urgency: Urgency) -> Result<Queued, Error> {
        if !by.runs_the_site() {
            return Err(no_job());
        }
        let now = self.core.clock.now();
        let mut tx = self.core.store.write().await?;
        let job = theirs(&mut tx, by, id).await?;
        if !rows::save_urgency(&mut tx, job.id, urgency, now).await? {
            let message = "This job has ended already.";
            return Err(Error::refused(Kind::Conflict, "job_ended", message));
        }
        if let Some(subject) = job.subject_id {
            rows::save_urgency_about(&mut tx, subject, urgency, now).await?;
        }
        tx.commit().await?;
        self.core.bus.wake(TOPIC);
        self.find(by, id).await
    }

    /// What waits and what runs.
    pub async fn depths(&self) -> Result<Vec<list::Depth>, Error> {
        Ok(list::depths(&mut self.core.store.read()).await?)
    }

    /// Makes a run known, so that it can be ended from here.
    pub(crate) fn enter(&self, id: JobId, fence: i64, stop: CancellationToken) -> Known<'_> {
        self.runs.locked().insert(id, (fence, stop));
        Known {
            runs: &self.runs,
            id,
            fence,
        }
    }

    /// Whether this run is one of this process.
    pub(crate) fn is_running(&self, id: JobId, fence: i64) -> bool {
        self.runs
            .locked()
            .get(&id)
            .is_some_and(|(known, _)| *known == fence)
    }

    /// Stops what runs here of jobs that were cancelled; other nodes notice with their next heartbeat.
    pub(crate) fn ended(&self, jobs: &[JobRow], video: Option<VideoId>) {
        for job in jobs {
            let run = self.runs.locked().get(&job.id).cloned();
            match run {
                // Its worker tells of the end when it is there.
                Some((_, stop)) => stop.cancel(),
                None => self.tell("job.failed", job, &Told::of(job, JobState::Cancelled)),
            }
        }
        if let Some(video) = video {
            self.playback.forget(video);
        }
    }

    /// Tells whoever listens what has become of a video that was `before`.
    async fn tell_changed(&self, before: Option<&VideoRow>) -> Result<(), Error> {
        let Some(before) = before else { return Ok(()) };
        if let Some(after) = videos::find(&mut self.core.store.read(), before.id).await? {
            events::videos::changed(&self.core, before, &after);
        }
        Ok(())
    }

    /// Tells the owner of a job what is with it.
    pub(crate) fn tell(&self, event: &'static str, job: &JobRow, told: &Told<'_>) {
        if let Some(user) = job.user_id {
            events::tell(&self.core, event, Audience::User(user), told);
        }
    }

    /// Tells the owner of a job how it ended.
    pub(crate) fn tell_end(&self, job: &JobRow) {
        let event = if job.state == JobState::Done {
            "job.finished"
        } else {
            "job.failed"
        };
        self.tell(event, job, &Told::of(job, job.state));
    }
}

fn no_job() -> Error {
    Error::refused(Kind::NotFound, "job_not_found", "Job not found")
}

/// A job that `by` may see and change; for others it is not there.
async fn theirs(tx: &mut Tx, by: By<'_>, id: JobId) -> Result<JobRow, Error> {
    let job = list::find(tx, id).await?.ok_or_else(no_job)?;
    match by {
        By::Actor(actor) if !actor.is_admin() && job.user_id != Some(actor.user_id) => Err(no_job()),
        _ => Ok(job),
    }
}

/// Ends all jobs about a video; one that was being processed has failed then.
async fn cancel_work_on(
    core: &Core,
    tx: &mut Tx,
    video: &VideoRow,
    now: Millis,
) -> Result<Vec<JobRow>, Error> {
    let mut ended = Vec::new();
    loop {
        let live = list::live_about(tx, video.id.0, BATCH).await?;
        if live.is_empty() {
            break;
        }
        for job in live {
            rows::cancel(tx, job.id, CANCELLED, now).await?;
            ended.push(job);
        }
    }
    if let Some(waiting) = replacements::find(tx, video.id).await? {
        drop_waiting(core, tx, video, &waiting, CANCELLED, now).await?;
    }
    // As it stands now: giving up another file has changed the row.
    let Some(video) = videos::find(tx, video.id).await? else {
        return Ok(ended);
    };
    if video.status == Status::Processing
        && let Ok(status) = video.status.to(Status::Failed)
    {
        let after = VideoRow {
            status,
            status_reason: Some(CANCELLED.to_owned()),
            updated_at: now,
            ..video.clone()
        };
        videos::save(tx, &video, after).await?;
    }
    Ok(ended)
}

/// Users and how many jobs each has waiting in a lane.
type Crowd = Vec<(Option<UserId>, i64)>;

/// Works out places in the queue; what it counted of a lane serves for a whole page.
#[derive(Default)]
struct Places(Vec<(Lane, Crowd)>);

impl Places {
    /// The place of a job that waits: behind the user's own jobs that go before it, and behind as many jobs of every
    /// other user as may get their turn meanwhile.
    async fn of(&mut self, tx: &mut Tx, job: &JobRow) -> Result<Option<i64>, Error> {
        if job.state != JobState::Queued {
            return Ok(None);
        }
        let own = list::own_ahead(tx, job, MOST_AHEAD).await?;
        if own >= MOST_AHEAD {
            return Ok(None);
        }
        if !self.0.iter().any(|(lane, _)| *lane == job.lane) {
            self.0.push((job.lane, list::crowd(tx, job.lane).await?));
        }
        let others: i64 = self
            .0
            .iter()
            .filter(|(lane, _)| *lane == job.lane)
            .flat_map(|(_, crowd)| crowd)
            .filter(|(user, _)| *user != job.user_id)
            .map(|(_, waiting)| (*waiting).min(own + 1))
            .sum();
        Ok(Some(1 + own + others))
    }
}
