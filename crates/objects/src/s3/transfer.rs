//! Whole files up and down, in pieces of which a few are on their way at once.
//!
//! What goes up is signed with its hash, which the server compares; a file of several pieces appears when
//! all are there. What a crash leaves of one is never seen, but takes room until the bucket's rule for
//! incomplete uploads removes it.

use std::fs::File;
use std::ops::Range;
use std::os::unix::fs::FileExt as _;
use std::path::Path;
use std::sync::Arc;

use bytes::Bytes;
use futures_util::{StreamExt as _, TryStreamExt as _, stream};
use object_store::multipart::{MultipartStore, PartId};
use object_store::{ObjectStoreExt as _, PutPayload};

use super::errors::{absent, failed};
use super::{Remote, Seen};
use crate::{Key, ObjectsError, blocking};

/// The least size of a piece; S3 takes none below 5 MiB but the last.
pub(crate) const PIECE_BYTES: u64 = 8 << 20;
/// S3 puts no more pieces together.
pub(crate) const MOST_PIECES: u64 = 10_000;
/// Pieces of one file on their way at once.
const SIDE_BY_SIDE: usize = 4;

impl Remote {
    /// Makes `bytes` the blob `key`.
    pub(crate) async fn put(&self, key: &Key, bytes: Bytes) -> Result<(), ObjectsError> {
        let (name, payload) = (self.name(key), PutPayload::from_bytes(bytes));
        self.client.put(&name, payload).await.map_err(failed)?;
        Ok(())
    }

    /// Makes what the file holds the blob `key`.
    pub(crate) async fn upload(self: &Arc<Self>, path: &Path, key: &Key) -> Result<(), ObjectsError> {
        let path = path.to_owned();
        let file = blocking(move || Ok(Arc::new(File::open(path)?))).await?;
        let size = file.metadata()?.len();
        if size <= PIECE_BYTES {
            let _turn = self.turn().await?;
            let bytes = blocking(move || piece(&file, 0, size)).await?;
            return self.put(key, bytes).await;
        }
        let id = self.begin(key).await?;
        let uploaded = async {
            let each = PIECE_BYTES.max(size.div_ceil(MOST_PIECES));
            let parts = self
                .add_all(key, &id, &file, 0..size.div_ceil(each), each, size)
                .await?;
            self.complete(key, &id, parts).await
        };
        let uploaded = uploaded.await;
        if uploaded.is_err() {
            self.give_up(key, &id).await;
        }
        uploaded
    }

    /// Adds pieces of a file, counted in steps of [`PIECE_BYTES`] from its beginning.
    pub(crate) async fn add_pieces(
        self: &Arc<Self>,
        key: &Key,
        id: &str,
        file: &Arc<File>,
        numbers: Range<u64>,
    ) -> Result<Vec<String>, ObjectsError> {
        let end = numbers.end * PIECE_BYTES;
        self.add_all(key, id, file, numbers, PIECE_BYTES, end).await
    }

    /// Adds pieces of `each` bytes of a file that ends at `end`.
    async fn add_all(
        self: &Arc<Self>,
        key: &Key,
        id: &str,
        file: &Arc<File>,
        numbers: Range<u64>,
        each: u64,
        end: u64,
    ) -> Result<Vec<String>, ObjectsError> {
        let pieces = numbers.map(|number| {
            let from = number * each;
            let (remote, file, key, id) = (Arc::clone(self), Arc::clone(file), key.clone(), id.to_owned());
            async move {
                let _turn = remote.turn().await?;
                let bytes = blocking(move || piece(&file, from, each.min(end - from))).await?;
                remote.add(&key, &id, number, bytes).await
            }
        });
        stream::iter(pieces).buffered(SIDE_BY_SIDE).try_collect().await
    }

    /// Begins a blob that is made of pieces; its name until they are complete.
    pub(crate) async fn begin(&self, key: &Key) -> Result<String, ObjectsError> {
        self.client
            .create_multipart(&self.name(key))
            .await
            .map_err(failed)
    }

