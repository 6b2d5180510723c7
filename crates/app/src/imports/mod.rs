//! Coming from another system: which of its documents become rows here, and what they become.
//!
//! What documents look like is the crate `import`; the files that they name are brought by [`files`] once all rows are
//! there. Each document is decided about once, in the transaction that writes what comes of it, and marked by the id that it
//! had there: an import that was cut off goes on, and one that is repeated takes only what is new. Whoever was brought over
//! is told of nothing, and nobody else is told of them.

pub mod files;
mod fitted;
mod people;
pub mod report;
mod said;
pub mod shelf;
mod videos;

use std::collections::HashSet;

use import::rows::{Row, Times, Unreadable};
use import::{Collection, ImportError, Source};
use model::{ObjectId, UserId};
use store::imports::{self as marks, Kind};
use store::{Store, Tx};

pub use self::report::{Outcome, Report};
use crate::App;
use crate::core::{Core, decided};
use crate::error::Error;

/// Documents that are written in one transaction.
const BATCH: usize = 200;
/// Bytes of documents after which a transaction has enough with fewer: the largest have 16 MiB.
const BATCH_BYTES: usize = 8 << 20;
/// How often comments are looked through for answers to answers.
const MOST_ROUNDS: usize = 16;

/// Why an import ended before its end. What was taken by then stays, and the next one goes on.
#[derive(Debug, thiserror::Error)]
#[expect(missing_docs, reason = "each message says what its variant is")]
pub enum Fault {
    #[error(transparent)]
    Source(#[from] ImportError),
    #[error(transparent)]
    App(#[from] Error),
}

impl From<store::StoreError> for Fault {
    fn from(error: store::StoreError) -> Self {
        Self::App(error.into())
    }
}

/// Takes all rows of a source. With `dry` nothing is written, and the report says what would be. `told` hears how far it
/// is: of which collection, and how many of its documents.
pub async fn take(
    app: &App,
    source: &Source,
    dry: bool,
    mut told: impl FnMut(&str, u64, u64),
) -> Result<Report, Fault> {
    let mut taking = Taking {
        core: &app.core,
        dry,
        planned: Planned::default(),
        report: Report::of(source),
    };
    taking.walk::<people::Users>(source, &mut told).await?;
    taking.walk::<videos::Videos>(source, &mut told).await?;
    taking.walk::<said::Comments>(source, &mut told).await?;
    for _ in 0..MOST_ROUNDS {
        let before = taking.report.taken(Collection::Comments);
        taking.walk::<said::Replies<false>>(source, &mut told).await?;
        if taking.report.taken(Collection::Comments) == before {
            break;
        }
    }
    taking.walk::<said::Replies<true>>(source, &mut told).await?;
    taking.walk::<said::Tweets>(source, &mut told).await?;
    taking.walk::<people::Likes>(source, &mut told).await?;
    taking.walk::<people::Subscriptions>(source, &mut told).await?;
    taking.walk::<videos::Playlists>(source, &mut told).await?;
    taking.walk::<people::Histories>(source, &mut told).await?;
    Ok(taking.report)
}

/// What a trial run would have written: what later documents ask for is answered from here, too.
#[derive(Debug, Default)]
pub(super) struct Planned {
    rows: HashSet<(Kind, ObjectId)>,
    /// Names and addresses of people.
    names: HashSet<String>,
    /// Who likes or follows what.
    pairs: HashSet<(Kind, ObjectId, ObjectId)>,
}

/// An import under way.
pub(super) struct Taking<'a> {
    pub(super) core: &'a Core,
    pub(super) dry: bool,
    pub(super) planned: Planned,
    pub(super) report: Report,
}

/// A document with what was read of it.
#[derive(Debug)]
pub(super) struct Entry<T> {
    pub(super) id: ObjectId,
    pub(super) times: Times,
    pub(super) row: T,
}

/// How the documents of a collection are taken.
pub(super) trait Take {
    /// What they are read as.
    type Row;
    /// What is made ready for one before the transaction begins.
    type Ready: Default;
    /// Where they are.
    const COLLECTION: Collection;
    /// What marks them.
    const KIND: Kind;
    /// Whether this walk decides about every document, and counts those that were decided about before.
    const WHOLE: bool = true;

