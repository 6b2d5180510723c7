//! Originals: the file that was uploaded, while its video has it, and until its bytes are removed for those who
//! play it when it is dropped.

use std::sync::Arc;
use std::time::Duration;

use model::Millis;
use moka::sync::Cache;
use store::videos::VideoRow;

use super::Playback;
use crate::pictures;

/// Most originals that are remembered after they were dropped.
const MOST: u64 = 10_000;
/// How long one is remembered at most, whatever its end.
const LONGEST: Duration = Duration::from_hours(1);

/// An original that can be sent.
#[derive(Debug, Clone)]
pub(super) struct Original {
    /// Object key.
    pub(super) key: String,
    /// Media type.
    pub(super) content_type: String,
    /// Length.
    pub(super) size_bytes: i64,
    /// Whether all who may watch the video may have it, and not its owner alone.
    pub(super) public: bool,
    /// Until when, for one that was dropped.
    pub(super) until: Option<Millis>,
}

impl Original {
    fn of(video: &VideoRow) -> Option<Self> {
        Some(Self {
            key: video.source_key.clone()?,
            content_type: video.source_type.clone(),
            size_bytes: video.source_bytes,
            public: video.source_public,
            until: None,
        })
    }

    /// Its file name.
    pub(super) fn file(&self) -> &str {
        self.key.rsplit('/').next().unwrap_or_default()
    }
}

/// Originals that no row names any more and whose bytes are still there, by their keys.
#[derive(Debug)]
pub(super) struct Dropped(Cache<String, Arc<Original>>);

impl Dropped {
    pub(super) fn new() -> Self {
        Self(Cache::builder().max_capacity(MOST).time_to_live(LONGEST).build())
    }
}

/// Whether a file name is one of an original.
pub(super) fn is_original(file: &str) -> bool {
    file.starts_with("source.") || file.starts_with("source-")
}

impl Playback {
    /// Lets players go on with the original of a video until `until`, though its row is about to name it no
    /// more. Who may have it stays as it was: what is asked before an original is sent is asked again.
    pub(crate) fn let_original_go(&self, before: &VideoRow, until: Millis) {
        if let Some(mut original) = Original::of(before) {
            original.until = Some(until);
            self.dropped.0.insert(original.key.clone(), Arc::new(original));
        }
    }

    /// The original of that file name.
    pub(super) fn original_named(&self, video: &VideoRow, file: &str) -> Option<Original> {
        if let Some(present) = Original::of(video).filter(|original| original.file() == file) {
            return Some(present);
        }
        let key = format!("{}/{file}", pictures::video_folder(video.id));
        let dropped = self.dropped.0.get(&key)?;
        let now = self.core.clock.now();
        dropped
            .until
            .is_some_and(|until| now < until)
            .then(|| Original::clone(&dropped))
    }
}
