//! Videos: who may see and change one, and the use cases around it.
//!
//! [`upload`] takes the bytes and [`intake`] makes a video of them, [`list`] finds, this file holds the rules
//! and the changes. What players are sent is [`crate::playback`]; what happens between upload and ready is [`crate::jobs`].

pub mod intake;
pub mod list;
pub mod processing;
pub mod upload;

use std::sync::Arc;

use bytes::Bytes;
use model::moderation::{Kind as Subject, Target};
use model::videos::{self as rules, Status, Visibility};
use model::webhooks::Event as Happened;
use model::{UserId, VideoId};
use store::likes::Standing;
use store::videos::{self, VideoRow};
use store::{Tx, conversation, jobs as job_rows};

use self::intake::Intake;
use crate::core::Core;
use crate::error::{Error, Fields, Kind};
use crate::events;
use crate::jobs;
use crate::moderation;
use crate::pictures::{self, Purpose};
use crate::playback::Playback;
use crate::quotas::Quotas;
use crate::sessions::{Actor, Viewer};
use crate::webhooks;

/// Publishing, changing and finding videos.
#[derive(Debug)]
pub struct Videos {
    pub(crate) core: Arc<Core>,
    pub(crate) playback: Arc<Playback>,
    pub(crate) quotas: Arc<Quotas>,
    pub(crate) intake: Arc<Intake>,
    totals: list::Totals,
}

/// What to change about a video; absent fields stay.
#[derive(Debug, Default)]
pub struct Change {
    /// One line.
    pub title: Option<String>,
    /// Several lines.
    pub description: Option<String>,
    /// In place of all tags.
    pub tags: Option<Vec<String>>,
    /// `public`, `unlisted` or `private`.
    pub visibility: Option<String>,
    /// Picture file for the poster.
    pub thumbnail: Option<Bytes>,
    /// Whether the original stays once the video is ready.
    pub keep_original: Option<bool>,
}

/// Whether `viewer` may know that this video exists.
pub fn may_see(video: &VideoRow, viewer: &Viewer) -> bool {
    let standing = Standing {
        owner_id: video.owner_id,
        visibility: video.visibility,
        watchable: video.watchable,
        taken_down: video.taken_down_at.is_some(),
    };
    may_see_standing(&standing, viewer)
}

/// The same for a video of which no more is known than how it stands.
pub fn may_see_standing(video: &Standing, viewer: &Viewer) -> bool {
    let theirs = viewer.is_some_and(|actor| actor.is_admin() || actor.user_id == video.owner_id);
    let open = video.visibility != Visibility::Private && video.watchable;
    // What was taken down is for those who judge that.
    theirs || (open && (!video.taken_down || viewer.is_some_and(|actor| actor.moderates())))
}

/// Refuses to say anew who may see a video while it is taken down: its owner cannot publish it again, and it
/// comes back as it went.
fn must_stand(video: &VideoRow) -> Result<(), Error> {
    if video.taken_down_at.is_none() {
        return Ok(());
    }
    let message = "This video was taken down. Who may see it cannot be changed.";
    Err(Error::refused(Kind::Forbidden, "taken_down", message))
}

/// Refuses unless `actor` may change this video. Whoever cannot find it by themselves gets "not found".
pub fn must_own(video: &VideoRow, actor: &Actor) -> Result<(), Error> {
    must_be_owner(video.owner_id, video.listed, actor)
}

fn must_be_owner(owner: UserId, listed: bool, actor: &Actor) -> Result<(), Error> {
    if actor.is_admin() || actor.user_id == owner {
        Ok(())
    } else if listed {
        Err(Error::refused(
            Kind::Forbidden,
            "not_the_owner",
            "Only the owner of a video can do this.",
        ))
    } else {
        Err(Error::no_video())
    }
}

impl Videos {
    pub(crate) fn new(
        core: Arc<Core>,
        playback: Arc<Playback>,
        quotas: Arc<Quotas>,
        intake: Arc<Intake>,
    ) -> Self {
        Self {
            core,
            playback,
            quotas,
            intake,
            totals: list::Totals::new(),
        }
    }

    /// One video, if this viewer may see it. Counts nothing.
    pub async fn find(&self, id: VideoId, viewer: &Viewer) -> Result<Arc<VideoRow>, Error> {
        let video = self.playback.believed(id).await?.ok_or_else(Error::no_video)?;
        if may_see(&video, viewer) {
            Ok(video)
        } else {
            Err(Error::no_video())
        }
    }

