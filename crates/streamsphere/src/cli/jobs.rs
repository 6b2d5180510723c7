//! `streamsphere jobs`: background work, looked at and steered beside a running server.
//!
//! A server notices what is done here by itself: a run that is cancelled ends with its next heartbeat, and what
//! is to be tried again starts within seconds.

use std::process::ExitCode;

use app::queue::{By, Queued};
use clap::{Arg, ArgMatches, Command};
use model::jobs::{JobState, Urgency};
use model::{Clock, JobId};

use super::{CommandError, find_user, own_program, say};
use crate::server::{self, Access};
use crate::settings::Settings;

/// Jobs shown unless another number is asked for.
const SHOWN: &str = "50";
/// Jobs read at once.
const PAGE: i64 = 100;

pub(super) fn command() -> Command {
    let id = || Arg::new("id").required(true).value_name("ID");
    Command::new("jobs")
        .about("Look after background work, also while the server runs")
        .subcommand_required(true)
        .subcommand(
            Command::new("list")
                .about("List jobs, newest first")
                .arg(
                    Arg::new("state")
                        .long("state")
                        .value_name("STATE")
                        .value_parser(JobState::ALL.map(JobState::name))
                        .help("Only those in this state"),
                )
                .arg(
                    Arg::new("user")
                        .long("user")
                        .value_name("USERNAME")
                        .help("Only those of this user"),
                )
                .arg(
                    Arg::new("limit")
                        .long("limit")
                        .value_name("COUNT")
                        .default_value(SHOWN)
                        .value_parser(clap::value_parser!(u32))
                        .help("How many"),
                ),
        )
        .subcommand(
            Command::new("retry")
                .about("Try a job again that failed or was cancelled")
                .arg(id()),
        )
        .subcommand(
            Command::new("cancel")
                .about("End a job, and with it all work on the same video")
                .arg(id()),
        )
        .subcommand(
            Command::new("priority")
                .about("Say how urgent a job is, and all work on the same video")
                .arg(id())
                .arg(
                    Arg::new("priority")
                        .required(true)
                        .value_name("PRIORITY")
                        .value_parser(Urgency::ALL.map(Urgency::name)),
                ),
        )
}

pub(super) async fn run(settings: &Settings, arguments: &ArgMatches) -> Result<ExitCode, CommandError> {
    let (name, arguments) = arguments.subcommand().unwrap_or(("", arguments));
    let opened = server::open(settings, Access::Beside, own_program(), Clock::system()).await?;
    let queue = &opened.app.queue;
    let store = &opened.app.core.store;
    match name {
        "list" => {
            let text = |name: &str| arguments.get_one::<String>(name).map(String::as_str);
            let state = text("state").and_then(JobState::from_name);
            let user = match text("user") {
                Some(name) => Some(find_user(store, name).await?.id),
                None => None,
            };
            let mut left = i64::from(arguments.get_one::<u32>("limit").copied().unwrap_or(0));
            let mut before = None;
            while left > 0 {
                let page = queue
                    .list(By::Operator, user, state, before, left.min(PAGE))
                    .await?;
                for job in &page.jobs {
                    say(&line(job));
                }
                left -= PAGE;
                before = page.next;
                if before.is_none() {
                    break;
                }
            }
        }
        "retry" => {
            let job = queue.retry(By::Operator, id_of(arguments)?).await?;
            say(&format!("Job {} is queued", job.job.id));
        }
        "cancel" => {
            let job = queue.cancel(By::Operator, id_of(arguments)?).await?;
            say(&format!("Job {} is cancelled", job.job.id));
        }
        "priority" => {
            let name = arguments.get_one::<String>("priority").map_or("", String::as_str);
            let urgency = Urgency::from_name(name).unwrap_or_default();
            let job = queue.prioritise(By::Operator, id_of(arguments)?, urgency).await?;
            say(&format!("Job {} is {}", job.job.id, job.job.urgency.name()));
        }
        other => return Err(CommandError::Said(format!("no such command: jobs {other}"))),
    }
    store.close().await?;
    Ok(ExitCode::SUCCESS)
}

fn id_of(arguments: &ArgMatches) -> Result<JobId, CommandError> {
    let text = arguments.get_one::<String>("id").map_or("", String::as_str);
    text.parse()
        .map_err(|_| CommandError::Said(format!("{text} is not an id: ids are 24 hex digits")))
}

/// One job in one line: what can be searched for first, what is only there for some at the end.
fn line(queued: &Queued) -> String {
    let job = &queued.job;
    let mut line = format!(
        "{} {} {} {} {} {:.0}% attempts={} created={}",
        job.id,
        job.state.name(),
        job.lane.name(),
        job.urgency.name(),
        job.kind,
        job.progress * 100.0,
        job.attempts,
        job.created_at
    );
    if let Some(user) = job.user_id {
        line = format!("{line} user={user}");
    }
    if let Some(video) = job.subject_id {
        line = format!("{line} video={video}");
    }
    if let Some(seconds) = job.eta_s {
        line = format!("{line} eta={seconds}s");
    }
    if let Some(place) = queued.position {
        line = format!("{line} place={place}");
    }
    if let Some(why) = job.detail.as_ref().or(job.last_error.as_ref()) {
        line = format!("{line} why={why:?}");
    }
    line
}
