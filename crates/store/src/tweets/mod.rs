//! Tweets as rows: adding, changing, removing and finding them, with every counter, search word and post that
//! follows kept in the same transaction. Lists are in [`list`].
//!
//! What a tweet may be about, and who is shown that, is `app::tweets`.

pub mod list;

use model::likes::Target;
use model::moderation::{Kind, Target as Subject};
use model::videos::Visibility;
use model::{Millis, TweetId, UserId, VideoId};

use crate::likes::Standing;
use crate::videos::Owner;
use crate::{Row, StoreError, Tx, Val, channel_posts, counters, likes, many, params, takedowns};

/// One tweet with what is shown of its author, as one reader sees it.
#[derive(Debug, Clone)]
pub struct TweetRow {
    /// Which.
    pub id: TweetId,
    /// Whose.
    pub owner_id: UserId,
    /// As it was typed.
    pub content: String,
    /// The video it is about, while that is there.
    pub about: Option<AboutVideo>,
    /// Likes.
    pub likes_count: i64,
    /// When it was written.
    pub created_at: Millis,
    /// When its text last changed.
    pub updated_at: Millis,
    /// The author as shown beside it.
    pub owner: Owner,
    /// Whether the reader likes it.
    pub is_liked: bool,
}

/// The video that a tweet is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct AboutVideo {
    /// Which.
    pub id: VideoId,
    /// The place in it, milliseconds from its start.
    pub at_ms: Option<i64>,
    /// What decides who may see it.
    pub standing: Standing,
}

const COLUMNS: &str = "t.id, t.owner_id, t.content, t.video_id, t.video_at_ms, t.likes_count, t.created_at, \
     t.updated_at, u.username, u.full_name, u.avatar_rev, u.subscribers_count, l.user_id IS NOT NULL, \
     v.owner_id, v.visibility, v.watchable, v.taken_down_at IS NOT NULL";

/// What stands behind the ids of a page, with the number of the reader's parameter.
fn joins(reader: usize) -> String {
    format!(
        "JOIN users u ON u.id = t.owner_id LEFT JOIN videos v ON v.id = t.video_id \
         LEFT JOIN likes l ON l.user_id = ${reader} AND l.kind = 2 AND l.target_id = t.id"
    )
}

fn map(row: &Row<'_>) -> Result<TweetRow, StoreError> {
    let about = match (row.opt_id(3)?, row.opt_id(13)?) {
        (Some(id), Some(owner_id)) => Some(AboutVideo {
            id,
            at_ms: row.opt_int(4)?,
            standing: Standing {
                owner_id,
                visibility: Visibility::from_code(row.int(14)?),
                watchable: row.bool(15)?,
                taken_down: row.bool(16)?,
            },
        }),
        _ => None,
    };
    Ok(TweetRow {
        id: row.id(0)?,
        owner_id: row.id(1)?,
        content: row.text(2)?.to_owned(),
        about,
        likes_count: row.int(5)?,
        created_at: row.millis(6)?,
        updated_at: row.millis(7)?,
        owner: Owner {
            username: row.text(8)?.to_owned(),
            full_name: row.text(9)?.to_owned(),
            avatar_rev: row.text(10)?.to_owned(),
            subscribers_count: row.int(11)?,
        },
        is_liked: row.bool(12)?,
    })
}

/// The tweet of this id, as `reader` sees it; `None` also where it was taken down.
pub async fn find(tx: &mut Tx, id: TweetId, reader: Option<UserId>) -> Result<Option<TweetRow>, StoreError> {
    use std::sync::LazyLock;
    static SQL: LazyLock<String> = LazyLock::new(|| {
        format!(
            "SELECT {COLUMNS} FROM tweets t {} WHERE t.id = $2 AND t.taken_down_at IS NULL",
            joins(1)
        )
    });
    tx.one(&SQL, &params![reader, id], map).await
}

/// The tweets of these ids that there are, in no order, as `reader` sees them. At most about a hundred.
pub async fn of_ids(
    tx: &mut Tx,
    ids: &[TweetId],
    reader: Option<UserId>,
) -> Result<Vec<TweetRow>, StoreError> {
    if ids.is_empty() {
        return Ok(Vec::new());
    }
    let mut text = format!(
        "SELECT {COLUMNS} FROM tweets t {} WHERE t.taken_down_at IS NULL AND t.id IN (",
        joins(1)
    );
    let mut params = params![reader].to_vec();
    many::any_of(&mut text, &mut params, ids.iter().map(|id| Val::from(*id)));
    text.push(')');
    tx.all(&text, &params, map).await
}

