//! The JSON shapes of `api-v1`, borrowed from rows and written once.

use app::Viewer;
use app::playback::{CaptionLink, Links, Playback};
use app::videos::processing::StepState;
use model::videos::{Status, Visibility};
use model::{Millis, SessionId, UserId, VideoId};
use serde::Serialize;
use serde_json::value::RawValue;
use store::users::UserRow;
use store::videos::{Owner, VideoRow};
use utoipa::ToSchema;

/// A user as everyone sees them; to themselves also `email`, `role` and `watchHistory`.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct UserBody<'a> {
    /// 24 hex digits.
    #[serde(rename = "_id")]
    #[schema(value_type = String, example = "65f1c0ffee0123456789abcd")]
    pub id: UserId,
    /// Handle, lower case.
    pub username: &'a str,
    /// Shown name.
    pub full_name: &'a str,
    /// Address of the picture.
    pub avatar: String,
    /// Address of the banner; empty when there is none.
    pub cover_image: String,
    /// Channel description.
    pub bio: &'a str,
    /// Only to themselves.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub email: Option<&'a str>,
    /// Only to themselves: `user`, `moderator` or `admin`.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>)]
    pub role: Option<model::users::Role>,
    /// Only to themselves; the list itself is at `/users/history`.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<Vec<Object>>)]
    pub watch_history: Option<[(); 0]>,
    /// Only to themselves: nobody else is shown whom they follow.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub subscriptions_hidden: Option<bool>,
    /// They cannot sign in before an admin agrees; left out otherwise.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub awaiting_approval: Option<bool>,
    /// When they registered.
    #[schema(value_type = String, example = "2026-01-31T12:00:00.000Z")]
    pub created_at: Millis,
    /// When a shown field last changed.
    #[schema(value_type = String, example = "2026-01-31T12:00:00.000Z")]
    pub updated_at: Millis,
}

impl<'a> UserBody<'a> {
    /// As everyone sees them.
    pub fn public(user: &'a UserRow, playback: &Playback) -> Self {
        Self {
            id: user.id,
            username: &user.username,
            full_name: &user.full_name,
            avatar: playback.avatar(user.id, &user.avatar_rev),
            cover_image: user
                .cover_rev
                .as_deref()
                .map_or_else(String::new, |rev| playback.cover(user.id, rev)),
            bio: &user.bio,
            email: None,
            role: None,
            watch_history: None,
            subscriptions_hidden: None,
            awaiting_approval: None,
            created_at: user.created_at,
            updated_at: user.updated_at,
        }
    }

    /// As they see themselves.
    pub fn own(user: &'a UserRow, playback: &Playback) -> Self {
        Self {
            email: Some(&user.email),
            role: Some(user.role),
            watch_history: Some([]),
            subscriptions_hidden: Some(user.subscriptions_hidden),
            awaiting_approval: user.awaiting_since.map(|_| true),
            ..Self::public(user, playback)
        }
    }
}

/// A channel's page.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct ChannelBody<'a> {
    /// The user.
    #[serde(flatten)]
    pub user: UserBody<'a>,
    /// How many follow it.
    pub subscribers_count: i64,
    /// How many it follows.
    pub channels_subscribed_to_count: i64,
    /// The same, as the original spells it.
    pub channel_subscribed_to_count: i64,
    /// Videos that lists show.
    pub videos_count: i64,
    /// Views over all of them.
    pub total_views: i64,
    /// Whether the caller follows it.
    pub is_subscribed: bool,
}

/// Two tokens and whose they are.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct SignedInBody<'a> {
    /// Who.
    pub user: UserBody<'a>,
    /// For `Authorization: Bearer`; lives ten minutes.
    pub access_token: &'a str,
    /// For the next pair; works once.
    pub refresh_token: &'a str,
    /// The same, on refresh.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub new_refresh_token: Option<&'a str>,
}

/// One sign-in.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct SessionBody<'a> {
    /// 24 hex digits.
    #[serde(rename = "_id")]
    #[schema(value_type = String)]
    pub id: SessionId,
    /// What it was made with.
    pub device: &'a str,
    /// It is the one that asks.
    pub current: bool,
    /// When it began.
    #[schema(value_type = String)]
    pub created_at: Millis,
    /// When it was last refreshed.
    #[schema(value_type = String)]
    pub last_used_at: Millis,
    /// When it ends at the latest.
    #[schema(value_type = String)]
    pub expires_at: Millis,
}

/// A channel beside its things.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct OwnerBody<'a> {
    /// 24 hex digits.
    #[serde(rename = "_id")]
    #[schema(value_type = String)]
    pub id: UserId,
    /// Handle.
    pub username: &'a str,
    /// Shown name.
    pub full_name: &'a str,
    /// Address of the picture.
    pub avatar: String,
    /// On a single video only.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub subscribers_count: Option<i64>,
    /// On a single video only.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub is_subscribed: Option<bool>,
}

