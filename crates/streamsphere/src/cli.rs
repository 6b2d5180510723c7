//! The commands. `serve` is the server; the others work on its data folder, most of them beside it.

use std::path::PathBuf;
use std::process::ExitCode;

use app::App;
use app::accounts::Registration;
use app::moderation::users::{AccountChange, Quota};
use app::queue::By;
use clap::{Arg, ArgMatches, Command};
use model::Clock;
use model::moderation::Act;
use model::users::Role;
use store::users::{self, UserRow};
use store::{Store, quotas, sessions};
use thiserror::Error;
use tokio::signal::unix::{SignalKind, signal};

mod backups;
mod imports;
mod jobs;
mod moves;

use crate::log;
use crate::server::{self, Access, StartError};
use crate::settings::{self, Chosen, Settings, SettingsError};

/// How often a command that takes long tells how far it is.
const PROGRESS: std::time::Duration = std::time::Duration::from_secs(2);

/// Why a command did not do what it was asked.
#[derive(Debug, Error)]
enum CommandError {
    #[error(transparent)]
    Settings(#[from] SettingsError),
    #[error(transparent)]
    Start(#[from] StartError),
    #[error("{0}")]
    App(#[from] app::Error),
    #[error("database: {0}")]
    Store(#[from] store::StoreError),
    #[error("{0}")]
    Backup(#[from] app::backup::Fault),
    #[error("{0}")]
    Move(#[from] app::moves::Fault),
    #[error("{0}")]
    Said(String),
    #[error("{0}")]
    Io(#[from] std::io::Error),
}

#[expect(
    clippy::too_many_lines,
    reason = "a table: a command after the other, read from top to bottom"
)]
fn command() -> Command {
    let name = || Arg::new("username").required(true).value_name("USERNAME");
    Command::new("streamsphere")
        .version(env!("CARGO_PKG_VERSION"))
        .about("A video-sharing backend in one binary")
        .subcommand_required(true)
        .arg_required_else_help(true)
        .args(settings::arguments())
        .subcommand(Command::new("serve").about("Run the server"))
        .subcommand(
            Command::new("doctor")
                .about("Check the data: integrity, counters against facts, files against rows")
                .arg(
                    Arg::new("repair")
                        .long("repair")
                        .action(clap::ArgAction::SetTrue)
                        .help("Put right what is wrong; the server must be stopped"),
                )
                .arg(
                    Arg::new("recount")
                        .long("recount")
                        .action(clap::ArgAction::SetTrue)
                        .help("Prove the numbers of who watched what against each other too; takes longer"),
                )
                .arg(
                    Arg::new("verify")
                        .long("verify")
                        .action(clap::ArgAction::SetTrue)
                        .help("Read every file through and compare it with what it held; takes as long as that takes"),
                ),
        )
        .subcommand(
            Command::new("admin")
                .about("Look after accounts, also while the server runs")
                .subcommand_required(true)
                .subcommand(
                    Command::new("create")
                        .about("Make an account; the password is read from standard input")
                        .arg(name())
                        .arg(Arg::new("email").required(true).value_name("EMAIL"))
                        .arg(Arg::new("full-name").long("full-name").value_name("NAME"))
                        .arg(
                            Arg::new("user")
                                .long("user")
                                .action(clap::ArgAction::SetTrue)
                                .help("An ordinary user instead of an admin"),
                        ),
                )
                .subcommand(
                    Command::new("reset-password")
                        .about("Set a new password, read from standard input, and end all sessions")
                        .arg(name()),
                )
                .subcommand(Command::new("list-users").about("List accounts"))
                .subcommand(
                    Command::new("list-sessions")
                        .about("List live sessions of a user")
                        .arg(name()),
                )
                .subcommand(
                    Command::new("end-sessions")
                        .about("End all sessions of a user")
                        .arg(name()),
                )
                .subcommand(
                    Command::new("disable")
                        .about("Switch an account off and end its sessions")
                        .arg(name()),
                )
                .subcommand(
                    Command::new("enable")
                        .about("Switch an account on again, or let in who waits for approval")
                        .arg(name()),
                )
                .subcommand(Command::new("storage").about("List what accounts store, in bytes"))
                .subcommand(
                    Command::new("set-quota")
                        .about("Set how many bytes a user may store")
                        .arg(name())
                        .arg(
                            Arg::new("bytes")
                                .required(true)
                                .value_name("BYTES|none|default")
                                .help("none: no bound; default: as the setting user_quota_bytes says"),
                        ),
                )
                .subcommand(
                    Command::new("make-admin")
                        .about("Let a user run the site")
                        .arg(name()),
                )
                .subcommand(
                    Command::new("set-role")
                        .about("Set what a user may do")
                        .arg(name())
                        .arg(
                            Arg::new("role")
                                .required(true)
                                .value_parser(["user", "moderator", "admin"])
                                .value_name("ROLE"),
                        ),
                ),
        )
        .subcommand(jobs::command())
        .subcommand(moves::command())
        .subcommand(imports::command())
        .subcommand(backups::command())
        .subcommand(backups::restore_command())
        .subcommand(
            Command::new("migrate")
                .about("Bring the database to the form of this version; `serve` does the same at its start"),
        )
        .subcommand(
            Command::new("config")
                .about("Show settings")
                .subcommand_required(true)
                .subcommand(
                    Command::new("print")
                        .about("Print every setting, its value, and what set it")
                        .arg(
                            Arg::new("example")
                                .long("example")
                                .action(clap::ArgAction::SetTrue)
                                .help("Print an example file instead"),
                        )
                        .arg(
                            Arg::new("table")
                                .long("table")
                                .action(clap::ArgAction::SetTrue)
                                .help("Print the README's table instead"),
                        ),
                ),
        )
        .subcommand(Command::new("openapi").about("Print the OpenAPI document"))
}

/// Runs the command of this process.
pub fn run() -> ExitCode {
    let matches = command().get_matches();
    match dispatch(&matches) {
        Ok(code) => code,
        Err(error) => {
            complain(&error);
            ExitCode::FAILURE
        }
    }
}

#[expect(
    clippy::print_stderr,
    reason = "what went wrong with a command belongs on standard error"
)]
fn complain(error: &CommandError) {
    let mut text = error.to_string();
    let mut source = std::error::Error::source(error);
    while let Some(cause) = source {
        let cause_text = cause.to_string();
        if !text.contains(&cause_text) {
            text = format!("{text}: {cause_text}");
        }
        source = cause.source();
    }
    eprintln!("streamsphere: {text}");
}

#[expect(
    clippy::print_stdout,
    reason = "what a command was asked for belongs on standard output"
)]
fn say(text: &str) {
    println!("{text}");
}

fn dispatch(matches: &ArgMatches) -> Result<ExitCode, CommandError> {
    let (name, arguments) = matches.subcommand().unwrap_or(("", matches));
    match name {
        "openapi" => {
            say(api::openapi::text());
            return Ok(ExitCode::SUCCESS);
        }
        "config" => return print_config(arguments),
        _ => {}
    }
    let settings = Chosen::collect(arguments)?.settings()?;
    log::init(&settings);
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    runtime.block_on(async {
        match name {
            "serve" => serve(settings).await,
            "migrate" => migrate(&settings).await,
            "doctor" => doctor(&settings, arguments).await,
            "admin" => admin(&settings, arguments).await,
            "jobs" => jobs::run(&settings, arguments).await,
            "move" => moves::run(&settings, arguments).await,
            "import" => imports::run(&settings, arguments).await,
            "backup" => backups::run(&settings, arguments).await,
            "restore" => backups::restore(&settings, arguments).await,
            other => Err(CommandError::Said(format!("no such command: {other}"))),
        }
    })
}

fn print_config(arguments: &ArgMatches) -> Result<ExitCode, CommandError> {
    let Some(("print", print)) = arguments.subcommand() else {
        return Err(CommandError::Said("say `config print`".to_owned()));
    };
    if print.get_flag("example") {
        say(settings::example().trim_end());
    } else if print.get_flag("table") {
        say(settings::table().trim_end());
    } else {
        let chosen = Chosen::collect(print)?;
        chosen.settings()?;
        say(chosen.print().trim_end());
    }
    Ok(ExitCode::SUCCESS)
}

/// This very binary, which becomes the sandbox helper when called by its hidden name.
fn own_program() -> Option<PathBuf> {
    std::env::current_exe().ok()
}

async fn serve(settings: Settings) -> Result<ExitCode, CommandError> {
    let mut terminate = signal(SignalKind::terminate())?;
    let mut interrupt = signal(SignalKind::interrupt())?;
    let web_app = settings.web_app;
    let server = server::start(settings, own_program(), Clock::system()).await?;
    let public_url = &server.app.core.settings.public_url;
    say(&format!(
        "StreamSphere {} listens on {public_url}",
        env!("CARGO_PKG_VERSION")
    ));
    if let Some(code) = &server.setup_code {
        // What follows the mark stays in the browser.
        let page = if web_app {
            format!("  {public_url}/setup#{code}\n")
        } else {
            String::new()
        };
        say(&format!(
            "There is no admin yet. Within a day, make one with this code:\n  {code}\n{page}  curl {public_url}/api/v1/admin/setup --json '{{\"code\":\"{code}\",\"username\":\"…\",\"email\":\"…\",\"fullName\":\"…\",\"password\":\"…\"}}'"
        ));
    }
    tokio::select! {
        _ = terminate.recv() => {}
        _ = interrupt.recv() => {}
    }
    tracing::info!("Stopping: requests under way finish; a second signal leaves at once");
    let stopping = server.stop();
    tokio::select! {
        report = stopping => {
            if let Some(report) = report {
                tracing::info!(finished = report.finished, cut = report.cut, "Stopped");
            }
            Ok(ExitCode::SUCCESS)
        }
        _ = terminate.recv() => Ok(ExitCode::FAILURE),
        _ = interrupt.recv() => Ok(ExitCode::FAILURE),
    }
}

async fn migrate(settings: &Settings) -> Result<ExitCode, CommandError> {
    std::fs::create_dir_all(&settings.data_dir)?;
    let _lock = store::DataLock::acquire(&settings.data_dir).map_err(StartError::from)?;
    let store = Store::open(&settings.store()).await?;
    store.close().await?;
    say("The database has the form of this version.");
    Ok(ExitCode::SUCCESS)
}

async fn doctor(settings: &Settings, arguments: &ArgMatches) -> Result<ExitCode, CommandError> {
    let (repair, recount) = (arguments.get_flag("repair"), arguments.get_flag("recount"));
    let access = if repair { Access::Alone } else { Access::Beside };
    let opened = server::open(settings, access, own_program(), Clock::system()).await?;
    let mut findings = app::doctor::examine(&opened.app, repair).await?;
    if recount {
        let journal = settings.data_dir.join("analytics");
        findings.extend(app::recount::examine(&opened.app, &journal, repair).await?);
    }
    if arguments.get_flag("verify") {
        let mut told = std::time::Instant::now();
        let verified = app::hashes::verify(&opened.app.core, |so_far| {
            if told.elapsed() >= PROGRESS {
                told = std::time::Instant::now();
                say(&format!(
                    "  {} files, {} MB read",
                    so_far.files,
                    so_far.bytes / 1_000_000
                ));
            }
        })
        .await?;
        say(&format!(
            "Read {} files ({} bytes); {} for the first time.",
            verified.files, verified.bytes, verified.first
        ));
        findings.extend(verified.findings);
    }
    for finding in &findings {
        let repaired = if finding.repaired { "repaired: " } else { "" };
        say(&format!("{repaired}{}", finding.text));
    }
    if findings.is_empty() {
        say("Everything is as it should be.");
    }
    Ok(if findings.iter().all(|finding| finding.repaired) {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    })
}

fn read_password() -> Result<String, CommandError> {
    let mut line = String::new();
    std::io::stdin().read_line(&mut line)?;
    let password = line.trim_end_matches(['\n', '\r']).to_owned();
    if password.is_empty() {
        return Err(CommandError::Said(
            "give the password on standard input".to_owned(),
        ));
    }
    Ok(password)
}

#[expect(
    clippy::too_many_lines,
    reason = "a table: a command after the other, read from top to bottom"
)]
async fn admin(settings: &Settings, arguments: &ArgMatches) -> Result<ExitCode, CommandError> {
    let (name, arguments) = arguments.subcommand().unwrap_or(("", arguments));
    let opened = server::open(settings, Access::Beside, own_program(), Clock::system()).await?;
    let app = &opened.app;
    let store = &app.core.store;
    let now = app.core.clock.now();
    match name {
        "list-users" => {
            let mut after = None;
            loop {
                let page = users::walk(&mut store.read(), after, 500).await?;
                let Some(last) = page.last() else { break };
                after = Some(last.id);
                for user in &page {
                    let role = user.role.name();
                    let state = if user.awaiting_since.is_some() {
                        " awaiting approval"
                    } else if user.disabled_at.is_some() {
                        " disabled"
                    } else {
                        ""
                    };
                    say(&format!(
                        "{} {} {} {role}{state}",
                        user.id, user.username, user.email
                    ));
                }
            }
        }
        "create" => {
            let text = |name: &str| arguments.get_one::<String>(name).cloned();
            let username = text("username");
            let form = Registration {
                full_name: text("full-name").or_else(|| username.clone()),
                email: text("email"),
                username,
                password: Some(read_password()?),
                avatar: None,
                cover: None,
            };
            let role = if arguments.get_flag("user") {
                Role::User
            } else {
                Role::Admin
            };
            let user = app.accounts.create(form, role).await?;
            app.moderation
                .note_account(user.id, Act::CreateUser, By::Operator)
                .await?;
            say(&format!("Made {} ({})", user.username, user.id));
        }
        "reset-password" => {
            let user = named(store, arguments).await?;
            app.accounts.reset_password(&user, read_password()?).await?;
            app.moderation
                .note_account(user.id, Act::ResetPassword, By::Operator)
                .await?;
            say(&format!(
                "{} has a new password; all sessions have ended",
                user.username
            ));
        }
        "list-sessions" => {
            let user = named(store, arguments).await?;
            for session in sessions::list_live(&mut store.read(), user.id, now).await? {
                say(&format!(
                    "{} last used {} {}",
                    session.id, session.last_used_at, session.device
                ));
            }
        }
        "storage" => show_storage(app).await?,
        "set-quota" => {
            let user = named(store, arguments).await?;
            let said = arguments.get_one::<String>("bytes").map_or("", String::as_str);
            let quota = match said {
                "default" => Quota::Default,
                "none" => Quota::Bytes(0),
                bytes => match bytes.parse::<i64>() {
                    Ok(bytes) if bytes > 0 => Quota::Bytes(bytes),
                    _ => {
                        let complaint = format!("{said} is not a number of bytes, none, or default");
                        return Err(CommandError::Said(complaint));
                    }
                },
            };
            let change = AccountChange {
                quota: Some(quota),
                ..AccountChange::default()
            };
            app.moderation
                .change_account(user.id, change, By::Operator)
                .await?;
            say(&format!("{}: quota {said}", user.username));
        }
        "end-sessions" | "disable" | "enable" | "make-admin" | "set-role" => {
            let user = named(store, arguments).await?;
            let role = match name {
                "make-admin" => Some("admin".to_owned()),
                "set-role" => arguments.get_one::<String>("role").cloned(),
                _ => None,
            };
            let ended = if name == "end-sessions" {
                app.moderation.end_sessions(user.id, By::Operator).await?
            } else {
                let change = AccountChange {
                    role,
                    disabled: match name {
                        "disable" => Some(true),
                        "enable" => Some(false),
                        _ => None,
                    },
                    ..AccountChange::default()
                };
                let changed = app
                    .moderation
                    .change_account(user.id, change, By::Operator)
                    .await?;
                changed.ended_sessions
            };
            say(&format!("{}: {name} done, {ended} sessions ended", user.username));
        }
        other => return Err(CommandError::Said(format!("no such command: admin {other}"))),
    }
    store.close().await?;
    Ok(ExitCode::SUCCESS)
}

/// A line for each account: name, bytes stored, bytes reserved by open uploads, quota.
async fn show_storage(app: &App) -> Result<(), CommandError> {
    let mut after = None;
    loop {
        let page = quotas::walk(&mut app.core.store.read(), after, 500).await?;
        let Some(last) = page.last() else { return Ok(()) };
        after = Some(last.user_id);
        for row in page {
            let usage = app.quotas.judge(row);
            let quota = usage
                .quota_bytes
                .map_or_else(|| "none".to_owned(), |bytes| bytes.to_string());
            say(&format!(
                "{} stored {} reserved {} quota {quota}",
                usage.row.username, usage.row.stored_bytes, usage.reserved_bytes
            ));
        }
    }
}

async fn named(store: &Store, arguments: &ArgMatches) -> Result<UserRow, CommandError> {
    let name = arguments.get_one::<String>("username").map_or("", String::as_str);
    find_user(store, name).await
}

async fn find_user(store: &Store, name: &str) -> Result<UserRow, CommandError> {
    let found = match model::users::username(name) {
        Ok(name) => users::find_by_username(&mut store.read(), &name).await?,
        Err(_) => None,
    };
    found.ok_or_else(|| CommandError::Said(format!("there is no user {name}")))
}
