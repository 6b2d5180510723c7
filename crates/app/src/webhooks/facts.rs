//! What happened on channels, made into deliveries: one for each webhook that asked for it, with the text to send.
//!
//! The text is made of the rows as they stand now, a moment after the fact. What has gone or was hidden meanwhile is
//! not sent, and neither is anything to somebody whose account is switched off.

use model::videos::Visibility;
use model::webhooks::{Event, MOST, State};
use model::{CommentId, Millis, ObjectId, TweetId, UserId, VideoId, WebhookId};
use serde::Serialize;
use store::webhooks::{self as rows, DeliveryRow, FactRow};
use store::{Tx, comments, subscriptions, tweets, users, videos};

use super::MOST_WAITING;
use crate::core::Core;
use crate::error::Error;
use crate::events::videos::Shown;

/// Facts taken in one transaction.
const BATCH: i64 = 50;

/// What is sent.
#[derive(Serialize)]
struct Sent<T> {
    #[serde(rename = "type")]
    kind: &'static str,
    timestamp: Millis,
    data: T,
}

#[derive(Serialize)]
struct Gone {
    video: ObjectId,
}

#[derive(Serialize)]
struct Commented {
    video: VideoId,
    comment: CommentId,
    parent: Option<CommentId>,
    owner: UserId,
}

#[derive(Serialize)]
struct Tweeted {
    tweet: TweetId,
    owner: UserId,
    video: Option<VideoId>,
}

/// Who it is that follows is not told to the channel anywhere.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Followed {
    channel: UserId,
    subscribers_count: i64,
}

#[derive(Serialize)]
struct Tried {
    webhook: WebhookId,
}

fn text<T: Serialize>(event: Event, timestamp: Millis, data: T) -> Result<String, Error> {
    let sent = Sent {
        kind: event.name(),
        timestamp,
        data,
    };
    serde_json::to_string(&sent).map_err(|error| Error::failed("text of a webhook", error))
}

/// The text of a test.
pub(super) fn test(webhook: WebhookId, now: Millis) -> Result<String, Error> {
    text(Event::Test, now, Tried { webhook })
}

/// Adds a delivery that is due now. Where too much waits, it is kept as given up, for its owner to see.
pub(super) async fn delivery(
    core: &Core,
    tx: &mut Tx,
    webhook: WebhookId,
    event: Event,
    body: String,
    now: Millis,
) -> Result<DeliveryRow, Error> {
    let fits = rows::waiting(tx, webhook, MOST_WAITING).await? < MOST_WAITING;
    let row = DeliveryRow {
        id: core.ids.next(now),
        webhook_id: webhook,
        event,
        body,
        state: if fits { State::Pending } else { State::Dead },
        attempts: 0,
        next_at: fits.then_some(now),
        response_status: None,
        duration_ms: None,
        fault: (!fits).then(|| "too many waiting".to_owned()),
        created_at: now,
    };
    rows::add_delivery(tx, &row).await?;
    Ok(row)
}

/// Makes deliveries of some facts, the oldest first. Tells whether there may be more.
pub(super) async fn expand(core: &Core) -> Result<bool, Error> {
    // The look costs nothing but a step along the table, which is empty nearly always.
    if rows::facts(&mut core.store.read(), 1).await?.is_empty() {
        return Ok(false);
    }
    let now = core.clock.now();
    let mut tx = core.store.write().await?;
    let facts = rows::facts(&mut tx, BATCH).await?;
    for fact in &facts {
        if let Some(event) = fact.event {
            spread(core, &mut tx, fact, event, now).await?;
        }
        rows::remove_fact(&mut tx, fact.seq).await?;
    }
    tx.commit().await?;
    Ok(facts.len() as i64 == BATCH)
}

async fn spread(core: &Core, tx: &mut Tx, fact: &FactRow, event: Event, now: Millis) -> Result<(), Error> {
    let mut wanted = rows::list(tx, fact.owner_id, MOST).await?;
    wanted.retain(|webhook| webhook.active && webhook.events.has(event));
    if wanted.is_empty() {
        return Ok(());
    }
    let Some(body) = told(tx, fact, event).await? else {
        return Ok(());
    };
    for webhook in wanted {
        delivery(core, tx, webhook.id, event, body.clone(), now).await?;
    }
    Ok(())
}

/// The text of a fact; `None` where there is nothing to tell any more.
async fn told(tx: &mut Tx, fact: &FactRow, event: Event) -> Result<Option<String>, Error> {
    let at = fact.created_at;
    let subject = fact.subject_id;
    match event {
        Event::VideoPublished | Event::VideoReady | Event::VideoFailed => {
            let video = videos::find(tx, VideoId(subject)).await?;
            // One that is not theirs any more, or not public any more, was not published to anyone.
            let video = video.filter(|video| {
                video.owner_id == fact.owner_id && (event != Event::VideoPublished || video.listed)
            });
            video.map(|video| text(event, at, Shown::of(&video))).transpose()
        }
        Event::VideoRemoved => text(event, at, Gone { video: subject }).map(Some),
        Event::CommentCreated => {
            let Some(comment) = comments::find(tx, CommentId(subject), None).await? else {
                return Ok(None);
            };
            // A thread that was taken down is hidden with all that is in it.
            if let Some(parent) = comment.parent_id
                && comments::find(tx, parent, None).await?.is_none()
            {
                return Ok(None);
            }
            let data = Commented {
                video: comment.video_id,
                comment: comment.id,
                parent: comment.parent_id,
                owner: comment.owner_id,
            };
            text(event, at, data).map(Some)
        }
        Event::TweetCreated => {
            let Some(tweet) = tweets::find(tx, TweetId(subject), None).await? else {
                return Ok(None);
            };
            let seen = tweet.about.filter(|about| {
                let standing = &about.standing;
                let open =
                    standing.visibility != Visibility::Private && standing.watchable && !standing.taken_down;
                open || standing.owner_id == fact.owner_id
            });
            let data = Tweeted {
                tweet: tweet.id,
                owner: tweet.owner_id,
                video: seen.map(|about| about.id),
            };
            text(event, at, data).map(Some)
        }
        Event::SubscriberAdded => {
            if users::find(tx, fact.owner_id).await?.is_none() {
                return Ok(None);
            }
            let data = Followed {
                channel: fact.owner_id,
                subscribers_count: subscriptions::subscribers_count(tx, fact.owner_id).await?,
            };
            text(event, at, data).map(Some)
        }
        Event::Test => Ok(None),
    }
}
