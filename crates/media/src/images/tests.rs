use image::{ImageEncoder as _, Rgb, Rgba};

use super::*;

fn gradient(width: u32, height: u32) -> RgbImage {
    RgbImage::from_fn(width, height, |x, y| {
        Rgb([(x * 255 / width) as u8, (y * 255 / height) as u8, 40])
    })
}

fn png(image: &RgbImage) -> Vec<u8> {
    let mut bytes = Vec::new();
    image::codecs::png::PngEncoder::new(&mut bytes)
        .write_image(
            image.as_raw(),
            image.width(),
            image.height(),
            ExtendedColorType::Rgb8,
        )
        .unwrap();
    bytes
}

/// A JPEG with an EXIF block that says how it is turned and carries a telling word.
fn turned_jpeg(image: &RgbImage, orientation: u8) -> Vec<u8> {
    let plain = encode(image).unwrap().jpeg;
    let mut exif = b"Exif\0\0MM\0*\0\0\0\x08\0\x01\x01\x12\0\x03\0\0\0\x01\0".to_vec();
    exif.extend([orientation, 0, 0, 0, 0, 0, 0]);
    exif.extend(b"GPSGPSGPS");
    let mut bytes = plain[..2].to_vec();
    bytes.extend([0xff, 0xe1]);
    bytes.extend(u16::try_from(exif.len() + 2).unwrap().to_be_bytes());
    bytes.extend(exif);
    bytes.extend(&plain[2..]);
    bytes
}

fn jpeg_size(encoded: &Encoded) -> (u32, u32) {
    JpegDecoder::new(Cursor::new(&encoded.jpeg)).unwrap().dimensions()
}

#[test]
fn a_thumbnail_keeps_its_shape_in_both_sizes() {
    let picture = decode(&png(&gradient(2000, 1000))).unwrap();
    let sizes = sizes(&picture, Purpose::Thumbnail).unwrap();
    assert_eq!(jpeg_size(&sizes.large), (1280, 640));
    assert_eq!(jpeg_size(&sizes.small), (480, 240));
}

#[test]
fn an_avatar_is_a_square_and_never_enlarged() {
    let picture = decode(&png(&gradient(300, 200))).unwrap();
    let sizes = sizes(&picture, Purpose::Avatar).unwrap();
    assert_eq!(
        (jpeg_size(&sizes.large), jpeg_size(&sizes.small)),
        ((200, 200), (128, 128))
    );
}

#[test]
fn a_cover_is_a_banner() {
    let picture = decode(&png(&gradient(3000, 2000))).unwrap();
    let sizes = sizes(&picture, Purpose::Cover).unwrap();
    assert_eq!(
        (jpeg_size(&sizes.large), jpeg_size(&sizes.small)),
        ((1920, 480), (640, 160))
    );
}

#[test]
fn a_turned_photo_comes_out_upright_and_without_its_metadata() {
    let mut image = RgbImage::from_pixel(64, 32, Rgb([0, 0, 0]));
    for y in 0..32 {
        for x in 0..32 {
            image.put_pixel(x, y, Rgb([255, 255, 255]));
        }
    }
    // Orientation 6: turn clockwise. The bright left half ends up on top.
    let bytes = turned_jpeg(&image, 6);
    let picture = decode(&bytes).unwrap();
    assert_eq!(picture.size(), (32, 64));
    let large = sizes(&picture, Purpose::Thumbnail).unwrap().large;
    assert_eq!(jpeg_size(&large), (32, 64));
    let shown = DynamicImage::from_decoder(JpegDecoder::new(Cursor::new(&large.jpeg)).unwrap())
        .unwrap()
        .to_rgb8();
    assert!(shown.get_pixel(16, 8).0[0] > 200 && shown.get_pixel(16, 56).0[0] < 50);
    assert!(!large.jpeg.windows(3).any(|window| window == b"GPS"));
}

