//! The one writer, and its group commit.
//!
//! A commit costs a sync of the disk, whatever its size, so transactions share one. Each is a member
//! of a group: a savepoint inside an outer transaction. A member that commits releases its savepoint,
//! hands the connection on, and waits. The committer, a thread, then queues for the connection like
//! any writer, which puts it behind all members that wait already; it commits the outer transaction
//! and answers the members, all alike.
//!
//! What members put off ([`WriteTx::put_off`]) runs between the last member and that commit, once for
//! all who asked for the same: full-text search writes its index anew at every savepoint, so members
//! that did it each by themselves would spend most of their time there. So do the sums of what they add to counters
//! ([`WriteTx::add_later`]), one change of a row for all of them.
//!
//! The connection lies behind a fair lock. Whoever holds the lock leaves the connection between two
//! members, also when its future is dropped or panics.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU32, AtomicUsize, Ordering};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use rusqlite::Connection;
use tokio::sync::{Mutex, OwnedMutexGuard, oneshot};

use super::checkpoint::Checkpointer;
use super::connection::{self, Role};
use super::gate::{Gate, Pace};
use super::statement;
use crate::tx::Key;
use crate::{Settings, StoreError, Val};

/// The most members of one group.
const GROUP_MEMBERS: usize = 512;
/// For how long a group takes new members, counted from its first.
const GROUP_OPEN: Duration = Duration::from_millis(50);
/// A member that holds the writer for longer than this is named in the log.
const LONG_TURN: Duration = Duration::from_millis(250);
/// How often a writer asks again while another process holds the file's write lock.
const BUSY_PAUSE: Duration = Duration::from_millis(5);

type Outcome = Result<(), StoreError>;

