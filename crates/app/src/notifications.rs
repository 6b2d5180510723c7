//! Notifications: what somebody is told, what of it they have read, and what they do not want to hear of.
//!
//! What concerns one user (a comment on their video, a reply, a milestone, the end of processing) is a row, written
//! in the transaction of the fact. What subscribed channels bring out is read from their posts when somebody looks,
//! so that publishing costs the same however many follow. [`say`] and [`tell_video`] are for whoever makes such
//! facts; both are also told to those who listen ([`crate::events`]).

mod posts;

use std::sync::Arc;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use bus::Audience;
use model::notifications::{KEPT_MS, Kind, Muted, milestone};
use model::webhooks::Event as Happened;
use model::{CommentId, Millis, ObjectId, UserId, VideoId};
use serde::Serialize;
use store::channel_posts::Kind as PostKind;
use store::feed::FEW;
use store::imports;
use store::notifications::{self as rows, NotificationRow, Place, PostRow, Settings};
use store::users::{self, UserRow};
use store::videos::{self, VideoRow};
use store::{StoreError, Tx, subscriptions};

use self::posts::posts_wanted;
use crate::core::Core;
use crate::error::{Error, Kind as Refused};
use crate::events::{self, kinds};
use crate::sessions::Actor;
use crate::webhooks;

/// Ids that are marked as read in one call.
pub const MOST_IDS: usize = 100;
/// How long that may take.
const SLOW_READ_MS: u64 = 2_000;

/// Looking at notifications, and having looked at them.
#[derive(Debug)]
pub struct Notifications {
    core: Arc<Core>,
}

/// Something to be said to one user.
#[derive(Debug)]
pub struct New {
    /// To whom.
    pub to: UserId,
    /// What.
    pub kind: Kind,
    /// Who did it.
    pub actor: Option<UserId>,
    /// About which video.
    pub video: Option<VideoId>,
    /// About which comment.
    pub comment: Option<ObjectId>,
    /// Of a milestone: which.
    pub amount: i64,
}

/// One notification as it is shown.
#[derive(Debug)]
pub struct Item {
    /// Names it.
    pub id: ObjectId,
    /// What it says.
    pub kind: Kind,
    /// Who did it, where somebody did.
    pub actor: Option<UserRow>,
    /// The video that it is about.
    pub video: Option<VideoRow>,
    /// The comment that it is about, and its text.
    pub comment: Option<(ObjectId, String)>,
    /// The tweet that it is about, and its text.
    pub tweet: Option<(ObjectId, String)>,
    /// Of a milestone: how many likes.
    pub amount: i64,
    /// When.
    pub created_at: Millis,
    /// They have read it.
    pub is_read: bool,
}

/// How many are unread.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Unread {
    /// So many.
    pub count: i64,
    /// Or more.
    pub is_estimate: bool,
}

/// One page of notifications.
#[derive(Debug)]
pub struct Page {
    /// Newest first.
    pub items: Vec<Item>,
    /// Where the next page begins, if there is one.
    pub next_cursor: Option<String>,
    /// How many are unread in all.
    pub unread: Unread,
}

/// What the event about a notification says.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Notice {
    #[serde(rename = "_id")]
    id: ObjectId,
    kind: Kind,
    actor: Option<UserId>,
    video: Option<VideoId>,
    comment: Option<ObjectId>,
    tweet: Option<ObjectId>,
    likes_count: Option<i64>,
    created_at: Millis,
}

/// What the event about reading says.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Read {
    unread_count: i64,
    unread_is_estimate: bool,
}

/// Says something to a user, in the transaction of the fact, unless they did it themselves or do not want to hear
/// of such things. What this answers is for [`tell`], after the commit.
pub(crate) async fn say(
    core: &Core,
    tx: &mut Tx,
    new: New,
    now: Millis,
) -> Result<Option<NotificationRow>, StoreError> {
    if new.actor == Some(new.to) || !rows::settings(tx, new.to).await?.muted.wants(new.kind) {
        return Ok(None);
    }
    let row = NotificationRow {
        id: core.ids.next(now),
        user_id: new.to,
        kind: new.kind,
        video_id: new.video,
        comment_id: new.comment,
        actor_id: new.actor,
        amount: new.amount,
        created_at: now,
        read_at: None,
    };
    rows::add(tx, &row).await?;
    Ok(Some(row))
}

/// Says to the owner of a video that it is ready.
pub(crate) async fn say_finished(
    core: &Core,
    tx: &mut Tx,
    video: &VideoRow,
    now: Millis,
) -> Result<Option<NotificationRow>, StoreError> {
    say_processed(core, tx, video, Kind::ProcessingFinished, now).await
}

