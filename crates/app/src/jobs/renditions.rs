//! From a source to files that stream: what copying and encoding have in common.
//!
//! Files are made in a folder of their own, moved to keys that no other run uses, and become visible
//! in one transaction that the job's fencing number guards. A run that dies leaves files without rows,
//! which the next run of the job removes.

use std::fs::File;
use std::path::{Path, PathBuf};

use media::hls;
use media::mp4::{self, SegmentIndex};
use media::plan::{self, OutputKind, Plan};
use media::poster::{self, PosterError};
use media::probe::{self, Probe};
use media::runner::{self, RunError};
use media::sniff::Container;
use model::VideoId;
use model::jobs::JobState;
use model::videos::{Status, Streaming};
use objects::Key;
use store::jobs as rows;
use store::renditions::{self as rendition_rows, Kind as Carries, RenditionRow};
use store::videos::{self, VideoRow};

use super::process_video::options;
use super::{JobError, Running};
use crate::pictures::{self, Encoded};

/// A video that is being prepared and the file it is prepared from.
pub(super) struct Source {
    pub(super) video: VideoRow,
    path: PathBuf,
    probe: Probe,
}

/// Files that are ready to be published.
pub(super) struct Made {
    plan_width: u32,
    plan_height: u32,
    files: Vec<MadeFile>,
    /// The longest stretch between two places where playing can start.
    pub(super) longest_group_ms: u64,
}

struct MadeFile {
    kind: OutputKind,
    name: &'static str,
    size_bytes: u64,
    stream: Option<(SegmentIndex, String)>,
}

impl Source {
    /// The video and its source; `None` when there is nothing left to do.
    pub(super) async fn open(running: &Running, id: VideoId) -> Result<Option<Self>, JobError> {
        let core = &running.app.core;
        let Some(video) = videos::find(&mut core.store.read(), id).await? else {
            return Ok(None);
        };
        let (Status::Processing, Some(key)) = (video.status, &video.source_key) else {
            return Ok(None);
        };
        let key = Key::parse(key).map_err(|error| JobError::GiveUp(error.to_string()))?;
        let path = core
            .objects
            .local_path(&key)
            .ok_or_else(|| JobError::GiveUp("no local path".to_owned()))?;
        let container = Container::ALL
            .into_iter()
            .find(|container| Some(container.extension()) == path.extension().and_then(|e| e.to_str()))
            .ok_or_else(|| JobError::GiveUp("unknown container".to_owned()))?;
        let probe = probe::probe(&core.tools, &path, container, &running.stop)
            .await
            .map_err(|error| stopped_or(running, JobError::retry("probe", error)))?;
        Ok(Some(Self { video, path, probe }))
    }

    /// Length in milliseconds and size in bytes: what the work is measured by.
    pub(super) fn extent(&self) -> (u64, u64) {
        (self.probe.duration_ms.unwrap_or(0), self.probe.size_bytes)
    }

    pub(super) async fn plan(
        &self,
        running: &Running,
        folder: &Path,
        always_encode: bool,
    ) -> Result<Option<Plan>, JobError> {
        let options = options(&running.app.core, self.video.source_public, always_encode).await;
        let folder = folder
            .canonicalize()
            .map_err(|error| JobError::retry("output folder", error))?;
        Ok(plan::plan(&self.probe, &self.path, &folder, &options))
    }

    /// A poster from the picture, unless the owner chose one. A video without one is still a video.
    pub(super) async fn poster(&self, running: &Running, folder: &Path) -> Result<Option<Encoded>, JobError> {
        if self.video.thumbnail_custom || self.video.thumbnail_rev.is_some() {
            return Ok(None);
        }
        let made = poster::poster(
            &running.app.core.tools,
            &self.probe,
            &self.path,
            folder,
            running.app.core.tone_map().await,
            &running.stop,
        )
        .await;
        match made {
            Ok(sizes) => Ok(Some(Encoded::from_poster(sizes))),
            // Another run may have more luck; a file without a frame to show will not.
            Err(PosterError::Run(error)) if running.stop.is_cancelled() || error.is_transient() => {
                Err(stopped_or(running, JobError::retry("poster", error)))
            }
            Err(error) => {
                tracing::warn!(video.id = %self.video.id, error = %error, "No poster for video {}", self.video.id);
                Ok(None)
            }
        }
    }

    pub(super) async fn store_poster(
        &self,
        running: &Running,
        poster: Option<Encoded>,
    ) -> Result<Option<String>, JobError> {
        let Some(poster) = poster else { return Ok(None) };
        let core = &running.app.core;
        // The job's own name: a run after a crash writes over what the run before it left.
        let rev = running.job.id.to_string();
        poster
            .store(core, &pictures::video_folder(self.video.id), "poster", &rev)
            .await?;
        Ok(Some(rev))
    }

