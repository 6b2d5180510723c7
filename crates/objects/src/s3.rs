//! Blobs in a bucket of S3, or of a server that speaks like it.
//!
//! Everything that is being made lies on the node's own disk first, as it does where blobs are local, and
//! goes up whole: a blob appears in the bucket in one step or not at all. The bucket may and should be
//! private; only this server's keys open it.

mod errors;
mod listing;
mod place;
mod transfer;

use std::ops::Range;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use object_store::aws::{AmazonS3, AmazonS3Builder};
use object_store::path::Path as Name;
use object_store::signer::{Method, SignedUrlOptions, Signer};
use object_store::{
    BackoffConfig, ClientOptions, GetOptions, GetRange, ObjectStore, ObjectStoreExt, RetryConfig,
};
use tokio::sync::Semaphore;

pub use self::place::{BadS3Place, S3Keys, S3Place, Style};

use self::errors::{absent, failed};
pub(crate) use self::transfer::{MOST_PIECES, PIECE_BYTES};
use crate::cache::Cache;
use crate::copy::Copies;
use crate::far::Trail;
use crate::local::Local;
use crate::{Key, MOST_READ_BYTES, ObjectsError};

/// Requests that move large pieces at once, each with one of them in memory.
const TRANSFERS: usize = 8;
/// A request is tried again so often, as long as that makes sense and [`RETRY_FOR`] has not passed.
const RETRIES: usize = 4;
/// How long requests are tried again.
const RETRY_FOR: Duration = Duration::from_secs(20);
/// Incoming files that a node remembers; of others it asks the bucket.
const TRAILS: u64 = 1_024;
/// How long one try may take, with its body.
const REQUEST: Duration = Duration::from_mins(1);
/// How long the server may be silent.
const SILENCE: Duration = Duration::from_secs(10);
/// How long connecting may take.
const CONNECT: Duration = Duration::from_secs(5);

/// How blobs are kept in S3.
#[derive(Debug, Clone)]
pub struct S3Settings {
    /// Where.
    pub place: S3Place,
    /// What opens it.
    pub keys: S3Keys,
    /// The most bytes of blobs that are kept on this node's disk, to send them again.
    pub cache_bytes: u64,
}

#[derive(Debug)]
pub(crate) struct S3 {
    pub(crate) remote: Arc<Remote>,
    /// Unfinished things, and uploads that come in; the folder of blobs is that of the cache.
    pub(crate) node: Arc<Local>,
    pub(crate) cache: Cache,
    pub(crate) copies: Copies,
    /// Incoming files that this node had a hand in lately.
    pub(crate) trails: moka::sync::Cache<Key, Trail>,
}

/// The bucket.
#[derive(Debug)]
pub(crate) struct Remote {
    client: AmazonS3,
    prefix: Option<Key>,
    transfers: Arc<Semaphore>,
}

/// What is known of a blob without reading it.
#[derive(Debug, Clone)]
pub(crate) struct Seen {
    pub(crate) size_bytes: u64,
    /// Differs between blobs of one name.
    pub(crate) tag: Option<String>,
}

impl S3 {
    pub(crate) fn open(settings: &S3Settings, cache: &Path, staging: &Path) -> Result<Self, ObjectsError> {
        let node = Arc::new(Local::open(cache.to_owned(), staging.to_owned())?);
        let remote = Arc::new(Remote::new(settings)?);
        let cache = Cache::new(Arc::clone(&remote), Arc::clone(&node), settings.cache_bytes);
        Ok(Self {
            remote,
            node,
            cache,
            copies: Copies::new(),
            trails: moka::sync::Cache::new(TRAILS),
        })
    }

    /// Lets this node's disk go of what it has of a blob that was replaced or removed.
    pub(crate) async fn forget(&self, key: &Key) {
        self.cache.forget(key);
        self.copies.forget(key).await;
    }

    /// The same for all below `prefix`, and itself.
    pub(crate) fn forget_under(&self, prefix: &Key) {
        self.cache.forget_under(prefix);
        self.copies.forget_under(prefix);
    }
}

impl Remote {
    fn new(settings: &S3Settings) -> Result<Self, ObjectsError> {
        // The client asks for the process's provider; that another was chosen before is as good.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let S3Settings { place, keys, .. } = settings;
        let plain = place
            .endpoint
            .as_deref()
            .is_some_and(|endpoint| endpoint.starts_with("http://"));
        let mut options = ClientOptions::new()
            .with_allow_http(plain)
            .with_timeout(REQUEST)
            .with_read_timeout(SILENCE)
            .with_connect_timeout(CONNECT)
            .with_default_content_type("application/octet-stream");
        for (suffix, content_type) in CONTENT_TYPES {
            options = options.with_content_type_for_suffix(*suffix, *content_type);
        }
        let mut builder = AmazonS3Builder::new()
            .with_client_options(options)
            .with_retry(RetryConfig {
                backoff: BackoffConfig {
                    init_backoff: Duration::from_millis(100),
                    max_backoff: Duration::from_secs(3),
                    base: 2.,
                },
                max_retries: RETRIES,
                retry_timeout: RETRY_FOR,
            })
            .with_bucket_name(&place.bucket)
            .with_region(&place.region)
            .with_virtual_hosted_style_request(place.style == Style::Virtual)
            .with_access_key_id(&keys.access_key_id)
            .with_secret_access_key(&keys.secret_access_key);
        if let Some(token) = &keys.session_token {
            builder = builder.with_token(token);
        }
        if let Some(host) = place.host() {
            builder = builder.with_endpoint(host);
        }
        Ok(Self {
            client: builder.build().map_err(failed)?,
            prefix: place.prefix.clone(),
            transfers: Arc::new(Semaphore::new(TRANSFERS)),
        })
    }

