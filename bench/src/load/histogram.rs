//! Durations in buckets of about 1.5 % width: constant memory, no allocation while measuring.

use std::time::Duration;

const SUB_BITS: u32 = 6;
const SUB: usize = 1 << SUB_BITS;
const BUCKETS: usize = (64 - SUB_BITS as usize + 1) * SUB;

/// A histogram of durations with microsecond resolution.
#[derive(Debug, Clone)]
pub struct Histogram {
    counts: Vec<u64>,
    total: u64,
}

impl Default for Histogram {
    fn default() -> Self {
        Self {
            counts: vec![0; BUCKETS],
            total: 0,
        }
    }
}

fn bucket(value: u64) -> usize {
    if value < SUB as u64 {
        return value as usize;
    }
    let exponent = value.ilog2() - SUB_BITS;
    ((exponent as usize + 1) << SUB_BITS) + ((value >> exponent) as usize - SUB)
}

/// The smallest value of a bucket.
fn floor(bucket: usize) -> u64 {
    if bucket < SUB {
        return bucket as u64;
    }
    let exponent = (bucket >> SUB_BITS) - 1;
    ((bucket & (SUB - 1)) as u64 + SUB as u64) << exponent
}

impl Histogram {
    /// Counts one duration.
    pub fn record(&mut self, took: Duration) {
        self.counts[bucket(took.as_micros() as u64)] += 1;
        self.total += 1;
    }

    /// The duration below which `percent` of all lie; zero when nothing was recorded.
    pub fn percentile(&self, percent: f64) -> Duration {
        let wanted = (self.total as f64 * percent / 100.0).ceil().max(1.0) as u64;
        let mut seen = 0;
        for (index, count) in self.counts.iter().enumerate() {
            seen += count;
            if seen >= wanted {
                return Duration::from_micros(floor(index));
            }
        }
        Duration::ZERO
    }

    /// Adds all of `other`.
    pub fn add(&mut self, other: &Self) {
        for (mine, theirs) in self.counts.iter_mut().zip(&other.counts) {
            *mine += theirs;
        }
        self.total += other.total;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_value_falls_in_a_bucket_at_most_two_percent_below_it() {
        for shift in 0..63 {
            for value in [1u64 << shift, (1u64 << shift) + (1u64 << shift) / 3] {
                let low = floor(bucket(value));
                assert!(low <= value && value - low <= value / 50, "{value} in {low}");
            }
        }
    }

    #[test]
    fn percentiles_of_a_thousand_even_steps_are_where_they_should_be() {
        let mut histogram = Histogram::default();
        for step in 1..=1000 {
            histogram.record(Duration::from_micros(step * 10));
        }
        let p50 = histogram.percentile(50.0).as_micros();
        let p99 = histogram.percentile(99.0).as_micros();
        assert!((4_900..=5_000).contains(&p50), "{p50}");
        assert!((9_700..=9_900).contains(&p99), "{p99}");
    }
}
