//! Uploads in one request: bytes are streamed to the disk as they come, and become a video at the end.
//!
//! Those that go on over several requests are [`crate::uploads`]; what is made of a complete file is
//! `intake`.

use std::sync::Arc;

use bytes::Bytes;
use model::VideoId;
use model::videos::{self as rules, Visibility};
use objects::Staged;
use store::videos;

use super::intake::{Arrival, Body, Taken};
use super::{Videos, must_own, visibility, yes_or_no};
use crate::core::Core;
use crate::error::{Error, Fields, Kind};
use crate::quotas::Reservation;
use crate::sessions::Actor;

/// How often the disk is asked whether it has room for more, and the quota where no length was declared.
const ROOM_CHECK_BYTES: u64 = 16 << 20;
/// Text parts and boundaries around the file are small change.
const ENVELOPE_BYTES: u64 = 16 << 20;

/// Bytes on their way in. Dropping it leaves nothing behind.
#[derive(Debug)]
pub struct Upload {
    core: Arc<Core>,
    staged: Staged,
    room_checked_at_bytes: u64,
    received_bytes: u64,
    limit_bytes: u64,
    name: String,
    reservation: Reservation,
}

/// What the owner says about a new video.
#[derive(Debug, Default)]
pub struct Details {
    /// One line.
    pub title: Option<String>,
    /// Several lines.
    pub description: Option<String>,
    /// Words to find it by.
    pub tags: Vec<String>,
    /// `public` (the default), `unlisted`, `private`.
    pub visibility: Option<String>,
    /// The older spelling: `false` is private.
    pub is_published: Option<bool>,
    /// Picture file for the poster.
    pub thumbnail: Option<Bytes>,
    /// `true` or `false`: whether the original stays once the video is ready. Absent: as the instance is set
    /// up.
    pub keep_original: Option<String>,
    /// Make a second video where the owner has one of the same bytes.
    pub allow_duplicate: bool,
}

/// Details that keep the rules.
#[derive(Debug)]
pub(crate) struct Checked {
    pub(crate) title: String,
    pub(crate) description: String,
    pub(crate) tags: Vec<String>,
    pub(crate) visibility: Visibility,
    pub(crate) keep_original: Option<bool>,
}

impl Upload {
    /// Takes the next piece. Refuses beyond the size limit and the quota.
    pub async fn write(&mut self, piece: Bytes) -> Result<(), Error> {
        self.received_bytes += piece.len() as u64;
        if self.received_bytes > self.limit_bytes {
            return Err(too_large(self.limit_bytes));
        }
        // Others write to the same disk: what was free at the start may not be any more.
        if self.received_bytes - self.room_checked_at_bytes >= ROOM_CHECK_BYTES {
            self.core.room_for(0)?;
            self.room_checked_at_bytes = self.received_bytes;
            self.reservation.grow_to(self.received_bytes).await?;
        }
        Ok(self.staged.write(piece).await?)
    }
}

/// A cleaned-up name that a file had on its owner's machine.
pub(crate) fn shown_name(name: &str) -> String {
    name.chars().filter(|c| !c.is_control()).take(255).collect()
}

/// No file of this size is taken here.
pub(crate) fn too_large(limit_bytes: u64) -> Error {
    let gib = limit_bytes as f64 / f64::from(1 << 30);
    Error::refused(
        Kind::TooLarge,
        "upload_too_large",
        format!("A video file has at most {gib:.1} GiB here."),
    )
}

impl Videos {
    /// Refuses early what cannot fit: called with the length that the client declares, if it does. What it
    /// answers is room in the owner's quota, to be handed to [`Videos::begin_upload`].
    pub async fn expect_upload(
        &self,
        declared_bytes: Option<u64>,
        actor: &Actor,
    ) -> Result<Reservation, Error> {
        let limit = self.core.settings.max_upload_bytes;
        match declared_bytes {
            Some(bytes) if bytes > limit.saturating_add(ENVELOPE_BYTES) => return Err(too_large(limit)),
            declared => self.core.room_for(declared.unwrap_or(0))?,
        }
        self.quotas
            .reserve(actor.user_id, declared_bytes.unwrap_or(0))
            .await
    }

    /// Begins to take a file. `name` is what its owner's machine calls it; it is only ever shown.
    pub async fn begin_upload(&self, name: &str, reservation: Reservation) -> Result<Upload, Error> {
        Ok(Upload {
            core: Arc::clone(&self.core),
            room_checked_at_bytes: 0,
            staged: self.core.objects.stage().await?,
            received_bytes: 0,
            limit_bytes: self.core.settings.max_upload_bytes,
            name: shown_name(name),
            reservation,
        })
    }

    /// Makes a video of a complete upload. Whatever goes wrong, nothing of it stays.
    pub async fn publish(&self, upload: Upload, details: Details, actor: &Actor) -> Result<Taken, Error> {
        let checked = check(&details)?;
        let (arrival, _reservation) = arrive(upload).await?;
        self.intake
            .publish(
                arrival,
                checked,
                details.thumbnail,
                details.allow_duplicate,
                actor,
            )
            .await
    }

    /// Makes a complete upload the file that a video is made of from now on; its address, likes and views
    /// stay.
    pub async fn replace_file(&self, id: VideoId, upload: Upload, actor: &Actor) -> Result<Taken, Error> {
        let (arrival, _reservation) = arrive(upload).await?;
        let taken = self.intake.replace(arrival, id, actor).await?;
        self.playback.forget(id);
        Ok(taken)
    }

    /// Refuses whoever may not replace the file of this video, before the file is sent.
    pub async fn expect_replacement(&self, id: VideoId, actor: &Actor) -> Result<(), Error> {
        let video = videos::find(&mut self.core.store.read(), id).await?;
        must_own(&video.ok_or_else(Error::no_video)?, actor)
    }
}

/// The file once all of it is there; the room in the quota is held until it is counted.
async fn arrive(upload: Upload) -> Result<(Arrival, Reservation), Error> {
    let Upload {
        mut staged,
        name,
        mut reservation,
        received_bytes,
        ..
    } = upload;
    reservation.grow_to(received_bytes).await?;
    let digest = staged.finish().await?;
    let arrival = Arrival {
        body: Body::Staged(Box::new(staged)),
        digest,
        name,
        ending: None,
    };
    Ok((arrival, reservation))
}

pub(crate) fn check(details: &Details) -> Result<Checked, Error> {
    let mut fields = Fields::default();
    let title = fields.require("title", details.title.as_deref(), rules::title);
    let description = fields.optional("description", details.description.as_deref(), rules::description);
    let tags = fields.check("tags", rules::tags(&details.tags));
    let named = fields.optional("visibility", details.visibility.as_deref(), visibility);
    let keep_original = fields.optional("keepOriginal", details.keep_original.as_deref(), yes_or_no);
    let fallback = if details.is_published == Some(false) {
        Visibility::Private
    } else {
        Visibility::Public
    };
    match (title, tags) {
        (Some(title), Some(tags)) => {
            fields.done()?;
            Ok(Checked {
                title,
                description: description.unwrap_or_default(),
                tags,
                visibility: named.unwrap_or(fallback),
                keep_original,
            })
        }
        _ => Err(fields.into_error()),
    }
}
