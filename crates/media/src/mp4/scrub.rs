//! Taking location data out of an uploaded MP4 or MOV, in place.
//!
//! Phones, drones and dash cameras write where a video was taken into the file's metadata. A box that
//! may tell it is filled with zeros and renamed to `free`, so nothing moves and media stays playable.
//! What is known to be harmless stays; what is unknown goes, since makers invent boxes faster than
//! lists grow. Tracks that are neither picture nor sound may hold positions too; they are reported, so
//! that such an original is kept from the public and a clean copy is made instead.

use std::fs::File;
use std::os::unix::fs::FileExt as _;

use super::{
    Budget, FourCc, InnerBox, MAX_BOXES, MAX_MOOV_BYTES, Mp4Error, Reader, TopBox, boxes, content, descend,
    top_box,
};

/// Most bytes of filler boxes that are looked at and zeroed.
const MAX_FILLER_BYTES: u64 = 64 << 20;
/// Most tracks.
const MAX_TRACKS: u32 = 32;

/// What was found, and left behind.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "independent findings, each asked for by name"
)]
pub struct Scrub {
    /// Bytes of the file were changed.
    pub changed: bool,
    /// Every track is picture or sound.
    pub only_picture_and_sound: bool,
    /// There are boxes at the top of the file that no player knows, or more filler than is looked at.
    pub unknown_content: bool,
    /// The index comes before the media, so that playing can start before all is loaded.
    pub faststart: bool,
}

impl Scrub {
    /// Whether the file can be shown to others as far as hidden data goes.
    pub fn is_clean(&self) -> bool {
        self.only_picture_and_sound && !self.unknown_content
    }
}

/// Blanks location metadata of an MP4 or MOV that is open for reading and writing, and syncs it.
///
/// May be repeated after a crash at any point. An error means that the file was not understood and
/// must not be shown.
pub fn scrub_location(file: &File) -> Result<Scrub, Mp4Error> {
    let file_len = file.metadata()?.len();
    let mut budget = Budget(MAX_BOXES);
    let mut report = Scrub {
        changed: false,
        only_picture_and_sound: true,
        unknown_content: false,
        faststart: false,
    };
    let (mut moov_at, mut mdat_at) = (None, None);
    let mut filler_left = MAX_FILLER_BYTES;
    let mut at = 0;
    while let Some(found) = top_box(file, at, file_len)? {
        budget.take()?;
        match &found.kind {
            b"moov" => {
                moov_at = moov_at.or(Some(found.start));
                scrub_moov(file, found, &mut budget, &mut report)?;
            }
            b"mdat" => mdat_at = mdat_at.or(Some(found.start)),
            b"ftyp" | b"styp" | b"sidx" | b"ssix" | b"moof" | b"mfra" | b"pdin" | b"prft" | b"emsg" => {}
            b"free" | b"skip" | b"wide" => {
                let len = found.end - found.content;
                if let Some(left) = filler_left.checked_sub(len) {
                    filler_left = left;
                    report.changed |= zero(file, found.content, len)?;
                } else {
                    report.unknown_content = true;
                }
            }
            b"uuid" | b"meta" | b"udta" | b"XMP_" => {
                zero(file, found.content, found.end - found.content)?;
                rename(file, found.start)?;
                report.changed = true;
            }
            _ => report.unknown_content = true,
        }
        at = found.end;
    }
    let moov_at = moov_at.ok_or(Mp4Error::Missing("moov"))?;
    report.faststart = mdat_at.is_none_or(|mdat_at| moov_at < mdat_at);
    if report.changed {
        file.sync_data()?;
    }
    Ok(report)
}

/// Where things to blank lie: offset of the box in the `moov` content, length of its header and content.
struct Blank {
    start: usize,
    header_len: usize,
    content_len: usize,
}

impl Blank {
    fn of(inner: &InnerBox<'_>) -> Self {
        Self {
            start: inner.start,
            header_len: inner.header_len,
            content_len: inner.content.len(),
        }
    }
}

