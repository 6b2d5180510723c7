//! Likes: what can be liked.

use crate::{CommentId, ObjectId, TweetId, VideoId};

/// A kind of thing that can be liked.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Kind {
    /// A video.
    Video,
    /// A comment.
    Comment,
    /// A tweet.
    Tweet,
}

impl Kind {
    /// The number the store keeps.
    pub const fn code(self) -> i64 {
        match self {
            Self::Video => 0,
            Self::Comment => 1,
            Self::Tweet => 2,
        }
    }

    /// The kind behind a stored number; `None` for one that this release does not know.
    pub const fn from_code(code: i64) -> Option<Self> {
        match code {
            0 => Some(Self::Video),
            1 => Some(Self::Comment),
            2 => Some(Self::Tweet),
            _ => None,
        }
    }
}

/// One thing that can be liked.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Target {
    /// A video.
    Video(VideoId),
    /// A comment.
    Comment(CommentId),
    /// A tweet.
    Tweet(TweetId),
}

impl Target {
    /// The thing of this kind and id.
    pub fn new(kind: Kind, id: ObjectId) -> Self {
        match kind {
            Kind::Video => Self::Video(id.into()),
            Kind::Comment => Self::Comment(id.into()),
            Kind::Tweet => Self::Tweet(id.into()),
        }
    }

    /// Of which kind it is.
    pub fn kind(self) -> Kind {
        match self {
            Self::Video(_) => Kind::Video,
            Self::Comment(_) => Kind::Comment,
            Self::Tweet(_) => Kind::Tweet,
        }
    }

    /// Its id, whatever it is.
    pub fn id(self) -> ObjectId {
        match self {
            Self::Video(id) => id.0,
            Self::Comment(id) => id.0,
            Self::Tweet(id) => id.0,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_the_store_keeps_reads_back_the_same() {
        for kind in [Kind::Video, Kind::Comment, Kind::Tweet] {
            assert_eq!(Kind::from_code(kind.code()), Some(kind));
            let target = Target::new(kind, ObjectId([7; 12]));
            assert_eq!((target.kind(), target.id()), (kind, ObjectId([7; 12])));
        }
        assert_eq!(Kind::from_code(3), None);
    }
}
