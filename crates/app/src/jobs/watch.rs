//! Workers that went away: their jobs are found by heartbeats that stand still.
//!
//! Nobody compares times that were read on different machines, or before and after somebody set a clock: the
//! watcher sees a number move or not, and counts how long it has stood by its own steady clock.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;
use std::time::Duration;

use model::JobId;
use model::jobs::{JobState, MAX_ATTEMPTS, backoff_ms};
use store::Tx;
use store::jobs::{self as rows, JobRow, Leased};
use tokio_util::sync::CancellationToken;

use super::{Failure, TOPIC, never_given_up, process_video};
use crate::App;
use crate::error::Error;

/// How long a worker may be silent before its job is taken from it.
pub const LEASE: Duration = Duration::from_secs(30);
/// How often leases are looked at.
const LOOK: Duration = Duration::from_secs(2);
/// What the time between two looks counts at most: a watcher that was asleep itself has not seen anybody be
/// silent meanwhile.
const LONGEST_LOOK: Duration = Duration::from_secs(6);
/// Leases read at once.
const PAGE: i64 = 500;
/// A job may be found without its worker this often before that counts as its own failure.
const FREE_RECOVERIES: i64 = 3;

/// What was last seen of one lease.
#[derive(Debug)]
struct Seen {
    fence: i64,
    beats: i64,
    silent: Duration,
}

/// What was last seen of all leases.
#[derive(Debug, Default)]
pub struct Watch {
    seen: HashMap<JobId, Seen>,
    looked_at: Option<Duration>,
}

impl Watch {
    /// Takes in what is leased at the steady time `now`: of each lease the job, its fencing number and its
    /// heartbeats. Answers whose worker has been silent for a lease's length.
    pub fn look(&mut self, leases: impl Iterator<Item = (JobId, i64, i64)>, now: Duration) -> HashSet<JobId> {
        let passed = self
            .looked_at
            .map_or(Duration::ZERO, |then| now.saturating_sub(then).min(LONGEST_LOOK));
        self.looked_at = Some(now);
        let mut before = std::mem::take(&mut self.seen);
        let mut silent = HashSet::new();
        for (job, fence, beats) in leases {
            let same = before
                .remove(&job)
                .filter(|seen| (seen.fence, seen.beats) == (fence, beats));
            let seen = Seen {
                fence,
                beats,
                silent: same.map_or(Duration::ZERO, |seen| seen.silent + passed),
            };
            if seen.silent >= LEASE {
                silent.insert(job);
            }
            self.seen.insert(job, seen);
        }
        silent
    }
}

/// Looks at all leases again and again, until `stop`.
pub(super) async fn keep_watch(app: Arc<App>, stop: CancellationToken) {
    let mut watch = Watch::default();
    loop {
        tokio::select! {
            () = stop.cancelled() => return,
            () = tokio::time::sleep(LOOK) => {}
        }
        if let Err(error) = take_over_silent(&app, &mut watch).await {
            tracing::error!(error = %error, "Could not look for lost jobs");
        }
    }
}

/// Looks once, and puts back what has been silent for too long. Tells how many jobs that were.
pub async fn take_over_silent(app: &App, watch: &mut Watch) -> Result<usize, Error> {
    let leased = leases(app).await?;
    // What runs in this process is watched where it runs.
    let others: Vec<Leased> = leased
        .into_iter()
        .filter(|lease| !app.queue.is_running(lease.job.id, lease.job.fence))
        .collect();
    let silent = watch.look(
        others
            .iter()
            .map(|lease| (lease.job.id, lease.job.fence, lease.beats)),
        app.core.clock.steady(),
    );
    take_over(app, others.iter().filter(|lease| silent.contains(&lease.job.id))).await
}

/// Puts back everything that is leased: no other process works on this store, so the leases are from before.
pub(super) async fn take_over_all(app: &App) -> Result<usize, Error> {
    let leased = leases(app).await?;
    take_over(app, leased.iter()).await
}

