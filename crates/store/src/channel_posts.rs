//! What channels brought out, in the order of time: a row for each listed video and each tweet.
//!
//! Bringing something out writes one row, whatever the number of subscribers; who follows the channel reads it
//! from here. Rows of videos are kept by [`crate::videos`], those of tweets by whoever adds and removes tweets.

use model::{Millis, UserId};

use crate::{StoreError, Tx, params};

/// What a post is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Kind {
    /// A listed video.
    Video,
    /// A tweet.
    Tweet,
}

impl Kind {
    /// As it stands in the column.
    pub const fn code(self) -> i64 {
        match self {
            Self::Video => 0,
            Self::Tweet => 1,
        }
    }

    /// The kind of this code; what is unknown counts as a video, and is not found as one.
    pub const fn from_code(code: i64) -> Self {
        if code == 1 { Self::Tweet } else { Self::Video }
    }
}

/// Adds the post with the id of its video or tweet; does nothing where it is there already.
pub async fn add(
    tx: &mut Tx,
    id: &[u8; 12],
    channel: UserId,
    kind: Kind,
    published_at: Millis,
) -> Result<(), StoreError> {
    tx.exec(
        "INSERT INTO channel_posts (id, channel_id, kind, published_at) VALUES ($1, $2, $3, $4) \
         ON CONFLICT (id) DO NOTHING",
        &params![id, channel, kind.code(), published_at],
    )
    .await?;
    Ok(())
}

/// Removes it.
pub async fn remove(tx: &mut Tx, id: &[u8; 12]) -> Result<(), StoreError> {
    tx.exec("DELETE FROM channel_posts WHERE id = $1", &params![id])
        .await?;
    Ok(())
}
