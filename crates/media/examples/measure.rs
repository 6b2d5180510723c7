//! Takes one file through everything and prints how long each step took.
//!
//! `cargo run --release -p streamsphere-media --example measure -- FILE [HELPER]`, where `HELPER` is a
//! built `sandbox-exec`; without it nothing is sandboxed.

use std::error::Error;
use std::fs::File;
use std::io::{Read as _, Write as _};
use std::path::PathBuf;
use std::time::Instant;

use streamsphere_media::mp4::segment_index;
use streamsphere_media::plan::{Options, VIDEO_FILE, output_paths, plan};
use streamsphere_media::poster::posters;
use streamsphere_media::probe::{MediaLimits, admit, probe};
use streamsphere_media::runner::{Tools, capabilities, run};
use streamsphere_media::sniff::{SNIFF_BYTES, sniff};
use tokio_util::sync::CancellationToken;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn Error>> {
    let mut args = std::env::args_os().skip(1).map(PathBuf::from);
    let input = std::path::absolute(args.next().ok_or("which file?")?)?;
    let tools = Tools::find(args.next().map(std::path::absolute).transpose()?)?;
    let stop = CancellationToken::new();
    let mut out = std::io::stdout();
    let tone_map = capabilities(&tools).await?.tone_map;
    let folder = tempfile::tempdir()?;

    let mut last = Instant::now();
    let mut lap = |step: &str| {
        let took_ms = last.elapsed().as_secs_f64() * 1000.0;
        last = Instant::now();
        writeln!(out, "{step:<24} {took_ms:>9.1} ms")
    };
    let mut head = Vec::new();
    File::open(&input)?
        .take(SNIFF_BYTES as u64)
        .read_to_end(&mut head)?;
    let container = sniff(&head).ok_or("not a video container")?;
    lap("sniff")?;
    let probe = probe(&tools, &input, container, &stop).await?;
    admit(&probe, &MediaLimits::default())?;
    lap("probe")?;
    let options = Options {
        progressive: true,
        tone_map,
        ..Options::default()
    };
    let plan = plan(&probe, &input, folder.path(), &options).ok_or("no video")?;
    for (number, step) in plan.steps.iter().enumerate() {
        run(&tools, &step.invocation, &step.limits, |_| (), &stop).await?;
        lap(&format!("{:?}, call {}", plan.kind, number + 1))?;
    }
    let index = segment_index(&File::open(folder.path().join(VIDEO_FILE))?)?;
    lap(&format!("index of {}", index.fragments.len()))?;
    posters(&tools, &probe, &input, folder.path(), tone_map, &stop).await?;
    lap("poster")?;
    for path in output_paths(&plan, folder.path()) {
        let bytes = std::fs::metadata(&path)?.len();
        writeln!(
            std::io::stdout(),
            "{:<24} {bytes:>9} bytes",
            path.file_name().unwrap_or_default().display()
        )?;
    }
    Ok(())
}
