//! Poster candidates: frames that processing takes from a video, of which its owner may choose another.
//!
//! The poster that is made of a candidate is called after it (`<set>-<number>`, with more behind it when it
//! was chosen), so its name tells which one is shown.

use std::path::Path;

use bytes::Bytes;
use media::poster::{self, PosterError, Posters};
use media::probe::Probe;
use model::VideoId;
use model::text::Fault;
use objects::Key;
use store::Tx;
use store::posters::{self as rows, CandidateSet};
use store::videos::{self, VideoRow};
use tokio_util::sync::CancellationToken;

use crate::core::Core;
use crate::error::{Error, Kind};
use crate::events;
use crate::moderation;
use crate::pictures::{self, Encoded, Purpose};
use crate::sessions::Actor;
use crate::videos::{Videos, must_own};

/// Candidates that are not stored yet.
#[derive(Debug)]
pub struct Made {
    pictures: Vec<Bytes>,
    places_ms: Vec<u64>,
    best: usize,
    poster: Encoded,
}

/// Candidates whose files are there; their row is not yet.
#[derive(Debug)]
pub struct Stored {
    set: CandidateSet,
    poster_rev: String,
}

/// One frame to choose from, as its owner sees it.
#[derive(Debug, Clone)]
pub struct Candidate {
    /// Its name: `<set>-<number>`.
    pub id: String,
    /// Where in the video it is, milliseconds.
    pub at_ms: u64,
    /// Whether the poster was made of it.
    pub chosen: bool,
    /// Address, for its owner only.
    pub url: String,
}

/// Takes candidates from a probed file at `path`. `folder` is an existing folder for what lies around
/// meanwhile.
pub async fn make(
    core: &Core,
    probe: &Probe,
    path: &Path,
    folder: &Path,
    stop: &CancellationToken,
) -> Result<Made, PosterError> {
    let tone_map = core.tone_map().await;
    let Posters {
        candidates,
        best,
        poster,
    } = if probe.video.is_some() {
        poster::posters(&core.tools, probe, path, folder, tone_map, stop).await?
    } else {
        poster::waveform(&core.tools, probe, path, folder, stop).await?
    };
    let (places_ms, pictures) = candidates
        .into_iter()
        .map(|candidate| (candidate.at_ms, Bytes::from(candidate.picture.jpeg)))
        .unzip();
    Ok(Made {
        pictures,
        places_ms,
        best,
        poster: Encoded::from_poster(poster),
    })
}

impl Made {
    /// Stores the pictures, and the poster unless the owner has chosen one. `set` tells this making from
    /// others of the video; the same name writes over the same files.
    pub async fn store(self, core: &Core, video: &VideoRow, set: &str) -> Result<Stored, Error> {
        for (number, picture) in self.pictures.into_iter().enumerate() {
            core.objects
                .put(&key(video.id, &file_name(set, number))?, picture)
                .await?;
        }
        let poster_rev = id(set, self.best);
        if !video.thumbnail_custom {
            let folder = pictures::video_folder(video.id);
            self.poster.store(core, &folder, "poster", &poster_rev).await?;
        }
        Ok(Stored {
            set: CandidateSet {
                rev: set.to_owned(),
                places_ms: self.places_ms,
            },
            poster_rev,
        })
    }
}

impl Stored {
    /// Writes the set down, in the transaction that saves `after`, and points the video at the poster
    /// unless its owner chose one meanwhile. Answers the set that it replaces, whose files may go.
    pub async fn save(self, tx: &mut Tx, after: &mut VideoRow) -> Result<Option<CandidateSet>, Error> {
        let before = rows::find(tx, after.id).await?;
        rows::save(tx, after.id, &self.set).await?;
        if !after.thumbnail_custom {
            after.thumbnail_rev = Some(self.poster_rev);
        }
        Ok(before.filter(|before| before.rev != self.set.rev))
    }
}

/// Names of the files of a set.
pub(crate) fn file_names(set: &CandidateSet) -> impl Iterator<Item = String> {
    (0..set.places_ms.len()).map(|number| file_name(&set.rev, number))
}

/// Lets go of everything that was taken from a file that another replaces, where there is nothing of the
/// new one to show. Answers the set whose files may go.
pub(crate) async fn forget(tx: &mut Tx, after: &mut VideoRow) -> Result<Option<CandidateSet>, Error> {
    let before = rows::find(tx, after.id).await?;
    rows::remove(tx, after.id).await?;
    if !after.thumbnail_custom {
        after.thumbnail_rev = None;
    }
    Ok(before)
}