/// Says to the owner of a video that it could not be prepared.
pub(crate) async fn say_failed(
    core: &Core,
    tx: &mut Tx,
    video: &VideoRow,
    now: Millis,
) -> Result<Option<NotificationRow>, StoreError> {
    say_processed(core, tx, video, Kind::ProcessingFailed, now).await
}

async fn say_processed(
    core: &Core,
    tx: &mut Tx,
    video: &VideoRow,
    kind: Kind,
    now: Millis,
) -> Result<Option<NotificationRow>, StoreError> {
    let happened = match kind {
        Kind::ProcessingFailed => Happened::VideoFailed,
        _ => Happened::VideoReady,
    };
    webhooks::note(tx, video.owner_id, happened, video.id.0, now).await?;
    // Whoever comes over with a thousand videos has not uploaded them today.
    if kind == Kind::ProcessingFinished && video.media_gen == 0 && imports::is_marked(tx, video.id).await? {
        return Ok(None);
    }
    let new = New {
        to: video.owner_id,
        kind,
        actor: None,
        video: Some(video.id),
        comment: None,
        amount: 0,
    };
    say(core, tx, new, now).await
}

/// A comment that was just written.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Commented {
    /// Which.
    pub comment: CommentId,
    /// Who wrote it.
    pub actor: UserId,
    /// Under which video.
    pub video: VideoId,
    /// Whose video that is.
    pub owner: UserId,
    /// Which comment it answers.
    pub answers: Option<CommentId>,
}

/// Says to the author of the comment that another answers that it does, and to the owner of the video that
/// somebody commented; to one person only once.
pub(crate) async fn say_commented(
    core: &Core,
    tx: &mut Tx,
    commented: Commented,
    now: Millis,
) -> Result<Vec<NotificationRow>, StoreError> {
    let answered = match commented.answers {
        Some(id) => rows::comment_author(tx, id).await?,
        None => None,
    };
    let to_owner = Some(commented.owner).filter(|owner| Some(*owner) != answered);
    let mut said = Vec::new();
    for (to, kind) in [(answered, Kind::Reply), (to_owner, Kind::Comment)] {
        let Some(to) = to else { continue };
        let new = New {
            to,
            kind,
            actor: Some(commented.actor),
            video: Some(commented.video),
            comment: Some(commented.comment.0),
            amount: 0,
        };
        said.extend(say(core, tx, new, now).await?);
    }
    Ok(said)
}

/// Says to the owner of a video that comments wait under it; once until they have read that.
pub(crate) async fn say_held(
    core: &Core,
    tx: &mut Tx,
    video: VideoId,
    owner: UserId,
    now: Millis,
) -> Result<Option<NotificationRow>, StoreError> {
    let read_until = rows::settings(tx, owner).await?.read_until;
    if rows::is_told_of_held(tx, owner, video, read_until).await? {
        return Ok(None);
    }
    let new = New {
        to: owner,
        kind: Kind::CommentHeld,
        actor: None,
        video: Some(video),
        comment: None,
        amount: 0,
    };
    say(core, tx, new, now).await
}

/// Says to the owner of a video that it has reached a number of likes; once for each milestone.
pub(crate) async fn say_likes(
    core: &Core,
    tx: &mut Tx,
    video: VideoId,
    owner: UserId,
    likes: i64,
    now: Millis,
) -> Result<Option<NotificationRow>, StoreError> {
    let Some(amount) = milestone(likes) else {
        return Ok(None);
    };
    // Only the likes that reach it can be the first to; all others need no look.
    if amount != likes || !rows::reach_milestone(tx, video, amount).await? {
        return Ok(None);
    }
    let new = New {
        to: owner,
        kind: Kind::LikeMilestone,
        actor: None,
        video: Some(video),
        comment: None,
        amount,
    };
    say(core, tx, new, now).await
}

/// Tells users who listen what was said to them. After the commit.
pub(crate) fn tell<'a>(core: &Core, said: impl IntoIterator<Item = &'a NotificationRow>) {
    for row in said {
        tell_one(core, row);
    }
}

fn tell_one(core: &Core, row: &NotificationRow) {
    let created = Notice {
        id: row.id.0,
        kind: row.kind,
        actor: row.actor_id,
        video: row.video_id,
        comment: row.comment_id,
        tweet: None,
        likes_count: likes_count(row.kind, row.amount),
        created_at: row.created_at,
    };
    events::tell(
        core,
        kinds::NOTIFICATION_CREATED,
        Audience::User(row.user_id),
        &created,
    );
}

