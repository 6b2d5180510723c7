//! Sketches of viewers as rows, and the estimates that stand in the sums beside them.
//!
//! Adding a viewer twice changes nothing, so these need not be written together with the journal's position.

use model::Millis;
use model::analytics::sketch::Sketch;
use model::analytics::{Grain, Subject};

use crate::{StoreError, Tx, params};

/// The sketch of a subject in one bucket of time. Bytes that are no sketch, of a damaged file, are begun anew.
pub async fn find(
    tx: &mut Tx,
    subject: Subject,
    grain: Grain,
    at: Millis,
) -> Result<Option<Sketch>, StoreError> {
    let found = tx
        .one(
            "SELECT sketch FROM rollup_sketches WHERE subject_id = $1 AND grain = $2 AND at = $3",
            &params![subject.0, grain.code(), at],
            |row| Ok(Sketch::from_bytes(row.blob(0)?).ok()),
        )
        .await?;
    Ok(found.flatten())
}

/// Adds viewers to a subject's bucket of time, an hour or a day, and brings the estimate in its sums up to date.
pub async fn add(
    tx: &mut Tx,
    subject: Subject,
    grain: Grain,
    at: Millis,
    viewers: &Sketch,
) -> Result<(), StoreError> {
    let known = find(tx, subject, grain, at).await?;
    let mut sketch = known.clone().unwrap_or_default();
    sketch.merge(viewers);
    if known.as_ref() == Some(&sketch) {
        return Ok(());
    }
    tx.exec(
        "INSERT INTO rollup_sketches (subject_id, grain, at, sketch) VALUES ($1, $2, $3, $4) \
         ON CONFLICT (subject_id, grain, at) DO UPDATE SET sketch = excluded.sketch",
        &params![subject.0, grain.code(), at, &sketch.to_bytes()],
    )
    .await?;
    tx.exec(
        "INSERT INTO rollups (subject_id, grain, at, views, own_views, viewers, watch_ms, own_watch_ms, likes, \
         comments, subscribers_gained, subscribers_lost, sessions, startups, startup_ms, stalls, stall_ms, errors) \
         VALUES ($1, $2, $3, 0, 0, $4, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0) \
         ON CONFLICT (subject_id, grain, at) DO UPDATE SET viewers = excluded.viewers",
        &params![subject.0, grain.code(), at, sketch.estimate()],
    )
    .await?;
    Ok(())
}

/// What [`union`] asks; public for the test of its plan.
pub const UNION: &str = "SELECT sketch FROM rollup_sketches WHERE subject_id = $1 AND grain = $2 AND at >= $3 \
     AND at < $4 ORDER BY at DESC LIMIT $5";

/// All viewers of a subject in the buckets from one time to before another, of the last `limit` there are.
pub async fn union(
    tx: &mut Tx,
    subject: Subject,
    grain: Grain,
    from: Millis,
    to: Millis,
    limit: i64,
) -> Result<Sketch, StoreError> {
    let found = tx
        .all(UNION, &params![subject.0, grain.code(), from, to, limit], |row| {
            Ok(Sketch::from_bytes(row.blob(0)?).ok())
        })
        .await?;
    let mut all = Sketch::default();
    found.iter().flatten().for_each(|sketch| all.merge(sketch));
    Ok(all)
}

/// Forgets sketches of minutes or hours that are older than `before`, at most `limit`; tells how many. The
/// estimates stay.
pub async fn sweep(tx: &mut Tx, grain: Grain, before: Millis, limit: i64) -> Result<u64, StoreError> {
    tx.exec(
        "DELETE FROM rollup_sketches WHERE (subject_id, grain, at) IN (SELECT subject_id, grain, at \
         FROM rollup_sketches WHERE grain < 2 AND grain = $1 AND at < $2 ORDER BY at LIMIT $3)",
        &params![grain.code(), before, limit],
    )
    .await
}

/// Forgets the sketches of a subject, at most `limit`; tells how many.
pub async fn remove_of(tx: &mut Tx, subject: Subject, limit: i64) -> Result<u64, StoreError> {
    tx.exec(
        "DELETE FROM rollup_sketches WHERE (subject_id, grain, at) IN (SELECT subject_id, grain, at \
         FROM rollup_sketches WHERE subject_id = $1 LIMIT $2)",
        &params![subject.0, limit],
    )
    .await
}
