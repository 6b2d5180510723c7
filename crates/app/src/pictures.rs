//! Pictures that people upload: avatars, covers, thumbnails. Decoded with limits, cut to size, encoded
//! anew, so that no byte of the upload is ever served.
//!
//! How pixels are handled is `media::images`; which sizes exist and where they lie is said here.

use std::sync::atomic::{AtomicUsize, Ordering};

use bytes::Bytes;
use media::images::{self, ImageError, Sizes};
use model::{ObjectId, UserId, VideoId};
use objects::Key;

use crate::core::Core;
use crate::error::{Error, Kind};

pub use media::images::Purpose;

/// Largest picture file taken.
pub const MAX_PICTURE_BYTES: usize = 10 * 1024 * 1024;
/// Names of the avatar's sizes: edge length of the square, in pixels, where the upload has as many.
pub const AVATAR_SIZES: [u32; 2] = [512, 128];
/// Names of the cover's sizes: width in pixels.
pub const COVER_WIDTHS: [u32; 2] = [1920, 640];
/// Names of the poster's sizes: width in pixels.
pub const POSTER_WIDTHS: [u32; 2] = [1280, 480];
/// Pictures that are worked on at once: each may need 200 MiB for its pixels.
static PERMITS: tokio::sync::Semaphore = tokio::sync::Semaphore::const_new(2);
/// Pictures that are worked on or wait; each holds its upload in memory.
static WAITING: AtomicUsize = AtomicUsize::new(0);
/// How many may.
const QUEUE: usize = 32;

/// A picture ready to be stored: each size under its name, encoded.
#[derive(Debug)]
pub struct Encoded {
    sizes: [(u32, Bytes); 2],
}

/// Decodes an uploaded picture and encodes the sizes it is needed in. `field` is blamed when it is none.
pub async fn encode(field: &'static str, purpose: Purpose, bytes: Bytes) -> Result<Encoded, Error> {
    blocking(move || {
        let refuse = |error| refuse(field, &error);
        let picture = images::decode(&bytes).map_err(refuse)?;
        let names = match purpose {
            Purpose::Avatar => AVATAR_SIZES,
            Purpose::Cover => COVER_WIDTHS,
            Purpose::Thumbnail => POSTER_WIDTHS,
        };
        images::sizes(&picture, purpose)
            .map(|sizes| Encoded::named(names, sizes))
            .map_err(refuse)
    })
    .await
}

/// The picture of a user who has not chosen one; the same for the same id.
pub async fn generated_avatar(user: UserId, name: &str) -> Result<Encoded, Error> {
    let initials: String = name
        .split_whitespace()
        .filter_map(|word| word.chars().next())
        .take(2)
        .collect();
    blocking(move || {
        let side = |size| {
            media::avatar::generated_avatar(user.as_bytes(), &initials, size)
                .map_err(|error| Error::failed("generate an avatar", error))
        };
        let sizes = Sizes {
            large: side(AVATAR_SIZES[0])?,
            small: side(AVATAR_SIZES[1])?,
        };
        Ok(Encoded::named(AVATAR_SIZES, sizes))
    })
    .await
}

impl Encoded {
    fn named(names: [u32; 2], sizes: Sizes) -> Self {
        Self {
            sizes: [
                (names[0], Bytes::from(sizes.large.jpeg)),
                (names[1], Bytes::from(sizes.small.jpeg)),
            ],
        }
    }

    /// A poster that processing took from the video.
    pub fn from_poster(sizes: Sizes) -> Self {
        Self::named(POSTER_WIDTHS, sizes)
    }

    /// Stores all sizes under `<folder>/<stem>-<rev>-<size>.jpg`.
    pub async fn store(self, core: &Core, folder: &str, stem: &str, rev: &str) -> Result<(), Error> {
        for (size, bytes) in self.sizes {
            core.objects.put(&key(folder, stem, rev, size)?, bytes).await?;
        }
        Ok(())
    }
}

/// Removes everything below a folder of something that did not come to be.
pub(crate) async fn discard(core: &Core, folder: &str) {
    let Ok(prefix) = Key::parse(folder) else { return };
    if let Err(error) = core.objects.remove_prefix(&prefix).await {
        tracing::warn!(error = %error, "Could not remove the files of what did not come to be; the next start will");
    }
}

/// Removes all sizes of one revision; what is not there is not missed.
pub async fn remove(core: &Core, folder: &str, stem: &str, rev: &str, sizes: &[u32]) {
    for &size in sizes {
        let Ok(key) = key(folder, stem, rev, size) else {
            continue;
        };
        if let Err(error) = core.objects.remove(&key).await {
            tracing::warn!(error = %error, "Could not remove an old picture");
        }
    }
}

fn key(folder: &str, stem: &str, rev: &str, size: u32) -> Result<Key, Error> {
    Key::parse(&format!("{folder}/{stem}-{rev}-{size}.jpg"))
        .map_err(|error| Error::failed("picture key", error))
}

/// Where a user's pictures lie.
pub fn user_folder(user: UserId) -> String {
    format!("users/{user}")
}

/// Where everything of a video lies.
pub fn video_folder(video: VideoId) -> String {
    format!("videos/{video}")
}

/// A name for new picture files, never used before.
pub fn new_rev(core: &Core) -> String {
    core.ids.next::<ObjectId>(core.clock.now()).to_string()
}

fn refuse(field: &'static str, error: &ImageError) -> Error {
    match error {
        ImageError::TooLarge => Error::refused(
            Kind::TooLarge,
            "picture_too_large",
            format!("{field}: pictures have at most 10 MiB and 50 megapixels."),
        ),
        ImageError::NotAnImage | ImageError::Broken => Error::refused(
            Kind::Unsupported,
            "not_a_picture",
            format!("{field}: only JPEG, PNG and WebP pictures are taken."),
        ),
    }
}

/// Pixel work on the blocking threads: two pieces at once, and no more waiting than are worth it.
async fn blocking<T: Send + 'static>(
    work: impl FnOnce() -> Result<T, Error> + Send + 'static,
) -> Result<T, Error> {
    struct Place;
    impl Drop for Place {
        fn drop(&mut self) {
            WAITING.fetch_sub(1, Ordering::Relaxed);
        }
    }
    let before = WAITING.fetch_add(1, Ordering::Relaxed);
    let place = Place;
    if before >= QUEUE {
        return Err(Error::busy());
    }
    let permit = PERMITS
        .acquire()
        .await
        .map_err(|closed| Error::failed("picture queue", closed))?;
    // Not in the background: requests wait for this.
    tokio::task::spawn_blocking(move || {
        let _held = (permit, place);
        work()
    })
    .await
    .map_err(|gone| Error::failed("picture thread", gone))?
}
