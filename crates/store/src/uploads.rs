//! Uploads that go on over several requests, as rows: how much of each is on the disk for good, and what
//! became of it.
//!
//! The bytes lie in `objects`; who may add to them is `app::uploads`.

use model::{Millis, UploadId, UserId, VideoId};

use crate::{Row, StoreError, Tx, params};

/// One upload.
#[derive(Debug, Clone)]
pub struct UploadRow {
    /// Which.
    pub id: UploadId,
    /// Whose.
    pub owner_id: UserId,
    /// Bytes that would survive a power cut.
    pub offset_bytes: u64,
    /// Bytes that it will have; `None` until that is declared.
    pub length_bytes: Option<u64>,
    /// Bytes that it counts against the quota while it is open.
    pub reserved_bytes: u64,
    /// `Upload-Metadata` as it was sent.
    pub metadata: String,
    /// The video whose file it takes the place of.
    pub replaces: Option<VideoId>,
    /// BLAKE3 of the whole file, once all of it is there and was hashed.
    pub source_hash: Option<Vec<u8>>,
    /// What became of it, once it is finished.
    pub became: Option<Became>,
    /// When it was begun.
    pub created_at: Millis,
    /// When bytes last arrived.
    pub updated_at: Millis,
    /// When it is forgotten, with its bytes.
    pub expires_at: Millis,
}

/// What became of an upload.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Became {
    /// The video.
    pub video_id: VideoId,
    /// The video was there before: its owner had uploaded the same bytes.
    pub duplicate: bool,
}

macro_rules! columns {
    () => {
        "id, owner_id, offset_bytes, length_bytes, reserved_bytes, metadata, replaces, source_hash, video_id, \
         duplicate, created_at, updated_at, expires_at"
    };
}

fn map(row: &Row<'_>) -> Result<UploadRow, StoreError> {
    let duplicate = row.bool(9)?;
    Ok(UploadRow {
        id: row.id(0)?,
        owner_id: row.id(1)?,
        offset_bytes: row.size(2)?,
        length_bytes: if row.opt_int(3)?.is_some() {
            Some(row.size(3)?)
        } else {
            None
        },
        reserved_bytes: row.size(4)?,
        metadata: row.text(5)?.to_owned(),
        replaces: row.opt_id(6)?,
        source_hash: row.opt_blob(7)?.map(<[u8]>::to_vec),
        became: row.opt_id(8)?.map(|video_id| Became { video_id, duplicate }),
        created_at: row.millis(10)?,
        updated_at: row.millis(11)?,
        expires_at: row.millis(12)?,
    })
}

/// The upload of this id.
pub async fn find(tx: &mut Tx, id: UploadId) -> Result<Option<UploadRow>, StoreError> {
    tx.one(
        concat!("SELECT ", columns!(), " FROM uploads WHERE id = $1"),
        &params![id],
        map,
    )
    .await
}

/// Adds a new upload without bytes.
pub async fn add(tx: &mut Tx, row: &UploadRow) -> Result<(), StoreError> {
    tx.exec(
        "INSERT INTO uploads (id, owner_id, length_bytes, reserved_bytes, metadata, replaces, created_at, \
         updated_at, expires_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)",
        &params![
            row.id,
            row.owner_id,
            row.length_bytes,
            row.reserved_bytes,
            &row.metadata,
            row.replaces,
            row.created_at,
            row.updated_at,
            row.expires_at
        ],
    )
    .await?;
    Ok(())
}

/// Notes that more bytes are on the disk: `row` as it is now, over the offset `from`. `false`: someone else
/// has moved it meanwhile, or it is gone or finished.
pub async fn advance(tx: &mut Tx, row: &UploadRow, from: u64) -> Result<bool, StoreError> {
    let changed = tx
        .exec(
            "UPDATE uploads SET offset_bytes = $1, source_hash = $2, updated_at = $3, expires_at = $4 \
             WHERE id = $5 AND offset_bytes = $6 AND video_id IS NULL",
            &params![
                row.offset_bytes,
                row.source_hash.as_deref(),
                row.updated_at,
                row.expires_at,
                row.id,
                from
            ],
        )
        .await?;
    Ok(changed == 1)
}

/// Declares how long the upload will be. `false`: that was said already.
pub async fn declare_length(tx: &mut Tx, id: UploadId, length_bytes: u64) -> Result<bool, StoreError> {
    let changed = tx
        .exec(
            "UPDATE uploads SET length_bytes = $1, reserved_bytes = $1 WHERE id = $2 AND length_bytes IS NULL",
            &params![length_bytes, id],
        )
        .await?;
    Ok(changed == 1)
}

/// Changes what an open upload counts against its owner's quota.
pub async fn reserve(tx: &mut Tx, id: UploadId, bytes: u64) -> Result<(), StoreError> {
    tx.exec(
        "UPDATE uploads SET reserved_bytes = $1 WHERE id = $2 AND video_id IS NULL",
        &params![bytes, id],
    )
    .await?;
    Ok(())
}

/// Ends an upload in the transaction that makes something of it. `false`: it is gone, or was ended.
pub async fn finish(
    tx: &mut Tx,
    id: UploadId,
    became: Became,
    expires_at: Millis,
) -> Result<bool, StoreError> {
    let changed = tx
        .exec(
            "UPDATE uploads SET video_id = $1, duplicate = $2, reserved_bytes = 0, expires_at = $3 \
             WHERE id = $4 AND video_id IS NULL",
            &params![became.video_id, became.duplicate, expires_at, id],
        )
        .await?;
    Ok(changed == 1)
}

/// Forgets an upload; tells whether it was there.
pub async fn remove(tx: &mut Tx, id: UploadId) -> Result<bool, StoreError> {
    Ok(tx.exec("DELETE FROM uploads WHERE id = $1", &params![id]).await? == 1)
}

/// How many uploads of one person are open, and what they reserve together.
pub async fn open_of(tx: &mut Tx, owner: UserId) -> Result<(i64, u64), StoreError> {
    let found = tx
        .one(
            "SELECT count(*), coalesce(sum(reserved_bytes), 0) FROM uploads \
             WHERE owner_id = $1 AND video_id IS NULL",
            &params![owner],
            |row| Ok((row.int(0)?, row.size(1)?)),
        )
        .await?;
    Ok(found.unwrap_or((0, 0)))
}

/// Uploads that are past their time, the oldest first.
pub async fn expired(tx: &mut Tx, now: Millis, limit: i64) -> Result<Vec<UploadId>, StoreError> {
    tx.all(
        "SELECT id FROM uploads WHERE expires_at <= $1 ORDER BY expires_at LIMIT $2",
        &params![now, limit],
        |row| row.id(0),
    )
    .await
}

/// Uploads with an id after `after`, in order of id: for sweeps that compare rows with files.
pub async fn walk(tx: &mut Tx, after: Option<UploadId>, limit: i64) -> Result<Vec<UploadRow>, StoreError> {
    let after = after.map_or([0; 12], |id| *id.as_bytes());
    tx.all(
        concat!(
            "SELECT ",
            columns!(),
            " FROM uploads WHERE id > $1 ORDER BY id LIMIT $2"
        ),
        &params![&after, limit],
        map,
    )
    .await
}
