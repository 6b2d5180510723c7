//! How much a run may take, where a plan has no numbers of its own.

use std::time::Duration;

/// How much one run may take.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Limits {
    /// Wall-clock time until the program is killed.
    pub wall: Duration,
    /// Longest time without a sign of progress; ffmpeg only.
    pub stall: Duration,
    /// Processor time over all threads, seconds.
    pub cpu_s: u64,
    /// Largest file it may write, bytes.
    pub file_bytes: u64,
    /// Address space, bytes.
    pub memory_bytes: u64,
}

impl Limits {
    /// Limits of a short look at a file: probing, posters.
    pub const fn short() -> Self {
        Self {
            wall: Duration::from_mins(1),
            stall: Duration::from_mins(1),
            cpu_s: 60,
            file_bytes: 64 << 20,
            memory_bytes: 4 << 30,
        }
    }

    /// Limits of turning a source of this duration and size into renditions on `threads` threads:
    /// 20 times the duration per thread and at least a minute of processor time, files of at most
    /// three times the source and 200 MB.
    pub fn long(duration_ms: u64, source_bytes: u64, threads: u32) -> Self {
        let seconds = duration_ms.div_ceil(1000);
        let cpu_s = seconds
            .saturating_mul(20)
            .max(60)
            .saturating_mul(u64::from(threads.max(1)));
        // Files are rewritten at the end (index first), during which there is no progress to report.
        let rewrite_s = source_bytes / 20_000_000;
        Self {
            wall: Duration::from_secs(seconds.saturating_mul(30).max(120) + rewrite_s),
            stall: Duration::from_secs(120 + rewrite_s),
            cpu_s,
            file_bytes: source_bytes.saturating_mul(3).saturating_add(200_000_000),
            memory_bytes: 4 << 30,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn long_limits_follow_duration_and_size() {
        let limits = Limits::long(1000, 10, 1);
        assert_eq!((limits.cpu_s, limits.file_bytes), (60, 200_000_030));
        assert_eq!(Limits::long(60_000, 10, 2).cpu_s, 2400);
    }
}
