//! Files that wait to take the place of a video's present one, as rows: at most one for each video.
//!
//! Whoever has made everything of the new file moves these fields to the video, sets its `media_gen` and
//! removes the row, in one transaction.

use model::{Millis, VideoId};

use crate::{Row, StoreError, Tx, params};

/// A file that waits.
#[derive(Debug, Clone)]
pub struct ReplacementRow {
    /// Of which video.
    pub video_id: VideoId,
    /// Which making of renditions it will be (`VideoRow::media_gen`).
    pub gen_no: i64,
    /// Object key of the file.
    pub source_key: String,
    /// Its media type.
    pub source_type: String,
    /// Its size.
    pub source_bytes: i64,
    /// BLAKE3 of it as it came in.
    pub source_hash: Vec<u8>,
    /// What its owner's machine called it.
    pub source_name: String,
    /// It may be sent to viewers.
    pub source_public: bool,
    /// Length.
    pub duration_ms: i64,
    /// Pixels across, as shown.
    pub width: i64,
    /// Pixels down, as shown.
    pub height: i64,
    /// When it was uploaded.
    pub created_at: Millis,
}

fn map(row: &Row<'_>) -> Result<ReplacementRow, StoreError> {
    Ok(ReplacementRow {
        video_id: row.id(0)?,
        gen_no: row.int(1)?,
        source_key: row.text(2)?.to_owned(),
        source_type: row.text(3)?.to_owned(),
        source_bytes: row.int(4)?,
        source_hash: row.blob(5)?.to_vec(),
        source_name: row.text(6)?.to_owned(),
        source_public: row.bool(7)?,
        duration_ms: row.int(8)?,
        width: row.int(9)?,
        height: row.int(10)?,
        created_at: row.millis(11)?,
    })
}

/// The file that waits for this video, if there is one.
pub async fn find(tx: &mut Tx, video: VideoId) -> Result<Option<ReplacementRow>, StoreError> {
    tx.one(
        "SELECT video_id, gen, source_key, source_type, source_bytes, source_hash, source_name, source_public, \
         duration_ms, width, height, created_at FROM replacements WHERE video_id = $1",
        &params![video],
        map,
    )
    .await
}

/// Adds a file that waits, in place of one that did; that one's bytes are the caller's to remove.
pub async fn save(tx: &mut Tx, row: &ReplacementRow) -> Result<(), StoreError> {
    tx.exec(
        "INSERT INTO replacements (video_id, gen, source_key, source_type, source_bytes, source_hash, \
         source_name, source_public, duration_ms, width, height, created_at) \
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12) \
         ON CONFLICT (video_id) DO UPDATE SET gen = excluded.gen, source_key = excluded.source_key, \
         source_type = excluded.source_type, source_bytes = excluded.source_bytes, \
         source_hash = excluded.source_hash, source_name = excluded.source_name, \
         source_public = excluded.source_public, duration_ms = excluded.duration_ms, width = excluded.width, \
         height = excluded.height, created_at = excluded.created_at",
        &params![
            row.video_id,
            row.gen_no,
            &row.source_key,
            &row.source_type,
            row.source_bytes,
            &row.source_hash,
            &row.source_name,
            row.source_public,
            row.duration_ms,
            row.width,
            row.height,
            row.created_at
        ],
    )
    .await?;
    Ok(())
}

/// Forgets a file that waits; tells whether it was there and still that one.
pub async fn remove(tx: &mut Tx, video: VideoId, gen_no: i64) -> Result<bool, StoreError> {
    Ok(tx
        .exec(
            "DELETE FROM replacements WHERE video_id = $1 AND gen = $2",
            &params![video, gen_no],
        )
        .await?
        == 1)
}