async fn leases(app: &App) -> Result<Vec<Leased>, Error> {
    let mut leased: Vec<Leased> = Vec::new();
    loop {
        let after = leased.last().map(|lease| lease.job.id);
        let page = rows::leased(&mut app.core.store.read(), after, PAGE).await?;
        if page.is_empty() {
            return Ok(leased);
        }
        leased.extend(page);
    }
}

async fn take_over(app: &App, silent: impl Iterator<Item = &Leased>) -> Result<usize, Error> {
    let mut taken = 0;
    for lease in silent {
        let mut tx = app.core.store.write().await?;
        let mut failed = None;
        // With a number of its own: whoever had the job can do nothing to it from here on.
        if let Some(job) = rows::take_over(&mut tx, lease, app.core.clock.now()).await? {
            failed = put_back(app, &mut tx, &job).await?;
            taken += 1;
        }
        tx.commit().await?;
        if let Some(failed) = failed {
            failed.tell(&app.core);
        }
    }
    if taken > 0 {
        tracing::warn!(jobs = taken, "Put back {taken} jobs whose worker went away");
        app.core.bus.wake(TOPIC);
    }
    Ok(taken)
}

/// The first few times that is not held against the job: servers are killed for many reasons. After that it is,
/// so that a job which kills its worker comes to an end.
async fn put_back(app: &App, tx: &mut Tx, job: &JobRow) -> Result<Option<process_video::Failed>, Error> {
    let now = app.core.clock.now();
    let failure = Failure::worker_gone();
    if job.recoveries <= FREE_RECOVERIES || never_given_up(&job.kind) {
        rows::put_back(tx, job, now).await?;
    } else if job.attempts < MAX_ATTEMPTS {
        rows::explain(tx, job.id, &failure.detail).await?;
        let wait = backoff_ms(job.attempts, rand::random());
        rows::retry_at(tx, job, failure.sentence, now.plus_ms(wait), now).await?;
    } else {
        rows::explain(tx, job.id, &failure.detail).await?;
        if rows::end(tx, job, JobState::Dead, Some(failure.sentence), now).await? {
            return process_video::failed(&app.core, tx, job, now).await;
        }
    }
    Ok(None)
}

#[cfg(test)]
mod tests {
    use model::ObjectId;

    use super::*;

    const A: JobId = JobId(ObjectId([1; 12]));
    const B: JobId = JobId(ObjectId([2; 12]));

    /// Looks every two seconds for a minute; answers who was found silent, and in which second.
    fn a_minute(watch: &mut Watch, leases: impl Fn(u64) -> Vec<(JobId, i64, i64)>) -> Vec<(u64, JobId)> {
        let mut found: Vec<(u64, JobId)> = Vec::new();
        for second in (0..=60).step_by(2) {
            let silent = watch.look(leases(second).into_iter(), Duration::from_secs(second));
            let mut silent: Vec<JobId> = silent.into_iter().collect();
            silent.sort();
            for job in silent {
                if !found.iter().any(|(_, known)| *known == job) {
                    found.push((second, job));
                }
            }
        }
        found
    }

    #[test]
    fn a_worker_that_beats_keeps_its_job_and_a_silent_one_does_not() {
        let beats = |second: u64| i64::try_from(second / 5).unwrap();
        let found = a_minute(&mut Watch::default(), |second| {
            vec![(A, 1, beats(second)), (B, 1, 7)]
        });
        assert_eq!(found, [(30, B)]);
    }

    #[test]
    fn a_new_lease_of_the_same_job_is_watched_from_its_own_beginning() {
        let fence = |second: u64| if second < 28 { 1 } else { 2 };
        let found = a_minute(&mut Watch::default(), |second| vec![(A, fence(second), 0)]);
        assert_eq!(found, [(58, A)]);
    }

    #[test]
    fn a_watcher_that_slept_has_seen_nobody_be_silent_meanwhile() {
        let mut watch = Watch::default();
        let look = |watch: &mut Watch, at: Duration| watch.look([(A, 1, 0)].into_iter(), at);
        assert!(look(&mut watch, Duration::ZERO).is_empty());
        assert!(look(&mut watch, Duration::from_hours(8)).is_empty());
    }
}
