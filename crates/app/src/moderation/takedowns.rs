//! Takedowns: what moderators hide, and bring back as it was.
//!
//! A video that is taken down is as private, but for moderators; its owner is told why. Comments with the threads
//! below them, tweets and playlists are there for nobody until they are brought back.

use model::moderation::{self as rules, Act, Kind as Subject, Target};
use model::{CommentId, VideoId};
use store::takedowns::{self, Changed, TakedownRow};

use super::{Moderation, must_moderate, note, nothing_there};
use crate::comments::{self, no_comment};
use crate::error::{Error, Fields};
use crate::events;
use crate::playlists::no_playlist;
use crate::queue::By;
use crate::sessions::Actor;
use crate::tweets::no_tweet;

fn no_such(target: Target) -> Error {
    match target.kind {
        Subject::Video => Error::no_video(),
        Subject::Comment => no_comment(),
        Subject::Tweet => no_tweet(),
        Subject::Playlist => no_playlist(),
        Subject::User | Subject::Report => nothing_there(),
    }
}

impl Moderation {
    /// Takes a thing down, or gives another reason for its being down.
    pub async fn take_down(
        &self,
        target: Target,
        reason: Option<&str>,
        actor: &Actor,
    ) -> Result<TakedownRow, Error> {
        must_moderate(actor)?;
        if !target.kind.is_taken_down() {
            return Err(no_such(target));
        }
        let mut fields = Fields::default();
        let Some(reason) = fields.require("reason", reason, rules::reason) else {
            return Err(fields.into_error());
        };
        let now = self.core.clock.now();
        let mut tx = self.core.store.write().await?;
        let before = takedowns::find(&mut tx, target).await?;
        if let Some(before) = before.filter(|before| before.reason == reason) {
            return Ok(before);
        }
        let changed = takedowns::add(&mut tx, target, &reason, Some(actor.user_id), now)
            .await?
            .ok_or_else(|| no_such(target))?;
        note(
            &self.core,
            &mut tx,
            By::Actor(actor),
            Act::TakeDown,
            target,
            &reason,
        )
        .await?;
        let row = takedowns::find(&mut tx, target)
            .await?
            .ok_or_else(|| no_such(target))?;
        tx.commit().await?;
        self.committed(target, &changed, false);
        Ok(row)
    }

    /// Brings back what was taken down, whether or not it is.
    pub async fn restore(&self, target: Target, actor: &Actor) -> Result<(), Error> {
        must_moderate(actor)?;
        if !target.kind.is_taken_down() {
            return Err(no_such(target));
        }
        let mut tx = self.core.store.write().await?;
        let changed = takedowns::restore(&mut tx, target, self.core.clock.now())
            .await?
            .ok_or_else(|| no_such(target))?;
        if matches!(changed, Changed::Nothing) {
            return Ok(());
        }
        note(&self.core, &mut tx, By::Actor(actor), Act::Restore, target, "").await?;
        tx.commit().await?;
        self.committed(target, &changed, true);
        Ok(())
    }

    /// A takedown or its end has become durable: bytes stop or go out again, and who watches is told.
    fn committed(&self, target: Target, changed: &Changed, shown: bool) {
        if target.kind == Subject::Video {
            // Also where only the reason changed, which its owner is shown.
            self.playback.forget(VideoId(target.id));
        }
        match changed {
            Changed::Video(before, after) => events::videos::changed(&self.core, before, after),
            Changed::Comment(place) => comments::moderated(
                &self.core,
                CommentId(target.id),
                place.video_id,
                place.parent_id,
                shown,
            ),
            Changed::Other | Changed::Nothing => {}
        }
    }
}
