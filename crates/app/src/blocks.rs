//! Blocks: whom somebody does not want to hear from. Whoever is blocked does not comment on their videos, answer
//! their comments, or tweet about their videos.
//!
//! A block hides nothing: what was said stays, and what is said elsewhere is seen by all who may see it. Nobody is
//! told of a block but by being refused.

use std::sync::Arc;

use model::UserId;
use store::Tx;
use store::blocks::{self, BlockRow};
use store::places::Place;

use crate::core::Core;
use crate::error::{Error, Kind};
use crate::lists::{Request, Slice};
use crate::sessions::Actor;
use crate::subscriptions::{find, present};

/// The most people that one person blocks.
pub const MOST_BLOCKS: i64 = 10_000;
/// How long a read far into the list may take.
const SLOW_READ_MS: u64 = 2_000;
/// Name of the list, in its cursors.
const LIST: &str = "blocks";

/// Whom somebody does not want to hear from.
#[derive(Debug)]
pub struct Blocks {
    core: Arc<Core>,
}

/// Refuses what `actor` says to somebody who has blocked them.
pub(crate) async fn must_be_heard(tx: &mut Tx, by: UserId, actor: &Actor) -> Result<(), Error> {
    if by == actor.user_id || !blocks::exists(tx, by, actor.user_id).await? {
        return Ok(());
    }
    let message = "This user has blocked you.";
    Err(Error::refused(Kind::Forbidden, "blocked", message))
}

impl Blocks {
    pub(crate) fn new(core: Arc<Core>) -> Self {
        Self { core }
    }

    /// Blocks somebody, whether or not they are.
    pub async fn add(&self, user: UserId, actor: &Actor) -> Result<(), Error> {
        if user == actor.user_id {
            let message = "Nobody blocks themselves.";
            return Err(Error::refused(Kind::Invalid, "own_account", message));
        }
        let now = self.core.clock.now();
        let mut tx = self.core.store.write().await?;
        find(&mut tx, user).await?;
        // Everything of somebody who has left is removed once; what came after that would stay.
        present(&mut tx, actor.user_id)
            .await?
            .ok_or_else(Error::unauthenticated)?;
        if blocks::count(&mut tx, actor.user_id, MOST_BLOCKS).await? >= MOST_BLOCKS
            && !blocks::exists(&mut tx, actor.user_id, user).await?
        {
            let message = format!("Nobody blocks more than {MOST_BLOCKS} people.");
            return Err(Error::refused(Kind::Unprocessable, "too_many_blocks", message));
        }
        blocks::add(&mut tx, actor.user_id, user, now).await?;
        Ok(tx.commit().await?)
    }

    /// Hears from somebody again, whether or not they were blocked, and whether or not they are still there.
    pub async fn remove(&self, user: UserId, actor: &Actor) -> Result<(), Error> {
        let mut tx = self.core.store.write().await?;
        blocks::remove(&mut tx, actor.user_id, user).await?;
        Ok(tx.commit().await?)
    }

    /// Whom the actor has blocked, the last first.
    pub async fn list(&self, request: &Request, actor: &Actor) -> Result<Slice<BlockRow>, Error> {
        let ask = request.ask(LIST, Place::TOP)?;
        let mut tx = if ask.deep {
            self.core.store.slow_read(SLOW_READ_MS)
        } else {
            self.core.store.read()
        };
        let rows = blocks::list(&mut tx, actor.user_id, ask.start, ask.rows).await?;
        request.cut(LIST, rows, |row| Place::new(row.created_at, row.user_id.0))
    }
}
