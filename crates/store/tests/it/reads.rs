//! Reads beside a writer, slow reads, and values on their way in and out.

use std::task::{Context, Waker};
use std::time::{Duration, Instant};

use model::{Ids, Millis, VideoId};
use store::{StoreError, params};

use crate::kit::{Library, add_shelf, titles};

#[tokio::test]
async fn a_read_sees_the_state_before_an_open_transaction_and_after_its_commit() {
    let library = Library::fresh().await;
    let mut tx = library.store.write().await.unwrap();
    add_shelf(&mut tx, 1, "maps").await.unwrap();
    assert!(library.titles().await.is_empty());
    tx.commit().await.unwrap();
    assert_eq!(library.titles().await, ["maps"]);
    assert_eq!(titles(&mut library.store.slow_read(60_000)).await, ["maps"]);
}

#[tokio::test]
async fn the_stamp_tells_on_every_thread_whether_anybody_has_committed() {
    let library = Library::fresh().await;
    let elsewhere = library.seen_by_another().await;
    // Each thread begins with a connection of its own; more threads than there are of those.
    let threads = std::thread::available_parallelism().map_or(4, std::num::NonZero::get) + 4;
    let everywhere = || {
        std::thread::scope(|scope| {
            let asking: Vec<_> = (0..threads)
                .map(|_| scope.spawn(|| library.store.stamp().unwrap()))
                .collect();
            asking
                .into_iter()
                .map(|thread| thread.join().unwrap())
                .collect::<Vec<_>>()
        })
    };
    let mut last = *everywhere().iter().max().unwrap();
    for n in 0..6 {
        let store = if n % 2 == 0 { &library.store } else { &elsewhere };
        let mut tx = store.write().await.unwrap();
        add_shelf(&mut tx, n, &format!("shelf {n}")).await.unwrap();
        tx.commit().await.unwrap();
        let stamps = everywhere();
        assert!(
            stamps.iter().all(|stamp| *stamp > last),
            "after {last}: {stamps:?}"
        );
        // Every connection has noticed by now, so nothing moves the stamp any more.
        last = loop {
            let stamps = everywhere();
            if stamps.iter().all(|stamp| *stamp == stamps[0]) {
                break stamps[0];
            }
        };
    }
}

#[tokio::test]
async fn every_kind_of_value_comes_back_as_it_went_in() {
    let library = Library::fresh().await;
    let id: VideoId = Ids::seeded(7).next(Millis(1_700_000_000_000));
    let mut tx = library.store.write().await.unwrap();
    let sql = "INSERT INTO values_of_all_kinds (i, r, t, b) VALUES ($1, $2, $3, $4)";
    tx.exec(sql, &params![Millis(5), 1.5, "Grüße", id]).await.unwrap();
    tx.exec(sql, &params![true, 2_i32, String::from("x"), &[0_u8, 255][..]])
        .await
        .unwrap();
    tx.exec(
        sql,
        &params![None::<i64>, None::<f64>, None::<&str>, None::<VideoId>],
    )
    .await
    .unwrap();
    tx.exec(sql, &params![u64::MAX, Some(-0.5), Some("y"), Some(&id)])
        .await
        .unwrap();
    tx.commit().await.unwrap();

    for tx in [&mut library.store.read(), &mut library.store.slow_read(60_000)] {
        let sql = "SELECT i, r, t, b FROM values_of_all_kinds";
        let mut row_number = 0;
        let rows = tx
            .all(sql, &params![], |row| {
                row_number += 1;
                match row_number {
                    1 => {
                        assert_eq!((row.millis(0)?, row.real(1)?), (Millis(5), 1.5));
                        assert_eq!((row.text(2)?, row.id::<VideoId>(3)?), ("Grüße", id));
                    }
                    2 => {
                        assert_eq!((row.bool(0)?, row.real(1)?), (true, 2.0));
                        assert_eq!(row.blob(3)?, [0, 255]);
                        assert!(matches!(
                            row.id::<VideoId>(3),
                            Err(StoreError::Row { column: 3, .. })
                        ));
                        assert!(matches!(row.int(2), Err(StoreError::Row { column: 2, .. })));
                        assert!(matches!(row.int(4), Err(StoreError::Row { column: 4, .. })));
                    }
                    3 => {
                        assert_eq!((row.opt_millis(0)?, row.opt_real(1)?), (None, None));
                        assert_eq!((row.opt_text(2)?, row.opt_blob(3)?), (None, None));
                        assert!(matches!(row.int(0), Err(StoreError::Row { column: 0, .. })));
                    }
                    _ => assert_eq!(row.size(0)?, i64::MAX as u64),
                }
                row.opt_id::<VideoId>(3).or(Ok(None))
            })
            .await
            .unwrap();
        assert_eq!(rows, [Some(id), None, None, Some(id)]);
    }
}

#[tokio::test]
async fn an_absent_row_is_none_and_only_the_first_row_counts() {
    let library = Library::fresh().await;
    library.adds_shelf(1, "maps").await.unwrap();
    library.adds_shelf(2, "letters").await.unwrap();
    for tx in [&mut library.store.read(), &mut library.store.slow_read(60_000)] {
        let sql = "SELECT title FROM shelves WHERE id >= $1 ORDER BY id";
        let title = tx
            .one(sql, &params![1], |row| Ok(row.text(0)?.to_owned()))
            .await
            .unwrap();
        assert_eq!(title.as_deref(), Some("maps"));
        let none = tx
            .one(sql, &params![3], |row| Ok(row.text(0)?.to_owned()))
            .await
            .unwrap();
        assert_eq!(none, None);
    }
}

