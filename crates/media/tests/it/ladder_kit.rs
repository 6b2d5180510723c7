//! Makes whole ladders, and reads back what is in their files.

use std::fs::File;
use std::path::{Path, PathBuf};

use streamsphere_media::cuts::source_keyframes;
use streamsphere_media::encode::{self, Step};
use streamsphere_media::hls;
use streamsphere_media::ladder::{Ladder, LadderSettings, Preset, parse_rungs, plan};
use streamsphere_media::mp4::codec_string;
use streamsphere_media::probe::Probe;
use streamsphere_media::runner::{capabilities, run};
use tempfile::TempDir;
use tokio_util::sync::CancellationToken;

use crate::kit::{ffmpeg, folder, index, near, probed, tools};

/// Small rungs and the fastest preset: what is tested does not depend on either.
pub fn small() -> LadderSettings {
    LadderSettings {
        rungs: parse_rungs("60:100,90:200,180:500").unwrap(),
        max_height: 180,
        preset: Preset::Ultrafast,
        ..LadderSettings::default()
    }
}

/// A ladder made to its end, piece by piece as workers would.
pub struct Laddered {
    pub probe: Probe,
    pub ladder: Ladder,
    input: PathBuf,
    folder: TempDir,
}

impl Laddered {
    /// Plans, without making anything.
    pub async fn planned(input: &Path, settings: &LadderSettings) -> Self {
        let probe = probed(input).await.unwrap();
        let ladder = plan(&probe, settings).unwrap();
        Self {
            probe,
            ladder,
            input: input.to_owned(),
            folder: folder(),
        }
    }

    /// Cuts as the settings say, and makes everything that is encoded, and the sound.
    pub async fn made(input: &Path, settings: &LadderSettings) -> Self {
        let mut laddered = Self::planned(input, settings).await;
        laddered.cuts(settings).await;
        laddered.encodes().await;
        laddered
    }

    /// The same, with what could be copied encoded too.
    pub async fn made_all(input: &Path, settings: &LadderSettings) -> Self {
        let mut laddered = Self::planned(input, settings).await;
        laddered.ladder.encode_all();
        laddered.cuts(settings).await;
        laddered.encodes().await;
        laddered
    }

    pub async fn cuts(&mut self, settings: &LadderSettings) {
        let stop = CancellationToken::new();
        let step_ms = self.ladder.cutting.step_ms();
        let every_s = step_ms.map_or(settings.chunk_s, |step_ms| u32::try_from(step_ms / 1000).unwrap());
        let keyframes = source_keyframes(&tools(), &self.probe, &self.input, every_s, &stop)
            .await
            .unwrap();
        self.ladder.cut(&keyframes);
    }

    pub async fn encodes(&self) {
        let out = self.folder.path();
        if let Some(step) = encode::audio(&self.ladder, &self.probe, &self.input, out, 1) {
            self.runs(&step).await;
        }
        for step in self.parts().await {
            self.runs(&step).await;
        }
    }

    /// The calls that encode, each of which has a folder of its own.
    pub async fn parts(&self) -> Vec<Step> {
        let tone_map = capabilities(&tools()).await.unwrap().tone_map;
        let mut steps = Vec::new();
        for (number, pass) in self.ladder.passes.iter().enumerate() {
            for chunk in 0..pass.chunks.len() {
                let out = self.piece_folder(number, chunk);
                std::fs::create_dir_all(&out).unwrap();
                let step = encode::part(
                    &self.ladder,
                    &self.probe,
                    &self.input,
                    &out,
                    number,
                    chunk,
                    1,
                    tone_map,
                );
                steps.push(step.unwrap());
            }
        }
        steps
    }

    /// Makes what is there to be watched first, and the sound: the copy where the source allows one, else
    /// all that is encoded. The path of the picture.
    pub async fn picture(&self) -> PathBuf {
        if self.ladder.remux.is_some() {
            return self.remuxes().await;
        }
        self.encodes().await;
        self.piece(&self.ladder.video[0].name)
    }

    /// Makes the copy and the sound in one call; the copy's path.
    pub async fn remuxes(&self) -> PathBuf {
        let out = self.folder.path();
        let step = encode::remux(&self.ladder, &self.probe, &self.input, out, 1).unwrap();
        self.runs(&step).await;
        out.join(&step.outputs[0].file)
    }

    /// Joins a picture with the sound that was made, for players without adaptive streaming; its path.
    pub async fn joined(&self, picture: &Path) -> PathBuf {
        let sound = self.sound();
        let sound = sound.exists().then_some(sound.as_path());
        self.runs(&encode::progressive(picture, sound, self.folder.path()))
            .await;
        self.folder.path().join(encode::PROGRESSIVE_FILE)
    }

    /// Writes playlists of a picture and of the sound that was made, as they would be served; the path of
    /// the one that names the others.
    pub fn master(&self, picture: &Path) -> PathBuf {
        let folder = self.folder.path();
        let write = |name: &str, text: String| std::fs::write(folder.join(name), text).unwrap();
        let codec = |path: &Path| codec_string(&File::open(path).unwrap()).unwrap().unwrap();
        let media = |name: &str, path: &Path| {
            let index = index(path);
            let uri = path.strip_prefix(folder).unwrap().to_str().unwrap();
            write(name, hls::media_playlist(uri, &index));
            hls::bandwidth(&index)
        };
        let rung = self.ladder.rung(picture.file_stem().unwrap().to_str().unwrap());
        let remux = self.ladder.remux.as_ref();
        let size = rung.map(|rung| (rung.width, rung.height));
        let (width, height) = size.or(remux.map(|remux| (remux.width, remux.height))).unwrap();
        let variant = hls::Variant {
            uri: "video.m3u8".into(),
            width,
            height,
            frame_rate: self.probe.video.as_ref().and_then(|video| video.frame_rate),
            codec: codec(picture),
            bandwidth: media("video.m3u8", picture),
        };
        let sound = self.sound();
        let audio = sound.exists().then(|| hls::Audio {
            uri: "audio.m3u8".into(),
            name: "Original".into(),
            language: None,
            channels: Some(2),
            codec: codec(&sound),
            bandwidth: media("audio.m3u8", &sound),
        });
        let master = hls::Master {
            variants: vec![variant],
            audio: audio.into_iter().collect(),
            ..hls::Master::default()
        };
        write("master.m3u8", hls::master_playlist(&master));
        folder.join("master.m3u8")
    }

