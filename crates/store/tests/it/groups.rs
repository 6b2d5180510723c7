//! Transactions, alone and in groups: what is acknowledged is there, what failed is not, and nothing
//! that one of them does reaches the others.

use std::future::Future;
use std::pin::pin;
use std::sync::Arc;
use std::task::{Context, Poll, Waker};

use store::{Store, StoreError, Tx, params};
use tokio::task::JoinSet;

use crate::kit::{Dice, Library, SCHEMA, add_shelf, titles};

/// Polls once: far enough for a commit to join its group.
fn poll_once<F: Future>(future: std::pin::Pin<&mut F>) -> Poll<F::Output> {
    future.poll(&mut Context::from_waker(Waker::noop()))
}

#[tokio::test]
async fn what_was_committed_is_in_the_file() {
    let library = Library::fresh().await;
    library.adds_shelf(1, "maps").await.unwrap();
    assert_eq!(library.titles().await, ["maps"]);
    assert_eq!(
        titles(&mut library.seen_by_another().await.read()).await,
        ["maps"]
    );
}

#[tokio::test]
async fn a_dropped_transaction_leaves_nothing() {
    let library = Library::fresh().await;
    let mut tx = library.store.write().await.unwrap();
    add_shelf(&mut tx, 1, "maps").await.unwrap();
    assert_eq!(titles(&mut tx).await, ["maps"], "it sees its own change");
    drop(tx);
    assert!(library.titles().await.is_empty());
    library.adds_shelf(1, "atlases").await.unwrap();
    assert_eq!(library.titles().await, ["atlases"]);
}

#[tokio::test]
async fn a_member_that_gives_up_does_not_take_its_group_along() {
    let library = Library::fresh().await;
    // Both get their turn before the committer gets one: the second queues while the first writes.
    let mut first = library.store.write().await.unwrap();
    let mut second = pin!(library.store.write());
    assert!(poll_once(second.as_mut()).is_pending());
    add_shelf(&mut first, 1, "maps").await.unwrap();
    let mut first = pin!(first.commit());
    assert!(poll_once(first.as_mut()).is_pending());
    let mut second = second.await.unwrap();
    add_shelf(&mut second, 2, "letters").await.unwrap();
    drop(second);
    first.await.unwrap();
    assert_eq!(library.titles().await, ["maps"]);
}

/// Notes how many shelves there are, under an id.
const COUNT_SHELVES: &str = "INSERT INTO values_of_all_kinds (b, i) SELECT $1, count(*) FROM shelves";

#[tokio::test]
async fn what_members_put_off_runs_once_after_the_last_of_them_and_not_for_those_that_gave_up() {
    let library = Library::fresh().await;
    let (shared, own, given_up) = ([1; 12], [2; 12], [3; 12]);
    let mut first = library.store.write().await.unwrap();
    let mut second = pin!(library.store.write());
    let mut third = pin!(library.store.write());
    assert!(poll_once(second.as_mut()).is_pending());
    assert!(poll_once(third.as_mut()).is_pending());
    first.put_off(COUNT_SHELVES, shared).unwrap();
    first.put_off(COUNT_SHELVES, shared).unwrap();
    first.put_off(COUNT_SHELVES, own).unwrap();
    add_shelf(&mut first, 1, "maps").await.unwrap();
    let mut first = pin!(first.commit());
    assert!(poll_once(first.as_mut()).is_pending());
    let mut second = second.await.unwrap();
    second.put_off(COUNT_SHELVES, given_up).unwrap();
    add_shelf(&mut second, 2, "letters").await.unwrap();
    drop(second);
    let mut third = third.await.unwrap();
    third.put_off(COUNT_SHELVES, shared).unwrap();
    add_shelf(&mut third, 3, "stamps").await.unwrap();
    third.commit().await.unwrap();
    first.await.unwrap();
    let counted = library
        .store
        .read()
        .all(
            "SELECT b, i FROM values_of_all_kinds ORDER BY b",
            &params![],
            |row| Ok((row.blob(0)?.to_vec(), row.int(1)?)),
        )
        .await
        .unwrap();
    assert_eq!(counted, [(shared.to_vec(), 2), (own.to_vec(), 2)]);
    assert!(matches!(
        library.store.read().put_off(COUNT_SHELVES, own),
        Err(StoreError::ReadOnly)
    ));
}