/// Tells those who follow a channel and listen that it has brought out a video. After the commit that listed it.
pub(crate) fn tell_video(core: &Core, channel: UserId, video: VideoId, at: Millis) {
    tell_post(core, channel, PostKind::Video, video.0, at);
}

/// Tells those who follow a channel and listen that it has brought something out.
pub(crate) fn tell_post(core: &Core, channel: UserId, kind: PostKind, post: ObjectId, at: Millis) {
    let created = Notice {
        id: post,
        kind: rows::notification_of(kind),
        actor: Some(channel),
        video: (kind == PostKind::Video).then_some(VideoId(post)),
        comment: None,
        tweet: (kind == PostKind::Tweet).then_some(post),
        likes_count: None,
        created_at: at,
    };
    let followers = Audience::Subscribers { channel, post };
    events::tell(core, kinds::NOTIFICATION_CREATED, followers, &created);
}

/// Only a milestone has a number.
pub fn likes_count(kind: Kind, amount: i64) -> Option<i64> {
    (kind == Kind::LikeMilestone).then_some(amount)
}

/// One of both sorts, with its place in the order.
enum Either {
    Said(NotificationRow),
    Post(PostRow),
}

impl Either {
    fn place(&self) -> Place {
        match self {
            Self::Said(row) => Place {
                at: row.created_at,
                id: row.id.0,
            },
            Self::Post(post) => Place {
                at: post.published_at,
                id: post.id,
            },
        }
    }
}

impl Notifications {
    pub(crate) fn new(core: Arc<Core>) -> Self {
        Self { core }
    }

    /// One page, newest first, of at most `limit`; `cursor` as the page before said, empty for the start.
    pub async fn list(&self, actor: &Actor, cursor: &str, limit: i64) -> Result<Page, Error> {
        let before = place_of(cursor)?;
        let kept_since = self.core.clock.now().plus_ms(-KEPT_MS);
        let mut tx = self.core.store.read();
        let followed = subscriptions::subscriptions_count(&mut tx, actor.user_id).await?;
        let settings = rows::settings(&mut tx, actor.user_id).await?;
        let mut found: Vec<Either> = rows::list(&mut tx, actor.user_id, kept_since, before, limit + 1)
            .await?
            .into_iter()
            .map(Either::Said)
            .collect();
        let kinds: Vec<PostKind> = posts_wanted(settings).collect();
        let posts = if followed > FEW {
            self.walk(actor, &kinds, kept_since, before, limit + 1).await?
        } else {
            let mut posts = Vec::new();
            for kind in kinds {
                posts.extend(
                    rows::list_posts(&mut tx, actor.user_id, kind, kept_since, before, limit + 1).await?,
                );
            }
            posts
        };
        found.extend(posts.into_iter().map(Either::Post));
        found.sort_unstable_by_key(|one| std::cmp::Reverse(one.place()));
        let limit = usize::try_from(limit).unwrap_or(0);
        let more = found.len() > limit;
        found.truncate(limit);
        let next_cursor = found.last().filter(|_| more).map(|last| cursor_of(last.place()));
        let mut items = Vec::with_capacity(found.len());
        for one in found {
            let item = match one {
                Either::Said(row) => said(&mut tx, row, settings).await?,
                Either::Post(post) => posted(&mut tx, post, settings).await?,
            };
            items.extend(item);
        }
        let unread = self.count(&mut tx, actor, followed, settings).await?;
        Ok(Page {
            items,
            next_cursor,
            unread,
        })
    }

    /// Takes some for read: `up_to` and all that are older, and each of `ids`; with neither, all there are now.
    pub async fn read(
        &self,
        actor: &Actor,
        up_to: Option<ObjectId>,
        ids: &[ObjectId],
    ) -> Result<Unread, Error> {
        let now = self.core.clock.now();
        let mut tx = self.core.store.write().await?;
        let until = match up_to {
            Some(id) => Some(
                rows::made_at(&mut tx, actor.user_id, id)
                    .await?
                    .ok_or_else(no_notification)?,
            ),
            None => ids.is_empty().then_some(now),
        };
        if let Some(until) = until {
            rows::read_until(&mut tx, actor.user_id, until).await?;
        }
        for id in ids {
            rows::mark_read(&mut tx, actor.user_id, *id, now).await?;
        }
        if !ids.is_empty() {
            rows::trim_marks(&mut tx, actor.user_id).await?;
        }
        tx.commit().await?;
        let mut tx = self.core.store.read();
        let followed = subscriptions::subscriptions_count(&mut tx, actor.user_id).await?;
        let settings = rows::settings(&mut tx, actor.user_id).await?;
        let unread = self.count(&mut tx, actor, followed, settings).await?;
        let read = Read {
            unread_count: unread.count,
            unread_is_estimate: unread.is_estimate,
        };
        events::tell(
            &self.core,
            kinds::NOTIFICATION_READ,
            Audience::User(actor.user_id),
            &read,
        );
        Ok(unread)
    }

