//! Parts that were encoded one by one become one file that can't be told from a whole encode, and two
//! files become one download.

use std::fs::File;
use std::io::Cursor;
use std::path::{Path, PathBuf};

use mp4_atom::{Any, ReadFrom as _};
use streamsphere_media::mp4::{Part, SegmentIndex, join, segment_index};

use crate::kit::{clip, ffmpeg, folder};

/// The muxer's options as the plans have them.
const FRAGMENTED: &str = "-map_metadata -1 -fflags +bitexact -flags:v +bitexact -movflags \
     +delay_moov+default_base_moof+frag_discont+global_sidx+frag_keyframe";

/// How a rendition is encoded: in which time units, and with which encoder.
#[derive(Clone, Copy)]
struct Encoder {
    timescale: u32,
    options: &'static str,
}

/// x264 with the reordering that its presets have.
const REORDERING: &str = "-c:v libx264 -preset veryfast -bf 3 -sc_threshold 0 -g 600";

/// Encodes from `start` to `end`, seconds, on a clock of its own.
fn encode(source: &Path, out: &Path, start: u32, end: Option<u32>, encoder: Encoder) {
    let Encoder { timescale, options } = encoder;
    // A hair before the boundary, so that rounding in the source's units can't lose its frame.
    let mut words = String::new();
    if start > 0 {
        words += &format!("-ss {}.999995 ", start - 1);
    }
    // The filter cuts: an input's length counts from its first frame, not from zero.
    let mut filters = format!("settb=1/{timescale}");
    if let Some(end) = end {
        words += &format!("-t {} ", end - start + 1);
        filters = format!("trim=end={},{filters}", end - start);
    }
    // A list of times: what an expression calls `t` counts from the first frame, not from zero.
    let keyframes: Vec<_> = (0..60).step_by(2).map(|at| at.to_string()).collect();
    words += &format!(
        "-i {} -map 0:v -vf {filters} -fps_mode vfr -enc_time_base 1:{timescale} {options} \
         -force_key_frames {} -video_track_timescale {timescale} {FRAGMENTED}",
        source.display(),
        keyframes.join(",")
    );
    let (made, said) = ffmpeg(words.split_whitespace().chain([out.to_str().unwrap()]));
    assert!(made, "{said}");
}

/// A packet as ffprobe sees it: presentation and decode time in the track's units.
#[expect(clippy::disallowed_types, reason = "tests ask ffprobe themselves")]
fn packets(path: &Path) -> Vec<(i64, i64)> {
    let output = std::process::Command::new("ffprobe")
        .args(["-v", "error", "-show_entries", "packet=pts,dts", "-of", "csv=p=0"])
        .arg(path)
        .output()
        .unwrap();
    assert!(
        output.stderr.is_empty(),
        "{}",
        String::from_utf8_lossy(&output.stderr)
    );
    String::from_utf8_lossy(&output.stdout)
        .lines()
        .filter(|line| !line.is_empty())
        .map(|line| {
            let mut numbers = line.split(',').map(|number| number.parse().unwrap());
            (numbers.next().unwrap(), numbers.next().unwrap())
        })
        .collect()
}

/// Presentation times in order.
fn shown(path: &Path) -> Vec<i64> {
    let mut times: Vec<_> = packets(path).into_iter().map(|(shown, _)| shown).collect();
    times.sort_unstable();
    times
}

/// Decodes to the end, and not even a warning is heard.
#[expect(clippy::disallowed_types, reason = "tests ask ffmpeg themselves")]
fn decodes_in_silence(path: &Path) {
    let output = std::process::Command::new("ffmpeg")
        .args(["-nostdin", "-v", "warning", "-xerror", "-i"])
        .arg(path)
        .args(["-f", "null", "-"])
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(
        output.status.success() && said.is_empty(),
        "{}: {said}",
        path.display()
    );
}

/// What another reader makes of the file: fragments follow one another in number and in time.
fn another_reader_sees_no_seam(path: &Path, index: &SegmentIndex) {
    let bytes = std::fs::read(path).unwrap();
    let mut cursor = Cursor::new(bytes.as_slice());
    let (mut sequence, mut time, mut references, mut moofs) = (0, None, Vec::new(), 0);
    while let Ok(found) = Any::read_from(&mut cursor) {
        match found {
            Any::Moof(moof) => {
                moofs += 1;
                assert_eq!(moof.mfhd.sequence_number, sequence + 1);
                sequence += 1;
                let traf = &moof.traf[0];
                let start = traf.tfdt.as_ref().unwrap().base_media_decode_time;
                assert!(
                    time.is_none_or(|expected| expected == start),
                    "no gap and no overlap"
                );
                let default = traf.tfhd.default_sample_duration.unwrap_or(0);
                let lasts: u64 = traf
                    .trun
                    .iter()
                    .flat_map(|trun| &trun.samples)
                    .map(|sample| u64::from(sample.duration.unwrap_or(default)))
                    .sum();
                time = Some(start + lasts);
            }
            Any::Sidx(sidx) => references = sidx.references,
            _ => {}
        }
    }
    assert_eq!(cursor.position(), bytes.len() as u64, "nothing is left unread");
    assert_eq!(moofs, index.fragments.len());
    assert_eq!(
        references.len(),
        index.fragments.iter().filter(|one| one.starts_with_sap).count()
    );
    for (reference, fragment) in references.iter().zip(&index.fragments) {
        assert_eq!(u64::from(reference.referenced_size), fragment.size);
        assert_eq!(u64::from(reference.subsegment_duration), fragment.duration);
        assert!(reference.starts_with_sap && reference.sap_type == 1);
    }
}