/// Adds to what is counted under an id.
const ADD: &str = "UPDATE values_of_all_kinds SET i = i + $1 WHERE b = $2";

/// A counter that stands at 10 and notes in `r` how often it was written.
async fn counter(library: &Library, id: [u8; 12]) {
    let mut tx = library.store.write().await.unwrap();
    tx.exec(
        "CREATE TRIGGER written AFTER UPDATE OF i ON values_of_all_kinds BEGIN \
         UPDATE values_of_all_kinds SET r = r + 1 WHERE b = new.b; END",
        &params![],
    )
    .await
    .unwrap();
    tx.exec(
        "INSERT INTO values_of_all_kinds (i, r, b) VALUES (10, 0, $1)",
        &params![&id],
    )
    .await
    .unwrap();
    tx.commit().await.unwrap();
}

/// The counter, and how often it was written.
async fn counted(tx: &mut Tx) -> (i64, i64) {
    let sql = "SELECT i, CAST(r AS INTEGER) FROM values_of_all_kinds";
    let found = tx
        .one(sql, &params![], |row| Ok((row.int(0)?, row.int(1)?)))
        .await;
    found.unwrap().unwrap()
}

#[tokio::test]
async fn what_members_add_is_written_once_as_a_sum_and_not_for_those_that_gave_up() {
    let library = Library::fresh().await;
    let id = [1; 12];
    counter(&library, id).await;
    let mut first = library.store.write().await.unwrap();
    let mut second = pin!(library.store.write());
    let mut third = pin!(library.store.write());
    assert!(poll_once(second.as_mut()).is_pending());
    assert!(poll_once(third.as_mut()).is_pending());
    first.add_later(ADD, id, 3).unwrap();
    first.add_later(ADD, id, 2).unwrap();
    assert_eq!(counted(&mut first).await, (10, 0), "later");
    let mut first = pin!(first.commit());
    assert!(poll_once(first.as_mut()).is_pending());
    let mut second = second.await.unwrap();
    second.add_later(ADD, id, 100).unwrap();
    drop(second);
    let mut third = third.await.unwrap();
    third.add_later(ADD, id, -1).unwrap();
    third.commit().await.unwrap();
    first.await.unwrap();
    assert_eq!(counted(&mut library.store.read()).await, (14, 1));
    let mut reader = library.store.read();
    assert!(matches!(reader.add_later(ADD, id, 1), Err(StoreError::ReadOnly)));
    assert!(matches!(reader.settle().await, Err(StoreError::ReadOnly)));
}

#[tokio::test]
async fn whoever_needs_a_counter_exact_has_all_of_it_added_before_and_loses_nothing_by_giving_up() {
    let library = Library::fresh().await;
    let id = [1; 12];
    counter(&library, id).await;
    let mut first = library.store.write().await.unwrap();
    let mut second = pin!(library.store.write());
    let mut third = pin!(library.store.write());
    assert!(poll_once(second.as_mut()).is_pending());
    assert!(poll_once(third.as_mut()).is_pending());
    first.add_later(ADD, id, 5).unwrap();
    let mut first = pin!(first.commit());
    assert!(poll_once(first.as_mut()).is_pending());
    let mut second = second.await.unwrap();
    second.add_later(ADD, id, 100).unwrap();
    second.settle().await.unwrap();
    assert_eq!(counted(&mut second).await.0, 115);
    drop(second);
    let mut third = third.await.unwrap();
    assert_eq!(
        counted(&mut third).await.0,
        10,
        "taken back with the one that gave up"
    );
    third.settle().await.unwrap();
    assert_eq!(counted(&mut third).await.0, 15, "and still to be added");
    let set = "UPDATE values_of_all_kinds SET i = 50";
    third.exec(set, &params![]).await.unwrap();
    third.commit().await.unwrap();
    first.await.unwrap();
    assert_eq!(counted(&mut library.store.read()).await.0, 50);
}

