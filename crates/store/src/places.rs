//! Places in lists that are ordered by a number and an id: the end of one page, where the next begins.

use model::{Millis, ObjectId};

/// A place in such an order. Ids tell apart what has the same number.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Place {
    /// The number: milliseconds since the epoch, where the order is one of time.
    pub at: i64,
    /// The id.
    pub id: ObjectId,
}

impl Place {
    /// Before everything that is ordered by the number, falling.
    pub const TOP: Self = Self {
        at: i64::MAX,
        id: ObjectId([0xff; 12]),
    };
    /// Before everything that is ordered by the number, rising.
    pub const BOTTOM: Self = Self {
        at: i64::MIN,
        id: ObjectId([0; 12]),
    };

    /// The place of something that happened then.
    pub const fn new(at: Millis, id: ObjectId) -> Self {
        Self { at: at.0, id }
    }
}

/// Where a page begins.
#[derive(Debug, Clone, Copy)]
pub struct Start {
    /// Behind this place,
    pub after: Place,
    /// and this many rows further on.
    pub offset: i64,
}

impl Start {
    /// At the beginning of a list of the newest.
    pub const TOP: Self = Self {
        after: Place::TOP,
        offset: 0,
    };
}
