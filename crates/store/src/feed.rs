//! What the channels that somebody follows brought out: posts (see [`crate::channel_posts`]) before a place, and
//! how many there are after one.
//!
//! Nothing is written for each follower, so this is found when it is asked for. Who follows a few channels: the
//! newest of each are merged, one short step along an index for every post on the page. Who follows many: most of
//! what is new on the site is new to them, so the newest of the site are walked, and each is looked up among the
//! channels followed; where a bounded walk does not fill the page, the rest is merged.
//!
//! What a post shows, and whether it still may be shown, is for whoever reads the video or tweet behind it.

use std::collections::{BinaryHeap, HashMap, VecDeque};

use model::{Millis, ObjectId, UserId};

use crate::channel_posts::Kind;
use crate::places::Place;
use crate::{Row, StoreError, Tx, params, subscriptions};

/// Up to this many channels are merged at once.
pub const FEW: i64 = 256;
/// How many of the newest posts of the site are looked at for those who follow more.
pub const WALK: i64 = 2_000;
/// Posts of one channel that are read in one go, once its newest turned out to be new enough for the page.
const REFILL: i64 = 8;

/// One post.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Post {
    /// Of the video or tweet.
    pub id: ObjectId,
    /// Whose.
    pub channel: UserId,
    /// Which of the two.
    pub kind: Kind,
    /// When it came out.
    pub published_at: Millis,
}

impl Post {
    /// Where it stands in a feed.
    pub fn place(&self) -> Place {
        Place::new(self.published_at, self.id)
    }
}

/// Which posts of a channel.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Since {
    /// All of them.
    Ever,
    /// Those that came out after the channel was followed.
    Subscribed,
}

fn map(row: &Row<'_>) -> Result<Post, StoreError> {
    Ok(Post {
        id: row.id(0)?,
        channel: row.id(1)?,
        kind: Kind::from_code(row.int(2)?),
        published_at: row.millis(3)?,
    })
}

/// When the newest post of each channel followed came out, before a place; channel by channel, as the index has them.
/// Of most that is kept; only into the posts of those that brought something out since then it takes a step. Public,
/// as the other texts here, for the test of its plan.
pub const HEADS: &str = "SELECT s.channel_id, s.created_at, CASE WHEN h.newest_at < $1 THEN h.newest_at ELSE \
     (SELECT q.published_at FROM channel_posts q WHERE q.channel_id = h.channel_id AND (q.published_at, q.id) < ($1, $2) \
     ORDER BY q.published_at DESC, q.id DESC LIMIT 1) END FROM subscriptions s CROSS JOIN channel_heads h \
     WHERE s.subscriber_id = $3 AND h.channel_id = s.channel_id ORDER BY s.channel_id";

/// Posts of one channel before a place.
pub const OF_CHANNEL: &str = "SELECT id, channel_id, kind, published_at FROM channel_posts \
     WHERE channel_id = $1 AND (published_at, id) < ($2, $3) ORDER BY published_at DESC, id DESC LIMIT $4";

/// When the last post of a walk came out.
pub const WALK_END: &str = "SELECT published_at FROM channel_posts WHERE (published_at, id) < ($1, $2) \
     ORDER BY published_at DESC, id DESC LIMIT 1 OFFSET $3";

/// Posts of the site between two places, of channels that are followed.
pub const WALKED: &str = "SELECT p.id, p.channel_id, p.kind, p.published_at FROM channel_posts p \
     WHERE p.published_at >= $1 AND (p.published_at, p.id) < ($2, $3) AND EXISTS (SELECT 1 FROM subscriptions s \
     WHERE s.subscriber_id = $4 AND s.channel_id = p.channel_id AND ($5 = 1 OR s.created_at <= p.published_at)) \
     ORDER BY p.published_at DESC, p.id DESC LIMIT $6";

/// Posts that came out after a place and after the subscription, channel by channel.
pub const COUNT_BY_CHANNEL: &str = "SELECT count(*) FROM (SELECT 1 FROM subscriptions s JOIN channel_posts p \
     ON p.channel_id = s.channel_id AND p.published_at >= CASE WHEN s.created_at > $1 THEN s.created_at ELSE $1 END \
     WHERE s.subscriber_id = $2 AND NOT (p.published_at = $1 AND p.id <= $3) LIMIT $4) AS found";

/// The same, from the newest posts of the site.
pub const COUNT_WALKED: &str = "SELECT count(*) FROM (SELECT 1 FROM channel_posts p WHERE p.published_at >= $1 \
     AND NOT (p.published_at = $1 AND p.id <= $2) AND EXISTS (SELECT 1 FROM subscriptions s \
     WHERE s.subscriber_id = $3 AND s.channel_id = p.channel_id AND s.created_at <= p.published_at) LIMIT $4) AS found";

