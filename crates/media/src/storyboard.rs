//! The storyboard: small pictures of the whole video, many on one sheet, for previews while seeking.
//!
//! One ffmpeg call over keyframes leaves the tiles as raw pixels; sheets are put together and encoded
//! here. What the text that names the tiles needs to know is a [`Layout`], which fits into a file name,
//! so that the text is made when it is asked for and kept nowhere. Everything but [`sheets`] is pure.

use std::fmt::{self, Write as _};
use std::path::{Path, PathBuf};
use std::str::FromStr;

use image::RgbImage;
use thiserror::Error;

use crate::argv::{Argv, Invocation};
use crate::encode::upright_filters;
use crate::images::{Encoded, ImageError, encode, fit_within};
use crate::probe::Probe;
use crate::runner::Limits;

/// Name of the raw pixels in the work folder.
const RAW_FILE: &str = "storyboard.rgb";
/// The box that a tile fits in, pixels.
const TILE: (u32, u32) = (160, 160);
/// Tiles in a row of a sheet, and rows of a sheet.
const ACROSS: u32 = 10;
/// Tiles of a full sheet.
const PER_SHEET: u32 = ACROSS * ACROSS;
/// The most tiles of a video; between them passes as much time as that takes.
const MOST_TILES: u64 = 200;
/// The least time between two tiles.
const LEAST_INTERVAL_MS: u64 = 2_000;
/// Intervals are whole multiples of this.
const INTERVAL_STEP_MS: u64 = 100;

/// Why there is no storyboard.
#[derive(Debug, Error)]
pub enum StoryboardError {
    /// Not one keyframe could be decoded.
    #[error("no frame can be shown")]
    NoFrame,
    /// The tiles could not be read.
    #[error("the tiles can't be read")]
    Io(#[from] std::io::Error),
    /// A sheet could not be written as a picture.
    #[error(transparent)]
    Image(#[from] ImageError),
}

/// How many tiles there are, how long each stands, and how large it is. Prints as, and is read from,
/// `tiles-interval-widthxheight`: `120-2000-160x90`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Layout {
    /// Tiles, 1 to 200.
    pub tiles: u32,
    /// Time between two tiles, milliseconds.
    pub interval_ms: u64,
    /// Width of a tile, pixels.
    pub width: u32,
    /// Height of a tile, pixels.
    pub height: u32,
}

/// The text is no layout of ours.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[error("a layout reads tiles-interval-widthxheight")]
pub struct BadLayout;

impl fmt::Display for Layout {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            tiles,
            interval_ms,
            width,
            height,
        } = self;
        write!(f, "{tiles}-{interval_ms}-{width}x{height}")
    }
}

impl FromStr for Layout {
    type Err = BadLayout;

    fn from_str(text: &str) -> Result<Self, BadLayout> {
        let read = || -> Option<Self> {
            let mut parts = text.split('-');
            let (tiles, interval_ms) = (parts.next()?.parse().ok()?, parts.next()?.parse().ok()?);
            let (width, height) = parts.next()?.split_once('x')?;
            let layout = Self {
                tiles,
                interval_ms,
                width: width.parse().ok()?,
                height: height.parse().ok()?,
            };
            let fits = parts.next().is_none()
                && (1..=MOST_TILES).contains(&u64::from(layout.tiles))
                && layout.interval_ms > 0
                && (1..=TILE.0).contains(&layout.width)
                && (1..=TILE.1).contains(&layout.height);
            fits.then_some(layout)
        };
        read().ok_or(BadLayout)
    }
}

impl Layout {
    /// The layout for a video of this length and shown size. `None` for one without length or picture.
    pub fn of(duration_ms: u64, (width, height): (u32, u32)) -> Option<Self> {
        if duration_ms == 0 || width == 0 || height == 0 {
            return None;
        }
        let interval_ms = duration_ms
            .div_ceil(MOST_TILES)
            .next_multiple_of(INTERVAL_STEP_MS)
            .max(LEAST_INTERVAL_MS);
        let (width, height) = fit_within((width, height), TILE);
        Some(Self {
            tiles: u32::try_from(duration_ms.div_ceil(interval_ms)).ok()?,
            interval_ms,
            width,
            height,
        })
    }

    /// How many sheets the tiles fill.
    pub fn sheets(&self) -> u32 {
        self.tiles.div_ceil(PER_SHEET)
    }

    fn tile_bytes(&self) -> usize {
        self.width as usize * self.height as usize * 3
    }
}

