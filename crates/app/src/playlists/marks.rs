//! Where one has come to in a playlist, as long as the places of its entries are those that they were: now and then all
//! of them are written anew, in the same order but somewhere else. Going on from a place of before would begin again.

use model::PlaylistId;
use store::Tx;
use store::playlists::{self, PlaylistRow};

use crate::error::{Error, Kind};
use crate::lists::Request;

/// Name of the list of what stands in a playlist, in its cursors.
const VIDEOS: &str = "playlist";

/// A place in a playlist, behind which the rest of it stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Mark {
    /// The place.
    pub(super) at: i64,
    /// As long as no more were counted.
    pub(super) spreads_count: i64,
}

/// The list of what stands in a playlist, for its cursors: of one playlist, with its places as they are now. Refuses a
/// cursor of the same playlist from before.
pub(super) fn list_of(row: &PlaylistRow, request: &Request) -> Result<String, Error> {
    let of_playlist = format!("{VIDEOS}/{}/", row.id);
    let now = format!("{of_playlist}{}", row.spreads_count);
    match request.list() {
        Some(list) if list.starts_with(&of_playlist) && list != now => Err(expired()),
        _ => Ok(now),
    }
}

/// Refuses where the places of a playlist are not any more what they were. Asked after something was read behind one
/// of them, whatever changed before that is noticed.
pub(super) async fn must_hold(tx: &mut Tx, id: PlaylistId, spreads_count: i64) -> Result<(), Error> {
    let row = playlists::find(tx, id).await?;
    // One that is gone, or a "Watch later" that was never written, has nothing behind any place.
    if row.is_none_or(|row| row.spreads_count == spreads_count) {
        Ok(())
    } else {
        Err(expired())
    }
}

fn expired() -> Error {
    let message = "The order of this playlist was written anew since this cursor was given. Begin again.";
    Error::refused(Kind::Invalid, "cursor_expired", message)
}
