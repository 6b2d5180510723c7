//! Where a cue stands on the picture: the settings of `WebVTT` that come through.

use std::fmt;

/// Hundredths of a percent, 0 to 10,000.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Percent(u32);

impl Percent {
    /// `50%` or `12.5%`.
    fn parse(text: &str) -> Option<Self> {
        let number = text.strip_suffix('%')?;
        let (whole, fraction) = number.split_once('.').unwrap_or((number, "0"));
        let digits = |text: &str| text.bytes().all(|b| b.is_ascii_digit());
        let lengths = (1..=3).contains(&whole.len()) && (1..=9).contains(&fraction.len());
        if !lengths || !digits(whole) || !digits(fraction) {
            return None;
        }
        let hundredths: u32 = format!("{fraction:0<2}").get(..2)?.parse().ok()?;
        let value = whole.parse::<u32>().ok()? * 100 + hundredths;
        (value <= 10_000).then_some(Self(value))
    }
}

impl fmt::Display for Percent {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 % 100 {
            0 => write!(f, "{}%", self.0 / 100),
            hundredths => write!(f, "{}.{hundredths:02}%", self.0 / 100),
        }
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Line {
    Number(i16),
    At(Percent),
}

/// What is kept of a cue's settings. Prints as it stands behind the times, with a space in front of each.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Settings {
    vertical: Option<&'static str>,
    line: Option<(Line, Option<&'static str>)>,
    position: Option<(Percent, Option<&'static str>)>,
    size: Option<Percent>,
    align: Option<&'static str>,
}

/// The word of ours that `text` is.
fn known(text: &str, words: &[&'static str]) -> Option<&'static str> {
    words.iter().copied().find(|word| *word == text)
}

/// A value and the alignment behind its comma, which must be one of `words`.
fn aligned<'a>(text: &'a str, words: &[&'static str]) -> Option<(&'a str, Option<&'static str>)> {
    match text.split_once(',') {
        None => Some((text, None)),
        Some((value, word)) => known(word, words).map(|word| (value, Some(word))),
    }
}

impl Settings {
    /// The settings that are known and well formed; the others are passed over, as players do.
    pub(super) fn parse(text: &str) -> Self {
        let mut kept = Self::default();
        for (name, value) in text
            .split_ascii_whitespace()
            .filter_map(|word| word.split_once(':'))
        {
            match name {
                "vertical" => kept.vertical = known(value, &["rl", "lr"]).or(kept.vertical),
                "line" => kept.line = line(value).or(kept.line),
                "position" => {
                    let read = aligned(value, &["line-left", "center", "line-right"])
                        .and_then(|(value, word)| Some((Percent::parse(value)?, word)));
                    kept.position = read.or(kept.position);
                }
                "size" => kept.size = Percent::parse(value).or(kept.size),
                "align" => {
                    let words = ["start", "center", "end", "left", "right"];
                    kept.align = known(value, &words).or(kept.align);
                }
                _ => {}
            }
        }
        kept
    }

    /// Puts the cue where `SubRip` files say by a digit as it lies on a number pad: 8 is top centre.
    pub(super) fn place(&mut self, digit: u8) {
        self.line = match digit {
            7..=9 => Some((Line::Number(0), None)),
            4..=6 => Some((Line::At(Percent(5_000)), None)),
            _ => None,
        };
        self.align = match digit {
            1 | 4 | 7 => Some("left"),
            3 | 6 | 9 => Some("right"),
            _ => None,
        };
    }
}

fn line(value: &str) -> Option<(Line, Option<&'static str>)> {
    let (value, word) = aligned(value, &["start", "center", "end"])?;
    if let Some(percent) = Percent::parse(value) {
        return Some((Line::At(percent), word));
    }
    let digits = value.strip_prefix('-').unwrap_or(value);
    let fits = (1..=3).contains(&digits.len()) && digits.bytes().all(|b| b.is_ascii_digit());
    Some((Line::Number(fits.then(|| value.parse().ok()).flatten()?), word))
}

impl fmt::Display for Settings {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let behind = |word: Option<&str>| word.map_or_else(String::new, |word| format!(",{word}"));
        if let Some(word) = self.vertical {
            write!(f, " vertical:{word}")?;
        }
        match self.line {
            Some((Line::Number(number), word)) => write!(f, " line:{number}{}", behind(word))?,
            Some((Line::At(percent), word)) => write!(f, " line:{percent}{}", behind(word))?,
            None => {}
        }
        if let Some((percent, word)) = self.position {
            write!(f, " position:{percent}{}", behind(word))?;
        }
        if let Some(percent) = self.size {
            write!(f, " size:{percent}")?;
        }
        if let Some(word) = self.align {
            write!(f, " align:{word}")?;
        }
        Ok(())
    }
}