    fn read(row: &Row<'_>) -> Self::Row;

    /// Whether this walk is about the document.
    fn concerns(_row: &Self::Row) -> bool {
        true
    }

    /// Makes ready what must be there before the row is.
    async fn prepare(_taking: &Taking<'_>, _entry: &Entry<Self::Row>) -> Result<Self::Ready, Error> {
        Ok(Self::Ready::default())
    }

    /// Decides about a document, and writes what comes of it. `None`: this walk leaves it to a later one.
    async fn take(
        world: &mut World<'_>,
        entry: &Entry<Self::Row>,
        ready: &Self::Ready,
    ) -> Result<Option<Outcome>, Error>;

    /// Clears away what was made ready in vain.
    async fn discard(_taking: &Taking<'_>, _entry: &Entry<Self::Row>) {}
}

/// What is here, as documents ask for it, and where they are written.
pub(super) struct World<'a> {
    pub(super) tx: Tx,
    pub(super) dry: bool,
    pub(super) planned: &'a Planned,
    /// Planned in this batch, which may have to be decided about again.
    pub(super) more: Planned,
}

impl World<'_> {
    /// Whether there is such a row.
    pub(super) async fn has(&mut self, kind: Kind, id: ObjectId) -> Result<bool, Error> {
        Ok(self.planned.rows.contains(&(kind, id))
            || self.more.rows.contains(&(kind, id))
            || !marks::present(&mut self.tx, kind, &[id]).await?.is_empty())
    }

    /// Whose it is, if they are there.
    pub(super) async fn owner(&mut self, owner: Option<ObjectId>) -> Result<Option<UserId>, Error> {
        Ok(match owner {
            Some(owner) if self.has(Kind::User, owner).await? => Some(UserId(owner)),
            _ => None,
        })
    }

    /// Which of these there are.
    pub(super) async fn having(&mut self, kind: Kind, ids: &[ObjectId]) -> Result<HashSet<ObjectId>, Error> {
        let mut found = marks::present(&mut self.tx, kind, ids).await?;
        found.extend(
            ids.iter().copied().filter(|id| {
                self.planned.rows.contains(&(kind, *id)) || self.more.rows.contains(&(kind, *id))
            }),
        );
        Ok(found)
    }

    pub(super) fn plan(&mut self, kind: Kind, id: ObjectId) {
        if self.dry {
            self.more.rows.insert((kind, id));
        }
    }

    pub(super) fn has_planned_name(&self, name: &str) -> bool {
        self.planned.names.contains(name) || self.more.names.contains(name)
    }

    pub(super) fn plan_name(&mut self, name: &str) {
        if self.dry {
            self.more.names.insert(name.to_owned());
        }
    }

    /// Whether this like or subscription is the first of its kind in a trial run.
    pub(super) fn plan_pair(&mut self, kind: Kind, from: ObjectId, to: ObjectId) -> bool {
        let pair = (kind, from, to);
        !self.planned.pairs.contains(&pair) && self.more.pairs.insert(pair)
    }
}

impl Planned {
    fn extend(&mut self, more: Self) {
        self.rows.extend(more.rows);
        self.names.extend(more.names);
        self.pairs.extend(more.pairs);
    }
}

impl Taking<'_> {
    async fn walk<T: Take>(
        &mut self,
        source: &Source,
        told: &mut impl FnMut(&str, u64, u64),
    ) -> Result<(), Fault> {
        let Some(mut documents) = source.documents(T::COLLECTION)? else {
            return Ok(());
        };
        let (mut read, whole) = (0, source.count(T::COLLECTION));
        loop {
            let (mut batch, mut batch_bytes) = (Vec::with_capacity(BATCH), 0);
            let mut ended = true;
            while let Some(bytes) = documents.next_document()? {
                read += 1;
                match Row::read(bytes) {
                    Ok(row) => {
                        let said = T::read(&row);
                        if T::concerns(&said) {
                            batch_bytes += bytes.len();
                            batch.push(Entry {
                                id: row.id,
                                times: row.times,
                                row: said,
                            });
                        }
                    }
                    Err(unreadable) if T::WHOLE => self.report.unreadable(T::COLLECTION, read, unreadable),
                    Err(_) => {}
                }
                if batch.len() == BATCH || batch_bytes >= BATCH_BYTES {
                    ended = false;
                    break;
                }
            }
            self.batch::<T>(batch).await?;
            told(T::COLLECTION.name(), read, whole);
            if ended {
                return Ok(());
            }
        }
    }

