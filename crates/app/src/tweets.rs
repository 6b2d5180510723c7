//! Tweets: who may write, change and remove them, and what a reader is told of the video that one is about.
//!
//! Everyone may read every tweet. A tweet may be about a video that its author may see, and a place in it; a
//! reader who may not find that video by themselves is told nothing of it, as if the tweet were about nothing.

use std::sync::Arc;

use bus::Audience;
use model::moderation::{Kind as Subject, Target};
use model::text::Fault;
use model::tweets as rules;
use model::videos::Visibility;
use model::webhooks::Event as Happened;
use model::{TweetId, UserId, VideoId};
use serde::Serialize;
use store::channel_posts::Kind as PostKind;
use store::keyset::{self, Sort};
use store::tweets::list::{self, Query};
use store::tweets::{self, New, TweetRow};
use store::{counters, jobs as job_rows, likes, videos};

use crate::blocks::must_be_heard;
use crate::core::Core;
use crate::error::{Error, Fields, Kind, Refusal};
use crate::events::{self, kinds};
use crate::jobs::{self, remove_conversation};
use crate::moderation;
use crate::notifications;
use crate::pages::{Asked, Paged, Patience};
use crate::playback::Playback;
use crate::sessions::{Actor, Viewer};
use crate::videos::{may_see, may_see_standing};
use crate::webhooks;

/// Writing, reading and removing tweets.
#[derive(Debug)]
pub struct Tweets {
    core: Arc<Core>,
    playback: Arc<Playback>,
}

/// What a tweet is made of.
#[derive(Debug, Default)]
pub struct Draft {
    /// The text.
    pub content: Option<String>,
    /// The id of the video it is about.
    pub video: Option<String>,
    /// The place in that, seconds from its start.
    pub video_at: Option<f64>,
}

/// Which tweets.
#[derive(Debug, Clone, Copy, Default)]
pub struct Filter<'a> {
    /// Only with these words.
    pub words: Option<&'a str>,
    /// Only by this author.
    pub user: Option<UserId>,
    /// Only about this video.
    pub video: Option<VideoId>,
}

