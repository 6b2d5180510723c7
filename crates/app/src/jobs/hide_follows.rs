//! Says anew whether somebody is shown among the followers of the channels that they follow, after they have changed
//! their mind. In bites, since there may be ten thousand, and others write in between.
//!
//! What holds is read from their own row with each bite, so the job may stop anywhere, run twice, and overtake another.

use model::{ObjectId, UserId};
use serde::{Deserialize, Serialize};
use store::{Tx, jobs as rows, subscriptions};

use super::{JobError, QUICK, Running};
use crate::core::Core;
use crate::error::Error;

/// Name of the kind.
pub const KIND: &str = "hide_follows";
/// Rows changed in one transaction.
const BITE: i64 = 200;

/// Who has changed their mind.
#[derive(Debug, Clone, Copy, Serialize, Deserialize)]
pub struct Payload {
    /// Whose subscriptions.
    pub user: UserId,
}

impl super::Payload for Payload {
    const KIND: &'static str = KIND;
    const PRIORITY: i64 = QUICK + 20;
}

pub(super) async fn run(running: &Running) -> Result<(), JobError> {
    let Payload { user } = running.payload()?;
    let mut after = Some(BEGINNING);
    while let Some(behind) = after {
        if running.stop.is_cancelled() {
            return Err(JobError::Stopped);
        }
        running.alive();
        let mut tx = running.app.core.store.write().await?;
        after = subscriptions::save_hidden(&mut tx, user, behind, BITE).await?;
        tx.commit().await?;
    }
    Ok(())
}

/// Before all channels.
const BEGINNING: UserId = UserId(ObjectId([0; 12]));

/// Begins with it in the transaction of the change, and leaves what is more than a bite for later; tells whether it
/// did.
pub(crate) async fn begin(core: &Core, tx: &mut Tx, user: UserId) -> Result<bool, Error> {
    let left = subscriptions::save_hidden(tx, user, BEGINNING, BITE).await?;
    if left.is_some() {
        // The site's own chore: ending what is done for its owner must not end this.
        let job = super::new(core, &Payload { user }, None, None, core.clock.now())?;
        rows::enqueue(tx, &job.as_row()).await?;
    }
    Ok(left.is_some())
}
