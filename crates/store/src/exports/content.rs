//! What a person has, section by section, a page at a time: each page is one walk along an index, from where the
//! last one ended. Pages come in the order of their index, which is nobody's taste but the cheapest.
//!
//! What of it is written down, and what of other people's things may be named, is `app::exports`.

use model::moderation::{Kind as Subject, Reason, ReportState};
use model::videos::Visibility;
use model::{
    CommentId, LikeId, Millis, ObjectId, PlaylistId, ReportId, SessionId, SubscriptionId, TweetId, UserId,
    VideoId,
};

use crate::likes::Standing;
use crate::{Row, StoreError, Tx, params};

/// Texts of the statements below; public for the test of their plans.
pub const STATEMENTS: [&str; 10] = [
    COMMENTS,
    TWEETS,
    LIKES,
    SUBSCRIPTIONS,
    PLAYLISTS,
    ENTRIES,
    HISTORY,
    BLOCKS,
    REPORTS,
    SESSIONS,
];

/// Where a page ended, in an order of time and then of ids.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Mark {
    /// The last time.
    pub at: Millis,
    /// The last id.
    pub id: ObjectId,
}

impl Mark {
    /// Before everything.
    pub const START: Self = Self {
        at: Millis(i64::MIN),
        id: ObjectId([0; 12]),
    };

    /// Behind this one.
    pub const fn new(at: Millis, id: ObjectId) -> Self {
        Self { at, id }
    }
}

/// A video that something is about: its title and what decides who may see it.
#[derive(Debug, Clone)]
pub struct About {
    /// Its title.
    pub title: String,
    /// What decides who may see it.
    pub standing: Standing,
}

/// Five columns from `at` on: title, owner, visibility, watchable, taken down; all of them NULL where it is gone.
fn about(row: &Row<'_>, at: usize) -> Result<Option<About>, StoreError> {
    let Some(title) = row.opt_text(at)? else {
        return Ok(None);
    };
    Ok(Some(About {
        title: title.to_owned(),
        standing: Standing {
            owner_id: row.id(at + 1)?,
            visibility: Visibility::from_code(row.int(at + 2)?),
            watchable: row.bool(at + 3)?,
            taken_down: row.bool(at + 4)?,
        },
    }))
}

/// Something that somebody wrote under a video.
#[derive(Debug, Clone)]
pub struct Comment {
    /// Which.
    pub id: CommentId,
    /// Under which video.
    pub video_id: VideoId,
    /// That video, while it is there.
    pub about: Option<About>,
    /// The comment at the top of its thread.
    pub parent_id: Option<CommentId>,
    /// As it was typed.
    pub content: String,
    /// Likes.
    pub likes_count: i64,
    /// Comments in the thread below it.
    pub replies_count: i64,
    /// When its text last changed.
    pub edited_at: Option<Millis>,
    /// When it was written.
    pub created_at: Millis,
    /// When a shown field last changed.
    pub updated_at: Millis,
    /// A moderator took it down.
    pub taken_down: bool,
}

const COMMENTS: &str = "SELECT c.id, c.video_id, c.parent_id, c.content, c.likes_count, c.replies_count, \
     c.edited_at, c.created_at, c.updated_at, c.taken_down_at IS NOT NULL, v.title, v.owner_id, v.visibility, \
     v.watchable, v.taken_down_at IS NOT NULL FROM comments c LEFT JOIN videos v ON v.id = c.video_id \
     WHERE c.owner_id = $1 AND c.id > $2 ORDER BY c.id LIMIT $3";

/// Somebody's comments behind `after`.
pub async fn comments(
    tx: &mut Tx,
    user: UserId,
    after: ObjectId,
    limit: i64,
) -> Result<Vec<Comment>, StoreError> {
    tx.all(COMMENTS, &params![user, after, limit], |row| {
        Ok(Comment {
            id: row.id(0)?,
            video_id: row.id(1)?,
            parent_id: row.opt_id(2)?,
            content: row.text(3)?.to_owned(),
            likes_count: row.int(4)?,
            replies_count: row.int(5)?,
            edited_at: row.opt_millis(6)?,
            created_at: row.millis(7)?,
            updated_at: row.millis(8)?,
            taken_down: row.bool(9)?,
            about: about(row, 10)?,
        })
    })
    .await
}

