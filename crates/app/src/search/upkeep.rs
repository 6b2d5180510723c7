//! What follows a change a moment later: passages of subtitle tracks, words that are older than counting, heat.
//!
//! All of it is noted in the transaction of the change, taken up in small transactions, and may be done twice: two
//! servers over one store only repeat each other's work.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::{Duration, Instant};

use media::captions::{PlainCue, plain_cues};
use model::VideoId;
use objects::Key;
use store::search::captions::{self as rows, Cue, Track};
use store::search::{channels, videos as indexed};
use store::videos::{self, CaptionTrack};
use tokio_util::sync::CancellationToken;

use crate::App;
use crate::core::Core;
use crate::error::Error;
use crate::trending;

/// How often it is looked for work.
const EVERY: Duration = Duration::from_secs(1);
/// Things whose words are counted in one transaction: each may bring hundreds of new ones.
const COUNTED: i64 = 5;
/// How long a video whose captions could not be read is left alone.
const REST: Duration = Duration::from_mins(10);
/// How many are left alone at once.
const MOST_RESTING: usize = 1_000;
/// Things looked at in one go.
const BATCH: i64 = 100;
/// Passages added in one transaction.
const PASSAGES: usize = 50;
/// Passages removed in one transaction.
const REMOVED: i64 = 200;
/// Cues of one passage.
const CUES: usize = 20;
/// Characters of one passage, unless one cue has more.
const PASSAGE_CHARS: usize = 2_000;

/// Does what there is to do, again and again until `stop`.
pub async fn run(app: Arc<App>, stop: CancellationToken) {
    let mut resting = HashMap::new();
    loop {
        if app.turns.is_ours()
            && let Err(error) = once(&app.core, &mut resting, &stop).await
        {
            tracing::warn!(error = %error, "Could not bring search up to date; it is tried again");
        }
        tokio::select! {
            () = stop.cancelled() => return,
            () = tokio::time::sleep(EVERY) => {}
        }
    }
}

/// Does what there is to do.
async fn once(
    core: &Core,
    resting: &mut HashMap<VideoId, Instant>,
    stop: &CancellationToken,
) -> Result<(), Error> {
    let mut after = None;
    loop {
        while trending::refresh(core).await? && !stop.is_cancelled() {}
        while count_words(core).await? && !stop.is_cancelled() {}
        let pending = rows::pending(&mut core.store.read(), after, BATCH).await?;
        let Some((last, _)) = pending.last() else {
            return Ok(());
        };
        after = Some(*last);
        for (video, changes) in pending {
            if resting.get(&video).is_some_and(|since| since.elapsed() < REST) {
                continue;
            }
            let read = read_captions(core, video, stop).await;
            if stop.is_cancelled() {
                return Ok(());
            }
            if let Err(error) = read {
                tracing::warn!(video.id = %video, error = %error, "Could not read the captions of video {video}");
                // One file that cannot be read holds up no other. More of them than this are tried again at once.
                if resting.len() >= MOST_RESTING {
                    resting.clear();
                }
                resting.insert(video, Instant::now());
                continue;
            }
            resting.remove(&video);
            let mut tx = core.store.write().await?;
            rows::settled(&mut tx, video, changes).await?;
            tx.commit().await?;
        }
    }
}

/// Counts words of what was there before words were counted. Tells whether there may be more.
async fn count_words(core: &Core) -> Result<bool, Error> {
    let mut tx = core.store.read();
    let listed = indexed::to_count(&mut tx, COUNTED).await?;
    let users = channels::to_count(&mut tx, COUNTED).await?;
    if listed.is_empty() && users.is_empty() {
        return Ok(false);
    }
    let mut tx = core.store.write().await?;
    for id in listed {
        if let Some(video) = videos::find(&mut tx, id).await? {
            indexed::count(&mut tx, &video).await?;
        }
    }
    for id in users {
        channels::recount(&mut tx, id).await?;
    }
    tx.commit().await?;
    Ok(true)
}

