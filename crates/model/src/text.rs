//! Text that people type: lengths in characters, and characters that no text may hold.
//!
//! Text is stored as typed and shown as text; nothing here escapes anything.

use serde::Serialize;
use unicode_normalization::UnicodeNormalization;
use unicode_segmentation::UnicodeSegmentation;

/// Why one field was refused: a code for programs, a sentence for people.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Fault {
    /// `missing`, `too_long`, `too_short`, `malformed`, `control_character`, …
    pub code: &'static str,
    /// A sentence that can be shown beside the field.
    pub message: String,
}

impl Fault {
    /// A fault with this code and sentence.
    pub fn new(code: &'static str, message: impl Into<String>) -> Self {
        Self {
            code,
            message: message.into(),
        }
    }

    /// The field is absent or empty.
    pub fn missing() -> Self {
        Self::new("missing", "This field is required.")
    }

    /// The field has more than `most` characters.
    pub fn too_long(most: usize) -> Self {
        Self::new("too_long", format!("At most {most} characters."))
    }
}

/// Control characters, and the bidirectional overrides that can make text read as another
/// (Unicode TR 36 section 2.5 and "Trojan Source", 2021).
fn is_forbidden(c: char, lines: bool) -> bool {
    let allowed_break = lines && matches!(c, '\n' | '\r' | '\t');
    (c.is_control() && !allowed_break)
        || matches!(c, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{feff}')
}

fn checked(raw: &str, least: usize, most: usize, lines: bool) -> Result<String, Fault> {
    let text = raw.trim();
    if text.is_empty() && least > 0 {
        return Err(Fault::missing());
    }
    // A grapheme has at least one byte, and people do not stack more than a few marks on a letter:
    // the byte bound stops text of one endless grapheme before it is segmented.
    if text.len() > most * 32 || text.graphemes(true).take(most + 1).count() > most {
        return Err(Fault::too_long(most));
    }
    if text.chars().any(|c| is_forbidden(c, lines)) {
        return Err(Fault::new(
            "control_character",
            "Control characters are not allowed here.",
        ));
    }
    Ok(text.nfc().collect())
}

/// One line of text, trimmed and in Unicode NFC, of `least` to `most` characters.
pub fn line(raw: &str, least: usize, most: usize) -> Result<String, Fault> {
    checked(raw, least, most, false)
}

/// Text of several lines, trimmed and in Unicode NFC, of `least` to `most` characters.
pub fn paragraphs(raw: &str, least: usize, most: usize) -> Result<String, Fault> {
    checked(raw, least, most, true)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn characters_are_counted_as_people_see_them() {
        assert!(line("👩‍👩‍👧‍👦👩‍👩‍👧‍👦", 1, 2).is_ok());
        assert_eq!(line("abc", 1, 2), Err(Fault::too_long(2)));
        assert_eq!(line("   ", 1, 2), Err(Fault::missing()));
    }

    #[test]
    fn text_that_could_read_as_another_is_refused() {
        for bad in ["a\u{202e}b", "a\u{0}b", "a\nb", "a\u{7f}b"] {
            assert!(line(bad, 1, 20).is_err(), "{bad:?}");
        }
        assert!(paragraphs("a\nb", 1, 20).is_ok());
    }

    #[test]
    fn one_endless_character_is_too_long() {
        assert!(line(&format!("a{}", "\u{301}".repeat(100_000)), 1, 200).is_err());
    }
}