#[test]
fn transparency_becomes_white() {
    let image = RgbaImage::from_pixel(40, 40, Rgba([0, 0, 0, 0]));
    let mut bytes = Vec::new();
    image::codecs::png::PngEncoder::new(&mut bytes)
        .write_image(image.as_raw(), 40, 40, ExtendedColorType::Rgba8)
        .unwrap();
    let covered = decode(&bytes).unwrap().covering((20, 20)).unwrap();
    assert_eq!(covered.get_pixel(10, 10), &Rgb([255, 255, 255]));
}

#[test]
fn what_is_no_picture_is_refused_whatever_its_name() {
    for bytes in [
        b"<svg xmlns='http://www.w3.org/2000/svg'><script/></svg>".as_slice(),
        b"GIF89a\x01\0\x01\0",
        b"%PDF-1.7",
        b"<!doctype html>",
        b"RIFF\0\0\0\0AVI ",
        b"BM",
        b"",
    ] {
        assert!(matches!(decode(bytes), Err(ImageError::NotAnImage)));
    }
}

#[test]
fn a_bomb_is_refused_before_it_unfolds() {
    // A header that announces 16,384 by 16,384 pixels, and nothing behind it.
    let mut bytes = b"\x89PNG\r\n\x1a\n".to_vec();
    let mut header = b"IHDR".to_vec();
    header.extend(16_384_u32.to_be_bytes());
    header.extend(16_384_u32.to_be_bytes());
    header.extend([8, 2, 0, 0, 0]);
    bytes.extend(13_u32.to_be_bytes());
    bytes.extend(&header);
    bytes.extend(crc(&header).to_be_bytes());
    bytes.extend(b"\0\0\0\0IDAT\x35\xaf\x06\x1e");
    assert!(matches!(decode(&bytes), Err(ImageError::TooLarge)));
    assert!(matches!(
        decode(&vec![0xff; MAX_UPLOAD_BYTES + 1]),
        Err(ImageError::TooLarge)
    ));
}

fn crc(bytes: &[u8]) -> u32 {
    !bytes.iter().fold(!0_u32, |crc, byte| {
        (0..8).fold(crc ^ u32::from(*byte), |crc, _| {
            if crc & 1 == 1 {
                crc >> 1 ^ 0xedb8_8320
            } else {
                crc >> 1
            }
        })
    })
}

#[test]
fn a_picture_with_a_page_behind_it_loses_the_page() {
    let mut bytes = png(&gradient(50, 50));
    bytes.extend(b"<script>alert(1)</script>");
    let large = sizes(&decode(&bytes).unwrap(), Purpose::Avatar).unwrap().large;
    assert!(!large.jpeg.windows(6).any(|window| window == b"script"));
}

#[test]
fn no_damage_panics() {
    let whole = [png(&gradient(40, 30)), turned_jpeg(&gradient(40, 30), 3)];
    let mut seed = 7_u64;
    for bytes in &whole {
        for end in (0..bytes.len()).step_by(11) {
            let _ = decode(&bytes[..end]);
        }
        for _ in 0..300 {
            let mut damaged = bytes.clone();
            for _ in 0..4 {
                seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
                let at = (seed >> 33) as usize % damaged.len();
                damaged[at] = (seed >> 25) as u8;
            }
            if let Ok(picture) = decode(&damaged) {
                let _ = sizes(&picture, Purpose::Avatar);
            }
        }
    }
}

#[test]
fn brightness_tells_black_from_a_picture() {
    let black = Picture::from_rgb(100, 100, vec![0; 30_000]).unwrap();
    assert_eq!(black.brightness(), (0.0, 0.0));
    let picture = decode(&png(&gradient(100, 100))).unwrap();
    let (mean, spread) = picture.brightness();
    assert!(mean > 60.0 && spread > 20.0);
    assert!(Picture::from_rgb(100, 100, vec![0; 29_999]).is_none());
}

#[test]
fn fitting_keeps_the_shape_and_never_enlarges() {
    assert_eq!(fit_within((1920, 1080), (1280, 1280)), (1280, 720));
    assert_eq!(fit_within((320, 240), (1280, 1280)), (320, 240));
    assert_eq!(fit_within((10_000, 1), (100, 100)), (100, 1));
}
