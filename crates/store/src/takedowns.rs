//! What was taken down, and why. The time stands in the thing's own row, where lists are made from; this file
//! keeps the reason beside it, and changes both.
//!
//! Who may take down what is `app::moderation`.

use model::moderation::{Kind, Target};
use model::{CommentId, Millis, PlaylistId, TweetId, UserId, VideoId};

use crate::comments::{self, Place};
use crate::videos::{self, VideoRow};
use crate::{StoreError, Tx, params, playlists, tweets};

/// A thing that is taken down.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TakedownRow {
    /// Why, for its owner.
    pub reason: String,
    /// When.
    pub created_at: Millis,
}

/// What became of a thing.
#[derive(Debug)]
pub enum Changed {
    /// A video: its row before and after.
    Video(Box<VideoRow>, Box<VideoRow>),
    /// A comment: where it stands.
    Comment(Place),
    /// A tweet or a playlist.
    Other,
    /// It was so already.
    Nothing,
}

/// The takedown of this thing, while it holds.
pub async fn find(tx: &mut Tx, target: Target) -> Result<Option<TakedownRow>, StoreError> {
    tx.one(
        "SELECT reason, created_at FROM takedowns WHERE kind = $1 AND target_id = $2",
        &params![target.kind.code(), target.id],
        |row| {
            Ok(TakedownRow {
                reason: row.text(0)?.to_owned(),
                created_at: row.millis(1)?,
            })
        },
    )
    .await
}

/// Takes a thing down, or writes another reason where it is down; `None`: there is no such thing.
pub async fn add(
    tx: &mut Tx,
    target: Target,
    reason: &str,
    actor: Option<UserId>,
    now: Millis,
) -> Result<Option<Changed>, StoreError> {
    // First the reason: a video's row is read with it.
    tx.exec(
        "INSERT INTO takedowns (kind, target_id, reason, actor_id, created_at) VALUES ($1, $2, $3, $4, $5) \
         ON CONFLICT (kind, target_id) DO UPDATE SET reason = excluded.reason, actor_id = excluded.actor_id",
        &params![target.kind.code(), target.id, reason, actor, now],
    )
    .await?;
    change(tx, target, Some(now), now).await
}

/// Brings back what was taken down; `None`: there is no such thing.
pub async fn restore(tx: &mut Tx, target: Target, now: Millis) -> Result<Option<Changed>, StoreError> {
    remove(tx, target).await?;
    change(tx, target, None, now).await
}

/// Forgets the reason: the thing goes, or comes back.
pub(crate) async fn remove(tx: &mut Tx, target: Target) -> Result<(), StoreError> {
    tx.exec(
        "DELETE FROM takedowns WHERE kind = $1 AND target_id = $2",
        &params![target.kind.code(), target.id],
    )
    .await?;
    Ok(())
}

/// The time of the last change stays: a thing comes back as it went.
async fn change(
    tx: &mut Tx,
    target: Target,
    at: Option<Millis>,
    now: Millis,
) -> Result<Option<Changed>, StoreError> {
    let other = |changed: bool| if changed { Changed::Other } else { Changed::Nothing };
    Ok(match target.kind {
        Kind::Video => {
            let Some(before) = videos::find(tx, VideoId(target.id)).await? else {
                return Ok(None);
            };
            if before.taken_down_at.is_some() == at.is_some() {
                return Ok(Some(Changed::Nothing));
            }
            let after = VideoRow {
                taken_down_at: at,
                ..before.clone()
            };
            let after = videos::save(tx, &before, after).await?;
            Some(Changed::Video(Box::new(before), Box::new(after)))
        }
        Kind::Comment => {
            comments::take_down(tx, CommentId(target.id), at, now)
                .await?
                .map(|(place, changed)| {
                    if changed {
                        Changed::Comment(place)
                    } else {
                        Changed::Nothing
                    }
                })
        }
        Kind::Tweet => tweets::take_down(tx, TweetId(target.id), at).await?.map(other),
        Kind::Playlist => playlists::take_down(tx, PlaylistId(target.id), at)
            .await?
            .map(other),
        Kind::User | Kind::Report => None,
    })
}
