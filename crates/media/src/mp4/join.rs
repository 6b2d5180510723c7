//! Parts of a rendition, encoded one by one, joined to one file without a seam.
//!
//! Every fragment's header is written anew: with a running number, with times on the clock of the whole,
//! and with durations that lead from each sample to the next one, over the seams too. What a frame shows
//! when it is shown is what its own part said, plus the part's start; the parts' different reordering
//! delays, which their edit lists take off, are made one. Media is copied as it is.

use std::fs::File;
use std::io::{self, Read as _, Seek as _, SeekFrom, Write as _};
use std::os::unix::fs::FileExt as _;
use std::path::{Path, PathBuf};

use super::index::{Fragment, SegmentIndex, segment_index};
use super::moof::{self, Sample, words};
use super::track::{Track, decoder_settings, put_box};
use super::{Budget, MAX_MOOF_BYTES, MAX_MOOV_BYTES, Mp4Error, content, top_box};

/// Most references of a `sidx`, whose count has 16 bits.
const MAX_REFERENCES: usize = 0xffff;

/// Latest and earliest time that is worked with, in units of a timescale; leaves room for sums.
const MAX_TIME: i64 = 1 << 56;

/// One part of a rendition.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Part {
    /// A fragmented file with one track.
    pub path: PathBuf,
    /// Where its time zero lies in the whole, milliseconds.
    pub start_ms: u64,
}

/// Writes the parts, in order, as one file: the first one's `ftyp` and `moov`, one `sidx`, all fragments.
///
/// Exact: a frame's time is its time in its part plus the part's start, which counts to the nearest unit
/// of the timescale; decode times rise strictly. Parts with other decoder settings or units than the
/// first, and parts that overlap, are refused. With a single part this moves a file on its clock, and
/// gives it a `sidx` that tells the truth about places to start.
///
/// Blocks, and needs little memory whatever the length. Syncing `out` to the disk, and removing it after
/// an error, is left to the caller.
pub fn join(parts: &[Part], out: &Path) -> Result<SegmentIndex, Mp4Error> {
    let mut sources = Vec::with_capacity(parts.len());
    for part in parts {
        sources.push(Opened::open(part)?);
    }
    let first = sources.first().ok_or(Mp4Error::Missing("moov"))?;
    for other in &sources {
        if other.track.timescale != first.track.timescale {
            return Err(Mp4Error::Mismatch("timescale"));
        }
        if other.settings != first.settings {
            return Err(Mp4Error::Mismatch("decoder settings"));
        }
    }
    let groups = sources
        .iter()
        .flat_map(|source| &source.index.fragments)
        .enumerate()
        .filter(|(position, fragment)| *position == 0 || fragment.starts_with_sap)
        .count();
    if groups > MAX_REFERENCES {
        return Err(Mp4Error::OverBudget("fragments"));
    }
    let edit = first.track.edit;
    let file = File::options()
        .read(true)
        .write(true)
        .create(true)
        .truncate(true)
        .open(out)?;
    let mut writer = Writer::start(file, first, groups)?;
    for source in &sources {
        let shift = source
            .start
            .checked_add(source.track.edit)
            .and_then(|shift| shift.checked_sub(edit))
            .ok_or(Mp4Error::Damaged("edit"))?;
        let last_shown = writer.last_shown;
        for (position, fragment) in source.index.fragments.iter().enumerate() {
            let taken = Taken::read(source, *fragment, shift)?;
            if position == 0 && last_shown.is_some_and(|last| taken.earliest() <= last) {
                return Err(Mp4Error::Mismatch("the parts overlap"));
            }
            writer.add(source, taken)?;
        }
    }
    writer.finish(edit)
}

/// A part, open.
struct Opened {
    file: File,
    track: Track,
    index: SegmentIndex,
    /// `ftyp` and `moov`.
    init: Vec<u8>,
    settings: Vec<u8>,
    /// Its time zero in the whole, in units of the timescale.
    start: i64,
}

impl Opened {
    fn open(part: &Part) -> Result<Self, Mp4Error> {
        let file = File::open(&part.path)?;
        let file_len = file.metadata()?.len();
        let index = segment_index(&file)?;
        let mut init = Vec::new();
        let mut found_moov = None;
        let mut at = 0;
        let mut budget = Budget(64);
        while let Some(found) = top_box(&file, at, index.init.end().min(file_len))? {
            budget.take()?;
            let inside = match &found.kind {
                b"ftyp" | b"moov" => content(&file, found, MAX_MOOV_BYTES)?,
                _ => Vec::new(),
            };
            if !inside.is_empty() {
                put_box(&mut init, found.kind, &inside);
            }
            if found.kind == *b"moov" {
                found_moov = Some(inside);
            }
            at = found.end;
        }
        let moov = found_moov.ok_or(Mp4Error::Missing("moov"))?;
        let track = Track::read(&moov)?;
        let start = (u128::from(part.start_ms) * u128::from(track.timescale) + 500) / 1000;
        Ok(Self {
            settings: decoder_settings(&moov)?,
            start: i64::try_from(start).map_err(|_| Mp4Error::OverBudget("time"))?,
            file,
            track,
            index,
            init,
        })
    }
}