    /// Adds the piece of this number, counted from 0; what it is called in [`Remote::complete`].
    pub(crate) async fn add(
        &self,
        key: &Key,
        id: &String,
        number: u64,
        bytes: Bytes,
    ) -> Result<String, ObjectsError> {
        let number = usize::try_from(number).map_err(std::io::Error::other)?;
        let payload = PutPayload::from_bytes(bytes);
        let part = self.client.put_part(&self.name(key), id, number, payload).await;
        Ok(part.map_err(failed)?.content_id)
    }

    /// Makes the blob of all of its pieces.
    pub(crate) async fn complete(
        &self,
        key: &Key,
        id: &String,
        pieces: Vec<String>,
    ) -> Result<(), ObjectsError> {
        let parts = pieces
            .into_iter()
            .map(|content_id| PartId { content_id })
            .collect();
        let name = self.name(key);
        let completed = self.client.complete_multipart(&name, id, parts).await;
        completed.map_err(failed)?;
        Ok(())
    }

    /// Forgets the pieces of a blob that will not be made. The bucket's own rule removes what stays.
    pub(crate) async fn give_up(&self, key: &Key, id: &String) {
        let given_up = absent(self.client.abort_multipart(&self.name(key), id).await);
        if let Err(error) = given_up {
            tracing::warn!(error = %error, "Pieces of an upload that failed stay in the bucket: {error}");
        }
    }

    /// Makes `to` a blob of the same bytes as `from`, on the server. Not for more than 5 GB.
    pub(crate) async fn copy(&self, from: &Key, to: &Key) -> Result<(), ObjectsError> {
        self.client
            .copy(&self.name(from), &self.name(to))
            .await
            .map_err(failed)
    }

    /// Writes the blob that was `seen` into a new file.
    pub(crate) async fn download(
        self: &Arc<Self>,
        key: &Key,
        seen: &Seen,
        path: &Path,
    ) -> Result<(), ObjectsError> {
        let (size, to) = (seen.size_bytes, path.to_owned());
        let file = blocking(move || {
            let file = crate::staged::create(&to)?;
            file.set_len(size)?;
            Ok(Arc::new(file))
        })
        .await?;
        self.fill(key, seen, 0..size, &file).await
    }

    /// Writes a range of the blob that was `seen` to its place in a file.
    pub(crate) async fn fill(
        self: &Arc<Self>,
        key: &Key,
        seen: &Seen,
        range: Range<u64>,
        file: &Arc<File>,
    ) -> Result<(), ObjectsError> {
        let Range { start, end } = range;
        let pieces = (0..(end - start).div_ceil(PIECE_BYTES)).map(|number| {
            let from = start + number * PIECE_BYTES;
            let range = from..end.min(from + PIECE_BYTES);
            let (remote, file, key, tag) =
                (Arc::clone(self), Arc::clone(file), key.clone(), seen.tag.clone());
            async move {
                let _turn = remote.turn().await?;
                let bytes = remote.piece(&key, tag, range).await?;
                blocking(move || Ok(file.write_all_at(&bytes, from)?)).await
            }
        });
        stream::iter(pieces)
            .buffer_unordered(SIDE_BY_SIDE)
            .try_collect()
            .await
    }

    /// Waits until one more large piece may be in memory.
    async fn turn(&self) -> Result<tokio::sync::OwnedSemaphorePermit, ObjectsError> {
        let turn = Arc::clone(&self.transfers).acquire_owned().await;
        Ok(turn.map_err(std::io::Error::other)?)
    }
}

fn piece(file: &File, from: u64, bytes: u64) -> Result<Bytes, ObjectsError> {
    let mut piece = vec![0; usize::try_from(bytes).map_err(std::io::Error::other)?];
    file.read_exact_at(&mut piece, from)?;
    Ok(piece.into())
}
