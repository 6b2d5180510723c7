//! Likes: of videos, comments and tweets that one may see; and the list of videos that one liked.

use std::collections::HashSet;
use std::sync::Arc;

use bus::Audience;
use model::likes::{Kind as TargetKind, Target};
use model::{LikeId, Millis, ObjectId, UserId, VideoId};
use store::Tx;
use store::keyset::{Sort, Start};
use store::likes::{self, About, Counted, Fresh, LikedVideo, VideosQuery};

use crate::comments::{no_comment, standing_of};
use crate::core::Core;
use crate::error::Error;
use crate::events::{self, kinds};
use crate::notifications;
use crate::pages::{Asked, EXACT_TOTAL, Paged, SLOW_READ_MS};
use crate::playback::Playback;
use crate::remembered::Remembered;
use crate::sessions::{Actor, Viewer};
use crate::tweets::no_tweet;
use crate::videos::{may_see, may_see_standing};

/// How often a toggle looks for a like. Where one person presses from many places at once, it may come and go between a
/// look for a place for it and one for the like itself.
const LOOKS: usize = 20;

/// Liking, and what was liked.
#[derive(Debug)]
pub struct Likes {
    core: Arc<Core>,
    playback: Arc<Playback>,
    /// How many liked videos somebody is shown, with the right to see all or without.
    totals: Remembered<(UserId, bool), i64>,
    /// Behind which like a page by number begins, for whoever goes on to it from the one before.
    starts: Remembered<(UserId, bool, i64), Start>,
}

/// What somebody wants of a like.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Wish {
    /// It is there, or not: the other way round.
    Toggled,
    /// It is there.
    Liked,
    /// It is not there.
    NotLiked,
}

/// How a like stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Standing {
    /// The like that is there, or that just went.
    pub id: Option<LikeId>,
    /// It is there.
    pub liked: bool,
    /// Likes of the thing.
    pub likes_count: i64,
}

/// A like has come or gone for good: whoever is to hear of it is told here, and nowhere else.
fn committed(core: &Core, target: Target, actor: &Actor, standing: &Standing, counted: &Counted) {
    if let Target::Video(video) = target {
        // How many there are then is told with those of others; see `events::rounds`.
        let watchers = Audience::Watchers { video, owner: None };
        events::tell(core, kinds::LIKE_CHANGED, watchers, &());
    }
    tracing::debug!(
        target.id = %target.id(), user.id = %actor.user_id, owner.id = %counted.owner_id,
        liked = standing.liked, "A like of {} changed", target.id()
    );
}

fn nothing_there(target: Target) -> Error {
    match target {
        Target::Video(_) => Error::no_video(),
        Target::Comment(_) => no_comment(),
        Target::Tweet(_) => no_tweet(),
    }
}

impl Likes {
    pub(crate) fn new(core: Arc<Core>, playback: Arc<Playback>) -> Self {
        Self {
            core,
            playback,
            totals: Remembered::new(10_000),
            starts: Remembered::new(10_000),
        }
    }

    /// Likes something, or not any more.
    pub async fn set(&self, target: Target, wish: Wish, actor: &Actor) -> Result<Standing, Error> {
        let viewer = Some(*actor);
        // What the caller may not know of is refused before the writer is taken, and again in the transaction.
        self.must_see(target, &viewer).await?;
        let now = self.core.clock.now();
        // A thing that is liked by many at once is changed by one after the other, and each statement decides by the row
        // that it changes: one that was there, or was not; a count that others have moved.
        let mut tx = self.core.store.write_passing_by().await?;
        let (added, removed) = match wish {
            Wish::NotLiked => (None, likes::remove(&mut tx, actor.user_id, target).await?),
            Wish::Liked => (self.add(&mut tx, target, actor, now).await?, None),
            Wish::Toggled => self.toggle(&mut tx, target, actor, now).await?,
        };
        let step = i64::from(added.is_some()) - i64::from(removed.is_some());
        let counted = if step == 0 {
            likes::counted(&mut tx, target).await?
        } else {
            likes::count(&mut tx, target, step).await?
        };
        let counted = counted.ok_or_else(|| nothing_there(target))?;
        must_see_counted(&mut tx, target, &counted, &viewer).await?;
        let mut standing = Standing {
            id: added.or(removed),
            liked: added.is_some(),
            likes_count: counted.likes_count,
        };
        if step != 0 {
            let said = match target {
                Target::Video(video) if step > 0 => {
                    let (owner, likes) = (counted.owner_id, counted.likes_count);
                    notifications::say_likes(&self.core, &mut tx, video, owner, likes, now).await?
                }
                _ => None,
            };
            likes::note(&mut tx, target, &counted, now, step)?;
            tx.commit().await?;
            committed(&self.core, target, actor, &standing, &counted);
            notifications::tell(&self.core, said.as_ref());
        } else if wish != Wish::NotLiked {
            standing.id = likes::find(&mut tx, actor.user_id, target).await?;
            // Nobody is there any more who could like it.
            standing.liked = standing.id.is_some();
        }
        Ok(standing)
    }