/// A tweet about to be added.
#[derive(Debug)]
pub struct New<'a> {
    /// Which.
    pub id: TweetId,
    /// Whose.
    pub owner_id: UserId,
    /// Checked.
    pub content: &'a str,
    /// The video it is about.
    pub video_id: Option<VideoId>,
    /// The place in it, milliseconds from its start.
    pub video_at_ms: Option<i64>,
    /// The time of writing.
    pub now: Millis,
}

/// Adds a tweet, with its counters, search words and post.
pub async fn add(tx: &mut Tx, new: &New<'_>) -> Result<(), StoreError> {
    tx.exec(
        "INSERT INTO tweets (id, owner_id, content, video_id, video_at_ms, created_at, updated_at) \
         VALUES ($1, $2, $3, $4, $5, $6, $6)",
        &params![
            new.id,
            new.owner_id,
            new.content,
            new.video_id,
            new.video_at_ms,
            new.now
        ],
    )
    .await?;
    count(tx, new.owner_id, 1).await?;
    add_words(tx, new.id).await?;
    channel_posts::add(
        tx,
        new.id.as_bytes(),
        new.owner_id,
        channel_posts::Kind::Tweet,
        new.now,
    )
    .await
}

async fn count(tx: &mut Tx, owner: UserId, by: i64) -> Result<(), StoreError> {
    tx.exec(
        "UPDATE users SET tweets_count = tweets_count + $1 WHERE id = $2",
        &params![by, owner],
    )
    .await?;
    counters::add(tx, counters::TWEETS, by).await
}

/// Writes another text.
pub async fn save_content(tx: &mut Tx, id: TweetId, content: &str, now: Millis) -> Result<(), StoreError> {
    tx.exec(
        "UPDATE tweets SET content = $1, updated_at = $2 WHERE id = $3",
        &params![content, now, id],
    )
    .await?;
    index(tx, id).await
}

/// Removes a tweet at once, and up to `most` of its likes. Tells whether some are left for [`bite_of_likes`]:
/// then it must be called until none are.
pub async fn remove(tx: &mut Tx, id: TweetId, most: i64) -> Result<bool, StoreError> {
    remove_row(tx, id).await?;
    bite_of_likes(tx, id, most).await
}

/// Removes up to `most` likes of a tweet that is gone. Tells whether some may be left.
pub async fn bite_of_likes(tx: &mut Tx, id: TweetId, most: i64) -> Result<bool, StoreError> {
    Ok(likes::remove_of_target(tx, Target::Tweet(id), most).await? >= most)
}

/// Removes up to `most` rows of somebody's tweets and their likes. Tells whether some may be left. A tweet goes
/// after its likes, so it leads the next bite to what is left of them.
pub async fn bite_of_owner(tx: &mut Tx, owner: UserId, most: i64) -> Result<bool, StoreError> {
    let sql = "SELECT id FROM tweets WHERE owner_id = $1 ORDER BY created_at, id LIMIT $2";
    let found: Vec<TweetId> = tx.all(sql, &params![owner, most], |row| row.id(0)).await?;
    let mut left = most;
    for id in found {
        if left <= 0 {
            return Ok(true);
        }
        let target = Target::Tweet(id);
        let gone = likes::remove_of_target(tx, target, left).await?;
        left -= gone;
        if left <= 0 {
            likes::count(tx, target, -gone).await?;
            return Ok(true);
        }
        remove_row(tx, id).await?;
        left -= 1;
    }
    Ok(left <= 0)
}

async fn remove_row(tx: &mut Tx, id: TweetId) -> Result<(), StoreError> {
    let gone: Option<(UserId, bool)> = tx
        .one(
            "DELETE FROM tweets WHERE id = $1 RETURNING owner_id, taken_down_at IS NOT NULL",
            &params![id],
            |row| Ok((row.id(0)?, row.bool(1)?)),
        )
        .await?;
    let Some((owner, taken_down)) = gone else {
        return Ok(());
    };
    tx.exec("DELETE FROM tweet_words_rows WHERE tweet_id = $1", &params![id])
        .await?;
    if taken_down {
        // It is counted and listed nowhere.
        return takedowns::remove(tx, Subject::new(Kind::Tweet, id.0)).await;
    }
    count(tx, owner, -1).await?;
    channel_posts::remove(tx, id.as_bytes()).await
}

