//! Uploads over several requests: what the headers of the tus protocol (version 1.0.0) may say.
//!
//! What an upload becomes is decided in `app`; the protocol's answers are made in `api`.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;

use crate::text::Fault;

/// The longest `Upload-Metadata`, in bytes.
pub const METADATA_BYTES: usize = 4096;
/// The longest file, in bytes, that numbers here can tell.
pub const LENGTH_BYTES: u64 = i64::MAX as u64;

/// A length or an offset in bytes: digits and nothing else, at most [`LENGTH_BYTES`].
pub fn bytes(text: &str) -> Result<u64, Fault> {
    let fault = || Fault::new("malformed", "A whole number of bytes, in digits.");
    // `parse` would take a sign.
    if text.is_empty() || !text.bytes().all(|b| b.is_ascii_digit()) {
        return Err(fault());
    }
    text.parse()
        .ok()
        .filter(|bytes| *bytes <= LENGTH_BYTES)
        .ok_or_else(fault)
}

/// What a client says about a file: `Upload-Metadata`, pairs of a key and a value in base64.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Metadata(Vec<(String, Vec<u8>)>);

impl Metadata {
    /// Reads the header. Keys are printable ASCII without commas, each once.
    pub fn parse(header: &str) -> Result<Self, Fault> {
        let fault = |message: &str| Fault::new("malformed", message);
        if header.len() > METADATA_BYTES {
            return Err(Fault::new(
                "too_long",
                format!("Metadata has at most {METADATA_BYTES} bytes."),
            ));
        }
        if !header.bytes().all(|b| b == b' ' || b.is_ascii_graphic()) {
            return Err(fault("Metadata is printable ASCII; values are in base64."));
        }
        let mut pairs: Vec<(String, Vec<u8>)> = Vec::new();
        if header.trim().is_empty() {
            return Ok(Self(pairs));
        }
        for pair in header.split(',') {
            let pair = pair.trim_matches(' ');
            let (key, value) = pair.split_once(' ').unwrap_or((pair, ""));
            if key.is_empty() {
                return Err(fault("A key of the metadata is empty."));
            }
            if pairs.iter().any(|(known, _)| known == key) {
                return Err(fault("A key of the metadata stands twice."));
            }
            let value = STANDARD
                .decode(value)
                .map_err(|_| fault("A value of the metadata is not base64."))?;
            pairs.push((key.to_owned(), value));
        }
        Ok(Self(pairs))
    }

    /// The value under `key` as text; `None` when it is not there. Several lines are text too, other control
    /// characters are not.
    pub fn text(&self, key: &str) -> Result<Option<&str>, Fault> {
        let Some((_, value)) = self.0.iter().find(|(known, _)| known == key) else {
            return Ok(None);
        };
        let text = std::str::from_utf8(value)
            .map_err(|_| Fault::new("malformed", "Text in the metadata is UTF-8."))?;
        if text
            .chars()
            .any(|c| c.is_control() && !matches!(c, '\n' | '\r' | '\t'))
        {
            return Err(Fault::new(
                "control_character",
                "Text in the metadata has no control characters.",
            ));
        }
        Ok(Some(text))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_length_is_digits_and_nothing_else() {
        assert_eq!(bytes("0"), Ok(0));
        assert_eq!(bytes("9223372036854775807"), Ok(LENGTH_BYTES));
        for bad in [
            "",
            "-1",
            "+5",
            "5,5",
            "5 ",
            "0x5",
            "1e3",
            "9223372036854775808",
            "99999999999999999999",
        ] {
            assert!(bytes(bad).is_err(), "{bad:?}");
        }
    }

    #[test]
    fn metadata_is_read_by_key() {
        let metadata = Metadata::parse("filename d29ybGQ=,flag,title w6Q=").unwrap();
        assert_eq!(metadata.text("filename"), Ok(Some("world")));
        assert_eq!(metadata.text("flag"), Ok(Some("")));
        assert_eq!(metadata.text("title"), Ok(Some("ä")));
        assert_eq!(metadata.text("other"), Ok(None));
        assert_eq!(Metadata::parse(""), Ok(Metadata::default()));
    }

    #[test]
    fn metadata_with_faults_is_refused() {
        let long = format!("a {}", "A".repeat(4096));
        for bad in [
            "a YQ==,a YQ==",
            "a YQ==,",
            ",",
            "a not base64",
            "a YQ",
            "a ===",
            "a\tYQ==",
            "ä YQ==",
            &long,
        ] {
            assert!(Metadata::parse(bad).is_err(), "{bad:?}");
        }
        let binary = Metadata::parse("a /w==,b AA==").unwrap();
        assert_eq!(binary.text("a").unwrap_err().code, "malformed");
        assert_eq!(binary.text("b").unwrap_err().code, "control_character");
    }
}
