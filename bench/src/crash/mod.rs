//! The crash harness: mixed work by many clients, a sudden end, a restart, and a check that nothing
//! that was acknowledged is lost. With a power cut, the data folder lives on [`crate::lossyfs`], so that
//! a missing fsync shows; with sabotage, the server skips its fsyncs and the harness has to notice.

pub mod actor;
pub mod check;
pub mod disk;
pub mod model;

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use crate::error::{BenchError, Doing};
use crate::lossyfs::{self, Loss, LossyFs, Rule};
use crate::media::{self, Clip};
use crate::process::{self, children_of};
use crate::report::percentile;
use crate::rng::Rng;
use crate::server::{Launch, Server};
use actor::{Actor, Tally};
use check::Patience;
use model::Violation;

/// The environment variable that makes a server built for it skip its syncs.
const SWITCH: &str = "STREAMSPHERE_SABOTAGE";

/// What to do.
#[derive(Debug, Clone)]
pub struct Options {
    /// How often the server is ended.
    pub rounds: u64,
    /// Decides all that is left to chance, except what threads do to each other.
    pub seed: u64,
    /// Clients that work at once.
    pub clients: usize,
    /// The longest work before an end.
    pub longest: Duration,
    /// Cut the power as well.
    pub power_cut: bool,
    /// What makes names durable.
    pub rule: Rule,
    /// The server is built to skip its fsyncs; the run is right when it shows losses.
    pub sabotage: bool,
    /// How the server is started.
    pub launch: Launch,
    /// Where the data folder is made.
    pub scratch: PathBuf,
    /// How long processing and clean-up may take after a restart.
    pub processing: Duration,
}

/// What came of it.
#[derive(Debug, Clone, Default)]
pub struct Report {
    /// Ends of the server.
    pub rounds: u64,
    /// Rounds after which something was lost.
    pub rounds_with_losses: u64,
    /// Requests by outcome.
    pub tally: Tally,
    /// All that must not be, with the round.
    pub violations: Vec<(u64, Violation)>,
    /// From exec to healthy, after each end, in ms.
    pub restarts_ms: Vec<f64>,
}

impl Report {
    /// Acknowledged effects that were lost.
    pub fn lost(&self) -> usize {
        self.violations
            .iter()
            .filter(|(_, found)| matches!(found, Violation::Lost(_)))
            .count()
    }

    /// One line that says it all.
    pub fn summary(&self, power_cut: bool) -> String {
        format!(
            "{} {}, {} acknowledged changes ({} unknown, {} refused), {} lost, {} other violations; restart \
             p99 {:.0} ms",
            self.rounds,
            if power_cut { "power cuts" } else { "kills" },
            self.tally.acknowledged,
            self.tally.unknown,
            self.tally.refused,
            self.lost(),
            self.violations.len() - self.lost(),
            percentile(&self.restarts_ms, 99.0),
        )
    }
}

/// The data folder, on the lossy file system or not.
enum Place {
    Plain(PathBuf),
    Lossy {
        folder: PathBuf,
        rule: Rule,
        mount: Option<LossyFs>,
    },
}

impl Place {
    fn data(&mut self) -> Result<PathBuf, BenchError> {
        match self {
            Self::Plain(path) => Ok(path.clone()),
            Self::Lossy { folder, rule, mount } => {
                let mount = match mount {
                    Some(mount) => mount,
                    empty => empty.insert(LossyFs::mount(folder, *rule)?),
                };
                Ok(mount.path().join("data"))
            }
        }
    }

    fn lossy(&self) -> Option<&LossyFs> {
        match self {
            Self::Plain(_) => None,
            Self::Lossy { mount, .. } => mount.as_ref(),
        }
    }

    fn cut(&mut self, loss: Loss) -> Result<(), BenchError> {
        if let Self::Lossy { mount, .. } = self
            && let Some(mount) = mount.take()
        {
            mount.cut(loss)?;
        }
        Ok(())
    }

    /// Forgets everything: what is there cannot be used any more.
    fn wipe(&mut self) -> Result<(), BenchError> {
        let folder = match self {
            Self::Plain(path) => path.clone(),
            Self::Lossy { folder, mount, .. } => {
                if let Some(mount) = mount.take() {
                    mount.cut(Loss::Everything)?;
                }
                folder.clone()
            }
        };
        if folder.exists() {
            std::fs::remove_dir_all(&folder).doing("clear the data folder")?;
        }
        std::fs::create_dir_all(&folder).doing("make the data folder")
    }
}

struct Harness {
    options: Options,
    place: Place,
    actors: Vec<Actor>,
    rng: Rng,
    report: Report,
}

