//! Tidies a video's folder: pieces that were joined, files of runs that did not get to publish, renditions
//! that better ones replaced, pictures and captions that no row names. Runs a while after the video is done, so that whoever watches at the moment
//! can watch on.

use std::collections::HashSet;

use model::{Millis, VideoId};
use serde::{Deserialize, Serialize};
use store::Tx;
use store::jobs as rows;
use store::videos::{self, VideoRow};
use store::{encodings, posters, renditions};

use super::encode_part::MOST_LIVE;
use super::encoding::Done;
use super::source::key_at;
use super::{JobError, QUICK, Running, chore, drop_original, process_video};
use crate::core::Core;
use crate::error::Error;
use crate::{beside, pictures};

/// Name of the kind.
pub const KIND: &str = "sweep_video";
/// How long files stay that nobody is sent to any more: as long as a playlist may be played on.
pub(super) const LATER_MS: i64 = 15 * 60_000;
/// The same, where nobody can be watching.
pub(super) const SOON_MS: i64 = 0;

/// Which video.
#[derive(Debug, Serialize, Deserialize)]
pub struct Payload {
    /// Which video.
    pub video: VideoId,
}

impl super::Payload for Payload {
    const KIND: &'static str = KIND;
    const PRIORITY: i64 = QUICK + 20;
}

/// Asks for the folder to be tidied after `delay_ms`.
pub(super) async fn enqueue(
    core: &Core,
    tx: &mut Tx,
    video: &VideoRow,
    now: Millis,
    delay_ms: i64,
) -> Result<(), Error> {
    chore::enqueue_at(core, tx, &Payload { video: video.id }, now, now.plus_ms(delay_ms)).await
}

/// What there is to tidy.
enum Found {
    /// The video is gone.
    Gone,
    /// Something is being made of it: what works on it now writes to folders that no row names yet. Its own end
    /// asks for this again.
    Busy,
    /// Nothing is.
    Idle(Box<Idle>),
}

/// A folder while nothing is being made of its video.
struct Idle {
    /// The folders of runs that had begun before.
    folders: Vec<String>,
    /// Keys of files in them that rows name.
    keys: Vec<String>,
    /// Names of the files beside them that rows name.
    beside: HashSet<String>,
}

pub(super) async fn run(running: &Running) -> Result<(), JobError> {
    let Payload { video: id } = running.payload()?;
    match look(&running.app.core, id).await? {
        Found::Gone => clear(&running.app.core, id).await,
        Found::Busy => Ok(()),
        Found::Idle(idle) => tidy(running, id, &idle).await,
    }
}

/// Removes what is left of a video that is gone. Its folder went with it, but a run that was under way may have
/// put a file there after that and not lived to take it away.
pub(super) async fn clear(core: &Core, id: VideoId) -> Result<(), JobError> {
    let folder = key_at(&pictures::video_folder(id))?;
    Ok(core.objects.remove_prefix(&folder).await?)
}

async fn look(core: &Core, id: VideoId) -> Result<Found, JobError> {
    // Before anything else: a run that begins once the rows were looked at has a folder that is not among
    // these, and what it puts there is safe until its own rows name it.
    let folders = core
        .objects
        .list_folders(&key_at(&pictures::video_folder(id))?)
        .await?;
    let mut tx = core.store.write().await?;
    let Some(video) = videos::find(&mut tx, id).await? else {
        return Ok(Found::Gone);
    };
    if is_busy(&mut tx, id).await? {
        return Ok(Found::Busy);
    }
    let done = Done::read(&mut tx, id, video.media_gen).await?;
    for (name, _) in &done.parts {
        if done.renditions.contains(name) {
            encodings::forget_parts(&mut tx, id, video.media_gen, name).await?;
        }
    }
    let mut keys: Vec<String> = renditions::list(&mut tx, id, video.media_gen)
        .await?
        .into_iter()
        .map(|row| row.object_key)
        .collect();
    keys.extend(
        encodings::parts(&mut tx, id, video.media_gen)
            .await?
            .into_iter()
            .map(|part| part.object_key),
    );
    keys.extend(video.progressive_key.clone());
    keys.extend(video.source_key.clone());
    let candidates = posters::find(&mut tx, id).await?;
    tx.commit().await?;
    Ok(Found::Idle(Box::new(Idle {
        folders,
        keys,
        beside: beside::names(&video, candidates.as_ref()),
    })))
}

async fn is_busy(tx: &mut Tx, id: VideoId) -> Result<bool, Error> {
    let live = rows::list::live_about(tx, id.0, MOST_LIVE).await?;
    Ok(live
        .iter()
        .any(|job| process_video::prepares(&job.kind) || job.kind == drop_original::KIND))
}

async fn tidy(running: &Running, id: VideoId, idle: &Idle) -> Result<(), JobError> {
    let objects = &running.app.core.objects;
    let named: HashSet<&str> = idle.keys.iter().filter_map(|key| key.split('/').nth(2)).collect();
    let folder = pictures::video_folder(id);
    for name in &idle.folders {
        if named.contains(name.as_str()) {
            // Some of it is in use; single files of it are not.
            sweep_folder(running, &format!("{folder}/{name}"), &idle.keys).await?;
        } else {
            objects
                .remove_prefix(&key_at(&format!("{folder}/{name}"))?)
                .await?;
        }
    }
    sweep_beside(running, id, &idle.beside).await
}

/// Removes the small files that no row names: a crash may fall between a file and its row, or between a row
/// and the removal of the file it named before.
async fn sweep_beside(running: &Running, id: VideoId, named: &HashSet<String>) -> Result<(), JobError> {
    /// Files looked at in one go.
    const BATCH: usize = 256;
    let core = &running.app.core;
    let objects = &core.objects;
    let folder = pictures::video_folder(id);
    let prefix = key_at(&folder)?;
    let since = running.now().plus_ms(-LATER_MS);
    let mut after = None;
    loop {
        let keys = objects.list(&prefix, after.as_ref(), BATCH).await?;
        // A run after a crash writes over the pictures of the one before it, under the same names.
        if is_busy(&mut core.store.read(), id).await? {
            return Ok(());
        }
        for key in &keys {
            let name = key
                .as_str()
                .strip_prefix(folder.as_str())
                .and_then(|rest| rest.strip_prefix('/'));
            let unused = name.is_some_and(|name| !named.contains(name) && beside::may_go(name, since));
            if unused {
                objects.remove(key).await?;
            }
        }
        match keys.into_iter().next_back() {
            Some(last) => after = Some(last),
            None => return Ok(()),
        }
    }
}

async fn sweep_folder(running: &Running, folder: &str, keys: &[String]) -> Result<(), JobError> {
    /// Most files that one run leaves: every rendition of every codec.
    const MOST_FILES: usize = 256;
    let objects = &running.app.core.objects;
    for key in objects.list(&key_at(folder)?, None, MOST_FILES).await? {
        if !keys.iter().any(|used| used == key.as_str()) {
            objects.remove(&key).await?;
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests;
