//! Bytes of an upload: taken as they come, kept when the connection breaks, made a video when all are there.

use std::time::Duration;

use bytes::Bytes;
use model::UploadId;
use model::uploads::Metadata;
use objects::{Digest, Hashed, Incoming, ObjectsError};
use sha1::Sha1;
use sha2::{Digest as _, Sha256};
use store::uploads::{self as rows, Became, UploadRow};

use super::live::Turn;
use super::{Goal, Uploads, Wish, file_of, no_upload, wish};
use crate::error::{Error, Kind, Refusal};
use crate::sessions::Actor;
use crate::videos::intake::{Arrival, Body, Ending, Taken};
use crate::videos::upload::too_large;

/// How often the disk is asked whether it has room for more.
const ROOM_CHECK_BYTES: u64 = 16 << 20;
/// After so many bytes of one request they are kept for good: what a crash costs at the most.
const KEEP_BYTES: u64 = 64 << 20;
/// How long a request waits for its turn to bring bytes when very many do.
const PATIENCE: Duration = Duration::from_secs(5);

/// What a request that brings bytes says about them.
#[derive(Debug)]
pub struct Request {
    /// Where they belong.
    pub offset_bytes: u64,
    /// How many there are, where that is known.
    pub content_bytes: Option<u64>,
    /// How long the whole upload is, where that was not said before.
    pub length_bytes: Option<u64>,
    /// What they add up to.
    pub checksum: Option<Checksum>,
}

/// The sum that the bytes of one request must have.
#[derive(Debug)]
pub enum Checksum {
    /// SHA-1.
    Sha1([u8; 20]),
    /// SHA-256.
    Sha256([u8; 32]),
}

/// The bytes ended before their end: the client left, or fell silent.
#[derive(Debug)]
pub struct Cut;

/// Bytes as they come.
pub trait Pieces: Send {
    /// The next piece; `None` at the end.
    fn next(&mut self) -> impl Future<Output = Result<Option<Bytes>, Cut>> + Send;
}

/// Adds up the bytes of a request.
enum Sum {
    Nothing,
    Sha1(Sha1, [u8; 20]),
    Sha256(Sha256, [u8; 32]),
}

impl Sum {
    fn of(checksum: Option<&Checksum>) -> Self {
        match checksum {
            None => Self::Nothing,
            Some(Checksum::Sha1(expected)) => Self::Sha1(Sha1::new(), *expected),
            Some(Checksum::Sha256(expected)) => Self::Sha256(Sha256::new(), *expected),
        }
    }

    fn update(&mut self, bytes: &[u8]) {
        match self {
            Self::Nothing => {}
            Self::Sha1(sum, _) => sum.update(bytes),
            Self::Sha256(sum, _) => sum.update(bytes),
        }
    }

    /// Whether bytes may be kept before all of them are there.
    fn is_asked(&self) -> bool {
        !matches!(self, Self::Nothing)
    }

    fn matches(self) -> bool {
        match self {
            Self::Nothing => true,
            Self::Sha1(sum, expected) => sum.finalize().as_slice() == expected,
            Self::Sha256(sum, expected) => sum.finalize().as_slice() == expected,
        }
    }
}

/// How the bytes of a request ended.
enum End {
    Whole,
    /// The client is gone.
    Cut,
    /// Someone else wants the turn.
    Awaited,
    /// More than there may be.
    Beyond(Error),
    /// No more is taken for now; what came is kept.
    Refused(Error),
}

