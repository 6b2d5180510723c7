//! `/notifications`: the list, what of it is read, and what is wanted.

use app::notifications::{Item, MOST_IDS, Page, Unread, likes_count};
use app::{Actor, Fields};
use axum::Extension;
use axum::extract::State;
use axum::response::Response;
use model::notifications::{Kind, Muted};
use model::text::Fault;
use model::{Millis, ObjectId, VideoId};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use crate::answer;
use crate::bodies::OwnerBody;
use crate::extract::{Json, OptionalJson, Query};
use crate::problem::Problem;
use crate::web::Web;

/// How much of a comment or tweet is shown, in characters.
const EXCERPT_CHARS: usize = 200;

/// The video that a notification is about.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct NotifiedVideoBody<'a> {
    /// 24 hex digits.
    #[serde(rename = "_id")]
    #[schema(value_type = String)]
    id: VideoId,
    /// One line.
    title: &'a str,
    /// Address of the poster.
    thumbnail: Option<String>,
    /// Seconds.
    duration: f64,
    /// Of processing that did not end well: why.
    status_reason: Option<&'a str>,
}

/// A comment or tweet that a notification is about.
#[derive(Debug, Serialize, ToSchema)]
pub struct NotifiedTextBody {
    /// 24 hex digits.
    #[serde(rename = "_id")]
    #[schema(value_type = String)]
    id: ObjectId,
    /// Its beginning: 200 characters at most.
    content: String,
}

/// One notification.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct NotificationBody<'a> {
    /// 24 hex digits. Of what a subscribed channel brought out, the id of the video or tweet.
    #[serde(rename = "_id")]
    #[schema(value_type = String)]
    id: ObjectId,
    /// `newVideo`, `newTweet`, `comment`, `reply`, `likeMilestone`, `processingFinished`, `processingFailed`,
    /// `commentHeld`, `webhookDisabled`.
    #[schema(value_type = String, example = "newVideo")]
    kind: Kind,
    /// Whether it is read.
    is_read: bool,
    /// Who did it; null where nobody did.
    actor: Option<OwnerBody<'a>>,
    /// The video that it is about.
    video: Option<NotifiedVideoBody<'a>>,
    /// The comment or reply that it is about.
    comment: Option<NotifiedTextBody>,
    /// The tweet that it is about.
    tweet: Option<NotifiedTextBody>,
    /// Of a milestone: how many likes.
    likes_count: Option<i64>,
    /// When.
    #[schema(value_type = String, example = "2026-01-31T12:00:00.000Z")]
    created_at: Millis,
}

/// A page of notifications, newest first.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct NotificationPageBody<'a> {
    items: Vec<NotificationBody<'a>>,
    /// Where the next page begins; null at the end.
    next_cursor: Option<&'a str>,
    #[serde(flatten)]
    unread: UnreadBody,
}

/// How many notifications are unread.
#[derive(Debug, Clone, Copy, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct UnreadBody {
    /// Exact up to 99.
    unread_count: i64,
    /// There are more than that.
    unread_is_estimate: bool,
}

impl From<Unread> for UnreadBody {
    fn from(unread: Unread) -> Self {
        Self {
            unread_count: unread.count,
            unread_is_estimate: unread.is_estimate,
        }
    }
}

/// Which notifications.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct NotificationsQuery {
    /// How many, 1 to 100; 20 when absent.
    limit: Option<String>,
    /// Empty for the start, then what `nextCursor` said.
    cursor: Option<String>,
}

/// What to take for read; `{}` is everything.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct ReadNotificationsRequest {
    /// A notification: it and all that are older.
    up_to: Option<String>,
    /// These, 100 at most.
    ids: Option<Vec<String>>,
}

/// Which kinds somebody wants.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[expect(clippy::struct_excessive_bools, reason = "a switch for each kind")]
pub struct PreferencesBody {
    /// Subscribed channels bring out videos.
    new_video: bool,
    /// Subscribed channels tweet.
    new_tweet: bool,
    /// Comments on one's videos.
    comment: bool,
    /// Replies to one's comments.
    reply: bool,
    /// One's videos reach 10, 100, 1,000, … likes.
    like_milestone: bool,
    /// One's videos are ready.
    processing_finished: bool,
    /// One's videos could not be prepared.
    processing_failed: bool,
    /// Comments wait under one's videos.
    comment_held: bool,
    /// One's webhooks are switched off, because nothing arrives there.
    webhook_disabled: bool,
}

impl From<Muted> for PreferencesBody {
    fn from(muted: Muted) -> Self {
        Self {
            new_video: muted.wants(Kind::NewVideo),
            new_tweet: muted.wants(Kind::NewTweet),
            comment: muted.wants(Kind::Comment),
            reply: muted.wants(Kind::Reply),
            like_milestone: muted.wants(Kind::LikeMilestone),
            processing_finished: muted.wants(Kind::ProcessingFinished),
            processing_failed: muted.wants(Kind::ProcessingFailed),
            comment_held: muted.wants(Kind::CommentHeld),
            webhook_disabled: muted.wants(Kind::WebhookDisabled),
        }
    }
}

