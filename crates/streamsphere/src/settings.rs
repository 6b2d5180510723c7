//! Settings: one table of names, defaults and sentences, from which the flags, the environment variables,
//! the TOML file, the example file and the README's table are made.
//!
//! A flag beats the environment, the environment beats the file, the file beats the default. Unknown keys
//! in the file are refused.

use std::collections::HashMap;
use std::fmt::Write as _;
use std::net::{IpAddr, SocketAddr};
use std::path::{Path, PathBuf};

use clap::parser::ValueSource;
use clap::{Arg, ArgMatches};
use media::ladder::{self, LadderSettings, LadderSettingsError};
use thiserror::Error;

/// One setting.
#[derive(Debug, Clone, Copy)]
pub struct Setting {
    /// Section of the file.
    pub section: &'static str,
    /// Name in the file and, with dashes, of the flag; upper-case after `STREAMSPHERE_` in the environment.
    pub name: &'static str,
    /// What holds when nothing is said.
    pub default: &'static str,
    /// What it does.
    pub help: &'static str,
}

const fn setting(
    section: &'static str,
    name: &'static str,
    default: &'static str,
    help: &'static str,
) -> Setting {
    Setting {
        section,
        name,
        default,
        help,
    }
}

/// All settings.
pub const SETTINGS: &[Setting] = &[
    setting(
        "server",
        "listen",
        "127.0.0.1:8000",
        "Address and port to listen on.",
    ),
    setting(
        "server",
        "data_dir",
        "./data",
        "Folder of everything the server keeps: database, media, keys.",
    ),
    setting(
        "server",
        "public_url",
        "",
        "Address that people use, for links and cookies: https://videos.example. Empty: http:// and what is listened on.",
    ),
    setting(
        "server",
        "cors_origins",
        "",
        "Origins of front ends elsewhere that may use the API with cookies, with commas between: https://front.example.",
    ),
    setting(
        "server",
        "trusted_proxies",
        "",
        "Addresses of reverse proxies whose X-Forwarded-For is believed, with commas between.",
    ),
    setting(
        "server",
        "rate_limits",
        "on",
        "Limits on sign-in attempts and changes: on, or off for load tests.",
    ),
    setting(
        "server",
        "require_sign_in",
        "false",
        "Whether watching needs signing in: true or false.",
    ),
    setting(
        "server",
        "registration",
        "open",
        "Who may register: open, or closed (accounts are made by `admin create`).",
    ),
    setting(
        "server",
        "max_connections",
        "0",
        "Connections open at once. 0: as many as the limit on open files allows.",
    ),
    setting(
        "server",
        "drain_seconds",
        "10",
        "How long requests under way may go on after the first signal to stop.",
    ),
    setting(
        "storage",
        "database_url",
        "",
        "Where metadata is kept. Empty: SQLite in the data folder. sqlite:PATH names another file.",
    ),
    setting(
        "storage",
        "objects_url",
        "",
        "Where media is kept. Empty: objects/ in the data folder. file:PATH names another folder.",
    ),
    setting(
        "storage",
        "bus_url",
        "",
        "How nodes wake each other. Empty: inside this process.",
    ),
    setting(
        "storage",
        "key_file",
        "",
        "File with the key that signs tokens and links; made when missing. Empty: secret.key in the data folder. Keep it out of backups of the data.",
    ),
    setting(
        "storage",
        "max_upload_bytes",
        "21474836480",
        "Largest video file taken, in bytes (20 GiB).",
    ),
    setting(
        "storage",
        "disk_reserve_bytes",
        "1073741824",
        "Free bytes that uploads must leave on the disk (1 GiB).",
    ),
    setting(
        "storage",
        "upload_expire_hours",
        "24",
        "How long an upload over several requests (tus) waits for its next bytes before it is given up, in hours.",
    ),
    setting(
        "storage",
        "user_quota_bytes",
        "0",
        "The most that one person may store, in bytes, renditions included. 0: no bound. `admin set-quota` sets another for one person.",
    ),
    setting(
        "storage",
        "user_daily_bytes",
        "0",
        "The most that one person may upload in a day (UTC), in bytes. 0: no bound.",
    ),
    setting(
        "media",
        "encode_jobs",
        "0",
        "Encodes that run at once. 0: half the cores.",
    ),
    setting(
        "media",
        "encode_threads",
        "0",
        "Threads of one encode. 0: the cores, shared among the encodes that run at once.",
    ),
    setting(
        "media",
        "encode_nice",
        "19",
        "Niceness of ffmpeg, 0 to 19: watching goes before encoding. Lower it where other programs keep the machine busy.",
    ),
    setting(
        "media",
        "max_height",
        "1080",
        "Largest rendition by the short side of its picture: 240, 360, 480, 720, 1080, 1440 or 2160. Nothing is made larger than its source.",
    ),
    setting(
        "media",
        "rungs",
        "240:400,360:800,480:1400,720:3000,1080:6000,1440:10000,2160:20000",
        "Renditions and the most kilobits per second of each in H.264 at 30 frames a second; half as much again above 40.",
    ),
    setting(
        "media",
        "extra_codecs",
        "",
        "Further sets of renditions beside H.264, with commas between: hevc, vp9, av1.",
    ),
    setting(
        "media",
        "encode_preset",
        "veryfast",
        "Time against size: ultrafast, superfast, veryfast, faster, fast, medium, slow or slower.",
    ),
    setting(
        "media",
        "split_after_seconds",
        "300",
        "Longer videos are cut into pieces that workers encode side by side.",
    ),
    setting("media", "chunk_seconds", "60", "Length of such a piece."),
    setting(
        "media",
        "keep_originals",
        "true",
        "Whether uploaded files stay after processing: true or false. The owner of a video can say otherwise.",
    ),
    setting(
        "media",
        "audio_only",
        "false",
        "Whether files with sound and no picture are taken too: true or false. They play with a still picture.",
    ),
    setting(
        "media",
        "require_sandbox",
        "false",
        "Refuse to start where uploads cannot be read in the full sandbox (Landlock and seccomp): true or false.",
    ),
    setting(
        "log",
        "log_format",
        "auto",
        "Form of the log: human, json, or auto (human on a terminal).",
    ),
    setting(
        "log",
        "log_level",
        "info",
        "What is logged: error, warn, info, debug, or a tracing filter.",
    ),
];

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
    pub require_sign_in: bool,
    pub registration_open: bool,
    pub max_connections: usize,
    pub drain_seconds: u64,
    pub database: PathBuf,
    pub objects: PathBuf,
    pub key_file: PathBuf,
    pub max_upload_bytes: u64,
    pub disk_reserve_bytes: u64,
    pub upload_expire_hours: u32,
    pub user_quota_bytes: u64,
    pub user_daily_bytes: u64,
    pub encode_jobs: usize,
    pub encode_threads: usize,
    pub encode_nice: u8,
    pub ladder: LadderSettings,
    pub keep_originals: bool,
    /// Whether files with sound and no picture are taken.
    pub audio_only: bool,
    pub require_sandbox: bool,
    pub log_format: LogFormat,
    pub log_level: String,
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
    /// The renditions make no sense together.
    #[error("settings of renditions: {0}")]
    Ladder(#[from] LadderSettingsError),
    /// This version cannot do that yet.
    #[error("setting `{name}`: {value} is not supported by this version; leave it empty")]
    Unsupported {
        /// Which setting.
        name: &'static str,
        /// What was said.
        value: String,
    },
}

