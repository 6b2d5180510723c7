//! Sniffing: which container a file is, told from its first bytes alone.
//!
//! Owns the closed list of containers that may enter and the demuxer each one is read with. A name,
//! an extension or a declared type is never looked at. What is not on the list (playlists, concat
//! scripts, SDP, pictures, archives) is `None`: a demuxer that follows references is unreachable,
//! because ffmpeg is always told which demuxer to use.

use serde::{Deserialize, Serialize};

/// How many leading bytes are worth handing to [`sniff`].
pub const SNIFF_BYTES: usize = 64 * 1024;

/// A container that may be uploaded.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Container {
    /// ISO base media (`.mp4`, `.m4v`, 3GP).
    Mp4,
    /// `QuickTime`, also the old kind without `ftyp`.
    Mov,
    /// Matroska.
    Matroska,
    /// `WebM`, the browser recorder's format.
    WebM,
    /// MPEG transport stream, also with the 192-byte packets of camcorders.
    MpegTs,
    /// RIFF AVI.
    Avi,
    /// Flash video.
    Flv,
    /// Ogg (Theora).
    Ogg,
}

impl Container {
    /// Every container, for tables and tests.
    pub const ALL: [Self; 8] = [
        Self::Mp4,
        Self::Mov,
        Self::Matroska,
        Self::WebM,
        Self::MpegTs,
        Self::Avi,
        Self::Flv,
        Self::Ogg,
    ];

    /// ffmpeg's short name of the only demuxer that may open this file.
    pub const fn demuxer(self) -> &'static str {
        match self {
            Self::Mp4 | Self::Mov => "mov",
            Self::Matroska | Self::WebM => "matroska",
            Self::MpegTs => "mpegts",
            Self::Avi => "avi",
            Self::Flv => "flv",
            Self::Ogg => "ogg",
        }
    }

    /// File name extension, without the dot.
    pub const fn extension(self) -> &'static str {
        match self {
            Self::Mp4 => "mp4",
            Self::Mov => "mov",
            Self::Matroska => "mkv",
            Self::WebM => "webm",
            Self::MpegTs => "ts",
            Self::Avi => "avi",
            Self::Flv => "flv",
            Self::Ogg => "ogv",
        }
    }

    /// Content type to serve an original with.
    pub const fn content_type(self) -> &'static str {
        match self {
            Self::Mp4 => "video/mp4",
            Self::Mov => "video/quicktime",
            Self::Matroska => "video/x-matroska",
            Self::WebM => "video/webm",
            Self::MpegTs => "video/mp2t",
            Self::Avi => "video/x-msvideo",
            Self::Flv => "video/x-flv",
            Self::Ogg => "video/ogg",
        }
    }

    /// Whether the file is built of ISO boxes, so that [`crate::mp4`] can read it.
    pub const fn is_iso(self) -> bool {
        matches!(self, Self::Mp4 | Self::Mov)
    }
}

/// Tells the container from the first bytes of a file (up to [`SNIFF_BYTES`]; fewer for a short
/// file). `None` when it is nothing that may enter.
pub fn sniff(head: &[u8]) -> Option<Container> {
    iso(head)
        .or_else(|| matroska(head))
        .or_else(|| riff_avi(head))
        .or_else(|| flv(head))
        .or_else(|| ogg(head))
        .or_else(|| transport_stream(head))
}

fn be_u32(bytes: &[u8], at: usize) -> Option<u32> {
    let word = bytes.get(at..at.checked_add(4)?)?;
    Some(u32::from_be_bytes(word.try_into().ok()?))
}

/// Brands of ISO files that are pictures, not video.
const PICTURE_BRANDS: [&[u8; 4]; 13] = [
    b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx", b"mif1", b"msf1", b"avif", b"avis", b"crx ",
    b"jp2 ", b"jpx ",
];

fn iso(head: &[u8]) -> Option<Container> {
    let size = be_u32(head, 0)?;
    let kind = head.get(4..8)?;
    match kind {
        b"ftyp" => {
            if !(16..=4096).contains(&size) || size % 4 != 0 {
                return None;
            }
            let brand = head.get(8..12)?;
            if PICTURE_BRANDS.iter().any(|picture| brand == picture.as_slice()) {
                return None;
            }
            Some(if brand == b"qt  " {
                Container::Mov
            } else {
                Container::Mp4
            })
        }
        // QuickTime from before `ftyp` starts with any of these; a size of 1 announces a 64-bit one.
        b"moov" | b"mdat" | b"wide" | b"free" | b"skip" | b"pnot" => {
            let plausible = size >= 8 || (size == 1 && head.len() >= 16);
            plausible.then_some(Container::Mov)
        }
        _ => None,
    }
}

/// Reads an EBML variable-length integer: its value without the length marker, and its length.
fn vint(bytes: &[u8]) -> Option<(u64, usize)> {
    let first = *bytes.first()?;
    let len = first.leading_zeros() as usize + 1;
    if len > 8 {
        return None;
    }
    let marker = 0xff_u16 >> len;
    let mut value = u64::from(first) & u64::from(marker);
    for byte in bytes.get(1..len)? {
        value = (value << 8) | u64::from(*byte);
    }
    Some((value, len))
}

