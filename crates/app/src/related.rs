//! What to watch after a video: of the same tags, of the same channel, watched by the same people, and what is being
//! watched these days where that is not enough.

use std::collections::HashMap;
use std::sync::Arc;

use model::VideoId;
use store::videos::VideoRow;
use store::{related as rows, trending, videos};

use crate::core::Core;
use crate::error::Error;

/// The most that are shown.
pub const MOST: usize = 20;
/// Tags that are looked at.
const TAGS: usize = 8;
/// Watchers in common that it takes: fewer would tell what somebody watches.
const WATCHERS: usize = 3;

/// Finding them.
#[derive(Debug)]
pub struct Related {
    core: Arc<Core>,
}

/// What speaks for a candidate.
#[derive(Debug, Default, Clone, Copy)]
struct Reasons {
    tags: usize,
    watchers: usize,
    same_channel: bool,
}

impl Reasons {
    /// Watching together counts most, then tags, then the channel.
    fn weight(self, tags: usize, watchers: usize) -> f64 {
        let part = |n: usize, of: usize| n as f64 / of.max(1) as f64;
        let watched = if self.watchers >= WATCHERS {
            part(self.watchers, watchers)
        } else {
            0.0
        };
        4.0 * watched + 2.0 * part(self.tags, tags) + f64::from(u8::from(self.same_channel))
    }
}

impl Related {
    pub(crate) fn new(core: Arc<Core>) -> Self {
        Self { core }
    }

    /// At most `limit` listed videos, the closest first. Whether the viewer may see `video` was asked before.
    pub async fn of(&self, video: &VideoRow, limit: usize) -> Result<Vec<VideoRow>, Error> {
        let mut tx = self.core.store.read();
        let mut reasons: HashMap<VideoId, Reasons> = HashMap::new();
        let tags = video.tags.len().min(TAGS);
        for tag in video.tags.iter().take(TAGS) {
            for id in rows::of_tag(&mut tx, tag).await? {
                reasons.entry(id).or_default().tags += 1;
            }
        }
        for id in rows::of_channel(&mut tx, video.owner_id).await? {
            reasons.entry(id).or_default().same_channel = true;
        }
        let mut watchers = rows::watchers(&mut tx, video.id).await?;
        // Of few people some may be the one who asks, with accounts made for it, and the answer would tell of the rest.
        if !video.listed || i64::try_from(watchers.len()).unwrap_or(0) < rows::WATCHERS {
            watchers.clear();
        }
        for watcher in &watchers {
            for id in rows::watched(&mut tx, *watcher).await? {
                reasons.entry(id).or_default().watchers += 1;
            }
        }
        reasons.remove(&video.id);
        let mut order: Vec<(i64, VideoId)> = reasons
            .into_iter()
            .map(|(id, reasons)| ((reasons.weight(tags, watchers.len()) * 1e6) as i64, id))
            .filter(|(weight, _)| *weight > 0)
            .collect();
        // Of equals the newest.
        order.sort_unstable_by(|a, b| b.cmp(a));
        let mut found = Vec::with_capacity(limit);
        for (_, id) in order {
            if found.len() == limit {
                break;
            }
            found.extend(videos::find(&mut tx, id).await?.filter(|video| video.listed));
        }
        if found.len() < limit {
            let most = i64::try_from(limit * 2 + 1).unwrap_or(i64::MAX);
            for (_, hot) in trending::list(&mut tx, None, most).await? {
                let known = hot.id == video.id || found.iter().any(|known| known.id == hot.id);
                if !known && found.len() < limit {
                    found.push(hot);
                }
            }
        }
        Ok(found)
    }
}
