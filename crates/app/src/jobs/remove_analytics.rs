//! Removes the numbers of a video that is gone: its sums, viewers, retention, marks and what was sent of it. In bites
//! of some hundred rows. What it was to its channel stays (`store::analytics::removal`).
//!
//! Each bite is found by what is left, so the job may stop anywhere and run twice.

use model::{Millis, UserId, VideoId};
use serde::{Deserialize, Serialize};
use store::Tx;
use store::analytics::removal;

use super::{JobError, QUICK, Running, chore};
use crate::core::Core;
use crate::error::Error;

/// Name of the kind.
pub const KIND: &str = "remove_analytics";
/// Rows of each kind that are removed in one transaction.
const BITE: i64 = 200;

/// Which video is gone.
#[derive(Debug, Clone, Copy, Serialize, Deserialize)]
pub struct Payload {
    /// Which.
    pub video: VideoId,
}

impl super::Payload for Payload {
    const KIND: &'static str = KIND;
    const PRIORITY: i64 = QUICK + 30;
}

pub(super) async fn run(running: &Running) -> Result<(), JobError> {
    let Payload { video } = running.payload()?;
    loop {
        let mut tx = running.next_bite().await?;
        let left = removal::bite_of_video(&mut tx, video, BITE).await?;
        tx.commit().await?;
        if !left {
            return Ok(());
        }
    }
}

/// Asks for the numbers of a video that goes to be removed, where there are any.
pub(crate) async fn enqueue_for_video(
    core: &Core,
    tx: &mut Tx,
    video: VideoId,
    now: Millis,
) -> Result<(), Error> {
    if removal::any_of_video(tx, video).await? {
        chore::enqueue(core, tx, &Payload { video }, now).await?;
    }
    Ok(())
}

/// Removes a bite of the numbers of somebody's channel; tells whether something may be left.
pub(super) async fn bite_of_user(tx: &mut Tx, user: UserId) -> Result<bool, JobError> {
    Ok(removal::bite_of_user(tx, user, BITE).await?)
}