/// A sample on the clock of the whole, in composition times of the first part.
#[derive(Clone, Copy)]
struct Timed {
    sample: Sample,
    decoded: i64,
    shown: i64,
}

/// A fragment that is read but not written: its last sample's duration depends on what follows.
struct Taken {
    samples: Vec<Timed>,
    /// Where its media lies in its part's file.
    data_at: u64,
    data_len: u64,
    /// Decode time at its end.
    end: i64,
}

impl Taken {
    fn read(source: &Opened, fragment: Fragment, shift: i64) -> Result<Self, Mp4Error> {
        let file = &source.file;
        let end = fragment.offset.saturating_add(fragment.size);
        let found = top_box(file, fragment.offset, end)?
            .filter(|found| found.kind == *b"moof")
            .ok_or(Mp4Error::Missing("moof"))?;
        let run = moof::read(&content(file, found, MAX_MOOF_BYTES)?, source.track.defaults)?;
        let data_offset = run.data_offset.filter(|_| run.contiguous);
        let data_at = data_offset
            .and_then(|offset| fragment.offset.checked_add(offset))
            .ok_or(Mp4Error::Mismatch("media that is not in one piece"))?;
        let data_len = run.size();
        if run.samples.is_empty() || data_at.checked_add(data_len).is_none_or(|after| after > end) {
            return Err(Mp4Error::Damaged("media outside its fragment"));
        }
        let mut decoded = i64::try_from(run.time)
            .ok()
            .and_then(|time| time.checked_add(shift)?.checked_abs().map(|_| time + shift))
            .ok_or(Mp4Error::Damaged("time"))?;
        let mut samples = Vec::with_capacity(run.samples.len());
        for sample in run.samples {
            if decoded.abs() > MAX_TIME {
                return Err(Mp4Error::Damaged("time"));
            }
            samples.push(Timed {
                sample,
                decoded,
                shown: decoded + i64::from(sample.offset),
            });
            decoded += i64::from(sample.duration);
        }
        Ok(Self {
            samples,
            data_at,
            data_len,
            end: decoded,
        })
    }

    fn earliest(&self) -> i64 {
        self.samples.iter().map(|one| one.shown).min().unwrap_or(0)
    }

    fn latest(&self) -> i64 {
        self.samples.iter().map(|one| one.shown).max().unwrap_or(0)
    }

    /// Spreads the first decode times out behind `last`, where a longer reordering delay than the part
    /// before had would put them at or before it. There is room: as many frames as are delayed were
    /// decoded earlier than they are shown.
    fn follow(&mut self, last: i64) -> Result<(), Mp4Error> {
        let room = |decoded: i64, before: usize| decoded - last > before as i64;
        let late = self
            .samples
            .iter()
            .enumerate()
            .take_while(|(position, one)| !room(one.decoded, *position))
            .count();
        if late == 0 {
            return Ok(());
        }
        let until = self.samples.get(late).map_or(self.end, |one| one.decoded);
        if !room(until, late) {
            return Err(Mp4Error::Mismatch("no room for decode times"));
        }
        let span = i128::from(until - last);
        for (position, one) in self.samples.iter_mut().take(late).enumerate() {
            let step = span * (position as i128 + 1) / (late as i128 + 1);
            one.decoded = last + step as i64;
        }
        Ok(())
    }
}

/// One entry of the `sidx`: from one place to start to the next.
struct Group {
    size: u64,
    earliest: i64,
    starts_with_sap: bool,
    /// Whether frames are shown before the keyframe in front of them.
    leading: bool,
}

struct Writer<'a> {
    file: File,
    /// The next byte.
    at: u64,
    sidx_at: u64,
    groups_planned: usize,
    groups: Vec<Group>,
    sequence: u32,
    pending: Option<(&'a Opened, Taken)>,
    first_decoded: Option<i64>,
    last_shown: Option<i64>,
    end: i64,
    timescale: u32,
}

impl<'a> Writer<'a> {
    fn start(mut file: File, first: &'a Opened, groups: usize) -> Result<Self, Mp4Error> {
        file.write_all(&first.init)?;
        let sidx_at = first.init.len() as u64;
        // The index is filled in when all sizes are known.
        let at = sidx_at + sidx_len(groups) as u64;
        file.seek(SeekFrom::Start(at))?;
        Ok(Self {
            file,
            at,
            sidx_at,
            groups_planned: groups,
            groups: Vec::with_capacity(groups),
            sequence: 0,
            pending: None,
            first_decoded: None,
            last_shown: None,
            end: 0,
            timescale: first.track.timescale,
        })
    }

