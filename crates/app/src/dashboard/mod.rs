//! What channels learn of themselves: their numbers, over time and beside each other, and as they change.
//!
//! Everything here is the signed-in person's own channel's. Sums are read where the counting left them
//! (`store::analytics`); nothing is counted here. Ranges are [`model::analytics::zones`].

pub mod export;
pub mod live;
pub mod range;
pub mod realtime;
pub mod retention;
pub mod series;
pub mod top;

use std::collections::HashMap;
use std::sync::Arc;

use model::analytics::{Counts, Grain, Subject};
use model::{Millis, UserId, VideoId};
use serde::{Serialize, Serializer};
use store::analytics::{reads, rollups};
use store::users;
use store::videos::VideoRow;

use crate::core::Core;
use crate::error::{Error, Kind};
use crate::events::Events;
use crate::playback::Playback;
use crate::sessions::Actor;
use crate::videos::may_see;

/// How long one read of many rows may take.
const SLOW_READ_MS: u64 = 2_000;

/// The numbers of channels.
#[derive(Debug)]
pub struct Dashboard {
    core: Arc<Core>,
    playback: Arc<Playback>,
    events: Arc<Events>,
    settled: top::Settled,
    boards: Arc<live::Boards>,
}

/// A number as it is shown.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Amount {
    /// A count.
    Whole(i64),
    /// Seconds, or a part of a whole.
    Real(f64),
    /// Nothing happened that it could be the mean of.
    Unknown,
}

impl Amount {
    /// Seconds of milliseconds.
    pub fn seconds(ms: i64) -> Self {
        Self::Real(ms as f64 / 1000.0)
    }

    /// A mean or a part; unknown where there is nothing to divide by.
    pub fn ratio(part: f64, whole: i64) -> Self {
        if whole > 0 {
            Self::Real(part / whole as f64)
        } else {
            Self::Unknown
        }
    }

    /// How long starts took, in seconds.
    pub fn startup(startup_ms: i64, startups: i64) -> Self {
        Self::ratio(startup_ms as f64 / 1000.0, startups)
    }

    /// What part of the time people waited for data.
    pub fn rebuffering(stall_ms: i64, watch_ms: i64) -> Self {
        Self::ratio(stall_ms as f64, stall_ms.saturating_add(watch_ms))
    }

    fn number(self) -> Option<f64> {
        match self {
            Self::Whole(number) => Some(number as f64),
            Self::Real(number) => Some(number),
            Self::Unknown => None,
        }
    }

    /// By how many percent this is more than what was before, to two decimals; nothing where that was nothing.
    pub fn change_from(self, before: Self) -> Option<f64> {
        let (now, before) = (self.number()?, before.number()?);
        (before > 0.0).then(|| ((now - before) / before * 10_000.0).round() / 100.0)
    }
}

impl Serialize for Amount {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Whole(number) => serializer.serialize_i64(*number),
            Self::Real(number) => serializer.serialize_f64(*number),
            Self::Unknown => serializer.serialize_none(),
        }
    }
}

/// Whose numbers: a channel's, or those of one of its videos.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Focus {
    /// The channel.
    pub channel: UserId,
    /// One video of it; `None`: all of them.
    pub video: Option<VideoId>,
}

impl Focus {
    pub(crate) fn subject(self) -> Subject {
        self.video.map_or_else(|| self.channel.into(), Subject::from)
    }
}

/// How a channel or one of its videos stands, in all.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Stats {
    /// Whose.
    pub focus: Focus,
    /// All videos of the channel.
    pub videos: i64,
    /// Counted views.
    pub views: i64,
    /// Followers of the channel.
    pub subscribers: i64,
    /// Likes of the videos.
    pub likes: i64,
    /// Comments under the videos.
    pub comments: i64,
    /// Media time that was watched, in milliseconds.
    pub watch_ms: i64,
}

/// The sums of a range.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Period {
    /// When it begins.
    pub from: Millis,
    /// When it ends.
    pub to: Millis,
    /// The sums, with the number of different viewers.
    pub counts: Counts,
}

/// A range beside the one before it.
#[derive(Debug)]
pub struct Compared {
    /// The zone of its days.
    pub zone: String,
    /// The range.
    pub period: Period,
    /// As much time before it.
    pub previous: Option<Period>,
}

impl Dashboard {
    pub(crate) fn new(core: Arc<Core>, playback: Arc<Playback>, events: Arc<Events>) -> Self {
        Self {
            boards: Arc::new(live::Boards::new(Arc::clone(&core))),
            core,
            playback,
            events,
            settled: top::Settled::default(),
        }
    }

