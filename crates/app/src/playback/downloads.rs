//! Renditions as files to keep: picture and sound in one, under the video's title.
//!
//! Where picture and sound lie in two files they are joined while they are read (`media::mp4::Mux`): headers
//! are made in memory, media is read from the renditions. No program runs and nothing is written.

use std::fs::File;
use std::sync::Arc;
use std::time::Duration;

use bytes::{Bytes, BytesMut};
use media::mp4::{ByteRange, Mp4Error, Mux, Piece, SegmentIndex, Source};
use model::VideoId;
use model::videos::Streaming;
use moka::sync::Cache;
use objects::{Cached, Held, Key};
use store::renditions::{Kind as Carries, RenditionRow};
use store::videos::VideoRow;
use tokio::sync::Semaphore;

use super::{Entry, Playback, find_rendition, is_theirs};
use crate::error::{Error, Kind};
use crate::sessions::Viewer;
use crate::videos::may_see;

/// What asks for the file as it was uploaded.
pub const ORIGINAL: &str = "original";
/// The most of a title that goes into a file name, in characters.
const TITLE_CHARS: usize = 100;
/// Reads that are at work at once; each takes up to [`READ_BYTES`] and a header.
static READERS: Semaphore = Semaphore::const_new(16);
/// The most bytes read at once.
const READ_BYTES: u64 = 64 * 1024;

/// The most memory of all joined files that are remembered, bytes.
const JOINED_BYTES: u64 = 32 << 20;
/// What one of them counts at least: it keeps two files open, of which there are not many to spare.
const JOINED_LEAST_BYTES: u32 = 1 << 20;
/// How long one is remembered that nobody asks for.
const JOINED_IDLE: Duration = Duration::from_mins(1);

/// Joined files that were asked for a short while ago, by their tags: keys are never written twice, so a tag
/// names the same bytes for ever. Programs that load in ranges, or several at a time, ask for the same one over
/// and over. Who may have it is asked before each time.
#[derive(Debug)]
pub(super) struct JoinedFiles(Cache<String, Joined>);

impl JoinedFiles {
    pub(super) fn new() -> Self {
        let weight = |_: &String, joined: &Joined| {
            let bytes = u32::try_from(joined.mux.memory_bytes()).unwrap_or(u32::MAX);
            bytes.max(JOINED_LEAST_BYTES)
        };
        Self(
            Cache::builder()
                .weigher(weight)
                .max_capacity(JOINED_BYTES)
                .time_to_idle(JOINED_IDLE)
                .build(),
        )
    }
}

/// A file to keep.
#[derive(Debug)]
pub struct Download {
    /// Its bytes.
    pub bytes: DownloadBytes,
    /// Media type.
    pub content_type: String,
    /// What it is to be called: one name without folders, safe on any system, with an extension.
    pub name: String,
    /// Changes whenever the bytes do; without quotes.
    pub tag: String,
}

/// Where the bytes are.
#[derive(Debug)]
pub enum DownloadBytes {
    /// In a blob, as it is.
    File(Key),
    /// In two blobs, joined while they are read.
    Joined(Joined),
}

/// A picture and its sound as one file that lies nowhere. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Joined {
    mux: Arc<Mux>,
    /// Picture and sound, where their bytes come from a bucket.
    cached: Option<Arc<[Cached; 2]>>,
    /// The picture's blob.
    pub picture: Key,
}

impl Joined {
    /// Number of bytes.
    pub fn size_bytes(&self) -> u64 {
        self.mux.size()
    }

    /// Some bytes from `from` on: at least one and at most 64 KiB, none behind `end` or the file's end.
    /// Waits for its turn: a bounded number of these read at once.
    pub async fn read(&self, from: u64, end: u64) -> std::io::Result<Bytes> {
        let mux = Arc::clone(&self.mux);
        let range = ByteRange {
            offset: from,
            size: end.saturating_sub(from).min(READ_BYTES),
        };
        let held = match &self.cached {
            Some(cached) => Some(hold(cached, &mux, range).await?),
            None => None,
        };
        let _turn = READERS.acquire().await.map_err(std::io::Error::other)?;
        tokio::task::spawn_blocking(move || {
            let _held = held;
            read(&mux, range)
        })
        .await
        .map_err(std::io::Error::other)?
    }
}

/// Brings what is read of both files for these bytes of the joined one, and keeps it there.
async fn hold(cached: &[Cached; 2], mux: &Mux, range: ByteRange) -> std::io::Result<[Held; 2]> {
    let needed = |source| {
        let needed = mux.needed(range).filter(move |(of, _)| *of == source);
        needed.map(|(_, part)| part.offset..part.end())
    };
    let [picture, sound] = cached;
    Ok([
        picture
            .fetch_all(needed(Source::Video))
            .await
            .map_err(std::io::Error::other)?,
        sound
            .fetch_all(needed(Source::Audio))
            .await
            .map_err(std::io::Error::other)?,
    ])
}