    /// Takes the next fragment, and writes the one before, which now knows how long it lasts.
    fn add(&mut self, source: &'a Opened, mut taken: Taken) -> Result<(), Mp4Error> {
        if let Some((from, before)) = self.pending.take() {
            if let Some(last) = before.samples.last() {
                taken.follow(last.decoded)?;
            }
            let next = taken.samples.first().map_or(before.end, |one| one.decoded);
            self.write(from, &before, next)?;
        }
        let latest = taken.latest();
        self.last_shown = Some(self.last_shown.map_or(latest, |last| last.max(latest)));
        self.pending = Some((source, taken));
        Ok(())
    }

    fn write(&mut self, source: &Opened, taken: &Taken, next: i64) -> Result<(), Mp4Error> {
        let first = taken.samples.first().ok_or(Mp4Error::Damaged("empty fragment"))?;
        self.first_decoded = self.first_decoded.or(Some(first.decoded));
        let time = u64::try_from(first.decoded).map_err(|_| Mp4Error::Mismatch("a time before zero"))?;
        let nexts = taken.samples.iter().skip(1).map(|one| one.decoded).chain([next]);
        let mut samples = Vec::with_capacity(taken.samples.len());
        for (one, next) in taken.samples.iter().zip(nexts) {
            let mut sample = one.sample;
            sample.duration = u32::try_from(next - one.decoded).map_err(|_| Mp4Error::Damaged("duration"))?;
            sample.offset =
                i32::try_from(one.shown - one.decoded).map_err(|_| Mp4Error::Damaged("offset"))?;
            samples.push(sample);
        }
        self.sequence += 1;
        let head = moof::write(self.sequence, time, &samples)?;
        self.file.write_all(&head)?;
        let mut media = &source.file;
        media.seek(SeekFrom::Start(taken.data_at))?;
        // In the kernel, where the file system can.
        if io::copy(&mut media.take(taken.data_len), &mut self.file)? != taken.data_len {
            return Err(Mp4Error::Damaged("media is cut off"));
        }
        let size = head.len() as u64 + taken.data_len;
        self.at += size;
        self.end = next;
        let earliest = taken.earliest();
        let starts_with_sap = first.sample.is_sync();
        match self.groups.last_mut() {
            Some(group) if !starts_with_sap => group.size += size,
            _ => self.groups.push(Group {
                size,
                earliest,
                starts_with_sap,
                leading: earliest < first.shown,
            }),
        }
        Ok(())
    }

    fn finish(mut self, edit: i64) -> Result<SegmentIndex, Mp4Error> {
        let (from, last) = self.pending.take().ok_or(Mp4Error::Missing("moof"))?;
        self.write(from, &last, last.end)?;
        if self.groups.len() != self.groups_planned {
            return Err(Mp4Error::Damaged("a part that changes"));
        }
        let sidx = self.sidx(edit)?;
        self.file.write_all_at(&sidx, self.sidx_at)?;
        segment_index(&self.file)
    }

    /// The index over all groups. Times are those that are shown, durations lead from one first shown
    /// frame to the next.
    fn sidx(&self, edit: i64) -> Result<Vec<u8>, Mp4Error> {
        let first = self.groups.first().map_or(0, |group| group.earliest);
        let shown = first.saturating_add(edit).max(0).unsigned_abs();
        let total = self.end.saturating_sub(self.first_decoded.unwrap_or(0));
        let end = first.saturating_add(total);
        let mut content = words(&[
            0x0100_0000,
            1,
            self.timescale,
            (shown >> 32) as u32,
            shown as u32,
            0,
            0,
            self.groups.len() as u32,
        ]);
        let nexts = self
            .groups
            .iter()
            .skip(1)
            .map(|group| group.earliest)
            .chain([end]);
        for (group, next) in self.groups.iter().zip(nexts) {
            let size = u32::try_from(group.size).ok().filter(|size| *size < 1 << 31);
            let size = size.ok_or(Mp4Error::OverBudget("bytes between keyframes"))?;
            let duration = next.saturating_sub(group.earliest).max(0);
            let duration =
                u32::try_from(duration).map_err(|_| Mp4Error::OverBudget("time between keyframes"))?;
            // One bit whether a player can start, three bits how: 1 is "nothing is shown before the
            // keyframe", 0 is unknown.
            let access = match (group.starts_with_sap, group.leading) {
                (true, false) => 0x9000_0000,
                (true, true) => 0x8000_0000,
                (false, _) => 0,
            };
            content.extend(words(&[size, duration, access]));
        }
        let mut sidx = Vec::with_capacity(content.len() + 8);
        put_box(&mut sidx, *b"sidx", &content);
        Ok(sidx)
    }
}

/// Size of a `sidx` with so many references.
const fn sidx_len(references: usize) -> usize {
    8 + 32 + references * 12
}
