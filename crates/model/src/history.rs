//! What a player says about how somebody watches, what of it is possible, and where to go on from.

use crate::text::Fault;

/// Players round, and some play a little beyond what the file says.
pub const SLACK_MS: i64 = 5_000;

/// What a player says about one stretch of watching. Seconds, as they came.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct Claim {
    /// Where the stretch began.
    pub from: Option<f64>,
    /// Where it ended.
    pub to: Option<f64>,
    /// Where the player is now; absent: where the stretch ended.
    pub position: Option<f64>,
    /// The video was watched to its end.
    pub ended: bool,
}

/// Whether what a player says is possible in a video of this length (0: not known); else which field is wrong.
pub fn check(claim: &Claim, duration_ms: i64) -> Result<(), (&'static str, Fault)> {
    let impossible = |message: &str| Fault::new("impossible", message);
    for (name, value) in [
        ("from", claim.from),
        ("to", claim.to),
        ("position", claim.position),
    ] {
        let Some(seconds) = value else { continue };
        if !seconds.is_finite() || seconds < 0.0 {
            return Err((name, impossible("Seconds from the beginning, 0 or more.")));
        }
        let beyond = duration_ms > 0 && seconds * 1000.0 > (duration_ms + SLACK_MS) as f64;
        if beyond || seconds > 1e9 {
            return Err((name, impossible("The video is not that long.")));
        }
    }
    if let (Some(from), Some(to)) = (claim.from, claim.to)
        && to < from
    {
        return Err(("to", impossible("A stretch does not end before it begins.")));
    }
    Ok(())
}

/// Where the player is, in milliseconds, if what it says is possible in a video of this length (0: not known);
/// else which field is wrong.
pub fn position_ms(claim: &Claim, duration_ms: i64) -> Result<i64, (&'static str, Fault)> {
    check(claim, duration_ms)?;
    let place = match (claim.position.or(claim.to), claim.ended) {
        (_, true) if duration_ms > 0 => return Ok(duration_ms),
        (Some(seconds), _) => seconds,
        (None, true) => 0.0,
        (None, false) => return Err(("position", Fault::missing())),
    };
    let place = (place * 1000.0).round() as i64;
    Ok(if duration_ms > 0 {
        place.min(duration_ms)
    } else {
        place
    })
}

/// Where to go on, in milliseconds: at the position, or from the beginning where no more than a twentieth is left.
pub fn resume_ms(position_ms: i64, duration_ms: i64) -> i64 {
    let finished = duration_ms > 0 && position_ms.saturating_mul(20) >= duration_ms.saturating_mul(19);
    if finished { 0 } else { position_ms.max(0) }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(from: f64, to: f64, position: f64) -> Claim {
        Claim {
            from: Some(from),
            to: Some(to),
            position: Some(position),
            ended: false,
        }
    }

    #[test]
    fn what_cannot_be_is_refused_with_the_field_that_says_so() {
        let wrong = |claim: Claim| position_ms(&claim, 100_000).unwrap_err().0;
        assert_eq!(wrong(at(-1.0, 5.0, 5.0)), "from");
        assert_eq!(wrong(at(0.0, f64::NAN, 5.0)), "to");
        assert_eq!(wrong(at(0.0, f64::INFINITY, 5.0)), "to");
        assert_eq!(wrong(at(6.0, 5.0, 5.0)), "to");
        assert_eq!(wrong(at(0.0, 5.0, 105.1)), "position");
        assert_eq!(wrong(Claim::default()), "position");
    }

    #[test]
    fn a_little_beyond_the_end_is_the_end() {
        assert_eq!(position_ms(&at(0.0, 104.9, 104.9), 100_000), Ok(100_000));
        assert_eq!(
            position_ms(&at(0.0, 1.5, 1.5), 0),
            Ok(1_500),
            "a length not known"
        );
        let ended = Claim {
            ended: true,
            ..Claim::default()
        };
        assert_eq!(position_ms(&ended, 100_000), Ok(100_000));
    }

    #[test]
    fn what_is_watched_but_for_a_twentieth_begins_again() {
        assert_eq!(resume_ms(94_999, 100_000), 94_999);
        assert_eq!(resume_ms(95_000, 100_000), 0);
        assert_eq!(resume_ms(5_000, 0), 5_000);
    }
}
