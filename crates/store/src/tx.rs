//! [`Tx`]: what queries run in, whether they read, read slowly, or write.
//!
//! Owns how statements are sent and answered. How the engines do it lies in `sqlite` and `postgres`; the statements
//! themselves lie with the features.

use crate::sqlite::{self, slow::SlowReader, writer::WriteTx};
use crate::{Row, StoreError, Val, postgres};

/// A transaction for writing ([`Store::write`](crate::Store::write)), or a handle for reading
/// ([`Store::read`](crate::Store::read), [`Store::slow_read`](crate::Store::slow_read)). One type, so
/// that a query can serve all.
///
/// Statements number their parameters `$1`, `$2`, … and use them in this order for the first time;
/// their texts are constants or composed from few of them, since each text is kept prepared.
///
/// A statement that fails inside a transaction for writing fails the transaction: what follows
/// answers [`StoreError::Aborted`]. Where a conflict is expected, say `ON CONFLICT` in the statement.
#[derive(Debug)]
pub struct Tx(Kind);

/// To what a sum is added: what the statement of [`Tx::add_later_to`] is given behind it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Key {
    /// An id.
    Row([u8; 12]),
    /// Two ids and two numbers.
    Rows([[u8; 12]; 2], [i64; 2]),
    /// Two numbers.
    Numbers([i64; 2]),
}

impl Key {
    /// Does something with the parameters of a statement.
    pub(crate) fn with<T>(self, by: i64, work: impl FnOnce(&[Val<'_>]) -> T) -> T {
        let by = Val::Int(by);
        match self {
            Self::Row(id) => work(&[by, Val::Id(id)]),
            Self::Rows([one, other], [a, b]) => {
                work(&[by, Val::Id(one), Val::Id(other), Val::Int(a), Val::Int(b)])
            }
            Self::Numbers([a, b]) => work(&[by, Val::Int(a), Val::Int(b)]),
        }
    }
}

/// The two engines' ways of saying what they do not say alike.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Dialect {
    Sqlite,
    Postgres,
}

impl Dialect {
    /// A full-text expression in the engine's words.
    pub(crate) fn question(self, expression: String) -> String {
        match self {
            Self::Sqlite => expression,
            Self::Postgres => crate::search::words::question(&expression),
        }
    }
}

#[derive(Debug)]
enum Kind {
    Read(sqlite::readers::Readers),
    Slow(SlowReader),
    Write(WriteTx),
    PgRead(postgres::Reader),
    PgSlow(postgres::SlowReader),
    PgWrite(Box<postgres::tx::WriteTx>),
    PgSnapshot(postgres::Snapshot),
}

impl Tx {
    pub(crate) fn reading(readers: sqlite::readers::Readers) -> Self {
        Self(Kind::Read(readers))
    }

    pub(crate) fn slow(reader: SlowReader) -> Self {
        Self(Kind::Slow(reader))
    }

    pub(crate) fn writing(tx: WriteTx) -> Self {
        Self(Kind::Write(tx))
    }

    pub(crate) fn reading_postgres(reader: postgres::Reader) -> Self {
        Self(Kind::PgRead(reader))
    }

    pub(crate) fn slow_postgres(reader: postgres::SlowReader) -> Self {
        Self(Kind::PgSlow(reader))
    }

    pub(crate) fn writing_postgres(tx: postgres::tx::WriteTx) -> Self {
        Self(Kind::PgWrite(Box::new(tx)))
    }

    pub(crate) fn snapshot_of_postgres(snapshot: postgres::Snapshot) -> Self {
        Self(Kind::PgSnapshot(snapshot))
    }

    /// Whether statements are for PostgreSQL, where the two engines do not say the same in the same words.
    pub fn is_postgres(&self) -> bool {
        matches!(
            self.0,
            Kind::PgRead(_) | Kind::PgSlow(_) | Kind::PgWrite(_) | Kind::PgSnapshot(_)
        )
    }

    /// In which words the engine is asked.
    pub(crate) fn dialect(&self) -> Dialect {
        if self.is_postgres() {
            Dialect::Postgres
        } else {
            Dialect::Sqlite
        }
    }

