//! Lists of whatever is ordered by a number and an id: where a page begins, and the cursor to the next.
//!
//! Lists of videos have more orders than that and their own cursors (`videos::list`).

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use model::ObjectId;
use store::places::{Place, Start};

use crate::error::{Error, Kind};
pub use crate::videos::list::{LAST_PAGE, Position};

/// Offsets from here on are walked by the slow readers.
const DEEP: i64 = 2_000;

/// Which part of a list is asked for.
#[derive(Debug, Clone)]
pub struct Request {
    /// Where to begin.
    pub position: Position,
    /// How many at most.
    pub limit: i64,
}

/// A part of a list.
#[derive(Debug)]
pub struct Slice<T> {
    /// What is on it.
    pub items: Vec<T>,
    /// Where the next begins; `None` at the end, and where page numbers are used.
    pub next_cursor: Option<String>,
}

/// What to ask the store for.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Ask {
    /// From here,
    pub(crate) start: Start,
    /// so many rows: one more than will be shown where a cursor is asked for.
    pub(crate) rows: i64,
    /// It is far into the list: something for the slow readers.
    pub(crate) deep: bool,
}

impl Request {
    /// What to ask the store for, in the list called `list` that begins at `top`. Cursors of other lists are
    /// refused.
    pub(crate) fn ask(&self, list: &str, top: Place) -> Result<Ask, Error> {
        let (after, offset, more) = match &self.position {
            Position::Page(page) if *page > LAST_PAGE => {
                let message =
                    "Pages end at 1,000. Ask with the parameter cursor (empty for the start) to go on.";
                return Err(Error::refused(Kind::Invalid, "page_too_deep", message));
            }
            Position::Page(page) => (top, (page - 1).max(0) * self.limit, 0),
            Position::Cursor(cursor) if cursor.is_empty() => (top, 0, 1),
            Position::Cursor(cursor) => (place(list, cursor)?, 0, 1),
        };
        Ok(Ask {
            start: Start { after, offset },
            rows: self.limit + more,
            deep: offset > DEEP,
        })
    }

    /// The list that the cursor belongs to, where there is one that says so.
    pub(crate) fn list(&self) -> Option<String> {
        let Position::Cursor(cursor) = &self.position else {
            return None;
        };
        read(cursor).map(|(list, _)| list)
    }

    /// Of what the store answered to [`Request::ask`], what is shown, and the cursor behind it.
    pub(crate) fn cut<T>(
        &self,
        list: &str,
        mut items: Vec<T>,
        place_of: impl Fn(&T) -> Place,
    ) -> Result<Slice<T>, Error> {
        let limit = usize::try_from(self.limit).unwrap_or(0);
        let by_cursor = matches!(self.position, Position::Cursor(_));
        let more = items.len() > limit;
        items.truncate(limit);
        let next_cursor = match items.last() {
            Some(end) if by_cursor && more => Some(cursor(list, place_of(end))?),
            _ => None,
        };
        Ok(Slice { items, next_cursor })
    }
}

impl<T> Slice<T> {
    /// The same part with other things on it, of which some may be left out.
    pub(crate) fn map<U>(self, change: impl FnMut(T) -> Option<U>) -> Slice<U> {
        Slice {
            items: self.items.into_iter().filter_map(change).collect(),
            next_cursor: self.next_cursor,
        }
    }
}

/// A place in a list as opaque text. Nothing in it is secret; it is only not meant to be read.
fn cursor(list: &str, place: Place) -> Result<String, Error> {
    let json = serde_json::to_vec(&(list, place.at, place.id.to_string()))
        .map_err(|error| Error::failed("cursor", error))?;
    Ok(URL_SAFE_NO_PAD.encode(json))
}

fn place(list: &str, cursor: &str) -> Result<Place, Error> {
    let bad = || {
        Error::refused(
            Kind::Invalid,
            "bad_cursor",
            "This cursor does not belong to this list.",
        )
    };
    let (of, place) = read(cursor).ok_or_else(bad)?;
    if of == list { Ok(place) } else { Err(bad()) }
}

/// The list and the place that a cursor names.
fn read(cursor: &str) -> Option<(String, Place)> {
    if cursor.len() > 256 {
        return None;
    }
    let json = URL_SAFE_NO_PAD.decode(cursor).ok()?;
    let (of, at, id): (String, i64, String) = serde_json::from_slice(&json).ok()?;
    let id: ObjectId = id.parse().ok()?;
    Some((of, Place { at, id }))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn by_cursor(cursor: &str) -> Request {
        Request {
            position: Position::Cursor(cursor.to_owned()),
            limit: 2,
        }
    }

    #[test]
    fn a_cursor_leads_behind_the_last_thing_shown_and_only_in_its_own_list() {
        let things: Vec<Place> = (0..3)
            .map(|n| Place {
                at: 100 - n,
                id: ObjectId([7; 12]),
            })
            .collect();
        let first = by_cursor("");
        assert_eq!(first.ask("a", Place::TOP).unwrap().rows, 3);
        let shown = first.cut("a", things.clone(), |place| *place).unwrap();
        assert_eq!(shown.items, things[..2]);
        let next = by_cursor(&shown.next_cursor.unwrap());
        assert_eq!(next.ask("a", Place::TOP).unwrap().start.after, things[1]);
        assert!(next.ask("b", Place::TOP).is_err());
        let last = next.cut("a", things[2..].to_vec(), |place| *place).unwrap();
        assert!(last.next_cursor.is_none());
    }

    #[test]
    fn pages_have_no_cursors_and_an_end() {
        let page = |page| Request {
            position: Position::Page(page),
            limit: 2,
        };
        let ask = page(3).ask("a", Place::TOP).unwrap();
        assert_eq!((ask.start.offset, ask.rows), (4, 2));
        assert!(page(LAST_PAGE + 1).ask("a", Place::TOP).is_err());
        let shown = page(1).cut("a", vec![Place::TOP; 2], |place| *place).unwrap();
        assert!(shown.next_cursor.is_none());
    }
}
