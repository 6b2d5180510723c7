//! Ranges of time as people ask for them, and the buckets that they are shown in: minutes and hours of UTC, days of
//! any time zone.
//!
//! Zones are those of the IANA database, which is part of the program, so that every machine knows the same ones. A
//! day on which clocks are changed has 23 or 25 hours.

use jiff::civil::{Date, DateTime};
use jiff::tz::TimeZone;
use jiff::{Timestamp, ToSpan};

use super::{DAY_MS, HOUR_MS, MINUTE_MS};
use crate::Millis;
use crate::text::Fault;

/// Times that can be asked for end here: the last second of the year 9999.
const LAST_MS: i64 = 253_402_300_799_999;
/// No name of a zone is longer.
const MAX_ZONE_NAME: usize = 64;

/// How long the buckets of an answer are.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Granularity {
    /// Minutes.
    Minute,
    /// Hours of UTC.
    Hour,
    /// Days of a zone.
    Day,
}

impl Granularity {
    /// The granularity of this name.
    pub fn from_name(name: &str) -> Option<Self> {
        match name {
            "minute" => Some(Self::Minute),
            "hour" => Some(Self::Hour),
            "day" => Some(Self::Day),
            _ => None,
        }
    }

    /// Its name.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Minute => "minute",
            Self::Hour => "hour",
            Self::Day => "day",
        }
    }

    /// The longest range that may be asked for, in milliseconds.
    pub const fn longest_ms(self) -> i64 {
        match self {
            Self::Minute => 48 * HOUR_MS,
            Self::Hour => 400 * DAY_MS,
            Self::Day => 3_660 * DAY_MS,
        }
    }

    /// The same for people.
    pub const fn longest(self) -> &'static str {
        match self {
            Self::Minute => "48 hours",
            Self::Hour => "400 days",
            Self::Day => "10 years",
        }
    }
}

/// A time zone.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Zone(TimeZone);

impl Zone {
    /// Universal time.
    pub fn utc() -> Self {
        Self(TimeZone::UTC)
    }

    /// The zone of an IANA name such as `Europe/Berlin`, however its letters are cased.
    pub fn from_name(name: &str) -> Result<Self, Fault> {
        let unknown = || Fault::new("unknown", "A name of the IANA time zones, such as Europe/Berlin.");
        if name.is_empty() || name.len() > MAX_ZONE_NAME {
            return Err(unknown());
        }
        match TimeZone::get(name) {
            Ok(zone) if zone == TimeZone::UTC || matches!(zone.iana_name(), Some("UTC" | "Etc/UTC")) => {
                Ok(Self::utc())
            }
            Ok(zone) if zone.iana_name().is_some() => Ok(Self(zone)),
            _ => Err(unknown()),
        }
    }

    /// Its name.
    pub fn name(&self) -> &str {
        self.0.iana_name().unwrap_or("UTC")
    }

    /// Whether its days are those of UTC.
    pub fn is_utc(&self) -> bool {
        self.0 == TimeZone::UTC
    }

    /// The calendar's day there, as `2026-10-25`.
    pub fn date(&self, at: Millis) -> String {
        self.date_of(at).to_string()
    }

    fn date_of(&self, at: Millis) -> Date {
        let at = Timestamp::from_millisecond(at.0).unwrap_or(Timestamp::UNIX_EPOCH);
        self.0.to_datetime(at).date()
    }

    /// When a day begins there: at midnight, or where clocks are changed over midnight, at the first time there is.
    fn begin(&self, date: Date) -> Option<Millis> {
        let begun = date.to_zoned(self.0.clone()).ok()?;
        Some(Millis(begun.timestamp().as_millisecond()))
    }

