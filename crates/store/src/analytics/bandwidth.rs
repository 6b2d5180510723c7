//! Bytes of media files that were sent to viewers: of each video by day, of the whole site by hour and day.

use std::fmt::Write;

use model::analytics::{Grain, Subject};
use model::{Millis, VideoId};

use crate::{StoreError, Tx, Val, params};

/// What was sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Sent {
    /// Bytes of files, without the heads of answers.
    pub bytes: i64,
    /// Answers that these were part of.
    pub requests: i64,
}

/// Adds what was sent of some videos up to a time, each named once, and of the whole site. What was sent of a video
/// that is gone is the site's only.
pub async fn add(tx: &mut Tx, sent: &[(VideoId, Sent)], at: Millis) -> Result<(), StoreError> {
    let mut all = Sent::default();
    for (video, sent) in sent {
        all.bytes = all.bytes.saturating_add(sent.bytes);
        all.requests = all.requests.saturating_add(sent.requests);
        tx.exec(
            "INSERT INTO bandwidth (grain, at, video_id, bytes, requests) SELECT $1, $2, $3, $4, $5 \
             WHERE EXISTS (SELECT 1 FROM videos v WHERE v.id = $3) \
             ON CONFLICT (grain, at, video_id) DO UPDATE SET bytes = bandwidth.bytes + excluded.bytes, \
             requests = bandwidth.requests + excluded.requests",
            &params![
                Grain::Day.code(),
                Grain::Day.start(at),
                video,
                sent.bytes,
                sent.requests
            ],
        )
        .await?;
    }
    for grain in [Grain::Hour, Grain::Day, Grain::Ever] {
        tx.exec(
            "INSERT INTO bandwidth (grain, at, video_id, bytes, requests) VALUES ($1, $2, $3, $4, $5) \
             ON CONFLICT (grain, at, video_id) DO UPDATE SET bytes = bandwidth.bytes + excluded.bytes, \
             requests = bandwidth.requests + excluded.requests",
            &params![
                grain.code(),
                grain.start(at),
                Subject::SITE.0,
                all.bytes,
                all.requests
            ],
        )
        .await?;
    }
    Ok(())
}

/// What [`list`] asks; public for the test of its plan.
pub const LIST: &str = "SELECT at, bytes, requests FROM bandwidth WHERE video_id = $1 AND grain = $2 AND at >= $3 \
     AND at < $4 ORDER BY at LIMIT $5";

/// What was sent of a video, or of the whole site, from one time to before another, oldest first, without buckets in
/// which nothing was. Of videos there are days, of the site hours, days and all time.
pub async fn list(
    tx: &mut Tx,
    subject: Subject,
    grain: Grain,
    from: Millis,
    to: Millis,
    limit: i64,
) -> Result<Vec<(Millis, Sent)>, StoreError> {
    tx.all(LIST, &params![subject.0, grain.code(), from, to, limit], |row| {
        let sent = Sent {
            bytes: row.int(1)?,
            requests: row.int(2)?,
        };
        Ok((row.millis(0)?, sent))
    })
    .await
}

/// What [`top_of_day`] asks; public for the test of its plan.
pub const TOP_OF_DAY: &str = "SELECT video_id, bytes FROM bandwidth WHERE grain = 2 AND at = $1 AND bytes > 0 \
     ORDER BY bytes DESC, video_id DESC LIMIT $2";

/// The videos that most bytes were sent of on the day that began at a time.
pub async fn top_of_day(tx: &mut Tx, day: Millis, limit: i64) -> Result<Vec<(VideoId, i64)>, StoreError> {
    // The site itself is on top of each day.
    let mut found: Vec<(VideoId, i64)> = tx
        .all(TOP_OF_DAY, &params![day, limit + 1], |row| {
            Ok((row.id(0)?, row.int(1)?))
        })
        .await?;
    found.retain(|(video, _)| video.0 != Subject::SITE.0);
    found.truncate(usize::try_from(limit).unwrap_or(0));
    Ok(found)
}

/// Videos that are asked for at once by [`sums_of`].
const WIDTH: usize = 100;

/// The statement of [`sums_of`]; apart, so that a test can ask the engine for its plan.
pub fn sums_statement() -> String {
    let mut text = "SELECT video_id, sum(bytes), sum(requests) FROM bandwidth WHERE grain = 2 AND at >= $1 \
         AND at < $2 AND video_id IN ("
        .to_owned();
    for number in 3..WIDTH + 3 {
        // Writing into a string cannot fail.
        let _ = write!(text, "{}${number}", if number == 3 { "" } else { ", " });
    }
    text.push_str(") GROUP BY video_id");
    text
}

/// What was sent of some videos on the days from one to before another.
pub async fn sums_of(
    tx: &mut Tx,
    videos: &[VideoId],
    from: Millis,
    to: Millis,
) -> Result<Vec<(VideoId, Sent)>, StoreError> {
    let mut found = Vec::new();
    let text = sums_statement();
    for some in videos.chunks(WIDTH) {
        let Some(last) = some.last() else { continue };
        let mut params: Vec<Val<'_>> = params![from, to].to_vec();
        params.extend((0..WIDTH).map(|at| Val::from(*some.get(at).unwrap_or(last))));
        found.extend(
            tx.all(&text, &params, |row| {
                let sent = Sent {
                    bytes: row.int(1)?,
                    requests: row.int(2)?,
                };
                Ok((row.id(0)?, sent))
            })
            .await?,
        );
    }
    Ok(found)
}

/// Forgets hours, or days, that began before a time, at most `limit`; tells how many.
pub async fn sweep(tx: &mut Tx, grain: Grain, before: Millis, limit: i64) -> Result<u64, StoreError> {
    tx.exec(
        "DELETE FROM bandwidth WHERE (grain, at, video_id) IN (SELECT grain, at, video_id FROM bandwidth \
         WHERE grain = $1 AND at < $2 ORDER BY at LIMIT $3)",
        &params![grain.code(), before, limit],
    )
    .await
}

/// Forgets what was sent of a video, at most `limit` days; tells how many. The site's numbers stay as they were.
pub async fn remove_of_video(tx: &mut Tx, video: VideoId, limit: i64) -> Result<u64, StoreError> {
    tx.exec(
        "DELETE FROM bandwidth WHERE (grain, at, video_id) IN (SELECT grain, at, video_id FROM bandwidth \
         WHERE video_id = $1 LIMIT $2)",
        &params![video, limit],
    )
    .await
}
