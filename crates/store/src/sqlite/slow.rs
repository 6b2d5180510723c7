//! Slow reads: threads of their own, a bounded queue, and a time limit on every statement.

use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Receiver, SyncSender, TrySendError, sync_channel};
use std::time::{Duration, Instant};

use parking_lot::Mutex;
use rusqlite::Connection;
use rusqlite::types::Value;
use tokio::sync::oneshot;

use super::connection::{self, Role};
use super::statement;
use crate::{StoreError, Val};

/// How many slow statements run at once.
const THREADS: usize = 2;
/// The most rows that are carried from one thread to another for one statement.
const ROWS: usize = 50_000;
/// How many of the engine's instructions pass between two looks at the clock: some 0.1 ms.
const STEPS_BETWEEN_CHECKS: i32 = 10_000;

type Rows = Vec<Vec<Value>>;

#[derive(Debug)]
struct Request {
    sql: String,
    params: Vec<Value>,
    most: Option<usize>,
    deadline: Instant,
    unwanted: Arc<AtomicBool>,
    answer: oneshot::Sender<Result<Rows, StoreError>>,
}

/// The threads of one store. They end when the last clone is gone.
#[derive(Debug, Clone)]
pub(super) struct SlowReaders(SyncSender<Request>);

impl SlowReaders {
    pub(super) fn start(file: &Path, queue: usize) -> Result<Self, StoreError> {
        let (sender, receiver) = sync_channel(queue);
        let receiver = Arc::new(Mutex::new(receiver));
        for number in 0..THREADS {
            let (file, receiver) = (file.to_owned(), Arc::clone(&receiver));
            std::thread::Builder::new()
                .name(format!("store-slow-{number}"))
                .spawn(move || serve(&file, &receiver))
                .map_err(StoreError::opaque)?;
        }
        Ok(Self(sender))
    }

    pub(super) fn reader(&self, end: End) -> SlowReader {
        SlowReader {
            threads: self.clone(),
            end,
        }
    }
}

/// When statements that are not done are ended.
#[derive(Debug, Clone, Copy)]
pub(crate) enum End {
    /// So long after each was sent.
    After(Duration),
    /// All of them then.
    At(Instant),
}

impl End {
    /// The end of a statement that is sent now.
    pub(crate) fn deadline(self) -> Instant {
        match self {
            Self::After(time) => Instant::now() + time,
            Self::At(instant) => instant,
        }
    }
}

/// Sends statements to the threads.
#[derive(Debug)]
pub(crate) struct SlowReader {
    threads: SlowReaders,
    end: End,
}

impl SlowReader {
    /// The rows of the answer: all of them, or the first `most`.
    pub(crate) async fn rows(
        &self,
        sql: &str,
        params: &[Val<'_>],
        most: Option<usize>,
    ) -> Result<Rows, StoreError> {
        let (answer, answered) = oneshot::channel();
        let asker = Asker::default();
        let request = Request {
            sql: sql.to_owned(),
            params: params.iter().map(statement::owned).collect(),
            most,
            deadline: self.end.deadline(),
            unwanted: Arc::clone(&asker.0),
            answer,
        };
        match self.threads.0.try_send(request) {
            Ok(()) => answered.await.unwrap_or(Err(StoreError::Closed)),
            Err(TrySendError::Full(_)) => Err(StoreError::Busy),
            Err(TrySendError::Disconnected(_)) => Err(StoreError::Closed),
        }
    }
}

/// Whoever waits for an answer. Once gone, the statement ends at its next look at the clock, so that
/// people who leave a slow page do not keep the threads from others.
#[derive(Default)]
struct Asker(Arc<AtomicBool>);

impl Drop for Asker {
    fn drop(&mut self) {
        self.0.store(true, Ordering::Relaxed);
    }
}

fn serve(file: &Path, requests: &Mutex<Receiver<Request>>) {
    let mut conn = None;
    loop {
        let next = requests.lock().recv();
        let Ok(request) = next else { return };
        // Whoever asked may have left, or have no use for the answer any more.
        if request.answer.is_closed() {
            continue;
        }
        if request.deadline <= Instant::now() {
            let _ = request.answer.send(Err(StoreError::Timeout));
            continue;
        }
        let done = run(file, &mut conn, &request);
        let _ = request.answer.send(done);
    }
}

fn run(file: &Path, slot: &mut Option<Connection>, request: &Request) -> Result<Rows, StoreError> {
    let conn = match slot {
        Some(conn) => conn,
        empty => empty.insert(connection::open(file, Role::SlowReader)?),
    };
    let (deadline, unwanted) = (request.deadline, Arc::clone(&request.unwanted));
    conn.progress_handler(
        STEPS_BETWEEN_CHECKS,
        Some(move || unwanted.load(Ordering::Relaxed) || Instant::now() >= deadline),
    )?;
    statement::rows(conn, &request.sql, &request.params, request.most, ROWS)
}
