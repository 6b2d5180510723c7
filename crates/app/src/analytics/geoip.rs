//! Which country an address is in, by a file that the operator brings (`MaxMind` DB, version 2).
//!
//! The address itself goes no further than this lookup.

use std::net::IpAddr;
use std::path::{Path, PathBuf};

use maxminddb::{PathElement, Reader};

/// Larger files are not country files; the whole is held in memory.
const MAX_BYTES: u64 = 512 << 20;

/// Where files of different makers have the two letters.
const PLACES: [&[PathElement<'static>]; 4] = [
    &[PathElement::Key("country"), PathElement::Key("iso_code")],
    &[
        PathElement::Key("registered_country"),
        PathElement::Key("iso_code"),
    ],
    &[PathElement::Key("country_code")],
    &[PathElement::Key("country")],
];

/// Why a file cannot tell countries.
#[derive(Debug, thiserror::Error)]
pub enum GeoipError {
    /// It is not there, or cannot be read.
    #[error("the GeoIP file {0} cannot be read: {1}")]
    Unreadable(PathBuf, std::io::Error),
    /// It is larger than any such file.
    #[error("the GeoIP file {0} is larger than 512 MiB")]
    TooLarge(PathBuf),
    /// It is of another form.
    #[error("the GeoIP file {0} is not a MaxMind DB file: {1}")]
    Malformed(PathBuf, maxminddb::MaxMindDbError),
}

/// Countries by address.
#[derive(Debug)]
pub struct Geoip(Reader<Vec<u8>>);

impl Geoip {
    /// Reads the file into memory.
    ///
    /// # Errors
    /// When it cannot be read, is too large, or is no such file.
    pub fn open(file: &Path) -> Result<Self, GeoipError> {
        let unreadable = |error| GeoipError::Unreadable(file.to_owned(), error);
        if std::fs::metadata(file).map_err(unreadable)?.len() > MAX_BYTES {
            return Err(GeoipError::TooLarge(file.to_owned()));
        }
        let bytes = std::fs::read(file).map_err(unreadable)?;
        Reader::from_source(bytes)
            .map(Self)
            .map_err(|error| GeoipError::Malformed(file.to_owned(), error))
    }

    /// The country of an address, as two upper-case letters (ISO 3166-1); `None` where the file does not know.
    pub fn country(&self, address: IpAddr) -> Option<[u8; 2]> {
        let found = self.0.lookup(address.to_canonical()).ok()?;
        PLACES.iter().find_map(|place| {
            // Where something else stands in a place, another has the letters.
            let letters: &str = found.decode_path(place).ok()??;
            let letters: [u8; 2] = letters.as_bytes().try_into().ok()?;
            letters
                .iter()
                .all(u8::is_ascii_alphabetic)
                .then(|| letters.map(|letter| letter.to_ascii_uppercase()))
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A text as the format has it: type 2, at most 28 bytes here.
    fn text(out: &mut Vec<u8>, text: &str) {
        out.push(0x40 | u8::try_from(text.len()).unwrap());
        out.extend_from_slice(text.as_bytes());
    }

    /// A whole number in two bytes, of a type: 16 bits (5), 32 bits (6), or 64 bits (9, written as an extended one).
    fn number(out: &mut Vec<u8>, number: u16, of_type: u8) {
        match of_type {
            9 => out.extend_from_slice(&[0x02, 0x02]),
            small => out.push(small << 5 | 2),
        }
        out.extend_from_slice(&number.to_be_bytes());
    }

    /// A file that knows two networks of IPv4: 0.0.0.0/1 and 128.0.0.0/1.
    fn file(low: &[u8], high: &[u8]) -> Vec<u8> {
        let nodes = 1_u32;
        // Where a record points into the data: behind the nodes and 16 bytes of zeros.
        let low_at = nodes + 16;
        let high_at = low_at + u32::try_from(low.len()).unwrap();
        let mut out = Vec::new();
        out.extend_from_slice(&low_at.to_be_bytes()[1..]);
        out.extend_from_slice(&high_at.to_be_bytes()[1..]);
        out.extend_from_slice(&[0; 16]);
        out.extend_from_slice(low);
        out.extend_from_slice(high);
        out.extend_from_slice(b"\xab\xcd\xefMaxMind.com");
        out.push(0xe0 | 9);
        for (name, value, of_type) in [
            ("binary_format_major_version", 2, 5),
            ("binary_format_minor_version", 0, 5),
            ("ip_version", 4, 5),
            ("record_size", 24, 5),
            ("node_count", 1, 6),
            ("build_epoch", 1, 9),
        ] {
            text(&mut out, name);
            number(&mut out, value, of_type);
        }
        text(&mut out, "database_type");
        text(&mut out, "Test");
        text(&mut out, "languages");
        // No entries: an array, which is an extended type.
        out.extend_from_slice(&[0x00, 0x04]);
        text(&mut out, "description");
        out.push(0xe0);
        out
    }

    fn nested(letters: &str) -> Vec<u8> {
        let mut out = vec![0xe1];
        text(&mut out, "country");
        out.push(0xe1);
        text(&mut out, "iso_code");
        text(&mut out, letters);
        out
    }

    fn flat(letters: &str) -> Vec<u8> {
        let mut out = vec![0xe1];
        text(&mut out, "country_code");
        text(&mut out, letters);
        out
    }

    fn opened(bytes: &[u8]) -> Result<Geoip, GeoipError> {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("countries.mmdb");
        std::fs::write(&path, bytes).unwrap();
        Geoip::open(&path)
    }

    fn country(geoip: &Geoip, address: &str) -> Option<[u8; 2]> {
        geoip.country(address.parse().unwrap())
    }

    #[test]
    fn countries_are_found_in_files_of_different_makers() {
        let geoip = opened(&file(&nested("DE"), &flat("nz"))).unwrap();
        assert_eq!(country(&geoip, "9.9.9.9"), Some(*b"DE"));
        assert_eq!(country(&geoip, "203.0.113.7"), Some(*b"NZ"));
        assert_eq!(country(&geoip, "::ffff:9.9.9.9"), Some(*b"DE"), "written as IPv6");
        assert_eq!(country(&geoip, "2001:db8::1"), None, "the file has IPv4 alone");
    }

    #[test]
    fn what_is_no_country_is_none() {
        let geoip = opened(&file(&nested("Germany"), &flat("1!"))).unwrap();
        assert_eq!(country(&geoip, "9.9.9.9"), None);
        assert_eq!(country(&geoip, "203.0.113.7"), None);
    }

    #[test]
    fn a_file_that_is_none_is_named() {
        let error = opened(b"not a database").unwrap_err();
        assert!(matches!(error, GeoipError::Malformed(..)), "{error}");
        let error = Geoip::open(Path::new("/nowhere/countries.mmdb")).unwrap_err();
        assert!(error.to_string().contains("/nowhere/countries.mmdb"), "{error}");
    }
}
