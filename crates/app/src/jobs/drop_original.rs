//! Drops the original of a video that is ready, when its owner does not want it kept any more. Where the
//! original itself is what plays without adaptive streaming, a file that takes its place is made first.

use model::jobs::JobState;
use model::videos::Status;
use model::{Millis, VideoId};
use serde::{Deserialize, Serialize};
use store::Tx;
use store::jobs as rows;
use store::renditions;
use store::videos::{self, VideoRow};

use super::encoding::Encoding;
use super::source::{MadeFile, Source};
use super::{JobError, QUICK, Running, finish_video, remove_objects, sweep_video};
use crate::core::Core;
use crate::error::Error;
use crate::events;

/// Name of the kind.
pub const KIND: &str = "drop_original";

/// Which video.
#[derive(Debug, Serialize, Deserialize)]
pub struct Payload {
    /// Which video.
    pub video: VideoId,
}

impl super::Payload for Payload {
    const KIND: &'static str = KIND;
    const PRIORITY: i64 = QUICK + 15;
}

/// Whether the owner of this video wants its original gone, and it is there and may go.
pub(crate) fn is_wanted(video: &VideoRow) -> bool {
    video.keep_original == Some(false) && video.status == Status::Ready && video.source_key.is_some()
}

/// Puts it into the queue when the owner wants the original gone.
pub(crate) async fn enqueue_if_wanted(
    core: &Core,
    tx: &mut Tx,
    video: &VideoRow,
    now: Millis,
) -> Result<(), Error> {
    if is_wanted(video) {
        super::enqueue_about(core, tx, &Payload { video: video.id }, video, now).await?;
    }
    Ok(())
}

pub(super) async fn run(running: &Running) -> Result<(), JobError> {
    let Payload { video } = running.payload()?;
    let Some(source) = Source::open_ready(running, video).await? else {
        return Ok(());
    };
    if !is_wanted(&source.video) {
        return Ok(());
    }
    let core = &running.app.core;
    let folder = core.objects.stage_dir().await?;
    let mut made = None;
    if source.video.progressive_key.is_none() {
        made = stand_in(running, &source, folder.path()).await?;
        let Some(file) = &made else {
            tracing::info!(video.id = %video, "Nothing can take the place of the original of video {video}");
            return Ok(());
        };
        source
            .keep(running, std::slice::from_ref(file), folder.path())
            .await?;
    }
    publish(running, &source, made).await
}

/// A file for progressive playing.
async fn stand_in(
    running: &Running,
    source: &Source,
    folder: &std::path::Path,
) -> Result<Option<MadeFile>, JobError> {
    let mut tx = running.app.core.store.read();
    let Some(encoding) = Encoding::find(&mut tx, source.video.id, source.gen_no).await? else {
        return Ok(None);
    };
    let renditions = renditions::list(&mut tx, source.video.id, source.gen_no).await?;
    drop(tx);
    finish_video::progressive(running, source, &encoding, &renditions, folder).await
}

async fn publish(running: &Running, source: &Source, made: Option<MadeFile>) -> Result<(), JobError> {
    let core = &running.app.core;
    let (id, now) = (source.video.id, running.now());
    let mut tx = core.store.write().await?;
    let held = rows::holds(&mut tx, &running.job).await?;
    let found = videos::find(&mut tx, id).await?;
    let exists = found.is_some();
    // Another file may have taken over meanwhile, or its owner thought better of it.
    let same = |video: &VideoRow| {
        is_wanted(video) && video.media_gen == source.gen_no && video.source_key.as_ref() == Some(&source.key)
    };
    let (true, Some(before)) = (held, found.filter(same)) else {
        drop(tx);
        source.discard(running, exists).await?;
        return if held { Ok(()) } else { Err(JobError::LeaseLost) };
    };
    running
        .app
        .playback
        .let_original_go(&before, now.plus_ms(sweep_video::LATER_MS));
    let mut after = before.clone();
    after.source_key = None;
    after.source_public = false;
    after.stored_bytes -= before.source_bytes;
    if let Some(file) = made {
        after.progressive_bytes = i64::try_from(file.size_bytes).unwrap_or(i64::MAX);
        after.stored_bytes += after.progressive_bytes;
        after.progressive_key = Some(file.object_key);
    }
    after.updated_at = now;
    let after = videos::save(&mut tx, &before, after).await?;
    remove_objects::enqueue_later(core, &mut tx, &source.key, now, sweep_video::LATER_MS).await?;
    // A run that a crash ended has left files that no row names.
    sweep_video::enqueue(core, &mut tx, &before, now, sweep_video::LATER_MS).await?;
    rows::end(&mut tx, &running.job, JobState::Done, None, now).await?;
    tx.commit().await?;
    running.app.playback.forget(id);
    events::videos::changed(core, &before, &after);
    core.bus.wake(super::TOPIC);
    tracing::info!(video.id = %id, "Dropped the original of video {id}");
    Ok(())
}
