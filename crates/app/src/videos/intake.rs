//! From a complete file to a video: what it is, whether it was uploaded before, and the one transaction that
//! makes it a video or another video's next file.
//!
//! How the bytes came is not seen here: in one request (`upload`) or in many ([`crate::uploads`]).

use std::path::PathBuf;
use std::sync::Arc;

use bytes::Bytes;
use media::probe::{self, MediaLimits, Probe, ProbeError};
use media::sniff::{self, Container};
use media::{ladder, mp4};
use model::videos::Status;
use model::{Millis, ObjectId, UploadId, VideoId};
use objects::{Digest, Key, Objects, ObjectsError, Staged};
use store::imports::{self, FileKind};
use store::replacements::{self, ReplacementRow};
use store::uploads::{self, Became};
use store::videos::{self, VideoRow};
use store::{Tx, sessions};
use tokio::sync::Semaphore;
use tokio_util::sync::CancellationToken;

use super::must_own;
use super::upload::Checked;
use crate::core::{Core, decided};
use crate::error::{Error, Kind};
use crate::events;
use crate::jobs;
use crate::moderation;
use crate::pictures::{self, Purpose};
use crate::quotas::Quotas;
use crate::sessions::Actor;

/// Probes that run at once; the rest waits. One takes about 50 ms.
static PROBES: Semaphore = Semaphore::const_new(4);

/// A complete file that is no blob yet.
#[derive(Debug)]
pub(crate) enum Body {
    /// From one request; vanishes unless it becomes a blob.
    Staged(Box<Staged>),
    /// From several; stays until its upload is ended.
    Incoming(Key),
}

impl Body {
    fn path(&self, objects: &Objects) -> PathBuf {
        match self {
            Self::Staged(staged) => staged.path().to_owned(),
            Self::Incoming(name) => objects.incoming_path(name),
        }
    }

    async fn commit(self, objects: &Objects, key: &Key) -> Result<(), ObjectsError> {
        match self {
            Self::Staged(staged) => objects.commit(*staged, key).await,
            Self::Incoming(name) => objects.commit_incoming(&name, key).await,
        }
    }
}

/// An upload of several requests that ends with this.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Ending {
    pub(crate) upload: UploadId,
    /// Until when its end is remembered.
    pub(crate) expires_at: Millis,
}

/// A complete file and where it came from.
#[derive(Debug)]
pub(crate) struct Arrival {
    pub(crate) body: Body,
    pub(crate) digest: Digest,
    /// What its owner's machine called it; shown, never used as a path.
    pub(crate) name: String,
    /// Ended in the same transaction.
    pub(crate) ending: Option<Ending>,
}

/// What a complete file became.
#[derive(Debug)]
pub enum Taken {
    /// A video.
    New(VideoRow),
    /// Nothing: this video of the same person has the same bytes.
    Known(VideoRow),
    /// What this video will be made of anew.
    Replaces(VideoRow),
}

impl Taken {
    /// The video, new or not.
    pub fn video(&self) -> &VideoRow {
        let (Self::New(video) | Self::Known(video) | Self::Replaces(video)) = self;
        video
    }
}

/// Takes complete files in.
#[derive(Debug)]
pub(crate) struct Intake {
    core: Arc<Core>,
    quotas: Arc<Quotas>,
}

/// What looking at a file tells.
struct Looked {
    container: Container,
    duration_ms: i64,
    width: i64,
    height: i64,
    source_public: bool,
}

impl Intake {
    pub(crate) fn new(core: Arc<Core>, quotas: Arc<Quotas>) -> Self {
        Self { core, quotas }
    }

