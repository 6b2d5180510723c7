//! The index of videos by title, tags and description.

use std::collections::BTreeSet;

use model::search::terms;
use model::{Millis, VideoId};

use super::{
    EXCERPT_CHARS, SERIAL, best, best_rows, newest_of_tiers, newest_rows, terms as vocabulary, words,
};
use crate::videos::VideoRow;
use crate::{Row, StoreError, Tx, params};

/// A video that has the words, with what it is weighed by.
#[derive(Debug, Clone)]
pub struct Candidate {
    /// Which.
    pub id: VideoId,
    /// Its title.
    pub title: String,
    /// Its tags, with spaces between.
    pub tags: String,
    /// The beginning of its description.
    pub description: String,
    /// Counted views.
    pub views: i64,
    /// Likes.
    pub likes: i64,
    /// When it was first listed.
    pub published_at: Millis,
    /// Its length, milliseconds.
    pub duration_ms: i64,
}

/// Puts a video's words in the place of its present tier, whatever was there. For [`Tx::put_off`]; a video that is
/// gone by then has no words. The trigger `video_search_save` does the rest.
const SAVE: &str = "UPDATE video_search_rows SET tier = (SELECT CASE WHEN v.listed = 1 \
     THEN min(length(max(v.views, 0)), 6) ELSE 0 END FROM videos v WHERE v.id = video_id) \
     WHERE video_id = $1 AND EXISTS (SELECT 1 FROM videos v WHERE v.id = video_id)";

/// Has the index say what the row says.
async fn index(tx: &mut Tx, id: VideoId) -> Result<(), StoreError> {
    if tx.is_postgres() {
        words::save_video(tx, id).await
    } else {
        tx.put_off(SAVE, *id.as_bytes())
    }
}

fn words_of(video: &VideoRow) -> BTreeSet<String> {
    let tags = video.tags.iter().map(String::as_str);
    terms(
        std::iter::once(video.title.as_str())
            .chain(tags)
            .chain(std::iter::once(video.description.as_str())),
    )
}

/// Adds a new video.
pub(crate) async fn add(tx: &mut Tx, video: &VideoRow, listed: bool) -> Result<(), StoreError> {
    tx.exec(
        "INSERT INTO video_search_rows (video_id, counted) VALUES ($1, $2)",
        &params![video.id, listed],
    )
    .await?;
    if listed {
        vocabulary::recount(tx, &BTreeSet::new(), &words_of(video)).await?;
        if !video.captions.is_empty() {
            super::captions::changed(tx, video.id).await?;
        }
    }
    index(tx, video.id).await
}

/// Adds a video that was copied from another store, whose words are counted there or not.
pub(crate) async fn add_copied(tx: &mut Tx, id: VideoId, counted: bool) -> Result<(), StoreError> {
    tx.exec(
        "INSERT INTO video_search_rows (video_id, counted) VALUES ($1, $2)",
        &params![id, counted],
    )
    .await?;
    index(tx, id).await
}

/// Follows a change of a video.
pub(crate) async fn save(tx: &mut Tx, before: &VideoRow, after: &VideoRow) -> Result<(), StoreError> {
    let relisted = before.listed != after.listed;
    if relisted || before.captions != after.captions {
        let concerned = !(before.captions.is_empty() && after.captions.is_empty());
        if concerned && (before.listed || after.listed) {
            super::captions::changed(tx, after.id).await?;
        }
    }
    let reworded =
        (&after.title, &after.description, &after.tags) != (&before.title, &before.description, &before.tags);
    if !relisted && !reworded {
        return Ok(());
    }
    if before.listed || after.listed {
        let counted = uncounted(tx, before).await?;
        let new = if after.listed {
            words_of(after)
        } else {
            BTreeSet::new()
        };
        vocabulary::recount(tx, &counted, &new).await?;
        tx.exec(
            "UPDATE video_search_rows SET counted = $1 WHERE video_id = $2",
            &params![after.listed, after.id],
        )
        .await?;
    }
    index(tx, after.id).await
}

/// Forgets a video, which is removed in the same transaction.
pub(crate) async fn remove(tx: &mut Tx, video: &VideoRow) -> Result<(), StoreError> {
    let counted = uncounted(tx, video).await?;
    vocabulary::recount(tx, &counted, &BTreeSet::new()).await?;
    if !video.captions.is_empty() {
        super::captions::changed(tx, video.id).await?;
    }
    tx.exec(
        "DELETE FROM video_search_rows WHERE video_id = $1",
        &params![video.id],
    )
    .await?;
    Ok(())
}