/// Which kinds are wanted from now on; those that are absent stay as they are.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct UpdatePreferencesRequest {
    /// Subscribed channels bring out videos.
    new_video: Option<bool>,
    /// Subscribed channels tweet.
    new_tweet: Option<bool>,
    /// Comments on one's videos.
    comment: Option<bool>,
    /// Replies to one's comments.
    reply: Option<bool>,
    /// One's videos reach 10, 100, 1,000, … likes.
    like_milestone: Option<bool>,
    /// One's videos are ready.
    processing_finished: Option<bool>,
    /// One's videos could not be prepared.
    processing_failed: Option<bool>,
    /// Comments wait under one's videos.
    comment_held: Option<bool>,
    /// One's webhooks are switched off, because nothing arrives there.
    webhook_disabled: Option<bool>,
}

impl UpdatePreferencesRequest {
    fn changes(&self) -> Vec<(Kind, bool)> {
        [
            (Kind::NewVideo, self.new_video),
            (Kind::NewTweet, self.new_tweet),
            (Kind::Comment, self.comment),
            (Kind::Reply, self.reply),
            (Kind::LikeMilestone, self.like_milestone),
            (Kind::ProcessingFinished, self.processing_finished),
            (Kind::ProcessingFailed, self.processing_failed),
            (Kind::CommentHeld, self.comment_held),
            (Kind::WebhookDisabled, self.webhook_disabled),
        ]
        .into_iter()
        .filter_map(|(kind, wanted)| Some((kind, wanted?)))
        .collect()
    }
}

fn excerpt((id, text): &(ObjectId, String)) -> NotifiedTextBody {
    NotifiedTextBody {
        id: *id,
        content: text.chars().take(EXCERPT_CHARS).collect(),
    }
}

impl<'a> NotificationBody<'a> {
    fn of(item: &'a Item, web: &Web, actor: Actor) -> Self {
        let playback = &web.app().playback;
        Self {
            id: item.id,
            kind: item.kind,
            is_read: item.is_read,
            actor: item.actor.as_ref().map(|user| OwnerBody {
                id: user.id,
                username: &user.username,
                full_name: &user.full_name,
                avatar: playback.avatar(user.id, &user.avatar_rev),
                subscribers_count: None,
                is_subscribed: None,
            }),
            video: item.video.as_ref().map(|video| NotifiedVideoBody {
                id: video.id,
                title: &video.title,
                thumbnail: playback.links(video, &Some(actor)).thumbnail,
                duration: video.duration_ms as f64 / 1000.0,
                status_reason: video
                    .status_reason
                    .as_deref()
                    .filter(|_| item.kind == Kind::ProcessingFailed),
            }),
            comment: item.comment.as_ref().map(excerpt),
            tweet: item.tweet.as_ref().map(excerpt),
            likes_count: likes_count(item.kind, item.amount),
            created_at: item.created_at,
        }
    }
}

pub(crate) async fn list_notifications(
    State(web): State<Web>,
    Extension(actor): Extension<Actor>,
    Query(query): Query<NotificationsQuery>,
) -> Result<Response, Problem> {
    let mut fields = Fields::default();
    let limit = fields.optional(
        "limit",
        query.limit.as_deref().filter(|text| !text.is_empty()),
        |text| {
            let within = text.parse().ok().filter(|limit| (1..=100).contains(limit));
            within.ok_or_else(|| Fault::new("out_of_range", "A whole number from 1 to 100."))
        },
    );
    fields.done()?;
    let cursor = query.cursor.as_deref().unwrap_or_default();
    let page: Page = web
        .app()
        .notifications
        .list(&actor, cursor, limit.unwrap_or(20))
        .await?;
    let body = NotificationPageBody {
        items: page
            .items
            .iter()
            .map(|item| NotificationBody::of(item, &web, actor))
            .collect(),
        next_cursor: page.next_cursor.as_deref(),
        unread: page.unread.into(),
    };
    answer::ok(&body, "Notifications")
}

pub(crate) async fn read_notifications(
    State(web): State<Web>,
    Extension(actor): Extension<Actor>,
    OptionalJson(body): OptionalJson<ReadNotificationsRequest>,
) -> Result<Response, Problem> {
    let id = |text: &str| {
        text.parse::<ObjectId>()
            .map_err(|_| Fault::new("malformed", "Ids are 24 hex digits."))
    };
    let mut fields = Fields::default();
    let up_to = fields.optional("upTo", body.up_to.as_deref(), id);
    let named = body.ids.unwrap_or_default();
    let ids = if named.len() > MOST_IDS {
        fields.check::<Vec<ObjectId>>("ids", Err(Fault::new("too_many", "At most 100 at once.")))
    } else {
        fields.check("ids", named.iter().map(|text| id(text)).collect())
    };
    fields.done()?;
    let ids = ids.unwrap_or_default();
    let unread = web.app().notifications.read(&actor, up_to, &ids).await?;
    answer::ok(&UnreadBody::from(unread), "Read")
}

pub(crate) async fn get_preferences(
    State(web): State<Web>,
    Extension(actor): Extension<Actor>,
) -> Result<Response, Problem> {
    let muted = web.app().notifications.preferences(&actor).await?;
    answer::ok(&PreferencesBody::from(muted), "Preferences")
}

pub(crate) async fn update_preferences(
    State(web): State<Web>,
    Extension(actor): Extension<Actor>,
    Json(body): Json<UpdatePreferencesRequest>,
) -> Result<Response, Problem> {
    let changes = body.changes();
    let muted = web
        .app()
        .notifications
        .change_preferences(&actor, &changes)
        .await?;
    answer::ok(&PreferencesBody::from(muted), "Preferences updated")
}