/// Something that somebody said on their channel.
#[derive(Debug, Clone)]
pub struct Tweet {
    /// Which.
    pub id: TweetId,
    /// As it was typed.
    pub content: String,
    /// The video it is about.
    pub video_id: Option<VideoId>,
    /// That video, while it is there.
    pub about: Option<About>,
    /// The place in it, milliseconds from its start.
    pub video_at_ms: Option<i64>,
    /// Likes.
    pub likes_count: i64,
    /// When it was written.
    pub created_at: Millis,
    /// When its text last changed.
    pub updated_at: Millis,
    /// A moderator took it down.
    pub taken_down: bool,
}

const TWEETS: &str = "SELECT t.id, t.content, t.video_id, t.video_at_ms, t.likes_count, t.created_at, t.updated_at, \
     t.taken_down_at IS NOT NULL, v.title, v.owner_id, v.visibility, v.watchable, v.taken_down_at IS NOT NULL \
     FROM tweets t LEFT JOIN videos v ON v.id = t.video_id WHERE t.owner_id = $1 \
     AND (t.created_at, t.id) > ($2, $3) ORDER BY t.created_at, t.id LIMIT $4";

/// Somebody's tweets behind `after`.
pub async fn tweets(tx: &mut Tx, user: UserId, after: Mark, limit: i64) -> Result<Vec<Tweet>, StoreError> {
    tx.all(TWEETS, &params![user, after.at, after.id, limit], |row| {
        Ok(Tweet {
            id: row.id(0)?,
            content: row.text(1)?.to_owned(),
            video_id: row.opt_id(2)?,
            video_at_ms: row.opt_int(3)?,
            likes_count: row.int(4)?,
            created_at: row.millis(5)?,
            updated_at: row.millis(6)?,
            taken_down: row.bool(7)?,
            about: about(row, 8)?,
        })
    })
    .await
}

/// Something that somebody likes.
#[derive(Debug, Clone)]
pub struct Like {
    /// Of the like.
    pub id: LikeId,
    /// 0 a video, 1 a comment, 2 a tweet.
    pub kind: i64,
    /// What.
    pub target_id: ObjectId,
    /// When.
    pub created_at: Millis,
    /// The video itself, or the one that the comment is under.
    pub about: Option<About>,
    /// A comment or tweet that is there and shown.
    pub is_shown: bool,
}

const LIKES: &str = "SELECT l.id, l.kind, l.target_id, l.created_at, \
     coalesce(c.id, t.id) IS NOT NULL AND coalesce(c.taken_down_at, t.taken_down_at, p.taken_down_at) IS NULL, \
     v.title, v.owner_id, v.visibility, v.watchable, v.taken_down_at IS NOT NULL FROM likes l \
     LEFT JOIN comments c ON l.kind = 1 AND c.id = l.target_id LEFT JOIN comments p ON p.id = c.parent_id \
     LEFT JOIN tweets t ON l.kind = 2 AND t.id = l.target_id \
     LEFT JOIN videos v ON v.id = CASE l.kind WHEN 0 THEN l.target_id ELSE c.video_id END \
     WHERE l.user_id = $1 AND (l.kind, l.created_at, l.id) > ($2, $3, $4) \
     ORDER BY l.kind, l.created_at, l.id LIMIT $5";

/// What somebody likes, kind by kind and the oldest first, behind a place in a kind; -1 for the start.
pub async fn likes(
    tx: &mut Tx,
    user: UserId,
    after: (i64, Mark),
    limit: i64,
) -> Result<Vec<Like>, StoreError> {
    let (kind, place) = after;
    tx.all(LIKES, &params![user, kind, place.at, place.id, limit], |row| {
        Ok(Like {
            id: row.id(0)?,
            kind: row.int(1)?,
            target_id: row.id(2)?,
            created_at: row.millis(3)?,
            is_shown: row.bool(4)?,
            about: about(row, 5)?,
        })
    })
    .await
}

/// A channel that somebody follows.
#[derive(Debug, Clone)]
pub struct Subscription {
    /// Of the subscription.
    pub id: SubscriptionId,
    /// Which channel.
    pub channel_id: UserId,
    /// Its handle.
    pub username: String,
    /// Its shown name.
    pub full_name: String,
    /// Since when.
    pub created_at: Millis,
}

const SUBSCRIPTIONS: &str = "SELECT s.id, s.channel_id, s.created_at, u.username, u.full_name FROM subscriptions s \
     JOIN users u ON u.id = s.channel_id WHERE s.subscriber_id = $1 AND (s.created_at, s.id) > ($2, $3) \
     ORDER BY s.created_at, s.id LIMIT $4";

