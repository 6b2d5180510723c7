//! Days of UTC as people write them: `2026-01-31`.

use jiff::civil::Date;
use jiff::tz::TimeZone;

use super::DAY_MS;
use crate::Millis;
use crate::text::Fault;

/// When a day began that is written `YYYY-MM-DD`.
pub fn parse(text: &str) -> Result<Millis, Fault> {
    let malformed = || Fault::new("malformed", "Write a day as YYYY-MM-DD.");
    if text.len() != 10 {
        return Err(malformed());
    }
    let date: Date = text.parse().map_err(|_| malformed())?;
    let begun = date.to_zoned(TimeZone::UTC).map_err(|_| malformed())?;
    Ok(Millis(begun.timestamp().as_millisecond()))
}

/// The day that begins so many days after the epoch, as `YYYY-MM-DD`.
pub fn text(day: i64) -> String {
    let at = Millis(day.saturating_mul(DAY_MS)).to_string();
    at.split('T').next().unwrap_or_default().to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_are_read_as_they_are_written() {
        let leap = parse("2024-02-29").unwrap();
        assert_eq!(leap.to_string(), "2024-02-29T00:00:00.000Z");
        assert_eq!(text(leap.0 / DAY_MS), "2024-02-29");
        for wrong in [
            "",
            "2023-02-29",
            "2024-2-9",
            "20240229",
            "2024-02-29T00:00",
            "yesterday!",
        ] {
            assert!(parse(wrong).is_err(), "{wrong}");
        }
    }
}
