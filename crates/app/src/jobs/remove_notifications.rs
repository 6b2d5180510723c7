//! Removes what was said about a video that is gone. In bites of some hundred rows: there may be very many, and
//! others write in between. Until then they are not shown.
//!
//! Each bite is found by what is left, so the job may stop anywhere and run twice.

use model::{Millis, UserId, VideoId};
use serde::{Deserialize, Serialize};
use store::{Tx, notifications};

use super::{JobError, QUICK, Running, chore};
use crate::core::Core;
use crate::error::Error;

/// Name of the kind.
pub const KIND: &str = "remove_notifications";
/// Rows removed in one transaction, about.
const BITE: i64 = 200;

/// Which video is gone.
#[derive(Debug, Clone, Copy, Serialize, Deserialize)]
pub struct Payload {
    /// Which video.
    pub video: VideoId,
}

impl super::Payload for Payload {
    const KIND: &'static str = KIND;
    const PRIORITY: i64 = QUICK + 20;
}

pub(super) async fn run(running: &Running) -> Result<(), JobError> {
    let Payload { video } = running.payload()?;
    loop {
        let mut tx = running.next_bite().await?;
        let left = notifications::remove_about(&mut tx, video, BITE).await? > 0;
        tx.commit().await?;
        if !left {
            return Ok(());
        }
    }
}

/// Asks for what was said about a video that goes to be removed, where something was.
pub(crate) async fn enqueue_for_video(
    core: &Core,
    tx: &mut Tx,
    video: VideoId,
    now: Millis,
) -> Result<(), Error> {
    if notifications::any_about(tx, video).await? {
        chore::enqueue(core, tx, &Payload { video }, now).await?;
    }
    Ok(())
}

/// Removes a bite of what was said to somebody and because of them; tells whether something may be left.
pub(super) async fn bite_of_user(tx: &mut Tx, user: UserId) -> Result<bool, JobError> {
    Ok(notifications::remove_of(tx, user, BITE).await? > 0)
}
