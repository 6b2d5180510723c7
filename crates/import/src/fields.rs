//! Fields whose form varies from one database to the next: numbers as text, references as whole documents, times as
//! anything.

use bson::raw::{RawBsonRef, RawDocument};
use model::{Millis, ObjectId};

/// 2100-01-01T00:00:00Z: times beyond this are no times.
const LATEST_MS: i64 = 4_102_444_800_000;
/// Fields of a document that are looked at.
const MOST_FIELDS: usize = 1_000;

/// The fields of a document.
pub(crate) struct Fields<'a>(Vec<(&'a str, RawBsonRef<'a>)>);

/// A file as a document names it: an address, or what a service calls it, or both.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Media {
    /// Where it is.
    pub url: Option<String>,
    /// What the service that keeps it calls it (`public_id` of Cloudinary).
    pub public_id: Option<String>,
}

impl Media {
    fn is_empty(&self) -> bool {
        self.url.is_none() && self.public_id.is_none()
    }
}

impl<'a> Fields<'a> {
    /// `None`: the bytes are no BSON.
    pub(crate) fn read(document: &'a RawDocument) -> Option<Self> {
        let mut fields = Vec::new();
        for field in document.iter().take(MOST_FIELDS) {
            let (name, value) = field.ok()?;
            fields.push((name.as_str(), value));
        }
        Some(Self(fields))
    }

    /// The first field of these names that says something.
    pub(crate) fn get(&self, names: &[&str]) -> Option<RawBsonRef<'a>> {
        names.iter().find_map(|name| {
            let found = self.0.iter().find(|(is, _)| is == name);
            found
                .map(|(_, value)| *value)
                .filter(|value| !matches!(value, RawBsonRef::Null | RawBsonRef::Undefined))
        })
    }

    pub(crate) fn id(&self, names: &[&str]) -> Option<ObjectId> {
        self.get(names).and_then(id)
    }

    pub(crate) fn text(&self, names: &[&str]) -> Option<String> {
        self.get(names).and_then(text)
    }

    pub(crate) fn number(&self, names: &[&str]) -> Option<f64> {
        self.get(names).and_then(number)
    }

    pub(crate) fn time(&self, names: &[&str]) -> Option<Millis> {
        self.get(names).and_then(time)
    }

    pub(crate) fn truth(&self, names: &[&str]) -> Option<bool> {
        self.get(names).and_then(truth)
    }

    pub(crate) fn media(&self, names: &[&str]) -> Option<Media> {
        self.get(names).and_then(|value| media(value, 0))
    }

    /// Ids in a list, in its order; those that are none are counted.
    pub(crate) fn ids(&self, names: &[&str]) -> (Vec<ObjectId>, u64) {
        let mut ids = Vec::new();
        let mut wrong = 0;
        if let Some(list) = self.get(names).and_then(RawBsonRef::as_array) {
            for value in list {
                match value.ok().and_then(id) {
                    Some(id) => ids.push(id),
                    None => wrong += 1,
                }
            }
        }
        (ids, wrong)
    }

    /// Words in a list, or in one text, separated by commas.
    pub(crate) fn words(&self, names: &[&str]) -> Vec<String> {
        match self.get(names) {
            Some(RawBsonRef::Array(list)) => list.into_iter().filter_map(|value| text(value.ok()?)).collect(),
            Some(RawBsonRef::String(words)) => words.split(',').map(ToOwned::to_owned).collect(),
            _ => Vec::new(),
        }
    }
}

/// An id as such, as 24 hex digits, or as the document that it names.
pub(crate) fn id(value: RawBsonRef<'_>) -> Option<ObjectId> {
    match value {
        RawBsonRef::ObjectId(id) => Some(ObjectId(id.bytes())),
        RawBsonRef::String(text) => text.trim().parse().ok(),
        RawBsonRef::Document(document) => ["_id", "$oid", "$id"].iter().find_map(|name| {
            match document.get(name) {
                // One step down and no further.
                Ok(Some(RawBsonRef::ObjectId(id))) => Some(ObjectId(id.bytes())),
                Ok(Some(RawBsonRef::String(text))) => text.trim().parse().ok(),
                _ => None,
            }
        }),
        _ => None,
    }
}

pub(crate) fn text(value: RawBsonRef<'_>) -> Option<String> {
    match value {
        RawBsonRef::String(text) | RawBsonRef::Symbol(text) => Some(text.to_owned()),
        RawBsonRef::Int32(number) => Some(number.to_string()),
        RawBsonRef::Int64(number) => Some(number.to_string()),
        RawBsonRef::Double(number) => Some(number.to_string()),
        _ => None,
    }
}

