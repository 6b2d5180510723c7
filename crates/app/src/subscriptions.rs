//! Following channels: who may, who is shown it, and the feed of what the channels followed bring out.
//!
//! How the feed is found is `store::feed`; what a video may show to whom, [`crate::videos`].

use std::collections::HashMap;
use std::sync::Arc;

use bus::Audience;
use model::webhooks::Event as Happened;
use model::{TweetId, UserId, VideoId};
use serde::Serialize;
use store::channel_posts::Kind as PostKind;
use store::feed::{self, Post, Since};
use store::places::Place;
use store::subscriptions::{self, Reader, SubscriptionRow};
use store::tweets::{self, TweetRow};
use store::users::{self, UserRow};
use store::videos::{self, VideoRow};
use store::{StoreError, Tx};

use crate::core::Core;
use crate::error::{Error, Kind};
use crate::events::{self, kinds};
use crate::lists::{Request, Slice};
use crate::sessions::{Actor, Viewer};
use crate::tweets::shown;
use crate::webhooks;

/// The most channels that one person follows; it bounds what their feed costs.
pub const MOST_SUBSCRIPTIONS: i64 = 10_000;
/// How long a read of a feed of many channels, or far into a list, may take.
const SLOW_READ_MS: u64 = 2_000;

/// Names of the lists, in their cursors.
const SUBSCRIBERS: &str = "subscribers";
const CHANNELS: &str = "subscriptions";
const FEED: &str = "feed";

/// How somebody stands to a channel, and how many follow it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Standing {
    /// Whether they follow it.
    pub subscribed: bool,
    /// How many do.
    pub subscribers_count: i64,
}

/// What to make of a subscription.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Wish {
    /// It is there afterwards.
    Follow,
    /// It is not.
    Leave,
    /// It is where it was not, and the other way round.
    Toggle,
}

/// A channel that somebody follows.
#[derive(Debug)]
pub struct Followed {
    /// The subscription and the channel.
    pub row: SubscriptionRow,
    /// The newest of the channel that everyone may find.
    pub latest_video: Option<VideoRow>,
}

/// One thing in a feed.
#[derive(Debug)]
pub enum FeedItem {
    /// A video.
    Video(Box<VideoRow>),
    /// A tweet.
    Tweet(Box<TweetRow>),
}

/// What an event about a subscription says.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Told {
    channel: UserId,
    is_subscribed: bool,
}

/// A subscription has come or gone for good: whoever is to hear of it is told here, and nowhere else. The channel is
/// not told who it was.
fn committed(core: &Core, channel: UserId, is_subscribed: bool, actor: &Actor) {
    let told = Told {
        channel,
        is_subscribed,
    };
    let own = Audience::User(actor.user_id);
    events::tell(core, kinds::SUBSCRIPTION_CHANGED, own, &told);
    // How many there are then is told with those of others; see `events::rounds`.
    events::tell(core, kinds::SUBSCRIBERS_CHANGED, Audience::User(channel), &());
}

/// Following channels, and what they bring out.
#[derive(Debug)]
pub struct Subscriptions {
    core: Arc<Core>,
}

impl Subscriptions {
    pub(crate) fn new(core: Arc<Core>) -> Self {
        Self { core }
    }

    /// Makes the actor follow a channel, or not; answers how they stand to it now.
    pub async fn set(&self, channel: UserId, wish: Wish, actor: &Actor) -> Result<Standing, Error> {
        if channel == actor.user_id {
            return Err(Error::refused(
                Kind::Invalid,
                "own_channel",
                "Nobody follows themselves.",
            ));
        }
        let mut tx = self.core.store.write().await?;
        find(&mut tx, channel).await?;
        let me = present(&mut tx, actor.user_id)
            .await?
            .ok_or_else(Error::unauthenticated)?;
        let there = subscriptions::exists(&mut tx, me.id, channel).await?;
        let now = self.core.clock.now();
        let subscribed = match wish {
            Wish::Follow => true,
            Wish::Leave => false,
            Wish::Toggle => !there,
        };
        if subscribed && !there {
            if me.subscriptions_count >= MOST_SUBSCRIPTIONS {
                let message = format!("Nobody follows more than {MOST_SUBSCRIPTIONS} channels.");
                return Err(Error::refused(
                    Kind::Unprocessable,
                    "too_many_subscriptions",
                    message,
                ));
            }
            subscriptions::add(&mut tx, self.core.ids.next(now), me.id, channel, now).await?;
            webhooks::note(&mut tx, channel, Happened::SubscriberAdded, channel.0, now).await?;
        } else if !subscribed && there {
            subscriptions::remove(&mut tx, me.id, channel, Some(now)).await?;
        }
        let subscribers_count = subscriptions::subscribers_count(&mut tx, channel).await?;
        tx.commit().await?;
        if subscribed != there {
            committed(&self.core, channel, subscribed, actor);
        }
        Ok(Standing {
            subscribed,
            subscribers_count,
        })
    }

    /// How the viewer stands to a channel, now.
    pub async fn standing(&self, channel: UserId, viewer: &Viewer) -> Result<Standing, Error> {
        let mut tx = self.core.store.read();
        let (subscribed, subscribers_count) = match viewer {
            Some(actor) => subscriptions::standing(&mut tx, actor.user_id, channel).await?,
            None => (false, subscriptions::subscribers_count(&mut tx, channel).await?),
        };
        Ok(Standing {
            subscribed,
            subscribers_count,
        })
    }

