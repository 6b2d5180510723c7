//! Where blobs lie in S3, as it is written in one address, and the keys that open the place.

use std::fmt;
use std::str::FromStr;

use thiserror::Error;

use crate::Key;

/// The region of servers that have none.
const DEFAULT_REGION: &str = "us-east-1";

/// How requests name the bucket.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Style {
    /// In the path: `https://host/bucket/key`.
    Path,
    /// In the host's name: `https://bucket.host/key`.
    Virtual,
}

/// A bucket, or what begins with a prefix in it: `s3://bucket/prefix?endpoint=…&region=…&style=…`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct S3Place {
    /// Name of the bucket.
    pub bucket: String,
    /// What all names in the bucket begin with, without a slash at its end.
    pub prefix: Option<Key>,
    /// Address of the server, without a path; `None` is Amazon's of the region.
    pub endpoint: Option<String>,
    /// Region, which requests are signed for.
    pub region: String,
    /// How requests name the bucket: in the path where there is an endpoint, unless said otherwise.
    pub style: Style,
}

/// The text is no address of a place in S3.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum BadS3Place {
    /// It does not begin with `s3://`.
    #[error("it does not begin with s3://")]
    Scheme,
    /// The bucket's name is none.
    #[error("a bucket is named by 3 to 63 of a-z, 0-9, . and -")]
    Bucket,
    /// The prefix is none.
    #[error("a prefix is segments of a-z, 0-9, _, - and . joined by /")]
    Prefix,
    /// The endpoint is no address of a server.
    #[error("endpoint is an address such as https://s3.example, without a path and without keys")]
    Endpoint,
    /// The region is none.
    #[error("region is a name such as eu-central-1")]
    Region,
    /// The style is none.
    #[error("style is path or virtual")]
    Style,
    /// There is no such part, or it is there twice.
    #[error("`{0}` is not understood; endpoint, region and style are, once each")]
    Unknown(String),
}

impl FromStr for S3Place {
    type Err = BadS3Place;

    fn from_str(text: &str) -> Result<Self, BadS3Place> {
        let rest = text.strip_prefix("s3://").ok_or(BadS3Place::Scheme)?;
        let (place, query) = rest.split_once('?').unwrap_or((rest, ""));
        let (bucket, prefix) = place.split_once('/').unwrap_or((place, ""));
        if !is_bucket(bucket) {
            return Err(BadS3Place::Bucket);
        }
        let prefix = match prefix.trim_end_matches('/') {
            "" => None,
            prefix => Some(Key::parse(prefix).map_err(|_| BadS3Place::Prefix)?),
        };
        let [mut endpoint, mut region, mut style] = [const { None::<String> }; 3];
        for pair in query.split('&').filter(|pair| !pair.is_empty()) {
            let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
            let slot = match name {
                "endpoint" => &mut endpoint,
                "region" => &mut region,
                "style" => &mut style,
                _ => return Err(BadS3Place::Unknown(name.to_owned())),
            };
            if slot.replace(decoded(value)).is_some() {
                return Err(BadS3Place::Unknown(name.to_owned()));
            }
        }
        let endpoint = endpoint.map(|endpoint| server(&endpoint)).transpose()?;
        let region = region.unwrap_or_else(|| DEFAULT_REGION.to_owned());
        let named = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || matches!(b, b'-' | b'_');
        if region.is_empty() || region.len() > 64 || !region.bytes().all(named) {
            return Err(BadS3Place::Region);
        }
        let style = match style.as_deref() {
            Some("path") => Style::Path,
            None if endpoint.is_some() => Style::Path,
            Some("virtual") | None => Style::Virtual,
            Some(_) => return Err(BadS3Place::Style),
        };
        Ok(Self {
            bucket: bucket.to_owned(),
            prefix,
            endpoint,
            region,
            style,
        })
    }
}

impl S3Place {
    /// What requests go to, with the bucket in the host's name where the style wants that.
    pub(crate) fn host(&self) -> Option<String> {
        let endpoint = self.endpoint.as_deref()?;
        let (scheme, host) = endpoint.split_once("://")?;
        Some(match self.style {
            Style::Path => endpoint.to_owned(),
            Style::Virtual => format!("{scheme}://{}.{host}", self.bucket),
        })
    }

    /// The origin that presigned addresses begin with, for lists of what pages may load from.
    pub fn origin(&self) -> String {
        self.host().unwrap_or_else(|| match self.style {
            Style::Virtual => format!("https://{}.s3.{}.amazonaws.com", self.bucket, self.region),
            Style::Path => format!("https://s3.{}.amazonaws.com", self.region),
        })
    }
}

