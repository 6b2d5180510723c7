//! Makes the file with everything of one person that they asked for. What goes in is [`crate::exports`].
//!
//! Each run writes a file of its own, which carries the number of its lease, and makes it the export's in the
//! transaction that checks that the lease still holds. Whatever else lies in the export's folder goes with it.

use model::ExportId;
use model::jobs::JobState;
use objects::Key;
use serde::{Deserialize, Serialize};
use store::exports::{self as rows, State};
use store::jobs as job_rows;

use super::{JobError, QUICK, Running};
use crate::exports::{self, kept_until};

/// Name of the kind.
pub const KIND: &str = "export_account";

/// More runs than any job has.
const MOST_LEFTOVERS: usize = 100;

/// Which export.
#[derive(Debug, Serialize, Deserialize)]
pub struct Payload {
    /// Which export.
    pub export: ExportId,
}

impl super::Payload for Payload {
    const KIND: &'static str = KIND;
    const PRIORITY: i64 = QUICK + 30;
}

pub(super) async fn run(running: &Running) -> Result<(), JobError> {
    let Payload { export } = running.payload()?;
    let core = &running.app.core;
    let row = rows::find(&mut core.store.read(), export).await?;
    let Some(row) = row.filter(|row| row.state == State::Waiting) else {
        // Removed, or made by a run that did not live to say so.
        return Ok(());
    };
    // How far somebody has come in a video waits up to a second before it is a row.
    running.app.history.settle().await?;
    let Some(mut staged) = exports::sections::write(running, export, row.user_id).await? else {
        return Ok(());
    };
    let size_bytes = staged.finish().await?.size_bytes;
    let name = job_rows::run_name(running.job.id, running.job.fence);
    let key = format!("{}/{name}.zip", exports::folder(export));
    let key = Key::parse(&key).map_err(|error| JobError::GiveUp(error.to_string()))?;
    core.objects.commit(staged, &key).await?;
    let published = publish(running, export, &key, size_bytes).await;
    // Of any other failure it is not known whether the row names the file; a later run, or the sweep, removes it.
    if matches!(published, Ok(false) | Err(JobError::LeaseLost)) {
        core.objects.remove(&key).await?;
    }
    if published? {
        remove_leftovers(running, export, &key).await?;
        tracing::info!(export.id = %export, size_bytes, "Made export {export}");
    }
    Ok(())
}

/// Removes what runs before this one left that a crash ended.
async fn remove_leftovers(running: &Running, export: ExportId, key: &Key) -> Result<(), JobError> {
    let objects = &running.app.core.objects;
    let folder = exports::folder(export);
    let folder = Key::parse(&folder).map_err(|error| JobError::GiveUp(error.to_string()))?;
    for other in objects.list(&folder, None, MOST_LEFTOVERS).await? {
        if other != *key {
            objects.remove(&other).await?;
        }
    }
    Ok(())
}

/// `false`: nobody waits for it any more.
async fn publish(running: &Running, export: ExportId, key: &Key, size_bytes: u64) -> Result<bool, JobError> {
    let core = &running.app.core;
    let now = running.now();
    let mut tx = core.store.write().await?;
    if !job_rows::holds(&mut tx, &running.job).await? {
        return Err(JobError::LeaseLost);
    }
    let until = kept_until(core, now);
    if !rows::save_ready(&mut tx, export, key.as_str(), size_bytes, until).await? {
        return Ok(false);
    }
    job_rows::end(&mut tx, &running.job, JobState::Done, None, now).await?;
    tx.commit().await?;
    Ok(true)
}
