//! Encodes one piece of a video: one chunk of one pass, all of the pass's renditions from one decode, or
//! all of the sound. A piece that is there is never made again: whatever ends a worker costs at most the
//! piece it was at.

use std::path::Path;

use media::encode;
use media::mp4::Part;
use model::jobs::JobState;
use model::videos::{Status, Streaming};
use model::{Millis, VideoId};
use serde::{Deserialize, Serialize};
use store::encodings::{self, PartRow};
use store::jobs as rows;
use store::renditions as rendition_rows;
use store::site::{self, Metric};
use store::videos::{self, VideoRow};
use store::{StoreError, Tx};

use super::encoding::{self, Done, Encoding, Piece};
use super::process_video::threads;
use super::source::{self, MadeFile, Source};
use super::{ENCODE, JobError, Running, join_parts};
use crate::core::Core;
use crate::error::Error;
use crate::events;

/// Name of the kind.
pub const KIND: &str = "encode_part";

/// Most jobs about one video that are looked at; running ones come first in time.
pub(crate) const MOST_LIVE: i64 = 1_000;

/// Which piece of which video.
#[derive(Debug, Serialize, Deserialize)]
pub struct Payload {
    /// Which video.
    pub video: VideoId,
    /// Which making of its renditions.
    pub gen_no: i64,
    /// Which piece.
    pub piece: Piece,
}

impl super::Payload for Payload {
    const KIND: &'static str = KIND;
    const PRIORITY: i64 = ENCODE;
}

/// Puts one piece into the queue.
pub(super) async fn enqueue(
    core: &Core,
    tx: &mut Tx,
    video: &VideoRow,
    gen_no: i64,
    piece: Piece,
    priority: i64,
    now: Millis,
) -> Result<(), Error> {
    let payload = Payload {
        video: video.id,
        gen_no,
        piece,
    };
    let job = super::about(core, &payload, video, now)?.priority(priority);
    Ok(rows::enqueue(tx, &job.as_row()).await?)
}

pub(super) async fn run(running: &Running) -> Result<(), JobError> {
    let Payload { video, gen_no, piece } = running.payload()?;
    let Some((source, encoding, done)) = encoding::open(running, video, gen_no).await? else {
        return Ok(());
    };
    let core = &running.app.core;
    if encoding.is_done(piece, &done) {
        return Ok(());
    }
    core.room_for(0)?;
    let folder = core.objects.stage_dir().await?;
    match make(running, &source, &encoding, piece, folder.path()).await {
        Ok(files) => publish(running, &source, &encoding, piece, &files, folder.path()).await,
        Err(JobError::GiveUp(detail)) if matches!(piece, Piece::Video { .. }) && encoding.is_cut() => {
            tracing::info!(video.id = %video, detail, "A piece of video {video} holds nothing; encoding it in one piece");
            in_one_piece(running, &source, encoding).await
        }
        // Browsers play this very file, or some of it could be made: whatever is wrong, it is not worth
        // losing it.
        Err(JobError::GiveUp(detail)) if source.public || !done.is_empty() => Err(JobError::GiveUp(detail)),
        Err(JobError::GiveUp(detail)) => {
            tracing::info!(video.id = %video, detail, "Rejected video {video}");
            source
                .reject(
                    running,
                    "The file is damaged or uses a format that cannot be read here.",
                )
                .await
        }
        Err(other) => Err(other),
    }
}

