//! Comments that wait for approval: what channels ask for, who waits, and who decides.
//!
//! Whether a text has to wait is `model::held`; what waits is rows of their own (`store::held`), which nothing else
//! reads. The author knows of it, the owner of the video and whoever moderates; for all others it is not there until
//! it is approved, and then it is published as any comment. The owner's own comments never wait.
//!
//! Another text for a comment that is shown waits beside it: the approved text stays in its place meanwhile.

use std::sync::Arc;

use model::held::{self as rules, Approval, MOST_AT_ONCE, Mode, Reason, Settings};
use model::likes::Target as Liked;
use model::moderation::{Kind as Subject, Target};
use model::{CommentId, VideoId};
use store::comments::{self, CommentRow};
use store::held::{self, HeldRow, Scope};
use store::likes::{self, Standing};
use store::notifications::NotificationRow;
use store::places::Place;
use store::{Tx, blocks};

use crate::comments::{Committed, committed, no_comment, publish, seen_in};
use crate::core::Core;
use crate::error::{Error, Fields, Kind};
use crate::lists::{Request, Slice};
use crate::moderation;
use crate::notifications;
use crate::playback::Playback;
use crate::sessions::{Actor, Viewer};
use crate::subscriptions::present;
use crate::videos::{may_see, may_see_standing, must_own};

/// Name of the lists, in their cursors.
const LIST: &str = "held";

/// What waits, and what channels ask for.
#[derive(Debug)]
pub struct Held {
    core: Arc<Core>,
    playback: Arc<Playback>,
}

/// What became of one of several.
#[derive(Debug)]
pub struct Decided {
    /// Which.
    pub id: CommentId,
    /// Why nothing was done, as a code.
    pub refused: Option<&'static str>,
}

/// What is to become of what waits.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Decision {
    /// It is shown.
    Approve,
    /// It goes.
    Remove,
}

/// What was approved, for those who are to hear of it.
struct Approved {
    row: CommentRow,
    said: Vec<NotificationRow>,
    /// It is another text of what was there.
    is_edit: bool,
}

/// Refuses where no comments are taken.
pub(crate) async fn must_be_taken(tx: &mut Tx, video: VideoId) -> Result<(), Error> {
    if held::mode(tx, video).await? == Mode::Off {
        let message = "Comments are turned off under this video.";
        return Err(Error::refused(Kind::Forbidden, "comments_off", message));
    }
    Ok(())
}

/// Why what `actor` says here has to wait, if it has to. Asked before the transaction that writes: going through a
/// long list of words takes a millisecond, for which all other writers would wait. What a channel changes in between
/// holds for the next comment.
pub(crate) async fn reason(
    core: &Core,
    video: VideoId,
    actor: &Actor,
    content: &str,
) -> Result<Option<Reason>, Error> {
    let mut tx = core.store.read();
    let Some(standing) = likes::standing(&mut tx, video).await? else {
        return Ok(None);
    };
    let channel = standing.owner_id;
    if actor.user_id == channel {
        return Ok(None);
    }
    // A video whose comments are off takes no new ones; another text of an old one is as any.
    let mode = match held::mode(&mut tx, video).await? {
        Mode::Off => Mode::On,
        mode => mode,
    };
    let settings = held::settings(&mut tx, channel).await?;
    let known = match settings.approval {
        Approval::First => held::is_known(&mut tx, channel, actor.user_id).await?,
        _ => false,
    };
    Ok(rules::reason(&settings, mode, known, content))
}

/// Has a comment wait, and says so to the owner of the video. What this answers is for after the commit.
pub(crate) async fn hold(
    core: &Core,
    tx: &mut Tx,
    new: &held::New<'_>,
) -> Result<(CommentRow, Option<NotificationRow>), Error> {
    held::save(tx, new).await?;
    let row = held::find(tx, new.id)
        .await?
        // Nobody is there any more who could have written it.
        .ok_or_else(Error::unauthenticated)?;
    let said = notifications::say_held(core, tx, new.video_id, new.channel_id, core.clock.now()).await?;
    Ok((row.comment, said))
}

/// A comment that waits and is nothing but that, if `actor` may know of it; with how its video stands.
pub(crate) async fn waiting(
    tx: &mut Tx,
    id: CommentId,
    actor: &Actor,
) -> Result<Option<(HeldRow, Standing)>, Error> {
    let Some(row) = held::find(tx, id).await?.filter(|row| !row.is_edit) else {
        return Ok(None);
    };
    let standing = known_to(tx, &row, actor).await?;
    Ok(standing.map(|standing| (row, standing)))
}

/// How the video stands under which something waits, if `actor` may know of it.
async fn known_to(tx: &mut Tx, row: &HeldRow, actor: &Actor) -> Result<Option<Standing>, Error> {
    let standing = likes::standing(tx, row.comment.video_id).await?;
    Ok(standing.filter(|standing| {
        may_see_standing(standing, &Some(*actor))
            && (row.comment.owner_id == actor.user_id || decides(standing, actor))
    }))
}

