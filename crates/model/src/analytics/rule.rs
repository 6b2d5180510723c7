//! What counts: when a session has given a view, how much watching a session may claim, what a retention bucket is.
//!
//! All of it is arithmetic on milliseconds. Who keeps the sessions is `app::analytics`.

use super::HOUR_MS;

/// Distinct media time that makes a view of a long video, in milliseconds.
pub const VIEW_MS: i64 = 30_000;
/// One viewer gives one video a view once in this time, in milliseconds.
pub const VIEW_AGAIN_MS: i64 = 6 * HOUR_MS;
/// The fastest that anybody is believed to play.
pub const MAX_RATE: i64 = 2;
/// Beacons arrive unevenly, and a session plays before its first one arrives: this much more real time is believed,
/// in milliseconds.
pub const GRACE_MS: i64 = 15_000;
/// A session that says nothing for this long is over, in milliseconds.
pub const IDLE_MS: i64 = 30 * 60_000;
/// Parts that a video is cut into for its retention.
pub const BUCKETS: usize = 100;
/// The longest start that is believed, in milliseconds.
pub const MAX_STARTUP_MS: u32 = 120_000;
/// Failures of one session that count.
pub const MAX_ERRORS: u32 = 10;
/// Interruptions of one session that count at once; one more with every second that passes.
pub const MAX_STALLS: u32 = 5;

/// Distinct media time that makes a view of a video of this length (0: not known), in milliseconds.
pub fn view_ms(duration_ms: i64) -> i64 {
    if duration_ms > 0 {
        VIEW_MS.min(duration_ms / 2 + duration_ms % 2)
    } else {
        VIEW_MS
    }
}

/// How much media time a session may have watched in all, that began this long ago.
pub fn budget_ms(elapsed_ms: i64) -> i64 {
    elapsed_ms
        .max(0)
        .saturating_add(GRACE_MS)
        .saturating_mul(MAX_RATE)
}

/// How long a session may have waited for data in all, that began this long ago.
pub fn stall_budget_ms(elapsed_ms: i64) -> i64 {
    elapsed_ms.max(0).saturating_add(GRACE_MS)
}

/// The retention buckets whose middle lies in `from_ms..to_ms` of a video of this length. None where the length is
/// not known.
pub fn buckets(from_ms: u32, to_ms: u32, duration_ms: i64) -> std::ops::Range<usize> {
    if duration_ms <= 0 || from_ms >= to_ms {
        return 0..0;
    }
    // The middle of bucket b is (2b + 1) * duration / 200: the first b whose middle is not before a time.
    let first = |at_ms: u32| {
        let doubled = (i128::from(at_ms) * 200 + i128::from(duration_ms) - 1) / i128::from(duration_ms);
        usize::try_from(doubled / 2).map_or(BUCKETS, |bucket| bucket.min(BUCKETS))
    };
    first(from_ms)..first(to_ms)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_view_is_thirty_seconds_or_half_of_the_video() {
        for (duration_ms, expected) in [
            (0, 30_000),
            (-1, 30_000),
            (1, 1),
            (9_000, 4_500),
            (9_001, 4_501),
            (60_000, 30_000),
            (3_600_000, 30_000),
            (i64::MAX - 1, 30_000),
        ] {
            assert_eq!(view_ms(duration_ms), expected, "{duration_ms}");
        }
    }

    #[test]
    fn a_session_may_not_have_watched_more_than_its_time_allows() {
        assert_eq!(budget_ms(0), 30_000);
        assert_eq!(budget_ms(10_000), 50_000);
        assert_eq!(budget_ms(-5), 30_000, "a clock that went back gives nothing");
        assert_eq!(budget_ms(i64::MAX), i64::MAX);
        assert_eq!(stall_budget_ms(1_000), 16_000);
    }

    #[test]
    fn a_bucket_is_watched_where_its_middle_is() {
        // Buckets of one second, with their middles at 0.5 s, 1.5 s, …
        assert_eq!(buckets(0, 500, 100_000), 0..0);
        assert_eq!(buckets(0, 501, 100_000), 0..1);
        assert_eq!(buckets(500, 501, 100_000), 0..1);
        assert_eq!(buckets(501, 1_500, 100_000), 1..1);
        assert_eq!(buckets(0, 100_000, 100_000), 0..100);
        assert_eq!(buckets(99_501, 200_000, 100_000), 100..100);
        assert_eq!(buckets(0, u32::MAX, 0), 0..0, "a length not known");
        assert_eq!(buckets(5, 5, 100), 0..0);
    }

    #[test]
    fn stretches_that_follow_each_other_watch_each_bucket_once() {
        for duration_ms in [1, 99, 100, 101, 7_777, 3_599_999, 40_000_000] {
            for step in [1_u32, 7, 5_000, 10_007] {
                let mut seen = [0_u32; BUCKETS];
                let mut at = 0_u32;
                // Short steps through long videos would take long and show nothing else.
                let step = step.max(u32::try_from(duration_ms / 5_000).unwrap());
                while i64::from(at) < duration_ms {
                    for bucket in buckets(at, at + step, duration_ms) {
                        seen[bucket] += 1;
                    }
                    at += step;
                }
                assert_eq!(seen, [1; BUCKETS], "{duration_ms} in steps of {step}");
            }
        }
    }
}
