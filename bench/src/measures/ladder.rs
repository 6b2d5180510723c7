//! The whole ladder of a 1080p clip through the server, against one ffmpeg command written by hand that
//! makes the same renditions from one decode; and how the time falls as workers are added.

use std::ffi::OsStr;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::{Duration, Instant};

use super::Bench;
use crate::api::Person;
use crate::error::{BenchError, Doing};
use crate::process::{self, Start, rss_of_tree};
use crate::report::{Row, Section, Target, median};
use crate::schedule;

const SECONDS: u32 = 48;
/// Length of a chunk where the clip is cut.
const CHUNK_SECONDS: u32 = 12;
/// The server's default ladder up to 1080p: height, width of a 16:9 picture, most kbit/s.
const RUNGS: [(u32, u32, u32); 5] = [
    (240, 426, 400),
    (360, 640, 800),
    (480, 854, 1400),
    (720, 1280, 3000),
    (1080, 1920, 6000),
];
const PATIENCE: Duration = Duration::from_mins(10);
/// A round takes minutes; more than this many say nothing new.
const MOST_ROUNDS: usize = 3;

/// What one making of the ladder took.
#[derive(Default)]
struct Taken {
    seconds: Vec<f64>,
    peak_megabytes: Vec<f64>,
}

impl Taken {
    fn add(&mut self, (took, peak_bytes): (Duration, u64)) {
        self.seconds.push(took.as_secs_f64());
        self.peak_megabytes.push(peak_bytes as f64 / 1e6);
    }
}

/// The command, one worker and two workers in turn.
pub fn measure(bench: &Bench) -> Result<Section, BenchError> {
    let folder = bench.folder()?;
    let clip = folder.path().join("clip.mkv");
    make_clip(&clip)?;
    let rounds = bench.rounds.min(MOST_ROUNDS);
    let (mut hand, mut one, mut two) = (Taken::default(), Taken::default(), Taken::default());
    let mut parts = Vec::new();
    for round in 0..rounds {
        hand.add(by_hand(&clip, folder.path())?);
        let whole = format!("whole-{round}");
        one.add(by_server(bench, &clip, &folder.path().join(whole), 1, 3600)?.0);
        let cut = format!("cut-{round}");
        let (taken, durations) = by_server(bench, &clip, &folder.path().join(cut), 2, 2 * CHUNK_SECONDS)?;
        two.add(taken);
        parts = durations;
    }
    let (hand_seconds, hand_peak) = (median(&hand.seconds), median(&hand.peak_megabytes));
    let mut rows = vec![
        Row::compared(
            "240 to 1080p of 48 s of 1080p, one worker, s (other: one command)",
            median(&one.seconds),
            hand_seconds,
            Target::AtMost(1.10),
        ),
        Row::compared(
            "the same cut into chunks, two workers, s (other: one command)",
            median(&two.seconds),
            hand_seconds,
            Target::AtMost(1.15),
        ),
        Row::alone(
            "peak memory above the command's, one worker with the server, MB",
            median(&one.peak_megabytes) - hand_peak,
            Target::AtMost(50.0),
        ),
        Row::alone("peak memory of the command, MB", hand_peak, Target::None),
        Row::alone(
            "peak memory above the command's, two workers with the server, MB",
            median(&two.peak_megabytes) - hand_peak,
            Target::None,
        ),
    ];
    let alone = schedule::makespan(&parts, 1);
    for workers in [1, 2, 4, 8] {
        rows.push(Row::compared(
            format!("simulated: {workers} workers with a core each, s (other: one of them)"),
            schedule::makespan(&parts, workers),
            alone,
            Target::None,
        ));
    }
    let how = format!(
        "A clip of {SECONDS} s, 1920×1080 at 30 fps with grain, H.264 of 16 Mbit/s and AC-3, like a camera's: too much \
         to be copied into a rung. Ours is the server: from the answer to the upload until the video is `ready`, \
         with the poster, the previews and all that belongs to it. The command decodes once and \
         encodes the same five sizes and the sound with the same encoder settings. Two workers take chunks of \
         {CHUNK_SECONDS} s, one thread each. Simulated: the {} pieces of the last cut run with the times that they \
         took there, each given to the first worker that is free. {rounds} alternated rounds, medians.",
        parts.len()
    );
    Ok(Section {
        name: "ladder".to_owned(),
        how,
        rows,
    })
}

/// The clip: much work for a small file.
pub(super) fn make_clip(path: &Path) -> Result<(), BenchError> {
    let picture = format!("testsrc2=size=1920x1080:rate=30:duration={SECONDS},noise=alls=8:allf=t");
    let sound = format!("anoisesrc=r=48000:a=0.2:d={SECONDS}");
    let path = path.to_string_lossy();
    let args = [
        "-nostdin", "-v", "error", "-y", "-f", "lavfi", "-i", &picture, "-f", "lavfi", "-i", &sound, "-c:v",
        "libx264", "-preset", "veryfast", "-b:v", "16M", "-maxrate", "20M", "-bufsize", "32M", "-g", "60",
        "-pix_fmt", "yuv420p", "-c:a", "ac3", &path,
    ];
    process::run("ffmpeg", &args).map(|_| ())
}

