//! Test clips: real H.264 and AAC made by ffmpeg, small, without metadata that a server would blank.

use std::io::Read;
use std::path::Path;

use crate::error::{BenchError, Doing};
use crate::process;
use crate::rng::Rng;

/// What a clip looks like.
#[derive(Debug, Clone, Copy)]
pub struct Clip {
    /// Length in seconds.
    pub seconds: u32,
    /// Width and height in pixels.
    pub size: (u32, u32),
    /// Makes clips differ from one another.
    pub variant: u64,
    /// Bits per second of the picture, reached with noise; ordinary test pictures when absent.
    pub video_bits_per_second: Option<u64>,
}

/// Makes the clip at `path`.
pub fn make(path: &Path, clip: Clip) -> Result<(), BenchError> {
    let (width, height) = clip.size;
    let (seconds, hue) = (clip.seconds, clip.variant % 360);
    let mut picture = format!("testsrc2=size={width}x{height}:rate=30:duration={seconds},hue=h={hue}");
    if clip.video_bits_per_second.is_some() {
        picture.push_str(",noise=alls=80:allf=t");
    }
    let sound = format!(
        "sine=frequency={}:duration={}",
        200 + clip.variant % 2000,
        clip.seconds
    );
    let path = path.to_string_lossy();
    let rate = clip.video_bits_per_second.map(|bits| bits.to_string());
    let mut args = vec![
        "-nostdin", "-v", "error", "-y", "-f", "lavfi", "-i", &picture, "-f", "lavfi", "-i", &sound,
    ];
    args.extend([
        "-c:v",
        "libx264",
        "-preset",
        "ultrafast",
        "-pix_fmt",
        "yuv420p",
        "-g",
        "60",
    ]);
    if let Some(rate) = &rate {
        args.extend(["-b:v", rate]);
    }
    args.extend([
        "-c:a",
        "aac",
        "-b:a",
        "96k",
        "-map_metadata",
        "-1",
        "-movflags",
        "+faststart",
        &path,
    ]);
    process::run("ffmpeg", &args).map(|_| ())
}

/// Reads the file or stream at `input` (a path or a loopback URL) to its end with ffmpeg; an error
/// tells what it could not decode.
pub fn decode(input: &str) -> Result<(), BenchError> {
    let args = [
        "-nostdin", "-v", "error", "-xerror", "-i", input, "-map", "0:v", "-map", "0:a?", "-f", "null", "-",
    ];
    process::run("ffmpeg", &args).map(|_| ())
}

/// A clip followed by an `mdat` box that no track names (a server may blank `free` boxes), so that a small video is a valid file of any length below 4 GiB.
#[derive(Debug)]
pub struct Padded {
    clip: Vec<u8>,
    noise: Vec<u8>,
    length: u64,
    at: u64,
}

impl Padded {
    /// The clip at `path`, padded to `length` bytes in all; at least the clip and 8 more.
    pub fn new(path: &Path, length: u64) -> Result<Self, BenchError> {
        let mut clip = std::fs::read(path).doing("read a clip")?;
        let length = length.max(clip.len() as u64 + 8);
        let pad = u32::try_from(length - clip.len() as u64)
            .map_err(|_| BenchError::Usage("a padded clip has less than 4 GiB".to_owned()))?;
        clip.extend_from_slice(&pad.to_be_bytes());
        clip.extend_from_slice(b"mdat");
        let mut noise = vec![0; 1 << 20];
        Rng::new(1).fill(&mut noise);
        Ok(Self {
            clip,
            noise,
            length,
            at: 0,
        })
    }

    /// Bytes in all.
    pub fn len(&self) -> u64 {
        self.length
    }

    /// Never: a clip is in it.
    pub fn is_empty(&self) -> bool {
        self.length == 0
    }
}

impl Read for Padded {
    fn read(&mut self, out: &mut [u8]) -> std::io::Result<usize> {
        let left = usize::try_from(self.length - self.at).unwrap_or(usize::MAX);
        let from = match usize::try_from(self.at).ok().and_then(|at| self.clip.get(at..)) {
            Some(rest) if !rest.is_empty() => rest,
            _ => &self.noise[self.at as usize % self.noise.len()..],
        };
        let count = out.len().min(from.len()).min(left);
        out[..count].copy_from_slice(&from[..count]);
        self.at += count as u64;
        Ok(count)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_padded_clip_is_a_video_of_the_length_asked_for() {
        let folder = tempfile::tempdir().unwrap();
        let small = folder.path().join("small.mp4");
        make(
            &small,
            Clip {
                seconds: 1,
                size: (160, 90),
                variant: 3,
                video_bits_per_second: None,
            },
        )
        .unwrap();
        let mut padded = Padded::new(&small, 3_000_000).unwrap();
        let large = folder.path().join("large.mp4");
        let copied = std::io::copy(&mut padded, &mut std::fs::File::create(&large).unwrap()).unwrap();
        assert_eq!(copied, 3_000_000);
        decode(&large.to_string_lossy()).unwrap();
    }
}
