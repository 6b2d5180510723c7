//! The PostgreSQL engine: pools of connections, short reads, slow reads, and transactions that begin again by
//! themselves when others were in their way.
//!
//! Nothing here needs a sequence or a session's state, so a pgbouncer in transaction mode may stand between
//! (`prepared=off`), and so may a database that merely speaks the same language. `address` says where and how,
//! `statement` runs one statement and sorts its errors, `tx` is the transaction, `replica` what may lag behind.

pub mod address;
pub(crate) mod again;
mod migrate;
pub(crate) mod replica;
mod statement;
pub(crate) mod tx;
pub(crate) mod value;

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::{Duration, Instant};

use deadpool_postgres::{
    Manager, ManagerConfig, Object, Pool, PoolError, RecyclingMethod, Runtime, TimeoutType,
};
use tokio_postgres::{NoTls, Row};
use tokio_postgres_rustls::MakeRustlsConnect;

use self::address::Address;
use self::replica::Replicas;
use self::statement::Remedy;
use self::tx::WriteTx;
use crate::sqlite::slow::End;
use crate::{EngineFacts, Migration, Settings, StoreError, Val};

/// How long a server that is gone is waited for before whoever asks is told: a restart or the turn of a replica to
/// lead takes some seconds.
const PATIENCE: Duration = Duration::from_secs(8);
/// How long one short statement may take. The server never needs so long; a network that swallows packets does.
const STATEMENT: Duration = Duration::from_secs(30);
/// The most rows of one slow answer.
const ROWS: usize = 50_000;
/// How long what other nodes commit may go unnoticed by [`Engine::stamp`].
const STAMP: Duration = Duration::from_millis(250);
/// The oldest server whose dialect this is.
const OLDEST_VERSION: i64 = 130_000;

/// One open PostgreSQL store; cheap to clone.
#[derive(Debug, Clone)]
pub(crate) struct Engine(Arc<Parts>);

#[derive(Debug)]
struct Parts {
    readers: Pool,
    slow: Pool,
    writers: Pool,
    replicas: Replicas,
    prepared: bool,
    /// Whether the server can tell what became of a transaction.
    tells_outcomes: bool,
    facts: EngineFacts,
    since: Instant,
    commits: AtomicU64,
    /// Shared by the transactions of this process, but for one that has lost too often and goes alone.
    gate: Arc<tokio::sync::RwLock<()>>,
    wait: Duration,
    closed: AtomicBool,
}

/// Short reads.
#[derive(Debug, Clone)]
pub(crate) struct Reader {
    engine: Engine,
    may_lag: bool,
}

/// Slow reads, each with its end.
#[derive(Debug)]
pub(crate) struct SlowReader {
    engine: Engine,
    end: End,
    may_lag: bool,
}

impl Engine {
    pub(crate) async fn open(settings: Settings, migrations: &[Migration]) -> Result<Self, StoreError> {
        let Some(postgres) = &settings.postgres else {
            return Err(StoreError::Closed);
        };
        let connections = postgres.connections.max(4);
        let wait = Duration::from_millis(settings.write_wait_ms);
        // Reads are many and short, slow ones few; none of them takes the connections of another kind, so that
        // whoever reads inside a transaction never waits for those who wait for it.
        let writers = pool(&postgres.address, connections / 2, wait)?;
        let readers = pool(&postgres.address, (connections / 4).max(1), wait)?;
        let slow = pool(&postgres.address, (connections / 4).max(1), wait)?;
        let client = connect(&writers, Instant::now() + PATIENCE).await?;
        let facts = facts(&client).await?;
        if settings.migrate {
            migrate::run(client, migrations, settings.clock.now()).await?;
        } else {
            migrate::refuse_pending(client, migrations).await?;
        }
        let client = connect(&writers, Instant::now() + PATIENCE).await?;
        let tells_outcomes = client
            .simple_query("SELECT pg_xact_status(pg_current_xact_id())")
            .await
            .is_ok();
        drop(client);
        let replicas = Replicas::open(&postgres.replicas, (connections / 2).max(2), wait)?;
        let engine = Self(Arc::new(Parts {
            readers,
            slow,
            writers,
            replicas,
            prepared: postgres.address.prepared,
            tells_outcomes,
            facts,
            since: Instant::now(),
            commits: AtomicU64::new(0),
            gate: Arc::default(),
            wait,
            closed: AtomicBool::new(false),
        }));
        replica::watch(&engine);
        Ok(engine)
    }

    pub(crate) fn reader(&self, may_lag: bool) -> Reader {
        Reader {
            engine: self.clone(),
            may_lag,
        }
    }

    pub(crate) fn slow_reader(&self, end: End, may_lag: bool) -> SlowReader {
        SlowReader {
            engine: self.clone(),
            end,
            may_lag,
        }
    }

