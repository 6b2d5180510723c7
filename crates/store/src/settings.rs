//! What the store needs to be told.

use std::path::PathBuf;

use model::Clock;

use crate::postgres::address::Address;

/// Where the store is and how much may wait for it.
#[derive(Debug, Clone)]
pub struct Settings {
    /// The SQLite file. Its folder exists. Not looked at where `postgres` is set.
    pub file: PathBuf,
    /// The PostgreSQL, where it is one.
    pub postgres: Option<Postgres>,
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

/// A PostgreSQL with its followers.
#[derive(Debug, Clone)]
pub struct Postgres {
    /// Where everything is written, and read unless it may lag.
    pub address: Address,
    /// Followers, for what may lag.
    pub replicas: Vec<Address>,
    /// The most connections to the first server, at least 4; half of them write. To each follower half as many.
    pub connections: usize,
}

impl Settings {
    /// The defaults, for this PostgreSQL.
    pub fn postgres(address: Address) -> Self {
        Self {
            postgres: Some(Postgres {
                address,
                replicas: Vec::new(),
                connections: 20,
            }),
            ..Self::sqlite("")
        }
    }

    /// The defaults, for this SQLite file.
    pub fn sqlite(file: impl Into<PathBuf>) -> Self {
        Self {
            file: file.into(),
            postgres: None,
            migrate: true,
            write_queue: 4096,
            write_wait_ms: 10_000,
            slow_queue: 64,
            clock: Clock::system(),
        }
    }
}