/// Runs the harness. Violations are in the report; an error means that it could not be carried out.
pub fn run(options: Options, progress: &mut dyn FnMut(&str)) -> Result<Report, BenchError> {
    if options.power_cut
        && let Some(reason) = lossyfs::unavailable()
    {
        return Err(BenchError::Usage(reason));
    }
    if options.sabotage && !can_be_sabotaged(&options.launch.binary) {
        return Err(BenchError::Usage(format!(
            "{} was built without the feature `sabotage`: as a control it would show nothing",
            options.launch.binary.display()
        )));
    }
    std::fs::create_dir_all(&options.scratch).doing("create the scratch folder")?;
    let folder = tempfile::Builder::new()
        .prefix("streamsphere-crash-")
        .tempdir_in(&options.scratch)
        .doing("create a folder for the run")?;
    let scratch = folder.path().canonicalize().doing("find the folder of the run")?;
    let clips = Arc::new(clips(&scratch)?);
    let mut rng = Rng::new(options.seed);
    let actors = (0..options.clients)
        .map(|number| Actor::new(format!("client{number}"), Arc::clone(&clips), rng.fork()))
        .collect();
    let place = if options.power_cut {
        Place::Lossy {
            folder: scratch.join("lossy"),
            rule: options.rule,
            mount: None,
        }
    } else {
        Place::Plain(scratch.join("data"))
    };
    let mut harness = Harness {
        options,
        place,
        actors,
        rng,
        report: Report::default(),
    };
    harness.place.wipe()?;
    harness.all_rounds(progress)?;
    for actor in &harness.actors {
        harness.report.tally.acknowledged += actor.tally.acknowledged;
        harness.report.tally.refused += actor.tally.refused;
        harness.report.tally.unknown += actor.tally.unknown;
    }
    Ok(harness.report)
}

/// Whether the program knows the switch that lets it skip its syncs: a control with one that does not
/// would take real losses for the expected ones.
pub(crate) fn can_be_sabotaged(binary: &Path) -> bool {
    process::run("grep", &["-q", "-F", SWITCH, &binary.to_string_lossy()]).is_ok()
}

/// Short real clips, each other than the rest.
fn clips(folder: &Path) -> Result<Vec<Vec<u8>>, BenchError> {
    let shapes = [
        (1, (160, 90)),
        (1, (320, 180)),
        (2, (160, 120)),
        (1, (90, 160)),
        (2, (426, 240)),
    ];
    let mut clips = Vec::new();
    for (variant, (seconds, size)) in shapes.into_iter().enumerate() {
        let path = folder.join("clip.mp4");
        let variant = variant as u64 * 61;
        media::make(
            &path,
            Clip {
                seconds,
                size,
                variant,
                video_bits_per_second: None,
            },
        )?;
        clips.push(std::fs::read(&path).doing("read a clip")?);
    }
    Ok(clips)
}

impl Harness {
    fn all_rounds(&mut self, progress: &mut dyn FnMut(&str)) -> Result<(), BenchError> {
        let mut fresh = true;
        for round in 0..=self.options.rounds {
            let before = self.report.violations.len();
            let Some(server) = self.start(round, fresh)? else {
                fresh = true;
                continue;
            };
            let checked = if fresh {
                self.populate(server)
            } else {
                self.verify(server, round)
            };
            let server = match checked {
                Ok(server) => Some(server),
                Err(error) if !fresh => {
                    self.violation(round, Violation::Lost(format!("everything: {error}")));
                    self.place.wipe()?;
                    None
                }
                Err(error) => return Err(error),
            };
            let lost = self.report.violations[before..]
                .iter()
                .any(|(_, found)| matches!(found, Violation::Lost(_)));
            self.report.rounds_with_losses += u64::from(lost);
            for (_, found) in &self.report.violations[before..] {
                progress(&format!("round {round}: {found}"));
            }
            fresh = server.is_none();
            let Some(server) = server else { continue };
            if round == self.options.rounds {
                server.stop()?;
                return self.place.cut(Loss::Everything);
            }
            self.work_and_end(server)?;
            self.report.rounds += 1;
            progress(&format!("round {} of {} ended", round + 1, self.options.rounds));
        }
        Ok(())
    }

    fn violation(&mut self, round: u64, found: Violation) {
        self.report.violations.push((round, found));
    }

    fn launch(&self) -> Launch {
        let mut launch = self.options.launch.clone();
        if self.options.sabotage {
            launch.env.push((SWITCH.to_owned(), "no-sync".to_owned()));
        }
        launch
    }

    /// Starts the server on what the last end left. One that does not start has lost everything: that
    /// is noted, and the next round begins with nothing.
    fn start(&mut self, round: u64, fresh: bool) -> Result<Option<Server>, BenchError> {
        let data = self.place.data()?;
        match self.launch().start(&data) {
            Ok(server) => {
                if !fresh {
                    self.report.restarts_ms.push(server.startup.as_secs_f64() * 1e3);
                }
                Ok(Some(server))
            }
            Err(error) if !fresh => {
                self.violation(
                    round,
                    Violation::Lost(format!("everything: the server does not start: {error}")),
                );
                self.report.rounds_with_losses += 1;
                self.place.wipe()?;
                Ok(None)
            }
            Err(error) => Err(error),
        }
    }

    fn populate(&mut self, server: Server) -> Result<Server, BenchError> {
        for actor in &mut self.actors {
            actor.arrive(server.address())?;
        }
        Ok(server)
    }

