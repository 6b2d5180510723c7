//! What range is asked for, and how much of it is kept in short buckets.

use model::Millis;
use model::analytics::zones::{Granularity, Range, Zone};
use model::analytics::{DAY_MS, Grain, HOUR_MS, Subject};
use store::Tx;
use store::analytics::reads;

use crate::error::{Error, Fields};

/// Days of a range of which nobody says where it begins.
pub const DEFAULT_DAYS: i32 = 28;
/// The same where it is asked for by the minute.
const DEFAULT_MINUTES_MS: i64 = HOUR_MS;

/// A range as it was asked for.
#[derive(Debug, Clone, Copy, Default)]
pub struct Asked<'a> {
    /// When it begins; absent: some days before it ends.
    pub from: Option<&'a str>,
    /// When it ends, which is not part of it; absent: now.
    pub to: Option<&'a str>,
    /// How long its buckets are; absent: days.
    pub granularity: Option<&'a str>,
    /// The name of the zone of its days; absent: UTC.
    pub zone: Option<&'a str>,
}

fn filled(text: Option<&str>) -> Option<&str> {
    text.filter(|text| !text.is_empty())
}

/// The range that is asked for.
pub(super) fn read(asked: &Asked<'_>, now: Millis) -> Result<Range, Error> {
    let mut fields = Fields::default();
    let zone = match filled(asked.zone) {
        Some(name) => fields.check("tz", Zone::from_name(name)),
        None => Some(Zone::utc()),
    };
    let granularity = match filled(asked.granularity) {
        Some(name) => fields.check("granularity", granularity(name)),
        None => Some(Granularity::Day),
    };
    let zone_or_utc = zone.clone().unwrap_or_else(Zone::utc);
    let from = fields.optional("from", filled(asked.from), |text| zone_or_utc.read(text));
    let to = fields.optional("to", filled(asked.to), |text| zone_or_utc.read(text));
    fields.done()?;
    let granularity = granularity_or_day(granularity);
    let until = to.unwrap_or(now.plus_ms(1));
    let fault = |fault| Error::field("from", fault);
    match (from, granularity) {
        (Some(from), _) => Range::new(granularity, &zone_or_utc, from, until).map_err(fault),
        (None, Granularity::Minute) => {
            let from = Millis((until.0 - DEFAULT_MINUTES_MS).max(0));
            Range::new(granularity, &zone_or_utc, from, until).map_err(fault)
        }
        (None, Granularity::Hour) => {
            let from = Millis((until.0 - i64::from(DEFAULT_DAYS) * DAY_MS).max(0));
            Range::new(granularity, &zone_or_utc, from, until).map_err(fault)
        }
        (None, Granularity::Day) => {
            Range::last_days(&zone_or_utc, until.plus_ms(-1), DEFAULT_DAYS).map_err(fault)
        }
    }
}

fn granularity(name: &str) -> Result<Granularity, model::text::Fault> {
    Granularity::from_name(name).ok_or_else(|| model::text::Fault::new("unknown", "minute, hour or day."))
}

fn granularity_or_day(granularity: Option<Granularity>) -> Granularity {
    granularity.unwrap_or(Granularity::Day)
}

/// The grain of the rows that a range is read from.
pub(super) fn grain(range: &Range) -> Grain {
    match range.granularity {
        Granularity::Minute => Grain::Minute,
        Granularity::Day if range.zone.is_utc() => Grain::Day,
        Granularity::Hour | Granularity::Day => Grain::Hour,
    }
}

/// The range as it can be answered, and from when on its buckets are kept where that is not from its beginning.
/// Days of a zone are made of hours; where those are forgotten already, its days are of UTC. `viewers`: they are asked
/// for alone, and of hours they are forgotten sooner.
pub(super) async fn kept(
    tx: &mut Tx,
    subject: Subject,
    range: Range,
    viewers: bool,
) -> Result<(Range, Option<Millis>), Error> {
    let (fine, coarse) = match grain(&range) {
        Grain::Minute => (Grain::Minute, Grain::Hour),
        Grain::Hour => (Grain::Hour, Grain::Day),
        _ => return Ok((range, None)),
    };
    let since = forgotten_before(tx, subject, fine, coarse, &range).await?;
    if range.granularity != Granularity::Day {
        return Ok((range, since));
    }
    let is_forgotten = since.is_some()
        || (viewers
            && reads::forgotten_viewers(tx, subject, range.from(), range.to())
                .await?
                .is_some());
    Ok(if is_forgotten {
        (range.in_utc_days(), None)
    } else {
        (range, None)
    })
}

/// A range beside the one before it.
pub(super) struct Beside {
    /// The range.
    pub range: Range,
    /// From when on its buckets are kept; `None`: from its beginning.
    pub kept_from: Option<Millis>,
    /// As many buckets before it.
    pub before: Option<Range>,
}

/// The range and the one before it as they can be answered. Their days are of the same zone, so that they compare.
pub(super) async fn beside(
    tx: &mut Tx,
    subject: Subject,
    range: Range,
    viewers: bool,
) -> Result<Beside, Error> {
    let (range, kept_from) = kept(tx, subject, range, viewers).await?;
    let before = match range.before() {
        Some(before) => Some(kept(tx, subject, before, viewers).await?.0),
        None => None,
    };
    if before.as_ref().is_none_or(|before| before.zone == range.zone) {
        return Ok(Beside {
            range,
            kept_from,
            before,
        });
    }
    let range = range.in_utc_days();
    Ok(Beside {
        before: range.before(),
        range,
        kept_from,
    })
}

/// When the rows of a fine grain begin, where the range has some that were forgotten: a coarser bucket says so, which
/// has more in it than all its fine ones.
async fn forgotten_before(
    tx: &mut Tx,
    subject: Subject,
    fine: Grain,
    coarse: Grain,
    range: &Range,
) -> Result<Option<Millis>, Error> {
    let begun = coarse.start(range.from());
    let Some(oldest) = reads::first(tx, subject, coarse, begun).await? else {
        return Ok(None);
    };
    if oldest >= range.to() {
        return Ok(None);
    }
    let Some(first) = reads::first(tx, subject, fine, begun).await? else {
        return Ok(Some(range.to()));
    };
    if oldest < coarse.start(first) {
        return Ok(Some(first.min(range.to())));
    }
    // First the whole and then its parts: what is added in between makes the parts more.
    let length = if coarse == Grain::Day { DAY_MS } else { HOUR_MS };
    let whole = reads::sum(tx, subject, coarse, oldest, oldest.plus_ms(1)).await?;
    let parts = reads::sum(tx, subject, fine, oldest, oldest.plus_ms(length)).await?;
    let is_more =
        whole.watch_ms > parts.watch_ms || whole.views > parts.views || whole.sessions > parts.sessions;
    Ok((is_more && first > range.from()).then_some(first))
}
