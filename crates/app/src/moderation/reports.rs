//! Reports: what people say is wrong, and what moderators say to that.
//!
//! Only what somebody may see can be reported, once by each; moderators read what is open, and close it.

use model::moderation::{self as rules, Act, Kind as Subject, Reason, ReportState, Target};
use model::playlists::Kind as PlaylistKind;
use model::text::Fault;
use model::{CommentId, ObjectId, PlaylistId, ReportId, TweetId, UserId, VideoId};
use store::places::Place;
use store::reports::{self, ReportRow};
use store::tweets;

use super::{Moderation, must_moderate, note};
use crate::comments;
use crate::error::{Error, Fields, Kind};
use crate::lists::{Request, Slice};
use crate::playlists::{self, Which};
use crate::queue::By;
use crate::sessions::Actor;
use crate::subscriptions;
use crate::tweets::no_tweet;
use crate::videos::may_see;

/// What somebody reports.
#[derive(Debug, Default)]
pub struct Complaint {
    /// `video`, `comment`, `tweet`, `user` or `playlist`.
    pub kind: Option<String>,
    /// Which.
    pub id: Option<String>,
    /// What is wrong, by name.
    pub reason: Option<String>,
    /// The same in words.
    pub text: Option<String>,
}

/// Which reports.
#[derive(Debug, Clone, Copy)]
pub struct Filter {
    /// Whether somebody still has to look.
    pub state: ReportState,
    /// Only about this kind of thing.
    pub kind: Option<Subject>,
}

/// What a moderator says to a report; absent fields stay.
#[derive(Debug, Default)]
pub struct Verdict {
    /// `open` or `closed`.
    pub state: Option<String>,
    /// For other moderators.
    pub note: Option<String>,
}

impl Filter {
    /// The name of the list, in its cursors.
    fn name(self) -> String {
        let kind = self.kind.map_or(-1, Subject::code);
        format!("reports-{}-{kind}", self.state.code())
    }
}

/// The state of this name.
pub fn state(name: &str) -> Result<ReportState, Fault> {
    ReportState::from_name(name).ok_or_else(|| Fault::new("unknown", "The state is open or closed."))
}

/// The kind of thing of this name, that people report.
pub fn kind(name: &str) -> Result<Subject, Fault> {
    let known = name.parse::<Subject>().ok().filter(|kind| kind.is_reported());
    let message = "The kind is video, comment, tweet, user or playlist.";
    known.ok_or_else(|| Fault::new("unknown", message))
}

/// What became private since it was reported, only admins read.
fn hide_private(row: &mut ReportRow, actor: &Actor) {
    if !actor.is_admin() && row.about.as_ref().is_some_and(|about| about.private) {
        row.about = None;
    }
}

fn no_report() -> Error {
    Error::refused(Kind::NotFound, "report_not_found", "Report not found")
}

impl Moderation {
    /// Reports a thing; tells whether this is the first time that `actor` does.
    pub async fn report(&self, complaint: Complaint, actor: &Actor) -> Result<(ReportRow, bool), Error> {
        let mut fields = Fields::default();
        let subject = fields.require("kind", complaint.kind.as_deref(), kind);
        let id = fields.require("id", complaint.id.as_deref(), |text| {
            text.parse::<ObjectId>()
                .map_err(|_| Fault::new("malformed", "Ids are 24 hex digits."))
        });
        let reason = fields.require("reason", complaint.reason.as_deref(), |name| {
            let message = "This is none of the reasons that can be given.";
            Reason::from_name(name).ok_or_else(|| Fault::new("unknown", message))
        });
        let text = fields.optional("text", complaint.text.as_deref(), rules::text);
        let (Some(subject), Some(id), Some(reason)) = (subject, id, reason) else {
            return Err(fields.into_error());
        };
        fields.done()?;
        let target = Target::new(subject, id);
        self.must_see(target, actor).await?;
        if let Some(row) = reports::find_by(&mut self.core.store.read(), actor.user_id, target).await? {
            return Ok((row, false));
        }
        let now = self.core.clock.now();
        let mut tx = self.core.store.write().await?;
        let new = reports::New {
            id: self.core.ids.next(now),
            reporter_id: actor.user_id,
            target,
            reason,
            text: text.as_deref().unwrap_or_default(),
            now,
        };
        let added = reports::add(&mut tx, &new).await?;
        let row = reports::find_by(&mut tx, actor.user_id, target).await?;
        tx.commit().await?;
        let row = row.ok_or_else(no_report)?;
        if added {
            tracing::info!(report.id = %row.id, "Report {} was made", row.id);
        }
        Ok((row, added))
    }

