//! Comments: who may read, write, change, pin and remove them.
//!
//! A comment is there for exactly those who may see its video. Its author changes it; its author, the video's
//! owner and admins remove it; the video's owner and admins pin it. Threads are one level deep: an answer to a
//! reply stands in the same thread.

use std::sync::Arc;

use bus::Audience;
use model::comments as rules;
use model::likes::Target as Liked;
use model::moderation::{Kind as Subject, Target};
use model::videos::Visibility;
use model::webhooks::Event as Happened;
use model::{CommentId, UserId, VideoId};
use serde::Serialize;
use store::comments::list::{self, Query, Scope};
use store::comments::{self, CommentRow, New};
use store::keyset::{self, Sort};
use store::likes::{self, Standing};
use store::notifications::NotificationRow;
use store::videos::VideoRow;
use store::{Tx, jobs as job_rows};

use crate::blocks::must_be_heard;
use crate::core::Core;
use crate::error::{Error, Fields, Kind, Refusal};
use crate::events::{self, kinds};
use crate::held;
use crate::jobs::{self, remove_conversation};
use crate::moderation;
use crate::notifications::{self, Commented};
use crate::pages::{Asked, Paged, Patience};
use crate::playback::Playback;
use crate::sessions::{Actor, Viewer};
use crate::videos::{may_see, may_see_standing};
use crate::webhooks;

/// Writing, reading and removing comments.
#[derive(Debug)]
pub struct Comments {
    core: Arc<Core>,
    playback: Arc<Playback>,
}

/// What became of a comment.
#[derive(Debug)]
pub(crate) enum Committed<'a> {
    Added(&'a CommentRow, &'a [NotificationRow]),
    Changed(&'a CommentRow),
    Removed(CommentId, VideoId),
}

/// What an event about a comment says. Its words are read where all comments are: by whoever may see it then.
#[derive(Serialize)]
struct Told {
    video: VideoId,
    comment: CommentId,
    /// The comment at the top of its thread.
    #[serde(skip_serializing_if = "Option::is_none")]
    parent: Option<CommentId>,
    /// Its author.
    #[serde(skip_serializing_if = "Option::is_none")]
    owner: Option<UserId>,
}

impl Told {
    fn of(row: &CommentRow) -> Self {
        Self {
            video: row.video_id,
            comment: row.id,
            parent: row.parent_id,
            owner: Some(row.owner_id),
        }
    }
}

/// A change of comments has become durable: whoever is to hear of it is told here, and nowhere else.
pub(crate) fn committed(core: &Core, change: &Committed<'_>) {
    let (kind, told) = match change {
        Committed::Added(row, said) => {
            notifications::tell(core, *said);
            tracing::debug!(comment.id = %row.id, video.id = %row.video_id, "Added comment {}", row.id);
            (kinds::COMMENT_CREATED, Told::of(row))
        }
        Committed::Changed(row) => {
            tracing::debug!(comment.id = %row.id, "Changed comment {}", row.id);
            (kinds::COMMENT_UPDATED, Told::of(row))
        }
        Committed::Removed(id, video) => {
            tracing::debug!(comment.id = %id, video.id = %video, "Removed comment {id}");
            let told = Told {
                video: *video,
                comment: *id,
                parent: None,
                owner: None,
            };
            (kinds::COMMENT_REMOVED, told)
        }
    };
    let watchers = Audience::Watchers {
        video: told.video,
        owner: None,
    };
    events::tell(core, kind, watchers, &told);
}

/// A comment was taken down or brought back: those who look at its video see it go or come.
pub(crate) fn moderated(core: &Core, id: CommentId, video: VideoId, parent: Option<CommentId>, shown: bool) {
    if !shown {
        return committed(core, &Committed::Removed(id, video));
    }
    let told = Told {
        video,
        comment: id,
        parent,
        owner: None,
    };
    let watchers = Audience::Watchers { video, owner: None };
    events::tell(core, kinds::COMMENT_CREATED, watchers, &told);
}

