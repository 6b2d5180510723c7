//! `streamsphere backup` and `streamsphere restore`.

use std::process::ExitCode;
use std::time::Instant;

use app::backup::{self, Manifest, Repository, Target, make, prune, schedule, verify};
use clap::{Arg, ArgMatches, Command};
use model::{Clock, Millis};
use store::DataLock;

use super::{CommandError, PROGRESS, own_program, say};
use crate::server::{self, Access, StartError};
use crate::settings::Settings;

/// Something is not as it was written; all else is done.
const DAMAGED: u8 = 3;

fn place(name: &'static str) -> Arg {
    Arg::new("place")
        .long(name)
        .value_name("URL")
        .help("A folder, or s3://bucket/prefix?endpoint=…; where it is not given, the setting backup_url")
}

fn snapshot() -> Arg {
    Arg::new("snapshot")
        .long("snapshot")
        .value_name("ID")
        .help("Which backup; the newest where it is not given")
}

pub(super) fn command() -> Command {
    Command::new("backup")
        .about("Copy everything to another place, also while the server runs")
        .long_about(
            "Copies the database as of one moment, and of the media what no earlier backup in that place has. The key file is \
             not in it: keep it apart.",
        )
        .args_conflicts_with_subcommands(true)
        .arg(place("to"))
        .arg(
            Arg::new("keep")
                .long("keep")
                .value_name("N")
                .value_parser(clap::value_parser!(u32).range(1..))
                .help("Afterwards let go of all but the N newest"),
        )
        .subcommand(Command::new("list").about("List the backups of a place").arg(place("to")))
        .subcommand(
            Command::new("verify")
                .about("Read a backup through and prove that it is what was written")
                .arg(place("to"))
                .arg(snapshot()),
        )
}

pub(super) fn restore_command() -> Command {
    Command::new("restore")
        .about("Take a backup back into a site that has nothing yet")
        .long_about(
            "Brings database and media back to where the settings have them: into an empty data folder, or an empty PostgreSQL and \
             an empty bucket. Every file is checked. One that was cut off goes on where it was. Put the key file of the old site in \
             its place too.",
        )
        .arg(place("from"))
        .arg(snapshot())
}

async fn open(settings: &Settings, arguments: &ArgMatches, make: bool) -> Result<Repository, CommandError> {
    let named = arguments.get_one::<String>("place").map(String::as_str);
    let place = settings.backup.place(named)?.ok_or_else(|| {
        CommandError::Said("say where: with --to or --from, or the setting backup_url".to_owned())
    })?;
    Ok(Repository::open(&place, &settings.data_dir, make).await?)
}

/// Says now and then how far it is.
struct Now(Instant);

impl Now {
    fn tell(&mut self, text: impl FnOnce() -> String) {
        if self.0.elapsed() >= PROGRESS {
            self.0 = Instant::now();
            say(&text());
        }
    }
}

pub(super) async fn run(settings: &Settings, arguments: &ArgMatches) -> Result<ExitCode, CommandError> {
    match arguments.subcommand() {
        Some(("list", arguments)) => return list(settings, arguments).await,
        Some(("verify", arguments)) => return read_through(settings, arguments).await,
        _ => {}
    }
    if settings.postgres.is_none() && !settings.database.exists() {
        let text = format!("there is no database at {}", settings.database.display());
        return Err(CommandError::Said(text));
    }
    let repository = open(settings, arguments, true).await?;
    let opened = server::open(settings, Access::Beside, own_program(), Clock::system()).await?;
    let core = &opened.app.core;
    let mut now = Now(Instant::now());
    let made = make(core, &repository, |so_far| {
        now.tell(|| {
            format!(
                "  {} files, of which {} copied ({} MB)",
                so_far.objects,
                so_far.copied,
                so_far.copied_bytes / 1_000_000
            )
        });
    })
    .await?;
    schedule::note(core, Millis(made.manifest.made_at_ms)).await?;
    say(&format!(
        "Made the backup {}: a database of {} bytes and {} files of {} bytes, of which {} of {} bytes were copied.",
        made.manifest.id,
        made.manifest.database_bytes,
        made.manifest.objects,
        made.manifest.object_bytes,
        made.copied,
        made.copied_bytes
    ));
    if let Some(keep) = arguments.get_one::<u32>("keep") {
        let pruned = prune(&repository, *keep as usize, core.clock.now()).await?;
        say(&format!(
            "Let go of {} backups and {} files that no other needs.",
            pruned.snapshots, pruned.blobs
        ));
    }
    say("The key file is not in it: keep a copy of it elsewhere.");
    core.store.close().await?;
    Ok(ExitCode::SUCCESS)
}

