//! Wake-ups and fan-out between the parts of a site: in this process, or between nodes through NATS.
//!
//! Owns delivery, not truth: what happened is in the store, and whoever hears of it here merely hears
//! sooner. A lost message costs time, never data, so nothing here waits for a slow listener.

mod nats;
mod wire;

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use bytes::Bytes;
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
    /// Its place in the order of events; grows. Between nodes the bus gives it, whatever the sender said.
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
    /// Some passed this node by; nobody knows how many.
    #[error("events were missed")]
    Some,
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
    Nats(Arc<nats::Nats>),
}

/// Why there is no bus.
#[derive(Debug, Error)]
pub enum BusError {
    /// The server is not there, or does not have what is needed.
    #[error("the NATS server cannot be used: {0}")]
    Unavailable(String),
    /// The address is none.
    #[error("not the address of a NATS server: {0}")]
    Address(String),
}

/// What a listener is sent.
#[derive(Debug, Clone)]
enum Heard {
    Event(Event),
    Gap,
}

/// Signals of one topic that wait for a listener before it misses some.
const SIGNALS: usize = 64;

#[derive(Debug)]
struct InProcess {
    /// One for each topic that was ever used; topics are constants of the program, so they are few.
    topics: Mutex<HashMap<&'static str, Arc<Notify>>>,
    signals: Mutex<HashMap<&'static str, broadcast::Sender<Bytes>>>,
    events: broadcast::Sender<Heard>,
}

impl InProcess {
    fn new() -> Self {
        let (events, _) = broadcast::channel(MOST_BEHIND);
        Self {
            topics: Mutex::default(),
            signals: Mutex::default(),
            events,
        }
    }

    fn topic(&self, topic: &'static str) -> Arc<Notify> {
        // A map of handles is whole whatever happened while it was locked.
        let mut topics = self.topics.lock().unwrap_or_else(PoisonError::into_inner);
        Arc::clone(topics.entry(topic).or_default())
    }

    /// Wakes those who listen to a topic that another node names.
    fn wake_known(&self, topic: &str) {
        let topics = self.topics.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(known) = topics.get(topic) {
            known.notify_waiters();
        }
    }

    fn wake_all(&self) {
        let topics = self.topics.lock().unwrap_or_else(PoisonError::into_inner);
        topics.values().for_each(|topic| topic.notify_waiters());
    }

    fn publish(&self, event: Event) {
        // That nobody listens is no error.
        let _ = self.events.send(Heard::Event(event));
    }

    fn gap(&self) {
        let _ = self.events.send(Heard::Gap);
    }

    fn channel(&self, topic: &'static str) -> broadcast::Sender<Bytes> {
        let mut signals = self.signals.lock().unwrap_or_else(PoisonError::into_inner);
        signals
            .entry(topic)
            .or_insert_with(|| broadcast::channel(SIGNALS).0)
            .clone()
    }

    fn signal(&self, topic: &'static str, payload: Bytes) {
        let _ = self.channel(topic).send(payload);
    }
}

impl Bus {
    /// A bus that reaches the parts of this process.
    pub fn in_process() -> Self {
        Self(Backend::InProcess(Arc::new(InProcess::new())))
    }

    /// A bus between nodes, through the server at `url`: `nats://user:password@host:4222/prefix`, `tls://…`. The path is
    /// what all its names begin with (`streamsphere` where there is none), so that several sites can share a server.
    /// Waits some seconds for the server; one that goes away later is waited for without an end.
    pub async fn nats(url: &str) -> Result<Self, BusError> {
        let (address, prefix) = address(url)?;
        let nats = nats::Nats::connect(&address, &prefix).await?;
        Ok(Self(Backend::Nats(Arc::new(nats))))
    }

    fn local(&self) -> &InProcess {
        match &self.0 {
            Backend::InProcess(bus) => bus,
            Backend::Nats(nats) => &nats.local,
        }
    }

    /// Wakes everyone who listens to `topic` at this moment. Not remembered for those who do not.
    pub fn wake(&self, topic: &'static str) {
        self.local().topic(topic).notify_waiters();
        if let Backend::Nats(nats) = &self.0 {
            nats.wake(topic);
        }
    }

    /// Listens to `topic` from this call on, polled or not; ends with the next [`Bus::wake`]. Look for
    /// work after calling this and before awaiting it, and no wake-up falls in between.
    pub fn woken(&self, topic: &'static str) -> OwnedNotified {
        self.local().topic(topic).notified_owned()
    }

