//! Avatars for those who have not chosen one: two colours and up to two letters.
//!
//! The same seed and letters always give the same picture, so it may be made again at any time.

use image::{Rgb, RgbImage};

use crate::images::{Encoded, ImageError, encode};

/// Smallest and largest side, pixels.
const SIDES: (u32, u32) = (16, 1024);

/// Draws an avatar of `side` by `side` pixels as a JPEG.
///
/// Colours follow from `seed` (such as an id); the first two letters or digits of `initials` are drawn
/// on them where they are Latin, and a symmetric pattern otherwise.
pub fn generated_avatar(seed: &[u8], initials: &str, side: u32) -> Result<Encoded, ImageError> {
    let side = side.clamp(SIDES.0, SIDES.1);
    let hash = hash(seed);
    let hue = (hash % 360) as f32;
    let from = colour(hue, 0.62, 0.52);
    let to = colour((hue + 40.0 + (hash >> 16 & 31) as f32) % 360.0, 0.58, 0.36);
    let letters: Vec<[u8; 7]> = initials.chars().filter_map(glyph).take(2).collect();
    let ink = |x: f32, y: f32| {
        if letters.is_empty() {
            pattern(hash, x, y)
        } else {
            text(&letters, x, y)
        }
    };
    let scale = 1.0 / side as f32;
    let image = RgbImage::from_fn(side, side, |x, y| {
        // Four samples per pixel make the edges smooth.
        let covered = [(0.25, 0.25), (0.75, 0.25), (0.25, 0.75), (0.75, 0.75)]
            .into_iter()
            .filter(|(dx, dy)| ink((x as f32 + dx) * scale, (y as f32 + dy) * scale))
            .count() as f32
            / 4.0;
        let along = (x + y) as f32 * scale / 2.0;
        let mix = |channel: usize| {
            let (start, end) = (channel_of(from, channel), channel_of(to, channel));
            let ground = start + (end - start) * along;
            (ground + (255.0 - ground) * covered * 0.92).round() as u8
        };
        Rgb([mix(0), mix(1), mix(2)])
    });
    encode(&image)
}

fn channel_of(colour: [f32; 3], channel: usize) -> f32 {
    colour.get(channel).copied().unwrap_or(0.0)
}

/// FNV-1a with a final stir; not for secrets.
fn hash(seed: &[u8]) -> u64 {
    let mut hash = seed.iter().fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| {
        (hash ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01b3)
    });
    hash ^= hash >> 32;
    hash = hash.wrapping_mul(0x9e37_79b9_7f4a_7c15);
    hash ^ hash >> 29
}

/// Hue in degrees, saturation and lightness from 0 to 1, as red, green and blue up to 255.
fn colour(hue: f32, saturation: f32, lightness: f32) -> [f32; 3] {
    let reach = saturation * lightness.min(1.0 - lightness);
    [0.0, 8.0, 4.0].map(|shift| {
        let turn = (shift + hue / 30.0) % 12.0;
        (lightness - reach * (turn - 3.0).min(9.0 - turn).clamp(-1.0, 1.0)) * 255.0
    })
}

/// Whether a mirrored five by five pattern covers the point.
fn pattern(hash: u64, x: f32, y: f32) -> bool {
    let cell = |at: f32| ((at - 0.2) / 0.12).floor();
    let (column, row) = (cell(x), cell(y));
    if !(0.0..5.0).contains(&column) || !(0.0..5.0).contains(&row) {
        return false;
    }
    let mirrored = column.min(4.0 - column) as u32;
    hash >> (row as u32 * 3 + mirrored + 20) & 1 == 1
}

