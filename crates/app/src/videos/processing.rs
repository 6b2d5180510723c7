//! What is being done about a video at the moment, and how long it will take: what its owner and the
//! public see while it is prepared.

use std::sync::Arc;

use model::jobs::JobState;
use model::videos::Status;
use model::{Millis, VideoId};
use store::Tx;
use store::jobs::{self as job_rows, JobRow};
use store::replacements;
use store::videos::{self, VideoRow};

use super::Videos;
use crate::error::Error;
use crate::jobs::encoding::{Done, Encoding};
use crate::jobs::{encode_part, prepares};
use crate::sessions::Viewer;

/// Below this much progress no end is foretold.
const LEAST_PROGRESS: f64 = 0.03;
/// Before this much time no end is foretold, milliseconds.
const LEAST_ELAPSED_MS: i64 = 2_000;

/// Where a step is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize)]
#[serde(rename_all = "lowercase")]
pub enum StepState {
    /// Its turn has not come.
    Waiting,
    /// A worker is at it.
    Running,
    /// Its result is there.
    Done,
}

/// One step of preparing a video.
#[derive(Debug, Clone, PartialEq)]
pub struct Step {
    /// `prepare`, `audio`, the name of a rendition, or `finish`.
    pub name: String,
    /// Where it is.
    pub state: StepState,
    /// 0 to 1.
    pub progress: f64,
}

/// What is known about the preparation of a video.
#[derive(Debug)]
pub struct Processing {
    /// The video.
    pub video: Arc<VideoRow>,
    /// Every step in the order in which they begin; empty once all is done and forgotten.
    pub steps: Vec<Step>,
    /// How far all of it is, 0 to 1.
    pub progress: f64,
    /// How long it will still take, milliseconds; `None` while that cannot be told.
    pub eta_ms: Option<i64>,
    /// The newest job about it, if it is still remembered.
    pub job: Option<JobRow>,
    /// Why it waits, for its owner: jobs of the queue that come before its own.
    pub is_waiting: bool,
}

impl Videos {
    /// What its processing is doing.
    pub async fn processing(&self, id: VideoId, viewer: &Viewer) -> Result<Processing, Error> {
        let video = self.find(id, viewer).await?;
        let mut tx = self.core.store.read();
        let job = job_rows::list::latest_about(&mut tx, id.0).await?;
        let live = job_rows::list::live_about(&mut tx, id.0, encode_part::MOST_LIVE).await?;
        let is_waiting = video.status == Status::Processing
            && !live
                .iter()
                .any(|job| job.state == JobState::Running && prepares(&job.kind));
        let (steps, progress, eta_ms) = state(&mut tx, &video, &live, self.core.clock.now()).await?;
        Ok(Processing {
            video,
            steps,
            progress,
            eta_ms,
            job,
            is_waiting,
        })
    }
}

async fn state(
    tx: &mut Tx,
    video: &VideoRow,
    live: &[JobRow],
    now: Millis,
) -> Result<(Vec<Step>, f64, Option<i64>), Error> {
    // Where another file is to take over, what is told is how far that is.
    let waiting = replacements::find(tx, video.id).await?;
    let gen_no = waiting.as_ref().map_or(video.media_gen, |waiting| waiting.gen_no);
    let Some((encoding, started_at)) = Encoding::find_started(tx, video.id, gen_no).await? else {
        let preparing = live
            .iter()
            .find(|job| job.kind == crate::jobs::process_video::KIND);
        let steps = preparing.map(|job| Step {
            name: "prepare".to_owned(),
            state: if job.state == JobState::Running {
                StepState::Running
            } else {
                StepState::Waiting
            },
            progress: job.progress,
        });
        let progress = if video.status == Status::Ready { 1.0 } else { 0.0 };
        return Ok((steps.into_iter().collect(), progress, None));
    };
    let done = Done::read(tx, video.id, gen_no).await?;
    let running = encode_part::under_way(tx, video.id).await?;
    let ready = video.status == Status::Ready && waiting.is_none();
    let progress = if ready {
        1.0
    } else {
        encoding.progress(&done, &running)
    };
    let mut steps = vec![Step {
        name: "prepare".to_owned(),
        state: StepState::Done,
        progress: 1.0,
    }];
    steps.extend(
        encoding
            .steps(&done, &running)
            .into_iter()
            .map(|(name, progress, at_work)| Step {
                name,
                state: if progress >= 1.0 {
                    StepState::Done
                } else if at_work {
                    StepState::Running
                } else {
                    StepState::Waiting
                },
                progress,
            }),
    );
    let finishing = live
        .iter()
        .any(|job| job.kind == crate::jobs::finish_video::KIND && job.state == JobState::Running);
    steps.push(Step {
        name: "finish".to_owned(),
        state: if ready {
            StepState::Done
        } else if finishing {
            StepState::Running
        } else {
            StepState::Waiting
        },
        progress: if ready { 1.0 } else { 0.0 },
    });
    let eta_ms = (video.status == Status::Processing || waiting.is_some())
        .then(|| eta_ms(progress, now.0 - started_at.0))
        .flatten();
    Ok((steps, progress, eta_ms))
}

/// How long the rest takes if it goes on as it went so far, waiting included.
fn eta_ms(progress: f64, elapsed_ms: i64) -> Option<i64> {
    if progress < LEAST_PROGRESS || elapsed_ms < LEAST_ELAPSED_MS {
        return None;
    }
    let rest = (1.0 - progress).max(0.0) / progress * elapsed_ms as f64;
    Some(rest.round() as i64)
}

/// Notes in a video's row how far it is, for lists and for the events that its owner hears.
pub(crate) async fn note(tx: &mut Tx, video: VideoId) -> Result<Option<f64>, Error> {
    let Some(row) = videos::find(tx, video).await? else {
        return Ok(None);
    };
    if row.status != Status::Processing {
        return Ok(None);
    }
    let Some(encoding) = Encoding::find(tx, video, row.media_gen).await? else {
        return Ok(None);
    };
    let done = Done::read(tx, video, row.media_gen).await?;
    let running = encode_part::under_way(tx, video).await?;
    // A piece that is made again after a crash does not take back what was shown.
    let progress = encoding.progress(&done, &running).max(row.progress);
    videos::save_progress(tx, video, progress).await?;
    Ok(Some(progress))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_end_is_foretold_only_from_something_seen() {
        assert_eq!(eta_ms(0.01, 60_000), None);
        assert_eq!(eta_ms(0.5, 1_000), None);
        assert_eq!(eta_ms(0.25, 10_000), Some(30_000));
        assert_eq!(eta_ms(1.0, 10_000), Some(0));
    }
}