impl<'a> OwnerBody<'a> {
    /// As shown beside something of theirs in a list.
    pub fn beside(id: UserId, owner: &'a Owner, playback: &Playback) -> Self {
        Self {
            id,
            username: &owner.username,
            full_name: &owner.full_name,
            avatar: playback.avatar(id, &owner.avatar_rev),
            subscribers_count: None,
            is_subscribed: None,
        }
    }
}

/// A subtitle track.
#[derive(Debug, Serialize, ToSchema)]
pub struct CaptionBody {
    /// BCP 47, lower case.
    #[schema(example = "pt-br")]
    pub language: String,
    /// Shown name.
    #[schema(example = "Português (BR)")]
    pub label: String,
    /// Address of the `WebVTT` file.
    pub url: String,
}

impl From<CaptionLink> for CaptionBody {
    fn from(link: CaptionLink) -> Self {
        Self {
            language: link.language,
            label: link.label,
            url: link.url,
        }
    }
}

/// A stretch of a video with a title.
#[derive(Debug, Serialize, ToSchema)]
pub struct ChapterBody {
    /// One line.
    pub title: String,
    /// Where it begins, seconds.
    pub start: f64,
    /// Where it ends, seconds.
    pub end: f64,
}

/// A video.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct VideoBody<'a> {
    /// 24 hex digits.
    #[serde(rename = "_id")]
    #[schema(value_type = String)]
    pub id: VideoId,
    /// One line.
    pub title: &'a str,
    /// Several lines.
    pub description: &'a str,
    /// Words to find it by.
    pub tags: &'a [String],
    /// `public`, `unlisted`, `private`.
    #[schema(value_type = String, example = "public")]
    pub visibility: Visibility,
    /// Visibility is not private.
    pub is_published: bool,
    /// `processing`, `ready`, `rejected`, `failed`.
    #[schema(value_type = String, example = "ready")]
    pub status: Status,
    /// Why it was rejected or failed, or taken down.
    pub status_reason: Option<&'a str>,
    /// A moderator took it down, for the reason that `statusReason` gives; left out otherwise.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub taken_down: Option<bool>,
    /// How far processing is, 0 to 1.
    pub progress: f64,
    /// Seconds.
    pub duration: f64,
    /// Pixels, as shown.
    pub width: i64,
    /// Pixels, as shown.
    pub height: i64,
    /// Address of the progressive file, once there is one for this viewer.
    pub video_file: Option<String>,
    /// Address of the HLS playlist.
    pub hls: Option<String>,
    /// Address of the DASH manifest.
    pub dash: Option<String>,
    /// Address of the poster.
    pub thumbnail: Option<String>,
    /// Address of the storyboard.
    pub storyboard: Option<String>,
    /// Subtitle tracks.
    pub captions: Vec<CaptionBody>,
    /// Counted views.
    pub views: i64,
    /// Likes.
    pub likes_count: i64,
    /// Comments.
    pub comments_count: i64,
    /// Whose.
    pub owner: OwnerBody<'a>,
    /// Whether the caller likes it.
    pub is_liked: bool,
    /// Where the caller stopped watching, seconds.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub resume_at: Option<f64>,
    /// In the answer to an upload whose bytes were uploaded before: this video, the earlier one.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>)]
    pub duplicate_of: Option<VideoId>,
    /// Whether the original stays once the video is ready; for its owner only.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub keep_original: Option<bool>,
    /// When it was uploaded.
    #[schema(value_type = String)]
    pub created_at: Millis,
    /// When a shown field last changed.
    #[schema(value_type = String)]
    pub updated_at: Millis,
    /// When it was first listed.
    #[schema(value_type = Option<String>)]
    pub published_at: Option<Millis>,
}

impl<'a> VideoBody<'a> {
    /// As one of a list.
    pub fn listed(video: &'a VideoRow, playback: &Playback, viewer: &Viewer) -> Self {
        let Links {
            video_file,
            hls,
            dash,
            thumbnail,
            storyboard,
            captions,
            ..
        } = playback.links(video, viewer);
        Self {
            id: video.id,
            title: &video.title,
            description: &video.description,
            tags: &video.tags,
            visibility: video.visibility,
            is_published: video.visibility != Visibility::Private,
            status: video.status,
            status_reason: video
                .taken_down_reason
                .as_deref()
                .or(video.status_reason.as_deref()),
            taken_down: video.taken_down_at.map(|_| true),
            progress: if video.status == Status::Ready {
                1.0
            } else {
                video.progress
            },
            duration: video.duration_ms as f64 / 1000.0,
            width: video.width,
            height: video.height,
            video_file,
            hls,
            dash,
            thumbnail,
            storyboard,
            captions: captions.into_iter().map(CaptionBody::from).collect(),
            views: video.views,
            likes_count: video.likes_count,
            comments_count: video.comments_count,
            owner: OwnerBody::beside(video.owner_id, &video.owner, playback),
            is_liked: false,
            resume_at: viewer.map(|_| 0.0),
            duplicate_of: None,
            keep_original: playback.keeps_original(video, viewer),
            created_at: video.created_at,
            updated_at: video.updated_at,
            published_at: video.published_at,
        }
    }

