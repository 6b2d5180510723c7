//! Settings as whoever runs a site may look at them: what holds, where it came from, and nothing that is secret.
//!
//! Which settings there are and what they mean is the binary's affair.

use serde::Serialize;

/// What stands where something is left out.
const HIDDEN: &str = "•••";

/// What set a setting.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Source {
    /// The command line.
    Flag,
    /// A variable of the environment.
    Environment,
    /// The settings file.
    File,
    /// Nobody: it is as it comes.
    Default,
}

impl Source {
    /// Its name on the wire and in print.
    pub fn name(self) -> &'static str {
        match self {
            Self::Flag => "flag",
            Self::Environment => "environment",
            Self::File => "file",
            Self::Default => "default",
        }
    }
}

/// One setting.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Setting {
    /// The part of the settings file that it stands in.
    pub section: &'static str,
    /// Its name.
    pub name: &'static str,
    /// What holds, without what is secret; `None` where all of it is.
    pub value: Option<String>,
    /// What set it.
    pub source: Source,
    /// What it does, in a sentence.
    pub about: &'static str,
}

/// A value as it may be shown: of an address neither who signs in there, nor with what, nor its query, in which some
/// databases take a password.
///
/// Passwords hold all kinds of characters, not always escaped. So everything up to the last `@` goes, which may be too
/// much and is never too little.
pub fn without_credentials(value: &str) -> String {
    let Some((scheme, rest)) = value.split_once("://") else {
        return value.to_owned();
    };
    let (who, rest) = match rest.rsplit_once('@') {
        Some((_, rest)) => (format!("{HIDDEN}@"), rest),
        None => (String::new(), rest),
    };
    match rest.split_once('?') {
        Some((place, _)) => format!("{scheme}://{who}{place}?{HIDDEN}"),
        None => format!("{scheme}://{who}{rest}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_are_shown_without_who_signs_in_there() {
        for (said, shown) in [
            ("./data", "./data"),
            ("", ""),
            ("mailto:ops@videos.example", "mailto:ops@videos.example"),
            ("https://videos.example", "https://videos.example"),
            ("postgres://db/clips", "postgres://db/clips"),
            ("postgres://asha:secret@db/clips", "postgres://•••@db/clips"),
            ("postgres://asha:se@c/r,et?@db/clips", "postgres://•••@db/clips"),
            (
                "postgres://db/clips?user=asha&password=secret",
                "postgres://db/clips?•••",
            ),
            ("nats://secret@bus:4222", "nats://•••@bus:4222"),
        ] {
            assert_eq!(without_credentials(said), shown);
        }
    }
}
