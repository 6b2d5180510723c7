//! The first step of a new video: look at it, decide what is to be made of it, take a poster, and, where
//! the picture can be taken as it is, copy it into the form that streams, which takes about a second.
//! What needs encoding is handed on to [`super::encode_part`], piece by piece.

use std::path::Path;

use media::cuts;
use media::encode::{self, OutputKind};
use media::ladder;
use model::videos::{Status, Streaming};
use model::{Millis, VideoId};
use serde::{Deserialize, Serialize};
use store::Tx;
use store::jobs::{self as rows, JobRow};
use store::notifications::NotificationRow;
use store::renditions as rendition_rows;
use store::replacements;
use store::videos::{self, VideoRow};

use super::encoding::{Done, Encoding};
use super::source::{self, MadeFile, Source};
use super::{JobError, QUICK, Running, encode_part, finish_video, join_parts, remove_objects};
use crate::core::Core;
use crate::error::Error;
use crate::{events, notifications, pictures, posters};

/// Name of the kind.
pub const KIND: &str = "process_video";

/// Which video.
#[derive(Debug, Serialize, Deserialize)]
pub struct Payload {
    /// Which video.
    pub video: VideoId,
    /// Which making (`VideoRow::media_gen`): the present one, or that of the file that waits to take its
    /// place (`store::replacements`).
    #[serde(default, alias = "gen")]
    pub gen_no: i64,
}

impl super::Payload for Payload {
    const KIND: &'static str = KIND;
    const PRIORITY: i64 = QUICK;
}

/// Puts the job for making `gen_no` of a video into the queue, in the transaction that says so.
pub(crate) async fn enqueue(
    core: &Core,
    tx: &mut Tx,
    video: &VideoRow,
    gen_no: i64,
    now: Millis,
) -> Result<(), Error> {
    let payload = Payload {
        video: video.id,
        gen_no,
    };
    super::enqueue_about(core, tx, &payload, video, now).await
}

pub(super) async fn run(running: &Running) -> Result<(), JobError> {
    let Payload { video, gen_no } = running.payload()?;
    let Some(source) = Source::open(running, video, gen_no).await? else {
        return Ok(());
    };
    let core = &running.app.core;
    // A video that is tried again goes on with its plan and what is there of it.
    if let Some(encoding) = Encoding::find(&mut core.store.read(), video, gen_no).await? {
        return go_on(running, &source, &encoding).await;
    }
    let probe = source.probe(running).await?;
    let Some(ladder) = ladder::plan(&probe, &core.settings.ladder) else {
        return source
            .reject(running, "The file has neither picture nor sound.")
            .await;
    };
    // What comes out is about as large as what went in; a disk without room for it is not worth the work.
    core.room_for(probe.size_bytes)?;
    let mut encoding = Encoding {
        ladder,
        probe,
        source_key: source.key.clone(),
        source_public: source.public,
    };
    let folder = core.objects.stage_dir().await?;
    let probe = encoding.probe.clone();
    // The copy waits for the disk and the poster for a decoder: side by side they take as long as one.
    let (copied, poster) = tokio::join!(copy(running, &source, &mut encoding, folder.path()), async {
        if source.waiting.is_some() {
            // The present poster stays as long as the present file.
            return Ok(None);
        }
        source.poster(running, &probe, folder.path()).await
    });
    let copied = copied?;
    let poster = source.store_poster(running, poster?).await?;
    cut(running, &source, &mut encoding).await?;
    publish(running, &source, &encoding, &copied, poster, folder.path()).await
}

