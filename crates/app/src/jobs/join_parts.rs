//! Joins the finished pieces of what a pass was the first to make: each of these renditions becomes one file with one index. Bytes are
//! copied and times rewritten in this process; nothing is encoded.

use std::path::PathBuf;

use media::encode::OutputKind;
use media::mp4::{self, Part};
use model::VideoId;
use model::jobs::JobState;
use objects::LocalCopy;
use serde::{Deserialize, Serialize};
use store::encodings;
use store::jobs as rows;
use store::renditions as rendition_rows;
use store::videos;

use super::encoding::{self, Done, Encoding};
use super::source::{self, MadeFile, Source};
use super::{JobError, QUICK, Running, encode_part};
use crate::events;

/// Name of the kind.
pub const KIND: &str = "join_parts";

/// Which pass of which video.
#[derive(Debug, Serialize, Deserialize)]
pub struct Payload {
    /// Which video.
    pub video: VideoId,
    /// Which making of its renditions.
    pub gen_no: i64,
    /// Number of the pass.
    pub pass: usize,
}

impl super::Payload for Payload {
    const KIND: &'static str = KIND;
    const PRIORITY: i64 = QUICK + 5;
}

pub(super) async fn run(running: &Running) -> Result<(), JobError> {
    let Payload { video, gen_no, pass } = running.payload()?;
    let Some((source, encoding, done)) = encoding::open(running, video, gen_no).await? else {
        return Ok(());
    };
    let core = &running.app.core;
    let parts = encodings::parts(&mut core.store.read(), video, gen_no).await?;
    let folder = core.objects.stage_dir().await?;
    let mut files: Vec<MadeFile> = Vec::new();
    // As long as they are read.
    let mut copies: Vec<LocalCopy> = Vec::new();
    for name in encoding.joined_by(pass) {
        if done.renditions.contains(name) {
            continue;
        }
        let bytes: i64 = parts
            .iter()
            .filter(|part| part.name == *name)
            .map(|part| part.size_bytes)
            .sum();
        core.room_for(u64::try_from(bytes).unwrap_or(0))?;
        let mut of_rendition = Vec::new();
        for (number, place) in encoding.ladder.pieces_of(name).iter().enumerate() {
            let part = parts
                .iter()
                .find(|part| part.name == *name && usize::try_from(part.chunk).ok() == Some(number))
                .ok_or_else(|| JobError::Retry(format!("piece {number} of {name} is missing")))?;
            let copy = core
                .objects
                .materialize(&source::key_at(&part.object_key)?)
                .await?;
            let copy =
                copy.ok_or_else(|| JobError::Retry(format!("piece {number} of {name} is not there")))?;
            let path = copy.path().to_owned();
            copies.push(copy);
            of_rendition.push(Part {
                path,
                // What plays in pieces was moved to its place when it was made.
                start_ms: if encoding.plays_in_pieces(name) {
                    0
                } else {
                    place.stretch.start_ms
                },
            });
        }
        let file = format!("{name}.mp4");
        join(of_rendition, folder.path().join(&file)).await?;
        copies.clear();
        let key = format!("{}/{file}", source.run_folder(running));
        files.push(source::read_output(folder.path().join(&file), OutputKind::Video, file, key).await?);
        if running.stop.is_cancelled() {
            return Err(JobError::Stopped);
        }
    }
    source.keep(running, &files, folder.path()).await?;
    publish(running, &source, &encoding, &files).await
}

pub(super) async fn join(parts: Vec<Part>, out: PathBuf) -> Result<(), JobError> {
    media::background::spawn(move || mp4::join(&parts, &out))
        .await
        .map_err(|gone| JobError::retry("joining thread", gone))?
        .map(|_| ())
        .map_err(|error| match error {
            mp4::Mp4Error::Io(error) => JobError::retry("join", error),
            damaged => JobError::GiveUp(format!("join: {damaged}")),
        })
}

async fn publish(
    running: &Running,
    source: &Source,
    encoding: &Encoding,
    files: &[MadeFile],
) -> Result<(), JobError> {
    let core = &running.app.core;
    let (id, gen_no, now) = (source.video.id, source.gen_no, running.now());
    let (mut tx, before) = source.begin_publishing(running).await?;
    let before = &before;
    for file in files {
        let row = source::rendition_row(running, source, encoding, file)?;
        rendition_rows::save(&mut tx, &row).await?;
    }
    // The pieces stay for those who play them at the moment; the sweep after the end takes them.
    let done = Done::read(&mut tx, id, gen_no).await?;
    let mut after = before.clone();
    if gen_no == before.media_gen {
        encode_part::show(&mut after, encoding, &done);
    }
    after.updated_at = now;
    let after = videos::save(&mut tx, before, after).await?;
    encoding
        .finish_if_complete(core, &mut tx, &after, gen_no, &done, now)
        .await?;
    rows::end(&mut tx, &running.job, JobState::Done, None, now).await?;
    tx.commit().await?;
    running.app.playback.forget(id);
    events::videos::changed(core, before, &after);
    core.bus.wake(super::TOPIC);
    Ok(())
}