#[tokio::test]
async fn what_was_put_off_and_fails_undoes_the_change_that_it_belongs_to() {
    let library = Library::fresh().await;
    let mut tx = library.store.write().await.unwrap();
    add_shelf(&mut tx, 1, "maps").await.unwrap();
    tx.put_off(
        "INSERT INTO shelves (id, title, books) VALUES (9, $1, 0)",
        [0; 12],
    )
    .unwrap();
    let refused = tx.commit().await;
    assert!(
        matches!(refused, Err(StoreError::Violation { .. })),
        "{refused:?}"
    );
    assert!(library.titles().await.is_empty());
    library.adds_shelf(2, "letters").await.unwrap();
    assert_eq!(library.titles().await, ["letters"]);
}

#[tokio::test]
async fn a_title_that_is_taken_is_a_conflict_for_one_and_nothing_to_the_others() {
    let library = Arc::new(Library::fresh().await);
    let mut tasks = JoinSet::new();
    for id in 0..200 {
        let library = Arc::clone(&library);
        // Every fourth wants the same title.
        let title = if id % 4 == 0 {
            "the same".to_owned()
        } else {
            format!("shelf {id}")
        };
        tasks.spawn(async move { library.adds_shelf(id, &title).await });
    }
    let outcomes = tasks.join_all().await;
    let (kept, refused): (Vec<_>, Vec<_>) = outcomes.into_iter().partition(Result::is_ok);
    assert_eq!((kept.len(), refused.len()), (151, 49));
    assert!(refused.iter().all(|outcome| {
        outcome
            .as_ref()
            .is_err_and(|error| error.is_conflict_on("shelves.title"))
    }));
    assert_eq!(library.titles().await.len(), 151);
}

#[tokio::test]
async fn a_failed_statement_fails_its_transaction() {
    let library = Library::fresh().await;
    library.adds_shelf(1, "maps").await.unwrap();
    let mut tx = library.store.write().await.unwrap();
    add_shelf(&mut tx, 2, "letters").await.unwrap();
    assert!(matches!(
        add_shelf(&mut tx, 3, "maps").await,
        Err(StoreError::Conflict { .. })
    ));
    assert!(matches!(
        add_shelf(&mut tx, 4, "stamps").await,
        Err(StoreError::Aborted)
    ));
    assert!(matches!(tx.commit().await, Err(StoreError::Aborted)));
    assert_eq!(library.titles().await, ["maps"]);
}

#[tokio::test]
async fn broken_rules_are_told_apart() {
    let library = Library::fresh().await;
    let mut tx = library.store.write().await.unwrap();
    let negative = tx
        .exec(
            "INSERT INTO shelves (id, title, books) VALUES (1, 'maps', -1)",
            &params![],
        )
        .await;
    assert!(
        matches!(negative, Err(StoreError::Violation { .. })),
        "{negative:?}"
    );
    drop(tx);
    let missing = library.store.read().exec("DELETE FROM shelves", &params![]).await;
    assert!(matches!(missing, Err(StoreError::ReadOnly)));
    let sneaky = library
        .store
        .read()
        .one("DELETE FROM shelves RETURNING id", &params![], |row| row.int(0))
        .await;
    assert!(matches!(sneaky, Err(StoreError::ReadOnly)), "{sneaky:?}");
}

#[tokio::test]
async fn a_group_that_cannot_be_committed_fails_all_its_members_and_no_later_one() {
    let library = Library::fresh().await;
    let mut good = library.store.write().await.unwrap();
    let mut bad = pin!(library.store.write());
    assert!(poll_once(bad.as_mut()).is_pending());
    add_shelf(&mut good, 1, "maps").await.unwrap();
    let mut good = pin!(good.commit());
    assert!(poll_once(good.as_mut()).is_pending());
    let mut bad = bad.await.unwrap();
    // The reference is checked when the group commits, which is what makes that commit fail.
    bad.exec("INSERT INTO loans (shelf) VALUES (77)", &params![])
        .await
        .unwrap();
    let bad = bad.commit().await;
    assert!(matches!(bad, Err(StoreError::Violation { .. })), "{bad:?}");
    assert!(matches!(good.await, Err(StoreError::Violation { .. })));
    assert!(library.titles().await.is_empty());

    library.adds_shelf(2, "letters").await.unwrap();
    assert_eq!(library.titles().await, ["letters"]);
}