impl Uploads {
    /// Takes the bytes of a request, and makes a video when they were the last. Runs to its end whether or
    /// not the client waits for it.
    pub async fn append<B: Pieces>(
        &self,
        id: UploadId,
        request: Request,
        body: &mut B,
        actor: &Actor,
    ) -> Result<UploadRow, Error> {
        self.own(id, actor).await?;
        let mut turn = self.live.take(id).await?;
        let mut row = self.own(id, actor).await?;
        if request.offset_bytes != row.offset_bytes {
            return Err(Error::refused(
                Kind::Conflict,
                "wrong_offset",
                format!("This upload goes on at {} bytes.", row.offset_bytes),
            ));
        }
        if row.became.is_some() {
            // A repeated last request whose answer was lost.
            let more = request.content_bytes != Some(0) && matches!(body.next().await, Ok(Some(_)));
            return if more {
                Err(beyond(row.length_bytes.unwrap_or(0)))
            } else {
                Ok(row)
            };
        }
        if let Some(length) = request.length_bytes {
            self.declare(&mut row, length, actor).await?;
        }
        let most = row.length_bytes.unwrap_or(self.most_bytes());
        let end = request
            .content_bytes
            .map(|bytes| row.offset_bytes.saturating_add(bytes));
        if end.is_some_and(|end| end > most) {
            return Err(self.too_much(&row));
        }
        if request.content_bytes != Some(0) {
            let Ok(Ok(_permit)) = tokio::time::timeout(PATIENCE, self.receiving.acquire()).await else {
                return Err(Error::busy());
            };
            self.core.room_for(request.content_bytes.unwrap_or(0))?;
            self.take_bytes(&mut row, &request, body, &mut turn, actor)
                .await?;
        } else if !Sum::of(request.checksum.as_ref()).matches() {
            return Err(checksum_mismatch());
        }
        if row.length_bytes == Some(row.offset_bytes) {
            return self.finish(row, &mut turn, actor).await;
        }
        Ok(row)
    }

    /// The length that was left open, said once.
    async fn declare(&self, row: &mut UploadRow, length: u64, actor: &Actor) -> Result<(), Error> {
        let invalid = |message| Error::refused(Kind::Invalid, "wrong_length", message);
        match row.length_bytes {
            Some(known) if known == length => return Ok(()),
            Some(_) => return Err(invalid("The length of an upload does not change.")),
            None if length < row.offset_bytes => {
                return Err(invalid("The upload already has more bytes than that."));
            }
            None if length > self.most_bytes() => return Err(too_large(self.most_bytes())),
            None => {}
        }
        let _turn = self.quotas.turn().await;
        let mut tx = self.core.store.write().await?;
        let usage = self.quotas.usage(&mut tx, actor.user_id).await?;
        usage.admit(length.saturating_sub(row.reserved_bytes))?;
        if !rows::declare_length(&mut tx, row.id, length).await? {
            return Err(no_upload());
        }
        tx.commit().await?;
        (row.length_bytes, row.reserved_bytes) = (Some(length), length);
        Ok(())
    }

    /// Room in the quota for an upload whose length is not known yet to have `bytes`.
    async fn reserve(&self, row: &mut UploadRow, bytes: u64, actor: &Actor) -> Result<(), Error> {
        if row.length_bytes.is_some() || bytes <= row.reserved_bytes {
            return Ok(());
        }
        let _turn = self.quotas.turn().await;
        let mut tx = self.core.store.write().await?;
        let usage = self.quotas.usage(&mut tx, actor.user_id).await?;
        usage.admit(bytes - row.reserved_bytes)?;
        rows::reserve(&mut tx, row.id, bytes).await?;
        tx.commit().await?;
        row.reserved_bytes = bytes;
        Ok(())
    }

    fn too_much(&self, row: &UploadRow) -> Error {
        row.length_bytes
            .map_or_else(|| too_large(self.most_bytes()), beyond)
    }

    async fn take_bytes<B: Pieces>(
        &self,
        row: &mut UploadRow,
        request: &Request,
        body: &mut B,
        turn: &mut Turn,
        actor: &Actor,
    ) -> Result<(), Error> {
        if let Some(bytes) = request.content_bytes {
            self.reserve(row, row.offset_bytes.saturating_add(bytes), actor)
                .await?;
        }
        let file = file_of(row.id)?;
        let known = turn.hashed().take();
        let before = known.clone();
        let opened = self
            .core
            .objects
            .append_incoming(&file, row.offset_bytes, known)
            .await;
        let mut incoming = match opened {
            // Someone has been at the folder: nothing can be made of this upload any more.
            Err(ObjectsError::Lost) => {
                self.forget(row).await?;
                return Err(no_upload());
            }
            other => other?,
        };
        let (end, sum) = self
            .receive(row, &mut incoming, body, request, turn, actor)
            .await?;
        let asked = sum.is_asked();
        let wrong = matches!(end, End::Whole) && !sum.matches();
        let refusal = match end {
            End::Whole if wrong => Some(checksum_mismatch()),
            End::Whole => None,
            End::Cut => Some(cut_off()),
            End::Awaited => Some(interrupted()),
            End::Beyond(error) => {
                return self.take_back(row, incoming, turn, before, error).await;
            }
            End::Refused(error) => Some(error),
        };
        match refusal {
            // Bytes whose sum is wrong, or cannot be told, are not kept.
            Some(refusal) if asked => self.take_back(row, incoming, turn, before, refusal).await,
            Some(refusal) => {
                self.keep(row, &mut incoming, turn).await?;
                Err(refusal)
            }
            None => self.keep(row, &mut incoming, turn).await,
        }
    }