fn matroska(head: &[u8]) -> Option<Container> {
    let rest = head.strip_prefix(&[0x1a, 0x45, 0xdf, 0xa3])?;
    let (size, len) = vint(rest)?;
    let size = usize::try_from(size).ok().filter(|size| *size <= 4096)?;
    let mut header = rest.get(len..len.checked_add(size)?)?;
    while !header.is_empty() {
        // An element id keeps its marker bits; two bytes are enough for every id of the header.
        let (_, id_len) = vint(header)?;
        let id = header.get(..id_len)?;
        let (size, size_len) = vint(header.get(id_len..)?)?;
        let start = id_len.checked_add(size_len)?;
        let end = start.checked_add(usize::try_from(size).ok()?)?;
        let value = header.get(start..end)?;
        if id == [0x42, 0x82] {
            let text = value.split(|byte| *byte == 0).next()?;
            return match text {
                b"webm" => Some(Container::WebM),
                b"matroska" => Some(Container::Matroska),
                _ => None,
            };
        }
        header = header.get(end..)?;
    }
    None
}

fn riff_avi(head: &[u8]) -> Option<Container> {
    let form = head.strip_prefix(b"RIFF")?.get(4..8)?;
    matches!(form, b"AVI " | b"AVI\x19").then_some(Container::Avi)
}

fn flv(head: &[u8]) -> Option<Container> {
    let rest = head.strip_prefix(b"FLV\x01")?;
    let flags = *rest.first()?;
    (flags & !0x05 == 0 && be_u32(rest, 1)? == 9).then_some(Container::Flv)
}

fn ogg(head: &[u8]) -> Option<Container> {
    head.starts_with(b"OggS\0").then_some(Container::Ogg)
}

fn transport_stream(head: &[u8]) -> Option<Container> {
    // 192-byte packets carry four bytes of arrival time before the sync byte.
    [(0_usize, 188_usize), (4, 192)]
        .into_iter()
        .any(|(first, step)| {
            let syncs = head.iter().skip(first).step_by(step).take(16);
            let mut seen = 0;
            for byte in syncs {
                if *byte != 0x47 {
                    return false;
                }
                seen += 1;
            }
            seen >= 3
        })
        .then_some(Container::MpegTs)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ftyp(brand: &[u8]) -> Vec<u8> {
        let mut bytes = vec![0, 0, 0, 20];
        bytes.extend_from_slice(b"ftyp");
        bytes.extend_from_slice(brand);
        bytes.extend_from_slice(&[0, 0, 2, 0]);
        bytes.extend_from_slice(b"isom");
        bytes
    }

    #[test]
    fn iso_files_are_told_apart_by_their_brand() {
        assert_eq!(sniff(&ftyp(b"isom")), Some(Container::Mp4));
        assert_eq!(sniff(&ftyp(b"qt  ")), Some(Container::Mov));
        assert_eq!(sniff(&ftyp(b"heic")), None, "a picture is no video");
        assert_eq!(sniff(b"\0\0\0\x08wide\0\0\0\0mdat"), Some(Container::Mov));
        assert_eq!(sniff(b"\0\0\0\x04moov"), None, "a box is at least eight bytes");
    }

    #[test]
    fn a_doc_type_decides_between_webm_and_matroska() {
        let with = |doc: &[u8]| {
            let mut bytes = vec![0x1a, 0x45, 0xdf, 0xa3, 0x80 | (doc.len() as u8 + 7)];
            bytes.extend_from_slice(&[0x42, 0x86, 0x81, 1, 0x42, 0x82, 0x80 | doc.len() as u8]);
            bytes.extend_from_slice(doc);
            sniff(&bytes)
        };
        assert_eq!(with(b"webm"), Some(Container::WebM));
        assert_eq!(with(b"matroska"), Some(Container::Matroska));
        assert_eq!(with(b"mischief"), None);
    }

    #[test]
    fn transport_streams_need_their_rhythm() {
        let mut packets = vec![0_u8; 188 * 5];
        packets.iter_mut().step_by(188).for_each(|byte| *byte = 0x47);
        assert_eq!(sniff(&packets), Some(Container::MpegTs));
        packets[188 * 2] = 0;
        assert_eq!(sniff(&packets), None);
        assert_eq!(
            sniff(b"Go to page 7"),
            None,
            "one sync byte at the start is not enough"
        );
    }

    #[test]
    fn what_follows_references_is_nothing() {
        for head in [
            b"#EXTM3U\n#EXTINF:1,\nfile:///etc/passwd\n".as_slice(),
            b"ffconcat version 1.0\nfile /etc/passwd\n",
            b"v=0\no=- 0 0 IN IP4 127.0.0.1\ns=x\n",
            b"<?xml version=\"1.0\"?><MPD></MPD>",
            b"RIFF\0\0\0\0WEBPVP8 ",
            b"\x89PNG\r\n\x1a\n",
            b"PK\x03\x04",
            b"GIF89a",
            b"<svg xmlns='http://www.w3.org/2000/svg'/>",
            b"# VobSub index file, v7",
            b"",
            b"G",
        ] {
            assert_eq!(sniff(head), None, "{:?}", String::from_utf8_lossy(head));
        }
    }

    #[test]
    fn no_truncation_panics() {
        let mut seeds = vec![
            ftyp(b"isom"),
            b"FLV\x01\x05\0\0\0\x09".to_vec(),
            b"OggS\0".to_vec(),
        ];
        seeds.push(vec![0x1a, 0x45, 0xdf, 0xa3, 0xff, 0xff, 0xff]);
        seeds.push(vec![0x1a, 0x45, 0xdf, 0xa3, 0x00]);
        for seed in seeds {
            for end in 0..=seed.len() {
                let _ = sniff(&seed[..end]);
            }
        }
    }
}
