//! Notifications as rows: what was said to one user, what they have read and do not want, and the posts of the
//! channels that they follow.
//!
//! Posts have no rows of their own here: they are read from [`crate::channel_posts`] by the user's subscriptions,
//! one walk along an index for each channel. Who is told what, and when, is `app::notifications`.

use std::fmt::Write;
use std::sync::LazyLock;

use model::notifications::{KEPT, Kind, Muted};
use model::{CommentId, Millis, NotificationId, ObjectId, UserId, VideoId};

use crate::channel_posts::Kind as PostKind;
use crate::feed::{WALK, WALK_END};
use crate::{Row, StoreError, Tx, Val, many, params};

/// Something said to one user.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NotificationRow {
    /// Which.
    pub id: NotificationId,
    /// To whom.
    pub user_id: UserId,
    /// What.
    pub kind: Kind,
    /// The video that it is about.
    pub video_id: Option<VideoId>,
    /// The comment that it is about.
    pub comment_id: Option<ObjectId>,
    /// Who did it.
    pub actor_id: Option<UserId>,
    /// Of a milestone: which.
    pub amount: i64,
    /// When.
    pub created_at: Millis,
    /// When it was read by itself, if it was.
    pub read_at: Option<Millis>,
}

/// A post of a channel that a user follows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PostRow {
    /// Of the video or tweet.
    pub id: ObjectId,
    /// Whose.
    pub channel_id: UserId,
    /// What it is.
    pub kind: PostKind,
    /// When it came out.
    pub published_at: Millis,
    /// It was read by itself.
    pub is_marked: bool,
}

/// What a user has read and does not want.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Settings {
    /// Everything up to this time is read.
    pub read_until: Millis,
    /// Kinds that they do not want.
    pub muted: Muted,
}

/// A place in the order of time, newest first. What stands before it is older.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Place {
    /// When.
    pub at: Millis,
    /// Of several at the same time: the smaller ids are older.
    pub id: ObjectId,
}

impl Place {
    /// Before this, everything is older.
    pub const END: Self = Self {
        at: Millis(i64::MAX),
        id: ObjectId([0xff; 12]),
    };
}

/// What the user may still know of: the comment is there, and the video is theirs or may be watched by everyone.
const VISIBLE: &str = "(n.comment_id IS NULL OR EXISTS (SELECT 1 FROM comments c WHERE c.id = n.comment_id \
     AND c.taken_down_at IS NULL AND (c.parent_id IS NULL OR EXISTS (SELECT 1 FROM comments p \
     WHERE p.id = c.parent_id AND p.taken_down_at IS NULL)))) \
     AND (n.video_id IS NULL OR EXISTS (SELECT 1 FROM videos v WHERE v.id = n.video_id \
     AND (v.owner_id = n.user_id OR (v.watchable = 1 AND v.visibility <> 2 AND v.taken_down_at IS NULL))))";

/// What of a channel's posts a user is told: those after this time, which are those since they follow it, where
/// that was after the bound. A macro, because texts of statements are put together when they are compiled.
macro_rules! since {
    ($bound:literal) => {
        concat!(
            "CASE WHEN s.created_at > ",
            $bound,
            " THEN s.created_at - 1 ELSE ",
            $bound,
            " END"
        )
    };
}

/// Newest posts of one kind of the channels that a user follows. The newest of each channel tells which channels
/// the page can be from; only their posts are read.
pub const LIST_POSTS: &str = concat!(
    "SELECT p.id, p.channel_id, p.published_at, EXISTS (SELECT 1 FROM notification_reads r \
     WHERE r.user_id = $1 AND r.post_id = p.id) FROM (SELECT s.channel_id AS channel_id, ",
    since!("$2"),
    " AS since, coalesce((SELECT q.published_at FROM channel_posts q WHERE q.channel_id = s.channel_id \
     AND q.kind = $3 AND q.published_at > ",
    since!("$2"),
    " AND (q.published_at, q.id) < ($4, $5) ORDER BY q.published_at DESC, q.id DESC LIMIT 1), 0) AS newest \
     FROM subscriptions s WHERE s.subscriber_id = $1 ORDER BY newest DESC LIMIT $6) f \
     JOIN channel_posts p ON p.id IN (SELECT q.id FROM channel_posts q WHERE q.channel_id = f.channel_id \
     AND q.kind = $3 AND q.published_at > f.since AND (q.published_at, q.id) < ($4, $5) \
     ORDER BY q.published_at DESC, q.id DESC LIMIT $6) WHERE f.newest > 0 \
     ORDER BY p.published_at DESC, p.id DESC LIMIT $6",
);

