//! Renditions as rows: which files a video can be streamed from, and where their segments lie.

use model::{Millis, VideoId};

use crate::{Row, StoreError, Tx, params};

/// What a rendition carries.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// Pictures.
    Video,
    /// Sound, shared by all pictures.
    Audio,
}

/// One file of a video that players stream from.
#[derive(Debug, Clone)]
pub struct RenditionRow {
    /// Of which video.
    pub video_id: VideoId,
    /// Of which making (`VideoRow::media_gen`).
    pub gen_no: i64,
    /// Its name in URLs: `720p`, `720p-av1`, `audio`; `video` in old rows.
    pub name: String,
    /// What it carries.
    pub kind: Kind,
    /// Pixels across as shown; 0 for sound.
    pub width: i64,
    /// Pixels down as shown; 0 for sound.
    pub height: i64,
    /// Frames in a thousand seconds; 0 for sound.
    pub frame_rate_milli: i64,
    /// Mean bits in a second.
    pub bitrate: i64,
    /// Bits in a second of the busiest segment.
    pub peak_bitrate: i64,
    /// As RFC 6381 writes it.
    pub codecs: String,
    /// Where the file is.
    pub object_key: String,
    /// Its size.
    pub size_bytes: i64,
    /// Segment index, in the form of `media`.
    pub segments: Vec<u8>,
    /// When it was made.
    pub created_at: Millis,
}

fn map(row: &Row<'_>) -> Result<RenditionRow, StoreError> {
    Ok(RenditionRow {
        video_id: row.id(0)?,
        gen_no: row.int(13)?,
        name: row.text(1)?.to_owned(),
        kind: if row.int(2)? == 0 {
            Kind::Video
        } else {
            Kind::Audio
        },
        width: row.int(3)?,
        height: row.int(4)?,
        frame_rate_milli: row.int(5)?,
        bitrate: row.int(6)?,
        peak_bitrate: row.int(7)?,
        codecs: row.text(8)?.to_owned(),
        object_key: row.text(9)?.to_owned(),
        size_bytes: row.int(10)?,
        segments: row.blob(11)?.to_vec(),
        created_at: row.millis(12)?,
    })
}

/// All renditions of one making of a video, by name.
pub async fn list(tx: &mut Tx, video: VideoId, gen_no: i64) -> Result<Vec<RenditionRow>, StoreError> {
    tx.all(
        "SELECT video_id, name, kind, width, height, frame_rate_milli, bitrate, peak_bitrate, codecs, \
         object_key, size_bytes, segments, created_at, gen FROM renditions WHERE video_id = $1 AND gen = $2 \
         ORDER BY name LIMIT 64",
        &params![video, gen_no],
        map,
    )
    .await
}

/// Adds a rendition, in place of one of the same name.
pub async fn save(tx: &mut Tx, row: &RenditionRow) -> Result<(), StoreError> {
    let kind = match row.kind {
        Kind::Video => 0_i64,
        Kind::Audio => 1,
    };
    tx.exec(
        "INSERT INTO renditions (video_id, name, kind, width, height, frame_rate_milli, bitrate, peak_bitrate, \
         codecs, object_key, size_bytes, segments, created_at, gen) \
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14) \
         ON CONFLICT (video_id, gen, name) DO UPDATE SET kind = excluded.kind, width = excluded.width, \
         height = excluded.height, frame_rate_milli = excluded.frame_rate_milli, bitrate = excluded.bitrate, \
         peak_bitrate = excluded.peak_bitrate, codecs = excluded.codecs, object_key = excluded.object_key, \
         size_bytes = excluded.size_bytes, segments = excluded.segments, created_at = excluded.created_at",
        &params![
            row.video_id, &row.name, kind, row.width, row.height, row.frame_rate_milli, row.bitrate,
            row.peak_bitrate, &row.codecs, &row.object_key, row.size_bytes, &row.segments, row.created_at, row.gen_no
        ],
    )
    .await?;
    Ok(())
}

/// Forgets one rendition.
pub async fn remove(tx: &mut Tx, video: VideoId, gen_no: i64, name: &str) -> Result<(), StoreError> {
    tx.exec(
        "DELETE FROM renditions WHERE video_id = $1 AND gen = $2 AND name = $3",
        &params![video, gen_no, name],
    )
    .await?;
    Ok(())
}

/// Names of the renditions of one making, without their indexes.
pub async fn names(tx: &mut Tx, video: VideoId, gen_no: i64) -> Result<Vec<String>, StoreError> {
    tx.all(
        "SELECT name FROM renditions WHERE video_id = $1 AND gen = $2 ORDER BY name LIMIT 64",
        &params![video, gen_no],
        |row| Ok(row.text(0)?.to_owned()),
    )
    .await
}
