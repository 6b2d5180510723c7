//! Removes the numbers of a video or a channel that is gone: sums, viewers, retention, marks and what was sent. In bites
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

/// What was accepted before something went is written up to some seconds later, in milliseconds with much to spare.
const LATE_MS: i64 = 60_000;

/// What is gone.
#[derive(Debug, Clone, Copy, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Payload {
    /// A video.
    Video(VideoId),
    /// The channel of this user.
    Channel(UserId),
}

impl super::Payload for Payload {
    const KIND: &'static str = KIND;
    const PRIORITY: i64 = QUICK + 30;
}

pub(super) async fn run(running: &Running) -> Result<(), JobError> {
    let gone: Payload = running.payload()?;
    loop {
        let mut tx = running.next_bite().await?;
        let left = match gone {
            Payload::Video(video) => removal::bite_of_video(&mut tx, video, BITE).await?,
            Payload::Channel(user) => removal::bite_of_user(&mut tx, user, BITE).await?,
        };
        tx.commit().await?;
        if !left {
            return Ok(());
        }
    }
}

/// Asks for the numbers of a video that goes to be removed: now, where there are any, and those that are written late.
pub(crate) async fn enqueue_for_video(
    core: &Core,
    tx: &mut Tx,
    video: VideoId,
    now: Millis,
) -> Result<(), Error> {
    let gone = Payload::Video(video);
    if removal::any_of_video(tx, video).await? {
        chore::enqueue(core, tx, &gone, now).await?;
    }
    chore::enqueue_at(core, tx, &gone, now, now.plus_ms(LATE_MS)).await
}

/// Asks for the numbers of a channel that are written after it has gone.
pub(super) async fn enqueue_for_channel(
    core: &Core,
    tx: &mut Tx,
    user: UserId,
    now: Millis,
) -> Result<(), Error> {
    chore::enqueue_at(core, tx, &Payload::Channel(user), now, now.plus_ms(LATE_MS)).await
}

/// Removes a bite of the numbers of somebody's channel; tells whether something may be left.
pub(super) async fn bite_of_user(tx: &mut Tx, user: UserId) -> Result<bool, JobError> {
    Ok(removal::bite_of_user(tx, user, BITE).await?)
}