/// How many posts of one kind are unread, counted up to a bound.
pub const COUNT_POSTS: &str = concat!(
    "SELECT count(*) FROM (SELECT 1 FROM subscriptions s JOIN channel_posts p ON p.channel_id = s.channel_id \
     AND p.kind = $1 AND p.published_at > ",
    since!("$2"),
    " WHERE s.subscriber_id = $3 AND NOT EXISTS (SELECT 1 FROM notification_reads r \
     WHERE r.user_id = $3 AND r.post_id = p.id) LIMIT $4) AS found",
);

/// Posts of one kind of the site between two places, of channels that a user follows.
pub const WALK_POSTS: &str = "SELECT p.id, p.channel_id, p.published_at, EXISTS (SELECT 1 FROM notification_reads r \
     WHERE r.user_id = $1 AND r.post_id = p.id) FROM channel_posts p WHERE p.published_at >= $2 \
     AND (p.published_at, p.id) < ($3, $4) AND p.kind = $5 AND EXISTS (SELECT 1 FROM subscriptions s \
     WHERE s.subscriber_id = $1 AND s.channel_id = p.channel_id AND s.created_at <= p.published_at) \
     ORDER BY p.published_at DESC, p.id DESC LIMIT $6";

/// Whether more came out on the site since a time than is worth a walk.
pub const IS_MUCH: &str =
    "SELECT 1 FROM channel_posts WHERE published_at > $1 ORDER BY published_at, id LIMIT 1 OFFSET $2";

/// [`COUNT_POSTS`], from the newest posts of the site.
pub const COUNT_WALKED_POSTS: &str = "SELECT count(*) FROM (SELECT 1 FROM channel_posts p WHERE p.published_at > $1 \
     AND p.kind = $2 AND EXISTS (SELECT 1 FROM subscriptions s WHERE s.subscriber_id = $3 \
     AND s.channel_id = p.channel_id AND s.created_at <= p.published_at) AND NOT EXISTS \
     (SELECT 1 FROM notification_reads r WHERE r.user_id = $3 AND r.post_id = p.id) LIMIT $4) AS found";

/// Newest rows of a user that they may still know of.
pub static LIST: LazyLock<String> = LazyLock::new(|| {
    format!(
        "SELECT n.id, n.user_id, n.kind, n.video_id, n.comment_id, n.actor_id, n.amount, n.created_at, n.read_at \
         FROM notifications n WHERE n.user_id = $1 AND n.created_at > $2 AND (n.created_at, n.id) < ($3, $4) \
         AND {VISIBLE} ORDER BY n.created_at DESC, n.id DESC LIMIT $5"
    )
});

/// How many rows of a user are unread, counted up to a bound.
pub static COUNT: LazyLock<String> = LazyLock::new(|| {
    format!(
        "SELECT count(*) FROM (SELECT 1 FROM notifications n WHERE n.user_id = $1 AND n.created_at > $2 \
         AND n.read_at IS NULL AND {VISIBLE} LIMIT $3) AS found"
    )
});