    async fn runs(&self, step: &Step) {
        let token = CancellationToken::new();
        run(&tools(), &step.invocation, &step.limits, |_| (), &token)
            .await
            .unwrap();
        for path in step.output_paths(step.invocation.writes().unwrap()) {
            decodes(&path);
        }
    }

    fn piece_folder(&self, pass: usize, chunk: usize) -> PathBuf {
        self.folder.path().join(format!("{pass}-{chunk}"))
    }

    pub fn sound(&self) -> PathBuf {
        self.folder.path().join("audio.mp4")
    }

    /// The pieces of a rung and where each starts, seconds.
    pub fn pieces(&self, rung: &str) -> Vec<(PathBuf, f64)> {
        let places = self.ladder.pieces_of(rung).into_iter();
        places
            .map(|place| {
                let folder = self.piece_folder(place.pass, place.chunk);
                (
                    folder.join(format!("{rung}.mp4")),
                    place.stretch.start_ms as f64 / 1000.0,
                )
            })
            .collect()
    }

    /// The first piece of a rung; all of it when it is not cut.
    pub fn piece(&self, rung: &str) -> PathBuf {
        self.pieces(rung).remove(0).0
    }

    /// All frames of a rung on the common clock.
    pub fn frames(&self, rung: &str) -> Vec<Frame> {
        let mut all = Vec::new();
        for (path, start) in self.pieces(rung) {
            all.extend(frames(&path).into_iter().map(|frame| Frame {
                at: frame.at + start,
                ..frame
            }));
        }
        all
    }

    /// Times of the keyframes of a rung on the common clock.
    pub fn keyframes(&self, rung: &str) -> Vec<f64> {
        let frames = self.frames(rung).into_iter();
        frames.filter(|frame| frame.key).map(|frame| frame.at).collect()
    }

    pub fn names(&self) -> Vec<String> {
        self.ladder.video.iter().map(|rung| rung.name.clone()).collect()
    }
}

#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Frame {
    pub at: f64,
    pub lasts: f64,
    pub key: bool,
}

/// The frames of the first video track in the order they are shown, seconds.
#[expect(clippy::disallowed_types, reason = "tests ask ffprobe themselves")]
pub fn frames(path: &Path) -> Vec<Frame> {
    let output = std::process::Command::new("ffprobe")
        .args(["-v", "error", "-select_streams", "v:0", "-show_entries"])
        .args(["packet=pts_time,duration_time,flags", "-of", "csv=p=0"])
        .arg(path)
        .output()
        .unwrap();
    let mut frames: Vec<_> = String::from_utf8_lossy(&output.stdout)
        .lines()
        .filter(|line| !line.is_empty())
        .map(|line| {
            let mut fields = line.split(',');
            let mut number = || fields.next().unwrap().parse().unwrap_or(0.0);
            Frame {
                at: number(),
                lasts: number(),
                key: line.contains('K'),
            }
        })
        .collect();
    frames.sort_by(|left, right| left.at.total_cmp(&right.at));
    frames
}

/// Decodes a file to the end, frame by frame at its own time; fails on any complaint.
fn decodes(path: &Path) {
    let input = path.to_str().unwrap();
    let clock = ["-fps_mode", "passthrough", "-enc_time_base:v", "1:90000"];
    let words = ["-xerror", "-i", input].into_iter().chain(clock);
    let (fine, said) = ffmpeg(words.chain(["-f", "null", "-"]));
    assert!(fine && said.is_empty(), "{}: {said}", path.display());
}

/// Fails unless both lists name the same times, within a bit more than a tick.
pub fn same_times(left: &[f64], right: &[f64], what: &str) {
    assert_eq!(left.len(), right.len(), "{what}: {left:?} {right:?}");
    for (one, other) in left.iter().zip(right) {
        assert!(near(*one, *other, 0.000_05), "{what}: {one} and {other}");
    }
}

/// A pixel of the frame at some time, as red, green and blue.
pub fn pixel(path: &Path, at: f64, x: u32, y: u32) -> [u8; 3] {
    let raw = folder();
    let out = raw.path().join("pixel.rgb");
    let (time, crop) = (at.to_string(), format!("crop=2:2:{x}:{y},format=rgb24"));
    let input = path.to_str().unwrap();
    let (made, said) = ffmpeg([
        "-ss",
        &time,
        "-i",
        input,
        "-frames:v",
        "1",
        "-vf",
        &crop,
        "-f",
        "rawvideo",
        out.to_str().unwrap(),
    ]);
    assert!(made, "{said}");
    let bytes = std::fs::read(out).unwrap();
    [bytes[0], bytes[1], bytes[2]]
}

/// The decoder's settings in a file: the content of its `stsd` box.
pub fn decoder_settings(path: &Path) -> Vec<u8> {
    let bytes = std::fs::read(path).unwrap();
    let place = bytes.windows(4).position(|four| four == b"stsd").unwrap();
    let size = u32::from_be_bytes(bytes[place - 4..place].try_into().unwrap()) as usize;
    bytes[place..place - 4 + size].to_vec()
}
