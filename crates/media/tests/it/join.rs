//! Parts that were encoded one by one become one file that can't be told from a whole encode, and two
//! files become one download.

use std::fs::File;
use std::io::Cursor;
use std::os::unix::fs::FileExt as _;
use std::path::{Path, PathBuf};

use mp4_atom::{Any, ReadFrom as _};
use streamsphere_media::mp4::{
    ByteRange, Mp4Error, Mux, Part, Piece, SegmentIndex, join, mux, segment_index,
};

use crate::kit::{asked, clip, ffmpeg, folder, near, span};

/// The muxer's options as the plans have them.
const FRAGMENTED: &str = "-map_metadata -1 -fflags +bitexact -flags:v +bitexact -movflags \
     +delay_moov+default_base_moof+frag_discont+global_sidx+frag_keyframe";

/// How a rendition is encoded: in which time units, and with which encoder.
#[derive(Clone, Copy)]
pub struct Encoder {
    pub timescale: u32,
    pub options: &'static str,
}

/// x264 with the reordering that its presets have.
pub const REORDERING: &str = "-c:v libx264 -preset veryfast -bf 3 -sc_threshold 0 -g 600";

/// Encodes from `start` to `end`, seconds, on a clock of its own.
pub fn encode(source: &Path, out: &Path, start: u32, end: Option<u32>, encoder: Encoder) {
    let Encoder { timescale, options } = encoder;
    // A hair before the boundary, so that rounding in the source's units can't lose its frame.
    let seek = if start > 0 {
        format!("-ss {}.999995", start - 1)
    } else {
        String::new()
    };
    // The filter cuts: an input's length counts from its first frame, not from zero.
    let (until, trim) = end.map_or_else(Default::default, |end| {
        let lasts = end - start;
        (format!("-t {}", lasts + 1), format!("trim=end={lasts},"))
    });
    // A list of times: what an expression calls `t` counts from the first frame, too.
    let keyframes: Vec<_> = (0..60).step_by(2).map(|at| at.to_string()).collect();
    let words = format!(
        "{seek} {until} -i {} -map 0:v -vf {trim}settb=1/{timescale} -fps_mode vfr \
         -enc_time_base 1:{timescale} {options} -force_key_frames {} \
         -video_track_timescale {timescale} {FRAGMENTED}",
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
pub fn decodes_in_silence(path: &Path) {
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
    // After a hole, a list of times forces more keyframes in a whole encode than in a part.
    let whole_index = segment_index(&File::open(&whole).unwrap()).unwrap();
    let starts: Vec<_> = whole_index.starts().collect();
    assert!(
        index.starts().all(|start| starts.contains(&start)),
        "fragments start at the same frames"
    );
    decodes_in_silence(&out);
    another_reader_sees_no_seam(&out, &index);
    index
}

pub fn constant_rate(folder: &Path, rate: &str, seconds: u32) -> PathBuf {
    clip(
        folder,
        "source.mp4",
        &format!(
            "-f lavfi -i testsrc2=s=160x90:r={rate}:d={seconds} -c:v libx264 -preset ultrafast -pix_fmt yuv420p"
        ),
    )
}

pub fn x264(timescale: u32) -> Encoder {
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

pub fn part(path: &Path, start_ms: u64) -> Part {
    Part {
        path: path.to_owned(),
        start_ms,
    }
}

#[test]
fn parts_that_do_not_fit_are_refused_by_name() {
    let folder = folder();
    let source = constant_rate(folder.path(), "25", 9);
    let path = |name: &str| folder.path().join(name);
    encode(&source, &path("a.mp4"), 0, Some(4), x264(90_000));
    encode(&source, &path("b.mp4"), 4, None, x264(90_000));
    encode(&source, &path("units.mp4"), 4, None, x264(45_000));
    let other = Encoder {
        timescale: 90_000,
        options: "-c:v libx264 -preset veryfast -profile:v baseline",
    };
    encode(&source, &path("profile.mp4"), 4, None, other);
    let refused = |parts: &[Part]| match join(parts, &path("out.mp4")) {
        Err(Mp4Error::Mismatch(why)) => why,
        other => panic!("{other:?}"),
    };
    let first = part(&path("a.mp4"), 0);
    assert_eq!(
        refused(&[first.clone(), part(&path("units.mp4"), 4000)]),
        "timescale"
    );
    assert_eq!(
        refused(&[first.clone(), part(&path("profile.mp4"), 4000)]),
        "decoder settings"
    );
    assert_eq!(
        refused(&[first.clone(), part(&path("b.mp4"), 3900)]),
        "the parts overlap"
    );
    assert_eq!(
        refused(&[part(&path("b.mp4"), 4000), first.clone()]),
        "the parts overlap"
    );
    assert!(matches!(join(&[], &path("out.mp4")), Err(Mp4Error::Missing(_))));
    join(&[first, part(&path("b.mp4"), 4000)], &path("out.mp4")).unwrap();
}

#[test]
fn a_part_alone_is_moved_to_its_place_and_joins_from_there_too() {
    let folder = folder();
    let source = constant_rate(folder.path(), "30000/1001", 13);
    let path = |name: &str| folder.path().join(name);
    let encoder = x264(30_000);
    encode(&source, &path("whole.mp4"), 0, None, encoder);
    encode(&source, &path("a.mp4"), 0, Some(4), encoder);
    encode(&source, &path("b.mp4"), 4, None, encoder);
    let moved = join(&[part(&path("b.mp4"), 4000)], &path("moved.mp4")).unwrap();
    assert_eq!(moved.earliest_presentation, 120_120, "frame 120 at its own time");
    let whole = shown(&path("whole.mp4"));
    assert_eq!(shown(&path("moved.mp4")), whole[120..]);
    decodes_in_silence(&path("moved.mp4"));
    let index = join(
        &[part(&path("a.mp4"), 0), part(&path("moved.mp4"), 0)],
        &path("out.mp4"),
    )
    .unwrap();
    assert_eq!(shown(&path("out.mp4")), whole);
    another_reader_sees_no_seam(&path("out.mp4"), &index);
}

#[test]
fn other_codecs_join_without_a_seam_too() {
    let folder = folder();
    let source = constant_rate(folder.path(), "25", 9);
    for options in [
        "-c:v libx265 -preset ultrafast -tag:v hvc1 -bf 3 -g 600 \
         -x265-params log-level=none:open-gop=0:scenecut=0:info=0",
        "-c:v libvpx-vp9 -deadline realtime -cpu-used 8 -b:v 200k -g 600 -lag-in-frames 0",
        "-c:v libsvtav1 -preset 12 -g 50",
    ] {
        let encoder = Encoder {
            timescale: 90_000,
            options,
        };
        joined_is_as_good_as_whole(&source, &[0, 4], encoder);
    }
}

#[test]
fn a_late_start_and_a_hole_stay_where_they_are() {
    let folder = folder();
    // Nothing is shown from the sixth to the ninth second, and the third part starts in the hole.
    let source = clip(
        folder.path(),
        "v.mkv",
        "-f lavfi -i testsrc2=s=160x90:r=25:d=16 -vf select=not(between(t\\,6\\,8.99)) -fps_mode vfr \
         -c:v libx264 -preset ultrafast -pix_fmt yuv420p",
    );
    joined_is_as_good_as_whole(&source, &[0, 4, 8, 12], x264(90_000));
}

#[test]
fn fragments_cut_for_their_size_are_no_places_to_start() {
    let folder = folder();
    let source = constant_rate(folder.path(), "25", 8);
    let small = Encoder {
        timescale: 90_000,
        options: "-c:v libx264 -preset veryfast -bf 2 -g 600 -sc_threshold 0 -frag_size 20000",
    };
    let path = |name: &str| folder.path().join(name);
    encode(&source, &path("a.mp4"), 0, Some(4), small);
    encode(&source, &path("b.mp4"), 4, None, small);
    let index = join(
        &[part(&path("a.mp4"), 0), part(&path("b.mp4"), 4000)],
        &path("out.mp4"),
    )
    .unwrap();
    assert!(
        index.fragments.iter().any(|one| !one.starts_with_sap),
        "the clip has such fragments"
    );
    decodes_in_silence(&path("out.mp4"));
    let groups = index.fragments.iter().filter(|one| one.starts_with_sap).count();
    assert_eq!(groups, 4);
    let sidx = index.sidx.unwrap();
    let bytes = std::fs::read(path("out.mp4")).unwrap();
    let mut cursor = Cursor::new(&bytes[sidx.offset as usize..]);
    let Any::Sidx(sidx) = Any::read_from(&mut cursor).unwrap() else {
        panic!("a sidx is there");
    };
    assert_eq!(sidx.references.len(), groups, "from keyframe to keyframe");
    assert!(
        sidx.references
            .iter()
            .all(|one| one.starts_with_sap && one.subsegment_duration == 180_000)
    );
    let total: u64 = sidx
        .references
        .iter()
        .map(|one| u64::from(one.referenced_size))
        .sum();
    assert_eq!(total, index.media_bytes());
}

/// Makes a picture and its sound as two files.
fn two_files(folder: &Path, seconds: u32) -> (PathBuf, PathBuf) {
    let video = clip(
        folder,
        "video.mp4",
        &format!(
            "-f lavfi -i testsrc2=s=160x90:r=30:d={seconds} -pix_fmt yuv420p {REORDERING} \
             -force_key_frames expr:gte(t,n_forced*2) {FRAGMENTED}"
        ),
    );
    let audio = clip(
        folder,
        "audio.mp4",
        &format!(
            "-f lavfi -i sine=f=440:r=48000:d={seconds} -c:a aac -bsf:a noise=drop=lt(pts\\,0) \
             -movflags +delay_moov+default_base_moof+frag_discont+global_sidx -frag_duration 2000000"
        ),
    );
    (video, audio)
}

/// Everything or a range of the joined file, as a download gets it.
fn read(mux: &Mux, range: ByteRange) -> Vec<u8> {
    let mut bytes = Vec::new();
    for piece in mux.pieces(range) {
        match piece.unwrap() {
            Piece::Bytes(more) => bytes.extend(more),
            Piece::Range(source, range) => {
                let mut more = vec![0; range.size as usize];
                mux.file(source).read_exact_at(&mut more, range.offset).unwrap();
                bytes.extend(more);
            }
        }
    }
    bytes
}

#[test]
fn picture_and_sound_become_one_download() {
    let folder = folder();
    let (video, audio) = two_files(folder.path(), 7);
    let mux = mux(&File::open(&video).unwrap(), &File::open(&audio).unwrap()).unwrap();
    let all = ByteRange {
        offset: 0,
        size: u64::MAX,
    };
    let bytes = read(&mux, all);
    assert_eq!(bytes.len() as u64, mux.size(), "the size is known up front");
    assert!(
        (500..32_000).contains(&mux.memory_bytes()),
        "{}",
        mux.memory_bytes()
    );
    let out = folder.path().join("out.mp4");
    std::fs::write(&out, &bytes).unwrap();
    decodes_in_silence(&out);
    for (kind, alone) in [("v", &video), ("a", &audio)] {
        let (first, end) = span(&out, kind);
        let (own_first, own_end) = span(alone, kind);
        assert!(
            near(first, own_first, 0.000_1) && near(end, own_end, 0.000_1),
            "{kind}"
        );
        assert!(
            near(first, 0.0, 0.03) && near(end, 7.0, 0.05),
            "{kind} {first} {end}"
        );
    }
    assert!(near(asked(&out, "format=duration").parse().unwrap(), 7.0, 0.05));

    let mut cursor = Cursor::new(bytes.as_slice());
    let (mut tracks, mut sequence) = (Vec::new(), 0);
    while let Ok(found) = Any::read_from(&mut cursor) {
        if let Any::Moof(moof) = found {
            sequence += 1;
            assert_eq!(moof.mfhd.sequence_number, sequence);
            tracks.push(moof.traf[0].tfhd.track_id);
        }
    }
    assert_eq!(cursor.position(), mux.size(), "another reader reads to the end");
    assert_eq!(tracks, [1, 2, 1, 2, 1, 2, 1, 2], "picture and sound take turns");
}

#[test]
fn a_download_goes_on_at_any_byte() {
    let folder = folder();
    let (video, audio) = two_files(folder.path(), 5);
    let mux = mux(&File::open(&video).unwrap(), &File::open(&audio).unwrap()).unwrap();
    let whole = read(
        &mux,
        ByteRange {
            offset: 0,
            size: mux.size(),
        },
    );
    for offset in (0..mux.size() + 2).step_by(97) {
        for size in [1, 1000, u64::MAX] {
            let from = offset.min(mux.size()) as usize;
            let to = offset.saturating_add(size).min(mux.size()) as usize;
            assert!(
                read(&mux, ByteRange { offset, size }) == whole[from..to],
                "{offset} {size}"
            );
        }
    }
}

#[test]
fn a_player_jumps_in_a_download() {
    let folder = folder();
    let (video, audio) = two_files(folder.path(), 9);
    let mux = mux(&File::open(&video).unwrap(), &File::open(&audio).unwrap()).unwrap();
    let out = folder.path().join("out.mp4");
    let range = ByteRange {
        offset: 0,
        size: mux.size(),
    };
    std::fs::write(&out, read(&mux, range)).unwrap();
    let (fine, said) = ffmpeg([
        "-ss",
        "6.5",
        "-i",
        out.to_str().unwrap(),
        "-xerror",
        "-f",
        "null",
        "-",
    ]);
    assert!(fine && said.is_empty(), "{said}");
}

#[test]
fn a_file_that_changed_under_its_index_ends_a_download_with_an_error() {
    let folder = folder();
    let (video, audio) = two_files(folder.path(), 3);
    let mux = mux(&File::open(&video).unwrap(), &File::open(&audio).unwrap()).unwrap();
    let len = std::fs::metadata(&video).unwrap().len();
    std::fs::write(&video, vec![0; len as usize]).unwrap();
    let range = ByteRange {
        offset: 0,
        size: mux.size(),
    };
    let mut pieces = mux.pieces(range);
    assert!(pieces.by_ref().any(|piece| piece.is_err()));
    assert!(pieces.next().is_none());
}
