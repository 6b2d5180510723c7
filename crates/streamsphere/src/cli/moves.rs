//! `streamsphere move`: from one machine to many, without a loss and with a proof.

use std::process::ExitCode;
use std::time::{Duration, Instant};

use clap::{Arg, ArgMatches, Command};
use store::{Address, DataLock, Store, copy};

use super::{CommandError, complain, say};
use crate::server::StartError;
use crate::settings::Settings;

/// Differences that are told one by one.
const TOLD: usize = 20;
/// How often progress is told.
const EVERY: Duration = Duration::from_secs(2);

pub(super) fn command() -> Command {
    Command::new("move")
        .about("Copy everything that is known from the SQLite file to a PostgreSQL, and prove that it is the same")
        .long_about(
            "Copies every row of the SQLite file to an empty PostgreSQL and compares the two row by row. The server must be \
             stopped. The file stays as it is. A copy that was cut off goes on where it was when the same command is run \
             again. Afterwards start the server with STREAMSPHERE_DATABASE_URL set to the new address, and the same key \
             file and media as before.",
        )
        .arg(
            Arg::new("to")
                .long("to")
                .required(true)
                .value_name("postgres://…")
                .help("Where to: an empty database of the encoding UTF8"),
        )
}

pub(super) async fn run(settings: &Settings, arguments: &ArgMatches) -> Result<ExitCode, CommandError> {
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
