//! `/api/v1/users`: accounts, from registering to leaving.

mod account;
mod pictures;
mod register;

use serde_json::Value;

use crate::kit;
use crate::kit::clips::Clip;

/// Names of an object's fields, in order of the alphabet.
fn fields(object: &Value) -> Vec<&str> {
    let mut names: Vec<&str> = object.as_object().unwrap().keys().map(String::as_str).collect();
    names.sort_unstable();
    names
}

/// A picture of this size, made by ffmpeg; the name's ending chooses its format.
fn picture(name: &str, size: &str) -> Clip {
    let source = format!("testsrc2=size={size}:rate=1:duration=1");
    kit::clips::made(name, &["-f", "lavfi", "-i", &source, "-frames:v", "1"])
}

/// A form with one file in it.
fn form(field: &'static str, name: &str, bytes: Vec<u8>) -> reqwest::multipart::Form {
    let part = reqwest::multipart::Part::bytes(bytes).file_name(name.to_owned());
    reqwest::multipart::Form::new().part(field, part)
}

/// Width and height in a JPEG's frame header (ITU-T T.81 section B.2.2).
fn jpeg_size(bytes: &[u8]) -> (u16, u16) {
    assert!(bytes.starts_with(&[0xff, 0xd8, 0xff]), "it begins as a JPEG does");
    let mut at = 2;
    loop {
        assert_eq!(bytes[at], 0xff);
        let (marker, length) = (bytes[at + 1], u16::from_be_bytes([bytes[at + 2], bytes[at + 3]]));
        if matches!(marker, 0xc0..=0xc2) {
            let number = |i: usize| u16::from_be_bytes([bytes[at + i], bytes[at + i + 1]]);
            return (number(7), number(5));
        }
        at += 2 + usize::from(length);
    }
}

fn contains(haystack: &[u8], needle: &[u8]) -> bool {
    haystack.windows(needle.len()).any(|window| window == needle)
}
