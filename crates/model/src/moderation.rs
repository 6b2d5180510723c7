//! Moderation: what can be reported and taken down, why, and what is written down about it.
//!
//! Who may do which of it is the application's to say.

use std::str::FromStr;

use serde::Serialize;

use crate::ObjectId;
use crate::text::{self, Fault};

/// The longest text of a report, in characters.
pub const TEXT_CHARS: usize = 2_000;
/// The longest reason or note of a moderator, in characters.
pub const NOTE_CHARS: usize = 500;

/// A kind of thing that moderation is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Kind {
    /// A video.
    Video,
    /// A comment.
    Comment,
    /// A tweet.
    Tweet,
    /// A user, who is also a channel.
    User,
    /// A playlist.
    Playlist,
    /// A report; the log names it, nobody reports it.
    Report,
}

/// A number of the store that stands for nothing this release knows, or a name for none.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Unknown;

/// All kinds with their numbers and names.
const KINDS: [(Kind, i64, &str); 6] = [
    (Kind::Video, 0, "video"),
    (Kind::Comment, 1, "comment"),
    (Kind::Tweet, 2, "tweet"),
    (Kind::User, 3, "user"),
    (Kind::Playlist, 4, "playlist"),
    (Kind::Report, 5, "report"),
];

impl Kind {
    /// The number the store keeps.
    pub const fn code(self) -> i64 {
        match self {
            Self::Video => 0,
            Self::Comment => 1,
            Self::Tweet => 2,
            Self::User => 3,
            Self::Playlist => 4,
            Self::Report => 5,
        }
    }

    /// The kind behind a stored number; `None` for one that this release does not know.
    pub fn from_code(code: i64) -> Option<Self> {
        KINDS
            .iter()
            .find_map(|(kind, number, _)| (*number == code).then_some(*kind))
    }

    /// Whether people report such a thing.
    pub const fn is_reported(self) -> bool {
        !matches!(self, Self::Report)
    }

    /// Whether moderators take such a thing down. Users are switched off instead.
    pub const fn is_taken_down(self) -> bool {
        matches!(self, Self::Video | Self::Comment | Self::Tweet | Self::Playlist)
    }
}

impl FromStr for Kind {
    type Err = Unknown;

    fn from_str(name: &str) -> Result<Self, Unknown> {
        KINDS
            .iter()
            .find_map(|(kind, _, known)| (*known == name).then_some(*kind))
            .ok_or(Unknown)
    }
}

/// One thing that moderation is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Target {
    /// Of which kind it is.
    pub kind: Kind,
    /// Its id.
    pub id: ObjectId,
}

impl Target {
    /// The thing of this kind and id.
    pub const fn new(kind: Kind, id: ObjectId) -> Self {
        Self { kind, id }
    }
}

/// What somebody says is wrong.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub enum Reason {
    /// Advertising, repetition, deceit for clicks.
    Spam,
    /// Somebody is insulted, threatened or followed about.
    Harassment,
    /// Against people for what they are.
    Hate,
    /// Violence, or calls for it.
    Violence,
    /// Sexual content where it does not belong.
    Sexual,
    /// Harm to children.
    ChildSafety,
    /// Suicide and self-harm.
    SelfHarm,
    /// What is claimed is wrong and does harm.
    Misinformation,
    /// Somebody else's work.
    Copyright,
    /// Somebody's private matters.
    Privacy,
    /// Somebody pretends to be somebody else.
    Impersonation,
    /// Against the law in another way.
    Illegal,
    /// Something else, which the text says.
    Other,
}

/// All reasons with their numbers and names.
const REASONS: [(Reason, i64, &str); 13] = [
    (Reason::Spam, 0, "spam"),
    (Reason::Harassment, 1, "harassment"),
    (Reason::Hate, 2, "hate"),
    (Reason::Violence, 3, "violence"),
    (Reason::Sexual, 4, "sexual"),
    (Reason::ChildSafety, 5, "childSafety"),
    (Reason::SelfHarm, 6, "selfHarm"),
    (Reason::Misinformation, 7, "misinformation"),
    (Reason::Copyright, 8, "copyright"),
    (Reason::Privacy, 9, "privacy"),
    (Reason::Impersonation, 10, "impersonation"),
    (Reason::Illegal, 11, "illegal"),
    (Reason::Other, 12, "other"),
];

impl Reason {
    /// The number the store keeps.
    pub fn code(self) -> i64 {
        REASONS
            .iter()
            .find_map(|(reason, code, _)| (*reason == self).then_some(*code))
            .unwrap_or(12)
    }

