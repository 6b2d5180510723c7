//! Comparing the sums of watching with each other and with the counters beside videos and users.
//!
//! Each question is one statement over a page of subjects, so what it compares is of one moment. They walk; they run on
//! the slow readers. Who asks them, and how often, is `app::recount`.

use std::fmt::Write;
use std::sync::LazyLock;

use model::analytics::{Grain, Subject};
use model::{Millis, ObjectId, VideoId};

use super::retention::Retention;
use crate::{StoreError, Tx, params};

/// What adds up from hours to days to all time: everything but unique viewers.
const ADDITIVE: [&str; 14] = [
    "views",
    "own_views",
    "watch_ms",
    "own_watch_ms",
    "likes",
    "comments",
    "subscribers_gained",
    "subscribers_lost",
    "sessions",
    "startups",
    "startup_ms",
    "stalls",
    "stall_ms",
    "errors",
];

/// Whose page it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Who {
    /// Videos.
    Videos,
    /// Channels.
    Channels,
}

/// Up to `limit` ids behind `after`, in order.
pub async fn page(tx: &mut Tx, who: Who, after: ObjectId, limit: i64) -> Result<Vec<ObjectId>, StoreError> {
    let text = match who {
        Who::Videos => "SELECT id FROM videos WHERE id > $1 ORDER BY id LIMIT $2",
        Who::Channels => "SELECT id FROM users WHERE id > $1 ORDER BY id LIMIT $2",
    };
    tx.all(text, &params![after, limit], |row| row.id(0)).await
}

/// A counter that is not what it should be: of whom, as kept, as added up.
pub type Wrong = (ObjectId, i64, i64);

/// Videos from behind one to another whose views are not those of all time in the list of their channel.
pub const WRONG_VIEWS: &str = "SELECT f.id, f.kept, f.summed FROM (SELECT v.id AS id, v.views AS kept, coalesce(\
     (SELECT c.views FROM channel_videos c WHERE c.channel_id = v.owner_id AND c.grain = 4 AND c.at = 0 \
     AND c.video_id = v.id), 0) AS summed FROM videos v WHERE v.id > $1 AND v.id <= $2) AS f WHERE f.kept <> f.summed";

/// The same against the sum of their days, where all days are there.
pub const WRONG_DAYS_OF_VIEWS: &str = "SELECT f.id, f.kept, f.summed FROM (SELECT v.id AS id, v.views AS kept, \
     coalesce((SELECT sum(r.views) FROM rollups r WHERE r.subject_id = v.id AND r.grain = 2), 0) AS summed \
     FROM videos v WHERE v.id > $1 AND v.id <= $2) AS f WHERE f.kept <> f.summed";

/// Channels whose views are not those of all time in their sums.
pub const WRONG_VIEWS_OF_CHANNELS: &str = "SELECT f.id, f.kept, f.summed FROM (SELECT u.id AS id, \
     u.views_count AS kept, coalesce((SELECT r.views FROM rollups r WHERE r.subject_id = u.id AND r.grain = 4 \
     AND r.at = 0), 0) AS summed FROM users u WHERE u.id > $1 AND u.id <= $2) AS f WHERE f.kept <> f.summed";

/// Asks one of the three questions above about the subjects from behind one id to another.
pub async fn wrong(
    tx: &mut Tx,
    question: &str,
    after: ObjectId,
    until: ObjectId,
) -> Result<Vec<Wrong>, StoreError> {
    tx.all(question, &params![after, until], |row| {
        Ok((row.id(0)?, row.int(1)?, row.int(2)?))
    })
    .await
}

/// A number in which a difference of any sum shows.
fn digest(table: &str, sum: bool) -> String {
    let mut text = String::new();
    for (at, column) in ADDITIVE.iter().enumerate() {
        let weight = [
            1009, 1013, 1019, 1021, 1031, 1033, 1039, 1049, 1051, 1061, 1063, 1069, 1087, 1091,
        ][at];
        let plus = if at == 0 { "" } else { " + " };
        // Writing into a string cannot fail.
        let _ = if sum {
            write!(text, "{plus}{weight} * sum({table}.{column})")
        } else {
            write!(text, "{plus}{weight} * {table}.{column}")
        };
    }
    text
}

/// The statement of [`wrong_totals`]; public for the test of its plan.
pub static TOTALS: LazyLock<String> = LazyLock::new(|| {
    format!(
        "SELECT 1 WHERE coalesce((SELECT {} FROM rollups r WHERE r.subject_id = $1 AND r.grain = 4 AND r.at = 0), 0) \
         <> coalesce((SELECT {} FROM rollups d WHERE d.subject_id = $1 AND d.grain = 2), 0)",
        digest("r", false),
        digest("d", true)
    )
});

/// Whether the sums of all time of a channel or the site are not those of all its days.
pub async fn wrong_totals(tx: &mut Tx, subject: Subject) -> Result<bool, StoreError> {
    Ok(tx
        .one(&TOTALS, &params![subject.0], |row| row.int(0))
        .await?
        .is_some())
}

/// The statement of [`wrong_days`]; public for the test of its plan.
pub static DAYS: LazyLock<String> = LazyLock::new(|| {
    format!(
        "SELECT d.at FROM rollups d WHERE d.subject_id = $1 AND d.grain = 2 AND d.at >= $2 AND {} <> coalesce(\
         (SELECT {} FROM rollups h WHERE h.subject_id = $1 AND h.grain = 1 AND h.at >= d.at \
         AND h.at < d.at + 86400000), 0) ORDER BY d.at LIMIT 1000",
        digest("d", false),
        digest("h", true)
    )
});

