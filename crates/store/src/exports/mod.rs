//! Exports as rows: what people asked to take with them, and what became of it. What goes into one is read by
//! [`content`].
//!
//! How far an export is that is still to be made stands in the row of its job. Who may ask for one, and how often,
//! is `app::exports`.

pub mod content;

use model::jobs::JobState;
use model::{ExportId, JobId, Millis, UserId};

use crate::{Row, StoreError, Tx, params};

/// Where an export is, as far as its own row knows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum State {
    /// To be made; its job says how far it is.
    Waiting,
    /// The file is there.
    Ready,
    /// The file was there, and its time is over.
    Expired,
    /// Its owner has removed it.
    Removed,
}

impl State {
    /// Whether files may lie in its folder.
    pub fn has_files(self) -> bool {
        matches!(self, Self::Waiting | Self::Ready)
    }

    fn from_code(code: i64) -> Self {
        match code {
            0 => Self::Waiting,
            1 => Self::Ready,
            2 => Self::Expired,
            _ => Self::Removed,
        }
    }
}

/// One export.
#[derive(Debug, Clone)]
pub struct ExportRow {
    /// Which.
    pub id: ExportId,
    /// Whose.
    pub user_id: UserId,
    /// What makes it.
    pub job_id: JobId,
    /// Where it is.
    pub state: State,
    /// Where the file is.
    pub object_key: Option<String>,
    /// Size of the file; 0 before there is one.
    pub size_bytes: i64,
    /// When it was asked for.
    pub created_at: Millis,
    /// When the file goes; of one that is not made yet, when it is given up.
    pub expires_at: Millis,
    /// Where the job is; `None`: it is forgotten.
    pub job_state: Option<JobState>,
    /// How far the job is, 0 to 1.
    pub job_progress: f64,
}

fn map(row: &Row<'_>) -> Result<ExportRow, StoreError> {
    Ok(ExportRow {
        id: row.id(0)?,
        user_id: row.id(1)?,
        job_id: row.id(2)?,
        state: State::from_code(row.int(3)?),
        object_key: row.opt_text(4)?.map(ToOwned::to_owned),
        size_bytes: row.int(5)?,
        created_at: row.millis(6)?,
        expires_at: row.millis(7)?,
        job_state: row.opt_int(8)?.map(JobState::from_code),
        job_progress: row.opt_real(9)?.unwrap_or(0.0),
    })
}

macro_rules! select {
    ($rest:literal) => {
        concat!(
            "SELECT e.id, e.user_id, e.job_id, e.state, e.object_key, e.size_bytes, e.created_at, e.expires_at, \
             j.state, j.progress FROM exports e LEFT JOIN jobs j ON j.id = e.job_id ",
            $rest
        )
    };
}

/// The export of this id.
pub async fn find(tx: &mut Tx, id: ExportId) -> Result<Option<ExportRow>, StoreError> {
    tx.one(select!("WHERE e.id = $1"), &params![id], map).await
}

/// What [`list`] asks; public for the test of its plan.
pub const LIST: &str = select!("WHERE e.user_id = $1 ORDER BY e.id DESC LIMIT $2");

/// Somebody's exports, newest first, those that they removed as well.
pub async fn list(tx: &mut Tx, user: UserId, limit: i64) -> Result<Vec<ExportRow>, StoreError> {
    tx.all(LIST, &params![user, limit], map).await
}

/// Adds an export that is to be made.
pub async fn add(
    tx: &mut Tx,
    id: ExportId,
    user: UserId,
    job: JobId,
    now: Millis,
    expires_at: Millis,
) -> Result<(), StoreError> {
    tx.exec(
        "INSERT INTO exports (id, user_id, job_id, created_at, expires_at) VALUES ($1, $2, $3, $4, $5)",
        &params![id, user, job, now, expires_at],
    )
    .await?;
    Ok(())
}

/// Says where the file is. `false`: nobody waits for it any more.
pub async fn save_ready(
    tx: &mut Tx,
    id: ExportId,
    object_key: &str,
    size_bytes: u64,
    expires_at: Millis,
) -> Result<bool, StoreError> {
    let changed = tx
        .exec(
            "UPDATE exports SET state = 1, object_key = $1, size_bytes = $2, expires_at = $3 \
             WHERE id = $4 AND state = 0",
            &params![object_key, size_bytes, expires_at, id],
        )
        .await?;
    Ok(changed == 1)
}

/// Notes that its owner has removed it. The row stays a while, so that removing buys nobody a further export.
pub async fn save_removed(tx: &mut Tx, id: ExportId) -> Result<(), StoreError> {
    tx.exec(
        "UPDATE exports SET state = 3, object_key = NULL WHERE id = $1",
        &params![id],
    )
    .await?;
    Ok(())
}

/// What [`expire`] asks first; public for the test of its plan.
pub const PAST: &str = "SELECT e.id FROM exports e WHERE e.state < 2 AND e.expires_at <= $1 AND NOT (e.state = 0 \
     AND EXISTS (SELECT 1 FROM jobs j WHERE j.id = e.job_id AND j.state < 2)) ORDER BY e.expires_at LIMIT $2";

/// Notes of up to `limit` exports that their time is over; answers which. One that is still being made is left alone.
pub async fn expire(tx: &mut Tx, now: Millis, limit: i64) -> Result<Vec<ExportId>, StoreError> {
    let past: Vec<ExportId> = tx.all(PAST, &params![now, limit], |row| row.id(0)).await?;
    for id in &past {
        tx.exec(
            "UPDATE exports SET state = 2, object_key = NULL WHERE id = $1",
            &params![id],
        )
        .await?;
    }
    Ok(past)
}

/// Forgets exports that were asked for before `before` and have no file any more; at most `limit`. Tells how many.
pub async fn sweep(tx: &mut Tx, before: Millis, limit: i64) -> Result<u64, StoreError> {
    tx.exec(
        "DELETE FROM exports WHERE id IN (SELECT id FROM exports WHERE state >= 2 AND created_at < $1 \
         ORDER BY created_at LIMIT $2)",
        &params![before, limit],
    )
    .await
}

/// Forgets up to `limit` exports of somebody; answers them.
pub async fn remove_of(tx: &mut Tx, user: UserId, limit: i64) -> Result<Vec<ExportRow>, StoreError> {
    let rows = list(tx, user, limit).await?;
    for row in &rows {
        tx.exec("DELETE FROM exports WHERE id = $1", &params![row.id])
            .await?;
    }
    Ok(rows)
}
