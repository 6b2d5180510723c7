//! `/subscriptions` and `/feed`: following channels, and what they bring out.

use app::lists::Slice;
use app::subscriptions::{FeedItem, Followed, Standing, Wish};
use app::{Actor, Viewer};
use axum::Extension;
use axum::extract::State;
use axum::response::Response;
use model::{Millis, SubscriptionId, UserId};
use serde::Serialize;
use store::subscriptions::SubscriptionRow;
use utoipa::ToSchema;

use crate::answer;
use crate::arrays::{self, ArrayQuery, CursorQuery};
use crate::bodies::{OwnerBody, VideoBody};
use crate::extract::{Id, Query};
use crate::problem::Problem;
use crate::shown;
use crate::tweets::TweetBody;
use crate::web::Web;

/// How one stands to a channel.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct StandingBody {
    /// Whether one follows it.
    pub subscribed: bool,
    /// The same.
    pub is_subscribed: bool,
    /// How many do.
    pub subscribers_count: i64,
}

/// Someone who follows a channel.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct SubscriberBody<'a> {
    /// Of the subscription.
    #[serde(rename = "_id")]
    #[schema(value_type = String)]
    pub id: SubscriptionId,
    /// Who.
    pub subscriber: OwnerBody<'a>,
    /// Since when.
    #[schema(value_type = String)]
    pub created_at: Millis,
}

/// A channel that somebody follows.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct SubscriptionBody<'a> {
    /// Of the subscription.
    #[serde(rename = "_id")]
    #[schema(value_type = String)]
    pub id: SubscriptionId,
    /// Which.
    pub channel: OwnerBody<'a>,
    /// The newest that everyone may find; null where there is none.
    pub latest_video: Option<VideoBody<'a>>,
    /// Since when.
    #[schema(value_type = String)]
    pub created_at: Millis,
}

/// One thing in the feed: a field of the name that `type` says has it.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct FeedItemBody<'a> {
    /// `video` or `tweet`.
    #[serde(rename = "type")]
    #[schema(example = "video")]
    pub kind: &'static str,
    /// Where `type` is `video`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub video: Option<VideoBody<'a>>,
    /// Where `type` is `tweet`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub tweet: Option<TweetBody<'a>>,
}

fn owner<'a>(web: &Web, row: &'a SubscriptionRow) -> OwnerBody<'a> {
    OwnerBody::beside(row.user_id, &row.user, &web.app().playback)
}

async fn set(web: &Web, channel: UserId, wish: Wish, actor: &Actor) -> Result<Response, Problem> {
    let Standing {
        subscribed,
        subscribers_count,
    } = web.app().subscriptions.set(channel, wish, actor).await?;
    let body = StandingBody {
        subscribed,
        is_subscribed: subscribed,
        subscribers_count,
    };
    answer::ok(
        &body,
        if subscribed {
            "Subscribed"
        } else {
            "Not subscribed"
        },
    )
}

pub(crate) async fn toggle_subscription(
    State(web): State<Web>,
    Extension(actor): Extension<Actor>,
    Id(channel): Id<UserId>,
) -> Result<Response, Problem> {
    set(&web, channel, Wish::Toggle, &actor).await
}

pub(crate) async fn add_subscription(
    State(web): State<Web>,
    Extension(actor): Extension<Actor>,
    Id(channel): Id<UserId>,
) -> Result<Response, Problem> {
    set(&web, channel, Wish::Follow, &actor).await
}

pub(crate) async fn remove_subscription(
    State(web): State<Web>,
    Extension(actor): Extension<Actor>,
    Id(channel): Id<UserId>,
) -> Result<Response, Problem> {
    set(&web, channel, Wish::Leave, &actor).await
}

pub(crate) async fn list_subscribers(
    State(web): State<Web>,
    Extension(viewer): Extension<Viewer>,
    Id(channel): Id<UserId>,
    Query(query): Query<ArrayQuery>,
) -> Result<Response, Problem> {
    let request = query.into_request()?;
    let Slice { items, next_cursor } = web
        .app()
        .subscriptions
        .subscribers(channel, &request, &viewer)
        .await?;
    let bodies = items.iter().map(|row| SubscriberBody {
        id: row.id,
        subscriber: owner(&web, row),
        created_at: row.created_at,
    });
    arrays::answer(&request, bodies.collect(), next_cursor, "Subscribers")
}

pub(crate) async fn list_subscriptions(
    State(web): State<Web>,
    Extension(viewer): Extension<Viewer>,
    Id(subscriber): Id<UserId>,
    Query(query): Query<ArrayQuery>,
) -> Result<Response, Problem> {
    let request = query.into_request()?;
    let Slice { items, next_cursor } = web
        .app()
        .subscriptions
        .channels(subscriber, &request, &viewer)
        .await?;
    let latest = items.iter().filter_map(|followed| followed.latest_video.as_ref());
    let mut latest = shown::videos(&web, latest, &viewer).await?.into_iter();
    let bodies = items
        .iter()
        .map(|Followed { row, latest_video }| SubscriptionBody {
            id: row.id,
            channel: owner(&web, row),
            // As many as there are rows with one, in their order.
            latest_video: latest_video.as_ref().and_then(|_| latest.next()),
            created_at: row.created_at,
        });
    arrays::answer(&request, bodies.collect(), next_cursor, "Subscriptions")
}

pub(crate) async fn get_subscription_feed(
    State(web): State<Web>,
    Extension(actor): Extension<Actor>,
    Query(query): Query<CursorQuery>,
) -> Result<Response, Problem> {
    let request = query.into_request()?;
    let Slice { items, next_cursor } = web.app().subscriptions.feed(&request, &actor).await?;
    let videos = items.iter().filter_map(|item| match item {
        FeedItem::Video(video) => Some(video.as_ref()),
        FeedItem::Tweet(_) => None,
    });
    let mut videos = shown::videos(&web, videos, &Some(actor)).await?.into_iter();
    let bodies = items.iter().map(|item| match item {
        FeedItem::Video(_) => FeedItemBody {
            kind: "video",
            // As many as there are videos, in their order.
            video: videos.next(),
            tweet: None,
        },
        FeedItem::Tweet(tweet) => FeedItemBody {
            kind: "tweet",
            video: None,
            tweet: Some(TweetBody::new(tweet, &web.app().playback)),
        },
    });
    arrays::answer(&request, bodies.collect(), next_cursor, "Feed")
}
