//! The last step of a video: everything of its ladder is there. What players without adaptive streaming
//! and downloads need is made, the original is dropped where that is wanted, and the video becomes ready,
//! in one transaction. A replaced file takes over from the one before it here.

use std::path::Path;

use media::encode;
use media::ladder::VideoCodec;
use model::jobs::JobState;
use model::videos::{Status, Streaming};
use model::{Millis, VideoId};
use objects::{Key, LocalCopy};
use serde::{Deserialize, Serialize};
use store::posters::CandidateSet;
use store::renditions::{self as rendition_rows, Kind as Carries, RenditionRow};
use store::replacements::{self, ReplacementRow};
use store::videos::{self, VideoRow};
use store::{Tx, encodings, jobs as rows};

use super::encoding::{self, Encoding};
use super::source::{self, MadeFile, Source};
use super::{JobError, QUICK, Running, drop_original, remove_objects, sweep_video};
use crate::core::Core;
use crate::error::Error;
use crate::{beside, events, notifications, pictures, posters, storyboard};

/// Name of the kind.
pub const KIND: &str = "finish_video";
/// How long the files of what was replaced stay for those who watch them at the moment.
const GRACE_MS: i64 = sweep_video::LATER_MS;

/// Which video.
#[derive(Debug, Serialize, Deserialize)]
pub struct Payload {
    /// Which video.
    pub video: VideoId,
    /// Which making of its renditions.
    pub gen_no: i64,
}

impl super::Payload for Payload {
    const KIND: &'static str = KIND;
    const PRIORITY: i64 = QUICK + 5;
}

pub(super) async fn run(running: &Running) -> Result<(), JobError> {
    let Payload { video, gen_no } = running.payload()?;
    let Some((source, encoding, done)) = encoding::open(running, video, gen_no).await? else {
        return Ok(());
    };
    let core = &running.app.core;
    let renditions = rendition_rows::list(&mut core.store.read(), video, gen_no).await?;
    if !encoding.is_complete(&done) {
        // A rendition went missing between this job and the one that asked for it; it is made again.
        return Err(JobError::Retry("the ladder is not complete".to_owned()));
    }
    let keep_original = source.video.keep_original.unwrap_or(core.settings.keep_originals);
    let folder = core.objects.stage_dir().await?;
    let progressive = if source.public && keep_original {
        None
    } else {
        progressive(running, &source, &encoding, &renditions, folder.path()).await?
    };
    let storyboard = storyboard(running, &source, &encoding, &renditions, folder.path()).await?;
    let poster = match &source.waiting {
        Some(_) => {
            let poster = source.poster(running, &encoding.probe, folder.path()).await?;
            source.store_poster(running, poster).await?
        }
        None => None,
    };
    let extras = Extras {
        progressive,
        storyboard,
        poster,
    };
    publish(running, &source, &encoding, &renditions, extras, folder.path()).await
}

/// A file for progressive playing: picture of the largest H.264 rendition and sound, index in front.
pub(super) async fn progressive(
    running: &Running,
    source: &Source,
    encoding: &Encoding,
    renditions: &[RenditionRow],
    folder: &Path,
) -> Result<Option<MadeFile>, JobError> {
    let core = &running.app.core;
    let file_of = async |name: &str| -> Result<Option<LocalCopy>, JobError> {
        let Some(row) = renditions.iter().find(|row| row.name == name) else {
            return Ok(None);
        };
        Ok(core
            .objects
            .materialize(&source::key_at(&row.object_key)?)
            .await?)
    };
    let top = encoding
        .ladder
        .video
        .iter()
        .find(|rung| rung.codec == VideoCodec::H264);
    let Some(top) = top else { return Ok(None) };
    core.room_for(encoding.probe.size_bytes)?;
    let Some(video) = file_of(&top.name).await? else {
        return Ok(None);
    };
    let audio = match &encoding.ladder.audio {
        Some(audio) => file_of(&audio.name).await?,
        None => None,
    };
    let canonical = folder
        .canonicalize()
        .map_err(|error| JobError::retry("output folder", error))?;
    let sound = audio.as_ref().map(LocalCopy::path);
    let step = encode::progressive(video.path(), sound, &canonical);
    let made = source
        .make(running, &step, folder, encoding.ladder.duration_ms)
        .await?;
    Ok(made.into_iter().next())
}