/// Begins anew without pieces. A stretch in which a picture stands still has no frame, and so no piece of its
/// own: nobody knows before it is decoded.
async fn in_one_piece(running: &Running, source: &Source, mut encoding: Encoding) -> Result<(), JobError> {
    let core = &running.app.core;
    let (id, gen_no, now) = (source.video.id, source.gen_no, running.now());
    let names: Vec<String> = encoding
        .ladder
        .video
        .iter()
        .map(|rung| rung.name.clone())
        .collect();
    encoding.ladder.uncut();
    let mut tx = core.store.write().await?;
    let held = rows::holds(&mut tx, &running.job).await?;
    let (true, Some(before)) = (held, videos::find(&mut tx, id).await?) else {
        return Err(JobError::LeaseLost);
    };
    rows::end(&mut tx, &running.job, JobState::Done, None, now).await?;
    for kind in [KIND, join_parts::KIND] {
        rows::cancel_kind_about(&mut tx, id.0, kind, now).await?;
    }
    for name in &names {
        encodings::forget_parts(&mut tx, id, gen_no, name).await?;
    }
    encoding.save(&mut tx, id, gen_no, now).await?;
    let mut after = before.clone();
    if gen_no == before.media_gen && before.streaming == Streaming::Growing {
        after.streaming = Streaming::None;
        after.watchable = source.public;
    }
    after.updated_at = now;
    let after = videos::save(&mut tx, &before, after).await?;
    encoding
        .enqueue_missing(core, &mut tx, &after, gen_no, now)
        .await?;
    tx.commit().await?;
    running.app.playback.forget(id);
    events::videos::changed(core, &before, &after);
    core.bus.wake(super::TOPIC);
    Ok(())
}

async fn make(
    running: &Running,
    source: &Source,
    encoding: &Encoding,
    piece: Piece,
    folder: &Path,
) -> Result<Vec<MadeFile>, JobError> {
    let (ladder, probe) = (&encoding.ladder, &encoding.probe);
    let canonical = folder
        .canonicalize()
        .map_err(|error| JobError::retry("output folder", error))?;
    let threads = threads(running);
    let path = source.path(running).await?;
    let (step, length_ms) = match piece {
        Piece::Audio => (
            encode::audio(ladder, probe, path, &canonical, threads)
                .ok_or_else(|| JobError::GiveUp("the plan has no sound".to_owned()))?,
            ladder.duration_ms,
        ),
        Piece::Video { pass, chunk } => {
            let place = ladder
                .passes
                .get(pass)
                .and_then(|pass| pass.chunks.get(chunk))
                .ok_or_else(|| JobError::GiveUp("the plan has no such piece".to_owned()))?;
            let tone_map = running.app.core.tone_map().await;
            let step = encode::part(ladder, probe, path, &canonical, pass, chunk, threads, tone_map);
            (
                step.ok_or_else(|| JobError::GiveUp("the plan has no such piece".to_owned()))?,
                place.length_ms(ladder.duration_ms),
            )
        }
    };
    let mut files = source.make(running, &step, folder, length_ms).await?;
    if let Piece::Video { pass, chunk } = piece {
        for file in &mut files {
            // Viewers are sent these pieces while the rest is made.
            if encoding.plays_in_pieces(file.name())
                && encoding.part_number(file.name(), pass, chunk).is_some()
            {
                put_in_place(file, folder, encoding.start_ms(pass, chunk)).await?;
            }
        }
    }
    Ok(files)
}

/// Moves a piece to its place in the whole: its own clock begins at zero.
async fn put_in_place(file: &mut MadeFile, folder: &Path, start_ms: u64) -> Result<(), JobError> {
    let made = folder.join(&file.file);
    let apart = folder.join(format!("placed-{}", file.file));
    join_parts::join(
        vec![Part {
            path: made.clone(),
            start_ms,
        }],
        apart.clone(),
    )
    .await?;
    tokio::fs::rename(&apart, &made)
        .await
        .map_err(|error| JobError::retry("rename an output", error))?;
    *file = source::read_output(made, file.kind, file.file.clone(), file.object_key.clone()).await?;
    Ok(())
}