    /// All checks; the server is stopped in good order for the last ones and started again.
    fn verify(&mut self, mut server: Server, round: u64) -> Result<Server, BenchError> {
        let address = server.address();
        let patience = Patience {
            processing: self.options.processing,
        };
        // One client in eight reads all its videos again.
        let again = self.rng.below(8) as usize;
        let found: Vec<Violation> = std::thread::scope(|scope| {
            let checks: Vec<_> = self
                .actors
                .iter_mut()
                .enumerate()
                .map(|(index, actor)| {
                    scope.spawn(move || check::actor(actor, address, patience, index % 8 == again))
                })
                .collect();
            checks
                .into_iter()
                .flat_map(|check| {
                    check
                        .join()
                        .unwrap_or_else(|_| vec![Violation::Broken("a check panicked".to_owned())])
                })
                .collect()
        });
        for found in found {
            self.violation(round, found);
        }
        server.must_run()?;
        let data = self.place.data()?;
        let videos: Vec<_> = self
            .actors
            .iter()
            .flat_map(|actor| actor.videos.clone())
            .collect();
        for found in readable(disk::files(&data, &videos, self.options.processing)) {
            self.violation(round, found);
        }
        let took = server.stop()?;
        if took > Duration::from_secs(10) {
            self.violation(
                round,
                Violation::Broken("the server had to be killed after SIGTERM".to_owned()),
            );
        }
        for found in readable(disk::database(&data)) {
            self.violation(round, found);
        }
        let server = self.launch().start(&data)?;
        for actor in &mut self.actors {
            // Those that lost their account get it again, so that the rest of the run means something.
            if actor.family.is_none() {
                actor.name.push('x');
                actor.arrive(server.address())?;
            }
        }
        Ok(server)
    }

    /// Lets all clients work, then ends the server at a moment of chance.
    fn work_and_end(&mut self, server: Server) -> Result<(), BenchError> {
        let address = server.address();
        let work = Duration::from_millis(200 + self.rng.below(self.options.longest.as_millis() as u64));
        // Half of the power cuts come at a chosen write or sync, the others at a chosen time.
        if let Some(lossy) = self.place.lossy()
            && self.rng.chance(50)
        {
            lossy.power_off_after(200 + self.rng.below(10_000));
        }
        let stop = AtomicBool::new(false);
        let place = &self.place;
        let actors = &mut self.actors;
        let late = Duration::from_millis(self.rng.below(30));
        let descendants = std::thread::scope(|scope| {
            for actor in actors.iter_mut() {
                let stop = &stop;
                scope.spawn(move || actor.work(address, stop));
            }
            let began = Instant::now();
            while began.elapsed() < work && !place.lossy().is_some_and(LossyFs::is_off) {
                std::thread::sleep(Duration::from_millis(2));
            }
            // The server lives on for a moment without its disk: what it says then must be true too.
            if let Some(lossy) = place.lossy() {
                lossy.power_off();
                std::thread::sleep(late);
            }
            let descendants = descendants_of(server.pid());
            let killed = server.kill();
            stop.store(true, Ordering::Relaxed);
            killed.map(|()| descendants)
        })?;
        for process in descendants.into_iter().filter(|process| !ends_soon(process)) {
            let round = self.report.rounds;
            self.violation(
                round,
                Violation::Broken(format!("process {} outlived the server", process.0)),
            );
            process::kill(process.0)?;
        }
        let loss = if self.rng.chance(50) {
            Loss::Everything
        } else {
            Loss::Torn {
                seed: self.rng.bits(),
            }
        };
        self.place.cut(loss)
    }
}

/// A data folder that cannot be read has lost what was in it.
fn readable(found: Result<Vec<Violation>, BenchError>) -> Vec<Violation> {
    found.unwrap_or_else(|error| {
        vec![Violation::Lost(format!(
            "the data folder cannot be read: {error}"
        ))]
    })
}

/// A process and when it began, so that a reused id is not taken for it.
type Started = (u32, String);

fn started(pid: u32) -> Option<Started> {
    let stat = std::fs::read_to_string(format!("/proc/{pid}/stat")).ok()?;
    let (_, fields) = stat.rsplit_once(')')?;
    let mut fields = fields.split_whitespace();
    let state = fields.next()?;
    // Zombies wait for their new parent to notice; they do nothing any more.
    (state != "Z").then_some(())?;
    Some((pid, fields.nth(18)?.to_owned()))
}

fn descendants_of(pid: u32) -> Vec<Started> {
    let mut all = Vec::new();
    let mut open = children_of(pid);
    while let Some(pid) = open.pop() {
        open.extend(children_of(pid));
        all.extend(started(pid));
    }
    all
}

/// Whether the process is gone within five seconds.
fn ends_soon(process: &Started) -> bool {
    let began = Instant::now();
    while began.elapsed() < Duration::from_secs(5) {
        if started(process.0).as_ref() != Some(process) {
            return true;
        }
        std::thread::sleep(Duration::from_millis(5));
    }
    false
}
