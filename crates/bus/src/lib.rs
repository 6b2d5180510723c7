//! Wake-ups and fan-out between the parts of a site: in this process (NATS joins behind the same
//! contract).
//!
//! Owns delivery, not truth: what happened is in the store, and whoever hears of it here merely hears
//! sooner. A lost message costs time, never data, so nothing here waits for a slow listener.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use thiserror::Error;
use tokio::sync::Notify;
use tokio::sync::broadcast::{self, error::RecvError};
use tokio::sync::futures::OwnedNotified;

use model::{ObjectId, UserId, VideoId};

/// How many events a listener may be behind before it loses the oldest.
pub const MOST_BEHIND: usize = 1024;

/// Whom an event is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Audience {
    /// Everyone, signed in or not.
    Everyone,
    /// One user, on all of their devices.
    User(UserId),
    /// Those who run the site.
    Admins,
    /// Those who have this video open and may see it when they are told.
    Watchers {
        /// Which video.
        video: VideoId,
        /// Also all devices of this user, whose video it is.
        owner: Option<UserId>,
    },
    /// Those who had this video open and may not see it any more.
    Lost {
        /// Which video.
        video: VideoId,
        /// Also all devices of this user, whose video it was.
        owner: Option<UserId>,
    },
    /// Those who follow this channel, as long as the post is there for them. Who that is, is looked up among
    /// those who listen.
    Subscribers {
        /// Whose post.
        channel: UserId,
        /// The video or tweet.
        post: ObjectId,
    },
}

/// Something that happened.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Event {
    /// Its place in the order of events; grows.
    pub id: u64,
    /// What it is, such as `video.published`.
    pub kind: &'static str,
    /// Whom it may be shown to.
    pub audience: Audience,
    /// What there is to know, as JSON. Shared among all listeners.
    pub payload: Arc<str>,
}

/// Why a listener got no event.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum Missed {
    /// The listener was too slow: this many events passed it by. It goes on with the oldest that is
    /// still there, and looks up what it missed.
    #[error("{0} events were missed")]
    Events(u64),
    /// The bus is gone, and no event will come.
    #[error("the bus is closed")]
    Closed,
}

/// The bus of one site. Cheap to clone; all clones are one bus.
#[derive(Debug, Clone)]
pub struct Bus(Backend);

#[derive(Debug, Clone)]
enum Backend {
    InProcess(Arc<InProcess>),
}

#[derive(Debug)]
struct InProcess {
    /// One for each topic that was ever used; topics are constants of the program, so they are few.
    topics: Mutex<HashMap<&'static str, Arc<Notify>>>,
    events: broadcast::Sender<Event>,
}

impl Bus {
    /// A bus that reaches the parts of this process.
    pub fn in_process() -> Self {
        let (events, _) = broadcast::channel(MOST_BEHIND);
        Self(Backend::InProcess(Arc::new(InProcess {
            topics: Mutex::default(),
            events,
        })))
    }

    /// Wakes everyone who listens to `topic` at this moment. Not remembered for those who do not.
    pub fn wake(&self, topic: &'static str) {
        self.topic(topic).notify_waiters();
    }

    /// Listens to `topic` from this call on, polled or not; ends with the next [`Bus::wake`]. Look for
    /// work after calling this and before awaiting it, and no wake-up falls in between.
    pub fn woken(&self, topic: &'static str) -> OwnedNotified {
        self.topic(topic).notified_owned()
    }

    /// Tells everyone who is subscribed. Does not wait, whoever is slow.
    pub fn publish(&self, event: Event) {
        let Backend::InProcess(bus) = &self.0;
        // That nobody listens is no error.
        let _ = bus.events.send(event);
    }

    /// Listens to events from now on.
    pub fn subscribe(&self) -> Events {
        let Backend::InProcess(bus) = &self.0;
        Events(bus.events.subscribe())
    }

    fn topic(&self, topic: &'static str) -> Arc<Notify> {
        let Backend::InProcess(bus) = &self.0;
        // A map of handles is whole whatever happened while it was locked.
        let mut topics = bus.topics.lock().unwrap_or_else(PoisonError::into_inner);
        Arc::clone(topics.entry(topic).or_default())
    }
}

/// One listener's events, in order.
#[derive(Debug)]
pub struct Events(broadcast::Receiver<Event>);

impl Events {
    /// The next event. Dropping the future loses none.
    pub async fn next(&mut self) -> Result<Event, Missed> {
        self.0.recv().await.map_err(|error| match error {
            RecvError::Lagged(events) => Missed::Events(events),
            RecvError::Closed => Missed::Closed,
        })
    }
}
