//! Lists of comments: those at the top of a video's threads, and the replies of one thread; one index walk each.
//! A search looks at the newest candidates that the full-text index gives, and at no other comment.

use model::{CommentId, UserId, VideoId};

use super::{COLUMNS, CommentRow, map};
use crate::keyset::{self, CANDIDATES, Walk, bind};
use crate::{Dialect, StoreError, Tx, Val};

/// Which comments.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Scope {
    /// At the top of a video's threads, but for one.
    Top(VideoId, Option<CommentId>),
    /// In the thread below this comment.
    Replies(CommentId),
}

/// What is asked for.
#[derive(Debug, Clone, Copy)]
pub struct Query<'a> {
    /// Which comments.
    pub scope: Scope,
    /// Only those with these words, in the form of [`keyset::words`]. Replies are not searched.
    pub words: Option<&'a str>,
    /// Who reads.
    pub reader: Option<UserId>,
    /// Which page of them.
    pub walk: Walk,
}

/// Whether the query is one short index walk; what is not goes to the slow readers.
pub fn is_quick(query: &Query<'_>) -> bool {
    query.words.is_none() && query.walk.is_quick()
}

/// `FROM` and `WHERE`.
fn from(query: &Query<'_>, dialect: Dialect, params: &mut Vec<Val<'_>>) -> String {
    match query.scope {
        Scope::Replies(parent) => {
            let parent = bind(params, parent);
            format!("comments c WHERE c.parent_id = ${parent} AND c.taken_down_at IS NULL")
        }
        Scope::Top(video, but) => {
            let mut text = match query.words {
                None => {
                    let video = bind(params, video);
                    format!(
                        "comments c WHERE c.video_id = ${video} AND c.parent_id IS NULL AND c.taken_down_at IS NULL"
                    )
                }
                Some(words) => {
                    let expression = format!("video : {} AND {words}", keyset::token(video.0));
                    let expression = bind(params, dialect.question(expression));
                    let most = bind(params, CANDIDATES);
                    let video = bind(params, video);
                    let found = match dialect {
                        Dialect::Sqlite => format!(
                            "(SELECT rowid AS doc FROM comment_words(${expression}) ORDER BY rowid DESC \
                             LIMIT ${most}) s JOIN comment_words_rows d ON d.doc = s.doc"
                        ),
                        Dialect::Postgres => format!(
                            "(SELECT comment_id FROM comment_words_rows WHERE words @@ CAST(${expression} AS tsquery) \
                             ORDER BY doc DESC LIMIT ${most}) d"
                        ),
                    };
                    format!(
                        "{found} JOIN comments c ON c.id = d.comment_id \
                         WHERE c.video_id = ${video} AND c.parent_id IS NULL AND c.taken_down_at IS NULL"
                    )
                }
            };
            if let Some(but) = but {
                let but = bind(params, but);
                text = format!("{text} AND c.id <> ${but}");
            }
            text
        }
    }
}

/// One page of comments.
pub async fn list(tx: &mut Tx, query: &Query<'_>) -> Result<Vec<CommentRow>, StoreError> {
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
        query.walk.yields("c"),
        from(query, dialect, &mut params)
    );
    query.walk.end("c", &mut inner, &mut params);
    let reader = bind(&mut params, query.reader);
    let text = format!(
        "SELECT {COLUMNS} FROM ({inner}) p JOIN comments c ON c.id = p.id JOIN users u ON u.id = c.owner_id \
         LEFT JOIN likes l ON l.user_id = ${reader} AND l.kind = 1 AND l.target_id = c.id {}",
        query.walk.order_page()
    );
    (text, params)
}

/// How many comments the query finds, among the candidates of a search.
pub async fn count(tx: &mut Tx, query: &Query<'_>) -> Result<i64, StoreError> {
    let mut params = Vec::new();
    let from = from(query, tx.dialect(), &mut params);
    let most = bind(&mut params, CANDIDATES);
    let text = format!("SELECT count(*) FROM (SELECT 1 FROM {from} LIMIT ${most}) AS found");
    Ok(tx.one(&text, &params, |row| row.int(0)).await?.unwrap_or(0))
}