/// A statement that runs once before the outer commit, and the id that it is given.
type PutOff = (&'static str, [u8; 12]);

/// What is to be added to counters: a statement and what it is given, each with the sum.
type Sums = BTreeMap<(&'static str, Key), i64>;

/// Adds all of `more` to `sums`.
fn gather(sums: &mut Sums, more: Sums) {
    for (counter, by) in more {
        *sums.entry(counter).or_default() += by;
    }
}

/// What lies behind the fair lock.
#[derive(Debug)]
pub(super) struct Writer {
    conn: Connection,
    file: PathBuf,
    group: Option<Group>,
    gate: Arc<Gate>,
    most_members: usize,
    /// Pages in the WAL after the last commit.
    wal_pages: Arc<AtomicU32>,
}

/// An open outer transaction.
#[derive(Debug)]
struct Group {
    opened: Instant,
    /// Members that wait for the outer commit.
    released: Vec<oneshot::Sender<Outcome>>,
    /// What they have put off, as often as they did.
    put_off: Vec<PutOff>,
    /// What they add to counters.
    sums: Sums,
}

/// A group that has ended, and how.
#[must_use]
pub(super) struct Ended {
    members: Vec<oneshot::Sender<Outcome>>,
    outcome: Outcome,
    /// How long the disk took, without what was put off.
    sync: Duration,
}

impl Ended {
    /// Tells the members. A member that no longer listens is none the wiser.
    pub(super) fn tell(self) {
        for member in self.members {
            let _ = member.send(self.outcome.clone());
        }
    }
}

impl Writer {
    fn open(file: PathBuf, gate: Arc<Gate>) -> Result<Self, StoreError> {
        let wal_pages = Arc::new(AtomicU32::new(0));
        let conn = Self::connect(&file, &wal_pages)?;
        Ok(Self {
            conn,
            file,
            group: None,
            gate,
            most_members: if super::groups_are_sabotaged() {
                1
            } else {
                GROUP_MEMBERS
            },
            wal_pages,
        })
    }

    fn connect(file: &std::path::Path, wal_pages: &Arc<AtomicU32>) -> Result<Connection, StoreError> {
        let mut conn = connection::open(file, Role::Writer)?;
        let seen = Arc::clone(wal_pages);
        conn.wal_hook(Some(move |_: &mut rusqlite::hooks::Wal, pages: i32| {
            seen.store(pages.unsigned_abs(), Ordering::Relaxed);
            Ok(())
        }))?;
        Ok(conn)
    }

    fn run(&self, sql: &str) -> Result<(), StoreError> {
        self.conn.prepare_cached(sql)?.raw_execute()?;
        Ok(())
    }

    fn run_for(&self, sql: &str, id: [u8; 12]) -> Result<(), StoreError> {
        statement::exec(&self.conn, sql, &[Val::Id(id)])?;
        Ok(())
    }

    fn add(&self, sums: &Sums) -> Result<(), StoreError> {
        for ((sql, key), by) in sums.iter().filter(|(_, by)| **by != 0) {
            key.with(*by, |params| statement::exec(&self.conn, sql, params))?;
        }
        Ok(())
    }

    fn is_full(&self) -> bool {
        self.group.as_ref().is_some_and(|group| {
            group.released.len() >= self.most_members
                || (!group.released.is_empty() && group.opened.elapsed() >= GROUP_OPEN)
        })
    }

    /// Begins a member. The first of a group needs no savepoint: undoing it is undoing the group.
    fn begin(&mut self) -> Result<(), StoreError> {
        if self.group.is_some() {
            return self.run("SAVEPOINT member");
        }
        if !self.conn.is_autocommit() {
            // An earlier rollback failed, so this connection is of no use any more.
            self.conn = Self::connect(&self.file, &self.wal_pages)?;
        }
        self.run("BEGIN IMMEDIATE")?;
        self.group = Some(Group {
            opened: Instant::now(),
            released: Vec::new(),
            put_off: Vec::new(),
            sums: Sums::new(),
        });
        Ok(())
    }

    /// Ends a member well, as far as it goes: its outcome comes with the outer commit.
    fn release(
        &mut self,
        put_off: Vec<PutOff>,
        sums: Sums,
    ) -> Result<oneshot::Receiver<Outcome>, StoreError> {
        let first = self
            .group
            .as_ref()
            .ok_or(StoreError::Aborted)?
            .released
            .is_empty();
        if !first {
            self.run("RELEASE member")?;
        }
        let (tell, told) = oneshot::channel();
        if let Some(group) = &mut self.group {
            group.released.push(tell);
            group.put_off.extend(put_off);
            gather(&mut group.sums, sums);
        }
        self.gate.arrive();
        Ok(told)
    }

    /// Takes back what the present member did, and nothing else.
    fn abandon(&mut self) {
        let Some(group) = &self.group else { return };
        if group.released.is_empty() {
            self.group = None;
            self.roll_back();
        } else if let Err(error) = self
            .run("ROLLBACK TO member")
            .and_then(|()| self.run("RELEASE member"))
        {
            // Half a member must not be committed together with the others.
            if let Some(ended) = self.fail_group(error) {
                ended.tell();
            }
        }
    }

    /// After a failed statement: some failures, such as a full disk, end the outer transaction too.
    fn notice_loss(&mut self, cause: &StoreError) {
        if self.conn.is_autocommit()
            && let Some(ended) = self.fail_group(cause.clone())
        {
            ended.tell();
        }
    }

    fn fail_group(&mut self, cause: StoreError) -> Option<Ended> {
        let group = self.group.take()?;
        self.roll_back();
        self.gate.clear();
        Some(Ended {
            members: group.released,
            outcome: Err(cause),
            sync: Duration::ZERO,
        })
    }

    /// Commits the outer transaction. Blocks until the disk has it.
    pub(super) fn commit_group(&mut self) -> Option<Ended> {
        let group = self.group.as_mut()?;
        let sums = std::mem::take(&mut group.sums);
        let mut put_off = std::mem::take(&mut group.put_off);
        put_off.sort_unstable();
        put_off.dedup();
        let done = self
            .add(&sums)
            .and_then(|()| put_off.iter().try_for_each(|(sql, id)| self.run_for(sql, *id)))
            .and_then(|()| {
                let began = Instant::now();
                self.run("COMMIT").map(|()| began.elapsed())
            });
        match done {
            Ok(sync) => {
                let group = self.group.take()?;
                self.gate.clear();
                Some(Ended {
                    members: group.released,
                    outcome: Ok(()),
                    sync,
                })
            }
            Err(error) => {
                tracing::error!(error = %error, "A group of transactions could not be committed: {error}");
                self.fail_group(error)
            }
        }
    }

    fn roll_back(&self) {
        if self.conn.is_autocommit() {
            return;
        }
        if let Err(error) = self.run("ROLLBACK") {
            tracing::error!(error = %error, "A rollback failed, the connection is replaced: {error}");
        }
    }

    /// Moves the whole WAL into the main file and empties it.
    fn empty_wal(&mut self) -> Result<(), StoreError> {
        self.conn.busy_timeout(Duration::from_secs(1))?;
        self.conn
            .query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |_| Ok(()))?;
        Ok(())
    }
}

/// What writers, the committer and the checkpointer share.
#[derive(Debug)]
struct Shared {
    writer: Arc<Mutex<Writer>>,
    gate: Arc<Gate>,
    waiting: AtomicUsize,
    closed: AtomicBool,
    most_waiting: usize,
    wait: Duration,
}

/// The writer of one store, with its threads. They end with it.
#[derive(Debug)]
pub(super) struct Writers {
    shared: Arc<Shared>,
    committer: parking_lot::Mutex<Option<JoinHandle<()>>>,
}

impl Writers {
    pub(super) fn start(settings: &Settings) -> Result<Self, StoreError> {
        let gate = Arc::new(Gate::default());
        let writer = Writer::open(settings.file.clone(), Arc::clone(&gate))?;
        let wal_pages = Arc::clone(&writer.wal_pages);
        let shared = Arc::new(Shared {
            writer: Arc::new(Mutex::new(writer)),
            gate,
            waiting: AtomicUsize::new(0),
            closed: AtomicBool::new(false),
            most_waiting: settings.write_queue,
            wait: Duration::from_millis(settings.write_wait_ms),
        });
        let checkpointer = Checkpointer::start(&settings.file, Arc::clone(&shared.writer), wal_pages)?;
        let for_thread = Arc::clone(&shared);
        let committer = std::thread::Builder::new()
            .name("store-committer".into())
            .spawn(move || commit_groups(&for_thread, &checkpointer))
            .map_err(StoreError::opaque)?;
        Ok(Self {
            shared,
            committer: parking_lot::Mutex::new(Some(committer)),
        })
    }

    /// Waits for the writer and begins a member.
    pub(super) async fn begin(&self) -> Result<WriteTx, StoreError> {
        let shared = &self.shared;
        let deadline = tokio::time::Instant::now() + shared.wait;
        let mut guard = shared.lock(deadline).await?;
        if shared.closed.load(Ordering::Acquire) {
            return Err(StoreError::Closed);
        }
        if guard.is_full() {
            guard = tokio::task::spawn_blocking(move || {
                let ended = guard.commit_group();
                if let Some(ended) = ended {
                    ended.tell();
                }
                guard
            })
            .await
            .map_err(StoreError::opaque)?;
        }
        loop {
            match guard.begin() {
                Ok(()) => break,
                Err(StoreError::Busy) if tokio::time::Instant::now() < deadline => {
                    tokio::time::sleep(BUSY_PAUSE).await;
                }
                Err(error) => return Err(error),
            }
        }
        Ok(WriteTx {
            guard: Some(guard),
            put_off: Vec::new(),
            sums: Sums::new(),
            settled: Sums::new(),
            failed: false,
            began: Instant::now(),
        })
    }

    pub(super) async fn close(&self) -> Result<(), StoreError> {
        self.shared.closed.store(true, Ordering::Release);
        self.shared.gate.close();
        let committer = self.committer.lock().take();
        let writer = Arc::clone(&self.shared.writer);
        tokio::task::spawn_blocking(move || {
            if let Some(committer) = committer {
                committer.join().map_err(|_| StoreError::Aborted)?;
            }
            let mut writer = writer.blocking_lock();
            if let Some(ended) = writer.commit_group() {
                ended.tell();
            }
            writer.empty_wal()
        })
        .await
        .map_err(StoreError::opaque)?
    }
}

impl Drop for Writers {
    fn drop(&mut self) {
        self.shared.gate.close();
    }
}

impl Shared {
    async fn lock(&self, deadline: tokio::time::Instant) -> Result<OwnedMutexGuard<Writer>, StoreError> {
        if let Ok(guard) = Arc::clone(&self.writer).try_lock_owned() {
            return Ok(guard);
        }
        let _place = Place::take(&self.waiting, self.most_waiting)?;
        tokio::time::timeout_at(deadline, Arc::clone(&self.writer).lock_owned())
            .await
            .map_err(|_| StoreError::Busy)
    }
}

/// A place in the queue, given back when the wait ends, however it ends.
struct Place<'a>(&'a AtomicUsize);

