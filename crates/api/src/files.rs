//! Blobs as open files to send, and as addresses elsewhere to send people to.

use std::future::Future;
use std::io;
use std::path::Path;
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use app::playback::Caching;
use bytes::Bytes;
use delivery::{OpenFile, Source};
use http::header::{CACHE_CONTROL, LOCATION};
use http::{HeaderMap, HeaderValue, Method, Response, StatusCode};
use objects::{Cached, Key};

use crate::web::{Facing, Web};

/// How long a signed address opens a file. Players ask here again for each piece.
const SIGNED_FOR: Duration = Duration::from_mins(5);

/// Where people get the bytes of videos.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub enum MediaRedirect {
    /// From this server.
    #[default]
    None,
    /// From the bucket, by a signed address that opens one file for a few minutes.
    Presigned {
        /// What these addresses begin with, up to the host, for pages to load from.
        origin: String,
    },
    /// What is public from a network that serves the bucket's files under this address; the rest from here.
    Base {
        /// The address, without a slash at its end; the blob's key follows.
        base: String,
    },
}

impl MediaRedirect {
    /// What pages have to be allowed to load from besides this server.
    pub(crate) fn origin(&self) -> Option<&str> {
        match self {
            Self::None => None,
            Self::Presigned { origin } => Some(origin),
            Self::Base { base } => {
                let host = base.find("://").map_or(0, |at| at + 3);
                let end = base[host..].find('/').map_or(base.len(), |at| host + at);
                Some(&base[..end])
            }
        }
    }
}

impl Web {
    /// The blob as an open file; `None` when there is no such blob.
    pub(crate) async fn open_blob(&self, key: &Key) -> Result<Option<Arc<OpenFile>>, app::Error> {
        let objects = &self.0.app.core.objects;
        let opened = if let Some(path) = objects.local_path(key) {
            self.0.files.open(&path).await
        } else {
            let open = async || {
                let cached = objects.cached(key).await?;
                let cached = cached.ok_or_else(|| Opening::Io(io::ErrorKind::NotFound.into()))?;
                let file = OpenFile::from_fd(cached.file().try_clone()?.into())?;
                Ok(file.filled_by(Arc::new(Bucket(cached))))
            };
            match self.0.files.open_with(Path::new(key.as_str()), open).await {
                Ok(file) => Ok(file),
                Err(Opening::Io(error)) => Err(error),
                Err(Opening::Objects(error)) => return Err(error.into()),
            }
        };
        match opened {
            Ok(file) => Ok(Some(file)),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
            Err(error) => Err(app::Error::failed("open a file to send", error)),
        }
    }

    /// Where to send whoever asks for this blob, when it is not sent from here. Asked only after they were
    /// found to be allowed to have it.
    pub(crate) async fn elsewhere(
        &self,
        method: &Method,
        key: &Key,
        content_type: &str,
        caching: Caching,
    ) -> Result<Option<Response<Bytes>>, app::Error> {
        // Signed addresses are good for one method; and the small things of pages are faster from here.
        let is_media = content_type.starts_with("video/") || content_type.starts_with("audio/");
        if *method != Method::GET || !is_media {
            return Ok(None);
        }
        let place = match &self.0.facing.media_redirect {
            MediaRedirect::Presigned { .. } => {
                let objects = &self.0.app.core.objects;
                objects.presigned_url(key, SIGNED_FOR, content_type).await?
            }
            MediaRedirect::Base { base } if caching != Caching::Private => Some(format!("{base}/{key}")),
            MediaRedirect::None | MediaRedirect::Base { .. } => None,
        };
        Ok(place.and_then(|place| redirect(&place)))
    }
}

fn redirect(place: &str) -> Option<Response<Bytes>> {
    let mut response = Response::new(Bytes::new());
    *response.status_mut() = StatusCode::TEMPORARY_REDIRECT;
    let fields: &mut HeaderMap = response.headers_mut();
    fields.insert(LOCATION, HeaderValue::try_from(place).ok()?);
    // Who may have it is asked each time, and what is signed is not for others.
    fields.insert(CACHE_CONTROL, HeaderValue::from_static("private, no-store"));
    fields.insert("referrer-policy", HeaderValue::from_static("no-referrer"));
    Some(response)
}

/// Why a blob of a bucket could not be opened.
enum Opening {
    Objects(objects::ObjectsError),
    Io(io::Error),
}

impl From<objects::ObjectsError> for Opening {
    fn from(error: objects::ObjectsError) -> Self {
        Self::Objects(error)
    }
}

impl From<io::Error> for Opening {
    fn from(error: io::Error) -> Self {
        Self::Io(error)
    }
}

/// A blob of a bucket, as delivery fills its files.
#[derive(Debug)]
struct Bucket(Cached);

impl Source for Bucket {
    fn hold(&self, at: u64, most: u64) -> Option<u64> {
        self.0.hold(at, most)
    }

    fn release(&self, at: u64) {
        self.0.release(at);
    }

    fn fetch(&self, at: u64, most: u64) -> Pin<Box<dyn Future<Output = io::Result<u64>> + Send + '_>> {
        Box::pin(async move { self.0.fetch(at, most).await.map_err(io::Error::other) })
    }
}

impl Facing {
    /// ` https://cdn.example`, to be put into a policy; nothing where everything comes from here.
    pub(crate) fn media_origin(&self) -> String {
        let origin = self.media_redirect.origin();
        origin.map(|origin| format!(" {origin}")).unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pages_may_load_from_the_host_that_media_comes_from() {
        for (redirect, origin) in [
            (MediaRedirect::None, None),
            (
                MediaRedirect::Base {
                    base: "https://cdn.example/a/b".to_owned(),
                },
                Some("https://cdn.example"),
            ),
            (
                MediaRedirect::Base {
                    base: "https://cdn.example".to_owned(),
                },
                Some("https://cdn.example"),
            ),
        ] {
            assert_eq!(redirect.origin(), origin);
        }
    }
}
