//! Exports: everything of one person in one file that they take with them.
//!
//! Owns who may ask for one, how often, and how long it is kept. It is made by a job
//! ([`crate::jobs::export_account`]); what goes in is [`sections`], in which words [`shapes`], packed how [`zip`].
//! Bytes of videos do not: their addresses do.

mod archive;
pub(crate) mod sections;
mod shapes;
mod zip;

use std::sync::Arc;

use model::jobs::JobState;
use model::{ExportId, Millis, UserId, VideoId};
use objects::Key;
use serde::Serialize;
use store::exports::{self as rows, ExportRow, State};
use store::{Tx, jobs as job_rows};

use crate::App;
use crate::core::Core;
use crate::error::{Error, Kind, Refusal};
use crate::jobs::{self, export_account, remove_objects};
use crate::queue::{CANCELLED, Queue};
use crate::sessions::Actor;
use crate::subscriptions::present;

/// Exports that one person may ask for within [`DAY_MS`].
pub const MOST_A_DAY: usize = 3;
const DAY_MS: i64 = 24 * 3_600_000;
/// How long one is remembered that has no file any more.
const REMEMBERED_MS: i64 = 30 * DAY_MS;
/// The newest that are looked at and listed; fewer come together in the time that they are remembered.
const LISTED: i64 = 100;
/// Rows changed in one transaction.
const BATCH: i64 = 100;

const AVATAR_FILE: &str = "avatar.jpg";
const COVER_FILE: &str = "cover.jpg";

fn captions_file(video: VideoId, language: &str) -> String {
    format!("captions/{video}.{language}.vtt")
}

/// Where the files of one export lie.
pub(crate) fn folder(id: ExportId) -> String {
    format!("exports/{id}")
}

/// Where an export is, as its owner sees it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Status {
    /// It waits for its turn.
    Queued,
    /// It is being made.
    Running,
    /// The file can be fetched.
    Ready,
    /// It could not be made, or somebody ended the work.
    Failed,
    /// The file is gone, its time was over.
    Expired,
}

/// One export.
#[derive(Debug, Clone)]
pub struct Export {
    /// Its row.
    pub row: ExportRow,
    /// Where it is.
    pub status: Status,
}

impl Export {
    fn of(row: ExportRow, now: Millis) -> Option<Self> {
        let status = match (row.state, row.job_state) {
            (State::Removed, _) => return None,
            (State::Ready, _) if row.expires_at > now => Status::Ready,
            (State::Ready | State::Expired, _) => Status::Expired,
            (State::Waiting, Some(JobState::Queued)) => Status::Queued,
            (State::Waiting, Some(JobState::Running)) => Status::Running,
            (State::Waiting, _) => Status::Failed,
        };
        Some(Self { row, status })
    }

    /// How far it is, 0 to 1.
    pub fn progress(&self) -> f64 {
        match self.status {
            Status::Ready | Status::Expired => 1.0,
            Status::Queued | Status::Running | Status::Failed => self.row.job_progress,
        }
    }

    /// When the file goes, or went; of one that has none there is nothing to say.
    pub fn expires_at(&self) -> Option<Millis> {
        matches!(self.status, Status::Ready | Status::Expired).then_some(self.row.expires_at)
    }

    fn is_under_way(&self) -> bool {
        matches!(self.status, Status::Queued | Status::Running)
    }
}

/// The file of an export.
#[derive(Debug)]
pub struct File {
    /// Which blob.
    pub key: Key,
    /// What it is to be called.
    pub name: String,
    /// Changes whenever the bytes do; without quotes.
    pub tag: String,
}

/// Asking for exports, looking at them, fetching and removing them.
#[derive(Debug)]
pub struct Exports {
    core: Arc<Core>,
    queue: Arc<Queue>,
}

impl Exports {
    pub(crate) fn new(core: Arc<Core>, queue: Arc<Queue>) -> Self {
        Self { core, queue }
    }

    /// Asks for an export. Answers the one that is under way where there is one, and whether it is a new one.
    pub async fn request(&self, actor: &Actor) -> Result<(Export, bool), Error> {
        let now = self.core.clock.now();
        let mut tx = self.core.store.write().await?;
        // Everything of somebody who has left is removed once; what came after that would stay.
        present(&mut tx, actor.user_id)
            .await?
            .ok_or_else(Error::unauthenticated)?;
        let known = rows::list(&mut tx, actor.user_id, LISTED).await?;
        let lately: Vec<Millis> = known
            .iter()
            .map(|row| row.created_at)
            .filter(|made| now.since(*made) < DAY_MS)
            .collect();
        let under_way = known
            .into_iter()
            .filter_map(|row| Export::of(row, now))
            .find(Export::is_under_way);
        if let Some(export) = under_way {
            return Ok((export, false));
        }
        if let (true, Some(oldest)) = (lately.len() >= MOST_A_DAY, lately.last()) {
            let wait_s = oldest.plus_ms(DAY_MS).since(now).max(1000) / 1000;
            let message = format!("At most {MOST_A_DAY} exports in 24 hours. Try again later.");
            let refusal = Refusal::new(Kind::TooMany, "too_many_exports", message);
            return Err(refusal
                .retry_after(u32::try_from(wait_s).unwrap_or(u32::MAX))
                .into());
        }
        self.core.room_for(0)?;
        let id: ExportId = self.core.ids.next(now);
        let payload = export_account::Payload { export: id };
        let job = jobs::new(&self.core, &payload, None, Some(actor.user_id), now)?;
        job_rows::enqueue(&mut tx, &job.as_row()).await?;
        rows::add(
            &mut tx,
            id,
            actor.user_id,
            job.id(),
            now,
            kept_until(&self.core, now),
        )
        .await?;
        let row = rows::find(&mut tx, id).await?;
        tx.commit().await?;
        self.core.bus.wake(jobs::TOPIC);
        let export = row.and_then(|row| Export::of(row, now));
        let export = export.ok_or_else(|| Error::failed("export", "the new export is not there"))?;
        Ok((export, true))
    }

