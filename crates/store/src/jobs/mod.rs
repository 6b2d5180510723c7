//! The job queue as rows: enqueue, lease, report, end. Who goes next is [`claim`]'s affair, what people are
//! shown [`list`]'s.
//!
//! A worker holds a job by its lease and proves it by the fencing number of that lease: whatever it
//! writes later than its lease touches no row. It says that it is there by counting up `beats`; whoever sees
//! the number stand still for the length of a lease, by a clock of their own, may take the job from it. What
//! jobs do is `app::jobs`.

mod claim;
pub mod list;

use model::jobs::{JobState, Lane, Urgency};
use model::{JobId, Millis, ObjectId, UserId};

#[doc(hidden)]
pub use claim::STATEMENTS;
pub use claim::{Cursor, WINDOW, any_due, claim};

use crate::{Row, StoreError, Tx, Val, params};

/// One piece of background work.
#[derive(Debug, Clone)]
pub struct JobRow {
    /// Which.
    pub id: JobId,
    /// What is to be done: `process_video`, `remove_objects`, …
    pub kind: String,
    /// What with, as JSON.
    pub payload: String,
    /// What it is about.
    pub subject_id: Option<ObjectId>,
    /// Who waits for it.
    pub user_id: Option<UserId>,
    /// Where it is.
    pub state: JobState,
    /// Which workers it waits for.
    pub lane: Lane,
    /// What an admin has said about it.
    pub urgency: Urgency,
    /// Of one user's jobs, smaller runs earlier.
    pub priority: i64,
    /// How often it was started.
    pub attempts: i64,
    /// How often it was found without its worker.
    pub recoveries: i64,
    /// Not before.
    pub run_at: Millis,
    /// Number of its present lease.
    pub fence: i64,
    /// 0 to 1.
    pub progress: f64,
    /// What it is doing.
    pub step: String,
    /// Seconds that are left, as its worker estimates.
    pub eta_s: Option<i64>,
    /// Why the last attempt ended, in a sentence for everyone.
    pub last_error: Option<String>,
    /// The same for whoever runs the site.
    pub detail: Option<String>,
    /// When the present or last run began.
    pub started_at: Option<Millis>,
    /// When it was asked for.
    pub created_at: Millis,
    /// When its row last changed.
    pub updated_at: Millis,
}

macro_rules! columns {
    () => {
        "id, kind, payload, subject_id, user_id, state, lane, urgency, priority, attempts, recoveries, run_at, \
         fence, progress, step, eta_s, last_error, detail, started_at, created_at, updated_at"
    };
}
pub(crate) use columns;

fn map(row: &Row<'_>) -> Result<JobRow, StoreError> {
    Ok(JobRow {
        id: row.id(0)?,
        kind: row.text(1)?.to_owned(),
        payload: row.text(2)?.to_owned(),
        subject_id: row.opt_id(3)?,
        user_id: row.opt_id(4)?,
        state: JobState::from_code(row.int(5)?),
        lane: Lane::from_code(row.int(6)?),
        urgency: Urgency::from_code(row.int(7)?),
        priority: row.int(8)?,
        attempts: row.int(9)?,
        recoveries: row.int(10)?,
        run_at: row.millis(11)?,
        fence: row.int(12)?,
        progress: row.real(13)?,
        step: row.text(14)?.to_owned(),
        eta_s: row.opt_int(15)?,
        last_error: row.opt_text(16)?.map(ToOwned::to_owned),
        detail: row.opt_text(17)?.map(ToOwned::to_owned),
        started_at: row.opt_millis(18)?,
        created_at: row.millis(19)?,
        updated_at: row.millis(20)?,
    })
}

