//! What the whole site comes to, for whoever runs it: storage, what is sent, encodes, people, and what was watched.
//!
//! Every number is kept beside what it counts or read from one stretch of an index; nothing is walked through. Who may
//! see them: admins, and whoever reads the metrics of the process (`api::health`).

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};

use model::analytics::{DAY_MS, Grain, MINUTE_MS, Subject, days};
use model::jobs::Lane;
use model::text::Fault;
use model::{Millis, VideoId};
use store::analytics::bandwidth::{self, Sent};
use store::analytics::{rollups, sketches};
use store::site::{self, Metric};
use store::videos::VideoRow;
use store::videos::list::{self, Query, Scope, Sort, Start};

use crate::core::Core;
use crate::error::{Error, Fields, Kind};
use crate::events::Events;
use crate::queue::Queue;
use crate::sessions::Actor;

/// Days of a range of which nobody says where it begins.
const DEFAULT_DAYS: i64 = 28;
/// The longest range, in days.
pub const MOST_DAYS: i64 = 92;
/// Videos on top.
const TOP: i64 = 10;
/// Videos of each day among which those on top are looked for.
const TOP_OF_DAY: i64 = 20;
/// How long a read of many sessions or videos may take.
const SLOW_READ_MS: u64 = 2_000;
/// How long it is believed how many people were here.
const PEOPLE_FOR_MS: i64 = 60_000;

/// Files of a kind.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Files {
    /// Their bytes.
    pub bytes: i64,
    /// How many.
    pub files: i64,
}

/// What is stored. Pictures of people and posters are not counted: there are few of them, and small.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Storage {
    /// Originals that are kept.
    pub originals: Files,
    /// Subtitle tracks.
    pub captions: Files,
    /// Bytes of what was made of originals.
    pub renditions_bytes: i64,
    /// All of it.
    pub total_bytes: i64,
}

/// How many there are, and what was watched in all.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Totals {
    /// Accounts.
    pub users: i64,
    /// Videos.
    pub videos: i64,
    /// Comments.
    pub comments: i64,
    /// Views.
    pub views: i64,
    /// Media time that was watched, in milliseconds.
    pub watch_ms: i64,
}

/// The same of today, of the last 7 days and of the last 28, each with today.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Lately<T> {
    /// Today.
    pub day: T,
    /// The last 7 days.
    pub week: T,
    /// The last 28 days.
    pub month: T,
}

/// Who was here.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct People {
    /// Different viewers, as near as a sketch tells.
    pub viewers: Lately<i64>,
    /// People who were signed in.
    pub users: Lately<i64>,
}

/// What there is right now.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Live {
    /// Sessions that watched in this minute or the one before.
    pub viewers: i64,
    /// Streams of events that are open.
    pub listeners: i64,
}

/// Encodes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Encodes {
    /// Those that wait.
    pub queued: i64,
    /// Those that run.
    pub running: i64,
    /// Those that went well in the range.
    pub done: i64,
    /// Those that were given up in it.
    pub failed: i64,
    /// How long those took that went well, in milliseconds.
    pub took_ms: i64,
    /// How long what they encoded plays, in milliseconds.
    pub media_ms: i64,
}

/// One day of the range.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Day {
    /// What was sent.
    pub sent: Sent,
    /// Views.
    pub views: i64,
    /// Media time that was watched, in milliseconds.
    pub watch_ms: i64,
    /// Different viewers.
    pub viewers: i64,
    /// Likes, less those that were taken back.
    pub likes: i64,
    /// Comments, less those that were removed.
    pub comments: i64,
    /// Accounts that were made.
    pub new_users: i64,
    /// Videos that were uploaded.
    pub new_videos: i64,
    /// Encodes that went well.
    pub encodes_done: i64,
    /// Encodes that were given up.
    pub encodes_failed: i64,
}

/// All of it.
#[derive(Debug)]
pub struct Stats {
    /// The first day, since the epoch.
    pub from: i64,
    /// The day after the last.
    pub to: i64,
    /// How many there are.
    pub totals: Totals,
    /// What is stored.
    pub storage: Storage,
    /// What was sent lately.
    pub sent: Lately<Sent>,
    /// The days of the range, each, oldest first.
    pub days: Vec<(i64, Day)>,
    /// Videos that most was sent of in the range, of those that were high up on any of its days.
    pub top_sent: Vec<(VideoRow, Sent)>,
    /// Listed videos with the most views ever.
    pub top_viewed: Vec<VideoRow>,
    /// Encodes.
    pub encodes: Encodes,
    /// Who was here.
    pub people: People,
    /// What there is right now.
    pub live: Live,
}