/// No such comment, as far as this caller may know.
pub(crate) fn no_comment() -> Error {
    Error::refused(Kind::NotFound, "comment_not_found", "Comment not found")
}

impl Comments {
    pub(crate) fn new(core: Arc<Core>, playback: Arc<Playback>) -> Self {
        Self { core, playback }
    }

    /// The video, if this viewer may see it.
    async fn seen(&self, id: VideoId, viewer: &Viewer) -> Result<Arc<VideoRow>, Error> {
        let video = self.playback.believed(id).await?.ok_or_else(Error::no_video)?;
        if may_see(&video, viewer) {
            Ok(video)
        } else {
            Err(Error::no_video())
        }
    }

    /// The comments at the top of a video's threads, the pinned one before all others, or those with some words.
    pub async fn list(
        &self,
        video: VideoId,
        words: Option<&str>,
        asked: &Asked,
        viewer: &Viewer,
    ) -> Result<Paged<CommentRow>, Error> {
        self.seen(video, viewer).await?;
        let words = match words {
            None => None,
            Some(text) => match keyset::words(text) {
                Some(words) => Some(words),
                None => return Ok(Paged::empty()),
            },
        };
        let reader = viewer.map(|actor| actor.user_id);
        let mut tx = self.core.store.read();
        // Whoever searches gets what was found, in its order.
        let pinned = if words.is_some() {
            None
        } else {
            match comments::pinned(&mut tx, video).await? {
                Some(id) => comments::find(&mut tx, id, reader).await?,
                None => None,
            }
        };
        let begin = asked.begin("comments", i64::from(pinned.is_some()))?;
        let query = Query {
            scope: Scope::Top(video, pinned.as_ref().map(|row| row.id)),
            words: words.as_deref(),
            reader,
            walk: asked.walk(begin),
        };
        let patience = Patience::of(query.words.is_some());
        let mut rows = self.rows(&query, patience).await?;
        let next_cursor = asked.cut("comments", &mut rows, begin.ahead, |row| key(asked.sort, row));
        if begin.ahead > 0
            && let Some(pinned) = pinned
        {
            rows.insert(0, pinned);
        }
        if asked.by_cursor() {
            return Ok(Paged {
                rows,
                next_cursor,
                ..Paged::empty()
            });
        }
        let total = if query.words.is_some() {
            list::count(&mut patience.reader(&self.core.store), &query).await?
        } else {
            comments::threads_of(&mut tx, video).await?
        };
        Ok(Paged::numbered(rows, total))
    }

    /// The thread below a comment, oldest first unless asked otherwise.
    pub async fn replies(
        &self,
        id: CommentId,
        asked: &Asked,
        viewer: &Viewer,
    ) -> Result<Paged<CommentRow>, Error> {
        let comment = self.find(id, viewer).await?;
        let begin = asked.begin("replies", 0)?;
        let query = Query {
            scope: Scope::Replies(id),
            words: None,
            reader: viewer.map(|actor| actor.user_id),
            walk: asked.walk(begin),
        };
        let mut rows = self.rows(&query, Patience::Each).await?;
        let next_cursor = asked.cut("replies", &mut rows, 0, |row| key(asked.sort, row));
        if asked.by_cursor() {
            return Ok(Paged {
                rows,
                next_cursor,
                ..Paged::empty()
            });
        }
        Ok(Paged::numbered(rows, comment.replies_count))
    }

    async fn rows(&self, query: &Query<'_>, patience: Patience) -> Result<Vec<CommentRow>, Error> {
        let mut tx = if list::is_quick(query) {
            self.core.store.read()
        } else {
            patience.reader(&self.core.store)
        };
        Ok(list::list(&mut tx, query).await?)
    }

    /// One comment, if this viewer may see it.
    pub async fn find(&self, id: CommentId, viewer: &Viewer) -> Result<CommentRow, Error> {
        let mut tx = self.core.store.read();
        Ok(seen_in(&mut tx, id, viewer).await?.0)
    }