    /// Cuts off what was not kept yet, and refuses.
    async fn take_back(
        &self,
        row: &UploadRow,
        incoming: Incoming,
        turn: &mut Turn,
        before: Option<Hashed>,
        refusal: Error,
    ) -> Result<(), Error> {
        incoming.cut_back(row.offset_bytes).await?;
        // What was kept meanwhile is remembered already.
        if turn.hashed().is_none() {
            *turn.hashed() = before;
        }
        Err(refusal)
    }

    /// Writes pieces until there are no more, or no more may be; answers what they add up to as well.
    async fn receive<B: Pieces>(
        &self,
        row: &mut UploadRow,
        incoming: &mut Incoming,
        body: &mut B,
        request: &Request,
        turn: &mut Turn,
        actor: &Actor,
    ) -> Result<(End, Sum), Error> {
        let mut sum = Sum::of(request.checksum.as_ref());
        let ends_at = request
            .content_bytes
            .map(|bytes| request.offset_bytes.saturating_add(bytes));
        let most = row.length_bytes.unwrap_or(self.most_bytes());
        let mut room_checked_at = incoming.received_bytes();
        loop {
            let piece = tokio::select! {
                piece = body.next() => piece,
                () = turn.awaited() => return Ok((End::Awaited, sum)),
            };
            let piece = match piece {
                Ok(Some(piece)) => piece,
                Ok(None) => return Ok((End::Whole, sum)),
                Err(Cut) => return Ok((End::Cut, sum)),
            };
            let will_have = incoming.received_bytes().saturating_add(piece.len() as u64);
            if will_have > most {
                return Ok((End::Beyond(self.too_much(row)), sum));
            }
            if will_have > row.reserved_bytes {
                // No length of the whole and none of this request: room is taken in steps.
                let step = will_have.saturating_add(ROOM_CHECK_BYTES).min(most);
                if let Err(error) = self.reserve(row, step, actor).await {
                    return Ok((End::Refused(error), sum));
                }
            }
            sum.update(&piece);
            incoming.write(piece).await?;
            // Who waits for the turn has nothing to gain from a request that has brought everything.
            if ends_at == Some(will_have) {
                return Ok((End::Whole, sum));
            }
            if will_have - room_checked_at >= ROOM_CHECK_BYTES {
                room_checked_at = will_have;
                if let Err(error) = self.core.room_for(0) {
                    return Ok((End::Refused(error), sum));
                }
            }
            if !sum.is_asked() && will_have - row.offset_bytes >= KEEP_BYTES {
                self.keep(row, incoming, turn).await?;
            }
        }
    }

    /// Makes what has come last, on the disk and then in the row.
    async fn keep(&self, row: &mut UploadRow, incoming: &mut Incoming, turn: &mut Turn) -> Result<(), Error> {
        let from = row.offset_bytes;
        if incoming.received_bytes() == from {
            return Ok(());
        }
        let hashed = incoming.sync().await?;
        let now = self.core.clock.now();
        row.offset_bytes = incoming.received_bytes();
        row.updated_at = now;
        row.expires_at = self.expires_at(now);
        if row.length_bytes == Some(row.offset_bytes) {
            row.source_hash = hashed.as_ref().map(|hashed| hashed.digest().blake3.to_vec());
        }
        *turn.hashed() = hashed;
        let mut tx = self.core.store.write().await?;
        if !rows::advance(&mut tx, row, from).await? {
            // Where it is still there, another node has taken bytes in meanwhile.
            let there = rows::find(&mut tx, row.id).await?;
            return Err(there.map_or_else(no_upload, |_| interrupted()));
        }
        tx.commit().await?;
        Ok(())
    }

    /// Makes of a complete upload what its metadata asks for. Refused for good, the upload is gone; what
    /// went wrong here leaves it as it is, for another try.
    pub(super) async fn finish(
        &self,
        row: UploadRow,
        turn: &mut Turn,
        actor: &Actor,
    ) -> Result<UploadRow, Error> {
        let id = row.id;
        match self.make(row, turn, actor).await {
            Ok(row) => {
                self.remove_file(id).await;
                Ok(row)
            }
            Err(Error::Refused(refusal)) if is_for_good(&refusal) => {
                let mut tx = self.core.store.write().await?;
                rows::remove(&mut tx, id).await?;
                tx.commit().await?;
                self.remove_file(id).await;
                tracing::info!(upload.id = %id, code = refusal.code, "Nothing came of upload {id}");
                Err(refusal.into())
            }
            Err(error) => Err(error),
        }
    }

