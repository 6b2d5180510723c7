//! Settings: one table of names, defaults and sentences, from which the flags, the environment variables,
//! the TOML file, the example file and the README's table are made.
//!
//! A flag beats the environment, the environment beats the file, the file beats the default. Unknown keys
//! in the file are refused.

use std::net::{IpAddr, SocketAddr};
use std::path::PathBuf;

use media::ladder::{LadderSettings, LadderSettingsError};
use thiserror::Error;

mod chosen;
mod s3;
mod table;

pub use chosen::{Chosen, Held, arguments};
pub use table::{SETTINGS, Setting, example, table};

/// How the log is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LogFormat {
    /// Human on a terminal, JSON elsewhere.
    Auto,
    /// Lines for people.
    Human,
    /// Lines for programs.
    Json,
}

/// What a node does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Role {
    /// Everything.
    All,
    /// Answers requests.
    Web,
    /// Background work.
    Worker,
}

/// Settings with their types.
#[derive(Debug, Clone)]
#[expect(clippy::struct_excessive_bools, reason = "each is a setting of its own")]
#[expect(
    missing_docs,
    reason = "each field is described in SETTINGS, under its own name"
)]
pub struct Settings {
    pub listen: SocketAddr,
    pub data_dir: PathBuf,
    pub public_url: Option<String>,
    pub cors_origins: Vec<String>,
    pub trusted_proxies: Vec<IpAddr>,
    pub rate_limits: bool,
    pub web_app: bool,
    pub require_sign_in: bool,
    pub registration: model::users::Registration,
    pub max_connections: usize,
    pub role: Role,
    pub drain_delay_seconds: u64,
    pub drain_seconds: u64,
    /// The bus between nodes; `None`: inside this process.
    pub bus: Option<String>,
    pub database: PathBuf,
    /// In place of that file.
    pub postgres: Option<store::Postgres>,
    /// Where blobs are, or the cache of a bucket's.
    pub objects: PathBuf,
    /// The bucket, where blobs are in one.
    pub s3: Option<objects::S3Settings>,
    /// What opens buckets that are named on the command line.
    pub keys: Option<objects::S3Keys>,
    /// Where backups go, when.
    pub backup: Backup,
    pub media_redirect: api::MediaRedirect,
    pub key_file: PathBuf,
    pub max_upload_bytes: u64,
    pub disk_reserve_bytes: u64,
    pub upload_expire_hours: u32,
    pub user_quota_bytes: u64,
    pub user_daily_bytes: u64,
    /// In days.
    pub export_keep_days: u32,
    /// In hours.
    pub analytics_minutes_keep_hours: u32,
    /// In days.
    pub analytics_hours_keep_days: u32,
    /// In days.
    pub analytics_days_keep_days: u32,
    pub encode_jobs: usize,
    pub encode_threads: usize,
    pub encode_nice: u8,
    pub ladder: LadderSettings,
    pub keep_originals: bool,
    /// Whether files with sound and no picture are taken.
    pub audio_only: bool,
    pub require_sandbox: bool,
    pub egress: egress::Settings,
    pub push_contact: Option<String>,
    pub analytics_respect_privacy_signals: bool,
    pub geoip_file: Option<PathBuf>,
    pub log_format: LogFormat,
    pub log_level: String,
    /// All of them as they were written, and what set them.
    pub held: Vec<Held>,
}

impl Settings {
    /// How the store is opened.
    pub fn store(&self) -> store::Settings {
        store::Settings {
            postgres: self.postgres.clone(),
            ..store::Settings::sqlite(&self.database)
        }
    }
}

/// How backups are made.
#[derive(Debug, Clone)]
pub struct Backup {
    /// Where to; `None`: nothing was said.
    pub place: Option<app::backup::Place>,
    /// How many hours apart; 0: not by themselves.
    pub every_hours: u32,
    /// How many stay.
    pub keep: usize,
    /// What opens a bucket that is named on the command line.
    pub keys: Option<objects::S3Keys>,
}

impl Backup {
    /// The place that is named, or the one of the settings.
    pub fn place(&self, named: Option<&str>) -> Result<Option<app::backup::Place>, SettingsError> {
        match named {
            Some(url) => s3::place_of(url, self.keys.as_ref(), BACKUP_CACHE_BYTES).map(Some),
            None => Ok(self.place.clone()),
        }
    }
}

/// The most that is kept here of a bucket that a command works with.
const BACKUP_CACHE_BYTES: u64 = 1 << 28;

/// The bucket of this address, opened by the keys that are set; for the command line.
pub fn bucket(settings: &Settings, url: &str) -> Result<objects::S3Settings, SettingsError> {
    match s3::place_of(url, settings.keys.as_ref(), BACKUP_CACHE_BYTES)? {
        app::backup::Place::Bucket(bucket) => Ok(*bucket),
        app::backup::Place::Folder(_) => Err(SettingsError::OtherBucket(objects::BadS3Place::Scheme)),
    }
}

/// The settings cannot be used.
#[derive(Debug, Error)]
pub enum SettingsError {
    /// The file cannot be read.
    #[error("settings file {path}: {source}")]
    Read {
        /// Which file.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// The file is not TOML.
    #[error("settings file {path}: {source}")]
    Syntax {
        /// Which file.
        path: PathBuf,
        /// Where and why.
        source: Box<toml::de::Error>,
    },
    /// The file has a key that means nothing.
    #[error(
        "settings file {path}: there is no setting `{key}`; `streamsphere config print --example` shows all"
    )]
    Unknown {
        /// Which file.
        path: PathBuf,
        /// Which key.
        key: String,
    },
    /// A value has the wrong form.
    #[error("setting `{name}`: `{value}` is not {expected}")]
    Value {
        /// Which setting.
        name: &'static str,
        /// What was said.
        value: String,
        /// What would do.
        expected: &'static str,
    },
    /// Not the address of a database; said without the value, which has a password in it.
    #[error("setting `{name}`: {source}")]
    Database {
        /// Which setting.
        name: &'static str,
        /// What is wrong with it.
        source: store::BadAddress,
    },
    /// The renditions make no sense together.
    #[error("settings of renditions: {0}")]
    Ladder(#[from] LadderSettingsError),
    /// The address of the bucket is none. It is not repeated, for somebody may have written keys into it.
    #[error("setting `objects_url`: {0}")]
    Bucket(objects::BadS3Place),
    /// The address of another bucket is none.
    #[error("the address of a bucket: {0}")]
    OtherBucket(objects::BadS3Place),
    /// A bucket without what opens it.
    #[error("settings `s3_access_key_id` and `s3_secret_access_key`: a bucket needs both")]
    Keys,
    /// This version cannot do that yet.
    #[error("setting `{name}`: {value} is not supported by this version; leave it empty")]
    Unsupported {
        /// Which setting.
        name: &'static str,
        /// What was said.
        value: String,
    },
}

#[cfg(test)]
mod tests;