/// Preview pictures from the smallest rendition; the name of their files. A video without them is still a
/// video: whatever goes wrong here is told and left at that.
async fn storyboard(
    running: &Running,
    source: &Source,
    encoding: &Encoding,
    renditions: &[RenditionRow],
    folder: &Path,
) -> Result<Option<String>, JobError> {
    let pictures = renditions.iter().filter(|row| row.kind == Carries::Video);
    let Some(smallest) = pictures.min_by_key(|row| row.height) else {
        return Ok(None);
    };
    let id = source.video.id;
    match make_storyboard(running, id, smallest, encoding.ladder.duration_ms, folder).await {
        Ok(made) => Ok(made),
        Err(_) if running.stop.is_cancelled() => Err(JobError::Stopped),
        Err(error) => {
            tracing::warn!(video.id = %id, error = %error, "No storyboard for video {id}");
            Ok(None)
        }
    }
}

async fn make_storyboard(
    running: &Running,
    id: VideoId,
    rendition: &RenditionRow,
    duration_ms: u64,
    folder: &Path,
) -> Result<Option<String>, storyboard::MakeError> {
    let core = &running.app.core;
    let key = Key::parse(&rendition.object_key).map_err(|error| Error::failed("rendition key", error))?;
    let copy = core.objects.materialize(&key).await.map_err(Error::from)?;
    let Some(copy) = copy else {
        return Ok(None);
    };
    let size = [rendition.width, rendition.height].map(|side| u32::try_from(side).unwrap_or(0));
    let made = storyboard::make(
        core,
        &storyboard::Source::Own(copy.path()),
        size.into(),
        duration_ms,
        folder,
        &running.stop,
    )
    .await?;
    let Some(made) = made else { return Ok(None) };
    core.room_for(made.size_bytes())?;
    // The job's own name: a run after a crash writes over what the run before it left.
    let name = running.job.id.to_string();
    Ok(Some(made.store(core, id, &name).await?))
}

/// What the last step adds to the renditions.
struct Extras {
    progressive: Option<MadeFile>,
    storyboard: Option<String>,
    poster: Option<posters::Stored>,
}