/// Copies the picture, where it can be, with the sound beside it, and puts the keyframes of all that will
/// be encoded where the copy has its own.
async fn copy(
    running: &Running,
    source: &Source,
    encoding: &mut Encoding,
    folder: &Path,
) -> Result<Vec<MadeFile>, JobError> {
    let ladder = &mut encoding.ladder;
    if ladder.remux.is_none() {
        return Ok(Vec::new());
    }
    let canonical = folder
        .canonicalize()
        .map_err(|error| JobError::retry("output folder", error))?;
    let path = source.path(running).await?;
    let Some(step) = encode::remux(ladder, &encoding.probe, path, &canonical, threads(running)) else {
        return Ok(Vec::new());
    };
    let mut files = match source.make(running, &step, folder, ladder.duration_ms).await {
        Ok(files) => files,
        // It cannot be copied after all.
        Err(JobError::GiveUp(detail)) => {
            tracing::info!(video.id = %source.video.id, detail, "Encoding instead of copying");
            ladder.encode_all();
            ladder.remux = None;
            return Ok(Vec::new());
        }
        Err(other) => return Err(other),
    };
    let before = ladder.remux.as_ref().map(|remux| remux.name.clone());
    let starts = files
        .iter()
        .filter(|file| file.kind == OutputKind::Video)
        .find_map(|file| file.stream.as_ref())
        .map(|(index, _)| source::starts_ms(index))
        .unwrap_or_default();
    if !ladder.align_to_copy(starts) {
        // The copy is good enough to watch until there is better, under a name that no rung has.
        let after = ladder.remux.as_ref().map(|remux| remux.name.clone());
        if let (Some(before), Some(after)) = (before, after)
            && before != after
        {
            rename(running, source, &mut files, &before, &after, folder).await?;
        }
    }
    Ok(files)
}

async fn rename(
    running: &Running,
    source: &Source,
    files: &mut [MadeFile],
    before: &str,
    after: &str,
    folder: &Path,
) -> Result<(), JobError> {
    for file in files.iter_mut().filter(|file| file.name() == before) {
        let name = format!("{after}.mp4");
        tokio::fs::rename(folder.join(&file.file), folder.join(&name))
            .await
            .map_err(|error| JobError::retry("rename an output", error))?;
        file.object_key = format!("{}/{name}", source.run_folder(running));
        file.file = name;
    }
    Ok(())
}

/// Cuts what is to be encoded into pieces, where the source lets decoding start in the middle.
async fn cut(running: &Running, source: &Source, encoding: &mut Encoding) -> Result<(), JobError> {
    if encoding.ladder.passes.is_empty() {
        return Ok(());
    }
    let path = source.path(running).await?;
    let keyframes = if let Some(step_ms) = encoding.ladder.cutting.step_ms() {
        let every_s = u32::try_from(step_ms / 1000).unwrap_or(60);
        cuts::source_keyframes(
            &running.app.core.tools,
            &encoding.probe,
            path,
            every_s,
            &running.stop,
        )
        .await
        .unwrap_or_else(|error| {
            tracing::info!(video.id = %source.video.id, error = %error, "Keyframes not found; encoding in one piece");
            Vec::new()
        })
    } else {
        Vec::new()
    };
    if running.stop.is_cancelled() {
        return Err(JobError::Stopped);
    }
    encoding.ladder.cut(&keyframes);
    Ok(())
}

/// Makes the copy visible, writes the plan down and puts its pieces into the queue, in one transaction.
async fn publish(
    running: &Running,
    source: &Source,
    encoding: &Encoding,
    copied: &[MadeFile],
    poster: Option<posters::Stored>,
    folder: &Path,
) -> Result<(), JobError> {
    let core = &running.app.core;
    let (id, now) = (source.video.id, running.now());
    source.keep(running, copied, folder).await?;
    let (mut tx, before) = source.begin_publishing(running).await?;
    let before = &before;
    encoding.save(&mut tx, id, source.gen_no, now).await?;
    let mut added_bytes = 0;
    for file in copied {
        let row = source::rendition_row(running, source, encoding, file)?;
        added_bytes += row.size_bytes;
        rendition_rows::save(&mut tx, &row).await?;
    }
    let mut after = before.clone();
    let old_set = match poster {
        Some(poster) => poster.save(&mut tx, &mut after).await?,
        None => None,
    };
    after.stored_bytes += added_bytes;
    if source.gen_no == before.media_gen && !copied.is_empty() {
        after.streaming = Streaming::Whole;
        after.watchable = true;
    }
    if after.duration_ms == 0 {
        after.duration_ms = i64::try_from(encoding.ladder.duration_ms).unwrap_or(0);
    }
    after.updated_at = now;
    let unused = old_set.iter().flat_map(posters::file_names);
    let folder = pictures::video_folder(id);
    let unused = unused.map(|name| format!("{folder}/{name}")).collect();
    remove_objects::enqueue_all_later(core, &mut tx, unused, now, 0).await?;
    let after = videos::save(&mut tx, before, after).await?;
    encoding
        .enqueue_missing(core, &mut tx, &after, source.gen_no, now)
        .await?;
    rows::end(&mut tx, &running.job, model::jobs::JobState::Done, None, now).await?;
    tx.commit().await?;
    running.app.playback.forget(id);
    events::videos::changed(core, before, &after);
    core.bus.wake(super::TOPIC);
    Ok(())
}