fn scrub_moov(file: &File, found: TopBox, budget: &mut Budget, report: &mut Scrub) -> Result<(), Mp4Error> {
    let moov = content(file, found, MAX_MOOV_BYTES)?;
    let mut blanks = Vec::new();
    let mut tracks = 0;
    boxes(&moov, 0, budget, |inner, budget| {
        match &inner.kind {
            b"mvhd" | b"mvex" | b"iods" | b"pssh" => {}
            b"trak" => {
                tracks += 1;
                if tracks > MAX_TRACKS {
                    return Err(Mp4Error::OverBudget("tracks"));
                }
                report.only_picture_and_sound &= scrub_track(inner, budget, &mut blanks)?;
            }
            // Compressed and referring movies hide what they hold.
            b"cmov" | b"rmra" => report.unknown_content = true,
            _ => scrub_metadata(inner, budget, &mut blanks),
        }
        Ok(())
    })?;
    for blank in blanks {
        let start = found.content + blank.start as u64;
        report.changed |= zero(file, start + blank.header_len as u64, blank.content_len as u64)?;
        report.changed |= rename(file, start)?;
    }
    Ok(())
}

/// Looks through a track; whether it is picture or sound.
fn scrub_track(track: InnerBox<'_>, budget: &mut Budget, blanks: &mut Vec<Blank>) -> Result<bool, Mp4Error> {
    const HARMLESS: [&FourCc; 13] = [
        b"tkhd", b"edts", b"mdia", b"tref", b"load", b"tapt", b"clip", b"matt", b"kmat", b"imap", b"txas",
        b"trgr", b"crgn",
    ];
    let hdlr = descend(track.content, &[*b"mdia", *b"hdlr"], budget)?;
    let mut hdlr = Reader::new(hdlr.ok_or(Mp4Error::Missing("hdlr"))?);
    hdlr.take(8)?;
    let handler = hdlr.four_cc()?;
    boxes(track.content, track.content_start(), budget, |inner, budget| {
        if !HARMLESS.contains(&&inner.kind) {
            scrub_metadata(inner, budget, blanks);
        }
        Ok(())
    })?;
    Ok(matches!(&handler, b"vide" | b"soun"))
}

/// Decides over a box beside the structure: what is inside `udta` and `meta` is looked at one by one,
/// anything else goes. What can't be read goes as a whole.
fn scrub_metadata(inner: InnerBox<'_>, budget: &mut Budget, blanks: &mut Vec<Blank>) {
    let before = blanks.len();
    let looked_at = match &inner.kind {
        b"udta" => scrub_user_data(inner, budget, blanks),
        b"meta" => scrub_meta(inner, budget, blanks),
        b"free" | b"skip" | b"wide" if inner.content.iter().all(|byte| *byte == 0) => Ok(()),
        _ => Err(Mp4Error::Damaged("unknown")),
    };
    if looked_at.is_err() {
        blanks.truncate(before);
        blanks.push(Blank::of(&inner));
    }
}

fn scrub_user_data(
    user_data: InnerBox<'_>,
    budget: &mut Budget,
    blanks: &mut Vec<Blank>,
) -> Result<(), Mp4Error> {
    const HARMLESS: [&FourCc; 11] = [
        b"\xa9too", b"\xa9enc", b"\xa9swr", b"\xa9nam", b"\xa9ART", b"\xa9alb", b"name", b"titl", b"cprt",
        b"hnti", b"tsel",
    ];
    let whole = user_data.content;
    // QuickTime may end the list with a zero in place of a size.
    let listed = match whole.split_last_chunk::<4>() {
        Some((rest, [0, 0, 0, 0])) if ends_on_a_box(rest, budget) => rest,
        _ => whole,
    };
    boxes(listed, user_data.content_start(), budget, |inner, budget| {
        match &inner.kind {
            kind if HARMLESS.contains(&kind) => {}
            b"meta" => scrub_metadata(inner, budget, blanks),
            b"free" if inner.content.iter().all(|byte| *byte == 0) => {}
            _ => blanks.push(Blank::of(&inner)),
        }
        Ok(())
    })
}

/// Whether boxes fill `bytes` exactly.
fn ends_on_a_box(bytes: &[u8], budget: &mut Budget) -> bool {
    let mut end = 0;
    let walked = boxes(bytes, 0, budget, |inner, _| {
        end = inner.content_start() + inner.content.len();
        Ok(())
    });
    walked.is_ok() && end == bytes.len()
}

