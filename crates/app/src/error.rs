//! What a use case answers when it does not do what was asked: a refusal with public words, or a
//! failure whose cause stays in the log.

use std::borrow::Cow;

use model::text::Fault;
use objects::ObjectsError;
use store::StoreError;
use thiserror::Error;

/// A use case did not do what was asked.
#[derive(Debug, Error)]
pub enum Error {
    /// The request cannot be granted; the words are meant for whoever asked.
    #[error("{0}")]
    Refused(Refusal),
    /// Something here is broken; nobody outside learns more than that.
    #[error("{context}")]
    Failed {
        /// What was being done.
        context: &'static str,
        /// What went wrong.
        #[source]
        source: Box<dyn std::error::Error + Send + Sync>,
    },
}

/// Why a request is refused, in the terms of HTTP's status classes but without HTTP.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// The request cannot be understood or breaks a rule of its fields.
    Invalid,
    /// No valid sign-in.
    Unauthenticated,
    /// Signed in, but not allowed; only where the thing is public anyway.
    Forbidden,
    /// Not there, or not for this caller to know of.
    NotFound,
    /// It contradicts what is there.
    Conflict,
    /// It was there, and will not be again.
    Gone,
    /// Someone else is at it; worth another try.
    Locked,
    /// The bytes are not those that were announced.
    ChecksumMismatch,
    /// More bytes than are taken.
    TooLarge,
    /// Bytes of a kind that is not taken.
    Unsupported,
    /// Understood, and still not acceptable.
    Unprocessable,
    /// Too often.
    TooMany,
    /// Not now; worth another try.
    Unavailable,
    /// No room on the disk.
    NoSpace,
}

/// A refusal: what kind, a code for programs, a sentence for people, and the fields to blame.
#[derive(Debug, Clone)]
pub struct Refusal {
    /// What kind of refusal.
    pub kind: Kind,
    /// For programs: `video_not_found`, `username_taken`, …
    pub code: &'static str,
    /// For people.
    pub message: Cow<'static, str>,
    /// Which fields are wrong, and why.
    pub fields: Vec<(&'static str, Fault)>,
    /// When it is worth trying again, in seconds.
    pub retry_after_s: Option<u32>,
}

impl std::fmt::Display for Refusal {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} ({})", self.message, self.code)
    }
}

impl Refusal {
    /// A refusal of this kind.
    pub fn new(kind: Kind, code: &'static str, message: impl Into<Cow<'static, str>>) -> Self {
        Self {
            kind,
            code,
            message: message.into(),
            fields: Vec::new(),
            retry_after_s: None,
        }
    }

    /// The same, worth another try after `seconds`.
    #[must_use]
    pub fn retry_after(mut self, seconds: u32) -> Self {
        self.retry_after_s = Some(seconds);
        self
    }
}

impl Error {
    /// A refusal of this kind.
    pub fn refused(kind: Kind, code: &'static str, message: impl Into<Cow<'static, str>>) -> Self {
        Self::Refused(Refusal::new(kind, code, message))
    }

    /// A failure while doing `context`.
    pub fn failed(
        context: &'static str,
        source: impl Into<Box<dyn std::error::Error + Send + Sync>>,
    ) -> Self {
        Self::Failed {
            context,
            source: source.into(),
        }
    }

    /// One wrong field.
    pub fn field(name: &'static str, fault: Fault) -> Self {
        let mut fields = Fields::default();
        fields.blame(name, fault);
        fields.into_error()
    }

    /// No valid sign-in.
    pub fn unauthenticated() -> Self {
        Self::refused(Kind::Unauthenticated, "unauthenticated", "Sign in first.")
    }

    /// No such video, as far as this caller may know.
    pub fn no_video() -> Self {
        Self::refused(Kind::NotFound, "video_not_found", "Video not found")
    }

    /// No such user.
    pub fn no_user() -> Self {
        Self::refused(Kind::NotFound, "user_not_found", "User not found")
    }
}

impl From<Refusal> for Error {
    fn from(refusal: Refusal) -> Self {
        Self::Refused(refusal)
    }
}

impl From<StoreError> for Error {
    fn from(error: StoreError) -> Self {
        match error {
            StoreError::Busy | StoreError::Timeout => Self::busy(),
            StoreError::Unavailable { what } => {
                tracing::warn!(what, "The database server is away: {what}");
                Self::busy()
            }
            StoreError::NoSpace => Self::no_space(),
            other => Self::failed("store", other),
        }
    }
}

impl From<ObjectsError> for Error {
    fn from(error: ObjectsError) -> Self {
        match error {
            ObjectsError::NoSpace => Self::no_space(),
            ObjectsError::Unavailable(source) => {
                tracing::warn!(error = %source, "The bucket cannot be reached: {source}");
                Self::storage_unavailable()
            }
            other => Self::failed("objects", other),
        }
    }
}

impl Error {
    /// The server has more to do than it can; later is better.
    pub fn busy() -> Self {
        Refusal::new(
            Kind::Unavailable,
            "busy",
            "The server is busy. Try again in a moment.",
        )
        .retry_after(2)
        .into()
    }

    /// What keeps the bytes of media does not answer.
    pub fn storage_unavailable() -> Self {
        Refusal::new(
            Kind::Unavailable,
            "storage_unavailable",
            "Files cannot be reached at the moment. Try again shortly.",
        )
        .retry_after(5)
        .into()
    }

    /// The disk is full, or nearly.
    pub fn no_space() -> Self {
        Refusal::new(
            Kind::NoSpace,
            "no_space",
            "The server has no room left for this. Try again later.",
        )
        .retry_after(60)
        .into()
    }
}

/// Collects what is wrong with the fields of one request, so that all of it is said at once.
#[derive(Debug, Default)]
pub struct Fields(Vec<(&'static str, Fault)>);

impl Fields {
    /// The checked value, or a note of what is wrong with the field.
    pub fn check<T>(&mut self, name: &'static str, value: Result<T, Fault>) -> Option<T> {
        value.map_err(|fault| self.blame(name, fault)).ok()
    }

    /// Like [`Self::check`] for a field that must be there.
    pub fn require<T>(
        &mut self,
        name: &'static str,
        value: Option<&str>,
        rule: impl FnOnce(&str) -> Result<T, Fault>,
    ) -> Option<T> {
        self.check(name, value.ok_or_else(Fault::missing).and_then(rule))
    }

    /// Like [`Self::check`] for a field that may be absent.
    pub fn optional<T>(
        &mut self,
        name: &'static str,
        value: Option<&str>,
        rule: impl FnOnce(&str) -> Result<T, Fault>,
    ) -> Option<T> {
        value.and_then(|value| self.check(name, rule(value)))
    }

    /// Notes that a field is wrong.
    pub fn blame(&mut self, name: &'static str, fault: Fault) {
        self.0.push((name, fault));
    }

    /// Fine when nothing was noted.
    pub fn done(self) -> Result<(), Error> {
        if self.0.is_empty() {
            Ok(())
        } else {
            Err(self.into_error())
        }
    }

    /// The refusal that names every noted field. Also what stands in when a checked value is absent.
    pub fn into_error(self) -> Error {
        let message = match self.0.as_slice() {
            [(name, fault)] => Cow::Owned(format!("{name}: {}", fault.message)),
            _ => Cow::Borrowed("Some fields are missing or wrong."),
        };
        Refusal {
            fields: self.0,
            ..Refusal::new(Kind::Invalid, "invalid_fields", message)
        }
        .into()
    }
}
