//! Numbers that belong to no row, and small facts about the instance.

use crate::{StoreError, Tx, params};

/// How many videos lists show.
pub const LISTED_VIDEOS: &str = "videos.listed";
/// How many tweets there are.
pub const TWEETS: &str = "tweets";

/// The present value; 0 when it was never counted.
pub async fn find(tx: &mut Tx, name: &str) -> Result<i64, StoreError> {
    let value = tx
        .one(
            "SELECT value FROM counters WHERE name = $1",
            &params![name],
            |row| row.int(0),
        )
        .await?;
    Ok(value.unwrap_or(0))
}

/// Adds `by` (negative: takes away).
pub async fn add(tx: &mut Tx, name: &str, by: i64) -> Result<(), StoreError> {
    tx.exec(
        "UPDATE counters SET value = value + $1 WHERE name = $2",
        &params![by, name],
    )
    .await?;
    Ok(())
}

/// The instance fact under `key`.
pub async fn fact(tx: &mut Tx, key: &str) -> Result<Option<String>, StoreError> {
    tx.one(
        "SELECT value FROM instance WHERE key = $1",
        &params![key],
        |row| Ok(row.text(0)?.to_owned()),
    )
    .await
}

/// Writes the instance fact under `key`.
pub async fn save_fact(tx: &mut Tx, key: &str, value: &str) -> Result<(), StoreError> {
    tx.exec(
        "INSERT INTO instance (key, value) VALUES ($1, $2) \
         ON CONFLICT (key) DO UPDATE SET value = excluded.value",
        &params![key, value],
    )
    .await?;
    Ok(())
}

/// Removes the instance fact under `key`; tells whether it was there.
pub async fn remove_fact(tx: &mut Tx, key: &str) -> Result<bool, StoreError> {
    Ok(tx
        .exec("DELETE FROM instance WHERE key = $1", &params![key])
        .await?
        == 1)
}
