//! Publishing: bytes are streamed to the disk as they come, looked at, and become a video in one
//! transaction together with the job that prepares it.

use std::sync::Arc;

use bytes::Bytes;
use media::probe::{self, MediaLimits, Probe, ProbeError};
use media::sniff::{self, Container};
use media::{mp4, plan};
use model::VideoId;
use model::videos::{self as rules, Status, Streaming, Visibility};
use objects::{Key, Staged};
use store::sessions;
use store::videos::{self, Owner, VideoRow};
use tokio::sync::Semaphore;
use tokio_util::sync::CancellationToken;

use super::{Videos, visibility};
use crate::core::Core;
use crate::error::{Error, Fields, Kind};
use crate::jobs;
use crate::pictures::{self, Purpose};
use crate::sessions::Actor;

/// Probes that run at once; the rest waits. One takes about 50 ms.
static PROBES: Semaphore = Semaphore::const_new(4);

/// How often the disk is asked whether it has room for more.
const ROOM_CHECK_BYTES: u64 = 16 << 20;

/// Bytes on their way in. Dropping it leaves nothing behind.
#[derive(Debug)]
pub struct Upload {
    core: Arc<Core>,
    staged: Staged,
    room_checked_at_bytes: u64,
    received_bytes: u64,
    limit_bytes: u64,
    name: String,
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
}

struct Checked {
    title: String,
    description: String,
    tags: Vec<String>,
    visibility: Visibility,
}

impl Upload {
    /// Takes the next piece. Refuses beyond the size limit.
    pub async fn write(&mut self, piece: Bytes) -> Result<(), Error> {
        self.received_bytes += piece.len() as u64;
        if self.received_bytes > self.limit_bytes {
            return Err(too_large(self.limit_bytes));
        }
        // Others write to the same disk: what was free at the start may not be any more.
        if self.received_bytes - self.room_checked_at_bytes >= ROOM_CHECK_BYTES {
            self.core.room_for(0)?;
            self.room_checked_at_bytes = self.received_bytes;
        }
        Ok(self.staged.write(piece).await?)
    }
}

fn too_large(limit_bytes: u64) -> Error {
    let gib = limit_bytes as f64 / f64::from(1 << 30);
    Error::refused(
        Kind::TooLarge,
        "upload_too_large",
        format!("A video file has at most {gib:.1} GiB here."),
    )
}

impl Videos {
    /// Refuses early what cannot fit: called with the length that the client declares, if it does.
    pub fn expect_upload(&self, declared_bytes: Option<u64>) -> Result<(), Error> {
        // Text parts and boundaries around the file are small change.
        const ENVELOPE_BYTES: u64 = 16 << 20;
        let limit = self.core.settings.max_upload_bytes;
        match declared_bytes {
            Some(bytes) if bytes > limit.saturating_add(ENVELOPE_BYTES) => Err(too_large(limit)),
            declared => self.core.room_for(declared.unwrap_or(0)),
        }
    }

    /// Begins to take a file. `name` is what its owner's machine calls it; it is only ever shown.
    pub async fn begin_upload(&self, name: &str) -> Result<Upload, Error> {
        let name = name.chars().filter(|c| !c.is_control()).take(255).collect();
        Ok(Upload {
            core: Arc::clone(&self.core),
            room_checked_at_bytes: 0,
            staged: self.core.objects.stage().await?,
            received_bytes: 0,
            limit_bytes: self.core.settings.max_upload_bytes,
            name,
        })
    }

    /// Makes a video of a complete upload. Whatever goes wrong, nothing of it stays.
    pub async fn publish(&self, upload: Upload, details: Details, actor: &Actor) -> Result<VideoRow, Error> {
        let checked = check(&details)?;
        let Upload {
            mut staged,
            received_bytes,
            name,
            ..
        } = upload;
        if received_bytes == 0 {
            return Err(Error::refused(
                Kind::Unprocessable,
                "empty_file",
                "The file is empty.",
            ));
        }
        let digest = staged.finish().await?;
        let (container, probe) = self.look_at(&staged).await?;
        let source_public = is_public_source(&staged, container, &probe).await?;
        let now = self.core.clock.now();
        let id: VideoId = self.core.ids.next(now);
        let poster = match details.thumbnail {
            Some(bytes) => Some(pictures::encode("thumbnail", Purpose::Thumbnail, bytes).await?),
            None => None,
        };
        let (width, height) = probe
            .video
            .as_ref()
            .map_or((0, 0), probe::VideoStream::display_size);
        let folder = pictures::video_folder(id);
        let source_key = format!("{folder}/source.{}", container.extension());
        let thumbnail_rev = poster.as_ref().map(|_| pictures::new_rev(&self.core));
        let video = VideoRow {
            id,
            owner_id: actor.user_id,
            title: checked.title,
            description: checked.description,
            tags: checked.tags,
            visibility: checked.visibility,
            access_rev: 0,
            status: Status::Processing,
            status_reason: None,
            progress: 0.0,
            watchable: source_public,
            listed: false,
            duration_ms: probe
                .duration_ms
                .and_then(|ms| i64::try_from(ms).ok())
                .unwrap_or(0),
            width: i64::from(width),
            height: i64::from(height),
            source_key: Some(source_key.clone()),
            source_type: container.content_type().to_owned(),
            source_bytes: i64::try_from(digest.size_bytes).unwrap_or(i64::MAX),
            source_hash: Some(digest.blake3.to_vec()),
            source_name: name,
            source_public,
            progressive_key: None,
            progressive_bytes: 0,
            thumbnail_rev,
            thumbnail_custom: poster.is_some(),
            views: 0,
            likes_count: 0,
            comments_count: 0,
            created_at: now,
            updated_at: now,
            published_at: None,
            owner: Owner::default(),
            streaming: Streaming::None,
            media_gen: 0,
            keep_original: None,
            stored_bytes: i64::try_from(digest.size_bytes).unwrap_or(i64::MAX),
            captions: Vec::new(),
            storyboard_rev: None,
        };
        let stored = self
            .store_upload(staged, poster, &video, &source_key, actor)
            .await;
        match stored {
            Ok(video) => {
                self.core.bus.wake(jobs::TOPIC);
                tracing::info!(
                    video.id = %id, user.id = %actor.user_id, size_bytes = video.source_bytes,
                    duration_ms = video.duration_ms, "Published video {id}"
                );
                Ok(video)
            }
            Err(error) => {
                pictures::discard(&self.core, &folder).await;
                Err(error)
            }
        }
    }

