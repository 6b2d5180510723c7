//! Lists of videos: one index walk for each order that may be asked for, by page number or from a
//! cursor on.
//!
//! The inner select touches only the index and yields ids; the wide rows are read for the one page.

use model::{Millis, UserId};

use super::{COLUMNS, VideoRow, map};
use crate::keyset::CANDIDATES;
use crate::{Dialect, StoreError, Tx, Val, many};

/// Which videos.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Scope {
    /// What everyone may find.
    Listed,
    /// What everyone may find of one channel.
    ListedOf(UserId),
    /// Everything of one channel, for its owner.
    AllOf(UserId),
}

/// What to order by.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Sort {
    /// Time of upload.
    Created,
    /// Counted views.
    Views,
    /// Length.
    Duration,
    /// Title, by code point.
    Title,
    /// Likes.
    Likes,
}

impl Sort {
    fn column(self) -> &'static str {
        match self {
            Self::Created => "v.created_at",
            Self::Views => "v.views",
            Self::Duration => "v.duration_ms",
            Self::Title => "v.title",
            Self::Likes => "v.likes_count",
        }
    }

    /// Where a row stands in this order.
    pub fn key(self, row: &VideoRow) -> SortKey {
        match self {
            Self::Created => SortKey::Int(row.created_at.0),
            Self::Views => SortKey::Int(row.views),
            Self::Duration => SortKey::Int(row.duration_ms),
            Self::Title => SortKey::Text(row.title.clone()),
            Self::Likes => SortKey::Int(row.likes_count),
        }
    }
}

/// A place in an order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SortKey {
    /// In an order of numbers or times.
    Int(i64),
    /// In an order of text.
    Text(String),
}

/// Where a page begins.
#[derive(Debug, Clone)]
pub enum Start {
    /// This many rows into the list.
    Offset(i64),
    /// Behind the row with this key and id.
    After(SortKey, model::VideoId),
}

/// What is asked for.
#[derive(Debug, Clone)]
pub struct Query<'a> {
    /// Which videos.
    pub scope: Scope,
    /// Only with this tag (folded).
    pub tag: Option<&'a str>,
    /// Only those with words that begin like these; already in the form of [`words`].
    pub words: Option<&'a str>,
    /// What to order by.
    pub sort: Sort,
    /// Largest first.
    pub descending: bool,
    /// Where to begin.
    pub start: Start,
    /// How many at most.
    pub limit: i64,
}

impl Query<'_> {
    /// Of all videos with some words, the best and newest are looked at, as many as totals count and one more, and no
    /// other: a common word is in most of them. What somebody has among those of one channel or with one tag is
    /// looked for in all of them, since the best of the site need not be among them.
    fn is_bounded(&self) -> bool {
        self.words.is_some() && self.scope == Scope::Listed && self.tag.is_none()
    }
}

/// Whether the query is one short index walk; what is not goes to the slow readers.
pub fn is_quick(query: &Query<'_>) -> bool {
    let indexed = match query.scope {
        Scope::Listed => query.tag.is_none() || query.sort == Sort::Created,
        Scope::ListedOf(_) | Scope::AllOf(_) => query.sort == Sort::Created && query.tag.is_none(),
    };
    indexed && query.words.is_none() && !matches!(query.start, Start::Offset(n) if n > 2_000)
}

/// A person's search as an FTS5 expression: each word quoted and taken as a beginning; `None` when
/// there is nothing to look for. Syntax characters are data.
pub fn words(query: &str) -> Option<String> {
    let words: Vec<String> = query
        .split(|c: char| !c.is_alphanumeric())
        .filter(|word| !word.is_empty())
        .take(16)
        .map(|word| format!("\"{word}\"*"))
        .collect();
    (!words.is_empty()).then(|| words.join(" "))
}

struct Sql<'a> {
    from: String,
    conditions: Vec<&'static str>,
    text: String,
    params: Vec<Val<'a>>,
}

