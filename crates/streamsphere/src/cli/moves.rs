//! `streamsphere move`: from one machine to many, without a loss and with a proof.

use std::process::ExitCode;
use std::time::{Duration, Instant};

use clap::{Arg, ArgGroup, ArgMatches, Command};
use model::Clock;
use objects::Objects;
use store::{Address, DataLock, LockError, Store, copy};

use super::{CommandError, complain, own_program, say};
use crate::server::{self, Access, StartError};
use crate::settings::{self, Settings};

/// Differences that are told one by one.
const TOLD: usize = 20;
/// How often progress is told.
const EVERY: Duration = Duration::from_secs(2);

pub(super) fn command() -> Command {
    Command::new("move")
        .about("Move from one machine to many: what is known to PostgreSQL, media to a bucket")
        .long_about(
            "--to copies every row of the SQLite file to an empty PostgreSQL and compares the two row by row. The server must be \
             stopped. The file stays as it is. A copy that was cut off goes on where it was when the same command is run \
             again. Afterwards start the server with STREAMSPHERE_DATABASE_URL set to the new address, and the same key \
             file and media as before.\n\n\
             --objects copies all media to a bucket, reads each file back there and compares it. The server may run: what comes \
             meanwhile is brought by the same command with the server stopped, which then takes seconds. Afterwards start the \
             server with STREAMSPHERE_OBJECTS_URL set to the new address.",
        )
        .arg(
            Arg::new("to")
                .long("to")
                .value_name("postgres://…")
                .help("Where what is known goes: an empty database of the encoding UTF8"),
        )
        .arg(
            Arg::new("objects")
                .long("objects")
                .value_name("s3://…")
                .help("Where media goes: s3://bucket/prefix?endpoint=…, opened by the settings s3_access_key_id and s3_secret_access_key"),
        )
        .group(ArgGroup::new("what").args(["to", "objects"]).required(true))
}

pub(super) async fn run(settings: &Settings, arguments: &ArgMatches) -> Result<ExitCode, CommandError> {
    if let Some(url) = arguments.get_one::<String>("objects") {
        return objects(settings, url).await;
    }
    let url = arguments.get_one::<String>("to").map_or("", String::as_str);
    let address = Address::parse(url).map_err(|error| CommandError::Said(format!("--to: {error}")))?;
    if settings.postgres.is_some() {
        return Err(CommandError::Said(
            "this instance is on PostgreSQL already; what moves is a SQLite file".to_owned(),
        ));
    }
    if !settings.database.exists() {
        let text = format!("there is no database at {}", settings.database.display());
        return Err(CommandError::Said(text));
    }
    // Held to the end: what is written meanwhile would be lost.
    let _lock = DataLock::acquire(&settings.data_dir).map_err(StartError::from)?;
    let from = Store::open(&store::Settings::sqlite(&settings.database)).await?;
    let to = Store::open(&store::Settings::postgres(address)).await?;
    let tables = copy::tables(&mut from.read()).await?;

    let mut progress = Progress::new("copied");
    let copied = copy::copy(&mut from.read(), &to, &tables, |table, rows| {
        progress.tell(table, rows);
    })
    .await?;
    say(&format!(
        "Copied {} rows of {} tables.",
        copied.rows, copied.tables
    ));

    let mut progress = Progress::new("compared");
    let (rows, found) = copy::compare(&mut from.read(), &mut to.read(), &tables, TOLD, |table, rows| {
        progress.tell(table, rows);
    })
    .await?;
    to.close().await?;
    from.close().await?;
    if found.is_empty() {
        say(&format!(
            "Compared {rows} rows: all are the same. Start the server with STREAMSPHERE_DATABASE_URL set to the new address."
        ));
        return Ok(ExitCode::SUCCESS);
    }
    for difference in &found {
        complain(&CommandError::Said(format!(
            "{}: {}",
            difference.table, difference.what
        )));
    }
    Err(CommandError::Said(
        "the two are not the same; the file is untouched, so go on using it".to_owned(),
    ))
}

/// Media into a bucket.
async fn objects(settings: &Settings, url: &str) -> Result<ExitCode, CommandError> {
    let bucket = settings::bucket(settings, url)?;
    if settings
        .s3
        .as_ref()
        .is_some_and(|present| present.place == bucket.place)
    {
        return Err(CommandError::Said("media is there already".to_owned()));
    }
    if settings.postgres.is_none() && !settings.database.exists() {
        let text = format!("there is no database at {}", settings.database.display());
        return Err(CommandError::Said(text));
    }
    // With the folder to itself, this is the last time.
    let lock = match DataLock::acquire(&settings.data_dir) {
        Ok(lock) => Some(lock),
        Err(LockError::InUse { .. }) => None,
        Err(error) => return Err(StartError::from(error).into()),
    };
    let opened = server::open(settings, Access::Beside, own_program(), Clock::system()).await?;
    let own = settings.data_dir.join("moving");
    std::fs::create_dir_all(&own)?;
    let to = Objects::open_s3(&bucket, &own.join("cache"), &own.join("tmp"))
        .await
        .map_err(app::moves::Fault::Target)?;
    let name = blake3::hash(url.split('?').next().unwrap_or_default().as_bytes()).to_hex();
    let ledger = own.join(format!("{}.arrived", &name[..16]));
    // On PostgreSQL other nodes may be at work, whoever has this folder.
    let last = lock.is_some() && settings.postgres.is_none();
    let mut now = Instant::now();
    let moved = app::moves::objects(&opened.app.core, &to, &ledger, last, |so_far| {
        if now.elapsed() >= EVERY {
            now = Instant::now();
            say(&format!(
                "  {} files, of which {} copied ({} MB)",
                so_far.files,
                so_far.copied,
                so_far.copied_bytes / 1_000_000
            ));
        }
    })
    .await?;
    let uploads = match &lock {
        Some(_) => app::moves::uploads(&opened.app.core, &to).await?,
        None => app::moves::Uploads::default(),
    };
    opened.app.core.store.close().await?;
    say(&format!(
        "{} files are there, of which {} of {} bytes were copied now; {} that are gone here were removed there.",
        moved.files, moved.copied, moved.copied_bytes, moved.removed
    ));
    if uploads.brought > 0 {
        say(&format!("{} unfinished uploads go on there.", uploads.brought));
    }
    if uploads.left > 0 {
        say(&format!(
            "{} unfinished uploads have to begin anew: their bytes are not in this folder.",
            uploads.left
        ));
    }
    if lock.is_some() {
        say("Everything is there. Start the server with STREAMSPHERE_OBJECTS_URL set to the new address.");
    } else {
        say(
            "The server is running: stop it and run this once more, for what came meanwhile. Then start it with \
             STREAMSPHERE_OBJECTS_URL set to the new address.",
        );
    }
    Ok(ExitCode::SUCCESS)
}

/// Says now and then how far it is.
struct Progress {
    what: &'static str,
    said: Instant,
}

impl Progress {
    fn new(what: &'static str) -> Self {
        Self {
            what,
            said: Instant::now(),
        }
    }

    fn tell(&mut self, table: &str, rows: u64) {
        if self.said.elapsed() >= EVERY {
            self.said = Instant::now();
            say(&format!("  {table}: {rows} {}", self.what));
        }
    }
}
