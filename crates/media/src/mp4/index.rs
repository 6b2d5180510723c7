//! The segment index: where each fragment of a rendition lies and how long it lasts.

use std::fs::File;

use super::moof::{self, Run};
use super::track::Track;
use super::{Budget, MAX_MOOF_BYTES, MAX_MOOV_BYTES, Mp4Error, Reader, TopBox, content, top_box};

/// Most fragments of one file: 12 hours of half-second fragments.
const MAX_FRAGMENTS: usize = 100_000;
/// First byte of a stored index; counts up when the layout changes. Version 1 had neither
/// `earliest_presentation` nor `keyframe_bytes`.
const STORED_VERSION: u8 = 2;

/// A range of bytes in a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ByteRange {
    /// First byte.
    pub offset: u64,
    /// Number of bytes.
    pub size: u64,
}

impl ByteRange {
    /// First byte after the range.
    pub const fn end(self) -> u64 {
        self.offset.saturating_add(self.size)
    }
}

/// One fragment: a `moof` with its `mdat`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Fragment {
    /// First byte.
    pub offset: u64,
    /// Number of bytes.
    pub size: u64,
    /// Time from its first shown frame to the next fragment's, in units of the index's timescale.
    pub duration: u64,
    /// Whether a player can start here (it begins with a keyframe).
    pub starts_with_sap: bool,
    /// Bytes from its start to the end of its first sample, which is the keyframe if it starts with one;
    /// 0 when that is unknown.
    pub keyframe_bytes: u32,
}

/// Where everything is in a fragmented file with one track.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SegmentIndex {
    /// What a player reads first: `ftyp` and `moov`.
    pub init: ByteRange,
    /// The `sidx` box in front, if there is one; DASH addresses it.
    pub sidx: Option<ByteRange>,
    /// Units per second of all times; never 0.
    pub timescale: u32,
    /// Decode time of the first fragment, in units of `timescale`.
    pub start: u64,
    /// When the first frame is shown, with the edit list taken into account, in units of `timescale`; 0
    /// in an index stored by an older version.
    pub earliest_presentation: u64,
    /// All fragments in order, back to back in time.
    pub fragments: Vec<Fragment>,
}

impl SegmentIndex {
    /// Duration of all fragments, in units of `timescale`.
    pub fn duration(&self) -> u64 {
        self.fragments
            .iter()
            .fold(0, |sum, fragment| sum.saturating_add(fragment.duration))
    }

    /// Duration of all fragments.
    pub fn duration_ms(&self) -> u64 {
        let scaled = u128::from(self.duration()) * 1000 / u128::from(self.timescale.max(1));
        u64::try_from(scaled).unwrap_or(u64::MAX)
    }

    /// Start of each fragment on the presentation's clock, in units of `timescale`.
    pub fn starts(&self) -> impl Iterator<Item = u64> {
        let first = self.earliest_presentation;
        self.fragments.iter().scan(first, |next, fragment| {
            let start = *next;
            *next = start.saturating_add(fragment.duration);
            Some(start)
        })
    }

    /// Bytes of all fragments.
    pub fn media_bytes(&self) -> u64 {
        self.fragments
            .iter()
            .fold(0, |sum, fragment| sum.saturating_add(fragment.size))
    }

    /// Longest stretch that a player has to fetch before it can start anew.
    pub fn longest_group_ms(&self) -> u64 {
        let (mut longest, mut current) = (0_u64, 0_u64);
        for fragment in &self.fragments {
            current = if fragment.starts_with_sap { 0 } else { current };
            current = current.saturating_add(fragment.duration);
            longest = longest.max(current);
        }
        let scaled = u128::from(longest) * 1000 / u128::from(self.timescale.max(1));
        u64::try_from(scaled).unwrap_or(u64::MAX)
    }

