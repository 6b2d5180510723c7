//! Lists of tweets: of all, of one author, about one video; one index walk each. What has words, or both an author
//! and a video, looks at the newest candidates that the full-text index gives, and at no other tweet.

use model::{UserId, VideoId};

use super::{COLUMNS, TweetRow, joins, map};
use crate::keyset::{self, CANDIDATES, Walk, bind};
use crate::{Dialect, StoreError, Tx, Val};

/// What is asked for.
#[derive(Debug, Clone, Copy)]
pub struct Query<'a> {
    /// Only by this author.
    pub owner: Option<UserId>,
    /// Only about this video.
    pub video: Option<VideoId>,
    /// Only those with these words, in the form of [`keyset::words`].
    pub words: Option<&'a str>,
    /// Who reads.
    pub reader: Option<UserId>,
    /// Which page of them.
    pub walk: Walk,
}

impl Query<'_> {
    /// No single index has the list: it is found by words.
    fn is_search(&self) -> bool {
        self.words.is_some() || (self.owner.is_some() && self.video.is_some())
    }

    fn expression(&self) -> String {
        let owner = self.owner.map(|id| format!("owner : {}", keyset::token(id.0)));
        let video = self.video.map(|id| format!("video : {}", keyset::token(id.0)));
        let words = self.words.map(ToOwned::to_owned);
        let all: Vec<String> = [owner, video, words].into_iter().flatten().collect();
        all.join(" AND ")
    }
}

/// Whether the query is one short index walk; what is not goes to the slow readers.
pub fn is_quick(query: &Query<'_>) -> bool {
    !query.is_search() && query.walk.is_quick()
}

/// `FROM` and `WHERE`.
fn from(query: &Query<'_>, dialect: Dialect, params: &mut Vec<Val<'_>>) -> String {
    if query.is_search() {
        let expression = bind(params, dialect.question(query.expression()));
        let most = bind(params, CANDIDATES);
        let found = match dialect {
            Dialect::Sqlite => format!(
                "(SELECT rowid AS doc FROM tweet_words(${expression}) ORDER BY rowid DESC LIMIT ${most}) s \
                 JOIN tweet_words_rows d ON d.doc = s.doc"
            ),
            Dialect::Postgres => format!(
                "(SELECT tweet_id FROM tweet_words_rows WHERE words @@ CAST(${expression} AS tsquery) \
                 ORDER BY doc DESC LIMIT ${most}) d"
            ),
        };
        return format!("{found} JOIN tweets t ON t.id = d.tweet_id WHERE t.taken_down_at IS NULL");
    }
    match (query.owner, query.video) {
        (Some(owner), _) => {
            let owner = bind(params, owner);
            format!("tweets t WHERE t.owner_id = ${owner} AND t.taken_down_at IS NULL")
        }
        (None, Some(video)) => {
            let video = bind(params, video);
            format!("tweets t WHERE t.video_id = ${video} AND t.taken_down_at IS NULL")
        }
        (None, None) => "tweets t WHERE t.taken_down_at IS NULL".to_owned(),
    }
}

/// One page of tweets.
pub async fn list(tx: &mut Tx, query: &Query<'_>) -> Result<Vec<TweetRow>, StoreError> {
    let (text, params) = statement_in(query, tx.dialect());
    tx.all(&text, &params, map).await
}

/// The statement and its values for SQLite; apart, so that a test can ask the engine for its plan.
pub fn statement(query: &Query<'_>) -> (String, Vec<Val<'static>>) {
    statement_in(query, Dialect::Sqlite)
}

fn statement_in(query: &Query<'_>, dialect: Dialect) -> (String, Vec<Val<'static>>) {
    let mut params = Vec::new();
    let mut inner = format!(
        "{} FROM {}",
        query.walk.yields("t"),
        from(query, dialect, &mut params)
    );
    query.walk.end("t", &mut inner, &mut params);
    let reader = bind(&mut params, query.reader);
    let text = format!(
        "SELECT {COLUMNS} FROM ({inner}) p JOIN tweets t ON t.id = p.id {} {}",
        joins(reader),
        query.walk.order_page()
    );
    (text, params)
}

/// How many tweets the query finds, counting no further than totals are exact, among the candidates of a search.
pub async fn count(tx: &mut Tx, query: &Query<'_>) -> Result<i64, StoreError> {
    let mut params = Vec::new();
    let from = from(query, tx.dialect(), &mut params);
    let most = bind(&mut params, CANDIDATES);
    let text = format!("SELECT count(*) FROM (SELECT 1 FROM {from} LIMIT ${most}) AS found");
    Ok(tx.one(&text, &params, |row| row.int(0)).await?.unwrap_or(0))
}
