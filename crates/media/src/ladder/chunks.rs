//! Passes and chunks: what is made from one decode, and in which pieces.
//!
//! Every boundary lies where all renditions have a keyframe. On the grid it is a whole multiple of four
//! seconds, and a chunk's own clock starts there at zero. With keyframes at listed times it lies
//! [`MARGIN_MS`] before one of them, so that a listed time that was rounded can't cut off its frame.

use serde::{Deserialize, Serialize};

use super::{Keyframes, Ladder, LadderSettings, Made, VideoCodec};
use crate::sniff::Container;

/// How far keyframes may lie apart at most, in a copied rung and in a source that is cut, milliseconds.
pub const MOST_BETWEEN_KEYFRAMES_MS: u64 = 10_050;
/// Longest way from the keyframe that decoding starts at to the start of a chunk, milliseconds.
const MOST_LEAD_MS: u64 = 20_000;
/// Boundaries on the grid are multiples of this, milliseconds.
pub(crate) const BOUNDARY_MS: u64 = 4_000;
/// Length of the lowest rung's first chunk, milliseconds.
pub(crate) const FIRST_CHUNK_MS: u64 = 12_000;
/// Shortest chunk that is worth a call of its own, milliseconds.
const LEAST_CHUNK_MS: u64 = 8_000;
/// How far before a listed keyframe a chunk starts, and how early its frame may be forced, milliseconds.
pub(crate) const MARGIN_MS: u64 = 2;

/// One stretch of a source that one call encodes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Chunk {
    /// Start on the output's clock, milliseconds.
    pub start_ms: u64,
    /// Its end, which the next chunk starts at; `None` for the rest.
    pub end_ms: Option<u64>,
}

impl Chunk {
    /// All of a source.
    pub const WHOLE: Self = Self {
        start_ms: 0,
        end_ms: None,
    };

    /// Its length in a source of that duration, milliseconds.
    pub fn length_ms(&self, duration_ms: u64) -> u64 {
        self.end_ms
            .unwrap_or(duration_ms)
            .min(duration_ms.max(self.start_ms))
            .saturating_sub(self.start_ms)
    }
}

/// A set of renditions that are encoded from one decode. The lowest rung is in two of them: its first half is
/// made by itself, so that it plays early, and the rest together with all others, so that only that half is
/// decoded twice.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Pass {
    /// Names of its rungs, largest first.
    pub rungs: Vec<String>,
    /// Its pieces, in order and without gaps.
    pub chunks: Vec<Chunk>,
}

/// One piece of one rendition: where it is made, and what of the source is in it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Place {
    /// Number of the pass.
    pub pass: usize,
    /// Number of the chunk in that pass.
    pub chunk: usize,
    /// The stretch.
    pub stretch: Chunk,
}

/// How passes are cut.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Cutting {
    /// Length of a chunk, milliseconds, a multiple of [`BOUNDARY_MS`].
    pub chunk_ms: u64,
    /// Shorter videos are not cut, save for the lowest pass, milliseconds.
    pub split_after_ms: u64,
    /// Whether decoding can start in the middle of the file.
    pub seekable: bool,
    /// Where the picture ends, milliseconds; the sound may go on longer.
    pub picture_ms: u64,
}

impl Default for Cutting {
    fn default() -> Self {
        Self::of(Container::Mp4, &LadderSettings::default(), 0)
    }
}

impl Cutting {
    pub(super) fn of(container: Container, settings: &LadderSettings, picture_ms: u64) -> Self {
        let chunk_s = u64::from(settings.chunk_s.clamp(12, 600));
        Self {
            chunk_ms: chunk_s * 1000 / BOUNDARY_MS * BOUNDARY_MS,
            split_after_ms: u64::from(settings.split_after_s.clamp(24, 3600)) * 1000,
            seekable: seeks_well(container),
            picture_ms,
        }
    }

    fn is_long(&self) -> bool {
        self.picture_ms > self.split_after_ms
    }

    /// How far apart the boundaries are wanted, milliseconds: chunks of a long video, halves of another.
    /// `None` where no cut is worth it.
    pub fn step_ms(&self) -> Option<u64> {
        if !self.seekable || self.picture_ms < 2 * FIRST_CHUNK_MS {
            None
        } else if self.is_long() {
            Some(self.chunk_ms.max(FIRST_CHUNK_MS))
        } else {
            Some(self.picture_ms / 2 / BOUNDARY_MS * BOUNDARY_MS)
        }
    }
}

