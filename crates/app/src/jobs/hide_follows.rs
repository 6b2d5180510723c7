//! Says anew whether somebody is shown among the followers of the channels that they follow, after they have changed
//! their mind. In bites, since there may be ten thousand, and others write in between.
//!
//! What holds is read from their own row with each bite, so the job may stop anywhere, run twice, and overtake another.

use model::{ObjectId, UserId};
use serde::{Deserialize, Serialize};
use store::{Tx, subscriptions};

use super::{JobError, QUICK, Running, chore};
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
        let mut tx = running.next_bite().await?;
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
        chore::enqueue(core, tx, &Payload { user }, core.clock.now()).await?;
    }
    Ok(left.is_some())
}
