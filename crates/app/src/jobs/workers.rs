//! The workers of this process: they lease jobs, run them, and keep watch over every run.
//!
//! A run is supervised from outside: every second somebody asks whether the job is still wanted, writes down
//! how far it is, and looks whether it gives signs of life. A run that was told to stop and does not is cut off;
//! dropping it kills its ffmpeg.

use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use model::jobs::{JobState, Lane, MAX_ATTEMPTS, backoff_ms, eta_seconds};
use model::{ObjectId, VideoId};
use store::jobs::{self as rows, JobRow, Report};
use store::site;
use tokio::task::{JoinHandle, JoinSet};
use tokio_util::sync::CancellationToken;

use super::patience::{Bounds, Patience, Stopped, Verdict};
use super::watch::{self, LEASE};
use super::{Failure, JobError, Pulse, Running, TOPIC, dispatch, never_given_up, prepares, process_video};
use crate::App;
use crate::error::Error;
use crate::queue::Told;
use crate::videos::processing;

/// How often a run is looked at; also how soon a run ends that is not wanted any more.
const HEARTBEAT: Duration = Duration::from_secs(1);
/// Heartbeats from one sign of life to the next where there is no news to write down.
const QUIET_BEATS: u32 = 5;
/// Without a wake-up, how long a worker sleeps at the most: a lost message costs this much.
const NAP: Duration = Duration::from_secs(2);
/// How old a job may be that waits for the database or the bucket without that being held against it; in milliseconds.
const AWAY_MS: i64 = 24 * 3_600_000;
/// The pause of such a job: that of a second attempt, some eight seconds.
const AWAY_STEP: i64 = 2;
/// Quick jobs that run at once.
const QUICK_WORKERS: usize = 2;

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
        if alone {
            watch::take_over_all(app).await?;
        }
        let stop = CancellationToken::new();
        let mut tasks = JoinSet::new();
        let name: ObjectId = app.core.ids.next(app.core.clock.now());
        let counts = [
            (Lane::Quick, QUICK_WORKERS),
            (Lane::Encode, app.core.settings.encode_jobs.max(1)),
        ];
        for (lane, count) in counts {
            for number in 0..count {
                tasks.spawn(work(
                    Arc::clone(app),
                    format!("{name}/{}-{number}", lane.name()),
                    lane,
                    stop.clone(),
                ));
            }
        }
        tasks.spawn(watch::keep_watch(Arc::clone(app), stop.clone()));
        Ok(Self { tasks, stop })
    }

    /// Stops the workers and waits until each has recorded the end of what it was doing.
    pub async fn stop(mut self) {
        self.stop.cancel();
        while self.tasks.join_next().await.is_some() {}
    }
}

