//! Reading what ffmpeg tells about its progress.

/// How far ffmpeg is.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct Progress {
    /// Media time written so far.
    pub out_time_ms: u64,
    /// Media time per wall time, once known.
    pub speed: Option<f32>,
    /// Bytes written to the first output.
    pub total_bytes: u64,
}

/// Puts `key=value` lines of `-progress` together.
#[derive(Default)]
pub(super) struct ProgressLines {
    partial: Vec<u8>,
    current: Progress,
}

impl ProgressLines {
    pub(super) fn feed(&mut self, bytes: &[u8], mut each: impl FnMut(Progress)) {
        for byte in bytes {
            if *byte != b'\n' {
                // ffmpeg's lines are short; what is longer is none of them.
                if self.partial.len() < 256 {
                    self.partial.push(*byte);
                }
                continue;
            }
            let line = String::from_utf8_lossy(&self.partial);
            let (key, value) = line.split_once('=').unwrap_or_default();
            let value = value.trim();
            match key {
                "out_time_us" => {
                    if let Ok(us) = value.parse::<i64>() {
                        self.current.out_time_ms = u64::try_from(us / 1000).unwrap_or(0);
                    }
                }
                "speed" => self.current.speed = value.trim_end_matches('x').parse().ok(),
                "total_size" => self.current.total_bytes = value.parse().unwrap_or(0),
                "progress" => each(self.current),
                _ => {}
            }
            self.partial.clear();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn progress_is_put_together_from_torn_lines() {
        let mut seen = Vec::new();
        let mut lines = ProgressLines::default();
        for part in [
            "frame=1\nout_time_us=15",
            "00000\ntotal_size=42\nspeed=2.5x\nprog",
            "ress=continue\n",
        ] {
            lines.feed(part.as_bytes(), |progress| seen.push(progress));
        }
        lines.feed(b"out_time_us=N/A\nspeed=N/A\nprogress=end\n", |progress| {
            seen.push(progress);
        });
        assert_eq!(
            seen[0],
            Progress {
                out_time_ms: 1500,
                speed: Some(2.5),
                total_bytes: 42
            }
        );
        assert_eq!(
            seen[1],
            Progress {
                out_time_ms: 1500,
                speed: None,
                total_bytes: 42
            }
        );
    }
}