    /// Moves the files to their place and makes the video ready, if this run still holds the job.
    pub(super) async fn publish(
        &self,
        running: &Running,
        made: Made,
        poster: Option<Encoded>,
        folder: &Path,
    ) -> Result<(), JobError> {
        let core = &running.app.core;
        let (id, now) = (self.video.id, running.now());
        let run = format!(
            "{}/{}",
            pictures::video_folder(id),
            rows::run_name(running.job.id, running.job.fence)
        );
        // Before and not after: once the job is done, nobody comes back to tidy up behind it.
        self.remove_older_runs(running).await;
        for file in &made.files {
            let key = key_of(&run, file.name)?;
            core.objects.commit_file(&folder.join(file.name), &key).await?;
        }
        let rev = self.store_poster(running, poster).await?;

        let mut tx = core.store.write().await?;
        let held = rows::holds(&mut tx, &running.job).await?;
        let before = videos::find(&mut tx, id).await?;
        let (true, Some(before)) = (held, &before) else {
            drop(tx);
            // Nobody else knows of these files, and the video's own folder may be gone already.
            let left = if before.is_some() {
                run
            } else {
                pictures::video_folder(id)
            };
            core.objects.remove_prefix(&key_at(&left)?).await?;
            return Err(JobError::LeaseLost);
        };
        let status = before
            .status
            .to(Status::Ready)
            .map_err(|error| JobError::GiveUp(error.to_string()))?;
        let mut after = VideoRow {
            status,
            status_reason: None,
            progress: 1.0,
            watchable: true,
            streaming: Streaming::Whole,
            updated_at: now,
            ..before.clone()
        };
        take_poster(&mut after, rev);
        let mut duration_ms = 0;
        for file in &made.files {
            let Some((index, codecs)) = &file.stream else {
                after.progressive_key = Some(format!("{run}/{}", file.name));
                after.progressive_bytes = i64::try_from(file.size_bytes).unwrap_or(i64::MAX);
                continue;
            };
            duration_ms = duration_ms.max(index.duration_ms());
            let row = rendition_row(
                &after,
                &made,
                file,
                index,
                codecs,
                format!("{run}/{}", file.name),
                &self.probe,
            );
            rendition_rows::save(&mut tx, &row).await?;
        }
        if after.duration_ms == 0 {
            after.duration_ms = i64::try_from(duration_ms).unwrap_or(0);
        }
        videos::save(&mut tx, before, after).await?;
        rows::end(&mut tx, &running.job, JobState::Done, None, now).await?;
        tx.commit().await?;
        running.app.playback.forget(id);
        tracing::info!(video.id = %id, "Video {id} is ready");
        Ok(())
    }

    /// Files of runs that did not get to publish.
    async fn remove_older_runs(&self, running: &Running) {
        for fence in 1..running.job.fence {
            let Ok(key) = Key::parse(&format!(
                "{}/{}",
                pictures::video_folder(self.video.id),
                rows::run_name(running.job.id, fence)
            )) else {
                continue;
            };
            if let Err(error) = running.app.core.objects.remove_prefix(&key).await {
                tracing::warn!(error = %error, "Could not remove the files of an earlier run");
            }
        }
    }

    /// Ends the video: nothing can be made of this file. Its bytes are removed.
    pub(super) async fn reject(&self, running: &Running, reason: &str) -> Result<(), JobError> {
        let core = &running.app.core;
        let now = running.now();
        let mut tx = core.store.write().await?;
        if !rows::holds(&mut tx, &running.job).await? {
            return Err(JobError::LeaseLost);
        }
        let Some(before) = videos::find(&mut tx, self.video.id).await? else {
            return Err(JobError::LeaseLost);
        };
        let status = before
            .status
            .to(Status::Rejected)
            .map_err(|error| JobError::GiveUp(error.to_string()))?;
        let after = VideoRow {
            status,
            status_reason: Some(reason.to_owned()),
            watchable: false,
            source_key: None,
            source_public: false,
            updated_at: now,
            ..before.clone()
        };
        videos::save(&mut tx, &before, after).await?;
        if let Some(prefix) = &before.source_key {
            let payload = super::remove_objects::Payload {
                prefix: prefix.clone(),
            };
            let job = super::new(core, &payload, None, Some(before.owner_id), now)?;
            rows::enqueue(&mut tx, &job.as_row()).await?;
        }
        rows::end(&mut tx, &running.job, JobState::Done, Some(reason), now).await?;
        tx.commit().await?;
        running.app.playback.forget(self.video.id);
        core.bus.wake(super::TOPIC);
        Ok(())
    }
}

/// Points the video at a poster from processing, unless its owner chose one meanwhile.
pub(super) fn take_poster(video: &mut VideoRow, rev: Option<String>) {
    if let (Some(rev), false) = (rev, video.thumbnail_custom) {
        video.thumbnail_rev = Some(rev);
    }
}

