//! What each call may take: by the length of what it reads and the size of what it makes.

use std::time::Duration;

use crate::ladder::{Chunk, Ladder, Rung, VideoCodec};
use crate::probe::Probe;
use crate::runner::Limits;

/// Address space of a media program, bytes.
const MEMORY_BYTES: u64 = 4 << 30;
/// Longest time without a sign of progress, seconds.
const STALL_S: u64 = 120;
/// Processor time for reading and decoding a second of a source, seconds.
const DECODE_CPU_S: u64 = 8;
/// Processor time for encoding a second of a megapixel in H.264 at the slowest preset, seconds.
const ENCODE_CPU_S: u64 = 8;

/// Limits of encoding a chunk.
pub(super) fn part(ladder: &Ladder, probe: &Probe, rungs: &[&Rung], chunk: Chunk) -> Limits {
    let seconds = chunk.length_ms(ladder.duration_ms).div_ceil(1000).max(1);
    // What is decoded before the chunk starts.
    let lead = if ladder.cutting.seekable {
        20
    } else {
        chunk.start_ms / 1000
    };
    let encode: u64 = rungs.iter().map(|rung| effort(rung)).sum();
    let cpu_s = 60 + DECODE_CPU_S * (seconds + lead) + encode * seconds;
    let largest = rungs.iter().map(|rung| u64::from(rung.kbps)).max().unwrap_or(0);
    // Twice the ceiling, because short scenes may exceed it.
    let file_bytes = largest.saturating_mul(1000 / 8 * 2).saturating_mul(seconds) + (64 << 20);
    Limits {
        // Other work runs beside it, at a higher priority.
        wall: Duration::from_secs(120 + cpu_s * 2),
        stall: Duration::from_secs(STALL_S + lead),
        cpu_s,
        file_bytes: file_bytes.min(probe.size_bytes.saturating_mul(3).saturating_add(200_000_000)),
        memory_bytes: MEMORY_BYTES,
    }
}

/// Processor seconds for a second of a rung, at most.
fn effort(rung: &Rung) -> u64 {
    let pixels = u64::from(rung.width) * u64::from(rung.height);
    let codec = match rung.codec {
        VideoCodec::H264 => 1,
        VideoCodec::Hevc | VideoCodec::Av1 => 4,
        VideoCodec::Vp9 => 6,
    };
    let fast = if rung.frame_rate.is_none_or(|rate| rate.fps() > 40.0) {
        2
    } else {
        1
    };
    (pixels * ENCODE_CPU_S).div_ceil(1_000_000) * codec * fast + 1
}

/// Limits of a copy of the picture and of making the sound.
pub(super) fn copy(ladder: &Ladder, probe: &Probe) -> Limits {
    let seconds = ladder.duration_ms.div_ceil(1000);
    // The index goes in front at the end, during which there is no progress to report.
    let rewrite_s = probe.size_bytes / 20_000_000;
    Limits {
        wall: Duration::from_secs(120 + seconds * 2 + rewrite_s),
        stall: Duration::from_secs(STALL_S + rewrite_s),
        cpu_s: 60 + seconds + rewrite_s,
        file_bytes: probe.size_bytes.saturating_mul(3).saturating_add(200_000_000),
        memory_bytes: MEMORY_BYTES,
    }
}

/// Limits of joining two files of ours. They bound what a broken disk or program would do; the joined
/// file can't become larger than what it is made from.
pub(super) fn joining() -> Limits {
    Limits {
        wall: Duration::from_hours(1),
        stall: Duration::from_mins(20),
        cpu_s: 1200,
        file_bytes: 256 << 30,
        memory_bytes: MEMORY_BYTES,
    }
}
