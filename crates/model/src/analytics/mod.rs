//! Words and rules of the analytics: what players say, what of it counts, and the numbers that come of it.
//!
//! Nothing here waits, reads or writes. Sessions, their journal and the adding up are `app::analytics`, rows are
//! `store::analytics`.

pub mod beacon;
pub mod days;
pub mod device;
pub mod rule;
pub mod sketch;
pub mod source;
pub mod zones;

use std::borrow::Cow;
use std::ops::{AddAssign, SubAssign};
use std::sync::Arc;

use jiff::Timestamp;
use jiff::tz::TimeZone;

use crate::{Millis, ObjectId, UserId, VideoId};

/// One minute, in milliseconds.
pub const MINUTE_MS: i64 = 60_000;
/// One hour, in milliseconds.
pub const HOUR_MS: i64 = 60 * MINUTE_MS;
/// One day of UTC, in milliseconds.
pub const DAY_MS: i64 = 24 * HOUR_MS;

/// Whom numbers are about: a video, a channel, or the site.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Subject(pub ObjectId);

impl Subject {
    /// The whole site. No id is made of zeros alone.
    pub const SITE: Self = Self(ObjectId([0; 12]));
}

impl From<VideoId> for Subject {
    fn from(video: VideoId) -> Self {
        Self(video.0)
    }
}

impl From<UserId> for Subject {
    fn from(channel: UserId) -> Self {
        Self(channel.0)
    }
}

/// A salted hash that stands for one viewer, and is worth nothing once the salt is gone. Its bits are even enough
/// for a [`sketch::Sketch`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ViewerKey(pub u64);

/// A keyed hash of a video and of what a player calls its session.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct SessionKey(pub u128);

/// How long a bucket of time is. Buckets are of UTC.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Grain {
    /// A minute.
    Minute,
    /// An hour.
    Hour,
    /// A day.
    Day,
    /// A month of the calendar.
    Month,
    /// All time; it begins at the epoch.
    Ever,
}

impl Grain {
    /// As the store keeps it.
    pub const fn code(self) -> i64 {
        match self {
            Self::Minute => 0,
            Self::Hour => 1,
            Self::Day => 2,
            Self::Month => 3,
            Self::Ever => 4,
        }
    }

    /// When the bucket began that holds this time.
    #[must_use]
    pub fn start(self, at: Millis) -> Millis {
        let whole = |length: i64| Millis(at.0.div_euclid(length).saturating_mul(length));
        match self {
            Self::Minute => whole(MINUTE_MS),
            Self::Hour => whole(HOUR_MS),
            Self::Day => whole(DAY_MS),
            Self::Month => {
                let day = Timestamp::from_millisecond(at.0)
                    .map_or(1, |at| i64::from(TimeZone::UTC.to_datetime(at).day()));
                whole(DAY_MS).plus_ms((1 - day) * DAY_MS)
            }
            Self::Ever => Millis(0),
        }
    }
}

/// By what numbers are told apart.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Dimension {
    /// Where the viewer came from, as [`source::Source::name`].
    Source,
    /// The host of another site that they came from.
    Host,
    /// What they watch on, as [`device::Device::name`].
    Device,
    /// Country, two letters in upper case.
    Country,
    /// Which rendition was played, as [`beacon::Rendition::name`].
    Rendition,
}

impl Dimension {
    /// What a query of this name asks for.
    pub fn from_name(name: &str) -> Option<Self> {
        match name {
            "source" => Some(Self::Source),
            "host" => Some(Self::Host),
            "device" => Some(Self::Device),
            "country" => Some(Self::Country),
            "rendition" => Some(Self::Rendition),
            _ => None,
        }
    }

    /// Its name.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Source => "source",
            Self::Host => "host",
            Self::Device => "device",
            Self::Country => "country",
            Self::Rendition => "rendition",
        }
    }

    /// As the store keeps it.
    pub const fn code(self) -> i64 {
        match self {
            Self::Source => 0,
            Self::Host => 1,
            Self::Device => 2,
            Self::Country => 3,
            Self::Rendition => 4,
        }
    }
}

/// One value of one [`Dimension`]. What is not known is no slice: it is what the slices leave of the whole.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Slice {
    /// Where the viewer came from.
    Source(source::Source),
    /// The host of another site that they came from.
    Host(Arc<str>),
    /// What they watch on.
    Device(device::Device),
    /// Two letters in upper case.
    Country([u8; 2]),
    /// What was played.
    Rendition(beacon::Rendition),
}

