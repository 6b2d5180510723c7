//! What people said: comments, the answers to them, and tweets.

use import::Collection;
use import::rows::{self, Row};
use model::comments::{self as comment_rules};
use model::tweets::{self as tweet_rules};
use model::{CommentId, ObjectId, TweetId, VideoId};
use store::imports::{self as marks, Kind};
use store::{comments, tweets};

use super::fitted::{Changes, fitted};
use super::{Entry, Outcome, Take, World};
use crate::error::Error;

const NO_OWNER: &str = "whoever said it is not there";
const NO_VIDEO: &str = "the video that it is about is not there";
const NO_WORDS: &str = "it has no words that could be taken";

/// Comments at the top.
pub(super) struct Comments;

impl Take for Comments {
    type Row = rows::Comment;
    type Ready = ();
    const COLLECTION: Collection = Collection::Comments;
    const KIND: Kind = Kind::Comment;

    fn read(row: &Row<'_>) -> rows::Comment {
        row.comment()
    }

    async fn take(
        world: &mut World<'_>,
        entry: &Entry<rows::Comment>,
        (): &(),
    ) -> Result<Option<Outcome>, Error> {
        if entry.row.parent.is_some() {
            return Ok(None);
        }
        add_comment(world, entry, None).await.map(Some)
    }
}

/// Answers: in rounds those to what is there, and in the `LAST` round all that no round could take.
pub(super) struct Replies<const LAST: bool>;

impl<const LAST: bool> Take for Replies<LAST> {
    type Row = rows::Comment;
    type Ready = ();
    const COLLECTION: Collection = Collection::Comments;
    const KIND: Kind = Kind::Comment;
    const WHOLE: bool = false;

    fn read(row: &Row<'_>) -> rows::Comment {
        row.comment()
    }

    fn concerns(row: &rows::Comment) -> bool {
        row.parent.is_some()
    }

    async fn take(
        world: &mut World<'_>,
        entry: &Entry<rows::Comment>,
        (): &(),
    ) -> Result<Option<Outcome>, Error> {
        let Some(parent) = entry.row.parent else {
            return Ok(None);
        };
        // A trial run walks over them again and again: nothing is marked.
        if world.dry && world.has(Kind::Comment, entry.id).await? {
            return Ok(None);
        }
        if !world.has(Kind::Comment, parent).await? {
            return Ok(LAST.then_some(Outcome::Left("the comment that it answers is not there")));
        }
        let outcome = add_comment(world, entry, Some(parent)).await?;
        // Those that cannot be taken are told of once, at the end.
        Ok(Some(outcome).filter(|outcome| LAST || !matches!(outcome, Outcome::Left(_))))
    }
}

async fn add_comment(
    world: &mut World<'_>,
    entry: &Entry<rows::Comment>,
    parent: Option<ObjectId>,
) -> Result<Outcome, Error> {
    let row = &entry.row;
    if world.has(Kind::Comment, entry.id).await? {
        return Ok(Outcome::Known);
    }
    let Some(owner_id) = world.owner(row.owner).await? else {
        return Ok(Outcome::Left(NO_OWNER));
    };
    let Some(video) = row.video else {
        return Ok(Outcome::Left(NO_VIDEO));
    };
    if !world.has(Kind::Video, video).await? {
        return Ok(Outcome::Left(NO_VIDEO));
    }
    let text = row.content.as_deref().unwrap_or_default();
    let Some((content, cut)) = fitted(text, comment_rules::MAX_CONTENT, comment_rules::content) else {
        return Ok(Outcome::Left(NO_WORDS));
    };
    let mut changes = Changes::default();
    if cut {
        changes.say("the text was cut");
    }
    world.plan(Kind::Comment, entry.id);
    if world.dry {
        return Ok(changes.outcome());
    }
    // Threads are one level deep: an answer to an answer stands in the same thread.
    let top = match parent {
        None => None,
        Some(parent) => match comments::place(&mut world.tx, CommentId(parent)).await? {
            Some(place) if place.video_id == VideoId(video) => {
                Some(place.parent_id.unwrap_or(CommentId(parent)))
            }
            _ => {
                return Ok(Outcome::Left(
                    "the comment that it answers is under another video",
                ));
            }
        },
    };
    comments::add(
        &mut world.tx,
        &comments::New {
            id: CommentId(entry.id),
            video_id: VideoId(video),
            owner_id,
            parent_id: top,
            content: &content,
            now: entry.times.created_at,
            shown_at: entry.times.created_at,
        },
    )
    .await?;
    marks::carry_time(&mut world.tx, Kind::Comment, entry.id, entry.times.updated_at).await?;
    Ok(changes.outcome())
}

/// Tweets.
pub(super) struct Tweets;

impl Take for Tweets {
    type Row = rows::Tweet;
    type Ready = ();
    const COLLECTION: Collection = Collection::Tweets;
    const KIND: Kind = Kind::Tweet;

    fn read(row: &Row<'_>) -> rows::Tweet {
        row.tweet()
    }

    async fn take(
        world: &mut World<'_>,
        entry: &Entry<rows::Tweet>,
        (): &(),
    ) -> Result<Option<Outcome>, Error> {
        let row = &entry.row;
        if world.has(Kind::Tweet, entry.id).await? {
            return Ok(Some(Outcome::Known));
        }
        let Some(owner_id) = world.owner(row.owner).await? else {
            return Ok(Some(Outcome::Left(NO_OWNER)));
        };
        let text = row.content.as_deref().unwrap_or_default();
        let Some((content, cut)) = fitted(text, tweet_rules::MAX_CONTENT, tweet_rules::content) else {
            return Ok(Some(Outcome::Left(NO_WORDS)));
        };
        let mut changes = Changes::default();
        if cut {
            changes.say("the text was cut");
        }
        let video = match row.video {
            Some(video) if world.has(Kind::Video, video).await? => Some(VideoId(video)),
            Some(_) => {
                changes.say("the video that it was about is not there");
                None
            }
            None => None,
        };
        world.plan(Kind::Tweet, entry.id);
        if world.dry {
            return Ok(Some(changes.outcome()));
        }
        tweets::add(
            &mut world.tx,
            &tweets::New {
                id: TweetId(entry.id),
                owner_id,
                content: &content,
                video_id: video,
                video_at_ms: None,
                now: entry.times.created_at,
            },
        )
        .await?;
        marks::carry_time(&mut world.tx, Kind::Tweet, entry.id, entry.times.updated_at).await?;
        Ok(Some(changes.outcome()))
    }
}
