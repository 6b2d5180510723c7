//! Subtitle tracks: which languages they are in and what a menu calls them.

use crate::text::{self, Fault};

/// The most tracks of a video.
pub const TRACKS: usize = 50;
/// The longest label, in characters.
pub const LABEL_CHARS: usize = 60;
/// The longest language tag, in characters (BCP 47 section 4.4.1 asks for 35).
const TAG_CHARS: usize = 35;

/// Languages by the names that their speakers give them.
const NAMES: &[(&str, &str)] = &[
    ("af", "Afrikaans"),
    ("am", "አማርኛ"),
    ("ar", "العربية"),
    ("az", "Azərbaycan"),
    ("be", "Беларуская"),
    ("bg", "Български"),
    ("bn", "বাংলা"),
    ("bs", "Bosanski"),
    ("ca", "Català"),
    ("cs", "Čeština"),
    ("cy", "Cymraeg"),
    ("da", "Dansk"),
    ("de", "Deutsch"),
    ("el", "Ελληνικά"),
    ("en", "English"),
    ("eo", "Esperanto"),
    ("es", "Español"),
    ("et", "Eesti"),
    ("eu", "Euskara"),
    ("fa", "فارسی"),
    ("fi", "Suomi"),
    ("fil", "Filipino"),
    ("fr", "Français"),
    ("ga", "Gaeilge"),
    ("gl", "Galego"),
    ("gu", "ગુજરાતી"),
    ("he", "עברית"),
    ("hi", "हिन्दी"),
    ("hr", "Hrvatski"),
    ("hu", "Magyar"),
    ("hy", "Հայերեն"),
    ("id", "Bahasa Indonesia"),
    ("is", "Íslenska"),
    ("it", "Italiano"),
    ("ja", "日本語"),
    ("ka", "ქართული"),
    ("kk", "Қазақ тілі"),
    ("km", "ខ្មែរ"),
    ("kn", "ಕನ್ನಡ"),
    ("ko", "한국어"),
    ("la", "Latina"),
    ("lo", "ລາວ"),
    ("lt", "Lietuvių"),
    ("lv", "Latviešu"),
    ("mk", "Македонски"),
    ("ml", "മലയാളം"),
    ("mn", "Монгол"),
    ("mr", "मराठी"),
    ("ms", "Bahasa Melayu"),
    ("my", "မြန်မာ"),
    ("nb", "Norsk bokmål"),
    ("ne", "नेपाली"),
    ("nl", "Nederlands"),
    ("nn", "Norsk nynorsk"),
    ("no", "Norsk"),
    ("pa", "ਪੰਜਾਬੀ"),
    ("pl", "Polski"),
    ("pt", "Português"),
    ("ro", "Română"),
    ("ru", "Русский"),
    ("si", "සිංහල"),
    ("sk", "Slovenčina"),
    ("sl", "Slovenščina"),
    ("sq", "Shqip"),
    ("sr", "Српски"),
    ("sv", "Svenska"),
    ("sw", "Kiswahili"),
    ("ta", "தமிழ்"),
    ("te", "తెలుగు"),
    ("th", "ไทย"),
    ("tr", "Türkçe"),
    ("uk", "Українська"),
    ("ur", "اردو"),
    ("uz", "Oʻzbekcha"),
    ("vi", "Tiếng Việt"),
    ("yi", "ייִדיש"),
    ("zh", "中文"),
    ("zu", "isiZulu"),
];

/// A language as BCP 47 (RFC 5646) writes it, in lower case: `en`, `pt-br`, `zh-hant-tw`. Its form is
/// checked, not whether anybody speaks it.
pub fn language(raw: &str) -> Result<String, Fault> {
    let malformed = || Fault::new("malformed", "A language is written as en, pt-br or zh-hant.");
    let tag = raw.to_ascii_lowercase();
    if tag.len() > TAG_CHARS {
        return Err(malformed());
    }
    let mut parts = tag.split('-');
    let primary = parts.next().unwrap_or_default();
    let letters = |part: &str| part.bytes().all(|b| b.is_ascii_lowercase());
    if !((2..=3).contains(&primary.len()) || (5..=8).contains(&primary.len())) || !letters(primary) {
        return Err(malformed());
    }
    // A single letter says what the next part is about; behind an x, people agree among themselves.
    let (mut before, mut private) = (primary, false);
    for part in parts {
        let fits = (1..=8).contains(&part.len())
            && part.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit());
        if !fits || (part.len() == 1 && before.len() == 1 && !private) {
            return Err(malformed());
        }
        private |= part == "x";
        before = part;
    }
    let ends_open = before == "x" || (before.len() == 1 && !private);
    if ends_open { Err(malformed()) } else { Ok(tag) }
}

/// What a menu calls the track when its owner has not said: `Português (BR)`.
pub fn language_name(tag: &str) -> String {
    let (primary, rest) = tag.split_once('-').unwrap_or((tag, ""));
    let name = NAMES.iter().find(|(known, _)| *known == primary);
    match (name, rest) {
        (None, _) => tag.to_owned(),
        (Some((_, name)), "") => (*name).to_owned(),
        (Some((_, name)), rest) => format!("{name} ({})", rest.to_ascii_uppercase()),
    }
}

/// What a menu calls a track: one line of up to 60 characters.
pub fn label(raw: &str) -> Result<String, Fault> {
    text::line(raw, 1, LABEL_CHARS)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn languages_are_lower_case_and_well_formed() {
        for (raw, tag) in [
            ("en", "en"),
            ("pt-BR", "pt-br"),
            ("zh-Hant-TW", "zh-hant-tw"),
            ("fil", "fil"),
            ("de-1996", "de-1996"),
            ("en-x-pirate", "en-x-pirate"),
            ("en-x-1-2", "en-x-1-2"),
        ] {
            assert_eq!(language(raw).unwrap(), tag);
        }
        for bad in [
            "",
            "e",
            "english language",
            "en_us",
            "en-",
            "-en",
            "en--us",
            "en-x",
            "en-a-b-c",
            "x-pirate",
            "12",
            "en/..",
            "en.vtt",
            "ён",
            "en-toolongpart",
            "en-aaaaaaaa-bbbbbbbb-cccccccc-dddddddd",
        ] {
            assert_eq!(language(bad).unwrap_err().code, "malformed", "{bad}");
        }
    }

    #[test]
    fn a_track_without_a_label_is_called_by_its_language() {
        for (tag, name) in [("de", "Deutsch"), ("pt-br", "Português (BR)"), ("tlh", "tlh")] {
            assert_eq!(language_name(tag), name);
        }
        assert!(NAMES.is_sorted_by_key(|(tag, _)| *tag));
        assert!(
            NAMES
                .iter()
                .all(|(tag, name)| language(tag).is_ok() && label(name).is_ok())
        );
    }
}
