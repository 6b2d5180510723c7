//! The `Range` field of RFC 9110, section 14, read for a representation of known length.

use std::ops;

/// What a `Range` field asks of `len` bytes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Asked {
    /// Nothing that is understood: an unknown unit or bad syntax. The whole is sent.
    Whole,
    /// One satisfiable range, cut to the length. Never empty.
    Part(ops::Range<u64>),
    /// No byte of it exists, or more than one range was asked for.
    Unsatisfiable,
}

/// Reads a `Range` field.
pub(crate) fn read(value: &[u8], len: u64) -> Asked {
    let Some((unit, set)) = std::str::from_utf8(value)
        .ok()
        .and_then(|text| text.split_once('='))
    else {
        return Asked::Whole;
    };
    if !unit.eq_ignore_ascii_case("bytes") {
        return Asked::Whole;
    }
    let mut found: Option<Asked> = None;
    let mut several = false;
    for spec in set.split(',').map(|spec| spec.trim_matches([' ', '\t'])) {
        // Empty list elements are allowed.
        if spec.is_empty() {
            continue;
        }
        match one(spec, len) {
            None => return Asked::Whole,
            Some(part) => {
                several |= found.is_some();
                found = Some(part);
            }
        }
    }
    match found {
        None => Asked::Whole,
        Some(_) if several => Asked::Unsatisfiable,
        Some(part) => part,
    }
}

/// Reads one range; `None` when it is not one.
fn one(spec: &str, len: u64) -> Option<Asked> {
    let (first, last) = spec.split_once('-')?;
    if first.is_empty() {
        let suffix = number(last)?;
        return Some(if suffix == 0 || len == 0 {
            Asked::Unsatisfiable
        } else {
            Asked::Part(len.saturating_sub(suffix)..len)
        });
    }
    let first = number(first)?;
    let last = if last.is_empty() { u64::MAX } else { number(last)? };
    if first > last {
        return None;
    }
    Some(if first >= len {
        Asked::Unsatisfiable
    } else {
        Asked::Part(first..last.saturating_add(1).min(len))
    })
}

/// Digits only; what is too large for us is the largest number, because no file is that long either.
fn number(text: &str) -> Option<u64> {
    if text.is_empty() || !text.bytes().all(|b| b.is_ascii_digit()) {
        return None;
    }
    Some(text.parse().unwrap_or(u64::MAX))
}

#[cfg(test)]
mod tests {
    use super::{Asked::*, *};

    #[test]
    fn ranges_are_read_as_the_rfc_says() {
        for (value, len, asked) in [
            ("bytes=0-0", 10, Part(0..1)),
            ("bytes=0-9", 10, Part(0..10)),
            ("bytes=2-5", 10, Part(2..6)),
            ("bytes=2-", 10, Part(2..10)),
            ("bytes=9-", 10, Part(9..10)),
            ("bytes=0-99", 10, Part(0..10)),
            ("bytes=-3", 10, Part(7..10)),
            ("bytes=-99", 10, Part(0..10)),
            ("BYTES=1-2", 10, Part(1..3)),
            ("bytes= 1-2 ", 10, Part(1..3)),
            ("bytes=,1-2,", 10, Part(1..3)),
            ("bytes=0-99999999999999999999999", 10, Part(0..10)),
            ("bytes=0-18446744073709551615", 10, Part(0..10)),
            ("bytes=-99999999999999999999999", 10, Part(0..10)),
            ("bytes=10-", 10, Unsatisfiable),
            ("bytes=10-20", 10, Unsatisfiable),
            ("bytes=99999999999999999999999-", 10, Unsatisfiable),
            ("bytes=-0", 10, Unsatisfiable),
            ("bytes=0-", 0, Unsatisfiable),
            ("bytes=-1", 0, Unsatisfiable),
            ("bytes=0-1,3-4", 10, Unsatisfiable),
            ("bytes=0-1, 0-1, 0-1", 10, Unsatisfiable),
            ("bytes=20-30,40-50", 10, Unsatisfiable),
            ("bytes=5-2", 10, Whole),
            ("bytes=0-1,x", 10, Whole),
            ("bytes=0-1,5-2", 10, Whole),
            ("bytes=", 10, Whole),
            ("bytes=,", 10, Whole),
            ("bytes=-", 10, Whole),
            ("bytes=--1", 10, Whole),
            ("bytes=+1-2", 10, Whole),
            ("bytes=1-+2", 10, Whole),
            ("bytes=1 - 2", 10, Whole),
            ("bytes=a-b", 10, Whole),
            ("bytes=0x1-2", 10, Whole),
            ("bytes=1-2-3", 10, Whole),
            ("bytes 0-1", 10, Whole),
            ("bytes =0-1", 10, Whole),
            ("items=0-1", 10, Whole),
            ("seconds=1-2", 10, Whole),
            ("=0-1", 10, Whole),
            ("", 10, Whole),
            ("bytes=１-２", 10, Whole),
        ] {
            assert_eq!(read(value.as_bytes(), len), asked, "{value} of {len}");
        }
    }
}