/// Whom somebody follows, behind `after`.
pub async fn subscriptions(
    tx: &mut Tx,
    user: UserId,
    after: Mark,
    limit: i64,
) -> Result<Vec<Subscription>, StoreError> {
    tx.all(SUBSCRIPTIONS, &params![user, after.at, after.id, limit], |row| {
        Ok(Subscription {
            id: row.id(0)?,
            channel_id: row.id(1)?,
            created_at: row.millis(2)?,
            username: row.text(3)?.to_owned(),
            full_name: row.text(4)?.to_owned(),
        })
    })
    .await
}

/// A playlist, without what stands in it.
#[derive(Debug, Clone)]
pub struct Playlist {
    /// Which.
    pub id: PlaylistId,
    /// One line.
    pub name: String,
    /// Several lines.
    pub description: String,
    /// Who may see it.
    pub visibility: Visibility,
    /// 0 made by its owner, 1 "Watch later".
    pub kind: i64,
    /// When it was made.
    pub created_at: Millis,
    /// When it or its entries last changed.
    pub updated_at: Millis,
    /// A moderator took it down.
    pub taken_down: bool,
}

const PLAYLISTS: &str = "SELECT id, name, description, visibility, kind, created_at, updated_at, \
     taken_down_at IS NOT NULL FROM playlists WHERE owner_id = $1 AND kind = 0 AND (created_at, id) > ($2, $3) \
     ORDER BY created_at, id LIMIT $4";
const WATCH_LATER: &str = "SELECT id, name, description, visibility, kind, created_at, updated_at, \
     taken_down_at IS NOT NULL FROM playlists WHERE owner_id = $1 AND kind = 1";

fn playlist(row: &Row<'_>) -> Result<Playlist, StoreError> {
    Ok(Playlist {
        id: row.id(0)?,
        name: row.text(1)?.to_owned(),
        description: row.text(2)?.to_owned(),
        visibility: Visibility::from_code(row.int(3)?),
        kind: row.int(4)?,
        created_at: row.millis(5)?,
        updated_at: row.millis(6)?,
        taken_down: row.bool(7)?,
    })
}

/// The playlists that somebody made, behind `after`.
pub async fn playlists(
    tx: &mut Tx,
    user: UserId,
    after: Mark,
    limit: i64,
) -> Result<Vec<Playlist>, StoreError> {
    tx.all(PLAYLISTS, &params![user, after.at, after.id, limit], playlist)
        .await
}

/// The list "Watch later" of somebody who has begun one.
pub async fn watch_later(tx: &mut Tx, user: UserId) -> Result<Option<Playlist>, StoreError> {
    tx.one(WATCH_LATER, &params![user], playlist).await
}

/// A video in a playlist.
#[derive(Debug, Clone)]
pub struct Entry {
    /// Which video.
    pub video_id: VideoId,
    /// That video.
    pub about: Option<About>,
    /// Its place; grows along the list.
    pub position: i64,
    /// When it was put there.
    pub added_at: Millis,
}

const ENTRIES: &str = "SELECT e.video_id, e.position, e.added_at, v.title, v.owner_id, v.visibility, v.watchable, \
     v.taken_down_at IS NOT NULL FROM playlist_entries e LEFT JOIN videos v ON v.id = e.video_id \
     WHERE e.playlist_id = $1 AND e.position > $2 ORDER BY e.position LIMIT $3";

/// What stands in a playlist behind a place.
pub async fn entries(
    tx: &mut Tx,
    playlist: PlaylistId,
    after: i64,
    limit: i64,
) -> Result<Vec<Entry>, StoreError> {
    tx.all(ENTRIES, &params![playlist, after, limit], |row| {
        Ok(Entry {
            video_id: row.id(0)?,
            position: row.int(1)?,
            added_at: row.millis(2)?,
            about: about(row, 3)?,
        })
    })
    .await
}

/// A video that somebody watched.
#[derive(Debug, Clone)]
pub struct Watched {
    /// Which video.
    pub video_id: VideoId,
    /// That video.
    pub about: Option<About>,
    /// When last.
    pub at: Millis,
    /// Where to go on, milliseconds from its start.
    pub position_ms: i64,
}

const HISTORY: &str = "SELECT h.video_id, h.watched_at, h.position_ms, v.title, v.owner_id, v.visibility, \
     v.watchable, v.taken_down_at IS NOT NULL FROM history h LEFT JOIN videos v ON v.id = h.video_id \
     WHERE h.user_id = $1 AND (h.watched_at, h.video_id) > ($2, $3) ORDER BY h.watched_at, h.video_id LIMIT $4";

