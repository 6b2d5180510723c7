//! Uploads that go on over several requests and survive a restart of either side.
//!
//! An upload is a row and an incoming file. The row says how many bytes are on the disk for good; only that
//! is ever told. The last byte makes a video of the file in the transaction that ends the upload. How bytes
//! are taken is [`receive`], who may take them at the moment [`live`], and how what was given up goes away
//! [`sweep`]. The words of the protocol that carries all this (tus 1.0) are `api`'s.

mod live;
mod receive;
pub mod sweep;

use std::path::Path;
use std::sync::Arc;

use model::text::Fault;
use model::uploads::Metadata;
use model::{Millis, UploadId, VideoId};
use objects::Key;
use store::uploads::{self as rows, UploadRow};
use tokio::sync::Semaphore;

use self::live::{Live, Turn};
pub use self::receive::{Checksum, Cut, Pieces, Request};
use crate::core::Core;
use crate::error::{Error, Kind, Refusal};
use crate::playback::Playback;
use crate::quotas::Quotas;
use crate::sessions::Actor;
use crate::videos::intake::Intake;
use crate::videos::upload::{Checked, Details, check, shown_name, too_large};

/// The most uploads that one person has open.
const OPEN_UPLOADS: i64 = 100;
/// Requests that bring bytes at once; each has two buffers of half a megabyte.
const RECEIVING: usize = 128;
const HOUR_MS: i64 = 3_600_000;

/// Beginning, carrying on and ending uploads.
#[derive(Debug)]
pub struct Uploads {
    core: Arc<Core>,
    playback: Arc<Playback>,
    quotas: Arc<Quotas>,
    intake: Arc<Intake>,
    live: Live,
    receiving: Semaphore,
}

/// What the metadata of an upload asks for.
#[derive(Debug)]
struct Wish {
    /// What its owner's machine called the file.
    name: String,
    /// A new video, or whose file it is to be.
    goal: Goal,
}

#[derive(Debug)]
enum Goal {
    New { checked: Checked, twice: bool },
    Replace(VideoId),
}

/// No such upload, as far as this caller may know.
pub(crate) fn no_upload() -> Error {
    Error::refused(Kind::NotFound, "upload_not_found", "Upload not found")
}

fn expired() -> Error {
    Error::refused(
        Kind::Gone,
        "upload_expired",
        "This upload waited too long for its next bytes and is gone.",
    )
}

/// The incoming file of an upload.
pub(crate) fn file_of(id: UploadId) -> Result<Key, Error> {
    Key::parse(&id.to_string()).map_err(|error| Error::failed("upload key", error))
}

/// What the metadata asks for, if it keeps the rules that a form would have to.
fn wish(metadata: &Metadata) -> Result<Wish, Error> {
    let text = |key: &'static str| metadata.text(key).map_err(|fault| Error::field(key, fault));
    // Clients for browsers say `name`.
    let name = text("filename")?.or(text("name")?).unwrap_or_default();
    if name.chars().any(char::is_control) {
        let fault = Fault::new("control_character", "A file name is one line.");
        return Err(Error::field("filename", fault));
    }
    let name = shown_name(name);
    if let Some(video) = text("replaces")? {
        let id = video
            .parse()
            .map_err(|_| Error::field("replaces", Fault::new("malformed", "Ids are 24 hex digits.")))?;
        return Ok(Wish {
            name,
            goal: Goal::Replace(id),
        });
    }
    let stem = Path::new(&name).file_stem().and_then(|stem| stem.to_str());
    let title = text("title")?.filter(|title| !title.trim().is_empty()).or(stem);
    let details = Details {
        // A file name may be longer than a title.
        title: title.map(|title| title.chars().take(model::videos::TITLE_CHARS).collect()),
        description: text("description")?.map(str::to_owned),
        tags: text("tags")?.map(tags_from_text).unwrap_or_default(),
        visibility: text("visibility")?.map(str::to_owned),
        keep_original: text("keepOriginal")?.map(str::to_owned),
        ..Details::default()
    };
    Ok(Wish {
        goal: Goal::New {
            checked: check(&details)?,
            twice: text("allowDuplicate")?.is_some_and(|value| value.trim() == "true"),
        },
        name,
    })
}

/// Words with commas between, or a JSON array of them.
pub fn tags_from_text(text: &str) -> Vec<String> {
    if text.trim_start().starts_with('[')
        && let Ok(list) = serde_json::from_str(text)
    {
        return list;
    }
    text.split(',')
        .map(|tag| tag.trim().to_owned())
        .filter(|tag| !tag.is_empty())
        .collect()
}

