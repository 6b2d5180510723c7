//! A picture and its sound as one file, made while it is read.
//!
//! Two fragmented files with one track each become one fragmented file with two tracks, without a
//! process and without a copy on disk: headers are written anew in memory, media is named as ranges of the
//! two files. Only fixed-size fields of the fragments' headers change, so the size is known up front and
//! any range of the result can be made without what comes before it.

use std::fs::File;
use std::os::unix::fs::FileExt as _;

use super::index::{ByteRange, SegmentIndex, segment_index};
use super::moof::words;
use super::track::{put_box, time_units};
use super::{
    Budget, FourCc, InnerBox, MAX_MOOF_BYTES, MAX_MOOV_BYTES, Mp4Error, Reader, boxes, child, content,
    top_box,
};

/// More than the header of a fragment takes that was made here.
const HEADER_BYTES: u64 = 1 << 20;

/// Which of the two files.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Source {
    /// The picture's file.
    Video,
    /// The sound's file.
    Audio,
}

/// A stretch of the joined file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Piece {
    /// These bytes.
    Bytes(Vec<u8>),
    /// These bytes of one of the files; never empty.
    Range(Source, ByteRange),
}

impl Piece {
    /// Number of bytes.
    pub fn len(&self) -> u64 {
        match self {
            Self::Bytes(bytes) => bytes.len() as u64,
            Self::Range(_, range) => range.size,
        }
    }

    /// Whether there are no bytes.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }
}

/// Two files as one; see [`mux`].
#[derive(Debug)]
pub struct Mux {
    video: File,
    audio: File,
    /// `ftyp` and `moov` of the whole.
    init: Vec<u8>,
    /// All fragments of both in the order of their times.
    fragments: Vec<Placed>,
    /// Where a player can start: index into `fragments`, and the picture's time there in its own units.
    seek_points: Vec<(u32, u64)>,
    size: u64,
}

/// A fragment's place.
#[derive(Debug, Clone, Copy)]
struct Placed {
    source: Source,
    /// In its own file.
    range: ByteRange,
    /// In the joined file.
    at: u64,
}

/// Makes one two-track file of a fragmented picture and a fragmented sound, each with one track.
///
/// Reads the headers of both files once; the indexes that are stored beside renditions save that, see
/// [`Mux::new`].
pub fn mux(video: &File, audio: &File) -> Result<Mux, Mp4Error> {
    Mux::new(video, &segment_index(video)?, audio, &segment_index(audio)?)
}

impl Mux {
    /// Like [`mux`], with indexes that are known already. Indexes that don't belong to the files are found
    /// out at the latest while pieces are made.
    pub fn new(
        video: &File,
        video_index: &SegmentIndex,
        audio: &File,
        audio_index: &SegmentIndex,
    ) -> Result<Self, Mp4Error> {
        let seconds = |index: &SegmentIndex| {
            let end = index.earliest_presentation.saturating_add(index.duration());
            end as f64 / f64::from(index.timescale.max(1))
        };
        let longest = f64::max(seconds(video_index), seconds(audio_index));
        let init = joined_init(
            &read_init(video, video_index)?,
            &read_init(audio, audio_index)?,
            longest,
        )?;
        let mut queues =
            [(Source::Video, video_index), (Source::Audio, audio_index)].map(|(source, index)| {
                let scale = u128::from(index.timescale.max(1));
                let nanos = move |ticks: u64| u128::from(ticks) * 1_000_000_000 / scale;
                let fragments = index.fragments.iter().zip(index.starts());
                fragments
                    .map(move |(fragment, start)| (nanos(start), start, source, *fragment))
                    .peekable()
            });
        let mut fragments = Vec::with_capacity(video_index.fragments.len() + audio_index.fragments.len());
        let mut seek_points = Vec::new();
        let mut at = init.len() as u64;
        loop {
            let [video_queue, audio_queue] = &mut queues;
            let video_first = match (video_queue.peek(), audio_queue.peek()) {
                (Some(picture), Some(sound)) => picture.0 <= sound.0,
                (Some(_), None) => true,
                (None, Some(_)) => false,
                (None, None) => break,
            };
            let next = if video_first {
                video_queue.next()
            } else {
                audio_queue.next()
            };
            let Some((_, start, source, fragment)) = next else {
                break;
            };
            if source == Source::Video && fragment.starts_with_sap {
                seek_points.push((fragments.len() as u32, start));
            }
            fragments.push(Placed {
                source,
                range: ByteRange {
                    offset: fragment.offset,
                    size: fragment.size,
                },
                at,
            });
            at = at.checked_add(fragment.size).ok_or(Mp4Error::Damaged("size"))?;
        }
        let mut made = Self {
            video: video.try_clone()?,
            audio: audio.try_clone()?,
            init,
            fragments,
            seek_points,
            size: at,
        };
        made.size = at
            .checked_add(made.index_len())
            .ok_or(Mp4Error::Damaged("size"))?;
        Ok(made)
    }