    /// Refuses what `actor` may not know of.
    async fn must_see(&self, target: Target, actor: &Actor) -> Result<(), Error> {
        let viewer = Some(*actor);
        let mut tx = self.core.store.read();
        match target.kind {
            Subject::Video => {
                let video = self.playback.believed(VideoId(target.id)).await?;
                let seen = video.is_some_and(|video| may_see(&video, &viewer));
                if seen { Ok(()) } else { Err(Error::no_video()) }
            }
            Subject::Comment => comments::seen_in(&mut tx, CommentId(target.id), &viewer)
                .await
                .map(|_| ()),
            Subject::Tweet => match tweets::find(&mut tx, TweetId(target.id), None).await? {
                Some(_) => Ok(()),
                None => Err(no_tweet()),
            },
            Subject::User => subscriptions::find(&mut tx, UserId(target.id)).await.map(|_| ()),
            Subject::Playlist => {
                let which = Which::Id(PlaylistId(target.id));
                let row = playlists::find(&mut tx, which, &viewer).await?;
                if row.kind == PlaylistKind::WatchLater {
                    return Err(playlists::no_playlist());
                }
                Ok(())
            }
            Subject::Report => Err(no_report()),
        }
    }

    /// Reports, newest first; for moderators.
    pub async fn reports(
        &self,
        filter: Filter,
        request: &Request,
        actor: &Actor,
    ) -> Result<Slice<ReportRow>, Error> {
        must_moderate(actor)?;
        let list = filter.name();
        let ask = request.ask(&list, Place::TOP)?;
        let mut tx = self.core.store.read();
        let mut rows = reports::list(&mut tx, filter.state, filter.kind, ask.start.after, ask.rows).await?;
        for row in &mut rows {
            hide_private(row, actor);
        }
        request.cut(&list, rows, |row| Place::new(row.created_at, row.id.0))
    }

    /// Closes a report or opens it again, and writes a note to it.
    pub async fn judge(&self, id: ReportId, verdict: Verdict, actor: &Actor) -> Result<ReportRow, Error> {
        must_moderate(actor)?;
        reports::find(&mut self.core.store.read(), id)
            .await?
            .ok_or_else(no_report)?;
        let mut fields = Fields::default();
        let new_state = fields.optional("state", verdict.state.as_deref(), state);
        let words = fields.optional("note", verdict.note.as_deref(), rules::note);
        fields.done()?;
        if new_state.is_none() && words.is_none() {
            let message = "Send state or note.";
            return Err(Error::refused(Kind::Invalid, "nothing_to_change", message));
        }
        let now = self.core.clock.now();
        let mut tx = self.core.store.write().await?;
        let mut before = reports::find(&mut tx, id).await?.ok_or_else(no_report)?;
        hide_private(&mut before, actor);
        let state = new_state.unwrap_or(before.state);
        let words = words.unwrap_or_else(|| before.note.clone());
        if (state, words.as_str()) == (before.state, before.note.as_str()) {
            return Ok(before);
        }
        reports::save(&mut tx, id, state, &words, actor.user_id, now).await?;
        let act = match (before.state, state) {
            (ReportState::Open, ReportState::Closed) => Act::CloseReport,
            (ReportState::Closed, ReportState::Open) => Act::ReopenReport,
            _ => Act::NoteReport,
        };
        let target = Target::new(Subject::Report, id.0);
        note(&self.core, &mut tx, By::Actor(actor), act, target, &words).await?;
        tx.commit().await?;
        Ok(ReportRow {
            state,
            note: words,
            handled_by: Some(actor.user_id),
            updated_at: now,
            ..before
        })
    }
}
