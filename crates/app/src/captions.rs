//! Subtitle tracks of a video: taken from its owner, rebuilt, kept beside it.
//!
//! What a caption file may hold is `media::captions`, which languages there are `model::captions`.

use bytes::Bytes;
use media::captions::{self, CaptionsError};
use model::VideoId;
use model::captions::{TRACKS, label, language, language_name};
use model::text::Fault;
use objects::Key;
use store::videos::{self, CaptionTrack, VideoRow};
use tokio::sync::Semaphore;

use crate::core::Core;
use crate::error::{Error, Fields, Kind, Refusal};
use crate::events;
use crate::moderation;
use crate::pictures;
use crate::sessions::{Actor, Viewer};
use crate::videos::{Videos, must_own};

pub use media::captions::MAX_BYTES;

/// Files that are read at once. One takes some milliseconds and a few times its size.
static READERS: Semaphore = Semaphore::const_new(2);

/// A track that was put in its place.
#[derive(Debug)]
pub struct Put {
    /// The video as it is now.
    pub video: VideoRow,
    /// The track.
    pub track: CaptionTrack,
    /// There was none of this language before.
    pub is_new: bool,
}

/// Name of a track's file, in addresses and below the video's folder.
pub fn file_name(track: &CaptionTrack) -> String {
    format!("captions-{}-{}.vtt", track.language, track.rev)
}

/// Where a track's file lies.
pub(crate) fn object_key(video: VideoId, track: &CaptionTrack) -> String {
    format!("{}/{}", pictures::video_folder(video), file_name(track))
}

impl Videos {
    /// The track of one language.
    pub async fn captions(
        &self,
        id: VideoId,
        language_tag: &str,
        viewer: &Viewer,
    ) -> Result<(std::sync::Arc<VideoRow>, CaptionTrack), Error> {
        let tag = checked_language(language_tag)?;
        let video = self.find(id, viewer).await?;
        let track = video.captions.iter().find(|track| track.language == tag).cloned();
        track.map(|track| (video, track)).ok_or_else(no_captions)
    }

    /// Makes a `WebVTT` or `SubRip` file the track of a language, in place of one that may be there.
    /// Without a name it is called as its speakers call the language.
    pub async fn put_captions(
        &self,
        id: VideoId,
        language_tag: &str,
        name: Option<&str>,
        file: Bytes,
        actor: &Actor,
    ) -> Result<Put, Error> {
        let mut fields = Fields::default();
        let tag = fields.check("language", language(language_tag));
        let name = fields.optional("label", name.filter(|name| !name.trim().is_empty()), label);
        let Some(tag) = tag else {
            return Err(fields.into_error());
        };
        fields.done()?;
        // Asked before the file is read, and again in the transaction.
        let seen = videos::find(&mut self.core.store.read(), id)
            .await?
            .ok_or_else(Error::no_video)?;
        must_own(&seen, actor)?;
        let rebuilt = rebuild(file).await?;
        // Counted against its owner's quota, and held until it is.
        let _room = self.quotas.reserve(seen.owner_id, rebuilt.len() as u64).await?;
        let track = CaptionTrack {
            label: name.unwrap_or_else(|| language_name(&tag)),
            language: tag,
            rev: pictures::new_rev(&self.core),
            bytes: i64::try_from(rebuilt.len()).unwrap_or(i64::MAX),
        };
        store_file(&self.core, id, &track, rebuilt.into()).await?;
        let saved = self.save_track(id, &track, actor).await;
        // Of the old file and the new one, the one that is not shown goes.
        let unused = match &saved {
            Ok((_, old)) => old.as_ref(),
            Err(_) => Some(&track),
        };
        if let Some(unused) = unused {
            remove_file(&self.core, id, unused).await;
        }
        let (video, old) = saved?;
        Ok(Put {
            video,
            track,
            is_new: old.is_none(),
        })
    }

