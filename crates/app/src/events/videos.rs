//! What changes of a video are worth telling, and to whom. Called after the commit, with the rows before and after.

use bus::Audience;
use model::videos::{Status, Visibility};
use model::{Millis, UserId, VideoId};
use serde::Serialize;
use store::notifications::NotificationRow;
use store::videos::VideoRow;

use super::{kinds, tell};
use crate::core::Core;
use crate::notifications;

/// What an event about a video says.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Shown<'a> {
    video: VideoId,
    owner: UserId,
    title: &'a str,
    visibility: Visibility,
    is_published: bool,
    status: Status,
    progress: f64,
    /// Something of it can be played.
    watchable: bool,
    updated_at: Millis,
}

/// What the end of a video says.
#[derive(Serialize)]
struct Gone {
    video: VideoId,
}

impl<'a> Shown<'a> {
    pub(crate) fn of(row: &'a VideoRow) -> Self {
        Self {
            video: row.id,
            owner: row.owner_id,
            title: &row.title,
            visibility: row.visibility,
            is_published: row.visibility != Visibility::Private,
            status: row.status,
            progress: row.progress,
            watchable: row.watchable,
            updated_at: row.updated_at,
        }
    }
}

/// Everyone who has the address may see it.
fn is_open(video: &VideoRow) -> bool {
    video.visibility != Visibility::Private && video.watchable && video.taken_down_at.is_none()
}

fn watchers_and_owner(video: &VideoRow) -> Audience {
    Audience::Watchers {
        video: video.id,
        owner: Some(video.owner_id),
    }
}

/// A video was added.
pub(crate) fn added(core: &Core, video: &VideoRow) {
    if video.listed {
        published(core, video);
    }
}

fn published(core: &Core, video: &VideoRow) {
    let told = Shown::of(video);
    tell(core, kinds::VIDEO_PUBLISHED, watchers_and_owner(video), &told);
    let at = video.published_at.unwrap_or(video.created_at);
    notifications::tell_video(core, video.owner_id, video.id, at);
}

/// A video was changed from the one row to the other, as `store::videos::save` answers it.
pub(crate) fn changed(core: &Core, before: &VideoRow, after: &VideoRow) {
    if is_worth_telling(before, after) {
        // Events are told again to who comes back, and by then others may see the video: what it was called before is
        // for its owner alone.
        let audience = if is_open(after) {
            watchers_and_owner(after)
        } else {
            Audience::User(after.owner_id)
        };
        tell(core, kinds::VIDEO_UPDATED, audience, &Shown::of(after));
    }
    if after.listed && before.published_at.is_none() {
        published(core, after);
    }
    if is_open(before) && !is_open(after) {
        let lost = Audience::Lost {
            video: after.id,
            owner: None,
        };
        tell(core, kinds::VIDEO_REMOVED, lost, &Gone { video: after.id });
    }
}

/// The processing of a video has ended, and its owner was told so in a notification.
pub(crate) fn processed(core: &Core, before: &VideoRow, after: &VideoRow, said: Option<&NotificationRow>) {
    changed(core, before, after);
    notifications::tell(core, said);
}

/// Whether a page that shows the video would look different.
fn is_worth_telling(before: &VideoRow, after: &VideoRow) -> bool {
    macro_rules! any_differs {
        ($($field:ident),* $(,)?) => { $(before.$field != after.$field)||* };
    }
    any_differs!(
        title,
        description,
        tags,
        visibility,
        status,
        status_reason,
        watchable,
        taken_down_at,
        duration_ms,
        width,
        height,
        source_public,
        progressive_key,
        thumbnail_rev,
        streaming,
        media_gen,
        captions,
        storyboard_rev,
    )
}

/// A video was removed.
pub(crate) fn removed(core: &Core, id: VideoId, owner: UserId) {
    let lost = Audience::Lost {
        video: id,
        owner: Some(owner),
    };
    tell(core, kinds::VIDEO_REMOVED, lost, &Gone { video: id });
}