/// Metadata in either style: keys with an item list, or an item list with four-letter names.
fn scrub_meta(meta: InnerBox<'_>, budget: &mut Budget, blanks: &mut Vec<Blank>) -> Result<(), Mp4Error> {
    // ISO gives the box a version, QuickTime does not.
    let skip = if meta.content.get(4..8) == Some(b"hdlr") {
        0
    } else {
        4
    };
    let inside = meta.content.get(skip..).ok_or(Mp4Error::Damaged("meta"))?;
    let offset = meta.content_start() + skip;
    let mut keys = Vec::new();
    let mut items = None;
    boxes(inside, offset, budget, |inner, _| {
        match &inner.kind {
            b"hdlr" => {}
            b"keys" => keys = read_keys(inner.content)?,
            b"ilst" => items = Some(inner),
            b"free" if inner.content.iter().all(|byte| *byte == 0) => {}
            _ => blanks.push(Blank::of(&inner)),
        }
        Ok(())
    })?;
    let Some(items) = items else { return Ok(()) };
    boxes(items.content, items.content_start(), budget, |item, _| {
        let number = u32::from_be_bytes(item.kind) as usize;
        let key = number.checked_sub(1).and_then(|index| keys.get(index));
        let harmless = match key {
            Some(key) => is_harmless_key(key),
            None => {
                // Names from iTunes: text about the work, and the encoder.
                matches!(
                    &item.kind,
                    b"\xa9too" | b"\xa9nam" | b"\xa9ART" | b"\xa9alb" | b"\xa9gen" | b"\xa9day"
                )
            }
        };
        if !harmless {
            blanks.push(Blank::of(&item));
        }
        Ok(())
    })
}

/// Keys that tell about the recording without telling where; names of all others are not trusted.
fn is_harmless_key(key: &[u8]) -> bool {
    const HARMLESS: [&[u8]; 10] = [
        b"title",
        b"encoder",
        b"major_brand",
        b"minor_version",
        b"compatible_brands",
        b"com.android.version",
        b"com.android.capture.fps",
        b"com.apple.quicktime.software",
        b"com.apple.quicktime.title",
        b"com.apple.quicktime.displayname",
    ];
    HARMLESS.contains(&key)
}

fn read_keys(keys: &[u8]) -> Result<Vec<&[u8]>, Mp4Error> {
    let mut reader = Reader::new(keys);
    reader.version_and_flags()?;
    let count = reader.u32()? as usize;
    if count > reader.left.len() / 8 {
        return Err(Mp4Error::Damaged("key count"));
    }
    let mut names = Vec::with_capacity(count);
    for _ in 0..count {
        let size = reader.u32()? as usize;
        reader.four_cc()?;
        names.push(reader.take(size.checked_sub(8).ok_or(Mp4Error::Damaged("key size"))?)?);
    }
    Ok(names)
}

/// Zeroes a stretch of the file; whether that changed anything.
fn zero(file: &File, start: u64, len: u64) -> Result<bool, Mp4Error> {
    const CHUNK: u64 = 64 * 1024;
    let mut chunk = vec![0; CHUNK as usize];
    let zeros = vec![0; CHUNK as usize];
    let mut changed = false;
    let mut done = 0;
    while done < len {
        let count = (len - done).min(CHUNK) as usize;
        let (Some(here), Some(blank)) = (chunk.get_mut(..count), zeros.get(..count)) else {
            break;
        };
        file.read_exact_at(here, start + done)?;
        if here.iter().any(|byte| *byte != 0) {
            file.write_all_at(blank, start + done)?;
            changed = true;
        }
        done += count as u64;
    }
    Ok(changed)
}

/// Names the box at `start` `free`; whether it had another name.
fn rename(file: &File, start: u64) -> Result<bool, Mp4Error> {
    let mut name = [0; 4];
    file.read_exact_at(&mut name, start + 4)?;
    if name == *b"free" {
        return Ok(false);
    }
    file.write_all_at(b"free", start + 4)?;
    Ok(true)
}