    /// Loads a video that `actor` may change, inside the transaction that changes it.
    pub(crate) async fn own(&self, tx: &mut Tx, id: VideoId, actor: &Actor) -> Result<VideoRow, Error> {
        let video = videos::find(tx, id).await?.ok_or_else(Error::no_video)?;
        must_own(&video, actor)?;
        Ok(video)
    }

    /// Changes title, description, tags, visibility, thumbnail, and whether the original is kept.
    pub async fn update(&self, id: VideoId, change: Change, actor: &Actor) -> Result<VideoRow, Error> {
        // Asked before the picture is decoded and the writer is taken, and again in the transaction.
        let (owner, listed) = videos::ownership(&mut self.core.store.read(), id)
            .await?
            .ok_or_else(Error::no_video)?;
        must_be_owner(owner, listed, actor)?;
        let mut fields = Fields::default();
        let title = fields.optional("title", change.title.as_deref(), rules::title);
        let description = fields.optional("description", change.description.as_deref(), rules::description);
        let tags = change
            .tags
            .as_deref()
            .and_then(|tags| fields.check("tags", rules::tags(tags)));
        let visibility = fields.optional("visibility", change.visibility.as_deref(), visibility);
        fields.done()?;
        if title.is_none()
            && description.is_none()
            && tags.is_none()
            && visibility.is_none()
            && change.thumbnail.is_none()
            && change.keep_original.is_none()
        {
            let message = "Send title, description, tags, visibility, keepOriginal or thumbnail.";
            return Err(Error::refused(Kind::Invalid, "nothing_to_change", message));
        }
        let folder = pictures::video_folder(id);
        let poster = match change.thumbnail {
            Some(bytes) => Some(pictures::encode("thumbnail", Purpose::Thumbnail, bytes).await?),
            None => None,
        };
        let rev = poster.as_ref().map(|_| pictures::new_rev(&self.core));
        let saved = async {
            if let (Some(poster), Some(rev)) = (poster, &rev) {
                poster.store(&self.core, &folder, "poster", rev).await?;
            }
            let mut tx = self.core.store.write().await?;
            let before = self.own(&mut tx, id, actor).await?;
            if visibility.is_some_and(|visibility| visibility != before.visibility) {
                must_stand(&before)?;
            }
            let mut after = before.clone();
            after.title = title.unwrap_or(after.title);
            after.description = description.unwrap_or(after.description);
            after.tags = tags.unwrap_or(after.tags);
            after.visibility = visibility.unwrap_or(after.visibility);
            after.keep_original = change.keep_original.or(after.keep_original);
            if rev.is_some() {
                after.thumbnail_rev.clone_from(&rev);
                after.thumbnail_custom = true;
            }
            after.updated_at = self.core.clock.now();
            let edited = edited(&before, &after);
            moderation::note_video_edit(&self.core, &mut tx, actor, &before, &edited).await?;
            let after = videos::save(&mut tx, &before, after).await?;
            let drops = change.keep_original == Some(false);
            if drops {
                let now = after.updated_at;
                jobs::drop_original::enqueue_if_wanted(&self.core, &mut tx, &after, now).await?;
            }
            tx.commit().await?;
            if drops {
                self.core.bus.wake(jobs::TOPIC);
            }
            Ok::<_, Error>((before, after))
        };
        // Of the old poster and the new one, the one that is not shown goes.
        let (unused, result) = match saved.await {
            Ok((before, after)) => {
                self.playback.forget(id);
                events::videos::changed(&self.core, &before, &after);
                (before.thumbnail_rev.filter(|_| rev.is_some()), Ok(after))
            }
            Err(error) => (rev, Err(error)),
        };
        if let Some(unused) = unused {
            pictures::remove(&self.core, &folder, "poster", &unused, &pictures::POSTER_WIDTHS).await;
        }
        result
    }

    /// Private becomes public, anything else private.
    pub async fn toggle_publish(&self, id: VideoId, actor: &Actor) -> Result<VideoRow, Error> {
        let mut tx = self.core.store.write().await?;
        let before = self.own(&mut tx, id, actor).await?;
        must_stand(&before)?;
        let after = VideoRow {
            visibility: before.visibility.toggled(),
            updated_at: self.core.clock.now(),
            ..before.clone()
        };
        moderation::note_video_edit(&self.core, &mut tx, actor, &before, "visibility").await?;
        let after = videos::save(&mut tx, &before, after).await?;
        tx.commit().await?;
        self.playback.forget(id);
        events::videos::changed(&self.core, &before, &after);
        Ok(after)
    }

