//! Fragments sample by sample: read from a `moof`, written as one.

use super::track::{Defaults, put_box};
use super::{Budget, Mp4Error, Reader, boxes, child, descend};

/// Most samples of one fragment: hours of them, but not gigabytes of memory.
const MAX_SAMPLES: usize = 1 << 20;
/// Bit of the sample flags: other samples are needed to decode this one.
const NO_SYNC: u32 = 0x0001_0000;

/// One frame of picture or sound.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Sample {
    pub duration: u32,
    pub size: u32,
    pub flags: u32,
    /// From decode time to composition time.
    pub offset: i32,
}

impl Sample {
    /// Whether it can be decoded without any other.
    pub fn is_sync(self) -> bool {
        self.flags & NO_SYNC == 0
    }
}

/// The first track fragment of a `moof`.
#[derive(Debug, Clone)]
pub(super) struct Run {
    /// Decode time of the first sample.
    pub time: u64,
    pub samples: Vec<Sample>,
    /// Where the first sample lies, counted from the start of the `moof`; `None` when it is counted from
    /// elsewhere.
    pub data_offset: Option<u64>,
    /// Whether the samples lie back to back.
    pub contiguous: bool,
}

impl Run {
    /// Sum of the durations.
    pub fn duration(&self) -> u64 {
        // At most 2^20 numbers of 32 bits.
        self.samples.iter().map(|sample| u64::from(sample.duration)).sum()
    }

    /// Sum of the sizes.
    pub fn size(&self) -> u64 {
        self.samples.iter().map(|sample| u64::from(sample.size)).sum()
    }

    /// The earliest composition time.
    pub fn earliest(&self) -> Option<i64> {
        let mut at = i64::try_from(self.time).ok()?;
        let mut earliest: Option<i64> = None;
        for sample in &self.samples {
            let shown = at.checked_add(i64::from(sample.offset))?;
            earliest = Some(earliest.map_or(shown, |before| before.min(shown)));
            at = at.checked_add(i64::from(sample.duration))?;
        }
        earliest
    }
}

/// What `tfhd` says.
#[derive(Clone, Copy)]
struct Header {
    defaults: Defaults,
    /// Offsets are counted from the `moof`, not from a place in the file.
    from_moof: bool,
}

fn read_header(content: &[u8], defaults: Defaults) -> Result<Header, Mp4Error> {
    let mut reader = Reader::new(content);
    let (_, flags) = reader.version_and_flags()?;
    let mut header = Header {
        defaults,
        from_moof: flags & 0x01 == 0,
    };
    // Track id, then what the flags announce: base offset, description, duration, size, flags.
    reader.take(4)?;
    for (bit, len) in [(0x01, 8), (0x02, 4)] {
        if flags & bit != 0 {
            reader.take(len)?;
        }
    }
    if flags & 0x08 != 0 {
        header.defaults.duration = reader.u32()?;
    }
    if flags & 0x10 != 0 {
        header.defaults.size = reader.u32()?;
    }
    if flags & 0x20 != 0 {
        header.defaults.flags = reader.u32()?;
    }
    Ok(header)
}

/// Reads the content of a `moof`.
pub(super) fn read(moof: &[u8], defaults: Defaults) -> Result<Run, Mp4Error> {
    let mut budget = Budget(2_000);
    let traf = descend(moof, &[*b"traf"], &mut budget)?.ok_or(Mp4Error::Missing("traf"))?;
    let mut header = Header {
        defaults,
        from_moof: true,
    };
    if let Some(tfhd) = child(traf, *b"tfhd", &mut budget)? {
        header = read_header(tfhd, defaults)?;
    }
    let mut time = None;
    let mut run = Run {
        time: 0,
        samples: Vec::new(),
        data_offset: None,
        contiguous: true,
    };
    boxes(traf, 0, &mut budget, |inner, _| {
        let mut reader = Reader::new(inner.content);
        match &inner.kind {
            b"tfdt" => {
                let (version, _) = reader.version_and_flags()?;
                time = Some(if version == 1 {
                    reader.u64()?
                } else {
                    u64::from(reader.u32()?)
                });
            }
            b"trun" => read_run(&mut reader, header, &mut run)?,
            _ => {}
        }
        Ok(())
    })?;
    run.time = time.ok_or(Mp4Error::Missing("tfdt"))?;
    Ok(run)
}

