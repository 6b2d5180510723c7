//! The table of settings, and what is written of it: the example file and the README's table.

use std::fmt::Write as _;

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
    /// Gives access to something: never shown, wherever it was said.
    pub secret: bool,
}

impl Setting {
    /// Whether the value is an address that may have a password in it.
    pub fn opens_something(&self) -> bool {
        matches!(self.name, "database_url" | "database_replica_urls" | "bus_url")
    }

    /// Name of the environment variable.
    pub fn env(&self) -> String {
        format!("STREAMSPHERE_{}", self.name.to_uppercase())
    }

    /// Name of the flag.
    pub fn flag(&self) -> String {
        self.name.replace('_', "-")
    }
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
        secret: false,
    }
}

/// A setting that is never shown.
const fn secret(section: &'static str, name: &'static str, help: &'static str) -> Setting {
    Setting {
        secret: true,
        ..setting(section, name, "", help)
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
        "web_app",
        "on",
        "Whether the web app is served: on, or off where people use a front end of their own.",
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
        "Who may register: open, approval (admins let people in), or closed (accounts are made by `admin create`).",
    ),
    setting(
        "server",
        "max_connections",
        "0",
        "Connections open at once. 0: as many as the limit on open files allows.",
    ),
    setting(
        "server",
        "role",
        "all",
        "What this node does: all; web: everything but background work; worker: background work alone, and /healthz, /readyz and /metrics.",
    ),
    setting(
        "server",
        "drain_delay_seconds",
        "0",
        "How long a node that is stopped says on /readyz that it is not ready before it takes no more connections: long enough for what stands in front of it to notice.",
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
        "Where metadata is kept. Empty: SQLite in the data folder. sqlite:PATH names another file, postgres://USER:PASSWORD@HOST/DATABASE a PostgreSQL (sslmode=require, sslrootcert=FILE and prepared=off may follow a question mark).",
    ),
    setting(
        "storage",
        "database_replica_urls",
        "",
        "Followers of that PostgreSQL, separated by commas: lists for people who are not signed in are read there, at most two seconds old.",
    ),
    setting(
        "storage",
        "database_connections",
        "20",
        "The most connections of this node to PostgreSQL; to each follower half as many. At least 4.",
    ),
    setting(
        "storage",
        "objects_url",
        "",
        "Where media is kept. Empty: objects/ in the data folder. file:PATH names another folder, s3://BUCKET/PREFIX a place in a bucket of S3, with what it needs of ?endpoint=https://s3.example&region=REGION&style=path (or virtual).",
    ),
    secret(
        "storage",
        "s3_access_key_id",
        "Id of the key that opens the bucket. Empty: AWS_ACCESS_KEY_ID of the environment.",
    ),
    secret(
        "storage",
        "s3_secret_access_key",
        "The key itself. Empty: AWS_SECRET_ACCESS_KEY of the environment, with AWS_SESSION_TOKEN where there is one.",
    ),
    setting(
        "storage",
        "cache_bytes",
        "21474836480",
        "The most that is kept of a bucket in cache/ in the data folder, to be sent again, in bytes (20 GiB).",
    ),
    setting(
        "storage",
        "media_redirect",
        "",
        "Where viewers get the bytes of videos when media is in a bucket. Empty: from this server. presigned: from the bucket, by addresses that are good for five minutes. https://cdn.example/PATH: public videos from a network that serves the bucket's files there, by their names below the prefix.",
    ),
    setting(
        "storage",
        "bus_url",
        "",
        "How nodes wake each other and tell what happens. Empty: inside this process. nats://USER:PASSWORD@HOST:4222/NAME (or tls://): a NATS server with JetStream; NAME tells sites apart.",
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
        "storage",
        "export_keep_days",
        "7",
        "How long the file is kept with which people take their data with them, in days.",
    ),
    setting(
        "backup",
        "backup_url",
        "",
        "Where backups go: a folder such as /mnt/backup, or s3://bucket/prefix?endpoint=https://…&region=….",
    ),
    setting(
        "backup",
        "backup_every_hours",
        "0",
        "How many hours apart backups are made by themselves. 0: only by `streamsphere backup`.",
    ),
    setting(
        "backup",
        "backup_keep",
        "7",
        "How many backups stay when a new one is made.",
    ),
    secret(
        "backup",
        "backup_s3_access_key_id",
        "Id of the key that opens the bucket of backups. Empty: as that of media.",
    ),
    secret(
        "backup",
        "backup_s3_secret_access_key",
        "The key itself. Empty: as that of media.",
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
        "hooks",
        "egress_allow",
        "",
        "Private addresses and ranges that webhooks and push messages may be sent to, with commas between: 10.0.0.5, 192.168.0.0/16.",
    ),
    setting(
        "hooks",
        "egress_http",
        "false",
        "Whether webhooks may have http:// addresses: true or false.",
    ),
    setting(
        "hooks",
        "egress_ca_file",
        "",
        "File with the certificates (PEM) that receivers of webhooks are checked with. Empty: the system's.",
    ),
    setting(
        "hooks",
        "push_contact",
        "",
        "Whom push services may write to about this server: mailto:ops@videos.example or an https address. Empty: no Web Push.",
    ),
    setting(
        "analytics",
        "analytics_respect_privacy_signals",
        "true",
        "Whether viewers whose browsers send DNT or Sec-GPC are left out of the different viewers, and nothing of theirs is told apart: true or false.",
    ),
    setting(
        "analytics",
        "geoip_file",
        "",
        "File that tells countries by addresses (MaxMind DB), read once at the start. Empty: countries are not known.",
    ),
    setting(
        "analytics",
        "analytics_minutes_keep_hours",
        "48",
        "How long numbers by minute are kept, in hours; by source, device and country of hours too.",
    ),
    setting(
        "analytics",
        "analytics_hours_keep_days",
        "90",
        "How long numbers by hour are kept, in days, 400 at most.",
    ),
    setting(
        "analytics",
        "analytics_days_keep_days",
        "0",
        "How long numbers by day are kept, in days. 0: for ever.",
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