    /// Makes a video of the file. With `twice` also when its owner has one of the same bytes.
    pub(crate) async fn publish(
        &self,
        arrival: Arrival,
        checked: Checked,
        thumbnail: Option<Bytes>,
        twice: bool,
        actor: &Actor,
    ) -> Result<Taken, Error> {
        if arrival.digest.size_bytes == 0 {
            return Err(empty_file());
        }
        if !twice && let Some(known) = self.known(&arrival, actor).await? {
            return Ok(Taken::Known(known));
        }
        let looked = self.look_at(&arrival.body).await?;
        let poster = match thumbnail {
            Some(bytes) => Some(pictures::encode("thumbnail", Purpose::Thumbnail, bytes).await?),
            None => None,
        };
        let now = self.core.clock.now();
        let id: VideoId = self.core.ids.next(now);
        let folder = pictures::video_folder(id);
        let source_key = format!("{folder}/source.{}", looked.container.extension());
        let bytes = i64::try_from(arrival.digest.size_bytes).unwrap_or(i64::MAX);
        let video = VideoRow {
            title: checked.title,
            description: checked.description,
            tags: checked.tags,
            visibility: checked.visibility,
            watchable: looked.source_public,
            duration_ms: looked.duration_ms,
            width: looked.width,
            height: looked.height,
            source_key: Some(source_key.clone()),
            source_type: looked.container.content_type().to_owned(),
            source_bytes: bytes,
            source_hash: Some(arrival.digest.blake3.to_vec()),
            source_name: arrival.name.clone(),
            source_public: looked.source_public,
            thumbnail_rev: poster.as_ref().map(|_| pictures::new_rev(&self.core)),
            thumbnail_custom: poster.is_some(),
            keep_original: checked.keep_original,
            stored_bytes: bytes,
            ..VideoRow::new(id, actor.user_id, now)
        };
        let mut stored = self.store_new(arrival, poster, &video, twice, actor).await;
        // A database that goes away may have done what it did not answer: what the row says counts.
        let mut unnamed = !matches!(stored, Ok(Taken::New(_)));
        if stored.is_err() {
            match videos::find(&mut self.core.store.read(), id).await {
                Ok(None) => {}
                Ok(Some(added)) => {
                    stored = Ok(Taken::New(added));
                    unnamed = false;
                }
                // Nobody can tell; a later sweep can.
                Err(_) => unnamed = false,
            }
        }
        match &stored {
            Ok(Taken::New(added)) => {
                events::videos::added(&self.core, added);
                self.core.bus.wake(jobs::TOPIC);
                tracing::info!(
                    video.id = %id, user.id = %actor.user_id, size_bytes = video.source_bytes,
                    duration_ms = video.duration_ms, "Published video {id}"
                );
            }
            _ if unnamed => pictures::discard(&self.core, &folder).await,
            _ => {}
        }
        stored
    }

    async fn store_new(
        &self,
        arrival: Arrival,
        poster: Option<pictures::Encoded>,
        video: &VideoRow,
        twice: bool,
        actor: &Actor,
    ) -> Result<Taken, Error> {
        let Arrival { body, ending, .. } = arrival;
        let key = parse_key(video.source_key.as_deref().unwrap_or_default())?;
        body.commit(&self.core.objects, &key).await?;
        if let (Some(poster), Some(rev)) = (poster, &video.thumbnail_rev) {
            poster
                .store(&self.core, &pictures::video_folder(video.id), "poster", rev)
                .await?;
        }
        decided(|| self.add_new(video, ending, twice, actor)).await
    }

    async fn add_new(
        &self,
        video: &VideoRow,
        ending: Option<Ending>,
        twice: bool,
        actor: &Actor,
    ) -> Result<Taken, Error> {
        let mut tx = self.begin(actor).await?;
        // The same bytes may have come twice at the same time.
        if !twice
            && let Some(hash) = &video.source_hash
            && let Some(known) = videos::find_by_hash(&mut tx, actor.user_id, hash).await?
        {
            let known = end_with(&mut tx, ending, known, true).await?;
            tx.commit().await?;
            return Ok(Taken::Known(known));
        }
        videos::add(&mut tx, video).await?;
        self.quotas
            .count_day(&mut tx, actor.user_id, video.source_bytes)
            .await?;
        jobs::process_video::enqueue(&self.core, &mut tx, video, 0, video.created_at).await?;
        let added = end_with(&mut tx, ending, video.id, false).await?;
        tx.commit().await?;
        Ok(Taken::New(added))
    }

