//! Pages along an index by time or by likes: where a page begins, and the clauses that say so.
//!
//! What comments and tweets share. The inner select of such a list touches only an index and yields ids; the
//! wide rows are read for the one page.

use std::fmt::Write;

use model::{Millis, ObjectId};

use crate::Val;

/// What to order by.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Sort {
    /// The time when it was made.
    Created,
    /// Likes.
    Likes,
}

impl Sort {
    fn column(self) -> &'static str {
        match self {
            Self::Created => "created_at",
            Self::Likes => "likes_count",
        }
    }

    /// Where a row with these values stands in this order.
    pub fn key(self, created_at: Millis, likes_count: i64) -> i64 {
        match self {
            Self::Created => created_at.0,
            Self::Likes => likes_count,
        }
    }
}

/// Where a page begins.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Start {
    /// This many rows into the list.
    Offset(i64),
    /// Behind the row with this key and id.
    After(i64, ObjectId),
}

/// One page of a list.
#[derive(Debug, Clone, Copy)]
pub struct Walk {
    /// What to order by.
    pub sort: Sort,
    /// Largest first.
    pub descending: bool,
    /// Where to begin.
    pub start: Start,
    /// How many at most.
    pub limit: i64,
}

/// Offsets beyond this walk long enough to be a slow read.
const QUICK_OFFSET: i64 = 2_000;
/// Most documents that a search looks at, the newest ones: one more than totals count exactly.
pub(crate) const CANDIDATES: i64 = 10_001;

impl Walk {
    /// Whether getting to the page is short.
    pub fn is_quick(&self) -> bool {
        !matches!(self.start, Start::Offset(n) if n > QUICK_OFFSET)
    }

    /// What the inner select yields of rows of this alias: id and key.
    pub(crate) fn yields(&self, alias: &str) -> String {
        format!("SELECT {alias}.id AS id, {alias}.{} AS place", self.sort.column())
    }

    /// `ORDER BY` for the page `p`. By its own columns: by those of the wide rows, the engine might rather read
    /// them all in their order and look for the page among them.
    pub(crate) fn order_page(&self) -> &'static str {
        if self.descending {
            "ORDER BY p.place DESC, p.id DESC"
        } else {
            "ORDER BY p.place ASC, p.id ASC"
        }
    }

    fn order(&self, alias: &str) -> String {
        let column = self.sort.column();
        let direction = if self.descending { "DESC" } else { "ASC" };
        format!("ORDER BY {alias}.{column} {direction}, {alias}.id {direction}")
    }

    /// Ends an inner select of ids that goes as far as its conditions.
    pub(crate) fn end(&self, alias: &str, text: &mut String, params: &mut Vec<Val<'_>>) {
        let mut offset = 0;
        // Writing into a string cannot fail.
        match self.start {
            Start::Offset(n) => offset = n,
            Start::After(key, id) => {
                let beyond = if self.descending { "<" } else { ">" };
                let column = self.sort.column();
                params.push(Val::from(key));
                params.push(Val::from(id));
                let n = params.len();
                let _ = write!(
                    text,
                    " AND ({alias}.{column}, {alias}.id) {beyond} (${}, ${n})",
                    n - 1
                );
            }
        }
        params.push(Val::from(self.limit));
        params.push(Val::from(offset));
        let n = params.len();
        let _ = write!(text, " {} LIMIT ${} OFFSET ${n}", self.order(alias), n - 1);
    }
}

/// Adds a value and answers its number.
pub(crate) fn bind<'a>(params: &mut Vec<Val<'a>>, value: impl Into<Val<'a>>) -> usize {
    params.push(value.into());
    params.len()
}

/// A person's search as an FTS5 expression over the column `content`: each word quoted and taken as a
/// beginning, but for single letters, which begin too much; `None` when there is nothing to look for.
/// Syntax characters are data.
pub fn words(query: &str) -> Option<String> {
    let words: Vec<String> = query
        .split(|c: char| !c.is_alphanumeric())
        .filter(|word| !word.is_empty())
        .take(16)
        .map(|word| {
            let whole = word.len() == 1;
            format!("\"{word}\"{}", if whole { "" } else { "*" })
        })
        .collect();
    (!words.is_empty()).then(|| format!("content : ({})", words.join(" ")))
}

/// The word under which an id stands in a column of a search table.
pub(crate) fn token(id: ObjectId) -> String {
    format!("\"i{id}\"")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn search_syntax_is_data() {
        assert_eq!(
            words("cat OR \"dog\" NEAR(a*) video:x").unwrap(),
            "content : (\"cat\"* \"OR\"* \"dog\"* \"NEAR\"* \"a\" \"video\"* \"x\")"
        );
        assert_eq!(words(" \"*%_(\u{0} "), None);
    }
}
