//! Search: videos, channels, tweets and what is said in videos, best first.
//!
//! The store answers with bounded candidates, this weighs them and cuts pages. How a match is weighed is
//! [`model::search`]; how the indexes follow what changes, `store::search` and [`upkeep`]. Everybody finds the same:
//! what is listed, whoever asks.

pub mod filter;
mod hits;
mod plan;
pub mod upkeep;

use std::sync::Arc;
use std::time::Instant;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use model::search::{QUERY_CHARS, query_words};
use model::text::Fault;
use model::{Millis, ObjectId};
use serde::{Deserialize, Serialize};
use store::StoreError;
use store::search::{captions, channels, tweets, videos};

use self::filter::Filter;
use self::hits::{Found, Scored};
use self::plan::Plan;
use crate::core::Core;
use crate::error::{Error, Kind as Refused};
use crate::pages::SEARCH_TIME;

pub use self::hits::{Highlight, Hit};

/// When fewer are found, a word may have been mistyped.
const FEW: usize = 3;

/// What is looked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// Listed videos.
    Videos,
    /// Channels.
    Channels,
    /// Tweets.
    Tweets,
    /// What is said in listed videos.
    Captions,
}

impl Kind {
    /// All of them, in the order of a mixed answer.
    pub const ALL: [Self; 4] = [Self::Videos, Self::Channels, Self::Tweets, Self::Captions];

    /// Its name in addresses.
    pub fn name(self) -> &'static str {
        match self {
            Self::Videos => "videos",
            Self::Channels => "channels",
            Self::Tweets => "tweets",
            Self::Captions => "captions",
        }
    }

    /// The kind of this name.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.name() == name)
    }
}

/// A search that can be carried out.
#[derive(Debug, Clone)]
pub struct Request {
    query: String,
    words: Vec<String>,
    limit: usize,
    filter: Filter,
}

impl Request {
    /// A search for the words in `query`; at most `limit` answers (of each kind).
    pub fn new(query: Option<&str>, limit: usize) -> Result<Self, Fault> {
        let query = query.unwrap_or_default().trim();
        if query.is_empty() {
            return Err(Fault::missing());
        }
        if query.chars().count() > QUERY_CHARS {
            return Err(Fault::too_long(QUERY_CHARS));
        }
        Ok(Self {
            query: query.to_owned(),
            words: query_words(query),
            limit,
            filter: Filter::default(),
        })
    }

    /// The same with a filter, which holds for videos.
    #[must_use]
    pub fn with(mut self, filter: Filter) -> Self {
        self.filter = filter;
        self
    }
}

/// A page of one kind.
#[derive(Debug)]
pub struct Page {
    /// Best first.
    pub hits: Vec<Hit>,
    /// Where the next page begins.
    pub next_cursor: Option<String>,
    /// What was looked for in place of what was typed.
    pub corrected: Option<String>,
}

/// A few of each kind.
#[derive(Debug)]
pub struct Mixed {
    /// In the order of [`Kind::ALL`].
    pub hits: [Vec<Hit>; 4],
    /// What was looked for in place of what was typed.
    pub corrected: Option<String>,
}

/// Where a page of a search begins. Weights depend on the time, so the time goes along.
#[derive(Debug, Serialize, Deserialize)]
struct Cursor {
    /// Which search.
    s: String,
    /// When it was begun.
    t: i64,
    /// Weight of the last one shown.
    w: i64,
    /// Its id.
    i: String,
}

/// Searching.
#[derive(Debug)]
pub struct Search {
    core: Arc<Core>,
}

impl Search {
    pub(crate) fn new(core: Arc<Core>) -> Self {
        Self { core }
    }

    /// One page of one kind, behind `cursor` (empty or absent: from the start).
    pub async fn page(&self, kind: Kind, request: &Request, cursor: Option<&str>) -> Result<Page, Error> {
        let name = format!(
            "{} {}{}",
            kind.name(),
            request.words.join(" "),
            request.filter.name()
        );
        let start = cursor
            .filter(|cursor| !cursor.is_empty())
            .map(|cursor| read_cursor(cursor, &name))
            .transpose()?;
        let now = start
            .as_ref()
            .map_or_else(|| self.core.clock.now(), |(cursor, _)| Millis(cursor.t));
        let end = Instant::now() + SEARCH_TIME;
        let plan = self.plan(&request.words).await?;
        let mut found = self.weigh(kind, &plan, request.filter, now, end).await?;
        let (mut shown, mut corrected) = (plan, None);
        if found.len() < FEW
            && let Some((plan, query)) = self.corrected(request).await?
        {
            let other = in_time(self.weigh(kind, &plan, request.filter, now, end).await)?;
            if let Some(other) = other
                && other.len() > found.len()
            {
                (found, shown, corrected) = (other, plan, Some(query));
            }
        }
        found.sort_by_key(|scored| std::cmp::Reverse((scored.weight, scored.id)));
        if let Some((cursor, id)) = &start {
            found.retain(|scored| (scored.weight, scored.id) < (cursor.w, *id));
        }
        let more = found.len() > request.limit;
        found.truncate(request.limit);
        let next_cursor = found
            .last()
            .filter(|_| more)
            .map(|last| write_cursor(name, now, last))
            .transpose()?;
        Ok(Page {
            hits: self.finish(found, &shown).await?,
            next_cursor,
            corrected,
        })
    }

