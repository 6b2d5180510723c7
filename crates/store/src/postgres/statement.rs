//! One statement on one connection, and what its errors mean.

use std::hash::{DefaultHasher, Hash, Hasher};

use deadpool_postgres::Object;
use futures_core::Stream;
use rusqlite::types::ValueRef;
use tokio_postgres::error::SqlState;
use tokio_postgres::types::{ToSql, Type};
use tokio_postgres::{Error, Row};

use super::value::{Cell, type_of};
use crate::{StoreError, Val};

/// What the server is told that the parameters are.
fn types(params: &[Val<'_>]) -> Vec<Type> {
    params.iter().map(type_of).collect()
}

/// The parameters as the driver takes them.
fn values<'a>(params: &'a [Val<'_>]) -> Vec<&'a (dyn ToSql + Sync)> {
    params.iter().map(|value| value as _).collect()
}

/// Both, for statements that are not prepared.
fn typed<'a>(params: &'a [Val<'_>]) -> Vec<(&'a (dyn ToSql + Sync), Type)> {
    params.iter().map(|value| (value as _, type_of(value))).collect()
}

/// Every row of the answer.
pub(super) async fn rows(
    client: &Object,
    prepared: bool,
    sql: &str,
    params: &[Val<'_>],
) -> Result<Vec<Row>, Error> {
    if prepared {
        let statement = client.prepare_typed_cached(sql, &types(params)).await?;
        client.query(&statement, &values(params)).await
    } else {
        client.query_typed(sql, &typed(params)).await
    }
}

/// The rows of the answer, up to one more than `most`, planned for these very values.
pub(super) async fn some_rows(
    client: &Object,
    sql: &str,
    params: &[Val<'_>],
    most: usize,
) -> Result<Vec<Row>, Error> {
    let values = params
        .iter()
        .map(|value| (value as &(dyn ToSql + Sync), type_of(value)));
    let mut stream = std::pin::pin!(client.query_typed_raw(sql, values).await?);
    let mut rows = Vec::new();
    while rows.len() <= most
        && let Some(row) = std::future::poll_fn(|cx| stream.as_mut().poll_next(cx)).await
    {
        rows.push(row?);
    }
    Ok(rows)
}

/// Runs a statement; how many rows it changed.
pub(super) async fn exec(
    client: &Object,
    prepared: bool,
    sql: &str,
    params: &[Val<'_>],
) -> Result<u64, Error> {
    if prepared {
        let statement = client.prepare_typed_cached(sql, &types(params)).await?;
        client.execute(&statement, &values(params)).await
    } else {
        client.execute_typed(sql, &typed(params)).await
    }
}

/// What rows say, in a number: for comparing two answers to the same statement. Counters are left out: what others
/// add to them meanwhile decides nothing.
pub(super) fn digest(rows: &[Row]) -> u64 {
    let mut hasher = DefaultHasher::new();
    rows.len().hash(&mut hasher);
    for row in rows {
        for (at, column) in row.columns().iter().enumerate() {
            if column.name() == "views" || column.name().ends_with("_count") {
                continue;
            }
            match row.try_get::<_, Cell<'_>>(at).map(|cell| cell.0) {
                Ok(ValueRef::Null) => 0_u8.hash(&mut hasher),
                Ok(ValueRef::Integer(value)) => value.hash(&mut hasher),
                Ok(ValueRef::Real(value)) => value.to_bits().hash(&mut hasher),
                Ok(ValueRef::Text(value) | ValueRef::Blob(value)) => value.hash(&mut hasher),
                Err(_) => 1_u8.hash(&mut hasher),
            }
        }
    }
    hasher.finish()
}

/// What can be done about a failed statement.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Remedy {
    /// Nothing: the same statement fails again.
    None,
    /// Begin the transaction again: others were in its way.
    Again,
    /// Connect again: the server went away, or this connection is of no use any more.
    Reconnect,
}

/// What can be done about this error.
pub(super) fn remedy(error: &Error) -> Remedy {
    let Some(found) = error.as_db_error() else {
        return if error.is_closed() || is_io(error) {
            Remedy::Reconnect
        } else {
            Remedy::None
        };
    };
    let code = found.code();
    if *code == SqlState::T_R_SERIALIZATION_FAILURE || *code == SqlState::T_R_DEADLOCK_DETECTED {
        return Remedy::Again;
    }
    // Two numbers of the same microsecond; the next are others.
    if *code == SqlState::UNIQUE_VIOLATION
        && matches!(
            found.constraint(),
            Some("fact_deltas_pkey" | "webhook_facts_pkey" | "caption_passages_pkey")
        )
    {
        return Remedy::Again;
    }
    let gone = [
        SqlState::ADMIN_SHUTDOWN,
        SqlState::CRASH_SHUTDOWN,
        SqlState::CANNOT_CONNECT_NOW,
        SqlState::TOO_MANY_CONNECTIONS,
        // The server has become a replica.
        SqlState::READ_ONLY_SQL_TRANSACTION,
        // A statement that was prepared before its tables changed, or through another connection of a pooler.
        SqlState::INVALID_SQL_STATEMENT_NAME,
        SqlState::DUPLICATE_PSTATEMENT,
    ];
    let stale_plan = *code == SqlState::FEATURE_NOT_SUPPORTED && found.message().contains("cached plan");
    if gone.contains(code) || code.code().starts_with("08") || stale_plan {
        return Remedy::Reconnect;
    }
    Remedy::None
}

fn is_io(error: &Error) -> bool {
    let mut cause = std::error::Error::source(error);
    while let Some(inner) = cause {
        if inner.is::<std::io::Error>() {
            return true;
        }
        cause = inner.source();
    }
    // "error connecting to server" and "timeout waiting for server" have no cause of a kind that can be named.
    error.to_string().starts_with("error connecting") || error.to_string().starts_with("timeout")
}

impl From<Error> for StoreError {
    fn from(error: Error) -> Self {
        match remedy(&error) {
            Remedy::Again => return Self::Busy,
            Remedy::Reconnect => {
                return Self::Unavailable { what: words(&error) };
            }
            Remedy::None => {}
        }
        let Some(found) = error.as_db_error() else {
            return Self::opaque(error);
        };
        let code = found.code();
        if *code == SqlState::UNIQUE_VIOLATION {
            let table = found.table().unwrap_or_default();
            let constraint = found.constraint().unwrap_or_default();
            return Self::Conflict {
                constraint: constraint_words(table, constraint),
            };
        }
        if code.code().starts_with("23") {
            return Self::Violation {
                what: found.message().to_owned(),
            };
        }
        if *code == SqlState::DISK_FULL || *code == SqlState::OUT_OF_MEMORY {
            return Self::NoSpace;
        }
        if *code == SqlState::QUERY_CANCELED || *code == SqlState::LOCK_NOT_AVAILABLE {
            return Self::Timeout;
        }
        if *code == SqlState::DATA_CORRUPTED || *code == SqlState::INDEX_CORRUPTED {
            return Self::Corrupt {
                what: found.message().to_owned(),
            };
        }
        Self::opaque(error)
    }
}

/// The error with its cause, which alone says what happened.
pub(super) fn words(error: &Error) -> String {
    match std::error::Error::source(error) {
        Some(cause) => format!("{error}: {cause}"),
        None => error.to_string(),
    }
}

/// `users_username_key` of `users` is `users.username`, as the other engine says it.
fn constraint_words(table: &str, constraint: &str) -> String {
    constraint
        .strip_prefix(table)
        .and_then(|rest| rest.strip_prefix('_'))
        .and_then(|rest| rest.strip_suffix("_key"))
        .map_or_else(
            || format!("index '{constraint}'"),
            |column| format!("{table}.{column}"),
        )
}
