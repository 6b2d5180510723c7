//! What lists of playlists show of what stands in each: how many videos, how long and how often viewed, and the
//! first few.
//!
//! Of each playlist at most [`WINDOW`] entries are looked at, so that a page of long ones costs what a page of short
//! ones does; the whole of one is [`totals`].

use std::fmt::Write;

use model::{PlaylistId, VideoId};

use super::entries::Eyes;
use crate::{StoreError, Tx, Val, many, params};

/// Entries of each playlist that are looked at.
pub const WINDOW: i64 = 200;
/// Videos of each that are named.
pub const FIRST: i64 = 4;

/// What videos of a playlist add up to, of those that may be seen.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Totals {
    /// How many.
    pub videos: i64,
    /// Views.
    pub views: i64,
    /// Length.
    pub duration_ms: i64,
}

/// What is seen of one playlist at a glance.
#[derive(Debug, Clone, Default)]
pub struct Glance {
    /// Of the entries that were looked at.
    pub totals: Totals,
    /// The first that may be seen, in order; at most [`FIRST`].
    pub first: Vec<VideoId>,
}

/// What [`of`] asks; public for the test of its plan.
pub fn statement(playlists: &[PlaylistId], eyes: Eyes) -> (String, Vec<Val<'static>>) {
    let (reach, own, all) = eyes.params();
    // Numbered as they are first used.
    let mut text = "SELECT p.playlist_id, p.video_id, p.videos, p.views, p.duration_ms FROM \
         (SELECT e.playlist_id AS playlist_id, e.video_id AS video_id, e.position AS position, \
         row_number() OVER (PARTITION BY e.playlist_id ORDER BY e.position) AS place, \
         count(*) OVER (PARTITION BY e.playlist_id) AS videos, \
         sum(v.views) OVER (PARTITION BY e.playlist_id) AS views, \
         sum(v.duration_ms) OVER (PARTITION BY e.playlist_id) AS duration_ms \
         FROM playlists l CROSS JOIN playlist_entries e CROSS JOIN videos v WHERE l.id IN ("
        .to_owned();
    let mut params = Vec::new();
    many::any_of(&mut text, &mut params, playlists.iter().map(|id| Val::from(*id)));
    let n = params.len();
    // Writing into a string cannot fail.
    let _ = write!(
        text,
        ") AND e.playlist_id = l.id AND e.position <= coalesce((SELECT w.position FROM playlist_entries w \
         WHERE w.playlist_id = l.id ORDER BY w.position LIMIT 1 OFFSET ${}), ${}) AND v.id = e.video_id \
         AND ((v.visibility <= ${} OR (v.visibility = 1 AND v.owner_id = l.owner_id)) AND v.watchable = 1 \
         AND v.taken_down_at IS NULL OR v.owner_id = ${} OR ${} = 1)) p \
         WHERE p.place <= ${} ORDER BY p.playlist_id, p.position",
        n + 1,
        n + 2,
        n + 3,
        n + 4,
        n + 5,
        n + 6
    );
    params.extend([
        Val::from(WINDOW - 1),
        Val::from(i64::MAX),
        Val::from(reach),
        Val::Id(own),
        Val::from(all),
        Val::from(FIRST),
    ]);
    (text, params)
}

/// A glance at each of these playlists that has a video to be seen among its first; at most about a hundred.
pub async fn of(
    tx: &mut Tx,
    playlists: &[PlaylistId],
    eyes: Eyes,
) -> Result<Vec<(PlaylistId, Glance)>, StoreError> {
    if playlists.is_empty() {
        return Ok(Vec::new());
    }
    let (text, params) = statement(playlists, eyes);
    let rows: Vec<(PlaylistId, VideoId, Totals)> = tx
        .all(&text, &params, |row| {
            let totals = Totals {
                videos: row.int(2)?,
                views: row.int(3)?,
                duration_ms: row.int(4)?,
            };
            Ok((row.id(0)?, row.id(1)?, totals))
        })
        .await?;
    let mut glances: Vec<(PlaylistId, Glance)> = Vec::new();
    for (playlist, video, totals) in rows {
        match glances.last_mut() {
            Some((last, glance)) if *last == playlist => glance.first.push(video),
            _ => glances.push((
                playlist,
                Glance {
                    totals,
                    first: vec![video],
                },
            )),
        }
    }
    Ok(glances)
}

/// What [`totals`] asks; public for the test of its plan.
pub const TOTALS: &str = "SELECT count(*), coalesce(sum(v.views), 0), coalesce(sum(v.duration_ms), 0) \
     FROM playlist_entries e CROSS JOIN videos v WHERE e.playlist_id = $1 AND v.id = e.video_id \
     AND ((v.visibility <= $2 OR (v.visibility = 1 AND v.owner_id = (SELECT l.owner_id FROM playlists l WHERE l.id = $1))) \
     AND v.watchable = 1 AND v.taken_down_at IS NULL OR v.owner_id = $3 OR $4 = 1)";

/// What the whole of one playlist adds up to; looks at each of its videos.
pub async fn totals(tx: &mut Tx, playlist: PlaylistId, eyes: Eyes) -> Result<Totals, StoreError> {
    let (reach, own, all) = eyes.params();
    let totals = tx
        .one(TOTALS, &params![playlist, reach, &own, all], |row| {
            Ok(Totals {
                videos: row.int(0)?,
                views: row.int(1)?,
                duration_ms: row.int(2)?,
            })
        })
        .await?;
    Ok(totals.unwrap_or_default())
}
