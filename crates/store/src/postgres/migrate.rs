//! Migrations on PostgreSQL: one transaction each, one node at a time.

use deadpool_postgres::Object;
use model::Millis;

use crate::{Migration, StoreError};

const TABLE: &str = "CREATE TABLE IF NOT EXISTS schema_migrations (\
     version BIGINT NOT NULL PRIMARY KEY, name TEXT NOT NULL, checksum TEXT NOT NULL, applied_at BIGINT NOT NULL)";

/// Runs what is pending.
pub(super) async fn run(mut client: Object, all: &[Migration], now: Millis) -> Result<(), StoreError> {
    // Two nodes that start at once on an empty database both find no table; one of them is told that the other made it.
    if client.batch_execute(TABLE).await.is_err() {
        client.batch_execute(TABLE).await?;
    }
    refuse_unknown(&client, all).await?;
    for migration in all {
        let tx = client.transaction().await?;
        // The lock lasts as long as the transaction; whoever comes second finds the work done.
        tx.batch_execute("LOCK TABLE schema_migrations IN EXCLUSIVE MODE")
            .await?;
        let applied = tx
            .query_opt(
                "SELECT name, checksum FROM schema_migrations WHERE version = $1",
                &[&i64::from(migration.version)],
            )
            .await?;
        if is_applied(applied, migration)? {
            continue;
        }
        tx.batch_execute(migration.postgres).await?;
        tx.execute(
            "INSERT INTO schema_migrations (version, name, checksum, applied_at) VALUES ($1, $2, $3, $4)",
            &[
                &i64::from(migration.version),
                &migration.name,
                &migration.checksum_of(migration.postgres),
                &now.0,
            ],
        )
        .await?;
        tx.commit().await?;
        tracing::info!(
            migration.version,
            "Applied migration {:04}_{}",
            migration.version,
            migration.name
        );
    }
    Ok(())
}

/// Answers an error when anything is pending.
pub(super) async fn refuse_pending(client: Object, all: &[Migration]) -> Result<(), StoreError> {
    let known = client
        .query_one("SELECT to_regclass('schema_migrations') IS NOT NULL", &[])
        .await?;
    let mut pending = Vec::new();
    if known.get(0) {
        refuse_unknown(&client, all).await?;
        for migration in all {
            let applied = client
                .query_opt(
                    "SELECT name, checksum FROM schema_migrations WHERE version = $1",
                    &[&i64::from(migration.version)],
                )
                .await?;
            if !is_applied(applied, migration)? {
                pending.push(migration);
            }
        }
    } else {
        pending.extend(all);
    }
    match pending.first() {
        None => Ok(()),
        Some(first) => Err(StoreError::PendingMigrations {
            count: pending.len(),
            first: format!("{:04}_{}", first.version, first.name),
        }),
    }
}

async fn refuse_unknown(client: &Object, all: &[Migration]) -> Result<(), StoreError> {
    let known = all.iter().map(|migration| migration.version).max().unwrap_or(0);
    let found = client
        .query_one("SELECT coalesce(max(version), 0) FROM schema_migrations", &[])
        .await?;
    let found: i64 = found.get(0);
    match u32::try_from(found) {
        Ok(found) if found > known => Err(StoreError::NewerSchema { found, known }),
        _ => Ok(()),
    }
}

fn is_applied(applied: Option<tokio_postgres::Row>, migration: &Migration) -> Result<bool, StoreError> {
    let Some(applied) = applied else { return Ok(false) };
    let (name, checksum): (String, String) = (applied.get(0), applied.get(1));
    migration.must_be(name, &checksum, migration.postgres)
}