    /// The first row of the answer, mapped; `None` when there is no row. A changing statement with
    /// `RETURNING` runs to its end.
    pub async fn one<T: Send>(
        &mut self,
        sql: &str,
        params: &[Val<'_>],
        map: impl FnOnce(&Row<'_>) -> Result<T, StoreError> + Send,
    ) -> Result<Option<T>, StoreError> {
        check(sql, params);
        match &mut self.0 {
            Kind::Read(readers) => readers.with(|conn| sqlite::statement::one(conn, sql, params, map)),
            Kind::Write(tx) => tx.run(|conn| sqlite::statement::one(conn, sql, params, map)),
            Kind::Slow(reader) => {
                let rows = reader.rows(sql, params, Some(1)).await?;
                rows.first().map(|row| map(&Row::owned(row))).transpose()
            }
            Kind::PgRead(reader) => {
                let rows = reader.rows(sql, params).await?;
                rows.first().map(|row| map(&Row::postgres(row))).transpose()
            }
            Kind::PgSnapshot(snapshot) => {
                let rows = snapshot.rows(sql, params).await?;
                rows.first().map(|row| map(&Row::postgres(row))).transpose()
            }
            Kind::PgSlow(reader) => {
                let rows = reader.rows(sql, params, Some(1)).await?;
                rows.first().map(|row| map(&Row::postgres(row))).transpose()
            }
            Kind::PgWrite(tx) => {
                let rows = tx.rows(sql, params).await?;
                let mapped = rows.first().map(|row| map(&Row::postgres(row))).transpose();
                mapped.inspect_err(|_| tx.fail())
            }
        }
    }

    /// All rows of the answer, mapped, in their order. The statement bounds their number (`LIMIT`).
    pub async fn all<T: Send>(
        &mut self,
        sql: &str,
        params: &[Val<'_>],
        map: impl FnMut(&Row<'_>) -> Result<T, StoreError> + Send,
    ) -> Result<Vec<T>, StoreError> {
        check(sql, params);
        match &mut self.0 {
            Kind::Read(readers) => readers.with(|conn| sqlite::statement::all(conn, sql, params, map)),
            Kind::Write(tx) => tx.run(|conn| sqlite::statement::all(conn, sql, params, map)),
            Kind::Slow(reader) => {
                let mut map = map;
                let rows = reader.rows(sql, params, None).await?;
                rows.iter().map(|row| map(&Row::owned(row))).collect()
            }
            Kind::PgRead(reader) => {
                let mut map = map;
                let rows = reader.rows(sql, params).await?;
                rows.iter().map(|row| map(&Row::postgres(row))).collect()
            }
            Kind::PgSnapshot(snapshot) => {
                let mut map = map;
                let rows = snapshot.rows(sql, params).await?;
                rows.iter().map(|row| map(&Row::postgres(row))).collect()
            }
            Kind::PgSlow(reader) => {
                let mut map = map;
                let rows = reader.rows(sql, params, None).await?;
                rows.iter().map(|row| map(&Row::postgres(row))).collect()
            }
            Kind::PgWrite(tx) => {
                let mut map = map;
                let rows = tx.rows(sql, params).await?;
                let mapped: Result<_, _> = rows.iter().map(|row| map(&Row::postgres(row))).collect();
                mapped.inspect_err(|_| tx.fail())
            }
        }
    }

    /// Runs a statement that has no answer; tells how many rows it changed.
    pub async fn exec(&mut self, sql: &str, params: &[Val<'_>]) -> Result<u64, StoreError> {
        check(sql, params);
        match &mut self.0 {
            Kind::Write(tx) => tx.run(|conn| sqlite::statement::exec(conn, sql, params)),
            Kind::PgWrite(tx) => tx.exec(sql, params).await,
            _ => Err(StoreError::ReadOnly),
        }
    }

    /// Runs `sql` with `id` as its one parameter when the transaction commits, after all that the
    /// transaction changed, and perhaps after others that become durable together with it. However
    /// often it is asked for on the way, it runs once. For what is derived from a row, costs much, and
    /// may as well be derived from the row as it ends up.
    pub fn put_off(&mut self, sql: &'static str, id: [u8; 12]) -> Result<(), StoreError> {
        check(sql, &[Val::Id(id)]);
        match &mut self.0 {
            Kind::Write(tx) => {
                tx.put_off(sql, id);
                Ok(())
            }
            Kind::PgWrite(tx) => {
                tx.put_off(sql, id);
                Ok(())
            }
            _ => Err(StoreError::ReadOnly),
        }
    }

    /// Adds `by` to a counter when the transaction commits: `sql` is given the sum as `$1` and `id` as `$2`, once for
    /// all transactions that become durable together. For a counter that many of them change, whose row would be
    /// written again by each. Until then the counter is what it was, for this transaction and those after it:
    /// whoever sets it or needs it exact says [`Tx::settle`] before.
    pub fn add_later(&mut self, sql: &'static str, id: [u8; 12], by: i64) -> Result<(), StoreError> {
        self.add_later_to(sql, Key::Row(id), by)
    }

    /// [`Tx::add_later`] where more than an id says what is added to: `sql` is given the sum as `$1` and the parts of
    /// the key behind it. It may as well insert a row that says how much is to be added.
    pub fn add_later_to(&mut self, sql: &'static str, key: Key, by: i64) -> Result<(), StoreError> {
        key.with(by, |params| check(sql, params));
        match &mut self.0 {
            Kind::Write(tx) => {
                tx.add_later(sql, key, by);
                Ok(())
            }
            Kind::PgWrite(tx) => {
                tx.add_later(sql, key, by);
                Ok(())
            }
            _ => Err(StoreError::ReadOnly),
        }
    }

    /// Adds now what this transaction, and those that become durable together with it, have put off adding.
    pub async fn settle(&mut self) -> Result<(), StoreError> {
        match &mut self.0 {
            Kind::Write(tx) => tx.settle(),
            Kind::PgWrite(tx) => tx.settle().await,
            _ => Err(StoreError::ReadOnly),
        }
    }

    /// Makes everything that the transaction changed last; returns once it would survive a power
    /// cut. From then on every reader sees it. A handle for reading has nothing to commit.
    ///
    /// When the future is dropped while it waits, the changes may have been made or not.
    pub async fn commit(self) -> Result<(), StoreError> {
        match self.0 {
            Kind::Write(tx) => tx.commit().await,
            Kind::PgWrite(tx) => tx.commit().await,
            _ => Ok(()),
        }
    }
}

/// Engines number parameters by first use: `$2` before `$1` would swap them without a word.
fn check(sql: &str, params: &[Val<'_>]) {
    debug_assert_eq!(count_in_order(sql), Some(params.len()), "parameters of: {sql}");
}

/// How many parameters the text has, when their first uses are in order. Compiled out of releases
/// together with its caller.
fn count_in_order(sql: &str) -> Option<usize> {
    let mut highest = 0;
    let mut quoted = false;
    let mut chars = sql.chars().peekable();
    while let Some(c) = chars.next() {
        match c {
            '\'' => quoted = !quoted,
            '$' if !quoted => {
                let mut number = 0_usize;
                while let Some(digit) = chars.peek().and_then(|c| c.to_digit(10)) {
                    number = number * 10 + digit as usize;
                    chars.next();
                }
                if number == 0 || number > highest + 1 {
                    return None;
                }
                highest = highest.max(number);
            }
            _ => {}
        }
    }
    Some(highest)
}

#[cfg(test)]
mod tests {
    use super::count_in_order;

    #[test]
    fn parameters_count_only_when_their_first_uses_are_in_order() {
        assert_eq!(count_in_order("SELECT 1"), Some(0));
        assert_eq!(
            count_in_order("UPDATE t SET a = $1, b = $1 WHERE c = $2"),
            Some(2)
        );
        assert_eq!(count_in_order("SELECT a FROM t WHERE b = $2 AND c = $1"), None);
        assert_eq!(count_in_order("SELECT '$9' FROM t WHERE b = $1"), Some(1));
        let many = (1..=12).map(|n| format!("${n}")).collect::<Vec<_>>().join(", ");
        assert_eq!(count_in_order(&many), Some(12));
    }
}
