//! The source of a video, and the files that are made from it: what all steps of the pipeline have in
//! common.
//!
//! Files are made in a folder of their own, moved to keys that no other run uses, and become visible
//! in one transaction that the job's fencing number guards. A run that dies leaves files without rows,
//! which [`super::sweep_video`] removes.

use std::fs::File;
use std::path::{Path, PathBuf};

use media::encode::{OutputKind, Step};
use media::hls;
use media::mp4::{self, SegmentIndex};
use media::poster::PosterError;
use media::probe::{self, Probe};
use media::runner::{self, RunError};
use media::sniff::Container;
use model::jobs::JobState;
use model::videos::Status;
use model::{Millis, VideoId};
use objects::{Key, LocalCopy};
use store::renditions::{self as rendition_rows, Kind as Carries, RenditionRow};
use store::replacements::{self, ReplacementRow};
use store::videos::{self, VideoRow};
use store::{Tx, encodings, jobs as rows};
use tokio::sync::OnceCell;

use super::encoding::Encoding;
use super::{JobError, Running, drop_original, sweep_video};
use crate::core::Core;
use crate::error::Error;
use crate::{events, notifications, pictures, posters};

/// A video that is being prepared and the file it is prepared from.
pub(super) struct Source {
    pub(super) video: VideoRow,
    /// Which making of its renditions this is.
    pub(super) gen_no: i64,
    /// The file, once it was asked for.
    file: OnceCell<LocalCopy>,
    /// Object key of the file.
    pub(super) key: String,
    /// Whether the file itself may be sent to viewers.
    pub(super) public: bool,
    /// The file is to take the place of the present one, which plays until all of this one is there.
    pub(super) waiting: Option<ReplacementRow>,
    container: Container,
}

impl Source {
    /// The video and its source; `None` when there is nothing left to do: the video is gone, the file was
    /// replaced meanwhile, or someone ended the work. Of a video that is gone, what an earlier run has put
    /// into its folder since is removed.
    pub(super) async fn open(running: &Running, id: VideoId, gen_no: i64) -> Result<Option<Self>, JobError> {
        let core = &running.app.core;
        let mut tx = core.store.read();
        let Some(video) = videos::find(&mut tx, id).await? else {
            drop(tx);
            sweep_video::clear(core, id).await?;
            return Ok(None);
        };
        let waiting = if gen_no == video.media_gen {
            None
        } else {
            replacements::find(&mut tx, id).await?
        };
        let (key, public) = match (&video.source_key, &waiting) {
            (_, Some(waiting)) if waiting.gen_no == gen_no => {
                (waiting.source_key.clone(), waiting.source_public)
            }
            (Some(key), None) if video.status == Status::Processing && gen_no == video.media_gen => {
                (key.clone(), video.source_public)
            }
            _ => return Ok(None),
        };
        Self::at(video, gen_no, key, public, waiting).map(Some)
    }

    /// A video that is ready and its original; `None` when it is not, or the original was dropped.
    pub(super) async fn open_ready(running: &Running, id: VideoId) -> Result<Option<Self>, JobError> {
        let core = &running.app.core;
        let Some(video) = videos::find(&mut core.store.read(), id).await? else {
            return Ok(None);
        };
        let Some(key) = video.source_key.clone().filter(|_| video.status == Status::Ready) else {
            return Ok(None);
        };
        let (gen_no, public) = (video.media_gen, video.source_public);
        Self::at(video, gen_no, key, public, None).map(Some)
    }

    fn at(
        video: VideoRow,
        gen_no: i64,
        key: String,
        public: bool,
        waiting: Option<ReplacementRow>,
    ) -> Result<Self, JobError> {
        let extension = key.rsplit_once('.').map(|(_, extension)| extension);
        let container = Container::ALL
            .into_iter()
            .find(|container| Some(container.extension()) == extension)
            .ok_or_else(|| JobError::GiveUp("unknown container".to_owned()))?;
        Ok(Self {
            video,
            gen_no,
            file: OnceCell::new(),
            key,
            public,
            waiting,
            container,
        })
    }

