//! Finding videos: lists by page number or cursor, with exact totals where they are kept.

use std::time::Duration;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use model::{UserId, VideoId};
use moka::sync::Cache;
use serde::{Deserialize, Serialize};
use store::videos::VideoRow;
use store::videos::list::{self, Query, Scope, Sort, SortKey, Start};
use store::{counters, users};

use super::Videos;
use crate::error::{Error, Kind};
use crate::pages::Patience;
use crate::sessions::Viewer;

/// Totals beyond this are a lower bound.
pub const EXACT_TOTAL: i64 = 10_000;
/// The last page that can be asked for by number.
pub const LAST_PAGE: i64 = 1_000;

/// What is asked for.
#[derive(Debug, Clone)]
pub struct Request {
    /// Words to look for.
    pub query: Option<String>,
    /// Only this channel's.
    pub user: Option<UserId>,
    /// Only with this tag.
    pub tag: Option<String>,
    /// What to order by.
    pub sort: Sort,
    /// Largest first.
    pub descending: bool,
    /// Where to begin.
    pub position: Position,
    /// How many, 1 to 100.
    pub limit: i64,
}

/// Where a page begins.
#[derive(Debug, Clone)]
pub enum Position {
    /// Page number from 1.
    Page(i64),
    /// Behind this cursor; empty: at the start.
    Cursor(String),
}

/// A page of videos.
#[derive(Debug)]
pub struct Page {
    /// The videos.
    pub videos: Vec<VideoRow>,
    /// How many there are in all; only for page numbers.
    pub total: i64,
    /// There are at least that many.
    pub total_is_estimate: bool,
    /// Where the next page begins; only for cursors.
    pub next_cursor: Option<String>,
}

#[derive(Serialize, Deserialize)]
#[serde(untagged)]
enum WireKey {
    Int(i64),
    Text(String),
}

#[derive(Debug, PartialEq, Eq, Hash)]
struct TotalKey(Option<(UserId, bool)>, Option<String>, Option<String>);

/// Bounded counts of searches, remembered for a moment: pages of one search are turned quickly.
#[derive(Debug)]
pub(super) struct Totals(Cache<TotalKey, i64>);

impl Totals {
    pub(super) fn new() -> Self {
        Self(
            Cache::builder()
                .max_capacity(1_000)
                .time_to_live(Duration::from_secs(5))
                .build(),
        )
    }
}

impl Videos {
    /// Dates what is read next: while this answers the same number, no list has changed since.
    pub fn stamp(&self) -> Result<u64, Error> {
        Ok(self.core.store.stamp()?)
    }

    /// One page of what this viewer may find.
    pub async fn list(&self, request: &Request, viewer: &Viewer) -> Result<Page, Error> {
        let scope = match request.user {
            None => Scope::Listed,
            Some(user) if viewer.is_some_and(|actor| actor.user_id == user) => Scope::AllOf(user),
            Some(user) => Scope::ListedOf(user),
        };
        let words = match &request.query {
            None => None,
            Some(text) => match list::words(text) {
                Some(words) => Some(words),
                None => return Ok(empty()),
            },
        };
        let tag = request.tag.as_ref().map(|tag| tag.trim().to_lowercase());
        let start = match &request.position {
            Position::Page(page) if *page > LAST_PAGE => {
                let message =
                    "Pages end at 1,000. Ask with the parameter cursor (empty for the start) to go on.";
                return Err(Error::refused(Kind::Invalid, "page_too_deep", message));
            }
            Position::Page(page) => Start::Offset((page - 1) * request.limit),
            Position::Cursor(cursor) if cursor.is_empty() => Start::Offset(0),
            Position::Cursor(cursor) => after(cursor, request.sort, request.descending)?,
        };
        let by_cursor = matches!(request.position, Position::Cursor(_));
        let query = Query {
            scope,
            tag: tag.as_deref(),
            words: words.as_deref(),
            sort: request.sort,
            descending: request.descending,
            start,
            limit: request.limit + i64::from(by_cursor),
        };
        // What somebody brought out is a list that is searched through; only all videos have an index of words.
        let patience = Patience::of(words.is_some() && scope == Scope::Listed);
        let mut tx = if list::is_quick(&query) {
            self.core.store.read()
        } else {
            patience.reader(&self.core.store)
        };
        let mut videos = list::list(&mut tx, &query).await?;
        if by_cursor {
            let more = i64::try_from(videos.len()).unwrap_or(i64::MAX) > request.limit;
            videos.truncate(usize::try_from(request.limit).unwrap_or(0));
            let next_cursor = videos
                .last()
                .filter(|_| more)
                .map(|last| cursor(request.sort, request.descending, last))
                .transpose()?;
            return Ok(Page {
                videos,
                total: 0,
                total_is_estimate: false,
                next_cursor,
            });
        }
        let total = match (&query.start, i64::try_from(videos.len())) {
            // The end of the list is on this page, which tells more than any count.
            (Start::Offset(offset), Ok(found))
                if found < request.limit
                    && (found > 0 || *offset == 0)
                    && (query.tag.is_some() || query.words.is_some()) =>
            {
                offset + found
            }
            _ => self.total(&query, patience).await?,
        };
        Ok(Page {
            videos,
            total: total.min(EXACT_TOTAL),
            total_is_estimate: total > EXACT_TOTAL,
            next_cursor: None,
        })
    }

