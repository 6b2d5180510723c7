//! Which bytes a viewer may have, and under which address.
//!
//! Public media lie under `/media/{id}/…` and may be kept by caches. What is not public is reached
//! under `/media/~{token}/{id}/…`: the token is signed, expires, is bound to the video's visibility of
//! the moment and, for private video, to the viewer's session. Manifests name their files relatively,
//! so they inherit it.

mod downloads;
mod extras;
mod links;
mod manifests;
mod originals;
mod target;

use std::sync::Arc;
use std::time::{Duration, Instant};

use media::mp4::SegmentIndex;
use model::videos::{Status, Visibility};
use model::{UserId, VideoId};
use moka::sync::Cache;
use objects::Key;
use store::encodings;
use store::renditions::{self, Kind as Carries, RenditionRow};
use store::users;
use store::videos::{self, VideoRow};

use self::downloads::JoinedFiles;
use self::links::Opened;
use self::manifests::{Asked, Growing};
use self::originals::{Dropped, is_original};
use crate::analytics::ingest::Watchable;
use crate::core::Core;
use crate::error::{Error, Kind};
use crate::keys::Keys;
use crate::pictures;
use crate::posters;
use crate::sessions::{Sessions, Viewer};
use crate::videos::may_see;

pub use downloads::{Download, DownloadBytes, Joined, ORIGINAL};
pub use extras::{CaptionLink, ExtraLinks};
pub use links::Links;
pub use target::Target;

/// Originals tell their versions by their names; their addresses say this one all the same, so that they are kept.
const ORIGINALS_VERSION: &str = "0";
/// How long what was read about a video is believed, when another process may have changed it.
const BELIEF: Duration = Duration::from_millis(500);
/// The same of what is counted of a video: a beacon that is taken a little too long does no harm.
const COUNTING_BELIEF: Duration = Duration::from_secs(5);
/// What is missing from what was read longer ago is looked for in the store: another node may have named it just now.
const SURE: Duration = Duration::from_millis(50);

/// One thing that can be sent.
#[derive(Debug)]
pub enum Media {
    /// Bytes of a file.
    File {
        /// Which blob.
        key: Key,
        /// Media type.
        content_type: String,
        /// Changes whenever the bytes do; without quotes.
        tag: String,
        /// How caches may keep it.
        caching: Caching,
    },
    /// Text made now.
    Text {
        /// The text.
        body: String,
        /// Media type.
        content_type: &'static str,
        /// How caches may keep it.
        caching: Caching,
    },
}

/// How caches may keep a thing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Caching {
    /// For ever, by anyone: these bytes never change under this address.
    Immutable,
    /// By anyone, who asks whether it changed.
    Revalidate,
    /// By the viewer's own program only, not stored.
    Private,
}

struct Entry {
    read_at: Instant,
    video: Arc<VideoRow>,
    renditions: Vec<(RenditionRow, SegmentIndex)>,
}

/// Access to media.
pub struct Playback {
    core: Arc<Core>,
    sessions: Arc<Sessions>,
    key: [u8; 32],
    entries: Cache<VideoId, Arc<Entry>>,
    /// Videos that anyone may watch.
    watchable: Cache<VideoId, Watchable>,
    dropped: Dropped,
    joined: JoinedFiles,
}

impl std::fmt::Debug for Playback {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Playback").finish_non_exhaustive()
    }
}

impl Playback {
    pub(crate) fn new(core: Arc<Core>, keys: &Keys, sessions: Arc<Sessions>) -> Self {
        let entries = Cache::builder().max_capacity(10_000).time_to_live(BELIEF).build();
        let watchable = Cache::builder()
            .max_capacity(50_000)
            .time_to_live(COUNTING_BELIEF)
            .build();
        Self {
            core,
            sessions,
            key: keys.media,
            entries,
            watchable,
            dropped: Dropped::new(),
            joined: JoinedFiles::new(),
        }
    }

    /// Drops what is believed about a video. Called after every change to it.
    pub fn forget(&self, id: VideoId) {
        self.entries.invalidate(&id);
        self.watchable.invalidate(&id);
    }

    /// Drops what is believed about every video: something changed that is shown beside many.
    pub fn forget_all(&self) {
        self.entries.invalidate_all();
        self.watchable.invalidate_all();
    }

