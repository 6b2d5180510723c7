//! Pictures: avatars, covers and thumbnails that people upload.
//!
//! A picture is told by its first bytes, measured before anything is allocated, decoded by memory-safe
//! code with a memory limit, and always written anew, so that no byte of the upload survives. Its
//! orientation is applied and all other metadata is gone. Everything here is CPU-bound and blocks;
//! callers use a blocking thread and bound how many run at once, since one decode may take
//! [`MAX_DECODED_BYTES`].

use std::io::Cursor;

use fast_image_resize::images::ImageRef;
use fast_image_resize::{FilterType, PixelType, ResizeAlg, ResizeOptions, Resizer};
use image::codecs::jpeg::{JpegDecoder, JpegEncoder};
use image::codecs::png::PngDecoder;
use image::codecs::webp::WebPDecoder;
use image::metadata::Orientation;
use image::{DynamicImage, ExtendedColorType, ImageDecoder, RgbImage, RgbaImage};
use thiserror::Error;

/// Largest upload.
pub const MAX_UPLOAD_BYTES: usize = 10 << 20;
/// Most pixels.
pub const MAX_PIXELS: u64 = 50_000_000;
/// Most memory for decoded pixels.
pub const MAX_DECODED_BYTES: u64 = 256 << 20;
/// JPEG quality of what is written.
const QUALITY: u8 = 82;

/// Why a picture was refused.
#[derive(Debug, Error)]
pub enum ImageError {
    /// Neither JPEG, PNG nor WebP, whatever it calls itself.
    #[error("the file is not a JPEG, PNG or WebP picture")]
    NotAnImage,
    /// Too many bytes or pixels.
    #[error("the picture is too large")]
    TooLarge,
    /// It begins as a picture and goes on as something else.
    #[error("the picture is damaged")]
    Broken,
}

/// A decoded picture, not yet turned upright.
#[derive(Debug, Clone)]
pub struct Picture {
    pixels: Pixels,
    orientation: Orientation,
}

#[derive(Debug, Clone)]
enum Pixels {
    Rgb(RgbImage),
    Rgba(RgbaImage),
}

impl Pixels {
    fn size(&self) -> (u32, u32) {
        match self {
            Self::Rgb(image) => image.dimensions(),
            Self::Rgba(image) => image.dimensions(),
        }
    }
}

impl Picture {
    /// A picture from rows of red, green and blue bytes. `None` when there are too few.
    pub fn from_rgb(width: u32, height: u32, bytes: Vec<u8>) -> Option<Self> {
        let image = RgbImage::from_raw(width, height, bytes).filter(|_| width > 0 && height > 0)?;
        Some(Self {
            pixels: Pixels::Rgb(image),
            orientation: Orientation::NoTransforms,
        })
    }

    /// Width and height as shown.
    pub fn size(&self) -> (u32, u32) {
        self.turned(self.pixels.size())
    }

    fn turned(&self, (width, height): (u32, u32)) -> (u32, u32) {
        let sideways = matches!(
            self.orientation,
            Orientation::Rotate90
                | Orientation::Rotate270
                | Orientation::Rotate90FlipH
                | Orientation::Rotate270FlipH
        );
        if sideways {
            (height, width)
        } else {
            (width, height)
        }
    }

    /// Scaled to exactly `size`, the surplus cut off on both sides, as an opaque upright image.
    fn covering(&self, size: (u32, u32)) -> Result<RgbImage, ImageError> {
        // Scaling comes before turning: the turned copy is then a small one.
        let (width, height) = self.turned(size);
        let options = ResizeOptions::new()
            .resize_alg(ResizeAlg::Convolution(FilterType::CatmullRom))
            .fit_into_destination(Some((0.5, 0.5)));
        let resize = |(from_width, from_height), bytes, kind| {
            let source =
                ImageRef::new(from_width, from_height, bytes, kind).map_err(|_| ImageError::Broken)?;
            let mut scaled = fast_image_resize::images::Image::new(width, height, kind);
            Resizer::new()
                .resize(&source, &mut scaled, &options)
                .map_err(|_| ImageError::Broken)?;
            Ok(scaled.into_vec())
        };
        let from = self.pixels.size();
        let scaled = match &self.pixels {
            Pixels::Rgb(image) => resize(from, image.as_raw(), PixelType::U8x3)?,
            Pixels::Rgba(image) => on_white(&resize(from, image.as_raw(), PixelType::U8x4)?),
        };
        let scaled = RgbImage::from_raw(width, height, scaled).ok_or(ImageError::Broken)?;
        let mut upright = DynamicImage::ImageRgb8(scaled);
        upright.apply_orientation(self.orientation);
        Ok(upright.into_rgb8())
    }

