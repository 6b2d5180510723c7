//! Values that go into statements.

use std::borrow::Cow;

use model::{
    AuditId, CommentId, DeliveryId, ExportId, JobId, LikeId, Millis, NotificationId, ObjectId, PlaylistId,
    PushId, ReportId, SessionId, SubscriptionId, TweetId, UploadId, UserId, VideoId, WebhookId,
};

/// One parameter of a statement. Made with [`params!`](crate::params), which takes whatever has a
/// `From` here.
#[derive(Debug, Clone, PartialEq)]
pub enum Val<'a> {
    /// No value.
    Null,
    /// A whole number, also a time or a truth value (0 or 1).
    Int(i64),
    /// A fraction.
    Real(f64),
    /// Text.
    Text(Cow<'a, str>),
    /// Bytes.
    Blob(&'a [u8]),
    /// The twelve bytes of an id; a blob to the engine.
    Id([u8; 12]),
}

/// A value that outlives the statement that it came with or went into.
#[derive(Debug, Clone, PartialEq)]
pub enum Value {
    /// No value.
    Null,
    /// A whole number.
    Int(i64),
    /// A fraction.
    Real(f64),
    /// Text.
    Text(String),
    /// Bytes.
    Blob(Vec<u8>),
}

impl Value {
    /// A parameter, kept.
    pub fn of(value: &Val<'_>) -> Self {
        match value {
            Val::Null => Self::Null,
            Val::Int(value) => Self::Int(*value),
            Val::Real(value) => Self::Real(*value),
            Val::Text(value) => Self::Text(value.clone().into_owned()),
            Val::Blob(value) => Self::Blob(value.to_vec()),
            Val::Id(value) => Self::Blob(value.to_vec()),
        }
    }

    /// The value as a parameter.
    pub fn as_val(&self) -> Val<'_> {
        match self {
            Self::Null => Val::Null,
            Self::Int(value) => Val::Int(*value),
            Self::Real(value) => Val::Real(*value),
            Self::Text(value) => Val::Text(Cow::Borrowed(value)),
            Self::Blob(value) => Val::Blob(value),
        }
    }
}

/// The parameters of a statement, as an array of [`Val`](crate::Val): `&params![id, "title", now]`.
#[macro_export]
macro_rules! params {
    () => { [] as [$crate::Val<'static>; 0] };
    ($($value:expr),+ $(,)?) => { [$($crate::Val::from($value)),+] };
}

impl From<i64> for Val<'_> {
    fn from(value: i64) -> Self {
        Self::Int(value)
    }
}

impl From<i32> for Val<'_> {
    fn from(value: i32) -> Self {
        Self::Int(value.into())
    }
}

impl From<u32> for Val<'_> {
    fn from(value: u32) -> Self {
        Self::Int(value.into())
    }
}

/// Sizes and counts; held at the largest number that a column can hold.
impl From<u64> for Val<'_> {
    fn from(value: u64) -> Self {
        Self::Int(i64::try_from(value).unwrap_or(i64::MAX))
    }
}

impl From<bool> for Val<'_> {
    fn from(value: bool) -> Self {
        Self::Int(value.into())
    }
}

impl From<f64> for Val<'_> {
    fn from(value: f64) -> Self {
        Self::Real(value)
    }
}

impl From<Millis> for Val<'_> {
    fn from(value: Millis) -> Self {
        Self::Int(value.0)
    }
}

impl<'a> From<&'a str> for Val<'a> {
    fn from(value: &'a str) -> Self {
        Self::Text(Cow::Borrowed(value))
    }
}

impl<'a> From<&'a String> for Val<'a> {
    fn from(value: &'a String) -> Self {
        Self::Text(Cow::Borrowed(value))
    }
}

impl From<String> for Val<'_> {
    fn from(value: String) -> Self {
        Self::Text(Cow::Owned(value))
    }
}

impl<'a> From<Cow<'a, str>> for Val<'a> {
    fn from(value: Cow<'a, str>) -> Self {
        Self::Text(value)
    }
}

impl<'a> From<&'a [u8]> for Val<'a> {
    fn from(value: &'a [u8]) -> Self {
        Self::Blob(value)
    }
}

impl<'a> From<&'a Vec<u8>> for Val<'a> {
    fn from(value: &'a Vec<u8>) -> Self {
        Self::Blob(value)
    }
}

impl<'a, const N: usize> From<&'a [u8; N]> for Val<'a> {
    fn from(value: &'a [u8; N]) -> Self {
        Self::Blob(value)
    }
}

impl From<ObjectId> for Val<'_> {
    fn from(id: ObjectId) -> Self {
        Self::Id(id.0)
    }
}

macro_rules! from_ids {
    ($($id:ty),*) => {$(
        impl From<$id> for Val<'_> {
            fn from(id: $id) -> Self {
                Self::Id(*id.as_bytes())
            }
        }
        impl From<&$id> for Val<'_> {
            fn from(id: &$id) -> Self {
                Self::Id(*id.as_bytes())
            }
        }
    )*};
}

from_ids!(
    UserId,
    VideoId,
    SessionId,
    JobId,
    UploadId,
    NotificationId,
    CommentId,
    TweetId,
    LikeId,
    SubscriptionId,
    PlaylistId,
    ReportId,
    AuditId,
    ExportId,
    WebhookId,
    DeliveryId,
    PushId
);

impl<'a, T: Into<Val<'a>>> From<Option<T>> for Val<'a> {
    fn from(value: Option<T>) -> Self {
        value.map_or(Self::Null, Into::into)
    }
}
