//! The words of a cue: markup taken apart and put together again from a short list.

use super::settings::Settings;

/// Tags inside tags; deeper ones are dropped.
const MAX_DEPTH: usize = 16;
/// Classes of one tag.
const MAX_CLASSES: usize = 4;
/// Characters of a speaker's name.
const MAX_SPEAKER_CHARS: usize = 100;

/// The tags that come through.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Tag {
    Bold,
    Italic,
    Underlined,
    Class,
    Voice,
    Language,
    Ruby,
    RubyText,
}

impl Tag {
    fn of(name: &str) -> Option<Self> {
        Some(match name {
            "b" => Self::Bold,
            "i" => Self::Italic,
            "u" => Self::Underlined,
            "c" => Self::Class,
            "v" => Self::Voice,
            "lang" => Self::Language,
            "ruby" => Self::Ruby,
            "rt" => Self::RubyText,
            _ => return None,
        })
    }

    fn name(self) -> &'static str {
        match self {
            Self::Bold => "b",
            Self::Italic => "i",
            Self::Underlined => "u",
            Self::Class => "c",
            Self::Voice => "v",
            Self::Language => "lang",
            Self::Ruby => "ruby",
            Self::RubyText => "rt",
        }
    }
}

/// The text of a cue with its markup rebuilt. Has no empty line and no `-->`; empty when nothing of the
/// cue would be seen.
pub(super) fn rebuild(raw: &str) -> String {
    let mut out = String::with_capacity(raw.len() + raw.len() / 8);
    let mut open: Vec<Tag> = Vec::new();
    let mut seen = false;
    let mut tags = Tags::of(raw);
    let mut rest = raw;
    while let Some(c) = rest.chars().next() {
        match c {
            '<' => {
                if let Some((inside, after)) = tags.begin(raw.len() - rest.len()) {
                    take_tag(inside, &mut open, &mut out);
                    rest = after;
                    continue;
                }
                push_char(&mut out, '<');
                seen = true;
            }
            '&' => {
                if let Some((decoded, after)) = reference(rest) {
                    push_char(&mut out, decoded);
                    seen |= !decoded.is_whitespace();
                    rest = after;
                    continue;
                }
                push_char(&mut out, '&');
                seen = true;
            }
            '\n' => out.push('\n'),
            c => {
                push_char(&mut out, c);
                seen |= !c.is_whitespace();
            }
        }
        rest = rest.get(c.len_utf8()..).unwrap_or_default();
    }
    if !seen {
        return String::new();
    }
    close_all(&mut open, &mut out);
    // An empty line would end the cue, and what follows it would be read as something else.
    let lines: Vec<&str> = out
        .split('\n')
        .map(str::trim)
        .filter(|line| !line.is_empty())
        .collect();
    lines.join("\n")
}

/// One line of plain text, escaped.
pub(super) fn escape_line(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        push_char(&mut out, if c == '\n' { ' ' } else { c });
    }
    out.trim().to_owned()
}

/// Text without what the Advanced Substation format puts in braces, which `SubRip` files borrow:
/// `{\an8}` puts the cue at the top, the rest is dropped.
pub(super) fn without_overrides(raw: &str, settings: &mut Settings) -> String {
    let mut out = String::with_capacity(raw.len());
    let mut rest = raw;
    while let Some((before, inside)) = rest.split_once("{\\") {
        out.push_str(before);
        let Some((words, after)) = inside.split_once('}') else {
            // Nothing closes this one, nor any that follows.
            out.push_str("{\\");
            rest = inside;
            break;
        };
        let place = words.split('\\').find_map(|word| word.strip_prefix("an"));
        if let Some([digit @ b'1'..=b'9']) = place.map(str::as_bytes) {
            settings.place(digit - b'0');
        }
        rest = after;
    }
    out.push_str(rest);
    out
}

/// The next place of a character, for places that are asked for in rising order: the text is searched once
/// and not again for each of them.
struct Next<'a> {
    text: &'a str,
    wanted: char,
    /// The place found last; the text's length where there is none.
    found: Option<usize>,
}

impl<'a> Next<'a> {
    const fn new(text: &'a str, wanted: char) -> Self {
        Self {
            text,
            wanted,
            found: None,
        }
    }

    /// The first place that is not before `from`.
    fn from(&mut self, from: usize) -> Option<usize> {
        let found = match self.found {
            Some(found) if found >= from => found,
            _ => {
                let rest = self.text.get(from..)?;
                rest.find(self.wanted)
                    .map_or(self.text.len(), |place| from + place)
            }
        };
        self.found = Some(found);
        (found < self.text.len()).then_some(found)
    }
}

/// The tags of a text, from its start to its end.
struct Tags<'a> {
    text: &'a str,
    closes: Next<'a>,
    colon: Next<'a>,
}

impl<'a> Tags<'a> {
    const fn of(text: &'a str) -> Self {
        Self {
            text,
            closes: Next::new(text, '>'),
            colon: Next::new(text, ':'),
        }
    }

