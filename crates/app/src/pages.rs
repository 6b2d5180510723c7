//! Pages of lists by time or by likes: what is asked for, where it begins, and cursors as opaque text.

use std::time::{Duration, Instant};

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use model::ObjectId;
use store::keyset::{Sort, Start, Walk};
use store::{Store, Tx};

use crate::error::{Error, Kind};
pub use crate::videos::list::{EXACT_TOTAL, LAST_PAGE, Position};

/// How long a page far into a list may take.
pub(crate) const SLOW_READ_MS: u64 = 2_000;
/// How long a search may take, with all that it asks of the store.
pub(crate) const SEARCH_TIME: Duration = Duration::from_millis(200);

/// How long the slow reads of one answer may take. What is not done then is refused as when the server is busy.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Patience {
    /// Each of them as long as a page far into a list.
    Each,
    /// All of them together end then.
    Until(Instant),
}

impl Patience {
    /// For a list that is searched for words, or is not.
    pub(crate) fn of(searches: bool) -> Self {
        if searches {
            Self::Until(Instant::now() + SEARCH_TIME)
        } else {
            Self::Each
        }
    }

    /// A handle for slow reads that end in time.
    pub(crate) fn reader(self, store: &Store) -> Tx {
        match self {
            Self::Each => store.slow_read(SLOW_READ_MS),
            Self::Until(end) => store.slow_read_until(end),
        }
    }
}

/// What is asked for of a list.
#[derive(Debug, Clone)]
pub struct Asked {
    /// What to order by.
    pub sort: Sort,
    /// Largest first.
    pub descending: bool,
    /// Where to begin.
    pub position: Position,
    /// How many, 1 to 100.
    pub limit: i64,
}

/// A page of a list.
#[derive(Debug)]
pub struct Paged<T> {
    /// What is on it.
    pub rows: Vec<T>,
    /// How many there are in all; only for page numbers.
    pub total: i64,
    /// There are at least that many.
    pub total_is_estimate: bool,
    /// Where the next page begins; only for cursors.
    pub next_cursor: Option<String>,
}

impl<T> Paged<T> {
    /// A page with nothing on it.
    pub(crate) fn empty() -> Self {
        Self {
            rows: Vec::new(),
            total: 0,
            total_is_estimate: false,
            next_cursor: None,
        }
    }

    /// A page by number of a list with so many in all.
    pub(crate) fn numbered(rows: Vec<T>, total: i64) -> Self {
        Self {
            rows,
            total: total.min(EXACT_TOTAL),
            total_is_estimate: total > EXACT_TOTAL,
            next_cursor: None,
        }
    }
}

/// Where a page begins in a list whose first `ahead` rows are not in the order: they stand before all others.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Begin {
    /// How many of those ahead are on this page.
    pub(crate) ahead: i64,
    /// Where the others begin.
    pub(crate) start: Start,
}

impl Asked {
    pub(crate) fn by_cursor(&self) -> bool {
        matches!(self.position, Position::Cursor(_))
    }

    /// A cursor belongs to one list in one order.
    fn order(&self, list: &str) -> String {
        let sort = match self.sort {
            Sort::Created => 'c',
            Sort::Likes => 'l',
        };
        format!("{list}.{sort}{}", if self.descending { 'd' } else { 'a' })
    }

    /// Where the page begins in `list`, which has `ahead` rows (none or one) before those in order.
    pub(crate) fn begin(&self, list: &str, ahead: i64) -> Result<Begin, Error> {
        match &self.position {
            Position::Page(page) if *page > LAST_PAGE => Err(Error::refused(
                Kind::Invalid,
                "page_too_deep",
                "Pages end at 1,000. Ask with the parameter cursor (empty for the start) to go on.",
            )),
            Position::Page(1) => Ok(Begin {
                ahead,
                start: Start::Offset(0),
            }),
            Position::Page(page) => Ok(Begin {
                ahead: 0,
                start: Start::Offset((page - 1) * self.limit - ahead),
            }),
            Position::Cursor(cursor) if cursor.is_empty() => Ok(Begin {
                ahead,
                start: Start::Offset(0),
            }),
            Position::Cursor(cursor) => Ok(Begin {
                ahead: 0,
                start: read(cursor, &self.order(list))?
                    .map_or(Start::Offset(0), |(key, id)| Start::After(key, id)),
            }),
        }
    }

