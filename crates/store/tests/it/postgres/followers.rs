//! Followers: what may lag is read there while they are near, and nothing else ever.

use std::time::{Duration, Instant};

use store::{Address, Settings, Store, StoreError, Tx, params};
use testkit::postgres::{Postgres, Stop};

use crate::kit::{SCHEMA, add_shelf, titles};

/// How far what is read may lag.
const LAG: Duration = Duration::from_secs(2);
/// How long anything may take to come about before the test fails.
const PATIENCE: Duration = Duration::from_mins(1);

/// A store over a first server and one that follows it.
struct Library {
    store: Store,
    first: Postgres,
    follower: Postgres,
}

impl Library {
    async fn fresh() -> Self {
        let first = Postgres::primary().unwrap();
        let follower = first.follower().unwrap();
        let address = |server: &Postgres| Address::parse(&server.url("postgres")).unwrap();
        let mut settings = Settings::postgres(address(&first));
        if let Some(postgres) = &mut settings.postgres {
            postgres.replicas = vec![address(&follower)];
        }
        let store = Store::open_with_migrations(&settings, SCHEMA).await.unwrap();
        Self {
            store,
            first,
            follower,
        }
    }

    async fn adds_shelf(&self, id: i64, title: &str) {
        let mut tx = self.store.write().await.unwrap();
        add_shelf(&mut tx, id, title).await.unwrap();
        tx.commit().await.unwrap();
    }

    /// What somebody reads who may be told what is two seconds old, and who tells it.
    async fn lagging(&self) -> Seen {
        Store::lagging(async { look(self.store.read()).await })
            .await
            .unwrap()
    }

    async fn lagging_slowly(&self) -> Seen {
        Store::lagging(async { look(self.store.slow_read(30_000)).await })
            .await
            .unwrap()
    }

