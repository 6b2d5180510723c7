//! Numbers of the whole site: how many there are of something, and how many came on a day. Kept in the transaction of
//! what they count, so that nobody has to walk over everything to count it.

use model::Millis;
use model::analytics::DAY_MS;

use crate::videos::VideoRow;
use crate::{Key, StoreError, Tx, params};

/// What is counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Metric {
    /// Accounts, those included that are about to be removed.
    Users,
    /// Videos, whoever may see them.
    Videos,
    /// Comments as their videos count them.
    Comments,
    /// Bytes of videos with all that was made of them and their subtitle tracks.
    StoredBytes,
    /// Originals that are kept.
    Originals,
    /// Their bytes.
    OriginalBytes,
    /// Subtitle tracks.
    Captions,
    /// Their bytes.
    CaptionBytes,
    /// Accounts that were made on a day.
    NewUsers,
    /// Videos that were uploaded on a day.
    NewVideos,
    /// Encodes that went well.
    EncodesDone,
    /// Encodes that were given up.
    EncodesFailed,
    /// How long those took that went well, in milliseconds.
    EncodeMs,
    /// How long what they encoded plays, in milliseconds.
    EncodedMs,
}

/// Those that say how many there are.
pub const STANDING: [Metric; 8] = [
    Metric::Users,
    Metric::Videos,
    Metric::Comments,
    Metric::StoredBytes,
    Metric::Originals,
    Metric::OriginalBytes,
    Metric::Captions,
    Metric::CaptionBytes,
];

/// In place of a day: how many there are now.
pub const NOW: i64 = -1;

impl Metric {
    /// As the store keeps it.
    pub const fn code(self) -> i64 {
        match self {
            Self::Users => 0,
            Self::Videos => 1,
            Self::Comments => 2,
            Self::StoredBytes => 3,
            Self::Originals => 4,
            Self::OriginalBytes => 5,
            Self::Captions => 6,
            Self::CaptionBytes => 7,
            Self::NewUsers => 8,
            Self::NewVideos => 9,
            Self::EncodesDone => 10,
            Self::EncodesFailed => 11,
            Self::EncodeMs => 12,
            Self::EncodedMs => 13,
        }
    }

    /// Its name in words, where it stands in a report.
    const fn name(self) -> &'static str {
        match self {
            Self::Users | Self::NewUsers => "users",
            Self::Videos | Self::NewVideos => "videos",
            Self::Comments => "comments",
            Self::StoredBytes => "stored bytes",
            Self::Originals => "originals",
            Self::OriginalBytes => "bytes of originals",
            Self::Captions => "subtitle tracks",
            Self::CaptionBytes => "bytes of subtitle tracks",
            Self::EncodesDone | Self::EncodesFailed => "encodes",
            Self::EncodeMs | Self::EncodedMs => "milliseconds of encoding",
        }
    }
}

/// The day that holds this time, as days are counted here.
pub fn day_of(at: Millis) -> i64 {
    at.0.div_euclid(DAY_MS)
}

const ADD: &str = "INSERT INTO site_numbers (value, metric, day) VALUES ($1, $2, $3) \
     ON CONFLICT (metric, day) DO UPDATE SET value = site_numbers.value + excluded.value";

/// Adds to a number when the transaction commits, once for all that become durable together.
pub fn add(tx: &mut Tx, metric: Metric, day: i64, by: i64) -> Result<(), StoreError> {
    if by == 0 {
        return Ok(());
    }
    tx.add_later_to(ADD, Key::Numbers([metric.code(), day]), by)
}

/// The same for a day and for all time, of what there is no standing number of.
pub fn add_on(tx: &mut Tx, metric: Metric, day: i64, by: i64) -> Result<(), StoreError> {
    add(tx, metric, day, by)?;
    add(tx, metric, NOW, by)
}

/// Counts what a video stores; `before` or `after` is `None` where it comes or goes.
pub(crate) fn count_stored(
    tx: &mut Tx,
    before: Option<&VideoRow>,
    after: Option<&VideoRow>,
) -> Result<(), StoreError> {
    let numbers = |video: Option<&VideoRow>| {
        video.map_or([0; 5], |video| {
            let original = video.source_key.is_some();
            [
                video.stored_bytes,
                i64::from(original),
                if original { video.source_bytes } else { 0 },
                video.captions.len() as i64,
                video.captions_bytes(),
            ]
        })
    };
    let metrics = [
        Metric::StoredBytes,
        Metric::Originals,
        Metric::OriginalBytes,
        Metric::Captions,
        Metric::CaptionBytes,
    ];
    let (before, after) = (numbers(before), numbers(after));
    for (metric, (before, after)) in metrics.into_iter().zip(before.into_iter().zip(after)) {
        add(tx, metric, NOW, after - before)?;
    }
    Ok(())
}

/// How many there are now; of encodes, in all.
pub async fn find(tx: &mut Tx, metric: Metric) -> Result<i64, StoreError> {
    let value = tx
        .one(
            "SELECT value FROM site_numbers WHERE metric = $1 AND day = $2",
            &params![metric.code(), NOW],
            |row| row.int(0),
        )
        .await?;
    Ok(value.unwrap_or(0))
}

