//! Comments that wait for approval: what a channel may ask for, and whether a text has to wait. Who approves is
//! `app::held`.
//!
//! Words are compared as search compares them, after compatibility forms were made one (NFKC) and characters that
//! nobody sees were left out.

use std::collections::{BTreeSet, HashMap};

use unicode_normalization::UnicodeNormalization;

use crate::search;
use crate::text::{self, Fault};

/// The most words and phrases that a channel blocks.
pub const MOST_WORDS: usize = 500;
/// The longest of them, in characters as people see them.
pub const WORD_CHARS: usize = 100;
/// Comments that are approved or removed in one call.
pub const MOST_AT_ONCE: usize = 100;

/// The variant of a number that the store keeps: the place in their list.
fn of_code<T: Copy>(named: &[(T, &str)], code: i64) -> Option<T> {
    let at = usize::try_from(code).ok()?;
    named.get(at).map(|(one, _)| *one)
}

/// The variant of a name on the wire.
fn of_name<T: Copy>(named: &[(T, &str)], name: &str) -> Option<T> {
    named
        .iter()
        .find_map(|(one, known)| (*known == name).then_some(*one))
}

/// Which comments wait, on a whole channel.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Approval {
    /// Only those with blocked words.
    #[default]
    None,
    /// Those with links.
    Links,
    /// Those of people of whom the channel has approved none yet.
    First,
    /// All.
    All,
}

impl Approval {
    /// By their numbers.
    const NAMED: [(Self, &'static str); 4] = [
        (Self::None, "none"),
        (Self::Links, "links"),
        (Self::First, "first"),
        (Self::All, "all"),
    ];

    /// The number the store keeps.
    pub const fn code(self) -> i64 {
        self as i64
    }

    /// What a stored number stands for; an unknown one is the strictest.
    pub fn from_code(code: i64) -> Self {
        of_code(&Self::NAMED, code).unwrap_or(Self::All)
    }

    /// Its name on the wire.
    pub const fn name(self) -> &'static str {
        Self::NAMED[self as usize].1
    }

    /// What a name on the wire stands for.
    pub fn from_name(name: &str) -> Result<Self, Fault> {
        of_name(&Self::NAMED, name).ok_or_else(|| Fault::new("unknown", "none, links, first or all."))
    }
}

/// Whether comments under one video are taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Mode {
    /// As the channel says.
    #[default]
    On,
    /// They all wait.
    Held,
    /// None are taken; what was said before stays.
    Off,
}

impl Mode {
    /// By their numbers.
    const NAMED: [(Self, &'static str); 3] = [(Self::On, "on"), (Self::Held, "held"), (Self::Off, "off")];

    /// The number the store keeps.
    pub const fn code(self) -> i64 {
        self as i64
    }

    /// What a stored number stands for; an unknown one lets nothing through unseen.
    pub fn from_code(code: i64) -> Self {
        of_code(&Self::NAMED, code).unwrap_or(Self::Held)
    }

    /// Its name on the wire.
    pub const fn name(self) -> &'static str {
        Self::NAMED[self as usize].1
    }

    /// What a name on the wire stands for.
    pub fn from_name(name: &str) -> Result<Self, Fault> {
        of_name(&Self::NAMED, name).ok_or_else(|| Fault::new("unknown", "on, held or off."))
    }
}

/// Why a comment waits.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reason {
    /// All comments under the video do.
    Video,
    /// All comments on the channel do.
    All,
    /// The channel has approved none of its author's yet.
    First,
    /// It has a link.
    Links,
    /// It has a blocked word.
    Words,
}

impl Reason {
    /// By their numbers.
    const NAMED: [(Self, &'static str); 5] = [
        (Self::Video, "video"),
        (Self::All, "all"),
        (Self::First, "first"),
        (Self::Links, "links"),
        (Self::Words, "words"),
    ];

    /// The number the store keeps.
    pub const fn code(self) -> i64 {
        self as i64
    }

    /// What a stored number stands for.
    pub fn from_code(code: i64) -> Self {
        of_code(&Self::NAMED, code).unwrap_or(Self::All)
    }

    /// Its name on the wire.
    pub const fn name(self) -> &'static str {
        Self::NAMED[self as usize].1
    }
}

