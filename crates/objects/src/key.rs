//! Keys: names that the server makes and that are safe as file names and in URLs.

use std::fmt;
use std::str::FromStr;

use thiserror::Error;

/// The longest key, in bytes.
const MOST_BYTES: usize = 256;
/// The most segments of a key.
const MOST_SEGMENTS: usize = 12;

/// The name of a blob, such as `videos/65f0…/source.mp4`: segments of `[a-z0-9_.-]` joined by `/`,
/// none of them empty or beginning with a dot.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Key(String);

/// The text is no key.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[error("a key is segments of a-z, 0-9, _, - and . joined by /, none of which begins with a dot")]
pub struct BadKey;

impl Key {
    /// The key that `text` is.
    pub fn parse(text: &str) -> Result<Self, BadKey> {
        let fits = text.len() <= MOST_BYTES
            && text.split('/').count() <= MOST_SEGMENTS
            && text.split('/').all(is_segment);
        if fits {
            Ok(Self(text.to_owned()))
        } else {
            Err(BadKey)
        }
    }

    /// The key `below`, which may have several segments, under this one.
    pub fn join(&self, below: &str) -> Result<Self, BadKey> {
        Self::parse(&format!("{self}/{below}"))
    }

    /// The key's text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

fn is_segment(text: &str) -> bool {
    !text.is_empty()
        && !text.starts_with('.')
        && text
            .bytes()
            .all(|b| matches!(b, b'a'..=b'z' | b'0'..=b'9' | b'_' | b'-' | b'.'))
}

impl fmt::Display for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl FromStr for Key {
    type Err = BadKey;
    fn from_str(text: &str) -> Result<Self, BadKey> {
        Self::parse(text)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_names_that_stay_below_the_root_are_keys() {
        for good in ["a", "videos/65f0/source.mp4", "a/b-c_d.e", "x..y"] {
            assert_eq!(Key::parse(good).unwrap().as_str(), good);
        }
        let (long, deep) = ("x".repeat(257), ["a"; 13].join("/"));
        for bad in [
            "",
            "/",
            "/a",
            "a/",
            "a//b",
            ".",
            "..",
            "a/../b",
            "a/.hidden",
            "A",
            "a b",
            "a\\b",
            "a\0b",
            "ä",
            "a%2f",
            "C:",
            "a\nb",
            &long,
            &deep,
        ] {
            assert_eq!(Key::parse(bad), Err(BadKey), "{bad:?}");
        }
    }

    #[test]
    fn a_key_grows_by_joining_and_stays_one() {
        let key = Key::parse("videos").unwrap();
        assert_eq!(key.join("1/2.mp4").unwrap().as_str(), "videos/1/2.mp4");
        assert_eq!(key.join(".."), Err(BadKey));
        assert_eq!(key.join(""), Err(BadKey));
    }
}
