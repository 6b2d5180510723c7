//! What objects hold, as rows: a hash of each that was ever read through. Who reads them is `app::hashes`.

use model::Millis;

use crate::{Row, StoreError, Tx, Val, many, params};

/// What an object holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HashRow {
    /// Which object.
    pub key: String,
    /// Its size.
    pub size_bytes: u64,
    /// Tells this writing of it from others.
    pub tag: String,
    /// BLAKE3 of all of it.
    pub blake3: Vec<u8>,
    /// When it was last read through.
    pub checked_at: Millis,
}

const COLUMNS: &str = "key, size_bytes, tag, blake3, checked_at";

fn map(row: &Row<'_>) -> Result<HashRow, StoreError> {
    Ok(HashRow {
        key: row.text(0)?.to_owned(),
        size_bytes: row.size(1)?,
        tag: row.text(2)?.to_owned(),
        blake3: row.opt_blob(3)?.map(<[u8]>::to_vec).unwrap_or_default(),
        checked_at: row.millis(4)?,
    })
}

/// What is known of these objects, in no order; at most some hundreds.
pub async fn of(tx: &mut Tx, keys: &[String]) -> Result<Vec<HashRow>, StoreError> {
    if keys.is_empty() {
        return Ok(Vec::new());
    }
    let mut text = format!("SELECT {COLUMNS} FROM object_hashes WHERE key IN (");
    let mut params = Vec::new();
    many::any_of(
        &mut text,
        &mut params,
        keys.iter().map(|key| Val::from(key.clone())),
    );
    text.push(')');
    tx.all(&text, &params, map).await
}

/// Up to `limit` in the order of keys, behind `after`.
pub async fn walk(tx: &mut Tx, after: &str, limit: i64) -> Result<Vec<HashRow>, StoreError> {
    let sql = format!("SELECT {COLUMNS} FROM object_hashes WHERE key > $1 ORDER BY key LIMIT $2");
    tx.all(&sql, &params![after, limit], map).await
}

/// Writes what an object holds, over what was known of it.
pub async fn save(tx: &mut Tx, row: &HashRow) -> Result<(), StoreError> {
    tx.exec(
        "INSERT INTO object_hashes (key, size_bytes, tag, blake3, checked_at) VALUES ($1, $2, $3, $4, $5) \
         ON CONFLICT (key) DO UPDATE SET size_bytes = excluded.size_bytes, tag = excluded.tag, \
         blake3 = excluded.blake3, checked_at = excluded.checked_at",
        &params![
            &row.key,
            i64::try_from(row.size_bytes).unwrap_or(i64::MAX),
            &row.tag,
            row.blake3.as_slice(),
            row.checked_at
        ],
    )
    .await?;
    Ok(())
}

/// Forgets an object that is gone.
pub async fn remove(tx: &mut Tx, key: &str) -> Result<(), StoreError> {
    tx.exec("DELETE FROM object_hashes WHERE key = $1", &params![key])
        .await?;
    Ok(())
}
