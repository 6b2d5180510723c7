//! Likes as rows: who likes what, and the counts that follow in the same transaction.
//!
//! A like of a video changes four things: its own row, the video's count, the one index of videos by likes,
//! and the count of all likes that the channel received, which is written once for all that become durable together.
//! What may be liked by whom is `app::likes`.

use std::collections::HashSet;

use model::likes::{Kind, Target};
use model::videos::Visibility;
use model::{CommentId, LikeId, Millis, ObjectId, UserId, VideoId};

use crate::analytics::facts;
use crate::keyset::{Start, bind};
use crate::videos::{self, VideoRow};
use crate::{Dialect, StoreError, Tx, Val, params};

/// What decides who may see a video, without the video.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Standing {
    /// Whose.
    pub owner_id: UserId,
    /// Who may see it.
    pub visibility: Visibility,
    /// Something of it can be played by all who may see it.
    pub watchable: bool,
    /// A moderator took it down.
    pub taken_down: bool,
}

/// What is known of a liked thing once its likes were counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Counted {
    /// Whose it is.
    pub owner_id: UserId,
    /// Its likes.
    pub likes_count: i64,
    /// What decides who may see it.
    pub about: About,
    /// A moderator took it down: of comments and tweets nobody may know then.
    pub taken_down: bool,
}

/// What decides who may see a liked thing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum About {
    /// It is a video that stands like this.
    Video(Standing),
    /// It is a comment under this video, in the thread below that comment.
    Comment(VideoId, Option<CommentId>),
    /// It is a tweet, which everyone may see.
    Tweet,
}

/// Adds to the likes that a channel received. For [`Tx::add_later`]: of a popular channel a group of transactions
/// has many.
const RECEIVE_LIKES: &str = "UPDATE users SET received_likes_count = received_likes_count + $1 WHERE id = $2";

/// Adds a like; tells whether it was added. It is not where there is one already, and where the person is gone. Whoever
/// is about to remove the person waits for the end of this transaction.
pub async fn add(
    tx: &mut Tx,
    user: UserId,
    target: Target,
    id: LikeId,
    now: Millis,
) -> Result<bool, StoreError> {
    let added = tx
        .exec(
            match tx.dialect() {
                Dialect::Sqlite => {
                    "INSERT INTO likes (user_id, kind, target_id, id, created_at) SELECT $1, $2, $3, $4, $5 \
                     WHERE EXISTS (SELECT 1 FROM users u WHERE u.id = $1) \
                     ON CONFLICT (kind, target_id, user_id) DO NOTHING"
                }
                Dialect::Postgres => {
                    "INSERT INTO likes (user_id, kind, target_id, id, created_at) \
                     SELECT $1, $2, $3, $4, $5 FROM users u WHERE u.id = $1 FOR KEY SHARE \
                     ON CONFLICT (kind, target_id, user_id) DO NOTHING"
                }
            },
            &params![user, target.kind().code(), target.id(), id, now],
        )
        .await?;
    Ok(added == 1)
}

/// Removes a like; answers its id where there was one.
pub async fn remove(tx: &mut Tx, user: UserId, target: Target) -> Result<Option<LikeId>, StoreError> {
    tx.one(
        "DELETE FROM likes WHERE user_id = $1 AND kind = $2 AND target_id = $3 RETURNING id",
        &params![user, target.kind().code(), target.id()],
        |row| row.id(0),
    )
    .await
}

/// The like of this person and thing.
pub async fn find(tx: &mut Tx, user: UserId, target: Target) -> Result<Option<LikeId>, StoreError> {
    tx.one(
        "SELECT id FROM likes WHERE user_id = $1 AND kind = $2 AND target_id = $3",
        &params![user, target.kind().code(), target.id()],
        |row| row.id(0),
    )
    .await
}

/// Adds `by` to the likes of a thing, and of its channel where it is a video; `None`: it is gone.
pub async fn count(tx: &mut Tx, target: Target, by: i64) -> Result<Option<Counted>, StoreError> {
    let id = target.id();
    match target {
        Target::Video(_) => {
            let counted = tx
                .one(
                    "UPDATE videos SET likes_count = likes_count + $1 WHERE id = $2 \
                     RETURNING owner_id, likes_count, visibility, watchable, taken_down_at IS NOT NULL",
                    &params![by, id],
                    counted_video,
                )
                .await?;
            if let Some(counted) = &counted {
                tx.add_later(RECEIVE_LIKES, *counted.owner_id.as_bytes(), by)?;
            }
            Ok(counted)
        }
        Target::Comment(_) => {
            tx.one(
                "UPDATE comments SET likes_count = likes_count + $1 WHERE id = $2 \
                 RETURNING owner_id, likes_count, video_id, parent_id, taken_down_at IS NOT NULL",
                &params![by, id],
                counted_comment,
            )
            .await
        }
        Target::Tweet(_) => {
            tx.one(
                "UPDATE tweets SET likes_count = likes_count + $1 WHERE id = $2 \
                 RETURNING owner_id, likes_count, taken_down_at IS NOT NULL",
                &params![by, id],
                counted_tweet,
            )
            .await
        }
    }
}

