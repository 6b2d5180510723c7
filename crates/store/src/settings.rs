//! What the store needs to be told.

use std::path::PathBuf;

use model::Clock;

/// Where the store is and how much may wait for it.
#[derive(Debug, Clone)]
pub struct Settings {
    /// The SQLite file. Its folder exists.
    pub file: PathBuf,
    /// Whether pending migrations run when the store is opened. Otherwise they are an error.
    pub migrate: bool,
    /// How many writers may wait at once before the next is turned away.
    pub write_queue: usize,
    /// How long a writer waits for its turn, in milliseconds.
    pub write_wait_ms: u64,
    /// How many slow reads may wait at once before the next is turned away.
    pub slow_queue: usize,
    /// Dates the migrations.
    pub clock: Clock,
}

impl Settings {
    /// The defaults, for this SQLite file.
    pub fn sqlite(file: impl Into<PathBuf>) -> Self {
        Self {
            file: file.into(),
            migrate: true,
            write_queue: 4096,
            write_wait_ms: 10_000,
            slow_queue: 64,
            clock: Clock::system(),
        }
    }
}