    /// On its own page.
    pub fn single(video: &'a VideoRow, playback: &Playback, viewer: &Viewer) -> Self {
        let mut body = Self::listed(video, playback, viewer);
        body.owner.subscribers_count = Some(video.owner.subscribers_count);
        body.owner.is_subscribed = Some(false);
        body
    }
}

/// A page of videos, by number.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct VideoPageBody<'a> {
    /// The videos.
    #[schema(value_type = Vec<VideoBody>)]
    pub docs: &'a RawValue,
    /// The same, written once and copied.
    #[schema(value_type = Vec<VideoBody>)]
    pub videos: &'a RawValue,
    /// How many there are.
    pub total_docs: i64,
    /// The same.
    pub total_videos: i64,
    /// There are at least that many; left out when the total is exact.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub total_is_estimate: Option<bool>,
    /// At most this many on a page.
    pub limit: i64,
    /// This page.
    pub page: i64,
    /// How many pages.
    pub total_pages: i64,
    /// Number of the first on this page.
    pub paging_counter: i64,
    /// Whether there is one before.
    pub has_prev_page: bool,
    /// Whether there is one after.
    pub has_next_page: bool,
    /// The one before.
    pub prev_page: Option<i64>,
    /// The one after.
    pub next_page: Option<i64>,
}

/// A page from a cursor on.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct CursorPageBody<'a> {
    /// The videos.
    pub items: &'a [VideoBody<'a>],
    /// Where the next page begins; null at the end.
    pub next_cursor: Option<&'a str>,
}

/// What a player needs.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct PlaybackBody<'a> {
    /// HLS playlist.
    pub hls: Option<&'a str>,
    /// DASH manifest.
    pub dash: Option<&'a str>,
    /// Progressive file.
    pub video_file: Option<&'a str>,
    /// Qualities.
    pub renditions: Vec<RenditionBody<'a>>,
    /// Subtitle tracks.
    pub captions: Vec<CaptionBody>,
    /// Preview pictures: `WebVTT` whose cues name parts of pictures.
    pub storyboard: Option<&'a str>,
    /// Chapters that the description names.
    pub chapters: Vec<ChapterBody>,
    /// The same as `WebVTT`; null when there are none.
    pub chapters_file: Option<&'a str>,
    /// Address that saves the original; for its owner only, while it is kept.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub original: Option<&'a str>,
    /// When signed addresses stop working; null when they do not.
    #[schema(value_type = Option<String>)]
    pub expires_at: Option<Millis>,
}

/// One quality.
#[derive(Debug, Serialize, ToSchema)]
pub struct RenditionBody<'a> {
    /// Its name in addresses.
    pub name: &'a str,
    /// Pixels; 0 for sound.
    pub width: i64,
    /// Pixels; 0 for sound.
    pub height: i64,
    /// Mean bits in a second.
    pub bitrate: i64,
    /// As RFC 6381 writes it.
    pub codecs: &'a str,
    /// Bytes.
    pub size: i64,
    /// Address that saves it as a file.
    pub download: &'a str,
}

/// How far a video is.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct StatusBody<'a> {
    /// `processing`, `ready`, `rejected`, `failed`.
    #[schema(value_type = String, example = "processing")]
    pub status: Status,
    /// Why it was rejected or failed.
    pub status_reason: Option<&'a str>,
    /// 0 to 1.
    pub progress: f64,
    /// Something of it can be played.
    pub watchable: bool,
    /// How long it will still take, seconds; null while that cannot be told.
    pub eta_seconds: Option<f64>,
    /// Nobody works on it at the moment: its turn has not come.
    pub is_waiting: bool,
    /// Every step, in the order in which they begin.
    pub steps: Vec<StepBody<'a>>,
    /// What is being done; only to its owner.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub step: Option<&'a str>,
    /// How often the present step was started; only to its owner.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub attempts: Option<i64>,
}

/// One step of preparing a video.
#[derive(Debug, Serialize, ToSchema)]
pub struct StepBody<'a> {
    /// `prepare`, `audio`, the name of a rendition, or `finish`.
    pub name: &'a str,
    /// `waiting`, `running`, `done`.
    #[schema(value_type = String, example = "running")]
    pub state: StepState,
    /// 0 to 1.
    pub progress: f64,
}