/// Takes a tweet out of all lists, counts and posts (`Some`: when), or brings it back to where it was; `None`:
/// it is gone. Tells whether that changed anything.
pub(crate) async fn take_down(
    tx: &mut Tx,
    id: TweetId,
    at: Option<Millis>,
) -> Result<Option<bool>, StoreError> {
    let sql = "SELECT owner_id, created_at, taken_down_at IS NOT NULL FROM tweets WHERE id = $1";
    let found: Option<(UserId, Millis, bool)> = tx
        .one(sql, &params![id], |row| {
            Ok((row.id(0)?, row.millis(1)?, row.bool(2)?))
        })
        .await?;
    let Some((owner, created_at, taken_down)) = found else {
        return Ok(None);
    };
    if taken_down == at.is_some() {
        return Ok(Some(false));
    }
    tx.exec(
        "UPDATE tweets SET taken_down_at = $1 WHERE id = $2",
        &params![at, id],
    )
    .await?;
    if at.is_some() {
        count(tx, owner, -1).await?;
        channel_posts::remove(tx, id.as_bytes()).await?;
    } else {
        count(tx, owner, 1).await?;
        channel_posts::add(tx, id.as_bytes(), owner, channel_posts::Kind::Tweet, created_at).await?;
    }
    Ok(Some(true))
}

/// Whether any tweet is about this video.
pub async fn any_about(tx: &mut Tx, video: VideoId) -> Result<bool, StoreError> {
    let sql = "SELECT 1 FROM tweets WHERE video_id = $1 LIMIT 1";
    Ok(tx.one(sql, &params![video], |row| row.int(0)).await?.is_some())
}

/// Has up to `most` tweets be about nothing that were about this video, which is gone. Tells whether some may be
/// left.
pub async fn bite_of_video(tx: &mut Tx, video: VideoId, most: i64) -> Result<bool, StoreError> {
    let sql = "SELECT id FROM tweets WHERE video_id = $1 ORDER BY created_at, id LIMIT $2";
    let found: Vec<TweetId> = tx.all(sql, &params![video, most], |row| row.id(0)).await?;
    for id in &found {
        tx.exec(
            "UPDATE tweets SET video_id = NULL, video_at_ms = NULL WHERE id = $1",
            &params![id],
        )
        .await?;
        index(tx, *id).await?;
    }
    Ok(found.len() as i64 >= most)
}

/// How many tweets somebody wrote; `None`: there is no such person.
pub async fn count_of(tx: &mut Tx, owner: UserId) -> Result<Option<i64>, StoreError> {
    tx.one(
        "SELECT tweets_count FROM users WHERE id = $1",
        &params![owner],
        |row| row.int(0),
    )
    .await
}

/// Adds a tweet to the index.
pub(crate) async fn add_words(tx: &mut Tx, id: TweetId) -> Result<(), StoreError> {
    tx.exec(
        "INSERT INTO tweet_words_rows (tweet_id) VALUES ($1)",
        &params![id],
    )
    .await?;
    index(tx, id).await
}

/// Has the index say what the row says.
async fn index(tx: &mut Tx, id: TweetId) -> Result<(), StoreError> {
    if tx.is_postgres() {
        crate::search::words::save_tweet(tx, id).await
    } else {
        tx.put_off(SAVE_SEARCH, *id.as_bytes())
    }
}

/// Puts the words of a tweet into the full-text index in place of what was there. For [`Tx::put_off`]; a tweet
/// that is gone by then has no words.
const SAVE_SEARCH: &str = "INSERT OR REPLACE INTO tweet_words (rowid, owner, video, content) \
     SELECT d.doc, 'i' || lower(hex(t.owner_id)), coalesce('i' || lower(hex(t.video_id)), ''), t.content \
     FROM tweet_words_rows d JOIN tweets t ON t.id = d.tweet_id WHERE d.tweet_id = $1";
