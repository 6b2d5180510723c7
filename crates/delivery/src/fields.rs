//! Where the fields of a planned answer go: a list for hyper, or bytes for the fast sender.
//!
//! The plan says each field once. Writing it as bytes right away spares the fast path an allocation and a check
//! for each field, which at small ranges is a good part of what a request costs.

use http::{HeaderName, HeaderValue, StatusCode};

/// Length of a date on the wire.
pub(crate) const DATE_BYTES: usize = 29;

/// The value of a field, before it has a form.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Value<'v> {
    /// Text of ours or of the caller; a field with a control character in it is left out.
    Text(&'v str),
    /// A value that was checked before.
    Checked(&'v HeaderValue),
    /// A number.
    Number(u64),
    /// `bytes first-last/len`.
    Part { first: u64, last: u64, len: u64 },
    /// `bytes */len`.
    NoPart { len: u64 },
    /// Seconds since 1970 as a date.
    Date(u64),
}

/// Takes a status and then fields.
pub(crate) trait Fields {
    fn status(&mut self, status: StatusCode);
    fn add(&mut self, name: &HeaderName, value: Value<'_>);
}

/// An answer as a list of fields.
#[derive(Debug)]
pub(crate) struct List {
    pub(crate) status: StatusCode,
    pub(crate) fields: Vec<(HeaderName, HeaderValue)>,
}

impl Fields for List {
    fn status(&mut self, status: StatusCode) {
        self.status = status;
    }

    fn add(&mut self, name: &HeaderName, value: Value<'_>) {
        let value = match value {
            Value::Checked(value) => Some(value.clone()),
            other => {
                let mut text = Vec::with_capacity(64);
                other.is_clean().then(|| other.write(&mut text));
                HeaderValue::try_from(text).ok().filter(|value| !value.is_empty())
            }
        };
        self.fields.extend(value.map(|value| (name.clone(), value)));
    }
}

impl Fields for Vec<u8> {
    fn status(&mut self, status: StatusCode) {
        self.clear();
        self.extend_from_slice(b"HTTP/1.1 ");
        self.extend_from_slice(status.as_str().as_bytes());
        self.push(b' ');
        self.extend_from_slice(status.canonical_reason().unwrap_or("").as_bytes());
        self.extend_from_slice(b"\r\n");
    }

    fn add(&mut self, name: &HeaderName, value: Value<'_>) {
        if value.is_clean() {
            self.extend_from_slice(name.as_str().as_bytes());
            self.extend_from_slice(b": ");
            value.write(self);
            self.extend_from_slice(b"\r\n");
        }
    }
}

impl Value<'_> {
    /// Whether it can stand in a field at all.
    fn is_clean(self) -> bool {
        match self {
            Self::Text(text) => {
                !text.is_empty() && text.bytes().all(|b| b == b'\t' || (b >= b' ' && b != 0x7f))
            }
            _ => true,
        }
    }

    fn write(self, out: &mut Vec<u8>) {
        match self {
            Self::Text(text) => out.extend_from_slice(text.as_bytes()),
            Self::Checked(value) => out.extend_from_slice(value.as_bytes()),
            Self::Number(number) => decimal(out, number),
            Self::Part { first, last, len } => {
                out.extend_from_slice(b"bytes ");
                decimal(out, first);
                out.push(b'-');
                decimal(out, last);
                out.push(b'/');
                decimal(out, len);
            }
            Self::NoPart { len } => {
                out.extend_from_slice(b"bytes */");
                decimal(out, len);
            }
            Self::Date(seconds) => out.extend_from_slice(&date(seconds)),
        }
    }
}

fn decimal(out: &mut Vec<u8>, mut number: u64) {
    let mut digits = [b'0'; 20];
    let mut at = digits.len();
    loop {
        at -= 1;
        digits[at] = b'0' + (number % 10) as u8;
        number /= 10;
        if number == 0 {
            break;
        }
    }
    out.extend_from_slice(&digits[at..]);
}

/// Seconds since 1970 as an IMF-fixdate. After the year 9999, which the format cannot say, its last second.
pub(crate) fn date(seconds: u64) -> [u8; DATE_BYTES] {
    const DAYS: &[u8; 21] = b"ThuFriSatSunMonTueWed";
    const MONTHS: &[u8; 36] = b"JanFebMarAprMayJunJulAugSepOctNovDec";
    const TEMPLATE: &[u8; DATE_BYTES] = b"Thu, 01 Jan 1970 00:00:00 GMT";
    let seconds = seconds.min(253_402_300_799);
    let (days, time) = (seconds / 86_400, seconds % 86_400);
    // The calendar repeats every 400 years; a year that begins in March has its leap day at the end.
    let shifted = days + 719_468;
    let (era, of_era) = (shifted / 146_097, shifted % 146_097);
    let year_of_era = (of_era - of_era / 1_460 + of_era / 36_524 - of_era / 146_096) / 365;
    let of_year = of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let march_month = (5 * of_year + 2) / 153;
    let day = of_year - (153 * march_month + 2) / 5 + 1;
    let month = (march_month + 2) % 12;
    let year = era * 400 + year_of_era + u64::from(month < 2);

    let mut text = *TEMPLATE;
    let weekday = (days % 7) as usize * 3;
    text[..3].copy_from_slice(&DAYS[weekday..weekday + 3]);
    let month = month as usize * 3;
    text[8..11].copy_from_slice(&MONTHS[month..month + 3]);
    let mut two = |at: usize, number: u64| {
        text[at] = b'0' + (number / 10 % 10) as u8;
        text[at + 1] = b'0' + (number % 10) as u8;
    };
    two(5, day);
    two(12, year / 100);
    two(14, year % 100);
    two(17, time / 3_600);
    two(20, time / 60 % 60);
    two(23, time % 60);
    text
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::{Duration, UNIX_EPOCH};

    #[test]
    fn dates_are_those_of_the_calendar() {
        // A step that meets every weekday, month end and leap rule on the way.
        let mut seconds = 0;
        while seconds < 253_402_300_799 {
            let expected = httpdate::fmt_http_date(UNIX_EPOCH + Duration::from_secs(seconds));
            assert_eq!(
                std::str::from_utf8(&date(seconds)).unwrap(),
                expected,
                "{seconds}"
            );
            seconds += 86_400 * 11 + 3_661;
        }
        assert_eq!(&date(951_782_400), b"Tue, 29 Feb 2000 00:00:00 GMT");
        assert_eq!(&date(u64::MAX), b"Fri, 31 Dec 9999 23:59:59 GMT");
    }

    #[test]
    fn both_forms_say_the_same() {
        let checked = HeaderValue::from_static("c");
        let name = HeaderName::from_static("x-name");
        for (value, text) in [
            (Value::Text("plain"), Some("plain")),
            (Value::Text("a\r\nset-cookie: b"), None),
            (Value::Text("nul\0"), None),
            (Value::Text(""), None),
            (Value::Checked(&checked), Some("c")),
            (Value::Number(0), Some("0")),
            (Value::Number(u64::MAX), Some("18446744073709551615")),
            (
                Value::Part {
                    first: 1,
                    last: 20,
                    len: 300,
                },
                Some("bytes 1-20/300"),
            ),
            (Value::NoPart { len: 7 }, Some("bytes */7")),
            (Value::Date(0), Some("Thu, 01 Jan 1970 00:00:00 GMT")),
        ] {
            let mut list = List {
                status: StatusCode::OK,
                fields: Vec::new(),
            };
            list.add(&name, value);
            assert_eq!(
                list.fields.first().map(|(_, value)| value.to_str().unwrap()),
                text,
                "{value:?}"
            );
            let mut bytes = Vec::new();
            bytes.add(&name, value);
            let line = text.map_or(String::new(), |text| format!("x-name: {text}\r\n"));
            assert_eq!(std::str::from_utf8(&bytes).unwrap(), line);
        }
    }
}
