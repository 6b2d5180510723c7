//! What goes together with a video: candidates from short walks along indexes, which `app` then weighs.

use model::{UserId, VideoId};

use crate::{StoreError, Tx, params};

/// Newest videos of a tag.
pub const OF_TAG: i64 = 30;
/// Newest videos of a channel.
pub const OF_CHANNEL: i64 = 30;
/// Watchers that are asked.
pub const WATCHERS: i64 = 50;
/// Newest videos of each of them.
pub const WATCHED: i64 = 20;

/// The newest listed videos with this tag.
pub async fn of_tag(tx: &mut Tx, tag: &str) -> Result<Vec<VideoId>, StoreError> {
    tx.all(TAGGED, &params![tag, OF_TAG], |row| row.id(0)).await
}

/// The newest listed videos of this channel.
pub async fn of_channel(tx: &mut Tx, owner: UserId) -> Result<Vec<VideoId>, StoreError> {
    tx.all(OWNED, &params![owner, OF_CHANNEL], |row| row.id(0)).await
}

/// Who watched the video last.
pub async fn watchers(tx: &mut Tx, video: VideoId) -> Result<Vec<UserId>, StoreError> {
    tx.all(WATCHED_BY, &params![video, WATCHERS], |row| row.id(0))
        .await
}

/// What someone watched last.
pub async fn watched(tx: &mut Tx, user: UserId) -> Result<Vec<VideoId>, StoreError> {
    tx.all(WATCHED_LAST, &params![user, WATCHED], |row| row.id(0))
        .await
}

/// The statements, for a test that asks the engine for their plans.
pub const STATEMENTS: [&str; 4] = [TAGGED, OWNED, WATCHED_BY, WATCHED_LAST];

const TAGGED: &str = "SELECT video_id FROM video_tags WHERE tag = $1 AND listed = 1 \
     ORDER BY created_at DESC, video_id DESC LIMIT $2";
const OWNED: &str = "SELECT id FROM videos WHERE owner_id = $1 AND listed = 1 \
     ORDER BY created_at DESC, id DESC LIMIT $2";
const WATCHED_BY: &str = "SELECT user_id FROM history WHERE video_id = $1 ORDER BY watched_at DESC LIMIT $2";
const WATCHED_LAST: &str =
    "SELECT video_id FROM history WHERE user_id = $1 ORDER BY watched_at DESC, video_id DESC LIMIT $2";
