//! Moderation: who looks after the site, and what they may do about people and what they show.
//!
//! [`reports`] is what people say is wrong, [`registrations`] who wants to be let in, [`takedowns`] what moderators hide and bring back, [`users`] what
//! admins do about accounts, [`subjects`] what all that is about. Every such act is written down here, in its own transaction. What follows from a
//! takedown for those who watch and list is decided where that is: `videos::may_see`, and the lists of the store.

pub mod registrations;
pub mod reports;
pub mod subjects;
pub mod takedowns;
pub mod users;

use std::sync::Arc;

use model::UserId;
use model::moderation::{Act, Kind as Subject, Target};
use store::Tx;
use store::audit;
use store::places::Place;
use store::videos::VideoRow;

use crate::core::Core;
use crate::error::{Error, Kind};
use crate::lists::{Request, Slice};
use crate::moderation::subjects::Told;
use crate::playback::Playback;
use crate::queue::By;
use crate::sessions::{Actor, Sessions};

/// The name of the list of acts, in its cursors.
const AUDIT: &str = "audit";

/// Reports, takedowns, accounts, and the log of all that.
#[derive(Debug)]
pub struct Moderation {
    core: Arc<Core>,
    sessions: Arc<Sessions>,
    playback: Arc<Playback>,
}

/// What only moderators and admins know of does not exist for others.
fn nothing_there() -> Error {
    Error::refused(Kind::NotFound, "not_found", "There is nothing here.")
}

fn must_moderate(actor: &Actor) -> Result<(), Error> {
    if actor.moderates() {
        Ok(())
    } else {
        Err(nothing_there())
    }
}

fn must_run_the_site(by: By<'_>) -> Result<(), Error> {
    if by.runs_the_site() {
        Ok(())
    } else {
        Err(nothing_there())
    }
}

/// Writes an act down, in the transaction of the act.
pub(crate) async fn note(
    core: &Core,
    tx: &mut Tx,
    by: By<'_>,
    act: Act,
    target: Target,
    note: &str,
) -> Result<(), Error> {
    let now = core.clock.now();
    let actor_id: Option<UserId> = match by {
        By::Actor(actor) => Some(actor.user_id),
        By::Operator => None,
    };
    let row = audit::New {
        id: core.ids.next(now),
        actor_id,
        act,
        target,
        note,
        now,
    };
    audit::add(tx, &row).await?;
    tracing::info!(act = act.name(), target.id = %target.id, "{} {}", act.name(), target.id);
    Ok(())
}

/// Writes down what somebody does to a thing, where it is not their own.
async fn note_of_others(
    core: &Core,
    tx: &mut Tx,
    actor: &Actor,
    owner: UserId,
    act: Act,
    target: Target,
    what: &str,
) -> Result<(), Error> {
    if actor.user_id == owner {
        return Ok(());
    }
    note(core, tx, By::Actor(actor), act, target, what).await
}

/// Writes down that somebody removes a thing, where it is not their own.
pub(crate) async fn note_removal(
    core: &Core,
    tx: &mut Tx,
    actor: &Actor,
    owner: UserId,
    target: Target,
    what: &str,
) -> Result<(), Error> {
    note_of_others(core, tx, actor, owner, Act::Remove, target, what).await
}

/// Writes down that somebody changes a thing, where it is not their own; `what` of it.
pub(crate) async fn note_edit(
    core: &Core,
    tx: &mut Tx,
    actor: &Actor,
    owner: UserId,
    target: Target,
    what: &str,
) -> Result<(), Error> {
    note_of_others(core, tx, actor, owner, Act::Edit, target, what).await
}

/// The same of a video.
pub(crate) async fn note_video_edit(
    core: &Core,
    tx: &mut Tx,
    actor: &Actor,
    video: &VideoRow,
    what: &str,
) -> Result<(), Error> {
    let target = Target::new(Subject::Video, video.id.0);
    note_edit(core, tx, actor, video.owner_id, target, what).await
}

impl Moderation {
    pub(crate) fn new(core: Arc<Core>, sessions: Arc<Sessions>, playback: Arc<Playback>) -> Self {
        Self {
            core,
            sessions,
            playback,
        }
    }

    /// What moderators and admins did, newest first; for admins.
    pub async fn audit(&self, request: &Request, actor: &Actor) -> Result<Slice<Told>, Error> {
        must_run_the_site(By::Actor(actor))?;
        let ask = request.ask(AUDIT, Place::TOP)?;
        let mut tx = self.core.store.read();
        let rows = audit::list(&mut tx, ask.start.after, ask.rows).await?;
        let Slice { items, next_cursor } =
            request.cut(AUDIT, rows, |row| Place::new(row.created_at, row.id.0))?;
        let items = subjects::each(&mut tx, items).await?;
        Ok(Slice { items, next_cursor })
    }
}
