//! Retention: of the sessions that began on a day, how many saw each of the hundred parts of a video.

use model::analytics::rule::BUCKETS;
use model::{Millis, VideoId};

use crate::{StoreError, Tx, params};

/// Sessions of a video, and how many of them saw each part.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Retention {
    /// Sessions.
    pub sessions: u32,
    /// Sessions that saw each part.
    pub counts: Box<[u32; BUCKETS]>,
}

impl Default for Retention {
    fn default() -> Self {
        Self {
            sessions: 0,
            counts: Box::new([0; BUCKETS]),
        }
    }
}

impl Retention {
    /// Adds the sessions of another.
    pub fn add(&mut self, more: &Self) {
        self.sessions = self.sessions.saturating_add(more.sessions);
        for (count, more) in self.counts.iter_mut().zip(more.counts.iter()) {
            *count = count.saturating_add(*more);
        }
    }

    pub(super) fn to_bytes(&self) -> Vec<u8> {
        self.counts.iter().flat_map(|count| count.to_le_bytes()).collect()
    }

    /// Counts that are missing are 0.
    pub(super) fn from_parts(sessions: i64, bytes: &[u8]) -> Self {
        let mut retention = Self {
            sessions: u32::try_from(sessions.max(0)).unwrap_or(u32::MAX),
            ..Self::default()
        };
        for (count, four) in retention.counts.iter_mut().zip(bytes.chunks_exact(4)) {
            *count = u32::from_le_bytes([four[0], four[1], four[2], four[3]]);
        }
        retention
    }
}

/// Adds to the sessions of a day.
pub async fn add(tx: &mut Tx, video: VideoId, day: Millis, more: &Retention) -> Result<(), StoreError> {
    let mut sum = tx
        .one(
            "SELECT sessions, counts FROM retention WHERE video_id = $1 AND day = $2",
            &params![video, day],
            |row| Ok(Retention::from_parts(row.int(0)?, row.blob(1)?)),
        )
        .await?
        .unwrap_or_default();
    sum.add(more);
    tx.exec(
        "INSERT INTO retention (video_id, day, sessions, counts) VALUES ($1, $2, $3, $4) \
         ON CONFLICT (video_id, day) DO UPDATE SET sessions = excluded.sessions, counts = excluded.counts",
        &params![video, day, sum.sessions, &sum.to_bytes()],
    )
    .await?;
    Ok(())
}

/// What [`sum`] asks; public for the test of its plan.
pub const SUM: &str = "SELECT sessions, counts FROM retention WHERE video_id = $1 AND day >= $2 AND day < $3 \
     ORDER BY day DESC LIMIT $4";

/// The sessions of a video that began on the days from one to before another, of the last `limit` days there are.
pub async fn sum(
    tx: &mut Tx,
    video: VideoId,
    from: Millis,
    to: Millis,
    limit: i64,
) -> Result<Retention, StoreError> {
    let days = tx
        .all(SUM, &params![video, from, to, limit], |row| {
            Ok(Retention::from_parts(row.int(0)?, row.blob(1)?))
        })
        .await?;
    let mut sum = Retention::default();
    for day in &days {
        sum.add(day);
    }
    Ok(sum)
}

/// Forgets the retention of a video, at most `limit` days of it; tells how many.
pub async fn remove_of_video(tx: &mut Tx, video: VideoId, limit: i64) -> Result<u64, StoreError> {
    tx.exec(
        "DELETE FROM retention WHERE video_id = $1 AND day IN \
         (SELECT day FROM retention WHERE video_id = $1 LIMIT $2)",
        &params![video, limit],
    )
    .await
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn counts_survive_the_store_and_add_up() {
        let mut one = Retention {
            sessions: 3,
            ..Retention::default()
        };
        one.counts[0] = 3;
        one.counts[99] = 70_000;
        let kept = Retention::from_parts(3, &one.to_bytes());
        assert_eq!(kept, one);
        one.add(&kept);
        assert_eq!((one.sessions, one.counts[0], one.counts[99]), (6, 6, 140_000));
        assert_eq!(Retention::from_parts(-1, &[1, 2]), Retention::default());
    }
}
