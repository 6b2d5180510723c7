//! What followed channels brought out, as notifications: finding it for those who follow many, and counting what of
//! all that was told is unread. How it is shown is for [`super`].

use model::notifications::{COUNTED, KEPT_MS};
use model::{Millis, ObjectId};
use store::channel_posts::Kind as PostKind;
use store::feed::{self, FEW, Since};
use store::notifications::{self as rows, Place, PostRow, Settings};
use store::{Tx, places};

use super::{Notifications, SLOW_READ_MS, Unread};
use crate::error::Error;
use crate::sessions::Actor;

impl Notifications {
    /// Posts for somebody who follows many channels, of whom most of what is new on the site is: the newest `limit` or
    /// more of them, in no order. Only where the newest of the site do not fill the page is each channel looked at.
    pub(super) async fn walk(
        &self,
        actor: &Actor,
        kinds: &[PostKind],
        since: Millis,
        before: Place,
        limit: i64,
    ) -> Result<Vec<PostRow>, Error> {
        let user = actor.user_id;
        let (mut tx, mut many) = (self.core.store.read(), self.core.store.slow_read(SLOW_READ_MS));
        let end = rows::walk_end(&mut tx, before).await?;
        let floor = since.plus_ms(1).max(end.unwrap_or(Millis(i64::MIN)));
        let mut all = Vec::new();
        for kind in kinds {
            all.extend(rows::walk_posts(&mut many, user, *kind, floor, before, limit).await?);
        }
        let missing = limit - i64::try_from(all.len()).unwrap_or(limit);
        // Nothing that is told is older than `since`.
        let Some(end) = end.filter(|end| *end > since && missing > 0) else {
            return Ok(all);
        };
        let rest = Place {
            at: end,
            id: ObjectId([0; 12]),
        };
        if let [kind] = kinds {
            all.extend(rows::list_posts(&mut many, user, *kind, since, rest, missing).await?);
        } else if !kinds.is_empty() {
            // One look at each channel for both kinds.
            let rest = places::Place::new(rest.at, rest.id);
            let posts = feed::merge(&mut tx, &mut many, user, rest, Since::Subscribed, missing).await?;
            let ids: Vec<ObjectId> = posts.iter().map(|post| post.id).collect();
            let marked = rows::marked(&mut tx, user, &ids).await?;
            let told = posts.into_iter().filter(|post| post.published_at > since);
            all.extend(told.map(|post| PostRow {
                id: post.id,
                channel_id: post.channel,
                kind: post.kind,
                published_at: post.published_at,
                is_marked: marked.contains(&post.id),
            }));
        }
        Ok(all)
    }

    /// How much is unread, for somebody who follows so many channels.
    pub(super) async fn count(
        &self,
        tx: &mut Tx,
        actor: &Actor,
        followed: i64,
        settings: Settings,
    ) -> Result<Unread, Error> {
        let user = actor.user_id;
        let since = settings.read_until.max(self.core.clock.now().plus_ms(-KEPT_MS));
        let most = COUNTED + 1;
        let mut count = rows::count_unread(tx, user, since, most).await?;
        for kind in posts_wanted(settings) {
            let left = most - count;
            if left > 0 && followed > FEW {
                let mut slow = self.core.store.slow_read(SLOW_READ_MS);
                count += rows::count_unread_posts_of_many(&mut slow, user, kind, since, left).await?;
            } else if left > 0 {
                count += rows::count_unread_posts(tx, user, kind, since, left).await?;
            }
        }
        Ok(Unread {
            count: count.min(COUNTED),
            is_estimate: count > COUNTED,
        })
    }
}

/// Kinds of posts that somebody wants to be told of.
pub(super) fn posts_wanted(settings: Settings) -> impl Iterator<Item = PostKind> {
    [PostKind::Video, PostKind::Tweet]
        .into_iter()
        .filter(move |kind| settings.muted.wants(rows::notification_of(*kind)))
}