    async fn make(&self, mut row: UploadRow, turn: &mut Turn, actor: &Actor) -> Result<UploadRow, Error> {
        let file = file_of(row.id)?;
        if row.offset_bytes > 0 {
            match self.core.objects.gather_incoming(&file, row.offset_bytes).await {
                Err(ObjectsError::Lost) => {
                    self.forget(&row).await?;
                    return Err(no_upload());
                }
                other => other?,
            }
        }
        let Wish { name, goal } = Metadata::parse(&row.metadata)
            .map_err(|fault| Error::field("Upload-Metadata", fault))
            .and_then(|metadata| wish(&metadata))?;
        let digest = self.digest(&mut row, turn).await?;
        let expires_at = self.expires_at(self.core.clock.now());
        let arrival = Arrival {
            body: Body::Incoming(file),
            digest,
            name,
            ending: Some(Ending {
                upload: row.id,
                expires_at,
            }),
        };
        let taken = match goal {
            Goal::New { checked, twice } => self.intake.publish(arrival, checked, None, twice, actor).await?,
            Goal::Replace(video) => self.intake.replace(arrival, video, actor).await?,
        };
        self.playback.forget(taken.video().id);
        row.became = Some(Became {
            video_id: taken.video().id,
            duplicate: matches!(taken, Taken::Known(_)),
        });
        row.expires_at = expires_at;
        *turn.hashed() = None;
        Ok(row)
    }

    /// What the complete file holds: from memory, from the row, or by reading it once more after a crash.
    async fn digest(&self, row: &mut UploadRow, turn: &mut Turn) -> Result<Digest, Error> {
        if let Some(blake3) = row.source_hash.as_deref().and_then(|hash| hash.try_into().ok()) {
            return Ok(Digest {
                blake3,
                size_bytes: row.offset_bytes,
            });
        }
        if row.offset_bytes == 0 {
            return Ok(Digest {
                // Never looked at: nothing is made of an empty file.
                blake3: [0; 32],
                size_bytes: 0,
            });
        }
        let remembered = turn.hashed().as_ref().map(Hashed::digest);
        let digest = match remembered.filter(|digest| digest.size_bytes == row.offset_bytes) {
            Some(digest) => digest,
            None => self.core.objects.digest_incoming(&file_of(row.id)?).await?,
        };
        // Looking at the file may blank places in it; what it held before is kept.
        row.source_hash = Some(digest.blake3.to_vec());
        let mut tx = self.core.store.write().await?;
        rows::advance(&mut tx, row, row.offset_bytes).await?;
        tx.commit().await?;
        Ok(digest)
    }

    /// Removes an upload whose bytes are lost.
    async fn forget(&self, row: &UploadRow) -> Result<(), Error> {
        tracing::error!(upload.id = %row.id, "Upload {} has lost its bytes", row.id);
        let mut tx = self.core.store.write().await?;
        rows::remove(&mut tx, row.id).await?;
        tx.commit().await?;
        Ok(())
    }
}

/// Whether another try would be refused as well.
fn is_for_good(refusal: &Refusal) -> bool {
    matches!(
        refusal.kind,
        Kind::Invalid
            | Kind::Forbidden
            | Kind::NotFound
            | Kind::TooLarge
            | Kind::Unsupported
            | Kind::Unprocessable
    )
}

fn beyond(length_bytes: u64) -> Error {
    Error::refused(
        Kind::TooLarge,
        "beyond_length",
        format!("This upload has {length_bytes} bytes and no more."),
    )
}

fn checksum_mismatch() -> Error {
    Error::refused(
        Kind::ChecksumMismatch,
        "checksum_mismatch",
        "The bytes are not those of the checksum. Send them again.",
    )
}

fn cut_off() -> Error {
    Error::refused(
        Kind::Invalid,
        "body_cut_off",
        "The body ended early or came too slowly.",
    )
}

fn interrupted() -> Error {
    Error::refused(
        Kind::Conflict,
        "upload_interrupted",
        "Another request has taken this upload over.",
    )
}
