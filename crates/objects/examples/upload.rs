//! How fast one upload reaches the disk, hashed and synced.
//!
//! `cargo run --release -p streamsphere-objects --example upload -- [folder] [MiB] [piece KiB]`

#![expect(clippy::print_stdout, reason = "it reports to whoever started it")]

use std::path::PathBuf;
use std::time::Instant;

use bytes::Bytes;
use objects::{Key, Objects};

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let mut args = std::env::args().skip(1);
    let folder = args
        .next()
        .map_or_else(std::env::temp_dir, PathBuf::from)
        .join("upload-example");
    let mib: usize = args.next().map_or(Ok(1024), |text| text.parse())?;
    let piece_kib: usize = args.next().map_or(Ok(256), |text| text.parse())?;
    let objects = Objects::open_local(&folder.join("objects"), &folder.join("tmp")).await?;
    let piece = Bytes::from(
        (0..piece_kib << 10)
            .map(|n| (n ^ (n >> 8)) as u8)
            .collect::<Vec<_>>(),
    );

    let began = Instant::now();
    let mut staged = objects.stage().await?;
    for _ in 0..(mib << 10) / piece_kib {
        staged.write(piece.clone()).await?;
    }
    let digest = staged.finish().await?;
    let written = began.elapsed();
    objects.commit(staged, &Key::parse("upload")?).await?;
    let all = began.elapsed();
    let rate = digest.size_bytes as f64 / 1e6 / all.as_secs_f64();
    println!("{mib} MiB: written after {written:.2?}, on the disk after {all:.2?}: {rate:.0} MB/s");
    std::fs::remove_dir_all(folder)?;
    Ok(())
}
