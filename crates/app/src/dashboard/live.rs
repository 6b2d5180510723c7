//! A dashboard that is open: the whole state, and then what changes of it, at most once a second.
//!
//! All who look at the same channel share a board, which works its state out once for all of them; it goes when the
//! last of them does. Those who are slow find the newest state when they come to it, and nothing is kept for them.
//! Places, ends of sessions and signs of life are those of [`crate::events`].

use std::collections::{HashMap, VecDeque};
use std::fmt;
use std::pin::Pin;
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};
use std::task::{Context, Poll};
use std::time::Duration;

use bytes::Bytes;
use model::VideoId;
use tokio::sync::broadcast::error::RecvError;
use tokio::sync::watch;

use super::realtime::{Realtime, realtime};
use super::{Dashboard, Focus, Stats, stats};
use crate::analytics::live::Changes;
use crate::core::Core;
use crate::error::Error;
use crate::events::{Feed, Heard, Wish};
use crate::sessions::Actor;

/// Between two states lies at least so much time.
const PACE: Duration = Duration::from_secs(1);
/// A state is worked out again after that, whatever is told: minutes pass, and people leave without a word.
const REFRESH: Duration = Duration::from_secs(10);

/// A part of the state, as it was worked out once for all who are shown it.
#[derive(Debug)]
pub struct Part<T> {
    version: u64,
    /// The numbers.
    pub numbers: T,
    wire: OnceLock<Bytes>,
}

impl<T: PartialEq> Part<T> {
    /// These numbers, or the part before where it says the same.
    fn after(before: Option<&Arc<Self>>, numbers: T) -> Arc<Self> {
        match before {
            Some(before) if before.numbers == numbers => Arc::clone(before),
            before => Arc::new(Self {
                version: before.map_or(0, |before| before.version) + 1,
                numbers,
                wire: OnceLock::new(),
            }),
        }
    }
}

impl<T> Part<T> {
    /// How it is written on the wire; made for the first who needs it.
    pub fn wire(&self, write: impl FnOnce(&T) -> Bytes) -> Bytes {
        self.wire.get_or_init(|| write(&self.numbers)).clone()
    }
}

#[derive(Debug, Clone)]
struct State {
    stats: Arc<Part<Stats>>,
    realtime: Arc<Part<Realtime>>,
}

type Seen = watch::Receiver<Option<State>>;

/// Boards that somebody looks at.
#[derive(Debug)]
pub(super) struct Boards {
    core: Arc<Core>,
    open: Mutex<HashMap<Focus, watch::Sender<Option<State>>>>,
}

impl Boards {
    pub(super) fn new(core: Arc<Core>) -> Self {
        Self {
            core,
            open: Mutex::new(HashMap::new()),
        }
    }

    fn locked(&self) -> MutexGuard<'_, HashMap<Focus, watch::Sender<Option<State>>>> {
        // Each change is whole at every moment.
        self.open.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Looks at a board; the first who does sets it up.
    fn look(self: &Arc<Self>, focus: Focus) -> Seen {
        let mut open = self.locked();
        if let Some(board) = open.get(&focus) {
            return board.subscribe();
        }
        let (board, seen) = watch::channel(None);
        open.insert(focus, board.clone());
        let changes = self.core.live.listen();
        tokio::spawn(Arc::clone(self).keep(focus, board, changes));
        seen
    }

    /// Takes a board down that nobody looks at; tells whether it did.
    fn leave(&self, focus: Focus, board: &watch::Sender<Option<State>>) -> bool {
        let mut open = self.locked();
        let unseen = board.receiver_count() == 0;
        if unseen {
            open.remove(&focus);
        }
        unseen
    }

    /// Keeps a board up to date while somebody looks at it.
    async fn keep(self: Arc<Self>, focus: Focus, board: watch::Sender<Option<State>>, mut changes: Changes) {
        loop {
            let before = board.borrow().clone();
            match state(&self.core, focus, before.as_ref()).await {
                Ok(Some(after)) => {
                    board.send_if_modified(|state| {
                        let same = state.as_ref().is_some_and(|state| state.is(&after));
                        *state = Some(after);
                        !same
                    });
                }
                // There is nothing to show any more; those who look are told by the end of their streams.
                Ok(None) => {
                    self.locked().remove(&focus);
                    return;
                }
                Err(error) => tracing::warn!(error = %error, "Could not work out an open dashboard"),
            }
            tokio::time::sleep(PACE).await;
            tokio::select! {
                () = board.closed() => {}
                () = changed(&mut changes, focus) => {}
                () = tokio::time::sleep(REFRESH) => {}
            }
            if self.leave(focus, &board) {
                return;
            }
        }
    }
}

