//! Starting, following and ending programs.

use std::path::{Path, PathBuf};
use std::time::Duration;

use rustix::process::{Pid, Signal, kill_process};
use streamsphere_media::encode::{self, Step};
use streamsphere_media::ladder::{LadderSettings, plan};
use streamsphere_media::probe::Probe;
use streamsphere_media::runner::{Limits, RunError, Tools, probe_status, run};
use tokio_util::sync::CancellationToken;

use crate::kit::{bare_tools, clip, folder, helper, probed, source, tools};

/// The call that encodes all of a source but its lowest rung.
fn encodes(probe: &Probe, input: &Path, out: &Path) -> Step {
    let ladder = plan(probe, &LadderSettings::default()).unwrap();
    encode::part(&ladder, probe, input, out, ladder.passes.len() - 1, 0, 2, false).unwrap()
}

/// A call that takes a while.
async fn slow_step(folder: &Path) -> Step {
    let path = clip(
        folder,
        "slow.mp4",
        "-f lavfi -i testsrc2=s=1280x720:r=30:d=40 -c:v mpeg4 -q:v 8 -g 30",
    );
    let out = folder.join("out");
    std::fs::create_dir(&out).unwrap();
    encodes(&probed(&path).await.unwrap(), &path, &out)
}

/// Processes that have this path on their command line.
fn processes_with(path: &Path) -> Vec<PathBuf> {
    let needle = path.to_str().unwrap().as_bytes();
    let own = PathBuf::from(format!("/proc/{}", std::process::id()));
    std::fs::read_dir("/proc")
        .unwrap()
        .filter_map(|entry| entry.ok().map(|entry| entry.path()))
        .filter(|entry| *entry != own)
        .filter(|entry| {
            let words = std::fs::read(entry.join("cmdline")).unwrap_or_default();
            words.windows(needle.len()).any(|window| window == needle)
        })
        .collect()
}

#[tokio::test]
async fn progress_is_told_and_ends_at_the_duration() {
    let folder = folder();
    let path = clip(
        folder.path(),
        "a.mp4",
        &format!("{} -c:v mpeg4 -c:a aac", source("640x360", 30, 20)),
    );
    let out = crate::kit::folder();
    let step = encodes(&probed(&path).await.unwrap(), &path, out.path());
    let mut seen = Vec::new();
    let finished = run(
        &tools(),
        &step.invocation,
        &step.limits,
        |progress| seen.push(progress),
        &CancellationToken::new(),
    )
    .await
    .unwrap();
    assert!(!seen.is_empty());
    assert!(
        seen.windows(2)
            .all(|pair| pair[0].out_time_ms <= pair[1].out_time_ms)
    );
    assert!(
        finished.progress.out_time_ms.abs_diff(20_000) < 200,
        "{:?}",
        finished.progress
    );
    assert_eq!(finished.stderr_tail, "");
}

#[tokio::test]
async fn a_stop_signal_ends_the_program_and_leaves_no_process() {
    for tools in [tools(), bare_tools()] {
        let folder = folder();
        let step = slow_step(folder.path()).await;
        let signal = CancellationToken::new();
        let ended = run(
            &tools,
            &step.invocation,
            &step.limits,
            |_| signal.cancel(),
            &signal,
        )
        .await;
        assert!(matches!(ended, Err(RunError::Cancelled)), "{ended:?}");
        assert!(processes_with(folder.path()).is_empty());
        let again = run(&tools, &step.invocation, &step.limits, |_| (), &signal).await;
        assert!(
            matches!(again, Err(RunError::Cancelled)),
            "nothing is started any more"
        );
    }
}

#[tokio::test]
async fn a_signal_from_elsewhere_is_not_taken_for_a_fault_of_the_file() {
    let folder = folder();
    let step = slow_step(folder.path()).await;
    let ends = |_| {
        for process in processes_with(folder.path()) {
            let number = process.file_name().unwrap().to_str().unwrap().parse().unwrap();
            // One that is just about to end needs no signal.
            let _ = kill_process(Pid::from_raw(number).unwrap(), Signal::TERM);
        }
    };
    let ended = run(
        &tools(),
        &step.invocation,
        &step.limits,
        ends,
        &CancellationToken::new(),
    )
    .await;
    assert!(
        matches!(ended, Err(RunError::Failed { code: None, .. })),
        "{ended:?}"
    );
}

#[tokio::test]
async fn losing_interest_ends_the_program_too() {
    let folder = folder();
    let step = slow_step(folder.path()).await;
    let (started, mut is_started) = tokio::sync::mpsc::unbounded_channel();
    let (tools, signal) = (tools(), CancellationToken::new());
    tokio::select! {
        ended = run(&tools, &step.invocation, &step.limits, |_| { let _ = started.send(()); }, &signal) => {
            panic!("ended by itself: {ended:?}")
        }
        _ = is_started.recv() => {}
    }
    // The kernel takes a moment to bury it; a zombie has no command line any more.
    let gone = async {
        while !processes_with(folder.path()).is_empty() {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    };
    tokio::time::timeout(Duration::from_secs(5), gone).await.unwrap();
}

#[tokio::test]
async fn each_limit_ends_the_program_and_says_which_it_was() {
    let folder = folder();
    let step = slow_step(folder.path()).await;
    let with = async |change: fn(&mut Limits)| {
        let mut limits = Limits::long(40_000, 50_000_000, 2);
        change(&mut limits);
        let signal = CancellationToken::new();
        run(&tools(), &step.invocation, &limits, |_| (), &signal)
            .await
            .unwrap_err()
    };
    let ended = with(|limits| limits.wall = Duration::from_millis(300)).await;
    assert!(matches!(ended, RunError::TimedOut { .. }), "{ended:?}");
    let ended = with(|limits| limits.stall = Duration::from_millis(20)).await;
    assert!(matches!(ended, RunError::Stalled { .. }), "{ended:?}");
    let ended = with(|limits| limits.cpu_s = 1).await;
    assert!(matches!(ended, RunError::Killed), "{ended:?}");
    let ended = with(|limits| limits.file_bytes = 100_000).await;
    assert!(matches!(ended, RunError::TooLarge), "{ended:?}");
    let ended = with(|limits| limits.memory_bytes = 64 << 20).await;
    assert!(
        matches!(ended, RunError::Failed { .. } | RunError::Sandbox { .. }),
        "{ended:?}"
    );
}

#[tokio::test]
async fn a_program_that_is_not_there_is_said_so() {
    let folder = folder();
    let step = slow_step(folder.path()).await;
    let missing = |tools: Tools| Tools {
        ffmpeg: "/nowhere/ffmpeg".into(),
        ..tools
    };
    for (tools, bare) in [(missing(tools()), false), (missing(bare_tools()), true)] {
        let signal = CancellationToken::new();
        let ended = run(&tools, &step.invocation, &step.limits, |_| (), &signal)
            .await
            .unwrap_err();
        let right = if bare {
            matches!(ended, RunError::Spawn(_))
        } else {
            matches!(ended, RunError::Sandbox { .. })
        };
        assert!(right && ended.is_transient(), "{ended:?}");
    }
}

#[tokio::test]
async fn the_status_tells_which_layers_hold() {
    let status = probe_status(&tools()).await.unwrap();
    assert!(status.is_enforced(), "{status:?}");
    assert!(status.landlock_abi >= 3);
    let none = probe_status(&bare_tools()).await.unwrap();
    assert!(!none.is_enforced());
    let odd = Tools {
        sandbox: Some("/bin/true".into()),
        ..tools()
    };
    assert!(probe_status(&odd).await.is_err());
    assert!(helper().is_absolute());
}
