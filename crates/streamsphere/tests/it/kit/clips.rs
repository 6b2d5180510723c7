//! Clips, made by ffmpeg when they are first asked for and shared by the tests of a run.

use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::sync::{Arc, LazyLock, Mutex};

/// A media file.
#[derive(Debug, Clone)]
pub struct Clip {
    pub name: String,
    pub path: PathBuf,
}

impl Clip {
    pub fn bytes(&self) -> Vec<u8> {
        std::fs::read(&self.path).unwrap()
    }
}

/// Two seconds of H.264 and AAC in MP4, 320×180: small, and ready for browsers.
pub fn small() -> Clip {
    made(
        "small.mp4",
        &[
            "-f",
            "lavfi",
            "-i",
            "testsrc2=size=320x180:rate=25:duration=2",
            "-f",
            "lavfi",
            "-i",
            "sine=frequency=440:duration=2",
            "-c:v",
            "libx264",
            "-preset",
            "veryfast",
            "-pix_fmt",
            "yuv420p",
            "-g",
            "25",
            "-c:a",
            "aac",
            "-shortest",
        ],
    )
}

/// What a phone records: H.264 and AAC in MP4, turned by a quarter through its display matrix.
pub fn phone() -> Clip {
    let flat = made(
        "phone-flat.mp4",
        &[
            "-f",
            "lavfi",
            "-i",
            "testsrc2=size=640x360:rate=30:duration=3",
            "-f",
            "lavfi",
            "-i",
            "sine=frequency=330:duration=3",
            "-c:v",
            "libx264",
            "-preset",
            "veryfast",
            "-pix_fmt",
            "yuv420p",
            "-c:a",
            "aac",
            "-shortest",
        ],
    );
    let input = flat.path.display().to_string();
    made(
        "phone.mp4",
        &["-i", &input, "-c", "copy", "-metadata:s:v:0", "rotate=90"],
    )
}

/// A screen recording: VP9 and Opus in WebM.
pub fn screen() -> Clip {
    made(
        "screen.webm",
        &[
            "-f",
            "lavfi",
            "-i",
            "testsrc2=size=640x360:rate=15:duration=3",
            "-f",
            "lavfi",
            "-i",
            "sine=frequency=550:duration=3",
            "-c:v",
            "libvpx-vp9",
            "-deadline",
            "realtime",
            "-cpu-used",
            "8",
            "-c:a",
            "libopus",
            "-shortest",
        ],
    )
}

/// HEVC and AAC in MKV.
pub fn hevc() -> Clip {
    made(
        "film.mkv",
        &[
            "-f",
            "lavfi",
            "-i",
            "testsrc2=size=640x360:rate=24:duration=3",
            "-f",
            "lavfi",
            "-i",
            "sine=frequency=220:duration=3",
            "-c:v",
            "libx265",
            "-preset",
            "ultrafast",
            "-x265-params",
            "log-level=error",
            "-c:a",
            "aac",
            "-shortest",
        ],
    )
}

/// Half a minute that no browser plays: its encodes take long enough to be looked at, and to be ended.
pub fn slow() -> Clip {
    made(
        "slow.mkv",
        &[
            "-f",
            "lavfi",
            "-i",
            "testsrc2=size=1280x720:rate=30:duration=30",
            "-c:v",
            "mpeg4",
            "-q:v",
            "5",
        ],
    )
}

/// Makes `name` with these words, unless a test of this run has made it.
pub fn made(name: &str, words: &[&str]) -> Clip {
    static MADE: LazyLock<Mutex<HashMap<String, Arc<Mutex<bool>>>>> = LazyLock::new(Mutex::default);
    let path = folder().join(name);
    let once = Arc::clone(MADE.lock().unwrap().entry(name.to_owned()).or_default());
    let mut done = once.lock().unwrap();
    // Test processes run side by side: each writes its own file and renames it into place.
    if !*done && !path.exists() {
        let own = folder().join(format!("{}-{name}", std::process::id()));
        let mut all = vec!["-v", "error", "-y"];
        all.extend_from_slice(words);
        let target = own.display().to_string();
        all.push(&target);
        ffmpeg(&all);
        std::fs::rename(&own, &path).unwrap();
    }
    *done = true;
    Clip {
        name: name.to_owned(),
        path,
    }
}

fn folder() -> &'static Path {
    static FOLDER: LazyLock<PathBuf> = LazyLock::new(|| {
        let folder = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join("clips");
        std::fs::create_dir_all(&folder).unwrap();
        folder
    });
    &FOLDER
}

/// Runs ffmpeg to its end; panics with what it said when that is a bad one.
#[expect(clippy::disallowed_types, reason = "tests run the real program")]
pub fn ffmpeg(words: &[&str]) {
    let output = std::process::Command::new("ffmpeg")
        .arg("-nostdin")
        .args(words)
        .output()
        .unwrap();
    assert!(
        output.status.success(),
        "ffmpeg {words:?}: {}",
        String::from_utf8_lossy(&output.stderr)
    );
}
