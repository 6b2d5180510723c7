//! Migrations: each once, in order, and never a changed or an unknown one.

use store::{Migration, Settings, Store, StoreError, params};
use tempfile::{TempDir, tempdir};

use crate::kit::settings_in;

const FIRST: Migration = Migration {
    version: 1,
    name: "shelves",
    sql: "CREATE TABLE shelves (id INTEGER NOT NULL PRIMARY KEY, title TEXT NOT NULL) STRICT; \
          INSERT INTO shelves VALUES (1, 'maps');",
    postgres: "CREATE TABLE shelves (id BIGINT NOT NULL PRIMARY KEY, title TEXT NOT NULL); \
          INSERT INTO shelves VALUES (1, 'maps');",
};
const SECOND: Migration = Migration {
    version: 2,
    name: "books",
    sql: "ALTER TABLE shelves ADD COLUMN books INTEGER NOT NULL DEFAULT 7;",
    postgres: "ALTER TABLE shelves ADD COLUMN books BIGINT NOT NULL DEFAULT 7;",
};
const BROKEN: Migration = Migration {
    version: 2,
    name: "broken",
    sql: "INSERT INTO shelves VALUES (2, 'letters'); INSERT INTO nowhere VALUES (1);",
    postgres: "INSERT INTO shelves VALUES (2, 'letters'); INSERT INTO nowhere VALUES (1);",
};
const DANGLING: Migration = Migration {
    version: 2,
    name: "dangling",
    sql: "CREATE TABLE loans (shelf INTEGER NOT NULL REFERENCES shelves (id)) STRICT; \
          INSERT INTO loans VALUES (99);",
    postgres: "CREATE TABLE loans (shelf BIGINT NOT NULL REFERENCES shelves (id)); \
          INSERT INTO loans VALUES (99);",
};
const RENAMED: Migration = Migration {
    sql: "SELECT 1;",
    postgres: "SELECT 1;",
    ..FIRST
};

async fn somewhere() -> (TempDir, Settings) {
    let folder = tempdir().unwrap();
    let settings = settings_in(folder.path(), "store.db").await;
    (folder, settings)
}

async fn shelves(store: &Store) -> i64 {
    let count = store
        .read()
        .one("SELECT count(*) FROM shelves", &params![], |row| row.int(0))
        .await;
    count.unwrap().unwrap()
}

#[tokio::test]
async fn a_store_is_brought_up_to_date_step_by_step() {
    let (_folder, settings) = somewhere().await;
    drop(Store::open_with_migrations(&settings, &[FIRST]).await.unwrap());
    let store = Store::open_with_migrations(&settings, &[FIRST, SECOND])
        .await
        .unwrap();
    let books = store
        .read()
        .one("SELECT books FROM shelves", &params![], |row| row.int(0))
        .await;
    assert_eq!(books.unwrap(), Some(7));
    let again = Store::open_with_migrations(&settings, &[FIRST, SECOND])
        .await
        .unwrap();
    assert_eq!(shelves(&again).await, 1, "no migration ran twice");
}

#[tokio::test]
async fn the_schema_of_this_release_can_be_made() {
    let (_folder, settings) = somewhere().await;
    Store::open(&settings).await.unwrap();
    Store::open(&settings).await.unwrap();
}

#[tokio::test]
async fn a_store_of_a_newer_release_is_not_touched() {
    let (_folder, settings) = somewhere().await;
    drop(
        Store::open_with_migrations(&settings, &[FIRST, SECOND])
            .await
            .unwrap(),
    );
    let refused = Store::open_with_migrations(&settings, &[FIRST]).await;
    assert!(
        matches!(refused, Err(StoreError::NewerSchema { found: 2, known: 1 })),
        "{refused:?}"
    );
}

#[tokio::test]
async fn a_migration_that_was_changed_after_it_ran_is_noticed() {
    let (_folder, settings) = somewhere().await;
    drop(Store::open_with_migrations(&settings, &[FIRST]).await.unwrap());
    let refused = Store::open_with_migrations(&settings, &[RENAMED]).await;
    assert!(
        matches!(refused, Err(StoreError::ChangedMigration { version: 1, .. })),
        "{refused:?}"
    );
}

#[tokio::test]
async fn a_migration_that_fails_leaves_no_trace() {
    let (_folder, settings) = somewhere().await;
    drop(Store::open_with_migrations(&settings, &[FIRST]).await.unwrap());
    assert!(
        Store::open_with_migrations(&settings, &[FIRST, BROKEN])
            .await
            .is_err()
    );
    let dangling = Store::open_with_migrations(&settings, &[FIRST, DANGLING]).await;
    assert!(
        matches!(dangling, Err(StoreError::Violation { .. })),
        "{dangling:?}"
    );
    let store = Store::open_with_migrations(&settings, &[FIRST, SECOND])
        .await
        .unwrap();
    assert_eq!(shelves(&store).await, 1);
}

#[tokio::test]
async fn without_leave_to_migrate_pending_ones_are_an_error() {
    let (_folder, mut settings) = somewhere().await;
    settings.migrate = false;
    let refused = Store::open_with_migrations(&settings, &[FIRST, SECOND]).await;
    assert!(
        matches!(&refused, Err(StoreError::PendingMigrations { count: 2, first }) if first == "0001_shelves")
    );
    settings.migrate = true;
    drop(
        Store::open_with_migrations(&settings, &[FIRST, SECOND])
            .await
            .unwrap(),
    );
    settings.migrate = false;
    Store::open_with_migrations(&settings, &[FIRST, SECOND])
        .await
        .unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 8)]
async fn several_that_migrate_at_once_do_it_once() {
    for _ in 0..5 {
        let (_folder, settings) = somewhere().await;
        let opening: Vec<_> = (0..8)
            .map(|_| {
                let settings = settings.clone();
                tokio::spawn(async move { Store::open_with_migrations(&settings, &[FIRST, SECOND]).await })
            })
            .collect();
        for one in opening {
            let store = one.await.unwrap().unwrap();
            assert_eq!(shelves(&store).await, 1);
        }
    }
}

#[tokio::test]
async fn the_file_is_for_its_owner_only() {
    use std::os::unix::fs::PermissionsExt;
    let (_folder, settings) = somewhere().await;
    let store = Store::open_with_migrations(&settings, &[FIRST]).await.unwrap();
    shelves(&store).await;
    for name in ["store.db", "store.db-wal", "store.db-shm"] {
        let mode = std::fs::metadata(settings.file.with_file_name(name))
            .unwrap()
            .permissions()
            .mode();
        assert_eq!(mode & 0o777, 0o600, "{name}");
    }
}

#[tokio::test]
async fn a_file_that_is_no_store_is_left_alone() {
    let (_folder, settings) = somewhere().await;
    let words = "dear diary, ".repeat(1000);
    std::fs::write(&settings.file, &words).unwrap();
    let refused = Store::open_with_migrations(&settings, &[FIRST]).await;
    assert!(matches!(refused, Err(StoreError::Corrupt { .. })), "{refused:?}");
    assert_eq!(std::fs::read_to_string(&settings.file).unwrap(), words);
}