impl<'a> Sql<'a> {
    /// The part up to the conditions. Parameters are numbered in the order of their first use.
    fn begin(query: &'a Query<'a>, dialect: Dialect) -> Self {
        let mut sql = Self {
            from: "videos v".to_owned(),
            conditions: Vec::new(),
            text: String::new(),
            params: Vec::new(),
        };
        if let Some(words) = query.words {
            sql.params.push(match dialect {
                Dialect::Sqlite => Val::from(words),
                Dialect::Postgres => Val::from(crate::search::words::question(words)),
            });
            let found = if query.is_bounded() {
                // Documents are numbered by what they are worth and then by age.
                sql.params.push(Val::from(CANDIDATES));
                match dialect {
                    Dialect::Sqlite => {
                        "(SELECT rowid AS doc FROM video_search($1) ORDER BY rowid DESC LIMIT $2)"
                    }
                    Dialect::Postgres => {
                        "(SELECT video_id FROM video_search_rows WHERE words @@ CAST($1 AS tsquery) \
                         ORDER BY tier DESC, doc DESC LIMIT $2)"
                    }
                }
            } else {
                match dialect {
                    Dialect::Sqlite => "(SELECT rowid AS doc FROM video_search($1))",
                    Dialect::Postgres => {
                        "(SELECT video_id FROM video_search_rows WHERE words @@ CAST($1 AS tsquery))"
                    }
                }
            };
            sql.from = match dialect {
                Dialect::Sqlite => format!(
                    "{found} s JOIN video_search_rows d ON d.doc = s.doc & {} JOIN videos v ON v.id = d.video_id",
                    crate::search::SERIAL
                ),
                Dialect::Postgres => format!("{found} s JOIN videos v ON v.id = s.video_id"),
            };
        }
        if let Some(tag) = query.tag {
            sql.params.push(Val::from(tag));
            let n = sql.params.len();
            // Driven by the tag's own index where that has the order; it repeats what orders and filters.
            let by_tag = query.scope == Scope::Listed && query.sort == Sort::Created && query.words.is_none();
            if by_tag {
                sql.from = format!(
                    "(SELECT video_id AS id, created_at FROM video_tags WHERE listed = 1 AND tag = ${n}) v"
                );
            } else {
                sql.text =
                    format!("EXISTS (SELECT 1 FROM video_tags t WHERE t.tag = ${n} AND t.video_id = v.id)");
            }
            if by_tag {
                return sql;
            }
        }
        match query.scope {
            Scope::Listed => sql.conditions.push("v.listed = 1"),
            Scope::ListedOf(owner) => {
                sql.conditions.push("v.listed = 1");
                sql.and_owner(owner);
            }
            Scope::AllOf(owner) => sql.and_owner(owner),
        }
        sql
    }

    fn and_owner(&mut self, owner: UserId) {
        self.params.push(Val::from(owner));
        let n = self.params.len();
        let and = if self.text.is_empty() { "" } else { " AND " };
        self.text = format!("{}{and}v.owner_id = ${n}", self.text);
    }

    fn where_clause(&self) -> String {
        let mut all: Vec<&str> = self.conditions.clone();
        if !self.text.is_empty() {
            all.push(&self.text);
        }
        if all.is_empty() {
            "1 = 1".to_owned()
        } else {
            all.join(" AND ")
        }
    }
}

/// One page of videos.
pub async fn list(tx: &mut Tx, query: &Query<'_>) -> Result<Vec<VideoRow>, StoreError> {
    let (text, params) = statement_in(query, tx.dialect());
    tx.all(&text, &params, map).await
}

/// The statement and its values for SQLite; apart, so that a test can ask the engine for its plan.
pub fn statement<'a>(query: &'a Query<'a>) -> (String, Vec<Val<'a>>) {
    statement_in(query, Dialect::Sqlite)
}

fn statement_in<'a>(query: &'a Query<'a>, dialect: Dialect) -> (String, Vec<Val<'a>>) {
    let mut sql = Sql::begin(query, dialect);
    let column = query.sort.column();
    let (direction, beyond) = if query.descending {
        ("DESC", "<")
    } else {
        ("ASC", ">")
    };
    let mut filter = sql.where_clause();
    let mut offset = 0;
    match &query.start {
        Start::Offset(n) => offset = *n,
        Start::After(key, id) => {
            sql.params.push(match key {
                SortKey::Int(n) => Val::from(*n),
                SortKey::Text(text) => Val::from(text.as_str()),
            });
            sql.params.push(Val::from(*id));
            let n = sql.params.len();
            filter = format!("{filter} AND ({column}, v.id) {beyond} (${}, ${n})", n - 1);
        }
    }
    sql.params.push(Val::from(query.limit));
    let limit = sql.params.len();
    sql.params.push(Val::from(offset));
    let text = format!(
        "SELECT {COLUMNS} FROM (SELECT v.id AS id FROM {} WHERE {filter} ORDER BY {column} {direction}, v.id {direction} \
         LIMIT ${limit} OFFSET ${}) p JOIN videos v ON v.id = p.id JOIN users u ON u.id = v.owner_id \
         ORDER BY {column} {direction}, v.id {direction}",
        sql.from,
        limit + 1
    );
    (text, sql.params)
}