/// The days of a subject from a time on whose sums are not those of their hours.
pub async fn wrong_days(tx: &mut Tx, subject: Subject, from: Millis) -> Result<Vec<Millis>, StoreError> {
    tx.all(&DAYS, &params![subject.0, from], |row| row.millis(0))
        .await
}

/// The statement of [`mend`].
static MEND: LazyLock<String> = LazyLock::new(|| {
    let columns = ADDITIVE.join(", ");
    let sums = ADDITIVE
        .map(|column| format!("coalesce(sum({column}), 0)"))
        .join(", ");
    let sets = ADDITIVE
        .map(|column| format!("{column} = excluded.{column}"))
        .join(", ");
    format!(
        "INSERT INTO rollups (subject_id, grain, at, viewers, {columns}) SELECT $1, $2, $3, 0, {sums} \
         FROM rollups WHERE subject_id = $1 AND grain = $4 AND at >= $3 AND at < $5 \
         ON CONFLICT (subject_id, grain, at) DO UPDATE SET {sets}"
    )
});

/// Writes the sums of a bucket anew from the finer ones in it: of a day from its hours, of all time from all days.
/// Unique viewers stay as they are.
pub async fn mend(tx: &mut Tx, subject: Subject, grain: Grain, at: Millis) -> Result<(), StoreError> {
    let (finer, to) = match grain {
        Grain::Day => (Grain::Hour, at.plus_ms(model::analytics::DAY_MS)),
        _ => (Grain::Day, Millis(i64::MAX)),
    };
    tx.exec(&MEND, &params![subject.0, grain.code(), at, finer.code(), to])
        .await?;
    Ok(())
}

/// Sets the views of a video and the place in its channel's list to the sum of its days, or where those are not all
/// there, the video's to the list's.
pub async fn mend_views(tx: &mut Tx, video: VideoId, all_days: bool) -> Result<(), StoreError> {
    if all_days {
        tx.exec(
            "INSERT INTO channel_videos (channel_id, grain, at, video_id, views, watch_ms, likes, comments, \
             subscribers_gained) SELECT v.owner_id, 4, 0, v.id, coalesce((SELECT sum(r.views) FROM rollups r \
             WHERE r.subject_id = v.id AND r.grain = 2), 0), 0, 0, 0, 0 FROM videos v WHERE v.id = $1 \
             ON CONFLICT (channel_id, grain, at, video_id) DO UPDATE SET views = excluded.views",
            &params![video],
        )
        .await?;
    }
    tx.exec(
        "UPDATE videos SET views = coalesce((SELECT c.views FROM channel_videos c \
         WHERE c.channel_id = videos.owner_id AND c.grain = 4 AND c.at = 0 AND c.video_id = videos.id), 0) \
         WHERE id = $1",
        &params![video],
    )
    .await?;
    Ok(())
}

/// After a day was written anew: all time of a channel or the site from its days, or the views of a video.
pub async fn mend_after_day(tx: &mut Tx, subject: Subject) -> Result<(), StoreError> {
    let video = VideoId(subject.0);
    if crate::videos::exists(tx, video).await? {
        return mend_views(tx, video, true).await;
    }
    mend(tx, subject, Grain::Ever, Millis(0)).await?;
    mend_channel(tx, subject.0).await
}

/// Sets the views of a channel to those of all time in its sums.
pub async fn mend_channel(tx: &mut Tx, channel: ObjectId) -> Result<(), StoreError> {
    tx.exec(
        "UPDATE users SET views_count = coalesce((SELECT r.views FROM rollups r WHERE r.subject_id = users.id \
         AND r.grain = 4 AND r.at = 0), 0) WHERE id = $1",
        &params![channel],
    )
    .await?;
    Ok(())
}

/// Days of retention behind a place, in the order of videos and days: which, and whether fewer sessions began than
/// saw some part.
pub async fn retention_page(
    tx: &mut Tx,
    after: (VideoId, Millis),
    limit: i64,
) -> Result<Vec<(VideoId, Millis, bool)>, StoreError> {
    tx.all(
        "SELECT video_id, day, sessions, counts FROM retention WHERE (video_id, day) > ($1, $2) \
         ORDER BY video_id, day LIMIT $3",
        &params![after.0, after.1, limit],
        |row| {
            let kept = Retention::from_parts(row.int(2)?, row.blob(3)?);
            let wrong = kept.counts.iter().any(|count| *count > kept.sessions);
            Ok((row.id(0)?, row.millis(1)?, wrong))
        },
    )
    .await
}

/// Lets no part of a video have been seen by more sessions than began on a day.
pub async fn mend_retention(tx: &mut Tx, video: VideoId, day: Millis) -> Result<(), StoreError> {
    let found = tx
        .one(
            "SELECT sessions, counts FROM retention WHERE video_id = $1 AND day = $2",
            &params![video, day],
            |row| Ok(Retention::from_parts(row.int(0)?, row.blob(1)?)),
        )
        .await?;
    if let Some(mut kept) = found {
        for count in kept.counts.iter_mut() {
            *count = (*count).min(kept.sessions);
        }
        tx.exec(
            "UPDATE retention SET counts = $1 WHERE video_id = $2 AND day = $3",
            &params![&kept.to_bytes(), video, day],
        )
        .await?;
    }
    Ok(())
}
