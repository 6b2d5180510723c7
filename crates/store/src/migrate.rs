//! Migrations: numbered changes of the schema, embedded, run once each and only forward.
//!
//! What was applied is kept in the table `schema_migrations` with a checksum, so that a migration
//! that was changed after its release is noticed, and a store of a newer release is not touched.

use model::Millis;
use rusqlite::{Connection, OptionalExtension, Transaction, TransactionBehavior};

use crate::StoreError;

/// One change of the schema.
#[derive(Debug, Clone, Copy)]
pub struct Migration {
    /// Its number, from 1, without gaps.
    pub version: u32,
    /// Its name: what follows the number in the file's name.
    pub name: &'static str,
    /// Its statements on SQLite.
    pub sql: &'static str,
    /// Its statements on PostgreSQL.
    pub postgres: &'static str,
}

/// The schema of this release. The file names are the same for every engine.
pub const ALL: &[Migration] = &[
    Migration {
        version: 1,
        name: "accounts",
        sql: include_str!("../migrations/sqlite/0001_accounts.sql"),
        postgres: include_str!("../migrations/postgres/0001_accounts.sql"),
    },
    Migration {
        version: 2,
        name: "videos",
        sql: include_str!("../migrations/sqlite/0002_videos.sql"),
        postgres: include_str!("../migrations/postgres/0002_videos.sql"),
    },
    Migration {
        version: 3,
        name: "jobs",
        sql: include_str!("../migrations/sqlite/0003_jobs.sql"),
        postgres: include_str!("../migrations/postgres/0003_jobs.sql"),
    },
    Migration {
        version: 4,
        name: "pipeline",
        sql: include_str!("../migrations/sqlite/0004_pipeline.sql"),
        postgres: include_str!("../migrations/postgres/0004_pipeline.sql"),
    },
    Migration {
        version: 5,
        name: "queue",
        sql: include_str!("../migrations/sqlite/0005_queue.sql"),
        postgres: include_str!("../migrations/postgres/0005_queue.sql"),
    },
    Migration {
        version: 6,
        name: "uploads",
        sql: include_str!("../migrations/sqlite/0006_uploads.sql"),
        postgres: include_str!("../migrations/postgres/0006_uploads.sql"),
    },
    Migration {
        version: 7,
        name: "extras",
        sql: include_str!("../migrations/sqlite/0007_extras.sql"),
        postgres: include_str!("../migrations/postgres/0007_extras.sql"),
    },
    Migration {
        version: 8,
        name: "conversation",
        sql: include_str!("../migrations/sqlite/0008_conversation.sql"),
        postgres: include_str!("../migrations/postgres/0008_conversation.sql"),
    },
    Migration {
        version: 9,
        name: "library",
        sql: include_str!("../migrations/sqlite/0009_library.sql"),
        postgres: include_str!("../migrations/postgres/0009_library.sql"),
    },
    Migration {
        version: 10,
        name: "notifications",
        sql: include_str!("../migrations/sqlite/0010_notifications.sql"),
        postgres: include_str!("../migrations/postgres/0010_notifications.sql"),
    },
    Migration {
        version: 11,
        name: "search",
        sql: include_str!("../migrations/sqlite/0011_search.sql"),
        postgres: include_str!("../migrations/postgres/0011_search.sql"),
    },
    Migration {
        version: 12,
        name: "moderation",
        sql: include_str!("../migrations/sqlite/0012_moderation.sql"),
        postgres: include_str!("../migrations/postgres/0012_moderation.sql"),
    },
    Migration {
        version: 13,
        name: "exports",
        sql: include_str!("../migrations/sqlite/0013_exports.sql"),
        postgres: include_str!("../migrations/postgres/0013_exports.sql"),
    },
    Migration {
        version: 14,
        name: "community",
        sql: include_str!("../migrations/sqlite/0014_community.sql"),
        postgres: include_str!("../migrations/postgres/0014_community.sql"),
    },
    Migration {
        version: 15,
        name: "held",
        sql: include_str!("../migrations/sqlite/0015_held.sql"),
        postgres: include_str!("../migrations/postgres/0015_held.sql"),
    },
    Migration {
        version: 16,
        name: "lists",
        sql: include_str!("../migrations/sqlite/0016_lists.sql"),
        postgres: include_str!("../migrations/postgres/0016_lists.sql"),
    },
    Migration {
        version: 17,
        name: "analytics",
        sql: include_str!("../migrations/sqlite/0017_analytics.sql"),
        postgres: include_str!("../migrations/postgres/0017_analytics.sql"),
    },
    Migration {
        version: 18,
        name: "hooks",
        sql: include_str!("../migrations/sqlite/0018_hooks.sql"),
        postgres: include_str!("../migrations/postgres/0018_hooks.sql"),
    },
    Migration {
        version: 19,
        name: "site",
        sql: include_str!("../migrations/sqlite/0019_site.sql"),
        postgres: include_str!("../migrations/postgres/0019_site.sql"),
    },
    Migration {
        version: 20,
        name: "nodes",
        sql: include_str!("../migrations/sqlite/0020_nodes.sql"),
        postgres: include_str!("../migrations/postgres/0020_nodes.sql"),
    },
    Migration {
        version: 21,
        name: "imports",
        sql: include_str!("../migrations/sqlite/0021_imports.sql"),
        postgres: include_str!("../migrations/postgres/0021_imports.sql"),
    },
    Migration {
        version: 22,
        name: "object_hashes",
        sql: include_str!("../migrations/sqlite/0022_object_hashes.sql"),
        postgres: include_str!("../migrations/postgres/0022_object_hashes.sql"),
    },
];

impl Migration {
    fn checksum(&self) -> String {
        self.checksum_of(self.sql)
    }

