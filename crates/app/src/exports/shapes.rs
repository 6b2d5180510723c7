//! What stands in the files of an export. Names are those of the API, ids and times as well; what is somebody
//! else's is named as far as the person who takes it sees it.

use model::chapters;
use model::videos::{Status, Streaming, Visibility};
use model::{
    CommentId, ExportId, LikeId, Millis, ObjectId, PlaylistId, PushId, ReportId, SessionId, SubscriptionId,
    TweetId, UserId, VideoId, WebhookId,
};
use serde::Serialize;
use store::exports::content;
use store::push::PushRow;
use store::renditions::RenditionRow;
use store::users::UserRow;
use store::videos::VideoRow;
use store::webhooks::WebhookRow;

use crate::captions;
use crate::core::Core;
use crate::pictures;

fn seconds(ms: i64) -> f64 {
    ms as f64 / 1000.0
}

/// `profile.json`.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Profile<'a> {
    #[serde(rename = "_id")]
    id: UserId,
    username: &'a str,
    full_name: &'a str,
    email: &'a str,
    bio: &'a str,
    role: model::users::Role,
    avatar: &'static str,
    cover_image: Option<&'static str>,
    subscriptions_hidden: bool,
    subscribers_count: i64,
    channels_subscribed_to_count: i64,
    videos_count: i64,
    total_views: i64,
    created_at: Millis,
    updated_at: Millis,
    export: ExportId,
    exported_at: Millis,
}

impl<'a> Profile<'a> {
    pub(super) fn of(user: &'a UserRow, export: ExportId, now: Millis) -> Self {
        Self {
            id: user.id,
            username: &user.username,
            full_name: &user.full_name,
            email: &user.email,
            bio: &user.bio,
            role: user.role,
            avatar: super::AVATAR_FILE,
            cover_image: user.cover_rev.as_ref().map(|_| super::COVER_FILE),
            subscriptions_hidden: user.subscriptions_hidden,
            subscribers_count: user.subscribers_count,
            channels_subscribed_to_count: user.subscriptions_count,
            videos_count: user.videos_count,
            total_views: user.views_count,
            created_at: user.created_at,
            updated_at: user.updated_at,
            export,
            exported_at: now,
        }
    }
}

/// One of `videos.json`.
#[expect(clippy::struct_field_names, reason = "named as on the wire")]
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Video<'a> {
    #[serde(rename = "_id")]
    id: VideoId,
    title: &'a str,
    description: &'a str,
    tags: &'a [String],
    visibility: Visibility,
    is_published: bool,
    status: Status,
    status_reason: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    taken_down: Option<bool>,
    duration: f64,
    width: i64,
    height: i64,
    file_name: &'a str,
    file_type: &'a str,
    file_size: i64,
    stored_bytes: i64,
    keep_original: bool,
    views: i64,
    likes_count: i64,
    comments_count: i64,
    original: Option<String>,
    video_file: Option<String>,
    hls: Option<String>,
    dash: Option<String>,
    thumbnail: Option<String>,
    storyboard: Option<String>,
    renditions: Vec<Rendition<'a>>,
    captions: Vec<Captions<'a>>,
    chapters: Vec<Chapter>,
    created_at: Millis,
    updated_at: Millis,
    published_at: Option<Millis>,
}

#[derive(Debug, Serialize)]
struct Rendition<'a> {
    name: &'a str,
    width: i64,
    height: i64,
    bitrate: i64,
    codecs: &'a str,
    size: i64,
    download: Option<String>,
}

#[derive(Debug, Serialize)]
struct Captions<'a> {
    language: &'a str,
    label: &'a str,
    url: String,
    file: String,
}

#[derive(Debug, Serialize)]
struct Chapter {
    title: String,
    start: f64,
    end: f64,
}

