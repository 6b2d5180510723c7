//! Removes what hangs on something that is gone: likes and comments of a video, replies and likes of a comment,
//! likes of a tweet. In bites of some hundred rows, since there may be a million, and others write in between.
//!
//! Each bite is found by what is left, so the job may stop anywhere and run twice.

use model::{CommentId, Millis, TweetId, UserId, VideoId};
use serde::{Deserialize, Serialize};
use store::{Tx, comments, conversation, tweets};

use super::{JobError, QUICK, Running};

/// Name of the kind.
pub const KIND: &str = "remove_conversation";
/// Rows removed in one transaction, about.
pub(crate) const BITE: i64 = 200;

/// What is gone.
#[derive(Debug, Clone, Copy, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Payload {
    /// A video.
    Video(VideoId),
    /// A comment.
    Comment(CommentId),
    /// A tweet.
    Tweet(TweetId),
}

impl super::Payload for Payload {
    const KIND: &'static str = KIND;
    const PRIORITY: i64 = QUICK + 20;
}

pub(super) async fn run(running: &Running) -> Result<(), JobError> {
    let gone: Payload = running.payload()?;
    loop {
        let mut tx = running.next_bite().await?;
        let now = running.now();
        let left = match gone {
            Payload::Video(id) => conversation::bite_of_video(&mut tx, id, BITE, now).await?,
            Payload::Comment(id) => comments::removal::bite_of_thread(&mut tx, id, BITE, now).await?,
            Payload::Tweet(id) => tweets::bite_of_likes(&mut tx, id, BITE).await?,
        };
        tx.commit().await?;
        if !left {
            return Ok(());
        }
    }
}

/// Removes a bite of what somebody said and liked; tells whether something may be left.
pub(super) async fn bite_of_user(tx: &mut Tx, user: UserId, now: Millis) -> Result<bool, JobError> {
    Ok(conversation::bite_of_user(tx, user, BITE, now).await?)
}
