//! What is sent of each video right now: numbers in memory, written down every few seconds.
//!
//! The bytes of media are counted by `delivery` where they are sent; here is whose they are. What was sent in the last
//! seconds before a crash is not written down.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use delivery::Tally;
use model::{ObjectId, VideoId};
use store::analytics::bandwidth::Sent;
use tokio_util::sync::CancellationToken;

use crate::web::Web;

/// Locks among which videos are spread.
const SHARDS: usize = 16;
/// Videos in each; what is sent of others while it is full is told of the whole site only.
const MOST_IN_SHARD: usize = 4096;
/// How often numbers are written down.
const PAUSE: Duration = Duration::from_secs(3);
/// In place of a video: of the site.
const NO_VIDEO: VideoId = VideoId(ObjectId([0; 12]));

type Shard = Mutex<HashMap<VideoId, Arc<Tally>>>;

/// A tally for each video that something is sent of.
#[derive(Debug, Default)]
pub(crate) struct Tallies {
    shards: [Shard; SHARDS],
    others: Arc<Tally>,
}

impl Tallies {
    /// Where bytes of this video are counted.
    pub(crate) fn of(&self, video: VideoId) -> Arc<Tally> {
        // The last bytes of an id count on.
        let shard = &self.shards[usize::from(video.as_bytes()[11]) % SHARDS];
        let mut videos = shard.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(tally) = videos.get(&video) {
            return Arc::clone(tally);
        }
        if videos.len() >= MOST_IN_SHARD {
            return Arc::clone(&self.others);
        }
        Arc::clone(videos.entry(video).or_default())
    }

    /// Takes what was counted since the last time, and forgets videos that nothing is sent of any more.
    fn take(&self) -> Vec<(VideoId, Sent)> {
        let mut found = Vec::new();
        let mut add = |video, tally: &Tally| {
            let (bytes, requests) = tally.take();
            if bytes > 0 || requests > 0 {
                let number = |value: u64| i64::try_from(value).unwrap_or(i64::MAX);
                let sent = Sent {
                    bytes: number(bytes),
                    requests: number(requests),
                };
                found.push((video, sent));
                return true;
            }
            false
        };
        for shard in &self.shards {
            let mut videos = shard.lock().unwrap_or_else(PoisonError::into_inner);
            // Who holds one is about to count, and gets it under this lock only. That is asked first: what they count
            // before they let go of it would be lost otherwise.
            videos.retain(|video, tally| {
                let is_held = Arc::strong_count(tally) > 1;
                add(*video, tally) || is_held
            });
        }
        add(NO_VIDEO, &self.others);
        found
    }

    /// Counts again what could not be written down.
    fn put_back(&self, sent: &[(VideoId, Sent)]) {
        for (video, sent) in sent {
            let tally = if *video == NO_VIDEO {
                Arc::clone(&self.others)
            } else {
                self.of(*video)
            };
            tally.add_bytes(u64::try_from(sent.bytes).unwrap_or(0));
            for _ in 0..sent.requests {
                tally.add_answer();
            }
        }
    }
}

/// Writes down what was sent, every few seconds until `stop`.
pub async fn run(web: Web, stop: CancellationToken) {
    loop {
        tokio::select! {
            () = stop.cancelled() => return,
            () = tokio::time::sleep(PAUSE) => write(&web).await,
        }
    }
}

/// Writes down what was sent and is not written yet: at the end too, when the last answers are over.
pub async fn write(web: &Web) {
    let mut sent = web.0.tallies.take();
    while !sent.is_empty() {
        let some = sent.len().min(app::analytics::bandwidth::BITE);
        if let Err(error) = app::analytics::bandwidth::save(&web.app().core, &sent[..some]).await {
            tracing::warn!(error = %error, "What was sent is written down later");
            web.0.tallies.put_back(&sent);
            return;
        }
        sent.drain(..some);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn video(last: u8) -> VideoId {
        VideoId(ObjectId([1, 2, 3, 4, 5, 6, 7, 8, 9, 0, 1, last]))
    }

    #[test]
    fn what_is_taken_is_taken_once_and_idle_videos_are_forgotten() {
        let tallies = Tallies::default();
        let held = tallies.of(video(1));
        held.add_answer();
        held.add_bytes(7);
        tallies.of(video(2)).add_bytes(1);
        let mut taken = tallies.take();
        taken.sort_unstable_by_key(|(video, _)| *video);
        let sent = |bytes, requests| Sent { bytes, requests };
        assert_eq!(taken, [(video(1), sent(7, 1)), (video(2), sent(1, 0))]);
        assert_eq!(tallies.take(), []);
        // Nobody holds the second any more; the first goes on.
        held.add_bytes(5);
        assert_eq!(tallies.take(), [(video(1), sent(5, 0))]);
        tallies.put_back(&[(video(1), sent(5, 2))]);
        assert_eq!(tallies.take(), [(video(1), sent(5, 2))]);
    }

    #[test]
    fn a_crowd_of_videos_is_bounded() {
        let tallies = Tallies::default();
        for number in 0..MOST_IN_SHARD as u32 + 10 {
            let mut id = [0; 12];
            id[..4].copy_from_slice(&number.to_be_bytes());
            tallies.of(VideoId(ObjectId(id))).add_bytes(1);
        }
        let taken = tallies.take();
        assert_eq!(taken.len(), MOST_IN_SHARD + 1);
        let last = taken.last().unwrap();
        assert_eq!((last.0, last.1.bytes), (NO_VIDEO, 10));
    }
}