/// Notes for the sums of its channel that `by` likes of a video came; of nothing else. [`count`] does not, so that who
/// sets a counter right says nothing of it.
pub fn note(tx: &mut Tx, target: Target, counted: &Counted, now: Millis, by: i64) -> Result<(), StoreError> {
    match target {
        Target::Video(video) => facts::note(tx, counted.owner_id, Some(video), facts::Kind::Likes, now, by),
        Target::Comment(_) | Target::Tweet(_) => Ok(()),
    }
}

/// The same as [`count`] without changing anything.
pub async fn counted(tx: &mut Tx, target: Target) -> Result<Option<Counted>, StoreError> {
    let id = params![target.id()];
    match target {
        Target::Video(_) => {
            let sql = "SELECT owner_id, likes_count, visibility, watchable, taken_down_at IS NOT NULL \
                       FROM videos WHERE id = $1";
            tx.one(sql, &id, counted_video).await
        }
        Target::Comment(_) => {
            let sql = "SELECT owner_id, likes_count, video_id, parent_id, taken_down_at IS NOT NULL \
                       FROM comments WHERE id = $1";
            tx.one(sql, &id, counted_comment).await
        }
        Target::Tweet(_) => {
            let sql = "SELECT owner_id, likes_count, taken_down_at IS NOT NULL FROM tweets WHERE id = $1";
            tx.one(sql, &id, counted_tweet).await
        }
    }
}

fn counted_video(row: &crate::Row<'_>) -> Result<Counted, StoreError> {
    let owner_id = row.id(0)?;
    let taken_down = row.bool(4)?;
    Ok(Counted {
        owner_id,
        likes_count: row.int(1)?,
        about: About::Video(Standing {
            owner_id,
            visibility: Visibility::from_code(row.int(2)?),
            watchable: row.bool(3)?,
            taken_down,
        }),
        taken_down,
    })
}

fn counted_comment(row: &crate::Row<'_>) -> Result<Counted, StoreError> {
    Ok(Counted {
        owner_id: row.id(0)?,
        likes_count: row.int(1)?,
        about: About::Comment(row.id(2)?, row.opt_id(3)?),
        taken_down: row.bool(4)?,
    })
}

fn counted_tweet(row: &crate::Row<'_>) -> Result<Counted, StoreError> {
    Ok(Counted {
        owner_id: row.id(0)?,
        likes_count: row.int(1)?,
        about: About::Tweet,
        taken_down: row.bool(2)?,
    })
}

/// How a video stands.
pub async fn standing(tx: &mut Tx, video: VideoId) -> Result<Option<Standing>, StoreError> {
    let counted = counted(tx, Target::Video(video)).await?;
    Ok(counted.and_then(|counted| match counted.about {
        About::Video(standing) => Some(standing),
        About::Comment(..) | About::Tweet => None,
    }))
}

/// Adds to what a channel received for all of its videos.
pub(crate) async fn receive(
    tx: &mut Tx,
    channel: UserId,
    likes: i64,
    comments: i64,
) -> Result<(), StoreError> {
    tx.exec(
        "UPDATE users SET received_likes_count = received_likes_count + $1, \
         received_comments_count = received_comments_count + $2 WHERE id = $3",
        &params![likes, comments, channel],
    )
    .await?;
    Ok(())
}

/// What changes fast about a video, as one viewer sees it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Fresh {
    /// Likes.
    pub likes_count: i64,
    /// Comments.
    pub comments_count: i64,
    /// Whether the viewer likes it.
    pub is_liked: bool,
}

/// What changes fast about this video.
pub async fn fresh(tx: &mut Tx, video: VideoId, viewer: Option<UserId>) -> Result<Option<Fresh>, StoreError> {
    tx.one(
        "SELECT v.likes_count, v.comments_count, EXISTS (SELECT 1 FROM likes l \
         WHERE l.user_id = $1 AND l.kind = 0 AND l.target_id = v.id) FROM videos v WHERE v.id = $2",
        &params![viewer, video],
        |row| {
            Ok(Fresh {
                likes_count: row.int(0)?,
                comments_count: row.int(1)?,
                is_liked: row.bool(2)?,
            })
        },
    )
    .await
}

/// How many ids one statement takes: few texts are kept prepared, whatever the length of a page.
const WIDTHS: [usize; 3] = [1, 12, 101];

/// Which of the things of a page this person likes; at most 101 are looked at.
pub async fn liked(
    tx: &mut Tx,
    user: UserId,
    kind: Kind,
    ids: &[ObjectId],
) -> Result<HashSet<ObjectId>, StoreError> {
    let Some(last) = ids.last() else {
        return Ok(HashSet::new());
    };
    let width = WIDTHS
        .into_iter()
        .find(|width| *width >= ids.len())
        .unwrap_or(WIDTHS[2]);
    let mut values = vec![Val::from(user), Val::from(kind.code())];
    values.extend((0..width).map(|n| Val::from(*ids.get(n).unwrap_or(last))));
    let places: Vec<String> = (3..width + 3).map(|n| format!("${n}")).collect();
    let sql = format!(
        "SELECT target_id FROM likes WHERE user_id = $1 AND kind = $2 AND target_id IN ({})",
        places.join(", ")
    );
    let found = tx.all(&sql, &values, |row| row.id(0)).await?;
    Ok(found.into_iter().collect())
}

