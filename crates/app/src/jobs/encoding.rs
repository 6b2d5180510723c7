//! What is being made of a video: the plan that all its jobs share, what of it is there already, and what
//! comes next.
//!
//! The plan is written down once by [`super::process_video`]. From then on each step looks at the rows
//! (renditions and parts that are there) and enqueues what they make possible, so that any step may run
//! twice, on any node, and a retry goes on where the last attempt stopped.

use std::collections::HashSet;

use media::ladder::{Ladder, Made, Rung};
use media::probe::Probe;
use model::{Millis, VideoId};
use serde::{Deserialize, Serialize};
use store::videos::VideoRow;
use store::{Tx, encodings, renditions};

use super::source::Source;
use super::{JobError, Running, encode_part, finish_video, join_parts};
use crate::core::Core;
use crate::error::Error;

/// Everything a worker needs to know to make its piece.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Encoding {
    /// Which renditions, in which passes and pieces.
    pub(crate) ladder: Ladder,
    /// What the source holds.
    pub(crate) probe: Probe,
    /// Object key of the source.
    pub(crate) source_key: String,
    /// Whether the source itself may be sent to viewers.
    pub(crate) source_public: bool,
}

/// One piece of work of an encoding.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Piece {
    /// All of the sound.
    Audio,
    /// One chunk of one pass.
    Video {
        /// Number of the pass.
        pass: usize,
        /// Number of the chunk.
        chunk: usize,
    },
}

/// What is there of an encoding.
#[derive(Debug, Default)]
pub(crate) struct Done {
    /// Whole renditions.
    pub(crate) renditions: HashSet<String>,
    /// Pieces of renditions.
    pub(crate) parts: HashSet<(String, usize)>,
}

impl Done {
    /// Reads what is there.
    pub(crate) async fn read(tx: &mut Tx, video: VideoId, gen_no: i64) -> Result<Self, Error> {
        let renditions = renditions::names(tx, video, gen_no).await?.into_iter().collect();
        let parts = encodings::finished(tx, video, gen_no)
            .await?
            .into_iter()
            .filter_map(|(name, chunk)| Some((name, usize::try_from(chunk).ok()?)))
            .collect();
        Ok(Self { renditions, parts })
    }

    /// Nothing is there yet.
    pub(crate) fn is_empty(&self) -> bool {
        self.renditions.is_empty() && self.parts.is_empty()
    }

    fn has(&self, name: &str, chunk: usize) -> bool {
        self.renditions.contains(name) || self.parts.contains(&(name.to_owned(), chunk))
    }
}

/// What a job about a making works with: its source, its plan, and what is there of it. `None` when there is
/// nothing to do any more.
pub(super) async fn open(
    running: &Running,
    video: VideoId,
    gen_no: i64,
) -> Result<Option<(Source, Encoding, Done)>, JobError> {
    let Some(source) = Source::open(running, video, gen_no).await? else {
        return Ok(None);
    };
    let mut tx = running.app.core.store.read();
    let Some(encoding) = Encoding::find(&mut tx, video, gen_no).await? else {
        return Ok(None);
    };
    let done = Done::read(&mut tx, video, gen_no).await?;
    Ok(Some((source, encoding, done)))
}

impl Encoding {
    /// Reads the plan of a making, if it was written down.
    pub(crate) async fn find(tx: &mut Tx, video: VideoId, gen_no: i64) -> Result<Option<Self>, Error> {
        let found = Self::find_started(tx, video, gen_no).await?;
        Ok(found.map(|(encoding, _)| encoding))
    }

    /// The same, with the time it was written down.
    pub(crate) async fn find_started(
        tx: &mut Tx,
        video: VideoId,
        gen_no: i64,
    ) -> Result<Option<(Self, Millis)>, Error> {
        let Some((plan, at)) = encodings::find(tx, video, gen_no).await? else {
            return Ok(None);
        };
        let encoding = serde_json::from_str(&plan).map_err(|error| Error::failed("encoding plan", error))?;
        Ok(Some((encoding, at)))
    }

    /// Writes the plan down.
    pub(crate) async fn save(
        &self,
        tx: &mut Tx,
        video: VideoId,
        gen_no: i64,
        now: Millis,
    ) -> Result<(), Error> {
        let plan = serde_json::to_string(self).map_err(|error| Error::failed("encoding plan", error))?;
        Ok(encodings::save(tx, video, gen_no, &plan, now).await?)
    }

    /// The sound still has to be encoded on its own: it did not come with a copied picture.
    fn audio_apart(&self) -> bool {
        self.ladder.audio.is_some() && self.ladder.remux.is_none()
    }

    /// Every piece of work, in order of priority.
    pub(crate) fn pieces(&self) -> Vec<Piece> {
        let audio = self.audio_apart().then_some(Piece::Audio);
        let video = self
            .ladder
            .passes
            .iter()
            .enumerate()
            .flat_map(|(pass, of)| (0..of.chunks.len()).map(move |chunk| Piece::Video { pass, chunk }));
        audio.into_iter().chain(video).collect()
    }