    /// Writes a comment, or a reply to one.
    pub async fn add(
        &self,
        video: VideoId,
        content: Option<&str>,
        parent: Option<&str>,
        actor: &Actor,
    ) -> Result<CommentRow, Error> {
        self.seen(video, &Some(*actor)).await?;
        let mut fields = Fields::default();
        let checked = fields.require("content", content, rules::content);
        let parent = fields.optional("parent", parent, |text| {
            text.parse::<CommentId>()
                .map_err(|_| model::text::Fault::new("malformed", "Ids are 24 hex digits."))
        });
        let Some(content) = checked else {
            return Err(fields.into_error());
        };
        fields.done()?;
        let now = self.core.clock.now();
        let waits = held::reason(&self.core, video, actor, &content).await?;
        let mut tx = self.core.store.write().await?;
        let standing = likes::standing(&mut tx, video)
            .await?
            .filter(|standing| may_see_standing(standing, &Some(*actor)))
            .ok_or_else(Error::no_video)?;
        must_be_heard(&mut tx, standing.owner_id, actor).await?;
        held::must_be_taken(&mut tx, video).await?;
        let parent_id = match parent {
            None => None,
            Some(parent) => Some(top_of(&mut tx, video, parent).await?),
        };
        // What answers a reply answers the thread too.
        let answered = [parent, parent_id.filter(|top| Some(*top) != parent)];
        for id in answered.into_iter().flatten() {
            if let Some(comment) = likes::counted(&mut tx, Liked::Comment(id)).await? {
                must_be_heard(&mut tx, comment.owner_id, actor).await?;
            }
        }
        let id = self.core.ids.next(now);
        if let Some(reason) = waits {
            let new = store::held::New {
                id,
                video_id: video,
                channel_id: standing.owner_id,
                owner_id: actor.user_id,
                parent_id,
                answers: parent,
                content: &content,
                reason,
                is_edit: false,
                now,
            };
            let (row, said) = held::hold(&self.core, &mut tx, &new).await?;
            tx.commit().await?;
            notifications::tell(&self.core, &said);
            tracing::debug!(comment.id = %id, video.id = %video, "Held comment {id}");
            return Ok(row);
        }
        let new = New {
            id,
            video_id: video,
            owner_id: actor.user_id,
            parent_id,
            content: &content,
            now,
            shown_at: now,
        };
        let (row, said) = publish(&self.core, &mut tx, &new, &standing, parent, actor.user_id).await?;
        tx.commit().await?;
        committed(&self.core, &Committed::Added(&row, &said));
        Ok(row)
    }

    /// Writes another text.
    pub async fn update(
        &self,
        id: CommentId,
        content: Option<&str>,
        actor: &Actor,
    ) -> Result<CommentRow, Error> {
        let viewer = Some(*actor);
        let before = self.find_any(id, actor).await?;
        if before.owner_id != actor.user_id {
            return Err(not_the_author());
        }
        let mut fields = Fields::default();
        let Some(content) = fields.require("content", content, rules::content) else {
            return Err(fields.into_error());
        };
        let waits = held::reason(&self.core, before.video_id, actor, &content).await?;
        let mut tx = self.core.store.write().await?;
        if let Some((held, standing)) = held::waiting(&mut tx, id, actor).await? {
            must_be_heard(&mut tx, standing.owner_id, actor).await?;
            // It goes on waiting: for what the new text is held for, if it is.
            store::held::save_content(&mut tx, id, &content, waits.unwrap_or(held.reason)).await?;
            tx.commit().await?;
            return Ok(CommentRow {
                content,
                ..held.comment
            });
        }
        let (before, standing) = seen_in(&mut tx, id, &viewer).await?;
        if before.content == content {
            // Another text that waited is taken back.
            if store::held::remove(&mut tx, id).await? {
                tx.commit().await?;
            }
            return Ok(before);
        }
        must_be_heard(&mut tx, standing.owner_id, actor).await?;
        if let Some(top) = before.parent_id
            && let Some(top) = likes::counted(&mut tx, Liked::Comment(top)).await?
        {
            must_be_heard(&mut tx, top.owner_id, actor).await?;
        }
        let now = self.core.clock.now();
        if let Some(reason) = waits {
            let new = store::held::New {
                id,
                video_id: before.video_id,
                channel_id: standing.owner_id,
                owner_id: actor.user_id,
                parent_id: before.parent_id,
                answers: None,
                content: &content,
                reason,
                is_edit: true,
                now,
            };
            let (_, said) = held::hold(&self.core, &mut tx, &new).await?;
            tx.commit().await?;
            notifications::tell(&self.core, &said);
            return Ok(CommentRow {
                content,
                edited_at: Some(now),
                updated_at: now,
                held: true,
                ..before
            });
        }
        store::held::remove(&mut tx, id).await?;
        comments::save_content(&mut tx, id, &content, now).await?;
        tx.commit().await?;
        let row = CommentRow {
            content,
            edited_at: Some(now),
            updated_at: now,
            ..before
        };
        committed(&self.core, &Committed::Changed(&row));
        Ok(row)
    }

