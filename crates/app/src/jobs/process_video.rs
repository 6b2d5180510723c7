//! The quick part of a new video: look at it, take a poster, and, where the source is what browsers
//! play, copy it into the form that streams. What needs encoding is handed on to [`super::encode_video`].

use media::plan::{self, Kind};
use model::videos::Status;
use model::{Millis, VideoId};
use serde::{Deserialize, Serialize};
use store::Tx;
use store::jobs::{self as rows, JobRow};
use store::videos::{self, VideoRow};

use super::renditions::{self, Source};
use super::{JobError, QUICK, Running, encode_video};
use crate::core::Core;
use crate::error::Error;

/// Name of the kind.
pub const KIND: &str = "process_video";
/// A copy whose keyframes lie further apart than this seeks badly and is encoded instead.
const LONGEST_GROUP_MS: u64 = 15_000;

/// Which video.
#[derive(Debug, Serialize, Deserialize)]
pub struct Payload {
    /// Which video.
    pub video: VideoId,
    /// Which making (`VideoRow::media_gen`): the present one, or that of the file that waits to take its
    /// place (`store::replacements`).
    #[serde(rename = "gen", default)]
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
    let job = super::new(core, &payload, Some(video.id.0), Some(video.owner_id), now)?;
    Ok(rows::enqueue(tx, &job.as_row()).await?)
}

pub(super) async fn run(running: &Running) -> Result<(), JobError> {
    let Payload { video, .. } = running.payload()?;
    let Some(source) = Source::open(running, video).await? else {
        return Ok(());
    };
    let folder = running.app.core.objects.stage_dir().await?;
    let Some(plan) = source.plan(running, folder.path(), false).await? else {
        return source.reject(running, "The file has no picture.").await;
    };
    if plan.kind == Kind::Encode {
        let poster = source.poster(running, folder.path()).await?;
        return hand_on(running, &source, poster, false).await;
    }
    // The copy waits for the disk and the poster for a decoder: side by side they take as long as one.
    let (copied, poster) = tokio::join!(
        renditions::make(running, &plan, folder.path(), source.extent()),
        source.poster(running, folder.path())
    );
    match copied {
        Ok(made) if made.longest_group_ms <= LONGEST_GROUP_MS => {
            source.publish(running, made, poster?, folder.path()).await
        }
        // Either it cannot be copied after all, or the copy would seek badly.
        Ok(_) | Err(JobError::GiveUp(_)) => hand_on(running, &source, poster?, true).await,
        Err(other) => Err(other),
    }
}

/// Keeps the poster and has the video encoded.
async fn hand_on(
    running: &Running,
    source: &Source,
    poster: Option<crate::pictures::Encoded>,
    always_encode: bool,
) -> Result<(), JobError> {
    let core = &running.app.core;
    let rev = source.store_poster(running, poster).await?;
    let now = running.now();
    let mut tx = core.store.write().await?;
    if !rows::holds(&mut tx, &running.job).await? {
        return Err(JobError::LeaseLost);
    }
    let Some(before) = videos::find(&mut tx, source.video.id).await? else {
        return Ok(());
    };
    let mut after = before.clone();
    renditions::take_poster(&mut after, rev);
    videos::save(&mut tx, &before, after).await?;
    let payload = encode_video::Payload {
        video: source.video.id,
        always_encode,
    };
    let job = super::new(
        core,
        &payload,
        Some(source.video.id.0),
        Some(source.video.owner_id),
        now,
    )?;
    rows::enqueue(&mut tx, &job.as_row()).await?;
    rows::end(&mut tx, &running.job, model::jobs::JobState::Done, None, now).await?;
    tx.commit().await?;
    running.app.playback.forget(source.video.id);
    core.bus.wake(super::TOPIC);
    Ok(())
}

/// Marks the video of a job that was given up.
pub(super) async fn failed(tx: &mut Tx, job: &JobRow, now: Millis) -> Result<(), Error> {
    if !matches!(job.kind.as_str(), KIND | encode_video::KIND) {
        return Ok(());
    }
    let Some(subject) = job.subject_id else {
        return Ok(());
    };
    let Some(before) = videos::find(tx, VideoId(subject)).await? else {
        return Ok(());
    };
    if let Ok(status) = before.status.to(Status::Failed) {
        let reason = "Something went wrong on the server while preparing this video. It can be tried again.";
        let after = VideoRow {
            status,
            status_reason: Some(reason.to_owned()),
            updated_at: now,
            ..before.clone()
        };
        videos::save(tx, &before, after).await?;
    }
    Ok(())
}

/// The plan's options that depend on this instance.
pub(super) async fn options(core: &Core, source_public: bool, always_encode: bool) -> plan::Options {
    plan::Options {
        progressive: !source_public,
        always_encode,
        threads: u32::try_from(core.settings.encode_threads).unwrap_or(0).max(1),
        tone_map: core.tone_map().await,
    }
}