/// Whether ffmpeg finds the keyframe before a time exactly. AVI, Ogg and FLV have no such index, and a
/// search in a transport stream lands between keyframes.
pub const fn seeks_well(container: Container) -> bool {
    matches!(
        container,
        Container::Mp4 | Container::Mov | Container::Matroska | Container::WebM
    )
}

impl Ladder {
    /// Puts what is encoded into passes, each in one piece.
    pub(super) fn arrange(&mut self) {
        let encoded = |codec: VideoCodec| -> Vec<String> {
            self.video
                .iter()
                .filter(|rung| rung.codec == codec && rung.how == Made::Encode)
                .map(|rung| rung.name.clone())
                .collect()
        };
        let mut sets = Vec::new();
        let mut first = encoded(VideoCodec::H264);
        if let Some(lowest) = first.pop() {
            sets.push(vec![lowest]);
        }
        sets.push(first);
        sets.extend([VideoCodec::Hevc, VideoCodec::Vp9, VideoCodec::Av1].map(encoded));
        self.passes = sets
            .into_iter()
            .filter(|rungs| !rungs.is_empty())
            .map(|rungs| Pass {
                rungs,
                chunks: vec![Chunk::WHOLE],
            })
            .collect();
    }

    /// Cuts the passes into chunks, where the source has keyframes near (times on the output's clock,
    /// milliseconds, rising; see [`crate::cuts::source_keyframes`]). Without any nearby, decoding would
    /// have to start far ahead, and the place is left out.
    ///
    /// The first pass is always cut after its first seconds, also where decoding has to start over. Where it
    /// has not, the lowest rung is by itself only for the first half of the video (see [`Pass`]).
    pub fn cut(&mut self, source_keyframes_ms: &[u64]) {
        let places = if self.cutting.seekable {
            self.places(source_keyframes_ms)
        } else {
            Vec::new()
        };
        // A short video has one place at most, wherever near its middle that is.
        let half = self.cutting.picture_ms / 2;
        let head = places
            .iter()
            .filter(|_| self.parts())
            .copied()
            .find(|place| *place >= half || !self.cutting.is_long());
        let places = if self.cutting.is_long() {
            places
        } else {
            Vec::new()
        };
        let early = self
            .first_boundary()
            .filter(|early| head.is_none_or(|head| head >= early + LEAST_CHUNK_MS));
        for (number, pass) in self.passes.iter_mut().enumerate() {
            let early = early.filter(|_| number == 0);
            let boundaries = early.into_iter().chain(
                places
                    .iter()
                    .copied()
                    .filter(|place| early.is_none_or(|early| *place >= early + LEAST_CHUNK_MS)),
            );
            pass.chunks = chunks(boundaries);
        }
        if let Some(head) = head {
            self.part_at(head);
        }
    }

    /// Whether there are other rungs of the lowest one's codec, for a pass that makes both.
    fn parts(&self) -> bool {
        let is_h264 = |name: &String| self.rung(name).is_some_and(|rung| rung.codec == VideoCodec::H264);
        self.passes
            .get(1)
            .is_some_and(|others| others.rungs.iter().all(is_h264))
    }

    /// Ends the first two passes there, and puts a pass behind them that goes on with all their rungs.
    fn part_at(&mut self, head: u64) {
        let [lowest, others, ..] = &self.passes[..] else {
            return;
        };
        let rungs = others.rungs.iter().chain(&lowest.rungs).cloned().collect();
        let ends =
            |pass: &Pass| -> Vec<u64> { pass.chunks.iter().filter_map(|chunk| chunk.end_ms).collect() };
        let later = ends(others).into_iter().filter(|end| *end > head);
        let mut tail = Pass {
            rungs,
            chunks: chunks(later),
        };
        if let Some(first) = tail.chunks.first_mut() {
            first.start_ms = head;
        }
        for pass in self.passes.iter_mut().take(2) {
            pass.chunks.retain(|chunk| chunk.start_ms < head);
            if let Some(last) = pass.chunks.last_mut() {
                last.end_ms = Some(head);
            }
        }
        self.passes.insert(2, tail);
    }

    /// Puts every pass back into one piece. `false`: they were.
    pub fn uncut(&mut self) -> bool {
        let is_cut = self.passes.iter().any(|pass| pass.chunks != [Chunk::WHOLE]);
        self.arrange();
        is_cut
    }

    /// The pieces of a rendition that is encoded, in order and without gaps.
    pub fn pieces_of(&self, name: &str) -> Vec<Place> {
        let passes = self.passes.iter().enumerate();
        passes
            .filter(|(_, pass)| pass.rungs.iter().any(|rung| rung == name))
            .flat_map(|(number, pass)| {
                let chunks = pass.chunks.iter().enumerate();
                chunks.map(move |(chunk, stretch)| Place {
                    pass: number,
                    chunk,
                    stretch: *stretch,
                })
            })
            .collect()
    }

