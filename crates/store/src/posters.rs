//! Poster candidates as rows: one set of frames for each video.

use model::VideoId;

use crate::{StoreError, Tx, params};

/// The frames that the owner of a video can choose from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CandidateSet {
    /// Names their files.
    pub rev: String,
    /// Where in the video each is, milliseconds.
    pub places_ms: Vec<u64>,
}

/// The set of a video.
pub async fn find(tx: &mut Tx, video: VideoId) -> Result<Option<CandidateSet>, StoreError> {
    tx.one(
        "SELECT rev, places FROM poster_candidates WHERE video_id = $1",
        &params![video],
        |row| {
            Ok(CandidateSet {
                rev: row.text(0)?.to_owned(),
                places_ms: serde_json::from_str(row.text(1)?).unwrap_or_default(),
            })
        },
    )
    .await
}

/// Removes the set of a video, if there is one.
pub async fn remove(tx: &mut Tx, video: VideoId) -> Result<(), StoreError> {
    tx.exec(
        "DELETE FROM poster_candidates WHERE video_id = $1",
        &params![video],
    )
    .await?;
    Ok(())
}

/// Puts a set in place of the one that may be there.
pub async fn save(tx: &mut Tx, video: VideoId, set: &CandidateSet) -> Result<(), StoreError> {
    let places = serde_json::to_string(&set.places_ms).unwrap_or_else(|_| "[]".to_owned());
    tx.exec(
        "INSERT INTO poster_candidates (video_id, rev, places) VALUES ($1, $2, $3) \
         ON CONFLICT (video_id) DO UPDATE SET rev = excluded.rev, places = excluded.places",
        &params![video, &set.rev, places],
    )
    .await?;
    Ok(())
}