    /// The reason behind a stored number; what is unknown is another.
    pub fn from_code(code: i64) -> Self {
        REASONS
            .iter()
            .find_map(|(reason, number, _)| (*number == code).then_some(*reason))
            .unwrap_or(Self::Other)
    }

    /// The reason of this wire name.
    pub fn from_name(name: &str) -> Option<Self> {
        REASONS
            .iter()
            .find_map(|(reason, _, known)| (*known == name).then_some(*reason))
    }
}

/// Whether somebody still has to look at a report.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum ReportState {
    /// Nobody has dealt with it.
    Open,
    /// It was dealt with, one way or another.
    Closed,
}

impl ReportState {
    /// The number the store keeps.
    pub fn code(self) -> i64 {
        match self {
            Self::Open => 0,
            Self::Closed => 1,
        }
    }

    /// The state behind a stored number; what is unknown is open: somebody will look.
    pub fn from_code(code: i64) -> Self {
        if code == 1 { Self::Closed } else { Self::Open }
    }

    /// The state of this wire name.
    pub fn from_name(name: &str) -> Option<Self> {
        match name {
            "open" => Some(Self::Open),
            "closed" => Some(Self::Closed),
            _ => None,
        }
    }
}

/// Something that a moderator or admin did, as the audit log names it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Act {
    /// Gave a user another role.
    SetRole,
    /// Switched an account off.
    Disable,
    /// Switched an account on again.
    Enable,
    /// Set what a user may store.
    SetQuota,
    /// Ended a user's sessions.
    EndSessions,
    /// Set a user's password.
    ResetPassword,
    /// Made an account.
    CreateUser,
    /// Let somebody in who had registered.
    ApproveRegistration,
    /// Turned somebody away who had registered.
    RefuseRegistration,
    /// Closed a report.
    CloseReport,
    /// Opened a report again.
    ReopenReport,
    /// Wrote another note to a report.
    NoteReport,
    /// Took something down.
    TakeDown,
    /// Brought back what was taken down.
    Restore,
    /// Removed something of somebody else.
    Remove,
    /// Changed something of somebody else.
    Edit,
}

impl Act {
    /// Its name in the log. Names stay: they stand in rows.
    pub const fn name(self) -> &'static str {
        match self {
            Self::SetRole => "user.set_role",
            Self::Disable => "user.disable",
            Self::Enable => "user.enable",
            Self::SetQuota => "user.set_quota",
            Self::EndSessions => "user.end_sessions",
            Self::ResetPassword => "user.reset_password",
            Self::CreateUser => "user.create",
            Self::ApproveRegistration => "registration.approve",
            Self::RefuseRegistration => "registration.refuse",
            Self::CloseReport => "report.close",
            Self::ReopenReport => "report.reopen",
            Self::NoteReport => "report.note",
            Self::TakeDown => "content.take_down",
            Self::Restore => "content.restore",
            Self::Remove => "content.remove",
            Self::Edit => "content.edit",
        }
    }
}

/// What somebody writes with a report: up to 2,000 characters.
pub fn text(raw: &str) -> Result<String, Fault> {
    text::paragraphs(raw, 0, TEXT_CHARS)
}

/// Why something is taken down, for its owner: 1 to 500 characters.
pub fn reason(raw: &str) -> Result<String, Fault> {
    text::paragraphs(raw, 1, NOTE_CHARS)
}

/// What a moderator notes: up to 500 characters.
pub fn note(raw: &str) -> Result<String, Fault> {
    text::paragraphs(raw, 0, NOTE_CHARS)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_the_store_keeps_reads_back_the_same() {
        for (kind, code, name) in KINDS {
            assert_eq!((kind.code(), Kind::from_code(code)), (code, Some(kind)));
            assert_eq!(name.parse(), Ok(kind));
        }
        assert_eq!(Kind::from_code(99), None);
        for (reason, code, name) in REASONS {
            assert_eq!((reason.code(), Reason::from_code(code)), (code, reason));
            assert_eq!(Reason::from_name(name), Some(reason));
        }
        assert_eq!(Reason::from_code(99), Reason::Other);
        for state in [ReportState::Open, ReportState::Closed] {
            assert_eq!(ReportState::from_code(state.code()), state);
        }
    }

    #[test]
    fn a_takedown_needs_a_reason_and_a_note_may_be_empty() {
        assert_eq!(reason("  ").unwrap_err().code, "missing");
        assert_eq!(note("  "), Ok(String::new()));
        assert_eq!(reason(&"x".repeat(501)).unwrap_err().code, "too_long");
    }
}
