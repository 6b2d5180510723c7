//! The sources of the matrix: what people upload, made small by ffmpeg.

use std::hash::{DefaultHasher, Hash as _, Hasher as _};

use crate::kit::clips::{self, Clip};

/// A scene: a moving picture and a tone beside it.
#[derive(Debug, Clone, Copy)]
pub struct Scene {
    pub size: &'static str,
    /// Frames per second, as ffmpeg reads it.
    pub rate: &'static str,
    pub seconds: u32,
    /// Words in front of the picture's input and the sound's, such as a delay.
    pub before: [&'static str; 2],
}

/// Six seconds of 640x360 at 25 frames per second.
pub const SCENE: Scene = Scene {
    size: "640x360",
    rate: "25",
    seconds: 6,
    before: ["", ""],
};

impl Scene {
    pub const fn size(self, size: &'static str) -> Self {
        Self { size, ..self }
    }

    pub const fn rate(self, rate: &'static str) -> Self {
        Self { rate, ..self }
    }

    pub const fn seconds(self, seconds: u32) -> Self {
        Self { seconds, ..self }
    }

    pub const fn before(self, before: [&'static str; 2]) -> Self {
        Self { before, ..self }
    }

    /// Makes a clip of it with these words, which have no spaces in them. Other words are another file.
    pub fn made(self, name: &str, words: &str) -> Clip {
        let Self {
            size,
            rate,
            seconds,
            before: [picture, sound],
        } = self;
        let all = format!(
            "{picture} -f lavfi -i testsrc2=size={size}:rate={rate}:duration={seconds} \
             {sound} -f lavfi -i sine=frequency=440:duration={seconds} {words}"
        );
        made(name, &all)
    }
}

fn made(name: &str, words: &str) -> Clip {
    let mut hasher = DefaultHasher::new();
    words.hash(&mut hasher);
    let (stem, extension) = name.rsplit_once('.').unwrap();
    let name = format!("{stem}-{:08x}.{extension}", hasher.finish() as u32);
    clips::made(&name, &words.split_whitespace().collect::<Vec<_>>())
}

/// H.264 as cameras make it, with B frames and a keyframe every second.
pub const H264: &str = "-c:v libx264 -preset veryfast -pix_fmt yuv420p -bf 3 -g 25";
/// HEVC as phones make it.
pub const HEVC: &str =
    "-c:v libx265 -preset ultrafast -pix_fmt yuv420p -tag:v hvc1 -x265-params log-level=error:keyint=50";
/// VP9 as screen recorders make it.
pub const VP9: &str = "-c:v libvpx-vp9 -deadline realtime -cpu-used 8 -row-mt 1 -g 100";
pub const VP8: &str = "-c:v libvpx -deadline realtime -cpu-used 8 -b:v 800k -g 100";
pub const AAC: &str = "-c:a aac";
pub const OPUS: &str = "-c:a libopus";

/// H.264 in MP4, turned by its display matrix.
pub fn turned(degrees: u32) -> Clip {
    let flat = SCENE.made("flat.mp4", &format!("{H264} {AAC}"));
    let input = flat.path.display();
    made(
        &format!("turned-{degrees}.mp4"),
        &format!("-i {input} -c copy -metadata:s:v:0 rotate={degrees}"),
    )
}

/// High range in ten bits with the transfer curve of that name.
pub fn high_range(name: &str, curve: &str, sound: &str) -> Clip {
    SCENE.made(
        name,
        &format!(
            "-c:v libx265 -preset ultrafast -pix_fmt yuv420p10le -tag:v hvc1 \
             -x265-params log-level=error:colorprim=bt2020:transfer={curve}:colormatrix=bt2020nc \
             -color_primaries bt2020 -color_trc {curve} -colorspace bt2020nc {sound}"
        ),
    )
}

/// Frames that come and go: half a second at the full rate, then every third one only.
pub const UNEVEN: &str = "-vf select='lt(mod(n,30),15)+not(mod(n,3))' -fps_mode vfr";
