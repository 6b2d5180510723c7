//! The lock on the data folder.

use store::{DataLock, LockError};
use tempfile::tempdir;

#[test]
fn a_second_server_on_the_same_folder_is_told_who_has_it() {
    let folder = tempdir().unwrap();
    let held = DataLock::acquire(folder.path()).unwrap();
    let refused = DataLock::acquire(folder.path()).unwrap_err();
    assert_eq!(
        refused.to_string(),
        format!(
            "data folder {} is in use by another streamsphere (process {})",
            folder.path().display(),
            std::process::id()
        )
    );
    drop(held);
    DataLock::acquire(folder.path()).unwrap();
}

#[test]
fn a_lock_file_that_was_left_behind_locks_nobody_out() {
    let folder = tempdir().unwrap();
    std::fs::write(
        folder.path().join("streamsphere.lock"),
        "4194304 and much more text",
    )
    .unwrap();
    let _held = DataLock::acquire(folder.path()).unwrap();
    let text = std::fs::read_to_string(folder.path().join("streamsphere.lock")).unwrap();
    assert_eq!(text.trim(), std::process::id().to_string());
}

#[test]
fn a_folder_that_is_not_there_is_an_error_of_the_system() {
    let folder = tempdir().unwrap();
    let refused = DataLock::acquire(&folder.path().join("absent")).unwrap_err();
    assert!(matches!(refused, LockError::Io { .. }));
}