/// The videos of these ids that there are, in no order. At most some hundred.
pub async fn of_ids(tx: &mut Tx, ids: &[model::VideoId]) -> Result<Vec<VideoRow>, StoreError> {
    if ids.is_empty() {
        return Ok(Vec::new());
    }
    let mut text =
        format!("SELECT {COLUMNS} FROM videos v JOIN users u ON u.id = v.owner_id WHERE v.id IN (");
    let mut params = Vec::new();
    many::any_of(&mut text, &mut params, ids.iter().map(|id| Val::from(*id)));
    text.push(')');
    tx.all(&text, &params, map).await
}

/// How many videos the query finds, counting no further than `most`.
pub async fn count(tx: &mut Tx, query: &Query<'_>, most: i64) -> Result<i64, StoreError> {
    let mut sql = Sql::begin(query, tx.dialect());
    let filter = sql.where_clause();
    sql.params.push(Val::from(most));
    let text = format!(
        "SELECT count(*) FROM (SELECT 1 FROM {} WHERE {filter} LIMIT ${}) AS found",
        sql.from,
        sql.params.len()
    );
    Ok(tx.one(&text, &sql.params, |row| row.int(0)).await?.unwrap_or(0))
}

/// Ids of an owner's videos with an id after `after`, in order of id: for work that walks them all.
pub async fn ids_of(
    tx: &mut Tx,
    owner: UserId,
    after: Option<(Millis, model::VideoId)>,
    limit: i64,
) -> Result<Vec<(Millis, model::VideoId)>, StoreError> {
    let (at, id) = after.map_or((i64::MIN, [0; 12]), |(at, id)| (at.0, *id.as_bytes()));
    tx.all(
        "SELECT created_at, id FROM videos WHERE owner_id = $1 AND (created_at, id) > ($2, $3) \
         ORDER BY created_at, id LIMIT $4",
        &crate::params![owner, at, &id, limit],
        |row| Ok((row.millis(0)?, row.id(1)?)),
    )
    .await
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn search_syntax_is_data() {
        assert_eq!(
            words("cat OR \"dog\" NEAR(a*)").unwrap(),
            "\"cat\"* \"OR\"* \"dog\"* \"NEAR\"* \"a\"*"
        );
        assert_eq!(words(" \"*%_( "), None);
    }

    #[test]
    fn a_search_of_all_videos_looks_at_so_many_and_no_more() {
        let owner = UserId::from_slice(&[1; 12]).unwrap();
        for (scope, tag, bounded) in [
            (Scope::Listed, None, true),
            (Scope::Listed, Some("a"), false),
            (Scope::ListedOf(owner), None, false),
            (Scope::AllOf(owner), None, false),
        ] {
            let query = Query {
                scope,
                tag,
                words: Some("\"b\"*"),
                sort: Sort::Created,
                descending: true,
                start: Start::Offset(0),
                limit: 10,
            };
            let (text, params) = statement(&query);
            let limited =
                text.contains("ORDER BY rowid DESC LIMIT $2)") && params[1] == Val::from(CANDIDATES);
            assert_eq!(limited, bounded, "{text}");
        }
    }

    #[test]
    fn parameters_are_numbered_in_the_order_of_their_first_use() {
        let mut id = [0; 12];
        id[0] = 1;
        let owner = UserId::from_slice(&id).unwrap();
        for scope in [Scope::Listed, Scope::ListedOf(owner), Scope::AllOf(owner)] {
            for (tag, words) in [
                (None, None),
                (Some("a"), None),
                (None, Some("\"b\"*")),
                (Some("a"), Some("\"b\"*")),
            ] {
                let query = Query {
                    scope,
                    tag,
                    words,
                    sort: Sort::Views,
                    descending: true,
                    start: Start::After(SortKey::Int(1), model::VideoId::from_slice(&id).unwrap()),
                    limit: 10,
                };
                let (text, params) = statement(&query);
                let places: Vec<usize> = (1..=params.len())
                    .map(|n| text.find(&format!("${n}")).unwrap())
                    .collect();
                assert!(places.is_sorted(), "{text}");
            }
        }
    }
}
