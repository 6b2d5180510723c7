//! The segment index: where each fragment of a rendition lies and how long it lasts.

use std::fs::File;

use super::{
    Budget, MAX_MOOF_BYTES, MAX_MOOV_BYTES, Mp4Error, Reader, TopBox, boxes, content, descend, top_box,
};

/// Most fragments of one file: 12 hours of half-second fragments.
const MAX_FRAGMENTS: usize = 100_000;
/// First byte of a stored index; counts up when the layout changes.
const STORED_VERSION: u8 = 1;

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
    /// Duration in units of the index's timescale.
    pub duration: u64,
    /// Whether a player can start here (it begins with a keyframe).
    pub starts_with_sap: bool,
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
            end = fragment.offset.saturating_add(fragment.size);
        }
        bytes
    }

    /// Reads what [`SegmentIndex::to_bytes`] wrote.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, Mp4Error> {
        let mut reader = Reader::new(bytes);
        if reader.u8()? != STORED_VERSION {
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
            fragments.push(Fragment {
                offset,
                size,
                duration: duration >> 1,
                starts_with_sap,
            });
        }
        let sidx = (sidx.size > 0).then_some(sidx);
        Ok(Self {
            init,
            sidx,
            timescale,
            start,
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

/// What a fragment leaves out, `trex` says.
#[derive(Debug, Clone, Copy)]
struct Defaults {
    duration: u32,
    flags: u32,
}

/// Reads the index of a fragmented file with one track, as the plans of this crate make them.
///
/// Walks the `moof` boxes: ffmpeg's `sidx` calls every fragment a place to start, also those that were
/// cut for their size.
pub fn segment_index(file: &File) -> Result<SegmentIndex, Mp4Error> {
    let file_len = file.metadata()?.len();
    let mut at = 0;
    let mut init_end = None;
    let mut track = None;
    let mut sidx = None;
    let mut start = None;
    let mut fragments: Vec<Fragment> = Vec::new();
    // Box headers are read one by one; a file of ours has two boxes per fragment and a handful more.
    let mut budget = Budget(2 * MAX_FRAGMENTS as u32 + 64);
    while let Some(found) = top_box(file, at, file_len)? {
        budget.take()?;
        match &found.kind {
            b"moov" => {
                track = Some(read_track(&content(file, found, MAX_MOOV_BYTES)?)?);
                init_end = Some(found.end);
            }
            b"sidx" if fragments.is_empty() => {
                sidx = Some(ByteRange {
                    offset: found.start,
                    size: found.end - found.start,
                });
            }
            b"moof" => {
                let (_, defaults) = track.ok_or(Mp4Error::Missing("moov"))?;
                if fragments.len() >= MAX_FRAGMENTS {
                    return Err(Mp4Error::OverBudget("fragments"));
                }
                let (time, fragment) = read_fragment(file, found, defaults)?;
                start = start.or(Some(time));
                fragments.push(fragment);
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
    let (timescale, _) = track.ok_or(Mp4Error::Missing("moov"))?;
    Ok(SegmentIndex {
        init: ByteRange {
            offset: 0,
            size: init_end.ok_or(Mp4Error::Missing("moov"))?,
        },
        sidx,
        timescale,
        start: start.ok_or(Mp4Error::Missing("moof"))?,
        fragments,
    })
}

fn read_track(moov: &[u8]) -> Result<(u32, Defaults), Mp4Error> {
    let mut budget = Budget(2_000);
    let mdhd = descend(moov, &[*b"trak", *b"mdia", *b"mdhd"], &mut budget)?;
    let mut mdhd = Reader::new(mdhd.ok_or(Mp4Error::Missing("mdhd"))?);
    let (version, _) = mdhd.version_and_flags()?;
    mdhd.take(if version == 1 { 16 } else { 8 })?;
    let timescale = mdhd.u32()?;
    if timescale == 0 {
        return Err(Mp4Error::Damaged("timescale"));
    }
    let mut defaults = Defaults {
        duration: 0,
        flags: 0,
    };
    if let Some(trex) = descend(moov, &[*b"mvex", *b"trex"], &mut budget)? {
        let mut trex = Reader::new(trex);
        trex.take(12)?;
        defaults.duration = trex.u32()?;
        trex.take(4)?;
        defaults.flags = trex.u32()?;
    }
    Ok((timescale, defaults))
}

/// Bit of the sample flags: other samples are needed to decode this one.
const NO_SYNC: u32 = 0x0001_0000;

fn read_fragment(file: &File, found: TopBox, defaults: Defaults) -> Result<(u64, Fragment), Mp4Error> {
    let moof = content(file, found, MAX_MOOF_BYTES)?;
    let mut budget = Budget(2_000);
    let traf = descend(&moof, &[*b"traf"], &mut budget)?.ok_or(Mp4Error::Missing("traf"))?;
    let mut here = defaults;
    let mut time = None;
    let mut duration = 0_u64;
    let mut first_flags = None;
    boxes(traf, 0, &mut budget, |inner, _| {
        let mut reader = Reader::new(inner.content);
        match &inner.kind {
            b"tfhd" => {
                let (_, flags) = reader.version_and_flags()?;
                // Track id, then what the flags announce: base offset, description, duration, size, flags.
                reader.take(4)?;
                for (bit, len) in [(0x01, 8), (0x02, 4)] {
                    if flags & bit != 0 {
                        reader.take(len)?;
                    }
                }
                if flags & 0x08 != 0 {
                    here.duration = reader.u32()?;
                }
                if flags & 0x10 != 0 {
                    reader.take(4)?;
                }
                if flags & 0x20 != 0 {
                    here.flags = reader.u32()?;
                }
            }
            b"tfdt" => {
                let (version, _) = reader.version_and_flags()?;
                time = Some(if version == 1 {
                    reader.u64()?
                } else {
                    u64::from(reader.u32()?)
                });
            }
            b"trun" => {
                let (run, flags) = read_run(&mut reader, here)?;
                duration = duration.checked_add(run).ok_or(Mp4Error::Damaged("duration"))?;
                first_flags = first_flags.or(flags);
            }
            _ => {}
        }
        Ok(())
    })?;
    let fragment = Fragment {
        offset: found.start,
        size: found.end - found.start,
        duration,
        starts_with_sap: first_flags.is_some_and(|flags| flags & NO_SYNC == 0),
    };
    Ok((time.ok_or(Mp4Error::Missing("tfdt"))?, fragment))
}

/// Duration of a run of samples and the flags of its first one.
fn read_run(reader: &mut Reader<'_>, defaults: Defaults) -> Result<(u64, Option<u32>), Mp4Error> {
    let (_, flags) = reader.version_and_flags()?;
    let count = reader.u32()?;
    if flags & 0x01 != 0 {
        reader.take(4)?;
    }
    let mut first = if flags & 0x04 != 0 {
        Some(reader.u32()?)
    } else {
        None
    };
    let has = |bit: u32| flags & bit != 0;
    let entry = [0x100, 0x200, 0x400, 0x800]
        .into_iter()
        .filter(|bit| has(*bit))
        .count()
        * 4;
    if count == 0 {
        return Ok((0, None));
    }
    if entry == 0 {
        let duration = u64::from(count) * u64::from(defaults.duration);
        return Ok((duration, first.or(Some(defaults.flags))));
    }
    if count as usize > reader.left.len() / entry {
        return Err(Mp4Error::Damaged("sample count"));
    }
    let mut duration = 0_u64;
    for _ in 0..count {
        duration += u64::from(if has(0x100) {
            reader.u32()?
        } else {
            defaults.duration
        });
        if has(0x200) {
            reader.take(4)?;
        }
        let sample_flags = if has(0x400) { reader.u32()? } else { defaults.flags };
        first = first.or(Some(sample_flags));
        if has(0x800) {
            reader.take(4)?;
        }
    }
    Ok((duration, first))
}
