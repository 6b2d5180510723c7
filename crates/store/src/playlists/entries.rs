//! What stands in playlists, and in which order.
//!
//! Neighbours stand some distance apart, so that a move changes one row. Where the distance is used up, all entries
//! are put apart again, beyond the last place: every place is taken once at any time.

use std::sync::LazyLock;

use model::videos::Visibility;
use model::{Millis, PlaylistId, UserId, VideoId};

use crate::videos::{COLUMNS, VideoRow, map};
use crate::{StoreError, Tx, params};

/// Between neighbours that were not moved.
pub const GAP: i64 = 1 << 20;

/// Who looks; decides which videos count that not everyone can find.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Eyes {
    /// Somebody, or nobody, at what somebody else has put together: what is listed, what is their own, and unlisted
    /// videos of the one who put it together, who hands them out this way.
    Of(Option<UserId>),
    /// The owner of the playlist: unlisted videos of others too, which they had to know to put them in.
    Owner(UserId),
    /// Someone who may see everything.
    Admin,
}

impl Eyes {
    /// As three parameters: the last visibility that is seen, an id that owns nothing unless it is somebody's, and
    /// whether everything is seen.
    pub(super) fn params(self) -> (i64, [u8; 12], i64) {
        let (public, unlisted) = (Visibility::Public.code(), Visibility::Unlisted.code());
        match self {
            Self::Of(user) => (public, user.map_or([0; 12], |user| *user.as_bytes()), 0),
            Self::Owner(user) => (unlisted, *user.as_bytes(), 0),
            Self::Admin => (unlisted, [0; 12], 1),
        }
    }
}

/// Which end of another entry, or where it stands now.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Side {
    /// In front of it.
    Before,
    /// Behind it.
    After,
}

/// Where the video stands in the playlist, if it does.
pub async fn position(tx: &mut Tx, playlist: PlaylistId, video: VideoId) -> Result<Option<i64>, StoreError> {
    tx.one(
        "SELECT position FROM playlist_entries WHERE playlist_id = $1 AND video_id = $2",
        &params![playlist, video],
        |row| row.int(0),
    )
    .await
}

/// Puts a video behind all others; it is not in the playlist yet.
pub async fn add(tx: &mut Tx, playlist: PlaylistId, video: VideoId, now: Millis) -> Result<(), StoreError> {
    tx.exec(
        "INSERT INTO playlist_entries (playlist_id, video_id, position, added_at) \
         VALUES ($1, $2, coalesce((SELECT max(m.position) FROM playlist_entries m WHERE m.playlist_id = $1), 0) \
         + $3, $4)",
        &params![playlist, video, GAP, now],
    )
    .await?;
    count(tx, playlist, 1, now).await
}

/// Takes a video out; tells whether it was in.
pub async fn remove(
    tx: &mut Tx,
    playlist: PlaylistId,
    video: VideoId,
    now: Millis,
) -> Result<bool, StoreError> {
    let removed = tx
        .exec(
            "DELETE FROM playlist_entries WHERE playlist_id = $1 AND video_id = $2",
            &params![playlist, video],
        )
        .await?
        == 1;
    if removed {
        count(tx, playlist, -1, now).await?;
    }
    Ok(removed)
}

async fn count(tx: &mut Tx, playlist: PlaylistId, by: i64, now: Millis) -> Result<(), StoreError> {
    tx.exec(
        "UPDATE playlists SET entries_count = entries_count + $1, updated_at = $2 WHERE id = $3",
        &params![by, now, playlist],
    )
    .await?;
    Ok(())
}

/// Puts `video` next to `other`; both are in the playlist, and are not the same.
pub async fn put(
    tx: &mut Tx,
    playlist: PlaylistId,
    video: VideoId,
    side: Side,
    other: VideoId,
    now: Millis,
) -> Result<(), StoreError> {
    let mut place = room(tx, playlist, video, side, other).await?;
    if place.is_none() {
        spread(tx, playlist).await?;
        place = room(tx, playlist, video, side, other).await?;
    }
    // There is room after spreading, unless the other went, which it cannot in one transaction.
    if let Some(place) = place {
        tx.exec(
            "UPDATE playlist_entries SET position = $1 WHERE playlist_id = $2 AND video_id = $3",
            &params![place, playlist, video],
        )
        .await?;
        count(tx, playlist, 0, now).await?;
    }
    Ok(())
}