    /// Priority of a piece's job; smaller runs earlier. The sound and the first seconds of the lowest
    /// rendition make a video watchable; the rest of that rendition keeps it playing; then come the passes
    /// in their order.
    pub(crate) fn priority(&self, piece: Piece) -> i64 {
        match piece {
            Piece::Audio => super::ENCODE,
            Piece::Video { pass: 0, chunk: 0 } => super::ENCODE + 1,
            Piece::Video { pass, .. } => {
                let goes_on = pass > 0
                    && self
                        .lowest()
                        .is_some_and(|lowest| self.names_of(pass).contains(&lowest.name));
                let order = if goes_on {
                    5
                } else {
                    10 * i64::try_from(pass.min(50)).unwrap_or(50)
                };
                super::ENCODE + 10 + order
            }
        }
    }

    /// Whether any rendition is made in pieces.
    pub(crate) fn is_cut(&self) -> bool {
        self.ladder.clone().uncut()
    }

    /// Names of the renditions that a pass makes.
    pub(crate) fn names_of(&self, pass: usize) -> &[String] {
        self.ladder.passes.get(pass).map_or(&[], |pass| &pass.rungs)
    }

    /// Names of the renditions that are joined together: those that this pass is the first to make.
    pub(crate) fn joined_by(&self, pass: usize) -> impl Iterator<Item = &String> {
        self.names_of(pass)
            .iter()
            .filter(move |name| (0..pass).all(|earlier| !self.names_of(earlier).contains(*name)))
    }

    /// Which of a rendition's pieces one of a pass is; `None` when the rendition is made in one piece.
    pub(crate) fn part_number(&self, name: &str, pass: usize, chunk: usize) -> Option<usize> {
        let places = self.ladder.pieces_of(name);
        if places.len() < 2 {
            return None;
        }
        places
            .iter()
            .position(|place| (place.pass, place.chunk) == (pass, chunk))
    }

    /// When a piece begins, milliseconds.
    pub(crate) fn start_ms(&self, pass: usize, chunk: usize) -> u64 {
        self.ladder
            .passes
            .get(pass)
            .and_then(|pass| pass.chunks.get(chunk))
            .map_or(0, |chunk| chunk.start_ms)
    }

    /// Whether viewers are sent the pieces of this rendition while the rest is made.
    pub(crate) fn plays_in_pieces(&self, name: &str) -> bool {
        self.lowest().is_some_and(|lowest| lowest.name == name)
    }

    /// Whether a piece is there already.
    pub(crate) fn is_done(&self, piece: Piece, done: &Done) -> bool {
        match piece {
            Piece::Audio => self
                .ladder
                .audio
                .as_ref()
                .is_none_or(|audio| done.renditions.contains(&audio.name)),
            Piece::Video { pass, chunk } => self
                .names_of(pass)
                .iter()
                .all(|name| done.has(name, self.part_number(name, pass, chunk).unwrap_or(0))),
        }
    }

    /// The rendition that is made first, and so plays first.
    pub(crate) fn lowest(&self) -> Option<&Rung> {
        let name = self.names_of(0).last()?;
        self.ladder.rung(name)
    }

    /// Whether the first seconds can be watched: the first piece of the lowest rendition is there, and
    /// the sound.
    pub(crate) fn begins_to_play(&self, done: &Done) -> bool {
        self.is_done(Piece::Audio, done) && self.lowest().is_some_and(|lowest| done.has(&lowest.name, 0))
    }

    /// Every rendition of the ladder is there.
    pub(crate) fn is_complete(&self, done: &Done) -> bool {
        self.ladder
            .video
            .iter()
            .all(|rung| done.renditions.contains(&rung.name))
            && self.is_done(Piece::Audio, done)
    }

    /// How much work a piece is, in pixels of all frames; the sound weighs little.
    fn weight(&self, piece: Piece) -> f64 {
        let whole_ms = self.ladder.duration_ms.max(1);
        match piece {
            Piece::Audio => whole_ms as f64 * 10.0,
            Piece::Video { pass, chunk } => {
                let length_ms = self
                    .ladder
                    .passes
                    .get(pass)
                    .and_then(|pass| pass.chunks.get(chunk))
                    .map_or(whole_ms, |chunk| chunk.length_ms(whole_ms));
                let pixels: f64 = self
                    .names_of(pass)
                    .iter()
                    .filter_map(|name| self.ladder.rung(name))
                    .map(|rung| f64::from(rung.width) * f64::from(rung.height) / 1000.0)
                    .sum();
                length_ms as f64 * pixels
            }
        }
    }

    /// How far the encoding is, 0 to 1, given what is there and how far running pieces are.
    pub(crate) fn progress(&self, done: &Done, running: &[(Piece, f64)]) -> f64 {
        let (mut all, mut made) = (0.0, 0.0);
        for piece in self.pieces() {
            let weight = self.weight(piece);
            all += weight;
            made += weight
                * if self.is_done(piece, done) {
                    1.0
                } else {
                    running
                        .iter()
                        .find(|(running, _)| *running == piece)
                        .map_or(0.0, |(_, progress)| progress.clamp(0.0, 1.0))
                };
        }
        // The last of it is joining, the storyboard and the change to ready.
        if all > 0.0 {
            (made / all).min(1.0) * 0.98
        } else {
            0.98
        }
    }