    async fn store_upload(
        &self,
        staged: Staged,
        poster: Option<pictures::Encoded>,
        video: &VideoRow,
        source_key: &str,
        actor: &Actor,
    ) -> Result<VideoRow, Error> {
        let key = Key::parse(source_key).map_err(|e| Error::failed("source key", e))?;
        self.core.objects.commit(staged, &key).await?;
        if let (Some(poster), Some(rev)) = (poster, &video.thumbnail_rev) {
            poster
                .store(&self.core, &pictures::video_folder(video.id), "poster", rev)
                .await?;
        }
        let mut tx = self.core.store.write().await?;
        // The upload may have taken hours: whoever was signed out meanwhile publishes nothing.
        let standing = sessions::standing(&mut tx, actor.session_id, self.core.clock.now()).await?;
        if !standing.is_some_and(|standing| standing.live) {
            return Err(Error::unauthenticated());
        }
        videos::add(&mut tx, video).await?;
        jobs::process_video::enqueue(&self.core, &mut tx, video, video.created_at).await?;
        let added = videos::find(&mut tx, video.id).await?;
        tx.commit().await?;
        added.ok_or_else(|| Error::failed("publish", "the new video is not there"))
    }

    /// What the file is, or why it cannot become a video.
    async fn look_at(&self, staged: &Staged) -> Result<(Container, Probe), Error> {
        let head = staged.head(sniff::SNIFF_BYTES).await?;
        let container = sniff::sniff(&head).ok_or_else(not_a_video)?;
        let permit = PROBES
            .acquire()
            .await
            .map_err(|closed| Error::failed("probe queue", closed))?;
        let probed = probe::probe(
            &self.core.tools,
            staged.path(),
            container,
            &CancellationToken::new(),
        )
        .await;
        drop(permit);
        let probe = match probed {
            Ok(probe) => probe,
            Err(ProbeError::Run(error)) => return Err(Error::failed("probe", error)),
            Err(error) => {
                tracing::info!(error = %error, "An upload could not be read as a video");
                return Err(not_a_video());
            }
        };
        probe::admit(&probe, &MediaLimits::default())
            .map_err(|rejection| Error::refused(Kind::Unprocessable, rejection.code, rejection.sentence))?;
        Ok((container, probe))
    }
}

/// Whether the file as it is may be sent to every viewer: browsers play it, and after the known places
/// for a location are blanked, no track is left in which one could hide.
async fn is_public_source(staged: &Staged, container: Container, probe: &Probe) -> Result<bool, Error> {
    if container != Container::Mp4 || !plan::browser_ready(probe) {
        return Ok(false);
    }
    let path = staged.path().to_owned();
    let scrubbed = tokio::task::spawn_blocking(move || {
        let file = std::fs::OpenOptions::new().read(true).write(true).open(path)?;
        Ok::<_, std::io::Error>(mp4::scrub_location(&file))
    })
    .await
    .map_err(|gone| Error::failed("scrub thread", gone))?
    .map_err(|error| Error::failed("scrub", error))?;
    Ok(scrubbed.is_ok_and(|scrub| scrub.is_clean()))
}

fn check(details: &Details) -> Result<Checked, Error> {
    let mut fields = Fields::default();
    let title = fields.require("title", details.title.as_deref(), rules::title);
    let description = fields.optional("description", details.description.as_deref(), rules::description);
    let tags = fields.check("tags", rules::tags(&details.tags));
    let named = fields.optional("visibility", details.visibility.as_deref(), visibility);
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
            })
        }
        _ => Err(fields.into_error()),
    }
}

fn not_a_video() -> Error {
    Error::refused(
        Kind::Unsupported,
        "not_a_video",
        "This is not a video file that can be read here.",
    )
}