    /// Makes the file the one that `video` will be made of anew. The present one plays until that is done.
    pub(crate) async fn replace(
        &self,
        arrival: Arrival,
        video: VideoId,
        actor: &Actor,
    ) -> Result<Taken, Error> {
        if arrival.digest.size_bytes == 0 {
            return Err(empty_file());
        }
        let looked = self.look_at(&arrival.body).await?;
        let Arrival {
            body,
            digest,
            name,
            ending,
        } = arrival;
        let now = self.core.clock.now();
        // A name of its own: the present file stays beside it.
        let rev: ObjectId = self.core.ids.next(now);
        let source_key = format!(
            "{}/source-{rev}.{}",
            pictures::video_folder(video),
            looked.container.extension()
        );
        let key = parse_key(&source_key)?;
        let waiting = ReplacementRow {
            video_id: video,
            gen_no: 0,
            source_key,
            source_type: looked.container.content_type().to_owned(),
            source_bytes: i64::try_from(digest.size_bytes).unwrap_or(i64::MAX),
            source_hash: digest.blake3.to_vec(),
            source_name: name,
            source_public: looked.source_public,
            duration_ms: looked.duration_ms,
            width: looked.width,
            height: looked.height,
            created_at: now,
        };
        let stored = async {
            body.commit(&self.core.objects, &key).await?;
            decided(|| self.store_replacement(waiting.clone(), ending, actor)).await
        };
        let (unused, taken) = match stored.await {
            Ok((taken, unused)) => (unused, Ok(taken)),
            Err(error) => {
                // As in [`Intake::publish`]: only what no row names for sure is removed.
                let named = replacements::find(&mut self.core.store.read(), video).await;
                let unnamed = named.is_ok_and(|row| row.is_none_or(|row| row.source_key != key.as_str()));
                (unnamed.then_some(key), Err(error))
            }
        };
        if let Some(unused) = unused
            && let Err(error) = self.core.objects.remove(&unused).await
        {
            tracing::warn!(error = %error, "Could not remove a file that was to replace another");
        }
        if taken.is_ok() {
            self.core.bus.wake(jobs::TOPIC);
            tracing::info!(video.id = %video, "Video {video} will be made of another file");
        }
        taken
    }

    /// Answers also which file no row names any more.
    async fn store_replacement(
        &self,
        mut waiting: ReplacementRow,
        ending: Option<Ending>,
        actor: &Actor,
    ) -> Result<(Taken, Option<Key>), Error> {
        let mut tx = self.begin(actor).await?;
        let before = videos::find(&mut tx, waiting.video_id)
            .await?
            .ok_or_else(Error::no_video)?;
        must_own(&before, actor)?;
        if before.source_hash.as_ref() == Some(&waiting.source_hash) {
            let same = end_with(&mut tx, ending, before.id, true).await?;
            tx.commit().await?;
            return Ok((Taken::Known(same), Some(parse_key(&waiting.source_key)?)));
        }
        let earlier = replacements::find(&mut tx, before.id).await?;
        let earlier_gen = earlier.as_ref().map_or(0, |earlier| earlier.gen_no);
        waiting.gen_no = before.media_gen.max(earlier_gen) + 1;
        replacements::save(&mut tx, &waiting).await?;
        moderation::note_video_edit(&self.core, &mut tx, actor, &before, "file").await?;
        let earlier_bytes = earlier.as_ref().map_or(0, |earlier| earlier.source_bytes);
        let mut after = before.clone();
        after.stored_bytes += waiting.source_bytes - earlier_bytes;
        after.updated_at = waiting.created_at;
        let after = videos::save(&mut tx, &before, after).await?;
        self.quotas
            .count_day(&mut tx, after.owner_id, waiting.source_bytes)
            .await?;
        jobs::process_video::enqueue(&self.core, &mut tx, &after, waiting.gen_no, waiting.created_at).await?;
        let after = end_with(&mut tx, ending, after.id, false).await?;
        tx.commit().await?;
        let unused = earlier
            .map(|earlier| parse_key(&earlier.source_key))
            .transpose()?;
        Ok((Taken::Replaces(after), unused))
    }