/// Runs the plan's steps and reads the segment index of what came out.
pub(super) async fn make(
    running: &Running,
    plan: &Plan,
    folder: &Path,
    (duration_ms, source_bytes): (u64, u64),
) -> Result<Made, JobError> {
    // What comes out is about as large as what went in; a disk without room for it is not worth the work.
    running.app.core.room_for(source_bytes)?;
    let steps = plan.steps.len().max(1) as f64;
    let mut files = Vec::new();
    for (number, step) in plan.steps.iter().enumerate() {
        let on_progress = |progress: runner::Progress| {
            if duration_ms > 0 {
                let within = (progress.out_time_ms as f64 / duration_ms as f64).min(1.0);
                running.progress((number as f64 + within) / steps);
            }
        };
        runner::run(
            &running.app.core.tools,
            &step.invocation,
            &step.limits,
            on_progress,
            &running.stop,
        )
        .await
        .map_err(|error| run_error(running, error))?;
        for output in &step.outputs {
            files.push(read_output(folder.join(output.file), output.kind, output.file).await?);
        }
    }
    let longest_group_ms = files
        .iter()
        .filter(|file| file.kind == OutputKind::Video)
        .filter_map(|file| file.stream.as_ref())
        .map(|(index, _)| index.longest_group_ms())
        .max()
        .unwrap_or(0);
    Ok(Made {
        plan_width: plan.width,
        plan_height: plan.height,
        files,
        longest_group_ms,
    })
}

async fn read_output(path: PathBuf, kind: OutputKind, name: &'static str) -> Result<MadeFile, JobError> {
    tokio::task::spawn_blocking(move || {
        let file = File::open(&path).map_err(|error| JobError::retry("open an output", error))?;
        let size_bytes = file
            .metadata()
            .map_err(|error| JobError::retry("output size", error))?
            .len();
        if kind == OutputKind::Progressive {
            return Ok(MadeFile {
                kind,
                name,
                size_bytes,
                stream: None,
            });
        }
        let index = mp4::segment_index(&file)
            .map_err(|error| JobError::GiveUp(format!("index of {name}: {error}")))?;
        let codecs = mp4::codec_string(&file)
            .map_err(|error| JobError::GiveUp(format!("codec of {name}: {error}")))?
            .ok_or_else(|| JobError::GiveUp(format!("{name} has an unknown codec")))?;
        if index.fragments.is_empty() {
            return Err(JobError::GiveUp(format!("{name} is empty")));
        }
        Ok(MadeFile {
            kind,
            name,
            size_bytes,
            stream: Some((index, codecs)),
        })
    })
    .await
    .map_err(|gone| JobError::retry("output thread", gone))?
}

fn rendition_row(
    video: &VideoRow,
    made: &Made,
    file: &MadeFile,
    index: &SegmentIndex,
    codecs: &str,
    object_key: String,
    probe: &Probe,
) -> RenditionRow {
    let bandwidth = hls::bandwidth(index);
    let picture = file.kind == OutputKind::Video;
    let frame_rate = probe
        .video
        .as_ref()
        .and_then(|v| v.frame_rate)
        .map_or(0.0, |rate| rate.fps().min(60.0));
    RenditionRow {
        video_id: video.id,
        gen_no: video.media_gen,
        name: file.name.trim_end_matches(".mp4").to_owned(),
        kind: if picture { Carries::Video } else { Carries::Audio },
        width: if picture { i64::from(made.plan_width) } else { 0 },
        height: if picture { i64::from(made.plan_height) } else { 0 },
        frame_rate_milli: if picture {
            (frame_rate * 1000.0).round() as i64
        } else {
            0
        },
        bitrate: i64::try_from(bandwidth.average_bps).unwrap_or(i64::MAX),
        peak_bitrate: i64::try_from(bandwidth.peak_bps).unwrap_or(i64::MAX),
        codecs: codecs.to_owned(),
        object_key,
        size_bytes: i64::try_from(file.size_bytes).unwrap_or(i64::MAX),
        segments: index.to_bytes(),
        created_at: video.updated_at,
    }
}

fn key_at(path: &str) -> Result<Key, JobError> {
    Key::parse(path).map_err(|error| JobError::GiveUp(error.to_string()))
}

fn key_of(run: &str, name: &str) -> Result<Key, JobError> {
    Key::parse(&format!("{run}/{name}")).map_err(|error| JobError::GiveUp(error.to_string()))
}

/// What a failed program means for the job. Only an ending that the file itself explains is final: one
/// that was killed, ran out of time or of disk says something about this machine and this moment.
fn run_error(running: &Running, error: RunError) -> JobError {
    let said = match &error {
        RunError::Failed { stderr_tail, .. } | RunError::Sandbox { stderr_tail } => stderr_tail.as_str(),
        _ => "",
    };
    if !said.is_empty() {
        tracing::info!(job.id = %running.job.id, stderr_tail = said, "ffmpeg: {error}");
    }
    let full = said.contains("No space left on device") || running.app.core.room_for(0).is_err();
    let of_the_file = matches!(error, RunError::Failed { code: Some(_), .. } | RunError::TooLarge);
    if of_the_file && !full && !running.stop.is_cancelled() {
        JobError::GiveUp(error.to_string())
    } else {
        stopped_or(running, JobError::retry("ffmpeg", error))
    }
}

/// The error, unless it came about because the work was told to stop.
fn stopped_or(running: &Running, error: JobError) -> JobError {
    if running.stop.is_cancelled() {
        JobError::Stopped
    } else {
        error
    }
}
