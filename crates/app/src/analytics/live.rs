//! Whose numbers have just changed, for those who show them while they change.
//!
//! A hint to read again, sent after a commit; the numbers themselves are in the store. Nothing here waits for a slow
//! listener: one that has missed something is told so and reads everything that it shows.

use std::sync::Arc;

use model::{UserId, VideoId};
use tokio::sync::broadcast;

/// Changes that wait for a listener before it misses some. They come about once a second.
const WAITING: usize = 16;

/// What one commit has changed. Sorted, each once.
#[derive(Debug, Clone, PartialEq, Eq, Default, serde::Serialize, serde::Deserialize)]
pub struct Changed {
    /// Channels with other numbers than before.
    pub channels: Vec<UserId>,
    /// Videos with other numbers than before.
    pub videos: Vec<VideoId>,
    /// Those of them that have other views, which their open pages show.
    pub viewed: Vec<VideoId>,
}

impl Changed {
    /// What changed of videos, each with its channel.
    pub fn of(videos: impl IntoIterator<Item = (VideoId, UserId)>) -> Self {
        let (mut videos, mut channels): (Vec<_>, Vec<_>) = videos.into_iter().unzip();
        videos.sort_unstable();
        videos.dedup();
        channels.sort_unstable();
        channels.dedup();
        Self {
            channels,
            videos,
            viewed: Vec::new(),
        }
    }

    /// Whether nothing has changed.
    pub fn is_empty(&self) -> bool {
        self.channels.is_empty() && self.videos.is_empty()
    }

    /// Whether a channel's numbers are among what changed.
    pub fn is_about(&self, channel: UserId) -> bool {
        self.channels.binary_search(&channel).is_ok()
    }
}

/// Tells those who listen whose numbers have changed.
#[derive(Debug, Clone)]
pub struct Live(broadcast::Sender<Arc<Changed>>);

/// What changes from now on; [`broadcast::error::RecvError::Lagged`] means that everything may have.
pub type Changes = broadcast::Receiver<Arc<Changed>>;

impl Default for Live {
    fn default() -> Self {
        Self(broadcast::Sender::new(WAITING))
    }
}

impl Live {
    /// Tells what a commit has changed.
    pub fn tell(&self, changed: Changed) {
        if !changed.is_empty() {
            // Nobody listening is no fault.
            let _ = self.0.send(Arc::new(changed));
        }
    }

    /// Listens from now on.
    pub fn listen(&self) -> Changes {
        self.0.subscribe()
    }
}