/// Makes the passages of a video those of its present tracks; none where it is not listed.
async fn read_captions(core: &Core, id: VideoId, stop: &CancellationToken) -> Result<(), Error> {
    let mut tx = core.store.read();
    let present = videos::find(&mut tx, id).await?.filter(|video| video.listed);
    let wanted: Vec<CaptionTrack> = present.map(|video| video.captions).unwrap_or_default();
    let there = rows::tracks(&mut tx, id).await?;
    for track in &there {
        let stays = track.done
            && wanted
                .iter()
                .any(|wanted| wanted.language == track.language && wanted.rev == track.rev);
        if !stays {
            remove(core, id, &track.language, stop).await?;
        }
    }
    for track in &wanted {
        let known = there
            .iter()
            .any(|known| known.done && known.language == track.language && known.rev == track.rev);
        if !known && !stop.is_cancelled() {
            add(core, id, track, stop).await?;
        }
    }
    Ok(())
}

async fn remove(core: &Core, id: VideoId, language: &str, stop: &CancellationToken) -> Result<(), Error> {
    loop {
        let mut tx = core.store.write().await?;
        let all = rows::remove_some(&mut tx, id, language, REMOVED).await?;
        tx.commit().await?;
        if all || stop.is_cancelled() {
            return Ok(());
        }
    }
}

async fn add(core: &Core, id: VideoId, track: &CaptionTrack, stop: &CancellationToken) -> Result<(), Error> {
    let key = Key::parse(&crate::captions::object_key(id, track))
        .map_err(|error| Error::failed("captions key", error))?;
    // Gone: the track was replaced or removed meanwhile, which is noted and comes up again.
    let Some(file) = core
        .objects
        .get(&key, 0..2 * media::captions::MAX_BYTES as u64 + 1)
        .await?
    else {
        return Ok(());
    };
    let passages = tokio::task::spawn_blocking(move || {
        std::str::from_utf8(&file)
            .map(|text| passages(plain_cues(text)))
            .unwrap_or_default()
    })
    .await
    .map_err(|gone| Error::failed("captions thread", gone))?;
    let mut row = Track {
        language: track.language.clone(),
        rev: track.rev.clone(),
        done: false,
    };
    let mut tx = core.store.write().await?;
    rows::save_track(&mut tx, id, &row).await?;
    tx.commit().await?;
    for some in passages.chunks(PASSAGES) {
        if stop.is_cancelled() {
            return Ok(());
        }
        let mut tx = core.store.write().await?;
        for passage in some {
            rows::add(&mut tx, id, &track.language, passage).await?;
        }
        tx.commit().await?;
    }
    row.done = true;
    let mut tx = core.store.write().await?;
    rows::save_track(&mut tx, id, &row).await?;
    tx.commit().await?;
    Ok(())
}

/// Cues that follow each other, some together: words that belong together are often said in two of them.
fn passages(cues: Vec<PlainCue>) -> Vec<Vec<Cue>> {
    let mut all: Vec<Vec<Cue>> = Vec::new();
    let mut chars = 0;
    for cue in cues {
        let cue: Cue = (
            i64::try_from(cue.start_ms).unwrap_or(i64::MAX),
            i64::try_from(cue.end_ms).unwrap_or(i64::MAX),
            cue.words,
        );
        let length = cue.2.chars().count();
        match all.last_mut() {
            Some(last) if last.len() < CUES && chars + length <= PASSAGE_CHARS => {
                chars += length;
                last.push(cue);
            }
            _ => {
                chars = length;
                all.push(vec![cue]);
            }
        }
    }
    all
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn passages_are_bounded_and_lose_no_cue() {
        let cue = |n: u64, words: &str| PlainCue {
            start_ms: n * 1000,
            end_ms: n * 1000 + 900,
            words: words.to_owned(),
        };
        let short: Vec<PlainCue> = (0..45).map(|n| cue(n, "words")).collect();
        let lengths: Vec<usize> = passages(short).iter().map(Vec::len).collect();
        assert_eq!(lengths, [20, 20, 5]);
        let long = "x".repeat(1_500);
        let lengths: Vec<usize> = passages((0..3).map(|n| cue(n, &long)).collect())
            .iter()
            .map(Vec::len)
            .collect();
        assert_eq!(lengths, [1, 1, 1]);
        assert!(passages(Vec::new()).is_empty());
    }
}