/// The words that are counted of a video, which are not to be any more.
async fn uncounted(tx: &mut Tx, video: &VideoRow) -> Result<BTreeSet<String>, StoreError> {
    let counted = tx
        .one(
            "SELECT counted FROM video_search_rows WHERE video_id = $1",
            &params![video.id],
            |row| row.bool(0),
        )
        .await?;
    Ok(if counted == Some(true) {
        words_of(video)
    } else {
        BTreeSet::new()
    })
}

/// Listed videos whose words were never counted: they are older than counting.
pub async fn to_count(tx: &mut Tx, limit: i64) -> Result<Vec<VideoId>, StoreError> {
    tx.all(
        "SELECT video_id FROM video_search_rows WHERE counted = 0 AND tier > 0 ORDER BY doc LIMIT $1",
        &params![limit],
        |row| row.id(0),
    )
    .await
}

/// Counts the words of such a video.
pub async fn count(tx: &mut Tx, video: &VideoRow) -> Result<(), StoreError> {
    // Looked up before this transaction: it may have been hidden since, and is counted when it is shown again.
    if !video.listed {
        return Ok(());
    }
    let changed = tx
        .exec(
            "UPDATE video_search_rows SET counted = 1 WHERE counted = 0 AND video_id = $1",
            &params![video.id],
        )
        .await?;
    if changed == 1 && video.listed {
        vocabulary::recount(tx, &BTreeSet::new(), &words_of(video)).await?;
    }
    Ok(())
}

/// The videos to weigh: of each tier the newest that have the words in title or tags, and the newest that have them
/// anywhere; some hundreds at most. With `few` all are read that have the words, since there are no more than
/// [`super::ALL_OF_THEM`].
pub async fn candidates(tx: &mut Tx, expression: &str, few: bool) -> Result<Vec<Candidate>, StoreError> {
    let map = |row: &Row<'_>| -> Result<Candidate, StoreError> {
        Ok(Candidate {
            id: row.id(0)?,
            title: row.text(1)?.to_owned(),
            tags: row.text(2)?.to_owned(),
            description: row.text(3)?.to_owned(),
            views: row.int(4)?,
            likes: row.int(5)?,
            published_at: row.millis(6)?,
            duration_ms: row.int(7)?,
        })
    };
    if tx.is_postgres() {
        // Both at once: the words are folded already, and so few parameters are no burden.
        let question = words::question(expression);
        let sql = statement_of_rows(few);
        return tx.all(&sql, &params![EXCERPT_CHARS, question], map).await;
    }
    let sql = statement(few);
    if few {
        tx.all(&sql, &params![EXCERPT_CHARS, expression], map).await
    } else {
        let in_title = format!("{{title tags}} : ({expression})");
        tx.all(&sql, &params![EXCERPT_CHARS, expression, in_title], map)
            .await
    }
}

/// [`statement`] for PostgreSQL; tags as they are kept, a JSON array, whose words are the same.
fn statement_of_rows(few: bool) -> String {
    let found = if few {
        best_rows("video_search_rows", "video_id", "words", 2)
    } else {
        newest_rows(
            "video_search_rows",
            "video_id",
            &[("words", 2), ("title_words", 2)],
        )
    };
    format!(
        "SELECT v.id, v.title, v.tags, substr(v.description, 1, CAST($1 AS INTEGER)), v.views, v.likes_count, \
         coalesce(v.published_at, v.created_at), v.duration_ms \
         FROM ({found}) f JOIN videos v ON v.id = f.video_id WHERE v.listed = 1"
    )
}

/// The statement of [`candidates`]; apart, so that a test can ask the engine for its plan.
pub fn statement(few: bool) -> String {
    let found = if few {
        best("video_search", 2)
    } else {
        newest_of_tiers("video_search", &[2, 3])
    };
    format!(
        "SELECT v.id, v.title, (SELECT coalesce(group_concat(value, ' '), '') FROM json_each(v.tags)), \
         substr(v.description, 1, $1), v.views, v.likes_count, coalesce(v.published_at, v.created_at), \
         v.duration_ms \
         FROM ({found}) f CROSS JOIN video_search_rows d ON d.doc = f.doc & {SERIAL} \
         CROSS JOIN videos v ON v.id = d.video_id WHERE v.listed = 1"
    )
}