/// Encodes a source whole and in parts that start at `cuts`, and joins the parts.
fn joined_is_as_good_as_whole(source: &Path, cuts: &[u32], encoder: Encoder) -> SegmentIndex {
    let work = folder();
    let whole = work.path().join("whole.mp4");
    encode(source, &whole, 0, None, encoder);
    let mut parts = Vec::new();
    for (position, start) in cuts.iter().enumerate() {
        let path = work.path().join(format!("{position}.mp4"));
        encode(source, &path, *start, cuts.get(position + 1).copied(), encoder);
        parts.push(Part {
            path,
            start_ms: u64::from(*start) * 1000,
        });
    }
    let out = work.path().join("joined.mp4");
    let index = join(&parts, &out).unwrap();
    assert_eq!(segment_index(&File::open(&out).unwrap()).unwrap(), index);

    assert_eq!(
        shown(&out),
        shown(&whole),
        "every frame is shown when it should be"
    );
    let decoded: Vec<_> = packets(&out).into_iter().map(|(_, decoded)| decoded).collect();
    assert!(
        decoded.windows(2).all(|pair| pair[0] < pair[1]),
        "decode times rise"
    );
    let keyframes = |index: &SegmentIndex| index.starts().collect::<Vec<_>>();
    let whole_index = segment_index(&File::open(&whole).unwrap()).unwrap();
    assert_eq!(
        keyframes(&index),
        keyframes(&whole_index),
        "fragments start at the same frames"
    );
    decodes_in_silence(&out);
    another_reader_sees_no_seam(&out, &index);
    index
}

fn constant_rate(folder: &Path, rate: &str, seconds: u32) -> PathBuf {
    clip(
        folder,
        "source.mp4",
        &format!(
            "-f lavfi -i testsrc2=s=160x90:r={rate}:d={seconds} -c:v libx264 -preset ultrafast -pix_fmt yuv420p"
        ),
    )
}

fn x264(timescale: u32) -> Encoder {
    Encoder {
        timescale,
        options: REORDERING,
    }
}

#[test]
fn parts_of_any_constant_rate_join_without_a_seam() {
    for (rate, timescale, cuts) in [
        ("30", 90_000, &[0, 12][..]),
        ("30000/1001", 30_000, &[0, 4, 8, 12, 16]),
        ("24000/1001", 24_000, &[0, 8, 12]),
        ("25", 90_000, &[0, 4, 8, 16]),
        ("60", 90_000, &[0, 12, 16]),
        ("60000/1001", 60_000, &[0, 12]),
    ] {
        let folder = folder();
        let source = constant_rate(folder.path(), rate, 19);
        joined_is_as_good_as_whole(&source, cuts, x264(timescale));
    }
}

/// A source that drops frames by chance, as phones and screen recorders do.
fn variable_rate(folder: &Path, name: &str, codec: &str) -> PathBuf {
    clip(
        folder,
        name,
        &format!(
            "-f lavfi -i testsrc2=s=160x90:r=50:d=18 -vf select=gt(random(7)\\,0.6) -fps_mode vfr {codec} -pix_fmt yuv420p"
        ),
    )
}

#[test]
fn parts_of_a_variable_rate_join_without_a_seam() {
    let folder = folder();
    for (name, codec) in [
        ("v.mkv", "-c:v libx264 -preset ultrafast"),
        ("v.webm", "-c:v libvpx -deadline realtime -cpu-used 8"),
    ] {
        let source = variable_rate(folder.path(), name, codec);
        for cuts in [&[0, 4][..], &[0, 4, 8, 12, 16], &[0, 12]] {
            joined_is_as_good_as_whole(&source, cuts, x264(90_000));
        }
    }
}

#[test]
fn a_long_reordering_delay_after_a_short_one_leaves_room_for_decode_times() {
    // Slow pictures at the start of the second part: its first frames are decoded earlier, on its own
    // clock, than the last ones of the dense first part.
    let folder = folder();
    let source = clip(
        folder.path(),
        "v.mkv",
        "-f lavfi -i testsrc2=s=160x90:r=50:d=12 -vf select=lt(t\\,4)+not(mod(n\\,25)) -fps_mode vfr \
         -c:v libx264 -preset ultrafast -pix_fmt yuv420p",
    );
    joined_is_as_good_as_whole(&source, &[0, 4], x264(90_000));
    joined_is_as_good_as_whole(&source, &[0, 4, 8], x264(90_000));
}
