//! Who goes next.
//!
//! Among the jobs of a lane whose time has come, one that an admin called urgent goes first. Otherwise the user
//! goes first who has the fewest jobs running in the lane, then the one who was served longest ago; of a user,
//! the job with the smallest priority, then the one that may run for longest, then the oldest. What an admin
//! called low goes when nothing else waits.
//!
//! However many jobs wait, a claim looks at the first of each user, found by steps from one user to the next
//! along an index, and at [`WINDOW`] users at most. Where more are waiting, the next claim goes on behind the
//! last one, so that everybody is looked at in turn.

use model::jobs::{Lane, Urgency};
use model::{JobId, Millis};

use super::{JobRow, map};
use crate::{StoreError, Tx, params};

/// Users that one claim looks at.
pub const WINDOW: i64 = 256;
/// Jobs that one claim finds to have become due. More of them become so with the next.
const PROMOTED: i64 = 256;
/// How far the clocks of two machines may differ before a job that was put back counts as put back in a time
/// that is yet to come.
const CLOCK_SLACK_MS: i64 = 60_000;

/// Where the next claim of a lane begins to look: behind the last user of the one before, where there were more
/// than it looks at. Every worker may have its own.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Cursor(Vec<u8>);

/// The first job of one user, and what decides whether it goes first.
struct Candidate {
    id: JobId,
    key: Vec<u8>,
    urgency: Urgency,
    running: i64,
    turn: i64,
    priority: i64,
    run_at: Millis,
}

/// The statements of a claim, for tests that look at how they are run. Each with its number of parameters.
#[doc(hidden)]
pub const STATEMENTS: &[(&str, usize)] = &[
    (ANY_READY, 1),
    (ANY_LATER, 2),
    (ANY_PUT_AHEAD, 2),
    (PROMOTE, 3),
    (PROMOTE_PUT_AHEAD, 3),
    (URGENT, 1),
    (CANDIDATES, 3),
];

const ANY_READY: &str = "SELECT 1 FROM jobs j WHERE j.state = 0 AND j.due = 1 AND j.lane = $1 LIMIT 1";
const ANY_LATER: &str =
    "SELECT 1 FROM jobs j WHERE j.state = 0 AND j.due = 0 AND j.lane = $1 AND j.run_at <= $2 LIMIT 1";
const ANY_PUT_AHEAD: &str =
    "SELECT 1 FROM jobs j WHERE j.state = 0 AND j.due = 0 AND j.lane = $1 AND j.updated_at > $2 LIMIT 1";
const PROMOTE: &str = "UPDATE jobs SET due = 1 WHERE id IN \
     (SELECT j.id FROM jobs j WHERE j.state = 0 AND j.due = 0 AND j.lane = $1 AND j.run_at <= $2 \
     ORDER BY j.run_at LIMIT $3)";
const PROMOTE_PUT_AHEAD: &str = "UPDATE jobs SET due = 1 WHERE id IN \
     (SELECT j.id FROM jobs j WHERE j.state = 0 AND j.due = 0 AND j.lane = $1 AND j.updated_at > $2 \
     ORDER BY j.updated_at LIMIT $3)";
const URGENT: &str = "SELECT j.id FROM jobs j \
     WHERE j.state = 0 AND j.due = 1 AND j.urgency = 0 AND j.lane = $1 \
     ORDER BY j.priority, j.run_at, j.id LIMIT 1";
/// From user to user, one step along the index each; then the first job of each, and what they had so far.
const CANDIDATES: &str = "WITH RECURSIVE waiting (who, place) AS ( \
     SELECT (SELECT j.queue_key FROM jobs j WHERE j.state = 0 AND j.due = 1 AND j.lane = $1 AND j.queue_key > $2 \
     ORDER BY j.queue_key LIMIT 1), 1 \
     UNION ALL \
     SELECT (SELECT j.queue_key FROM jobs j WHERE j.state = 0 AND j.due = 1 AND j.lane = $1 \
     AND j.queue_key > waiting.who ORDER BY j.queue_key LIMIT 1), waiting.place + 1 \
     FROM waiting WHERE waiting.who IS NOT NULL AND waiting.place < $3) \
     SELECT f.id, f.queue_key, f.urgency, \
     (SELECT count(*) FROM jobs r WHERE r.state = 1 AND r.lane = $1 AND r.queue_key = waiting.who), \
     coalesce((SELECT max(t.turn) FROM jobs t WHERE t.turn > 0 AND t.lane = $1 AND t.queue_key = waiting.who), 0), \
     f.priority, f.run_at \
     FROM waiting CROSS JOIN jobs f WHERE f.id = \
     (SELECT j.id FROM jobs j WHERE j.state = 0 AND j.due = 1 AND j.lane = $1 AND j.queue_key = waiting.who \
     ORDER BY j.urgency, j.priority, j.run_at, j.id LIMIT 1) \
     ORDER BY waiting.place";

