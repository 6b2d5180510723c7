//! What channels brought out, in the order of time: a row for each listed video and each tweet.
//!
//! Bringing something out writes one row, whatever the number of subscribers; who follows the channel reads it
//! from here. When the newest of a channel came out is kept beside them. Rows of videos are kept by [`crate::videos`], those of tweets by whoever adds and removes tweets.

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
    let added = tx
        .exec(
            "INSERT INTO channel_posts (id, channel_id, kind, published_at) VALUES ($1, $2, $3, $4) \
             ON CONFLICT (id) DO NOTHING",
            &params![id, channel, kind.code(), published_at],
        )
        .await?;
    if added == 1 {
        tx.exec(
            "INSERT INTO channel_heads (channel_id, newest_at) VALUES ($1, $2) ON CONFLICT (channel_id) \
             DO UPDATE SET newest_at = excluded.newest_at WHERE channel_heads.newest_at < excluded.newest_at",
            &params![channel, published_at],
        )
        .await?;
    }
    Ok(())
}

/// Removes it.
pub async fn remove(tx: &mut Tx, id: &[u8; 12]) -> Result<(), StoreError> {
    let gone = tx
        .one(
            "DELETE FROM channel_posts WHERE id = $1 RETURNING channel_id, published_at",
            &params![id],
            |row| Ok((row.id::<UserId>(0)?, row.millis(1)?)),
        )
        .await?;
    let Some((channel, published_at)) = gone else {
        return Ok(());
    };
    tx.exec(
        "DELETE FROM channel_heads WHERE channel_id = $1 AND NOT EXISTS \
         (SELECT 1 FROM channel_posts q WHERE q.channel_id = $1)",
        &params![channel],
    )
    .await?;
    tx.exec(
        "UPDATE channel_heads SET newest_at = (SELECT q.published_at FROM channel_posts q WHERE q.channel_id = $1 \
         ORDER BY q.published_at DESC, q.id DESC LIMIT 1) WHERE channel_id = $1 AND newest_at = $2",
        &params![channel, published_at],
    )
    .await?;
    Ok(())
}