    /// How sharp the picture is: the standard deviation of its Laplacian on a small version of it. Below 5
    /// nothing has an edge; what is in focus has 15 and more.
    pub fn sharpness(&self) -> f64 {
        let (width, height) = self.pixels.size();
        let cell = (width.max(height) / SHARPNESS_SIDE).max(1) as usize;
        let (columns, rows) = (width as usize / cell, height as usize / cell);
        let (bytes, step) = match &self.pixels {
            Pixels::Rgb(image) => (image.as_raw(), 3),
            Pixels::Rgba(image) => (image.as_raw(), 4),
        };
        let mut small = vec![0.0_f32; columns * rows];
        for (y, line) in bytes
            .chunks_exact(width as usize * step)
            .take(rows * cell)
            .enumerate()
        {
            let row = small.get_mut(y / cell * columns..).unwrap_or_default();
            for (x, pixel) in line.chunks_exact(step).take(columns * cell).enumerate() {
                if let Some(sum) = row.get_mut(x / cell) {
                    *sum += luma(pixel);
                }
            }
        }
        let area = (cell * cell) as f32;
        let (mut count, mut sum, mut squares) = (0.0_f64, 0.0_f64, 0.0_f64);
        let lines: Vec<&[f32]> = small.chunks_exact(columns.max(1)).collect();
        for three in lines.windows(3) {
            let [above, line, below] = three else { continue };
            for ((near, above), below) in line
                .windows(3)
                .zip(above.get(1..).unwrap_or_default())
                .zip(below.get(1..).unwrap_or_default())
            {
                let [left, middle, right] = near else { continue };
                let edge = f64::from((left + right + above + below - 4.0 * middle) / area);
                (count, sum, squares) = (count + 1.0, sum + edge, squares + edge * edge);
            }
        }
        let mean = sum / f64::max(count, 1.0);
        (squares / f64::max(count, 1.0) - mean * mean).max(0.0).sqrt()
    }

    /// Whether two pictures of the same size show the same, but for what compression does to them.
    pub(crate) fn looks_like(&self, other: &Self) -> bool {
        let (Pixels::Rgb(this), Pixels::Rgb(that)) = (&self.pixels, &other.pixels) else {
            return false;
        };
        if this.dimensions() != that.dimensions() {
            return false;
        }
        let every = (this.as_raw().len() / 30_000).max(1);
        let (mut count, mut off) = (0_u64, 0_u64);
        for (a, b) in this.as_raw().iter().zip(that.as_raw()).step_by(every) {
            (count, off) = (count + 1, off + u64::from(a.abs_diff(*b)));
        }
        off < count
    }

    /// Mean and standard deviation of the brightness, 0 to 255, on a sample of the pixels.
    pub fn brightness(&self) -> (f64, f64) {
        let (bytes, step) = match &self.pixels {
            Pixels::Rgb(image) => (image.as_raw(), 3),
            Pixels::Rgba(image) => (image.as_raw(), 4),
        };
        let every = (bytes.len() / step / 10_000).max(1) * step;
        let (mut count, mut sum, mut squares) = (0.0_f64, 0.0_f64, 0.0_f64);
        for pixel in bytes.chunks_exact(step).step_by(every / step) {
            let luma = f64::from(luma(pixel));
            (count, sum, squares) = (count + 1.0, sum + luma, squares + luma * luma);
        }
        let mean = sum / count.max(1.0);
        (mean, (squares / count.max(1.0) - mean * mean).max(0.0).sqrt())
    }
}

/// Longest side of the picture that sharpness is measured on. Noise and grain are gone at that size, what is
/// out of focus is still out of focus.
const SHARPNESS_SIDE: u32 = 320;

fn luma(pixel: &[u8]) -> f32 {
    match pixel {
        [red, green, blue, ..] => {
            0.2126 * f32::from(*red) + 0.7152 * f32::from(*green) + 0.0722 * f32::from(*blue)
        }
        _ => 0.0,
    }
}

fn on_white(rgba: &[u8]) -> Vec<u8> {
    let mut rgb = Vec::with_capacity(rgba.len() / 4 * 3);
    for pixel in rgba.chunks_exact(4) {
        let [red, green, blue, alpha] = pixel else {
            continue;
        };
        let alpha = u32::from(*alpha);
        let blend = |colour: u8| ((u32::from(colour) * alpha + 255 * (255 - alpha) + 127) / 255) as u8;
        rgb.extend([blend(*red), blend(*green), blend(*blue)]);
    }
    rgb
}

