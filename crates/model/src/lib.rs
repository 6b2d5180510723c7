//! The words of StreamSphere and their rules: ids, times, users, videos, jobs, limits.
//!
//! Nothing here waits, reads or writes. Whoever needs the present time or a new id is handed
//! a [`Clock`] and an [`Ids`], so that tests can move the one and seed the other.

pub mod analytics;
pub mod captions;
pub mod chapters;
pub mod clock;
pub mod comments;
pub mod held;
pub mod history;
pub mod ids;
pub mod jobs;
pub mod likes;
pub mod moderation;
pub mod notifications;
pub mod playlists;
pub mod search;
pub mod text;
pub mod trending;
pub mod tweets;
pub mod uploads;
pub mod users;
pub mod videos;
pub mod webhooks;

pub use clock::{Clock, Millis};
pub use ids::{
    AuditId, CommentId, DeliveryId, ExportId, Ids, JobId, LikeId, NotificationId, ObjectId, PlaylistId,
    PushId, ReportId, SessionId, SubscriptionId, TweetId, UploadId, UserId, VideoId, WebhookId,
};