fn read(mux: &Mux, range: ByteRange) -> std::io::Result<Bytes> {
    use std::os::unix::fs::FileExt as _;

    let mut bytes = BytesMut::new();
    for piece in mux.pieces(range) {
        match piece.map_err(std::io::Error::other)? {
            Piece::Bytes(made) => bytes.extend_from_slice(&made),
            Piece::Range(source, part) => {
                let at = bytes.len();
                // Never more than was asked for, which is bounded.
                let size = usize::try_from(part.size).map_err(std::io::Error::other)?;
                bytes.resize(at + size, 0);
                if let Some(space) = bytes.get_mut(at..) {
                    mux.file(source).read_exact_at(space, part.offset)?;
                }
            }
        }
    }
    if bytes.is_empty() {
        return Err(std::io::ErrorKind::UnexpectedEof.into());
    }
    Ok(bytes.freeze())
}

impl Playback {
    /// A rendition to keep, by its name; without one, the best that plays everywhere. [`ORIGINAL`] is the
    /// file as it was uploaded, for its owner.
    pub async fn download(
        &self,
        id: VideoId,
        rendition: Option<&str>,
        viewer: &Viewer,
    ) -> Result<Download, Error> {
        let entry = self.entry(id).await?.ok_or_else(Error::no_video)?;
        let video = entry.video.as_ref();
        if !may_see(video, viewer) {
            return Err(Error::no_video());
        }
        if rendition == Some(ORIGINAL) {
            return original(video, viewer);
        }
        if video.streaming != Streaming::Whole {
            return Err(Error::refused(
                Kind::NotFound,
                "not_watchable_yet",
                "This video is still being prepared.",
            ));
        }
        let (row, index) = match rendition {
            Some(name) => find_rendition(&entry, name),
            None => default_rendition(&entry),
        }
        .ok_or_else(no_download)?;
        let sound = entry
            .renditions
            .iter()
            .find(|(row, _)| row.kind == Carries::Audio);
        match (row.kind, sound) {
            (Carries::Video, Some(sound)) => self.joined(video, (row, index), sound).await,
            (kind, _) => {
                let (content_type, extension) = match kind {
                    Carries::Audio => ("audio/mp4", "m4a"),
                    Carries::Video => ("video/mp4", "mp4"),
                };
                Ok(Download {
                    bytes: DownloadBytes::File(key_of(&row.object_key)?),
                    content_type: content_type.to_owned(),
                    name: file_name(&video.title, Some(&row.name), extension),
                    tag: row.object_key.replace('/', "-"),
                })
            }
        }
    }

    async fn joined(
        &self,
        video: &VideoRow,
        (picture, picture_index): (&RenditionRow, &SegmentIndex),
        (sound, sound_index): &(RenditionRow, SegmentIndex),
    ) -> Result<Download, Error> {
        let keys = [key_of(&picture.object_key)?, key_of(&sound.object_key)?];
        let tag = format!("{}+{}", picture.object_key, sound.object_key).replace('/', "-");
        let known = self.joined.0.get(&tag);
        let joined = if let Some(joined) = known {
            joined
        } else {
            let indexes = [picture_index.clone(), sound_index.clone()];
            let joined = self.join(keys, indexes).await?;
            self.joined.0.insert(tag.clone(), joined.clone());
            joined
        };
        Ok(Download {
            bytes: DownloadBytes::Joined(joined),
            content_type: "video/mp4".to_owned(),
            name: file_name(&video.title, Some(&picture.name), "mp4"),
            tag,
        })
    }

    async fn join(&self, keys: [Key; 2], indexes: [SegmentIndex; 2]) -> Result<Joined, Error> {
        let objects = &self.core.objects;
        let paths = [objects.local_path(&keys[0]), objects.local_path(&keys[1])];
        let [picture, _] = keys.clone();
        if let [Some(picture_path), Some(sound_path)] = paths {
            let files = move || Ok([File::open(picture_path)?, File::open(sound_path)?]);
            let mux = mux(files, indexes, None).await?;
            return Ok(Joined {
                mux,
                cached: None,
                picture,
            });
        }
        let [video, audio] = [objects.cached(&keys[0]).await?, objects.cached(&keys[1]).await?];
        let (Some(video), Some(audio)) = (video, audio) else {
            return Err(no_download());
        };
        let init = |index: &SegmentIndex| 0..index.init.end();
        let held = [
            video.fetch_all([init(&indexes[0])]).await?,
            audio.fetch_all([init(&indexes[1])]).await?,
        ];
        let cached = Arc::new([video, audio]);
        let opened = Arc::clone(&cached);
        let files = move || Ok([opened[0].file().try_clone()?, opened[1].file().try_clone()?]);
        let mux = mux(files, indexes, Some(held)).await?;
        Ok(Joined {
            mux,
            cached: Some(cached),
            picture,
        })
    }
}

