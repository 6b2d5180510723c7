//! Settings of media in a bucket.

use api::MediaRedirect;
use objects::{S3Keys, S3Place, S3Settings};

use super::{Chosen, SettingsError};

impl Chosen {
    /// Whether media is in a bucket.
    pub(super) fn is_s3(&self) -> bool {
        self.text("objects_url").starts_with("s3://")
    }

    pub(super) fn s3(&self) -> Result<Option<S3Settings>, SettingsError> {
        if !self.is_s3() {
            return Ok(None);
        }
        let given = (self.text("s3_access_key_id"), self.text("s3_secret_access_key"));
        let of_environment = |name: &str| std::env::var(name).ok().filter(|value| !value.is_empty());
        let keys = match given {
            ("", "") => {
                let id = of_environment("AWS_ACCESS_KEY_ID");
                let secret = of_environment("AWS_SECRET_ACCESS_KEY");
                id.zip(secret).map(|(access_key_id, secret_access_key)| S3Keys {
                    access_key_id,
                    secret_access_key,
                    session_token: of_environment("AWS_SESSION_TOKEN"),
                })
            }
            ("", _) | (_, "") => None,
            (id, secret) => Some(S3Keys {
                access_key_id: id.to_owned(),
                secret_access_key: secret.to_owned(),
                session_token: None,
            }),
        };
        Ok(Some(S3Settings {
            place: self.place()?,
            keys: keys.ok_or(SettingsError::Keys)?,
            cache_bytes: self.parse("cache_bytes", "a whole number of bytes")?,
        }))
    }

    fn place(&self) -> Result<S3Place, SettingsError> {
        self.text("objects_url").parse().map_err(SettingsError::Bucket)
    }

    pub(super) fn media_redirect(&self) -> Result<MediaRedirect, SettingsError> {
        let wrong = |expected| SettingsError::Value {
            name: "media_redirect",
            value: self.text("media_redirect").to_owned(),
            expected,
        };
        match self.text("media_redirect").trim_end_matches('/') {
            "" => Ok(MediaRedirect::None),
            _ if !self.is_s3() => Err(wrong("of use without a bucket in `objects_url`")),
            "presigned" => Ok(MediaRedirect::Presigned {
                origin: self.place()?.origin(),
            }),
            base if is_base(base) => Ok(MediaRedirect::Base {
                base: base.to_owned(),
            }),
            _ => Err(wrong(
                "presigned, or an address such as https://cdn.example/media",
            )),
        }
    }
}

/// An address without anything that would end a policy or begin another part of an address.
fn is_base(text: &str) -> bool {
    let rest = text
        .strip_prefix("https://")
        .or_else(|| text.strip_prefix("http://"));
    let fits = |b: u8| b.is_ascii_alphanumeric() || b"-._~/:[]%".contains(&b);
    rest.is_some_and(|rest| !rest.starts_with('/') && !rest.is_empty() && rest.bytes().all(fits))
}