    /// The walk to a page that begins there; one row more by cursor, to know whether there is another page.
    pub(crate) fn walk(&self, begin: Begin) -> Walk {
        Walk {
            sort: self.sort,
            descending: self.descending,
            start: begin.start,
            limit: self.limit - begin.ahead + i64::from(self.by_cursor()),
        }
    }

    /// Takes the one row too many off a page by cursor, and answers where the next page begins. `ahead` of the
    /// rows that the page may have are not among `rows`.
    pub(crate) fn cut<T>(
        &self,
        list: &str,
        rows: &mut Vec<T>,
        ahead: i64,
        key: impl Fn(&T) -> (i64, ObjectId),
    ) -> Option<String> {
        let room = usize::try_from(self.limit - ahead).unwrap_or(0);
        if rows.len() <= room {
            return None;
        }
        rows.truncate(room);
        Some(write(&self.order(list), rows.last().map(key)))
    }
}

/// A place in a list: behind a row, or before all that are in order. Nothing in it is secret; it is only not
/// meant to be read.
fn write(order: &str, place: Option<(i64, ObjectId)>) -> String {
    let mut bytes = order.as_bytes().to_vec();
    bytes.push(0);
    if let Some((key, id)) = place {
        bytes.extend_from_slice(&key.to_be_bytes());
        bytes.extend_from_slice(&id.0);
    }
    URL_SAFE_NO_PAD.encode(bytes)
}

fn read(cursor: &str, order: &str) -> Result<Option<(i64, ObjectId)>, Error> {
    let bad = || {
        Error::refused(
            Kind::Invalid,
            "bad_cursor",
            "This cursor does not belong to this list.",
        )
    };
    if cursor.len() > 128 {
        return Err(bad());
    }
    let bytes = URL_SAFE_NO_PAD.decode(cursor).map_err(|_| bad())?;
    let place = bytes
        .strip_prefix(order.as_bytes())
        .and_then(|rest| rest.strip_prefix(&[0]))
        .ok_or_else(bad)?;
    if place.is_empty() {
        return Ok(None);
    }
    let (key, id) = place.split_first_chunk::<8>().ok_or_else(bad)?;
    let id = ObjectId::from_slice(id).map_err(|_| bad())?;
    Ok(Some((i64::from_be_bytes(*key), id)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cursor_leads_back_to_its_place_in_its_own_list_only() {
        let id = ObjectId([9; 12]);
        for place in [None, Some((-5, id)), Some((i64::MAX, id))] {
            let cursor = write("tweets.cd", place);
            assert_eq!(read(&cursor, "tweets.cd").unwrap(), place);
            assert!(read(&cursor, "tweets.ca").is_err());
            assert!(read(&cursor, "tweets.c").is_err());
        }
        for nonsense in ["x", "AAAA", "dHdlZXRzLmNkAAA", &"A".repeat(1_000)] {
            assert!(read(nonsense, "tweets.cd").is_err(), "{nonsense}");
        }
    }

    #[test]
    fn what_stands_ahead_moves_the_others_by_one() {
        let asked = |position| Asked {
            sort: Sort::Created,
            descending: true,
            position,
            limit: 10,
        };
        let first = asked(Position::Page(1)).begin("x", 1).unwrap();
        assert_eq!((first.ahead, first.start), (1, Start::Offset(0)));
        assert_eq!(asked(Position::Page(1)).walk(first).limit, 9);
        let third = asked(Position::Page(3)).begin("x", 1).unwrap();
        assert_eq!((third.ahead, third.start), (0, Start::Offset(19)));
        assert_eq!(asked(Position::Page(3)).walk(third).limit, 10);
        let without = asked(Position::Page(3)).begin("x", 0).unwrap();
        assert_eq!(without.start, Start::Offset(20));
    }
}