fn number(value: RawBsonRef<'_>) -> Option<f64> {
    let number = match value {
        RawBsonRef::Int32(number) => f64::from(number),
        RawBsonRef::Int64(number) => number as f64,
        RawBsonRef::Double(number) => number,
        RawBsonRef::Decimal128(number) => number.to_string().parse().ok()?,
        RawBsonRef::String(text) => text.trim().parse().ok()?,
        _ => return None,
    };
    number.is_finite().then_some(number)
}

fn time(value: RawBsonRef<'_>) -> Option<Millis> {
    let ms = match value {
        RawBsonRef::DateTime(at) => at.timestamp_millis(),
        RawBsonRef::Timestamp(at) => i64::from(at.time) * 1000,
        RawBsonRef::String(text) => match text.trim().parse::<jiff::Timestamp>() {
            Ok(at) => at.as_millisecond(),
            Err(_) => text.trim().parse().ok()?,
        },
        RawBsonRef::Int64(ms) => ms,
        RawBsonRef::Double(ms) => ms as i64,
        _ => return None,
    };
    (1..LATEST_MS).contains(&ms).then_some(Millis(ms))
}

fn truth(value: RawBsonRef<'_>) -> Option<bool> {
    match value {
        RawBsonRef::Boolean(truth) => Some(truth),
        RawBsonRef::Int32(number) => Some(number != 0),
        RawBsonRef::Int64(number) => Some(number != 0),
        RawBsonRef::Double(number) => Some(number != 0.0),
        RawBsonRef::String(text) => match text.trim().to_ascii_lowercase().as_str() {
            "true" | "1" | "yes" => Some(true),
            "false" | "0" | "no" | "" => Some(false),
            _ => None,
        },
        _ => None,
    }
}

/// Names under which documents keep the address of a file.
const ADDRESSES: [&str; 7] = [
    "secure_url",
    "secureUrl",
    "url",
    "src",
    "path",
    "link",
    "location",
];
/// Names under which they keep what a service calls it.
const CALLED: [&str; 5] = ["public_id", "publicId", "publicID", "key", "filename"];
/// Names under which they say how good it is.
const QUALITIES: [&str; 5] = ["height", "quality", "resolution", "label", "name"];

/// A file, from a text, a document, or the best of a list or a map of qualities.
fn media(value: RawBsonRef<'_>, depth: u8) -> Option<Media> {
    let document = match value {
        RawBsonRef::String(text) => {
            let text = text.trim();
            return (!text.is_empty()).then(|| {
                if text.contains("://") || text.starts_with("//") || text.contains('.') {
                    Media {
                        url: Some(text.to_owned()),
                        public_id: None,
                    }
                } else {
                    Media {
                        url: None,
                        public_id: Some(text.to_owned()),
                    }
                }
            });
        }
        RawBsonRef::Array(list) if depth < 2 => {
            let all = list.into_iter().take(MOST_FIELDS).filter_map(|value| {
                let value = value.ok()?;
                let quality = value.as_document().map_or(0, said_quality);
                Some((quality, media(value, depth + 1)?))
            });
            return best(all);
        }
        RawBsonRef::Document(document) => document,
        _ => return None,
    };
    let found = |names: &[&str]| {
        names
            .iter()
            .find_map(|name| match document.get(name) {
                Ok(Some(value)) => text(value).filter(|text| !text.trim().is_empty()),
                _ => None,
            })
            .map(|text| text.trim().to_owned())
    };
    let media_here = Media {
        url: found(&ADDRESSES),
        public_id: found(&CALLED),
    };
    if !media_here.is_empty() {
        return Some(media_here);
    }
    if depth >= 2 {
        return None;
    }
    // Names are qualities.
    let all = document.iter().take(MOST_FIELDS).filter_map(|field| {
        let (name, value) = field.ok()?;
        let said = value.as_document().map_or(0, said_quality);
        Some((said.max(quality(name.as_str())), media(value, depth + 1)?))
    });
    best(all)
}

/// The best; of equals the first.
fn best(all: impl Iterator<Item = (u32, Media)>) -> Option<Media> {
    let mut best: Option<(u32, Media)> = None;
    for (quality, media) in all {
        if best.as_ref().is_none_or(|(best, _)| quality > *best) {
            best = Some((quality, media));
        }
    }
    best.map(|(_, media)| media)
}