    /// A time as it was asked for: milliseconds since the epoch, ISO 8601 with an offset, or without one, or a day
    /// alone, as it is there.
    pub fn read(&self, text: &str) -> Result<Millis, Fault> {
        let malformed = || {
            let message = "A time in ISO 8601, or milliseconds since 1970; not after the year 9999.";
            Fault::new("malformed", message)
        };
        let at = if text.len() <= 15 && !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit()) {
            Millis(text.parse().map_err(|_| malformed())?)
        } else if text.len() > 64 {
            return Err(malformed());
        } else if let Ok(at) = text.parse::<Timestamp>() {
            Millis(at.as_millisecond())
        } else if let Some(at) = plain_date(text).and_then(|date| self.begin(date)) {
            at
        } else {
            let there: DateTime = text.parse().map_err(|_| malformed())?;
            let at = there.to_zoned(self.0.clone()).map_err(|_| malformed())?;
            Millis(at.timestamp().as_millisecond())
        };
        if (0..=LAST_MS).contains(&at.0) {
            Ok(at)
        } else {
            Err(malformed())
        }
    }
}

/// `2026-10-25` and nothing more.
fn plain_date(text: &str) -> Option<Date> {
    if text.len() == 10 { text.parse().ok() } else { None }
}

/// A range in buckets without gaps between them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Range {
    /// How long they are.
    pub granularity: Granularity,
    /// Of which zone its days are; minutes and hours are of UTC.
    pub zone: Zone,
    /// Where each begins, and where the last ends. There are at least two.
    edges: Vec<Millis>,
}

impl Range {
    /// The buckets that hold the times from one to before another, or why they cannot be had.
    pub fn new(granularity: Granularity, zone: &Zone, from: Millis, to: Millis) -> Result<Self, Fault> {
        if from >= to {
            return Err(Fault::new(
                "out_of_range",
                "It must be before the end of the range.",
            ));
        }
        if to.since(from) > granularity.longest_ms() {
            let message = format!(
                "By {} a range has at most {}.",
                granularity.name(),
                granularity.longest()
            );
            return Err(Fault::new("too_long", message));
        }
        let whole = |length: i64| {
            let first = from.0.div_euclid(length);
            let last = (to.0 - 1).div_euclid(length) + 1;
            (first..=last).map(|number| Millis(number * length)).collect()
        };
        let edges = match granularity {
            Granularity::Minute => whole(MINUTE_MS),
            Granularity::Hour => whole(HOUR_MS),
            Granularity::Day if zone.is_utc() => whole(DAY_MS),
            Granularity::Day => zone_days(zone, zone.date_of(from), to),
        };
        if edges.len() < 2 {
            return Err(Fault::new("out_of_range", "There is no such time there."));
        }
        Ok(Self {
            granularity,
            zone: zone.clone(),
            edges,
        })
    }

    /// The last `days` days of a zone, with the one that it is at this time.
    pub fn last_days(zone: &Zone, now: Millis, days: i32) -> Result<Self, Fault> {
        let first = zone.date_of(now).saturating_sub((days - 1).days());
        let from = zone
            .begin(first)
            .unwrap_or(now.plus_ms(i64::from(1 - days) * DAY_MS));
        Self::new(Granularity::Day, zone, from, now.plus_ms(1))
    }

    /// As many buckets as this has, right before it.
    pub fn before(&self) -> Option<Self> {
        let (count, from) = (self.len(), self.from());
        let begun = match self.granularity {
            Granularity::Minute => from.plus_ms(-(count as i64) * MINUTE_MS),
            Granularity::Hour => from.plus_ms(-(count as i64) * HOUR_MS),
            Granularity::Day => {
                let days = i64::try_from(count).ok()?;
                let first = self.zone.date_of(from).checked_sub(days.days()).ok()?;
                self.zone.begin(first)?
            }
        };
        let whole = |length: i64| (0..=count as i64).map(|n| begun.plus_ms(n * length)).collect();
        let edges: Vec<Millis> = match self.granularity {
            Granularity::Minute => whole(MINUTE_MS),
            Granularity::Hour => whole(HOUR_MS),
            Granularity::Day => zone_days(&self.zone, self.zone.date_of(begun), from),
        };
        (edges.len() >= 2).then(|| Self {
            granularity: self.granularity,
            zone: self.zone.clone(),
            edges,
        })
    }