fn map(row: &Row<'_>) -> Result<Option<NotificationRow>, StoreError> {
    // A kind of a later release is not shown.
    let Some(kind) = Kind::from_code(row.int(2)?) else {
        return Ok(None);
    };
    Ok(Some(NotificationRow {
        id: row.id(0)?,
        user_id: row.id(1)?,
        kind,
        video_id: row.opt_id(3)?,
        comment_id: row.opt_id(4)?,
        actor_id: row.opt_id(5)?,
        amount: row.int(6)?,
        created_at: row.millis(7)?,
        read_at: row.opt_millis(8)?,
    }))
}

/// Adds a row, and removes the oldest of the user beyond those that are kept.
pub async fn add(tx: &mut Tx, row: &NotificationRow) -> Result<(), StoreError> {
    tx.exec(
        "INSERT INTO notifications (id, user_id, kind, video_id, comment_id, actor_id, amount, created_at) \
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8)",
        &params![
            row.id,
            row.user_id,
            row.kind.code(),
            row.video_id,
            row.comment_id,
            row.actor_id,
            row.amount,
            row.created_at
        ],
    )
    .await?;
    tx.exec(
        "DELETE FROM notifications WHERE id IN (SELECT id FROM notifications WHERE user_id = $1 \
         ORDER BY created_at DESC, id DESC LIMIT 10 OFFSET $2)",
        &params![row.user_id, KEPT],
    )
    .await?;
    Ok(())
}

/// Rows of a user older than `before` and newer than `since`, newest first, at most `limit`.
pub async fn list(
    tx: &mut Tx,
    user: UserId,
    since: Millis,
    before: Place,
    limit: i64,
) -> Result<Vec<NotificationRow>, StoreError> {
    let found = tx
        .all(&LIST, &params![user, since, before.at, before.id, limit], map)
        .await?;
    Ok(found.into_iter().flatten().collect())
}

/// Posts of one kind of the channels that a user follows, as [`list`]: one step along an index for each channel.
pub async fn list_posts(
    tx: &mut Tx,
    user: UserId,
    kind: PostKind,
    since: Millis,
    before: Place,
    limit: i64,
) -> Result<Vec<PostRow>, StoreError> {
    tx.all(
        LIST_POSTS,
        &params![user, since, kind.code(), before.at, before.id, limit],
        |row| map_post(row, kind),
    )
    .await
}

fn map_post(row: &Row<'_>, kind: PostKind) -> Result<PostRow, StoreError> {
    Ok(PostRow {
        id: row.id(0)?,
        channel_id: row.id(1)?,
        kind,
        published_at: row.millis(2)?,
        is_marked: row.bool(3)?,
    })
}

/// Which of these posts a user has read one by one; at most some hundred.
pub async fn marked(tx: &mut Tx, user: UserId, posts: &[ObjectId]) -> Result<Vec<ObjectId>, StoreError> {
    if posts.is_empty() {
        return Ok(Vec::new());
    }
    let mut text = "SELECT post_id FROM notification_reads WHERE post_id IN (".to_owned();
    let mut params = Vec::new();
    many::any_of(&mut text, &mut params, posts.iter().map(|id| Val::from(*id)));
    params.push(Val::from(user));
    // Writing into a string cannot fail.
    let _ = write!(text, ") AND user_id = ${}", params.len());
    tx.all(&text, &params, |row| row.id(0)).await
}

/// How far the newest posts of the site before a place go that are worth a walk; `None` when that is all of them.
pub async fn walk_end(tx: &mut Tx, before: Place) -> Result<Option<Millis>, StoreError> {
    tx.one(WALK_END, &params![before.at, before.id, WALK - 1], |row| {
        row.millis(0)
    })
    .await
}

/// As [`list_posts`], for somebody who follows many channels: from the newest posts of the site, no older than
/// `end`. What is older than that is for [`list_posts`].
pub async fn walk_posts(
    tx: &mut Tx,
    user: UserId,
    kind: PostKind,
    end: Millis,
    before: Place,
    limit: i64,
) -> Result<Vec<PostRow>, StoreError> {
    tx.all(
        WALK_POSTS,
        &params![user, end, before.at, before.id, kind.code(), limit],
        |row| map_post(row, kind),
    )
    .await
}