impl Uploads {
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
            live: Live::default(),
            receiving: Semaphore::new(RECEIVING),
        }
    }

    /// The largest file taken, in bytes.
    pub fn most_bytes(&self) -> u64 {
        self.core.settings.max_upload_bytes
    }

    fn expires_at(&self, now: Millis) -> Millis {
        now.plus_ms(i64::from(self.core.settings.upload_expire_hours) * HOUR_MS)
    }

    /// Begins an upload of `length_bytes`, or of a length that is declared later. `metadata` is the header
    /// as it was sent.
    pub async fn create(
        &self,
        length_bytes: Option<u64>,
        metadata: &str,
        actor: &Actor,
    ) -> Result<UploadRow, Error> {
        let parsed = Metadata::parse(metadata).map_err(|fault| Error::field("Upload-Metadata", fault))?;
        let wish = wish(&parsed)?;
        if length_bytes.is_some_and(|bytes| bytes > self.most_bytes()) {
            return Err(too_large(self.most_bytes()));
        }
        self.core.room_for(length_bytes.unwrap_or(0))?;
        let replaces = match wish.goal {
            Goal::New { .. } => None,
            Goal::Replace(video) => Some(video),
        };
        let now = self.core.clock.now();
        let row = UploadRow {
            id: self.core.ids.next(now),
            owner_id: actor.user_id,
            offset_bytes: 0,
            length_bytes,
            reserved_bytes: length_bytes.unwrap_or(0),
            metadata: metadata.to_owned(),
            replaces,
            source_hash: None,
            became: None,
            created_at: now,
            updated_at: now,
            expires_at: self.expires_at(now),
        };
        let _turn = self.quotas.turn().await;
        let mut tx = self.core.store.write().await?;
        if let Some(video) = replaces {
            let video = store::videos::find(&mut tx, video).await?;
            crate::videos::must_own(&video.ok_or_else(Error::no_video)?, actor)?;
        }
        let (open, _) = rows::open_of(&mut tx, actor.user_id).await?;
        if open >= OPEN_UPLOADS {
            let message = format!("You have {OPEN_UPLOADS} unfinished uploads. End some of them first.");
            return Err(Refusal::new(Kind::TooMany, "too_many_uploads", message)
                .retry_after(60)
                .into());
        }
        let usage = self.quotas.usage(&mut tx, actor.user_id).await?;
        usage.admit(row.reserved_bytes)?;
        rows::add(&mut tx, &row).await?;
        tx.commit().await?;
        Ok(row)
    }

    /// An upload as its owner may know it: with bytes that would survive a power cut. Whoever is bringing
    /// bytes is asked to leave, so that what is told stays true.
    pub async fn find(&self, id: UploadId, actor: &Actor) -> Result<UploadRow, Error> {
        self.own(id, actor).await?;
        let mut turn = self.live.take(id).await?;
        let row = self.own(id, actor).await?;
        if row.became.is_none() && row.length_bytes == Some(row.offset_bytes) {
            // All of it is there, and we went down before anything was made of it.
            return self.finish(row, &mut turn, actor).await;
        }
        Ok(row)
    }

    /// Gives an upload up; its bytes go at once. A video that it became stays.
    pub async fn remove(&self, id: UploadId, actor: &Actor) -> Result<(), Error> {
        self.own(id, actor).await?;
        let turn = self.live.take(id).await?;
        self.own(id, actor).await?;
        self.discard(id, turn).await
    }

    /// The upload, if it is this caller's and not past its time.
    async fn own(&self, id: UploadId, actor: &Actor) -> Result<UploadRow, Error> {
        let row = rows::find(&mut self.core.store.read(), id).await?;
        let row = row
            .filter(|row| row.owner_id == actor.user_id)
            .ok_or_else(no_upload)?;
        if row.expires_at <= self.core.clock.now() {
            return Err(expired());
        }
        Ok(row)
    }

    /// Removes row and bytes.
    async fn discard(&self, id: UploadId, turn: Turn) -> Result<(), Error> {
        let mut tx = self.core.store.write().await?;
        rows::remove(&mut tx, id).await?;
        tx.commit().await?;
        self.remove_file(id).await;
        drop(turn);
        self.live.forget(id);
        Ok(())
    }

    /// Removes the bytes of an upload that has no more use for them. What stays is swept later.
    async fn remove_file(&self, id: UploadId) {
        let removed = match file_of(id) {
            Ok(file) => self
                .core
                .objects
                .remove_incoming(&file)
                .await
                .map_err(Error::from),
            Err(error) => Err(error),
        };
        if let Err(error) = removed {
            tracing::warn!(error = %error, "Could not remove the bytes of an upload; the next sweep will");
        }
    }
}