impl<'a> Video<'a> {
    pub(super) fn of(core: &Core, video: &'a VideoRow, renditions: &'a [RenditionRow]) -> Self {
        let id = video.id;
        let media = |file: &str| core.url(&format!("/media/{id}/{file}"));
        let download = |name: &str| core.url(&format!("/api/v1/videos/{id}/download?rendition={name}"));
        let whole = video.streaming == Streaming::Whole;
        let plays = video.progressive_key.is_some() || video.source_key.is_some();
        let duration_ms = u64::try_from(video.duration_ms).unwrap_or(0);
        Self {
            id,
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
            duration: seconds(video.duration_ms),
            width: video.width,
            height: video.height,
            file_name: &video.source_name,
            file_type: &video.source_type,
            file_size: video.source_bytes,
            stored_bytes: video.stored_bytes,
            keep_original: video.keep_original.unwrap_or(core.settings.keep_originals),
            views: video.views,
            likes_count: video.likes_count,
            comments_count: video.comments_count,
            original: video.source_key.as_ref().map(|_| download("original")),
            video_file: plays.then(|| core.url(&format!("/api/v1/videos/{id}/stream"))),
            hls: (video.streaming != Streaming::None).then(|| media("master.m3u8")),
            dash: whole.then(|| media("manifest.mpd")),
            thumbnail: video
                .thumbnail_rev
                .as_ref()
                .map(|rev| media(&format!("poster-{rev}-{}.jpg", pictures::POSTER_WIDTHS[0]))),
            storyboard: video
                .storyboard_rev
                .as_ref()
                .map(|rev| media(&format!("storyboard-{rev}.vtt"))),
            renditions: renditions
                .iter()
                .map(|row| Rendition {
                    name: &row.name,
                    width: row.width,
                    height: row.height,
                    bitrate: row.bitrate,
                    codecs: &row.codecs,
                    size: row.size_bytes,
                    download: whole.then(|| download(&row.name)),
                })
                .collect(),
            captions: video
                .captions
                .iter()
                .map(|track| Captions {
                    language: &track.language,
                    label: &track.label,
                    url: media(&captions::file_name(track)),
                    file: super::captions_file(id, &track.language),
                })
                .collect(),
            chapters: chapters::read(&video.description, duration_ms)
                .into_iter()
                .map(|chapter| Chapter {
                    title: chapter.title,
                    start: chapter.start_ms as f64 / 1000.0,
                    end: chapter.end_ms as f64 / 1000.0,
                })
                .collect(),
            created_at: video.created_at,
            updated_at: video.updated_at,
            published_at: video.published_at,
        }
    }
}

/// One of `comments.json`. The video is named where the person may see it.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Comment<'a> {
    #[serde(rename = "_id")]
    pub(super) id: CommentId,
    pub(super) content: &'a str,
    pub(super) video: Option<VideoId>,
    pub(super) video_title: Option<&'a str>,
    pub(super) parent: Option<CommentId>,
    pub(super) likes_count: i64,
    pub(super) replies_count: i64,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) taken_down: Option<bool>,
    pub(super) edited_at: Option<Millis>,
    pub(super) created_at: Millis,
    pub(super) updated_at: Millis,
}

/// One of `held-comments.json`: it waits for the owner of the channel.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct HeldComment<'a> {
    #[serde(rename = "_id")]
    pub(super) id: CommentId,
    pub(super) content: &'a str,
    pub(super) video: Option<VideoId>,
    pub(super) parent: Option<CommentId>,
    pub(super) is_edit: bool,
    pub(super) created_at: Millis,
}

/// `comment-settings.json`.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct CommentSettings {
    pub(super) approval: &'static str,
    pub(super) blocked_words: Vec<String>,
}

/// One of `tweets.json`.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Tweet<'a> {
    #[serde(rename = "_id")]
    pub(super) id: TweetId,
    pub(super) content: &'a str,
    pub(super) video: Option<VideoId>,
    pub(super) video_title: Option<&'a str>,
    pub(super) video_at: Option<f64>,
    pub(super) likes_count: i64,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) taken_down: Option<bool>,
    pub(super) created_at: Millis,
    pub(super) updated_at: Millis,
}

/// One of `likes.json`.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Like<'a> {
    #[serde(rename = "_id")]
    pub(super) id: LikeId,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) video: Option<ObjectId>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) comment: Option<ObjectId>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) tweet: Option<ObjectId>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) video_title: Option<&'a str>,
    pub(super) created_at: Millis,
}

