//! What people watched: players tell how far, lists show it, and videos say where to go on.
//!
//! What a player may claim is `model::history`. Views are not counted from what is said here.

use std::collections::HashMap;
use std::sync::Arc;

use model::history as rules;
use model::{Millis, VideoId};
use store::history::{self, Watched};
use store::places::Place;
use store::videos::VideoRow;

use crate::core::Core;
use crate::error::Error;
use crate::lists::{Request, Slice};
use crate::sessions::{Actor, Viewer};
use crate::subscriptions::by_id;
use crate::videos::may_see;

/// Name of the list in its cursors.
const HISTORY: &str = "history";
/// What is told again this soon is not written down again.
const SOON_MS: i64 = 60_000;
/// Rows forgotten in one transaction.
const BITE: i64 = 500;
/// How long a read far into the list may take.
const SLOW_READ_MS: u64 = 2_000;

/// A video that somebody watched.
#[derive(Debug)]
pub struct Seen {
    /// The video.
    pub video: VideoRow,
    /// When they watched it last.
    pub watched_at: Millis,
}

/// What people watched.
#[derive(Debug)]
pub struct History {
    core: Arc<Core>,
}

impl History {
    pub(crate) fn new(core: Arc<Core>) -> Self {
        Self { core }
    }

    /// Keeps how far somebody has watched a video. `event` is what the player says has happened.
    pub(crate) async fn keep(
        &self,
        actor: &Actor,
        id: VideoId,
        position_ms: i64,
        _event: Option<&str>,
    ) -> Result<(), Error> {
        let now = self.core.clock.now();
        let known = history::find(&mut self.core.store.read(), actor.user_id, id).await?;
        // A paused player says the same again and again.
        let told = known.is_some_and(|known| {
            known.position_ms == position_ms && (0..SOON_MS).contains(&now.since(known.at))
        });
        if told {
            return Ok(());
        }
        let watched = Watched {
            video: id,
            at: now,
            position_ms,
        };
        let mut tx = self.core.store.write().await?;
        history::save(&mut tx, actor.user_id, &watched).await?;
        Ok(tx.commit().await?)
    }

    /// Writes what waits to be written.
    #[expect(clippy::unused_async, reason = "nothing waits yet")]
    pub(crate) async fn settle(&self) -> Result<(), Error> {
        Ok(())
    }

    /// What the actor watched, newest first. Videos that they may not see any more are left out, so there may be
    /// fewer on a page than were asked for.
    pub async fn list(&self, request: &Request, actor: &Actor) -> Result<Slice<Seen>, Error> {
        let ask = request.ask(HISTORY, Place::TOP)?;
        let mut tx = if ask.deep {
            self.core.store.slow_read(SLOW_READ_MS)
        } else {
            self.core.store.read()
        };
        let rows = history::list(&mut tx, actor.user_id, ask.start, ask.rows).await?;
        let slice = request.cut(HISTORY, rows, |row| Place::new(row.at, row.video.0))?;
        let ids: Vec<VideoId> = slice.items.iter().map(|row| row.video).collect();
        let mut videos = by_id(&mut self.core.store.read(), &ids).await?;
        Ok(slice.map(|row| {
            let video = videos.remove(&row.video)?;
            may_see(&video, &Some(*actor)).then_some(Seen {
                video,
                watched_at: row.at,
            })
        }))
    }

    /// Where the viewer goes on in each of these videos, in milliseconds, where that is not the beginning.
    pub async fn resume_points(
        &self,
        videos: &[(VideoId, i64)],
        viewer: &Viewer,
    ) -> Result<HashMap<VideoId, i64>, Error> {
        let Some(actor) = viewer else {
            return Ok(HashMap::new());
        };
        let ids: Vec<VideoId> = videos.iter().map(|(id, _)| *id).collect();
        let durations: HashMap<VideoId, i64> = videos.iter().copied().collect();
        let rows = history::positions(&mut self.core.store.read(), actor.user_id, &ids).await?;
        Ok(rows
            .into_iter()
            .map(|(id, position_ms)| {
                let duration_ms = durations.get(&id).copied().unwrap_or(0);
                (id, rules::resume_ms(position_ms, duration_ms))
            })
            .collect())
    }

    /// Forgets one video, whether or not it is there.
    pub async fn forget(&self, id: VideoId, actor: &Actor) -> Result<(), Error> {
        let mut tx = self.core.store.write().await?;
        history::remove(&mut tx, actor.user_id, id).await?;
        Ok(tx.commit().await?)
    }

    /// Forgets everything that was watched until now.
    pub async fn forget_all(&self, actor: &Actor) -> Result<(), Error> {
        let now = self.core.clock.now();
        loop {
            let mut tx = self.core.store.write().await?;
            let gone = history::remove_until(&mut tx, actor.user_id, now, BITE).await?;
            tx.commit().await?;
            if gone < BITE {
                return Ok(());
            }
        }
    }
}
