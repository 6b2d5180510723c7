//! Makes clips and probes them, and asks ffmpeg for the last word.

use std::fs::File;
use std::io::Read as _;
use std::path::{Path, PathBuf};

use streamsphere_media::mp4::{SegmentIndex, segment_index};
use streamsphere_media::probe::{Probe, ProbeError, probe};
use streamsphere_media::runner::Tools;
use streamsphere_media::sniff::{Container, SNIFF_BYTES, sniff};
use tempfile::TempDir;
use tokio_util::sync::CancellationToken;

/// Tools with the full sandbox, required.
pub fn tools() -> Tools {
    let mut tools = Tools::find(Some(helper())).unwrap();
    tools.require_sandbox = true;
    tools.nice = 0;
    tools
}

/// Tools without any sandbox, where a test wants one layer alone.
pub fn bare_tools() -> Tools {
    Tools {
        sandbox: None,
        require_sandbox: false,
        ..tools()
    }
}

pub fn helper() -> PathBuf {
    env!("CARGO_BIN_EXE_sandbox-exec").into()
}

pub fn folder() -> TempDir {
    tempfile::tempdir().unwrap()
}

/// Runs ffmpeg as a person at a terminal would; what it said on standard error.
#[expect(clippy::disallowed_types, reason = "tests make their own clips")]
pub fn ffmpeg<'a>(words: impl IntoIterator<Item = &'a str>) -> (bool, String) {
    let output = std::process::Command::new("ffmpeg")
        .args(["-nostdin", "-hide_banner", "-v", "error", "-y"])
        .args(words)
        .output()
        .unwrap();
    (
        output.status.success(),
        String::from_utf8_lossy(&output.stderr).into_owned(),
    )
}

/// Makes a clip from a command line in one string.
pub fn clip(folder: &Path, name: &str, words: &str) -> PathBuf {
    let path = folder.join(name);
    let (made, said) = ffmpeg(words.split_whitespace().chain([path.to_str().unwrap()]));
    assert!(made, "{name}: {said}");
    path
}

/// A test picture and a tone.
pub fn source(size: &str, rate: u32, seconds: u32) -> String {
    format!("-f lavfi -i testsrc2=s={size}:r={rate}:d={seconds} -f lavfi -i sine=f=440:r=48000:d={seconds}")
}

pub const H264_AAC: &str =
    "-c:v libx264 -preset ultrafast -x264-params bframes=2:keyint=60 -pix_fmt yuv420p -c:a aac";

pub fn sniffed(path: &Path) -> Option<Container> {
    let mut head = Vec::new();
    File::open(path)
        .unwrap()
        .take(SNIFF_BYTES as u64)
        .read_to_end(&mut head)
        .unwrap();
    sniff(&head)
}

pub async fn probed(path: &Path) -> Result<Probe, ProbeError> {
    let container = sniffed(path).expect("a known container");
    probe(&tools(), path, container, &CancellationToken::new()).await
}

/// The fragments of a rendition.
pub fn index(path: &Path) -> SegmentIndex {
    segment_index(&File::open(path).unwrap()).unwrap()
}

/// Whether a file has those bytes somewhere.
pub fn holds(path: &Path, needle: &[u8]) -> bool {
    let bytes = std::fs::read(path).unwrap();
    bytes.windows(needle.len()).any(|window| window == needle)
}

/// Decodes a file or playlist to the end; fails on any complaint.
pub fn plays(path: &Path) {
    let (fine, said) = ffmpeg(["-xerror", "-i", path.to_str().unwrap(), "-f", "null", "-"]);
    assert!(fine && said.is_empty(), "{}: {said}", path.display());
}

/// First shown time and end, in seconds, of the first track of that kind (`v` or `a`).
#[expect(clippy::disallowed_types, reason = "tests ask ffprobe themselves")]
pub fn span(path: &Path, kind: &str) -> (f64, f64) {
    let output = std::process::Command::new("ffprobe")
        .args([
            "-v",
            "error",
            "-select_streams",
            kind,
            "-show_entries",
            "packet=pts_time,duration_time",
        ])
        .args(["-of", "csv=p=0"])
        .arg(path)
        .output()
        .unwrap();
    let (mut first, mut end) = (f64::MAX, f64::MIN);
    for line in String::from_utf8_lossy(&output.stdout).lines() {
        let mut numbers = line.split(',').map(|number| number.parse().unwrap_or(0.0));
        let (Some(at), lasts) = (numbers.next(), numbers.next().unwrap_or(0.0)) else {
            continue;
        };
        if line.is_empty() {
            continue;
        }
        first = f64::min(first, at);
        end = f64::max(end, at + lasts);
    }
    (first, end)
}

/// What ffprobe says about one field of the first video stream.
#[expect(clippy::disallowed_types, reason = "tests ask ffprobe themselves")]
pub fn asked(path: &Path, entries: &str) -> String {
    let output = std::process::Command::new("ffprobe")
        .args(["-v", "error", "-show_entries", entries, "-of", "csv=p=0"])
        .arg(path)
        .output()
        .unwrap();
    String::from_utf8_lossy(&output.stdout).trim().to_owned()
}

pub fn near(left: f64, right: f64, within: f64) -> bool {
    (left - right).abs() <= within
}