/// Decodes an upload.
pub fn decode(bytes: &[u8]) -> Result<Picture, ImageError> {
    if bytes.len() > MAX_UPLOAD_BYTES {
        return Err(ImageError::TooLarge);
    }
    let cursor = || Cursor::new(bytes);
    if bytes.starts_with(&[0xff, 0xd8, 0xff]) {
        finish(JpegDecoder::new(cursor()).map_err(broken)?)
    } else if bytes.starts_with(b"\x89PNG\r\n\x1a\n") {
        finish(PngDecoder::with_limits(cursor(), limits()).map_err(broken)?)
    } else if bytes.starts_with(b"RIFF") && bytes.get(8..12) == Some(b"WEBP") {
        finish(WebPDecoder::new(cursor()).map_err(broken)?)
    } else {
        Err(ImageError::NotAnImage)
    }
}

fn limits() -> image::Limits {
    let mut limits = image::Limits::no_limits();
    limits.max_alloc = Some(MAX_DECODED_BYTES);
    limits
}

#[expect(clippy::needless_pass_by_value, reason = "it is handed to map_err")]
fn broken(error: image::ImageError) -> ImageError {
    match error {
        image::ImageError::Limits(_) => ImageError::TooLarge,
        _ => ImageError::Broken,
    }
}

fn finish(mut decoder: impl ImageDecoder) -> Result<Picture, ImageError> {
    let (width, height) = decoder.dimensions();
    if u64::from(width) * u64::from(height) > MAX_PIXELS || decoder.total_bytes() > MAX_DECODED_BYTES {
        return Err(ImageError::TooLarge);
    }
    if width == 0 || height == 0 {
        return Err(ImageError::Broken);
    }
    decoder.set_limits(limits()).map_err(broken)?;
    // Damaged metadata does not make a damaged picture.
    let orientation = decoder.orientation().unwrap_or(Orientation::NoTransforms);
    let image = DynamicImage::from_decoder(decoder).map_err(broken)?;
    let pixels = if image.color().has_alpha() {
        Pixels::Rgba(image.into_rgba8())
    } else {
        Pixels::Rgb(image.into_rgb8())
    };
    Ok(Picture { pixels, orientation })
}

/// What a picture is for; decides its shape and sizes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Purpose {
    /// A square: 512 and 128 pixels.
    Avatar,
    /// A banner, four times as wide as high: 1920 and 640 pixels wide.
    Cover,
    /// In the picture's own shape, within 1280 by 720 and 480 by 270.
    Thumbnail,
}

/// A picture as it is stored and served.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Encoded {
    /// Width, pixels.
    pub width: u32,
    /// Height, pixels.
    pub height: u32,
    /// JPEG.
    pub jpeg: Vec<u8>,
}

/// A picture in the two sizes that pages use.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sizes {
    /// For the picture's own page.
    pub large: Encoded,
    /// For lists.
    pub small: Encoded,
}

/// Scales a picture for its purpose; never enlarges it.
pub fn sizes(picture: &Picture, purpose: Purpose) -> Result<Sizes, ImageError> {
    let make = |(width, height)| {
        let size = match purpose {
            Purpose::Thumbnail => fit_within(picture.size(), (width, height)),
            // The largest box of that shape that the picture can fill.
            Purpose::Avatar | Purpose::Cover => fit_within((width, height), picture.size()),
        };
        encode(&picture.covering(size)?)
    };
    let (large, small) = match purpose {
        Purpose::Avatar => ((512, 512), (128, 128)),
        Purpose::Cover => ((1920, 480), (640, 160)),
        Purpose::Thumbnail => ((1280, 720), (480, 270)),
    };
    Ok(Sizes {
        large: make(large)?,
        small: make(small)?,
    })
}

/// The largest size of the same shape that fits in a box, never enlarged, at least one pixel.
pub(crate) fn fit_within((width, height): (u32, u32), (box_width, box_height): (u32, u32)) -> (u32, u32) {
    let by_width = f64::from(box_width) / f64::from(width.max(1));
    let by_height = f64::from(box_height) / f64::from(height.max(1));
    let scale = by_width.min(by_height).min(1.0);
    let scaled = |side: u32| ((f64::from(side) * scale).round() as u32).max(1);
    (scaled(width), scaled(height))
}

/// Writes a JPEG without metadata.
pub(crate) fn encode(image: &RgbImage) -> Result<Encoded, ImageError> {
    let (width, height) = image.dimensions();
    let mut jpeg = Vec::new();
    JpegEncoder::new_with_quality(&mut jpeg, QUALITY)
        .encode(image.as_raw(), width, height, ExtendedColorType::Rgb8)
        .map_err(|_| ImageError::TooLarge)?;
    Ok(Encoded { width, height, jpeg })
}

#[cfg(test)]
mod tests;