/// Makes the piece known, with what follows from it, in one transaction.
async fn publish(
    running: &Running,
    source: &Source,
    encoding: &Encoding,
    piece: Piece,
    files: &[MadeFile],
    folder: &Path,
) -> Result<(), JobError> {
    let core = &running.app.core;
    let (id, gen_no, now) = (source.video.id, source.gen_no, running.now());
    source.keep(running, files, folder).await?;
    let (mut tx, before) = source.begin_publishing(running).await?;
    let before = &before;
    let mut after = before.clone();
    for file in files {
        let row = source::rendition_row(running, source, encoding, file)?;
        after.stored_bytes += row.size_bytes;
        let number = match piece {
            Piece::Video { pass, chunk } => encoding.part_number(&row.name, pass, chunk),
            Piece::Audio => None,
        };
        match number {
            None => rendition_rows::save(&mut tx, &row).await?,
            Some(number) => {
                let part = PartRow {
                    video_id: id,
                    gen_no,
                    name: row.name,
                    chunk: i64::try_from(number).unwrap_or(i64::MAX),
                    object_key: row.object_key,
                    size_bytes: row.size_bytes,
                    codecs: row.codecs,
                    segments: row.segments,
                };
                encodings::save_part(&mut tx, &part).await?;
            }
        }
    }
    let done = Done::read(&mut tx, id, gen_no).await?;
    if gen_no == before.media_gen {
        show(&mut after, encoding, &done);
        after.progress = encoding.progress(&done, &[]).max(before.progress);
    }
    after.updated_at = now;
    let after = videos::save(&mut tx, before, after).await?;
    if let Piece::Video { pass, .. } = piece {
        for joining in 0..=pass {
            if encoding
                .joined_by(joining)
                .any(|name| encoding.names_of(pass).contains(name))
            {
                encoding
                    .join_if_ready(core, &mut tx, &after, gen_no, joining, &done, now)
                    .await?;
            }
        }
    }
    encoding
        .finish_if_complete(core, &mut tx, &after, gen_no, &done, now)
        .await?;
    if rows::end(&mut tx, &running.job, JobState::Done, None, now).await? {
        count_encode(&mut tx, running, encoding, piece, now)?;
    }
    tx.commit().await?;
    running.app.playback.forget(id);
    events::videos::changed(core, before, &after);
    core.bus.wake(super::TOPIC);
    Ok(())
}

/// Counts an encode that went well, how long it took, and how long it plays.
fn count_encode(
    tx: &mut Tx,
    running: &Running,
    encoding: &Encoding,
    piece: Piece,
    now: Millis,
) -> Result<(), StoreError> {
    let ladder = &encoding.ladder;
    let length_ms = match piece {
        Piece::Audio => ladder.duration_ms,
        Piece::Video { pass, chunk } => ladder
            .passes
            .get(pass)
            .and_then(|pass| pass.chunks.get(chunk))
            .map_or(0, |place| place.length_ms(ladder.duration_ms)),
    };
    let took_ms = running.job.started_at.map_or(0, |began| now.since(began).max(0));
    let day = site::day_of(now);
    site::add_on(tx, Metric::EncodesDone, day, 1)?;
    site::add_on(tx, Metric::EncodeMs, day, took_ms)?;
    site::add_on(tx, Metric::EncodedMs, day, i64::try_from(length_ms).unwrap_or(0))
}

/// Notes how far the video can be streamed with what is there.
pub(super) fn show(video: &mut VideoRow, encoding: &Encoding, done: &Done) {
    if video.status != Status::Processing {
        return;
    }
    let whole = encoding.is_done(Piece::Audio, done)
        && (encoding.ladder.video.is_empty()
            || encoding
                .ladder
                .video
                .iter()
                .any(|rung| done.renditions.contains(&rung.name)));
    if whole || video.streaming == Streaming::Whole {
        video.streaming = Streaming::Whole;
    } else if encoding.begins_to_play(done) {
        video.streaming = Streaming::Growing;
    }
    video.watchable |= video.streaming != Streaming::None;
}

/// What is running about a video at the moment: pieces and how far they are, 0 to 1.
pub(crate) async fn under_way(tx: &mut Tx, video: VideoId) -> Result<Vec<(Piece, f64)>, StoreError> {
    let live = rows::list::live_about(tx, video.0, MOST_LIVE).await?;
    Ok(live
        .into_iter()
        .filter(|job| job.kind == KIND && job.state == JobState::Running)
        .filter_map(|job| {
            let payload: Payload = serde_json::from_str(&job.payload).ok()?;
            Some((payload.piece, job.progress))
        })
        .collect())
}
