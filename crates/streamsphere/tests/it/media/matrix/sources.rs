//! The sources of the matrix: what people upload, made small by ffmpeg.

use std::fmt::Write as _;
use std::hash::{DefaultHasher, Hash as _, Hasher as _};

use crate::kit::clips::{self, Clip};

/// A scene that can be read back from whatever is made of it. The upper part of the picture counts frames, in
/// seven bars that are white or black; the lower part is a coloured pattern, and turns white for a tenth of a
/// second when the sound beeps, which is once a second.
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
            "{picture} -f lavfi -i testsrc2=size={size}:rate={rate}:duration={seconds},{bars} \
             {sound} -f lavfi -i aevalsrc=exprs='0.7*sin(2*PI*880*t)*{BEEPS}':s=44100:d={seconds} {words}",
            bars = bars(),
        );
        made(name, &all)
    }
}

/// True in the tenth of a second after each beginning of a beep, which is 0.4 s after each full one.
const BEEPS: &str = "lt(mod(t+0.6,1),0.1)";

/// Filters that draw the bars and the flashes.
fn bars() -> String {
    let mut filters = "drawbox=w=iw:h=ih*5/8:c=black:t=fill".to_owned();
    for bar in 0..7 {
        let value = 1 << bar;
        let _ = write!(
            filters,
            ",drawbox=x=iw*{bar}/8:w=iw/8:h=ih*5/8:c=white:t=fill:enable='bitand(n,{value})'"
        );
    }
    let _ = write!(
        filters,
        ",drawbox=y=ih*5/8:w=iw:h=ih*3/8:c=white:t=fill:enable='{BEEPS}'"
    );
    filters
}

fn made(name: &str, words: &str) -> Clip {
    let mut hasher = DefaultHasher::new();
    words.hash(&mut hasher);
    let (stem, extension) = name.rsplit_once('.').unwrap();
    let name = format!("{stem}-{:08x}.{extension}", hasher.finish() as u32);
    clips::made(&name, &words.split_whitespace().collect::<Vec<_>>())
}

/// The scene's sound alone, six seconds of it.
pub fn sound_alone(name: &str, words: &str) -> Clip {
    let sound = format!("-f lavfi -i aevalsrc=exprs='0.7*sin(2*PI*880*t)*{BEEPS}':s=44100:d=6");
    made(name, &format!("{sound} {words}"))
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

/// High range in ten bits with the transfer curve of that name. White is as bright as the standards want
/// paper to be, which is far from the brightest that the curve knows.
pub fn high_range(name: &str, curve: &str, sound: &str) -> Clip {
    SCENE.made(
        name,
        &format!(
            "-vf format=yuv420p,setparams=color_primaries=bt709:color_trc=bt709:colorspace=bt709,\
             zscale=p=bt2020:t={curve}:m=bt2020nc:r=tv:npl=203,format=yuv420p10le \
             -c:v libx265 -preset ultrafast -pix_fmt yuv420p10le -tag:v hvc1 \
             -x265-params log-level=error:colorprim=bt2020:transfer={curve}:colormatrix=bt2020nc \
             -color_primaries bt2020 -color_trc {curve} -colorspace bt2020nc {sound}"
        ),
    )
}

/// The same of a file that tells the curve, and not which primaries and matrix go with it.
pub fn high_range_by_curve_alone(name: &str) -> Clip {
    let whole = high_range("bright.mkv", "smpte2084", AAC);
    let input = whole.path.display();
    made(
        name,
        &format!(
            "-i {input} -c copy -bsf:v hevc_metadata=colour_primaries=2:matrix_coefficients=2 \
             -color_primaries unknown -colorspace unknown"
        ),
    )
}

/// Frames that come and go: half a second at the full rate, then every third one only.
pub const UNEVEN: &str = "-vf select='lt(mod(n,30),15)+not(mod(n,3))' -fps_mode vfr";