    /// Which kinds somebody wants.
    pub async fn preferences(&self, actor: &Actor) -> Result<Muted, Error> {
        let mut tx = self.core.store.read();
        Ok(rows::settings(&mut tx, actor.user_id).await?.muted)
    }

    /// Changes which kinds somebody wants; those that are not named stay.
    pub async fn change_preferences(&self, actor: &Actor, changes: &[(Kind, bool)]) -> Result<Muted, Error> {
        if changes.is_empty() {
            let message = "Send true or false for at least one kind.";
            return Err(Error::refused(Refused::Invalid, "nothing_to_change", message));
        }
        let mut tx = self.core.store.write().await?;
        let before = rows::settings(&mut tx, actor.user_id).await?.muted;
        let after = changes
            .iter()
            .fold(before, |muted, (kind, wanted)| muted.with(*kind, *wanted));
        rows::save_muted(&mut tx, actor.user_id, after).await?;
        tx.commit().await?;
        Ok(after)
    }
}

fn no_notification() -> Error {
    let message = "Notification not found";
    Error::refused(Refused::NotFound, "notification_not_found", message)
}

/// A row as it is shown; `None` when what it is about went a moment ago.
async fn said(tx: &mut Tx, row: NotificationRow, settings: Settings) -> Result<Option<Item>, Error> {
    let video = match row.video_id {
        Some(id) => videos::find(tx, id).await?,
        None => None,
    };
    let comment = match row.comment_id {
        Some(id) => rows::comment_text(tx, id).await?.map(|text| (id, text)),
        None => None,
    };
    let gone = (row.video_id.is_some() && video.is_none()) || (row.comment_id.is_some() && comment.is_none());
    if gone {
        return Ok(None);
    }
    let actor = match row.actor_id {
        Some(id) => users::find(tx, id).await?,
        None => None,
    };
    Ok(Some(Item {
        id: row.id.0,
        kind: row.kind,
        actor,
        video,
        comment,
        tweet: None,
        amount: row.amount,
        created_at: row.created_at,
        is_read: row.read_at.is_some() || row.created_at <= settings.read_until,
    }))
}

/// A post as it is shown; `None` when it went a moment ago.
async fn posted(tx: &mut Tx, post: PostRow, settings: Settings) -> Result<Option<Item>, Error> {
    let (mut video, mut tweet) = (None, None);
    match post.kind {
        PostKind::Video => {
            video = videos::find(tx, VideoId(post.id))
                .await?
                .filter(|video| video.listed);
        }
        PostKind::Tweet => tweet = rows::tweet_text(tx, post.id).await?.map(|text| (post.id, text)),
    }
    if video.is_none() && tweet.is_none() {
        return Ok(None);
    }
    Ok(Some(Item {
        id: post.id,
        kind: rows::notification_of(post.kind),
        actor: users::find(tx, post.channel_id).await?,
        video,
        comment: None,
        tweet,
        amount: 0,
        created_at: post.published_at,
        is_read: post.is_marked || post.published_at <= settings.read_until,
    }))
}

/// A place as opaque text.
fn cursor_of(place: Place) -> String {
    URL_SAFE_NO_PAD.encode(format!("{}-{}", place.at.0, place.id))
}

fn place_of(cursor: &str) -> Result<Place, Error> {
    if cursor.is_empty() {
        return Ok(Place::END);
    }
    let read = || {
        let bytes = URL_SAFE_NO_PAD.decode(cursor).ok()?;
        let (at, id) = std::str::from_utf8(&bytes).ok()?.split_once('-')?;
        Some(Place {
            at: Millis(at.parse().ok()?),
            id: id.parse().ok()?,
        })
    };
    // The longest is 20 digits and an id.
    let place = if cursor.len() > 100 { None } else { read() };
    place.ok_or_else(|| {
        let message = "This cursor does not belong to this list.";
        Error::refused(Refused::Invalid, "bad_cursor", message)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cursor_names_a_place_and_nothing_else_is_one() {
        let place = Place {
            at: Millis(1_800_000_000_123),
            id: ObjectId([7; 12]),
        };
        assert_eq!(place_of(&cursor_of(place)).unwrap(), place);
        assert_eq!(place_of("").unwrap(), Place::END);
        for bad in ["x", "MTIz", "!!!!", &"A".repeat(5_000)] {
            assert!(place_of(bad).is_err(), "{bad}");
        }
    }
}