/// What a channel asks for.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Settings {
    /// Which comments wait.
    pub approval: Approval,
    /// Words and phrases that have a comment wait, as they were typed.
    pub blocked: Vec<String>,
}

/// The blocked words that somebody sends, each once in the order in which they came. A phrase is a word here too.
pub fn blocked_words(raw: &[String]) -> Result<Vec<String>, Fault> {
    if raw.len() > MOST_WORDS {
        let message = format!("At most {MOST_WORDS} words and phrases.");
        return Err(Fault::new("too_many", message));
    }
    let mut seen = BTreeSet::new();
    let mut all = Vec::new();
    for word in raw {
        let word = text::line(word, 1, WORD_CHARS)?;
        let folded = words(&word);
        if folded.is_empty() {
            return Err(Fault::new("malformed", "A word has letters or digits."));
        }
        if seen.insert(folded) {
            all.push(word);
        }
    }
    Ok(all)
}

/// Why a comment with this text has to wait, if it has to. `known`: the channel has approved one of its author's.
pub fn reason(settings: &Settings, mode: Mode, known: bool, content: &str) -> Option<Reason> {
    if mode != Mode::On {
        return Some(Reason::Video);
    }
    if settings.approval == Approval::All {
        return Some(Reason::All);
    }
    if has_blocked(&settings.blocked, content) {
        return Some(Reason::Words);
    }
    match settings.approval {
        Approval::First if !known => Some(Reason::First),
        Approval::Links if has_link(content) => Some(Reason::Links),
        _ => None,
    }
}

/// Compatibility forms made one, and without characters that take no room.
fn plain(text: &str) -> String {
    text.nfkc()
        .filter(|c| {
            !matches!(c, '\u{ad}' | '\u{200b}'..='\u{200f}' | '\u{2060}'..='\u{2064}' | '\u{feff}' | '\u{fe00}'..='\u{fe0f}')
        })
        .collect()
}

fn words(text: &str) -> Vec<String> {
    search::words(&plain(text)).map(|word| word.folded).collect()
}

/// Whether any of the blocked words and phrases stands in a text as whole words. They are laid out as a tree by
/// words, so that the text is gone through once, and from each of its words no further than the longest phrase.
fn has_blocked(blocked: &[String], text: &str) -> bool {
    if blocked.is_empty() {
        return false;
    }
    let mut steps: HashMap<(usize, String), usize> = HashMap::new();
    let mut ends = BTreeSet::new();
    for phrase in blocked {
        let mut at = 0;
        for word in words(phrase) {
            let next = steps.len() + 1;
            at = *steps.entry((at, word)).or_insert(next);
        }
        if at != 0 {
            ends.insert(at);
        }
    }
    // Where each phrase that has begun stands.
    let mut open: Vec<usize> = Vec::new();
    for word in words(text) {
        open.push(0);
        open = open
            .into_iter()
            .filter_map(|at| steps.get(&(at, word.clone())).copied())
            .collect();
        if open.iter().any(|at| ends.contains(at)) {
            return true;
        }
    }
    false
}

