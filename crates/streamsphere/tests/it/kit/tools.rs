//! Other people's programs, where `scripts/install-tools test` puts them.

use std::path::{Path, PathBuf};

/// The folder of all of them.
pub fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../.tools")
}

/// Whether a program is installed. On a machine that only tests, one that is missing is an error.
pub fn is_there(path: &Path) -> bool {
    let there = path.exists();
    let must = std::env::var("CI").is_ok_and(|ci| ci == "true");
    assert!(
        there || !must,
        "{} is missing: scripts/install-tools test",
        path.display()
    );
    there
}