    /// Waits until what may lag is read from the server at `port`.
    async fn is_told_by(&self, port: u16) {
        let until = Instant::now() + PATIENCE;
        while self.lagging().await.port != port {
            assert!(Instant::now() < until, "still not told by {port}");
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    }
}

#[derive(Debug, PartialEq, Eq)]
struct Seen {
    /// Which server answered.
    port: u16,
    shelves: i64,
}

/// One statement, so that one server answers all of it.
async fn look(mut tx: Tx) -> Result<Seen, StoreError> {
    let sql = "SELECT inet_server_port()::bigint, count(*) FROM shelves";
    let seen = tx.one(sql, &params![], |row| {
        Ok(Seen {
            port: u16::try_from(row.int(0)?).unwrap(),
            shelves: row.int(1)?,
        })
    });
    Ok(seen.await?.unwrap())
}

#[tokio::test(flavor = "multi_thread")]
async fn what_may_lag_is_read_from_the_follower_and_all_else_from_the_first() {
    let library = Library::fresh().await;
    library.adds_shelf(1, "maps").await;
    let (first, follower) = (library.first.port(), library.follower.port());
    library.is_told_by(follower).await;
    assert_eq!(library.lagging_slowly().await.port, follower);

    let store = &library.store;
    let exact = |port| Seen { port, shelves: 1 };
    assert_eq!(look(store.read()).await.unwrap(), exact(first));
    assert_eq!(look(store.slow_read(30_000)).await.unwrap(), exact(first));
    // Whoever writes decides by what is so, wherever they are called from.
    Store::lagging(async {
        assert_eq!(look(store.snapshot().await.unwrap()).await.unwrap(), exact(first));
        let mut tx = store.write().await.unwrap();
        let port = tx.one("SELECT inet_server_port()::bigint", &params![], |row| row.int(0));
        assert_eq!(port.await.unwrap(), Some(i64::from(first)));
        add_shelf(&mut tx, 2, "charts").await.unwrap();
        tx.commit().await.unwrap();
    })
    .await;
    assert_eq!(titles(&mut store.read()).await, ["maps", "charts"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_follower_is_read_while_others_write_without_a_pause() {
    let library = Library::fresh().await;
    library.is_told_by(library.follower.port()).await;
    let store = library.store.clone();
    let writing = tokio::spawn(async move {
        for id in 0.. {
            let mut tx = store.write().await.unwrap();
            add_shelf(&mut tx, id, &format!("shelf {id}")).await.unwrap();
            tx.commit().await.unwrap();
        }
    });
    // Longer than a follower is believed without being asked again: whoever is read then has been found near again,
    // while there was always something that it did not have yet.
    let begun = Instant::now();
    while begun.elapsed() < LAG {
        library.lagging().await;
    }
    library.is_told_by(library.follower.port()).await;
    assert!(!writing.is_finished(), "somebody wrote all the while");
    writing.abort();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_follower_that_is_more_than_two_seconds_behind_is_not_read() {
    let library = Library::fresh().await;
    let (first, follower) = (library.first.port(), library.follower.port());
    library.is_told_by(follower).await;
    let pause = "SELECT pg_wal_replay_pause()";
    library.follower.run_sql("postgres", pause).await.unwrap();
    library.adds_shelf(1, "maps").await;
    let committed = Instant::now();

    let mut old_answers = 0;
    let seen = loop {
        let asked = Instant::now();
        let seen = library.lagging().await;
        if seen.shelves == 1 {
            break seen;
        }
        assert!(
            asked.duration_since(committed) < LAG,
            "told what was so more than two seconds ago: {seen:?}"
        );
        old_answers += 1;
    };
    assert!(old_answers > 0, "the follower was read until then");
    assert_eq!(seen.port, first);
    assert_eq!(library.lagging_slowly().await, seen);

    // Once it has come near again it is read again.
    let resume = "SELECT pg_wal_replay_resume()";
    library.follower.run_sql("postgres", resume).await.unwrap();
    library.is_told_by(follower).await;
    assert_eq!(library.lagging().await.shelves, 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_follower_that_is_gone_is_missed_by_nobody() {
    let mut library = Library::fresh().await;
    library.adds_shelf(1, "maps").await;
    let (first, follower) = (library.first.port(), library.follower.port());
    for how in [Stop::Immediate, Stop::Fast] {
        library.is_told_by(follower).await;
        library.follower.stop(how).unwrap();
        let seen = Seen {
            port: first,
            shelves: 1,
        };
        assert_eq!(library.lagging().await, seen);
        assert_eq!(library.lagging_slowly().await, seen);
        library.follower.start().unwrap();
    }
    // It has what came while it was away.
    library.follower.stop(Stop::Fast).unwrap();
    library.adds_shelf(2, "charts").await;
    library.follower.start().unwrap();
    library.is_told_by(follower).await;
    assert_eq!(library.lagging().await.shelves, 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_follower_that_answers_no_more_is_given_up() {
    let mut library = Library::fresh().await;
    library.adds_shelf(1, "maps").await;
    let (first, follower) = (library.first.port(), library.follower.port());
    library.is_told_by(follower).await;
    library.follower.freeze().unwrap();
    assert_eq!(library.lagging().await.port, first);
    assert_eq!(library.lagging_slowly().await.port, first);
    library.follower.thaw().unwrap();
    library.is_told_by(follower).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_follower_that_leads_others_now_is_not_read() {
    let library = Library::fresh().await;
    let (first, follower) = (library.first.port(), library.follower.port());
    library.is_told_by(follower).await;
    library.follower.promote().await.unwrap();
    // It goes its own way, and is as far along that way as the first server is.
    let more = "INSERT INTO shelves SELECT n, n::text, 0 FROM generate_series(100, 5000) n";
    library.follower.run_sql("postgres", more).await.unwrap();
    library.adds_shelf(1, "maps").await;
    library.is_told_by(first).await;
    assert_eq!(library.lagging().await.shelves, 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn without_the_first_server_what_may_lag_is_read_for_two_seconds_more() {
    let mut library = Library::fresh().await;
    library.adds_shelf(1, "maps").await;
    library.is_told_by(library.follower.port()).await;
    library.first.stop(Stop::Immediate).unwrap();
    let stopped = Instant::now();
    let refused = loop {
        let asked = Instant::now();
        match Store::lagging(async { look(library.store.read()).await }).await {
            Ok(seen) => {
                assert_eq!(seen.port, library.follower.port());
                assert!(
                    asked.duration_since(stopped) < LAG,
                    "nobody knows how old that is"
                );
            }
            Err(refused) => break refused,
        }
    };
    assert!(matches!(refused, StoreError::Unavailable { .. }), "{refused:?}");

    library.first.start().unwrap();
    library.is_told_by(library.follower.port()).await;
    library.adds_shelf(2, "charts").await;
    assert_eq!(look(library.store.read()).await.unwrap().shelves, 2);
}