/// The numbers.
#[derive(Debug)]
pub struct Site {
    core: Arc<Core>,
    queue: Arc<Queue>,
    events: Arc<Events>,
    people: Mutex<Option<(Millis, People)>>,
}

impl Site {
    pub(crate) fn new(core: Arc<Core>, queue: Arc<Queue>, events: Arc<Events>) -> Self {
        Self {
            core,
            queue,
            events,
            people: Mutex::new(None),
        }
    }

    /// All of it, with the days from one to before another, as `YYYY-MM-DD`; for admins.
    pub async fn stats(&self, from: Option<&str>, to: Option<&str>, actor: &Actor) -> Result<Stats, Error> {
        if !actor.is_admin() {
            return Err(Error::refused(
                Kind::NotFound,
                "not_found",
                "There is nothing here.",
            ));
        }
        let (from, to) = range(from, to, self.today())?;
        let days = self.days(from, to).await?;
        let mut encodes = self.encodes().await?;
        for (_, day) in &days {
            encodes.done += day.encodes_done;
            encodes.failed += day.encodes_failed;
        }
        encodes.took_ms = self.sum(Metric::EncodeMs, from, to).await?;
        encodes.media_ms = self.sum(Metric::EncodedMs, from, to).await?;
        Ok(Stats {
            from,
            to,
            totals: self.totals().await?,
            storage: self.storage().await?,
            sent: self.sent().await?,
            days,
            top_sent: self.top_sent(from, to).await?,
            top_viewed: self.top_viewed().await?,
            encodes,
            people: self.people().await?,
            live: self.live().await?,
        })
    }

    fn today(&self) -> i64 {
        site::day_of(self.core.clock.now())
    }

    /// What is stored.
    pub async fn storage(&self) -> Result<Storage, Error> {
        let tx = &mut self.core.store.read();
        let originals = Files {
            bytes: site::find(tx, Metric::OriginalBytes).await?,
            files: site::find(tx, Metric::Originals).await?,
        };
        let captions = Files {
            bytes: site::find(tx, Metric::CaptionBytes).await?,
            files: site::find(tx, Metric::Captions).await?,
        };
        let total_bytes = site::find(tx, Metric::StoredBytes).await?;
        Ok(Storage {
            originals,
            captions,
            renditions_bytes: (total_bytes - originals.bytes - captions.bytes).max(0),
            total_bytes,
        })
    }

    /// How many there are, and what was watched in all.
    pub async fn totals(&self) -> Result<Totals, Error> {
        let tx = &mut self.core.store.read();
        let ever = rollups::find(tx, Subject::SITE, Grain::Ever, Millis(0)).await?;
        Ok(Totals {
            users: site::find(tx, Metric::Users).await?,
            videos: site::find(tx, Metric::Videos).await?,
            comments: site::find(tx, Metric::Comments).await?,
            views: ever.views,
            watch_ms: ever.watch_ms,
        })
    }

    /// What was sent in all.
    pub async fn sent_ever(&self) -> Result<Sent, Error> {
        let tx = &mut self.core.store.read();
        let found = bandwidth::list(tx, Subject::SITE, Grain::Ever, Millis(0), Millis(1), 1).await?;
        Ok(found.first().map(|(_, sent)| *sent).unwrap_or_default())
    }

    async fn sent(&self) -> Result<Lately<Sent>, Error> {
        let today = self.today();
        let tx = &mut self.core.store.read();
        let (from, to) = (begin(today - 27), begin(today + 1));
        let found = bandwidth::list(tx, Subject::SITE, Grain::Day, from, to, 28).await?;
        let since = |days: i64| {
            let mut sum = Sent::default();
            for (at, sent) in &found {
                if *at >= begin(today + 1 - days) {
                    sum.bytes += sent.bytes;
                    sum.requests += sent.requests;
                }
            }
            sum
        };
        Ok(Lately {
            day: since(1),
            week: since(7),
            month: since(28),
        })
    }

