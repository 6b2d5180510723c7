//! Measures the whole ladder of a 1080p clip, made by our plans, against one command written by hand that
//! makes the same renditions from one decode with the same settings.
//!
//! `cargo run --release -p streamsphere-media --example ladder -- [SECONDS] [FILE]`; without `FILE` a clip
//! is generated. Prints wall time, processor time and peak memory (the sum over all programs that run at a time) of
//!
//! * `single`: the command, with two threads for each encoder;
//! * `passes`: our calls one after the other, two threads each;
//! * `workers`: our calls cut into chunks, taken by two workers with one thread each.

use std::error::Error;
use std::fs::File;
use std::io::{Read as _, Write as _};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::{Duration, Instant};

use streamsphere_media::cuts::source_keyframes;
use streamsphere_media::encode::{self, Step};
use streamsphere_media::ladder::{Ladder, LadderSettings, plan};
use streamsphere_media::probe::{Probe, probe};
use streamsphere_media::runner::{Tools, run};
use streamsphere_media::sniff::{SNIFF_BYTES, sniff};
use tokio::sync::Mutex;
use tokio_util::sync::CancellationToken;

type Failure = Box<dyn Error + Send + Sync>;

/// Chunks of the measured run, seconds.
const CHUNK_S: u32 = 12;

#[tokio::main]
async fn main() -> Result<(), Failure> {
    let mut args = std::env::args().skip(1);
    let seconds: u32 = args.next().map_or(Ok(30), |text| text.parse())?;
    let folder = tempfile::tempdir()?;
    let input = match args.next() {
        Some(path) => std::path::absolute(path)?,
        None => clip(folder.path(), seconds)?,
    };
    let tools = Tools {
        nice: 0,
        ..Tools::find(None)?
    };
    let stop = CancellationToken::new();
    let mut head = Vec::new();
    File::open(&input)?
        .take(SNIFF_BYTES as u64)
        .read_to_end(&mut head)?;
    let container = sniff(&head).ok_or("not a video container")?;
    let mut probe = probe(&tools, &input, container, &stop).await?;
    // What a copy would save is not what is measured here.
    if let Some(video) = &mut probe.video {
        video.level = Some(62);
    }
    let settings = LadderSettings {
        chunk_s: CHUNK_S,
        split_after_s: 24,
        ..LadderSettings::default()
    };
    let whole = plan(&probe, &settings).ok_or("nothing to encode")?;
    let mut cut = whole.clone();
    cut.cut(&source_keyframes(&tools, &probe, &input, CHUNK_S, &stop).await?);

    let single_words = by_hand(&whole, &probe, &input, folder.path())?;
    let single = measured(async || spawned("ffmpeg", &single_words)).await?;
    report("single", single, single)?;
    let steps = steps(&whole, &probe, &input, folder.path(), 2);
    let passes = measured(async || worker(&tools, Arc::new(Mutex::new(steps))).await).await?;
    report("passes", passes, single)?;
    let steps = self::steps(&cut, &probe, &input, folder.path(), 1);
    let count = steps.len();
    let workers = measured(async || {
        let queue = Arc::new(Mutex::new(steps));
        let (one, two) = tokio::join!(worker(&tools, Arc::clone(&queue)), worker(&tools, queue));
        one.and(two)
    })
    .await?;
    report(&format!("workers, {count} calls"), workers, single)?;
    Ok(())
}

/// Every call of a ladder, in order, each into a folder of its own.
fn steps(ladder: &Ladder, probe: &Probe, input: &Path, folder: &Path, threads: u32) -> Vec<Step> {
    let mut steps: Vec<_> = encode::audio(ladder, probe, input, folder, threads)
        .into_iter()
        .collect();
    for (pass, chunks) in ladder.passes.iter().map(|pass| pass.chunks.len()).enumerate() {
        for chunk in 0..chunks {
            let folder = folder.join(format!("{threads}-{pass}-{chunk}"));
            let made = std::fs::create_dir_all(&folder).is_ok();
            steps.extend(
                made.then(|| encode::part(ladder, probe, input, &folder, pass, chunk, threads, false))
                    .flatten(),
            );
        }
    }
    steps
}

/// Takes calls off the front until there are none.
async fn worker(tools: &Tools, queue: Arc<Mutex<Vec<Step>>>) -> Result<(), Failure> {
    loop {
        let mut left = queue.lock().await;
        if left.is_empty() {
            return Ok(());
        }
        let step = left.remove(0);
        drop(left);
        let started = Instant::now();
        run(
            tools,
            &step.invocation,
            &step.limits,
            |_| (),
            &CancellationToken::new(),
        )
        .await?;
        let names: Vec<_> = step.outputs.iter().map(encode::Output::rendition).collect();
        writeln!(
            std::io::stdout(),
            "    {:>6.2} s {}",
            started.elapsed().as_secs_f64(),
            names.join(" ")
        )?;
    }
}

