//! What was chosen: values from flags, the environment, the file and the defaults, and their types.

use std::collections::HashMap;
use std::fmt::Write as _;
use std::net::IpAddr;
use std::path::{Path, PathBuf};

use clap::parser::ValueSource;
use clap::{Arg, ArgMatches};
use media::ladder::{self, LadderSettings};
use model::users::Registration;

use super::{Backup, LogFormat, Role, SETTINGS, Setting, Settings, SettingsError};

/// The flags of all settings, and the one that names the file.
pub fn arguments() -> Vec<Arg> {
    let file = Arg::new("config")
        .long("config")
        .env("STREAMSPHERE_CONFIG")
        .value_name("FILE")
        .global(true)
        .help("TOML file with settings. Default: streamsphere.toml in the present folder, if there is one");
    let mut all = vec![file];
    all.extend(SETTINGS.iter().map(|setting| {
        Arg::new(setting.name)
            .long(leak(setting.flag()))
            .env(leak(setting.env()))
            .value_name("VALUE")
            .global(true)
            .help_heading("Settings")
            .hide_env_values(setting.secret || setting.opens_something())
            .hide_short_help(!matches!(setting.name, "listen" | "data_dir" | "public_url"))
            .help(setting.help)
    }));
    all
}

/// Flags live as long as the program; there are a few dozen.
fn leak(text: String) -> &'static str {
    Box::leak(text.into_boxed_str())
}

/// A setting as it holds.
#[derive(Debug, Clone)]
pub struct Held {
    /// Which.
    pub setting: &'static Setting,
    /// As it was written.
    pub value: String,
    /// `flag`, `environment`, `file` or `default`.
    pub source: &'static str,
}

/// What each setting was set to, and by what.
#[derive(Debug)]
pub struct Chosen(HashMap<&'static str, (String, &'static str)>);

const SWITCH: &[(&str, bool)] = &[("true", true), ("on", true), ("false", false), ("off", false)];

impl Chosen {
    /// Collects the values from the flags, the environment, the file and the defaults.
    pub fn collect(matches: &ArgMatches) -> Result<Self, SettingsError> {
        let named = matches.get_one::<String>("config").map(PathBuf::from);
        let path = named
            .clone()
            .unwrap_or_else(|| PathBuf::from("streamsphere.toml"));
        let from_file = if named.is_some() || path.exists() {
            read_file(&path)?
        } else {
            HashMap::new()
        };
        let mut chosen = HashMap::new();
        for setting in SETTINGS {
            let given = matches.get_one::<String>(setting.name).cloned();
            let value = match (given, from_file.get(setting.name)) {
                (Some(value), _) => {
                    let source = match matches.value_source(setting.name) {
                        Some(ValueSource::CommandLine) => "flag",
                        _ => "environment",
                    };
                    (value, source)
                }
                (None, Some(value)) => (value.clone(), "file"),
                (None, None) => (setting.default.to_owned(), "default"),
            };
            chosen.insert(setting.name, value);
        }
        Ok(Self(chosen))
    }

