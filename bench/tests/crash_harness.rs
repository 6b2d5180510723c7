//! The crash harness against a stand-in for the server: it must be quiet when nothing is lost and loud
//! when something is.
#![expect(
    clippy::unwrap_used,
    clippy::print_stdout,
    reason = "a test fails by panicking and tells what it saw"
)]

use std::path::PathBuf;
use std::time::Duration;

use streamsphere_bench::crash::{self, Options, Report};
use streamsphere_bench::lossyfs::{self, Rule};
use streamsphere_bench::server::Launch;

fn run(power_cut: bool, sabotage: bool) -> Report {
    let folder = tempfile::tempdir().unwrap();
    let options = Options {
        rounds: 4,
        seed: 7,
        clients: 6,
        longest: Duration::from_millis(600),
        power_cut,
        rule: Rule::Strict,
        sabotage,
        launch: Launch {
            binary: PathBuf::from(env!("CARGO_BIN_EXE_streamsphere-bench")),
            env: Vec::new(),
            log: None,
        },
        scratch: folder.path().to_owned(),
        processing: Duration::from_secs(2),
    };
    let report = crash::run(options, &mut |line| println!("{line}")).unwrap();
    println!("{}", report.summary(power_cut));
    report
}

#[test]
fn a_server_that_syncs_loses_nothing_by_kills() {
    let report = run(false, false);
    assert!(report.tally.acknowledged > 50, "{:?}", report.tally);
    assert_eq!(report.violations, []);
}

#[test]
fn a_server_that_syncs_loses_nothing_by_power_cuts() {
    if lossyfs::unavailable().is_some() {
        return;
    }
    let report = run(true, false);
    assert!(report.tally.acknowledged > 50, "{:?}", report.tally);
    assert_eq!(report.violations, []);
}

#[test]
fn a_server_that_does_not_sync_is_caught_by_power_cuts_and_not_by_kills() {
    if lossyfs::unavailable().is_some() {
        return;
    }
    assert!(run(true, true).lost() > 0, "the control must be caught");
    assert_eq!(run(false, true).lost(), 0, "a kill cannot show a missing fsync");
}
