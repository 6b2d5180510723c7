//! Whole files up and down, in pieces of which a few are on their way at once.
//!
//! What goes up is signed with its hash, which the server compares; a file of several pieces appears when
//! all are there. What a crash leaves of one is never seen, but takes room until the bucket's rule for
//! incomplete uploads removes it.

use std::fs::File;
use std::os::unix::fs::FileExt as _;
use std::path::Path;
use std::sync::Arc;

use bytes::Bytes;
use futures_util::{StreamExt as _, TryStreamExt as _, stream};
use object_store::multipart::{MultipartStore, PartId};
use object_store::{ObjectStoreExt as _, PutPayload};

use super::errors::failed;
use super::{Remote, Seen};
use crate::{Key, ObjectsError, blocking};

/// The least size of a piece; S3 takes none below 5 MiB but the last.
pub(crate) const PIECE_BYTES: u64 = 8 << 20;
/// S3 puts no more pieces together.
const MOST_PIECES: u64 = 10_000;
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
            let pieces = (0..size.div_ceil(each)).map(|number| {
                let from = number * each;
                let (remote, file, key, id) = (Arc::clone(self), Arc::clone(&file), key.clone(), id.clone());
                async move {
                    let _turn = remote.turn().await?;
                    let bytes = blocking(move || piece(&file, from, each.min(size - from))).await?;
                    remote.add(&key, &id, number, bytes).await
                }
            });
            let parts = stream::iter(pieces).buffered(SIDE_BY_SIDE).try_collect().await?;
            self.complete(key, &id, parts).await
        };
        let uploaded = uploaded.await;
        if uploaded.is_err() {
            self.give_up(key, &id).await;
        }
        uploaded
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
        if let Err(error) = self.client.abort_multipart(&self.name(key), id).await {
            tracing::warn!(error = %error, "Pieces of an upload that failed stay in the bucket: {error}");
        }
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
        let pieces = (0..size.div_ceil(PIECE_BYTES)).map(|number| {
            let from = number * PIECE_BYTES;
            let range = from..size.min(from + PIECE_BYTES);
            let (remote, file, key, tag) =
                (Arc::clone(self), Arc::clone(&file), key.clone(), seen.tag.clone());
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