/// What somebody watched, behind `after`.
pub async fn history(tx: &mut Tx, user: UserId, after: Mark, limit: i64) -> Result<Vec<Watched>, StoreError> {
    tx.all(HISTORY, &params![user, after.at, after.id, limit], |row| {
        Ok(Watched {
            video_id: row.id(0)?,
            at: row.millis(1)?,
            position_ms: row.int(2)?,
            about: about(row, 3)?,
        })
    })
    .await
}

/// Someone who is blocked.
#[derive(Debug, Clone)]
pub struct Block {
    /// Who.
    pub user_id: UserId,
    /// Their handle.
    pub username: String,
    /// Their shown name.
    pub full_name: String,
    /// Since when.
    pub created_at: Millis,
}

const BLOCKS: &str = "SELECT b.blocked_id, b.created_at, u.username, u.full_name FROM blocks b \
     JOIN users u ON u.id = b.blocked_id WHERE b.blocker_id = $1 AND (b.created_at, b.blocked_id) > ($2, $3) \
     ORDER BY b.created_at, b.blocked_id LIMIT $4";

/// Whom somebody has blocked, behind `after`.
pub async fn blocks(tx: &mut Tx, user: UserId, after: Mark, limit: i64) -> Result<Vec<Block>, StoreError> {
    tx.all(BLOCKS, &params![user, after.at, after.id, limit], |row| {
        Ok(Block {
            user_id: row.id(0)?,
            created_at: row.millis(1)?,
            username: row.text(2)?.to_owned(),
            full_name: row.text(3)?.to_owned(),
        })
    })
    .await
}

/// Something that somebody reported.
#[derive(Debug, Clone)]
pub struct Report {
    /// Which.
    pub id: ReportId,
    /// What kind of thing it is about, as a number of [`Subject`].
    pub kind_code: i64,
    /// Which thing.
    pub target_id: ObjectId,
    /// What is wrong.
    pub reason: Reason,
    /// The same in words.
    pub text: String,
    /// Whether somebody still has to look.
    pub state: ReportState,
    /// When it was written.
    pub created_at: Millis,
    /// When it last changed.
    pub updated_at: Millis,
}

impl Report {
    /// What kind of thing it is about; `None` for one that a later release may have written.
    pub fn kind(&self) -> Option<Subject> {
        Subject::from_code(self.kind_code)
    }
}

const REPORTS: &str = "SELECT r.id, r.kind, r.target_id, r.reason, r.text, r.state, r.created_at, r.updated_at \
     FROM reports r WHERE r.reporter_id = $1 AND (r.kind, r.target_id) > ($2, $3) \
     ORDER BY r.kind, r.target_id LIMIT $4";

/// What somebody reported, behind a kind and a thing of it; -1 for the start.
pub async fn reports(
    tx: &mut Tx,
    user: UserId,
    after: (i64, ObjectId),
    limit: i64,
) -> Result<Vec<Report>, StoreError> {
    tx.all(REPORTS, &params![user, after.0, after.1, limit], |row| {
        Ok(Report {
            id: row.id(0)?,
            kind_code: row.int(1)?,
            target_id: row.id(2)?,
            reason: Reason::from_code(row.int(3)?),
            text: row.text(4)?.to_owned(),
            state: ReportState::from_code(row.int(5)?),
            created_at: row.millis(6)?,
            updated_at: row.millis(7)?,
        })
    })
    .await
}

/// A sign-in, without what its tokens are made of.
#[derive(Debug, Clone)]
pub struct Session {
    /// Which.
    pub id: SessionId,
    /// What it was made with.
    pub device: String,
    /// When it began.
    pub created_at: Millis,
    /// When it was last refreshed.
    pub last_used_at: Millis,
    /// When it ends at the latest.
    pub expires_at: Millis,
    /// When it was ended.
    pub ended_at: Option<Millis>,
}

const SESSIONS: &str = "SELECT s.id, s.device, s.created_at, s.last_used_at, s.expires_at, s.ended_at FROM sessions s \
     WHERE s.user_id = $1 AND (s.created_at, s.id) > ($2, $3) ORDER BY s.created_at, s.id LIMIT $4";

/// Somebody's sign-ins that are remembered, behind `after`.
pub async fn sessions(
    tx: &mut Tx,
    user: UserId,
    after: Mark,
    limit: i64,
) -> Result<Vec<Session>, StoreError> {
    tx.all(SESSIONS, &params![user, after.at, after.id, limit], |row| {
        Ok(Session {
            id: row.id(0)?,
            device: row.text(1)?.to_owned(),
            created_at: row.millis(2)?,
            last_used_at: row.millis(3)?,
            expires_at: row.millis(4)?,
            ended_at: row.opt_millis(5)?,
        })
    })
    .await
}
