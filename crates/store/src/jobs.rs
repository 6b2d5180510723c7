//! The job queue as rows: enqueue, lease, report, end.
//!
//! A worker holds a job by its lease and proves it by the fencing number of that lease: whatever it
//! writes later than its lease touches no row. What jobs do is `app::jobs`.

use model::jobs::JobState;
use model::{JobId, Millis, ObjectId, UserId};

use crate::{Row, StoreError, Tx, params};

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
    /// Smaller runs earlier.
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
    /// Why the last attempt ended.
    pub last_error: Option<String>,
    /// When it was asked for.
    pub created_at: Millis,
    /// When its row last changed.
    pub updated_at: Millis,
}

macro_rules! columns {
    () => {
        "id, kind, payload, subject_id, user_id, state, priority, attempts, recoveries, run_at, fence, progress, \
         step, last_error, created_at, updated_at"
    };
}

fn map(row: &Row<'_>) -> Result<JobRow, StoreError> {
    Ok(JobRow {
        id: row.id(0)?,
        kind: row.text(1)?.to_owned(),
        payload: row.text(2)?.to_owned(),
        subject_id: row.opt_id(3)?,
        user_id: row.opt_id(4)?,
        state: JobState::from_code(row.int(5)?),
        priority: row.int(6)?,
        attempts: row.int(7)?,
        recoveries: row.int(8)?,
        run_at: row.millis(9)?,
        fence: row.int(10)?,
        progress: row.real(11)?,
        step: row.text(12)?.to_owned(),
        last_error: row.opt_text(13)?.map(ToOwned::to_owned),
        created_at: row.millis(14)?,
        updated_at: row.millis(15)?,
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
    /// Smaller runs earlier.
    pub priority: i64,
    /// Not before.
    pub run_at: Millis,
    /// The present time.
    pub now: Millis,
}

/// Adds a job to the queue.
pub async fn enqueue(tx: &mut Tx, new: &New<'_>) -> Result<(), StoreError> {
    tx.exec(
        "INSERT INTO jobs (id, kind, payload, subject_id, user_id, priority, run_at, created_at, updated_at) \
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $8)",
        &params![
            new.id,
            new.kind,
            new.payload,
            new.subject_id,
            new.user_id,
            new.priority,
            new.run_at,
            new.now
        ],
    )
    .await?;
    Ok(())
}

/// Priorities from the first to the second: what one group of workers takes.
pub type Lane = (i64, i64);

async fn next_due(tx: &mut Tx, lane: Lane, now: Millis) -> Result<Option<JobId>, StoreError> {
    tx.one(
        "SELECT id FROM jobs WHERE state = 0 AND priority BETWEEN $1 AND $2 AND run_at <= $3 \
         ORDER BY priority, run_at, id LIMIT 1",
        &params![lane.0, lane.1, now],
        |row| row.id(0),
    )
    .await
}

/// Whether a job of the lane may run now. A read; [`claim`] has the last word.
pub async fn any_due(tx: &mut Tx, lane: Lane, now: Millis) -> Result<bool, StoreError> {
    Ok(next_due(tx, lane, now).await?.is_some())
}

/// Names one run of one job, among the files that runs leave: no two runs share it.
pub fn run_name(id: JobId, fence: i64) -> String {
    format!("{id}-{fence}")
}

/// Leases the next job of the lane that may run to `worker`, until `lease_until`.
pub async fn claim(
    tx: &mut Tx,
    worker: &str,
    lane: Lane,
    now: Millis,
    lease_until: Millis,
) -> Result<Option<JobRow>, StoreError> {
    let Some(id) = next_due(tx, lane, now).await? else {
        return Ok(None);
    };
    tx.one(
        concat!(
            "UPDATE jobs SET state = 1, attempts = attempts + 1, fence = fence + 1, lease_owner = $1, \
             lease_until = $2, progress = 0, updated_at = $3 WHERE id = $4 AND state = 0 RETURNING ",
            columns!()
        ),
        &params![worker, lease_until, now, id],
        map,
    )
    .await
}

/// When the next queued job may run, if any is queued.
pub async fn next_run_at(tx: &mut Tx) -> Result<Option<Millis>, StoreError> {
    Ok(tx
        .one(
            "SELECT min(run_at) FROM jobs WHERE state = 0",
            &params![],
            |row| row.opt_millis(0),
        )
        .await?
        .flatten())
}

/// Prolongs the lease and notes how far the work is. `false`: the lease is gone, stop working.
pub async fn report(
    tx: &mut Tx,
    job: &JobRow,
    step: &str,
    progress: f64,
    lease_until: Millis,
    now: Millis,
) -> Result<bool, StoreError> {
    let changed = tx
        .exec(
            "UPDATE jobs SET step = $1, progress = $2, lease_until = $3, updated_at = $4 \
             WHERE id = $5 AND fence = $6 AND state = 1",
            &params![step, progress, lease_until, now, job.id, job.fence],
        )
        .await?;
    Ok(changed == 1)
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

/// Ends a leased job in `state` (done, dead or cancelled). `false`: the lease is gone.
pub async fn end(
    tx: &mut Tx,
    job: &JobRow,
    state: JobState,
    error: Option<&str>,
    now: Millis,
) -> Result<bool, StoreError> {
    let changed = tx
        .exec(
            "UPDATE jobs SET state = $1, last_error = $2, lease_owner = NULL, lease_until = NULL, \
             progress = CASE WHEN $1 = 2 THEN 1 ELSE progress END, updated_at = $3 \
             WHERE id = $4 AND fence = $5 AND state = 1",
            &params![state.code(), error, now, job.id, job.fence],
        )
        .await?;
    Ok(changed == 1)
}

/// Puts a leased job back to be tried again at `run_at`. `false`: the lease is gone.
pub async fn retry_at(
    tx: &mut Tx,
    job: &JobRow,
    error: &str,
    run_at: Millis,
    now: Millis,
) -> Result<bool, StoreError> {
    let changed = tx
        .exec(
            "UPDATE jobs SET state = 0, last_error = $1, run_at = $2, lease_owner = NULL, lease_until = NULL, \
             updated_at = $3 WHERE id = $4 AND fence = $5 AND state = 1",
            &params![error, run_at, now, job.id, job.fence],
        )
        .await?;
    Ok(changed == 1)
}

/// Puts a leased job back as if it had not been started. `false`: the lease is gone.
pub async fn put_back(tx: &mut Tx, job: &JobRow, now: Millis) -> Result<bool, StoreError> {
    let changed = tx
        .exec(
            "UPDATE jobs SET state = 0, run_at = $1, attempts = attempts - 1, lease_owner = NULL, \
             lease_until = NULL, updated_at = $1 WHERE id = $2 AND fence = $3 AND state = 1",
            &params![now, job.id, job.fence],
        )
        .await?;
    Ok(changed == 1)
}

/// Leased jobs whose worker is gone: those whose lease ran out before `now`, or, when this process is
/// known to be alone (`alone`), all leased ones. At most a thousand at once.
pub async fn lost(tx: &mut Tx, now: Millis, alone: bool) -> Result<Vec<JobRow>, StoreError> {
    let expired_before = if alone { Millis(i64::MAX) } else { now };
    tx.all(
        concat!(
            "SELECT ",
            columns!(),
            " FROM jobs WHERE state = 1 AND lease_until < $1 ORDER BY lease_until LIMIT 1000"
        ),
        &params![expired_before],
        map,
    )
    .await
}

/// Notes that a job was found without its worker.
pub async fn count_recovery(tx: &mut Tx, id: JobId) -> Result<(), StoreError> {
    tx.exec(
        "UPDATE jobs SET recoveries = recoveries + 1 WHERE id = $1",
        &params![id],
    )
    .await?;
    Ok(())
}

/// Ends all queued or running jobs about `subject`. Tells how many.
pub async fn cancel_about(tx: &mut Tx, subject: ObjectId, now: Millis) -> Result<u64, StoreError> {
    tx.exec(
        "UPDATE jobs SET state = 4, lease_owner = NULL, lease_until = NULL, fence = fence + 1, updated_at = $1 \
         WHERE subject_id = $2 AND state < 2",
        &params![now, subject],
    )
    .await
}

/// The newest job about `subject`.
pub async fn latest_about(tx: &mut Tx, subject: ObjectId) -> Result<Option<JobRow>, StoreError> {
    tx.one(
        concat!(
            "SELECT ",
            columns!(),
            " FROM jobs WHERE subject_id = $1 ORDER BY id DESC LIMIT 1"
        ),
        &params![subject],
        map,
    )
    .await
}

/// Jobs about `subject` that wait or run, oldest first. At most a thousand.
pub async fn live_about(tx: &mut Tx, subject: ObjectId) -> Result<Vec<JobRow>, StoreError> {
    tx.all(
        concat!(
            "SELECT ",
            columns!(),
            " FROM jobs WHERE subject_id = $1 AND state < 2 ORDER BY id LIMIT 1000"
        ),
        &params![subject],
        map,
    )
    .await
}

/// Jobs about `subject` that run at the moment.
pub async fn running_about(tx: &mut Tx, subject: ObjectId) -> Result<Vec<JobRow>, StoreError> {
    let mut live = live_about(tx, subject).await?;
    live.retain(|job| job.state == JobState::Running);
    Ok(live)
}

/// How many jobs wait and how many run.
pub async fn depth(tx: &mut Tx) -> Result<(i64, i64), StoreError> {
    let queued = tx
        .one(
            "SELECT count(*) FROM (SELECT 1 FROM jobs WHERE state = 0 LIMIT 100000) AS some",
            &params![],
            |row| row.int(0),
        )
        .await?;
    let running = tx
        .one(
            "SELECT count(*) FROM (SELECT 1 FROM jobs WHERE state = 1 LIMIT 100000) AS some",
            &params![],
            |row| row.int(0),
        )
        .await?;
    Ok((queued.unwrap_or(0), running.unwrap_or(0)))
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
