//! Marks what somebody follows who now has a browser that is told of notifications, so that channels find them there. In
//! bites, since there may be ten thousand, and others write in between.
//!
//! Whether they have one is read with each bite, so the job may stop anywhere, run twice, and overtake another. What they
//! come to follow meanwhile is marked when it is added.

use model::{ObjectId, UserId};
use serde::{Deserialize, Serialize};
use store::{Tx, push};

use super::{JobError, QUICK, Running, chore};
use crate::core::Core;
use crate::error::Error;

/// Name of the kind.
pub const KIND: &str = "mark_follows";
/// Rows changed in one transaction.
const BITE: i64 = 200;

/// Who has a browser now.
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
        after = push::save_marks(&mut tx, user, behind, BITE).await?;
        tx.commit().await?;
    }
    Ok(())
}

/// Before all channels.
const BEGINNING: UserId = UserId(ObjectId([0; 12]));

/// Begins with it in the transaction that adds the browser, and leaves what is more than a bite for later; tells whether
/// it did.
pub(crate) async fn begin(core: &Core, tx: &mut Tx, user: UserId) -> Result<bool, Error> {
    let left = push::save_marks(tx, user, BEGINNING, BITE).await?;
    if left.is_some() {
        chore::enqueue(core, tx, &Payload { user }, core.clock.now()).await?;
    }
    Ok(left.is_some())
}
