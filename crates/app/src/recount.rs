//! Proving sums and counters of watching against each other: views beside videos and channels, all time against days,
//! days against hours, numbers of the site, retention, the journal's place.
//!
//! A walk over everything in short reads, beside a running server too: each comparison is one statement and so of one
//! moment, and what looks wrong is looked at again a little later, since two numbers may be on their way. What is wrong
//! stands there both times. Likes are not compared with the sums of likes: sums begin when the counting began, and keep
//! what a video had that is gone.

use std::path::Path;
use std::time::Duration;

use model::analytics::{DAY_MS, Grain, Subject};
use model::{Millis, ObjectId, VideoId};
use store::analytics::recount::{self as rows, Who};
use store::analytics::{flush, removal};
use store::site;

use crate::App;
use crate::analytics::ingest::name_of;
use crate::analytics::{journal, keep};
use crate::core::Core;
use crate::doctor::Finding;
use crate::error::Error;

/// How long one look may take.
const LOOK_MS: u64 = 60_000;
/// Subjects that one look is about.
const PAGE: i64 = 200;
/// Rows that one transaction removes.
const BITE: i64 = 500;
/// How long a number that looks wrong is given to settle.
const SETTLE: Duration = Duration::from_millis(1_500);
/// Findings after which the walk ends.
const MOST_FINDINGS: usize = 10_000;

/// One thing that does not match.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Wrong {
    /// A video's views, and how many more are kept than its channel's list or its days say.
    Views(VideoId, i64),
    /// A channel's views, and how many more are kept than its sums say.
    ChannelViews(ObjectId, i64),
    /// All time of a channel or the site against its days.
    Total(Subject),
    /// A day against its hours.
    Day(Subject, Millis),
    /// More sessions saw a part than there were.
    Retention(VideoId, Millis),
    /// A number of the site.
    Site(String),
}

/// What of the sums is known to be complete.
#[derive(Debug, Clone, Copy)]
struct Known {
    /// From when on hours are all there.
    hours_from: Millis,
    /// Days are all there.
    all_days: bool,
}

/// What is wrong; with `repair` also what was and is right now. `journal`: the folder in which the journal of beacons
/// lies. For a repair nobody else may write.
pub async fn examine(app: &App, journal: &Path, repair: bool) -> Result<Vec<Finding>, Error> {
    let core = &app.core;
    if repair {
        // What waits to be added up belongs to what is compared.
        while !crate::analytics::facts::drain_facts(core).await?.is_empty() {}
    }
    let known = Known {
        hours_from: {
            // A day is compared only where all of it is there, whatever the next look of the sweeper takes.
            let kept = i64::from(core.settings.analytics_hours_keep_days).saturating_mul(DAY_MS);
            let from = keep::known(core, keep::HOURS_FROM).await?;
            let soon = Grain::Day.start(core.clock.now().plus_ms(-kept)).plus_ms(DAY_MS);
            from.max(soon)
        },
        all_days: keep::known(core, keep::DAYS_FROM).await?.0 == 0,
    };
    let mut wrong = walk(core, known).await?;
    if !wrong.is_empty() && !repair {
        tokio::time::sleep(SETTLE).await;
        let again = walk(core, known).await?;
        wrong.retain(|found| again.contains(found));
    }
    let mut findings = Vec::with_capacity(wrong.len());
    for found in &wrong {
        if repair {
            mend(core, found, known).await?;
        }
        findings.push(Finding {
            text: found.to_string(),
            repaired: repair,
        });
    }
    findings.extend(journal_findings(core, journal).await?);
    if repair {
        let removed = remove_strays(core).await?;
        if removed > 0 {
            findings.push(Finding {
                text: format!("numbers of {removed} videos or channels that are gone"),
                repaired: true,
            });
        }
    }
    Ok(findings)
}

/// Looks at everything once.
async fn walk(core: &Core, known: Known) -> Result<Vec<Wrong>, Error> {
    let mut wrong = Vec::new();
    let slow = || core.store.slow_read(LOOK_MS);
    for text in site::wrong_numbers(&mut slow()).await? {
        wrong.push(Wrong::Site(text));
    }
    look_at(core, Subject::SITE, known, true, &mut wrong).await?;
    for who in [Who::Videos, Who::Channels] {
        let mut after = Subject::SITE.0;
        loop {
            let page = rows::page(&mut slow(), who, after, PAGE).await?;
            let Some(last) = page.last().copied() else { break };
            match who {
                Who::Videos => {
                    let mut questions = vec![rows::WRONG_VIEWS];
                    if known.all_days {
                        questions.push(rows::WRONG_DAYS_OF_VIEWS);
                    }
                    for question in questions {
                        for (id, kept, summed) in rows::wrong(&mut slow(), question, after, last).await? {
                            let found = Wrong::Views(VideoId(id), kept - summed);
                            if !wrong
                                .iter()
                                .any(|known| matches!(known, Wrong::Views(other, _) if other.0 == id))
                            {
                                wrong.push(found);
                            }
                        }
                    }
                }
                Who::Channels => {
                    let question = rows::WRONG_VIEWS_OF_CHANNELS;
                    for (id, kept, summed) in rows::wrong(&mut slow(), question, after, last).await? {
                        wrong.push(Wrong::ChannelViews(id, kept - summed));
                    }
                }
            }
            for id in page {
                look_at(core, Subject(id), known, who == Who::Channels, &mut wrong).await?;
            }
            after = last;
            if wrong.len() >= MOST_FINDINGS {
                return Ok(wrong);
            }
        }
    }
    let mut after = (VideoId(Subject::SITE.0), Millis(i64::MIN));
    loop {
        let page = rows::retention_page(&mut slow(), after, PAGE).await?;
        let Some((video, day, _)) = page.last() else { break };
        after = (*video, *day);
        let bad = page.into_iter().filter(|(_, _, bad)| *bad);
        wrong.extend(bad.map(|(video, day, _)| Wrong::Retention(video, day)));
    }
    Ok(wrong)
}

