//! What people watched: players tell how far, lists show it, and videos say where to go on.
//!
//! What a player may claim is `model::history`; what it tells comes through `analytics::ingest`, where views are
//! counted from it. How far somebody has come is held here for a second and then written together with others': a
//! crash costs that second.

use std::collections::{BTreeMap, HashMap};
use std::ops::{Bound, RangeInclusive};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use model::history as rules;
use model::{Millis, ObjectId, UserId, VideoId};
use moka::sync::Cache;
use store::history::{self, Watched};
use store::places::Place;
use store::videos::VideoRow;
use tokio_util::sync::CancellationToken;

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
/// What waits to be written, at most.
const MOST_WAITING: usize = 20_000;
/// How often what waits is written.
const SETTLE_EVERY: Duration = Duration::from_secs(1);
/// What is written in one transaction.
const SETTLED_AT_ONCE: usize = 1_000;
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
    /// What is not written yet.
    waiting: Mutex<BTreeMap<Key, Watched>>,
    /// What was written a short while ago.
    written: Cache<Key, Watched>,
    /// One writes at a time, so that nothing older is written behind something newer, or behind its removal.
    writing: tokio::sync::Mutex<()>,
}

/// Who watched what.
type Key = (UserId, VideoId);

/// The keys of one person.
fn of(user: UserId) -> RangeInclusive<Key> {
    (user, VideoId(ObjectId([0; 12])))..=(user, VideoId(ObjectId([0xff; 12])))
}

fn entry((key, watched): (&Key, &Watched)) -> (Key, Watched) {
    (*key, *watched)
}

impl History {
    pub(crate) fn new(core: Arc<Core>) -> Self {
        let written = Cache::builder()
            .max_capacity(50_000)
            .time_to_live(Duration::from_mins(1))
            .build();
        Self {
            core,
            waiting: Mutex::default(),
            written,
            writing: tokio::sync::Mutex::default(),
        }
    }

    /// Keeps how far somebody has watched a video. That waits a second for others to be written with, and is found
    /// from now on. When far too much waits, because the store takes nothing, it is left out.
    pub(crate) async fn keep(&self, actor: &Actor, id: VideoId, position_ms: i64) -> Result<(), Error> {
        let key = (actor.user_id, id);
        let waiting = self.locked().get(&key).copied();
        let known = match waiting.or_else(|| self.written.get(&key)) {
            Some(known) => Some(known),
            None => history::find(&mut self.core.store.read(), actor.user_id, id).await?,
        };
        let now = self.core.clock.now();
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
        let mut waiting = self.locked();
        if waiting.len() < MOST_WAITING || waiting.contains_key(&key) {
            waiting.insert(key, watched);
        }
        Ok(())
    }

    /// Writes what waits, once a second until `stop`, and what is left then.
    pub(crate) async fn keep_written(&self, stop: CancellationToken) {
        loop {
            let ends = tokio::select! {
                () = stop.cancelled() => true,
                () = tokio::time::sleep(SETTLE_EVERY) => false,
            };
            if let Err(error) = self.settle().await {
                tracing::warn!(error = %error, "Cannot write what was watched; it waits");
            }
            if ends {
                return;
            }
        }
    }

    /// Writes what waits, each place once. What is told meanwhile waits for the next time: where many watch, there is
    /// always something.
    pub(crate) async fn settle(&self) -> Result<(), Error> {
        let mut behind = Bound::Unbounded;
        loop {
            let _one = self.writing.lock().await;
            let bite: Vec<_> = {
                let waiting = self.locked();
                let rest = waiting.range((behind, Bound::Unbounded));
                rest.take(SETTLED_AT_ONCE).map(entry).collect()
            };
            let Some((last, _)) = bite.last() else {
                return Ok(());
            };
            behind = Bound::Excluded(*last);
            self.write(&bite).await?;
            if bite.len() < SETTLED_AT_ONCE {
                return Ok(());
            }
        }
    }