    /// What to send for `target`. `viewer` is asked only when the address alone does not open it.
    pub async fn open<F>(&self, target: &Target, viewer: F) -> Result<Media, Error>
    where
        F: AsyncFnOnce() -> Result<Viewer, Error>,
    {
        match target {
            Target::User { id, file } => self.user_picture(*id, file).await,
            Target::Stream { id } => {
                let Some(entry) = self.entry(*id).await? else {
                    // Credentials are judged as if it were there, so that no answer tells the difference.
                    viewer().await?;
                    return Err(Error::no_video());
                };
                let viewer = if self.is_open(&entry.video) {
                    None
                } else {
                    viewer().await?
                };
                if !may_see(&entry.video, &viewer) {
                    return Err(Error::no_video());
                }
                self.progressive(&entry.video, &viewer)
            }
            Target::Video {
                id,
                token,
                file,
                version,
            } => {
                let asked = (token.as_deref(), file.as_str(), version.as_deref());
                let mut viewer = Asker::NotYet(viewer);
                let found = self.file_of(*id, asked, &mut viewer).await;
                if matches!(&found, Err(Error::Refused(refusal)) if refusal.kind == Kind::NotFound)
                    && self.core.store.runs_side_by_side()
                    && let Some(believed) = self.entries.get(id)
                    && believed.read_at.elapsed() >= SURE
                {
                    self.entries.invalidate(id);
                    return self.file_of(*id, asked, &mut viewer).await;
                }
                found
            }
        }
    }

    /// A file of a video: by the token in its address, its name, and the version that is asked for.
    async fn file_of<F>(
        &self,
        id: VideoId,
        (token, file, version): (Option<&str>, &str, Option<&str>),
        viewer: &mut Asker<F>,
    ) -> Result<Media, Error>
    where
        F: AsyncFnOnce() -> Result<Viewer, Error>,
    {
        let Some(entry) = self.entry(id).await? else {
            viewer.ask().await?;
            return Err(no_media());
        };
        let video = entry.video.as_ref();
        let opened = match token {
            Some(token) => self.opens(token, video).await?,
            None if self.is_open(video) => Opened::ByLink,
            None => Opened::No,
        };
        let is_public = |file| {
            let original = self.original_named(video, file);
            original.is_some_and(|original| original.public)
        };
        let hidden = (is_original(file) && !is_public(file)) || posters::is_candidate(file);
        let enough = opened == Opened::ByOwnersLink || (opened == Opened::ByLink && !hidden);
        // A stale link still works for whoever may see the video by being signed in.
        let viewer = if enough { None } else { viewer.ask().await? };
        if opened == Opened::No && !Self::may_watch_signed_in(video, &viewer) {
            return Err(no_media());
        }
        let theirs = opened == Opened::ByOwnersLink || is_theirs(video, &viewer);
        match Asked::parse(file) {
            Some(asked) => self.stream(&entry, &asked, version).await,
            None => self.video_file(&entry, file, theirs, version),
        }
    }

    /// Whether anyone may have this video's media without a signature.
    fn is_open(&self, video: &VideoRow) -> bool {
        video.listed && !self.core.settings.require_sign_in
    }

    fn may_watch_signed_in(video: &VideoRow, viewer: &Viewer) -> bool {
        viewer.is_some()
            && may_see(video, viewer)
            && (is_theirs(video, viewer) || video.visibility == Visibility::Public)
    }

    /// What [`Playback::believed`] answers, where that needs no look at the store.
    pub(crate) fn remembered(&self, id: VideoId) -> Option<Arc<VideoRow>> {
        self.entries.get(&id).map(|entry| Arc::clone(&entry.video))
    }

    /// The video as it is, or was at most half a second ago when another process has changed it since.
    pub(crate) async fn believed(&self, id: VideoId) -> Result<Option<Arc<VideoRow>>, Error> {
        Ok(self.entry(id).await?.map(|entry| Arc::clone(&entry.video)))
    }

    /// What counting needs of a video that the viewer may watch. Read from the store every few seconds at most where
    /// anyone may watch it.
    pub(crate) async fn watched(&self, id: VideoId, viewer: &Viewer) -> Result<Option<Watchable>, Error> {
        if let Some(known) = self.watchable.get(&id) {
            return Ok(Some(known));
        }
        let Some(video) = self.believed(id).await?.filter(|video| may_see(video, viewer)) else {
            return Ok(None);
        };
        let watchable = Watchable {
            owner_id: video.owner_id,
            duration_ms: video.duration_ms,
        };
        if may_see(&video, &None) && video.status != Status::Processing {
            self.watchable.insert(id, watchable);
        }
        Ok(Some(watchable))
    }

