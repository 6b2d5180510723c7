//! Media files and streams as programs read them: tracks with their times, and every picture.
//!
//! Nothing here is measured with our own means: ffprobe and ffmpeg read, and whatever they complain about
//! fails the test. All of it blocks; tests that share a runtime with their server go through [`aside`].

use std::ops::Range;
use std::process::Stdio;

use serde_json::Value;

/// Length of the side of the small grey squares that pictures are compared as, pixels.
const SIDE: usize = 48;

/// Samples per second that beeps are looked for in.
const BEEP_RATE: usize = 8000;

/// Does blocking work where it holds up nobody.
pub async fn aside<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> T {
    match tokio::task::spawn_blocking(work).await {
        Ok(done) => done,
        Err(failed) => std::panic::resume_unwind(failed.into_panic()),
    }
}

/// Runs ffmpeg or ffprobe; asserts that it has nothing to complain about, and answers what it says.
#[track_caller]
#[expect(clippy::disallowed_types, reason = "tests run the real program")]
pub fn tool(program: &str, words: &[&str]) -> Vec<u8> {
    let output = std::process::Command::new(program)
        .args(["-v", "error"])
        .args(words)
        .stdin(Stdio::null())
        .output()
        .unwrap();
    let complaints = String::from_utf8_lossy(&output.stderr);
    assert!(
        output.status.success() && complaints.trim().is_empty(),
        "{program} {words:?}: {complaints}"
    );
    output.stdout
}

/// One track. Times are seconds.
#[derive(Debug, Clone)]
pub struct Track {
    /// When each frame is shown or heard, rising.
    pub times: Vec<f64>,
    /// When the last frame ends.
    pub ends: f64,
    /// When each keyframe is shown; only of [`packets`].
    pub keyframes: Vec<f64>,
    /// Bytes of each packet in the order of the file; only of [`packets`].
    pub sizes: Vec<u64>,
}

impl Track {
    /// When the first frame is shown or heard.
    pub fn starts(&self) -> f64 {
        self.times[0]
    }

    /// From the start of the first frame to the end of the last one.
    pub fn lasts(&self) -> f64 {
        self.ends - self.starts()
    }
}

/// One line of ffprobe's answer: a time, how long it lasts, and the rest.
struct Line {
    time: f64,
    lasts: Option<f64>,
}

fn number(value: &Value) -> Option<f64> {
    value.as_str()?.parse().ok()
}

/// Builds a track of lines in any order; `None` when there are none.
fn track(mut lines: Vec<Line>) -> Option<Track> {
    lines.sort_by(|one, other| one.time.total_cmp(&other.time));
    let (first, last) = (lines.first()?, lines.last()?);
    // A last frame of unknown length lasts as long as the others do in the mean.
    let mean = (last.time - first.time) / (lines.len().max(2) - 1) as f64;
    let ends = last.time + last.lasts.filter(|lasts| *lasts > 0.0).unwrap_or(mean);
    Some(Track {
        ends,
        times: lines.iter().map(|line| line.time).collect(),
        keyframes: Vec::new(),
        sizes: Vec::new(),
    })
}

/// What ffprobe tells about all frames or packets of a track.
#[track_caller]
fn entries(input: &str, stream: &str, entries: &str) -> Value {
    let words = ["-select_streams", stream, "-show_entries", entries];
    let said = tool("ffprobe", &[&words[..], &["-of", "json", input]].concat());
    serde_json::from_slice(&said).unwrap()
}

/// A track as a decoder gives it out: without what players do not show. `None` when there is none.
#[track_caller]
pub fn decoded(input: &str, stream: &str) -> Option<Track> {
    let said = entries(
        input,
        stream,
        "frame=best_effort_timestamp_time,pkt_duration_time,duration_time",
    );
    let lines = said["frames"].as_array()?.iter().filter_map(|frame| {
        Some(Line {
            time: number(&frame["best_effort_timestamp_time"])?,
            lasts: number(&frame["duration_time"]).or_else(|| number(&frame["pkt_duration_time"])),
        })
    });
    track(lines.collect())
}

/// A track as it lies in the file. `None` when there is none.
#[track_caller]
pub fn packets(input: &str, stream: &str) -> Option<Track> {
    let said = entries(input, stream, "packet=pts_time,duration_time,flags,size");
    let packets = said["packets"].as_array()?;
    let lines = packets.iter().map(|packet| Line {
        time: number(&packet["pts_time"]).unwrap_or_else(|| panic!("{input}: {packet}")),
        lasts: number(&packet["duration_time"]),
    });
    let mut track = track(lines.collect())?;
    track.keyframes = packets
        .iter()
        .filter(|packet| {
            packet["flags"]
                .as_str()
                .is_some_and(|flags| flags.starts_with('K'))
        })
        .filter_map(|packet| number(&packet["pts_time"]))
        .collect();
    track.sizes = packets
        .iter()
        .filter_map(|packet| packet["size"].as_str()?.parse().ok())
        .collect();
    Some(track)
}

/// What ffprobe tells about the streams of a file.
#[track_caller]
pub fn streams(input: &str) -> Vec<Value> {
    let words = ["-show_streams", "-of", "json", input];
    let said: Value = serde_json::from_slice(&tool("ffprobe", &words)).unwrap();
    said["streams"].as_array().unwrap().clone()
}

