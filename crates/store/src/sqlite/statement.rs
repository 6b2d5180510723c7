//! One statement on one connection: bind, step, map.

use rusqlite::types::{ToSql, ToSqlOutput, Value, ValueRef};
use rusqlite::{CachedStatement, Connection};

use crate::{Row, StoreError, Val};

impl ToSql for Val<'_> {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        Ok(ToSqlOutput::Borrowed(match self {
            Self::Null => ValueRef::Null,
            Self::Int(value) => ValueRef::Integer(*value),
            Self::Real(value) => ValueRef::Real(*value),
            Self::Text(value) => ValueRef::Text(value.as_bytes()),
            Self::Blob(value) => ValueRef::Blob(value),
            Self::Id(value) => ValueRef::Blob(value),
        }))
    }
}

/// The value on its way to another thread.
pub(super) fn owned(value: &Val<'_>) -> Value {
    match value {
        Val::Null => Value::Null,
        Val::Int(value) => Value::Integer(*value),
        Val::Real(value) => Value::Real(*value),
        Val::Text(value) => Value::Text(value.clone().into_owned()),
        Val::Blob(value) => Value::Blob(value.to_vec()),
        Val::Id(value) => Value::Blob(value.to_vec()),
    }
}

fn bound<'c>(
    conn: &'c Connection,
    sql: &str,
    params: &[impl ToSql],
) -> Result<CachedStatement<'c>, StoreError> {
    let mut statement = conn.prepare_cached(sql)?;
    for (index, value) in params.iter().enumerate() {
        statement.raw_bind_parameter(index + 1, value)?;
    }
    Ok(statement)
}

pub(crate) fn one<T>(
    conn: &Connection,
    sql: &str,
    params: &[Val<'_>],
    map: impl FnOnce(&Row<'_>) -> Result<T, StoreError>,
) -> Result<Option<T>, StoreError> {
    let mut statement = bound(conn, sql, params)?;
    let mut rows = statement.raw_query();
    let found = match rows.next()? {
        None => return Ok(None),
        Some(row) => map(&Row::sqlite(row)),
    };
    // A changing statement is done when it says so.
    if rows.as_ref().is_some_and(|statement| !statement.readonly()) {
        while rows.next()?.is_some() {}
    }
    found.map(Some)
}

pub(crate) fn all<T>(
    conn: &Connection,
    sql: &str,
    params: &[Val<'_>],
    mut map: impl FnMut(&Row<'_>) -> Result<T, StoreError>,
) -> Result<Vec<T>, StoreError> {
    let mut statement = bound(conn, sql, params)?;
    let mut rows = statement.raw_query();
    let mut all = Vec::new();
    let mut failed = None;
    while let Some(row) = rows.next()? {
        match map(&Row::sqlite(row)) {
            Ok(value) => all.push(value),
            Err(error) => {
                failed = Some(error);
                break;
            }
        }
    }
    failed.map_or(Ok(all), Err)
}

pub(crate) fn exec(conn: &Connection, sql: &str, params: &[Val<'_>]) -> Result<u64, StoreError> {
    Ok(bound(conn, sql, params)?.raw_execute()? as u64)
}

/// Whole rows, to be carried to another thread: all, or the first `most`.
pub(super) fn rows(
    conn: &Connection,
    sql: &str,
    params: &[Value],
    most: Option<usize>,
    limit: usize,
) -> Result<Vec<Vec<Value>>, StoreError> {
    let mut statement = bound(conn, sql, params)?;
    let columns = statement.column_count();
    let mut rows = statement.raw_query();
    let mut all = Vec::new();
    while let Some(row) = rows.next()? {
        if all.len() == limit {
            return Err(StoreError::TooLarge { limit });
        }
        all.push(
            (0..columns)
                .map(|column| row.get(column))
                .collect::<Result<_, _>>()?,
        );
        if most == Some(all.len()) {
            break;
        }
    }
    Ok(all)
}