/// Somebody else, by name.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Other<'a> {
    #[serde(rename = "_id")]
    pub(super) id: UserId,
    pub(super) username: &'a str,
    pub(super) full_name: &'a str,
}

/// One of `subscriptions.json`.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Subscription<'a> {
    #[serde(rename = "_id")]
    pub(super) id: SubscriptionId,
    pub(super) channel: Other<'a>,
    pub(super) created_at: Millis,
}

/// One of `blocks.json`.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Block<'a> {
    pub(super) user: Other<'a>,
    pub(super) created_at: Millis,
}

/// One of `webhooks.json`. What signs is not taken along: it can be made anew, and must not lie about.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Webhook<'a> {
    #[serde(rename = "_id")]
    id: WebhookId,
    url: &'a str,
    events: Vec<&'static str>,
    active: bool,
    ended: Option<&'static str>,
    failing_since: Option<Millis>,
    created_at: Millis,
    updated_at: Millis,
}

impl<'a> Webhook<'a> {
    pub(super) fn of(row: &'a WebhookRow) -> Self {
        Self {
            id: row.id,
            url: &row.url,
            events: row.events.names(),
            active: row.active,
            ended: row.ended.map(model::webhooks::Ended::name),
            failing_since: row.failing_since,
            created_at: row.created_at,
            updated_at: row.updated_at,
        }
    }
}

/// One of `push-subscriptions.json`: which push service, but not the address there, which is as good as a key.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct PushSubscription<'a> {
    #[serde(rename = "_id")]
    id: PushId,
    service: &'a str,
    session: SessionId,
    created_at: Millis,
}

impl<'a> PushSubscription<'a> {
    pub(super) fn of(row: &'a PushRow) -> Self {
        Self {
            id: row.id,
            // scheme://host:port/...
            service: row.endpoint.split('/').nth(2).unwrap_or_default(),
            session: row.session_id,
            created_at: row.created_at,
        }
    }
}

/// One of `playlists.json`.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Playlist<'a> {
    #[serde(rename = "_id")]
    pub(super) id: PlaylistId,
    pub(super) name: &'a str,
    pub(super) description: &'a str,
    pub(super) visibility: Visibility,
    pub(super) is_watch_later: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) taken_down: Option<bool>,
    pub(super) created_at: Millis,
    pub(super) updated_at: Millis,
    pub(super) videos: Vec<Entry>,
}

/// A video in a playlist.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Entry {
    pub(super) video: VideoId,
    pub(super) title: String,
    pub(super) added_at: Millis,
}

/// One of `history.json`.
#[expect(clippy::struct_field_names, reason = "named as on the wire")]
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Watched<'a> {
    pub(super) video: VideoId,
    pub(super) title: &'a str,
    pub(super) watched_at: Millis,
    pub(super) resume_at: f64,
}

/// One of `reports.json`.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Report<'a> {
    #[serde(rename = "_id")]
    pub(super) id: ReportId,
    pub(super) kind: Option<model::moderation::Kind>,
    pub(super) target_id: ObjectId,
    pub(super) reason: model::moderation::Reason,
    pub(super) text: &'a str,
    pub(super) state: model::moderation::ReportState,
    pub(super) created_at: Millis,
    pub(super) updated_at: Millis,
}

impl<'a> Report<'a> {
    pub(super) fn of(row: &'a content::Report) -> Self {
        Self {
            id: row.id,
            kind: row.kind(),
            target_id: row.target_id,
            reason: row.reason,
            text: &row.text,
            state: row.state,
            created_at: row.created_at,
            updated_at: row.updated_at,
        }
    }
}

/// One of `sessions.json`.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Session<'a> {
    #[serde(rename = "_id")]
    id: SessionId,
    device: &'a str,
    created_at: Millis,
    last_used_at: Millis,
    expires_at: Millis,
    ended_at: Option<Millis>,
}

impl<'a> Session<'a> {
    pub(super) fn of(row: &'a content::Session) -> Self {
        Self {
            id: row.id,
            device: &row.device,
            created_at: row.created_at,
            last_used_at: row.last_used_at,
            expires_at: row.expires_at,
            ended_at: row.ended_at,
        }
    }
}