impl State {
    fn is(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.stats, &other.stats) && Arc::ptr_eq(&self.realtime, &other.realtime)
    }
}

/// Waits until some of the numbers may have changed.
async fn changed(changes: &mut Changes, focus: Focus) {
    loop {
        match changes.recv().await {
            Ok(told) => {
                let about = match focus.video {
                    Some(video) => told.videos.binary_search(&video).is_ok(),
                    None => told.is_about(focus.channel),
                };
                if about {
                    return;
                }
            }
            Err(RecvError::Lagged(_)) => return,
            Err(RecvError::Closed) => std::future::pending().await,
        }
    }
}

async fn state(core: &Core, focus: Focus, before: Option<&State>) -> Result<Option<State>, Error> {
    let Some(stats) = stats(core, focus).await? else {
        return Ok(None);
    };
    let realtime = realtime(core, focus).await?;
    Ok(Some(State {
        stats: Part::after(before.map(|state| &state.stats), stats),
        realtime: Part::after(before.map(|state| &state.realtime), realtime),
    }))
}

/// What somebody is shown who looks at a board.
#[derive(Debug)]
pub enum Shown {
    /// How it stands in all.
    Stats(Arc<Part<Stats>>),
    /// How it is at this moment.
    Realtime(Arc<Part<Realtime>>),
    /// Nothing changes, and the connection stands.
    Beat,
}

type Turn = Pin<Box<dyn Future<Output = (Seen, bool)> + Send>>;

/// An open dashboard. Gives its place back when it is dropped.
pub struct Watching {
    feed: Feed,
    next: Turn,
    ready: VecDeque<Shown>,
    stats: u64,
    realtime: u64,
}

impl fmt::Debug for Watching {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Watching")
            .field("feed", &self.feed)
            .finish_non_exhaustive()
    }
}

impl Dashboard {
    /// Opens the dashboard of the actor's channel, or of a video of theirs.
    pub async fn watch(&self, video: Option<VideoId>, actor: &Actor) -> Result<Watching, Error> {
        let focus = self.focus(video, actor).await?;
        let feed = self.events.listen(&Some(*actor), Wish::default()).await?;
        let mut seen = self.boards.look(focus);
        // What is on the board already is new to them.
        seen.mark_changed();
        Ok(Watching {
            feed,
            next: turn(seen),
            ready: VecDeque::new(),
            stats: 0,
            realtime: 0,
        })
    }
}

/// The next state; false: there will be none.
fn turn(mut seen: Seen) -> Turn {
    Box::pin(async move {
        let goes_on = seen.changed().await.is_ok();
        (seen, goes_on)
    })
}

impl Watching {
    /// The next that they are shown; `None` when nothing will come any more.
    pub fn poll_next(&mut self, context: &mut Context<'_>) -> Poll<Option<Shown>> {
        loop {
            if let Some(shown) = self.ready.pop_front() {
                return Poll::Ready(Some(shown));
            }
            match self.feed.poll_next(context) {
                Poll::Ready(None) => return Poll::Ready(None),
                Poll::Ready(Some(Heard::Beat)) => return Poll::Ready(Some(Shown::Beat)),
                // Other things are told elsewhere.
                Poll::Ready(Some(_)) => continue,
                Poll::Pending => {}
            }
            let Poll::Ready((mut seen, goes_on)) = self.next.as_mut().poll(context) else {
                return Poll::Pending;
            };
            if !goes_on {
                return Poll::Ready(None);
            }
            let state = seen.borrow_and_update().clone();
            self.next = turn(seen);
            if let Some(state) = state {
                self.take(&state);
            }
        }
    }

    fn take(&mut self, state: &State) {
        if self.stats != state.stats.version {
            self.stats = state.stats.version;
            self.ready.push_back(Shown::Stats(Arc::clone(&state.stats)));
        }
        if self.realtime != state.realtime.version {
            self.realtime = state.realtime.version;
            self.ready.push_back(Shown::Realtime(Arc::clone(&state.realtime)));
        }
    }
}