    /// A few of each kind.
    pub async fn mixed(&self, request: &Request) -> Result<Mixed, Error> {
        let now = self.core.clock.now();
        let end = Instant::now() + SEARCH_TIME;
        let plan = self.plan(&request.words).await?;
        let mut found = self.weigh_all(&plan, now, end).await?;
        let (mut shown, mut corrected) = (plan, None);
        let total = |found: &[Vec<Scored>; 4]| found.iter().map(Vec::len).sum::<usize>();
        if total(&found) < FEW
            && let Some((plan, query)) = self.corrected(request).await?
        {
            let other = in_time(self.weigh_all(&plan, now, end).await)?;
            if let Some(other) = other
                && total(&other) > total(&found)
            {
                (found, shown, corrected) = (other, plan, Some(query));
            }
        }
        let mut hits: [Vec<Hit>; 4] = Default::default();
        for (hits, mut found) in hits.iter_mut().zip(found) {
            found.sort_by_key(|scored| std::cmp::Reverse((scored.weight, scored.id)));
            found.truncate(request.limit);
            *hits = self.finish(found, &shown).await?;
        }
        Ok(Mixed { hits, corrected })
    }

    async fn weigh_all(
        &self,
        plan: &Plan,
        now: Millis,
        end: Instant,
    ) -> Result<[Vec<Scored>; 4], StoreError> {
        let [videos, channels, tweets, captions] =
            Kind::ALL.map(|kind| self.weigh(kind, plan, Filter::default(), now, end));
        let all = tokio::try_join!(videos, channels, tweets, captions)?;
        Ok(all.into())
    }

    /// The candidates of one kind, weighed, in no order.
    async fn weigh(
        &self,
        kind: Kind,
        plan: &Plan,
        filter: Filter,
        now: Millis,
        end: Instant,
    ) -> Result<Vec<Scored>, StoreError> {
        let Some(expression) = &plan.expression else {
            return Ok(Vec::new());
        };
        let mut tx = self.core.store.slow_read_until(end);
        Ok(match kind {
            Kind::Videos => videos::candidates(&mut tx, expression, plan.few)
                .await?
                .iter()
                .filter(|video| filter.takes(video, now))
                .map(|video| {
                    let scored = hits::weigh_video(video, &plan.wanted, now);
                    let weight = filter.weight(video, scored.weight);
                    Scored { weight, ..scored }
                })
                .collect(),
            Kind::Channels => channels::candidates(&mut tx, expression)
                .await?
                .into_iter()
                .map(|user| hits::weigh_channel(user, &plan.wanted))
                .collect(),
            Kind::Tweets => tweets::candidates(&mut tx, expression)
                .await?
                .into_iter()
                .map(|tweet| hits::weigh_tweet(tweet, &plan.wanted, now))
                .collect(),
            Kind::Captions => hits::best_of_each(
                captions::candidates(&mut tx, expression, plan.long_beginnings)
                    .await?
                    .into_iter()
                    .filter_map(|passage| hits::weigh_passage(passage, &plan.wanted, now)),
            ),
        })
    }

    /// What is shown of what was found. What has gone since is left out.
    async fn finish(&self, found: Vec<Scored>, plan: &Plan) -> Result<Vec<Hit>, Error> {
        let words: Vec<String> = plan.wanted.iter().map(|wanted| wanted.word.clone()).collect();
        let mut tx = self.core.store.read();
        let mut all = Vec::with_capacity(found.len());
        for scored in found {
            let video = match &scored.found {
                Found::Video(id) | Found::Caption { video: id, .. } => {
                    match store::videos::find(&mut tx, *id).await? {
                        Some(video) if video.listed => Some(video),
                        _ => continue,
                    }
                }
                Found::Channel(_) | Found::Tweet(_) => None,
            };
            all.extend(hits::show(scored.found, video, &words));
        }
        Ok(all)
    }
}

/// What a second look found, unless the time was up: then what the first found is shown.
fn in_time<T>(found: Result<T, StoreError>) -> Result<Option<T>, Error> {
    match found {
        Ok(found) => Ok(Some(found)),
        Err(StoreError::Timeout) => Ok(None),
        Err(error) => Err(error.into()),
    }
}

fn bad_cursor() -> Error {
    Error::refused(
        Refused::Invalid,
        "bad_cursor",
        "This cursor does not belong to this list.",
    )
}

fn write_cursor(name: String, now: Millis, last: &Scored) -> Result<String, Error> {
    let cursor = Cursor {
        s: name,
        t: now.0,
        w: last.weight,
        i: last.id.to_string(),
    };
    let json = serde_json::to_vec(&cursor).map_err(|error| Error::failed("cursor", error))?;
    Ok(URL_SAFE_NO_PAD.encode(json))
}

fn read_cursor(text: &str, name: &str) -> Result<(Cursor, ObjectId), Error> {
    if text.len() > 4_096 {
        return Err(bad_cursor());
    }
    let json = URL_SAFE_NO_PAD.decode(text).map_err(|_| bad_cursor())?;
    let cursor: Cursor = serde_json::from_slice(&json).map_err(|_| bad_cursor())?;
    let id = cursor.i.parse().map_err(|_| bad_cursor())?;
    if cursor.s == name {
        Ok((cursor, id))
    } else {
        Err(bad_cursor())
    }
}