    /// A video of the actor's own. One that they may see and is not theirs is refused, any other is not there.
    async fn own(&self, id: VideoId, actor: &Actor) -> Result<Arc<VideoRow>, Error> {
        let video = self.playback.believed(id).await?.ok_or_else(Error::no_video)?;
        if video.owner_id == actor.user_id {
            Ok(video)
        } else if may_see(&video, &Some(*actor)) {
            let message = "Only the owner of a video is shown its numbers.";
            Err(Error::refused(Kind::Forbidden, "not_the_owner", message))
        } else {
            Err(Error::no_video())
        }
    }

    /// The actor's channel, or a video of theirs.
    async fn focus(&self, video: Option<VideoId>, actor: &Actor) -> Result<Focus, Error> {
        if let Some(id) = video {
            self.own(id, actor).await?;
        }
        Ok(Focus {
            channel: actor.user_id,
            video,
        })
    }

    /// How the actor's channel stands, from counters that are kept.
    pub async fn stats(&self, actor: &Actor) -> Result<Stats, Error> {
        let focus = self.focus(None, actor).await?;
        stats(&self.core, focus).await?.ok_or_else(Error::no_user)
    }

    /// The sums of a range of days, and of as many days before it.
    pub async fn compare(&self, asked: &range::Asked<'_>, actor: &Actor) -> Result<Compared, Error> {
        let subject = Subject::from(actor.user_id);
        let now = self.core.clock.now();
        let range = range::read(asked, now)?;
        let mut tx = self.core.store.slow_read(SLOW_READ_MS);
        let range::Beside { range, before, .. } = range::beside(&mut tx, subject, range, false).await?;
        let period = series::period(&mut tx, subject, &range, now).await?;
        let previous = match before {
            Some(before) => Some(series::period(&mut tx, subject, &before, now).await?),
            None => None,
        };
        Ok(Compared {
            zone: range.zone.name().to_owned(),
            period,
            previous,
        })
    }

    /// How long each of these videos of the actor's was watched in all, in milliseconds.
    pub async fn watch_ms(&self, videos: &[VideoId], actor: &Actor) -> Result<HashMap<VideoId, i64>, Error> {
        let mut tx = self.core.store.read();
        let found = reads::of_ids(&mut tx, actor.user_id, videos).await?;
        Ok(found.into_iter().map(|(id, of)| (id, of.watch_ms)).collect())
    }
}

/// How a channel or a video of it stands; `None`: it is gone.
pub(crate) async fn stats(core: &Core, focus: Focus) -> Result<Option<Stats>, Error> {
    let mut tx = core.store.read();
    let channel = focus.channel;
    if let Some(id) = focus.video {
        let Some(video) = store::videos::find(&mut tx, id).await? else {
            return Ok(None);
        };
        if video.owner_id != channel {
            return Ok(None);
        }
        let of = reads::of_video_in(&mut tx, channel, Grain::Ever, Millis(0), id).await?;
        return Ok(Some(Stats {
            focus,
            videos: 1,
            views: video.views,
            subscribers: video.owner.subscribers_count,
            likes: video.likes_count,
            comments: video.comments_count,
            watch_ms: of.watch_ms,
        }));
    }
    let Some(user) = users::find(&mut tx, channel).await? else {
        return Ok(None);
    };
    let (likes, comments) = users::received(&mut tx, channel).await?;
    let ever = rollups::find(&mut tx, channel.into(), Grain::Ever, Millis(0)).await?;
    Ok(Some(Stats {
        focus,
        videos: user.videos_count,
        views: user.views_count,
        subscribers: user.subscribers_count,
        likes,
        comments,
        watch_ms: ever.watch_ms,
    }))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_change_is_told_in_percent_where_there_was_something_before() {
        let whole = Amount::Whole;
        assert_eq!(whole(3).change_from(whole(2)), Some(50.0));
        assert_eq!(whole(0).change_from(whole(2)), Some(-100.0));
        assert_eq!(whole(2).change_from(whole(3)), Some(-33.33));
        assert_eq!(whole(3).change_from(whole(0)), None);
        assert_eq!(whole(3).change_from(Amount::Unknown), None);
        assert_eq!(Amount::startup(3_000, 2), Amount::Real(1.5));
        assert_eq!(Amount::rebuffering(0, 0), Amount::Unknown);
        assert_eq!(Amount::rebuffering(1, 3), Amount::Real(0.25));
    }
}