    /// The caller's exports, newest first.
    pub async fn list(&self, actor: &Actor) -> Result<Vec<Export>, Error> {
        let now = self.core.clock.now();
        let known = rows::list(&mut self.core.store.read(), actor.user_id, LISTED).await?;
        Ok(known.into_iter().filter_map(|row| Export::of(row, now)).collect())
    }

    /// Ends the making of an export, or removes its file.
    pub async fn remove(&self, id: ExportId, actor: &Actor) -> Result<(), Error> {
        let now = self.core.clock.now();
        let mut tx = self.core.store.write().await?;
        let export = self.own(&mut tx, id, actor).await?;
        let job = job_rows::list::find(&mut tx, export.row.job_id).await?;
        let job = job.filter(|job| job.state.is_live());
        if let Some(job) = &job {
            job_rows::cancel(&mut tx, job.id, CANCELLED, now).await?;
        }
        rows::save_removed(&mut tx, id).await?;
        remove_objects::enqueue_later(&self.core, &mut tx, &folder(id), now, 0).await?;
        tx.commit().await?;
        self.queue.ended(job.as_slice(), None);
        self.core.bus.wake(jobs::TOPIC);
        Ok(())
    }

    /// The file of an export, for its owner.
    pub async fn file(&self, id: ExportId, actor: &Actor) -> Result<File, Error> {
        let export = self.own(&mut self.core.store.read(), id, actor).await?;
        let row = export.row;
        match (export.status, row.object_key) {
            (Status::Ready, Some(key)) => {
                let parsed = Key::parse(&key).map_err(|error| Error::failed("export key", error))?;
                Ok(File {
                    key: parsed,
                    name: file_name(row.created_at),
                    tag: format!("{}-{:x}", key.replace('/', "-"), row.size_bytes),
                })
            }
            (Status::Ready | Status::Expired, _) => Err(Error::refused(
                Kind::Gone,
                "export_expired",
                "This export was kept for its time and is gone. Ask for a new one.",
            )),
            (Status::Queued | Status::Running | Status::Failed, _) => Err(Error::refused(
                Kind::Conflict,
                "export_not_ready",
                "There is no file of this export.",
            )),
        }
    }

    /// The export, if it is the caller's; nobody else's business, not even an admin's.
    async fn own(&self, tx: &mut Tx, id: ExportId, actor: &Actor) -> Result<Export, Error> {
        rows::find(tx, id)
            .await?
            .filter(|row| row.user_id == actor.user_id)
            .and_then(|row| Export::of(row, self.core.clock.now()))
            .ok_or_else(|| Error::refused(Kind::NotFound, "export_not_found", "Export not found"))
    }
}

/// Until when something is kept that is made now.
pub(crate) fn kept_until(core: &Core, now: Millis) -> Millis {
    now.plus_ms(i64::from(core.settings.export_keep_days).saturating_mul(DAY_MS))
}

/// `streamsphere-export-2026-01-31.zip`.
fn file_name(made: Millis) -> String {
    let day = made.to_string();
    format!("streamsphere-export-{}.zip", day.get(..10).unwrap_or("undated"))
}

/// Removes the files of exports that are past their time, and forgets those that are long past. Tells how many files
/// went.
pub async fn sweep(app: &App) -> Result<usize, Error> {
    let core = &app.core;
    let now = core.clock.now();
    let mut removed = 0;
    loop {
        let mut tx = core.store.write().await?;
        let past = rows::expire(&mut tx, now, BATCH).await?;
        for id in &past {
            remove_objects::enqueue_later(core, &mut tx, &folder(*id), now, 0).await?;
        }
        let forgotten = rows::sweep(&mut tx, now.plus_ms(-REMEMBERED_MS), BATCH).await?;
        tx.commit().await?;
        removed += past.len();
        if past.is_empty() && forgotten == 0 {
            break;
        }
    }
    if removed > 0 {
        core.bus.wake(jobs::TOPIC);
    }
    Ok(removed)
}

/// Ends and removes a bite of somebody's exports; tells whether something may be left.
pub(crate) async fn bite_of_user(core: &Core, tx: &mut Tx, user: UserId) -> Result<bool, Error> {
    let now = core.clock.now();
    let gone = rows::remove_of(tx, user, BATCH).await?;
    for row in &gone {
        job_rows::cancel(tx, row.job_id, CANCELLED, now).await?;
        remove_objects::enqueue_later(core, tx, &folder(row.id), now, 0).await?;
    }
    Ok(!gone.is_empty())
}
