//! What people follow and keep, as a whole: what goes when a video or a person does, and whether what is kept twice
//! agrees.
//!
//! Removals come in bites, since a channel may have a million followers: each removes up to so many rows, finds
//! them by what is left, and keeps the counters of what stays.

use model::{Millis, PlaylistId, UserId, VideoId};

use crate::playlists::entries;
use crate::{StoreError, Tx, blocks, history, params, playlists, subscriptions};

/// Whether playlists or histories have this video.
pub async fn any_of_video(tx: &mut Tx, video: VideoId) -> Result<bool, StoreError> {
    Ok(!entries::playlists_with(tx, video, 1).await?.is_empty() || history::any_of_video(tx, video).await?)
}

/// Takes a video that is gone out of up to `limit` playlists and histories; tells whether some may be left.
pub async fn bite_of_video(tx: &mut Tx, video: VideoId, limit: i64) -> Result<bool, StoreError> {
    let with = entries::playlists_with(tx, video, limit).await?;
    for playlist in &with {
        let removed = tx
            .exec(
                "DELETE FROM playlist_entries WHERE playlist_id = $1 AND video_id = $2",
                &params![playlist, video],
            )
            .await?;
        // The playlist's own time stays: nobody has changed it.
        tx.exec(
            "UPDATE playlists SET entries_count = entries_count - $1 WHERE id = $2",
            &params![removed, playlist],
        )
        .await?;
    }
    let left = limit - i64::try_from(with.len()).unwrap_or(limit);
    if left <= 0 {
        return Ok(true);
    }
    Ok(history::remove_of_video(tx, video, left).await? == left)
}

/// Removes up to `limit` entries of a playlist that is gone; tells whether some may be left.
pub async fn bite_of_playlist(tx: &mut Tx, playlist: PlaylistId, limit: i64) -> Result<bool, StoreError> {
    Ok(entries::remove_some(tx, playlist, limit).await? == limit)
}

/// Removes up to `limit` rows of what somebody followed and kept, and of who followed them; tells whether
/// something may be left.
pub async fn bite_of_user(tx: &mut Tx, user: UserId, limit: i64, now: Millis) -> Result<bool, StoreError> {
    let pairs = subscriptions::some_of(tx, user, limit).await?;
    for (subscriber, channel) in &pairs {
        let lost_at = (*channel != user).then_some(now);
        subscriptions::remove(tx, *subscriber, *channel, lost_at).await?;
    }
    if !pairs.is_empty() {
        return Ok(true);
    }
    if blocks::remove_some_of(tx, user, limit).await? > 0 {
        return Ok(true);
    }
    if let Some(playlist) = playlists::any_of(tx, user).await? {
        if entries::remove_some(tx, playlist, limit).await? < limit {
            playlists::remove(tx, playlist).await?;
        }
        return Ok(true);
    }
    Ok(history::remove_until(tx, user, Millis(i64::MAX), limit).await? > 0)
}