/// What a new job needs.
#[derive(Debug)]
pub struct New<'a> {
    /// Which.
    pub id: JobId,
    /// What is to be done.
    pub kind: &'a str,
    /// What with, as JSON.
    pub payload: &'a str,
    /// What it is about.
    pub subject_id: Option<ObjectId>,
    /// Who waits for it.
    pub user_id: Option<UserId>,
    /// Which workers it waits for.
    pub lane: Lane,
    /// What an admin has said; `None`: as the newest job about the same thing that is still to be done.
    pub urgency: Option<Urgency>,
    /// Of one user's jobs, smaller runs earlier.
    pub priority: i64,
    /// Not before.
    pub run_at: Millis,
    /// The present time.
    pub now: Millis,
}

/// Whose turn the site's own work takes.
static NOBODY: [u8; 1] = [0];

fn key_of(user: Option<UserId>) -> Val<'static> {
    user.map_or(Val::from(&NOBODY), Val::from)
}

/// Adds a job to the queue.
pub async fn enqueue(tx: &mut Tx, new: &New<'_>) -> Result<(), StoreError> {
    let urgency = match (new.urgency, new.subject_id) {
        (Some(urgency), _) => urgency,
        (None, None) => Urgency::Normal,
        (None, Some(subject)) => urgency_about(tx, subject).await?,
    };
    tx.exec(
        "INSERT INTO jobs (id, kind, payload, subject_id, user_id, queue_key, lane, urgency, priority, run_at, \
         due, created_at, updated_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $12)",
        &[
            new.id.into(),
            new.kind.into(),
            new.payload.into(),
            new.subject_id.into(),
            new.user_id.into(),
            key_of(new.user_id),
            new.lane.code().into(),
            urgency.code().into(),
            new.priority.into(),
            new.run_at.into(),
            (new.run_at <= new.now).into(),
            new.now.into(),
        ],
    )
    .await?;
    Ok(())
}

/// What was said about a thing holds for what follows from it.
async fn urgency_about(tx: &mut Tx, subject: ObjectId) -> Result<Urgency, StoreError> {
    let code = tx
        .one(
            "SELECT urgency FROM jobs WHERE subject_id = $1 AND state < 2 ORDER BY id DESC LIMIT 1",
            &params![subject],
            |row| row.int(0),
        )
        .await?;
    Ok(code.map_or(Urgency::Normal, Urgency::from_code))
}

/// Names one run of one job, among the files that runs leave: no two runs share it.
pub fn run_name(id: JobId, fence: i64) -> String {
    format!("{id}-{fence}")
}

/// How far a run is, as its worker reports.
#[derive(Debug, Clone, Copy)]
pub struct Report<'a> {
    /// What it is doing.
    pub step: &'a str,
    /// 0 to 1.
    pub progress: f64,
    /// Seconds that are left.
    pub eta_s: Option<u32>,
}

/// Prolongs the lease and notes how far the work is. `false`: the lease is gone, stop working.
pub async fn report(tx: &mut Tx, job: &JobRow, report: Report<'_>, now: Millis) -> Result<bool, StoreError> {
    let changed = tx
        .exec(
            "UPDATE jobs SET step = $1, progress = $2, eta_s = $3, beats = beats + 1, updated_at = $4 \
             WHERE id = $5 AND fence = $6 AND state = 1",
            &params![report.step, report.progress, report.eta_s, now, job.id, job.fence],
        )
        .await?;
    Ok(changed == 1)
}

/// Whether a job of this kind waits or runs for a user.
pub async fn is_live(tx: &mut Tx, kind: &str, user: UserId) -> Result<bool, StoreError> {
    let found = tx
        .one(
            "SELECT 1 FROM jobs WHERE user_id = $1 AND state IN (0, 1) AND kind = $2 LIMIT 1",
            &params![user, kind],
            |row| row.int(0),
        )
        .await?;
    Ok(found.is_some())
}

/// Whether this lease still holds. Asked first in the transaction that publishes the result.
pub async fn holds(tx: &mut Tx, job: &JobRow) -> Result<bool, StoreError> {
    let found = tx
        .one(
            "SELECT 1 FROM jobs WHERE id = $1 AND fence = $2 AND state = 1",
            &params![job.id, job.fence],
            |row| row.int(0),
        )
        .await?;
    Ok(found.is_some())
}

