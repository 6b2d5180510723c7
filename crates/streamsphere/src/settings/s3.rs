//! Settings of buckets: of media, and of backups.

use api::MediaRedirect;
use objects::{S3Keys, S3Place, S3Settings};

use app::backup::Place;

use super::chosen::absolute;
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
        Ok(Some(S3Settings {
            place: self.place()?,
            keys: self.keys().ok_or(SettingsError::Keys)?,
            cache_bytes: self.parse("cache_bytes", "a whole number of bytes")?,
        }))
    }

    /// What opens the bucket of media, or another that is named no keys of its own.
    pub(super) fn keys(&self) -> Option<S3Keys> {
        let of_environment = |name: &str| std::env::var(name).ok().filter(|value| !value.is_empty());
        match (self.text("s3_access_key_id"), self.text("s3_secret_access_key")) {
            ("", "") => {
                let id = of_environment("AWS_ACCESS_KEY_ID");
                let secret = of_environment("AWS_SECRET_ACCESS_KEY");
                id.zip(secret).map(|(access_key_id, secret_access_key)| S3Keys {
                    access_key_id,
                    secret_access_key,
                    session_token: of_environment("AWS_SESSION_TOKEN"),
                })
            }
            (id, secret) => pair(id, secret),
        }
    }

    /// What opens the bucket of backups.
    pub(super) fn backup_keys(&self) -> Option<S3Keys> {
        match (
            self.text("backup_s3_access_key_id"),
            self.text("backup_s3_secret_access_key"),
        ) {
            ("", "") => self.keys(),
            (id, secret) => pair(id, secret),
        }
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

fn pair(id: &str, secret: &str) -> Option<S3Keys> {
    (!id.is_empty() && !secret.is_empty()).then(|| S3Keys {
        access_key_id: id.to_owned(),
        secret_access_key: secret.to_owned(),
        session_token: None,
    })
}

/// A folder, or a bucket that these keys open; `cache_bytes` of it may be kept here.
pub(super) fn place_of(url: &str, keys: Option<&S3Keys>, cache_bytes: u64) -> Result<Place, SettingsError> {
    if url.starts_with("s3://") {
        return Ok(Place::Bucket(Box::new(S3Settings {
            place: url.parse().map_err(SettingsError::OtherBucket)?,
            keys: keys.cloned().ok_or(SettingsError::Keys)?,
            cache_bytes,
        })));
    }
    if url.contains("://") || url.is_empty() {
        return Err(SettingsError::Value {
            name: "backup_url",
            value: url.split('@').next_back().unwrap_or_default().to_owned(),
            expected: "a folder such as /mnt/backup, or s3://bucket/prefix",
        });
    }
    let path = url.strip_prefix("file:").unwrap_or(url);
    Ok(Place::Folder(absolute(path.into())))
}

/// An address without anything that would end a policy or begin another part of an address.
fn is_base(text: &str) -> bool {
    let rest = text
        .strip_prefix("https://")
        .or_else(|| text.strip_prefix("http://"));
    let fits = |b: u8| b.is_ascii_alphanumeric() || b"-._~/:[]%".contains(&b);
    rest.is_some_and(|rest| !rest.starts_with('/') && !rest.is_empty() && rest.bytes().all(fits))
}