/// Whether `actor` decides what is shown under a video.
pub(crate) fn decides(video: &Standing, actor: &Actor) -> bool {
    actor.moderates() || actor.user_id == video.owner_id
}

fn must_decide(video: &Standing, actor: &Actor) -> Result<(), Error> {
    if decides(video, actor) {
        return Ok(());
    }
    let message = "Only the owner of the video can do this.";
    Err(Error::refused(Kind::Forbidden, "not_the_owner", message))
}

/// Takes away what waits, and writes that down where somebody else than author and owner does.
pub(crate) async fn discard(
    core: &Core,
    tx: &mut Tx,
    row: &HeldRow,
    video: &Standing,
    actor: &Actor,
) -> Result<(), Error> {
    held::remove(tx, row.comment.id).await?;
    if actor.user_id != video.owner_id {
        let target = Target::new(Subject::Comment, row.comment.id.0);
        moderation::note_removal(core, tx, actor, row.comment.owner_id, target, "").await?;
    }
    Ok(())
}

/// Shows what waits under this id. Nothing is written before everything is found to be right, so that one of
/// several may be refused and the others not.
async fn approve_in(
    core: &Core,
    tx: &mut Tx,
    id: CommentId,
    actor: &Actor,
) -> Result<Option<Approved>, Error> {
    let viewer = Some(*actor);
    let Some(row) = held::find(tx, id).await? else {
        // What is shown already needs nothing.
        let (_, standing) = seen_in(tx, id, &viewer).await?;
        must_decide(&standing, actor)?;
        return Ok(None);
    };
    let standing = if row.is_edit {
        seen_in(tx, id, &viewer).await?.1
    } else {
        known_to(tx, &row, actor).await?.ok_or_else(no_comment)?
    };
    must_decide(&standing, actor)?;
    let author = row.comment.owner_id;
    must_be_heard_now(tx, &row, &standing).await?;
    let approved = if row.is_edit {
        comments::save_content(tx, id, &row.comment.content, row.comment.created_at).await?;
        let row = comments::find(tx, id, viewer.map(|actor| actor.user_id)).await?;
        Approved {
            row: row.ok_or_else(no_comment)?,
            said: Vec::new(),
            is_edit: true,
        }
    } else {
        let new = comments::New {
            id,
            video_id: row.comment.video_id,
            owner_id: author,
            parent_id: row.comment.parent_id,
            content: &row.comment.content,
            now: row.comment.created_at,
            shown_at: core.clock.now(),
        };
        let (row, said) = publish(core, tx, &new, &standing, row.answers, actor.user_id).await?;
        Approved {
            row,
            said,
            is_edit: false,
        }
    };
    held::remove(tx, id).await?;
    held::know(tx, standing.owner_id, author).await?;
    Ok(Some(approved))
}

/// Refuses to show what answers a thread that is not there now, or what somebody says to whom it is said no more.
async fn must_be_heard_now(tx: &mut Tx, row: &HeldRow, video: &Standing) -> Result<(), Error> {
    let author = row.comment.owner_id;
    let mut heard_by = vec![video.owner_id];
    if let Some(top) = row.comment.parent_id {
        if comments::place(tx, top).await?.is_none() {
            let message = "The thread that this answers is not there any more.";
            return Err(Error::refused(Kind::Conflict, "thread_gone", message));
        }
        for id in [Some(top), row.answers].into_iter().flatten() {
            let answered = likes::counted(tx, Liked::Comment(id)).await?;
            heard_by.extend(answered.map(|answered| answered.owner_id));
        }
    }
    for by in heard_by {
        if by != author && blocks::exists(tx, by, author).await? {
            let message = "Its author was blocked since by somebody whom it is said to.";
            return Err(Error::refused(Kind::Conflict, "author_blocked", message));
        }
    }
    Ok(())
}

/// Those who are to hear of an approval do; after the commit.
fn told(core: &Core, approved: &Approved) {
    if approved.is_edit {
        committed(core, &Committed::Changed(&approved.row));
    } else {
        committed(core, &Committed::Added(&approved.row, &approved.said));
    }
}

impl Held {
    pub(crate) fn new(core: Arc<Core>, playback: Arc<Playback>) -> Self {
        Self { core, playback }
    }

    /// What waits on the actor's channel, newest first, or under one video that they decide about.
    pub async fn list(
        &self,
        video: Option<VideoId>,
        request: &Request,
        actor: &Actor,
    ) -> Result<Slice<HeldRow>, Error> {
        let mut tx = self.core.store.read();
        let scope = match video {
            None => Scope::Channel(actor.user_id),
            Some(id) => {
                likes::standing(&mut tx, id)
                    .await?
                    .filter(|video| may_see_standing(video, &Some(*actor)) && decides(video, actor))
                    .ok_or_else(Error::no_video)?;
                Scope::Video(id)
            }
        };
        self.slice(&mut tx, scope, request).await
    }

    /// What the actor wrote that waits, newest first.
    pub async fn list_own(&self, request: &Request, actor: &Actor) -> Result<Slice<HeldRow>, Error> {
        let mut tx = self.core.store.read();
        self.slice(&mut tx, Scope::Author(actor.user_id), request).await
    }

