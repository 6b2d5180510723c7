//! Captions: `WebVTT` and `SubRip` files that people upload, read within bounds and written anew.
//!
//! Nothing of an upload reaches a viewer as it came. Times are parsed and printed again, cue settings
//! are taken from a list, text is decoded to characters and escaped, and of the markup only `b`, `i`,
//! `u`, `c`, `v`, `lang`, `ruby` and `rt` come through, balanced. Styles, regions, comments and cue
//! names are dropped. Pure and linear in the size of the file.

use std::fmt::Write as _;

use thiserror::Error;

mod cues;
mod decode;
mod settings;
mod text;
mod times;

#[cfg(test)]
mod tests;

pub use cues::{PlainCue, plain_cues};
use settings::Settings;
pub(crate) use times::Shown;

/// Largest file, bytes.
pub const MAX_BYTES: usize = 2 << 20;
/// Most cues of a file.
pub const MAX_CUES: usize = 20_000;
/// Most characters of one cue, with its markup.
pub const MAX_CUE_CHARS: usize = 4_000;
/// Largest file that is written: escaping makes text longer.
const MAX_WRITTEN_BYTES: usize = 2 * MAX_BYTES;
/// What a file of ours begins with. HLS wants to know which time of the stream the cues' zero is (RFC
/// 8216bis section 3.1.4); browsers read over it.
const HEADER: &str = "WEBVTT\nX-TIMESTAMP-MAP=MPEGTS:0,LOCAL:00:00:00.000\n";

/// Captions in the form in which they are served.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Captions {
    /// A `WebVTT` file.
    pub vtt: String,
    /// How many cues it has.
    pub cues: usize,
}

/// Why a file was refused. Lines are counted from 1.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum CaptionsError {
    /// More bytes than are taken, or so many characters to escape that it would become too large.
    #[error("A caption file has at most {} MiB.", MAX_BYTES >> 20)]
    TooLarge,
    /// Neither Unicode nor an older encoding of text.
    #[error("This is not a text file.")]
    NotText,
    /// No cue in it.
    #[error("There are no cues in this file: it should be WebVTT or SubRip.")]
    NoCues,
    /// More cues than are taken.
    #[error("Line {line}: a caption file has at most {MAX_CUES} cues.")]
    TooManyCues {
        /// Where the first of the surplus begins.
        line: usize,
    },
    /// Text where a time should be.
    #[error("Line {line}: the time of a cue is missing here.")]
    NoTime {
        /// Where.
        line: usize,
    },
    /// A time that cannot be read.
    #[error("Line {line}: this is not a time such as 00:01:02.500 --> 00:01:04.000.")]
    BadTime {
        /// Where.
        line: usize,
    },
    /// A cue that ends before it begins, or when.
    #[error("Line {line}: the cue ends before it begins.")]
    EndsEarly {
        /// Where.
        line: usize,
    },
    /// A cue that begins before the one in front of it.
    #[error("Line {line}: the cue begins before the one in front of it.")]
    OutOfOrder {
        /// Where.
        line: usize,
    },
    /// A cue of too much text.
    #[error("Line {line}: a cue has at most {MAX_CUE_CHARS} characters.")]
    CueTooLong {
        /// Where.
        line: usize,
    },
}

impl CaptionsError {
    /// The line to look at, counted from 1.
    pub fn line(self) -> Option<usize> {
        match self {
            Self::TooLarge | Self::NotText | Self::NoCues => None,
            Self::TooManyCues { line }
            | Self::NoTime { line }
            | Self::BadTime { line }
            | Self::EndsEarly { line }
            | Self::OutOfOrder { line }
            | Self::CueTooLong { line } => Some(line),
        }
    }

    /// A code for programs.
    pub fn code(self) -> &'static str {
        match self {
            Self::TooLarge => "too_large",
            Self::NotText => "not_text",
            Self::NoCues => "no_cues",
            Self::TooManyCues { .. } => "too_many_cues",
            Self::NoTime { .. } => "time_missing",
            Self::BadTime { .. } => "time_malformed",
            Self::EndsEarly { .. } => "ends_before_start",
            Self::OutOfOrder { .. } => "time_order",
            Self::CueTooLong { .. } => "cue_too_long",
        }
    }
}