    /// Defaults, but for these; for tests that start a server of their own.
    pub fn with(values: &[(&'static str, String)]) -> Self {
        let mut chosen: HashMap<_, _> = SETTINGS
            .iter()
            .map(|setting| (setting.name, (setting.default.to_owned(), "default")))
            .collect();
        for (name, value) in values {
            chosen.insert(name, (value.clone(), "flag"));
        }
        Self(chosen)
    }

    pub(super) fn text(&self, name: &'static str) -> &str {
        self.0.get(name).map_or("", |(value, _)| value.trim())
    }

    pub(super) fn parse<T: std::str::FromStr>(
        &self,
        name: &'static str,
        expected: &'static str,
    ) -> Result<T, SettingsError> {
        let value = self.text(name);
        value.parse().map_err(|_| SettingsError::Value {
            name,
            value: value.to_owned(),
            expected,
        })
    }

    fn within(
        &self,
        name: &'static str,
        range: std::ops::RangeInclusive<u32>,
        expected: &'static str,
    ) -> Result<u32, SettingsError> {
        let value: u32 = self.parse(name, expected)?;
        if range.contains(&value) {
            return Ok(value);
        }
        Err(SettingsError::Value {
            name,
            value: value.to_string(),
            expected,
        })
    }

    fn one_of<T: Copy>(
        &self,
        name: &'static str,
        choices: &[(&str, T)],
        expected: &'static str,
    ) -> Result<T, SettingsError> {
        let value = self.text(name);
        choices
            .iter()
            .find(|(choice, _)| *choice == value)
            .map(|(_, meaning)| *meaning)
            .ok_or_else(|| SettingsError::Value {
                name,
                value: value.to_owned(),
                expected,
            })
    }

    fn list(&self, name: &'static str) -> Vec<String> {
        let parts = self.text(name).split(',').map(|part| part.trim().to_owned());
        parts.filter(|part| !part.is_empty()).collect()
    }

    fn path(&self, name: &'static str, scheme: &str, default: PathBuf) -> Result<PathBuf, SettingsError> {
        let value = self.text(name);
        if value.is_empty() {
            return Ok(default);
        }
        if let Some(path) = value.strip_prefix(scheme) {
            return Ok(absolute(PathBuf::from(path.trim_start_matches("//"))));
        }
        if value.contains("://") {
            return Err(SettingsError::Unsupported {
                name,
                value: value.to_owned(),
            });
        }
        Ok(absolute(PathBuf::from(value)))
    }

    fn ladder(&self) -> Result<LadderSettings, SettingsError> {
        let ladder = LadderSettings {
            max_height: self.parse("max_height", "a number of pixels")?,
            rungs: ladder::parse_rungs(self.text("rungs"))?,
            codecs: ladder::parse_codecs(self.text("extra_codecs"))?,
            preset: self.text("encode_preset").parse()?,
            chunk_s: self.parse("chunk_seconds", "a number of seconds")?,
            split_after_s: self.parse("split_after_seconds", "a number of seconds")?,
        };
        ladder.check()?;
        Ok(ladder)
    }

    fn backup(&self) -> Result<Backup, SettingsError> {
        let keys = self.backup_keys();
        let mut backup = Backup {
            place: None,
            every_hours: self.parse("backup_every_hours", "a whole number of hours")?,
            keep: self
                .parse::<std::num::NonZeroU32>("backup_keep", "a whole number, 1 or more")?
                .get() as usize,
            keys,
        };
        match self.text("backup_url") {
            "" if backup.every_hours > 0 => {
                return Err(SettingsError::Value {
                    name: "backup_every_hours",
                    value: backup.every_hours.to_string(),
                    expected: "of use without a place in `backup_url`",
                });
            }
            "" => {}
            url => backup.place = backup.place(Some(url))?,
        }
        Ok(backup)
    }

    fn egress(&self) -> Result<egress::Settings, SettingsError> {
        let named = self.list("egress_allow");
        let allowed = egress::Allowed::parse(named.iter().map(String::as_str));
        let roots = Some(self.text("egress_ca_file")).filter(|path| !path.is_empty());
        Ok(egress::Settings {
            allowed: allowed.map_err(|_| SettingsError::Value {
                name: "egress_allow",
                value: named.join(","),
                expected: "addresses such as 10.0.0.5 and ranges such as 10.0.0.0/8",
            })?,
            plain: self.one_of("egress_http", SWITCH, "true or false")?,
            roots: roots.map(|path| absolute(PathBuf::from(path))),
            ..egress::Settings::default()
        })
    }

    fn push_contact(&self) -> Result<Option<String>, SettingsError> {
        match self.text("push_contact") {
            "" => Ok(None),
            contact if contact.starts_with("mailto:") || contact.starts_with("https://") => {
                Ok(Some(contact.to_owned()))
            }
            contact => Err(SettingsError::Value {
                name: "push_contact",
                value: contact.to_owned(),
                expected: "an address such as mailto:ops@videos.example",
            }),
        }
    }

    fn postgres(&self) -> Result<Option<store::Postgres>, SettingsError> {
        let url = self.text("database_url");
        let named = self.list("database_replica_urls");
        if !store::Address::is_meant(url) {
            if !named.is_empty() {
                return Err(SettingsError::Value {
                    name: "database_replica_urls",
                    value: "a list".to_owned(),
                    expected: "for SQLite; only a PostgreSQL has followers",
                });
            }
            return Ok(None);
        }
        let address = |name, url: &str| {
            store::Address::parse(url).map_err(|source| SettingsError::Database { name, source })
        };
        Ok(Some(store::Postgres {
            address: address("database_url", url)?,
            replicas: named
                .iter()
                .map(|url| address("database_replica_urls", url))
                .collect::<Result<_, _>>()?,
            connections: self.within("database_connections", 4..=1_000, "a number from 4 to 1000")? as usize,
        }))
    }

    fn public_url(&self) -> Result<Option<String>, SettingsError> {
        match self.text("public_url").trim_end_matches('/') {
            "" => Ok(None),
            url if (url.starts_with("http://") || url.starts_with("https://"))
                && !url.contains([' ', '?', '#']) =>
            {
                Ok(Some(url.to_owned()))
            }
            url => {
                let expected = "an address such as https://videos.example";
                Err(SettingsError::Value {
                    name: "public_url",
                    value: url.to_owned(),
                    expected,
                })
            }
        }
    }

    fn trusted_proxies(&self) -> Result<Vec<IpAddr>, SettingsError> {
        self.list("trusted_proxies")
            .into_iter()
            .map(|value| {
                value.parse().map_err(|_| SettingsError::Value {
                    name: "trusted_proxies",
                    value,
                    expected: "an IP address",
                })
            })
            .collect()
    }

    /// The values with their types.
    #[expect(
        clippy::too_many_lines,
        reason = "a table: a setting after the other, read from top to bottom"
    )]
    pub fn settings(&self) -> Result<Settings, SettingsError> {
        let data_dir = absolute(PathBuf::from(self.text("data_dir")));
        let bus = match self.text("bus_url") {
            "" => None,
            url if url.starts_with("nats://") || url.starts_with("tls://") => Some(url.to_owned()),
            url => {
                return Err(SettingsError::Unsupported {
                    name: "bus_url",
                    value: url.to_owned(),
                });
            }
        };
        let public_url = self.public_url()?;
        let postgres = self.postgres()?;
        let trusted_proxies = self.trusted_proxies()?;
        let encode_nice: u8 = self.parse("encode_nice", "a number from 0 to 19")?;
        Ok(Settings {
            listen: self.parse("listen", "an address and port such as 127.0.0.1:8000")?,
            public_url,
            cors_origins: self
                .list("cors_origins")
                .iter()
                .map(|o| o.trim_end_matches('/').to_owned())
                .collect(),
            trusted_proxies,
            rate_limits: self.one_of("rate_limits", SWITCH, "on or off")?,
            web_app: self.one_of("web_app", SWITCH, "on or off")?,
            require_sign_in: self.one_of("require_sign_in", SWITCH, "true or false")?,
            registration: self.one_of(
                "registration",
                &[
                    ("open", Registration::Open),
                    ("approval", Registration::Approval),
                    ("closed", Registration::Closed),
                ],
                "open, approval or closed",
            )?,
            max_connections: self.parse("max_connections", "a whole number")?,
            role: self.one_of(
                "role",
                &[("all", Role::All), ("web", Role::Web), ("worker", Role::Worker)],
                "all, web or worker",
            )?,
            drain_delay_seconds: self.parse("drain_delay_seconds", "a whole number")?,
            drain_seconds: self.parse("drain_seconds", "a whole number")?,
            bus,
            database: if postgres.is_some() {
                data_dir.join("streamsphere.db")
            } else {
                self.path("database_url", "sqlite:", data_dir.join("streamsphere.db"))?
            },
            postgres,
            objects: if self.is_s3() {
                data_dir.join("cache")
            } else {
                self.path("objects_url", "file:", data_dir.join("objects"))?
            },
            s3: self.s3()?,
            keys: self.keys(),
            backup: self.backup()?,
            media_redirect: self.media_redirect()?,
            key_file: self.path("key_file", "file:", data_dir.join("secret.key"))?,
            max_upload_bytes: self.parse("max_upload_bytes", "a whole number of bytes")?,
            disk_reserve_bytes: self.parse("disk_reserve_bytes", "a whole number of bytes")?,
            upload_expire_hours: self.parse("upload_expire_hours", "a whole number of hours")?,
            user_quota_bytes: self.parse("user_quota_bytes", "a whole number of bytes")?,
            user_daily_bytes: self.parse("user_daily_bytes", "a whole number of bytes")?,
            export_keep_days: self
                .parse::<std::num::NonZeroU32>("export_keep_days", "a whole number of days, 1 or more")?
                .get(),
            analytics_minutes_keep_hours: self.within(
                "analytics_minutes_keep_hours",
                1..=8_784,
                "a number of hours from 1 to 8784",
            )?,
            analytics_hours_keep_days: self.within(
                "analytics_hours_keep_days",
                2..=400,
                "a number of days from 2 to 400",
            )?,
            analytics_days_keep_days: self.parse("analytics_days_keep_days", "a whole number of days")?,
            encode_jobs: self.parse("encode_jobs", "a whole number")?,
            encode_threads: self.parse("encode_threads", "a whole number")?,
            encode_nice: encode_nice.min(19),
            ladder: self.ladder()?,
            keep_originals: self.one_of("keep_originals", SWITCH, "true or false")?,
            audio_only: self.one_of("audio_only", SWITCH, "true or false")?,
            require_sandbox: self.one_of("require_sandbox", SWITCH, "true or false")?,
            egress: self.egress()?,
            push_contact: self.push_contact()?,
            analytics_respect_privacy_signals: self.one_of(
                "analytics_respect_privacy_signals",
                SWITCH,
                "true or false",
            )?,
            geoip_file: Some(self.text("geoip_file"))
                .filter(|path| !path.is_empty())
                .map(|path| absolute(PathBuf::from(path))),
            log_format: self.one_of(
                "log_format",
                &[
                    ("auto", LogFormat::Auto),
                    ("human", LogFormat::Human),
                    ("json", LogFormat::Json),
                ],
                "auto, human or json",
            )?,
            log_level: self.text("log_level").to_owned(),
            held: self.held(),
            data_dir,
        })
    }