/// The file whose pictures are shown.
#[derive(Debug, Clone, Copy)]
pub enum Source<'a> {
    /// A rendition of ours: upright, square pixels, standard range.
    Own(&'a Path),
    /// What was uploaded.
    Upload {
        /// Its absolute path.
        path: &'a Path,
        /// What is known of it.
        probe: &'a Probe,
        /// Whether this ffmpeg can turn HDR into standard range.
        tone_map: bool,
    },
}

/// One call, and what it leaves behind.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Plan {
    /// What to run.
    pub invocation: Invocation,
    /// What it may take.
    pub limits: Limits,
    /// How the tiles are to be read.
    pub layout: Layout,
    /// Where their pixels are afterwards.
    raw: PathBuf,
}

/// The call that makes the tiles of `source` in the existing folder `folder`. `None` when there is
/// nothing to show.
pub fn plan(source: &Source<'_>, size: (u32, u32), duration_ms: u64, folder: &Path) -> Option<Plan> {
    let layout = Layout::of(duration_ms, size)?;
    let argv = Argv::ffmpeg().opt("-threads", "1").opt("-skip_frame", "nokey");
    let (argv, upright) = match source {
        Source::Own(path) => (
            argv.own_mp4_input(path).opt("-map", "0:v:0"),
            format!("scale={}:{}:flags=area,format=rgb24", layout.width, layout.height),
        ),
        Source::Upload {
            path,
            probe,
            tone_map,
        } => {
            let video = probe.video.as_ref()?;
            let argv = argv.untrusted_input(path, probe.container);
            (
                argv.value("-map", format_args!("0:{}", video.index)),
                upright_filters(video, (layout.width, layout.height), *tone_map, "rgb24"),
            )
        }
    };
    // A fixed grid out of keyframes that lie as they like: the nearest one before each place, the last one
    // for as long as it takes. Frames go through the expensive filters once they are chosen.
    let chain = format!(
        "fps=fps=1000/{}:start_time=0:round=near,{upright},tpad=stop={}:stop_mode=clone,trim=end_frame={}",
        layout.interval_ms, layout.tiles, layout.tiles
    );
    let invocation = argv
        .value("-vf", chain)
        .opt("-fps_mode", "passthrough")
        .value("-frames:v", layout.tiles)
        .flag("-an")
        .flag("-sn")
        .flag("-dn")
        .opt("-c:v", "rawvideo")
        .opt("-pix_fmt", "rgb24")
        .output("rawvideo", folder, RAW_FILE)
        .build();
    let limits = Limits {
        file_bytes: 64 << 20,
        ..Limits::long(duration_ms, 0, 1)
    };
    Some(Plan {
        invocation,
        limits,
        layout,
        raw: folder.join(RAW_FILE),
    })
}

/// Puts the tiles that the call has left on sheets, and removes their pixels. The layout tells how many
/// there are in truth. Blocks; takes about twice the size of a sheet in memory, some megabytes.
pub fn sheets(plan: &Plan) -> Result<(Layout, Vec<Encoded>), StoryboardError> {
    use std::io::Read as _;

    let tile_bytes = plan.layout.tile_bytes();
    let mut raw = std::fs::File::open(&plan.raw)?;
    let there = raw.metadata()?.len() / tile_bytes as u64;
    let tiles = u32::try_from(there).unwrap_or(u32::MAX).min(plan.layout.tiles);
    if tiles == 0 {
        return Err(StoryboardError::NoFrame);
    }
    let layout = Layout { tiles, ..plan.layout };
    let mut sheets = Vec::new();
    let mut tile = vec![0; tile_bytes];
    for first in (0..tiles).step_by(PER_SHEET as usize) {
        let on_it = (tiles - first).min(PER_SHEET);
        let mut sheet = RgbImage::new(
            layout.width * on_it.min(ACROSS),
            layout.height * on_it.div_ceil(ACROSS),
        );
        for place in 0..on_it {
            raw.read_exact(&mut tile)?;
            paste(&mut sheet, &tile, layout, place);
        }
        sheets.push(encode(&sheet)?);
    }
    drop(raw);
    std::fs::remove_file(&plan.raw)?;
    Ok((layout, sheets))
}

/// Copies a tile's rows to its place.
fn paste(sheet: &mut RgbImage, tile: &[u8], layout: Layout, place: u32) {
    let (left, top) = origin(layout, place);
    let row_bytes = layout.width as usize * 3;
    let stride = sheet.width() as usize * 3;
    let start = top as usize * stride + left as usize * 3;
    for (number, row) in tile.chunks_exact(row_bytes).enumerate() {
        let at = start + number * stride;
        if let Some(into) = sheet.get_mut(at..at + row_bytes) {
            into.copy_from_slice(row);
        }
    }
}