/// Whether a letter covers the point. Letters are five dots wide and seven high.
fn text(letters: &[[u8; 7]], x: f32, y: f32) -> bool {
    const DOT: f32 = 0.062;
    let width = (letters.len() * 6 - 1) as f32 * DOT;
    let (column, row) = ((x - 0.5 + width / 2.0) / DOT, (y - 0.5) / DOT + 3.5);
    if column < 0.0 || row < 0.0 {
        return false;
    }
    let (column, row) = (column as usize, row as usize);
    let bits = letters
        .get(column / 6)
        .and_then(|letter| letter.get(row))
        .copied()
        .unwrap_or(0);
    let dot = column % 6;
    dot < 5 && bits >> (4 - dot) & 1 == 1
}

/// Rows of a letter or digit, five bits each.
fn glyph(letter: char) -> Option<[u8; 7]> {
    Some(match letter.to_ascii_uppercase() {
        'A' => [14, 17, 17, 31, 17, 17, 17],
        'B' => [30, 17, 17, 30, 17, 17, 30],
        'C' => [14, 17, 16, 16, 16, 17, 14],
        'D' => [30, 17, 17, 17, 17, 17, 30],
        'E' => [31, 16, 16, 30, 16, 16, 31],
        'F' => [31, 16, 16, 30, 16, 16, 16],
        'G' => [14, 17, 16, 23, 17, 17, 14],
        'H' => [17, 17, 17, 31, 17, 17, 17],
        'I' => [14, 4, 4, 4, 4, 4, 14],
        'J' => [7, 2, 2, 2, 2, 18, 12],
        'K' => [17, 18, 20, 24, 20, 18, 17],
        'L' => [16, 16, 16, 16, 16, 16, 31],
        'M' => [17, 27, 21, 21, 17, 17, 17],
        'N' => [17, 25, 21, 19, 17, 17, 17],
        'O' => [14, 17, 17, 17, 17, 17, 14],
        'P' => [30, 17, 17, 30, 16, 16, 16],
        'Q' => [14, 17, 17, 17, 21, 18, 13],
        'R' => [30, 17, 17, 30, 20, 18, 17],
        'S' => [15, 16, 16, 14, 1, 1, 30],
        'T' => [31, 4, 4, 4, 4, 4, 4],
        'U' => [17, 17, 17, 17, 17, 17, 14],
        'V' => [17, 17, 17, 17, 17, 10, 4],
        'W' => [17, 17, 17, 21, 21, 27, 17],
        'X' => [17, 17, 10, 4, 10, 17, 17],
        'Y' => [17, 17, 10, 4, 4, 4, 4],
        'Z' => [31, 1, 2, 4, 8, 16, 31],
        '0' => [14, 17, 19, 21, 25, 17, 14],
        '1' => [4, 12, 4, 4, 4, 4, 14],
        '2' => [14, 17, 1, 6, 8, 16, 31],
        '3' => [14, 17, 1, 6, 1, 17, 14],
        '4' => [2, 6, 10, 18, 31, 2, 2],
        '5' => [31, 16, 30, 1, 1, 17, 14],
        '6' => [14, 16, 16, 30, 17, 17, 14],
        '7' => [31, 1, 2, 4, 8, 8, 8],
        '8' => [14, 17, 17, 14, 17, 17, 14],
        '9' => [14, 17, 17, 15, 1, 1, 14],
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_seed_gives_the_same_picture_and_another_another() {
        let one = generated_avatar(b"a", "SK", 128).unwrap();
        assert_eq!(one, generated_avatar(b"a", "SK", 128).unwrap());
        assert_ne!(one, generated_avatar(b"b", "SK", 128).unwrap());
        assert_ne!(one, generated_avatar(b"a", "SL", 128).unwrap());
        assert_eq!((one.width, one.height), (128, 128));
    }

    #[test]
    fn names_in_any_script_get_a_picture() {
        for name in ["", "अ", "日本", "\0", "é", "x"] {
            assert!(
                !generated_avatar(name.as_bytes(), name, 64)
                    .unwrap()
                    .jpeg
                    .is_empty()
            );
        }
        assert_eq!(generated_avatar(b"", "", 1_000_000).unwrap().width, 1024);
    }
}