    /// What stands between the `<` at that place and `>`, and what follows. `None` when this `<` begins no
    /// tag: people write `<3` and `a < b`.
    fn begin(&mut self, place: usize) -> Option<(&'a str, &'a str)> {
        let inside = place + 1;
        let first = self.text.get(inside..)?.chars().next()?;
        let closes = self.closes.from(inside)?;
        let begins = first.is_ascii_alphabetic() || matches!(first, '/' | '!' | '?');
        // A time inside the text says when the rest appears; that is dropped too.
        let is_time = first.is_ascii_digit() && self.colon.from(inside).is_some_and(|colon| colon < closes);
        if !begins && !is_time {
            return None;
        }
        Some((self.text.get(inside..closes)?, self.text.get(closes + 1..)?))
    }
}

fn take_tag(inside: &str, open: &mut Vec<Tag>, out: &mut String) {
    if let Some(name) = inside.strip_prefix('/') {
        if let Some(tag) = Tag::of(&name.trim().to_ascii_lowercase()) {
            close(tag, open, out);
        }
        return;
    }
    let (head, annotation) = match inside.split_once(|c: char| c.is_ascii_whitespace()) {
        Some((head, annotation)) => (head, annotation.trim()),
        None => (inside, ""),
    };
    let mut parts = head.split('.');
    let name = parts.next().unwrap_or_default().to_ascii_lowercase();
    let Some(tag) = Tag::of(&name) else { return };
    let fits = open.len() < MAX_DEPTH && (tag != Tag::RubyText || open.last() == Some(&Tag::Ruby));
    if !fits {
        return;
    }
    let annotation = match tag {
        Tag::Voice => speaker(annotation),
        Tag::Language if is_language(annotation) => annotation.to_owned(),
        // Neither says anything without its annotation.
        Tag::Language => return,
        _ => String::new(),
    };
    out.push('<');
    out.push_str(tag.name());
    for class in parts.filter(|class| is_class(class)).take(MAX_CLASSES) {
        out.push('.');
        out.push_str(class);
    }
    if !annotation.is_empty() {
        out.push(' ');
        out.push_str(&annotation);
    }
    out.push('>');
    open.push(tag);
}

/// Closes the innermost tag if it is this one; others are left to be closed in their turn.
fn close(tag: Tag, open: &mut Vec<Tag>, out: &mut String) {
    if tag == Tag::Ruby && open.last() == Some(&Tag::RubyText) {
        close(Tag::RubyText, open, out);
    }
    if open.last() == Some(&tag) {
        open.pop();
        out.push_str("</");
        out.push_str(tag.name());
        out.push('>');
    }
}

fn close_all(open: &mut Vec<Tag>, out: &mut String) {
    while let Some(tag) = open.last().copied() {
        close(tag, open, out);
    }
}

/// A name in a tag. It does not end with a hyphen, nor does anything else in front of a `>`: together they
/// could end as the arrow that stands between times.
fn speaker(annotation: &str) -> String {
    let mut name = String::new();
    let mut rest = annotation;
    for _ in 0..MAX_SPEAKER_CHARS {
        let Some(c) = rest.chars().next() else { break };
        let (c, after) = reference(rest).unwrap_or((c, rest.get(c.len_utf8()..).unwrap_or_default()));
        name.push(c);
        rest = after;
    }
    escape_line(&name)
        .trim_end_matches(|c: char| c == '-' || c.is_whitespace())
        .to_owned()
}

fn is_class(text: &str) -> bool {
    (1..=32).contains(&text.len())
        && !text.ends_with('-')
        && text
            .bytes()
            .all(|b| b.is_ascii_alphanumeric() || b == b'_' || b == b'-')
}

fn is_language(text: &str) -> bool {
    (2..=35).contains(&text.len())
        && !text.ends_with('-')
        && text.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-')
}

/// Writes one character as text. Control characters have no place in it.
fn push_char(out: &mut String, c: char) {
    match c {
        '&' => out.push_str("&amp;"),
        '<' => out.push_str("&lt;"),
        '>' => out.push_str("&gt;"),
        '\t' | '\n' | '\r' => out.push(' '),
        c if c.is_control() || c == '\u{feff}' => {}
        c => out.push(c),
    }
}

/// The character that `&name;` or `&#number;` stands for, and what follows.
fn reference(text: &str) -> Option<(char, &str)> {
    text.strip_prefix('&')?;
    // The longest that is known has ten characters.
    let window = text.get(1..text.len().min(12)).or_else(|| {
        let end = text.char_indices().map(|(at, _)| at).take(12).last()?;
        text.get(1..end)
    })?;
    let (name, _) = window.split_once(';')?;
    let after = text.get(name.len() + 2..)?;
    let decoded = match name {
        "amp" => '&',
        "lt" => '<',
        "gt" => '>',
        "quot" => '"',
        "apos" => '\'',
        "nbsp" => '\u{a0}',
        "lrm" => '\u{200e}',
        "rlm" => '\u{200f}',
        name => {
            let digits = name.strip_prefix('#')?;
            let number = match digits.strip_prefix(['x', 'X']) {
                Some(hex) if hex.bytes().all(|b| b.is_ascii_hexdigit()) => {
                    u32::from_str_radix(hex, 16).ok()?
                }
                None if digits.bytes().all(|b| b.is_ascii_digit()) => digits.parse().ok()?,
                _ => return None,
            };
            char::from_u32(number)?
        }
    };
    Some((decoded, after))
}
