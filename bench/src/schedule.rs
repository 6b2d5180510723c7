//! How long known pieces of work take with so many workers: a simulation of the queue.

/// Seconds until all pieces are done when each, in order, goes to the first worker that is free.
pub fn makespan(pieces: &[f64], workers: usize) -> f64 {
    let mut free_at = vec![0.0_f64; workers.max(1)];
    for piece in pieces {
        if let Some(first) = free_at.iter_mut().min_by(|a, b| a.total_cmp(b)) {
            *first += piece;
        }
    }
    free_at.into_iter().fold(0.0, f64::max)
}

/// Milliseconds since midnight of a time like `2026-01-31T12:00:00.000Z`.
pub fn millis_of_day(time: &str) -> Option<f64> {
    let clock = time.split_once('T')?.1.strip_suffix('Z')?;
    let mut parts = clock.split(':');
    let hours: f64 = parts.next()?.parse().ok()?;
    let minutes: f64 = parts.next()?.parse().ok()?;
    let seconds: f64 = parts.next()?.parse().ok()?;
    Some(((hours * 60.0 + minutes) * 60.0 + seconds) * 1e3)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn time_falls_with_workers_until_the_longest_piece_is_all_that_is_left() {
        let pieces = [4.0, 3.0, 3.0, 2.0];
        let took: Vec<f64> = [1, 2, 3, 4, 9].map(|workers| makespan(&pieces, workers)).to_vec();
        assert_eq!(took, [12.0, 6.0, 5.0, 4.0, 4.0]);
    }

    #[test]
    fn times_of_a_day_are_told_apart_by_the_millisecond() {
        let from = millis_of_day("2026-01-31T12:59:59.900Z").unwrap();
        let to = millis_of_day("2026-01-31T13:00:00.150Z").unwrap();
        assert!((to - from - 250.0).abs() < 1e-6);
        assert_eq!(millis_of_day("noon"), None);
    }
}
