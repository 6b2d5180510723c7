//! Webhooks: which events there are, how a delivery ends, and when it is tried again.

use crate::text::Fault;

/// Webhooks of one channel.
pub const MOST: i64 = 10;
/// How long deliveries are kept, in milliseconds.
pub const KEPT_MS: i64 = 30 * 24 * 3_600_000;
/// A receiver that took nothing for so long is switched off at the next failure.
pub const PATIENCE_MS: i64 = 3 * 24 * 3_600_000;
/// The longest address.
pub const URL_CHARS: usize = 2_000;
/// The pauses before each further attempt, in milliseconds: 5 s, 1 min, 10 min, 1 h, 6 h, 24 h.
pub const PAUSES_MS: [i64; 6] = [5_000, 60_000, 600_000, 3_600_000, 21_600_000, 86_400_000];

/// The pause after this many attempts have failed; `None` when there was the last one.
pub fn pause_ms(attempts: i64) -> Option<i64> {
    let index = usize::try_from(attempts.checked_sub(1)?).ok()?;
    PAUSES_MS.get(index).copied()
}

/// What a webhook can be told.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Event {
    /// A video of the channel is listed for the first time.
    VideoPublished,
    /// A video of the channel is ready, or its new file has taken its place.
    VideoReady,
    /// A video of the channel, or its new file, could not be prepared.
    VideoFailed,
    /// A video of the channel is gone.
    VideoRemoved,
    /// Somebody commented on a video of the channel.
    CommentCreated,
    /// The channel tweeted.
    TweetCreated,
    /// Somebody follows the channel.
    SubscriberAdded,
    /// The owner tries the webhook out. Sent whatever was asked for.
    Test,
}

impl Event {
    /// Those that can be asked for.
    pub const ALL: [Self; 7] = [
        Self::VideoPublished,
        Self::VideoReady,
        Self::VideoFailed,
        Self::VideoRemoved,
        Self::CommentCreated,
        Self::TweetCreated,
        Self::SubscriberAdded,
    ];

    /// As it stands in a column.
    pub const fn code(self) -> i64 {
        match self {
            Self::Test => 0,
            Self::VideoPublished => 1,
            Self::VideoReady => 2,
            Self::VideoFailed => 3,
            Self::VideoRemoved => 4,
            Self::CommentCreated => 5,
            Self::TweetCreated => 6,
            Self::SubscriberAdded => 7,
        }
    }

    /// The event of this code; `None` for those of a later release.
    pub fn from_code(code: i64) -> Option<Self> {
        if code == Self::Test.code() {
            return Some(Self::Test);
        }
        Self::ALL.into_iter().find(|event| event.code() == code)
    }

    /// As receivers know it.
    pub const fn name(self) -> &'static str {
        match self {
            Self::VideoPublished => "video.published",
            Self::VideoReady => "video.ready",
            Self::VideoFailed => "video.failed",
            Self::VideoRemoved => "video.removed",
            Self::CommentCreated => "comment.created",
            Self::TweetCreated => "tweet.created",
            Self::SubscriberAdded => "subscriber.added",
            Self::Test => "webhook.test",
        }
    }

    const fn bit(self) -> i64 {
        1 << self.code()
    }
}

/// Some events.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Events(i64);

impl Events {
    /// As it stands in a column.
    pub const fn code(self) -> i64 {
        self.0
    }

    /// The events of this code.
    pub const fn from_code(code: i64) -> Self {
        Self(code)
    }

    /// Whether it is one of them.
    pub const fn has(self, event: Event) -> bool {
        self.0 & event.bit() != 0
    }

    /// Those of these names; at least one, all of them known.
    pub fn parse(names: &[String]) -> Result<Self, Fault> {
        let mut events = Self::default();
        for name in names {
            let known = Event::ALL.into_iter().find(|event| event.name() == name);
            let event = known.ok_or_else(|| {
                let all: Vec<&str> = Event::ALL.iter().map(|event| event.name()).collect();
                Fault::new("unknown_event", format!("Events are {}.", all.join(", ")))
            })?;
            events.0 |= event.bit();
        }
        if events.0 == 0 {
            return Err(Fault::new("empty", "Name at least one event."));
        }
        Ok(events)
    }

    /// Their names.
    pub fn names(self) -> Vec<&'static str> {
        let named = Event::ALL.into_iter().filter(|event| self.has(*event));
        named.map(Event::name).collect()
    }
}

/// How a delivery stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum State {
    /// It waits for its next attempt.
    Pending,
    /// The receiver took it.
    Delivered,
    /// It is given up.
    Dead,
}

impl State {
    /// As it stands in a column.
    pub const fn code(self) -> i64 {
        match self {
            Self::Pending => 0,
            Self::Delivered => 1,
            Self::Dead => 2,
        }
    }

    /// The state of this code; what is unknown is over.
    pub const fn from_code(code: i64) -> Self {
        match code {
            0 => Self::Pending,
            1 => Self::Delivered,
            _ => Self::Dead,
        }
    }

    /// As it is told.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Pending => "pending",
            Self::Delivered => "delivered",
            Self::Dead => "dead",
        }
    }
}

/// Why the server switched a webhook off.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ended {
    /// The receiver answered 410: it wants nothing any more.
    Gone,
    /// Nothing arrived for days.
    Failing,
}

impl Ended {
    /// As it stands in a column.
    pub const fn code(self) -> i64 {
        match self {
            Self::Gone => 0,
            Self::Failing => 1,
        }
    }

    /// The reason of this code.
    pub const fn from_code(code: i64) -> Self {
        if code == 0 { Self::Gone } else { Self::Failing }
    }

    /// As it is told.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Gone => "gone",
            Self::Failing => "failing",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn events_survive_the_column_and_unknown_ones_are_refused() {
        for event in Event::ALL.into_iter().chain([Event::Test]) {
            assert_eq!(Event::from_code(event.code()), Some(event));
        }
        let names = ["tweet.created".to_owned(), "video.published".to_owned()];
        let events = Events::parse(&names).unwrap();
        assert_eq!(
            Events::from_code(events.code()).names(),
            ["video.published", "tweet.created"]
        );
        assert!(!events.has(Event::CommentCreated));
        for bad in [
            vec![],
            vec!["webhook.test".to_owned()],
            vec!["video.*".to_owned()],
        ] {
            assert!(Events::parse(&bad).is_err(), "{bad:?}");
        }
    }

    #[test]
    fn pauses_grow_and_end() {
        assert_eq!(pause_ms(0), None);
        assert_eq!(pause_ms(1), Some(5_000));
        assert_eq!(pause_ms(6), Some(86_400_000));
        assert_eq!(pause_ms(7), None);
    }
}