impl<'a> Place<'a> {
    fn take(taken: &'a AtomicUsize, most: usize) -> Result<Self, StoreError> {
        let place = Self(taken);
        if taken.fetch_add(1, Ordering::Relaxed) < most {
            Ok(place)
        } else {
            Err(StoreError::Busy)
        }
    }
}

impl Drop for Place<'_> {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::Relaxed);
    }
}

/// The committer's life.
fn commit_groups(shared: &Shared, checkpointer: &Checkpointer) {
    let mut pace = Pace::default();
    while shared.gate.wait_for_group(&pace) {
        let mut writer = shared.writer.blocking_lock();
        let ended = writer.commit_group();
        drop(writer);
        if let Some(ended) = ended {
            pace.learn(
                ended.members.len(),
                shared.waiting.load(Ordering::Relaxed),
                ended.sync,
            );
            ended.tell();
        }
        checkpointer.look();
    }
}

/// One member: the transaction of one caller.
#[derive(Debug)]
pub(crate) struct WriteTx {
    /// Present until the member has ended.
    guard: Option<OwnedMutexGuard<Writer>>,
    put_off: Vec<PutOff>,
    sums: Sums,
    /// What others of the group had left to be added and this member has added: theirs again if it gives up.
    settled: Sums,
    failed: bool,
    began: Instant,
}