impl Setting {
    /// Name of the environment variable.
    pub fn env(&self) -> String {
        format!("STREAMSPHERE_{}", self.name.to_uppercase())
    }

    /// Name of the flag.
    pub fn flag(&self) -> String {
        self.name.replace('_', "-")
    }
}

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
            .hide_short_help(!matches!(setting.name, "listen" | "data_dir" | "public_url"))
            .help(setting.help)
    }));
    all
}

/// Flags live as long as the program; there are a few dozen.
fn leak(text: String) -> &'static str {
    Box::leak(text.into_boxed_str())
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

    fn text(&self, name: &'static str) -> &str {
        self.0.get(name).map_or("", |(value, _)| value.trim())
    }

    fn parse<T: std::str::FromStr>(
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

    /// The values with their types.
    pub fn settings(&self) -> Result<Settings, SettingsError> {
        let data_dir = absolute(PathBuf::from(self.text("data_dir")));
        if !self.text("bus_url").is_empty() {
            let value = self.text("bus_url").to_owned();
            return Err(SettingsError::Unsupported {
                name: "bus_url",
                value,
            });
        }
        let public_url = match self.text("public_url").trim_end_matches('/') {
            "" => None,
            url if (url.starts_with("http://") || url.starts_with("https://"))
                && !url.contains([' ', '?', '#']) =>
            {
                Some(url.to_owned())
            }
            url => {
                let expected = "an address such as https://videos.example";
                return Err(SettingsError::Value {
                    name: "public_url",
                    value: url.to_owned(),
                    expected,
                });
            }
        };
        let trusted_proxies = self
            .list("trusted_proxies")
            .into_iter()
            .map(|value| {
                value.parse().map_err(|_| SettingsError::Value {
                    name: "trusted_proxies",
                    value,
                    expected: "an IP address",
                })
            })
            .collect::<Result<_, _>>()?;
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
            require_sign_in: self.one_of("require_sign_in", SWITCH, "true or false")?,
            registration_open: self.one_of(
                "registration",
                &[("open", true), ("closed", false)],
                "open or closed",
            )?,
            max_connections: self.parse("max_connections", "a whole number")?,
            drain_seconds: self.parse("drain_seconds", "a whole number")?,
            database: self.path("database_url", "sqlite:", data_dir.join("streamsphere.db"))?,
            objects: self.path("objects_url", "file:", data_dir.join("objects"))?,
            key_file: self.path("key_file", "file:", data_dir.join("secret.key"))?,
            max_upload_bytes: self.parse("max_upload_bytes", "a whole number of bytes")?,
            disk_reserve_bytes: self.parse("disk_reserve_bytes", "a whole number of bytes")?,
            upload_expire_hours: self.parse("upload_expire_hours", "a whole number of hours")?,
            user_quota_bytes: self.parse("user_quota_bytes", "a whole number of bytes")?,
            user_daily_bytes: self.parse("user_daily_bytes", "a whole number of bytes")?,
            encode_jobs: self.parse("encode_jobs", "a whole number")?,
            encode_threads: self.parse("encode_threads", "a whole number")?,
            encode_nice: encode_nice.min(19),
            ladder: self.ladder()?,
            keep_originals: self.one_of("keep_originals", SWITCH, "true or false")?,
            audio_only: self.one_of("audio_only", SWITCH, "true or false")?,
            require_sandbox: self.one_of("require_sandbox", SWITCH, "true or false")?,
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
            data_dir,
        })
    }

    /// Every setting, its value, and what set it.
    pub fn print(&self) -> String {
        let mut out = String::new();
        for setting in SETTINGS {
            let (value, source) = self
                .0
                .get(setting.name)
                .map_or(("", "default"), |(v, s)| (v.as_str(), *s));
            let _ = writeln!(out, "{} = {:?}  # {source}", setting.name, value);
        }
        out
    }
}

