//! Videos: who may see one, what state it is in, and the rules of its words.
//!
//! What a state means for the bytes lies in `app`; how bytes travel, in `delivery`.

use serde::{Deserialize, Serialize};
use thiserror::Error;

use crate::text::{self, Fault};

/// The longest title, in characters.
pub const TITLE_CHARS: usize = 200;
/// The longest description, in characters.
pub const DESCRIPTION_CHARS: usize = 10_000;
/// The most tags a video has.
pub const TAGS: usize = 30;
/// The longest tag, in characters.
pub const TAG_CHARS: usize = 40;

/// Who may see a video.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Visibility {
    /// Everyone, and it is listed.
    #[default]
    Public,
    /// Everyone who has the link; it is listed nowhere.
    Unlisted,
    /// Its owner and the site's admins.
    Private,
}

impl Visibility {
    /// The number the store keeps.
    pub fn code(self) -> i64 {
        match self {
            Self::Public => 0,
            Self::Unlisted => 1,
            Self::Private => 2,
        }
    }

    /// The visibility behind a stored number; an unknown number is private, the safe reading.
    pub fn from_code(code: i64) -> Self {
        match code {
            0 => Self::Public,
            1 => Self::Unlisted,
            _ => Self::Private,
        }
    }

    /// The visibility of this wire name.
    pub fn from_name(name: &str) -> Option<Self> {
        match name {
            "public" => Some(Self::Public),
            "unlisted" => Some(Self::Unlisted),
            "private" => Some(Self::Private),
            _ => None,
        }
    }

    /// What `toggle/publish` makes of it: private becomes public, anything else private.
    #[must_use]
    pub fn toggled(self) -> Self {
        if self == Self::Private {
            Self::Public
        } else {
            Self::Private
        }
    }
}

/// Where a video is on its way from upload to viewer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Status {
    /// Uploaded and being prepared. It may already be watchable progressively.
    Processing,
    /// Everything that was planned is there.
    Ready,
    /// The file cannot become a video here; another file is needed.
    Rejected,
    /// Preparing it went wrong on our side; it can be tried again.
    Failed,
}

/// How much of a video can be streamed adaptively.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Streaming {
    /// Nothing yet.
    #[default]
    None,
    /// Its beginning, in the lowest rendition; the playlist grows.
    Growing,
    /// Whole renditions.
    Whole,
}

impl Streaming {
    /// The number the store keeps.
    pub fn code(self) -> i64 {
        match self {
            Self::None => 0,
            Self::Growing => 1,
            Self::Whole => 2,
        }
    }

    /// What a stored number stands for; an unknown number reads as nothing.
    pub fn from_code(code: i64) -> Self {
        match code {
            1 => Self::Growing,
            2 => Self::Whole,
            _ => Self::None,
        }
    }
}

/// A video cannot go from the one state to the other.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[error("a video that is {from:?} cannot become {to:?}")]
pub struct WrongState {
    /// The state it is in.
    pub from: Status,
    /// The state that was asked for.
    pub to: Status,
}

impl Status {
    /// The number the store keeps.
    pub fn code(self) -> i64 {
        match self {
            Self::Processing => 0,
            Self::Ready => 1,
            Self::Rejected => 2,
            Self::Failed => 3,
        }
    }

    /// The status behind a stored number; an unknown number reads as failed.
    pub fn from_code(code: i64) -> Self {
        match code {
            0 => Self::Processing,
            1 => Self::Ready,
            2 => Self::Rejected,
            _ => Self::Failed,
        }
    }

    /// This status changed to `to`, where the life of a video has such a step.
    pub fn to(self, to: Self) -> Result<Self, WrongState> {
        use Status::{Failed, Processing, Ready, Rejected};
        match (self, to) {
            (Processing, Ready | Rejected | Failed) | (Failed, Processing) => Ok(to),
            (from, to) => Err(WrongState { from, to }),
        }
    }
}

/// A title: one line of 1 to 200 characters.
pub fn title(raw: &str) -> Result<String, Fault> {
    text::line(raw, 1, TITLE_CHARS)
}

/// A description: up to 10,000 characters.
pub fn description(raw: &str) -> Result<String, Fault> {
    text::paragraphs(raw, 0, DESCRIPTION_CHARS)
}

/// Tags: at most 30 of at most 40 characters, lower case, a leading `#` dropped, each once, in the
/// order given.
pub fn tags<S: AsRef<str>>(raw: &[S]) -> Result<Vec<String>, Fault> {
    let mut tags: Vec<String> = Vec::new();
    for tag in raw {
        let tag = text::line(tag.as_ref().trim().trim_start_matches('#'), 0, TAG_CHARS)?.to_lowercase();
        if !tag.is_empty() && !tags.contains(&tag) {
            if tags.len() == TAGS {
                return Err(Fault::new("too_many", format!("At most {TAGS} tags.")));
            }
            tags.push(tag);
        }
    }
    Ok(tags)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_ready_video_does_not_go_back_to_processing() {
        assert_eq!(Status::Processing.to(Status::Ready), Ok(Status::Ready));
        assert_eq!(
            Status::Ready.to(Status::Processing),
            Err(WrongState {
                from: Status::Ready,
                to: Status::Processing
            })
        );
        assert_eq!(Status::Failed.to(Status::Processing), Ok(Status::Processing));
    }

    #[test]
    fn what_the_store_keeps_reads_back_the_same() {
        for visibility in [Visibility::Public, Visibility::Unlisted, Visibility::Private] {
            assert_eq!(Visibility::from_code(visibility.code()), visibility);
        }
        assert_eq!(Visibility::from_code(99), Visibility::Private);
    }

    #[test]
    fn tags_are_folded_and_kept_once() {
        assert_eq!(tags(&["#Rust", "rust ", "", "Video"]).unwrap(), ["rust", "video"]);
        let many: Vec<String> = (0..31).map(|n| n.to_string()).collect();
        assert_eq!(tags(&many).unwrap_err().code, "too_many");
    }
}
