//! Opening a connection: flags and pragmas, the same for all but for their role.

use std::path::Path;
use std::time::Duration;

use rusqlite::config::DbConfig;
use rusqlite::{Connection, OpenFlags};

use crate::StoreError;

/// What a connection is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Role {
    /// Short reads in place.
    Reader,
    /// Scans, on a thread of their own.
    SlowReader,
    /// The one that writes.
    Writer,
    /// Moves pages from the WAL into the main file.
    Checkpointer,
    /// Changes the schema; foreign keys are checked at the end of each migration instead.
    Migrator,
}

/// The least release whose WAL does not lose pages when it is reset while another process writes.
const LEAST_VERSION: i32 = 3_051_003;

/// How long opening a connection may wait for others.
pub(super) const OPENING: Duration = Duration::from_secs(10);

/// How much of the file readers look at in place, in bytes: all of it, as far as the engine was built to. See
/// `docs/decisions/0007-readers-map-the-file.md`.
const MAPPED: i64 = 64 << 30;

/// How many prepared statements a connection keeps; more than the program has texts.
const STATEMENTS: usize = 256;

pub(crate) fn open(file: &Path, role: Role) -> Result<Connection, StoreError> {
    // A connection is used by one thread at a time, behind locks of our own.
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let conn = Connection::open_with_flags(file, flags)?;
    let busy_ms = match role {
        // The writer waits without blocking a thread.
        Role::Writer | Role::Checkpointer => 0,
        Role::Reader => 250,
        Role::SlowReader => 1_000,
        Role::Migrator => 60_000,
    };
    // Another process may just be closing the file, which locks everyone out for a moment.
    conn.busy_timeout(OPENING)?;
    conn.set_prepared_statement_cache_capacity(STATEMENTS);
    conn.set_db_config(DbConfig::SQLITE_DBCONFIG_DEFENSIVE, true)?;
    conn.set_db_config(DbConfig::SQLITE_DBCONFIG_TRUSTED_SCHEMA, false)?;
    // Without it a statement is planned anew whenever a bound value that the planner has looked at changes;
    // a page's limit is such a value, and planning costs more than reading the page.
    conn.set_db_config(DbConfig::SQLITE_DBCONFIG_ENABLE_QPSG, true)?;
    conn.set_db_config(DbConfig::SQLITE_DBCONFIG_DQS_DML, false)?;
    conn.set_db_config(DbConfig::SQLITE_DBCONFIG_DQS_DDL, false)?;

    let synchronous = if super::syncs_are_sabotaged() {
        "OFF"
    } else {
        "FULL"
    };
    conn.pragma_update(None, "synchronous", synchronous)?;
    conn.pragma_update(None, "foreign_keys", role != Role::Migrator)?;
    conn.pragma_update(None, "temp_store", "MEMORY")?;
    let reads = matches!(role, Role::Reader | Role::SlowReader);
    // A mapped page is looked at anew each time it is used, where one that was read is kept: checking each of its
    // cells every time would cost more than the reading. Writers check every page that they change.
    conn.pragma_update(None, "cell_size_check", !reads)?;
    if reads {
        // Answers with the size that there is.
        conn.pragma_update_and_check(None, "mmap_size", MAPPED, |_| Ok(()))?;
    }
    // The checkpointer decides when; a checkpoint inside a commit would stall a whole group.
    conn.pragma_update(None, "wal_autocheckpoint", 0)?;
    conn.pragma_update(None, "journal_size_limit", super::checkpoint::WAL_BYTES_KEPT)?;
    let cache_kib = match role {
        Role::Reader => 2_048,
        // What is liked, watched and said lies all over the file: a page that is read anew for each change costs the
        // writer, for whom all wait, more than the change.
        Role::Writer => 16_384,
        Role::SlowReader | Role::Migrator => 4_096,
        Role::Checkpointer => 256,
    };
    conn.pragma_update(None, "cache_size", -cache_kib)?;
    if reads {
        conn.pragma_update(None, "query_only", true)?;
    }
    // Reads what is there already, so that it waits here rather than in the first statement.
    conn.query_row("SELECT count(*) FROM sqlite_schema", [], |_| Ok(()))?;
    conn.busy_timeout(Duration::from_millis(busy_ms))?;
    Ok(conn)
}

/// Makes the file if there is none, readable by nobody else, and turns it to WAL.
pub(super) fn create(file: &Path) -> Result<(), StoreError> {
    use std::os::unix::fs::OpenOptionsExt;
    let made = std::fs::OpenOptions::new()
        .write(true)
        .create_new(true)
        .mode(0o600)
        .open(file);
    match made {
        Ok(_) => {
            // The name in the folder has to survive a power cut as well.
            let folder = file.parent().filter(|folder| !folder.as_os_str().is_empty());
            let folder = std::fs::File::open(folder.unwrap_or(Path::new("."))).map_err(StoreError::opaque)?;
            folder.sync_all().map_err(StoreError::opaque)?;
        }
        Err(error) if error.kind() == std::io::ErrorKind::AlreadyExists => {}
        Err(error) if error.kind() == std::io::ErrorKind::StorageFull => return Err(StoreError::NoSpace),
        Err(error) => return Err(StoreError::opaque(error)),
    }
    let conn = open(file, Role::Migrator)?;
    let journal: String = conn.pragma_update_and_check(None, "journal_mode", "WAL", |row| row.get(0))?;
    if journal.eq_ignore_ascii_case("wal") {
        Ok(())
    } else {
        Err(StoreError::Unsupported {
            what: format!("WAL on this file system (it offers {journal})"),
        })
    }
}

/// Refuses an engine that could lose data, and names one that is merely slow.
pub(super) fn assert_engine() -> Result<(), StoreError> {
    if rusqlite::version_number() < LEAST_VERSION {
        let what = format!("safe WAL resets (SQLite {}, needs 3.51.3)", rusqlite::version());
        return Err(StoreError::Unsupported { what });
    }
    let conn = Connection::open_in_memory()?;
    let slow = conn.query_row(
        "SELECT sqlite_compileoption_used('DEFAULT_MEMSTATUS=0')",
        [],
        |row| row.get::<_, i64>(0).map(|used| used == 0),
    )?;
    if slow {
        tracing::warn!(
            "SQLite was built with memory statistics, which slow reads down threefold; \
             build with LIBSQLITE3_FLAGS=-DSQLITE_DEFAULT_MEMSTATUS=0"
        );
    }
    Ok(())
}
