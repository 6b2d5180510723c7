//! How far people watch a video, and how well it plays for them.

use std::sync::Arc;

use model::Millis;
use model::VideoId;
use model::analytics::{Counts, Dimension, Grain, Split};
use store::analytics::reads;
use store::analytics::retention::{self as rows, Retention};
use store::videos::VideoRow;

use super::range::{self, Asked};
use super::{Dashboard, SLOW_READ_MS};
use crate::error::Error;
use crate::sessions::Actor;

/// Days that are read.
const MOST_DAYS: i64 = 3_662;
/// Rungs of a ladder.
const MOST_RENDITIONS: i64 = 20;

/// How a video was watched in a range of days of UTC.
#[derive(Debug)]
pub struct Watched {
    /// The video.
    pub video: Arc<VideoRow>,
    /// When the range begins.
    pub from: Millis,
    /// When it ends.
    pub to: Millis,
    /// How many sessions saw each part.
    pub retention: Retention,
    /// The sums of the range.
    pub counts: Counts,
    /// The same by rendition.
    pub renditions: Vec<(String, Split)>,
}

impl Dashboard {
    /// How a video of the actor's was watched; from its beginning on unless a range is given.
    pub async fn retention(&self, id: VideoId, asked: &Asked<'_>, actor: &Actor) -> Result<Watched, Error> {
        let video = self.own(id, actor).await?;
        let now = self.core.clock.now();
        let begun = video.created_at.0.clamp(0, now.0.max(0)).to_string();
        let asked = Asked {
            from: asked.from.filter(|text| !text.is_empty()).or(Some(&begun)),
            granularity: None,
            ..*asked
        };
        let range = range::read(&asked, now)?.in_utc_days();
        let (from, to) = (range.from(), range.to());
        let mut tx = self.core.store.slow_read(SLOW_READ_MS);
        let retention = rows::sum(&mut tx, id, from, to, MOST_DAYS).await?;
        let counts = reads::sum(&mut tx, id.into(), Grain::Day, from, to).await?;
        let by = Dimension::Rendition;
        let renditions =
            reads::split_sums(&mut tx, id.into(), by, (from, to), false, MOST_RENDITIONS).await?;
        Ok(Watched {
            video,
            from,
            to,
            retention,
            counts,
            renditions,
        })
    }
}