    /// How many there are: from a kept counter where the list has one, else counted up to the bound.
    async fn total(&self, query: &Query<'_>, patience: Patience) -> Result<i64, Error> {
        if query.tag.is_none() && query.words.is_none() {
            let mut tx = self.core.store.read();
            return Ok(match query.scope {
                Scope::Listed => counters::find(&mut tx, counters::LISTED_VIDEOS).await?,
                Scope::ListedOf(user) => users::find(&mut tx, user)
                    .await?
                    .map_or(0, |u| u.listed_videos_count),
                Scope::AllOf(user) => users::find(&mut tx, user).await?.map_or(0, |u| u.videos_count),
            });
        }
        let owner = match query.scope {
            Scope::Listed => None,
            Scope::ListedOf(user) => Some((user, false)),
            Scope::AllOf(user) => Some((user, true)),
        };
        let key = TotalKey(
            owner,
            query.tag.map(ToOwned::to_owned),
            query.words.map(ToOwned::to_owned),
        );
        if let Some(total) = self.totals.0.get(&key) {
            return Ok(total);
        }
        let mut tx = patience.reader(&self.core.store);
        let total = list::count(&mut tx, query, EXACT_TOTAL + 1).await?;
        self.totals.0.insert(key, total);
        Ok(total)
    }
}

fn empty() -> Page {
    Page {
        videos: Vec::new(),
        total: 0,
        total_is_estimate: false,
        next_cursor: None,
    }
}

/// A place in a list as opaque text. Nothing in it is secret; it is only not meant to be read.
fn cursor(sort: Sort, descending: bool, last: &VideoRow) -> Result<String, Error> {
    let key = match sort.key(last) {
        SortKey::Int(n) => WireKey::Int(n),
        SortKey::Text(text) => WireKey::Text(text),
    };
    let json = serde_json::to_vec(&(order_name(sort), descending, key, last.id))
        .map_err(|error| Error::failed("cursor", error))?;
    Ok(URL_SAFE_NO_PAD.encode(json))
}

fn after(cursor: &str, sort: Sort, descending: bool) -> Result<Start, Error> {
    let bad = || {
        Error::refused(
            Kind::Invalid,
            "bad_cursor",
            "This cursor does not belong to this list.",
        )
    };
    // The longest title is 200 characters of a few bytes each.
    if cursor.len() > 16_384 {
        return Err(bad());
    }
    let json = URL_SAFE_NO_PAD.decode(cursor).map_err(|_| bad())?;
    let (order, falling, key, id): (String, bool, WireKey, VideoId) =
        serde_json::from_slice(&json).map_err(|_| bad())?;
    // A number of views is no place in a list by time, though both are numbers.
    if order != order_name(sort) || falling != descending {
        return Err(bad());
    }
    let key = match (key, sort) {
        (WireKey::Text(text), Sort::Title) => SortKey::Text(text),
        (WireKey::Int(n), Sort::Created | Sort::Views | Sort::Duration | Sort::Likes) => SortKey::Int(n),
        _ => return Err(bad()),
    };
    Ok(Start::After(key, id))
}

fn order_name(sort: Sort) -> &'static str {
    match sort {
        Sort::Created => "c",
        Sort::Views => "v",
        Sort::Duration => "d",
        Sort::Title => "t",
        Sort::Likes => "l",
    }
}