    /// What waits and what runs.
    async fn encodes(&self) -> Result<Encodes, Error> {
        let depths = self.queue.depths().await?;
        let encode = depths.iter().filter(|depth| depth.lane == Lane::Encode);
        Ok(encode.fold(Encodes::default(), |sum, depth| Encodes {
            queued: sum.queued + depth.ready + depth.later,
            running: sum.running + depth.running,
            ..sum
        }))
    }

    /// What waits and what runs, and encodes of all time.
    pub async fn encodes_ever(&self) -> Result<Encodes, Error> {
        let now = self.encodes().await?;
        let tx = &mut self.core.store.read();
        Ok(Encodes {
            done: site::find(tx, Metric::EncodesDone).await?,
            failed: site::find(tx, Metric::EncodesFailed).await?,
            took_ms: site::find(tx, Metric::EncodeMs).await?,
            media_ms: site::find(tx, Metric::EncodedMs).await?,
            ..now
        })
    }

    async fn sum(&self, metric: Metric, from: i64, to: i64) -> Result<i64, Error> {
        let found = site::days(&mut self.core.store.read(), metric, from, to, MOST_DAYS).await?;
        Ok(found.iter().map(|(_, value)| value).sum())
    }

    async fn days(&self, from: i64, to: i64) -> Result<Vec<(i64, Day)>, Error> {
        let mut days: BTreeMap<i64, Day> = (from..to).map(|day| (day, Day::default())).collect();
        let tx = &mut self.core.store.read();
        let (begun, end) = (begin(from), begin(to));
        for (at, sent) in bandwidth::list(tx, Subject::SITE, Grain::Day, begun, end, MOST_DAYS).await? {
            days.entry(site::day_of(at)).or_default().sent = sent;
        }
        for (at, counts) in rollups::list(tx, Subject::SITE, Grain::Day, begun, end, MOST_DAYS).await? {
            let day = days.entry(site::day_of(at)).or_default();
            day.views = counts.views;
            day.watch_ms = counts.watch_ms;
            day.viewers = counts.viewers;
            day.likes = counts.likes;
            day.comments = counts.comments;
        }
        for (day, value) in site::days(tx, Metric::NewUsers, from, to, MOST_DAYS).await? {
            days.entry(day).or_default().new_users = value;
        }
        for (day, value) in site::days(tx, Metric::NewVideos, from, to, MOST_DAYS).await? {
            days.entry(day).or_default().new_videos = value;
        }
        for (day, value) in site::days(tx, Metric::EncodesDone, from, to, MOST_DAYS).await? {
            days.entry(day).or_default().encodes_done = value;
        }
        for (day, value) in site::days(tx, Metric::EncodesFailed, from, to, MOST_DAYS).await? {
            days.entry(day).or_default().encodes_failed = value;
        }
        Ok(days.into_iter().collect())
    }

    async fn top_sent(&self, from: i64, to: i64) -> Result<Vec<(VideoRow, Sent)>, Error> {
        let mut ids: Vec<VideoId> = Vec::new();
        let tx = &mut self.core.store.read();
        for day in from..to {
            let top = bandwidth::top_of_day(tx, begin(day), TOP_OF_DAY).await?;
            ids.extend(top.into_iter().map(|(video, _)| video));
        }
        ids.sort_unstable();
        ids.dedup();
        let mut slow = self.core.store.slow_read(SLOW_READ_MS);
        let mut sums = bandwidth::sums_of(&mut slow, &ids, begin(from), begin(to)).await?;
        sums.sort_unstable_by_key(|(video, sent)| (-sent.bytes, *video));
        sums.truncate(usize::try_from(TOP).unwrap_or(0));
        self.with_rows(sums).await
    }

    /// Videos that most was sent of today, and how much.
    pub async fn top_sent_today(&self) -> Result<Vec<(VideoId, i64)>, Error> {
        let tx = &mut self.core.store.read();
        Ok(bandwidth::top_of_day(tx, begin(self.today()), TOP).await?)
    }

    async fn with_rows<T>(&self, found: Vec<(VideoId, T)>) -> Result<Vec<(VideoRow, T)>, Error> {
        let ids: Vec<VideoId> = found.iter().map(|(id, _)| *id).collect();
        let rows = list::of_ids(&mut self.core.store.read(), &ids).await?;
        let mut rows: BTreeMap<VideoId, VideoRow> = rows.into_iter().map(|row| (row.id, row)).collect();
        Ok(found
            .into_iter()
            .filter_map(|(id, value)| rows.remove(&id).map(|row| (row, value)))
            .collect())
    }