/// Compares the sums of one subject with each other.
async fn look_at(
    core: &Core,
    subject: Subject,
    known: Known,
    has_total: bool,
    wrong: &mut Vec<Wrong>,
) -> Result<(), Error> {
    for day in rows::wrong_days(&mut core.store.slow_read(LOOK_MS), subject, known.hours_from).await? {
        wrong.push(Wrong::Day(subject, day));
    }
    if has_total && known.all_days && rows::wrong_totals(&mut core.store.slow_read(LOOK_MS), subject).await? {
        wrong.push(Wrong::Total(subject));
    }
    Ok(())
}

/// Puts one thing right: the finer sums are believed.
async fn mend(core: &Core, wrong: &Wrong, known: Known) -> Result<(), Error> {
    let mut tx = core.store.write().await?;
    match wrong {
        Wrong::Views(video, _) => rows::mend_views(&mut tx, *video, known.all_days).await?,
        Wrong::ChannelViews(channel, _) => rows::mend_channel(&mut tx, *channel).await?,
        Wrong::Total(subject) => {
            rows::mend(&mut tx, *subject, Grain::Ever, Millis(0)).await?;
            rows::mend_channel(&mut tx, subject.0).await?;
        }
        Wrong::Day(subject, day) => {
            rows::mend(&mut tx, *subject, Grain::Day, *day).await?;
            if known.all_days {
                // What is made of the day follows: all time of a channel, the views of a video.
                rows::mend_after_day(&mut tx, *subject).await?;
            }
        }
        Wrong::Retention(video, day) => rows::mend_retention(&mut tx, *video, *day).await?,
        Wrong::Site(_) => site::recount(&mut tx).await?,
    }
    Ok(tx.commit().await?)
}

/// Whether the store says that more of the journal was counted than there is. Those of other nodes are with them.
async fn journal_findings(core: &Core, folder: &Path) -> Result<Vec<Finding>, Error> {
    // First the store: a journal that is being written only grows.
    let positions = flush::positions_of_all(&mut core.store.read()).await?;
    let end = journal::end_of(folder).map_err(|error| Error::failed("journal folder", error))?;
    let Some(end) = end else {
        return Ok(Vec::new());
    };
    let name = name_of(folder).map_err(|error| Error::failed("journal folder", error))?;
    Ok(positions
        .into_iter()
        .filter(|(node, _, position)| *node == name && *position > end)
        .map(|(node, shard, position)| Finding {
            text: format!(
                "shard {shard} of {node} is counted up to {}:{}, and the journal ends at {}:{}; \
                 the next start begins a later segment",
                position.segment, position.place, end.segment, end.place
            ),
            repaired: false,
        })
        .collect())
}

/// Removes the numbers of videos and channels that are gone; tells of how many.
async fn remove_strays(core: &Core) -> Result<usize, Error> {
    let mut after = Subject::SITE.0;
    let mut removed = 0;
    loop {
        let page = removal::strays(&mut core.store.slow_read(LOOK_MS), after, PAGE).await?;
        let Some((last, _)) = page.last() else {
            return Ok(removed);
        };
        after = *last;
        for (id, is_there) in page {
            if is_there {
                continue;
            }
            removed += 1;
            loop {
                let mut tx = core.store.write().await?;
                let left = removal::bite_of_stray(&mut tx, id, BITE).await?;
                tx.commit().await?;
                if !left {
                    break;
                }
            }
        }
    }
}

impl std::fmt::Display for Wrong {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let named = |subject: &Subject| {
            if *subject == Subject::SITE {
                "the site".to_owned()
            } else {
                subject.0.to_string()
            }
        };
        match self {
            Self::Views(video, more) => {
                write!(f, "views of video {video} do not match its sums: {more:+}")
            }
            Self::ChannelViews(channel, more) => {
                write!(f, "views of channel {channel} do not match its sums: {more:+}")
            }
            Self::Total(subject) => write!(f, "all time of {} does not match its days", named(subject)),
            Self::Day(subject, day) => {
                write!(f, "the day {day} of {} does not match its hours", named(subject))
            }
            Self::Retention(video, day) => {
                write!(
                    f,
                    "more sessions saw a part of video {video} on {day} than there were"
                )
            }
            Self::Site(text) => f.write_str(text),
        }
    }
}