    /// How far one rendition is, 0 to 1.
    pub(crate) fn progress_of(&self, name: &str, done: &Done, running: &[(Piece, f64)]) -> f64 {
        if done.renditions.contains(name) {
            return 1.0;
        }
        let whole_ms = self.ladder.duration_ms.max(1);
        let mut made_ms = 0.0;
        for (number, place) in self.ladder.pieces_of(name).iter().enumerate() {
            let piece = Piece::Video {
                pass: place.pass,
                chunk: place.chunk,
            };
            let share = if done.has(name, number) {
                1.0
            } else {
                running
                    .iter()
                    .find(|(running, _)| *running == piece)
                    .map_or(0.0, |(_, progress)| progress.clamp(0.0, 1.0))
            };
            made_ms += place.stretch.length_ms(whole_ms) as f64 * share;
        }
        // A rendition is there only once it is joined.
        (made_ms / whole_ms as f64).min(0.99)
    }

    /// The renditions in the order in which they are made: name, how far each is (0 to 1), and whether
    /// a worker is at it.
    pub(crate) fn steps(&self, done: &Done, running: &[(Piece, f64)]) -> Vec<(String, f64, bool)> {
        let at_work = |wanted: &dyn Fn(Piece) -> bool| running.iter().any(|(piece, _)| wanted(*piece));
        let mut steps = Vec::new();
        if let Some(audio) = &self.ladder.audio {
            let share = running.iter().find(|(piece, _)| *piece == Piece::Audio);
            let progress = if done.renditions.contains(&audio.name) {
                1.0
            } else {
                share.map_or(0.0, |(_, progress)| progress.min(0.99))
            };
            let busy = at_work(&|piece| piece == Piece::Audio);
            steps.push((audio.name.clone(), progress, busy));
        }
        let copied = self
            .ladder
            .video
            .iter()
            .filter(|rung| rung.how == Made::Copy)
            .map(|rung| &rung.name);
        let encoded = (0..self.ladder.passes.len()).flat_map(|pass| self.joined_by(pass));
        for name in copied.chain(encoded) {
            let progress = self.progress_of(name, done, running);
            let busy = at_work(
                &|piece| matches!(piece, Piece::Video { pass, .. } if self.names_of(pass).contains(name)),
            );
            steps.push((name.clone(), progress, busy));
        }
        steps
    }

    /// Enqueues whatever is missing and not yet on its way. Called when the plan is new, and when a
    /// failed video is tried again.
    pub(crate) async fn enqueue_missing(
        &self,
        core: &Core,
        tx: &mut Tx,
        video: &VideoRow,
        gen_no: i64,
        now: Millis,
    ) -> Result<(), Error> {
        let done = Done::read(tx, video.id, gen_no).await?;
        for piece in self.pieces() {
            if !self.is_done(piece, &done) {
                encode_part::enqueue(core, tx, video, gen_no, piece, self.priority(piece), now).await?;
            }
        }
        for pass in 0..self.ladder.passes.len() {
            self.join_if_ready(core, tx, video, gen_no, pass, &done, now)
                .await?;
        }
        self.finish_if_complete(core, tx, video, gen_no, &done, now).await
    }

    /// Enqueues joining what a pass is the first to make, once all its pieces are there. To be asked once
    /// after each piece of it, and of no other.
    #[expect(
        clippy::too_many_arguments,
        reason = "one step of a pipeline names all it works on"
    )]
    pub(crate) async fn join_if_ready(
        &self,
        core: &Core,
        tx: &mut Tx,
        video: &VideoRow,
        gen_no: i64,
        pass: usize,
        done: &Done,
        now: Millis,
    ) -> Result<(), Error> {
        let joined = self.joined_by(pass).all(|name| done.renditions.contains(name));
        let ready = self.joined_by(pass).all(|name| {
            let pieces = self.ladder.pieces_of(name).len();
            (0..pieces).all(|number| done.has(name, number))
        });
        if !joined && ready {
            let payload = join_parts::Payload {
                video: video.id,
                gen_no,
                pass,
            };
            super::enqueue_about(core, tx, &payload, video, now).await?;
        }
        Ok(())
    }

    /// Enqueues the last step once every rendition is there.
    pub(crate) async fn finish_if_complete(
        &self,
        core: &Core,
        tx: &mut Tx,
        video: &VideoRow,
        gen_no: i64,
        done: &Done,
        now: Millis,
    ) -> Result<(), Error> {
        if self.is_complete(done) {
            let payload = finish_video::Payload {
                video: video.id,
                gen_no,
            };
            super::enqueue_about(core, tx, &payload, video, now).await?;
        }
        Ok(())
    }
}