    /// Removes a video; its bytes go by a job of the same transaction.
    pub async fn remove(&self, id: VideoId, actor: &Actor) -> Result<(), Error> {
        let mut tx = self.core.store.write().await?;
        let video = self.own(&mut tx, id, actor).await?;
        let target = Target::new(Subject::Video, id.0);
        moderation::note_removal(&self.core, &mut tx, actor, video.owner_id, target, &video.title).await?;
        remove_in(&self.core, &mut tx, &video).await?;
        tx.commit().await?;
        self.playback.forget(id);
        events::videos::removed(&self.core, id, video.owner_id);
        self.core.bus.wake(jobs::TOPIC);
        tracing::info!(video.id = %id, "Removed video {id}");
        Ok(())
    }

    /// Starts processing again after it failed.
    pub async fn retry(&self, id: VideoId, actor: &Actor) -> Result<VideoRow, Error> {
        let mut tx = self.core.store.write().await?;
        let before = self.own(&mut tx, id, actor).await?;
        let after = process_again(&self.core, &mut tx, &before).await?;
        moderation::note_video_edit(&self.core, &mut tx, actor, &before, "processing").await?;
        tx.commit().await?;
        self.playback.forget(id);
        events::videos::changed(&self.core, &before, &after);
        self.core.bus.wake(jobs::TOPIC);
        Ok(after)
    }
}

/// Which fields differ, by their names on the wire; for the log of what admins do.
fn edited(before: &VideoRow, after: &VideoRow) -> String {
    let differs = [
        ("title", before.title != after.title),
        ("description", before.description != after.description),
        ("tags", before.tags != after.tags),
        ("visibility", before.visibility != after.visibility),
        ("thumbnail", before.thumbnail_rev != after.thumbnail_rev),
        ("keepOriginal", before.keep_original != after.keep_original),
    ];
    let names: Vec<&str> = differs
        .iter()
        .filter_map(|(name, differs)| differs.then_some(*name))
        .collect();
    names.join(", ")
}

/// Puts a video whose processing failed into the queue again.
pub(crate) async fn process_again(core: &Core, tx: &mut Tx, before: &VideoRow) -> Result<VideoRow, Error> {
    let now = core.clock.now();
    let status = before.status.to(Status::Processing).map_err(|_| {
        Error::refused(
            Kind::Conflict,
            "not_failed",
            "Only a video whose processing failed can be tried again.",
        )
    })?;
    let after = VideoRow {
        status,
        status_reason: None,
        progress: 0.0,
        updated_at: now,
        ..before.clone()
    };
    let after = videos::save(tx, before, after).await?;
    jobs::process_video::enqueue(core, tx, &after, after.media_gen, now).await?;
    Ok(after)
}

/// Removes the row and asks for the bytes to be removed, in one transaction.
pub(crate) async fn remove_in(core: &Core, tx: &mut Tx, video: &VideoRow) -> Result<(), Error> {
    let now = core.clock.now();
    job_rows::cancel_about(tx, video.id.0, now).await?;
    if conversation::any_of_video(tx, video).await? {
        let payload = jobs::remove_conversation::Payload::Video(video.id);
        job_rows::enqueue(tx, &jobs::new(core, &payload, None, None, now)?.as_row()).await?;
    }
    jobs::remove_notifications::enqueue_for_video(core, tx, video.id, now).await?;
    jobs::remove_library::enqueue_for_video(core, tx, video.id, now).await?;
    jobs::remove_analytics::enqueue_for_video(core, tx, video.id, now).await?;
    videos::remove(tx, video).await?;
    webhooks::note(tx, video.owner_id, Happened::VideoRemoved, video.id.0, now).await?;
    let payload = jobs::remove_objects::Payload::below(pictures::video_folder(video.id));
    job_rows::enqueue(
        tx,
        &jobs::new(core, &payload, None, Some(video.owner_id), now)?.as_row(),
    )
    .await?;
    Ok(())
}

/// Yes or no, as text of a form says it.
pub fn yes_or_no(text: &str) -> Result<bool, model::text::Fault> {
    match text.trim() {
        "true" => Ok(true),
        "false" => Ok(false),
        _ => Err(model::text::Fault::new("unknown", "Say true or false.")),
    }
}

pub(crate) fn visibility(name: &str) -> Result<Visibility, model::text::Fault> {
    Visibility::from_name(name)
        .ok_or_else(|| model::text::Fault::new("unknown", "Visibility is public, unlisted or private."))
}
