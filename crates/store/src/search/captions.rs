//! The index of what is said in listed videos, by passages of some cues.
//!
//! Whoever changes a video or its tracks notes that here, in the same transaction; a background task of `app` reads
//! the files and brings the passages up to date. What is not listed any more is not found from the same moment on,
//! whatever the task has done by then.

use model::VideoId;

use super::{SERIAL, best, best_rows, newest_of_tiers, newest_rows, words};
use crate::{StoreError, Tx, params};

/// One cue: start and end in milliseconds, and what is said.
pub type Cue = (i64, i64, String);

/// A passage that has the words.
#[derive(Debug, Clone)]
pub struct Candidate {
    /// Of which video.
    pub video_id: VideoId,
    /// Language of the track.
    pub language: String,
    /// Its cues.
    pub cues: Vec<Cue>,
    /// Counted views of the video.
    pub views: i64,
    /// When the video was first listed.
    pub published_at: model::Millis,
}

/// Which track's passages are there, or have begun to be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Track {
    /// Its language.
    pub language: String,
    /// Names the file.
    pub rev: String,
    /// All its passages are there.
    pub done: bool,
}

/// Notes that a video's passages may not be what they should be.
pub(crate) async fn changed(tx: &mut Tx, video: VideoId) -> Result<(), StoreError> {
    tx.exec(
        "INSERT INTO caption_pending (video_id) VALUES ($1) \
         ON CONFLICT (video_id) DO UPDATE SET changes = caption_pending.changes + 1",
        &params![video],
    )
    .await?;
    Ok(())
}

/// Videos whose passages are to be looked at, and how many changes were noted, behind the video `after`.
pub async fn pending(
    tx: &mut Tx,
    after: Option<VideoId>,
    limit: i64,
) -> Result<Vec<(VideoId, i64)>, StoreError> {
    let after = after.map_or([0; 12], |id| *id.as_bytes());
    tx.all(
        "SELECT video_id, changes FROM caption_pending WHERE video_id > $1 ORDER BY video_id LIMIT $2",
        &params![&after, limit],
        |row| Ok((row.id(0)?, row.int(1)?)),
    )
    .await
}

/// A video's passages are as they should be, unless it has changed since.
pub async fn settled(tx: &mut Tx, video: VideoId, changes: i64) -> Result<(), StoreError> {
    tx.exec(
        "DELETE FROM caption_pending WHERE video_id = $1 AND changes = $2",
        &params![video, changes],
    )
    .await?;
    Ok(())
}

/// The tracks of a video that are in the index.
pub async fn tracks(tx: &mut Tx, video: VideoId) -> Result<Vec<Track>, StoreError> {
    tx.all(
        "SELECT language, rev, done FROM caption_tracks WHERE video_id = $1 ORDER BY language",
        &params![video],
        |row| {
            Ok(Track {
                language: row.text(0)?.to_owned(),
                rev: row.text(1)?.to_owned(),
                done: row.bool(2)?,
            })
        },
    )
    .await
}

/// Begins a track, or says that it is all there.
pub async fn save_track(tx: &mut Tx, video: VideoId, track: &Track) -> Result<(), StoreError> {
    tx.exec(
        "INSERT INTO caption_tracks (video_id, language, rev, done) VALUES ($1, $2, $3, $4) \
         ON CONFLICT (video_id, language) DO UPDATE SET rev = excluded.rev, done = excluded.done",
        &params![video, &track.language, &track.rev, track.done],
    )
    .await?;
    Ok(())
}

/// Adds a passage, in the tier of its video.
pub async fn add(tx: &mut Tx, video: VideoId, language: &str, cues: &[Cue]) -> Result<(), StoreError> {
    let said: Vec<&str> = cues.iter().map(|(_, _, text)| text.as_str()).collect();
    let cues = serde_json::to_string(cues).unwrap_or_else(|_| "[]".to_owned());
    if tx.is_postgres() {
        return words::add_passage(tx, video, language, &cues, &said).await;
    }
    tx.exec(
        "INSERT INTO caption_passages (tier, video_id, language, cues) \
         SELECT min(length(max(v.views, 0)), 6), v.id, $1, $2 FROM videos v WHERE v.id = $3",
        &params![language, cues, video],
    )
    .await?;
    Ok(())
}

/// Removes at most `limit` passages of a track, and the track itself with the last of them. Tells whether all are
/// gone.
pub async fn remove_some(
    tx: &mut Tx,
    video: VideoId,
    language: &str,
    limit: i64,
) -> Result<bool, StoreError> {
    let removed = tx
        .exec(
            "DELETE FROM caption_passages WHERE doc IN \
             (SELECT doc FROM caption_passages WHERE video_id = $1 AND language = $2 LIMIT $3)",
            &params![video, language, limit],
        )
        .await?;
    let all = i64::try_from(removed).is_ok_and(|removed| removed < limit);
    if all {
        tx.exec(
            "DELETE FROM caption_tracks WHERE video_id = $1 AND language = $2",
            &params![video, language],
        )
        .await?;
    }
    Ok(all)
}

/// The passages to weigh: of each tier the newest that have the words. With `at_once` the newest of the highest tiers,
/// found in one walk: a beginning that no list is kept of costs the index as much as all that begin so, each time.
pub async fn candidates(tx: &mut Tx, expression: &str, at_once: bool) -> Result<Vec<Candidate>, StoreError> {
    let (sql, expression) = if tx.is_postgres() {
        (statement_of_rows(at_once), words::question(expression))
    } else {
        (statement(at_once), expression.to_owned())
    };
    tx.all(&sql, &params![expression], |row| {
        Ok(Candidate {
            video_id: row.id(0)?,
            language: row.text(1)?.to_owned(),
            cues: serde_json::from_str(row.text(2)?).unwrap_or_default(),
            views: row.int(3)?,
            published_at: row.millis(4)?,
        })
    })
    .await
}

/// [`statement`] for PostgreSQL.
fn statement_of_rows(at_once: bool) -> String {
    let found = if at_once {
        best_rows("caption_passages", "doc", "words", 1)
    } else {
        newest_rows("caption_passages", "doc", &[("words", 1)])
    };
    format!(
        "SELECT v.id, p.language, p.cues, v.views, coalesce(v.published_at, v.created_at) \
         FROM ({found}) f JOIN caption_passages p ON p.doc = f.doc JOIN videos v ON v.id = p.video_id \
         WHERE v.listed = 1 AND EXISTS (SELECT 1 FROM caption_tracks t, \
         jsonb_array_elements(CAST(v.captions AS jsonb)) c WHERE t.video_id = v.id AND t.language = p.language \
         AND c.value->>'language' = t.language AND c.value->>'rev' = t.rev)"
    )
}

/// The statement of [`candidates`].
pub fn statement(at_once: bool) -> String {
    let found = if at_once {
        best("caption_search", 1)
    } else {
        newest_of_tiers("caption_search", &[1])
    };
    format!(
        "SELECT v.id, p.language, p.cues, v.views, coalesce(v.published_at, v.created_at) \
         FROM ({found}) f CROSS JOIN caption_passages p ON p.doc = f.doc & {SERIAL} \
         CROSS JOIN videos v ON v.id = p.video_id WHERE v.listed = 1 \
         AND EXISTS (SELECT 1 FROM caption_tracks t, json_each(v.captions) c WHERE t.video_id = v.id \
         AND t.language = p.language AND json_extract(c.value, '$.language') = t.language \
         AND json_extract(c.value, '$.rev') = t.rev)"
    )
}