    /// Tells everyone who is subscribed, on all nodes in one order. Does not wait, whoever is slow.
    pub fn publish(&self, event: Event) {
        match &self.0 {
            Backend::InProcess(bus) => bus.publish(event),
            // It comes back through the stream, in its place.
            Backend::Nats(nats) => nats.publish(&event),
        }
    }

    /// Listens to events from now on. Between nodes, the first who listens hears everything behind the
    /// [backlog](Self::backlog), so that nothing falls between the two.
    pub fn subscribe(&self) -> Events {
        Events(match &self.0 {
            Backend::InProcess(bus) => bus.events.subscribe(),
            Backend::Nats(nats) => nats.subscribe(),
        })
    }

    /// Tells other nodes something that is worth nothing a moment later: numbers that stand in the memory of this one.
    /// Not heard on this node.
    pub fn signal(&self, topic: &'static str, payload: Bytes) {
        if let Backend::Nats(nats) = &self.0 {
            nats.signal(topic, payload);
        }
    }

    /// Listens to what other nodes signal about `topic` from now on. Whoever is slow loses the oldest.
    pub fn signals(&self, topic: &'static str) -> Signals {
        Signals(self.local().channel(topic).subscribe())
    }

    /// Whether there may be other nodes.
    pub fn has_other_nodes(&self) -> bool {
        matches!(self.0, Backend::Nats(_))
    }

    /// What was told before this node started, for those who come back to it: the id up to which events are not known
    /// here, and those behind it. `None` where a process has nothing before it.
    pub fn backlog(&self) -> Option<(u64, &[Event])> {
        match &self.0 {
            Backend::InProcess(_) => None,
            Backend::Nats(nats) => Some((nats.floor, &nats.backlog)),
        }
    }
}

/// The server's address, and the prefix that stands in its path.
fn address(url: &str) -> Result<(String, String), BusError> {
    let Some((scheme, rest)) = url.split_once("://") else {
        return Err(BusError::Address("it begins with nats:// or tls://".to_owned()));
    };
    if !matches!(scheme, "nats" | "tls") {
        return Err(BusError::Address("it begins with nats:// or tls://".to_owned()));
    }
    let (authority, path) = rest.split_once('/').unwrap_or((rest, ""));
    let prefix = if path.is_empty() { "streamsphere" } else { path };
    let is_name = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '-');
    if authority.is_empty() || !prefix.chars().all(is_name) || prefix.len() > 64 {
        let text = "the path is letters, digits, _ and -".to_owned();
        return Err(BusError::Address(text));
    }
    Ok((format!("{scheme}://{authority}"), prefix.to_owned()))
}

/// What other nodes signal, in order.
#[derive(Debug)]
pub struct Signals(broadcast::Receiver<Bytes>);

impl Signals {
    /// The next signal; `None` when none will come any more. What was missed is left out.
    pub async fn next(&mut self) -> Option<Bytes> {
        loop {
            match self.0.recv().await {
                Ok(payload) => return Some(payload),
                Err(RecvError::Lagged(_)) => {}
                Err(RecvError::Closed) => return None,
            }
        }
    }
}

/// One listener's events, in order.
#[derive(Debug)]
pub struct Events(broadcast::Receiver<Heard>);

impl Events {
    /// The next event. Dropping the future loses none.
    pub async fn next(&mut self) -> Result<Event, Missed> {
        match self.0.recv().await {
            Ok(Heard::Event(event)) => Ok(event),
            Ok(Heard::Gap) => Err(Missed::Some),
            Err(RecvError::Lagged(events)) => Err(Missed::Events(events)),
            Err(RecvError::Closed) => Err(Missed::Closed),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::address;

    #[test]
    fn an_address_has_the_prefix_in_its_path() {
        let of = |url| address(url).ok();
        let pair = |a: &str, b: &str| Some((a.to_owned(), b.to_owned()));
        assert_eq!(of("nats://bus:4222"), pair("nats://bus:4222", "streamsphere"));
        assert_eq!(of("tls://a:b@bus/site-2"), pair("tls://a:b@bus", "site-2"));
        for bad in [
            "bus:4222",
            "http://bus",
            "nats://",
            "nats://bus/a.b",
            "nats://bus/a/b",
        ] {
            assert!(of(bad).is_none(), "{bad}");
        }
    }
}