fn line(manifest: &Manifest) -> String {
    format!(
        "{}  {}  {}  {} files, {} MB",
        manifest.id,
        Millis(manifest.made_at_ms),
        manifest.engine,
        manifest.objects,
        (manifest.object_bytes + manifest.database_bytes) / 1_000_000
    )
}

async fn list(settings: &Settings, arguments: &ArgMatches) -> Result<ExitCode, CommandError> {
    let backups = open(settings, arguments, false).await?.list().await?;
    for manifest in &backups {
        say(&line(manifest));
    }
    if backups.is_empty() {
        say("There is no backup here.");
    }
    Ok(ExitCode::SUCCESS)
}

fn named(arguments: &ArgMatches) -> Option<&str> {
    arguments.get_one::<String>("snapshot").map(String::as_str)
}

async fn read_through(settings: &Settings, arguments: &ArgMatches) -> Result<ExitCode, CommandError> {
    let repository = open(settings, arguments, false).await?;
    let manifest = repository.choose(named(arguments)).await?;
    std::fs::create_dir_all(&settings.data_dir)?;
    let scratch = server::open_objects(settings).await?;
    let mut now = Now(Instant::now());
    let wrong = verify(&repository, &manifest, &scratch, |read| {
        now.tell(|| format!("  {read} of {} files read", manifest.objects));
    })
    .await?;
    for line in &wrong {
        say(line);
    }
    if wrong.is_empty() {
        say(&format!("The backup {} is what was written.", manifest.id));
        return Ok(ExitCode::SUCCESS);
    }
    Ok(ExitCode::from(DAMAGED))
}

pub(super) async fn restore(settings: &Settings, arguments: &ArgMatches) -> Result<ExitCode, CommandError> {
    let repository = open(settings, arguments, false).await?;
    let manifest = repository.choose(named(arguments)).await?;
    std::fs::create_dir_all(&settings.data_dir)?;
    let _lock = DataLock::acquire(&settings.data_dir).map_err(StartError::from)?;
    let target = Target {
        data_dir: settings.data_dir.clone(),
        database: settings.database.clone(),
        postgres: settings
            .postgres
            .as_ref()
            .map(|postgres| postgres.address.clone()),
        objects: server::open_objects(settings).await?,
    };
    say(&format!("Taking back {}", line(&manifest)));
    let mut now = Now(Instant::now());
    let restored = backup::restore(&repository, &manifest, &target, Clock::system().now(), |so_far| {
        now.tell(|| format!("  {} of {} files", so_far.objects, manifest.objects));
    })
    .await?;
    say(&format!(
        "Brought {} files of {} bytes back; {} were there already.",
        restored.objects, restored.object_bytes, restored.known
    ));
    if !settings.key_file.exists() {
        say(&format!(
            "There is no key file at {}: put that of the old site there, or everybody has to sign in again and signed links end.",
            settings.key_file.display()
        ));
    }
    if restored.damaged.is_empty() {
        say("Everything is there. Start the server, or look first with `streamsphere doctor`.");
        return Ok(ExitCode::SUCCESS);
    }
    for line in &restored.damaged {
        say(line);
    }
    say("These files are lost in this backup; another one may have them.");
    Ok(ExitCode::from(DAMAGED))
}