    pub(crate) async fn write(&self) -> Result<WriteTx, StoreError> {
        if self.0.closed.load(Ordering::Acquire) {
            return Err(StoreError::Closed);
        }
        // First the connection: whoever holds a pass never waits for what those who wait for one may hold.
        let client = connect(&self.0.writers, Instant::now() + PATIENCE).await?;
        let pass = tx::Pass::get(&self.0.gate, again::alone(), self.0.wait).await?;
        Ok(WriteTx::new(self.clone(), client, pass))
    }

    pub(crate) async fn snapshot(&self) -> Result<Snapshot, StoreError> {
        let client = connect(&self.0.slow, Instant::now() + PATIENCE).await?;
        client
            .batch_execute("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY")
            .await?;
        Ok(Snapshot {
            client: Some(client),
            prepared: self.0.prepared,
        })
    }

    pub(crate) fn facts(&self) -> &EngineFacts {
        &self.0.facts
    }

    /// See [`Store::stamp`](crate::Store::stamp). Commits of this process are noticed at once; those of others within
    /// [`STAMP`], for the number changes that often whether or not there were any.
    pub(crate) fn stamp(&self) -> u64 {
        let ticks = self.0.since.elapsed().as_millis() / STAMP.as_millis();
        self.0.commits.load(Ordering::SeqCst) + ticks as u64
    }

    fn committed(&self) {
        self.0.commits.fetch_add(1, Ordering::SeqCst);
    }

    pub(crate) fn close(&self) {
        self.0.closed.store(true, Ordering::Release);
        for pool in [&self.0.readers, &self.0.slow, &self.0.writers] {
            pool.close();
        }
        self.0.replicas.close();
    }
}

/// One state of everything, for as long as it is held.
#[derive(Debug)]
pub(crate) struct Snapshot {
    client: Option<Object>,
    prepared: bool,
}

