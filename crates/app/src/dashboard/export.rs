//! Numbers to take along: rows of a range, read piece by piece while they are written.

use std::collections::VecDeque;
use std::sync::Arc;

use model::analytics::zones::{Granularity, Range, Zone};
use model::analytics::{Counts, Subject};
use model::text::Fault;
use model::{Millis, UserId, VideoId};
use store::analytics::reads::{self, OfVideo};
use store::users;

use super::range::{self, Asked};
use super::series::counts;
use super::{Dashboard, SLOW_READ_MS};
use crate::core::Core;
use crate::error::Error;
use crate::sessions::Actor;
use crate::subscriptions::by_id;

/// Rows of one piece.
const PIECE: usize = 400;

/// What is exported.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Rows {
    /// A row for each video of the channel and day on which it was watched.
    VideosByDay,
    /// A row for each video of the channel.
    Videos,
    /// A row for each bucket of the channel, or of one video.
    Buckets(Option<VideoId>),
}

/// A row.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Row {
    /// A video, on a day or in the whole range.
    Video {
        /// The day, where rows are by day.
        date: Option<String>,
        /// Which video.
        id: VideoId,
        /// What it is called; empty where it is gone.
        title: String,
        /// Its sums.
        of: OfVideo,
    },
    /// A bucket.
    Bucket {
        /// When it begins.
        at: Millis,
        /// The day there, of buckets that are days.
        date: Option<String>,
        /// Its sums.
        counts: Counts,
        /// Different viewers; `None`: they are forgotten.
        viewers: Option<i64>,
    },
}

/// Where an export is.
enum Place {
    /// Behind this day and video.
    Day(Millis, Option<VideoId>),
    /// All that is left is in memory.
    Rest(VecDeque<Row>),
}

/// An export on its way.
pub struct Export {
    core: Arc<Core>,
    channel: UserId,
    /// Whose: the name of the channel.
    pub username: String,
    /// What the rows are.
    pub rows: Rows,
    /// The range, in whole buckets.
    pub range: Range,
    place: Place,
}

impl std::fmt::Debug for Export {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Export")
            .field("channel", &self.channel)
            .field("rows", &self.rows)
            .finish_non_exhaustive()
    }
}

impl Dashboard {
    /// Begins an export.
    pub async fn export(&self, rows: Rows, asked: &Asked<'_>, actor: &Actor) -> Result<Export, Error> {
        let channel = actor.user_id;
        let now = self.core.clock.now();
        let user = users::find(&mut self.core.store.read(), channel).await?;
        let username = user.ok_or_else(Error::no_user)?.username;
        let (range, place) = match rows {
            Rows::Buckets(video) => {
                let subject = self.focus(video, actor).await?.subject();
                let range = range::read(asked, now)?;
                buckets(&self.core, subject, range, now).await?
            }
            Rows::VideosByDay => {
                let range = by_day(asked, now)?;
                let from = range.from();
                (range, Place::Day(from, None))
            }
            Rows::Videos => {
                let (from, to, mut sums) = self.videos_over(channel, asked).await?;
                sums.sort_unstable_by_key(|(id, of)| (-of.views, -of.watch_ms, *id));
                let rows = sums.into_iter().map(|(id, of)| Row::Video {
                    date: None,
                    id,
                    title: String::new(),
                    of,
                });
                // All time is shown as what there is of it.
                let shown = from.max(to.plus_ms(-Granularity::Day.longest_ms()));
                let range = Range::new(Granularity::Day, &Zone::utc(), shown, to)
                    .map_err(|fault| Error::field("from", fault))?;
                (range, Place::Rest(rows.collect()))
            }
        };
        Ok(Export {
            core: Arc::clone(&self.core),
            channel,
            username,
            rows,
            range,
            place,
        })
    }
}

fn by_day(asked: &Asked<'_>, now: Millis) -> Result<Range, Error> {
    let range = range::read(asked, now)?;
    if range.granularity != Granularity::Day {
        let message = "Of all videos there are days, or one row each (total). Hours and minutes are those of the \
                       channel (per=channel) or of one video (videoId).";
        return Err(Error::field("granularity", Fault::new("not_kept", message)));
    }
    Ok(range.in_utc_days())
}

async fn buckets(core: &Core, subject: Subject, range: Range, now: Millis) -> Result<(Range, Place), Error> {
    let mut tx = core.store.slow_read(SLOW_READ_MS);
    let (range, _) = range::kept(&mut tx, subject, range, false).await?;
    let sums = counts(&mut tx, subject, &range, now).await?;
    let by_day = range.granularity == Granularity::Day;
    // Days of a zone have the viewers of their hours; all other buckets have a number of their own.
    let known_from = if by_day && !range.zone.is_utc() {
        reads::forgotten_viewers(&mut tx, subject, range.from(), range.to()).await?
    } else {
        None
    };
    let rows = range.starts().iter().zip(sums).map(|(at, counts)| Row::Bucket {
        at: *at,
        date: by_day.then(|| range.zone.date(*at)),
        viewers: known_from
            .is_none_or(|known_from| *at >= known_from)
            .then_some(counts.viewers),
        counts,
    });
    let place = Place::Rest(rows.collect());
    Ok((range, place))
}

impl Export {
    /// The next rows; none at the end.
    pub async fn next(&mut self) -> Result<Vec<Row>, Error> {
        let mut rows: Vec<Row> = match &mut self.place {
            Place::Rest(rest) => {
                let piece = PIECE.min(rest.len());
                rest.drain(..piece).collect()
            }
            Place::Day(day, video) => {
                let mut tx = self.core.store.slow_read(SLOW_READ_MS);
                let limit = PIECE as i64;
                let found =
                    reads::page(&mut tx, self.channel, (*day, *video), self.range.to(), limit).await?;
                if let Some((at, id, _)) = found.last() {
                    (*day, *video) = (*at, Some(*id));
                }
                let zone = &self.range.zone;
                let rows = found.into_iter().map(|(at, id, of)| Row::Video {
                    date: Some(zone.date(at)),
                    id,
                    title: String::new(),
                    of,
                });
                rows.collect()
            }
        };
        self.name(&mut rows).await?;
        Ok(rows)
    }

    /// Says what the videos are called.
    async fn name(&self, rows: &mut [Row]) -> Result<(), Error> {
        let mut ids: Vec<VideoId> = rows
            .iter()
            .filter_map(|row| match row {
                Row::Video { id, .. } => Some(*id),
                Row::Bucket { .. } => None,
            })
            .collect();
        ids.sort_unstable();
        ids.dedup();
        let found = by_id(&mut self.core.store.read(), &ids).await?;
        for row in rows {
            if let Row::Video { id, title, .. } = row
                && let Some(video) = found.get(id).filter(|video| video.owner_id == self.channel)
            {
                title.clone_from(&video.title);
            }
        }
        Ok(())
    }
}