/// Adds the samples of a `trun`.
fn read_run(reader: &mut Reader<'_>, header: Header, run: &mut Run) -> Result<(), Mp4Error> {
    let (_, flags) = reader.version_and_flags()?;
    let has = |bit: u32| flags & bit != 0;
    let count = reader.u32()? as usize;
    if has(0x01) {
        let offset = u64::try_from(reader.u32()? as i32)
            .ok()
            .filter(|_| header.from_moof);
        if run.samples.is_empty() {
            run.data_offset = offset;
        } else if offset.is_none() || offset != run.data_offset.and_then(|at| at.checked_add(run.size())) {
            run.contiguous = false;
        }
    }
    let first_flags = if has(0x04) { Some(reader.u32()?) } else { None };
    let entry = [0x100, 0x200, 0x400, 0x800]
        .into_iter()
        .filter(|bit| has(*bit))
        .count()
        * 4;
    if entry > 0 && count > reader.left.len() / entry {
        return Err(Mp4Error::Damaged("sample count"));
    }
    if count > MAX_SAMPLES - run.samples.len() {
        return Err(Mp4Error::OverBudget("samples"));
    }
    run.samples.reserve(count);
    let defaults = header.defaults;
    for position in 0..count {
        let mut field = |bit, default| if has(bit) { reader.u32() } else { Ok(default) };
        let duration = field(0x100, defaults.duration)?;
        let size = field(0x200, defaults.size)?;
        let own_flags = field(0x400, defaults.flags)?;
        // Version 0 says that it is unsigned, and no writer makes one that needs the highest bit.
        let offset = field(0x800, 0)? as i32;
        let flags = first_flags.filter(|_| position == 0).unwrap_or(own_flags);
        run.samples.push(Sample {
            duration,
            size,
            flags,
            offset,
        });
    }
    Ok(())
}

/// Writes the `moof` of a track fragment whose samples lie back to back in the `mdat` that follows, and
/// that `mdat`'s header. The track's number is 1.
pub(super) fn write(sequence: u32, time: u64, samples: &[Sample]) -> Result<Vec<u8>, Mp4Error> {
    let count = u32::try_from(samples.len()).map_err(|_| Mp4Error::OverBudget("samples"))?;
    let [first, rest @ ..] = samples else {
        return Err(Mp4Error::Damaged("empty fragment"));
    };
    let usual = rest.first().unwrap_or(first);
    let mut flags = 0x01 | 0x200;
    if rest.iter().any(|sample| sample.flags != usual.flags) {
        flags |= 0x400;
    } else if first.flags != usual.flags {
        flags |= 0x04;
    }
    if samples.iter().any(|sample| sample.duration != usual.duration) {
        flags |= 0x100;
    }
    if samples.iter().any(|sample| sample.offset != 0) {
        flags |= 0x800;
    }
    let mut trun = words(&[0x0100_0000 | flags, count, 0]);
    if flags & 0x04 != 0 {
        trun.extend(first.flags.to_be_bytes());
    }
    for sample in samples {
        let fields = [
            (0x100, sample.duration),
            (0x200, sample.size),
            (0x400, sample.flags),
            (0x800, sample.offset as u32),
        ];
        for (bit, value) in fields {
            if flags & bit != 0 {
                trun.extend(value.to_be_bytes());
            }
        }
    }
    let payload: u64 = samples.iter().map(|sample| u64::from(sample.size)).sum();
    let mut mdat = Vec::with_capacity(16);
    if let Ok(size) = u32::try_from(payload + 8) {
        mdat.extend(size.to_be_bytes());
        mdat.extend(b"mdat");
    } else {
        mdat.extend(1_u32.to_be_bytes());
        mdat.extend(b"mdat");
        mdat.extend((payload + 16).to_be_bytes());
    }
    let mut traf = Vec::with_capacity(trun.len() + 64);
    // Offsets from the moof, default duration, default flags.
    put_box(
        &mut traf,
        *b"tfhd",
        &words(&[0x0002_0028, 1, usual.duration, usual.flags]),
    );
    put_box(
        &mut traf,
        *b"tfdt",
        &words(&[0x0100_0000, (time >> 32) as u32, time as u32]),
    );
    // The moof's header, mfhd, traf's header, what is in it so far, and trun's header.
    let size = 8 + 16 + 8 + traf.len() + 8 + trun.len() + mdat.len();
    let offset = i32::try_from(size).map_err(|_| Mp4Error::OverBudget("samples"))?;
    trun.get_mut(8..12)
        .ok_or(Mp4Error::Damaged("run"))?
        .copy_from_slice(&offset.to_be_bytes());
    put_box(&mut traf, *b"trun", &trun);
    let mut inside = Vec::with_capacity(traf.len() + 24);
    put_box(&mut inside, *b"mfhd", &words(&[0, sequence]));
    put_box(&mut inside, *b"traf", &traf);
    let mut moof = Vec::with_capacity(size);
    put_box(&mut moof, *b"moof", &inside);
    moof.extend(mdat);
    Ok(moof)
}

/// Numbers as a box has them.
pub(super) fn words(numbers: &[u32]) -> Vec<u8> {
    numbers.iter().flat_map(|number| number.to_be_bytes()).collect()
}