    /// The same times in days of UTC: those that hold its first and last moments, and all between.
    #[must_use]
    pub fn in_utc_days(&self) -> Self {
        let first = self.from().0.div_euclid(DAY_MS);
        let last = (self.to().0 - 1).div_euclid(DAY_MS) + 1;
        Self {
            granularity: Granularity::Day,
            zone: Zone::utc(),
            edges: (first..=last).map(|day| Millis(day * DAY_MS)).collect(),
        }
    }

    /// When the first bucket begins.
    pub fn from(&self) -> Millis {
        self.edges.first().copied().unwrap_or_default()
    }

    /// When the last bucket ends.
    pub fn to(&self) -> Millis {
        self.edges.last().copied().unwrap_or_default()
    }

    /// How many buckets there are.
    pub fn len(&self) -> usize {
        self.edges.len().saturating_sub(1)
    }

    /// Never: there is always one.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// When each bucket begins.
    pub fn starts(&self) -> &[Millis] {
        self.edges.split_last().map_or(&[], |(_, starts)| starts)
    }

    /// In which bucket a time is.
    pub fn place(&self, at: Millis) -> Option<usize> {
        let behind = self.edges.partition_point(|edge| *edge <= at);
        (behind >= 1 && behind < self.edges.len()).then(|| behind - 1)
    }

    /// Where a bucket begins or ends in the middle of an hour of UTC.
    pub fn edges_within_hours(&self) -> impl Iterator<Item = Millis> + '_ {
        let edges = if self.granularity == Granularity::Day {
            self.edges.as_slice()
        } else {
            &[]
        };
        edges
            .iter()
            .copied()
            .filter(|edge| edge.0.rem_euclid(HOUR_MS) != 0)
    }
}

