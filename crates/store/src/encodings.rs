//! What is to be made of a video, and the finished pieces of it: the plan that all workers share, and
//! parts of renditions until they are joined. What the plan says is `app::jobs::encoding`.

use model::{Millis, VideoId};

use crate::{Row, StoreError, Tx, params};

/// The plan of one making of a video, as JSON, and when it was written down.
pub async fn find(tx: &mut Tx, video: VideoId, gen_no: i64) -> Result<Option<(String, Millis)>, StoreError> {
    tx.one(
        "SELECT plan, created_at FROM encodings WHERE video_id = $1 AND gen = $2",
        &params![video, gen_no],
        |row| Ok((row.text(0)?.to_owned(), row.millis(1)?)),
    )
    .await
}

/// Writes the plan down, in place of one for the same making.
pub async fn save(
    tx: &mut Tx,
    video: VideoId,
    gen_no: i64,
    plan: &str,
    now: Millis,
) -> Result<(), StoreError> {
    tx.exec(
        "INSERT INTO encodings (video_id, gen, plan, created_at) VALUES ($1, $2, $3, $4) \
         ON CONFLICT (video_id, gen) DO UPDATE SET plan = excluded.plan",
        &params![video, gen_no, plan, now],
    )
    .await?;
    Ok(())
}

/// A finished piece of a rendition.
#[derive(Debug, Clone)]
pub struct PartRow {
    /// Of which video.
    pub video_id: VideoId,
    /// Of which making (`VideoRow::media_gen`).
    pub gen_no: i64,
    /// Of which rendition.
    pub name: String,
    /// Its place in the rendition, from 0.
    pub chunk: i64,
    /// Where the file is.
    pub object_key: String,
    /// Its size.
    pub size_bytes: i64,
    /// As RFC 6381 writes it.
    pub codecs: String,
    /// Segment index, in the form of `media`; its times begin at the chunk's start.
    pub segments: Vec<u8>,
}

fn map(row: &Row<'_>) -> Result<PartRow, StoreError> {
    Ok(PartRow {
        video_id: row.id(0)?,
        gen_no: row.int(1)?,
        name: row.text(2)?.to_owned(),
        chunk: row.int(3)?,
        object_key: row.text(4)?.to_owned(),
        size_bytes: row.int(5)?,
        codecs: row.text(6)?.to_owned(),
        segments: row.blob(7)?.to_vec(),
    })
}

/// Most parts that one making has: a ladder of every codec in pieces of a minute over twelve hours.
const MOST_PARTS: i64 = 20_000;

/// All finished parts of one making, by rendition and place. Empty once they are joined.
pub async fn parts(tx: &mut Tx, video: VideoId, gen_no: i64) -> Result<Vec<PartRow>, StoreError> {
    tx.all(
        "SELECT video_id, gen, name, chunk, object_key, size_bytes, codecs, segments FROM parts \
         WHERE video_id = $1 AND gen = $2 ORDER BY name, chunk LIMIT $3",
        &params![video, gen_no, MOST_PARTS],
        map,
    )
    .await
}

/// Names and places of the finished parts of one making, without their indexes.
pub async fn finished(tx: &mut Tx, video: VideoId, gen_no: i64) -> Result<Vec<(String, i64)>, StoreError> {
    tx.all(
        "SELECT name, chunk FROM parts WHERE video_id = $1 AND gen = $2 ORDER BY name, chunk LIMIT $3",
        &params![video, gen_no, MOST_PARTS],
        |row| Ok((row.text(0)?.to_owned(), row.int(1)?)),
    )
    .await
}

/// Adds a part, in place of one from a run before.
pub async fn save_part(tx: &mut Tx, part: &PartRow) -> Result<(), StoreError> {
    tx.exec(
        "INSERT INTO parts (video_id, gen, name, chunk, object_key, size_bytes, codecs, segments) \
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8) \
         ON CONFLICT (video_id, gen, name, chunk) DO UPDATE SET object_key = excluded.object_key, \
         size_bytes = excluded.size_bytes, codecs = excluded.codecs, segments = excluded.segments",
        &params![
            part.video_id,
            part.gen_no,
            &part.name,
            part.chunk,
            &part.object_key,
            part.size_bytes,
            &part.codecs,
            &part.segments
        ],
    )
    .await?;
    Ok(())
}

/// Forgets the parts of a rendition that was joined.
pub async fn forget_parts(tx: &mut Tx, video: VideoId, gen_no: i64, name: &str) -> Result<(), StoreError> {
    tx.exec(
        "DELETE FROM parts WHERE video_id = $1 AND gen = $2 AND name = $3",
        &params![video, gen_no, name],
    )
    .await?;
    Ok(())
}

/// Forgets all that was made or planned of generations other than `keep`.
pub async fn forget_others(tx: &mut Tx, video: VideoId, keep: i64) -> Result<(), StoreError> {
    for sql in [
        "DELETE FROM parts WHERE video_id = $1 AND gen <> $2",
        "DELETE FROM encodings WHERE video_id = $1 AND gen <> $2",
        "DELETE FROM renditions WHERE video_id = $1 AND gen <> $2",
    ] {
        tx.exec(sql, &params![video, keep]).await?;
    }
    Ok(())
}

/// The finished parts of one rendition, in order.
pub async fn parts_of(
    tx: &mut Tx,
    video: VideoId,
    gen_no: i64,
    name: &str,
) -> Result<Vec<PartRow>, StoreError> {
    tx.all(
        "SELECT video_id, gen, name, chunk, object_key, size_bytes, codecs, segments FROM parts \
         WHERE video_id = $1 AND gen = $2 AND name = $3 ORDER BY chunk LIMIT $4",
        &params![video, gen_no, name, MOST_PARTS],
        map,
    )
    .await
}

/// One finished part.
pub async fn part(
    tx: &mut Tx,
    video: VideoId,
    gen_no: i64,
    name: &str,
    chunk: i64,
) -> Result<Option<PartRow>, StoreError> {
    tx.one(
        "SELECT video_id, gen, name, chunk, object_key, size_bytes, codecs, segments FROM parts \
         WHERE video_id = $1 AND gen = $2 AND name = $3 AND chunk = $4",
        &params![video, gen_no, name, chunk],
        map,
    )
    .await
}