    /// Where the file is on this machine. Brings it here, where it is elsewhere, the first time.
    pub(super) async fn path(&self, running: &Running) -> Result<&Path, JobError> {
        let core = &running.app.core;
        let bring = async || {
            let key = key_at(&self.key)?;
            if core.objects.local_path(&key).is_none() {
                // Not known where it is one that replaces another; the disk itself refuses then.
                core.room_for(u64::try_from(self.video.source_bytes).unwrap_or(0))?;
            }
            let copy = tokio::select! {
                copy = core.objects.materialize_for_many(&key) => copy?,
                () = running.stop.cancelled() => return Err(JobError::Stopped),
            };
            copy.ok_or_else(|| JobError::Retry("the source is not there".to_owned()))
        };
        Ok(self.file.get_or_try_init(bring).await?.path())
    }

    /// What the file holds.
    pub(super) async fn probe(&self, running: &Running) -> Result<Probe, JobError> {
        let path = self.path(running).await?;
        probe::probe(&running.app.core.tools, path, self.container, &running.stop)
            .await
            .map_err(|error| stopped_or(running, JobError::retry("probe", error)))
    }

    /// The folder of object keys that this run writes to, and no other.
    pub(super) fn run_folder(&self, running: &Running) -> String {
        format!(
            "{}/{}",
            pictures::video_folder(self.video.id),
            rows::run_name(running.job.id, running.job.fence)
        )
    }

