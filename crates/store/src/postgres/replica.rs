//! Servers that follow the first one and answer what may lag: lists for people who are not signed in.
//!
//! A follower is used while it is known to have had everything that the first server had [`LAG`] ago or less. How far
//! the first server is, is asked a few times a second, and of each follower whether it has come that far.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Weak};
use std::time::{Duration, Instant};

use deadpool_postgres::Pool;

use super::address::Address;
use super::{Engine, Parts, pool};
use crate::StoreError;

/// How far behind an answer may be.
const LAG: Duration = Duration::from_secs(2);
/// How often it is asked how far everybody is.
const ROUND: Duration = Duration::from_millis(400);
/// How long one such question may take.
const PATIENCE: Duration = Duration::from_secs(1);

#[derive(Debug)]
pub(super) struct Replicas {
    all: Vec<Replica>,
    next: AtomicU64,
}

#[derive(Debug)]
struct Replica {
    pool: Pool,
    /// Up to when it may be used, in milliseconds since the engine was opened.
    fresh_until_ms: AtomicU64,
}

impl Replicas {
    pub(super) fn open(addresses: &[Address], size: usize, wait: Duration) -> Result<Self, StoreError> {
        let all = addresses.iter().map(|address| {
            Ok(Replica {
                pool: pool(address, size, wait)?,
                fresh_until_ms: AtomicU64::new(0),
            })
        });
        Ok(Self {
            all: all.collect::<Result<_, StoreError>>()?,
            next: AtomicU64::new(0),
        })
    }

    /// One that is not far behind, each in turn.
    pub(super) fn fresh(&self, since: Instant) -> Option<&Pool> {
        if self.all.is_empty() {
            return None;
        }
        let now = since.elapsed().as_millis() as u64;
        let first = self.next.fetch_add(1, Ordering::Relaxed) as usize;
        (0..self.all.len())
            .filter_map(|step| self.all.get((first + step) % self.all.len()))
            .find(|replica| replica.fresh_until_ms.load(Ordering::Relaxed) > now)
            .map(|replica| &replica.pool)
    }

    pub(super) fn close(&self) {
        for replica in &self.all {
            replica.pool.close();
        }
    }
}

/// Asks in rounds, for as long as the engine is open.
pub(super) fn watch(engine: &Engine) {
    if engine.0.replicas.all.is_empty() {
        return;
    }
    let parts = Arc::downgrade(&engine.0);
    tokio::spawn(async move {
        while round(&parts).await {
            tokio::time::sleep(ROUND).await;
        }
    });
}

/// One round; whether there will be another.
async fn round(parts: &Weak<Parts>) -> bool {
    let Some(parts) = parts.upgrade() else {
        return false;
    };
    if parts.closed.load(Ordering::Acquire) {
        return false;
    }
    let asked_at = parts.since.elapsed();
    let place = tokio::time::timeout(
        PATIENCE,
        ask(&parts.readers, "SELECT pg_current_wal_lsn()::text", None),
    )
    .await;
    let Ok(Some(place)) = place else { return true };
    for replica in &parts.replicas.all {
        let there = tokio::time::timeout(
            PATIENCE,
            ask(
                &replica.pool,
                "SELECT CASE WHEN pg_is_in_recovery() THEN pg_last_wal_replay_lsn() >= $1::text::pg_lsn \
                 ELSE TRUE END::text",
                Some(&place),
            ),
        )
        .await;
        if let Ok(Some(there)) = there
            && there == "true"
        {
            let until = (asked_at + LAG).as_millis() as u64;
            replica.fresh_until_ms.store(until, Ordering::Relaxed);
        }
    }
    true
}

async fn ask(pool: &Pool, sql: &str, value: Option<&String>) -> Option<String> {
    let client = pool.get().await.ok()?;
    let text = tokio_postgres::types::Type::TEXT;
    let rows = match value {
        Some(value) => client.query_typed(sql, &[(value, text)]).await,
        None => client.query_typed(sql, &[]).await,
    };
    rows.ok()?.first()?.try_get(0).ok()
}

tokio::task_local! {
    static MAY_LAG: ();
}

/// Whether what the present task reads may lag behind.
pub(crate) fn may_lag() -> bool {
    MAY_LAG.try_with(|()| ()).is_ok()
}

/// Lets everything that `work` reads lag.
pub(crate) async fn lagging<T>(work: impl Future<Output = T>) -> T {
    MAY_LAG.scope((), work).await
}