async fn publish(
    running: &Running,
    source: &Source,
    encoding: &Encoding,
    renditions: &[RenditionRow],
    extras: Extras,
    folder: &Path,
) -> Result<(), JobError> {
    let Extras {
        progressive,
        storyboard,
        poster,
    } = extras;
    let core = &running.app.core;
    let (id, gen_no, now) = (source.video.id, source.gen_no, running.now());
    if let Some(file) = &progressive {
        source.keep(running, std::slice::from_ref(file), folder).await?;
    }
    let (mut tx, before) = source.begin_publishing(running).await?;
    let before = &before;
    let mut after = VideoRow {
        status: Status::Ready,
        status_reason: None,
        progress: 1.0,
        watchable: true,
        streaming: Streaming::Whole,
        updated_at: now,
        ..before.clone()
    };
    if let Some(waiting) = &source.waiting {
        take_over(core, &mut tx, before, &mut after, waiting, now).await?;
    }
    match &progressive {
        Some(file) => {
            after.progressive_key = Some(file.object_key.clone());
            after.progressive_bytes = i64::try_from(file.size_bytes).unwrap_or(i64::MAX);
        }
        // Sound alone plays as it is.
        None if encoding.ladder.video.is_empty() => {
            if let Some(sound) = renditions.first() {
                after.progressive_key = Some(sound.object_key.clone());
                after.progressive_bytes = sound.size_bytes;
            }
        }
        None => {}
    }
    let mut stored_bytes = if progressive.is_some() {
        after.progressive_bytes
    } else {
        0
    };
    for row in renditions {
        let temporary = encoding
            .ladder
            .remux
            .as_ref()
            .is_some_and(|remux| !remux.keep && remux.name == row.name);
        if temporary {
            rendition_rows::remove(&mut tx, id, gen_no, &row.name).await?;
        } else {
            stored_bytes += row.size_bytes;
        }
    }
    // Its owner may have changed their mind while this was at work. Where the original is what plays, it stays
    // until something else does.
    let wanted = before.keep_original.unwrap_or(core.settings.keep_originals);
    let plays_itself = after.source_public && after.progressive_key.is_none();
    if wanted || plays_itself {
        stored_bytes += after.source_bytes;
        if !wanted {
            let payload = drop_original::Payload { video: id };
            super::enqueue_about(core, &mut tx, &payload, before, now).await?;
        }
    } else if let Some(key) = after.source_key.take() {
        after.source_public = false;
        remove_objects::enqueue_later(core, &mut tx, &key, now, GRACE_MS).await?;
        // Of a file that has just taken over, nobody has seen the original yet.
        if source.waiting.is_none() {
            let until = now.plus_ms(GRACE_MS);
            running.app.playback.let_original_go(before, until);
        }
    }
    after.stored_bytes = stored_bytes + after.captions_bytes();
    after.storyboard_rev = storyboard;
    let old_set = match poster {
        Some(poster) => poster.save(&mut tx, &mut after).await?,
        None if source.waiting.is_some() => posters::forget(&mut tx, &mut after).await?,
        None => None,
    };
    let unused = unused_pictures(before, &after, old_set.as_ref());
    remove_objects::enqueue_all_later(core, &mut tx, unused, now, GRACE_MS).await?;
    let after = videos::save(&mut tx, before, after).await?;
    let said = notifications::say_finished(core, &mut tx, &after, now).await?;
    encodings::forget_others(&mut tx, id, gen_no).await?;
    sweep_video::enqueue(core, &mut tx, before, now, GRACE_MS).await?;
    rows::end(&mut tx, &running.job, JobState::Done, None, now).await?;
    tx.commit().await?;
    running.app.playback.forget(id);
    events::videos::processed(core, before, &after, said.as_ref());
    core.bus.wake(super::TOPIC);
    tracing::info!(video.id = %id, "Video {id} is ready");
    Ok(())
}

/// Keys of the pictures that were shown before and are not after.
fn unused_pictures(before: &VideoRow, after: &VideoRow, old_set: Option<&CandidateSet>) -> Vec<String> {
    let mut unused: Vec<String> = Vec::new();
    if let Some(rev) = before.thumbnail_rev.as_deref()
        && after.thumbnail_rev.as_deref() != Some(rev)
    {
        unused.extend(beside::poster_names(rev));
    }
    if let Some(rev) = before.storyboard_rev.as_deref()
        && after.storyboard_rev.as_deref() != Some(rev)
    {
        unused.extend(storyboard::sheet_names(rev));
    }
    unused.extend(old_set.into_iter().flat_map(posters::file_names));
    let folder = pictures::video_folder(before.id);
    unused
        .into_iter()
        .map(|name| format!("{folder}/{name}"))
        .collect()
}

/// Puts the waiting file in the place of the present one, whose bytes go once nobody can be watching them.
async fn take_over(
    core: &Core,
    tx: &mut Tx,
    before: &VideoRow,
    after: &mut VideoRow,
    waiting: &ReplacementRow,
    now: Millis,
) -> Result<(), JobError> {
    if !replacements::remove(tx, before.id, waiting.gen_no).await? {
        return Err(JobError::LeaseLost);
    }
    after.media_gen = waiting.gen_no;
    after.source_key = Some(waiting.source_key.clone());
    after.source_type.clone_from(&waiting.source_type);
    after.source_bytes = waiting.source_bytes;
    after.source_hash = Some(waiting.source_hash.clone());
    after.source_name.clone_from(&waiting.source_name);
    after.source_public = waiting.source_public;
    after.duration_ms = waiting.duration_ms;
    after.width = waiting.width;
    after.height = waiting.height;
    after.progressive_key = None;
    after.progressive_bytes = 0;
    after.storyboard_rev = None;
    if let Some(key) = &before.source_key {
        remove_objects::enqueue_later(core, tx, key, now, GRACE_MS).await?;
    }
    Ok(())
}