fn is_bucket(name: &str) -> bool {
    let fits = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || matches!(b, b'.' | b'-');
    (3..=63).contains(&name.len())
        && name.bytes().all(fits)
        && !name.starts_with(['.', '-'])
        && !name.ends_with(['.', '-'])
        && !name.contains("..")
}

/// The address of a server and nothing more.
fn server(address: &str) -> Result<String, BadS3Place> {
    let address = address.trim_end_matches('/');
    let host = address
        .strip_prefix("https://")
        .or_else(|| address.strip_prefix("http://"))
        .ok_or(BadS3Place::Endpoint)?;
    let fits = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'.' | b'-' | b':' | b'[' | b']');
    if host.is_empty() || !host.bytes().all(fits) {
        return Err(BadS3Place::Endpoint);
    }
    Ok(address.to_owned())
}

/// `%2F` as `/`: some programs write addresses within addresses that way. What is no code stays.
fn decoded(text: &str) -> String {
    let mut out = Vec::with_capacity(text.len());
    let mut bytes = text.bytes();
    while let Some(byte) = bytes.next() {
        let rest = bytes.code_ahead();
        match (byte, rest) {
            (b'%', Some(code)) => {
                out.push(code);
                bytes.next();
                bytes.next();
            }
            _ => out.push(byte),
        }
    }
    String::from_utf8_lossy(&out).into_owned()
}

/// Looks at the next two bytes as hex digits.
trait HexAhead {
    fn code_ahead(&self) -> Option<u8>;
}

impl HexAhead for std::str::Bytes<'_> {
    fn code_ahead(&self) -> Option<u8> {
        let mut ahead = self.clone();
        let digit = |byte: u8| char::from(byte).to_digit(16);
        let (high, low) = (digit(ahead.next()?)?, digit(ahead.next()?)?);
        u8::try_from(high * 16 + low).ok()
    }
}

/// What signs requests. Never shown.
#[derive(Clone, PartialEq, Eq)]
pub struct S3Keys {
    /// Names the pair.
    pub access_key_id: String,
    /// The secret half.
    pub secret_access_key: String,
    /// Comes with keys that are lent for a while.
    pub session_token: Option<String>,
}

impl fmt::Debug for S3Keys {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("S3Keys(…)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn place(text: &str) -> Result<S3Place, BadS3Place> {
        text.parse()
    }

    #[test]
    fn an_address_names_bucket_prefix_and_server() {
        let all = place("s3://clips/a/b?endpoint=http://127.0.0.1:9000/&region=eu-1&style=virtual").unwrap();
        assert_eq!((all.bucket.as_str(), all.region.as_str()), ("clips", "eu-1"));
        assert_eq!(all.prefix.as_ref().map(Key::as_str), Some("a/b"));
        assert_eq!(all.host().as_deref(), Some("http://clips.127.0.0.1:9000"));

        let coded = place("s3://clips/?endpoint=https%3A%2F%2Fs3.example").unwrap();
        assert_eq!(coded.host().as_deref(), Some("https://s3.example"));
        assert_eq!((coded.style, coded.prefix), (Style::Path, None));

        let amazon = place("s3://clips?region=eu-west-1").unwrap();
        assert_eq!((amazon.style, amazon.host()), (Style::Virtual, None));
        assert_eq!(amazon.origin(), "https://clips.s3.eu-west-1.amazonaws.com");
    }

    #[test]
    fn what_is_no_address_is_refused_with_its_reason() {
        for (text, why) in [
            ("http://clips", BadS3Place::Scheme),
            ("s3://", BadS3Place::Bucket),
            ("s3://ab", BadS3Place::Bucket),
            ("s3://key:secret@clips", BadS3Place::Bucket),
            ("s3://clips/A", BadS3Place::Prefix),
            ("s3://clips/a//b", BadS3Place::Prefix),
            ("s3://clips?endpoint=s3.example", BadS3Place::Endpoint),
            (
                "s3://clips?endpoint=https://key:secret@s3.example",
                BadS3Place::Endpoint,
            ),
            (
                "s3://clips?endpoint=https://s3.example/path",
                BadS3Place::Endpoint,
            ),
            ("s3://clips?region=", BadS3Place::Region),
            ("s3://clips?style=odd", BadS3Place::Style),
            ("s3://clips?key=1", BadS3Place::Unknown("key".to_owned())),
            (
                "s3://clips?style=path&style=path",
                BadS3Place::Unknown("style".to_owned()),
            ),
        ] {
            assert_eq!(place(text), Err(why), "{text}");
        }
    }

    #[test]
    fn keys_do_not_show_themselves() {
        let keys = S3Keys {
            access_key_id: "who".to_owned(),
            secret_access_key: "hush".to_owned(),
            session_token: None,
        };
        assert_eq!(format!("{keys:?}"), "S3Keys(…)");
    }
}
