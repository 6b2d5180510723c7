//! Joining and muxing files made by hand: odd times, and damage of every kind.

use std::path::Path;

use tempfile::TempDir;

use super::super::moof::{self, Sample};
use super::super::track::Defaults;
use super::*;

const SYNC: u32 = 0x0200_0000;
const NO_SYNC: u32 = 0x0101_0000;

/// A file with one track whose edit list cuts off `delay`, and a fragment for each list of samples:
/// duration and offset to the time it is shown.
fn file(handler: &[u8], delay: u32, fragments: &[&[(u32, i32)]]) -> Vec<u8> {
    let tkhd = boxed(b"tkhd", &[&words(&[3, 0, 0, 1])[..], &[0; 68]].concat());
    let elst = boxed(b"elst", &words(&[0, 1, 0, delay, 0x0001_0000]));
    let mdhd = boxed(b"mdhd", &words(&[0, 0, 0, 1000, 0, 0]));
    let hdlr = boxed(b"hdlr", &all(&[words(&[0, 0]), handler.to_vec(), vec![0; 13]]));
    let stsd = if handler == b"vide" {
        stsd()
    } else {
        let entry = all(&[vec![0; 28], boxed(b"esds", &[0; 40])]);
        boxed(b"stsd", &all(&[words(&[0, 1]), boxed(b"mp4a", &entry)]))
    };
    let minf = boxed(b"minf", &boxed(b"stbl", &stsd));
    let trak = all(&[
        tkhd,
        boxed(b"edts", &elst),
        boxed(b"mdia", &all(&[mdhd, hdlr, minf])),
    ]);
    let movie = boxed(b"mvhd", &[&words(&[0, 0, 0, 600])[..], &[0; 84]].concat());
    let defaults = boxed(b"trex", &words(&[0, 1, 1, 0, 0, 0]));
    let moov = boxed(
        b"moov",
        &all(&[movie, boxed(b"trak", &trak), boxed(b"mvex", &defaults)]),
    );
    let mut bytes = all(&[boxed(b"ftyp", b"iso5\0\0\0\0"), moov]);
    let mut time = 0;
    for (sequence, fragment) in fragments.iter().enumerate() {
        let samples: Vec<_> = fragment
            .iter()
            .enumerate()
            .map(|(position, (duration, offset))| Sample {
                duration: *duration,
                size: 3,
                flags: if position == 0 { SYNC } else { NO_SYNC },
                offset: *offset,
            })
            .collect();
        bytes.extend(moof::write(sequence as u32 + 1, time, &samples).unwrap());
        bytes.extend(vec![sequence as u8; 3 * samples.len()]);
        time += fragment
            .iter()
            .map(|(duration, _)| u64::from(*duration))
            .sum::<u64>();
    }
    bytes
}

/// Decode and presentation times of all samples, as another reader finds them.
fn times(path: &Path, delay: i64) -> Vec<(i64, i64)> {
    let file = File::open(path).unwrap();
    let index = segment_index(&file).unwrap();
    let mut times = Vec::new();
    for fragment in &index.fragments {
        let found = top_box(&file, fragment.offset, u64::MAX).unwrap().unwrap();
        let run = moof::read(&content(&file, found, 1 << 20).unwrap(), Defaults::default()).unwrap();
        let mut at = run.time as i64 - delay;
        for sample in run.samples {
            times.push((at, at + i64::from(sample.offset)));
            at += i64::from(sample.duration);
        }
    }
    times
}

fn written(folder: &TempDir, name: &str, bytes: &[u8]) -> PathBuf {
    let path = folder.path().join(name);
    std::fs::write(&path, bytes).unwrap();
    path
}