/// How many rows of a user are newer than `since` and unread, counted up to `most`.
pub async fn count_unread(tx: &mut Tx, user: UserId, since: Millis, most: i64) -> Result<i64, StoreError> {
    let count = tx
        .one(&COUNT, &params![user, since, most], |row| row.int(0))
        .await?;
    Ok(count.unwrap_or(0))
}

/// How many posts of one kind are newer than `since` and unread, counted up to `most`, for somebody who follows many
/// channels: where little came out on the site since then, that is walked, and not each of the channels.
pub async fn count_unread_posts_of_many(
    tx: &mut Tx,
    user: UserId,
    kind: PostKind,
    since: Millis,
    most: i64,
) -> Result<i64, StoreError> {
    let much = tx.one(IS_MUCH, &params![since, WALK], |row| row.int(0)).await?;
    if much.is_some() {
        return count_unread_posts(tx, user, kind, since, most).await;
    }
    let walked = params![since, kind.code(), user, most];
    let count = tx.one(COUNT_WALKED_POSTS, &walked, |row| row.int(0)).await?;
    Ok(count.unwrap_or(0))
}

/// How many posts of one kind are newer than `since` and unread, counted up to `most`.
pub async fn count_unread_posts(
    tx: &mut Tx,
    user: UserId,
    kind: PostKind,
    since: Millis,
    most: i64,
) -> Result<i64, StoreError> {
    let count = tx
        .one(COUNT_POSTS, &params![kind.code(), since, user, most], |row| {
            row.int(0)
        })
        .await?;
    Ok(count.unwrap_or(0))
}

/// When a notification was made: a row of the user, or a post of a channel that they follow.
pub async fn made_at(tx: &mut Tx, user: UserId, id: ObjectId) -> Result<Option<Millis>, StoreError> {
    let own = tx
        .one(
            "SELECT created_at FROM notifications WHERE id = $1 AND user_id = $2",
            &params![id, user],
            |row| row.millis(0),
        )
        .await?;
    if own.is_some() {
        return Ok(own);
    }
    tx.one(
        "SELECT p.published_at FROM channel_posts p JOIN subscriptions s ON s.channel_id = p.channel_id \
         WHERE p.id = $1 AND s.subscriber_id = $2",
        &params![id, user],
        |row| row.millis(0),
    )
    .await
}

/// What a user has read and does not want.
pub async fn settings(tx: &mut Tx, user: UserId) -> Result<Settings, StoreError> {
    let found = tx
        .one(
            "SELECT read_until, muted FROM notification_settings WHERE user_id = $1",
            &params![user],
            |row| {
                Ok(Settings {
                    read_until: row.millis(0)?,
                    muted: Muted::from_code(row.int(1)?),
                })
            },
        )
        .await?;
    Ok(found.unwrap_or_default())
}

/// Takes everything up to `until` for read; an earlier time than before changes nothing.
pub async fn read_until(tx: &mut Tx, user: UserId, until: Millis) -> Result<(), StoreError> {
    tx.exec(
        "INSERT INTO notification_settings (user_id, read_until) VALUES ($1, $2) ON CONFLICT (user_id) \
         DO UPDATE SET read_until = excluded.read_until \
         WHERE notification_settings.read_until < excluded.read_until",
        &params![user, until],
    )
    .await?;
    // They say nothing any more.
    tx.exec(
        "DELETE FROM notification_reads WHERE user_id = $1 AND published_at <= $2",
        &params![user, until],
    )
    .await?;
    Ok(())
}

/// Notes which kinds a user does not want.
pub async fn save_muted(tx: &mut Tx, user: UserId, muted: Muted) -> Result<(), StoreError> {
    tx.exec(
        "INSERT INTO notification_settings (user_id, muted) VALUES ($1, $2) \
         ON CONFLICT (user_id) DO UPDATE SET muted = excluded.muted",
        &params![user, muted.code()],
    )
    .await?;
    Ok(())
}

