//! `streamsphere import`: coming from another system with everything that it knows.

use std::path::PathBuf;
use std::process::ExitCode;
use std::time::{Duration, Instant};

use app::imports::files::{self, Places};
use app::imports::shelf::Shelf;
use app::imports::{self, Report};
use clap::{Arg, ArgAction, ArgMatches, Command};
use import::{Origin, Source};
use model::Clock;

use super::{CommandError, own_program, say};
use crate::server::{self, Access};
use crate::settings::Settings;

/// How often progress is told.
const EVERY: Duration = Duration::from_secs(2);
/// Documents that are told one by one; the report file has more.
const TOLD: usize = 20;
/// Everything that could be taken was, and something could not.
const LEFT_OUT: u8 = 3;
/// Where the source is named when the command does not: a password in it is then seen by nobody who lists processes.
const SOURCE_VARIABLE: &str = "MONGODB_URI";

pub(super) fn command() -> Command {
    Command::new("import")
        .about("Bring everything over from another system")
        .subcommand_required(true)
        .subcommand(
            Command::new("mongodb")
                .about("Bring users, videos and all that belongs to them over from a chai-backend on MongoDB")
                .long_about(
                    "Reads users, videos, comments, tweets, likes, subscriptions, playlists and watch histories, keeps their ids, \
                     times and passwords, and brings the files of videos and pictures. Can be repeated: what was taken is left \
                     alone, what is new or failed is tried. With SQLite the server must be stopped; with PostgreSQL it may run. \
                     Ends with 0 when everything came, with 3 when something was left out.",
                )
                .arg(
                    Arg::new("source")
                        .value_name("SOURCE")
                        .help(
                            "mongodb://user:password@host/database, a folder of mongodump, or a file of mongodump --archive; \
                             where it is not given, the variable MONGODB_URI",
                        ),
                )
                .arg(
                    Arg::new("database")
                        .long("database")
                        .value_name("NAME")
                        .help("Which database, where the source has several"),
                )
                .arg(
                    Arg::new("media")
                        .long("media")
                        .value_name("FOLDER")
                        .value_parser(clap::value_parser!(PathBuf))
                        .help("Look for files here first: by public_id, or by the end of their address"),
                )
                .arg(
                    Arg::new("no-fetch")
                        .long("no-fetch")
                        .action(ArgAction::SetTrue)
                        .help("Fetch no file from its address; with --media, only the folder is looked into"),
                )
                .arg(
                    Arg::new("no-media")
                        .long("no-media")
                        .action(ArgAction::SetTrue)
                        .conflicts_with_all(["media", "no-fetch"])
                        .help("Take the rows only; the files can come by another import"),
                )
                .arg(
                    Arg::new("dry-run")
                        .long("dry-run")
                        .action(ArgAction::SetTrue)
                        .help("Take nothing, and say what would be taken"),
                )
                .arg(
                    Arg::new("report")
                        .long("report")
                        .value_name("FILE")
                        .value_parser(clap::value_parser!(PathBuf))
                        .help("Write what could not be taken, and what is not just as it was, to this file as JSON"),
                ),
        )
}

pub(super) async fn run(settings: &Settings, arguments: &ArgMatches) -> Result<ExitCode, CommandError> {
    let Some(("mongodb", arguments)) = arguments.subcommand() else {
        return Err(CommandError::Said("say `import mongodb`".to_owned()));
    };
    let words = arguments
        .get_one::<String>("source")
        .cloned()
        .or_else(|| std::env::var(SOURCE_VARIABLE).ok())
        .ok_or_else(|| {
            CommandError::Said(format!(
                "name the source: mongodb://…, a folder, an archive, or the variable {SOURCE_VARIABLE}"
            ))
        })?;
    let origin = Origin::parse(&words).map_err(said)?;
    let dry = arguments.get_flag("dry-run");
    // Looked at before anything is taken: a folder that is not there should not show at the end.
    let shelf = match arguments.get_one::<PathBuf>("media") {
        Some(folder) => Some(
            Shelf::open(folder)
                .map_err(|error| CommandError::Said(format!("{}: {error}", folder.display())))?,
        ),
        None => None,
    };
    let access = if dry || settings.postgres.is_some() {
        Access::Beside
    } else {
        Access::Alone
    };
    let opened = server::open(settings, access, own_program(), Clock::system()).await?;
    let app = &opened.app;

    let spool = app.core.objects.stage_dir().await.map_err(app::Error::from)?;
    let (free, _) = app.core.objects.free_bytes().map_err(app::Error::from)?;
    let room = free.saturating_sub(settings.disk_reserve_bytes);
    let database = arguments.get_one::<String>("database").map(String::as_str);
    let source = Source::open(&origin, database, spool.path(), room)
        .await
        .map_err(said)?;

    let mut last = Instant::now();
    let mut report = imports::take(app, &source, dry, |collection, read, whole| {
        if last.elapsed() >= EVERY {
            last = Instant::now();
            say(&format!("  {collection}: {read} of {whole}"));
        }
    })
    .await
    .map_err(said)?;
    drop(spool);

    if dry || arguments.get_flag("no-media") {
        files::count(app, &mut report.files).await?;
    } else {
        let places = Places {
            shelf,
            web: !arguments.get_flag("no-fetch"),
        };
        files::bring(app, places, &mut report.files, |files| {
            if last.elapsed() >= EVERY {
                last = Instant::now();
                say(&format!(
                    "  files: {} came ({} MB), {} did not",
                    files.fetched,
                    files.fetched_bytes / 1_000_000,
                    files.failed
                ));
            }
        })
        .await?;
    }
    app.core.store.close().await?;
    if let Some(file) = arguments.get_one::<PathBuf>("report") {
        let text = serde_json::to_string_pretty(&report)
            .map_err(|error| CommandError::Said(format!("the report: {error}")))?;
        std::fs::write(file, text + "\n")
            .map_err(|error| CommandError::Said(format!("{}: {error}", file.display())))?;
    }
    tell(&report, dry);
    Ok(if report.is_whole() {
        ExitCode::SUCCESS
    } else {
        ExitCode::from(LEFT_OUT)
    })
}

fn said(error: impl std::fmt::Display) -> CommandError {
    CommandError::Said(error.to_string())
}

fn tell(report: &Report, dry: bool) {
    let taken = if dry { "would take" } else { "taken" };
    say(&format!(
        "{:14} {:>9} {taken:>10} {:>9} {:>9} {:>9}",
        "", "found", "changed", "known", "left out"
    ));
    for (name, sums) in &report.collections {
        say(&format!(
            "{name:14} {:>9} {:>10} {:>9} {:>9} {:>9}",
            sums.found, sums.taken, sums.changed, sums.known, sums.left_out
        ));
    }
    let files = &report.files;
    say(&format!(
        "files: {} came ({} bytes), {} did not, {} were not asked for",
        files.fetched, files.fetched_bytes, files.failed, files.waiting
    ));
    for (title, remarks) in [
        ("Left out", &report.left_out),
        ("Not as they were", &report.changed),
        ("Files that did not come", &files.failures),
    ] {
        if remarks.is_empty() {
            continue;
        }
        say(&format!("{title}:"));
        for remark in remarks.iter().take(TOLD) {
            say(&format!("  {} {}: {}", remark.collection, remark.id, remark.what));
        }
        if remarks.len() > TOLD {
            say(&format!("  … and {} more: see --report", remarks.len() - TOLD));
        }
    }
    if !dry && files.failed > 0 {
        say("Repeat the import to try those files again.");
    }
}