    async fn add(
        &self,
        tx: &mut Tx,
        target: Target,
        actor: &Actor,
        now: Millis,
    ) -> Result<Option<LikeId>, Error> {
        let id = self.core.ids.next(now);
        let is_new = likes::add(tx, actor.user_id, target, id, now).await?;
        Ok(is_new.then_some(id))
    }

    /// Adds a like or removes the one there is; neither where the person is gone. Most likes are new, so that is tried
    /// first: adding one that is there finds it and changes nothing.
    async fn toggle(
        &self,
        tx: &mut Tx,
        target: Target,
        actor: &Actor,
        now: Millis,
    ) -> Result<(Option<LikeId>, Option<LikeId>), Error> {
        for _ in 0..LOOKS {
            let added = self.add(tx, target, actor, now).await?;
            if added.is_some() {
                return Ok((added, None));
            }
            let removed = likes::remove(tx, actor.user_id, target).await?;
            if removed.is_some() {
                return Ok((None, removed));
            }
        }
        Ok((None, None))
    }

    async fn must_see(&self, target: Target, viewer: &Viewer) -> Result<(), Error> {
        if let Target::Video(id) = target {
            let video = self.playback.believed(id).await?;
            return if video.is_some_and(|video| may_see(&video, viewer)) {
                Ok(())
            } else {
                Err(Error::no_video())
            };
        }
        let mut tx = self.core.store.read();
        let counted = likes::counted(&mut tx, target).await?;
        let counted = counted.ok_or_else(|| nothing_there(target))?;
        must_see_counted(&mut tx, target, &counted, viewer).await
    }

    /// Which of the things of a page this viewer likes.
    pub async fn liked(
        &self,
        kind: TargetKind,
        ids: &[ObjectId],
        viewer: &Viewer,
    ) -> Result<HashSet<ObjectId>, Error> {
        let Some(actor) = viewer else {
            return Ok(HashSet::new());
        };
        let mut tx = self.core.store.read();
        Ok(likes::liked(&mut tx, actor.user_id, kind, ids).await?)
    }

    /// What changes fast about a video, which others believe for half a second.
    pub async fn fresh(&self, video: VideoId, viewer: &Viewer) -> Result<Option<Fresh>, Error> {
        let reader = viewer.map(|actor| actor.user_id);
        Ok(likes::fresh(&mut self.core.store.read(), video, reader).await?)
    }

    /// The videos that `actor` liked and may still see, newest like first. `asked` says nothing of the order.
    pub async fn videos(&self, asked: &Asked, actor: &Actor) -> Result<Paged<LikedVideo>, Error> {
        let asked = &Asked {
            sort: Sort::Created,
            descending: true,
            ..asked.clone()
        };
        let begin = asked.begin("likes", 0)?;
        let walk = asked.walk(begin);
        let mut query = VideosQuery {
            user: actor.user_id,
            sees_all: actor.is_admin(),
            start: walk.start,
            limit: walk.limit,
        };
        // Every like that is passed over is one of a video that has to be looked at.
        let stamp = self.core.store.stamp()?;
        let place = |rows| (query.user, query.sees_all, rows);
        if let Start::Offset(offset) = walk.start
            && let Some(start) = self.starts.known(stamp, &place(offset))
        {
            query.start = start;
        }
        let mut tx = if walk.is_quick() || query.start != walk.start {
            self.core.store.read()
        } else {
            self.core.store.slow_read(SLOW_READ_MS)
        };
        let mut rows = likes::videos(&mut tx, &query).await?;
        let next_cursor = asked.cut("likes", &mut rows, 0, |like| (like.created_at.0, like.id.0));
        if asked.by_cursor() {
            return Ok(Paged {
                rows,
                next_cursor,
                ..Paged::empty()
            });
        }
        let found = i64::try_from(rows.len()).unwrap_or(i64::MAX);
        if let (Start::Offset(offset), Some(last)) = (walk.start, rows.last()) {
            let behind = Start::After(last.created_at.0, last.id.0);
            self.starts.keep(stamp, place(offset + found), behind);
        }
        let total = match walk.start {
            // The end of the list is on this page, which tells more than any count.
            Start::Offset(offset) if found < asked.limit && (found > 0 || offset == 0) => offset + found,
            _ => {
                let mut tx = self.core.store.slow_read(SLOW_READ_MS);
                let count = likes::count_videos(&mut tx, &query, EXACT_TOTAL + 1);
                let key = (query.user, query.sees_all);
                self.totals.get(&self.core.store, key, count).await?
            }
        };
        Ok(Paged::numbered(rows, total))
    }
}

/// Refuses what `viewer` may not know of.
async fn must_see_counted(
    tx: &mut Tx,
    target: Target,
    counted: &Counted,
    viewer: &Viewer,
) -> Result<(), Error> {
    if counted.taken_down && !matches!(counted.about, About::Video(_)) {
        return Err(nothing_there(target));
    }
    match counted.about {
        About::Video(standing) if may_see_standing(&standing, viewer) => Ok(()),
        About::Video(_) => Err(nothing_there(target)),
        About::Comment(video, parent) => standing_of(tx, video, parent, viewer).await.map(|_| ()),
        About::Tweet => Ok(()),
    }
}
