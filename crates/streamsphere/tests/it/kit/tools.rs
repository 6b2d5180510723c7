//! Other people's programs, where `scripts/install-tools test` puts them.

use std::collections::BTreeMap;
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

/// The files of a ZIP archive by their names, as Python's own reader finds them; it compares checksums.
#[expect(clippy::disallowed_types, reason = "tests ask an independent reader")]
pub fn unzipped(archive: &[u8]) -> BTreeMap<String, Vec<u8>> {
    const READ: &str = "import sys, zipfile\n\
        z = zipfile.ZipFile(sys.argv[1])\n\
        assert z.testzip() is None\n\
        assert len(set(z.namelist())) == len(z.namelist())\n\
        z.extractall(sys.argv[2])\n\
        print('\\n'.join(z.namelist()))";
    let folder = tempfile::tempdir().unwrap();
    let (file, into) = (folder.path().join("archive.zip"), folder.path().join("files"));
    std::fs::write(&file, archive).unwrap();
    let output = std::process::Command::new("python3")
        .arg("-c")
        .arg(READ)
        .args([&file, &into])
        .output()
        .unwrap();
    assert!(
        output.status.success(),
        "{}",
        String::from_utf8_lossy(&output.stderr)
    );
    String::from_utf8(output.stdout)
        .unwrap()
        .lines()
        .map(|name| (name.to_owned(), std::fs::read(into.join(name)).unwrap()))
        .collect()
}