/// Ends a leased job in `state` (done, dead or cancelled); `error` is a sentence for everyone. `false`: the lease
/// is gone.
pub async fn end(
    tx: &mut Tx,
    job: &JobRow,
    state: JobState,
    error: Option<&str>,
    now: Millis,
) -> Result<bool, StoreError> {
    let changed = tx
        .exec(
            "UPDATE jobs SET state = $1, last_error = $2, lease_owner = NULL, eta_s = NULL, \
             progress = CASE WHEN $1 = 2 THEN 1 ELSE progress END, updated_at = $3 \
             WHERE id = $4 AND fence = $5 AND state = 1",
            &params![state.code(), error, now, job.id, job.fence],
        )
        .await?;
    Ok(changed == 1)
}

/// Notes what the last attempt ended of, for whoever runs the site.
pub async fn explain(tx: &mut Tx, id: JobId, detail: &str) -> Result<(), StoreError> {
    tx.exec("UPDATE jobs SET detail = $1 WHERE id = $2", &params![detail, id])
        .await?;
    Ok(())
}

/// Puts a leased job back to be tried again at `run_at`; `error` is a sentence for everyone. `false`: the lease
/// is gone.
pub async fn retry_at(
    tx: &mut Tx,
    job: &JobRow,
    error: &str,
    run_at: Millis,
    now: Millis,
) -> Result<bool, StoreError> {
    let changed = tx
        .exec(
            "UPDATE jobs SET state = 0, last_error = $1, run_at = $2, due = $3, lease_owner = NULL, eta_s = NULL, \
             updated_at = $4 WHERE id = $5 AND fence = $6 AND state = 1",
            &params![error, run_at, run_at <= now, now, job.id, job.fence],
        )
        .await?;
    Ok(changed == 1)
}

/// [`retry_at`] as if it had not been started, for what is no fault of the job.
pub async fn put_off(
    tx: &mut Tx,
    job: &JobRow,
    error: &str,
    run_at: Millis,
    now: Millis,
) -> Result<bool, StoreError> {
    let ours = retry_at(tx, job, error, run_at, now).await?;
    if ours {
        tx.exec(
            "UPDATE jobs SET attempts = attempts - 1 WHERE id = $1",
            &params![job.id],
        )
        .await?;
    }
    Ok(ours)
}

/// Puts a leased job back as if it had not been started. `false`: the lease is gone.
pub async fn put_back(tx: &mut Tx, job: &JobRow, now: Millis) -> Result<bool, StoreError> {
    let changed = tx
        .exec(
            "UPDATE jobs SET state = 0, run_at = $1, due = 1, attempts = attempts - 1, lease_owner = NULL, \
             eta_s = NULL, updated_at = $1 WHERE id = $2 AND fence = $3 AND state = 1",
            &params![now, job.id, job.fence],
        )
        .await?;
    Ok(changed == 1)
}

/// A leased job and how often its worker has said that it is there.
#[derive(Debug, Clone)]
pub struct Leased {
    /// The job, with the fencing number of the lease.
    pub job: JobRow,
    /// Moves as long as the worker lives.
    pub beats: i64,
}

/// Leased jobs of all workers, from the first behind `after`; at most `limit`.
pub async fn leased(tx: &mut Tx, after: Option<JobId>, limit: i64) -> Result<Vec<Leased>, StoreError> {
    tx.all(
        concat!(
            "SELECT ",
            columns!(),
            ", beats FROM jobs WHERE state = 1 AND id > $1 ORDER BY id LIMIT $2"
        ),
        &params![after.map_or(ObjectId([0; 12]), |id| id.0), limit],
        |row| {
            Ok(Leased {
                job: map(row)?,
                beats: row.int(21)?,
            })
        },
    )
    .await
}

