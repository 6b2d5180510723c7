use std::fs::{self, File};
use std::io::Write;
use std::path::Path;

use rusqlite::Connection;
use tempfile::TempDir;

use super::{Loss, LossyFs, Rule};
use crate::rng::Rng;

/// A folder and a mount on it, or `None` with a message where FUSE is not to be had.
fn mounted(rule: Rule) -> Option<(TempDir, LossyFs)> {
    if let Some(reason) = super::unavailable() {
        eprintln!("skipped: {reason}");
        return None;
    }
    let folder = tempfile::tempdir().unwrap();
    let disk = LossyFs::mount(folder.path(), rule).unwrap();
    Some((folder, disk))
}

fn write(path: &Path, bytes: &[u8]) -> File {
    let mut file = File::create(path).unwrap();
    file.write_all(bytes).unwrap();
    file
}

fn sync_dir(path: &Path) {
    File::open(path).unwrap().sync_all().unwrap();
}

#[test]
fn what_was_not_synced_is_gone_after_a_cut() {
    let Some((_folder, disk)) = mounted(Rule::Strict) else {
        return;
    };
    let file = disk.path().join("kept");
    write(&file, b"first").sync_all().unwrap();
    sync_dir(disk.path());
    let mut open = File::options().append(true).open(&file).unwrap();
    open.write_all(b" second").unwrap();
    assert_eq!(
        fs::read(&file).unwrap(),
        b"first second",
        "programs see their own writes"
    );
    write(&disk.path().join("new"), b"never synced");
    drop(open);
    let left = disk.cut(Loss::Everything).unwrap();
    assert_eq!(fs::read(left.join("kept")).unwrap(), b"first");
    assert!(!left.join("new").exists(), "its directory was not synced");
}

#[test]
fn a_synced_write_survives_a_cut_and_the_next_mount() {
    let Some((folder, disk)) = mounted(Rule::Strict) else {
        return;
    };
    let bytes = vec![7; 3 * 4096 + 11];
    write(&disk.path().join("data"), &bytes).sync_data().unwrap();
    sync_dir(disk.path());
    disk.cut(Loss::Everything).unwrap();
    let again = LossyFs::mount(folder.path(), Rule::Strict).unwrap();
    assert_eq!(fs::read(again.path().join("data")).unwrap(), bytes);
    again.cut(Loss::Everything).unwrap();
}

#[test]
fn a_rename_without_a_directory_sync_gives_the_old_name_after_a_cut() {
    let Some((_folder, disk)) = mounted(Rule::Strict) else {
        return;
    };
    write(&disk.path().join("old"), b"bytes").sync_all().unwrap();
    sync_dir(disk.path());
    fs::rename(disk.path().join("old"), disk.path().join("new")).unwrap();
    assert!(disk.path().join("new").exists());
    let left = disk.cut(Loss::Everything).unwrap();
    assert_eq!(fs::read(left.join("old")).unwrap(), b"bytes");
    assert!(!left.join("new").exists());
}

#[test]
fn a_rename_with_a_directory_sync_replaces_the_target_for_good() {
    let Some((_folder, disk)) = mounted(Rule::Strict) else {
        return;
    };
    write(&disk.path().join("target"), b"before").sync_all().unwrap();
    write(&disk.path().join("temp"), b"after").sync_all().unwrap();
    fs::rename(disk.path().join("temp"), disk.path().join("target")).unwrap();
    sync_dir(disk.path());
    let left = disk.cut(Loss::Everything).unwrap();
    assert_eq!(fs::read(left.join("target")).unwrap(), b"after");
    assert!(!left.join("temp").exists());
}

#[test]
fn a_synced_file_in_an_unsynced_directory_is_gone_by_the_strict_rule_and_kept_by_the_journalled_one() {
    for (rule, there) in [(Rule::Strict, false), (Rule::Journalled, true)] {
        let Some((_folder, disk)) = mounted(rule) else {
            return;
        };
        fs::create_dir(disk.path().join("sub")).unwrap();
        write(&disk.path().join("sub/file"), b"bytes").sync_all().unwrap();
        let left = disk.cut(Loss::Everything).unwrap();
        assert_eq!(left.join("sub/file").exists(), there, "{rule:?}");
    }
}

#[test]
fn a_name_without_synced_contents_is_an_empty_file() {
    let Some((_folder, disk)) = mounted(Rule::Strict) else {
        return;
    };
    let file = write(&disk.path().join("named"), b"contents never synced");
    sync_dir(disk.path());
    drop(file);
    let left = disk.cut(Loss::Everything).unwrap();
    assert_eq!(fs::read(left.join("named")).unwrap(), b"");
}

#[test]
fn an_unlink_without_a_directory_sync_brings_the_file_back() {
    let Some((_folder, disk)) = mounted(Rule::Strict) else {
        return;
    };
    write(&disk.path().join("file"), b"bytes").sync_all().unwrap();
    sync_dir(disk.path());
    fs::remove_file(disk.path().join("file")).unwrap();
    let left = disk.cut(Loss::Everything).unwrap();
    assert_eq!(fs::read(left.join("file")).unwrap(), b"bytes");
}

#[test]
fn a_file_cut_short_and_grown_again_has_zeros_and_not_its_old_bytes() {
    let Some((_folder, disk)) = mounted(Rule::Strict) else {
        return;
    };
    let file = write(&disk.path().join("file"), &[9; 10_000]);
    file.sync_all().unwrap();
    sync_dir(disk.path());
    file.set_len(100).unwrap();
    file.set_len(10_000).unwrap();
    file.sync_all().unwrap();
    drop(file);
    let left = fs::read(disk.cut(Loss::Everything).unwrap().join("file")).unwrap();
    assert_eq!(left.len(), 10_000);
    assert!(left[..100].iter().all(|byte| *byte == 9) && left[100..].iter().all(|byte| *byte == 0));
}

