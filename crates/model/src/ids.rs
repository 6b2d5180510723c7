//! Identifiers: MongoDB-style ObjectIds, one type for each kind of thing.
//!
//! Twelve bytes: four of seconds since the epoch (big endian), five that are random for each
//! process, three of a counter. They sort by time, are made by the application, and travel as 24
//! hex digits. Layout: the ObjectId section of the BSON specification.

use std::fmt;
use std::str::FromStr;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

use serde::{Deserialize, Deserializer, Serialize, Serializer, de};
use thiserror::Error;

use crate::clock::Millis;

/// Twelve bytes that name one thing; 24 hex digits on the wire.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ObjectId(pub [u8; 12]);

/// The text is not 24 hex digits, or the bytes are not twelve.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[error("an id is 24 hex digits")]
pub struct MalformedId;

impl ObjectId {
    /// The id whose bytes these are.
    pub fn from_slice(bytes: &[u8]) -> Result<Self, MalformedId> {
        bytes.try_into().map(Self).map_err(|_| MalformedId)
    }

    /// The second in which the id was made.
    pub fn made_at(self) -> Millis {
        let [a, b, c, d, ..] = self.0;
        Millis(i64::from(u32::from_be_bytes([a, b, c, d])) * 1000)
    }

    /// The 24 hex digits, without allocating.
    pub fn hex(self) -> [u8; 24] {
        const DIGITS: &[u8; 16] = b"0123456789abcdef";
        let mut out = [0; 24];
        for (pair, byte) in out.chunks_exact_mut(2).zip(self.0) {
            pair.copy_from_slice(&[DIGITS[usize::from(byte >> 4)], DIGITS[usize::from(byte & 15)]]);
        }
        out
    }
}

impl fmt::Display for ObjectId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(std::str::from_utf8(&self.hex()).map_err(|_| fmt::Error)?)
    }
}

impl fmt::Debug for ObjectId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl Serialize for ObjectId {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl FromStr for ObjectId {
    type Err = MalformedId;
    fn from_str(text: &str) -> Result<Self, MalformedId> {
        let mut bytes = [0; 12];
        hex::decode_to_slice(text, &mut bytes).map_err(|_| MalformedId)?;
        Ok(Self(bytes))
    }
}

macro_rules! typed_ids {
    ($($(#[$doc:meta])* $name:ident),* $(,)?) => {$(
        $(#[$doc])*
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name(pub ObjectId);

        impl $name {
            /// The id whose twelve bytes these are.
            pub fn from_slice(bytes: &[u8]) -> Result<Self, MalformedId> {
                ObjectId::from_slice(bytes).map(Self)
            }
            /// The twelve bytes, as the store keeps them.
            pub fn as_bytes(&self) -> &[u8; 12] {
                &self.0.0
            }
        }
        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result { fmt::Display::fmt(&self.0, f) }
        }
        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result { fmt::Display::fmt(&self.0, f) }
        }
        impl FromStr for $name {
            type Err = MalformedId;
            fn from_str(text: &str) -> Result<Self, MalformedId> { text.parse().map(Self) }
        }
        impl From<ObjectId> for $name {
            fn from(id: ObjectId) -> Self { Self(id) }
        }
        impl Serialize for $name {
            fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.collect_str(self)
            }
        }
        impl<'de> Deserialize<'de> for $name {
            fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                let text = std::borrow::Cow::<str>::deserialize(deserializer)?;
                text.parse().map_err(de::Error::custom)
            }
        }
    )*};
}

typed_ids! {
    /// Names a user, who is also a channel.
    UserId,
    /// Names a video.
    VideoId,
    /// Names one sign-in of one user on one device.
    SessionId,
    /// Names one piece of background work.
    JobId,
    /// Names an upload that goes on over several requests.
    UploadId,
    /// Names one channel's being followed by one person.
    SubscriptionId,
    /// Names a playlist.
    PlaylistId,
    /// Names a comment under a video.
    CommentId,
    /// Names a tweet.
    TweetId,
    /// Names one person's liking of one thing.
    LikeId,
    /// Names something that one user is told.
    NotificationId,
    /// Names what somebody says is wrong with a thing.
    ReportId,
    /// Names something that a moderator or admin did.
    AuditId,
    /// Names a file with everything of one person's.
    ExportId,
    /// Names an address that is told what happens on a channel.
    WebhookId,
    /// Names something that is sent to a webhook, however often.
    DeliveryId,
    /// Names a browser that is told of notifications while no page is open.
    PushId,
}

/// Makes new ids. One for each process: its random part tells processes apart.
#[derive(Debug, Clone)]
pub struct Ids {
    process: [u8; 5],
    counter: Arc<AtomicU32>,
}

impl Ids {
    /// A maker whose random part comes from the operating system.
    pub fn random() -> Self {
        Self::from_parts(rand::random(), rand::random())
    }

    /// A maker whose ids are the same in every run; for tests.
    pub fn seeded(seed: u8) -> Self {
        Self::from_parts([seed; 5], 0)
    }

    fn from_parts(process: [u8; 5], first: u32) -> Self {
        Self {
            process,
            counter: Arc::new(AtomicU32::new(first)),
        }
    }

    /// Whether this process made the id.
    pub fn made_here(&self, id: ObjectId) -> bool {
        id.0[4..9] == self.process
    }

    /// A new id of any kind, stamped with the second of `now`.
    pub fn next<T: From<ObjectId>>(&self, now: Millis) -> T {
        let seconds = u32::try_from(now.as_seconds().max(0))
            .unwrap_or(u32::MAX)
            .to_be_bytes();
        let [_, count @ ..] = self.counter.fetch_add(1, Ordering::Relaxed).to_be_bytes();
        let mut id = [0; 12];
        id[..4].copy_from_slice(&seconds);
        id[4..9].copy_from_slice(&self.process);
        id[9..].copy_from_slice(&count);
        T::from(ObjectId(id))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_survives_the_wire() {
        let id: VideoId = Ids::random().next(Millis(1_700_000_000_000));
        assert_eq!(id.to_string().parse(), Ok(id));
        assert_eq!(
            serde_json::from_str::<VideoId>(&serde_json::to_string(&id).unwrap()).unwrap(),
            id
        );
        assert_eq!(id.0.made_at(), Millis(1_700_000_000_000));
    }

    #[test]
    fn text_that_is_not_24_hex_digits_is_refused() {
        for text in [
            "",
            "abc",
            "zzzzzzzzzzzzzzzzzzzzzzzz",
            "0123456789abcdef012345678",
            "é12345678901234567890123",
        ] {
            assert_eq!(text.parse::<VideoId>(), Err(MalformedId), "{text}");
        }
    }

    #[test]
    fn later_ids_sort_after_earlier_ones() {
        let ids = Ids::seeded(1);
        let made: Vec<VideoId> = (0..1000).map(|i| ids.next(Millis(i * 500))).collect();
        assert!(made.windows(2).all(|pair| pair[0] < pair[1]));
    }
}