    /// Number of bytes of the joined file.
    pub fn size(&self) -> u64 {
        self.size
    }

    /// Bytes of memory that it takes; its two open files come on top.
    pub fn memory_bytes(&self) -> usize {
        size_of::<Self>()
            + self.init.capacity()
            + self.fragments.capacity() * size_of::<Placed>()
            + self.seek_points.capacity() * size_of::<(u32, u64)>()
    }

    /// The file of a [`Piece::Range`].
    pub fn file(&self, source: Source) -> &File {
        match source {
            Source::Video => &self.video,
            Source::Audio => &self.audio,
        }
    }

    /// The bytes of the files that [`Mux::pieces`] and whoever reads its ranges need for `range`, and a little
    /// more: what may be a fragment's header, and the media in it.
    pub fn needed(&self, range: ByteRange) -> impl Iterator<Item = (Source, ByteRange)> + '_ {
        let end = range.end().min(self.size);
        let first = self.fragments.partition_point(|placed| placed.at <= range.offset);
        let within = self.fragments.iter().skip(first.saturating_sub(1));
        within
            .take_while(move |placed| placed.at < end)
            .flat_map(move |placed| {
                // The joined fragment is as long as the one that it is made of.
                let from = range.offset.clamp(placed.at, placed.at + placed.range.size) - placed.at;
                let until = end.min(placed.at + placed.range.size) - placed.at;
                let header = ByteRange {
                    offset: placed.range.offset,
                    size: placed.range.size.min(HEADER_BYTES),
                };
                let media = ByteRange {
                    offset: placed.range.offset + from,
                    size: until.saturating_sub(from),
                };
                [(placed.source, header), (placed.source, media)]
            })
    }

    /// The pieces that make up `range` of the joined file, in order; a range past the end is cut. Reads a
    /// fragment's header when the iterator gets there. After an error there is nothing more.
    pub fn pieces(&self, range: ByteRange) -> impl Iterator<Item = Result<Piece, Mp4Error>> + '_ {
        let end = range.end().min(self.size);
        let mut at = range.offset.min(end);
        let mut waiting: std::collections::VecDeque<Piece> = std::collections::VecDeque::new();
        let mut failed = false;
        std::iter::from_fn(move || {
            loop {
                if let Some(piece) = waiting.pop_front() {
                    return Some(Ok(piece));
                }
                if failed || at >= end {
                    return None;
                }
                match self.section(at) {
                    Ok((start, pieces)) => {
                        let mut offset = start;
                        let from = at;
                        for piece in pieces {
                            let next = offset.saturating_add(piece.len());
                            waiting.extend(cut(piece, offset, from, end));
                            offset = next;
                        }
                        if offset <= from {
                            failed = true;
                            return Some(Err(Mp4Error::Damaged("fragment")));
                        }
                        at = offset;
                    }
                    Err(error) => {
                        failed = true;
                        return Some(Err(error));
                    }
                }
            }
        })
    }

    /// All pieces around byte `at`, and where the first of them begins: the init, a fragment or the index.
    fn section(&self, at: u64) -> Result<(u64, Vec<Piece>), Mp4Error> {
        if at < self.init.len() as u64 {
            return Ok((0, vec![Piece::Bytes(self.init.clone())]));
        }
        let index_at = self.size - self.index_len();
        if at >= index_at {
            return Ok((index_at, vec![Piece::Bytes(self.seek_index())]));
        }
        let position = self.fragments.partition_point(|placed| placed.at <= at);
        let position = position.saturating_sub(1);
        let placed = self.fragments.get(position).ok_or(Mp4Error::Damaged("size"))?;
        let moof = self.header(*placed, position as u32 + 1)?;
        let media = ByteRange {
            offset: placed.range.offset + moof.len() as u64,
            size: placed.range.size - moof.len() as u64,
        };
        let mut pieces = vec![Piece::Bytes(moof)];
        if media.size > 0 {
            pieces.push(Piece::Range(placed.source, media));
        }
        Ok((placed.at, pieces))
    }

    /// A fragment's `moof` with its track's number and its own in the joined file.
    fn header(&self, placed: Placed, sequence: u32) -> Result<Vec<u8>, Mp4Error> {
        let file = self.file(placed.source);
        let found = top_box(file, placed.range.offset, placed.range.end())?
            .filter(|found| found.kind == *b"moof")
            .ok_or(Mp4Error::Missing("moof"))?;
        let len = found.end - found.start;
        if len > MAX_MOOF_BYTES {
            return Err(Mp4Error::OverBudget("box bytes"));
        }
        let mut moof = vec![0; len as usize];
        file.read_exact_at(&mut moof, found.start)?;
        let head = (found.content - found.start) as usize;
        let mut patches: Vec<(usize, u32)> = Vec::new();
        let mut budget = Budget(2_000);
        boxes(
            moof.get(head..).unwrap_or_default(),
            head,
            &mut budget,
            |inner, budget| {
                match &inner.kind {
                    b"mfhd" => patches.push((field(&inner, 4)?, sequence)),
                    b"traf" => boxes(inner.content, inner.content_start(), budget, |part, _| {
                        if part.kind == *b"tfhd" {
                            let (_, flags) = Reader::new(part.content).version_and_flags()?;
                            if flags & 0x01 != 0 {
                                return Err(Mp4Error::Mismatch("media addressed by its place in the file"));
                            }
                            patches.push((field(&part, 4)?, placed.source.track_id()));
                        }
                        Ok(())
                    })?,
                    _ => {}
                }
                Ok(())
            },
        )?;
        patch(&mut moof, &patches)?;
        Ok(moof)
    }

    /// Size of what [`Mux::seek_index`] makes.
    fn index_len(&self) -> u64 {
        8 + 24 + 19 * self.seek_points.len() as u64 + 16
    }

    /// An `mfra`: players that look for it jump without walking through the file.
    fn seek_index(&self) -> Vec<u8> {
        let mut tfra = words(&[
            0x0100_0000,
            Source::Video.track_id(),
            0,
            self.seek_points.len() as u32,
        ]);
        for (position, time) in &self.seek_points {
            let at = self
                .fragments
                .get(*position as usize)
                .map_or(0, |placed| placed.at);
            tfra.extend(time.to_be_bytes());
            tfra.extend(at.to_be_bytes());
            // Track fragment, run and sample: the first of each.
            tfra.extend([1, 1, 1]);
        }
        let mut inside = Vec::with_capacity(tfra.len() + 24);
        put_box(&mut inside, *b"tfra", &tfra);
        put_box(&mut inside, *b"mfro", &words(&[0, self.index_len() as u32]));
        let mut mfra = Vec::with_capacity(inside.len() + 8);
        put_box(&mut mfra, *b"mfra", &inside);
        mfra
    }
}

