//! Locks that nodes hold for as long as they give signs of life. When a holder counts as gone is decided by whoever
//! watches, with a clock of their own: nobody compares times that were read on different machines.

use crate::{StoreError, Tx, params};

/// How a lock stands.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Standing {
    /// Who has it; empty: nobody.
    pub holder: String,
    /// Grows with every change of hands.
    pub fence: i64,
    /// Signs of life of the holder.
    pub beats: i64,
}

/// How a lock stands; one that nobody ever had is nobody's.
pub async fn find(tx: &mut Tx, name: &str) -> Result<Standing, StoreError> {
    let found = tx
        .one(
            "SELECT holder, fence, beats FROM locks WHERE name = $1",
            &params![name],
            |row| {
                Ok(Standing {
                    holder: row.text(0)?.to_owned(),
                    fence: row.int(1)?,
                    beats: row.int(2)?,
                })
            },
        )
        .await?;
    Ok(found.unwrap_or_default())
}

/// Takes the lock, if it still stands as it was seen. Tells whether it did.
pub async fn take(tx: &mut Tx, name: &str, seen: &Standing, holder: &str) -> Result<bool, StoreError> {
    tx.exec(
        "INSERT INTO locks (name, holder, fence, beats) VALUES ($1, '', 0, 0) ON CONFLICT (name) DO NOTHING",
        &params![name],
    )
    .await?;
    let changed = tx
        .exec(
            "UPDATE locks SET holder = $1, fence = fence + 1, beats = 0 WHERE name = $2 AND fence = $3 AND beats = $4",
            &params![holder, name, seen.fence, seen.beats],
        )
        .await?;
    Ok(changed == 1)
}

/// Gives a sign of life. Tells whether the lock is still the holder's.
pub async fn beat(tx: &mut Tx, name: &str, holder: &str) -> Result<bool, StoreError> {
    let changed = tx
        .exec(
            "UPDATE locks SET beats = beats + 1 WHERE name = $1 AND holder = $2",
            &params![name, holder],
        )
        .await?;
    Ok(changed == 1)
}

/// Gives the lock back.
pub async fn release(tx: &mut Tx, name: &str, holder: &str) -> Result<(), StoreError> {
    tx.exec(
        "UPDATE locks SET holder = '', fence = fence + 1 WHERE name = $1 AND holder = $2",
        &params![name, holder],
    )
    .await?;
    Ok(())
}
