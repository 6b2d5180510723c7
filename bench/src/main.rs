//! `streamsphere-bench`: measures the server against what it is compared with.
#![expect(
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "a command-line program speaks to its user"
)]

use std::net::SocketAddr;
use std::path::PathBuf;
use std::process::ExitCode;
use std::time::Duration;

use clap::{Args, Parser, Subcommand, ValueEnum};
use streamsphere_bench::bare_axum;
use streamsphere_bench::crash;
use streamsphere_bench::error::BenchError;
use streamsphere_bench::lossyfs::Rule;
use streamsphere_bench::measures::{self, Bench};
use streamsphere_bench::report::{self, Section};
use streamsphere_bench::server::Launch;
use streamsphere_bench::stand_in;

#[derive(Debug, Parser)]
#[command(about = "Measured comparisons and the crash harness of StreamSphere")]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Byte ranges against nginx.
    Delivery(Options),
    /// Byte ranges of media in a bucket, through the warm cache, against a folder.
    Bucket(Options),
    /// nginx by itself; needs no server of ours and writes no results.
    NginxAlone(Options),
    /// Reads of the API against bare axum, and lists of many videos.
    Api(Options),
    /// Durable writes against one fsync each.
    Writes(Options),
    /// Likes of many people at once against one transaction each.
    Likes(Options),
    /// Pages of every list of a million rows against those of ten thousand.
    Lists(Options),
    /// The same on PostgreSQL.
    ListsOnPostgres(Options),
    /// Two web nodes and two workers against one node.
    Nodes(Options),
    /// Events to many listeners, and publishing to many followers.
    Events(Options),
    /// Searches over many videos.
    Search(Options),
    /// The same on PostgreSQL.
    SearchOnPostgres(Options),
    /// What players tell, and the dashboard beside it.
    Analytics(Options),
    /// Large uploads against dd.
    Upload(Options),
    /// Large resumable uploads against dd.
    Tus(Options),
    /// From upload to playable HLS.
    Hls(Options),
    /// The whole ladder against one ffmpeg command.
    Ladder(Options),
    /// The API while two encodes run, against the same server at rest.
    Busy(Options),
    /// Start and idle memory.
    Startup(Options),
    /// All of these.
    All(Options),
    /// Ends the server again and again and looks for anything lost.
    Crash(CrashOptions),
    /// A small server for tests of the harness itself, started as the real one is.
    #[command(hide = true)]
    Serve,
    /// A server that answers a constant, for the comparison.
    #[command(hide = true)]
    BareAxum {
        /// Length of the body in bytes.
        #[arg(long)]
        body_bytes: usize,
        /// Where to listen.
        #[arg(long)]
        listen: SocketAddr,
    },
}