    async fn batch<T: Take>(&mut self, mut batch: Vec<Entry<T::Row>>) -> Result<(), Fault> {
        let ids: Vec<ObjectId> = batch.iter().map(|entry| entry.id).collect();
        let known = marks::marked(&mut self.core.store.read(), T::KIND, &ids).await?;
        let mut seen = HashSet::new();
        batch.retain(|entry| {
            if known.contains(&entry.id) {
                if T::WHOLE {
                    self.report.note(T::COLLECTION, entry.id, Outcome::Known);
                }
                return false;
            }
            // A dump that was put together may hold a document twice.
            seen.insert(entry.id)
        });
        if batch.is_empty() {
            return Ok(());
        }
        let mut ready = Vec::with_capacity(batch.len());
        for entry in &batch {
            ready.push(if self.dry {
                T::Ready::default()
            } else {
                T::prepare(self, entry).await?
            });
        }
        let decide = || self.decide::<T>(&batch, &ready);
        // Where it fails, the pictures that were made ready lie in folders of nobody, which the sweep knows.
        let (outcomes, more) = decided(decide).await?;
        self.planned.extend(more);
        for (entry, outcome) in batch.iter().zip(outcomes) {
            if let Some(outcome) = outcome {
                if matches!(outcome, Outcome::Left(_) | Outcome::Known) && !self.dry {
                    T::discard(self, entry).await;
                }
                if T::KIND != Kind::History {
                    self.report.note(T::COLLECTION, entry.id, outcome);
                } else if let Outcome::Changed(what) = outcome {
                    self.report.remark(T::COLLECTION, entry.id, what);
                }
            }
        }
        Ok(())
    }

    async fn decide<T: Take>(
        &self,
        batch: &[Entry<T::Row>],
        ready: &[T::Ready],
    ) -> Result<(Vec<Option<Outcome>>, Planned), Error> {
        let store: &Store = &self.core.store;
        let mut world = World {
            tx: if self.dry {
                store.read()
            } else {
                store.write().await?
            },
            dry: self.dry,
            planned: &self.planned,
            more: Planned::default(),
        };
        let now = self.core.clock.now();
        let mut outcomes = Vec::with_capacity(batch.len());
        for (entry, ready) in batch.iter().zip(ready) {
            let outcome = T::take(&mut world, entry, ready).await?;
            // What could not be taken is looked at again next time: its video may have come by then.
            if matches!(
                outcome,
                Some(Outcome::Taken | Outcome::Changed(_) | Outcome::Known)
            ) && !self.dry
            {
                marks::mark(&mut world.tx, T::KIND, entry.id, now).await?;
            }
            outcomes.push(outcome);
        }
        if !self.dry {
            world.tx.commit().await?;
        }
        Ok((outcomes, world.more))
    }
}

impl Report {
    fn unreadable(&mut self, collection: Collection, number: u64, why: Unreadable) {
        let why = match why {
            Unreadable::NotBson => "it is no BSON",
            Unreadable::NoId => "its _id is no ObjectId",
        };
        self.leave_unnamed(collection, number, why);
    }
}