async fn exists(tx: &mut Tx, sql: &str, lane: Lane, than: Option<Millis>) -> Result<bool, StoreError> {
    let found = match than {
        None => tx.one(sql, &params![lane.code()], |row| row.int(0)).await?,
        Some(than) => tx.one(sql, &params![lane.code(), than], |row| row.int(0)).await?,
    };
    Ok(found.is_some())
}

/// Whether a job of the lane may run now. A read; [`claim`] has the last word.
pub async fn any_due(tx: &mut Tx, lane: Lane, now: Millis) -> Result<bool, StoreError> {
    Ok(exists(tx, ANY_READY, lane, None).await?
        || exists(tx, ANY_LATER, lane, Some(now)).await?
        || exists(tx, ANY_PUT_AHEAD, lane, Some(now.plus_ms(CLOCK_SLACK_MS))).await?)
}

/// Leases the job of the lane that goes next to `worker`; `None` when none may run now. The lease holds as long
/// as its worker reports, or until somebody finds it silent.
pub async fn claim(
    tx: &mut Tx,
    worker: &str,
    lane: Lane,
    cursor: &mut Cursor,
    now: Millis,
) -> Result<Option<JobRow>, StoreError> {
    let Some(id) = next(tx, lane, cursor, now).await? else {
        return Ok(None);
    };
    let turn = tx
        .one(
            "UPDATE counters SET value = value + 1 WHERE name = 'jobs.turns' RETURNING value",
            &params![],
            |row| row.int(0),
        )
        .await?;
    tx.one(
        concat!(
            "UPDATE jobs SET state = 1, attempts = attempts + 1, fence = fence + 1, beats = 0, lease_owner = $1, \
             turn = $2, progress = 0, step = '', eta_s = NULL, started_at = $3, updated_at = $3 \
             WHERE id = $4 AND state = 0 RETURNING ",
            super::columns!()
        ),
        &params![worker, turn.unwrap_or(1), now, id],
        map,
    )
    .await
}

async fn next(
    tx: &mut Tx,
    lane: Lane,
    cursor: &mut Cursor,
    now: Millis,
) -> Result<Option<JobId>, StoreError> {
    // Where claims run side by side, each takes what no other one has its hands on.
    let (promote, promote_put_ahead) = if tx.is_postgres() {
        let passing_by = |sql: &str| sql.replace(" LIMIT $3)", " LIMIT $3 FOR UPDATE SKIP LOCKED)");
        (passing_by(PROMOTE), passing_by(PROMOTE_PUT_AHEAD))
    } else {
        (PROMOTE.to_owned(), PROMOTE_PUT_AHEAD.to_owned())
    };
    tx.exec(&promote, &params![lane.code(), now, PROMOTED]).await?;
    // A job that was put back at a time that is yet to come would wait until then: the clock was set back.
    let ahead = now.plus_ms(CLOCK_SLACK_MS);
    tx.exec(&promote_put_ahead, &params![lane.code(), ahead, PROMOTED])
        .await?;
    let urgent = if tx.is_postgres() {
        format!("{URGENT} FOR UPDATE SKIP LOCKED")
    } else {
        URGENT.to_owned()
    };
    if let Some(id) = tx.one(&urgent, &params![lane.code()], |row| row.id(0)).await? {
        return Ok(Some(id));
    }
    let mut found = candidates(tx, lane, &cursor.0, WINDOW).await?;
    let missing = WINDOW - i64::try_from(found.len()).unwrap_or(WINDOW);
    if missing > 0 && !cursor.0.is_empty() {
        // Round to the beginning, as far as the cursor.
        let begun = std::mem::take(&mut cursor.0);
        let rest = candidates(tx, lane, &[], missing).await?;
        found.extend(rest.into_iter().filter(|candidate| candidate.key <= begun));
    }
    if i64::try_from(found.len()).is_ok_and(|count| count == WINDOW) {
        cursor.0 = found.last().map(|last| last.key.clone()).unwrap_or_default();
    }
    found.sort_unstable_by_key(|one| {
        (
            one.urgency,
            one.running,
            one.turn,
            one.priority,
            one.run_at,
            one.id,
        )
    });
    if !tx.is_postgres() {
        return Ok(found.first().map(|first| first.id));
    }
    for one in found {
        if tx.one(TAKE, &params![one.id], |row| row.int(0)).await?.is_some() {
            return Ok(Some(one.id));
        }
    }
    Ok(None)
}

/// Locks a job that still waits, unless another claim has it in hand. For PostgreSQL.
const TAKE: &str = "SELECT 1 FROM jobs WHERE id = $1 AND state = 0 FOR UPDATE SKIP LOCKED";

/// The first job of each of at most `limit` users, from the first user behind `after`.
async fn candidates(tx: &mut Tx, lane: Lane, after: &[u8], limit: i64) -> Result<Vec<Candidate>, StoreError> {
    tx.all(CANDIDATES, &params![lane.code(), after, limit], |row| {
        Ok(Candidate {
            id: row.id(0)?,
            key: row.blob(1)?.to_owned(),
            urgency: Urgency::from_code(row.int(2)?),
            running: row.int(3)?,
            turn: row.int(4)?,
            priority: row.int(5)?,
            run_at: row.millis(6)?,
        })
    })
    .await
}