/// Which of the two notations a file is in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Notation {
    WebVtt,
    SubRip,
}

/// A cue while its lines are read.
#[derive(Debug)]
struct Cue {
    start_ms: u64,
    end_ms: u64,
    settings: Settings,
    raw: String,
    chars: usize,
    line: usize,
}

/// What the next line may be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Expects {
    /// The rest of the file's head.
    Header,
    /// A name, a time, or the beginning of a block that is dropped.
    Block,
    /// The time that belongs to the name in that line.
    Time(usize),
    /// The time that belongs to the number in that line, or nothing: editors leave a last number behind.
    TimeIfAny(usize),
    /// More of the cue.
    Text,
    /// More of what is dropped.
    Dropped,
}

/// Reads a `WebVTT` or `SubRip` file, whichever it is, and writes it anew.
pub fn rebuild(bytes: &[u8]) -> Result<Captions, CaptionsError> {
    if bytes.len() > MAX_BYTES {
        return Err(CaptionsError::TooLarge);
    }
    let text = decode::to_text(bytes).ok_or(CaptionsError::NotText)?;
    let notation = if is_webvtt(&text) {
        Notation::WebVtt
    } else {
        Notation::SubRip
    };
    let mut rebuilding = Rebuilding::new(notation);
    for (number, line) in text.split('\n').enumerate() {
        rebuilding.take(number + 1, line)?;
    }
    rebuilding.finish()
}

/// A `WebVTT` document of plain text over time: start and end in milliseconds, and the words.
pub fn document<'a>(cues: impl IntoIterator<Item = (u64, u64, &'a str)>) -> String {
    let mut out = String::from("WEBVTT\n");
    for (start_ms, end_ms, words) in cues {
        let words = text::escape_line(words);
        if !words.is_empty() {
            push_cue(&mut out, start_ms, end_ms, "", &words);
        }
    }
    out
}

fn push_cue(out: &mut String, start_ms: u64, end_ms: u64, settings: &str, words: &str) {
    let (start, end) = (Shown(start_ms), Shown(end_ms));
    // Writing to a string cannot fail.
    let _ = writeln!(out, "\n{start} --> {end}{settings}\n{words}");
}

/// The signature of `WebVTT`: the word alone, or with something behind a space.
fn is_webvtt(text: &str) -> bool {
    text.strip_prefix("WEBVTT")
        .is_some_and(|rest| rest.is_empty() || rest.starts_with(['\n', ' ', '\t']))
}

fn is_number(line: &str) -> bool {
    let digits = line.trim();
    !digits.is_empty() && digits.bytes().all(|b| b.is_ascii_digit())
}

struct Rebuilding {
    notation: Notation,
    expects: Expects,
    cue: Option<Cue>,
    last_start_ms: u64,
    seen: usize,
    written: usize,
    out: String,
}

impl Rebuilding {
    fn new(notation: Notation) -> Self {
        Self {
            notation,
            expects: match notation {
                Notation::WebVtt => Expects::Header,
                Notation::SubRip => Expects::Block,
            },
            cue: None,
            last_start_ms: 0,
            seen: 0,
            written: 0,
            out: HEADER.to_owned(),
        }
    }

