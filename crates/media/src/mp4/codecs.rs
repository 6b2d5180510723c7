//! Codec names as manifests spell them (RFC 6381), read from a rendition's own header.

use std::fmt::Write as _;
use std::fs::File;

use super::track::{AUDIO_ENTRY, VISUAL_ENTRY};
use super::{Budget, FourCc, MAX_MOOV_BYTES, Mp4Error, Reader, boxes, content, descend, top_box};

/// The codec of the first track, such as `avc1.64001f` or `mp4a.40.2`. `None` for a codec that the
/// plans of this crate don't make: H.264, HEVC, VP9, AV1, AAC and Opus are known.
pub fn codec_string(file: &File) -> Result<Option<String>, Mp4Error> {
    let file_len = file.metadata()?.len();
    let mut at = 0;
    let mut budget = Budget(2_000);
    while let Some(found) = top_box(file, at, file_len)? {
        budget.take()?;
        if found.kind == *b"moov" {
            return of_moov(&content(file, found, MAX_MOOV_BYTES)?);
        }
        at = found.end;
    }
    Err(Mp4Error::Missing("moov"))
}

pub(super) fn of_moov(moov: &[u8]) -> Result<Option<String>, Mp4Error> {
    let mut budget = Budget(2_000);
    let path = [*b"trak", *b"mdia", *b"minf", *b"stbl", *b"stsd"];
    let stsd = descend(moov, &path, &mut budget)?.ok_or(Mp4Error::Missing("stsd"))?;
    let entries = stsd.get(8..).ok_or(Mp4Error::Damaged("stsd"))?;
    let mut name = None;
    boxes(entries, 0, &mut budget, |entry, budget| {
        if name.is_some() {
            return Ok(());
        }
        let inside = |fields: usize| {
            entry
                .content
                .get(fields..)
                .ok_or(Mp4Error::Damaged("sample entry"))
        };
        let (fields, config): (usize, FourCc) = match &entry.kind {
            b"avc1" | b"avc3" => (VISUAL_ENTRY, *b"avcC"),
            b"hvc1" | b"hev1" => (VISUAL_ENTRY, *b"hvcC"),
            b"vp09" => (VISUAL_ENTRY, *b"vpcC"),
            b"av01" => (VISUAL_ENTRY, *b"av1C"),
            b"mp4a" => (AUDIO_ENTRY, *b"esds"),
            b"Opus" => (AUDIO_ENTRY, *b"dOps"),
            _ => return Ok(()),
        };
        let Some(config) = descend(inside(fields)?, &[config], budget)? else {
            return Ok(());
        };
        name = match &entry.kind {
            b"mp4a" => aac(config)?,
            b"Opus" => Some("opus".to_owned()),
            b"vp09" => vp9(config),
            b"av01" => av1(config),
            b"hvc1" | b"hev1" => hevc(entry.kind, config),
            _ => avc(entry.kind, config),
        };
        Ok(())
    })?;
    Ok(name)
}

fn avc(kind: FourCc, avcc: &[u8]) -> Option<String> {
    let [profile, compatible, level] = avcc.get(1..4)?.try_into().ok()?;
    let kind = std::str::from_utf8(&kind).ok()?.to_owned();
    Some(format!("{kind}.{profile:02x}{compatible:02x}{level:02x}"))
}

/// Profile, compatibility bits from the last to the first, tier with level, and constraints without the
/// zeros at their end (ISO/IEC 14496-15, annex E).
fn hevc(kind: FourCc, hvcc: &[u8]) -> Option<String> {
    let kind = std::str::from_utf8(&kind).ok()?.to_owned();
    let first = *hvcc.get(1)?;
    let compatible = u32::from_be_bytes(hvcc.get(2..6)?.try_into().ok()?).reverse_bits();
    let constraints = hvcc.get(6..12)?;
    let level = hvcc.get(12)?;
    let space = ["", "A", "B", "C"].get(usize::from(first >> 6))?;
    let tier = if first & 0x20 == 0 { 'L' } else { 'H' };
    let mut name = format!("{kind}.{space}{}.{compatible:X}.{tier}{level}", first & 0x1f);
    let used = constraints
        .iter()
        .rposition(|byte| *byte != 0)
        .map_or(0, |last| last + 1);
    for byte in constraints.iter().take(used) {
        // Writing to a string can't fail.
        let _ = write!(name, ".{byte:X}");
    }
    Some(name)
}

/// Profile, level and depth, and the colours too if they are said to be anything.
fn vp9(vpcc: &[u8]) -> Option<String> {
    let [profile, level, depth, primaries, transfer, matrix] = vpcc.get(4..10)?.try_into().ok()?;
    let mut name = format!("vp09.{profile:02}.{level:02}.{:02}", depth >> 4);
    if [primaries, transfer, matrix] != [2, 2, 2] {
        let (chroma, full_range) = (depth >> 1 & 0x07, depth & 1);
        let _ = write!(
            name,
            ".{chroma:02}.{primaries:02}.{transfer:02}.{matrix:02}.{full_range:02}"
        );
    }
    Some(name)
}

/// Profile, level with tier, and depth.
fn av1(av1c: &[u8]) -> Option<String> {
    let [profile_level, more] = av1c.get(1..3)?.try_into().ok()?;
    let tier = if more & 0x80 == 0 { 'M' } else { 'H' };
    let depth = match (more & 0x40 != 0, more & 0x20 != 0) {
        (false, _) => 8,
        (true, false) => 10,
        (true, true) => 12,
    };
    let (profile, level) = (profile_level >> 5, profile_level & 0x1f);
    Some(format!("av01.{profile}.{level:02}{tier}.{depth:02}"))
}

fn aac(esds: &[u8]) -> Result<Option<String>, Mp4Error> {
    let mut reader = Reader::new(esds);
    reader.version_and_flags()?;
    let mut stream = descriptor(&mut reader, 0x03)?;
    stream.take(2)?;
    let flags = stream.u8()?;
    if flags & 0x80 != 0 {
        stream.take(2)?;
    }
    if flags & 0x40 != 0 {
        let len = stream.u8()?;
        stream.take(usize::from(len))?;
    }
    if flags & 0x20 != 0 {
        stream.take(2)?;
    }
    let mut config = descriptor(&mut stream, 0x04)?;
    let object_type = config.u8()?;
    if object_type != 0x40 {
        return Ok(None);
    }
    config.take(12)?;
    let mut specific = descriptor(&mut config, 0x05)?;
    let first = specific.u16()?;
    // Five bits; 31 escapes to six more.
    let audio_type = match first >> 11 {
        31 => 32 + ((first >> 5) & 0x3f),
        short => short,
    };
    Ok(Some(format!("mp4a.40.{audio_type}")))
}

/// A descriptor's content: a tag, then a length of up to four bytes with seven bits each.
fn descriptor<'a>(reader: &mut Reader<'a>, tag: u8) -> Result<Reader<'a>, Mp4Error> {
    if reader.u8()? != tag {
        return Err(Mp4Error::Damaged("descriptor"));
    }
    let mut len = 0_usize;
    for _ in 0..4 {
        let byte = reader.u8()?;
        len = len << 7 | usize::from(byte & 0x7f);
        if byte & 0x80 == 0 {
            return Ok(Reader::new(reader.take(len)?));
        }
    }
    Err(Mp4Error::Damaged("descriptor length"))
}