    async fn top_viewed(&self) -> Result<Vec<VideoRow>, Error> {
        let query = Query {
            scope: Scope::Listed,
            tag: None,
            words: None,
            sort: Sort::Views,
            descending: true,
            start: Start::Offset(0),
            limit: TOP,
        };
        Ok(list::list(&mut self.core.store.read(), &query).await?)
    }

    /// Who was here; believed for a minute.
    pub async fn people(&self) -> Result<People, Error> {
        let now = self.core.clock.now();
        let known = *self.people.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((since, people)) = known
            && (0..PEOPLE_FOR_MS).contains(&now.since(since))
        {
            return Ok(people);
        }
        let tomorrow = self.today() + 1;
        let mut slow = self.core.store.slow_read(SLOW_READ_MS);
        let mut people = People::default();
        for (days, viewers, users) in [
            (1, &mut people.viewers.day, &mut people.users.day),
            (7, &mut people.viewers.week, &mut people.users.week),
            (28, &mut people.viewers.month, &mut people.users.month),
        ] {
            let since = begin(tomorrow - days);
            let all =
                sketches::union(&mut slow, Subject::SITE, Grain::Day, since, begin(tomorrow), days).await?;
            *viewers = i64::try_from(all.estimate()).unwrap_or(i64::MAX);
            *users = site::active_since(&mut slow, since).await?;
        }
        *self.people.lock().unwrap_or_else(PoisonError::into_inner) = Some((now, people));
        Ok(people)
    }

    /// What there is right now.
    pub async fn live(&self) -> Result<Live, Error> {
        let now = self.core.clock.now();
        let tx = &mut self.core.store.read();
        let minute = Grain::Minute.start(now);
        let from = minute.plus_ms(-MINUTE_MS);
        // A minute that has just begun has heard from few.
        let minutes = rollups::list(
            tx,
            Subject::SITE,
            Grain::Minute,
            from,
            minute.plus_ms(MINUTE_MS),
            2,
        )
        .await?;
        let viewers = minutes.iter().map(|(_, counts)| counts.viewers).max();
        Ok(Live {
            viewers: viewers.unwrap_or(0),
            listeners: i64::try_from(self.events.listeners()).unwrap_or(i64::MAX),
        })
    }
}

/// When a day began.
fn begin(day: i64) -> Millis {
    Millis(day.saturating_mul(DAY_MS))
}

/// The days that are asked for, the last of them not included.
fn range(from: Option<&str>, to: Option<&str>, today: i64) -> Result<(i64, i64), Error> {
    let mut fields = Fields::default();
    let filled = |text: Option<&'_ str>| text.filter(|text| !text.is_empty()).map(str::to_owned);
    let from = fields.optional("from", filled(from).as_deref(), days::parse);
    let to = fields.optional("to", filled(to).as_deref(), days::parse);
    fields.done()?;
    let to = to.map_or(today + 1, site::day_of);
    let from = from.map_or(to - DEFAULT_DAYS, site::day_of);
    if from >= to {
        let fault = Fault::new("malformed", "The first day is before the last.");
        return Err(Error::field("from", fault));
    }
    if to - from > MOST_DAYS {
        let fault = Fault::new("too_long", format!("At most {MOST_DAYS} days at once."));
        return Err(Error::field("from", fault));
    }
    Ok((from, to))
}

#[cfg(test)]
mod tests {
    use super::range;

    #[test]
    fn a_range_ends_with_today_unless_somebody_says_otherwise() {
        assert_eq!(range(None, None, 100).unwrap(), (73, 101));
        assert_eq!(
            range(Some("1970-01-02"), Some("1970-01-04"), 100).unwrap(),
            (1, 3)
        );
        assert_eq!(range(None, Some("1970-02-01"), 100).unwrap(), (3, 31));
        for (from, to) in [
            (Some("1970-01-04"), Some("1970-01-04")),
            (Some("2970-01-01"), None),
            (Some("1970-01-01"), Some("1971-01-01")),
            (Some("x"), None),
        ] {
            assert!(range(from, to, 100).is_err(), "{from:?} {to:?}");
        }
    }
}