/// Where the days from one on begin, up to the first beginning that is not before `to`.
fn zone_days(zone: &Zone, first: Date, to: Millis) -> Vec<Millis> {
    let mut edges: Vec<Millis> = Vec::new();
    let mut date = first;
    loop {
        let Some(begun) = zone.begin(date) else {
            return edges;
        };
        // A day that a zone has left out begins when the next one does.
        if edges.last().is_none_or(|last| *last < begun) {
            edges.push(begun);
        }
        if begun >= to {
            return edges;
        }
        let Ok(next) = date.tomorrow() else { return edges };
        date = next;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> Millis {
        Zone::utc().read(text).unwrap()
    }

    fn days(zone: &str, from: &str, to: &str) -> Range {
        let zone = Zone::from_name(zone).unwrap();
        let (from, to) = (zone.read(from).unwrap(), zone.read(to).unwrap());
        Range::new(Granularity::Day, &zone, from, to).unwrap()
    }

    fn hours(range: &Range) -> Vec<i64> {
        range
            .edges
            .windows(2)
            .map(|two| two[1].since(two[0]) / HOUR_MS)
            .collect()
    }

    #[test]
    fn days_on_which_clocks_are_changed_have_an_hour_more_or_less() {
        let berlin = days("Europe/Berlin", "2026-10-24", "2026-10-27");
        assert_eq!(hours(&berlin), [24, 25, 24]);
        assert_eq!(berlin.from(), at("2026-10-23T22:00:00Z"));
        assert_eq!(
            hours(&days("Europe/Berlin", "2026-03-28", "2026-03-30")),
            [24, 23]
        );
        assert_eq!(
            hours(&days("America/New_York", "2026-10-31", "2026-11-03")),
            [24, 25, 24]
        );
        // Here clocks were changed over midnight, and the day began at one.
        let sao_paulo = days("America/Sao_Paulo", "2018-11-03", "2018-11-05");
        assert_eq!(hours(&sao_paulo), [24, 23]);
        assert_eq!(sao_paulo.starts()[1], at("2018-11-04T03:00:00Z"));
    }

    #[test]
    fn a_day_that_a_zone_left_out_is_no_bucket() {
        let apia = days("Pacific/Apia", "2011-12-29", "2012-01-01");
        assert_eq!(apia.len(), 2);
        assert_eq!(apia.zone.date(apia.starts()[1]), "2011-12-31");
    }

    #[test]
    fn ranges_take_in_whole_buckets_and_know_what_is_in_which() {
        let utc = Zone::utc();
        let hours = Range::new(
            Granularity::Hour,
            &utc,
            at("2026-01-01T10:59:59.999Z"),
            at("2026-01-01T12:00:00Z"),
        );
        let hours = hours.unwrap();
        assert_eq!((hours.len(), hours.from()), (2, at("2026-01-01T10:00:00Z")));
        assert_eq!(hours.place(at("2026-01-01T10:00:00Z")), Some(0));
        assert_eq!(hours.place(at("2026-01-01T11:59:59.999Z")), Some(1));
        assert_eq!(hours.place(at("2026-01-01T12:00:00Z")), None);
        assert_eq!(hours.place(at("2026-01-01T09:59:59Z")), None);
        let before = hours.before().unwrap();
        assert_eq!((before.len(), before.to()), (2, hours.from()));
        let epoch = Range::new(Granularity::Day, &utc, Millis(0), Millis(1)).unwrap();
        assert_eq!((epoch.len(), epoch.to()), (1, Millis(DAY_MS)));
    }

    #[test]
    fn what_came_before_has_as_many_days_whatever_their_lengths() {
        let berlin = days("Europe/Berlin", "2026-10-25", "2026-10-28");
        let before = berlin.before().unwrap();
        assert_eq!((before.len(), before.to()), (3, berlin.from()));
        assert_eq!(before.zone.date(before.from()), "2026-10-22");
        let week = Range::last_days(&berlin.zone, at("2026-10-26T23:30:00Z"), 7).unwrap();
        assert_eq!(
            (week.len(), week.zone.date(week.from())),
            (7, "2026-10-21".to_owned())
        );
    }

    #[test]
    fn half_hours_are_told_apart_from_whole_ones() {
        let kolkata = days("Asia/Kolkata", "2026-01-01", "2026-01-03");
        assert_eq!(kolkata.edges_within_hours().count(), 3);
        assert_eq!(
            days("Europe/Berlin", "2026-01-01", "2026-01-03")
                .edges_within_hours()
                .count(),
            0
        );
    }

    #[test]
    fn times_are_read_in_several_forms() {
        let berlin = Zone::from_name("europe/berlin").unwrap();
        assert_eq!(berlin.name(), "Europe/Berlin");
        let noon = at("2026-07-01T12:00:00Z");
        for text in [
            "1782907200000",
            "2026-07-01T12:00:00.000Z",
            "2026-07-01T14:00:00+02:00",
            "2026-07-01T14:00",
        ] {
            assert_eq!(berlin.read(text).unwrap(), noon, "{text}");
        }
        assert_eq!(berlin.read("2026-07-01").unwrap(), at("2026-06-30T22:00:00Z"));
        for text in [
            "",
            "-1",
            "yesterday",
            "1e3",
            "9999999999999999",
            "1969-12-31T23:59:59Z",
            &"1".repeat(100),
        ] {
            assert!(berlin.read(text).is_err(), "{text}");
        }
    }

    #[test]
    fn only_zones_that_there_are_have_names() {
        for name in ["", "Mars/Phobos", "../../etc/passwd", &"x".repeat(100)] {
            assert!(Zone::from_name(name).is_err(), "{name}");
        }
        for name in ["UTC", "Etc/UTC", "utc"] {
            assert!(Zone::from_name(name).unwrap().is_utc(), "{name}");
        }
    }

    #[test]
    fn ranges_are_bounded() {
        let utc = Zone::utc();
        for (granularity, days) in [
            (Granularity::Minute, 2),
            (Granularity::Hour, 400),
            (Granularity::Day, 3_660),
        ] {
            let to = Millis(days * DAY_MS);
            assert!(Range::new(granularity, &utc, Millis(0), to).is_ok());
            let code = Range::new(granularity, &utc, Millis(0), to.plus_ms(1))
                .unwrap_err()
                .code;
            assert_eq!(code, "too_long");
        }
        assert!(Range::new(Granularity::Day, &utc, Millis(5), Millis(5)).is_err());
    }
}
