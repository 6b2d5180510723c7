//! What a `moov` says about its first track: units, defaults of fragments, edits, decoder settings.

use super::{Budget, FourCc, Mp4Error, Reader, boxes, child, descend};

/// Bytes of a visual sample entry before its boxes.
pub(super) const VISUAL_ENTRY: usize = 78;
/// Bytes of an audio sample entry before its boxes.
pub(super) const AUDIO_ENTRY: usize = 28;

/// What a fragment leaves out, `trex` says.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Defaults {
    pub duration: u32,
    pub size: u32,
    pub flags: u32,
}

/// The first track of a file.
#[derive(Debug, Clone, Copy)]
pub(super) struct Track {
    /// Units per second; never 0.
    pub timescale: u32,
    pub defaults: Defaults,
    /// What its edit list adds to a composition time to make it a presentation time, in units of
    /// `timescale`.
    pub edit: i64,
}

impl Track {
    /// Reads the content of a `moov`.
    pub fn read(moov: &[u8]) -> Result<Self, Mp4Error> {
        let mut budget = Budget(2_000);
        let trak = child(moov, *b"trak", &mut budget)?.ok_or(Mp4Error::Missing("trak"))?;
        let mdhd = descend(trak, &[*b"mdia", *b"mdhd"], &mut budget)?;
        let timescale = time_units(mdhd.ok_or(Mp4Error::Missing("mdhd"))?)?;
        if timescale == 0 {
            return Err(Mp4Error::Damaged("timescale"));
        }
        let mut defaults = Defaults::default();
        if let Some(found) = descend(moov, &[*b"mvex", *b"trex"], &mut budget)? {
            let mut reader = Reader::new(found);
            reader.take(12)?;
            defaults.duration = reader.u32()?;
            defaults.size = reader.u32()?;
            defaults.flags = reader.u32()?;
        }
        let mut edit = 0;
        if let Some(elst) = descend(trak, &[*b"edts", *b"elst"], &mut budget)? {
            let movie = child(moov, *b"mvhd", &mut budget)?.ok_or(Mp4Error::Missing("mvhd"))?;
            edit = read_edits(elst, time_units(movie)?, timescale)?;
        }
        Ok(Self {
            timescale,
            defaults,
            edit,
        })
    }
}

/// The timescale in an `mvhd` or `mdhd`, which begin alike.
pub(super) fn time_units(header: &[u8]) -> Result<u32, Mp4Error> {
    let mut header = Reader::new(header);
    let (version, _) = header.version_and_flags()?;
    header.take(if version == 1 { 16 } else { 8 })?;
    header.u32()
}

/// Empty edits in front delay the track, the first other edit cuts off its start.
fn read_edits(elst: &[u8], movie_timescale: u32, timescale: u32) -> Result<i64, Mp4Error> {
    let mut elst = Reader::new(elst);
    let (version, _) = elst.version_and_flags()?;
    let count = elst.u32()?;
    let mut delay = 0_i128;
    // Ours have one or two entries; what follows the first that shows media would need a cut file.
    for _ in 0..count.min(16) {
        let (duration, media_time) = if version == 1 {
            (elst.u64()?, elst.u64()? as i64)
        } else {
            (u64::from(elst.u32()?), i64::from(elst.u32()? as i32))
        };
        elst.take(4)?;
        if media_time < 0 {
            if movie_timescale == 0 {
                return Err(Mp4Error::Damaged("movie timescale"));
            }
            delay += i128::from(duration) * i128::from(timescale) / i128::from(movie_timescale);
        } else {
            return i64::try_from(delay - i128::from(media_time)).map_err(|_| Mp4Error::Damaged("edit"));
        }
    }
    i64::try_from(delay).map_err(|_| Mp4Error::Damaged("edit"))
}

/// What decides whether a decoder of one file can go on with another: all sample entries, without
/// `btrt`, which is a statistic.
pub(super) fn decoder_settings(moov: &[u8]) -> Result<Vec<u8>, Mp4Error> {
    let mut budget = Budget(2_000);
    let mut tracks = 0;
    boxes(moov, 0, &mut budget, |inner, _| {
        tracks += u32::from(inner.kind == *b"trak");
        Ok(())
    })?;
    if tracks != 1 {
        return Err(Mp4Error::Mismatch("not one track"));
    }
    let mdia = descend(moov, &[*b"trak", *b"mdia"], &mut budget)?.ok_or(Mp4Error::Missing("mdia"))?;
    let hdlr = child(mdia, *b"hdlr", &mut budget)?.ok_or(Mp4Error::Missing("hdlr"))?;
    let handler = hdlr.get(8..12).ok_or(Mp4Error::Damaged("hdlr"))?;
    let before_boxes = match handler {
        b"vide" => VISUAL_ENTRY,
        b"soun" => AUDIO_ENTRY,
        _ => return Err(Mp4Error::Mismatch("neither picture nor sound")),
    };
    let stsd = descend(mdia, &[*b"minf", *b"stbl", *b"stsd"], &mut budget)?;
    let entries = stsd
        .ok_or(Mp4Error::Missing("stsd"))?
        .get(8..)
        .ok_or(Mp4Error::Damaged("stsd"))?;
    let mut settings = Vec::with_capacity(entries.len());
    boxes(entries, 0, &mut budget, |entry, budget| {
        let (fields, inside) = entry
            .content
            .split_at_checked(before_boxes)
            .ok_or(Mp4Error::Damaged("sample entry"))?;
        settings.extend(entry.kind);
        settings.extend(fields);
        boxes(inside, 0, budget, |part, _| {
            if part.kind != *b"btrt" {
                settings.extend(part.kind);
                settings.extend((part.content.len() as u64).to_be_bytes());
                settings.extend(part.content);
            }
            Ok(())
        })
    })?;
    Ok(settings)
}

/// Appends a box.
pub(super) fn put_box(bytes: &mut Vec<u8>, kind: FourCc, content: &[u8]) {
    // Callers build headers of bounded size; media is never boxed in memory.
    bytes.extend((content.len() as u32 + 8).to_be_bytes());
    bytes.extend(kind);
    bytes.extend(content);
}