/// Puts what is missing into the queue again.
async fn go_on(running: &Running, source: &Source, encoding: &Encoding) -> Result<(), JobError> {
    let core = &running.app.core;
    let now = running.now();
    let mut tx = core.store.write().await?;
    if !rows::holds(&mut tx, &running.job).await? {
        return Err(JobError::LeaseLost);
    }
    let done = Done::read(&mut tx, source.video.id, source.gen_no).await?;
    tracing::info!(
        video.id = %source.video.id,
        renditions = done.renditions.len(),
        "Goes on with {} whole renditions",
        done.renditions.len()
    );
    encoding
        .enqueue_missing(core, &mut tx, &source.video, source.gen_no, now)
        .await?;
    rows::end(&mut tx, &running.job, model::jobs::JobState::Done, None, now).await?;
    tx.commit().await?;
    core.bus.wake(super::TOPIC);
    Ok(())
}

/// Threads of one program, by the settings.
pub(super) fn threads(running: &Running) -> u32 {
    u32::try_from(running.app.core.settings.encode_threads)
        .unwrap_or(0)
        .max(1)
}

/// Whether a job of this kind prepares a video.
pub(crate) fn prepares(kind: &str) -> bool {
    matches!(
        kind,
        KIND | encode_part::KIND | join_parts::KIND | finish_video::KIND | "encode_video"
    )
}

/// What is to be told of a video whose processing has failed, after the commit.
#[derive(Debug)]
pub(super) struct Failed {
    before: VideoRow,
    after: VideoRow,
    said: Option<NotificationRow>,
}

impl Failed {
    /// Tells whoever listens.
    pub(super) fn tell(&self, core: &Core) {
        events::videos::processed(core, &self.before, &self.after, self.said.as_ref());
    }
}

/// Marks the video of a job that was given up, and ends what else was to be made of it.
pub(super) async fn failed(
    core: &Core,
    tx: &mut Tx,
    job: &JobRow,
    now: Millis,
) -> Result<Option<Failed>, Error> {
    /// What the payloads of all kinds that prepare a video have in common.
    #[derive(Deserialize)]
    struct Making {
        #[serde(default, alias = "gen")]
        gen_no: i64,
    }
    if !prepares(&job.kind) {
        return Ok(None);
    }
    let Some(subject) = job.subject_id else {
        return Ok(None);
    };
    let Some(before) = videos::find(tx, VideoId(subject)).await? else {
        return Ok(None);
    };
    let making = serde_json::from_str(&job.payload).map_or(before.media_gen, |making: Making| making.gen_no);
    if making != before.media_gen {
        let waiting = replacements::find(tx, before.id).await?;
        if let Some(waiting) = waiting.filter(|waiting| waiting.gen_no == making) {
            let reason = "something went wrong on the server.";
            source::drop_waiting(core, tx, &before, &waiting, reason, now).await?;
            let said = notifications::say_failed(core, tx, &before, now).await?;
            return Ok(Some(Failed {
                after: before.clone(),
                before,
                said,
            }));
        }
        return Ok(None);
    }
    if let Ok(status) = before.status.to(Status::Failed) {
        let reason = "Something went wrong on the server while preparing this video. It can be tried again.";
        let after = VideoRow {
            status,
            status_reason: Some(reason.to_owned()),
            updated_at: now,
            ..before.clone()
        };
        let after = videos::save(tx, &before, after).await?;
        // The rest would be work for nothing until someone tries again.
        rows::cancel_about(tx, subject, now).await?;
        let said = notifications::say_failed(core, tx, &after, now).await?;
        return Ok(Some(Failed { before, after, said }));
    }
    Ok(None)
}