    async fn entry(&self, id: VideoId) -> Result<Option<Arc<Entry>>, Error> {
        if let Some(entry) = self.entries.get(&id) {
            return Ok(Some(entry));
        }
        let read_at = Instant::now();
        let mut tx = self.core.store.read();
        let Some(video) = videos::find(&mut tx, id).await? else {
            return Ok(None);
        };
        let rows = renditions::list(&mut tx, id, video.media_gen).await?;
        let renditions = rows
            .into_iter()
            .map(|row| SegmentIndex::from_bytes(&row.segments).map(|index| (row, index)))
            .collect::<Result<_, _>>()
            .map_err(|error| Error::failed("segment index", error))?;
        let entry = Arc::new(Entry {
            read_at,
            video: Arc::new(video),
            renditions,
        });
        // What nobody can watch yet changes by the second and is asked for by its owner only.
        if entry.video.status != Status::Processing || entry.video.watchable {
            self.entries.insert(id, Arc::clone(&entry));
        }
        Ok(Some(entry))
    }

    fn progressive(&self, video: &VideoRow, viewer: &Viewer) -> Result<Media, Error> {
        let caching = if self.is_open(video) {
            Caching::Revalidate
        } else {
            Caching::Private
        };
        let theirs = is_theirs(video, viewer);
        match (&video.progressive_key, &video.source_key) {
            (Some(key), _) => blob(key, "video/mp4", video.progressive_bytes, caching),
            (None, Some(key)) if video.source_public || theirs => {
                blob(key, &video.source_type, video.source_bytes, caching)
            }
            _ => Err(Error::refused(
                Kind::NotFound,
                "not_watchable_yet",
                "This video is still being prepared.",
            )),
        }
    }

    fn caching(&self, video: &VideoRow, versioned: bool) -> Caching {
        match (self.is_open(video), versioned) {
            (true, true) => Caching::Immutable,
            (true, false) => Caching::Revalidate,
            (false, _) => Caching::Private,
        }
    }

    /// A manifest, or a piece of what is still being made.
    async fn stream(&self, entry: &Entry, asked: &Asked<'_>, version: Option<&str>) -> Result<Media, Error> {
        let video = entry.video.as_ref();
        if let Asked::Part(name, chunk) = asked {
            let mut tx = self.core.store.read();
            let part = encodings::part(&mut tx, video.id, video.media_gen, name, *chunk).await?;
            let part = part
                .filter(|part| is_of(version, version_of(&part.object_key)))
                .ok_or_else(no_media)?;
            let caching = self.caching(video, version.is_some());
            return blob(&part.object_key, "video/mp4", part.size_bytes, caching);
        }
        let growing = if manifests::needs_growing(entry, asked) {
            Growing::read(&self.core, video).await?.map(Arc::new)
        } else {
            None
        };
        let (body, content_type) = manifests::text(entry, growing.as_ref(), asked).ok_or_else(no_media)?;
        Ok(Media::Text {
            body,
            content_type,
            caching: self.caching(video, false),
        })
    }

    fn video_file(
        &self,
        entry: &Entry,
        file: &str,
        theirs: bool,
        version: Option<&str>,
    ) -> Result<Media, Error> {
        let video = entry.video.as_ref();
        let caching = self.caching(video, version.is_some());
        let missing = no_media;
        match file.split_once('.') {
            Some(("progressive", "mp4")) => {
                let key = video
                    .progressive_key
                    .as_deref()
                    .filter(|key| is_of(version, version_of(key)))
                    .ok_or_else(missing)?;
                blob(key, "video/mp4", video.progressive_bytes, caching)
            }
            Some(_) if is_original(file) => {
                let original = self
                    .original_named(video, file)
                    .filter(|original| (original.public || theirs) && is_of(version, ORIGINALS_VERSION))
                    .ok_or_else(missing)?;
                // Caches are not to begin to keep what is about to go.
                let caching = match (caching, original.until) {
                    (Caching::Immutable, Some(_)) => Caching::Revalidate,
                    (caching, _) => caching,
                };
                blob(
                    &original.key,
                    &original.content_type,
                    original.size_bytes,
                    caching,
                )
            }
            Some((name, "mp4")) => {
                let (row, _) = find_rendition(entry, name)
                    .filter(|(row, _)| is_of(version, version_of(&row.object_key)))
                    .ok_or_else(missing)?;
                let content_type = if row.kind == Carries::Audio {
                    "audio/mp4"
                } else {
                    "video/mp4"
                };
                blob(&row.object_key, content_type, row.size_bytes, caching)
            }
            Some((_, "vtt")) => Self::text_track(video, file, caching),
            Some((_, "jpg")) if posters::is_candidate(file) && theirs => Self::candidate(video, file),
            Some((name, "jpg")) if name.starts_with("storyboard-") => Self::sheet(video, file, caching),
            Some((name, "jpg")) => {
                let rev = video.thumbnail_rev.as_deref().ok_or_else(missing)?;
                let known = pictures::POSTER_WIDTHS
                    .iter()
                    .any(|width| name == format!("poster-{rev}-{width}"));
                if !known {
                    return Err(missing());
                }
                let caching = if caching == Caching::Private {
                    caching
                } else {
                    Caching::Immutable
                };
                blob(
                    &format!("{}/{file}", pictures::video_folder(video.id)),
                    "image/jpeg",
                    0,
                    caching,
                )
            }
            _ => Err(missing()),
        }
    }