/// Posts of the channels that `user` follows, before `before`, newest first, at most `limit`. What costs a step for
/// each of many channels or posts is asked of `many`, the rest of `tx`.
pub async fn page(
    tx: &mut Tx,
    many: &mut Tx,
    user: UserId,
    before: Place,
    since: Since,
    limit: i64,
) -> Result<Vec<Post>, StoreError> {
    let followed = subscriptions::subscriptions_count(tx, user).await?;
    if followed <= 0 || limit <= 0 {
        return Ok(Vec::new());
    }
    if followed <= FEW {
        return merge(tx, many, user, before, since, limit).await;
    }
    // Found first, so that what comes out or goes meanwhile falls on the one side of it or the other.
    let end = tx
        .one(WALK_END, &params![before.at, before.id, WALK - 1], |row| {
            row.int(0)
        })
        .await?;
    let ever = i64::from(since == Since::Ever);
    let mut posts = many
        .all(
            WALKED,
            &params![end.unwrap_or(i64::MIN), before.at, before.id, user, ever, limit],
            map,
        )
        .await?;
    let missing = limit - i64::try_from(posts.len()).unwrap_or(limit);
    if let Some(end) = end
        && missing > 0
    {
        let rest = Place {
            at: end,
            id: ObjectId([0; 12]),
        };
        posts.extend(merge(tx, many, user, rest, since, missing).await?);
    }
    Ok(posts)
}

/// A channel that has something.
struct Head {
    /// When its newest came out.
    newest: i64,
    channel: UserId,
    /// Nothing older than this is wanted.
    floor: i64,
}

/// What is left of one channel.
struct Stream {
    /// Nothing older than this.
    floor: i64,
    /// Posts that were read and not given out, newest first.
    read: VecDeque<Post>,
}

/// As [`page`], without the walk: looks at each channel for the time of its newest post, which tells the few that
/// the page can be from; then always the newest of those and its channel's next.
pub async fn merge(
    tx: &mut Tx,
    many: &mut Tx,
    user: UserId,
    before: Place,
    since: Since,
    limit: i64,
) -> Result<Vec<Post>, StoreError> {
    let limit = usize::try_from(limit).unwrap_or(0);
    let heads = many
        .all(HEADS, &params![before.at, before.id, user], |row| {
            let floor = match since {
                Since::Ever => i64::MIN,
                Since::Subscribed => row.int(1)?,
            };
            let channel = row.id(0)?;
            Ok(row.opt_int(2)?.map(|newest| Head {
                newest,
                channel,
                floor,
            }))
        })
        .await?;
    let mut heads: Vec<Head> = heads
        .into_iter()
        .flatten()
        .filter(|head| head.newest >= head.floor)
        .collect();
    if let Some(last) = limit.checked_sub(1)
        && last < heads.len()
    {
        // All that are as new as the last: which of them come first, their ids decide.
        let (_, last, _) = heads.select_nth_unstable_by_key(last, |head| std::cmp::Reverse(head.newest));
        let oldest = last.newest;
        heads.retain(|head| head.newest >= oldest);
    }
    let mut streams = HashMap::with_capacity(heads.len());
    let mut newest = BinaryHeap::with_capacity(heads.len());
    for Head { channel, floor, .. } in heads {
        let first = params![channel, before.at, before.id, REFILL];
        let read = VecDeque::from(tx.all(OF_CHANNEL, &first, map).await?);
        if let Some(post) = read.front()
            && post.published_at.0 >= floor
        {
            newest.push((post.place(), channel));
            streams.insert(channel, Stream { floor, read });
        }
    }
    let mut posts = Vec::with_capacity(limit.min(128));
    while posts.len() < limit
        && let Some((_, channel)) = newest.pop()
    {
        let Some(stream) = streams.get_mut(&channel) else {
            continue;
        };
        let Some(post) = stream.read.pop_front() else {
            continue;
        };
        posts.push(post);
        if stream.read.is_empty() && posts.len() < limit {
            let next = params![channel, post.published_at, post.id, REFILL];
            stream.read.extend(tx.all(OF_CHANNEL, &next, map).await?);
        }
        if let Some(next) = stream.read.front()
            && next.published_at.0 >= stream.floor
        {
            newest.push((next.place(), channel));
        }
    }
    Ok(posts)
}

/// How many posts of channels that `user` follows came out after `after` and after `user` began to follow the
/// channel; counts no further than `most`.
pub async fn count_after(tx: &mut Tx, user: UserId, after: Place, most: i64) -> Result<i64, StoreError> {
    let followed = subscriptions::subscriptions_count(tx, user).await?;
    if followed <= 0 || most <= 0 {
        return Ok(0);
    }
    if followed > FEW {
        // Worth a walk only where it comes to an end: where little came out on the whole site since then.
        let much = tx
            .one(
                "SELECT 1 FROM channel_posts WHERE published_at >= $1 ORDER BY published_at, id LIMIT 1 OFFSET $2",
                &params![after.at, WALK],
                |row| row.int(0),
            )
            .await?
            .is_some();
        if !much {
            let walked = params![after.at, after.id, user, most];
            return Ok(tx
                .one(COUNT_WALKED, &walked, |row| row.int(0))
                .await?
                .unwrap_or(0));
        }
    }
    let by_channel = params![after.at, user, after.id, most];
    Ok(tx
        .one(COUNT_BY_CHANNEL, &by_channel, |row| row.int(0))
        .await?
        .unwrap_or(0))
}