    async fn slice(&self, tx: &mut Tx, scope: Scope, request: &Request) -> Result<Slice<HeldRow>, Error> {
        let ask = request.ask(LIST, Place::TOP)?;
        let rows = held::list(tx, scope, ask.start.after, ask.rows).await?;
        request.cut(LIST, rows, |row| {
            Place::new(row.comment.created_at, row.comment.id.0)
        })
    }

    /// Shows a comment that waits, in its place by the time when it was written. What is shown already stays so.
    pub async fn approve(&self, id: CommentId, actor: &Actor) -> Result<CommentRow, Error> {
        let mut tx = self.core.store.write().await?;
        let Some(approved) = approve_in(&self.core, &mut tx, id, actor).await? else {
            return Ok(seen_in(&mut tx, id, &Some(*actor)).await?.0);
        };
        tx.commit().await?;
        told(&self.core, &approved);
        Ok(approved.row)
    }

    /// Approves or removes several, in one transaction; tells of each what became of it.
    pub async fn decide(
        &self,
        ids: &[CommentId],
        decision: Decision,
        actor: &Actor,
    ) -> Result<Vec<Decided>, Error> {
        if ids.is_empty() || ids.len() > MOST_AT_ONCE {
            let message = format!("Send 1 to {MOST_AT_ONCE} ids.");
            return Err(Error::field(
                "ids",
                model::text::Fault::new("out_of_range", message),
            ));
        }
        let mut tx = self.core.store.write().await?;
        let (mut all, mut shown) = (Vec::with_capacity(ids.len()), Vec::new());
        for id in ids {
            let done = match decision {
                Decision::Approve => approve_in(&self.core, &mut tx, *id, actor)
                    .await
                    .map(|approved| shown.extend(approved)),
                Decision::Remove => self.remove_in(&mut tx, *id, actor).await,
            };
            let refused = match done {
                Ok(()) => None,
                Err(Error::Refused(refusal)) => Some(refusal.code),
                Err(error) => return Err(error),
            };
            all.push(Decided { id: *id, refused });
        }
        tx.commit().await?;
        for approved in &shown {
            told(&self.core, approved);
        }
        Ok(all)
    }

    /// Takes away what waits under this id: a comment, or only another text for one that is shown.
    async fn remove_in(&self, tx: &mut Tx, id: CommentId, actor: &Actor) -> Result<(), Error> {
        let row = held::find(tx, id).await?.ok_or_else(no_comment)?;
        let standing = known_to(tx, &row, actor).await?.ok_or_else(no_comment)?;
        discard(&self.core, tx, &row, &standing, actor).await
    }

    /// What the actor's channel asks for.
    pub async fn settings(&self, actor: &Actor) -> Result<Settings, Error> {
        Ok(held::settings(&mut self.core.store.read(), actor.user_id).await?)
    }

    /// Changes what the actor's channel asks for; what is absent stays. What waits already goes on waiting.
    pub async fn update_settings(
        &self,
        approval: Option<&str>,
        blocked: Option<&[String]>,
        actor: &Actor,
    ) -> Result<Settings, Error> {
        let mut fields = Fields::default();
        let approval = fields.optional("approval", approval, Approval::from_name);
        let blocked = blocked.and_then(|words| fields.check("blockedWords", rules::blocked_words(words)));
        fields.done()?;
        if approval.is_none() && blocked.is_none() {
            let message = "Send approval, blockedWords, or both.";
            return Err(Error::refused(Kind::Invalid, "nothing_to_change", message));
        }
        let mut tx = self.core.store.write().await?;
        // Everything of somebody who has left is removed once; what came after that would stay.
        present(&mut tx, actor.user_id)
            .await?
            .ok_or_else(Error::unauthenticated)?;
        let before = held::settings(&mut tx, actor.user_id).await?;
        let after = Settings {
            approval: approval.unwrap_or(before.approval),
            blocked: blocked.unwrap_or(before.blocked),
        };
        held::save_settings(&mut tx, actor.user_id, &after).await?;
        tx.commit().await?;
        Ok(after)
    }

    /// Whether comments under a video are taken, for whoever may see it.
    pub async fn mode(&self, id: VideoId, viewer: &Viewer) -> Result<Mode, Error> {
        let video = self.playback.believed(id).await?.ok_or_else(Error::no_video)?;
        if !may_see(&video, viewer) {
            return Err(Error::no_video());
        }
        Ok(held::mode(&mut self.core.store.read(), id).await?)
    }

    /// Changes whether comments under a video are taken; its owner, and admins.
    pub async fn update_mode(&self, id: VideoId, mode: Option<&str>, actor: &Actor) -> Result<Mode, Error> {
        let video = self.playback.believed(id).await?.ok_or_else(Error::no_video)?;
        must_own(&video, actor)?;
        let mut fields = Fields::default();
        let Some(mode) = fields.require("commentsMode", mode, Mode::from_name) else {
            return Err(fields.into_error());
        };
        let mut tx = self.core.store.write().await?;
        held::save_mode(&mut tx, id, mode).await?;
        tx.commit().await?;
        Ok(mode)
    }
}