    /// Who follows a channel, newest first. Those who hide whom they follow are shown to themselves and to admins;
    /// for all others the list is as if they did not follow it.
    pub async fn subscribers(
        &self,
        channel: UserId,
        request: &Request,
        viewer: &Viewer,
    ) -> Result<Slice<SubscriptionRow>, Error> {
        let ask = request.ask(SUBSCRIBERS, Place::TOP)?;
        let mut tx = self.reader(ask.deep);
        find(&mut tx, channel).await?;
        let reader = match viewer {
            Some(actor) if actor.is_admin() => Reader::Admin,
            viewer => Reader::Of(viewer.map(|actor| actor.user_id)),
        };
        let rows = subscriptions::subscribers(&mut tx, channel, reader, ask.start, ask.rows).await?;
        request.cut(SUBSCRIBERS, rows, place)
    }

    /// Which channels somebody follows, newest first, with the latest that each brought out.
    pub async fn channels(
        &self,
        subscriber: UserId,
        request: &Request,
        viewer: &Viewer,
    ) -> Result<Slice<Followed>, Error> {
        let ask = request.ask(CHANNELS, Place::TOP)?;
        let mut tx = self.reader(ask.deep);
        let user = find(&mut tx, subscriber).await?;
        if user.subscriptions_hidden && !sees(viewer, subscriber) {
            return Err(Error::refused(
                Kind::Forbidden,
                "subscriptions_hidden",
                "This user does not show whom they follow.",
            ));
        }
        let rows = subscriptions::channels(&mut tx, subscriber, ask.start, ask.rows).await?;
        let slice = request.cut(CHANNELS, rows, place)?;
        let ids: Vec<UserId> = slice.items.iter().map(|row| row.user_id).collect();
        let mut tx = self.core.store.read();
        let latest: HashMap<UserId, VideoId> = subscriptions::latest_videos(&mut tx, &ids)
            .await?
            .into_iter()
            .collect();
        let ids: Vec<VideoId> = latest.values().copied().collect();
        let mut videos = by_id(&mut tx, &ids).await?;
        Ok(slice.map(|row| {
            let latest_video = latest.get(&row.user_id).and_then(|id| videos.remove(id));
            Some(Followed { row, latest_video })
        }))
    }

    /// What the channels that the actor follows brought out, newest first.
    pub async fn feed(&self, request: &Request, actor: &Actor) -> Result<Slice<FeedItem>, Error> {
        let ask = request.ask(FEED, Place::TOP)?;
        let followed = subscriptions::subscriptions_count(&mut self.core.store.read(), actor.user_id).await?;
        let mut tx = self.core.store.read();
        let mut many = self.reader(followed > feed::FEW);
        let place = ask.start.after;
        let posts = feed::page(&mut tx, &mut many, actor.user_id, place, Since::Ever, ask.rows).await?;
        let slice = request.cut(FEED, posts, Post::place)?;
        let ids = |kind| {
            slice
                .items
                .iter()
                .filter(move |post| post.kind == kind)
                .map(|post| post.id)
        };
        let video_ids: Vec<VideoId> = ids(PostKind::Video).map(VideoId).collect();
        let tweet_ids: Vec<TweetId> = ids(PostKind::Tweet).map(TweetId).collect();
        let mut tx = self.core.store.read();
        let mut videos = by_id(&mut tx, &video_ids).await?;
        let viewer = Some(*actor);
        let mut tweets: HashMap<TweetId, TweetRow> = tweets::of_ids(&mut tx, &tweet_ids, Some(actor.user_id))
            .await?
            .into_iter()
            .map(|tweet| (tweet.id, shown(tweet, &viewer)))
            .collect();
        // What went, or went out of sight, since its post was read is left out.
        Ok(slice.map(|post| match post.kind {
            PostKind::Video => videos
                .remove(&VideoId(post.id))
                .filter(|video| video.listed)
                .map(|video| FeedItem::Video(Box::new(video))),
            PostKind::Tweet => tweets
                .remove(&TweetId(post.id))
                .map(|tweet| FeedItem::Tweet(Box::new(tweet))),
        }))
    }

    fn reader(&self, slow: bool) -> Tx {
        if slow {
            self.core.store.slow_read(SLOW_READ_MS)
        } else {
            self.core.store.read()
        }
    }
}

fn place(row: &SubscriptionRow) -> Place {
    Place::new(row.created_at, row.id.0)
}

/// Whether they may see what this user hides.
pub(crate) fn sees(viewer: &Viewer, user: UserId) -> bool {
    viewer.is_some_and(|actor| actor.is_admin() || actor.user_id == user)
}

pub(crate) async fn find(tx: &mut Tx, id: UserId) -> Result<UserRow, Error> {
    present(tx, id).await?.ok_or_else(Error::no_user)
}

/// A user who has not left.
pub(crate) async fn present(tx: &mut Tx, id: UserId) -> Result<Option<UserRow>, StoreError> {
    Ok(users::find(tx, id)
        .await?
        .filter(|user| user.disabled_at.is_none()))
}

/// The videos of these ids that there are.
pub(crate) async fn by_id(tx: &mut Tx, ids: &[VideoId]) -> Result<HashMap<VideoId, VideoRow>, StoreError> {
    let rows = videos::list::of_ids(tx, ids).await?;
    Ok(rows.into_iter().map(|video| (video.id, video)).collect())
}
