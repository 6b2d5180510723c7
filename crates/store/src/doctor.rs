//! Queries that compare what is kept with what can be counted. They scan; they run on the slow readers.

use model::{UserId, VideoId};

use crate::{StoreError, Tx, counters, params};

/// What the engine itself finds wrong with its file; empty when nothing is.
pub async fn integrity(tx: &mut Tx) -> Result<Vec<String>, StoreError> {
    if tx.is_postgres() {
        // The server keeps its own house, and its references are checked at every change.
        return Ok(Vec::new());
    }
    let mut found = tx
        .all("PRAGMA integrity_check(20)", &params![], |row| {
            Ok(row.text(0)?.to_owned())
        })
        .await?;
    found.retain(|line| line != "ok");
    let dangling = tx
        .all("PRAGMA foreign_key_check", &params![], |row| {
            Ok(row.text(0)?.to_owned())
        })
        .await?;
    found.extend(
        dangling
            .into_iter()
            .map(|table| format!("a row of {table} points at nothing")),
    );
    Ok(found)
}

/// Users whose video counters are not what their videos count to.
pub async fn wrong_user_counters(tx: &mut Tx) -> Result<Vec<UserId>, StoreError> {
    tx.all(
        "SELECT u.id FROM users u WHERE \
         u.videos_count <> (SELECT count(*) FROM videos v WHERE v.owner_id = u.id) OR \
         u.stored_bytes <> (SELECT coalesce(sum(v.stored_bytes), 0) FROM videos v WHERE v.owner_id = u.id) OR \
         u.listed_videos_count <> (SELECT count(*) FROM videos v WHERE v.owner_id = u.id AND v.listed = 1)",
        &params![],
        |row| row.id(0),
    )
    .await
}

/// The kept and the counted number of listed videos, when they differ.
pub async fn wrong_listed_counter(tx: &mut Tx) -> Result<Option<(i64, i64)>, StoreError> {
    let kept = counters::find(tx, counters::LISTED_VIDEOS).await?;
    let counted = tx
        .one(
            "SELECT count(*) FROM videos WHERE listed = 1",
            &params![],
            |row| row.int(0),
        )
        .await?;
    let counted = counted.unwrap_or(0);
    Ok((kept != counted).then_some((kept, counted)))
}

/// Sets every counter to what its facts count to.
pub async fn recount(tx: &mut Tx) -> Result<(), StoreError> {
    tx.exec(
        "UPDATE users SET \
         videos_count = (SELECT count(*) FROM videos v WHERE v.owner_id = users.id), \
         stored_bytes = (SELECT coalesce(sum(v.stored_bytes), 0) FROM videos v WHERE v.owner_id = users.id), \
         listed_videos_count = (SELECT count(*) FROM videos v WHERE v.owner_id = users.id AND v.listed = 1)",
        &params![],
    )
    .await?;
    tx.exec(
        "UPDATE counters SET value = (SELECT count(*) FROM videos WHERE listed = 1) WHERE name = $1",
        &params![counters::LISTED_VIDEOS],
    )
    .await?;
    Ok(())
}

/// Up to `limit` videos with an id after `after`, in order of id.
pub async fn videos_after(
    tx: &mut Tx,
    after: Option<VideoId>,
    limit: i64,
) -> Result<Vec<VideoId>, StoreError> {
    let after = after.map_or([0; 12], |id| *id.as_bytes());
    tx.all(
        "SELECT id FROM videos WHERE id > $1 ORDER BY id LIMIT $2",
        &params![&after, limit],
        |row| row.id(0),
    )
    .await
}

/// Object keys that rows name, of up to `limit` videos with an id after `after`, in order of id.
pub async fn keys_after(
    tx: &mut Tx,
    after: Option<VideoId>,
    limit: i64,
) -> Result<Vec<(VideoId, String)>, StoreError> {
    let after = after.map_or([0; 12], |id| *id.as_bytes());
    tx.all(
        "WITH page AS (SELECT id, source_key, progressive_key FROM videos WHERE id > $1 ORDER BY id LIMIT $2) \
         SELECT id, source_key FROM page WHERE source_key IS NOT NULL \
         UNION ALL SELECT id, progressive_key FROM page WHERE progressive_key IS NOT NULL \
         UNION ALL SELECT p.id, r.object_key FROM page p JOIN renditions r ON r.video_id = p.id \
         UNION ALL SELECT p.id, n.source_key FROM page p JOIN replacements n ON n.video_id = p.id \
         ORDER BY 1",
        &params![&after, limit],
        |row| Ok((row.id(0)?, row.text(1)?.to_owned())),
    )
    .await
}
