//! Playlists: what their words look like, and how long they may become.
//!
//! Who may see one is `app`; where entries stand, `store`.

use crate::text::{self, Fault};

/// The longest name, in characters.
pub const NAME_CHARS: usize = 150;
/// The longest description, in characters.
pub const DESCRIPTION_CHARS: usize = 5_000;
/// The most entries of a playlist.
pub const MOST_ENTRIES: i64 = 5_000;
/// The most playlists of one person, "Watch later" not counted.
pub const MOST_PLAYLISTS: i64 = 1_000;
/// What the playlist that everyone has is called.
pub const WATCH_LATER: &str = "Watch later";

/// Whether somebody made a playlist, or has it as everyone does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// Made by its owner.
    Made,
    /// "Watch later".
    WatchLater,
}

impl Kind {
    /// The number the store keeps.
    pub fn code(self) -> i64 {
        match self {
            Self::Made => 0,
            Self::WatchLater => 1,
        }
    }

    /// The kind behind a stored number.
    pub fn from_code(code: i64) -> Self {
        if code == 1 { Self::WatchLater } else { Self::Made }
    }
}

/// A name: one line of 1 to 150 characters.
pub fn name(raw: &str) -> Result<String, Fault> {
    text::line(raw, 1, NAME_CHARS)
}

/// A description: up to 5,000 characters.
pub fn description(raw: &str) -> Result<String, Fault> {
    text::paragraphs(raw, 0, DESCRIPTION_CHARS)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_the_store_keeps_reads_back_the_same() {
        for kind in [Kind::Made, Kind::WatchLater] {
            assert_eq!(Kind::from_code(kind.code()), kind);
        }
    }

    #[test]
    fn a_name_is_one_line_and_not_empty() {
        assert_eq!(name("  Later ").unwrap(), "Later");
        assert!(name("a\nb").is_err());
        assert_eq!(name(" ").unwrap_err(), Fault::missing());
        assert_eq!(description("").unwrap(), "");
    }
}
