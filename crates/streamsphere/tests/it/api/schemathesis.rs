//! Requests that Schemathesis makes of the OpenAPI document: good ones, broken ones, and what follows from what was
//! answered. No answer may be a failure of the server, or of a status that the document does not name.

use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::Duration;

use crate::kit::{self, Person, Site, clips, tools};

/// Requests of each kind for each call, unless `SCHEMATHESIS_EXAMPLES` says otherwise (`make schemathesis`).
const EXAMPLES: u32 = 20;
/// The longest that one run may take: access tokens end after ten minutes, and a run that is signed in has one.
const MOST: Duration = Duration::from_mins(9);

/// What is left out: `stream_events` and `stream_dashboard` have no end, `get_oembed` answers 501 because oEmbed asks for it where a format is
/// not offered, and the others end the sign-in that all calls are made with.
const LEFT_OUT: &str =
    "^(stream_events|stream_dashboard|get_oembed|sign_out|leave|change_password)(_alias_[0-9]+)?$";

/// A number that makes the same requests every time.
const SEED: &str = "20260131";

fn examples() -> u32 {
    let asked = std::env::var("SCHEMATHESIS_EXAMPLES").ok();
    asked.map_or(EXAMPLES, |text| text.parse().unwrap())
}

/// How bodies are written that are neither JSON nor forms.
fn hooks() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/it/api/schemathesis_hooks.py")
}

/// Something of each kind, so that what is asked for by example may be there.
async fn furnishes(site: &Site) -> Person<'_> {
    let asha = site.person("asha").await;
    let id = asha
        .publishes(&clips::small(), &[("title", "Ships at sea")])
        .await;
    asha.comments(&id, "What a fine ship!").await;
    asha.tweets("Ships!").await;
    asha
}

/// Asserts that Schemathesis finds nothing.
#[expect(clippy::disallowed_types, reason = "tests run the real program")]
async fn finds_nothing(site: &Site, person: &Person<'_>) {
    let st = tools::folder().join("schemathesis/bin/st");
    if !tools::is_there(&st) {
        return;
    }
    let mut command = tokio::process::Command::new(&st);
    command
        .arg("run")
        .arg(format!("{}/api/v1/openapi.json", site.url))
        .args(["--checks", "not_a_server_error,status_code_conformance"])
        .args(["--phases", "examples,coverage,fuzzing,stateful"])
        .args(["--exclude-operation-id-regex", LEFT_OUT, "--exclude-deprecated"])
        .args(["--max-examples", &examples().to_string(), "--seed", SEED])
        .args(["--request-timeout", "20", "--generation-database", "none"])
        .args(["--generation-with-security-parameters", "false"])
        .args([
            "--suppress-health-check",
            "all",
            "--warnings",
            "off",
            "--no-color",
        ])
        .arg("--continue-on-failure")
        .env("SCHEMATHESIS_HOOKS", hooks())
        // What it notes down lies where we clean up.
        .current_dir(site.folder.path())
        .stdin(Stdio::null())
        .kill_on_drop(true);
    if let Some(token) = &person.token {
        command.args(["--header", &format!("Authorization: Bearer {token}")]);
    }
    let output = tokio::time::timeout(MOST, command.output())
        .await
        .expect("it does not come to an end")
        .unwrap();
    let said = String::from_utf8_lossy(&output.stdout);
    assert!(
        output.status.success(),
        "{said}{}",
        String::from_utf8_lossy(&output.stderr)
    );
    assert!(said.contains("Selected:"), "it did something: {said}");
}

#[tokio::test(flavor = "multi_thread")]
async fn schemathesis_finds_nothing_when_signed_in() {
    let site = kit::site().await;
    let asha = furnishes(&site).await;
    finds_nothing(&site, &asha).await;
    site.anyone().get("/api/v1/healthcheck").await.is(200);
}

#[tokio::test(flavor = "multi_thread")]
async fn schemathesis_finds_nothing_when_not_signed_in() {
    let site = kit::site().await;
    furnishes(&site).await;
    finds_nothing(&site, &site.anyone()).await;
    site.anyone().get("/api/v1/healthcheck").await.is(200);
}