/// Where on its sheet a tile lies.
fn origin(layout: Layout, place: u32) -> (u32, u32) {
    (place % ACROSS * layout.width, place / ACROSS * layout.height)
}

/// The text that says when each tile is shown. `sheet` names the file of a sheet, from 0; the names are
/// ours and are not escaped.
pub fn vtt(layout: Layout, duration_ms: u64, sheet: impl Fn(u32) -> String) -> String {
    let mut out = String::from("WEBVTT\n");
    for tile in 0..layout.tiles {
        let start_ms = u64::from(tile) * layout.interval_ms;
        let mut end_ms = start_ms + layout.interval_ms;
        if tile + 1 == layout.tiles {
            end_ms = duration_ms.max(start_ms + 1);
        }
        let (left, top) = origin(layout, tile % PER_SHEET);
        // Writing to a string cannot fail.
        let _ = write!(
            out,
            "\n{} --> {}\n{}#xywh={left},{top},{},{}\n",
            crate::captions::Shown(start_ms),
            crate::captions::Shown(end_ms),
            sheet(tile / PER_SHEET),
            layout.width,
            layout.height
        );
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_interval_grows_with_the_length() {
        for (duration_s, tiles, interval_ms) in [
            (1, 1, 2_000),
            (10, 5, 2_000),
            (400, 200, 2_000),
            (401, 191, 2_100),
            (7_200, 200, 36_000),
            (43_200, 200, 216_000),
        ] {
            let layout = Layout::of(duration_s * 1000, (1920, 1080)).unwrap();
            assert_eq!(
                (layout.tiles, layout.interval_ms),
                (tiles, interval_ms),
                "{duration_s} s"
            );
            assert_eq!((layout.width, layout.height), (160, 90));
        }
        assert_eq!(Layout::of(0, (1920, 1080)), None);
        assert_eq!(Layout::of(1000, (0, 0)), None);
    }

    #[test]
    fn a_tile_keeps_the_shape_of_the_picture() {
        for (size, tile) in [
            ((1920, 1080), (160, 90)),
            ((1080, 1920), (90, 160)),
            ((640, 480), (160, 120)),
            ((120, 90), (120, 90)),
        ] {
            let layout = Layout::of(60_000, size).unwrap();
            assert_eq!((layout.width, layout.height), tile);
        }
    }

    #[test]
    fn a_layout_fits_into_a_name_and_reads_back() {
        let layout = Layout::of(3_600_000, (1280, 720)).unwrap();
        assert_eq!(layout.to_string(), "200-18000-160x90");
        assert_eq!(layout.to_string().parse(), Ok(layout));
        for bad in [
            "",
            "200",
            "200-18000",
            "0-1-1x1",
            "201-1-1x1",
            "1-0-1x1",
            "1-1-1x0",
            "1-1-161x1",
            "1-1-1x1-1",
            "1-1-1",
        ] {
            assert_eq!(bad.parse::<Layout>(), Err(BadLayout), "{bad}");
        }
    }

    #[test]
    fn the_text_names_each_tile_on_its_sheet_until_the_end() {
        let layout: Layout = "112-2000-160x90".parse().unwrap();
        assert_eq!(layout.sheets(), 2);
        let text = vtt(layout, 223_500, |sheet| format!("s-{sheet}.jpg"));
        let cues: Vec<&str> = text.split("\n\n").skip(1).collect();
        assert_eq!(cues.len(), 112);
        assert_eq!(cues[0], "00:00:00.000 --> 00:00:02.000\ns-0.jpg#xywh=0,0,160,90");
        assert_eq!(
            cues[11],
            "00:00:22.000 --> 00:00:24.000\ns-0.jpg#xywh=160,90,160,90"
        );
        assert_eq!(
            cues[99],
            "00:03:18.000 --> 00:03:20.000\ns-0.jpg#xywh=1440,810,160,90"
        );
        assert_eq!(
            cues[100],
            "00:03:20.000 --> 00:03:22.000\ns-1.jpg#xywh=0,0,160,90"
        );
        assert_eq!(
            cues[111].trim_end(),
            "00:03:42.000 --> 00:03:43.500\ns-1.jpg#xywh=160,90,160,90"
        );
    }
}