    /// The index in a few bytes per fragment, for storing.
    pub fn to_bytes(&self) -> Vec<u8> {
        let mut bytes = vec![STORED_VERSION];
        let sidx = self.sidx.unwrap_or(ByteRange { offset: 0, size: 0 });
        let head = [
            self.init.offset,
            self.init.size,
            sidx.offset,
            sidx.size,
            u64::from(self.timescale),
            self.start,
            self.earliest_presentation,
            self.fragments.len() as u64,
        ];
        for number in head {
            put(&mut bytes, number);
        }
        let mut end = 0;
        for fragment in &self.fragments {
            // Fragments lie back to back, so the gap is mostly 0; the lowest bit is the flag.
            put(&mut bytes, fragment.offset.saturating_sub(end));
            put(&mut bytes, fragment.size);
            put(
                &mut bytes,
                fragment.duration << 1 | u64::from(fragment.starts_with_sap),
            );
            put(&mut bytes, u64::from(fragment.keyframe_bytes));
            end = fragment.offset.saturating_add(fragment.size);
        }
        bytes
    }

    /// Reads what [`SegmentIndex::to_bytes`] wrote, now or in an older version.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, Mp4Error> {
        let mut reader = Reader::new(bytes);
        let version = reader.u8()?;
        if !(1..=STORED_VERSION).contains(&version) {
            return Err(Mp4Error::Damaged("unknown index version"));
        }
        let init = ByteRange {
            offset: get(&mut reader)?,
            size: get(&mut reader)?,
        };
        let sidx = ByteRange {
            offset: get(&mut reader)?,
            size: get(&mut reader)?,
        };
        let timescale = u32::try_from(get(&mut reader)?).ok().filter(|scale| *scale > 0);
        let timescale = timescale.ok_or(Mp4Error::Damaged("timescale"))?;
        let start = get(&mut reader)?;
        let earliest_presentation = if version == 1 { 0 } else { get(&mut reader)? };
        let count = usize::try_from(get(&mut reader)?).unwrap_or(usize::MAX);
        // A fragment takes three bytes at least.
        if count > MAX_FRAGMENTS || count > reader.left.len() / 3 {
            return Err(Mp4Error::Damaged("fragment count"));
        }
        let mut fragments = Vec::with_capacity(count);
        let mut end = 0_u64;
        for _ in 0..count {
            let gap = get(&mut reader)?;
            let size = get(&mut reader)?;
            let duration = get(&mut reader)?;
            let offset = end.checked_add(gap).ok_or(Mp4Error::Damaged("offset"))?;
            end = offset.checked_add(size).ok_or(Mp4Error::Damaged("size"))?;
            let starts_with_sap = duration & 1 == 1;
            let keyframe_bytes = if version == 1 { 0 } else { get(&mut reader)? };
            let keyframe_bytes =
                u32::try_from(keyframe_bytes).map_err(|_| Mp4Error::Damaged("keyframe size"))?;
            fragments.push(Fragment {
                offset,
                size,
                duration: duration >> 1,
                starts_with_sap,
                keyframe_bytes,
            });
        }
        let sidx = (sidx.size > 0).then_some(sidx);
        Ok(Self {
            init,
            sidx,
            timescale,
            start,
            earliest_presentation,
            fragments,
        })
    }
}

/// Seven bits per byte, lowest first.
fn put(bytes: &mut Vec<u8>, mut number: u64) {
    while number >= 0x80 {
        bytes.push(number as u8 | 0x80);
        number >>= 7;
    }
    bytes.push(number as u8);
}

fn get(reader: &mut Reader<'_>) -> Result<u64, Mp4Error> {
    let mut number = 0_u64;
    for shift in (0..64).step_by(7) {
        let byte = reader.u8()?;
        let bits = u64::from(byte & 0x7f);
        if shift == 63 && bits > 1 {
            break;
        }
        number |= bits << shift;
        if byte < 0x80 {
            return Ok(number);
        }
    }
    Err(Mp4Error::Damaged("number"))
}