/// What [`days`] asks; public for the test of its plan.
pub const DAYS: &str = "SELECT day, value FROM site_numbers WHERE metric = $1 AND day >= $2 AND day < $3 \
     ORDER BY day LIMIT $4";

/// How many came on each of the days from one to before another, without those on which none came.
pub async fn days(
    tx: &mut Tx,
    metric: Metric,
    from: i64,
    to: i64,
    limit: i64,
) -> Result<Vec<(i64, i64)>, StoreError> {
    tx.all(DAYS, &params![metric.code(), from.max(0), to, limit], |row| {
        Ok((row.int(0)?, row.int(1)?))
    })
    .await
}

/// What [`active_since`] asks; public for the test of its plan.
pub const ACTIVE: &str = "SELECT count(DISTINCT found.user_id) FROM (SELECT user_id FROM sessions \
     WHERE last_used_at >= $1 ORDER BY last_used_at LIMIT 1000000) AS found";

/// How many people used a session since a time: signed in, or had one prolonged. One step of an index for each
/// session, and no more than a million of them; for the slow readers.
pub async fn active_since(tx: &mut Tx, since: Millis) -> Result<i64, StoreError> {
    Ok(tx
        .one(ACTIVE, &params![since], |row| row.int(0))
        .await?
        .unwrap_or(0))
}

/// What [`compared`] asks: what each standing number counts, and what is kept of it, at one moment.
const COMPARED: &str = "SELECT (SELECT count(*) FROM users), count(*), coalesce(sum(comments_count), 0) \
     - (SELECT coalesce(sum(change), 0) FROM fact_deltas WHERE kind = 1), \
     coalesce(sum(stored_bytes), 0), count(source_key), \
     coalesce(sum(CASE WHEN source_key IS NOT NULL THEN source_bytes END), 0), \
     coalesce(sum(json_array_length(captions)), 0), \
     coalesce(sum((SELECT sum(json_extract(c.value, '$.bytes')) FROM json_each(videos.captions) c)), 0), \
     (SELECT value FROM site_numbers WHERE metric = 0 AND day = -1), \
     (SELECT value FROM site_numbers WHERE metric = 1 AND day = -1), \
     (SELECT value FROM site_numbers WHERE metric = 2 AND day = -1), \
     (SELECT value FROM site_numbers WHERE metric = 3 AND day = -1), \
     (SELECT value FROM site_numbers WHERE metric = 4 AND day = -1), \
     (SELECT value FROM site_numbers WHERE metric = 5 AND day = -1), \
     (SELECT value FROM site_numbers WHERE metric = 6 AND day = -1), \
     (SELECT value FROM site_numbers WHERE metric = 7 AND day = -1) FROM videos";

/// [`COMPARED`] for PostgreSQL.
fn compared_of_postgres() -> String {
    COMPARED
        .replace("json_array_length(captions)", "jsonb_array_length(CAST(captions AS jsonb))")
        .replace(
            "sum(json_extract(c.value, '$.bytes')) FROM json_each(videos.captions) c",
            "sum(CAST(c.value->>'bytes' AS BIGINT)) FROM jsonb_array_elements(CAST(videos.captions AS jsonb)) c",
        )
}

/// Each standing number as counted and as kept. Comments that are noted and not added up yet are in the counts of their
/// videos already, and not in the number. Scans; for the slow readers.
async fn compared(tx: &mut Tx) -> Result<Vec<(Metric, i64, i64)>, StoreError> {
    let sql = if tx.is_postgres() {
        compared_of_postgres()
    } else {
        COMPARED.to_owned()
    };
    let found = tx
        .one(&sql, &params![], |row| {
            let mut numbers = Vec::with_capacity(STANDING.len());
            for (at, metric) in STANDING.into_iter().enumerate() {
                let kept = row.opt_int(at + STANDING.len())?.unwrap_or(0);
                numbers.push((metric, row.int(at)?, kept));
            }
            Ok(numbers)
        })
        .await?;
    Ok(found.unwrap_or_default())
}

/// Standing numbers that are not what they count, in words.
pub async fn wrong_numbers(tx: &mut Tx) -> Result<Vec<String>, StoreError> {
    let wrong = compared(tx)
        .await?
        .into_iter()
        .filter(|(_, counted, kept)| counted != kept);
    Ok(wrong
        .map(|(metric, counted, kept)| {
            format!("{} of the site do not match: {:+}", metric.name(), kept - counted)
        })
        .collect())
}

/// Sets all standing numbers to what they count.
pub async fn recount(tx: &mut Tx) -> Result<(), StoreError> {
    tx.settle().await?;
    for (metric, counted, _) in compared(tx).await? {
        tx.exec(
            "INSERT INTO site_numbers (metric, day, value) VALUES ($1, $2, $3) \
             ON CONFLICT (metric, day) DO UPDATE SET value = excluded.value",
            &params![metric.code(), NOW, counted],
        )
        .await?;
    }
    Ok(())
}