impl Snapshot {
    pub(crate) async fn rows(&self, sql: &str, params: &[Val<'_>]) -> Result<Vec<Row>, StoreError> {
        let Some(client) = &self.client else {
            return Err(StoreError::Closed);
        };
        let asked = statement::rows(client, self.prepared, sql, params);
        let answered = tokio::time::timeout(STATEMENT, asked).await;
        Ok(answered.map_err(|_| StoreError::Timeout)??)
    }
}

impl Drop for Snapshot {
    /// The transaction ends with its connection.
    fn drop(&mut self) {
        if let Some(client) = self.client.take() {
            discard(client);
        }
    }
}

impl Reader {
    /// Every row of the answer. What failed because the server went away is asked again while it may come back.
    pub(crate) async fn rows(&self, sql: &str, params: &[Val<'_>]) -> Result<Vec<Row>, StoreError> {
        let parts = &self.engine.0;
        if self.may_lag
            && let Some(replica) = parts.replicas.fresh(parts.since)
            && let Some(rows) = replica.rows(parts.since, parts.prepared, sql, params).await
        {
            return Ok(rows);
        }
        let end = Instant::now() + PATIENCE;
        let mut pause = Pause::default();
        loop {
            let client = connect(&parts.readers, end).await?;
            let asked = statement::rows(&client, parts.prepared, sql, params);
            let error = match tokio::time::timeout(STATEMENT, asked).await {
                Ok(Ok(rows)) => return Ok(rows),
                Ok(Err(error)) => error,
                Err(_) => {
                    discard(client);
                    return Err(StoreError::Timeout);
                }
            };
            match statement::remedy(&error) {
                Remedy::None => return Err(error.into()),
                Remedy::Again => {}
                Remedy::Reconnect => discard(client),
            }
            if Instant::now() >= end {
                return Err(error.into());
            }
            pause.wait().await;
        }
    }
}

impl SlowReader {
    /// The rows of the answer: all of them, or the first `most`. Planned for these very values, since what is slow
    /// with some may be quick with others.
    pub(crate) async fn rows(
        &self,
        sql: &str,
        params: &[Val<'_>],
        most: Option<usize>,
    ) -> Result<Vec<Row>, StoreError> {
        let parts = &self.engine.0;
        let deadline = self.end.deadline();
        if self.may_lag
            && let Some(replica) = parts.replicas.fresh(parts.since)
            && let Some(client) = replica.client(parts.since).await
        {
            // The first server has the last word, and as much time for it.
            let halfway = Instant::now() + left(deadline) / 2;
            match slow_rows(client, sql, params, most, halfway).await {
                Err(error) if !matches!(error, StoreError::TooLarge { .. }) => {}
                answered => return answered,
            }
        }
        let client = tokio::time::timeout(left(deadline), connect(&parts.slow, deadline))
            .await
            .map_err(|_| StoreError::Busy)??;
        slow_rows(client, sql, params, most, deadline).await
    }
}

fn left(instant: Instant) -> Duration {
    instant.saturating_duration_since(Instant::now())
}

/// See [`SlowReader::rows`]; on this connection and until `end`.
async fn slow_rows(
    client: Object,
    sql: &str,
    params: &[Val<'_>],
    most: Option<usize>,
    end: Instant,
) -> Result<Vec<Row>, StoreError> {
    let mut running = Running(Some(client));
    let asked = async {
        let Some(client) = &running.0 else {
            return Err(StoreError::Closed);
        };
        Ok(statement::some_rows(client, sql, params, most.unwrap_or(ROWS)).await?)
    };
    let answered = tokio::time::timeout(left(end), asked).await;
    let mut rows = match answered {
        Ok(Ok(rows)) => rows,
        Ok(Err(error)) => {
            // What failed because of the statement leaves a connection that is as good as before.
            if let Some(client) = running.0.take()
                && matches!(error, StoreError::Unavailable { .. })
            {
                discard(client);
            }
            return Err(error);
        }
        Err(_) => return Err(StoreError::Timeout),
    };
    if rows.len() > most.unwrap_or(ROWS) {
        // More are on their way; the guard has the server stop.
        if let Some(most) = most {
            rows.truncate(most);
            return Ok(rows);
        }
        return Err(StoreError::TooLarge { limit: ROWS });
    }
    running.0 = None;
    Ok(rows)
}

/// A connection on which a statement runs. Dropped before its end, the server is told to stop, so that people who
/// leave a slow page do not keep it from others, and the connection is given up.
struct Running(Option<Object>);

impl Drop for Running {
    fn drop(&mut self) {
        let Some(client) = self.0.take() else { return };
        let cancel = client.cancel_token();
        discard(client);
        if let Ok(runtime) = tokio::runtime::Handle::try_current() {
            runtime.spawn(async move {
                // Over TLS the server ends the statement when it notices that its client is gone.
                let _ = cancel.cancel_query(NoTls).await;
            });
        }
    }
}

/// Pauses that grow, for asking a server that is away.
#[derive(Debug, Default)]
struct Pause(u32);

impl Pause {
    async fn wait(&mut self) {
        let most = 20_u64 << self.0.min(4);
        self.0 += 1;
        // Not all at the same moment.
        let length = Duration::from_millis(most / 2 + rand::random_range(0..=most / 2));
        tokio::time::sleep(length).await;
    }
}

/// A connection that nobody else uses meanwhile. While the server is away, it is tried until `end`.
async fn connect(pool: &Pool, end: Instant) -> Result<Object, StoreError> {
    let mut pause = Pause::default();
    loop {
        let failed = match pool.get().await {
            Ok(client) => return Ok(client),
            Err(PoolError::Timeout(TimeoutType::Wait)) => return Err(StoreError::Busy),
            Err(PoolError::Closed) => return Err(StoreError::Closed),
            Err(PoolError::Backend(error)) => match statement::remedy(&error) {
                // A password that is wrong stays wrong.
                Remedy::None => return Err(error.into()),
                Remedy::Again | Remedy::Reconnect => statement::words(&error),
            },
            Err(other) => other.to_string(),
        };
        if Instant::now() >= end {
            return Err(StoreError::Unavailable { what: failed });
        }
        pause.wait().await;
    }
}

/// Gives a connection up: nobody knows what state it is in.
fn discard(client: Object) {
    drop(Object::take(client));
}

fn pool(address: &Address, size: usize, wait: Duration) -> Result<Pool, StoreError> {
    let config = ManagerConfig {
        recycling_method: RecyclingMethod::Fast,
    };
    let unusable = |error: address::BadAddress| StoreError::Unsupported {
        what: error.to_string(),
    };
    let manager = match address.tls().map_err(unusable)? {
        Some(tls) => Manager::from_config(address.driver.clone(), MakeRustlsConnect::new(tls), config),
        None => Manager::from_config(address.driver.clone(), NoTls, config),
    };
    Pool::builder(manager)
        .max_size(size)
        .wait_timeout(Some(wait))
        .create_timeout(Some(Duration::from_secs(6)))
        .recycle_timeout(Some(Duration::from_secs(6)))
        .runtime(Runtime::Tokio1)
        .build()
        .map_err(StoreError::opaque)
}

async fn facts(client: &Object) -> Result<EngineFacts, StoreError> {
    let row = client
        .query_one(
            "SELECT current_setting('server_version_num')::bigint, current_setting('server_version'), \
             current_setting('server_encoding'), current_setting('synchronous_commit')",
            &[],
        )
        .await?;
    let version: i64 = row.get(0);
    if version < OLDEST_VERSION {
        let found: String = row.get(1);
        return Err(StoreError::Unsupported {
            what: format!("PostgreSQL {found}: 13 or newer is needed"),
        });
    }
    let encoding: String = row.get(2);
    if encoding != "UTF8" {
        return Err(StoreError::Unsupported {
            what: format!("a database with the encoding {encoding}: make it with UTF8"),
        });
    }
    let synchronous: String = row.get(3);
    Ok(EngineFacts {
        engine: "postgres",
        version: row.get(1),
        synchronous: match synchronous.as_str() {
            "off" => "off",
            "local" => "local",
            "remote_write" => "remote_write",
            "remote_apply" => "remote_apply",
            _ => "on",
        },
        journal_mode: "wal".to_owned(),
    })
}