/// Whether a text has what people take for the address of a page: `https://…`, `www.…`, or a name with a dot
/// before letters, such as `example.com`.
fn has_link(text: &str) -> bool {
    let text = plain(text).to_lowercase().replace(['\u{3002}', '\u{ff61}'], ".");
    if text.contains("://") {
        return true;
    }
    text.split(|c: char| !(c.is_alphanumeric() || c == '.' || c == '-'))
        .map(|name| name.trim_matches(|c| c == '.' || c == '-'))
        .any(|name| {
            let mut labels = name.split('.');
            let last = labels.next_back().unwrap_or_default();
            let first = labels.clone().next().is_some();
            let ending = (2..=24).contains(&last.chars().count()) && last.chars().all(char::is_alphabetic);
            first && ending && labels.all(|label| !label.is_empty())
        })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn blocks(list: &[&str], text: &str) -> bool {
        let list: Vec<String> = list.iter().map(|word| (*word).to_owned()).collect();
        has_blocked(&blocked_words(&list).unwrap(), text)
    }

    #[test]
    fn whole_words_are_blocked_however_they_are_written() {
        for text in [
            "BADWORD!",
            "a bádword",
            "ｂａｄｗｏｒｄ",
            "(badword)",
            "bad\u{200b}word",
            "bad\u{ad}word",
        ] {
            assert!(blocks(&["Badword"], text), "{text}");
        }
        for text in ["badwords", "a bad word", "notbadword", ""] {
            assert!(!blocks(&["badword"], text), "{text}");
        }
        assert!(!blocks(&[], "badword"));
    }

    #[test]
    fn phrases_are_blocked_as_their_words_in_a_row() {
        let list = ["buy it now", "it is", "now now now"];
        for text in [
            "Buy it, NOW!",
            "buy buy it now",
            "buy\nit\tnow",
            "so it is",
            "now now now",
            "buy it is",
        ] {
            assert!(blocks(&list, text), "{text}");
        }
        for text in ["buy it", "buy now it", "now now buy it", "it buy now is"] {
            assert!(!blocks(&list, text), "{text}");
        }
    }

    #[test]
    fn the_longest_lists_and_texts_are_gone_through_once() {
        let list: Vec<String> = (0..MOST_WORDS)
            .map(|n| format!("{}{n}", "a ".repeat(46)))
            .collect();
        let list = blocked_words(&list).unwrap();
        assert!(!has_blocked(&list, &"a ".repeat(5_000)));
        assert!(has_blocked(&list, &format!("{}499", "a ".repeat(5_000))));
    }

    #[test]
    fn what_blocks_nothing_is_refused() {
        let code = |list: &[&str]| {
            let list: Vec<String> = list.iter().map(|word| (*word).to_owned()).collect();
            blocked_words(&list).unwrap_err().code
        };
        assert_eq!(code(&["  "]), "missing");
        assert_eq!(code(&["?!"]), "malformed");
        assert_eq!(code(&["a\nb"]), "control_character");
        assert_eq!(code(&[&"x".repeat(101)]), "too_long");
        assert_eq!(code(&["x"; 501]), "too_many");
        let list = ["Café".to_owned(), " cafe ".to_owned(), "tea".to_owned()];
        assert_eq!(blocked_words(&list).unwrap(), ["Café", "tea"], "each once");
    }

    #[test]
    fn links_are_what_people_can_follow() {
        for text in [
            "https://a.example/x",
            "see www.example.com",
            "Example.COM!",
            "(example.com/path)",
            "ｅｘａｍｐｌｅ．ｃｏｍ",
            "example。com",
            "sub.example.co.uk",
        ] {
            assert!(has_link(text), "{text}");
        }
        for text in [
            "no link. At all",
            "3.14",
            "e.g. this",
            "well...ok",
            "a - b",
            "1.5x",
            "",
        ] {
            assert!(!has_link(text), "{text}");
        }
    }

    #[test]
    fn the_first_reason_that_holds_is_told() {
        let settings = |approval| Settings {
            approval,
            blocked: vec!["spam".to_owned()],
        };
        let none = settings(Approval::None);
        assert_eq!(reason(&none, Mode::On, false, "hello a.example"), None);
        assert_eq!(reason(&none, Mode::On, true, "spam"), Some(Reason::Words));
        assert_eq!(reason(&none, Mode::Held, true, "hello"), Some(Reason::Video));
        let first = settings(Approval::First);
        assert_eq!(reason(&first, Mode::On, false, "hello"), Some(Reason::First));
        assert_eq!(reason(&first, Mode::On, true, "hello"), None);
        let links = settings(Approval::Links);
        assert_eq!(reason(&links, Mode::On, true, "a.example"), Some(Reason::Links));
        let all = settings(Approval::All);
        assert_eq!(reason(&all, Mode::On, true, "hello"), Some(Reason::All));
        for (approval, _) in Approval::NAMED {
            assert_eq!(Approval::from_code(approval.code()), approval);
            assert_eq!(Approval::from_name(approval.name()), Ok(approval));
        }
        for (mode, _) in Mode::NAMED {
            assert_eq!(Mode::from_code(mode.code()), mode);
            assert_eq!(Mode::from_name(mode.name()), Ok(mode));
        }
        for (reason, _) in Reason::NAMED {
            assert_eq!(Reason::from_code(reason.code()), reason);
        }
    }
}