/// The path from the root on: ffmpeg is started elsewhere, where "./data" would be another folder.
fn absolute(path: PathBuf) -> PathBuf {
    std::path::absolute(&path).unwrap_or(path)
}

fn read_file(path: &Path) -> Result<HashMap<&'static str, String>, SettingsError> {
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

/// The example file: every setting with its sentence and its default, commented out.
pub fn example() -> String {
    let mut out = String::from(
        "# Settings of StreamSphere, each with its default. Made by `streamsphere config print --example`.\n\
         # A flag (--name) beats the environment (STREAMSPHERE_NAME), which beats this file.\n",
    );
    let mut section = "";
    for setting in SETTINGS {
        if setting.section != section {
            section = setting.section;
            let _ = write!(out, "\n[{section}]\n");
        }
        let _ = writeln!(
            out,
            "\n# {}\n#{} = {:?}",
            setting.help, setting.name, setting.default
        );
    }
    out
}

/// The README's table.
pub fn table() -> String {
    let mut out = String::from("| environment | default | what it does |\n|---|---|---|\n");
    for setting in SETTINGS {
        let default = if setting.default.is_empty() {
            String::new()
        } else {
            format!("`{}`", setting.default)
        };
        let _ = writeln!(out, "| `{}` | {default} | {} |", setting.env(), setting.help);
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_example_file_names_every_setting_and_changes_nothing() {
        let uncommented: String = example()
            .lines()
            .map(|line| {
                line.strip_prefix('#')
                    .filter(|rest| !rest.starts_with(' '))
                    .unwrap_or(line)
            })
            .collect::<Vec<_>>()
            .join("\n");
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("streamsphere.toml");
        std::fs::write(&path, uncommented).unwrap();
        let read = read_file(&path).unwrap();
        assert_eq!(read.len(), SETTINGS.len());
        for setting in SETTINGS {
            assert_eq!(read[setting.name], setting.default, "{}", setting.name);
        }
    }

    #[test]
    fn the_committed_example_file_is_the_present_one() {
        let committed = include_str!("../../../streamsphere.example.toml");
        assert!(
            committed == example(),
            "run: streamsphere config print --example > streamsphere.example.toml"
        );
    }

    #[test]
    fn the_readme_shows_the_present_table() {
        let readme = include_str!("../../../README.md");
        assert!(
            readme.contains(&table()),
            "run: streamsphere config print --table, and paste it into README.md"
        );
    }

    #[test]
    fn an_unknown_key_is_refused_by_its_name() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("x.toml");
        std::fs::write(&path, "[server]\nlisen = \"1\"\n").unwrap();
        assert!(read_file(&path).unwrap_err().to_string().contains("server.lisen"));
    }

    #[test]
    fn a_value_of_the_wrong_form_is_refused_with_what_would_do() {
        let chosen = Chosen::with(&[("listen", "here".into())]);
        assert!(
            chosen
                .settings()
                .unwrap_err()
                .to_string()
                .contains("127.0.0.1:8000")
        );
        let chosen = Chosen::with(&[("database_url", "postgres://x".into())]);
        assert!(
            chosen
                .settings()
                .unwrap_err()
                .to_string()
                .contains("not supported")
        );
    }
}