/// A video that somebody liked.
#[derive(Debug)]
pub struct LikedVideo {
    /// Which like.
    pub id: LikeId,
    /// When.
    pub created_at: Millis,
    /// The video.
    pub video: VideoRow,
}

/// Whose liked videos, and where in their list.
#[derive(Debug, Clone, Copy)]
pub struct VideosQuery {
    /// Whose.
    pub user: UserId,
    /// They may see every video.
    pub sees_all: bool,
    /// Where to begin.
    pub start: Start,
    /// How many at most.
    pub limit: i64,
}

/// The likes that are shown: those of videos that are there, and that the person may still see
/// (`app::videos::may_see` in SQL, so that pages are full and totals right).
fn shown<'a>(query: &VideosQuery, params: &mut Vec<Val<'a>>) -> String {
    params.extend(params![query.user, query.sees_all, Visibility::Private.code()] as [Val<'a>; 3]);
    "likes l JOIN videos v ON v.id = l.target_id WHERE l.user_id = $1 AND l.kind = 0 AND \
     (v.owner_id = $1 OR $2 = 1 OR (v.visibility <> $3 AND v.watchable = 1 AND v.taken_down_at IS NULL))"
        .to_owned()
}

/// The videos that somebody liked and may still see, newest like first.
pub async fn videos(tx: &mut Tx, query: &VideosQuery) -> Result<Vec<LikedVideo>, StoreError> {
    let (text, params) = videos_statement(query);
    let behind = videos::COLUMNS_COUNT;
    tx.all(&text, &params, |row| {
        Ok(LikedVideo {
            video: videos::map(row)?,
            id: row.id(behind)?,
            created_at: row.millis(behind + 1)?,
        })
    })
    .await
}

/// The statement and its values; apart, so that a test can ask the engine for its plan.
pub fn videos_statement(query: &VideosQuery) -> (String, Vec<Val<'static>>) {
    let mut params = Vec::new();
    let mut inner = format!(
        "SELECT l.id AS like_id, l.created_at AS liked_at, l.target_id AS id FROM {}",
        shown(query, &mut params)
    );
    let mut offset = 0;
    match query.start {
        Start::Offset(n) => offset = n,
        Start::After(at, id) => {
            let at = bind(&mut params, at);
            let id = bind(&mut params, id);
            inner = format!("{inner} AND (l.created_at, l.id) < (${at}, ${id})");
        }
    }
    let limit = bind(&mut params, query.limit);
    let offset = bind(&mut params, offset);
    let text = format!(
        "SELECT {}, p.like_id, p.liked_at FROM ({inner} ORDER BY l.created_at DESC, l.id DESC \
         LIMIT ${limit} OFFSET ${offset}) p JOIN videos v ON v.id = p.id JOIN users u ON u.id = v.owner_id \
         ORDER BY p.liked_at DESC, p.like_id DESC",
        videos::COLUMNS
    );
    (text, params)
}

/// How many there are, counting no further than `most`.
pub async fn count_videos(tx: &mut Tx, query: &VideosQuery, most: i64) -> Result<i64, StoreError> {
    let mut params = Vec::new();
    let from = shown(query, &mut params);
    let most = bind(&mut params, most);
    let text = format!("SELECT count(*) FROM (SELECT 1 FROM {from} LIMIT ${most}) AS found");
    Ok(tx.one(&text, &params, |row| row.int(0)).await?.unwrap_or(0))
}

/// Removes up to `most` likes of a thing without counting: for a thing that goes, or whose count the caller
/// changes. Answers how many went.
pub(crate) async fn remove_of_target(tx: &mut Tx, target: Target, most: i64) -> Result<i64, StoreError> {
    let gone = tx
        .exec(
            "DELETE FROM likes WHERE kind = $1 AND target_id = $2 AND user_id IN \
             (SELECT user_id FROM likes WHERE kind = $1 AND target_id = $2 LIMIT $3)",
            &params![target.kind().code(), target.id(), most],
        )
        .await?;
    Ok(gone as i64)
}

/// Removes up to `most` of what somebody likes, and counts it off. Answers how many went.
pub(crate) async fn remove_of_user(
    tx: &mut Tx,
    user: UserId,
    most: i64,
    now: Millis,
) -> Result<i64, StoreError> {
    let found: Vec<(i64, ObjectId)> = tx
        .all(
            "SELECT kind, target_id FROM likes WHERE user_id = $1 LIMIT $2",
            &params![user, most],
            |row| Ok((row.int(0)?, row.id(1)?)),
        )
        .await?;
    for (kind, id) in &found {
        let Some(kind) = Kind::from_code(*kind) else {
            continue;
        };
        let target = Target::new(kind, *id);
        if remove(tx, user, target).await?.is_some()
            && let Some(counted) = count(tx, target, -1).await?
        {
            note(tx, target, &counted, now, -1)?;
        }
    }
    Ok(found.len() as i64)
}