#[tokio::test]
async fn a_change_that_returns_a_row_changes_every_row() {
    let library = Library::fresh().await;
    library.adds_shelf(1, "maps").await.unwrap();
    library.adds_shelf(2, "letters").await.unwrap();
    let mut tx = library.store.write().await.unwrap();
    let sql = "UPDATE shelves SET books = books + $1 RETURNING id";
    assert_eq!(tx.one(sql, &params![3], |row| row.int(0)).await.unwrap(), Some(1));
    tx.commit().await.unwrap();
    let sum = library
        .store
        .read()
        .one("SELECT sum(books) FROM shelves", &params![], |row| row.int(0))
        .await;
    assert_eq!(sum.unwrap(), Some(6));
}

const ENDLESS: &str = "WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT max(i) FROM n";

#[tokio::test]
async fn a_slow_read_ends_at_its_time_and_the_thread_goes_on() {
    let library = Library::fresh().await;
    // A connection whose statement was ended is given up, and another has to be made within the time.
    let time_ms = if testkit::on_postgres() { 1_000 } else { 20 };
    for _ in 0..4 {
        let endless = library
            .store
            .slow_read(time_ms)
            .one(ENDLESS, &params![], |row| row.int(0))
            .await;
        assert!(matches!(endless, Err(StoreError::Timeout)), "{endless:?}");
    }
    assert!(titles(&mut library.store.slow_read(60_000)).await.is_empty());
}

#[tokio::test]
async fn slow_reads_that_share_an_end_have_no_more_time_after_it() {
    let library = Library::fresh().await;
    let end = Instant::now() + Duration::from_millis(20);
    let mut tx = library.store.slow_read_until(end);
    let endless = tx.one(ENDLESS, &params![], |row| row.int(0)).await;
    assert!(matches!(endless, Err(StoreError::Timeout)), "{endless:?}");
    let short = tx.one("SELECT 1", &params![], |row| row.int(0)).await;
    assert!(matches!(short, Err(StoreError::Timeout)), "{short:?}");
    let mut tx = library
        .store
        .slow_read_until(Instant::now() + Duration::from_mins(1));
    let short = tx.one("SELECT 1", &params![], |row| row.int(0)).await;
    assert_eq!(short.unwrap(), Some(1));
}

#[tokio::test]
async fn a_slow_read_whose_asker_left_does_not_keep_its_thread() {
    let library = Library::fresh().await;
    for _ in 0..4 {
        let mut tx = library.store.slow_read(3_600_000);
        let mut asking = std::pin::pin!(tx.one(ENDLESS, &params![], |row| row.int(0)));
        assert!(
            asking
                .as_mut()
                .poll(&mut Context::from_waker(Waker::noop()))
                .is_pending()
        );
    }
    assert!(titles(&mut library.store.slow_read(60_000)).await.is_empty());
}

#[tokio::test]
async fn slow_reads_that_wait_are_bounded() {
    let library = Library::fresh_with(|settings| settings.slow_queue = 1).await;
    let ask = async || {
        let mut tx = library.store.slow_read(300);
        tx.one(ENDLESS, &params![], |row| row.int(0)).await.map(|_| ())
    };
    let outcomes: [Result<(), StoreError>; 5] = tokio::join!(ask(), ask(), ask(), ask(), ask()).into();
    let busy = outcomes
        .iter()
        .filter(|outcome| matches!(outcome, Err(StoreError::Busy)))
        .count();
    assert!(
        (2..=4).contains(&busy),
        "two run and one waits at most: {outcomes:?}"
    );
}

#[tokio::test]
async fn an_answer_of_a_slow_read_is_bounded() {
    let library = Library::fresh().await;
    let mut tx = library.store.slow_read(60_000);
    let sql = "WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT i FROM n";
    let all = tx.all(sql, &params![], |row| row.int(0)).await;
    assert!(matches!(all, Err(StoreError::TooLarge { .. })), "{all:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn many_tasks_read_while_one_writes() {
    let library = std::sync::Arc::new(Library::fresh().await);
    let mut tasks = tokio::task::JoinSet::new();
    for _ in 0..16 {
        let library = std::sync::Arc::clone(&library);
        tasks.spawn(async move {
            let mut seen = 0;
            while seen < 50 {
                let now = library.titles().await.len();
                assert!(now >= seen, "what was there stays there");
                seen = now;
                tokio::task::yield_now().await;
            }
        });
    }
    for id in 0..50 {
        library.adds_shelf(id, &format!("shelf {id}")).await.unwrap();
    }
    tasks.join_all().await;
}

#[tokio::test]
async fn the_engine_is_one_to_trust() {
    let library = Library::fresh().await;
    let facts = library.store.engine_facts();
    assert_eq!(
        (facts.engine, facts.synchronous, facts.journal_mode.as_str()),
        ("sqlite", "full", "wal")
    );
}