/// The command that a person would write for the same renditions.
fn by_hand(clip: &Path, folder: &Path) -> Result<(Duration, u64), BenchError> {
    let outlets = RUNGS.map(|(height, ..)| format!("[s{height}]")).concat();
    let scales = RUNGS
        .map(|(height, width, _)| format!("[s{height}]scale={width}:{height},format=yuv420p[v{height}]"));
    let graph = format!("[0:v]split={}{outlets};{}", RUNGS.len(), scales.join(";"));
    let mut args: Vec<String> = ["-nostdin", "-v", "error", "-y", "-threads", "2", "-i"]
        .map(str::to_owned)
        .to_vec();
    args.extend([
        clip.to_string_lossy().into_owned(),
        "-filter_complex".to_owned(),
        graph,
    ]);
    for (height, _, kbps) in RUNGS {
        let words = format!(
            "-map [v{height}] -c:v libx264 -preset veryfast -profile:v high -crf 23 -maxrate {kbps}k -bufsize {}k \
             -sc_threshold 0 -g 1200 -force_key_frames expr:gte(t,n_forced*2) -threads 2 \
             -movflags +frag_keyframe+delay_moov+default_base_moof+global_sidx -f mp4",
            2 * kbps
        );
        args.extend(words.split_whitespace().map(str::to_owned));
        let output = folder.join(format!("hand-{height}.mp4"));
        args.push(output.to_string_lossy().into_owned());
    }
    let words = "-map 0:a -c:a aac -b:a 128k -ac 2 -movflags +frag_keyframe -f mp4";
    args.extend(words.split_whitespace().map(str::to_owned));
    args.push(folder.join("hand-audio.mp4").to_string_lossy().into_owned());
    let start = Start {
        program: OsStr::new("ffmpeg"),
        args,
        env: Vec::new(),
        log: None,
    };
    let began = Instant::now();
    let running = start.spawn()?;
    let peak = Peak::of(running.pid());
    let code = running.wait(PATIENCE)?;
    let taken = (began.elapsed(), peak.end());
    if code == Some(0) {
        Ok(taken)
    } else {
        Err(BenchError::Program {
            program: "ffmpeg".to_owned(),
            what: format!("ended with {code:?}"),
        })
    }
}

/// Uploads the clip to a new server with so many workers; answers what it took, and the seconds of each
/// piece that was encoded.
fn by_server(
    bench: &Bench,
    clip: &Path,
    data: &Path,
    workers: usize,
    split_after_seconds: u32,
) -> Result<((Duration, u64), Vec<f64>), BenchError> {
    let mut launch = bench.launch.clone();
    launch.env.extend([
        ("STREAMSPHERE_ENCODE_JOBS".to_owned(), workers.to_string()),
        (
            "STREAMSPHERE_SPLIT_AFTER_SECONDS".to_owned(),
            split_after_seconds.to_string(),
        ),
        ("STREAMSPHERE_CHUNK_SECONDS".to_owned(), CHUNK_SECONDS.to_string()),
    ]);
    let server = launch.start(data)?;
    let mut person = Person::join(server.address(), "director")?;
    let mut file = std::fs::File::open(clip).doing("open a clip")?;
    let length = file.metadata().doing("measure a clip")?.len();
    let peak = Peak::of(server.pid());
    let id = person.uploads("The whole ladder", &mut file, length)?;
    let began = Instant::now();
    let video = person.waits_until_ready(&id, PATIENCE)?;
    let took = began.elapsed();
    let peak = peak.end();
    let playback = person.get(&format!("/api/v1/videos/{id}/playback"))?;
    let made = playback["renditions"].as_array().map_or(0, Vec::len);
    if made < RUNGS.len() {
        return Err(BenchError::Shape {
            call: "playback".to_owned(),
            what: format!("{made} renditions of {}: {video}", RUNGS.len()),
        });
    }
    let jobs = person.get("/api/v1/jobs?limit=100")?;
    let pieces = jobs["items"].as_array().into_iter().flatten().filter_map(|job| {
        if job["kind"] != "encode_part" {
            return None;
        }
        let (from, to) = (job["startedAt"].as_str()?, job["updatedAt"].as_str()?);
        Some((schedule::millis_of_day(to)? - schedule::millis_of_day(from)?).max(0.0) / 1e3)
    });
    // Newest first is how they come.
    let mut pieces: Vec<f64> = pieces.collect();
    pieces.reverse();
    server.stop()?;
    std::fs::remove_dir_all(data).doing("remove a data folder")?;
    Ok(((took, peak), pieces))
}

/// Watches how much memory a program and all that it started hold together. What counts is what two looks in a row
/// saw: in the moment in which a program starts another, both are the same memory, which would count twice.
struct Peak {
    done: Arc<AtomicBool>,
    bytes: Arc<AtomicU64>,
    watcher: std::thread::JoinHandle<()>,
}

impl Peak {
    fn of(pid: u32) -> Self {
        let (done, bytes) = (Arc::new(AtomicBool::new(false)), Arc::new(AtomicU64::new(0)));
        let watcher = std::thread::spawn({
            let (done, bytes) = (Arc::clone(&done), Arc::clone(&bytes));
            move || {
                let mut before = 0;
                while !done.load(Ordering::Relaxed) {
                    let now = rss_of_tree(pid);
                    bytes.fetch_max(now.min(before), Ordering::Relaxed);
                    before = now;
                    std::thread::sleep(Duration::from_millis(40));
                }
            }
        });
        Self { done, bytes, watcher }
    }

    fn end(self) -> u64 {
        self.done.store(true, Ordering::Relaxed);
        // A watcher that failed has still left what it saw.
        let _ = self.watcher.join();
        self.bytes.load(Ordering::Relaxed)
    }
}
