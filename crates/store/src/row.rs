//! One row of an answer, read by column number.
//!
//! A column that does not hold what is asked of it is a [`StoreError::Row`]: a bug or a damaged
//! file, never something that a user can bring about.

use model::{Millis, ObjectId};
use rusqlite::types::ValueRef;

use crate::postgres::value::Cell;
use crate::{StoreError, Value};

/// A row, valid while the statement stands on it. Columns count from 0.
#[derive(Debug)]
pub struct Row<'r>(Source<'r>);

#[derive(Debug)]
enum Source<'r> {
    /// A statement that stands on the row.
    Sqlite(&'r rusqlite::Row<'r>),
    /// A row that was carried over from another thread.
    Owned(&'r [rusqlite::types::Value]),
    /// A row that came over the network.
    Postgres(&'r tokio_postgres::Row),
}

impl<'r> Row<'r> {
    pub(crate) fn sqlite(row: &'r rusqlite::Row<'r>) -> Self {
        Self(Source::Sqlite(row))
    }

    pub(crate) fn owned(row: &'r [rusqlite::types::Value]) -> Self {
        Self(Source::Owned(row))
    }

    pub(crate) fn postgres(row: &'r tokio_postgres::Row) -> Self {
        Self(Source::Postgres(row))
    }

    fn value(&self, column: usize) -> Result<ValueRef<'_>, StoreError> {
        let absent = StoreError::Row {
            column,
            expected: "a column of this number",
        };
        match &self.0 {
            Source::Sqlite(row) => row.get_ref(column).map_err(|_| absent),
            Source::Owned(row) => row.get(column).map(ValueRef::from).ok_or(absent),
            Source::Postgres(row) => row
                .try_get::<_, Cell<'_>>(column)
                .map(|cell| cell.0)
                .map_err(|_| absent),
        }
    }

    /// Whatever the column holds.
    pub fn any(&self, column: usize) -> Result<Value, StoreError> {
        Ok(match self.value(column)? {
            ValueRef::Null => Value::Null,
            ValueRef::Integer(value) => Value::Int(value),
            ValueRef::Real(value) => Value::Real(value),
            ValueRef::Text(value) => Value::Text(String::from_utf8_lossy(value).into_owned()),
            ValueRef::Blob(value) => Value::Blob(value.to_vec()),
        })
    }

    /// A whole number.
    pub fn int(&self, column: usize) -> Result<i64, StoreError> {
        self.opt_int(column)?.ok_or(StoreError::Row {
            column,
            expected: "a whole number",
        })
    }

    /// A whole number, where there is one.
    pub fn opt_int(&self, column: usize) -> Result<Option<i64>, StoreError> {
        match self.value(column)? {
            ValueRef::Null => Ok(None),
            ValueRef::Integer(value) => Ok(Some(value)),
            _ => Err(StoreError::Row {
                column,
                expected: "a whole number",
            }),
        }
    }

    /// A size or a count, which is never negative.
    pub fn size(&self, column: usize) -> Result<u64, StoreError> {
        u64::try_from(self.int(column)?).map_err(|_| StoreError::Row {
            column,
            expected: "a size",
        })
    }

    /// A truth value.
    pub fn bool(&self, column: usize) -> Result<bool, StoreError> {
        self.int(column).map(|value| value != 0)
    }

    /// A fraction; a whole number counts as one.
    pub fn real(&self, column: usize) -> Result<f64, StoreError> {
        self.opt_real(column)?.ok_or(StoreError::Row {
            column,
            expected: "a number",
        })
    }

    /// A fraction, where there is one.
    pub fn opt_real(&self, column: usize) -> Result<Option<f64>, StoreError> {
        match self.value(column)? {
            ValueRef::Null => Ok(None),
            ValueRef::Real(value) => Ok(Some(value)),
            ValueRef::Integer(value) => Ok(Some(value as f64)),
            _ => Err(StoreError::Row {
                column,
                expected: "a number",
            }),
        }
    }

    /// Text.
    pub fn text(&self, column: usize) -> Result<&str, StoreError> {
        self.opt_text(column)?.ok_or(StoreError::Row {
            column,
            expected: "text",
        })
    }

    /// Text, where there is some.
    pub fn opt_text(&self, column: usize) -> Result<Option<&str>, StoreError> {
        self.value(column)?.as_str_or_null().map_err(|_| StoreError::Row {
            column,
            expected: "text",
        })
    }

    /// Bytes.
    pub fn blob(&self, column: usize) -> Result<&[u8], StoreError> {
        self.opt_blob(column)?.ok_or(StoreError::Row {
            column,
            expected: "bytes",
        })
    }

    /// Bytes, where there are any.
    pub fn opt_blob(&self, column: usize) -> Result<Option<&[u8]>, StoreError> {
        self.value(column)?
            .as_blob_or_null()
            .map_err(|_| StoreError::Row {
                column,
                expected: "bytes",
            })
    }

    /// A time.
    pub fn millis(&self, column: usize) -> Result<Millis, StoreError> {
        self.int(column).map(Millis)
    }

    /// A time, where there is one.
    pub fn opt_millis(&self, column: usize) -> Result<Option<Millis>, StoreError> {
        Ok(self.opt_int(column)?.map(Millis))
    }

    /// An id of any kind.
    pub fn id<T: From<ObjectId>>(&self, column: usize) -> Result<T, StoreError> {
        self.opt_id(column)?.ok_or(StoreError::Row {
            column,
            expected: "an id",
        })
    }

    /// An id of any kind, where there is one.
    pub fn opt_id<T: From<ObjectId>>(&self, column: usize) -> Result<Option<T>, StoreError> {
        let Some(bytes) = self.opt_blob(column)? else {
            return Ok(None);
        };
        let id = ObjectId::from_slice(bytes).map_err(|_| StoreError::Row {
            column,
            expected: "an id",
        })?;
        Ok(Some(id.into()))
    }
}