/// What is kept and does not agree with what it counts, in words. Scans; for the slow readers.
pub async fn wrong_counters(tx: &mut Tx) -> Result<Vec<String>, StoreError> {
    let mut found = tx
        .all(
            "SELECT u.id FROM users u WHERE \
             u.subscribers_count <> (SELECT count(*) FROM subscriptions s WHERE s.channel_id = u.id) OR \
             u.subscriptions_count <> (SELECT count(*) FROM subscriptions s WHERE s.subscriber_id = u.id)",
            &params![],
            |row| {
                let user: UserId = row.id(0)?;
                Ok(format!("counters of user {user} do not match subscriptions"))
            },
        )
        .await?;
    found.extend(
        tx.all(
            "SELECT l.id FROM playlists l WHERE \
             l.entries_count <> (SELECT count(*) FROM playlist_entries e WHERE e.playlist_id = l.id)",
            &params![],
            |row| {
                let playlist: PlaylistId = row.id(0)?;
                Ok(format!(
                    "playlist {playlist} does not have as many entries as it says"
                ))
            },
        )
        .await?,
    );
    let posts = tx
        .one(
            "SELECT (SELECT count(*) FROM videos v WHERE v.listed = 1 AND NOT EXISTS (SELECT 1 FROM channel_posts p \
             WHERE p.id = v.id AND p.kind = 0 AND p.channel_id = v.owner_id)) \
             + (SELECT count(*) FROM channel_posts p WHERE p.kind = 0 AND NOT EXISTS \
             (SELECT 1 FROM videos v WHERE v.id = p.id AND v.listed = 1)) \
             + (SELECT count(*) FROM tweets t WHERE t.taken_down_at IS NULL AND NOT EXISTS (SELECT 1 FROM channel_posts p \
             WHERE p.id = t.id AND p.kind = 1 AND p.channel_id = t.owner_id)) \
             + (SELECT count(*) FROM channel_posts p WHERE p.kind = 1 AND NOT EXISTS \
             (SELECT 1 FROM tweets t WHERE t.id = p.id AND t.taken_down_at IS NULL)) \
             + (SELECT count(*) FROM channel_heads h WHERE h.newest_at <> (SELECT coalesce(max(p.published_at), -1) \
             FROM channel_posts p WHERE p.channel_id = h.channel_id)) \
             + (SELECT count(*) FROM (SELECT DISTINCT p.channel_id AS id FROM channel_posts p) c WHERE NOT EXISTS \
             (SELECT 1 FROM channel_heads h WHERE h.channel_id = c.id))",
            &params![],
            |row| row.int(0),
        )
        .await?
        .unwrap_or(0);
    if posts > 0 {
        found.push(format!(
            "{posts} posts of feeds do not match listed videos and tweets"
        ));
    }
    Ok(found)
}

/// Sets all of it to what the facts say.
pub async fn recount(tx: &mut Tx) -> Result<(), StoreError> {
    tx.exec(
        "UPDATE users SET \
         subscribers_count = (SELECT count(*) FROM subscriptions s WHERE s.channel_id = users.id), \
         subscriptions_count = (SELECT count(*) FROM subscriptions s WHERE s.subscriber_id = users.id)",
        &params![],
    )
    .await?;
    tx.exec(
        "UPDATE playlists SET entries_count = \
         (SELECT count(*) FROM playlist_entries e WHERE e.playlist_id = playlists.id)",
        &params![],
    )
    .await?;
    tx.exec(
        "DELETE FROM channel_posts WHERE NOT EXISTS (SELECT 1 FROM videos v WHERE v.id = channel_posts.id \
         AND v.listed = 1 AND channel_posts.kind = 0 AND channel_posts.channel_id = v.owner_id) \
         AND NOT EXISTS (SELECT 1 FROM tweets t WHERE t.id = channel_posts.id AND t.taken_down_at IS NULL \
         AND channel_posts.kind = 1 AND channel_posts.channel_id = t.owner_id)",
        &params![],
    )
    .await?;
    tx.exec(
        "INSERT INTO channel_posts (id, channel_id, kind, published_at) SELECT v.id, v.owner_id, 0, \
         coalesce(v.published_at, v.created_at) FROM videos v WHERE v.listed = 1 ON CONFLICT (id) DO NOTHING",
        &params![],
    )
    .await?;
    tx.exec(
        "INSERT INTO channel_posts (id, channel_id, kind, published_at) SELECT t.id, t.owner_id, 1, \
         t.created_at FROM tweets t WHERE t.taken_down_at IS NULL ON CONFLICT (id) DO NOTHING",
        &params![],
    )
    .await?;
    tx.exec("DELETE FROM channel_heads", &params![]).await?;
    tx.exec(
        "INSERT INTO channel_heads (channel_id, newest_at) SELECT channel_id, max(published_at) \
         FROM channel_posts GROUP BY channel_id",
        &params![],
    )
    .await?;
    Ok(())
}