    async fn save_track(
        &self,
        id: VideoId,
        track: &CaptionTrack,
        actor: &Actor,
    ) -> Result<(VideoRow, Option<CaptionTrack>), Error> {
        let mut tx = self.core.store.write().await?;
        let before = self.own(&mut tx, id, actor).await?;
        let mut after = before.clone();
        let mut old = None;
        match after
            .captions
            .binary_search_by(|other| other.language.cmp(&track.language))
        {
            Ok(at) => {
                if let Some(place) = after.captions.get_mut(at) {
                    old = Some(std::mem::replace(place, track.clone()));
                }
            }
            Err(_) if after.captions.len() >= TRACKS => {
                return Err(Error::refused(
                    Kind::Unprocessable,
                    "too_many_captions",
                    format!("A video has captions in at most {TRACKS} languages."),
                ));
            }
            Err(at) => after.captions.insert(at, track.clone()),
        }
        let what = format!("captions {}", track.language);
        moderation::note_video_edit(&self.core, &mut tx, actor, &before, &what).await?;
        after.stored_bytes += track.bytes - old.as_ref().map_or(0, |old| old.bytes);
        after.updated_at = self.core.clock.now();
        let after = videos::save(&mut tx, &before, after).await?;
        tx.commit().await?;
        self.playback.forget(id);
        events::videos::changed(&self.core, &before, &after);
        Ok((after, old))
    }

    /// Removes the track of a language.
    pub async fn remove_captions(&self, id: VideoId, language_tag: &str, actor: &Actor) -> Result<(), Error> {
        let tag = checked_language(language_tag)?;
        let mut tx = self.core.store.write().await?;
        let before = self.own(&mut tx, id, actor).await?;
        let mut after = before.clone();
        let at = after.captions.iter().position(|track| track.language == tag);
        let old = after.captions.remove(at.ok_or_else(no_captions)?);
        after.stored_bytes -= old.bytes;
        let what = format!("captions {tag}");
        moderation::note_video_edit(&self.core, &mut tx, actor, &before, &what).await?;
        after.updated_at = self.core.clock.now();
        let after = videos::save(&mut tx, &before, after).await?;
        tx.commit().await?;
        self.playback.forget(id);
        events::videos::changed(&self.core, &before, &after);
        remove_file(&self.core, id, &old).await;
        Ok(())
    }
}

fn checked_language(tag: &str) -> Result<String, Error> {
    language(tag).map_err(|fault| Error::field("language", fault))
}

fn no_captions() -> Error {
    Error::refused(
        Kind::NotFound,
        "captions_not_found",
        "There are no captions in this language.",
    )
}

/// The file as it is served, or what is wrong with it.
async fn rebuild(file: Bytes) -> Result<String, Error> {
    let permit = READERS
        .acquire()
        .await
        .map_err(|closed| Error::failed("captions queue", closed))?;
    let rebuilt = tokio::task::spawn_blocking(move || {
        let _held = permit;
        captions::rebuild(&file)
    })
    .await
    .map_err(|gone| Error::failed("captions thread", gone))?;
    rebuilt.map(|captions| captions.vtt).map_err(refuse)
}

fn refuse(error: CaptionsError) -> Error {
    match error {
        CaptionsError::TooLarge => Error::refused(Kind::TooLarge, "captions_too_large", error.to_string()),
        CaptionsError::NotText => Error::refused(Kind::Unsupported, "not_captions", error.to_string()),
        error => {
            let mut refusal = Refusal::new(Kind::Unprocessable, "bad_captions", error.to_string());
            refusal
                .fields
                .push(("captions", Fault::new(error.code(), error.to_string())));
            refusal.into()
        }
    }
}

async fn store_file(core: &Core, id: VideoId, track: &CaptionTrack, vtt: Bytes) -> Result<(), Error> {
    let key = Key::parse(&object_key(id, track)).map_err(|error| Error::failed("captions key", error))?;
    core.room_for(vtt.len() as u64)?;
    Ok(core.objects.put(&key, vtt).await?)
}

async fn remove_file(core: &Core, id: VideoId, track: &CaptionTrack) {
    let Ok(key) = Key::parse(&object_key(id, track)) else {
        return;
    };
    if let Err(error) = core.objects.remove(&key).await {
        tracing::warn!(error = %error, "Could not remove a caption file that is not shown any more");
    }
}