/// Reads the index of a fragmented file with one track, as the plans of this crate make them.
///
/// Walks the `moof` boxes: ffmpeg's `sidx` calls every fragment a place to start, also those that were
/// cut for their size.
pub fn segment_index(file: &File) -> Result<SegmentIndex, Mp4Error> {
    let file_len = file.metadata()?.len();
    let mut at = 0;
    let mut init_end = None;
    let mut track: Option<Track> = None;
    let mut sidx = None;
    let mut start = None;
    let mut fragments: Vec<Fragment> = Vec::new();
    let mut earliest: Vec<Option<i64>> = Vec::new();
    // Box headers are read one by one; a file of ours has two boxes per fragment and a handful more.
    let mut budget = Budget(2 * MAX_FRAGMENTS as u32 + 64);
    while let Some(found) = top_box(file, at, file_len)? {
        budget.take()?;
        match &found.kind {
            b"moov" => {
                track = Some(Track::read(&content(file, found, MAX_MOOV_BYTES)?)?);
                init_end = Some(found.end);
            }
            b"sidx" if fragments.is_empty() => {
                sidx = Some(ByteRange {
                    offset: found.start,
                    size: found.end - found.start,
                });
            }
            b"moof" => {
                let track = track.ok_or(Mp4Error::Missing("moov"))?;
                if fragments.len() >= MAX_FRAGMENTS {
                    return Err(Mp4Error::OverBudget("fragments"));
                }
                let run = moof::read(&content(file, found, MAX_MOOF_BYTES)?, track.defaults)?;
                start = start.or(Some(run.time));
                earliest.push(run.earliest());
                fragments.push(fragment(found, &run));
            }
            b"mdat" => {
                let last = fragments
                    .last_mut()
                    .ok_or(Mp4Error::Damaged("media before its moof"))?;
                last.size = found.end - last.offset;
            }
            _ => {}
        }
        at = found.end;
    }
    let track = track.ok_or(Mp4Error::Missing("moov"))?;
    by_presentation(&mut fragments, &earliest);
    let first = earliest.first().copied().flatten().unwrap_or(0);
    for fragment in &mut fragments {
        if u64::from(fragment.keyframe_bytes) > fragment.size {
            fragment.keyframe_bytes = 0;
        }
    }
    Ok(SegmentIndex {
        init: ByteRange {
            offset: 0,
            size: init_end.ok_or(Mp4Error::Missing("moov"))?,
        },
        sidx,
        timescale: track.timescale,
        start: start.ok_or(Mp4Error::Missing("moof"))?,
        earliest_presentation: u64::try_from(first.saturating_add(track.edit)).unwrap_or(0),
        fragments,
    })
}

fn fragment(found: TopBox, run: &Run) -> Fragment {
    let first = run.samples.first();
    let keyframe_bytes = first
        .zip(run.data_offset)
        .and_then(|(sample, offset)| u32::try_from(offset.checked_add(u64::from(sample.size))?).ok());
    Fragment {
        offset: found.start,
        size: found.end - found.start,
        duration: run.duration(),
        starts_with_sap: first.is_some_and(|sample| sample.is_sync()),
        keyframe_bytes: keyframe_bytes.unwrap_or(0),
    }
}

/// Counts durations from shown frame to shown frame. What is decoded in a fragment lasts as long only if
/// all frames do.
fn by_presentation(fragments: &mut [Fragment], earliest: &[Option<i64>]) {
    let total = fragments
        .iter()
        .fold(0_u64, |sum, fragment| sum.saturating_add(fragment.duration));
    let (Some(Some(first)), Some(Some(last))) = (earliest.first(), earliest.last()) else {
        return;
    };
    let rest = i64::try_from(total)
        .ok()
        .and_then(|total| total.checked_sub(last.checked_sub(*first)?));
    let mut durations = Vec::with_capacity(fragments.len());
    for pair in earliest.windows(2) {
        if let [Some(this), Some(next)] = pair {
            durations.extend(next.checked_sub(*this));
        }
    }
    durations.extend(rest);
    // Where the order of frames is too odd for that, what is decoded has to do.
    if durations.len() == fragments.len() && durations.iter().all(|duration| *duration > 0) {
        for (fragment, duration) in fragments.iter_mut().zip(durations) {
            fragment.duration = duration.unsigned_abs();
        }
    }
}