/// Marks one as read: a row of the user, or a post of a channel that they follow. Others are left alone. Of
/// posts that were read one by one, the newest are remembered.
pub async fn mark_read(tx: &mut Tx, user: UserId, id: ObjectId, now: Millis) -> Result<(), StoreError> {
    let rows = tx
        .exec(
            "UPDATE notifications SET read_at = coalesce(read_at, $1) WHERE id = $2 AND user_id = $3",
            &params![now, id, user],
        )
        .await?;
    if rows > 0 {
        return Ok(());
    }
    tx.exec(
        "INSERT INTO notification_reads (user_id, post_id, published_at) \
         SELECT s.subscriber_id, p.id, p.published_at FROM channel_posts p \
         JOIN subscriptions s ON s.channel_id = p.channel_id WHERE p.id = $1 AND s.subscriber_id = $2 \
         ON CONFLICT (user_id, post_id) DO NOTHING",
        &params![id, user],
    )
    .await?;
    Ok(())
}

/// Forgets marks of posts beyond those that are kept; the oldest go.
pub async fn trim_marks(tx: &mut Tx, user: UserId) -> Result<(), StoreError> {
    tx.exec(
        "DELETE FROM notification_reads WHERE user_id = $1 AND post_id IN (SELECT post_id FROM notification_reads \
         WHERE user_id = $1 ORDER BY published_at DESC LIMIT 1000 OFFSET $2)",
        &params![user, KEPT],
    )
    .await?;
    Ok(())
}

/// Notes that the owner of a video is told of `milestone` likes; `false` when they were told of as many before.
pub async fn reach_milestone(tx: &mut Tx, video: VideoId, milestone: i64) -> Result<bool, StoreError> {
    let changed = tx
        .exec(
            "UPDATE videos SET likes_told = $1 WHERE id = $2 AND likes_told < $1",
            &params![milestone, video],
        )
        .await?;
    Ok(changed == 1)
}

/// Whether a user has an unread row that says that comments wait under this video.
pub async fn is_told_of_held(
    tx: &mut Tx,
    user: UserId,
    video: VideoId,
    read_until: Millis,
) -> Result<bool, StoreError> {
    // The kind stands in the text: the index is of this kind alone.
    let found = tx
        .one(
            "SELECT 1 FROM notifications WHERE user_id = $1 AND video_id = $2 AND created_at > $3 AND kind = 7 \
             AND read_at IS NULL LIMIT 1",
            &params![user, video, read_until],
            |row| row.int(0),
        )
        .await?;
    Ok(found.is_some())
}

/// Whether `user` is told of a post now: it is there, they follow its channel since before it, and want its kind.
pub async fn is_told(tx: &mut Tx, post: ObjectId, user: UserId) -> Result<bool, StoreError> {
    let found = tx
        .one(
            "SELECT p.kind, coalesce((SELECT n.muted FROM notification_settings n WHERE n.user_id = s.subscriber_id), 0) \
             FROM channel_posts p JOIN subscriptions s ON s.channel_id = p.channel_id \
             WHERE p.id = $1 AND s.subscriber_id = $2 AND p.published_at >= s.created_at",
            &params![post, user],
            |row| Ok((PostKind::from_code(row.int(0)?), Muted::from_code(row.int(1)?))),
        )
        .await?;
    Ok(found.is_some_and(|(kind, muted)| muted.wants(notification_of(kind))))
}

/// What a post of this kind is told as.
pub const fn notification_of(kind: PostKind) -> Kind {
    match kind {
        PostKind::Video => Kind::NewVideo,
        PostKind::Tweet => Kind::NewTweet,
    }
}

/// Who follows a channel, in no order, at most `limit`.
pub async fn followers(tx: &mut Tx, channel: UserId, limit: i64) -> Result<Vec<UserId>, StoreError> {
    tx.all(
        "SELECT subscriber_id FROM subscriptions WHERE channel_id = $1 LIMIT $2",
        &params![channel, limit],
        |row| row.id(0),
    )
    .await
}