/// Takes a job from a worker that was silent since it had beaten `beats` times: the lease ends, and the same
/// job comes back with the number that holds from now on. `None`: the worker has moved after all.
pub async fn take_over(tx: &mut Tx, silent: &Leased, now: Millis) -> Result<Option<JobRow>, StoreError> {
    tx.one(
        concat!(
            "UPDATE jobs SET fence = fence + 1, recoveries = recoveries + 1, updated_at = $1 \
             WHERE id = $2 AND fence = $3 AND beats = $4 AND state = 1 RETURNING ",
            columns!()
        ),
        &params![now, silent.job.id, silent.job.fence, silent.beats],
        map,
    )
    .await
}

/// Ends a job that is queued or running, whoever runs it. `false`: it had ended.
pub async fn cancel(tx: &mut Tx, id: JobId, error: &str, now: Millis) -> Result<bool, StoreError> {
    let changed = tx
        .exec(
            "UPDATE jobs SET state = 4, lease_owner = NULL, eta_s = NULL, fence = fence + 1, last_error = $1, \
             updated_at = $2 WHERE id = $3 AND state < 2",
            &params![error, now, id],
        )
        .await?;
    Ok(changed == 1)
}

/// Puts a job that ended badly into the queue again, as if it were new. `false`: it did not end badly.
pub async fn revive(tx: &mut Tx, id: JobId, now: Millis) -> Result<bool, StoreError> {
    let changed = tx
        .exec(
            "UPDATE jobs SET state = 0, attempts = 0, recoveries = 0, progress = 0, step = '', run_at = $1, due = 1, \
             updated_at = $1 WHERE id = $2 AND state IN (3, 4)",
            &params![now, id],
        )
        .await?;
    Ok(changed == 1)
}

/// Says how urgent a job that has not ended is. `false`: it has ended.
pub async fn save_urgency(tx: &mut Tx, id: JobId, urgency: Urgency, now: Millis) -> Result<bool, StoreError> {
    let changed = tx
        .exec(
            "UPDATE jobs SET urgency = $1, updated_at = $2 WHERE id = $3 AND state < 2",
            &params![urgency.code(), now, id],
        )
        .await?;
    Ok(changed == 1)
}

/// The same of all jobs about `subject` that have not ended.
pub async fn save_urgency_about(
    tx: &mut Tx,
    subject: ObjectId,
    urgency: Urgency,
    now: Millis,
) -> Result<u64, StoreError> {
    tx.exec(
        "UPDATE jobs SET urgency = $1, updated_at = $2 WHERE subject_id = $3 AND state < 2",
        &params![urgency.code(), now, subject],
    )
    .await
}

/// Ends all queued or running jobs about `subject`. Tells how many.
pub async fn cancel_about(tx: &mut Tx, subject: ObjectId, now: Millis) -> Result<u64, StoreError> {
    tx.exec(
        "UPDATE jobs SET state = 4, lease_owner = NULL, eta_s = NULL, fence = fence + 1, updated_at = $1 \
         WHERE subject_id = $2 AND state < 2",
        &params![now, subject],
    )
    .await
}

/// Ends all queued or running jobs of one kind about `subject`. Tells how many.
pub async fn cancel_kind_about(
    tx: &mut Tx,
    subject: ObjectId,
    kind: &str,
    now: Millis,
) -> Result<u64, StoreError> {
    tx.exec(
        "UPDATE jobs SET state = 4, lease_owner = NULL, eta_s = NULL, fence = fence + 1, updated_at = $1 \
         WHERE subject_id = $2 AND state < 2 AND kind = $3",
        &params![now, subject, kind],
    )
    .await
}

/// Forgets jobs that ended before `before`; at most `limit` at once. Tells how many.
pub async fn sweep(tx: &mut Tx, before: Millis, limit: i64) -> Result<u64, StoreError> {
    tx.exec(
        "DELETE FROM jobs WHERE id IN \
         (SELECT id FROM jobs WHERE state >= 2 AND updated_at < $1 ORDER BY updated_at LIMIT $2)",
        &params![before, limit],
    )
    .await
}