    /// Gives a video that was brought over from another system without its file the one that it had there.
    pub(crate) async fn adopt(&self, arrival: Arrival, video: VideoId) -> Result<VideoRow, Error> {
        if arrival.digest.size_bytes == 0 {
            return Err(empty_file());
        }
        let looked = self.look_at(&arrival.body).await?;
        let Arrival {
            body, digest, name, ..
        } = arrival;
        // A name of its own: its owner may be giving it another file at this moment.
        let rev: ObjectId = self.core.ids.next(self.core.clock.now());
        let source_key = format!(
            "{}/source-{rev}.{}",
            pictures::video_folder(video),
            looked.container.extension()
        );
        let key = parse_key(&source_key)?;
        let adopted = async {
            body.commit(&self.core.objects, &key).await?;
            decided(|| self.store_adopted(video, &source_key, &looked, &digest, &name)).await
        };
        let adopted = adopted.await;
        if adopted.is_err()
            // As in [`Intake::publish`]: only what no row names for sure is removed.
            && let Ok(row) = videos::find(&mut self.core.store.read(), video).await
            && row.is_none_or(|row| row.source_key.as_ref() != Some(&source_key))
            && let Err(error) = self.core.objects.remove(&key).await
        {
            tracing::warn!(error = %error, "Could not remove a file that was not taken");
        }
        adopted
    }

    async fn store_adopted(
        &self,
        video: VideoId,
        source_key: &str,
        looked: &Looked,
        digest: &Digest,
        name: &str,
    ) -> Result<VideoRow, Error> {
        let mut tx = self.core.store.write().await?;
        let before = videos::find(&mut tx, video).await?.ok_or_else(Error::no_video)?;
        if before.status != Status::Failed || before.source_key.is_some() {
            let message = "The video has a file by now.";
            return Err(Error::refused(Kind::Conflict, "has_file", message));
        }
        let bytes = i64::try_from(digest.size_bytes).unwrap_or(i64::MAX);
        let mut after = before.clone();
        after.status = before
            .status
            .to(Status::Processing)
            .map_err(|error| Error::failed("adopt", error))?;
        after.status_reason = None;
        after.watchable = looked.source_public;
        after.duration_ms = looked.duration_ms;
        after.width = looked.width;
        after.height = looked.height;
        after.source_key = Some(source_key.to_owned());
        looked.container.content_type().clone_into(&mut after.source_type);
        after.source_bytes = bytes;
        after.source_hash = Some(digest.blake3.to_vec());
        name.clone_into(&mut after.source_name);
        after.source_public = looked.source_public;
        after.stored_bytes += bytes;
        let after = videos::save(&mut tx, &before, after).await?;
        let now = self.core.clock.now();
        jobs::process_video::enqueue(&self.core, &mut tx, &after, after.media_gen, now).await?;
        imports::forget_file(&mut tx, FileKind::Video, video.0).await?;
        tx.commit().await?;
        Ok(after)
    }

    /// The video of the same person with the same bytes; an upload of several requests ends with it.
    async fn known(&self, arrival: &Arrival, actor: &Actor) -> Result<Option<VideoRow>, Error> {
        let hash = &arrival.digest.blake3;
        let found = videos::find_by_hash(&mut self.core.store.read(), actor.user_id, hash).await?;
        if found.is_none() {
            return Ok(None);
        }
        decided(|| self.end_known(arrival, actor)).await
    }

    async fn end_known(&self, arrival: &Arrival, actor: &Actor) -> Result<Option<VideoRow>, Error> {
        let hash = &arrival.digest.blake3;
        let mut tx = self.begin(actor).await?;
        let Some(known) = videos::find_by_hash(&mut tx, actor.user_id, hash).await? else {
            return Ok(None);
        };
        let known = end_with(&mut tx, arrival.ending, known, true).await?;
        tx.commit().await?;
        tracing::info!(video.id = %known.id, user.id = %actor.user_id, "Video {} was uploaded again", known.id);
        Ok(Some(known))
    }