/// The command a person would write for the same renditions.
fn by_hand(ladder: &Ladder, probe: &Probe, input: &Path, folder: &Path) -> Result<Vec<String>, Failure> {
    let video = probe.video.as_ref().ok_or("no picture")?;
    let count = ladder.video.len();
    let outlets: Vec<_> = (0..count).map(|place| format!("[s{place}]")).collect();
    let scales: Vec<_> = ladder
        .video
        .iter()
        .enumerate()
        .map(|(place, rung)| {
            format!(
                "[s{place}]scale={}:{},format=yuv420p[v{place}]",
                rung.width, rung.height
            )
        })
        .collect();
    let graph = format!(
        "[0:{}]split={count}{};{}",
        video.index,
        outlets.concat(),
        scales.join(";")
    );
    let mut words = vec![format!(
        "-nostdin -v error -y -threads 2 -i {} -filter_complex {graph}",
        input.display()
    )];
    for (place, rung) in ladder.video.iter().enumerate() {
        let kbps = rung.kbps;
        words.push(format!(
            " -map [v{place}] -c:v libx264 -preset {} -profile:v high -crf 23 -maxrate {kbps}k -bufsize {}k \
             -sc_threshold 0 -g 1200 -force_key_frames expr:gte(t,n_forced*2) -threads 2 \
             -movflags +frag_keyframe+delay_moov+default_base_moof+global_sidx -f mp4 {}/hand-{}.mp4",
            ladder.preset,
            kbps * 2,
            folder.display(),
            rung.name
        ));
    }
    if let (Some(audio), Some(track)) = (&ladder.audio, &probe.audio) {
        words.push(format!(
            " -map 0:{} -c:a aac -b:a {}k -ac {} -movflags +frag_keyframe -f mp4 {}/hand-audio.mp4",
            track.index,
            audio.kbps,
            audio.channels,
            folder.display()
        ));
    }
    let words = words.iter().flat_map(|some| some.split_whitespace());
    Ok(words.map(str::to_owned).collect())
}

/// A clip with motion, texture and sound.
fn clip(folder: &Path, seconds: u32) -> Result<PathBuf, Failure> {
    let path = folder.join("clip.mp4");
    let words = format!(
        "-nostdin -v error -y -f lavfi -i testsrc2=s=1920x1080:r=30:d={seconds} \
         -f lavfi -i anoisesrc=r=48000:a=0.2:d={seconds} -vf noise=alls=8:allf=t -c:v libx264 -preset ultrafast \
         -crf 18 -g 60 -pix_fmt yuv420p -c:a ac3 {}",
        path.display()
    );
    let words: Vec<_> = words.split_whitespace().map(str::to_owned).collect();
    spawned("ffmpeg", &words)?;
    Ok(path)
}

#[expect(
    clippy::disallowed_types,
    reason = "the command to compare with is nobody's plan"
)]
fn spawned(program: &str, words: &[String]) -> Result<(), Failure> {
    let status = std::process::Command::new(program).args(words).status()?;
    if status.success() {
        Ok(())
    } else {
        Err(format!("{program} ended with {status}").into())
    }
}

/// What all programs that some work starts took together.
#[derive(Clone, Copy)]
struct Taken {
    wall: Duration,
    /// Processor time, in hundredths of a second.
    cpu_ticks: u64,
    /// Peak memory.
    kb: u64,
}

async fn measured(work: impl AsyncFnOnce() -> Result<(), Failure>) -> Result<Taken, Failure> {
    let done = Arc::new(AtomicBool::new(false));
    let peak = Arc::new(AtomicU64::new(0));
    let watcher = std::thread::spawn({
        let (done, peak) = (Arc::clone(&done), Arc::clone(&peak));
        move || {
            while !done.load(Ordering::Relaxed) {
                peak.fetch_max(children_kb(), Ordering::Relaxed);
                std::thread::sleep(Duration::from_millis(40));
            }
        }
    });
    let (started, ticks) = (Instant::now(), children_ticks());
    let outcome = work().await;
    let wall = started.elapsed();
    done.store(true, Ordering::Relaxed);
    watcher.join().map_err(|_| "the watcher failed")?;
    outcome?;
    Ok(Taken {
        wall,
        cpu_ticks: children_ticks() - ticks,
        kb: peak.load(Ordering::Relaxed),
    })
}

/// Processor time of this process's children that have ended.
fn children_ticks() -> u64 {
    let stat = std::fs::read_to_string("/proc/self/stat").unwrap_or_default();
    // The name in brackets may hold spaces; user and system time are fields 16 and 17.
    let fields = stat.rsplit(')').next().unwrap_or_default().split_whitespace();
    fields
        .skip(13)
        .take(2)
        .filter_map(|ticks| ticks.parse::<u64>().ok())
        .sum()
}

/// Resident memory of this process's children, kilobytes.
fn children_kb() -> u64 {
    let own = std::process::id().to_string();
    let Ok(processes) = std::fs::read_dir("/proc") else {
        return 0;
    };
    let field = |status: &str, name: &str| -> Option<String> {
        let line = status.lines().find_map(|line| line.strip_prefix(name))?;
        line.split_whitespace().next().map(str::to_owned)
    };
    processes
        .filter_map(|entry| std::fs::read_to_string(entry.ok()?.path().join("status")).ok())
        .filter(|status| field(status, "PPid:").as_deref() == Some(&own))
        .filter_map(|status| field(&status, "VmRSS:")?.parse::<u64>().ok())
        .sum()
}

fn report(name: &str, taken: Taken, base: Taken) -> Result<(), Failure> {
    let ratio = taken.wall.as_secs_f64() / base.wall.as_secs_f64();
    let cpu_ratio = taken.cpu_ticks as f64 / base.cpu_ticks.max(1) as f64;
    let more = i64::try_from(taken.kb)? - i64::try_from(base.kb)?;
    writeln!(
        std::io::stdout(),
        "{name:<20} wall {:>7.2} s {ratio:.2}x, cpu {:>7.2} s {cpu_ratio:.2}x, {:>5} MB ({:+} MB)",
        taken.wall.as_secs_f64(),
        taken.cpu_ticks as f64 / 100.0,
        taken.kb / 1024,
        more / 1024
    )?;
    Ok(())
}
