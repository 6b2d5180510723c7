//! What people store and may store, as rows: the counters beside a user that quotas are judged by.
//!
//! What is refused is said by `app::quotas`.

use model::{UserId, VideoId};

use crate::{Row, StoreError, Tx, params};

/// What one person stores.
#[derive(Debug, Clone)]
pub struct UsageRow {
    /// Who.
    pub user_id: UserId,
    /// Handle.
    pub username: String,
    /// Bytes of their videos, with all that was made of them.
    pub stored_bytes: u64,
    /// The most that may be; `Some(0)`: no bound, `None`: as the instance is set up.
    pub quota_bytes: Option<u64>,
    /// The day (since the epoch, UTC) that `day_bytes` were taken on.
    pub day: i64,
    /// Bytes of uploads taken on that day.
    pub day_bytes: u64,
    /// Bytes that open uploads reserve.
    pub reserved_bytes: u64,
    /// How many uploads are open.
    pub open_uploads: u64,
}

fn map(row: &Row<'_>) -> Result<UsageRow, StoreError> {
    // A counter that went wrong below nothing is nothing; `doctor` finds it.
    let bytes = |value: i64| u64::try_from(value).unwrap_or(0);
    Ok(UsageRow {
        user_id: row.id(0)?,
        username: row.text(1)?.to_owned(),
        stored_bytes: bytes(row.int(2)?),
        quota_bytes: row.opt_int(3)?.map(bytes),
        day: row.int(4)?,
        day_bytes: bytes(row.int(5)?),
        reserved_bytes: bytes(row.int(6)?),
        open_uploads: bytes(row.int(7)?),
    })
}

macro_rules! select {
    () => {
        "SELECT u.id, u.username, u.stored_bytes, u.quota_bytes, u.upload_day, u.upload_day_bytes, \
         (SELECT coalesce(sum(o.reserved_bytes), 0) FROM uploads o \
         WHERE o.owner_id = u.id AND o.video_id IS NULL), \
         (SELECT count(*) FROM uploads o WHERE o.owner_id = u.id AND o.video_id IS NULL) FROM users u WHERE "
    };
}

/// What this person stores and may store.
pub async fn usage(tx: &mut Tx, user: UserId) -> Result<Option<UsageRow>, StoreError> {
    tx.one(concat!(select!(), "u.id = $1"), &params![user], map).await
}

/// The same of all with an id after `after`, in order of id.
pub async fn walk(tx: &mut Tx, after: Option<UserId>, limit: i64) -> Result<Vec<UsageRow>, StoreError> {
    let after = after.map_or([0; 12], |id| *id.as_bytes());
    tx.all(
        concat!(select!(), "u.id > $1 ORDER BY u.id LIMIT $2"),
        &params![&after, limit],
        map,
    )
    .await
}

/// Sets what one person may store; `Some(0)`: no bound, `None`: as the instance is set up.
pub async fn save_quota(tx: &mut Tx, user: UserId, bytes: Option<u64>) -> Result<(), StoreError> {
    tx.exec(
        "UPDATE users SET quota_bytes = $1 WHERE id = $2",
        &params![bytes, user],
    )
    .await?;
    Ok(())
}

/// Counts bytes of an upload that was taken on `day`.
pub async fn count_day(tx: &mut Tx, user: UserId, day: i64, bytes: i64) -> Result<(), StoreError> {
    tx.exec(
        "UPDATE users SET upload_day_bytes = CASE WHEN upload_day = $1 THEN upload_day_bytes ELSE 0 END + $2, \
         upload_day = $1 WHERE id = $3",
        &params![day, bytes, user],
    )
    .await?;
    Ok(())
}

/// The renditions of a video by name and size in bytes, of all makings.
pub async fn renditions_of(tx: &mut Tx, video: VideoId) -> Result<Vec<(String, u64)>, StoreError> {
    tx.all(
        "SELECT name, size_bytes FROM renditions WHERE video_id = $1 ORDER BY gen, name LIMIT 128",
        &params![video],
        |row| Ok((row.text(0)?.to_owned(), row.size(1)?)),
    )
    .await
}
