//! Removes what hangs on a video or a playlist that is gone: places in playlists and histories. In bites of some
//! hundred rows, since there may be a million, and others write in between.
//!
//! Each bite is found by what is left, so the job may stop anywhere and run twice.

use model::{Millis, PlaylistId, UserId, VideoId};
use serde::{Deserialize, Serialize};
use store::{Tx, library};

use super::{JobError, QUICK, Running, chore};
use crate::core::Core;
use crate::error::Error;

/// Name of the kind.
pub const KIND: &str = "remove_library";
/// Rows removed in one transaction, about.
const BITE: i64 = 200;

/// What is gone.
#[derive(Debug, Clone, Copy, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Payload {
    /// A video.
    Video(VideoId),
    /// A playlist.
    Playlist(PlaylistId),
}

impl super::Payload for Payload {
    const KIND: &'static str = KIND;
    const PRIORITY: i64 = QUICK + 20;
}

pub(super) async fn run(running: &Running) -> Result<(), JobError> {
    let gone: Payload = running.payload()?;
    loop {
        let mut tx = running.next_bite().await?;
        let left = match gone {
            Payload::Video(id) => library::bite_of_video(&mut tx, id, BITE).await?,
            Payload::Playlist(id) => library::bite_of_playlist(&mut tx, id, BITE).await?,
        };
        tx.commit().await?;
        if !left {
            return Ok(());
        }
    }
}

/// Asks for a video that goes to be taken out of playlists and histories, where it stands in any.
pub(crate) async fn enqueue_for_video(
    core: &Core,
    tx: &mut Tx,
    video: VideoId,
    now: Millis,
) -> Result<(), Error> {
    if library::any_of_video(tx, video).await? {
        chore::enqueue(core, tx, &Payload::Video(video), now).await?;
    }
    Ok(())
}

/// Removes the entries of a playlist that goes: a few at once, of many the rest later. Tells whether some are left
/// for later.
pub(crate) async fn entries_of(
    core: &Core,
    tx: &mut Tx,
    playlist: PlaylistId,
    now: Millis,
) -> Result<bool, Error> {
    let left = library::bite_of_playlist(tx, playlist, BITE).await?;
    if left {
        chore::enqueue(core, tx, &Payload::Playlist(playlist), now).await?;
    }
    Ok(left)
}

/// Removes a bite of what somebody followed and kept; tells whether something may be left.
pub(super) async fn bite_of_user(tx: &mut Tx, user: UserId, now: Millis) -> Result<bool, JobError> {
    Ok(library::bite_of_user(tx, user, BITE, now).await?)
}
