//! Notifications: what kinds there are, which of them somebody wants, and which numbers are worth telling.

use serde::Serialize;

/// How long a notification is kept, in milliseconds: 90 days.
pub const KEPT_MS: i64 = 90 * 24 * 3_600_000;
/// How many of what was said to one user are kept; the newest.
pub const KEPT: i64 = 1_000;
/// Unread notifications beyond this are not counted.
pub const COUNTED: i64 = 99;

/// What somebody is told.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "camelCase")]
pub enum Kind {
    /// A channel that they follow brought out a video.
    NewVideo,
    /// A channel that they follow wrote a tweet.
    NewTweet,
    /// Somebody commented on their video.
    Comment,
    /// Somebody replied to their comment.
    Reply,
    /// Their video has reached a number of likes.
    LikeMilestone,
    /// Their video is ready.
    ProcessingFinished,
    /// Their video could not be prepared.
    ProcessingFailed,
    /// Comments wait under their video.
    CommentHeld,
    /// One of their webhooks was switched off, because nothing arrives there.
    WebhookDisabled,
}

impl Kind {
    /// All of them.
    pub const ALL: [Self; 9] = [
        Self::NewVideo,
        Self::NewTweet,
        Self::Comment,
        Self::Reply,
        Self::LikeMilestone,
        Self::ProcessingFinished,
        Self::ProcessingFailed,
        Self::CommentHeld,
        Self::WebhookDisabled,
    ];

    /// The number the store keeps.
    pub const fn code(self) -> i64 {
        match self {
            Self::NewVideo => 0,
            Self::NewTweet => 1,
            Self::Comment => 2,
            Self::Reply => 3,
            Self::LikeMilestone => 4,
            Self::ProcessingFinished => 5,
            Self::ProcessingFailed => 6,
            Self::CommentHeld => 7,
            Self::WebhookDisabled => 8,
        }
    }

    /// The kind of a stored number; `None` for one that a later release may have written.
    pub fn from_code(code: i64) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.code() == code)
    }
}

/// Which kinds somebody does not want; none at first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Muted(i64);

impl Muted {
    /// What stands in the store; bits of unknown kinds are kept.
    pub fn from_code(code: i64) -> Self {
        Self(code)
    }

    /// The number the store keeps: a bit for each kind, by its code.
    pub fn code(self) -> i64 {
        self.0
    }

    /// Whether this kind is wanted.
    pub fn wants(self, kind: Kind) -> bool {
        self.0 & (1 << kind.code()) == 0
    }

    /// The same, with this kind wanted or not.
    #[must_use]
    pub fn with(self, kind: Kind, wanted: bool) -> Self {
        let bit = 1 << kind.code();
        Self(if wanted { self.0 & !bit } else { self.0 | bit })
    }
}

/// The largest milestone that `likes` reaches: 10, 100, 1,000, and so on.
pub fn milestone(likes: i64) -> Option<i64> {
    std::iter::successors(Some(10_i64), |step| step.checked_mul(10))
        .take_while(|step| *step <= likes)
        .last()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn milestones_are_powers_of_ten_from_ten_on() {
        assert_eq!(milestone(9), None);
        assert_eq!(milestone(-5), None);
        assert_eq!(milestone(10), Some(10));
        assert_eq!(milestone(99), Some(10));
        assert_eq!(milestone(100), Some(100));
        assert_eq!(milestone(123_456), Some(100_000));
        assert_eq!(milestone(i64::MAX), Some(1_000_000_000_000_000_000));
    }

    #[test]
    fn every_kind_is_wanted_until_it_is_not() {
        let mut muted = Muted::default();
        for kind in Kind::ALL {
            assert_eq!(Kind::from_code(kind.code()), Some(kind));
            assert!(muted.wants(kind));
            muted = muted.with(kind, false);
            assert!(!muted.wants(kind));
        }
        muted = muted.with(Kind::Reply, true);
        assert!(muted.wants(Kind::Reply) && !muted.wants(Kind::Comment));
        assert_eq!(Muted::from_code(muted.code()), muted);
    }
}