    /// Pictures for the poster, of the sound where there is nothing to see, unless that was done before. A
    /// video without one is still a video.
    pub(super) async fn poster(
        &self,
        running: &Running,
        probe: &Probe,
        folder: &Path,
    ) -> Result<Option<posters::Made>, JobError> {
        // The poster of a file that another replaces goes with it, unless the owner chose it.
        let has_one =
            self.video.thumbnail_rev.is_some() && !self.video.thumbnail_custom && self.waiting.is_none();
        if has_one {
            return Ok(None);
        }
        let core = &running.app.core;
        let path = self.path(running).await?;
        match posters::make(core, probe, path, folder, &running.stop).await {
            Ok(made) => Ok(Some(made)),
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

    /// Stores the poster's files; their revision is the job's own name, so that a run after a crash writes
    /// over what the run before it left.
    pub(super) async fn store_poster(
        &self,
        running: &Running,
        poster: Option<posters::Made>,
    ) -> Result<Option<posters::Stored>, JobError> {
        let Some(made) = poster else { return Ok(None) };
        let set = running.job.id.to_string();
        Ok(Some(made.store(&running.app.core, &self.video, &set).await?))
    }

    /// Runs a step and moves what it made to its place. `done` turns the step's media time into progress.
    pub(super) async fn make(
        &self,
        running: &Running,
        step: &Step,
        folder: &Path,
        length_ms: u64,
    ) -> Result<Vec<MadeFile>, JobError> {
        let on_progress = |progress: runner::Progress| {
            if length_ms > 0 {
                running.progress((progress.out_time_ms as f64 / length_ms as f64).min(1.0));
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
        let mut files = Vec::new();
        for output in &step.outputs {
            let key = format!("{}/{}", self.run_folder(running), output.file);
            files.push(read_output(folder.join(&output.file), output.kind, output.file.clone(), key).await?);
        }
        Ok(files)
    }

    /// Moves made files to the keys that they carry.
    pub(super) async fn keep(
        &self,
        running: &Running,
        files: &[MadeFile],
        folder: &Path,
    ) -> Result<(), JobError> {
        for file in files {
            let key = key_at(&file.object_key)?;
            running
                .app
                .core
                .objects
                .commit_file(&folder.join(&file.file), &key)
                .await?;
        }
        Ok(())
    }

    /// Begins the transaction in which a run makes known what it has put in place; the video as it is then.
    /// Where the run has lost its lease, or the video is gone, all of it is removed instead.
    pub(super) async fn begin_publishing(&self, running: &Running) -> Result<(Tx, VideoRow), JobError> {
        let mut tx = running.app.core.store.write().await?;
        let held = rows::holds(&mut tx, &running.job).await?;
        match (held, videos::find(&mut tx, self.video.id).await?) {
            (true, Some(video)) => Ok((tx, video)),
            (_, found) => {
                drop(tx);
                self.discard(running, found.is_some()).await?;
                Err(JobError::LeaseLost)
            }
        }
    }

    /// Removes what this run has put in place, when it turns out that nobody waits for it any more.
    pub(super) async fn discard(&self, running: &Running, video_exists: bool) -> Result<(), JobError> {
        // Nobody else knows of these files, and the video's own folder may be gone already.
        let left = if video_exists {
            self.run_folder(running)
        } else {
            pictures::video_folder(self.video.id)
        };
        Ok(running.app.core.objects.remove_prefix(&key_at(&left)?).await?)
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
        if let Some(waiting) = &self.waiting {
            rows::end(&mut tx, &running.job, JobState::Done, Some(reason), now).await?;
            drop_waiting(core, &mut tx, &before, waiting, reason, now).await?;
            let said = notifications::say_failed(core, &mut tx, &before, now).await?;
            tx.commit().await?;
            running.app.playback.forget(self.video.id);
            notifications::tell(core, said.as_ref());
            core.bus.wake(super::TOPIC);
            return Ok(());
        }
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
            stored_bytes: before.stored_bytes - before.source_bytes,
            updated_at: now,
            ..before.clone()
        };
        let after = videos::save(&mut tx, &before, after).await?;
        let said = notifications::say_failed(core, &mut tx, &after, now).await?;
        rows::end(&mut tx, &running.job, JobState::Done, Some(reason), now).await?;
        // What else was to be made of it has lost its meaning.
        rows::cancel_about(&mut tx, self.video.id.0, now).await?;
        if let Some(prefix) = &before.source_key {
            let payload = super::remove_objects::Payload::below(prefix);
            let job = super::new(core, &payload, None, Some(before.owner_id), now)?;
            rows::enqueue(&mut tx, &job.as_row()).await?;
        }
        sweep_video::enqueue(core, &mut tx, &before, now, sweep_video::SOON_MS).await?;
        tx.commit().await?;
        running.app.playback.forget(self.video.id);
        events::videos::processed(core, &before, &after, said.as_ref());
        core.bus.wake(super::TOPIC);
        Ok(())
    }
}

/// Gives up a file that was to take the place of another: the present one stays.
pub(crate) async fn drop_waiting(
    core: &Core,
    tx: &mut Tx,
    before: &VideoRow,
    waiting: &ReplacementRow,
    reason: &str,
    now: Millis,
) -> Result<(), Error> {
    if !replacements::remove(tx, before.id, waiting.gen_no).await? {
        return Ok(());
    }
    encodings::forget_others(tx, before.id, before.media_gen).await?;
    let after = VideoRow {
        status_reason: Some(format!("The new file was not taken: {reason}")),
        stored_bytes: stored_bytes(tx, before).await?,
        updated_at: now,
        ..before.clone()
    };
    videos::save(tx, before, after).await?;
    rows::cancel_about(tx, before.id.0, now).await?;
    // Of the jobs about the video that is shown, one may have been under way.
    drop_original::enqueue_if_wanted(core, tx, before, now).await?;
    super::remove_objects::enqueue_later(core, tx, &waiting.source_key, now, 0).await?;
    sweep_video::enqueue(core, tx, before, now, sweep_video::SOON_MS).await
}

/// Bytes of what is shown of a video: its original while it is kept, all that was made of it, and its
/// captions.
async fn stored_bytes(tx: &mut Tx, video: &VideoRow) -> Result<i64, Error> {
    let renditions = rendition_rows::list(tx, video.id, video.media_gen).await?;
    let original = video.source_key.as_ref().map_or(0, |_| video.source_bytes);
    let made = renditions.iter().map(|row| row.size_bytes).sum::<i64>();
    // Of sound alone the rendition itself is what plays progressively.
    let apart = |key: &String| renditions.iter().all(|row| row.object_key != *key);
    let progressive = video.progressive_key.as_ref().filter(|key| apart(key));
    let progressive = progressive.map_or(0, |_| video.progressive_bytes);
    Ok(original + progressive + made + video.captions_bytes())
}

/// A file that a step made.
pub(super) struct MadeFile {
    pub(super) kind: OutputKind,
    /// Its name in the work folder, `<rendition>.mp4`.
    pub(super) file: String,
    /// Where it is kept.
    pub(super) object_key: String,
    pub(super) size_bytes: u64,
    /// Its index and codec, if it is one that streams.
    pub(super) stream: Option<(SegmentIndex, String)>,
}

impl MadeFile {
    /// Name of the rendition.
    pub(super) fn name(&self) -> &str {
        self.file.trim_end_matches(".mp4")
    }
}

/// Reads the index of a file that a step or a join made.
pub(super) async fn read_output(
    path: PathBuf,
    kind: OutputKind,
    file: String,
    object_key: String,
) -> Result<MadeFile, JobError> {
    media::background::spawn(move || {
        let opened = File::open(&path).map_err(|error| JobError::retry("open an output", error))?;
        let size_bytes = opened
            .metadata()
            .map_err(|error| JobError::retry("output size", error))?
            .len();
        if kind == OutputKind::Progressive {
            return Ok(MadeFile {
                kind,
                file,
                object_key,
                size_bytes,
                stream: None,
            });
        }
        let index = mp4::segment_index(&opened)
            .map_err(|error| JobError::GiveUp(format!("index of {file}: {error}")))?;
        let codecs = mp4::codec_string(&opened)
            .map_err(|error| JobError::GiveUp(format!("codec of {file}: {error}")))?
            .ok_or_else(|| JobError::GiveUp(format!("{file} has an unknown codec")))?;
        if index.fragments.is_empty() {
            return Err(JobError::GiveUp(format!("{file} is empty")));
        }
        Ok(MadeFile {
            kind,
            file,
            object_key,
            size_bytes,
            stream: Some((index, codecs)),
        })
    })
    .await
    .map_err(|gone| JobError::retry("output thread", gone))?
}

/// The row of a whole rendition.
pub(super) fn rendition_row(
    running: &Running,
    source: &Source,
    encoding: &Encoding,
    file: &MadeFile,
) -> Result<RenditionRow, JobError> {
    let (index, codecs) = file
        .stream
        .as_ref()
        .ok_or_else(|| JobError::GiveUp(format!("{} cannot be streamed", file.file)))?;
    let bandwidth = hls::bandwidth(index);
    let picture = file.kind == OutputKind::Video;
    let ladder = &encoding.ladder;
    let name = file.name();
    let (width, height, frame_rate) = match (ladder.rung(name), &ladder.remux) {
        _ if !picture => (0, 0, None),
        (Some(rung), _) => (rung.width, rung.height, rung.frame_rate),
        (None, Some(remux)) => (
            remux.width,
            remux.height,
            encoding.probe.video.as_ref().and_then(|video| video.frame_rate),
        ),
        (None, None) => (0, 0, None),
    };
    Ok(RenditionRow {
        video_id: source.video.id,
        gen_no: source.gen_no,
        name: name.to_owned(),
        kind: if picture { Carries::Video } else { Carries::Audio },
        width: i64::from(width),
        height: i64::from(height),
        frame_rate_milli: frame_rate.map_or(0, |rate| (rate.fps().min(60.0) * 1000.0).round() as i64),
        bitrate: i64::try_from(bandwidth.average_bps).unwrap_or(i64::MAX),
        peak_bitrate: i64::try_from(bandwidth.peak_bps).unwrap_or(i64::MAX),
        codecs: codecs.clone(),
        object_key: file.object_key.clone(),
        size_bytes: i64::try_from(file.size_bytes).unwrap_or(i64::MAX),
        segments: index.to_bytes(),
        created_at: running.now(),
    })
}

/// When each fragment that a player can start at begins, milliseconds.
pub(super) fn starts_ms(index: &SegmentIndex) -> Vec<u64> {
    let timescale = u128::from(index.timescale.max(1));
    let mut at = u128::from(index.start);
    let mut starts = Vec::new();
    for fragment in &index.fragments {
        if fragment.starts_with_sap {
            starts.push(u64::try_from(at * 1000 / timescale).unwrap_or(u64::MAX));
        }
        at += u128::from(fragment.duration);
    }
    starts
}

pub(super) fn key_at(path: &str) -> Result<Key, JobError> {
    Key::parse(path).map_err(|error| JobError::GiveUp(error.to_string()))
}

/// What a failed program means for the job. Only an ending that the file itself explains is final: one
/// that was killed, ran out of time or of disk says something about this machine and this moment.
pub(super) fn run_error(running: &Running, error: RunError) -> JobError {
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
pub(super) fn stopped_or(running: &Running, error: JobError) -> JobError {
    if running.stop.is_cancelled() {
        JobError::Stopped
    } else {
        error
    }
}
