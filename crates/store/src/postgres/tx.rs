//! A transaction for writing, which begins again by itself.
//!
//! Transactions end as if they had run one after the other (`SERIALIZABLE`): where that would not be so, one of them
//! fails. It is then begun again here: each statement is said once more and must be answered as it was the first time,
//! but for counters that others moved. Where an answer differs, what the caller has decided may not hold any more, and
//! it is told that the store is busy, with nothing changed. The same is done when the server goes away before the
//! commit. When it goes away during the commit, it is asked later what became of the transaction.
//!
//! Who has lost a few times goes alone among the transactions of this process, so that many who fight for one row do
//! not fail in turns for ever.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::{Duration, Instant};

use deadpool_postgres::Object;
use tokio::sync::{OwnedRwLockReadGuard, OwnedRwLockWriteGuard, RwLock};
use tokio_postgres::error::SqlState;
use tokio_postgres::{Error, Row, SimpleQueryMessage};

use super::statement::{self, Remedy};
use super::{Engine, PATIENCE, Pause, STATEMENT, again, connect, discard};
use crate::tx::Key;
use crate::{StoreError, Val, Value};

/// How often a transaction is begun again because others were in its way.
const TRIES: u32 = 12;
/// How many of these are made beside the others of this process.
const SHARED_TRIES: u32 = 2;
/// Statements of a transaction that are kept for saying them again. A longer one fails at the first disturbance.
const KEPT: usize = 20_000;

#[derive(Debug)]
#[expect(clippy::struct_excessive_bools, reason = "each tells of something else")]
pub(crate) struct WriteTx {
    engine: Engine,
    client: Option<Object>,
    begun: bool,
    passes_by: bool,
    /// By which the server can be asked about the transaction later. Asked for together with the first change.
    number: Option<String>,
    failed: bool,
    /// What was said, and what was answered.
    said: Vec<Said>,
    lost_track: bool,
    put_off: Vec<(&'static str, [u8; 12])>,
    sums: BTreeMap<(&'static str, Key), i64>,
    tries: u32,
    /// When the server was found to be gone for the first time.
    gone_since: Option<Instant>,
    pass: Pass,
}

/// The right to run beside the other transactions of this process, or alone.
#[derive(Debug)]
pub(super) enum Pass {
    None,
    #[expect(dead_code, reason = "held, never looked at")]
    Shared(OwnedRwLockReadGuard<()>),
    #[expect(dead_code, reason = "held, never looked at")]
    Alone(OwnedRwLockWriteGuard<()>),
}

impl Pass {
    /// Waits for it, not for ever.
    pub(super) async fn get(gate: &Arc<RwLock<()>>, alone: bool, wait: Duration) -> Result<Self, StoreError> {
        let gate = Arc::clone(gate);
        let pass = async {
            if alone {
                Self::Alone(gate.write_owned().await)
            } else {
                Self::Shared(gate.read_owned().await)
            }
        };
        tokio::time::timeout(wait, pass)
            .await
            .map_err(|_| StoreError::Busy)
    }
}

#[derive(Debug)]
struct Said {
    sql: String,
    params: Vec<Value>,
    /// Whether rows are wanted, or how many were changed.
    asks: bool,
    heard: u64,
}

enum Answer {
    Rows(Vec<Row>),
    Changed(u64),
}

impl Answer {
    fn digest(&self) -> u64 {
        match self {
            Self::Rows(rows) => statement::digest(rows),
            Self::Changed(count) => *count,
        }
    }
}

/// What a transaction begins with. Of a table that is read from end to end every row counts as read, and whatever is
/// changed in it disturbs whoever did: an index is used however small the table is.
fn beginning(passes_by: bool) -> &'static str {
    if passes_by {
        "BEGIN ISOLATION LEVEL READ COMMITTED"
    } else {
        "BEGIN ISOLATION LEVEL SERIALIZABLE; SET LOCAL enable_seqscan = off"
    }
}

/// Why one attempt did not succeed.
enum Fault {
    Server(Error),
    Slow,
}

impl WriteTx {
    pub(super) fn new(engine: Engine, client: Object, pass: Pass) -> Self {
        Self {
            engine,
            client: Some(client),
            begun: false,
            passes_by: false,
            number: None,
            failed: false,
            said: Vec::new(),
            lost_track: false,
            put_off: Vec::new(),
            sums: BTreeMap::new(),
            tries: 0,
            gone_since: None,
            pass,
        }
    }