impl Slice {
    /// What it is a value of.
    pub const fn dimension(&self) -> Dimension {
        match self {
            Self::Source(_) => Dimension::Source,
            Self::Host(_) => Dimension::Host,
            Self::Device(_) => Dimension::Device,
            Self::Country(_) => Dimension::Country,
            Self::Rendition(_) => Dimension::Rendition,
        }
    }

    /// Its name, as rows and answers have it.
    pub fn name(&self) -> Cow<'_, str> {
        match self {
            Self::Source(source) => source.name().into(),
            Self::Host(host) => Cow::Borrowed(host),
            Self::Device(device) => device.name().into(),
            Self::Country(letters) => String::from_utf8_lossy(letters),
            Self::Rendition(rendition) => rendition.name().unwrap_or("unknown").into(),
        }
    }
}

/// A struct of whole numbers that add up field by field.
macro_rules! sums {
    ($(#[$doc:meta])* $name:ident { $($(#[$field_doc:meta])* $field:ident),* $(,)? }) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
        pub struct $name {
            $($(#[$field_doc])* pub $field: i64,)*
        }

        impl AddAssign for $name {
            fn add_assign(&mut self, more: Self) {
                $(self.$field = self.$field.saturating_add(more.$field);)*
            }
        }

        impl SubAssign for $name {
            fn sub_assign(&mut self, less: Self) {
                $(self.$field = self.$field.saturating_sub(less.$field);)*
            }
        }

        impl $name {
            /// Whether there is nothing to add.
            pub fn is_zero(&self) -> bool {
                *self == Self::default()
            }
        }
    };
}

sums! {
    /// The numbers of one subject in one bucket of time.
    Counts {
        /// Counted views; none of the owner's.
        views,
        /// Views by the owner.
        own_views,
        /// In minutes: sessions that were alive. In hours and days the unique viewers are worked out from a
        /// sketch instead, and nothing is added here.
        viewers,
        /// Media time that was watched, in milliseconds; none of the owner's.
        watch_ms,
        /// Media time that the owner watched, in milliseconds.
        own_watch_ms,
        /// Likes, less those that were taken back.
        likes,
        /// Comments.
        comments,
        /// Followers gained.
        subscribers_gained,
        /// Followers lost.
        subscribers_lost,
        /// Sessions that began.
        sessions,
        /// Sessions that told how long their start took.
        startups,
        /// How long those took in all, in milliseconds.
        startup_ms,
        /// Interruptions because data did not come in time.
        stalls,
        /// How long those took in all, in milliseconds.
        stall_ms,
        /// Failures to play.
        errors,
    }
}

sums! {
    /// What is told apart by a [`Dimension`].
    Split {
        /// Counted views.
        views,
        /// Media time that was watched, in milliseconds.
        watch_ms,
        /// Sessions that told how long their start took.
        startups,
        /// How long those took in all, in milliseconds.
        startup_ms,
        /// Interruptions because data did not come in time.
        stalls,
        /// How long those took in all, in milliseconds.
        stall_ms,
        /// Failures to play.
        errors,
    }
}

impl From<Counts> for Split {
    fn from(counts: Counts) -> Self {
        Self {
            views: counts.views,
            watch_ms: counts.watch_ms,
            startups: counts.startups,
            startup_ms: counts.startup_ms,
            stalls: counts.stalls,
            stall_ms: counts.stall_ms,
            errors: counts.errors,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_bucket_begins_where_the_last_one_ended() {
        // 2024-02-29T23:59:59.999Z and the millisecond after it.
        let last = Millis(1_709_251_199_999);
        let next = last.plus_ms(1);
        for grain in [Grain::Minute, Grain::Hour, Grain::Day, Grain::Month] {
            assert_eq!(grain.start(next), next, "{grain:?}");
            assert!(grain.start(last) < next);
        }
        assert_eq!(Grain::Month.start(last).to_string(), "2024-02-01T00:00:00.000Z");
    }

    #[test]
    fn times_before_the_epoch_and_at_the_ends_have_buckets_too() {
        assert_eq!(Grain::Hour.start(Millis(-1)), Millis(-HOUR_MS));
        for at in [i64::MIN, i64::MAX] {
            assert!(Grain::Month.start(Millis(at)) <= Millis(at).plus_ms(DAY_MS));
        }
    }

    #[test]
    fn sums_add_field_by_field_and_stay_within_bounds() {
        let mut sum = Counts {
            views: i64::MAX,
            ..Counts::default()
        };
        sum += Counts {
            views: 1,
            errors: 2,
            ..Counts::default()
        };
        assert_eq!((sum.views, sum.errors, sum.watch_ms), (i64::MAX, 2, 0));
        assert!(Counts::default().is_zero() && !sum.is_zero());
    }
}