impl Source {
    const fn track_id(self) -> u32 {
        match self {
            Self::Video => 1,
            Self::Audio => 2,
        }
    }
}

/// What of a piece that begins at `offset` lies between `from` and `end`.
fn cut(piece: Piece, offset: u64, from: u64, end: u64) -> Option<Piece> {
    let stop = offset.saturating_add(piece.len()).min(end);
    let start = offset.max(from);
    if start >= stop {
        return None;
    }
    let (skip, size) = (start - offset, stop - start);
    Some(match piece {
        Piece::Bytes(mut bytes) => {
            bytes.truncate((skip + size) as usize);
            bytes.drain(..skip as usize);
            Piece::Bytes(bytes)
        }
        Piece::Range(source, range) => Piece::Range(
            source,
            ByteRange {
                offset: range.offset.saturating_add(skip),
                size,
            },
        ),
    })
}

/// `ftyp` and the content of `moov`.
struct Init {
    ftyp: Vec<u8>,
    moov: Vec<u8>,
}

fn read_init(file: &File, index: &SegmentIndex) -> Result<Init, Mp4Error> {
    let end = index.init.end().min(file.metadata()?.len());
    let (mut ftyp, mut moov) = (None, None);
    let mut budget = Budget(64);
    let mut at = 0;
    while let Some(found) = top_box(file, at, end)? {
        budget.take()?;
        match &found.kind {
            b"ftyp" => ftyp = Some(content(file, found, 4096)?),
            b"moov" => moov = Some(content(file, found, MAX_MOOV_BYTES)?),
            _ => {}
        }
        at = found.end;
    }
    Ok(Init {
        ftyp: ftyp.ok_or(Mp4Error::Missing("ftyp"))?,
        moov: moov.ok_or(Mp4Error::Missing("moov"))?,
    })
}