#[test]
fn decode_times_rise_over_a_seam_where_the_delay_grows() {
    let folder = tempfile::tempdir().unwrap();
    // Ten frames without reordering, 100 apart; then four that are decoded up to 600 before they are shown.
    let dense = file(b"vide", 0, &[&[(100, 0); 10]]);
    let slow = file(
        b"vide",
        600,
        &[&[(300, 600), (300, 1200), (300, 600), (300, 600)]],
    );
    let parts = [
        Part {
            path: written(&folder, "dense.mp4", &dense),
            start_ms: 0,
        },
        Part {
            path: written(&folder, "slow.mp4", &slow),
            start_ms: 1000,
        },
    ];
    let out = folder.path().join("out.mp4");
    let index = join(&parts, &out).unwrap();
    let times = times(&out, 0);
    let shown: Vec<_> = times.iter().map(|(_, shown)| *shown).collect();
    assert_eq!(shown[..10], [0, 100, 200, 300, 400, 500, 600, 700, 800, 900]);
    assert_eq!(shown[10..], [1000, 1900, 1600, 1900]);
    assert!(times.windows(2).all(|pair| pair[0].0 < pair[1].0), "{times:?}");
    assert!(times.iter().all(|(decoded, shown)| decoded <= shown), "{times:?}");
    let durations: Vec<_> = index.fragments.iter().map(|one| one.duration).collect();
    assert_eq!(durations[0], 1000);
}

#[test]
fn a_seam_without_room_for_decode_times_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    // The last frame is decoded one unit before the next part is shown, which has two frames to decode by then.
    let first = file(b"vide", 0, &[&[(999, 0), (1, 0)]]);
    let second = file(b"vide", 900, &[&[(1, 900), (1, 901)]]);
    let parts = [
        Part {
            path: written(&folder, "first.mp4", &first),
            start_ms: 0,
        },
        Part {
            path: written(&folder, "second.mp4", &second),
            start_ms: 1000,
        },
    ];
    let joined = join(&parts, &folder.path().join("out.mp4"));
    assert!(matches!(joined, Err(Mp4Error::Mismatch(_))), "{joined:?}");
}

/// Changes a file in up to four places, or cuts it off.
fn damage(bytes: &mut Vec<u8>, next: &mut impl FnMut(usize) -> usize) {
    for _ in 0..=next(4) {
        let at = next(bytes.len());
        match next(5) {
            0 => bytes[at] = next(256) as u8,
            1 => bytes[at] ^= 1 << next(8),
            2 => {
                let end = (at + 4).min(bytes.len());
                bytes[at..end].fill(if next(2) == 0 { 0xff } else { 0 });
            }
            3 => {
                let end = (at + 8).min(bytes.len());
                bytes[at..end].fill(0x7f);
            }
            _ => bytes.truncate(at.max(1)),
        }
    }
}

#[test]
fn no_damage_panics_while_joining_or_muxing() {
    let mut seed = 5_u64;
    let mut next = move |below: usize| {
        seed = seed
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        (seed >> 33) as usize % below
    };
    let folder = tempfile::tempdir().unwrap();
    let video = file(
        b"vide",
        80,
        &[&[(40, 80), (40, 160), (40, 40)], &[(40, 80), (40, 80)]],
    );
    let audio = file(b"soun", 0, &[&[(23, 0); 4], &[(23, 0); 3]]);
    let good = written(&folder, "good.mp4", &video);
    let out = folder.path().join("out.mp4");
    let (mut joined, mut muxed) = (0, 0);
    for _ in 0..2_000 {
        let mut bytes = video.clone();
        damage(&mut bytes, &mut next);
        let bad = written(&folder, "bad.mp4", &bytes);
        let [first, second] = if next(2) == 0 {
            [&good, &bad]
        } else {
            [&bad, &good]
        };
        let parts = [(first, 0), (second, 200)].map(|(path, start_ms)| Part {
            path: path.clone(),
            start_ms,
        });
        joined += u32::from(join(&parts, &out).is_ok());
        assert!(
            std::fs::metadata(&out).map_or(0, |found| found.len()) < 8 * video.len() as u64,
            "what is written is bounded by what is read"
        );

        let mut sound = audio.clone();
        let mut picture = video.clone();
        damage(if next(2) == 0 { &mut sound } else { &mut picture }, &mut next);
        if let Ok(mux) = mux(&stored(&picture), &stored(&sound)) {
            let range = ByteRange {
                offset: next(64) as u64,
                size: u64::MAX,
            };
            let pieces: Result<Vec<_>, _> = mux.pieces(range).collect();
            if let Ok(pieces) = pieces {
                let sum: u64 = pieces.iter().map(Piece::len).sum();
                assert_eq!(sum, mux.size() - range.offset.min(mux.size()));
                muxed += 1;
            }
        }
    }
    assert!(
        joined > 100 && muxed > 100,
        "most damage is to what doesn't matter: {joined} {muxed}"
    );
}