/// What became of a tweet.
#[derive(Debug)]
enum Committed<'a> {
    Added(&'a TweetRow),
    Changed(&'a TweetRow),
    Removed(TweetId, UserId),
}

/// What an event about a tweet says.
#[derive(Serialize)]
struct Told {
    tweet: TweetId,
    owner: UserId,
    video: Option<VideoId>,
}

/// A change of tweets has become durable: whoever is to hear of it is told here, and nowhere else.
fn committed(core: &Core, change: &Committed<'_>) {
    match change {
        Committed::Added(row) => {
            tracing::debug!(tweet.id = %row.id, "Added tweet {}", row.id);
            let author = row.owner_id;
            let told = Told {
                tweet: row.id,
                owner: author,
                video: row.about.as_ref().map(|about| about.id),
            };
            let audience = match told.video {
                Some(video) => Audience::Watchers {
                    video,
                    owner: Some(author),
                },
                None => Audience::User(author),
            };
            events::tell(core, kinds::TWEET_CREATED, audience, &told);
            notifications::tell_post(core, author, PostKind::Tweet, row.id.0, row.created_at);
        }
        Committed::Changed(row) => tracing::debug!(tweet.id = %row.id, "Changed tweet {}", row.id),
        Committed::Removed(id, owner) => {
            tracing::debug!(tweet.id = %id, user.id = %owner, "Removed tweet {id}");
        }
    }
}

/// No such tweet.
pub(crate) fn no_tweet() -> Error {
    Error::refused(Kind::NotFound, "tweet_not_found", "Tweet not found")
}

/// What `viewer` is shown of a tweet. Nobody finds an unlisted video through what somebody says about it whose it is
/// not; whoever tweets about one of their own hands it out.
pub(crate) fn shown(mut tweet: TweetRow, viewer: &Viewer) -> TweetRow {
    let is_author = viewer.is_some_and(|actor| actor.user_id == tweet.owner_id);
    tweet.about = tweet.about.filter(|about| {
        let standing = &about.standing;
        may_see_standing(standing, viewer)
            && (is_author
                || tweet.owner_id == standing.owner_id
                || standing.visibility == Visibility::Public
                || viewer.is_some_and(|actor| actor.is_admin() || actor.user_id == standing.owner_id))
    });
    tweet
}

/// The same of a tweet about a video that `viewer` has named, and so knows of.
fn shown_about(mut tweet: TweetRow, viewer: &Viewer) -> TweetRow {
    tweet.about = tweet
        .about
        .filter(|about| may_see_standing(&about.standing, viewer));
    tweet
}

impl Tweets {
    pub(crate) fn new(core: Arc<Core>, playback: Arc<Playback>) -> Self {
        Self { core, playback }
    }

    /// Tweets of all, of an author, about a video, with some words.
    pub async fn list(
        &self,
        filter: Filter<'_>,
        asked: &Asked,
        viewer: &Viewer,
    ) -> Result<Paged<TweetRow>, Error> {
        let begin = asked.begin("tweets", 0)?;
        let words = match filter.words {
            None => None,
            Some(text) => match keyset::words(text) {
                Some(words) => Some(words),
                None => return Ok(Paged::empty()),
            },
        };
        if let Some(video) = filter.video {
            // To those who may not see it there is no such video, and nothing about it.
            let video = self.playback.believed(video).await?;
            if !video.is_some_and(|video| may_see(&video, viewer)) {
                return Ok(Paged::empty());
            }
        }
        let query = Query {
            owner: filter.user,
            video: filter.video,
            words: words.as_deref(),
            reader: viewer.map(|actor| actor.user_id),
            walk: asked.walk(begin),
        };
        let patience = Patience::of(query.words.is_some());
        let mut tx = if list::is_quick(&query) {
            self.core.store.read()
        } else {
            patience.reader(&self.core.store)
        };
        let mut rows = list::list(&mut tx, &query).await?;
        let next_cursor = asked.cut("tweets", &mut rows, 0, |row| key(asked.sort, row));
        let shown = if filter.video.is_some() {
            shown_about
        } else {
            shown
        };
        let rows = rows.into_iter().map(|row| shown(row, viewer)).collect();
        if asked.by_cursor() {
            return Ok(Paged {
                rows,
                next_cursor,
                ..Paged::empty()
            });
        }
        let total = self.total(&query, patience).await?;
        Ok(Paged::numbered(rows, total))
    }

    /// How many there are: from a kept counter where the list has one, else counted up to a bound.
    async fn total(&self, query: &Query<'_>, patience: Patience) -> Result<i64, Error> {
        let mut tx = self.core.store.read();
        match (query.words, query.owner, query.video) {
            (None, None, None) => Ok(counters::find(&mut tx, counters::TWEETS).await?),
            (None, Some(owner), None) => Ok(tweets::count_of(&mut tx, owner).await?.unwrap_or(0)),
            _ => Ok(list::count(&mut patience.reader(&self.core.store), query).await?),
        }
    }

    /// The newest tweets of somebody who is there.
    pub async fn list_of(
        &self,
        user: UserId,
        asked: &Asked,
        viewer: &Viewer,
    ) -> Result<Paged<TweetRow>, Error> {
        if tweets::count_of(&mut self.core.store.read(), user)
            .await?
            .is_none()
        {
            return Err(Error::no_user());
        }
        let filter = Filter {
            user: Some(user),
            ..Filter::default()
        };
        self.list(filter, asked, viewer).await
    }

    /// Writes a tweet.
    pub async fn add(&self, draft: Draft, actor: &Actor) -> Result<TweetRow, Error> {
        let viewer = Some(*actor);
        let mut fields = Fields::default();
        let content = fields.require("content", draft.content.as_deref(), rules::content);
        let video_id = fields.optional("video", draft.video.as_deref(), |text| {
            text.parse::<VideoId>()
                .map_err(|_| Fault::new("malformed", "Ids are 24 hex digits."))
        });
        if draft.video_at.is_some() && draft.video.is_none() {
            fields.blame("videoAt", Fault::new("no_video", "Say of which video."));
        }
        let Some(content) = content else {
            return Err(fields.into_error());
        };
        fields.done()?;
        let now = self.core.clock.now();
        let mut tx = self.core.store.write().await?;
        let mut video_at_ms = None;
        if let Some(id) = video_id {
            let video = videos::find(&mut tx, id)
                .await?
                .filter(|video| may_see(video, &viewer))
                .ok_or_else(Error::no_video)?;
            must_be_heard(&mut tx, video.owner_id, actor).await?;
            if let Some(at) = draft.video_at {
                let place = rules::place(at, video.duration_ms);
                video_at_ms = Some(place.map_err(|fault| Error::field("videoAt", fault))?);
            }
        }
        let id = self.core.ids.next(now);
        tweets::add(
            &mut tx,
            &New {
                id,
                owner_id: actor.user_id,
                content: &content,
                video_id,
                video_at_ms,
                now,
            },
        )
        .await?;
        let row = tweets::find(&mut tx, id, Some(actor.user_id))
            .await?
            // Nobody is there any more who could have written it.
            .ok_or_else(Error::unauthenticated)?;
        webhooks::note(&mut tx, actor.user_id, Happened::TweetCreated, id.0, now).await?;
        tx.commit().await?;
        committed(&self.core, &Committed::Added(&row));
        Ok(shown(row, &viewer))
    }

    /// Writes another text. What it is about stays.
    pub async fn update(&self, id: TweetId, content: Option<&str>, actor: &Actor) -> Result<TweetRow, Error> {
        let viewer = Some(*actor);
        // Whose it is never changes, so it is asked before the writer is taken.
        let owner = self.owner(id).await?;
        if owner != actor.user_id {
            let message = "Only the author of a tweet can do this.";
            return Err(Refusal::new(Kind::Forbidden, "not_the_author", message).into());
        }
        let mut fields = Fields::default();
        let Some(content) = fields.require("content", content, rules::content) else {
            return Err(fields.into_error());
        };
        let mut tx = self.core.store.write().await?;
        let before = tweets::find(&mut tx, id, Some(actor.user_id))
            .await?
            .ok_or_else(no_tweet)?;
        if before.content == content {
            return Ok(shown(before, &viewer));
        }
        if let Some(about) = &before.about {
            must_be_heard(&mut tx, about.standing.owner_id, actor).await?;
        }
        let now = self.core.clock.now();
        tweets::save_content(&mut tx, id, &content, now).await?;
        tx.commit().await?;
        let row = TweetRow {
            content,
            updated_at: now,
            ..before
        };
        committed(&self.core, &Committed::Changed(&row));
        Ok(shown(row, &viewer))
    }

    /// Removes a tweet. Likes of it that are more than a bite go by a job.
    pub async fn remove(&self, id: TweetId, actor: &Actor) -> Result<(), Error> {
        let owner = self.owner(id).await?;
        if owner != actor.user_id && !actor.is_admin() {
            let message = "Only the author of a tweet can do this.";
            return Err(Refusal::new(Kind::Forbidden, "not_the_author", message).into());
        }
        let mut tx = self.core.store.write().await?;
        let target = Target::new(Subject::Tweet, id.0);
        moderation::note_removal(&self.core, &mut tx, actor, owner, target, "").await?;
        let left = tweets::remove(&mut tx, id, remove_conversation::BITE).await?;
        if left {
            let payload = remove_conversation::Payload::Tweet(id);
            let job = jobs::new(&self.core, &payload, None, None, self.core.clock.now())?;
            job_rows::enqueue(&mut tx, &job.as_row()).await?;
        }
        tx.commit().await?;
        if left {
            self.core.bus.wake(jobs::TOPIC);
        }
        committed(&self.core, &Committed::Removed(id, owner));
        Ok(())
    }

    async fn owner(&self, id: TweetId) -> Result<UserId, Error> {
        let target = model::likes::Target::Tweet(id);
        let tweet = likes::counted(&mut self.core.store.read(), target).await?;
        let standing = tweet.filter(|tweet| !tweet.taken_down);
        Ok(standing.ok_or_else(no_tweet)?.owner_id)
    }
}

fn key(sort: Sort, row: &TweetRow) -> (i64, model::ObjectId) {
    (sort.key(row.created_at, row.likes_count), row.id.0)
}
