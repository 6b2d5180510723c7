//! The encoders' options.
//!
//! All of them keep the frames' times, put keyframes where the ladder has them and nowhere else, close
//! every group of pictures, and write the same headers for every chunk of a rendition.

use std::fmt::Write as _;

use crate::argv::Argv;
use crate::ladder::{Chunk, Keyframes, Ladder, MARGIN_MS, MOST_FPS, Preset, Rung, VideoCodec};

/// No encoder starts a group by itself before so many frames: the keyframes' distance at the highest
/// frame rate, with room.
const LONGEST_GROUP: u32 = 1200;

/// Adds the encoder of a rung and its options.
pub(super) fn encoder(argv: Argv, ladder: &Ladder, rung: &Rung, chunk: Chunk, threads: u32) -> Argv {
    let argv = argv
        .opt("-fps_mode", "vfr")
        .value("-fpsmax", MOST_FPS)
        .value("-enc_time_base", format_args!("1:{}", ladder.timescale));
    let argv = match rung.codec {
        VideoCodec::H264 => x264(argv, ladder.preset, rung, threads),
        VideoCodec::Hevc => x265(argv, ladder.preset, rung, threads),
        VideoCodec::Vp9 => vp9(argv, ladder.preset, rung, threads),
        VideoCodec::Av1 => svt_av1(argv, ladder.preset, rung, threads),
    };
    argv.value("-force_key_frames", key_frames(&ladder.keyframes, chunk))
}

/// Where keyframes are forced, on the chunk's own clock. The first frame is one in any case.
fn key_frames(keyframes: &Keyframes, chunk: Chunk) -> String {
    match keyframes {
        // The first frame in each cell of the grid. The microsecond is for the rounding of the product
        // that `t` is.
        Keyframes::Grid { seconds } => {
            let cell = |time: &str| format!("floor(({time}+0.000001)/{seconds})");
            format!(
                "expr:if(isnan(prev_forced_t),1,gt({},{}))",
                cell("t"),
                cell("prev_forced_t")
            )
        }
        Keyframes::At(times) => {
            let mut list = "0".to_owned();
            let end = chunk.end_ms.unwrap_or(u64::MAX);
            for at in times {
                let early = at.saturating_sub(MARGIN_MS);
                if early > chunk.start_ms && early < end {
                    let own = early - chunk.start_ms;
                    // Writing to a string can't fail.
                    let _ = write!(list, ",{}.{:03}", own / 1000, own % 1000);
                }
            }
            list
        }
    }
}

fn ceiling(argv: Argv, rung: &Rung) -> Argv {
    argv.value("-maxrate", format_args!("{}k", rung.kbps))
        .value("-bufsize", format_args!("{}k", rung.kbps.saturating_mul(2)))
}

fn x264(argv: Argv, preset: Preset, rung: &Rung, threads: u32) -> Argv {
    let argv = argv
        .opt("-c:v", "libx264")
        .opt("-preset", preset.name())
        .opt("-profile:v", "high")
        .opt("-crf", "23");
    ceiling(argv, rung)
        .opt("-sc_threshold", "0")
        .value("-g", LONGEST_GROUP)
        // Half as many again, as x264 itself does: some always wait for others. A single one never does.
        .value("-threads", if threads > 1 { threads * 3 / 2 } else { 1 })
}

fn x265(argv: Argv, preset: Preset, rung: &Rung, threads: u32) -> Argv {
    let argv = argv
        .opt("-c:v", "libx265")
        .opt("-preset", preset.name())
        .opt("-tag:v", "hvc1")
        .opt("-crf", "26")
        .opt("-forced-idr", "1");
    ceiling(argv, rung).value(
        "-x265-params",
        format_args!(
            "log-level=none:open-gop=0:scenecut=0:info=0:keyint={LONGEST_GROUP}:min-keyint=1:\
             pools={threads}:frame-threads=1"
        ),
    )
}

fn vp9(argv: Argv, preset: Preset, rung: &Rung, threads: u32) -> Argv {
    let speed = match preset {
        Preset::Ultrafast => 8,
        Preset::Superfast => 6,
        Preset::Veryfast | Preset::Faster => 5,
        Preset::Fast => 4,
        Preset::Medium => 3,
        Preset::Slow => 2,
        Preset::Slower => 1,
    };
    // The bit rate is the ceiling of constrained quality.
    argv.opt("-c:v", "libvpx-vp9")
        .opt("-deadline", "good")
        .value("-cpu-used", speed)
        .opt("-row-mt", "1")
        .opt("-crf", "33")
        .value("-b:v", format_args!("{}k", rung.kbps))
        // Equal distances switch off keyframes at changes of scene.
        .value("-g", LONGEST_GROUP)
        .value("-keyint_min", LONGEST_GROUP)
        .value("-threads", threads)
}

fn svt_av1(argv: Argv, preset: Preset, rung: &Rung, threads: u32) -> Argv {
    let speed = match preset {
        Preset::Ultrafast => 12,
        Preset::Superfast => 11,
        Preset::Veryfast => 10,
        Preset::Faster => 9,
        Preset::Fast => 8,
        Preset::Medium => 7,
        Preset::Slow => 6,
        Preset::Slower => 5,
    };
    argv.opt("-c:v", "libsvtav1")
        .value("-preset", speed)
        .opt("-crf", "35")
        .value("-maxrate", format_args!("{}k", rung.kbps))
        .value("-g", LONGEST_GROUP)
        .value(
            "-svtav1-params",
            format_args!("enable-force-key-frames=1:scd=0:lp={threads}"),
        )
}