async fn work(app: Arc<App>, name: String, lane: Lane, stop: CancellationToken) {
    let mut cursor = rows::Cursor::default();
    while !stop.is_cancelled() {
        // Listening begins before the look into the table: what is enqueued in between wakes us.
        let woken = app.core.bus.woken(TOPIC);
        match claim(&app, &name, lane, &mut cursor).await {
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

async fn claim(
    app: &App,
    name: &str,
    lane: Lane,
    cursor: &mut rows::Cursor,
) -> Result<Option<JobRow>, Error> {
    let now = app.core.clock.now();
    // A look that takes no lock: idle workers must not stand in the way of writers.
    if !rows::any_due(&mut app.core.store.read(), lane, now).await? {
        return Ok(None);
    }
    let mut tx = app.core.store.write_passing_by().await?;
    let job = rows::claim(&mut tx, name, lane, cursor, now).await?;
    tx.commit().await?;
    Ok(job)
}

async fn run(app: &Arc<App>, job: JobRow, stop: &CancellationToken) {
    let begun = app.core.clock.steady();
    let pulse = Arc::new(Pulse::default());
    let running = Running {
        app: Arc::clone(app),
        job: job.clone(),
        stop: stop.child_token(),
        pulse: Arc::clone(&pulse),
    };
    let _known = app.queue.enter(job.id, job.fence, running.stop.clone());
    let mut heart = Heart {
        app: Arc::clone(app),
        job: job.clone(),
        pulse,
        stop: running.stop.clone(),
        begun,
        heard_at: begun,
        written: 0,
        written_step: String::new(),
        quiet: 0,
    };
    // In a task of its own: a panic ends the job's run and not its worker.
    let work = tokio::spawn(async move { dispatch(&running).await });
    let bounds = Bounds::of(app, job.lane);
    let (outcome, stopped) = supervise(&mut heart, work, bounds).await;
    let duration_ms =
        u64::try_from(app.core.clock.steady().saturating_sub(begun).as_millis()).unwrap_or(u64::MAX);
    if let Err(error) = conclude(app, &job, outcome, stopped, duration_ms).await {
        // The lease runs out and the job is found again.
        tracing::error!(job.id = %job.id, error = %error, "Could not record how job {} ended", job.id);
    }
}

/// Lets a run go on as long as it may; answers how it ended and why it was told to stop, if it was.
async fn supervise(
    heart: &mut Heart,
    mut work: JoinHandle<Result<(), JobError>>,
    bounds: Bounds,
) -> (Result<(), JobError>, Option<Stopped>) {
    let mut patience = Patience::new(bounds, heart.begun);
    let mut stopped = None;
    loop {
        tokio::select! {
            ended = &mut work => {
                let outcome = ended
                    .unwrap_or_else(|error| Err(JobError::Retry(format!("the job's run broke: {error}"))));
                return (outcome, stopped);
            }
            () = tokio::time::sleep(HEARTBEAT) => {}
        }
        if stopped.is_none() && !heart.beat().await {
            stopped = Some(Stopped::LeaseLost);
            heart.stop.cancel();
        }
        let signs = heart.pulse.signs.load(Ordering::Relaxed);
        let now = heart.app.core.clock.steady();
        match patience.look(signs, heart.stop.is_cancelled(), now) {
            Verdict::Fine => {}
            Verdict::Stop(why) => {
                stopped = stopped.or(Some(why));
                heart.stop.cancel();
            }
            Verdict::Cut => {
                tracing::error!(
                    job.id = %heart.job.id, job.kind = heart.job.kind,
                    "Cut off job {}: it did not stop when it was told to", heart.job.id
                );
                // What it holds goes with it, ffmpeg too. One that never lets go of its thread is left behind: what
                // it writes later is refused by its number.
                work.abort();
                return (Err(JobError::Stopped), stopped);
            }
        }
    }
}

/// Says for a run that it is there, and how far.
struct Heart {
    app: Arc<App>,
    job: JobRow,
    pulse: Arc<Pulse>,
    stop: CancellationToken,
    begun: Duration,
    /// When the lease was last prolonged.
    heard_at: Duration,
    written: u64,
    written_step: String,
    quiet: u32,
}

impl Heart {
    /// One heartbeat. `false`: the lease is gone.
    async fn beat(&mut self) -> bool {
        let done = self.pulse.per_mille.load(Ordering::Relaxed);
        let step = self.pulse.step();
        let step = if step.is_empty() {
            self.job.kind.as_str()
        } else {
            &step
        };
        self.quiet += 1;
        // A second without news is not worth a write; the lease is, every few.
        let is_news = done != self.written || step != self.written_step;
        let heard = if is_news || self.quiet >= QUIET_BEATS {
            self.report(done, step).await
        } else {
            let held = rows::holds(&mut self.app.core.store.read(), &self.job).await;
            held.map_err(Error::from)
        };
        match heard {
            Ok(held) => {
                if self.quiet >= QUIET_BEATS || is_news {
                    self.quiet = 0;
                    self.heard_at = self.app.core.clock.steady();
                    self.written = done;
                    step.clone_into(&mut self.written_step);
                }
                held
            }
            Err(error) => {
                tracing::warn!(job.id = %self.job.id, error = %error, "Missed a heartbeat");
                // Somebody else may have the job by now, so it is not ours any more.
                self.app.core.clock.steady().saturating_sub(self.heard_at) < LEASE
            }
        }
    }

    async fn report(&self, per_mille: u64, step: &str) -> Result<bool, Error> {
        let app = &self.app;
        let (now, progress) = (app.core.clock.now(), per_mille as f64 / 1000.0);
        let taken = app.core.clock.steady().saturating_sub(self.begun);
        let eta_s = eta_seconds(progress, u64::try_from(taken.as_millis()).unwrap_or(u64::MAX));
        let report = Report {
            step,
            progress,
            eta_s,
        };
        let mut tx = app.core.store.write().await?;
        let ours = rows::report(&mut tx, &self.job, report, now).await?;
        if let (true, Some(subject)) = (ours && prepares(&self.job.kind), self.job.subject_id) {
            processing::note(&mut tx, VideoId(subject)).await?;
        }
        tx.commit().await?;
        if ours {
            let told = Told {
                progress,
                step,
                eta_s,
                ..Told::of(&self.job, JobState::Running)
            };
            app.queue.tell("job.progress", &self.job, &told);
        }
        Ok(ours)
    }
}

/// Writes down how a run ended, and tells whoever waits for it.
async fn conclude(
    app: &App,
    job: &JobRow,
    outcome: Result<(), JobError>,
    stopped: Option<Stopped>,
    duration_ms: u64,
) -> Result<(), Error> {
    let (id, kind) = (job.id, job.kind.as_str());
    let may_retry = job.attempts < MAX_ATTEMPTS || never_given_up(kind);
    let failure = match (outcome, stopped) {
        (Ok(()), _) => {
            tracing::info!(job.id = %id, job.kind = kind, duration_ms, "Finished job {id} ({kind})");
            let mut tx = app.core.store.write().await?;
            rows::end(&mut tx, job, JobState::Done, None, app.core.clock.now()).await?;
            tx.commit().await?;
            return told_end(app, job).await;
        }
        (Err(_), Some(Stopped::LeaseLost)) | (Err(JobError::LeaseLost), _) => {
            tracing::info!(job.id = %id, job.kind = kind, "Job {id} is not ours any more");
            return told_end(app, job).await;
        }
        (Err(_), Some(Stopped::Silent)) => Failure::of(
            "It made no progress for a long time and was stopped.",
            "no sign of life",
        ),
        (Err(_), Some(Stopped::TooLong)) => Failure::of(
            "It took too long and was stopped.",
            "longer than any run may take",
        ),
        (Err(JobError::Stopped), None) => return put_back(app, job).await,
        (Err(JobError::Away(detail)), None) if app.core.clock.now() < job.created_at.plus_ms(AWAY_MS) => {
            return put_off(app, job, &detail).await;
        }
        (Err(JobError::Retry(detail) | JobError::Away(detail)), None) if may_retry => Failure::of(
            "Something went wrong on the server. It will be tried again.",
            detail,
        ),
        (Err(JobError::Retry(detail) | JobError::Away(detail)), None) => {
            Failure::of("Something went wrong on the server, more than once.", detail)
        }
        (Err(JobError::GiveUp(detail)), None) => {
            let failure = Failure::of("This cannot be done, and trying again would not help.", detail);
            return give_up(app, job, &failure).await;
        }
    };
    if may_retry {
        retry(app, job, &failure).await
    } else {
        give_up(app, job, &failure).await
    }
}

async fn retry(app: &App, job: &JobRow, failure: &Failure) -> Result<(), Error> {
    tracing::warn!(
        job.id = %job.id, job.kind, error = failure.detail,
        "Job {} failed and will be tried again", job.id
    );
    let now = app.core.clock.now();
    let run_at = now.plus_ms(backoff_ms(job.attempts, rand::random()));
    let mut tx = app.core.store.write().await?;
    if rows::retry_at(&mut tx, job, failure.sentence, run_at, now).await? {
        rows::explain(&mut tx, job.id, &failure.detail).await?;
    }
    tx.commit().await?;
    Ok(())
}

/// What the job needs is away, which is not its fault: it is tried again until that is back.
async fn put_off(app: &App, job: &JobRow, detail: &str) -> Result<(), Error> {
    tracing::warn!(
        job.id = %job.id, job.kind, error = detail,
        "Job {} waits for the database or the bucket", job.id
    );
    let now = app.core.clock.now();
    let sentence = "What it needs cannot be reached at the moment. It will be tried again.";
    let run_at = now.plus_ms(backoff_ms(AWAY_STEP, rand::random()));
    let mut tx = app.core.store.write().await?;
    if rows::put_off(&mut tx, job, sentence, run_at, now).await? {
        rows::explain(&mut tx, job.id, detail).await?;
    }
    tx.commit().await?;
    Ok(())
}

/// Shutting down is not the job's fault: it goes back as if it had not been started.
async fn put_back(app: &App, job: &JobRow) -> Result<(), Error> {
    let now = app.core.clock.now();
    let mut tx = app.core.store.write().await?;
    let ours = rows::put_back(&mut tx, job, now).await?;
    tx.commit().await?;
    if ours {
        return Ok(());
    }
    told_end(app, job).await
}

async fn give_up(app: &App, job: &JobRow, failure: &Failure) -> Result<(), Error> {
    tracing::error!(
        job.id = %job.id, job.kind, error = failure.detail,
        "Job {} failed for good", job.id
    );
    let now = app.core.clock.now();
    let mut tx = app.core.store.write().await?;
    let mut failed = None;
    if rows::end(&mut tx, job, JobState::Dead, Some(failure.sentence), now).await? {
        rows::explain(&mut tx, job.id, &failure.detail).await?;
        if job.kind == super::encode_part::KIND {
            site::add_on(&mut tx, site::Metric::EncodesFailed, site::day_of(now), 1)?;
        }
        failed = process_video::failed(&app.core, &mut tx, job, now).await?;
    }
    tx.commit().await?;
    if let Some(subject) = job.subject_id {
        app.playback.forget(VideoId(subject));
    }
    if let Some(failed) = failed {
        failed.tell(&app.core);
    }
    told_end(app, job).await
}

/// Tells how a job ended, by what its row says: the job itself may have written that, or somebody else.
async fn told_end(app: &App, job: &JobRow) -> Result<(), Error> {
    let row = rows::list::find(&mut app.core.store.read(), job.id).await?;
    if let Some(row) = row.filter(|row| !row.state.is_live()) {
        app.queue.tell_end(&row);
    }
    Ok(())
}

#[cfg(test)]
mod tests;