#[test]
fn an_orderly_end_keeps_everything_and_folders_can_be_removed_while_they_are_read() {
    let Some((_folder, disk)) = mounted(Rule::Strict) else {
        return;
    };
    fs::create_dir_all(disk.path().join("a/b")).unwrap();
    for number in 0..300 {
        write(&disk.path().join(format!("a/b/{number}")), b"x");
    }
    write(&disk.path().join("stays"), b"here");
    assert_eq!(fs::read_dir(disk.path().join("a/b")).unwrap().count(), 300);
    fs::remove_dir_all(disk.path().join("a")).unwrap();
    let left = disk.unmount().unwrap();
    assert_eq!(fs::read(left.join("stays")).unwrap(), b"here");
    assert!(!left.join("a").exists());
}

#[test]
fn after_the_cut_nothing_is_accepted() {
    let Some((_folder, disk)) = mounted(Rule::Strict) else {
        return;
    };
    let mut file = write(&disk.path().join("file"), b"a");
    disk.power_off_after(1);
    file.write_all(b"b").unwrap();
    assert!(file.sync_all().is_err(), "the sync comes after the cut");
    assert!(disk.is_off());
    assert!(File::create(disk.path().join("other")).is_err());
    drop(file);
    let left = disk.cut(Loss::Everything).unwrap();
    assert_eq!(fs::read_dir(left).unwrap().count(), 0);
}

#[test]
fn a_torn_cut_leaves_some_pages_new_and_some_old_and_none_other() {
    let Some((_folder, disk)) = mounted(Rule::Strict) else {
        return;
    };
    let mut file = write(&disk.path().join("file"), &vec![1; 64 * 4096]);
    file.sync_all().unwrap();
    sync_dir(disk.path());
    std::io::Seek::rewind(&mut file).unwrap();
    file.write_all(&vec![2; 64 * 4096]).unwrap();
    drop(file);
    let left = fs::read(disk.cut(Loss::Torn { seed: 5 }).unwrap().join("file")).unwrap();
    assert!(left.contains(&1) && left.contains(&2));
    assert!(
        left.chunks(512)
            .all(|sector| sector.iter().all(|byte| *byte == sector[0])),
        "sectors are whole"
    );
}

/// Runs `cuts` cuts over a WAL database that takes one row per transaction; returns the rows whose
/// commit was acknowledged and the rows that were lost, in all.
fn rows_lost_over_cuts(synchronous: &str, cuts: u64, torn: bool) -> Option<(i64, i64)> {
    let (folder, mut disk) = mounted(Rule::Strict)?;
    let mut rng = Rng::new(11);
    let (mut acknowledged, mut lost) = (0, 0);
    let mut expected = 0;
    for cut in 0..=cuts {
        let path = disk.path().join("test.db");
        let database = Connection::open(&path).unwrap();
        database.pragma_update(None, "journal_mode", "wal").unwrap();
        database.pragma_update(None, "synchronous", synchronous).unwrap();
        database.pragma_update(None, "wal_autocheckpoint", 20).unwrap();
        database
            .execute_batch("CREATE TABLE IF NOT EXISTS t (id INTEGER PRIMARY KEY, v BLOB)")
            .unwrap();
        let check: String = database
            .query_row("PRAGMA integrity_check", [], |row| row.get(0))
            .unwrap();
        assert!(
            check == "ok" || synchronous != "full",
            "integrity after cut {cut}: {check}"
        );
        let rows: i64 = database
            .query_row("SELECT count(*) FROM t", [], |row| row.get(0))
            .unwrap_or(0);
        lost += (expected - rows).max(0);
        if cut == cuts {
            drop(database);
            disk.unmount().unwrap();
            return Some((acknowledged, lost));
        }
        if cut == 0 {
            // The new database's own names; a server syncs its data folder when it makes it.
            sync_dir(disk.path());
        }
        expected = rows;
        disk.power_off_after(40 + rng.below(2_000));
        while database
            .execute("INSERT INTO t (v) VALUES (randomblob(300))", [])
            .is_ok()
        {
            acknowledged += 1;
            expected += 1;
        }
        assert!(disk.is_off(), "an insert only fails when the power is off");
        drop(database);
        disk.cut(if torn {
            Loss::Torn { seed: rng.bits() }
        } else {
            Loss::Everything
        })
        .unwrap();
        disk = LossyFs::mount(folder.path(), Rule::Strict).unwrap();
    }
    unreachable!("the last turn returns")
}

#[test]
fn sqlite_with_full_synchronous_loses_no_acknowledged_commit() {
    for torn in [false, true] {
        let Some((acknowledged, lost)) = rows_lost_over_cuts("full", 25, torn) else {
            return;
        };
        eprintln!("full, torn {torn}: {lost} of {acknowledged} acknowledged rows lost in 25 cuts");
        assert!(acknowledged > 500);
        assert_eq!(lost, 0);
    }
}

#[test]
fn sqlite_with_normal_synchronous_is_caught_losing_acknowledged_commits() {
    let Some((acknowledged, lost)) = rows_lost_over_cuts("normal", 25, false) else {
        return;
    };
    eprintln!("normal: {lost} of {acknowledged} acknowledged rows lost in 25 cuts");
    assert!(lost > 0, "the control must be caught");
}