/// When beeps begin, seconds on the file's own clock: the sound of [`crate::media`]'s scenes is silent between.
#[track_caller]
pub fn beeps(input: &str) -> Vec<f64> {
    // What is missing in front of the track or within is silent, so that a sample's number tells its time.
    let filter = format!("aresample={BEEP_RATE}:async=1:first_pts=0");
    let words = ["-copyts", "-i", input, "-map", "0:a:0", "-af", &filter];
    let samples = tool(
        "ffmpeg",
        &[&words[..], &["-ac", "1", "-f", "s16le", "-"]].concat(),
    );
    let loudness: Vec<u16> = samples
        .chunks_exact(2)
        .map(|pair| i16::from_le_bytes([pair[0], pair[1]]).unsigned_abs())
        .collect();
    let loud = loudness.iter().copied().max().unwrap_or(0) / 4;
    assert!(loud > 500, "{input} is nearly silent");
    let mut beeps = Vec::new();
    let mut last = None;
    for (number, _) in loudness.iter().enumerate().filter(|(_, level)| **level > loud) {
        if last.is_none_or(|last| number - last > BEEP_RATE / 4) {
            beeps.push(number as f64 / BEEP_RATE as f64);
        }
        last = Some(number);
    }
    beeps
}

/// Every picture of a file, turned as players turn it, as a small grey square.
pub struct Pictures(Vec<u8>);

/// Decodes the picture to the end, as it is shown: lines of two moments are not shown at once.
#[track_caller]
pub fn pictures(input: &str) -> Pictures {
    filtered(input, "yadif=deint=interlaced,")
}

/// Decodes the picture to the end with all its lines, whichever moments they belong to.
#[track_caller]
pub fn pictures_of_all_lines(input: &str) -> Pictures {
    filtered(input, "")
}

#[track_caller]
fn filtered(input: &str, before: &str) -> Pictures {
    let filter = format!("{before}scale={SIDE}:{SIDE}:flags=area,format=gray");
    let words = ["-xerror", "-i", input, "-map", "0:v:0", "-vf", &filter];
    let pixels = tool(
        "ffmpeg",
        &[&words[..], &["-fps_mode", "passthrough", "-f", "rawvideo", "-"]].concat(),
    );
    assert!(
        !pixels.is_empty() && pixels.len().is_multiple_of(SIDE * SIDE),
        "{input}"
    );
    Pictures(pixels)
}

impl Pictures {
    pub fn count(&self) -> usize {
        self.0.len() / (SIDE * SIDE)
    }

    fn of(&self, number: usize) -> &[u8] {
        &self.0[number * SIDE * SIDE..(number + 1) * SIDE * SIDE]
    }

    /// Mean difference of one picture from one of another file, 0 to 255.
    pub fn difference(&self, number: usize, other: &Self, others: usize) -> f64 {
        let pairs = self.of(number).iter().zip(other.of(others));
        let sum: u64 = pairs
            .map(|(one, another)| u64::from(one.abs_diff(*another)))
            .sum();
        sum as f64 / (SIDE * SIDE) as f64
    }

    /// Mean of a part of a picture, 0 to 255.
    fn mean(&self, number: usize, columns: Range<usize>, rows: Range<usize>) -> f64 {
        let picture = self.of(number);
        let lines = rows.clone().map(|row| {
            let line = &picture[row * SIDE..(row + 1) * SIDE];
            line[columns.clone()]
                .iter()
                .map(|value| u64::from(*value))
                .sum::<u64>()
        });
        lines.sum::<u64>() as f64 / (columns.len() * rows.len()) as f64
    }

    /// The number that the bars of a picture show; only of pictures that were not turned.
    pub fn number(&self, number: usize) -> u8 {
        let middle = self.brightness().2 / 2.0;
        let bar = SIDE / 8;
        (0..7)
            .filter(|place| self.mean(number, place * bar + 1..(place + 1) * bar - 1, 4..24) > middle)
            .map(|place| 1 << place)
            .sum()
    }

    /// When flashes begin: one side of the picture turns white, whichever way it is turned.
    pub fn flashes(&self, track: &Track) -> Vec<f64> {
        let (all, first, last) = (0..SIDE, 0..SIDE / 4, SIDE - SIDE / 4..SIDE);
        let sides = [
            (all.clone(), first.clone()),
            (all.clone(), last.clone()),
            (first, all.clone()),
            (last, all),
        ];
        let white = self.brightness().2 * 0.93;
        let mut lit = false;
        let mut flashes = Vec::new();
        for (number, time) in track.times.iter().enumerate() {
            let lights = sides
                .iter()
                .any(|(columns, rows)| self.mean(number, columns.clone(), rows.clone()) > white);
            if lights && !lit {
                flashes.push(*time);
            }
            lit = lights;
        }
        flashes
    }

    /// Of all pictures: the mean, the darkest place and the brightest one, 0 to 255.
    pub fn brightness(&self) -> (f64, f64, f64) {
        let sum: u64 = self.0.iter().map(|value| u64::from(*value)).sum();
        let darkest = self.0.iter().min().copied().unwrap_or(0);
        let brightest = self.0.iter().max().copied().unwrap_or(0);
        let mean = sum as f64 / self.0.len().max(1) as f64;
        (mean, f64::from(darkest), f64::from(brightest))
    }
}