    /// The name in the bucket.
    fn name(&self, key: &Key) -> Name {
        match &self.prefix {
            Some(prefix) => Name::from(format!("{prefix}/{key}")),
            None => Name::from(key.as_str()),
        }
    }

    /// The key of a name in the bucket; `None` for what was not put there by us.
    fn key(&self, name: &str) -> Option<Key> {
        let below = match &self.prefix {
            Some(prefix) => name.strip_prefix(prefix.as_str())?.strip_prefix('/')?,
            None => name,
        };
        Key::parse(below).ok()
    }

    /// Returns when the bucket can be reached with these keys.
    pub(crate) async fn check(&self) -> Result<(), ObjectsError> {
        let asked = Key::parse("here").map_err(std::io::Error::other)?;
        self.list(&asked, None, 1).await.map(|_| ())
    }

    pub(crate) async fn look(&self, key: &Key) -> Result<Option<Seen>, ObjectsError> {
        let seen = absent(self.client.head(&self.name(key)).await)?;
        Ok(seen.map(|meta| Seen {
            size_bytes: meta.size,
            tag: meta.e_tag,
        }))
    }

    pub(crate) async fn get(&self, key: &Key, range: Range<u64>) -> Result<Option<Bytes>, ObjectsError> {
        // Servers differ in what they say to ranges that hold nothing, so none are asked for.
        let Some(Seen { size_bytes, tag }) = self.look(key).await? else {
            return Ok(None);
        };
        let end = range.end.min(size_bytes);
        let asked_bytes = end.saturating_sub(range.start);
        if asked_bytes > MOST_READ_BYTES {
            return Err(ObjectsError::TooLarge { asked_bytes });
        }
        if asked_bytes == 0 {
            return Ok(Some(Bytes::new()));
        }
        self.piece(key, tag, range.start..end).await.map(Some)
    }

    /// The bytes of `range`, which holds some and lies within the blob, of the very blob that was looked at.
    async fn piece(&self, key: &Key, tag: Option<String>, range: Range<u64>) -> Result<Bytes, ObjectsError> {
        let asked_bytes = range.end - range.start;
        let result = self.client.get_opts(&self.name(key), of(tag, range)).await;
        let bytes = result.map_err(failed)?.bytes().await.map_err(failed)?;
        if bytes.len() as u64 == asked_bytes {
            Ok(bytes)
        } else {
            Err(ObjectsError::Changed)
        }
    }

    /// Opens a stream over `range` as [`Remote::piece`] does.
    pub(crate) async fn stream(
        &self,
        key: &Key,
        tag: Option<String>,
        range: Range<u64>,
    ) -> Result<futures_util::stream::BoxStream<'static, Result<Bytes, ObjectsError>>, ObjectsError> {
        use futures_util::{StreamExt as _, TryStreamExt as _};
        let result = self.client.get_opts(&self.name(key), of(tag, range)).await;
        Ok(result.map_err(failed)?.into_stream().map_err(failed).boxed())
    }

    pub(crate) async fn remove(&self, key: &Key) -> Result<(), ObjectsError> {
        absent(self.client.delete(&self.name(key)).await)?;
        Ok(())
    }

    /// An address that opens the blob to whoever has it, for a while.
    pub(crate) async fn presigned(
        &self,
        key: &Key,
        lasts: Duration,
        content_type: &str,
    ) -> Result<String, ObjectsError> {
        let options = SignedUrlOptions::new().with_query([("response-content-type", content_type)]);
        let name = self.name(key);
        let signed = self
            .client
            .signed_url_opts(Method::GET, &name, lasts, &options)
            .await;
        Ok(signed.map_err(failed)?.into())
    }
}

/// Asks for a range of the blob with this tag, and no other.
fn of(tag: Option<String>, range: Range<u64>) -> GetOptions {
    GetOptions {
        if_match: tag,
        range: Some(GetRange::Bounded(range)),
        ..GetOptions::default()
    }
}

/// What blobs are, by the ends of their keys, for those who are sent to the bucket itself.
const CONTENT_TYPES: &[(&str, &str)] = &[
    ("mp4", "video/mp4"),
    ("webm", "video/webm"),
    ("mov", "video/quicktime"),
    ("mkv", "video/x-matroska"),
    ("jpg", "image/jpeg"),
    ("vtt", "text/vtt"),
    ("zip", "application/zip"),
];
