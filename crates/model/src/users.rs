//! Users and sessions: roles, and the rules that names, addresses and passwords follow.
//!
//! Whether a name is still free is the store's to say; hashing is the application's.

use serde::Serialize;
use unicode_normalization::UnicodeNormalization;

use crate::text::{self, Fault};

/// What a user may do beyond their own things.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Role {
    /// Everyone who registers.
    User,
    /// Looks after what people say and show.
    Moderator,
    /// Runs the site.
    Admin,
}

impl Role {
    /// The number the store keeps.
    pub fn code(self) -> i64 {
        match self {
            Self::User => 0,
            Self::Moderator => 5,
            Self::Admin => 10,
        }
    }

    /// The role behind a stored number; an unknown number has no rights beyond a user's.
    pub fn from_code(code: i64) -> Self {
        match code {
            10 => Self::Admin,
            5 => Self::Moderator,
            _ => Self::User,
        }
    }

    /// Its name on the wire and on the command line.
    pub fn name(self) -> &'static str {
        match self {
            Self::User => "user",
            Self::Moderator => "moderator",
            Self::Admin => "admin",
        }
    }

    /// The role of this name.
    pub fn from_name(name: &str) -> Option<Self> {
        [Self::User, Self::Moderator, Self::Admin]
            .into_iter()
            .find(|role| role.name() == name)
    }
}

/// Who may register.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Registration {
    /// Everyone.
    Open,
    /// Everyone, and an admin has to agree before they can sign in.
    Approval,
    /// Nobody; accounts are made on the machine.
    Closed,
}

/// Length bounds of a password, in characters.
pub const PASSWORD_CHARS: std::ops::RangeInclusive<usize> = 8..=128;
/// The longest full name, in characters.
pub const FULL_NAME_CHARS: usize = 80;
/// The longest channel description, in characters.
pub const BIO_CHARS: usize = 1000;

/// A username as it is stored: NFKC, trimmed, lower case, `[a-z0-9_.]{3,30}`.
pub fn username(raw: &str) -> Result<String, Fault> {
    let name: String = raw.trim().nfkc().flat_map(char::to_lowercase).take(31).collect();
    if name.is_empty() {
        return Err(Fault::missing());
    }
    let fits = (3..=30).contains(&name.len())
        && name
            .bytes()
            .all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'_' || b == b'.');
    if fits {
        Ok(name)
    } else {
        Err(Fault::new(
            "malformed",
            "A username has 3 to 30 characters: a to z, 0 to 9, dot and underscore.",
        ))
    }
}

/// An email address as it is stored: trimmed, lower case, of a shape that mail can reach.
///
/// The shape is that of the HTML standard's `email` input (a working subset of RFC 5321), with a
/// dot required in the domain and the length bounds of RFC 5321 section 4.5.3.1.
pub fn email(raw: &str) -> Result<String, Fault> {
    let address = raw.trim().to_lowercase();
    if address.is_empty() {
        return Err(Fault::missing());
    }
    let fault = || Fault::new("malformed", "This is not an email address.");
    let (local, domain) = address.split_once('@').ok_or_else(fault)?;
    let local_fits = (1..=64).contains(&local.len())
        && local
            .bytes()
            .all(|b| b.is_ascii_alphanumeric() || b".!#$%&'*+/=?^_`{|}~-".contains(&b));
    let label_fits = |label: &str| {
        (1..=63).contains(&label.len())
            && label.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-')
            && !label.starts_with('-')
            && !label.ends_with('-')
    };
    let domain_fits = domain.len() <= 255 && domain.contains('.') && domain.split('.').all(label_fits);
    if local_fits && domain_fits {
        Ok(address)
    } else {
        Err(fault())
    }
}

/// A full name: 1 to 80 characters, no control characters.
pub fn full_name(raw: &str) -> Result<String, Fault> {
    text::line(raw, 1, FULL_NAME_CHARS)
}

/// A channel description: up to 1,000 characters.
pub fn bio(raw: &str) -> Result<String, Fault> {
    text::paragraphs(raw, 0, BIO_CHARS)
}

/// Whether a password has an acceptable length. Every character counts and none is cut off;
/// whether it is among the commonest is asked where it is hashed.
pub fn password(raw: &str) -> Result<(), Fault> {
    if raw.is_empty() {
        return Err(Fault::missing());
    }
    match raw.chars().count() {
        n if n < *PASSWORD_CHARS.start() => {
            Err(Fault::new("too_short", "A password has at least 8 characters."))
        }
        n if n > *PASSWORD_CHARS.end() => {
            Err(Fault::new("too_long", "A password has at most 128 characters."))
        }
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_username_is_folded_before_it_is_judged() {
        assert_eq!(username("  Asha_K.9 "), Ok("asha_k.9".into()));
        assert_eq!(
            username("ＡＳＨＡ"),
            Ok("asha".into()),
            "full-width letters are the same letters"
        );
        for bad in [
            "ab",
            "a b c",
            "naïve",
            "x".repeat(31).as_str(),
            "../etc",
            "a%00b",
            "<script>",
        ] {
            assert!(username(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn a_role_reads_back_the_same_and_an_unknown_one_has_no_rights() {
        for role in [Role::User, Role::Moderator, Role::Admin] {
            assert_eq!(Role::from_code(role.code()), role);
            assert_eq!(Role::from_name(role.name()), Some(role));
        }
        assert_eq!(Role::from_code(7), Role::User);
        assert_eq!(Role::from_name("root"), None);
    }

    #[test]
    fn an_address_needs_a_local_part_and_a_dotted_domain() {
        assert_eq!(email(" Asha@Example.COM "), Ok("asha@example.com".into()));
        for bad in [
            "asha",
            "@example.com",
            "a@b",
            "a@-b.com",
            "a b@c.de",
            "a@b..de",
            "a@b.de\n",
            "a@b@c.de",
        ] {
            let trimmed_ok = bad.trim() != bad;
            assert!(email(bad).is_err() || trimmed_ok, "{bad}");
        }
    }

    #[test]
    fn a_password_is_measured_in_characters() {
        assert!(password("ünïcödé!").is_ok());
        assert!(password("1234567").is_err());
        assert!(password(&"x".repeat(129)).is_err());
    }
}