#[tokio::test]
async fn a_store_without_space_says_so_and_works_again_when_there_is_some() {
    let library = Library::fresh().await;
    let set_pages = async |pages: i64| {
        let mut tx = library.store.write().await.unwrap();
        let sql = format!("PRAGMA max_page_count = {pages}");
        tx.one(&sql, &params![], |row| row.int(0)).await.unwrap();
        tx.commit().await.unwrap();
    };
    set_pages(20).await;
    let mut kept = Vec::new();
    let full = loop {
        let id = kept.len() as i64;
        let title = format!("{id:-<4000}");
        match library.adds_shelf(id, &title).await {
            Ok(()) => kept.push(title),
            Err(error) => break error,
        }
    };
    assert!(matches!(full, StoreError::NoSpace), "{full:?}");
    assert_eq!(library.titles().await, kept, "what was acknowledged is there");
    set_pages(1000).await;
    library.adds_shelf(1000, "maps").await.unwrap();
    assert_eq!(library.titles().await.len(), kept.len() + 1);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn writers_that_leave_at_any_moment_wedge_nobody() {
    let library = Arc::new(Library::fresh().await);
    let mut dice = Dice(0x5eed);
    let mut tasks = JoinSet::new();
    for id in 0..600 {
        let library = Arc::clone(&library);
        let polls = dice.below(8);
        tasks.spawn(async move {
            let title = format!("shelf {id}");
            let mut adding = pin!(library.adds_shelf(id, &title));
            if id % 3 == 0 {
                return adding.await.map(|()| id).ok();
            }
            // Leaves after a few steps, wherever that is: in the queue, while writing, while waiting.
            for _ in 0..polls {
                if poll_once(adding.as_mut()).is_ready() {
                    return Some(id);
                }
                tokio::task::yield_now().await;
            }
            None
        });
    }
    let acknowledged: Vec<i64> = tasks.join_all().await.into_iter().flatten().collect();
    assert!(acknowledged.len() >= 200, "those that stayed were answered");
    library.adds_shelf(10_000, "the last").await.unwrap();
    let seen = titles(&mut library.seen_by_another().await.read()).await;
    for id in acknowledged {
        assert!(
            seen.contains(&format!("shelf {id}")),
            "shelf {id} was acknowledged"
        );
    }
}

#[tokio::test]
async fn a_panic_inside_a_transaction_undoes_it_and_nothing_else() {
    let library = Arc::new(Library::fresh().await);
    let inside = Arc::clone(&library);
    let panicked = tokio::spawn(async move {
        let mut tx = inside.store.write().await.unwrap();
        add_shelf(&mut tx, 1, "maps").await.unwrap();
        tx.one("SELECT 1", &params![], |_| -> Result<(), StoreError> {
            panic!("as a bug would")
        })
        .await
    })
    .await;
    assert!(panicked.unwrap_err().is_panic());
    library.adds_shelf(2, "letters").await.unwrap();
    assert_eq!(library.titles().await, ["letters"]);
}

#[tokio::test]
async fn a_queue_that_is_full_turns_the_next_writer_away() {
    let library = Library::fresh_with(|settings| settings.write_queue = 1).await;
    let holder = library.store.write().await.unwrap();
    let mut queued = pin!(library.store.write());
    assert!(poll_once(queued.as_mut()).is_pending());
    assert!(matches!(library.store.write().await, Err(StoreError::Busy)));
    drop(holder);
    drop(queued.await.unwrap());
    library.adds_shelf(1, "maps").await.unwrap();
}

#[tokio::test]
async fn a_writer_does_not_wait_for_ever() {
    let library = Library::fresh_with(|settings| settings.write_wait_ms = 1).await;
    let _holder = library.store.write().await.unwrap();
    assert!(matches!(library.store.write().await, Err(StoreError::Busy)));
}

#[tokio::test]
async fn another_process_that_writes_is_waited_for_and_then_named_busy() {
    let library = Library::fresh_with(|settings| settings.write_wait_ms = 20).await;
    let other = library.seen_by_another().await;
    let mut theirs = other.write().await.unwrap();
    add_shelf(&mut theirs, 1, "theirs").await.unwrap();
    assert!(matches!(
        library.adds_shelf(2, "ours").await,
        Err(StoreError::Busy)
    ));
    theirs.commit().await.unwrap();
    library.adds_shelf(2, "ours").await.unwrap();
    assert_eq!(library.titles().await, ["theirs", "ours"]);
}

#[tokio::test]
async fn a_closed_store_has_everything_in_one_file() {
    let library = Library::fresh().await;
    library.adds_shelf(1, "maps").await.unwrap();
    library.store.close().await.unwrap();
    assert!(matches!(library.store.write().await, Err(StoreError::Closed)));
    let wal = library.settings.file.with_extension("db-wal");
    assert_eq!(std::fs::metadata(wal).map_or(0, |file| file.len()), 0);
    let again = Store::open_with_migrations(&library.settings, SCHEMA)
        .await
        .unwrap();
    assert_eq!(titles(&mut again.read()).await, ["maps"]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_wal_stays_short_under_endless_writing() {
    let library = Arc::new(Library::fresh().await);
    for id in 0..16 {
        library.adds_shelf(id, &id.to_string()).await.unwrap();
    }
    let mut tasks = JoinSet::new();
    for id in 0_i64..16 {
        let library = Arc::clone(&library);
        tasks.spawn(async move {
            for round in 0..60 {
                let mut tx = library.store.write().await.unwrap();
                let title = format!("{id} {round:-<60000}");
                tx.exec(
                    "UPDATE shelves SET title = $1 WHERE id = $2",
                    &params![&title, id],
                )
                .await
                .unwrap();
                tx.commit().await.unwrap();
            }
        });
    }
    tasks.join_all().await;
    let wal = library.settings.file.with_extension("db-wal");
    let bytes = std::fs::metadata(wal).unwrap().len();
    // 16 × 60 × some 120 kB (the row and its index) were written.
    assert!(bytes < 64 << 20, "the WAL has {bytes} bytes");
}

#[tokio::test]
async fn a_full_disk_loses_nothing_that_was_acknowledged_and_reading_goes_on() {
    let folder = tempfile::tempdir().unwrap();
    let Some(_mounted) = small_disk::mount(folder.path()) else {
        assert!(
            std::env::var_os("CI").is_none(),
            "in CI a small disk can be mounted"
        );
        return;
    };
    let ballast = folder.path().join("ballast");
    std::fs::write(&ballast, vec![1; 1 << 20]).unwrap();
    let settings = store::Settings::sqlite(folder.path().join("library.db"));
    let store = Store::open_with_migrations(&settings, SCHEMA).await.unwrap();
    let add = async |id: i64| {
        let mut tx = store.write().await?;
        add_shelf(&mut tx, id, &format!("{id:-<3000}")).await?;
        tx.commit().await
    };
    let mut kept = 0;
    let full = loop {
        match add(kept).await {
            Ok(()) => kept += 1,
            Err(error) => break error,
        }
    };
    assert!(matches!(full, StoreError::NoSpace), "{full:?}");
    for attempt in 0..20 {
        let again = add(1000 + attempt).await;
        assert!(
            again.is_ok() || matches!(again, Err(StoreError::NoSpace)),
            "{again:?}"
        );
        kept += i64::from(again.is_ok());
    }
    assert_eq!(titles(&mut store.read()).await.len() as i64, kept);
    std::fs::remove_file(ballast).unwrap();
    add(9999).await.unwrap();
    assert_eq!(titles(&mut store.read()).await.len() as i64, kept + 1);
    drop(store);
    let again = Store::open_with_migrations(&settings, SCHEMA).await.unwrap();
    assert_eq!(titles(&mut again.read()).await.len() as i64, kept + 1);
}

mod small_disk {
    //! A file system with room for little; it needs an administrator, which the continuous build has.

    use std::path::{Path, PathBuf};

    #[expect(clippy::disallowed_types, reason = "mounting has no other safe way in a test")]
    use std::process::Command;

    pub struct Mounted(PathBuf);

    #[expect(clippy::disallowed_types, reason = "mounting has no other safe way in a test")]
    pub fn mount(at: &Path) -> Option<Mounted> {
        let done = Command::new("mount")
            .args(["-t", "tmpfs", "-o", "size=4m", "tmpfs"])
            .arg(at)
            .output()
            .is_ok_and(|output| output.status.success());
        done.then(|| Mounted(at.to_owned()))
    }

    impl Drop for Mounted {
        #[expect(clippy::disallowed_types, reason = "mounting has no other safe way in a test")]
        fn drop(&mut self) {
            let _ = Command::new("umount").arg("-l").arg(&self.0).status();
        }
    }
}
