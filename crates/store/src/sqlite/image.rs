//! A copy of the whole file, as of one moment, beside whoever writes.

use std::path::Path;
use std::time::Duration;

use rusqlite::backup::{Backup, StepResult};
use rusqlite::{Connection, OpenFlags};

use crate::StoreError;

/// Pages that are copied before others get their turn at the disk.
const PAGES: i32 = 512;
/// The pause between.
const PAUSE: Duration = Duration::from_millis(2);
/// How long the copy waits for a moment at which it may begin.
const PATIENCE: Duration = Duration::from_secs(10);

/// Copies `from` into the new file `to`, page by page. What is written meanwhile is not in it: the copy reads within one
/// transaction, whose state of the file stays as it is. `told` hears of how many pages there are and how many are left.
pub(crate) fn copy(from: &Path, to: &Path, mut told: impl FnMut(i32, i32)) -> Result<(), StoreError> {
    let source = Connection::open_with_flags(
        from,
        OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX,
    )?;
    source.busy_timeout(PATIENCE)?;
    // A transaction begins with the first thing that it reads.
    source.execute_batch("BEGIN")?;
    source.query_row("SELECT count(*) FROM schema_migrations", [], |row| {
        row.get::<_, i64>(0)
    })?;
    let mut target = Connection::open(to)?;
    {
        let copying = Backup::new(&source, &mut target)?;
        loop {
            let done = copying.step(PAGES)?;
            let progress = copying.progress();
            told(progress.pagecount, progress.remaining);
            match done {
                StepResult::Done => break,
                StepResult::More => std::thread::sleep(PAUSE),
                _ => return Err(StoreError::Busy),
            }
        }
    }
    source.execute_batch("COMMIT")?;
    target.close().map_err(|(_, error)| StoreError::from(error))?;
    Ok(())
}