fn original(video: &VideoRow, viewer: &Viewer) -> Result<Download, Error> {
    let key = video
        .source_key
        .as_deref()
        .filter(|_| is_theirs(video, viewer))
        .ok_or_else(no_download)?;
    // What it is called is its owner's affair; what it is, ours.
    let stem = video.source_name.rsplit_once('.');
    let stem = stem.map_or(video.source_name.as_str(), |(stem, _)| stem);
    let stem = if stem.trim().is_empty() {
        &video.title
    } else {
        stem
    };
    Ok(Download {
        bytes: DownloadBytes::File(key_of(key)?),
        content_type: video.source_type.clone(),
        name: file_name(stem, None, key.rsplit('.').next().unwrap_or("mp4")),
        tag: key.replace('/', "-"),
    })
}

fn key_of(key: &str) -> Result<Key, Error> {
    Key::parse(key).map_err(|error| Error::failed("media key", error))
}

/// Reads what stands before the media in both files, which `held` keeps there meanwhile.
async fn mux(
    files: impl FnOnce() -> std::io::Result<[File; 2]> + Send + 'static,
    [picture, sound]: [SegmentIndex; 2],
    held: Option<[Held; 2]>,
) -> Result<Arc<Mux>, Error> {
    let _turn = READERS
        .acquire()
        .await
        .map_err(|closed| Error::failed("downloads queue", closed))?;
    tokio::task::spawn_blocking(move || -> Result<Arc<Mux>, Mp4Error> {
        let _held = held;
        let files = files()?;
        Ok(Arc::new(Mux::new(&files[0], &picture, &files[1], &sound)?))
    })
    .await
    .map_err(|gone| Error::failed("downloads thread", gone))?
    .map_err(|error| Error::failed("join for a download", error))
}

/// The largest H.264 picture, or else the largest of any codec, or else the sound.
fn default_rendition(entry: &Entry) -> Option<&(RenditionRow, SegmentIndex)> {
    entry.renditions.iter().max_by_key(|(row, _)| {
        let everywhere = row.kind == Carries::Video && row.codecs.starts_with("avc1");
        (everywhere, row.kind == Carries::Video, row.height, row.bitrate)
    })
}

fn no_download() -> Error {
    Error::refused(
        Kind::NotFound,
        "download_not_found",
        "There is no such file of this video.",
    )
}

/// `<title> (<rendition>).<extension>`, of letters that every file system takes and no shell or page makes
/// more of.
fn file_name(title: &str, rendition: Option<&str>, extension: &str) -> String {
    let mut stem = String::new();
    for c in title.chars().take(TITLE_CHARS) {
        let is_forbidden = c.is_control()
            || matches!(c, '/' | '\\' | ':' | '*' | '?' | '"' | '<' | '>' | '|' | '%' | '`' | '$')
            // Marks that change how a name reads, such as the direction.
            || matches!(c, '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202f}' | '\u{2060}'..='\u{206f}' | '\u{feff}');
        stem.push(if is_forbidden || c.is_whitespace() { ' ' } else { c });
    }
    let mut stem = stem.split_whitespace().collect::<Vec<_>>().join(" ");
    stem = stem.trim_matches(['.', ' ', '-', '~']).to_owned();
    if stem.is_empty() {
        "video".clone_into(&mut stem);
    }
    match rendition {
        Some(rendition) => format!("{stem} ({rendition}).{extension}"),
        // Some names without more than these letters mean devices on some systems.
        None if stem.len() <= 4 => format!("{stem} (original).{extension}"),
        None => format!("{stem}.{extension}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_title_becomes_one_safe_name() {
        for (title, name) in [
            ("Holiday", "Holiday (720p).mp4"),
            ("Träume & 夢 🎬", "Träume & 夢 🎬 (720p).mp4"),
            ("../../etc/passwd", "etc passwd (720p).mp4"),
            ("a\\b:c*d?\"e<f>g|h", "a b c d e f g h (720p).mp4"),
            ("x\r\nSet-Cookie: y", "x Set-Cookie y (720p).mp4"),
            ("evil\u{202e}4pm.exe", "evil 4pm.exe (720p).mp4"),
            ("...", "video (720p).mp4"),
            ("-rf ~", "rf (720p).mp4"),
            ("CON", "CON (720p).mp4"),
        ] {
            assert_eq!(file_name(title, Some("720p"), "mp4"), name);
        }
        assert_eq!(file_name("NUL", None, "mov"), "NUL (original).mov");
        let long = file_name(&"ü".repeat(500), Some("720p"), "mp4");
        assert!(long.len() <= 255, "{} bytes", long.len());
    }
}