    /// Every setting, its value, and what set it.
    fn held(&self) -> Vec<Held> {
        let all = SETTINGS.iter().map(|setting| {
            let chosen = self.0.get(setting.name);
            let (value, source) = chosen.map_or(("", "default"), |(value, source)| (value.as_str(), *source));
            Held {
                setting,
                value: value.to_owned(),
                source,
            }
        });
        all.collect()
    }

    /// The same, a line for each.
    pub fn print(&self) -> String {
        let mut out = String::new();
        for Held {
            setting,
            value,
            source,
        } in self.held()
        {
            let value = if setting.secret && !value.is_empty() {
                "…"
            } else {
                &value
            };
            let value = if setting.opens_something() {
                api::settings::without_credentials(value)
            } else {
                value.to_owned()
            };
            let _ = writeln!(out, "{} = {value:?}  # {source}", setting.name);
        }
        out
    }
}

/// The path from the root on: ffmpeg is started elsewhere, where "./data" would be another folder.
pub(super) fn absolute(path: PathBuf) -> PathBuf {
    std::path::absolute(&path).unwrap_or(path)
}

pub(super) fn read_file(path: &Path) -> Result<HashMap<&'static str, String>, SettingsError> {
    let text = std::fs::read_to_string(path).map_err(|source| SettingsError::Read {
        path: path.to_owned(),
        source,
    })?;
    let table: toml::Table = text.parse().map_err(|source| SettingsError::Syntax {
        path: path.to_owned(),
        source: Box::new(source),
    })?;
    let mut found = HashMap::new();
    for (section, values) in table {
        let toml::Value::Table(values) = values else {
            return Err(SettingsError::Unknown {
                path: path.to_owned(),
                key: section,
            });
        };
        for (key, value) in values {
            let known = SETTINGS
                .iter()
                .find(|setting| setting.section == section && setting.name == key);
            let Some(setting) = known else {
                return Err(SettingsError::Unknown {
                    path: path.to_owned(),
                    key: format!("{section}.{key}"),
                });
            };
            let text = match value {
                toml::Value::String(text) => text,
                toml::Value::Array(parts) => parts
                    .iter()
                    .filter_map(|part| part.as_str())
                    .collect::<Vec<_>>()
                    .join(","),
                other => other.to_string(),
            };
            found.insert(setting.name, text);
        }
    }
    Ok(found)
}