    /// Writes what waits of one person, so that they find it in their list.
    async fn settle_of(&self, user: UserId) -> Result<(), Error> {
        if self.locked().range(of(user)).next().is_none() {
            return Ok(());
        }
        let _one = self.writing.lock().await;
        let theirs: Vec<_> = self.locked().range(of(user)).map(entry).collect();
        // Whoever was before has written it meanwhile.
        if theirs.is_empty() {
            return Ok(());
        }
        self.write(&theirs).await
    }

    async fn write(&self, rows: &[(Key, Watched)]) -> Result<(), Error> {
        let mut tx = self.core.store.write().await?;
        for ((user, _), watched) in rows {
            history::save(&mut tx, *user, watched).await?;
        }
        tx.commit().await?;
        let mut waiting = self.locked();
        for (key, watched) in rows {
            // Until now it was found here. What was told meanwhile waits for the next time.
            if waiting.get(key) == Some(watched) {
                waiting.remove(key);
            }
            self.written.insert(*key, *watched);
        }
        Ok(())
    }

    fn locked(&self) -> MutexGuard<'_, BTreeMap<Key, Watched>> {
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// What the actor watched, newest first. Videos that they may not see any more are left out, so there may be
    /// fewer on a page than were asked for.
    pub async fn list(&self, request: &Request, actor: &Actor) -> Result<Slice<Seen>, Error> {
        let ask = request.ask(HISTORY, Place::TOP)?;
        self.settle_of(actor.user_id).await?;
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
        // In this order: what is written in between is found twice, not missed.
        let waiting: HashMap<VideoId, i64> = {
            let waiting = self.locked();
            let position = |id: &VideoId| Some((*id, waiting.get(&(actor.user_id, *id))?.position_ms));
            ids.iter().filter_map(position).collect()
        };
        let rows = history::positions(&mut self.core.store.read(), actor.user_id, &ids).await?;
        Ok(rows
            .into_iter()
            .chain(waiting)
            .map(|(id, position_ms)| {
                let duration_ms = durations.get(&id).copied().unwrap_or(0);
                (id, rules::resume_ms(position_ms, duration_ms))
            })
            .collect())
    }

    /// Forgets one video, whether or not it is there.
    pub async fn forget(&self, id: VideoId, actor: &Actor) -> Result<(), Error> {
        let _one = self.writing.lock().await;
        self.locked().remove(&(actor.user_id, id));
        self.written.invalidate(&(actor.user_id, id));
        let mut tx = self.core.store.write().await?;
        history::remove(&mut tx, actor.user_id, id).await?;
        Ok(tx.commit().await?)
    }

    /// Forgets everything that was watched until now.
    pub async fn forget_all(&self, actor: &Actor) -> Result<(), Error> {
        let now = self.core.clock.now();
        self.settle_of(actor.user_id).await?;
        let _one = self.writing.lock().await;
        // Nobody does this often.
        self.written.invalidate_all();
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

#[cfg(test)]
mod tests {
    use model::SessionId;
    use model::users::Role;

    use super::*;
    use crate::jobs::kit::app;

    #[tokio::test]
    async fn writing_what_waits_ends_though_players_go_on_telling() {
        let folder = tempfile::tempdir().unwrap();
        let app = app(folder.path(), model::Clock::manual(Millis(1_709_294_400_000))).await;
        let actor = Actor {
            user_id: UserId(ObjectId([1; 12])),
            session_id: SessionId(ObjectId([2; 12])),
            role: Role::User,
        };
        let video = VideoId(ObjectId([3; 12]));
        let history = &app.history;
        history.keep(&actor, video, 1).await.unwrap();
        // While somebody else writes, the player tells where it has come to.
        let busy = app.core.store.write().await.unwrap();
        let goes_on = async {
            while history.writing.try_lock().is_ok() {
                tokio::task::yield_now().await;
            }
            history.keep(&actor, video, 2).await.unwrap();
            drop(busy);
        };
        let (settled, ()) = tokio::join!(history.settle(), goes_on);
        settled.unwrap();
        let waits = |of: &History| -> Vec<i64> {
            let waiting = of.locked();
            waiting.values().map(|watched| watched.position_ms).collect()
        };
        assert_eq!(waits(history), [2], "it waits for the next time");
        history.settle().await.unwrap();
        assert!(waits(history).is_empty());
    }
}
