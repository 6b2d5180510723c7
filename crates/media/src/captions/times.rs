//! Times of cues: read in both notations, written in one.

use std::fmt;

/// No film is longer, in hours.
const MAX_HOURS: u64 = 999;

/// A time in milliseconds, shown as `00:01:02.500`.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Shown(pub(crate) u64);

impl fmt::Display for Shown {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (s, ms) = (self.0 / 1000, self.0 % 1000);
        write!(f, "{:02}:{:02}:{:02}.{ms:03}", s / 3600, s / 60 % 60, s % 60)
    }
}

/// Start, end and what stands behind them in a line such as `00:01.000 --> 00:02.000 align:left`.
pub(super) fn span(line: &str) -> Option<(u64, u64, &str)> {
    let (start, rest) = line.split_once("-->")?;
    let rest = rest.trim_start();
    let (end, rest) = rest.split_at(rest.find(char::is_whitespace).unwrap_or(rest.len()));
    Some((time(start.trim())?, time(end)?, rest))
}

/// `01:02:03.500`, `02:03.500`, or with a comma as `SubRip` has it.
fn time(text: &str) -> Option<u64> {
    let (clock, fraction) = text.split_once(['.', ','])?;
    let ms = match fraction.len() {
        1 => number(fraction)? * 100,
        2 => number(fraction)? * 10,
        3 => number(fraction)?,
        _ => return None,
    };
    let mut parts = clock.rsplit(':');
    let (seconds, minutes) = (number(parts.next()?)?, number(parts.next()?)?);
    let hours = match parts.next() {
        Some(hours) => number(hours)?,
        None => 0,
    };
    let fits = parts.next().is_none() && seconds < 60 && minutes < 60 && hours <= MAX_HOURS;
    fits.then_some(((hours * 60 + minutes) * 60 + seconds) * 1000 + ms)
}

/// One to four digits.
fn number(text: &str) -> Option<u64> {
    let digits = (1..=4).contains(&text.len()) && text.bytes().all(|b| b.is_ascii_digit());
    digits.then(|| text.parse().ok()).flatten()
}