impl WriteTx {
    /// Runs one statement. A failure fails the member.
    pub(crate) fn run<T>(
        &mut self,
        work: impl FnOnce(&Connection) -> Result<T, StoreError>,
    ) -> Result<T, StoreError> {
        let writer = self
            .guard
            .as_mut()
            .filter(|_| !self.failed)
            .ok_or(StoreError::Aborted)?;
        let done = work(&writer.conn);
        if let Err(error) = &done {
            self.failed = true;
            writer.notice_loss(error);
        }
        done
    }

    /// Has `sql` run with `id` before the group is committed, when the member commits.
    pub(crate) fn put_off(&mut self, sql: &'static str, id: [u8; 12]) {
        self.put_off.push((sql, id));
    }

    /// Adds `by` to a counter before the group is committed, when the member commits.
    pub(crate) fn add_later(&mut self, sql: &'static str, key: Key, by: i64) {
        *self.sums.entry((sql, key)).or_default() += by;
    }

    /// Adds at once what this member and those before it in the group have left to be added.
    pub(crate) fn settle(&mut self) -> Result<(), StoreError> {
        let mut all = std::mem::take(&mut self.sums);
        let writer = self
            .guard
            .as_mut()
            .filter(|_| !self.failed)
            .ok_or(StoreError::Aborted)?;
        if let Some(group) = &mut writer.group {
            let theirs = std::mem::take(&mut group.sums);
            gather(&mut all, theirs.clone());
            gather(&mut self.settled, theirs);
        }
        let done = writer.add(&all);
        if let Err(error) = &done {
            self.failed = true;
            writer.notice_loss(error);
        }
        done
    }

    /// Ends the member and waits for its group.
    pub(crate) async fn commit(mut self) -> Result<(), StoreError> {
        if self.failed {
            return Err(StoreError::Aborted);
        }
        let put_off = std::mem::take(&mut self.put_off);
        let sums = std::mem::take(&mut self.sums);
        let writer = self.guard.as_mut().ok_or(StoreError::Aborted)?;
        let told = writer.release(put_off, sums)?;
        self.hand_on();
        drop(self);
        told.await.unwrap_or(Err(StoreError::Closed))
    }

    fn hand_on(&mut self) {
        self.guard = None;
        let turn = self.began.elapsed();
        if turn >= LONG_TURN {
            tracing::warn!(
                duration_ms = turn.as_millis() as u64,
                "A transaction held the writer for {turn:?}; every other writer waited"
            );
        }
    }
}

impl Drop for WriteTx {
    fn drop(&mut self) {
        if let Some(writer) = &mut self.guard {
            writer.abandon();
            if let Some(group) = &mut writer.group {
                gather(&mut group.sums, std::mem::take(&mut self.settled));
            }
            self.hand_on();
        }
    }
}
