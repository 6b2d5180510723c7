//! What only a PostgreSQL does: transactions side by side, a server that goes away, a pooler in between.

mod followers;

use std::sync::Arc;

use store::{Address, Settings, Store, StoreError, Tx, params};
use testkit::pgbouncer::Pgbouncer;
use testkit::postgres::Postgres;
use tokio::sync::Barrier;

use crate::kit::{SCHEMA, add_shelf, titles};

struct Library {
    url: String,
    store: Store,
}

impl Library {
    async fn fresh() -> Self {
        let url = testkit::fresh_database(&testkit::needed_server()).await;
        let store = open(&url).await;
        Self { url, store }
    }

    async fn books(&self, id: i64) -> i64 {
        books(&mut self.store.read(), id).await
    }

    /// Ends every connection to this database, as a server does that is restarted.
    async fn ends_connections(&self) {
        let other = self.url.rsplit_once('/').unwrap();
        let server = testkit::needed_server();
        let (client, connection) = tokio_postgres::connect(&server, tokio_postgres::NoTls)
            .await
            .unwrap();
        tokio::spawn(connection);
        client
            .execute(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = $1",
                &[&other.1],
            )
            .await
            .unwrap();
    }
}

async fn open(url: &str) -> Store {
    let settings = Settings::postgres(Address::parse(url).unwrap());
    Store::open_with_migrations(&settings, SCHEMA).await.unwrap()
}

async fn books(tx: &mut Tx, shelf: i64) -> i64 {
    let sql = "SELECT books FROM shelves WHERE id = $1";
    tx.one(sql, &params![shelf], |row| row.int(0))
        .await
        .unwrap()
        .unwrap()
}