/// Whether a user follows a channel.
pub async fn follows(tx: &mut Tx, user: UserId, channel: UserId) -> Result<bool, StoreError> {
    let found = tx
        .one(
            "SELECT 1 FROM subscriptions WHERE subscriber_id = $1 AND channel_id = $2",
            &params![user, channel],
            |row| row.int(0),
        )
        .await?;
    Ok(found.is_some())
}

/// Who wrote a comment, while it is there.
pub async fn comment_author(tx: &mut Tx, id: CommentId) -> Result<Option<UserId>, StoreError> {
    tx.one(
        "SELECT owner_id FROM comments WHERE id = $1",
        &params![id],
        |row| row.id(0),
    )
    .await
}

/// The text of a comment, while it is there.
pub async fn comment_text(tx: &mut Tx, id: ObjectId) -> Result<Option<String>, StoreError> {
    tx.one(
        "SELECT content FROM comments WHERE id = $1",
        &params![id],
        |row| Ok(row.text(0)?.to_owned()),
    )
    .await
}

/// The text of a tweet, while it is there.
pub async fn tweet_text(tx: &mut Tx, id: ObjectId) -> Result<Option<String>, StoreError> {
    tx.one("SELECT content FROM tweets WHERE id = $1", &params![id], |row| {
        Ok(row.text(0)?.to_owned())
    })
    .await
}

/// Removes rows that are older than `before`, at most `limit` at once. Tells how many. Ids begin with their time,
/// so their own order serves.
pub async fn sweep(tx: &mut Tx, before: Millis, limit: i64) -> Result<u64, StoreError> {
    let seconds = u32::try_from(before.as_seconds().max(0)).unwrap_or(u32::MAX);
    let mut first = [0; 12];
    first[..4].copy_from_slice(&seconds.to_be_bytes());
    tx.exec(
        "DELETE FROM notifications WHERE id IN (SELECT id FROM notifications WHERE id < $1 ORDER BY id LIMIT $2)",
        &params![&first, limit],
    )
    .await
}

/// Whether anything was said about a video.
pub async fn any_about(tx: &mut Tx, video: VideoId) -> Result<bool, StoreError> {
    let found = tx
        .one(
            "SELECT 1 FROM notifications WHERE video_id = $1 LIMIT 1",
            &params![video],
            |row| row.int(0),
        )
        .await?;
    Ok(found.is_some())
}

/// Removes what was said about a video, at most `limit` rows at once. Tells how many.
pub async fn remove_about(tx: &mut Tx, video: VideoId, limit: i64) -> Result<u64, StoreError> {
    tx.exec(
        "DELETE FROM notifications WHERE id IN (SELECT id FROM notifications WHERE video_id = $1 LIMIT $2)",
        &params![video, limit],
    )
    .await
}

/// Removes what was said to a user or because of them, what they have read and want; at most `limit` rows of each
/// at once. Tells how many.
pub async fn remove_of(tx: &mut Tx, user: UserId, limit: i64) -> Result<u64, StoreError> {
    let said = tx
        .exec(
            "DELETE FROM notifications WHERE id IN (SELECT id FROM notifications WHERE user_id = $1 LIMIT $2)",
            &params![user, limit],
        )
        .await?;
    let caused = tx
        .exec(
            "DELETE FROM notifications WHERE id IN (SELECT id FROM notifications WHERE actor_id = $1 LIMIT $2)",
            &params![user, limit],
        )
        .await?;
    let marks = tx
        .exec(
            "DELETE FROM notification_reads WHERE user_id = $1 AND post_id IN \
             (SELECT post_id FROM notification_reads WHERE user_id = $1 LIMIT $2)",
            &params![user, limit],
        )
        .await?;
    let settings = tx
        .exec(
            "DELETE FROM notification_settings WHERE user_id = $1",
            &params![user],
        )
        .await?;
    Ok(said + caused + marks + settings)
}