    /// A transaction of someone who is still signed in: the upload may have taken hours, and whoever was
    /// signed out meanwhile publishes nothing.
    async fn begin(&self, actor: &Actor) -> Result<Tx, Error> {
        let mut tx = self.core.store.write().await?;
        let standing = sessions::standing(&mut tx, actor.session_id, self.core.clock.now()).await?;
        if standing.is_some_and(|standing| standing.live) {
            Ok(tx)
        } else {
            Err(Error::unauthenticated())
        }
    }

    /// What the file is, or why it cannot become a video.
    async fn look_at(&self, body: &Body) -> Result<Looked, Error> {
        let path = body.path(&self.core.objects);
        let head = self.core.objects.head(&path, sniff::SNIFF_BYTES).await?;
        let container = sniff::sniff(&head).ok_or_else(not_a_video)?;
        let permit = PROBES
            .acquire()
            .await
            .map_err(|closed| Error::failed("probe queue", closed))?;
        let probed = probe::probe(&self.core.tools, &path, container, &CancellationToken::new()).await;
        drop(permit);
        let probe = match probed {
            Ok(probe) => probe,
            Err(ProbeError::Run(error)) => return Err(Error::failed("probe", error)),
            Err(error) => {
                tracing::info!(error = %error, "An upload could not be read as a video");
                return Err(not_a_video());
            }
        };
        let limits = MediaLimits {
            audio_only: self.core.settings.audio_only,
            ..MediaLimits::default()
        };
        probe::admit(&probe, &limits)
            .map_err(|rejection| Error::refused(Kind::Unprocessable, rejection.code, rejection.sentence))?;
        let source_public = is_public_source(path, &probe).await?;
        let (width, height) = probe
            .video
            .as_ref()
            .map_or((0, 0), probe::VideoStream::display_size);
        Ok(Looked {
            container,
            duration_ms: probe
                .duration_ms
                .and_then(|ms| i64::try_from(ms).ok())
                .unwrap_or(0),
            width: i64::from(width),
            height: i64::from(height),
            source_public,
        })
    }
}

/// Ends an upload with what became of it, where there is one; answers the video as it stands now.
async fn end_with(
    tx: &mut Tx,
    ending: Option<Ending>,
    video_id: VideoId,
    duplicate: bool,
) -> Result<VideoRow, Error> {
    if let Some(Ending { upload, expires_at }) = ending {
        let became = Became { video_id, duplicate };
        if !uploads::finish(tx, upload, became, expires_at).await? {
            let message = "This upload was ended by another request.";
            return Err(Error::refused(Kind::Conflict, "upload_ended", message));
        }
    }
    let video = videos::find(tx, video_id).await?;
    video.ok_or_else(|| Error::failed("publish", "the video is not there"))
}

fn parse_key(text: &str) -> Result<Key, Error> {
    Key::parse(text).map_err(|error| Error::failed("source key", error))
}

/// Whether the file as it is may be sent to every viewer: browsers play it, and after the known places
/// for a location are blanked, no track is left in which one could hide.
async fn is_public_source(path: PathBuf, probe: &Probe) -> Result<bool, Error> {
    if !ladder::browser_ready(probe) {
        return Ok(false);
    }
    let scrubbed = tokio::task::spawn_blocking(move || {
        let file = std::fs::OpenOptions::new().read(true).write(true).open(path)?;
        Ok::<_, std::io::Error>(mp4::scrub_location(&file))
    })
    .await
    .map_err(|gone| Error::failed("scrub thread", gone))?
    .map_err(|error| Error::failed("scrub", error))?;
    Ok(scrubbed.is_ok_and(|scrub| scrub.is_clean()))
}

fn empty_file() -> Error {
    Error::refused(Kind::Unprocessable, "empty_file", "The file is empty.")
}

fn not_a_video() -> Error {
    Error::refused(
        Kind::Unsupported,
        "not_a_video",
        "This is not a video file that can be read here.",
    )
}
