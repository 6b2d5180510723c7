//! What is being watched these days: points, how their heat fades, and the number that keeps the order.

use crate::Millis;

/// Heat halves in this time, in milliseconds: one day.
pub const HALF_LIFE_MS: i64 = 24 * 3600 * 1000;
/// Points of a like, where a view has one.
pub const LIKE_POINTS: i64 = 5;
/// Points of a comment.
pub const COMMENT_POINTS: i64 = 10;

/// Points of a video's counters.
pub fn points(views: i64, likes: i64, comments: i64) -> i64 {
    let likes = likes.max(0).saturating_mul(LIKE_POINTS);
    let comments = comments.max(0).saturating_mul(COMMENT_POINTS);
    views.max(0).saturating_add(likes).saturating_add(comments)
}

/// When the heat of a video will have fallen to one, after it gained `points` at `now`.
///
/// A video has heat one when it is published, so this begins as the time of its publication. Heat only fades, so the
/// order of two videos does not change while neither gains anything: it need not be worked out anew as time goes by.
#[must_use]
pub fn warmed(rank_at: Millis, points: i64, now: Millis) -> Millis {
    if points <= 0 {
        return rank_at;
    }
    let half_life = HALF_LIFE_MS as f64;
    // In halvings from now: how long what is there lasts, and how long the points would by themselves. The sum of
    // both is worked out from the larger one, since powers of either may be beyond any number.
    let there = rank_at.since(now) as f64 / half_life;
    let added = (points as f64).log2();
    let (larger, smaller) = if there > added {
        (there, added)
    } else {
        (added, there)
    };
    let sum = larger + (smaller - larger).exp2().ln_1p() / std::f64::consts::LN_2;
    now.plus_ms((sum * half_life) as i64)
}

#[cfg(test)]
mod tests {
    use super::*;

    const DAY: i64 = HALF_LIFE_MS;

    #[test]
    fn a_video_that_gains_what_it_has_lasts_one_half_life_longer() {
        let published = Millis(100 * DAY);
        assert_eq!(warmed(published, 0, published), published);
        assert_eq!(warmed(published, 1, published), Millis(101 * DAY));
        assert_eq!(warmed(published, 3, published), Millis(102 * DAY));
    }

    #[test]
    fn the_same_points_are_worth_more_the_later_they_come() {
        let published = Millis(100 * DAY);
        let early = warmed(published, 1000, published);
        let late = warmed(published, 1000, Millis(105 * DAY));
        assert!(late > early);
        let old = warmed(Millis(0), 1000, Millis(105 * DAY));
        assert!(
            late.since(old) < DAY / 100,
            "what is long gone counts for nothing"
        );
    }

    #[test]
    fn extreme_counters_stay_within_bounds() {
        for points in [1, i64::MAX] {
            for at in [Millis(0), Millis(1_800_000_000_000), Millis(i64::MAX / 2)] {
                assert!(warmed(Millis(0), points, at) >= at);
            }
        }
        assert_eq!(points(i64::MAX, i64::MAX, i64::MAX), i64::MAX);
        assert_eq!(points(-1, -1, -1), 0);
    }
}