fn said_quality(document: &RawDocument) -> u32 {
    QUALITIES
        .iter()
        .find_map(|name| match document.get(name) {
            Ok(Some(value)) => text(value).map(|text| quality(&text)),
            _ => None,
        })
        .unwrap_or(0)
}

/// How good something is that is called this: lines of the picture where it says so. The original is best.
fn quality(name: &str) -> u32 {
    let name = name.trim().to_ascii_lowercase();
    match name.as_str() {
        "original" | "source" | "master" | "max" => return u32::MAX,
        "4k" | "uhd" => return 2160,
        "2k" | "qhd" => return 1440,
        "fhd" | "fullhd" | "high" => return 1080,
        "hd" | "medium" => return 720,
        "sd" | "low" => return 480,
        _ => {}
    }
    // 1920x1080 is 1080 lines.
    let lines = name.rsplit('x').next().unwrap_or(&name);
    let digits: String = lines
        .chars()
        .skip_while(|c| !c.is_ascii_digit())
        .take_while(char::is_ascii_digit)
        .take(6)
        .collect();
    digits.parse().unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use bson::raw::RawDocumentBuf;
    use bson::{Bson, doc};

    use super::*;

    fn raw(document: &bson::Document) -> RawDocumentBuf {
        RawDocumentBuf::try_from(document).unwrap()
    }

    fn file(value: impl Into<Bson>) -> Option<Media> {
        let document = raw(&doc! {"f": value.into()});
        Fields::read(&document).unwrap().media(&["f"])
    }

    #[expect(clippy::unnecessary_wraps, reason = "what it is compared with is an option")]
    fn at(url: &str) -> Option<Media> {
        Some(Media {
            url: Some(url.to_owned()),
            public_id: None,
        })
    }

    #[test]
    fn a_file_is_found_in_whatever_form_it_is_named() {
        assert_eq!(file("https://a.example/v.mp4"), at("https://a.example/v.mp4"));
        assert_eq!(
            file(
                doc! {"public_id": "clips/abc", "url": "http://a.example/v.mp4", "secure_url": "https://a.example/v.mp4"}
            ),
            Some(Media {
                url: Some("https://a.example/v.mp4".to_owned()),
                public_id: Some("clips/abc".to_owned())
            })
        );
        assert_eq!(file(""), None);
        assert_eq!(file(7), None);
    }

    #[test]
    fn of_several_qualities_the_best_is_taken() {
        assert_eq!(
            file(
                doc! {"360p": "https://a.example/360.mp4", "1080p": "https://a.example/1080.mp4", "720p": {"url": "https://a.example/720.mp4"}}
            ),
            at("https://a.example/1080.mp4")
        );
        assert_eq!(
            file(vec![
                doc! {"quality": "480p", "url": "https://a.example/480.mp4"},
                doc! {"quality": "original", "url": "https://a.example/o.mp4"},
                doc! {"quality": "1440p", "url": "https://a.example/1440.mp4"},
            ]),
            at("https://a.example/o.mp4")
        );
        assert_eq!(
            file(vec![
                "https://a.example/first.mp4",
                "https://a.example/second.mp4"
            ]),
            at("https://a.example/first.mp4")
        );
    }

    #[test]
    fn numbers_times_and_ids_come_in_several_forms() {
        let hex = "65a1b2c3d4e5f60718293a4b";
        let document = raw(&doc! {
            "text": "12.5", "long": 7_i64, "not": f64::NAN, "word": "many",
            "iso": "2024-01-02T03:04:05.678Z", "ms": 1_704_164_645_678_i64, "far": i64::MAX,
            "hex": hex, "whole": {"_id": bson::oid::ObjectId::parse_str(hex).unwrap(), "username": "asha"},
            "yes": "true", "no": 0,
        });
        let fields = Fields::read(&document).unwrap();
        assert_eq!(fields.number(&["text"]), Some(12.5));
        assert_eq!(fields.number(&["absent", "long"]), Some(7.0));
        assert_eq!(fields.number(&["not"]), None);
        assert_eq!(fields.number(&["word"]), None);
        assert_eq!(fields.time(&["iso"]), Some(Millis(1_704_164_645_678)));
        assert_eq!(fields.time(&["ms"]), Some(Millis(1_704_164_645_678)));
        assert_eq!(fields.time(&["far"]), None);
        assert_eq!(fields.id(&["hex"]), hex.parse().ok());
        assert_eq!(fields.id(&["whole"]), hex.parse().ok());
        assert_eq!(
            (fields.truth(&["yes"]), fields.truth(&["no"])),
            (Some(true), Some(false))
        );
    }
}