/// A place between `other` and its neighbour on that side that is not `video`; `None` where there is none left.
async fn room(
    tx: &mut Tx,
    playlist: PlaylistId,
    video: VideoId,
    side: Side,
    other: VideoId,
) -> Result<Option<i64>, StoreError> {
    let Some(beside) = position(tx, playlist, other).await? else {
        return Ok(None);
    };
    let neighbour = match side {
        Side::Before => {
            "SELECT position FROM playlist_entries WHERE playlist_id = $1 AND position < $2 AND video_id <> $3 \
             ORDER BY position DESC LIMIT 1"
        }
        Side::After => {
            "SELECT position FROM playlist_entries WHERE playlist_id = $1 AND position > $2 AND video_id <> $3 \
             ORDER BY position LIMIT 1"
        }
    };
    let neighbour = tx
        .one(neighbour, &params![playlist, beside, video], |row| row.int(0))
        .await?;
    let (low, high) = match (side, neighbour) {
        (Side::Before, Some(neighbour)) => (neighbour, beside),
        (Side::After, Some(neighbour)) => (beside, neighbour),
        (Side::Before, None) => return Ok(Some(beside - GAP)),
        (Side::After, None) => return Ok(Some(beside + GAP)),
    };
    Ok((high - low > 1).then(|| low + (high - low) / 2))
}

/// Puts all entries apart again, in their order. Whoever has a place from before is to notice.
async fn spread(tx: &mut Tx, playlist: PlaylistId) -> Result<(), StoreError> {
    tx.exec(
        "UPDATE playlist_entries SET position = n.place FROM (SELECT e.video_id AS video_id, \
         (SELECT max(m.position) FROM playlist_entries m WHERE m.playlist_id = $1) \
         + $2 * row_number() OVER (ORDER BY e.position) AS place \
         FROM playlist_entries e WHERE e.playlist_id = $1) n \
         WHERE playlist_entries.playlist_id = $1 AND playlist_entries.video_id = n.video_id",
        &params![playlist, GAP],
    )
    .await?;
    tx.exec(
        "UPDATE playlists SET spreads_count = spreads_count + 1 WHERE id = $1",
        &params![playlist],
    )
    .await?;
    Ok(())
}

/// What [`videos`] asks; public for the test of its plan. The playlist's entries are walked, and each video looked
/// up, whatever the engine knows of the tables.
pub fn videos_statement() -> &'static str {
    static SQL: LazyLock<String> = LazyLock::new(|| {
        format!(
            "SELECT {COLUMNS}, e.position FROM playlist_entries e CROSS JOIN videos v CROSS JOIN users u \
             WHERE e.playlist_id = $1 AND e.position > $2 AND v.id = e.video_id AND u.id = v.owner_id \
             AND ((v.visibility <= $3 OR (v.visibility = 1 \
             AND v.owner_id = (SELECT l.owner_id FROM playlists l WHERE l.id = $1))) \
             AND v.watchable = 1 AND v.taken_down_at IS NULL OR v.owner_id = $4 OR $5 = 1) \
             ORDER BY e.position LIMIT $6 OFFSET $7"
        )
    });
    &SQL
}

/// Videos of a playlist that may be seen, in order, behind a place, each with its own place.
pub async fn videos(
    tx: &mut Tx,
    playlist: PlaylistId,
    eyes: Eyes,
    after: i64,
    limit: i64,
    offset: i64,
) -> Result<Vec<(VideoRow, i64)>, StoreError> {
    let (reach, own, all) = eyes.params();
    tx.all(
        videos_statement(),
        &params![playlist, after, reach, &own, all, limit, offset],
        |row| Ok((map(row)?, row.int(crate::videos::COLUMNS_COUNT)?)),
    )
    .await
}

/// Removes up to `limit` entries of a playlist, whose counter is not changed; tells how many.
pub async fn remove_some(tx: &mut Tx, playlist: PlaylistId, limit: i64) -> Result<i64, StoreError> {
    let removed = tx
        .exec(
            "DELETE FROM playlist_entries WHERE playlist_id = $1 AND video_id IN \
             (SELECT video_id FROM playlist_entries WHERE playlist_id = $1 LIMIT $2)",
            &params![playlist, limit],
        )
        .await?;
    Ok(i64::try_from(removed).unwrap_or(i64::MAX))
}

/// Playlists that a video stands in, at most `limit`; for its removal.
pub async fn playlists_with(tx: &mut Tx, video: VideoId, limit: i64) -> Result<Vec<PlaylistId>, StoreError> {
    tx.all(
        "SELECT playlist_id FROM playlist_entries WHERE video_id = $1 LIMIT $2",
        &params![video, limit],
        |row| row.id(0),
    )
    .await
}
