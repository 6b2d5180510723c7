//! The last hour by the minute, and who watches at this moment.

use std::sync::Arc;

use model::analytics::{DAY_MS, Grain, HOUR_MS, MINUTE_MS};
use model::{Millis, VideoId};
use store::analytics::reads::{self, Pair};
use store::videos::VideoRow;

use super::{Dashboard, Focus};
use crate::core::Core;
use crate::error::Error;
use crate::sessions::Actor;
use crate::subscriptions::by_id;

/// Minutes that are shown.
pub const MINUTES: usize = 60;
/// Videos that are looked at for what is watched at this moment: those that were watched longest today.
const CANDIDATES: i64 = 50;
/// Videos that are shown.
const TOP: usize = 10;

/// A minute.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Minute {
    /// When it began.
    pub at: Millis,
    /// Counted views.
    pub views: i64,
    /// Sessions that were alive.
    pub viewers: i64,
}

/// A video in the last hour.
#[derive(Debug, Clone)]
pub struct Busy {
    /// The video.
    pub video: Arc<VideoRow>,
    /// Views of the last hour.
    pub views: i64,
    /// Sessions that are alive.
    pub viewers_now: i64,
}

/// A channel, or a video of it, at this moment.
#[derive(Debug, Clone)]
pub struct Realtime {
    /// Whose.
    pub focus: Focus,
    /// The last hour, the oldest minute first; the last of them is not over.
    pub minutes: Vec<Minute>,
    /// Sessions that are alive: of this minute or the one before it, whichever had more.
    pub viewers_now: i64,
    /// Views of the last 48 hours, with the hour that is not over.
    pub views_48_hours: i64,
    /// The videos of the channel that are watched most; none where the focus is one video.
    pub videos: Vec<Busy>,
}

impl PartialEq for Realtime {
    /// Whether it looks the same.
    fn eq(&self, other: &Self) -> bool {
        let shown = |busy: &Busy| {
            (
                busy.video.id,
                busy.video.title.clone(),
                busy.views,
                busy.viewers_now,
            )
        };
        self.focus == other.focus
            && self.minutes == other.minutes
            && self.viewers_now == other.viewers_now
            && self.views_48_hours == other.views_48_hours
            && self.videos.iter().map(shown).eq(other.videos.iter().map(shown))
    }
}

impl Realtime {
    /// Views of the minutes that are shown.
    pub fn views_60_minutes(&self) -> i64 {
        self.minutes.iter().map(|minute| minute.views).sum()
    }
}

impl Dashboard {
    /// The actor's channel, or a video of theirs, at this moment.
    pub async fn realtime(&self, video: Option<VideoId>, actor: &Actor) -> Result<Realtime, Error> {
        let focus = self.focus(video, actor).await?;
        realtime(&self.core, focus).await
    }
}

/// The larger of the last two minutes: sessions tell of themselves every few seconds, and few have done so when a
/// minute has just begun.
fn now_of(minutes: &[Minute]) -> i64 {
    minutes
        .iter()
        .rev()
        .take(2)
        .map(|minute| minute.viewers)
        .max()
        .unwrap_or(0)
}

pub(super) async fn realtime(core: &Core, focus: Focus) -> Result<Realtime, Error> {
    let now = core.clock.now();
    let mut tx = core.store.read();
    let minutes = minutes(&mut tx, focus.subject(), now).await?;
    let end = now.plus_ms(1);
    let begun = Grain::Hour.start(now).plus_ms(-47 * HOUR_MS);
    let hours = reads::series(
        &mut tx,
        focus.subject(),
        Grain::Hour,
        (begun, end),
        Pair::Views,
        48,
    )
    .await?;
    let videos = match focus.video {
        Some(_) => Vec::new(),
        None => busy(core, focus, now).await?,
    };
    Ok(Realtime {
        focus,
        viewers_now: now_of(&minutes),
        minutes,
        views_48_hours: hours.iter().map(|(_, views, _)| views).sum(),
        videos,
    })
}

async fn minutes(
    tx: &mut store::Tx,
    subject: model::analytics::Subject,
    now: Millis,
) -> Result<Vec<Minute>, Error> {
    let last = Grain::Minute.start(now);
    let first = last.plus_ms(-(MINUTES as i64 - 1) * MINUTE_MS);
    let limit = MINUTES as i64;
    let found = reads::series(
        tx,
        subject,
        Grain::Minute,
        (first, now.plus_ms(1)),
        Pair::Viewers,
        limit,
    )
    .await?;
    let mut minutes: Vec<Minute> = (0..MINUTES as i64)
        .map(|number| Minute {
            at: first.plus_ms(number * MINUTE_MS),
            views: 0,
            viewers: 0,
        })
        .collect();
    for (at, viewers, views) in found {
        let place = usize::try_from(at.since(first) / MINUTE_MS).unwrap_or(usize::MAX);
        if let Some(minute) = minutes.get_mut(place) {
            (minute.views, minute.viewers) = (views, viewers);
        }
    }
    Ok(minutes)
}

/// The videos that are watched most at this moment, of those that were watched longest today.
async fn busy(core: &Core, focus: Focus, now: Millis) -> Result<Vec<Busy>, Error> {
    let mut tx = core.store.read();
    let today = Grain::Day.start(now);
    let mut ids = reads::busiest(&mut tx, focus.channel, today, CANDIDATES).await?;
    if now.since(today) < HOUR_MS {
        let yesterday = today.plus_ms(-DAY_MS);
        ids.extend(reads::busiest(&mut tx, focus.channel, yesterday, CANDIDATES).await?);
        ids.sort_unstable();
        ids.dedup();
    }
    let mut found = Vec::new();
    for id in ids {
        let minutes = minutes(&mut tx, id.into(), now).await?;
        let views: i64 = minutes.iter().map(|minute| minute.views).sum();
        let viewers_now = now_of(&minutes);
        if views > 0 || viewers_now > 0 {
            found.push((id, views, viewers_now));
        }
    }
    found.sort_unstable_by_key(|(id, views, viewers_now)| (-viewers_now, -views, *id));
    found.truncate(TOP);
    let ids: Vec<VideoId> = found.iter().map(|(id, ..)| *id).collect();
    let mut rows = by_id(&mut tx, &ids).await?;
    let videos = found.into_iter().filter_map(|(id, views, viewers_now)| {
        let video = rows.remove(&id).filter(|video| video.owner_id == focus.channel)?;
        Some(Busy {
            video: Arc::new(video),
            views,
            viewers_now,
        })
    });
    Ok(videos.collect())
}
