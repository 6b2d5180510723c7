//! Jobs as people are shown them: one, many, how many, and how many stand in front.

use model::jobs::{JobState, Lane};
use model::{JobId, Millis, ObjectId, UserId};

use super::{JobRow, columns, map};
use crate::{StoreError, Tx, params};

/// Rows that a count reads at most; more than this is "very many".
pub const MOST_COUNTED: i64 = 100_000;
/// How many users [`crowd`] counts, and how many of the jobs of each.
const CROWD: i64 = 100;

/// One job.
pub async fn find(tx: &mut Tx, id: JobId) -> Result<Option<JobRow>, StoreError> {
    tx.one(
        concat!("SELECT ", columns!(), " FROM jobs WHERE id = $1"),
        &params![id],
        map,
    )
    .await
}

/// Jobs, newest first: of one user or of all, in one state or in any, older than `before`; at most `limit`.
pub async fn list(
    tx: &mut Tx,
    user: Option<UserId>,
    state: Option<JobState>,
    before: Option<JobId>,
    limit: i64,
) -> Result<Vec<JobRow>, StoreError> {
    let before = before.map_or(ObjectId([0xff; 12]), |id| id.0);
    match (user, state.map(JobState::code)) {
        (Some(user), Some(state)) => {
            let sql = concat!(
                "SELECT ",
                columns!(),
                " FROM jobs WHERE user_id = $1 AND state = $2 AND id < $3 ORDER BY id DESC LIMIT $4"
            );
            tx.all(sql, &params![user, state, before, limit], map).await
        }
        (Some(user), None) => {
            let sql = concat!(
                "SELECT ",
                columns!(),
                " FROM jobs WHERE user_id = $1 AND id < $2 ORDER BY id DESC LIMIT $3"
            );
            tx.all(sql, &params![user, before, limit], map).await
        }
        (None, Some(state)) => {
            let sql = concat!(
                "SELECT ",
                columns!(),
                " FROM jobs WHERE state = $1 AND id < $2 ORDER BY id DESC LIMIT $3"
            );
            tx.all(sql, &params![state, before, limit], map).await
        }
        (None, None) => {
            let sql = concat!(
                "SELECT ",
                columns!(),
                " FROM jobs WHERE id < $1 ORDER BY id DESC LIMIT $2"
            );
            tx.all(sql, &params![before, limit], map).await
        }
    }
}

/// Jobs about `subject` that are queued or running; at most `limit`.
pub async fn live_about(tx: &mut Tx, subject: ObjectId, limit: i64) -> Result<Vec<JobRow>, StoreError> {
    tx.all(
        concat!(
            "SELECT ",
            columns!(),
            " FROM jobs WHERE subject_id = $1 AND state < 2 ORDER BY id LIMIT $2"
        ),
        &params![subject, limit],
        map,
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

/// How many of the same user's jobs go before a queued one, up to `most`.
pub async fn own_ahead(tx: &mut Tx, job: &JobRow, most: i64) -> Result<i64, StoreError> {
    let key = super::key_of(job.user_id);
    let found = tx
        .one(
            "SELECT count(*) FROM (SELECT 1 FROM jobs WHERE state = 0 AND due = 1 AND lane = $1 AND queue_key = $2 \
             AND (urgency, priority, run_at, id) < ($3, $4, $5, $6) LIMIT $7) AS ahead",
            &[
                job.lane.code().into(),
                key,
                job.urgency.code().into(),
                job.priority.into(),
                job.run_at.into(),
                job.id.into(),
                most.into(),
            ],
            |row| row.int(0),
        )
        .await?;
    Ok(found.unwrap_or(0))
}

/// How many jobs each user has waiting in a lane (nobody: the site itself), a hundred at most of each, of a
/// hundred users at most. What [`own_ahead`] is completed with.
pub async fn crowd(tx: &mut Tx, lane: Lane) -> Result<Vec<(Option<UserId>, i64)>, StoreError> {
    tx.all(
        "WITH RECURSIVE waiting (who, place) AS ( \
         SELECT (SELECT j.queue_key FROM jobs j WHERE j.state = 0 AND j.due = 1 AND j.lane = $1 \
         ORDER BY j.queue_key LIMIT 1), 1 \
         UNION ALL \
         SELECT (SELECT j.queue_key FROM jobs j WHERE j.state = 0 AND j.due = 1 AND j.lane = $1 \
         AND j.queue_key > waiting.who ORDER BY j.queue_key LIMIT 1), waiting.place + 1 \
         FROM waiting WHERE waiting.who IS NOT NULL AND waiting.place < $2) \
         SELECT waiting.who, \
         (SELECT count(*) FROM (SELECT 1 FROM jobs c WHERE c.state = 0 AND c.due = 1 AND c.lane = $1 \
         AND c.queue_key = waiting.who LIMIT $2) AS found) \
         FROM waiting WHERE waiting.who IS NOT NULL",
        &params![lane.code(), CROWD],
        |row| Ok((UserId::from_slice(row.blob(0)?).ok(), row.int(1)?)),
    )
    .await
}

/// What waits and what runs in a lane.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Depth {
    /// Which lane.
    pub lane: Lane,
    /// Jobs that could run now.
    pub ready: i64,
    /// Jobs that wait for their time.
    pub later: i64,
    /// Jobs that run.
    pub running: i64,
    /// Since when the one has waited that has waited longest.
    pub oldest: Option<Millis>,
}

/// What waits and what runs, by lane; each number is [`MOST_COUNTED`] at most.
pub async fn depths(tx: &mut Tx) -> Result<Vec<Depth>, StoreError> {
    let mut depths = Vec::new();
    for lane in Lane::ALL {
        let code = lane.code();
        let mut counts = [0; 3];
        let texts = [
            "SELECT count(*) FROM (SELECT 1 FROM jobs WHERE state = 0 AND due = 1 AND lane = $1 LIMIT $2) AS found",
            "SELECT count(*) FROM (SELECT 1 FROM jobs WHERE state = 0 AND due = 0 AND lane = $1 LIMIT $2) AS found",
            "SELECT count(*) FROM (SELECT 1 FROM jobs WHERE state = 1 AND lane = $1 LIMIT $2) AS found",
        ];
        for (count, text) in counts.iter_mut().zip(texts) {
            let found = tx
                .one(text, &params![code, MOST_COUNTED], |row| row.int(0))
                .await?;
            *count = found.unwrap_or(0);
        }
        let oldest = tx
            .one(
                "SELECT min(run_at) FROM jobs WHERE state = 0 AND due = 1 AND lane = $1",
                &params![code],
                |row| row.opt_millis(0),
            )
            .await?;
        let [ready, later, running] = counts;
        depths.push(Depth {
            lane,
            ready,
            later,
            running,
            oldest: oldest.flatten(),
        });
    }
    Ok(depths)
}

/// How many jobs wait and how many run.
pub async fn depth(tx: &mut Tx) -> Result<(i64, i64), StoreError> {
    let depths = depths(tx).await?;
    let queued = depths.iter().map(|depth| depth.ready).sum();
    Ok((queued, depths.iter().map(|depth| depth.running).sum()))
}