    /// Only the present picture: an open file outlives its name, so its absence cannot be relied on.
    async fn user_picture(&self, id: UserId, file: &str) -> Result<Media, Error> {
        let user = users::find(&mut self.core.store.read(), id)
            .await?
            .ok_or_else(no_media)?;
        let mut parts = file.strip_suffix(".jpg").unwrap_or_default().split('-');
        let (rev, sizes) = match parts.next() {
            Some("avatar") => (Some(user.avatar_rev.as_str()), pictures::AVATAR_SIZES),
            Some("cover") => (user.cover_rev.as_deref(), pictures::COVER_WIDTHS),
            _ => return Err(no_media()),
        };
        let named = (parts.next(), parts.next().and_then(|size| size.parse().ok()));
        let present = rev.is_some()
            && named.0 == rev
            && named.1.is_some_and(|size: u32| sizes.contains(&size))
            && parts.next().is_none();
        if !present {
            return Err(no_media());
        }
        blob(
            &format!("{}/{file}", pictures::user_folder(id)),
            "image/jpeg",
            0,
            Caching::Immutable,
        )
    }

    /// The renditions of a video, for whoever may see it.
    pub async fn renditions(&self, video: &VideoRow) -> Result<Vec<RenditionRow>, Error> {
        Ok(renditions::list(&mut self.core.store.read(), video.id, video.media_gen).await?)
    }
}

/// Keys are never written twice, so the key itself tells versions apart.
fn blob(key: &str, content_type: &str, size_bytes: i64, caching: Caching) -> Result<Media, Error> {
    let parsed = Key::parse(key).map_err(|error| Error::failed("media key", error))?;
    let tag = format!("{}-{size_bytes:x}", key.replace('/', "-"));
    Ok(Media::File {
        key: parsed,
        content_type: content_type.to_owned(),
        tag,
        caching,
    })
}

/// Who asks, found out at most once.
enum Asker<F> {
    NotYet(F),
    Known(Viewer),
    Refused,
}

impl<F: AsyncFnOnce() -> Result<Viewer, Error>> Asker<F> {
    async fn ask(&mut self) -> Result<Viewer, Error> {
        match std::mem::replace(self, Self::Refused) {
            Self::NotYet(ask) => {
                let viewer = ask().await?;
                *self = Self::Known(viewer);
                Ok(viewer)
            }
            Self::Known(viewer) => {
                *self = Self::Known(viewer);
                Ok(viewer)
            }
            Self::Refused => Err(no_media()),
        }
    }
}

fn no_media() -> Error {
    Error::refused(Kind::NotFound, "media_not_found", "Not found")
}

fn is_theirs(video: &VideoRow, viewer: &Viewer) -> bool {
    viewer.is_some_and(|actor| actor.is_admin() || actor.user_id == video.owner_id)
}

/// The part of a key that changes when a file is made again: its folder below the video's.
fn version_of(key: &str) -> &str {
    key.rsplit('/').nth(1).unwrap_or("0")
}

/// Whether an address that names this version, or none, leads to the file that is there. Caches keep what they get
/// under a version for ever, so another file must not be sent in its place.
fn is_of(asked: Option<&str>, there: &str) -> bool {
    asked.is_none_or(|asked| asked == there)
}

fn find_rendition<'a>(entry: &'a Entry, name: &str) -> Option<&'a (RenditionRow, SegmentIndex)> {
    entry.renditions.iter().find(|(row, _)| row.name == name)
}
