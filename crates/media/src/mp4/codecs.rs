//! Codec names as manifests spell them (RFC 6381), read from a rendition's own header.

use std::fs::File;

use super::track::{AUDIO_ENTRY, VISUAL_ENTRY};
use super::{Budget, MAX_MOOV_BYTES, Mp4Error, Reader, boxes, content, descend, top_box};

/// The codec of the first track, such as `avc1.64001f` or `mp4a.40.2`. `None` for a codec that the
/// plans of this crate don't make.
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
        name = match &entry.kind {
            b"avc1" | b"avc3" => {
                let inside = entry
                    .content
                    .get(VISUAL_ENTRY..)
                    .ok_or(Mp4Error::Damaged("avc1"))?;
                descend(inside, &[*b"avcC"], budget)?.and_then(|avcc| avc(entry.kind, avcc))
            }
            b"mp4a" => {
                let inside = entry
                    .content
                    .get(AUDIO_ENTRY..)
                    .ok_or(Mp4Error::Damaged("mp4a"))?;
                match descend(inside, &[*b"esds"], budget)? {
                    Some(esds) => aac(esds)?,
                    None => None,
                }
            }
            _ => None,
        };
        Ok(())
    })?;
    Ok(name)
}

fn avc(kind: [u8; 4], avcc: &[u8]) -> Option<String> {
    let [profile, compatible, level] = avcc.get(1..4)?.try_into().ok()?;
    let kind = std::str::from_utf8(&kind).ok()?.to_owned();
    Some(format!("{kind}.{profile:02x}{compatible:02x}{level:02x}"))
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
