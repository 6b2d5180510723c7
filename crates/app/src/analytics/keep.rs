//! How long numbers are kept: minutes for days, hours for months, days for ever unless somebody says otherwise.
//!
//! Nothing is added up here: each grain is written by itself, so old rows of a short one are only removed. In bites,
//! since others write in between.

use model::analytics::{DAY_MS, Grain, HOUR_MS, Subject};
use model::{Millis, ObjectId};
use store::analytics::{bandwidth, keep, marks, rollups, sketches};
use store::counters;

use crate::core::Core;
use crate::error::Error;

/// Rows of a kind that one transaction removes.
const BITE: i64 = 500;
/// Subjects that are looked at together.
const PAGE: i64 = 100;

/// From when on hours are all there, as a fact of the instance: milliseconds since the epoch.
pub(crate) const HOURS_FROM: &str = "analytics.hours_from";
/// The same of days.
pub(crate) const DAYS_FROM: &str = "analytics.days_from";

/// Forgets what is older than the settings say.
pub async fn sweep(core: &Core) -> Result<(), Error> {
    let now = core.clock.now();
    let settings = &core.settings;
    let hours = i64::from(settings.analytics_minutes_keep_hours);
    let minutes_from = Grain::Hour.start(now.plus_ms(-hours.saturating_mul(HOUR_MS)));
    let days = i64::from(settings.analytics_hours_keep_days);
    let hours_from = Grain::Day.start(now.plus_ms(-days.saturating_mul(DAY_MS)));
    // Before the first hour goes: whoever compares days with hours must not miss any.
    note(core, HOURS_FROM, hours_from).await?;
    loop {
        let mut tx = core.store.write().await?;
        let gone = rollups::sweep(&mut tx, Grain::Minute, minutes_from, BITE).await?
            // Of hours these are many rows, and what is asked for over a longer time is asked of days.
            + rollups::sweep_splits(&mut tx, Grain::Hour, minutes_from, BITE).await?
            + sketches::sweep(&mut tx, Grain::Hour, minutes_from, BITE).await?
            + rollups::sweep(&mut tx, Grain::Hour, hours_from, BITE).await?
            + bandwidth::sweep(&mut tx, Grain::Hour, hours_from, BITE).await?
            + marks::sweep(&mut tx, now, BITE).await?;
        tx.commit().await?;
        if gone == 0 {
            break;
        }
    }
    if settings.analytics_days_keep_days == 0 {
        return Ok(());
    }
    let days = i64::from(settings.analytics_days_keep_days);
    sweep_days(core, Grain::Day.start(now.plus_ms(-days.saturating_mul(DAY_MS)))).await
}

async fn sweep_days(core: &Core, before: Millis) -> Result<(), Error> {
    // Once a day: it walks over all subjects.
    if known(core, DAYS_FROM).await? >= before {
        return Ok(());
    }
    note(core, DAYS_FROM, before).await?;
    loop {
        let mut tx = core.store.write().await?;
        let gone = bandwidth::sweep(&mut tx, Grain::Day, before, BITE).await?;
        tx.commit().await?;
        if gone == 0 {
            break;
        }
    }
    let mut after = Subject::SITE.0;
    bite_of(core, after, before).await?;
    loop {
        let page: Vec<ObjectId> = keep::subjects(&mut core.store.read(), after, PAGE).await?;
        let Some(last) = page.last() else {
            return Ok(());
        };
        after = *last;
        for subject in page {
            bite_of(core, subject, before).await?;
        }
    }
}

async fn bite_of(core: &Core, subject: ObjectId, before: Millis) -> Result<(), Error> {
    loop {
        let mut tx = core.store.write().await?;
        let gone = keep::sweep_days(&mut tx, subject, before, BITE).await?;
        if gone == 0 {
            // Nothing was changed, so there is nothing to commit.
            return Ok(());
        }
        tx.commit().await?;
    }
}

/// From when on buckets are all there.
pub(crate) async fn known(core: &Core, fact: &str) -> Result<Millis, Error> {
    let found = counters::fact(&mut core.store.read(), fact).await?;
    Ok(Millis(found.and_then(|text| text.parse().ok()).unwrap_or(0)))
}

/// Notes that buckets before a time go; never that fewer have gone.
async fn note(core: &Core, fact: &str, from: Millis) -> Result<(), Error> {
    if known(core, fact).await? < from {
        let mut tx = core.store.write().await?;
        counters::save_fact(&mut tx, fact, &from.0.to_string()).await?;
        tx.commit().await?;
    }
    Ok(())
}