async fn adds_book(tx: &mut Tx, shelf: i64) -> Result<u64, StoreError> {
    tx.exec(
        "UPDATE shelves SET books = books + 1 WHERE id = $1",
        &params![shelf],
    )
    .await
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn many_who_count_in_one_row_all_count() {
    let library = Library::fresh().await;
    let mut tx = library.store.write().await.unwrap();
    add_shelf(&mut tx, 1, "maps").await.unwrap();
    tx.commit().await.unwrap();

    let mut clerks = tokio::task::JoinSet::new();
    for _ in 0..60 {
        let store = library.store.clone();
        clerks.spawn(async move {
            let mut tx = store.write().await?;
            titles(&mut tx).await;
            adds_book(&mut tx, 1).await?;
            tx.commit().await
        });
    }
    for done in clerks.join_all().await {
        done.unwrap();
    }
    assert_eq!(library.books(1).await, 60);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn what_was_decided_by_something_that_changed_is_decided_again() {
    let library = Library::fresh().await;
    let mut tx = library.store.write().await.unwrap();
    add_shelf(&mut tx, 1, "maps").await.unwrap();
    tx.commit().await.unwrap();

    // Two look at the same number at the same time, and both want to write the next one.
    let both_looked = Arc::new(Barrier::new(2));
    let adds_what_it_read = |store: Store, both_looked: Option<Arc<Barrier>>| async move {
        let mut tx = store.write().await?;
        let seen = books(&mut tx, 1).await;
        if let Some(both) = both_looked {
            both.wait().await;
        }
        let sql = "UPDATE shelves SET books = $1 WHERE id = 1";
        tx.exec(sql, &params![seen + 1]).await?;
        tx.commit().await
    };
    let clerk = |both: Arc<Barrier>| {
        let store = library.store.clone();
        async move {
            let (done, overtaken) = Store::attempt(false, adds_what_it_read(store.clone(), Some(both))).await;
            if !overtaken {
                return done.map(|()| 0);
            }
            assert!(matches!(done, Err(StoreError::Busy)), "{done:?}");
            let (done, overtaken) = Store::attempt(true, adds_what_it_read(store, None)).await;
            assert!(!overtaken);
            done.map(|()| 1)
        }
    };
    let one = tokio::spawn(clerk(Arc::clone(&both_looked)));
    let other = tokio::spawn(clerk(both_looked));
    let again = one.await.unwrap().unwrap() + other.await.unwrap().unwrap();
    assert_eq!(again, 1, "one of them was overtaken");
    assert_eq!(library.books(1).await, 2);
}

#[tokio::test]
async fn a_transaction_goes_on_when_its_connection_is_lost() {
    let library = Library::fresh().await;
    let mut tx = library.store.write().await.unwrap();
    add_shelf(&mut tx, 1, "maps").await.unwrap();
    library.ends_connections().await;
    adds_book(&mut tx, 1).await.unwrap();
    library.ends_connections().await;
    tx.commit().await.unwrap();
    library.ends_connections().await;
    assert_eq!(library.books(1).await, 1);
    assert_eq!(titles(&mut library.store.slow_read(5_000)).await, ["maps"]);
}

#[tokio::test]
async fn two_who_take_the_same_name_are_told_apart_from_one_who_takes_a_taken_one() {
    let library = Library::fresh().await;
    let mut first = library.store.write().await.unwrap();
    let mut second = library.store.write().await.unwrap();
    titles(&mut second).await;
    add_shelf(&mut first, 1, "maps").await.unwrap();
    first.commit().await.unwrap();
    // What it had seen is not so any more: there is a shelf.
    let (refused, overtaken) = Store::attempt(false, add_shelf(&mut second, 2, "maps")).await;
    assert!(
        matches!(refused, Err(StoreError::Busy)) && overtaken,
        "{refused:?}"
    );
    drop(second);

    let mut third = library.store.write().await.unwrap();
    let refused = add_shelf(&mut third, 2, "maps").await;
    assert!(refused.is_err_and(|error| error.is_conflict_on("shelves.title")));
}

#[tokio::test]
async fn two_nodes_that_start_at_once_migrate_once() {
    let url = testkit::fresh_database(&testkit::needed_server()).await;
    let settings = Settings::postgres(Address::parse(&url).unwrap());
    let (one, other) = tokio::join!(Store::open(&settings), Store::open(&settings));
    let (one, other) = (one.unwrap(), other.unwrap());
    let sql = "SELECT count(*) FROM schema_migrations";
    for store in [&one, &other] {
        let count = store.read().one(sql, &params![], |row| row.int(0)).await.unwrap();
        assert_eq!(count, Some(store::migrate::ALL.len() as i64));
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_pooler_may_give_each_transaction_another_server_process() {
    let library = Library::fresh().await;
    let (base, database) = library.url.rsplit_once('/').unwrap();
    let port = base.rsplit_once(':').unwrap().1.parse().unwrap();
    let pooler = Pgbouncer::before(port).unwrap();
    // More connections than the pooler has, and nothing that one of them would have to remember.
    let store = open(&format!("{}?prepared=off", pooler.url(database))).await;
    let mut tx = store.write().await.unwrap();
    add_shelf(&mut tx, 1, "maps").await.unwrap();
    tx.commit().await.unwrap();

    let mut clerks = tokio::task::JoinSet::new();
    for _ in 0..40 {
        let store = store.clone();
        clerks.spawn(async move {
            let mut tx = store.write().await.unwrap();
            titles(&mut tx).await;
            adds_book(&mut tx, 1).await.unwrap();
            tx.commit().await.unwrap();
            assert_eq!(titles(&mut store.read()).await, ["maps"]);
            assert_eq!(titles(&mut store.slow_read(20_000)).await, ["maps"]);
        });
    }
    clerks.join_all().await;
    assert_eq!(library.books(1).await, 40);
}

#[tokio::test]
async fn a_server_that_is_not_there_is_named_after_a_while() {
    let settings =
        Settings::postgres(Address::parse("postgres://nobody@127.0.0.1:1/none?connect_timeout=1").unwrap());
    let refused = Store::open(&settings).await;
    assert!(
        matches!(refused, Err(StoreError::Unavailable { .. })),
        "{refused:?}"
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn those_who_go_alone_and_those_who_wait_for_a_connection_do_not_wait_for_each_other() {
    // Two connections write; whoever loses twice wants to go alone.
    let library = Library::fresh().await;
    let mut settings = Settings::postgres(Address::parse(&library.url).unwrap());
    if let Some(postgres) = &mut settings.postgres {
        postgres.connections = 4;
    }
    let store = Store::open_with_migrations(&settings, SCHEMA).await.unwrap();
    let mut tx = store.write().await.unwrap();
    add_shelf(&mut tx, 1, "maps").await.unwrap();
    tx.commit().await.unwrap();

    // Another node writes into the same row all the while, so that many lose often.
    let other = open(&library.url).await;
    let disturbing = tokio::spawn(async move {
        loop {
            let mut tx = other.write().await.unwrap();
            if adds_book(&mut tx, 1).await.is_ok() {
                let _ = tx.commit().await;
            }
        }
    });
    let mut clerks = tokio::task::JoinSet::new();
    for _ in 0..200 {
        let store = store.clone();
        clerks.spawn(async move {
            let mut lost = 0;
            loop {
                let work = async {
                    let mut tx = store.write().await?;
                    adds_book(&mut tx, 1).await?;
                    tx.commit().await
                };
                let (done, overtaken) = Store::attempt(lost > 0, work).await;
                if !overtaken {
                    return done;
                }
                lost += 1;
            }
        });
    }
    for done in clerks.join_all().await {
        done.unwrap();
    }
    disturbing.abort();
    assert!(library.books(1).await >= 200);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_is_spoken_to_in_secret_when_somebody_vouches_for_it() {
    let server = Postgres::primary().unwrap();
    let vouches = server.speaks_tls().await.unwrap();
    let url = format!("{}?sslmode=require", server.url("postgres"));
    // The server takes up its certificate a moment after it was told to.
    let deadline = std::time::Instant::now() + std::time::Duration::from_secs(30);
    let store = loop {
        let settings =
            Settings::postgres(Address::parse(&format!("{url}&sslrootcert={}", vouches.display())).unwrap());
        match Store::open_with_migrations(&settings, SCHEMA).await {
            Ok(store) => break store,
            Err(error) => assert!(std::time::Instant::now() < deadline, "{error:?}"),
        }
    };
    let sql = "SELECT count(*) FROM pg_stat_ssl WHERE ssl AND pid = pg_backend_pid()";
    let secret = store.read().one(sql, &params![], |row| row.int(0)).await.unwrap();
    assert_eq!(secret, Some(1));

    // Nobody that this machine trusts vouches for it.
    let settings = Settings::postgres(Address::parse(&url).unwrap());
    let refused = Store::open_with_migrations(&settings, SCHEMA).await;
    assert!(refused.is_err(), "{refused:?}");
}