    /// The transaction, seeing with each statement what was committed before that.
    pub(crate) fn passing_by(mut self) -> Self {
        self.passes_by = true;
        self
    }

    pub(crate) async fn rows(&mut self, sql: &str, params: &[Val<'_>]) -> Result<Vec<Row>, StoreError> {
        match self.say(sql, params, true).await? {
            Answer::Rows(rows) => Ok(rows),
            Answer::Changed(_) => Ok(Vec::new()),
        }
    }

    pub(crate) async fn exec(&mut self, sql: &str, params: &[Val<'_>]) -> Result<u64, StoreError> {
        match self.say(sql, params, false).await? {
            Answer::Changed(count) => Ok(count),
            Answer::Rows(rows) => Ok(rows.len() as u64),
        }
    }

    /// A row could not be read as what it should be, so that the transaction does not count.
    pub(crate) fn fail(&mut self) {
        self.failed = true;
    }

    pub(crate) fn put_off(&mut self, sql: &'static str, id: [u8; 12]) {
        if !self.put_off.contains(&(sql, id)) {
            self.put_off.push((sql, id));
        }
    }

    pub(crate) fn add_later(&mut self, sql: &'static str, key: Key, by: i64) {
        *self.sums.entry((sql, key)).or_default() += by;
    }

    pub(crate) async fn settle(&mut self) -> Result<(), StoreError> {
        for ((sql, key), by) in std::mem::take(&mut self.sums) {
            if by == 0 {
                continue;
            }
            let params: Vec<Value> = key.with(by, |params| params.iter().map(Value::of).collect());
            let params: Vec<Val<'_>> = params.iter().map(Value::as_val).collect();
            self.exec(sql, &params).await?;
        }
        Ok(())
    }

    pub(crate) async fn commit(mut self) -> Result<(), StoreError> {
        if self.failed {
            return Err(StoreError::Aborted);
        }
        for (sql, id) in std::mem::take(&mut self.put_off) {
            self.exec(sql, &[Val::Id(id)]).await?;
        }
        self.settle().await?;
        if !self.begun {
            return Ok(());
        }
        loop {
            let (number, done) = self.try_commit().await;
            let fault = match done {
                Ok(()) => {
                    self.begun = false;
                    self.engine.committed();
                    return Ok(());
                }
                Err(fault) => fault,
            };
            if remedy(&fault) == Remedy::Reconnect || matches!(fault, Fault::Slow) {
                self.begun = false;
                if let Some(client) = self.client.take() {
                    discard(client);
                }
                let Some(number) = number else {
                    return Err(StoreError::Unavailable {
                        what: format!(
                            "it went away while a transaction was committed: {}",
                            words(&fault)
                        ),
                    });
                };
                if self.became_durable(&number).await? {
                    self.engine.committed();
                    return Ok(());
                }
            }
            self.begin_again(fault).await?;
        }
    }

    /// Commits; also tells the number by which the server can be asked about the transaction later. Where it is not
    /// known yet, both are sent at once, the question first.
    async fn try_commit(&self) -> (Option<String>, Result<(), Fault>) {
        let Some(client) = &self.client else {
            return (None, Err(Fault::Slow));
        };
        let both = async {
            if self.engine.0.tells_outcomes && self.number.is_none() {
                tokio::join!(
                    client.simple_query("SELECT pg_current_xact_id_if_assigned()::text"),
                    client.batch_execute("COMMIT")
                )
            } else {
                (Ok(Vec::new()), client.batch_execute("COMMIT").await)
            }
        };
        let Ok((number, done)) = tokio::time::timeout(STATEMENT, both).await else {
            return (self.number.clone(), Err(Fault::Slow));
        };
        let number = number.ok().and_then(|messages| first_text(&messages));
        (self.number.clone().or(number), done.map_err(Fault::Server))
    }

    /// Whether a transaction whose commit was not answered was committed. Waits for the server to come back.
    async fn became_durable(&mut self, number: &str) -> Result<bool, StoreError> {
        let gone_since = *self.gone_since.get_or_insert_with(Instant::now);
        let end = gone_since + PATIENCE;
        // The transaction is over either way, and a connection is waited for.
        self.pass = Pass::None;
        let mut pause = Pause::default();
        loop {
            let client = connect(&self.engine.0.writers, end).await?;
            let asked = client
                .query_typed(
                    "SELECT pg_xact_status($1::text::xid8)",
                    &[(&number, tokio_postgres::types::Type::TEXT)],
                )
                .await;
            match asked {
                Ok(rows) => {
                    let status: Option<String> = rows.first().and_then(|row| row.get(0));
                    match status.as_deref() {
                        Some("committed") => return Ok(true),
                        Some("aborted") => return Ok(false),
                        // The old connection's end has not been noticed yet.
                        Some(_) => {}
                        None => {
                            return Err(StoreError::Unavailable {
                                what: "it does not know any more whether a transaction was committed"
                                    .to_owned(),
                            });
                        }
                    }
                }
                Err(error) if statement::remedy(&error) == Remedy::Reconnect => discard(client),
                Err(error) => return Err(error.into()),
            }
            if Instant::now() >= end {
                return Err(StoreError::Unavailable {
                    what: "it does not tell whether a transaction was committed".to_owned(),
                });
            }
            pause.wait().await;
        }
    }

    async fn say(&mut self, sql: &str, params: &[Val<'_>], asks: bool) -> Result<Answer, StoreError> {
        if self.failed {
            return Err(StoreError::Aborted);
        }
        let mut doubted = false;
        loop {
            match self.attempt(sql, params, asks).await {
                Ok(answer) => {
                    if self.said.len() < KEPT {
                        self.said.push(Said {
                            sql: sql.to_owned(),
                            params: params.iter().map(Value::of).collect(),
                            asks,
                            heard: answer.digest(),
                        });
                    } else {
                        self.lost_track = true;
                    }
                    return Ok(answer);
                }
                // Perhaps only because this transaction did not see what another one did: once more, and it is
                // certain.
                Err(fault) if is_doubtful(&fault) && !doubted => {
                    doubted = true;
                    self.begin_again_for(fault, Remedy::Again).await?;
                }
                Err(fault) => self.begin_again(fault).await?,
            }
        }
    }

    /// Says one statement; begins before the first.
    async fn attempt(&mut self, sql: &str, params: &[Val<'_>], asks: bool) -> Result<Answer, Fault> {
        let Some(client) = &self.client else {
            return Err(Fault::Slow);
        };
        let prepared = self.engine.0.prepared;
        let (begun, passes_by) = (self.begun, self.passes_by);
        let numbered = self.number.is_some() || !self.engine.0.tells_outcomes;
        let mut number = None;
        let work = async {
            if !begun {
                client.batch_execute(beginning(passes_by)).await?;
            }
            if asks {
                statement::rows(client, prepared, sql, params)
                    .await
                    .map(Answer::Rows)
            } else if numbered {
                statement::exec(client, prepared, sql, params)
                    .await
                    .map(Answer::Changed)
            } else {
                // Both are on their way at once.
                let (asked, changed) = tokio::join!(
                    client.simple_query("SELECT pg_current_xact_id()::text"),
                    statement::exec(client, prepared, sql, params)
                );
                number = asked.ok().and_then(|messages| first_text(&messages));
                changed.map(Answer::Changed)
            }
        };
        let done = tokio::time::timeout(STATEMENT, work).await;
        // A transaction may have begun whatever comes back.
        self.begun = true;
        if number.is_some() {
            self.number = number;
        }
        done.map_err(|_| Fault::Slow)?.map_err(Fault::Server)
    }

    /// Begins the transaction again and says everything again; on return all is as it was before the fault.
    async fn begin_again(&mut self, fault: Fault) -> Result<(), StoreError> {
        let remedy = remedy(&fault);
        self.begin_again_for(fault, remedy).await
    }

    async fn begin_again_for(&mut self, fault: Fault, with: Remedy) -> Result<(), StoreError> {
        let (mut fault, mut remedy) = (fault, with);
        let mut pause = Pause::default();
        loop {
            self.tries += 1;
            let patient = match remedy {
                Remedy::None => false,
                Remedy::Again => self.tries <= TRIES,
                Remedy::Reconnect => {
                    let since = *self.gone_since.get_or_insert_with(Instant::now);
                    since.elapsed() < PATIENCE
                }
            };
            if !patient || self.lost_track {
                self.failed = true;
                if remedy == Remedy::Again {
                    again::note_overtaken();
                }
                return Err(told(fault));
            }
            self.leave(remedy).await;
            let alone = self.tries > SHARED_TRIES || matches!(self.pass, Pass::Alone(_));
            if self.client.is_none() || (alone && matches!(self.pass, Pass::Shared(_))) {
                self.pass = Pass::None;
            }
            if self.client.is_none() {
                let end = self.gone_since.unwrap_or_else(Instant::now) + PATIENCE;
                match connect(&self.engine.0.writers, end).await {
                    Ok(client) => self.client = Some(client),
                    Err(error) => {
                        self.failed = true;
                        return Err(error);
                    }
                }
            }
            if matches!(self.pass, Pass::None) {
                let pass = Pass::get(&self.engine.0.gate, alone, self.engine.0.wait).await;
                self.pass = pass.inspect_err(|_| self.failed = true)?;
            }
            match self.say_all().await {
                Ok(true) => return Ok(()),
                Ok(false) => {
                    self.failed = true;
                    again::note_overtaken();
                    return Err(StoreError::Busy);
                }
                Err(next) => {
                    remedy = self::remedy(&next);
                    fault = next;
                }
            }
            pause.wait().await;
        }
    }

    /// Says everything again. Whether each answer was the one of the first time.
    async fn say_all(&mut self) -> Result<bool, Fault> {
        let said = std::mem::take(&mut self.said);
        let mut outcome = Ok(true);
        for one in &said {
            let params: Vec<Val<'_>> = one.params.iter().map(Value::as_val).collect();
            match self.attempt(&one.sql, &params, one.asks).await {
                Ok(answer) if answer.digest() == one.heard => {}
                Ok(_) => {
                    outcome = Ok(false);
                    break;
                }
                Err(fault) => {
                    outcome = Err(fault);
                    break;
                }
            }
        }
        self.said = said;
        outcome
    }

    /// Ends what is left of the transaction on the server.
    async fn leave(&mut self, remedy: Remedy) {
        self.number = None;
        let Some(client) = self.client.take() else { return };
        if !std::mem::take(&mut self.begun) {
            self.client = Some(client);
            return;
        }
        let rolled_back = remedy != Remedy::Reconnect
            && matches!(
                tokio::time::timeout(STATEMENT, client.batch_execute("ROLLBACK")).await,
                Ok(Ok(()))
            );
        if rolled_back {
            self.client = Some(client);
        } else {
            discard(client);
        }
    }
}

/// The first value of an answer.
fn first_text(messages: &[SimpleQueryMessage]) -> Option<String> {
    messages.iter().find_map(|message| match message {
        SimpleQueryMessage::Row(row) => row.get(0).map(ToOwned::to_owned),
        _ => None,
    })
}

fn remedy(fault: &Fault) -> Remedy {
    match fault {
        Fault::Server(error) => statement::remedy(error),
        Fault::Slow => Remedy::None,
    }
}

/// Whether a rule of the schema seems to be broken by what another transaction did meanwhile.
fn is_doubtful(fault: &Fault) -> bool {
    matches!(fault, Fault::Server(error) if error.code().is_some_and(|code| {
        *code == SqlState::UNIQUE_VIOLATION || *code == SqlState::FOREIGN_KEY_VIOLATION
    }))
}

fn words(fault: &Fault) -> String {
    match fault {
        Fault::Server(error) => statement::words(error),
        Fault::Slow => "it did not answer in time".to_owned(),
    }
}

fn told(fault: Fault) -> StoreError {
    match fault {
        Fault::Server(error) => error.into(),
        Fault::Slow => StoreError::Timeout,
    }
}

impl Drop for WriteTx {
    fn drop(&mut self) {
        let Some(client) = self.client.take() else { return };
        if !self.begun {
            return;
        }
        match tokio::runtime::Handle::try_current() {
            Ok(runtime) => {
                let pass = std::mem::replace(&mut self.pass, Pass::None);
                runtime.spawn(async move {
                    let rolled_back = tokio::time::timeout(STATEMENT, client.batch_execute("ROLLBACK")).await;
                    if !matches!(rolled_back, Ok(Ok(()))) {
                        discard(client);
                    }
                    drop(pass);
                });
            }
            Err(_) => discard(client),
        }
    }
}