    /// Where the lowest pass's first chunk ends.
    fn first_boundary(&self) -> Option<u64> {
        let enough = self.cutting.picture_ms >= FIRST_CHUNK_MS + LEAST_CHUNK_MS;
        let place = enough.then(|| self.boundary_near(FIRST_CHUNK_MS, FIRST_CHUNK_MS))?;
        place.filter(|place| *place + LEAST_CHUNK_MS <= self.cutting.picture_ms)
    }

    /// Boundaries of a long video, or the one in the middle of another. There are frames in front of each.
    fn places(&self, source_keyframes_ms: &[u64]) -> Vec<u64> {
        let Some(step) = self.cutting.step_ms() else {
            return Vec::new();
        };
        let last = self.cutting.picture_ms.saturating_sub(LEAST_CHUNK_MS);
        let mut places: Vec<u64> = Vec::new();
        let mut wanted = step;
        while wanted <= last {
            let before = source_keyframes_ms.partition_point(|at| *at <= wanted);
            let keyframe = before
                .checked_sub(1)
                .and_then(|place| source_keyframes_ms.get(place));
            let near = keyframe.filter(|at| wanted - **at <= MOST_LEAD_MS);
            let boundary = near.and_then(|at| self.boundary_near(wanted, *at));
            let after = places
                .last()
                .map_or(LEAST_CHUNK_MS, |place| place + LEAST_CHUNK_MS);
            if let Some(boundary) = boundary.filter(|boundary| (after..=last).contains(boundary)) {
                places.push(boundary);
            }
            wanted += step;
        }
        places
    }

    /// The boundary for a wanted place: on the grid, the first one from the source's keyframe on, which
    /// saves decoding what is not shown; else right before the nearest listed keyframe.
    fn boundary_near(&self, wanted: u64, source_keyframe: u64) -> Option<u64> {
        match &self.keyframes {
            Keyframes::Grid { .. } => {
                let from_keyframe = source_keyframe.div_ceil(BOUNDARY_MS) * BOUNDARY_MS;
                Some(from_keyframe.min(wanted / BOUNDARY_MS * BOUNDARY_MS))
            }
            Keyframes::At(times) => times
                .iter()
                .copied()
                .filter(|at| at.abs_diff(wanted) <= MOST_BETWEEN_KEYFRAMES_MS)
                .min_by_key(|at| at.abs_diff(wanted))
                .filter(|at| *at > LEAST_CHUNK_MS / 2)
                .map(|at| at - MARGIN_MS),
        }
    }

    /// Puts the keyframes of everything that is encoded where the copied rung's fragments start, given in
    /// milliseconds and rising. `false`: they lie too far apart or too irregularly for a player to
    /// switch, so the top is encoded too ([`Ladder::encode_all`]), on the grid. Passes are in one piece
    /// afterwards.
    pub fn align_to_copy(&mut self, fragment_starts_ms: Vec<u64>) -> bool {
        let copied = self.video.iter().any(|rung| rung.how == Made::Copy);
        if copied && regular(&fragment_starts_ms, self.cutting.picture_ms) {
            self.keyframes = Keyframes::At(fragment_starts_ms);
            self.arrange();
            true
        } else {
            self.encode_all();
            false
        }
    }
}

/// Whether fragments start at the start, go up, and are nowhere longer than players can wait for.
fn regular(starts: &[u64], picture_ms: u64) -> bool {
    let (Some(first), Some(last)) = (starts.first(), starts.last()) else {
        return false;
    };
    let gaps_fine = starts.windows(2).all(|pair| match pair {
        [left, right] => left < right && right - left <= MOST_BETWEEN_KEYFRAMES_MS,
        _ => true,
    });
    let tail = picture_ms.saturating_sub(*last);
    *first <= 1000 && gaps_fine && tail <= MOST_BETWEEN_KEYFRAMES_MS
}

/// Pieces without gaps between boundaries that rise.
fn chunks(boundaries: impl Iterator<Item = u64>) -> Vec<Chunk> {
    let mut chunks = Vec::new();
    let mut start_ms = 0;
    for end in boundaries.filter(|at| *at > 0) {
        chunks.push(Chunk {
            start_ms,
            end_ms: Some(end),
        });
        start_ms = end;
    }
    chunks.push(Chunk {
        start_ms,
        end_ms: None,
    });
    chunks
}
