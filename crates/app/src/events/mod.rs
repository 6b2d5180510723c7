//! What happens, told to those whom it concerns while they listen.
//!
//! An event is a hint to look, not the fact itself: whoever misses one is told so ([`Heard::Missed`]) and
//! looks again. [`hub`] knows who listens and routes to them alone; [`feed`] is one listener, and decides at the
//! moment of telling whether they may hear it; [`rounds`] keeps both going; [`videos`] says what changes of a video
//! are worth telling. What becomes of events on the wire is `api::events`, what each says docs/EVENTS.md.

pub mod feed;
pub mod hub;
mod rounds;
pub(crate) mod videos;

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};

use bus::{Audience, Event, Events as Subscription};
use model::VideoId;
use model::text::Fault;
use serde::Serialize;

pub use self::feed::{Feed, Heard};
use self::hub::Hub;
pub use self::hub::Told;
use crate::core::Core;
use crate::error::Error;
use crate::playback::Playback;
use crate::sessions::{Sessions, Viewer};

/// Videos that one stream may ask for.
pub const MOST_TOPICS: usize = 20;
/// The longest payload, in bytes; events name things, they do not carry them.
const MOST_PAYLOAD_BYTES: usize = 16 * 1024;

/// Names of events.
pub mod kinds {
    /// A video is listed for the first time.
    pub const VIDEO_PUBLISHED: &str = "video.published";
    /// Something that is shown of a video has changed.
    pub const VIDEO_UPDATED: &str = "video.updated";
    /// A video is gone, or is nobody else's to see any more.
    pub const VIDEO_REMOVED: &str = "video.removed";
    /// The number of likes of a video has changed; told at most twice a second.
    pub const LIKE_CHANGED: &str = "like.changed";
    /// The number of views of a video has changed; told at most once a second.
    pub const VIEWS_CHANGED: &str = "views.changed";
    /// A comment was written.
    pub const COMMENT_CREATED: &str = "comment.created";
    /// A comment has another text, or is shown before the others, or not any more.
    pub const COMMENT_UPDATED: &str = "comment.updated";
    /// A comment is gone, and the thread below it.
    pub const COMMENT_REMOVED: &str = "comment.removed";
    /// A tweet was written.
    pub const TWEET_CREATED: &str = "tweet.created";
    /// Somebody follows a channel, or not any more.
    pub const SUBSCRIPTION_CHANGED: &str = "subscription.changed";
    /// The number of those who follow a channel has changed; told at most twice a second.
    pub const SUBSCRIBERS_CHANGED: &str = "subscribers.changed";
    /// Somebody is told something.
    pub const NOTIFICATION_CREATED: &str = "notification.created";
    /// Some of what somebody was told is read, on another of their devices perhaps.
    pub const NOTIFICATION_READ: &str = "notification.read";
    /// How far a job is.
    pub const JOB_PROGRESS: &str = "job.progress";
}

/// Tells `audience` that something happened, in this moment. Call it after the commit of the fact.
pub(crate) fn tell<P: Serialize>(core: &Core, kind: &'static str, audience: Audience, payload: &P) {
    let payload = match serde_json::to_string(payload) {
        Ok(payload) if payload.len() <= MOST_PAYLOAD_BYTES => payload,
        Ok(payload) => {
            tracing::error!(kind, bytes = payload.len(), "An event is too long to be told");
            return;
        }
        Err(error) => {
            tracing::error!(error = %error, kind, "Could not write an event");
            return;
        }
    };
    core.bus.publish(Event {
        id: next_id(core),
        kind,
        audience,
        payload: payload.into(),
    });
}

/// Microseconds since the epoch, and one more than the last of this process wherever that would not grow.
fn next_id(core: &Core) -> u64 {
    static LAST: AtomicU64 = AtomicU64::new(0);
    let now = micros(core);
    let step = |last: u64| Some(now.max(last.saturating_add(1)));
    let last = LAST
        .fetch_update(Ordering::Relaxed, Ordering::Relaxed, step)
        .unwrap_or_default();
    now.max(last.saturating_add(1))
}

/// Microseconds since the epoch; milliseconds are what the clock has.
fn micros(core: &Core) -> u64 {
    u64::try_from(core.clock.now().0)
        .unwrap_or(0)
        .saturating_mul(1000)
}

/// What deciding who may hear something takes.
#[derive(Debug)]
pub(crate) struct Desk {
    pub(crate) core: Arc<Core>,
    pub(crate) sessions: Arc<Sessions>,
    pub(crate) playback: Arc<Playback>,
}

/// Tells and listens.
#[derive(Debug)]
pub struct Events {
    desk: Arc<Desk>,
    hub: Arc<Hub>,
    /// Events since the use cases were put together; taken by [`Events::run`].
    waiting: Mutex<Option<Subscription>>,
}

/// What a listener asks for.
#[derive(Debug, Default)]
pub struct Wish {
    /// Videos that they have open.
    pub videos: Vec<VideoId>,
    /// The last event that they heard before they lost the connection, as they say it.
    pub last_event_id: Option<String>,
    /// What callers who are not signed in are counted by.
    pub address: String,
}

impl Events {
    pub(crate) fn new(core: Arc<Core>, sessions: Arc<Sessions>, playback: Arc<Playback>) -> Self {
        let waiting = Mutex::new(Some(core.bus.subscribe()));
        let begun = core
            .bus
            .backlog()
            .map_or_else(|| micros(&core), |(floor, _)| floor);
        let hub = Arc::new(Hub::new(begun, core.settings.rate_limits));
        let desk = Arc::new(Desk {
            core,
            sessions,
            playback,
        });
        Self { desk, hub, waiting }
    }

    /// Listens, from now on or from where they left off. Whoever is signed in hears what is for them; what is
    /// public is heard by asking for it.
    pub async fn listen(&self, viewer: &Viewer, wish: Wish) -> Result<Feed, Error> {
        let mut videos = wish.videos;
        videos.sort_unstable();
        videos.dedup();
        if viewer.is_none() && videos.is_empty() {
            return Err(Error::unauthenticated());
        }
        if videos.len() > MOST_TOPICS {
            let message = format!("At most {MOST_TOPICS} videos at once.");
            return Err(Error::field("videos", Fault::new("too_many", message)));
        }
        // A place first: whoever has none must not cost a look at twenty videos.
        let last = wish.last_event_id.as_deref();
        let seat = self.hub.enter(viewer, &wish.address, &videos, last)?;
        Feed::begin(
            Arc::clone(&self.desk),
            Arc::clone(&self.hub),
            seat,
            *viewer,
            videos,
        )
        .await
    }

    /// How many listen at this moment.
    pub fn listeners(&self) -> usize {
        self.hub.listeners()
    }
}
