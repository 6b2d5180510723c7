//! Forbidden acts, tried from inside the sandbox.

use std::ffi::OsString;
use std::path::Path;

use streamsphere_media::runner::{Limits, run_confined};
use tempfile::TempDir;

use crate::kit::{folder, tools};

/// Raw system calls by number, so on this architecture only.
const PERL: &str = "/usr/bin/perl";

struct Stage {
    folder: TempDir,
    words: Vec<OsString>,
}

fn stage() -> Stage {
    let folder = folder();
    let path = |name: &str| folder.path().join(name);
    std::fs::write(path("input"), "input").unwrap();
    std::fs::write(path("sibling"), "someone else's").unwrap();
    std::fs::create_dir(path("out")).unwrap();
    let mut words: Vec<OsString> = vec!["-e".into(), include_str!("acts.pl").into()];
    words.extend(["input", "sibling", "out", "outside"].map(|name| path(name).into_os_string()));
    words.push(std::process::id().to_string().into());
    Stage { folder, words }
}

fn acts(said: &str) -> (Vec<&str>, Vec<&str>) {
    assert!(!said.contains("broken"), "{said}");
    let (denied, done): (Vec<_>, Vec<_>) = said.lines().partition(|line| line.ends_with(" denied"));
    (denied, done)
}

#[tokio::test]
async fn every_forbidden_act_is_denied_inside() {
    if !cfg!(target_arch = "x86_64") || !Path::new(PERL).exists() {
        return;
    }
    let stage = stage();
    let path = |name: &str| stage.folder.path().join(name);
    let (code, said, complaints) = run_confined(
        &tools(),
        Path::new(PERL),
        stage.words.clone(),
        &[path("input")],
        Some(&path("out")),
        &Limits::short(),
    )
    .await
    .unwrap();
    let said = String::from_utf8_lossy(&said);
    let (denied, done) = acts(&said);
    assert!(
        done.is_empty(),
        "{done:?} {}",
        String::from_utf8_lossy(&complaints)
    );
    assert!(denied.len() >= 25, "{}", denied.len());
    println!("{} of {} acts denied", denied.len(), denied.len());
    assert_eq!(code, Some(0), "the last act was reached");
    assert_eq!(
        std::fs::read_to_string(path("sibling")).unwrap(),
        "someone else's"
    );
    assert!(!path("outside").exists());
}

/// The control: without a sandbox the same acts go through, so "denied" means something.
#[test]
#[expect(clippy::disallowed_types, reason = "the control runs outside the sandbox")]
fn the_same_acts_go_through_outside() {
    if !cfg!(target_arch = "x86_64") || !Path::new(PERL).exists() {
        return;
    }
    let stage = stage();
    let output = std::process::Command::new(PERL)
        .args(&stage.words)
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&output.stdout).into_owned();
    let (_, done) = acts(&said);
    assert!(done.len() >= 25, "{said}");
}

#[tokio::test]
async fn memory_files_and_processor_time_run_out_inside() {
    if !Path::new(PERL).exists() {
        return;
    }
    let stage = stage();
    let out = stage.folder.path().join("out");
    let limits = Limits {
        cpu_s: 1,
        file_bytes: 1_000_000,
        memory_bytes: 256 << 20,
        ..Limits::short()
    };
    let run = async |script: String| {
        let words = vec!["-e".into(), script.into()];
        let ended = run_confined(&tools(), Path::new(PERL), words, &[], Some(&out), &limits)
            .await
            .unwrap();
        (ended.0, String::from_utf8_lossy(&ended.1).into_owned())
    };
    let (code, _) = run("1 while 1".into()).await;
    assert_eq!(code, None, "killed for its processor time");
    let (code, said) = run("my $x = 'x' x 1_000_000_000; print 'lives'".into()).await;
    assert!(code != Some(0) && said.is_empty(), "out of memory");
    let file = out.join("big");
    let (code, _) = run(format!(
        "open my $f, '>', '{}'; print $f 'x' x 9_000_000; close $f or die",
        file.display()
    ))
    .await;
    assert_ne!(code, Some(0));
    assert!(std::fs::metadata(&file).unwrap().len() <= 1_000_000);
    let script = "my @f; for (1..200) { open(my $f, '<', '/dev/null') or last; push @f, $f } print scalar @f";
    let (_, said) = run(script.into()).await;
    assert!(said.parse::<u32>().unwrap() < 64, "{said}");
}

#[tokio::test]
async fn the_environment_stays_outside() {
    if !Path::new(PERL).exists() {
        return;
    }
    let words = vec!["-e".into(), "print join ',', sort keys %ENV".into()];
    let (_, said, _) = run_confined(&tools(), Path::new(PERL), words, &[], None, &Limits::short())
        .await
        .unwrap();
    assert_eq!(String::from_utf8_lossy(&said), "LC_ALL,PATH");
}
