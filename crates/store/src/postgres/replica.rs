//! Servers that follow the first one and answer what may lag: lists for people who are not signed in.
//!
//! A follower is used while it is known to have had everything that the first server had [`LAG`] ago or less. How far
//! the first server is, is asked a few times a second and remembered; of each follower it is asked how far it has
//! come, and so what it had is dated. One that does not answer is left alone for a while, and whatever it was asked
//! is asked of the first server.

use std::collections::VecDeque;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Weak};
use std::time::{Duration, Instant};

use deadpool_postgres::{Object, Pool, PoolError, TimeoutType, Timeouts};
use tokio::task::JoinSet;
use tokio_postgres::Row;

use super::address::Address;
use super::statement::{self, Remedy};
use super::{Engine, Parts, discard, pool};
use crate::{StoreError, Val};

/// How far behind an answer may be.
const LAG: Duration = Duration::from_secs(2);
/// How often it is asked how far everybody is.
const ROUND: Duration = Duration::from_millis(400);
/// How long one such question may take, or a short read of a follower, which the first server can answer as well.
const PATIENCE: Duration = Duration::from_secs(1);
/// How long one waits for a connection to a follower that others use.
const QUEUE: Duration = Duration::from_millis(250);

/// How far the first server has come, and on which of its timelines. What it has acknowledged is written up to here;
/// or, where it acknowledges before it writes, put down to be written.
const FIRST_AT: &str = "SELECT ((CASE current_setting('synchronous_commit') WHEN 'off' \
     THEN pg_current_wal_insert_lsn() ELSE pg_current_wal_lsn() END) - '0/0'::pg_lsn)::bigint, \
     substr(pg_walfile_name(pg_current_wal_lsn()), 1, 8)";
/// The same of a follower, which has no timeline of its own; one that was promoted has.
const FOLLOWER_AT: &str = "SELECT CASE WHEN pg_is_in_recovery() \
     THEN (pg_last_wal_replay_lsn() - '0/0'::pg_lsn)::bigint \
     ELSE (pg_current_wal_lsn() - '0/0'::pg_lsn)::bigint END, \
     CASE WHEN pg_is_in_recovery() THEN NULL ELSE substr(pg_walfile_name(pg_current_wal_lsn()), 1, 8) END";

#[derive(Debug)]
pub(super) struct Replicas {
    all: Vec<Replica>,
    next: AtomicU64,
}

/// Times are milliseconds since the engine was opened.
#[derive(Debug)]
pub(super) struct Replica {
    pool: Pool,
    /// Up to when what it has is new enough.
    fresh_until_ms: AtomicU64,
    /// Up to when it is left alone, since it did not answer.
    left_until_ms: AtomicU64,
}

/// A place in the log of all changes.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Place {
    at: i64,
    timeline: Option<String>,
}

/// Where the first server was lately, each with when that was asked, the last one last.
type Places = VecDeque<(Duration, Place)>;

impl Replicas {
    pub(super) fn open(addresses: &[Address], size: usize, wait: Duration) -> Result<Self, StoreError> {
        let all = addresses.iter().map(|address| {
            Ok(Replica {
                pool: pool(address, size, wait)?,
                fresh_until_ms: AtomicU64::new(0),
                left_until_ms: AtomicU64::new(0),
            })
        });
        Ok(Self {
            all: all.collect::<Result<_, StoreError>>()?,
            next: AtomicU64::new(0),
        })
    }

    /// One that is not far behind and answers, each in turn.
    pub(super) fn fresh(&self, since: Instant) -> Option<&Replica> {
        if self.all.is_empty() {
            return None;
        }
        let now = since.elapsed().as_millis() as u64;
        let first = self.next.fetch_add(1, Ordering::Relaxed) as usize;
        (0..self.all.len())
            .filter_map(|step| self.all.get((first + step) % self.all.len()))
            .find(|replica| {
                replica.fresh_until_ms.load(Ordering::Relaxed) > now
                    && replica.left_until_ms.load(Ordering::Relaxed) <= now
            })
    }

    pub(super) fn close(&self) {
        for replica in &self.all {
            replica.pool.close();
        }
    }
}