/// Whether a file of a video is a candidate, which only its owner may see.
pub(crate) fn is_candidate(file: &str) -> bool {
    file.starts_with("candidate-")
}

fn id(set: &str, number: usize) -> String {
    format!("{set}-{number}")
}

fn file_name(set: &str, number: usize) -> String {
    format!("candidate-{set}-{number}.jpg")
}

fn key(video: VideoId, file: &str) -> Result<Key, Error> {
    Key::parse(&format!("{}/{file}", pictures::video_folder(video)))
        .map_err(|error| Error::failed("candidate key", error))
}

/// Whether a poster of this name was made of the candidate.
fn is_made_of(rev: Option<&str>, candidate: &str) -> bool {
    rev.and_then(|rev| rev.strip_prefix(candidate))
        .is_some_and(|rest| rest.is_empty() || rest.starts_with('-'))
}

impl Videos {
    /// The frames that the owner can choose the poster from.
    pub async fn thumbnails(&self, video: VideoId, actor: &Actor) -> Result<Vec<Candidate>, Error> {
        let mut tx = self.core.store.read();
        let row = self.own(&mut tx, video, actor).await?;
        let Some(set) = rows::find(&mut tx, video).await? else {
            return Ok(Vec::new());
        };
        let base = self.playback.owners_base(&row, actor);
        let candidates = set.places_ms.iter().enumerate().map(|(number, at_ms)| {
            let id = id(&set.rev, number);
            Candidate {
                chosen: is_made_of(row.thumbnail_rev.as_deref(), &id),
                at_ms: *at_ms,
                url: format!("{base}/{}", file_name(&set.rev, number)),
                id,
            }
        });
        Ok(candidates.collect())
    }

    /// Makes one of the candidates the poster.
    pub async fn choose_thumbnail(
        &self,
        video: VideoId,
        candidate: Option<&str>,
        actor: &Actor,
    ) -> Result<VideoRow, Error> {
        let core = &self.core;
        let mut tx = core.store.read();
        let row = videos::find(&mut tx, video).await?.ok_or_else(Error::no_video)?;
        must_own(&row, actor)?;
        let candidate = candidate.ok_or_else(|| Error::field("candidate", Fault::missing()))?;
        let set = rows::find(&mut tx, video).await?.ok_or_else(no_candidate)?;
        drop(tx);
        let number = (0..set.places_ms.len())
            .find(|number| id(&set.rev, *number) == candidate)
            .ok_or_else(no_candidate)?;
        let file = key(video, &file_name(&set.rev, number))?;
        let size = core.objects.size(&file).await?.ok_or_else(no_candidate)?;
        let bytes = core.objects.get(&file, 0..size).await?.ok_or_else(no_candidate)?;
        let poster = pictures::encode("candidate", Purpose::Thumbnail, bytes).await?;
        // A name of its own: what is removed after another choice is then never what is shown after this one.
        let rev = format!("{candidate}-{}", pictures::new_rev(core));
        self.change_poster(video, poster, rev, actor).await
    }
}

fn no_candidate() -> Error {
    Error::refused(
        Kind::NotFound,
        "candidate_not_found",
        "There is no such frame to choose.",
    )
}

impl Videos {
    async fn change_poster(
        &self,
        video: VideoId,
        poster: Encoded,
        rev: String,
        actor: &Actor,
    ) -> Result<VideoRow, Error> {
        let folder = pictures::video_folder(video);
        let saved = async {
            poster.store(&self.core, &folder, "poster", &rev).await?;
            let mut tx = self.core.store.write().await?;
            let before = self.own(&mut tx, video, actor).await?;
            let mut after = before.clone();
            after.thumbnail_rev = Some(rev.clone());
            after.thumbnail_custom = true;
            moderation::note_video_edit(&self.core, &mut tx, actor, &before, "thumbnail").await?;
            after.updated_at = self.core.clock.now();
            let after = videos::save(&mut tx, &before, after).await?;
            tx.commit().await?;
            Ok::<_, Error>((before, after))
        };
        // Of the old poster and the new one, the one that is not shown goes.
        let (unused, result) = match saved.await {
            Ok((before, after)) => {
                self.playback.forget(video);
                events::videos::changed(&self.core, &before, &after);
                (before.thumbnail_rev, Ok(after))
            }
            Err(error) => (Some(rev), Err(error)),
        };
        if let Some(unused) = unused {
            pictures::remove(&self.core, &folder, "poster", &unused, &pictures::POSTER_WIDTHS).await;
        }
        result
    }
}