    /// Refuses a migration that was applied under this number and is another one; otherwise it is done.
    pub(crate) fn must_be(&self, name: String, checksum: &str, statements: &str) -> Result<bool, StoreError> {
        if name == self.name && checksum == self.checksum_of(statements) {
            Ok(true)
        } else {
            Err(StoreError::ChangedMigration {
                version: self.version,
                name,
            })
        }
    }

    /// Tells a migration that was changed after its release from the one that was applied.
    #[expect(
        clippy::unused_self,
        reason = "what a checksum is of is the migration's affair"
    )]
    pub(crate) fn checksum_of(&self, statements: &str) -> String {
        blake3::hash(statements.as_bytes()).to_hex().to_string()
    }
}

/// Runs what is pending, each migration in a transaction of its own. Safe beside another process
/// that does the same: the write lock of the file lets one go first, and the other finds it done.
pub(crate) fn run(conn: &mut Connection, all: &[Migration], now: Millis) -> Result<(), StoreError> {
    conn.execute_batch(
        "CREATE TABLE IF NOT EXISTS schema_migrations (\
         version INTEGER NOT NULL PRIMARY KEY, name TEXT NOT NULL, checksum TEXT NOT NULL, \
         applied_at INTEGER NOT NULL) STRICT",
    )?;
    refuse_unknown(conn, all)?;
    for migration in all {
        let tx = conn.transaction_with_behavior(TransactionBehavior::Immediate)?;
        if !is_applied(&tx, migration)? {
            apply(&tx, migration, now)?;
            tx.commit()?;
            tracing::info!(
                migration.version,
                "Applied migration {:04}_{}",
                migration.version,
                migration.name
            );
        }
    }
    Ok(())
}

/// What is pending, in order. Refuses a store whose migrations are not those of this release.
pub(crate) fn pending<'m>(
    conn: &mut Connection,
    all: &'m [Migration],
) -> Result<Vec<&'m Migration>, StoreError> {
    let tx = conn.transaction()?;
    let known: bool = tx.query_row(
        "SELECT count(*) FROM sqlite_schema WHERE type = 'table' AND name = 'schema_migrations'",
        [],
        |row| row.get(0),
    )?;
    if !known {
        return Ok(all.iter().collect());
    }
    refuse_unknown(&tx, all)?;
    let mut pending = Vec::new();
    for migration in all {
        if !is_applied(&tx, migration)? {
            pending.push(migration);
        }
    }
    Ok(pending)
}

/// Answers an error when anything is pending.
pub(crate) fn refuse_pending(conn: &mut Connection, all: &[Migration]) -> Result<(), StoreError> {
    let pending = pending(conn, all)?;
    match pending.first() {
        None => Ok(()),
        Some(first) => Err(StoreError::PendingMigrations {
            count: pending.len(),
            first: format!("{:04}_{}", first.version, first.name),
        }),
    }
}

fn refuse_unknown(conn: &Connection, all: &[Migration]) -> Result<(), StoreError> {
    let known = all.iter().map(|migration| migration.version).max().unwrap_or(0);
    let found: u32 = conn.query_row(
        "SELECT coalesce(max(version), 0) FROM schema_migrations",
        [],
        |row| row.get(0),
    )?;
    if found > known {
        Err(StoreError::NewerSchema { found, known })
    } else {
        Ok(())
    }
}

fn is_applied(conn: &Connection, migration: &Migration) -> Result<bool, StoreError> {
    let applied: Option<(String, String)> = conn
        .query_row(
            "SELECT name, checksum FROM schema_migrations WHERE version = ?1",
            [migration.version],
            |row| Ok((row.get(0)?, row.get(1)?)),
        )
        .optional()?;
    match applied {
        None => Ok(false),
        Some((name, checksum)) => migration.must_be(name, &checksum, migration.sql),
    }
}

fn apply(tx: &Transaction<'_>, migration: &Migration, now: Millis) -> Result<(), StoreError> {
    tx.execute_batch(migration.sql)?;
    // Foreign keys are off while a migration runs, so that it may rebuild a table; what it leaves
    // behind has to be whole again.
    let broken: Option<String> = tx
        .query_row("PRAGMA foreign_key_check", [], |row| row.get(0))
        .optional()?;
    if let Some(table) = broken {
        let what = format!(
            "migration {:04}_{} breaks a reference of {table}",
            migration.version, migration.name
        );
        return Err(StoreError::Violation { what });
    }
    tx.execute(
        "INSERT INTO schema_migrations (version, name, checksum, applied_at) VALUES (?1, ?2, ?3, ?4)",
        (migration.version, migration.name, migration.checksum(), now.0),
    )?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_migration_file_is_embedded_in_order() {
        let embedded: Vec<String> = ALL
            .iter()
            .map(|m| format!("{:04}_{}.sql", m.version, m.name))
            .collect();
        for engine in ["sqlite", "postgres"] {
            let folder = format!("{}/migrations/{engine}", env!("CARGO_MANIFEST_DIR"));
            let mut files: Vec<String> = std::fs::read_dir(folder)
                .unwrap()
                .map(|file| file.unwrap().file_name().into_string().unwrap())
                .collect();
            files.sort();
            assert_eq!(embedded, files, "{engine}");
        }
        assert!(
            ALL.iter().zip(1..).all(|(m, n)| m.version == n),
            "numbered from 1 without gaps"
        );
    }

    #[test]
    fn no_rule_is_checked_only_at_commit() {
        // A group of transactions commits as one: a rule that waits for the commit would let one
        // transaction fail all others of its group.
        for migration in ALL {
            assert!(
                !migration.sql.to_uppercase().contains("INITIALLY DEFERRED"),
                "{}",
                migration.name
            );
        }
    }
}