    /// One comment that is shown, or that waits, if this person may know of it.
    async fn find_any(&self, id: CommentId, actor: &Actor) -> Result<CommentRow, Error> {
        let mut tx = self.core.store.read();
        match held::waiting(&mut tx, id, actor).await? {
            Some((held, _)) => Ok(held.comment),
            None => Ok(seen_in(&mut tx, id, &Some(*actor)).await?.0),
        }
    }

    /// Removes a comment and the thread below it. What is more than a bite goes by a job.
    pub async fn remove(&self, id: CommentId, actor: &Actor) -> Result<(), Error> {
        let viewer = Some(*actor);
        self.find_any(id, actor).await?;
        let mut tx = self.core.store.write().await?;
        if let Some((held, standing)) = held::waiting(&mut tx, id, actor).await? {
            held::discard(&self.core, &mut tx, &held, &standing, actor).await?;
            return Ok(tx.commit().await?);
        }
        let (comment, standing) = seen_in(&mut tx, id, &viewer).await?;
        if comment.owner_id != actor.user_id && !owns(&standing, actor) {
            let message = "Only the author of a comment and the owner of the video can do this.";
            return Err(Refusal::new(Kind::Forbidden, "not_the_author", message).into());
        }
        if actor.user_id != standing.owner_id {
            let target = Target::new(Subject::Comment, id.0);
            moderation::note_removal(&self.core, &mut tx, actor, comment.owner_id, target, "").await?;
        }
        let left =
            comments::removal::remove(&mut tx, id, remove_conversation::BITE, self.core.clock.now()).await?;
        if left {
            let payload = remove_conversation::Payload::Comment(id);
            let job = jobs::new(&self.core, &payload, None, None, self.core.clock.now())?;
            job_rows::enqueue(&mut tx, &job.as_row()).await?;
        }
        tx.commit().await?;
        if left {
            self.core.bus.wake(jobs::TOPIC);
        }
        committed(&self.core, &Committed::Removed(id, comment.video_id));
        Ok(())
    }

    /// Shows a comment before all others of its video, in place of the one that was, or not any more.
    pub async fn pin(&self, id: CommentId, pinned: bool, actor: &Actor) -> Result<CommentRow, Error> {
        let viewer = Some(*actor);
        self.find(id, &viewer).await?;
        let mut tx = self.core.store.write().await?;
        let (comment, standing) = seen_in(&mut tx, id, &viewer).await?;
        if !owns(&standing, actor) {
            let message = "Only the owner of the video can do this.";
            return Err(Refusal::new(Kind::Forbidden, "not_the_owner", message).into());
        }
        if comment.parent_id.is_some() {
            let message = "A reply cannot be pinned.";
            return Err(Refusal::new(Kind::Invalid, "not_at_the_top", message).into());
        }
        if comment.pinned == pinned {
            return Ok(comment);
        }
        let target = Target::new(Subject::Comment, id.0);
        moderation::note_edit(&self.core, &mut tx, actor, standing.owner_id, target, "pinned").await?;
        comments::pin(&mut tx, comment.video_id, pinned.then_some(id)).await?;
        tx.commit().await?;
        let row = CommentRow { pinned, ..comment };
        committed(&self.core, &Committed::Changed(&row));
        Ok(row)
    }
}