impl Replica {
    /// Every row of the answer to a short read; `None` where the first server has to be asked.
    pub(super) async fn rows(
        &self,
        since: Instant,
        prepared: bool,
        sql: &str,
        params: &[Val<'_>],
    ) -> Option<Vec<Row>> {
        let client = self.client(since).await?;
        let asked = statement::rows(&client, prepared, sql, params);
        match tokio::time::timeout(PATIENCE, asked).await {
            Ok(Ok(rows)) => return Some(rows),
            // A statement that stood in the way of what follows, or one that fails everywhere.
            Ok(Err(error)) if statement::remedy(&error) != Remedy::Reconnect => return None,
            Ok(Err(_)) | Err(_) => {}
        }
        discard(client);
        self.leave(since);
        None
    }

    /// A connection to it, unless that takes long.
    pub(super) async fn client(&self, since: Instant) -> Option<Object> {
        let timeouts = Timeouts {
            wait: Some(QUEUE),
            create: Some(PATIENCE),
            recycle: Some(PATIENCE),
        };
        match self.pool.timeout_get(&timeouts).await {
            Ok(client) => Some(client),
            // It has much to do.
            Err(PoolError::Timeout(TimeoutType::Wait)) => None,
            Err(_) => {
                self.leave(since);
                None
            }
        }
    }

    /// Leaves it alone for a while.
    fn leave(&self, since: Instant) {
        let until = (since.elapsed() + LAG).as_millis() as u64;
        self.left_until_ms.store(until, Ordering::Relaxed);
    }
}

/// Asks in rounds, for as long as the engine is open.
pub(super) fn watch(engine: &Engine) {
    if engine.0.replicas.all.is_empty() {
        return;
    }
    let parts = Arc::downgrade(&engine.0);
    tokio::spawn(async move {
        let mut places = Places::new();
        while round(&parts, &mut places).await {
            tokio::time::sleep(ROUND).await;
        }
    });
}

/// One round; whether there will be another.
async fn round(parts: &Weak<Parts>, places: &mut Places) -> bool {
    let Some(parts) = parts.upgrade() else {
        return false;
    };
    if parts.closed.load(Ordering::Acquire) {
        return false;
    }
    let asked_at = parts.since.elapsed();
    if let Some(place) = ask(&parts.readers, FIRST_AT).await {
        places.push_back((asked_at, place));
    }
    while places.front().is_some_and(|(then, _)| *then + LAG <= asked_at) {
        places.pop_front();
    }
    let mut asking = JoinSet::new();
    for (at, replica) in parts.replicas.all.iter().enumerate() {
        let pool = replica.pool.clone();
        asking.spawn(async move { (at, ask(&pool, FOLLOWER_AT).await) });
    }
    while let Some(answered) = asking.join_next().await {
        if let Ok((at, Some(place))) = answered
            && let Some(replica) = parts.replicas.all.get(at)
            && let Some(then) = had_all_of(&place, places)
        {
            let until = (then + LAG).as_millis() as u64;
            replica.fresh_until_ms.store(until, Ordering::Relaxed);
        }
    }
    true
}

/// The last time at which a server that has come to `place` had all that the first server had.
fn had_all_of(place: &Place, places: &Places) -> Option<Duration> {
    places
        .iter()
        .rev()
        .find(|(_, first)| {
            // Whoever is not a follower any more is on a way of its own, unless it is the first server itself.
            place.at >= first.at && (place.timeline.is_none() || place.timeline == first.timeline)
        })
        .map(|(then, _)| *then)
}

/// Where a server is; one that takes long has not answered.
async fn ask(pool: &Pool, sql: &str) -> Option<Place> {
    let client = tokio::time::timeout(PATIENCE, pool.get()).await.ok()?.ok()?;
    let Ok(answered) = tokio::time::timeout(PATIENCE, client.query_typed(sql, &[])).await else {
        discard(client);
        return None;
    };
    let rows = answered.ok()?;
    let row = rows.first()?;
    Some(Place {
        at: row.try_get(0).ok()?,
        timeline: row.try_get(1).ok()?,
    })
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

#[cfg(test)]
mod tests {
    use super::*;

    fn place(at: i64, timeline: Option<&str>) -> Place {
        Place {
            at,
            timeline: timeline.map(str::to_owned),
        }
    }

    #[test]
    fn what_a_follower_had_is_dated_by_where_the_first_server_was() {
        let second = Duration::from_secs;
        let places = Places::from([
            (second(1), place(100, Some("00000001"))),
            (second(2), place(200, Some("00000001"))),
            (second(3), place(300, Some("00000001"))),
        ]);
        assert_eq!(had_all_of(&place(99, None), &places), None);
        assert_eq!(had_all_of(&place(250, None), &places), Some(second(2)));
        assert_eq!(had_all_of(&place(300, None), &places), Some(second(3)));
        assert_eq!(had_all_of(&place(900, Some("00000002")), &places), None);
        assert_eq!(
            had_all_of(&place(900, Some("00000001")), &places),
            Some(second(3))
        );
    }
}
