//! A PostgreSQL of a measure's own, set up as a site would have it: what was acknowledged is on the disk. Sites come to
//! it from a SQLite file that was filled before, by the server's own `move`.

use std::path::Path;

use testkit::postgres::Postgres;

use crate::error::{BenchError, Doing};
use crate::process::{self, Start, cpu_of_tree};
use crate::server::Launch;

/// Room for what is read over and over, and rare checkpoints, as every guide to PostgreSQL begins with.
const SETTINGS: &[&str] = &["shared_buffers=1GB", "max_wal_size=4GB", "random_page_cost=1.1"];

/// A running server; ends when dropped, and its folder with it.
#[derive(Debug)]
pub struct Database {
    server: Postgres,
}

impl Database {
    /// A new one on the disk of `scratch`, which the user `postgres` must be able to enter.
    pub fn start(scratch: &Path) -> Result<Self, BenchError> {
        std::fs::create_dir_all(scratch).doing("create the scratch folder")?;
        let scratch = std::path::absolute(scratch).doing("find the scratch folder")?;
        let server = Postgres::primary_in(&scratch, SETTINGS).doing("start PostgreSQL")?;
        Ok(Self { server })
    }

    /// Moves what the SQLite file of `data` has into a new database called `name`; how the server is started on it.
    pub fn takes(&self, launch: &Launch, data: &Path, name: &str) -> Result<Launch, BenchError> {
        self.says(
            "postgres",
            &format!("CREATE DATABASE {name} TEMPLATE template0 ENCODING 'UTF8'"),
        )?;
        let url = self.server.url(name);
        let mut env = launch.env.clone();
        env.push((
            "STREAMSPHERE_DATA_DIR".to_owned(),
            data.to_string_lossy().into_owned(),
        ));
        let began = std::time::Instant::now();
        let moved = Start {
            program: launch.binary.as_os_str(),
            args: ["move", "--to", &url].map(str::to_owned).to_vec(),
            env,
            log: None,
        };
        moved.finish()?;
        // What its own housekeeping does within minutes, so that no measure meets it on the way.
        self.says(name, "VACUUM ANALYZE")?;
        crate::measures::say(&format!("moved to PostgreSQL in {:.0?}", began.elapsed()));
        let mut launch = launch.clone();
        launch.env.push(("STREAMSPHERE_DATABASE_URL".to_owned(), url));
        Ok(launch)
    }

    /// Runs one statement.
    fn says(&self, name: &str, sql: &str) -> Result<(), BenchError> {
        process::run(
            "psql",
            &[
                "-X",
                "-q",
                "-v",
                "ON_ERROR_STOP=1",
                "-c",
                sql,
                &self.server.url(name),
            ],
        )
        .map(|_| ())
    }

    /// Has all its processes run on these cores only.
    pub fn pin(&self, cores: &[usize]) -> Result<(), BenchError> {
        self.server.pid().map_or(Ok(()), |pid| process::pin(pid, cores))
    }

    /// User and system time of all its processes, in seconds.
    pub fn cpu(&self) -> f64 {
        self.server.pid().map_or(0.0, cpu_of_tree)
    }
}