    fn take(&mut self, number: usize, line: &str) -> Result<(), CaptionsError> {
        let blank = match self.notation {
            Notation::WebVtt => line.is_empty(),
            // Editors of SubRip files leave spaces behind.
            Notation::SubRip => line.trim().is_empty(),
        };
        if blank {
            return self.end_block();
        }
        let begins_dropped = self.expects == Expects::Block && self.is_dropped(line);
        if line.contains("-->") && !begins_dropped {
            return self.begin_cue(number, line);
        }
        match self.expects {
            Expects::Header | Expects::Dropped => {}
            Expects::Block if begins_dropped => self.expects = Expects::Dropped,
            Expects::Block if self.notation == Notation::SubRip && is_number(line) => {
                self.expects = Expects::TimeIfAny(number);
            }
            Expects::Block => self.expects = Expects::Time(number),
            Expects::Time(line) | Expects::TimeIfAny(line) => return Err(CaptionsError::NoTime { line }),
            Expects::Text => {
                if let Some(cue) = &mut self.cue {
                    cue.push(line)?;
                }
            }
        }
        Ok(())
    }

    fn is_dropped(&self, line: &str) -> bool {
        self.notation == Notation::WebVtt
            && ["NOTE", "STYLE", "REGION"].into_iter().any(|word| {
                line.strip_prefix(word)
                    .is_some_and(|rest| rest.is_empty() || rest.starts_with([' ', '\t']))
            })
    }

    fn begin_cue(&mut self, line: usize, text: &str) -> Result<(), CaptionsError> {
        // Where the empty line between two cues is missing, the second one's number is not text.
        if let (Notation::SubRip, Some(cue)) = (self.notation, &mut self.cue) {
            cue.drop_trailing_number();
        }
        self.end_cue()?;
        self.seen += 1;
        if self.seen > MAX_CUES {
            return Err(CaptionsError::TooManyCues { line });
        }
        let (start_ms, end_ms, rest) = times::span(text).ok_or(CaptionsError::BadTime { line })?;
        if end_ms <= start_ms {
            return Err(CaptionsError::EndsEarly { line });
        }
        if start_ms < self.last_start_ms {
            return Err(CaptionsError::OutOfOrder { line });
        }
        self.last_start_ms = start_ms;
        let settings = match self.notation {
            Notation::WebVtt => Settings::parse(rest),
            Notation::SubRip => Settings::default(),
        };
        self.cue = Some(Cue {
            start_ms,
            end_ms,
            settings,
            raw: String::new(),
            chars: 0,
            line,
        });
        self.expects = Expects::Text;
        Ok(())
    }

    fn end_block(&mut self) -> Result<(), CaptionsError> {
        if let Expects::Time(line) = self.expects {
            return Err(CaptionsError::NoTime { line });
        }
        self.end_cue()?;
        self.expects = Expects::Block;
        Ok(())
    }

    fn end_cue(&mut self) -> Result<(), CaptionsError> {
        let Some(mut cue) = self.cue.take() else {
            return Ok(());
        };
        if self.notation == Notation::SubRip {
            cue.raw = text::without_overrides(&cue.raw, &mut cue.settings);
        }
        let words = text::rebuild(&cue.raw);
        if words.is_empty() {
            return Ok(());
        }
        push_cue(
            &mut self.out,
            cue.start_ms,
            cue.end_ms,
            &cue.settings.to_string(),
            &words,
        );
        self.written += 1;
        if self.out.len() > MAX_WRITTEN_BYTES {
            return Err(CaptionsError::TooLarge);
        }
        Ok(())
    }

    fn finish(mut self) -> Result<Captions, CaptionsError> {
        self.end_cue()?;
        if self.written == 0 {
            return Err(CaptionsError::NoCues);
        }
        Ok(Captions {
            vtt: self.out,
            cues: self.written,
        })
    }
}

impl Cue {
    fn push(&mut self, line: &str) -> Result<(), CaptionsError> {
        self.chars += line.chars().count() + 1;
        if self.chars > MAX_CUE_CHARS {
            return Err(CaptionsError::CueTooLong { line: self.line });
        }
        if !self.raw.is_empty() {
            self.raw.push('\n');
        }
        self.raw.push_str(line);
        Ok(())
    }

    fn drop_trailing_number(&mut self) {
        let last = self.raw.rsplit('\n').next().unwrap_or_default();
        if is_number(last) {
            let kept = self.raw.len() - last.len();
            self.raw.truncate(kept);
        }
    }
}