#[derive(Debug, Clone, Args)]
struct Options {
    /// Rounds of each comparison.
    #[arg(long, default_value_t = 5)]
    rounds: usize,
    /// Seconds of one load run.
    #[arg(long, default_value_t = 4)]
    seconds: u64,
    /// Where data folders are made: the disk to measure.
    #[arg(long, default_value = "target/bench")]
    scratch: PathBuf,
    /// The server's binary; the workspace's release build by default.
    #[arg(long)]
    binary: Option<PathBuf>,
    /// A build with the feature `sabotage`, for measuring writes without group commit as well.
    #[arg(long)]
    sabotaged: Option<PathBuf>,
    /// Where the server's log goes.
    #[arg(long)]
    log: Option<PathBuf>,
    /// The most rows of measures of lists, and followers of a channel.
    #[arg(long, default_value_t = 1_000_000)]
    most_videos: i64,
    /// Only lists whose name has this in it; may be said several times. What is measured in part is not saved.
    #[arg(long)]
    only: Vec<String>,
    /// Videos that are searched. A million take minutes to make.
    #[arg(long, default_value_t = 200_000)]
    search_videos: i64,
    /// The results file.
    #[arg(long, default_value = "bench/results.md")]
    results: PathBuf,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Sabotage {
    /// The server skips its fsyncs (a build with the feature `sabotage`).
    NoSync,
}

#[derive(Debug, Clone, Args)]
struct CrashOptions {
    /// How often the server is ended.
    #[arg(long, default_value_t = 50)]
    rounds: u64,
    /// Decides what is left to chance.
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// Clients that work at once.
    #[arg(long, default_value_t = 16)]
    clients: usize,
    /// The longest work before an end, in ms.
    #[arg(long, default_value_t = 3000)]
    longest_ms: u64,
    /// Cut the power too: only what was synced is left.
    #[arg(long)]
    power_cut: bool,
    /// Any sync makes all names durable, as on ext4; otherwise only a sync of their directory does.
    #[arg(long)]
    journalled: bool,
    /// The positive control: the run is right when it finds losses.
    #[arg(long)]
    sabotage: Option<Sabotage>,
    /// Seconds that processing and clean-up may take after a restart.
    #[arg(long, default_value_t = 120)]
    processing: u64,
    /// Where the data folder is made.
    #[arg(long, default_value = "target/bench")]
    scratch: PathBuf,
    /// The server's binary; the workspace's release build by default.
    #[arg(long)]
    binary: Option<PathBuf>,
    /// Where the server's log goes.
    #[arg(long)]
    log: Option<PathBuf>,
}

impl CrashOptions {
    fn options(&self) -> crash::Options {
        let mut launch = Launch::release();
        if let Some(binary) = &self.binary {
            launch.binary.clone_from(binary);
        }
        launch.log.clone_from(&self.log);
        crash::Options {
            rounds: self.rounds,
            seed: self.seed,
            clients: self.clients.clamp(1, 64),
            longest: Duration::from_millis(self.longest_ms.clamp(1, 600_000)),
            power_cut: self.power_cut,
            rule: if self.journalled {
                Rule::Journalled
            } else {
                Rule::Strict
            },
            sabotage: self.sabotage.is_some(),
            launch,
            scratch: self.scratch.clone(),
            processing: Duration::from_secs(self.processing),
        }
    }
}

/// True when nothing was lost, or, with sabotage, when something was and it was seen.
fn crash(arguments: &CrashOptions) -> Result<bool, BenchError> {
    if arguments.power_cut
        && let Some(reason) = streamsphere_bench::lossyfs::unavailable()
    {
        eprintln!("{reason}");
        return Ok(true);
    }
    // A control finds the same over and over; a few of its findings say enough.
    let shown = if arguments.sabotage.is_some() { 3 } else { 50 };
    let mut told = 0;
    let report = crash::run(arguments.options(), &mut |line| {
        told += usize::from(line.contains("LOST"));
        if told <= shown {
            eprintln!("{line}");
        }
    })?;
    println!("seed {}: {}", arguments.seed, report.summary(arguments.power_cut));
    if arguments.sabotage.is_some() {
        let caught = report.lost() > 0;
        println!(
            "control caught: {} ({} of {} ends showed losses)",
            if caught { "yes" } else { "no" },
            report.rounds_with_losses,
            report.rounds
        );
        return Ok(caught);
    }
    for (round, found) in report.violations.iter().take(shown) {
        println!("  round {round}: {found}");
    }
    Ok(report.violations.is_empty())
}

impl Options {
    fn bench(&self) -> Bench {
        let mut launch = Launch::release();
        if let Some(binary) = &self.binary {
            launch.binary.clone_from(binary);
        }
        launch.log.clone_from(&self.log);
        let ungrouped = self.sabotaged.as_ref().map(|binary| Launch {
            binary: binary.clone(),
            env: vec![("STREAMSPHERE_SABOTAGE".to_owned(), "no-groups".to_owned())],
            log: self.log.clone(),
        });
        Bench {
            launch,
            ungrouped,
            scratch: self.scratch.clone(),
            rounds: self.rounds.max(1),
            run: Duration::from_secs(self.seconds.max(1)),
            most_videos: self.most_videos,
            only: self.only.clone(),
            search_videos: self.search_videos,
        }
    }
}

type Measure = fn(&Bench) -> Result<Section, BenchError>;

const ALL: [(&str, Measure); 18] = [
    ("startup", measures::startup::measure),
    ("delivery", measures::delivery::against_nginx),
    ("bucket", measures::bucket::measure),
    ("api", measures::api::measure),
    ("writes", measures::writes::measure),
    ("likes", measures::likes::measure),
    ("lists", measures::lists::measure),
    ("lists-on-postgres", measures::lists::measure_on_postgres),
    ("nodes", measures::nodes::measure),
    ("events", measures::events::measure),
    ("search", measures::search::measure),
    ("search-on-postgres", measures::search::measure_on_postgres),
    ("analytics", measures::analytics::measure),
    ("upload", measures::upload::measure),
    ("tus", measures::tus::measure),
    ("hls", measures::hls::measure),
    ("ladder", measures::ladder::measure),
    ("busy", measures::busy::measure),
];

/// Runs the named measures; each is shown and saved as soon as it is done, so that a later failure
/// costs nothing.
fn run(options: &Options, wanted: &[&str]) -> Result<bool, BenchError> {
    let bench = options.bench();
    let mut all_well = true;
    for (name, measure) in ALL
        .iter()
        .filter(|(name, _)| wanted.is_empty() || wanted.contains(name))
    {
        eprintln!("measuring {name} …");
        match measure(&bench) {
            Ok(section) => {
                println!("{}", section.markdown());
                if bench.only.is_empty() {
                    report::save(&options.results, &measures::machine(), &[section])?;
                }
            }
            Err(error) if wanted.is_empty() => {
                eprintln!("{name} could not be measured: {error}");
                all_well = false;
            }
            Err(error) => return Err(error),
        }
    }
    Ok(all_well)
}

fn dispatch(command: Command) -> Result<bool, BenchError> {
    match command {
        Command::Delivery(options) => run(&options, &["delivery"]),
        Command::Bucket(options) => run(&options, &["bucket"]),
        Command::Api(options) => run(&options, &["api"]),
        Command::Writes(options) => run(&options, &["writes"]),
        Command::Likes(options) => run(&options, &["likes"]),
        Command::Lists(options) => run(&options, &["lists"]),
        Command::ListsOnPostgres(options) => run(&options, &["lists-on-postgres"]),
        Command::Nodes(options) => run(&options, &["nodes"]),
        Command::Events(options) => run(&options, &["events"]),
        Command::Search(options) => run(&options, &["search"]),
        Command::SearchOnPostgres(options) => run(&options, &["search-on-postgres"]),
        Command::Analytics(options) => run(&options, &["analytics"]),
        Command::Upload(options) => run(&options, &["upload"]),
        Command::Tus(options) => run(&options, &["tus"]),
        Command::Hls(options) => run(&options, &["hls"]),
        Command::Ladder(options) => run(&options, &["ladder"]),
        Command::Busy(options) => run(&options, &["busy"]),
        Command::Startup(options) => run(&options, &["startup"]),
        Command::All(options) => run(&options, &[]),
        Command::NginxAlone(options) => {
            println!(
                "{}",
                measures::delivery::nginx_alone(&options.bench())?.markdown()
            );
            Ok(true)
        }
        Command::Crash(options) => crash(&options),
        Command::Serve => stand_in::serve().map(|()| true),
        Command::BareAxum { body_bytes, listen } => bare_axum::serve(listen, body_bytes).map(|()| true),
    }
}

fn main() -> ExitCode {
    match dispatch(Cli::parse().command) {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(error) => {
            eprintln!("{error}");
            ExitCode::FAILURE
        }
    }
}