/// Adds a comment that may be shown, and says so to whom it concerns. Answers how `reader` sees it, and what is
/// for [`committed`].
pub(crate) async fn publish(
    core: &Core,
    tx: &mut Tx,
    new: &New<'_>,
    standing: &Standing,
    answers: Option<CommentId>,
    reader: UserId,
) -> Result<(CommentRow, Vec<NotificationRow>), Error> {
    comments::add(tx, new).await?;
    let row = comments::find(tx, new.id, Some(reader))
        .await?
        // Nobody is there any more who could have written it.
        .ok_or_else(Error::unauthenticated)?;
    // What answers somebody under a video that is not everyone's is not said to them.
    let open = standing.visibility != Visibility::Private && standing.watchable && !standing.taken_down;
    let commented = Commented {
        comment: new.id,
        actor: new.owner_id,
        video: new.video_id,
        owner: standing.owner_id,
        answers: answers.filter(|_| open),
    };
    let now = core.clock.now();
    let said = notifications::say_commented(core, tx, commented, now).await?;
    // Here, where a comment becomes one that may be shown: what waits is nobody's business outside.
    if new.owner_id != standing.owner_id {
        webhooks::note(tx, standing.owner_id, Happened::CommentCreated, new.id.0, now).await?;
    }
    Ok((row, said))
}

fn not_the_author() -> Error {
    let message = "Only the author of a comment can do this.";
    Refusal::new(Kind::Forbidden, "not_the_author", message).into()
}

fn owns(video: &Standing, actor: &Actor) -> bool {
    actor.is_admin() || actor.user_id == video.owner_id
}

fn key(sort: Sort, row: &CommentRow) -> (i64, model::ObjectId) {
    (sort.key(row.created_at, row.likes_count), row.id.0)
}

/// A comment that `viewer` may see, with how its video stands.
pub(crate) async fn seen_in(
    tx: &mut Tx,
    id: CommentId,
    viewer: &Viewer,
) -> Result<(CommentRow, Standing), Error> {
    let reader = viewer.map(|actor| actor.user_id);
    let comment = comments::find(tx, id, reader).await?.ok_or_else(no_comment)?;
    let standing = standing_of(tx, comment.video_id, comment.parent_id, viewer).await?;
    Ok((comment, standing))
}

/// How the video stands under which a comment is that stands in this thread; refuses where `viewer` may not see
/// it, and where the thread was removed and the rest of it is about to go.
pub(crate) async fn standing_of(
    tx: &mut Tx,
    video: VideoId,
    parent: Option<CommentId>,
    viewer: &Viewer,
) -> Result<Standing, Error> {
    let standing = likes::standing(tx, video).await?.ok_or_else(no_comment)?;
    if !may_see_standing(&standing, viewer) {
        return Err(no_comment());
    }
    match parent {
        Some(parent) if comments::place(tx, parent).await?.is_none() => Err(no_comment()),
        _ => Ok(standing),
    }
}

/// The comment at the top of the thread in which an answer to `parent` stands.
async fn top_of(tx: &mut Tx, video: VideoId, parent: CommentId) -> Result<CommentId, Error> {
    let place = comments::place(tx, parent).await?.ok_or_else(no_comment)?;
    if place.video_id != video {
        return Err(no_comment());
    }
    match place.parent_id {
        None => Ok(parent),
        Some(top) => match comments::place(tx, top).await? {
            Some(_) => Ok(top),
            None => Err(no_comment()),
        },
    }
}