/// Where a four-byte field of a box lies, counted like the box's start.
fn field(inner: &InnerBox<'_>, offset: usize) -> Result<usize, Mp4Error> {
    if inner.content.len() < offset + 4 {
        return Err(Mp4Error::Damaged("cut off"));
    }
    Ok(inner.content_start() + offset)
}

fn patch(bytes: &mut [u8], patches: &[(usize, u32)]) -> Result<(), Mp4Error> {
    for (at, value) in patches {
        bytes
            .get_mut(*at..*at + 4)
            .ok_or(Mp4Error::Damaged("cut off"))?
            .copy_from_slice(&value.to_be_bytes());
    }
    Ok(())
}

/// The header of the whole: the picture's, with the sound's track and defaults beside its own.
fn joined_init(video: &Init, audio: &Init, seconds: f64) -> Result<Vec<u8>, Mp4Error> {
    let mut budget = Budget(2_000);
    let mvhd = only(&video.moov, *b"mvhd", &mut budget)?;
    let units = time_units(mvhd)?;
    // Edit lists count in the movie's units; two files of ours have the same.
    if units == 0 || units != time_units(only(&audio.moov, *b"mvhd", &mut budget)?)? {
        return Err(Mp4Error::Mismatch("timescale"));
    }
    let mut header = mvhd.to_vec();
    let next_track = header.len().checked_sub(4).ok_or(Mp4Error::Damaged("mvhd"))?;
    patch(&mut header, &[(next_track, 3)])?;
    let mut moov = Vec::with_capacity(video.moov.len() + audio.moov.len());
    put_box(&mut moov, *b"mvhd", &header);
    let mut defaults = Vec::new();
    let lasts = (seconds * f64::from(units)).round() as u64;
    put_box(
        &mut defaults,
        *b"mehd",
        &words(&[0x0100_0000, (lasts >> 32) as u32, lasts as u32]),
    );
    for (source, init) in [(Source::Video, video), (Source::Audio, audio)] {
        let trak = only(&init.moov, *b"trak", &mut budget)?;
        let mut numbered = trak.to_vec();
        let mut at = None;
        boxes(trak, 0, &mut budget, |inner, _| {
            if inner.kind == *b"tkhd" {
                let (version, _) = Reader::new(inner.content).version_and_flags()?;
                at = Some(field(&inner, if version == 1 { 20 } else { 12 })?);
            }
            Ok(())
        })?;
        patch(
            &mut numbered,
            &[(at.ok_or(Mp4Error::Missing("tkhd"))?, source.track_id())],
        )?;
        put_box(&mut moov, *b"trak", &numbered);
        let mvex = only(&init.moov, *b"mvex", &mut budget)?;
        let mut trex = child(mvex, *b"trex", &mut budget)?
            .ok_or(Mp4Error::Missing("trex"))?
            .to_vec();
        patch(&mut trex, &[(4, source.track_id())])?;
        put_box(&mut defaults, *b"trex", &trex);
    }
    put_box(&mut moov, *b"mvex", &defaults);
    let mut init = Vec::with_capacity(moov.len() + video.ftyp.len() + 16);
    put_box(&mut init, *b"ftyp", &video.ftyp);
    put_box(&mut init, *b"moov", &moov);
    Ok(init)
}

/// The content of the box of that kind, of which there is one.
fn only<'a>(moov: &'a [u8], kind: FourCc, budget: &mut Budget) -> Result<&'a [u8], Mp4Error> {
    let mut found = Vec::new();
    boxes(moov, 0, budget, |inner, _| {
        if inner.kind == kind {
            found.push(inner.content);
        }
        Ok(())
    })?;
    match found.as_slice() {
        [one] => Ok(*one),
        [] => Err(Mp4Error::Missing("track's")),
        _ => Err(Mp4Error::Mismatch("not one track")),
    }
}
